//! Code objects and code units.

use crate::*;
use core::cell::Cell;
use core::sync::atomic::AtomicUsize;

opaque! {
    _PyCoMonitoringData,
    _PyExecutorObject,
}

layout! {
    /// Two bytes: opcode (low) and argument (high), or one cache entry.
    pub struct _Py_CODEUNIT {
        cache: Cell<u16>,
    }

    pub struct _PyCoCached {
        _co_code: Cell<*mut PyObject>,
        _co_varnames: Cell<*mut PyObject>,
        _co_cellvars: Cell<*mut PyObject>,
        _co_freevars: Cell<*mut PyObject>,
    }

    pub struct _PyExecutorArray {
        size: Cell<c_int>,
        capacity: Cell<c_int>,
        executors: [Cell<*mut _PyExecutorObject>; 1],
    }

    pub struct _opaque {
        computed_line: Cell<c_int>,
        lo_next: Cell<*const u8>,
        limit: Cell<*const u8>,
    }

    pub struct PyCodeAddressRange {
        ar_start: Cell<c_int>,
        ar_end: Cell<c_int>,
        ar_line: Cell<c_int>,
        opaque: _opaque,
    }

    pub struct PyCodeObject {
        ob_base: PyVarObject,
        co_consts: Cell<*mut PyObject>,
        co_names: Cell<*mut PyObject>,
        co_exceptiontable: Cell<*mut PyObject>,
        co_flags: Cell<c_int>,
        co_argcount: Cell<c_int>,
        co_posonlyargcount: Cell<c_int>,
        co_kwonlyargcount: Cell<c_int>,
        co_stacksize: Cell<c_int>,
        co_firstlineno: Cell<c_int>,
        co_nlocalsplus: Cell<c_int>,
        /// Words of the frame: locals, stack and the frame's own fields.
        co_framesize: Cell<c_int>,
        co_nlocals: Cell<c_int>,
        co_ncellvars: Cell<c_int>,
        co_nfreevars: Cell<c_int>,
        co_version: Cell<u32>,
        co_localsplusnames: Cell<*mut PyObject>,
        co_localspluskinds: Cell<*mut PyObject>,
        co_filename: Cell<*mut PyObject>,
        co_name: Cell<*mut PyObject>,
        co_qualname: Cell<*mut PyObject>,
        co_linetable: Cell<*mut PyObject>,
        co_weakreflist: Cell<*mut PyObject>,
        co_executors: Cell<*mut _PyExecutorArray>,
        _co_cached: Cell<*mut _PyCoCached>,
        _co_instrumentation_version: AtomicUsize,
        _co_monitoring: Cell<*mut _PyCoMonitoringData>,
        _co_unique_id: Cell<Py_ssize_t>,
        _co_firsttraceable: Cell<c_int>,
        co_extra: Cell<*mut c_void>,
        /// `ob_size` code units.
        co_code_adaptive: [Cell<u8>; 1],
    }
}

/// Kinds of fast locals, bytes of `co_localspluskinds`.
pub const CO_FAST_ARG_POS: u8 = 0x02;
pub const CO_FAST_ARG_KW: u8 = 0x04;
pub const CO_FAST_ARG_VAR: u8 = 0x08;
pub const CO_FAST_HIDDEN: u8 = 0x10;
pub const CO_FAST_LOCAL: u8 = 0x20;
pub const CO_FAST_CELL: u8 = 0x40;
pub const CO_FAST_FREE: u8 = 0x80;

pub const CO_OPTIMIZED: c_int = 0x0001;
pub const CO_NEWLOCALS: c_int = 0x0002;
pub const CO_VARARGS: c_int = 0x0004;
pub const CO_VARKEYWORDS: c_int = 0x0008;
pub const CO_NESTED: c_int = 0x0010;
pub const CO_GENERATOR: c_int = 0x0020;
pub const CO_COROUTINE: c_int = 0x0080;
pub const CO_ITERABLE_COROUTINE: c_int = 0x0100;
pub const CO_ASYNC_GENERATOR: c_int = 0x0200;
pub const CO_FUTURE_DIVISION: c_int = 0x2_0000;
pub const CO_FUTURE_ABSOLUTE_IMPORT: c_int = 0x4_0000;
pub const CO_FUTURE_WITH_STATEMENT: c_int = 0x8_0000;
pub const CO_FUTURE_PRINT_FUNCTION: c_int = 0x10_0000;
pub const CO_FUTURE_UNICODE_LITERALS: c_int = 0x20_0000;
pub const CO_FUTURE_BARRY_AS_BDFL: c_int = 0x40_0000;
pub const CO_FUTURE_GENERATOR_STOP: c_int = 0x80_0000;
pub const CO_FUTURE_ANNOTATIONS: c_int = 0x100_0000;
pub const CO_NO_MONITORING_EVENTS: c_int = 0x200_0000;
pub const CO_HAS_DOCSTRING: c_int = 0x400_0000;
pub const CO_METHOD: c_int = 0x800_0000;
pub const CO_MAXBLOCKS: c_int = 21;
