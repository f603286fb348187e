//! FOR_ITER's generic step.

use crate::errors::{self, PyResult};
use crate::object::{Object, Owned};
use crate::protocol;
use crate::types::{ListIterator, TupleIterator};

/// The next item, or `None` at the end. A StopIteration that was really raised is an event before it is swallowed.
#[inline]
pub fn next(iterator: &Object) -> PyResult<Option<Owned>> {
    let Some(slot) = iterator.ty().0.tp_iternext.get() else { return protocol::iter::iter_next(iterator) };
    // SAFETY: a slot of the iterator's own type.
    match unsafe { Owned::from_raw_opt(slot(iterator.as_ptr())) } {
        Some(item) => Ok(Some(item)),
        None if errors::occurred() => ended(),
        None => Ok(None),
    }
}

#[cold]
fn ended() -> PyResult<Option<Owned>> {
    if !errors::matches(crate::exceptions::StopIteration()) {
        return Err(errors::Raised::from_c());
    }
    super::monitoring::deliver::swallowed_stop_iteration();
    if !errors::matches(crate::exceptions::StopIteration()) {
        return Err(errors::Raised::from_c());
    }
    errors::clear();
    Ok(None)
}

/// Lets the iterator over a list or a tuple go of what it has come to the end of.
pub fn exhaust(iterator: &Object) {
    if let Some(iterator) = ListIterator::exact(iterator) {
        iterator.exhaust();
    } else if let Some(iterator) = TupleIterator::exact(iterator) {
        iterator.exhaust();
    }
}
