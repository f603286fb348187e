//! StopIteration, SystemExit (one value each) and KeyError (its `str` is the key's repr).

use super::base::{self, BaseException, clear_base, put, traverse_base};
use crate::errors::PyResult;
use crate::macro_support::Visitor;
use crate::object::{Object, Owned};
use crate::protocol::object;
use crate::types::{self, Dict, Str, Tuple};
use abi::{PyStopIterationObject, PySystemExitObject};
use macros::pytype;
use std::mem::offset_of;

#[repr(transparent)]
pub struct StopIteration(pub PyStopIterationObject);

/// Signal the end from iterator.__next__().
#[pytype(static = STOP_ITERATION, tp_vectorcall = base::vectorcall, name = "StopIteration", base = super::EXCEPTION, flags = BASETYPE | HAVE_GC | BASE_EXC_SUBCLASS, no_pytyped,
    members = [("value", T_OBJECT, offset_of!(PyStopIterationObject, value), 0, "generator return value")])]
impl StopIteration {
    #[slot]
    fn tp_init(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<()> {
        init_base(&self.0.base, args, kwargs)?;
        put(&self.0.value, Some(if args.len() > 0 { args.get(0) } else { types::none() }));
        Ok(())
    }
    #[slot]
    fn tp_traverse(&self, visitor: &mut Visitor) {
        visitor.visit_cell(&self.0.value);
        traverse_base(&self.0.base, &mut *visitor);
    }
    #[slot]
    fn tp_clear(&self) {
        put(&self.0.value, None);
        clear_base(&self.0.base);
    }
}

#[repr(transparent)]
pub struct SystemExit(pub PySystemExitObject);

/// Request to exit from the interpreter.
#[pytype(static = SYSTEM_EXIT, name = "SystemExit", base = super::base::BASE_EXCEPTION, flags = BASETYPE | HAVE_GC | BASE_EXC_SUBCLASS, no_pytyped,
    members = [("code", T_OBJECT, offset_of!(PySystemExitObject, code), 0, "exception code")])]
impl SystemExit {
    #[slot]
    fn tp_init(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<()> {
        init_base(&self.0.base, args, kwargs)?;
        match args.len() {
            0 => {}
            1 => put(&self.0.code, Some(args.get(0))),
            _ => put(&self.0.code, Some(args.as_object())),
        }
        Ok(())
    }
    #[slot]
    fn tp_traverse(&self, visitor: &mut Visitor) {
        visitor.visit_cell(&self.0.code);
        traverse_base(&self.0.base, &mut *visitor);
    }
    #[slot]
    fn tp_clear(&self) {
        put(&self.0.code, None);
        clear_base(&self.0.base);
    }
}

/// `BaseException.__init__` for the kinds with fields.
pub(super) fn init_base(this: &abi::PyBaseExceptionObject, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<()> {
    // SAFETY: the struct is the whole head of an exception object.
    let object = unsafe { Object::from_ptr(this as *const _ as *mut abi::PyObject) };
    base::no_keywords(object, kwargs)?;
    put(&this.args, Some(args.as_object()));
    Ok(())
}

#[repr(transparent)]
pub struct KeyError(pub abi::PyBaseExceptionObject);

/// Mapping key not found.
#[pytype(static = KEY_ERROR, tp_vectorcall = base::vectorcall, name = "KeyError", base = super::LOOKUP_ERROR, flags = BASETYPE | HAVE_GC | BASE_EXC_SUBCLASS, no_pytyped)]
impl KeyError {
    #[slot]
    fn tp_str(&self) -> PyResult<Owned<Str>> {
        // SAFETY: the same layout.
        let this: &BaseException = unsafe { &*(self as *const KeyError as *const BaseException) };
        let args = this.args();
        match args.len() {
            0 => Ok(Str::new("")),
            // A quoted key shows that an empty or blank one is meant.
            1 => object::repr(args.get(0)),
            _ => object::str(args.object()),
        }
    }
}

