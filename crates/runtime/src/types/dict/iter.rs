//! Iterators over dicts: keys, values, items, each forwards and backwards.
//!
//! One struct for all six types (`KIND`); they notice when the dict's size changed since they began, and when keys were replaced.

use super::keys::*;
use super::{Dict, keys};
use crate::errors::PyResult;
use crate::object::{Object, ObjectHead, Owned, PyTyped, Type};
use crate::protocol::object::self_iter;
use crate::types::seq_iter::builtin_attr;
use crate::types::{List, Tuple};
use abi::PyObject;
use macros::{Traverse, pytype};
use std::cell::Cell;

pub const KEYS: u8 = 0;
pub const VALUES: u8 = 1;
pub const ITEMS: u8 = 2;
const REVERSE: u8 = 4;

#[derive(Traverse)]
#[repr(C)]
pub struct DictIter<const KIND: u8> {
    head: ObjectHead,
    /// None when exhausted.
    dict: Cell<Option<Owned<Dict>>>,
    used: Cell<isize>,
    pos: Cell<isize>,
    /// The last pair, used again if nobody kept it.
    result: Cell<Option<Owned<Tuple>>>,
    len: Cell<isize>,
}

pub type DictKeyIterator = DictIter<KEYS>;
pub type DictValueIterator = DictIter<VALUES>;
pub type DictItemIterator = DictIter<ITEMS>;
pub type DictReverseKeyIterator = DictIter<{ KEYS | REVERSE }>;
pub type DictReverseValueIterator = DictIter<{ VALUES | REVERSE }>;
pub type DictReverseItemIterator = DictIter<{ ITEMS | REVERSE }>;

/// What the six types have in common.
pub trait DictIterator: PyTyped {
    fn begin(dict: &Dict) -> PyResult;
}

/// `iter(dict)` and its like.
pub fn new_iterator<I: DictIterator>(dict: &Dict) -> PyResult {
    I::begin(dict)
}

impl<const KIND: u8> DictIter<KIND> {
    fn begin_with(cls: &Type, dict: &Dict) -> PyResult {
        let pos = if KIND & REVERSE == 0 {
            0
        } else if dict.is_split() {
            dict.used() - 1
        } else {
            // SAFETY: a dict always has a table.
            unsafe { (*dict.keys_ptr()).nentries - 1 }
        };
        // SAFETY: a native struct of this type.
        let iterator = unsafe {
            crate::macro_support::construct(
                cls,
                DictIter::<KIND> {
                    head: ObjectHead::placeholder(),
                    dict: Cell::new(Some(Owned::from_ref(dict))),
                    used: Cell::new(dict.used()),
                    pos: Cell::new(pos),
                    result: Cell::new(None),
                    len: Cell::new(dict.used()),
                },
            )?
        };
        Ok(iterator.into_object())
    }

    #[inline(always)]
    fn dict(&self) -> Option<&Dict> {
        // SAFETY: the cell is only written by this type's functions, none of which runs code while the borrow lasts.
        unsafe { (*self.dict.as_ptr()).as_deref() }
    }

    /// Key, value, borrowed until the dict changes.
    #[inline(always)]
    fn advance(&self) -> PyResult<Option<(*mut PyObject, *mut PyObject)>> {
        let Some(dict) = self.dict() else { return Ok(None) };
        if self.used.get() != dict.used() {
            self.used.set(-1);
            return Err(crate::err!(RuntimeError, "dictionary changed size during iteration"));
        }
        // SAFETY: positions are checked against the table.
        let item = unsafe { if KIND & REVERSE == 0 { self.forward(dict) } else { self.backward(dict) } };
        match item {
            Some(item) => {
                if self.len.get() == 0 {
                    return Err(self.keys_changed());
                }
                self.len.set(self.len.get() - 1);
                Ok(Some(item))
            }
            None => {
                drop(self.dict.take());
                Ok(None)
            }
        }
    }

    #[cold]
    fn keys_changed(&self) -> crate::errors::Raised {
        let raised = crate::err!(RuntimeError, "dictionary keys changed during iteration");
        drop(self.dict.take());
        raised
    }

    #[inline(always)]
    unsafe fn forward(&self, dict: &Dict) -> Option<(*mut PyObject, *mut PyObject)> {
        unsafe {
            let table = dict.keys_ptr();
            let mut pos = self.pos.get();
            if (*table).kind != GENERAL && dict.values_ptr().is_null() {
                let entries = DictKeys::unicode_entries(table);
                let n = (*table).nentries;
                while pos < n {
                    let entry = entries.offset(pos);
                    pos += 1;
                    if !(*entry).value.is_null() {
                        self.pos.set(pos);
                        return Some(((*entry).key, (*entry).value));
                    }
                }
                self.pos.set(pos);
                return None;
            }
            let (key, value, _) = dict.next_raw(&mut pos)?;
            self.pos.set(pos);
            Some((key, value))
        }
    }

    unsafe fn backward(&self, dict: &Dict) -> Option<(*mut PyObject, *mut PyObject)> {
        unsafe {
            let table = dict.keys_ptr();
            let values = dict.values_ptr();
            let mut pos = self.pos.get();
            if !values.is_null() {
                if pos < 0 || pos >= (*values).size as isize {
                    return None;
                }
                self.pos.set(pos - 1);
                let ix = *DictValues::order(values).offset(pos) as isize;
                return Some((keys::DictKeys::key_at(table, ix), *DictValues::slot(values, ix)));
            }
            // Beyond the entries: the dict was emptied and filled anew.
            if pos >= (*table).nentries {
                return None;
            }
            while pos >= 0 && (*DictKeys::value_slot(table, pos)).is_null() {
                pos -= 1;
            }
            self.pos.set(pos - 1);
            if pos < 0 {
                return None;
            }
            Some((DictKeys::key_at(table, pos), *DictKeys::value_slot(table, pos)))
        }
    }

    #[inline(always)]
    fn next(&self) -> PyResult<Option<Owned>> {
        let Some((key, value)) = self.advance()? else { return Ok(None) };
        // SAFETY: counts are taken before anything runs.
        unsafe {
            Ok(Some(match KIND & 3 {
                KEYS => Object::from_ptr(key).to_owned(),
                VALUES => Object::from_ptr(value).to_owned(),
                _ => self.pair(Object::from_ptr(key).to_owned(), Object::from_ptr(value).to_owned()),
            }))
        }
    }

    /// A pair; the last one if nobody else has it.
    #[inline(always)]
    fn pair(&self, key: Owned, value: Owned) -> Owned {
        if let Some(last) = self.result.take() {
            if last.as_object().refcount() == 1 {
                // SAFETY: nobody else sees the tuple; its items are replaced whole, the old ones dropped last.
                let old = unsafe { last.replace_pair(key, value) };
                self.result.set(Some(last.clone()));
                drop(old);
                return last.into_object();
            }
            drop(last);
            return Tuple::pair(key, value).into_object();
        }
        let pair = Tuple::pair(key, value);
        self.result.set(Some(pair.clone()));
        pair.into_object()
    }

    fn remaining(&self) -> usize {
        match self.dict() {
            Some(dict) if self.used.get() == dict.used() => self.len.get().max(0) as usize,
            _ => 0,
        }
    }

    /// `iter`, and a list of what is left (the iterator itself is not advanced).
    fn reduce_with(&self, cls: &Type) -> PyResult {
        let copy = DictIter::<KIND>::begin_copy(cls, self)?;
        let mut rest: Vec<Owned> = Vec::new();
        while let Some(item) = copy.next()? {
            rest.push(item);
        }
        let list = List::from_owned(rest);
        Ok(Tuple::pair(builtin_attr("iter")?, Tuple::single(list.into_object()).into_object()).into_object())
    }
    fn begin_copy(cls: &Type, other: &DictIter<KIND>) -> PyResult<Owned<DictIter<KIND>>> {
        let dict = other.dict().map(Owned::from_ref);
        // SAFETY: a native struct of this type.
        unsafe {
            crate::macro_support::construct(
                cls,
                DictIter::<KIND> {
                    head: ObjectHead::placeholder(),
                    dict: Cell::new(dict),
                    used: Cell::new(other.used.get()),
                    pos: Cell::new(other.pos.get()),
                    result: Cell::new(None),
                    len: Cell::new(other.len.get()),
                },
            )
        }
    }
}

macro_rules! dict_iterator {
    ($alias:ident, $kind:expr, $static:ident, $name:literal) => {
        #[pytype(static = $static, name = $name, flags = HAVE_GC | DISALLOW_INSTANTIATION, native)]
        impl DictIter<{ $kind }> {
            #[slot]
            fn tp_iter(&self) -> PyResult {
                Ok(self_iter(self.as_object()))
            }
            #[slot]
            fn tp_iternext(&self) -> PyResult<Option<Owned>> {
                self.next()
            }
            /// A guess at how many items are left.
            #[method("__length_hint__($self, /)")]
            fn length_hint(&self) -> usize {
                self.remaining()
            }
            /// State for pickling.
            #[method("__reduce__($self, /)")]
            fn reduce(&self) -> PyResult {
                self.reduce_with(Self::type_object())
            }
        }
        impl DictIterator for $alias {
            fn begin(dict: &Dict) -> PyResult {
                DictIter::<{ $kind }>::begin_with(Self::type_object(), dict)
            }
        }
    };
}

dict_iterator!(DictKeyIterator, KEYS, PyDictIterKey_Type, "dict_keyiterator");
dict_iterator!(DictValueIterator, VALUES, PyDictIterValue_Type, "dict_valueiterator");
dict_iterator!(DictItemIterator, ITEMS, PyDictIterItem_Type, "dict_itemiterator");
dict_iterator!(DictReverseKeyIterator, KEYS | REVERSE, PyDictRevIterKey_Type, "dict_reversekeyiterator");
dict_iterator!(DictReverseValueIterator, VALUES | REVERSE, PyDictRevIterValue_Type, "dict_reversevalueiterator");
dict_iterator!(DictReverseItemIterator, ITEMS | REVERSE, PyDictRevIterItem_Type, "dict_reverseitemiterator");
