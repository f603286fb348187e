import random

r = random.Random(42)
print(r.random(), r.randint(1, 6), r.randrange(0, 100, 7), r.choice("abc"), r.choices([1, 2, 3], weights=[5, 1, 1], k=5), r.sample(range(100), 5), r.uniform(1, 2), r.getrandbits(70), r.randbytes(4))
deck = list(range(10))
r.shuffle(deck)
print(deck)
for name, arguments in (("gauss", (0, 1)), ("normalvariate", (5, 2)), ("expovariate", (1.5,)), ("betavariate", (2, 3)), ("gammavariate", (2, 1)), ("triangular", (0, 10, 3)), ("lognormvariate", (0, 1)), ("vonmisesvariate", (0, 4)), ("paretovariate", (3,)), ("weibullvariate", (1, 1.5)), ("binomialvariate", (10, 0.3))):
    print(name, getattr(r, name)(*arguments))
state = r.getstate()
first = [r.random() for _ in range(3)]
r.setstate(state)
print(first == [r.random() for _ in range(3)], state[0], len(state[1]))
for seed in ("text", b"bytes", 1.5, None and 0, 10**30, -7):
    print(random.Random(seed).random() if seed is not None else "-")
print(r.sample(["a", "b"], counts=[3, 2], k=4), r.choices("ab", cum_weights=[1, 3], k=6))
for bad in (lambda: r.choice([]), lambda: r.randrange(5, 5), lambda: r.sample([1], 2), lambda: r.sample({1}, 1), lambda: r.choices([1], weights=[0]), lambda: r.randint(1.5, 2), lambda: random.Random([1]), lambda: r.getrandbits(-1), lambda: r.setstate((1,))):
    try:
        bad()
    except (ValueError, TypeError, IndexError) as error:
        print(type(error).__name__, error)
