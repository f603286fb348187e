//! `str`: the object and its text.
//!
//! Three memory forms (crate `abi`): compact ASCII, other compact, and the full form that every instance of a subclass has.
//! Invariants: the text ends with a zero unit; its kind (1, 2 or 4 bytes a code point) is the smallest that holds its largest code point,
//! ASCII text is marked so; `hash` is -1 or the hash; `utf8` is null, or the text itself (ASCII in the full form), or a block of its own.
//! Text changes only while its maker holds the one reference (`builder.rs`, `append`, C code that fills a new string).

pub mod builder;
mod case;
mod construct;
pub use construct::to_ascii_decimal;
pub(crate) use construct::{encode_utf8, push_wtf8};
pub(crate) mod find;
pub mod hash;
pub mod intern;
pub mod iterator;
mod pad;
mod replace;
pub mod search;
mod singletons;
mod split;
mod type_object;

pub use builder::StrBuilder;
pub use construct::{allocate, max_char_bound};
pub use type_object::PyUnicode_Type;

use crate::errors::PyResult;
use crate::object::{Owned, PyTyped};
use std::borrow::Cow;
use std::fmt;

/// Any string; a view of all three memory forms.
#[repr(transparent)]
pub struct Str(pub abi::PyUnicodeObject);

/// The text as a slice of its kind.
#[derive(Clone, Copy)]
pub enum Text<'a> {
    /// ASCII or Latin-1.
    One(&'a [u8]),
    Two(&'a [u16]),
    Four(&'a [u32]),
}

/// Runs `$body` with `$slice` bound to the text's slice, whatever its kind.
#[macro_export]
macro_rules! with_text {
    ($text:expr, $slice:ident => $body:expr) => {
        match $text {
            $crate::types::str::Text::One($slice) => $body,
            $crate::types::str::Text::Two($slice) => $body,
            $crate::types::str::Text::Four($slice) => $body,
        }
    };
}

impl<'a> Text<'a> {
    #[inline(always)]
    pub fn len(self) -> usize {
        with_text!(self, s => s.len())
    }
    #[inline(always)]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }
    /// The code point at `index`, which must be below the length.
    #[inline(always)]
    pub fn at(self, index: usize) -> u32 {
        with_text!(self, s => s[index] as u32)
    }
    #[inline(always)]
    pub fn slice(self, start: usize, end: usize) -> Text<'a> {
        match self {
            Text::One(s) => Text::One(&s[start..end]),
            Text::Two(s) => Text::Two(&s[start..end]),
            Text::Four(s) => Text::Four(&s[start..end]),
        }
    }
    pub fn code_points(self) -> impl Iterator<Item = u32> + 'a {
        (0..self.len()).map(move |i| self.at(i))
    }
    /// The memory of the text.
    pub fn bytes(self) -> &'a [u8] {
        // SAFETY: integers may be seen as bytes.
        with_text!(self, s => unsafe { std::slice::from_raw_parts(s.as_ptr() as *const u8, size_of_val(s)) })
    }
}

/// Whether all bytes are ASCII letters, digits or underscores.
pub(crate) fn are_name_chars(text: &[u8]) -> bool {
    text.iter().all(|&c| c.is_ascii_alphanumeric() || c == b'_')
}

impl Str {
    #[inline(always)]
    fn head(&self) -> &abi::PyASCIIObject {
        &self.0._base._base
    }
    #[inline(always)]
    pub fn state(&self) -> u32 {
        self.head().state.get()
    }
    /// Length in code points.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.head().length.get() as usize
    }
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    #[inline(always)]
    pub fn is_ascii(&self) -> bool {
        self.state() & abi::PyUnicode_STATE_ASCII != 0
    }
    #[inline(always)]
    pub fn is_compact(&self) -> bool {
        self.state() & abi::PyUnicode_STATE_COMPACT != 0
    }
    /// Bytes per code point: 1, 2 or 4.
    #[inline(always)]
    pub fn kind(&self) -> u32 {
        (self.state() & abi::PyUnicode_STATE_KIND_MASK) >> abi::PyUnicode_STATE_KIND_SHIFT
    }
    /// The largest code point that the memory form holds: 0x7f, 0xff, 0xffff or 0x10ffff.
    #[inline]
    pub fn max_char(&self) -> u32 {
        match self.kind() {
            1 if self.is_ascii() => 0x7f,
            1 => 0xff,
            2 => 0xffff,
            _ => 0x10ffff,
        }
    }
    /// The first byte of the text.
    #[inline(always)]
    pub fn data(&self) -> *mut u8 {
        let state = self.state();
        let base = self as *const Str as *mut u8;
        if state & abi::PyUnicode_STATE_COMPACT != 0 {
            let header = if state & abi::PyUnicode_STATE_ASCII != 0 { size_of::<abi::PyASCIIObject>() } else { size_of::<abi::PyCompactUnicodeObject>() };
            // SAFETY: the text follows the header.
            unsafe { base.add(header) }
        } else {
            self.0.data.get() as *mut u8
        }
    }
    #[inline(always)]
    pub fn text(&self) -> Text<'_> {
        let (data, len) = (self.data(), self.len());
        // SAFETY: the kind says how the text is laid out; it does not change while it is shared.
        unsafe {
            match self.kind() {
                1 => Text::One(std::slice::from_raw_parts(data, len)),
                2 => Text::Two(std::slice::from_raw_parts(data as *const u16, len)),
                _ => Text::Four(std::slice::from_raw_parts(data as *const u32, len)),
            }
        }
    }
    /// The code point at `index`, which must be below the length.
    #[inline(always)]
    pub fn char_at(&self, index: usize) -> u32 {
        self.text().at(index)
    }
    pub fn code_points(&self) -> impl Iterator<Item = u32> + '_ {
        self.text().code_points()
    }
    /// The text, if it is ASCII.
    #[inline(always)]
    pub fn as_ascii(&self) -> Option<&str> {
        if !self.is_ascii() {
            return None;
        }
        // SAFETY: ASCII of `len` bytes.
        Some(unsafe { std::str::from_utf8_unchecked(std::slice::from_raw_parts(self.data(), self.len())) })
    }

    /// The text as UTF-8, kept with the object. UnicodeEncodeError if it has surrogates.
    #[inline]
    pub fn as_utf8(&self) -> PyResult<&str> {
        match self.as_ascii() {
            Some(text) => Ok(text),
            None => self.as_utf8_slow(),
        }
    }
    #[inline(never)]
    fn as_utf8_slow(&self) -> PyResult<&str> {
        let wide = &self.0._base;
        if wide.utf8.get().is_null() {
            let text = construct::to_utf8(self)?;
            let block = crate::memory::mem_malloc(text.len() + 1) as *mut u8;
            if block.is_null() {
                return Err(crate::errors::no_memory());
            }
            // SAFETY: a block of that size.
            unsafe {
                std::ptr::copy_nonoverlapping(text.as_ptr(), block, text.len());
                *block.add(text.len()) = 0;
            }
            wide.utf8.set(block as *mut std::ffi::c_char);
            wide.utf8_length.set(text.len() as isize);
        }
        // SAFETY: the cache holds valid UTF-8 of that length for as long as the object lives.
        Ok(unsafe { std::str::from_utf8_unchecked(std::slice::from_raw_parts(wide.utf8.get() as *const u8, wide.utf8_length.get() as usize)) })
    }
    /// The text with U+FFFD for surrogates.
    pub fn to_string_lossy(&self) -> Cow<'_, str> {
        match self.as_ascii() {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Owned(self.code_points().map(|c| char::from_u32(c).unwrap_or('\u{fffd}')).collect()),
        }
    }
    /// The text as WTF-8: UTF-8 in which surrogates are encoded like other code points.
    pub fn to_wtf8(&self) -> Cow<'_, [u8]> {
        match self.as_ascii() {
            Some(text) => Cow::Borrowed(text.as_bytes()),
            None => {
                let mut out = Vec::with_capacity(self.len() * 2);
                for c in self.code_points() {
                    construct::push_wtf8(&mut out, c);
                }
                Cow::Owned(out)
            }
        }
    }

    /// The hash, computed once.
    #[inline(always)]
    pub fn hash(&self) -> isize {
        let hash = self.head().hash.get();
        if hash != -1 { hash } else { self.compute_hash() }
    }
    #[inline(never)]
    fn compute_hash(&self) -> isize {
        let hash = hash::hash_bytes(self.text().bytes());
        self.head().hash.set(hash);
        hash
    }

    /// Same text.
    #[inline(always)]
    pub fn equal(a: &Str, b: &Str) -> bool {
        if std::ptr::eq(a, b) {
            return true;
        }
        let len = a.len();
        if len != b.len() || a.kind() != b.kind() {
            return false;
        }
        let (x, y) = (a.data(), b.data());
        // SAFETY: both have `len` units of the same kind.
        unsafe {
            if len == 0 {
                return true;
            }
            if *x != *y {
                return false;
            }
            let size = len * a.kind() as usize;
            std::slice::from_raw_parts(x, size) == std::slice::from_raw_parts(y, size)
        }
    }
    /// Same text as `text`.
    #[inline]
    pub fn eq_str(&self, text: &str) -> bool {
        match self.as_ascii() {
            Some(own) => own == text,
            None => self.eq_str_slow(text),
        }
    }
    #[inline(never)]
    fn eq_str_slow(&self, text: &str) -> bool {
        !text.is_ascii() && self.code_points().eq(text.chars().map(|c| c as u32))
    }
    /// Order by code points.
    pub fn compare(a: &Str, b: &Str) -> std::cmp::Ordering {
        match (a.text(), b.text()) {
            (Text::One(x), Text::One(y)) => x.cmp(y),
            (x, y) => x.code_points().cmp(y.code_points()),
        }
    }
    /// Whether all characters are ASCII letters, digits or underscores, so that a constant is worth interning.
    pub fn is_all_name_chars(&self) -> bool {
        self.as_ascii().is_some_and(|text| are_name_chars(text.as_bytes()))
    }

    #[inline(always)]
    pub fn is_interned(&self) -> bool {
        self.state() & abi::PyUnicode_STATE_INTERNED_MASK != 0
    }

    /// A copy of the text that is exactly a `str`: the object itself if it is.
    #[inline]
    pub fn to_exact(&self) -> PyResult<Owned<Str>> {
        if Str::check_exact(self) { Ok(Owned::from_ref(self)) } else { Str::from_text(self.text()) }
    }
}

impl fmt::Display for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.to_string_lossy())
    }
}

impl fmt::Debug for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.to_string_lossy(), f)
    }
}

impl<T> fmt::Display for Owned<T>
where
    T: PyTyped + fmt::Display,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&**self, f)
    }
}

#[cfg(test)]
mod tests;
