"""Containers that change while a method of theirs looks at them."""
import array
import bisect
import collections
import functools
import heapq
import itertools

actions = []


class Acting:
    """Compares, hashes and counts, and does something to a container on the way."""
    def __init__(self, value=0): self.value = value
    def act(self):
        if actions:
            actions[-1]()
    def __eq__(self, other):
        self.act()
        return False
    def __lt__(self, other):
        self.act()
        return self.value < getattr(other, "value", 0)
    def __hash__(self): return 7
    def __index__(self):
        self.act()
        return self.value
    def __bool__(self):
        self.act()
        return True
    def __iter__(self):
        self.act()
        return iter((1, 2))
    def __repr__(self):
        self.act()
        return "Acting"
    def __len__(self):
        self.act()
        return 2
    def __getitem__(self, i):
        self.act()
        if i > 5:
            raise IndexError
        return self
    def __buffer__(self, flags):
        self.act()
        return memoryview(b"ab")


def trial(name, make, change, *uses):
    for use in uses:
        container = make()
        actions.append(lambda: change(container))
        try:
            result = use(container)
            actions.pop()
            shown = f"{type(result).__name__} {len(result) if hasattr(result, '__len__') and not isinstance(result, Acting) else ''}"
        except Exception as error:
            actions.pop()
            shown = f"{type(error).__name__}: {error}"
        print(name, shown, len(container))


A = Acting
ten = lambda: [A(i) for i in range(10)]
for change in (list.clear, lambda x: x.append(A()) if len(x) < 100 else None, lambda x: x.__delitem__(slice(0, 3)), lambda x: x.extend([A()] * 3) if len(x) < 100 else None):
    trial("list", ten, change, lambda x: x.remove(A()), lambda x: x.index(A()), lambda x: x.count(A()), lambda x: A() in x, lambda x: x == [A() for _ in range(10)], lambda x: x < [A() for _ in range(10)],
          lambda x: x.sort(), lambda x: x.sort(key=lambda item: change(x)), lambda x: x.insert(A(3), 1), lambda x: x.pop(A(2)), lambda x: x.__setitem__(slice(A(1), A(4)), [1, 2]), lambda x: x.__getitem__(slice(A(1), A(8))),
          lambda x: x.extend(A()), lambda x: x.__imul__(A(3)), lambda x: repr(x), lambda x: sorted(x), lambda x: min(x), lambda x: list(filter(None, x)), lambda x: [y for y in itertools.islice(x, 50) if y], lambda x: list(zip(x, itertools.repeat(A(), 20))),
          lambda x: any(not y for y in x[:]), lambda x: heapq.heapify(x), lambda x: heapq.heappush(x, A()), lambda x: heapq.heappop(x), lambda x: bisect.bisect(x, A(5)), lambda x: bisect.insort(x, A(5)), lambda x: x.__delitem__(slice(A(1), A(5))), lambda x: x.__setitem__(A(4), 5), lambda x: tuple(map(bool, x[:20])))
dictionary = lambda: {A(i): i for i in range(5)}
for change in (dict.clear, lambda d: d.update({object(): 1 for _ in range(3)}) if len(d) < 100 else None, lambda d: d.pop(next(iter(d)), None) if d else None):
    trial("dict", dictionary, change, lambda d: d.get(A()), lambda d: d.pop(A(), None), lambda d: d.setdefault(A(), 1), lambda d: A() in d, lambda d: d.__setitem__(A(), 1), lambda d: d == dict.fromkeys(map(A, range(5))), lambda d: d.update({A(): 1}),
          lambda d: repr(d), lambda d: [k for k in d if k], lambda d: [bool(k) for k, _ in d.items()], lambda d: d | {A(): 1}, lambda d: {**d, A(): 2}, lambda d: dict.fromkeys(d, 1), lambda d: d.keys() & {A()}, lambda d: d.items() - [(A(), 1)], lambda d: A() in d.values(), lambda d: sorted(d), lambda d: list(map(bool, d)))
group = lambda: {A(i) for i in range(5)}
for change in (set.clear, lambda s: s.update(object() for _ in range(3)) if len(s) < 100 else None, lambda s: s.pop() if s else None):
    trial("set", group, change, lambda s: A() in s, lambda s: s.add(A()), lambda s: s.discard(A()), lambda s: s.remove(A()), lambda s: s | {A()}, lambda s: s & {A()}, lambda s: s.update([A()]), lambda s: s.difference_update({A()}), lambda s: s.symmetric_difference_update([A()]), lambda s: s.intersection_update({A()}),
          lambda s: s == {A() for _ in range(5)}, lambda s: s <= {A()}, lambda s: s.isdisjoint([A()]), lambda s: repr(s), lambda s: frozenset(s), lambda s: [x for x in s if x], lambda s: sorted(s), lambda s: s.issuperset([A()]))
queue = lambda: collections.deque(A(i) for i in range(10))
for change in (collections.deque.clear, lambda d: d.append(A()) if len(d) < 100 else None, lambda d: d.popleft() if d else None, lambda d: d.rotate(1)):
    trial("deque", queue, change, lambda d: d.remove(A()), lambda d: d.index(A()), lambda d: d.count(A()), lambda d: A() in d, lambda d: d == queue(), lambda d: d.insert(A(3), 1), lambda d: d.rotate(A(2)), lambda d: d.__delitem__(A(2)), lambda d: d.__setitem__(A(1), 2), lambda d: repr(d), lambda d: d.extend(A()), lambda d: [x for x in d if x], lambda d: d * A(2) and None, lambda d: d.__imul__(A(2)) and None)
bytes_ = lambda: bytearray(b"abcdefghij")
for change in (bytearray.clear, lambda b: b.extend(b"xyz") if len(b) < 100 else None, lambda b: b.__delitem__(slice(0, 5))):
    trial("bytearray", bytes_, change, lambda b: b.append(A(1)), lambda b: b.insert(A(3), A(65)), lambda b: b.pop(A(3)), lambda b: b.remove(A(97)), lambda b: b.__setitem__(A(2), A(65)), lambda b: b.extend([A(65), A(66)]), lambda b: b.extend(A()), lambda b: b.__iadd__(A()), lambda b: b.join([A(), A()]), lambda b: b.find(A(99)), lambda b: b.replace(A(), b"x"), lambda b: b.split(A()), lambda b: A(97) in b, lambda b: b.count(A(97), A(0), A(9)), lambda b: b.startswith(b"a", A(0)), lambda b: b * A(2), lambda b: b.__imul__(A(2)), lambda b: b.translate(None, A()), lambda b: b.ljust(A(20)), lambda b: b == A(), lambda b: b[A(0):A(9)], lambda b: b.__setitem__(slice(0, 3), A()), lambda b: b.strip(A()))
numbers = lambda: array.array("i", range(10))
for change in (lambda a: a.__delitem__(slice(None)), lambda a: a.append(5) if len(a) < 100 else None):
    trial("array", numbers, change, lambda a: a.pop(A(3)), lambda a: a.remove(A(3)), lambda a: a.index(A(3)), lambda a: a.count(A(3)), lambda a: a.__setitem__(A(2), A(3)), lambda a: a.__setitem__(slice(A(1), A(5)), array.array("i", [1])), lambda a: a.extend([A(1), A(2)]), lambda a: a.fromlist([A(1), A(2)]), lambda a: A(3) in a, lambda a: a * A(2), lambda a: a.__imul__(A(2)), lambda a: a[A(1):A(5)], lambda a: a == array.array("i", [1]), lambda a: a.__delitem__(slice(A(1), A(4))))
cached = functools.lru_cache(2)(lambda x: actions and actions[-1]() or x)
actions.append(lambda: cached.cache_clear())
print([cached(i % 4) for i in range(9)], cached.cache_info().currsize)
