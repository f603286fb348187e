# range, slice, enumerate, reversed, zip, map, filter, iter.
def error(f, *args, **kwargs):
    try:
        print('no error:', f(*args, **kwargs))
    except BaseException as e:
        print(type(e).__name__, e)

for r in (range(5), range(2, 20, 3), range(10, 0, -3), range(0), range(5, 2), range(2**64, 2**64 + 5, 2), range(-2**63, 2**63 - 1, 2**62), range(0, -2**70, -2**69)):
    print(r, list(r), list(reversed(r)), len(r), bool(r), r[1:], r[::-1], r[-1:], hash(r) == hash(range(r.start, r.stop, r.step)), r.start, r.stop, r.step)
r = range(0, 100, 7)
print(14 in r, 15 in r, 14.0 in r, 'x' in r, r.index(21), r.count(22), r[3], r[-1], r[2:5], r == range(0, 101, 7), range(0) == range(5, 5), range(True))
print(hash(range(0)), hash(range(3)), hash(range(1, 10, 100)), range(3).__reduce__(), range(2**70)[2**69])
error(range); error(range, 1, 2, 3, 4); error(range, 'x'); error(range, 1, 2, 0); error(range, 1.5); error(lambda: r[99]); error(lambda: r['x']); error(r.index, 5); error(r.index, 'x')
error(len, range(2**80)); error(lambda: range(3) < range(4)); error(range, x=1)
it = iter(range(10)); next(it)
print(it.__length_hint__(), it.__reduce__(), it.__setstate__(3), next(it), iter(range(2**70)).__reduce__(), list(iter(range(2**70, 2**70 + 3))))

s = slice(1, 10, 2)
print(s, s.start, s.stop, s.step, s.indices(5), slice(None).indices(3), slice(None, None, -1).indices(3), slice(-2**80, 2**80).indices(2**75), slice(5, None, -2).indices(2**70))
print(hash(slice(1, 2, 3)), slice(1) == slice(None, 1, None), slice(1) < slice(2), slice(3).__reduce__(), {slice(1): 2}[slice(1)])
error(slice); error(slice, 1, 2, 3, 4); error(slice(1).indices, -1); error(slice(1).indices, 'x'); error(slice('x').indices, 3); error(slice(1, 2, 0).indices, 3); error(hash, slice([]))
error(lambda: [1]['a':]); error(lambda: slice(1) < 1)

print(list(enumerate('abc')), list(enumerate('ab', 2**63 - 1)), list(enumerate(iterable='x', start=-5)), enumerate([1]).__reduce__()[1][1])
error(enumerate); error(enumerate, 1); error(enumerate, [], 'x'); error(enumerate, [], 1, 2); error(enumerate, foo=1); error(enumerate, [], foo=1)
e = enumerate('abc'); p = next(e); q = next(e); print(p, q)

print(list(reversed('abc')), list(reversed((1, 2))), list(reversed([])), list(reversed(range(3))), list(reversed({1: 2, 3: 4})))
error(reversed, 1); error(reversed, {1}); error(reversed); error(reversed, 1, 2); error(reversed, x=1)
class Seq:
    def __len__(self): return 3
    def __getitem__(self, i):
        if i >= 3: raise IndexError
        return i * 10
rev = reversed(Seq()); print(rev.__length_hint__(), list(rev), list(Seq()), list(iter(Seq())), 20 in Seq(), iter(Seq()).__length_hint__())
class NoReverse(Seq):
    __reversed__ = None
error(reversed, NoReverse())

print(list(zip('abc', range(5))), list(zip()), list(zip([1])), list(zip('ab', 'cd', strict=True)))
for lengths in ((1, 0), (0, 1), (1, 1, 0), (0, 0, 1), (1, 0, 0)):
    error(lambda: list(zip(*map(range, lengths), strict=True)))
    error(lambda: list(map(lambda *a: a, *map(range, lengths), strict=True)))
error(zip, 1); error(zip, [], 1); error(zip, foo=1); error(map); error(map, int); error(map, int, 1); error(map, int, [], strict=1, foo=1)
z = zip('ab', 'cd'); a = next(z); b = next(z); print(a, b, zip([], strict=True).__reduce__()[2])
print(list(map(lambda *a: sum(a), range(3), range(3), range(3))), list(map(str, range(3))), list(map(lambda *a: len(a), *[[1]] * 8)))
print(list(filter(None, [0, 1, '', 'x'])), list(filter(bool, [0, 1])), list(filter(lambda x: x % 2, range(6))))
error(filter); error(filter, None, 1); error(filter, None, [], x=1); error(next, map(1, [2]))
n = iter([1, 2, 3, 0, 4])
print(list(iter(lambda: next(n), 0)), next(n), list(iter(lambda: next(n), 0)))
error(iter, 1); error(iter, 1, 2); error(iter, 1, 2, 3); error(next, 1); error(next, []); error(next, iter([])); print(next(iter([]), 'default'))
class BadIter:
    def __iter__(self): return 1
error(iter, BadIter())
class Hint:
    def __init__(self, h): self.h = h
    def __iter__(self): return iter([1])
    def __length_hint__(self):
        if isinstance(self.h, type): raise self.h
        return self.h
for h in (1, -1, 'x', NotImplemented, TypeError, ZeroDivisionError): error(list, Hint(h))
class Len:
    def __init__(self, n): self.n = n
    def __len__(self): return self.n
for n in (3, -1, 'x', 2**70): error(len, Len(n))
error(len, 5); error(lambda: 5[0]); error(lambda: 1 in 5); error(lambda: object()[1]); error(lambda: int[1])
