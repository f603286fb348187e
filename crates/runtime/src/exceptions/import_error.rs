//! ImportError: message, module name, path, and the name that `from` asked for.

use super::attribute::fields_from_keywords;
use super::base::{clear_base, get, get_or_none, put, traverse_base};
use super::values::init_base;
use crate::errors::{self, PyResult, Raised};
use crate::macro_support::Visitor;
use crate::object::{Object, Owned};
use crate::protocol::{call, object};
use crate::types::{self, BaseException, Dict, Str, Tuple};
use abi::{PyImportErrorObject, PyObject};
use macros::pytype;
use std::mem::offset_of;

#[repr(transparent)]
pub struct ImportError(pub PyImportErrorObject);

/// Import can't find module, or can't find name in module.
#[pytype(static = IMPORT_ERROR, name = "ImportError", base = super::EXCEPTION, flags = BASETYPE | HAVE_GC | BASE_EXC_SUBCLASS, no_pytyped,
    members = [
        ("msg", T_OBJECT, offset_of!(PyImportErrorObject, msg), 0, "exception message"),
        ("name", T_OBJECT, offset_of!(PyImportErrorObject, name), 0, "module name"),
        ("path", T_OBJECT, offset_of!(PyImportErrorObject, path), 0, "module path"),
        ("name_from", T_OBJECT, offset_of!(PyImportErrorObject, name_from), 0, "name imported from module"),
    ])]
impl ImportError {
    #[slot]
    fn tp_init(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<()> {
        init_base(&self.0.base, args, None)?;
        fields_from_keywords("ImportError", kwargs, &[("name", &self.0.name), ("path", &self.0.path), ("name_from", &self.0.name_from)])?;
        put(&self.0.msg, (args.len() == 1).then(|| args.get(0)));
        Ok(())
    }
    #[slot]
    fn tp_traverse(&self, visitor: &mut Visitor) {
        for cell in [&self.0.msg, &self.0.name, &self.0.path, &self.0.name_from] {
            visitor.visit_cell(cell);
        }
        traverse_base(&self.0.base, &mut *visitor);
    }
    #[slot]
    fn tp_clear(&self) {
        for cell in [&self.0.msg, &self.0.name, &self.0.path, &self.0.name_from] {
            put(cell, None);
        }
        clear_base(&self.0.base);
    }
    #[slot]
    fn tp_str(&self) -> PyResult<Owned<Str>> {
        if let Some(msg) = get(&self.0.msg).and_then(|m| m.try_into_typed::<Str>().ok()) {
            return Ok(msg);
        }
        let args = base_of(self).args();
        match args.len() {
            0 => Ok(Str::new("")),
            1 => object::str(args.get(0)),
            _ => object::str(args.object()),
        }
    }
    /// Helper for pickle.
    #[method("__reduce__($self, /)", nosig)]
    fn __reduce__(&self) -> PyResult {
        let state = match get(&self.0.base.dict).and_then(|d| d.try_into_typed::<Dict>().ok()) {
            Some(dict) => dict.copy()?,
            None => Dict::new(),
        };
        for (name, cell) in [("name", &self.0.name), ("path", &self.0.path), ("name_from", &self.0.name_from)] {
            if let Some(value) = get(cell) {
                state.set_item(Str::new(name).object(), &value)?;
            }
        }
        // SAFETY: the struct is an object.
        let ty: Owned = unsafe { Object::from_ptr(self as *const _ as *mut PyObject) }.ty().to_owned();
        let args = get_or_none(&self.0.base.args);
        if state.len() == 0 {
            return Ok(Tuple::new(&[&ty, &args]).into_object());
        }
        Ok(Tuple::new(&[&ty, &args, state.object()]).into_object())
    }
}

fn base_of(this: &ImportError) -> &BaseException {
    // SAFETY: the same head.
    unsafe { &*(this as *const ImportError as *const BaseException) }
}

/// Raises ImportError with its fields (`_PyErr_SetImportErrorWithNameFrom`).
#[cold]
pub fn raise_import_error(message: &str, name: Option<&Object>, path: Option<&str>, name_from: Option<&Object>) -> Raised {
    raise_kind(super::ImportError(), message, name, path, name_from)
}

/// As `raise_import_error` for a subclass.
#[cold]
pub fn raise_kind(kind: &crate::object::Type, message: &str, name: Option<&Object>, path: Option<&str>, name_from: Option<&Object>) -> Raised {
    let make = || -> PyResult {
        let kwargs = Dict::new();
        kwargs.set_item(crate::intern!("name"), name.unwrap_or(types::none()))?;
        match path {
            Some(path) => kwargs.set_item(crate::intern!("path"), Str::new(path).object())?,
            None => kwargs.set_item(crate::intern!("path"), types::none())?,
        }
        if let Some(name_from) = name_from {
            kwargs.set_item(crate::intern!("name_from"), name_from)?;
        }
        let args = Tuple::new(&[Str::new(message).object()]);
        call::call(kind, &args, Some(&kwargs))
    };
    match make() {
        Ok(instance) => errors::raise_object(kind, Some(&instance)),
        Err(raised) => raised,
    }
}
