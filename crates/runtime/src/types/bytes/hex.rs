//! `hex()` and `fromhex()`, for bytes, bytearray and memoryview.

use super::engine::{HEX, is_space};
use crate::err;
use crate::errors::{PyResult, Raised, no_memory};
use crate::object::{Object, Owned};
use crate::protocol::buffer::BufferView;
use crate::protocol::sequence;
use crate::types::{Bytes, Str};

/// The separator argument of `hex()`. Looking at it may run code: this comes before anything is read.
pub fn separator(sep: Option<&Object>) -> PyResult<Option<u8>> {
    let Some(sep) = sep else { return Ok(None) };
    if sequence::len(sep)? != 1 {
        return Err(err!(ValueError, "sep must be length 1."));
    }
    let c = if let Some(text) = sep.downcast::<Str>() {
        text.char_at(0)
    } else if let Some(bytes) = sep.downcast::<Bytes>() {
        bytes.as_slice().first().copied().unwrap_or(0) as u32
    } else {
        return Err(err!(TypeError, "sep must be str or bytes."));
    };
    if c > 127 {
        return Err(err!(ValueError, "sep must be ASCII."));
    }
    Ok(Some(c as u8))
}

/// Two hexadecimal digits a byte; with a separator between groups of so many bytes, counted from the end (from the start if negative).
pub fn to_hex(data: &[u8], sep: Option<u8>, group: i32) -> PyResult<Owned<Str>> {
    let size = group.unsigned_abs() as usize;
    let sep = sep.filter(|_| size > 0 && size < data.len());
    let separators = if sep.is_some() { (data.len() - 1) / size } else { 0 };
    let total = data.len().checked_mul(2).and_then(|n| n.checked_add(separators)).filter(|&n| n <= isize::MAX as usize);
    let mut out = Vec::new();
    if total.is_none_or(|total| out.try_reserve_exact(total).is_err()) {
        return Err(no_memory());
    }
    let put = |out: &mut Vec<u8>, part: &[u8]| part.iter().for_each(|&c| out.extend_from_slice(&[HEX[c as usize >> 4], HEX[c as usize & 15]]));
    match sep {
        None => put(&mut out, data),
        Some(sep) => {
            let first = if group < 0 || data.len() % size == 0 { size } else { data.len() % size };
            let (head, rest) = data.split_at(first);
            put(&mut out, head);
            for part in rest.chunks(size) {
                out.push(sep);
                put(&mut out, part);
            }
        }
    }
    Ok(Str::from_latin1(&out))
}

/// The bytes of a text of hexadecimal digits, pairwise with white space in between.
pub fn from_hex(text: &Object) -> PyResult<Vec<u8>> {
    if let Some(text) = text.downcast::<Str>() {
        return match text.as_ascii() {
            Some(ascii) => parse(ascii.as_bytes()),
            None => Err(bad_digit(text.code_points().position(|c| c > 127).unwrap_or(0))),
        };
    }
    if !crate::protocol::buffer::check(text) {
        return Err(err!(TypeError, "fromhex() argument must be str or bytes-like, not {}", text.ty().short_name()));
    }
    let view = BufferView::get(text, abi::PyBUF_SIMPLE)?;
    parse(view.as_bytes())
}

fn parse(text: &[u8]) -> PyResult<Vec<u8>> {
    let digit = |at: usize| text.get(at).and_then(|&c| (c as char).to_digit(16));
    let (mut out, mut at) = (crate::memory::reserve::with_room(text.len() / 2), 0);
    while at < text.len() {
        if is_space(text[at]) {
            at += 1;
            continue;
        }
        let Some(high) = digit(at) else { return Err(bad_digit(at)) };
        let Some(low) = digit(at + 1) else {
            if at + 1 >= text.len() {
                return Err(err!(ValueError, "fromhex() arg must contain an even number of hexadecimal digits"));
            }
            return Err(bad_digit(at + 1));
        };
        out.push((high << 4 | low) as u8);
        at += 2;
    }
    Ok(out)
}

#[cold]
fn bad_digit(at: usize) -> Raised {
    err!(ValueError, "non-hexadecimal number found in fromhex() arg at position {}", at)
}
