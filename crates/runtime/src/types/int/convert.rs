//! Text to int and int to text in any base, with CPython's limit on the digits of decimal conversions.

use super::Int;
use crate::err;
use crate::errors::PyResult;
use crate::object::{Object, Owned};
use crate::protocol::object;
use crate::types::Str;
use num_bigint::{BigInt, BigUint};

/// Below this many digits the limit never applies.
const LIMIT_THRESHOLD: usize = 640;

pub fn max_str_digits() -> usize {
    crate::state::get().config.borrow().int_max_str_digits
}

/// `str(n)`; ValueError beyond `sys.get_int_max_str_digits()`.
pub fn to_decimal(value: &Int) -> PyResult<String> {
    if let Some(small) = value.as_i64() {
        return Ok(small.to_string());
    }
    let limit = max_str_digits();
    // log10(2) from below: enough bits for certain mean too many digits.
    let at_least = (value.bit_length() as f64 * 0.30102) as usize;
    if limit > 0 && at_least > limit.max(LIMIT_THRESHOLD) {
        return Err(too_many(limit));
    }
    let text = value.to_bigint().to_string();
    if limit > 0 && text.trim_start_matches('-').len() > limit.max(LIMIT_THRESHOLD) {
        return Err(too_many(limit));
    }
    Ok(text)
}

#[cold]
fn too_many(limit: usize) -> crate::errors::Raised {
    err!(ValueError, "Exceeds the limit ({} digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit", limit)
}

/// Why a text is no int.
pub enum ParseError {
    Invalid,
    TooManyDigits(usize),
}

/// Parses an int literal as `int(text, base)` does: surrounding white space, a sign, a prefix that fits the base, single underscores between digits.
/// The text has its Unicode digits and spaces mapped to ASCII already.
pub fn parse_int(text: &str, base: u32) -> Result<BigInt, ParseError> {
    let text = text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b' || ('\x1c'..='\x1f').contains(&c));
    let (negative, mut rest) = match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    };
    let prefix = |rest: &str| -> u32 {
        match rest.as_bytes() {
            [b'0', b'x' | b'X', ..] => 16,
            [b'0', b'o' | b'O', ..] => 8,
            [b'0', b'b' | b'B', ..] => 2,
            _ => 0,
        }
    };
    let found = prefix(rest);
    let mut actual = base;
    let mut old_octal = false;
    if base == 0 {
        actual = if found != 0 { found } else { 10 };
        // "010" is neither octal nor decimal; "000" is zero.
        old_octal = found == 0 && rest.starts_with('0');
    }
    if found != 0 && found == actual {
        rest = &rest[2..];
        rest = rest.strip_prefix('_').unwrap_or(rest);
    }
    let mut digits = Vec::with_capacity(rest.len());
    let mut previous_underscore = true;
    for c in rest.bytes() {
        if c == b'_' {
            if previous_underscore {
                return Err(ParseError::Invalid);
            }
            previous_underscore = true;
            continue;
        }
        previous_underscore = false;
        match (c as char).to_digit(36) {
            Some(digit) if digit < actual => digits.push(digit as u8),
            _ => return Err(ParseError::Invalid),
        }
    }
    if previous_underscore || digits.is_empty() {
        return Err(ParseError::Invalid);
    }
    if old_octal && digits.iter().any(|&d| d != 0) {
        return Err(ParseError::Invalid);
    }
    let limit = max_str_digits();
    if !actual.is_power_of_two() && limit > 0 && digits.len() > limit.max(LIMIT_THRESHOLD) {
        return Err(ParseError::TooManyDigits(digits.len()));
    }
    let magnitude = if digits.len() <= 18 && actual <= 10 {
        BigUint::from(digits.iter().fold(0u64, |n, &d| n * actual as u64 + d as u64))
    } else {
        BigUint::from_radix_be(&digits, actual).ok_or(ParseError::Invalid)?
    };
    let value = BigInt::from(magnitude);
    Ok(if negative { -value } else { value })
}

/// As `parse_int`, raising CPython's errors; `shown` is the object whose repr the message has.
pub fn int_from_text(text: &str, base: u32, shown: &Object) -> PyResult<Owned<Int>> {
    match parse_int(text, base) {
        Ok(value) => Int::try_from_bigint(&value),
        Err(ParseError::Invalid) => {
            let shown = object::repr(shown)?;
            let short: String = shown.to_string().chars().take(200).collect();
            Err(err!(ValueError, "invalid literal for int() with base {}: {}", base, short))
        }
        Err(ParseError::TooManyDigits(n)) => Err(err!(
            ValueError,
            "Exceeds the limit ({} digits) for integer string conversion: value has {} digits; use sys.set_int_max_str_digits() to increase the limit",
            max_str_digits(),
            n
        )),
    }
}

/// `PyLong_FromUnicodeObject`.
pub fn int_from_str(text: &Str, base: u32) -> PyResult<Owned<Int>> {
    if base == 10
        && let Some(value) = text.as_ascii().and_then(plain_decimal)
    {
        return Ok(Int::from_i64(value));
    }
    let ascii = crate::types::str::to_ascii_decimal(text);
    int_from_text(&ascii, base, text)
}

/// A number of at most 18 digits with nothing but perhaps a sign.
fn plain_decimal(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let mut value = 0;
    for &c in digits {
        if !c.is_ascii_digit() {
            return None;
        }
        value = value * 10 + (c - b'0') as i64;
    }
    Some(if negative { -value } else { value })
}
