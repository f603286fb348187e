//! Traceback objects: one frame each, outermost first.

use crate::err;
use crate::errors::{self, PyResult};
use crate::gc;
use crate::macro_support::Visitor;
use crate::object::{Object, Owned, PyTyped, set_cell, xdecref, xincref};
use crate::types::code::Fields;
use crate::types::{self, Bytes, Code, Dict, Frame, List, Str, Tuple, Type};
use abi::{PyObject, PyTracebackObject};
use bytecode::Opcode;
use macros::pytype;
use std::mem::offset_of;
use std::ptr;

#[repr(transparent)]
pub struct Traceback(pub PyTracebackObject);

impl Traceback {
    /// `line` -1: computed from the frame's code when asked.
    pub fn new(next: Option<&Traceback>, frame: &Frame, lasti: i32, line: i32) -> PyResult<Owned<Traceback>> {
        // SAFETY: a fresh block, filled in before it is tracked.
        unsafe {
            let op = gc::gc_alloc(Traceback::type_object(), std::mem::size_of::<PyTracebackObject>())?;
            let tb = &*(op as *mut PyTracebackObject);
            tb.tb_next.set(next.map_or(ptr::null_mut(), |n| xincref(n.as_object().as_ptr())) as *mut _);
            tb.tb_frame.set(xincref(frame.as_object().as_ptr()) as *mut _);
            tb.tb_lasti.set(lasti);
            tb.tb_lineno.set(line);
            gc::track_new(op);
            Ok(Owned::from_raw(op))
        }
    }
    /// A traceback entry in front of `next`, whose count it takes over; `None` (and no exception) without memory, and then nothing is taken.
    /// # Safety
    /// `next` is null or an owned traceback.
    #[inline]
    pub unsafe fn in_front_of(next: *mut PyObject, frame: &Frame, lasti: i32) -> Option<Owned<Traceback>> {
        // SAFETY: a fresh block, filled in before it is tracked.
        unsafe {
            let op = gc::alloc(Traceback::type_object(), std::mem::size_of::<PyTracebackObject>());
            if op.is_null() {
                return None;
            }
            let tb = &*(op as *mut PyTracebackObject);
            tb.tb_next.set(next as *mut _);
            tb.tb_frame.set(xincref(frame.as_object().as_ptr()) as *mut _);
            tb.tb_lasti.set(lasti);
            tb.tb_lineno.set(-1);
            gc::track_new(op);
            Some(Owned::from_raw(op))
        }
    }
    pub fn frame(&self) -> &Frame {
        // SAFETY: owned by the traceback.
        unsafe { Object::from_ptr(self.0.tb_frame.get() as *mut PyObject).cast() }
    }
    pub fn next(&self) -> Option<&Traceback> {
        // SAFETY: NULL or owned.
        unsafe { Object::from_ptr_opt(self.0.tb_next.get() as *mut PyObject) }.map(|n| unsafe { n.cast() })
    }
    pub fn line(&self) -> i32 {
        match self.0.tb_lineno.get() {
            -1 => self.frame().code().line_of(self.0.tb_lasti.get()),
            line => line,
        }
    }
}

/// Puts a frame in front of the current exception's traceback (`PyTraceBack_Here`).
pub fn add_frame(frame: &Frame) -> PyResult<()> {
    let Some(exc) = errors::take() else { return Ok(()) };
    // SAFETY: NULL or the exception's traceback, which it owns.
    let next = unsafe { Object::from_ptr_opt(exc.0.traceback.get()) };
    let made = Traceback::new(next.and_then(|next| next.downcast::<Traceback>()), frame, frame.lasti(), -1)?;
    // SAFETY: the field owns its value.
    unsafe { set_cell(&exc.0.traceback, made.into_raw()) };
    errors::restore(exc);
    Ok(())
}

/// An entry for a function that is no Python code (`_PyTraceback_Add`). The exception stays the current one whatever happens.
#[cold]
pub fn add_native(function: &str, file: &str, line: i32) {
    let Some(exc) = errors::take() else { return };
    let frame = empty_code(file, function, line).and_then(|code| types::frame::new_detached(&code, &Dict::new(), None));
    if frame.is_err() {
        errors::clear();
    }
    errors::restore(exc);
    if let Ok(frame) = frame {
        frame.0.f_lineno.set(line);
        // On failure the failure is the exception: there was no memory for an entry.
        let _ = add_frame(&frame);
    }
}

/// Code that is only there to be shown in tracebacks (`PyCode_NewEmpty`).
pub fn empty_code(filename: &str, function: &str, line: i32) -> PyResult<Owned<Code>> {
    // Running it is a mistake that shows: an AssertionError.
    const EMPTY_CODE: [u8; 6] = [Opcode::RESUME as u8, 0, Opcode::LOAD_COMMON_CONSTANT as u8, 0, Opcode::RAISE_VARARGS as u8, 1];
    let none = Tuple::empty;
    Code::new(Fields {
        argcount: 0,
        posonlyargcount: 0,
        kwonlyargcount: 0,
        stacksize: 1,
        flags: abi::CO_OPTIMIZED | abi::CO_NEWLOCALS,
        code: EMPTY_CODE[..].into(),
        consts: none(),
        names: none(),
        localsplusnames: none(),
        localspluskinds: Bytes::new(b""),
        filename: Str::intern(Str::new(filename)),
        name: Str::intern(Str::new(function)),
        qualname: Str::intern(Str::new(function)),
        firstlineno: line,
        // One entry of three units without columns, on the first line.
        linetable: Bytes::new(&[0x80 | 13 << 3 | 2, 0]),
        exceptiontable: Bytes::new(b""),
    })
}

/// Create a new traceback object.
#[pytype(static = PyTraceBack_Type, name = "traceback", signature = "(tb_next, tb_frame, tb_lasti, tb_lineno)", flags = HAVE_GC,
    members = [
        ("tb_frame", T_OBJECT, offset_of!(PyTracebackObject, tb_frame), READONLY | AUDIT_READ),
        ("tb_lasti", T_INT, offset_of!(PyTracebackObject, tb_lasti), READONLY),
    ])]
impl Traceback {
    #[slot("traceback(tb_next, tb_frame, tb_lasti, tb_lineno)")]
    fn tp_new(_cls: &Type, tb_next: &Object, tb_frame: &Object, tb_lasti: i32, tb_lineno: i32) -> PyResult<Owned<Traceback>> {
        let next = match tb_next.downcast_exact::<Traceback>() {
            Some(next) => Some(next),
            None if tb_next.is_none() => None,
            None => return Err(err!(TypeError, "expected traceback object or None, got '{}'", tb_next.type_name())),
        };
        let Some(frame) = tb_frame.downcast_exact::<Frame>() else {
            return Err(err!(TypeError, "traceback() argument 'tb_frame' must be frame, not {}", tb_frame.type_name()));
        };
        Traceback::new(next, frame, tb_lasti, tb_lineno)
    }
    #[slot(raw = tp_dealloc)]
    unsafe extern "C" fn tp_dealloc(op: *mut PyObject) {
        // SAFETY: the object is dead; long chains are cut by the trashcan.
        unsafe {
            gc::untrack(op);
            let tb = &*(op as *mut PyTracebackObject);
            xdecref(tb.tb_next.get() as *mut PyObject);
            xdecref(tb.tb_frame.get() as *mut PyObject);
            gc::gc_free(op);
        }
    }
    #[slot]
    fn tp_traverse(&self, visitor: &mut Visitor) {
        visitor.visit_cell(&self.0.tb_next);
        visitor.visit_cell(&self.0.tb_frame);
    }
    #[slot]
    fn tp_clear(&self) {
        // SAFETY: slots own their values; the frame stays, which others read.
        unsafe { set_cell(&self.0.tb_next, ptr::null_mut()) };
    }
    #[getter]
    fn tb_next(&self) -> PyResult {
        Ok(self.next().map_or(types::none(), |n| n.as_object()).to_owned())
    }
    #[setter]
    fn set_tb_next(&self, value: Option<&Object>) -> PyResult<()> {
        let Some(value) = value else { return Err(err!(TypeError, "can't delete tb_next attribute")) };
        let next = if value.is_none() {
            None
        } else {
            match value.downcast_exact::<Traceback>() {
                Some(next) => Some(next),
                None => return Err(err!(TypeError, "expected traceback object, got '{}'", value.type_name())),
            }
        };
        let mut at = next;
        while let Some(tb) = at {
            if ptr::eq(tb, self) {
                return Err(err!(ValueError, "traceback loop detected"));
            }
            at = tb.next();
        }
        // SAFETY: the slot owns its value.
        unsafe { set_cell(&self.0.tb_next, next.map_or(ptr::null_mut(), |n| xincref(n.as_object().as_ptr())) as *mut _) };
        Ok(())
    }
    #[getter]
    fn tb_lineno(&self) -> PyResult {
        match self.line() {
            -1 => Ok(types::none().to_owned()),
            line => Ok(types::Int::from_i64(line as i64).into_object()),
        }
    }
    #[method("__dir__($self, /)", nosig)]
    fn __dir__(&self) -> PyResult<Owned<List>> {
        Ok(List::from_owned(["tb_frame", "tb_next", "tb_lasti", "tb_lineno"].iter().map(|n| Str::new(n).into_object()).collect()))
    }
}

