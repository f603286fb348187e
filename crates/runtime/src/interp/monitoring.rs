//! Monitoring (PEP 669): instrumented instructions. The version in the eval breaker says which instrumentation code must have.

use super::frame::{CodeWord, InterpreterFrame};
use super::stackref::StackRef;
use crate::err;
use crate::errors::PyResult;
use crate::object::{Object, Owned};
use crate::tstate::ThreadState;
use crate::types::Code;
use abi::PyThreadState;
use std::sync::atomic::Ordering::Relaxed;

/// How the loop goes on after an instruction that it does not run itself.
pub enum Next {
    Run(u8),
    Raise,
}

/// Brings a code object to the instrumentation that the thread asks for.
pub fn instrument(code: &Code) -> PyResult<()> {
    let wanted = ThreadState::current().0.eval_breaker.load(Relaxed) & !crate::gil::EVENTS_MASK;
    code.0._co_instrumentation_version.store(wanted, Relaxed);
    Ok(())
}

/// Runs the event of an instrumented instruction, then says which base instruction to execute.
/// # Safety
/// As in the loop.
pub unsafe fn instrumented(_ts: *mut PyThreadState, _frame: *mut InterpreterFrame, opcode: u8, _oparg: usize, _ip: *mut CodeWord, _sp: *mut StackRef) -> Next {
    let _ = err!(SystemError, "unknown opcode {}", opcode);
    Next::Raise
}

/// The function of `sys.settrace`.
pub fn trace_function() -> Option<Owned> {
    None
}

/// The function of `sys.setprofile`.
pub fn profile_function() -> Option<Owned> {
    None
}

pub fn set_trace(function: Option<&Object>) -> PyResult<()> {
    match function {
        None => Ok(()),
        Some(_) => Err(err!(NotImplementedError, "sys.settrace() is not supported yet")),
    }
}

pub fn set_profile(function: Option<&Object>) -> PyResult<()> {
    match function {
        None => Ok(()),
        Some(_) => Err(err!(NotImplementedError, "sys.setprofile() is not supported yet")),
    }
}
