//! What tools keep with code objects (`PyUnstable_Code_SetExtra`, PEP 523): an array of pointers behind `co_extra`, by an index that
//! each tool asks for once.
//!
//! `co_extra` is NULL or a `Vec` in a box; its length is at most `MAX_CO_EXTRA_USERS`.

use crate::errors::{self, PyResult};
use crate::types::Code;
use abi::c_void;
use std::cell::{Cell, RefCell};
use std::ptr;

const MAX_CO_EXTRA_USERS: usize = 255;

type Free = Option<unsafe extern "C" fn(*mut c_void)>;

/// By index: what ends an extra.
struct Users(RefCell<Vec<Free>>);
// SAFETY: touched under the GIL.
unsafe impl Sync for Users {}
static USERS: Users = Users(RefCell::new(Vec::new()));

/// A new index; None if there are no more.
pub fn request_index(free: Free) -> Option<usize> {
    let mut users = USERS.0.borrow_mut();
    if users.len() >= MAX_CO_EXTRA_USERS {
        return None;
    }
    users.push(free);
    Some(users.len() - 1)
}

fn extras(code: &Code) -> *mut Vec<*mut c_void> {
    code.0.co_extra.get().cast()
}

/// The extra at an index, NULL if there is none.
pub fn get(code: &Code, index: usize) -> *mut c_void {
    // SAFETY: see the file's head.
    unsafe { extras(code).as_ref() }.and_then(|extras| extras.get(index).copied()).unwrap_or(ptr::null_mut())
}

/// Replaces the extra at an index, ending the one that was there. SystemError for an index that nobody asked for.
pub fn set(code: &Code, index: usize, extra: *mut c_void) -> PyResult<()> {
    let Some(free) = USERS.0.borrow().get(index).copied() else { return Err(errors::bad_internal_call()) };
    if extras(code).is_null() {
        code.0.co_extra.set(Box::into_raw(Box::new(Vec::<*mut c_void>::new())).cast());
    }
    // SAFETY: just made, or ours; nothing runs while it is borrowed.
    let extras = unsafe { &mut *extras(code) };
    if extras.len() <= index {
        extras.resize(index + 1, ptr::null_mut());
    }
    let old = std::mem::replace(&mut extras[index], extra);
    end(free, old);
    Ok(())
}

fn end(free: Free, extra: *mut c_void) {
    if let Some(free) = free
        && !extra.is_null()
    {
        // SAFETY: the tool's own function for its own pointer.
        unsafe { free(extra) };
    }
}

/// Ends all extras of a code object that is being freed.
pub fn free_all(co_extra: &Cell<*mut c_void>) {
    let extras = co_extra.replace(ptr::null_mut());
    if extras.is_null() {
        return;
    }
    // SAFETY: made by `set`.
    let extras = unsafe { Box::from_raw(extras.cast::<Vec<*mut c_void>>()) };
    for (index, &extra) in extras.iter().enumerate() {
        let free = USERS.0.borrow().get(index).copied().flatten();
        end(free, extra);
    }
}
