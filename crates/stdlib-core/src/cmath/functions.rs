//! The functions themselves, on pairs of floats. Large arguments are scaled so that nothing overflows that need not.

use super::C;
use super::special::{self, Table, lookup};
use crate::math::libm::{asinh as real_asinh, atan2, cosh as real_cosh, exp as real_exp, hypot, ldexp, log as real_log, log1p, sinh as real_sinh, tanh as real_tanh};
use crate::math::libm::{cos as real_cos, sin as real_sin, tan as real_tan};
use std::f64::consts::{E, FRAC_PI_2, LN_2, LN_10};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    Domain,
    Range,
}
pub type Outcome<T> = Result<T, Failure>;

/// Sums and products of a few numbers below this do not overflow.
const LARGE: f64 = f64::MAX / 4.0;
/// log(LARGE), sqrt(LARGE), sqrt(f64::MIN_POSITIVE).
const LOG_LARGE: f64 = 708.3964185322641;
const SQRT_LARGE: f64 = 6.703903964971298e153;
const SQRT_SMALLEST: f64 = 1.4916681462400413e-154;
/// Subnormal numbers times 2**SCALE_UP are normal; the square root of that is scaled back by 2**SCALE_DOWN.
const SCALE_UP: i32 = 53;
const SCALE_DOWN: i32 = -27;

fn is_finite((re, im): C) -> bool {
    re.is_finite() && im.is_finite()
}

/// The value in a table for arguments that are not finite.
fn special_value(table: &Table, z: C) -> Outcome<C> {
    lookup(table, z).ok_or(Failure::Domain)
}

/// An infinite real part and a finite, non-zero imaginary part, which give a direction.
fn has_direction((re, im): C) -> bool {
    re.is_infinite() && im.is_finite() && im != 0.0
}

fn in_range(z: C) -> Outcome<C> {
    if z.0.is_infinite() || z.1.is_infinite() { Err(Failure::Range) } else { Ok(z) }
}

/// i * z and -i * z.
fn times_i((re, im): C) -> C {
    (-im, re)
}
fn over_i((re, im): C) -> C {
    (im, -re)
}

/// log(|z|) for large parts.
fn log_of_large((re, im): C) -> f64 {
    real_log(hypot(re / 2.0, im / 2.0)) + LN_2 * 2.0
}

fn is_large((re, im): C) -> bool {
    re.abs() > LARGE || im.abs() > LARGE
}

pub fn acos(z: C) -> Outcome<C> {
    if !is_finite(z) {
        return special_value(&special::ACOS, z);
    }
    let (re, im) = z;
    if is_large(z) {
        // The sign of the imaginary part is that of -im, of zeros too.
        let size = log_of_large(z);
        let imaginary = if re < 0.0 { -size.copysign(im) } else { size.copysign(-im) };
        return Ok((atan2(im.abs(), re), imaginary));
    }
    let (a, b) = (sqrt((1.0 - re, -im))?, sqrt((1.0 + re, im))?);
    Ok((2.0 * atan2(a.0, b.0), real_asinh(b.0 * a.1 - b.1 * a.0)))
}

pub fn acosh(z: C) -> Outcome<C> {
    if !is_finite(z) {
        return special_value(&special::ACOSH, z);
    }
    let (re, im) = z;
    if is_large(z) {
        return Ok((log_of_large(z), atan2(im, re)));
    }
    let (a, b) = (sqrt((re - 1.0, im))?, sqrt((re + 1.0, im))?);
    Ok((real_asinh(a.0 * b.0 + a.1 * b.1), 2.0 * atan2(a.1, b.0)))
}

pub fn asin(z: C) -> Outcome<C> {
    Ok(over_i(asinh(times_i(z))?))
}

pub fn asinh(z: C) -> Outcome<C> {
    if !is_finite(z) {
        return special_value(&special::ASINH, z);
    }
    let (re, im) = z;
    if is_large(z) {
        let size = log_of_large(z);
        let real = if im >= 0.0 { size.copysign(re) } else { -size.copysign(-re) };
        return Ok((real, atan2(im, re.abs())));
    }
    let (a, b) = (sqrt((1.0 + im, -re))?, sqrt((1.0 - im, re))?);
    Ok((real_asinh(a.0 * b.1 - b.0 * a.1), atan2(im, a.0 * b.0 - a.1 * b.1)))
}

pub fn atan(z: C) -> Outcome<C> {
    Ok(over_i(atanh(times_i(z))?))
}

pub fn atanh(z: C) -> Outcome<C> {
    if !is_finite(z) {
        return special_value(&special::ATANH, z);
    }
    let (re, im) = z;
    if re < 0.0 || re == 0.0 && re.is_sign_negative() {
        let (a, b) = atanh((-re, -im))?;
        return Ok((-a, -b));
    }
    let ay = im.abs();
    if re > SQRT_LARGE || ay > SQRT_LARGE {
        // The two negations keep the sign of a zero imaginary part.
        let h = hypot(re / 2.0, im / 2.0);
        return Ok((re / 4.0 / h / h, -FRAC_PI_2.copysign(-im)));
    }
    if re == 1.0 && ay < SQRT_SMALLEST {
        if ay == 0.0 {
            return Err(Failure::Domain);
        }
        return Ok((-real_log(ay.sqrt() / hypot(ay, 2.0).sqrt()), (atan2(2.0, -ay) / 2.0).copysign(im)));
    }
    let d = 1.0 - re;
    Ok((log1p(4.0 * re / (d * d + ay * ay)) / 4.0, -atan2(-2.0 * im, d * (1.0 + re) - ay * ay) / 2.0))
}

pub fn cos(z: C) -> Outcome<C> {
    cosh(times_i(z))
}

pub fn cosh(z: C) -> Outcome<C> {
    let (re, im) = z;
    if has_direction(z) {
        let (x, y) = (f64::INFINITY.copysign(real_cos(im)), f64::INFINITY.copysign(real_sin(im)));
        return Ok(if re > 0.0 { (x, y) } else { (x, -y) });
    }
    if !is_finite(z) {
        return special_value(&special::COSH, z);
    }
    in_range(if re.abs() > LOG_LARGE {
        let less = re - 1f64.copysign(re);
        (real_cos(im) * real_cosh(less) * E, real_sin(im) * real_sinh(less) * E)
    } else {
        (real_cos(im) * real_cosh(re), real_sin(im) * real_sinh(re))
    })
}

pub fn exp(z: C) -> Outcome<C> {
    let (re, im) = z;
    if has_direction(z) {
        let size = if re > 0.0 { f64::INFINITY } else { 0.0 };
        return Ok((size.copysign(real_cos(im)), size.copysign(real_sin(im))));
    }
    if !is_finite(z) {
        return special_value(&special::EXP, z);
    }
    in_range(if re > LOG_LARGE {
        let size = real_exp(re - 1.0);
        (size * real_cos(im) * E, size * real_sin(im) * E)
    } else {
        let size = real_exp(re);
        (size * real_cos(im), size * real_sin(im))
    })
}

pub fn log(z: C) -> Outcome<C> {
    if !is_finite(z) {
        return special_value(&special::LOG, z);
    }
    let (re, im) = z;
    let (ax, ay) = (re.abs(), im.abs());
    let size = if ax > LARGE || ay > LARGE {
        real_log(hypot(ax / 2.0, ay / 2.0)) + LN_2
    } else if ax < f64::MIN_POSITIVE && ay < f64::MIN_POSITIVE {
        if ax == 0.0 && ay == 0.0 {
            return Err(Failure::Domain);
        }
        real_log(hypot(ldexp(ax, SCALE_UP), ldexp(ay, SCALE_UP))) - SCALE_UP as f64 * LN_2
    } else {
        let h = hypot(ax, ay);
        if (0.71..=1.73).contains(&h) {
            // Near 1 the distance from 1 matters.
            let (big, small) = if ax > ay { (ax, ay) } else { (ay, ax) };
            log1p((big - 1.0) * (big + 1.0) + small * small) / 2.0
        } else {
            real_log(h)
        }
    };
    Ok((size, atan2(im, re)))
}

pub fn log10(z: C) -> Outcome<C> {
    let (re, im) = log(z)?;
    Ok((re / LN_10, im / LN_10))
}

pub fn sin(z: C) -> Outcome<C> {
    Ok(over_i(sinh(times_i(z))?))
}

pub fn sinh(z: C) -> Outcome<C> {
    let (re, im) = z;
    if has_direction(z) {
        let (x, y) = (f64::INFINITY.copysign(real_cos(im)), f64::INFINITY.copysign(real_sin(im)));
        return Ok(if re > 0.0 { (x, y) } else { (-x, y) });
    }
    if !is_finite(z) {
        return special_value(&special::SINH, z);
    }
    in_range(if re.abs() > LOG_LARGE {
        let less = re - 1f64.copysign(re);
        (real_cos(im) * real_sinh(less) * E, real_sin(im) * real_cosh(less) * E)
    } else {
        (real_cos(im) * real_sinh(re), real_sin(im) * real_cosh(re))
    })
}

pub fn sqrt(z: C) -> Outcome<C> {
    if !is_finite(z) {
        return special_value(&special::SQRT, z);
    }
    let (re, im) = z;
    if re == 0.0 && im == 0.0 {
        return Ok((0.0, im));
    }
    let (ax, ay) = (re.abs(), im.abs());
    let s = if ax < f64::MIN_POSITIVE && ay < f64::MIN_POSITIVE {
        let ax = ldexp(ax, SCALE_UP);
        ldexp((ax + hypot(ax, ldexp(ay, SCALE_UP))).sqrt(), SCALE_DOWN)
    } else {
        let ax = ax / 8.0;
        2.0 * (ax + hypot(ax, ay / 8.0)).sqrt()
    };
    let d = ay / (2.0 * s);
    Ok(if re >= 0.0 { (s, d.copysign(im)) } else { (d, s.copysign(im)) })
}

pub fn tan(z: C) -> Outcome<C> {
    Ok(over_i(tanh(times_i(z))?))
}

pub fn tanh(z: C) -> Outcome<C> {
    let (re, im) = z;
    if has_direction(z) {
        return Ok((1f64.copysign(re), 0f64.copysign(2.0 * real_sin(im) * real_cos(im))));
    }
    if !is_finite(z) {
        return special_value(&special::TANH, z);
    }
    if re.abs() > LOG_LARGE {
        return Ok((1f64.copysign(re), 4.0 * real_sin(im) * real_cos(im) * real_exp(-2.0 * re.abs())));
    }
    let (tx, ty, cx) = (real_tanh(re), real_tan(im), 1.0 / real_cosh(re));
    let txty = tx * ty;
    let denominator = 1.0 + txty * txty;
    Ok((tx * (1.0 + ty * ty) / denominator, ((ty / denominator) * cx) * cx))
}

pub fn polar((re, im): C) -> Outcome<(f64, f64)> {
    let size = if re.is_infinite() || im.is_infinite() { f64::INFINITY } else { hypot(re, im) };
    if size.is_infinite() && is_finite((re, im)) { Err(Failure::Range) } else { Ok((size, atan2(im, re))) }
}

pub fn rect(r: f64, phi: f64) -> Outcome<C> {
    if has_direction((r, phi)) {
        let (x, y) = (f64::INFINITY.copysign(real_cos(phi)), f64::INFINITY.copysign(real_sin(phi)));
        return Ok(if r > 0.0 { (x, y) } else { (-x, -y) });
    }
    if !is_finite((r, phi)) {
        return special_value(&special::RECT, (r, phi));
    }
    // A product with sin(0) would lose the sign of a zero.
    Ok(if phi == 0.0 { (r, r * phi) } else { (r * real_cos(phi), r * real_sin(phi)) })
}

/// a / b; an error for b = 0.
pub fn quotient(a: C, b: C) -> Outcome<C> {
    let (re, im) = b;
    if re.abs() >= im.abs() {
        if re == 0.0 {
            return Err(Failure::Domain);
        }
        let ratio = im / re;
        let denominator = re + im * ratio;
        return Ok(((a.0 + a.1 * ratio) / denominator, (a.1 - a.0 * ratio) / denominator));
    }
    if im.abs() >= re.abs() {
        let ratio = re / im;
        let denominator = re * ratio + im;
        return Ok(((a.0 * ratio + a.1) / denominator, (a.1 * ratio - a.0) / denominator));
    }
    Ok((f64::NAN, f64::NAN))
}
