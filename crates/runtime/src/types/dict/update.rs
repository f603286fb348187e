//! Filling dicts from other things: copy, merge, update, pairs, comparison.

use super::keys::*;
use super::{Dict, hash_key, key_error, watch};
use crate::errors::{self, PyResult, no_memory};
use crate::err;
use crate::exceptions;
use crate::intern;
use crate::object::{Object, Owned, PyTyped, xincref};
use crate::protocol::object::{CompareOp, get_attr_opt, rich_compare_bool};
use crate::protocol::{call, iter, sequence};
use crate::types::{List, Set, Tuple};
use abi::PyObject;
use std::ptr;

/// What becomes of a key that both sides have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Override {
    /// The value that is there stays.
    Keep,
    /// The new value takes its place.
    Replace,
    /// KeyError(key).
    Refuse,
}

impl Dict {
    /// `dict.copy()`: a plain dict with the same items.
    pub fn copy(&self) -> PyResult<Owned<Dict>> {
        if self.is_empty() {
            return Ok(Dict::new());
        }
        // SAFETY: nothing runs while tables are copied.
        unsafe {
            let (keys, values) = (self.keys_ptr(), self.values_ptr());
            if !values.is_null() {
                let copy = DictValues::new((*values).capacity as usize);
                if copy.is_null() {
                    return Err(no_memory());
                }
                ptr::copy_nonoverlapping(values as *const u8, copy as *mut u8, values_size((*values).capacity as usize));
                (*copy).embedded = 0;
                (*copy).valid = 1;
                for i in 0..(*copy).capacity as isize {
                    xincref(*DictValues::slot(copy, i));
                }
                incref_keys(keys);
                return Ok(Dict::from_keys(keys, copy, self.used()));
            }
            if self.as_object().ty().0.tp_iter.get() == Dict::type_object().0.tp_iter.get() && self.used() >= (*keys).nentries * 2 / 3 {
                let copy = clone_keys(keys)?;
                return Ok(Dict::from_keys(copy, ptr::null_mut(), self.used()));
            }
        }
        let copy = Dict::new();
        copy.merge_object(self.as_object(), Override::Replace)?;
        Ok(copy)
    }

    /// Adds the items of another dict.
    pub fn merge(&self, other: &Dict, on_conflict: Override) -> PyResult<()> {
        if ptr::eq(self, other) || other.is_empty() {
            return Ok(());
        }
        // SAFETY: see `merge_table`.
        unsafe {
            if self.is_empty() {
                if let Some(result) = self.take_clone(other) {
                    return result;
                }
            }
            self.merge_table(other, on_conflict)
        }
    }

    /// An empty dict becomes a copy of a combined one without holes by copying its table whole.
    unsafe fn take_clone(&self, other: &Dict) -> Option<PyResult<()>> {
        unsafe {
            let theirs = other.keys_ptr();
            let fits = (*theirs).log2_size == LOG_MIN_SIZE || usable_fraction((*theirs).log2_size - 1) < other.used();
            if self.is_split() || other.is_split() || other.used() != (*theirs).nentries || !fits {
                return None;
            }
            let keys = match clone_keys(theirs) {
                Ok(keys) => keys,
                Err(raised) => return Some(Err(raised)),
            };
            if self.0._ma_watcher_tag.get() & watch::MASK != 0 {
                watch::send(self, watch::CLONED, Some(other.as_object()), None);
            }
            let old = self.keys_ptr();
            self.set_keys(keys);
            self.set_used(other.used());
            decref_keys(old);
            Some(Ok(()))
        }
    }

    unsafe fn merge_table(&self, other: &Dict, on_conflict: Override) -> PyResult<()> {
        unsafe {
            // One resize instead of several, should there be no common keys.
            if usable_fraction((*self.keys_ptr()).log2_size) < other.used() {
                let unicode = self.has_unicode_keys() && other.has_unicode_keys();
                let unicode = if self.keys_ptr() == empty_keys() { other.has_unicode_keys() } else { unicode };
                self.resize(log2_for_entries(self.used() + other.used()), unicode)?;
            }
            let was_empty = self.is_empty();
            let (keys, used) = (other.keys_ptr(), other.used());
            let mut pos = 0;
            while let Some((key, value, hash)) = other.next_raw(&mut pos) {
                let key = Object::from_ptr(key).to_owned();
                let value = Object::from_ptr(value).to_owned();
                if on_conflict == Override::Replace || was_empty && on_conflict == Override::Keep && self.is_empty() {
                    self.insert(key, hash, value)?;
                } else if self.find(key.raw(), hash)?.is_null() {
                    self.insert(key, hash, value)?;
                } else if on_conflict == Override::Refuse {
                    return Err(key_error(&key));
                }
                if other.keys_ptr() != keys && other.used() != used || other.used() != used {
                    return Err(crate::err!(RuntimeError, "dict mutated during update"));
                }
            }
            Ok(())
        }
    }

    /// Adds the items of a mapping: another dict, or anything with `keys()` and `__getitem__`.
    pub fn merge_object(&self, other: &Object, on_conflict: Override) -> PyResult<()> {
        if let Some(dict) = other.downcast::<Dict>()
            && other.ty().0.tp_iter.get() == Dict::type_object().0.tp_iter.get()
        {
            return self.merge(dict, on_conflict);
        }
        let keys = call::call_method(other, intern!("keys"), &[])?;
        let iterator = match iter::get_iter(&keys) {
            Err(_) if errors::matches(exceptions::TypeError()) => {
                return Err(err!(TypeError, "{}.keys() returned a non-iterable (type {})", other.type_name(), keys.type_name()));
            }
            other => other?,
        };
        drop(keys);
        while let Some(key) = iter::iter_next(&iterator)? {
            if on_conflict != Override::Replace && self.contains(&key)? {
                if on_conflict == Override::Refuse {
                    return Err(key_error(&key));
                }
                continue;
            }
            let value = sequence::get_item(other, &key)?;
            self.set_item(&key, &value)?;
        }
        Ok(())
    }

    /// `dict.update(mapping)` (PyDict_Update).
    pub fn update(&self, other: &Object) -> PyResult<()> {
        self.merge_object(other, Override::Replace)
    }

    /// As `update`, but a key that is there already is an error: gives that key (`f(**a, **b)`).
    pub fn merge_unique(&self, other: &Object) -> PyResult<Option<Owned>> {
        match self.merge_object(other, Override::Refuse) {
            Ok(()) => Ok(None),
            Err(raised) => {
                if !errors::matches(exceptions::KeyError()) {
                    return Err(raised);
                }
                let Some(error) = errors::take() else { return Err(raised) };
                // SAFETY: the args slot of an exception holds a tuple.
                let args = unsafe { Object::from_ptr(error.0.args.get()).cast::<Tuple>() };
                match args.as_slice() {
                    [key] => Ok(Some((*key).to_owned())),
                    _ => Err(errors::restore(error)),
                }
            }
        }
    }

    /// Adds the pairs of an iterable (PyDict_MergeFromSeq2).
    pub fn merge_pairs(&self, pairs: &Object, on_conflict: Override) -> PyResult<()> {
        let iterator = iter::get_iter(pairs)?;
        let mut number = 0usize;
        while let Some(item) = iter::iter_next(&iterator)? {
            let pair = match sequence::sequence_fast(&item, "object is not iterable") {
                Ok(pair) => pair,
                Err(raised) => {
                    if errors::matches(exceptions::TypeError()) {
                        let note = format!("Cannot convert dictionary update sequence element #{number} to a sequence");
                        if let Some(error) = errors::take() {
                            error.add_note_text(&note)?;
                            return Err(errors::restore(error));
                        }
                    }
                    return Err(raised);
                }
            };
            let n = sequence::fast_len(&pair);
            if n != 2 {
                return Err(crate::err!(ValueError, "dictionary update sequence element #{} has length {}; 2 is required", number, n));
            }
            let (key, value) = (sequence::fast_item(&pair, 0), sequence::fast_item(&pair, 1));
            match on_conflict {
                Override::Replace => self.set_item(&key, &value)?,
                _ => drop(self.set_default(&key, &value)?),
            }
            number += 1;
        }
        Ok(())
    }

    /// What `dict(x)` and `update(x)` do with their argument.
    pub fn update_from_argument(&self, argument: &Object) -> PyResult<()> {
        if argument.is_exact::<Dict>() || get_attr_opt(argument, intern!("keys"))?.is_some() {
            return self.merge_object(argument, Override::Replace);
        }
        self.merge_pairs(argument, Override::Replace)
    }

    /// `self == other`.
    pub fn equals(&self, other: &Dict) -> PyResult<bool> {
        if self.used() != other.used() {
            return Ok(false);
        }
        let mut pos = 0;
        // SAFETY: items are held while they are compared; `next_raw` checks bounds each time.
        unsafe {
            while let Some((key, value, hash)) = self.next_raw(&mut pos) {
                let key = Object::from_ptr(key).to_owned();
                let value = Object::from_ptr(value).to_owned();
                let theirs = other.find(key.raw(), hash)?;
                let Some(theirs) = Owned::<Object>::from_raw_opt(xincref(theirs)) else {
                    return Ok(false);
                };
                if !rich_compare_bool(&value, &theirs, CompareOp::Eq)? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }

    /// `list(dict)`, `list(dict.values())`, `list(dict.items())`.
    pub fn keys_list(&self) -> PyResult<Owned<List>> {
        self.collect(|key, _| key)
    }
    pub fn values_list(&self) -> PyResult<Owned<List>> {
        self.collect(|_, value| value)
    }
    pub fn keys_vec(&self) -> Vec<Owned> {
        let mut keys = Vec::with_capacity(self.len());
        let mut pos = 0;
        while let Some((key, _)) = self.next(&mut pos) {
            keys.push(key);
        }
        keys
    }
    fn collect(&self, pick: impl Fn(*mut PyObject, *mut PyObject) -> *mut PyObject) -> PyResult<Owned<List>> {
        let mut items: Vec<Owned> = Vec::with_capacity(self.len());
        let mut pos = 0;
        // SAFETY: counts are taken at once, and nothing runs in between.
        unsafe {
            while let Some((key, value, _)) = self.next_raw(&mut pos) {
                items.push(Object::from_ptr(pick(key, value)).to_owned());
            }
        }
        Ok(List::from_owned(items))
    }
    pub fn items_list(&self) -> PyResult<Owned<List>> {
        let mut items: Vec<Owned> = Vec::with_capacity(self.len());
        let mut pos = 0;
        while let Some((key, value)) = self.next(&mut pos) {
            items.push(Tuple::pair(key, value).into_object());
        }
        Ok(List::from_owned(items))
    }

    /// `dict.fromkeys` for a dict made by the class `cls`: exact new dicts are filled directly.
    pub fn fill_from_keys(&self, iterable: &Object, value: &Object) -> PyResult<()> {
        if self.as_object().is_exact::<Dict>() && self.is_empty() {
            if let Some(source) = iterable.downcast_exact::<Dict>() {
                let unicode = source.has_unicode_keys();
                // SAFETY: an empty table may be replaced.
                unsafe {
                    if source.used() > usable_fraction(LOG_MIN_SIZE) {
                        self.resize(log2_for_entries(source.used()), unicode)?;
                    }
                    let mut pos = 0;
                    while let Some((key, _, hash)) = source.next_raw(&mut pos) {
                        self.insert(Object::from_ptr(key).to_owned(), hash, value.to_owned())?;
                    }
                }
                return Ok(());
            }
        }
        if self.as_object().is_exact::<Dict>()
            && Set::check_any_exact(iterable)
            && let Some(source) = Set::from_any(iterable)
        {
            // A set knows its items' hashes.
            let mut pos = 0;
            while let Some((key, hash)) = source.next(&mut pos) {
                self.insert(key, hash, value.to_owned())?;
            }
            return Ok(());
        }
        let iterator = iter::get_iter(iterable)?;
        if self.as_object().is_exact::<Dict>() {
            while let Some(key) = iter::iter_next(&iterator)? {
                let hash = hash_key(&key)?;
                self.insert(key, hash, value.to_owned())?;
            }
        } else {
            while let Some(key) = iter::iter_next(&iterator)? {
                sequence::set_item(self.as_object(), &key, value)?;
            }
        }
        Ok(())
    }
}

/// A copy of a combined table; every key and value gains a count.
unsafe fn clone_keys(keys: *mut DictKeys) -> PyResult<*mut DictKeys> {
    unsafe {
        let size = DictKeys::size_in_bytes(keys);
        let copy = crate::memory::object_malloc(size) as *mut DictKeys;
        if copy.is_null() {
            return Err(no_memory());
        }
        let n = (*keys).nentries;
        let entry = if (*keys).kind == GENERAL { size_of::<Entry>() } else { size_of::<UnicodeEntry>() };
        let bytes = DictKeys::entries(keys) as usize - keys as usize + entry * n as usize;
        ptr::copy_nonoverlapping(keys as *const u8, copy as *mut u8, bytes);
        (*copy).refcount = 1;
        (*copy).version = 0;
        if (*keys).kind == GENERAL {
            let entries = DictKeys::entries(copy);
            for i in 0..n {
                xincref((*entries.offset(i)).key);
                xincref((*entries.offset(i)).value);
            }
        } else {
            let entries = DictKeys::unicode_entries(copy);
            for i in 0..n {
                xincref((*entries.offset(i)).key);
                xincref((*entries.offset(i)).value);
            }
        }
        Ok(copy)
    }
}
