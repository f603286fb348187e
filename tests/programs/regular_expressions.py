# The re module on its engine: matching, groups, substitution, scanning, errors.
import re

print(re.match(r"(\w+) (\w+)", "Isaac Newton, physicist").groups())
print(re.search(r"(?P<year>\d{4})-(?P<month>\d\d)", "on 2024-05-17").groupdict())
print(re.findall(r"\b[a-z]*o[a-z]*\b", "the quick brown fox jumps over the lazy dog"))
print(re.findall(r"(a)(b)?", "ab a ab"))
print([m.span() for m in re.finditer(r"a*", "baac")])
print(re.split(r"(\W+)", "Words, words , words."))
print(re.split(r"x*", "axbc"))
print(re.sub(r"(\w)(\w*)", lambda m: m[1].upper() + m[2], "some more words"))
print(re.subn(r"(?P<a>.)b", r"[\g<a>\1\\]", "ab cb db", count=2))
print(re.sub("x*", "-", "abxd"))
print(re.sub(b"b+", b"<\\g<0>>", b"abbbc"))

m = re.match(r"(?:(a)|(b)|(c))+", "abc")
print(m.groups(), m.lastindex, m.lastgroup, m.regs, m.span(2), m.start(3), m.end())
print(m, m.re, m.string, m.pos, m.endpos, m.expand(r"\1\2\3!"))
print(re.match(r"(a)?b", "b").groups(), re.match(r"(a)?b", "b").groups(""))

# Greedy, lazy, possessive, atomic.
for pattern in ["a+b", "a+?b", "a++b", "(?>a+)b", "(?>a+?)b", "a{2,3}", "a{2,3}?", "a{2}+a", "(?:ab?){2,}c"]:
    print(pattern, re.search(pattern, "xaaab abac"))

# Assertions, conditionals, references.
print(re.findall(r"(?<=\$)\d+(?!\d|%)", "$12 $34% $5"))
print(re.findall(r"(?<!\d)\d(?!\d)", "1 22 3 444 5"))
print(re.findall(r"""(["'])(.*?)\1""", """say "it's" or 'so "it"'"""))
for text in ("<user@host>", "user@host", "<user@host"):
    print(re.fullmatch(r"(<)?\w+@\w+(?(1)>|$)", text))

# Flags.
print(re.findall(r"^\w", "a\nb\nc", re.M), re.findall(r".+", "a\nb", re.S), re.findall("STRASSE|straße", "Straße STRASSE", re.I))
print(re.match(r"\w+", "naïve", re.A), re.match(r"\w+", "naïve"), re.match("(?i)k", "\u212a"), re.match("(?ia)k", "\u212a"))
print(re.compile(r""" \d + # digits
                      (?: \. \d* )?""", re.X).match("3.14").group())
print(re.compile("a", re.I | re.M), re.compile(b"a", re.I), repr(re.compile("x", re.A)))
print(re.compile("a").flags, re.compile("(?i:a)b").match("Ab"), re.compile("a") == re.compile("a"), re.compile("a") == re.compile("a", re.I))

# Positions.
p = re.compile("^b|c$")
print(p.search("abc", 1), p.search("abcd", 0, 3), p.match("abc", 2), re.compile("b").fullmatch("abc", 1, 2), p.search("abc", 9))
s = re.compile(r"\w+|\W").scanner("ab, c")
print([m.group() for m in iter(s.match, None)])

# Characters of all widths.
for text in ("abc", "ab\xe9", "ab\u20ac", "ab\U0001f600"):
    print(ascii(re.findall(r"[^a]", text)), re.search(".$", text).span(), ascii(re.sub("b", "\u20ac", text)))
print(re.findall(b"[\x80-\xff]+", b"a\xff\xfeb"), re.search(b"b", bytearray(b"ab")).group(), re.search(b"b", memoryview(b"ab")).span())

# Long texts need no recursion.
print(len(re.match(r"(?:(?:a|b)x?)*", "ab" * 50000).group()), re.match("(?:a|b)*?c", "ab" * 20000 + "c").end())
print(re.match(r"(x+x+)+y", "x" * 12))

for bad in [r"(", r"a**", r"[z-a]", r"(?P<1>a)", r"\1", r"(?<=a+)b", r"(?P=x)", "[", "*a", "(?z)", r"\N{no such}"]:
    try:
        re.compile(bad)
    except re.PatternError as error:
        print(error)
for call in [lambda: re.match("a", b"a"), lambda: re.match(b"a", "a"), lambda: re.match("a", 5), lambda: m.group(9), lambda: m.group("x"),
             lambda: re.sub("a", r"\9", "a"), lambda: re.sub("a", lambda m: 1, "a"), lambda: re.Pattern()]:
    try:
        print(call())
    except Exception as error:
        print(type(error).__name__, error)

import _sre
for code in [[], [99, 1], [16], [14, 3, 0, 0, 1], [17, 5, 1], [23, 5, 0, 1, 1], [13, 40, 0, 1]]:
    try:
        _sre.compile("", 0, code, 0, {}, ())
        print(code, "compiled")
    except RuntimeError as error:
        print(code, error)
