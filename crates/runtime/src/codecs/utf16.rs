//! UTF-16, little or big end first.

use super::errors::{Decoding, Encoding, Replacement};
use super::Decoded;
use crate::errors::PyResult;
use crate::types::Str;

/// Decodes; a byte order of 0 is found out from a byte order mark, and is little without one.
pub fn decode(bytes: &[u8], errors: Option<&str>, mut byte_order: i32, final_: bool) -> PyResult<Decoded> {
    let mut at = 0;
    if byte_order == 0 {
        match bytes {
            [0xff, 0xfe, ..] => (byte_order, at) = (-1, 2),
            [0xfe, 0xff, ..] => (byte_order, at) = (1, 2),
            _ => {}
        }
    }
    let big = byte_order > 0;
    let mut d = Decoding::new(if big { "utf-16-be" } else { "utf-16-le" }, bytes, errors);
    d.out.prepare((bytes.len() - at) / 2, 0x7f)?;
    let unit = |pair: &[u8]| {
        let pair = [pair[0], pair[1]];
        (if big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }) as u32
    };
    while at < d.input.len() {
        let rest = &d.input[at..];
        if rest.len() < 2 {
            if !final_ {
                break;
            }
            at = d.error(at, at + 1, "truncated data")?;
            continue;
        }
        let c = unit(rest);
        match c {
            0xd800..0xdc00 if rest.len() < 4 => {
                if !final_ {
                    break;
                }
                at = d.error(at, d.input.len(), "unexpected end of data")?;
            }
            0xd800..0xdc00 => {
                let low = unit(&rest[2..]);
                if low & 0xfc00 == 0xdc00 {
                    d.out.push_char(0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff));
                    at += 4;
                } else {
                    at = d.error(at, at + 2, "illegal UTF-16 surrogate")?;
                }
            }
            0xdc00..0xe000 => at = d.error(at, at + 2, "illegal encoding")?,
            _ => {
                d.out.push_char(c);
                at += 2;
            }
        }
    }
    Ok(Decoded { text: d.finish()?, consumed: at, byte_order })
}

/// Encodes; with a byte order of 0 little, behind a byte order mark.
pub fn encode(text: &Str, errors: Option<&str>, byte_order: i32) -> PyResult<Vec<u8>> {
    let name = match byte_order {
        0 => "utf-16",
        ..0 => "utf-16-le",
        _ => "utf-16-be",
    };
    let mut e = Encoding::new(name, text, errors);
    e.out.reserve(2 + text.len() * 2);
    let push = |out: &mut Vec<u8>, unit: u32| {
        let unit = unit as u16;
        out.extend_from_slice(&if byte_order > 0 { unit.to_be_bytes() } else { unit.to_le_bytes() });
    };
    if byte_order == 0 {
        push(&mut e.out, 0xfeff);
    }
    let (source, mut at) = (text.text(), 0);
    while at < source.len() {
        let c = source.at(at);
        match c {
            0xd800..0xe000 => {
                const REASON: &str = "surrogates not allowed";
                let (replacement, next) = e.error(at, at + 1, REASON)?;
                match replacement {
                    Replacement::Bytes(bytes) if bytes.len() % 2 == 0 => e.out.extend_from_slice(&bytes),
                    Replacement::Text(text) if text.is_ascii() => text.code_points().for_each(|c| push(&mut e.out, c)),
                    _ => return Err(e.raise(at, at + 1, REASON)),
                }
                at = next;
                continue;
            }
            0x10000.. => {
                push(&mut e.out, 0xd7c0 + (c >> 10));
                push(&mut e.out, 0xdc00 + (c & 0x3ff));
            }
            _ => push(&mut e.out, c),
        }
        at += 1;
    }
    Ok(e.out)
}
