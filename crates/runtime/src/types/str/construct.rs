//! Making strings: from UTF-8, WTF-8, Latin-1, code points and parts of other strings; concatenation and in-place growth.

use super::{Str, StrBuilder, Text};
use crate::errors::{PyResult, no_memory};
use crate::memory;
use crate::object::{Owned, PyTyped, init_head};
use abi::{PyASCIIObject, PyCompactUnicodeObject};
use std::ptr;

/// Bytes per code point for text up to `max`.
#[inline(always)]
pub(super) fn kind_for(max: u32) -> u32 {
    if max < 0x100 {
        1
    } else if max < 0x10000 {
        2
    } else {
        4
    }
}

/// The largest code point of the memory form that holds `max`: 0x7f, 0xff, 0xffff or 0x10ffff.
#[inline(always)]
pub fn max_char_bound(max: u32) -> u32 {
    if max < 0x80 {
        0x7f
    } else if max < 0x100 {
        0xff
    } else if max < 0x10000 {
        0xffff
    } else {
        0x10ffff
    }
}

/// Bytes of the header in front of compact text up to `max`.
#[inline(always)]
pub(super) fn header_for(max: u32) -> usize {
    if max < 0x80 { size_of::<PyASCIIObject>() } else { size_of::<PyCompactUnicodeObject>() }
}

/// Bytes of a whole compact string; `None` if too many.
#[inline(always)]
pub(super) fn block_size(len: usize, max: u32) -> Option<usize> {
    let kind = kind_for(max) as usize;
    if len > (isize::MAX as usize - 64) / kind - 1 {
        return None;
    }
    Some(header_for(max) + (len + 1) * kind)
}

/// `PyUnicode_New`: a compact string of `len` code points up to `max`, whose text the caller writes before anyone else sees it.
/// The end mark is written. Length 0 gives a fresh object too.
#[inline]
pub fn allocate(len: usize, max: u32) -> PyResult<Owned<Str>> {
    let Some(size) = block_size(len, max) else { return Err(no_memory()) };
    let block = memory::object_malloc(size) as *mut abi::PyObject;
    if block.is_null() {
        return Err(no_memory());
    }
    // SAFETY: a fresh block of the right size for this form.
    unsafe {
        init_head(block, Str::type_object());
        write_head(block as *mut PyASCIIObject, len, max);
        Ok(Owned::from_raw(block))
    }
}

/// Fills in what follows the object head, and the end mark.
/// # Safety
/// `head` is a block of `block_size(len, max)` bytes.
#[inline(always)]
pub(super) unsafe fn write_head(head: *mut PyASCIIObject, len: usize, max: u32) {
    let kind = kind_for(max);
    let state = kind << abi::PyUnicode_STATE_KIND_SHIFT | abi::PyUnicode_STATE_COMPACT | if max < 0x80 { abi::PyUnicode_STATE_ASCII } else { 0 };
    // SAFETY: by contract.
    unsafe {
        (*head).length.set(len as isize);
        (*head).hash.set(-1);
        (*head).state.set(state);
        if max >= 0x80 {
            let wide = head as *mut PyCompactUnicodeObject;
            (*wide).utf8_length.set(0);
            (*wide).utf8.set(ptr::null_mut());
        }
        ptr::write_bytes((head as *mut u8).add(header_for(max) + len * kind as usize), 0, kind as usize);
    }
}

/// What a constructor does that has no way to report that memory ran out, for texts that were in memory already.
#[cold]
#[inline(never)]
fn out_of_memory(size: usize) -> ! {
    crate::errors::clear();
    crate::memory::reserve::out_of_memory(size)
}

fn made(result: PyResult<Owned<Str>>, size: usize) -> Owned<Str> {
    result.unwrap_or_else(|_| out_of_memory(size))
}

/// A unit of text.
pub trait Unit: Copy + Ord + Into<u32> {
    fn from_u32(c: u32) -> Self;
}
impl Unit for u8 {
    #[inline(always)]
    fn from_u32(c: u32) -> u8 {
        c as u8
    }
}
impl Unit for u16 {
    #[inline(always)]
    fn from_u32(c: u32) -> u16 {
        c as u16
    }
}
impl Unit for u32 {
    #[inline(always)]
    fn from_u32(c: u32) -> u32 {
        c
    }
}

/// An upper bound of a slice's code points that is exact as to the memory form.
#[inline]
pub(super) fn max_of<T: Unit>(units: &[T]) -> u32 {
    // Or-ing keeps the class: each class is a bit length.
    units.iter().fold(0, |all, &c| all | c.into()).min(0x10ffff)
}

/// Copies units, widening or narrowing them.
/// # Safety
/// `to` has room for all of them; narrowing loses nothing.
#[inline]
pub(super) unsafe fn copy_units<A: Unit, B: Unit>(from: &[A], to: *mut B) {
    if size_of::<A>() == size_of::<B>() {
        // SAFETY: same representation.
        return unsafe { ptr::copy_nonoverlapping(from.as_ptr() as *const B, to, from.len()) };
    }
    // SAFETY: by contract; written as slices so that it vectorises.
    let to = unsafe { std::slice::from_raw_parts_mut(to, from.len()) };
    for (to, &from) in to.iter_mut().zip(from) {
        *to = B::from_u32(from.into());
    }
}

/// Writes `text` into text memory of `kind` at unit `at`.
/// # Safety
/// There is room, and the kind holds the text.
#[inline]
pub(super) unsafe fn copy_text(text: Text<'_>, data: *mut u8, kind: u32, at: usize) {
    // SAFETY: by contract.
    unsafe {
        match kind {
            1 => crate::with_text!(text, s => copy_units(s, data.add(at))),
            2 => crate::with_text!(text, s => copy_units(s, (data as *mut u16).add(at))),
            _ => crate::with_text!(text, s => copy_units(s, (data as *mut u32).add(at))),
        }
    }
}

impl Text<'_> {
    /// An upper bound of the code points, exact as to the memory form (0x7f, 0xff ...).
    pub fn max_char(self) -> u32 {
        match self {
            Text::One(s) => if s.is_ascii() { 0x7f } else { 0xff },
            Text::Two(s) => max_char_bound(max_of(s)),
            Text::Four(s) => max_char_bound(max_of(s)),
        }
    }
}

/// Decodes UTF-8 whose three-byte forms may be surrogates; malformed bytes become U+FFFD.
pub(super) struct Wtf8<'a>(pub &'a [u8]);

impl Iterator for Wtf8<'_> {
    type Item = u32;
    #[inline]
    fn next(&mut self) -> Option<u32> {
        let (&first, rest) = self.0.split_first()?;
        let tail = |i: usize| rest.get(i).filter(|&&b| b & 0xc0 == 0x80).map(|&b| (b & 0x3f) as u32);
        let (c, used) = match first {
            0..0x80 => (Some(first as u32), 0),
            0xc0..0xe0 => (tail(0).map(|a| (first as u32 & 0x1f) << 6 | a), 1),
            0xe0..0xf0 => (tail(0).zip(tail(1)).map(|(a, b)| (first as u32 & 0xf) << 12 | a << 6 | b), 2),
            0xf0..0xf8 => (tail(0).zip(tail(1)).zip(tail(2)).map(|((a, b), c)| (first as u32 & 7) << 18 | a << 12 | b << 6 | c), 3),
            _ => (None, 0),
        };
        match c {
            Some(c) => {
                self.0 = &rest[used..];
                Some(c.min(0x10ffff))
            }
            None => {
                self.0 = rest;
                Some(0xfffd)
            }
        }
    }
}

/// Appends one code point as (W)UTF-8.
pub(crate) fn push_wtf8(out: &mut Vec<u8>, c: u32) {
    match c {
        0..0x80 => out.push(c as u8),
        0x80..0x800 => out.extend([0xc0 | (c >> 6) as u8, 0x80 | (c & 0x3f) as u8]),
        0x800..0x10000 => out.extend([0xe0 | (c >> 12) as u8, 0x80 | (c >> 6 & 0x3f) as u8, 0x80 | (c & 0x3f) as u8]),
        _ => out.extend([0xf0 | (c >> 18) as u8, 0x80 | (c >> 12 & 0x3f) as u8, 0x80 | (c >> 6 & 0x3f) as u8, 0x80 | (c & 0x3f) as u8]),
    }
}

/// The text as UTF-8; UnicodeEncodeError for the first run of surrogates.
pub(super) fn to_utf8(s: &Str) -> PyResult<Vec<u8>> {
    let mut out = Vec::new();
    let done = crate::with_text!(s.text(), units => encode_utf8(&mut out, units));
    if done < s.len() {
        let end = (done..s.len()).find(|&j| s.char_at(j) & !0x7ff != 0xd800).unwrap_or(s.len());
        return Err(crate::codecs::raise_encode_error("utf-8", s, done, end, "surrogates not allowed"));
    }
    Ok(out)
}

/// Writes the code points of UTF-8.
/// # Safety
/// The text is valid UTF-8, and `to` has room for its code points, which the unit holds.
unsafe fn decode_utf8_into<T: Unit>(text: &[u8], mut to: *mut T) {
    let (mut at, end) = (text.as_ptr(), text.as_ptr_range().end);
    // SAFETY: valid UTF-8 has the bytes that a lead byte announces.
    unsafe {
        while at < end {
            let first = *at as u32;
            let tail = |i: usize| (*at.add(i) & 0x3f) as u32;
            let (c, used) = match first {
                0..0x80 => (first, 1),
                0x80..0xe0 => ((first & 0x1f) << 6 | tail(1), 2),
                0xe0..0xf0 => ((first & 0xf) << 12 | tail(1) << 6 | tail(2), 3),
                _ => ((first & 7) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3), 4),
            };
            *to = T::from_u32(c);
            to = to.add(1);
            at = at.add(used);
        }
    }
}

/// Appends units as UTF-8, up to the first surrogate; how many.
pub(crate) fn encode_utf8<T: Unit>(out: &mut Vec<u8>, units: &[T]) -> usize {
    let widest = match size_of::<T>() {
        1 => 2,
        2 => 3,
        _ => 4,
    };
    out.reserve(units.len() * widest);
    let mut done = 0;
    // SAFETY: there is room for the longest form of every unit.
    unsafe {
        let start = out.as_mut_ptr().add(out.len());
        let mut to = start;
        for &unit in units {
            let c: u32 = unit.into();
            let bytes = match c {
                0..0x80 => {
                    *to = c as u8;
                    1
                }
                0x80..0x800 => {
                    *to = 0xc0 | (c >> 6) as u8;
                    *to.add(1) = 0x80 | (c & 0x3f) as u8;
                    2
                }
                0xd800..0xe000 => break,
                0x800..0x10000 => {
                    *to = 0xe0 | (c >> 12) as u8;
                    *to.add(1) = 0x80 | (c >> 6 & 0x3f) as u8;
                    *to.add(2) = 0x80 | (c & 0x3f) as u8;
                    3
                }
                _ => {
                    *to = 0xf0 | (c >> 18) as u8;
                    *to.add(1) = 0x80 | (c >> 12 & 0x3f) as u8;
                    *to.add(2) = 0x80 | (c >> 6 & 0x3f) as u8;
                    *to.add(3) = 0x80 | (c & 0x3f) as u8;
                    4
                }
            };
            to = to.add(bytes);
            done += 1;
        }
        out.set_len(out.len() + to.offset_from(start) as usize);
    }
    done
}

impl Str {
    /// A string with this text. For texts of program-controlled size that are not in memory yet, use a `StrBuilder`.
    #[inline]
    pub fn new(text: &str) -> Owned<Str> {
        if text.is_ascii() { Str::from_ascii(text.as_bytes()) } else { Str::from_wtf8(text.as_bytes()) }
    }
    #[inline]
    fn from_ascii(text: &[u8]) -> Owned<Str> {
        match text {
            [] => return Owned::from_ref(Str::empty()),
            [c] => return Owned::from_ref(Str::latin1_char(*c)),
            _ => {}
        }
        let new = made(allocate(text.len(), 0x7f), text.len());
        // SAFETY: fresh, with room for the text.
        unsafe { ptr::copy_nonoverlapping(text.as_ptr(), new.data(), text.len()) };
        new
    }
    /// From bytes, if they are UTF-8.
    #[inline]
    pub fn from_utf8_bytes(text: &[u8]) -> Option<Owned<Str>> {
        if text.is_ascii() {
            return Some(Str::from_ascii(text));
        }
        std::str::from_utf8(text).is_ok().then(|| Str::from_wtf8(text))
    }
    /// From UTF-8 in which surrogates are encoded like other code points.
    pub fn from_wtf8(text: &[u8]) -> Owned<Str> {
        if text.is_ascii() {
            return Str::from_ascii(text);
        }
        let (mut len, mut all) = (0, 0);
        for c in Wtf8(text) {
            len += 1;
            all |= c;
        }
        if len == 1 && all < 0x100 {
            return Owned::from_ref(Str::latin1_char(all as u8));
        }
        let new = made(allocate(len, all), text.len());
        let data = new.data();
        // SAFETY: fresh; the same iteration counted its units.
        unsafe {
            match kind_for(all) {
                1 => Wtf8(text).enumerate().for_each(|(i, c)| *data.add(i) = c as u8),
                2 => Wtf8(text).enumerate().for_each(|(i, c)| *(data as *mut u16).add(i) = c as u16),
                _ => Wtf8(text).enumerate().for_each(|(i, c)| *(data as *mut u32).add(i) = c),
            }
        }
        new
    }
    /// As `new`, for text of a size that the program decides: MemoryError instead of an end.
    pub fn from_utf8(text: &str) -> PyResult<Owned<Str>> {
        if text.is_ascii() {
            return Str::from_text(Text::One(text.as_bytes()));
        }
        // The largest byte tells the form: continuation bytes are below 0xc0, and lead bytes grow with what they lead.
        let (len, top) = text.bytes().fold((0, 0), |(len, top), byte| (len + (byte & 0xc0 != 0x80) as usize, byte.max(top)));
        let max = match top {
            0..=0xc3 => 0xff,
            0xc4..=0xef => 0xffff,
            _ => 0x10ffff,
        };
        if len == 1 {
            return Str::from_char(text.chars().next().map_or(0, |c| c as u32));
        }
        let new = allocate(len, max)?;
        let data = new.data();
        // SAFETY: fresh; `len` code points of the form that holds them.
        unsafe {
            match kind_for(max) {
                1 => decode_utf8_into(text.as_bytes(), data),
                2 => decode_utf8_into(text.as_bytes(), data as *mut u16),
                _ => decode_utf8_into(text.as_bytes(), data as *mut u32),
            }
        }
        Ok(new)
    }
    pub fn from_latin1(text: &[u8]) -> Owned<Str> {
        made(Str::from_text(Text::One(text)), text.len())
    }
    /// From code points (at most 0x10ffff; surrogates stay).
    pub fn from_code_points(text: &[u32]) -> Owned<Str> {
        made(Str::from_text(Text::Four(text)), text.len())
    }
    /// The string of one code point.
    #[inline]
    pub fn from_char(c: u32) -> PyResult<Owned<Str>> {
        if c < 0x100 { Ok(Owned::from_ref(Str::latin1_char(c as u8))) } else { Str::from_text(Text::Four(&[c])) }
    }
    /// A string of a text of any kind, in the smallest form.
    #[inline]
    pub fn from_text(text: Text<'_>) -> PyResult<Owned<Str>> {
        let max = text.max_char();
        match text.len() {
            0 => return Ok(Owned::from_ref(Str::empty())),
            1 if max < 0x100 => return Ok(Owned::from_ref(Str::latin1_char(text.at(0) as u8))),
            _ => {}
        }
        Str::from_text_known(text, max)
    }
    /// `from_text` of two code points or more, with the bound known.
    fn from_text_known(text: Text<'_>, max: u32) -> PyResult<Owned<Str>> {
        let new = allocate(text.len(), max)?;
        // SAFETY: fresh, with room.
        unsafe { copy_text(text, new.data(), kind_for(max), 0) };
        Ok(new)
    }
    /// `self[start:end]`, for bounds in range and in order; the whole of an exact string is the string itself.
    #[inline]
    pub fn substring(&self, start: usize, end: usize) -> PyResult<Owned<Str>> {
        if start == 0 && end == self.len() {
            return self.to_exact();
        }
        let text = self.text().slice(start, end);
        if self.is_ascii() {
            return match text.len() {
                0 => Ok(Owned::from_ref(Str::empty())),
                1 => Ok(Owned::from_ref(Str::latin1_char(text.at(0) as u8))),
                _ => Str::from_text_known(text, 0x7f),
            };
        }
        Str::from_text(text)
    }

    /// `left + right`.
    #[inline]
    pub fn concat(left: &Str, right: &Str) -> PyResult<Owned<Str>> {
        if right.is_empty() {
            return left.to_exact();
        }
        if left.is_empty() {
            return right.to_exact();
        }
        let max = left.max_char().max(right.max_char());
        let len = joined_len(left, right)?;
        let new = allocate(len, max)?;
        let (data, kind) = (new.data(), kind_for(max));
        // SAFETY: fresh, with room for both.
        unsafe {
            copy_text(left.text(), data, kind, 0);
            copy_text(right.text(), data, kind, left.len());
        }
        Ok(new)
    }

    /// `left + right` where `left` is given up: grows in place if nobody else has it.
    #[inline]
    pub fn append(left: Owned<Str>, right: &Str) -> PyResult<Owned<Str>> {
        if right.is_empty() && Str::check_exact(&left) {
            return Ok(left);
        }
        let growable = left.refcount() == 1 && !left.is_interned() && left.is_compact() && Str::check_exact(&left) && !left.is_empty() && right.max_char() <= left.max_char();
        if !growable {
            return Str::concat(&left, right);
        }
        let (at, max, kind) = (left.len(), left.max_char(), left.kind());
        let len = joined_len(&left, right)?;
        let new = resize(left, len, max)?;
        // SAFETY: there is room for `right` behind the old text; `right` is another object, as `left` had one reference.
        unsafe { copy_text(right.text(), new.data(), kind, at) };
        Ok(new)
    }

    /// The parts, one after the other.
    pub fn concat_all(parts: &[Owned<Str>]) -> PyResult<Owned<Str>> {
        let mut all = StrBuilder::new();
        for part in parts {
            all.push_str_object(part)?;
        }
        all.finish()
    }
}

fn joined_len(left: &Str, right: &Str) -> PyResult<usize> {
    let len = left.len() + right.len();
    if len > isize::MAX as usize {
        return Err(crate::err!(OverflowError, "strings are too large to concat"));
    }
    Ok(len)
}

/// Changes the length of a compact exact string that only the caller knows. New units are not initialised; the end mark is written.
pub(super) fn resize(text: Owned<Str>, len: usize, max: u32) -> PyResult<Owned<Str>> {
    let Some(size) = block_size(len, max) else { return Err(no_memory()) };
    drop_utf8(&text);
    let old = text.into_raw();
    // SAFETY: the block came from `allocate`; on failure it stays as it is and is given back.
    unsafe {
        let block = memory::object_realloc(old as *mut std::ffi::c_void, size) as *mut abi::PyObject;
        if block.is_null() {
            drop(Owned::<Str>::from_raw(old));
            return Err(no_memory());
        }
        write_head(block as *mut PyASCIIObject, len, max);
        Ok(Owned::from_raw(block))
    }
}

/// Frees the UTF-8 form that goes with a compact string.
fn drop_utf8(text: &Str) {
    if text.is_ascii() {
        return;
    }
    let utf8 = text.0._base.utf8.replace(ptr::null_mut());
    if !utf8.is_null() {
        // SAFETY: a compact string's UTF-8 is a block of its own.
        unsafe { memory::mem_free(utf8 as *mut std::ffi::c_void) };
    }
}

/// The text with Unicode's decimal digits as ASCII digits and its spaces as blanks; other characters outside ASCII become `?`,
/// which no number contains (`_PyUnicode_TransformDecimalAndSpaceToASCII`). Starts and ends of space are dropped.
pub fn to_ascii_decimal(text: &Str) -> String {
    let mut out = String::with_capacity(text.len());
    for i in 0..text.len() {
        let c = text.char_at(i);
        out.push(match c {
            0..=0x7f if !unicode::is_space(c) => c as u8 as char,
            _ if unicode::is_space(c) => ' ',
            _ => match unicode::decimal_value(c) {
                Some(digit) => (b'0' + digit) as char,
                None => '?',
            },
        });
    }
    out.trim_matches(' ').to_owned()
}
