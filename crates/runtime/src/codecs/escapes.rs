//! `unicode_escape`, `raw_unicode_escape`, and the escapes of bytes literals.

use super::errors::Decoding;
use super::Decoded;
use crate::err;
use crate::errors::{self, PyResult};
use crate::exceptions;
use crate::state::PerInterpreter;
use crate::types::Str;
use crate::types::str::StrBuilder;
use std::cell::Cell;

/// Appends the `\x`, `\u` or `\U` escape of a code point.
pub fn push_escape(out: &mut StrBuilder, c: u32) {
    let mut bytes = Vec::with_capacity(10);
    push_escape_bytes(&mut bytes, c);
    out.push_ascii(&bytes);
}

fn push_escape_bytes(out: &mut Vec<u8>, c: u32) {
    let (mark, digits) = match c {
        0..0x100 => (b'x', 2),
        0x100..0x10000 => (b'u', 4),
        _ => (b'U', 8),
    };
    out.extend([b'\\', mark]);
    out.extend((0..digits).rev().map(|i| b"0123456789abcdef"[(c >> (4 * i)) as usize & 15]));
}

/// Whether the program has the database of names, which is the module `unicodedata`: that is imported before the first name is asked for.
pub fn has_names() -> bool {
    static FOUND: PerInterpreter<Cell<bool>> = PerInterpreter::new(Cell::new(false), || Cell::new(false));
    if !FOUND.get().get() {
        let found = errors::preserve(|| crate::import::import_module("unicodedata").map_err(|_| errors::clear()).is_ok());
        FOUND.get().set(found);
    }
    FOUND.get().get()
}

/// The name of a character in the Unicode database.
pub fn name_of(c: u32) -> Option<String> {
    unicode::names::name(c)
}

/// An escape that means nothing, as the warning shows it.
enum Invalid {
    Char(u8),
    Octal(u32),
}

impl Invalid {
    fn warn(&self, prefix: &str) -> PyResult<()> {
        let message = match self {
            Invalid::Char(c) => format!("{prefix}\"\\{}\" is an invalid escape sequence. Such sequences will not work in the future. ", *c as char),
            Invalid::Octal(value) => {
                format!("{prefix}\"\\{value:o}\" is an invalid octal escape sequence. Such sequences will not work in the future. ")
            }
        };
        exceptions::warn(exceptions::DeprecationWarning(), &message, 1)
    }
}

/// The character of an escape that is a letter or sign.
fn simple_escape(c: u8) -> Option<u8> {
    Some(match c {
        b'\\' | b'\'' | b'"' => c,
        b'b' => 8,
        b't' => 9,
        b'n' => 10,
        b'v' => 11,
        b'f' => 12,
        b'r' => 13,
        b'a' => 7,
        _ => return None,
    })
}

/// An octal escape at `at`: its value and where it ends.
fn octal(bytes: &[u8], at: usize) -> (u32, usize) {
    let digits = bytes[at..].iter().take(3).take_while(|c| (b'0'..=b'7').contains(c)).count();
    let value = bytes[at..at + digits].iter().fold(0, |value, &c| value << 3 | (c - b'0') as u32);
    (value, at + digits)
}

/// Why an escape could not be read, and where reading stopped.
struct Broken {
    end: usize,
    reason: &'static str,
    /// More input could mend it.
    incomplete: bool,
}

/// `count` hexadecimal digits at `at`.
fn hex(bytes: &[u8], at: usize, count: usize, reason: &'static str) -> Result<(u32, usize), Broken> {
    let mut value = 0u32;
    for i in at..at + count {
        match bytes.get(i).map(|&c| (c as char).to_digit(16)) {
            None => return Err(Broken { end: i, reason, incomplete: true }),
            Some(None) => return Err(Broken { end: i, reason, incomplete: false }),
            Some(Some(digit)) => value = value << 4 | digit,
        }
    }
    Ok((value, at + count))
}

/// The braces and name of `\N{...}` at `at`.
fn named(bytes: &[u8], at: usize) -> Result<(u32, usize), Broken> {
    const MALFORMED: &str = "malformed \\N character escape";
    match bytes.get(at) {
        None => return Err(Broken { end: at, reason: MALFORMED, incomplete: true }),
        Some(b'{') => {}
        Some(_) => return Err(Broken { end: at, reason: MALFORMED, incomplete: false }),
    }
    let Some(len) = memchr::memchr(b'}', &bytes[at + 1..]) else {
        return Err(Broken { end: bytes.len(), reason: MALFORMED, incomplete: true });
    };
    let end = at + 1 + len;
    if len == 0 {
        return Err(Broken { end, reason: MALFORMED, incomplete: false });
    }
    match std::str::from_utf8(&bytes[at + 1..end]).ok().and_then(unicode::names::character) {
        Some(c) => Ok((c, end + 1)),
        None => Err(Broken { end: end + 1, reason: "unknown Unicode character name", incomplete: false }),
    }
}

/// Decodes `unicode_escape`: Latin-1 with the escapes of str literals.
pub fn decode_unicode_escape(bytes: &[u8], errors: Option<&str>, final_: bool) -> PyResult<Decoded> {
    let mut d = Decoding::new("unicodeescape", bytes, errors);
    let mut invalid = None;
    let mut at = 0;
    while at < d.input.len() {
        let start = at;
        let rest = &d.input[at..];
        let plain = memchr::memchr(b'\\', rest).unwrap_or(rest.len());
        if plain > 0 {
            d.out.push_text(crate::types::str::Text::One(&rest[..plain]))?;
            at += plain;
            continue;
        }
        const TRUNCATED: [&str; 3] = ["truncated \\xXX escape", "truncated \\uXXXX escape", "truncated \\UXXXXXXXX escape"];
        let input = d.input;
        let read = match input.get(at + 1).copied() {
            None => Err(Broken { end: input.len(), reason: "\\ at end of string", incomplete: true }),
            Some(b'\n') => {
                at += 2;
                continue;
            }
            Some(b'0'..=b'7') => {
                let (value, end) = octal(input, at + 1);
                if value > 0o377 {
                    invalid.get_or_insert(Invalid::Octal(value));
                }
                Ok((value, end))
            }
            Some(b'x') => hex(input, at + 2, 2, TRUNCATED[0]),
            Some(b'u') => hex(input, at + 2, 4, TRUNCATED[1]),
            Some(b'U') => hex(input, at + 2, 8, TRUNCATED[2]),
            Some(b'N') if !has_names() => return Err(err!(UnicodeError, "\\N escapes not supported (can't load unicodedata module)")),
            Some(b'N') => named(input, at + 2),
            Some(c) => match simple_escape(c) {
                Some(c) => Ok((c as u32, at + 2)),
                None => {
                    invalid.get_or_insert(Invalid::Char(c));
                    d.out.push_char('\\' as u32);
                    Ok((c as u32, at + 2))
                }
            },
        };
        match read {
            Ok((c, end)) if c < 0x110000 => {
                d.out.push_char(c);
                at = end;
            }
            Ok((_, end)) => at = d.error(start, end, "illegal Unicode character")?,
            Err(broken) if broken.incomplete && !final_ => break,
            Err(broken) => at = d.error(start, broken.end, broken.reason)?,
        }
    }
    if let Some(invalid) = invalid {
        invalid.warn("")?;
    }
    Ok(Decoded { text: d.finish()?, consumed: at, byte_order: 0 })
}

/// Encodes `unicode_escape`.
pub fn encode_unicode_escape(text: &Str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for c in text.code_points() {
        match c {
            0x5c => out.extend_from_slice(b"\\\\"),
            9 => out.extend_from_slice(b"\\t"),
            10 => out.extend_from_slice(b"\\n"),
            13 => out.extend_from_slice(b"\\r"),
            0x20..0x7f => out.push(c as u8),
            _ => push_escape_bytes(&mut out, c),
        }
    }
    out
}

/// Decodes `raw_unicode_escape`: Latin-1 with `\u` and `\U`.
pub fn decode_raw_unicode_escape(bytes: &[u8], errors: Option<&str>, final_: bool) -> PyResult<Decoded> {
    let mut d = Decoding::new("rawunicodeescape", bytes, errors);
    let mut at = 0;
    while let Some(&c) = d.input.get(at) {
        let input = d.input;
        let next = input.get(at + 1).copied();
        if c != b'\\' || (next.is_none() && final_) {
            d.out.push_char(c as u32);
            at += 1;
            continue;
        }
        let read = match next {
            None => break,
            Some(b'u') => hex(input, at + 2, 4, "truncated \\uXXXX escape"),
            Some(b'U') => hex(input, at + 2, 8, "truncated \\UXXXXXXXX escape"),
            Some(other) => {
                d.out.push_char(c as u32);
                d.out.push_char(other as u32);
                at += 2;
                continue;
            }
        };
        match read {
            Ok((c, end)) if c < 0x110000 => {
                d.out.push_char(c);
                at = end;
            }
            Ok((_, end)) => at = d.error(at, end, "\\Uxxxxxxxx out of range")?,
            Err(broken) if broken.incomplete && !final_ => break,
            Err(broken) => at = d.error(at, broken.end, broken.reason)?,
        }
    }
    Ok(Decoded { text: d.finish()?, consumed: at, byte_order: 0 })
}

/// Encodes `raw_unicode_escape`.
pub fn encode_raw_unicode_escape(text: &Str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for c in text.code_points() {
        if c < 0x100 { out.push(c as u8) } else { push_escape_bytes(&mut out, c) }
    }
    out
}

/// `codecs.escape_decode`: the escapes of bytes literals.
pub fn decode_bytes_escapes(bytes: &[u8], errors: Option<&str>) -> PyResult<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut invalid = None;
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            out.push(bytes[at]);
            at += 1;
            continue;
        }
        match bytes.get(at + 1).copied() {
            None => return Err(err!(ValueError, "Trailing \\ in string")),
            Some(b'\n') => at += 2,
            Some(b'0'..=b'7') => {
                let (value, end) = octal(bytes, at + 1);
                if value > 0o377 {
                    invalid.get_or_insert(Invalid::Octal(value));
                }
                out.push(value as u8);
                at = end;
            }
            Some(b'x') => match hex(bytes, at + 2, 2, "") {
                Ok((value, end)) => {
                    out.push(value as u8);
                    at = end;
                }
                Err(_) => {
                    match errors {
                        None | Some("strict") => return Err(err!(ValueError, "invalid \\x escape at position {}", at)),
                        Some("replace") => out.push(b'?'),
                        Some("ignore") => {}
                        Some(other) => return Err(err!(ValueError, "decoding error; unknown error handling code: {}", other)),
                    }
                    // The mark, and the one digit that there may be.
                    at += 2;
                    at += bytes.get(at).is_some_and(u8::is_ascii_hexdigit) as usize;
                }
            },
            Some(c) => {
                match simple_escape(c) {
                    Some(c) => out.push(c),
                    None => {
                        invalid.get_or_insert(Invalid::Char(c));
                        out.extend([b'\\', c]);
                    }
                }
                at += 2;
            }
        }
    }
    if let Some(invalid) = invalid {
        invalid.warn("b")?;
    }
    Ok(out)
}

/// `codecs.escape_encode`: bytes as in a literal with single quotes.
pub fn encode_bytes_escapes(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for &byte in bytes {
        match byte {
            b'\\' | b'\'' => out.extend([b'\\', byte]),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            0x20..0x7f => out.push(byte),
            _ => push_escape_bytes(&mut out, byte as u32),
        }
    }
    out
}
