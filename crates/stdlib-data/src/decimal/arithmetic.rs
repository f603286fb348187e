//! The four operations and what is made of them; quantizing and rounding to integers.

use super::number::*;
use num_bigint::BigUint;
use num_integer::Integer;

type Status<'a> = &'a mut u32;

pub fn plus(a: &Number, settings: &Settings, status: Status<'_>) -> Number {
    signed(a, a.negative, settings, status)
}

pub fn minus(a: &Number, settings: &Settings, status: Status<'_>) -> Number {
    signed(a, !a.negative, settings, status)
}

/// `0 + a` or `0 - a`: a zero is positive unless rounding goes down.
fn signed(a: &Number, negative: bool, settings: &Settings, status: Status<'_>) -> Number {
    if let Some(nan) = nan_of(&[a], settings, status) {
        return nan;
    }
    let negative = negative && !(a.is_zero() && settings.rounding != Rounding::Floor);
    a.clone().with_sign(negative).finalize(settings, status)
}

pub fn abs(a: &Number, settings: &Settings, status: Status<'_>) -> Number {
    if a.negative { minus(a, settings, status) } else { plus(a, settings, status) }
}

pub fn add(a: &Number, b: &Number, settings: &Settings, status: Status<'_>) -> Number {
    if !a.is_finite() || !b.is_finite() {
        if let Some(nan) = nan_of(&[a, b], settings, status) {
            return nan;
        }
        if a.is_infinite() {
            return if b.is_infinite() && a.negative != b.negative { invalid(INVALID_OPERATION, status) } else { a.clone() };
        }
        return b.clone();
    }
    let exponent = a.exponent.min(b.exponent);
    let zero_is_negative = settings.rounding == Rounding::Floor && a.negative != b.negative;
    match (a.is_zero(), b.is_zero()) {
        (true, true) => return Number::zero(a.negative && b.negative || zero_is_negative, exponent).finalize(settings, status),
        (true, false) => return add_to_zero(b, a.exponent, settings).finalize(settings, status),
        (false, true) => return add_to_zero(a, b.exponent, settings).finalize(settings, status),
        (false, false) => {}
    }
    if let Some((p, q)) = aligned_small(a, b) {
        let (sum, negative) = match a.negative == b.negative {
            true => (p.checked_add(q), a.negative),
            false if p > q => (Some(p - q), a.negative),
            false => (Some(q - p), b.negative),
        };
        match sum {
            Some(0) => return Number::zero(zero_is_negative, exponent).finalize(settings, status),
            Some(sum) => return finalize_small(negative, sum, exponent, settings, status),
            None => {}
        }
    }
    let (x, y) = within_reach(a, b, settings.prec);
    let exponent = x.exponent.min(y.exponent);
    if !fits(x.exponent - y.exponent) {
        return no_memory(status);
    }
    let (p, q) = (x.aligned(exponent), y.aligned(exponent));
    let sum = if a.negative == b.negative {
        Number::finite(a.negative, p + q, exponent)
    } else {
        match p.cmp(&q) {
            std::cmp::Ordering::Equal => Number::zero(zero_is_negative, exponent),
            std::cmp::Ordering::Greater => Number::finite(a.negative, p - q, exponent),
            std::cmp::Ordering::Less => Number::finite(b.negative, q - p, exponent),
        }
    };
    sum.finalize(settings, status)
}

/// A number plus a zero of some exponent, to which it goes as far as the precision allows.
fn add_to_zero(a: &Number, exponent: i64, settings: &Settings) -> Number {
    let lowest = exponent.max(a.exponent - settings.prec - 1);
    if lowest < a.exponent && fits(a.exponent - lowest) { Number::finite(a.negative, a.aligned(lowest), lowest) } else { a.clone() }
}

/// The operands of a sum, one that is far below the other's last digit that counts replaced by a trace of it.
fn within_reach(a: &Number, b: &Number, prec: i64) -> (Number, Number) {
    let trace = |high: &Number, low: &Number| {
        let floor = high.exponent + (high.digits() - prec - 2).min(-1);
        if low.adjusted() < floor { Number::finite(low.negative, BigUint::from(1u32), floor) } else { low.clone() }
    };
    if a.exponent >= b.exponent { (a.clone(), trace(a, b)) } else { (trace(b, a), b.clone()) }
}

pub fn subtract(a: &Number, b: &Number, settings: &Settings, status: Status<'_>) -> Number {
    if b.is_nan() {
        return add(a, b, settings, status);
    }
    add(a, &b.negated(), settings, status)
}

/// A product before it is rounded; not of NaNs.
fn product(a: &Number, b: &Number, status: Status<'_>) -> Number {
    let negative = a.negative != b.negative;
    if a.is_infinite() || b.is_infinite() {
        return if a.is_zero() || b.is_zero() { invalid(INVALID_OPERATION, status) } else { Number::infinity(negative) };
    }
    Number::finite(negative, &a.coefficient * &b.coefficient, a.exponent + b.exponent)
}

pub fn multiply(a: &Number, b: &Number, settings: &Settings, status: Status<'_>) -> Number {
    if let (true, true, Some(p), Some(q)) = (a.is_finite(), b.is_finite(), small_of(&a.coefficient), small_of(&b.coefficient))
        && let Some(product) = p.checked_mul(q)
        && product != 0
    {
        return finalize_small(a.negative != b.negative, product, a.exponent + b.exponent, settings, status);
    }
    match nan_of(&[a, b], settings, status) {
        Some(nan) => nan,
        None => product(a, b, status).finalize(settings, status),
    }
}

pub fn fma(a: &Number, b: &Number, c: &Number, settings: &Settings, status: Status<'_>) -> Number {
    if a.is_nan() || b.is_nan() {
        return match nan_of(&[a, b], settings, status) {
            Some(nan) if !(c.is_signaling() && !a.is_signaling() && !b.is_signaling()) => nan,
            _ => nan_of(&[c], settings, status).unwrap_or_else(Number::nan),
        };
    }
    let product = product(a, b, status);
    if product.is_nan() {
        return product;
    }
    add(&product, c, settings, status)
}

/// The quotient of a NaN, of an infinity or by zero, which `divide` and `divide_int` have in common.
fn special_quotient(a: &Number, b: &Number, settings: &Settings, status: Status<'_>) -> Option<Number> {
    if let Some(nan) = nan_of(&[a, b], settings, status) {
        return Some(nan);
    }
    let infinity = Number::infinity(a.negative != b.negative);
    if a.is_infinite() {
        return Some(if b.is_infinite() { invalid(INVALID_OPERATION, status) } else { infinity });
    }
    if !b.is_zero() {
        return None;
    }
    if a.is_zero() {
        return Some(invalid(DIVISION_UNDEFINED, status));
    }
    *status |= DIVISION_BY_ZERO;
    Some(infinity)
}

pub fn divide(a: &Number, b: &Number, settings: &Settings, status: Status<'_>) -> Number {
    if let Some(quotient) = special_quotient(a, b, settings, status) {
        return quotient;
    }
    let negative = a.negative != b.negative;
    if b.is_infinite() {
        *status |= CLAMPED;
        return Number::zero(negative, settings.etiny());
    }
    let ideal = a.exponent - b.exponent;
    if a.is_zero() {
        return Number::zero(negative, ideal).finalize(settings, status);
    }
    if !fits(settings.prec) {
        return divide_exactly(a, b, settings, status);
    }
    // One digit more than wanted, the last one never 0 or 5 unless the quotient ends there.
    let shift = b.digits() - a.digits() + settings.prec + 1;
    if let Some((quotient, shift)) = small_quotient(a, b, shift, settings.prec) {
        return finalize_small(negative, quotient, ideal - shift, settings, status);
    }
    let (mut quotient, rest) = if shift >= 0 {
        (&a.coefficient * power_of_ten(shift as u64)).div_rem(&b.coefficient)
    } else {
        a.coefficient.div_rem(&(&b.coefficient * power_of_ten(shift.unsigned_abs())))
    };
    let mut exponent = ideal - shift;
    if rest != BigUint::ZERO {
        if (&quotient % 5u32) == BigUint::ZERO {
            quotient += 1u32;
        }
    } else {
        let most = (ideal - exponent).max(0) as u64;
        let stripped = strip_zeros(&mut quotient, most);
        exponent += stripped as i64;
    }
    Number::finite(negative, quotient, exponent).finalize(settings, status)
}

/// a * 10^shift / b where all that fits into u128s, ready to be rounded; with as little of the shift as an exact quotient needs.
fn small_quotient(a: &Number, b: &Number, shift: i64, prec: i64) -> Option<(u128, i64)> {
    let (dividend, divisor) = (small_of(&a.coefficient)?, small_of(&b.coefficient)?);
    let step = 38usize.checked_sub(digits_of_small(divisor)).filter(|&step| step > 0)?;
    let mut left = usize::try_from(shift).ok().filter(|_| prec <= 36)?;
    let (mut quotient, mut rest) = (dividend / divisor, dividend % divisor);
    while left > 0 {
        let now = step.min(left);
        rest *= SMALL_POWERS[now];
        quotient *= SMALL_POWERS[now];
        if rest != 0 {
            quotient += rest / divisor;
            rest %= divisor;
        }
        left -= now;
    }
    let mut shift = shift;
    if rest != 0 {
        quotient += u128::from(quotient % 5 == 0);
    } else {
        while shift > 0 && quotient % 10 == 0 {
            quotient /= 10;
            shift -= 1;
        }
    }
    Some((quotient, shift))
}

/// With more precision than there is memory only quotients that end are possible.
fn divide_exactly(a: &Number, b: &Number, settings: &Settings, status: Status<'_>) -> Number {
    let mut divisor = &b.coefficient / a.coefficient.gcd(&b.coefficient);
    let mut shift = 0;
    for factor in [2u32, 5] {
        let mut count = 0;
        while (&divisor % factor) == BigUint::ZERO {
            divisor /= factor;
            count += 1;
        }
        shift = shift.max(count);
    }
    if divisor != BigUint::from(1u32) {
        return no_memory(status);
    }
    let quotient = &a.coefficient * power_of_ten(shift) / &b.coefficient;
    Number::finite(a.negative != b.negative, quotient, a.exponent - b.exponent - shift as i64).finalize(settings, status)
}

/// Takes zeros from a coefficient's end, at most so many; how many there were.
pub fn strip_zeros(coefficient: &mut BigUint, most: u64) -> u64 {
    let mut stripped = 0;
    if *coefficient == BigUint::ZERO {
        return 0;
    }
    // By large steps first.
    let mut step = 1u64 << 16;
    while step > 0 {
        while stripped + step <= most && digits_of(coefficient) > step {
            let (kept, rest) = coefficient.div_rem(&power_of_ten(step));
            if rest != BigUint::ZERO {
                break;
            }
            *coefficient = kept;
            stripped += step;
        }
        step >>= 1;
    }
    stripped
}

/// A number that is its own remainder, with the smaller exponent as far as the precision and a digit more reach.
fn as_remainder(a: &Number, ideal: i64, settings: &Settings) -> Number {
    if a.is_zero() {
        return Number::zero(a.negative, ideal);
    }
    let exponent = ideal.max(a.adjusted() - settings.prec);
    if exponent < a.exponent && fits(a.exponent - exponent) { Number::finite(a.negative, a.aligned(exponent), exponent) } else { a.clone() }
}

/// Quotient without fraction, and remainder, of finite numbers with a divisor that is not zero, or an infinite divisor.
fn whole_quotient(a: &Number, b: &Number, settings: &Settings) -> Option<(Number, Number)> {
    let negative = a.negative != b.negative;
    let ideal = if b.is_infinite() { a.exponent } else { a.exponent.min(b.exponent) };
    if a.is_zero() || b.is_infinite() || a.adjusted() - b.adjusted() <= -2 {
        return Some((Number::zero(negative, 0), as_remainder(a, ideal, settings)));
    }
    if a.adjusted() - b.adjusted() > settings.prec || !fits(a.exponent - b.exponent) {
        return None;
    }
    let (p, q) = (a.aligned(ideal), b.aligned(ideal));
    let (quotient, rest) = p.div_rem(&q);
    (digits_of(&quotient) as i64 <= settings.prec).then(|| (Number::finite(negative, quotient, 0), Number::finite(a.negative, rest, ideal)))
}

pub fn divide_int(a: &Number, b: &Number, settings: &Settings, status: Status<'_>) -> Number {
    if let Some(quotient) = special_quotient(a, b, settings, status) {
        return quotient;
    }
    match whole_quotient(a, b, settings) {
        Some((quotient, _)) if b.is_infinite() => quotient,
        Some((quotient, _)) => quotient.finalize(settings, status),
        None => invalid(DIVISION_IMPOSSIBLE, status),
    }
}

pub fn remainder(a: &Number, b: &Number, settings: &Settings, status: Status<'_>) -> Number {
    if let Some(nan) = nan_of(&[a, b], settings, status) {
        return nan;
    }
    if a.is_infinite() {
        return invalid(INVALID_OPERATION, status);
    }
    if b.is_zero() {
        return invalid(if a.is_zero() { DIVISION_UNDEFINED } else { INVALID_OPERATION }, status);
    }
    match whole_quotient(a, b, settings) {
        Some((_, rest)) => rest.finalize(settings, status),
        None => invalid(DIVISION_IMPOSSIBLE, status),
    }
}

pub fn divmod(a: &Number, b: &Number, settings: &Settings, status: Status<'_>) -> (Number, Number) {
    if let Some(nan) = nan_of(&[a, b], settings, status) {
        return (nan.clone(), nan);
    }
    let negative = a.negative != b.negative;
    if a.is_infinite() {
        *status |= INVALID_OPERATION;
        return (if b.is_infinite() { Number::nan() } else { Number::infinity(negative) }, Number::nan());
    }
    if b.is_zero() {
        if a.is_zero() {
            return (invalid(DIVISION_UNDEFINED, status), Number::nan());
        }
        *status |= DIVISION_BY_ZERO | INVALID_OPERATION;
        return (Number::infinity(negative), Number::nan());
    }
    match whole_quotient(a, b, settings) {
        Some((quotient, rest)) if b.is_infinite() => (quotient, rest.finalize(settings, status)),
        Some((quotient, rest)) => (quotient.finalize(settings, status), rest.finalize(settings, status)),
        None => (invalid(DIVISION_IMPOSSIBLE, status), Number::nan()),
    }
}

pub fn remainder_near(a: &Number, b: &Number, settings: &Settings, status: Status<'_>) -> Number {
    if let Some(nan) = nan_of(&[a, b], settings, status) {
        return nan;
    }
    if a.is_infinite() {
        return invalid(INVALID_OPERATION, status);
    }
    if b.is_zero() {
        return invalid(if a.is_zero() { DIVISION_UNDEFINED } else { INVALID_OPERATION }, status);
    }
    if b.is_infinite() {
        return a.clone().finalize(settings, status);
    }
    let ideal = a.exponent.min(b.exponent);
    if a.is_zero() {
        return Number::zero(a.negative, ideal).finalize(settings, status);
    }
    let difference = a.adjusted() - b.adjusted();
    if difference <= -2 {
        return as_remainder(a, ideal, settings).finalize(settings, status);
    }
    if difference > settings.prec || !fits(a.exponent - b.exponent) {
        return invalid(DIVISION_IMPOSSIBLE, status);
    }
    let (p, q) = (a.aligned(ideal), b.aligned(ideal));
    let (mut quotient, mut rest) = p.div_rem(&q);
    let mut negative = a.negative;
    // To the nearest multiple, of two equally near the even one.
    if (&rest << 1u32) + u32::from(quotient.bit(0)) > q {
        rest = q - rest;
        quotient += 1u32;
        negative = !negative;
    }
    if digits_of(&quotient) as i64 > settings.prec {
        return invalid(DIVISION_IMPOSSIBLE, status);
    }
    Number::finite(negative, rest, ideal).finalize(settings, status)
}

pub fn normalize(a: &Number, settings: &Settings, status: Status<'_>) -> Number {
    if let Some(nan) = nan_of(&[a], settings, status) {
        return nan;
    }
    let mut number = a.clone().finalize(settings, status);
    if !number.is_finite() {
        return number;
    }
    if number.is_zero() {
        return Number::zero(number.negative, 0);
    }
    let highest = if settings.clamp { settings.etop() } else { settings.emax };
    let stripped = strip_zeros(&mut number.coefficient, (highest - number.exponent).max(0) as u64);
    number.exponent += stripped as i64;
    number
}

pub fn quantize(a: &Number, pattern: &Number, settings: &Settings, status: Status<'_>) -> Number {
    if let Some(nan) = nan_of(&[a, pattern], settings, status) {
        return nan;
    }
    if a.is_infinite() || pattern.is_infinite() {
        return if a.is_infinite() && pattern.is_infinite() { a.clone() } else { invalid(INVALID_OPERATION, status) };
    }
    let exponent = pattern.exponent;
    if !(settings.etiny()..=settings.emax).contains(&exponent) {
        return invalid(INVALID_OPERATION, status);
    }
    if a.is_zero() {
        return Number::zero(a.negative, exponent).finalize(settings, status);
    }
    let adjusted = a.adjusted();
    if adjusted > settings.emax || adjusted.saturating_sub(exponent).saturating_add(1) > settings.prec {
        return invalid(INVALID_OPERATION, status);
    }
    if a.exponent > exponent && !fits(a.exponent - exponent) {
        return no_memory(status);
    }
    let (result, lost) = a.rescaled(exponent, settings.rounding);
    if result.adjusted() > settings.emax || result.digits() > settings.prec {
        return invalid(INVALID_OPERATION, status);
    }
    if !result.is_zero() && result.adjusted() < settings.emin {
        *status |= SUBNORMAL;
    }
    *status |= lost;
    result.finalize(settings, status)
}

/// To an integer; `exact` says whether losses are told.
pub fn to_integral(a: &Number, exact: bool, settings: &Settings, status: Status<'_>) -> Number {
    if let Some(nan) = nan_of(&[a], settings, status) {
        return nan;
    }
    if a.is_infinite() || a.exponent >= 0 {
        return a.clone();
    }
    let (result, lost) = a.rescaled(0, settings.rounding);
    if exact {
        *status |= lost;
    }
    result
}

pub fn sqrt(a: &Number, settings: &Settings, status: Status<'_>) -> Number {
    if let Some(nan) = nan_of(&[a], settings, status) {
        return nan;
    }
    if a.is_zero() {
        return Number::zero(a.negative, a.exponent.div_euclid(2)).finalize(settings, status);
    }
    if a.negative {
        return invalid(INVALID_OPERATION, status);
    }
    if a.is_infinite() {
        return a.clone();
    }
    // An even exponent, and one digit more than wanted in the root.
    let odd = a.exponent.rem_euclid(2);
    let ideal = (a.exponent - odd) / 2;
    let coefficient = if odd == 1 { &a.coefficient * 10u32 } else { a.coefficient.clone() };
    let length = (digits_of(&coefficient) as i64 + 1) / 2;
    let (mut root, exponent);
    if !fits(settings.prec) {
        root = coefficient.sqrt();
        if &root * &root != coefficient {
            return no_memory(status);
        }
        exponent = ideal;
    } else {
        let shift = settings.prec + 1 - length;
        let (radicand, whole) = if shift >= 0 {
            (coefficient * power_of_ten(2 * shift as u64), true)
        } else {
            let (kept, rest) = coefficient.div_rem(&power_of_ten(2 * shift.unsigned_abs()));
            (kept, rest == BigUint::ZERO)
        };
        root = radicand.sqrt();
        let exact = whole && &root * &root == radicand;
        exponent = if exact { ideal } else { ideal - shift };
        if exact {
            // Back to the ideal exponent.
            if shift >= 0 {
                root /= power_of_ten(shift as u64);
            } else {
                root *= power_of_ten(shift.unsigned_abs());
            }
        } else if (&root % 5u32) == BigUint::ZERO {
            root += 1u32;
        }
    }
    Number::finite(false, root, exponent).finalize(&Settings { rounding: Rounding::HalfEven, ..*settings }, status)
}
