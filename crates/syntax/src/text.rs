//! The text types of the tree. All of them are `Copy` views into the [`Arena`](crate::ast::Arena).

use crate::ast::Arena;
use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::Deref;

/// A name. The names of one parser are interned: equal ones are the same, and have a number, counted from 0. A tree has the
/// names of one parser, and names without a number, which were made for it otherwise.
#[derive(Clone, Copy)]
pub struct Identifier<'a>(&'a Entry<'a>);

#[derive(Clone, Copy)]
pub struct Entry<'a> {
    text: &'a str,
    number: u32,
}

const UNNUMBERED: u32 = u32::MAX;

impl<'a> Identifier<'a> {
    /// What `from m import *` imports.
    pub const STAR: Identifier<'static> = Identifier(&Entry { text: "*", number: UNNUMBERED });

    /// A name without a number.
    pub fn new(arena: &'a Arena, text: &'a str) -> Self {
        Identifier(arena.alloc(Entry { text, number: UNNUMBERED }))
    }

    pub(crate) fn numbered(arena: &'a Arena, text: &'a str, number: u32) -> Self {
        Identifier(arena.alloc(Entry { text, number }))
    }

    #[inline]
    pub const fn as_str(self) -> &'a str {
        self.0.text
    }

    /// Its number among the names of its parser.
    #[inline]
    pub const fn number(self) -> Option<u32> {
        if self.0.number == UNNUMBERED { None } else { Some(self.0.number) }
    }
}

impl Deref for Identifier<'_> {
    type Target = str;
    #[inline]
    fn deref(&self) -> &str {
        self.0.text
    }
}

impl PartialEq for Identifier<'_> {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0) || self.0.text == other.0.text
    }
}

impl Eq for Identifier<'_> {}

impl PartialEq<str> for Identifier<'_> {
    fn eq(&self, other: &str) -> bool {
        self.0.text == other
    }
}

impl PartialEq<&str> for Identifier<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.0.text == *other
    }
}

impl PartialOrd for Identifier<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Identifier<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.text.cmp(other.0.text)
    }
}

impl Hash for Identifier<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.text.hash(state)
    }
}

impl Borrow<str> for Identifier<'_> {
    fn borrow(&self) -> &str {
        self.0.text
    }
}

impl AsRef<str> for Identifier<'_> {
    fn as_ref(&self) -> &str {
        self.0.text
    }
}

impl fmt::Display for Identifier<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.text)
    }
}

impl fmt::Debug for Identifier<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.0.text, f)
    }
}

/// The value of a string literal: UTF-8 in which surrogates may stand as well (three bytes each, a pair of them
/// stays two code points), because `"\ud800"` is a legal string. This is what Python calls `surrogatepass`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Str<'a>(&'a [u8]);

impl<'a> Str<'a> {
    pub const EMPTY: Str<'static> = Str(b"");

    pub const fn new(text: &'a str) -> Self {
        Str(text.as_bytes())
    }

    /// `bytes` must be what the type promises; what is not decodes as replacement characters.
    pub const fn from_wtf8(bytes: &'a [u8]) -> Self {
        Str(bytes)
    }

    pub const fn as_bytes(self) -> &'a [u8] {
        self.0
    }

    pub const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The text, if there is no surrogate in it.
    pub fn as_str(self) -> Option<&'a str> {
        std::str::from_utf8(self.0).ok()
    }

    pub fn is_ascii(self) -> bool {
        self.0.is_ascii()
    }

    /// The code points, surrogates included.
    pub fn code_points(self) -> CodePoints<'a> {
        CodePoints(self.0)
    }
}

impl<'a> From<&'a str> for Str<'a> {
    fn from(text: &'a str) -> Self {
        Str::new(text)
    }
}

impl PartialEq<str> for Str<'_> {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<&str> for Str<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl fmt::Debug for Str<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

pub struct CodePoints<'a>(&'a [u8]);

impl Iterator for CodePoints<'_> {
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let (&first, rest) = self.0.split_first()?;
        let (count, mut value) = match first {
            0..=0x7f => (0, first as u32),
            0xc0..=0xdf => (1, first as u32 & 0x1f),
            0xe0..=0xef => (2, first as u32 & 0x0f),
            0xf0..=0xf7 => (3, first as u32 & 0x07),
            _ => (0, 0xfffd),
        };
        self.0 = rest;
        for _ in 0..count {
            let Some((&byte, rest)) = self.0.split_first() else { return Some(0xfffd) };
            value = value << 6 | byte as u32 & 0x3f;
            self.0 = rest;
        }
        Some(value)
    }
}

/// Appends a code point, surrogates included, to bytes that shall become a [`Str`].
pub fn push_code_point(out: &mut impl Extend<u8>, code: u32) {
    match code {
        0..=0x7f => out.extend([code as u8]),
        0x80..=0x7ff => out.extend([0xc0 | (code >> 6) as u8, 0x80 | (code & 0x3f) as u8]),
        0x800..=0xffff => {
            out.extend([0xe0 | (code >> 12) as u8, 0x80 | (code >> 6 & 0x3f) as u8, 0x80 | (code & 0x3f) as u8])
        }
        _ => out.extend([
            0xf0 | (code >> 18) as u8,
            0x80 | (code >> 12 & 0x3f) as u8,
            0x80 | (code >> 6 & 0x3f) as u8,
            0x80 | (code & 0x3f) as u8,
        ]),
    }
}
