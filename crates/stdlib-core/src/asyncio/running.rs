//! Which event loop and which of its tasks a thread runs: fields of the thread's state.

use runtime::err;
use runtime::errors::PyResult;
use runtime::object::{Object, Owned};
use runtime::protocol::object::repr;
use runtime::tstate::ThreadState;
use runtime::types;
use std::cell::Cell;

fn get(cell: &Cell<*mut abi::PyObject>) -> Option<Owned> {
    // SAFETY: NULL or owned by the field.
    unsafe { Object::from_ptr_opt(cell.get()) }.map(Object::to_owned)
}

fn set(cell: &Cell<*mut abi::PyObject>, value: Option<Owned>) {
    // SAFETY: the field owns its value.
    unsafe { runtime::object::set_cell(cell, value.map_or(std::ptr::null_mut(), Owned::into_raw)) }
}

pub fn event_loop() -> Option<Owned> {
    get(&ThreadState::current().1.asyncio_running_loop)
}

pub fn set_event_loop(event_loop: &Object) {
    let event_loop = (!event_loop.is_none()).then(|| event_loop.to_owned());
    set(&ThreadState::current().1.asyncio_running_loop, event_loop);
}

fn check(event_loop: &Object) -> PyResult<()> {
    if ThreadState::current().1.asyncio_running_loop.get() == event_loop.as_ptr() {
        return Ok(());
    }
    Err(err!(RuntimeError, "loop {} is not the running loop", &*repr(event_loop)?))
}

/// The task that runs in a loop, be it another thread's.
pub fn task_of(event_loop: &Object) -> Option<Owned> {
    let own = ThreadState::current();
    if own.1.asyncio_running_loop.get() == event_loop.as_ptr() {
        return get(&own.1.asyncio_running_task);
    }
    // SAFETY: the states of threads live while they are listed, and the GIL is held.
    let mut others = runtime::tstate::all().into_iter().map(|state| unsafe { &*state });
    others.find(|state| state.1.asyncio_running_loop.get() == event_loop.as_ptr()).and_then(|state| get(&state.1.asyncio_running_task))
}

pub fn enter(event_loop: &Object, task: &Object) -> PyResult<()> {
    check(event_loop)?;
    let cell = &ThreadState::current().1.asyncio_running_task;
    if let Some(other) = get(cell) {
        return Err(err!(RuntimeError, "Cannot enter into task {} while another task {} is being executed.", &*repr(task)?, &*repr(&other)?));
    }
    set(cell, Some(task.to_owned()));
    Ok(())
}

pub fn leave(event_loop: &Object, task: &Object) -> PyResult<()> {
    check(event_loop)?;
    let cell = &ThreadState::current().1.asyncio_running_task;
    if cell.get() != task.as_ptr() {
        let other = get(cell).unwrap_or_else(|| types::none().to_owned());
        return Err(err!(RuntimeError, "Invalid attempt to leave task {} while task {} is entered.", &*repr(task)?, &*repr(&other)?));
    }
    set(cell, None);
    Ok(())
}

pub fn swap(event_loop: &Object, task: &Object) -> PyResult {
    check(event_loop)?;
    let cell = &ThreadState::current().1.asyncio_running_task;
    let previous = get(cell);
    set(cell, (!task.is_none()).then(|| task.to_owned()));
    Ok(previous.unwrap_or_else(|| types::none().to_owned()))
}
