import enum
from enum import Enum, Flag, IntEnum, IntFlag, StrEnum, auto, unique


class Color(Enum):
    RED = 1
    GREEN = 2
    CRIMSON = 1

    @property
    def pretty(self):
        return self.name.title()


class Permission(Flag):
    READ = auto()
    WRITE = auto()
    RUN = auto()
    ALL = READ | WRITE | RUN


class Level(IntEnum):
    LOW = 1
    HIGH = 10


class Name(StrEnum):
    FIRST = auto()
    SECOND = "2nd"


class Planet(Enum):
    EARTH = (5.976e24, 6.37814e6)
    MARS = (6.421e23, 3.3972e6)

    def __init__(self, mass, radius):
        self.mass, self.radius = mass, radius

    @property
    def gravity(self):
        return round(6.67300e-11 * self.mass / self.radius**2, 3)


print(Color.RED, repr(Color.GREEN), Color(1), Color["RED"], Color.CRIMSON is Color.RED, list(Color), Color.__members__, Color.RED.pretty)
print(Permission.READ | Permission.RUN, ~Permission.READ, Permission.ALL, Permission(0), Permission.READ in Permission.ALL, list(Permission.ALL), repr(Permission(3)))
print(Level.LOW + 1, Level.HIGH > 5, f"{Level.LOW}", repr(Level.HIGH), Name.FIRST, Name.SECOND.upper(), f"{Name.SECOND!r}")
print(Planet.EARTH.gravity, Planet.MARS.value, Planet((6.421e23, 3.3972e6)).name)
Dynamic = Enum("Dynamic", "A B C", start=5)
print(list(Dynamic), Dynamic.B.value, Dynamic.__module__)


class Method(IntFlag, boundary=enum.KEEP):
    A = 1
    B = 2


print(Method(8 | 1), Method.A | 4, bool(Method(0)))


class Missing(Enum):
    X = 1

    @classmethod
    def _missing_(cls, value):
        return cls.X if value == "x" else None


print(Missing("x"))
for bad in (lambda: Color(9), lambda: Color["NO"], lambda: setattr(Color, "RED", 3), lambda: type("More", (Color,), {}), lambda: Missing("y"), lambda: Permission(99), lambda: unique(Color), lambda: Color.RED < Color.GREEN):
    try:
        bad()
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        print(type(error).__name__, error)
