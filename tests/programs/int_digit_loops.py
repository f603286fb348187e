# Long integers in CPython's 30-bit digits: bitwise operations, quotients of many digits, conversions from and to bytes, at lengths
# around one, two and more digits and with digits that are all ones or zero.
import hashlib
import random

source = random.Random(7)
digest = hashlib.sha256()
LENGTHS = [0, 1, 2, 5, 29, 30, 31, 59, 60, 61, 64, 89, 90, 91, 119, 120, 121, 300, 1000, 1900, 1920, 2000, 5000]


def number():
    bits = source.choice(LENGTHS)
    value = source.getrandbits(bits) if bits else 0
    kind = source.random()
    if kind < 0.15:
        value = (1 << bits) - 1
    elif kind < 0.3:
        value = 1 << bits
    elif kind < 0.4:
        value = ((1 << bits) - 1) ^ (((1 << (bits // 3 + 1)) - 1) << (bits // 3))
    elif kind < 0.45:
        value = (1 << bits) - (1 << (bits // 2))
    return -value if source.random() < 0.4 else value


def put(value):
    digest.update((hex(value) if isinstance(value, int) else repr(value)).encode())


for _ in range(600):
    a, b = number(), number()
    for value in (a + b, a - b, a * b, a & b, a | b, a ^ b, ~a, -a, hash(a)):
        put(value)
    put((a < b, a <= b, a == b, a != b))
    if b:
        quotient, rest = divmod(a, b)
        assert quotient == a // b and rest == a % b and quotient * b + rest == a
        assert rest == 0 or (rest < 0) == (b < 0) and abs(rest) < abs(b)
        put(quotient)
        put(rest)
    for signed in (False, True):
        for length in (0, 1, 3, 4, 8, 9, 20, (a.bit_length() + 7) // 8, (a.bit_length() + 8) // 8):
            for order in ("little", "big"):
                try:
                    data = a.to_bytes(length, order, signed=signed)
                except OverflowError as error:
                    put(str(error))
                    continue
                put(data)
                assert int.from_bytes(data, order, signed=signed) == a
    data = source.randbytes(source.randrange(40))
    for signed in (False, True):
        for order in ("little", "big"):
            put(int.from_bytes(data, order, signed=signed))

# Quotients that the estimate of a digit gets wrong by one are rare: many exact and nearly exact divisions.
for _ in range(200):
    x, y = (source.getrandbits(source.randrange(1, 9000)) | 1 for _ in range(2))
    for product in (x * y, x * y - 1, x * y + y - 1):
        for quotient in (product // y, -product // y, product % -y):
            put(quotient)
        assert product // y in (x, x - 1)
print(digest.hexdigest())

for call in ("int()", "int(7.9)", "int('12')", "int('ff', 16)", "int('11', base=2)", "int(b'5')", "int(True)", "int(1, 2, 3)", "int(base=3)", "int('1', bases=3)", "int(5, 10)"):
    try:
        print(call, eval(call))
    except TypeError as error:
        print(call, "TypeError", error)


class Key(tuple):
    pass


print(Key((1, 2)) == Key((1, 2)), Key((1, 2)) < Key((1, 3)), {Key((1, 2)): 1}[1, 2], (1, float("nan")) == (1, float("nan")))
nan = float("nan")
print((nan,) == (nan,), (nan,) < (nan,), (nan,) != (nan,), min([3, 1, 2]), max("b", "a"), max([(1, 2), (1, 3)]), min([], default=4))
items = list(range(12))
items[2:5] = (7, 8)
items[-3:] = items[:2]
items[4:1] = [99]
print(items, items[3:100], items[-100:2], (1, 2, 3)[1:], "abcd"[1:-1], b"abcd"[-2:], b"abc"[:], items[True:3])


class Counting(dict):
    def __delitem__(self, key):
        super().__delitem__(key)


counting = Counting()
counting["a"] = 1
counting[1] = 2
del counting["a"]
print(counting, end=" ")
try:
    counting[[]] = 1
except TypeError as error:
    print(error)
s = frozenset(range(40))
print(s - {1, 2}, s & {5, 99}, {1, 2} <= s, {1, 41} <= s, s.isdisjoint({77}), {1, "a"} < {1, "a", 2})
