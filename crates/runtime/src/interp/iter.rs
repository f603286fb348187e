//! FOR_ITER's generic step.

use crate::errors::PyResult;
use crate::object::{Object, Owned};
use crate::protocol;

/// The next item, or `None` at the end.
#[inline]
pub fn next(iterator: &Object) -> PyResult<Option<Owned>> {
    protocol::iter::iter_next(iterator)
}
