# Which operand is asked first, reflected and in-place methods, NotImplemented, None, subclass priority, comparisons, truth.
def t(label, action):
    try: print(label, '->', action())
    except Exception as e: print(label, '!', type(e).__name__, e)
log = []
names = 'add sub mul matmul truediv floordiv mod divmod pow lshift rshift and xor or'.split()
def make(name, base=object, returns=NotImplemented, inplace=None, forms=('', 'r')):
    ns = {}
    for n in names:
        for form in forms: ns[f'__{form}{n}__'] = lambda self, o, *m, q=form + n: log.append(f'{name}.{q}') or returns
        if inplace is not None: ns[f'__i{n}__'] = lambda self, o, q='i' + n: log.append(f'{name}.{q}') or inplace
    return type(name, (base,), ns)
A, B = make('A'), make('B'); Sub = make('Sub', A); SubR = make('SubR', A, 'subr', forms=('r',)); R = make('R', returns='r', forms=('r',)); In = make('In', inplace='in'); InNot = make('InNot', returns='plain', inplace=NotImplemented); Plain = type('Plain', (A,), {})
import operator
signs = {'add': '+', 'sub': '-', 'mul': '*', 'matmul': '@', 'truediv': '/', 'floordiv': '//', 'mod': '%', 'pow': '**', 'lshift': '<<', 'rshift': '>>', 'and': '&', 'xor': '^', 'or': '|'}
for x, y in [(A(), B()), (A(), A()), (A(), Sub()), (A(), SubR()), (A(), Plain()), (Sub(), A()), (A(), R()), (R(), A()), (R(), R()), (A(), 5), (5, A()), (5, R()), ('s', R()), ([], R()), (None, R()), (In(), 1), (InNot(), 1), (1, In())]:
    for n in ('add', 'pow', 'mod', 'matmul'):
        for stmt in (f'x {signs[n]} y', f'x {signs[n]}= y'):
            log.clear(); ns = {'x': x, 'y': y}
            try: exec(f'r = {stmt}' if '=' not in stmt else stmt, ns); r = ns.get('r', ns['x'])
            except Exception as e: r = f'{type(e).__name__}: {e}'
            print(type(x).__name__, stmt, type(y).__name__, log, r if isinstance(r, str) else type(r).__name__)
for n in names:
    log.clear(); t(n, lambda: divmod(A(), B()) if n == 'divmod' else eval(f'a {signs[n]} b', {'a': A(), 'b': B()})); print(log)
log.clear(); t('pow3', lambda: pow(A(), 2, 3)); t('pow3 r', lambda: pow(2, R(), 3)); t('pow3 mod', lambda: pow(2, 3, R())); print(log)
class NoneAdd:
    __add__ = None; __radd__ = None; __iadd__ = None; __eq__ = None; __lt__ = None; __iter__ = None; __contains__ = None; __hash__ = None; __len__ = None; __bool__ = None; __getitem__ = None; __call__ = None; __enter__ = None; __neg__ = None; __int__ = None; __index__ = None; __str__ = None; __reversed__ = None; __repr__ = None; __format__ = None; __await__ = None; __del__ = None
n = NoneAdd()
for code in ['n + 1', '1 + n', 'n == 1', '1 == n', 'n < 1', '1 > n', 'iter(n)', '1 in n', 'hash(n)', 'len(n)', 'bool(n)', 'n[0]', 'n()', '-n', 'int(n)', '[1][n]', 'str(n)', 'repr(n)', 'reversed(n)', 'format(n)', 'list(n)', 'n != 1', 'f"{n}"', 'print(n)', 'sum([n])', 'max(n, n)', 'float(n)', 'range(n)']: t(code, lambda: eval(code, {'n': n}))
try: exec('n += 1', {'n': n})
except TypeError as e: print(e)
try: exec('with n: pass', {'n': n})
except TypeError as e: print(e)
class Cmp:
    def __init__(self, name, result=NotImplemented): self.name = name; self.result = result
for op in ('lt', 'le', 'eq', 'ne', 'gt', 'ge'): setattr(Cmp, f'__{op}__', lambda self, o, op=op: log.append(f'{self.name}.{op}') or self.result)
class SubCmp(Cmp): pass
class SubCmp2(Cmp):
    def __eq__(self, o): log.append(self.name + '.sub eq'); return NotImplemented
    def __gt__(self, o): log.append(self.name + '.sub gt'); return 'sub'
for x, y in [(Cmp('a'), Cmp('b')), (Cmp('a'), SubCmp('s')), (Cmp('a'), SubCmp2('s')), (Cmp('a', 'yes'), Cmp('b')), (5, Cmp('b')), (Cmp('a'), 5), ('x', Cmp('b', [])), (Cmp('a', 0), Cmp('b'))]:
    for op in ('<', '<=', '==', '!=', '>', '>='):
        log.clear()
        try: r = eval(f'x {op} y', {'x': x, 'y': y})
        except Exception as e: r = f'{type(e).__name__}: {e}'
        print(op, log, r)
class OnlyEq:
    def __eq__(self, o): return 'eq' if o is 0 else NotImplemented
import warnings; warnings.simplefilter('ignore')
class EqOnly:
    def __init__(self, r): self.r = r
    def __eq__(self, o): return self.r
for r in (True, False, [], 'x', NotImplemented, None): t(f'!= of {r!r}', lambda: (EqOnly(r) != 1))
t('chain', lambda: (lambda c: c < c < c)(Cmp('a', 'truthy'))); t('chain short', lambda: 1 < 0 < 1 / 0); t('hash none', lambda: hash(EqOnly(1))); t('truth', lambda: [bool(x) for x in (type('L', (), {'__len__': lambda s: 0})(), type('L', (), {'__len__': lambda s: 5})(), type('B', (), {'__bool__': lambda s: False, '__len__': lambda s: 5})())]); t('bool int', lambda: bool(type('B', (), {'__bool__': lambda s: 1})())); t('len neg', lambda: bool(type('B', (), {'__len__': lambda s: -1})())); t('len float', lambda: len(type('B', (), {'__len__': lambda s: 1.5})())); t('len big', lambda: len(type('B', (), {'__len__': lambda s: 2**70})())); t('len str', lambda: len(type('B', (), {'__len__': lambda s: 'x'})()))
with warnings.catch_warnings(record=True) as w:
    warnings.simplefilter('always'); t('not NotImplemented', lambda: bool(NotImplemented)); print([str(x.message) for x in w])
class Con:
    def __contains__(self, x): return 'truthy'
class ItC:
    def __iter__(self): return iter([1, 2])
class GetC:
    def __getitem__(self, i):
        if i > 3: raise IndexError
        return i * 10
class NotC: pass
t('contains', lambda: (5 in Con(), 5 not in Con(), 2 in ItC(), 5 in ItC(), 20 in GetC(), 5 in GetC(), list(GetC()), list(reversed(type('RL', (GetC,), {'__len__': lambda s: 3})())))); t('not container', lambda: 5 in NotC()); t('in int', lambda: 5 in 5); t('iter', lambda: list(NotC())); t('inst attr', lambda: (lambda o: (setattr(o, '__len__', lambda: 5), len(o)))(NotC())); t('inst call', lambda: (lambda o: (setattr(o, '__call__', lambda: 5), o()))(NotC()))
class Idx:
    def __getitem__(self, k): return k
    def __setitem__(self, k, v): print('set', k, v)
    def __delitem__(self, k): print('del', k)
    def __class_getitem__(cls, k): return ('class', k)
i = Idx(); i[1] = 2; i[1:2, ::3] = 4; del i[...]; i[0] += 5; print(i[1:2], i[::], Idx[5])
