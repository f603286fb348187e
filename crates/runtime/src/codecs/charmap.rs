//! The charmap codec: single bytes to characters by a table, and back.

use super::errors::{Decoding, Encoding, Replacement};
use super::single_byte;
use crate::errors::{self, PyResult};
use crate::exceptions;
use crate::err;
use crate::object::{Object, ObjectHead, Owned, PyTyped};
use crate::protocol::mapping;
use crate::types::{Bytes, Dict, Int, Str};
use macros::pytype;

const REASON: &str = "character maps to <undefined>";
/// Marks undefined bytes in tables that are strings.
const UNDEFINED: u32 = 0xfffe;

/// Decodes by a table: a string, or a mapping of bytes to code points, strings or None.
pub fn decode(bytes: &[u8], errors: Option<&str>, table: Option<&Object>) -> PyResult<Owned<Str>> {
    let Some(table) = table else { return single_byte::decode_latin1(bytes) };
    let mut d = Decoding::new("charmap", bytes, errors);
    d.out.prepare(bytes.len(), 0x7f)?;
    let mut at = 0;
    if let Some(text) = table.downcast_exact::<Str>() {
        let points: [u32; 256] = std::array::from_fn(|i| if i < text.len() { text.char_at(i) } else { UNDEFINED });
        while let Some(&byte) = d.input.get(at) {
            match points[byte as usize] {
                UNDEFINED => at = d.error(at, at + 1, REASON)?,
                c => {
                    d.out.push_char(c);
                    at += 1;
                }
            }
        }
        return d.finish();
    }
    while let Some(&byte) = d.input.get(at) {
        if push_mapped(&mut d, table, byte)? {
            at += 1;
        } else {
            at = d.error(at, at + 1, REASON)?;
        }
    }
    d.finish()
}

/// Looks a byte up and appends what it means; false if it means nothing.
fn push_mapped(d: &mut Decoding<'_>, table: &Object, byte: u8) -> PyResult<bool> {
    let Some(found) = look_up(table, byte as u32)? else { return Ok(false) };
    if let Some(code) = found.downcast::<Int>() {
        return match code.as_i64() {
            Some(c) if c == UNDEFINED as i64 => Ok(false),
            Some(c @ 0..0x110000) => {
                d.out.push_char(c as u32);
                Ok(true)
            }
            _ => Err(err!(TypeError, "character mapping must be in range(0x110000)")),
        };
    }
    match found.downcast::<Str>() {
        Some(text) if text.len() == 1 && text.char_at(0) == UNDEFINED => Ok(false),
        Some(text) => d.out.push_str_object(text).map(|()| true),
        None => Err(err!(TypeError, "character mapping must return integer, None or str")),
    }
}

/// An item of a mapping; `None` if it has none (LookupError) or None.
fn look_up(table: &Object, key: u32) -> PyResult<Option<Owned>> {
    match mapping::get_item(table, &Int::from_i64(key as i64)) {
        Ok(found) => Ok((!found.is_none()).then_some(found)),
        Err(_) if errors::matches(exceptions::LookupError()) => {
            errors::clear();
            Ok(None)
        }
        Err(raised) => Err(raised),
    }
}

/// Encodes by a table: an `EncodingMap`, or a mapping of code points to bytes, byte values or None.
pub fn encode(text: &Str, errors: Option<&str>, table: Option<&Object>) -> PyResult<Vec<u8>> {
    let Some(table) = table else { return single_byte::encode(text, single_byte::LATIN_1, errors) };
    let mut e = Encoding::new("charmap", text, errors);
    e.out.reserve(text.len());
    let source = text.text();
    let mut at = 0;
    while at < source.len() {
        if push_encoded(&mut e.out, table, source.at(at))? {
            at += 1;
            continue;
        }
        let mut end = at + 1;
        while end < source.len() && !push_encoded(&mut Vec::new(), table, source.at(end))? {
            end += 1;
        }
        let (replacement, next) = e.error(at, end, REASON)?;
        match replacement {
            Replacement::Bytes(bytes) => e.out.extend_from_slice(&bytes),
            Replacement::Text(text) => {
                for c in text.code_points() {
                    if !push_encoded(&mut e.out, table, c)? {
                        return Err(e.raise(at, end, REASON));
                    }
                }
            }
        }
        at = next;
    }
    Ok(e.out)
}

/// Appends the bytes of a character; false if it has none.
fn push_encoded(out: &mut Vec<u8>, table: &Object, c: u32) -> PyResult<bool> {
    if let Some(map) = table.downcast::<EncodingMap>() {
        return Ok(map.get(c).inspect(|&byte| out.push(byte)).is_some());
    }
    let Some(found) = look_up(table, c)? else { return Ok(false) };
    if let Some(value) = found.downcast::<Int>() {
        let Some(byte) = value.as_i64().and_then(|value| u8::try_from(value).ok()) else {
            return Err(err!(TypeError, "character mapping must be in range(256)"));
        };
        out.push(byte);
    } else if let Some(bytes) = found.downcast::<Bytes>() {
        out.extend_from_slice(bytes.as_slice());
    } else {
        return Err(err!(TypeError, "character mapping must return integer, bytes or None, not {}", found.type_name()));
    }
    Ok(true)
}

/// A decoding table turned round: pages of 256 characters, entries a byte or `NO_BYTE`.
#[repr(C)]
pub struct EncodingMap {
    head: ObjectHead,
    /// Which page the characters of a high byte are on.
    index: [u8; 256],
    pages: Vec<[u16; 256]>,
}

const NO_BYTE: u16 = u16::MAX;

impl EncodingMap {
    fn get(&self, c: u32) -> Option<u8> {
        let page = *self.index.get(c as usize >> 8)?;
        u8::try_from(self.pages[page as usize][c as usize & 255]).ok()
    }
}

#[pytype(static = ENCODING_MAP, name = "EncodingMap", flags = DISALLOW_INSTANTIATION, native)]
impl EncodingMap {
    /// The size of the map in memory, in bytes.
    #[method("size($self, /)", nosig)]
    fn size(&self) -> usize {
        size_of::<EncodingMap>() + size_of_val(self.pages.as_slice())
    }
}

/// `codecs.charmap_build`: the encoding map of a decoding table, or a dict where a map will not do.
pub fn build(table: &Str) -> PyResult {
    if table.is_empty() {
        return Err(err!(TypeError, "bad argument type for built-in operation"));
    }
    let points: Vec<u32> = table.code_points().take(256).collect();
    if points[0] != 0 || points[1..].iter().any(|&c| c == 0 || c > 0xffff) {
        let dict = Dict::new();
        for (i, &c) in points.iter().enumerate() {
            dict.set_item(&Int::from_i64(c as i64), &Int::from_usize(i))?;
        }
        return Ok(dict.into_object());
    }
    // Page 0 is that of characters without bytes.
    let (mut index, mut pages) = ([0u8; 256], vec![[NO_BYTE; 256]]);
    for (i, &c) in points.iter().enumerate().filter(|&(_, &c)| c != UNDEFINED) {
        let place = &mut index[c as usize >> 8];
        if *place == 0 {
            let Ok(new) = u8::try_from(pages.len()) else { break };
            *place = new;
            pages.push([NO_BYTE; 256]);
        }
        pages[*place as usize][c as usize & 255] = i as u16;
    }
    Ok(EncodingMap::construct(EncodingMap::type_object(), EncodingMap { head: ObjectHead::placeholder(), index, pages })?.into_object())
}
