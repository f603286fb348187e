//! Sharing a memoryview: the memory itself is shared, through an object of the receiving interpreter that exports it again.
//!
//! The export is given back in the interpreter that it comes from, when the last of those who have it is gone; never, if that interpreter
//! ended before.

use super::data::Shared;
use crate::errors::PyResult;
use crate::object::{ObjectHead, Owned, PyTyped};
use crate::protocol::buffer::BufferView;
use crate::state;
use crate::subinterpreters;
use crate::types::MemoryView;
use abi::{PyObject, Py_buffer};
use macros::{Traverse, pytype};
use std::mem::ManuallyDrop;
use std::ptr;
use std::rc::Rc;

struct Export {
    view: ManuallyDrop<BufferView>,
    interpreter: i64,
}

impl Drop for Export {
    fn drop(&mut self) {
        let Some(owner) = subinterpreters::find(self.interpreter) else { return };
        subinterpreters::call_in(owner, || {
            // SAFETY: dropped once, here.
            unsafe { ManuallyDrop::drop(&mut self.view) }
        });
    }
}

struct SharedMemory(Rc<Export>);

impl Shared for SharedMemory {
    fn new_object(&self) -> PyResult {
        let made = CrossInterpreterBufferView { head: ObjectHead::placeholder(), export: self.0.clone() };
        let made = CrossInterpreterBufferView::construct(CrossInterpreterBufferView::type_object(), made)?;
        Ok(MemoryView::from_object(made.object())?.into_object())
    }
}

pub fn share(memory: &MemoryView) -> PyResult<Box<dyn Shared>> {
    share_buffer(memory.as_object())
}

/// The memory of anything that has a buffer.
pub fn share_buffer(object: &crate::object::Object) -> PyResult<Box<dyn Shared>> {
    let view = BufferView::get(object, abi::PyBUF_FULL_RO)?;
    Ok(Box::new(SharedMemory(Rc::new(Export { view: ManuallyDrop::new(view), interpreter: state::get().id }))))
}

/// Exports a buffer of another interpreter.
#[derive(Traverse)]
#[repr(C)]
pub struct CrossInterpreterBufferView {
    head: ObjectHead,
    #[traverse(skip)]
    export: Rc<Export>,
}

#[pytype(static = CrossInterpreterBufferView_Type, name = "CrossInterpreterBufferView", module = "_interpreters",
    flags = BASETYPE | DISALLOW_INSTANTIATION | IMMUTABLETYPE, native)]
impl CrossInterpreterBufferView {
    #[slot]
    fn bf_getbuffer(&self, view: *mut Py_buffer, _flags: i32) -> PyResult<()> {
        let source = self.export.view.raw();
        let owner: Owned = self.as_object().to_owned();
        // SAFETY: the caller's view, filled in completely; what it points to is kept by its owner, this object.
        unsafe {
            let view = &*view;
            view.buf.set(source.buf.get());
            view.len.set(source.len.get());
            view.itemsize.set(source.itemsize.get());
            view.readonly.set(source.readonly.get());
            view.ndim.set(source.ndim.get());
            view.format.set(source.format.get());
            view.shape.set(source.shape.get());
            view.strides.set(source.strides.get());
            view.suboffsets.set(source.suboffsets.get());
            view.internal.set(ptr::null_mut());
            view.obj.set(owner.into_raw() as *mut PyObject);
        }
        Ok(())
    }
}
