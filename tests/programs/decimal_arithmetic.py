# Decimal: rounding at the precision, signals, contexts, formatting, conversions, precision without bounds.
import decimal
from decimal import *

with localcontext() as c:
    for prec in 1, 9, 28, 38, 39, 60:
        c.prec = prec
        print(prec, Decimal(1) / 7, Decimal("99999999999999999999999999995") + Decimal("0.5"), Decimal("1.1") ** 40, Decimal(2).sqrt())

with localcontext(prec=6, traps=[]) as c:
    for operation in (
        lambda: Decimal(1) / 0,
        lambda: Decimal(0) / 0,
        lambda: Decimal("Inf") - Decimal("Inf"),
        lambda: Decimal("sNaN12") + 1,
        lambda: Decimal("9E999999") * 10,
        lambda: Decimal("1E-999999") / 3,
        lambda: Decimal("1234567").quantize(Decimal("0.1")),
        lambda: c.create_decimal(" 1"),
    ):
        c.clear_flags()
        result = operation()
        print(result, sorted(signal.__name__ for signal, on in c.flags.items() if on))

for spec in "", ".2f", ",.3f", "012,.1f", "e", ".0e", "%", "*^20", "+g", "_", "z.1f":
    print(repr(spec), *(format(Decimal(text), spec) for text in ("1234567.891", "-0.04", "0E+3", "1E-9")))

for rounding in ROUND_UP, ROUND_DOWN, ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_05UP:
    print(rounding, *(Decimal(text).quantize(Decimal(1), rounding) for text in ("1.5", "2.5", "-2.5", "5.01", "-0.1")))

print(hash(Decimal("1.5")) == hash(1.5), Decimal("0.1") == 0.1, Decimal(0.1), Decimal("7.25").as_integer_ratio(), Decimal("-1E+3").as_tuple())

# Factorials are exact at the largest precision, whose digits nobody allocates.
with localcontext(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN) as c:
    product = Decimal(1)
    for n in range(1, 200):
        product *= n
    print(len(str(product)), hash(product), product // 10**360)
    for operation in lambda: Decimal(1) / 3, lambda: Decimal(2).sqrt(), lambda: Decimal("1E+999999999999999") + 1:
        try:
            print(operation())
        except MemoryError:
            print("MemoryError")

flags = Context().flags
try:
    print(flags)
except ValueError as e:
    print(e)
