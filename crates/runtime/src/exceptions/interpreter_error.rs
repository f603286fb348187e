//! The exceptions of operations between interpreters. They are no builtins: `_interpreters` and `concurrent.interpreters` show them.

use super::{EXCEPTION, Exported, FLAGS};
use crate::errors::PyResult;
use crate::macro_support::static_type;
use crate::object::{Owned, Type};
use crate::state::PerInterpreter;
use crate::types::{Dict, Str, Tuple, type_new, type_type};
use abi::{PyBaseExceptionObject, PyTypeObject};
use std::cell::{Cell, OnceCell};
use std::mem::size_of;

static INTERPRETER_ERROR: Type = Type(PyTypeObject {
    tp_base: Cell::new(&raw const EXCEPTION as *mut PyTypeObject),
    ..static_type(c"concurrent.interpreters.InterpreterError", size_of::<PyBaseExceptionObject>(), 0, FLAGS, c"A cross-interpreter operation failed".as_ptr())
});
static INTERPRETER_NOT_FOUND_ERROR: Type = Type(PyTypeObject {
    tp_base: Cell::new(&raw const INTERPRETER_ERROR as *mut PyTypeObject),
    ..static_type(c"concurrent.interpreters.InterpreterNotFoundError", size_of::<PyBaseExceptionObject>(), 0, FLAGS, c"An interpreter was not found".as_ptr())
});

#[allow(non_snake_case)]
pub fn InterpreterError() -> &'static Type {
    &INTERPRETER_ERROR
}
#[allow(non_snake_case)]
pub fn InterpreterNotFoundError() -> &'static Type {
    &INTERPRETER_NOT_FOUND_ERROR
}

#[unsafe(no_mangle)]
#[allow(non_upper_case_globals)]
pub static PyExc_InterpreterError: Exported = Exported(Cell::new(&raw const INTERPRETER_ERROR as *mut abi::PyObject));
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals)]
pub static PyExc_InterpreterNotFoundError: Exported = Exported(Cell::new(&raw const INTERPRETER_NOT_FOUND_ERROR as *mut abi::PyObject));

/// Readies both types, bases first.
pub(super) fn ready() -> PyResult<()> {
    crate::types::builtin_type_ready(&INTERPRETER_ERROR)?;
    crate::types::builtin_type_ready(&INTERPRETER_NOT_FOUND_ERROR)
}

/// `NotShareableError`: each interpreter has a class of its own.
pub fn not_shareable_error() -> PyResult<&'static Type> {
    static CLASS: PerInterpreter<OnceCell<Owned<Type>>> = PerInterpreter::new(OnceCell::new(), OnceCell::new);
    let cell = CLASS.get();
    if let Some(class) = cell.get() {
        return Ok(class);
    }
    let namespace = Dict::new();
    namespace.set("__module__", &Str::new("concurrent.interpreters"))?;
    let made = type_new::new_type(type_type(), &Str::new("NotShareableError"), &Tuple::new(&[super::TypeError()]), &namespace, None)?;
    Ok(cell.get_or_init(|| made))
}
