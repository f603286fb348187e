"""memoryview: shapes, formats, casts, exports, errors."""
import array


def show(text, **names):
    try:
        result = eval(text, globals(), names)
        print(text, "->", "<view>" if isinstance(result, memoryview) else repr(result))
    except Exception as exc:
        print(text, "!!", type(exc).__name__, exc)


def released():
    m = memoryview(b"abc")
    m.release()
    return m


def put(m, key, value):
    m[key] = value


def drop(m, key):
    del m[key]


def item(fmt, value):
    m = memoryview(bytearray(8)).cast(fmt)
    m[0] = value
    return m[0]


two = memoryview(bytes(range(12))).cast("B", [3, 4])
three = memoryview(bytearray(range(24))).cast("B", [2, 3, 4])
none = memoryview(b"\x05").cast("B", [])
doubles = memoryview(array.array("d", [1.5, 2.5]))
ints = memoryview(array.array("i", [1, 2, 3]))
ba = memoryview(bytearray(b"abcdef"))
chars = memoryview(b"abc").cast("c")

for text in """\
memoryview()
memoryview(1)
memoryview(b"a", 1)
memoryview(memoryview(b"a")) == b"a"
released()[0]
len(released())
released().tobytes()
released().release()
released() == released()
hash(released())
bytes(released())
iter(released())
repr(released())[:21], repr(ba)[:11]
memoryview(b"abc")["a"]
memoryview(b"abc")[3]
memoryview(b"abc")[0, 0]
memoryview(b"abc")[()]
none[()], none.tolist(), none.tobytes(), none.shape, none.strides, none.nbytes
none[0]
len(none)
iter(none)
two[0]
two[0, 1], two[-1, -1], len(two), two.shape, two.strides
two[0, 9]
two[0, 0, 0]
two[0:1].tolist(), two[::-1].tolist(), two[::2].strides
two[0:1, 0:1]
two[0, 0:1]
two.tolist(), two.tobytes("F"), two.tobytes("A"), two.tobytes(None)
two.tobytes("X")
two.tobytes(1)
three.tolist()
three.tobytes(order="F")
two.hex(":", 3), ints[::2].hex()
list(two)
two.cast("B", [4, 3])
two.cast("B").shape, two.cast("I").tolist()
hash(two) == hash(bytes(range(12))), hash(chars) == hash(b"abc")
hash(ba)
doubles.tolist(), doubles[1], doubles.format, doubles.itemsize, doubles.nbytes, doubles.shape, doubles.suboffsets, doubles.readonly
doubles.contiguous, doubles.c_contiguous, doubles.f_contiguous, two[::2].contiguous, two[:, ] if False else None
doubles.cast("i")
doubles.cast("B").cast("x")
doubles.cast("B").cast(">d")
doubles.cast("B").cast("@d").format
doubles.cast("B", 1)
doubles.cast("B", [1])
doubles.cast("B", ["a"])
doubles.cast("B", [0])
doubles.cast("B", [1] * 65)
doubles.cast("B", [1 << 62, 1 << 62])
doubles.cast("B", shape=(4, 4)).shape
memoryview(b"abc").cast("H")
memoryview(b"abcd")[::2].cast("H")
memoryview(b"abcd")[::-1].tobytes(), memoryview(b"abcd")[3:1].tobytes()
put(ba, 0, "a")
put(ba, 0, 256)
put(ba, 9, 1)
put(ba, slice(0, 2), b"xyz")
put(ba, slice(0, 2), 1)
put(ba, slice(0, 2), doubles)
put(ba, slice(None, None, -1), b"abcdef"), ba.tobytes()
put(ba, slice(0, 5), ba[1:]), ba.tobytes()
put(ba, slice(1, 6), ba[:5]), ba.tobytes()
put(ba, (0,), 7), ba[0]
put(memoryview(b"abc"), 0, 1)
drop(ba, 0)
drop(memoryview(b"a"), 0)
put(three, (0, 0), 1)
put(three, (0, 0, 0), 99), three[0, 0, 0]
put(three, slice(0, 1), three[1:])
put(three, "a", 1)
chars[0], chars.tolist()
item("c", b"x"), item("b", -5), item("B", 200), item("h", -300), item("H", 65535), item("i", -1), item("I", 1 << 31), item("l", -1), item("L", 1 << 63)
item("q", -(1 << 63)), item("Q", (1 << 64) - 1), item("n", 5), item("N", 6), item("f", 1.5), item("d", 0.1), item("e", 0.1), item("?", 7), item("P", -1)
item("c", b"ab")
item("c", 1)
item("b", 128)
item("H", -1)
item("e", 1e300)
item("d", "x")
item("f", 1e300)
item("Q", 1.5)
memoryview(b"abc") == b"abc", memoryview(b"abc") != bytearray(b"abd"), memoryview(b"abc") == "abc", memoryview(b"abc") == chars
memoryview(b"abc") < b"abd"
ints == doubles, memoryview(array.array("i", [1])) == memoryview(array.array("d", [1.0])), two == bytes(range(12)), ints == array.array("i", [1, 2, 3])
memoryview(array.array("d", [float("nan")])) == memoryview(array.array("d", [float("nan")]))
memoryview(array.array("w", "a"))[0]
ba.toreadonly().readonly, ba.toreadonly().obj is ba.obj
memoryview[int]
memoryview._from_flags(b"a", 1)
97 in memoryview(b"abc"), memoryview(b"abcabc").count(97), memoryview(b"abcabc").index(98, 2), list(reversed(memoryview(b"ab")))
memoryview(b"abcabc").index(98, 2, 3)
two.index(1)
none.index(5)
two.obj, ba[1:].obj is ba.obj
ba.__sizeof__()
memoryview(b"abc")[::0]""".split("\n"):
    show(text)

# Exports are counted.
b = bytearray(b"abc")
m = memoryview(b)
n = memoryview(m)
part = n[1:]
e = memoryview(bytearray(5))
f = e.toreadonly()
with m[1:] as part2:
    print(part2.tobytes())
try:
    b.append(1)
except BufferError as exc:
    print(exc)
for v in (m, n, part):
    v.release()
b.append(1)
print(b)


class Exporter:
    def __buffer__(self, flags):
        print("exported", flags)
        return memoryview(b"xyz")

    def __release_buffer__(self, view):
        print("released", view.tobytes())


x = Exporter()
v = memoryview(x)
print(v.tobytes(), v[1:].tobytes())
v.release()
print(bytes(x))
it = iter(memoryview(b"ab"))
print(next(it), list(it), list(it))
m = memoryview(b"abc")
it = iter(m)
m.release()
try:
    next(it)
except ValueError as exc:
    print(exc)


class Releaser:
    def __index__(self):
        victim.release()
        return 1


victim = memoryview(bytearray(b"abc"))
try:
    victim[0] = Releaser()
except ValueError as exc:
    print(exc)
victim = memoryview(bytearray(b"abc"))
try:
    print(victim[Releaser()])
except ValueError as exc:
    print(exc)
import weakref
m = memoryview(b"abc")
r = weakref.ref(m)
print(r() is m)
del m
print(r())
