//! Generators and coroutines: the object types. How they run is in `interp/generator.rs`; asynchronous generators' helpers are in
//! `async_generator.rs`.

use crate::err;
use crate::errors::{self, PyResult, Raised};
use crate::exceptions;
use crate::gc;
use crate::interp::{frame, monitoring};
use crate::interp::generator::{self as run, Sent};
use crate::macro_support::{SendResult, Visitor};
use crate::object::{Object, Owned, PyTyped, Type, set_cell, xdecref, xincref};
use crate::protocol::{call, object};
use crate::types::{self, BaseException, Int, Str, Traceback, Tuple};
use abi::{FRAME_CLEARED, FRAME_CREATED, FRAME_EXECUTING, FRAME_SUSPENDED, FRAME_SUSPENDED_YIELD_FROM, PyGenObject, PyObject};
use bytecode::op;
use bytecode::operands::RESUME_OPARG_DEPTH1_MASK;
use macros::{pymethods, pytype};
use std::ffi::c_void;
use std::mem::offset_of;
use std::os::raw::c_int;
use std::ptr;

pub use super::async_generator::wrap_value as wrap_async_value;

#[repr(transparent)]
pub struct Generator(pub PyGenObject);
#[repr(transparent)]
pub struct Coroutine(pub PyGenObject);
#[repr(transparent)]
pub struct AsyncGenerator(pub PyGenObject);

impl Generator {
    pub fn object(&self) -> &Object {
        // SAFETY: the struct is an object.
        unsafe { Object::from_ptr(self as *const Generator as *mut PyObject) }
    }
    pub fn is_coroutine(&self) -> bool {
        Coroutine::check_exact(self.object())
    }
    pub fn is_async(&self) -> bool {
        AsyncGenerator::check_exact(self.object())
    }
    /// "generator", "coroutine", "async generator".
    pub fn kind(&self) -> &'static str {
        if self.is_coroutine() {
            "coroutine"
        } else if self.is_async() {
            "async generator"
        } else {
            "generator"
        }
    }
    /// What the body delegates to (`yield from`, `await`), if it is suspended there.
    pub fn delegate(&self) -> Option<Owned> {
        if self.state() != FRAME_SUSPENDED_YIELD_FROM {
            return None;
        }
        // SAFETY: a suspended frame's stack is up to date; the iterator is on top.
        unsafe { Some((*(*self.frame_ptr()).stackpointer.sub(1)).obj().to_owned()) }
    }
    pub fn qualname(&self) -> Owned {
        // SAFETY: never NULL.
        unsafe { Object::from_ptr(self.0.gi_qualname.get()) }.to_owned()
    }

    /// `send`: the next value; at the end StopIteration with the result.
    pub fn send_value(&self, value: &Object) -> PyResult {
        match run::resume(self, Some(value))? {
            Sent::Yielded(value) => Ok(value),
            Sent::Returned(value) => Err(self.stop(&value)),
        }
    }
    /// The exception that ends iteration with `value`.
    #[cold]
    pub fn stop(&self, value: &Object) -> Raised {
        if self.is_async() {
            return errors::raise_none(exceptions::StopAsyncIteration());
        }
        raise_stop_iteration(value)
    }
    fn next_value(&self) -> PyResult<Option<Owned>> {
        match run::resume(self, Some(types::none()))? {
            Sent::Yielded(value) => Ok(Some(value)),
            Sent::Returned(value) if value.is_none() && !self.is_async() => Ok(None),
            Sent::Returned(value) => Err(self.stop(&value)),
        }
    }
    /// Raises the current exception inside the body.
    fn throw_current(&self) -> PyResult {
        match run::resume(self, None)? {
            Sent::Yielded(value) => Ok(value),
            Sent::Returned(value) => Err(self.stop(&value)),
        }
    }
    /// `throw`, passing the exception to what the body delegates to first.
    pub fn throw_exception(&self, close_on_exit: bool, exc: Owned<BaseException>) -> PyResult {
        self.throw_given(close_on_exit, exc, &[])
    }
    /// As `throw_exception`; `given` are the arguments of `throw()` that a delegate of another kind gets.
    fn throw_given(&self, close_on_exit: bool, exc: Owned<BaseException>, given: &[&Object]) -> PyResult {
        if let Some(inner) = self.delegate() {
            if exc.object().ty().is_subtype(exceptions::GeneratorExit()) && close_on_exit {
                // The delegate is closed; the exception goes on in this body.
                let state = self.0.gi_frame_state.replace(FRAME_EXECUTING);
                let closed = close_iterator(&inner);
                self.0.gi_frame_state.set(state);
                if closed.is_err() {
                    return self.throw_current();
                }
                errors::restore(exc);
                return self.throw_current();
            }
            let result = if run::is_exact_generator_or_coroutine(&inner) {
                // SAFETY: both have the generator's layout.
                let g: &Generator = unsafe { inner.cast() };
                let state = self.0.gi_frame_state.replace(FRAME_EXECUTING);
                let result = self.with_frame_linked(|| g.throw_given(close_on_exit, exc, given));
                self.0.gi_frame_state.set(state);
                result
            } else {
                let Some(method) = object::get_attr_opt(&inner, crate::intern!("throw"))? else {
                    errors::restore(exc);
                    return self.throw_current();
                };
                let state = self.0.gi_frame_state.replace(FRAME_EXECUTING);
                let only = [exc.object()];
                let result = self.with_frame_linked(|| call::call_args(&method, if given.is_empty() { &only } else { given }));
                self.0.gi_frame_state.set(state);
                result
            };
            // An error (or the delegate's end, a StopIteration) is raised at the delegation; CLEANUP_THROW there makes a result of the end.
            return match result {
                Ok(value) => Ok(value),
                Err(_) => self.throw_current(),
            };
        }
        errors::restore(exc);
        self.throw_current()
    }
    /// The frame is put into the thread's chain while something that it delegates to runs, for tracebacks.
    fn with_frame_linked<T>(&self, f: impl FnOnce() -> T) -> T {
        let ts = crate::tstate::ThreadState::current();
        // SAFETY: the frame is suspended; it is unlinked again.
        unsafe {
            let previous = ts.0.current_frame.get();
            let own = self.frame_ptr();
            (*own).previous = previous as *mut _;
            ts.0.current_frame.set(own as *mut _);
            let result = f();
            ts.0.current_frame.set(previous);
            (*own).previous = ptr::null_mut();
            result
        }
    }
    /// `close()`: raises GeneratorExit in the body; gives the value that it returns.
    pub fn close_value(&self) -> PyResult {
        if self.state() == FRAME_CREATED {
            close_quietly(self);
            return Ok(types::none().to_owned());
        }
        if self.state() >= FRAME_CLEARED {
            return Ok(types::none().to_owned());
        }
        let watched = monitoring::tools_for(monitoring::event::PY_UNWIND) != 0;
        if self.state() == FRAME_SUSPENDED && !watched && stands_outside_of_handlers(self) {
            close_quietly(self);
            return Ok(types::none().to_owned());
        }
        let mut failed = false;
        if let Some(inner) = self.delegate() {
            let state = self.0.gi_frame_state.replace(FRAME_EXECUTING);
            failed = close_iterator(&inner).is_err();
            self.0.gi_frame_state.set(state);
        }
        if !failed {
            errors::raise_none(exceptions::GeneratorExit());
        }
        match run::resume(self, None) {
            Ok(Sent::Yielded(_)) => {
                let kind = self.kind();
                Err(err!(RuntimeError, "{} ignored GeneratorExit", kind))
            }
            Ok(Sent::Returned(value)) => Ok(value),
            Err(raised) => {
                if errors::matches(exceptions::GeneratorExit()) {
                    errors::clear();
                    return Ok(types::none().to_owned());
                }
                if errors::matches(exceptions::StopIteration()) {
                    return crate::interp::exc::fetch_stop_iteration_value();
                }
                Err(raised)
            }
        }
    }
    fn frame_object(&self) -> PyResult {
        if self.state() >= FRAME_CLEARED {
            return Ok(types::none().to_owned());
        }
        // SAFETY: the frame is live.
        match unsafe { types::frame::frame_object_of(self.frame_ptr()) } {
            Some(frame) => Ok(frame.as_object().to_owned()),
            None => Err(Raised::from_c()),
        }
    }
    fn is_suspended(&self) -> bool {
        self.state() < FRAME_EXECUTING && self.state() != FRAME_CREATED
    }
}

/// StopIteration(value), where a tuple or exception must not be taken for arguments.
#[cold]
pub fn raise_stop_iteration(value: &Object) -> Raised {
    if value.is_none() {
        return errors::raise_none(exceptions::StopIteration());
    }
    if let Some(made) = exceptions::base::plain_instance(exceptions::StopIteration(), || Tuple::new(&[value])) {
        return made.map_or_else(|raised| raised, errors::raise_instance);
    }
    match call::call1(exceptions::StopIteration(), value) {
        Ok(instance) => errors::raise_object(exceptions::StopIteration(), Some(&instance)),
        Err(raised) => raised,
    }
}

/// Closes what a body delegates to: a generator directly, else by its `close` if it has one.
fn close_iterator(inner: &Object) -> PyResult<()> {
    if run::is_exact_generator_or_coroutine(inner) {
        // SAFETY: both have the generator's layout.
        return unsafe { inner.cast::<Generator>() }.close_value().map(drop);
    }
    match object::get_attr_opt(inner, crate::intern!("close")) {
        Ok(Some(close)) => call::call0(&close).map(drop),
        Ok(None) => Ok(()),
        Err(_) => {
            exceptions::write_unraisable(Some("closing generator"), Some(inner));
            Ok(())
        }
    }
}

/// Whether a suspended generator stands at a `yield` that only the compiler's own handler is around: GeneratorExit would end it unseen.
fn stands_outside_of_handlers(g: &Generator) -> bool {
    // SAFETY: the frame of a suspended generator is live and stands at an instruction.
    let word = unsafe { *(*g.frame_ptr()).instr_ptr };
    matches!(word.code, op::RESUME | op::RESUME_CHECK | op::INSTRUMENTED_RESUME) && word.arg as u32 & RESUME_OPARG_DEPTH1_MASK != 0
}

/// Ends a generator that never started or is not to be resumed: its frame's contents are dropped.
pub fn close_quietly(g: &Generator) {
    if g.state() >= FRAME_CLEARED || g.state() == FRAME_EXECUTING {
        return;
    }
    g.0.gi_frame_state.set(FRAME_CLEARED);
    // SAFETY: the frame is suspended and live; its contents are dropped once.
    unsafe {
        let f = g.frame_ptr();
        (*f).previous = ptr::null_mut();
        frame::clear_except_code(f);
    }
}

/// `sys.set_coroutine_origin_tracking_depth`: notes where a coroutine was made.
pub fn note_origin(g: &Generator, caller: *mut frame::InterpreterFrame) -> PyResult<()> {
    let depth = crate::tstate::ThreadState::current().0.coroutine_origin_tracking_depth.get();
    if depth == 0 {
        return Ok(());
    }
    let mut frames = Vec::new();
    // SAFETY: the chain of running frames.
    unsafe {
        let mut at = frame::first_complete(caller);
        while !at.is_null() && frames.len() < depth as usize {
            let code = (*at).code();
            let line = Int::from_i64((*at).current_line() as i64);
            frames.push(Tuple::new(&[code.filename().as_object(), line.object(), code.name().as_object()]).into_object());
            at = frame::first_complete((*at).previous);
        }
        set_cell(&g.0.gi_origin_or_finalizer, Tuple::from_owned(frames).into_raw());
    }
    Ok(())
}

fn given_arguments<'a>(typ: &'a Object, val: Option<&'a Object>, tb: Option<&'a Object>) -> Vec<&'a Object> {
    std::iter::once(typ).chain(val).chain(tb).collect()
}

/// `throw(exc)` or the deprecated `throw(type, value, traceback)`: the exception to raise.
pub fn exception_to_throw(typ: &Object, val: Option<&Object>, tb: Option<&Object>) -> PyResult<Owned<BaseException>> {
    if val.is_some() || tb.is_some() {
        exceptions::warn(
            exceptions::DeprecationWarning(),
            "the (type, exc, tb) signature of throw() is deprecated, use the single-arg signature instead.",
            1,
        )?;
    }
    made_exception(typ, val, tb)
}

/// As `exception_to_throw`, where the warning was given.
pub fn made_exception(typ: &Object, val: Option<&Object>, tb: Option<&Object>) -> PyResult<Owned<BaseException>> {
    let tb = tb.filter(|tb| !tb.is_none());
    if tb.is_some_and(|tb| !Traceback::check(tb)) {
        return Err(err!(TypeError, "throw() third argument must be a traceback object"));
    }
    let exc: Owned<BaseException> = if let Some(ty) = typ.downcast::<Type>().filter(|ty| ty.has_flag(abi::Py_TPFLAGS_BASE_EXC_SUBCLASS as u64)) {
        let made = match val.filter(|v| !v.is_none()) {
            None => call::call0(ty)?,
            Some(value) if value.ty().is_subtype(ty) => value.to_owned(),
            Some(value) => match value.downcast::<Tuple>() {
                Some(args) => call::call(ty, args, None)?,
                None => call::call1(ty, value)?,
            },
        };
        match made.try_into_typed::<BaseException>() {
            Ok(exc) => exc,
            Err(other) => {
                // The failure is what is thrown.
                let class = object::repr(ty)?;
                let _ = err!(TypeError, "calling {} should have returned an instance of BaseException, not {}", &*class, other.object().type_name());
                return errors::take().ok_or_else(errors::bad_internal_call);
            }
        }
    } else if let Some(exc) = typ.downcast::<BaseException>() {
        if val.is_some_and(|v| !v.is_none()) {
            return Err(err!(TypeError, "instance exception may not have a separate value"));
        }
        Owned::from_ref(exc)
    } else {
        return Err(err!(TypeError, "exceptions must be classes or instances deriving from BaseException, not {}", typ.type_name()));
    };
    if let Some(tb) = tb {
        exc.set_traceback(Some(tb));
    }
    Ok(exc)
}

unsafe extern "C" fn gen_dealloc(op: *mut PyObject) {
    // SAFETY: the object is dead unless its finalizer revives it.
    unsafe {
        gc::untrack(op);
        let g: &Generator = Object::from_ptr(op).cast();
        if !g.0.gi_weakreflist.get().is_null() {
            types::weakref::clear_weakrefs(op);
        }
        if g.state() < FRAME_EXECUTING {
            gc::track(op);
            if !gc::call_finalizer_from_dealloc(op) {
                return;
            }
            gc::untrack(op);
        }
        close_quietly(g);
        std::mem::replace(&mut (*g.frame_ptr()).f_executable, crate::interp::stackref::StackRef::NULL).close();
        xdecref(g.0.gi_exc_state.exc_value.replace(ptr::null_mut()));
        xdecref(g.0.gi_origin_or_finalizer.get());
        xdecref(g.0.gi_name.get());
        xdecref(g.0.gi_qualname.get());
        gc::gc_free(op);
    }
}

unsafe extern "C" fn gen_traverse(op: *mut PyObject, visit: abi::visitproc, arg: *mut c_void) -> c_int {
    // SAFETY: the traverse protocol; a frame that is not cleared has an up-to-date stack pointer.
    unsafe {
        let g: &Generator = Object::from_ptr(op).cast();
        let mut visitor = Visitor::new(visit, arg);
        visitor.visit_cell(&g.0.gi_name);
        visitor.visit_cell(&g.0.gi_qualname);
        visitor.visit_cell(&g.0.gi_origin_or_finalizer);
        visitor.visit_cell(&g.0.gi_exc_state.exc_value);
        if g.state() < FRAME_CLEARED {
            types::frame::traverse_frame(g.frame_ptr(), &mut visitor);
        }
        visitor.status()
    }
}

/// `tp_finalize`: a body that is suspended is closed; a coroutine that never ran is warned about.
pub unsafe extern "C" fn gen_finalize(op: *mut PyObject) {
    // SAFETY: the object is alive during its finalizer.
    let g: &Generator = unsafe { Object::from_ptr(op).cast() };
    if g.state() >= FRAME_CLEARED {
        return;
    }
    errors::preserve(|| {
        if g.is_async() && super::async_generator::finalize(g) {
            return;
        }
        if g.is_coroutine() && g.state() == FRAME_CREATED {
            if exceptions::report::warn_unawaited_coroutine(g.object()).is_err() {
                exceptions::write_unraisable(Some("finalizing coroutine"), Some(g.object()));
            }
            return;
        }
        if g.close_value().is_err() {
            exceptions::write_unraisable(Some("closing generator"), Some(g.object()));
        }
    });
}

fn gen_repr(g: &Generator) -> PyResult<Owned<Str>> {
    let name = g.qualname();
    let shown = object::str(&name)?;
    let kind = if g.is_async() { "async_generator" } else { g.kind() };
    Ok(Str::new(&format!("<{} object {} at {:p}>", kind, &*shown, g)))
}

fn set_name(cell: &std::cell::Cell<*mut PyObject>, what: &str, value: Option<&Object>) -> PyResult<()> {
    match value {
        Some(value) if Str::check(value) => {
            // SAFETY: the slot owns its value.
            unsafe { set_cell(cell, xincref(value.as_ptr())) };
            Ok(())
        }
        _ => Err(err!(TypeError, "{} must be set to a string object", what)),
    }
}

fn own(cell: &std::cell::Cell<*mut PyObject>) -> PyResult {
    // SAFETY: NULL or owned.
    Ok(unsafe { Object::from_ptr_opt(cell.get()) }.unwrap_or(types::none()).to_owned())
}

#[pytype(static = PyGen_Type, name = "generator", flags = HAVE_GC, basicsize = 152, itemsize = 8, weaklistoffset = offset_of!(PyGenObject, gi_weakreflist),
    tp_dealloc = gen_dealloc, tp_traverse = gen_traverse, tp_finalize = gen_finalize)]
impl Generator {
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        gen_repr(self)
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        Ok(self.object().to_owned())
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        self.next_value()
    }
    #[slot]
    fn am_send(&self, value: &Object) -> PyResult<SendResult> {
        Ok(match run::resume(self, Some(value))? {
            Sent::Yielded(value) => SendResult::Yield(value),
            Sent::Returned(value) => SendResult::Return(value),
        })
    }
    /// Resume the generator with a value.
    #[method("send($self, value, /)", nosig)]
    fn send(&self, value: &Object) -> PyResult {
        self.send_value(value)
    }
    /// Raise an exception in the generator.
    #[method("throw($self, typ, val=<unrepresentable>, tb=<unrepresentable>, /)", nosig)]
    fn throw(&self, typ: &Object, val: Option<&Object>, tb: Option<&Object>) -> PyResult {
        self.throw_given(true, exception_to_throw(typ, val, tb)?, &given_arguments(typ, val, tb))
    }
    /// Raise GeneratorExit inside the generator.
    #[method("close($self, /)", nosig)]
    fn close(&self) -> PyResult {
        self.close_value()
    }
    #[method("__sizeof__($self, /)", nosig)]
    fn __sizeof__(&self) -> usize {
        self.code().map_or(offset_of!(PyGenObject, gi_iframe), run::object_size)
    }
    #[classmethod("__class_getitem__($type, object, /)")]
    fn __class_getitem__(cls: &Type, object: &Object) -> PyResult {
        types::generic_alias::alias(cls, object)
    }
    #[getter]
    fn __name__(&self) -> PyResult {
        own(&self.0.gi_name)
    }
    #[setter]
    fn set___name__(&self, value: Option<&Object>) -> PyResult<()> {
        set_name(&self.0.gi_name, "__name__", value)
    }
    #[getter]
    fn __qualname__(&self) -> PyResult {
        own(&self.0.gi_qualname)
    }
    #[setter]
    fn set___qualname__(&self, value: Option<&Object>) -> PyResult<()> {
        set_name(&self.0.gi_qualname, "__qualname__", value)
    }
    #[getter]
    fn gi_yieldfrom(&self) -> PyResult {
        Ok(self.delegate().unwrap_or_else(|| types::none().to_owned()))
    }
    #[getter]
    fn gi_running(&self) -> bool {
        self.state() == FRAME_EXECUTING
    }
    #[getter]
    fn gi_suspended(&self) -> bool {
        self.is_suspended()
    }
    #[getter]
    fn gi_frame(&self) -> PyResult {
        crate::audit::read_attribute(self, "gi_frame")?;
        self.frame_object()
    }
    #[getter]
    fn gi_code(&self) -> PyResult {
        crate::audit::read_attribute(self, "gi_code")?;
        Ok(self.code().map_or(types::none(), |c| c.as_object()).to_owned())
    }
}

impl Coroutine {
    pub fn generator(&self) -> &Generator {
        // SAFETY: the same layout.
        unsafe { &*(self as *const Coroutine as *const Generator) }
    }
    pub fn is_being_awaited(&self) -> bool {
        self.generator().delegate().is_some()
    }
}

#[pytype(static = PyCoro_Type, name = "coroutine", flags = HAVE_GC, basicsize = 152, itemsize = 8, weaklistoffset = offset_of!(PyGenObject, gi_weakreflist),
    tp_dealloc = gen_dealloc, tp_traverse = gen_traverse, tp_finalize = gen_finalize)]
impl Coroutine {
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        gen_repr(self.generator())
    }
    #[slot]
    fn am_await(&self) -> PyResult {
        CoroutineWrapper::construct(
            CoroutineWrapper::type_object(),
            CoroutineWrapper { head: crate::object::ObjectHead::placeholder(), coroutine: Owned::from_ref(self) },
        )
        .map(|w| w.into_object())
    }
    #[slot]
    fn am_send(&self, value: &Object) -> PyResult<SendResult> {
        self.generator().am_send(value)
    }
    /// Send a value into coroutine code and resume it.
    #[method("send($self, value, /)", nosig)]
    fn send(&self, value: &Object) -> PyResult {
        self.generator().send_value(value)
    }
    /// Raise an exception in coroutine code.
    #[method("throw($self, typ, val=<unrepresentable>, tb=<unrepresentable>, /)", nosig)]
    fn throw(&self, typ: &Object, val: Option<&Object>, tb: Option<&Object>) -> PyResult {
        self.generator().throw_given(true, exception_to_throw(typ, val, tb)?, &given_arguments(typ, val, tb))
    }
    /// Raise GeneratorExit inside coroutine code.
    #[method("close($self, /)", nosig)]
    fn close(&self) -> PyResult {
        self.generator().close_value().map(|_| types::none().to_owned())
    }
    #[method("__sizeof__($self, /)", nosig)]
    fn __sizeof__(&self) -> usize {
        self.generator().__sizeof__()
    }
    #[classmethod("__class_getitem__($type, object, /)")]
    fn __class_getitem__(cls: &Type, object: &Object) -> PyResult {
        types::generic_alias::alias(cls, object)
    }
    /// The name of the coroutine.
    #[getter]
    fn __name__(&self) -> PyResult {
        own(&self.0.gi_name)
    }
    #[setter]
    fn set___name__(&self, value: Option<&Object>) -> PyResult<()> {
        set_name(&self.0.gi_name, "__name__", value)
    }
    /// The qualified name of the coroutine.
    #[getter]
    fn __qualname__(&self) -> PyResult {
        own(&self.0.gi_qualname)
    }
    #[setter]
    fn set___qualname__(&self, value: Option<&Object>) -> PyResult<()> {
        set_name(&self.0.gi_qualname, "__qualname__", value)
    }
    #[getter]
    fn cr_await(&self) -> PyResult {
        self.generator().gi_yieldfrom()
    }
    #[getter]
    fn cr_running(&self) -> bool {
        self.generator().gi_running()
    }
    #[getter]
    fn cr_suspended(&self) -> bool {
        self.generator().is_suspended()
    }
    #[getter]
    fn cr_frame(&self) -> PyResult {
        crate::audit::read_attribute(self, "cr_frame")?;
        self.generator().frame_object()
    }
    #[getter]
    fn cr_code(&self) -> PyResult {
        crate::audit::read_attribute(self, "cr_code")?;
        Ok(self.generator().code().map_or(types::none(), |c| c.as_object()).to_owned())
    }
    #[getter]
    fn cr_origin(&self) -> PyResult {
        own(&self.0.gi_origin_or_finalizer)
    }
}

/// What `coroutine.__await__()` gives.
#[derive(macros::Traverse)]
#[repr(C)]
pub struct CoroutineWrapper {
    head: crate::object::ObjectHead,
    coroutine: Owned<Coroutine>,
}

/// A wrapper object implementing __await__ for coroutines.
#[pytype(static = _PyCoroWrapper_Type, name = "coroutine_wrapper", flags = HAVE_GC | DISALLOW_INSTANTIATION, native)]
impl CoroutineWrapper {
    #[slot]
    fn tp_iter(&self) -> PyResult {
        // SAFETY: the struct is an object.
        Ok(unsafe { Object::from_ptr(self as *const _ as *mut PyObject) }.to_owned())
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        self.coroutine.generator().next_value()
    }
    #[method("send($self, value, /)", nosig)]
    fn send(&self, value: &Object) -> PyResult {
        self.coroutine.generator().send_value(value)
    }
    #[method("throw($self, typ, val=<unrepresentable>, tb=<unrepresentable>, /)", nosig)]
    fn throw(&self, typ: &Object, val: Option<&Object>, tb: Option<&Object>) -> PyResult {
        self.coroutine.generator().throw_given(true, exception_to_throw(typ, val, tb)?, &given_arguments(typ, val, tb))
    }
    #[method("close($self, /)", nosig)]
    fn close(&self) -> PyResult {
        self.coroutine.close()
    }
}

impl AsyncGenerator {
    pub fn generator(&self) -> &Generator {
        // SAFETY: the same layout.
        unsafe { &*(self as *const AsyncGenerator as *const Generator) }
    }
}

#[pytype(static = PyAsyncGen_Type, name = "async_generator", flags = HAVE_GC, basicsize = 152, itemsize = 8, weaklistoffset = offset_of!(PyGenObject, gi_weakreflist),
    tp_dealloc = gen_dealloc, tp_traverse = gen_traverse, tp_finalize = gen_finalize, methods = [AsyncGenerator::ASYNC_METHODS])]
impl AsyncGenerator {
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        gen_repr(self.generator())
    }
    #[slot]
    fn am_aiter(&self) -> PyResult {
        Ok(self.as_object().to_owned())
    }
    #[slot]
    fn am_anext(&self) -> PyResult {
        super::async_generator::anext(self)
    }
    #[getter]
    fn __name__(&self) -> PyResult {
        own(&self.0.gi_name)
    }
    #[setter]
    fn set___name__(&self, value: Option<&Object>) -> PyResult<()> {
        set_name(&self.0.gi_name, "__name__", value)
    }
    #[getter]
    fn __qualname__(&self) -> PyResult {
        own(&self.0.gi_qualname)
    }
    #[setter]
    fn set___qualname__(&self, value: Option<&Object>) -> PyResult<()> {
        set_name(&self.0.gi_qualname, "__qualname__", value)
    }
    #[getter]
    fn ag_await(&self) -> PyResult {
        self.generator().gi_yieldfrom()
    }
    #[getter]
    fn ag_running(&self) -> bool {
        self.0.gi_running_async.get() != 0
    }
    #[getter]
    fn ag_suspended(&self) -> bool {
        self.generator().is_suspended()
    }
    #[getter]
    fn ag_frame(&self) -> PyResult {
        crate::audit::read_attribute(self, "ag_frame")?;
        self.generator().frame_object()
    }
    #[getter]
    fn ag_code(&self) -> PyResult {
        crate::audit::read_attribute(self, "ag_code")?;
        Ok(self.generator().code().map_or(types::none(), |c| c.as_object()).to_owned())
    }
}

#[pymethods(ASYNC_METHODS)]
impl AsyncGenerator {
    /// Send a value into the generator, to be awaited.
    #[method("asend($self, value, /)", nosig)]
    fn asend(&self, value: &Object) -> PyResult {
        super::async_generator::asend(self, value)
    }
    /// Raise an exception in the generator, to be awaited.
    #[method("athrow($self, typ, val=<unrepresentable>, tb=<unrepresentable>, /)", nosig)]
    fn athrow(&self, typ: &Object, val: Option<&Object>, tb: Option<&Object>) -> PyResult {
        super::async_generator::athrow(self, typ, val, tb)
    }
    /// Raise GeneratorExit inside the generator, to be awaited.
    #[method("aclose($self, /)", nosig)]
    fn aclose(&self) -> PyResult {
        super::async_generator::aclose(self)
    }
    #[method("__sizeof__($self, /)", nosig)]
    fn __sizeof__(&self) -> usize {
        self.generator().__sizeof__()
    }
    #[classmethod("__class_getitem__($type, object, /)")]
    fn __class_getitem__(cls: &Type, object: &Object) -> PyResult {
        types::generic_alias::alias(cls, object)
    }
}

