import attr, attrs
from attrs import define, field, validators, frozen, asdict, evolve

@define
class Point:
    x: int = field(validator=validators.instance_of(int))
    y: int = 0
    tags: list[str] = field(factory=list, converter=list)

@frozen(order=True)
class Version:
    major: int
    minor: int = field(default=0, validator=[validators.ge(0), validators.lt(100)])

p = Point(1, 2, ("a", "b"))
print(p, asdict(p), evolve(p, y=5), p == Point(1, 2, ["a", "b"]))
for make in (lambda: Point("1"), lambda: Version(1, 100), lambda: setattr(Version(1), "major", 2)):
    try:
        make()
    except Exception as error:
        print(type(error).__name__, error)
print(sorted([Version(2), Version(1, 5), Version(1)]), hash(Version(1)) == hash(Version(1)))
@define(slots=True)
class Child(Point):
    z: int = field(default=3, kw_only=True)
    @property
    def total(self):
        return super().__class__, self.x + self.y + self.z
print(Child(1, z=9), Child.__slots__, Child(1).total)
print([a.name for a in attrs.fields(Child)], attr.s(auto_attribs=True)(type("T", (), {"__annotations__": {"q": int}}))(4))
