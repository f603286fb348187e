//! `repr` of constants.

use crate::ast::{Constant, Str};
use crate::unicode::is_printable;

pub(super) fn repr_constant(value: &Constant) -> String {
    match value {
        Constant::None => "None".into(),
        Constant::True => "True".into(),
        Constant::False => "False".into(),
        Constant::Ellipsis => "Ellipsis".into(),
        Constant::Int(value) => value.to_string(),
        Constant::BigInt(value) => value.to_bigint().to_string(),
        Constant::Float(value) => repr_float(*value),
        Constant::Complex(value) => {
            let imag = complex_part(value.imag);
            if value.real == 0.0 && value.real.is_sign_positive() {
                format!("{imag}j")
            } else {
                let sign = if imag.starts_with('-') { "" } else { "+" };
                format!("({}{sign}{imag}j)", complex_part(value.real))
            }
        }
        Constant::Str(text) => repr_str(text.as_bytes()),
        Constant::Bytes(bytes) => format!("b{}", repr_bytes(bytes)),
        Constant::Tuple([item]) => format!("({},)", repr_constant(item)),
        Constant::Tuple(items) => format!("({})", repr_constants(items)),
        Constant::FrozenSet([]) => "frozenset()".into(),
        Constant::FrozenSet(items) => format!("frozenset({{{}}})", repr_constants(items)),
    }
}

fn repr_constants(items: &[Constant]) -> String {
    items.iter().map(repr_constant).collect::<Vec<_>>().join(", ")
}

/// A float as part of a complex number: without `.0`.
fn complex_part(value: f64) -> String {
    let text = repr_float(value);
    text.strip_suffix(".0").map(str::to_string).unwrap_or(text)
}

/// The shortest digits that give the float back, with an exponent outside 1e-4 .. 1e16.
fn repr_float(value: f64) -> String {
    if value.is_nan() {
        return "nan".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.into();
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if value != 0.0 && !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    let text = format!("{value}");
    if text.contains('.') { text } else { text + ".0" }
}

fn quote_for(has_single: bool, has_double: bool) -> char {
    if has_single && !has_double { '"' } else { '\'' }
}

/// `repr` of a string, given as the bytes of a [`Str`].
pub fn repr_str(text: &[u8]) -> String {
    let quote = quote_for(text.contains(&b'\''), text.contains(&b'"'));
    let mut out = String::with_capacity(text.len() + 2);
    out.push(quote);
    for code in Str::from_wtf8(text).code_points() {
        match char::from_u32(code) {
            Some('\\') => out.push_str("\\\\"),
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some(c) if c == quote => {
                out.push('\\');
                out.push(c);
            }
            Some(c) if (' '..='~').contains(&c) || c >= '\u{80}' && is_printable(c) => out.push(c),
            _ if code < 0x100 => out.push_str(&format!("\\x{code:02x}")),
            _ if code < 0x10000 => out.push_str(&format!("\\u{code:04x}")),
            _ => out.push_str(&format!("\\U{code:08x}")),
        }
    }
    out.push(quote);
    out
}

fn repr_bytes(bytes: &[u8]) -> String {
    let quote = quote_for(bytes.contains(&b'\''), bytes.contains(&b'"'));
    let mut out = String::from(quote);
    for &byte in bytes {
        match byte {
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            _ if byte as char == quote => {
                out.push('\\');
                out.push(quote);
            }
            b' '..=b'~' => out.push(byte as char),
            _ => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push(quote);
    out
}
