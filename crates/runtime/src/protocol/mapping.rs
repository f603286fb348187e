//! Subscripts (`o[key]`, `o[key] = value`, `del o[key]`) and the mapping protocol.

use crate::err;
use crate::errors::{self, PyResult, Raised, from_c};
use crate::exceptions;
use crate::intern;
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol::object::get_attr_opt;
use crate::protocol::{call, iter, number, sequence};
use crate::types::{Dict, GenericAlias, List, Str};

/// The type's mapping table's slot.
macro_rules! mapping_slot {
    ($o:expr, $slot:ident) => {{
        let table = $o.ty().0.tp_as_mapping.get();
        // SAFETY: NULL or the table of a live type.
        if table.is_null() { None } else { unsafe { (*table).$slot.get() } }
    }};
}
pub(crate) use mapping_slot;

/// `o[key]`.
#[inline]
pub fn get_item(o: &Object, key: &Object) -> PyResult {
    match mapping_slot!(o, mp_subscript) {
        // SAFETY: a slot of the object's own type.
        Some(slot) => unsafe { from_c(slot(o.as_ptr(), key.as_ptr())) },
        None => get_item_slow(o, key),
    }
}

#[cold]
fn get_item_slow(o: &Object, key: &Object) -> PyResult {
    if sequence::sequence_slot!(o, sq_item).is_some() {
        if number::check_index(key) {
            return sequence::sequence_get_item(o, number::as_isize(key, Some(exceptions::IndexError()))?);
        }
        return Err(err!(TypeError, "sequence index must be integer, not '{}'", key.type_name()));
    }
    if let Some(ty) = o.downcast::<Type>() {
        if std::ptr::eq(ty, Type::type_object()) {
            return GenericAlias::make(ty, key);
        }
        if let Some(method) = get_attr_opt(o, intern!("__class_getitem__"))?
            && !method.is_none()
        {
            return call::call1(&method, key);
        }
        return Err(err!(TypeError, "type '{}' is not subscriptable", ty.name()));
    }
    Err(err!(TypeError, "'{}' object is not subscriptable", o.type_name()))
}

/// `o[key]`; None if that raises KeyError.
pub fn get_item_opt(o: &Object, key: &Object) -> PyResult<Option<Owned>> {
    if let Some(dict) = o.downcast_exact::<Dict>() {
        return dict.get_item(key);
    }
    errors::catch(get_item(o, key), exceptions::KeyError())
}

fn status(result: i32) -> PyResult<()> {
    if result < 0 { Err(Raised::from_c()) } else { Ok(()) }
}

/// `o[key] = value`.
#[inline]
pub fn set_item(o: &Object, key: &Object, value: &Object) -> PyResult<()> {
    match mapping_slot!(o, mp_ass_subscript) {
        // SAFETY: a slot of the object's own type.
        Some(slot) => status(unsafe { slot(o.as_ptr(), key.as_ptr(), value.as_ptr()) }),
        None => assign_slow(o, key, Some(value)),
    }
}

/// `del o[key]`.
#[inline]
pub fn del_item(o: &Object, key: &Object) -> PyResult<()> {
    match mapping_slot!(o, mp_ass_subscript) {
        // SAFETY: a slot of the object's own type.
        Some(slot) => status(unsafe { slot(o.as_ptr(), key.as_ptr(), std::ptr::null_mut()) }),
        None => assign_slow(o, key, None),
    }
}

#[cold]
fn assign_slow(o: &Object, key: &Object, value: Option<&Object>) -> PyResult<()> {
    if sequence::has_sequence_methods(o) {
        if number::check_index(key) {
            let i = number::as_isize(key, Some(exceptions::IndexError()))?;
            return match value {
                Some(value) => sequence::sequence_set_item(o, i, value),
                None => sequence::sequence_del_item(o, i),
            };
        }
        if sequence::sequence_slot!(o, sq_ass_item).is_some() {
            return Err(err!(TypeError, "sequence index must be integer, not '{}'", key.type_name()));
        }
    }
    let what = if value.is_some() { "assignment" } else { "deletion" };
    Err(err!(TypeError, "'{}' object does not support item {}", o.type_name(), what))
}

/// `PyMapping_Check`.
pub fn is_mapping(o: &Object) -> bool {
    mapping_slot!(o, mp_subscript).is_some()
}

pub use is_mapping as check;

/// `PyMapping_Size`.
pub fn mapping_len(o: &Object) -> PyResult<usize> {
    if let Some(slot) = mapping_slot!(o, mp_length) {
        // SAFETY: a slot of the object's own type.
        return sequence::size_result(unsafe { slot(o.as_ptr()) });
    }
    if sequence::sequence_slot!(o, sq_length).is_some() {
        return Err(err!(TypeError, "{} is not a mapping", o.type_name()));
    }
    Err(sequence::no_len(o))
}

/// What `o.name()` gives, as a list.
fn method_as_list(o: &Object, name: &'static Str) -> PyResult<Owned<List>> {
    let output = call::call_method(o, name, &[])?;
    let iterator = match iter::get_iter(&output) {
        Ok(iterator) => iterator,
        Err(raised) => {
            if errors::matches(exceptions::TypeError()) {
                return Err(err!(TypeError, "{}.{}() returned a non-iterable (type {})", o.type_name(), name, output.type_name()));
            }
            return Err(raised);
        }
    };
    sequence::to_list(&iterator)
}

/// `list(o.keys())`; a dict's directly.
pub fn keys(o: &Object) -> PyResult<Owned<List>> {
    match o.downcast_exact::<Dict>() {
        Some(dict) => dict.keys_list(),
        None => method_as_list(o, intern!("keys")),
    }
}
pub fn values(o: &Object) -> PyResult<Owned<List>> {
    match o.downcast_exact::<Dict>() {
        Some(dict) => dict.values_list(),
        None => method_as_list(o, intern!("values")),
    }
}
pub fn items(o: &Object) -> PyResult<Owned<List>> {
    match o.downcast_exact::<Dict>() {
        Some(dict) => dict.items_list(),
        None => method_as_list(o, intern!("items")),
    }
}

pub use crate::protocol::sequence::len;
