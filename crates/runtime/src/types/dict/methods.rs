//! The type `dict`: slots and methods.

use super::iter::{DictReverseKeyIterator, new_iterator};
use super::{Dict, allocate, key_error};
use crate::errors::PyResult;
use crate::intern;
use crate::macro_support::{Args, KwArgs};
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol::object::{self as protocol, CompareOp};
use crate::protocol::call;
use crate::types::dict::views::{DictItems, DictKeysView, DictValuesView, new_view};
use crate::types::str::StrBuilder;
use crate::types::{GenericAlias, Str, Tuple, none, not_implemented};
use abi::PyObject;
use macros::pytype;
use super::iter;

/// dict() -> an empty dictionary
/// dict(mapping) -> a dictionary with the items of a mapping
/// dict(iterable) -> a dictionary of the (key, value) pairs that the iterable gives
/// dict(**kwargs) -> a dictionary of the keyword arguments
#[pytype(static = PyDict_Type, name = "dict",
    flags = BASETYPE | HAVE_GC | DICT_SUBCLASS | MAPPING | MATCH_SELF, tp_hash = crate::protocol::object::PyObject_HashNotImplemented,
    tp_dealloc = super::dealloc, tp_traverse = super::traverse, tp_clear = super::tp_clear)]
impl Dict {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<Dict>> {
        allocate(cls)
    }
    #[slot]
    fn tp_init(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<()> {
        self.update_common(args.items(), "dict")?;
        match kwargs {
            Some(kwargs) => self.merge(kwargs, super::Override::Replace),
            None => Ok(()),
        }
    }
    #[slot]
    fn tp_vectorcall(cls: &Type, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult<Owned<Dict>> {
        let dict = allocate(cls)?;
        if args.len() > 1 {
            return Err(crate::err!(TypeError, "dict expected at most 1 argument, got {}", args.len()));
        }
        if let Some(argument) = args.get(0) {
            dict.update_from_argument(argument)?;
        }
        for (name, value) in kwargs.iter() {
            dict.set_item(name, value)?;
        }
        Ok(dict)
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        if self.is_empty() {
            return Ok(Str::new("{}"));
        }
        if protocol::repr_enter(self) {
            return Ok(Str::new("{...}"));
        }
        let result = self.repr_items();
        protocol::repr_leave(self);
        result
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        let Some(other) = other.downcast::<Dict>() else { return Ok(not_implemented().to_owned()) };
        match op {
            CompareOp::Eq => Ok(crate::types::bool_object(self.equals(other)?).to_owned()),
            CompareOp::Ne => Ok(crate::types::bool_object(!self.equals(other)?).to_owned()),
            _ => Ok(not_implemented().to_owned()),
        }
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        new_iterator::<iter::DictKeyIterator>(self)
    }
    #[slot]
    fn nb_or(a: &Object, b: &Object) -> PyResult {
        let (Some(left), Some(right)) = (a.downcast::<Dict>(), b.downcast::<Dict>()) else {
            return Ok(not_implemented().to_owned());
        };
        let new = left.copy()?;
        new.update_from_argument(right)?;
        Ok(new.into_object())
    }
    #[slot]
    fn nb_inplace_or(&self, other: &Object) -> PyResult {
        self.update_from_argument(other)?;
        Ok(self.as_object().to_owned())
    }
    #[slot]
    fn sq_contains(&self, key: &Object) -> PyResult<bool> {
        self.contains(key)
    }
    #[slot]
    fn mp_length(&self) -> usize {
        self.len()
    }
    #[slot]
    fn mp_subscript(&self, key: &Object) -> PyResult {
        match self.get_item(key)? {
            Some(value) => Ok(value),
            None => self.missing(key),
        }
    }
    #[slot]
    fn mp_ass_subscript(&self, key: &Object, value: Option<&Object>) -> PyResult<()> {
        match value {
            Some(value) => self.set_item(key, value),
            None => self.del_item(key),
        }
    }

    /// True if the key is in the dictionary.
    #[method("__contains__($self, key, /)", coexist)]
    fn contains_method(&self, key: &Object) -> PyResult<bool> {
        self.contains(key)
    }
    /// Return self[key].
    #[method("__getitem__($self, key, /)", coexist)]
    fn getitem_method(&self, key: &Object) -> PyResult {
        match self.get_item(key)? {
            Some(value) => Ok(value),
            None => self.missing(key),
        }
    }
    /// Size of the dictionary in memory, in bytes.
    #[method("__sizeof__($self, /)")]
    fn sizeof(&self) -> usize {
        self.size_in_bytes()
    }
    /// The value of a key, or the default if the key is missing.
    #[method("get($self, key, default=None, /)")]
    fn get_method(&self, key: &Object, default: Option<&Object>) -> PyResult {
        Ok(match self.get_item(key)? {
            Some(value) => value,
            None => default.unwrap_or(none()).to_owned(),
        })
    }
    /// The value of a key; a missing key is inserted with the default.
    #[method("setdefault($self, key, default=None, /)")]
    fn setdefault(&self, key: &Object, default: Option<&Object>) -> PyResult {
        self.set_default(key, default.unwrap_or(none()))
    }
    /// D.pop(k[,d]) -> v, remove a key and return its value.
    ///
    /// Without the key, the default is returned if there is one, else KeyError raised.
    #[method("pop($self, key, default=<unrepresentable>, /)")]
    fn pop_method(&self, key: &Object, default: Option<&Object>) -> PyResult {
        match (self.pop(key)?, default) {
            (Some(value), _) => Ok(value),
            (None, Some(default)) => Ok(default.to_owned()),
            (None, None) => Err(key_error(key)),
        }
    }
    /// Remove the item inserted last and return it as a pair (key, value).
    ///
    /// Raises KeyError if the dictionary is empty.
    #[method("popitem($self, /)")]
    fn popitem(&self) -> PyResult<Owned<Tuple>> {
        match self.pop_item()? {
            Some((key, value)) => Ok(Tuple::pair(key, value)),
            None => Err(crate::err!(KeyError, "popitem(): dictionary is empty")),
        }
    }
    /// A set-like view of the dictionary's keys.
    #[method("keys($self, /)")]
    fn keys_method(&self) -> PyResult {
        new_view::<DictKeysView>(self)
    }
    /// A set-like view of the dictionary's items.
    #[method("items($self, /)")]
    fn items_method(&self) -> PyResult {
        new_view::<DictItems>(self)
    }
    /// A view of the dictionary's values.
    #[method("values($self, /)")]
    fn values_method(&self) -> PyResult {
        new_view::<DictValuesView>(self)
    }
    /// D.update([E, ]**F) -> None.  Update D from mapping or iterable E and from F.
    ///
    /// If E has a method keys(), does:  for k in E.keys(): D[k] = E[k]
    /// Without one:  for k, v in E: D[k] = v
    /// Then:  for k in F:  D[k] = F[k]
    #[method("update($self, *args, **kwargs)", nosig)]
    fn update_method(&self, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult<()> {
        if args.len() > 1 {
            return Err(crate::err!(TypeError, "update expected at most 1 argument, got {}", args.len()));
        }
        if let Some(argument) = args.get(0) {
            self.update_from_argument(argument)?;
        }
        for (name, value) in kwargs.iter() {
            self.set_item(name, value)?;
        }
        Ok(())
    }
    /// A new dictionary with keys from the iterable, all with the same value.
    #[classmethod("fromkeys($type, iterable, value=None, /)")]
    fn fromkeys(cls: &Type, iterable: &Object, value: Option<&Object>) -> PyResult {
        let value = value.unwrap_or(none());
        let made = call::call0(cls)?;
        if let Some(dict) = made.downcast_exact::<Dict>() {
            dict.fill_from_keys(iterable, value)?;
            return Ok(made);
        }
        let iterator = crate::protocol::iter::get_iter(iterable)?;
        while let Some(key) = crate::protocol::iter::iter_next(&iterator)? {
            crate::protocol::sequence::set_item(&made, &key, value)?;
        }
        Ok(made)
    }
    /// Remove all items.
    #[method("clear($self, /)")]
    fn clear_method(&self) {
        self.clear()
    }
    /// A shallow copy.
    #[method("copy($self, /)")]
    fn copy_method(&self) -> PyResult<Owned<Dict>> {
        self.copy()
    }
    /// An iterator over the keys in reverse order.
    #[method("__reversed__($self, /)")]
    fn reversed(&self) -> PyResult {
        new_iterator::<DictReverseKeyIterator>(self)
    }
    /// See PEP 585.
    #[classmethod("__class_getitem__($type, object, /)")]
    fn class_getitem(cls: &Type, object: &Object) -> PyResult {
        GenericAlias::make(cls, object)
    }
}

impl Dict {
    fn update_common(&self, args: &[*mut PyObject], name: &str) -> PyResult<()> {
        match args {
            [] => Ok(()),
            // SAFETY: an item of a live tuple.
            [argument] => self.update_from_argument(unsafe { Object::from_ptr(*argument) }),
            _ => Err(crate::err!(TypeError, "{} expected at most 1 argument, got {}", name, args.len())),
        }
    }

    /// `dict[key]` without such a key: a subclass's `__missing__`, or KeyError.
    #[cold]
    #[inline(never)]
    fn missing(&self, key: &Object) -> PyResult {
        if !self.as_object().is_exact::<Dict>()
            && let Some(hook) = protocol::lookup_special(self, intern!("__missing__"))?
        {
            return call::call1(&hook, key);
        }
        Err(key_error(key))
    }

    fn repr_items(&self) -> PyResult<Owned<Str>> {
        let mut text = StrBuilder::new();
        text.push_str("{");
        let mut pos = 0;
        let mut first = true;
        while let Some((key, value)) = self.next(&mut pos) {
            if !first {
                text.push_str(", ");
            }
            first = false;
            text.push_str_object(&*protocol::repr(&key)?)?;
            text.push_str(": ");
            text.push_str_object(&*protocol::repr(&value)?)?;
        }
        text.push_str("}");
        text.finish()
    }
}
