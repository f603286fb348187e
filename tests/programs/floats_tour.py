import math
for x in (0.1, 1e16, 1e-5, 123456789.123456789, -0.0, 1e22, 5e-324, 1.7976931348623157e308, float('inf'), float('nan'), 2.5, 1/3):
    print(repr(x), str(x), x.hex(), f'{x:.3e} {x:.10g} {x:10.2f}', x.is_integer())
print(round(2.5), round(3.5), round(2.675, 2), round(-1.5), round(1e20), round(1234.5678, -2), int(-2.9), math.floor(-2.5), math.ceil(2.1), math.trunc(-2.7))
print(0.1 + 0.2, 1.0 // 0.1, 1.0 % 0.1, -1.0 % 3, divmod(-7.5, 2), 2.0 ** 0.5, (-8) ** (1/3), 1e300 * 1e10, float.fromhex('0x1.8p3'))
print((0.1).as_integer_ratio(), float('  1e3 '), float('-inf'), float('1_0.5'), hash(1.0) == hash(1), hash(0.5), hash(float('inf')), 1.0 == 1, math.nan == math.nan)
print(sum([0.1] * 10), math.fsum([0.1] * 10), math.hypot(3, 4), math.copysign(1, -0.0), math.frexp(8.5), math.modf(-2.25))
print(complex(1, 2) * 3j, abs(3 + 4j), (1 + 2j).conjugate(), complex('1-2j'), (2 + 0j) ** 0.5, repr(complex(0.0, -0.0)))
for bad in (lambda: 1.0 / 0, lambda: float('x'), lambda: 0.0 ** -1, lambda: math.sqrt(-1), lambda: math.log(0), lambda: int(math.inf), lambda: 1e200 ** 2, lambda: 1j < 2):
    try: print(bad())
    except Exception as e: print(type(e).__name__, e)
