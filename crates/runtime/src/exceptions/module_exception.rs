//! Exceptions that native modules define (`struct.error`): classes made when they are first asked for.

use crate::errors::{self, PyResult, Raised};
use crate::object::Type;
use crate::types::{Dict, Str, Tuple, type_new, type_type};
use std::fmt;
use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

/// An exception class of a native module; a static. The class lives as long as the process.
pub struct ModuleException {
    module: &'static str,
    name: &'static str,
    doc: Option<&'static str>,
    base: fn() -> PyResult<&'static Type>,
    class: AtomicPtr<abi::PyTypeObject>,
}

impl ModuleException {
    pub const fn new(module: &'static str, name: &'static str, base: fn() -> PyResult<&'static Type>, doc: Option<&'static str>) -> ModuleException {
        ModuleException { module, name, doc, base, class: AtomicPtr::new(ptr::null_mut()) }
    }
    /// The class.
    pub fn ty(&self) -> PyResult<&'static Type> {
        let class = self.class.load(Ordering::Acquire);
        if !class.is_null() {
            // SAFETY: a class that is never given up.
            return Ok(unsafe { Type::from_type_ptr(class) });
        }
        let namespace = Dict::new();
        namespace.set("__module__", &Str::new(self.module))?;
        if let Some(doc) = self.doc {
            namespace.set("__doc__", &Str::new(doc))?;
        }
        let made = type_new::new_type(type_type(), &Str::new(self.name), &Tuple::new(&[(self.base)()?]), &namespace, None)?;
        let class = made.into_raw() as *mut abi::PyTypeObject;
        self.class.store(class, Ordering::Release);
        // SAFETY: as above.
        Ok(unsafe { Type::from_type_ptr(class) })
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
