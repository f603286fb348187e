//! The `%` operator of str and bytes.

use crate::err;
use crate::errors::PyResult;
use crate::object::{Object, Owned};
use crate::types::Str;

pub fn format_str(_text: &Str, _args: &Object) -> PyResult<Owned<Str>> {
    Err(err!(SystemError, "not written: format_str"))
}
/// `bytes % args`, for the text of a bytes or bytearray.
pub fn format_bytes(_text: &[u8], _args: &Object) -> PyResult<Vec<u8>> {
    Err(err!(SystemError, "not written: format_bytes"))
}
