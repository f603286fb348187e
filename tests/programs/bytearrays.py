"""bytearray: mutation, exports, sizes, errors."""


def show(text, **names):
    try:
        print(text, "->", repr(eval(text, globals(), names)))
    except Exception as exc:
        print(text, "!!", type(exc).__name__, exc)


def change(start, *statements):
    b = bytearray(start)
    for s in statements:
        try:
            exec(s, globals(), {"b": b})
        except Exception as exc:
            print(s, "!!", type(exc).__name__, exc)
        else:
            print(s, "->", b)


for text in """\
bytearray(), bytearray(3), bytearray(b"ab"), bytearray([1, 2]), bytearray("é", "utf-8"), bytearray(memoryview(b"abcd")[::-1])
bytearray("a")
bytearray(b"a", "x")
bytearray([256])
bytearray(-1)
bytearray(object())
bytearray(1 << 62)
bytearray(1, 2)
hash(bytearray())
bytearray(b"ab") + b"c", bytearray(b"ab") * 2, 3 * bytearray(b"x")
bytearray() + "a"
bytearray(b"abc") == b"abc", bytearray(b"a") < b"b", bytearray(b"a") == "a", bytearray(b"a") == memoryview(b"a")
bytearray(b"a,b").split(b","), bytearray(b"ab").partition(b"b"), bytearray(b"ab").rpartition(b"x")
bytearray(b".").join([b"a", b"b"]), bytearray(b" x ").strip(), bytearray(b"ab").replace(b"a", b"zz"), bytearray(b"aB").swapcase()
bytearray(b"%d|%s") % (1, b"x")
bytearray.fromhex("6162"), bytearray(b"ab").hex(" ")
bytearray(b"ab").decode(), bytearray(b"abc")[::-1], bytearray(b"abc")[1], bytearray(b"abc")[-2:]
bytearray(b"abc")[3]
bytearray(b"abc")["a"]
256 in bytearray()
bytearray().__alloc__(), bytearray(b"ab").__alloc__(), bytearray().__sizeof__()
bytearray(b"ab").__reduce__(), bytearray(b"a\\xff").__reduce_ex__(2), bytearray(b"a").__reduce_ex__(3), bytearray().__reduce__()
iter(bytearray(b"ab")).__reduce__()
bytearray().pop()
bytearray(b"a").resize(-1)
sorted(n for n in dir(bytearray) if n not in dir(bytes))""".split("\n"):
    show(text)

change(b"abc", "b.append(100)", "b.append(256)", "b.append('a')", "b.insert(0, 1)", "b.insert(-1, 2)", "b.insert(100, 3)", "b.pop()",
       "b.pop(0)", "b.pop(50)", "b.remove(98)", "b.remove(98)", "b.reverse()", "b.extend(b'xyz')", "b.extend([1, 2])", "b.extend('a')",
       "b.extend([256])", "b.extend(1)", "b.extend(b)", "b.clear()", "b.extend(iter((7, 8)))", "b.resize(5)", "b.resize(1)", "b.copy()")
change(b"abcdefgh", "b[0] = 65", "b[-1] = 66", "b[0] = 256", "b[0] = 'a'", "b[20] = 1", "b['a'] = 1", "b[1:3] = b'XYZ'", "b[:0] = b'<<'", "b[2:] = [1, 2]",
       "b[:] = range(6)", "b[::2] = b'abc'", "b[::2] = b'ab'", "b[::-2] = b'xyz'", "del b[0]", "del b[-1]", "del b[9]", "del b[1:2]", "b[:] = b'0123456789'",
       "del b[::3]", "del b[::-2]", "b[1:1] = b", "b[:] = 5", "b[:] = 'x'", "b[0:1] = 1.5", "b += b'!'", "b += b", "b += 'a'", "b *= 2", "b *= 0", "b[:] = memoryview(b'q')")

b = bytearray(b"abcdef")
view = memoryview(b)
change(b, "b.append(1)")
for s in ["b.append(1)", "b.clear()", "b.pop()", "b.extend(b'x')", "b[1:2] = b'xx'", "del b[0]", "b.resize(3)", "b += b'x'", "b *= 2", "b.insert(0, 1)", "b.remove(97)"]:
    try:
        exec(s)
    except BufferError as exc:
        print(s, "!!", exc)
b[0:2] = b"XY"
b[2] = 90
print(b, view.tobytes())
view.release()
b.append(33)
print(b)

# Deleting at the front, then growing again.
b = bytearray(range(200))
for _ in range(19):
    del b[:10]
print(b, len(b))
b.extend(b"more")
print(b)

# Growth is amortised: sizes of the block as bytes are added.
b = bytearray()
sizes = []
for i in range(60):
    b.append(i)
    if not sizes or sizes[-1] != b.__alloc__():
        sizes.append(b.__alloc__())
print(sizes)


class Shrinker:
    def __index__(self):
        del target[:]
        return 1


target = bytearray(b"abc")
try:
    target[1] = Shrinker()
except IndexError as exc:
    print("IndexError", exc, target)


class Sub(bytearray):
    def __init__(self, data=b"", *encoding, tag=None):
        super().__init__(data, *encoding)
        self.tag = tag


s = Sub(b"ab", tag=5)
print(s, s.tag, type(s + b"c"), type(s[:1]), s.copy())
import pickle
for proto in range(pickle.HIGHEST_PROTOCOL + 1):
    t = pickle.loads(pickle.dumps(s, proto))
    print(t, t.tag, pickle.loads(pickle.dumps(bytearray(b"\xff"), proto)))
it = iter(bytearray(b"abc"))
next(it)
print(list(pickle.loads(pickle.dumps(it))), it.__length_hint__())
s.__init__(b"again")
print(s, s.tag)
