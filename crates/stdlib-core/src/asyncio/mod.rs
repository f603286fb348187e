//! `_asyncio`: futures and tasks, and which loop and task a thread runs.

pub mod future;
mod future_iter;
pub mod registry;
mod running;
mod step;
pub mod task;

use future::{Future, Future_Type};
use future_iter::FutureIter_Type;
use macros::pymodule;
use runtime::errors::PyResult;
use runtime::object::{Object, Owned};
use runtime::protocol::{call, object};
use runtime::state::PerInterpreter;
use runtime::types::{self, Module, Set};
use runtime::{err, intern};
use std::cell::RefCell;
use step::StepWrapper_Type;
use task::Task_Type;

/// What is looked up in the Python half of asyncio, and kept.
macro_rules! imported {
    ($($name:ident = $module:literal . $attribute:literal;)*) => {$(
        pub fn $name() -> PyResult<Owned> {
            static KNOWN: PerInterpreter<RefCell<Option<Owned>>> = PerInterpreter::new(RefCell::new(None), Default::default);
            if let Some(known) = &*KNOWN.get().borrow() {
                return Ok(known.clone());
            }
            let found = object::get_attr(&*runtime::import::import_module($module)?, intern!($attribute))?;
            *KNOWN.get().borrow_mut() = Some(found.clone());
            Ok(found)
        }
    )*};
}
imported! {
    invalid_state_error = "asyncio.exceptions"."InvalidStateError";
    cancelled_error = "asyncio.exceptions"."CancelledError";
    future_repr = "asyncio.base_futures"."_future_repr";
    task_repr = "asyncio.base_tasks"."_task_repr";
    task_get_stack = "asyncio.base_tasks"."_task_get_stack";
    task_print_stack = "asyncio.base_tasks"."_task_print_stack";
    iscoroutine = "asyncio.coroutines"."iscoroutine";
    get_event_loop_policy = "asyncio.events"."_get_event_loop_policy";
    extract_stack = "traceback"."extract_stack";
    weak_set = "weakref"."WeakSet";
}

/// The loop that a future of any kind belongs to.
fn loop_of(future: &Object) -> PyResult {
    if let Some(native) = Future::of_exact(future) {
        return Ok(native.event_loop().unwrap_or_else(|| types::none().to_owned()));
    }
    match object::get_attr_opt(future, intern!("get_loop"))? {
        Some(get_loop) => call::call0(&get_loop),
        None => object::get_attr(future, intern!("_loop")),
    }
}

/// Accelerator module for asyncio
#[pymodule(name = "_asyncio")]
#[types(Future_Type, Task_Type)]
pub mod asyncio {
    use super::*;

    #[exec]
    fn exec(_module: &Module) -> PyResult<()> {
        for ty in [&FutureIter_Type, &StepWrapper_Type] {
            runtime::types::type_ready(ty)?;
        }
        Ok(())
    }
    /// The event loop that runs in this thread, or the one that the policy gives.
    #[function("get_event_loop($module, /)")]
    pub fn get_event_loop() -> PyResult {
        match running::event_loop() {
            Some(running) => Ok(running),
            None => call::call_method0(&*call::call0(&*get_event_loop_policy()?)?, intern!("get_event_loop")),
        }
    }
    /// The event loop that runs in this thread; RuntimeError if there is none.
    #[function("get_running_loop($module, /)")]
    pub fn get_running_loop() -> PyResult {
        running::event_loop().ok_or_else(|| err!(RuntimeError, "no running event loop"))
    }
    /// The event loop that runs in this thread, or None.
    ///
    /// For event loops' own use.
    #[function("_get_running_loop($module, /)")]
    fn _get_running_loop() -> Option<Owned> {
        running::event_loop()
    }
    /// Say which event loop runs in this thread.
    ///
    /// For event loops' own use.
    #[function("_set_running_loop($module, loop, /)")]
    fn _set_running_loop(r#loop: &Object) {
        running::set_event_loop(r#loop);
    }
    /// Note a task that a loop will run.
    #[function("_register_task($module, /, task)")]
    fn _register_task(task: &Object) -> PyResult<()> {
        registry::register(task)
    }
    /// Forget a task that was noted.
    #[function("_unregister_task($module, /, task)")]
    fn _unregister_task(task: &Object) -> PyResult<()> {
        registry::unregister(task)
    }
    /// Note a task that starts at once.
    #[function("_register_eager_task($module, /, task)")]
    fn _register_eager_task(task: &Object) -> PyResult<()> {
        registry::eager_tasks().add(task)
    }
    /// Forget a task that started at once.
    #[function("_unregister_eager_task($module, /, task)")]
    fn _unregister_eager_task(task: &Object) -> PyResult<()> {
        registry::eager_tasks().discard(task).map(drop)
    }
    /// Begin to run a task, in a loop that runs none.
    #[function("_enter_task($module, /, loop, task)")]
    fn _enter_task(r#loop: &Object, task: &Object) -> PyResult<()> {
        running::enter(r#loop, task)
    }
    /// Stop running a task.
    #[function("_leave_task($module, /, loop, task)")]
    fn _leave_task(r#loop: &Object, task: &Object) -> PyResult<()> {
        running::leave(r#loop, task)
    }
    /// Run another task (or, with None, no task) for now. The result is the task that ran, or None.
    #[function("_swap_current_task($module, /, loop, task)")]
    fn _swap_current_task(r#loop: &Object, task: &Object) -> PyResult {
        running::swap(r#loop, task)
    }
    /// The task that runs in a loop, or None.
    #[function("current_task($module, /, loop=None)")]
    fn current_task(r#loop: Option<&Object>) -> PyResult<Option<Owned>> {
        match r#loop.filter(|given| !given.is_none()) {
            Some(given) => Ok(running::task_of(given)),
            None => Ok(running::task_of(&*get_running_loop()?)),
        }
    }
    /// The set of all tasks of a loop that are not done.
    #[function("all_tasks($module, /, loop=None)")]
    fn all_tasks(r#loop: Option<&Object>) -> PyResult<Owned<Set>> {
        match r#loop.filter(|given| !given.is_none()) {
            Some(given) => registry::all(given),
            None => registry::all(&*get_running_loop()?),
        }
    }
    /// Record that `fut` is awaited on by `waiter`.
    #[function("future_add_to_awaited_by($module, fut, waiter, /)")]
    fn future_add_to_awaited_by(fut: &Object, waiter: &Object) -> PyResult<()> {
        future::add_awaited_by(fut, waiter)
    }
    /// Record that `fut` is no longer awaited on by `waiter`.
    #[function("future_discard_from_awaited_by($module, fut, waiter, /)")]
    fn future_discard_from_awaited_by(fut: &Object, waiter: &Object) -> PyResult<()> {
        future::discard_awaited_by(fut, waiter)
    }
}
