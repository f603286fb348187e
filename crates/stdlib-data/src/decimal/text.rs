//! Numbers from and to text.

use super::number::{CONVERSION_SYNTAX, INVALID_OPERATION, Kind, MAX_EMAX, MAX_PREC, MIN_ETINY, Number, Settings, invalid, small_of};
use num_bigint::BigUint;

/// Where the exponents of text end; what is beyond is beyond any context.
const FAR: i64 = 2 * MAX_PREC + 1_000_000;

fn exponent_of(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.bytes().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let magnitude = digits.trim_start_matches('0');
    let value = if magnitude.is_empty() { 0 } else { magnitude.parse::<i64>().unwrap_or(i64::MAX).min(FAR) };
    Some(if negative { -value } else { value })
}

/// A number as it is written, or None.
pub fn parse(text: &str) -> Option<Number> {
    let (negative, rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let first = *rest.as_bytes().first()?;
    if first.is_ascii_alphabetic() {
        let lower = rest.to_ascii_lowercase();
        if lower == "inf" || lower == "infinity" {
            return Some(Number::infinity(negative));
        }
        let (kind, payload) = match lower.strip_prefix("snan") {
            Some(payload) => (Kind::SignalingNan, payload),
            None => (Kind::Nan, lower.strip_prefix("nan")?),
        };
        if !payload.bytes().all(|c| c.is_ascii_digit()) {
            return None;
        }
        return Some(Number { negative, kind, coefficient: coefficient(payload.as_bytes()), exponent: 0 });
    }
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (&rest[..at], exponent_of(&rest[at + 1..])?),
        None => (rest, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|c| c.is_ascii_digit()) {
        return None;
    }
    let value = if fraction.is_empty() {
        coefficient(whole.as_bytes())
    } else if whole.len() + fraction.len() <= 19 {
        BigUint::from(whole.bytes().chain(fraction.bytes()).fold(0u64, |value, digit| value * 10 + (digit - b'0') as u64))
    } else {
        coefficient([whole, fraction].concat().as_bytes())
    };
    Some(Number::finite(negative, value, exponent - fraction.len() as i64))
}

fn coefficient(digits: &[u8]) -> BigUint {
    if digits.len() <= 19 {
        return BigUint::from(digits.iter().fold(0u64, |value, digit| value * 10 + (digit - b'0') as u64));
    }
    BigUint::parse_bytes(digits, 10).unwrap_or_default()
}

/// A number with nothing lost: what does not fit into the largest context is invalid.
pub fn exactly(number: Number, status: &mut u32) -> Number {
    let fits = match number.kind {
        Kind::Infinite => true,
        Kind::Nan | Kind::SignalingNan => number.digits() <= MAX_PREC,
        Kind::Finite if number.is_zero() => (MIN_ETINY..=MAX_EMAX).contains(&number.exponent),
        Kind::Finite => number.exponent >= MIN_ETINY && number.adjusted() <= MAX_EMAX,
    };
    if fits { number } else { invalid(INVALID_OPERATION, status) }
}

/// From text, with a context's precision.
pub fn parse_rounded(text: &str, settings: &Settings, status: &mut u32) -> Number {
    match parse(text) {
        // A payload that has no room is no number's text.
        Some(number) if number.is_nan() && number.digits() > settings.prec - settings.clamp as i64 => invalid(CONVERSION_SYNTAX, status),
        Some(number) => number.finalize(settings, status),
        None => invalid(CONVERSION_SYNTAX, status),
    }
}

pub fn digits_text(coefficient: &BigUint) -> String {
    match small_of(coefficient) {
        Some(small) => match u64::try_from(small) {
            Ok(small) => small.to_string(),
            Err(_) => small.to_string(),
        },
        None => coefficient.to_string(),
    }
}

/// Scientific or, if asked, engineering notation.
pub fn write(number: &Number, engineering: bool, capitals: bool) -> String {
    let sign = if number.negative { "-" } else { "" };
    let payload = || if number.coefficient == BigUint::ZERO { String::new() } else { number.coefficient.to_string() };
    match number.kind {
        Kind::Infinite => return format!("{sign}Infinity"),
        Kind::Nan => return format!("{sign}NaN{}", payload()),
        Kind::SignalingNan => return format!("{sign}sNaN{}", payload()),
        Kind::Finite => {}
    }
    let digits = digits_text(&number.coefficient);
    let length = digits.len() as i64;
    let left = number.exponent + length;
    // Where the point goes, counted from the left.
    let point = if number.exponent <= 0 && left > -6 {
        left
    } else if !engineering {
        1
    } else if number.is_zero() {
        (left + 1).rem_euclid(3) - 1
    } else {
        (left - 1).rem_euclid(3) + 1
    };
    let mut out = String::with_capacity(digits.len() + 24);
    out.push_str(sign);
    place_point(&mut out, &digits, point);
    if left != point {
        out.push(if capitals { 'E' } else { 'e' });
        out.push_str(&format!("{:+}", left - point));
    }
    out
}

/// Digits with the point after so many of them, and the zeros that this takes.
pub fn place_point(out: &mut String, digits: &str, point: i64) {
    let length = digits.len() as i64;
    if point <= 0 {
        out.push_str("0.");
        out.extend(std::iter::repeat_n('0', point.unsigned_abs() as usize));
        out.push_str(digits);
    } else if point >= length {
        out.push_str(digits);
        out.extend(std::iter::repeat_n('0', (point - length) as usize));
    } else {
        out.push_str(&digits[..point as usize]);
        out.push('.');
        out.push_str(&digits[point as usize..]);
    }
}
