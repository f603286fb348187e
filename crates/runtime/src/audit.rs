//! Audit events (`sys.audit`): hooks that are called by the functions that events are about.
//!
//! Without hooks an event costs one test.

use crate::errors::PyResult;
use crate::object::{Object, Owned};
use crate::protocol::call;
use crate::types::{GilCell, Str, Tuple};
use std::cell::{Cell, RefCell};

static ACTIVE: GilCell<Cell<bool>> = GilCell(Cell::new(false));
static HOOKS: GilCell<RefCell<Vec<Owned>>> = GilCell(RefCell::new(Vec::new()));

/// Raises an event; a hook's exception refuses the operation.
#[inline]
pub fn audit(event: &str, args: &[&Object]) -> PyResult<()> {
    if ACTIVE.0.get() { run_hooks(event, args) } else { Ok(()) }
}

/// Whether there are hooks.
pub fn is_active() -> bool {
    ACTIVE.0.get()
}

#[cold]
fn run_hooks(event: &str, args: &[&Object]) -> PyResult<()> {
    let event = Str::intern(Str::new(event));
    let args = Tuple::new(args);
    let hooks = HOOKS.0.borrow().clone();
    for hook in hooks {
        call::call_args(&hook, &[&event, &args])?;
    }
    Ok(())
}

/// `sys.addaudithook`. The hook stays until the process ends.
pub fn add_hook(hook: Owned) {
    HOOKS.0.borrow_mut().push(hook);
    ACTIVE.0.set(true);
}

/// Drops the hooks, at finalization.
pub fn clear_hooks() {
    ACTIVE.0.set(false);
    let hooks = std::mem::take(&mut *HOOKS.0.borrow_mut());
    drop(hooks);
}
