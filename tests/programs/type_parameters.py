"""Type parameters: syntax, lazy evaluation, substitution, aliases."""
import typing
from typing import Generic, NoDefault, ParamSpec, TypeAliasType, TypeVar, TypeVarTuple, Unpack, Callable, get_type_hints


def show(text, **names):
    try:
        print(text, "->", repr(eval(text, globals(), names)))
    except Exception as exc:
        print(text, "!!", type(exc).__name__, exc)


class A[T, *Ts, **P]:
    def method[U](self, x: U) -> T: ...


class B[T: int, U: (int, str), V = str]:
    pass


def func[T: undefined, D = missing](x: T) -> T:
    return x


type Alias = int | str
type Pair[T] = tuple[T, T]
type Many[*Ts] = tuple[*Ts]
type Recursive = list[Recursive] | None
type Broken = undefined_name

T, U, V = B.__type_params__
for text in """\
A.__type_params__, A.__bases__, A.__orig_bases__, A.__parameters__
A[int, str, bytes, [int]]
A.method.__type_params__
T.__name__, T.__bound__, T.__constraints__, T.__default__, T.__infer_variance__, T.__covariant__, T.__module__
U.__constraints__, U.__bound__
V.__default__, V.has_default(), T.has_default()
callable(T.evaluate_bound), U.evaluate_bound, T.evaluate_default
T.evaluate_bound(1), T.evaluate_bound(4) if False else None, U.evaluate_constraints(1), V.evaluate_default(1)
func.__type_params__[0].__bound__
func.__type_params__[1].__default__
func(5)
Alias, Alias.__value__, Alias.__name__, Alias.__type_params__, Alias.__parameters__, Alias.__module__
Pair, Pair[int], Pair[int].__args__, Pair[int].__origin__, Pair.__value__, Pair.__parameters__
Many.__parameters__, Many[int, str]
Recursive.__value__
Broken.__value__
Alias[int]
Alias | None, list[Alias], Pair[int] | None
list(Many)
TypeVar()
TypeVar(1)
TypeVar("T", int)
TypeVar("T", int, str, bound=int)
TypeVar("T", covariant=True, contravariant=True)
TypeVar("T", covariant=True, infer_variance=True)
TypeVar("T", bound=1)
TypeVar("T"), TypeVar("T", covariant=True), TypeVar("T", contravariant=True), TypeVar("T", infer_variance=True)
TypeVar("T", bound="Forward").__bound__
TypeVar("T", int, typing.List[int]).evaluate_constraints(4), TypeVar("T", bound=int).evaluate_bound
TypeVar("T", bound=int).evaluate_bound()
TypeVar("T").__module__, TypeVar.__module__, TypeVar("T", default=int).__default__, TypeVar("T").__default__
TypeVar("T") | None, "a" | TypeVar("T"), TypeVar("T") | int
ParamSpec("P"), ParamSpec("P").args, ParamSpec("P").kwargs, ParamSpec("P").args == 1
ParamSpec("P", 1)
ParamSpec("P").__bound__, ParamSpec("P", default=[int]).__default__
hash(ParamSpec("P").args)
TypeVarTuple("Ts"), list(TypeVarTuple("Ts")), TypeVarTuple("Ts", default=Unpack[tuple[int]]).__default__
TypeVarTuple("T", 1)
TypeVarTuple("Ts").__typing_subst__(1)
TypeAliasType("X", int), TypeAliasType("X", int).__value__, TypeAliasType("X", int).evaluate_value(1), TypeAliasType("X", int).__module__
TypeAliasType("X", int, type_params=1)
TypeAliasType("X", int, type_params=(1,))
TypeAliasType("X", int, type_params=(TypeVar("T", default=int), TypeVar("U")))
TypeAliasType(1, int)
NoDefault, type(NoDefault), type(NoDefault)() is NoDefault, NoDefault.__reduce__()
type(NoDefault)(1)
Generic[int]
type(Generic())
class_of(T)
typing._idfunc(5)
T.x""".split("\n"):
    show(text, class_of=lambda v: type("X", (v,), {}))

P = ParamSpec("P")
Ts = TypeVarTuple("Ts")
K = TypeVar("K")
W = TypeVar("W", default=int)


class C(Generic[K, W]):
    pass


class D(Generic[Unpack[Ts]]):
    pass


class E(Generic[P]):
    pass


for text in """\
C[str], C[str, bytes], C[K, W][int, str]
C[()]
C[int, int, int]
D[int, str], D[()], D[*Ts][int]
E[[int, str]], E[int, str], E[P][int]
Callable[P, K][[int], str], Callable[[K], W][int, str]
list[K][int], dict[K, W][int, str], tuple[*Ts][int, str]
list[K][int, str]
typing.Union[K, int][str], typing.Optional[K][int]
C.__parameters__, D.__parameters__, E.__parameters__
C().__class__, C[int]().__orig_class__""".split("\n"):
    show(text)


class Base:
    def __init__(self, value):
        self.value = value

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__()
        print("subclass", cls.__name__, kwargs)


class Derived[X](Base, flag=1):
    pass


print(Derived(3).value, Derived.__mro__, Derived[int](4).value)


class Dict2[K2, V2](dict):
    pass


print(Dict2(a=1), Dict2.__orig_bases__)
import pickle, copy
print(pickle.loads(pickle.dumps(K)) is K, copy.copy(K) is K, pickle.loads(pickle.dumps(NoDefault)) is NoDefault, pickle.loads(pickle.dumps(Alias)) is Alias)
import weakref
print(weakref.ref(K)() is K)
K.attribute = 5
print(K.attribute)
try:
    Alias.__module__ = "elsewhere"
except AttributeError as exc:
    print(exc)


def outer[T](x: T):
    class Inner[S: T]:
        pass
    type L = list[T]
    return Inner, L


inner, alias = outer(1)
print(inner.__type_params__[0].__bound__, alias.__value__, outer.__type_params__)
print(get_type_hints(outer))
