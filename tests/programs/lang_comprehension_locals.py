# locals() and frames inside comprehensions of modules, classes and functions; orders with classes that are no bases.
import sys
l = [1]
try: [locals()['l'] for x in l]
except KeyError as e: print('KeyError', e)
print([locals() for x in l], [vars() for x in l], [dir() for x in l], [eval('x') for x in l], ['x' in globals() for x in l])
def write(x):
    proxy = sys._getframe(1).f_locals
    proxy['x'] = 5
    return sorted(set(proxy)), proxy['x']
print([(write(x), x) for x in l], [type(sys._getframe().f_locals).__name__ for x in l])
[exec('y = x + 1') for x in l]
print('y' in globals())
class A:
    q = 1
    a = [(locals(), x) for x in l]
    b = [(write(x), x, vars(), dir()) for x in l]
    c = [eval('x') for x in l]
    d = [[(x, y, sorted(locals())) for y in 'ab'] for x in l]
print(A.a, A.b, A.c, A.d)
def f():
    z = 3
    print([sorted(locals()) for x in l], {x: sorted(locals()) for x in l}, 'x' in locals())
    return sys._getframe().f_locals
print(sorted(f()))
print([(lambda: x, locals())[1] for x in l], [(lambda: locals())() for x in l], list(sorted(locals()) for x in l))
class M(type):
    def mro(cls):
        if cls.__name__ == 'B': return (cls, Base, object)
        print('mro of', cls.__name__, cls.__mro__)
        return type.mro(cls)
class Base: v = 1
class B(metaclass=M): pass
class C(B): pass
print(B.v, B.__mro__, C.__mro__); Base.v = 2; print(B.v, C.v); Base.__repr__ = lambda self: 'by Base'; print(B(), C()) if repr(B()).startswith('by') else print('slot not taken'); print(Base.__subclasses__(), isinstance(B(), Base), issubclass(C, Base))
class Incomplete(type):
    def mro(cls):
        if cls.__mro__ is None and cls.__name__ == 'D':
            for action in (lambda: type.__call__(Incomplete, 'X', (cls,), {}), lambda: super(cls, cls).xxx, lambda: cls(), lambda: cls.__bases__, lambda: cls.attr, lambda: issubclass(cls, int), lambda: repr(cls), lambda: cls.__dict__['attr']):
                try: print(action())
                except Exception as e: print(type(e).__name__, e)
        return type.mro(cls)
class D(metaclass=Incomplete): attr = 'attr'
print(D.attr, D.__mro__)
class Odd(type):
    result = None
    def mro(cls): return Odd.result
for Odd.result in ([], [5], 5, (int,), None):
    try: print(Odd('E', (), {}))
    except Exception as e: print(type(e).__name__, e)
