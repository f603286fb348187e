# Binary files: FileIO, the buffered streams, open.
import io
import os
import tempfile

path = os.path.join(tempfile.gettempdir(), "taipan_files_%d" % os.getpid())


def show(function, *args, **kwargs):
    try:
        print(str(function(*args, **kwargs)).replace(path, "PATH"))
    except Exception as error:
        print(type(error).__name__ + ":", str(error).replace(path, "PATH"))


with open(path, "wb") as f:
    print(type(f).__name__, f.mode, f.raw.mode, f.closed, f.writable(), f.readable(), f.seekable())
    print(f.write(b"first line\n"), f.tell(), f.write(bytearray(b"second line\n")))
    f.writelines([b"third", b" line\n"])
    f.flush()
    print(os.stat(path).st_size)
    f.seek(0)
    f.write(b"FIRST")
    show(f.read)
print(f.closed)
show(f.write, b"x")
show(f.flush)
show(repr, f)
show(repr, f.raw)

with open(path, "rb") as f:
    show(repr, f)
    show(repr, f.raw)
    print(f.read(5), f.peek(3)[:3], f.readline(), f.tell())
    print(f.readlines())
    print(f.seek(-5, 2), f.read(), f.read(), f.read1(), f.readline())
    print(f.seek(6), f.seek(2, 1), f.read1(4))
    target = bytearray(8)
    print(f.readinto(target), target, f.readinto1(target), target)
    f.seek(0)
    print([line for line in f])
    show(f.write, b"x")
    show(f.seek, 0, 9)
    show(f.seek, "0")
    show(f.read, -2)
    show(f.truncate, 1)
    show(f.__getstate__)

with open(path, "r+b", buffering=16) as f:
    print(type(f).__name__, f.mode, f.read(3), f.write(b"###"), f.read(4), f.tell())
    f.seek(20)
    f.write(b"@" * 40)
    print(f.tell(), f.truncate(50), f.seek(0), f.read())

with open(path, "ab") as f:
    print(f.tell(), f.write(b"!"), f.tell())
with open(path, "rb", buffering=0) as f:
    print(type(f).__name__, f.read(4), f.readall(), f.read(), f.tell())
    target = bytearray(6)
    print(f.seek(1), f.readinto(target), target, f.isatty(), f.closefd, f.fileno() > 2)
    show(f.write, b"x")
show(f.read)
show(f.fileno)
os.remove(path)
show(open, path)
show(open, path, "rb", closefd=False)
with open(path, "xb") as f:
    print(f.mode, f.raw.mode)
show(open, path, "xb")
with io.FileIO(path, "w+") as f:
    print(f.mode, f.write(b"raw"), f.seek(0), f.read(2), f.tell(), f.truncate(), f.seek(0, 2))
for mode in ["", "b", "rw", "q", "rr", "bt", "r++", "U"]:
    show(open, path, mode)
for mode in ["", "b", "rw", "q"]:
    show(io.FileIO, path, mode)
show(open, path, "rb", encoding="ascii")
show(open, path, "rb", errors="strict")
show(open, path, "rb", newline="\n")
show(open, path, "r", buffering=0)
show(open, path, buffering=-5, mode="rb", opener=lambda name, flags: -1)
show(open, path, "rb", opener=lambda name, flags: "x")
show(open, 3.5)
show(open, -1)
show(open, "a\0b")
show(open, os.sep)
show(io.FileIO, 9999)
fd = os.open(path, os.O_RDONLY)
with open(fd, "rb", closefd=False) as f:
    print(f.read(), f.name == fd)
os.close(fd)
with open(path, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as f:
    print(f.write(b"opened"))


class Raw(io.RawIOBase):
    """A raw stream that hands out what it is told to."""

    def __init__(self, *pieces):
        self.pieces = list(pieces)
        self.written = []

    def readable(self):
        return True

    def writable(self):
        return True

    def readinto(self, buffer):
        if not self.pieces:
            return 0
        piece = self.pieces.pop(0)
        if piece is None:
            return None
        buffer[: len(piece)] = piece
        return len(piece)

    def write(self, data):
        taken = bytes(data)[:5]
        self.written.append(taken)
        return len(taken)


r = io.BufferedReader(Raw(b"ab\ncd", b"ef\n", b"", b"gh"))
print(r.readline(), r.peek(), r.read(3), r.read(), r.read())
r = io.BufferedReader(Raw(b"abc", None, b"def", None, None), 4)
print(r.read(2), r.read(10), r.read(10), r.read(10), r.read1(5))
w = io.BufferedWriter(raw := Raw(), 8)
print(w.write(b"0123"), raw.written, w.write(b"456789abcdef"), raw.written)
w.flush()
print(b"".join(raw.written))
p = io.BufferedRWPair(Raw(b"xyz"), raw := Raw())
print(p.read(2), p.peek(), p.write(b"out"), p.readable(), p.writable(), p.closed)
p.flush()
print(raw.written)
p.close()
print(p.closed)
print(Raw(b"abc", b"de", b"").read(4), Raw(b"abc", b"de", b"").readall())


class Wrong(Raw):
    def readinto(self, buffer):
        return 99999999

    def write(self, data):
        return -1

    def tell(self):
        return -5

    def seekable(self):
        return True


show(io.BufferedReader(Wrong()).read, 3)
show(Wrong().read, 3)
raw = Wrong()
w = io.BufferedWriter(raw)
w.write(b"x")
show(w.flush)
show(w.tell)
raw.write = len
w.close()
w = io.BufferedWriter(io.BytesIO())
w.write(b"x")
print(w.detach().getvalue())
show(w.write, b"x")
show(repr, w)
show(io.BufferedReader, io.BytesIO(), 0)
show(io.BufferedReader, Raw)
show(io.BufferedRandom, Raw())
show(io.BufferedReader.__new__(io.BufferedReader).read)


class Reentrant(Raw):
    def write(self, data):
        return self.outer.write(data)


raw = Reentrant()
w = io.BufferedWriter(raw, 4)
raw.outer = w
try:
    w.write(b"too long")
except RuntimeError as error:
    print("RuntimeError", str(error)[:15])
raw.outer = io.BytesIO()
base = io.IOBase()
print(base.readable(), base.writable(), base.seekable(), base.closed, base.isatty())
for name in ["seek", "truncate", "fileno", "tell"]:
    show(getattr(base, name), *([0] if name == "seek" else []))
base.close()
show(base.flush)
show(base.__enter__)
print(issubclass(io.UnsupportedOperation, OSError), issubclass(io.UnsupportedOperation, ValueError), io.DEFAULT_BUFFER_SIZE)


class Closing(io.RawIOBase):
    def close(self):
        print("closed by the finalizer")
        super().close()


c = Closing()
del c
os.remove(path)
