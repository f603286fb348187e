//! The way into and out of generated C functions: panics, parameters, results.

use super::IntoPy;
use crate::errors::{PyResult, Raised, occurred};
use crate::object::{Object, Owned, Type};
use crate::protocol::object::CompareOp;
use abi::{Py_buffer, PyObject, PyTypeObject};
use std::any::Any;
use std::ffi::c_int;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

/// A C result type with its error value.
pub trait CResult {
    const ERROR: Self;
}
impl CResult for *mut PyObject {
    const ERROR: Self = ptr::null_mut();
}
impl CResult for c_int {
    const ERROR: Self = -1;
}
impl CResult for isize {
    const ERROR: Self = -1;
}
impl CResult for () {
    const ERROR: Self = ();
}

/// Runs the body of a C function; a panic becomes SystemError.
#[cfg(debug_assertions)]
#[inline]
pub fn guard<C: CResult>(body: impl FnOnce() -> C) -> C {
    // One instance of the catching code for all functions: the development profile is to compile fast.
    let (mut body, mut result) = (Some(body), C::ERROR);
    guard_dyn(&mut || {
        if let Some(body) = body.take() {
            result = body();
        }
    });
    result
}

#[cfg(debug_assertions)]
#[inline(never)]
fn guard_dyn(body: &mut dyn FnMut()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(body)) {
        panicked(payload);
    }
}

/// Runs the body of a C function; a panic becomes SystemError.
#[cfg(not(debug_assertions))]
#[inline(always)]
pub fn guard<C: CResult>(body: impl FnOnce() -> C) -> C {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(value) => value,
        Err(payload) => {
            panicked(payload);
            C::ERROR
        }
    }
}

/// A body with `?` that gives an object.
#[inline(always)]
pub fn guard_object(body: impl FnOnce() -> PyResult) -> *mut PyObject {
    guard(|| crate::errors::to_c(body()))
}

/// A body with `?` that gives 0.
#[inline(always)]
pub fn guard_status(body: impl FnOnce() -> PyResult<c_int>) -> c_int {
    guard(|| body().unwrap_or(-1))
}

#[cold]
#[inline(never)]
fn panicked(payload: Box<dyn Any + Send>) {
    if payload.is::<crate::memory::reserve::OutOfMemory>() {
        crate::errors::no_memory();
        return;
    }
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(|s| s.as_str()));
    // Raising may itself meet the broken state that panicked.
    let raised = catch_unwind(AssertUnwindSafe(|| crate::err!(SystemError, "internal error: {}", text.unwrap_or("panic"))));
    if raised.is_err() && !occurred() {
        crate::errors::no_memory();
    }
}

/// A C parameter as the Rust function takes it.
pub trait Param<C> {
    /// # Safety
    /// `value` is what the C function got: a live object of the layout that the slot promises, or NULL where the slot allows it.
    unsafe fn from_c(value: C) -> Self;
}
impl<'a, T> Param<*mut PyObject> for &'a T {
    #[inline(always)]
    unsafe fn from_c(value: *mut PyObject) -> &'a T {
        debug_assert!(!value.is_null());
        // SAFETY: by contract.
        unsafe { &*(value as *const T) }
    }
}
impl<'a, T> Param<*mut PyObject> for Option<&'a T> {
    #[inline(always)]
    unsafe fn from_c(value: *mut PyObject) -> Option<&'a T> {
        // SAFETY: by contract.
        unsafe { (value as *const T).as_ref() }
    }
}
impl<'a> Param<*mut PyTypeObject> for &'a Type {
    #[inline(always)]
    unsafe fn from_c(value: *mut PyTypeObject) -> &'a Type {
        // SAFETY: by contract.
        unsafe { &*(value as *const Type) }
    }
}
macro_rules! param_as_is {
    ($($ty:ty),*) => {$(
        impl Param<$ty> for $ty {
            #[inline(always)]
            unsafe fn from_c(value: $ty) -> $ty {
                value
            }
        }
    )*};
}
param_as_is!(*mut PyObject, isize, c_int, *mut Py_buffer, *mut PyTypeObject);
impl Param<c_int> for CompareOp {
    #[inline(always)]
    unsafe fn from_c(value: c_int) -> CompareOp {
        CompareOp::from_c(value).unwrap_or(CompareOp::Eq)
    }
}

/// # Safety
/// See `Param::from_c`.
#[inline(always)]
pub unsafe fn param<C, P: Param<C>>(value: C) -> P {
    // SAFETY: by contract.
    unsafe { P::from_c(value) }
}

/// # Safety
/// `value` is a live object for `'a`.
#[inline(always)]
pub unsafe fn object<'a>(value: *mut PyObject) -> &'a Object {
    // SAFETY: by contract.
    unsafe { Object::from_ptr(value) }
}

#[inline(always)]
pub fn status<R: SlotInt>(result: R) -> PyResult<c_int> {
    match result.into_c() {
        -1 => Err(Raised::from_c()),
        value => Ok(value),
    }
}

#[inline(always)]
pub fn object_result(result: impl IntoPy) -> *mut PyObject {
    crate::errors::to_c(result.into_py())
}

/// `tp_iternext`: `Ok(None)` is NULL without an exception.
#[inline(always)]
pub fn next_result<T: IntoPy>(result: PyResult<Option<T>>) -> *mut PyObject {
    match result {
        Ok(Some(value)) => crate::errors::to_c(value.into_py()),
        Ok(None) | Err(_) => ptr::null_mut(),
    }
}

/// What a slot that answers with an int may return.
pub trait SlotInt {
    fn into_c(self) -> c_int;
}
impl SlotInt for () {
    #[inline(always)]
    fn into_c(self) -> c_int {
        0
    }
}
impl SlotInt for bool {
    #[inline(always)]
    fn into_c(self) -> c_int {
        self as c_int
    }
}
impl SlotInt for c_int {
    #[inline(always)]
    fn into_c(self) -> c_int {
        self
    }
}
impl<T: SlotInt> SlotInt for PyResult<T> {
    #[inline(always)]
    fn into_c(self) -> c_int {
        match self {
            Ok(value) => value.into_c(),
            Err(_) => -1,
        }
    }
}

/// What a length slot may return.
pub trait SlotSize {
    fn into_c(self) -> isize;
}
impl SlotSize for usize {
    #[inline(always)]
    fn into_c(self) -> isize {
        self as isize
    }
}
impl SlotSize for isize {
    #[inline(always)]
    fn into_c(self) -> isize {
        self
    }
}
impl<T: SlotSize> SlotSize for PyResult<T> {
    #[inline(always)]
    fn into_c(self) -> isize {
        match self {
            Ok(value) => value.into_c(),
            Err(_) => -1,
        }
    }
}

/// `isize` or `PyResult<isize>`.
pub trait SlotHash {
    fn into_hash(self) -> PyResult<isize>;
}
impl SlotHash for isize {
    #[inline(always)]
    fn into_hash(self) -> PyResult<isize> {
        Ok(self)
    }
}
impl SlotHash for PyResult<isize> {
    #[inline(always)]
    fn into_hash(self) -> PyResult<isize> {
        self
    }
}

/// `tp_hash`: -1 is for errors, so a hash of -1 becomes -2.
#[inline(always)]
pub fn hash_result(result: impl SlotHash) -> isize {
    match result.into_hash() {
        Ok(-1) => -2,
        Ok(hash) => hash,
        Err(_) => -1,
    }
}

/// What `am_send` gives.
pub enum SendResult {
    /// `PYGEN_NEXT`
    Yield(Owned),
    /// `PYGEN_RETURN`
    Return(Owned),
}

/// # Safety
/// `out` may be written.
#[inline]
pub unsafe fn send_result(result: PyResult<SendResult>, out: *mut *mut PyObject) -> c_int {
    let (value, status) = match result {
        Ok(SendResult::Yield(value)) => (value.into_raw(), 1),
        Ok(SendResult::Return(value)) => (value.into_raw(), 0),
        Err(_) => (ptr::null_mut(), -1),
    };
    // SAFETY: by contract.
    unsafe { *out = value };
    status
}

/// Whether `tp_new` of a type without keyword parameters refuses them for `cls`: not if a subclass has an `__init__` of its own.
/// # Safety
/// Both are live types.
pub unsafe fn refuses_keywords_in_new(cls: *mut PyTypeObject, own: *const Type) -> bool {
    // SAFETY: by contract.
    let (cls, own) = unsafe { (&*(cls as *const Type), &*own) };
    ptr::eq(cls, own) || cls.0.tp_init.get().map(|f| f as usize) == own.0.tp_init.get().map(|f| f as usize)
}

/// As `refuses_keywords_in_new`, for `tp_init` and a subclass's own `__new__`.
/// # Safety
/// A live object and type.
pub unsafe fn refuses_keywords_in_init(slf: *mut PyObject, own: *const Type) -> bool {
    // SAFETY: by contract.
    let (ty, own) = unsafe { (Object::from_ptr(slf).ty(), &*own) };
    ptr::eq(ty, own) || ty.0.tp_new.get().map(|f| f as usize) == own.0.tp_new.get().map(|f| f as usize)
}
