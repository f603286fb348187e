//! Strings.
//!
//! Compact ASCII text follows a `PyASCIIObject` directly, other compact text a `PyCompactUnicodeObject`;
//! an instance of a str subclass is a full `PyUnicodeObject` with its text in a block of its own.

use crate::*;
use core::cell::Cell;

layout! {
    pub struct PyASCIIObject {
        ob_base: PyObject,
        /// Code points.
        length: Cell<Py_ssize_t>,
        /// -1 until computed.
        hash: Cell<Py_hash_t>,
        /// `PyUnicode_STATE_*` bits; the upper 24 bits mean nothing.
        state: Cell<u32>,
    }

    pub struct PyCompactUnicodeObject {
        _base: PyASCIIObject,
        utf8_length: Cell<Py_ssize_t>,
        utf8: Cell<*mut c_char>,
    }

    pub struct PyUnicodeObject {
        _base: PyCompactUnicodeObject,
        data: Cell<*mut c_void>,
    }

    pub struct _PyUnicodeWriter {
        buffer: Cell<*mut PyObject>,
        data: Cell<*mut c_void>,
        kind: Cell<c_int>,
        maxchar: Cell<Py_UCS4>,
        size: Cell<Py_ssize_t>,
        pos: Cell<Py_ssize_t>,
        min_length: Cell<Py_ssize_t>,
        min_char: Cell<Py_UCS4>,
        overallocate: Cell<u8>,
        readonly: Cell<u8>,
    }
}

pub const SSTATE_NOT_INTERNED: u32 = 0;
pub const SSTATE_INTERNED_MORTAL: u32 = 1;
pub const SSTATE_INTERNED_IMMORTAL: u32 = 2;
pub const SSTATE_INTERNED_IMMORTAL_STATIC: u32 = 3;

pub const PyUnicode_STATE_INTERNED_MASK: u32 = 0b11;
pub const PyUnicode_STATE_KIND_SHIFT: u32 = 2;
pub const PyUnicode_STATE_KIND_MASK: u32 = 0b111 << PyUnicode_STATE_KIND_SHIFT;
pub const PyUnicode_STATE_COMPACT: u32 = 1 << 5;
pub const PyUnicode_STATE_ASCII: u32 = 1 << 6;
pub const PyUnicode_STATE_STATICALLY_ALLOCATED: u32 = 1 << 7;

pub const PyUnicode_1BYTE_KIND: u32 = 1;
pub const PyUnicode_2BYTE_KIND: u32 = 2;
pub const PyUnicode_4BYTE_KIND: u32 = 4;
