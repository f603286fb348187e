# Streams in memory: BytesIO, StringIO, IncrementalNewlineDecoder.
import io


def show(function, *args):
    try:
        print(repr(function(*args)))
    except Exception as error:
        print(type(error).__name__ + ":", error)


b = io.BytesIO(b"one\ntwo\nthree")
print(b.readline(), b.readline(2), b.read(3), b.read(), b.read())
b.seek(0)
print(list(b), b.tell())
b.seek(-3, 2)
print(b.read1(), b.seekable(), b.readable(), b.writable(), b.isatty())
b.seek(20)
print(b.write(b"end"), b.getvalue())
print(b.truncate(5), b.getvalue(), b.tell())
b.seek(0)
print(b.readlines(4), b.readlines())
view = b.getbuffer()
view[0:3] = b"ONE"
show(b.write, b"x" * 100)
show(b.close)
show(b.truncate, 1)
view.release()
print(b.getvalue(), b.write(b"!"), b.getvalue())
target = bytearray(4)
b.seek(0)
print(b.readinto(target), target)
show(b.readinto, b"const")
b.writelines([b"a", bytearray(b"b"), memoryview(b"c")])
print(b.getvalue())
print(b.__getstate__())
copy = io.BytesIO()
copy.__setstate__((b"state", 2, {"extra": 1}))
print(copy.read(), copy.extra)
for args in [(-1,), (0, 9), (1.5,)]:
    show(b.seek, *args)
show(b.truncate, -1)
show(b.write, "text")
show(io.BytesIO, 3)
show(b.readlines, "x")
b.close()
print(b.closed)
for name in ["read", "readline", "getvalue", "tell", "flush", "seekable", "getbuffer"]:
    show(getattr(b, name))

s = io.StringIO("one\ntwo\r\nthree\rfour")
print(list(s), s.newlines)
for newline in [None, "", "\n", "\r", "\r\n"]:
    s = io.StringIO("a\nb\r\nc\rd", newline=newline)
    print(repr(newline), list(s), repr(s.getvalue()), s.newlines)
    s = io.StringIO(newline=newline)
    s.write("a\nb\r\nc\rd")
    print(repr(s.getvalue()))
s = io.StringIO()
print(s.write("début"), s.write(" \U0001f600"), s.getvalue(), s.tell())
s.seek(1)
print(s.write("E"), s.getvalue(), s.read(3), s.read())
s.seek(10)
s.write("x")
print(ascii(s.getvalue()))
print(s.truncate(3), s.getvalue(), s.tell())
s.seek(0)
print(repr(s.readline()), repr(s.readline()), repr(s.read(0)))
print(s.__getstate__(), s.line_buffering, s.encoding, s.errors)
copy = io.StringIO()
copy.__setstate__(("x\r\ny", "", 1, None))
print(ascii(copy.read()), copy.tell())
for args in [(-1,), (1, 1), (1, 2), (0, 9)]:
    show(s.seek, *args)
show(s.truncate, -1)
show(s.write, b"bytes")
show(io.StringIO, 3)
show(lambda: io.StringIO(newline="x"))
show(lambda: io.StringIO(newline=3))
show(s.fileno)
show(s.detach)
s.close()
for name in ["read", "getvalue", "readline", "tell", "seekable", "readable"]:
    show(getattr(s, name))
show(s.write, "x")
print(s.closed)
with io.StringIO("in a block") as s:
    print(s.read())
print(s.closed)
show(io.StringIO.__new__(io.StringIO).read)


class Lines(io.StringIO):
    def readline(self):
        return super().readline().upper()


print(list(Lines("a\nb\n")))

d = io.IncrementalNewlineDecoder(None, True)
print(ascii(d.decode("a\r")), ascii(d.decode("\nb\r")), d.getstate(), ascii(d.decode("c", final=True)), d.newlines)
d.setstate((b"", 1))
print(ascii(d.decode("x")), d.newlines)
d.reset()
print(d.newlines)
d = io.IncrementalNewlineDecoder(None, translate=False)
print(ascii(d.decode("a\r")), ascii(d.decode("\nb\r\n\n")), d.newlines)
show(d.decode, b"bytes")
show(d.setstate, 1)
show(io.IncrementalNewlineDecoder.__new__(io.IncrementalNewlineDecoder).decode, "x")
