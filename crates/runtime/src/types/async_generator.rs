//! What `__anext__`, `asend`, `athrow` and `aclose` of asynchronous generators give: awaitables that drive the generator, and the wrapper that
//! tells a yielded value from an awaited one.

use crate::err;
use crate::errors::{self, PyResult, Raised};
use crate::exceptions;
use crate::gc;
use crate::interp::generator::{self as run, Sent};
use crate::macro_support::{guard, native_dealloc};
use crate::object::{Object, ObjectHead, Owned, PyTyped, Type};
use crate::protocol::call;
use crate::tstate::ThreadState;
use crate::types::generator::{AsyncGenerator, Generator, exception_to_throw, made_exception, raise_stop_iteration};
use crate::types::{self, BaseException, Tuple};
use abi::{FRAME_CLEARED, PyObject};
use macros::{Traverse, pytype};
use std::cell::{Cell, RefCell};


/// A value yielded by an asynchronous generator (as opposed to one that an inner await lets through).
#[derive(Traverse)]
#[repr(C)]
pub struct WrappedValue {
    head: ObjectHead,
    value: Owned,
}

#[pytype(static = _PyAsyncGenWrappedValue_Type, name = "async_generator_wrapped_value", flags = HAVE_GC | DISALLOW_INSTANTIATION, native)]
impl WrappedValue {}

/// INTRINSIC_ASYNC_GEN_WRAP.
pub fn wrap_value(value: &Object) -> PyResult {
    Ok(WrappedValue::construct(WrappedValue::type_object(), WrappedValue { head: ObjectHead::placeholder(), value: value.to_owned() })?.into_object())
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Init,
    Iter,
    Closed,
}

/// Runs the hooks of `sys.set_asyncgen_hooks` when iteration begins.
fn init_hooks(g: &AsyncGenerator) -> PyResult<()> {
    if g.0.gi_hooks_inited.get() != 0 {
        return Ok(());
    }
    g.0.gi_hooks_inited.set(1);
    let ts = ThreadState::current();
    // SAFETY: NULL or owned by the thread state; the slot owns its value.
    unsafe {
        if let Some(finalizer) = Object::from_ptr_opt(ts.0.async_gen_finalizer.get()) {
            finalizer.incref();
            crate::object::set_cell(&g.0.gi_origin_or_finalizer, finalizer.as_ptr());
        }
        if let Some(firstiter) = Object::from_ptr_opt(ts.0.async_gen_firstiter.get()) {
            let firstiter = firstiter.to_owned();
            call::call1(&firstiter, g.as_object())?;
        }
    }
    Ok(())
}

/// Hands a suspended generator that nobody refers to any more to its hook; whether there was one.
pub fn finalize(g: &Generator) -> bool {
    // SAFETY: NULL or owned.
    let Some(finalizer) = (unsafe { Object::from_ptr_opt(g.0.gi_origin_or_finalizer.get()) }) else { return false };
    if g.0.gi_closed.get() != 0 {
        return false;
    }
    let finalizer = finalizer.to_owned();
    if call::call1(&finalizer, g.object()).is_err() {
        exceptions::write_unraisable(None, Some(g.object()));
    }
    true
}

/// Turns what the body did into what the awaitable does: a wrapped value ends the await with it, other values pass through.
#[inline]
fn outcome(g: &AsyncGenerator, result: PyResult<Sent>) -> PyResult<Sent> {
    match result {
        Ok(Sent::Yielded(value)) => match value.downcast_exact::<WrappedValue>() {
            Some(wrapped) => {
                g.0.gi_running_async.set(0);
                Ok(Sent::Returned(wrapped.value.clone()))
            }
            None => Ok(Sent::Yielded(value)),
        },
        Ok(Sent::Returned(_)) => {
            g.0.gi_closed.set(1);
            g.0.gi_running_async.set(0);
            Err(errors::raise_none(exceptions::StopAsyncIteration()))
        }
        Err(raised) => {
            if errors::matches(exceptions::StopAsyncIteration()) || errors::matches(exceptions::GeneratorExit()) {
                g.0.gi_closed.set(1);
            }
            g.0.gi_running_async.set(0);
            Err(raised)
        }
    }
}

/// As `outcome`, for a method: an await that ends raises StopIteration.
fn unwrap(g: &AsyncGenerator, result: PyResult<Sent>) -> PyResult {
    given(outcome(g, result))
}

fn given(outcome: PyResult<Sent>) -> PyResult {
    match outcome? {
        Sent::Yielded(value) => Ok(value),
        Sent::Returned(value) => Err(raise_stop_iteration(&value)),
    }
}

fn throw_into(g: &AsyncGenerator, close_on_exit: bool, exc: Owned<BaseException>) -> PyResult<Sent> {
    // A body that returns raises StopAsyncIteration through `stop`, so only yields come back as values.
    g.generator().throw_exception(close_on_exit, exc).map(Sent::Yielded)
}

/// The awaitable of `__anext__` (value None) and `asend`.
#[derive(Traverse)]
#[repr(C)]
pub struct ASend {
    head: ObjectHead,
    generator: Owned<AsyncGenerator>,
    value: RefCell<Option<Owned>>,
    #[traverse(skip)]
    state: Cell<State>,
}

#[pytype(static = _PyAsyncGenASend_Type, name = "async_generator_asend", flags = HAVE_GC | DISALLOW_INSTANTIATION, native)]
impl ASend {
    #[slot]
    fn tp_finalize(&self) {
        if self.state.get() == State::Init {
            warn_unawaited(&self.generator, "asend");
        }
    }
    #[slot(raw = tp_dealloc)]
    unsafe extern "C" fn tp_dealloc(op: *mut PyObject) {
        // SAFETY: a dead object of this very type; its fields are dropped once.
        unsafe {
            let this = op as *mut ASend;
            if (*this).state.get() == State::Init {
                return native_dealloc::<ASend>(op);
            }
            // Begun: its finalizer has nothing to say.
            guard(|| {
                gc::untrack(op);
                std::ptr::drop_in_place(this);
                gc::gc_free(op);
            })
        }
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        Ok(object_of(self))
    }
    #[slot]
    fn am_await(&self) -> PyResult {
        Ok(object_of(self))
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        self.send(types::none()).map(Some)
    }
    #[method("send($self, value, /)", nosig)]
    fn send(&self, value: &Object) -> PyResult {
        given(self.resume(value))
    }
    #[method("throw($self, typ, val=<unrepresentable>, tb=<unrepresentable>, /)", nosig)]
    fn throw(&self, typ: &Object, val: Option<&Object>, tb: Option<&Object>) -> PyResult {
        if self.state.get() == State::Closed {
            return Err(err!(RuntimeError, "cannot reuse already awaited __anext__()/asend()"));
        }
        if self.state.get() == State::Init {
            if self.generator.0.gi_running_async.get() != 0 {
                self.state.set(State::Closed);
                return Err(err!(RuntimeError, "anext(): asynchronous generator is already running"));
            }
            self.state.set(State::Iter);
            self.generator.0.gi_running_async.set(1);
        }
        let exc = exception_to_throw(typ, val, tb)?;
        let result = unwrap(&self.generator, throw_into(&self.generator, false, exc));
        if result.is_err() {
            self.state.set(State::Closed);
        }
        result
    }
    #[method("close($self, /)", nosig)]
    fn close(&self) -> PyResult<()> {
        if self.state.get() == State::Closed {
            return Ok(());
        }
        close_by_throw(self.throw(exceptions::GeneratorExit(), None, None))
    }
}

impl ASend {
    /// `send` without a StopIteration: what SEND calls.
    pub fn resume(&self, value: &Object) -> PyResult<Sent> {
        if self.state.get() == State::Closed {
            return Err(err!(RuntimeError, "cannot reuse already awaited __anext__()/asend()"));
        }
        let mut first = None;
        if self.state.get() == State::Init {
            if self.generator.0.gi_running_async.get() != 0 {
                self.state.set(State::Closed);
                return Err(err!(RuntimeError, "anext(): asynchronous generator is already running"));
            }
            if value.is_none() {
                first = self.value.borrow().clone();
            }
            self.state.set(State::Iter);
        }
        self.generator.0.gi_running_async.set(1);
        let result = outcome(&self.generator, run::resume(self.generator.generator(), Some(first.as_deref().unwrap_or(value))));
        if !matches!(result, Ok(Sent::Yielded(_))) {
            self.state.set(State::Closed);
        }
        result
    }
}

/// An awaitable of the generator's was dropped before it was begun.
#[cold]
fn warn_unawaited(g: &AsyncGenerator, method: &str) {
    errors::preserve(|| {
        let warned = crate::protocol::object::repr(&*g.generator().qualname()).and_then(|name| {
            exceptions::warn(exceptions::RuntimeWarning(), &format!("coroutine method '{method}' of {} was never awaited", &*name), 1)
        });
        if warned.is_err() {
            exceptions::write_unraisable(Some("finalizing async generator"), Some(g.generator().object()));
        }
    });
}

fn object_of<T>(this: &T) -> Owned {
    // SAFETY: only used with object structs.
    unsafe { Object::from_ptr(this as *const T as *mut PyObject) }.to_owned()
}

/// `close()` of the awaitables: GeneratorExit and the ends of iteration are what is wanted.
fn close_by_throw(result: PyResult) -> PyResult<()> {
    match result {
        Ok(_) => Err(err!(RuntimeError, "coroutine ignored GeneratorExit")),
        Err(raised) => {
            if errors::matches(exceptions::StopIteration()) || errors::matches(exceptions::StopAsyncIteration()) || errors::matches(exceptions::GeneratorExit()) {
                errors::clear();
                return Ok(());
            }
            Err(raised)
        }
    }
}

/// The awaitable of `athrow` (with arguments) and `aclose` (without).
#[derive(Traverse)]
#[repr(C)]
pub struct AThrow {
    head: ObjectHead,
    generator: Owned<AsyncGenerator>,
    args: Option<Owned<Tuple>>,
    #[traverse(skip)]
    state: Cell<State>,
}

impl AThrow {
    /// For `aclose`: a value that the body yields is an error, its end is success.
    fn finish_close(&self, result: PyResult<Sent>) -> PyResult {
        let g = &self.generator;
        match result {
            Ok(Sent::Yielded(value)) if value.is_instance_of::<WrappedValue>() => {
                g.0.gi_running_async.set(0);
                self.state.set(State::Closed);
                Err(err!(RuntimeError, "async generator ignored GeneratorExit"))
            }
            Ok(Sent::Yielded(value)) => Ok(value),
            Ok(Sent::Returned(_)) => {
                self.done();
                Err(errors::raise_none(exceptions::StopIteration()))
            }
            Err(raised) => {
                self.done();
                if errors::matches(exceptions::StopAsyncIteration()) || errors::matches(exceptions::GeneratorExit()) {
                    errors::clear();
                    return Err(errors::raise_none(exceptions::StopIteration()));
                }
                Err(raised)
            }
        }
    }
    fn done(&self) {
        self.generator.0.gi_running_async.set(0);
        self.state.set(State::Closed);
    }
    fn already_used(&self) -> Raised {
        err!(RuntimeError, "cannot reuse already awaited aclose()/athrow()")
    }
    fn running(&self) -> Raised {
        self.state.set(State::Closed);
        match self.args {
            None => err!(RuntimeError, "aclose(): asynchronous generator is already running"),
            Some(_) => err!(RuntimeError, "athrow(): asynchronous generator is already running"),
        }
    }
}

#[pytype(static = _PyAsyncGenAThrow_Type, name = "async_generator_athrow", flags = HAVE_GC | DISALLOW_INSTANTIATION, native)]
impl AThrow {
    #[slot]
    fn tp_finalize(&self) {
        if self.state.get() == State::Init {
            warn_unawaited(&self.generator, if self.args.is_some() { "athrow" } else { "aclose" });
        }
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        Ok(object_of(self))
    }
    #[slot]
    fn am_await(&self) -> PyResult {
        Ok(object_of(self))
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        self.send(types::none()).map(Some)
    }
    #[method("send($self, value, /)", nosig)]
    fn send(&self, value: &Object) -> PyResult {
        let g = &self.generator;
        if self.state.get() == State::Closed {
            return Err(self.already_used());
        }
        if g.generator().state() >= FRAME_CLEARED {
            self.state.set(State::Closed);
            return Err(errors::raise_none(exceptions::StopIteration()));
        }
        if self.state.get() == State::Init {
            if g.0.gi_running_async.get() != 0 {
                return Err(self.running());
            }
            if g.0.gi_closed.get() != 0 {
                self.state.set(State::Closed);
                return Err(errors::raise_none(exceptions::StopAsyncIteration()));
            }
            if !value.is_none() {
                return Err(err!(RuntimeError, "can't send non-None value to a just-started coroutine"));
            }
            self.state.set(State::Iter);
            g.0.gi_running_async.set(1);
            return match &self.args {
                None => {
                    g.0.gi_closed.set(1);
                    let exc = exception_to_throw(exceptions::GeneratorExit(), None, None)?;
                    self.finish_close(throw_into(g, false, exc))
                }
                Some(args) => {
                    let at = |i: usize| if i < args.len() { Some(args.get(i)) } else { None };
                    let exc = made_exception(at(0).unwrap_or(types::none()), at(1), at(2))?;
                    let result = unwrap(g, throw_into(g, false, exc));
                    if result.is_err() {
                        self.done();
                    }
                    result
                }
            };
        }
        let result = run::resume(g.generator(), Some(value));
        match &self.args {
            Some(_) => {
                let result = unwrap(g, result);
                if result.is_err() {
                    self.done();
                }
                result
            }
            None => self.finish_close(result),
        }
    }
    #[method("throw($self, typ, val=<unrepresentable>, tb=<unrepresentable>, /)", nosig)]
    fn throw(&self, typ: &Object, val: Option<&Object>, tb: Option<&Object>) -> PyResult {
        let g = &self.generator;
        if self.state.get() == State::Closed {
            return Err(self.already_used());
        }
        if self.state.get() == State::Init {
            if g.0.gi_running_async.get() != 0 {
                return Err(self.running());
            }
            self.state.set(State::Iter);
            g.0.gi_running_async.set(1);
        }
        let exc = exception_to_throw(typ, val, tb)?;
        let result = throw_into(g, false, exc);
        match &self.args {
            Some(_) => {
                let result = unwrap(g, result);
                if result.is_err() {
                    self.done();
                }
                result
            }
            None => self.finish_close(result),
        }
    }
    #[method("close($self, /)", nosig)]
    fn close(&self) -> PyResult<()> {
        if self.state.get() == State::Closed {
            return Ok(());
        }
        close_by_throw(self.throw(exceptions::GeneratorExit(), None, None))
    }
}

pub fn anext(g: &AsyncGenerator) -> PyResult {
    init_hooks(g)?;
    make_send(g, None)
}

pub fn asend(g: &AsyncGenerator, value: &Object) -> PyResult {
    init_hooks(g)?;
    make_send(g, Some(value.to_owned()))
}

fn make_send(g: &AsyncGenerator, value: Option<Owned>) -> PyResult {
    let this = ASend { head: ObjectHead::placeholder(), generator: Owned::from_ref(g), value: RefCell::new(value), state: Cell::new(State::Init) };
    Ok(ASend::construct(ASend::type_object(), this)?.into_object())
}

pub fn athrow(g: &AsyncGenerator, typ: &Object, val: Option<&Object>, tb: Option<&Object>) -> PyResult {
    if val.is_some() || tb.is_some() {
        exceptions::warn(exceptions::DeprecationWarning(), "the (type, exc, tb) signature of athrow() is deprecated, use the single-arg signature instead.", 1)?;
    }
    init_hooks(g)?;
    let mut args = vec![typ.to_owned()];
    if let Some(val) = val {
        args.push(val.to_owned());
        args.extend(tb.map(|tb| tb.to_owned()));
    }
    make_throw(g, Some(Tuple::from_owned(args)))
}

pub fn aclose(g: &AsyncGenerator) -> PyResult {
    init_hooks(g)?;
    make_throw(g, None)
}

fn make_throw(g: &AsyncGenerator, args: Option<Owned<Tuple>>) -> PyResult {
    let this = AThrow { head: ObjectHead::placeholder(), generator: Owned::from_ref(g), args, state: Cell::new(State::Init) };
    Ok(AThrow::construct(AThrow::type_object(), this)?.into_object())
}

/// The static types of this file, for readying.
pub fn static_types() -> [&'static Type; 3] {
    [WrappedValue::type_object(), ASend::type_object(), AThrow::type_object()]
}
