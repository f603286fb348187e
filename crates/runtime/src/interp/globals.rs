//! LOAD_GLOBAL's specialised forms. A cache holds the version of a dict's keys and an entry's index: while the keys have that version, the
//! entry holds the name, whatever its value is now.

use super::frame::CodeWord;
use crate::object::{Object, PyTyped};
use crate::types::{Dict, Str};
use abi::PyObject;
use bytecode::op;
use std::ptr;

/// # Safety
/// All functions here: the namespaces are live objects, `ip` points at a LOAD_GLOBAL's cache.
#[inline(always)]
pub unsafe fn keys_version_is(namespace: *mut PyObject, version: u16) -> bool {
    // SAFETY: only exact dicts are specialised for; a frame's globals never change their type.
    unsafe { (*Object::from_ptr(namespace).cast::<Dict>().keys_ptr()).version == version as u32 }
}

/// The value of entry `index`, borrowed, if the keys still have `version`; else NULL.
#[inline(always)]
pub unsafe fn entry_if_version(namespace: *mut PyObject, version: u16, index: u16) -> *mut PyObject {
    // SAFETY: as above; specialised dicts have plain (not split) str keys, and the version covers that.
    unsafe {
        let dict: &Dict = Object::from_ptr(namespace).cast();
        let keys = dict.keys_ptr();
        if (*keys).version != version as u32 {
            return ptr::null_mut();
        }
        (*crate::types::dict::keys::DictKeys::unicode_entries(keys).add(index as usize)).value
    }
}

/// Rewrites a LOAD_GLOBAL.
#[cold]
#[inline(never)]
pub unsafe fn specialize(globals: *mut PyObject, builtins: *mut PyObject, ip: *mut CodeWord, name: &Str) {
    // SAFETY: by contract.
    unsafe {
        let chosen = choose(Object::from_ptr(globals), Object::from_ptr(builtins), ip, name);
        super::specialize::commit(ip, op::LOAD_GLOBAL, chosen);
    }
}

unsafe fn choose(globals: &Object, builtins: &Object, ip: *mut CodeWord, name: &Str) -> Option<u8> {
    if !Dict::check_exact(globals) || !Dict::check_exact(builtins) {
        return None;
    }
    // SAFETY: checked just now.
    let (globals, builtins) = unsafe { (globals.cast::<Dict>(), builtins.cast::<Dict>()) };
    if globals.is_split() || builtins.is_split() || !globals.has_unicode_keys() || !builtins.has_unicode_keys() {
        return None;
    }
    let cache = ip as *mut u16;
    let globals_version = u16::try_from(globals.keys_version()).ok().filter(|&v| v != 0)?;
    let index = globals.index_of(name);
    // SAFETY: the cache has four units.
    unsafe {
        if index >= 0 {
            *cache.add(1) = globals_version;
            *cache.add(3) = u16::try_from(index).ok()?;
            return Some(op::LOAD_GLOBAL_MODULE);
        }
        let builtins_version = u16::try_from(builtins.keys_version()).ok().filter(|&v| v != 0)?;
        let index = builtins.index_of(name);
        if index < 0 {
            return None;
        }
        *cache.add(1) = globals_version;
        *cache.add(2) = builtins_version;
        *cache.add(3) = u16::try_from(index).ok()?;
        Some(op::LOAD_GLOBAL_BUILTIN)
    }
}
