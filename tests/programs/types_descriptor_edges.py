# Descriptors: precedence, property, classmethod, staticmethod, slots wrappers, errors of each.
def attempt(label, action):
    try:
        print(label, '->', action())
    except BaseException as error:
        print(label, '!', type(error).__name__, error)


class Data:
    def __init__(self, name): self.name = name
    def __get__(self, obj, owner=None): return (self.name, obj is None, owner and owner.__name__)
    def __set__(self, obj, value): obj.__dict__[self.name] = ('set', value)
    def __delete__(self, obj): obj.__dict__.pop(self.name, print('delete', self.name))
class NonData:
    def __get__(self, obj, owner=None): return 'nondata'
class SetOnly:
    def __set__(self, obj, value): print('set only', value)
class C:
    d = Data('d'); n = NonData(); s = SetOnly()
c = C()
c.d = 1; c.__dict__['n'] = 'own'; c.s = 2
print(c.d, C.d, c.n, C.n, c.__dict__)
print(type(c.s)); c.__dict__['s'] = 'dict'; print(c.s)
del c.d
attempt('delete set only', lambda: delattr(c, 's'))
attempt('delete n', lambda: (delattr(c, 'n'), c.n))
attempt('delete again', lambda: delattr(c, 'n'))
C.d = 5
print(C.d)

class P:
    @property
    def x(self):
        "the doc"
        return self._x
    @x.setter
    def x(self, v): self._x = v
    @x.deleter
    def x(self): del self._x
    r = property(lambda self: 1)
    w = property(fset=lambda self, v: print('w', v))
    none = property()
p = P()
attempt('unset', lambda: p.x)
p.x = 3
attempt('set', lambda: p.x)
attempt('readonly', lambda: setattr(p, 'r', 1))
attempt('del readonly', lambda: delattr(p, 'r'))
attempt('writeonly', lambda: p.w)
attempt('none', lambda: p.none)
attempt('doc', lambda: (P.x.__doc__, P.r.__doc__, P.x.__name__, P.r.__name__))
attempt('parts', lambda: (P.x.fget.__name__, P.x.fset.__name__, P.x.fdel.__name__, P.none.fget))
attempt('get', lambda: P.x.__get__(None, P) is P.x)
attempt('isabstract', lambda: P.x.__isabstractmethod__)
attempt('wrong args', lambda: property(1, 2, 3, 4, 5))
attempt('set doc', lambda: (setattr(P.x, '__doc__', 'new'), P.x.__doc__))
attempt('attributes', lambda: setattr(P.x, 'fget', None))
class SubProperty(property):
    "doc of class"
attempt('subclass doc', lambda: SubProperty(lambda s: 1, doc='own').__doc__)
attempt('subclass dict', lambda: SubProperty(lambda s: 1, doc='own').__dict__)
attempt('copy', lambda: SubProperty(lambda s: 1).getter(lambda s: 2).fget(0))
attempt('repr', lambda: repr(P.x)[:20])
unnamed = property(lambda self: 1)
class U: pass
U.u = unnamed
attempt('no name', lambda: setattr(U(), 'u', 1))
attempt('deep', lambda: property(None).__get__(5))

class S:
    @staticmethod
    def s(*a): return a
    @classmethod
    def c(cls, *a): return cls.__name__, a
    sf = staticmethod(5)
    cf = classmethod(5)
attempt('static', lambda: (S.s(1), S().s(1)))
attempt('class', lambda: (S.c(1), S().c(1)))
attempt('wrapped', lambda: (S.__dict__['s'].__wrapped__ is S.s, S.__dict__['c'].__func__.__name__, S.__dict__['s'].__name__))
attempt('static call', lambda: S.__dict__['s'](1))
attempt('class call', lambda: S.__dict__['c'](1))
attempt('static 5', lambda: S.sf)
attempt('class 5', lambda: S.cf)
attempt('call class 5', lambda: S.cf())
attempt('repr', lambda: (repr(S.__dict__['sf']), repr(S.__dict__['cf'])))
attempt('no args', lambda: staticmethod())
attempt('two', lambda: classmethod(1, 2))
attempt('get', lambda: classmethod(len).__get__([1, 2]))
attempt('subclass c', lambda: type('T', (S,), {}).c())
attempt('method', lambda: (S().c.__self__, S().c.__func__.__name__))

attempt('wrapper', lambda: int.__add__)
attempt('bound', lambda: type((5).__add__))
attempt('wrapper call', lambda: int.__add__('a', 1))
attempt('wrapper no args', lambda: int.__add__())
attempt('too many', lambda: int.__add__(1, 2, 3))
attempt('kw', lambda: int.__add__(1, other=2))
attempt('method wrong', lambda: str.upper(5))
attempt('method none', lambda: str.upper())
attempt('method kw', lambda: 'a'.upper(x=1))
attempt('class method', lambda: type(dict.fromkeys))
attempt('getset', lambda: type.__dict__['__name__'])
attempt('getset call', lambda: int.real.__get__(5))
attempt('getset wrong', lambda: int.real.__get__('a'))
attempt('set', lambda: int.real.__set__(5, 1))
attempt('delete', lambda: int.real.__delete__(5))
attempt('member', lambda: (slice.start, slice.start.__get__(slice(1, 2))))
attempt('member set', lambda: slice.start.__set__(slice(1), 2))
attempt('qualname', lambda: (int.real.__qualname__, int.__add__.__qualname__, str.upper.__qualname__, [].append.__qualname__, dict.fromkeys.__qualname__))
attempt('objclass', lambda: (int.real.__objclass__, bool.__add__.__objclass__, bool.__and__.__objclass__))
attempt('signature', lambda: (str.split.__text_signature__, int.__add__.__text_signature__, len.__text_signature__, dict.__text_signature__))
attempt('eq', lambda: ([].append == [].append, (5).__add__ == (5).__add__, ''.join == ''.join, [].append.__self__))
attempt('hash', lambda: hash((5).__add__) == hash((5).__add__))
attempt('set attr', lambda: setattr(len, 'x', 1))
attempt('module of', lambda: (len.__module__, [].append.__module__, str.upper.__name__))
attempt('reduce', lambda: (len.__reduce__(), [].append.__reduce__(), str.upper.__reduce__(), (5).__add__.__reduce__()))
attempt('get 1', lambda: str.upper.__get__('a')())
attempt('get 0', lambda: str.upper.__get__())
attempt('get None', lambda: str.upper.__get__(None))
attempt('get NN', lambda: str.upper.__get__(None, None))
attempt('get cls', lambda: str.upper.__get__(None, str))
attempt('get wrong', lambda: str.upper.__get__(5))
attempt('fromkeys get', lambda: dict.__dict__['fromkeys'].__get__(None, dict)('a'))
attempt('fromkeys wrong', lambda: dict.__dict__['fromkeys'].__get__(None, int))
attempt('fromkeys bad', lambda: dict.__dict__['fromkeys'].__get__(None, 5))
attempt('fromkeys call', lambda: dict.__dict__['fromkeys'](dict, 'a'))
attempt('fromkeys call int', lambda: dict.__dict__['fromkeys'](int, 'a'))
attempt('fromkeys none', lambda: dict.__dict__['fromkeys']())
def f(): pass
attempt('function get', lambda: (f.__get__(5), f.__get__(None, int) is f)[1])
attempt('function get none', lambda: f.__get__(None, None))
import types
attempt('method', lambda: types.MethodType(f, None))
attempt('method2', lambda: types.MethodType(5, 1))
attempt('method3', lambda: types.MethodType(f))
m = types.MethodType(len, 'abc')
attempt('builtin method', lambda: (m(), m.__self__, m.__func__, m == types.MethodType(len, 'abc')))
attempt('setattr', lambda: setattr(m, 'x', 1))
