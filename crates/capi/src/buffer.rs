//! `pybuffer.h`, `memoryobject.h`, `picklebufobject.h`.

use crate::macros::Done;
use abi::{Py_buffer, c_void};
use runtime::errors::{self, PyResult};
use runtime::object::Object;
use runtime::protocol::buffer;
use runtime::protocol::call;
use runtime::types::MemoryView;
use runtime::{err, import};
use std::ffi::{CStr, c_char, c_int};
use std::ptr;

c_api! {
    fn PyObject_CheckBuffer(o: &Object) -> bool { buffer::check(o) }
    fn PyObject_GetBuffer(o: &Object, view: *mut Py_buffer, flags: c_int) -> PyResult<Done> {
        buffer::get_buffer(o, view, flags)?;
        Ok(Done)
    }
    fn PyBuffer_Release(view: *mut Py_buffer) { buffer::release(view) }
    fn PyBuffer_FillInfo(view: *mut Py_buffer, o: Option<&Object>, data: *mut c_void, len: isize, readonly: c_int, flags: c_int) -> PyResult<Done> {
        if view.is_null() {
            return Err(err!(BufferError, "PyBuffer_FillInfo: view==NULL argument is obsolete"));
        }
        buffer::fill_info(view, o, data.cast(), len.max(0) as usize, readonly != 0, flags)?;
        Ok(Done)
    }
    fn PyBuffer_IsContiguous(view: *const Py_buffer, order: c_char) -> bool { buffer::is_contiguous(&*view, order as u8) }
    fn PyBuffer_GetPointer(view: *const Py_buffer, indices: *const isize) -> *mut c_void {
        let count = (*view).ndim.get().max(0) as usize;
        buffer::item_pointer(&*view, std::slice::from_raw_parts(indices, count)).cast()
    }
    fn PyBuffer_ToContiguous(out: *mut c_void, view: *const Py_buffer, len: isize, order: c_char) -> PyResult<Done> {
        if len != (*view).len.get() {
            return Err(err!(ValueError, "PyBuffer_ToContiguous: len != view->len"));
        }
        let data = buffer::to_contiguous(&*view, order as u8)?;
        ptr::copy_nonoverlapping(data.as_ptr(), out.cast(), data.len());
        Ok(Done)
    }
    fn PyBuffer_FromContiguous(view: *const Py_buffer, data: *const c_void, len: isize, order: c_char) -> PyResult<Done> {
        let len = len.min((*view).len.get()).max(0) as usize;
        buffer::from_contiguous(&*view, std::slice::from_raw_parts(data.cast(), len), order as u8);
        Ok(Done)
    }
    fn PyBuffer_FillContiguousStrides(ndim: c_int, shape: *mut isize, strides: *mut isize, itemsize: c_int, order: c_char) {
        let n = ndim.max(0) as usize;
        let shape = std::slice::from_raw_parts(shape, n);
        let made = if order as u8 == b'F' { buffer::f_strides(shape, itemsize as isize) } else { buffer::c_strides(shape, itemsize as isize) };
        ptr::copy_nonoverlapping(made.as_ptr(), strides, n);
    }
    fn PyBuffer_SizeFromFormat(format: &CStr) -> PyResult<isize> {
        let function = runtime::protocol::object::get_attr_str(&*import::import_module("struct")?, "calcsize")?;
        let size = call::call1(&function, &*crate::object::text(format)?)?;
        runtime::protocol::number::as_isize(&size, None)
    }
    fn PyObject_CopyData(to: &Object, from: &Object) -> PyResult<Done> {
        let to = buffer::BufferView::get(to, abi::PyBUF_FULL)?;
        let from = buffer::BufferView::get(from, abi::PyBUF_FULL_RO)?;
        if to.len() < from.len() {
            return Err(err!(BufferError, "destination is too small to receive data from source"));
        }
        let data = from.to_contiguous(b'C')?;
        buffer::from_contiguous(to.raw(), &data, b'C');
        Ok(Done)
    }
    fn PyObject_CheckReadBuffer(o: &Object) -> bool {
        match buffer::BufferView::get(o, abi::PyBUF_SIMPLE) {
            Ok(_) => true,
            Err(_) => {
                errors::clear();
                false
            }
        }
    }
    fn PyObject_AsReadBuffer(o: &Object, data: *mut *const c_void, len: *mut isize) -> PyResult<Done> { as_buffer(o, abi::PyBUF_SIMPLE, data.cast(), len) }
    fn PyObject_AsCharBuffer(o: &Object, data: *mut *const c_char, len: *mut isize) -> PyResult<Done> { as_buffer(o, abi::PyBUF_SIMPLE, data.cast(), len) }
    fn PyObject_AsWriteBuffer(o: &Object, data: *mut *mut c_void, len: *mut isize) -> PyResult<Done> { as_buffer(o, abi::PyBUF_WRITABLE, data.cast(), len) }

    fn PyMemoryView_FromObject(o: &Object) -> PyResult { Ok(MemoryView::from_object_flags(o, abi::PyBUF_FULL_RO)?.into_object()) }
    fn PyMemoryView_FromBuffer(view: *const Py_buffer) -> PyResult {
        if (*view).buf.get().is_null() {
            return Err(err!(ValueError, "PyMemoryView_FromBuffer(): info->buf must not be NULL"));
        }
        memory_view_of(&*view)
    }
    fn PyMemoryView_FromMemory(memory: *mut c_char, size: isize, flags: c_int) -> PyResult {
        let mut view = Py_buffer::EMPTY;
        buffer::fill_info(&mut view, None, memory.cast(), size.max(0) as usize, flags != abi::PyBUF_WRITE, abi::PyBUF_FULL_RO)?;
        memory_view_of(&view)
    }
    fn PyMemoryView_GetContiguous(o: &Object, kind: c_int, order: c_char) -> PyResult {
        let view = MemoryView::from_object_flags(o, abi::PyBUF_FULL_RO)?;
        let info = &view.0.view;
        if kind == abi::PyBUF_WRITE && info.readonly.get() != 0 {
            return Err(err!(BufferError, "underlying buffer is not writable"));
        }
        if buffer::is_contiguous(info, order as u8) {
            return Ok(view.into_object());
        }
        if kind == abi::PyBUF_WRITE {
            return Err(err!(BufferError, "writable contiguous buffer requested for a non-contiguous object."));
        }
        contiguous_copy(&view, order as u8)
    }

    fn PyPickleBuffer_FromObject(o: &Object) -> PyResult {
        call::call1(&*runtime::protocol::object::get_attr_str(&*import::import_module("_pickle")?, "PickleBuffer")?, o)
    }
    fn PyPickleBuffer_GetBuffer(o: &Object) -> PyResult<*const Py_buffer> {
        match o.downcast::<runtime::types::picklebuffer::PickleBuffer>() {
            Some(buffer) => Ok(buffer.view()? as *const Py_buffer),
            None => Err(err!(TypeError, "expected PickleBuffer, {} found", o.type_name())),
        }
    }
    fn PyPickleBuffer_Release(o: &Object) -> PyResult<Done> {
        call::call_method0(o, runtime::intern!("release"))?;
        Ok(Done)
    }
}

/// The old interface: the memory stays valid as long as the object does.
unsafe fn as_buffer(o: &Object, flags: c_int, data: *mut *mut c_void, len: *mut isize) -> PyResult<Done> {
    let view = buffer::BufferView::get(o, flags)?;
    // SAFETY: the caller's variables.
    unsafe {
        *data = view.raw().buf.get().cast();
        *len = view.raw().len.get();
    }
    Ok(Done)
}

/// A view with the same items in memory of its own, which it keeps.
unsafe fn contiguous_copy(view: &MemoryView, order: u8) -> PyResult {
    let info = &view.0.view;
    // SAFETY: by contract: the view's buffer is held.
    let bytes = runtime::types::Bytes::new(&unsafe { buffer::to_contiguous(info, order) }?);
    let shape = view.shape().to_vec();
    let itemsize = info.itemsize.get();
    let strides = if order == b'F' { buffer::f_strides(&shape, itemsize) } else { buffer::c_strides(&shape, itemsize) };
    let copy = Py_buffer::EMPTY;
    copy.buf.set(bytes.as_slice().as_ptr() as *mut _);
    copy.len.set(info.len.get());
    copy.itemsize.set(itemsize);
    copy.readonly.set(1);
    copy.ndim.set(info.ndim.get());
    copy.shape.set(shape.as_ptr() as *mut _);
    copy.strides.set(strides.as_ptr() as *mut _);
    let format = info.format.get();
    if !format.is_null() {
        // SAFETY: a C string of the view's; freed by the new view's owner.
        let own = runtime::memory::c_string_copy(unsafe { CStr::from_ptr(format) }.to_bytes());
        if own.is_null() {
            return Err(errors::no_memory());
        }
        copy.format.set(own);
    }
    // SAFETY: the view copies its geometry; its managed buffer is told to keep the bytes and to free the format.
    unsafe {
        let made = MemoryView::from_buffer(&copy)?;
        let managed = &*(made.0.mbuf.get() as *const abi::_PyManagedBufferObject);
        if !format.is_null() {
            managed.flags.set(managed.flags.get() | abi::_Py_MANAGED_BUFFER_FREE_FORMAT);
        }
        made.0.view.obj.set(bytes.raw());
        managed.master.obj.set(bytes.into_raw());
        Ok(made.into_object())
    }
}

unsafe fn memory_view_of(view: &Py_buffer) -> PyResult {
    // SAFETY: filled in by the callers; the memory outlives the view, as the manual asks.
    Ok(unsafe { MemoryView::from_buffer(view) }?.into_object())
}
