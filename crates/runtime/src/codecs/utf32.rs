//! UTF-32, little or big end first.

use super::errors::{Decoding, Encoding, Replacement};
use super::Decoded;
use crate::errors::PyResult;
use crate::types::Str;

/// Decodes; a byte order of 0 is found out from a byte order mark, and is little without one.
pub fn decode(bytes: &[u8], errors: Option<&str>, mut byte_order: i32, final_: bool) -> PyResult<Decoded> {
    let mut at = 0;
    if byte_order == 0 {
        match bytes {
            [0xff, 0xfe, 0, 0, ..] => (byte_order, at) = (-1, 4),
            [0, 0, 0xfe, 0xff, ..] => (byte_order, at) = (1, 4),
            _ => {}
        }
    }
    let big = byte_order > 0;
    let mut d = Decoding::new(if big { "utf-32-be" } else { "utf-32-le" }, bytes, errors);
    d.out.prepare((bytes.len() - at) / 4, 0x7f)?;
    while at < d.input.len() {
        let Some(&[a, b, c, e]) = d.input[at..].first_chunk::<4>() else {
            if !final_ {
                break;
            }
            at = d.error(at, d.input.len(), "truncated data")?;
            continue;
        };
        let point = if big { u32::from_be_bytes([a, b, c, e]) } else { u32::from_le_bytes([a, b, c, e]) };
        match point {
            0xd800..0xe000 => at = d.error(at, at + 4, "code point in surrogate code point range(0xd800, 0xe000)")?,
            0x110000.. => at = d.error(at, at + 4, "code point not in range(0x110000)")?,
            _ => {
                d.out.push_char(point);
                at += 4;
            }
        }
    }
    Ok(Decoded { text: d.finish()?, consumed: at, byte_order })
}

/// Encodes; with a byte order of 0 little, behind a byte order mark.
pub fn encode(text: &Str, errors: Option<&str>, byte_order: i32) -> PyResult<Vec<u8>> {
    let name = match byte_order {
        0 => "utf-32",
        ..0 => "utf-32-le",
        _ => "utf-32-be",
    };
    let mut e = Encoding::new(name, text, errors);
    e.out.reserve(4 + text.len() * 4);
    let push = |out: &mut Vec<u8>, c: u32| out.extend_from_slice(&if byte_order > 0 { c.to_be_bytes() } else { c.to_le_bytes() });
    if byte_order == 0 {
        push(&mut e.out, 0xfeff);
    }
    let (source, mut at) = (text.text(), 0);
    while at < source.len() {
        let c = source.at(at);
        if c & !0x7ff != 0xd800 {
            push(&mut e.out, c);
            at += 1;
            continue;
        }
        const REASON: &str = "surrogates not allowed";
        let (replacement, next) = e.error(at, at + 1, REASON)?;
        match replacement {
            Replacement::Bytes(bytes) if bytes.len() % 4 == 0 => e.out.extend_from_slice(&bytes),
            Replacement::Text(text) if text.is_ascii() => text.code_points().for_each(|c| push(&mut e.out, c)),
            _ => return Err(e.raise(at, at + 1, REASON)),
        }
        at = next;
    }
    Ok(e.out)
}
