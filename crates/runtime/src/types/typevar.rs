//! Type parameters.

use crate::err;
use crate::errors::PyResult;
use crate::object::Object;

fn missing() -> PyResult {
    Err(err!(NotImplementedError, "type parameters"))
}
pub fn new_typevar(_name: &Object, _bound: Option<&Object>, _constraints: Option<&Object>) -> PyResult {
    missing()
}
pub fn new_paramspec(_name: &Object) -> PyResult {
    missing()
}
pub fn new_typevartuple(_name: &Object) -> PyResult {
    missing()
}
pub fn subscript_generic(_params: &Object) -> PyResult {
    missing()
}
pub fn new_typealias(_args: &Object) -> PyResult {
    missing()
}
pub fn set_typeparam_default(_param: &Object, _default: &Object) -> PyResult {
    missing()
}
