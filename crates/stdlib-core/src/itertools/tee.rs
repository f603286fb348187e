//! `tee`: iterators that read the same items, which lie in a chain of blocks. Each iterator holds the block it is in, and blocks that all have
//! passed go away.

use super::held;
use abi::PyObject;
use macros::{Traverse, pytype};
use runtime::errors::PyResult;
use runtime::object::{Object, ObjectHead, Owned, PyTyped, Type};
use runtime::protocol::iter;
use runtime::protocol::object::self_iter;
use runtime::types::{List, Tuple};
use runtime::err;
use std::cell::{Cell, RefCell};
use std::mem::offset_of;

/// The number of items in a block.
const BLOCK: usize = 57;

#[derive(Traverse)]
#[repr(C)]
pub struct TeeData {
    head: ObjectHead,
    iterator: Owned,
    values: RefCell<Vec<Owned>>,
    next: Cell<Option<Owned<TeeData>>>,
    running: Cell<bool>,
}

impl TeeData {
    fn make(iterator: Owned, values: Vec<Owned>, next: Option<Owned<TeeData>>) -> PyResult<Owned<TeeData>> {
        let value = TeeData {
            head: ObjectHead::placeholder(),
            iterator,
            values: RefCell::new(values),
            next: Cell::new(next),
            running: Cell::new(false),
        };
        Self::construct(Self::type_object(), value)
    }
    /// Item `i`, read from the iterator if it is the next.
    fn get(&self, i: usize) -> PyResult<Option<Owned>> {
        if let Some(value) = self.values.borrow().get(i) {
            return Ok(Some(value.clone()));
        }
        if self.running.replace(true) {
            return Err(err!(RuntimeError, "cannot re-enter the tee iterator"));
        }
        let value = iter::next_nested(&self.iterator);
        self.running.set(false);
        if let Ok(Some(value)) = &value {
            self.values.borrow_mut().push(value.clone());
        }
        value
    }
    fn next_block(&self) -> PyResult<Owned<TeeData>> {
        if let Some(next) = held(&self.next) {
            return Ok(next);
        }
        let next = Self::make(self.iterator.clone(), Vec::with_capacity(BLOCK), None)?;
        self.next.set(Some(next.clone()));
        Ok(next)
    }
}

/// teedataobject(iterable, values, next, /)
/// --
///
/// Data container common to multiple tee objects.
#[pytype(static = TeeData_Type, name = "_tee_dataobject", module = "itertools", flags = HAVE_GC | IMMUTABLETYPE, native)]
impl TeeData {
    #[slot("teedataobject(iterable, values, next, /)")]
    fn tp_new(_cls: &Type, iterable: &Object, values: &List, next: &Object) -> PyResult<Owned<TeeData>> {
        let values = values.to_vec();
        let invalid = || err!(ValueError, "Invalid arguments");
        let next = match next.downcast::<TeeData>() {
            _ if values.len() > BLOCK => return Err(invalid()),
            Some(next) if values.len() == BLOCK => Some(Owned::from_ref(next)),
            None if next.is_none() => None,
            _ => return Err(invalid()),
        };
        Self::make(iterable.to_owned(), values, next)
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct Tee {
    head: ObjectHead,
    block: Cell<Option<Owned<TeeData>>>,
    index: Cell<usize>,
    #[traverse(skip)]
    weakrefs: Cell<*mut PyObject>,
}

impl Tee {
    fn make(block: Option<Owned<TeeData>>, index: usize) -> PyResult<Owned<Tee>> {
        let value = Tee {
            head: ObjectHead::placeholder(),
            block: Cell::new(block),
            index: Cell::new(index),
            weakrefs: Cell::new(std::ptr::null_mut()),
        };
        Self::construct(Self::type_object(), value)
    }
    fn of(iterable: &Object) -> PyResult<Owned<Tee>> {
        let iterator = iter::get_iter(iterable)?;
        if let Some(tee) = iterator.downcast::<Tee>() {
            return tee.copy();
        }
        Self::make(Some(TeeData::make(iterator, Vec::new(), None)?), 0)
    }
}

/// Iterator wrapped to make it copyable.
#[pytype(static = Tee_Type, name = "_tee", module = "itertools", signature = "(iterable, /)", flags = HAVE_GC | IMMUTABLETYPE, native,
    weaklistoffset = offset_of!(Tee, weakrefs))]
impl Tee {
    #[slot("_tee(iterable, /)")]
    fn tp_new(_cls: &Type, iterable: &Object) -> PyResult<Owned<Tee>> {
        Self::of(iterable)
    }
    #[slot]
    fn tp_iter(&self) -> Owned {
        self_iter(self)
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        let Some(mut block) = held(&self.block) else { return Ok(None) };
        if self.index.get() >= BLOCK {
            block = block.next_block()?;
            drop(self.block.replace(Some(block.clone())));
            self.index.set(0);
        }
        let index = self.index.get();
        let value = block.get(index)?;
        if value.is_some() {
            self.index.set(index + 1);
        }
        Ok(value)
    }
    /// Returns an independent iterator.
    #[method("__copy__($self, /)")]
    fn copy(&self) -> PyResult<Owned<Tee>> {
        Self::make(held(&self.block), self.index.get())
    }
}

/// `tee(iterable, n)`.
pub fn tee(iterable: &Object, n: isize) -> PyResult<Owned<Tuple>> {
    if n < 0 {
        return Err(err!(ValueError, "n must be >= 0"));
    }
    if n == 0 {
        return Ok(Tuple::empty());
    }
    let mut copies: Vec<Owned> = Vec::new();
    if copies.try_reserve(n as usize).is_err() {
        return Err(runtime::errors::no_memory());
    }
    let first = Tee::of(iterable)?;
    for _ in 1..n {
        copies.push(first.copy()?.into_object());
    }
    copies.push(first.into_object());
    Ok(Tuple::from_owned(copies))
}
