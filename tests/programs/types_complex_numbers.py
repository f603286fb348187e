# complex: parsing, repr, arithmetic corners, powers, comparison, construction from parts.
import cmath, math
def t(label, action):
    try: print(label, '->', action())
    except Exception as e: print(label, '!', type(e).__name__, e)
for s in ['1', '1j', 'j', '-j', '+j', '1+2j', '1-2j', ' 1+2j ', '(1+2j)', '( 1+2j )', '1 + 2j', '1+2', '1+j2', '', '()', 'nan', 'nanj', 'inf+infj', '-inf-nanj', '1e5+1e-5j', '1.5J', '1_0+2_0j', '1__0j', '٣j', '1+2j\0', '((1))', '(1', '1)', 'jj', '1jj', '+-1j', '1e', '1e+2j', '1e+2+3j', '.5-.5j', 'i', '1i']: t(f'complex({s!a})', lambda: complex(s))
inf, nan = math.inf, math.nan
for re in (0.0, -0.0, 1.5, -1.0, inf, nan, 1e100):
    for im in (0.0, -0.0, 2.0, -inf, nan): print(complex(re, im), end=' ')
    print()
zs = [0j, 1 + 0j, -1j, 3 + 4j, complex(inf, 1), complex(nan, 0), complex(-0.0, -0.0), 1e200 + 1e200j]
for a in zs:
    t(f'abs {a}', lambda: abs(a)); t(f'neg {a}', lambda: (-a, +a, a.conjugate(), bool(a), hash(a) if a == a else 0))
    for b in zs:
        t(f'{a} + - *', lambda: (a + b, a - b, a * b)); t(f'{a} / {b}', lambda: a / b)
    for b in (0, 1, 2, -1, 0.5, 1j, 3 + 4j, 101, -101, 2.5): t(f'{a} ** {b}', lambda: a ** b)
for b in (2, 2.5, True, 10**400, None, 'a'):
    t(f'mixed {b!r:.9}', lambda: ((1 + 2j) + b, b - (1 + 2j), (1 + 2j) * b, b / (1 + 2j)))
for op in ('//', '%', '<', '<=', '>', 'divmod'): t(op, lambda: eval('divmod(1j, 2)' if op == 'divmod' else f'1j {op} 2'))
t('pow3', lambda: pow(1j, 2, 3)); t('int', lambda: int(1j)); t('float', lambda: float(1j)); t('round', lambda: round(1j)); t('floor', lambda: math.floor(1j)); t('eq', lambda: (1 + 0j == 1, 1 + 0j == 1.0, 1j == 1, 1 + 0j == True, 1j == '1j', 1j != 1j, 10**400 == 1j, complex(1e20) == 10**20, 2**53 + 1 == complex(2**53)))
t('hash', lambda: (hash(1 + 0j) == hash(1), hash(0.5 + 0j) == hash(0.5), hash(1j), hash(-1j), hash(1 + 2j)))
import warnings
with warnings.catch_warnings(record=True) as w:
    warnings.simplefilter('always')
    for args in [(), (1,), (1, 2), (1j, 2), (1, 2j), (1j, 1j), ('1', 2), (1, '2'), (None,), ([], 1), (1, None), (True, False), (10**400,), (1.5, -0.0), (-0.0, -0.0)]: t(f'complex{args}'[:40], lambda: complex(*args))
    for kw in [dict(real=1), dict(imag=1), dict(real=1, imag=2), dict(real='1'), dict(imag=1j), dict(real=1j), dict(x=1)]: t(f'complex(**{kw})', lambda: complex(**kw))
    print([str(x.message) for x in w])
t('from_number', lambda: (complex.from_number(3), complex.from_number(1j), complex.from_number(2.5))); t('from str', lambda: complex.from_number('1'))
class C(complex):
    def __repr__(self): return 'C' + super().__repr__()
t('sub', lambda: (C(1, 2), C('1j'), C(1, 2) + 1, type(-C(1)), C.from_number(5), C(1, 2).real, complex(C(1, 2)), C(1, 2).__complex__(), C(1, 2) == 1 + 2j, f'{C(1, 2)}', f'{C(1, 2):.1f}'))
t('set', lambda: setattr(1j, 'real', 2)); t('getnewargs', lambda: (1 + 2j).__getnewargs__()); t('format', lambda: [format(1.5 - 2j, f) for f in ('', '.2f', 'e', '>20', '+', 'n', ',')]); t('literal', lambda: (1e3j, .5j, 1_0j, 0j, -0j, 1 - 0j))
for f in ('sqrt', 'exp', 'log', 'sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'sinh', 'tanh', 'phase', 'polar', 'isnan', 'isinf', 'isfinite', 'log10'):
    for z in (0, 1j, -1, complex(inf, 0), complex(0, nan), 1.5 + 0.5j):
        def go():
            r = getattr(cmath, f)(z)
            if isinstance(r, complex): return complex(float(f'{r.real:.10g}'), float(f'{r.imag:.10g}'))
            return tuple(float(f'{x:.10g}') for x in r) if isinstance(r, tuple) else r if isinstance(r, bool) else float(f'{r:.10g}')
        t(f'{f}({z})', go)
t('rect', lambda: cmath.rect(2, 0)); t('isclose', lambda: (cmath.isclose(1j, 1j + 1e-12), cmath.isclose(1, 2, rel_tol=0.5))); t('isclose bad', lambda: cmath.isclose(1, 2, rel_tol=-1)); t('log base', lambda: cmath.log(8, 2).real)
