# set and frozenset: operators against methods, mutation, identity, ordering, hashing of sets inside sets.
def t(label, action):
    try: print(label, '->', action())
    except Exception as e: print(label, '!', type(e).__name__, e)
def show(r): return f'{type(r).__name__}:{sorted(map(repr, r))}' if isinstance(r, (set, frozenset)) else repr(r)
class S(set): pass
class F(frozenset): pass
ops = ['a | b', 'a & b', 'a - b', 'a ^ b', 'a < b', 'a <= b', 'a == b', 'a > b', 'a >= b', 'a != b', 'a.union(b)', 'a.intersection(b)', 'a.difference(b)', 'a.symmetric_difference(b)', 'a.issubset(b)', 'a.issuperset(b)', 'a.isdisjoint(b)']
others = ['{2, 3}', 'frozenset({1, 2})', '[2, 2, 9]', '"ab"', '{2: "x"}', '{2: "x"}.keys()', 'set()', 'S({1})', 'F({1, 2, 3})', '5', 'None', '[[]]', 'iter([1])', 'range(2)']
for T in ('{1, 2}', 'frozenset({1, 2})', 'S({1, 2})', 'F({1, 2})'):
    for o in others:
        row = []
        for op in ops:
            a, b = eval(T), eval(o)
            try: row.append(show(eval(op)))
            except Exception as e: row.append(f'{type(e).__name__} {e}')
        print(T, o, ' | '.join(row))
for code in ['a.add(3)', 'a.add([])', 'a.add()', 'a.remove(1)', 'a.remove(9)', 'a.remove([])', 'a.remove({1})', 'a.discard(9)', 'a.discard([])', 'a.discard({1})', 'a.pop() in (1, 2)', 'a.clear()', 'a.update()', 'a.update([3], "x", {4: 5})', 'a.update(5)', 'a.update([[]])', 'a.intersection_update([1], [1, 2])', 'a.intersection_update()', 'a.difference_update([1], "x")', 'a.symmetric_difference_update([1, 1, 5])', 'a.union([5], (6,))', 'a.intersection()', 'a.difference()', 'a.copy() is a', 'a.__ior__([5])', 'a.__ior__({5})', 'a.__iand__({1})', 'a.__isub__(a)', 'a.__ixor__(a)', '{1, 2} in {frozenset({1, 2})}', 'frozenset({1, 2}) in {frozenset({1, 2})}', '[] in a', '{1} in a', 'hash(a)', 'a.__init__([7])', 'a.__init__([7], 8)', 'set(a, b=1)', 'a[0]', 'a + a', 'a * 2', 'len(a)', 'a.__reduce__()[1:]', 'a.__sizeof__() > 0', 'set(1, 2)', 'set(5)', 'set(None)', 'frozenset([[]])', 'set("hello") == set("olleh")', 'a.isdisjoint(5)', 'a.issubset(5)', 'min(a)', 'sorted(a, reverse=True)', 'a == [1, 2]', 'bool(set())', 'repr(set())', 'repr(frozenset())', 'repr(frozenset({1}))', 'repr(S())', 'repr(S({1}))', 'repr(F({1}))', 'set.add(frozenset(), 1)', 'frozenset().add', 'a.symmetric_difference([1], [2])', 'a.__class_getitem__(int)']:
    a = {1, 2}; t(code, lambda: (show(eval(code)), show(a)))
f = frozenset([1]); print(frozenset(f) is f, f.copy() is f, f | f is f, frozenset() is frozenset(), f.union() is f, f & f == f, F(f) is f, frozenset(F(f)) is f, type(F(f).copy()), type(F(f) | f), type(S() | f), type(f | S()), type(f | set()), type(set() | f))
print(hash(frozenset()) == hash(frozenset([])), hash(frozenset('ab')) == hash(frozenset('ba')), hash(F([1])) == hash(f)); print({1, 1.0, True, 1 + 0j}, {0, False, -0.0}, len({float('nan')} | {float('nan')}))
class E:
    def __init__(self, act=None): self.act = act
    def __hash__(self): return 1
    def __eq__(self, o):
        if self.act: self.act()
        return self is o
    def __repr__(self): return 'E'
s = {E()}; k = E(lambda: s.clear()); s.add(k) if 0 else None; t('in clear', lambda: k in s); print(s)
class R(E):
    def __eq__(self, o): raise KeyError('eq')
R.__hash__ = E.__hash__; s = {R()}; t("eq raises", lambda: E() in s); t('add raises', lambda: s.add(R())); t('eq sets', lambda: s == {E()}); t('union raises', lambda: s | {R()}); t('remove raises', lambda: s.remove(E())); print(len(s))
def mutate(act):
    s = set(range(4))
    try:
        for x in s: act(s, x)
        return 'ok', len(s)
    except Exception as e: return type(e).__name__, str(e)
print(mutate(lambda s, x: s.add(x + 100)), mutate(lambda s, x: s.discard(x)), mutate(lambda s, x: s.add(x)), mutate(lambda s, x: s.clear()), mutate(lambda s, x: (s.discard(3), s.add(50)) if x == 0 else 0)[0])
r = S(); r.attr = 1; import copy, pickle; print(copy.copy(r).attr, copy.deepcopy(S([1])), pickle.loads(pickle.dumps(r)).attr, copy.deepcopy(f) == f); rec = S(); fr = frozenset([F([1])]); print(fr == {frozenset([1])})
it = iter({1, 2, 3}); next(it); print(it.__length_hint__(), sorted(it), it.__length_hint__(), list(it)); g = {1}; t('frozen iand', lambda: exec('f &= {5}', {'f': f})); x = frozenset([1, 2]); y = x; x |= {3}; print(sorted(x), sorted(y)); a = {1}; b = a; a |= {2}; print(a is b, b); t('isub list', lambda: exec('a -= [1]', {'a': {1}})); print({*[1, 2], *'a'} == {1, 2, 'a'}, {i % 3 for i in range(10)}, set().union(*[{i} for i in range(3)]), set.union({1}, [2]), set.intersection(*[{1, 2}, {2, 3}]))
