//! The text of a double in the forms of C's `e`, `f` and `g` and of `repr` (`PyOS_double_to_string`), without grouping or padding.

use crate::errors::{PyResult, no_memory};
use crate::types::float::Shortest;

/// How to write a double.
#[derive(Clone, Copy, Default)]
pub struct FloatStyle {
    /// `e`, `f`, `g`, or `r` for the shortest form that reads back the same; upper case for upper case letters.
    pub code: u8,
    /// Digits after the point (`e`, `f`) or in all (`g`).
    pub precision: usize,
    /// Keep the point and, with `g`, trailing zeros.
    pub alternate: bool,
    /// Write a whole number with `.0`.
    pub add_dot_zero: bool,
    /// Write what rounds to minus zero as zero.
    pub no_negative_zero: bool,
}

/// No double has more significant decimal digits, or decimals, than this.
const MAX_DIGITS: usize = 1100;

/// The text of a value, with `-` if it is negative.
pub fn float_text(value: f64, style: FloatStyle) -> PyResult<String> {
    let mut out = String::new();
    if out.try_reserve(if style.code == b'r' { 32 } else { style.precision.saturating_add(32) }).is_err() {
        return Err(no_memory());
    }
    if value.is_sign_negative() && !value.is_nan() {
        out.push('-');
    }
    if !value.is_finite() {
        out.push_str(if value.is_nan() { "nan" } else { "inf" });
    } else if style.code.eq_ignore_ascii_case(&b'f') {
        push_fixed(&mut out, value.abs(), style);
    } else {
        push_digits(&mut out, value.abs(), style);
    }
    if style.no_negative_zero && out.starts_with('-') && is_zero(&out[1..]) {
        out.remove(0);
    }
    if style.code.is_ascii_uppercase() {
        out.make_ascii_uppercase();
    }
    Ok(out)
}

/// Whether all digits of the mantissa are zeros.
fn is_zero(text: &str) -> bool {
    text.bytes().take_while(|c| !c.eq_ignore_ascii_case(&b'e')).all(|c| matches!(c, b'0' | b'.'))
}

fn push_fixed(out: &mut String, value: f64, style: FloatStyle) {
    use std::fmt::Write;
    let exact = style.precision.min(MAX_DIGITS);
    let _ = write!(out, "{value:.exact$}");
    push_zeros(out, style.precision - exact);
    if style.precision == 0 && style.alternate {
        out.push('.');
    }
}

fn push_zeros(out: &mut String, count: usize) {
    out.extend(std::iter::repeat_n('0', count));
}

/// Significant digits without trailing zeros, and where the point is: before digit number `point`.
fn digits_of(value: f64, style: FloatStyle, significant: usize) -> (String, i32) {
    let (mut digits, exponent) = if style.code == b'r' {
        let form = Shortest::of(value);
        (form.digits().to_owned(), form.exponent)
    } else {
        let after_point = (significant - 1).min(MAX_DIGITS);
        let text = format!("{value:.after_point$e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        (mantissa.replace('.', ""), exponent.parse().unwrap_or(0))
    };
    digits.truncate(digits.trim_end_matches('0').len().max(1));
    (digits, exponent + 1)
}

fn push_digits(out: &mut String, value: f64, style: FloatStyle) {
    let code = style.code.to_ascii_lowercase();
    let significant = if code == b'e' { style.precision + 1 } else { style.precision.max(1) };
    let (digits, mut point) = digits_of(value, style, significant);
    let (len, significant) = (digits.len() as i64, significant as i64);
    let exponential = match code {
        b'e' => true,
        b'g' => point <= -4 || point as i64 > significant - style.add_dot_zero as i64,
        _ => point <= -4 || point > 16,
    };
    let exponent = point - 1;
    if exponential {
        point = 1;
    }
    let wanted = if code == b'e' || (code == b'g' && style.alternate) { significant } else { len };
    let start = if point <= 0 { point as i64 - 1 } else { 0 };
    let end = wanted.max(point as i64 + (!exponential && style.add_dot_zero) as i64);
    for at in start..end {
        if at == point as i64 {
            out.push('.');
        }
        out.push(usize::try_from(at).ok().and_then(|at| digits.as_bytes().get(at)).map_or('0', |&c| c as char));
    }
    if end == point as i64 && style.alternate {
        out.push('.');
    }
    if exponential {
        use std::fmt::Write;
        let _ = write!(out, "e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.unsigned_abs());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: f64, code: u8, precision: usize) -> String {
        float_text(value, FloatStyle { code, precision, ..FloatStyle::default() }).unwrap()
    }

    #[test]
    fn ties_round_to_even() {
        assert_eq!([text(0.5, b'f', 0), text(1.5, b'f', 0), text(2.5, b'f', 0), text(0.25, b'f', 1)], ["0", "2", "2", "0.2"]);
        assert_eq!([text(2.5, b'e', 0), text(3.5, b'e', 0), text(0.125, b'g', 2)], ["2e+00", "4e+00", "0.12"]);
    }

    #[test]
    fn forms() {
        assert_eq!(text(1e16, b'r', 0), "1e+16");
        assert_eq!(text(123456.0, b'g', 3), "1.23e+05");
        assert_eq!(text(0.0001, b'g', 6), "0.0001");
        assert_eq!(text(0.0, b'e', 3), "0.000e+00");
        assert_eq!(text(f64::MIN_POSITIVE, b'f', 1200).len(), 1202);
        let style = FloatStyle { code: b'G', precision: 6, alternate: true, ..FloatStyle::default() };
        assert_eq!(float_text(1.0, style).unwrap(), "1.00000");
        let style = FloatStyle { code: b'f', precision: 1, no_negative_zero: true, ..FloatStyle::default() };
        assert_eq!(float_text(-0.01, style).unwrap(), "0.0");
    }
}
