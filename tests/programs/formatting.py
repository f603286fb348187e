# The format mini-language of every built-in type, str.format, and the % operator of str and bytes.


def show(label, function, *args):
    try:
        result = repr(function(*args))
    except Exception as e:
        result = f"{type(e).__name__}: {e}"
    print(label, "->", result)


def specs(value, text):
    for spec in text.split("|"):
        show(f"format({value!r}, {spec!a})", format, value, spec)


ints = "|d|5|<5|^5|>5|=5|05|+|+05|-| | 5|*^9|x|X|#x|#X|b|#b|o|#o|#010x|,|_|_x|020_b|010,|09,|08,|n|c|5c|05c|e|.3e|f|.2f|g|%|.1%|z|.2|+c|#c|q|s|,c|,b|_s|,,|,_|__d|,n|<010|x<010|\x00|\x7f|\x80|abc"
for value in 0, 7, -7, 65, 1234567, -1234567, 10**25:
    specs(value, ints)
specs(True, "|d|5|s|q")
floats = "|5|10|010|<10|^10|=+10|+| |e|.0e|.3e|E|f|.0f|.3f|F|g|.3g|G|n|%|.1%|#|#.0f|#g|,|_|,.2f|_.3f|010,|020,.4f|z|z.1f|.2,|.,f|.5_f|,.6,f|.3,_|.3,n|.f|.|d|q|abc|.99999999999"
for value in 0.0, -0.0, 1.0, -1.5, 0.1, 2.5, 1234567.891, 1e16, 1e15, 123456789012345678.0, 1e-5, 0.0001, 1e100, 5e-324, 1.7976931348623157e308, float("inf"), float("-inf"), float("nan"):
    specs(value, floats)
for value in 1j, -1j, 1 + 2j, -1.5 - 0j, complex("nan+infj"), 0j:
    specs(value, "|20|<20|^20|e|.2f|+|,.1f|#|g|z.1f|05|=5|%|d")
specs("text", "|s|10|<10|>10|^10|*^10|.2|10.2|05|+| |z|#|=5|,|,s|d|\u1234|\u1234^9")
specs("\u20ac\U0001f600", "5|.1|*>4.1")
for value in 0.5, 1.5, 2.5, 0.25, 0.35, 2.675, 1e22, 1e23, 123456.5:
    print(value, format(value, ".0f"), format(value, ".1f"), format(value, ".0e"), format(value, ".3g"), repr(value))
print([1e16, 123e-7, 0.1 + 0.2, 1 / 3, 2**53, 2.0**70, 1e-7, 12345.678e10])


class Thing:
    name = "thing"

    def __format__(self, spec):
        return f"<{spec}>"

    def __getitem__(self, key):
        return key

    def __repr__(self):
        return "Thing(\u20ac)"

    def __str__(self):
        return "a thing"


for template in ("{}{}", "{0}{1}{0}", "{:>{}}", "{0:{1}}", "{!r}", "{!s:>10}", "{!a}", "{0.name}", "{0[key]}", "{0[12]}", "{0:x{1}y}", "{{}}", "{{{0}}}", "", "x", "{0[a.b]}"):
    show(template, template.format, Thing(), 5)
for template in ("}", "{", "a}", "{0", "{0!", "{0!r", "{0!rx", "{0!z}", "{0!\u1234}", "{0:{", "{0:{}", "{a{b}", "{0[}", "{0[]}", "{0.}", "{0[a]b}", "{9}", "{0}{}", "{}{0}", "{x}", "{" + "9" * 20 + "}", "{0[" + "9" * 20 + "]}", "{:{:{:{}}}}", "{0.foo}", "{!}", "{!:}", "{:}}", "{-1}"):
    show(ascii(template), template.format, 1, 2, 3)
print("{a} {b[0]} {c.real}".format(a=1, b=[2], c=3), "{a}".format_map({"a": 5}))


class Default(dict):
    def __missing__(self, key):
        return f"[{key}]"


print("{x} {y!r:>6}".format_map(Default(x=1)))
show("{}", "{}".format_map, {})
show("{a}", "{a}".format_map, {})

for template, args in (
    ("%s %r %a", ("\u20ac", "\u20ac", "\u20ac")), ("%d %i %u", (1, -2, 3)), ("%5d|%-5d|%05d|%+d|% d|%+05d|%-05d", (1, 2, 3, 4, 5, 6, 7)),
    ("%x %X %o %#x %#X %#o %#08x %-#8x|", (255,) * 8), ("%.5d %8.5d %-8.5d| %#.5x %08.5x", (42,) * 5), ("%e %E %f %F %g %G", (1.5,) * 6),
    ("%.0f %.1f %#.0f %10.2f %-10.2f| %+.2f %010.2f", (2.5,) * 7), ("%c%c", ("a", 8364)), ("%5c|%-5c|", ("a", 98)), ("%%", ()), ("%s%%", 5),
    ("%(a)s %(b)d", {"a": 1, "b": 2}), ("%(a(b))s", {"a(b)": 3}), ("%*d|%-*d|%.*f", (5, 1, 5, 2, 2, 3.14159)), ("%*d|", (-5, 3)), ("%.*f", (-3, 1.25)),
    ("%.2s|%5.1s|%-5s|", ("abc", "abc", "abc")), ("%05s", "a"), ("%d", True), ("%d", 1.9), ("%s", [1]), ("abc", {}), ("%s", {}), ("%hd %ld", (1, 2)),
    ("%f %5f %05f", (float("inf"), float("-inf"), float("nan"))), ("%d", 10**30), ("%x", -255), ("%#x", -255), ("%#010x", -255),
    ("%(a", {}), ("%(a)s", 3), ("%(a)s", (1,)), ("%(z)s", {}), ("%*d", ("a", 1)), ("%*d", (2**80, 1)), ("%.*d", (2**80, 1)), ("%", ()), ("%5", ()), ("%y", 1), ("%\u1234", 1), ("%s", ()),
    ("abc", 5), ("abc", (5,)), ("abc", "x"), ("%d", "a"), ("%x", 1.5), ("%x", "a"), ("%i", None), ("%f", "a"), ("%c", "ab"), ("%c", -1), ("%c", 1.5), ("%c", ""),
    ("%99999999999999999999d", 1), ("%.99999999999999999999d", 1), ("%lld", 1), ("%(a)%", {"a": 1}), ("%5%", ()), ("%s %s", (1,)), ("%b", 1), ("%d", float("inf")), ("%(x)s %s", {"x": 1}),
):
    show(f"{template!a} % {args!a}", template.__mod__, args)
for template, args in (
    (b"%s %b %r %a", (b"x", bytearray(b"y"), b"z", "\u20ac")), (b"%d %5d %-5d| %05d %x %#X", (1, 2, 3, 4, 255, 255)), (b"%.3f %e %g", (2, 2, 2)), (b"%c%c%c", (65, b"b", bytearray(b"c"))),
    (b"%5.1s|%-5s|", (b"abc", b"d")), (b"%(a)s", {b"a": b"3"}), (b"%%", ()), (b"abc", ()),
    (b"%(a", {}), (b"%(a)s", 3), (b"%(a)s", {"a": 3}), (b"%*d", ("a", 1)), (b"%", ()), (b"%y", 1), (b"%s", ()), (b"abc", 5), (b"%d", "a"), (b"%x", 1.5), (b"%f", "a"), (b"%c", b"ab"), (b"%c", 256), (b"%c", "a"), (b"%c", -1),
    (b"%s", "a"), (b"%b", 1), (b"%s", [1]), (b"%c", 2**80), (b"%c", 1.0), (b"%.2147483648d", 1), (b"%99999999999999999999d", 1),
):
    show(f"{template!a} % {args!a}", template.__mod__, args)

x, y, w = 3.14159, "text", 12
print(f"{x:.2f}|{y:>{w}}|{y!r:^10}|{x!s:.3}|{w:#06x}|{x=}|{w=:>5}|{{}}")


class Bad:
    def __format__(self, spec):
        return 3


show("bad", format, Bad(), "")
show("bad", "{}".format, Bad())
show("object", format, object(), "x")
show("spec", format, 1, 2)
