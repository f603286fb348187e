# Text files: encodings, newlines, positions, buffering of lines.
import io
import os
import tempfile

path = os.path.join(tempfile.gettempdir(), "taipan_text_%d" % os.getpid())


def show(function, *args, **kwargs):
    try:
        print(ascii(function(*args, **kwargs)).replace(path, "PATH"))
    except Exception as error:
        print(type(error).__name__ + ":", ascii(str(error)).replace(path, "PATH"))


with open(path, "w", encoding="utf-8") as f:
    show(repr, f)
    print(f.write("one\n"), f.write("zwei \xfc\n"), f.write("\u4e09 \U0001f600\n"), f.encoding, f.errors, f.line_buffering)
    print("printed", 1, 2, sep=",", file=f)
    show(f.read)
    show(f.write, b"x")
print(open(path, "rb").read())
with open(path, encoding="utf-8") as f:
    show(f.readline)
    show(f.read, 3)
    show(f.read)
    show(f.read)
    f.seek(0)
    show(list, f)
    f.seek(0)
    show(f.readlines, 6)
    show(f.readline, 2)
    show(f.write, "x")
    print(f.newlines, f.mode, f.name == path, f.seekable(), f.readable(), f.writable())
show(f.read)
show(f.readline)
show(next, f)

with open(path, encoding="utf-8") as f:
    cookies = []
    while True:
        cookies.append(f.tell())
        if not f.read(1):
            break
    print(cookies)
    for cookie in reversed(cookies):
        f.seek(cookie)
        show(f.read, 2)
    f.seek(0)
    next(f)
    show(f.tell)
    show(f.seek, 1, 1)
    show(f.seek, 1, 2)
    show(f.seek, -1)
    show(f.seek, 0, 9)
    print(f.seek(0, 2), f.seek(0, 1), repr(f.read()))

for newline in [None, "", "\n", "\r", "\r\n"]:
    with open(path, "wb") as f:
        f.write(b"a\nb\r\nc\rd\r\n\re")
    with open(path, newline=newline, encoding="ascii") as f:
        show(list, f)
        print(f.newlines)
    with open(path, newline=newline, encoding="ascii") as f:
        f._CHUNK_SIZE = 1
        show(list, f)
    with open(path, newline=newline, encoding="latin-1") as f:
        f._CHUNK_SIZE = 3
        print([f.readline(2) for _ in range(8)], ascii(f.read()))
    with open(path, "w", newline=newline, encoding="ascii") as f:
        f.write("a\nb\r\nc\r")
    print(open(path, "rb").read())

with open(path, "wb") as f:
    f.write("gr\xfc\xdfe \u20ac".encode("utf-8") + b" \xff\xe2\x82")
for errors in ["strict", "replace", "ignore", "backslashreplace", "surrogateescape"]:
    with open(path, encoding="utf-8", errors=errors) as f:
        show(f.read)
    with open(path, encoding="ascii", errors=errors) as f:
        f._CHUNK_SIZE = 2
        show(f.readline)
with open(path, "w", encoding="ascii") as f:
    show(f.write, "\xfc")
with open(path, "w", encoding="ascii", errors="xmlcharrefreplace") as f:
    f.write("a\u20acb")
print(open(path, "rb").read())
with open(path, "w", encoding="latin-1") as f:
    f.write("\xfc\xff")
    show(f.write, "\u20ac")
print(open(path, "rb").read())
with open(path, "w", encoding="utf-8", errors="surrogateescape") as f:
    f.write("x\udcff")
    show(f.write, "\ud800")
print(open(path, "rb").read())
with open(path, "w", encoding="utf-16") as f:
    f.write("ab")
    f.write("c")
with open(path, "a", encoding="utf-16-le") as f:
    f.write("d")
with open(path, encoding="utf-16") as f:
    show(f.read, 2)
    position = f.tell()
    show(f.read)
    f.seek(position)
    show(f.read)

with open(path, "w+", encoding="utf-8") as f:
    f.write("hello\nworld\n")
    f.seek(0)
    print(repr(f.readline()))
    f.seek(0, 2)
    f.write("more\n")
    f.seek(0)
    print(f.read().split(), f.truncate(3), f.seek(0), f.read())

raw = io.BytesIO()
t = io.TextIOWrapper(raw, encoding="ascii", line_buffering=True)
t.write("no end")
print(raw.getvalue())
t.write("\n")
print(raw.getvalue())
t.reconfigure(line_buffering=False, write_through=True, encoding="utf-8", newline="\r\n")
print(t.line_buffering, t.write_through, t.encoding)
t.write("\xfc\n")
print(raw.getvalue(), t.detach() is raw)
show(t.read)
show(repr, t)
t = io.TextIOWrapper(io.BytesIO(b"abc"), encoding="ascii")
t.read(1)
show(t.reconfigure, encoding="utf-8")
show(t.reconfigure, newline="x")
t = io.TextIOWrapper(io.BytesIO(b"abc"), encoding="ascii")
t.buffer.name = "named"
show(repr, t)
show(lambda: t.name)
show(setattr, t, "_CHUNK_SIZE", 0)
show(io.TextIOWrapper, io.BytesIO(), encoding="no such")
show(io.TextIOWrapper, io.BytesIO(), encoding="hex")
show(io.TextIOWrapper, io.BytesIO(), encoding="ascii", newline="x")
show(io.TextIOWrapper, io.BytesIO(), encoding="ascii", newline=3)
show(io.TextIOWrapper, io.BytesIO(), encoding=3)
show(io.TextIOWrapper, io.BytesIO(), encoding="ascii", errors=3)
show(io.TextIOWrapper, 3, encoding="ascii")
show(io.TextIOWrapper.__new__(io.TextIOWrapper).read)
show(io.text_encoding, "x")
show(io.text_encoding, None)


class Upper(io.TextIOWrapper):
    def readline(self):
        return super().readline().upper()


show(list, Upper(io.BytesIO(b"a\nb"), encoding="ascii"))


class Odd(io.BytesIO):
    def read1(self, n=-1):
        return "text"


show(io.TextIOWrapper(Odd(b"x"), encoding="ascii").readline)
big = "line of text\n" * 5000
with open(path, "w", encoding="utf-8") as f:
    f.write(big)
with open(path, encoding="utf-8") as f:
    print(f.read() == big, sum(1 for _ in open(path)), sum(len(line) for line in open(path)))
os.remove(path)
