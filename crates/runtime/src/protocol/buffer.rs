//! The buffer protocol, as Rust sees it: a view that is released on drop.

use crate::err;
use crate::errors::{PyResult, Raised};
use crate::object::Object;
use abi::Py_buffer;

/// An exported buffer.
pub struct BufferView(Py_buffer);

impl BufferView {
    pub fn get(object: &Object, flags: i32) -> PyResult<BufferView> {
        // SAFETY: NULL or a table that lives as long as the type.
        let slot = unsafe { object.ty().0.tp_as_buffer.get().as_ref() }.and_then(|table| table.bf_getbuffer.get());
        let Some(slot) = slot else {
            return Err(err!(TypeError, "a bytes-like object is required, not '{}'", object.type_name()));
        };
        let mut view = Py_buffer::EMPTY;
        // SAFETY: a slot of the object's own type; the view is ours.
        if unsafe { slot(object.as_ptr(), &mut view, flags) } != 0 {
            return Err(Raised::from_c());
        }
        Ok(BufferView(view))
    }
    pub fn as_bytes(&self) -> &[u8] {
        let (data, len) = (self.0.buf.get() as *const u8, self.0.len.get() as usize);
        // SAFETY: a contiguous buffer of len bytes, held by the export.
        if len == 0 { &[] } else { unsafe { std::slice::from_raw_parts(data, len) } }
    }
}

impl Drop for BufferView {
    fn drop(&mut self) {
        let owner = self.0.obj.get();
        if owner.is_null() {
            return;
        }
        // SAFETY: the view was filled in by this object's type and owns a reference to it.
        unsafe {
            let object = Object::from_ptr(owner);
            if let Some(release) = object.ty().0.tp_as_buffer.get().as_ref().and_then(|table| table.bf_releasebuffer.get()) {
                release(owner, &mut self.0);
            }
            object.decref();
        }
    }
}
