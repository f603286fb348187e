//! UTF-8.

use super::errors::{Decoding, Encoding, Mode, Replacement};
use super::Decoded;
use crate::errors::PyResult;
use crate::object::Owned;
use crate::types::str::{encode_utf8, push_wtf8};
use crate::types::{Bytes, Str};
use crate::with_text;

/// Decodes all of the input.
#[inline]
pub fn decode(bytes: &[u8], errors: Option<&str>) -> PyResult<Owned<Str>> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Str::from_utf8(text),
        Err(_) => Ok(decode_slow(bytes, errors, true)?.text),
    }
}

/// Decodes the input; without `final_`, up to a character that is not complete.
pub fn decode_stateful(bytes: &[u8], errors: Option<&str>, final_: bool) -> PyResult<Decoded> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Decoded { text: Str::from_utf8(text)?, consumed: bytes.len(), byte_order: 0 }),
        Err(_) => decode_slow(bytes, errors, final_),
    }
}

#[cold]
fn decode_slow(bytes: &[u8], errors: Option<&str>, final_: bool) -> PyResult<Decoded> {
    let mut d = Decoding::new("utf-8", bytes, errors);
    let mut at = 0;
    while at < d.input.len() {
        let rest = &d.input[at..];
        let (valid, error) = match std::str::from_utf8(rest) {
            Ok(text) => (text, None),
            Err(error) => {
                // SAFETY: the error says that so much is valid.
                (unsafe { std::str::from_utf8_unchecked(&rest[..error.valid_up_to()]) }, Some(error))
            }
        };
        d.out.push_str(valid);
        at += valid.len();
        let Some(error) = error else { break };
        let (first, rest) = (d.input[at], &d.input[at..]);
        let (len, reason) = match error.error_len() {
            None if !final_ => break,
            None => (rest.len(), "unexpected end of data"),
            // A surrogate that may yet be complete, for handlers that take it.
            Some(_) if !final_ && rest.len() == 2 && first == 0xed && (0xa0..=0xbf).contains(&rest[1]) => break,
            Some(len) if (0xc2..=0xf4).contains(&first) => (len, "invalid continuation byte"),
            Some(len) => (len, "invalid start byte"),
        };
        at = d.error(at, at + len, reason)?;
    }
    Ok(Decoded { text: d.finish()?, consumed: at, byte_order: 0 })
}

/// Encodes into a bytes object.
#[inline]
pub fn encode_to_bytes(text: &Str, errors: Option<&str>) -> PyResult<Owned<Bytes>> {
    match text.as_ascii() {
        Some(text) => Ok(Bytes::new(text.as_bytes())),
        None => Ok(Bytes::new(&encode(text, errors)?)),
    }
}

/// Encodes.
pub fn encode(text: &Str, errors: Option<&str>) -> PyResult<Vec<u8>> {
    if let Some(text) = text.as_ascii() {
        return Ok(text.as_bytes().to_vec());
    }
    let mut e = Encoding::new("utf-8", text, errors);
    let (source, mut at) = (text.text(), 0);
    while at < source.len() {
        at += with_text!(source.slice(at, source.len()), units => encode_utf8(&mut e.out, units));
        if at == source.len() {
            break;
        }
        let c = source.at(at);
        if Mode::of(errors) == Mode::SurrogatePass {
            push_wtf8(&mut e.out, c);
            at += 1;
            continue;
        }
        let end = (at..source.len()).find(|&i| source.at(i) & !0x7ff != 0xd800).unwrap_or(source.len());
        const REASON: &str = "surrogates not allowed";
        let (replacement, next) = e.error(at, end, REASON)?;
        match replacement {
            Replacement::Bytes(bytes) => e.out.extend_from_slice(&bytes),
            Replacement::Text(text) => match text.as_ascii() {
                Some(text) => e.out.extend_from_slice(text.as_bytes()),
                None => return Err(e.raise(at, end, REASON)),
            },
        }
        at = next;
    }
    Ok(e.out)
}
