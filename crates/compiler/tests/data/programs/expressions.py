"""Expressions: operators, displays, calls, subscripts, constants that fold."""
x = y = z = f = obj = seq = [1]
folded = 1 + 2 * 3 - 4 // 5 % 6 ** 2, -1, +2, ~3, not 4, 1 << 10, 2 ** 64, 10 ** 100, 7 / 2, 1 / 0, 5 % 0
folded += ("a" + "b", "ab" * 3, b"x" * 2, (1, 2) + (3,), (0,) * 5, "abc"[1], "abc"[-4], (1, 2, 3)[1:], b"abc"[0], "abcd"[::-2])
folded += (1.5 + 2, 2 ** -1, 2.0 ** 0.5, 1j * 1j, 1 + 2j, 3 - 0j, -0.0, 0.0, True + True, True & False, 1 | 6, 5 ^ 3, 1e308 * 10)
folded += (9 >> 1, -9 // 2, -9 % 4, 9.5 // -2, 9.5 % -2, (-8) ** (1 / 3), 0 ** 0, "%s" % 1, "x" * 5000, 1 << 200, None is None)
big = 123456789012345678901234567890, -9223372036854775808, 9223372036854775807, 0xffffffffffffffff
unfolded = x + y - z * f / obj // seq % x ** y << z >> f & obj | seq ^ x @ y
x += 1; x -= 1; x *= 1; x /= 1; x //= 1; x %= 1; x **= 1; x <<= 1; x >>= 1; x &= 1; x |= 1; x ^= 1; x @= 1
seq[0] += 1; obj.a.b -= 2; seq[1:2] = x; seq[x:y:z] = y; seq[1:x] += [2]; seq[...] = seq[:, 1]
compared = x < y, x <= y, x == y, x != y, x > y, x >= y, x is y, x is not y, x in y, x not in y, not x in y, not x is y
compared = x < y < z, x == (y := z) == 1, not (x == y), x in [1, 2, 3], x in {1, 2, 3}, x not in (y, z), x in [y, z]
logic = x and y or z, not x, x or (y and not z), x if y else z if f else obj, (x and y) if (z or f) else (not x)
if (x and y) or (z and not f): logic
if not (x or y): logic
if x if y else z: logic
if x < y < z or 1: logic
if None: logic
if "text" and x: logic
if x is None or y is not None: logic
displays = [], (), {}, {x}, [x, y], (x, y), {x: y, **z}, [*x, y, *z], {*x, 1}, (*x, *y), {**x}, [1, 2, 3], {1, 2, 3}, {1: 2, 3: 4}
displays = {"a": 1, "b": x, "c": [1, 2], "d": {"e": "f"}}, [[1, 2], [3, [4]]], ((1, 2), (3, (4, x)))
long_list = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32]
long_tuple = (x, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32)
for x in [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31]: pass
f(); f(x); f(x, y); f(x, key=y); f(*x); f(**x); f(x, *y, z, key=f, **obj); f(x)(y)(z); f(*x, *y); f(a=1, **x, b=2)
obj.method(); obj.method(x, y); obj.method(x, k=y); obj.method(*x); obj.a.b.c(); (x).real; super().x; "".join([]); f(x for x in y)
subscripts = seq[0], seq[-1], seq[x], seq[1:2], seq[:], seq[::2], seq[x:y], seq[x:], seq[:, x], seq[1:2, ::3], seq[()], seq[*x], seq[*x, 1]
strings = "a" "b", b"a" b"b", r"\n", "\ud800", "é", "\N{BULLET}", "x" f"{x}" "y", f"{x!r:>{y}}", f"{x}{y}", f"", f"{{}}", f"{x=}", f"{x = !s:10}"
formats = "%s" % (x,), "%r and %5s and %-5.2a" % (x, y, z), "%d" % (x,), "%s%%" % (x,), "%(a)s" % (x,), "%s %s" % (x,), "%s" % (*x,)
walrus = (n := 10), [n := 1, n ** 2], f(n := 3)
lambdas = lambda: 0, lambda x, /, y=1, *a, z, w=2, **k: (x, y, a, z, w, k), lambda *, x: x, (lambda: (yield x))
template = t"hello {x!r:>{y}} {z=} {1 + 2}"
