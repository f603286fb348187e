# What calls of Python functions say when their arguments do not fit.
def t(code):
    try: print(code, '->', eval(code))
    except Exception as e: print(code, '!', type(e).__name__, e)
def f0(): return 'f0'
def f1(a): return a
def f2(a, b): return a, b
def fd(a, b=2, c=3): return a, b, c
def fv(a, *args): return a, args
def fk(a, *, k): return a, k
def fkd(a, *, k, l=4, m): return a, k, l, m
def fp(a, b, /, c): return a, b, c
def fpd(a=1, /): return a
def fpk(a, /, **kw): return a, kw
def fall(a, b=2, /, c=3, *args, d, e=5, **kw): return a, b, c, args, d, e, kw
class C:
    def m(self, a): return a
    @classmethod
    def c(cls, a): return a
    @staticmethod
    def s(a): return a
    def none(): return 1
    def __init__(self, x=0): pass
    def __call__(self, y): return y
c = C(); lam = lambda x, y=1: (x, y)
def length(n):
    ns = {}; exec(f'def long({", ".join(f"a{i}" for i in range(n))}): pass', ns); return ns['long']
for code in ['f0(1)', 'f0(1, 2)', 'f0(a=1)', 'f0(1, a=1)', 'f1()', 'f1(1, 2)', 'f1(1, a=2)', 'f1(b=1)', 'f1(1, b=1)', 'f1(aa=1)', 'f2()', 'f2(1)', 'f2(b=1)', 'f2(1, 2, 3)', 'f2(1, 2, 3, 4)', 'fd()', 'fd(1, 2, 3, 4)', 'fd(b=1)', 'fd(1, d=1)', 'fd(1, 2, b=3)', 'fv()', 'fv(a=1)', 'fv(1, 2, 3)', 'fv(1, b=2)', 'fk(1)', 'fk(1, 2)', 'fk(1, 2, k=3)', 'fk(k=1)', 'fkd(1)', 'fkd(1, k=2)', 'fkd(1, 2, 3, k=4, m=5)', 'fkd(1, 2, k=4)', 'fp()', 'fp(1)', 'fp(1, 2)', 'fp(a=1, b=2, c=3)', 'fp(1, b=2, c=3)', 'fp(1, 2, c=3)', 'fp(1, 2, 3, 4)', 'fp(1, 2, d=4)', 'fpd(a=1)', 'fpd(b=1)', 'fpk(1, a=2)', 'fpk(a=2)', 'fpk()', 'fall(1, d=4)', 'fall(1, 2, 3, 4, 5, d=6, z=7)', 'fall()', 'fall(1)', 'fall(1, b=3, d=4)', 'fall(a=1, d=2)', 'fall(1, 2, c=3, d=4, a=5)', 'fall(1, 2, 3, c=4, d=5)', 'lam()', 'lam(1, 2, 3)', 'lam(z=1)', 'C(1, 2)', 'C(z=1)', 'c.m()', 'c.m(1, 2)', 'C.m(1)', 'C.m()', 'C.c()', 'C.c(1, 2)', 'C.s()', 'c.s(1, 2)', 'c.none()', 'C.none(1)', 'c()', 'c(1, 2)', 'f1(*[1, 2])', 'f1(**{"a": 1, "b": 2})', 'f1(*5)', 'f1(**5)', 'f1(*None)', 'f1(**None)', 'f1(**{1: 2})', 'f1(*[], **{})', 'f2(1, *[2], **{"a": 3})', 'f2(*[1], b=2)', 'f2(a=1, **{"a": 2})', 'f2(**{"a": 1}, **{"a": 2})', 'f2(*"ab")', 'f2(*{1: 2, 3: 4})', 'f2(*(x for x in (1, 2)))', 'fpk(1, **{"": 2, "x y": 3})', 'length(3)()', 'length(3)(1)', 'length(5)()', 'length(2)(1, 2, 3)', 'f1(__debug__)', '(lambda *, a: a)()', '(lambda a, b, /: a)(a=1, b=2)', '(lambda **k: k)(1)', '(lambda *a: a)(k=1)', 'print.__call__(1, 2, sep="")', 'len.__call__()', 'type.__call__(int, "5")', 'int.__call__("5")', 'f0.__call__(1)', 'f0.__get__(1)()', '(1)()', '"a"()', 'None()', '[]()', '{}()', '(1, 2)(3)', '...()', 'f0()()', 'C()(1)()', 'f1(1)(2)', 'object()()', 'NotImplemented()', '__import__("math")()', 'C.m(c, 1, a=2)', 'sorted([1], key=f2)', 'list(map(f2, [1]))', 'max([1, 2], key=f0)', '[*map(f1, [1], [2])]', 'int(real=1)', 'str.join(",", ["a"], 1)', 'dict.get()', 'list.append([])', 'list.append(1, 2)', 'tuple.count((1,))']: t(code)
def gen(n):
    yield f2(n)
try: list(gen(1))
except TypeError as e: print(e)
async def co(a): pass
t('co()'); t('co(1, 2)'); t('gen()'); t('gen(1, 2)')
class Meta(type):
    def __call__(cls, *a, **k): return super().__call__(*a, **k)
class MC(metaclass=Meta):
    def __new__(cls, a): return super().__new__(cls)
    def __init__(self, b): pass
t('MC()'); t('MC(1).__class__'); t('MC(a=1)'); t('MC(b=1)'); t('MC(1, 2)')
class NoInit: pass
t('NoInit(1)'); t('NoInit(a=1)'); t('NoInit.__init__()'); t('NoInit.__new__()'); t('NoInit.__new__(NoInit, 1)'); t('NoInit().__init__(1)'); t('object(1)'); t('object.__init__(5, 6)')
class Q:
    class R:
        def method(self, x): pass
        @property
        def prop(self, extra): pass
        def __getattr__(self): pass
        def __len__(self, extra): pass
        def __eq__(self): pass
        def __iter__(): pass
t('Q.R().method()'); t('Q.R.method()'); t('Q.R().prop'); t('Q.R().zzz'); t('len(Q.R())'); t('Q.R() == 1'); t('iter(Q.R())')
def outer():
    def inner(a, b): pass
    return inner
t('outer()(1)'); t('outer()(1, 2, 3)'); t('outer()(1, c=2)')
import functools
t('functools.partial(f2, 1)()'); t('functools.partial(f2, 1)(2, 3)'); t('functools.partial(f2, b=1)(b=2)'); t('functools.partial(5)'); t('functools.partial()'); t('functools.partial(f2, 1, 2)()'); t('functools.partial(f2, functools.Placeholder, 2)(1)'); t('functools.partial(f2, functools.Placeholder, 2)()'); t('functools.partial(f2, functools.Placeholder)')
