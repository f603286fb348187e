//! `faulthandler`: tracebacks when the process crashes, on a signal, or after a time.
//!
//! What a signal handler does here allocates nothing and takes no locks: it walks the frames and writes to the descriptor. A crash
//! may have left anything behind; pointers are only followed while they look like a frame chain.

use crate::err;
use crate::errors::PyResult;
use crate::exceptions;
use crate::gil;
use crate::interp::frame::InterpreterFrame;
use crate::intern;
use crate::modules::pytime::{self, Rounding, SECOND};
use crate::object::{Object, Owned, PyTyped};
use crate::protocol::{call, number, sequence};
use crate::state;
use crate::tstate::{self, ThreadState};
use crate::types::{Dict, FrozenSet, GilCell, Int, Module, Str};
use libc::c_int;
use macros::pymodule;
use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicPtr, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// Frames of a thread, and threads, that are shown at most.
const MAX_FRAMES: usize = 100;
const MAX_THREADS: usize = 100;
const MAX_STRING: usize = 500;

/// The crashes that `enable()` handles.
const FATAL: [(c_int, &str); 5] = [
    (libc::SIGBUS, "Bus error"),
    (libc::SIGILL, "Illegal instruction"),
    (libc::SIGFPE, "Floating-point exception"),
    (libc::SIGABRT, "Aborted"),
    (libc::SIGSEGV, "Segmentation fault"),
];

// ---- writing ----------------------------------------------------------------------------------------------------------------------------

fn write(fd: c_int, mut text: &[u8]) {
    while !text.is_empty() {
        // SAFETY: a live slice.
        let n = unsafe { libc::write(fd, text.as_ptr().cast(), text.len()) };
        if n <= 0 {
            return;
        }
        text = &text[n as usize..];
    }
}

fn write_decimal(fd: c_int, mut value: u64) {
    let mut digits = [0u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    write(fd, &digits[at..]);
}

fn write_hexadecimal(fd: c_int, value: u64, width: usize) {
    let mut digits = [b'0'; 16];
    for (i, digit) in digits.iter_mut().enumerate() {
        *digit = b"0123456789abcdef"[(value >> (60 - 4 * i)) as usize & 15];
    }
    let significant = 16 - (value.leading_zeros() as usize / 4).min(15);
    write(fd, &digits[16 - width.max(significant).min(16)..]);
}

/// A str in ASCII, the rest escaped.
fn write_text(fd: c_int, text: &Str) {
    for i in 0..text.len().min(MAX_STRING) {
        match text.char_at(i) {
            c @ 0x20..0x7f => write(fd, &[c as u8]),
            c @ 0..0x100 => {
                write(fd, b"\\x");
                write_hexadecimal(fd, c as u64, 2);
            }
            c @ 0x100..0x10000 => {
                write(fd, b"\\u");
                write_hexadecimal(fd, c as u64, 4);
            }
            c => {
                write(fd, b"\\U");
                write_hexadecimal(fd, c as u64, 8);
            }
        }
    }
    if text.len() > MAX_STRING {
        write(fd, b"...");
    }
}

/// The frames of a thread.
fn write_frames(fd: c_int, ts: &ThreadState) {
    let mut frame = ts.0.current_frame.get() as *mut InterpreterFrame;
    if frame.is_null() {
        return write(fd, b"  <no Python frame>\n");
    }
    let mut shown = 0;
    // SAFETY: the chain of a thread that does not run, or that was interrupted between changes of it.
    unsafe {
        while !frame.is_null() {
            frame = crate::interp::frame::first_complete(frame);
            if frame.is_null() {
                break;
            }
            if shown >= MAX_FRAMES {
                write(fd, b"  ...\n");
                break;
            }
            shown += 1;
            let code = (*frame).code();
            write(fd, b"  File \"");
            write_text(fd, code.filename());
            write(fd, b"\", line ");
            match (*frame).current_line() {
                line if line >= 0 => write_decimal(fd, line as u64),
                _ => write(fd, b"???"),
            }
            write(fd, b" in ");
            write_text(fd, code.name());
            write(fd, b"\n");
            frame = (*frame).previous;
        }
    }
}

/// The end of a fatal error while the interpreter starts: the exception that is set, and the thread.
pub fn report_start_failure() {
    // SAFETY: a query.
    let ident = unsafe { libc::pthread_self() };
    if let Some(thread) = tstate::all().first() {
        if let Some(exc) = crate::errors::take() {
            crate::exceptions::report::display(&exc);
        }
        write(2, b"\n");
        write_ident_header(2, ident, true);
        // SAFETY: registered states live.
        write_frames(2, unsafe { &**thread });
    } else {
        write(2, b"\n");
        write_ident_header(2, ident, true);
        write(2, b"  <no Python frame>\n");
    }
}

fn write_thread_header(fd: c_int, ts: &ThreadState, current: bool) {
    write_ident_header(fd, ts.0.thread_id.get() as libc::pthread_t, current);
}

fn write_ident_header(fd: c_int, ident: libc::pthread_t, current: bool) {
    write(fd, if current { b"Current thread 0x".as_slice() } else { b"Thread 0x" });
    write_hexadecimal(fd, ident as u64, 16);
    let mut name = [0u8; 32];
    // SAFETY: the thread lives while its state does.
    if unsafe { libc::pthread_getname_np(ident, name.as_mut_ptr().cast(), name.len()) } == 0 {
        let end = name.iter().position(|&b| b == 0).unwrap_or(0);
        if end > 0 {
            write(fd, b" [");
            write(fd, &name[..end]);
            write(fd, b"]");
        }
    }
    write(fd, b" (most recent call first):\n");
}

/// All threads' states as the list stood when it was last changed safely; handlers must not wait for locks.
fn each_thread(mut f: impl FnMut(&ThreadState)) {
    for state in tstate::all().into_iter().rev().take(MAX_THREADS) {
        // SAFETY: registered states live.
        f(unsafe { &*state });
    }
}

fn write_traceback(fd: c_int, all_threads: bool, current: Option<&ThreadState>) {
    if !all_threads {
        write(fd, b"Stack (most recent call first):\n");
        match current {
            Some(ts) => write_frames(fd, ts),
            None => write(fd, b"  <no Python frame>\n"),
        }
        return;
    }
    let mut first = true;
    each_thread(|ts| {
        if !first {
            write(fd, b"\n");
        }
        first = false;
        write_thread_header(fd, ts, current.is_some_and(|c| std::ptr::eq(c, ts)));
        write_frames(fd, ts);
    });
}

/// The native modules that were imported and are not of the standard library.
fn write_extension_modules(fd: c_int) {
    let Ok(modules) = state::modules() else { return };
    let Some(modules) = modules.downcast::<Dict>() else { return };
    let known = state::sys_attribute(intern!("stdlib_module_names")).ok().flatten();
    let is_known = |name: &Str| known.as_ref().is_some_and(|names| FrozenSet::check_exact(names) && sequence::contains(names, name).unwrap_or(false));
    let (mut pos, mut total) = (0, 0);
    while let Some((name, module)) = modules.next(&mut pos) {
        let (Some(name), Some(module)) = (name.downcast::<Str>(), module.downcast::<Module>()) else { continue };
        if !module.is_native() || is_known(name) {
            continue;
        }
        write(fd, if total == 0 { b"\nExtension modules: ".as_slice() } else { b", " });
        total += 1;
        write_text(fd, name);
    }
    if total > 0 {
        write(fd, b" (total: ");
        write_decimal(fd, total);
        write(fd, b")\n");
    }
}

// ---- files ------------------------------------------------------------------------------------------------------------------------------

/// The descriptor of a file argument, and what keeps the file open.
fn descriptor(file: Option<&Object>) -> PyResult<(c_int, Option<Owned>)> {
    let file = match file.filter(|f| !f.is_none()) {
        Some(file) => file.to_owned(),
        None => match state::sys_attribute(intern!("stderr"))? {
            Some(stderr) if !stderr.is_none() => stderr,
            Some(_) => return Err(err!(RuntimeError, "sys.stderr is None")),
            None => return Err(err!(RuntimeError, "unable to get sys.stderr")),
        },
    };
    if Int::check(&file) {
        let fd = number::as_i32(&file)?;
        if fd < 0 {
            return Err(err!(ValueError, "file is not a valid file descriptor"));
        }
        return Ok((fd, None));
    }
    let fileno = call::call_method0(&file, intern!("fileno"))?;
    let fd = match fileno.downcast::<Int>().and_then(|fd| fd.as_i64()) {
        Some(fd @ 0..=0x7fff_ffff) => fd as c_int,
        Some(_) => return Err(err!(RuntimeError, "file.fileno() is not a valid file descriptor")),
        None => return Err(err!(RuntimeError, "file.fileno() is not a valid file descriptor")),
    };
    if call::call_method0(&file, intern!("flush")).is_err() {
        crate::errors::clear();
    }
    Ok((fd, Some(file)))
}

// ---- crashes ----------------------------------------------------------------------------------------------------------------------------

static FATAL_FD: AtomicI32 = AtomicI32::new(2);
static FATAL_ALL_THREADS: AtomicBool = AtomicBool::new(true);
static ENABLED: AtomicBool = AtomicBool::new(false);
static FATAL_FILE: GilCell<RefCell<Option<Owned>>> = GilCell(RefCell::new(None));
static PREVIOUS: GilCell<RefCell<Vec<(c_int, libc::sigaction)>>> = GilCell(RefCell::new(Vec::new()));

extern "C" fn fatal_handler(signum: c_int) {
    // SAFETY: errno of this thread; the default action is put back before the signal is raised again.
    unsafe {
        let errno = *libc::__errno_location();
        libc::signal(signum, libc::SIG_DFL);
        let fd = FATAL_FD.load(Ordering::Relaxed);
        write(fd, b"Fatal Python error: ");
        let name = FATAL.iter().find(|(number, _)| *number == signum).map_or("unknown signal", |(_, name)| name);
        write(fd, name.as_bytes());
        write(fd, b"\n\n");
        let all = FATAL_ALL_THREADS.load(Ordering::Relaxed);
        write_traceback(fd, all, ThreadState::try_current());
        if ThreadState::try_current().is_some() {
            write_extension_modules(fd);
        }
        *libc::__errno_location() = errno;
        libc::raise(signum);
    }
}

/// Gives this thread a stack for handlers, so that an overflow of its own can be reported.
fn alternative_stack() {
    thread_local! {
        static STACK: Cell<bool> = const { Cell::new(false) };
    }
    if STACK.replace(true) {
        return;
    }
    const SIZE: usize = 64 * 1024;
    let stack = libc::stack_t { ss_sp: Box::leak(vec![0u8; SIZE].into_boxed_slice()).as_mut_ptr().cast(), ss_flags: 0, ss_size: SIZE };
    // SAFETY: memory that is never freed.
    unsafe { libc::sigaltstack(&stack, std::ptr::null_mut()) };
}

fn install(signum: c_int, handler: extern "C" fn(c_int), flags: c_int) -> PyResult<libc::sigaction> {
    // SAFETY: a complete sigaction; the old one is written to a local.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        let mut old: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = handler as *const () as usize;
        libc::sigemptyset(&mut action.sa_mask);
        action.sa_flags = flags;
        if libc::sigaction(signum, &action, &mut old) != 0 {
            return Err(exceptions::raise_errno());
        }
        Ok(old)
    }
}

/// `faulthandler.enable()`, also for the command line.
pub fn enable_for(file: Option<&Object>, all_threads: bool) -> PyResult<()> {
    let (fd, file) = descriptor(file)?;
    FATAL_FD.store(fd, Ordering::Relaxed);
    FATAL_ALL_THREADS.store(all_threads, Ordering::Relaxed);
    let old = std::mem::replace(&mut *FATAL_FILE.0.borrow_mut(), file);
    drop(old);
    if ENABLED.swap(true, Ordering::Relaxed) {
        return Ok(());
    }
    alternative_stack();
    for (signum, _) in FATAL {
        let old = install(signum, fatal_handler, libc::SA_NODEFER | libc::SA_ONSTACK)?;
        PREVIOUS.0.borrow_mut().push((signum, old));
    }
    Ok(())
}

/// Enables it if the command line or the environment says so (`-X faulthandler`, `PYTHONFAULTHANDLER`, development mode).
pub fn enable_if_asked() -> PyResult<()> {
    let asked = state::get().config.borrow().faulthandler;
    if !asked {
        return Ok(());
    }
    if enable_for(None, true).is_err() {
        // Without a standard error stream the descriptor has to do.
        crate::errors::clear();
        enable_for(Some(&*Int::from_i64(2)), true)?;
    }
    Ok(())
}

fn disable_all() -> bool {
    if !ENABLED.swap(false, Ordering::Relaxed) {
        return false;
    }
    for (signum, old) in PREVIOUS.0.borrow_mut().drain(..) {
        // SAFETY: what was installed before.
        unsafe { libc::sigaction(signum, &old, std::ptr::null_mut()) };
    }
    let old = FATAL_FILE.0.borrow_mut().take();
    drop(old);
    true
}

// ---- after a time -----------------------------------------------------------------------------------------------------------------------

struct Watchdog {
    cancelled: Mutex<bool>,
    wake: Condvar,
}

static WATCHDOG: GilCell<RefCell<Option<(Arc<Watchdog>, std::thread::JoinHandle<()>, Option<Owned>)>>> = GilCell(RefCell::new(None));

fn cancel() {
    let running = WATCHDOG.0.borrow_mut().take();
    if let Some((watchdog, thread, file)) = running {
        *watchdog.cancelled.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = true;
        watchdog.wake.notify_all();
        let _ = thread.join();
        drop(file);
    }
}

fn watch(watchdog: &Watchdog, timeout: Duration, repeat: bool, fd: c_int, exit: bool, header: &str) {
    let mut cancelled = watchdog.cancelled.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    loop {
        let (guard, result) = watchdog.wake.wait_timeout_while(cancelled, timeout, |c| !*c).unwrap_or_else(|poisoned| poisoned.into_inner());
        cancelled = guard;
        if *cancelled || !result.timed_out() {
            return;
        }
        write(fd, header.as_bytes());
        write_traceback(fd, true, None);
        if exit {
            // SAFETY: ends the process.
            unsafe { libc::_exit(1) };
        }
        if !repeat {
            return;
        }
    }
}

/// "Timeout (0:00:01.500000)!" with a line's end.
fn timeout_header(us: i64) -> String {
    let (seconds, us) = (us / 1_000_000, us % 1_000_000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    let (hours, minutes) = (minutes / 60, minutes % 60);
    match us {
        0 => format!("Timeout ({hours}:{minutes:02}:{seconds:02})!\n"),
        us => format!("Timeout ({hours}:{minutes:02}:{seconds:02}.{us:06})!\n"),
    }
}

// ---- on a signal ------------------------------------------------------------------------------------------------------------------------

struct UserSignal {
    enabled: AtomicBool,
    fd: AtomicI32,
    all_threads: AtomicBool,
    chain: AtomicBool,
    previous: AtomicPtr<libc::sigaction>,
    /// Keeps reports of one signal apart.
    reports: AtomicU64,
}

static USER: [UserSignal; 65] = [const {
    UserSignal {
        enabled: AtomicBool::new(false),
        fd: AtomicI32::new(2),
        all_threads: AtomicBool::new(true),
        chain: AtomicBool::new(false),
        previous: AtomicPtr::new(std::ptr::null_mut()),
        reports: AtomicU64::new(0),
    }
}; 65];
static USER_FILES: GilCell<RefCell<Vec<(c_int, Owned)>>> = GilCell(RefCell::new(Vec::new()));

extern "C" fn user_handler(signum: c_int) {
    let Some(user) = USER.get(signum as usize).filter(|user| user.enabled.load(Ordering::Relaxed)) else { return };
    // SAFETY: errno of this thread; the previous handler is put in place for the time of the call.
    unsafe {
        let errno = *libc::__errno_location();
        user.reports.fetch_add(1, Ordering::Relaxed);
        write_traceback(user.fd.load(Ordering::Relaxed), user.all_threads.load(Ordering::Relaxed), ThreadState::try_current());
        let previous = user.previous.load(Ordering::Relaxed);
        if user.chain.load(Ordering::Relaxed) && !previous.is_null() {
            libc::sigaction(signum, previous, std::ptr::null_mut());
            *libc::__errno_location() = errno;
            libc::raise(signum);
            let _ = install_user(signum, true);
        }
        *libc::__errno_location() = errno;
    }
}

fn install_user(signum: c_int, chain: bool) -> PyResult<libc::sigaction> {
    // The chained handler has to be able to run while this one does.
    let flags = libc::SA_RESTART | libc::SA_ONSTACK | if chain { libc::SA_NODEFER } else { 0 };
    install(signum, user_handler, flags)
}

fn check_signal(signum: c_int) -> PyResult<&'static UserSignal> {
    if FATAL.iter().any(|(fatal, _)| *fatal == signum) {
        return Err(err!(RuntimeError, "signal {} cannot be registered, use enable() instead", signum));
    }
    match USER.get(signum as usize) {
        Some(user) if signum >= 1 => Ok(user),
        _ => Err(err!(ValueError, "signal number out of range")),
    }
}

fn stop_user(signum: c_int, user: &UserSignal) -> bool {
    if !user.enabled.swap(false, Ordering::Relaxed) {
        return false;
    }
    let previous = user.previous.swap(std::ptr::null_mut(), Ordering::Relaxed);
    if !previous.is_null() {
        // SAFETY: a leaked sigaction, owned by the slot it was taken from.
        unsafe {
            libc::sigaction(signum, previous, std::ptr::null_mut());
            drop(Box::from_raw(previous));
        }
    }
    let files: Vec<(c_int, Owned)> = {
        let mut files = USER_FILES.0.borrow_mut();
        let (gone, kept) = std::mem::take(&mut *files).into_iter().partition(|(number, _)| *number == signum);
        *files = kept;
        gone
    };
    drop(files);
    true
}

/// For tests of a stack that overflows.
#[allow(unconditional_recursion)]
fn recurse(depth: usize) -> usize {
    let frame = [depth; 512];
    std::hint::black_box(&frame);
    recurse(depth + 1) + frame[depth % 512]
}

/// Tracebacks when the process crashes, on a signal, or after a time.
#[pymodule(name = "faulthandler")]
pub mod module {
    use super::*;

    /// Write the traceback of this thread, or of all, to a file.
    #[function("dump_traceback($module, /, file=sys.stderr, all_threads=True)")]
    fn dump_traceback(file: Option<&Object>, all_threads: bool) -> PyResult<()> {
        let (fd, keep) = descriptor(file)?;
        write_traceback(fd, all_threads, Some(ThreadState::current()));
        drop(keep);
        gil::check_signals()
    }

    /// Write a note that there is no stack of C functions to show.
    #[function("dump_c_stack($module, /, file=sys.stderr)")]
    fn dump_c_stack(file: Option<&Object>) -> PyResult<()> {
        let (fd, keep) = descriptor(file)?;
        write(fd, b"Current thread's C stack trace (most recent call first):\n  <cannot get C stack on this system>\n");
        drop(keep);
        Ok(())
    }

    /// Have tracebacks written when the process crashes.
    #[function("enable($module, /, file=sys.stderr, all_threads=True)")]
    fn enable(file: Option<&Object>, all_threads: bool) -> PyResult<()> {
        enable_for(file, all_threads)
    }

    /// Undo enable(). The result says whether it was in force.
    #[function("disable($module, /)")]
    fn disable() -> bool {
        disable_all()
    }

    /// Whether crashes are reported.
    #[function("is_enabled($module, /)")]
    fn is_enabled() -> bool {
        ENABLED.load(Ordering::Relaxed)
    }

    /// Have the tracebacks of all threads written after a time, once or repeatedly; the process may be ended then.
    #[function("dump_traceback_later($module, /, timeout, repeat=False, file=sys.stderr,\n                     exit=False)")]
    fn dump_traceback_later(timeout: &Object, repeat: bool, file: Option<&Object>, exit: bool) -> PyResult<()> {
        let ns = pytime::from_seconds(timeout, Rounding::Up)?;
        let us = ns / 1000 + (ns % 1000 > 0) as i64;
        if us <= 0 {
            return Err(err!(ValueError, "timeout must be greater than 0"));
        }
        if us > i64::MAX / SECOND {
            return Err(err!(OverflowError, "timeout value is too large"));
        }
        let (fd, keep) = descriptor(file)?;
        cancel();
        let watchdog = Arc::new(Watchdog { cancelled: Mutex::new(false), wake: Condvar::new() });
        let (shared, header) = (watchdog.clone(), timeout_header(us));
        let timeout = Duration::from_micros(us as u64);
        let started = std::thread::Builder::new().spawn(move || {
            // SAFETY: signals are for the threads that run Python.
            unsafe {
                let mut all: libc::sigset_t = std::mem::zeroed();
                libc::sigfillset(&mut all);
                libc::pthread_sigmask(libc::SIG_SETMASK, &all, std::ptr::null_mut());
            }
            watch(&shared, timeout, repeat, fd, exit, &header);
        });
        match started {
            Ok(thread) => *WATCHDOG.0.borrow_mut() = Some((watchdog, thread, keep)),
            Err(_) => return Err(err!(RuntimeError, "unable to start watchdog thread")),
        }
        Ok(())
    }

    /// Cancel what dump_traceback_later() asked for.
    #[function("cancel_dump_traceback_later($module, /)")]
    fn cancel_dump_traceback_later() {
        cancel();
    }

    /// Have tracebacks written when a signal arrives; with 'chain' the handler before is called too.
    #[function("register($module, /, signum, file=sys.stderr, all_threads=True,\n         chain=False)")]
    fn register(signum: i32, file: Option<&Object>, all_threads: bool, chain: bool) -> PyResult<()> {
        let user = check_signal(signum)?;
        let (fd, keep) = descriptor(file)?;
        if !user.enabled.load(Ordering::Relaxed) {
            let old = install_user(signum, chain)?;
            let old = user.previous.swap(Box::into_raw(Box::new(old)), Ordering::Relaxed);
            debug_assert!(old.is_null());
        }
        user.fd.store(fd, Ordering::Relaxed);
        user.all_threads.store(all_threads, Ordering::Relaxed);
        user.chain.store(chain, Ordering::Relaxed);
        user.enabled.store(true, Ordering::Relaxed);
        if let Some(file) = keep {
            USER_FILES.0.borrow_mut().push((signum, file));
        }
        Ok(())
    }

    /// Undo register(). The result says whether it was in force.
    #[function("unregister($module, signum, /)")]
    fn unregister(signum: i32) -> PyResult<bool> {
        let user = check_signal(signum)?;
        Ok(stop_user(signum, user))
    }

    /// For tests: read from the address 0.
    #[function("_read_null($module, /)")]
    fn read_null() {
        // SAFETY: a crash is what the caller asks for.
        unsafe {
            libc::raise(libc::SIGSEGV);
            libc::raise(libc::SIGSEGV);
        }
    }
    /// For tests: raise SIGSEGV.
    #[function("_sigsegv($module, release_gil=False, /)")]
    fn sigsegv(release_gil: bool) {
        // SAFETY: a crash is what the caller asks for.
        let crash = || unsafe {
            libc::raise(libc::SIGSEGV);
            // The first one may only have put the default action back.
            libc::raise(libc::SIGSEGV)
        };
        if release_gil { gil::allow_threads(crash) } else { crash() };
    }
    /// For tests: raise SIGFPE.
    #[function("_sigfpe($module, /)")]
    fn sigfpe() {
        // SAFETY: as above.
        unsafe { libc::raise(libc::SIGFPE) };
    }
    /// For tests: abort.
    #[function("_sigabrt($module, /)")]
    fn sigabrt() {
        // SAFETY: as above.
        unsafe { libc::abort() };
    }
    /// For tests: recurse without an end.
    #[function("_stack_overflow($module, /)")]
    fn stack_overflow() -> usize {
        recurse(0)
    }
}
