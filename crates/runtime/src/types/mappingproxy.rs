//! `types.MappingProxyType`: a mapping seen read-only.

use crate::errors::PyResult;
use crate::object::{Object, ObjectHead, Owned, PyTyped, Type};
use crate::protocol::object::{self as proto, CompareOp};
use crate::protocol::{call, iter, mapping, number, sequence};
use crate::types::{Dict, GenericAlias, List, Str, Tuple};
use crate::{err, intern};
use macros::{Traverse, pytype};
use std::cell::Cell;

#[derive(Traverse)]
#[repr(C)]
pub struct MappingProxy {
    head: ObjectHead,
    mapping: Cell<Option<Owned>>,
}

impl MappingProxy {
    /// `PyDictProxy_New`.
    pub fn new(mapping: &Object) -> PyResult<Owned<MappingProxy>> {
        Self::check_mapping(mapping)?;
        Self::construct(Self::type_object(), MappingProxy { head: ObjectHead::placeholder(), mapping: Cell::new(Some(mapping.to_owned())) })
    }
    fn check_mapping(mapping: &Object) -> PyResult<()> {
        if mapping::is_mapping(mapping) && !mapping.is_instance_of::<List>() && !mapping.is_instance_of::<Tuple>() {
            return Ok(());
        }
        Err(err!(TypeError, "mappingproxy() argument must be a mapping, not {}", mapping.type_name()))
    }
    /// What the proxy shows, which may be a proxy in turn.
    pub fn mapping(&self) -> PyResult {
        crate::tstate::check_recursion(" in a mapping proxy")?;
        // SAFETY: the reference to the inside ends here; taking a count runs no code.
        match unsafe { (*self.mapping.as_ptr()).clone() } {
            Some(mapping) => Ok(mapping),
            None => Err(crate::errors::bad_internal_call()),
        }
    }
    fn call(&self, name: &Str, args: &[&Object]) -> PyResult {
        call::call_method(&*self.mapping()?, name, args)
    }
}

fn unwrap(o: &Object) -> PyResult {
    match o.downcast_exact::<MappingProxy>() {
        Some(proxy) => proxy.mapping(),
        None => Ok(o.to_owned()),
    }
}

/// Read-only proxy of a mapping.
#[pytype(static = PyDictProxy_Type, name = "mappingproxy", signature = "(mapping)", flags = HAVE_GC | MAPPING, native)]
impl MappingProxy {
    #[slot("mappingproxy(mapping)")]
    fn tp_new(cls: &Type, mapping: &Object) -> PyResult<Owned<MappingProxy>> {
        Self::check_mapping(mapping)?;
        Self::construct(cls, MappingProxy { head: ObjectHead::placeholder(), mapping: Cell::new(Some(mapping.to_owned())) })
    }
    #[slot]
    fn mp_length(&self) -> PyResult<usize> {
        sequence::len(&*self.mapping()?)
    }
    #[slot]
    fn mp_subscript(&self, key: &Object) -> PyResult {
        sequence::get_item(&*self.mapping()?, key)
    }
    #[slot]
    fn sq_contains(&self, key: &Object) -> PyResult<bool> {
        let mapping = self.mapping()?;
        match mapping.downcast_exact::<Dict>() {
            Some(dict) => dict.contains(key),
            None => sequence::contains(&mapping, key),
        }
    }
    #[slot]
    fn nb_or(a: &Object, b: &Object) -> PyResult {
        number::or(&*unwrap(a)?, &*unwrap(b)?)
    }
    #[slot]
    fn nb_inplace_or(a: &Object, _b: &Object) -> PyResult {
        Err(err!(TypeError, "'|=' is not supported by {}; use '|' instead", a.type_name()))
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        iter::get_iter(&*self.mapping()?)
    }
    #[slot]
    fn tp_str(&self) -> PyResult<Owned<Str>> {
        proto::str(&*self.mapping()?)
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let inner = proto::repr(&*self.mapping()?)?;
        Str::concat_all(&[Str::new("mappingproxy("), inner, Str::new(")")])
    }
    #[slot]
    fn tp_hash(&self) -> PyResult<isize> {
        proto::hash(&*self.mapping()?)
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        proto::rich_compare(&*self.mapping()?, &*unwrap(other)?, op)
    }
    /// get($self, key, default=None, /)
    /// --
    ///
    /// Return the value for key if key is in the mapping, else default.
    #[method("get($self, key, default=None, /)", nosig)]
    fn get(&self, key: &Object, default: Option<&Object>) -> PyResult {
        self.call(intern!("get"), &[key, default.unwrap_or(crate::types::none())])
    }
    /// D.keys() -> a set-like object providing a view on D's keys
    #[method("keys($self, /)", nosig)]
    fn keys(&self) -> PyResult {
        self.call(intern!("keys"), &[])
    }
    /// D.values() -> an object providing a view on D's values
    #[method("values($self, /)", nosig)]
    fn values(&self) -> PyResult {
        self.call(intern!("values"), &[])
    }
    /// D.items() -> a set-like object providing a view on D's items
    #[method("items($self, /)", nosig)]
    fn items(&self) -> PyResult {
        self.call(intern!("items"), &[])
    }
    /// D.copy() -> a shallow copy of D
    #[method("copy($self, /)", nosig)]
    fn copy(&self) -> PyResult {
        self.call(intern!("copy"), &[])
    }
    /// See PEP 585
    #[classmethod("__class_getitem__($cls, object, /)", nosig)]
    fn __class_getitem__(cls: &Type, item: &Object) -> PyResult {
        GenericAlias::make(cls, item)
    }
    /// D.__reversed__() -> reverse iterator
    #[method("__reversed__($self, /)", nosig)]
    fn __reversed__(&self) -> PyResult {
        self.call(intern!("__reversed__"), &[])
    }
}
