# Dicts: order, tables, mutation during use, views, merging, errors.
import gc, sys

def error(f, *args, **kwargs):
    try:
        print('no error:', f(*args, **kwargs))
    except BaseException as e:
        print(type(e).__name__, e, *getattr(e, '__notes__', ()))

# order and deletion
d = {i: i * i for i in range(20)}
for i in range(0, 20, 3):
    del d[i]
d[0] = 'again'
print(d, list(reversed(d)), len(d))
print(d.popitem(), d.popitem(), list(d.items())[-2:])
print([sys.getsizeof({i: 0 for i in range(n)}) for n in (0, 1, 5, 6, 10, 11, 50, 100)])
print([sys.getsizeof({str(i): 0 for i in range(n)}) for n in (0, 1, 5, 6, 10, 11, 50, 100)])

# keys that compare equal, identity before equality
nan = float('nan')
print({1: 'a', 1.0: 'b', True: 'c'}, {nan: 1}[nan], float('nan') in {nan: 1})
big = {2**70: 1, -2**70: 2, 2**61 - 1: 3, 0: 4}
print(big[2**70], big[-2**70], big[2**61 - 1], big[0], hash(2**61 - 1))

class Key:
    def __init__(self, n, h=1): self.n, self.h = n, h
    def __hash__(self): return self.h
    def __eq__(self, o): return isinstance(o, Key) and self.n == o.n
    def __repr__(self): return f'K{self.n}'
d = {Key(i): i for i in range(10)}
print(d, d[Key(7)], Key(11) in d)

# a str subclass and a str with the same hash
class S(str):
    def __hash__(self): return str.__hash__(self)
d = {'abc': 1}
print(d[S('abc')], S('abc') in d, {S('x'): 1} == {'x': 1})
d[S('new')] = 2
print(d, d['new'])

# comparisons that change the dict
class Evil:
    def __init__(self): self.armed = False
    def __hash__(self): return 5
    def __eq__(self, o):
        if self.armed:
            self.armed = False
            target.clear()
            for i in range(100): target[i] = i
        return False
evil = Evil()
target = {evil: 1, 5: 'five'}
evil.armed = True
print(target.get(5), len(target))

# changes during iteration
d = dict.fromkeys('abc')
error(lambda: [d.pop(k) for k in d])
d = dict.fromkeys(range(3))
def f():
    for k in d:
        del d[k]; d[k + 10] = None
error(f)
d = {1: 1}
it = iter(d); d[2] = 2
error(next, it); error(next, it)

# errors
error(lambda: {}[(1, 2)]); error({}.popitem); error({}.pop, 1); error(lambda: {[]: 1}); error({1: 1}.get, [])
error(dict, [1]); error(dict, [(1, 2, 3)]); error(dict, 5); error(dict, 1, 2); error({}.update, 1, 2); error(lambda: {} | [])
error(dict.fromkeys, 3); error(lambda: {} < {}); error(hash, {})
print({}.pop(1, 'default'), {}.setdefault(1), {1: 2}.get(5, 6))

# merging
a, b = {1: 1, 2: 2}, {2: 'two', 3: 'three'}
print(a | b, b | a, dict(a, x=1), {**a, **b})
a |= [(9, 9)]
print(a, dict(zip('ab', 'cd')), dict.fromkeys([3, 1, 2], 0), dict.fromkeys({1, 2}), dict.fromkeys({'q': 1}))
class M:
    def keys(self): return ['k', 'l']
    def __getitem__(self, k): return k * 2
print(dict(M()), dict(M(), z=1))

# subclasses
class D(dict):
    def __missing__(self, key): return f'missing {key}'
print(D()['x'], type(D(a=1).copy()), D.fromkeys('ab'), type(D.fromkeys('ab')), D(a=1) | {'b': 2})

# views
d = {1: 'a', 2: 'b', 3: 'c'}
k, v, i = d.keys(), d.values(), d.items()
print(k, v, i, len(k), 2 in k, 'a' in v, (1, 'a') in i, (1, 'b') in i)
print(k & {1, 9}, k | {9}, k - {1}, k ^ {1, 9}, i & {(1, 'a')}, sorted(i - {(1, 'a')}))
print(k == {1, 2, 3}, k < {1, 2, 3, 4}, k >= {1}, k.isdisjoint([7]), i == set(i), k.mapping, sorted(i ^ {1: 'a', 2: 'x'}.items()))
print(list(reversed(k)), list(reversed(v)), list(reversed(i)), {1} & k, [1] | k)
error(hash, k)
d['self'] = d
print(d, d.values())

# iterators
it = iter({1: 1, 2: 2, 3: 3})
next(it)
print(it.__length_hint__(), it.__reduce__(), next(it), next(iter({1: 2}.items())), it.__reduce__())
print(gc.is_tracked({}), {}.__sizeof__(), dict.__class_getitem__(int))

# instances: shared keys, inline values, __dict__
class C:
    def __init__(self): self.a = 1; self.b = 2
x = C(); y = C()
y.z = 3
del x.a
x.a = 5
print(x.__dict__, y.__dict__, vars(x) is x.__dict__)
dx = x.__dict__
dx['new'] = 7; x.b = 8
print(x.new, dx, list(dx))
del x
print(dx)
z = C(); z.__dict__ = {'q': 1}
print(z.q, z.__dict__)
error(lambda: z.a)
many = C()
for n in range(50): setattr(many, f'attr{n}', n)
print(len(many.__dict__), many.attr49, many.a)
w = C(); dw = w.__dict__; dw.clear(); print(dw, vars(w)); w.b = 1; print(dw, w.__dict__ is dw)
w2 = C(); d2 = w2.__dict__; d2[1] = 'int key'; w2.a = 'A'; print(d2, w2.a)
c2 = C().__dict__.copy(); c2['b'] = 0; print(c2)
print(C().__dict__.popitem(), C().__dict__ == {'b': 2, 'a': 1})
