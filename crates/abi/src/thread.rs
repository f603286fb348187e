//! The thread state, its data stack chunks and exception stack, and the one-byte mutex.
//!
//! `current_exception` is where a raised exception waits; extensions read and store it directly.

use crate::*;
use core::cell::Cell;
use core::sync::atomic::{AtomicI32, AtomicU8, AtomicU32, AtomicUsize};

opaque! {
    PyInterpreterState,
}

layout! {
    /// 0 free, 1 locked, +2 somebody waits.
    pub struct PyMutex {
        _bits: AtomicU8,
    }

    pub struct _PyErr_StackItem {
        exc_value: Cell<*mut PyObject>,
        previous_item: Cell<*mut _PyErr_StackItem>,
    }

    pub struct _PyStackChunk {
        previous: Cell<*mut _PyStackChunk>,
        size: Cell<usize>,
        top: Cell<usize>,
        data: [Cell<*mut PyObject>; 1],
    }

    pub struct _PyRemoteDebuggerSupport {
        debugger_pending_call: Cell<i32>,
        debugger_script_path: [Cell<u8>; 512],
    }

    pub struct PyThreadState {
        prev: Cell<*mut PyThreadState>,
        next: Cell<*mut PyThreadState>,
        interp: Cell<*mut PyInterpreterState>,
        /// Instrumentation version in the upper bits, requests in the low eight.
        eval_breaker: AtomicUsize,
        /// `PyThreadState_STATUS_*` bits.
        _status: AtomicU32,
        holds_gil: AtomicI32,
        _whence: Cell<c_int>,
        state: AtomicI32,
        py_recursion_remaining: Cell<c_int>,
        py_recursion_limit: Cell<c_int>,
        recursion_headroom: Cell<c_int>,
        tracing: Cell<c_int>,
        what_event: Cell<c_int>,
        current_frame: Cell<*mut _PyInterpreterFrame>,
        c_profilefunc: Cell<Option<Py_tracefunc>>,
        c_tracefunc: Cell<Option<Py_tracefunc>>,
        c_profileobj: Cell<*mut PyObject>,
        c_traceobj: Cell<*mut PyObject>,
        current_exception: Cell<*mut PyObject>,
        exc_info: Cell<*mut _PyErr_StackItem>,
        dict: Cell<*mut PyObject>,
        gilstate_counter: Cell<c_int>,
        async_exc: Cell<*mut PyObject>,
        thread_id: Cell<c_ulong>,
        native_thread_id: Cell<c_ulong>,
        delete_later: Cell<*mut PyObject>,
        critical_section: Cell<usize>,
        coroutine_origin_tracking_depth: Cell<c_int>,
        async_gen_firstiter: Cell<*mut PyObject>,
        async_gen_finalizer: Cell<*mut PyObject>,
        context: Cell<*mut PyObject>,
        context_ver: Cell<u64>,
        id: Cell<u64>,
        datastack_chunk: Cell<*mut _PyStackChunk>,
        datastack_top: Cell<*mut *mut PyObject>,
        datastack_limit: Cell<*mut *mut PyObject>,
        exc_state: _PyErr_StackItem,
        current_executor: Cell<*mut PyObject>,
        dict_global_version: Cell<u64>,
        threading_local_key: Cell<*mut PyObject>,
        threading_local_sentinel: Cell<*mut PyObject>,
        remote_debugger_support: _PyRemoteDebuggerSupport,
        datastack_cached_chunk: Cell<*mut _PyStackChunk>,
    }

    pub struct PyMonitoringState {
        active: Cell<u8>,
        opaque: Cell<u8>,
    }

    pub struct Py_tss_t {
        _is_initialized: Cell<c_int>,
        _key: Cell<c_uint>,
    }
}

pub const PyThreadState_STATUS_INITIALIZED: u32 = 1 << 0;
pub const PyThreadState_STATUS_BOUND: u32 = 1 << 1;
pub const PyThreadState_STATUS_UNBOUND: u32 = 1 << 2;
pub const PyThreadState_STATUS_BOUND_GILSTATE: u32 = 1 << 3;
pub const PyThreadState_STATUS_ACTIVE: u32 = 1 << 4;
pub const PyThreadState_STATUS_FINALIZING: u32 = 1 << 5;
pub const PyThreadState_STATUS_CLEARED: u32 = 1 << 6;
pub const PyThreadState_STATUS_FINALIZED: u32 = 1 << 7;

pub const _PyThreadState_WHENCE_NOTSET: c_int = -1;
pub const _PyThreadState_WHENCE_UNKNOWN: c_int = 0;
pub const _PyThreadState_WHENCE_INIT: c_int = 1;
pub const _PyThreadState_WHENCE_FINI: c_int = 2;
pub const _PyThreadState_WHENCE_THREADING: c_int = 3;
pub const _PyThreadState_WHENCE_GILSTATE: c_int = 4;
pub const _PyThreadState_WHENCE_EXEC: c_int = 5;

pub const _Py_THREAD_DETACHED: c_int = 0;
pub const _Py_THREAD_ATTACHED: c_int = 1;
pub const _Py_THREAD_SUSPENDED: c_int = 2;
pub const _Py_THREAD_SHUTTING_DOWN: c_int = 3;

/// Smallest chunk of the data stack, in bytes.
pub const _PY_DATA_STACK_CHUNK_SIZE: usize = 16 * 1024;

/// Requests in the low bits of `eval_breaker`.
pub const _PY_GIL_DROP_REQUEST_BIT: usize = 1 << 0;
pub const _PY_SIGNALS_PENDING_BIT: usize = 1 << 1;
pub const _PY_CALLS_TO_DO_BIT: usize = 1 << 2;
pub const _PY_ASYNC_EXCEPTION_BIT: usize = 1 << 3;
pub const _PY_GC_SCHEDULED_BIT: usize = 1 << 4;
pub const _PY_EVAL_PLEASE_STOP_BIT: usize = 1 << 5;
pub const _PY_EVAL_EXPLICIT_MERGE_BIT: usize = 1 << 6;
pub const _PY_EVAL_JIT_INVALIDATE_COLD_BIT: usize = 1 << 7;
pub const _PY_EVAL_EVENTS_BITS: u32 = 8;
pub const _PY_EVAL_EVENTS_MASK: usize = (1 << _PY_EVAL_EVENTS_BITS) - 1;
