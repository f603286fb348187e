//! Latin-1 and ASCII.

use super::errors::{Decoding, Encoding, Replacement};
use crate::errors::PyResult;
use crate::object::Owned;
use crate::types::Str;
use crate::types::str::Text;

/// An encoding whose bytes are the code points below a limit.
#[derive(Clone, Copy)]
pub struct Limited {
    name: &'static str,
    limit: u32,
    reason: &'static str,
}

pub const LATIN_1: Limited = Limited { name: "latin-1", limit: 256, reason: "ordinal not in range(256)" };
pub const ASCII: Limited = Limited { name: "ascii", limit: 128, reason: "ordinal not in range(128)" };

pub fn decode_latin1(bytes: &[u8]) -> PyResult<Owned<Str>> {
    Str::from_text(Text::One(bytes))
}

pub fn decode_ascii(bytes: &[u8], errors: Option<&str>) -> PyResult<Owned<Str>> {
    if bytes.is_ascii() {
        return Str::from_text(Text::One(bytes));
    }
    let mut d = Decoding::new(ASCII.name, bytes, errors);
    let mut at = 0;
    while at < d.input.len() {
        let rest = &d.input[at..];
        let plain = rest.iter().position(|&byte| byte >= 0x80).unwrap_or(rest.len());
        d.out.push_ascii(&rest[..plain]);
        at += plain;
        if at < d.input.len() {
            at = d.error(at, at + 1, ASCII.reason)?;
        }
    }
    d.finish()
}

/// Encodes; runs of characters beyond the limit are one error.
pub fn encode(text: &Str, encoding: Limited, errors: Option<&str>) -> PyResult<Vec<u8>> {
    if let Text::One(bytes) = text.text()
        && (encoding.limit == 256 || text.is_ascii())
    {
        return Ok(bytes.to_vec());
    }
    let mut e = Encoding::new(encoding.name, text, errors);
    e.out.reserve(text.len());
    let (source, mut at) = (text.text(), 0);
    while at < source.len() {
        let c = source.at(at);
        if c < encoding.limit {
            e.out.push(c as u8);
            at += 1;
            continue;
        }
        let end = (at..source.len()).find(|&i| source.at(i) < encoding.limit).unwrap_or(source.len());
        let (replacement, next) = e.error(at, end, encoding.reason)?;
        match replacement {
            Replacement::Bytes(bytes) => e.out.extend_from_slice(&bytes),
            Replacement::Text(text) => {
                for c in text.code_points() {
                    if c >= encoding.limit {
                        return Err(e.raise(at, end, encoding.reason));
                    }
                    e.out.push(c as u8);
                }
            }
        }
        at = next;
    }
    Ok(e.out)
}
