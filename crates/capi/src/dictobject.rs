//! `dictobject.h`, `cpython/dictobject.h`, `odictobject.h`, and the mapping proxy.

use crate::macros::{Done, Out, borrowed, done, store};
use crate::object::{name, text, unraisable};
use abi::PyObject;
use runtime::errors::{self, PyResult};
use runtime::object::{Object, Owned};
use runtime::protocol::{call, mapping};
use runtime::types::dict::{self, Override, watch};
use runtime::types::{Dict, List, MappingProxy};
use std::ffi::{CStr, c_int};
use std::ptr;

const IGNORED_GET: &str = "Exception ignored in PyDict_GetItem(); consider using PyDict_GetItemRef() or PyDict_GetItemWithError()";
const IGNORED_GET_STRING: &str = "Exception ignored in PyDict_GetItemString(); consider using PyDict_GetItemRefString()";

/// The dict keeps the value alive: handed out as borrowed.
fn borrow(found: Option<Owned>) -> *mut PyObject {
    found.map_or(ptr::null_mut(), borrowed)
}

fn overriding(how: c_int) -> Override {
    match how {
        0 => Override::Keep,
        1 => Override::Replace,
        _ => Override::Refuse,
    }
}

c_api! {
    fn PyDict_New() -> Owned<Dict> { Dict::new() }
    fn _PyDict_NewPresized(n: isize) -> PyResult<Owned<Dict>> { Dict::with_capacity(n.max(0) as usize) }
    fn PyDict_Size(o: &Dict) -> usize { o.len() }
    fn PyDict_Clear(o: Option<&Object>) {
        if let Some(dict) = o.and_then(|o| o.downcast::<Dict>()) {
            dict.clear();
        }
    }
    fn PyDict_Copy(o: &Dict) -> PyResult<Owned<Dict>> { o.copy() }
    fn PyDict_Keys(o: &Dict) -> PyResult<Owned<List>> { o.keys_list() }
    fn PyDict_Values(o: &Dict) -> PyResult<Owned<List>> { o.values_list() }
    fn PyDict_Items(o: &Dict) -> PyResult<Owned<List>> { o.items_list() }

    // ---- reading
    fn PyDict_GetItem(o: Option<&Object>, key: &Object) -> *mut PyObject {
        let Some(dict) = o.and_then(|o| o.downcast::<Dict>()) else { return ptr::null_mut() };
        // Another exception that is set stays set.
        let saved = errors::take();
        let found = unraisable(runtime::protocol::object::hash(key).and_then(|hash| dict.get_known_hash(key, hash)), IGNORED_GET).flatten();
        if let Some(saved) = saved {
            errors::restore(saved);
        }
        borrow(found)
    }
    fn PyDict_GetItemWithError(o: &Dict, key: &Object) -> PyResult<*mut PyObject> { Ok(borrow(o.get_item(key)?)) }
    fn _PyDict_GetItem_KnownHash(o: &Dict, key: &Object, hash: isize) -> PyResult<*mut PyObject> { Ok(borrow(o.get_known_hash(key, hash)?)) }
    fn PyDict_GetItemString(o: Option<&Object>, key: &CStr) -> *mut PyObject {
        let Some(dict) = o.and_then(|o| o.downcast::<Dict>()) else { return ptr::null_mut() };
        borrow(unraisable(text(key).and_then(|key| dict.get_item(&key)), IGNORED_GET_STRING).flatten())
    }
    fn _PyDict_GetItemStringWithError(o: &Dict, key: &CStr) -> PyResult<*mut PyObject> { Ok(borrow(o.get_item(&*text(key)?)?)) }
    fn PyDict_GetItemRef(o: &Object, key: &Object, result: Out<*mut PyObject>) -> PyResult<bool> {
        let Some(dict) = o.downcast::<Dict>() else { return Err(errors::bad_internal_call()) };
        store(result.0, dict.get_item(key))
    }
    fn PyDict_GetItemStringRef(o: &Object, key: &CStr, result: Out<*mut PyObject>) -> PyResult<bool> {
        let Some(dict) = o.downcast::<Dict>() else { return Err(errors::bad_internal_call()) };
        store(result.0, dict.get_item(&*text(key)?))
    }
    fn PyDict_Contains(o: &Dict, key: &Object) -> PyResult<bool> { o.contains(key) }
    fn PyDict_ContainsString(o: &Dict, key: &CStr) -> PyResult<bool> { o.contains(&*text(key)?) }
    fn _PyDict_ContainsId(o: &Dict, id: *mut abi::_Py_Identifier) -> PyResult<bool> { o.contains(&*text(CStr::from_ptr((*id).string))?) }
    fn PyDict_Next(o: Option<&Object>, pos: *mut isize, key: *mut *mut PyObject, value: *mut *mut PyObject) -> bool {
        let Some(dict) = o.and_then(|o| o.downcast::<Dict>()) else { return false };
        match dict.next_raw(&mut *pos) {
            Some((found_key, found_value, _)) => {
                if !key.is_null() {
                    *key = found_key;
                }
                if !value.is_null() {
                    *value = found_value;
                }
                true
            }
            None => false,
        }
    }
    fn _PyDict_Next(o: Option<&Object>, pos: *mut isize, key: *mut *mut PyObject, value: *mut *mut PyObject, hash: *mut isize) -> bool {
        let Some(dict) = o.and_then(|o| o.downcast::<Dict>()) else { return false };
        match dict.next_raw(&mut *pos) {
            Some((found_key, found_value, found_hash)) => {
                if !key.is_null() {
                    *key = found_key;
                }
                if !value.is_null() {
                    *value = found_value;
                }
                if !hash.is_null() {
                    *hash = found_hash;
                }
                true
            }
            None => false,
        }
    }

    // ---- writing
    fn PyDict_SetItem(o: &Dict, key: &Object, value: &Object) -> PyResult<Done> { done(o.set_item(key, value)) }
    fn _PyDict_SetItem_KnownHash(o: &Dict, key: &Object, value: &Object, hash: isize) -> PyResult<Done> { done(o.set_known_hash(key, hash, value)) }
    fn _PyDict_SetItem_KnownHash_LockHeld(o: &Dict, key: &Object, value: &Object, hash: isize) -> PyResult<Done> { done(o.set_known_hash(key, hash, value)) }
    fn PyDict_SetItemString(o: &Dict, key: &CStr, value: &Object) -> PyResult<Done> { done(o.set_item(&*name(key)?, value)) }
    fn PyDict_DelItem(o: &Dict, key: &Object) -> PyResult<Done> { done(o.del_item(key)) }
    fn PyDict_DelItemString(o: &Dict, key: &CStr) -> PyResult<Done> { done(o.del_item(&*text(key)?)) }
    fn PyDict_Pop(o: &Object, key: Option<&Object>, result: Out<*mut PyObject>) -> PyResult<bool> {
        match key {
            Some(key) => pop(o, key, result),
            // An empty dict does not look at its key.
            None if o.downcast::<Dict>().is_some_and(|dict| dict.len() == 0) => Ok(false),
            None => Err(errors::bad_internal_call()),
        }
    }
    fn PyDict_PopString(o: &Object, key: &CStr, result: Out<*mut PyObject>) -> PyResult<bool> {
        pop(o, &*text(key)?, result)
    }
    fn _PyDict_Pop(o: &Dict, key: &Object, default: Option<&Object>) -> PyResult {
        match (o.pop(key)?, default) {
            (Some(value), _) => Ok(value),
            (None, Some(default)) => Ok(default.to_owned()),
            (None, None) => Err(dict::key_error(key)),
        }
    }
    fn PyDict_SetDefault(o: &Dict, key: &Object, default: &Object) -> PyResult<*mut PyObject> { Ok(borrowed(o.set_default(key, default)?)) }
    fn PyDict_SetDefaultRef(o: &Object, key: &Object, default: &Object, result: Out<*mut PyObject>) -> PyResult<bool> {
        let Some(dict) = o.downcast::<Dict>() else { return Err(errors::bad_internal_call()) };
        let before = dict.len();
        let value = dict.set_default(key, default)?;
        if !result.0.is_null() {
            *result.0 = value.into_raw();
        }
        Ok(dict.len() == before)
    }
    fn PyDict_Update(o: &Dict, other: &Object) -> PyResult<Done> { done(o.merge_object(other, Override::Replace)) }
    fn PyDict_Merge(o: &Dict, other: &Object, how: c_int) -> PyResult<Done> { done(o.merge_object(other, if how != 0 { Override::Replace } else { Override::Keep })) }
    fn _PyDict_MergeEx(o: &Dict, other: &Object, how: c_int) -> PyResult<Done> { done(o.merge_object(other, overriding(how))) }
    fn PyDict_MergeFromSeq2(o: &Dict, pairs: &Object, how: c_int) -> PyResult<Done> { done(o.merge_pairs(pairs, if how != 0 { Override::Replace } else { Override::Keep })) }

    // ---- watchers
    fn PyDict_AddWatcher(callback: Option<abi::PyDict_WatchCallback>) -> PyResult<c_int> {
        match callback {
            Some(callback) => watch::add_watcher(callback),
            None => Err(errors::bad_internal_call()),
        }
    }
    fn PyDict_ClearWatcher(id: c_int) -> PyResult<Done> { done(watch::clear_watcher(id)) }
    fn PyDict_Watch(id: c_int, o: &Object) -> PyResult<Done> { done(watch::watch(id, o)) }
    fn PyDict_Unwatch(id: c_int, o: &Object) -> PyResult<Done> { done(watch::unwatch(id, o)) }

    // ---- OrderedDict
    fn PyODict_New() -> PyResult {
        call::call0(&*runtime::protocol::object::get_attr_str(&*runtime::import::import_module("collections")?, "OrderedDict")?)
    }
    fn PyODict_SetItem(o: &Object, key: &Object, value: &Object) -> PyResult<Done> { done(mapping::set_item(o, key, value)) }
    fn PyODict_DelItem(o: &Object, key: &Object) -> PyResult<Done> { done(mapping::del_item(o, key)) }

    fn PyDictProxy_New(mapping: &Object) -> PyResult<Owned<MappingProxy>> { MappingProxy::new(mapping) }
}

unsafe fn pop(o: &Object, key: &Object, result: Out<*mut PyObject>) -> PyResult<bool> {
    // SAFETY: NULL or the caller's variable.
    unsafe {
        let Some(dict) = o.downcast::<Dict>() else { return Err(errors::bad_internal_call()) };
        let found = dict.pop(key)?;
        let there = found.is_some();
        if !result.0.is_null() {
            *result.0 = found.map_or(ptr::null_mut(), Owned::into_raw);
        }
        Ok(there)
    }
}
