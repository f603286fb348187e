//! `__build_class__`: what a `class` statement calls.

use crate::err;
use crate::errors::{self, PyResult};
use crate::macro_support::{Args, KwArgs};
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol::{call, mapping, object};
use crate::types::{self, Cell, Dict, Function, Str, Tuple};
use crate::{interp, intern};
use macros::pyfunctions;
use std::ptr;

/// The bases with each one that is no class replaced by what its `__mro_entries__` says.
pub fn update_bases(bases: &Tuple) -> PyResult<Owned<Tuple>> {
    let mut replaced: Option<Vec<Owned>> = None;
    for i in 0..bases.len() {
        let base = bases.get(i);
        let entries = if base.is_instance_of::<Type>() { None } else { object::get_attr_opt(base, intern!("__mro_entries__"))? };
        let Some(method) = entries else {
            if let Some(list) = &mut replaced {
                list.push(base.to_owned());
            }
            continue;
        };
        let entries = call::call1(&method, bases)?;
        let Some(entries) = entries.downcast::<Tuple>() else {
            return Err(err!(TypeError, "__mro_entries__ must return a tuple"));
        };
        let list = replaced.get_or_insert_with(|| (0..i).map(|k| bases.get(k).to_owned()).collect());
        list.extend(entries.iter().map(Object::to_owned));
    }
    Ok(match replaced {
        Some(list) => Tuple::from_owned(list),
        None => Owned::from_ref(bases),
    })
}

/// The class must have got into the cell that its methods' `__class__` reads.
fn check_class_cell(cell: &Cell, name: &Str, class: &Object) -> PyResult<()> {
    match cell.get() {
        Some(found) if found.is(class) => Ok(()),
        found => {
            let (name, class) = (object::repr(name)?, object::repr(class)?);
            Err(match found {
                None => err!(RuntimeError, "__class__ not set defining {} as {}. Was __classcell__ propagated to type.__new__?", &*name, &*class),
                Some(found) => {
                    let found = object::repr(&found)?;
                    err!(TypeError, "__class__ set to {} defining {} as {}", &*found, &*name, &*class)
                }
            })
        }
    }
}

/// The namespace that the class body runs in.
fn prepare(meta: &Object, is_class: bool, name: &Str, bases: &Tuple, kwargs: Option<&Dict>) -> PyResult {
    let Some(prepare) = object::get_attr_opt(meta, intern!("__prepare__"))? else {
        return Ok(Dict::new().into_object());
    };
    let namespace = call::call(&prepare, &Tuple::new(&[name, bases]), kwargs)?;
    if !mapping::check(&namespace) {
        let shown = if is_class { meta.downcast::<Type>().map_or("<metaclass>", Type::name) } else { "<metaclass>" };
        return Err(err!(TypeError, "{}.__prepare__() must return a mapping, not {}", shown, namespace.type_name()));
    }
    Ok(namespace)
}

#[pyfunctions(BUILD_CLASS)]
pub mod functions {
    use super::*;

    /// __build_class__(func, name, /, *bases, [metaclass], **kwds) -> class
    ///
    /// What the class statement compiles to: runs the body and calls the metaclass.
    #[function("__build_class__($module, *args, **kwargs)", nosig)]
    fn build_class(args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult {
        let [function, name, given @ ..] = args else {
            return Err(err!(TypeError, "__build_class__: not enough arguments"));
        };
        if !Function::check(function) {
            return Err(err!(TypeError, "__build_class__: func must be a function"));
        }
        let Some(name) = name.downcast::<Str>() else {
            return Err(err!(TypeError, "__build_class__: name is not a string"));
        };
        let given = Tuple::new(given);
        let bases = update_bases(&given)?;

        let mut meta: Option<Owned> = None;
        let mut rest: Option<Owned<Dict>> = None;
        for (key, value) in kwargs.iter() {
            if key.downcast::<Str>().is_some_and(|k| k.eq_str("metaclass")) {
                meta = Some(value.to_owned());
            } else {
                rest.get_or_insert_with(Dict::new).set_item(key, value)?;
            }
        }
        let (mut meta, is_class) = match meta {
            Some(meta) => {
                let is_class = meta.is_instance_of::<Type>();
                (meta, is_class)
            }
            None if bases.is_empty() => (types::type_type().to_owned(), true),
            None => (bases.get(0).ty().to_owned(), true),
        };
        if is_class && let Some(class) = meta.downcast::<Type>() {
            let winner = types::mro::calculate_metaclass(class, &bases)?.to_owned();
            meta = winner;
        }

        let namespace = prepare(&meta, is_class, name, &bases, rest.as_deref())?;
        // SAFETY: a function and the namespace of its body; no arguments.
        let cell = unsafe {
            errors::from_c(interp::call::eval_vector(function.as_ptr(), namespace.raw(), ptr::null(), 0, ptr::null_mut()))?
        };
        if bases.raw() != given.raw() {
            mapping::set_item(&namespace, intern!("__orig_bases__"), &given)?;
        }
        let class = call::call(&meta, &Tuple::new(&[name, &bases, &namespace]), rest.as_deref())?;
        if class.is_instance_of::<Type>()
            && let Some(cell) = cell.downcast_exact::<Cell>()
        {
            check_class_cell(cell, name, &class)?;
        }
        Ok(class)
    }
}
