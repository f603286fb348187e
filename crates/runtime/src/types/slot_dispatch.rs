//! The functions in the slots of Python-made classes: each looks a special method up and calls it (`slot_nb_add` calls `__add__`).
//!
//! A class gets one of these only where it (or a Python-made base) defines the method; otherwise it carries the inherited pointer,
//! because C code compares and calls slots directly. Every function has the C signature of its slot.

use crate::errors::{self, PyResult, Raised, from_c, to_c};
use crate::macro_support::guard;
use crate::object::{Object, Owned, Type};
use crate::protocol::object::{self as proto, CompareOp, PyObject_GenericGetAttr};
use crate::protocol::{call, iter, number};
use crate::types::attributes::{descr_get, generic_lookup};
use crate::types::descr::WrapperDescr;
use crate::types::type_object::{lookup_special_method, type_getattro};
use crate::types::{self, Dict, Int, Str, Tuple};
use crate::{err, exceptions, intern};
use abi::{PyObject, PyTypeObject, c_int};
use std::ffi::c_void;
use std::ptr;

type P = *mut PyObject;

// ---- calling special methods -------------------------------------------------------------------------------------------------------

/// Calls `name` of the type of `args[0]` with `args`; `None` if the type has no such method.
///
/// # Safety
/// `args` are live objects, at least one.
unsafe fn call_optional(name: &Str, args: &[P]) -> PyResult<Option<Owned>> {
    // SAFETY: by contract.
    let this = unsafe { Object::from_ptr(args[0]) };
    match lookup_special_method(this, name)? {
        None => Ok(None),
        Some((method, true)) => call::vectorcall(&method, args, args.len(), None).map(Some),
        Some((method, false)) => call::vectorcall(&method, &args[1..], args.len() - 1, None).map(Some),
    }
}

/// As `call_optional`; a missing method is an AttributeError with its name.
///
/// # Safety
/// As there.
unsafe fn call_required(name: &Str, args: &[P]) -> PyResult {
    // SAFETY: by contract.
    match unsafe { call_optional(name, args) }? {
        Some(result) => Ok(result),
        None => Err(errors::raise_object(exceptions::AttributeError(), Some(name))),
    }
}

/// As `call_optional`; a missing method gives NotImplemented.
///
/// # Safety
/// As there.
unsafe fn call_or_not_implemented(name: &Str, args: &[P]) -> PyResult {
    // SAFETY: by contract.
    Ok(match unsafe { call_optional(name, args) }? {
        Some(result) => result,
        None => proto::not_implemented(),
    })
}

/// The slot function behind the special method `name` where the type has the method from a base made in C: calling that is what calling
/// the method comes to, without a tuple of arguments. `generic` is the asking function of this file.
#[inline]
fn inherited(this: &Object, name: &Str, generic: *const c_void) -> Option<*mut c_void> {
    let method = this.ty().lookup(name)?.downcast_exact::<WrapperDescr>()?;
    let is_same_slot = method.base().function.get().cast_const() == generic && this.ty().is_subtype(method.defining_type());
    is_same_slot.then(|| method.0.d_wrapped.get())
}

fn object_result(f: impl FnOnce() -> PyResult) -> P {
    guard(|| to_c(f()))
}

fn status_result(f: impl FnOnce() -> PyResult<()>) -> c_int {
    guard(|| if f().is_ok() { 0 } else { -1 })
}

macro_rules! slot_unary {
    ($($slot:ident $name:literal;)*) => {$(
        pub unsafe extern "C" fn $slot(this: P) -> P {
            // SAFETY: a slot's arguments are live objects.
            object_result(|| unsafe { call_required(intern!($name), &[this]) })
        }
    )*};
}

macro_rules! slot_inplace {
    ($($slot:ident $name:literal;)*) => {$(
        pub unsafe extern "C" fn $slot(this: P, other: P) -> P {
            // SAFETY: a slot's arguments are live objects.
            object_result(|| unsafe { call_required(intern!($name), &[this, other]) })
        }
    )*};
}

macro_rules! slot_binary {
    ($($slot:ident $field:ident $name:literal $reflected:literal;)*) => {$(
        pub unsafe extern "C" fn $slot(this: P, other: P) -> P {
            // SAFETY: a slot's arguments are live objects.
            object_result(|| unsafe {
                let own = |o: P| {
                    (*Object::from_ptr(o).ty_ptr()).tp_as_number.get().as_ref()
                        .and_then(|n| n.$field.get())
                        .is_some_and(|f| ptr::fn_addr_eq(f, $slot as abi::binaryfunc))
                };
                binary(this, other, None, own(this), own(other), intern!($name), intern!($reflected))
            })
        }
    )*};
}

/// Both operands of a binary slot: the right one first if its class derives from the left one's and redefines the reflected method.
/// `this_has` and `other_has` say whose slot the running one is.
unsafe fn binary(this: P, other: P, third: Option<P>, this_has: bool, other_has: bool, name: &Str, reflected: &Str) -> PyResult {
    // SAFETY: a slot's arguments are live objects.
    let (a, b) = unsafe { (Object::from_ptr(this), Object::from_ptr(other)) };
    let mut try_other = other_has && !std::ptr::eq(a.ty(), b.ty());
    let apply = |name: &Str, x: P, y: P| match third {
        // SAFETY: as above.
        Some(z) => unsafe { call_or_not_implemented(name, &[x, y, z]) },
        None => unsafe { call_or_not_implemented(name, &[x, y]) },
    };
    if this_has {
        if try_other && b.ty().is_subtype(a.ty()) && is_overloaded(a, b, reflected)? {
            let result = apply(reflected, other, this)?;
            if !result.is(types::not_implemented()) {
                return Ok(result);
            }
            try_other = false;
        }
        let result = apply(name, this, other)?;
        if !result.is(types::not_implemented()) || std::ptr::eq(a.ty(), b.ty()) {
            return Ok(result);
        }
    }
    if try_other {
        return apply(reflected, other, this);
    }
    Ok(proto::not_implemented())
}

/// Whether the right operand's class has another `name` than the left one's.
fn is_overloaded(left: &Object, right: &Object, name: &Str) -> PyResult<bool> {
    let Some(theirs) = proto::get_attr_opt(right.ty(), name)? else { return Ok(false) };
    match proto::get_attr_opt(left.ty(), name)? {
        None => Ok(true),
        Some(ours) => proto::rich_compare_bool(&ours, &theirs, CompareOp::Ne),
    }
}

// ---- numbers -----------------------------------------------------------------------------------------------------------------------

slot_binary! {
    slot_nb_add nb_add "__add__" "__radd__";
    slot_nb_subtract nb_subtract "__sub__" "__rsub__";
    slot_nb_multiply nb_multiply "__mul__" "__rmul__";
    slot_nb_remainder nb_remainder "__mod__" "__rmod__";
    slot_nb_divmod nb_divmod "__divmod__" "__rdivmod__";
    slot_nb_lshift nb_lshift "__lshift__" "__rlshift__";
    slot_nb_rshift nb_rshift "__rshift__" "__rrshift__";
    slot_nb_and nb_and "__and__" "__rand__";
    slot_nb_xor nb_xor "__xor__" "__rxor__";
    slot_nb_or nb_or "__or__" "__ror__";
    slot_nb_floor_divide nb_floor_divide "__floordiv__" "__rfloordiv__";
    slot_nb_true_divide nb_true_divide "__truediv__" "__rtruediv__";
    slot_nb_matrix_multiply nb_matrix_multiply "__matmul__" "__rmatmul__";
}

slot_unary! {
    slot_nb_negative "__neg__";
    slot_nb_positive "__pos__";
    slot_nb_absolute "__abs__";
    slot_nb_invert "__invert__";
    slot_nb_int "__int__";
    slot_nb_float "__float__";
    slot_nb_index "__index__";
}

slot_inplace! {
    slot_nb_inplace_add "__iadd__";
    slot_nb_inplace_subtract "__isub__";
    slot_nb_inplace_multiply "__imul__";
    slot_nb_inplace_remainder "__imod__";
    slot_nb_inplace_lshift "__ilshift__";
    slot_nb_inplace_rshift "__irshift__";
    slot_nb_inplace_and "__iand__";
    slot_nb_inplace_xor "__ixor__";
    slot_nb_inplace_or "__ior__";
    slot_nb_inplace_floor_divide "__ifloordiv__";
    slot_nb_inplace_true_divide "__itruediv__";
    slot_nb_inplace_matrix_multiply "__imatmul__";
    slot_mp_subscript "__getitem__";
}

pub unsafe extern "C" fn slot_nb_power(this: P, other: P, modulus: P) -> P {
    // SAFETY: a slot's arguments are live objects.
    object_result(|| unsafe {
        let own = |o: P| {
            (*Object::from_ptr(o).ty_ptr())
                .tp_as_number
                .get()
                .as_ref()
                .and_then(|n| n.nb_power.get())
                .is_some_and(|f| ptr::fn_addr_eq(f, slot_nb_power as abi::ternaryfunc))
        };
        let third = if modulus == types::none().as_ptr() { None } else { Some(modulus) };
        binary(this, other, third, own(this), own(other), intern!("__pow__"), intern!("__rpow__"))
    })
}

/// `__ipow__` takes no modulus; the slot does.
pub unsafe extern "C" fn slot_nb_inplace_power(this: P, other: P, _modulus: P) -> P {
    // SAFETY: a slot's arguments are live objects.
    object_result(|| unsafe { call_required(intern!("__ipow__"), &[this, other]) })
}

pub unsafe extern "C" fn slot_nb_bool(this: P) -> c_int {
    guard(|| {
        // SAFETY: a slot's arguments are live objects.
        let answer = (|| unsafe {
            let object = Object::from_ptr(this);
            if object.ty().lookup(intern!("__bool__")).is_some_and(Object::is_none) {
                return Err(err!(TypeError, "'{}' cannot be interpreted as a boolean", object.type_name()));
            }
            if let Some(value) = call_optional(intern!("__bool__"), &[this])? {
                if value.is(types::true_()) || value.is(types::false_()) {
                    return Ok(value.is(types::true_()));
                }
                return Err(err!(TypeError, "__bool__ should return bool, returned {}", value.type_name()));
            }
            match call_optional(intern!("__len__"), &[this])? {
                Some(length) => proto::is_true(&length),
                None => Ok(true),
            }
        })();
        match answer {
            Ok(truth) => truth as c_int,
            Err(Raised { .. }) => -1,
        }
    })
}

// ---- containers --------------------------------------------------------------------------------------------------------------------

pub unsafe extern "C" fn slot_sq_length(this: P) -> isize {
    guard(|| {
        // SAFETY: a slot's arguments are live objects.
        let length = unsafe { call_required(intern!("__len__"), &[this]) }.and_then(|value| {
            let value = number::index(&value)?;
            if value.sign() < 0 {
                return Err(err!(ValueError, "__len__() should return >= 0"));
            }
            number::as_isize(&value, Some(exceptions::OverflowError()))
        });
        length.unwrap_or(-1)
    })
}

pub unsafe extern "C" fn slot_sq_item(this: P, index: isize) -> P {
    // SAFETY: a slot's arguments are live objects.
    object_result(|| unsafe { call_required(intern!("__getitem__"), &[this, Int::from_i64(index as i64).raw()]) })
}

pub unsafe extern "C" fn slot_sq_ass_item(this: P, index: isize, value: P) -> c_int {
    status_result(|| {
        let index = Int::from_i64(index as i64);
        // SAFETY: a slot's arguments are live objects.
        unsafe { assign(this, index.raw(), value, intern!("__setitem__"), intern!("__delitem__")) }
    })
}

pub unsafe extern "C" fn slot_mp_ass_subscript(this: P, key: P, value: P) -> c_int {
    let name = if value.is_null() { intern!("__delitem__") } else { intern!("__setitem__") };
    // SAFETY: a slot's arguments are live objects; the function is that of the same slot of a base.
    unsafe {
        if let Some(function) = inherited(Object::from_ptr(this), name, slot_mp_ass_subscript as *const c_void) {
            return std::mem::transmute::<*mut c_void, abi::objobjargproc>(function)(this, key, value);
        }
        status_result(|| assign(this, key, value, intern!("__setitem__"), intern!("__delitem__")))
    }
}

/// `set(this, key, value)`, or `delete(this, key)` for NULL.
unsafe fn assign(this: P, key: P, value: P, set: &Str, delete: &Str) -> PyResult<()> {
    // SAFETY: the caller's arguments are live objects.
    unsafe {
        if value.is_null() {
            call_required(delete, &[this, key])?;
        } else {
            call_required(set, &[this, key, value])?;
        }
    }
    Ok(())
}

pub unsafe extern "C" fn slot_sq_contains(this: P, value: P) -> c_int {
    guard(|| {
        // SAFETY: a slot's arguments are live objects.
        match unsafe { contains(Object::from_ptr(this), Object::from_ptr(value)) } {
            Ok(found) => found as c_int,
            Err(Raised { .. }) => -1,
        }
    })
}

fn contains(this: &Object, value: &Object) -> PyResult<bool> {
    if let Some((method, unbound)) = lookup_special_method(this, intern!("__contains__"))? {
        if method.is_none() {
            return Err(err!(TypeError, "'{}' object is not a container", this.type_name()));
        }
        let args = [this.as_ptr(), value.as_ptr()];
        let args = if unbound { &args[..] } else { &args[1..] };
        let result = call::vectorcall(&method, args, args.len(), None)?;
        return proto::is_true(&result);
    }
    let iterator = match iter::get_iter(this) {
        Ok(iterator) => iterator,
        Err(_) if errors::matches(exceptions::TypeError()) => {
            errors::clear();
            return Err(err!(TypeError, "argument of type '{}' is not a container or iterable", this.type_name()));
        }
        Err(raised) => return Err(raised),
    };
    while let Some(item) = iter::iter_next(&iterator)? {
        if proto::rich_compare_bool(&item, value, CompareOp::Eq)? {
            return Ok(true);
        }
    }
    Ok(false)
}

// ---- the type's own slots ----------------------------------------------------------------------------------------------------------

pub unsafe extern "C" fn slot_tp_repr(this: P) -> P {
    // SAFETY: a slot's arguments are live objects.
    object_result(|| unsafe {
        match call_optional(intern!("__repr__"), &[this])? {
            Some(text) => Ok(text),
            None => Ok(Str::new(&format!("<{} object at {:p}>", Object::from_ptr(this).type_name(), this)).into_object()),
        }
    })
}

slot_unary! {
    slot_tp_str "__str__";
    slot_tp_iternext "__next__";
}

pub unsafe extern "C" fn slot_tp_hash(this: P) -> isize {
    // SAFETY: a slot's arguments are live objects.
    guard(|| match unsafe { hash(Object::from_ptr(this)) } {
        Ok(value) => value,
        Err(Raised { .. }) => -1,
    })
}

fn hash(this: &Object) -> PyResult<isize> {
    let Some((method, unbound)) = lookup_special_method(this, intern!("__hash__"))? else {
        return Err(proto::hash_not_implemented(this));
    };
    if method.is_none() {
        return Err(proto::hash_not_implemented(this));
    }
    let args = [this.as_ptr()];
    let args = if unbound { &args[..] } else { &args[1..] };
    let result = call::vectorcall(&method, args, args.len(), None)?;
    let Some(value) = result.downcast::<Int>() else {
        return Err(err!(TypeError, "__hash__ method should return an integer"));
    };
    let value = match value.as_i64() {
        Some(value) => value as isize,
        // A value too large is hashed as an int is, whatever the subclass says.
        None => number::int_hash(value),
    };
    Ok(if value == -1 { -2 } else { value })
}

pub unsafe extern "C" fn slot_tp_call(this: P, args: P, kwargs: P) -> P {
    // SAFETY: a slot's arguments are live objects.
    object_result(|| unsafe {
        let (object, args) = (Object::from_ptr(this), Object::from_ptr(args).cast::<Tuple>());
        let kwargs = Object::from_ptr_opt(kwargs).map(|k| k.cast::<Dict>());
        match lookup_special_method(object, intern!("__call__"))? {
            None => Err(errors::raise_object(exceptions::AttributeError(), Some(intern!("__call__")))),
            Some((method, true)) => call_prepended(&method, object, args, kwargs),
            Some((method, false)) => call::call(&method, args, kwargs),
        }
    })
}

/// `callable(first, *args, **kwargs)`.
pub(crate) fn call_prepended(callable: &Object, first: &Object, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
    if kwargs.is_none_or(|k| k.len() == 0) && args.len() <= 7 {
        let mut flat = [ptr::null_mut(); 8];
        flat[0] = first.as_ptr();
        flat[1..1 + args.len()].copy_from_slice(args.items());
        return call::vectorcall(callable, &flat[..1 + args.len()], 1 + args.len(), None);
    }
    let mut all = Vec::with_capacity(args.len() + 1);
    all.push(first.to_owned());
    for i in 0..args.len() {
        all.push(args.get(i).to_owned());
    }
    call::call(callable, &Tuple::from_owned(all), kwargs)
}

/// In `tp_getattro` where `__getattribute__` alone is overridden.
pub unsafe extern "C" fn slot_tp_getattro(this: P, name: P) -> P {
    // SAFETY: a slot's arguments are live objects.
    object_result(|| unsafe { call_required(intern!("__getattribute__"), &[this, name]) })
}

/// In `tp_getattro` where there is (or was) a `__getattr__`.
pub unsafe extern "C" fn slot_tp_getattr_hook(this: P, name: P) -> P {
    // SAFETY: a slot's arguments are live objects.
    object_result(|| unsafe { getattr_hook(Object::from_ptr(this), Object::from_ptr(name)) })
}

fn getattr_hook(this: &Object, name: &Object) -> PyResult {
    let ty = this.ty();
    let Some(hook) = ty.lookup(intern!("__getattr__")) else {
        // The hook is gone: the simpler function does from now on.
        if ty.is_heap_type() {
            ty.0.tp_getattro.set(Some(slot_tp_getattro));
        }
        // SAFETY: live objects.
        return unsafe { from_c(slot_tp_getattro(this.as_ptr(), name.as_ptr())) };
    };
    let hook = hook.to_owned();
    let attribute = ty.lookup(intern!("__getattribute__")).map(|g| g.to_owned());
    let wrapped = match &attribute {
        None => Some(PyObject_GenericGetAttr as *const ()),
        Some(found) => types::descr::wrapped_slot(found),
    };
    let result = if wrapped == Some(PyObject_GenericGetAttr as *const ())
        && let Some(name) = name.downcast::<Str>()
    {
        match generic_lookup(this, name, None) {
            Ok(Some(value)) => return Ok(value),
            Ok(None) => return call_attribute(this, &hook, name),
            Err(raised) => Err(raised),
        }
    } else if wrapped == Some(type_getattro as *const ())
        && let (Some(ty), Some(name)) = (this.downcast::<Type>(), name.downcast::<Str>())
    {
        match types::type_object::lookup_attribute(ty, name) {
            Ok(Some(value)) => return Ok(value),
            Ok(None) => return call_attribute(this, &hook, name),
            Err(raised) => Err(raised),
        }
    } else if let Some(attribute) = &attribute {
        call_attribute(this, attribute, name)
    } else {
        proto::get_attr_object(this, name)
    };
    match result {
        Err(_) if errors::matches(exceptions::AttributeError()) => {
            errors::clear();
            call_attribute(this, &hook, name)
        }
        other => other,
    }
}

/// Calls a function found in the type, bound to `this`, with `name`.
fn call_attribute(this: &Object, function: &Object, name: &Object) -> PyResult {
    if function.ty().has_flag(abi::Py_TPFLAGS_METHOD_DESCRIPTOR as u64) {
        return call::vectorcall(function, &[this.as_ptr(), name.as_ptr()], 2, None);
    }
    match descr_get(function, Some(this), Some(this.ty())) {
        Some(bound) => {
            let bound = bound?;
            call::call1(&bound, name)
        }
        None => call::call1(function, name),
    }
}

pub unsafe extern "C" fn slot_tp_setattro(this: P, name: P, value: P) -> c_int {
    // SAFETY: a slot's arguments are live objects.
    status_result(|| unsafe { assign(this, name, value, intern!("__setattr__"), intern!("__delattr__")) })
}

pub unsafe extern "C" fn slot_tp_richcompare(this: P, other: P, op: c_int) -> P {
    object_result(|| {
        let name = match CompareOp::from_c(op) {
            Some(CompareOp::Lt) => intern!("__lt__"),
            Some(CompareOp::Le) => intern!("__le__"),
            Some(CompareOp::Eq) => intern!("__eq__"),
            Some(CompareOp::Ne) => intern!("__ne__"),
            Some(CompareOp::Gt) => intern!("__gt__"),
            Some(CompareOp::Ge) => intern!("__ge__"),
            None => return Err(errors::bad_internal_call()),
        };
        // SAFETY: a slot's arguments are live objects; the function is that of the same slot of a base.
        unsafe {
            if let Some(function) = inherited(Object::from_ptr(this), name, slot_tp_richcompare as *const c_void) {
                return from_c(std::mem::transmute::<*mut c_void, abi::richcmpfunc>(function)(this, other, op));
            }
            match lookup_special_method(Object::from_ptr(this), name) {
                Ok(Some((method, true))) => call::vectorcall(&method, &[this, other], 2, None),
                Ok(Some((method, false))) => call::vectorcall(&method, &[other], 1, None),
                Ok(None) => Ok(proto::not_implemented()),
                // A method that cannot be had (a property that raises) is one that is not there.
                Err(_) => {
                    errors::clear();
                    Ok(proto::not_implemented())
                }
            }
        }
    })
}

pub unsafe extern "C" fn slot_tp_iter(this: P) -> P {
    // SAFETY: a slot's arguments are live objects.
    object_result(|| unsafe {
        let object = Object::from_ptr(this);
        match lookup_special_method(object, intern!("__iter__"))? {
            Some((method, _)) if method.is_none() => Err(err!(TypeError, "'{}' object is not iterable", object.type_name())),
            Some((method, true)) => call::vectorcall(&method, &[this], 1, None),
            Some((method, false)) => call::call0(&method),
            None if object.ty().lookup(intern!("__getitem__")).is_some() => types::seq_iter::SequenceIterator::over(object),
            None => Err(err!(TypeError, "'{}' object is not iterable", object.type_name())),
        }
    })
}

pub unsafe extern "C" fn slot_tp_descr_get(this: P, obj: P, owner: P) -> P {
    // SAFETY: a slot's arguments are live objects or NULL.
    object_result(|| unsafe {
        let object = Object::from_ptr(this);
        let Some(get) = object.ty().lookup(intern!("__get__")) else {
            return Ok(object.to_owned());
        };
        let get = get.to_owned();
        let or_none = |p: P| if p.is_null() { types::none().as_ptr() } else { p };
        call::vectorcall(&get, &[this, or_none(obj), or_none(owner)], 3, None)
    })
}

pub unsafe extern "C" fn slot_tp_descr_set(this: P, target: P, value: P) -> c_int {
    // SAFETY: a slot's arguments are live objects.
    status_result(|| unsafe { assign(this, target, value, intern!("__set__"), intern!("__delete__")) })
}

pub unsafe extern "C" fn slot_tp_init(this: P, args: P, kwargs: P) -> c_int {
    // SAFETY: a slot's arguments are live objects.
    status_result(|| unsafe {
        let (object, args) = (Object::from_ptr(this), Object::from_ptr(args).cast::<Tuple>());
        let kwargs = Object::from_ptr_opt(kwargs).map(|k| k.cast::<Dict>());
        let result = match lookup_special_method(object, intern!("__init__"))? {
            None => return Err(errors::raise_object(exceptions::AttributeError(), Some(intern!("__init__")))),
            Some((method, true)) => call_prepended(&method, object, args, kwargs)?,
            Some((method, false)) => call::call(&method, args, kwargs)?,
        };
        if !result.is_none() {
            return Err(err!(TypeError, "__init__() should return None, not '{}'", result.type_name()));
        }
        Ok(())
    })
}

pub unsafe extern "C" fn slot_tp_new(ty: *mut PyTypeObject, args: P, kwargs: P) -> P {
    // SAFETY: a slot's arguments are live objects.
    object_result(|| unsafe {
        let (ty, args) = (Type::from_type_ptr(ty), Object::from_ptr(args).cast::<Tuple>());
        let kwargs = Object::from_ptr_opt(kwargs).map(|k| k.cast::<Dict>());
        let function = proto::get_attr(ty, intern!("__new__"))?;
        call_prepended(&function, ty, args, kwargs)
    })
}

pub unsafe extern "C" fn slot_tp_finalize(this: P) {
    guard(|| {
        // SAFETY: a slot's arguments are live objects; the caller resurrected this one for the call.
        errors::preserve(|| unsafe {
            let object = Object::from_ptr(this);
            let found = match lookup_special_method(object, intern!("__del__")) {
                Ok(Some(found)) => found,
                Ok(None) => return,
                Err(_) => return errors::clear(),
            };
            let result = match &found {
                (method, true) => call::vectorcall(method, &[this], 1, None),
                (method, false) => call::call0(method),
            };
            if result.is_err() {
                exceptions::write_unraisable(Some("calling deallocator"), Some(&found.0));
            }
        });
        0
    });
}

pub unsafe extern "C" fn slot_am_await(this: P) -> P {
    // SAFETY: a slot's arguments are live objects.
    unsafe { async_slot(this, intern!("__await__")) }
}

pub unsafe extern "C" fn slot_am_aiter(this: P) -> P {
    // SAFETY: a slot's arguments are live objects.
    unsafe { async_slot(this, intern!("__aiter__")) }
}

pub unsafe extern "C" fn slot_am_anext(this: P) -> P {
    // SAFETY: a slot's arguments are live objects.
    unsafe { async_slot(this, intern!("__anext__")) }
}

unsafe fn async_slot(this: P, name: &Str) -> P {
    // SAFETY: by contract.
    object_result(|| unsafe {
        match call_optional(name, &[this])? {
            Some(result) => Ok(result),
            None => Err(err!(AttributeError, "object {} does not have {} method", Object::from_ptr(this).type_name(), name)),
        }
    })
}
