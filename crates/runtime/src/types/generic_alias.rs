//! `types.GenericAlias` (`list[int]`), and the substitution of type variables that unions share.

use crate::errors::{self, PyResult};
use crate::object::{Object, ObjectHead, Owned, PyTyped, Type, xincref};
use crate::protocol::object::{self as proto, CompareOp};
use crate::protocol::{call, iter, sequence};
use crate::types::attributes::generic_get_attr;
use crate::types::{self, Dict, List, Str, Tuple, union};
use crate::{err, exceptions, intern};
use macros::{Traverse, pytype};
use std::cell::Cell;
use std::mem::offset_of;
use std::ptr;

#[derive(Traverse)]
#[repr(C)]
pub struct GenericAlias {
    head: ObjectHead,
    origin: Cell<Option<Owned>>,
    args: Cell<Option<Owned<Tuple>>>,
    parameters: Cell<Option<Owned<Tuple>>>,
    weakrefs: Cell<*mut abi::PyObject>,
    /// Written as `*alias`.
    #[traverse(skip)]
    starred: Cell<bool>,
}

/// What a cell holds.
pub(crate) fn read<T>(cell: &Cell<Option<Owned<T>>>) -> PyResult<Owned<T>> {
    // SAFETY: the reference to the inside ends here; taking a count runs no code.
    match unsafe { (*cell.as_ptr()).clone() } {
        Some(value) => Ok(value),
        None => Err(errors::bad_internal_call()),
    }
}

/// Attributes of the alias itself; all others are the origin's.
const OWN_ATTRIBUTES: [&str; 9] = [
    "__class__",
    "__origin__",
    "__args__",
    "__unpacked__",
    "__parameters__",
    "__typing_unpacked_tuple_args__",
    "__mro_entries__",
    "__reduce_ex__",
    "__reduce__",
];
/// Attributes that the origin may not answer for.
const BLOCKED_ATTRIBUTES: [&str; 3] = ["__bases__", "__copy__", "__deepcopy__"];

impl GenericAlias {
    /// `Py_GenericAlias`; arguments that are no tuple become one.
    pub fn make(origin: &Object, args: &Object) -> PyResult {
        Ok(Self::create(Self::type_object(), origin, args)?.into_object())
    }
    /// As `make`.
    pub fn new(origin: &Object, args: &Object) -> PyResult {
        Self::make(origin, args)
    }
    fn create(cls: &Type, origin: &Object, args: &Object) -> PyResult<Owned<GenericAlias>> {
        let args = match args.downcast::<Tuple>() {
            Some(tuple) => Owned::from_ref(tuple),
            None => Tuple::new(&[args]),
        };
        Self::construct(
            cls,
            GenericAlias {
                head: ObjectHead::placeholder(),
                origin: Cell::new(Some(origin.to_owned())),
                args: Cell::new(Some(args)),
                parameters: Cell::new(None),
                weakrefs: Cell::new(ptr::null_mut()),
                starred: Cell::new(false),
            },
        )
    }
    fn parameters(&self) -> PyResult<Owned<Tuple>> {
        if let Ok(known) = read_optional(&self.parameters) {
            return Ok(known);
        }
        let parameters = make_parameters(&*read(&self.args)?)?;
        self.parameters.set(Some(parameters.clone()));
        Ok(parameters)
    }
    fn same_starred(&self, origin: &Object, args: &Object, starred: bool) -> PyResult<Owned<GenericAlias>> {
        let alias = Self::create(Self::type_object(), origin, args)?;
        alias.starred.set(starred);
        Ok(alias)
    }
}

fn read_optional<T>(cell: &Cell<Option<Owned<T>>>) -> Result<Owned<T>, ()> {
    // SAFETY: as `read`.
    unsafe { (*cell.as_ptr()).clone() }.ok_or(())
}

// ---- parameters --------------------------------------------------------------------------------------------------------------------

/// `Py_GenericAlias`.
pub fn new(origin: &Object, args: &Object) -> PyResult {
    GenericAlias::make(origin, args)
}

/// The items of an exact tuple or list.
fn exact_items(o: &Object) -> Option<Vec<Owned>> {
    if let Some(tuple) = o.downcast_exact::<Tuple>() {
        return Some((0..tuple.len()).map(|i| tuple.get(i).to_owned()).collect());
    }
    let list = o.downcast_exact::<List>()?;
    Some((0..list.len()).filter_map(|i| list.get(i)).collect())
}

/// `_Py_make_parameters`: the type variables in the arguments, in order of appearance.
pub fn make_parameters(args: &Object) -> PyResult<Owned<Tuple>> {
    let mut found: Vec<Owned> = Vec::new();
    collect_parameters(args, &mut found)?;
    Ok(Tuple::from_owned(found))
}

fn collect_parameters(args: &Object, found: &mut Vec<Owned>) -> PyResult<()> {
    crate::tstate::check_recursion(" in __parameter__ calculation")?;
    let mut add = |item: Owned| {
        if !found.iter().any(|f| f.is(&item)) {
            found.push(item);
        }
    };
    for item in exact_items(args).unwrap_or_default() {
        if item.is_instance_of::<Type>() {
            continue;
        }
        if exact_items(&item).is_some() {
            let inner = make_parameters(&item)?;
            (0..inner.len()).for_each(|i| add(inner.get(i).to_owned()));
            continue;
        }
        if proto::has_attr(&item, intern!("__typing_subst__"))? {
            add(item);
        } else if let Some(inner) = proto::get_attr_opt(&item, intern!("__parameters__"))?
            && let Some(inner) = inner.downcast::<Tuple>()
        {
            (0..inner.len()).for_each(|i| add(inner.get(i).to_owned()));
        }
    }
    Ok(())
}

/// The arguments inside an unpacked tuple type (`*tuple[int, str]`), unless it is of any length.
fn unpacked_args(item: &Object) -> PyResult<Option<Owned<Tuple>>> {
    let args = match item.downcast::<GenericAlias>() {
        Some(alias) => {
            if !alias.starred.get() || !read(&alias.origin)?.is(types::tuple_type()) {
                return Ok(None);
            }
            read(&alias.args)?
        }
        None => match proto::get_attr_opt(item, intern!("__typing_unpacked_tuple_args__"))? {
            Some(args) if !args.is_none() => match args.try_into_typed::<Tuple>() {
                Ok(args) => args,
                Err(_) => return Ok(None),
            },
            _ => return Ok(None),
        },
    };
    let any_length = args.len() > 0 && args.get(args.len() - 1).is(types::ellipsis());
    Ok((!any_length).then_some(args))
}

fn unpack_items(item: &Object) -> PyResult<Owned<Tuple>> {
    let given = match item.downcast::<Tuple>() {
        Some(tuple) => Owned::from_ref(tuple),
        None => Tuple::new(&[item]),
    };
    let mut all: Vec<Owned> = Vec::with_capacity(given.len());
    for i in 0..given.len() {
        let item = given.get(i);
        if !item.is_instance_of::<Type>()
            && let Some(inner) = unpacked_args(item)?
        {
            all.extend((0..inner.len()).map(|k| inner.get(k).to_owned()));
        } else {
            all.push(item.to_owned());
        }
    }
    Ok(Tuple::from_owned(all))
}

/// `_Py_subs_parameters`: the arguments with `item` put in for the parameters.
pub fn substitute(this: &Object, args: &Object, parameters: &Tuple, item: &Object) -> PyResult<Owned<Tuple>> {
    let count = parameters.len();
    if count == 0 {
        return Err(err!(TypeError, "{} is not a generic class", proto::repr(this)?));
    }
    let mut item: Owned = unpack_items(item)?.into_object();
    for i in 0..count {
        if let Some(prepare) = proto::get_attr_opt(parameters.get(i), intern!("__typing_prepare_subst__"))?
            && !prepare.is_none()
        {
            let packed = if item.is_instance_of::<Tuple>() { item.clone() } else { Tuple::new(&[&*item]).into_object() };
            item = call::call_args(&prepare, &[this, &packed])?;
        }
    }
    let given = match item.downcast::<Tuple>() {
        Some(tuple) => Owned::from_ref(tuple),
        None => Tuple::new(&[&*item]),
    };
    if given.len() != count {
        let what = if given.len() > count { "many" } else { "few" };
        return Err(err!(
            TypeError,
            "Too {} arguments for {}; actual {}, expected {}",
            what,
            proto::repr(this)?,
            given.len(),
            count
        ));
    }
    let mut result: Vec<Owned> = Vec::new();
    for arg in exact_items(args).unwrap_or_default() {
        if arg.is_instance_of::<Type>() {
            result.push(arg);
            continue;
        }
        if exact_items(&arg).is_some() {
            let inner = substitute(this, &arg, parameters, &item)?;
            result.push(if arg.is_instance_of::<List>() { sequence::to_list(&inner)?.into_object() } else { inner.into_object() });
            continue;
        }
        let unpack = match proto::get_attr_opt(&arg, intern!("__typing_is_unpacked_typevartuple__"))? {
            Some(flag) => proto::is_true(&flag)?,
            None => false,
        };
        let replaced = match proto::get_attr_opt(&arg, intern!("__typing_subst__"))? {
            Some(subst) => match index_of(parameters, &arg) {
                Some(at) => call::call1(&subst, given.get(at))?,
                None => {
                    return Err(err!(TypeError, "argument {} with __typing_subst__ was not found in __parameters__", proto::repr(&arg)?));
                }
            },
            None => substitute_inside(&arg, parameters, &given)?,
        };
        if unpack {
            let Some(tuple) = replaced.downcast::<Tuple>() else {
                return Err(err!(
                    TypeError,
                    "expected __typing_subst__ of {} objects to return a tuple, not {}",
                    arg.type_name(),
                    replaced.type_name()
                ));
            };
            result.extend((0..tuple.len()).map(|i| tuple.get(i).to_owned()));
        } else {
            result.push(replaced);
        }
    }
    Ok(Tuple::from_owned(result))
}

fn index_of(parameters: &Tuple, arg: &Object) -> Option<usize> {
    (0..parameters.len()).find(|&i| parameters.get(i).is(arg))
}

/// An argument that is generic itself gets its share of the values.
fn substitute_inside(arg: &Object, parameters: &Tuple, given: &Tuple) -> PyResult {
    let Some(inner) = proto::get_attr_opt(arg, intern!("__parameters__"))? else { return Ok(arg.to_owned()) };
    let Some(inner) = inner.downcast::<Tuple>().filter(|t| t.len() > 0) else { return Ok(arg.to_owned()) };
    let mut values: Vec<Owned> = Vec::new();
    for i in 0..inner.len() {
        let parameter = inner.get(i);
        match index_of(parameters, parameter) {
            Some(at) => {
                let value = given.get(at);
                match value.downcast::<Tuple>() {
                    // A tuple for a TypeVarTuple stands for its items.
                    Some(many) if parameter.ty().0.tp_iter.get().is_some() => {
                        values.extend((0..many.len()).map(|k| many.get(k).to_owned()));
                    }
                    _ => values.push(value.to_owned()),
                }
            }
            None => values.push(parameter.to_owned()),
        }
    }
    sequence::get_item(arg, &*Tuple::from_owned(values))
}

// ---- text --------------------------------------------------------------------------------------------------------------------------

/// `_Py_typing_type_repr`: a type as annotations show it.
pub fn type_repr(o: &Object) -> PyResult<Owned<Str>> {
    if o.is(types::ellipsis()) {
        return Ok(Str::new("..."));
    }
    if o.is(types::none_type()) {
        return Ok(Str::new("None"));
    }
    if proto::has_attr(o, intern!("__origin__"))? && proto::has_attr(o, intern!("__args__"))? {
        return proto::repr(o);
    }
    let Some(qualname) = proto::get_attr_opt(o, intern!("__qualname__"))? else { return proto::repr(o) };
    let Some(module) = proto::get_attr_opt(o, intern!("__module__"))?.filter(|m| !m.is_none()) else { return proto::repr(o) };
    let (module, qualname) = (proto::str(&module)?, proto::str(&qualname)?);
    if module.eq_str("builtins") {
        return Ok(qualname);
    }
    Str::concat_all(&[module, Str::new("."), qualname])
}

fn argument_repr(arg: &Object) -> PyResult<Owned<Str>> {
    let Some(list) = arg.downcast_exact::<List>() else { return type_repr(arg) };
    let mut parts = vec![Str::new("[")];
    for i in 0..list.len() {
        let Some(item) = list.get(i) else { return Err(err!(IndexError, "list index out of range")) };
        if i > 0 {
            parts.push(Str::new(", "));
        }
        parts.push(type_repr(&item)?);
    }
    parts.push(Str::new("]"));
    Str::concat_all(&parts)
}

// ---- the type ----------------------------------------------------------------------------------------------------------------------

/// Represent a PEP 585 generic type
///
/// For example, for t = list[int], t.__origin__ is list and t.__args__
/// is (int,).
#[pytype(static = Py_GenericAliasType, name = "GenericAlias", module = "types", signature = "(origin, args, /)", flags = BASETYPE | HAVE_GC, native,
    weaklistoffset = offset_of!(GenericAlias, weakrefs),
    members = [("__origin__", T_OBJECT, offset_of!(GenericAlias, origin), READONLY),
        ("__args__", T_OBJECT, offset_of!(GenericAlias, args), READONLY),
        ("__unpacked__", T_BOOL, offset_of!(GenericAlias, starred), READONLY)])]
impl GenericAlias {
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<Owned<GenericAlias>> {
        if kwargs.is_some_and(|k| k.len() > 0) {
            return Err(err!(TypeError, "GenericAlias() takes no keyword arguments"));
        }
        if args.len() != 2 {
            return Err(err!(TypeError, "GenericAlias expected 2 arguments, got {}", args.len()));
        }
        Self::create(cls, args.get(0), args.get(1))
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        crate::tstate::check_recursion(" in GenericAlias repr")?;
        let args = read(&self.args)?;
        let mut parts = Vec::with_capacity(2 * args.len() + 4);
        if self.starred.get() {
            parts.push(Str::new("*"));
        }
        parts.push(type_repr(&*read(&self.origin)?)?);
        parts.push(Str::new("["));
        for i in 0..args.len() {
            if i > 0 {
                parts.push(Str::new(", "));
            }
            parts.push(argument_repr(args.get(i))?);
        }
        if args.len() == 0 {
            parts.push(Str::new("()"));
        }
        parts.push(Str::new("]"));
        Str::concat_all(&parts)
    }
    #[slot]
    fn tp_hash(&self) -> PyResult<isize> {
        Ok(proto::hash(&*read(&self.origin)?)? ^ proto::hash(&*read(&self.args)?)?)
    }
    #[slot]
    fn tp_call(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
        let made = call::call(&*read(&self.origin)?, args, kwargs)?;
        match proto::set_attr(&made, intern!("__orig_class__"), Some(self.as_object())) {
            Err(_) if errors::matches(exceptions::AttributeError()) || errors::matches(exceptions::TypeError()) => errors::clear(),
            other => other?,
        }
        Ok(made)
    }
    #[slot]
    fn tp_getattro(&self, name: &Object) -> PyResult {
        let Some(name) = name.downcast::<Str>() else {
            return Err(err!(TypeError, "attribute name must be string, not '{}'", name.type_name()));
        };
        let own = OWN_ATTRIBUTES.iter().chain(&BLOCKED_ATTRIBUTES).any(|n| name.eq_str(n));
        if own { generic_get_attr(self.as_object(), name) } else { proto::get_attr(&*read(&self.origin)?, name) }
    }
    #[slot]
    fn tp_richcompare(this: &Object, other: &Object, op: CompareOp) -> PyResult {
        let (CompareOp::Eq | CompareOp::Ne, Some(a), Some(b)) = (op, this.downcast::<GenericAlias>(), other.downcast::<GenericAlias>()) else {
            return Ok(proto::not_implemented());
        };
        let equal = a.starred.get() == b.starred.get()
            && proto::rich_compare_bool(&*read(&a.origin)?, &*read(&b.origin)?, CompareOp::Eq)?
            && proto::rich_compare_bool(&*read(&a.args)?, &*read(&b.args)?, CompareOp::Eq)?;
        Ok(types::bool_object(equal == (op == CompareOp::Eq)).to_owned())
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        Ok(AliasIterator::construct(
            AliasIterator::type_object(),
            AliasIterator { head: ObjectHead::placeholder(), alias: Cell::new(Some(self.as_object().to_owned())) },
        )?
        .into_object())
    }
    #[slot]
    fn nb_or(a: &Object, b: &Object) -> PyResult {
        union::type_or(a, b)
    }
    #[slot]
    fn mp_subscript(&self, item: &Object) -> PyResult {
        let args = substitute(self.as_object(), &*read(&self.args)?, &*self.parameters()?, item)?;
        Ok(self.same_starred(&*read(&self.origin)?, &args, self.starred.get())?.into_object())
    }
    #[method("__mro_entries__($self, bases, /)", nosig)]
    fn __mro_entries__(&self, _bases: &Object) -> PyResult<Owned<Tuple>> {
        Ok(Tuple::new(&[&*read(&self.origin)?]))
    }
    #[method("__instancecheck__($self, instance, /)", nosig)]
    fn __instancecheck__(&self, _instance: &Object) -> PyResult<bool> {
        Err(err!(TypeError, "isinstance() argument 2 cannot be a parameterized generic"))
    }
    #[method("__subclasscheck__($self, subclass, /)", nosig)]
    fn __subclasscheck__(&self, _subclass: &Object) -> PyResult<bool> {
        Err(err!(TypeError, "issubclass() argument 2 cannot be a parameterized generic"))
    }
    #[method("__reduce__($self, /)", nosig)]
    fn __reduce__(&self) -> PyResult {
        let (origin, args) = (read(&self.origin)?, read(&self.args)?);
        if self.starred.get() {
            let iterator = iter::get_iter(&*Self::make(&origin, &args)?)?;
            let next = types::builtin_attr("next")?;
            return Ok(Tuple::new(&[&*next, &*Tuple::new(&[&*iterator])]).into_object());
        }
        Ok(Tuple::new(&[self.as_object().ty(), &*Tuple::new(&[&*origin, &*args])]).into_object())
    }
    #[method("__dir__($self, /)", nosig)]
    fn __dir__(&self) -> PyResult {
        let names = proto::dir(&*read(&self.origin)?)?;
        for name in OWN_ATTRIBUTES {
            let name = Str::intern(Str::new(name));
            if !sequence::contains(&names, &name)? {
                names.append(&name)?;
            }
        }
        Ok(names.into_object())
    }
    #[getter("__parameters__", "Type variables in the GenericAlias.")]
    fn get_parameters(&self) -> PyResult<Owned<Tuple>> {
        self.parameters()
    }
    #[getter("__typing_unpacked_tuple_args__")]
    fn get_unpacked(&self) -> PyResult<Option<Owned<Tuple>>> {
        if self.starred.get() && read(&self.origin)?.is(types::tuple_type()) {
            return read(&self.args).map(Some);
        }
        Ok(None)
    }
}

/// `iter(tuple[int])`: gives `*tuple[int]` once.
#[derive(Traverse)]
#[repr(C)]
pub struct AliasIterator {
    head: ObjectHead,
    alias: Cell<Option<Owned>>,
}

#[pytype(static = _Py_GenericAliasIterType, name = "generic_alias_iterator", flags = HAVE_GC | DISALLOW_INSTANTIATION, native)]
impl AliasIterator {
    #[slot]
    fn tp_iter(&self) -> PyResult {
        Ok(self.as_object().to_owned())
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        let Some(alias) = self.alias.take() else { return Ok(None) };
        let Some(alias) = alias.downcast::<GenericAlias>() else { return Err(errors::bad_internal_call()) };
        Ok(Some(alias.same_starred(&*read(&alias.origin)?, &*read(&alias.args)?, true)?.into_object()))
    }
    #[method("__reduce__($self, /)", nosig)]
    fn __reduce__(&self) -> PyResult {
        let iter = types::builtin_attr("iter")?;
        // SAFETY: the reference to the inside ends with the line.
        let rest = unsafe { xincref((*self.alias.as_ptr()).as_ref().map_or(ptr::null_mut(), |a| a.raw())) };
        // SAFETY: the count was just taken.
        let rest: Owned = unsafe { Owned::from_raw_opt(rest) }.unwrap_or_else(|| Tuple::empty().into_object());
        Ok(Tuple::new(&[&*iter, &*Tuple::new(&[&*rest])]).into_object())
    }
}

/// `origin[args]`, for `__class_getitem__` of native types (`Py_GenericAlias`).
pub fn alias(origin: &Object, args: &Object) -> PyResult {
    new(origin, args)
}
