//! Audit events (`sys.audit`): hooks that are called by the functions that events are about.
//!
//! Without hooks an event costs one test.

use crate::errors::PyResult;
use crate::object::{Object, Owned};
use crate::intern;
use crate::protocol::{call, object};
use crate::state::PerInterpreter;
use crate::tstate::ThreadState;
use crate::types::{GilCell, Str, Tuple};
use std::cell::{Cell, RefCell};

static ACTIVE: GilCell<Cell<bool>> = GilCell(Cell::new(false));
/// Hooks of C code (`PySys_AddAuditHook`), which hear of all interpreters.
static HOOKS: GilCell<RefCell<Vec<Owned>>> = GilCell(RefCell::new(Vec::new()));
/// Those of Python programs.
static OWN_HOOKS: PerInterpreter<RefCell<Vec<Owned>>> = PerInterpreter::new(RefCell::new(Vec::new()), Default::default);

/// Raises an event; a hook's exception refuses the operation.
#[inline]
pub fn audit(event: &str, args: &[&Object]) -> PyResult<()> {
    if ACTIVE.0.get() { run_hooks(event, args) } else { Ok(()) }
}

/// Raises `object.__getattr__` for an attribute that gives access to code or frames.
#[inline]
pub fn read_attribute(object: &Object, name: &str) -> PyResult<()> {
    if ACTIVE.0.get() { run_hooks("object.__getattr__", &[object, &Str::new(name)]) } else { Ok(()) }
}

/// Raises `object.__setattr__`, or `object.__delattr__` if there is no value.
#[inline]
pub fn write_attribute(object: &Object, name: &str, value: Option<&Object>) -> PyResult<()> {
    if !ACTIVE.0.get() {
        return Ok(());
    }
    match value {
        Some(value) => run_hooks("object.__setattr__", &[object, &Str::new(name), value]),
        None => run_hooks("object.__delattr__", &[object, &Str::new(name)]),
    }
}

/// Whether there are hooks.
pub fn is_active() -> bool {
    ACTIVE.0.get()
}

#[cold]
fn run_hooks(event: &str, args: &[&Object]) -> PyResult<()> {
    let event = Str::intern(Str::new(event));
    let args = Tuple::new(args);
    let tracing = &ThreadState::current().0.tracing;
    let mut hooks = HOOKS.0.borrow().clone();
    hooks.extend_from_slice(&OWN_HOOKS.get().borrow());
    for hook in hooks {
        // Only a hook that says so is traced itself.
        tracing.set(tracing.get() + 1);
        let traced = may_be_traced(&hook);
        if let Ok(true) = traced {
            tracing.set(tracing.get() - 1);
        }
        let result = traced.as_ref().ok().map(|_| call::call_args(&hook, &[&event, &args]));
        if !matches!(traced, Ok(true)) {
            tracing.set(tracing.get() - 1);
        }
        traced?;
        result.transpose()?;
    }
    Ok(())
}

fn may_be_traced(hook: &Object) -> PyResult<bool> {
    match object::get_attr_opt(hook, intern!("__cantrace__"))? {
        Some(value) => object::is_true(&value),
        None => Ok(false),
    }
}

/// `sys.addaudithook`. The hook stays until the interpreter ends.
pub fn add_hook(hook: Owned) {
    OWN_HOOKS.get().borrow_mut().push(hook);
    ACTIVE.0.set(true);
}

/// `PySys_AddAuditHook`. The hook stays until the process ends.
pub fn add_global_hook(hook: Owned) {
    HOOKS.0.borrow_mut().push(hook);
    ACTIVE.0.set(true);
}

/// Drops the hooks, at finalization.
pub fn clear_hooks() {
    ACTIVE.0.set(false);
    let own = std::mem::take(&mut *OWN_HOOKS.get().borrow_mut());
    drop(own);
    let hooks = std::mem::take(&mut *HOOKS.0.borrow_mut());
    drop(hooks);
}
