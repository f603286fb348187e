# functools: partial, cmp_to_key, reduce, lru_cache, and operator's getters.
import functools
import _operator, operator
from functools import *


def attempt(f, *args, **kwargs):
    try:
        print(f(*args, **kwargs))
    except Exception as e:
        print(type(e).__name__, e)


def show(*args, **kwargs):
    return args, kwargs


p = partial(show, 1, a=2)
print(p(3, b=4), p(a=5), p.func is show, p.args, p.keywords)
print(partial(p, 9, c=1).args, partial(p, 9, c=1).keywords)
q = partial(show, Placeholder, 2, Placeholder, 4)
print(q(1, 3), q(1, 3, 5, k=6))
print(partial(q, 1).args, partial(partial(q, 1), 3)(7))
attempt(q, 1)
attempt(partial)
attempt(partial, 1)
attempt(partial, show, Placeholder)
attempt(partial, show, x=Placeholder)
print(partial(print, 1, x=2), Placeholder, p.__reduce__()[2][1:])
attempt(p.__setstate__, (1, 2))
p.__setstate__((show, (7,), {"z": 8}, {"attr": 9}))
print(p(), p.attr)


class Owner:
    method = partial(show, "first")


o = Owner()
print(o.method(2)[0][0], o.method(2)[0][1] is o)
r = partial(print)
r.__setstate__((r, (), {}, {}))
print(r)

attempt(reduce, operator.add, [1, 2, 3])
attempt(reduce, operator.add, [])
attempt(reduce, operator.add, [], 5)
attempt(reduce, operator.add, [1], initial=2)
attempt(reduce, operator.add, 5)
print(sorted([3, 1, 2], key=cmp_to_key(lambda a, b: b - a)))
K = cmp_to_key(lambda a, b: a - b)
print(K(1) < K(2), K(1) == K(1), K(3).obj)
attempt(lambda: K(1) < 2)
attempt(hash, K(1))
attempt(K)

calls = []


@lru_cache(maxsize=2)
def square(n, scale=1):
    calls.append(n)
    return n * n * scale


print(square(1), square(2), square(1), square(3), square(2), square(3), calls, square.cache_info())
print(square(3, scale=2), square(3, scale=2), square.cache_info(), square.__name__, square.cache_parameters())
attempt(square, [])
square.cache_clear()
print(square.cache_info(), square.__wrapped__(4))


@lru_cache(maxsize=None, typed=True)
def kind(x):
    return type(x).__name__


print(kind(1), kind(1.0), kind(True), kind(1), kind.cache_info())


@cache
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


print(fib(80), fib.cache_info())


@lru_cache(maxsize=3)
def reentrant(n):
    return reentrant(n - 1) + 1 if n else 0


print(reentrant(20), reentrant.cache_info())


class Table:
    @lru_cache(maxsize=0)
    def get(self, n):
        return n

    @cached_property
    def slow(self):
        print("computed")
        return 5


t = Table()
print(t.get(1), t.get(1), Table.get.cache_info(), t.slow, t.slow)


@singledispatch
def describe(x):
    return "object"


@describe.register
def _(x: int):
    return "int"


@describe.register(list)
def _(x):
    return "list"


print(describe(1), describe([]), describe("a"), describe(True))


@total_ordering
class Version:
    def __init__(self, n):
        self.n = n

    def __eq__(self, other):
        return self.n == other.n

    def __lt__(self, other):
        return self.n < other.n


print(Version(1) <= Version(2), Version(1) >= Version(2), Version(2) > Version(1))

print(operator.itemgetter(1)("abc"), operator.itemgetter(0, 2)([1, 2, 3]), operator.attrgetter("real", "imag")(2), operator.methodcaller("split", "-", maxsplit=1)("a-b-c"))
print(operator.itemgetter(1, "x"), operator.attrgetter("a.b"), operator.methodcaller("m", 1, k=2))
attempt(operator.itemgetter)
attempt(operator.attrgetter, 1)
attempt(operator.itemgetter(5), [1])
attempt(operator.attrgetter("x.y"), 1)
attempt(operator.concat, 1, [])
attempt(operator.indexOf, [1, 2], 3)
attempt(operator.length_hint, [], -1)
print(operator.countOf([1, 2, 1], 1), operator.length_hint(iter([1, 2])), operator.is_none(None), operator.is_not_none(None), operator.call(show, 1, k=2))
print(_operator._compare_digest("abc", "abc"), _operator._compare_digest(b"abc", b"abd"))
attempt(_operator._compare_digest, "é", "e")
