//! Generic attribute access: where an instance's `__dict__` is, and the lookup order data descriptor, instance, other descriptor.
//!
//! The places of a `__dict__`: none; at a positive offset of the object (or counted from its end); or *managed*, in the word 24 bytes
//! before the object, with inline values behind the object as long as no dict was asked for (see `dict/inline_values.rs`).
//! Lookups answer `Ok(None)` for "not there", so that an AttributeError is only made for those who want one.

use crate::errors::{self, PyResult, Raised, from_c};
use crate::object::{Object, Owned, PyTyped, Type, set_cell, xincref};
use crate::protocol::object::{PyObject_GenericGetAttr, PyObject_GenericSetAttr};
use crate::types::dict::inline_values::{self, InlineLookup};
use crate::types::type_object::Place;
use crate::types::{self, Dict, Module, Str};
use crate::{err, exceptions};
use abi::PyObject;
use std::cell::Cell;

// ---- the place of the dict ---------------------------------------------------------------------------------------------------------

/// The managed dict word of an object whose type has MANAGED_DICT.
/// # Safety
/// The type has MANAGED_DICT.
#[inline(always)]
pub unsafe fn managed_dict_cell(o: &Object) -> &Cell<*mut PyObject> {
    // SAFETY: by contract the word is part of the object's pre-header.
    unsafe { &*((o.as_ptr() as *const u8).sub(24) as *const Cell<*mut PyObject>) }
}

/// `_PyObject_ComputedDictPointer`: the dict word of a type that has a dictoffset but no managed dict.
pub fn computed_dict_cell(o: &Object) -> Option<&Cell<*mut PyObject>> {
    let ty = o.ty();
    let mut offset = ty.0.tp_dictoffset.get() as isize;
    if offset == 0 {
        return None;
    }
    if offset < 0 {
        // SAFETY: a negative offset implies a variable-size object.
        let size = unsafe { var_item_count(o) };
        let items = (size as isize).checked_mul(ty.0.tp_itemsize.get() as isize)?;
        let total = (ty.0.tp_basicsize.get() as isize + items + 7) & !7;
        offset += total;
        if offset <= 0 {
            return None;
        }
    }
    // SAFETY: the type says that a dict pointer lies there.
    Some(unsafe { &*((o.as_ptr() as *const u8).offset(offset) as *const Cell<*mut PyObject>) })
}

/// The number of items of a variable-size object; an int keeps its in the tag.
/// # Safety
/// `o` begins with a `PyVarObject`.
pub(crate) unsafe fn var_item_count(o: &Object) -> usize {
    // SAFETY: by contract.
    let raw = unsafe { *((o.as_ptr() as *const u8).add(16) as *const isize) };
    if o.ty().has_flag(abi::Py_TPFLAGS_LONG_SUBCLASS as u64) { (raw as usize) >> 3 } else { raw.unsigned_abs() }
}

/// `_PyObject_GetDictPtr`: the word that holds (or may hold) the dict; inline values are turned into a dict first.
pub fn dict_cell(o: &Object) -> PyResult<Option<&Cell<*mut PyObject>>> {
    let ty = o.ty();
    if !ty.has_flag(abi::Py_TPFLAGS_MANAGED_DICT as u64) {
        return Ok(computed_dict_cell(o));
    }
    // SAFETY: the flag was tested.
    let cell = unsafe { managed_dict_cell(o) };
    if cell.get().is_null() && ty.has_flag(abi::Py_TPFLAGS_INLINE_VALUES as u64) {
        inline_values::materialize(o)?;
    }
    Ok(Some(cell))
}

/// The object's dict if it has one now (inline values count as one).
pub fn dict_of(o: &Object) -> PyResult<Option<Owned<Dict>>> {
    match dict_cell(o)? {
        // SAFETY: dict words hold NULL or a dict.
        Some(cell) => Ok(unsafe { Owned::from_raw_opt(xincref(cell.get())) }),
        None => Ok(None),
    }
}

/// `PyObject_GenericGetDict`: the dict, made if need be.
pub fn generic_get_dict(o: &Object) -> PyResult<Owned<Dict>> {
    let Some(cell) = dict_cell(o)? else {
        return Err(err!(AttributeError, "This object has no __dict__"));
    };
    if cell.get().is_null() {
        let dict = inline_values::new_instance_dict(o.ty())?;
        if cell.get().is_null() {
            cell.set(dict.into_raw());
        }
    }
    // SAFETY: holds a dict now.
    Ok(unsafe { Object::from_ptr(cell.get()).to_owned().cast_into() })
}

/// `PyObject_GenericSetDict`.
pub fn generic_set_dict(o: &Object, value: Option<&Object>) -> PyResult<()> {
    let managed = o.ty().has_flag(abi::Py_TPFLAGS_MANAGED_DICT as u64);
    if !managed && computed_dict_cell(o).is_none() {
        return Err(err!(AttributeError, "This object has no __dict__"));
    }
    let Some(value) = value else {
        return Err(err!(TypeError, "cannot delete __dict__"));
    };
    let Some(dict) = value.downcast::<Dict>() else {
        return Err(err!(TypeError, "__dict__ must be set to a dictionary, not a '{}'", value.type_name()));
    };
    set_dict(o, Some(dict))
}

/// Puts a dict (or none) in the place of the object's own.
pub fn set_dict(o: &Object, dict: Option<&Dict>) -> PyResult<()> {
    if let Some(cell) = dict_cell(o)? {
        if let Some(old) = dict_of(o)? {
            inline_values::detach(o, &old)?;
        }
        let new = dict.map_or(std::ptr::null_mut(), |d| Owned::from_ref(d).into_raw());
        // SAFETY: the cell owns its dict.
        unsafe { set_cell(cell, new) };
    }
    Ok(())
}

// ---- lookup ------------------------------------------------------------------------------------------------------------------------

/// What the instance itself holds under `name`; `place` is what its class knows of that.
#[inline]
fn instance_lookup(o: &Object, ty: &Type, name: &Str, place: Place) -> PyResult<Option<Owned>> {
    let flags = ty.flags();
    let cell = if flags & abi::Py_TPFLAGS_MANAGED_DICT as u64 != 0 {
        if flags & abi::Py_TPFLAGS_INLINE_VALUES as u64 != 0 {
            match inline_values::get(o, name, place) {
                InlineLookup::Found(value) => return Ok(Some(value)),
                InlineLookup::Missing => return Ok(None),
                InlineLookup::NotInline => {}
            }
        }
        // SAFETY: the flag was tested.
        unsafe { managed_dict_cell(o) }
    } else {
        match computed_dict_cell(o) {
            Some(cell) => cell,
            None => return Ok(None),
        }
    };
    // SAFETY: dict words hold NULL or a dict; the dict is held during the lookup.
    match unsafe { Owned::<Dict>::from_raw_opt(xincref(cell.get())) } {
        Some(dict) => dict.get_item(name),
        None => Ok(None),
    }
}

/// Calls `tp_descr_get`; NULL pointers for absent arguments.
#[inline]
pub fn descr_get(descr: &Object, obj: Option<&Object>, owner: Option<&Type>) -> Option<PyResult> {
    let slot = descr.ty().0.tp_descr_get.get()?;
    let obj = obj.map_or(std::ptr::null_mut(), |o| o.as_ptr());
    let owner = owner.map_or(std::ptr::null_mut(), |t| t.as_ptr());
    // SAFETY: a slot of the descriptor's own type.
    Some(unsafe { from_c(slot(descr.as_ptr(), obj, owner)) })
}

/// The generic lookup. `Ok(None)`: there is no such attribute. `dict` replaces the instance's own (for `_PyObject_GenericGetAttrWithDict`).
pub fn generic_lookup(o: &Object, name: &Str, dict: Option<&Dict>) -> PyResult<Option<Owned>> {
    let ty = o.ty();
    if !ty.is_ready() {
        types::type_ready(ty)?;
    }
    let (descr, place) = ty.lookup_placed(name);
    let descr = descr.map(|d| d.to_owned());
    if let Some(descr) = &descr {
        let dty = descr.ty();
        if dty.0.tp_descr_set.get().is_some()
            && let Some(get) = dty.0.tp_descr_get.get()
        {
            // SAFETY: a slot of the descriptor's own type.
            return unsafe { from_c(get(descr.raw(), o.as_ptr(), ty.as_ptr())) }.map(Some);
        }
    }
    let own = match dict {
        Some(dict) => dict.get_item(name)?,
        None => instance_lookup(o, ty, name, place)?,
    };
    if own.is_some() {
        return Ok(own);
    }
    let Some(descr) = descr else { return Ok(None) };
    match descr_get(&descr, Some(o), Some(ty)) {
        Some(bound) => bound.map(Some),
        None => Ok(Some(descr)),
    }
}

/// `PyObject_GenericGetAttr`.
#[inline]
pub fn generic_get_attr(o: &Object, name: &Str) -> PyResult {
    generic_get_attr_with_dict(o, name, None)
}

/// `_PyObject_GenericGetAttrWithDict`.
#[inline]
pub fn generic_get_attr_with_dict(o: &Object, name: &Str, dict: Option<&Dict>) -> PyResult {
    match generic_lookup(o, name, dict)? {
        Some(value) => Ok(value),
        None => Err(missing(o, name)),
    }
}

#[cold]
fn missing(o: &Object, name: &Str) -> Raised {
    let raised = err!(AttributeError, "'{}' object has no attribute '{}'", o.type_name(), name);
    set_attribute_error_context(o, name);
    raised
}

/// For the types whose lookup we know (generic, type, module): the attribute, or `Ok(None)` without an error being made.
/// `None` for any other type.
#[inline]
pub fn get_attr_suppressed(o: &Object, name: &Str) -> Option<PyResult<Option<Owned>>> {
    let slot = o.ty().0.tp_getattro.get()?;
    let result = if std::ptr::fn_addr_eq(slot, PyObject_GenericGetAttr as abi::getattrofunc) {
        generic_lookup(o, name, None)
    } else if types::type_object::is_type_getattro(slot) {
        // SAFETY: the slot belongs to types alone.
        types::type_object::lookup_attribute(unsafe { o.cast::<Type>() }, name)
    } else if types::module::is_module_getattro(slot) {
        // SAFETY: the slot belongs to modules alone.
        unsafe { o.cast::<Module>() }.lookup_attribute(name)
    } else {
        return None;
    };
    Some(match result {
        Err(_) => errors::catch(result, exceptions::AttributeError()).map(Option::flatten),
        ok => ok,
    })
}

/// For calls `o.name(...)`: the function to be called with `o` in front (`true`), or the attribute (`false`).
/// `None`: not a generic lookup, ask `get_attr`.
pub fn load_method(o: &Object, name: &Str) -> PyResult<Option<(Owned, bool)>> {
    let ty = o.ty();
    match ty.0.tp_getattro.get() {
        Some(slot) if std::ptr::fn_addr_eq(slot, PyObject_GenericGetAttr as abi::getattrofunc) => {}
        _ => return Ok(None),
    }
    if !ty.is_ready() {
        types::type_ready(ty)?;
    }
    let (descr, place) = ty.lookup_placed(name);
    let descr = descr.map(|d| d.to_owned());
    let mut is_method = false;
    if let Some(descr) = &descr {
        let dty = descr.ty();
        if dty.has_flag(abi::Py_TPFLAGS_METHOD_DESCRIPTOR as u64) {
            is_method = true;
        } else if dty.0.tp_descr_set.get().is_some()
            && let Some(get) = dty.0.tp_descr_get.get()
        {
            // SAFETY: a slot of the descriptor's own type.
            return unsafe { from_c(get(descr.raw(), o.as_ptr(), ty.as_ptr())) }.map(|v| Some((v, false)));
        }
    }
    if let Some(value) = instance_lookup(o, ty, name, place)? {
        return Ok(Some((value, false)));
    }
    let Some(descr) = descr else { return Err(missing(o, name)) };
    if is_method {
        return Ok(Some((descr, true)));
    }
    match descr_get(&descr, Some(o), Some(ty)) {
        Some(bound) => bound.map(|v| Some((v, false))),
        None => Ok(Some((descr, false))),
    }
}

// ---- assignment --------------------------------------------------------------------------------------------------------------------

/// `PyObject_GenericSetAttr`; `None` deletes.
pub fn generic_set_attr(o: &Object, name: &Str, value: Option<&Object>) -> PyResult<()> {
    generic_set_attr_with_dict(o, name, value, None)
}

/// `_PyObject_GenericSetAttrWithDict`.
pub fn generic_set_attr_with_dict(o: &Object, name: &Str, value: Option<&Object>, dict: Option<&Dict>) -> PyResult<()> {
    let ty = o.ty();
    if !ty.is_ready() {
        types::type_ready(ty)?;
    }
    let (descr, place) = ty.lookup_placed(name);
    if let Some(descr) = descr
        && let Some(set) = descr.ty().0.tp_descr_set.get()
    {
        let descr = descr.to_owned();
        let raw = value.map_or(std::ptr::null_mut(), |v| v.as_ptr());
        // SAFETY: a slot of the descriptor's own type.
        return if unsafe { set(descr.raw(), o.as_ptr(), raw) } < 0 { Err(Raised::from_c()) } else { Ok(()) };
    }
    let has_descr = descr.is_some();
    if let Some(dict) = dict {
        return store_in(dict, o, name, value);
    }
    let flags = ty.flags();
    if flags & abi::Py_TPFLAGS_MANAGED_DICT as u64 != 0 && flags & abi::Py_TPFLAGS_INLINE_VALUES as u64 != 0 {
        if let Some(stored) = inline_values::store(o, name, value, place)? {
            return if stored { Ok(()) } else { Err(missing_on_set(o, name)) };
        }
    }
    let cell = if flags & abi::Py_TPFLAGS_MANAGED_DICT as u64 != 0 {
        // SAFETY: the flag was tested.
        Some(unsafe { managed_dict_cell(o) })
    } else {
        computed_dict_cell(o)
    };
    let Some(cell) = cell else {
        return Err(no_place(o, name, has_descr));
    };
    if cell.get().is_null() {
        if value.is_none() {
            return Err(missing_on_set(o, name));
        }
        let dict = inline_values::new_instance_dict(ty)?;
        cell.set(dict.into_raw());
    }
    // SAFETY: the cell holds a dict; it is held during the store.
    let dict: Owned<Dict> = unsafe { Object::from_ptr(cell.get()).to_owned().cast_into() };
    store_in(&dict, o, name, value)
}

fn store_in(dict: &Dict, o: &Object, name: &Str, value: Option<&Object>) -> PyResult<()> {
    match value {
        Some(value) => dict.set_item(name, value),
        None => match dict.del_item(name) {
            Err(_) if errors::matches(exceptions::KeyError()) => {
                errors::clear();
                Err(missing_on_set(o, name))
            }
            other => other,
        },
    }
}

#[cold]
fn missing_on_set(o: &Object, name: &Str) -> Raised {
    let raised = match o.downcast::<Type>() {
        Some(ty) => err!(AttributeError, "type object '{}' has no attribute '{}'", ty.name(), name),
        None => err!(AttributeError, "'{}' object has no attribute '{}'", o.type_name(), name),
    };
    set_attribute_error_context(o, name);
    raised
}

#[cold]
fn no_place(o: &Object, name: &Str, has_descr: bool) -> Raised {
    if has_descr {
        let raised = err!(AttributeError, "'{}' object attribute '{}' is read-only", o.type_name(), name);
        set_attribute_error_context(o, name);
        return raised;
    }
    let generic = matches!(o.ty().0.tp_setattro.get(), Some(slot) if std::ptr::fn_addr_eq(slot, PyObject_GenericSetAttr as abi::setattrofunc));
    let raised = if generic {
        err!(AttributeError, "'{}' object has no attribute '{}' and no __dict__ for setting new attributes", o.type_name(), name)
    } else {
        err!(AttributeError, "'{}' object has no attribute '{}'", o.type_name(), name)
    };
    set_attribute_error_context(o, name);
    raised
}

/// `_PyObject_SetAttributeErrorContext`: fills `name` and `obj` of the AttributeError that is set, if it has none yet.
#[cold]
pub fn set_attribute_error_context(o: &Object, name: &Str) {
    if !errors::matches(exceptions::AttributeError()) {
        return;
    }
    let Some(exc) = errors::take() else { return };
    // SAFETY: an AttributeError has this layout; the slots own their values.
    unsafe {
        let fields = &*(exc.raw() as *const abi::PyAttributeErrorObject);
        if fields.obj.get().is_null() && fields.name.get().is_null() {
            set_cell(&fields.obj, o.to_owned().into_raw());
            set_cell(&fields.name, name.as_object().to_owned().into_raw());
        }
    }
    errors::restore(exc);
}
