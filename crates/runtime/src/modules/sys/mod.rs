//! `sys`: the interpreter's own state as a module. Facts are in [`info`], hooks in [`hooks`].

pub mod hooks;
pub mod info;
pub mod monitoring;
pub mod stderr_printer;

use crate::errors::{self, PyResult};
use crate::exceptions::base::BaseException;
use crate::gil;
use crate::interp::frame;
use crate::macro_support::{Args, KwArgs};
use crate::object::{Object, Owned, PyTyped};
use crate::protocol::{call, number, object};
use crate::tstate::ThreadState;
use crate::types::{self, Code, Dict, Frame, Int, Module, Str, Tuple};
use crate::{audit, err, exceptions, state};
use macros::pymodule;

pub use crate::exceptions::report::write_stderr;
pub use hooks::unraisable_args;

/// Makes the module, before there is an import system.
pub fn create() -> PyResult<Owned<Module>> {
    let definition = sys::definition();
    // SAFETY: a static definition.
    let module = unsafe { types::module::from_definition(definition.as_ptr())? };
    info::add_facts(&module)?;
    module.add("_jit", &*add_jit()?)?;
    module.add("monitoring", &*monitoring::create()?)?;
    for name in ["displayhook", "excepthook", "breakpointhook", "unraisablehook"] {
        if let Some(hook) = module.dict().get(name) {
            module.add(&format!("__{name}__"), &hook)?;
        }
    }
    Ok(module)
}

/// `sys._jit`: what there is of a JIT.
fn add_jit() -> PyResult<Owned<Module>> {
    // SAFETY: a static definition.
    unsafe { types::module::from_definition(jit::definition().as_ptr()) }
}

/// Whether machine code is made of hot code: not yet.
#[pymodule(name = "sys._jit")]
pub mod jit {
    

    /// Return True if the current Python executable supports JIT compilation, and False otherwise.
    #[function("is_available($module, /)")]
    fn is_available() -> bool {
        false
    }

    /// Return True if JIT compilation is enabled for the current Python process, and False otherwise.
    #[function("is_enabled($module, /)")]
    fn is_enabled() -> bool {
        false
    }

    /// Return True if the topmost Python frame is currently executing JIT code, and False otherwise.
    #[function("is_active($module, /)")]
    fn is_active() -> bool {
        false
    }
}

fn exception_triple(value: Option<Owned>) -> Owned<Tuple> {
    match value {
        None => Tuple::new(&[types::none(), types::none(), types::none()]),
        Some(value) => {
            let tb = value.downcast::<BaseException>().and_then(|exc| exc.traceback());
            Tuple::new(&[value.ty(), &value, tb.as_deref().unwrap_or(types::none())])
        }
    }
}

/// The frame object `depth` calls up; None past the outermost.
pub fn frame_at(depth: i64) -> PyResult<Option<Owned<Frame>>> {
    let mut current = frame::current();
    let mut left = depth;
    // SAFETY: frames of the running thread.
    unsafe {
        current = frame::first_complete(current);
        while left > 0 && !current.is_null() {
            current = frame::first_complete((*current).previous);
            left -= 1;
        }
        if current.is_null() { Ok(None) } else { Ok(Some(types::frame::of_interpreter_frame(current)?)) }
    }
}

/// The path of a script for another process, absolute or not, as the system takes it.
fn remote_script_path(script: &Object) -> PyResult<std::ffi::CString> {
    let path = crate::modules::builtins::evaluate::fs_decode(script)?;
    std::ffi::CString::new(crate::codecs::fs_encode(&path)?).map_err(|_| err!(ValueError, "embedded null byte"))
}

fn thread_limits() -> &'static ThreadState {
    ThreadState::current()
}

/// This module provides access to some objects used or maintained by the
/// interpreter and to functions that interact strongly with the interpreter.
#[pymodule(name = "sys", include = [hooks::functions::HOOKS])]
pub mod sys {
    use super::*;

    /// Return the current exception information: (type, value, traceback).
    #[function("exc_info($module, /)")]
    fn exc_info() -> Owned<Tuple> {
        exception_triple(errors::handled_exception())
    }

    /// Return the current exception.
    #[function("exception($module, /)")]
    fn exception() -> Option<Owned> {
        errors::handled_exception()
    }

    /// Exit the interpreter by raising SystemExit(status).
    #[function("exit($module, status=None, /)")]
    fn exit(status: Option<&Object>) -> PyResult<()> {
        Err(errors::raise_object(exceptions::SystemExit(), Some(status.unwrap_or(types::none()))))
    }

    /// Return the current default encoding used by the Unicode implementation.
    #[function("getdefaultencoding($module, /)")]
    fn getdefaultencoding() -> &'static str {
        "utf-8"
    }

    /// Return the encoding used to convert Unicode filenames to OS filenames.
    #[function("getfilesystemencoding($module, /)")]
    fn getfilesystemencoding() -> &'static str {
        crate::preconfig::file_system_encoding().name()
    }

    /// Return the error mode used for Unicode to OS filename conversion.
    #[function("getfilesystemencodeerrors($module, /)")]
    fn getfilesystemencodeerrors() -> &'static str {
        "surrogateescape"
    }

    /// Intern the given string.
    #[function("intern($module, string, /)")]
    fn intern(string: &Object) -> PyResult<Owned<Str>> {
        match string.downcast_exact::<Str>() {
            Some(text) => Ok(Str::intern(Owned::from_ref(text))),
            None if Str::check(string) => Err(err!(TypeError, "can't intern {}", string.type_name())),
            None => Err(err!(TypeError, "intern() argument must be str, not {}", string.type_name())),
        }
    }

    /// Return True if the given string is "interned".
    #[function("_is_interned($module, string, /)")]
    fn _is_interned(string: &Str) -> bool {
        string.is_interned()
    }

    /// Return True if the given object is "immortal" per PEP 683.
    #[function("_is_immortal($module, op, /)")]
    fn _is_immortal(op: &Object) -> bool {
        op.is_immortal()
    }

    /// Return the current value of the recursion limit.
    #[function("getrecursionlimit($module, /)")]
    fn getrecursionlimit() -> i32 {
        thread_limits().0.py_recursion_limit.get()
    }

    /// Set the maximum depth of the Python interpreter stack to n.
    #[function("setrecursionlimit($module, limit, /)")]
    fn setrecursionlimit(limit: i32) -> PyResult<()> {
        if limit < 1 {
            return Err(err!(ValueError, "recursion limit must be greater or equal than 1"));
        }
        let thread = &thread_limits().0;
        let depth = thread.py_recursion_limit.get() - thread.py_recursion_remaining.get();
        if depth >= limit {
            return Err(err!(RecursionError, "cannot set the recursion limit to {} at the recursion depth {}: the limit is too low", limit, depth));
        }
        crate::tstate::set_recursion_limit(limit);
        Ok(())
    }

    /// Set the ideal thread switching delay inside the Python interpreter.
    #[function("setswitchinterval($module, interval, /)")]
    fn setswitchinterval(interval: f64) -> PyResult<()> {
        if interval <= 0.0 {
            return Err(err!(ValueError, "switch interval must be strictly positive"));
        }
        gil::set_switch_interval(interval);
        Ok(())
    }

    /// Return the current thread switch interval; see sys.setswitchinterval().
    #[function("getswitchinterval($module, /)")]
    fn getswitchinterval() -> f64 {
        gil::switch_interval()
    }

    /// Return the reference count of object.
    #[function("getrefcount($module, object, /)")]
    fn getrefcount(object: &Object) -> i64 {
        object.refcount() as i64
    }

    /// Return the size of object in bytes.
    #[function("getsizeof($module, *args, **kwargs)", nosig)]
    fn getsizeof(args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult {
        let (mut target, mut default) = (args.first().copied(), args.get(1).copied());
        if args.len() > 2 {
            return Err(err!(TypeError, "getsizeof() takes at most 2 arguments ({} given)", args.len()));
        }
        for (name, value) in kwargs.iter() {
            match &*object::str(name)?.to_string_lossy() {
                "object" => target = Some(value),
                "default" => default = Some(value),
                other => return Err(err!(TypeError, "getsizeof() got an unexpected keyword argument '{}'", other)),
            }
        }
        let Some(target) = target else {
            return Err(err!(TypeError, "getsizeof() missing required argument 'object' (pos 1)"));
        };
        match (size_of_object(target), default) {
            (Ok(size), _) => Ok(Int::from_usize(size).into_object()),
            (Err(_), Some(default)) if errors::matches(exceptions::TypeError()) => {
                errors::clear();
                Ok(default.to_owned())
            }
            (Err(raised), _) => Err(raised),
        }
    }

    /// Return a frame object from the call stack.
    #[function("_getframe($module, depth=0, /)")]
    fn _getframe(depth: i32) -> PyResult {
        let Some(frame) = frame_at(depth.max(0) as i64)? else {
            return Err(err!(ValueError, "call stack is not deep enough"));
        };
        audit::audit("sys._getframe", &[&frame])?;
        Ok(frame.into_object())
    }

    /// Return the name of the module for a calling frame.
    #[function("_getframemodulename($module, /, depth=0)")]
    fn _getframemodulename(depth: i32) -> PyResult {
        audit::audit("sys._getframemodulename", &[&Int::from_i64(depth as i64)])?;
        match frame_at(depth.max(0) as i64)? {
            Some(frame) => {
                let globals = frame.globals().to_owned();
                match globals.downcast::<Dict>().and_then(|globals| globals.get("__name__")) {
                    Some(name) => Ok(name),
                    None => Ok(types::none().to_owned()),
                }
            }
            None => Ok(types::none().to_owned()),
        }
    }

    /// Return a dict mapping each thread's thread id to its current stack frame.
    #[function("_current_frames($module, /)")]
    fn _current_frames() -> PyResult {
        audit::audit("sys._current_frames", &[])?;
        crate::tstate::current_frames()
    }

    /// Return a dict mapping each thread's identifier to its current raised exception.
    #[function("_current_exceptions($module, /)")]
    fn _current_exceptions() -> PyResult {
        audit::audit("sys._current_exceptions", &[])?;
        crate::tstate::current_exceptions()
    }

    /// Return True if Python is exiting.
    #[function("is_finalizing($module, /)")]
    fn is_finalizing() -> bool {
        gil::is_finalizing()
    }

    /// Return True if the GIL is currently enabled and False if the GIL is disabled.
    #[function("_is_gil_enabled($module, /)")]
    fn _is_gil_enabled() -> bool {
        true
    }

    /// Set the maximum string digits limit for non-binary int<->str conversions.
    #[function("set_int_max_str_digits($module, /, maxdigits)")]
    fn set_int_max_str_digits(maxdigits: i32) -> PyResult<()> {
        if maxdigits != 0 && maxdigits < 640 {
            return Err(err!(ValueError, "maxdigits must be >= 640 or 0 for unlimited"));
        }
        state::get().config.borrow_mut().int_max_str_digits = maxdigits as usize;
        Ok(())
    }

    /// Return the maximum string digits limit for non-binary int<->str conversions.
    #[function("get_int_max_str_digits($module, /)")]
    fn get_int_max_str_digits() -> usize {
        types::int::convert::max_str_digits()
    }

    /// Call func(*args), while tracing is enabled.
    #[function("call_tracing($module, func, args, /)")]
    fn call_tracing(func: &Object, args: &Tuple) -> PyResult {
        let tracing = &crate::tstate::ThreadState::current().0.tracing;
        let outer = tracing.replace(0);
        let result = call::call(func, args, None);
        tracing.set(outer);
        result
    }

    /// Clear the internal type lookup cache.
    #[function("_clear_type_cache($module, /)")]
    fn _clear_type_cache() -> PyResult<()> {
        exceptions::warn(
            exceptions::DeprecationWarning(),
            "sys._clear_type_cache() is deprecated and scheduled for removal in a future version. Use sys._clear_internal_caches() instead.",
            1,
        )?;
        types::type_object::clear_cache();
        Ok(())
    }

    /// Clear all internal performance-related caches.
    #[function("_clear_internal_caches($module, /)")]
    fn _clear_internal_caches() {
        types::type_object::clear_cache();
    }

    /// Return the number of elements of the unicode interned dictionary
    #[function("getunicodeinternedsize($module, /, *, _only_immortal=False)")]
    fn getunicodeinternedsize(_only_immortal: bool) -> usize {
        types::str::intern::interned_count()
    }

    /// Return the number of memory blocks currently allocated.
    #[function("getallocatedblocks($module, /)")]
    fn getallocatedblocks() -> usize {
        crate::memory::allocated_blocks()
    }

    /// Print debug info to stderr about the state of pymalloc and structmalloc.
    #[function("_debugmallocstats($module, /)")]
    fn _debugmallocstats() {
        let mut text = String::new();
        let _ = crate::memory::stats::debug_malloc_stats(&mut text);
        let _ = types::free_list_stats(&mut text);
        write_stderr(&text);
    }

    /// Return the current value of the flags that are used for dlopen calls.
    #[function("getdlopenflags($module, /)")]
    fn getdlopenflags() -> i32 {
        crate::import::native::dlopen_flags()
    }

    /// Set the flags used by the interpreter for dlopen calls.
    #[function("setdlopenflags($module, flags, /)")]
    fn setdlopenflags(flags: i32) {
        crate::import::native::set_dlopen_flags(flags);
    }

    /// Get the number of CPUs that the command line or the environment names; -1 without.
    #[function("_get_cpu_count_config($module, /)")]
    fn _get_cpu_count_config() -> i32 {
        state::get().config.borrow().cpu_count
    }

    /// Read and run statements from standard input: the plain prompt.
    #[function("_baserepl($module, /)")]
    fn _baserepl() -> PyResult<()> {
        crate::pythonrun::run_stdin()
    }

    /// Return whether a stack profiler trampoline is active.
    #[function("is_stack_trampoline_active($module, /)")]
    fn is_stack_trampoline_active() -> bool {
        false
    }

    /// Return True if remote debugging is enabled, False otherwise.
    #[function("is_remote_debug_enabled($module, /)")]
    fn is_remote_debug_enabled() -> bool {
        crate::remote_debug::is_enabled()
    }

    /// Executes a file containing Python code in a given remote Python process.
    ///
    /// The call returns at once. The main thread of the process runs the code
    /// when it gets to it, much as it handles signals; there is no telling when
    /// that was. The file must stay as it is until then. The process must run
    /// the same executable.
    ///
    /// Args:
    ///      pid (int): The process ID of the target Python process.
    ///      script (str|bytes): The path to a file containing
    ///          the Python code to be executed.
    #[function("remote_exec($module, /, pid, script)")]
    fn remote_exec(pid: i32, script: &Object) -> PyResult<()> {
        if !crate::remote_debug::is_enabled() {
            return Err(err!(RuntimeError, "Remote debugging is not enabled"));
        }
        let path = remote_script_path(script)?;
        audit::audit("sys.remote_exec", &[&*Int::from_i64(pid as i64), script])?;
        // SAFETY: a NUL-ended path.
        unsafe {
            if libc::access(path.as_ptr(), libc::F_OK) != 0 {
                let missing = *libc::__errno_location() == libc::ENOENT;
                return Err(if missing { err!(FileNotFoundError, "Script file does not exist") } else { exceptions::raise_errno() });
            }
            if libc::access(path.as_ptr(), libc::R_OK) != 0 {
                return Err(err!(PermissionError, "Script file cannot be read"));
            }
        }
        crate::remote_debug::request(pid, &path)
    }

    /// Remove a type's descriptors of the dict and of weak references (`dataclasses` makes slotted classes with it).
    #[function("_clear_type_descriptors($module, type, /)")]
    fn _clear_type_descriptors(r#type: &crate::object::Type) -> PyResult<()> {
        for name in ["__dict__", "__weakref__"] {
            if r#type.dict().get(name).is_some() {
                r#type.dict().del_str(&Str::intern(Str::new(name)))?;
            }
        }
        r#type.modified();
        Ok(())
    }
}

/// `sys.getsizeof`'s measure: `__sizeof__` and the collector's header.
pub fn size_of_object(target: &Object) -> PyResult<usize> {
    types::type_ready(target.ty())?;
    let Some(method) = types::lookup_special(target, crate::intern!("__sizeof__"))? else {
        return Err(err!(TypeError, "Type {} doesn't define __sizeof__", target.type_name()));
    };
    let size = number::as_isize(&*call::call0(&method)?, Some(exceptions::OverflowError()))?;
    if size < 0 {
        return Err(err!(ValueError, "__sizeof__() should return >= 0"));
    }
    // SAFETY: a live object.
    let header = unsafe { crate::gc::is_gc(target.as_ptr()) } as usize * 16;
    Ok(size as usize + header)
}

/// The code that runs, if any.
pub fn running_code() -> Option<Owned<Code>> {
    frame_at(0).ok().flatten().map(|frame| Owned::from_ref(frame.code()))
}
