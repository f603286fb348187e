//! Memory of objects, with or without a collector's head.

use super::list::Head;
use super::state;
use crate::memory;
use abi::{PyObject, PyTypeObject, PyVarObject, Py_TPFLAGS_HAVE_GC, Py_TPFLAGS_HEAPTYPE, Py_TPFLAGS_INLINE_VALUES, Py_TPFLAGS_PREHEADER};
use std::ffi::c_void;
use std::ptr;

/// Bytes before an object of the type: the head, and two words for managed dict and weak references.
///
/// # Safety
/// `ty` is a type.
#[inline(always)]
pub unsafe fn preheader_size(ty: *mut PyTypeObject) -> usize {
    // SAFETY: by contract.
    let flags = unsafe { (*ty).tp_flags.get() };
    let head = if flags & Py_TPFLAGS_HAVE_GC != 0 { size_of::<Head>() } else { 0 };
    let managed = if flags & Py_TPFLAGS_PREHEADER != 0 { 2 * size_of::<*mut PyObject>() } else { 0 };
    head + managed
}

/// An object of `size` bytes of a type with `HAVE_GC`, not tracked, its body not initialised; null without memory
/// (and no exception). A heap type gains a reference. Inline values are not included.
///
/// # Safety
/// `ty` is a ready type; `size` is at least its basic size.
#[inline]
pub unsafe fn alloc_raw(ty: *mut PyTypeObject, size: usize) -> *mut PyObject {
    // SAFETY: by contract.
    unsafe {
        let before = preheader_size(ty);
        let op = place(memory::object_malloc(before.saturating_add(size)), before);
        if !op.is_null() {
            init(op, ty);
        }
        op
    }
}

/// As `alloc_raw`, for `nitems` items (`_PyObject_GC_NewVar`).
///
/// # Safety
/// As `alloc_raw`.
pub unsafe fn alloc_var(ty: *mut PyTypeObject, nitems: isize) -> *mut PyVarObject {
    // SAFETY: by contract.
    unsafe {
        let Some(size) = var_size(ty, nitems) else { return ptr::null_mut() };
        let op = alloc_raw(ty, size).cast::<PyVarObject>();
        if !op.is_null() {
            (*op).ob_size.set(nitems);
        }
        op
    }
}

/// An object of basic size plus `extra` zeroed bytes (`PyUnstable_Object_GC_NewWithExtraData`).
///
/// # Safety
/// As `alloc_raw`.
pub unsafe fn alloc_extra(ty: *mut PyTypeObject, extra: usize) -> *mut PyObject {
    // SAFETY: by contract.
    unsafe {
        let size = (*ty).tp_basicsize.get() as usize;
        let Some(total) = size.checked_add(extra) else { return ptr::null_mut() };
        let op = alloc_raw(ty, total);
        if !op.is_null() {
            let body = size_of::<PyObject>();
            ptr::write_bytes(op.cast::<u8>().add(body), 0, total - body);
        }
        op
    }
}

/// Resizes an untracked variable-size object; null without memory, and then the old one stays (`_PyObject_GC_Resize`).
///
/// # Safety
/// `op` is an object of a type with `HAVE_GC` that nobody else refers to.
pub unsafe fn resize_var(op: *mut PyVarObject, nitems: isize) -> *mut PyVarObject {
    // SAFETY: by contract.
    unsafe {
        let ty = (*op).ob_base.ob_type.get();
        let Some(size) = var_size(ty, nitems) else { return ptr::null_mut() };
        let before = preheader_size(ty);
        let block = op.cast::<u8>().sub(before);
        let new = memory::object_realloc(block.cast(), before.saturating_add(size)).cast::<u8>();
        if new.is_null() {
            return ptr::null_mut();
        }
        let op = new.add(before).cast::<PyVarObject>();
        (*op).ob_size.set(nitems);
        op
    }
}

/// The work of `PyType_GenericAlloc`: zeroed, with room for one item more than asked and for inline values (`inline`
/// bytes of them), count 1, a heap type gains a reference. Not tracked; null without memory.
///
/// # Safety
/// `ty` is a ready type.
pub unsafe fn generic_alloc_raw(ty: *mut PyTypeObject, nitems: isize, inline: usize) -> *mut PyObject {
    // SAFETY: by contract.
    unsafe {
        let Some(size) = nitems.checked_add(1).and_then(|nitems| var_size(ty, nitems)) else { return ptr::null_mut() };
        debug_assert!(inline == 0 || (*ty).tp_flags.get() & Py_TPFLAGS_INLINE_VALUES != 0);
        let size = size.saturating_add(inline);
        let before = preheader_size(ty);
        let op = place(memory::object_malloc(before.saturating_add(size)), before);
        if op.is_null() {
            return op;
        }
        ptr::write_bytes(op.cast::<u8>(), 0, size);
        init(op, ty);
        if (*ty).tp_itemsize.get() != 0 {
            (*op.cast::<PyVarObject>()).ob_size.set(nitems);
        }
        op
    }
}

/// Zeroes `count` words. Most are few: a call of `memset` would cost more than the loop, which is volatile so as not to become one.
///
/// # Safety
/// The words are the caller's.
#[inline(always)]
pub unsafe fn clear_words(at: *mut c_void, count: usize) {
    let at = at.cast::<usize>();
    if count > 32 {
        // SAFETY: by contract.
        return unsafe { ptr::write_bytes(at, 0, count) };
    }
    for index in 0..count {
        // SAFETY: as above.
        unsafe { at.add(index).write_volatile(0) };
    }
}

/// Frees an object of a type with `HAVE_GC` (`PyObject_GC_Del`): untracks it if need be. `ob_type` must still be valid.
///
/// # Safety
/// Nobody uses the object any more.
#[inline]
pub unsafe fn free(op: *mut c_void) {
    // SAFETY: by contract.
    unsafe {
        let op = op.cast::<PyObject>();
        let before = preheader_size((*op).ob_type.get());
        super::untrack(op);
        state().count_deallocation();
        memory::object_free(op.cast::<u8>().sub(before).cast());
    }
}

/// As `free`, for an object that is not tracked and whose type has these flags.
///
/// # Safety
/// As `free`.
#[inline(always)]
pub unsafe fn free_untracked(op: *mut PyObject, flags: u64) {
    // SAFETY: by contract.
    unsafe {
        debug_assert!(!super::is_tracked(op));
        let before = if flags & Py_TPFLAGS_PREHEADER as u64 != 0 { size_of::<Head>() + 16 } else { size_of::<Head>() };
        state().count_deallocation();
        memory::object_free(op.cast::<u8>().sub(before).cast());
    }
}

/// Basic size and items, rounded up to words; `None` if it overflows.
unsafe fn var_size(ty: *mut PyTypeObject, nitems: isize) -> Option<usize> {
    // SAFETY: `ty` is a type.
    let (basic, item) = unsafe { ((*ty).tp_basicsize.get() as usize, (*ty).tp_itemsize.get() as usize) };
    let items = usize::try_from(nitems).ok()?.checked_mul(item)?;
    basic.checked_add(items)?.checked_next_multiple_of(8)
}

/// The object's place in a fresh block, with empty words before it; null stays null.
#[inline(always)]
unsafe fn place(block: *mut c_void, before: usize) -> *mut PyObject {
    if block.is_null() {
        return ptr::null_mut();
    }
    // SAFETY: the block begins with `before` bytes, a multiple of 16.
    unsafe {
        let words = block.cast::<[*mut PyObject; 2]>();
        if before >= 16 {
            words.write([ptr::null_mut(); 2]);
        }
        if before > 16 {
            words.add(1).write([ptr::null_mut(); 2]);
        }
        block.cast::<u8>().add(before).cast()
    }
}

/// Count 1, type, and the collector's count.
#[inline(always)]
unsafe fn init(op: *mut PyObject, ty: *mut PyTypeObject) {
    // SAFETY: the block has room for a head; a type object is an object.
    unsafe {
        op.write(PyObject::fresh(ty));
        let flags = (*ty).tp_flags.get();
        if flags & Py_TPFLAGS_HEAPTYPE != 0 {
            let count = &(*ty).ob_base.ob_base.ob_refcnt;
            if (count.get() as i32) >= 0 {
                count.set(count.get() + 1);
            }
        }
        if flags & Py_TPFLAGS_HAVE_GC != 0 {
            state().count_allocation();
        }
    }
}
