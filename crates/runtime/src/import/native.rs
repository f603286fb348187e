//! Native modules: the table of those that are built in, and loading of extensions.

use crate::macro_support::ModuleDef;
use std::cell::{Cell, RefCell};

/// A module that is part of the executable.
#[derive(Clone, Copy)]
pub struct NativeModule {
    pub name: &'static str,
    pub definition: fn() -> &'static ModuleDef,
}

struct Table(RefCell<Vec<NativeModule>>);
// SAFETY: filled before threads start, and touched under the GIL.
unsafe impl Sync for Table {}
static BUILTIN: Table = Table(RefCell::new(Vec::new()));

/// Adds modules to those that `_imp.create_builtin` knows; called before the interpreter starts (`PyImport_AppendInittab`).
pub fn register(modules: &[NativeModule]) {
    BUILTIN.0.borrow_mut().extend_from_slice(modules);
}

/// The built-in module with this full name.
pub fn find_builtin(name: &str) -> Option<NativeModule> {
    BUILTIN.0.borrow().iter().find(|module| module.name == name).copied()
}

/// The names of all built-in modules, in no order.
pub fn builtin_names() -> Vec<&'static str> {
    BUILTIN.0.borrow().iter().map(|module| module.name).collect()
}

/// The full name of the extension that is being loaded.
pub fn package_context(name: &str) -> String {
    name.to_string()
}

/// The endings of extension modules' file names, most specific first.
pub const EXTENSION_SUFFIXES: [&str; 3] = [".cpython-314-x86_64-linux-gnu.so", ".abi3.so", ".so"];

struct DlopenFlags(Cell<i32>);
// SAFETY: touched under the GIL.
unsafe impl Sync for DlopenFlags {}
static DLOPEN_FLAGS: DlopenFlags = DlopenFlags(Cell::new(libc::RTLD_NOW));

pub fn dlopen_flags() -> i32 {
    DLOPEN_FLAGS.0.get()
}

pub fn set_dlopen_flags(flags: i32) {
    DLOPEN_FLAGS.0.set(flags);
}
