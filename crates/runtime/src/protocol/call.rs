//! Calling objects: vectorcall first, `tp_call` otherwise.

use crate::err;
use crate::errors::{PyResult, Raised, from_c, no_memory};
use crate::object::{Object, Owned, PyTyped, Type};
use crate::types::{Dict, Str, Tuple};
use abi::{PyObject, vectorcallfunc};
use std::ptr;

pub const ARGUMENTS_OFFSET: usize = abi::PY_VECTORCALL_ARGUMENTS_OFFSET;

/// `PyVectorcall_Function`: the object's vectorcall entry, if it has one.
#[inline(always)]
pub fn vectorcall_of(callable: &Object) -> Option<vectorcallfunc> {
    let ty = callable.ty();
    if !ty.has_flag(abi::Py_TPFLAGS_HAVE_VECTORCALL as u64) {
        return None;
    }
    let offset = ty.0.tp_vectorcall_offset.get();
    // SAFETY: the flag says that a vectorcall pointer lies at the offset.
    unsafe { *((callable.as_ptr() as *const u8).offset(offset) as *const Option<vectorcallfunc>) }
}

/// The raw vectorcall protocol: owned result or NULL with an exception set.
/// # Safety
/// `args` has `nargsf`'s count plus `kwnames`' length live pointers.
#[inline]
pub unsafe fn vectorcall_raw(callable: *mut PyObject, args: *mut *mut PyObject, nargsf: usize, kwnames: *mut PyObject) -> *mut PyObject {
    // SAFETY: by contract.
    unsafe {
        let object = Object::from_ptr(callable);
        match vectorcall_of(object) {
            Some(function) => check_result(object, function(callable, args, nargsf, kwnames)),
            None => make_tp_call(object, args, nargsf & !ARGUMENTS_OFFSET, kwnames),
        }
    }
}

/// `_Py_CheckFunctionResult`: a result exactly if no exception is set.
#[inline(always)]
fn check_result(callable: &Object, result: *mut PyObject) -> *mut PyObject {
    let raised = crate::errors::occurred();
    if result.is_null() == raised {
        return result;
    }
    wrong_result(callable, result)
}

#[cold]
fn wrong_result(callable: &Object, result: *mut PyObject) -> *mut PyObject {
    let saved = crate::errors::take();
    let shown = super::object::repr(callable).map(|r| r.to_string()).unwrap_or_else(|_| {
        crate::errors::clear();
        callable.type_name().to_string()
    });
    if let Some(saved) = saved {
        crate::errors::restore(saved);
        // SAFETY: an owned result that is dropped.
        unsafe { crate::object::xdecref(result) };
        crate::errors::raise_from_cause(crate::exceptions::SystemError(), format_args!("{shown} returned a result with an exception set"));
    } else {
        let _ = err!(SystemError, "{shown} returned NULL without setting an exception");
    }
    ptr::null_mut()
}

/// `_PyObject_MakeTpCall`.
/// # Safety
/// As `vectorcall_raw`.
pub unsafe fn make_tp_call(callable: &Object, args: *mut *mut PyObject, nargs: usize, kwnames: *mut PyObject) -> *mut PyObject {
    let Some(tp_call) = callable.ty().0.tp_call.get() else {
        let _ = not_callable(callable);
        return ptr::null_mut();
    };
    // SAFETY: by the caller's contract.
    unsafe {
        // Pointers to live objects are references.
        let positional: &[&Object] = if nargs == 0 { &[] } else { std::slice::from_raw_parts(args as *const &Object, nargs) };
        let tuple = Tuple::new(positional);
        let mut kwargs: Option<Owned<Dict>> = None;
        if !kwnames.is_null() {
            let names: &Tuple = Object::from_ptr(kwnames).cast();
            if names.len() > 0 {
                let dict = Dict::new();
                for (k, &name) in names.items().iter().enumerate() {
                    if dict.set_item(Object::from_ptr(name), Object::from_ptr(*args.add(nargs + k))).is_err() {
                        return ptr::null_mut();
                    }
                }
                kwargs = Some(dict);
            }
        }
        if crate::tstate::check_recursion(" while calling a Python object").is_err() {
            return ptr::null_mut();
        }
        let kw = kwargs.as_ref().map_or(ptr::null_mut(), |k| k.raw());
        check_result(callable, tp_call(callable.as_ptr(), tuple.raw(), kw))
    }
}

#[cold]
fn not_callable(callable: &Object) -> Raised {
    if let Some(module) = callable.downcast_exact::<crate::types::Module>() {
        // "import pprint; pprint(x)" meant pprint.pprint(x).
        match suggest_member(module.as_object()) {
            Ok(None) => {}
            Ok(Some(name)) => return err!(TypeError, "'{}' object is not callable. Did you mean: '{}.{}(...)'?", callable.type_name(), name, name),
            Err(_) => crate::errors::clear(),
        }
    }
    err!(TypeError, "'{}' object is not callable", callable.type_name())
}

/// The module's name, if it has something callable of that name.
fn suggest_member(module: &Object) -> PyResult<Option<String>> {
    let name = super::object::get_attr(module, crate::intern!("__name__"))?;
    let Some(name) = name.downcast::<crate::types::Str>() else { return Ok(None) };
    let Some(member) = super::object::get_attr_opt(module, name)? else { return Ok(None) };
    Ok(member.ty().0.tp_call.get().is_some().then(|| name.to_string()))
}

/// `PyObject_Vectorcall`.
#[inline]
pub fn vectorcall(callable: &Object, args: &[*mut PyObject], nargsf: usize, kwnames: Option<&Tuple>) -> PyResult {
    let kw = kwnames.map_or(ptr::null_mut(), |k| k.as_object().as_ptr());
    // SAFETY: the slice holds live objects, as many as the counts say.
    unsafe { from_c(vectorcall_raw(callable.as_ptr(), args.as_ptr() as *mut _, nargsf, kw)) }
}

/// `callable()`.
#[inline]
pub fn call0(callable: &Object) -> PyResult {
    let mut args: [*mut PyObject; 1] = [ptr::null_mut(); 1];
    // SAFETY: no arguments; the spare slot is writable.
    unsafe { from_c(vectorcall_raw(callable.as_ptr(), args.as_mut_ptr().add(1), ARGUMENTS_OFFSET, ptr::null_mut())) }
}

/// `callable(arg)`.
#[inline]
pub fn call1(callable: &Object, arg: &Object) -> PyResult {
    let mut args = [ptr::null_mut(), arg.as_ptr()];
    // SAFETY: one live argument behind a spare slot.
    unsafe { from_c(vectorcall_raw(callable.as_ptr(), args.as_mut_ptr().add(1), 1 | ARGUMENTS_OFFSET, ptr::null_mut())) }
}

/// `callable(*args)`.
pub fn call_args(callable: &Object, args: &[&Object]) -> PyResult {
    if args.len() <= 7 {
        let mut small = [ptr::null_mut(); 8];
        for (slot, arg) in small[1..].iter_mut().zip(args) {
            *slot = arg.as_ptr();
        }
        // SAFETY: live arguments behind a spare slot.
        return unsafe { from_c(vectorcall_raw(callable.as_ptr(), small.as_mut_ptr().add(1), args.len() | ARGUMENTS_OFFSET, ptr::null_mut())) };
    }
    let mut large = Vec::new();
    large.try_reserve_exact(args.len() + 1).map_err(|_| no_memory())?;
    large.push(ptr::null_mut());
    large.extend(args.iter().map(|arg| arg.as_ptr()));
    // SAFETY: as above.
    unsafe { from_c(vectorcall_raw(callable.as_ptr(), large.as_mut_ptr().add(1), args.len() | ARGUMENTS_OFFSET, ptr::null_mut())) }
}

/// `callable(*args, **kwargs)` with a real tuple and dict (`PyObject_Call`).
pub fn call(callable: &Object, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
    let kwargs = kwargs.filter(|dict| dict.len() > 0);
    if let Some(function) = vectorcall_of(callable) {
        return call_function(function, callable, args, kwargs);
    }
    let Some(tp_call) = callable.ty().0.tp_call.get() else { return Err(not_callable(callable)) };
    crate::tstate::check_recursion(" while calling a Python object")?;
    let kw = kwargs.map_or(ptr::null_mut(), |k| k.as_object().as_ptr());
    // SAFETY: the tp_call protocol.
    unsafe { from_c(check_result(callable, tp_call(callable.as_ptr(), args.as_object().as_ptr(), kw))) }
}

/// Calls a vectorcall function with a tuple and a dict.
fn call_function(function: vectorcallfunc, callable: &Object, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
        // SAFETY: tuple items are alive while the tuple is.
        unsafe {
            let Some(kwargs) = kwargs else {
                let result = function(callable.as_ptr(), args.items().as_ptr() as *mut _, args.len(), ptr::null_mut());
                return from_c(check_result(callable, result));
            };
            let (mut stack, names) = (args.items().to_vec(), kwargs);
            let mut keys = Vec::with_capacity(names.len());
            let mut values: Vec<Owned> = Vec::with_capacity(names.len());
            let mut pos = 0;
            while let Some((key, value)) = names.next(&mut pos) {
                if !Str::check(&key) {
                    return Err(err!(TypeError, "keywords must be strings"));
                }
                keys.push(key);
                values.push(value);
            }
            stack.extend(values.iter().map(|v| v.raw()));
            let names = Tuple::from_owned(keys);
            let result = function(callable.as_ptr(), stack.as_mut_ptr(), args.len(), names.raw());
            return from_c(check_result(callable, result));
        }
    }

/// `PyVectorcall_Call`: the `tp_call` of types that implement vectorcall.
/// # Safety
/// The tp_call protocol.
#[unsafe(export_name = "PyVectorcall_Call")]
pub unsafe extern "C" fn vectorcall_call(callable: *mut PyObject, args: *mut PyObject, kwargs: *mut PyObject) -> *mut PyObject {
    // SAFETY: by contract.
    unsafe {
        let object = Object::from_ptr(callable);
        // A subclass with a `__call__` of its own has lost the flag, and gets here through `super()`.
        let offset = object.ty().0.tp_vectorcall_offset.get();
        let function = if offset > 0 { *((callable as *const u8).offset(offset) as *const Option<vectorcallfunc>) } else { None };
        let Some(function) = function else {
            let _ = err!(TypeError, "'{}' object does not support vectorcall", object.type_name());
            return ptr::null_mut();
        };
        let kwargs = Object::from_ptr_opt(kwargs).map(|k| k.cast::<Dict>()).filter(|dict| dict.len() > 0);
        crate::errors::to_c(call_function(function, object, Object::from_ptr(args).cast(), kwargs))
    }
}

/// `o.name()`.
pub fn call_method0(o: &Object, name: &Str) -> PyResult {
    call_method(o, name, &[])
}

/// `o.name(*args)`, without a bound method where the attribute is a plain method.
pub fn call_method(o: &Object, name: &Str, args: &[&Object]) -> PyResult {
    match crate::interp::attr::load_method(o, name)? {
        crate::interp::attr::Loaded::Unbound(function) => {
            let mut all = Vec::new();
            all.try_reserve_exact(args.len() + 1).map_err(|_| no_memory())?;
            all.push(o);
            all.extend_from_slice(args);
            call_args(&function, &all)
        }
        crate::interp::attr::Loaded::Value(method) => call_args(&method, args),
    }
}

/// Calls a type's special method found on the type (not the instance): `None` if there is none.
pub fn call_special(o: &Object, name: &Str, args: &[&Object]) -> PyResult<Option<Owned>> {
    match crate::types::type_object::lookup_special(o, name)? {
        Some(method) => call_args(&method, args).map(Some),
        None => Ok(None),
    }
}

/// The type of an object as a counted reference.
pub fn type_of(o: &Object) -> Owned<Type> {
    Owned::from_type(o.ty())
}
