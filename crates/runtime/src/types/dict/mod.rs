//! `dict`: a hash table that keeps insertion order.
//!
//! `ma_keys` is a table of `keys.rs`; `ma_values` is NULL for a combined table (values in the entries) or the values that go with a shared
//! (SPLIT) table: the dict's own array, or the one inside an instance whose attributes the dict shows (`inline_values.rs`).
//! `ma_used` counts items. Invariants: a SPLIT table has `ma_values`; `ma_used` is the number of values that are not NULL.
//! A comparison or a destructor may change any dict: every operation looks things up anew after running Python code.

pub mod inline_values;
pub mod iter;
pub mod keys;
pub mod methods;
mod update;
pub mod views;
pub mod watch;

pub use methods::PyDict_Type;
pub use update::Override;

use crate::errors::{self, PyResult, Raised, no_memory};
use crate::exceptions;
use crate::gc;
use crate::object::{Object, Owned, PyTyped, Type, xdecref, xincref};
use crate::protocol::{call, number, object};
use crate::types::Str;
use crate::types::type_methods::fully_qualified_name;
use abi::PyObject;
use keys::*;
use std::ptr;

/// A dict.
#[repr(transparent)]
pub struct Dict(pub abi::PyDictObject);

/// The hash of a key; a str's is cached. An unhashable key is refused with the words for dict keys.
#[inline(always)]
pub fn hash_key(key: &Object) -> PyResult<isize> {
    // SAFETY: an exact str.
    unsafe {
        if is_exact_str(key.as_ptr()) {
            return Ok(str_hash(key.as_ptr()));
        }
    }
    if let Some(value) = number::compact_int(key) {
        return Ok(if value == -1 { -2 } else { value });
    }
    match object::hash(key) {
        Ok(hash) => Ok(hash),
        Err(raised) => Err(unhashable_key(key, raised)),
    }
}

#[cold]
#[inline(never)]
fn unhashable_key(key: &Object, raised: Raised) -> Raised {
    unhashable(key, raised, "a dict key")
}

/// Says of an unhashable object what it was to be; other errors stay as they are.
#[cold]
pub fn unhashable(key: &Object, raised: Raised, what: &str) -> Raised {
    let Some(error) = errors::take() else { return raised };
    if !std::ptr::eq(error.object().ty(), exceptions::TypeError()) {
        return errors::restore(error);
    }
    match object::str(error.object()) {
        Ok(text) => {
            drop(error);
            let Ok(name) = fully_qualified_name(key.ty()) else { return Raised::from_c() };
            crate::err!(TypeError, "cannot use '{}' as {} ({})", name, what, text)
        }
        Err(raised) => raised,
    }
}

/// `KeyError(key)`, also for a key that is a tuple.
#[cold]
pub fn key_error(key: &Object) -> Raised {
    match call::call1(exceptions::KeyError(), key) {
        Ok(instance) => match instance.try_into_typed() {
            Ok(instance) => errors::raise_instance(instance),
            Err(_) => errors::bad_internal_call(),
        },
        Err(raised) => raised,
    }
}

// ---- raw access -----------------------------------------------------------------------------------------------------------------

impl Dict {
    #[inline(always)]
    pub fn keys_ptr(&self) -> *mut DictKeys {
        self.0.ma_keys.get() as *mut DictKeys
    }
    #[inline(always)]
    pub fn values_ptr(&self) -> *mut DictValues {
        self.0.ma_values.get() as *mut DictValues
    }
    #[inline(always)]
    fn set_keys(&self, keys: *mut DictKeys) {
        self.0.ma_keys.set(keys as *mut _)
    }
    #[inline(always)]
    fn set_values(&self, values: *mut DictValues) {
        self.0.ma_values.set(values as *mut _)
    }
    #[inline(always)]
    fn keys_cell(&self) -> *const KeysCell {
        &raw const self.0.ma_keys as *const KeysCell
    }
    #[inline(always)]
    fn set_used(&self, used: isize) {
        self.0.ma_used.set(used)
    }
    #[inline(always)]
    pub fn used(&self) -> isize {
        self.0.ma_used.get()
    }
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.0.ma_used.get() as usize
    }
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.0.ma_used.get() == 0
    }
    #[inline(always)]
    pub fn is_split(&self) -> bool {
        !self.values_ptr().is_null()
    }
    /// Whether all keys are exact strs.
    #[inline(always)]
    pub fn has_unicode_keys(&self) -> bool {
        // SAFETY: a dict always has a table.
        unsafe { (*self.keys_ptr()).kind != GENERAL }
    }
    /// The version of the keys and their places (not of values), 0 if none can be had. A change of keys ends it.
    #[inline]
    pub fn keys_version(&self) -> u32 {
        // SAFETY: a dict always has a table.
        unsafe { keys::keys_version(self.keys_ptr()) }
    }
    /// The value of entry `ix`, borrowed; NULL if it has none (a split table's attribute that this dict lacks).
    /// # Safety
    /// `ix` is an entry of the present table.
    #[inline(always)]
    pub unsafe fn value_at(&self, ix: isize) -> *mut PyObject {
        unsafe { *self.slot_at(ix) }
    }
    #[inline(always)]
    unsafe fn slot_at(&self, ix: isize) -> *mut *mut PyObject {
        let values = self.values_ptr();
        unsafe { if values.is_null() { DictKeys::value_slot(self.keys_ptr(), ix) } else { DictValues::slot(values, ix) } }
    }
    /// The index of a str key's entry, for specialised instructions; -1 without one, or if the table is not one of strs.
    #[inline]
    pub fn index_of(&self, name: &Str) -> isize {
        let keys = self.keys_ptr();
        // SAFETY: exact strs do not run code.
        unsafe {
            let name = name as *const Str as *mut PyObject;
            if (*keys).kind == GENERAL || !is_exact_str(name) {
                return EMPTY;
            }
            lookup_unicode(keys, name, str_hash(name))
        }
    }
    /// The value of a key with a known hash: borrowed, or NULL.
    /// # Safety
    /// The dict and the key stay alive during the call; the result is valid until the dict changes.
    #[inline]
    pub unsafe fn find(&self, key: *mut PyObject, hash: isize) -> PyResult<*mut PyObject> {
        unsafe {
            let keys = self.keys_ptr();
            let ix = if (*keys).kind != GENERAL && is_exact_str(key) {
                lookup_unicode(keys, key, hash)
            } else {
                lookup(self.keys_cell(), key, hash)?
            };
            Ok(if ix < 0 { ptr::null_mut() } else { self.value_at(ix) })
        }
    }
    /// As `find` for an exact str: no error, and no code runs if all keys are strs.
    /// # Safety
    /// See `find`.
    #[inline]
    pub unsafe fn find_str(&self, name: *mut PyObject) -> *mut PyObject {
        unsafe {
            let hash = str_hash(name);
            let keys = self.keys_ptr();
            if (*keys).kind != GENERAL {
                let ix = lookup_unicode(keys, name, hash);
                return if ix < 0 { ptr::null_mut() } else { self.value_at(ix) };
            }
            match self.find(name, hash) {
                Ok(value) => value,
                Err(_) => {
                    errors::clear();
                    ptr::null_mut()
                }
            }
        }
    }
}

// ---- making ---------------------------------------------------------------------------------------------------------------------

impl Dict {
    pub fn new() -> Owned<Dict> {
        // SAFETY: the empty table goes with no values.
        unsafe { Self::from_keys(empty_keys(), ptr::null_mut(), 0) }
    }
    /// An empty dict with room for `n` items.
    pub fn with_capacity(n: usize) -> PyResult<Owned<Dict>> {
        Self::sized(n, false)
    }
    fn sized(n: usize, unicode: bool) -> PyResult<Owned<Dict>> {
        if n <= usable_fraction(LOG_MIN_SIZE) as usize {
            return Ok(Dict::new());
        }
        // The first table of a big dict is not made larger than this at once: it may come out smaller than promised.
        let log2 = log2_for_entries(n.min(1 << 17) as isize);
        let keys = new_keys(log2, if unicode { UNICODE } else { GENERAL });
        if keys.is_null() {
            return Err(no_memory());
        }
        // SAFETY: a fresh table.
        Ok(unsafe { Self::from_keys(keys, ptr::null_mut(), 0) })
    }
    /// A dict that takes over a table (and values).
    /// # Safety
    /// The parts belong together; the caller gives up its use of them.
    pub(crate) unsafe fn from_keys(keys: *mut DictKeys, values: *mut DictValues, used: isize) -> Owned<Dict> {
        // SAFETY: a fresh block of the type's size; all fields are set before it is tracked.
        unsafe {
            let op = gc::alloc_or_abort(Dict::type_object(), size_of::<abi::PyDictObject>()) as *mut abi::PyDictObject;
            (*op).ma_used.set(used);
            (*op)._ma_watcher_tag.set(0);
            (*op).ma_keys.set(keys as *mut _);
            (*op).ma_values.set(values as *mut _);
            gc::track(op as *mut PyObject);
            Owned::from_raw(op as *mut PyObject)
        }
    }
    /// A dict of `n` keys and values (`BUILD_MAP`): pointers alternate with the given strides; counts are taken.
    /// # Safety
    /// The pointers are live objects, kept by the caller during the call.
    pub unsafe fn from_items(keys: *const *mut PyObject, key_step: usize, values: *const *mut PyObject, value_step: usize, n: usize) -> PyResult<Owned<Dict>> {
        unsafe {
            let unicode = (0..n).all(|i| is_exact_str(*keys.add(i * key_step)));
            let dict = Self::sized(n, unicode)?;
            for i in 0..n {
                dict.set_item(Object::from_ptr(*keys.add(i * key_step)), Object::from_ptr(*values.add(i * value_step)))?;
            }
            Ok(dict)
        }
    }
}

// ---- reading --------------------------------------------------------------------------------------------------------------------

impl Dict {
    #[inline]
    pub fn get_item(&self, key: &Object) -> PyResult<Option<Owned>> {
        let hash = hash_key(key)?;
        self.get_known_hash(key, hash)
    }
    #[inline]
    pub fn get_known_hash(&self, key: &Object, hash: isize) -> PyResult<Option<Owned>> {
        // SAFETY: the count is taken before anything else runs.
        unsafe {
            let value = self.find(key.as_ptr(), hash)?;
            Ok(Owned::from_raw_opt(xincref(value)))
        }
    }
    /// The value of a str key. (A str is compared without running code unless a key of another type has its hash; errors of that are dropped.)
    #[inline]
    pub fn get_str(&self, name: &Str) -> Option<Owned> {
        let name = name as *const Str as *mut PyObject;
        // SAFETY: as in `get_known_hash`.
        unsafe {
            if !is_exact_str(name) {
                return self.get_item(Object::from_ptr(name)).unwrap_or_else(|_| {
                    errors::clear();
                    None
                });
            }
            Owned::from_raw_opt(xincref(self.find_str(name)))
        }
    }
    /// As `get_str`, borrowed: valid until the dict changes, which the caller knows not to happen.
    #[inline]
    pub fn get_str_borrowed(&self, name: &Str) -> Option<&Object> {
        // SAFETY: see above.
        unsafe { Object::from_ptr_opt(self.find_str(name as *const Str as *mut PyObject)) }
    }
    /// As `get_item`, borrowed.
    /// # Safety
    /// The value is valid until the dict changes.
    #[inline]
    pub unsafe fn get_item_borrowed(&self, key: &Object) -> PyResult<Option<&Object>> {
        let hash = hash_key(key)?;
        unsafe { Ok(Object::from_ptr_opt(self.find(key.as_ptr(), hash)?)) }
    }
    /// The value of a key given as Rust text.
    pub fn get(&self, name: &str) -> Option<Owned> {
        self.get_str(&Str::new(name))
    }
    #[inline]
    /// The key object that the dict holds for an equal key.
    pub fn find_key(&self, key: &Object, hash: isize) -> PyResult<Option<Owned>> {
        // SAFETY: the count is taken before anything else runs.
        unsafe {
            let ix = lookup(self.keys_cell(), key.as_ptr(), hash)?;
            Ok(if ix < 0 { None } else { Owned::from_raw_opt(xincref(DictKeys::key_at(self.keys_ptr(), ix))) })
        }
    }
    /// The number of places in the hash table.
    pub fn table_size(&self) -> usize {
        // SAFETY: a dict always has a table.
        1 << unsafe { (*self.keys_ptr()).log2_size }
    }
    pub fn contains(&self, key: &Object) -> PyResult<bool> {
        let hash = hash_key(key)?;
        // SAFETY: key and dict are borrowed from live owners.
        unsafe { Ok(!self.find(key.as_ptr(), hash)?.is_null()) }
    }
    pub fn contains_str(&self, name: &Str) -> bool {
        // SAFETY: only the presence is looked at.
        unsafe { !self.find_str(name as *const Str as *mut PyObject).is_null() }
    }

    /// `PyDict_Next`: key, value and hash of the item at `pos` or after it, borrowed; `pos` begins at 0.
    /// # Safety
    /// The pointers are valid until the dict changes.
    #[inline]
    pub unsafe fn next_raw(&self, pos: &mut isize) -> Option<(*mut PyObject, *mut PyObject, isize)> {
        unsafe {
            let keys = self.keys_ptr();
            let values = self.values_ptr();
            let mut i = *pos;
            if i < 0 {
                return None;
            }
            if !values.is_null() {
                if i >= self.used() || i >= (*values).size as isize {
                    return None;
                }
                let ix = *DictValues::order(values).offset(i) as isize;
                *pos = i + 1;
                let key = (*DictKeys::unicode_entries(keys).offset(ix)).key;
                return Some((key, *DictValues::slot(values, ix), str_hash(key)));
            }
            let n = (*keys).nentries;
            if (*keys).kind == GENERAL {
                let entries = DictKeys::entries(keys);
                while i < n && (*entries.offset(i)).value.is_null() {
                    i += 1;
                }
                if i >= n {
                    return None;
                }
                *pos = i + 1;
                let entry = *entries.offset(i);
                Some((entry.key, entry.value, entry.hash))
            } else {
                let entries = DictKeys::unicode_entries(keys);
                while i < n && (*entries.offset(i)).value.is_null() {
                    i += 1;
                }
                if i >= n {
                    return None;
                }
                *pos = i + 1;
                let entry = *entries.offset(i);
                Some((entry.key, entry.value, str_hash(entry.key)))
            }
        }
    }
    /// The next item; `pos` begins at 0. The dict may change between calls (items may then be missed or come twice).
    #[inline]
    pub fn next(&self, pos: &mut isize) -> Option<(Owned, Owned)> {
        // SAFETY: counts are taken at once.
        unsafe {
            let (key, value, _) = self.next_raw(pos)?;
            Some((Object::from_ptr(key).to_owned(), Object::from_ptr(value).to_owned()))
        }
    }
    /// Bytes of the dict and its tables, as `__sizeof__` tells.
    pub fn size_in_bytes(&self) -> usize {
        let basic = self.as_object().ty().0.tp_basicsize.get() as usize;
        // SAFETY: reading sizes only.
        unsafe {
            let (keys, values) = (self.keys_ptr(), self.values_ptr());
            let mut size = basic;
            if !values.is_null() {
                size += shared_keys_capacity(keys) * 8;
            }
            // Shared tables are counted with the type.
            if keys != empty_keys() && (*keys).refcount == 1 {
                size += DictKeys::size_in_bytes(keys);
            }
            size
        }
    }
}

// ---- writing --------------------------------------------------------------------------------------------------------------------

impl Dict {
    #[inline]
    pub fn set_item(&self, key: &Object, value: &Object) -> PyResult<()> {
        let hash = hash_key(key)?;
        self.insert(key.to_owned(), hash, value.to_owned())
    }
    #[inline]
    pub fn set_known_hash(&self, key: &Object, hash: isize, value: &Object) -> PyResult<()> {
        self.insert(key.to_owned(), hash, value.to_owned())
    }
    #[inline]
    pub fn set_str(&self, name: &Str, value: &Object) -> PyResult<()> {
        // SAFETY: a str begins with the object head.
        self.set_item(unsafe { Object::from_ptr(name as *const Str as *mut PyObject) }, value)
    }
    /// Sets the value of a key given as Rust text (interned, as names are).
    pub fn set(&self, name: &str, value: &Object) -> PyResult<()> {
        let name = Str::intern(Str::new(name));
        self.set_str(&name, value)
    }
    /// `dict[key] = value`, taking both over.
    #[inline]
    pub fn set_item_owned(&self, key: Owned, value: Owned) -> PyResult<()> {
        let hash = hash_key(&key)?;
        self.insert(key, hash, value)
    }

    /// Sets a value, taking key and value over.
    #[inline]
    pub fn insert(&self, key: Owned, hash: isize, value: Owned) -> PyResult<()> {
        // SAFETY: `lookup` leaves an index into the present table; nothing runs between it and the store.
        unsafe {
            let keys = self.keys_ptr();
            if (*keys).kind == GENERAL || !is_exact_str(key.raw()) {
                return self.insert_general(key, hash, value);
            }
            let values = self.values_ptr();
            let ix = if values.is_null() { lookup_unicode(keys, key.raw(), hash) } else { insert_shared_key(keys, key.raw(), hash) };
            if ix < 0 {
                return self.insert_new(key, hash, value);
            }
            if !values.is_null() {
                self.store_split(ix, key.object(), value);
                return Ok(());
            }
            self.replace(&raw mut (*DictKeys::unicode_entries(keys).offset(ix)).value, key.object(), value);
            Ok(())
        }
    }

    #[inline(never)]
    unsafe fn insert_general(&self, key: Owned, hash: isize, value: Owned) -> PyResult<()> {
        unsafe {
            if (*self.keys_ptr()).kind != GENERAL && !is_exact_str(key.raw()) && self.keys_ptr() != empty_keys() {
                self.grow(false)?;
            }
            let ix = lookup(self.keys_cell(), key.raw(), hash)?;
            if ix < 0 {
                return self.insert_new(key, hash, value);
            }
            if self.is_split() {
                self.store_split(ix, key.object(), value);
                return Ok(());
            }
            self.replace(self.slot_at(ix), key.object(), value);
            Ok(())
        }
    }

    #[inline(always)]
    unsafe fn replace(&self, slot: *mut *mut PyObject, key: &Object, value: Owned) {
        unsafe {
            let old = *slot;
            if old != value.raw() {
                self.notify(watch::MODIFIED, Some(key), Some(&value));
            }
            *slot = value.into_raw();
            xdecref(old);
        }
    }

    /// Stores the value of attribute `ix` of a split table.
    #[inline]
    unsafe fn store_split(&self, ix: isize, key: &Object, value: Owned) {
        unsafe {
            let values = self.values_ptr();
            let slot = DictValues::slot(values, ix);
            let old = *slot;
            if old.is_null() {
                self.notify(watch::ADDED, Some(key), Some(&value));
                DictValues::add_to_order(values, ix);
                self.set_used(self.used() + 1);
            } else {
                self.notify(watch::MODIFIED, Some(key), Some(&value));
            }
            *slot = value.into_raw();
            xdecref(old);
        }
    }

    /// Adds a key that the table is known to lack.
    unsafe fn insert_new(&self, key: Owned, hash: isize, value: Owned) -> PyResult<()> {
        unsafe {
            let unicode = is_exact_str(key.raw());
            let mut keys = self.keys_ptr();
            if (*keys).usable <= 0 || self.is_split() {
                self.grow(if keys == empty_keys() { unicode } else { (*keys).kind != GENERAL && unicode })?;
                keys = self.keys_ptr();
            } else if (*keys).kind != GENERAL && !unicode {
                self.grow(false)?;
                keys = self.keys_ptr();
            }
            self.notify(watch::ADDED, Some(&key), Some(&value));
            (*keys).version = 0;
            let slot = find_empty_slot(keys, hash);
            let ix = (*keys).nentries;
            DictKeys::set_index(keys, slot, ix);
            if (*keys).kind == GENERAL {
                *DictKeys::entries(keys).offset(ix) = Entry { hash, key: key.into_raw(), value: value.into_raw() };
            } else {
                *DictKeys::unicode_entries(keys).offset(ix) = UnicodeEntry { key: key.into_raw(), value: value.into_raw() };
            }
            (*keys).nentries = ix + 1;
            (*keys).usable -= 1;
            self.set_used(self.used() + 1);
            Ok(())
        }
    }

    /// Makes room for growth: a new table of three times the items.
    #[cold]
    #[inline(never)]
    unsafe fn grow(&self, unicode: bool) -> PyResult<()> {
        unsafe { self.resize(log2_for_size(self.used().saturating_mul(3)), unicode) }
    }

    /// Moves the items, without deleted ones, into a new combined table.
    pub(super) unsafe fn resize(&self, log2_size: u8, unicode: bool) -> PyResult<()> {
        unsafe {
            let old = self.keys_ptr();
            let values = self.values_ptr();
            let unicode = unicode && (*old).kind != GENERAL;
            let new = new_keys(log2_size, if unicode { UNICODE } else { GENERAL });
            if new.is_null() {
                return Err(no_memory());
            }
            let used = self.used();
            debug_assert!((*new).usable >= used);
            self.copy_entries(old, values, new);
            build_indices(new, used);
            (*new).nentries = used;
            (*new).usable -= used;
            self.set_keys(new);
            if values.is_null() {
                free_keys_block(old);
            } else {
                self.set_values(ptr::null_mut());
                if (*values).embedded != 0 {
                    (*values).valid = 0;
                    (*values).size = 0;
                } else {
                    DictValues::free(values);
                }
                decref_keys(old);
            }
            Ok(())
        }
    }

    /// Copies live items in order: counts move over from a combined table; from a split one the values' move and the keys gain one.
    unsafe fn copy_entries(&self, old: *mut DictKeys, values: *mut DictValues, new: *mut DictKeys) {
        unsafe {
            let mut pos = 0;
            let mut at = 0;
            if values.is_null() && (*old).kind == (*new).kind && (*old).nentries == self.used() {
                let entry = if (*old).kind == GENERAL { size_of::<Entry>() } else { size_of::<UnicodeEntry>() };
                ptr::copy_nonoverlapping(DictKeys::entries(old) as *const u8, DictKeys::entries(new) as *mut u8, entry * self.len());
                return;
            }
            while let Some((key, value, hash)) = self.next_raw(&mut pos) {
                if !values.is_null() {
                    Object::from_ptr(key).incref();
                }
                if (*new).kind == GENERAL {
                    *DictKeys::entries(new).offset(at) = Entry { hash, key, value };
                } else {
                    *DictKeys::unicode_entries(new).offset(at) = UnicodeEntry { key, value };
                }
                at += 1;
            }
        }
    }

    /// The value of `key`, which is set to `default` if it is missing.
    pub fn set_default(&self, key: &Object, default: &Object) -> PyResult<Owned> {
        let hash = hash_key(key)?;
        // SAFETY: as `insert`.
        unsafe {
            let value = self.find(key.as_ptr(), hash)?;
            if !value.is_null() {
                return Ok(Object::from_ptr(value).to_owned());
            }
            self.insert_missing(key, hash, default)?;
        }
        Ok(default.to_owned())
    }
    /// Adds a key that a lookup just before did not find.
    unsafe fn insert_missing(&self, key: &Object, hash: isize, value: &Object) -> PyResult<()> {
        unsafe {
            if self.is_split() && is_exact_str(key.as_ptr()) {
                let ix = insert_shared_key(self.keys_ptr(), key.as_ptr(), hash);
                if ix >= 0 {
                    self.store_split(ix, key, value.to_owned());
                    return Ok(());
                }
            }
            self.insert_new(key.to_owned(), hash, value.to_owned())
        }
    }

    /// `del dict[key]`; KeyError if it is missing.
    pub fn del_item(&self, key: &Object) -> PyResult<()> {
        let hash = hash_key(key)?;
        match self.take_known_hash(key, hash)? {
            Some(_) => Ok(()),
            None => Err(key_error(key)),
        }
    }
    pub fn del_str(&self, name: &Str) -> PyResult<()> {
        // SAFETY: a str begins with the object head.
        self.del_item(unsafe { Object::from_ptr(name as *const Str as *mut PyObject) })
    }
    /// Removes a key and gives its value, or None if it is missing.
    pub fn pop(&self, key: &Object) -> PyResult<Option<Owned>> {
        if self.is_empty() {
            return Ok(None);
        }
        let hash = hash_key(key)?;
        self.take_known_hash(key, hash)
    }
    pub fn take_known_hash(&self, key: &Object, hash: isize) -> PyResult<Option<Owned>> {
        // SAFETY: the index is into the present table until something runs.
        unsafe {
            let ix = lookup(self.keys_cell(), key.as_ptr(), hash)?;
            if ix < 0 || self.value_at(ix).is_null() {
                return Ok(None);
            }
            self.notify(watch::DELETED, Some(key), None);
            Ok(Some(self.remove_entry(ix, hash)))
        }
    }
    /// Takes entry `ix` out and gives its value.
    unsafe fn remove_entry(&self, ix: isize, hash: isize) -> Owned {
        unsafe {
            let keys = self.keys_ptr();
            let values = self.values_ptr();
            self.set_used(self.used() - 1);
            if !values.is_null() {
                let value = DictValues::slot(values, ix).replace(ptr::null_mut());
                DictValues::remove_from_order(values, ix);
                return Owned::from_raw(value);
            }
            (*keys).version = 0;
            let slot = slot_of_entry(keys, hash, ix);
            DictKeys::set_index(keys, slot, DUMMY);
            let (key, value);
            if (*keys).kind == GENERAL {
                let entry = DictKeys::entries(keys).offset(ix);
                (key, value) = ((*entry).key, (*entry).value);
                (*entry).key = ptr::null_mut();
                (*entry).value = ptr::null_mut();
                (*entry).hash = 0;
            } else {
                let entry = DictKeys::unicode_entries(keys).offset(ix);
                (key, value) = ((*entry).key, (*entry).value);
                (*entry).key = ptr::null_mut();
                (*entry).value = ptr::null_mut();
            }
            xdecref(key);
            Owned::from_raw(value)
        }
    }

    /// Removes the last item; None from an empty dict.
    pub fn pop_item(&self) -> PyResult<Option<(Owned, Owned)>> {
        if self.is_empty() {
            return Ok(None);
        }
        // SAFETY: the table is combined; no code runs until the item is out.
        unsafe {
            if self.is_split() {
                self.resize((*self.keys_ptr()).log2_size, true)?;
            }
            let keys = self.keys_ptr();
            (*keys).version = 0;
            let mut ix = (*keys).nentries - 1;
            while ix >= 0 && (*DictKeys::value_slot(keys, ix)).is_null() {
                ix -= 1;
            }
            if ix < 0 {
                return Err(errors::bad_internal_call());
            }
            let key = DictKeys::key_at(keys, ix);
            let hash = DictKeys::hash_at(keys, ix);
            let slot = DictKeys::value_slot(keys, ix);
            let value = *slot;
            self.notify(watch::DELETED, Some(Object::from_ptr(key)), None);
            *slot = ptr::null_mut();
            if (*keys).kind == GENERAL {
                (*DictKeys::entries(keys).offset(ix)).key = ptr::null_mut();
            } else {
                (*DictKeys::unicode_entries(keys).offset(ix)).key = ptr::null_mut();
            }
            DictKeys::set_index(keys, slot_of_entry(keys, hash, ix), DUMMY);
            // The place can be used again: nothing follows it.
            (*keys).nentries = ix;
            self.set_used(self.used() - 1);
            Ok(Some((Owned::from_raw(key), Owned::from_raw(value))))
        }
    }

    /// Removes all items. The dict is empty before the first of them is dropped.
    pub fn clear(&self) {
        // SAFETY: the parts are unlinked from the dict before counts are given up.
        unsafe {
            let keys = self.keys_ptr();
            let values = self.values_ptr();
            if keys == empty_keys() {
                return;
            }
            self.notify(watch::CLEARED, None, None);
            self.set_used(0);
            if values.is_null() {
                self.set_keys(empty_keys());
                decref_keys(keys);
            } else if (*values).embedded != 0 {
                inline_values::clear_embedded(values);
            } else {
                self.set_values(ptr::null_mut());
                self.set_keys(empty_keys());
                free_split(values, keys);
            }
        }
    }

    #[inline(always)]
    pub(super) fn notify(&self, event: i32, key: Option<&Object>, value: Option<&Owned>) {
        if self.0._ma_watcher_tag.get() & watch::MASK != 0 {
            watch::send(self, event, key, value.map(|v| v.object()));
        }
    }
}

/// Drops a separate array of values and a use of the table.
unsafe fn free_split(values: *mut DictValues, keys: *mut DictKeys) {
    unsafe {
        for i in 0..(*values).capacity as isize {
            xdecref(*DictValues::slot(values, i));
        }
        DictValues::free(values);
        decref_keys(keys);
    }
}

// ---- life -----------------------------------------------------------------------------------------------------------------------

/// `tp_dealloc`.
unsafe extern "C" fn dealloc(op: *mut PyObject) {
    // SAFETY: a dead dict.
    unsafe {
        let dict = Object::from_ptr(op).cast::<Dict>();
        if dict.0._ma_watcher_tag.get() & watch::MASK != 0 {
            // Callbacks may hold the dict for their time; one that keeps it has brought it back.
            dict.0.ob_base.ob_refcnt.set(1);
            dict.notify(watch::DEALLOCATED, None, None);
            let count = dict.0.ob_base.ob_refcnt.get() - 1;
            dict.0.ob_base.ob_refcnt.set(count);
            if count > 0 {
                return;
            }
        }
        gc::untrack(op);
        let (keys, values) = (dict.keys_ptr(), dict.values_ptr());
        if values.is_null() {
            decref_keys(keys);
        } else if (*values).embedded == 0 {
            free_split(values, keys);
        } else {
            decref_keys(keys);
        }
        let ty = (*op).ob_type.get();
        if let Some(free) = (*ty).tp_free.get() {
            free(op as *mut _);
        }
    }
}

/// `tp_traverse`: keys and values, those inside an instance included.
pub(crate) unsafe extern "C" fn traverse(op: *mut PyObject, visit: abi::visitproc, arg: *mut abi::c_void) -> abi::c_int {
    // SAFETY: the traverse protocol.
    unsafe { each_reference(op, |op| visit(op, arg)) }
}

/// Gives `visit` what the dict refers to, until it gives something other than 0; gives that.
/// # Safety
/// `op` is a live dict, and `visit` changes nothing.
#[inline(always)]
pub(crate) unsafe fn each_reference(op: *mut PyObject, mut visit: impl FnMut(*mut PyObject) -> abi::c_int) -> abi::c_int {
    // SAFETY: nothing changes during a traversal.
    unsafe {
        let dict = Object::from_ptr(op).cast::<Dict>();
        let (keys, values) = (dict.keys_ptr(), dict.values_ptr());
        macro_rules! visit {
            ($p:expr) => {{
                let p = $p;
                if !p.is_null() {
                    let result = visit(p);
                    if result != 0 {
                        return result;
                    }
                }
            }};
        }
        let n = (*keys).nentries;
        if (*keys).kind == GENERAL {
            let entries = DictKeys::entries(keys);
            for i in 0..n {
                visit!((*entries.offset(i)).value);
                visit!((*entries.offset(i)).key);
            }
        } else if values.is_null() {
            let entries = DictKeys::unicode_entries(keys);
            for i in 0..n {
                visit!((*entries.offset(i)).value);
            }
        } else {
            for i in 0..(*values).capacity as isize {
                visit!(*DictValues::slot(values, i));
            }
        }
        0
    }
}

unsafe extern "C" fn tp_clear(op: *mut PyObject) -> abi::c_int {
    // SAFETY: a dict.
    unsafe { Object::from_ptr(op).cast::<Dict>().clear() };
    0
}

/// `tp_alloc` of dict and its subtypes goes through the generic one; this gives the block a valid empty dict.
pub(super) fn allocate(cls: &Type) -> PyResult<Owned<Dict>> {
    if ptr::eq(cls, Dict::type_object()) {
        return Ok(Dict::new());
    }
    let object = cls.alloc(0)?;
    // SAFETY: a block with a dict's layout at its start, zeroed.
    unsafe {
        let dict: Owned<Dict> = object.cast_into();
        dict.set_keys(empty_keys());
        Ok(dict)
    }
}
