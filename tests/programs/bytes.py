"""bytes: construction, methods, errors."""


def show(text, **names):
    try:
        print(text, "->", repr(eval(text, globals(), names)))
    except Exception as exc:
        print(text, "!!", type(exc).__name__, exc)


class Index:
    def __init__(self, n):
        self.n = n

    def __index__(self):
        return self.n


class Own:
    def __init__(self, value):
        self.value = value

    def __bytes__(self):
        return self.value


class Sub(bytes):
    pass


for text in """\
bytes()
bytes(3)
bytes(Index(2))
bytes([1, 2, 255])
bytes((65, Index(66)))
bytes(range(5))
bytes({7})
bytes("aé", "utf-8")
bytes("aé", "latin-1")
bytes("a\\udc80", "ascii", "replace")
bytes(Own(b"x"))
bytes(Own("x"))
bytes(Own(Sub(b"s")))
bytes(bytearray(b"ab"))
bytes(memoryview(b"abcd")[::2])
bytes(source=b"a")
bytes(-1)
bytes(1.5)
bytes("a")
bytes(b"a", "ascii")
bytes(b"a", errors="x")
bytes(encoding="a")
bytes(errors="a")
bytes([256])
bytes(["a"])
bytes([1 << 80])
bytes(1 << 80)
bytes(None)
bytes(object())
bytes(x=1)
bytes(1, 2, 3, 4)
Sub(b"abc")
Sub(b"abc") + b"d"
type(Sub(b"abc")[:]) is bytes
type(Sub(b"abc").strip()) is bytes
Sub(b"abc") == b"abc", hash(Sub(b"abc")) == hash(b"abc")
b"a" is b"xa"[1:], b"" is b"a"[1:]
b"abc".find(b"c"), b"abc".find(99), b"abc".find(b"z"), b"abc".rfind(b"")
b"abcabc".index(b"b", 2), b"abcabc".rindex(98, 0, 3)
b"a".index(b"z")
b"a".rindex(b"z")
b"a".find("a")
b"a".find(256)
b"a".find(1.5)
b"abc".count(b""), b"aaaa".count(b"aa"), b"abca".count(97, 1)
b"a".count(b"", 0, 5), b"abc".find(b"", 4), b"abc".find(b"", 3)
b"abc".startswith(b"ab"), b"abc".startswith((b"x", b"b"), 1), b"abc".endswith(b"bc", 0, 2)
b"a".startswith("a")
b"a".startswith(("a",))
b"a".endswith(1)
97 in b"abc", b"bc" in b"abc", b"" in b""
256 in b"a"
"a" in b"a"
b", ".join([b"a", bytearray(b"b"), memoryview(b"c")])
b"".join([b"a", 1])
b"".join(1)
b"a" + bytearray(b"b"), bytearray(b"b") + b"a"
b"a" + "a"
b"ab" * 3, 2 * b"x", b"ab" * -1
b"ab" * 1.5
b"abcdef" * (1 << 62)
b" a b  c ".split(), b" a b  c ".split(None, 1), b" a b  c ".rsplit(None, 1)
b"a,b,,c".split(b","), b"a,b,,c".rsplit(b",", 1), b"aXXbXX".split(b"XX")
b"a".split(b"")
b"a".split("a")
b"a\\nb\\r\\nc\\rd".splitlines(), b"a\\n\\nb\\n".splitlines(True)
b"a-b-c".partition(b"-"), b"a-b-c".rpartition(b"-"), b"abc".partition(b"x"), b"abc".rpartition(b"x")
b"a".partition(b"")
b"aXbX".replace(b"X", b"yy"), b"abc".replace(b"", b"-"), b"abc".replace(b"", b"-", 2), b"aaa".replace(b"a", b"", 2)
b"".replace(b"", b"x"), b"hello".replace(b"l", b"L", 1)
b" \\t\\x0b a \\n".strip(), b"xxaxx".strip(b"x"), b"xxaxx".lstrip(b"x"), b"xxaxx".rstrip(b"x")
b"a".strip("a")
b"prefix-x".removeprefix(b"prefix-"), b"x.txt".removesuffix(b".txt"), b"x".removeprefix(b"y")
b"abc".translate(bytes.maketrans(b"ac", b"xz")), b"abcabc".translate(None, b"b"), b"abc".translate(None, delete=b"c")
b"a".translate(b"")
bytes.maketrans(b"a", b"")
b"a".center(5), b"ab".center(5, b"*"), b"a".ljust(3, b"."), b"a".rjust(3), b"-5".zfill(5), b"+".zfill(3), b"x".zfill(0)
b"a".center(3, "a")
b"a".center(3, b"ab")
b"a".ljust(3, 1)
b"a\\tb\\n\\tc".expandtabs(), b"a\\tb".expandtabs(4), b"a\\tb".expandtabs(0)
b"aBc".upper(), b"aBc".lower(), b"aBc".swapcase(), b"hello wORLD's".title(), b"hELLO".capitalize()
b"a1".isalnum(), b"a".isalpha(), b"".isascii(), b"\\x80".isascii(), b"12".isdigit(), b"a1".islower(), b"A".isupper(), b" \\n".isspace(), b"Aa Bb".istitle()
b"\\xde\\xad\\xbe\\xef".hex(), b"abcdef".hex(":", 2), b"abcdef".hex("-", -4), b"abcde".hex(b".", 2)
b"a".hex("ab")
b"a".hex("é")
b"a".hex(1)
bytes.fromhex(" de AD\\tbe ef"), bytes.fromhex(b"6162"), Sub.fromhex("61")
bytes.fromhex("zz")
bytes.fromhex("abc")
bytes.fromhex("a b")
bytes.fromhex("aé")
bytes.fromhex(1)
b"caf\\xc3\\xa9".decode(), b"\\xff".decode("latin-1"), b"a\\xffb".decode("ascii", "replace"), b"a\\xffb".decode(errors="ignore")
b"\\xff".decode()
b"abcdef"[1:4], b"abcdef"[::-2], b"abcdef"[-2:], b"abcdef"[4:1], b"abc"[1], b"abc"[-1]
b"a"[1]
b"a"["a"]
b"a"[1 << 80]
b"a" < b"b", b"a" < b"ab", b"b" >= b"a", b"a" == "a", b"a" != bytearray(b"a")
b"a" < "a"
b"%d %5.2f|%-4s|%s %b %c%c %x %%" % (5, 1.5, b"ab", bytearray(b"c"), b"d", 65, b"z", 255)
b"%(k)s" % {b"k": b"v"}
b"%r %a" % ("é", "é")
b"%s" % "a"
b"%d" % "a"
b"a" % 1
b"%c" % 256
repr(b"a'b"), repr(b'a"\\'b'), repr(b"\\t\\n\\r\\\\\\x00\\x7f\\xff")
str(b"abc")
b"ab".__getnewargs__()
b"abc".__bytes__()
iter(b"ab").__reduce__()
iter(b"abc").__length_hint__()
list(b"abc"), list(reversed(b"ab"))
hash(b"") == 0, hash(b"a") == hash("a")
sorted(n for n in dir(bytes) if not n.startswith("__"))
b"abc".find.__text_signature__, b"abc".hex.__text_signature__""".split("\n"):
    show(text)

it = iter(b"abc")
next(it)
it.__setstate__(2)
print(list(it), it.__reduce__()[1:])

import pickle, copy
for proto in range(pickle.HIGHEST_PROTOCOL + 1):
    print(proto, pickle.loads(pickle.dumps(b"a\xffb", proto)), pickle.loads(pickle.dumps(Sub(b"x"), proto)))
print(copy.copy(b"ab"), copy.deepcopy(Sub(b"q")))
