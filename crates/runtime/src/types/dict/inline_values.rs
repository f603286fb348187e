//! Attributes kept in the instance itself, and the dict that shows them.
//!
//! An instance of a type with INLINE_VALUES has a `DictValues` right behind `tp_basicsize`; which value stands where the class's shared keys
//! say (`ht_cached_keys`). States of an instance:
//!   - values valid, no dict: attributes are read and written in place;
//!   - values valid and a dict (materialised) in the managed dict word, whose `ma_values` point into the instance: both see one truth;
//!   - values not valid: the dict word holds the attributes (another dict was set, or it outgrew the shared keys), or there is none.
//! When the instance dies or gets another dict, a dict that somebody still uses takes a copy of the values with it (`detach`).

use super::keys::*;
use super::{Dict, watch};
use crate::errors::{PyResult, no_memory};
use crate::intern;
use crate::object::{Object, Owned, PyTyped, Type, xdecref, xincref};
use crate::types::type_object::Place;
use crate::types::{Str, Tuple};
use abi::{PyHeapTypeObject, PyObject};
use std::cell::Cell;
use std::ptr;

const MANAGED_DICT: u64 = abi::Py_TPFLAGS_MANAGED_DICT as u64;
const INLINE_VALUES: u64 = abi::Py_TPFLAGS_INLINE_VALUES as u64;

/// The instance's values.
/// # Safety
/// The object's type has INLINE_VALUES.
#[inline(always)]
pub unsafe fn values_of(op: *mut PyObject) -> *mut DictValues {
    unsafe { (op as *mut u8).offset((*(*op).ob_type.get()).tp_basicsize.get()) as *mut DictValues }
}

/// The word before the object that holds its dict or NULL.
/// # Safety
/// The object's type has MANAGED_DICT.
#[inline(always)]
pub unsafe fn managed_dict<'a>(op: *mut PyObject) -> &'a Cell<*mut PyObject> {
    unsafe { &*((op as *const u8).sub(24) as *const Cell<*mut PyObject>) }
}

/// The shared keys of a heap type, or NULL.
#[inline(always)]
pub fn cached_keys(ty: &Type) -> *mut DictKeys {
    if !ty.has_flag(abi::Py_TPFLAGS_HEAPTYPE as u64) {
        return ptr::null_mut();
    }
    // SAFETY: a heap type has the larger struct.
    unsafe { (*(ty.as_type_ptr() as *const PyHeapTypeObject)).ht_cached_keys.get() as *mut DictKeys }
}

/// The shared keys for a new class, beginning with the attributes that its methods are seen to set (`__static_attributes__`).
pub fn new_keys_for_class(ty: &Type) -> PyResult<*mut DictKeys> {
    let keys = new_shared_keys();
    if keys.is_null() {
        return Err(no_memory());
    }
    if let Some(dict) = ty.dict_opt()
        && let Some(names) = dict.get_str(intern!("__static_attributes__"))
        && let Some(names) = names.downcast::<Tuple>()
    {
        for &name in names.items() {
            // SAFETY: items of a live tuple.
            unsafe {
                if is_exact_str(name) {
                    insert_shared_key(keys, name, str_hash(name));
                }
            }
        }
    }
    Ok(keys)
}

/// Bytes that instances need behind the basic size at present.
#[inline]
pub fn size_for_type(ty: &Type) -> usize {
    let keys = cached_keys(ty);
    // SAFETY: a type with inline values has shared keys.
    if keys.is_null() { 0 } else { unsafe { values_size(shared_keys_capacity(keys)) } }
}

/// Bytes of the type's shared keys.
pub fn shared_keys_size(ty: &Type) -> usize {
    let keys = cached_keys(ty);
    // SAFETY: live shared keys.
    if keys.is_null() { 0 } else { unsafe { DictKeys::size_in_bytes(keys) } }
}

/// Makes a new instance's values empty. The block has `size_for_type` bytes behind the basic size.
/// # Safety
/// The type has INLINE_VALUES and shared keys that have not changed since the size was asked for.
#[inline]
pub unsafe fn init(op: *mut PyObject, ty: &Type) {
    unsafe {
        let keys = cached_keys(ty);
        let values = values_of(op);
        let capacity = shared_keys_capacity(keys);
        // Classes whose instances have fewer attributes than expected get smaller instances with time.
        if (*keys).usable > 1 {
            (*keys).usable -= 1;
        }
        (*values).capacity = capacity as u8;
        (*values).size = 0;
        (*values).embedded = 1;
        (*values).valid = 1;
        crate::gc::clear_words(DictValues::slot(values, 0).cast(), capacity);
        managed_dict(op).set(ptr::null_mut());
    }
}

/// What `get` found.
pub enum InlineLookup {
    Found(Owned),
    Missing,
    /// The instance's dict knows.
    NotInline,
}

/// Whether the type's shared keys are still those that the place was found in, or it does not matter.
#[inline(always)]
unsafe fn is_current(place: Place, ty: &Type) -> bool {
    unsafe { place.index >= 0 || place.entries as isize == (*cached_keys(ty)).nentries }
}

/// Reads an attribute in place.
#[inline]
pub fn get(o: &Object, name: &Str, mut place: Place) -> InlineLookup {
    // SAFETY: asked for types with INLINE_VALUES only; the count is taken at once.
    unsafe {
        let values = values_of(o.as_ptr());
        if (*values).valid == 0 {
            return InlineLookup::NotInline;
        }
        if !is_current(place, o.ty()) {
            if !is_exact_str(name.as_ptr()) {
                return if materialize(o).is_err() { InlineLookup::Missing } else { InlineLookup::NotInline };
            }
            place = o.ty().find_place(name);
        }
        if place.index < 0 {
            return InlineLookup::Missing;
        }
        match Owned::from_raw_opt(xincref(*DictValues::slot(values, place.index as isize))) {
            Some(value) => InlineLookup::Found(value),
            None => InlineLookup::Missing,
        }
    }
}

/// Sets (or deletes) an attribute in place. `None`: the dict has to do it (it exists now if the attribute did not fit);
/// `Some(false)`: there was nothing to delete.
#[inline]
pub fn store(o: &Object, name: &Str, value: Option<&Object>, place: Place) -> PyResult<Option<bool>> {
    let name = name as *const Str as *mut PyObject;
    // SAFETY: asked for types with INLINE_VALUES only; the old value is dropped last.
    unsafe {
        let values = values_of(o.as_ptr());
        if (*values).valid == 0 || !managed_dict(o.as_ptr()).get().is_null() {
            return Ok(None);
        }
        if place.index >= 0 {
            let existed = store_at(values, place.index as isize, value);
            return Ok(Some(existed || value.is_some()));
        }
        let keys = cached_keys(o.ty());
        let ix = if !is_exact_str(name) {
            EMPTY
        } else if value.is_some() {
            insert_shared_key(keys, name, str_hash(name))
        } else {
            match lookup_unicode(keys, name, str_hash(name)) {
                EMPTY => return Ok(Some(false)),
                ix => ix,
            }
        };
        if ix < 0 {
            materialize(o)?;
            return Ok(None);
        }
        let existed = store_at(values, ix, value);
        Ok(Some(existed || value.is_some()))
    }
}

/// Puts a value in its place and drops the old one. Gives whether there was an old one.
unsafe fn store_at(values: *mut DictValues, ix: isize, value: Option<&Object>) -> bool {
    unsafe {
        let slot = DictValues::slot(values, ix);
        let old = *slot;
        match value {
            Some(value) => {
                value.incref();
                *slot = value.as_ptr();
                if old.is_null() {
                    DictValues::add_to_order(values, ix);
                }
            }
            None => {
                if old.is_null() {
                    return false;
                }
                *slot = ptr::null_mut();
                DictValues::remove_from_order(values, ix);
            }
        }
        xdecref(old);
        !old.is_null()
    }
}

/// Gives the instance a dict over its values, if it has none.
pub fn materialize(o: &Object) -> PyResult<()> {
    // SAFETY: the flag is tested before values are touched.
    unsafe {
        let cell = managed_dict(o.as_ptr());
        if !cell.get().is_null() {
            return Ok(());
        }
        let keys = cached_keys(o.ty());
        let dict = if o.ty().has_flag(INLINE_VALUES) && (*values_of(o.as_ptr())).valid != 0 {
            let values = values_of(o.as_ptr());
            incref_keys(keys);
            Dict::from_keys(keys, values, (*values).size as isize)
        } else {
            new_instance_dict(o.ty())?
        };
        cell.set(dict.into_raw());
    }
    Ok(())
}

/// An empty `__dict__` for an instance of the type, with the type's shared keys if it has some.
pub fn new_instance_dict(ty: &Type) -> PyResult<Owned<Dict>> {
    let keys = cached_keys(ty);
    if keys.is_null() {
        return Ok(Dict::new());
    }
    // SAFETY: live shared keys.
    unsafe {
        let values = DictValues::new(shared_keys_capacity(keys));
        if values.is_null() {
            return Err(no_memory());
        }
        incref_keys(keys);
        Ok(Dict::from_keys(keys, values, 0))
    }
}

/// Takes a dict off the instance: it gets its own copy of the values, and the instance's are no longer valid.
pub fn detach(o: &Object, dict: &Dict) -> PyResult<()> {
    if !o.ty().has_flag(INLINE_VALUES) {
        return Ok(());
    }
    // SAFETY: the flag was tested; counts move with the values.
    unsafe {
        let values = values_of(o.as_ptr());
        if dict.values_ptr() != values {
            return Ok(());
        }
        detach_values(values, dict)
    }
}

unsafe fn detach_values(values: *mut DictValues, dict: &Dict) -> PyResult<()> {
    unsafe {
        let copy = DictValues::new((*values).capacity as usize);
        if copy.is_null() {
            return Err(no_memory());
        }
        let bytes = values_size((*values).capacity as usize);
        ptr::copy_nonoverlapping(values as *const u8, copy as *mut u8, bytes);
        (*copy).embedded = 0;
        dict.set_values(copy);
        (*values).valid = 0;
        (*values).size = 0;
        Ok(())
    }
}

/// `dict.clear()` of a dict that shows an instance's values: they go one by one, the dict stays attached.
pub(super) unsafe fn clear_embedded(values: *mut DictValues) {
    unsafe {
        (*values).size = 0;
        let mut dropped: [*mut PyObject; SHARED_KEYS_MAX as usize] = [ptr::null_mut(); SHARED_KEYS_MAX as usize];
        let n = ((*values).capacity as usize).min(SHARED_KEYS_MAX as usize);
        for i in 0..n {
            dropped[i] = DictValues::slot(values, i as isize).replace(ptr::null_mut());
        }
        for value in dropped {
            xdecref(value);
        }
    }
}

/// `PyObject_ClearManagedDict`, also for a dying instance: drops dict and inline values.
/// # Safety
/// The object's type has MANAGED_DICT.
pub unsafe fn clear_managed_dict(op: *mut PyObject) {
    unsafe {
        let flags = (*(*op).ob_type.get()).tp_flags.get() as u64;
        if flags & MANAGED_DICT == 0 {
            return;
        }
        let dict = managed_dict(op).replace(ptr::null_mut());
        if flags & INLINE_VALUES == 0 {
            return xdecref(dict);
        }
        let values = values_of(op);
        if !dict.is_null() {
            let dict: Owned<Dict> = Owned::from_raw(dict);
            if dict.values_ptr() == values {
                if dict.as_object().refcount() == 1 {
                    // Nobody else sees it: the dict goes alone, the values below.
                    dict.set_values(ptr::null_mut());
                    dict.set_used(0);
                    let keys = dict.keys_ptr();
                    dict.set_keys(empty_keys());
                    decref_keys(keys);
                } else if detach_values(values, &dict).is_err() {
                    crate::exceptions::write_unraisable(None, None);
                    dict.set_values(ptr::null_mut());
                    dict.set_used(0);
                    let keys = dict.keys_ptr();
                    dict.set_keys(empty_keys());
                    decref_keys(keys);
                }
            }
        }
        clear_values(values);
    }
}

unsafe fn clear_values(values: *mut DictValues) {
    unsafe {
        if (*values).valid == 0 {
            return;
        }
        (*values).valid = 0;
        (*values).size = 0;
        for i in 0..(*values).capacity as isize {
            xdecref(DictValues::slot(values, i).replace(ptr::null_mut()));
        }
    }
}

/// `PyObject_VisitManagedDict`.
/// # Safety
/// A traversal of a live object.
pub unsafe fn visit_managed_dict(op: *mut PyObject, visit: abi::visitproc, arg: *mut abi::c_void) -> abi::c_int {
    unsafe {
        if (*(*op).ob_type.get()).tp_flags.get() as u64 & MANAGED_DICT == 0 {
            return 0;
        }
        each_managed_reference(op, |op| visit(op, arg))
    }
}

/// Gives `visit` the dict and the inline values, until it gives something other than 0; gives that.
/// # Safety
/// A traversal of a live object whose type has MANAGED_DICT.
#[inline(always)]
pub unsafe fn each_managed_reference(op: *mut PyObject, mut visit: impl FnMut(*mut PyObject) -> abi::c_int) -> abi::c_int {
    unsafe {
        let flags = (*(*op).ob_type.get()).tp_flags.get() as u64;
        let dict = managed_dict(op).get();
        if flags & INLINE_VALUES != 0 {
            let values = values_of(op);
            // A dict that shows these values visits them: another instance may have that dict too.
            let shown = !dict.is_null() && Object::from_ptr(dict).cast::<Dict>().values_ptr() == values;
            if (*values).valid != 0 && !shown {
                for i in 0..(*values).capacity as isize {
                    let value = *DictValues::slot(values, i);
                    if !value.is_null() {
                        let result = visit(value);
                        if result != 0 {
                            return result;
                        }
                    }
                }
            }
        }
        if dict.is_null() { 0 } else { visit(dict) }
    }
}

/// Whether the instance has no attributes of its own (`_PyObject_IsInstanceDictEmpty`).
pub fn is_instance_dict_empty(o: &Object) -> bool {
    // SAFETY: flags are tested before words are read.
    unsafe {
        if o.ty().has_flag(INLINE_VALUES) {
            let values = values_of(o.as_ptr());
            if (*values).valid != 0 {
                return (*values).size == 0;
            }
        }
        let dict = if o.ty().has_flag(MANAGED_DICT) {
            managed_dict(o.as_ptr()).get()
        } else {
            crate::types::attributes::computed_dict_cell(o).map_or(ptr::null_mut(), Cell::get)
        };
        Object::from_ptr_opt(dict).is_none_or(|dict| dict.cast::<Dict>().is_empty())
    }
}

/// Tells watchers of an instance's dict that a specialised instruction stores into its values; the store follows.
/// # Safety
/// `dict` shows the instance's values.
pub unsafe fn notify_store(dict: &Dict, name: &Object, value: &Owned, new: bool) {
    dict.notify(if new { watch::ADDED } else { watch::MODIFIED }, Some(name), Some(value));
    if new {
        dict.set_used(dict.used() + 1);
    }
}
