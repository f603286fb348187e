//! UNPACK_SEQUENCE and UNPACK_EX: an iterable's items onto the stack, the first one on top.

use super::stackref::StackRef;
use crate::err;
use crate::errors::PyResult;
use crate::object::{Object, Owned};
use crate::protocol::{iter, sequence};
use crate::types::{List, Tuple};

/// Writes the `count` items of `value` to `sp[0..count]`, reversed. Nothing is written on error.
/// # Safety
/// `sp` has room for `count` slots.
pub unsafe fn sequence(value: &Object, count: usize, sp: *mut StackRef) -> PyResult<()> {
    if let Some(tuple) = value.downcast_exact::<Tuple>()
        && tuple.len() == count
    {
        for i in 0..count {
            // SAFETY: room by contract; tuple items are alive.
            unsafe { *sp.add(count - 1 - i) = StackRef::new_ref(tuple.items()[i]) };
        }
        return Ok(());
    }
    let items = collect(value, count, None)?;
    for (i, item) in items.into_iter().enumerate() {
        // SAFETY: as above.
        unsafe { *sp.add(count - 1 - i) = StackRef::from_owned(item) };
    }
    Ok(())
}

/// `a, *b, c = value`: `before` items, a list, `after` items.
/// # Safety
/// `sp` has room for `before + 1 + after` slots.
pub unsafe fn extended(value: &Object, before: usize, after: usize, sp: *mut StackRef) -> PyResult<()> {
    let it = iterator_of(value)?;
    let head = take(&it, before, Some(before + after))?;
    let rest = sequence::to_list(&it)?;
    let len = rest.len();
    if len < after {
        return Err(err!(ValueError, "not enough values to unpack (expected at least {}, got {})", before + after, before + len));
    }
    let mut tail = Vec::with_capacity(after);
    for i in len - after..len {
        match rest.get(i) {
            Some(item) => tail.push(item),
            None => return Err(err!(RuntimeError, "list changed size during unpacking")),
        }
    }
    List::truncate(&rest, len - after);
    let total = before + 1 + after;
    for (i, item) in head.into_iter().chain([rest.into_object()]).chain(tail).enumerate() {
        // SAFETY: room by contract.
        unsafe { *sp.add(total - 1 - i) = StackRef::from_owned(item) };
    }
    Ok(())
}

fn iterator_of(value: &Object) -> PyResult {
    iter::get_iter(value).map_err(|raised| {
        if crate::errors::matches(crate::exceptions::TypeError()) && value.ty().0.tp_iter.get().is_none() && !sequence::check(value) {
            crate::errors::clear();
            return err!(TypeError, "cannot unpack non-iterable {} object", value.type_name());
        }
        raised
    })
}

fn take(it: &Object, count: usize, at_least: Option<usize>) -> PyResult<Vec<Owned>> {
    let mut items = Vec::with_capacity(count);
    while items.len() < count {
        match iter::iter_next(it)? {
            Some(item) => items.push(item),
            None => {
                return Err(match at_least {
                    Some(least) => err!(ValueError, "not enough values to unpack (expected at least {}, got {})", least, items.len()),
                    None => err!(ValueError, "not enough values to unpack (expected {}, got {})", count, items.len()),
                });
            }
        }
    }
    Ok(items)
}

fn collect(value: &Object, count: usize, at_least: Option<usize>) -> PyResult<Vec<Owned>> {
    let it = iterator_of(value)?;
    let items = take(&it, count, at_least)?;
    if iter::iter_next(&it)?.is_some() {
        // Builtin containers know how many there were.
        let exact = value.downcast_exact::<List>().map(|l| l.len()).or_else(|| value.downcast_exact::<Tuple>().map(|t| t.len())).or_else(|| value.downcast_exact::<crate::types::Dict>().map(|d| d.len()));
        return Err(match exact {
            Some(got) if got > count => err!(ValueError, "too many values to unpack (expected {}, got {})", count, got),
            _ => err!(ValueError, "too many values to unpack (expected {})", count),
        });
    }
    Ok(items)
}
