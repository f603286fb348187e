//! Starting and ending the interpreter from C: what a program calls that has Python inside.
//!
//! In the executable the interpreter runs already, and starting it does nothing. `libpython` is this without a command line (`in_library`). A
//! process starts the interpreter once: what ended cannot be started again.

pub mod config;
mod init_config;
mod wide;

use crate::options::{Options, Program};
use crate::run;
use abi::{PyConfig, PyPreConfig, PyStatus, wchar_t};
use capi::status::{PyStatus_Error, PyStatus_Ok};
use config::{Origin, preset};
use runtime::lifecycle;
use std::ffi::{CStr, c_char, c_int};
use std::mem::MaybeUninit;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// What `Py_RunMain` runs, and whether without its first line.
static MAIN: Mutex<Option<(Program, bool)>> = Mutex::new(None);
static WAS_STARTED: AtomicBool = AtomicBool::new(false);

/// Says that this is the shared library: paths begin where it lies, not at the executable.
pub fn in_library() {
    crate::paths::IN_LIBRARY.store(true, Ordering::Relaxed);
}

/// Starts the interpreter.
fn start(options: Options) -> PyStatus {
    if WAS_STARTED.swap(true, Ordering::Relaxed) {
        return PyStatus_Error(c"the interpreter cannot be started again in the same process".as_ptr());
    }
    let Options { program, config, skip_first_line } = options;
    *MAIN.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some((program, skip_first_line));
    run::register();
    match lifecycle::initialize(config) {
        Ok(()) => {
            capi::data::set_flags();
            PyStatus_Ok()
        }
        Err(failure) => {
            runtime::modules::faulthandler::report_start_failure();
            PyStatus_Error(wide::leaked(failure.message))
        }
    }
}

fn start_from(c: &PyConfig) -> PyStatus {
    if lifecycle::is_initialized() {
        return PyStatus_Ok();
    }
    match config::options(c) {
        Ok(options) => start(options),
        Err(status) => status,
    }
}

/// A configuration with the defaults of the old functions.
fn compat_config(install_signal_handlers: c_int) -> PyConfig {
    let mut c = MaybeUninit::<PyConfig>::zeroed();
    // SAFETY: zero is a value of every field.
    let c = unsafe {
        config::initialize(c.assume_init_mut(), Origin::Compat);
        c.assume_init()
    };
    c.install_signal_handlers.set((install_signal_handlers != 0) as c_int);
    c
}

/// Ends the interpreter; -1 if what was written last could not be.
fn finalize() -> c_int {
    if !lifecycle::is_initialized() {
        return 0;
    }
    -((lifecycle::finalize(0) != 0) as c_int)
}

#[unsafe(no_mangle)]
pub extern "C" fn Py_IsInitialized() -> c_int {
    lifecycle::is_initialized() as c_int
}
#[unsafe(no_mangle)]
pub extern "C" fn Py_Initialize() {
    Py_InitializeEx(1);
}
#[unsafe(no_mangle)]
pub extern "C" fn Py_InitializeEx(install_signal_handlers: c_int) {
    if lifecycle::is_initialized() {
        return;
    }
    let status = start_from(&compat_config(install_signal_handlers));
    if capi::status::PyStatus_Exception(copy(&status)) != 0 {
        // SAFETY: a status of ours.
        unsafe { Py_ExitStatusException(status) }
    }
}
/// # Safety
/// A configuration that was filled in.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn Py_InitializeFromConfig(c: *const PyConfig) -> PyStatus {
    // SAFETY: NULL or by contract.
    match unsafe { c.as_ref() } {
        Some(c) => start_from(c),
        None => PyStatus_Error(c"initialization config is NULL".as_ptr()),
    }
}
/// # Safety
/// NULL or a configuration that was filled in.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn Py_PreInitialize(p: *const PyPreConfig) -> PyStatus {
    // SAFETY: by contract.
    match unsafe { p.as_ref() } {
        Some(p) => {
            config::preinitialize(p);
            PyStatus_Ok()
        }
        None => PyStatus_Error(c"preinitialization config is NULL".as_ptr()),
    }
}
/// # Safety
/// As `Py_PreInitialize`. The arguments are read when the interpreter starts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn Py_PreInitializeFromArgs(p: *const PyPreConfig, _count: isize, _items: *const *mut wchar_t) -> PyStatus {
    // SAFETY: by contract.
    unsafe { Py_PreInitialize(p) }
}
/// # Safety
/// As `Py_PreInitialize`. The arguments are read when the interpreter starts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn Py_PreInitializeFromBytesArgs(p: *const PyPreConfig, _count: isize, _items: *const *const c_char) -> PyStatus {
    // SAFETY: by contract.
    unsafe { Py_PreInitialize(p) }
}
#[unsafe(no_mangle)]
pub extern "C" fn Py_FinalizeEx() -> c_int {
    finalize()
}
#[unsafe(no_mangle)]
pub extern "C" fn Py_Finalize() {
    finalize();
}
/// Runs what the configuration names, or a prompt, and ends the interpreter.
#[unsafe(no_mangle)]
pub extern "C" fn Py_RunMain() -> c_int {
    let main = MAIN.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).take();
    let (program, skip_first_line) = main.unwrap_or((Program::Stdin, false));
    run::run_to_end(&program, skip_first_line)
}
/// # Safety
/// As many strings as there are said to be.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn Py_BytesMain(count: c_int, items: *const *const c_char) -> c_int {
    // SAFETY: by contract.
    run::main_with(unsafe { wide::arguments(count as isize, items) })
}
/// # Safety
/// As many strings as there are said to be.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn Py_Main(count: c_int, items: *const *mut wchar_t) -> c_int {
    // SAFETY: by contract.
    run::main_with(unsafe { wide::wide_arguments(count as isize, items) })
}
/// Ends the process as the status says.
/// # Safety
/// A status of this interface.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn Py_ExitStatusException(status: PyStatus) {
    if capi::status::PyStatus_IsExit(copy(&status)) != 0 {
        std::process::exit(status.exitcode.get());
    }
    // SAFETY: NULL or C strings that are never freed.
    let text = |text: *const c_char| (!text.is_null()).then(|| unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned());
    if capi::status::PyStatus_IsError(copy(&status)) != 0 {
        let function = text(status.func.get()).map_or(String::new(), |function| format!("{function}: "));
        let message = text(status.err_msg.get()).unwrap_or_default();
        let state = if lifecycle::is_initialized() { "initialized" } else { "preinitialized" };
        eprintln!("Fatal Python error: {function}{message}\nPython runtime state: {state}\n");
        std::process::exit(1);
    }
}

fn copy(status: &PyStatus) -> PyStatus {
    PyStatus { _type: status._type.clone(), func: status.func.clone(), err_msg: status.err_msg.clone(), exitcode: status.exitcode.clone() }
}

// ---- the older way to say where things are

/// # Safety
/// NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn Py_SetProgramName(name: *const wchar_t) {
    // SAFETY: by contract.
    preset().program_name = unsafe { wide::bytes(name) }.filter(|name| !name.is_empty());
}
/// # Safety
/// NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn Py_SetPythonHome(home: *const wchar_t) {
    // SAFETY: by contract.
    preset().home = unsafe { wide::bytes(home) }.filter(|home| !home.is_empty());
}
