//! `cmath`: functions of complex numbers, by Kahan's formulas, with branch cuts and signed zeros right. Arguments that are not finite are
//! looked up in `special.rs`.

mod functions;
mod special;

use functions::{Failure, Outcome};
use macros::pymodule;
use runtime::errors::PyResult;
use runtime::object::{Object, Owned};
use runtime::types::Complex;
use runtime::types::complex::as_complex;
use runtime::err;

/// Real and imaginary part.
pub type C = (f64, f64);

fn value<T>(outcome: Outcome<T>) -> PyResult<T> {
    outcome.map_err(|failure| match failure {
        Failure::Domain => crate::math::domain_error(),
        Failure::Range => crate::math::range_error(),
    })
}

fn apply(f: fn(C) -> Outcome<C>, z: &Object) -> PyResult<Owned<Complex>> {
    let (re, im) = value(f(as_complex(z)?))?;
    Ok(Complex::new(re, im))
}

/// Functions of complex numbers. Real numbers and objects with __complex__, __float__ or __index__ are taken too.
#[pymodule(name = "cmath")]
#[allow(non_upper_case_globals)]
pub mod cmath {
    use super::*;
    use runtime::types::Module;

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

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        module.add("infj", &*Complex::new(0.0, f64::INFINITY))?;
        module.add("nanj", &*Complex::new(0.0, f64::NAN))
    }

    /// Return the arc cosine of z.
    #[function("acos($module, z, /)")]
    fn acos(z: &Object) -> PyResult<Owned<Complex>> {
        apply(functions::acos, z)
    }

    /// Return the inverse hyperbolic cosine of z.
    #[function("acosh($module, z, /)")]
    fn acosh(z: &Object) -> PyResult<Owned<Complex>> {
        apply(functions::acosh, z)
    }

    /// Return the arc sine of z.
    #[function("asin($module, z, /)")]
    fn asin(z: &Object) -> PyResult<Owned<Complex>> {
        apply(functions::asin, z)
    }

    /// Return the inverse hyperbolic sine of z.
    #[function("asinh($module, z, /)")]
    fn asinh(z: &Object) -> PyResult<Owned<Complex>> {
        apply(functions::asinh, z)
    }

    /// Return the arc tangent of z.
    #[function("atan($module, z, /)")]
    fn atan(z: &Object) -> PyResult<Owned<Complex>> {
        apply(functions::atan, z)
    }

    /// Return the inverse hyperbolic tangent of z.
    #[function("atanh($module, z, /)")]
    fn atanh(z: &Object) -> PyResult<Owned<Complex>> {
        apply(functions::atanh, z)
    }

    /// Return the cosine of z.
    #[function("cos($module, z, /)")]
    fn cos(z: &Object) -> PyResult<Owned<Complex>> {
        apply(functions::cos, z)
    }

    /// Return the hyperbolic cosine of z.
    #[function("cosh($module, z, /)")]
    fn cosh(z: &Object) -> PyResult<Owned<Complex>> {
        apply(functions::cosh, z)
    }

    /// Return the exponential value e**z.
    #[function("exp($module, z, /)")]
    fn exp(z: &Object) -> PyResult<Owned<Complex>> {
        apply(functions::exp, z)
    }

    /// Determine whether two complex numbers are close in value.
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
    fn isclose(a: &Object, b: &Object, rel_tol: f64, abs_tol: f64) -> PyResult<bool> {
        let (a, b) = (as_complex(a)?, as_complex(b)?);
        if rel_tol < 0.0 || abs_tol < 0.0 {
            return Err(err!(ValueError, "tolerances must be non-negative"));
        }
        if a == b {
            return Ok(true);
        }
        if [a.0, a.1, b.0, b.1].iter().any(|x| x.is_infinite()) {
            return Ok(false);
        }
        let size = |(re, im): C| crate::math::libm::hypot(re, im);
        let difference = size((a.0 - b.0, a.1 - b.1));
        Ok(difference <= rel_tol * size(b) || difference <= rel_tol * size(a) || difference <= abs_tol)
    }

    /// Return True if both the real and imaginary parts of z are finite, else False.
    #[function("isfinite($module, z, /)")]
    fn isfinite(z: &Object) -> PyResult<bool> {
        let (re, im) = as_complex(z)?;
        Ok(re.is_finite() && im.is_finite())
    }

    /// Checks if the real or imaginary part of z is infinite.
    #[function("isinf($module, z, /)")]
    fn isinf(z: &Object) -> PyResult<bool> {
        let (re, im) = as_complex(z)?;
        Ok(re.is_infinite() || im.is_infinite())
    }

    /// Checks if the real or imaginary part of z not a number (NaN).
    #[function("isnan($module, z, /)")]
    fn isnan(z: &Object) -> PyResult<bool> {
        let (re, im) = as_complex(z)?;
        Ok(re.is_nan() || im.is_nan())
    }

    /// log(z[, base]) -> the logarithm of z to the given base.
    ///
    /// If the base is not specified, returns the natural logarithm (base e) of z.
    #[function("log($module, z, base=<unrepresentable>, /)")]
    fn log(z: &Object, base: Option<&Object>) -> PyResult<Owned<Complex>> {
        let z = as_complex(z)?;
        let base = base.map(as_complex).transpose()?;
        let mut result = functions::log(z);
        if let Some(base) = base {
            result = result.and_then(|z| functions::quotient(z, functions::log(base)?));
        }
        let (re, im) = value(result)?;
        Ok(Complex::new(re, im))
    }

    /// Return the base-10 logarithm of z.
    #[function("log10($module, z, /)")]
    fn log10(z: &Object) -> PyResult<Owned<Complex>> {
        apply(functions::log10, z)
    }

    /// Return argument, also known as the phase angle, of a complex.
    #[function("phase($module, z, /)")]
    fn phase(z: &Object) -> PyResult<f64> {
        let (re, im) = as_complex(z)?;
        Ok(crate::math::libm::atan2(im, re))
    }

    /// Convert a complex from rectangular coordinates to polar coordinates.
    ///
    /// r is the distance from 0 and phi the phase angle.
    #[function("polar($module, z, /)")]
    fn polar(z: &Object) -> PyResult<(f64, f64)> {
        value(functions::polar(as_complex(z)?))
    }

    /// Convert from polar coordinates to rectangular coordinates.
    #[function("rect($module, r, phi, /)")]
    fn rect(r: f64, phi: f64) -> PyResult<Owned<Complex>> {
        let (re, im) = value(functions::rect(r, phi))?;
        Ok(Complex::new(re, im))
    }

    /// Return the sine of z.
    #[function("sin($module, z, /)")]
    fn sin(z: &Object) -> PyResult<Owned<Complex>> {
        apply(functions::sin, z)
    }

    /// Return the hyperbolic sine of z.
    #[function("sinh($module, z, /)")]
    fn sinh(z: &Object) -> PyResult<Owned<Complex>> {
        apply(functions::sinh, z)
    }

    /// Return the square root of z.
    #[function("sqrt($module, z, /)")]
    fn sqrt(z: &Object) -> PyResult<Owned<Complex>> {
        apply(functions::sqrt, z)
    }

    /// Return the tangent of z.
    #[function("tan($module, z, /)")]
    fn tan(z: &Object) -> PyResult<Owned<Complex>> {
        apply(functions::tan, z)
    }

    /// Return the hyperbolic tangent of z.
    #[function("tanh($module, z, /)")]
    fn tanh(z: &Object) -> PyResult<Owned<Complex>> {
        apply(functions::tanh, z)
    }
}
