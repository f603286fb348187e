//! Operations on digits and exponents: logical operations, shifts, rotations, scaling.

use super::number::*;
use num_bigint::BigUint;

type Status<'a> = &'a mut u32;

/// The digits of a logical operand, last one first: all 0 or 1, no sign, no exponent.
fn logical_digits(a: &Number) -> Option<Vec<u8>> {
    if !a.is_finite() || a.negative || a.exponent != 0 {
        return None;
    }
    let digits = a.coefficient.to_radix_le(10);
    digits.iter().all(|&digit| digit <= 1).then_some(digits)
}

fn from_logical(mut digits: Vec<u8>, settings: &Settings) -> Number {
    digits.truncate(settings.prec as usize);
    if digits.is_empty() {
        digits.push(0);
    }
    Number::finite(false, BigUint::from_radix_le(&digits, 10).unwrap_or_default(), 0)
}

fn logical(a: &Number, b: &Number, settings: &Settings, status: Status<'_>, f: impl Fn(u8, u8) -> u8) -> Number {
    let (Some(p), Some(q)) = (logical_digits(a), logical_digits(b)) else { return invalid(INVALID_OPERATION, status) };
    let digit = |digits: &[u8], at: usize| digits.get(at).copied().unwrap_or(0);
    from_logical((0..p.len().max(q.len())).map(|at| f(digit(&p, at), digit(&q, at))).collect(), settings)
}

pub fn logical_and(a: &Number, b: &Number, settings: &Settings, status: Status<'_>) -> Number {
    logical(a, b, settings, status, |p, q| p & q)
}
pub fn logical_or(a: &Number, b: &Number, settings: &Settings, status: Status<'_>) -> Number {
    logical(a, b, settings, status, |p, q| p | q)
}
pub fn logical_xor(a: &Number, b: &Number, settings: &Settings, status: Status<'_>) -> Number {
    logical(a, b, settings, status, |p, q| p ^ q)
}

pub fn logical_invert(a: &Number, settings: &Settings, status: Status<'_>) -> Number {
    let Some(digits) = logical_digits(a) else { return invalid(INVALID_OPERATION, status) };
    if !fits(settings.prec) {
        return no_memory(status);
    }
    from_logical((0..settings.prec as usize).map(|at| 1 - digits.get(at).copied().unwrap_or(0)).collect(), settings)
}

/// How far to shift or rotate: an integer no larger than the precision.
fn distance(b: &Number, settings: &Settings) -> Option<i64> {
    if b.exponent != 0 {
        return None;
    }
    b.to_i64().filter(|places| places.unsigned_abs() <= settings.prec as u64)
}

/// The last digits that the precision has room for.
fn within_precision(coefficient: BigUint, settings: &Settings) -> BigUint {
    if digits_of(&coefficient) as i64 <= settings.prec { coefficient } else { coefficient % power_of_ten(settings.prec as u64) }
}

pub fn shift(a: &Number, b: &Number, settings: &Settings, status: Status<'_>) -> Number {
    if let Some(nan) = nan_of(&[a, b], settings, status) {
        return nan;
    }
    let Some(places) = distance(b, settings) else { return invalid(INVALID_OPERATION, status) };
    if a.is_infinite() {
        return a.clone();
    }
    if !fits(places) {
        return no_memory(status);
    }
    let own = within_precision(a.coefficient.clone(), settings);
    let coefficient = if places < 0 {
        own / power_of_ten(places.unsigned_abs())
    } else {
        within_precision(own * power_of_ten(places as u64), settings)
    };
    Number::finite(a.negative, coefficient, a.exponent)
}

pub fn rotate(a: &Number, b: &Number, settings: &Settings, status: Status<'_>) -> Number {
    if let Some(nan) = nan_of(&[a, b], settings, status) {
        return nan;
    }
    let Some(places) = distance(b, settings) else { return invalid(INVALID_OPERATION, status) };
    if a.is_infinite() {
        return a.clone();
    }
    if !fits(settings.prec) {
        return no_memory(status);
    }
    let own = within_precision(a.coefficient.clone(), settings);
    let left = places.rem_euclid(settings.prec) as u64;
    let right = settings.prec as u64 - left;
    let coefficient = (&own % power_of_ten(right)) * power_of_ten(left) + own / power_of_ten(right);
    Number::finite(a.negative, coefficient, a.exponent)
}

pub fn scaleb(a: &Number, b: &Number, settings: &Settings, status: Status<'_>) -> Number {
    if let Some(nan) = nan_of(&[a, b], settings, status) {
        return nan;
    }
    let limit = 2 * (settings.emax as i128 + settings.prec as i128);
    let places = if b.exponent == 0 { b.to_i64().filter(|&places| (places as i128).abs() <= limit) } else { None };
    let Some(places) = places else { return invalid(INVALID_OPERATION, status) };
    if a.is_infinite() {
        return a.clone();
    }
    Number::finite(a.negative, a.coefficient.clone(), a.exponent + places).finalize(settings, status)
}

pub fn logb(a: &Number, settings: &Settings, status: Status<'_>) -> Number {
    if let Some(nan) = nan_of(&[a], settings, status) {
        return nan;
    }
    if a.is_infinite() {
        return Number::infinity(false);
    }
    if a.is_zero() {
        *status |= DIVISION_BY_ZERO;
        return Number::infinity(true);
    }
    let adjusted = a.adjusted();
    Number::finite(adjusted < 0, BigUint::from(adjusted.unsigned_abs()), 0).finalize(settings, status)
}
