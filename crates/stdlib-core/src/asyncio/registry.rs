//! The tasks that are not done: native ones in a list that does not own them, others in a `WeakSet`, and those that are in their first,
//! eager step in a set.
//!
//! A native task is in the list from when it is scheduled until it is done or dies, whichever comes first.

use super::task::Task;
use super::{loop_of, weak_set};
use runtime::errors::PyResult;
use runtime::intern;
use runtime::object::{Object, Owned, PyTyped};
use runtime::protocol::{call, iter, object};
use runtime::state::PerInterpreter;
use runtime::types::{GilCell, Set};
use std::cell::{Cell, RefCell};
use std::ops::ControlFlow;
use std::ptr;

static FIRST: GilCell<Cell<*const Task>> = GilCell(Cell::new(ptr::null()));
static OTHERS: PerInterpreter<RefCell<Option<Owned>>> = PerInterpreter::new(RefCell::new(None), Default::default);
static EAGER: PerInterpreter<RefCell<Option<Owned<Set>>>> = PerInterpreter::new(RefCell::new(None), Default::default);

/// A task's place in the list.
pub struct Link {
    is_in: Cell<bool>,
    previous: Cell<*const Task>,
    next: Cell<*const Task>,
}

impl Link {
    pub const fn new() -> Link {
        Link { is_in: Cell::new(false), previous: Cell::new(ptr::null()), next: Cell::new(ptr::null()) }
    }
}

/// For who looks at the list in another process: where it begins, and where a link has the next task.
pub fn first_place() -> *const Cell<*const Task> {
    &raw const FIRST.0
}
pub const NEXT_OFFSET: usize = std::mem::offset_of!(Link, next);

pub fn add(task: &Task) {
    if task.link.is_in.replace(true) {
        return;
    }
    let first = FIRST.0.replace(task);
    task.link.previous.set(ptr::null());
    task.link.next.set(first);
    // SAFETY: what is in the list lives.
    if let Some(first) = unsafe { first.as_ref() } {
        first.link.previous.set(task);
    }
}

pub fn remove(task: &Task) {
    if !task.link.is_in.replace(false) {
        return;
    }
    let (previous, next) = (task.link.previous.get(), task.link.next.get());
    // SAFETY: what is in the list lives.
    unsafe {
        match previous.as_ref() {
            Some(previous) => previous.link.next.set(next),
            None => FIRST.0.set(next),
        }
        if let Some(next) = next.as_ref() {
            next.link.previous.set(previous);
        }
    }
}

fn others() -> PyResult {
    if let Some(known) = &*OTHERS.get().borrow() {
        return Ok(known.clone());
    }
    let made = call::call0(&*weak_set()?)?;
    *OTHERS.get().borrow_mut() = Some(made.clone());
    Ok(made)
}

pub fn eager_tasks() -> Owned<Set> {
    EAGER.get().borrow_mut().get_or_insert_with(Set::new).clone()
}

pub fn register(task: &Object) -> PyResult<()> {
    match task.downcast::<Task>() {
        Some(task) => add(task),
        None => drop(call::call_method(&*others()?, intern!("add"), &[task])?),
    }
    Ok(())
}

pub fn unregister(task: &Object) -> PyResult<()> {
    match task.downcast::<Task>() {
        Some(task) => remove(task),
        None => drop(call::call_method(&*others()?, intern!("discard"), &[task])?),
    }
    Ok(())
}

/// The tasks of a loop that are not done.
pub fn all(event_loop: &Object) -> PyResult<Owned<Set>> {
    let mut candidates = eager_tasks().to_vec();
    let mut at = FIRST.0.get();
    // SAFETY: what is in the list lives.
    while let Some(task) = unsafe { at.as_ref() } {
        // One whose weak references are being called back, or whose turn to be freed comes later, is still there.
        if task.as_object().refcount() > 0 {
            candidates.push(task.to_owned());
        }
        at = task.link.next.get();
    }
    let known = OTHERS.get().borrow().clone();
    if let Some(known) = known {
        iter::iterate(&known, |task| {
            candidates.push(task);
            Ok(ControlFlow::Continue(()))
        })?;
    }
    let tasks = Set::new();
    for task in candidates {
        let done = call::call_method0(&task, intern!("done"))?;
        if !object::is_true(&done)? && loop_of(&task)?.is(event_loop) {
            tasks.add(&task)?;
        }
    }
    Ok(tasks)
}
