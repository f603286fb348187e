//! `Future`: a result that will be there, and who waits for it.

use super::future_iter::FutureIter;
use super::task::Task;
use super::{cancelled_error, extract_stack, future_repr, invalid_state_error, registry};
use macros::{Traverse, pytype};
use runtime::errors::{self, PyResult, Raised};
use runtime::exceptions;
use runtime::exceptions::base::BaseException;
use runtime::modules::contextvars;
use runtime::object::{Object, ObjectHead, Owned, PyTyped, Type};
use runtime::protocol::object::CompareOp;
use runtime::protocol::{call, object};
use runtime::types::{self, Dict, GenericAlias, GilCell, List, Set, Str, Traceback, Tuple};
use runtime::{err, intern};
use std::cell::{Cell, RefCell};
use std::mem::offset_of;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum State {
    Pending,
    Cancelled,
    Finished,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            State::Pending => "PENDING",
            State::Cancelled => "CANCELLED",
            State::Finished => "FINISHED",
        }
    }
}

/// What futures and tasks have. Without a loop it is not initialised.
#[derive(Traverse)]
#[repr(C)]
pub struct Future {
    head: ObjectHead,
    pub dict: Cell<Option<Owned<Dict>>>,
    pub weakrefs: Cell<*mut abi::PyObject>,
    event_loop: Cell<Option<Owned>>,
    /// Functions and the contexts in which they are called.
    callbacks: RefCell<Vec<(Owned, Owned)>>,
    exception: Cell<Option<Owned<BaseException>>>,
    exception_traceback: Cell<Option<Owned>>,
    result: Cell<Option<Owned>>,
    source_traceback: Cell<Option<Owned>>,
    pub cancel_message: Cell<Option<Owned>>,
    /// The CancelledError that ended a task, for the next who asks.
    pub cancelled_with: Cell<Option<Owned<BaseException>>>,
    /// One waiter, or a set of them.
    awaited_by: Cell<Option<Owned>>,
    awaited_by_many: Cell<bool>,
    #[traverse(skip)]
    state: Cell<State>,
    pub log_traceback: Cell<bool>,
    pub blocking: Cell<bool>,
}

/// For who looks at a future in another process.
pub const LOOP_OFFSET: usize = offset_of!(Future, event_loop);
pub const AWAITED_BY_OFFSET: usize = offset_of!(Future, awaited_by);
pub const AWAITED_BY_MANY_OFFSET: usize = offset_of!(Future, awaited_by_many);

pub const DICT_OFFSET: usize = offset_of!(Future, dict);
pub const WEAKREFS_OFFSET: usize = offset_of!(Future, weakrefs);

/// A field's value, which stays there.
pub fn peek<T>(cell: &Cell<Option<Owned<T>>>) -> Option<Owned<T>>
where
    Owned<T>: Clone,
{
    let value = cell.take();
    let copy = value.clone();
    cell.set(value);
    copy
}

/// Puts a value into a field; what was there is dropped after that.
pub fn put<T>(cell: &Cell<Option<Owned<T>>>, value: Option<Owned<T>>) {
    drop(cell.replace(value));
}

#[cold]
pub fn cannot_delete(this: &Object, name: &str) -> Raised {
    err!(AttributeError, "attribute '{}' of '{}' objects cannot be deleted", name, this.type_name())
}

#[cold]
fn invalid_state(words: &str) -> Raised {
    match invalid_state_error() {
        Ok(class) => errors::raise_object(class.downcast::<Type>().unwrap_or(exceptions::RuntimeError()), Some(&*Str::new(words))),
        Err(raised) => raised,
    }
}

#[cold]
fn uninitialized() -> Raised {
    err!(RuntimeError, "Future object is not initialized.")
}

/// `event_loop.call_soon(function[, argument], context=context)`
pub fn call_soon(event_loop: &Object, function: &Object, argument: Option<&Object>, context: Option<&Object>) -> PyResult<()> {
    static NAMES: GilCell<RefCell<Option<Owned<Tuple>>>> = GilCell(RefCell::new(None));
    let (method, wants_self) = object::get_method(event_loop, intern!("call_soon"))?;
    let names = context.map(|_| NAMES.0.borrow_mut().get_or_insert_with(|| Tuple::new(&[intern!("context")])).clone());
    let mut arguments = [std::ptr::null_mut(); 4];
    let mut count = 0;
    let given = [wants_self.then_some(event_loop), Some(function), argument];
    for value in given.into_iter().flatten() {
        arguments[count] = value.as_ptr();
        count += 1;
    }
    let positional = count;
    if let Some(context) = context {
        arguments[count] = context.as_ptr();
        count += 1;
    }
    call::vectorcall(&method, &arguments[..count], positional, names.as_deref()).map(drop)
}

impl Future {
    pub fn new() -> Future {
        Future {
            head: ObjectHead::placeholder(),
            dict: Cell::new(None),
            weakrefs: Cell::new(std::ptr::null_mut()),
            event_loop: Cell::new(None),
            callbacks: RefCell::new(Vec::new()),
            exception: Cell::new(None),
            exception_traceback: Cell::new(None),
            result: Cell::new(None),
            source_traceback: Cell::new(None),
            cancel_message: Cell::new(None),
            cancelled_with: Cell::new(None),
            awaited_by: Cell::new(None),
            awaited_by_many: Cell::new(false),
            state: Cell::new(State::Pending),
            log_traceback: Cell::new(false),
            blocking: Cell::new(false),
        }
    }
    /// A `Future` or `Task` itself, none of a subclass.
    pub fn of_exact(object: &Object) -> Option<&Future> {
        if let Some(future) = object.downcast_exact::<Future>() {
            return Some(future);
        }
        object.downcast_exact::<Task>().map(|task| &task.future)
    }
    pub fn initialize(&self, event_loop: Option<&Object>) -> PyResult<()> {
        put(&self.event_loop, None);
        drop(self.callbacks.take());
        put(&self.exception, None);
        put(&self.exception_traceback, None);
        put(&self.result, None);
        put(&self.source_traceback, None);
        put(&self.cancel_message, None);
        put(&self.cancelled_with, None);
        put(&self.awaited_by, None);
        self.state.set(State::Pending);
        self.log_traceback.set(false);
        self.blocking.set(false);
        let event_loop = match event_loop.filter(|given| !given.is_none()) {
            Some(given) => given.to_owned(),
            None => super::asyncio::get_event_loop()?,
        };
        put(&self.event_loop, Some(event_loop.clone()));
        let debug = call::call_method0(&event_loop, intern!("get_debug"))?;
        if object::is_true(&debug)? && !runtime::gil::is_finalizing() {
            put(&self.source_traceback, Some(call::call0(&*extract_stack()?)?));
        }
        Ok(())
    }
    pub fn event_loop(&self) -> Option<Owned> {
        peek(&self.event_loop)
    }
    pub fn live_loop(&self) -> PyResult {
        self.event_loop().ok_or_else(uninitialized)
    }
    pub fn is_pending(&self) -> bool {
        self.state.get() == State::Pending
    }
    fn is_live(&self) -> bool {
        let event_loop = self.event_loop.take();
        let is_live = event_loop.is_some();
        self.event_loop.set(event_loop);
        is_live
    }
    fn check_live(&self) -> PyResult<()> {
        if self.is_live() { Ok(()) } else { Err(uninitialized()) }
    }

    /// The future is done: its callbacks go to the loop.
    fn schedule_callbacks(&self) -> PyResult<()> {
        if let Some(task) = self.as_object().downcast::<Task>() {
            registry::remove(task);
        }
        let callbacks = std::mem::take(&mut *self.callbacks.borrow_mut());
        if callbacks.is_empty() {
            return Ok(());
        }
        let event_loop = self.live_loop()?;
        callbacks.iter().try_for_each(|(function, context)| call_soon(&event_loop, function, Some(self.as_object()), Some(context)))
    }
    pub fn finish_with_result(&self, result: &Object) -> PyResult<()> {
        self.check_live()?;
        if !self.is_pending() {
            return Err(invalid_state("invalid state"));
        }
        put(&self.result, Some(result.to_owned()));
        self.state.set(State::Finished);
        self.schedule_callbacks()
    }
    pub fn finish_with_exception(&self, exception: &Object) -> PyResult<()> {
        self.check_live()?;
        if !self.is_pending() {
            return Err(invalid_state("invalid state"));
        }
        let made = match exception.downcast::<Type>() {
            Some(class) if class.has_flag(abi::Py_TPFLAGS_BASE_EXC_SUBCLASS as u64) => call::call0(class)?,
            _ => exception.to_owned(),
        };
        let Ok(mut exception) = made.try_into_typed::<BaseException>() else {
            return Err(err!(TypeError, "invalid exception object"));
        };
        if exception.object().ty().is_subtype(exceptions::StopIteration()) {
            let words = Str::new("StopIteration interacts badly with generators and cannot be raised into a Future");
            let Ok(other) = call::call1(exceptions::RuntimeError(), &words)?.try_into_typed::<BaseException>() else {
                return Err(err!(TypeError, "invalid exception object"));
            };
            other.set_cause(Some(exception.object()));
            other.set_context(Some(exception.object()));
            exception = other;
        }
        put(&self.exception_traceback, exception.traceback());
        put(&self.exception, Some(exception));
        self.state.set(State::Finished);
        self.schedule_callbacks()?;
        self.log_traceback.set(true);
        Ok(())
    }
    pub fn finish_cancelled(&self, message: Option<&Object>) -> PyResult<bool> {
        self.log_traceback.set(false);
        if !self.is_pending() {
            return Ok(false);
        }
        self.state.set(State::Cancelled);
        put(&self.cancel_message, message.map(Object::to_owned));
        self.schedule_callbacks()?;
        Ok(true)
    }
    /// The CancelledError for this future.
    pub fn make_cancelled_error(&self) -> PyResult {
        if let Some(saved) = self.cancelled_with.take() {
            return Ok(saved.into_object());
        }
        match peek(&self.cancel_message).filter(|message| !message.is_none()) {
            Some(message) => call::call1(&*cancelled_error()?, &message),
            None => call::call0(&*cancelled_error()?),
        }
    }
    fn raise_cancelled(&self) -> Raised {
        match self.make_cancelled_error() {
            Ok(error) => errors::raise_object(error.ty(), Some(&error)),
            Err(raised) => raised,
        }
    }
    /// The result, or the exception that the future ended with; `Err` if it is cancelled or not done.
    pub fn outcome(&self) -> PyResult<Result<Owned, Owned<BaseException>>> {
        match self.state.get() {
            State::Cancelled => Err(self.raise_cancelled()),
            State::Pending => Err(invalid_state("Result is not set.")),
            State::Finished => {
                self.log_traceback.set(false);
                if let Some(exception) = peek(&self.exception) {
                    let traceback = self.exception_traceback.take();
                    exception.set_traceback(traceback.as_deref().filter(|tb| Traceback::check(tb)));
                    return Ok(Err(exception));
                }
                Ok(Ok(peek(&self.result).unwrap_or_else(|| types::none().to_owned())))
            }
        }
    }
    pub fn result_or_raise(&self) -> PyResult {
        if !self.is_live() {
            return Err(invalid_state("Future object is not initialized."));
        }
        match self.outcome()? {
            Ok(result) => Ok(result),
            Err(exception) => Err(errors::raise_instance(exception)),
        }
    }
    pub fn add_callback(&self, function: &Object, context: &Object) -> PyResult<()> {
        let Some(event_loop) = self.event_loop() else { return Err(err!(RuntimeError, "uninitialized Future object")) };
        if !self.is_pending() {
            return call_soon(&event_loop, function, Some(self.as_object()), Some(context));
        }
        self.callbacks.borrow_mut().push((function.to_owned(), context.to_owned()));
        Ok(())
    }
    fn remove_callbacks(&self, function: &Object) -> PyResult<usize> {
        self.check_live()?;
        let mut kept = Vec::new();
        let mut at = 0;
        // A comparison may run anything, and change the list.
        loop {
            let Some(entry) = self.callbacks.borrow().get(at).cloned() else { break };
            if !object::rich_compare_bool(&entry.0, function, CompareOp::Eq)? {
                kept.push(entry);
            }
            at += 1;
        }
        let count = self.callbacks.borrow().len();
        if count == 0 {
            return Ok(0);
        }
        let removed = count.saturating_sub(kept.len());
        drop(self.callbacks.replace(kept));
        Ok(removed)
    }
    /// Tells the loop of something that nobody else will hear of.
    pub fn call_exception_handler(&self, name: &str, message: &str, more: Option<(&str, &Object)>) {
        let told = self.live_loop().and_then(|event_loop| {
            let context = Dict::new();
            context.set("message", &*Str::new(message))?;
            if let Some((key, value)) = more {
                context.set(key, value)?;
            }
            context.set(name, self.as_object())?;
            if let Some(source) = peek(&self.source_traceback) {
                context.set("source_traceback", &source)?;
            }
            let handler = object::get_attr(&event_loop, intern!("call_exception_handler"))?;
            if call::call1(&handler, &*context).is_err() {
                exceptions::write_unraisable(None, Some(&handler));
            }
            Ok(())
        });
        if told.is_err() {
            exceptions::write_unraisable(None, Some(self.as_object()));
        }
    }
    pub fn finalize(&self) {
        if !self.log_traceback.replace(false) {
            return;
        }
        errors::preserve(|| {
            let Some(exception) = peek(&self.exception) else { return };
            let name = self.as_object().ty().name().rsplit('.').next().unwrap_or_default().to_string();
            self.call_exception_handler("future", &format!("{name} exception was never retrieved"), Some(("exception", exception.object())));
        });
    }
}

// ---- who awaits a future ----

fn native(object: &Object) -> Option<&Future> {
    object.downcast::<Future>()
}

pub fn add_awaited_by(future: &Object, waiter: &Object) -> PyResult<()> {
    let (Some(future), Some(_)) = (native(future), native(waiter)) else { return Ok(()) };
    match peek(&future.awaited_by) {
        None => {
            future.awaited_by_many.set(false);
            put(&future.awaited_by, Some(waiter.to_owned()));
            Ok(())
        }
        Some(known) if future.awaited_by_many.get() => match known.downcast::<Set>() {
            Some(set) => set.add(waiter),
            None => Ok(()),
        },
        Some(known) => {
            let set = Set::new();
            set.add(&known)?;
            set.add(waiter)?;
            future.awaited_by_many.set(true);
            put(&future.awaited_by, Some(set.into_object()));
            Ok(())
        }
    }
}

pub fn discard_awaited_by(future: &Object, waiter: &Object) -> PyResult<()> {
    let (Some(future), Some(_)) = (native(future), native(waiter)) else { return Ok(()) };
    match peek(&future.awaited_by) {
        Some(known) if future.awaited_by_many.get() => match known.downcast::<Set>() {
            Some(set) => set.discard(waiter).map(drop),
            None => Ok(()),
        },
        Some(known) if known.is(waiter) => {
            put(&future.awaited_by, None);
            Ok(())
        }
        _ => Ok(()),
    }
}

/// This class is almost compatible with concurrent.futures.Future.
///
///     Differences:
///
///     - result() and exception() take no timeout, and raise an
///       exception when the future isn't done yet.
///
///     - Callbacks registered with add_done_callback() are always called
///       via the event loop's call_soon().
///
///     - This class is not compatible with the wait() and as_completed()
///       functions in the concurrent.futures package.
#[pytype(static = Future_Type, name = "Future", module = "_asyncio", flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native, signature = "(*, loop=None)",
    dictoffset = DICT_OFFSET, weaklistoffset = WEAKREFS_OFFSET)]
impl Future {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<Future>> {
        Future::construct(cls, Future::new())
    }
    #[slot("Future(*, loop=None)")]
    fn tp_init(&self, r#loop: Option<&Object>) -> PyResult<()> {
        self.initialize(r#loop)
    }
    #[slot]
    fn tp_finalize(&self) {
        self.finalize();
    }
    #[slot]
    fn tp_repr(&self) -> PyResult {
        self.check_live()?;
        call::call1(&*future_repr()?, self.as_object())
    }
    #[slot]
    fn tp_iter(&self) -> PyResult<Owned<FutureIter>> {
        self.check_live()?;
        FutureIter::over(self)
    }
    #[slot]
    fn am_await(&self) -> PyResult<Owned<FutureIter>> {
        self.check_live()?;
        FutureIter::over(self)
    }
    /// Return the result this future represents.
    ///
    /// If the future has been cancelled, raises CancelledError.  If the
    /// future's result isn't yet available, raises InvalidStateError.  If
    /// the future is done and has an exception set, this exception is raised.
    #[method("result($self, /)")]
    fn result(&self) -> PyResult {
        self.result_or_raise()
    }
    /// Return the exception that was set on this future.
    ///
    /// The exception (or None if no exception was set) is returned only if
    /// the future is done.  If the future has been cancelled, raises
    /// CancelledError.  If the future isn't done yet, raises
    /// InvalidStateError.
    #[method("exception($self, /)")]
    fn exception(&self) -> PyResult<Option<Owned>> {
        if !self.is_live() {
            return Err(invalid_state("Future object is not initialized."));
        }
        match self.state.get() {
            State::Cancelled => Err(self.raise_cancelled()),
            State::Pending => Err(invalid_state("Exception is not set.")),
            State::Finished => {
                self.log_traceback.set(false);
                Ok(peek(&self.exception).map(Owned::into_object))
            }
        }
    }
    /// Mark the future done and set its result.
    ///
    /// If the future is already done when this method is called, raises
    /// InvalidStateError.
    #[method("set_result($self, result, /)")]
    fn set_result(&self, result: &Object) -> PyResult<()> {
        self.finish_with_result(result)
    }
    /// Mark the future done and set an exception.
    ///
    /// If the future is already done when this method is called, raises
    /// InvalidStateError.
    #[method("set_exception($self, exception, /)")]
    fn set_exception(&self, exception: &Object) -> PyResult<()> {
        self.finish_with_exception(exception)
    }
    /// Add a callback to be run when the future becomes done.
    ///
    /// The callback is called with a single argument - the future object. If
    /// the future is already done when this is called, the callback is
    /// scheduled with call_soon.
    #[method("add_done_callback($self, fn, /, *, context=<unrepresentable>)")]
    fn add_done_callback(&self, r#fn: &Object, context: Option<&Object>) -> PyResult<()> {
        match context {
            Some(context) => self.add_callback(r#fn, context),
            None => self.add_callback(r#fn, contextvars::copy_current()?.as_object()),
        }
    }
    /// Remove all instances of a callback from the "call when done" list.
    ///
    /// Returns the number of callbacks removed.
    #[method("remove_done_callback($self, fn, /)")]
    fn remove_done_callback(&self, r#fn: &Object) -> PyResult<usize> {
        self.remove_callbacks(r#fn)
    }
    /// Cancel the future and schedule callbacks.
    ///
    /// If the future is already done or cancelled, return False.  Otherwise,
    /// change the future's state to cancelled, schedule the callbacks and
    /// return True.
    #[method("cancel($self, /, msg=None)")]
    fn cancel(&self, msg: Option<&Object>) -> PyResult<bool> {
        self.check_live()?;
        self.finish_cancelled(msg)
    }
    /// Return True if the future was cancelled.
    #[method("cancelled($self, /)")]
    fn cancelled(&self) -> bool {
        self.is_live() && self.state.get() == State::Cancelled
    }
    /// Return True if the future is done.
    ///
    /// Done means either that a result / exception are available, or that the
    /// future was cancelled.
    #[method("done($self, /)")]
    fn done(&self) -> bool {
        self.is_live() && !self.is_pending()
    }
    /// Return the event loop the Future is bound to.
    #[method("get_loop($self, /)")]
    fn get_loop(&self) -> PyResult {
        self.live_loop()
    }
    /// Create the CancelledError to raise if the Future is cancelled.
    ///
    /// This should only be called once when handling a cancellation since
    /// it erases the context exception value.
    #[method("_make_cancelled_error($self, /)")]
    fn _make_cancelled_error(&self) -> PyResult {
        self.make_cancelled_error()
    }
    /// See PEP 585
    #[classmethod("__class_getitem__($type, object, /)")]
    fn class_getitem(cls: &Type, object: &Object) -> PyResult {
        GenericAlias::make(cls, object)
    }
    #[getter("_state")]
    fn get_state(&self) -> PyResult<&'static str> {
        self.check_live()?;
        Ok(self.state.get().name())
    }
    #[getter("_asyncio_future_blocking")]
    fn get_blocking(&self) -> bool {
        self.blocking.get()
    }
    #[setter("_asyncio_future_blocking")]
    fn set_blocking(&self, value: Option<&Object>) -> PyResult<()> {
        self.check_live()?;
        let Some(value) = value else { return Err(cannot_delete(self.as_object(), "_asyncio_future_blocking")) };
        self.blocking.set(object::is_true(value)?);
        Ok(())
    }
    #[getter("_loop")]
    fn get_event_loop(&self) -> Option<Owned> {
        self.event_loop()
    }
    #[getter("_callbacks")]
    fn get_callbacks(&self) -> PyResult<Option<Owned>> {
        self.check_live()?;
        let callbacks = self.callbacks.borrow().clone();
        if callbacks.is_empty() {
            return Ok(None);
        }
        let list = List::new();
        for (function, context) in callbacks {
            list.append(Tuple::from_owned(vec![function, context]).object())?;
        }
        Ok(Some(list.into_object()))
    }
    #[getter("_result")]
    fn get_result(&self) -> PyResult<Option<Owned>> {
        self.check_live()?;
        Ok(peek(&self.result))
    }
    #[getter("_exception")]
    fn get_exception(&self) -> PyResult<Option<Owned>> {
        self.check_live()?;
        Ok(peek(&self.exception).map(Owned::into_object))
    }
    #[getter("_log_traceback")]
    fn get_log_traceback(&self) -> PyResult<bool> {
        self.check_live()?;
        Ok(self.log_traceback.get())
    }
    #[setter("_log_traceback")]
    fn set_log_traceback(&self, value: Option<&Object>) -> PyResult<()> {
        let Some(value) = value else { return Err(cannot_delete(self.as_object(), "_log_traceback")) };
        if object::is_true(value)? {
            return Err(err!(ValueError, "_log_traceback can only be set to False"));
        }
        self.log_traceback.set(false);
        Ok(())
    }
    #[getter("_source_traceback")]
    fn get_source_traceback(&self) -> Option<Owned> {
        peek(&self.source_traceback)
    }
    #[getter("_cancel_message")]
    fn get_cancel_message(&self) -> Option<Owned> {
        peek(&self.cancel_message)
    }
    #[setter("_cancel_message")]
    fn set_cancel_message(&self, value: Option<&Object>) -> PyResult<()> {
        let Some(value) = value else { return Err(cannot_delete(self.as_object(), "_cancel_message")) };
        put(&self.cancel_message, Some(value.to_owned()));
        Ok(())
    }
    #[getter("_asyncio_awaited_by")]
    fn get_awaited_by(&self) -> PyResult<Option<Owned>> {
        let Some(known) = peek(&self.awaited_by) else { return Ok(None) };
        let many = if self.awaited_by_many.get() { known } else { Tuple::from_owned(vec![known]).into_object() };
        Ok(Some(Set::frozen(&many)?.into_object()))
    }
}
