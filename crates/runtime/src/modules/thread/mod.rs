//! `_thread`: threads, locks and thread-local data, which `threading` is built on.

pub mod local;
pub mod lock;
pub mod raw_lock;
pub mod start;

use crate::err;
use crate::errors::{self, PyResult};
use crate::exceptions;
use crate::gil;
use crate::intern;
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol::{call, object};
use crate::state;
use crate::types::structseq::{self, Field};
use crate::types::{self, Dict, GilCell, Int, Module, Str, Tuple};
use crate::{audit, protocol::number};
use lock::this_thread;
use macros::pymodule;
use std::cell::OnceCell;

/// What the module has to do in a forked child; the GIL's own part comes before.
pub fn after_fork_child() {
    start::after_fork_child();
}

/// The type of `threading.excepthook`'s argument.
fn hook_args_type() -> PyResult<&'static Type> {
    static TYPE: GilCell<OnceCell<Owned<Type>>> = GilCell(OnceCell::new());
    if let Some(ty) = TYPE.0.get() {
        return Ok(ty);
    }
    let fields = [
        Field::new("exc_type", "Exception type"),
        Field::new("exc_value", "Exception value"),
        Field::new("exc_traceback", "Exception traceback"),
        Field::new("thread", "Thread"),
    ];
    let made = structseq::new_type("_thread._ExceptHookArgs", "The argument of threading.excepthook.", &fields, 4)?;
    Ok(TYPE.0.get_or_init(|| made))
}

/// Prints the exception that ended a thread.
fn print_exception(file: &Object, args: &Tuple) -> PyResult<()> {
    let (exc_type, exc_value, traceback, thread) = (args.get(0), args.get(1), args.get(2), args.get(3));
    let name = match thread.is_none() {
        true => None,
        false => object::get_attr_opt(thread, intern!("name"))?,
    };
    let name = match name {
        Some(name) => object::str(&name)?.to_string(),
        None => this_thread().to_string(),
    };
    let write = |text: &str| call::call_method(file, intern!("write"), &[&Str::new(text)]).map(drop);
    write(&format!("Exception in thread {name}:\n"))?;
    let words = Dict::new();
    words.set_str(intern!("file"), file)?;
    let printed = crate::import::import_module("traceback").and_then(|module| {
        let print = object::get_attr(&module, intern!("print_exception"))?;
        call::call(&print, &Tuple::new(&[exc_type, exc_value, traceback]), Some(&words))
    });
    if printed.is_err() {
        errors::clear();
        let shown = if exc_value.is_none() { "None".to_string() } else { object::str(exc_value)?.to_string() };
        let kind = exc_type.downcast::<Type>().map_or_else(|| exc_type.type_name().to_string(), |t| t.short_name().to_string());
        write(&format!("{kind}: {shown}\n"))?;
    }
    call::call_method0(file, intern!("flush")).map(drop)
}

fn set_os_thread_name(name: &Str) -> PyResult<()> {
    // The system keeps 15 bytes, whatever characters they belong to.
    let text = name.to_string_lossy();
    let bytes = text.split('\0').next().unwrap_or("").as_bytes();
    let c_name = std::ffi::CString::new(&bytes[..bytes.len().min(module::_NAME_MAXLEN as usize)]).unwrap_or_default();
    // SAFETY: a NUL-ended string that outlives the call.
    let code = unsafe { libc::pthread_setname_np(libc::pthread_self(), c_name.as_ptr()) };
    if code != 0 {
        return Err(exceptions::raise_os_error(code, None, None));
    }
    Ok(())
}

/// Threads, locks and thread-local data, as low as Python gets.
///
/// The threading module offers the same more comfortably.
#[pymodule(name = "_thread")]
#[types(lock::PyThread_Lock_Type, lock::PyThread_RLock_Type, local::PyThread_Local_Type, start::PyThread_Handle_Type)]
pub mod module {
    use super::lock::Lock;
    use super::start::ThreadHandle;
    use super::*;

    #[constant]
    const TIMEOUT_MAX: f64 = (lock::TIMEOUT_MAX_US / 1_000_000) as f64;
    #[constant]
    pub const _NAME_MAXLEN: i64 = 15;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        module.add("LockType", Lock::type_object())?;
        module.add("error", exceptions::RuntimeError())?;
        module.add("_ExceptHookArgs", hook_args_type()?)
    }

    /// Start a thread that calls function(*args, **kwargs), and return its identity.
    ///
    /// The thread ends when the function does. An exception is reported; SystemExit is not.
    #[function("start_new_thread($module, function, args, kwargs={}, /)")]
    #[function("start_new($module, function, args, kwargs={}, /)")]
    fn start_new_thread(function: &Object, args: &Object, kwargs: Option<&Object>) -> PyResult<u64> {
        if !object::is_callable(function) {
            return Err(err!(TypeError, "first arg must be callable"));
        }
        let Some(args) = args.downcast::<Tuple>() else { return Err(err!(TypeError, "2nd arg must be a tuple")) };
        let kwargs = match kwargs {
            None => None,
            Some(kwargs) => match kwargs.downcast::<Dict>() {
                Some(dict) => Some(dict),
                None => return Err(err!(TypeError, "optional 3rd arg must be a dictionary")),
            },
        };
        audit::audit("_thread.start_new_thread", &[function, args, kwargs.map_or(types::none(), |k| k.as_object())])?;
        start::start(function, args, kwargs, true, &start::new_handle())
    }

    /// Start a thread that calls the function, and return a handle to wait for its end with.
    ///
    /// A thread that is no daemon is waited for when the interpreter ends.
    #[function("start_joinable_thread($module, /, function, handle=None, daemon=True)")]
    fn start_joinable_thread(function: &Object, handle: Option<&Object>, daemon: bool) -> PyResult<Owned<ThreadHandle>> {
        let given = handle.unwrap_or(types::none());
        if !object::is_callable(function) {
            return Err(err!(TypeError, "thread function must be callable"));
        }
        let handle = match handle {
            None => ThreadHandle::new()?,
            Some(handle) => match handle.downcast_exact::<ThreadHandle>() {
                Some(handle) => Owned::from_ref(handle),
                None => return Err(err!(TypeError, "'handle' must be a _ThreadHandle")),
            },
        };
        audit::audit("_thread.start_joinable_thread", &[function, &types::Int::from_i64(daemon as i64), given])?;
        start::start(function, &Tuple::empty(), None, daemon, handle.handle())?;
        Ok(handle)
    }

    /// Whether daemon threads may be started in this interpreter.
    #[function("daemon_threads_allowed($module, /)")]
    fn daemon_threads_allowed() -> bool {
        state::get().features.get().allow_daemon_threads
    }

    /// Make a lock. See help(type(threading.Lock())).
    #[function("allocate_lock($module, /)")]
    #[function("allocate($module, /)")]
    fn allocate_lock() -> PyResult<Owned<Lock>> {
        Lock::new()
    }

    /// End the thread, by raising SystemExit.
    #[function("exit_thread($module, /)")]
    #[function("exit($module, /)")]
    fn exit() -> PyResult<()> {
        Err(errors::raise_none(exceptions::SystemExit()))
    }

    /// Behave as if a signal had arrived, SIGINT by default. A thread can so interrupt the main one.
    ///
    /// If the signal is ignored or has its default action nothing happens.
    #[function("interrupt_main($module, signum=signal.SIGINT, /)")]
    fn interrupt_main(signum: Option<i32>) -> PyResult<()> {
        crate::modules::signal::simulate(signum.unwrap_or(libc::SIGINT))
    }

    /// A nonzero number that identifies this thread among those that live; one that has ended may have had it too.
    #[function("get_ident($module, /)")]
    fn get_ident() -> u64 {
        this_thread()
    }

    /// The operating system's number of this thread.
    #[function("get_native_id($module, /)")]
    fn get_native_id() -> i64 {
        // SAFETY: a plain query.
        unsafe { libc::syscall(libc::SYS_gettid) as i64 }
    }

    /// The number of running threads that were started by this module.
    #[function("_count($module, /)")]
    fn count() -> usize {
        start::count()
    }

    /// The size of stacks of threads to come; with an argument, sets it.
    ///
    /// 0 is the system's default. The result is the value before.
    #[function("stack_size($module, size=0, /)")]
    fn stack_size(size: Option<isize>) -> PyResult<usize> {
        let old = start::stack_size();
        let Some(size) = size else {
            start::set_stack_size(0);
            return Ok(old);
        };
        if size < 0 {
            return Err(err!(ValueError, "size must be 0 or a positive value"));
        }
        if size > 0 && size < MIN_STACK {
            return Err(err!(ValueError, "size must be at least {} bytes", MIN_STACK));
        }
        start::set_stack_size(size as usize);
        Ok(old)
    }
    const MIN_STACK: isize = 53248;

    /// Print the exception that ended a thread; what threading.excepthook is at first.
    #[function("_excepthook($module, args, /)")]
    fn excepthook(args: &Object) -> PyResult<()> {
        if !std::ptr::eq(args.ty(), hook_args_type()?) {
            return Err(err!(TypeError, "_thread.excepthook argument type must be ExceptHookArgs"));
        }
        // SAFETY: a struct sequence is a tuple.
        let args: &Tuple = unsafe { args.cast() };
        if args.get(0).is(exceptions::SystemExit()) {
            return Ok(());
        }
        let thread = args.get(3);
        let mut file = state::sys_attribute(intern!("stderr"))?.filter(|f| !f.is_none());
        if file.is_none() && !thread.is_none() {
            file = object::get_attr_opt(thread, intern!("_stderr"))?.filter(|f| !f.is_none());
        }
        match file {
            Some(file) => print_exception(&file, args),
            None => Ok(()),
        }
    }

    /// Whether this is the main interpreter.
    #[function("_is_main_interpreter($module, /)")]
    fn is_main_interpreter() -> bool {
        state::is_main()
    }

    /// Wait for all threads that are no daemons, at the interpreter's end.
    #[function("_shutdown($module, /)")]
    fn shutdown() {
        start::join_all();
    }

    /// For internal use: a handle of a thread that was started by other means.
    #[function("_make_thread_handle($module, ident, /)")]
    fn make_thread_handle(ident: &Object) -> PyResult<Owned<ThreadHandle>> {
        if !Int::check(ident) {
            return Err(err!(TypeError, "ident must be an integer"));
        }
        let Some(ident) = number::index(ident)?.as_u64() else {
            return Err(err!(OverflowError, "Python int too large to convert to C unsigned long"));
        };
        ThreadHandle::of_running(ident)
    }

    /// For internal use: the identity of the main thread.
    #[function("_get_main_thread_ident($module, /)")]
    fn get_main_thread_ident() -> u64 {
        gil::main_thread_ident()
    }

    /// The operating system's name of this thread.
    #[function("_get_name($module, /)")]
    fn get_name() -> PyResult<Owned<Str>> {
        let mut buffer = [0u8; 100];
        // SAFETY: the call writes a NUL-ended string into the buffer.
        let code = unsafe { libc::pthread_getname_np(libc::pthread_self(), buffer.as_mut_ptr() as *mut _, buffer.len()) };
        if code != 0 {
            return Err(exceptions::raise_os_error(code, None, None));
        }
        let end = buffer.iter().position(|&b| b == 0).unwrap_or(buffer.len());
        Ok(crate::codecs::fs_decode(&buffer[..end]))
    }

    /// Set the operating system's name of this thread; it may keep a few characters only.
    #[function("set_name($module, /, name)")]
    fn set_name(name: &Str) -> PyResult<()> {
        set_os_thread_name(name)
    }
}
