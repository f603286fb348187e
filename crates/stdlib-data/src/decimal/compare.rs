//! Comparisons: by value, by the total order, minima and maxima, neighbours, and what kind of number one is.

use super::arithmetic::{add, subtract};
use super::number::*;
use num_bigint::BigUint;
use std::cmp::Ordering;

type Status<'a> = &'a mut u32;

/// By value; not of NaNs.
pub fn order(a: &Number, b: &Number) -> Ordering {
    let sign = |n: &Number| if n.is_zero() { 0 } else if n.negative { -1 } else { 1 };
    match sign(a).cmp(&sign(b)) {
        Ordering::Equal if sign(a) == 0 => Ordering::Equal,
        Ordering::Equal if sign(a) < 0 => order_of_magnitudes(b, a),
        Ordering::Equal => order_of_magnitudes(a, b),
        other => other,
    }
}

/// By absolute value; not of NaNs.
pub fn order_of_magnitudes(a: &Number, b: &Number) -> Ordering {
    if a.is_infinite() || b.is_infinite() {
        return a.is_infinite().cmp(&b.is_infinite());
    }
    if a.is_zero() || b.is_zero() {
        return (!a.is_zero()).cmp(&!b.is_zero());
    }
    a.adjusted().cmp(&b.adjusted()).then_with(|| {
        // Equally high, so the exponents are no farther apart than the digits are many.
        if let Some((p, q)) = aligned_small(a, b) {
            return p.cmp(&q);
        }
        let exponent = a.exponent.min(b.exponent);
        a.aligned(exponent).cmp(&b.aligned(exponent))
    })
}

fn number(order: Ordering) -> Number {
    Number::finite(order == Ordering::Less, BigUint::from(u32::from(order != Ordering::Equal)), 0)
}

pub fn compare(a: &Number, b: &Number, settings: &Settings, status: Status<'_>) -> Number {
    nan_of(&[a, b], settings, status).unwrap_or_else(|| number(order(a, b)))
}

pub fn compare_signal(a: &Number, b: &Number, settings: &Settings, status: Status<'_>) -> Number {
    if a.is_nan() || b.is_nan() {
        *status |= INVALID_OPERATION;
    }
    compare(a, b, settings, status)
}

fn total_order(a: &Number, b: &Number) -> Ordering {
    if a.negative != b.negative {
        return b.negative.cmp(&a.negative);
    }
    let magnitude = total_order_of_magnitudes(a, b);
    if a.negative { magnitude.reverse() } else { magnitude }
}

fn total_order_of_magnitudes(a: &Number, b: &Number) -> Ordering {
    let rank = |n: &Number| match n.kind {
        Kind::Finite | Kind::Infinite => 0,
        Kind::SignalingNan => 1,
        Kind::Nan => 2,
    };
    match rank(a).cmp(&rank(b)) {
        Ordering::Equal if a.is_nan() => a.coefficient.cmp(&b.coefficient),
        Ordering::Equal => order_of_magnitudes(a, b).then_with(|| if a.is_finite() { a.exponent.cmp(&b.exponent) } else { Ordering::Equal }),
        other => other,
    }
}

pub fn compare_total(a: &Number, b: &Number, _: &Settings, _: Status<'_>) -> Number {
    number(total_order(a, b))
}
pub fn compare_total_mag(a: &Number, b: &Number, _: &Settings, _: Status<'_>) -> Number {
    number(total_order_of_magnitudes(a, b))
}

/// A quiet NaN gives way to a number; what else NaNs mean for minima and maxima.
fn choose_with_nan(a: &Number, b: &Number, settings: &Settings, status: Status<'_>) -> Option<Number> {
    if !a.is_nan() && !b.is_nan() {
        return None;
    }
    if a.kind == Kind::Nan && !b.is_nan() {
        return Some(b.clone().finalize(settings, status));
    }
    if b.kind == Kind::Nan && !a.is_nan() {
        return Some(a.clone().finalize(settings, status));
    }
    nan_of(&[a, b], settings, status)
}

fn extreme(a: &Number, b: &Number, wanted: Ordering, by_magnitude: bool, settings: &Settings, status: Status<'_>) -> Number {
    if let Some(found) = choose_with_nan(a, b, settings, status) {
        return found;
    }
    let mut found = if by_magnitude { order_of_magnitudes(a, b) } else { order(a, b) };
    if found == Ordering::Equal {
        found = total_order(a, b);
    }
    let chosen = if found == wanted { a } else { b };
    chosen.clone().finalize(settings, status)
}

pub fn max(a: &Number, b: &Number, settings: &Settings, status: Status<'_>) -> Number {
    extreme(a, b, Ordering::Greater, false, settings, status)
}
pub fn max_mag(a: &Number, b: &Number, settings: &Settings, status: Status<'_>) -> Number {
    extreme(a, b, Ordering::Greater, true, settings, status)
}
pub fn min(a: &Number, b: &Number, settings: &Settings, status: Status<'_>) -> Number {
    extreme(a, b, Ordering::Less, false, settings, status)
}
pub fn min_mag(a: &Number, b: &Number, settings: &Settings, status: Status<'_>) -> Number {
    extreme(a, b, Ordering::Less, true, settings, status)
}

/// The next number in a direction, found by adding less than the smallest step and rounding that way.
fn neighbour(a: &Number, up: bool, settings: &Settings, status: Status<'_>) -> Number {
    if !fits(settings.prec) && !a.is_zero() {
        return no_memory(status);
    }
    let settings = Settings { rounding: if up { Rounding::Ceiling } else { Rounding::Floor }, ..*settings };
    let rounded = a.clone().finalize(&settings, &mut 0);
    if order(&rounded, a) != Ordering::Equal {
        return rounded;
    }
    let tiny = Number::small(1, settings.etiny() - 1);
    if up { add(a, &tiny, &settings, &mut 0) } else { subtract(a, &tiny, &settings, &mut 0) }
}

fn largest_or_none(negative: bool, settings: &Settings, status: Status<'_>) -> Number {
    if fits(settings.prec) { largest(negative, settings) } else { no_memory(status) }
}

pub fn next_plus(a: &Number, settings: &Settings, status: Status<'_>) -> Number {
    if let Some(nan) = nan_of(&[a], settings, status) {
        return nan;
    }
    match (a.is_infinite(), a.negative) {
        (true, true) => largest_or_none(true, settings, status),
        (true, false) => a.clone(),
        _ => neighbour(a, true, settings, status),
    }
}

pub fn next_minus(a: &Number, settings: &Settings, status: Status<'_>) -> Number {
    if let Some(nan) = nan_of(&[a], settings, status) {
        return nan;
    }
    match (a.is_infinite(), a.negative) {
        (true, false) => largest_or_none(false, settings, status),
        (true, true) => a.clone(),
        _ => neighbour(a, false, settings, status),
    }
}

pub fn next_toward(a: &Number, b: &Number, settings: &Settings, status: Status<'_>) -> Number {
    if let Some(nan) = nan_of(&[a, b], settings, status) {
        return nan;
    }
    let result = match order(a, b) {
        Ordering::Equal => return a.clone().with_sign(b.negative),
        Ordering::Less => next_plus(a, settings, status),
        Ordering::Greater => next_minus(a, settings, status),
    };
    if result.is_infinite() {
        *status |= OVERFLOW | INEXACT | ROUNDED;
    } else if result.adjusted() < settings.emin {
        *status |= UNDERFLOW | SUBNORMAL | INEXACT | ROUNDED;
        if result.is_zero() {
            *status |= CLAMPED;
        }
    }
    result
}

pub fn same_quantum(a: &Number, b: &Number) -> bool {
    match (a.is_finite(), b.is_finite()) {
        (true, true) => a.exponent == b.exponent,
        (false, false) => a.is_nan() == b.is_nan(),
        _ => false,
    }
}

pub fn class(a: &Number, settings: &Settings) -> &'static str {
    match (a.kind, a.negative) {
        (Kind::SignalingNan, _) => "sNaN",
        (Kind::Nan, _) => "NaN",
        (Kind::Infinite, false) => "+Infinity",
        (Kind::Infinite, true) => "-Infinity",
        (Kind::Finite, negative) => match (a.is_zero(), a.is_subnormal(settings), negative) {
            (true, _, false) => "+Zero",
            (true, _, true) => "-Zero",
            (_, true, false) => "+Subnormal",
            (_, true, true) => "-Subnormal",
            (_, _, false) => "+Normal",
            (_, _, true) => "-Normal",
        },
    }
}
