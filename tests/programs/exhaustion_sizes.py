"""Sizes that no machine has."""
import array, collections, io, itertools, json, marshal, math, mmap, os, pickle, random, struct, sys, zlib

MAX = sys.maxsize
for text in """[0] * 10**15
(0,) * MAX
[1, 2, 3] * (MAX // 2)
b"x" * 2**62
b"x" * 10**20
"x" * MAX
"\\u4e00" * 2**62
bytearray(2**62)
bytearray(b"x") * 2**62
bytes(2**62)
1 << 10**15
1 << 10**30
0 << 10**30
-1 >> 10**30
"a".ljust(2**62)
"a".center(2**62)
b"a".zfill(2**62)
"\\t\\t\\t".expandtabs(MAX)
len(range(MAX + 1))
range(10**30)[10**29]
list(range(10**15))
list(range(MAX))
array.array("d", [1]) * 2**61
collections.deque(maxlen=MAX + 1)
struct.calcsize("9999999999999999999i")
struct.pack("%dx" % 2**62)
struct.unpack("%ds" % 2**62, b"")
itertools.repeat(1, 10**30)
list(itertools.repeat(1, 2**62))
itertools.islice([1], MAX + 1)
itertools.product([1], repeat=2**62)
int("1" * 5000)
str(10 ** 5000)
'%*d' % (2**62, 1)
'%.*f' % (2**62, 1.0)
'%9999999999999999999d' % 1
'%.9999999999999999999f' % 1.0
format(1, '4611686018427387904')
format(1, '9999999999999999999')
format(1.0, '.9999999999999999999f')
format("x", '4611686018427387904')
memoryview(b"abcd").cast("B", [2**62, 4])
memoryview(b"abcd")[2**62]
b"".join([b"x" * 2**20] * 2**45)
("a" * 2**20).replace("a", "b" * 2**45)
io.BytesIO().seek(2**62)
(lambda b: (b.seek(2**62), b.write(b"x")))(io.BytesIO())
io.BufferedReader(io.BytesIO(), 2**62)
io.BufferedReader(io.BytesIO(b"abc")).read(2**62)
os.urandom(10**30)
mmap.mmap(-1, 2**62)
mmap.mmap(-1, 10**30)
zlib.decompressobj().decompress(zlib.compress(b"abc"), 2**62)
random.getrandbits(10**30)
math.factorial(10**30)
(1).to_bytes(2**62)
float("1e" + "9" * 100)
round(1.0, 10**30)
float(10**5000)
slice(0, 10, 10**30).indices(5)
[1, 2, 3][::-10**30]
[1, 2, 3][10**30]
"abc".find("c", -10**30, 10**30)
marshal.loads(b"s\\xff\\xff\\xff\\x7f")
pickle.loads(b"\\x8e" + b"\\xff" * 8)
json.loads("9" * 10000)
chr(10**30)
[1].__imul__(2**62)
bytearray(b"x").pop(10**30)
[1].insert(2**62, 1)
dict.fromkeys(range(3), 0).__class__
hash(10**5000) != 0
sys.setrecursionlimit(10**30)""".split("\n"):
    try:
        value = eval(text)
    except Exception as error:
        print(text, "->", type(error).__name__, str(error)[:70])
    else:
        print(text, "->", repr(value)[:60])


class Lying:
    def __init__(self, hint): self.hint = hint
    def __length_hint__(self): return self.hint
    def __iter__(self): return self
    def __next__(self): raise StopIteration


for hint in (0, 10, -1, 10**30, "x", NotImplemented, 1.5):
    for make in (list, tuple, bytes, bytearray, lambda i: [].extend(i), lambda i: [1].extend(i), lambda i: (*i,), lambda i: collections.deque(i)):
        try:
            print(make(Lying(hint)), end=" ")
        except Exception as error:
            print(type(error).__name__, error, end=" ")
    print()
