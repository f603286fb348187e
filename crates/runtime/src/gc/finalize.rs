//! `tp_finalize` (PEP 442): called once, before an object is torn down, and allowed to bring it back to life.

use super::{is_gc, track};
use super::list::{FINALIZED, Head};
use abi::PyObject;

/// Whether `tp_finalize` has run on an object with a head.
///
/// # Safety
/// `op` is an object with a head.
pub unsafe fn is_finalized(op: *mut PyObject) -> bool {
    // SAFETY: by contract.
    unsafe { (*Head::of(op)).has(FINALIZED) }
}

/// Marks an object with a head as finalized.
///
/// # Safety
/// As `is_finalized`.
pub unsafe fn set_finalized(op: *mut PyObject) {
    // SAFETY: by contract.
    unsafe { (*Head::of(op)).set_flag(FINALIZED) }
}

/// `PyObject_CallFinalizer`: runs `tp_finalize` unless it has run (objects without a head cannot remember).
///
/// # Safety
/// `op` is a live object.
pub unsafe fn call_finalizer(op: *mut PyObject) {
    // SAFETY: by contract.
    unsafe {
        let Some(tp_finalize) = (*(*op).ob_type.get()).tp_finalize.get() else { return };
        let has_head = is_gc(op);
        if has_head && is_finalized(op) {
            return;
        }
        tp_finalize(op);
        if has_head {
            set_finalized(op);
        }
    }
}

/// `PyObject_CallFinalizerFromDealloc`: runs the finalizer of an object whose count is 0. `false` if that brought the
/// object back to life (tracked, if it has a head), and then deallocation must stop.
///
/// # Safety
/// `op` is whole, its count is 0, and its deallocator calls this.
pub unsafe fn call_finalizer_from_dealloc(op: *mut PyObject) -> bool {
    // SAFETY: by contract; the count keeps the object alive while its finalizer runs.
    unsafe {
        let count = &(*op).ob_refcnt;
        count.set(1);
        // Only Python's `__del__` is bounded by the recursion limit; a generator's finalizer is part of the dealloc.
        let is_python = (*(*op).ob_type.get()).tp_finalize.get().is_some_and(|slot| slot as usize == crate::types::slot_dispatch::slot_tp_finalize as *const () as usize);
        if is_python {
            crate::object::outside_dealloc(|| call_finalizer(op));
        } else {
            call_finalizer(op);
        }
        let left = count.get();
        if left as i32 >= 0 {
            count.set(left - 1);
        }
        let is_dead = count.get() == 0;
        if !is_dead && is_gc(op) {
            track(op);
        }
        is_dead
    }
}
