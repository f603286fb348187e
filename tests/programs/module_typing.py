import typing
from typing import *

T = TypeVar("T")
K = TypeVar("K", bound=int)
P = ParamSpec("P")
Ts = TypeVarTuple("Ts")


class Box(Generic[T]):
    def __init__(self, item: T) -> None:
        self.item = item


class Point(NamedTuple):
    x: int
    y: int = 0


class Movie(TypedDict, total=False):
    title: Required[str]
    year: int


@runtime_checkable
class Sized2(Protocol):
    def __len__(self) -> int: ...


@final
class Last: ...


def f(a: "int", *args: str, b: Optional[T] = None, c: Annotated[int, "note"] = 1) -> list["Box[T]"]: ...


print(Box[int], Box[T][str], Union[int, str, int], Optional[int], Union[int], int | None, Callable[[int], str], Callable[..., Any], Callable[P, T], tuple[int, ...], Literal[1, "a", True], ClassVar[int], Annotated[int, 1, 2], type[T], Unpack[Ts])
print(Point(1), Point._fields, Point.__annotations__, Point(1, 2) == (1, 2), Movie(title="x"), Movie.__required_keys__, Movie.__optional_keys__)
print(get_type_hints(f), get_type_hints(f, include_extras=True)["c"], get_origin(list[int]), get_args(dict[str, list[int]]), get_args(Callable[[int, str], None]), get_origin(Annotated[int, 1]), get_args(Literal[1, 2]))
print(isinstance([], Sized2), isinstance(5, Sized2), issubclass(dict, Sized2), is_typeddict(Movie), Last.__final__, cast(int, "x"), NewType("Id", int)(5), NewType("Id", int).__supertype__)
print(T, K, P, P.args, Ts, T.__bound__, K.__bound__, TypeVar("D", default=int).__default__, NoDefault, TypeVar("C", int, str).__constraints__, ForwardRef("x"))
print(Dict[str, List[T]][int], Tuple[int, Unpack[Ts]], Generator[int, None, str], Iterable[int].__origin__, Mapping[str, int] == Mapping[str, int], hash(List[int]) == hash(List[int]), List[int] == list[int])


@overload
def g(x: int) -> int: ...
@overload
def g(x: str) -> str: ...
def g(x): return x


print(len(get_overloads(g)), get_protocol_members(Sized2), is_protocol(Sized2), typing.assert_type(1, int), reveal_type.__name__, TYPE_CHECKING)


@no_type_check
def h(a: 5): ...


@override
def o(): ...


print(o.__override__, get_type_hints(h), dataclass_transform()(Box).__dataclass_transform__["eq_default"])
type Pair[A, B = int] = tuple[A, B]
print(Pair, Pair[str], Pair.__type_params__, Pair.__value__, Pair[str].__args__)


def generic[X: (int, str), *Y, **Z](x: X) -> X: ...


print(generic.__type_params__, [type(p).__name__ for p in generic.__type_params__])
for bad in (lambda: Box[int, str], lambda: Optional[int, str], lambda: Union[()], lambda: Literal[[]], lambda: Callable[int], lambda: List[int](1, 2), lambda: Any(), lambda: isinstance(1, List[int]), lambda: isinstance(1, list[int]), lambda: type("Sub", (Last,), {}) and Generic[int], lambda: Sized2(), lambda: TypeVar("X", int), lambda: assert_never(1), lambda: Protocol[int], lambda: NamedTuple("N", [("a", int), ("a", int)]), lambda: ClassVar[int, str], lambda: get_type_hints(5), lambda: TypedDict("M", {}, bogus=1)):
    try:
        print(bad())
    except (TypeError, AssertionError, ValueError) as error:
        print(type(error).__name__, error)
