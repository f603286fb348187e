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
use crate::object::{Object, Owned, PyTyped, Type};
use crate::types::{Cell, Code, Dict, Function};
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

/// The arguments of `super()` without any: the class in the cell `__class__`, and the first argument of the running function.
pub fn super_arguments() -> PyResult<(Owned<Type>, Owned)> {
    let current = frame::current();
    if current.is_null() {
        return Err(crate::err!(RuntimeError, "super(): no current frame"));
    }
    // SAFETY: the running frame has code; slots within co_nlocalsplus are initialised.
    unsafe {
        let f = &mut *current;
        let code: &crate::types::Code = &*std::ptr::from_ref(f.code());
        if code.0.co_argcount.get() == 0 {
            return Err(crate::err!(RuntimeError, "super(): no arguments"));
        }
        let first = *f.locals();
        let mut obj = if first.is_null() { None } else { Some(first.obj().to_owned()) };
        if code.kinds()[0] & 0x40 != 0 && obj.as_ref().is_some_and(|o| Cell::check_exact(o)) {
            obj = obj.and_then(|o| o.downcast::<Cell>().and_then(|cell| cell.get()));
        }
        let Some(obj) = obj else { return Err(crate::err!(RuntimeError, "super(): arg[0] deleted")) };
        let kinds = code.kinds();
        for i in (0..kinds.len()).filter(|&i| kinds[i] & 0x80 != 0) {
            if !code.localsplus_name(i).eq_str("__class__") {
                continue;
            }
            let slot = *f.locals().add(i);
            let cell = if slot.is_null() { None } else { slot.obj().downcast_exact::<Cell>() };
            let Some(cell) = cell else { return Err(crate::err!(RuntimeError, "super(): bad __class__ cell")) };
            let Some(class) = cell.get() else { return Err(crate::err!(RuntimeError, "super(): empty __class__ cell")) };
            return match class.try_into_typed::<Type>() {
                Ok(class) => Ok((class, obj)),
                Err(other) => Err(crate::err!(RuntimeError, "super(): __class__ is not a type ({})", other.type_name())),
            };
        }
        Err(crate::err!(RuntimeError, "super(): __class__ cell not found"))
    }
}

/// `PyEval_EvalCode`: runs code in namespaces; `locals` is any mapping.
pub fn eval_code(code: &Code, globals: &Dict, locals: &Object) -> PyResult {
    let function = Function::new(code, globals, None)?;
    // SAFETY: a function and no arguments.
    unsafe { errors::from_c(call::eval_vector(function.as_ptr(), locals.as_ptr(), ptr::null(), 0, ptr::null_mut())) }
}
