class A:
    def who(self): return ['A']
class B(A):
    def who(self): return ['B'] + super().who()
class C(A):
    def who(self): return ['C'] + super().who()
class D(B, C):
    def who(self): return ['D'] + super().who()
print(D().who(), [c.__name__ for c in D.__mro__])
try:
    class E(A, B): pass
except TypeError as e: print(e)
class Meta(type):
    def __prepare__(name, bases, **kw):
        print('prepare', name, kw); return {}
    def __new__(m, name, bases, ns, **kw): return super().__new__(m, name, bases, ns)
    def __init__(c, name, bases, ns, **kw): super().__init__(name, bases, ns)
    def __call__(c, *a): print('call', a); return super().__call__(*a)
class F(metaclass=Meta, flag=1):
    def __init__(self, *a): self.a = a
    def __init_subclass__(cls, **kw): print('subclass', cls.__name__, kw)
    def __set_name__(self, owner, name): print('set_name', name)
class G(F, extra=2):
    attribute = F(1)
print(G(3).a, G.__qualname__, type(G))
class Slots:
    __slots__ = ('x', '__weakref__')
s = Slots(); s.x = 1
try: s.y = 2
except AttributeError as e: print(e)
print(Slots.x, Slots.__slots__)
