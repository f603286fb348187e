//! `frame.f_locals` of functions (PEP 667).

use crate::errors::PyResult;
use crate::types::Frame;

/// A view of a function frame's variables.
pub fn proxy_of(frame: &Frame) -> PyResult {
    Ok(frame.locals_snapshot()?.into_object())
}
