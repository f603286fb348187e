//! `Task`: a coroutine that the loop runs, step by step.

use super::future::{DICT_OFFSET, Future, WEAKREFS_OFFSET, cannot_delete, peek, put};
use super::registry::Link;
use super::{iscoroutine, registry, running, step, task_get_stack, task_print_stack, task_repr};
use macros::{Traverse, pytype};
use runtime::errors::{self, PyResult};
use runtime::modules::contextvars::{self, Context};
use runtime::object::{Object, Owned, PyTyped, Type};
use runtime::protocol::{call, object};
use runtime::types::generator::Coroutine;
use runtime::types::{self, Dict, GenericAlias, GilCell, Int, Str, Tuple};
use runtime::{err, intern};
use std::cell::Cell;

#[derive(Traverse)]
#[repr(C)]
pub struct Task {
    pub future: Future,
    pub coroutine: Cell<Option<Owned>>,
    /// A str, or the number of one that was not asked for yet.
    name: Cell<Option<Owned>>,
    pub context: Cell<Option<Owned>>,
    /// What the coroutine waits for.
    pub waits_for: Cell<Option<Owned>>,
    cancel_requests: Cell<i32>,
    pub must_cancel: Cell<bool>,
    log_destroy_pending: Cell<bool>,
    #[traverse(skip)]
    pub link: Link,
}

/// For who looks at a task in another process.
pub const NAME_OFFSET: usize = std::mem::offset_of!(Task, name);

impl Drop for Task {
    fn drop(&mut self) {
        registry::remove(self);
    }
}

fn is_coroutine(object: &Object) -> PyResult<bool> {
    if object.is_exact::<Coroutine>() {
        return Ok(true);
    }
    object::is_true(&*call::call1(&*iscoroutine()?, object)?)
}

fn next_number() -> i64 {
    static LAST: GilCell<Cell<i64>> = GilCell(Cell::new(0));
    LAST.0.set(LAST.0.get() + 1);
    LAST.0.get()
}

/// `target.cancel(msg=message)`
pub fn cancel_with_message(target: &Object, message: Option<&Object>) -> PyResult<bool> {
    let cancel = object::get_attr(target, intern!("cancel"))?;
    let keywords = Dict::new();
    keywords.set_str(intern!("msg"), message.unwrap_or(types::none()))?;
    object::is_true(&*call::call(&cancel, &*Tuple::from_vec(Vec::new()), Some(&keywords))?)
}

impl Task {
    pub fn context(&self) -> PyResult {
        peek(&self.context).ok_or_else(|| err!(RuntimeError, "uninitialized Task object"))
    }
    /// The first step, now, instead of at the loop's next turn.
    fn start_eagerly(&self) -> PyResult<()> {
        let event_loop = self.future.live_loop()?;
        let context = self.context()?;
        let Some(context) = context.downcast::<Context>() else { return Err(err!(TypeError, "a Context is required")) };
        let previous = running::swap(&event_loop, self.as_object())?;
        let stepped = registry::eager_tasks().add(self.as_object()).and_then(|()| contextvars::enter(context)).and_then(|()| {
            let stepped = step::advance(self, None);
            finally(stepped, || contextvars::exit(context))
        });
        let stepped = finally(stepped, || registry::eager_tasks().discard(self.as_object()).map(drop));
        if self.future.is_pending() {
            registry::add(self);
        } else {
            put(&self.coroutine, None);
        }
        finally(stepped, || running::swap(&event_loop, &previous).map(drop))
    }
}

/// Runs what has to be done in any case; of two exceptions the first stays.
pub fn finally(result: PyResult<()>, f: impl FnOnce() -> PyResult<()>) -> PyResult<()> {
    match result {
        Ok(()) => f(),
        Err(raised) => {
            errors::preserve(|| {
                if f().is_err() {
                    errors::clear();
                }
            });
            Err(raised)
        }
    }
}

/// A coroutine wrapped in a Future.
#[pytype(static = Task_Type, name = "Task", module = "_asyncio", base = super::future::Future_Type, flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native,
    signature = "(coro, *, loop=None, name=None, context=None, eager_start=False)", dictoffset = DICT_OFFSET, weaklistoffset = WEAKREFS_OFFSET)]
impl Task {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<Task>> {
        let task = Task {
            future: Future::new(),
            coroutine: Cell::new(None),
            name: Cell::new(None),
            context: Cell::new(None),
            waits_for: Cell::new(None),
            cancel_requests: Cell::new(0),
            must_cancel: Cell::new(false),
            log_destroy_pending: Cell::new(false),
            link: Link::new(),
        };
        Task::construct(cls, task)
    }
    #[slot("Task(coro, *, loop=None, name=None, context=None, eager_start=False)")]
    fn tp_init(&self, coro: &Object, r#loop: Option<&Object>, name: Option<&Object>, context: Option<&Object>, eager_start: bool) -> PyResult<()> {
        self.future.initialize(r#loop)?;
        if !is_coroutine(coro)? {
            self.log_destroy_pending.set(false);
            return Err(err!(TypeError, "a coroutine was expected, got {}", &*object::repr(coro)?));
        }
        let context = match context.filter(|given| !given.is_none()) {
            Some(given) => given.to_owned(),
            None => contextvars::copy_current()?.into_object(),
        };
        put(&self.context, Some(context));
        put(&self.waits_for, None);
        self.must_cancel.set(false);
        self.log_destroy_pending.set(true);
        self.cancel_requests.set(0);
        put(&self.coroutine, Some(coro.to_owned()));
        let name = match name.filter(|given| !given.is_none()) {
            None => Int::from_i64(next_number()).into_object(),
            Some(given) if given.is_exact::<Str>() => given.to_owned(),
            Some(given) => object::str(given)?.into_object(),
        };
        put(&self.name, Some(name));
        if eager_start {
            let is_running = call::call_method0(&*self.future.live_loop()?, intern!("is_running"))?;
            if object::is_true(&is_running)? {
                return self.start_eagerly();
            }
        }
        step::call_soon(self, None)?;
        registry::add(self);
        Ok(())
    }
    #[slot]
    fn tp_finalize(&self) {
        if self.future.is_pending() && self.log_destroy_pending.get() {
            errors::preserve(|| self.future.call_exception_handler("task", "Task was destroyed but it is pending!", None));
        }
        self.future.finalize();
    }
    #[slot]
    fn tp_repr(&self) -> PyResult {
        self.future.live_loop()?;
        call::call1(&*task_repr()?, self.as_object())
    }
    #[method("set_result($self, result, /)")]
    fn set_result(&self, _result: &Object) -> PyResult {
        Err(err!(RuntimeError, "Task does not support set_result operation"))
    }
    #[method("set_exception($self, exception, /)")]
    fn set_exception(&self, _exception: &Object) -> PyResult {
        Err(err!(RuntimeError, "Task does not support set_exception operation"))
    }
    /// Request that this task cancel itself.
    ///
    /// This arranges for a CancelledError to be thrown into the
    /// wrapped coroutine on the next cycle through the event loop.
    /// The coroutine then has a chance to clean up or even deny
    /// the request using try/except/finally.
    ///
    /// Unlike Future.cancel, this does not guarantee that the
    /// task will be cancelled: the exception might be caught and
    /// acted upon, delaying cancellation of the task or preventing
    /// cancellation completely.  The task may also return a value or
    /// raise a different exception.
    ///
    /// Until then cancelled() is not True.  Each call counts as one
    /// request of cancellation; see cancelling().
    #[method("cancel($self, /, msg=None)")]
    fn cancel(&self, msg: Option<&Object>) -> PyResult<bool> {
        self.future.log_traceback.set(false);
        if !self.future.is_pending() {
            return Ok(false);
        }
        self.cancel_requests.set(self.cancel_requests.get() + 1);
        if let Some(waits_for) = peek(&self.waits_for)
            && cancel_with_message(&waits_for, msg)?
        {
            return Ok(true);
        }
        self.must_cancel.set(true);
        put(&self.future.cancel_message, msg.map(Object::to_owned));
        Ok(true)
    }
    /// Return the count of the task's cancellation requests.
    ///
    /// This count is incremented when .cancel() is called
    /// and may be decremented using .uncancel().
    #[method("cancelling($self, /)")]
    fn cancelling(&self) -> i32 {
        self.cancel_requests.get()
    }
    /// Decrement the task's count of cancellation requests.
    ///
    /// This should be used by tasks that catch CancelledError
    /// and wish to continue indefinitely until they are cancelled again.
    ///
    /// Returns the remaining number of cancellation requests.
    #[method("uncancel($self, /)")]
    fn uncancel(&self) -> i32 {
        let count = self.cancel_requests.get();
        if count > 0 {
            self.cancel_requests.set(count - 1);
            if count == 1 {
                self.must_cancel.set(false);
            }
        }
        self.cancel_requests.get()
    }
    /// Return the list of stack frames for this task's coroutine.
    ///
    /// If the coroutine is not done, this is the stack where it is
    /// suspended; if it has completed successfully or was cancelled,
    /// an empty list; if it ended with an exception, the traceback's
    /// frames.  The oldest frame comes first.
    ///
    /// The optional limit is the greatest number of frames: the
    /// newest ones of a stack, the oldest ones of a traceback.
    /// Only one frame is known of a suspended coroutine.
    #[method("get_stack($self, /, *, limit=None)")]
    fn get_stack(&self, limit: Option<&Object>) -> PyResult {
        call::call_args(&*task_get_stack()?, &[self.as_object(), limit.unwrap_or(types::none())])
    }
    /// Print the stack or traceback for this task's coroutine.
    ///
    /// This produces output similar to that of the traceback module,
    /// for the frames of get_stack(limit=limit), on an I/O stream:
    /// sys.stderr by default.
    #[method("print_stack($self, /, *, limit=None, file=None)")]
    fn print_stack(&self, limit: Option<&Object>, file: Option<&Object>) -> PyResult {
        let (limit, file) = (limit.unwrap_or(types::none()), file.unwrap_or(types::none()));
        call::call_args(&*task_print_stack()?, &[self.as_object(), limit, file])
    }
    #[method("get_name($self, /)")]
    fn get_name(&self) -> PyResult<Option<Owned>> {
        let Some(name) = peek(&self.name) else { return Ok(None) };
        let Some(number) = name.downcast_exact::<Int>() else { return Ok(Some(name)) };
        let name = Str::new(&format!("Task-{}", &*object::str(number.as_object())?)).into_object();
        put(&self.name, Some(name.clone()));
        Ok(Some(name))
    }
    #[method("set_name($self, value, /)")]
    fn set_name(&self, value: &Object) -> PyResult<()> {
        let name = if value.is_exact::<Str>() { value.to_owned() } else { object::str(value)?.into_object() };
        put(&self.name, Some(name));
        Ok(())
    }
    #[method("get_coro($self, /)")]
    fn get_coro(&self) -> Option<Owned> {
        peek(&self.coroutine)
    }
    #[method("get_context($self, /)")]
    fn get_context(&self) -> Option<Owned> {
        peek(&self.context)
    }
    /// See PEP 585
    #[classmethod("__class_getitem__($type, object, /)")]
    fn class_getitem(cls: &Type, object: &Object) -> PyResult {
        GenericAlias::make(cls, object)
    }
    #[getter("_log_destroy_pending")]
    fn get_log_destroy_pending(&self) -> bool {
        self.log_destroy_pending.get()
    }
    #[setter("_log_destroy_pending")]
    fn set_log_destroy_pending(&self, value: Option<&Object>) -> PyResult<()> {
        let Some(value) = value else { return Err(cannot_delete(self.as_object(), "_log_destroy_pending")) };
        self.log_destroy_pending.set(object::is_true(value)?);
        Ok(())
    }
    #[getter("_must_cancel")]
    fn get_must_cancel(&self) -> bool {
        self.must_cancel.get()
    }
    #[getter("_coro")]
    fn get_coroutine(&self) -> Option<Owned> {
        peek(&self.coroutine)
    }
    #[getter("_fut_waiter")]
    fn get_fut_waiter(&self) -> Option<Owned> {
        peek(&self.waits_for)
    }
}
