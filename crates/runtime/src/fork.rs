//! Forking: what runs before and after, in the parent and in the child (`PyOS_BeforeFork` and its kin, `os.register_at_fork`).
//!
//! The runtime's own locks and thread states are put right next to the fork; Python's hooks run outside of that, those for "before" in reverse order.

use crate::errors::PyResult;
use crate::exceptions;
use crate::gil;
use crate::import::lock;
use crate::modules::{signal, thread};
use crate::object::{Object, Owned};
use crate::protocol::call;
use crate::state::PerInterpreter;
use std::cell::RefCell;

/// Python callables to run, by occasion.
struct Hooks {
    before: RefCell<Vec<Owned>>,
    after_in_child: RefCell<Vec<Owned>>,
    after_in_parent: RefCell<Vec<Owned>>,
}

impl Hooks {
    const fn new() -> Hooks {
        Hooks { before: RefCell::new(Vec::new()), after_in_child: RefCell::new(Vec::new()), after_in_parent: RefCell::new(Vec::new()) }
    }
}

static HOOKS: PerInterpreter<Hooks> = PerInterpreter::new(Hooks::new(), Hooks::new);

/// `os.register_at_fork`.
pub fn register(before: Option<&Object>, after_in_child: Option<&Object>, after_in_parent: Option<&Object>) {
    let hooks = HOOKS.get();
    for (list, hook) in [(&hooks.before, before), (&hooks.after_in_child, after_in_child), (&hooks.after_in_parent, after_in_parent)] {
        if let Some(hook) = hook {
            list.borrow_mut().push(hook.to_owned());
        }
    }
}

fn run(hooks: &RefCell<Vec<Owned>>, reverse: bool) {
    let mut list = hooks.borrow().clone();
    if reverse {
        list.reverse();
    }
    for hook in list {
        if call::call0(&hook).is_err() {
            exceptions::write_unraisable(Some("Exception ignored in fork hook"), Some(&hook));
        }
    }
}

/// `PyOS_BeforeFork`. The import lock is held over the fork: no module is half imported in the child by a thread that is not there.
pub fn before_fork() {
    run(&HOOKS.get().before, true);
    lock::acquire();
}

/// `PyOS_AfterFork_Parent`.
pub fn after_fork_parent() {
    lock::release();
    run(&HOOKS.get().after_in_parent, false);
}

/// `PyOS_AfterFork_Child`.
/// # Safety
/// Called in the child of a fork by the thread that forked, which held the GIL.
pub unsafe fn after_fork_child() -> PyResult<()> {
    // SAFETY: by contract.
    unsafe {
        gil::after_fork_child();
        crate::tracemalloc::after_fork_child();
    }
    thread::after_fork_child();
    crate::subinterpreters::after_fork_child();
    // The child may run an event loop of its own, though the parent was in the midst of a task.
    let own = &crate::tstate::ThreadState::current().1;
    for cell in [&own.asyncio_running_loop, &own.asyncio_running_task] {
        // SAFETY: the fields are NULL or own their objects.
        unsafe { crate::object::set_cell(cell, std::ptr::null_mut()) };
    }
    signal::clear_pending();
    lock::after_fork();
    lock::release();
    run(&HOOKS.get().after_in_child, false);
    Ok(())
}

/// Drops the hooks, at finalization.
pub fn clear_hooks() {
    for list in [&HOOKS.get().before, &HOOKS.get().after_in_child, &HOOKS.get().after_in_parent] {
        let hooks = std::mem::take(&mut *list.borrow_mut());
        drop(hooks);
    }
}
