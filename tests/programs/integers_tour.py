big = 2 ** 200 + 12345678901234567890
print(big, -big // 7, big % 97, divmod(-big, 10 ** 20), big >> 100, big << 3, big & (2 ** 64 - 1), big | 1, ~big, big ^ big)
print(int('ff', 16), int('0b101', 0), int(' -42 '), int(3.99), int('1_000'), bin(10), oct(64), hex(-255), (255).to_bytes(2, 'big'), int.from_bytes(b'\x01\x00', 'little'))
print((10).bit_length(), (-8).bit_count(), pow(3, 100, 7), pow(3, -1, 7), 7 // -2, -7 % 3, 7 % -3, divmod(7, -2), round(1234, -2), (5).as_integer_ratio())
print(hash(2 ** 61 - 1), hash(-1), hash(big) == hash(big + 0), 10 ** 18 * 10 ** 18, 3 ** 0, 0 ** 0, True + True, isinstance(True, int))
print(12345678901234567890 * 98765432109876543210, 100000000000000000000 // 3, -(10 ** 30) // 7, 10 ** 30 % -7)
print(1 / 3, 10 ** 400 // 10 ** 399, 7 / 2, 2 ** -1, (2 ** 53 + 1) / 1, 1e308 * 10, float(10 ** 20))
for bad in (lambda: 1 // 0, lambda: 1 % 0, lambda: 2 ** 2.5j if 0 else int('x'), lambda: int(float('nan')), lambda: float(10 ** 400), lambda: 1 << -1, lambda: (300).to_bytes(1, 'big'), lambda: pow(2, -1, 4)):
    try: print(bad())
    except Exception as e: print(type(e).__name__, e)
import math
print(math.factorial(30), math.isqrt(big), math.gcd(2 ** 70, 6 ** 30), math.comb(60, 30))
