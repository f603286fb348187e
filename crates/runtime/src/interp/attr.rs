//! Attributes: method loads without bound methods, `super()`, and the specialised forms of LOAD_ATTR and STORE_ATTR.
//!
//! What guards a specialised attribute: the type's version tag covers everything found on the type; the shared keys' version covers that
//! an instance cannot shadow it; an index into the inline values covers an instance's own attribute.

use super::frame::CodeWord;
use super::stackref::StackRef;
use crate::errors::PyResult;
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol::{call, object};
use crate::types::attributes::managed_dict_cell;
use crate::types::dict::inline_values::{cached_keys, values_of};
use crate::types::dict::keys::{self, DictKeys, DictValues};
use crate::types::{self, Dict, Function, MemberDescriptor, Module, Property, Str, type_object};
use abi::PyObject;
use bytecode::op;
use std::ptr;

const MANAGED_DICT: u64 = abi::Py_TPFLAGS_MANAGED_DICT as u64;
const INLINE_VALUES: u64 = abi::Py_TPFLAGS_INLINE_VALUES as u64;

/// What a method load found.
pub enum Loaded {
    /// A function that wants the owner as its first argument.
    Unbound(Owned),
    Value(Owned),
}

/// Loads an attribute that will be called (`_PyObject_GetMethod`).
#[inline]
pub fn load_method(owner: &Object, name: &Str) -> PyResult<Loaded> {
    let (value, unbound) = object::get_method(owner, name)?;
    Ok(if unbound { Loaded::Unbound(value) } else { Loaded::Value(value) })
}

/// As `load_method` for a special method, looked up on the type. `None` if there is none.
pub fn load_special_method(owner: &Object, name: &Str) -> PyResult<Option<Loaded>> {
    Ok(type_object::lookup_special_method(owner, name)?.map(|(value, unbound)| if unbound { Loaded::Unbound(value) } else { Loaded::Value(value) }))
}

/// LOAD_SUPER_ATTR: `super(cls, receiver).name`, without making the super object when `super` is the builtin.
pub fn load_super(global_super: &Object, cls: &Object, receiver: &Object, name: &Str, two_args: bool, method: bool) -> PyResult<Loaded> {
    if global_super.is(types::Super::type_object())
        && let Some(cls) = cls.downcast::<Type>()
    {
        if let Some((value, unbound)) = types::super_type::lookup(cls, receiver, name, method)? {
            return Ok(if unbound { Loaded::Unbound(value) } else { Loaded::Value(value) });
        }
        // An attribute of the super object itself, or none at all.
        let made = call::call_args(global_super, &[cls, receiver])?;
        return Ok(Loaded::Value(object::get_attr(&made, name)?));
    }
    let made = if two_args { call::call_args(global_super, &[cls, receiver])? } else { call::call0(global_super)? };
    Ok(Loaded::Value(object::get_attr(&made, name)?))
}

// ---- fast paths of the loop -------------------------------------------------------------------------------------------------------------------

/// The inline value at `offset` bytes from the object, or NULL if it is unset or the values are not in use.
/// # Safety
/// All below: the type's version was checked, so that it has inline values (or whatever the form needs).
#[inline(always)]
pub unsafe fn inline_value(owner: &Object, offset: u16) -> *mut PyObject {
    // SAFETY: by contract.
    unsafe {
        if (*values_of(owner.as_ptr())).valid == 0 {
            return ptr::null_mut();
        }
        *((owner.as_ptr() as *const u8).add(offset as usize) as *const *mut PyObject)
    }
}

/// Stores into an inline value that is set already or new; the old value is the caller's. `None` if the values are not in use or a dict
/// shows them.
#[inline(always)]
pub unsafe fn store_inline_value(owner: &Object, offset: u16, value: StackRef) -> Option<*mut PyObject> {
    // SAFETY: by contract.
    unsafe {
        let values = values_of(owner.as_ptr());
        if (*values).valid == 0 || !managed_dict_cell(owner).get().is_null() {
            return None;
        }
        let slot = (owner.as_ptr() as *mut u8).add(offset as usize) as *mut *mut PyObject;
        let old = *slot;
        *slot = value.into_ptr();
        if old.is_null() {
            let index = slot.offset_from(DictValues::slot(values, 0));
            DictValues::add_to_order(values, index);
        }
        Some(old)
    }
}

/// The value under `name` in the instance's dict, if entry `hint` holds it; else NULL.
#[inline(always)]
pub unsafe fn hinted_value(owner: &Object, name: &Str, hint: u16) -> *mut PyObject {
    // SAFETY: by contract the type has a managed dict.
    unsafe {
        let dict = managed_dict_cell(owner).get();
        if dict.is_null() {
            return ptr::null_mut();
        }
        let dict: &Dict = Object::from_ptr(dict).cast();
        let keys = dict.keys_ptr();
        if (*keys).kind != keys::UNICODE || hint as isize >= (*keys).nentries {
            return ptr::null_mut();
        }
        let entry = DictKeys::unicode_entries(keys).add(hint as usize);
        if (*entry).key == name.as_object().as_ptr() { (*entry).value } else { ptr::null_mut() }
    }
}

/// Stores over the value that entry `hint` of the instance's dict holds for `name`; false if it does not.
pub unsafe fn store_hinted(owner: &Object, name: &Str, hint: u16, value: &Object) -> bool {
    // SAFETY: by contract.
    unsafe {
        if hinted_value(owner, name, hint).is_null() {
            return false;
        }
        let dict = managed_dict_cell(owner).get();
        let dict = Object::from_ptr(dict).to_owned();
        dict.cast::<Dict>().set_item(name.as_object(), value).is_ok()
    }
}

/// The value of entry `index` of a module's dict while its keys have `version`; else NULL.
#[inline(always)]
pub unsafe fn module_value(owner: &Object, version: u32, index: u16) -> *mut PyObject {
    if !Module::check_exact(owner) {
        return ptr::null_mut();
    }
    // SAFETY: a module's dict word holds a dict; the version covers the kind of keys.
    unsafe {
        let dict = owner.cast::<Module>().0.md_dict.get();
        if dict.is_null() {
            return ptr::null_mut();
        }
        let dict: &Dict = Object::from_ptr(dict).cast();
        let keys = dict.keys_ptr();
        if (*keys).version != version {
            return ptr::null_mut();
        }
        (*DictKeys::unicode_entries(keys).add(index as usize)).value
    }
}

/// Whether the instance's values are in use and its class's shared keys have `version`: then it cannot hide what the type has.
#[inline(always)]
pub unsafe fn values_valid_and_keys_version(owner: &Object, version: u32) -> bool {
    // SAFETY: by contract a heap type with inline values.
    unsafe { (*values_of(owner.as_ptr())).valid != 0 && (*cached_keys(owner.ty())).version == version }
}

/// Whether the dict word at `offset` (an encoded, possibly negative byte offset) is NULL.
#[inline(always)]
pub unsafe fn dict_slot_is_null(owner: &Object, offset: u16) -> bool {
    // SAFETY: by contract.
    unsafe { (*((owner.as_ptr() as *const u8).offset(offset as i16 as isize) as *const *mut PyObject)).is_null() }
}

// ---- specialisation ---------------------------------------------------------------------------------------------------------------------------

/// A type whose `__get__` and `__set__` are what they are: those of a class that can change may come later, and no version would tell.
fn is_settled(descriptor: &Type) -> bool {
    descriptor.has_flag(abi::Py_TPFLAGS_IMMUTABLETYPE as u64)
}

/// Where a `__slots__` member (an object that may be missing) lies in its instances.
fn object_slot_offset(member: &MemberDescriptor, owner: &Type) -> Option<isize> {
    let def = member.member();
    // A class may have another one's member: for its instances that is a TypeError.
    (owner.is_subtype(member.of_type()) && def.r#type.get() == abi::Py_T_OBJECT_EX && def.flags.get() & 2 == 0).then(|| def.offset.get())
}

unsafe fn put32(ip: *mut CodeWord, at: usize, value: u32) {
    // SAFETY: within the cache.
    unsafe { ptr::write_unaligned(ip.add(at) as *mut u32, value) }
}
unsafe fn put16(ip: *mut CodeWord, at: usize, value: u16) {
    // SAFETY: within the cache.
    unsafe { *(ip.add(at) as *mut u16) = value }
}
unsafe fn put64(ip: *mut CodeWord, at: usize, value: usize) {
    // SAFETY: within the cache.
    unsafe { ptr::write_unaligned(ip.add(at) as *mut usize, value) }
}

/// Rewrites a LOAD_ATTR for the owner it sees.
/// # Safety
/// `ip` points at the instruction's cache.
#[cold]
#[inline(never)]
pub unsafe fn specialize_load(owner: &Object, ip: *mut CodeWord, name: &Str, method: bool) {
    // SAFETY: by contract.
    unsafe {
        let chosen = choose_load(owner, ip, name, method);
        super::specialize::commit(ip, op::LOAD_ATTR, chosen);
    }
}

unsafe fn choose_load(owner: &Object, ip: *mut CodeWord, name: &Str, method: bool) -> Option<u8> {
    // SAFETY: by the caller's contract.
    unsafe {
        let ty = owner.ty();
        if let Some(module) = owner.downcast_exact::<Module>() {
            return choose_module(module, ip, name);
        }
        if let Some(cls) = owner.downcast::<Type>() {
            return choose_class(cls, ip, name);
        }
        let generic = ty.0.tp_getattro.get().map(|f| f as usize) == Some(object::PyObject_GenericGetAttr as *const () as usize);
        if !generic {
            return choose_getattribute(ty, ip, method);
        }
        let version = ty.version();
        if version == 0 {
            return None;
        }
        put32(ip, 1, version);
        match ty.lookup(name) {
            None => choose_instance(owner, ty, ip, name),
            Some(descr) => {
                let dty = descr.ty();
                if !is_settled(dty) {
                    return None;
                }
                if dty.has_flag(abi::Py_TPFLAGS_METHOD_DESCRIPTOR as u64) {
                    if !method {
                        return None;
                    }
                    return choose_type_value(owner, ty, ip, name, descr, [op::LOAD_ATTR_METHOD_WITH_VALUES, op::LOAD_ATTR_METHOD_NO_DICT, op::LOAD_ATTR_METHOD_LAZY_DICT]);
                }
                if dty.0.tp_descr_set.get().is_some() {
                    if let Some(member) = descr.downcast_exact::<MemberDescriptor>() {
                        let offset = object_slot_offset(member, ty)?;
                        put16(ip, 3, u16::try_from(offset).ok()?);
                        return Some(op::LOAD_ATTR_SLOT);
                    }
                    if let Some(property) = descr.downcast_exact::<Property>() {
                        let getter = property.getter()?;
                        let getter = getter.downcast_exact::<Function>()?;
                        if method || !getter.is_simple(1) || getter.version() == 0 {
                            return None;
                        }
                        put32(ip, 3, getter.version());
                        put64(ip, 5, getter.as_object().as_ptr() as usize);
                        return Some(op::LOAD_ATTR_PROPERTY);
                    }
                    return None;
                }
                if dty.0.tp_descr_get.get().is_some() {
                    // A non-data descriptor: only an instance attribute of the same name may be read fast.
                    return None;
                }
                if method {
                    return None;
                }
                let chosen = choose_type_value(owner, ty, ip, name, descr, [op::LOAD_ATTR_NONDESCRIPTOR_WITH_VALUES, op::LOAD_ATTR_NONDESCRIPTOR_NO_DICT, 0]);
                if chosen.is_some() { chosen } else { choose_instance(owner, ty, ip, name) }
            }
        }
    }
}

/// The instance's own attribute.
unsafe fn choose_instance(owner: &Object, ty: &Type, ip: *mut CodeWord, name: &Str) -> Option<u8> {
    // SAFETY: by the caller's contract; a heap type's flags say which words it has.
    unsafe {
        if !ty.has_flag(MANAGED_DICT) {
            return None;
        }
        if ty.has_flag(INLINE_VALUES) && (*values_of(owner.as_ptr())).valid != 0 {
            let keys = cached_keys(ty);
            let index = keys::lookup_unicode(keys, name.as_object().as_ptr(), keys::str_hash(name.as_object().as_ptr()));
            if index < 0 {
                return None;
            }
            let slot = DictValues::slot(values_of(owner.as_ptr()), index);
            if (*slot).is_null() {
                return None;
            }
            put16(ip, 3, u16::try_from(slot as usize - owner.as_ptr() as usize).ok()?);
            return Some(op::LOAD_ATTR_INSTANCE_VALUE);
        }
        let dict = managed_dict_cell(owner).get();
        if dict.is_null() {
            return None;
        }
        let dict: &Dict = Object::from_ptr(dict).cast();
        if dict.is_split() || !dict.has_unicode_keys() {
            return None;
        }
        let index = dict.index_of(name);
        put16(ip, 3, u16::try_from(index).ok()?);
        Some(op::LOAD_ATTR_WITH_HINT)
    }
}

/// Something found on the type that the instance does not hide: `forms` are for inline values, no dict, an empty dict word.
unsafe fn choose_type_value(owner: &Object, ty: &Type, ip: *mut CodeWord, name: &Str, descr: &Object, forms: [u8; 3]) -> Option<u8> {
    // SAFETY: by the caller's contract. The cached pointer is borrowed from the type's dict, which the version tag guards.
    unsafe {
        put64(ip, 5, descr.as_ptr() as usize);
        if ty.has_flag(INLINE_VALUES) && ty.has_flag(MANAGED_DICT) {
            if (*values_of(owner.as_ptr())).valid == 0 {
                return None;
            }
            let keys = cached_keys(ty);
            if keys.is_null() || keys::lookup_unicode(keys, name.as_object().as_ptr(), keys::str_hash(name.as_object().as_ptr())) >= 0 {
                return None;
            }
            let version = keys::keys_version(keys);
            if version == 0 {
                return None;
            }
            put32(ip, 3, version);
            return Some(forms[0]);
        }
        if !ty.has_flag(MANAGED_DICT) && ty.0.tp_dictoffset.get() == 0 {
            return Some(forms[1]);
        }
        if forms[2] == 0 {
            return None;
        }
        let offset = if ty.has_flag(MANAGED_DICT) { -24 } else { ty.0.tp_dictoffset.get() as isize };
        if offset <= 0 && !ty.has_flag(MANAGED_DICT) {
            return None;
        }
        let offset = i16::try_from(offset).ok()? as u16;
        if !dict_slot_is_null(owner, offset) {
            return None;
        }
        put16(ip, 3, offset);
        Some(forms[2])
    }
}

unsafe fn choose_module(module: &Module, ip: *mut CodeWord, name: &Str) -> Option<u8> {
    // SAFETY: by the caller's contract.
    unsafe {
        let dict = Object::from_ptr_opt(module.0.md_dict.get())?.downcast_exact::<Dict>()?;
        if dict.is_split() || !dict.has_unicode_keys() {
            return None;
        }
        let index = dict.index_of(name);
        let version = dict.keys_version();
        if index < 0 || version == 0 {
            return None;
        }
        put32(ip, 1, version);
        put16(ip, 3, u16::try_from(index).ok()?);
        Some(op::LOAD_ATTR_MODULE)
    }
}

unsafe fn choose_class(cls: &Type, ip: *mut CodeWord, name: &Str) -> Option<u8> {
    // SAFETY: by the caller's contract.
    unsafe {
        let meta = cls.as_object().ty();
        if !type_object::is_type_getattro(meta.0.tp_getattro.get()?) {
            return None;
        }
        let hidden = meta.lookup(name);
        if hidden.is_some_and(|descr| !is_settled(descr.ty()) || descr.ty().0.tp_descr_set.get().is_some()) {
            return None;
        }
        let descr = cls.lookup(name)?;
        let dty = descr.ty();
        if !is_settled(dty) {
            return None;
        }
        // A function on a class is itself; other descriptors bind.
        if dty.0.tp_descr_get.get().is_some() && !Function::check_exact(descr) && !types::MethodDescriptor::check_exact(descr) {
            return None;
        }
        let version = cls.version();
        if version == 0 {
            return None;
        }
        put32(ip, 1, version);
        put64(ip, 5, descr.as_ptr() as usize);
        if meta.has_flag(abi::Py_TPFLAGS_IMMUTABLETYPE as u64) {
            return Some(op::LOAD_ATTR_CLASS);
        }
        let meta_version = meta.version();
        if meta_version == 0 {
            return None;
        }
        put32(ip, 3, meta_version);
        Some(op::LOAD_ATTR_CLASS_WITH_METACLASS_CHECK)
    }
}

/// A Python `__getattribute__` without `__getattr__`.
unsafe fn choose_getattribute(ty: &Type, ip: *mut CodeWord, method: bool) -> Option<u8> {
    if method || !ty.has_flag(abi::Py_TPFLAGS_HEAPTYPE as u64) || ty.lookup(crate::intern!("__getattr__")).is_some() {
        return None;
    }
    let function = ty.lookup(crate::intern!("__getattribute__"))?.downcast_exact::<Function>()?;
    let version = ty.version();
    if !function.is_simple(2) || function.version() == 0 || version == 0 {
        return None;
    }
    // SAFETY: by the caller's contract.
    unsafe {
        put32(ip, 1, version);
        put32(ip, 3, function.version());
        put64(ip, 5, function.as_object().as_ptr() as usize);
    }
    Some(op::LOAD_ATTR_GETATTRIBUTE_OVERRIDDEN)
}

/// Rewrites a STORE_ATTR.
/// # Safety
/// As `specialize_load`.
#[cold]
#[inline(never)]
pub unsafe fn specialize_store(owner: &Object, ip: *mut CodeWord, name: &Str) {
    // SAFETY: by contract.
    unsafe {
        let chosen = choose_store(owner, ip, name);
        super::specialize::commit(ip, op::STORE_ATTR, chosen);
    }
}

unsafe fn choose_store(owner: &Object, ip: *mut CodeWord, name: &Str) -> Option<u8> {
    // SAFETY: by the caller's contract.
    unsafe {
        let ty = owner.ty();
        if ty.0.tp_setattro.get().map(|f| f as usize) != Some(object::PyObject_GenericSetAttr as *const () as usize) {
            return None;
        }
        let version = ty.version();
        if version == 0 {
            return None;
        }
        put32(ip, 1, version);
        if let Some(descr) = ty.lookup(name)
            && (!is_settled(descr.ty()) || descr.ty().0.tp_descr_set.get().is_some())
        {
            let member = descr.downcast_exact::<MemberDescriptor>()?;
            let offset = object_slot_offset(member, ty).filter(|_| member.member().flags.get() & abi::Py_READONLY == 0)?;
            put16(ip, 3, u16::try_from(offset).ok()?);
            return Some(op::STORE_ATTR_SLOT);
        }
        if !ty.has_flag(MANAGED_DICT) {
            return None;
        }
        if ty.has_flag(INLINE_VALUES) && (*values_of(owner.as_ptr())).valid != 0 {
            let keys = cached_keys(ty);
            let index = keys::lookup_unicode(keys, name.as_object().as_ptr(), keys::str_hash(name.as_object().as_ptr()));
            if index < 0 {
                return None;
            }
            let slot = DictValues::slot(values_of(owner.as_ptr()), index);
            put16(ip, 3, u16::try_from(slot as usize - owner.as_ptr() as usize).ok()?);
            return Some(op::STORE_ATTR_INSTANCE_VALUE);
        }
        let dict = managed_dict_cell(owner).get();
        if dict.is_null() {
            return None;
        }
        let dict: &Dict = Object::from_ptr(dict).cast();
        if dict.is_split() || !dict.has_unicode_keys() {
            return None;
        }
        put16(ip, 3, u16::try_from(dict.index_of(name)).ok()?);
        Some(op::STORE_ATTR_WITH_HINT)
    }
}
