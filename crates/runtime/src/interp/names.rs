//! Names: LOAD_NAME and friends, globals, closures, and the NameErrors they raise.

use super::frame::InterpreterFrame;
use crate::err;
use crate::errors::{self, PyResult, Raised};
use crate::exceptions;
use crate::object::{Object, Owned, PyTyped};
use crate::protocol::{mapping, object};
use crate::types::{Cell as PyCell, Code, Dict, Str, Tuple};

/// Looks `key` up in a namespace that may be any mapping; a missing key is `None`.
fn namespace_get(namespace: &Object, key: &Str) -> PyResult<Option<Owned>> {
    match namespace.downcast_exact::<Dict>() {
        Some(dict) => dict.get_item(key.as_object()),
        None => errors::catch(mapping::get_item(namespace, key.as_object()), exceptions::KeyError()),
    }
}

unsafe fn locals_of<'a>(frame: *mut InterpreterFrame) -> Option<&'a Object> {
    // SAFETY: f_locals is NULL or owned by the frame.
    unsafe { Object::from_ptr_opt((*frame).f_locals) }
}

/// # Safety
/// All functions here: `frame` is the running frame.
pub unsafe fn load_name(frame: *mut InterpreterFrame, name: &Str) -> PyResult {
    // SAFETY: by contract.
    let Some(locals) = (unsafe { locals_of(frame) }) else { return Err(err!(SystemError, "no locals found")) };
    if let Some(value) = namespace_get(locals, name)? {
        return Ok(value);
    }
    // SAFETY: by contract.
    unsafe { load_global(frame, name) }
}

pub unsafe fn load_global(frame: *mut InterpreterFrame, name: &Str) -> PyResult {
    // SAFETY: globals and builtins live as long as the frame's function.
    let (globals, builtins) = unsafe { (Object::from_ptr((*frame).f_globals), Object::from_ptr((*frame).f_builtins)) };
    if let Some(value) = namespace_get(globals, name)? {
        return Ok(value);
    }
    if let Some(value) = namespace_get(builtins, name)? {
        return Ok(value);
    }
    Err(name_error(name))
}

#[cold]
pub fn name_error(name: &Str) -> Raised {
    let raised = err!(NameError, "name '{}' is not defined", name);
    set_name(name);
    raised
}

/// Fills in the `name` attribute of the NameError that is set.
fn set_name(name: &Str) {
    if let Some(exc) = errors::take() {
        if exc.object().ty().is_subtype(exceptions::NameError()) {
            let done = object::set_attr(exc.object(), crate::intern!("name"), Some(name.as_object()));
            if done.is_err() {
                errors::clear();
            }
        }
        errors::restore(exc);
    }
}

pub unsafe fn store_name(frame: *mut InterpreterFrame, name: &Str, value: &Object) -> PyResult<()> {
    // SAFETY: by contract.
    match unsafe { locals_of(frame) } {
        None => Err(err!(SystemError, "no locals found when storing '{}'", name)),
        Some(locals) => match locals.downcast_exact::<Dict>() {
            Some(dict) => dict.set_item(name.as_object(), value),
            None => mapping::set_item(locals, name.as_object(), value),
        },
    }
}

pub unsafe fn delete_name(frame: *mut InterpreterFrame, name: &Str) -> PyResult<()> {
    // SAFETY: by contract.
    let Some(locals) = (unsafe { locals_of(frame) }) else { return Err(err!(SystemError, "no locals when deleting '{}'", name)) };
    match errors::catch(mapping::del_item(locals, name.as_object()), exceptions::KeyError())? {
        Some(()) => Ok(()),
        None => Err(name_error(name)),
    }
}

pub unsafe fn store_global(frame: *mut InterpreterFrame, name: &Str, value: &Object) -> PyResult<()> {
    // SAFETY: by contract.
    mapping_set(unsafe { Object::from_ptr((*frame).f_globals) }, name, value)
}

fn mapping_set(namespace: &Object, name: &Str, value: &Object) -> PyResult<()> {
    match namespace.downcast_exact::<Dict>() {
        Some(dict) => dict.set_item(name.as_object(), value),
        None => mapping::set_item(namespace, name.as_object(), value),
    }
}

pub unsafe fn delete_global(frame: *mut InterpreterFrame, name: &Str) -> PyResult<()> {
    // SAFETY: by contract.
    let globals = unsafe { Object::from_ptr((*frame).f_globals) };
    match errors::catch(mapping::del_item(globals, name.as_object()), exceptions::KeyError())? {
        Some(()) => Ok(()),
        None => Err(name_error(name)),
    }
}

pub unsafe fn load_locals(frame: *mut InterpreterFrame) -> PyResult {
    // SAFETY: by contract.
    match unsafe { locals_of(frame) } {
        Some(locals) => Ok(locals.to_owned()),
        None => Err(err!(SystemError, "no locals")),
    }
}

pub unsafe fn load_from_dict_or_globals(frame: *mut InterpreterFrame, dict: &Object, name: &Str) -> PyResult {
    match namespace_get(dict, name)? {
        Some(value) => Ok(value),
        // SAFETY: by contract.
        None => unsafe { load_global(frame, name) },
    }
}

pub unsafe fn load_from_dict_or_deref(frame: *mut InterpreterFrame, dict: &Object, index: usize) -> PyResult {
    // SAFETY: by contract.
    unsafe {
        let code = (*frame).code();
        if let Some(value) = namespace_get(dict, code.localsplus_name(index))? {
            return Ok(value);
        }
        let cell: &PyCell = (*(*frame).locals().add(index)).obj().cast();
        match Object::from_ptr_opt(cell.0.ob_ref.get()) {
            Some(value) => Ok(value.to_owned()),
            None => Err(raise_unbound_deref(code, index)),
        }
    }
}

#[cold]
pub fn raise_unbound_local(code: &Code, index: usize) -> Raised {
    let name = code.localsplus_name(index);
    err!(UnboundLocalError, "cannot access local variable '{}' where it is not associated with a value", name)
}

#[cold]
pub fn raise_unbound_deref(code: &Code, index: usize) -> Raised {
    let name = code.localsplus_name(index);
    let free_from = (code.0.co_nlocalsplus.get() - code.0.co_nfreevars.get()) as usize;
    if index < free_from {
        return raise_unbound_local(code, index);
    }
    let raised = err!(NameError, "cannot access free variable '{}' where it is not associated with a value in enclosing scope", name);
    set_name(name);
    raised
}

pub unsafe fn load_build_class(frame: *mut InterpreterFrame) -> PyResult {
    // SAFETY: by contract.
    let builtins = unsafe { Object::from_ptr((*frame).f_builtins) };
    match namespace_get(builtins, crate::intern!("__build_class__"))? {
        Some(value) => Ok(value),
        None => Err(err!(NameError, "__build_class__ not found")),
    }
}

/// LOAD_COMMON_CONSTANT's objects.
pub fn common_constant(oparg: usize) -> &'static Object {
    match oparg {
        0 => exceptions::AssertionError(),
        1 => exceptions::NotImplementedError(),
        2 => Tuple::type_object(),
        3 => super::call::builtin(super::call::Builtin::All),
        _ => super::call::builtin(super::call::Builtin::Any),
    }
}

pub unsafe fn setup_annotations(frame: *mut InterpreterFrame) -> PyResult<()> {
    // SAFETY: by contract.
    let Some(locals) = (unsafe { locals_of(frame) }) else { return Err(err!(SystemError, "no locals found when setting up annotations")) };
    let name = crate::intern!("__annotations__");
    if namespace_get(locals, name)?.is_none() {
        let dict = Dict::new();
        mapping_set(locals, name, dict.object())?;
    }
    Ok(())
}
