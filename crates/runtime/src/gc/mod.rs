//! The cycle collector: generations of tracked objects, as `gc` documents them.
//!
//! Every object of a type with `HAVE_GC` has a `Head` of 16 bytes before it. A tracked object is in one of the
//! doubly linked lists of `state.rs` (three generations and the frozen ones); the links' low bits carry flags:
//! - `prev` bit 0: `tp_finalize` has run (PEP 442; kept for the object's life);
//! - `prev` bit 1: the object belongs to the collection that runs, and the rest of `prev` is a count, not a link;
//! - `next` bit 0: the object is in that collection's list of unreachable objects.
//!
//! `next` is null exactly if the object is not tracked. Types with managed dict or weak references have two more words
//! before the head.
//!
//! Allocation only counts. When the count passes generation 0's threshold, the eval breaker is told, and the collector
//! runs there (`run_scheduled`): never inside an allocation. Everything here needs the GIL.

mod alloc;
pub mod collect;
mod finalize;
mod list;
mod model;
mod state;
#[cfg(test)]
mod tests;
// In with the object model.
mod typed;
mod visit;
mod weakrefs;

pub use alloc::{alloc_extra, alloc_raw, alloc_var, clear_words, free, free_untracked, generic_alloc_raw, preheader_size, resize_var};
pub use collect::{Reason, collect, run_scheduled};
pub use finalize::{call_finalizer, call_finalizer_from_dealloc, is_finalized, set_finalized};
pub use model::{Model, Outcome, Phase, install as install_model};
pub use state::{
    Counts, DEBUG_COLLECTABLE, DEBUG_LEAK, DEBUG_SAVEALL, DEBUG_STATS, DEBUG_UNCOLLECTABLE, GENERATIONS, Stats, State, state,
};

pub use typed::{PyObject_GC_Del, PyType_GenericAlloc, alloc, alloc_or_abort, gc_alloc, gc_free, gc_new, generic_alloc, referents};

use abi::{PyObject, PyTypeObject, Py_TPFLAGS_HAVE_GC, Py_TAG_BITS, Py_TAG_REFCNT, _PyStackRef, visitproc};
use list::Head;
use std::ffi::{c_int, c_void};

/// Whether the object has a collector's head (`PyObject_IS_GC`).
///
/// # Safety
/// `op` is a live object.
#[inline(always)]
pub unsafe fn is_gc(op: *mut PyObject) -> bool {
    // SAFETY: by contract; an object's type outlives it.
    unsafe {
        let ty = (*op).ob_type.get();
        if (*ty).tp_flags.get() & Py_TPFLAGS_HAVE_GC == 0 {
            return false;
        }
        match (*ty).tp_is_gc.get() {
            None => true,
            Some(tp_is_gc) => tp_is_gc(op) != 0,
        }
    }
}

/// Puts an object under the collector's eyes (`PyObject_GC_Track`); its `tp_traverse` must be safe to call from now on.
/// Tracking a tracked object does nothing.
///
/// # Safety
/// `op` is a live object with a head.
#[inline(always)]
pub unsafe fn track(op: *mut PyObject) {
    // SAFETY: by contract.
    unsafe {
        let head = Head::of(op);
        if !(*head).is_tracked() {
            state().young().append(head);
        }
    }
}

/// As `track`, for an object that was just made.
///
/// # Safety
/// As `track`; the object was never tracked.
#[inline(always)]
pub unsafe fn track_new(op: *mut PyObject) {
    debug_assert!(!unsafe { is_tracked(op) });
    // SAFETY: by contract.
    unsafe { state().young().append_new(Head::of(op)) }
}

/// Takes an object out of the collector's sight (`PyObject_GC_UnTrack`); does nothing if it is not tracked.
///
/// # Safety
/// `op` is an object with a head.
#[inline(always)]
pub unsafe fn untrack(op: *mut PyObject) {
    // SAFETY: by contract.
    unsafe {
        let head = Head::of(op);
        if (*head).is_tracked() {
            Head::remove(head);
        }
    }
}

/// As `untrack`, for objects that may have no head.
///
/// # Safety
/// `op` is an object.
pub unsafe fn untrack_any(op: *mut PyObject) {
    // SAFETY: by contract.
    unsafe {
        if is_gc(op) {
            untrack(op);
        }
    }
}

/// Whether an object with a head is tracked.
///
/// # Safety
/// `op` is an object with a head.
#[inline(always)]
pub unsafe fn is_tracked(op: *mut PyObject) -> bool {
    // SAFETY: by contract.
    unsafe { (*Head::of(op)).is_tracked() }
}

/// Whether a container of the object might have to be tracked because of it: objects with a head, but not tuples that
/// are untracked for good.
///
/// # Safety
/// `op` is a live object.
#[inline]
pub unsafe fn may_be_tracked(op: *mut PyObject) -> bool {
    // SAFETY: by contract.
    unsafe { is_gc(op) && (!model::is_exact_tuple(op) || is_tracked(op)) }
}

/// Visits a reference that may hold no count (borrowed, immortal) or be a tagged integer: those count for
/// reachability but not as incoming references (`_PyGC_VisitStackRef`).
///
/// # Safety
/// `reference` is valid; `visit` and `arg` are what `tp_traverse` was given.
#[inline]
pub unsafe fn visit_stack_ref(reference: _PyStackRef, visit: visitproc, arg: *mut c_void) -> c_int {
    if reference == _PyStackRef::NULL || reference.bits & Py_TAG_BITS == abi::Py_INT_TAG {
        return 0;
    }
    if reference.bits & Py_TAG_REFCNT != 0 && collect::is_subtracting(visit) {
        return 0;
    }
    let op = std::ptr::with_exposed_provenance_mut(reference.bits & !Py_TAG_BITS);
    // SAFETY: by contract; the tags are off.
    unsafe { visit(op, arg) }
}

/// Calls `tp_traverse`, if the type has one.
///
/// # Safety
/// `op` is a live object whose `tp_traverse` may be called.
#[inline]
pub unsafe fn traverse(op: *mut PyObject, visit: visitproc, arg: *mut c_void) -> c_int {
    // SAFETY: by contract.
    unsafe {
        match (*(*op).ob_type.get()).tp_traverse.get() {
            Some(tp_traverse) => tp_traverse(op, visit, arg),
            None => 0,
        }
    }
}

/// Calls `visit` with every tracked object of a generation, youngest first; all generations (not the frozen objects)
/// if `None`. Stops when `visit` gives `false`. `visit` must not free or untrack objects; objects that it tracks meanwhile are
/// visited too.
pub fn each_object(generation: Option<usize>, mut visit: impl FnMut(*mut PyObject) -> bool) -> bool {
    let range = match generation {
        Some(generation) => generation..generation + 1,
        None => 0..GENERATIONS,
    };
    range.into_iter().all(|generation| state().generation(generation).iter().all(|head| visit(Head::object(head))))
}

/// Calls `visit` with what an object refers to directly, if it has a head (or is a type).
///
/// # Safety
/// `op` is a live object.
pub unsafe fn each_referent(op: *mut PyObject, mut visit: impl FnMut(*mut PyObject) -> bool) -> bool {
    unsafe extern "C" fn call<F: FnMut(*mut PyObject) -> bool>(op: *mut PyObject, visit: *mut c_void) -> c_int {
        // SAFETY: `visit` is the closure below.
        c_int::from(!unsafe { (*visit.cast::<F>())(op) })
    }
    fn thunk<F: FnMut(*mut PyObject) -> bool>(_: &F) -> visitproc {
        call::<F>
    }
    // SAFETY: by contract.
    unsafe { !is_gc(op) || traverse(op, thunk(&visit), (&raw mut visit).cast()) == 0 }
}

/// `gc.freeze`: moves all tracked objects to where no collection looks.
pub fn freeze() {
    for generation in 0..GENERATIONS {
        state().generation(generation).merge_into(state().frozen());
        state().set_count(generation, 0);
    }
}

/// `gc.unfreeze`: moves the frozen objects to the oldest generation.
pub fn unfreeze() {
    state().frozen().merge_into(state().generation(GENERATIONS - 1));
}

/// The end of an interpreter: what is left is leaked and looked at by nobody; freeing it later still works.
pub fn forget_all() {
    for list in (0..GENERATIONS).map(|generation| state().generation(generation)).chain([state().frozen()]) {
        // SAFETY: heads in a list are those of live objects.
        while let Some(head) = list.iter().next() {
            unsafe { untrack(Head::object(head)) };
        }
    }
}

/// The number of frozen objects.
pub fn freeze_count() -> usize {
    state().frozen().len()
}

const _: () = assert!(size_of::<Head>() == 16);
const _: () = assert!(align_of::<PyTypeObject>() == 8);
