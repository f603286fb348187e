//! Floats.

use bytecode::operands::*;
use num_bigint::BigInt;

use super::integer;
use crate::unit::Const;

pub(super) fn binary<'a>(oparg: u32, left: f64, right: f64) -> Option<Const<'a>> {
    let result = match oparg {
        NB_ADD => left + right,
        NB_SUBTRACT => left - right,
        NB_MULTIPLY => left * right,
        NB_TRUE_DIVIDE if right != 0.0 => left / right,
        NB_FLOOR_DIVIDE if right != 0.0 => divmod(left, right).0,
        NB_REMAINDER if right != 0.0 => divmod(left, right).1,
        NB_POWER if left < 0.0 && left.is_finite() && right.is_finite() && right != right.floor() => {
            // The principal root is complex.
            let complex = |real| syntax::ast::Complex { real, imag: 0.0 };
            return super::complex::power(complex(left), complex(right)).map(Const::Complex);
        }
        NB_POWER => power(left, right)?,
        _ => return None,
    };
    Some(Const::Float(result))
}

fn divmod(left: f64, right: f64) -> (f64, f64) {
    let mut modulo = left % right;
    let mut quotient = (left - modulo) / right;
    if modulo != 0.0 {
        if (right < 0.0) != (modulo < 0.0) {
            modulo += right;
            quotient -= 1.0;
        }
    } else {
        modulo = 0.0f64.copysign(right);
    }
    let floor = if quotient != 0.0 {
        let floor = quotient.floor();
        if quotient - floor > 0.5 { floor + 1.0 } else { floor }
    } else {
        0.0f64.copysign(left / right)
    };
    (floor, modulo)
}

/// `None` where Python raises or the result is not real.
pub(super) fn power(base: f64, exponent: f64) -> Option<f64> {
    if base == 0.0 && exponent < 0.0 {
        return None;
    }
    if base < 0.0 && base.is_finite() && exponent.is_finite() && exponent != exponent.floor() {
        return None;
    }
    let result = base.powf(exponent);
    if result.is_infinite() && base.is_finite() && exponent.is_finite() {
        return None;
    }
    Some(result)
}

/// `value * 2**exponent` for a `value` of at least 2**62 or any exponent that leaves it normal.
pub(super) fn scale(value: f64, exponent: i32) -> f64 {
    let mut value = value;
    let mut exponent = exponent;
    while exponent > 1000 {
        value *= 2f64.powi(1000);
        exponent -= 1000;
        if value.is_infinite() {
            return value;
        }
    }
    while exponent < -1000 {
        value *= 2f64.powi(-1000);
        exponent += 1000;
        if value == 0.0 {
            return value;
        }
    }
    value * 2f64.powi(exponent)
}

/// `value * 2**exponent`, rounded once, half to even; the last bit of `value` stands for all that follow.
pub(super) fn scale_rounding(value: u64, exponent: i32) -> f64 {
    // The exponent of the smallest float: below it bits are cut first, the last kept sticky.
    let lost = (-1074 - exponent).max(0);
    if lost <= 2 {
        return scale(value as f64, exponent);
    }
    if lost >= 64 {
        return 0.0;
    }
    let half = 1u64 << (lost - 1);
    let mut kept = value >> lost;
    let rest = value & ((half << 1) - 1);
    if rest > half || (rest == half && kept & 1 == 1) {
        kept += 1;
    }
    scale(kept as f64, exponent + lost)
}

pub(super) fn equals_int(float: f64, int: &BigInt) -> bool {
    float.is_finite() && float == float.trunc() && integer::to_float(int) == Some(float) && {
        // Both directions, for integers that a float only comes near to.
        let (mantissa, exponent) = decompose(float);
        let exact = BigInt::from(mantissa);
        let exact = if exponent >= 0 { exact << exponent } else { exact >> -exponent };
        exact == *int
    }
}

fn decompose(float: f64) -> (i64, i32) {
    let bits = float.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i32;
    let fraction = (bits & ((1 << 52) - 1)) as i64;
    let (mantissa, exponent) =
        if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
    (if float.is_sign_negative() { -mantissa } else { mantissa }, exponent)
}
