//! `isinstance` and `issubclass`: the hooks `__instancecheck__` and `__subclasscheck__`, tuples and unions, classes that are not types.

use crate::errors::PyResult;
use crate::object::{Object, Owned, Type};
use crate::protocol::call;
use crate::protocol::object::{get_attr_opt, is_true};
use crate::tstate::check_recursion;
use crate::types::{self, Tuple, Union, lookup_special};
use crate::{err, intern};

/// `PyObject_IsInstance`.
pub fn is_instance(inst: &Object, cls: &Object) -> PyResult<bool> {
    if let Some(cls) = cls.downcast_exact::<Type>() {
        if std::ptr::eq(inst.ty(), cls) {
            return Ok(true);
        }
        return real_is_instance(inst, cls);
    }
    if std::ptr::eq(inst.ty() as *const Type as *const Object, cls) {
        return Ok(true);
    }
    let members = cls.downcast_exact::<Union>().map(|union| union.args());
    let cls = members.as_ref().map_or(cls, |m| m.object());
    if let Some(classes) = cls.downcast::<Tuple>() {
        check_recursion(" in __instancecheck__")?;
        let classes = Owned::from_ref(classes);
        for i in 0..classes.len() {
            if is_instance(inst, classes.get(i))? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    if let Some(hook) = lookup_special(cls, intern!("__instancecheck__"))? {
        check_recursion(" in __instancecheck__")?;
        let answer = call::call1(&hook, inst)?;
        return is_true(&answer);
    }
    real_is_instance(inst, cls)
}

/// `_PyObject_RealIsInstance`: what `type.__instancecheck__` does.
pub fn real_is_instance(inst: &Object, cls: &Object) -> PyResult<bool> {
    if let Some(cls) = cls.downcast::<Type>() {
        if inst.ty().is_subtype(cls) {
            return Ok(true);
        }
        // A proxy may claim another class.
        if let Some(claimed) = claimed_class(inst)?
            && let Some(claimed) = claimed.downcast::<Type>()
            && !std::ptr::eq(claimed, inst.ty())
        {
            return Ok(claimed.is_subtype(cls));
        }
        return Ok(false);
    }
    check_class(cls, "isinstance() arg 2 must be a type, a tuple of types, or a union")?;
    match get_attr_opt(inst, intern!("__class__"))? {
        Some(class) => abstract_is_subclass(&class, cls),
        None => Ok(false),
    }
}

fn claimed_class(inst: &Object) -> PyResult<Option<Owned>> {
    let ty = inst.ty();
    // Object's own `__class__` says nothing new.
    if ty.0.tp_getattro.get().is_some_and(|f| {
        std::ptr::fn_addr_eq(f, crate::protocol::object::PyObject_GenericGetAttr as abi::getattrofunc)
    }) && let (Some(a), Some(b)) = (ty.lookup(intern!("__class__")), types::object_type().lookup(intern!("__class__")))
        && a.is(b)
    {
        return Ok(None);
    }
    get_attr_opt(inst, intern!("__class__"))
}

/// `PyObject_IsSubclass`.
pub fn is_subclass(derived: &Object, cls: &Object) -> PyResult<bool> {
    if cls.downcast_exact::<Type>().is_some() {
        if derived.is(cls) {
            return Ok(true);
        }
        return real_is_subclass(derived, cls);
    }
    let members = cls.downcast_exact::<Union>().map(|union| union.args());
    let cls = members.as_ref().map_or(cls, |m| m.object());
    if let Some(classes) = cls.downcast::<Tuple>() {
        check_recursion(" in __subclasscheck__")?;
        let classes = Owned::from_ref(classes);
        for i in 0..classes.len() {
            if is_subclass(derived, classes.get(i))? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    if let Some(hook) = lookup_special(cls, intern!("__subclasscheck__"))? {
        check_recursion(" in __subclasscheck__")?;
        let answer = call::call1(&hook, derived)?;
        return is_true(&answer);
    }
    real_is_subclass(derived, cls)
}

/// `_PyObject_RealIsSubclass`: what `type.__subclasscheck__` does.
pub fn real_is_subclass(derived: &Object, cls: &Object) -> PyResult<bool> {
    if let (Some(derived), Some(cls)) = (derived.downcast::<Type>(), cls.downcast::<Type>()) {
        return Ok(derived.is_subtype(cls));
    }
    check_class(derived, "issubclass() arg 1 must be a class")?;
    if cls.downcast_exact::<Union>().is_none() {
        check_class(cls, "issubclass() arg 2 must be a class, a tuple of classes, or a union")?;
    }
    abstract_is_subclass(derived, cls)
}

/// As `real_is_subclass`, for callers that checked the arguments.
pub fn is_recursive_subclass(derived: &Object, cls: &Object) -> PyResult<bool> {
    real_is_subclass(derived, cls)
}

/// An object that is not a type counts as a class if its `__bases__` is a tuple.
fn abstract_bases(cls: &Object) -> PyResult<Option<Owned<Tuple>>> {
    match get_attr_opt(cls, intern!("__bases__"))? {
        Some(bases) => Ok(bases.try_into_typed::<Tuple>().ok()),
        None => Ok(None),
    }
}

fn check_class(cls: &Object, message: &str) -> PyResult<()> {
    match abstract_bases(cls)? {
        Some(_) => Ok(()),
        None => Err(err!(TypeError, "{}", message)),
    }
}

fn abstract_is_subclass(derived: &Object, cls: &Object) -> PyResult<bool> {
    let mut derived = derived.to_owned();
    loop {
        if derived.is(cls) {
            return Ok(true);
        }
        let Some(bases) = abstract_bases(&derived)? else { return Ok(false) };
        match bases.len() {
            0 => return Ok(false),
            // A single base needs no recursion.
            1 => derived = bases.get(0).to_owned(),
            n => {
                check_recursion(" in __issubclass__")?;
                for i in 0..n {
                    if abstract_is_subclass(bases.get(i), cls)? {
                        return Ok(true);
                    }
                }
                return Ok(false);
            }
        }
    }
}
