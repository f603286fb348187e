//! The values of number literals.

use super::{Fail, Parsed, Parser};
use crate::ast::*;

impl<'a> Parser<'a, '_> {
    pub(super) fn number_value(&self, text: &[u8]) -> Parsed<Constant<'a>> {
        number_value(self.arena, text, self.int_max_str_digits).map_err(|_| Fail)
    }
}

/// The literal has more decimal digits than `sys.set_int_max_str_digits` allows.
pub(crate) struct TooManyDigits(pub usize);

/// The value of a number that the tokenizer has accepted.
pub(crate) fn number_value<'a>(
    arena: &'a Arena,
    text: &[u8],
    max_digits: usize,
) -> Result<Constant<'a>, TooManyDigits> {
    // Most are short decimal integers.
    if text.len() < 19 && text.iter().all(u8::is_ascii_digit) {
        return Ok(Constant::Int(text.iter().fold(0, |value, digit| value * 10 + (digit - b'0') as i64)));
    }
    let digits: String = text.iter().filter(|&&c| c != b'_').map(|&c| c.to_ascii_lowercase() as char).collect();
    let radix = match digits.get(..2) {
        Some("0x") => 16,
        Some("0o") => 8,
        Some("0b") => 2,
        _ => 10,
    };
    if radix != 10 {
        return Ok(integer(arena, &digits[2..], radix));
    }
    if let Some(imaginary) = digits.strip_suffix('j') {
        let imag = imaginary.parse().unwrap_or(0.0);
        return Ok(Constant::Complex(arena.alloc(Complex { real: 0.0, imag })));
    }
    if digits.contains(['.', 'e']) {
        return Ok(Constant::Float(digits.parse().unwrap_or(0.0)));
    }
    if max_digits > 0 && digits.len() > max_digits {
        return Err(TooManyDigits(digits.len()));
    }
    Ok(integer(arena, &digits, 10))
}

fn integer<'a>(arena: &'a Arena, digits: &str, radix: u32) -> Constant<'a> {
    if let Ok(small) = i64::from_str_radix(digits, radix) {
        return Constant::Int(small);
    }
    let value = num_bigint::BigInt::parse_bytes(digits.as_bytes(), radix).unwrap_or_default();
    Constant::from_bigint(arena, &value)
}
