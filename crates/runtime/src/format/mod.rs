//! Formatting: the format mini-language, `str.format`, and the `%` operator.

pub mod percent;
pub mod template;

use crate::errors::PyResult;
use crate::object::{Object, Owned};
use crate::types::{Int, Str};
use crate::err;

pub fn format_int(_value: &Int, _spec: &Str) -> PyResult {
    Err(err!(SystemError, "not written: format_int"))
}
pub fn format_float(_value: f64, _spec: &Str) -> PyResult {
    Err(err!(SystemError, "not written: format_float"))
}
pub fn format_complex(_re: f64, _im: f64, _spec: &Str) -> PyResult {
    Err(err!(SystemError, "not written: format_complex"))
}
/// `PyObject_Format`.
pub fn format_object(_value: &Object, _spec: Option<&Str>) -> PyResult<Owned<Str>> {
    Err(err!(SystemError, "not written: format_object"))
}
