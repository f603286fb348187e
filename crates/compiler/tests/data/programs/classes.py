"""Classes, type parameters, type aliases, annotations that are deferred."""


class Empty: pass


class Base(object, metaclass=type, keyword=1):
    """Docstring of the class."""
    attribute: int
    __private: str = "x"
    if attribute:
        conditional: float = 1.0
    for i in range(3):
        looped: "int" = i

    def __init__(self, value, *, other=None):
        super().__init__()
        self.value = value
        self.__private = other
        self.a, self.b = value, other
        self.c: int = 5

    @property
    def prop(self): return self.__private

    @prop.setter
    def prop(self, value): self.__private = value; super().prop; super(Base, self).x()

    @classmethod
    def make(cls): return __class__(cls.__name)

    class Nested[T]:
        def method[U](self, x: T, y: U) -> tuple[T, U]: return Base, x, y


class Generic[T, U: int, V: (int, str), *Ts, **P, D = list](Base, dict[T, U], key=T):
    x: T
    y: "U"

    def method(self, a: T, *args: *Ts, **kwargs: P.kwargs) -> D: return a


def generic[T: int = bool, *Ts = *tuple[int], **P = [int]](a: T = 1, *args: *Ts) -> T:
    local: T = a
    unevaluated: undefined
    return local


type Alias = int | str
type Parametrised[T] = dict[T, Alias] | list[Parametrised[T]]


@decorator
class Decorated(Base, *bases, **keywords):
    locals()
    x = __class__ if False else x
    def f(self): return x


if True:
    annotated: list[int] = []
x.y: int = 1
x[0]: int
(z): int = 3


def closure_of_class(a):
    class Local:
        b = a
        def f(self): return a, self, __class__
        c = [a for _ in b]
    return Local
