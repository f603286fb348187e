//! `bytearray`: the layout.

use crate::object::PyTyped;
use abi::PyByteArrayObject;
use macros::pytype;

#[repr(transparent)]
pub struct ByteArray(pub PyByteArrayObject);

/// Mutable sequence of bytes.
#[pytype(static = PyByteArray_Type, name = "bytearray", flags = BASETYPE | SEQUENCE)]
impl ByteArray {}

/// The type's static, for readying.
pub fn ty() -> &'static crate::object::Type {
    ByteArray::type_object()
}
