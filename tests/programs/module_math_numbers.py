import cmath
import math

for name in ("sqrt", "cbrt", "exp", "expm1", "log", "log1p", "log2", "log10", "sin", "cos", "tan", "atan", "sinh", "tanh", "gamma", "lgamma", "erf", "erfc", "floor", "ceil", "trunc", "ulp"):
    function = getattr(math, name)
    print(name, [round(function(x), 12) for x in (0.5, 1.25, 3.0)])
print(math.gcd(12, 18, 27), math.lcm(4, 6), math.comb(10, 3), math.perm(5), math.factorial(20), math.isqrt(10**20), math.prod([2, 3, 4], start=5))
print(math.hypot(3, 4, 12), math.dist((1, 2), (4, 6)), math.fsum([0.1] * 10), sum([0.1] * 10), math.sumprod([1, 2], [3, 4]), math.fma(2, 3, 4))
print(math.frexp(10.5), math.ldexp(0.5, 4), math.modf(-2.75), math.fmod(-7, 3), math.remainder(7, 4), math.copysign(1, -0.0), math.nextafter(1, 2), math.nextafter(0, 1, steps=3))
print(math.isclose(0.1 + 0.2, 0.3), math.isfinite(math.inf), math.isnan(math.nan), math.atan2(-0.0, -1), math.degrees(math.pi), math.radians(180), math.pow(2, -1), math.exp2(3))
print(cmath.sqrt(-4), cmath.exp(1j * cmath.pi).real, cmath.phase(-1), cmath.polar(3 + 4j), cmath.rect(2, 0), cmath.isclose(1j, 1j + 1e-12), cmath.log(1j).imag)
for bad in ("math.sqrt(-1)", "math.log(0)", "math.factorial(-1)", "math.factorial(2.5)", "math.gcd(1.5)", "math.exp(1000)", "math.comb(2, -1)", "math.acos(2)", "cmath.log(0)", "math.pow(0, -1)", "math.fmod(1, 0)", "math.isqrt(-1)", "math.sqrt('a')", "math.ldexp(1, 10**10)", "math.dist([1], [1, 2])"):
    try:
        print(bad, eval(bad))
    except (ValueError, TypeError, OverflowError) as error:
        print(bad, type(error).__name__, error)
