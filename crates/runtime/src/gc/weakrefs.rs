//! Weak references to and among unreachable objects.
//!
//! All weak references to unreachable objects are cleared before anything runs that could follow them. Callbacks are
//! called for those weak references that are themselves reachable; one that is garbage too never calls back.

use super::list::{COLLECTING, Head, List};
use super::model::{model, weakref_list};
use abi::{PyObject, PyWeakReference};
use std::ptr;

/// The slot of an object's list of weak references; null if its type has none.
///
/// # Safety
/// `op` is a live object.
pub unsafe fn list_of(op: *mut PyObject) -> *mut *mut PyWeakReference {
    // SAFETY: by contract; a type says where the slot is, before (managed) or in the object.
    unsafe {
        match (*(*op).ob_type.get()).tp_weaklistoffset.get() {
            0 => ptr::null_mut(),
            offset => op.cast::<u8>().offset(offset).cast(),
        }
    }
}

/// What calling callbacks came to.
pub struct Callbacks {
    /// Whether any was called.
    pub any: bool,
    /// Weak references that died of it.
    pub freed: usize,
}

/// Clears the weak references to all objects of `unreachable` and those that are in it. If `call` is set, calls the
/// callbacks of the others, which move to `old` if they live on.
pub fn handle(unreachable: &List, old: &List, call: bool) -> Callbacks {
    let with_callback = List::new();
    with_callback.init();
    for head in unreachable.iter() {
        let op = Head::object(head);
        // SAFETY: objects in the list are live; clearing runs no code.
        unsafe {
            if (model().is_weakref)(op) {
                clear(op.cast());
            }
            let slot = weakref_list(op);
            if slot.is_null() {
                continue;
            }
            while !(*slot).is_null() {
                let reference = *slot;
                clear(reference);
                if call && !(*reference).wr_callback.get().is_null() {
                    queue(reference, &with_callback);
                }
            }
        }
    }
    let any = !with_callback.is_empty();
    Callbacks { any, freed: call_back(&with_callback, old) }
}

/// Queues a weak reference whose callback must be called: not those that are garbage too. The queue owns a count.
///
/// # Safety
/// `reference` is live.
unsafe fn queue(reference: *mut PyWeakReference, with_callback: &List) {
    // SAFETY: by contract; weak references have heads.
    unsafe {
        let head = Head::of(reference.cast());
        if (*head).has(COLLECTING) {
            return;
        }
        let count = &(*reference).ob_base.ob_refcnt;
        if count.get() as i32 >= 0 {
            count.set(count.get() + 1);
        }
        if (*head).is_tracked() {
            with_callback.take(head);
        } else {
            with_callback.append(head);
        }
    }
}

fn call_back(with_callback: &List, old: &List) -> usize {
    let mut freed = 0;
    while !with_callback.is_empty() {
        let head = with_callback.first();
        let reference = Head::object(head).cast::<PyWeakReference>();
        (model().call_weakref_callback)(reference);
        (model().decref)(reference.cast());
        if with_callback.first() == head {
            // SAFETY: still in the list, so it lives.
            unsafe { old.take(head) };
        } else {
            freed += 1;
        }
    }
    freed
}

/// Makes a weak reference dead (`_PyWeakref_ClearRef`); its callback stays.
///
/// # Safety
/// `reference` is a live weak reference.
unsafe fn clear(reference: *mut PyWeakReference) {
    // SAFETY: by contract; a weak reference that is not dead is in the list of its live referent.
    unsafe {
        let reference = &*reference;
        let referent = reference.wr_object.get();
        if referent.is_null() || referent == model().none {
            return;
        }
        let (prev, next) = (reference.wr_prev.get(), reference.wr_next.get());
        let slot = list_of(referent);
        if !slot.is_null() && ptr::eq(*slot, reference) {
            *slot = next;
        }
        reference.wr_object.set(model().none);
        if !prev.is_null() {
            (*prev).wr_next.set(next);
        }
        if !next.is_null() {
            (*next).wr_prev.set(prev);
        }
        reference.wr_prev.set(ptr::null_mut());
        reference.wr_next.set(ptr::null_mut());
    }
}
