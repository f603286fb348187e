# range and slice: huge bounds, membership, indexing, equality, iteration, indices().
def t(label, action):
    try: print(label, '->', action())
    except Exception as e: print(label, '!', type(e).__name__, e)
class Idx:
    def __init__(self, v): self.v = v
    def __index__(self): return self.v
for a in [(), (5,), (0,), (-3,), (1, 5), (5, 1), (5, 1, -1), (0, 10, 3), (10, 0, -3), (0, 10, 0), (1, 2, 3, 4), (1.0,), ('a',), (None,), (Idx(4),), (2**70, 2**70 + 3), (0, 2**70, 2**68), (True,), (0, 1, 1.5)]:
    t(f'range{tuple(x.v if isinstance(x, Idx) else x for x in a)}', lambda: (lambda r: (r, list(r)[:5], list(reversed(r))[:3], bool(r), r.start, r.stop, r.step))(range(*a)))
r = range(0, 20, 3)
for i in (0, -1, 6, 7, -7, -8, True, 1.0, 'a', None, 2**80, slice(1, 3), slice(None, None, -1), slice(None, None, 0), slice(5, 1), slice(-100, 2**70, 2), slice('a')): t(f'r[{i}]', lambda: r[i])
for x in (0, 3, 4, 18, 19, -3, 3.0, 3.5, True, '3', None, 2**80, 3 + 0j, Idx(3)): t(f'{x!r:.30} in r'.split(' object')[0], lambda: (x in r, r.count(x))); t('index', lambda: r.index(x))
big = range(-2**70, 2**70, 2**60); print(big[3], big[-1], len(range(2**62)), 2**65 in big, 2**65 + 1 in big, big.index(0), big[1:3], big[::-1][0]); t('len', lambda: len(range(2**64))); t('bool', lambda: bool(range(2**64))); t('index big', lambda: range(2**64)[2**63]); t('slice big', lambda: range(2**64)[2**63:]); t('neg', lambda: range(2**64)[-1])
print(range(0) == range(5, 2), range(0, 3, 2) == range(0, 4, 2), range(1) == range(0, 1, 5), hash(range(0, 3, 2)) == hash(range(0, 4, 2)), range(3) == [0, 1, 2], range(3) != range(4)); t('lt', lambda: range(3) < range(4)); t('set', lambda: setattr(r, 'start', 1)); t('add', lambda: r + r); t('kw', lambda: range(stop=5)); t('sub', lambda: type('R', (range,), {})); t('hash', lambda: hash(range(3)) == hash((3, 0, 1)))
it = iter(range(5)); next(it); print(it.__length_hint__(), it.__reduce__(), list(it), it.__length_hint__()); it.__setstate__(3) if hasattr(it, '__setstate__') else None; print(list(it)); b = iter(range(2**70, 2**70 + 4)); next(b); print(type(b).__name__, b.__length_hint__(), list(b)); rev = reversed(range(2**65, 2**65 + 3)); print(list(rev)); it = iter(range(3)); it.__setstate__(2); print(list(it)); t('setstate', lambda: iter(range(3)).__setstate__('a')); import copy, pickle; print(copy.copy(r) == r, pickle.loads(pickle.dumps(r)), r.__reduce__(), list(copy.copy(iter(r)))[:2])
for s in [slice(5), slice(1, 5), slice(None), slice(None, None, -1), slice(-3, None), slice(5, -5, -2), slice(2**80, -2**80, -1), slice(Idx(1), Idx(3)), slice(0, 5, 0), slice('a'), slice(1.5), slice(None, None, Idx(2))]:
    for n in (0, 3, 10): t(f'{n}', lambda: (s.indices(n), list(range(10))[s]))
t('indices neg', lambda: slice(1).indices(-1)); t('indices type', lambda: slice(1).indices('a')); t('indices big', lambda: slice(-5, None).indices(2**80)); t('indices none', lambda: slice(1).indices()); print(slice(1, 2) == slice(1, 2), slice(1, 2) < slice(1, 3), slice(1) == (None, 1, None), repr(slice('a', [], {})), hash(slice(1, 2)) == hash(slice(1, 2))); t('unhashable', lambda: hash(slice([]))); t('lt', lambda: slice(1) < 5); t('lt none', lambda: slice(None, 1) < slice(None, 2)); t('cmp none', lambda: slice(1, 2) < slice(None, 2)); t('set', lambda: setattr(slice(1), 'start', 2)); t('new', lambda: slice()); t('new4', lambda: slice(1, 2, 3, 4)); t('sub', lambda: type('S', (slice,), {})); t('reduce', lambda: slice(1, 2).__reduce__()); t('dict', lambda: {slice(1): 'x'}[slice(1)]); t('class_getitem', lambda: slice[int])
class G:
    def __getitem__(self, k): return k
g = G(); print(g[1:2], g[::], g[1:2, 3], g[...], g[:, ...], g[()], g[1,], g[*[1, 2]], g[1:2:3])
