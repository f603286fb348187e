d = {'b': 1, 'a': 2}
d['c'] = 3; d.update(a=5, z=6); print(d, list(d), d.get('q', 'dflt'), d.setdefault('n', []), d.pop('b'), d.popitem())
print(d | {'a': 0}, {**d, 'k': 1}, dict(zip('xy', range(2))), dict.fromkeys('ab', 0), {k: v for v, k in enumerate('pq')})
print(d.keys() & {'a', 'c'}, sorted(d.items(), key=str), 'a' in d, len(d), list(reversed(d)), d.keys() == {'a', 'c', 'z'})
from collections import OrderedDict, defaultdict, Counter, ChainMap, deque, namedtuple
print(OrderedDict(a=1, b=2), defaultdict(list, {'k': [1]}), Counter('abracadabra').most_common(2), ChainMap({'a': 1}, {'b': 2})['b'])
od = OrderedDict.fromkeys('abc'); od.move_to_end('a'); print(list(od)); dd = defaultdict(int); dd['x'] += 1; print(dict(dd))
P = namedtuple('P', 'x y', defaults=[9]); p = P(1); print(p, p._replace(x=5), p._asdict(), P._fields, p == (1, 9))
q = deque([1, 2, 3], maxlen=3); q.append(4); q.appendleft(0); q.rotate(1); print(q, q[0], q.count(2))
class M(dict):
    def __missing__(self, k): return f'missing {k}'
print(M()['zz'], 'zz' in M())
for bad in (lambda: {}['k'], lambda: {[]: 1}, lambda: {}.popitem(), lambda: dict([1]), lambda: dict([(1, 2, 3)]), lambda: {1: 2} < {3: 4}, lambda: {}.pop('x')):
    try: bad()
    except Exception as e: print(type(e).__name__, e)
x = {1: 1}
try:
    for k in x: x[k + 1] = 1
except RuntimeError as e: print(e)
