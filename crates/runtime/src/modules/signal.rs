//! `_signal`: signals and what Python does about them.
//!
//! The C handler only notes the signal and asks the main thread's eval loop to look (`gil::trip_signal`); Python handlers run there.

use crate::err;
use crate::errors::{self, PyResult};
use crate::exceptions;
use crate::gil;
use crate::interp::frame;
use crate::intern;
use crate::modules::pytime::{self, Rounding};
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol::object::{CompareOp, is_callable, rich_compare_bool};
use crate::protocol::{call, iter, number};
use crate::types::structseq::{self, Field};
use crate::types::{self, Dict, GilCell, Int, Module, Set, Str, Tuple};
use libc::c_int;
use macros::pymodule;
use std::cell::{OnceCell, RefCell};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

/// One more than the highest signal number.
const NSIG: i32 = 65;

static TRIPPED: [AtomicBool; NSIG as usize] = [const { AtomicBool::new(false) }; NSIG as usize];
/// Python handlers by number; `None` is one that Python did not set.
static HANDLERS: GilCell<RefCell<Vec<Option<Owned>>>> = GilCell(RefCell::new(Vec::new()));
static WAKEUP_FD: AtomicI32 = AtomicI32::new(-1);
static WARN_ON_FULL_BUFFER: AtomicBool = AtomicBool::new(true);
/// errno of a failed write to the wakeup descriptor, to be reported by the main thread; 0 is none.
static WAKEUP_ERRNO: AtomicI32 = AtomicI32::new(0);

/// Notes a signal. Async-signal-safe.
fn trip(signum: c_int) {
    if let Some(flag) = TRIPPED.get(signum as usize) {
        flag.store(true, Ordering::Relaxed);
    }
    gil::trip_signal();
    let fd = WAKEUP_FD.load(Ordering::Relaxed);
    if fd >= 0 {
        let byte = signum as u8;
        // SAFETY: writes one byte of a local; a bad descriptor is an error.
        let written = unsafe { libc::write(fd, (&raw const byte).cast(), 1) };
        if written < 0 {
            // SAFETY: the thread's errno.
            let errno = unsafe { *libc::__errno_location() };
            let full = errno == libc::EAGAIN || errno == libc::EWOULDBLOCK;
            if !full || WARN_ON_FULL_BUFFER.load(Ordering::Relaxed) {
                WAKEUP_ERRNO.store(errno, Ordering::Relaxed);
                gil::trip_signal();
            }
        }
    }
}

extern "C" fn handler(signum: c_int) {
    // SAFETY: the thread's errno, which the interrupted code must not see changed.
    unsafe {
        let errno = *libc::__errno_location();
        trip(signum);
        *libc::__errno_location() = errno;
    }
}

/// Sets the disposition of a signal, without restarting system calls.
fn set_disposition(signum: c_int, disposition: usize) -> Result<(), ()> {
    // SAFETY: a complete sigaction with a handler that is async-signal-safe.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = disposition;
        libc::sigemptyset(&mut action.sa_mask);
        // The handler may run on faulthandler's alternative stack.
        action.sa_flags = libc::SA_ONSTACK;
        if libc::sigaction(signum, &action, std::ptr::null_mut()) != 0 { Err(()) } else { Ok(()) }
    }
}

fn disposition(signum: c_int) -> Option<usize> {
    // SAFETY: reads into a local.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        (libc::sigaction(signum, std::ptr::null(), &mut action) == 0).then_some(action.sa_sigaction)
    }
}

fn python_handler(signum: c_int) -> Option<Owned> {
    HANDLERS.0.borrow().get(signum as usize).cloned().flatten()
}

fn set_python_handler(signum: c_int, function: Option<Owned>) -> Option<Owned> {
    let mut handlers = HANDLERS.0.borrow_mut();
    if handlers.len() < NSIG as usize {
        handlers.resize(NSIG as usize, None);
    }
    match handlers.get_mut(signum as usize) {
        Some(slot) => std::mem::replace(slot, function),
        None => None,
    }
}

/// What start-up does: SIGPIPE and SIGXFSZ are ignored, and the module is imported so that SIGINT raises KeyboardInterrupt.
pub fn install_handlers() -> PyResult<()> {
    let _ = set_disposition(libc::SIGPIPE, libc::SIG_IGN);
    let _ = set_disposition(libc::SIGXFSZ, libc::SIG_IGN);
    crate::import::import_module("_signal").map(drop)
}

/// Puts the default dispositions back, at the interpreter's end.
pub fn finalize() {
    for signum in 1..NSIG {
        let old = set_python_handler(signum, None);
        TRIPPED[signum as usize].store(false, Ordering::Relaxed);
        let ours = old.as_ref().is_some_and(|f| !Int::check(f));
        if ours {
            let _ = set_disposition(signum, libc::SIG_DFL);
        }
        drop(old);
    }
}

/// Forgets signals whose handlers have not run: in a forked child they are the parent's.
pub fn clear_pending() {
    for flag in &TRIPPED {
        flag.store(false, Ordering::Relaxed);
    }
}

/// `PyErr_SetInterruptEx`: as if the signal had arrived, if Python handles it.
pub fn simulate(signum: c_int) -> PyResult<()> {
    check_number(signum)?;
    let handled = python_handler(signum).is_none_or(|f| !Int::check(&f));
    if handled {
        trip(signum);
    }
    Ok(())
}

/// At finalization: no Python function handles a signal any more.
pub fn reset_handlers() {
    for signum in 1..NSIG {
        if python_handler(signum).is_some_and(|function| !function.is_none() && !Int::check(&function)) {
            let _ = set_disposition(signum, libc::SIG_DFL);
            set_python_handler(signum, None);
        }
    }
}

/// Runs the handlers of the signals that came; called by the main thread's eval loop.
fn run_handlers() -> PyResult<()> {
    let errno = WAKEUP_ERRNO.swap(0, Ordering::Relaxed);
    if errno != 0 {
        exceptions::raise_os_error(errno, None, None);
        exceptions::write_unraisable(Some("Exception ignored when trying to write to the signal wakeup fd"), None);
    }
    for signum in 1..NSIG {
        if !TRIPPED[signum as usize].swap(false, Ordering::Relaxed) {
            continue;
        }
        let function = match python_handler(signum) {
            Some(function) if !function.is_none() && !Int::check(&function) => function,
            // Another handler put the default back meanwhile.
            _ => {
                err!(OSError, "Signal {} ignored due to race condition", signum);
                exceptions::write_unraisable(None, None);
                continue;
            }
        };
        let current = frame::current();
        // SAFETY: a running frame; NULL if there is none.
        let frame: Owned = match (!current.is_null()).then(|| unsafe { types::frame::frame_object_of(current) }).flatten() {
            Some(frame) => frame.as_object().to_owned(),
            None => types::none().to_owned(),
        };
        if let Err(raised) = call::call_args(&function, &[&Int::from_i64(signum as i64), &frame]) {
            // The others are run when the exception has been dealt with.
            gil::trip_signal();
            return Err(raised);
        }
    }
    Ok(())
}

fn check_number(signum: c_int) -> PyResult<()> {
    if (1..NSIG).contains(&signum) { Ok(()) } else { Err(err!(ValueError, "signal number out of range")) }
}

fn is_number(object: &Object, value: usize) -> PyResult<bool> {
    Ok(Int::check(object) && rich_compare_bool(object, &Int::from_usize(value), CompareOp::Eq)?)
}

/// A set of signals from an iterable of numbers.
fn sigset(iterable: &Object) -> PyResult<libc::sigset_t> {
    // SAFETY: initialised by sigemptyset.
    let mut set: libc::sigset_t = unsafe {
        let mut set = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        set
    };
    let iterator = iter::get_iter(iterable)?;
    while let Some(item) = iter::iter_next(&iterator)? {
        let signum = number::index(&item)?.as_i64().unwrap_or(-1);
        if signum <= 0 || signum >= NSIG as i64 {
            return Err(err!(ValueError, "signal number {} out of range [1; {}]", signum, NSIG - 1));
        }
        // SAFETY: an initialised set. The C library's own signals are refused by it, which is no error here.
        unsafe { libc::sigaddset(&mut set, signum as c_int) };
    }
    Ok(set)
}

fn set_of(set: &libc::sigset_t) -> PyResult<Owned<Set>> {
    let result = Set::new();
    for signum in 1..NSIG {
        // SAFETY: an initialised set.
        if unsafe { libc::sigismember(set, signum) } == 1 {
            result.add(&Int::from_i64(signum as i64))?;
        }
    }
    Ok(result)
}

fn itimer_error() -> PyResult<&'static Type> {
    static TYPE: GilCell<OnceCell<Owned<Type>>> = GilCell(OnceCell::new());
    if let Some(ty) = TYPE.0.get() {
        return Ok(ty);
    }
    let made = new_exception("signal", "ItimerError", exceptions::OSError())?;
    Ok(TYPE.0.get_or_init(|| made))
}

/// `PyErr_NewException`.
pub fn new_exception(module: &str, name: &str, base: &Type) -> PyResult<Owned<Type>> {
    let namespace = Dict::new();
    namespace.set_str(intern!("__module__"), &Str::new(module))?;
    types::type_new::new_type(types::type_type(), &Str::new(name), &Tuple::new(&[base]), &namespace, None)
}

fn raise_itimer_error() -> errors::Raised {
    let error = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
    match itimer_error() {
        Ok(ty) => {
            let text = exceptions::os_error::strerror(error);
            errors::raise_object(ty, Some(&*Tuple::new(&[&Int::from_i64(error as i64), &Str::new(&text)])))
        }
        Err(raised) => raised,
    }
}

fn siginfo_type() -> PyResult<&'static Type> {
    static TYPE: GilCell<OnceCell<Owned<Type>>> = GilCell(OnceCell::new());
    if let Some(ty) = TYPE.0.get() {
        return Ok(ty);
    }
    let fields = [
        Field::new("si_signo", "signal number"),
        Field::new("si_code", "signal code"),
        Field::new("si_errno", "errno associated with this signal"),
        Field::new("si_pid", "sending process ID"),
        Field::new("si_uid", "real user ID of sending process"),
        Field::new("si_status", "exit value or signal"),
        Field::new("si_band", "band event for SIGPOLL"),
    ];
    let doc = "Information about a signal that was waited for.";
    let made = structseq::new_type("signal.struct_siginfo", doc, &fields, fields.len())?;
    Ok(TYPE.0.get_or_init(|| made))
}

fn siginfo_object(info: &libc::siginfo_t) -> PyResult {
    // SAFETY: the union's fields are plain numbers; si_band is behind the three head words.
    let (pid, uid, status, band) = unsafe { (info.si_pid(), info.si_uid(), info.si_status(), *((info as *const libc::siginfo_t as *const u8).add(16) as *const i64)) };
    let int = |value: i64| Int::from_i64(value).into_object();
    let items = vec![
        int(info.si_signo as i64),
        int(info.si_code as i64),
        int(info.si_errno as i64),
        int(pid as i64),
        int(uid as i64),
        int(status as i64),
        int(band),
    ];
    structseq::new(siginfo_type()?, items)
}

unsafe extern "C" {
    fn getitimer(which: c_int, value: *mut libc::itimerval) -> c_int;
    fn setitimer(which: c_int, new: *const libc::itimerval, old: *mut libc::itimerval) -> c_int;
    fn siginterrupt(signum: c_int, flag: c_int) -> c_int;
    fn strsignal(signum: c_int) -> *const libc::c_char;
}

fn timeval(object: &Object) -> PyResult<libc::timeval> {
    let us = pytime::from_seconds(object, Rounding::Ceiling)?;
    let us = us.div_euclid(1000) + (us.rem_euclid(1000) > 0) as i64;
    Ok(libc::timeval { tv_sec: us.div_euclid(1_000_000), tv_usec: us.rem_euclid(1_000_000) })
}

fn timer_pair(value: &libc::itimerval) -> (f64, f64) {
    let seconds = |t: &libc::timeval| t.tv_sec as f64 + t.tv_usec as f64 / 1e6;
    (seconds(&value.it_value), seconds(&value.it_interval))
}

fn last_error() -> errors::Raised {
    exceptions::raise_errno()
}

macro_rules! signal_numbers {
    ($($name:ident)*) => {
        /// Names and numbers of signals.
        const NUMBERS: &[(&str, c_int)] = &[$((stringify!($name), libc::$name)),*];
    };
}
signal_numbers! {
    SIGHUP SIGINT SIGQUIT SIGILL SIGTRAP SIGIOT SIGABRT SIGFPE SIGKILL SIGBUS SIGSEGV SIGSYS SIGPIPE SIGALRM SIGTERM SIGUSR1 SIGUSR2 SIGCHLD
    SIGPWR SIGIO SIGURG SIGWINCH SIGPOLL SIGSTOP SIGTSTP SIGCONT SIGTTIN SIGTTOU SIGVTALRM SIGPROF SIGXCPU SIGXFSZ SIGSTKFLT
}

/// Signals: handlers, timers, masks, waiting. The signal module is the one to use.
#[pymodule(name = "_signal")]
pub mod module {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        let int = |value: c_int| Int::from_i64(value as i64);
        for (name, value) in NUMBERS {
            module.add(name, &int(*value))?;
        }
        let more = [
            ("SIGCLD", libc::SIGCHLD),
            ("SIGRTMIN", libc::SIGRTMIN()),
            ("SIGRTMAX", libc::SIGRTMAX()),
            ("NSIG", NSIG),
            ("SIG_DFL", libc::SIG_DFL as c_int),
            ("SIG_IGN", libc::SIG_IGN as c_int),
            ("SIG_BLOCK", libc::SIG_BLOCK),
            ("SIG_UNBLOCK", libc::SIG_UNBLOCK),
            ("SIG_SETMASK", libc::SIG_SETMASK),
            ("ITIMER_REAL", 0),
            ("ITIMER_VIRTUAL", 1),
            ("ITIMER_PROF", 2),
        ];
        for (name, value) in more {
            module.add(name, &int(value))?;
        }
        module.add("ItimerError", itimer_error()?)?;
        module.add("struct_siginfo", siginfo_type()?)?;
        gil::set_signal_runner(run_handlers);
        for signum in 1..NSIG {
            if python_handler(signum).is_some() {
                continue;
            }
            let function = match disposition(signum) {
                Some(libc::SIG_DFL) => Some(int(0).into_object()),
                Some(libc::SIG_IGN) => Some(int(1).into_object()),
                _ => None,
            };
            set_python_handler(signum, function);
        }
        let untouched = python_handler(libc::SIGINT).is_some_and(|f| Int::check(&f)) && disposition(libc::SIGINT) == Some(libc::SIG_DFL);
        if untouched && let Some(default) = module.dict().get("default_int_handler") {
            set_python_handler(libc::SIGINT, Some(default));
            let _ = set_disposition(libc::SIGINT, handler as *const () as usize);
        }
        Ok(())
    }

    /// The handler of SIGINT at the start: raises KeyboardInterrupt.
    #[function("default_int_handler($module, signalnum, frame, /)")]
    fn default_int_handler(signalnum: &Object, frame: &Object) -> PyResult<()> {
        let _ = (signalnum, frame);
        Err(errors::raise_none(exceptions::KeyboardInterrupt()))
    }

    /// Have SIGALRM sent in a number of seconds. The result is what was left of an alarm before.
    #[function("alarm($module, seconds, /)")]
    fn alarm(seconds: i32) -> u32 {
        // SAFETY: a plain call.
        unsafe { libc::alarm(seconds as u32) }
    }

    /// Sleep until a signal arrives.
    #[function("pause($module, /)")]
    fn pause() -> PyResult<()> {
        // SAFETY: a plain call.
        gil::allow_threads(|| unsafe { libc::pause() });
        gil::check_signals()
    }

    /// Send a signal to this process.
    #[function("raise_signal($module, signalnum, /)")]
    fn raise_signal(signalnum: i32) -> PyResult<()> {
        // SAFETY: a plain call.
        if gil::allow_threads(|| unsafe { libc::raise(signalnum) }) != 0 {
            return Err(last_error());
        }
        gil::check_signals()
    }

    /// Set what happens when a signal arrives: SIG_DFL, SIG_IGN, or a function of two arguments,
    /// the signal's number and the interrupted frame. The result is what was set before.
    #[function("signal($module, signalnum, handler, /)")]
    fn signal(signalnum: i32, handler: &Object) -> PyResult {
        if !gil::is_main_thread() {
            return Err(err!(ValueError, "signal only works in main thread of the main interpreter"));
        }
        check_number(signalnum)?;
        let disposition = if is_callable(handler) {
            super::handler as *const () as usize
        } else if is_number(handler, libc::SIG_IGN)? {
            libc::SIG_IGN
        } else if is_number(handler, libc::SIG_DFL)? {
            libc::SIG_DFL
        } else {
            return Err(err!(TypeError, "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object"));
        };
        gil::check_signals()?;
        if set_disposition(signalnum, disposition).is_err() {
            return Err(last_error());
        }
        let old = set_python_handler(signalnum, Some(handler.to_owned()));
        Ok(old.unwrap_or_else(|| types::none().to_owned()))
    }

    /// What happens when a signal arrives: SIG_DFL, SIG_IGN, a function, or None if it was not
    /// set by Python.
    #[function("getsignal($module, signalnum, /)")]
    fn getsignal(signalnum: i32) -> PyResult<Option<Owned>> {
        check_number(signalnum)?;
        Ok(python_handler(signalnum))
    }

    /// The system's description of a signal, or None.
    #[function("strsignal($module, signalnum, /)")]
    fn strsignal(signalnum: i32) -> PyResult<Option<String>> {
        check_number(signalnum)?;
        // SAFETY: a static or thread-local NUL-ended string, copied at once.
        let text = unsafe {
            let text = super::strsignal(signalnum);
            if text.is_null() {
                return Ok(None);
            }
            std::ffi::CStr::from_ptr(text).to_string_lossy().into_owned()
        };
        if text.starts_with("Unknown signal") || text.starts_with("Real-time signal") && signalnum < libc::SIGRTMIN() { Ok(None) } else { Ok(Some(text)) }
    }

    /// Whether system calls interrupted by the signal are restarted (a false flag) or fail.
    #[function("siginterrupt($module, signalnum, flag, /)")]
    fn siginterrupt(signalnum: i32, flag: i32) -> PyResult<()> {
        check_number(signalnum)?;
        // SAFETY: a plain call.
        if unsafe { super::siginterrupt(signalnum, flag) } < 0 {
            return Err(last_error());
        }
        Ok(())
    }

    /// Have the number of each signal written to a descriptor when it arrives; -1 is none.
    ///
    /// The result is the descriptor set before. The new one must not block.
    #[function("set_wakeup_fd($module, fd, /, *, warn_on_full_buffer=True)")]
    fn set_wakeup_fd(fd: i32, warn_on_full_buffer: bool) -> PyResult<i32> {
        if !gil::is_main_thread() {
            return Err(err!(ValueError, "set_wakeup_fd only works in main thread of the main interpreter"));
        }
        if fd != -1 {
            // SAFETY: a query.
            let flags = unsafe { libc::fcntl(fd, libc::F_GETFL) };
            if flags < 0 {
                return Err(last_error());
            }
            if flags & libc::O_NONBLOCK == 0 {
                return Err(err!(ValueError, "the fd {} must be in non-blocking mode", fd));
            }
        }
        WARN_ON_FULL_BUFFER.store(warn_on_full_buffer, Ordering::Relaxed);
        Ok(WAKEUP_FD.swap(fd, Ordering::Relaxed))
    }

    /// Start an interval timer: a signal after 'seconds', then every 'interval'.
    ///
    /// The result is the timer's setting before, as (seconds, interval).
    #[function("setitimer($module, which, seconds, interval=0.0, /)")]
    fn setitimer(which: i32, seconds: &Object, interval: Option<&Object>) -> PyResult<(f64, f64)> {
        let it_value = timeval(seconds)?;
        let it_interval = match interval {
            Some(interval) => timeval(interval)?,
            None => libc::timeval { tv_sec: 0, tv_usec: 0 },
        };
        let new = libc::itimerval { it_interval, it_value };
        let mut old = new;
        // SAFETY: two locals.
        if unsafe { super::setitimer(which, &new, &mut old) } != 0 {
            return Err(raise_itimer_error());
        }
        Ok(timer_pair(&old))
    }

    /// The setting of an interval timer.
    #[function("getitimer($module, which, /)")]
    fn getitimer(which: i32) -> PyResult<(f64, f64)> {
        let zero = libc::timeval { tv_sec: 0, tv_usec: 0 };
        let mut old = libc::itimerval { it_interval: zero, it_value: zero };
        // SAFETY: writes to the local.
        if unsafe { super::getitimer(which, &mut old) } != 0 {
            return Err(raise_itimer_error());
        }
        Ok(timer_pair(&old))
    }

    /// Change the signals that this thread blocks; the result is those it blocked before.
    #[function("pthread_sigmask($module, how, mask, /)")]
    fn pthread_sigmask(how: i32, mask: &Object) -> PyResult<Owned<Set>> {
        let mask = sigset(mask)?;
        // SAFETY: two locals.
        let old = unsafe {
            let mut old: libc::sigset_t = std::mem::zeroed();
            let code = libc::pthread_sigmask(how, &mask, &mut old);
            if code != 0 {
                return Err(exceptions::raise_os_error(code, None, None));
            }
            old
        };
        gil::check_signals()?;
        set_of(&old)
    }

    /// The signals that have been sent to this thread but are blocked.
    #[function("sigpending($module, /)")]
    fn sigpending() -> PyResult<Owned<Set>> {
        // SAFETY: writes to the local.
        let set = unsafe {
            let mut set: libc::sigset_t = std::mem::zeroed();
            if libc::sigpending(&mut set) != 0 {
                return Err(last_error());
            }
            set
        };
        set_of(&set)
    }

    /// Wait for one of the signals; the result is its number.
    #[function("sigwait($module, sigset, /)")]
    fn sigwait(sigset: &Object) -> PyResult<i32> {
        let set = super::sigset(sigset)?;
        // SAFETY: locals.
        let (code, signum) = gil::allow_threads(|| unsafe {
            let mut signum = 0;
            (libc::sigwait(&set, &mut signum), signum)
        });
        if code != 0 {
            return Err(exceptions::raise_os_error(code, None, None));
        }
        Ok(signum)
    }

    /// Wait for one of the signals; the result tells about it.
    #[function("sigwaitinfo($module, sigset, /)")]
    fn sigwaitinfo(sigset: &Object) -> PyResult {
        let set = super::sigset(sigset)?;
        loop {
            // SAFETY: locals.
            let (result, errno, info) = gil::allow_threads(|| unsafe {
                let mut info: libc::siginfo_t = std::mem::zeroed();
                let result = libc::sigwaitinfo(&set, &mut info);
                (result, *libc::__errno_location(), SendInfo(info))
            });
            if result != -1 {
                return siginfo_object(&info.0);
            }
            if errno != libc::EINTR {
                return Err(exceptions::raise_os_error(errno, None, None));
            }
            gil::check_signals()?;
        }
    }

    /// As sigwaitinfo(), for at most 'timeout' seconds; None if the time was up.
    #[function("sigtimedwait($module, sigset, timeout, /)")]
    fn sigtimedwait(sigset: &Object, timeout: &Object) -> PyResult<Option<Owned>> {
        let set = super::sigset(sigset)?;
        let timeout = pytime::from_seconds(timeout, Rounding::Ceiling)?;
        if timeout < 0 {
            return Err(err!(ValueError, "timeout must be non-negative"));
        }
        let deadline = pytime::monotonic().saturating_add(timeout);
        let mut left = timeout;
        loop {
            let wait = pytime::timespec(left);
            // SAFETY: locals.
            let (result, errno, info) = gil::allow_threads(|| unsafe {
                let mut info: libc::siginfo_t = std::mem::zeroed();
                let result = libc::sigtimedwait(&set, &mut info, &wait);
                (result, *libc::__errno_location(), SendInfo(info))
            });
            if result != -1 {
                return siginfo_object(&info.0).map(Some);
            }
            match errno {
                libc::EAGAIN => return Ok(None),
                libc::EINTR => gil::check_signals()?,
                _ => return Err(exceptions::raise_os_error(errno, None, None)),
            }
            left = deadline - pytime::monotonic();
            if left < 0 {
                return Ok(None);
            }
        }
    }

    /// Send a signal to a thread of this process.
    #[function("pthread_kill($module, thread_id, signalnum, /)")]
    fn pthread_kill(thread_id: u64, signalnum: i32) -> PyResult<()> {
        crate::audit::audit("signal.pthread_kill", &[&Int::from_u64(thread_id), &Int::from_i64(signalnum as i64)])?;
        // SAFETY: as in C, the caller vouches for the thread.
        let code = unsafe { libc::pthread_kill(thread_id as libc::pthread_t, signalnum) };
        if code != 0 {
            return Err(exceptions::raise_os_error(code, None, None));
        }
        gil::check_signals()
    }

    /// Send a signal to the process that a descriptor of a process refers to.
    #[function("pidfd_send_signal($module, pidfd, signalnum, siginfo=None, flags=0, /)")]
    fn pidfd_send_signal(pidfd: i32, signalnum: i32, siginfo: Option<&Object>, flags: i32) -> PyResult<()> {
        if siginfo.is_some() {
            return Err(err!(TypeError, "siginfo must be None"));
        }
        // SAFETY: a plain system call.
        if unsafe { libc::syscall(libc::SYS_pidfd_send_signal, pidfd, signalnum, std::ptr::null::<u8>(), flags) } < 0 {
            return Err(last_error());
        }
        Ok(())
    }

    /// The numbers of all signals that the system knows.
    #[function("valid_signals($module, /)")]
    fn valid_signals() -> PyResult<Owned<Set>> {
        // SAFETY: writes to the local.
        let set = unsafe {
            let mut set: libc::sigset_t = std::mem::zeroed();
            if libc::sigemptyset(&mut set) != 0 || libc::sigfillset(&mut set) != 0 {
                return Err(last_error());
            }
            set
        };
        set_of(&set)
    }
}

/// Crosses `allow_threads`: plain data.
struct SendInfo(libc::siginfo_t);
// SAFETY: a value without references that matter to us.
unsafe impl Send for SendInfo {}
