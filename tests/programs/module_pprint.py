import pprint
from collections import ChainMap, Counter, OrderedDict, UserList, defaultdict, deque
from dataclasses import dataclass, field
from types import MappingProxyType, SimpleNamespace


@dataclass
class Item:
    name: str
    tags: list = field(default_factory=list)
    hidden: int = field(default=0, repr=False)


data = {"numbers": list(range(30)), "text": "word " * 30, "nested": {"a": {"b": {"c": [1, 2, {"d": (1,)}]}}}, "set": {3, 1, 2}, "bytes": b"x" * 100, 1: None}
pprint.pprint(data)
pprint.pprint(data, width=40, indent=2, compact=True)
pprint.pprint(data, depth=2, sort_dicts=False)
pprint.pp({"b": 1, "a": 2})
for value in (OrderedDict(a=[1] * 40), defaultdict(list, x=[1] * 30), Counter("abracadabra" * 3), deque(range(40), 50), ChainMap({"a": 1}, {"b": list(range(30))}), SimpleNamespace(a=list(range(30)), b=2), MappingProxyType({"k": "v" * 80}), UserList(range(40)), [Item("x" * 40, ["tag"] * 10), Item("y")], frozenset(range(30)), bytearray(b"abc" * 40), (1,) * 40, "a\nb" * 30, [[]] * 3, {}, ()):
    pprint.pprint(value)
loop = [1]
loop.append(loop)
print(pprint.isrecursive(loop), pprint.isreadable(loop), pprint.isreadable([1]), pprint.saferepr({"z": 1, "a": 2}), pprint.pformat([1, 2]))
print(pprint.pformat(loop).startswith("[1, <Recursion on list"))
pprint.pprint([1000000, 2], underscore_numbers=True)
