//! A task's step: the coroutine runs until it waits for a future, yields, or ends; and the two callables that make the loop run a step.

use super::future::{Future, add_awaited_by, call_soon as loop_call_soon, discard_awaited_by, peek, put};
use super::task::{Task, cancel_with_message, finally};
use super::{cancelled_error, loop_of, running};
use macros::{Traverse, pytype};
use runtime::errors::{self, PyResult};
use runtime::exceptions;
use runtime::interp::exc::fetch_stop_iteration_value;
use runtime::interp::generator::{Sent, send};
use runtime::macro_support::Static;
use runtime::object::{Object, ObjectHead, Owned, PyTyped, Type};
use runtime::protocol::object::repr;
use runtime::protocol::{call, object};
use runtime::types::builtin_function::BuiltinFunction;
use runtime::types::{self, Dict, Generator, Str, Tuple};
use runtime::{err, intern};
use std::cell::Cell;

/// Has the loop run a step, which begins by raising an exception if one is given.
pub fn call_soon(task: &Task, exception: Option<&Object>) -> PyResult<()> {
    let wrapper = StepWrapper {
        head: ObjectHead::placeholder(),
        task: Cell::new(Some(Owned::from_ref(task))),
        exception: Cell::new(exception.map(Object::to_owned)),
    };
    let wrapper = StepWrapper::construct(StepWrapper::type_object(), wrapper)?;
    let context = peek(&task.context);
    loop_call_soon(&*task.future.live_loop()?, wrapper.as_object(), None, context.as_deref())
}

/// A step within the loop.
fn step(task: &Task, exception: Option<Owned>) -> PyResult<()> {
    let event_loop = task.future.live_loop()?;
    running::enter(&event_loop, task.as_object())?;
    let stepped = advance(task, exception);
    finally(stepped, || running::leave(&event_loop, task.as_object()))
}

/// Runs the coroutine and does what its answer asks for.
pub fn advance(task: &Task, exception: Option<Owned>) -> PyResult<()> {
    if !task.future.is_pending() {
        let given = repr(exception.as_deref().unwrap_or(types::none()))?;
        let words = Str::new(&format!("__step(): already done: {} {}", &*repr(task.as_object())?, &*given));
        let class = super::invalid_state_error()?;
        return Err(errors::raise_object(class.downcast::<Type>().unwrap_or(exceptions::RuntimeError()), Some(&*words)));
    }
    let mut exception = exception;
    if task.must_cancel.get() {
        if !exception.as_ref().is_some_and(|exception| is_cancelled_error(exception)) {
            exception = Some(task.future.make_cancelled_error()?);
        }
        task.must_cancel.set(false);
    }
    put(&task.waits_for, None);
    let Some(coroutine) = peek(&task.coroutine) else { return Err(err!(RuntimeError, "uninitialized Task object")) };
    let sent = match exception {
        None => send(&coroutine, types::none()),
        Some(exception) => match call::call_method(&coroutine, intern!("throw"), &[&exception]) {
            Ok(value) => Ok(Sent::Yielded(value)),
            Err(_) if errors::matches(exceptions::StopIteration()) => fetch_stop_iteration_value().map(Sent::Returned),
            Err(raised) => Err(raised),
        },
    };
    drop(coroutine);
    match sent {
        Ok(Sent::Yielded(value)) => wait_for(task, value),
        Ok(Sent::Returned(value)) => {
            if task.must_cancel.replace(false) {
                let message = peek(&task.future.cancel_message);
                return task.future.finish_cancelled(message.as_deref()).map(drop);
            }
            task.future.finish_with_result(&value)
        }
        Err(_) => end_with_error(task),
    }
}

fn is_cancelled_error(exception: &Object) -> bool {
    match cancelled_error() {
        Ok(class) => class.downcast::<Type>().is_some_and(|class| exception.ty().is_subtype(class)),
        Err(_) => {
            errors::clear();
            false
        }
    }
}

/// The coroutine has raised what is set now.
fn end_with_error(task: &Task) -> PyResult<()> {
    let Some(exception) = errors::take() else { return Err(errors::bad_internal_call()) };
    if is_cancelled_error(exception.object()) {
        put(&task.future.cancelled_with, Some(exception));
        return task.future.finish_cancelled(None).map(drop);
    }
    task.future.finish_with_exception(exception.object())?;
    let class = exception.object().ty();
    if class.is_subtype(exceptions::KeyboardInterrupt()) || class.is_subtype(exceptions::SystemExit()) {
        errors::restore(exception);
        return Err(errors::Raised::from_c());
    }
    Ok(())
}

/// The coroutine has yielded: a future to wait for, None for a turn of the loop, or what it should not.
fn wait_for(task: &Task, value: Owned) -> PyResult<()> {
    if value.is(task.as_object()) {
        return fail_soon(task, format!("Task cannot await on itself: {}", &*repr(task.as_object())?));
    }
    if let Some(future) = Future::of_exact(&value) {
        if !same_loop(task, future.event_loop()) {
            return other_loop(task, &value);
        }
        if !future.blocking.replace(false) {
            return yield_instead(task, &value);
        }
        add_awaited_by(&value, task.as_object())?;
        future.add_callback(wakeup_of(task)?.as_object(), &*task.context()?)?;
        return waits(task, value);
    }
    if value.is_none() {
        return call_soon(task, None);
    }
    let blocking = object::get_attr_opt(&value, intern!("_asyncio_future_blocking"))?;
    if let Some(blocking) = blocking.filter(|blocking| !blocking.is_none()) {
        let blocking = object::is_true(&blocking)?;
        if !same_loop(task, Some(loop_of(&value)?)) {
            return other_loop(task, &value);
        }
        if !blocking {
            return yield_instead(task, &value);
        }
        add_awaited_by(&value, task.as_object())?;
        object::set_attr(&value, intern!("_asyncio_future_blocking"), Some(types::false_()))?;
        let add_callback = object::get_attr(&value, intern!("add_done_callback"))?;
        let keywords = Dict::new();
        keywords.set_str(intern!("context"), &*task.context()?)?;
        call::call(&add_callback, &*Tuple::new(&[wakeup_of(task)?.as_object()]), Some(&keywords))?;
        return waits(task, value);
    }
    if value.is_instance_of::<Generator>() {
        let words = "yield was used instead of yield from for generator in task";
        return fail_soon(task, format!("{words} {} with {}", &*repr(task.as_object())?, &*repr(&value)?));
    }
    fail_soon(task, format!("Task got bad yield: {}", &*repr(&value)?))
}

fn same_loop(task: &Task, other: Option<Owned>) -> bool {
    match (task.future.event_loop(), other) {
        (Some(own), Some(other)) => own.is(&other),
        _ => false,
    }
}

/// Notes what the task waits for; a cancellation that came meanwhile goes there.
fn waits(task: &Task, future: Owned) -> PyResult<()> {
    put(&task.waits_for, Some(future.clone()));
    if task.must_cancel.get() && cancel_with_message(&future, peek(&task.future.cancel_message).as_deref())? {
        task.must_cancel.set(false);
    }
    Ok(())
}

#[cold]
fn other_loop(task: &Task, future: &Object) -> PyResult<()> {
    fail_soon(task, format!("Task {} got Future {} attached to a different loop", &*repr(task.as_object())?, &*repr(future)?))
}

#[cold]
fn yield_instead(task: &Task, future: &Object) -> PyResult<()> {
    fail_soon(task, format!("yield was used instead of yield from in task {} with {}", &*repr(task.as_object())?, &*repr(future)?))
}

/// A RuntimeError is thrown into the coroutine at the loop's next turn.
#[cold]
fn fail_soon(task: &Task, words: String) -> PyResult<()> {
    let error = call::call1(exceptions::RuntimeError(), &*Str::new(&words))?;
    call_soon(task, Some(&error))
}

// ---- what the loop calls ----

#[derive(Traverse)]
#[repr(C)]
pub struct StepWrapper {
    head: ObjectHead,
    task: Cell<Option<Owned<Task>>>,
    exception: Cell<Option<Owned>>,
}

#[pytype(static = StepWrapper_Type, name = "TaskStepMethWrapper", module = "_asyncio", flags = HAVE_GC | DISALLOW_INSTANTIATION | IMMUTABLETYPE, native, final, doc = "")]
impl StepWrapper {
    #[slot]
    fn tp_call(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<()> {
        if kwargs.is_some_and(|kwargs| !kwargs.is_empty()) {
            return Err(err!(TypeError, "function takes no keyword arguments"));
        }
        if !args.is_empty() {
            return Err(err!(TypeError, "function takes no positional arguments"));
        }
        match peek(&self.task) {
            Some(task) => step(&task, peek(&self.exception)),
            None => Ok(()),
        }
    }
    #[getter("__self__")]
    fn get_self(&self) -> Option<Owned<Task>> {
        peek(&self.task)
    }
}

static WAKEUP: Static<abi::PyMethodDef> = Static(abi::PyMethodDef {
    ml_name: Cell::new(c"task_wakeup".as_ptr()),
    ml_meth: Cell::new(Some(task_wakeup)),
    ml_flags: Cell::new(abi::METH_O),
    ml_doc: Cell::new(std::ptr::null()),
});

/// The callback that wakes the task when a future is done.
fn wakeup_of(task: &Task) -> PyResult<Owned<BuiltinFunction>> {
    // SAFETY: the definition is a static.
    unsafe { BuiltinFunction::new(WAKEUP.ptr(), Some(task.as_object()), None, None) }
}

unsafe extern "C" fn task_wakeup(task: *mut abi::PyObject, future: *mut abi::PyObject) -> *mut abi::PyObject {
    // SAFETY: the function is bound to a task, and called with one argument.
    let (task, future) = unsafe { (Object::from_ptr(task), Object::from_ptr(future)) };
    let result = match task.downcast::<Task>() {
        Some(task) => wake_up(task, future),
        None => Err(errors::bad_internal_call()),
    };
    errors::to_c(result.map(|()| types::none().to_owned()))
}

fn wake_up(task: &Task, future: &Object) -> PyResult<()> {
    discard_awaited_by(future, task.as_object())?;
    let outcome = match Future::of_exact(future) {
        Some(future) => future.outcome(),
        None => call::call_method0(future, intern!("result")).map(Ok),
    };
    match outcome {
        Ok(Ok(_)) => step(task, None),
        Ok(Err(exception)) => step(task, Some(exception.into_object())),
        Err(_) => {
            let Some(exception) = errors::take() else { return Err(errors::bad_internal_call()) };
            step(task, Some(exception.into_object()))
        }
    }
}
