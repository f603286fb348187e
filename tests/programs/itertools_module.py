# itertools: results, laziness, errors, and that reused tuples are not seen.
from itertools import *


def attempt(f, *args, **kwargs):
    try:
        r = f(*args, **kwargs)
        print(list(islice(r, 6)) if hasattr(r, "__next__") else r)
    except Exception as e:
        print(type(e).__name__, e)


attempt(accumulate, [1, 2, 3], initial=10)
attempt(accumulate, "abc", lambda a, b: b + a)
attempt(batched, "abcdefg", 3)
attempt(batched, "abcdefg", 3, strict=True)
attempt(batched, "abc", 0)
attempt(chain, "ab", [1], ())
attempt(chain.from_iterable, ["ab", 1])
attempt(combinations, "abcd", 2)
attempt(combinations, "ab", 3)
attempt(combinations, "ab", -1)
attempt(combinations_with_replacement, "abc", 2)
attempt(permutations, "abc", 2)
attempt(permutations, "abc", 2.0)
attempt(product, "ab", [1, 2])
attempt(product, "ab", repeat=2)
attempt(product, "ab", repeat=-1)
attempt(product, [], "ab")
attempt(product, repeat=0)
attempt(compress, "abcde", [1, 0, 1])
attempt(count, 3)
attempt(count, 1.5, -0.5)
attempt(count, 2**63 - 2)
attempt(count, "a")
attempt(cycle, "ab")
attempt(dropwhile, lambda n: n < 3, [1, 3, 2])
attempt(takewhile, lambda n: n < 3, [1, 3, 2])
attempt(filterfalse, None, [0, 1, "", "a"])
attempt(islice, range(10), 2, None, 3)
attempt(islice, "abc", -1)
attempt(islice, "abc", "x", 1)
attempt(islice, "abc", 0, 1, 0)
attempt(pairwise, "abcd")
attempt(repeat, 7, 3)
attempt(repeat, 7, "x")
attempt(starmap, pow, [(2, 3), [3, 2]])
attempt(zip_longest, "abc", [1], fillvalue="-")
attempt(zip_longest, "a", x=1)
attempt(tee, "ab", -1)
attempt(chain)
attempt(islice)

print(repr(count(1)), repr(count(1, 2)), repr(count(2.5)), repr(repeat(3)), repr(repeat("x", 2)))
print([(k, list(g)) for k, g in groupby("aabbbca")])
print([(k, len(list(g))) for k, g in groupby(range(10), key=lambda n: n // 4)])
groups = groupby("aab")
first_key, first = next(groups)
second_key, second = next(groups)
print(first_key, list(first), second_key, list(second))

a, b, c = tee(iter(range(200)), 3)
print(sum(a), next(b), sum(islice(b, 100)), sum(c), sum(b))
d = b.__copy__()
print(list(d), list(b))

# A tuple that is kept is not filled again.
kept = list(combinations(range(4), 2))
print(len(set(kept)), kept[0], kept[-1])
for it in (permutations(range(3)), product(range(2), range(2)), zip_longest([1, 2], [3]), pairwise(range(4))):
    x = next(it)
    shown = repr(x)
    rest = list(it)
    print(shown, x == eval(shown), len(rest))


class Reenter:
    def __iter__(self):
        return self

    def __next__(self):
        return next(self.tee)


r = Reenter()
r.tee, other = tee(r)
attempt(next, other)


def failing():
    yield 1
    raise ValueError("stop here")


for make in (lambda: batched(failing(), 2), lambda: pairwise(failing()), lambda: zip_longest(failing(), "abc"), lambda: islice(failing(), 5)):
    it = make()
    results = []
    for _ in range(3):
        try:
            results.append(next(it))
        except Exception as e:
            results.append(type(e).__name__)
    print(results)


class Sub(chain):
    def __init__(self, *args, **kwargs):
        self.extra = kwargs


s = Sub("ab", "c", note=1)
print(list(s), s.extra)
print(chain[int], repeat(1, 5).__length_hint__())
