//! The interpreter: frames, activations, the instructions, and a file for what each family of them does beyond its fast path.

pub mod attr;
pub mod backoff;
pub mod binary_op;
pub mod build;
pub mod call;
pub mod compare;
pub mod eval;
pub mod exc;
pub mod frame;
pub mod generator;
pub mod globals;
mod instructions;
pub mod intrinsics;
pub mod iter;
pub mod matching;
pub mod monitoring;
pub mod names;
mod registers;
pub mod special;
pub mod specialize;
pub mod stackref;
pub mod subscr;
pub mod unpack;

use crate::errors::{self, PyResult};
use crate::object::{Object, Owned};
use crate::types::{Code, Dict, Function};
use std::ptr;

/// The globals of the running frame; where none runs, those of `__main__`, if that is what the thread is there for.
pub fn current_globals() -> Option<Owned<Dict>> {
    let current = frame::current();
    if current.is_null() {
        return running_main();
    }
    // SAFETY: a running frame's globals are live.
    unsafe { Object::from_ptr((*current).f_globals) }.downcast::<Dict>().map(Owned::from_ref)
}

/// The dict of `__main__`, if this thread state runs it (`_PyEval_GetGlobalsFromRunningMain`).
#[cold]
pub fn running_main() -> Option<Owned<Dict>> {
    let own: *const crate::tstate::ThreadState = crate::tstate::ThreadState::current();
    if !std::ptr::eq(crate::state::get().running_main.get(), own) {
        return None;
    }
    crate::crossinterp::session::main_namespace().inspect_err(|_| crate::errors::clear()).ok()
}

/// `PyEval_EvalCode`: runs code in namespaces; `locals` is any mapping.
pub fn eval_code(code: &Code, globals: &Dict, locals: &Object) -> PyResult {
    let function = Function::new(code, globals, None)?;
    // SAFETY: a function and no arguments.
    unsafe { errors::from_c(call::eval_vector(function.as_ptr(), locals.as_ptr(), ptr::null(), 0, ptr::null_mut())) }
}
