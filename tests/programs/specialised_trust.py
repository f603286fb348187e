# What a specialised instruction remembers must not outlive what it was true of: descriptors of classes that change, members that belong
# to another class, an __init__ whose code is replaced, and comparison methods that cannot be had.
import _struct
import sys


class Descriptor:
    pass


class C:
    def __init__(self):
        self.x = 1

    x = Descriptor()


def load(o):
    return o.x


o = C()
print({load(o) for _ in range(100)})
Descriptor.__get__ = lambda self, instance, owner: 2
Descriptor.__set__ = lambda *args: print("set", args[2])
print(load(o))


def store(o):
    o.x = 5


store(o)


class Meta(type):
    attribute = Descriptor()


class Plain(metaclass=Meta):
    attribute = 3


Descriptor.__set__ = None
print(Plain.attribute)


class Owner:
    __slots__ = ("slot",)


class Borrower:
    borrowed = Owner.slot


class Shadow:
    __slots__ = ("shadowed",)
    shadowing = Owner.slot


def read(o, name):
    failed = set()
    for _ in range(100):
        try:
            o.borrowed if name == "borrowed" else o.shadowing
        except TypeError as error:
            failed.add(str(error))
    return failed


def write(o, name):
    failed = set()
    for _ in range(100):
        try:
            if name == "borrowed":
                o.borrowed = 1
            else:
                o.shadowing = 1
        except TypeError as error:
            failed.add(str(error))
    return failed


shadow = Shadow()
shadow.shadowed = 42
for o, name in (Borrower(), "borrowed"), (shadow, "shadowing"):
    print(read(o, name), write(o, name))
print(shadow.shadowed)


class Made:
    def __init__(self):
        pass


def make(*args):
    return Made(*args)


def make_plain():
    return Made()


for _ in range(100):
    make_plain()


def counting(self, *args, **kwargs):
    self.seen = (args, kwargs)


Made.__init__.__code__ = counting.__code__
print(make_plain().seen, make(1, 2).seen)


class Needs:
    def __init__(self, a, *, b=2):
        self.got = a, b


def wrong():
    return Needs()


words = set()
for _ in range(100):
    try:
        wrong()
    except TypeError as error:
        words.add(str(error))
print(words)


def with_defaults(a):
    return Needs(a)


print({with_defaults(i).got for i in range(50)} == {(i, 2) for i in range(50)})


def no(self):
    raise AttributeError("no")


class Refuses:
    __eq__ = property(no)
    __hash__ = None


a, b = Refuses(), Refuses()
print(a == b, a == a, a != b)

print(repr([None] * 2), _struct.Struct("<ih").size, sys.getsizeof([]) > 0)
