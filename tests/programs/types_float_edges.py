# float: parsing, repr, rounding, hex, comparison with huge ints, arithmetic corner cases, hash.
import math, sys
def t(label, action):
    try: print(label, '->', action())
    except Exception as e: print(label, '!', type(e).__name__, e)
for s in ['1', '1.', '.5', '1e5', '1E+5', '1e', '.', '', ' 2.5 ', '+3', '-0', '1_0.5_0', '1__0', '_1', '1_', '1._5', 'nan', '-NaN', 'inf', '+Infinity', 'infinit', '0x1p3', '1e400', '-1e400', '1e-400', '٣.١٤', '１.５', '1.5\0', '1,5', '1e1_0', '1_e1', 'é', '--1', '1 2', '1e+', '9' * 400, '0.' + '0' * 400 + '1', '179769313486231580793e289', '2.4703282292062328e-324', '2.4703282292062327e-324', '4.9e-324']:
    t(f'float({s[:24]!a})', lambda: float(s))
for b in (b'1.5', bytearray(b'2'), memoryview(b'3'), b'', b'1_0', b'\xff'): t(f'float({bytes(b)})', lambda: float(b))
values = [0.1, 0.1 + 0.2, 1 / 3, 1e16, 1e15, 123456789012345678.0, 1e-5, 1e-4, 0.0001234, 5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, 9007199254740993.0, 0.5, 100.0, 1e22, 1e23, 1e21, 123456.7, -0.0, 2**0.5, math.pi * 1e100, 4.35, 0.285, 2.675, 1.005]
for v in values:
    print(repr(v), str(v), f'{v:.17g}', v.hex(), float.fromhex(v.hex()) == v, float(repr(v)) == v, v.as_integer_ratio() if abs(v) < 1e20 else '', v.is_integer())
    print([round(v, n) for n in (0, 1, 2, 3, 10, -1, -2)] if abs(v) < 1e300 else '', round(v) if abs(v) < 1e20 else '')
for s in ['0x1p0', '0x.8p1', '-0x1.8', '1p5', 'inf', 'nan', '0x', '0x1p', '0x1p99999', '0x1p-1100', '0x1.fffffffffffff8p1023', '0x1.fffffffffffff7p1023', '0x0.00000000000008p-1022', '0x1.00000000000008p0', '0x1.00000000000018p0', ' 0x1 ', '0x1_0', '0X1P+3', 'z', '', '+-1', '0x1.p0', '0x.p0']: t(f'fromhex {s!r}', lambda: float.fromhex(s))
big = 10**400; inf, nan = math.inf, math.nan
print([(a < b, a == b, a > b) for a in (1.0, 2.0**53, 1e308, inf, -inf, nan) for b in (1, 2**53 + 1, big, -big)])
for a in (5.5, -5.5, 0.0, -0.0, inf, nan):
    for b in (2.0, -2.0, 0.0, inf, -inf, nan):
        t(f'{a} {b}', lambda: (a // b, a % b)); t(f'{a}/{b}', lambda: a / b); t(f'{a}**{b}', lambda: a ** b); t(f'divmod {a} {b}', lambda: divmod(a, b))
for a, b in [(-8, 1 / 3), (2.0, 10000), (-2.0, 10001), (0.0, -1), (-0.0, -1), (-0.0, -2), (10.0, -400), (1.0, inf), (-1.0, inf), (0.5, -inf), (-2.0, 0.5), (1e200, 2)]: t(f'{a} ** {b}', lambda: a ** b)
t('pow mod', lambda: pow(2.0, 3, 5)); t('round inf', lambda: round(inf)); t('round nan', lambda: round(nan)); t('round nan 1', lambda: round(nan, 1)); t('round big', lambda: (round(1e308, -308), round(1.5e300, -300), round(0.5, 400), round(12.5, -400))); t('round over', lambda: round(1.7976931348623157e308, -308)); t('round half', lambda: [round(x) for x in (0.5, 1.5, 2.5, -0.5, -1.5)]); t('round type', lambda: round(1.5, 'a')); t('round none', lambda: (round(2.5, None), round(-0.4))); t('int', lambda: (int(1e30), int(-0.9), 2.5.__trunc__(), 2.5.__floor__(), (-2.5).__ceil__())); t('ratio inf', lambda: inf.as_integer_ratio()); t('ratio nan', lambda: nan.as_integer_ratio())
print([hash(x) for x in (0.0, -0.0, 1.0, 0.5, 1e308, inf, -inf, 2.0**61, -1.0, 1.5)], hash(nan) == hash(nan)); print(nan == nan, nan in [nan], [nan] == [nan], nan != nan, {nan: 1}[nan], sorted([2.0, 1, -0.0, True]))
print(min(nan, 1.0), max(nan, 1.0), min(1.0, nan), sum([0.1] * 10), math.fsum([0.1] * 10), sum([1e308, 1e308, -1e308]), sum([0.1] * 10, 0.0), sum([1, 0.1, 2]))
t('getformat', lambda: (float.__getformat__('double'), float.__getformat__('float'))); t('getformat bad', lambda: float.__getformat__('x')); print(sys.float_info.dig, sys.float_info.max, sys.float_info.epsilon, float(), float.from_number(3), float.from_number(2.5)); t('from_number', lambda: float.from_number('3')); t('too many', lambda: float(1, 2)); t('keyword', lambda: float(x=1)); t('list', lambda: float([])); t('complex', lambda: float(1j)); t('huge', lambda: float(10**400))
class F(float):
    def __repr__(self): return f'F({float(self)})'
t('sub', lambda: (F(1.5) + 1, type(-F(1)), F('2.5'), F.fromhex('0x1p1'), F.from_number(1), round(F(2.5), 1), f'{F(1.5)}', str(F(1)), F(3).real, F(3).conjugate(), abs(F(-1))))
print([f'{x:{f}}' for x in (0.000123456, 1234567.891, 1e100) for f in ('', 'g', 'e', 'f', '.3', '.3g', ',.2f', '%', 'n', '_', '010.1f', '+.0e')]); print('%r %s %g %e %f %.3g %G %E' % ((1e-10,) * 8)); print(math.nextafter(0, 1), math.ulp(1.0), math.frexp(0.75), math.ldexp(0.5, 5), math.modf(-2.5), math.copysign(1, -0.0), math.remainder(5, 3), math.fmod(-5, 3), math.isclose(1, 1 + 1e-10), math.dist([0, 0], [3, 4]), math.hypot(3, 4, 12), math.sumprod([1, 2], [3.0, 4]), math.fma(2, 3, 4), math.exp2(3))
for f, a in [('sqrt', -1), ('log', 0), ('log', -1), ('acos', 2), ('exp', 1000), ('sin', inf), ('gamma', -1), ('factorial', -1), ('factorial', 2.5), ('log2', 0), ('atanh', 1), ('fmod', 5), ('lgamma', 0), ('isqrt', -1), ('comb', 5), ('perm', -1), ('log1p', -1), ('cosh', 1000), ('sqrt', 'a'), ('floor', nan), ('ceil', inf), ('trunc', inf)]: t(f'math.{f}({a})', lambda: getattr(math, f)(a))
