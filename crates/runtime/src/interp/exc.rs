//! Exceptions in the loop: raising, handlers, matching, tracebacks.

use super::frame::{CodeWord, InterpreterFrame, OWNED_BY_INTERPRETER};
use super::stackref::StackRef;
use crate::err;
use crate::errors::{self, PyResult};
use crate::exceptions;
use crate::object::{Object, Owned, Type, set_cell};
use crate::protocol::{call, object};
use crate::tstate::ThreadState;
use crate::types::{self, BaseException, Code, Traceback, Tuple};
use bytecode::opcodes::CACHES;
use std::any::Any;
use std::ptr;

/// Where an exception table sends an exception.
pub struct Handler {
    /// Index of the handler's first code unit.
    pub target: usize,
    /// Values to keep on the stack.
    pub depth: usize,
    /// Whether the handler wants the offset of the raising instruction below the exception.
    pub lasti: bool,
}

/// The handler for the instruction at code unit `offset`.
pub fn find_handler(code: &Code, offset: usize) -> Option<Handler> {
    // Refused code has one instruction that may run, and no handlers.
    let entry = bytecode::exception_table::lookup(code.exception_table(), offset as u32).filter(|_| !code.is_unrunnable())?;
    Some(Handler { target: entry.target as usize, depth: entry.depth as usize, lasti: entry.lasti })
}

/// Where an error is: the instruction whose handler is looked for, and the code unit that monitoring reports.
/// # Safety
/// A frame whose `instr_ptr` is up to date.
pub unsafe fn place_of_error(frame: *mut InterpreterFrame, reraised_at: Option<*mut CodeWord>, thrown: bool) -> (*mut CodeWord, isize) {
    // SAFETY: by contract; an entry frame has no code.
    unsafe {
        if (*frame).owner >= OWNED_BY_INTERPRETER {
            return ((*frame).instr_ptr, 0);
        }
        let words = (*frame).code().words();
        let at = match reraised_at {
            Some(at) => at,
            None if thrown => (*frame).instr_ptr.sub(1),
            None => {
                let lasti = (*frame).lasti();
                let caches = if lasti < 0 { 0 } else { CACHES[super::monitoring::base_opcode((*frame).code(), lasti as usize) as usize] };
                return ((*frame).instr_ptr, lasti + caches as isize);
            }
        };
        (at, at.offset_from(words))
    }
}

/// The error path was taken, so an exception must be there.
pub fn ensure_exception() {
    if !errors::occurred() {
        let _ = err!(SystemError, "error return without exception set");
    }
}

/// `PyTraceBack_Here`: puts the frame in front of the current exception's traceback.
/// # Safety
/// `frame` is the running frame, complete.
pub unsafe fn add_traceback(frame: *mut InterpreterFrame) {
    // SAFETY: by contract.
    unsafe {
        // Millions of frames that MemoryError leaves: there is no room for entries.
        if crate::memory::reserve::is_owed() {
            return;
        }
        let Some(exc) = Object::from_ptr_opt(ThreadState::current().0.current_exception.get()) else { return };
        let slot = &(*(exc.as_ptr() as *mut abi::PyBaseExceptionObject)).traceback;
        let Some(frame_object) = types::frame::frame_object_of(frame) else { return };
        if let Some(tb) = Traceback::in_front_of(slot.get(), frame_object, (*frame).lasti() as i32 * 2) {
            // The entry owns what was there.
            slot.set(tb.into_raw());
        }
    }
}

/// Takes the current exception for the handler's stack.
pub fn take_for_handler() -> StackRef {
    match errors::take() {
        Some(exc) => StackRef::from_owned(exc),
        None => StackRef::borrow(types::none().as_ptr()),
    }
}

/// Makes an exception that was on the stack the current one again, as it is.
pub fn reraise(value: Owned) {
    match value.try_into_typed::<BaseException>() {
        Ok(exc) => {
            errors::restore(exc);
        }
        Err(other) => {
            let _ = err!(SystemError, "attempt to re-raise a '{}' object", other.type_name());
        }
    }
}

/// The instruction that `RERAISE` blames: the number below the exception, if it is one of the code's.
pub fn saved_offset(code: &Code, saved: &Object) -> usize {
    let offset = saved.downcast::<types::Int>().and_then(|number| number.as_i64()).unwrap_or(0);
    usize::try_from(offset).ok().filter(|&offset| offset < code.len()).unwrap_or(0)
}

/// Where an exception is expected, there is something else.
#[cold]
pub fn not_an_exception(o: &Object) {
    let _ = err!(SystemError, "expected an exception, not a '{}' object", o.type_name());
}

/// Whether a jump back is that of `yield from` and `await`: from behind a `RESUME` to a `SEND`.
pub fn is_yield_from_loop(before: CodeWord, target: CodeWord) -> bool {
    use bytecode::op;
    matches!(before.code, op::RESUME | op::RESUME_CHECK | op::INSTRUMENTED_RESUME) && matches!(target.code, op::SEND | op::SEND_GEN)
}

/// `raise`, `raise exc`, `raise exc from cause`. True if it was a bare `raise` that goes on with the handled exception.
pub fn do_raise(exc: Option<Owned>, cause: Option<Owned>) -> bool {
    let Some(exc) = exc else {
        match errors::handled_exception().map(|e| e.try_into_typed::<BaseException>()) {
            Some(Ok(handled)) => {
                errors::restore(handled);
                return true;
            }
            _ => {
                let _ = err!(RuntimeError, "No active exception to reraise");
                return false;
            }
        }
    };
    let _ = raise_from(&exc, cause);
    false
}

fn raise_from(exc: &Object, cause: Option<Owned>) -> PyResult<()> {
    let instance = if let Some(instance) = exc.downcast::<BaseException>() {
        Owned::from_ref(instance)
    } else if let Some(ty) = exc.downcast::<Type>().filter(|ty| ty.has_flag(abi::Py_TPFLAGS_BASE_EXC_SUBCLASS as u64)) {
        if let Some(made) = exceptions::base::plain_instance(ty, Tuple::empty) {
            return finish_raise(made?, cause);
        }
        let made = call::call0(ty)?;
        match made.try_into_typed::<BaseException>() {
            Ok(instance) => instance,
            Err(other) => {
                let shown = object::repr(exc)?;
                return Err(err!(TypeError, "calling {} should have returned an instance of BaseException, not {}", &*shown, {
                    let t = object::repr(other.object().ty())?;
                    t.to_string()
                }));
            }
        }
    } else {
        return Err(err!(TypeError, "exceptions must derive from BaseException"));
    };
    finish_raise(instance, cause)
}

/// Gives the instance its cause and raises it.
fn finish_raise(instance: Owned<BaseException>, cause: Option<Owned>) -> PyResult<()> {
    if let Some(cause) = cause {
        let fixed: *mut abi::PyObject = if cause.is_none() {
            ptr::null_mut()
        } else if cause.is_instance_of::<BaseException>() {
            cause.into_raw()
        } else if let Some(ty) = cause.downcast::<Type>().filter(|ty| ty.has_flag(abi::Py_TPFLAGS_BASE_EXC_SUBCLASS as u64)) {
            let made = call::call0(ty)?;
            if !made.is_instance_of::<BaseException>() {
                let (c, t) = (object::repr(&cause)?, object::repr(made.ty())?);
                return Err(err!(TypeError, "calling {} should have returned an instance of BaseException, not {}", &*c, &*t));
            }
            made.into_raw()
        } else {
            return Err(err!(TypeError, "exception causes must derive from BaseException"));
        };
        // SAFETY: the slot owns its value.
        unsafe { set_cell(&instance.0.cause, fixed) };
        instance.0.suppress_context.set(1);
    }
    Err(errors::raise_instance(instance))
}

/// `except pattern:` with CPython's check of the pattern.
pub fn check_match(exc: &Object, pattern: &Object) -> PyResult<bool> {
    check_pattern(pattern, "catching classes that do not inherit from BaseException is not allowed", false)?;
    Ok(matches(exc, pattern))
}

fn is_exception_class(o: &Object) -> bool {
    o.downcast::<Type>().is_some_and(|ty| ty.has_flag(abi::Py_TPFLAGS_BASE_EXC_SUBCLASS as u64))
}

fn check_pattern(pattern: &Object, message: &str, group: bool) -> PyResult<()> {
    let check_one = |one: &Object| -> PyResult<()> {
        if !is_exception_class(one) {
            return Err(err!(TypeError, "{}", message));
        }
        if group && one.downcast::<Type>().is_some_and(|ty| ty.is_subtype(exceptions::BaseExceptionGroup())) {
            return Err(err!(TypeError, "catching ExceptionGroup with except* is not allowed. Use except instead."));
        }
        Ok(())
    };
    match pattern.downcast::<Tuple>() {
        Some(tuple) => {
            for i in 0..tuple.len() {
                check_one(tuple.get(i))?;
            }
            Ok(())
        }
        None => check_one(pattern),
    }
}

/// `PyErr_GivenExceptionMatches`.
pub fn matches(exc: &Object, pattern: &Object) -> bool {
    if let Some(tuple) = pattern.downcast::<Tuple>() {
        return (0..tuple.len()).any(|i| matches(exc, tuple.get(i)));
    }
    let class = match exc.downcast::<Type>() {
        Some(class) if !exc.is_instance_of::<BaseException>() => class,
        _ => exc.ty(),
    };
    match pattern.downcast::<Type>() {
        Some(pattern) => class.is_subtype(pattern),
        None => exc.is(pattern),
    }
}

/// `except* pattern:` splits the group: (rest, matched), None where empty.
pub fn group_match(frame: *mut InterpreterFrame, exc: &Object, pattern: &Object) -> PyResult<(Owned, Owned)> {
    check_pattern(pattern, "catching classes that do not inherit from BaseException is not allowed", true)?;
    let none = || types::none().to_owned();
    if exc.is_none() {
        return Ok((none(), none()));
    }
    let is_group = exc.ty().is_subtype(exceptions::BaseExceptionGroup());
    if matches(exc, pattern) {
        if is_group {
            note_match(exc);
            return Ok((none(), exc.to_owned()));
        }
        // A naked exception is wrapped, so that the body always sees a group.
        let excs = Tuple::new(&[exc]);
        let wrapped = call::call_args(exceptions::ExceptionGroup_for(exc)?, &[types::Str::new("").object(), excs.object()])?;
        if let Some(instance) = wrapped.downcast::<BaseException>() {
            // It was raised here, so to speak.
            // SAFETY: the running frame; exceptions have this layout, and the slot owns its value.
            unsafe {
                if let Some(frame_object) = types::frame::frame_object_of(frame) {
                    let tb = Traceback::new(None, frame_object, (*frame).lasti() as i32 * 2, -1)?;
                    set_cell(&instance.0.traceback, tb.into_raw());
                }
            }
        }
        note_match(&wrapped);
        return Ok((none(), wrapped));
    }
    if is_group {
        let pair = call::call_method(exc, crate::intern!("split"), &[pattern])?;
        let Some(pair) = pair.downcast::<Tuple>() else {
            return Err(err!(TypeError, "{}.split must return a tuple, not {}", exc.type_name(), pair.type_name()));
        };
        if pair.len() < 2 {
            return Err(err!(TypeError, "{}.split must return a 2-tuple, got tuple of size {}", exc.type_name(), pair.len()));
        }
        let (matched, rest) = (pair.get(0).to_owned(), pair.get(1).to_owned());
        if !matched.is_none() {
            note_match(&matched);
        }
        return Ok((rest, matched));
    }
    Ok((exc.to_owned(), none()))
}

/// The matched part is the exception being handled.
fn note_match(exc: &Object) {
    // SAFETY: exc_info is never NULL; the item owns its value.
    unsafe {
        let item = ThreadState::current().0.exc_info.get();
        exc.incref();
        set_cell(&(*item).exc_value, exc.as_ptr());
    }
}

pub fn is_stop_async_iteration(exc: &Object) -> bool {
    exc.ty().is_subtype(exceptions::StopAsyncIteration())
}

/// The value of a StopIteration, for CLEANUP_THROW.
pub fn stop_iteration_value(exc: &Object) -> Option<Owned> {
    if !exc.ty().is_subtype(exceptions::StopIteration()) {
        return None;
    }
    // SAFETY: a StopIteration's layout.
    unsafe {
        let value = (*(exc.as_ptr() as *mut abi::PyStopIterationObject)).value.get();
        Some(Object::from_ptr_opt(value).unwrap_or(types::none()).to_owned())
    }
}

/// Takes the StopIteration that is set and gives its value (`_PyGen_FetchStopIterationValue`); None if nothing is set.
pub fn fetch_stop_iteration_value() -> PyResult<Owned> {
    match errors::take() {
        None => Ok(types::none().to_owned()),
        Some(exc) => match stop_iteration_value(exc.object()) {
            Some(value) => Ok(value),
            None => Err(errors::restore(exc)),
        },
    }
}

/// A panic reached the interpreter: SystemError in its place.
#[cold]
pub fn panic_to_system_error(panic: Box<dyn Any + Send>) {
    let text = panic.downcast_ref::<&str>().map(|s| s.to_string()).or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_default();
    errors::clear();
    let _ = err!(SystemError, "internal error of the interpreter: {}", text);
}
