//! What the collector needs of the object model, given to it once at start-up.
//!
//! This keeps the algorithm free of any built-in type, and lets its tests run on objects of their own.

use super::state::DEBUG_SAVEALL;
use super::{state, weakrefs};
use abi::{PyObject, PyTypeObject, PyWeakReference};
use std::cell::Cell;
use std::ptr;

/// When a collection tells about itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    Start,
    Stop,
}

/// What a collection found; zero at its start.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Outcome {
    pub collected: usize,
    pub uncollectable: usize,
}

// SAFETY: made once, never written; the collector runs under the GIL.
unsafe impl Send for Model {}
/// The object model's part. None of the functions may leave an exception set.
pub struct Model {
    pub none: *mut PyObject,
    pub tuple_type: *const PyTypeObject,
    /// Whether an object is a weak reference (or proxy): has the layout of `PyWeakReference`.
    pub is_weakref: fn(*mut PyObject) -> bool,
    /// Calls a weak reference's callback with it; an exception is reported as unraisable.
    pub call_weakref_callback: fn(*mut PyWeakReference),
    /// Asks for `run_scheduled` at the next check of the eval breaker.
    pub schedule: fn(),
    /// Calls `gc.callbacks`.
    pub notify: fn(Phase, usize, Outcome),
    /// Appends to `gc.garbage`.
    pub add_garbage: fn(*mut PyObject),
    /// Reports and clears an exception that `tp_clear` of the object, or the collection itself (null), left.
    pub report_exception: fn(*mut PyObject),
    /// Sets the exception that is waiting aside, and puts it back.
    pub save_exception: fn() -> *mut PyObject,
    pub restore_exception: fn(*mut PyObject),
    /// Gives one count of an object back.
    pub decref: fn(*mut PyObject),
    /// Empties the free lists of all types, at the end of a full collection.
    pub clear_free_lists: fn(),
    /// Writes a line of `gc.set_debug`'s output to `sys.stderr`.
    pub write_debug: fn(&str),
}

// SAFETY: the pointers are to statics.
unsafe impl Sync for Model {}

struct Installed(Cell<&'static Model>);

// SAFETY: used under the GIL only.
unsafe impl Sync for Installed {}

/// Before start-up: there is nothing to collect yet.
static NOTHING: Model = Model {
    none: ptr::null_mut(),
    tuple_type: ptr::null(),
    is_weakref: |_| false,
    call_weakref_callback: |_| (),
    schedule: || (),
    notify: |_, _, _| (),
    add_garbage: |_| (),
    report_exception: |_| (),
    save_exception: ptr::null_mut,
    restore_exception: |_| (),
    decref: |_| (),
    clear_free_lists: || (),
    write_debug: |_| (),
};

static MODEL: Installed = Installed(Cell::new(&NOTHING));

pub fn install(model: &'static Model) {
    MODEL.0.set(model);
}

pub(super) fn model() -> &'static Model {
    MODEL.0.get()
}

#[cold]
pub(super) fn schedule() {
    (model().schedule)();
}

/// # Safety
/// `op` is a live object.
#[inline]
pub(super) unsafe fn is_exact_tuple(op: *mut PyObject) -> bool {
    // SAFETY: by contract.
    ptr::eq(unsafe { (*op).ob_type.get() }, model().tuple_type)
}

/// Keeps the object in `gc.garbage` instead of freeing it?
pub(super) fn saves_all() -> bool {
    state().debug() & DEBUG_SAVEALL != 0
}

/// The slot of an object that holds its list of weak references; null if its type has none.
///
/// # Safety
/// `op` is a live object.
pub(super) unsafe fn weakref_list(op: *mut PyObject) -> *mut *mut PyWeakReference {
    // SAFETY: by contract.
    unsafe { weakrefs::list_of(op) }
}
