# int: parsing, conversion, division rules, shifts, powers, bytes, limits, huge operands.
import sys, math
def t(label, action):
    try: r = action(); print(label, '->', r if not isinstance(r, int) or abs(r) < 10**40 else f'<{r.bit_length()} bits, {r % 1000003}>')
    except Exception as e: print(label, '!', type(e).__name__, e)
for text in ['0', '-0', '+5', ' 7 ', '\t8\n', '1_000', '1__0', '_1', '1_', '0x10', '0b1', '0o7', '007', '', ' ', '+', '-', '--1', '1 2', '١٢', '１２', '²', 'Ⅷ', '1e5', '1.0', 'a', '\x00', '1\x00', '9' * 30, '\ud800', '- 1', '0_0', '0x', 'é']:
    t(f'int({text!a})', lambda: int(text))
    for base in (0, 2, 16, 36): t(f'int({text!a}, {base})', lambda: int(text, base))
for text in [b'12', bytearray(b' 7 '), memoryview(b'9'), b'', b'1_0', b'\xff', b'1\x002']: t(f'int({bytes(text)})', lambda: int(text))
for base in (1, 37, -1, 2**70, '10', None, 2.0, True): t(f'base {base!r:.9}', lambda: int('11', base))
for args in [dict(base=10), dict(x=5), {}]: t(f'int(**{args})', lambda: int(**args))
for value in (3.99, -3.99, 1e20, float('nan'), float('inf'), float('-inf'), 1j, None, [], b''): t(f'int({value})', lambda: int(value))
for a in (7, -7, 0, 10**25, -10**25):
    for b in (3, -3, 10**12, -10**12, 0):
        t(f'{a} by {b}', lambda: (a // b, a % b, divmod(a, b), a / b))
for a in (1, -1, 5, -5, 2**65, -2**65, 0):
    for n in (0, 1, 31, 64, 200): t(f'{a} << {n}', lambda: ((a << n) >> n == a, a >> n))
    t(f'{a} shift -1', lambda: a << -1); t(f'{a} rshift -1', lambda: a >> -1); t(f'{a} >> big', lambda: a >> 2**80); t(f'{a} << big', lambda: a << 2**80)
t('0 << big', lambda: 0 << 2**80)
for a, b in [(2, 10), (2, -2), (0, 0), (0, -1), (-2, 3), (-2, -3), (10, 30), (1, 10**9), (-1, 10**9 + 1)]: t(f'{a} ** {b}', lambda: a ** b)
for a, b, m in [(3, 100, 7), (3, -1, 7), (2, -1, 4), (2, 3, -5), (2, 3, 1), (2, 3, 0), (2, 0, 1), (-3, 5, 7), (10**30, 10**10, 10**9 + 7), (2, -5, 10**9 + 7)]: t(f'pow({a},{b},{m})', lambda: pow(a, b, m))
for v in (0, 1, 255, 256, -1, -128, -129, 2**64):
    for length, order, signed in [(1, 'big', False), (2, 'little', True), (9, 'big', True), (0, 'big', False), (-1, 'big', False), (1, 'x', False)]: t(f'{v} {length} {order} {signed}', lambda: v.to_bytes(length, order, signed=signed))
t('from', lambda: [int.from_bytes(b, o, signed=s) for b in (b'', b'\xff', b'\x01\x00', b'\xff' * 9) for o in ('big', 'little') for s in (True, False)]); t('from list', lambda: int.from_bytes([1, 2, 3])); t('from list bad', lambda: int.from_bytes([256])); t('from int', lambda: int.from_bytes(5)); t('from str', lambda: int.from_bytes('ab')); t('default', lambda: (255).to_bytes())
t('round', lambda: [round(1234567, n) for n in (0, -1, -2, -3, -7, -8, 2, None)]); t('round half', lambda: [round(n, -1) for n in (5, 15, 25, 35, -5, -15, -25)]); t('round bad', lambda: round(5, 'a')); t('round 1.0', lambda: round(5, 1.0))
t('bits', lambda: [(n.bit_length(), n.bit_count()) for n in (0, 1, -1, 255, -256, 2**100, -2**100 + 1)]); t('ratio', lambda: ((-3).as_integer_ratio(), True.as_integer_ratio(), (5).is_integer())); t('parts', lambda: ((5).real, (5).imag, (5).numerator, (5).denominator, (5).conjugate())); t('bool ops', lambda: (True + True, True & 1, True | False, ~5, True ^ True, -True, +True)); t('hash', lambda: (hash(2**61 - 1), hash(2**61), hash(-1), hash(-2), hash(2**200), hash(-2**200) == -hash(2**200))); t('compare', lambda: (1 < 1.5, 2**53 + 1 == float(2**53 + 1), 10**400 > float('inf'), 10**400 < float('inf'), 1 == 1 + 0j, 10**20 == 1e20, 10**23 == 1e23)); t('float', lambda: (float(2**53 + 1), float(10**308))); t('too large', lambda: float(10**309)); t('divide', lambda: 10**400 / 10**399); t('divide overflow', lambda: 10**400 / 3); t('divide tiny', lambda: 1 / 10**400); t('sizeof', lambda: (5).__sizeof__() > 0); t('trunc', lambda: (math.trunc(5), math.floor(-5), math.ceil(5))); t('format', lambda: f'{10**30:,} {2**70:#x} {-5:b} {255:08b}')
t('str limit', lambda: len(str(10**4299))); t('str over', lambda: str(10**4300)); t('int over', lambda: int('1' * 4301)); t('hex ok', lambda: len(hex(10**5000))); t('int 16 ok', lambda: int('f' * 5000, 16).bit_length())
old = sys.get_int_max_str_digits(); sys.set_int_max_str_digits(0); t('unlimited', lambda: len(str(3**20000))); n = 7**30000; t('round trip', lambda: int(str(n)) == n); t('square', lambda: n * n); t('isqrt', lambda: math.isqrt(n * n) == n); t('divmod', lambda: divmod(n * n + 5, n) == (n, 5)); t('gcd', lambda: math.gcd(n * 6, n * 4) == n * 2); t('mod pow', lambda: pow(3, n, 10**9 + 7)); t('and', lambda: (n & -n, n ^ n, n | 0 == n, (~n) + n)); t('neg shift', lambda: (-n) >> 80000); sys.set_int_max_str_digits(old)
for v in (5, 639, 640, -1, 'a', 2**70): t(f'set {v}', lambda: sys.set_int_max_str_digits(v))
sys.set_int_max_str_digits(old)
class I(int):
    def __repr__(self): return f'I({int(self)})'
    def __add__(self, o): return I(int(self) + o)
t('subclass', lambda: (I(5) + 1, I(5) * 2, -I(5), type(I(5) // 1), I('7'), I(b'8'), abs(I(-3)), type(+I(3)), I.from_bytes(b'\x01'), I(3).real, type(I(3).real), round(I(15), -1), int(I(4)), f'{I(9)}', str(I(9))))
t('new', lambda: int.__new__(I, 5)); t('new wrong', lambda: int.__new__(str, 5)); t('bool new', lambda: int.__new__(bool, 5)); t('bool', lambda: (bool.__new__(bool), bool(3), bool([]))); t('bool 2', lambda: bool(1, 2)); t('literal', lambda: (0xFF, 0o17, 0b11, 1_000, 0x_f, 0))
import warnings
with warnings.catch_warnings(record=True) as w: warnings.simplefilter('always'); eval('~True'); print([str(x.message)[:60] for x in w])
