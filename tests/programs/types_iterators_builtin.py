# zip, map, filter, enumerate, reversed, iter with sentinel, sum, min, max, sorted, any, all: laziness, errors, strictness, state.
import copy, pickle
def t(label, action):
    try: print(label, '->', action())
    except Exception as e: print(label, '!', type(e).__name__, e)
class Fails:
    def __init__(self, n): self.n = n
    def __iter__(self): return self
    def __next__(self):
        self.n -= 1
        if self.n < 0: raise OSError('broken')
        return self.n
for args in [(), ([],), ([1, 2],), ([1, 2], 'ab'), ([1, 2, 3], 'ab'), ('ab', [1, 2, 3]), ([1], 'a', (2,)), (5,), ([1], 5), (Fails(2), [1, 2, 3])]:
    for strict in (False, True): t(f'zip {len(args)} {strict}', lambda: list(zip(*args, strict=strict)))
t('zip three', lambda: list(zip([1, 2], [1, 2], [1], strict=True))); t('zip first', lambda: list(zip([1], [1, 2], [1, 2], strict=True))); t('zip bool', lambda: list(zip([1], [2], strict='x')))
for args in [(), (str,), (None, [1]), (str, [1, 2]), (lambda a, b: a + b, [1, 2], [10, 20, 30]), (5, [1]), (str, 5), (pow, [2, 3], [4, 5], [7, 7])]: t(f'map {len(args)}', lambda: list(map(*args)))
t('map strict', lambda: list(map(pow, [1, 2], [1], strict=True))); t('map strict ok', lambda: list(map(pow, [1, 2], [1, 2], strict=True)))
for args in [(), (None,), (None, [0, 1, '', 'a', None, []]), (bool, [0, 1]), (lambda x: x > 1, [1, 2, 3]), (5, [1]), (None, 5), (str.isalpha, 'a1b')]: t(f'filter {len(args)}', lambda: list(filter(*args)))
for args, kw in [(('ab',), {}), (('ab', 5), {}), (('ab', -1), {}), (('ab', 2**63), {}), (('ab',), {'start': 2**70}), (('ab', 'x'), {}), ((5,), {}), ((), {'iterable': 'ab', 'start': 3}), ((), {}), (('ab', 1.5), {}), (('ab',), {'sart': 1})]: t(f'enumerate {args}{kw}', lambda: list(enumerate(*args, **kw)))
class Seq:
    def __len__(self): return 3
    def __getitem__(self, i): return i * 10
class NoRev(Seq): __reversed__ = None
for o in ([1, 2], (1, 2), 'ab', {'a': 1, 'b': 2}, range(3), Seq(), NoRev(), {1, 2}, iter([1]), 5, {}.keys(), b'ab', bytearray(b'ab'), memoryview(b'ab')): t(f'reversed {type(o).__name__}', lambda: list(reversed(o)))
n = iter(range(10)); t('iter sentinel', lambda: list(iter(lambda: next(n), 4))); t('iter not callable', lambda: iter([], 5)); t('iter one', lambda: iter(5)); it = iter(lambda: 1 / 0, 5); t('iter raises', lambda: next(it)); t('iter again', lambda: next(it)); stop = iter(lambda: (_ for _ in ()).throw(StopIteration) if False else next(iter([])), 0); t('iter stop', lambda: list(stop))
t('next default', lambda: (next(iter([]), 'd'), next(iter([1]), 'd'))); t('next', lambda: next(iter([]))); t('next type', lambda: next([])); t('next three', lambda: next(iter([]), 1, 2))
for args, kw in [(([1, 2, 3],), {}), (([1, 2], 10), {}), (([[1], [2]], []), {}), ((['a', 'b'],), {}), ((['a'], ''), {}), (([b'a'], b''), {}), (([], 5), {}), (([1.5, 2],), {}), (([10**30, 1],), {}), ((5,), {}), (([1],), {'start': 2}), (([True, True],), {}), (([1, 2.5, 3j],), {}), ((), {}), (([1, None],), {}), (([[1]], bytearray()), {})]: t(f'sum {args!r:.40}', lambda: sum(*args, **kw))
for f in (min, max):
    for args, kw in [((), {}), (([],), {}), (([],), {'default': 'd'}), (([3, 1, 2],), {}), ((3, 1, 2), {}), ((3,), {}), (('abc',), {'key': ord}), ((1, 2), {'default': 5}), (([1, 'a'],), {}), (([(1, 'b'), (1, 'a')],), {'key': lambda p: p[0]}), ((['a', 'B'],), {'key': str.lower}), (([1, 2],), {'key': None}), (([1, 2],), {'key': 5}), ((1, 2.0, True), {}), (([1],), {'foo': 1})]: t(f'{f.__name__} {args}', lambda: f(*args, **kw))
print(any([]), all([]), any([0, '', 5, 1 / 1]), all([1, '', 1 / 1])); t('any 5', lambda: any(5)); t('all lazy', lambda: all(iter([0, Fails]))); t('any lazy', lambda: any(x for x in [1, Fails(0)]))
for o in (zip('ab', [1, 2]), map(str, [1, 2]), filter(None, [1, 2]), enumerate('ab', 5), reversed([1, 2]), iter([1, 2]), iter((1, 2)), iter('ab'), iter({'a': 1}), iter(range(3)), iter(b'ab'), iter(bytearray(b'ab')), reversed('ab'), iter({1}), iter(lambda: 0, 1)):
    r = [type(o).__name__, getattr(o, '__length_hint__', lambda: '-')()]
    try: r.append(list(copy.copy(o))[:2] if not isinstance(o, type(iter(int, 1))) else '-')
    except Exception as e: r.append(f'{type(e).__name__} {e}')
    try: r.append(list(pickle.loads(pickle.dumps(o)))[:2] if type(o).__name__ != 'callable_iterator' else '-')
    except Exception as e: r.append(f'{type(e).__name__} {e}')
    print(*r)
e = enumerate([1]); print(next(e), next(e, 'end'), next(e, 'end')); z = zip([1, 2], iter([5])); print(next(z), next(z, 'end')); a = iter([1, 2, 3]); print(list(zip(a, a)), next(a, 'gone')); m = map(lambda x: x, Fails(1)); print(next(m)); t('map fails', lambda: next(m)); t('map again', lambda: next(m)); print(enumerate.__class_getitem__(int) if hasattr(enumerate, '__class_getitem__') else '', zip is type(z), isinstance(m, map), sorted(zip([2, 1], 'ab'), key=lambda p: p[0], reverse=True), [*zip(*[(1, 2), (3, 4)])], dict(zip('ab', range(2))), max(map(len, ['a', 'bbb'])), list(map(None.__class__, [])))
