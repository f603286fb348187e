//! Exception classes of native modules (`PyErr_NewException`), and errors of classes other than OSError that carry an errno.

use runtime::errors::{self, PyResult, Raised};
use runtime::exceptions::os_error::strerror;
use runtime::object::{Object, Owned, Type};
use runtime::protocol::call;
use runtime::state::PerInterpreter;
use runtime::types::{Dict, Int, Str, Tuple, type_type};
use std::cell::OnceCell;

/// A class that is made when first asked for.
pub struct ExceptionClass {
    cell: PerInterpreter<OnceCell<Owned<Type>>>,
    module: &'static str,
    name: &'static str,
    base: fn() -> &'static Type,
}

impl ExceptionClass {
    pub const fn new(module: &'static str, name: &'static str, base: fn() -> &'static Type) -> ExceptionClass {
        ExceptionClass { cell: PerInterpreter::new(OnceCell::new(), OnceCell::new), module, name, base }
    }
    pub fn get(&self) -> PyResult<&Type> {
        let cell = self.cell.get();
        if cell.get().is_none() {
            let base: &Object = (self.base)();
            let dict = Dict::new();
            dict.set("__module__", &Str::new(self.module))?;
            let class = call::call_args(type_type(), &[&Str::new(self.name), &Tuple::new(&[base]), &dict])?;
            if let Ok(class) = class.try_into_typed::<Type>() {
                let _ = cell.set(class);
            }
        }
        match cell.get() {
            Some(class) => Ok(class),
            None => Err(errors::bad_internal_call()),
        }
    }
    /// The class with (errno, text).
    #[cold]
    pub fn from_errno(&self, errno: i32) -> Raised {
        if errno == libc::EINTR
            && let Err(raised) = runtime::gil::check_signals()
        {
            return raised;
        }
        match self.get() {
            Ok(class) => errors::raise_object(class, Some(&Tuple::new(&[&Int::from_i64(errno as i64), &Str::new(&strerror(errno))]))),
            Err(raised) => raised,
        }
    }
    /// The class with other arguments.
    #[cold]
    pub fn with(&self, value: &Object) -> Raised {
        match self.get() {
            Ok(class) => errors::raise_object(class, Some(value)),
            Err(raised) => raised,
        }
    }
    #[cold]
    pub fn message(&self, text: &str) -> Raised {
        self.with(&Str::new(text))
    }
}
