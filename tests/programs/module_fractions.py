from fractions import Fraction
import math

print(Fraction(16, -10), Fraction("1.25"), Fraction("3/7"), Fraction(0.5), Fraction("1e-3"), Fraction(1.1), repr(Fraction(2, 4)))
print(Fraction(1, 3) + Fraction(1, 6), Fraction(1, 3) * 3, Fraction(7, 2) // 1, Fraction(7, 2) % 1, Fraction(2, 3) ** -2, Fraction(1, 4) ** 0.5, -Fraction(1, 2), abs(Fraction(-1, 2)))
print(Fraction(math.pi).limit_denominator(1000), Fraction("0.333").limit_denominator(10), math.floor(Fraction(-7, 2)), math.ceil(Fraction(7, 2)), round(Fraction(5, 2)), round(Fraction(22, 7), 2))
print(Fraction(1, 2) == 0.5, Fraction(1, 3) < 0.34, hash(Fraction(1, 2)) == hash(0.5), sorted([Fraction(1, 2), 0.3, 1]), sum([Fraction(1, n) for n in range(1, 11)]))
print(f"{Fraction(22, 7):.3f} {Fraction(1, 3):10.2e} {Fraction(1000000, 3):,.1f} {Fraction(3, 4)}", Fraction(3, 4).as_integer_ratio(), Fraction.from_float(0.1), divmod(Fraction(7, 2), Fraction(1, 3)))
for bad in (lambda: Fraction(1, 0), lambda: Fraction("1/x"), lambda: Fraction(1, 2) / 0, lambda: Fraction(float("nan")), lambda: Fraction([1])):
    try:
        bad()
    except (ZeroDivisionError, ValueError, TypeError) as error:
        print(type(error).__name__, error)
