//! `None`, `NotImplemented` and `...`: immortal statics that C code reaches by name.

use crate::errors::PyResult;
use crate::err;
use crate::protocol::object::CompareOp;
use crate::object::{Object, Owned, Type};
use crate::types::{Dict, Str, Tuple};
use abi::PyObject;
use macros::pytype;

#[unsafe(no_mangle)]
pub static _Py_NoneStruct: PyObject = PyObject::immortal_static(&raw const _PyNone_Type.0);
#[unsafe(no_mangle)]
pub static _Py_NotImplementedStruct: PyObject = PyObject::immortal_static(&raw const _PyNotImplemented_Type.0);
#[unsafe(no_mangle)]
pub static _Py_EllipsisObject: PyObject = PyObject::immortal_static(&raw const PyEllipsis_Type.0);

/// `None`.
#[inline(always)]
pub fn none() -> &'static Object {
    // SAFETY: a static object.
    unsafe { &*(&raw const _Py_NoneStruct as *const Object) }
}

/// `NotImplemented`.
#[inline(always)]
pub fn not_implemented() -> &'static Object {
    // SAFETY: a static object.
    unsafe { &*(&raw const _Py_NotImplementedStruct as *const Object) }
}

/// `...`.
#[inline(always)]
pub fn ellipsis() -> &'static Object {
    // SAFETY: a static object.
    unsafe { &*(&raw const _Py_EllipsisObject as *const Object) }
}

#[repr(transparent)]
pub struct NoneType(pub PyObject);
#[repr(transparent)]
pub struct NotImplementedType(pub PyObject);
#[repr(transparent)]
pub struct EllipsisType(pub PyObject);

fn no_arguments(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<()> {
    if args.len() > 0 || kwargs.is_some_and(|k| k.len() > 0) {
        return Err(err!(TypeError, "{} takes no arguments", cls.short_name()));
    }
    Ok(())
}

/// Brings an immortal object back whose count drifted to 0.
unsafe extern "C" fn immortal_dealloc(this: *mut PyObject) {
    // SAFETY: a singleton.
    unsafe { Object::from_ptr(this) }.set_immortal();
}

/// The type of the None singleton.
#[pytype(static = _PyNone_Type, name = "NoneType", signature = "()", tp_dealloc = immortal_dealloc)]
impl NoneType {
    #[slot]
    fn tp_repr(&self) -> PyResult<&'static str> {
        Ok("None")
    }
    #[slot]
    fn tp_hash(&self) -> isize {
        0xFCA86420
    }
    #[slot]
    fn tp_richcompare(this: &Object, other: &Object, op: CompareOp) -> Owned {
        match op {
            CompareOp::Eq if this.is(other) => super::true_().to_owned(),
            CompareOp::Ne if this.is(other) => super::false_().to_owned(),
            _ => not_implemented().to_owned(),
        }
    }
    #[slot]
    fn nb_bool(&self) -> bool {
        false
    }
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
        no_arguments(cls, args, kwargs)?;
        Ok(none().to_owned())
    }
}

/// The type of the NotImplemented singleton.
#[pytype(static = _PyNotImplemented_Type, name = "NotImplementedType", signature = "()", tp_dealloc = immortal_dealloc)]
impl NotImplementedType {
    #[slot]
    fn tp_repr(&self) -> PyResult<&'static str> {
        Ok("NotImplemented")
    }
    #[slot]
    fn nb_bool(&self) -> PyResult<bool> {
        Err(err!(TypeError, "NotImplemented should not be used in a boolean context"))
    }
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
        no_arguments(cls, args, kwargs)?;
        Ok(not_implemented().to_owned())
    }
    #[method("__reduce__($self, /)", nosig)]
    fn __reduce__(&self) -> Owned<Str> {
        Str::new("NotImplemented")
    }
}

/// The type of the Ellipsis singleton.
#[pytype(static = PyEllipsis_Type, name = "ellipsis", signature = "()", tp_dealloc = immortal_dealloc)]
impl EllipsisType {
    #[slot]
    fn tp_repr(&self) -> PyResult<&'static str> {
        Ok("Ellipsis")
    }
    #[slot]
    fn tp_new(_cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
        if args.len() > 0 || kwargs.is_some_and(|k| k.len() > 0) {
            return Err(err!(TypeError, "EllipsisType takes no arguments"));
        }
        Ok(ellipsis().to_owned())
    }
    #[method("__reduce__($self, /)", nosig)]
    fn __reduce__(&self) -> Owned<Str> {
        Str::new("Ellipsis")
    }
}
