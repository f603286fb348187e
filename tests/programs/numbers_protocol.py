import numbers, fractions, decimal
from fractions import Fraction
print(Fraction(1, 3) + Fraction(1, 6), Fraction('0.125'), Fraction(3.5), round(Fraction(7, 2)), Fraction(1, 3) < 0.34, isinstance(Fraction(1), numbers.Rational))
from decimal import Decimal, getcontext, ROUND_HALF_UP
print(Decimal('0.1') + Decimal('0.2'), Decimal(1) / Decimal(7), Decimal('2.675').quantize(Decimal('0.01'), ROUND_HALF_UP), Decimal('1e3').normalize(), Decimal(3).sqrt())
class Metres:
    def __init__(self, v): self.v = v
    def __int__(self): return int(self.v)
    def __float__(self): return float(self.v)
    def __complex__(self): return complex(self.v)
    def __round__(self, n=None): return ('round', n)
    def __trunc__(self): return 7
    def __index__(self): return int(self.v)
    def __abs__(self): return 'abs'
    def __pow__(self, o, m=None): return ('pow', o, m)
    def __rpow__(self, o): return ('rpow', o)
    def __rfloordiv__(self, o): return 'rfloordiv'
    def __ilshift__(self, o): return 'ilshift'
m = Metres(3)
print(int(m), float(m), complex(m), round(m), round(m, 2), [0, 1, 2, 3][m], abs(m), m ** 2, pow(m, 2, 5), 2 ** m, 9 // m, hex(m), bin(m), range(m))
m <<= 1; print(m)
print(True + 1, True & False, ~0, +True, -False, 1 if 0.0 else 2, not [], 5 and 0 or 'x', 1 < 2 < 3 > 2, 1 == 1.0 == 1 + 0j)
