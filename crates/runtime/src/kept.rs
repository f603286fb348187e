//! Objects that native modules keep for the interpreter: made or looked up once, each interpreter its own.

use crate::protocol::object;
use crate::state::PerInterpreter;
use crate::{Owned, PyResult};
use std::cell::Cell;

/// A place for such an object.
pub struct Kept(PerInterpreter<Cell<Option<Owned>>>);

impl Kept {
    pub const fn new() -> Kept {
        Kept(PerInterpreter::new(Cell::new(None), Default::default))
    }
    pub fn get(&'static self) -> Option<Owned> {
        let cell = self.0.get();
        let value = cell.take();
        let copy = value.clone();
        cell.set(value);
        copy
    }
    /// Replaces it; gives the old one.
    pub fn set(&'static self, value: Option<Owned>) -> Option<Owned> {
        self.0.get().replace(value)
    }
    pub fn get_or_make(&'static self, make: impl FnOnce() -> PyResult) -> PyResult {
        if let Some(found) = self.get() {
            return Ok(found);
        }
        let made = make()?;
        // Making it may have run code that made it too: the first one stays.
        if let Some(found) = self.get() {
            return Ok(found);
        }
        drop(self.set(Some(made.clone())));
        Ok(made)
    }
    /// The attribute of a module, or the module itself; looked up once.
    pub fn imported(&'static self, module: &str, attribute: Option<&str>) -> PyResult {
        self.get_or_make(|| {
            let module = crate::import::import_module(module)?;
            match attribute {
                Some(name) => object::get_attr_str(&module, name),
                None => Ok(module),
            }
        })
    }
}
