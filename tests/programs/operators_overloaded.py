class V:
    def __init__(self, *v): self.v = v
    def __repr__(self): return f'V{self.v}'
    def __add__(self, o): return V(*(a + b for a, b in zip(self.v, o.v))) if isinstance(o, V) else NotImplemented
    def __radd__(self, o): return self if o == 0 else NotImplemented
    def __mul__(self, k): return V(*(a * k for a in self.v))
    __rmul__ = __mul__
    def __matmul__(self, o): return sum(a * b for a, b in zip(self.v, o.v))
    def __iadd__(self, o): self.v += o.v; return self
    def __eq__(self, o): return isinstance(o, V) and self.v == o.v
    def __lt__(self, o): return self.v < o.v
    def __hash__(self): return hash(self.v)
    def __len__(self): return len(self.v)
    def __getitem__(self, i): return self.v[i]
    def __contains__(self, x): return x in self.v
    def __neg__(self): return V(*(-a for a in self.v))
    def __bool__(self): return any(self.v)
    def __call__(self, *a): return ('called', a)
    def __format__(self, spec): return f'fmt:{spec}'
    def __divmod__(self, o): return 'divmod'
    def __index__(self): return len(self.v)
a, b = V(1, 2), V(3, 4)
print(a + b, sum([a, b]), 2 * a, a * 3, a @ b, -a, a == V(1, 2), a < b, b > a, len(a), a[0], 2 in a, bool(V(0)))
a += b
print(a, a(1), f'{a:xyz}', divmod(a, 1), [10, 20, 30, 40, 50][a], {a: 1}[V(1, 2, 3, 4)])
for bad in (lambda: a + 1, lambda: 'x' + a, lambda: a - b, lambda: a < 1, lambda: a ** 2):
    try: bad()
    except (TypeError, AttributeError) as e: print(type(e).__name__, e)
