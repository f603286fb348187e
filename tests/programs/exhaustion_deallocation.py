"""Structures deeper than the native stack are freed, whatever they are made of."""
import collections, contextlib, contextvars, functools, gc, io, itertools, operator, types, weakref


def chain(make, depth=100_000):
    value = make(None)
    for _ in range(depth):
        value = make(value)
    del value


class Plain:
    def __init__(self, inner): self.inner = inner


class Finalized(Plain):
    def __del__(self): pass


class Slotted:
    __slots__ = ("inner",)
    def __init__(self, inner): self.inner = inner


class Cyclic(Plain):
    def __init__(self, inner): self.inner, self.own = inner, self


def closure(inner): return lambda: inner
def defaults(inner):
    def function(x=inner): pass
    return function
def generator(inner):
    def running():
        held = inner
        yield held
    iterator = running()
    next(iterator)
    return iterator
def error(inner):
    made = ValueError()
    made.__context__ = inner
    return made


for make in (lambda i: [i], lambda i: (i,), lambda i: {1: i}, lambda i: collections.deque([i]), lambda i: collections.OrderedDict(a=i), lambda i: collections.defaultdict(list, a=i),
             lambda i: functools.partial(print, i), Plain, Finalized, Slotted, closure, defaults, error, lambda i: ValueError(i), lambda i: slice(i), types.CellType, lambda i: [i].append,
             lambda i: types.MethodType(print, i or 1), lambda i: types.SimpleNamespace(a=i), lambda i: list[i], property, staticmethod, classmethod, lambda i: iter([i]), lambda i: {1: i}.items(),
             lambda i: zip([i]), lambda i: map(print, i or []), lambda i: filter(None, i or []), lambda i: itertools.chain(i or []), lambda i: itertools.repeat(i), lambda i: itertools.count, lambda i: frozenset([i]),
             lambda i: operator.itemgetter(i), lambda i: types.MappingProxyType({1: i}), lambda i: enumerate([i])):
    chain(make)
chain(generator, 20_000)
chain(Cyclic)
gc.collect()
chain(lambda i: ExceptionGroup("x", [i or ValueError()]), 20_000)
first, second = itertools.tee(range(200_000))
for _ in first:
    pass
del first, second
head = None
for i in range(200_000):
    node = Slotted(head)
    head = node
del head, node
print("all freed")


class Spawning:
    count = 0
    def __del__(self):
        Spawning.count += 1
        if Spawning.count < 5000:
            keep.append(Spawning())
            keep.pop()


keep = []
import sys
sys.unraisablehook = lambda details: None
Spawning()
print(Spawning.count > 10)
