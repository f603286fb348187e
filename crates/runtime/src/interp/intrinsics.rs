//! CALL_INTRINSIC_1 and CALL_INTRINSIC_2: operations too rare for an instruction of their own.

use super::frame::InterpreterFrame;
use super::generator;
use crate::import;
use crate::err;
use crate::errors::PyResult;
use crate::exceptions;
use crate::object::{Object, Owned};
use crate::protocol::{call, number, sequence};
use crate::types::{BaseException, Function, Str, typevar};

/// # Safety
/// `frame` is the running frame.
pub unsafe fn unary(which: usize, value: &Object, frame: *mut InterpreterFrame) -> PyResult {
    match which {
        1 => {
            let hook = crate::state::sys_attribute(crate::intern!("displayhook"))?.ok_or_else(|| err!(RuntimeError, "lost sys.displayhook"))?;
            call::call1(&hook, value)
        }
        // SAFETY: by contract.
        2 => unsafe { import::import_star(frame, value) },
        // SAFETY: by contract.
        3 => unsafe { stop_iteration_error(frame, value) },
        4 => generator::async_gen_wrap(value),
        5 => number::positive(value),
        6 => Ok(sequence::to_tuple(value)?.into_object()),
        7 => typevar::new_typevar(value, None, None),
        8 => typevar::new_paramspec(value),
        9 => typevar::new_typevartuple(value),
        10 => typevar::subscript_generic(value),
        11 => typevar::new_typealias(value),
        _ => Err(err!(SystemError, "unknown intrinsic {}", which)),
    }
}

pub fn binary(which: usize, a: &Object, b: &Object) -> PyResult {
    match which {
        1 => exceptions::prep_reraise_star(a, b),
        2 => typevar::new_typevar(a, Some(b), None),
        3 => typevar::new_typevar(a, None, Some(b)),
        4 => {
            // a: the function, b: its type parameters
            match a.downcast_exact::<Function>() {
                Some(function) => function.set_type_params(b),
                None => return Err(err!(SystemError, "type parameters of a '{}' object", a.type_name())),
            }
            Ok(a.to_owned())
        }
        5 => typevar::set_typeparam_default(a, b),
        _ => Err(err!(SystemError, "unknown intrinsic {}", which)),
    }
}

/// A StopIteration (or StopAsyncIteration) that leaves a generator becomes a RuntimeError.
unsafe fn stop_iteration_error(frame: *mut InterpreterFrame, exc: &Object) -> PyResult {
    // SAFETY: by the caller's contract.
    let flags = unsafe { (*frame).code().0.co_flags.get() };
    let message = if exc.ty().is_subtype(exceptions::StopIteration()) {
        if flags & abi::CO_ASYNC_GENERATOR != 0 {
            "async generator raised StopIteration"
        } else if flags & abi::CO_COROUTINE != 0 {
            "coroutine raised StopIteration"
        } else {
            "generator raised StopIteration"
        }
    } else if flags & abi::CO_ASYNC_GENERATOR != 0 && exc.ty().is_subtype(exceptions::StopAsyncIteration()) {
        "async generator raised StopAsyncIteration"
    } else {
        return Ok(exc.to_owned());
    };
    let made = call::call1(exceptions::RuntimeError(), Str::new(message).object())?;
    if let (Some(new), Some(old)) = (made.downcast::<BaseException>(), exc.downcast::<BaseException>()) {
        // SAFETY: the slots own their values.
        unsafe {
            crate::object::set_cell(&new.0.cause, Owned::from_ref(old).into_raw());
            crate::object::set_cell(&new.0.context, Owned::from_ref(old).into_raw());
            new.0.suppress_context.set(1);
        }
    }
    Ok(made)
}

