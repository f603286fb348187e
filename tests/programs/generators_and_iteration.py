def fib():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b
import itertools
print(list(itertools.islice(fib(), 12)))
def tree(t):
    if isinstance(t, list):
        for x in t: yield from tree(x)
    else: yield t
print(list(tree([1, [2, [3, 4], []], 5])))
def echo():
    total = 0
    while True:
        got = yield total
        if got is None: return ('done', total)
        total += got
g = echo(); next(g)
print(g.send(3), g.send(4))
try: g.send(None)
except StopIteration as e: print(e.value)
def outer():
    result = yield from echo()
    print('result', result)
o = outer(); next(o); o.send(5)
try: o.send(None)
except StopIteration: print('end')
def closing():
    try:
        yield 1
    finally:
        print('closed')
c = closing(); next(c); c.close()
print(c.gi_frame, closing().gi_running)
class It:
    def __init__(self, n): self.n = n
    def __iter__(self): return self
    def __next__(self):
        if self.n == 0: raise StopIteration
        self.n -= 1; return self.n
print(list(It(3)), [*It(2)], dict(zip('ab', It(2))), max(It(4)), 2 in It(5))
print(list(iter(lambda it=It(5): next(it), 2)))
class Old:
    def __getitem__(self, i):
        if i > 3: raise IndexError
        return i * i
print(list(Old()), 4 in Old())
x = (i for i in range(3)); print(next(x), list(x), list(x))
