import copy


class Node:
    def __init__(self, value, next=None):
        self.value, self.next = value, next


class Counted:
    copies = 0

    def __copy__(self):
        Counted.copies += 1
        return self

    def __deepcopy__(self, memo):
        Counted.copies += 10
        memo[id(self)] = self
        return self


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a):
        self.a = a


nested = [1, [2, {"k": [3]}], (4, [5])]
shallow, deep = copy.copy(nested), copy.deepcopy(nested)
nested[1][1]["k"].append("x")
print(shallow, deep, shallow[1] is nested[1], deep[2] is nested[2])
loop = Node(1)
loop.next = loop
twin = copy.deepcopy(loop)
print(twin.next is twin, twin is not loop)
shared = [1]
pair = copy.deepcopy([shared, shared])
print(pair[0] is pair[1])
counted = Counted()
copy.copy(counted), copy.deepcopy([counted, counted])
print(Counted.copies)
slotted = copy.deepcopy(Slotted([1]))
print(slotted.a, hasattr(slotted, "b"))
for value in (1, "a", None, (), (1, 2), frozenset([1]), print, Node, range(3), ..., b"x"):
    print(copy.copy(value) is value, copy.deepcopy(value) is value, end=" ")
print()
from collections import OrderedDict, defaultdict, deque
print(copy.deepcopy(OrderedDict(a=[1])), copy.copy(defaultdict(list, a=[1])), copy.deepcopy(deque([[1]], 3)), copy.copy({1, 2}), copy.deepcopy(bytearray(b"x")))
error = copy.copy(ValueError("a", 1))
print(repr(error), error.args)
from dataclasses import dataclass
@dataclass(frozen=True)
class Point:
    x: int
    y: int = 2
print(copy.replace(Point(1), x=5))
for bad in (lambda: copy.deepcopy(i for i in ()), lambda: copy.replace(3)):
    try:
        bad()
    except TypeError as error:
        print(error)
