//! `_warnings`: issuing warnings from native code.

use crate::errors::PyResult;
use crate::object::Type;
use crate::protocol::{call, object};
use crate::types::{Int, Str};

/// `PyErr_WarnEx`: issues a warning; an error if a filter turns it into one.
pub fn warn(category: &Type, message: &str, stack_level: isize) -> PyResult<()> {
    // Until the library's filters are there, nobody can be listening.
    let Some(module) = crate::import::get_module(&Str::new("warnings"))? else { return Ok(()) };
    let Some(warn) = object::get_attr_opt(&module, crate::intern!("warn"))? else { return Ok(()) };
    call::call_args(&warn, &[Str::new(message).object(), category, Int::from_i64(stack_level as i64).object()]).map(drop)
}

/// `PyErr_WarnExplicit`: as `warn` for a place in a file that is not the running code's.
pub fn warn_explicit(category: &Type, message: &str, filename: &str, line: i64, module_name: Option<&str>) -> PyResult<()> {
    let Some(module) = crate::import::get_module(&Str::new("warnings"))? else { return Ok(()) };
    let Some(warn) = object::get_attr_opt(&module, crate::intern!("warn_explicit"))? else { return Ok(()) };
    let arguments = [Str::new(message).into_object(), category.to_owned().into_object(), Str::new(filename).into_object(), Int::from_i64(line).into_object(), module_name.map_or_else(|| crate::types::none().to_owned(), |name| Str::new(name).into_object())];
    call::call_args(&warn, &[&arguments[0], &arguments[1], &arguments[2], &arguments[3], &arguments[4]]).map(drop)
}
