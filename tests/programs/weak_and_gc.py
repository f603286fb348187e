import gc, weakref
class Node:
    def __init__(self, name): self.name = name; self.other = None
    def __del__(self): print('del', self.name)
a = Node('a'); r = weakref.ref(a, lambda ref: print('callback', ref() is None))
print(r() is a); del a; print(r())
x, y = Node('x'), Node('y'); x.other, y.other = y, x
wx = weakref.ref(x); del x, y
print(wx() is not None); gc.collect(); print(wx())
d = weakref.WeakValueDictionary(); n = Node('n'); d['k'] = n; print(list(d)); del n; print(list(d))
k = Node('k'); w = weakref.WeakKeyDictionary({k: 1}); print(len(w)); del k; print(len(w))
p = Node('p'); proxy = weakref.proxy(p); print(proxy.name); del p
try: proxy.name
except ReferenceError as e: print(e)
f = weakref.finalize(o := Node('o'), print, 'finalized'); print(f.alive); del o; print(f.alive)
class R:
    def __del__(self): global saved; saved = self; print('resurrect')
t = R(); del t; print(saved is not None); del saved
try: weakref.ref(5)
except TypeError as e: print(e)
last = Node('at exit')
