# Subclasses of built-in types: which overridden methods the built-ins use, attributes, copying, pickling, operators' results.
import copy, pickle, operator
def t(label, action):
    try: print(label, '->', action())
    except Exception as e: print(label, '!', type(e).__name__, e)
class I(int):
    def __index__(self): return 99
    def __int__(self): return 98
    def __float__(self): return 97.0
    def __eq__(self, o): return NotImplemented
    __hash__ = int.__hash__
    def __bool__(self): return False
    def __add__(self, o): return 'I+'
    def __radd__(self, o): return '+I'
    def __repr__(self): return f'I<{int.__repr__(self)}>'
i = I(3)
print([10, 11, 12, 13][i], int(i), float(i), i == 3, bool(i), not i, i + 1, 1 + i, sum([1, i]), i * 2, -i, range(i), 'x' * i, f'{i}', f'{i:d}', '%d' % i, str(i), repr(i), hex(i), chr(i + 0 if False else 65), {i: 1}, {3: 'a'}.get(i), i in [3], max(i, 2), round(i), divmod(i, 2), i.__class__, operator.index(i), bytes(i), bytes([i]), i.real, type(i.real), abs(i), pow(i, 2), i << 1, i.to_bytes(), isinstance(i, int), [1, 2, 3, 4][:i], slice(i).indices(10))
class F(float):
    def __float__(self): return 9.5
    def __int__(self): return 8
    def __repr__(self): return 'F'
f = F(2.5); print(float(f), int(f), f + 1, f'{f}', f'{f:.1f}', '%f' % f, '%s' % f, repr(f), round(f), f == 2.5, __import__('math').sqrt(f), [f], f.hex(), str(f))
class S(str):
    def __getitem__(self, i): return 'G'
    def __iter__(self): return iter('IT')
    def __len__(self): return 42
    def __contains__(self, x): return True
    def __hash__(self): return 1
    def __eq__(self, o): return True
    def __str__(self): return 'STR'
    def __format__(self, s): return 'FMT'
    def __mod__(self, o): return 'MOD'
    def encode(self, *a): return b'ENC'
s = S('abc'); print(s[0], list(s), len(s), 'q' in s, s == 1, 'z' == s, hash(s), str(s), f'{s}', '%s' % s, s % 1, ''.join([s, s]), s.upper(), s + 'd', 'd' + s, s.encode(), bytes(s, 'ascii'), int(S('5')), float(S('2')), s.replace('a', 'b'), sorted(s), tuple(s), {'abc': 1}.get(s), s.join('xy'), s.split('b'), ','.join(s), s.startswith('a'), 'xabcx'.find(s), eval('1+1'), max(s), [*s], s.format(), __import__('os.path').path.join('x', s))
class L(list):
    def __getitem__(self, i): return 'G'
    def __iter__(self): return iter('IT')
    def __len__(self): return 3
    def append(self, x): print('append')
    def __eq__(self, o): return 'eq'
    def __contains__(self, o): return 'yes'
l = L([1, 2]); l.extend([3]); l += [4]; print(l[0], list(l), len(l), l == 1, 5 in l, l + [9], l * 1, sorted(l), tuple(l), repr(l), l[1:], [*l], set(l), l.copy(), l.index(2), bool(l), max(l), sum([], l) if 0 else '', list.__len__(l), list.__getitem__(l, 0), list(reversed(l)), list(zip(l)), list(map(str, l)), dict(enumerate(l)), ''.join(l), (lambda *a: a)(*l), [x for x in l]); a, b = l; print(a, b)
class D(dict):
    def __getitem__(self, k): return 'G'
    def __iter__(self): return iter('IT')
    def keys(self): return ['K']
    def items(self): return [('i', 't')]
    def get(self, k, d=None): return 'GET'
    def __contains__(self, k): return True
    def __len__(self): return 5
d = D(a=1); print(d['z'], list(d), len(d), 'z' in d, d.get('a'), dict(d), d | {}, repr(d), d.copy(), list(d.values()), d == {'a': 1}, '%(a)s' % d, '{a}'.format_map(d), dict.items(d), sorted(d)); exec('b = 2', {}, d); print(dict.__repr__(d))
class B(bytes):
    def __bytes__(self): return b'BYTES'
    def __len__(self): return 9
    def __iter__(self): return iter([1])
    def __getitem__(self, i): return 'G'
x = B(b'ab'); print(bytes(x), bytearray(x), list(x), len(x), x[0], x + b'c', x.hex(), x.decode(), b''.join([x]), memoryview(x).tolist(), b'%s' % x, int(B(b'7')), x == b'ab', {b'ab': 1}[x])
class T(tuple):
    def __iter__(self): return iter('IT')
    def __len__(self): return 7
    def __getitem__(self, i): return 'G'
    def __hash__(self): return 5
u = T([1, 2]); print(tuple(u), list(u), len(u), u[0], u + (3,), '%s %s' % u, hash(u), u == (1, 2), repr(u), isinstance(1, T([str, int])), 'abc'.startswith(T(['z', 'a'])), (lambda *a: a)(*u), u.index(2), sorted(u), u[:]); a, b = u; print(a, b)
class St(set):
    def __iter__(self): return iter('IT')
    def __len__(self): return 4
    def __contains__(self, x): return True
st = St([1, 2]); print(sorted(st), len(st), 9 in st, set(st) == {1, 2}, st | {3} == {1, 2, 3}, st == {1, 2}, {1, 2} == st, st <= {1, 2, 3}, {1} | st == {1, 2}, sorted(set([0]).union(st)), set().union(st) == {1, 2}, frozenset(st) == {1, 2}, [*st])
class C(complex):
    def __complex__(self): return 9j
print(complex(C(1)), C(1) + 1, abs(C(3, 4)), C(1) == 1)
class Attr(int): pass
for cls, args in [(Attr, (5,)), (type('A', (str,), {}), ('x',)), (type('A', (tuple,), {}), ([1],)), (type('A', (list,), {}), ([1],)), (type('A', (dict,), {}), ({'a': 1},)), (type('A', (set,), {}), ([1],)), (type('A', (bytes,), {}), (b'q',)), (type('A', (float,), {}), (1.5,)), (type('A', (frozenset,), {}), ([2],)), (type('A', (bytearray,), {}), (b'w',))]:
    cls.__qualname__ = cls.__name__ = 'Sub'; globals()['Sub'] = cls; cls.__module__ = '__main__'
    o = cls(*args); o.extra = [1]
    for how in (copy.copy, copy.deepcopy, *[lambda o, p=p: pickle.loads(pickle.dumps(o, p)) for p in range(6)]):
        n = how(o); print(n == o, type(n) is cls, n.extra, n.extra is o.extra, end=' ')
    print(o.__reduce_ex__(4)[1:3], o.__dict__)
class Slot(int): __slots__ = ()
t('no dict', lambda: setattr(Slot(1), 'x', 1)); t('nonempty', lambda: type('N', (int,), {'__slots__': 'x'})); t('bool', lambda: type('N', (bool,), {})); t('init', lambda: type('N', (int,), {'__init__': lambda s, *a, **k: None})(5, base=10) if 0 else type('N', (list,), {'__init__': lambda s, *a, **k: None})(1, 2, x=3)); t('int init kw', lambda: type('N', (int,), {'__init__': lambda s, *a, **k: None})('5', x=3)); t('new args', lambda: type('N', (object,), {'__init__': lambda s, *a: None})(1).__class__.__name__); t('object args', lambda: object(1)); t('init only', lambda: type('N', (object,), {})(1)); t('new only', lambda: type('N', (object,), {'__new__': lambda c, *a: object.__new__(c)})(1).__class__.__name__); t('object new', lambda: object.__new__(int)); t('new not sub', lambda: object.__new__(5)); t('object init', lambda: object().__init__(1)); t('int new object', lambda: int.__new__(object)); t('list new', lambda: list.__new__(dict)); t('returns other', lambda: type('N', (object,), {'__new__': lambda c: 5, '__init__': lambda s: print('never')})()); t('init returns', lambda: type('N', (object,), {'__init__': lambda s: 5})())
