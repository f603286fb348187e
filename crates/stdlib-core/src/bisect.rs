//! `_bisect`: places in sorted sequences.

use macros::pymodule;
use runtime::err;
use runtime::errors::PyResult;
use runtime::intern;
use runtime::object::{Object, Owned};
use runtime::protocol::object::{CompareOp, is_true, rich_compare};
use runtime::protocol::{call, number, sequence};
use runtime::types::List;

/// The bounds of the search.
fn bounds(a: &Object, lo: isize, hi: Option<isize>) -> PyResult<(isize, isize)> {
    if lo < 0 {
        return Err(err!(ValueError, "lo must be non-negative"));
    }
    let hi = match hi {
        Some(hi) => hi,
        None => sequence::sequence_len(a)? as isize,
    };
    Ok((lo, hi))
}

/// The upper bound as an argument; -1 stands for the length, as None does.
fn upper(hi: Option<&Object>) -> PyResult<Option<isize>> {
    match hi {
        None => Ok(None),
        Some(hi) if !number::check_index(hi) => Err(err!(TypeError, "argument should be integer or None, not '{}'", hi.type_name())),
        Some(hi) => Ok(Some(number::as_isize(hi, Some(runtime::exceptions::OverflowError()))?).filter(|&hi| hi != -1)),
    }
}

fn item(a: &Object, i: isize) -> PyResult {
    if let Some(list) = a.downcast_exact::<List>()
        && let Some(item) = list.get(i as usize)
    {
        return Ok(item);
    }
    sequence::sequence_get_item(a, i)
}

/// The place of `x`: behind equal items if `right`, else before them.
fn search(a: &Object, x: &Object, lo: isize, hi: Option<isize>, key: Option<&Object>, right: bool) -> PyResult<isize> {
    let (mut lo, mut hi) = bounds(a, lo, hi)?;
    while lo < hi {
        let middle = (lo as usize + hi as usize) / 2;
        let middle = middle as isize;
        let mut value = item(a, middle)?;
        if let Some(key) = key {
            value = call::call1(key, &value)?;
        }
        let less = if right { rich_compare(x, &value, CompareOp::Lt)? } else { rich_compare(&value, x, CompareOp::Lt)? };
        if is_true(&less)? != right {
            lo = middle + 1;
        } else {
            hi = middle;
        }
    }
    Ok(lo)
}

fn insort(a: &Object, x: &Object, lo: isize, hi: Option<&Object>, key: Option<&Object>, right: bool) -> PyResult<()> {
    let hi = upper(hi)?;
    let at = match key {
        None => search(a, x, lo, hi, None, right)?,
        Some(key) => search(a, &*call::call1(key, x)?, lo, hi, Some(key), right)?,
    };
    if let Some(list) = a.downcast_exact::<List>() {
        return list.insert(at, x);
    }
    let at: Owned = runtime::types::Int::from_i64(at as i64).into_object();
    call::call_method(a, intern!("insert"), &[&at, x]).map(drop)
}

/// Bisection algorithms: a list is kept sorted by inserting items at their places,
/// which may save sorting it after each insertion.
#[pymodule(name = "_bisect")]
pub mod bisect {
    use super::*;

    /// Return the index where to insert item x in list a, assuming a is sorted.
    ///
    /// The return value i is such that all e in a[:i] have e <= x, and all e in
    /// a[i:] have e > x.  So if x already appears in the list, a.insert(i, x) will
    /// insert just after the rightmost x already there.
    ///
    /// Optional args lo (default 0) and hi (default len(a)) bound the
    /// slice of a to be searched.
    ///
    /// A custom key function can be supplied to customize the sort order.
    #[function("bisect_right($module, /, a, x, lo=0, hi=None, *, key=None)")]
    fn bisect_right(a: &Object, x: &Object, lo: isize, hi: Option<&Object>, key: Option<&Object>) -> PyResult<isize> {
        search(a, x, lo, upper(hi)?, key, true)
    }

    /// Insert item x in list a, and keep it sorted assuming a is sorted.
    ///
    /// If x is already in a, insert it to the right of the rightmost x.
    ///
    /// Optional args lo (default 0) and hi (default len(a)) bound the
    /// slice of a to be searched.
    ///
    /// A custom key function can be supplied to customize the sort order.
    #[function("insort_right($module, /, a, x, lo=0, hi=None, *, key=None)")]
    fn insort_right(a: &Object, x: &Object, lo: isize, hi: Option<&Object>, key: Option<&Object>) -> PyResult<()> {
        insort(a, x, lo, hi, key, true)
    }

    /// Return the index where to insert item x in list a, assuming a is sorted.
    ///
    /// The return value i is such that all e in a[:i] have e < x, and all e in
    /// a[i:] have e >= x.  So if x already appears in the list, a.insert(i, x) will
    /// insert just before the leftmost x already there.
    ///
    /// Optional args lo (default 0) and hi (default len(a)) bound the
    /// slice of a to be searched.
    ///
    /// A custom key function can be supplied to customize the sort order.
    #[function("bisect_left($module, /, a, x, lo=0, hi=None, *, key=None)")]
    fn bisect_left(a: &Object, x: &Object, lo: isize, hi: Option<&Object>, key: Option<&Object>) -> PyResult<isize> {
        search(a, x, lo, upper(hi)?, key, false)
    }

    /// Insert item x in list a, and keep it sorted assuming a is sorted.
    ///
    /// If x is already in a, insert it to the left of the leftmost x.
    ///
    /// Optional args lo (default 0) and hi (default len(a)) bound the
    /// slice of a to be searched.
    ///
    /// A custom key function can be supplied to customize the sort order.
    #[function("insort_left($module, /, a, x, lo=0, hi=None, *, key=None)")]
    fn insort_left(a: &Object, x: &Object, lo: isize, hi: Option<&Object>, key: Option<&Object>) -> PyResult<()> {
        insort(a, x, lo, hi, key, false)
    }
}
