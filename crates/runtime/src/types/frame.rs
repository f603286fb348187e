//! Frame objects: what Python code sees of an interpreter frame, made on demand. While the frame runs, the object points to it; when it
//! ends and the object is still held, the contents move into the object (`interp::frame::clear_except_code`).

use crate::err;
use crate::errors::PyResult;
use crate::gc;
use crate::interp::frame::{self, InterpreterFrame, OWNED_BY_FRAME_OBJECT, OWNED_BY_GENERATOR};
use crate::interp::monitoring::legacy::set_opcode_trace;
use crate::interp::stackref::StackRef;
use crate::macro_support::Visitor;
use crate::object::{Object, Owned, PyTyped, set_cell, xdecref, xincref};
use crate::types::{self, Cell, Code, Dict, Int, Str};
use abi::{PyFrameObject, PyObject};
use macros::pytype;
use std::mem::{offset_of, size_of};
use std::ptr;

#[repr(transparent)]
pub struct Frame(pub PyFrameObject);

const OWN_FRAME: usize = offset_of!(PyFrameObject, _f_frame_data);
const KIND_HIDDEN: u8 = 0x10;
const KIND_CELL: u8 = 0x40;
const KIND_FREE: u8 = 0x80;

/// The frame object of a live, complete frame, made if there is none yet; `None` with MemoryError.
/// # Safety
/// A live frame that has code.
pub unsafe fn frame_object_of<'a>(frame: *mut InterpreterFrame) -> Option<&'a Frame> {
    // SAFETY: by contract; the object's size covers the code's frame.
    unsafe {
        let f = &mut *frame;
        if f.frame_obj.is_null() {
            let code = f.code();
            let size = OWN_FRAME + code.0.co_framesize.get() as usize * 8;
            let op = gc::alloc(Frame::type_object(), size);
            if op.is_null() {
                // An exception that is on its way stays.
                if !crate::errors::occurred() {
                    crate::errors::no_memory();
                }
                return None;
            }
            ptr::write_bytes((op as *mut u8).add(16), 0, OWN_FRAME - 16 + frame::FRAME_SPECIALS_SIZE * 8);
            let object = &*(op as *mut PyFrameObject);
            object.f_frame.set(frame as *mut _);
            object.f_trace_lines.set(1);
            f.frame_obj = op as *mut PyFrameObject;
        }
        Some(Object::from_ptr(f.frame_obj as *mut PyObject).cast())
    }
}

/// As `frame_object_of`, owned.
/// # Safety
/// As there.
pub unsafe fn of_interpreter_frame(frame: *mut InterpreterFrame) -> PyResult<Owned<Frame>> {
    // SAFETY: by contract.
    match unsafe { frame_object_of(frame) } {
        Some(object) => Ok(Owned::from_ref(object)),
        None => Err(crate::errors::Raised::from_c()),
    }
}

/// `PyFrame_New`: a frame object that no code runs in, at the code's first traceable instruction.
pub fn new_detached(code: &Code, globals: &Dict, locals: Option<&Object>) -> PyResult<Owned<Frame>> {
    let function = types::Function::new(code, globals, None)?;
    let words = code.0.co_framesize.get() as usize;
    // SAFETY: a fresh block with room for the code's frame, filled in completely before it is tracked.
    unsafe {
        let op = gc::gc_alloc(Frame::type_object(), OWN_FRAME + words * 8)?;
        ptr::write_bytes((op as *mut u8).add(16), 0, OWN_FRAME - 16 + frame::FRAME_SPECIALS_SIZE * 8);
        let object = &*(op as *mut PyFrameObject);
        let own = (op as *mut u8).add(OWN_FRAME) as *mut InterpreterFrame;
        let locals = locals.map_or(ptr::null_mut(), |locals| xincref(locals.as_ptr()));
        frame::initialize(own, StackRef::from_owned(function), locals, code.as_object().as_ptr(), 0, ptr::null_mut());
        (*own).owner = OWNED_BY_FRAME_OBJECT;
        (*own).instr_ptr = code.words().add(code.0._co_firsttraceable.get().max(0) as usize);
        object.f_frame.set(own as *mut _);
        object.f_trace_lines.set(1);
        gc::track(op);
        Ok(Owned::from_raw(op))
    }
}

/// # Safety
/// A live frame object.
pub unsafe fn code_of_frame_object<'a>(object: *mut PyFrameObject) -> &'a Code {
    // SAFETY: by contract; a frame object's frame always has code.
    unsafe { (*((*object).f_frame.get() as *mut InterpreterFrame)).f_executable.obj().cast() }
}

impl Frame {
    /// The room behind the header where the frame's contents go when it ends.
    pub fn own_frame(&self) -> *mut InterpreterFrame {
        // SAFETY: within the object.
        unsafe { (self as *const Frame as *mut u8).add(OWN_FRAME) as *mut InterpreterFrame }
    }
    #[inline]
    pub fn frame_ptr(&self) -> *mut InterpreterFrame {
        self.0.f_frame.get() as *mut InterpreterFrame
    }
    pub fn code(&self) -> &Code {
        // SAFETY: f_frame is live.
        unsafe { code_of_frame_object(self as *const Frame as *mut PyFrameObject) }
    }
    pub fn lasti(&self) -> i32 {
        // SAFETY: f_frame is live.
        unsafe { (*self.frame_ptr()).lasti() as i32 * 2 }
    }
    pub fn line(&self) -> i32 {
        match self.0.f_lineno.get() {
            0 => self.code().line_of(self.lasti()),
            line => line,
        }
    }
    pub fn globals(&self) -> &Object {
        // SAFETY: a frame's globals live as long as it does.
        unsafe { Object::from_ptr((*self.frame_ptr()).f_globals) }
    }
    /// The caller's frame object.
    pub fn back(&self) -> Option<Owned<Frame>> {
        // SAFETY: f_back is NULL or owned; the chain of a live frame is live.
        unsafe {
            if let Some(back) = Object::from_ptr_opt(self.0.f_back.get() as *mut PyObject) {
                return Some(back.to_owned().cast_into());
            }
            let f = self.frame_ptr();
            if (*f).owner == OWNED_BY_FRAME_OBJECT {
                return None;
            }
            let previous = frame::first_complete((*f).previous);
            if previous.is_null() { None } else { frame_object_of(previous).map(Owned::from_ref) }
        }
    }
    /// The local variable in a slot, cells looked through; `None` if unset.
    pub fn local(&self, index: usize) -> Option<Owned> {
        // SAFETY: the slot is within the frame; cells hold NULL or an object.
        unsafe {
            let f = &mut *self.frame_ptr();
            let slot = *f.locals().add(index);
            let value = if slot.is_null() { None } else { Some(slot.obj()) };
            let kind = *self.code().kinds().get(index)?;
            if kind & (KIND_FREE | KIND_CELL) != 0 && kind & KIND_FREE != 0 {
                // Before COPY_FREE_VARS ran, the closure still holds it.
                if let Some(cell) = value.and_then(|v| v.downcast_exact::<Cell>()) {
                    return cell.get();
                }
                return value.map(|v| v.to_owned());
            }
            if kind & KIND_CELL != 0
                && let Some(cell) = value.and_then(|v| v.downcast_exact::<Cell>())
                && f.lasti() >= 0
                && !f.is_incomplete()
            {
                return cell.get();
            }
            value.map(|v| v.to_owned())
        }
    }
    /// Sets a local variable (through its cell); the old value is dropped.
    pub fn set_local(&self, index: usize, value: Option<&Object>) {
        // SAFETY: as `local`.
        unsafe {
            let f = &mut *self.frame_ptr();
            let slot = f.locals().add(index);
            let kind = self.code().kinds()[index];
            if kind & (KIND_CELL | KIND_FREE) != 0
                && !(*slot).is_null()
                && let Some(cell) = (*slot).obj().downcast_exact::<Cell>()
            {
                return cell.set(value);
            }
            let old = *slot;
            *slot = value.map_or(StackRef::NULL, |v| StackRef::new_ref(v.as_ptr()));
            if !old.is_null() {
                self.keep_overwritten(old.obj());
                old.close();
            }
        }
    }
    /// Keeps a variable's old value as long as the frame: its stack may hold borrowed references to it.
    fn keep_overwritten(&self, value: &Object) {
        // SAFETY: NULL or a list of this frame object's own.
        match unsafe { Object::from_ptr_opt(self.0.f_overwritten_fast_locals.get()) }.and_then(|kept| kept.downcast_exact::<types::List>()) {
            Some(kept) => {
                if kept.append(value).is_err() {
                    crate::errors::clear();
                }
            }
            None => self.0.f_overwritten_fast_locals.set(types::List::from_slice(&[value]).into_raw()),
        }
    }
    /// `f_locals` as a snapshot dict: what is set, in slot order.
    pub fn locals_snapshot(&self) -> PyResult<Owned<Dict>> {
        let dict = Dict::new();
        let code = self.code();
        for (i, &kind) in code.kinds().iter().enumerate() {
            // A hidden one that is unset may have the name of another.
            if let Some(value) = self.local(i) {
                dict.set_item(code.localsplus_name(i).as_object(), &value)?;
            } else if kind & KIND_HIDDEN != 0 {
                continue;
            }
        }
        if let Some(extra) = types::frame_locals::extra_locals(self) {
            let mut pos = 0;
            while let Some((key, value)) = extra.next(&mut pos) {
                if dict.get_item(&key)?.is_none() {
                    dict.set_item(&key, &value)?;
                }
            }
        }
        Ok(dict)
    }
    /// The slot that holds the variable `name`. Variables of inlined comprehensions (hidden ones) can be read while they have a value.
    pub fn slot_of(&self, name: &Str, reading: bool) -> Option<usize> {
        let code = self.code();
        (0..code.kinds().len()).find(|&i| self.is_visible(i, reading) && Str::equal(code.localsplus_name(i), name))
    }
    pub fn is_visible(&self, slot: usize, reading: bool) -> bool {
        self.code().kinds()[slot] & KIND_HIDDEN == 0 || (reading && self.local(slot).is_some())
    }
    /// Whether a comprehension inlined into a module or class is running.
    fn has_hidden_locals(&self) -> bool {
        self.code().kinds().iter().enumerate().any(|(i, kind)| kind & KIND_HIDDEN != 0 && self.local(i).is_some())
    }
    pub fn is_optimized(&self) -> bool {
        self.code().flags() & abi::CO_OPTIMIZED != 0
    }
}

/// `locals()`: in a function a fresh snapshot, elsewhere the namespace itself (`PyEval_GetLocals`, PEP 667).
pub fn current_locals() -> PyResult {
    // SAFETY: NULL or the running frame.
    unsafe { locals_of(frame::current()) }
}

/// What `locals()` gives in a frame; NULL is none.
/// # Safety
/// The frame is live.
pub unsafe fn locals_of(current: *mut InterpreterFrame) -> PyResult {
    if current.is_null() {
        return match crate::interp::running_main() {
            Some(main) => Ok(main.into_object()),
            None => Err(err!(SystemError, "frame does not exist")),
        };
    }
    // SAFETY: the running frame.
    unsafe {
        let code = (*current).code();
        let Some(object) = frame_object_of(current) else { return Err(crate::errors::Raised::from_c()) };
        if code.flags() & abi::CO_OPTIMIZED != 0 || object.has_hidden_locals() {
            return Ok(object.locals_snapshot()?.into_object());
        }
        match Object::from_ptr_opt((*current).f_locals) {
            Some(locals) => Ok(locals.to_owned()),
            None => Ok(object.locals_snapshot()?.into_object()),
        }
    }
}

/// A frame of execution.
#[pytype(static = PyFrame_Type, name = "frame", flags = HAVE_GC, basicsize = OWN_FRAME + 72, itemsize = 8,
    members = [("f_trace_lines", T_BOOL, offset_of!(PyFrameObject, f_trace_lines), 0)])]
impl Frame {
    #[slot(raw = tp_dealloc)]
    unsafe extern "C" fn tp_dealloc(op: *mut PyObject) {
        // SAFETY: the object is dead; a frame that it owns goes with it.
        unsafe {
            gc::untrack(op);
            let object = &*(op as *mut PyFrameObject);
            let f = object.f_frame.get() as *mut InterpreterFrame;
            if !f.is_null() && (*f).owner == OWNED_BY_FRAME_OBJECT && f == Object::from_ptr(op).cast::<Frame>().own_frame() {
                frame::clear_locals(f);
                xdecref((*f).f_locals);
                (*f).f_funcobj.close();
                let code = (*f).f_executable;
                code.close();
            }
            xdecref(object.f_back.get() as *mut PyObject);
            xdecref(object.f_trace.get());
            xdecref(object.f_extra_locals.get());
            xdecref(object.f_locals_cache.get());
            xdecref(object.f_overwritten_fast_locals.get());
            gc::gc_free(op);
        }
    }
    #[slot]
    fn tp_traverse(&self, visitor: &mut Visitor) {
        visitor.visit_cell(&self.0.f_back);
        visitor.visit_cell(&self.0.f_trace);
        visitor.visit_cell(&self.0.f_extra_locals);
        visitor.visit_cell(&self.0.f_locals_cache);
        visitor.visit_cell(&self.0.f_overwritten_fast_locals);
        // SAFETY: the frame is live; only an own frame is this object's to visit.
        unsafe {
            let f = self.frame_ptr();
            if !f.is_null() && (*f).owner == OWNED_BY_FRAME_OBJECT {
                traverse_frame(f, &mut *visitor);
            }
        }
    }
    #[slot]
    fn tp_clear(&self) {
        // SAFETY: as above; slots own their values.
        unsafe {
            set_cell(&self.0.f_back, ptr::null_mut());
            set_cell(&self.0.f_trace, ptr::null_mut());
            set_cell(&self.0.f_extra_locals, ptr::null_mut());
            let f = self.frame_ptr();
            if !f.is_null() && (*f).owner == OWNED_BY_FRAME_OBJECT {
                frame::clear_locals(f);
            }
        }
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let code = self.code();
        let file = crate::protocol::object::repr(code.filename().as_object())?;
        Ok(Str::new(&format!("<frame at {:p}, file {}, line {}, code {}>", self, &*file, self.line(), code.name())))
    }
    /// Clear all references held by the frame.
    #[method("clear($self, /)", nosig)]
    fn clear(&self) -> PyResult<()> {
        // SAFETY: the frame is live.
        unsafe {
            let f = self.frame_ptr();
            match (*f).owner {
                OWNED_BY_GENERATOR => {
                    let g = crate::interp::generator::of_frame(f);
                    if g.state() == abi::FRAME_EXECUTING {
                        return Err(err!(RuntimeError, "cannot clear an executing frame"));
                    }
                    if g.state() != abi::FRAME_CREATED {
                        return Err(err!(RuntimeError, "cannot clear a suspended frame"));
                    }
                    types::generator::gen_finalize(g.object().as_ptr());
                    types::generator::close_quietly(g);
                }
                OWNED_BY_FRAME_OBJECT => frame::clear_locals(f),
                _ => return Err(err!(RuntimeError, "cannot clear an executing frame")),
            }
        }
        Ok(())
    }
    /// Size of the frame in bytes.
    #[method("__sizeof__($self, /)", nosig)]
    fn __sizeof__(&self) -> usize {
        OWN_FRAME + self.code().0.co_framesize.get() as usize * 8
    }
    #[getter]
    fn f_back(&self) -> PyResult {
        Ok(self.back().map_or_else(|| types::none().to_owned(), |b| b.into_object()))
    }
    #[getter]
    fn f_code(&self) -> PyResult {
        crate::audit::read_attribute(self, "f_code")?;
        Ok(self.code().as_object().to_owned())
    }
    #[getter]
    fn f_globals(&self) -> PyResult {
        Ok(self.globals().to_owned())
    }
    #[getter]
    fn f_builtins(&self) -> PyResult {
        // SAFETY: as `globals`.
        Ok(unsafe { Object::from_ptr((*self.frame_ptr()).f_builtins) }.to_owned())
    }
    #[getter]
    fn f_generator(&self) -> PyResult {
        // SAFETY: the frame is live.
        unsafe {
            let f = self.frame_ptr();
            if (*f).owner == OWNED_BY_GENERATOR {
                return Ok(crate::interp::generator::of_frame(f).as_object().to_owned());
            }
        }
        Ok(types::none().to_owned())
    }
    #[getter]
    fn f_locals(&self) -> PyResult {
        if self.is_optimized() || self.has_hidden_locals() {
            return types::frame_locals::proxy_of(self);
        }
        // SAFETY: NULL or owned by the frame.
        match unsafe { Object::from_ptr_opt((*self.frame_ptr()).f_locals) } {
            Some(locals) => Ok(locals.to_owned()),
            None => Ok(self.locals_snapshot()?.into_object()),
        }
    }
    #[getter]
    fn f_lasti(&self) -> i32 {
        self.lasti()
    }
    #[getter]
    fn f_lineno(&self) -> PyResult {
        match self.line() {
            -1 => Ok(types::none().to_owned()),
            line => Ok(Int::from_i64(line as i64).into_object()),
        }
    }
    #[setter]
    fn set_f_lineno(&self, value: Option<&Object>) -> PyResult<()> {
        types::frame_jump::set_line(self, value)
    }
    #[getter]
    fn f_trace(&self) -> PyResult {
        // SAFETY: NULL or owned.
        Ok(unsafe { Object::from_ptr_opt(self.0.f_trace.get()) }.unwrap_or(types::none()).to_owned())
    }
    #[setter]
    fn set_f_trace(&self, value: Option<&Object>) -> PyResult<()> {
        let value = value.filter(|v| !v.is_none());
        // SAFETY: the slot owns its value.
        unsafe { set_cell(&self.0.f_trace, value.map_or(ptr::null_mut(), |v| xincref(v.as_ptr()))) };
        if value.is_some() && self.0.f_trace_opcodes.get() != 0 { set_opcode_trace(self, true) } else { Ok(()) }
    }
    #[getter]
    fn f_trace_opcodes(&self) -> bool {
        self.0.f_trace_opcodes.get() != 0
    }
    #[setter]
    fn set_f_trace_opcodes(&self, value: Option<&Object>) -> PyResult<()> {
        let Some(value) = value else {
            return Err(err!(AttributeError, "attribute 'f_trace_opcodes' of 'frame' objects cannot be deleted"));
        };
        if !types::Bool::check(value) {
            return Err(err!(TypeError, "attribute value type must be bool"));
        }
        let enable = value.is(types::true_());
        self.0.f_trace_opcodes.set(enable as u8);
        if enable && self.0.f_trace.get().is_null() { Ok(()) } else { set_opcode_trace(self, enable) }
    }
}

/// Visits what a frame that is not running owns.
/// # Safety
/// `stackpointer` is up to date.
pub unsafe fn traverse_frame(frame: *mut InterpreterFrame, visitor: &mut Visitor) {
    // SAFETY: slots below stackpointer are initialised; borrowed ones belong to a local that is visited itself.
    unsafe {
        let f = &mut *frame;
        visitor.visit_ptr(f.f_locals);
        visitor.visit_ptr(f.frame_obj as *mut PyObject);
        if !f.f_funcobj.is_borrowed() {
            visitor.visit_ptr(f.f_funcobj.ptr());
        }
        let mut at = f.locals();
        while at < f.stackpointer {
            if !(*at).is_borrowed() {
                visitor.visit_ptr((*at).ptr());
            }
            at = at.add(1);
        }
    }
}

const _: () = assert!(size_of::<PyFrameObject>() == 80);
