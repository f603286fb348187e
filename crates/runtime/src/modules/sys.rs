//! `sys`.

use crate::errors::PyResult;
use crate::types::Tuple;

pub use crate::exceptions::report::write_stderr;

/// The argument of `sys.unraisablehook`.
pub fn unraisable_args(fields: &Tuple) -> PyResult {
    Ok(crate::object::Owned::from_ref(fields).into_object())
}
