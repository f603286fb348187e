x = 'global'
def f():
    x = 'enclosing'
    def g():
        def h(): return x
        return h()
    class C:
        x = 'class'
        def m(self): return x
        attr = x
        comp = [x for _ in '1']
    return g(), C().m(), C.attr, C.comp
print(f())
def uses_global():
    global x, fresh
    x = 'changed'; fresh = 1
uses_global(); print(x, fresh)
def unbound():
    try: print(x)
    except UnboundLocalError as e: print(e)
    x = 1
unbound()
print(sorted(k for k in globals() if not k.startswith('__')))
def loc(a, b=2):
    c = a + b
    return sorted(locals().items())
print(loc(1))
ns = {}
exec('y = 5\ndef sq(n): return n * y', ns); print(ns['sq'](3), 'y' in ns)
exec('z = x_in', {'x_in': 3}, out := {}); print(out)
print(eval('a + b', {'a': 1}, {'b': 2}))
import builtins
builtins.special = 'b'; print(special); del builtins.special
print([y := 10, y ** 2], y)
if (n := len('abc')) > 2: print(n)
def comp(): return [last := i for i in range(3)], last
print(comp())
type Alias[T] = list[T] | None
print(Alias, Alias.__value__, Alias.__type_params__)
def generic[T: int](v: T) -> T: return v
print(generic(3), generic.__type_params__, generic.__type_params__[0].__bound__)
