"""Template strings, and frame.f_locals of functions."""
import pickle, sys
from string.templatelib import Interpolation, Template, convert


def show(text, **names):
    try:
        print(text, "->", repr(eval(text, globals(), names)))
    except Exception as exc:
        print(text, "!!", type(exc).__name__, exc)


x, y = 3, "why"
t = t"a{x}b{y!r:>{x}}{x:}"
for text in """\
t
t""
t"plain"
t"{x}"
t"{x=}"
t"{x!s}{y!a}"
t"{{}}"
t"one" t"two{x}"
t.strings
t.interpolations
t.values
list(t), list(t""), list(t"{x}{y}")
Template()
Template("a", "b")
Template("a", Interpolation(1, "x"), Interpolation(2, "y"), "b")
Template(1)
Template(x=1)
t + t"!"
Template(Interpolation(1, "x")) + Template(Interpolation(2, "y"))
t + "b"
"b" + t
1 + t
t == t, t"" == t""
Interpolation(1), Interpolation(1, "x", "r", ">3"), Interpolation(value=1, expression="x")
Interpolation()
Interpolation(1, "x", "q")
Interpolation(1, "x", 1)
Interpolation(1, 2)
Interpolation.__match_args__
Interpolation(1, "x").__reduce__()
Interpolation[int], Template[int]
type("X", (Template,), {})
type("X", (Interpolation,), {})
t.foo
t.interpolations[0].value
pickle.loads(pickle.dumps(t))
pickle.loads(pickle.dumps(t.interpolations[1]))
convert(y, "r"), convert(y, None)
next(iter(Template()))""".split("\n"):
    show(text)

match t.interpolations[1]:
    case Interpolation(value, expression, conversion, spec):
        print(value, expression, conversion, spec)


def render(template):
    parts = []
    for part in template:
        match part:
            case str() as s:
                parts.append(s)
            case Interpolation(value, _, conversion, spec):
                parts.append(format(convert(value, conversion), spec))
    return "".join(parts)


print(render(t"{x:05d} and {y!r:*^9} {x + 1}"))


def locals_of(a, *args):
    c = 1

    def inner():
        return c

    p = sys._getframe().f_locals

    def show(text):
        try:
            result = eval(text, {"p": p, "F": type(p), "frame": sys._getframe(1)})
            print(text, "->", repr(result))
        except Exception as exc:
            print(text, "!!", type(exc).__name__, exc)

    for text in """\
len(p)
list(p)
p["a"], p["c"]
p["zz"]
p[1]
p.get("zz"), p.get("zz", 3), p.get("a")
p.get()
p.__setitem__("a", 5), p["a"]
p.__setitem__("c", 6), p["c"]
p.__setitem__("new", 7), p["new"], "new" in p
p.__setitem__(1, 8), p[1], 1 in p
p.__delitem__("a")
p.__delitem__("new")
p.__delitem__("nope")
p.pop("a")
p.pop(1), p.pop("qq", 3)
p.pop("qq")
p.pop()
p.setdefault("a", 8), p.setdefault("nn", 8), p.setdefault("nn2")
p.update({"a": 9}), p["a"]
p.update([("a", 10)])
p == {}, p == p, p != p, p == F(frame), p == p.copy()
(p | {"x": 1})["x"], ({"x": 1} | p)["a"]
p | 1
[] in p
sorted(map(str, p.keys())), list(reversed(p))[0]
type(p.items()), type(p.values()), type(p.copy())
F()
F(1)
hash(p)
p.__ior__({"a": 11})["a"], p.__ior__(1)
repr(p)[:9]""".split("\n"):
        show(text)
    print(a, c, inner())


locals_of(1)


def extra():
    sys._getframe().f_locals["hidden"] = 1
    return locals()


print(extra())


def borrowed():
    def clobber():
        sys._getframe(1).f_locals["value"] = None
        return 0

    value = ["kept", "alive"]
    return value, clobber(), value


print(borrowed())


def unbound():
    f = sys._getframe().f_locals
    print("later" in f, sorted(f))
    later = 1
    del later
    print("later" in f)
    f["later"] = 3
    return later


print(unbound())


def generator():
    value = 1
    yield
    yield value


g = generator()
next(g)
g.gi_frame.f_locals["value"] = 42
print(next(g), dict(g.gi_frame.f_locals))
