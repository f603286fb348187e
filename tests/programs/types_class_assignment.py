# Assigning to the attributes of classes and functions: __class__, __bases__, __name__, __doc__, __dict__, __mro__, ...
def attempt(label, action):
    try:
        print(label, '->', action())
    except BaseException as error:
        print(label, '!', type(error).__name__, error)
def put(o, name, value):
    setattr(o, name, value)
    return getattr(o, name)
class A: 'doc'
class B: pass
class C(A): pass
class D(C): pass
for o in (A, int, type(A).__class__ if 0 else object):
    for name, value in [('__name__', 'N'), ('__name__', 5), ('__name__', 'a\0'), ('__qualname__', 'Q.x'), ('__qualname__', 5), ('__module__', 'm'), ('__module__', 5),
                        ('__doc__', 'd'), ('__bases__', ()), ('__bases__', 5), ('__mro__', ()), ('__dict__', {}), ('__class__', type), ('__base__', 1), ('__flags__', 1),
                        ('__abstractmethods__', ()), ('__type_params__', ()), ('__annotations__', {}), ('__annotations__', 1), ('__weakrefoffset__', 1), ('__annotate__', 1), ('__annotate__', None)]:
        attempt(f'{getattr(o, "__qualname__", o)} {name} {value!r}', lambda: put(o, name, value))
    for name in ('__name__', '__qualname__', '__module__', '__doc__', '__bases__', '__mro__', '__dict__', '__class__', '__abstractmethods__', '__type_params__', '__annotations__', '__annotate__'):
        attempt(f'del {name}', lambda: delattr(o, name))
print(A)
attempt('cycle', lambda: put(A, '__bases__', (C,)))
attempt('self', lambda: put(C, '__bases__', (C,)))
attempt('object', lambda: put(C, '__bases__', (object,)))
attempt('swap', lambda: [k.__name__ for k in put(C, '__bases__', (B, A))] + [k.__name__ for k in D.__mro__])
attempt('layout', lambda: put(C, '__bases__', (int,)))
attempt('not class', lambda: put(C, '__bases__', (1,)))
attempt('twice', lambda: put(C, '__bases__', (A, A)))
attempt('order', lambda: put(C, '__bases__', (object, A)))
attempt('subclasses', lambda: (sorted(k.__name__ for k in B.__subclasses__()), D.__mro__ == tuple(D.mro())))
class E: __slots__ = 'x'
attempt('slots', lambda: put(E, '__bases__', (A,)))

def f(a, b=1, *, c=2): return a, b, c
for name, value in [('__name__', 5), ('__name__', 'g'), ('__qualname__', 5), ('__code__', 5), ('__code__', (lambda: 1).__code__), ('__defaults__', 5), ('__defaults__', (7, 8)), ('__kwdefaults__', 5),
                    ('__kwdefaults__', {'c': 9}), ('__dict__', 5), ('__dict__', {'q': 1}), ('__closure__', ()), ('__globals__', {}), ('__annotations__', 5), ('__annotations__', {'a': 1}),
                    ('__annotate__', 5), ('__type_params__', 5), ('__type_params__', ()), ('__module__', 5), ('__doc__', 5), ('__builtins__', 1), ('anything', 1)]:
    attempt(f'f {name} {value!r}'.split(' at 0x')[0], lambda: str(put(f, name, value)).split(' at 0x')[0])
for name in ['__name__', '__qualname__', '__code__', '__defaults__', '__kwdefaults__', '__annotations__', '__annotate__', '__dict__', '__module__', '__doc__', '__type_params__', 'anything']:
    attempt('del ' + name, lambda: (delattr(f, name), getattr(f, name, 'gone'))[1] if name != '__code__' else delattr(f, name))
def outer():
    x = 1
    def inner(): return x
    return inner
attempt('free', lambda: put(f, '__code__', outer().__code__))
attempt('cell', lambda: put(outer().__closure__[0], 'cell_contents', 3))
import types
attempt('function', lambda: types.FunctionType(outer().__code__, {}))
attempt('function closure', lambda: types.FunctionType(outer().__code__, {}, closure=(types.CellType(9),))())
attempt('function closure wrong', lambda: types.FunctionType(outer().__code__, {}, closure=(9,)))
attempt('function closure len', lambda: types.FunctionType(outer().__code__, {}, closure=()))
attempt('function closure no', lambda: types.FunctionType(f.__code__, {}, closure=(types.CellType(9),)))
attempt('function globals', lambda: types.FunctionType(f.__code__, 5))
attempt('function code', lambda: types.FunctionType(5, {}))
attempt('function defaults', lambda: types.FunctionType(f.__code__, {}, 'n', 5))
attempt('function name', lambda: types.FunctionType(f.__code__, {}, 5))
attempt('function kw', lambda: types.FunctionType(f.__code__, {}, kwdefaults=5))
m = types.ModuleType('m', 'doc')
for name, value in [('__dict__', {}), ('__class__', int), ('__class__', type('M', (types.ModuleType,), {})), ('__name__', 5), ('__annotations__', {'a': 1}), ('__annotations__', 5), ('__annotate__', 1)]:
    attempt(f'module {name}', lambda: put(m, name, value))
attempt('module repr', lambda: repr(m))
attempt('module new', lambda: types.ModuleType())
attempt('module new 2', lambda: types.ModuleType(5))
attempt('module missing', lambda: m.nothing)
attempt('module raw', lambda: types.ModuleType.__new__(types.ModuleType).x)
attempt('module raw repr', lambda: types.ModuleType.__new__(types.ModuleType))
attempt('module raw dict', lambda: types.ModuleType.__new__(types.ModuleType).__dict__)
