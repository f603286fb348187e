//! `bool`: the ints True and False, immortal statics that C code reaches by name.

use crate::err;
use crate::errors::PyResult;
use crate::object::{Object, Owned, Type};
use crate::protocol::object;
use crate::types::int::PyLong_Type;
use crate::types::{Dict, Int, Str, Tuple};
use abi::{PyLongObject, PyObject};
use macros::pytype;
use std::cell::Cell;

const fn singleton(value: u32) -> PyLongObject {
    PyLongObject {
        ob_base: PyObject::immortal_static(&raw const PyBool_Type.0),
        long_value: abi::_PyLongValue { lv_tag: Cell::new(if value == 0 { 1 } else { 8 }), ob_digit: [Cell::new(value)] },
    }
}

#[unsafe(no_mangle)]
pub static _Py_TrueStruct: PyLongObject = singleton(1);
#[unsafe(no_mangle)]
pub static _Py_FalseStruct: PyLongObject = singleton(0);

#[inline(always)]
pub fn true_() -> &'static Object {
    // SAFETY: a static object.
    unsafe { &*(&raw const _Py_TrueStruct as *const Object) }
}
#[inline(always)]
pub fn false_() -> &'static Object {
    // SAFETY: a static object.
    unsafe { &*(&raw const _Py_FalseStruct as *const Object) }
}
#[inline(always)]
pub fn bool_object(value: bool) -> &'static Object {
    if value { true_() } else { false_() }
}
pub fn bool_type() -> &'static Type {
    &PyBool_Type
}

#[repr(transparent)]
pub struct Bool(pub PyLongObject);

impl Bool {
    fn value(&self) -> bool {
        self.0.long_value.ob_digit[0].get() != 0
    }
}

/// Both operands bools: their values.
fn both(a: &Object, b: &Object) -> Option<(bool, bool)> {
    let of = |o: &Object| std::ptr::eq(o.ty(), &PyBool_Type).then(|| o.is(true_()));
    Some((of(a)?, of(b)?))
}

/// Returns True when the argument is true, False otherwise.
#[pytype(static = PyBool_Type, name = "bool", signature = "(object=False, /)", base = PyLong_Type, basicsize = 24, itemsize = 4, flags = LONG_SUBCLASS, final)]
impl Bool {
    #[slot]
    fn tp_new(_cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
        if kwargs.is_some_and(|k| k.len() > 0) {
            return Err(err!(TypeError, "bool() takes no keyword arguments"));
        }
        if args.len() > 1 {
            return Err(err!(TypeError, "bool expected at most 1 argument, got {}", args.len()));
        }
        let value = args.len() == 1 && object::is_true(args.get(0))?;
        Ok(bool_object(value).to_owned())
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        Ok(Owned::from_ref(if self.value() { crate::intern!("True") } else { crate::intern!("False") }))
    }
    #[slot]
    fn nb_and(a: &Object, b: &Object) -> PyResult {
        match both(a, b) {
            Some((a, b)) => Ok(bool_object(a & b).to_owned()),
            None => crate::types::int::and(a, b),
        }
    }
    #[slot]
    fn nb_or(a: &Object, b: &Object) -> PyResult {
        match both(a, b) {
            Some((a, b)) => Ok(bool_object(a | b).to_owned()),
            None => crate::types::int::or(a, b),
        }
    }
    #[slot]
    fn nb_xor(a: &Object, b: &Object) -> PyResult {
        match both(a, b) {
            Some((a, b)) => Ok(bool_object(a ^ b).to_owned()),
            None => crate::types::int::xor(a, b),
        }
    }
    #[slot]
    fn nb_invert(&self) -> PyResult {
        crate::exceptions::warn(
            crate::exceptions::DeprecationWarning(),
            "Bitwise inversion '~' on bool is deprecated and will be removed in Python 3.16. This returns the bitwise inversion of the underlying int object and is usually not what you expect from the negation of a bool. Use the 'not' operator for boolean negation or ~int(x) for the bitwise inversion of the underlying int.",
            1,
        )?;
        Ok(Int::from_i64(!(self.value() as i64)).into_object())
    }
    #[slot(raw = tp_dealloc)]
    unsafe extern "C" fn tp_dealloc(op: *mut PyObject) {
        // SAFETY: True and False never die; their drifted count is set right.
        unsafe { Object::from_ptr(op) }.set_immortal();
    }
}
