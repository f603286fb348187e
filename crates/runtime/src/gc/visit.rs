//! What the passes of a collection visit, without a call for each reference where a built-in type holds them.
//!
//! Tuples, lists, dicts, functions and instances of Python-made classes are most of any heap: their references are walked here, with the pass's own
//! work inlined into the loop. All others go through `tp_traverse` and the pass's C callback, which does the same.

use crate::object::PyTyped;
use crate::types::{Function, dict, list, subtype, tuple};
use abi::{PyObject, PyTypeObject, PyVarObject, Py_TPFLAGS_HAVE_GC, Py_TPFLAGS_HEAPTYPE, traverseproc, visitproc};
use std::ffi::c_void;
use std::ptr;

/// A pass over objects that looks at each of their references.
pub(super) trait Pass: Copy {
    /// # Safety
    /// `op` is live and referred to `times` times.
    unsafe fn visit(self, op: *mut PyObject, times: usize);
    /// What `tp_traverse` is given: calls `visit`.
    fn callback(self) -> (visitproc, *mut c_void);
}

/// Whether a collection may have to do with an object: it has a head, and is not immortal (those have left the lists).
///
/// # Safety
/// `op` is a live object.
#[inline(always)]
pub(super) unsafe fn is_candidate(op: *mut PyObject) -> bool {
    // SAFETY: by contract; an object's type outlives it.
    unsafe {
        if ((*op).ob_refcnt.get() as i32) < 0 {
            return false;
        }
        let ty = (*op).ob_type.get();
        if (*ty).tp_flags.get() & Py_TPFLAGS_HAVE_GC == 0 {
            return false;
        }
        match (*ty).tp_is_gc.get() {
            None => true,
            Some(is_gc) if ptr::fn_addr_eq(is_gc, crate::types::type_methods::type_is_gc as abi::inquiry) => {
                (*op.cast::<PyTypeObject>()).tp_flags.get() & Py_TPFLAGS_HEAPTYPE != 0
            }
            Some(is_gc) => is_gc(op) != 0,
        }
    }
}

/// Visits what an object refers to directly.
///
/// # Safety
/// `op` is live and may be traversed; `pass` frees nothing.
#[inline(always)]
pub(super) unsafe fn each_reference<P: Pass>(op: *mut PyObject, pass: P) {
    // SAFETY: by contract; a type's `tp_traverse` says how its instances are laid out.
    unsafe {
        let Some(traverse) = (*(*op).ob_type.get()).tp_traverse.get() else { return };
        let is = |known: traverseproc| ptr::fn_addr_eq(traverse, known);
        let visit = |op| {
            pass.visit(op, 1);
            0
        };
        if is(tuple::traverse) {
            let items = tuple::items_ptr(op);
            each_item(items, (*op.cast::<PyVarObject>()).ob_size.get() as usize, pass);
        } else if is(dict::traverse) {
            dict::each_reference(op, visit);
        } else if is(subtype::subtype_traverse) {
            let (_, native) = subtype::each_own_reference(op, visit);
            if let Some(native) = native {
                let (callback, arg) = pass.callback();
                native(op, callback, arg);
            }
        } else if is(list::traverse) {
            let list = &*op.cast::<abi::PyListObject>();
            each_item(list.ob_item.get(), list.ob_base.ob_size.get() as usize, pass);
        } else if ptr::eq((*op).ob_type.get(), Function::type_object().as_type_ptr()) {
            for cell in (*op.cast::<Function>()).owned() {
                if !cell.get().is_null() {
                    pass.visit(cell.get(), 1);
                }
            }
        } else {
            let (callback, arg) = pass.callback();
            traverse(op, callback, arg);
        }
    }
}

/// Visits items from the end; those that stand side by side and are one object (`[None] * n`) at once.
#[inline(always)]
unsafe fn each_item<P: Pass>(items: *mut *mut PyObject, mut left: usize, pass: P) {
    // SAFETY: the caller's container has `left` items.
    unsafe {
        while left > 0 {
            let item = *items.add(left - 1);
            let end = left;
            left -= 1;
            while left > 0 && *items.add(left - 1) == item {
                left -= 1;
            }
            if !item.is_null() {
                pass.visit(item, end - left);
            }
        }
    }
}
