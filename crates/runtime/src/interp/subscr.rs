//! Subscription: slices of two bounds, dict items, Python-level `__getitem__`.

use crate::errors::{self, PyResult};
use crate::exceptions;
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol::{mapping, number};
use crate::types::{Bytes, Dict, Function, List, Slice, Str, Tuple};
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

/// Bounds that are small ints or None, cut to a length; start is not beyond stop.
#[inline]
fn plain_bounds(start: &Object, stop: &Object, len: usize) -> Option<(usize, usize)> {
    let bound = |o: &Object, absent: usize| -> Option<usize> {
        if o.is_none() {
            return Some(absent);
        }
        let i = number::compact_int(o)?;
        Some(if i < 0 { (i + len as isize).max(0) as usize } else { (i as usize).min(len) })
    };
    let stop = bound(stop, len)?;
    Some((bound(start, 0)?.min(stop), stop))
}

/// `container[start:stop]` of the built-in sequences, which needs no slice object.
#[inline]
fn plain_slice(container: &Object, start: &Object, stop: &Object) -> Option<PyResult> {
    if let Some(list) = container.downcast_exact::<List>() {
        let (start, stop) = plain_bounds(start, stop, list.len())?;
        return Some(list.slice(start, stop).map(Owned::into_object));
    }
    if let Some(tuple) = container.downcast_exact::<Tuple>() {
        let (start, stop) = plain_bounds(start, stop, tuple.len())?;
        return Some(Ok(tuple.slice(start, stop).into_object()));
    }
    if let Some(text) = container.downcast_exact::<Str>() {
        let (start, stop) = plain_bounds(start, stop, text.len())?;
        return Some(text.substring(start, stop).map(Owned::into_object));
    }
    if let Some(bytes) = container.downcast_exact::<Bytes>() {
        let (start, stop) = plain_bounds(start, stop, bytes.len())?;
        if stop - start == bytes.len() {
            return Some(Ok(container.to_owned()));
        }
        return Some(Bytes::try_new(&bytes.as_slice()[start..stop]).map(Owned::into_object));
    }
    None
}

/// `container[start:stop]`.
pub fn slice(container: &Object, start: &Object, stop: &Object) -> PyResult {
    if let Some(result) = plain_slice(container, start, stop) {
        return result;
    }
    let key = Slice::new(start, stop, crate::types::none())?;
    mapping::get_item(container, &key)
}

/// `container[start:stop] = value`.
pub fn store_slice(container: &Object, start: &Object, stop: &Object, value: &Object) -> PyResult<()> {
    if let Some(list) = container.downcast_exact::<List>()
        && (List::check_exact(value) || Tuple::check_exact(value))
        && !value.is(container)
        && let Some((start, stop)) = plain_bounds(start, stop, list.len())
    {
        return list.splice(start, stop, Some(value));
    }
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
