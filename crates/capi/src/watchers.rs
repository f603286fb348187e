//! Watchers of code objects, functions and contexts, and `_PyOnceFlag`.

use crate::macros::{Done, done};
use abi::c_void;
use runtime::err;
use runtime::errors::{self, PyResult};
use runtime::types::watchers::{self, CodeCallback, ContextCallback, FunctionCallback, Watchers};
use std::cell::Cell;
use std::ffi::c_int;
use std::ptr;
use std::sync::atomic::{AtomicU8, Ordering};

fn add<F: Copy>(watchers: &Watchers<F>, callback: Option<F>) -> PyResult<c_int> {
    match callback {
        Some(callback) => watchers.add(callback),
        None => Err(errors::bad_internal_call()),
    }
}

// A flag of 4 in the byte of a `_PyOnceFlag` says that it has run; the others are the mutex's.
const ONCE_INITIALIZED: u8 = 4;

c_api! {
    fn PyCode_AddWatcher(callback: Option<CodeCallback>) -> PyResult<c_int> { add(&watchers::CODE, callback) }
    fn PyCode_ClearWatcher(id: c_int) -> PyResult<Done> { done(watchers::CODE.clear(id)) }
    fn PyFunction_AddWatcher(callback: Option<FunctionCallback>) -> PyResult<c_int> { add(&watchers::FUNCTION, callback) }
    fn PyFunction_ClearWatcher(id: c_int) -> PyResult<Done> { done(watchers::FUNCTION.clear(id)) }
    fn PyContext_AddWatcher(callback: Option<ContextCallback>) -> PyResult<c_int> { add(&watchers::CONTEXT, callback) }
    fn PyContext_ClearWatcher(id: c_int) -> PyResult<Done> { done(watchers::CONTEXT.clear(id)) }

    // Nothing calls a tracer: making and ending an object have no place for one.
    fn PyRefTracer_SetTracer(tracer: *mut c_void, _data: *mut c_void) -> PyResult<Done> {
        match tracer.is_null() {
            true => Ok(Done),
            false => Err(err!(NotImplementedError, "reference tracers are not supported")),
        }
    }
    fn PyRefTracer_GetTracer(data: *mut *mut c_void) -> *mut c_void {
        if !data.is_null() {
            *data = ptr::null_mut();
        }
        ptr::null_mut()
    }

    fn _PyOnceFlag_CallOnceSlow(flag: *mut u8, function: Option<unsafe extern "C" fn(*mut c_void) -> c_int>, arg: *mut c_void) -> c_int {
        // The GIL may go while the function runs: others wait for the lock in the same byte.
        let state = AtomicU8::from_ptr(flag);
        loop {
            match state.compare_exchange(0, 1, Ordering::Acquire, Ordering::Acquire) {
                Ok(_) => break,
                Err(ONCE_INITIALIZED) => return 0,
                Err(_) => runtime::gil::allow_threads(std::thread::yield_now),
            }
        }
        let result = function.map_or(-1, |function| function(arg));
        state.store(if result == 0 { ONCE_INITIALIZED } else { 0 }, Ordering::Release);
        result
    }
}

/// The definition that `PyHash_GetFuncDef` gives.
pub static HASH_DEFINITION: runtime::macro_support::Static<abi::PyHash_FuncDef> = runtime::macro_support::Static(abi::PyHash_FuncDef {
    hash: Cell::new(Some(crate::misc::Py_HashBuffer)),
    name: Cell::new(c"siphash13".as_ptr()),
    hash_bits: Cell::new(64),
    seed_bits: Cell::new(128),
});
