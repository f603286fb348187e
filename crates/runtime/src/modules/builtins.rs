//! `builtins`.

use crate::err;
use crate::errors::PyResult;
use crate::object::{Object, PyTyped};
use crate::protocol::call;
use crate::types::{self, Str};

/// `format(value, spec)`.
pub fn format_value(value: &Object, spec: Option<&Object>) -> PyResult {
    if spec.is_none_or(|s| s.downcast_exact::<Str>().is_some_and(|s| s.len() == 0)) && Str::check_exact(value) {
        return Ok(value.to_owned());
    }
    let Some(method) = types::lookup_special(value, crate::intern!("__format__"))? else {
        return Err(err!(TypeError, "Type {} doesn't define __format__", value.type_name()));
    };
    let result = call::call1(&method, spec.unwrap_or(crate::intern!("")))?;
    if !Str::check(&result) {
        return Err(err!(TypeError, "__format__ must return a str, not {}", result.type_name()));
    }
    Ok(result)
}
