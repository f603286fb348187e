//! `repr()` of constants, for listings and debug output.

use crate::code::{Constant, Wtf8};
use std::fmt::Write;

/// Appends what `repr()` gives for the constant; for code what `dis` shows of it.
pub fn write_repr(out: &mut String, constant: &Constant) {
    match constant {
        Constant::None => out.push_str("None"),
        Constant::True => out.push_str("True"),
        Constant::False => out.push_str("False"),
        Constant::Ellipsis => out.push_str("Ellipsis"),
        Constant::Int(value) => write!(out, "{value}").unwrap_or(()),
        Constant::BigInt(value) => write!(out, "{value}").unwrap_or(()),
        Constant::Float(value) => write_float(out, *value, true),
        Constant::Complex(real, imag) => write_complex(out, *real, *imag),
        Constant::Str(text) => write_str(out, text),
        Constant::Bytes(bytes) => write_bytes(out, bytes),
        Constant::Tuple(items) => {
            out.push('(');
            write_items(out, items);
            out.push_str(if items.len() == 1 { ",)" } else { ")" });
        }
        Constant::FrozenSet(items) if items.is_empty() => out.push_str("frozenset()"),
        Constant::FrozenSet(items) => {
            out.push_str("frozenset({");
            write_items(out, items);
            out.push_str("})");
        }
        Constant::Slice(parts) => {
            out.push_str("slice(");
            write_items(out, &parts[..]);
            out.push(')');
        }
        Constant::Code(code) => {
            let (name, file) = (code.name.to_string_lossy(), code.filename.to_string_lossy());
            let line = code.firstlineno;
            write!(out, "<code object {name}, file \"{file}\", line {line}>").unwrap_or(());
        }
    }
}

fn write_items(out: &mut String, items: &[Constant]) {
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        write_repr(out, item);
    }
}

/// Shortest digits that read back equal; an exponent outside of 1e-4..1e16.
fn write_float(out: &mut String, value: f64, point_zero: bool) {
    if !value.is_finite() {
        let sign = if value == f64::NEG_INFINITY { "-" } else { "" };
        out.push_str(sign);
        return out.push_str(if value.is_nan() { "nan" } else { "inf" });
    }
    let scientific = format!("{value:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = format!("{value}");
        out.push_str(&plain);
        if point_zero && !plain.contains('.') {
            out.push_str(".0");
        }
    } else {
        let sign = if exponent < 0 { '-' } else { '+' };
        write!(out, "{mantissa}e{sign}{:02}", exponent.abs()).unwrap_or(());
    }
}

fn write_complex(out: &mut String, real: f64, imag: f64) {
    if real == 0.0 && real.is_sign_positive() {
        write_float(out, imag, false);
        return out.push('j');
    }
    out.push('(');
    write_float(out, real, false);
    if imag.is_sign_positive() || imag.is_nan() {
        out.push('+');
    }
    write_float(out, imag, false);
    out.push_str("j)");
}

fn write_str(out: &mut String, text: &Wtf8) {
    let bytes = text.as_bytes();
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') {
        '"'
    } else {
        '\''
    };
    out.push(quote);
    for point in text.code_points() {
        match char::from_u32(point) {
            Some('\n') => out.push_str("\\n"),
            Some('\r') => out.push_str("\\r"),
            Some('\t') => out.push_str("\\t"),
            Some('\\') => out.push_str("\\\\"),
            Some(c) if c == quote => out.extend(['\\', c]),
            Some(c) if is_printable(c) => out.push(c),
            _ if point < 0x100 => write!(out, "\\x{point:02x}").unwrap_or(()),
            _ if point < 0x10000 => write!(out, "\\u{point:04x}").unwrap_or(()),
            _ => write!(out, "\\U{point:08x}").unwrap_or(()),
        }
    }
    out.push(quote);
}

/// Close to `str.isprintable` for one character, by the tables of Rust's own debug output.
fn is_printable(c: char) -> bool {
    if c.is_ascii() {
        return !c.is_ascii_control();
    }
    // Combining characters, which Python prints, are escaped only at the beginning of a text.
    !format!("a{c}").escape_debug().to_string().contains("\\u{")
}

fn write_bytes(out: &mut String, bytes: &[u8]) {
    let quote = if bytes.contains(&b'\'') && !bytes.contains(&b'"') {
        b'"'
    } else {
        b'\''
    };
    out.push('b');
    out.push(quote as char);
    for &byte in bytes {
        match byte {
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            b'\\' => out.push_str("\\\\"),
            _ if byte == quote => out.extend(['\\', byte as char]),
            0x20..0x7F => out.push(byte as char),
            _ => write!(out, "\\x{byte:02x}").unwrap_or(()),
        }
    }
    out.push(quote as char);
}
