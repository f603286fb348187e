//! Subscription: slices of two bounds, dict items, Python-level `__getitem__`.

use crate::errors::{self, PyResult};
use crate::exceptions;
use crate::object::{Object, Type};
use crate::protocol::mapping;
use crate::types::{Dict, Function, Slice, Tuple};
use abi::PyHeapTypeObject;

/// `d[key]` of an exact dict: KeyError(key) if missing.
pub fn dict_item(dict: &Dict, key: &Object) -> PyResult {
    match dict.get_item(key)? {
        Some(value) => Ok(value),
        None => Err(missing_key(key)),
    }
}

/// KeyError with the key as its argument (a tuple key must not be taken for the argument list).
#[cold]
pub fn missing_key(key: &Object) -> errors::Raised {
    errors::raise_object(exceptions::KeyError(), Some(Tuple::new(&[key]).object()))
}

/// `container[start:stop]`.
pub fn slice(container: &Object, start: &Object, stop: &Object) -> PyResult {
    let key = Slice::new(start, stop, crate::types::none())?;
    mapping::get_item(container, &key)
}

/// `container[start:stop] = value`.
pub fn store_slice(container: &Object, start: &Object, stop: &Object, value: &Object) -> PyResult<()> {
    let key = Slice::new(start, stop, crate::types::none())?;
    mapping::set_item(container, &key, value)
}

/// The Python `__getitem__` that the specialiser noted for a heap type, while the type has not changed since.
#[inline(always)]
pub fn cached_getitem(ty: &Type) -> Option<&Function> {
    if !ty.has_flag(abi::Py_TPFLAGS_HEAPTYPE as u64) {
        return None;
    }
    // SAFETY: a heap type; the cached function is owned by the type's dict, which `Type::modified` guards.
    unsafe {
        let heap = &*(ty.as_type_ptr() as *const PyHeapTypeObject);
        let cached = heap._spec_cache.getitem.get();
        if cached.is_null() {
            return None;
        }
        let function: &Function = Object::from_ptr(cached).cast();
        (function.0.func_version.get() == heap._spec_cache.getitem_version.get() && function.0.func_version.get() != 0).then_some(function)
    }
}

/// Notes `ty`'s Python-level `__getitem__(self, key)`; whether it did.
pub fn cache_getitem(ty: &Type) -> bool {
    if !ty.has_flag(abi::Py_TPFLAGS_HEAPTYPE as u64) {
        return false;
    }
    let Some(descr) = ty.lookup(crate::intern!("__getitem__")) else { return false };
    let Some(function) = descr.downcast_exact::<Function>() else { return false };
    if !function.is_simple(2) || ty.version() == 0 {
        return false;
    }
    let version = function.version();
    if version == 0 {
        return false;
    }
    // SAFETY: a heap type.
    unsafe {
        let heap = &*(ty.as_type_ptr() as *const PyHeapTypeObject);
        heap._spec_cache.getitem.set(descr.as_ptr());
        heap._spec_cache.getitem_version.set(version);
    }
    true
}
