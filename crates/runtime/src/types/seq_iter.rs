//! Iterators over sequences: `list_iterator`, `list_reverseiterator`, `tuple_iterator`, the general `iterator` over `__getitem__`, and
//! `callable_iterator` of `iter(callable, sentinel)`.
//!
//! All but the last are an index and the sequence, which is given up at the end (an exhausted iterator stays so). Their fields have the
//! places of CPython's (`index` at 16, sequence at 24), where specialised instructions read them.

use crate::err;
use crate::errors::{self, PyResult};
use crate::exceptions;
use crate::object::{Object, ObjectHead, Owned, PyTyped};
use crate::protocol::object::{CompareOp, rich_compare_bool, self_iter};
use crate::protocol::{call, number, sequence};
use crate::types::{List, Tuple, not_implemented};
use crate::types::Int;
use abi::PyObject;
use macros::{Traverse, pytype};
use std::cell::Cell;

/// A function of the builtins module, for what iterators tell `pickle`.
pub(crate) fn builtin_attr(name: &str) -> PyResult {
    crate::types::builtin_attr(name)
}

/// `(iter, (sequence,), index)`, or `(iter, (empty,))` when exhausted.
fn reduce(name: &str, sequence: impl FnOnce() -> Option<Owned>, empty: Owned, index: &Cell<isize>) -> PyResult<Owned<Tuple>> {
    // Looked up first: getting `iter` may run code, which may exhaust the iterator.
    let function = builtin_attr(name)?;
    let sequence = sequence();
    let index = index.get();
    Ok(match sequence {
        Some(sequence) => Tuple::triple(function, Tuple::single(sequence).into_object(), Int::from_i64(index as i64).into_object()),
        None => Tuple::pair(function, Tuple::single(empty).into_object()),
    })
}

macro_rules! take {
    ($cell:expr) => {
        // SAFETY: the cell is only written by its type's functions; no code runs while the borrow lasts.
        unsafe { (*$cell.as_ptr()).as_deref() }
    };
}

// ---- list ----

#[derive(Traverse)]
#[repr(C)]
pub struct ListIterator {
    head: ObjectHead,
    pub index: Cell<isize>,
    pub list: Cell<Option<Owned<List>>>,
}

impl ListIterator {
    #[inline]
    pub fn over(list: &List) -> PyResult {
        let value = ListIterator { head: ObjectHead::placeholder(), index: Cell::new(0), list: Cell::new(Some(Owned::from_ref(list))) };
        Ok(Self::construct(Self::type_object(), value)?.into_object())
    }
    /// For the interpreter: the object as an iterator of exactly this type.
    #[inline(always)]
    pub fn exact(o: &Object) -> Option<&ListIterator> {
        o.downcast_exact()
    }
    /// The next item, borrowed until the list changes; `exhaust` follows the end.
    #[inline(always)]
    pub fn next_raw(&self) -> Option<*mut PyObject> {
        let list = self.list()?;
        let index = self.index.get();
        if index as usize >= list.len() {
            return None;
        }
        self.index.set(index + 1);
        // SAFETY: within the array.
        unsafe { Some(list.item_unchecked(index as usize)) }
    }
    pub fn exhaust(&self) {
        self.index.set(-1);
        drop(self.list.take());
    }
    #[inline(always)]
    fn list(&self) -> Option<&List> {
        take!(self.list)
    }
}

#[pytype(static = PyListIter_Type, name = "list_iterator", flags = HAVE_GC | DISALLOW_INSTANTIATION, native)]
impl ListIterator {
    #[slot]
    fn tp_iter(&self) -> PyResult {
        Ok(self_iter(self.as_object()))
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        let Some(list) = self.list() else { return Ok(None) };
        let index = self.index.get();
        match list.get(index as usize) {
            Some(item) => {
                self.index.set(index + 1);
                Ok(Some(item))
            }
            None => {
                self.index.set(-1);
                drop(self.list.take());
                Ok(None)
            }
        }
    }
    /// A guess at how many items are left.
    #[method("__length_hint__($self, /)", nosig)]
    fn length_hint(&self) -> usize {
        self.list().map_or(0, |list| (list.len() as isize - self.index.get()).max(0) as usize)
    }
    /// State for pickling.
    #[method("__reduce__($self, /)", nosig)]
    fn reduce(&self) -> PyResult<Owned<Tuple>> {
        reduce("iter", || self.list().map(|l| l.as_object().to_owned()), List::new().into_object(), &self.index)
    }
    /// Set state when unpickling.
    #[method("__setstate__($self, object, /)", nosig)]
    fn setstate(&self, state: isize) {
        if let Some(list) = self.list() {
            self.index.set(state.clamp(0, list.len() as isize));
        }
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct ListReverseIterator {
    head: ObjectHead,
    index: Cell<isize>,
    list: Cell<Option<Owned<List>>>,
}

impl ListReverseIterator {
    pub fn over(list: &List) -> PyResult {
        let value =
            ListReverseIterator { head: ObjectHead::placeholder(), index: Cell::new(list.len() as isize - 1), list: Cell::new(Some(Owned::from_ref(list))) };
        Ok(Self::construct(Self::type_object(), value)?.into_object())
    }
    #[inline(always)]
    fn list(&self) -> Option<&List> {
        take!(self.list)
    }
}

#[pytype(static = PyListRevIter_Type, name = "list_reverseiterator", flags = HAVE_GC | DISALLOW_INSTANTIATION, native)]
impl ListReverseIterator {
    #[slot]
    fn tp_iter(&self) -> PyResult {
        Ok(self_iter(self.as_object()))
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        let Some(list) = self.list() else { return Ok(None) };
        let index = self.index.get();
        match list.get(index as usize) {
            Some(item) if index >= 0 => {
                self.index.set(index - 1);
                Ok(Some(item))
            }
            _ => {
                self.index.set(-1);
                drop(self.list.take());
                Ok(None)
            }
        }
    }
    /// A guess at how many items are left.
    #[method("__length_hint__($self, /)", nosig)]
    fn length_hint(&self) -> isize {
        let left = self.index.get() + 1;
        self.list().map_or(0, |list| if list.len() as isize >= left { left } else { 0 })
    }
    /// State for pickling.
    #[method("__reduce__($self, /)", nosig)]
    fn reduce(&self) -> PyResult<Owned<Tuple>> {
        reduce("reversed", || self.list().map(|l| l.as_object().to_owned()), List::new().into_object(), &self.index)
    }
    /// Set state when unpickling.
    #[method("__setstate__($self, object, /)", nosig)]
    fn setstate(&self, state: isize) {
        if let Some(list) = self.list() {
            self.index.set(state.clamp(-1, list.len() as isize - 1));
        }
    }
}

// ---- tuple ----

#[derive(Traverse)]
#[repr(C)]
pub struct TupleIterator {
    head: ObjectHead,
    pub index: Cell<isize>,
    pub tuple: Cell<Option<Owned<Tuple>>>,
}

impl TupleIterator {
    #[inline]
    pub fn over(tuple: &Tuple) -> PyResult {
        let value = TupleIterator { head: ObjectHead::placeholder(), index: Cell::new(0), tuple: Cell::new(Some(Owned::from_ref(tuple))) };
        Ok(Self::construct(Self::type_object(), value)?.into_object())
    }
    /// For the interpreter: the object as an iterator of exactly this type.
    #[inline(always)]
    pub fn exact(o: &Object) -> Option<&TupleIterator> {
        o.downcast_exact()
    }
    /// The next item, borrowed from the tuple; `exhaust` follows the end.
    #[inline(always)]
    pub fn next_raw(&self) -> Option<*mut PyObject> {
        let index = self.index.get();
        let item = self.tuple()?.get_opt(index as usize)?;
        self.index.set(index + 1);
        Some(item.as_ptr())
    }
    pub fn exhaust(&self) {
        drop(self.tuple.take());
    }
    #[inline(always)]
    fn tuple(&self) -> Option<&Tuple> {
        take!(self.tuple)
    }
}

#[pytype(static = PyTupleIter_Type, name = "tuple_iterator", flags = HAVE_GC | DISALLOW_INSTANTIATION, native)]
impl TupleIterator {
    #[slot]
    fn tp_iter(&self) -> PyResult {
        Ok(self_iter(self.as_object()))
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        let Some(tuple) = self.tuple() else { return Ok(None) };
        let index = self.index.get();
        match tuple.get_opt(index as usize) {
            Some(item) => {
                let item = item.to_owned();
                self.index.set(index + 1);
                Ok(Some(item))
            }
            None => {
                drop(self.tuple.take());
                Ok(None)
            }
        }
    }
    /// A guess at how many items are left.
    #[method("__length_hint__($self, /)", nosig)]
    fn length_hint(&self) -> usize {
        self.tuple().map_or(0, |tuple| (tuple.len() as isize - self.index.get()).max(0) as usize)
    }
    /// State for pickling.
    #[method("__reduce__($self, /)", nosig)]
    fn reduce(&self) -> PyResult<Owned<Tuple>> {
        reduce("iter", || self.tuple().map(|t| t.as_object().to_owned()), Tuple::empty().into_object(), &self.index)
    }
    /// Set state when unpickling.
    #[method("__setstate__($self, object, /)", nosig)]
    fn setstate(&self, state: isize) {
        if let Some(tuple) = self.tuple() {
            self.index.set(state.clamp(0, tuple.len() as isize));
        }
    }
}

// ---- anything with __getitem__ ----

#[derive(Traverse)]
#[repr(C)]
pub struct SequenceIterator {
    head: ObjectHead,
    index: Cell<isize>,
    sequence: Cell<Option<Owned>>,
}

impl SequenceIterator {
    /// `PySeqIter_New`.
    pub fn over(sequence: &Object) -> PyResult {
        let value = SequenceIterator { head: ObjectHead::placeholder(), index: Cell::new(0), sequence: Cell::new(Some(sequence.to_owned())) };
        Ok(Self::construct(Self::type_object(), value)?.into_object())
    }
    fn sequence(&self) -> Option<Owned> {
        // SAFETY: cloned at once.
        unsafe { (*self.sequence.as_ptr()).clone() }
    }
}

#[pytype(static = PySeqIter_Type, name = "iterator", flags = HAVE_GC | DISALLOW_INSTANTIATION, native)]
impl SequenceIterator {
    #[slot]
    fn tp_iter(&self) -> PyResult {
        Ok(self_iter(self.as_object()))
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        let Some(sequence) = self.sequence() else { return Ok(None) };
        if self.index.get() == isize::MAX {
            return Err(err!(OverflowError, "iter index too large"));
        }
        match sequence::sequence_get_item(&sequence, self.index.get()) {
            Ok(item) => {
                self.index.set(self.index.get() + 1);
                Ok(Some(item))
            }
            Err(_) if errors::matches(exceptions::IndexError()) || errors::matches(exceptions::StopIteration()) => {
                errors::clear();
                drop(self.sequence.take());
                Ok(None)
            }
            Err(raised) => Err(raised),
        }
    }
    /// A guess at how many items are left.
    #[method("__length_hint__($self, /)", nosig)]
    fn length_hint(&self) -> PyResult {
        let Some(sequence) = self.sequence() else { return Ok(Int::from_i64(0).into_object()) };
        if !sequence::has_len(&sequence) {
            return Ok(not_implemented().to_owned());
        }
        let left = sequence::len(&sequence)? as isize - self.index.get();
        Ok(Int::from_i64(left.max(0) as i64).into_object())
    }
    /// State for pickling.
    #[method("__reduce__($self, /)", nosig)]
    fn reduce(&self) -> PyResult<Owned<Tuple>> {
        reduce("iter", || self.sequence(), Tuple::empty().into_object(), &self.index)
    }
    /// Set state when unpickling.
    #[method("__setstate__($self, object, /)", nosig)]
    fn setstate(&self, state: &Object) -> PyResult<()> {
        let index = number::as_isize(state, Some(exceptions::OverflowError()))?;
        if self.sequence().is_some() {
            self.index.set(index.max(0));
        }
        Ok(())
    }
}

// ---- iter(callable, sentinel) ----

#[derive(Traverse)]
#[repr(C)]
pub struct CallableIterator {
    head: ObjectHead,
    callable: Cell<Option<Owned>>,
    sentinel: Cell<Option<Owned>>,
}

impl CallableIterator {
    /// `PyCallIter_New`.
    pub fn new(callable: &Object, sentinel: &Object) -> PyResult {
        let value = CallableIterator {
            head: ObjectHead::placeholder(),
            callable: Cell::new(Some(callable.to_owned())),
            sentinel: Cell::new(Some(sentinel.to_owned())),
        };
        Ok(Self::construct(Self::type_object(), value)?.into_object())
    }
    fn finish(&self) {
        let (callable, sentinel) = (self.callable.take(), self.sentinel.take());
        drop((callable, sentinel));
    }
}

#[pytype(static = PyCallIter_Type, name = "callable_iterator", flags = HAVE_GC | DISALLOW_INSTANTIATION, native)]
impl CallableIterator {
    #[slot]
    fn tp_iter(&self) -> PyResult {
        Ok(self_iter(self.as_object()))
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        // SAFETY: cloned at once.
        let Some(callable) = (unsafe { (*self.callable.as_ptr()).clone() }) else { return Ok(None) };
        match call::call0(&callable) {
            Ok(value) => {
                // The call may have exhausted the iterator.
                // SAFETY: cloned at once.
                let Some(sentinel) = (unsafe { (*self.sentinel.as_ptr()).clone() }) else { return Ok(None) };
                if rich_compare_bool(&sentinel, &value, CompareOp::Eq)? {
                    self.finish();
                    return Ok(None);
                }
                Ok(Some(value))
            }
            Err(_) if errors::matches(exceptions::StopIteration()) => {
                errors::clear();
                self.finish();
                Ok(None)
            }
            Err(raised) => Err(raised),
        }
    }
    /// State for pickling.
    #[method("__reduce__($self, /)", nosig)]
    fn reduce(&self) -> PyResult<Owned<Tuple>> {
        let function = builtin_attr("iter")?;
        // SAFETY: cloned at once.
        let (callable, sentinel) = unsafe { ((*self.callable.as_ptr()).clone(), (*self.sentinel.as_ptr()).clone()) };
        Ok(match (callable, sentinel) {
            (Some(callable), Some(sentinel)) => Tuple::pair(function, Tuple::pair(callable, sentinel).into_object()),
            _ => Tuple::pair(function, Tuple::single(Tuple::empty().into_object()).into_object()),
        })
    }
}
