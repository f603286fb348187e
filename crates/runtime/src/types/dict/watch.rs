//! Watchers of dicts (`PyDict_AddWatcher`): callbacks told of a change before it happens. A dict's tag says in its low byte who watches it.

use super::Dict;
use crate::errors::PyResult;
use crate::object::{Object, PyTyped};
use abi::PyDict_WatchCallback;
use std::cell::Cell;
use std::ptr;

pub const ADDED: i32 = 0;
pub const MODIFIED: i32 = 1;
pub const DELETED: i32 = 2;
pub const CLONED: i32 = 3;
pub const CLEARED: i32 = 4;
pub const DEALLOCATED: i32 = 5;

/// The bits of `_ma_watcher_tag` that name watchers.
pub const MASK: u64 = 0xff;
const COUNT: usize = 8;
/// The first two are kept for the machine itself.
const FIRST_FREE: usize = 2;

struct Watchers([Cell<Option<PyDict_WatchCallback>>; COUNT]);
// SAFETY: under the GIL.
unsafe impl Sync for Watchers {}
static WATCHERS: Watchers = Watchers([const { Cell::new(None) }; COUNT]);

/// Gives the callback a number.
pub fn add_watcher(callback: PyDict_WatchCallback) -> PyResult<i32> {
    for id in FIRST_FREE..COUNT {
        if WATCHERS.0[id].get().is_none() {
            WATCHERS.0[id].set(Some(callback));
            return Ok(id as i32);
        }
    }
    Err(crate::err!(RuntimeError, "no more dict watcher IDs available"))
}

fn check(id: i32) -> PyResult<usize> {
    if id < 0 || id as usize >= COUNT {
        return Err(crate::err!(ValueError, "Invalid dict watcher ID {}", id));
    }
    if WATCHERS.0[id as usize].get().is_none() {
        return Err(crate::err!(ValueError, "No dict watcher set for ID {}", id));
    }
    Ok(id as usize)
}

pub fn clear_watcher(id: i32) -> PyResult<()> {
    WATCHERS.0[check(id)?].set(None);
    Ok(())
}

pub fn watch(id: i32, object: &Object) -> PyResult<()> {
    let Some(dict) = object.downcast::<Dict>() else {
        return Err(crate::err!(ValueError, "Cannot watch non-dictionary"));
    };
    let id = check(id)?;
    dict.0._ma_watcher_tag.set(dict.0._ma_watcher_tag.get() | 1 << id);
    Ok(())
}

pub fn unwatch(id: i32, object: &Object) -> PyResult<()> {
    let Some(dict) = object.downcast::<Dict>() else {
        return Err(crate::err!(ValueError, "Cannot watch non-dictionary"));
    };
    let id = check(id)?;
    dict.0._ma_watcher_tag.set(dict.0._ma_watcher_tag.get() & !(1 << id));
    Ok(())
}

/// Installs a callback of the machine itself under number 0 or 1.
pub fn set_internal(id: usize, callback: Option<PyDict_WatchCallback>) {
    if let Some(slot) = WATCHERS.0.get(id) {
        slot.set(callback);
    }
}

/// Calls the dict's watchers. The current exception is kept; one that a callback raises goes to `sys.unraisablehook`.
#[cold]
#[inline(never)]
pub fn send(dict: &Dict, event: i32, key: Option<&Object>, value: Option<&Object>) {
    let bits = dict.0._ma_watcher_tag.get() & MASK;
    let pointer = |o: Option<&Object>| o.map_or(ptr::null_mut(), Object::as_ptr);
    for id in 0..COUNT {
        if bits >> id & 1 == 0 {
            continue;
        }
        if let Some(callback) = WATCHERS.0[id].get() {
            // SAFETY: live objects; the callback's contract is PyDict_WatchCallback's.
            let result = unsafe { callback(event, dict.as_object().as_ptr(), pointer(key), pointer(value)) };
            if result < 0 {
                let name = ["ADDED", "MODIFIED", "DELETED", "CLONED", "CLEARED", "DEALLOCATED"].get(event as usize).copied().unwrap_or("UNKNOWN");
                let what = format!("Exception ignored in PyDict_EVENT_{name} watcher callback for <dict at {dict:p}>");
                crate::exceptions::write_unraisable(Some(&what), None);
            }
        }
    }
}
