//! Iteration: getting iterators, advancing them, hints of length.

use crate::err;
use crate::errors::{self, PyResult, Raised, from_c};
use crate::exceptions;
use crate::intern;
use crate::object::{Object, Owned};
use crate::protocol::object::lookup_special;
use crate::protocol::{call, sequence};
use crate::types::seq_iter::SequenceIterator;
use crate::types::{self, Int};
use std::ops::ControlFlow;

/// `iter(o)`.
#[inline]
pub fn get_iter(o: &Object) -> PyResult {
    match o.ty().0.tp_iter.get() {
        Some(slot) => {
            // SAFETY: a slot of the object's own type.
            let iterator = unsafe { from_c(slot(o.as_ptr())) }?;
            if is_iterator(&iterator) {
                return Ok(iterator);
            }
            Err(err!(TypeError, "iter() returned non-iterator of type '{}'", iterator.type_name()))
        }
        None => iter_without_slot(o),
    }
}

#[cold]
fn iter_without_slot(o: &Object) -> PyResult {
    if sequence::is_sequence(o) {
        return SequenceIterator::over(o);
    }
    Err(err!(TypeError, "'{}' object is not iterable", o.type_name()))
}

/// `PyIter_Check`: whether the type has `__next__`.
#[inline]
pub fn is_iterator(o: &Object) -> bool {
    types::slots::is_iterator(o.ty())
}

/// The next item; None at the end (StopIteration is swallowed).
#[inline(always)]
pub fn iter_next(iterator: &Object) -> PyResult<Option<Owned>> {
    let Some(slot) = iterator.ty().0.tp_iternext.get() else { return Err(not_an_iterator(iterator)) };
    // SAFETY: a slot of the iterator's own type.
    match unsafe { Owned::from_raw_opt(slot(iterator.as_ptr())) } {
        Some(item) => Ok(Some(item)),
        None => {
            if errors::occurred() {
                return ended();
            }
            Ok(None)
        }
    }
}

/// As `iter_next`, for iterators that are made of others: such chains may be of any length, and must not use up the native stack.
#[inline]
pub fn next_nested(iterator: &Object) -> PyResult<Option<Owned>> {
    crate::tstate::check_recursion(" while calling a Python object")?;
    iter_next(iterator)
}

/// NULL with an exception set: the end if it is StopIteration.
#[cold]
fn ended() -> PyResult<Option<Owned>> {
    if errors::matches(exceptions::StopIteration()) {
        errors::clear();
        return Ok(None);
    }
    Err(Raised::from_c())
}

#[cold]
fn not_an_iterator(o: &Object) -> Raised {
    err!(TypeError, "'{}' object is not an iterator", o.type_name())
}

/// `next(o)` as the builtin does it: None at the end, where StopIteration, if it was raised, stays set with `Err`.
pub fn next_raising(o: &Object) -> PyResult<Option<Owned>> {
    let Some(slot) = o.ty().0.tp_iternext.get() else { return Err(not_an_iterator(o)) };
    // SAFETY: a slot of the iterator's own type.
    match unsafe { Owned::from_raw_opt(slot(o.as_ptr())) } {
        Some(item) => Ok(Some(item)),
        None if errors::occurred() => Err(Raised::from_c()),
        None => Ok(None),
    }
}

/// As `iter_next`, but StopIteration stays set, for generators that want its value.
pub fn iter_next_raw(iterator: &Object) -> PyResult<Option<Owned>> {
    next_raising(iterator)
}

/// An iterator over anything with `__getitem__` (`PySeqIter_New`).
pub fn sequence_iterator(o: &Object) -> PyResult {
    SequenceIterator::over(o)
}

/// Hands each item to `f`, until it breaks.
pub fn iterate(o: &Object, mut f: impl FnMut(Owned) -> PyResult<ControlFlow<()>>) -> PyResult<()> {
    let iterator = get_iter(o)?;
    while let Some(item) = iter_next(&iterator)? {
        if f(item)?.is_break() {
            break;
        }
    }
    Ok(())
}

/// `PyObject_LengthHint`: the length, what `__length_hint__` says, or the default.
pub fn length_hint(o: &Object, default: usize) -> PyResult<usize> {
    if sequence::has_len(o) {
        match sequence::len(o) {
            Ok(n) => return Ok(n),
            Err(raised) if !errors::matches(exceptions::TypeError()) => return Err(raised),
            Err(_) => errors::clear(),
        }
    }
    let Some(hint) = lookup_special(o, intern!("__length_hint__"))? else { return Ok(default) };
    let hint = match call::call0(&hint) {
        Ok(hint) => hint,
        Err(_) if errors::matches(exceptions::TypeError()) => {
            errors::clear();
            return Ok(default);
        }
        Err(raised) => return Err(raised),
    };
    if hint.is(types::not_implemented()) {
        return Ok(default);
    }
    if !hint.is_instance_of::<Int>() {
        return Err(err!(TypeError, "__length_hint__ must be an integer, not {}", hint.type_name()));
    }
    let n = hint.downcast::<Int>().and_then(|hint| hint.as_i64());
    let Some(n) = n else { return Err(err!(OverflowError, "Python int too large to convert to C ssize_t")) };
    if n < 0 {
        return Err(err!(ValueError, "__length_hint__() should return >= 0"));
    }
    Ok(n as usize)
}
