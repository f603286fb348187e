//! Numbers, sequences, containers, buffers and weak references.
//!
//! Arrays at an object's end are declared with one item and continue behind it.

use crate::*;
use core::cell::Cell;

layout! {
    /// `lv_tag`: bits 0-1 sign (0 positive, 1 zero, 2 negative), bit 2 small int, bits 3.. digit count.
    pub struct _PyLongValue {
        lv_tag: Cell<usize>,
        ob_digit: [Cell<digit>; 1],
    }

    pub struct PyLongObject {
        ob_base: PyObject,
        long_value: _PyLongValue,
    }

    pub struct PyLongLayout {
        bits_per_digit: u8,
        digit_size: u8,
        digits_order: i8,
        digit_endianness: i8,
    }

    pub struct PyLongExport {
        value: Cell<i64>,
        negative: Cell<u8>,
        ndigits: Cell<Py_ssize_t>,
        digits: Cell<*const c_void>,
        _reserved: Cell<usize>,
    }

    pub struct PyFloatObject {
        ob_base: PyObject,
        ob_fval: Cell<f64>,
    }

    pub struct PyComplexObject {
        ob_base: PyObject,
        cval: Cell<Py_complex>,
    }

    pub struct PyBytesObject {
        ob_base: PyVarObject,
        ob_shash: Cell<Py_hash_t>,
        ob_sval: [Cell<u8>; 1],
    }

    pub struct PyByteArrayObject {
        ob_base: PyVarObject,
        ob_alloc: Cell<Py_ssize_t>,
        ob_bytes: Cell<*mut u8>,
        ob_start: Cell<*mut u8>,
        ob_exports: Cell<Py_ssize_t>,
    }

    pub struct PyTupleObject {
        ob_base: PyVarObject,
        ob_hash: Cell<Py_hash_t>,
        ob_item: [Cell<*mut PyObject>; 1],
    }

    pub struct PyListObject {
        ob_base: PyVarObject,
        ob_item: Cell<*mut *mut PyObject>,
        allocated: Cell<Py_ssize_t>,
    }

    /// Only `ma_used` is read outside; the other three words are the runtime's.
    pub struct PyDictObject {
        ob_base: PyObject,
        ma_used: Cell<Py_ssize_t>,
        _ma_watcher_tag: Cell<u64>,
        ma_keys: Cell<*mut c_void>,
        ma_values: Cell<*mut c_void>,
    }

    pub struct setentry {
        key: Cell<*mut PyObject>,
        hash: Cell<Py_hash_t>,
    }

    /// Only `used` and `weakreflist` are fixed; the rest is the runtime's.
    pub struct PySetObject {
        ob_base: PyObject,
        fill: Cell<Py_ssize_t>,
        used: Cell<Py_ssize_t>,
        mask: Cell<Py_ssize_t>,
        table: Cell<*mut setentry>,
        hash: Cell<Py_hash_t>,
        finger: Cell<Py_ssize_t>,
        smalltable: [setentry; 8],
        weakreflist: Cell<*mut PyObject>,
    }

    pub struct PySliceObject {
        ob_base: PyObject,
        start: Cell<*mut PyObject>,
        stop: Cell<*mut PyObject>,
        step: Cell<*mut PyObject>,
    }

    pub struct PyCellObject {
        ob_base: PyObject,
        ob_ref: Cell<*mut PyObject>,
    }

    pub struct Py_buffer {
        buf: Cell<*mut c_void>,
        obj: Cell<*mut PyObject>,
        len: Cell<Py_ssize_t>,
        itemsize: Cell<Py_ssize_t>,
        readonly: Cell<c_int>,
        ndim: Cell<c_int>,
        format: Cell<*mut c_char>,
        shape: Cell<*mut Py_ssize_t>,
        strides: Cell<*mut Py_ssize_t>,
        suboffsets: Cell<*mut Py_ssize_t>,
        internal: Cell<*mut c_void>,
    }

    pub struct _PyManagedBufferObject {
        ob_base: PyObject,
        flags: Cell<c_int>,
        exports: Cell<Py_ssize_t>,
        master: Py_buffer,
    }

    pub struct PyMemoryViewObject {
        ob_base: PyVarObject,
        mbuf: Cell<*mut _PyManagedBufferObject>,
        hash: Cell<Py_hash_t>,
        flags: Cell<c_int>,
        exports: Cell<Py_ssize_t>,
        view: Py_buffer,
        weakreflist: Cell<*mut PyObject>,
        ob_array: [Cell<Py_ssize_t>; 1],
    }

    pub struct PyWeakReference {
        ob_base: PyObject,
        /// Borrowed; `None` once the referent is dead.
        wr_object: Cell<*mut PyObject>,
        wr_callback: Cell<*mut PyObject>,
        hash: Cell<Py_hash_t>,
        wr_prev: Cell<*mut PyWeakReference>,
        wr_next: Cell<*mut PyWeakReference>,
        vectorcall: Cell<Option<vectorcallfunc>>,
    }

    pub struct PyStructSequence {
        ob_base: PyVarObject,
        ob_hash: Cell<Py_hash_t>,
        ob_item: [Cell<*mut PyObject>; 1],
    }
}

/// A C complex number, passed by value.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Py_complex {
    pub real: f64,
    pub imag: f64,
}

impl Layout for Py_complex {
    const NAME: &'static str = "Py_complex";
    const SIZE: usize = size_of::<Py_complex>();
    const FIELDS: &'static [(&'static str, usize, usize)] = &[
        ("real", core::mem::offset_of!(Py_complex, real), 8),
        ("imag", core::mem::offset_of!(Py_complex, imag), 8),
    ];
}

/// Bits of one int digit.
pub const PyLong_SHIFT: u32 = 30;
pub const PyLong_BASE: digit = 1 << PyLong_SHIFT;
pub const PyLong_MASK: digit = PyLong_BASE - 1;
pub const _PyLong_SIGN_MASK: usize = 3;
pub const _PyLong_SIGN_POSITIVE: usize = 0;
pub const _PyLong_SIGN_ZERO: usize = 1;
pub const _PyLong_SIGN_NEGATIVE: usize = 2;
/// Set in the tag of the shared ints -5..=256 (not of the bools).
pub const _PyLong_IMMORTALITY_BIT_MASK: usize = 4;
pub const _PyLong_NON_SIZE_BITS: u32 = 3;

pub const PySet_MINSIZE: usize = 8;

pub const _Py_MANAGED_BUFFER_RELEASED: c_int = 0x001;
pub const _Py_MANAGED_BUFFER_FREE_FORMAT: c_int = 0x002;
pub const _Py_MEMORYVIEW_RELEASED: c_int = 0x001;
pub const _Py_MEMORYVIEW_C: c_int = 0x002;
pub const _Py_MEMORYVIEW_FORTRAN: c_int = 0x004;
pub const _Py_MEMORYVIEW_SCALAR: c_int = 0x008;
pub const _Py_MEMORYVIEW_PIL: c_int = 0x010;
pub const _Py_MEMORYVIEW_RESTRICTED: c_int = 0x020;
