class Meta(type):
    def __prepare__(name, bases, **options):
        print("prepare", name, options)
        return {"added": 1}
    def __new__(meta, name, bases, namespace, **options):
        return super().__new__(meta, name, bases, namespace)
    def __init__(cls, name, bases, namespace, **options):
        super().__init__(name, bases, namespace)
        cls.options = options
    def __call__(cls, *args):
        print("call", cls.__name__, args)
        return super().__call__(*args)
    def __len__(cls): return 3
    def __getitem__(cls, i): return f"{cls.__name__}[{i}]"
    def __contains__(cls, x): return x == 1


class Base(metaclass=Meta, flag=True):
    subclasses = []
    def __init_subclass__(cls, /, label=None, **options):
        super().__init_subclass__(**options)
        cls.label = label
        Base.subclasses.append(cls.__name__)
    def __new__(cls, *args):
        self = super().__new__(cls)
        self.made = True
        return self
    def __init__(self, *args): self.args = args


class Field:
    def __set_name__(self, owner, name): self.name = name; print("set_name", owner.__name__, name)
    def __get__(self, instance, owner=None): return self if instance is None else instance.__dict__.get(self.name, "unset")
    def __set__(self, instance, value): instance.__dict__[self.name] = value * 2
    def __delete__(self, instance): instance.__dict__.pop(self.name)


class Derived(Base, label="d"):
    field = Field()
    __slots__ = ()
    x: int = 5

    def __getattr__(self, name):
        if name.startswith("dyn_"):
            return name[4:]
        raise AttributeError(f"no {name}")
    def __setattr__(self, name, value):
        print("set", name)
        super().__setattr__(name, value)


d = Derived(1, 2)
print(d.args, d.made, d.field, Derived.field.name, Derived.label, Base.subclasses, Derived.options, Base.options, len(Derived), Derived[2], 1 in Derived, Derived.added)
d.field = 4
print(d.field, d.dyn_thing, vars(d), Derived.__annotations__)
del d.field
print(d.field, getattr(d, "nope", "default"), hasattr(d, "nope"))


class A:
    def who(self): return ["A"]
class B(A):
    def who(self): return ["B"] + super().who()
class C(A):
    def who(self): return ["C"] + super().who()
class D(B, C):
    def who(self): return ["D"] + super().who()
    __class_getitem__ = classmethod(lambda cls, item: (cls.__name__, item))


print(D().who(), [k.__name__ for k in D.__mro__], D[int], super(B, D()).who(), isinstance(D(), C), issubclass(D, (int, A)))


class Number:
    def __init__(self, n): self.n = n
    def __add__(self, o): return Number(self.n + getattr(o, "n", o))
    __radd__ = __add__
    def __iadd__(self, o): self.n += 100; return self
    def __eq__(self, o): return isinstance(o, Number) and self.n == o.n
    def __hash__(self): return hash(self.n)
    def __repr__(self): return f"Number({self.n})"
    def __bool__(self): return self.n != 0
    def __call__(self, *a, **k): return a, k
    def __matmul__(self, o): return "matmul"
    def __rpow__(self, o, m=None): return "rpow"
    def __enter__(self): return self
    def __exit__(self, *e): return True
    def __contains__(self, x): return x == self.n
    def __missing__(self, k): return k


n = Number(1)
m = n
n += 5
print(n, m is n, n + 1, 1 + n, sum([n, n]), n == Number(106 - 5), bool(Number(0)), n(1, a=2), n @ 1, 2 ** n, 101 in n, {n: 1}[Number(101)])
with n as entered:
    raise ValueError("swallowed")
for bad in (lambda: Derived.missing, lambda: d.missing, lambda: type("X", (D, A, B), {}), lambda: Number(1) < Number(2), lambda: Derived(x=1), lambda: setattr(A(), "__class__", int), lambda: object.__new__(int), lambda: type("Y", (bool,), {})):
    try:
        bad()
    except (AttributeError, TypeError) as error:
        print(type(error).__name__, error)
