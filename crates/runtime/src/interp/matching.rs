//! Pattern matching: MATCH_KEYS and MATCH_CLASS.

use crate::err;
use crate::errors::PyResult;
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol::{call, object};
use crate::types::{self, Set, Str, Tuple};

/// The values of `keys` in the mapping as a tuple, or None if one is missing.
pub fn keys(subject: &Object, keys: &Tuple) -> PyResult {
    if keys.len() == 0 {
        return Ok(Tuple::empty().into_object());
    }
    // `get` with a sentinel: __missing__ must not run.
    let get = object::get_attr(subject, crate::intern!("get"))?;
    let sentinel = call::call0(types::object_type())?;
    let seen = Set::new();
    let mut values = Vec::with_capacity(keys.len());
    for i in 0..keys.len() {
        let key = keys.get(i);
        if seen.contains(key)? {
            let shown = object::repr(key)?;
            return Err(err!(ValueError, "mapping pattern checks duplicate key ({})", &*shown));
        }
        seen.add(key)?;
        let value = call::call_args(&get, &[key, &sentinel])?;
        if value.raw() == sentinel.raw() {
            return Ok(types::none().to_owned());
        }
        values.push(value);
    }
    Ok(Tuple::from_owned(values).into_object())
}

/// The attributes that a class pattern asks for, or `None` if the subject does not match.
pub fn class(subject: &Object, cls: &Object, nargs: usize, kwattrs: &Tuple) -> PyResult<Option<Owned>> {
    let Some(ty) = cls.downcast::<Type>() else {
        return Err(err!(TypeError, "called match pattern must be a class"));
    };
    if !object::is_instance(subject, cls)? {
        return Ok(None);
    }
    let seen = Set::new();
    let mut attrs: Vec<Owned> = Vec::new();
    if nargs > 0 {
        let match_args = object::get_attr_opt(cls, crate::intern!("__match_args__"))?;
        let mut match_self = false;
        let names: Owned<Tuple> = match match_args {
            Some(names) => match names.try_into_typed::<Tuple>() {
                Ok(names) if Tuple::check_exact(names.object()) => names,
                Ok(other) => return Err(err!(TypeError, "{}.__match_args__ must be a tuple (got {})", ty.name(), other.object().type_name())),
                Err(other) => return Err(err!(TypeError, "{}.__match_args__ must be a tuple (got {})", ty.name(), other.type_name())),
            },
            None => {
                match_self = ty.has_flag(abi::_Py_TPFLAGS_MATCH_SELF as u64);
                Tuple::empty()
            }
        };
        let allowed = if match_self { 1 } else { names.len() };
        if allowed < nargs {
            return Err(err!(TypeError, "{}() accepts {} positional sub-pattern{} ({} given)", ty.name(), allowed, if allowed == 1 { "" } else { "s" }, nargs));
        }
        if match_self {
            attrs.push(subject.to_owned());
        } else {
            for i in 0..nargs {
                let name = names.get(i);
                if !Str::check_exact(name) {
                    return Err(err!(TypeError, "__match_args__ elements must be strings (got {})", name.type_name()));
                }
                match attribute(subject, ty, name, &seen)? {
                    Some(value) => attrs.push(value),
                    None => return Ok(None),
                }
            }
        }
    }
    for i in 0..kwattrs.len() {
        match attribute(subject, ty, kwattrs.get(i), &seen)? {
            Some(value) => attrs.push(value),
            None => return Ok(None),
        }
    }
    Ok(Some(Tuple::from_owned(attrs).into_object()))
}

fn attribute(subject: &Object, ty: &Type, name: &Object, seen: &Set) -> PyResult<Option<Owned>> {
    if seen.contains(name)? {
        let shown = object::repr(name)?;
        return Err(err!(TypeError, "{}() got multiple sub-patterns for attribute {}", ty.name(), &*shown));
    }
    seen.add(name)?;
    match name.downcast::<Str>() {
        Some(name) => object::get_attr_opt(subject, name),
        None => Err(err!(TypeError, "__match_args__ elements must be strings (got {})", name.type_name())),
    }
}
