//! Watchers of code objects, functions and contexts (`PyCode_AddWatcher`, `PyFunction_AddWatcher`, `PyContext_AddWatcher`): callbacks that
//! are told of an event. Dicts and types have their own, with a bit for each watcher in the object.
//!
//! Where events happen, `active()` is one load; telling is out of line. A callback runs with no exception set, and the one that was set
//! stays; what it raises goes to `sys.unraisablehook`. Whoever tells keeps the object alive: a callback may be given a dying one.

use crate::errors::{self, PyResult};
use crate::exceptions;
use crate::err;
use crate::object::{Object, Owned};
use crate::protocol::object;
use abi::PyObject;
use std::cell::Cell;
use std::ffi::c_int;
use std::ptr;

pub const MAX_WATCHERS: usize = 8;

pub type CodeCallback = unsafe extern "C" fn(c_int, *mut PyObject) -> c_int;
pub type FunctionCallback = unsafe extern "C" fn(c_int, *mut PyObject, *mut PyObject) -> c_int;
pub type ContextCallback = unsafe extern "C" fn(c_int, *mut PyObject) -> c_int;

pub const CODE_CREATE: c_int = 0;
pub const CODE_DESTROY: c_int = 1;
pub const FUNCTION_CREATE: c_int = 0;
pub const FUNCTION_DESTROY: c_int = 1;
pub const FUNCTION_MODIFY_CODE: c_int = 2;
pub const FUNCTION_MODIFY_DEFAULTS: c_int = 3;
pub const FUNCTION_MODIFY_KWDEFAULTS: c_int = 4;
pub const CONTEXT_SWITCHED: c_int = 1;

/// The callbacks of a kind, by number.
pub struct Watchers<F: 'static> {
    slots: [Cell<Option<F>>; MAX_WATCHERS],
    count: Cell<u32>,
    /// "code", "func", "context", and how its errors begin.
    name: &'static str,
    invalid: &'static str,
    unset: &'static str,
}
// SAFETY: under the GIL.
unsafe impl<F> Sync for Watchers<F> {}

impl<F: Copy> Watchers<F> {
    const fn new(name: &'static str, invalid: &'static str, unset: &'static str) -> Watchers<F> {
        Watchers { slots: [const { Cell::new(None) }; MAX_WATCHERS], count: Cell::new(0), name, invalid, unset }
    }
    /// Whether anybody watches.
    #[inline(always)]
    pub fn active(&self) -> bool {
        self.count.get() != 0
    }
    /// Gives a callback its number.
    pub fn add(&self, callback: F) -> PyResult<c_int> {
        match self.slots.iter().position(|slot| slot.get().is_none()) {
            Some(free) => {
                self.slots[free].set(Some(callback));
                self.count.set(self.count.get() + 1);
                Ok(free as c_int)
            }
            None => Err(err!(RuntimeError, "no more {} watcher IDs available", self.name)),
        }
    }
    pub fn clear(&self, id: c_int) -> PyResult<()> {
        let Some(slot) = usize::try_from(id).ok().and_then(|id| self.slots.get(id)) else {
            return Err(err!(ValueError, "{} {} watcher ID {}", self.invalid, self.name, id));
        };
        match slot.take() {
            Some(_) => self.count.set(self.count.get() - 1),
            None => return Err(err!(ValueError, "{} {} watcher set for ID {}", self.unset, self.name, id)),
        }
        Ok(())
    }
    /// Calls all; `what` is "PY_CODE_EVENT_CREATE watcher callback for ..." where one raises.
    fn tell(&self, call: impl Fn(F) -> c_int, what: impl Fn() -> String) {
        let pending = errors::take();
        for slot in &self.slots {
            let Some(callback) = slot.get() else { continue };
            if call(callback) < 0 {
                let raised = errors::take();
                let what = format!("Exception ignored in {}", what());
                errors::clear();
                if let Some(raised) = raised {
                    errors::restore(raised);
                }
                exceptions::write_unraisable(Some(&what), None);
            }
        }
        if let Some(pending) = pending {
            errors::restore(pending);
        }
    }
}

pub static CODE: Watchers<CodeCallback> = Watchers::new("code", "Invalid", "No");
pub static FUNCTION: Watchers<FunctionCallback> = Watchers::new("func", "invalid", "no");
pub static CONTEXT: Watchers<ContextCallback> = Watchers::new("context", "Invalid", "No");

fn shown(o: &Object) -> String {
    match object::repr(o) {
        Ok(text) => text.to_string(),
        Err(_) => {
            errors::clear();
            String::from("<?>")
        }
    }
}

#[cold]
#[inline(never)]
pub fn tell_code(event: c_int, code: &Object) {
    let name = if event == CODE_CREATE { "CREATE" } else { "DESTROY" };
    // SAFETY: a live object; the callback is what `PyCode_AddWatcher` takes.
    CODE.tell(|callback| unsafe { callback(event, code.as_ptr()) }, || format!("PY_CODE_EVENT_{name} watcher callback for {}", shown(code)));
}

#[cold]
#[inline(never)]
pub fn tell_function(event: c_int, function: &Object, value: Option<&Object>) {
    let name = ["CREATE", "DESTROY", "MODIFY_CODE", "MODIFY_DEFAULTS", "MODIFY_KWDEFAULTS"].get(event as usize).copied().unwrap_or("?");
    let value = value.map_or(ptr::null_mut(), Object::as_ptr);
    let what = || {
        let shown = shown(function);
        format!("PyFunction_EVENT_{name} watcher callback for {}", shown.trim_start_matches('<').trim_end_matches('>'))
    };
    // SAFETY: live objects; the callback is what `PyFunction_AddWatcher` takes.
    FUNCTION.tell(|callback| unsafe { callback(event, function.as_ptr(), value) }, what);
}

/// The thread's context is now this one.
#[cold]
#[inline(never)]
pub fn tell_context(context: Option<Owned>) {
    let context: &Object = context.as_deref().unwrap_or(crate::types::none());
    let what = || format!("Py_CONTEXT_SWITCHED watcher callback for {}", shown(context));
    // SAFETY: as above.
    CONTEXT.tell(|callback| unsafe { callback(CONTEXT_SWITCHED, context.as_ptr()) }, what);
}

/// Tells of an object that its deallocator is about to take apart: `true` if a callback kept it.
///
/// # Safety
/// `op`'s count is 0, nothing of it is gone, and its deallocator returns at once where the answer is `true`.
pub unsafe fn tell_of_end(op: *mut PyObject, tell: impl FnOnce(&Object)) -> bool {
    // SAFETY: by contract; the count keeps the object alive meanwhile.
    unsafe {
        (*op).ob_refcnt.set(1);
        tell(Object::from_ptr(op));
        let count = (*op).ob_refcnt.get() - 1;
        (*op).ob_refcnt.set(count);
        count != 0
    }
}
