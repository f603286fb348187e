//! Generators, coroutines and async generators as the loop sees them: creation from a frame, resumption, suspension and their end.
//!
//! The frame lies in the object's body. While it runs, the generator's exception item is linked in front of the thread's; while it is
//! suspended, the item keeps what the body was handling. The object types with their methods are in `types/generator.rs`.

use super::frame::{self, FRAME_SPECIALS_SIZE, InterpreterFrame, OWNED_BY_GENERATOR};
use super::stackref::StackRef;
use super::{eval, exc};
use crate::err;
use crate::errors::{self, PyResult, Raised};
use crate::gc;
use crate::object::{Object, Owned, PyTyped, Type, xincref};
use crate::protocol::{call, iter};
use crate::tstate::ThreadState;
use crate::types::async_generator::ASend;
use crate::types::generator::{AsyncGenerator, Coroutine, Generator};
use crate::types::{self, Code};
use abi::{FRAME_CLEARED, FRAME_CREATED, FRAME_EXECUTING, FRAME_SUSPENDED, FRAME_SUSPENDED_YIELD_FROM, PyGenObject, PyObject, PyThreadState};
use std::mem::offset_of;
use std::ptr;

/// Words of a generator object around its frame: see `basicsize` 152 and itemsize 8 in the types.
pub fn object_size(code: &Code) -> usize {
    offset_of!(PyGenObject, gi_iframe) + code.0.co_framesize.get() as usize * 8
}

/// The generator whose body `frame` is.
/// # Safety
/// The frame is owned by a generator.
#[inline(always)]
pub unsafe fn of_frame<'a>(frame: *mut InterpreterFrame) -> &'a Generator {
    // SAFETY: by contract.
    unsafe { &*((frame as *mut u8).sub(offset_of!(PyGenObject, gi_iframe)) as *const Generator) }
}

impl Generator {
    #[inline(always)]
    pub fn frame_ptr(&self) -> *mut InterpreterFrame {
        &raw const self.0.gi_iframe as *mut InterpreterFrame
    }
    #[inline(always)]
    pub fn state(&self) -> i8 {
        self.0.gi_frame_state.get()
    }
    /// Links the exception item and the state for a resumption.
    /// # Safety
    /// The generator is resumable, `ts` current.
    #[inline(always)]
    pub unsafe fn mark_executing(&self, ts: *mut PyThreadState) {
        // SAFETY: by contract.
        unsafe {
            self.0.gi_frame_state.set(FRAME_EXECUTING);
            self.0.gi_exc_state.previous_item.set((*ts).exc_info.get());
            (*ts).exc_info.set(&raw const self.0.gi_exc_state as *mut _);
        }
    }
    /// The code that the body runs; it outlives the frame's other contents.
    pub fn code(&self) -> Option<&Code> {
        // SAFETY: the frame's code is kept until the generator is freed.
        Some(unsafe { (*self.frame_ptr()).code() })
    }
}

/// RETURN_GENERATOR: moves the frame into a new object of the kind that the code's flags say. The old frame's words stay to be popped.
/// # Safety
/// `frame` is the running frame on the data stack.
pub unsafe fn from_frame(_ts: *mut PyThreadState, frame: *mut InterpreterFrame) -> PyResult<Owned> {
    // SAFETY: by contract; the object is filled in completely before it is tracked.
    unsafe {
        let code = (*frame).code();
        let flags = code.0.co_flags.get();
        let ty: &Type = if flags & abi::CO_COROUTINE != 0 {
            Coroutine::type_object()
        } else if flags & abi::CO_ASYNC_GENERATOR != 0 {
            AsyncGenerator::type_object()
        } else {
            Generator::type_object()
        };
        let op = gc::gc_alloc(ty, object_size(code))?;
        let g: &Generator = Object::from_ptr(op).cast();
        let function = (*frame).func();
        g.0.gi_weakreflist.set(ptr::null_mut());
        g.0.gi_name.set(xincref(function.0.func_name.get()));
        g.0.gi_qualname.set(xincref(function.0.func_qualname.get()));
        g.0.gi_exc_state.exc_value.set(ptr::null_mut());
        g.0.gi_exc_state.previous_item.set(ptr::null_mut());
        g.0.gi_origin_or_finalizer.set(ptr::null_mut());
        g.0.gi_hooks_inited.set(0);
        g.0.gi_closed.set(0);
        g.0.gi_running_async.set(0);
        let dest = g.frame_ptr();
        let src = &mut *frame;
        let base = src.locals();
        let used = src.stackpointer.offset_from(base) as usize;
        ptr::copy_nonoverlapping(frame as *const u8, dest as *mut u8, FRAME_SPECIALS_SIZE * 8);
        let d = &mut *dest;
        d.f_executable = src.f_executable.heap_safe();
        d.f_funcobj = src.f_funcobj.heap_safe();
        d.stackpointer = d.locals().add(used);
        for i in 0..used {
            *d.locals().add(i) = (*base.add(i)).heap_safe();
        }
        // The generator stands behind RETURN_GENERATOR, at POP_TOP.
        d.instr_ptr = src.instr_ptr.add(1);
        d.previous = ptr::null_mut();
        d.owner = OWNED_BY_GENERATOR;
        if !d.frame_obj.is_null() {
            (*d.frame_obj).f_frame.set(dest as *mut _);
        }
        g.0.gi_frame_state.set(FRAME_CREATED);
        gc::track_new(op);
        let result = Owned::from_raw(op);
        if flags & abi::CO_COROUTINE != 0 {
            types::generator::note_origin(g, (*frame).previous)?;
        }
        Ok(result)
    }
}

/// YIELD_VALUE's bookkeeping: the state, and the exception item out of the thread's list.
/// # Safety
/// `frame` is a generator's, running.
#[inline(always)]
pub unsafe fn suspend(ts: *mut PyThreadState, frame: *mut InterpreterFrame, oparg: usize) {
    // SAFETY: by contract.
    unsafe {
        let g = of_frame(frame);
        g.0.gi_frame_state.set(if oparg & 1 != 0 { FRAME_SUSPENDED_YIELD_FROM } else { FRAME_SUSPENDED });
        (*ts).exc_info.set(g.0.gi_exc_state.previous_item.get());
        g.0.gi_exc_state.previous_item.set(ptr::null_mut());
    }
}

/// The body has returned or raised (`clear_gen_frame`).
/// # Safety
/// `frame` is a generator's and no longer the current one.
pub unsafe fn finish(ts: *mut PyThreadState, frame: *mut InterpreterFrame) {
    // SAFETY: by contract.
    unsafe {
        let g = of_frame(frame);
        g.0.gi_frame_state.set(FRAME_CLEARED);
        (*ts).exc_info.set(g.0.gi_exc_state.previous_item.get());
        g.0.gi_exc_state.previous_item.set(ptr::null_mut());
        (*frame).previous = ptr::null_mut();
        frame::clear_except_code(frame);
    }
}

/// An exact generator that can be resumed now.
#[inline(always)]
pub fn exact_resumable(o: &Object) -> Option<&Generator> {
    o.downcast_exact::<Generator>().filter(|g| g.state() < FRAME_EXECUTING)
}

/// As `exact_resumable`, coroutines included.
#[inline(always)]
pub fn exact_resumable_any(o: &Object) -> Option<&Generator> {
    if !is_exact_generator_or_coroutine(o) {
        return None;
    }
    // SAFETY: both have the generator's layout.
    let g: &Generator = unsafe { o.cast() };
    (g.state() < FRAME_EXECUTING).then_some(g)
}

pub fn is_exact_generator(o: &Object) -> bool {
    Generator::check_exact(o)
}

#[inline(always)]
pub fn is_exact_generator_or_coroutine(o: &Object) -> bool {
    Generator::check_exact(o) || Coroutine::check_exact(o)
}

/// What a resumption gave.
pub enum Sent {
    Yielded(Owned),
    Returned(Owned),
}

/// Resumes a generator's body with a value, or (`None`) by raising the current exception (`gen_send_ex2`).
pub fn resume(g: &Generator, value: Option<&Object>) -> PyResult<Sent> {
    let ts = ThreadState::current_ptr();
    let state = g.state();
    let throwing = value.is_none();
    if state == FRAME_CREATED
        && let Some(value) = value
        && !value.is_none()
    {
        let kind = g.kind();
        return Err(err!(TypeError, "can't send non-None value to a just-started {}", kind));
    }
    if state == FRAME_EXECUTING {
        let kind = g.kind();
        return Err(err!(ValueError, "{} already executing", kind));
    }
    if state > FRAME_EXECUTING {
        if g.is_coroutine() {
            return Err(err!(RuntimeError, "cannot reuse already awaited coroutine"));
        }
        if throwing {
            return Err(Raised::from_c());
        }
        return Ok(Sent::Returned(types::none().to_owned()));
    }
    // SAFETY: the generator is resumable; it is kept alive during the run.
    unsafe {
        let keep = Owned::from_ref(g);
        let frame = g.frame_ptr();
        match value {
            Some(value) => {
                *(*frame).stackpointer = StackRef::new_ref(value.as_ptr());
                (*frame).stackpointer = (*frame).stackpointer.add(1);
            }
            None => {
                *(*frame).stackpointer = StackRef::borrow(types::none().as_ptr());
                (*frame).stackpointer = (*frame).stackpointer.add(1);
            }
        }
        g.mark_executing(ts);
        // A thrown exception is chained to what the body itself handles, as a `raise` there would.
        let handled = g.0.gi_exc_state.exc_value.get();
        if throwing
            && !handled.is_null()
            && handled != types::none().as_ptr()
            && let Some(exc) = errors::take() {
            errors::raise_instance(exc);
        }
        let result = eval::eval_frame(ts, frame, throwing);
        let Some(result) = Owned::from_raw_opt(result) else {
            return Err(Raised::from_c());
        };
        let suspended = g.state() < FRAME_EXECUTING;
        drop(keep);
        Ok(if suspended { Sent::Yielded(result) } else { Sent::Returned(result) })
    }
}

/// The generic SEND: `am_send`, `__next__` for None, else `.send()`.
pub fn send(receiver: &Object, value: &Object) -> PyResult<Sent> {
    if is_exact_generator_or_coroutine(receiver) {
        // SAFETY: both have the generator's layout.
        return resume(unsafe { receiver.cast() }, Some(value));
    }
    if let Some(asend) = receiver.downcast_exact::<ASend>()
        && !super::monitoring::deliver::sees_raise()
    {
        return asend.resume(value);
    }
    // SAFETY: slots of the receiver's own type.
    unsafe {
        let am_send = receiver.ty().0.tp_as_async.get().as_ref().and_then(|t| t.am_send.get());
        if let Some(am_send) = am_send {
            let mut result: *mut PyObject = ptr::null_mut();
            return match am_send(receiver.as_ptr(), value.as_ptr(), &mut result) {
                1 => Ok(Sent::Yielded(Owned::from_raw(result))),
                0 => Ok(Sent::Returned(Owned::from_raw_opt(result).unwrap_or_else(|| types::none().to_owned()))),
                _ => Err(Raised::from_c()),
            };
        }
    }
    let next = if value.is_none() && receiver.ty().0.tp_iternext.get().is_some() {
        iter::iter_next_raw(receiver)
    } else {
        call::call_method(receiver, crate::intern!("send"), &[value]).map(Some)
    };
    match next {
        Ok(Some(value)) => Ok(Sent::Yielded(value)),
        Ok(None) => Ok(Sent::Returned(exc::fetch_stop_iteration_value()?)),
        Err(_) => {
            if errors::matches(crate::exceptions::StopIteration()) {
                super::monitoring::deliver::swallowed_stop_iteration();
            }
            Ok(Sent::Returned(exc::fetch_stop_iteration_value()?))
        }
    }
}

/// GET_YIELD_FROM_ITER.
pub fn yield_from_iter(code: &Code, iterable: &Object) -> PyResult {
    if Coroutine::check_exact(iterable) {
        if code.0.co_flags.get() & (abi::CO_COROUTINE | abi::CO_ITERABLE_COROUTINE) == 0 {
            return Err(err!(TypeError, "cannot 'yield from' a coroutine object in a non-coroutine generator"));
        }
        return Ok(iterable.to_owned());
    }
    if Generator::check_exact(iterable) {
        return Ok(iterable.to_owned());
    }
    iter::get_iter(iterable)
}

fn am_slot(o: &Object, pick: impl Fn(&abi::PyAsyncMethods) -> Option<abi::unaryfunc>) -> Option<abi::unaryfunc> {
    // SAFETY: the table is NULL or lives as long as the type.
    unsafe { o.ty().0.tp_as_async.get().as_ref() }.and_then(pick)
}

/// `_PyCoro_GetAwaitableIter`: what `await o` iterates.
pub fn awaitable_iter(o: &Object) -> PyResult {
    if Coroutine::check_exact(o) {
        return Ok(o.to_owned());
    }
    if let Some(g) = o.downcast_exact::<Generator>()
        && g.code().is_some_and(|code| code.0.co_flags.get() & abi::CO_ITERABLE_COROUTINE != 0)
    {
        return Ok(o.to_owned());
    }
    let Some(am_await) = am_slot(o, |t| t.am_await.get()) else {
        return Err(err!(TypeError, "'{}' object can't be awaited", o.type_name()));
    };
    // SAFETY: a slot of the object's own type.
    let it = unsafe { errors::from_c(am_await(o.as_ptr()))? };
    let is_coroutine = Coroutine::check_exact(&it) || it.downcast_exact::<Generator>().is_some_and(|g| g.code().is_some_and(|code| code.0.co_flags.get() & abi::CO_ITERABLE_COROUTINE != 0));
    if is_coroutine {
        return Err(err!(TypeError, "__await__() returned a coroutine"));
    }
    if it.ty().0.tp_iternext.get().is_none() {
        return Err(err!(TypeError, "__await__() returned non-iterator of type '{}'", it.type_name()));
    }
    Ok(it)
}

/// GET_AWAITABLE; the oparg says whether it stands in `async with`.
pub fn get_awaitable(o: &Object, oparg: usize) -> PyResult {
    let it = awaitable_iter(o).map_err(|raised| {
        if am_slot(o, |t| t.am_await.get()).is_none() && errors::matches(crate::exceptions::TypeError()) {
            match oparg {
                1 => {
                    errors::clear();
                    return err!(TypeError, "'async with' received an object from __aenter__ that does not implement __await__: {}", o.type_name());
                }
                2 => {
                    errors::clear();
                    return err!(TypeError, "'async with' received an object from __aexit__ that does not implement __await__: {}", o.type_name());
                }
                _ => {}
            }
        }
        raised
    })?;
    if let Some(coroutine) = it.downcast_exact::<Coroutine>()
        && coroutine.is_being_awaited()
    {
        return Err(err!(RuntimeError, "coroutine is being awaited already"));
    }
    Ok(it)
}

/// GET_AITER.
pub fn get_aiter(o: &Object) -> PyResult {
    let Some(am_aiter) = am_slot(o, |t| t.am_aiter.get()) else {
        return Err(err!(TypeError, "'async for' requires an object with __aiter__ method, got {}", o.type_name()));
    };
    // SAFETY: a slot of the object's own type.
    let it = unsafe { errors::from_c(am_aiter(o.as_ptr()))? };
    if am_slot(&it, |t| t.am_anext.get()).is_none() {
        return Err(err!(TypeError, "'async for' received an object from __aiter__ that does not implement __anext__: {}", it.type_name()));
    }
    Ok(it)
}

/// GET_ANEXT.
pub fn get_anext(o: &Object) -> PyResult {
    if let Some(g) = o.downcast_exact::<AsyncGenerator>() {
        return types::async_generator::anext(g);
    }
    let Some(am_anext) = am_slot(o, |t| t.am_anext.get()) else {
        return Err(err!(TypeError, "'async for' requires an iterator with __anext__ method, got {}", o.type_name()));
    };
    // SAFETY: a slot of the object's own type.
    let next = unsafe { errors::from_c(am_anext(o.as_ptr()))? };
    awaitable_iter(&next).map_err(|_| errors::raise_from_cause(crate::exceptions::TypeError(), format_args!("'async for' received an invalid object from __anext__: {}", next.type_name())))
}

/// INTRINSIC_ASYNC_GEN_WRAP.
pub fn async_gen_wrap(value: &Object) -> PyResult {
    types::generator::wrap_async_value(value)
}
