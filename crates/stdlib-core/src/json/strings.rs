//! JSON strings: escapes, both ways.

use super::decode_error;
use runtime::types::str::Text;
use runtime::types::{Str, StrBuilder};
use runtime::{Owned, PyResult, with_text};

/// A unit of a document.
pub trait Unit: Copy {
    fn code(self) -> u32;
    fn text(units: &[Self]) -> Text<'_>;
}
impl Unit for u8 {
    #[inline(always)]
    fn code(self) -> u32 {
        self as u32
    }
    fn text(units: &[u8]) -> Text<'_> {
        Text::One(units)
    }
}
impl Unit for u16 {
    #[inline(always)]
    fn code(self) -> u32 {
        self as u32
    }
    fn text(units: &[u16]) -> Text<'_> {
        Text::Two(units)
    }
}
impl Unit for u32 {
    #[inline(always)]
    fn code(self) -> u32 {
        self
    }
    fn text(units: &[u32]) -> Text<'_> {
        Text::Four(units)
    }
}

const QUOTE: u32 = b'"' as u32;
const BACKSLASH: u32 = b'\\' as u32;

#[inline(always)]
fn is_plain_in_json(c: u32, ascii: bool) -> bool {
    c >= 0x20 && c != QUOTE && c != BACKSLASH && !(ascii && c >= 0x7f)
}

/// The JSON string of a text.
pub fn encode(text: &Str, ascii: bool) -> PyResult<Owned<Str>> {
    let mut out = StrBuilder::with_capacity(text.len() + 2);
    encode_into(&mut out, text, ascii)?;
    out.finish()
}

pub fn encode_into(out: &mut StrBuilder, text: &Str, ascii: bool) -> PyResult<()> {
    out.push_ascii(b"\"");
    with_text!(text.text(), s => encode_units(out, s, ascii))?;
    out.push_ascii(b"\"");
    Ok(())
}

fn encode_units<U: Unit>(out: &mut StrBuilder, units: &[U], ascii: bool) -> PyResult<()> {
    let mut rest = units;
    loop {
        let plain = rest.iter().position(|c| !is_plain_in_json(c.code(), ascii)).unwrap_or(rest.len());
        out.push_text(U::text(&rest[..plain]))?;
        let Some((&special, after)) = rest[plain..].split_first() else { return Ok(()) };
        push_escaped(out, special.code());
        rest = after;
    }
}

fn push_escaped(out: &mut StrBuilder, c: u32) {
    let short = match c {
        QUOTE => b"\\\"",
        BACKSLASH => b"\\\\",
        8 => b"\\b",
        9 => b"\\t",
        10 => b"\\n",
        12 => b"\\f",
        13 => b"\\r",
        0x10000.. => {
            let c = c - 0x10000;
            push_unit(out, 0xd800 | (c >> 10));
            return push_unit(out, 0xdc00 | (c & 0x3ff));
        }
        _ => return push_unit(out, c),
    };
    out.push_ascii(short);
}

fn push_unit(out: &mut StrBuilder, unit: u32) {
    let digit = |shift: u32| b"0123456789abcdef"[(unit >> shift & 15) as usize];
    out.push_ascii(&[b'\\', b'u', digit(12), digit(8), digit(4), digit(0)]);
}

/// Four hexadecimal digits.
fn hex4<U: Unit>(units: &[U]) -> Option<u32> {
    units.iter().try_fold(0, |value, c| Some(value << 4 | char::from_u32(c.code())?.to_digit(16)?))
}

/// Reads a string whose first character is at `start`, behind the quote; the text and the place behind the closing quote.
pub fn scan<U: Unit>(document: &Str, units: &[U], start: usize, strict: bool) -> PyResult<(Owned<Str>, usize)> {
    let unterminated = || decode_error("Unterminated string starting at", document, start.wrapping_sub(1));
    let mut parts: Option<StrBuilder> = None;
    let mut at = start;
    loop {
        let rest = units.get(at..).unwrap_or(&[]);
        let stop = rest.iter().position(|c| {
            let c = c.code();
            c == QUOTE || c == BACKSLASH || (c < 0x20 && strict)
        });
        let Some(len) = stop else { return Err(unterminated()) };
        let chunk = U::text(&rest[..len]);
        at += len;
        match units[at].code() {
            QUOTE => {
                let text = match parts {
                    None => Str::from_text(chunk)?,
                    Some(mut parts) => {
                        parts.push_text(chunk)?;
                        parts.finish()?
                    }
                };
                return Ok((text, at + 1));
            }
            BACKSLASH => {}
            _ => return Err(decode_error("Invalid control character at", document, at)),
        }
        let parts = parts.get_or_insert_with(StrBuilder::new);
        parts.push_text(chunk)?;
        let Some(escape) = units.get(at + 1) else { return Err(unterminated()) };
        let c = match escape.code() {
            QUOTE => QUOTE,
            BACKSLASH => BACKSLASH,
            0x2f => 0x2f,
            0x62 => 8,
            0x66 => 12,
            0x6e => 10,
            0x72 => 13,
            0x74 => 9,
            0x75 => {
                let invalid = |at| decode_error("Invalid \\uXXXX escape", document, at);
                if at + 6 > units.len() {
                    return Err(invalid(at + 1));
                }
                let high = hex4(&units[at + 2..at + 6]).ok_or_else(|| invalid(at + 1))?;
                at += 4;
                let mut c = high;
                if (0xd800..0xdc00).contains(&high)
                    && at + 8 <= units.len()
                    && units[at + 2].code() == BACKSLASH
                    && units[at + 3].code() == 0x75
                {
                    let low = hex4(&units[at + 4..at + 8]).ok_or_else(|| invalid(at + 3))?;
                    if (0xdc00..0xe000).contains(&low) {
                        c = 0x10000 + ((high - 0xd800) << 10 | (low - 0xdc00));
                        at += 6;
                    }
                }
                c
            }
            _ => return Err(decode_error("Invalid \\escape", document, at)),
        };
        at += 2;
        parts.prepare(1, c)?;
        parts.push_char(c);
    }
}
