import inspect
from functools import partial, wraps


def function(a, /, b: int, c=3, *args: str, d, e=5, **kwargs) -> float:
    """A function.

        Indented.
    """


class Base:
    """A base."""
    def method(self, x): ...
    @classmethod
    def make(cls, y=1): ...
    @staticmethod
    def helper(z): ...
    @property
    def size(self): return 1


class Derived(Base):
    def __init__(self, p, q=None): ...
    def method(self, x): ...


signature = inspect.signature(function)
print(signature, signature.return_annotation, [(p.name, p.kind.description, p.default) for p in signature.parameters.values() if p.default is not p.empty])
print(inspect.signature(Derived), inspect.signature(Derived.make), inspect.signature(Derived.helper), inspect.signature(partial(function, 1, d=2)), inspect.signature(lambda *, k: 0))
bound = signature.bind(1, 2, d=4, x=5)
bound.apply_defaults()
print(bound.arguments, bound.args, bound.kwargs)
for arguments in ((), (1, 2), (1, 2, 3, 4)):
    try:
        print(signature.bind(*arguments))
    except TypeError as error:
        print(error)
print(inspect.getdoc(function), inspect.getdoc(Derived), inspect.cleandoc("  a\n    b\n"), inspect.getmro(Derived)[1].__name__)
print([name for name, _ in inspect.getmembers(Derived, inspect.isfunction)], inspect.classify_class_attrs(Base)[-1].kind)
print(inspect.isfunction(function), inspect.isbuiltin(len), inspect.ismethod(Derived.make), inspect.isclass(Base), inspect.isgeneratorfunction(lambda: (yield)), inspect.iscoroutinefunction(function), inspect.isdatadescriptor(Base.size), inspect.isroutine(str.upper))
print(type(inspect.getattr_static(Base, "size")), inspect.signature(signature.replace), inspect.unwrap(wraps(function)(lambda: 0)) is function)


def outer():
    captured = 1

    def inner():
        return captured, len, missing
    return inner


print(inspect.getclosurevars(outer()).nonlocals, sorted(inspect.getclosurevars(outer()).builtins), inspect.getclosurevars(outer()).unbound)


def generator():
    x = yield 1


g = generator()
print(inspect.getgeneratorstate(g), next(g), inspect.getgeneratorstate(g), inspect.getgeneratorlocals(g), g.close(), inspect.getgeneratorstate(g))
print(inspect.getsource(outer).splitlines()[0], inspect.getsourcelines(generator)[1], inspect.getfullargspec(function))
frame = inspect.currentframe()
print(frame.f_code.co_name, inspect.stack()[0].function, inspect.getframeinfo(frame).lineno)
print(inspect.signature(len), inspect.signature(int.to_bytes), inspect.signature(sorted), inspect.formatannotation(list[int]))
