//! `typing.Union` (`int | str`).

use crate::errors::PyResult;
use crate::object::{Object, ObjectHead, Owned, PyTyped, Type};
use crate::protocol::call;
use crate::protocol::object::{self as proto, CompareOp};
use crate::types::attributes::generic_get_attr;
use crate::types::generic_alias::{GenericAlias, make_parameters, read, substitute, type_repr};
use crate::types::type_methods::type_module;
use crate::types::{self, Dict, Str, Tuple};
use crate::{err, errors, exceptions, import, intern};
use macros::{Traverse, pytype};
use std::cell::Cell;
use std::mem::offset_of;
use std::ptr;

#[derive(Traverse)]
#[repr(C)]
pub struct Union {
    head: ObjectHead,
    args: Cell<Option<Owned<Tuple>>>,
    /// A frozenset of those that can be hashed; order does not matter to `==`.
    hashable: Cell<Option<Owned>>,
    unhashable: Cell<Option<Owned<Tuple>>>,
    parameters: Cell<Option<Owned<Tuple>>>,
    weakrefs: Cell<*mut abi::PyObject>,
}

impl Union {
    pub fn args(&self) -> Owned<Tuple> {
        // SAFETY: the reference to the inside ends with the line.
        unsafe { (*self.args.as_ptr()).clone() }.unwrap_or_else(Tuple::empty)
    }
}

/// Members collected so far, each once.
struct Builder {
    args: Vec<Owned>,
    hashable: Owned<Dict>,
    unhashable: Vec<Owned>,
    /// `Union[...]` checks its arguments; `|` has seen that they are types.
    checked: bool,
}

impl Builder {
    fn new(checked: bool) -> Builder {
        Builder { args: Vec::new(), hashable: Dict::new(), unhashable: Vec::new(), checked }
    }
    fn add(&mut self, arg: &Object) -> PyResult<()> {
        if arg.is_none() {
            return self.add_type(types::none_type());
        }
        if let Some(union) = arg.downcast_exact::<Union>() {
            let inner = union.args();
            for i in 0..inner.len() {
                self.add_type(inner.get(i))?;
            }
            return Ok(());
        }
        if self.checked {
            return self.add_type(arg);
        }
        let typing = import::import_module("typing")?;
        let message = Str::new("Union[arg, ...]: each arg must be a type.");
        let arg = call::call_method(&typing, intern!("_type_check"), &[arg, &message])?;
        self.add_type(&arg)
    }
    fn add_type(&mut self, arg: &Object) -> PyResult<()> {
        match proto::hash(arg) {
            Ok(_) => {
                if self.hashable.contains(arg)? {
                    return Ok(());
                }
                self.hashable.set_item(arg, types::none())?;
            }
            Err(_) if errors::matches(exceptions::TypeError()) => {
                errors::clear();
                for i in 0..self.unhashable.len() {
                    let known = self.unhashable[i].clone();
                    if proto::rich_compare_bool(&known, arg, CompareOp::Eq)? {
                        return Ok(());
                    }
                }
                self.unhashable.push(arg.to_owned());
            }
            Err(raised) => return Err(raised),
        }
        self.args.push(arg.to_owned());
        Ok(())
    }
    fn finish(mut self) -> PyResult {
        if self.args.is_empty() {
            return Err(err!(TypeError, "Cannot take a Union of no types."));
        }
        if self.args.len() == 1
            && let Some(only) = self.args.pop()
        {
            return Ok(only);
        }
        let hashable = call::call1(types::frozenset_type(), &self.hashable)?;
        let unhashable = (!self.unhashable.is_empty()).then(|| Tuple::from_owned(self.unhashable));
        let union = Union::construct(
            Union::type_object(),
            Union {
                head: ObjectHead::placeholder(),
                args: Cell::new(Some(Tuple::from_owned(self.args))),
                hashable: Cell::new(Some(hashable)),
                unhashable: Cell::new(unhashable),
                parameters: Cell::new(None),
                weakrefs: Cell::new(ptr::null_mut()),
            },
        )?;
        Ok(union.into_object())
    }
}

fn is_unionable(o: &Object) -> bool {
    o.is_none()
        || o.is_instance_of::<Type>()
        || o.is_instance_of::<GenericAlias>()
        || o.downcast_exact::<Union>().is_some()
        || o.type_name() == "typing.TypeAliasType"
}

/// `|` between types (`_Py_union_type_or`).
pub fn type_or(a: &Object, b: &Object) -> PyResult {
    if a.downcast_exact::<Union>().is_some() || b.downcast_exact::<Union>().is_some() {
        // With a union on one side, what typing.Union[...] takes may be on the other.
        return from_tuple(&*Tuple::new(&[a, b]));
    }
    if !is_unionable(a) || !is_unionable(b) {
        return Ok(proto::not_implemented());
    }
    let mut builder = Builder::new(true);
    builder.add(a)?;
    builder.add(b)?;
    builder.finish()
}

/// `_Py_union_from_tuple`: what `typing.Union[...]` gives.
pub fn from_tuple(args: &Tuple) -> PyResult {
    let mut builder = Builder::new(false);
    for i in 0..args.len() {
        builder.add(args.get(i))?;
    }
    builder.finish()
}

fn unhashable_members(union: &Union) -> Vec<Owned> {
    // SAFETY: the reference to the inside ends with the line.
    match unsafe { (*union.unhashable.as_ptr()).clone() } {
        Some(members) => (0..members.len()).map(|i| members.get(i).to_owned()).collect(),
        None => Vec::new(),
    }
}

fn equal(a: &Union, b: &Union) -> PyResult<bool> {
    if !proto::rich_compare_bool(&*read(&a.hashable)?, &*read(&b.hashable)?, CompareOp::Eq)? {
        return Ok(false);
    }
    let (left, right) = (unhashable_members(a), unhashable_members(b));
    if left.len() != right.len() {
        return Ok(false);
    }
    for x in &left {
        let mut found = false;
        for y in &right {
            if proto::rich_compare_bool(x, y, CompareOp::Eq)? {
                found = true;
                break;
            }
        }
        if !found {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Represent a union type
///
/// E.g. for int | str
#[pytype(static = _PyUnion_Type, name = "Union", module = "typing", flags = HAVE_GC | DISALLOW_INSTANTIATION, native,
    weaklistoffset = offset_of!(Union, weakrefs), members = [("__args__", T_OBJECT, offset_of!(Union, args), READONLY)])]
impl Union {
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let args = self.args();
        let mut parts = Vec::with_capacity(2 * args.len());
        for i in 0..args.len() {
            if i > 0 {
                parts.push(Str::new(" | "));
            }
            parts.push(type_repr(args.get(i))?);
        }
        Str::concat_all(&parts)
    }
    #[slot]
    fn tp_hash(&self) -> PyResult<isize> {
        let unhashable = unhashable_members(self);
        for member in &unhashable {
            proto::hash(member)?;
        }
        if !unhashable.is_empty() {
            return Err(err!(TypeError, "union contains {} unhashable elements", unhashable.len()));
        }
        proto::hash(&*read(&self.hashable)?)
    }
    #[slot]
    fn tp_richcompare(this: &Object, other: &Object, op: CompareOp) -> PyResult {
        let (CompareOp::Eq | CompareOp::Ne, Some(a), Some(b)) = (op, this.downcast_exact::<Union>(), other.downcast_exact::<Union>()) else {
            return Ok(proto::not_implemented());
        };
        Ok(types::bool_object(equal(a, b)? == (op == CompareOp::Eq)).to_owned())
    }
    #[slot]
    fn tp_getattro(&self, name: &Object) -> PyResult {
        let Some(name) = name.downcast::<Str>() else {
            return Err(err!(TypeError, "attribute name must be string, not '{}'", name.type_name()));
        };
        if name.eq_str("__module__")
            && let Some(module) = type_module(Self::type_object())?
        {
            return Ok(module);
        }
        generic_get_attr(self.as_object(), name)
    }
    #[slot]
    fn nb_or(a: &Object, b: &Object) -> PyResult {
        type_or(a, b)
    }
    #[slot]
    fn mp_subscript(&self, item: &Object) -> PyResult {
        let parameters = self.get_parameters()?;
        let args = substitute(self.as_object(), &*self.args(), &parameters, item)?;
        from_tuple(&args)
    }
    #[method("__mro_entries__($self, bases, /)", nosig)]
    fn __mro_entries__(&self, _bases: &Object) -> PyResult {
        Err(err!(TypeError, "Cannot subclass {}", proto::repr(self.as_object())?))
    }
    /// Create a union containing the given types
    #[classmethod("__class_getitem__($cls, args, /)", nosig)]
    fn __class_getitem__(_cls: &Type, args: &Object) -> PyResult {
        match args.downcast::<Tuple>() {
            Some(tuple) => from_tuple(tuple),
            None => from_tuple(&*Tuple::new(&[args])),
        }
    }
    #[getter("__name__", "Name of the type")]
    fn get_name(&self) -> &'static str {
        "Union"
    }
    #[getter("__qualname__", "Qualified name of the type")]
    fn get_qualname(&self) -> &'static str {
        "Union"
    }
    #[getter("__origin__", "Always returns the type")]
    fn get_origin(&self) -> PyResult {
        Ok(Self::type_object().as_object().to_owned())
    }
    #[getter("__parameters__", "Type variables in the types.UnionType.")]
    fn get_parameters(&self) -> PyResult<Owned<Tuple>> {
        // SAFETY: the reference to the inside ends with the line.
        if let Some(known) = unsafe { (*self.parameters.as_ptr()).clone() } {
            return Ok(known);
        }
        let parameters = make_parameters(&*self.args())?;
        self.parameters.set(Some(parameters.clone()));
        Ok(parameters)
    }
}

