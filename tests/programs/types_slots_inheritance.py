# __slots__: what may stand in them, inheritance, layout conflicts, weak references and dicts.
def attempt(label, action):
    try:
        print(label, '->', action())
    except Exception as error:
        print(label, '!', type(error).__name__, error)


def make(slots, bases=(), **namespace):
    return type('C', bases, dict(namespace, __slots__=slots))


attempt('str', lambda: make('abc').__slots__)
attempt('tuple', lambda: sorted(n for n in vars(make(('a', 'b'))) if len(n) == 1))
attempt('list', lambda: make(['a']).__slots__)
attempt('dict', lambda: make({'a': 'doc of a'}).a.__doc__)
attempt('generator', lambda: make(c for c in 'xy').x)
attempt('number', lambda: make((1,)))
attempt('bad name', lambda: make(('a b',)))
attempt('empty name', lambda: make(('',)))
attempt('unicode', lambda: make(('é',)).é)
attempt('conflict', lambda: make(('a',), a=1))
attempt('dict twice', lambda: make(('__dict__', '__dict__')))
attempt('weakref twice', lambda: make(('__weakref__', '__weakref__')))
attempt('class', lambda: make(('__class__',)))
attempt('classcell', lambda: make(('__classcell__',)))
attempt('qualname', lambda: make(('__qualname__',)).__slots__)
attempt('int base', lambda: make(('a',), (int,)))
attempt('int base, empty', lambda: make((), (int,))(5))
attempt('tuple base', lambda: make(('a',), (tuple,)))
attempt('bytes base', lambda: make('a', (bytes,)))
attempt('str base', lambda: make('a', (str,))('x'))
attempt('list base', lambda: make('a', (list,))([1]))
attempt('type base', lambda: make('a', (type,)))
attempt('dict in base', lambda: make('__dict__', (make('__dict__'),)))
attempt('weakref in base', lambda: make('__weakref__', (make('__weakref__'),)))

class A: __slots__ = ('a',)
class B: __slots__ = ('b',)
class Empty: __slots__ = ()
class Plain: pass
attempt('two layouts', lambda: type('C', (A, B), {}))
attempt('one empty', lambda: type('C', (A, Empty), {}).__mro__)
attempt('with plain', lambda: type('C', (A, Plain), {'__slots__': ()})().__dict__)
attempt('diamond', lambda: type('C', (type('X', (A,), {}), type('Y', (A,), {})), {}).__mro__)
attempt('list and dict', lambda: type('C', (list, dict), {}))
attempt('int and Plain', lambda: type('C', (int, Plain), {})(3))
attempt('list and Exception', lambda: type('C', (list, Exception), {}))
attempt('OSError and ImportError', lambda: type('C', (OSError, ImportError), {}))
attempt('KeyError and IndexError', lambda: type('C', (KeyError, IndexError), {})('x'))

a = A()
attempt('unset', lambda: a.a)
attempt('delete unset', lambda: delattr(a, 'a'))
a.a = 1
attempt('get', lambda: a.a)
attempt('other', lambda: setattr(a, 'z', 1))
attempt('descriptor', lambda: A.a)
attempt('of class', lambda: A.a.__get__(None, A) is A.a)
attempt('wrong object', lambda: A.a.__get__(B(), B))
attempt('set wrong', lambda: A.a.__set__(3, 1))
attempt('call set', lambda: A.a.__set__(a, 5))
attempt('got', lambda: A.a.__get__(a))
attempt('delete', lambda: A.a.__delete__(a))
attempt('gone', lambda: a.a)
attempt('dict', lambda: a.__dict__)
import weakref
attempt('weakref', lambda: weakref.ref(a))
class W(A): __slots__ = ('__weakref__',)
attempt('weakref ok', lambda: type(weakref.ref(W())))
attempt('W dict', lambda: W().__dict__)
class D(A): pass
d = D(); d.q = 1; d.a = 2
attempt('D', lambda: (d.__dict__, d.a))
attempt('members', lambda: (A.a.__name__, A.a.__objclass__, A.a.__qualname__, type(A.a)))

class Mangled:
    __slots__ = ('__secret', '__keep__')
    def __init__(self): self.__secret = 7
m = Mangled()
attempt('mangled', lambda: (m._Mangled__secret, sorted(n for n in vars(Mangled) if 'secret' in n or 'keep' in n)))
attempt('slots value', lambda: Mangled.__slots__)

class Same1: __slots__ = ('x', 'y')
class Same2: __slots__ = ('x', 'y')
class Other: __slots__ = ('x', 'z')
s = Same1(); s.x = 10; s.y = 20
def become(o, cls):
    o.__class__ = cls
    return type(o).__name__
attempt('same layout', lambda: (become(s, Same2), s.x, s.y))
attempt('other names', lambda: become(s, Other))
attempt('plain', lambda: become(s, Plain))
attempt('plain to slots', lambda: become(Plain(), Same1))
attempt('int', lambda: become(5, bool))
attempt('to int', lambda: become(Plain(), int))
attempt('module', lambda: become(Plain(), type(weakref)))
attempt('None', lambda: become(Plain(), None))
attempt('delete class', lambda: Plain().__delattr__('__class__'))
class Plain2: pass
attempt('plain to plain', lambda: become(Plain(), Plain2))
class L1(list): pass
class L2(list): pass
attempt('list subclasses', lambda: become(L1([1]), L2))
attempt('list to sub', lambda: become([1], L2))
attempt('sub to list', lambda: become(L1(), list))

import copy, pickle
p = Same1(); p.x = [1]
attempt('copy', lambda: copy.copy(p).x is p.x)
attempt('deepcopy', lambda: copy.deepcopy(p).x)
attempt('getstate', lambda: p.__getstate__())
attempt('pickle 0', lambda: pickle.dumps(p, 0))
attempt('pickle 2', lambda: pickle.loads(pickle.dumps(p, 2)).x)
attempt('state of both', lambda: (lambda o: (setattr(o, 'a', 1), setattr(o, 'k', 2), o.__getstate__())[2])(D()))
