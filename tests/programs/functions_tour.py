def f(a, b=2, /, c=3, *args, d, e=5, **kw): return (a, b, c, args, d, e, kw)
print(f(1, d=4), f(1, 2, 3, 4, 5, d=6, z=7), f(*[1, 2], **{'c': 9, 'd': 8}))
print(f.__defaults__, f.__kwdefaults__, f.__code__.co_varnames, f.__name__, f.__qualname__)
import inspect
print(inspect.signature(f))
def mutable(x, acc=[]): acc.append(x); return acc
print(mutable(1), mutable(2))
for call in (lambda: f(), lambda: f(1), lambda: f(a=1, d=2), lambda: f(1, 2, 3, c=4, d=5), lambda: (lambda x: x)(1, 2), lambda: f(1, d=1, **{'d': 2}), lambda: f(**{1: 2}), lambda: len(), lambda: len(1, 2), lambda: print(foo=1), lambda: None()):
    try: call()
    except TypeError as e: print(e)
from functools import partial, reduce, lru_cache, wraps, singledispatch, cached_property, total_ordering
print(partial(pow, 2)(5), reduce(lambda a, b: a * b, range(1, 6)), partial(f, 1, d=2)(b_=3))
@lru_cache(maxsize=None)
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(60), fib.cache_info())
@singledispatch
def show(x): return 'object'
@show.register
def _(x: int): return 'int'
@show.register(list)
def _(x): return 'list'
print(show(1), show([]), show('s'), show(True))
def annotated(x: int, y: 'str' = '') -> list[int]: ...
print(annotated.__annotations__)
def gen_kwargs(**kw): return list(kw)
print(gen_kwargs(b=1, a=2))
