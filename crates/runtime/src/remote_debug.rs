//! Remote debugging (PEP 768): another process leaves the path of a script in the main thread's state and asks the eval breaker for it.
//!
//! The other process must run the same executable: the place of our statics relative to the executable's first mapping is then the same.

use crate::errors::{self, PyResult, Raised};
use crate::gil::{self, DEBUGGER_PENDING};
use crate::types::Str;
use crate::{audit, compile, err, exceptions, interp, pythonrun, state};
use abi::PyThreadState;
use std::ffi::{CStr, c_void};
use std::mem::offset_of;
use std::os::unix::ffi::OsStrExt;
use std::sync::atomic::Ordering;

/// Bytes of a script's path with its NUL.
pub const PATH_SIZE: usize = 512;

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
    if run_script(&bytes, &path).is_err() {
        exceptions::write_unraisable(Some(&format!("Error executing debugger script {}", &*path)), None);
    }
}

fn run_script(bytes: &[u8], path: &Str) -> PyResult<()> {
    let source = std::fs::read(std::ffi::OsStr::from_bytes(bytes)).map_err(|error| os_error(error.raw_os_error().unwrap_or(libc::EIO)))?;
    let code = compile::compile_source(&source, path, compile::Mode::Exec, 0, -1)?;
    let dict = pythonrun::main_dict()?;
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
    let (Some(ours), Some(theirs)) = (executable_base("self"), executable_base(&pid.to_string())) else { return Err(not_found()) };
    if ours.1 != theirs.1 {
        return Err(err!(RuntimeError, "the remote process runs another executable"));
    }
    let slot = theirs.0 + (gil::main_thread_slot() - ours.0);
    let mut pointer = [0u8; size_of::<usize>()];
    read(pid, slot, &mut pointer)?;
    let thread = usize::from_ne_bytes(pointer);
    if thread == 0 {
        return Err(not_found());
    }
    let support = thread + offset_of!(PyThreadState, remote_debugger_support);
    write(pid, support + size_of::<i32>(), path)?;
    write(pid, support, &1i32.to_ne_bytes())?;
    let breaker = thread + offset_of!(PyThreadState, eval_breaker);
    let mut requests = [0u8; size_of::<usize>()];
    read(pid, breaker, &mut requests)?;
    write(pid, breaker, &(usize::from_ne_bytes(requests) | DEBUGGER_PENDING).to_ne_bytes())
}

/// Where a process has its executable in memory, and which file that is (device and inode, as `maps` writes them).
fn executable_base(process: &str) -> Option<(usize, String)> {
    let name = std::fs::read_link(format!("/proc/{process}/exe")).ok()?;
    let maps = std::fs::read(format!("/proc/{process}/maps")).ok()?;
    for line in maps.split(|&byte| byte == b'\n') {
        let line = String::from_utf8_lossy(line);
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let [range, _, offset, device, inode, path, ..] = fields[..] else { continue };
        if offset.bytes().all(|digit| digit == b'0') && path.as_bytes() == name.as_os_str().as_bytes() {
            let base = usize::from_str_radix(range.split('-').next()?, 16).ok()?;
            return Some((base, format!("{device} {inode}")));
        }
    }
    None
}

fn transfer(pid: i32, address: usize, local: *mut c_void, len: usize, writing: bool) -> PyResult<()> {
    let here = libc::iovec { iov_base: local, iov_len: len };
    let there = libc::iovec { iov_base: address as *mut c_void, iov_len: len };
    // SAFETY: the local range is the caller's buffer; the remote one is checked by the kernel.
    let done = unsafe {
        if writing { libc::process_vm_writev(pid, &here, 1, &there, 1, 0) } else { libc::process_vm_readv(pid, &here, 1, &there, 1, 0) }
    };
    match done {
        done if done == len as isize => Ok(()),
        -1 => Err(exceptions::raise_errno()),
        _ => Err(err!(RuntimeError, "Failed to access the memory of process {}", pid)),
    }
}

fn read(pid: i32, address: usize, into: &mut [u8]) -> PyResult<()> {
    transfer(pid, address, into.as_mut_ptr().cast(), into.len(), false)
}

fn write(pid: i32, address: usize, from: &[u8]) -> PyResult<()> {
    transfer(pid, address, from.as_ptr() as *mut c_void, from.len(), true)
}

/// Serves the request in the eval breaker, whatever exception is set meanwhile.
pub fn serve(ts: &PyThreadState) {
    ts.eval_breaker.fetch_and(!DEBUGGER_PENDING, Ordering::Relaxed);
    errors::preserve(|| run_pending(ts));
}
