class Typed:
    def __init__(self, kind): self.kind = kind
    def __set_name__(self, owner, name): self.name = name
    def __get__(self, obj, owner=None):
        if obj is None: return self
        return obj.__dict__[self.name]
    def __set__(self, obj, value):
        if not isinstance(value, self.kind): raise TypeError(f'{self.name} must be {self.kind.__name__}')
        obj.__dict__[self.name] = value
    def __delete__(self, obj): del obj.__dict__[self.name]
class P:
    x = Typed(int); name = Typed(str)
p = P(); p.x = 1; p.name = 'n'
print(p.x, p.name, vars(p))
try: p.x = 'no'
except TypeError as e: print(e)
del p.x
try: p.x
except KeyError as e: print('KeyError', e)
class Lazy:
    @property
    def v(self): "doc of v"; return 5
    @classmethod
    def c(cls): return cls.__name__
    @staticmethod
    def s(): return 's'
print(Lazy().v, Lazy.v.__doc__, Lazy.c(), Lazy().c(), Lazy.s(), Lazy().s())
try: Lazy().v = 1
except AttributeError as e: print(e)
class G:
    def __getattr__(self, name): return f'<{name}>'
    def __setattr__(self, name, value): super().__setattr__(name, value * 2)
g = G(); g.a = 4
print(g.a, g.b)
