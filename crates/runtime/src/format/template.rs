//! `str.format`.

use crate::err;
use crate::errors::PyResult;
use crate::macro_support::{Args, KwArgs};
use crate::object::{Object, Owned};
use crate::types::Str;
use macros::pymethods;

#[pymethods(FORMAT_METHODS)]
impl Str {
    /// The string with its fields in braces replaced by the arguments they name.
    #[method("format($self, /, *args, **kwargs)")]
    fn py_format(&self, _args: Args<'_>, _kwargs: KwArgs<'_>) -> PyResult<Owned<Str>> {
        Err(err!(SystemError, "not written: str.format"))
    }
    /// The string with its fields in braces replaced by what the mapping has for them.
    #[method("format_map($self, mapping, /)")]
    fn py_format_map(&self, _mapping: &Object) -> PyResult<Owned<Str>> {
        Err(err!(SystemError, "not written: str.format_map"))
    }
    /// The string as the format specification asks.
    #[method("__format__($self, format_spec, /)")]
    fn dunder_format(&self, _format_spec: &Str) -> PyResult<Owned<Str>> {
        Err(err!(SystemError, "not written: str.__format__"))
    }
}
