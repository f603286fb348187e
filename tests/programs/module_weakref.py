import gc
import weakref


class Node:
    def __init__(self, name): self.name = name
    def __repr__(self): return f"Node({self.name})"
    def method(self): return self.name


log = []
a = Node("a")
r = weakref.ref(a, lambda ref: log.append("dead"))
p = weakref.proxy(a)
m = weakref.WeakMethod(a.method)
f = weakref.finalize(a, log.append, "finalized")
print(r() is a, p.name, m()(), f.alive, weakref.getweakrefcount(a), weakref.ref(a) is weakref.ref(a), r == weakref.ref(a), hash(r) == hash(a), f.peek()[2])
del a
print(r(), log, m(), f.alive, f())
values, keys, group = weakref.WeakValueDictionary(), weakref.WeakKeyDictionary(), weakref.WeakSet()
nodes = [Node(str(i)) for i in range(4)]
for n in nodes:
    values[n.name], keys[n] = n, n.name
    group.add(n)
print(sorted(values), len(keys), len(group), values["1"], nodes[2] in group, keys[nodes[3]], sorted(keys.values()), values.get("9"), values.setdefault("1", None))
del nodes[0], n
gc.collect()
print(sorted(values.keys()), len(keys), sorted(map(repr, group)), values.pop("2"), len(values.valuerefs()), keys.pop(nodes[0]))
nodes.clear()
print(len(values), len(keys), len(group))
loop = Node("loop")
loop.self = loop
weakref.finalize(loop, log.append, "loop gone")
r = weakref.ref(loop)
del loop
print(r() is None, gc.collect() > 0, r(), log)


class Slotted:
    __slots__ = ("__weakref__",)


s = Slotted()
print(weakref.ref(s)() is s, weakref.proxy(Node("x")).__class__ if False else None)
q = weakref.proxy(Node("temporary"))
for bad in (lambda: weakref.ref(5), lambda: weakref.proxy([]), lambda: q.name, lambda: str(q), lambda: {q: 1}, lambda: values["9"], lambda: weakref.WeakMethod(len), lambda: weakref.ref(), lambda: weakref.ref(s, 1, 2)):
    try:
        bad()
    except (TypeError, ReferenceError, KeyError) as error:
        print(type(error).__name__, error)
