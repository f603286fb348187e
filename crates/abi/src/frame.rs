//! Interpreter frames, frame objects, tracebacks and generators.
//!
//! A stack reference is a pointer with a tag in its low bits: 1 means that it holds no count of its own
//! (immortal or borrowed), 3 a tagged integer; null is the tag 1 alone.

use crate::*;
use core::cell::Cell;

/// A value on the evaluation stack or in a fast local.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct _PyStackRef {
    pub bits: usize,
}

impl _PyStackRef {
    pub const NULL: _PyStackRef = _PyStackRef { bits: Py_TAG_REFCNT };
}

/// The reference does not own a count.
pub const Py_TAG_REFCNT: usize = 1;
/// A small integer in the upper bits instead of a pointer.
pub const Py_INT_TAG: usize = 3;
pub const Py_TAG_BITS: usize = 3;

layout! {
    pub struct _PyInterpreterFrame {
        /// The code object, or `None` for an entry frame.
        f_executable: Cell<_PyStackRef>,
        previous: Cell<*mut _PyInterpreterFrame>,
        f_funcobj: Cell<_PyStackRef>,
        /// Borrowed, as are the builtins.
        f_globals: Cell<*mut PyObject>,
        f_builtins: Cell<*mut PyObject>,
        /// Owned, may be null, as is the frame object.
        f_locals: Cell<*mut PyObject>,
        frame_obj: Cell<*mut PyFrameObject>,
        /// The instruction that runs or is about to.
        instr_ptr: Cell<*mut _Py_CODEUNIT>,
        stackpointer: Cell<*mut _PyStackRef>,
        return_offset: Cell<u16>,
        /// `FRAME_OWNED_BY_*`
        owner: Cell<u8>,
        visited: Cell<u8>,
        /// Locals, cells, free variables, then the stack.
        localsplus: [Cell<_PyStackRef>; 1],
    }

    pub struct PyFrameObject {
        ob_base: PyObject,
        f_back: Cell<*mut PyFrameObject>,
        f_frame: Cell<*mut _PyInterpreterFrame>,
        f_trace: Cell<*mut PyObject>,
        /// Valid if not 0.
        f_lineno: Cell<c_int>,
        f_trace_lines: Cell<u8>,
        f_trace_opcodes: Cell<u8>,
        f_extra_locals: Cell<*mut PyObject>,
        f_locals_cache: Cell<*mut PyObject>,
        f_overwritten_fast_locals: Cell<*mut PyObject>,
        /// The frame itself, once the frame object owns it.
        _f_frame_data: [Cell<*mut PyObject>; 1],
    }

    pub struct PyFrameLocalsProxyObject {
        ob_base: PyObject,
        frame: Cell<*mut PyFrameObject>,
    }

    pub struct PyTracebackObject {
        ob_base: PyObject,
        tb_next: Cell<*mut PyTracebackObject>,
        tb_frame: Cell<*mut PyFrameObject>,
        tb_lasti: Cell<c_int>,
        /// -1 until computed from the code.
        tb_lineno: Cell<c_int>,
    }

    /// Generators, coroutines and asynchronous generators alike.
    pub struct PyGenObject {
        ob_base: PyObject,
        gi_weakreflist: Cell<*mut PyObject>,
        gi_name: Cell<*mut PyObject>,
        gi_qualname: Cell<*mut PyObject>,
        gi_exc_state: _PyErr_StackItem,
        gi_origin_or_finalizer: Cell<*mut PyObject>,
        gi_hooks_inited: Cell<u8>,
        gi_closed: Cell<u8>,
        gi_running_async: Cell<u8>,
        /// `FRAME_CREATED` ... `FRAME_CLEARED`
        gi_frame_state: Cell<i8>,
        gi_iframe: _PyInterpreterFrame,
    }
}

pub type PyCoroObject = PyGenObject;
pub type PyAsyncGenObject = PyGenObject;

pub const FRAME_OWNED_BY_THREAD: u8 = 0;
pub const FRAME_OWNED_BY_GENERATOR: u8 = 1;
pub const FRAME_OWNED_BY_FRAME_OBJECT: u8 = 2;
pub const FRAME_OWNED_BY_INTERPRETER: u8 = 3;
pub const FRAME_OWNED_BY_CSTACK: u8 = 4;

pub const FRAME_CREATED: i8 = -3;
pub const FRAME_SUSPENDED: i8 = -2;
pub const FRAME_SUSPENDED_YIELD_FROM: i8 = -1;
pub const FRAME_EXECUTING: i8 = 0;
pub const FRAME_COMPLETED: i8 = 1;
pub const FRAME_CLEARED: i8 = 4;

/// Words of a frame before its locals (`co_framesize` counts them in).
pub const FRAME_SPECIALS_SIZE: usize =
    core::mem::offset_of!(_PyInterpreterFrame, localsplus) / size_of::<*mut PyObject>();
