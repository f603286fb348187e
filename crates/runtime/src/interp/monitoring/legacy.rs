//! `sys.settrace` and `sys.setprofile` as tools of monitoring: events become the calls of `Py_tracefunc` that debuggers and profilers expect.

use super::deliver::{self, Event};
use super::{SYS_PROFILE, SYS_TRACE, event, instrument};
use crate::audit;
use crate::err;
use crate::errors::{self, PyResult, Raised};
use crate::interp::frame::{self, InterpreterFrame};
use crate::object::{Object, Owned, PyTyped, set_cell, xincref};
use crate::protocol::call;
use crate::state::PerInterpreter;
use crate::tstate::{self, ThreadState};
use crate::types::{self, BuiltinFunction, Code, Frame, MethodDescriptor, Str, Tuple};
use abi::{PyFrameObject, PyObject, PyThreadState, Py_tracefunc};
use std::cell::Cell;
use std::os::raw::c_int;
use std::ptr;

/// `PyTrace_*`.
const CALL: c_int = 0;
const EXCEPTION: c_int = 1;
const LINE: c_int = 2;
const RETURN: c_int = 3;
const C_CALL: c_int = 4;
const C_EXCEPTION: c_int = 5;
const C_RETURN: c_int = 6;
const OPCODE: c_int = 7;

const PROFILE_EVENTS: u32 = 1 << event::PY_START | 1 << event::PY_RESUME | 1 << event::PY_RETURN | 1 << event::PY_YIELD | 1 << event::CALL | 1 << event::PY_UNWIND | 1 << event::PY_THROW;
const TRACE_EVENTS: u32 = 1 << event::PY_START
    | 1 << event::PY_RESUME
    | 1 << event::PY_RETURN
    | 1 << event::PY_YIELD
    | 1 << event::RAISE
    | 1 << event::LINE
    | 1 << event::JUMP
    | 1 << event::PY_UNWIND
    | 1 << event::PY_THROW
    | 1 << event::STOP_ITERATION;

/// How many threads trace and profile.
struct Threads {
    tracing: Cell<usize>,
    profiling: Cell<usize>,
}
impl Threads {
    const fn new() -> Threads {
        Threads { tracing: Cell::new(0), profiling: Cell::new(0) }
    }
}
static THREADS: PerInterpreter<Threads> = PerInterpreter::new(Threads::new(), Threads::new);

// ---- events to calls -------------------------------------------------------------------------------------------------------------------

/// Handles an event for the profiler (tool 6) or the tracer (tool 7). True if it is to be disabled for its place.
/// # Safety
/// `frame` is the current frame, saved.
pub unsafe fn handle(ts: *mut PyThreadState, frame: *mut InterpreterFrame, code: &Code, tool: usize, event: &Event<'_>) -> PyResult<bool> {
    // SAFETY: by contract.
    unsafe {
        let arg = event.args.first().copied();
        if tool == SYS_PROFILE {
            match event.number {
                event::PY_START | event::PY_RESUME | event::PY_THROW => profile(ts, frame, CALL, Some(types::none()))?,
                event::PY_RETURN | event::PY_YIELD => profile(ts, frame, RETURN, arg)?,
                event::PY_UNWIND => profile(ts, frame, RETURN, None)?,
                event::CALL => profile_call(ts, frame, C_CALL, event.args)?,
                event::C_RETURN => profile_call(ts, frame, C_RETURN, event.args)?,
                event::C_RAISE => profile_call(ts, frame, C_EXCEPTION, event.args)?,
                _ => {}
            }
            return Ok(false);
        }
        match event.number {
            event::PY_START | event::PY_RESUME | event::PY_THROW => trace(ts, frame, CALL, Some(types::none()))?,
            event::PY_RETURN | event::PY_YIELD => trace(ts, frame, RETURN, arg)?,
            event::PY_UNWIND => trace(ts, frame, RETURN, None)?,
            event::RAISE | event::STOP_ITERATION => {
                let Some(exc) = arg else { return Ok(false) };
                let tb = deliver::traceback_of(exc);
                let triple = Tuple::new(&[exc.ty(), exc, &tb]);
                trace(ts, frame, EXCEPTION, Some(triple.object()))?;
            }
            event::JUMP => return trace_jump(ts, frame, code, event),
            _ => {}
        }
        Ok(false)
    }
}

unsafe fn frame_object<'a>(frame: *mut InterpreterFrame) -> PyResult<&'a Frame> {
    // SAFETY: by contract of the callers.
    unsafe { types::frame::frame_object_of(frame) }.ok_or_else(Raised::from_c)
}

unsafe fn call_function(function: Py_tracefunc, object: &Cell<*mut PyObject>, frame: &Frame, what: c_int, arg: Option<&Object>) -> PyResult<()> {
    let keep = Owned::from_ref(frame);
    // SAFETY: object and frame are kept during the call.
    unsafe {
        let object: Option<Owned> = Object::from_ptr_opt(object.get()).map(|o| o.to_owned());
        let result = function(object.as_ref().map_or(ptr::null_mut(), |o| o.as_ptr()), keep.as_ptr() as *mut PyFrameObject, what, arg.map_or(ptr::null_mut(), |arg| arg.as_ptr()));
        if result == 0 {
            return Ok(());
        }
    }
    Err(Raised::from_c())
}

unsafe fn profile(ts: *mut PyThreadState, frame: *mut InterpreterFrame, what: c_int, arg: Option<&Object>) -> PyResult<()> {
    // SAFETY: by contract of `handle`.
    unsafe {
        let Some(function) = (*ts).c_profilefunc.get() else { return Ok(()) };
        call_function(function, &(*ts).c_profileobj, frame_object(frame)?, what, arg)
    }
}

/// Profilers see calls of built-in functions and methods only; a method descriptor is shown bound.
unsafe fn profile_call(ts: *mut PyThreadState, frame: *mut InterpreterFrame, what: c_int, args: &[&Object]) -> PyResult<()> {
    let [callable, first, ..] = args else { return Ok(()) };
    // SAFETY: by contract of `handle`; a slot of the callable's own type.
    unsafe {
        if BuiltinFunction::check(callable) {
            return profile(ts, frame, what, Some(callable));
        }
        if MethodDescriptor::check_exact(callable)
            && !first.is(super::missing())
            && let Some(get) = callable.ty().0.tp_descr_get.get()
        {
            let bound = errors::from_c(get(callable.as_ptr(), first.as_ptr(), first.ty().as_ptr()))?;
            return profile(ts, frame, what, Some(&bound));
        }
    }
    Ok(())
}

unsafe fn trace(ts: *mut PyThreadState, frame: *mut InterpreterFrame, what: c_int, arg: Option<&Object>) -> PyResult<()> {
    // SAFETY: by contract of `handle`.
    unsafe {
        let Some(function) = (*ts).c_tracefunc.get() else { return Ok(()) };
        let object = frame_object(frame)?;
        if object.0.f_trace_opcodes.get() != 0 {
            set_opcode_trace(object, true)?;
        }
        let keep = Owned::from_ref(object);
        let result = call_function(function, &(*ts).c_traceobj, object, what, arg);
        keep.0.f_lineno.set(0);
        result
    }
}

/// A LINE event for the tracer, called directly.
/// # Safety
/// As `handle`.
pub unsafe fn trace_line(ts: *mut PyThreadState, frame: *mut InterpreterFrame, line: i32) -> PyResult<()> {
    // SAFETY: by contract.
    unsafe {
        let Some(function) = (*ts).c_tracefunc.get() else { return Ok(()) };
        let object = frame_object(frame)?;
        if object.0.f_trace_lines.get() == 0 || line < 0 {
            return Ok(());
        }
        let keep = Owned::from_ref(object);
        object.0.f_lineno.set(line);
        let result = call_function(function, &(*ts).c_traceobj, object, LINE, Some(types::none()));
        keep.0.f_lineno.set(0);
        result
    }
}

/// Jumps back within a line begin it anew; all others are seen to by LINE.
unsafe fn trace_jump(ts: *mut PyThreadState, frame: *mut InterpreterFrame, code: &Code, event: &Event<'_>) -> PyResult<bool> {
    // SAFETY: by contract of `handle`.
    unsafe {
        if (*ts).c_tracefunc.get().is_none() {
            return Ok(false);
        }
        let (from, to) = (event.offset, event.target.unwrap_or(event.offset));
        let to_line = code.line_of(to as i32 * 2);
        if to > from || to_line != code.line_of(from as i32 * 2) {
            return Ok(true);
        }
        trace_line(ts, frame, to_line)?;
        Ok(false)
    }
}

/// # Safety
/// As `handle`.
pub unsafe fn trace_instruction(ts: *mut PyThreadState, frame: *mut InterpreterFrame, _code: &Code) -> PyResult<()> {
    // SAFETY: by contract.
    unsafe {
        let object = frame_object(frame)?;
        let function = match (*ts).c_tracefunc.get() {
            Some(function) if object.0.f_trace_opcodes.get() != 0 => function,
            _ => return set_opcode_trace(object, false),
        };
        let keep = Owned::from_ref(object);
        let result = call_function(function, &(*ts).c_traceobj, object, OPCODE, Some(types::none()));
        keep.0.f_lineno.set(0);
        result
    }
}

/// Asks for (or gives up) the tracer's INSTRUCTION events in a frame's code.
pub fn set_opcode_trace(frame: &Frame, enable: bool) -> PyResult<()> {
    let code = frame.code();
    let events = super::local_events(code, SYS_TRACE);
    let bit = 1 << event::INSTRUCTION;
    let wanted = if enable { events | bit } else { events & !bit };
    if wanted == events { Ok(()) } else { super::set_local_events(code, SYS_TRACE, wanted) }
}

// ---- setting the functions ---------------------------------------------------------------------------------------------------------------

fn count(threads: &Cell<usize>, before: bool, after: bool) -> usize {
    threads.set((threads.get() + after as usize).saturating_sub(before as usize));
    threads.get()
}

/// `_PyEval_SetProfile`.
/// # Safety
/// `ts` is a live thread state; `function` fits `arg`.
pub unsafe fn set_profile_function(ts: *mut PyThreadState, function: Option<Py_tracefunc>, arg: Option<&Object>) -> PyResult<()> {
    audit::audit("sys.setprofile", &[])?;
    // SAFETY: by contract; the slot owns its value.
    let threads = unsafe {
        let ts = &*ts;
        let threads = count(&THREADS.get().profiling, ts.c_profilefunc.get().is_some(), function.is_some());
        ts.c_profilefunc.set(function);
        let old: Option<Owned> = Owned::from_raw_opt(ts.c_profileobj.replace(arg.map_or(ptr::null_mut(), |arg| xincref(arg.as_ptr()))));
        drop(old);
        threads
    };
    super::set_events(SYS_PROFILE, if threads > 0 { PROFILE_EVENTS } else { 0 })
}

/// `_PyEval_SetTrace`.
/// # Safety
/// As `set_profile_function`.
pub unsafe fn set_trace_function(ts: *mut PyThreadState, function: Option<Py_tracefunc>, arg: Option<&Object>) -> PyResult<()> {
    audit::audit("sys.settrace", &[])?;
    // SAFETY: by contract; the slot owns its value.
    let threads = unsafe {
        let ts = &*ts;
        let threads = count(&THREADS.get().tracing, ts.c_tracefunc.get().is_some(), function.is_some());
        ts.c_tracefunc.set(function);
        let old: Option<Owned> = Owned::from_raw_opt(ts.c_traceobj.replace(arg.map_or(ptr::null_mut(), |arg| xincref(arg.as_ptr()))));
        drop(old);
        threads
    };
    if threads > 0 {
        let current = frame::current();
        // SAFETY: the running frame, if any.
        unsafe {
            if !current.is_null()
                && !(*current).frame_obj.is_null()
                && let Some(object) = types::frame::frame_object_of(current)
                && object.0.f_trace_opcodes.get() != 0
            {
                set_opcode_trace(object, true)?;
            }
        }
    }
    super::set_events(SYS_TRACE, if threads > 0 { TRACE_EVENTS } else { 0 })
}

/// A thread ends: it neither traces nor profiles any more.
pub fn forget_thread(ts: &PyThreadState) {
    if ts.c_tracefunc.take().is_some() {
        count(&THREADS.get().tracing, true, false);
    }
    if ts.c_profilefunc.take().is_some() {
        count(&THREADS.get().profiling, true, false);
    }
    // SAFETY: the slots own their values.
    unsafe {
        set_cell(&ts.c_traceobj, ptr::null_mut());
        set_cell(&ts.c_profileobj, ptr::null_mut());
    }
}

/// `sys.settrace`.
pub fn set_trace(function: Option<&Object>) -> PyResult<()> {
    // SAFETY: the current thread; the trampoline takes any callable.
    unsafe { set_trace_function(ThreadState::current_ptr(), function.map(|_| trace_trampoline as Py_tracefunc), function) }
}

/// `sys.setprofile`.
pub fn set_profile(function: Option<&Object>) -> PyResult<()> {
    // SAFETY: as above.
    unsafe { set_profile_function(ThreadState::current_ptr(), function.map(|_| profile_trampoline as Py_tracefunc), function) }
}

/// `PyEval_SetTraceAllThreads` with the function of `sys.settrace`.
pub fn set_trace_all_threads(function: Option<&Object>) {
    // SAFETY: as above.
    unsafe { for_all_threads("PyEval_SetTraceAllThreads", |ts| set_trace_function(ts, function.map(|_| trace_trampoline as Py_tracefunc), function)) }
}

/// `PyEval_SetProfileAllThreads` with the function of `sys.setprofile`.
pub fn set_profile_all_threads(function: Option<&Object>) {
    // SAFETY: as above.
    unsafe { for_all_threads("PyEval_SetProfileAllThreads", |ts| set_profile_function(ts, function.map(|_| profile_trampoline as Py_tracefunc), function)) }
}

/// Does something for every thread; what goes wrong for one is reported.
pub fn for_all_threads(name: &str, each: impl Fn(*mut PyThreadState) -> PyResult<()>) {
    for state in tstate::all_here() {
        if each(state as *mut PyThreadState).is_err() {
            crate::exceptions::write_unraisable(Some(&format!("Exception ignored in {name}")), None);
        }
    }
}

/// The names of the events, as trace functions get them.
fn name_of(what: c_int) -> &'static Str {
    match what {
        CALL => crate::intern!("call"),
        EXCEPTION => crate::intern!("exception"),
        LINE => crate::intern!("line"),
        RETURN => crate::intern!("return"),
        C_CALL => crate::intern!("c_call"),
        C_EXCEPTION => crate::intern!("c_exception"),
        C_RETURN => crate::intern!("c_return"),
        _ => crate::intern!("opcode"),
    }
}

unsafe fn call_python(callback: &Object, frame: *mut PyFrameObject, what: c_int, arg: *mut PyObject) -> PyResult {
    // SAFETY: frame and arg are live (or NULL) by contract of Py_tracefunc.
    unsafe {
        let frame = Object::from_ptr(frame as *mut PyObject);
        let keep = callback.to_owned();
        call::call_args(&keep, &[frame, name_of(what).as_object(), Object::from_ptr_opt(arg).unwrap_or(types::none())])
    }
}

/// What `sys.setprofile` gives the interpreter; the Python function is its object.
unsafe extern "C" fn profile_trampoline(function: *mut PyObject, frame: *mut PyFrameObject, what: c_int, arg: *mut PyObject) -> c_int {
    // SAFETY: the contract of Py_tracefunc.
    unsafe {
        match call_python(Object::from_ptr(function), frame, what, arg) {
            Ok(_) => 0,
            Err(_) => {
                give_up(|| set_profile(None));
                -1
            }
        }
    }
}

/// What `sys.settrace` gives the interpreter: 'call' goes to the function, all others to what it returned for the frame.
unsafe extern "C" fn trace_trampoline(function: *mut PyObject, frame: *mut PyFrameObject, what: c_int, arg: *mut PyObject) -> c_int {
    // SAFETY: the contract of Py_tracefunc; f_trace owns its value.
    unsafe {
        let callback = if what == CALL { function } else { (*frame).f_trace.get() };
        let Some(callback) = Object::from_ptr_opt(callback) else { return 0 };
        match call_python(callback, frame, what, arg) {
            Ok(result) => {
                if !result.is_none() {
                    set_cell(&(*frame).f_trace, result.into_raw());
                }
                0
            }
            Err(_) => {
                give_up(|| set_trace(None));
                set_cell(&(*frame).f_trace, ptr::null_mut());
                -1
            }
        }
    }
}

/// A function that raised is not called again. Its exception stays.
fn give_up(unset: impl FnOnce() -> PyResult<()>) {
    let exc = errors::take();
    if unset().is_err() {
        errors::clear();
    }
    if let Some(exc) = exc {
        errors::restore(exc);
    }
}

/// Brings the code of a frame up to date that goes on behind its RESUME (an exception is thrown in).
pub fn refresh(ts: *mut PyThreadState, code: &Code) {
    if !super::is_tracing(ts) && instrument::instrument(code).is_err() {
        let _ = err!(SystemError, "code cannot be instrumented");
    }
}
