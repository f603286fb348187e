# random: the sequences of CPython's generator; heapq, bisect, statistics.
import _random, bisect, heapq, random, statistics


def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as e:
        print(type(e).__name__, e)


r = random.Random(12345)
print(r.random(), r.random(), r.getrandbits(10), r.getrandbits(100), r.randint(1, 100), r.randrange(0, 1000, 7))
print(r.choice("abcdef"), r.sample(range(50), 5), r.uniform(1, 2), r.choices([1, 2, 3], [5, 1, 1], k=5), r.randbytes(5))
x = list(range(10)); r.shuffle(x); print(x)
print(r.gauss(0, 1), r.triangular(0, 1, 0.5), r.expovariate(2))
for seed in (0, -7, 2**200, "text", b"bytes", 1.5, True, None):
    r.seed(seed)
    print(type(seed).__name__, r.random() if seed is not None else "", r.getrandbits(0))
state = r.getstate()
a = [r.random() for _ in range(700)]
r.setstate(state)
print(a == [r.random() for _ in range(700)], len(state[1]))
g = _random.Random(5)
attempt(g.getrandbits, -1)
attempt(g.getrandbits, "a")
attempt(g.setstate, 1)
attempt(g.setstate, (1,))
attempt(g.setstate, ("a",) * 625)
attempt(g.setstate, (0,) * 624 + (700,))
attempt(g.seed, [])
attempt(_random.Random, 1, 2)
attempt(random.seed, [])


class Own(random.Random):
    def random(self):
        return 0.25


print(Own().randrange(8), Own().uniform(0, 4))

h = []
for n in (5, 1, 4, 1, 3):
    heapq.heappush(h, n)
print(h, heapq.heappop(h), heapq.heapreplace(h, 9), heapq.heappushpop(h, 0), h, [heapq.heappop(h) for _ in range(len(h))])
m = [3, 1, 4, 1, 5, 9, 2, 6]
heapq.heapify_max(m); heapq.heappush_max(m, 7)
print(m[0], heapq.heapreplace_max(m, 0), heapq.heappushpop_max(m, 100), [heapq.heappop_max(m) for _ in range(len(m))])
x = [(i * 7919) % 10007 for i in range(5000)]
heapq.heapify(x); print([heapq.heappop(x) for _ in range(5)], heapq.nlargest(3, x), heapq.nsmallest(2, [3, 1, 2], key=lambda n: -n), list(heapq.merge([1, 4], [2, 3], [0])))
attempt(heapq.heappop, [])
attempt(heapq.heapify, (1,))
attempt(heapq.heapify, [1, "a"])


class Shrink:
    def __lt__(self, other):
        items.clear()
        return True


items = [Shrink() for _ in range(5)]
attempt(heapq.heappop, items)

s = [1, 2, 2, 3]
print(bisect.bisect(s, 2), bisect.bisect_left(s, 2), bisect.bisect_right(s, 9, 1, 3), bisect.bisect_left(s, -2, key=lambda n: -n))
bisect.insort(s, 2.5); bisect.insort_left(s, 0, key=lambda n: n); print(s)
attempt(bisect.bisect, s, 1, -1)
attempt(bisect.bisect, s, "a")
attempt(bisect.bisect, 5, 1)
attempt(bisect.bisect, s, 1, hi="a")
print(statistics.NormalDist(10, 2).inv_cdf(0.5), statistics.mean([1, 2, 4]), statistics.median([3, 1, 2]), round(statistics.stdev([1, 2, 3, 4]), 12), statistics.fmean([0.5, 1.5]))
attempt(statistics.NormalDist().inv_cdf, 0)
