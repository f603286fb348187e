//! Interpreters, as C code makes and ends them: `Py_NewInterpreter` and its kin, `PyInterpreterState_*`.

use crate::pystate::{self, plain};
use abi::{PyInterpreterConfig, PyInterpreterState, PyObject, PyStatus, PyThreadState};
use runtime::errors::{self, PyResult};
use runtime::object::Object;
use runtime::state::{self, Features, GilChoice, Interpreter, whence};
use runtime::tstate::{self, ThreadState};
use runtime::{import, intern, subinterpreters};
use std::cell::Cell;
use std::ffi::{CStr, c_int, c_long};
use std::ptr;

fn fatal(function: &str, message: &str) -> ! {
    runtime::exceptions::report::write_raw_stderr(&format!("Fatal Python error: {function}: {message}\n"));
    std::process::abort()
}

/// What C code's configuration asks for; None if it has no such GIL.
fn features(config: &PyInterpreterConfig) -> Option<Features> {
    let is_set = |field: &Cell<c_int>| field.get() != 0;
    Some(Features {
        use_main_obmalloc: is_set(&config.use_main_obmalloc),
        allow_fork: is_set(&config.allow_fork),
        allow_exec: is_set(&config.allow_exec),
        allow_threads: is_set(&config.allow_threads),
        allow_daemon_threads: is_set(&config.allow_daemon_threads),
        check_multi_interp_extensions: is_set(&config.check_multi_interp_extensions),
        gil: match config.gil.get() {
            0 => GilChoice::Default,
            1 => GilChoice::Shared,
            2 => GilChoice::Own,
            _ => return None,
        },
    })
}

/// Makes an interpreter, with a thread state that is current afterwards. Messages of failures live as long as the process.
fn new_interpreter(features: Option<Features>, whence: i32) -> Result<*mut PyThreadState, &'static CStr> {
    // Without a thread state the thread has no GIL either; it is in the main interpreter for as long as this takes.
    let visitor = ThreadState::try_current().is_none().then(pystate::enter_main);
    let made = make(features, whence);
    if let Some(visitor) = visitor {
        // SAFETY: made above; with success the new interpreter's state is current.
        unsafe { pystate::leave_main(visitor) };
    }
    made
}

fn make(features: Option<Features>, whence: i32) -> Result<*mut PyThreadState, &'static CStr> {
    let Some(features) = features else {
        subinterpreters::skip_id();
        return Err(c"invalid interpreter config 'gil' value");
    };
    match subinterpreters::new_interpreter(features, whence) {
        Ok((own, _)) => Ok(own as *mut PyThreadState),
        Err(message) if message.contains("obmalloc") => Err(c"per-interpreter obmalloc does not support single-phase init extension modules"),
        Err(_) => Err(c"sub-interpreter creation failed"),
    }
}

/// The interpreter at an address that C code has from us.
unsafe fn at(interp: *mut PyInterpreterState) -> &'static Interpreter {
    // SAFETY: by the caller's contract.
    unsafe { if interp.is_null() { state::get() } else { state::from_ptr(interp) } }
}

plain! {
    // ---- making and ending
    fn Py_NewInterpreterFromConfig(out: *mut *mut PyThreadState, config: *const PyInterpreterConfig) -> PyStatus {
        match new_interpreter(features(&*config), whence::CAPI) {
            Ok(made) => {
                *out = made;
                crate::status::PyStatus_Ok()
            }
            Err(message) => {
                *out = ptr::null_mut();
                crate::status::PyStatus_Error(message.as_ptr())
            }
        }
    }
    fn Py_NewInterpreter() -> *mut PyThreadState {
        match new_interpreter(Some(Features::LEGACY), whence::LEGACY_CAPI) {
            Ok(made) => made,
            Err(message) => fatal("Py_NewInterpreter", &message.to_string_lossy()),
        }
    }
    fn Py_EndInterpreter(ts: *mut PyThreadState) {
        if !ptr::eq(ts, ThreadState::current_ptr()) {
            fatal("Py_EndInterpreter", "thread is not current");
        }
        if !(*ts).current_frame.get().is_null() && !runtime::interp::frame::first_complete((*ts).current_frame.get().cast()).is_null() {
            fatal("Py_EndInterpreter", "thread still has a frame");
        }
        if state::is_main() {
            fatal("Py_EndInterpreter", "not a sub-interpreter");
        }
        crate::pystate::forget_own(ts);
        subinterpreters::end(ptr::null());
    }
    fn PyInterpreterState_New() -> *mut PyInterpreterState { subinterpreters::allocate(Features::LEGACY, whence::UNKNOWN).as_ptr() }
    fn PyInterpreterState_Clear(interp: *mut PyInterpreterState) {
        let interp = at(interp);
        if !interp.is_main() {
            subinterpreters::call_in(interp, || interp.clear());
        }
    }
    fn PyInterpreterState_Delete(interp: *mut PyInterpreterState) {
        let interp = at(interp);
        if !interp.is_main() {
            subinterpreters::forget(interp);
        }
    }

    // ---- finding
    fn PyInterpreterState_Get() -> *mut PyInterpreterState {
        if ThreadState::try_current().is_none() {
            fatal("PyInterpreterState_Get", "the function must be called with the GIL held, after Python initialization and before Python finalization, but the GIL is released (the current Python thread state is NULL)");
        }
        state::interp_ptr()
    }
    fn PyInterpreterState_Main() -> *mut PyInterpreterState { state::main().as_ptr() }
    fn PyInterpreterState_Head() -> *mut PyInterpreterState { subinterpreters::all().last().map_or(ptr::null_mut(), |interp| interp.as_ptr()) }
    fn PyInterpreterState_Next(interp: *mut PyInterpreterState) -> *mut PyInterpreterState {
        let all = subinterpreters::all();
        let index = all.iter().position(|known| known.as_ptr() == interp);
        index.and_then(|index| index.checked_sub(1)).map_or(ptr::null_mut(), |index| all[index].as_ptr())
    }
    fn PyInterpreterState_GetID(interp: *mut PyInterpreterState) -> i64 { at(interp).id }
    fn PyInterpreterState_ThreadHead(interp: *mut PyInterpreterState) -> *mut PyThreadState {
        tstate::all_of(at(interp).as_ptr()).last().map_or(ptr::null_mut(), |&last| last as *mut PyThreadState)
    }
    fn PyInterpreterState_GetDict(interp: *mut PyInterpreterState) -> *mut PyObject {
        // Borrowed: the interpreter keeps it.
        at(interp).dict().raw()
    }

    // ---- references by id
    fn _PyInterpreterState_IDIncref(interp: *mut PyInterpreterState) -> c_int {
        subinterpreters::incref(at(interp));
        0
    }
    fn _PyInterpreterState_IDDecref(interp: *mut PyInterpreterState) { subinterpreters::decref(at(interp)) }
    fn _PyInterpreterState_RequiresIDRef(interp: *mut PyInterpreterState) -> c_int { at(interp).needs_references.get() as c_int }
    fn _PyInterpreterState_RequireIDRef(interp: *mut PyInterpreterState, required: c_int) { at(interp).needs_references.set(required != 0) }
    fn _PyInterpreterState_GetWhence(interp: *mut PyInterpreterState) -> c_long { at(interp).whence.get() as c_long }
    fn _PyInterpreterState_IsReady(interp: *mut PyInterpreterState) -> c_int { at(interp).is_ready.get() as c_int }
    fn _PyInterpreterState_IsRunningMain(interp: *mut PyInterpreterState) -> c_int { at(interp).is_running_main() as c_int }
    fn _PyInterpreterState_SetRunningMain(interp: *mut PyInterpreterState) -> c_int {
        match runtime::crossinterp::session::set_running_main(at(interp)) {
            Ok(()) => 0,
            Err(_) => -1,
        }
    }
    fn _PyInterpreterState_SetNotRunningMain(interp: *mut PyInterpreterState) { at(interp).running_main.set(ptr::null()) }
}

c_api! {
    fn _PyInterpreterState_LookUpID(id: i64) -> *mut PyInterpreterState {
        match subinterpreters::find(id) {
            Some(interp) => interp.as_ptr(),
            None => {
                subinterpreters::not_found(id);
                ptr::null_mut()
            }
        }
    }
    fn _PyInterpreterState_LookUpIDObject(id: &Object) -> *mut PyInterpreterState { subinterpreters::look_up(id).map_or(ptr::null_mut(), |interp| interp.as_ptr()) }
    fn _PyInterpreterState_ObjectToID(id: &Object) -> i64 { subinterpreters::id_of(id).unwrap_or(-1) }
    fn _PyInterpreterState_GetIDObject(interp: *mut PyInterpreterState) -> PyResult { Ok(subinterpreters::id_object(at(interp))) }
    fn PyUnstable_InterpreterState_GetMainModule(interp: *mut PyInterpreterState) -> PyResult {
        let found = subinterpreters::call_in(at(interp), || match import::get_module(intern!("__main__")) {
            Ok(found) => found,
            Err(_) => {
                errors::clear();
                None
            }
        });
        found.ok_or_else(|| runtime::err!(RuntimeError, "interpreter __main__ module not available"))
    }
}
