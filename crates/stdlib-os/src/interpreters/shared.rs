//! What queues and channels have in common: what becomes of items whose interpreter ended, numbers as arguments, exception classes.

use runtime::crossinterp::{self, XIData};
use runtime::object::{Object, Owned, Type};
use runtime::protocol::{number, object};
use runtime::state::PerInterpreter;
use runtime::types::{Dict, Str, Tuple, type_new, type_type};
use runtime::{PyResult, err};
use std::cell::OnceCell;

/// What is received in place of an item whose interpreter has ended: nothing (the item goes), an error, or a stand-in.
pub const UNBOUND_REMOVE: i32 = 1;
pub const UNBOUND_REPLACE: i32 = 3;

/// Data is only made of what has any, or of everything that can be pickled too.
pub const FULL_FALLBACK: i32 = 1;

/// What an item is sent with.
#[derive(Clone, Copy)]
pub struct Defaults {
    pub unbound_op: i32,
    pub fallback: i32,
}

impl Defaults {
    /// Arguments; negative ones are `others`.
    pub fn of(unbound_op: i32, fallback: i32, others: Defaults) -> PyResult<Defaults> {
        let unbound_op = match unbound_op {
            negative if negative < 0 => others.unbound_op,
            1..=3 => unbound_op,
            other => return Err(err!(ValueError, "unsupported unboundop {}", other)),
        };
        let fallback = match fallback {
            negative if negative < 0 => others.fallback,
            0 | 1 => fallback,
            other => return Err(err!(ValueError, "unsupported fallback {}", other)),
        };
        Ok(Defaults { unbound_op, fallback })
    }
    pub fn share(&self, object: &Object) -> PyResult<XIData> {
        if self.fallback == FULL_FALLBACK { crossinterp::share_with_fallback(object) } else { crossinterp::share(object) }
    }
}

/// A number that something is known by.
pub fn id_argument(value: &Object, label: &str) -> PyResult<i64> {
    if !number::check_index(value) {
        return Err(err!(TypeError, "{} must be an int, got {}", label, value.type_name()));
    }
    let index = number::index(value)?;
    match index.as_i64() {
        Some(id) if id >= 0 => Ok(id),
        Some(_) => Err(err!(ValueError, "{} must be a non-negative int, got {}", label, &*object::repr(value)?)),
        None => Err(err!(OverflowError, "max {} is {}, got {}", label, i64::MAX, &*object::repr(value)?)),
    }
}

/// An exception class that each interpreter has its own of.
pub type Class = PerInterpreter<OnceCell<Owned<Type>>>;
pub const fn class() -> Class {
    PerInterpreter::new(OnceCell::new(), OnceCell::new)
}

pub fn exception(class: &'static Class, module: &str, name: &str, bases: &Tuple, doc: Option<&str>) -> PyResult<&'static Type> {
    let cell = class.get();
    if let Some(class) = cell.get() {
        return Ok(class);
    }
    let namespace = Dict::new();
    namespace.set("__module__", &Str::new(module))?;
    if let Some(doc) = doc {
        namespace.set("__doc__", &Str::new(doc))?;
    }
    let made = type_new::new_type(type_type(), &Str::new(name), bases, &namespace, None)?;
    Ok(cell.get_or_init(|| made))
}
