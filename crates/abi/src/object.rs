//! The object head and its reference count word.
//!
//! Mortal: the low 32 bits are the count and the high 32 bits are 0 (extensions built with older headers
//! compare all 64 bits with 0). Immortal: bit 31 is set; the high half carries flags. Counts of immortals
//! drift, so test the sign bit of the low half, never for equality.

use crate::*;
use core::cell::Cell;

/// Low half of the count word of a fresh immortal object.
pub const _Py_IMMORTAL_INITIAL_REFCNT: u32 = 3 << 30;
/// From here up (the sign bit) an object is immortal.
pub const _Py_IMMORTAL_MINIMUM_REFCNT: u32 = 1 << 31;
/// `ob_flags`: the object is immortal.
pub const _Py_IMMORTAL_FLAGS: u16 = 1;
/// `ob_flags`: the object is a static, not an allocation.
pub const _Py_STATICALLY_ALLOCATED_FLAG: u16 = 4;

layout! {
    pub struct PyObject {
        ob_refcnt: Cell<u32>,
        ob_overflow: Cell<u16>,
        ob_flags: Cell<u16>,
        ob_type: Cell<*mut PyTypeObject>,
    }

    pub struct PyVarObject {
        ob_base: PyObject,
        ob_size: Cell<Py_ssize_t>,
    }

    pub struct _Py_Identifier {
        string: *const c_char,
        index: Cell<Py_ssize_t>,
        mutex: PyMutex,
    }
}

impl PyObject {
    /// The head of a statically allocated, immortal object.
    pub const fn immortal_static(ty: *const PyTypeObject) -> PyObject {
        PyObject {
            ob_refcnt: Cell::new(_Py_IMMORTAL_INITIAL_REFCNT),
            ob_overflow: Cell::new(0),
            ob_flags: Cell::new(_Py_IMMORTAL_FLAGS | _Py_STATICALLY_ALLOCATED_FLAG),
            ob_type: Cell::new(ty.cast_mut()),
        }
    }

    /// The head of a fresh allocation: count 1.
    #[inline(always)]
    pub const fn fresh(ty: *const PyTypeObject) -> PyObject {
        PyObject {
            ob_refcnt: Cell::new(1),
            ob_overflow: Cell::new(0),
            ob_flags: Cell::new(0),
            ob_type: Cell::new(ty.cast_mut()),
        }
    }

    /// The whole 64-bit count word, as extensions built with headers before 3.14 see it.
    #[inline(always)]
    pub const fn ob_refcnt_full(&self) -> &Cell<i64> {
        // SAFETY: the word is the first eight bytes of the head, which is aligned to 8; all parts are cells.
        unsafe { &*(core::ptr::from_ref(self).cast::<Cell<i64>>()) }
    }
}

impl PyVarObject {
    /// The head of a statically allocated, immortal object of `size` items.
    pub const fn immortal_static(ty: *const PyTypeObject, size: Py_ssize_t) -> PyVarObject {
        PyVarObject { ob_base: PyObject::immortal_static(ty), ob_size: Cell::new(size) }
    }

    /// The head of a fresh allocation of `size` items: count 1.
    #[inline(always)]
    pub const fn fresh(ty: *const PyTypeObject, size: Py_ssize_t) -> PyVarObject {
        PyVarObject { ob_base: PyObject::fresh(ty), ob_size: Cell::new(size) }
    }
}
