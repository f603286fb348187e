# dict: construction, mutation during iteration and comparison, views, merging, missing keys, odd keys, order.
def t(label, action):
    try: print(label, '->', action())
    except Exception as e: print(label, '!', type(e).__name__, e)
class Keys:
    def keys(self): return iter('ab')
    def __getitem__(self, k): return k * 2
class BadKeys:
    def keys(self): return 5
class KeysNoItem:
    def keys(self): return ['a']
class Unhash:
    __hash__ = None
for args, kw in [((), {}), (([('a', 1)],), {}), (({'a': 1},), {'b': 2}), ((['ab', 'cd'],), {}), ((['abc'],), {}), (([('a',)],), {}), (([1],), {}), ((5,), {}), ((None,), {}), ((Keys(),), {}), ((BadKeys(),), {}), ((KeysNoItem(),), {}), (([([], 1)],), {}), (([(1, 2, 3)],), {}), ((zip('ab', [1, 2]),), {'a': 9}), ((1, 2), {}), ((), {'self': 1, 'iterable': 2}), (([{'a', 'b'}],), {}) if 0 else ((iter([]),), {}), (('',), {}), ((['a1', ['b', 2], ('c', 3)],), {})]: t(f'dict{args}{kw}'.split(' at 0x')[0], lambda: dict(*args, **kw))
for code in ['d.update()', 'd.update(5)', 'd.update([1])', 'd.update({1: 2}, x=3)', 'd.update([("q", 1)])', 'd.update(["ab"])', 'd.update(Keys())', 'd.update(1, 2)', 'd.pop("a")', 'd.pop("zz")', 'd.pop("zz", 0)', 'd.pop([])', 'd.pop()', 'd.popitem()', 'd.setdefault("a")', 'd.setdefault("n")', 'd.setdefault("n", [])', 'd.setdefault([], 1)', 'd.get("zz")', 'd.get([])', 'd.get("a", 1, 2)', 'd["zz"]', 'd[[]]', 'd[1] + d[1.0] + d[True]', 'd.__delitem__("zz")', 'd.__setitem__([], 1)', 'd.clear()', 'd.copy() is d', 'd.__contains__([])', 'Unhash() in d', 'd.fromkeys("ab")', 'd.fromkeys([1, 1], 2)', 'd.fromkeys(5)', 'd.fromkeys([[]])', 'd.__missing__(1)', 'd | {9: 9}', 'd | [(1, 2)]', '[(1, 2)] | d', 'd.__ior__([(7, 8)])', 'd.__ior__(5)', 'd.__or__(5)', 'd == dict(reversed(list(d.items())))', 'd != {}', 'd < {}', 'len(d)', 'list(d)', 'list(reversed(d))', 'list(reversed(d.items()))', 'd.keys() & ["a", 5]', 'd.keys() - "a"', 'd.keys() | "z"', 'd.keys() ^ {"a", "y"}', 'd.items() & [("a", 1)]', 'd.items() - 5', 'd.keys() == {"a", 1, "b"}', 'd.keys() <= {"a", 1, "b", 4}', 'd.keys() > {"a"}', 'd.keys().isdisjoint("q")', 'd.keys().isdisjoint(5)', 'd.values() == d.values()', '("a", 1) in d.items()', '("a", 2) in d.items()', '"a" in d.items()', '([], 1) in d.items()', '1 in d.values()', 'hash(d.keys())', 'd.keys() < 5', 'd.keys().mapping["a"]', 'd.keys().mapping.pop', 'hash(d)', 'd.keys()', 'd.values()', 'd.items()', 'd.items() == {("a", 1), (1, 2), ("b", 3)}', 'type(d.keys())()', 'dict.keys(5)', 'd.keys(1)', 'eval("{**d, **5}")', '{**d, "a": 0}', '(lambda **k: k)(**d)', '(lambda **k: k)(**{"a": 1}, **{"a": 2})', '(lambda a, **k: k)(1, **{"a": 2})', 'dict(**{1: 2})']:
    d = {'a': 1, 1: 2, 'b': 3}
    def go():
        r = eval(code, {'d': d, 'Keys': Keys, 'Unhash': Unhash})
        return f'{r if not isinstance(r, (set, frozenset)) else sorted(map(repr, r))} {d}'
    t(code, go)
def mutate(label, view, action):
    d = {i: i for i in range(5)}
    try:
        for x in getattr(d, view)() if view else d: action(d)
        print(label, 'no error', d)
    except Exception as e: print(label, type(e).__name__, e)
for view in ('', 'keys', 'values', 'items'):
    mutate(f'add {view}', view, lambda d: d.__setitem__(99, 1)); mutate(f'del {view}', view, lambda d: d.pop(4, None)); mutate(f'replace {view}', view, lambda d: d.update({0: 5})); mutate(f'clear {view}', view, lambda d: d.clear()); mutate(f'swap {view}', view, lambda d: (d.pop(next(iter(d))), d.__setitem__(object(), 1)) if len(d) else 0) if view == 'never' else None
class Evil:
    def __init__(self, h, act=None): self.h = h; self.act = act
    def __hash__(self): return self.h
    def __eq__(self, o):
        if self.act: self.act()
        return self is o
d = {}; e = Evil(1, lambda: d.clear()); d[e] = 'e'; d[Evil(1)] = 'f'; print(len(d))
d = {Evil(1): 1}; k = Evil(1, lambda: d.update({i: i for i in range(50)})); print(k in d, len(d)); 
class Raises:
    def __hash__(self): return 7
    def __eq__(self, o): raise ZeroDivisionError('eq')
d = {Raises(): 1}; t('get raises', lambda: d.get(7)); t('set raises', lambda: d.__setitem__(7, 1)); t('pop raises', lambda: d.pop(7)); t('in raises', lambda: 7 in d); t('eq raises', lambda: d == {7: 1}); t('setdefault raises', lambda: d.setdefault(7)); t('update raises', lambda: {7: 0}.update(d)); t('fromkeys raises', lambda: dict.fromkeys([7, Raises()])); t('literal raises', lambda: {7: 1, Raises(): 2}); t('len', lambda: len(d))
class D(dict):
    def __missing__(self, key): return f'missing {key}'
    def __getitem__(self, k): return super().__getitem__(k)
x = D(a=1); print(x['a'], x['q'], x.get('q'), 'q' in x, '%(zz)s' % x, '{zz}'.format_map(x), x.copy(), type(x.copy()), type(x | {}), type({} | x), x == {'a': 1}, repr(x), D.fromkeys('a'), type(D.fromkeys('a'))); 
class Over(dict):
    def __getitem__(self, k): return 'over'
    def keys(self): return ['k1', 'k2']
    def __iter__(self): return iter(['k3'])
o = Over(a=1); print(dict(o), {**o}, list(o), dict(**o), o.get('a'), eval('zz', {}, o)); u = {}; u.update(o); print(u)
r = {}; r['self'] = r; r['l'] = [r]; print(r, r.keys(), r.items()); t('eq rec', lambda: r == {'self': r, 'l': [r]}); a, b = {}, {}; a['x'] = b; b['x'] = a; t('eq mutual', lambda: a == b) if 0 else None
print({1: 'a', 1.0: 'b', True: 'c'}, {0: 1, False: 2, 0.0: 3, -0.0: 4, 0j: 5}); nan = float('nan'); print({nan: 1, nan: 2}, len({float('nan'): 1, float('nan'): 2})); d = dict.fromkeys(range(10)); [d.pop(i) for i in range(0, 10, 2)]; d[0] = 'again'; print(d, list(reversed(d))); it = iter(d); next(it); print(it.__length_hint__(), it.__reduce__()[1]); print(list(it), it.__length_hint__())
import types; m = types.MappingProxyType({'a': 1}); print(m, m['a'], m | {'b': 2}, {'c': 3} | m, m == {'a': 1}, list(m), len(m), m.get('z'), m.copy(), 'a' in m, list(reversed(m)), hash(types.MappingProxyType(frozenset())) == hash(frozenset()) if 0 else ''); t('set', lambda: exec('m["b"] = 1', {'m': m})); t('ior', lambda: exec('m |= {}', {'m': m})); t('new', lambda: types.MappingProxyType([1])); t('hash', lambda: hash(m)); t('none', lambda: types.MappingProxyType(None)); t('attr', lambda: m.update)
