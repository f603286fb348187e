//! `monitoring.h`, and the trace and profile functions of `ceval.h`.
//!
//! C code that runs something like code objects fires events itself: it keeps a state for each event that it may fire, which
//! `PyMonitoring_EnterScope` brings up to date, and calls here only where the state says that a tool listens.

use abi::{PyThreadState, Py_tracefunc};
use runtime::err;
use runtime::errors::{self, PyResult};
use runtime::exceptions;
use runtime::interp::monitoring::{self, EVENT_NAMES, LOCAL_EVENTS, SYS_PROFILE, UNGROUPED_EVENTS, deliver, event, legacy};
use runtime::object::Object;
use runtime::protocol::call;
use runtime::tstate::ThreadState;
use runtime::types::{BaseException, Int};
use std::ffi::c_int;

/// `PyMonitoringState`: whether anybody listens, and the tools.
#[repr(C)]
pub struct State {
    active: u8,
    tools: u8,
}

/// Calls the tools of a state. Exceptions that were set stay set unless a callback raises.
unsafe fn fire(state: *mut State, codelike: &Object, offset: i32, number: usize, args: &[&Object]) -> PyResult<c_int> {
    let ts = ThreadState::current_ptr();
    if monitoring::is_tracing(ts) {
        return Ok(0);
    }
    if offset < 0 {
        return Err(err!(ValueError, "offset must be non-negative"));
    }
    let offset = Int::from_i64(offset as i64);
    let mut all: Vec<&Object> = vec![codelike, offset.object()];
    all.extend_from_slice(args);
    // SAFETY: the state is the caller's.
    let mut tools = unsafe { (*state).tools };
    while tools != 0 {
        let tool = 7 - tools.leading_zeros() as usize;
        tools &= !(1 << tool);
        if tool >= SYS_PROFILE {
            continue;
        }
        let Some(callback) = monitoring::callback(tool, number) else { continue };
        let answer = deliver::held_back(ts, number, || call::call_args(&callback.function, &all))?;
        if !answer.is(monitoring::disable()) {
            continue;
        }
        if number >= LOCAL_EVENTS {
            drop(monitoring::register_callback(tool, number, None));
            return Err(err!(ValueError, "Cannot disable {} events. Callback removed.", EVENT_NAMES[number]));
        }
        // SAFETY: as above.
        unsafe {
            (*state).tools &= !(1 << tool);
            (*state).active = ((*state).tools != 0) as u8;
        }
    }
    Ok(0)
}

/// An event about the exception that is set.
unsafe fn fire_exception(state: *mut State, codelike: &Object, offset: i32, number: usize) -> PyResult<c_int> {
    let Some(exc) = errors::take() else {
        return Err(err!(ValueError, "Firing event {} with no exception set", number));
    };
    // SAFETY: by contract.
    let fired = unsafe { fire(state, codelike, offset, number, &[exc.object()]) }?;
    errors::restore(exc);
    Ok(fired)
}

c_api! {
    fn PyMonitoring_EnterScope(states: *mut State, version: *mut u64, event_types: *const u8, length: isize) -> c_int {
        let current = monitoring::version() as u64;
        // A caller's first version is 0, which no version that follows an event's setting is.
        if *version == current {
            return 0;
        }
        for i in 0..length.max(0) as usize {
            let number = *event_types.add(i) as usize;
            let number = match number {
                event::C_RETURN | event::C_RAISE => event::CALL,
                event::BRANCH => event::BRANCH_LEFT,
                number => number,
            };
            let tools = if number < UNGROUPED_EVENTS { monitoring::tools_for(number) } else { 0 };
            (*states.add(i)).tools = tools;
            (*states.add(i)).active = (tools != 0) as u8;
        }
        *version = current;
        0
    }
    fn PyMonitoring_ExitScope() -> c_int { 0 }
    fn _PyMonitoring_FirePyStartEvent(state: *mut State, codelike: &Object, offset: i32) -> PyResult<c_int> { fire(state, codelike, offset, event::PY_START, &[]) }
    fn _PyMonitoring_FirePyResumeEvent(state: *mut State, codelike: &Object, offset: i32) -> PyResult<c_int> { fire(state, codelike, offset, event::PY_RESUME, &[]) }
    fn _PyMonitoring_FirePyReturnEvent(state: *mut State, codelike: &Object, offset: i32, value: &Object) -> PyResult<c_int> {
        fire(state, codelike, offset, event::PY_RETURN, &[value])
    }
    fn _PyMonitoring_FirePyYieldEvent(state: *mut State, codelike: &Object, offset: i32, value: &Object) -> PyResult<c_int> {
        fire(state, codelike, offset, event::PY_YIELD, &[value])
    }
    fn _PyMonitoring_FireCallEvent(state: *mut State, codelike: &Object, offset: i32, callable: &Object, first: &Object) -> PyResult<c_int> {
        fire(state, codelike, offset, event::CALL, &[callable, first])
    }
    fn _PyMonitoring_FireLineEvent(state: *mut State, codelike: &Object, _offset: i32, line: c_int) -> PyResult<c_int> {
        // LINE has the line in the offset's place.
        fire(state, codelike, line, event::LINE, &[])
    }
    fn _PyMonitoring_FireJumpEvent(state: *mut State, codelike: &Object, offset: i32, target: &Object) -> PyResult<c_int> {
        fire(state, codelike, offset, event::JUMP, &[target])
    }
    fn _PyMonitoring_FireBranchEvent(state: *mut State, codelike: &Object, offset: i32, target: &Object) -> PyResult<c_int> {
        fire(state, codelike, offset, event::BRANCH_RIGHT, &[target])
    }
    fn _PyMonitoring_FireBranchRightEvent(state: *mut State, codelike: &Object, offset: i32, target: &Object) -> PyResult<c_int> {
        fire(state, codelike, offset, event::BRANCH_RIGHT, &[target])
    }
    fn _PyMonitoring_FireBranchLeftEvent(state: *mut State, codelike: &Object, offset: i32, target: &Object) -> PyResult<c_int> {
        fire(state, codelike, offset, event::BRANCH_LEFT, &[target])
    }
    fn _PyMonitoring_FireCReturnEvent(state: *mut State, codelike: &Object, offset: i32, value: &Object) -> PyResult<c_int> {
        fire(state, codelike, offset, event::C_RETURN, &[value])
    }
    fn _PyMonitoring_FirePyThrowEvent(state: *mut State, codelike: &Object, offset: i32) -> PyResult<c_int> { fire_exception(state, codelike, offset, event::PY_THROW) }
    fn _PyMonitoring_FireRaiseEvent(state: *mut State, codelike: &Object, offset: i32) -> PyResult<c_int> { fire_exception(state, codelike, offset, event::RAISE) }
    fn _PyMonitoring_FireReraiseEvent(state: *mut State, codelike: &Object, offset: i32) -> PyResult<c_int> { fire_exception(state, codelike, offset, event::RERAISE) }
    fn _PyMonitoring_FireExceptionHandledEvent(state: *mut State, codelike: &Object, offset: i32) -> PyResult<c_int> {
        fire_exception(state, codelike, offset, event::EXCEPTION_HANDLED)
    }
    fn _PyMonitoring_FireCRaiseEvent(state: *mut State, codelike: &Object, offset: i32) -> PyResult<c_int> { fire_exception(state, codelike, offset, event::C_RAISE) }
    fn _PyMonitoring_FirePyUnwindEvent(state: *mut State, codelike: &Object, offset: i32) -> PyResult<c_int> { fire_exception(state, codelike, offset, event::PY_UNWIND) }
    fn _PyMonitoring_FireStopIterationEvent(state: *mut State, codelike: &Object, offset: i32, value: &Object) -> PyResult<c_int> {
        if value.is_instance_of::<BaseException>() {
            return fire(state, codelike, offset, event::STOP_ITERATION, &[value]);
        }
        errors::raise_object(exceptions::StopIteration(), Some(value));
        match errors::take() {
            Some(exc) => fire(state, codelike, offset, event::STOP_ITERATION, &[exc.object()]),
            None => Ok(0),
        }
    }

    // ---- trace and profile functions
    fn PyEval_SetTrace(function: Option<Py_tracefunc>, arg: Option<&Object>) {
        if legacy::set_trace_function(ThreadState::current_ptr(), function, arg).is_err() {
            exceptions::write_unraisable(Some("Exception ignored in PyEval_SetTrace"), None);
        }
    }
    fn PyEval_SetProfile(function: Option<Py_tracefunc>, arg: Option<&Object>) {
        if legacy::set_profile_function(ThreadState::current_ptr(), function, arg).is_err() {
            exceptions::write_unraisable(Some("Exception ignored in PyEval_SetProfile"), None);
        }
    }
    fn PyEval_SetTraceAllThreads(function: Option<Py_tracefunc>, arg: Option<&Object>) {
        legacy::for_all_threads("PyEval_SetTraceAllThreads", |ts| legacy::set_trace_function(ts, function, arg));
    }
    fn PyEval_SetProfileAllThreads(function: Option<Py_tracefunc>, arg: Option<&Object>) {
        legacy::for_all_threads("PyEval_SetProfileAllThreads", |ts| legacy::set_profile_function(ts, function, arg));
    }
    fn _PyEval_SetTrace(ts: *mut PyThreadState, function: Option<Py_tracefunc>, arg: Option<&Object>) -> c_int {
        if legacy::set_trace_function(ts, function, arg).is_err() { -1 } else { 0 }
    }
    fn _PyEval_SetProfile(ts: *mut PyThreadState, function: Option<Py_tracefunc>, arg: Option<&Object>) -> c_int {
        if legacy::set_profile_function(ts, function, arg).is_err() { -1 } else { 0 }
    }
}
