# list and tuple: slices, extended slices, sorting, mutation while in use, repetition, unpacking, subclass hooks.
def t(label, action):
    try: print(label, '->', action())
    except Exception as e: print(label, '!', type(e).__name__, e)
class Idx:
    def __index__(self): return 1
class BadLen:
    def __len__(self): return -5
    def __iter__(self): return iter([1])
class BadHint:
    def __length_hint__(self): return 'x'
    def __iter__(self): return iter([1])
class NegHint(BadHint):
    def __length_hint__(self): return -1
class RaiseHint(BadHint):
    def __length_hint__(self): raise ValueError('hint')
class TypeHint(BadHint):
    def __length_hint__(self): raise TypeError('hint')
class NotImplHint(BadHint):
    def __length_hint__(self): return NotImplemented
for T in (list, tuple):
    for a in [(), ([1],), ('ab',), (5,), (None,), (1, 2), ({'a': 1},), (BadLen(),), (BadHint(),), (NegHint(),), (RaiseHint(),), (TypeHint(),), (NotImplHint(),), (iter([1, 2]),)]: t(f'{T.__name__}({[type(x).__name__ for x in a]})', lambda: T(*a))
    t('kw', lambda: T(x=1)); s = T([3, 1, 2, 1])
    for i in (0, -1, 4, -5, True, Idx(), 1.0, 'a', None, 2**80, slice(1, 3), slice(None, None, -1), slice(None, None, 0), slice('a'), slice(5, 1, -2), slice(-100, 100, 3), slice(2**80, None, -2**80)): t(f'{T.__name__} [{i}]'.split(' object')[0], lambda: s[i])
    for n in (0, 1, 2, -1, True, Idx(), 1.5, 'a', 2**62, 2**80): t(f'{T.__name__} * {n}'.split(' object')[0], lambda: s * n)
    for x in (1, 9, 1.0, True, 'a'): t(f'{T.__name__} {x!r}', lambda: (s.count(x), x in s, s.index(x)))
    t('index range', lambda: (s.index(1, 2), s.index(1, -3, -1), s.index(1, -100, 100))); t('index miss', lambda: s.index(1, 2, 3)); t('index bad', lambda: s.index(1, 'a')); t('index none', lambda: s.index(1, None)); t('index big', lambda: s.index(1, 2**80)); t('add', lambda: s + s); t('add other', lambda: s + ((1,) if T is list else [1])); t('add none', lambda: s + None); t('cmp', lambda: (s < T([3, 1, 3]), s == T([3, 1, 2, 1]), s > T([3]), s <= s, s != [1], T() < T([0]))); t('cmp other', lambda: s < ([1] if T is tuple else (1,))); t('cmp items', lambda: T([1, 'a']) < T([1, 2])); t('eq nan', lambda: T([float('nan')]) == T([float('nan')])); t('hash', lambda: hash(T((1, 2))) == hash((1, 2))); t('reversed', lambda: list(reversed(s))); t('iter', lambda: (iter(s).__length_hint__(), iter(s).__reduce__()[1])); t('getnewargs', lambda: s.__getnewargs__()); t('setitem', lambda: s.__setitem__(0, 1)); t('empty repr', lambda: (repr(T()), repr(T([1])), repr(T([T([T()])])))); t('class_getitem', lambda: T[int])
def m(code, start=(3, 1, 2)):
    a = list(start)
    try: r = eval(code, {'a': a, 'Idx': Idx}) if not code.startswith(('a[', 'del', 'a +', 'a *', 'a,', '*a', '[a')) else exec(code, {'a': a, 'Idx': Idx})
    except Exception as e: r = f'{type(e).__name__}: {e}'
    print(code, '->', r, a)
for code in ['a.append()', 'a.append(1, 2)', 'a.extend(5)', 'a.extend(a)', 'a.extend("ab")', 'a.extend(x for x in a if len(a) < 8)', 'a.insert(1, 9)', 'a.insert(-1, 9)', 'a.insert(99, 9)', 'a.insert("a", 9)', 'a.insert(1)', 'a.pop()', 'a.pop(0)', 'a.pop(-4)', 'a.pop(3)', 'a.pop("a")', 'a.pop(Idx())', 'a.remove(1)', 'a.remove(7)', 'a.clear()', 'a.reverse()', 'a.copy() is a', 'a.sort()', 'a.sort(reverse=True)', 'a.sort(key=lambda x: -x)', 'a.sort(key=5)', 'a.sort(key=None)', 'a.sort(reverse="x")', 'a.sort(1)', 'a.sort(key=lambda x: a.append(1) or x)', 'a.sort(key=lambda x: 1 / 0)', 'a.sort(key=lambda x: len(a))', 'a.sort(key=str.upper)', 'a[0] = 9', 'a[3] = 9', 'a[-4] = 9', 'a["a"] = 1', 'a[1:2] = [7, 8, 9]', 'a[1:1] = "xy"', 'a[:] = []', 'a[::2] = [7, 8]', 'a[::2] = [7]', 'a[::-1] = [7, 8, 9]', 'a[::-1] = a', 'a[1:] = a', 'a[:] = 5', 'a[::2] = 5', 'a[5:2] = [0]', 'a[2:0:-1] = "ab"', 'a[0:0:2] = []', 'a[::0] = []', 'del a[0]', 'del a[5]', 'del a[::2]', 'del a[::-1]', 'del a[1:]', 'del a["x"]', 'a += "xy"', 'a += 5', 'a += a', 'a *= 2', 'a *= 0', 'a *= -1', 'a *= 1.5', 'a *= "a"', 'a.__init__([7])', 'a.__init__(7)', 'a.__imul__(2)', 'a.__iadd__((1,))', 'a.__reversed__().__length_hint__()']: m(code)
class Cmp:
    def __init__(self, v, log): self.v = v; self.log = log
    def __lt__(self, o): self.log.append((self.v, o.v)); return self.v < o.v
log = []; c = [Cmp(v, log) for v in (3, 1, 2)]; c.sort(); print([x.v for x in c], log)
a = [3, 2, 1]
class Mutator:
    def __init__(self, v): self.v = v
    def __lt__(self, o): a.append(1); return self.v < o.v
a = [Mutator(i) for i in (2, 1)]; t('mutated', lambda: a.sort()); print(len(a)); t('mixed', lambda: sorted([1, 'a'])); t('mixed2', lambda: sorted([1, None])); t('nan', lambda: sorted([2.0, float('nan'), 1.0])); t('stable', lambda: sorted([(1, 'b'), (0, 'z'), (1, 'a')], key=lambda p: p[0])); t('stable rev', lambda: sorted([(1, 'b'), (0, 'z'), (1, 'a')], key=lambda p: p[0], reverse=True)); t('tuples', lambda: sorted([(1, 'a'), (1, 2)])); t('big', lambda: sorted([10**30, -1, 2.5, True, 10**29])); t('strs', lambda: sorted(['é', 'z', 'A', '', '\U0001f600', 'a'])); t('bytes', lambda: sorted([b'b', b'a', bytearray(b'ab')])); t('lists', lambda: sorted([[2], [1, 5], [1]])); t('lt only bool', lambda: sorted([Cmp(1, []), 5]))
class Eq:
    def __init__(self, act): self.act = act
    def __eq__(self, o): self.act(); return False
b = [1, 2, 3]; b[0] = Eq(lambda: b.clear()); t('index clear', lambda: b.index(9)); b = [1, 2]; b[0] = Eq(lambda: b.append(0) if len(b) < 5 else 0); t('count grow', lambda: b.count(9)); b = [0, 0]; b[0] = Eq(lambda: b.clear()); t('remove clear', lambda: b.remove(5)); b = [0, 0]; b[0] = Eq(lambda: b.clear()); t('in clear', lambda: 5 in b)
x = [1, 2, 3]
for i in x:
    if len(x) < 6: x.append(i * 10)
print(x); y = [1, 2, 3, 4]; print([(i, y.remove(i)) for i in y], y); it = iter(x); next(it); x.clear(); print(list(it), list(it)); x.append(5); print(list(it))
rec = []; rec.append(rec); rec.append((rec,)); print(rec, repr(rec)); tup = ([],); tup[0].append(tup); print(tup); t('rec eq', lambda: rec == [rec, (rec,)]); t('hash', lambda: hash(([],))); 
def aug(): q = ([1],); q[0] += [2]
t('augmented tuple', aug); w = ([1],)
try: w[0] += [2]
except TypeError as e: print(e, w)
class L(list):
    def __getitem__(self, i): return 'item'
    def __iter__(self): return iter('it')
    def __len__(self): return 7
l = L([1, 2, 3]); print(l[0], list(l), [*l], len(l), tuple(l), l + [4], l[:], sorted(l), l == [1, 2, 3], l.copy(), type(l.copy()), l * 1, repr(l), l.pop(), bool(L()), max(l), ','.join(l), dict.fromkeys(l), (lambda *a: a)(*l)); 
class TT(tuple):
    def __new__(cls, *a): return super().__new__(cls, a)
tt = TT(1, 2, 3); print(tt, tt[1:], type(tt[:]), type(tt + ()), type(tt * 1), tt == (1, 2, 3), hash(tt) == hash((1, 2, 3)), tuple(tt) is tt, type(tuple(tt)), () is tuple(), (1,)[:] == (1,), tt._x if hasattr(tt, '_x') else 'no attr'); tt.attr = 1; print(tt.__dict__)
for n in range(4):
    for pat in ('a, b = x', 'a, *b = x', '*a, b, c = x', '[a, [b, *c]] = x', '(a,) = x'):
        try: ns = {'x': list(range(n))}; exec(pat, ns); print(pat, n, ns.get('a'), ns.get('b'), ns.get('c'))
        except Exception as e: print(pat, n, type(e).__name__, e)
