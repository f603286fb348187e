//! Template strings.

use crate::err;
use crate::errors::PyResult;
use crate::object::Object;

pub fn new_template(_strings: &Object, _interpolations: &Object) -> PyResult {
    Err(err!(NotImplementedError, "template strings"))
}
pub fn new_interpolation(_value: &Object, _expression: &Object, _conversion: usize, _spec: Option<&Object>) -> PyResult {
    Err(err!(NotImplementedError, "template strings"))
}
