//! `PickleBuffer`: a buffer that may travel outside of the pickle.

use macros::{Traverse, pytype};
use runtime::errors::Raised;
use runtime::macro_support::{PyObject, Py_buffer};
use runtime::protocol::{call, object};
use runtime::types::Str;
use runtime::{Object, ObjectHead, Owned, PyResult, Type, err, intern};
use std::cell::Cell;
use std::mem::offset_of;

#[derive(Traverse)]
#[repr(C)]
pub struct PickleBuffer {
    head: ObjectHead,
    base: Cell<Option<Owned>>,
    /// A memoryview that keeps the base exported.
    view: Cell<Option<Owned>>,
    weakrefs: Cell<*mut PyObject>,
}

impl PickleBuffer {
    fn base(&self) -> PyResult {
        let base = self.base.take();
        self.base.set(base.clone());
        base.ok_or_else(|| err!(ValueError, "operation forbidden on released PickleBuffer object"))
    }
    /// A memoryview of the buffer as it is.
    pub fn memoryview(&self) -> PyResult {
        call::call1(&*runtime::types::builtin_attr("memoryview")?, &*self.base()?)
    }
}

/// Wrapper for potentially out-of-band buffers
#[pytype(static = PickleBuffer_Type, name = "PickleBuffer", module = "pickle", flags = HAVE_GC, native, final,
    weaklistoffset = offset_of!(PickleBuffer, weakrefs))]
impl PickleBuffer {
    #[slot("PickleBuffer(object, /)")]
    fn tp_new(cls: &Type, object: &Object) -> PyResult<Owned<PickleBuffer>> {
        if object.ty().0.tp_as_buffer.get().is_null() {
            return Err(err!(TypeError, "a bytes-like object is required, not '{}'", object.type_name()));
        }
        let view = call::call1(&*runtime::types::builtin_attr("memoryview")?, object)?;
        let value = PickleBuffer {
            head: ObjectHead::placeholder(),
            base: Cell::new(Some(object.to_owned())),
            view: Cell::new(Some(view)),
            weakrefs: Cell::new(std::ptr::null_mut()),
        };
        Self::construct(cls, value)
    }
    #[slot]
    fn bf_getbuffer(&self, view: *mut Py_buffer, flags: i32) -> PyResult<()> {
        let base = self.base()?;
        // SAFETY: a type's buffer table is NULL or lives as long as the type.
        let slot = unsafe { base.ty().0.tp_as_buffer.get().as_ref() }.and_then(|table| table.bf_getbuffer.get());
        let Some(slot) = slot else { return Err(err!(TypeError, "a bytes-like object is required, not '{}'", base.type_name())) };
        // SAFETY: a slot of the object's own type; the view is the caller's, and its release goes to the object it names.
        if unsafe { slot(base.as_ptr(), view, flags) } != 0 {
            return Err(Raised::from_c());
        }
        Ok(())
    }
    /// Return a memoryview of the raw memory underlying this buffer.
    ///
    /// BufferError is raised if the memory is not contiguous.
    #[method("raw($self, /)")]
    fn raw(&self) -> PyResult {
        let view = self.memoryview()?;
        if !object::is_true(&*object::get_attr(&view, intern!("contiguous"))?)? {
            return Err(err!(BufferError, "cannot extract raw buffer from non-contiguous buffer"));
        }
        call::call_method(&view, intern!("cast"), &[&Str::new("B")])
    }
    /// Release the underlying buffer.
    #[method("release($self, /)")]
    fn release(&self) -> PyResult<()> {
        drop(self.base.take());
        match self.view.take() {
            Some(view) => call::call_method0(&view, intern!("release")).map(drop),
            None => Ok(()),
        }
    }
}
