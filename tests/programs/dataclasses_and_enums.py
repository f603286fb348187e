from dataclasses import dataclass, field, asdict, replace, FrozenInstanceError, astuple
from enum import Enum, IntEnum, Flag, auto, StrEnum
@dataclass(order=True)
class Item:
    name: str
    price: float = 1.0
    tags: list = field(default_factory=list, compare=False, repr=False)
    def __post_init__(self): self.name = self.name.title()
a, b = Item('pen', 2.5, ['x']), Item('ink')
print(a, b, a == Item('pen', 2.5), sorted([a, b]), asdict(a), astuple(b), replace(a, price=9), a < b)
@dataclass(frozen=True, slots=True)
class Key: k: int
try: Key(1).k = 2
except FrozenInstanceError as e: print(e)
print(hash(Key(1)) == hash(Key(1)), Key.__slots__, Item.__match_args__)
class Color(Enum):
    RED = 1; GREEN = 2; CRIMSON = 1
    @property
    def nice(self): return self.name.lower()
print(Color.RED, repr(Color.GREEN), Color(1), Color['GREEN'], Color.CRIMSON is Color.RED, list(Color), Color.RED.nice, Color.RED in Color)
class N(IntEnum): A = auto(); B = auto()
class Perm(Flag): R = auto(); W = auto(); X = auto()
class S(StrEnum): ONE = auto(); TWO = 'deux'
print(N.A + 1, N.B > N.A, Perm.R | Perm.X, Perm.R in (Perm.R | Perm.W), ~Perm.R, S.ONE, S.TWO.upper(), [*Perm.R | Perm.W])
try: Color(9)
except ValueError as e: print(e)
try: Color.RED = 3
except AttributeError as e: print(e)
