//! Exponential function, logarithms and powers, rounded correctly: results are computed with some digits more than wanted, and with more
//! still until their error cannot change the rounding.
//!
//! Inside, a real number is an integer in units of 10^-p ("fixed point with p places").

use super::number::*;
use num_bigint::{BigInt, BigUint, Sign};
use num_integer::Integer;

type Status<'a> = &'a mut u32;

/// How far off the last place of a fixed-point result may be.
const ERROR: u32 = 100;
/// The largest precision at which these functions are tried.
const MOST_PLACES: i64 = 2_000_000;

fn ten(n: i64) -> BigInt {
    BigInt::from(power_of_ten(n as u64))
}

/// A positive number in units of 10^-places, cut off.
fn fixed(a: &Number, places: i64) -> BigInt {
    let shift = a.exponent + places;
    let magnitude = match shift {
        0.. => &a.coefficient * power_of_ten(shift as u64),
        _ if shift.unsigned_abs() > a.digits() as u64 => BigUint::ZERO,
        _ => &a.coefficient / power_of_ten(shift.unsigned_abs()),
    };
    BigInt::from(magnitude)
}

/// e^x for 0 <= x < 3: the argument halved often enough for a short series, the result squared as often.
fn fixed_exp(x: &BigInt, places: i64) -> BigInt {
    let halvings = ((places as f64 * 3.33).sqrt() as u64).clamp(4, 2000);
    let guard = halvings as i64 * 31 / 100 + 12;
    let unit = ten(places + guard);
    let small = (x * ten(guard)) >> halvings;
    let (mut sum, mut term, mut n) = (unit.clone(), unit.clone(), 0u64);
    loop {
        n += 1;
        term = &term * &small / &unit / n;
        if term.sign() != Sign::Plus {
            break;
        }
        sum += &term;
    }
    for _ in 0..halvings {
        sum = &sum * &sum / &unit;
    }
    sum / ten(guard)
}

/// ln x for 1/10 < x < 10: by ever better guesses y, each with about three times as many places of y + 2 (x - e^y) / (x + e^y).
fn fixed_ln(x: &BigInt, places: i64) -> BigInt {
    let estimate = (to_f64(x, places)).ln();
    let mut have = 14i64;
    let mut y = BigInt::from((estimate * 1e14) as i64);
    while have < places + 6 {
        let next = (have * 3 - 6).min(places + 8);
        let x = if next >= places { x * ten(next - places) } else { x / ten(places - next) };
        y *= ten(next - have);
        let unit = ten(next);
        // The series is for positive arguments: e^-y is 1 / e^y.
        let power = if y.sign() == Sign::Minus { &unit * &unit / fixed_exp(&-&y, next) } else { fixed_exp(&y, next) };
        y += ((&x - &power) * &unit * 2) / (&x + &power);
        have = next;
    }
    y / ten(have - places)
}

fn to_f64(x: &BigInt, places: i64) -> f64 {
    let digits = digits_of(x.magnitude()) as i64;
    let drop = (digits - 17).max(0);
    let top = x / ten(drop);
    i64::try_from(&top).unwrap_or(0) as f64 * 10f64.powi((drop - places) as i32)
}

fn fixed_ln10(places: i64) -> BigInt {
    thread_local! {
        static KNOWN: std::cell::RefCell<(i64, BigInt)> = const { std::cell::RefCell::new((-1, BigInt::ZERO)) };
    }
    KNOWN.with_borrow_mut(|known| {
        if known.0 < places {
            // ln 10 = 2 ln(sqrt 10)
            let more = places + 20;
            let root = ten(2 * more + 1).sqrt();
            *known = (more, fixed_ln(&root, more) * 2);
        }
        &known.1 / ten(known.0 - places)
    })
}

/// ln of a positive number with so many places.
fn ln_places(a: &Number, places: i64) -> BigInt {
    let adjusted = a.adjusted();
    // A mantissa near 1, so that nothing cancels.
    let mantissa = Number::finite(false, a.coefficient.clone(), a.exponent - adjusted);
    let (mantissa, tens) = if adjusted < 0 && mantissa.coefficient.clone() * 10u32 > power_of_ten(a.digits() as u64) * 5u32 {
        (Number { exponent: mantissa.exponent - 1, ..mantissa }, adjusted + 1)
    } else {
        (mantissa, adjusted)
    };
    let guard = 6 + digits_of(&BigUint::from(tens.unsigned_abs())) as i64;
    let more = places + guard;
    let ln = fixed_ln(&fixed(&mantissa, more), more);
    (ln + fixed_ln10(more) * tens) / ten(guard)
}

/// Rounds `value` +- ERROR units of 10^-places so that it does not matter where in there it lies; None if it does.
fn rounded(value: &BigInt, places: i64, negative: bool, settings: &Settings, status: Status<'_>, insist: bool) -> Option<Number> {
    let magnitude = value.magnitude();
    let spare = digits_of(magnitude) as i64 - settings.prec;
    if spare < 4 {
        return None;
    }
    let unit = power_of_ten(spare as u64 - 1);
    let rest = magnitude % &unit;
    let near = BigUint::from(ERROR);
    if !insist && (rest < near || &unit - &rest < near) {
        return None;
    }
    // A digit behind the wanted ones and a trace of more decide the rounding.
    let mut kept = magnitude / &unit;
    if insist {
        kept = (magnitude + (&unit >> 1u32)) / &unit;
        kept *= 10u32;
    } else {
        kept = kept * 10u32 + 1u32;
    }
    let number = Number::finite(negative, kept, spare - 2 - places);
    Some(number.finalize(settings, status))
}

/// Tries with more and more places until the rounding is certain.
fn by_trials(settings: &Settings, status: Status<'_>, first: i64, compute: impl Fn(i64) -> (BigInt, bool)) -> Number {
    if settings.prec > MOST_PLACES {
        return no_memory(status);
    }
    let mut extra = 6;
    loop {
        let places = first + settings.prec + extra;
        let (value, negative) = compute(places);
        let insist = extra > settings.prec + 40;
        if let Some(number) = rounded(&value, places, negative, settings, status, insist) {
            *status |= INEXACT | ROUNDED;
            return number;
        }
        if insist {
            return no_memory(status);
        }
        extra = extra * 2 + 6;
    }
}

fn half_even(settings: &Settings) -> Settings {
    Settings { rounding: Rounding::HalfEven, ..*settings }
}

pub fn exp(a: &Number, settings: &Settings, status: Status<'_>) -> Number {
    if let Some(nan) = nan_of(&[a], settings, status) {
        return nan;
    }
    if a.is_infinite() {
        return if a.negative { Number::zero(false, 0) } else { a.clone() };
    }
    if a.is_zero() {
        return Number::small(1, 0);
    }
    exp_of(a, &half_even(settings), status)
}

/// e^a of a finite number that is not zero.
fn exp_of(a: &Number, settings: &Settings, status: Status<'_>) -> Number {
    let adjusted = a.adjusted();
    // ln 10 times the largest exponent is less than ten times that exponent.
    if adjusted > 18 || adjusted > digits_of(&BigUint::from(settings.emax.max(settings.etiny().unsigned_abs() as i64) as u64)) as i64 {
        let far = if a.negative { settings.etiny() - 2 } else { settings.emax + 1 };
        let number = Number::small(1, far).finalize(settings, status);
        *status |= INEXACT | ROUNDED;
        return number;
    }
    if adjusted < -settings.prec - 2 {
        if !fits(settings.prec) {
            return no_memory(status);
        }
        *status |= INEXACT | ROUNDED;
        return Number::finite(false, power_of_ten(settings.prec as u64 - 1), 1 - settings.prec).finalize(settings, status);
    }
    if settings.prec > MOST_PLACES {
        return no_memory(status);
    }
    let mut extra = 6;
    loop {
        // e^a = 10^n e^r
        let places = settings.prec + extra;
        let guard = adjusted.max(0) + 4;
        let x: BigInt = fixed(a, places + guard) * if a.negative { -1 } else { 1 };
        let (tens, rest): (BigInt, BigInt) = x.div_mod_floor(&fixed_ln10(places + guard));
        let value = fixed_exp(&(rest / ten(guard)), places);
        let tens = i64::try_from(&tens).unwrap_or(0);
        let insist = extra > settings.prec + 40;
        if let Some(number) = rounded(&value, places - tens, false, settings, status, insist) {
            *status |= INEXACT | ROUNDED;
            return number;
        }
        extra = extra * 2 + 6;
    }
}

/// 1 with a trace more or less.
fn next_to_one(less: bool, settings: &Settings, status: Status<'_>) -> Number {
    if !fits(settings.prec) {
        return no_memory(status);
    }
    let places = settings.prec + 2;
    let unit = power_of_ten(places as u64);
    Number::finite(false, if less { unit - 1u32 } else { unit + 1u32 }, -places).finalize(settings, status)
}

/// The logarithm of what has none, or an infinite one.
fn log_of_special(a: &Number, settings: &Settings, status: Status<'_>) -> Option<Number> {
    if let Some(nan) = nan_of(&[a], settings, status) {
        return Some(nan);
    }
    if a.is_zero() {
        return Some(Number::infinity(true));
    }
    if a.negative {
        return Some(invalid(INVALID_OPERATION, status));
    }
    a.is_infinite().then(|| a.clone())
}

pub fn ln(a: &Number, settings: &Settings, status: Status<'_>) -> Number {
    if let Some(result) = log_of_special(a, settings, status) {
        return result;
    }
    if is_one(a) {
        return Number::zero(false, 0);
    }
    by_trials(&half_even(settings), status, places_of_ln(a), |places| {
        let value = ln_places(a, places);
        let negative = value.sign() == Sign::Minus;
        (value, negative)
    })
}

fn is_one(a: &Number) -> bool {
    a.is_finite() && !a.negative && a.adjusted() == 0 && a.coefficient == power_of_ten((-a.exponent).max(0) as u64)
}

/// How many places of ln a are zeros: those in which the number is the same as 1.
fn places_of_ln(a: &Number) -> i64 {
    match a.adjusted() {
        0 | -1 => {
            let exponent = a.exponent.min(0);
            let one = power_of_ten(exponent.unsigned_abs());
            let own = a.aligned(exponent);
            let distance = if own > one { own - one } else { one - own };
            (-(exponent + digits_of(&distance) as i64 - 1)).max(0)
        }
        _ => 0,
    }
}

pub fn log10(a: &Number, settings: &Settings, status: Status<'_>) -> Number {
    if let Some(result) = log_of_special(a, settings, status) {
        return result;
    }
    let settings = half_even(settings);
    if a.coefficient == power_of_ten(a.digits() as u64 - 1) {
        let adjusted = a.adjusted();
        return Number::finite(adjusted < 0, BigUint::from(adjusted.unsigned_abs()), 0).finalize(&settings, status);
    }
    by_trials(&settings, status, places_of_ln(a) + 1, |places| {
        let guard = 8;
        let value = ln_places(a, places + guard) * ten(places) / fixed_ln10(places + guard);
        let negative = value.sign() == Sign::Minus;
        (value, negative)
    })
}

// ---- powers ----

pub fn power(a: &Number, b: &Number, settings: &Settings, status: Status<'_>) -> Number {
    if let Some(nan) = nan_of(&[a, b], settings, status) {
        return nan;
    }
    if b.is_zero() {
        return if a.is_zero() { invalid(INVALID_OPERATION, status) } else { Number::small(1, 0) };
    }
    let whole = b.is_integer();
    let negative = a.negative && whole && b.is_odd();
    if a.negative && !whole && !a.is_zero() {
        return invalid(INVALID_OPERATION, status);
    }
    if a.is_zero() {
        return if b.negative { Number::infinity(negative) } else { Number::zero(negative, 0) };
    }
    if a.is_infinite() {
        return if b.negative { Number::zero(negative, 0) } else { Number::infinity(negative) };
    }
    let base = a.clone().with_sign(false);
    if is_one(&base) {
        return power_of_one(&base, b, negative, whole, settings, status);
    }
    if b.is_infinite() {
        return if b.negative == (base.adjusted() < 0) { Number::infinity(negative) } else { Number::zero(negative, 0) };
    }
    if let Some(far) = out_of_range(&base, b, negative, settings, status) {
        return far;
    }
    if whole && let Some(n) = b.to_i64() {
        return power_by_factors(&base, n, b, negative, settings, status);
    }
    power_by_logarithm(&base, b, negative, whole, settings, status)
}

/// Powers by integers: products of squares, each rounded with some digits more than the result has.
fn power_by_factors(base: &Number, n: i64, b: &Number, negative: bool, settings: &Settings, status: Status<'_>) -> Number {
    use super::arithmetic::{divide, multiply};
    let mut work = Settings { prec: settings.prec + b.digits() + b.exponent + 2, clamp: false, ..half_even(settings) };
    let inverse;
    let base = if n < 0 {
        work.prec += 1;
        inverse = divide(&Number::small(1, 0), base, &work, status);
        &inverse
    } else {
        base
    };
    let exponent = n.unsigned_abs();
    let mut result = base.clone();
    for bit in (0..exponent.ilog2()).rev() {
        result = multiply(&result, &result, &work, status);
        if exponent >> bit & 1 == 1 {
            result = multiply(&result, base, &work, status);
        }
        if !result.is_finite() || result.is_zero() && *status & CLAMPED != 0 || *status & NO_MEMORY != 0 {
            break;
        }
    }
    if result.is_nan() {
        return result;
    }
    if result.is_infinite() {
        result = Number::small(1, 2 * MAX_EMAX);
    }
    result.with_sign(negative).finalize(settings, status)
}

/// Powers by integers that are far too small vanish, however one rounds: products of factors underflow to the nearest number.
fn for_power(adjusted: i64, b: &Number, settings: &Settings) -> Settings {
    let spare = 4 + b.digits() + b.exponent.max(0);
    if adjusted < settings.etiny() - spare { half_even(settings) } else { *settings }
}

/// 1.00^y has zeros as multiplication would give it.
fn power_of_one(base: &Number, b: &Number, negative: bool, whole: bool, settings: &Settings, status: Status<'_>) -> Number {
    let least = 1 - settings.prec;
    let mut exponent = least;
    if whole {
        let times = if b.negative { 0 } else { b.to_i64().unwrap_or(i64::MAX).min(settings.prec) };
        exponent = base.exponent.saturating_mul(times);
        if exponent < least {
            exponent = least;
            *status |= ROUNDED;
        }
    } else {
        *status |= INEXACT | ROUNDED;
    }
    if !fits(exponent) {
        return no_memory(status);
    }
    Number::finite(negative, power_of_ten(exponent.unsigned_abs()), exponent)
}

/// Results that are certainly too large or too small, without computing them.
fn out_of_range(base: &Number, b: &Number, negative: bool, settings: &Settings, status: Status<'_>) -> Option<Number> {
    // |log10 base| is at least 10^least.
    let adjusted = base.adjusted();
    let least = if adjusted >= 1 {
        digits_of(&BigUint::from(adjusted as u64)) as i64 - 1
    } else if adjusted <= -2 {
        digits_of(&BigUint::from((-1 - adjusted) as u64)) as i64 - 1
    } else {
        -places_of_ln(base) - 1
    };
    let bound = least.saturating_add(b.adjusted());
    let grows = (adjusted >= 0) != b.negative;
    let limit = if grows { settings.emax } else { settings.etiny().saturating_neg() };
    if bound < digits_of(&BigUint::from(limit.max(0) as u64)) as i64 + i64::from(!grows) {
        return None;
    }
    let far = Number::small(1, if grows { settings.emax + 1 } else { settings.etiny() - 1 }).with_sign(negative);
    let result = far.finalize(settings, status);
    *status |= INEXACT | ROUNDED;
    Some(result)
}

/// base^b = e^(b ln base); a result that cannot be told from a short number is that number.
fn power_by_logarithm(base: &Number, b: &Number, negative: bool, whole: bool, settings: &Settings, status: Status<'_>) -> Number {
    if settings.prec > MOST_PLACES {
        return no_memory(status);
    }
    let scale = b.adjusted().max(0) + digits_of(&BigUint::from(base.adjusted().unsigned_abs())) as i64;
    // Nearly 1: no digit of the power differs.
    let height = b.adjusted() + digits_of(&BigUint::from(base.adjusted().unsigned_abs())) as i64 - places_of_ln(base) + 2;
    if height < -settings.prec - 2 {
        let less = (base.adjusted() >= 0) == b.negative;
        let result = next_to_one(less, settings, status);
        return result.with_sign(negative);
    }
    let mut extra = 6;
    loop {
        let places = settings.prec + extra;
        let guard = scale + 8;
        let exponent = BigInt::from(b.coefficient.clone()) * if b.negative { -1 } else { 1 };
        let more = places + guard;
        let shift = b.exponent;
        // The logarithm needs as many places more as the exponent's digits push it up.
        let ln = ln_places(base, more + shift.max(0) + b.digits());
        let product = ln * exponent;
        let drop = b.digits() + shift.max(0) - shift;
        let x: BigInt = if drop >= 0 { product / ten(drop) } else { product * ten(-drop) };
        let (tens, rest): (BigInt, BigInt) = x.div_mod_floor(&fixed_ln10(more));
        let value = fixed_exp(&(rest / ten(guard)), places);
        let tens = i64::try_from(&tens).unwrap_or(0);
        let own = *settings;
        let settings = &if whole { for_power(digits_of(value.magnitude()) as i64 - 1 - (places - tens), b, &own) } else { own };
        if let Some(exact) = exact_power(&value, places - tens, base, b, settings.prec) {
            return finish_exact(exact.with_sign(negative), base, b, whole, settings, status);
        }
        let insist = extra > settings.prec + 40;
        if let Some(number) = rounded(&value, places - tens, negative, settings, status, insist) {
            *status |= INEXACT | ROUNDED;
            return number;
        }
        extra = extra * 2 + 6;
    }
}

/// Whether the value, within its error, is a number of at most `prec` + 1 digits which is the power exactly.
fn exact_power(value: &BigInt, places: i64, base: &Number, b: &Number, prec: i64) -> Option<Number> {
    let magnitude = value.magnitude();
    let spare = digits_of(magnitude) as i64 - prec - 1;
    if spare < 3 {
        return None;
    }
    let unit = power_of_ten(spare as u64);
    let nearest = (magnitude + (&unit >> 1u32)) / &unit;
    let exact = &nearest * &unit;
    let distance = if exact > *magnitude { exact - magnitude } else { magnitude - exact };
    if distance > BigUint::from(ERROR) {
        return None;
    }
    let mut number = Number::finite(false, nearest, spare - places);
    let stripped = super::arithmetic::strip_zeros(&mut number.coefficient, u64::MAX >> 8);
    number.exponent += stripped as i64;
    // candidate == base^(p/q)  <=>  candidate^q == base^p
    let mut exponent = b.clone().with_sign(false);
    let stripped = super::arithmetic::strip_zeros(&mut exponent.coefficient, u64::MAX >> 8);
    exponent.exponent += stripped as i64;
    let (mut p, mut q) = (exponent.coefficient, BigUint::from(1u32));
    if exponent.exponent >= 0 {
        p *= power_of_ten(u64::try_from(exponent.exponent).ok().filter(|&n| n < 20)?);
    } else {
        q = power_of_ten(exponent.exponent.unsigned_abs().min(1000));
        let common = p.gcd(&q);
        p /= &common;
        q /= &common;
    }
    let (p, q) = (u32::try_from(&p).ok()?, u32::try_from(&q).ok()?);
    let mut base = base.clone();
    let stripped = super::arithmetic::strip_zeros(&mut base.coefficient, u64::MAX >> 8);
    base.exponent += stripped as i64;
    let power = |n: &Number, e: u32| {
        let is_unit = n.coefficient == BigUint::from(1u32);
        let bearable = is_unit || n.digits().saturating_mul(e as i64) <= 1_000_000;
        let exponent = n.exponent.checked_mul(e as i64).filter(|exponent| exponent.unsigned_abs() < 1 << 62)?;
        bearable.then(|| Number::finite(false, n.coefficient.pow(e), exponent))
    };
    let (left, right) = (power(&number, q)?, power(&base, p)?);
    let equal = if b.negative {
        // candidate^q * base^p == 1
        is_one(&Number::finite(false, left.coefficient * right.coefficient, left.exponent + right.exponent))
    } else {
        super::compare::order(&left, &right) == std::cmp::Ordering::Equal
    };
    equal.then_some(number)
}

/// Exact powers: with all digits of the precision if the exponent is no integer, as if they had come from a series.
fn finish_exact(mut number: Number, base: &Number, b: &Number, whole: bool, settings: &Settings, status: Status<'_>) -> Number {
    if whole {
        // Multiplication would have left the zeros that there is room for.
        if let Some(n) = b.to_i64().filter(|_| !b.negative) {
            let zeros = (number.exponent - base.exponent.saturating_mul(n)).min(settings.prec + 1 - number.digits()).max(0);
            number.coefficient *= power_of_ten(zeros as u64);
            number.exponent -= zeros;
        }
        return number.finalize(settings, status);
    }
    let missing = settings.prec + 1 - number.digits();
    if missing > 0 {
        number.coefficient *= power_of_ten(missing as u64);
        number.exponent -= missing;
    }
    let result = number.finalize(settings, status);
    *status |= INEXACT | ROUNDED;
    if *status & SUBNORMAL != 0 {
        *status |= UNDERFLOW;
    }
    result
}

/// a^b mod m of integers.
pub fn power_modulo(a: &Number, b: &Number, m: &Number, settings: &Settings, status: Status<'_>) -> Number {
    if let Some(nan) = nan_of(&[a, b, m], settings, status) {
        return nan;
    }
    if !(a.is_integer() && b.is_integer() && m.is_integer()) || b.negative && !b.is_zero() || m.is_zero() || (a.is_zero() && b.is_zero()) {
        return invalid(INVALID_OPERATION, status);
    }
    if m.adjusted() >= settings.prec {
        return invalid(INVALID_OPERATION, status);
    }
    let negative = a.negative && b.is_odd();
    if a.is_zero() {
        return Number::zero(negative, 0);
    }
    let (Some(modulus), true) = (integer(m), fits(b.exponent) && fits(a.exponent.min(0))) else { return no_memory(status) };
    let power_of_ten_mod = |exponent: i64| BigUint::from(10u32).modpow(&BigUint::from(exponent.unsigned_abs()), &modulus);
    let base = match a.exponent {
        0.. => (&a.coefficient % &modulus) * power_of_ten_mod(a.exponent) % &modulus,
        _ => integer(a).unwrap_or_default() % &modulus,
    };
    // base^(c * 10^e) = (base^c)^10^e
    let result = match b.exponent {
        0.. => {
            let mut result = base.modpow(&b.coefficient, &modulus);
            if b.exponent > 1_000_000 {
                return no_memory(status);
            }
            (0..b.exponent).for_each(|_| result = result.modpow(&BigUint::from(10u32), &modulus));
            result
        }
        _ => base.modpow(&integer(b).unwrap_or_default(), &modulus),
    };
    Number::finite(negative, result, 0)
}

/// The magnitude of an integer, if memory has room for it.
fn integer(a: &Number) -> Option<BigUint> {
    match a.exponent {
        _ if a.is_zero() => Some(BigUint::ZERO),
        exponent if !fits(exponent) => None,
        0.. => Some(a.aligned(0)),
        exponent => Some(&a.coefficient / power_of_ten(exponent.unsigned_abs())),
    }
}
