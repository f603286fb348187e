//! Methods that look for text: `find` and its kin, `startswith`, `endswith`, `in`, `removeprefix`, `removesuffix`.

use super::{Str, search};
use crate::err;
use crate::errors::{PyResult, Raised};
use crate::macro_support::SliceIndex;
use crate::object::{Object, Owned};
use crate::types::Tuple;
use macros::pymethods;

/// The bounds of a search in `len` units; `None` if nothing, not even the empty text, can be found there.
pub(crate) fn bounds(start: Option<SliceIndex>, end: Option<SliceIndex>, len: usize) -> Option<(usize, usize)> {
    let start = start.map_or(0, |i| i.adjust(len));
    let end = end.map_or(len, |i| i.adjust(len).min(len));
    (start <= end).then_some((start, end))
}

fn find_in(this: &Str, sub: &Str, start: Option<SliceIndex>, end: Option<SliceIndex>) -> Option<usize> {
    let (start, end) = bounds(start, end, this.len())?;
    search::find(this.text().slice(start, end), sub.text()).map(|at| at + start)
}

fn rfind_in(this: &Str, sub: &Str, start: Option<SliceIndex>, end: Option<SliceIndex>) -> Option<usize> {
    let (start, end) = bounds(start, end, this.len())?;
    search::rfind(this.text().slice(start, end), sub.text()).map(|at| at + start)
}

fn as_index(found: Option<usize>) -> isize {
    found.map_or(-1, |at| at as isize)
}

#[cold]
fn not_found() -> Raised {
    err!(ValueError, "substring not found")
}

impl Str {
    /// Whether `sub` occurs.
    #[inline]
    pub fn contains(&self, sub: &Str) -> bool {
        search::find(self.text(), sub.text()).is_some()
    }
    /// The first occurrence of `sub`, as an index of code points.
    pub fn find(&self, sub: &Str) -> Option<usize> {
        search::find(self.text(), sub.text())
    }
    pub fn starts_with(&self, prefix: &Str) -> bool {
        search::matches_at(self.text(), prefix.text(), 0)
    }
    pub fn ends_with(&self, suffix: &Str) -> bool {
        self.len().checked_sub(suffix.len()).is_some_and(|at| search::matches_at(self.text(), suffix.text(), at))
    }
}

/// `startswith` and `endswith`: the affix is a string or a tuple of strings.
fn has_affix(this: &Str, affix: &Object, start: Option<SliceIndex>, end: Option<SliceIndex>, at_end: bool) -> PyResult<bool> {
    let name = if at_end { "endswith" } else { "startswith" };
    let bounds = bounds(start, end, this.len());
    let test = |affix: &Str| {
        bounds.is_some_and(|(start, end)| {
            let text = this.text().slice(start, end);
            if at_end {
                text.len().checked_sub(affix.len()).is_some_and(|at| search::matches_at(text, affix.text(), at))
            } else {
                search::matches_at(text, affix.text(), 0)
            }
        })
    };
    if let Some(affix) = affix.downcast::<Str>() {
        return Ok(test(affix));
    }
    let Some(affixes) = affix.downcast::<Tuple>() else {
        return Err(err!(TypeError, "{} first arg must be str or a tuple of str, not {}", name, affix.type_name()));
    };
    for affix in affixes.iter() {
        let Some(affix) = affix.downcast::<Str>() else {
            return Err(err!(TypeError, "tuple for {} must only contain str, not {}", name, affix.type_name()));
        };
        if test(affix) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[pymethods(FIND_METHODS)]
impl Str {
    /// find($self, sub[, start[, end]], /)
    /// --
    ///
    /// The first index in S[start:end] at which sub is found, or -1.
    #[method("find($self, sub, start=None, end=None, /)", nosig)]
    fn py_find(&self, sub: &Str, start: Option<SliceIndex>, end: Option<SliceIndex>) -> isize {
        as_index(find_in(self, sub, start, end))
    }
    /// rfind($self, sub[, start[, end]], /)
    /// --
    ///
    /// The last index in S[start:end] at which sub is found, or -1.
    #[method("rfind($self, sub, start=None, end=None, /)", nosig)]
    fn py_rfind(&self, sub: &Str, start: Option<SliceIndex>, end: Option<SliceIndex>) -> isize {
        as_index(rfind_in(self, sub, start, end))
    }
    /// index($self, sub[, start[, end]], /)
    /// --
    ///
    /// The first index in S[start:end] at which sub is found; ValueError if it is not.
    #[method("index($self, sub, start=None, end=None, /)", nosig)]
    fn py_index(&self, sub: &Str, start: Option<SliceIndex>, end: Option<SliceIndex>) -> PyResult<usize> {
        find_in(self, sub, start, end).ok_or_else(not_found)
    }
    /// rindex($self, sub[, start[, end]], /)
    /// --
    ///
    /// The last index in S[start:end] at which sub is found; ValueError if it is not.
    #[method("rindex($self, sub, start=None, end=None, /)", nosig)]
    fn py_rindex(&self, sub: &Str, start: Option<SliceIndex>, end: Option<SliceIndex>) -> PyResult<usize> {
        rfind_in(self, sub, start, end).ok_or_else(not_found)
    }
    /// count($self, sub[, start[, end]], /)
    /// --
    ///
    /// How often sub occurs in S[start:end] without overlapping itself.
    #[method("count($self, sub, start=None, end=None, /)", nosig)]
    fn py_count(&self, sub: &Str, start: Option<SliceIndex>, end: Option<SliceIndex>) -> usize {
        match bounds(start, end, self.len()) {
            Some((start, end)) => search::count(self.text().slice(start, end), sub.text(), usize::MAX),
            None => 0,
        }
    }
    /// startswith($self, prefix[, start[, end]], /)
    /// --
    ///
    /// Whether the string (S[start:end], if given) begins with the prefix, or with one of a tuple of prefixes.
    #[method("startswith($self, prefix, start=None, end=None, /)", nosig)]
    fn py_startswith(&self, prefix: &Object, start: Option<SliceIndex>, end: Option<SliceIndex>) -> PyResult<bool> {
        has_affix(self, prefix, start, end, false)
    }
    /// endswith($self, suffix[, start[, end]], /)
    /// --
    ///
    /// Whether the string (S[start:end], if given) ends with the suffix, or with one of a tuple of suffixes.
    #[method("endswith($self, suffix, start=None, end=None, /)", nosig)]
    fn py_endswith(&self, suffix: &Object, start: Option<SliceIndex>, end: Option<SliceIndex>) -> PyResult<bool> {
        has_affix(self, suffix, start, end, true)
    }
    /// The string without the prefix, if it begins with it; else the string.
    #[method("removeprefix($self, prefix, /)")]
    fn py_removeprefix(&self, prefix: &Str) -> PyResult<Owned<Str>> {
        if self.starts_with(prefix) { self.substring(prefix.len(), self.len()) } else { self.to_exact() }
    }
    /// The string without the suffix, if it ends with it; else the string.
    #[method("removesuffix($self, suffix, /)")]
    fn py_removesuffix(&self, suffix: &Str) -> PyResult<Owned<Str>> {
        if self.ends_with(suffix) { self.substring(0, self.len() - suffix.len()) } else { self.to_exact() }
    }
}
