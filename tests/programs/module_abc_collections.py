from abc import ABC, abstractmethod, update_abstractmethods
from collections.abc import *
import collections.abc


class Ring(Sequence):
    def __init__(self, *items): self.items = items
    def __len__(self): return len(self.items)
    def __getitem__(self, i): return self.items[i % len(self.items)] if isinstance(i, int) and i < 99 else self._end()
    def _end(self): raise IndexError


class Lower(MutableMapping):
    def __init__(self, **data): self.data = dict(data)
    def __getitem__(self, k): return self.data[k.lower()]
    def __setitem__(self, k, v): self.data[k.lower()] = v
    def __delitem__(self, k): del self.data[k.lower()]
    def __iter__(self): return iter(self.data)
    def __len__(self): return len(self.data)


class Bits(MutableSet):
    def __init__(self, items=()): self.n = 0; [self.add(i) for i in items]
    def __contains__(self, i): return bool(self.n >> i & 1)
    def __iter__(self): return (i for i in range(self.n.bit_length()) if i in self)
    def __len__(self): return self.n.bit_count()
    def add(self, i): self.n |= 1 << i
    def discard(self, i): self.n &= ~(1 << i)


r, m, b = Ring("a", "b", "c"), Lower(a=1), Bits([1, 3])
print(r.index("b"), r.count("c") > 1, "c" in r, r[4], next(reversed(r)), isinstance(r, Reversible))
m["B"] = 2
m.update({"C": 3}, d=4)
print(m["b"], m.pop("C"), m.get("x"), m.setdefault("E", 5), sorted(m.items()), m == {"a": 1, "b": 2, "d": 4, "e": 5}, "A" in m.keys() if False else "a" in m, list(m.values()), m.popitem())
b |= {5}
print(sorted(b & {1, 5}), sorted(b | Bits([0])), b <= {1, 3, 5, 7}, b.isdisjoint([2]), sorted(b ^ {1}), b.pop(), len(b), b == Bits([3, 5]))
print([issubclass(t, c) for t in (list, dict, str, set, range, bytes) for c in (Sequence, MutableSequence, Mapping, Set, Hashable, Buffer)], isinstance((i for i in ()), Generator), isinstance(print, Callable), issubclass(int, Iterable))


class Plugin(ABC):
    @property
    @abstractmethod
    def name(self): ...
    @classmethod
    @abstractmethod
    def make(cls): ...
    @classmethod
    def __subclasshook__(cls, other):
        return True if hasattr(other, "plugin_marker") else NotImplemented


class Marked: plugin_marker = True


class Partial(Plugin):
    name = "partial"


Plugin.register(int)
print(issubclass(Marked, Plugin), isinstance(5, Plugin), issubclass(str, Plugin), sorted(Plugin.__abstractmethods__), sorted(Partial.__abstractmethods__))
Partial.make = classmethod(lambda cls: "made")
update_abstractmethods(Partial)
print(Partial().make(), Partial.__abstractmethods__)
for bad in (Plugin, lambda: Ring()[0], lambda: Sequence(), lambda: hash(m), lambda: Plugin.register(5), lambda: b.remove(99), lambda: Callable[int], lambda: m["zz"]):
    try:
        bad()
    except (TypeError, IndexError, KeyError, ZeroDivisionError) as error:
        print(type(error).__name__, error)
