# Methods of str on ASCII, Latin-1, two-byte and four-byte text, and what they say of wrong arguments.
import copy
import pickle


def show(label, function, *args, **kwargs):
    try:
        result = ascii(function(*args, **kwargs))
    except Exception as e:
        result = f"{type(e).__name__}: {ascii(str(e))}"
    print(label, "->", result)


texts = ["", "a", "Hello, World", "  padded\t\n", "a,b,,c", "\xe9t\xc9 \xdf", "\u0130\u01c5 \u03a3\u03c3\u03a3", "\U0001f600x\U0001f600", "one\ntwo\r\nthree\x0bfour\u2028five\n", "tab\tx\ty", "123", "\u0663\u00b2\u2167", "\ufb01", "identifier_1", "\u2003", "-42", "+7"]
plain = "lower upper title capitalize casefold swapcase isalpha isalnum isdecimal isdigit isnumeric isspace islower isupper istitle isidentifier isprintable isascii strip lstrip rstrip split rsplit splitlines expandtabs __len__ __repr__ __hash__ __getnewargs__".split()
for text in texts:
    for name in plain:
        if name == "__hash__":
            continue
        show(f"{text!a}.{name}", getattr(text, name))
    show("  keepends", text.splitlines, True)
    show("  zfill", text.zfill, 8)
    show("  center", text.center, 9, "*")
    show("  ljust", text.ljust, 6)
    show("  rjust", text.rjust, 6, "\u20ac")
    show("  tabs", text.expandtabs, 4)
    show("  split", text.split, ",", 2)
    show("  rsplit", text.rsplit, None, 1)
    show("  partition", text.partition, ",")
    show("  rpartition", text.rpartition, " ")
    show("  slice", lambda: (text[::-1], text[1:3], text[-2:], text[::2], text * 2, text + "\u20ac"))
    show("  find", lambda: [(text.find(s), text.rfind(s), text.count(s), s in text, text.startswith(s), text.endswith(s), text.removeprefix(s), text.removesuffix(s)) for s in ("", "a", "o", "\xe9", "\U0001f600", "three", "no")])
    show("  replace", lambda: [text.replace(a, b, n) for a, b in (("", "-"), ("o", "0"), ("l", ""), ("\U0001f600", "\u20ac"), ("a", "\U0001f600")) for n in (-1, 1)])
    show("  translate", text.translate, {97: "AA", 111: None, 0x1F600: 65, 233: 0x20AC})
    show("  strip", text.strip, "aH\U0001f600 ")
for args in ("a", 1), ("a", 2, 5), ("", 20), ("", 0, -1), ("b", -3), ("b", None, None), ("b", 10**30, -(10**30)):
    show(f"find{args}", "abcab".find, *args)
    show(f"index{args}", "abcab".index, *args)
    show(f"rfind{args}", "abcab".rfind, *args)
    show(f"count{args}", "abcab".count, *args)
    show(f"startswith{args}", "abcab".startswith, *args)
show("startswith", "abc".startswith, ("x", "ab"))
show("startswith", "abc".startswith, (1,))
show("startswith", "abc".startswith, 1)
show("endswith", "abc".endswith, ["c"])
show("join", ",".join, ["a", "\u20ac", "b"])
show("join", "".join, ["a"])
show("join", ",".join, ["a", 5])
show("join", ",".join, 5)
show("join", ",".join, (c for c in "xyz"))
show("split", "a".split, "")
show("split", "a".split, 5)
show("split", "a b c".split, maxsplit=1)
show("split", "a b c".split, sep=" ", maxsplit=0)
show("partition", "a".partition, "")
show("partition", "a".partition, 5)
show("replace", "aaa".replace, "a", "b", count=2)
show("replace", "aaa".replace, "a")
show("replace", "aaa".replace, 1, 2)
show("zfill", "a".zfill, "x")
show("center", "a".center, 5, "xx")
show("center", "a".center, 5, 5)
show("strip", "a".strip, 5)
show("encode", "a".encode, 5)
show("translate", "abc".translate, "xyz")
show("translate", "abc".translate, {97: 0x110000})
show("translate", "abc".translate, {97: 1.5})
show("translate", "abc".translate, 5)
show("maketrans", str.maketrans, {"a": 1, 98: None})
show("maketrans", str.maketrans, "ab", "xy", "z")
show("maketrans", str.maketrans, {"ab": 1})
show("maketrans", str.maketrans, {1.5: 1})
show("maketrans", str.maketrans, "ab")
show("maketrans", str.maketrans, "ab", "x")
show("maketrans", str.maketrans, 5, "x")
show("add", lambda: "a" + 5)
show("radd", lambda: 5 + "a")
show("mul", lambda: "a" * 1.5)
show("mul", lambda: "ab" * -1)
show("index", lambda: "abc"[5])
show("index", lambda: "abc"["x"])
show("in", lambda: 5 in "abc")
show("lt", lambda: "a" < 5)
show("compare", lambda: ["a" < "b", "a" < "\u20ac", "\uffff" < "\U00010000", "a" == "a", "ab" >= "abc", "\xe9" != "e"])
show("str", str)
show("str", str, 5)
show("str", str, b"abc", "ascii")
show("str", str, object="x")
show("str", str, encoding="ascii")
show("str", str, b"\xff", errors="replace")
show("str", str, 1, 2, 3, 4)
show("str", str, foo=1)
show("str", str, b"x", 5)
show("ord", ord, "\U0001f600")
show("ord", ord, "ab")
show("chr", chr, 0x110000)
print(ascii([repr(t) for t in ("'", '"', "'\"", "\\\n\t\x00\x7f\xa0\xad\u20ac\ud800\U0001f600\U000e0001")]))


class Sub(str):
    def __str__(self):
        return "from __str__"


s = Sub("value")
s.attribute = 1
print(s, repr(s), s + "x", type(s + "x"), type(s.strip()), type(s[:]), type(str(s)), f"{s}", "%s" % s, "{}".format(s), len(s), s == "value", hash(s) == hash("value"), {s: 1}["value"], s.attribute)
print(type(s.upper()), type(s.replace("q", "")), type("".join([s])), type(s * 1), type(s.ljust(1)), type(s.translate({})), type(s.format()), type(s.expandtabs()))
t = pickle.loads(pickle.dumps(s))
print(type(t), t.attribute, str.__str__(t), copy.copy(s) == s, s.__getnewargs__())
print(Sub(b"bytes", "ascii") == "bytes", type(Sub()), Sub("x").__sizeof__() > 0)
for text in "abc", "\u20acb":
    it = iter(text)
    print(ascii([type(it).__name__, next(it), it.__length_hint__(), it.__reduce__()[1:], list(pickle.loads(pickle.dumps(it))), list(it), list(it), it.__reduce__()[1:]]))
big = "x" * 1000
for i in range(3):
    big += "y\u20ac"[i == 1]
print(len(big), ascii(big[-4:]), big.count("x"), sorted(set(big)) == ["x", "y", "\u20ac"])
print(sorted(n for n in dir(str) if not n.startswith("__")))
print("ab" "cd" == "abcd", "a".__eq__(5), "a".__mod__(()) if False else "", "x".__rmod__(5))
