//! The native modules that belong to the runtime itself: what a C header names, and what the interpreter cannot start without.

pub mod builtins;
pub mod gc;
pub mod sys;
pub mod warnings;

use crate::errors::PyResult;
use crate::object::Object;

/// An attribute of the builtins module.
pub fn builtins_attribute(name: &str) -> PyResult {
    crate::state::builtins_dict()?.get(name).ok_or_else(|| crate::err!(RuntimeError, "lost builtins.{}", name))
}

/// Raises an audit event; hooks come with `sys`.
pub fn audit(_event: &str, _args: &[&Object]) -> PyResult<()> {
    Ok(())
}
