//! NameError (`name`) and AttributeError (`name`, `obj`).

use super::base::{clear_base, get, get_or_none, put, traverse_base};
use super::values::init_base;
use crate::errors::PyResult;
use crate::macro_support::Visitor;
use crate::object::{Object, Owned};
use crate::types::{self, Dict, Tuple};
use abi::{PyAttributeErrorObject, PyNameErrorObject, PyObject};
use macros::pytype;
use std::cell::Cell;
use std::mem::offset_of;

/// Sets fields from keyword arguments that no others may stand beside.
pub(super) fn fields_from_keywords(function: &str, kwargs: Option<&Dict>, fields: &[(&str, &Cell<*mut PyObject>)]) -> PyResult<()> {
    for (_, cell) in fields {
        put(cell, None);
    }
    let Some(kwargs) = kwargs else { return Ok(()) };
    let mut pos = 0;
    let mut known = kwargs.len() <= fields.len();
    while let Some((key, value)) = kwargs.next(&mut pos)
        && known
    {
        match fields.iter().find(|(name, _)| key.downcast::<types::Str>().is_some_and(|key| key.eq_str(name))) {
            Some((_, cell)) => put(cell, Some(&value)),
            None => known = false,
        }
    }
    if known {
        return Ok(());
    }
    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let given = kwargs.keys_vec();
    Err(crate::macro_support::bad_keywords(function, &names, given.iter().map(|key| &**key)))
}

#[repr(transparent)]
pub struct NameError(pub PyNameErrorObject);

/// Name not found globally.
#[pytype(static = NAME_ERROR, name = "NameError", base = super::EXCEPTION, flags = BASETYPE | HAVE_GC | BASE_EXC_SUBCLASS, no_pytyped,
    members = [("name", T_OBJECT, offset_of!(PyNameErrorObject, name), 0, "name")])]
impl NameError {
    #[slot]
    fn tp_init(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<()> {
        init_base(&self.0.base, args, None)?;
        fields_from_keywords("NameError", kwargs, &[("name", &self.0.name)])
    }
    #[slot]
    fn tp_traverse(&self, visitor: &mut Visitor) {
        visitor.visit_cell(&self.0.name);
        traverse_base(&self.0.base, &mut *visitor);
    }
    #[slot]
    fn tp_clear(&self) {
        put(&self.0.name, None);
        clear_base(&self.0.base);
    }
}

#[repr(transparent)]
pub struct AttributeError(pub PyAttributeErrorObject);

/// Attribute not found.
#[pytype(static = ATTRIBUTE_ERROR, name = "AttributeError", base = super::EXCEPTION, flags = BASETYPE | HAVE_GC | BASE_EXC_SUBCLASS, no_pytyped,
    members = [("name", T_OBJECT, offset_of!(PyAttributeErrorObject, name), 0, "attribute name"), ("obj", T_OBJECT, offset_of!(PyAttributeErrorObject, obj), 0, "object")])]
impl AttributeError {
    #[slot]
    fn tp_init(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<()> {
        init_base(&self.0.base, args, None)?;
        fields_from_keywords("AttributeError", kwargs, &[("name", &self.0.name), ("obj", &self.0.obj)])
    }
    #[slot]
    fn tp_traverse(&self, visitor: &mut Visitor) {
        visitor.visit_cell(&self.0.name);
        visitor.visit_cell(&self.0.obj);
        traverse_base(&self.0.base, &mut *visitor);
    }
    #[slot]
    fn tp_clear(&self) {
        put(&self.0.name, None);
        put(&self.0.obj, None);
        clear_base(&self.0.base);
    }
    /// Return state information for pickling.
    #[method("__getstate__($self, /)", nosig)]
    fn __getstate__(&self) -> PyResult {
        // `obj` is left out: it may be anything.
        let state = match get(&self.0.base.dict).and_then(|d| d.try_into_typed::<Dict>().ok()) {
            Some(dict) => dict.copy()?,
            None => Dict::new(),
        };
        let mut any = state.len() > 0;
        if let Some(name) = get(&self.0.name) {
            state.set_item(crate::intern!("name"), &name)?;
            any = true;
        }
        if let Some(args) = get(&self.0.base.args) {
            state.set_item(crate::intern!("args"), &args)?;
            any = true;
        }
        Ok(if any { state.into_object() } else { types::none().to_owned() })
    }
    /// Helper for pickle.
    #[method("__reduce__($self, /)", nosig)]
    fn __reduce__(&self) -> PyResult {
        let state = self.__getstate__()?;
        // SAFETY: the struct is an object.
        let ty: Owned = unsafe { Object::from_ptr(self as *const _ as *mut PyObject) }.ty().to_owned();
        let args = get_or_none(&self.0.base.args);
        Ok(Tuple::new(&[&ty, &args, &state]).into_object())
    }
}
