# super(): zero-argument rules, cells, proxies, classmethods, multiple inheritance, attributes of super objects, errors.
def t(label, action):
    try: print(label, '->', action())
    except Exception as e: print(label, '!', type(e).__name__, e)
class A:
    def who(self): return 'A'
    @classmethod
    def c(cls): return 'A.c ' + cls.__name__
    @staticmethod
    def s(): return 'A.s'
    @property
    def p(self): return 'A.p'
    attr = 'A.attr'
class B(A):
    def who(self): return 'B' + super().who()
    @classmethod
    def c(cls): return 'B.c ' + super().c()
    @staticmethod
    def s(): return super(B, B).s()
    @property
    def p(self): return 'B' + super().p
class C(A):
    def who(self): return 'C' + super().who()
class D(B, C):
    def who(self): return 'D' + super().who() + super(B, self).who()
    def comp(self): return [super(D, self).attr for _ in range(1)], [super().attr for _ in range(1)]
    def gen(self): yield super().who()
    def lam(self): return (lambda: super().who())()
    def nested(self):
        def inner(x): return super().attr
        return inner(self)
    def noself(): return super()
    def star(*args): return super().who()
    def deleted(self):
        del self
        return super()
    def rebound(self):
        self = 5
        return super().who()
    def cell(self):
        def f(): return self
        return super().who(), f() is self
    def dunder(self): return __class__, __class__ is D
    def setattr_(self): super().new = 1
    def delattr_(self): del super().attr
    async def co(self): return super().who()
d = D()
for name in ('who', 'comp', 'lam', 'nested', 'noself', 'star', 'deleted', 'rebound', 'cell', 'dunder', 'setattr_', 'delattr_'): t(name, lambda: getattr(d, name)())
t('gen', lambda: list(d.gen())); t('c', lambda: (D.c(), d.c(), B.c())); t('s', lambda: (B.s(), d.s())); t('p', lambda: d.p); t('noself 0', lambda: D.noself())
try: d.co().send(None)
except StopIteration as e: print(e.value)
s = super(B, d); print(s.who(), s.attr, s.__thisclass__.__name__, s.__self__ is d, s.__self_class__.__name__, repr(s)[:12], type(s)); t('no attr', lambda: s.nothing); t('set', lambda: setattr(s, 'x', 1)); t('dict', lambda: s.__dict__ is d.__dict__); t('class', lambda: s.__class__); t('eq', lambda: s == super(B, d)); t('len', lambda: len(s)); t('getitem', lambda: s[0]); t('call', lambda: s()); t('str', lambda: str(s)[:8]); t('doc', lambda: s.__doc__ is None or 'doc')
u = super(B); print(repr(u), u.__self__, u.__get__(d).who(), type(u.__get__(d, D))); t('unbound attr', lambda: u.who)
class E(B): bound = super(B); 
t('as attribute', lambda: E().bound.who())
for args in [(5,), (5, 5), (B, 5), (int, 5), (int, True), (int, int), (int, bool), (bool, int), (B, None), (None, d), (B, d, 1), (type, B), (object, d), (list, [])]: t(f'super{tuple(getattr(a, "__name__", type(a).__name__) for a in args)}', lambda: type(super(*args)).__name__)
t('kw', lambda: super(type=B)); t('module', lambda: super()); t('function', lambda: (lambda self: super())(1)); 
def outside(self): return super().who()
t('outside', lambda: outside(d)); B.later = outside; t('later', lambda: d.later())
class P:
    def __init__(self, o): self.o = o
    @property
    def __class__(self): return type(self.o)
t('proxy', lambda: super(B, P(d)).who(P(d)))
class M(type):
    def __call__(cls, *a): print('M call'); return super().__call__(*a)
    def __repr__(cls): return 'M!' + super().__repr__()
    def meth(cls): return 'meth of ' + cls.__name__
class F(metaclass=M):
    def __new__(cls): print('new'); return super().__new__(cls)
    def __init__(self): print('init'); super().__init__()
    def __init_subclass__(cls, **kw): print('sub', cls.__name__, kw); super().__init_subclass__()
    def __getattribute__(self, n): return super().__getattribute__(n)
    def __setattr__(self, n, v): print('set', n); super().__setattr__(n, v)
    def __delattr__(self, n): print('del', n); super().__delattr__(n)
    def __eq__(self, o): return super().__eq__(o)
    def __hash__(self): return super().__hash__() & 0
    def __repr__(self): return 'F' + super().__repr__()[:5]
    def __dir__(self): return super().__dir__()[:0] + ['z']
    def __reduce_ex__(self, p): return super().__reduce_ex__(p)[0].__name__
    def __format__(self, spec): return 'fmt ' + super().__format__(spec)[:2]
    def __sizeof__(self): return super().__sizeof__() > 0
f = F(); f.x = 1; del f.x; print(F, f, f == f, f == 1, hash(f), dir(f), f.__reduce_ex__(2), f'{f}', f.__sizeof__(), F.meth()); 
class G(F, k=1): pass
class Slots:
    __slots__ = ('a',)
    def get(self): return super().__getattribute__('a')
x = Slots(); x.a = 5; print(x.get())
class L(list):
    def append(self, v): super().append(v * 2)
    def __getitem__(self, i): return ('L', super().__getitem__(i))
    def __iter__(self): return (('it', v) for v in super().__iter__())
    def __init__(self, *a): super().__init__(*a); super().extend([9])
    def __len__(self): return super().__len__() + 100
l = L([1]); l.append(3); print(l[0], list(l), len(l), l)
class Diamond:
    def f(self): return ['base']
def layer(name, *bases): return type(name, bases, {'f': lambda self: [name] + super(globals()[name], self).f()})
X = layer('X', Diamond); Y = layer('Y', Diamond); Z = layer('Z', X, Y); W = layer('W', Z, Diamond); print(W().f(), [k.__name__ for k in W.__mro__]); W.__bases__ = (Y, X); print(W().f()); X.f = lambda self: ['patched']; print(W().f(), Z().f())
def cell_errors():
    class K:
        def f(self): return super()
        def g(self): return __class__
    K.f.__closure__[0].cell_contents = 5
    t('cell 5', lambda: K().f()); del K.f.__closure__[0].cell_contents; t('empty', lambda: K().f()); t('g', lambda: K().g())
cell_errors()
class Early(type):
    def __new__(m, n, b, ns):
        t('early', lambda: ns['f'](1) if 'f' in ns else None); return super().__new__(m, n, b, ns)
class H(metaclass=Early):
    def f(self): return super()
class Drop(type):
    def __new__(m, n, b, ns): ns.pop('__classcell__', None); return super().__new__(m, n, b, ns)
def dropped():
    class Q(metaclass=Drop):
        def f(self): return __class__
t('dropped', dropped)
