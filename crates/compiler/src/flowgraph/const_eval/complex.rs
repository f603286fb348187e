//! Complex numbers. With a real operand the other's imaginary part is not touched by an invented zero.

use bytecode::operands::*;
use syntax::ast::Complex;

use super::Number;
use crate::unit::Const;

/// Integral exponents up to this are done by multiplication.
const INT_EXPONENT_CUTOFF: f64 = 100.0;

pub(super) fn binary<'a>(oparg: u32, left: &Number, right: &Number) -> Option<Const<'a>> {
    use Number::Complex as C;
    let complex = |real, imag| Complex { real, imag };
    let result = match (oparg, left, right) {
        (NB_ADD, C(a), C(b)) => complex(a.real + b.real, a.imag + b.imag),
        (NB_ADD, C(a), b) => complex(a.real + b.to_float()?, a.imag),
        (NB_ADD, a, C(b)) => complex(a.to_float()? + b.real, b.imag),
        (NB_SUBTRACT, C(a), C(b)) => complex(a.real - b.real, a.imag - b.imag),
        (NB_SUBTRACT, C(a), b) => complex(a.real - b.to_float()?, a.imag),
        (NB_SUBTRACT, a, C(b)) => complex(a.to_float()? - b.real, -b.imag),
        (NB_MULTIPLY, C(a), C(b)) => multiply(*a, *b),
        (NB_MULTIPLY, C(c), real) | (NB_MULTIPLY, real, C(c)) => {
            let real = real.to_float()?;
            complex(c.real * real, c.imag * real)
        }
        (NB_TRUE_DIVIDE, C(a), C(b)) => divide(*a, *b)?,
        (NB_TRUE_DIVIDE, C(a), b) => {
            let b = b.to_float()?;
            if b == 0.0 {
                return None;
            }
            complex(a.real / b, a.imag / b)
        }
        (NB_TRUE_DIVIDE, a, C(b)) => divide_real(a.to_float()?, *b)?,
        (NB_POWER, a, b) => power(to_complex(a)?, to_complex(b)?)?,
        _ => return None,
    };
    Some(Const::Complex(result))
}

fn to_complex(number: &Number) -> Option<Complex> {
    match number {
        Number::Complex(value) => Some(*value),
        _ => Some(Complex { real: number.to_float()?, imag: 0.0 }),
    }
}

fn multiply(a: Complex, b: Complex) -> Complex {
    let result = Complex { real: a.real * b.real - a.imag * b.imag, imag: a.real * b.imag + a.imag * b.real };
    if result.real.is_nan() && result.imag.is_nan() {
        return multiply_infinities(a, b).unwrap_or(result);
    }
    result
}

/// Annex G of C99: infinities win over NaNs.
#[cold]
fn multiply_infinities(mut a: Complex, mut b: Complex) -> Option<Complex> {
    let box_up = |c: Complex| Complex {
        real: (c.real.is_infinite() as u8 as f64).copysign(c.real),
        imag: (c.imag.is_infinite() as u8 as f64).copysign(c.imag),
    };
    let no_nan = |c: Complex| {
        let fix = |part: f64| if part.is_nan() { 0f64.copysign(part) } else { part };
        Complex { real: fix(c.real), imag: fix(c.imag) }
    };
    let is_infinite = |c: Complex| c.real.is_infinite() || c.imag.is_infinite();
    let mut recalculate = false;
    if is_infinite(a) {
        a = box_up(a);
        b = no_nan(b);
        recalculate = true;
    }
    if is_infinite(b) {
        b = box_up(b);
        a = no_nan(a);
        recalculate = true;
    }
    let products = [a.real * b.real, a.imag * b.imag, a.real * b.imag, a.imag * b.real];
    if !recalculate && products.iter().any(|product| product.is_infinite()) {
        a = no_nan(a);
        b = no_nan(b);
        recalculate = true;
    }
    recalculate.then(|| Complex {
        real: f64::INFINITY * (a.real * b.real - a.imag * b.imag),
        imag: f64::INFINITY * (a.real * b.imag + a.imag * b.real),
    })
}

fn divide(a: Complex, b: Complex) -> Option<Complex> {
    let result = if b.real.abs() >= b.imag.abs() {
        if b.real == 0.0 {
            return None;
        }
        let ratio = b.imag / b.real;
        let denominator = b.real + b.imag * ratio;
        Complex { real: (a.real + a.imag * ratio) / denominator, imag: (a.imag - a.real * ratio) / denominator }
    } else if b.imag.abs() >= b.real.abs() {
        let ratio = b.real / b.imag;
        let denominator = b.real * ratio + b.imag;
        Complex { real: (a.real * ratio + a.imag) / denominator, imag: (a.imag * ratio - a.real) / denominator }
    } else {
        Complex { real: f64::NAN, imag: f64::NAN }
    };
    // Not finite operands are for run time.
    let finite = [a.real, a.imag, b.real, b.imag].iter().all(|part| part.is_finite());
    finite.then_some(result)
}

fn divide_real(a: f64, b: Complex) -> Option<Complex> {
    let result = if b.real.abs() >= b.imag.abs() {
        if b.real == 0.0 {
            return None;
        }
        let ratio = b.imag / b.real;
        let denominator = b.real + b.imag * ratio;
        Complex { real: a / denominator, imag: -a * ratio / denominator }
    } else {
        let ratio = b.real / b.imag;
        let denominator = b.real * ratio + b.imag;
        Complex { real: a * ratio / denominator, imag: -a / denominator }
    };
    (a.is_finite() && b.real.is_finite() && b.imag.is_finite()).then_some(result)
}

/// `None` where Python raises.
pub(super) fn power(base: Complex, exponent: Complex) -> Option<Complex> {
    let integral = exponent.imag == 0.0
        && exponent.real == exponent.real.floor()
        && exponent.real.abs() <= INT_EXPONENT_CUTOFF;
    let result = if integral {
        let count = exponent.real as i64;
        let power = power_unsigned(base, count.unsigned_abs());
        if count > 0 {
            power
        } else {
            divide(Complex { real: 1.0, imag: 0.0 }, power)?
        }
    } else {
        power_polar(base, exponent)?
    };
    (result.real.is_finite() && result.imag.is_finite()).then_some(result)
}

fn power_unsigned(base: Complex, exponent: u64) -> Complex {
    let mut result = Complex { real: 1.0, imag: 0.0 };
    let mut square = base;
    let mut mask = 1;
    while mask > 0 && exponent >= mask {
        if exponent & mask != 0 {
            result = multiply(result, square);
        }
        mask <<= 1;
        square = multiply(square, square);
    }
    result
}

fn power_polar(base: Complex, exponent: Complex) -> Option<Complex> {
    if exponent.real == 0.0 && exponent.imag == 0.0 {
        return Some(Complex { real: 1.0, imag: 0.0 });
    }
    if base.real == 0.0 && base.imag == 0.0 {
        let raises = exponent.imag != 0.0 || exponent.real < 0.0;
        return (!raises).then_some(Complex { real: 0.0, imag: 0.0 });
    }
    let magnitude = base.real.hypot(base.imag);
    let angle = base.imag.atan2(base.real);
    let mut length = magnitude.powf(exponent.real);
    let mut phase = angle * exponent.real;
    if exponent.imag != 0.0 {
        length *= (-angle * exponent.imag).exp();
        phase += exponent.imag * magnitude.ln();
    }
    Some(Complex { real: length * phase.cos(), imag: length * phase.sin() })
}
