//! `types.SimpleNamespace`: attributes in a dict.

use crate::errors::PyResult;
use crate::object::{Object, ObjectHead, Owned, PyTyped, Type};
use crate::protocol::call;
use crate::protocol::object::{self as proto, CompareOp};
use crate::types::{Dict, Str, Tuple};
use crate::{err, intern};
use macros::{Traverse, pytype};
use std::cell::Cell;
use std::mem::offset_of;

#[derive(Traverse)]
#[repr(C)]
pub struct Namespace {
    head: ObjectHead,
    dict: Cell<Option<Owned<Dict>>>,
}

impl Namespace {
    /// `_PyNamespace_New`: takes the attributes from a dict.
    pub fn new(attributes: Option<&Dict>) -> PyResult<Owned<Namespace>> {
        let made = Self::construct(
            Self::type_object(),
            Namespace { head: ObjectHead::placeholder(), dict: Cell::new(Some(Dict::new())) },
        )?;
        if let Some(attributes) = attributes {
            made.dict().update(attributes)?;
        }
        Ok(made)
    }
    pub fn dict(&self) -> Owned<Dict> {
        // SAFETY: the reference to the inside ends here; taking a count runs no code.
        let held = unsafe { (*self.dict.as_ptr()).clone() };
        held.unwrap_or_else(|| {
            let fresh = Dict::new();
            self.dict.set(Some(fresh.clone()));
            fresh
        })
    }
}

fn check_keywords(dict: &Dict) -> PyResult<()> {
    let mut at = 0;
    while let Some((key, _)) = dict.next(&mut at) {
        if !key.is_instance_of::<Str>() {
            return Err(err!(TypeError, "keywords must be strings"));
        }
    }
    Ok(())
}

/// A simple attribute-based namespace.
#[pytype(static = _PyNamespace_Type, name = "SimpleNamespace", module = "types", signature = "(mapping_or_iterable=(), /, **kwargs)",
    flags = BASETYPE | HAVE_GC, native, dictoffset = offset_of!(Namespace, dict),
    members = [("__dict__", T_OBJECT, offset_of!(Namespace, dict), READONLY)])]
impl Namespace {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<Namespace>> {
        Self::construct(cls, Namespace { head: ObjectHead::placeholder(), dict: Cell::new(Some(Dict::new())) })
    }
    #[slot]
    fn tp_init(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<()> {
        if args.len() > 1 {
            return Err(err!(
                TypeError,
                "{} expected at most 1 argument, got {}",
                self.as_object().ty().short_name(),
                args.len()
            ));
        }
        if args.len() == 1 {
            let given = args.get(0);
            let source = match given.downcast_exact::<Dict>() {
                Some(dict) => Owned::from_ref(dict),
                None => {
                    let dict = Dict::new();
                    dict.update_from_argument(given)?;
                    dict
                }
            };
            check_keywords(&source)?;
            self.dict().update(&source)?;
        }
        if let Some(kwargs) = kwargs {
            check_keywords(kwargs)?;
            self.dict().update(kwargs)?;
        }
        Ok(())
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let this = self.as_object();
        let name = if std::ptr::eq(this.ty(), Self::type_object()) { "namespace" } else { this.ty().short_name() };
        if proto::repr_enter(this) {
            return Ok(Str::new(&format!("{name}(...)")));
        }
        let result = (|| {
            let mut parts = vec![Str::new(name), Str::new("(")];
            let dict = self.dict();
            let keys = dict.keys_list()?;
            let mut first = true;
            for i in 0..keys.len() {
                let Some(key) = keys.get(i) else { break };
                let Some(key) = key.downcast::<Str>() else { continue };
                if key.len() == 0 {
                    continue;
                }
                let Some(value) = dict.get_item(key)? else { continue };
                if !first {
                    parts.push(Str::new(", "));
                }
                first = false;
                parts.push(Owned::from_ref(key));
                parts.push(Str::new("="));
                parts.push(proto::repr(&value)?);
            }
            parts.push(Str::new(")"));
            Str::concat_all(&parts)
        })();
        proto::repr_leave(this);
        result
    }
    #[slot]
    fn tp_richcompare(this: &Object, other: &Object, op: CompareOp) -> PyResult {
        match (this.downcast::<Namespace>(), other.downcast::<Namespace>()) {
            (Some(a), Some(b)) => proto::rich_compare(&*a.dict(), &*b.dict(), op),
            _ => Ok(proto::not_implemented()),
        }
    }
    /// Return state information for pickling
    #[method("__reduce__($self, /)", nosig)]
    fn __reduce__(&self) -> PyResult {
        let class = self.as_object().ty();
        Ok(Tuple::new(&[class, &*Tuple::empty(), &*self.dict()]).into_object())
    }
    /// Return a copy of the namespace object with new values for the specified attributes.
    #[method("__replace__($self, /, **changes)")]
    fn __replace__(&self, args: crate::macro_support::Args<'_>, changes: crate::macro_support::KwArgs<'_>) -> PyResult {
        if !args.is_empty() {
            return Err(err!(TypeError, "__replace__() takes no positional arguments ({} given)", args.len()));
        }
        let class = self.as_object().ty().to_owned();
        let made = call::call0(&class)?;
        if !made.is_instance_of::<Self>() {
            let name = crate::types::type_methods::fully_qualified_name(self.as_object().ty())?;
            return Err(err!(TypeError, "expect types.SimpleNamespace type, but {}() returned '{}' object", name, made.type_name()));
        }
        let dict = proto::get_attr(&made, intern!("__dict__"))?;
        if let Some(dict) = dict.downcast::<Dict>() {
            dict.update(&*self.dict())?;
            for (name, value) in changes.iter() {
                dict.set_item(name, value)?;
            }
        }
        Ok(made)
    }
}

