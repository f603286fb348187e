//! Exceptions that native modules define (`struct.error`): classes made when they are first asked for, in each interpreter for itself.

use crate::errors::{self, PyResult, Raised};
use crate::object::{Owned, Type};
use crate::state::PerInterpreter;
use crate::types::{Dict, Str, Tuple, type_new, type_type};
use std::cell::OnceCell;
use std::fmt;

/// An exception class of a native module; a static. The class lives as long as the interpreter.
pub struct ModuleException {
    module: &'static str,
    name: &'static str,
    doc: Option<&'static str>,
    base: fn() -> PyResult<&'static Type>,
    class: PerInterpreter<OnceCell<Owned<Type>>>,
}

impl ModuleException {
    pub const fn new(module: &'static str, name: &'static str, base: fn() -> PyResult<&'static Type>, doc: Option<&'static str>) -> ModuleException {
        ModuleException { module, name, doc, base, class: PerInterpreter::new(OnceCell::new(), OnceCell::new) }
    }
    /// The class.
    pub fn ty(&self) -> PyResult<&'static Type> {
        let cell = self.class.get();
        if let Some(class) = cell.get() {
            // SAFETY: the interpreter keeps it, and what runs in it is told of no other.
            return Ok(unsafe { Type::from_type_ptr(class.as_type_ptr()) });
        }
        let namespace = Dict::new();
        namespace.set("__module__", &Str::new(self.module))?;
        if let Some(doc) = self.doc {
            namespace.set("__doc__", &Str::new(doc))?;
        }
        let made = type_new::new_type(type_type(), &Str::new(self.name), &Tuple::new(&[(self.base)()?]), &namespace, None)?;
        let class = cell.get_or_init(|| made);
        // SAFETY: as above.
        Ok(unsafe { Type::from_type_ptr(class.as_type_ptr()) })
    }
    /// Raises it with a message.
    #[cold]
    pub fn raise(&self, message: fmt::Arguments<'_>) -> Raised {
        match self.ty() {
            Ok(class) => errors::raise(class, message),
            Err(raised) => raised,
        }
    }
    /// Whether it is the exception that is set, or a base of it.
    pub fn is_set(&self) -> bool {
        self.ty().is_ok_and(errors::matches)
    }
}
