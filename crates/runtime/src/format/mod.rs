//! Formatting: the format mini-language (`spec`) of the built-in types, `str.format` (`template`), and the `%` operator (`percent`).

pub mod float_text;
mod number;
pub mod percent;
pub mod spec;
pub mod template;
mod text;

pub use number::{format_complex, format_float, format_int};
pub use spec::parse_spec;
pub use text::format_str;

use crate::err;
use crate::errors::PyResult;
use crate::object::{Object, Owned};
use crate::protocol::{self, call};
use crate::types::{self, Float, Int, Str};

/// `PyObject_Format`: `format(value, spec)`, where no specification is the empty one.
pub fn format_object(value: &Object, spec: Option<&Str>) -> PyResult<Owned<Str>> {
    if let Some(done) = format_exact(value, spec)? {
        return Ok(done);
    }
    let Some(method) = types::lookup_special(value, crate::intern!("__format__"))? else {
        return Err(err!(TypeError, "Type {} doesn't define __format__", value.type_name()));
    };
    let result = call::call1(&method, spec.unwrap_or(Str::empty()))?;
    result.try_into_typed::<Str>().map_err(|other| err!(TypeError, "__format__ must return a str, not {}", other.type_name()))
}

/// The types whose `__format__` is known, without looking it up.
#[inline]
fn format_exact(value: &Object, spec: Option<&Str>) -> PyResult<Option<Owned<Str>>> {
    let spec = spec.filter(|spec| !spec.is_empty());
    if let Some(text) = value.downcast_exact::<Str>() {
        return match spec {
            None => Ok(Some(Owned::from_ref(text))),
            Some(spec) => format_str(text, spec).map(Some),
        };
    }
    // SAFETY (of the casts): the functions give strings.
    let as_str = |made: PyResult| made.map(|made| Some(unsafe { made.cast_into::<Str>() }));
    if let Some(int) = value.downcast_exact::<Int>() {
        return match spec {
            None => protocol::object::str(value).map(Some),
            Some(spec) => as_str(format_int(int, spec)),
        };
    }
    if let Some(float) = value.downcast_exact::<Float>() {
        return match spec {
            None => protocol::object::str(value).map(Some),
            Some(spec) => as_str(format_float(float.value(), spec)),
        };
    }
    Ok(None)
}
