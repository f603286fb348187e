//! `memoryview`: the layout.

use crate::err;
use crate::errors::PyResult;
use crate::object::{Object, Owned};
use abi::PyMemoryViewObject;
use macros::pytype;

#[repr(transparent)]
pub struct MemoryView(pub PyMemoryViewObject);

impl MemoryView {
    pub fn from_object_flags(_o: &Object, _flags: i32) -> PyResult<Owned<MemoryView>> {
        Err(err!(NotImplementedError, "memoryview"))
    }
    /// # Safety
    /// `view` is filled in.
    pub unsafe fn from_buffer_restricted(_view: *mut abi::Py_buffer) -> PyResult<Owned<MemoryView>> {
        Err(err!(NotImplementedError, "memoryview"))
    }
}

/// Create a new memoryview object which references the given object.
#[pytype(static = PyMemoryView_Type, name = "memoryview", signature = "(object)", basicsize = 144, itemsize = 8, flags = SEQUENCE)]
impl MemoryView {}
