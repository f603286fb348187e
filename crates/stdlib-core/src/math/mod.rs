//! `math`: functions of floats with Python's errors. Integers, sums and the gamma function have files of their own.

mod gamma;
mod integers;
pub mod libm;
mod sums;

use gamma::Problem;
use macros::pymodule;
use runtime::errors::{PyResult, Raised};
use runtime::macro_support::Args;
use runtime::object::{Object, Owned};
use runtime::protocol::object::lookup_special;
use runtime::protocol::{call, number};
use runtime::types::float::repr_f64;
use runtime::types::int::from_double;
use runtime::types::{Float, Int};
use runtime::{err, exceptions, intern};

#[cold]
pub fn domain_error() -> Raised {
    err!(ValueError, "math domain error")
}

#[cold]
pub fn range_error() -> Raised {
    err!(OverflowError, "math range error")
}

/// What a function wanted of its argument.
#[cold]
fn expected(what: &str, x: f64) -> Raised {
    err!(ValueError, "expected {}, got {}", what, repr_f64(x))
}

const IN_UNIT_RANGE: &str = "a number in range from -1 up to 1";
const FINITE: &str = "a finite input";
const POSITIVE: &str = "a positive input";
const GAMMA_ARGUMENT: &str = "a noninteger or positive integer";

/// The value of a function that has no value where it gives nan, or infinity from a finite argument.
#[inline]
fn defined(f: impl Fn(f64) -> f64, x: f64, wanted: &str) -> PyResult<f64> {
    let r = f(x);
    if r.is_nan() && !x.is_nan() || r.is_infinite() && x.is_finite() {
        return Err(expected(wanted, x));
    }
    Ok(r)
}

/// The value of a function that overflows where it gives infinity from a finite argument.
#[inline]
fn may_overflow(f: impl Fn(f64) -> f64, x: f64) -> PyResult<f64> {
    let r = f(x);
    if r.is_nan() && !x.is_nan() {
        return Err(domain_error());
    }
    if r.is_infinite() && x.is_finite() {
        return Err(range_error());
    }
    Ok(r)
}

fn gamma_result(result: Result<f64, Problem>, x: f64) -> PyResult<f64> {
    result.map_err(|problem| match problem {
        Problem::Domain => expected(GAMMA_ARGUMENT, x),
        Problem::Range => range_error(),
    })
}

/// A logarithm of any number; ints beyond the range of floats included.
fn logarithm(x: &Object, log: fn(f64) -> f64) -> PyResult<f64> {
    let Some(int) = x.downcast::<Int>() else {
        return defined(log, Float::as_f64(x)?, POSITIVE);
    };
    if int.sign() <= 0 {
        return Err(err!(ValueError, "expected a positive input"));
    }
    match runtime::errors::catch(int.as_f64(), exceptions::OverflowError())? {
        Some(value) => Ok(log(value)),
        None => {
            // x is m * 2**e.
            let big = int.to_bigint();
            let exponent = big.bits();
            let top = Int::from_bigint(&(big >> (exponent - 64)));
            let mantissa = libm::ldexp(top.as_f64()?, -64);
            Ok(log(mantissa) + log(2.0) * exponent as f64)
        }
    }
}

/// `floor`, `ceil`: a float's own, a method, or by way of a float.
fn rounded(x: &Object, method: &'static runtime::types::Str, round: fn(f64) -> f64) -> PyResult {
    if let Some(float) = x.downcast_exact::<Float>() {
        return Ok(from_double(round(float.value()))?.into_object());
    }
    if let Some(method) = lookup_special(x, method)? {
        return call::call0(&method);
    }
    Ok(from_double(round(Float::as_f64(x)?))?.into_object())
}

/// The float that is `steps` floats from x towards y.
fn step_towards(x: f64, y: f64, steps: u64) -> f64 {
    if steps == 0 || x.is_nan() {
        return x;
    }
    if y.is_nan() {
        return y;
    }
    const SIGN: u64 = 1 << 63;
    let (ux, uy) = (x.to_bits(), y.to_bits());
    if ux == uy {
        return x;
    }
    let (ax, ay) = (ux & !SIGN, uy & !SIGN);
    if (ux ^ uy) & SIGN != 0 {
        // On different sides of zero: floats between are counted by their magnitudes.
        return if ax + ay <= steps {
            y
        } else if ax < steps {
            f64::from_bits(uy & SIGN | (steps - ax))
        } else {
            f64::from_bits(ux & SIGN | (ax - steps))
        };
    }
    let distance = ax.abs_diff(ay);
    if distance <= steps {
        y
    } else if ax > ay {
        f64::from_bits(ux - steps)
    } else {
        f64::from_bits(ux + steps)
    }
}

/// Functions of real numbers, as the C standard defines most of them.
#[pymodule(name = "math")]
#[allow(non_upper_case_globals)]
pub mod math {
    use super::*;

    #[constant]
    const pi: f64 = std::f64::consts::PI;
    #[constant]
    const e: f64 = std::f64::consts::E;
    #[constant]
    const tau: f64 = std::f64::consts::TAU;
    #[constant]
    const inf: f64 = f64::INFINITY;
    #[constant]
    const nan: f64 = f64::NAN;

    /// Return the arc cosine (measured in radians) of x.
    ///
    /// The result is between 0 and pi.
    #[function("acos($module, x, /)")]
    fn acos(x: f64) -> PyResult<f64> {
        defined(libm::acos, x, IN_UNIT_RANGE)
    }

    /// Return the inverse hyperbolic cosine of x.
    #[function("acosh($module, x, /)")]
    fn acosh(x: f64) -> PyResult<f64> {
        defined(libm::acosh, x, "argument value not less than 1")
    }

    /// Return the arc sine (measured in radians) of x.
    ///
    /// The result is between -pi/2 and pi/2.
    #[function("asin($module, x, /)")]
    fn asin(x: f64) -> PyResult<f64> {
        defined(libm::asin, x, IN_UNIT_RANGE)
    }

    /// Return the inverse hyperbolic sine of x.
    #[function("asinh($module, x, /)")]
    fn asinh(x: f64) -> f64 {
        libm::asinh(x)
    }

    /// Return the arc tangent (measured in radians) of x.
    ///
    /// The result is between -pi/2 and pi/2.
    #[function("atan($module, x, /)")]
    fn atan(x: f64) -> f64 {
        libm::atan(x)
    }

    /// Return the arc tangent (measured in radians) of y/x.
    ///
    /// Unlike atan(y/x), the signs of both x and y are considered.
    #[function("atan2($module, y, x, /)")]
    fn atan2(y: f64, x: f64) -> f64 {
        libm::atan2(y, x)
    }

    /// Return the inverse hyperbolic tangent of x.
    #[function("atanh($module, x, /)")]
    fn atanh(x: f64) -> PyResult<f64> {
        defined(libm::atanh, x, "a number between -1 and 1")
    }

    /// Return the cube root of x.
    #[function("cbrt($module, x, /)")]
    fn cbrt(x: f64) -> f64 {
        libm::cbrt(x)
    }

    /// Return the ceiling of x as an Integral.
    ///
    /// This is the smallest integer >= x.
    #[function("ceil($module, x, /)")]
    fn ceil(x: &Object) -> PyResult {
        rounded(x, intern!("__ceil__"), f64::ceil)
    }

    /// Return a float with the magnitude (absolute value) of x but the sign of y.
    ///
    /// On platforms that support signed zeros, copysign(1.0, -0.0)
    /// returns -1.0.
    #[function("copysign($module, x, y, /)")]
    fn copysign(x: f64, y: f64) -> f64 {
        x.copysign(y)
    }

    /// Return the cosine of x (measured in radians).
    #[function("cos($module, x, /)")]
    fn cos(x: f64) -> PyResult<f64> {
        defined(libm::cos, x, FINITE)
    }

    /// Return the hyperbolic cosine of x.
    #[function("cosh($module, x, /)")]
    fn cosh(x: f64) -> PyResult<f64> {
        may_overflow(libm::cosh, x)
    }

    /// Convert angle x from radians to degrees.
    #[function("degrees($module, x, /)")]
    fn degrees(x: f64) -> f64 {
        x * (180.0 / pi)
    }

    /// Return the Euclidean distance between two points p and q.
    ///
    /// The points are sequences (or iterables) of coordinates, equally many of them:
    /// sqrt(sum((px - qx) ** 2.0 for px, qx in zip(p, q)))
    #[function("dist($module, p, q, /)")]
    fn dist(p: &Object, q: &Object) -> PyResult<f64> {
        sums::dist(p, q)
    }

    /// Error function at x.
    #[function("erf($module, x, /)")]
    fn erf(x: f64) -> f64 {
        libm::erf(x)
    }

    /// Complementary error function at x.
    #[function("erfc($module, x, /)")]
    fn erfc(x: f64) -> f64 {
        libm::erfc(x)
    }

    /// Return e raised to the power of x.
    #[function("exp($module, x, /)")]
    fn exp(x: f64) -> PyResult<f64> {
        may_overflow(libm::exp, x)
    }

    /// Return 2 raised to the power of x.
    #[function("exp2($module, x, /)")]
    fn exp2(x: f64) -> PyResult<f64> {
        may_overflow(libm::exp2, x)
    }

    /// Return exp(x)-1.
    ///
    /// For small x this is far more precise than the difference.
    #[function("expm1($module, x, /)")]
    fn expm1(x: f64) -> PyResult<f64> {
        may_overflow(libm::expm1, x)
    }

    /// Return the absolute value of the float x.
    #[function("fabs($module, x, /)")]
    fn fabs(x: f64) -> f64 {
        x.abs()
    }

    /// Return n factorial.
    #[function("factorial($module, n, /)")]
    fn factorial(n: &Object) -> PyResult<Owned<Int>> {
        integers::factorial(n)
    }

    /// Return the floor of x as an Integral.
    ///
    /// This is the largest integer <= x.
    #[function("floor($module, x, /)")]
    fn floor(x: &Object) -> PyResult {
        rounded(x, intern!("__floor__"), f64::floor)
    }

    /// Fused multiply-add operation.
    ///
    /// Compute (x * y) + z with a single round.
    #[function("fma($module, x, y, z, /)")]
    fn fma(x: f64, y: f64, z: f64) -> PyResult<f64> {
        let r = libm::fma(x, y, z);
        if r.is_nan() && !x.is_nan() && !y.is_nan() && !z.is_nan() {
            return Err(err!(ValueError, "invalid operation in fma"));
        }
        if r.is_infinite() && x.is_finite() && y.is_finite() && z.is_finite() {
            return Err(err!(OverflowError, "overflow in fma"));
        }
        Ok(r)
    }

    /// Return fmod(x, y), according to platform C.
    ///
    /// x % y may differ.
    #[function("fmod($module, x, y, /)")]
    fn fmod(x: f64, y: f64) -> PyResult<f64> {
        if y.is_infinite() && x.is_finite() {
            return Ok(x);
        }
        let r = libm::fmod(x, y);
        if r.is_nan() && !x.is_nan() && !y.is_nan() { Err(domain_error()) } else { Ok(r) }
    }

    /// Return the mantissa and exponent of x, as pair (m, e).
    ///
    /// m is a float and e is an int, such that x = m * 2.**e.
    /// If x is 0, m and e are both 0.  Else 0.5 <= abs(m) < 1.0.
    #[function("frexp($module, x, /)")]
    fn frexp(x: f64) -> (f64, i32) {
        libm::frexp(x)
    }

    /// Return an accurate floating-point sum of values in the iterable seq.
    ///
    /// Assumes IEEE-754 floating-point arithmetic.
    #[function("fsum($module, seq, /)")]
    fn fsum(seq: &Object) -> PyResult<f64> {
        sums::fsum(seq)
    }

    /// Gamma function at x.
    #[function("gamma($module, x, /)")]
    fn gamma(x: f64) -> PyResult<f64> {
        gamma_result(gamma::gamma(x), x)
    }

    /// Greatest Common Divisor.
    #[function("gcd($module, /, *integers)")]
    fn gcd(integers: Args<'_>) -> PyResult<Owned<Int>> {
        integers::gcd(integers)
    }

    /// Multidimensional Euclidean distance from the origin to a point:
    /// sqrt(sum(x**2 for x in coordinates)).
    ///
    /// For two coordinates it is the hypotenuse of a right triangle:
    ///
    ///     >>> hypot(3.0, 4.0)
    ///     5.0
    #[function("hypot($module, /, *coordinates)")]
    fn hypot(coordinates: Args<'_>) -> PyResult<f64> {
        sums::hypot(coordinates)
    }

    /// Determine whether two floating-point numbers are close in value.
    ///
    ///   rel_tol
    ///     maximum difference for being considered "close", relative to the
    ///     magnitude of the input values
    ///   abs_tol
    ///     maximum difference for being considered "close", regardless of the
    ///     magnitude of the input values
    ///
    /// Return True if a is close in value to b, and False otherwise: the difference
    /// must not exceed at least one of the tolerances.
    ///
    /// -inf, inf and NaN behave as in the IEEE 754 standard: NaN is not close to
    /// anything, even itself, and inf and -inf are only close to themselves.
    #[function("isclose($module, /, a, b, *, rel_tol=1e-09, abs_tol=0.0)")]
    fn isclose(a: f64, b: f64, rel_tol: f64, abs_tol: f64) -> PyResult<bool> {
        if rel_tol < 0.0 || abs_tol < 0.0 {
            return Err(err!(ValueError, "tolerances must be non-negative"));
        }
        if a == b {
            return Ok(true);
        }
        if a.is_infinite() || b.is_infinite() {
            return Ok(false);
        }
        let difference = (b - a).abs();
        Ok(difference <= (rel_tol * b).abs() || difference <= (rel_tol * a).abs() || difference <= abs_tol)
    }

    /// Return True if x is neither an infinity nor a NaN, and False otherwise.
    #[function("isfinite($module, x, /)")]
    fn isfinite(x: f64) -> bool {
        x.is_finite()
    }

    /// Return True if x is a positive or negative infinity, and False otherwise.
    #[function("isinf($module, x, /)")]
    fn isinf(x: f64) -> bool {
        x.is_infinite()
    }

    /// Return True if x is a NaN (not a number), and False otherwise.
    #[function("isnan($module, x, /)")]
    fn isnan(x: f64) -> bool {
        x.is_nan()
    }

    /// Return the integer part of the square root of the input.
    #[function("isqrt($module, n, /)")]
    fn isqrt(n: &Object) -> PyResult<Owned<Int>> {
        integers::isqrt(n)
    }

    /// Least Common Multiple.
    #[function("lcm($module, /, *integers)")]
    fn lcm(integers: Args<'_>) -> PyResult<Owned<Int>> {
        integers::lcm(integers)
    }

    /// Return x * (2**i).
    ///
    /// This is essentially the inverse of frexp().
    #[function("ldexp($module, x, i, /)")]
    fn ldexp(x: f64, i: &Object) -> PyResult<f64> {
        let Some(i) = i.downcast::<Int>() else {
            return Err(err!(TypeError, "Expected an int as second argument to ldexp."));
        };
        if x == 0.0 || !x.is_finite() {
            return Ok(x);
        }
        let exponent = i.as_i64().unwrap_or(if i.is_negative() { i64::MIN } else { i64::MAX });
        if exponent < i32::MIN as i64 {
            return Ok(0f64.copysign(x));
        }
        let r = if exponent > i32::MAX as i64 { f64::INFINITY } else { libm::ldexp(x, exponent as i32) };
        if r.is_infinite() { Err(range_error()) } else { Ok(r) }
    }

    /// Natural logarithm of absolute value of Gamma function at x.
    #[function("lgamma($module, x, /)")]
    fn lgamma(x: f64) -> PyResult<f64> {
        gamma_result(gamma::log_gamma(x), x)
    }

    /// log(x, [base=math.e])
    /// Return the logarithm of x to the given base.
    ///
    /// If the base is not specified, returns the natural logarithm (base e) of x.
    #[function("log($module, x, base=<unrepresentable>, /)", nosig)]
    fn log(x: &Object, base: Option<&Object>) -> PyResult {
        let value = Float::new(logarithm(x, libm::log)?).into_object();
        match base {
            None => Ok(value),
            Some(base) => number::true_divide(&value, &Float::new(logarithm(base, libm::log)?)),
        }
    }

    /// Return the natural logarithm of 1+x (base e).
    ///
    /// The result is computed in a way which is accurate for x near zero.
    #[function("log1p($module, x, /)")]
    fn log1p(x: f64) -> PyResult<f64> {
        defined(libm::log1p, x, "argument value > -1")
    }

    /// Return the base 10 logarithm of x.
    #[function("log10($module, x, /)")]
    fn log10(x: &Object) -> PyResult<f64> {
        logarithm(x, libm::log10)
    }

    /// Return the base 2 logarithm of x.
    #[function("log2($module, x, /)")]
    fn log2(x: &Object) -> PyResult<f64> {
        logarithm(x, libm::log2)
    }

    /// Return the fractional and integer parts of x.
    ///
    /// Both results carry the sign of x and are floats.
    #[function("modf($module, x, /)")]
    fn modf(x: f64) -> (f64, f64) {
        if x.is_infinite() {
            return (0f64.copysign(x), x);
        }
        let whole = x.trunc();
        ((x - whole).copysign(x), whole)
    }

    /// Return x**y (x to the power of y).
    #[function("pow($module, x, y, /)")]
    fn pow(x: f64, y: f64) -> PyResult<f64> {
        if x.is_finite() && y.is_finite() {
            let r = libm::pow(x, y);
            if r.is_nan() || r.is_infinite() && x == 0.0 {
                return Err(domain_error());
            }
            return if r.is_infinite() { Err(range_error()) } else { Ok(r) };
        }
        Ok(if x.is_nan() {
            if y == 0.0 { 1.0 } else { x }
        } else if y.is_nan() {
            if x == 1.0 { 1.0 } else { y }
        } else if x.is_infinite() {
            let odd = y.is_finite() && libm::fmod(y.abs(), 2.0) == 1.0;
            match y {
                y if y > 0.0 => if odd { x } else { x.abs() },
                0.0 => 1.0,
                _ => if odd { 0f64.copysign(x) } else { 0.0 },
            }
        } else if x.abs() == 1.0 {
            1.0
        } else if y > 0.0 && x.abs() > 1.0 {
            y
        } else if y < 0.0 && x.abs() < 1.0 {
            -y
        } else {
            0.0
        })
    }

    /// Convert angle x from degrees to radians.
    #[function("radians($module, x, /)")]
    fn radians(x: f64) -> f64 {
        x * (pi / 180.0)
    }

    /// Difference between x and the closest integer multiple of y.
    ///
    /// Return x - n*y where n*y is the closest integer multiple of y. Of two that are
    /// equally close, the one with even n is taken. The result is always exact.
    #[function("remainder($module, x, y, /)")]
    fn remainder(x: f64, y: f64) -> PyResult<f64> {
        if x.is_nan() {
            return Ok(x);
        }
        if y.is_nan() {
            return Ok(y);
        }
        if x.is_infinite() || y == 0.0 {
            return Err(domain_error());
        }
        Ok(if y.is_infinite() { x } else { libm::remainder(x, y) })
    }

    /// Return the sine of x (measured in radians).
    #[function("sin($module, x, /)")]
    fn sin(x: f64) -> PyResult<f64> {
        defined(libm::sin, x, FINITE)
    }

    /// Return the hyperbolic sine of x.
    #[function("sinh($module, x, /)")]
    fn sinh(x: f64) -> PyResult<f64> {
        may_overflow(libm::sinh, x)
    }

    /// Return the square root of x.
    #[function("sqrt($module, x, /)")]
    fn sqrt(x: f64) -> PyResult<f64> {
        if x < 0.0 { Err(expected("a nonnegative input", x)) } else { Ok(x.sqrt()) }
    }

    /// Return the tangent of x (measured in radians).
    #[function("tan($module, x, /)")]
    fn tan(x: f64) -> PyResult<f64> {
        defined(libm::tan, x, FINITE)
    }

    /// Return the hyperbolic tangent of x.
    #[function("tanh($module, x, /)")]
    fn tanh(x: f64) -> f64 {
        libm::tanh(x)
    }

    /// Return the sum of products of values from two iterables p and q:
    ///
    ///     sum(map(operator.mul, p, q, strict=True))
    ///
    /// For float and mixed int/float inputs, the intermediate products
    /// and sums are computed with extended precision.
    #[function("sumprod($module, p, q, /)")]
    fn sumprod(p: &Object, q: &Object) -> PyResult {
        sums::sumprod(p, q)
    }

    /// Truncates the Real x to the nearest Integral toward 0.
    ///
    /// Uses the __trunc__ magic method.
    #[function("trunc($module, x, /)")]
    fn trunc(x: &Object) -> PyResult {
        if let Some(float) = x.downcast_exact::<Float>() {
            return Ok(from_double(float.value())?.into_object());
        }
        match lookup_special(x, intern!("__trunc__"))? {
            Some(method) => call::call0(&method),
            None => Err(err!(TypeError, "type {} doesn't define __trunc__ method", x.type_name())),
        }
    }

    /// Calculate the product of all the elements in the input iterable.
    ///
    /// The default start value for the product is 1, which is also the product of an
    /// empty iterable.
    #[function("prod($module, iterable, /, *, start=1)")]
    fn prod(iterable: &Object, start: Option<&Object>) -> PyResult {
        sums::prod(iterable, start)
    }

    /// Number of ways to choose k items from n items without repetition and with order.
    ///
    /// Evaluates to n! / (n - k)! when k <= n and evaluates
    /// to zero when k > n.
    ///
    /// If k is not specified or is None, then k defaults to n
    /// and the function returns n!.
    ///
    /// Raises ValueError if either of the arguments are negative.
    #[function("perm($module, n, k=None, /)")]
    fn perm(n: &Object, k: Option<&Object>) -> PyResult<Owned<Int>> {
        integers::perm(n, k)
    }

    /// Number of ways to choose k items from n items without repetition and without order.
    ///
    /// Evaluates to n! / (k! * (n - k)!) when k <= n and evaluates
    /// to zero when k > n: the coefficient of the k-th term of (1 + x)**n.
    ///
    /// Raises ValueError if either of the arguments are negative.
    #[function("comb($module, n, k, /)")]
    fn comb(n: &Object, k: &Object) -> PyResult<Owned<Int>> {
        integers::comb(n, k)
    }

    /// Return the floating-point value the given number of steps after x towards y.
    ///
    /// If steps is not specified or is None, it defaults to 1.
    ///
    /// Raises a ValueError if steps is negative.
    #[function("nextafter($module, x, y, /, *, steps=None)")]
    fn nextafter(x: f64, y: f64, steps: Option<&Object>) -> PyResult<f64> {
        let Some(steps) = steps else { return Ok(libm::nextafter(x, y)) };
        let steps = number::index(steps)?;
        if steps.is_negative() {
            return Err(err!(ValueError, "steps must be a non-negative integer"));
        }
        Ok(step_towards(x, y, steps.as_u64().unwrap_or(u64::MAX)))
    }

    /// Return the value of the least significant bit of the float x.
    #[function("ulp($module, x, /)")]
    fn ulp(x: f64) -> f64 {
        if x.is_nan() {
            return x;
        }
        let x = x.abs();
        if x.is_infinite() {
            return x;
        }
        let next = libm::nextafter(x, inf);
        if next.is_infinite() { x - libm::nextafter(x, -inf) } else { next - x }
    }
}
