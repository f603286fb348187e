//! BUILD_* and the instructions that fill containers and format values.

use super::stackref::StackRef;
use crate::err;
use crate::errors::{self, PyResult};
use crate::exceptions;
use crate::object::{Object, Owned};
use crate::protocol::{self, object};
use crate::types::{self, Dict, List, Set, Slice, Str, StrBuilder, Tuple};
use abi::PyObject;
use std::ptr;

/// A tuple of the `n` slots at `items`, which are consumed. NULL with MemoryError.
/// # Safety
/// Live slots.
#[inline(always)]
pub unsafe fn tuple(items: *mut StackRef, n: usize) -> *mut PyObject {
    // SAFETY: by contract.
    unsafe {
        if n == 0 {
            return Tuple::empty().into_raw();
        }
        let op = Tuple::alloc_raw(n);
        if op.is_null() {
            close(items, n);
            return ptr::null_mut();
        }
        let slots = types::tuple::raw_items(op);
        for i in 0..n {
            *slots.add(i) = (*items.add(i)).into_ptr();
        }
        types::tuple::track_if_needed(op, n);
        op
    }
}

/// A list of the `n` slots at `items`, which are consumed. NULL with MemoryError.
/// # Safety
/// Live slots.
#[inline(always)]
pub unsafe fn list(items: *mut StackRef, n: usize) -> *mut PyObject {
    // SAFETY: by contract.
    unsafe {
        let op = List::alloc_raw(n);
        if op.is_null() {
            close(items, n);
            return ptr::null_mut();
        }
        if n > 0 {
            let slots = Object::from_ptr(op).cast::<List>().items_ptr();
            for i in 0..n {
                *slots.add(i) = (*items.add(i)).into_ptr();
            }
        }
        crate::gc::track(op);
        op
    }
}

#[cold]
unsafe fn close(items: *mut StackRef, n: usize) {
    for i in 0..n {
        // SAFETY: by the callers' contract.
        unsafe { (*items.add(i)).close() };
    }
}

/// A set of `n` slots, which stay with the caller.
/// # Safety
/// All below: live slots.
pub unsafe fn set(items: *mut StackRef, n: usize) -> PyResult {
    let set = Set::new();
    for i in 0..n {
        // SAFETY: by contract.
        set.add(unsafe { (*items.add(i)).obj() })?;
    }
    Ok(set.into_object())
}

/// A dict of `n` key and value pairs.
pub unsafe fn map(items: *mut StackRef, n: usize) -> PyResult {
    let dict = Dict::with_capacity(n)?;
    for i in 0..n {
        // SAFETY: by contract.
        unsafe { dict.set_item((*items.add(2 * i)).obj(), (*items.add(2 * i + 1)).obj())? };
    }
    Ok(dict.into_object())
}

/// The pieces (strs) of an f-string, joined.
pub unsafe fn string(items: *mut StackRef, n: usize) -> PyResult {
    // SAFETY: the compiler makes sure that every piece is a str; code from outside is checked here.
    unsafe {
        let mut builder = StrBuilder::new();
        for i in 0..n {
            let piece = (*items.add(i)).obj();
            match piece.downcast::<Str>() {
                Some(piece) => builder.push_str_object(piece)?,
                None => return Err(err!(TypeError, "sequence item {}: expected str instance, {} found", i, piece.type_name())),
            }
        }
        Ok(builder.finish()?.into_object())
    }
}

pub fn slice(start: &Object, stop: &Object, step: Option<&Object>) -> PyResult {
    Ok(Slice::new(start, stop, step.unwrap_or(types::none()))?.into_object())
}

pub fn template(strings: &Object, interpolations: &Object) -> PyResult {
    types::template::new_template(strings, interpolations)
}

/// `conversion` is 0 (none), 1 str, 2 repr, 3 ascii.
pub fn interpolation(value: &Object, expression: &Object, conversion: usize, spec: Option<&Object>) -> PyResult {
    types::template::new_interpolation(value, expression, conversion, spec)
}

/// SET_ADD. The set is one of a comprehension, or what code put into `__conditional_annotations__`.
#[inline]
pub fn set_add(set: &Object, item: &Object) -> PyResult<()> {
    match set.downcast::<Set>() {
        Some(set) => set.add(item),
        None => Err(err!(TypeError, "'{}' object is not a set", set.type_name())),
    }
}

/// `[*iterable]`.
pub fn list_extend(list: &List, iterable: &Object) -> PyResult<()> {
    list.extend(iterable).map_err(|raised| {
        if errors::matches(exceptions::TypeError()) && iterable.ty().0.tp_iter.get().is_none() && !protocol::sequence::check(iterable) {
            errors::clear();
            return err!(TypeError, "Value after * must be an iterable, not {}", iterable.type_name());
        }
        raised
    })
}

/// `{**mapping}`.
pub fn dict_update(dict: &Dict, mapping: &Object) -> PyResult<()> {
    dict.update(mapping).map_err(|raised| {
        if errors::matches(exceptions::AttributeError()) {
            errors::clear();
            return err!(TypeError, "'{}' object is not a mapping", mapping.type_name());
        }
        raised
    })
}

/// `f(**mapping)`: as an update, but a key that is there already, or not a str, is an error naming the callable.
pub fn dict_merge(dict: &Dict, mapping: &Object, callable: &Object) -> PyResult<()> {
    match dict.merge_unique(mapping) {
        Ok(None) => Ok(()),
        Ok(Some(duplicate)) => {
            let function = types::descr::function_str(callable);
            let shown = object::str(&duplicate)?;
            Err(err!(TypeError, "{} got multiple values for keyword argument '{}'", function, &*shown))
        }
        Err(raised) => {
            if errors::matches(exceptions::AttributeError()) {
                errors::clear();
                let function = types::descr::function_str(callable);
                return Err(err!(TypeError, "{} argument after ** must be a mapping, not {}", function, mapping.type_name()));
            }
            Err(raised)
        }
    }
}

/// CONVERT_VALUE: 1 str, 2 repr, 3 ascii.
pub fn convert(value: &Object, kind: usize) -> PyResult {
    Ok(match kind {
        1 => object::str(value)?,
        2 => object::repr(value)?,
        _ => object::ascii(value)?,
    }
    .into_object())
}

/// `format(value, spec)`.
pub fn format(value: &Object, spec: Option<&Object>) -> PyResult<Owned> {
    crate::modules::builtins::format_value(value, spec)
}
