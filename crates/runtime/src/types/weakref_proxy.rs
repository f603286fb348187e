//! `weakref.proxy`: stands for its object in every operation, as long as the object lives.

use crate::errors::PyResult;
use crate::object::{Object, Owned};
use crate::protocol::object::{self as proto, CompareOp};
use crate::protocol::{call, iter, number, sequence};
use crate::types::slots::is_iterator;
use crate::types::weakref::{WeakRef, weakref_clear, weakref_dealloc, weakref_traverse};
use crate::types::{self, Dict, Str, Tuple};
use crate::{err, intern};
use abi::{PyObject, PyWeakReference};
use macros::pytype;

#[repr(transparent)]
pub struct WeakProxy(pub PyWeakReference);
#[repr(transparent)]
pub struct WeakCallableProxy(pub PyWeakReference);

fn is_proxy(o: &Object) -> bool {
    std::ptr::eq(o.ty(), &_PyWeakref_ProxyType) || std::ptr::eq(o.ty(), &_PyWeakref_CallableProxyType)
}

/// The object behind a proxy; any other object is itself.
fn target(o: &Object) -> PyResult {
    if !is_proxy(o) {
        return Ok(o.to_owned());
    }
    // SAFETY: proxies have the layout of references.
    match unsafe { o.cast::<WeakRef>() }.get() {
        Some(object) => Ok(object),
        None => Err(err!(ReferenceError, "weakly-referenced object no longer exists")),
    }
}

macro_rules! proxy_type {
    ($ty:ident, $static:ident, $name:literal, [$($extra:tt)*]) => {
        #[pytype(static = $static, name = $name, module = "weakref", flags = HAVE_GC | DISALLOW_INSTANTIATION,
            tp_dealloc = weakref_dealloc, tp_traverse = weakref_traverse, tp_clear = weakref_clear $($extra)*)]
        impl $ty {
            #[slot]
            fn tp_repr(this: &Object) -> PyResult<String> {
                // SAFETY: proxies have the layout of references.
                let reference = unsafe { this.cast::<WeakRef>() };
                Ok(match reference.get() {
                    Some(object) => format!("<weakproxy at {:p}; to '{}' at {:p}>", this, types::type_methods::fully_qualified_name(object.ty())?, object.raw()),
                    None => format!("<weakproxy at {:p}; dead>", this),
                })
            }
            #[slot]
            fn tp_str(this: &Object) -> PyResult<Owned<Str>> {
                proto::str(&*target(this)?)
            }
            #[slot]
            fn tp_getattro(this: &Object, name: &Object) -> PyResult {
                proto::get_attr_object(&*target(this)?, name)
            }
            #[slot]
            fn tp_setattro(this: &Object, name: &Object, value: Option<&Object>) -> PyResult<()> {
                proto::set_attr_object(&*target(this)?, name, value)
            }
            #[slot]
            fn tp_richcompare(this: &Object, other: &Object, op: CompareOp) -> PyResult {
                proto::rich_compare(&*target(this)?, &*target(other)?, op)
            }
            #[slot]
            fn tp_iter(this: &Object) -> PyResult {
                iter::get_iter(&*target(this)?)
            }
            #[slot]
            fn tp_iternext(this: &Object) -> PyResult<Option<Owned>> {
                let object = target(this)?;
                if !is_iterator(object.ty()) {
                    return Err(err!(TypeError, "Weakref proxy referenced a non-iterator '{}' object", object.type_name()));
                }
                iter::iter_next(&object)
            }
            #[slot]
            fn nb_bool(this: &Object) -> PyResult<bool> {
                proto::is_true(&*target(this)?)
            }
            #[slot]
            fn mp_length(this: &Object) -> PyResult<usize> {
                sequence::len(&*target(this)?)
            }
            #[slot]
            fn sq_length(this: &Object) -> PyResult<usize> {
                sequence::len(&*target(this)?)
            }
            #[slot]
            fn mp_subscript(this: &Object, key: &Object) -> PyResult {
                sequence::get_item(&*target(this)?, &*target(key)?)
            }
            #[slot]
            fn mp_ass_subscript(this: &Object, key: &Object, value: Option<&Object>) -> PyResult<()> {
                let object = target(this)?;
                match value {
                    Some(value) => sequence::set_item(&object, key, value),
                    None => sequence::del_item(&object, key),
                }
            }
            #[slot]
            fn sq_contains(this: &Object, value: &Object) -> PyResult<bool> {
                sequence::contains(&*target(this)?, value)
            }
            #[slot]
            fn nb_add(a: &Object, b: &Object) -> PyResult { number::add(&*target(a)?, &*target(b)?) }
            #[slot]
            fn nb_subtract(a: &Object, b: &Object) -> PyResult { number::subtract(&*target(a)?, &*target(b)?) }
            #[slot]
            fn nb_multiply(a: &Object, b: &Object) -> PyResult { number::multiply(&*target(a)?, &*target(b)?) }
            #[slot]
            fn nb_floor_divide(a: &Object, b: &Object) -> PyResult { number::floor_divide(&*target(a)?, &*target(b)?) }
            #[slot]
            fn nb_true_divide(a: &Object, b: &Object) -> PyResult { number::true_divide(&*target(a)?, &*target(b)?) }
            #[slot]
            fn nb_remainder(a: &Object, b: &Object) -> PyResult { number::remainder(&*target(a)?, &*target(b)?) }
            #[slot]
            fn nb_divmod(a: &Object, b: &Object) -> PyResult { number::divmod(&*target(a)?, &*target(b)?) }
            #[slot]
            fn nb_power(a: &Object, b: &Object, c: &Object) -> PyResult {
                let modulus = target(c)?;
                number::power(&*target(a)?, &*target(b)?, if modulus.is_none() { None } else { Some(&*modulus) })
            }
            #[slot]
            fn nb_lshift(a: &Object, b: &Object) -> PyResult { number::lshift(&*target(a)?, &*target(b)?) }
            #[slot]
            fn nb_rshift(a: &Object, b: &Object) -> PyResult { number::rshift(&*target(a)?, &*target(b)?) }
            #[slot]
            fn nb_and(a: &Object, b: &Object) -> PyResult { number::and(&*target(a)?, &*target(b)?) }
            #[slot]
            fn nb_xor(a: &Object, b: &Object) -> PyResult { number::xor(&*target(a)?, &*target(b)?) }
            #[slot]
            fn nb_or(a: &Object, b: &Object) -> PyResult { number::or(&*target(a)?, &*target(b)?) }
            #[slot]
            fn nb_matrix_multiply(a: &Object, b: &Object) -> PyResult { number::matrix_multiply(&*target(a)?, &*target(b)?) }
            #[slot]
            fn nb_inplace_add(a: &Object, b: &Object) -> PyResult { number::in_place_add(&*target(a)?, &*target(b)?) }
            #[slot]
            fn nb_inplace_subtract(a: &Object, b: &Object) -> PyResult { number::in_place_subtract(&*target(a)?, &*target(b)?) }
            #[slot]
            fn nb_inplace_multiply(a: &Object, b: &Object) -> PyResult { number::in_place_multiply(&*target(a)?, &*target(b)?) }
            #[slot]
            fn nb_inplace_floor_divide(a: &Object, b: &Object) -> PyResult { number::in_place_floor_divide(&*target(a)?, &*target(b)?) }
            #[slot]
            fn nb_inplace_true_divide(a: &Object, b: &Object) -> PyResult { number::in_place_true_divide(&*target(a)?, &*target(b)?) }
            #[slot]
            fn nb_inplace_remainder(a: &Object, b: &Object) -> PyResult { number::in_place_remainder(&*target(a)?, &*target(b)?) }
            #[slot]
            fn nb_inplace_lshift(a: &Object, b: &Object) -> PyResult { number::in_place_lshift(&*target(a)?, &*target(b)?) }
            #[slot]
            fn nb_inplace_rshift(a: &Object, b: &Object) -> PyResult { number::in_place_rshift(&*target(a)?, &*target(b)?) }
            #[slot]
            fn nb_inplace_and(a: &Object, b: &Object) -> PyResult { number::in_place_and(&*target(a)?, &*target(b)?) }
            #[slot]
            fn nb_inplace_xor(a: &Object, b: &Object) -> PyResult { number::in_place_xor(&*target(a)?, &*target(b)?) }
            #[slot]
            fn nb_inplace_or(a: &Object, b: &Object) -> PyResult { number::in_place_or(&*target(a)?, &*target(b)?) }
            #[slot]
            fn nb_inplace_power(a: &Object, b: &Object, c: &Object) -> PyResult {
                let modulus = target(c)?;
                number::in_place_power(&*target(a)?, &*target(b)?, if modulus.is_none() { None } else { Some(&*modulus) })
            }
            #[slot]
            fn nb_inplace_matrix_multiply(a: &Object, b: &Object) -> PyResult { number::in_place_matrix_multiply(&*target(a)?, &*target(b)?) }
            #[slot]
            fn nb_negative(a: &Object) -> PyResult { number::negative(&*target(a)?) }
            #[slot]
            fn nb_positive(a: &Object) -> PyResult { number::positive(&*target(a)?) }
            #[slot]
            fn nb_absolute(a: &Object) -> PyResult { number::absolute(&*target(a)?) }
            #[slot]
            fn nb_invert(a: &Object) -> PyResult { number::invert(&*target(a)?) }
            #[slot]
            fn nb_int(a: &Object) -> PyResult { Ok(number::long(&*target(a)?)?.into_object()) }
            #[slot]
            fn nb_float(a: &Object) -> PyResult { Ok(number::float(&*target(a)?)?.into_object()) }
            #[slot]
            fn nb_index(a: &Object) -> PyResult { Ok(number::index(&*target(a)?)?.into_object()) }
            #[method("__bytes__($self, /)", nosig)]
            fn __bytes__(this: &Object) -> PyResult { call::call_method0(&*target(this)?, intern!("__bytes__")) }
            #[method("__reversed__($self, /)", nosig)]
            fn __reversed__(this: &Object) -> PyResult { call::call_method0(&*target(this)?, intern!("__reversed__")) }
        }
    };
}

proxy_type!(WeakProxy, _PyWeakref_ProxyType, "ProxyType", [, tp_hash = proto::PyObject_HashNotImplemented]);
proxy_type!(WeakCallableProxy, _PyWeakref_CallableProxyType, "CallableProxyType", [, tp_hash = proto::PyObject_HashNotImplemented, tp_call = proxy_call]);

unsafe extern "C" fn proxy_call(this: *mut PyObject, args: *mut PyObject, kwargs: *mut PyObject) -> *mut PyObject {
    crate::macro_support::guard(|| {
        // SAFETY: the tp_call protocol.
        crate::errors::to_c(unsafe {
            target(Object::from_ptr(this)).and_then(|object| {
                call::call(&object, Object::from_ptr(args).cast::<Tuple>(), Object::from_ptr_opt(kwargs).map(|k| k.cast::<Dict>()))
            })
        })
    })
}
