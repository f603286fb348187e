//! Remote debugging (PEP 768): another process leaves the path of a script in the main thread's state and asks the eval breaker for it.

use crate::errors::{self, PyResult, Raised};
use crate::gil::DEBUGGER_PENDING;
use crate::remote_process::Process;
use crate::types::{Dict, Str};
use crate::{audit, compile, err, exceptions, interp, state};
use abi::PyThreadState;
use std::ffi::CStr;
use std::mem::offset_of;
use std::os::unix::ffi::OsStrExt;
use std::sync::atomic::{AtomicU8, Ordering};

/// Bytes of a script's path with its NUL.
pub const PATH_SIZE: usize = 512;

/// Whether this process may be debugged, for others to read.
static ALLOWED: AtomicU8 = AtomicU8::new(0);

/// Says so, once the configuration is known.
pub fn publish() {
    ALLOWED.store(is_enabled() as u8, Ordering::Relaxed);
}

/// Unless the command line or the environment forbids it.
pub fn is_enabled() -> bool {
    let config = state::get().config.borrow();
    let by_environment = !config.ignore_environment && std::env::var_os("PYTHON_DISABLE_REMOTE_DEBUG").is_some_and(|value| !value.is_empty());
    !by_environment && !config.x_options.iter().any(|(name, _)| name == "disable-remote-debug")
}

// ---- the process that is debugged --------------------------------------------------------------------------------------------------------

/// Runs the script that was asked for, at the eval breaker. What goes wrong in it is reported.
#[cold]
pub fn run_pending(ts: &PyThreadState) {
    let support = &ts.remote_debugger_support;
    if support.debugger_pending_call.replace(0) != 1 || !is_enabled() {
        return;
    }
    let bytes: Vec<u8> = support.debugger_script_path.iter().map(|byte| byte.get()).take_while(|&byte| byte != 0).collect();
    let path = Str::from_wtf8(&bytes);
    if audit::audit("cpython.remote_debugger_script", &[&path]).is_err() {
        return exceptions::write_unraisable(Some(&format!("Audit hook failed for remote debugger script {}", &*path)), None);
    }
    if run_script(&bytes).is_err() {
        exceptions::write_unraisable(Some(&format!("Error executing debugger script {}", &*path)), None);
    }
}

fn run_script(bytes: &[u8]) -> PyResult<()> {
    let source = std::fs::read(std::ffi::OsStr::from_bytes(bytes)).map_err(|error| os_error(error.raw_os_error().unwrap_or(libc::EIO)))?;
    let code = compile::compile_source(&source, &Str::new("<string>"), compile::Mode::Exec, 0, -1)?;
    // A namespace of its own.
    let dict = Dict::new();
    dict.set("__builtins__", &*state::builtins()?.dict())?;
    interp::eval_code(&code, &dict, &dict).map(drop)
}

fn os_error(number: i32) -> Raised {
    // SAFETY: the calling thread's own errno.
    unsafe { *libc::__errno_location() = number };
    exceptions::raise_errno()
}

// ---- the process that asks -----------------------------------------------------------------------------------------------------------------

/// `sys.remote_exec`: has process `pid` run the script at `path` (which exists).
pub fn request(pid: i32, path: &CStr) -> PyResult<()> {
    let path = path.to_bytes_with_nul();
    if path.len() > PATH_SIZE {
        return Err(err!(ValueError, "script path is too long"));
    }
    let not_found = || err!(RuntimeError, "PyRuntime address lookup failed during debug offsets initialization");
    let Some(process) = Process::open(pid) else { return Err(not_found()) };
    if process.byte(process.address_of(&raw const ALLOWED))? == 0 {
        return Err(err!(RuntimeError, "Remote debugging is not enabled in the remote process"));
    }
    let thread = process.main_thread()?;
    if thread == 0 {
        return Err(not_found());
    }
    let support = thread + offset_of!(PyThreadState, remote_debugger_support);
    process.write(support + size_of::<i32>(), path)?;
    process.write(support, &1i32.to_ne_bytes())?;
    let breaker = thread + offset_of!(PyThreadState, eval_breaker);
    let requests = process.word(breaker)?;
    process.write(breaker, &(requests | DEBUGGER_PENDING).to_ne_bytes())
}

/// Serves the request in the eval breaker, whatever exception is set meanwhile.
pub fn serve(ts: &PyThreadState) {
    ts.eval_breaker.fetch_and(!DEBUGGER_PENDING, Ordering::Relaxed);
    errors::preserve(|| run_pending(ts));
}
