//! Allocation for the object model: with its types, errors and inline values.

use super::{alloc_raw, free, generic_alloc_raw, track, track_new};
use crate::errors::{PyResult, no_memory};
use crate::object::{Object, Owned, Type};
use crate::types::dict::inline_values;
use abi::{PyObject, PyTypeObject, Py_ssize_t, Py_TPFLAGS_HAVE_GC, Py_TPFLAGS_INLINE_VALUES};
use std::ffi::c_void;
use std::ptr;

/// An object of `size` bytes with a collector's head: count 1, its body not initialised, not tracked yet.
#[inline]
pub fn gc_alloc(ty: &Type, size: usize) -> PyResult<*mut PyObject> {
    // SAFETY: a type that is asked for instances is ready.
    let op = unsafe { alloc_raw(ty.as_type_ptr(), size) };
    if op.is_null() { Err(no_memory()) } else { Ok(op) }
}

/// As `gc_alloc`; null without memory, and no exception.
#[inline]
pub fn alloc(ty: &Type, size: usize) -> *mut PyObject {
    // SAFETY: as above.
    unsafe { alloc_raw(ty.as_type_ptr(), size) }
}

/// As `alloc`, for the small objects that are made all the time: without memory for them the process ends.
#[inline]
pub fn alloc_or_abort(ty: &Type, size: usize) -> *mut PyObject {
    let op = alloc(ty, size);
    if op.is_null() {
        no_memory_for_small_object(size);
    }
    op
}

#[cold]
fn no_memory_for_small_object(size: usize) -> ! {
    crate::memory::reserve::out_of_memory(size)
}

/// `_PyObject_GC_New`: as `gc_alloc` with the type's basic size, and with empty inline values if its instances have them.
pub fn gc_new(ty: &Type) -> PyResult<*mut PyObject> {
    let has_values = ty.has_flag(Py_TPFLAGS_INLINE_VALUES);
    let inline = if has_values { inline_values::size_for_type(ty) } else { 0 };
    let op = gc_alloc(ty, ty.basicsize().saturating_add(inline))?;
    if has_values {
        // SAFETY: the block has room for the values.
        unsafe { inline_values::init(op, ty) };
    }
    Ok(op)
}

/// Frees an object made by `gc_alloc`, after its contents are gone.
///
/// # Safety
/// Nobody uses the object any more; its type is still valid.
#[inline]
pub unsafe fn gc_free(op: *mut PyObject) {
    // SAFETY: by contract.
    unsafe { free(op.cast()) }
}

/// `PyType_GenericAlloc`: zeroed, with empty inline values, tracked if its type has `HAVE_GC`.
#[inline]
pub fn generic_alloc(ty: &Type, nitems: isize) -> PyResult {
    if ty.has_flag(Py_TPFLAGS_HAVE_GC) && ty.0.tp_itemsize.get() == 0 {
        return alloc_fixed(ty);
    }
    alloc_any(ty, nitems)
}

/// `generic_alloc` for objects of one size with a head.
#[inline]
fn alloc_fixed(ty: &Type) -> PyResult {
    let size = (ty.basicsize() + 7) & !7;
    let has_values = ty.has_flag(Py_TPFLAGS_INLINE_VALUES);
    let inline = if has_values { inline_values::size_for_type(ty) } else { 0 };
    // SAFETY: a type that is asked for instances is ready; the block has room for body and values.
    unsafe {
        let op = alloc_raw(ty.as_type_ptr(), size + inline);
        if op.is_null() {
            return Err(no_memory());
        }
        super::clear_words(op.add(1).cast(), (size - size_of::<PyObject>()) / 8);
        if has_values {
            inline_values::init(op, ty);
        }
        track_new(op);
        Ok(Owned::from_raw(op))
    }
}

#[inline(never)]
fn alloc_any(ty: &Type, nitems: isize) -> PyResult {
    let has_values = ty.has_flag(Py_TPFLAGS_INLINE_VALUES);
    let inline = if has_values { inline_values::size_for_type(ty) } else { 0 };
    // SAFETY: a type that is asked for instances is ready.
    unsafe {
        let op = generic_alloc_raw(ty.as_type_ptr(), nitems, inline);
        if op.is_null() {
            return Err(no_memory());
        }
        if has_values {
            inline_values::init(op, ty);
        }
        if ty.has_flag(Py_TPFLAGS_HAVE_GC) {
            track(op);
        }
        Ok(Owned::from_raw(op))
    }
}

/// Calls `visit` with what an object refers to directly.
pub fn referents(object: &Object, mut visit: impl FnMut(&Object) -> bool) -> bool {
    // SAFETY: the object is live, and so is what it refers to.
    unsafe { super::each_referent(object.as_ptr(), |op| visit(Object::from_ptr(op))) }
}

/// The `tp_alloc` of most types.
///
/// # Safety
/// `ty` is a ready type.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyType_GenericAlloc(ty: *mut PyTypeObject, nitems: Py_ssize_t) -> *mut PyObject {
    // SAFETY: by contract.
    match generic_alloc(unsafe { Type::from_type_ptr(ty) }, nitems) {
        Ok(object) => object.into_raw(),
        Err(_) => ptr::null_mut(),
    }
}

/// The `tp_free` of most types with `HAVE_GC`.
///
/// # Safety
/// As `gc_free`; null does nothing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyObject_GC_Del(op: *mut c_void) {
    if !op.is_null() {
        // SAFETY: by contract.
        unsafe { free(op) }
    }
}
