# Sums, products, quotients and shifts of long integers: carries over many digits, signs, lengths around the digit's 30 bits.
import hashlib
import random

source = random.Random(5)


def number():
    bits = source.choice([1, 29, 30, 31, 59, 60, 61, 63, 64, 89, 90, 91, 119, 120, 121, 300, 960, 990, 2000])
    value = source.getrandbits(bits)
    kind = source.random()
    if kind < 0.3:
        value = (1 << bits) + source.choice([-1, 0, 1])
    return -value if source.random() < 0.5 else value


digest = hashlib.sha256()
for _ in range(3000):
    a, b = number(), number()
    shift = source.randrange(400)
    results = [a + b, a - b, a * b, a << shift, a >> shift, -a >> shift]
    if b:
        results += divmod(a, b)
        assert results[-2] * b + results[-1] == a
    assert (a + b) - b == a and (a << shift) >> shift == a
    for result in results:
        digest.update(str(result).encode() + b" ")
print(digest.hexdigest())
print(((1 << 900) - 1 + 1) >> 899, -(1 << 900) // 7 % 1000, (-(1 << 90) + 1) >> 60)
