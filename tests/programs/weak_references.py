"""Weak references, proxies, weak containers, abstract base classes' registries."""

import abc
import gc
import weakref


class Node:
    def __init__(self, name):
        self.name = name

    def hello(self):
        return f"hello from {self.name}"


node = Node("a")
ref = weakref.ref(node, lambda r: print("callback", r() is None))
print(ref() is node, weakref.getweakrefcount(node), weakref.ref(node) is weakref.ref(node))
proxy = weakref.proxy(node)
print(proxy.name, proxy.hello())
del node
print(ref())
try:
    proxy.name
except ReferenceError as error:
    print(error)
try:
    weakref.ref(1)
except TypeError as error:
    print(error)


class Ref(weakref.ref):
    def __call__(self):
        return super().__call__()


node = Node("b")
print(Ref(node)().name)
method = weakref.WeakMethod(node.hello)
print(method()())
values = weakref.WeakValueDictionary(x=node)
keys = weakref.WeakKeyDictionary({node: 1})
members = weakref.WeakSet([node])
print(len(values), len(keys), len(members))
finalizer = weakref.finalize(node, print, "finalized")
del node
print(len(values), len(keys), len(members), method(), finalizer.alive)

# A cycle with a callback.
first, second = Node("x"), Node("y")
first.other, second.other = second, first
watch = weakref.ref(first, lambda r: print("cycle is gone"))
del first, second
gc.collect()
print(watch())


class Shape(abc.ABC):
    @abc.abstractmethod
    def area(self):
        ...

    @classmethod
    def __subclasshook__(cls, other):
        return True if hasattr(other, "area") else NotImplemented


try:
    Shape()
except TypeError as error:
    print(error)


class Square:
    def area(self):
        return 4


class Circle:
    pass


print(issubclass(Square, Shape), issubclass(Circle, Shape))
Shape.register(Circle)
print(issubclass(Circle, Shape), isinstance(Circle(), Shape))
try:
    Shape.register(object)
except RuntimeError as error:
    print(error)
