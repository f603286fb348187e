# Metaclasses: choice, conflicts, __prepare__, __call__, __init_subclass__, __set_name__, __instancecheck__.
def attempt(label, action):
    try:
        print(label, '->', action())
    except BaseException as error:
        print(label, '!', type(error).__name__, error)
        for note in getattr(error, '__notes__', ()):
            print('   note:', note)


class M1(type): pass
class M2(type): pass
class M12(M1, M2): pass
class A(metaclass=M1): pass
class B(metaclass=M2): pass
attempt('conflict', lambda: type('C', (A, B), {}))
attempt('common', lambda: type(M12('C', (A, B), {})))
attempt('derived', lambda: type(type('C', (A,), {})))
def statement():
    class C(A, B, metaclass=M12): pass
    return type(C)
attempt('statement', statement)
def worse():
    class C(A, metaclass=M2): pass
attempt('worse', worse)
attempt('type() of none', lambda: type())
attempt('type of two', lambda: type(1, 2))
attempt('name', lambda: type(1, (), {}))
attempt('bases', lambda: type('x', [], {}))
attempt('namespace', lambda: type('x', (), []))
attempt('base number', lambda: type('x', (1,), {}))
attempt('bool', lambda: type('x', (bool,), {}))
attempt('NoneType', lambda: type('x', (type(None),), {}))
attempt('function', lambda: type('x', (type(attempt),), {}))
attempt('duplicate', lambda: type('x', (A, A), {}))
attempt('order', lambda: type('x', (object, A), {}))
attempt('null name', lambda: type('a\0b', (), {}))
attempt('surrogate', lambda: type('\udcff', (), {}))
attempt('keywords', lambda: type('x', (), {}, a=1))
attempt('instance', lambda: type('x', (), {})(1))
attempt('qualname', lambda: type('x', (), {'__qualname__': 'a.b'}))
attempt('bad qualname', lambda: type('x', (), {'__qualname__': 3}))
attempt('classcell', lambda: type('x', (), {'__classcell__': 3}))
attempt('annotations', lambda: type('x', (), {'__annotations__': {'a': int}}).__annotations__)


class Ordered(type):
    @classmethod
    def __prepare__(mcls, name, bases, **kwds):
        print('prepare', mcls.__name__, name, bases, kwds)
        return {'from_prepare': 1}
    def __new__(mcls, name, bases, ns, **kwds):
        print('new', name, sorted(k for k in ns if not k.startswith('__')), kwds)
        return super().__new__(mcls, name, bases, ns)
    def __init__(cls, name, bases, ns, **kwds):
        print('init', name, kwds)
        super().__init__(name, bases, ns)
    def __call__(cls, *args, **kwds):
        print('call', cls.__name__, args, kwds)
        return super().__call__(*args, **kwds)


class P(metaclass=Ordered, flag=True):
    x = 1
    def __init__(self, *args): self.args = args
print(P(1, 2).args, P.from_prepare)

def as_function(name, bases, ns, **kwds): return (name, bases, sorted(k for k in ns if not k.startswith('__')), kwds)
class F(int, metaclass=as_function, k=1): y = 2
print(F)
as_function.__prepare__ = lambda name, bases, **k: {'extra': 0}
class G(metaclass=as_function): z = 1
print(G)
class Bad:
    @classmethod
    def __prepare__(cls, *a): return 5
attempt('prepare', lambda: exec('class X(metaclass=Bad): pass'))
attempt('not callable', lambda: exec('class X(metaclass=5): pass'))


class Base:
    def __init_subclass__(cls, /, required, **kwds):
        super().__init_subclass__(**kwds)
        cls.required = required
class Child(Base, required=3): pass
print(Child.required)
attempt('missing', lambda: type('X', (Base,), {}))
attempt('too much', lambda: type('X', (Base,), {}, required=1, other=2))
attempt('object', lambda: object.__init_subclass__(1))
attempt('object kw', lambda: object.__init_subclass__(a=1))


class Name:
    def __set_name__(self, owner, name): print('set_name', owner.__name__, name)
class Fails:
    def __set_name__(self, owner, name): raise ValueError('no')
class Uses: n = Name(); m = n
attempt('fails', lambda: type('X', (), {'n': Fails()}))
class Wrong:
    def __set_name__(self): pass
attempt('wrong', lambda: type('X', (), {'n': Wrong()}))


class Check(type):
    def __instancecheck__(cls, o): print('instancecheck', o); return o == 5
    def __subclasscheck__(cls, o): print('subclasscheck', o); return []
class C(metaclass=Check): pass
print(isinstance(5, C), isinstance(6, C), isinstance(C(), C), issubclass(int, C))
print(isinstance(5, (str, C)), issubclass(C, (C,)))
attempt('isinstance', lambda: isinstance(1, [int]))
attempt('nested', lambda: isinstance(1, ((), (str, (int,)))))
attempt('issubclass', lambda: issubclass(1, int))
attempt('union', lambda: isinstance(1, int | str))
attempt('alias', lambda: isinstance(1, list[int]))
attempt('alias union', lambda: isinstance(1, int | list[int]))

class Attr(type):
    def __getattr__(cls, name): return 'meta ' + name
    def __getattribute__(cls, name):
        return super().__getattribute__(name)
    def __setattr__(cls, name, value): print('set', name); super().__setattr__(name, value)
    def __dir__(cls): return ['b', 'a']
    def __len__(cls): return 3
    def __iter__(cls): return iter('xyz')
    def __contains__(cls, o): return o == 1
    def __getitem__(cls, i): return i * 2
    def __bool__(cls): return False
    def __repr__(cls): return 'R'
    def __add__(cls, o): return ('add', o)
    def __hash__(cls): return 4
    def __eq__(cls, o): return o is int
class T(metaclass=Attr): pass
T.q = 1
print(T.nothing, T.q, dir(T), len(T), list(T), 1 in T, T[4], bool(T), T, T + 1, hash(T), T == int, T != int)
attempt('instance has none', lambda: T().nothing)
attempt('instance len', lambda: len(T()))

import abc
class Abstract(abc.ABC):
    @abc.abstractmethod
    def f(self): ...
    @property
    @abc.abstractmethod
    def g(self): ...
attempt('abstract', Abstract)
class Half(Abstract):
    def f(self): return 1
attempt('half', Half)
attempt('register', lambda: (Abstract.register(int), isinstance(1, Abstract)))
attempt('register loop', lambda: Half.register(Abstract))
