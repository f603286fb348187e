//! `pickle.PickleBuffer`: a buffer that may be pickled out of band (PEP 574).

use crate::err;
use crate::errors::PyResult;
use crate::macro_support::Visitor;
use crate::object::{Object, ObjectHead, Owned, PyTyped, Type};
use crate::protocol::buffer;
use crate::types::MemoryView;
use abi::{PyObject, Py_buffer};
use macros::{Traverse, pytype};
use std::cell::Cell;
use std::mem::offset_of;
use std::ptr;

#[derive(Traverse)]
#[repr(C)]
pub struct PickleBuffer {
    head: ObjectHead,
    /// The export, which stays at this place until it is given back; without an owner: released.
    #[traverse(skip)]
    view: Py_buffer,
    weakrefs: Cell<*mut PyObject>,
}

impl PickleBuffer {
    /// `PyPickleBuffer_FromObject`.
    pub fn of(object: &Object) -> PyResult<Owned<PickleBuffer>> {
        let new = PickleBuffer { head: ObjectHead::placeholder(), view: Py_buffer::EMPTY, weakrefs: Cell::new(ptr::null_mut()) };
        let new = Self::construct(Self::type_object(), new)?;
        // SAFETY: the view lies in the object, which does not move.
        unsafe { buffer::get_buffer(object, new.view_ptr(), abi::PyBUF_FULL_RO)? };
        Ok(new)
    }
    fn view_ptr(&self) -> *mut Py_buffer {
        &self.view as *const Py_buffer as *mut Py_buffer
    }
    /// `PyPickleBuffer_GetBuffer`: the view, unless it is released.
    pub fn view(&self) -> PyResult<&Py_buffer> {
        if self.view.obj.get().is_null() {
            return Err(err!(ValueError, "operation forbidden on released PickleBuffer object"));
        }
        Ok(&self.view)
    }
    /// `PyPickleBuffer_Release`.
    pub fn release(&self) {
        // SAFETY: filled in by `of`, or released.
        unsafe { buffer::release(self.view_ptr()) };
    }
}

impl Drop for PickleBuffer {
    fn drop(&mut self) {
        self.release();
    }
}

/// Wrapper for potentially out-of-band buffers
#[pytype(static = PyPickleBuffer_Type, name = "PickleBuffer", module = "pickle", flags = HAVE_GC, native,
    weaklistoffset = offset_of!(PickleBuffer, weakrefs))]
impl PickleBuffer {
    #[slot("PickleBuffer(object, /)")]
    fn tp_new(_cls: &Type, object: &Object) -> PyResult<Owned<PickleBuffer>> {
        PickleBuffer::of(object)
    }
    #[slot]
    fn tp_traverse(&self, v: &mut Visitor) {
        v.visit_cell(&self.view.obj);
    }
    #[slot]
    fn tp_clear(&self) {
        self.release();
    }
    #[slot]
    fn bf_getbuffer(&self, view: *mut Py_buffer, flags: i32) -> PyResult<()> {
        // SAFETY: the owner of a view that is not released; the new view is the caller's and is released at that owner.
        unsafe { buffer::get_buffer(Object::from_ptr(self.view()?.obj.get()), view, flags) }
    }
    #[slot]
    fn bf_releasebuffer(&self, _view: *mut Py_buffer) {}

    /// A memoryview of the raw memory under this buffer.
    ///
    /// Raises BufferError if the buffer is not contiguous.
    #[method("raw($self, /)")]
    fn raw(&self) -> PyResult<Owned<MemoryView>> {
        let view = self.view()?;
        // SAFETY: the view is not released.
        if !unsafe { buffer::is_contiguous(view, b'A') } {
            return Err(err!(BufferError, "cannot extract raw buffer from non-contiguous buffer"));
        }
        MemoryView::from_object(self)?.flattened()
    }
    /// Release the buffer under the PickleBuffer object.
    #[method("release($self, /)")]
    fn py_release(&self) {
        self.release();
    }
}
