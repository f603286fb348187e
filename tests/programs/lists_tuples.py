# Lists and tuples: growth, slices, comparison, sorting, iterators, errors.
import sys

def error(f, *args, **kwargs):
    try:
        print('no error:', f(*args, **kwargs))
    except BaseException as e:
        print(type(e).__name__, e)

def run(text, **names):
    try:
        exec(text, names)
    except BaseException as e:
        print(text, '->', type(e).__name__, e)
    else:
        print(text, '->', names['a'])

l = []
sizes = []
for i in range(60):
    l.append(i); sizes.append(sys.getsizeof(l))
print(sizes)
print([sys.getsizeof(list(range(n))) for n in range(12)], [sys.getsizeof([0] * n) for n in range(6)], sys.getsizeof((1, 2, 3)))
while l: l.pop()
print(sys.getsizeof(l))

a = list(range(10))
for s in (slice(2, 5), slice(None, None, 2), slice(None, None, -1), slice(8, 2, -3), slice(-3, None), slice(100, 200), slice(5, 2), slice(None, None, 100)):
    b = list(a); del b[s]
    print(s, a[s], tuple(a)[s], b)
run('a[1:3] = "xyz"', a=list(range(5)))
run('a[::2] = "xyz"', a=list(range(5)))
run('a[::2] = "xy"', a=list(range(5)))
run('a[::-1] = a', a=list(range(5)))
run('a[3:1] = [9, 9]', a=list(range(5)))
run('a[1:2] = a', a=list(range(3)))
run('a[:] = 5', a=[1])
run('a[5] = 1', a=[1])
run('a["x"] = 1', a=[1])
run('a[2**70] = 1', a=[1])
run('del a[-1]', a=[1, 2])
run('a += (1, 2)', a=[1])
run('a += a', a=[1, 2])
run('a *= 3', a=[1, 2])
run('a *= -1', a=[1, 2])
run('a *= "x"', a=[1, 2])
run('a.insert(-100, 0); a.insert(100, 9); a.insert(-1, 8)', a=[1, 2])
run('a.extend(x for x in a[:] if x)', a=[0, 1, 2])
run('a.remove(2); a.reverse()', a=[1, 2, 3, 2])

error([].pop); error([1].pop, 5); error([1].index, 2); error([1].remove, 2); error(lambda: [1] + (2,)); error(lambda: (1,) + [2]); error(lambda: [1] * 'x')
error(lambda: [1]['x']); error(lambda: (1,)['x']); error(lambda: [1][9]); error(lambda: (1,)[9]); error(list, 5); error(list, 1, 2); error(tuple, 5); error(hash, [])
error(hash, (1, [])); error([1, 'a'].sort); error([1].sort, 1); error(lambda: [1] * (1 << 62)); error(lambda: [1] < 5); error((1,).index, 5)
print([1, 2, 3].index(2, -5), [1, 2, 1].index(1, 1), [1, 2, 1].count(1), (1, 2, 1).index(1, 1), (1, 2, 1).count(1))
print([1, 2] < [1, 3], [1] < [1, 0], [] == [], [float('nan')] == [float('nan')], (1, 2) < (1, 2, 0), (1, 'a') == (1, 'a'), [1, 2] >= [1, 2])
print(hash(()), hash((1,)), hash((1, 2, 3)), hash((1, (2, (3,)))), hash(tuple(range(100))))
r = [1]; r.append(r); t = (r,); r.append(t); print(r, t)
print(() is tuple(), tuple([]) is (), (1, 2) * 2, (1,) + (), tuple('abc'), (1, 2).__getnewargs__(), [].__sizeof__(), ().__sizeof__())

# sorting
print(sorted([3, 1, 2]), sorted('hello'), sorted([3, 1, 2], reverse=True), sorted([(1, 'b'), (0, 'c'), (1, 'a')]), sorted([2.5, -1.0, 0.0]))
data = [(i * 7919 % 101, i) for i in range(300)]
by_key = sorted(data, key=lambda p: p[0])
print(all(a[0] < b[0] or a[0] == b[0] and a[1] < b[1] for a, b in zip(by_key, by_key[1:])))
down = sorted(data, key=lambda p: p[0], reverse=True)
print(all(a[0] > b[0] or a[0] == b[0] and a[1] < b[1] for a, b in zip(down, down[1:])))
import random
rng = random.Random(1)
for n in (0, 1, 2, 3, 10, 63, 64, 65, 100, 1000, 5000):
    for make in (lambda: [rng.random() for _ in range(n)], lambda: [rng.randrange(10) for _ in range(n)], lambda: list(range(n)), lambda: list(range(n, 0, -1)),
                 lambda: [i % 7 for i in range(n)], lambda: [str(rng.randrange(1000)) for _ in range(n)], lambda: [rng.randrange(-2**80, 2**80) for _ in range(n)],
                 lambda: [(rng.randrange(5), rng.random()) for _ in range(n)], lambda: [1] * n + [0], lambda: list(range(n)) + [rng.random() * n for _ in range(5)],
                 lambda: [rng.choice([1, 2.5, True]) for _ in range(n)], lambda: ['ü' * rng.randrange(3) + chr(rng.randrange(0x3000)) for _ in range(n)]):
        items = make()
        tagged = [(v, i) for i, v in enumerate(items)]
        expected = sorted(tagged, key=lambda p: p[1])
        result = sorted(items)
        assert all(not b < a for a, b in zip(result, result[1:])) and len(result) == len(items)
        stable = sorted(tagged, key=lambda p: p[0])
        assert all(not (b[0] < a[0]) and (a[0] < b[0] or a[1] < b[1]) for a, b in zip(stable, stable[1:]))
compares = 0
class Counted:
    def __init__(self, v): self.v = v
    def __lt__(self, o):
        global compares
        compares += 1
        return self.v < o.v
for make in (lambda: range(1000), lambda: range(1000, 0, -1), lambda: [i * 7919 % 1009 for i in range(1000)], lambda: [0] * 1000, lambda: [i // 10 for i in range(1000)][::-1]):
    compares = 0
    sorted(map(Counted, make()))
    print(compares, end=' ')
print()
class Fails:
    n = 0
    def __lt__(self, o):
        Fails.n += 1
        if Fails.n == 20: raise ZeroDivisionError
        return id(self) < id(o)
items = [Fails() for _ in range(50)]
copy = set(map(id, items))
error(items.sort)
print(set(map(id, items)) == copy, len(items))
l = [3, 1, 2]
def key(x):
    l.append(x); return x
error(l.sort, key=key)
print(l)
l = [3, 1, 2]
error(l.sort, key=lambda x: 1 / (x - 1))
print(l)

# iterators
l = [1, 2, 3]
it = iter(l); next(it)
print(it.__length_hint__(), it.__reduce__()[1:], list(it), it.__reduce__()[1:], list(it))
l.append(4); print(list(it))
it = reversed(l); next(it); print(it.__length_hint__(), it.__reduce__()[1:], list(it), it.__reduce__())
it = iter((1, 2)); it.__setstate__(1); print(next(it), it.__length_hint__(), next(it, 'end'), it.__reduce__()[1])
l = [1, 2, 3]
for x in l:
    if len(l) < 6: l.append(x * 10)
print(l)
