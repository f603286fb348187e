//! Integers, `bool` among them.

use bytecode::operands::*;
use num_bigint::{BigInt, Sign};
use syntax::ast::{Arena, Constant};

use super::float;
use crate::unit::Const;

/// Results of more bits are not computed.
const MAX_INT_SIZE: u64 = 128;

pub(super) fn to_big(value: Const<'_>) -> Option<BigInt> {
    match value {
        Const::Int(value) => Some(BigInt::from(value)),
        Const::BigInt(value) => Some(value.to_bigint()),
        Const::True => Some(BigInt::from(1)),
        Const::False => Some(BigInt::ZERO),
        _ => None,
    }
}

pub(super) fn from_big<'a>(arena: &'a Arena, value: BigInt) -> Option<Const<'a>> {
    Some(Const::from_ast(arena, &Constant::from_bigint(arena, &value)))
}

/// The nearest float, half to even; `None` beyond the largest.
pub(super) fn to_float(value: &BigInt) -> Option<f64> {
    let bits = value.bits();
    let magnitude = value.magnitude();
    // The leading 64 bits, the last of them told whether anything follows.
    let shift = bits.saturating_sub(64);
    let mut leading = (magnitude >> shift).iter_u64_digits().next().unwrap_or(0);
    if shift > 0 && magnitude.trailing_zeros().is_some_and(|zeros| zeros < shift) {
        leading |= 1;
    }
    let float = float::scale(leading as f64, i32::try_from(shift).ok()?);
    if float.is_infinite() {
        return None;
    }
    Some(if value.sign() == Sign::Minus { -float } else { float })
}

pub(super) fn binary<'a>(
    arena: &'a Arena,
    oparg: u32,
    (left_const, left): (Const<'a>, &BigInt),
    (right_const, right): (Const<'a>, &BigInt),
) -> Option<Const<'a>> {
    let is_bool = |value: Const<'_>| matches!(value, Const::True | Const::False);
    let both_bools = is_bool(left_const) && is_bool(right_const);
    let bitwise = |value: BigInt| {
        if both_bools { Some(Const::bool(value != BigInt::ZERO)) } else { from_big(arena, value) }
    };
    match oparg {
        NB_ADD => from_big(arena, left + right),
        NB_SUBTRACT => from_big(arena, left - right),
        NB_MULTIPLY => {
            if *left != BigInt::ZERO && *right != BigInt::ZERO && left.bits() + right.bits() > MAX_INT_SIZE {
                return None;
            }
            from_big(arena, left * right)
        }
        NB_AND => bitwise(left & right),
        NB_OR => bitwise(left | right),
        NB_XOR => bitwise(left ^ right),
        NB_TRUE_DIVIDE => true_divide(left, right).map(Const::Float),
        NB_FLOOR_DIVIDE => from_big(arena, floor_divmod(left, right)?.0),
        NB_REMAINDER => from_big(arena, floor_divmod(left, right)?.1),
        NB_POWER => power(arena, left, right),
        NB_LSHIFT => {
            if right.sign() == Sign::Minus {
                return None;
            }
            if *left == BigInt::ZERO {
                return Some(Const::Int(0));
            }
            let shift = u64::try_from(right).ok().filter(|&shift| shift <= MAX_INT_SIZE)?;
            if shift != 0 && left.bits() > MAX_INT_SIZE - shift {
                return None;
            }
            from_big(arena, left << shift)
        }
        NB_RSHIFT => {
            if right.sign() == Sign::Minus {
                return None;
            }
            match u64::try_from(right) {
                Ok(shift) => from_big(arena, left >> shift),
                Err(_) => Some(Const::Int(if left.sign() == Sign::Minus { -1 } else { 0 })),
            }
        }
        _ => None,
    }
}

fn floor_divmod(left: &BigInt, right: &BigInt) -> Option<(BigInt, BigInt)> {
    if *right == BigInt::ZERO {
        return None;
    }
    let (mut quotient, mut remainder) = (left / right, left % right);
    if remainder != BigInt::ZERO && (remainder.sign() == Sign::Minus) != (right.sign() == Sign::Minus) {
        quotient -= 1;
        remainder += right;
    }
    Some((quotient, remainder))
}

fn power<'a>(arena: &'a Arena, base: &BigInt, exponent: &BigInt) -> Option<Const<'a>> {
    match exponent.sign() {
        Sign::Minus => float::power(to_float(base)?, to_float(exponent)?).map(Const::Float),
        Sign::NoSign => Some(Const::Int(1)),
        Sign::Plus => {
            if *base == BigInt::ZERO {
                return Some(Const::Int(0));
            }
            let exponent = u64::try_from(exponent).ok()?;
            if base.bits() > MAX_INT_SIZE / exponent {
                return None;
            }
            from_big(arena, base.pow(u32::try_from(exponent).ok()?))
        }
    }
}

/// The float nearest to the quotient, half to even.
fn true_divide(left: &BigInt, right: &BigInt) -> Option<f64> {
    if *right == BigInt::ZERO {
        return None;
    }
    if *left == BigInt::ZERO {
        return Some(if right.sign() == Sign::Minus { -0.0 } else { 0.0 });
    }
    let (a, b) = (left.magnitude(), right.magnitude());
    let float = if a.bits() <= 53 && b.bits() <= 53 {
        to_float(&a.clone().into())? / to_float(&b.clone().into())?
    } else {
        // A quotient of 63 or 64 bits, its last told whether a remainder was left; fewer bits where the result is
        // subnormal, so that it is rounded once.
        let exponent = a.bits() as i64 - b.bits() as i64;
        if exponent > 1025 {
            return None;
        }
        let shift = (63 - exponent).min(1074 + 2);
        let (a, b) = if shift >= 0 { (a << shift, b.clone()) } else { (a.clone(), b << -shift) };
        let mut quotient = (&a / &b).iter_u64_digits().next().unwrap_or(0);
        if &a % &b != num_bigint::BigUint::ZERO {
            quotient |= 1;
        }
        float::scale_rounding(quotient, -shift as i32)
    };
    if float.is_infinite() {
        return None;
    }
    Some(if left.sign() == right.sign() { float } else { -float })
}
