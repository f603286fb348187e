//! Methods that take strings apart and put them together: `split`, `rsplit`, `splitlines`, `partition`, `rpartition`, `join`.

use super::construct::{allocate, copy_text, kind_for};
use super::search::{self, Searcher};
use super::{Str, Text};
use crate::err;
use crate::errors::PyResult;
use crate::object::{Object, Owned, PyTyped};
use crate::protocol::sequence;
use crate::types::{List, Tuple};
use crate::with_text;
use macros::pymethods;

fn is_space(text: Text<'_>, at: usize) -> bool {
    unicode::is_space(text.at(at))
}

/// Splits at runs of white space, at most `max` times.
fn split_whitespace(this: &Str, max: usize) -> PyResult<Vec<Owned>> {
    fn words<T: super::construct::Unit>(this: &Str, units: &[T], max: usize) -> PyResult<Vec<Owned>> {
        let mut parts = Vec::new();
        let mut at = 0;
        let space = |at: usize| unicode::is_space(units[at].into());
        loop {
            while at < units.len() && space(at) {
                at += 1;
            }
            if at == units.len() {
                return Ok(parts);
            }
            let start = at;
            if parts.len() == max {
                crate::memory::reserve::grow(&mut parts);
                parts.push(this.substring(start, units.len())?.into_object());
                return Ok(parts);
            }
            while at < units.len() && !space(at) {
                at += 1;
            }
            crate::memory::reserve::grow(&mut parts);
            parts.push(this.substring(start, at)?.into_object());
        }
    }
    with_text!(this.text(), units => words(this, units, max))
}

fn rsplit_whitespace(this: &Str, max: usize) -> PyResult<Vec<Owned>> {
    let text = this.text();
    let mut parts = Vec::new();
    let mut end = text.len();
    loop {
        while end > 0 && is_space(text, end - 1) {
            end -= 1;
        }
        if end == 0 {
            break;
        }
        if parts.len() == max {
            crate::memory::reserve::grow(&mut parts);
            parts.push(this.substring(0, end)?.into_object());
            break;
        }
        let stop = end;
        while end > 0 && !is_space(text, end - 1) {
            end -= 1;
        }
        crate::memory::reserve::grow(&mut parts);
        parts.push(this.substring(end, stop)?.into_object());
    }
    parts.reverse();
    Ok(parts)
}

fn split_at(this: &Str, sep: &Str, max: usize) -> PyResult<Vec<Owned>> {
    let (text, len) = (this.text(), sep.len());
    if let (Text::One(units), 1, c @ 0..0x100) = (text, len, sep.char_at(0)) {
        let (mut parts, mut start) = (Vec::new(), 0);
        for at in memchr::memchr_iter(c as u8, units).take(max) {
            crate::memory::reserve::grow(&mut parts);
            parts.push(this.substring(start, at)?.into_object());
            start = at + 1;
        }
        crate::memory::reserve::grow(&mut parts);
        parts.push(this.substring(start, units.len())?.into_object());
        return Ok(parts);
    }
    let searcher = Searcher::new(text, sep.text());
    let (mut parts, mut start) = (Vec::new(), 0);
    while parts.len() < max
        && let Some(at) = searcher.find(text, start)
    {
        crate::memory::reserve::grow(&mut parts);
        parts.push(this.substring(start, at)?.into_object());
        start = at + len;
    }
    crate::memory::reserve::grow(&mut parts);
    parts.push(this.substring(start, this.len())?.into_object());
    Ok(parts)
}

fn rsplit_at(this: &Str, sep: &Str, max: usize) -> PyResult<Vec<Owned>> {
    let text = this.text();
    let (mut parts, mut end) = (Vec::new(), text.len());
    while parts.len() < max
        && let Some(at) = search::rfind(text.slice(0, end), sep.text())
    {
        crate::memory::reserve::grow(&mut parts);
        parts.push(this.substring(at + sep.len(), end)?.into_object());
        end = at;
    }
    crate::memory::reserve::grow(&mut parts);
    parts.push(this.substring(0, end)?.into_object());
    parts.reverse();
    Ok(parts)
}

/// The first line break from `start` on, or the end.
fn line_end(text: Text<'_>, start: usize) -> usize {
    match text {
        Text::One(units) => {
            let found = units[start..].iter().position(|c| matches!(c, 0xa..=0xd | 0x1c..=0x1e | 0x85));
            found.map_or(units.len(), |at| start + at)
        }
        _ => (start..text.len()).find(|&i| unicode::is_line_break(text.at(i))).unwrap_or(text.len()),
    }
}

/// `maxsplit` as a count; negative is no limit.
fn limit(maxsplit: isize) -> usize {
    usize::try_from(maxsplit).unwrap_or(usize::MAX)
}

/// The separator, or `None` for white space.
fn separator(sep: &Object) -> PyResult<Option<&Str>> {
    if sep.is_none() {
        return Ok(None);
    }
    let Some(text) = sep.downcast::<Str>() else {
        return Err(err!(TypeError, "must be str or None, not {}", sep.type_name()));
    };
    if text.is_empty() {
        return Err(err!(ValueError, "empty separator"));
    }
    Ok(Some(text))
}

/// The separator of `partition`.
fn non_empty(sep: &Object) -> PyResult<&Str> {
    match sep.downcast::<Str>() {
        None => Err(err!(TypeError, "must be str, not {}", sep.type_name())),
        Some(sep) if sep.is_empty() => Err(err!(ValueError, "empty separator")),
        Some(sep) => Ok(sep),
    }
}

impl Str {
    /// `self.split(sep, maxsplit)`; no separator is white space.
    pub fn split(&self, sep: Option<&Str>, maxsplit: isize) -> PyResult<Vec<Owned>> {
        match sep {
            None => split_whitespace(self, limit(maxsplit)),
            Some(sep) if sep.is_empty() => Err(crate::err!(ValueError, "empty separator")),
            Some(sep) => split_at(self, sep, limit(maxsplit)),
        }
    }

    /// `self.join(items)`.
    pub fn join(&self, iterable: &Object) -> PyResult<Owned<Str>> {
        let fast = sequence::sequence_fast(iterable, "can only join an iterable")?;
        let count = sequence::fast_len(&fast);
        if count == 0 {
            return Ok(Owned::from_ref(Str::empty()));
        }
        // SAFETY: `fast` is a list or tuple of `count` items. Nothing below runs Python code until the references are taken.
        let items = unsafe { std::slice::from_raw_parts(sequence::fast_items(&fast) as *const &Object, count) };
        self.join_items(items)
    }

    /// Joins strings. The items must stay alive and unchanged meanwhile; no Python code is run.
    pub fn join_items(&self, items: &[&Object]) -> PyResult<Owned<Str>> {
        match items {
            [] => return Ok(Owned::from_ref(Str::empty())),
            [only] if Str::check_exact(only) => {
                // SAFETY: a str.
                return Ok(Owned::from_ref(unsafe { only.cast::<Str>() }));
            }
            _ => {}
        }
        let separators = items.len() - 1;
        let mut max = if separators > 0 { self.max_char() } else { 0x7f };
        let mut len = Some(0usize);
        for (i, item) in items.iter().enumerate() {
            let Some(item) = item.downcast::<Str>() else {
                return Err(err!(TypeError, "sequence item {}: expected str instance, {} found", i, item.type_name()));
            };
            max = max.max(item.max_char());
            len = len.and_then(|len| len.checked_add(item.len()));
        }
        let len = self.len().checked_mul(separators).zip(len).and_then(|(a, b)| a.checked_add(b)).filter(|&len| len <= isize::MAX as usize);
        let Some(len) = len else {
            return Err(err!(OverflowError, "join() result is too long for a Python string"));
        };
        let new = allocate(len, max)?;
        let (data, kind) = (new.data(), kind_for(max));
        let separator = self.text();
        let mut at = 0;
        for (i, item) in items.iter().enumerate() {
            // SAFETY: checked above to be strings; `len` and `max` are those of all parts together.
            unsafe {
                if i > 0 && !separator.is_empty() {
                    copy_text(separator, data, kind, at);
                    at += separator.len();
                }
                let item = item.cast::<Str>().text();
                copy_text(item, data, kind, at);
                at += item.len();
            }
        }
        if len == 0 {
            return Ok(Owned::from_ref(Str::empty()));
        }
        Ok(new)
    }
}

#[pymethods(SPLIT_METHODS)]
impl Str {
    /// The parts of the string between the separators, as a list.
    ///
    ///   sep
    ///     What separates the parts. None means runs of white space; empty parts are then left out.
    ///   maxsplit
    ///     How many splits at most; -1 sets no limit.
    ///
    /// The splits are counted from the front.
    #[method("split($self, /, sep=None, maxsplit=-1)")]
    fn py_split(&self, sep: Option<&Object>, maxsplit: isize) -> PyResult<Owned<List>> {
        let sep = sep.map(separator).transpose()?.flatten();
        Ok(List::from_owned(self.split(sep, maxsplit)?))
    }
    /// The parts of the string between the separators, as a list.
    ///
    ///   sep
    ///     What separates the parts. None means runs of white space; empty parts are then left out.
    ///   maxsplit
    ///     How many splits at most; -1 sets no limit.
    ///
    /// The splits are counted from the end.
    #[method("rsplit($self, /, sep=None, maxsplit=-1)")]
    fn py_rsplit(&self, sep: Option<&Object>, maxsplit: isize) -> PyResult<Owned<List>> {
        Ok(List::from_owned(match sep.map(separator).transpose()?.flatten() {
            None => rsplit_whitespace(self, limit(maxsplit))?,
            Some(sep) => rsplit_at(self, sep, limit(maxsplit))?,
        }))
    }
    /// The lines of the string, as a list; with their line ends if keepends is true.
    #[method("splitlines($self, /, keepends=False)")]
    fn py_splitlines(&self, keepends: bool) -> PyResult<Owned<List>> {
        let text = self.text();
        let (mut lines, mut start, len) = (Vec::new(), 0, text.len());
        while start < len {
            let end = line_end(text, start);
            let mut next = end;
            if end < len {
                next = if text.at(end) == 0xd && end + 1 < len && text.at(end + 1) == 0xa { end + 2 } else { end + 1 };
            }
            crate::memory::reserve::grow(&mut lines);
            lines.push(self.substring(start, if keepends { next } else { end })?.into_object());
            start = next;
        }
        Ok(List::from_owned(lines))
    }
    /// The part before the first separator, the separator, and the part after it; the string and two empty ones if there is none.
    #[method("partition($self, sep, /)")]
    fn py_partition(&self, sep: &Object) -> PyResult<Owned<Tuple>> {
        let sep = non_empty(sep)?;
        let empty = || Owned::from_ref(Str::empty()).into_object();
        Ok(match search::find(self.text(), sep.text()) {
            Some(at) => Tuple::triple(self.substring(0, at)?.into_object(), sep.as_object().to_owned(), self.substring(at + sep.len(), self.len())?.into_object()),
            None => Tuple::triple(self.to_exact()?.into_object(), empty(), empty()),
        })
    }
    /// The part before the last separator, the separator, and the part after it; two empty strings and the string if there is none.
    #[method("rpartition($self, sep, /)")]
    fn py_rpartition(&self, sep: &Object) -> PyResult<Owned<Tuple>> {
        let sep = non_empty(sep)?;
        let empty = || Owned::from_ref(Str::empty()).into_object();
        Ok(match search::rfind(self.text(), sep.text()) {
            Some(at) => Tuple::triple(self.substring(0, at)?.into_object(), sep.as_object().to_owned(), self.substring(at + sep.len(), self.len())?.into_object()),
            None => Tuple::triple(empty(), empty(), self.to_exact()?.into_object()),
        })
    }
    /// The strings of an iterable, one after the other, with this string between them.
    ///
    /// Example: '.'.join(['ab', 'pq', 'rs']) -> 'ab.pq.rs'
    #[method("join($self, iterable, /)")]
    fn py_join(&self, iterable: &Object) -> PyResult<Owned<Str>> {
        self.join(iterable)
    }
}
