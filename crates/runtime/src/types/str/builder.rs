//! `StrBuilder`: text that grows, in the memory of the string it will become (`_PyUnicodeWriter`).

use super::construct::{allocate, copy_text, kind_for, max_char_bound, resize};
use super::construct::Wtf8;
use super::{Str, Text};
use crate::errors::{PyResult, no_memory};
use crate::object::{Owned, PyTyped};

/// Collects pieces of text. `push_*` of our own text cannot fail visibly: a lack of memory shows in `finish`.
pub struct StrBuilder {
    /// The string, `capacity` units long; `None` while nothing was pushed.
    buffer: Option<Owned<Str>>,
    /// The text of `buffer` and its kind.
    data: *mut u8,
    kind: u32,
    /// Bound of the form of `buffer`.
    max: u32,
    len: usize,
    capacity: usize,
    failed: bool,
    /// `buffer` is a string of others, which was pushed first and is not written to.
    shared: bool,
}

impl Default for StrBuilder {
    fn default() -> Self {
        StrBuilder::new()
    }
}

impl StrBuilder {
    pub fn new() -> StrBuilder {
        StrBuilder { buffer: None, data: std::ptr::null_mut(), kind: 1, max: 0x7f, len: 0, capacity: 0, failed: false, shared: false }
    }
    /// Expects `len` code points.
    pub fn with_capacity(len: usize) -> StrBuilder {
        let mut builder = StrBuilder::new();
        let _ = builder.prepare(len, 0x7f);
        builder
    }
    /// Code points so far.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bound of the code points so far: 0x7f, 0xff, 0xffff or 0x10ffff.
    #[inline]
    pub fn max_char(&self) -> u32 {
        self.max
    }

    /// Makes room for `more` units up to `max`.
    #[inline(always)]
    pub fn prepare(&mut self, more: usize, max: u32) -> PyResult<()> {
        if more <= self.capacity - self.len && max <= self.max {
            return Ok(());
        }
        self.prepare_slow(more, max)
    }
    #[cold]
    #[inline(never)]
    fn prepare_slow(&mut self, more: usize, max: u32) -> PyResult<()> {
        if self.failed {
            return Err(crate::errors::raise_none(crate::exceptions::MemoryError()));
        }
        let Some(needed) = self.len.checked_add(more).filter(|&n| n <= isize::MAX as usize / 8) else {
            self.failed = true;
            return Err(no_memory());
        };
        let max = max_char_bound(max).max(self.max);
        let capacity = if needed <= self.capacity { self.capacity } else { (needed + needed / 4).max(24) };
        let grown = match self.buffer.take() {
            Some(old) if max == self.max && !self.shared => resize(old, capacity, max),
            Some(old) => allocate(capacity, max).inspect(|new| {
                // SAFETY: fresh, with room for the old text.
                unsafe { copy_text(old.text().slice(0, self.len), new.data(), kind_for(max), 0) }
            }),
            None => allocate(capacity, max),
        };
        match grown {
            Ok(buffer) => {
                self.data = buffer.data();
                self.buffer = Some(buffer);
                self.shared = false;
                self.capacity = capacity;
                self.max = max;
                self.kind = kind_for(max);
                Ok(())
            }
            Err(raised) => {
                self.failed = true;
                self.len = 0;
                self.capacity = 0;
                Err(raised)
            }
        }
    }
    /// For pushes that report nothing: remembers the failure and leaves no exception behind.
    #[inline(always)]
    fn prepared(&mut self, more: usize, max: u32) -> bool {
        if more <= self.capacity - self.len && max <= self.max {
            return true;
        }
        self.prepared_slow(more, max)
    }
    #[cold]
    fn prepared_slow(&mut self, more: usize, max: u32) -> bool {
        let done = self.prepare_slow(more, max).is_ok();
        if !done {
            crate::errors::clear();
        }
        done
    }

    /// Appends a text.
    #[inline]
    pub fn push_str(&mut self, text: &str) {
        if text.is_ascii() {
            self.push_ascii(text.as_bytes());
        } else {
            self.push_wtf8(text.as_bytes());
        }
    }
    /// Appends bytes that are ASCII.
    #[inline]
    pub fn push_ascii(&mut self, text: &[u8]) {
        debug_assert!(text.is_ascii());
        if self.prepared(text.len(), 0x7f) {
            // SAFETY: room was made.
            unsafe { copy_text(Text::One(text), self.data, self.kind, self.len) };
            self.len += text.len();
        }
    }
    /// Appends UTF-8 in which surrogates may be encoded.
    pub fn push_wtf8(&mut self, text: &[u8]) {
        for c in Wtf8(text) {
            self.push_char(c);
        }
    }
    /// Appends a code point.
    #[inline(always)]
    pub fn push_char(&mut self, c: u32) {
        if self.prepared(1, c) {
            // SAFETY: room was made.
            unsafe {
                match self.kind {
                    1 => *self.data.add(self.len) = c as u8,
                    2 => *(self.data as *mut u16).add(self.len) = c as u16,
                    _ => *(self.data as *mut u32).add(self.len) = c,
                }
            }
            self.len += 1;
        }
    }
    /// Appends `count` times a code point.
    pub fn push_repeated(&mut self, c: u32, count: usize) -> PyResult<()> {
        if count == 0 {
            return Ok(());
        }
        self.prepare(count, c)?;
        // SAFETY: room was made.
        unsafe {
            match self.kind {
                1 => std::ptr::write_bytes(self.data.add(self.len), c as u8, count),
                2 => std::slice::from_raw_parts_mut((self.data as *mut u16).add(self.len), count).fill(c as u16),
                _ => std::slice::from_raw_parts_mut((self.data as *mut u32).add(self.len), count).fill(c),
            }
        }
        self.len += count;
        Ok(())
    }
    /// Appends a string.
    #[inline]
    pub fn push_str_object(&mut self, text: &Str) -> PyResult<()> {
        if self.buffer.is_none() && Str::check_exact(text) && !self.failed {
            self.share(text);
            return Ok(());
        }
        self.push_text_bounded(text.text(), text.max_char())
    }
    /// Begins with a string, which stays as it is if nothing else is appended.
    fn share(&mut self, text: &Str) {
        (self.len, self.capacity, self.max, self.kind) = (text.len(), text.len(), text.max_char(), text.kind());
        self.data = text.data();
        self.shared = true;
        self.buffer = Some(Owned::from_ref(text));
    }
    /// Appends a part of a string.
    #[inline]
    pub fn push_substring(&mut self, text: &Str, start: usize, end: usize) -> PyResult<()> {
        self.push_text(text.text().slice(start, end))
    }
    /// Appends a text of any kind.
    pub fn push_text(&mut self, text: Text<'_>) -> PyResult<()> {
        // What fits the present form need not be looked at closely.
        let wide = match text {
            Text::One(_) => self.max >= 0xff,
            Text::Two(_) => self.max >= 0xffff,
            Text::Four(_) => self.max > 0xffff,
        };
        self.push_text_bounded(text, if wide { self.max } else { text.max_char() })
    }
    #[inline(always)]
    fn push_text_bounded(&mut self, text: Text<'_>, max: u32) -> PyResult<()> {
        if text.is_empty() {
            return Ok(());
        }
        self.prepare(text.len(), max)?;
        // SAFETY: room was made.
        unsafe { copy_text(text, self.data, self.kind, self.len) };
        self.len += text.len();
        Ok(())
    }
    /// The text so far.
    pub fn text(&self) -> Text<'_> {
        match &self.buffer {
            Some(buffer) => buffer.text().slice(0, self.len),
            None => Text::One(&[]),
        }
    }
    /// Cuts the text off at `len` units.
    pub fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// The string. Its form is the smallest if nothing was cut off.
    pub fn finish(self) -> PyResult<Owned<Str>> {
        if self.failed {
            return Err(no_memory());
        }
        let Some(buffer) = self.buffer else { return Ok(Owned::from_ref(Str::empty())) };
        match self.len {
            0 => return Ok(Owned::from_ref(Str::empty())),
            1 if self.kind == 1 => return Ok(Owned::from_ref(Str::latin1_char(buffer.char_at(0) as u8))),
            _ => {}
        }
        if self.len == self.capacity {
            return Ok(buffer);
        }
        if self.shared { buffer.substring(0, self.len) } else { resize(buffer, self.len, self.max) }
    }
}

impl std::fmt::Write for StrBuilder {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.push_str(text);
        Ok(())
    }
}
