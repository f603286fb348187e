//! `deque`, and its iterators.
//!
//! The items are in a ring buffer: both ends and any index are reached at once. `state` changes whenever items come or go, which is how
//! iterators and searches notice. The buffer is borrowed for moments only, never while Python code may run; items are dropped after that.

use abi::PyObject;
use macros::{Traverse, pytype};
use runtime::errors::{PyResult, Raised};
use runtime::macro_support::SliceIndex;
use runtime::object::{Object, ObjectHead, Owned, PyTyped, Type};
use runtime::protocol::object::{CompareOp, repr, repr_enter, repr_leave, rich_compare, rich_compare_bool, self_iter};
use runtime::protocol::{call, iter, number, sequence};
use runtime::types::{Dict, GenericAlias, Int, Str, StrBuilder, Tuple, bool_object, not_implemented};
use runtime::{err, errors, intern};
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::mem::{offset_of, take};

#[derive(Traverse)]
#[repr(C)]
pub struct Deque {
    head: ObjectHead,
    items: RefCell<VecDeque<Owned>>,
    state: Cell<usize>,
    /// -1: no bound.
    maxlen: Cell<isize>,
    #[traverse(skip)]
    weakrefs: Cell<*mut PyObject>,
}

/// The sizes that `__sizeof__` goes by: those of CPython's struct and of its blocks of 64 items.
const BASIC_SIZE: usize = 216;
const BLOCK_ITEMS: usize = 64;
const BLOCK_SIZE: usize = 8 * BLOCK_ITEMS + 16;
const _: () = assert!(size_of::<Deque>() <= BASIC_SIZE);

#[cold]
fn out_of_range() -> Raised {
    err!(IndexError, "deque index out of range")
}

#[cold]
fn mutated() -> Raised {
    err!(RuntimeError, "deque mutated during iteration")
}

/// Room for one more item, or MemoryError.
#[inline]
fn room_for_one(items: &mut VecDeque<Owned>) {
    if items.len() == items.capacity() && items.try_reserve(1).is_err() {
        runtime::memory::reserve::out_of_memory(usize::MAX);
    }
}

impl Deque {
    fn make(cls: &Type, maxlen: isize) -> PyResult<Owned<Deque>> {
        let value = Deque {
            head: ObjectHead::placeholder(),
            items: RefCell::default(),
            state: Cell::new(0),
            maxlen: Cell::new(maxlen),
            weakrefs: Cell::new(std::ptr::null_mut()),
        };
        Self::construct(cls, value)
    }
    #[inline]
    fn len(&self) -> usize {
        self.items.borrow().len()
    }
    #[inline]
    fn item(&self, i: usize) -> Option<Owned> {
        self.items.borrow().get(i).cloned()
    }
    #[inline]
    fn changed(&self) {
        self.state.set(self.state.get().wrapping_add(1));
    }
    #[inline]
    fn bound(&self) -> usize {
        // -1 is the largest number.
        self.maxlen.get() as usize
    }

    #[inline]
    fn push(&self, item: Owned) {
        self.changed();
        let surplus = {
            let mut items = self.items.borrow_mut();
            room_for_one(&mut items);
            items.push_back(item);
            if items.len() > self.bound() { items.pop_front() } else { None }
        };
        drop(surplus);
    }
    #[inline]
    fn push_left(&self, item: Owned) {
        self.changed();
        let surplus = {
            let mut items = self.items.borrow_mut();
            room_for_one(&mut items);
            items.push_front(item);
            if items.len() > self.bound() { items.pop_back() } else { None }
        };
        drop(surplus);
    }
    fn take_last(&self) -> Option<Owned> {
        let item = self.items.borrow_mut().pop_back();
        if item.is_some() {
            self.changed();
        }
        item
    }
    fn take_first(&self) -> Option<Owned> {
        let item = self.items.borrow_mut().pop_front();
        if item.is_some() {
            self.changed();
        }
        item
    }
    fn remove_at(&self, i: usize) -> Option<Owned> {
        let item = self.items.borrow_mut().remove(i);
        self.changed();
        item
    }
    fn clear_all(&self) {
        let old = take(&mut *self.items.borrow_mut());
        self.changed();
        drop(old);
    }

    /// Runs `step` for each item; a deque that is extended by itself sees the items it had.
    fn for_each(&self, iterable: &Object, mut step: impl FnMut(Owned)) -> PyResult<()> {
        if self.is(iterable) {
            return self.for_each(&*sequence::to_list(iterable)?, step);
        }
        let iterator = iter::get_iter(iterable)?;
        if self.maxlen.get() == 0 {
            while iter::iter_next(&iterator)?.is_some() {}
            return Ok(());
        }
        while let Some(item) = iter::iter_next(&iterator)? {
            step(item);
        }
        Ok(())
    }
    fn extend_right(&self, iterable: &Object) -> PyResult<()> {
        self.for_each(iterable, |item| self.push(item))
    }

    /// A deque of the same kind with the same items.
    fn copy_object(&self) -> PyResult {
        if self.is_exact::<Deque>() {
            let new = Self::make(Self::type_object(), self.maxlen.get())?;
            let items = self.items.borrow().clone();
            *new.items.borrow_mut() = items;
            return Ok(new.into_object());
        }
        let made = match self.maxlen.get() {
            ..0 => call::call1(self.ty(), self)?,
            maxlen => call::call_args(self.ty(), &[self, &Int::from_i64(maxlen as i64)])?,
        };
        if !Deque::check(&made) {
            return Err(err!(TypeError, "{}() must return a deque, not {}", self.type_name(), made.type_name()));
        }
        Ok(made)
    }

    /// Makes this deque `n` times as long.
    fn multiply(&self, mut n: isize) -> PyResult<()> {
        let size = self.len();
        if size == 0 || n == 1 {
            return Ok(());
        }
        if n <= 0 {
            self.clear_all();
            return Ok(());
        }
        if size as isize > isize::MAX / 8 / n {
            if self.maxlen.get() < 0 {
                return Err(errors::no_memory());
            }
            n = isize::MAX / 8 / size as isize;
        }
        // No more repetitions than the bound has room for.
        let wanted = size * n as usize;
        if wanted > self.bound() {
            n = self.bound().div_ceil(size) as isize;
        }
        let items: Vec<Owned> = self.items.borrow().iter().cloned().collect();
        if self.items.borrow_mut().try_reserve((size * (n as usize - 1)).min(self.bound())).is_err() {
            return Err(errors::no_memory());
        }
        for _ in 1..n {
            items.iter().for_each(|item| self.push(item.clone()));
        }
        Ok(())
    }

    /// The first index from `start` before `stop` where an item equals `value`; `changed` says what to raise if the deque changed.
    fn search(&self, value: &Object, start: usize, stop: usize, changed: fn() -> Raised) -> PyResult<Option<usize>> {
        let state = self.state.get();
        for i in start..stop {
            let Some(item) = self.item(i) else { break };
            let equal = rich_compare_bool(&item, value, CompareOp::Eq)?;
            if self.state.get() != state {
                return Err(changed());
            }
            if equal {
                return Ok(Some(i));
            }
        }
        Ok(None)
    }

    fn compare(&self, other: &Deque, op: CompareOp) -> PyResult<bool> {
        let (n, m) = (self.len(), other.len());
        if op == CompareOp::Eq && (std::ptr::eq(self, other) || n != m) {
            return Ok(n == m);
        }
        if op == CompareOp::Ne && (std::ptr::eq(self, other) || n != m) {
            return Ok(n != m);
        }
        let (states, mut i) = ((self.state.get(), other.state.get()), 0);
        loop {
            let (x, y) = match (self.item(i), other.item(i)) {
                (Some(x), Some(y)) => (x, y),
                (x, y) => return Ok(op.matches(x.is_some().cmp(&y.is_some()))),
            };
            if !rich_compare_bool(&x, &y, CompareOp::Eq)? {
                let verdict = rich_compare(&x, &y, op)?;
                return runtime::protocol::object::is_true(&verdict);
            }
            if (self.state.get(), other.state.get()) != states {
                return Err(mutated());
            }
            i += 1;
        }
    }
}

/// A list-like sequence optimized for data accesses near its endpoints.
#[pytype(static = Deque_Type, name = "deque", module = "collections", signature = "([iterable[, maxlen]])",
    flags = BASETYPE | HAVE_GC | SEQUENCE | IMMUTABLETYPE, native, basicsize = BASIC_SIZE, weaklistoffset = offset_of!(Deque, weakrefs),
    tp_hash = runtime::protocol::object::PyObject_HashNotImplemented)]
impl Deque {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<Deque>> {
        Self::make(cls, -1)
    }
    #[slot("deque(iterable=(), maxlen=None)")]
    fn tp_init(&self, iterable: Option<&Object>, maxlen: Option<&Object>) -> PyResult<()> {
        let bound = match maxlen {
            None => -1,
            Some(maxlen) => match maxlen.downcast::<Int>() {
                None => return Err(err!(TypeError, "an integer is required")),
                Some(maxlen) => match number::as_isize(maxlen, None) {
                    Ok(bound @ 0..) if maxlen.as_i64().is_some() => bound,
                    Ok(..0) if maxlen.as_i64().is_some() => return Err(err!(ValueError, "maxlen must be non-negative")),
                    Ok(_) => return Err(err!(OverflowError, "Python int too large to convert to C ssize_t")),
                    Err(raised) => return Err(raised),
                },
            },
        };
        self.maxlen.set(bound);
        if self.len() > 0 {
            self.clear_all();
        }
        match iterable {
            Some(iterable) => self.extend_right(iterable),
            None => Ok(()),
        }
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        if repr_enter(self) {
            return Ok(Str::new("[...]"));
        }
        let shown = sequence::to_list(self).and_then(|list| repr(&list));
        repr_leave(self);
        let mut text = StrBuilder::new();
        text.push_str(self.ty().short_name());
        text.push_str("(");
        text.push_str_object(&*shown?)?;
        if self.maxlen.get() >= 0 {
            text.push_str(&format!(", maxlen={}", self.maxlen.get()));
        }
        text.push_str(")");
        text.finish()
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        match other.downcast::<Deque>() {
            Some(other) => Ok(bool_object(self.compare(other, op)?).to_owned()),
            None => Ok(not_implemented().to_owned()),
        }
    }
    #[slot]
    fn tp_iter(&self) -> PyResult<Owned<DequeIterator>> {
        DequeIterator::over(DequeIterator::type_object(), self)
    }
    #[slot]
    fn sq_length(&self) -> usize {
        self.len()
    }
    #[slot]
    fn sq_item(&self, i: isize) -> PyResult {
        usize::try_from(i).ok().and_then(|i| self.item(i)).ok_or_else(out_of_range)
    }
    #[slot]
    fn sq_ass_item(&self, i: isize, value: Option<&Object>) -> PyResult<()> {
        let Some(i) = usize::try_from(i).ok().filter(|&i| i < self.len()) else { return Err(out_of_range()) };
        let old = match value {
            None => self.remove_at(i),
            Some(value) => self.items.borrow_mut().get_mut(i).map(|slot| std::mem::replace(slot, value.to_owned())),
        };
        drop(old);
        Ok(())
    }
    #[slot]
    fn sq_contains(&self, value: &Object) -> PyResult<bool> {
        Ok(self.search(value, 0, self.len(), mutated)?.is_some())
    }
    #[slot]
    fn sq_concat(&self, other: &Object) -> PyResult {
        let Some(other) = other.downcast::<Deque>() else {
            return Err(err!(TypeError, "can only concatenate deque (not \"{}\") to deque", other.type_name()));
        };
        let new = self.copy_object()?;
        if let Some(deque) = new.downcast::<Deque>() {
            deque.extend_right(other)?;
        }
        Ok(new)
    }
    #[slot]
    fn sq_inplace_concat(&self, other: &Object) -> PyResult {
        self.extend_right(other)?;
        Ok(self.to_owned())
    }
    #[slot]
    fn sq_repeat(&self, n: isize) -> PyResult {
        let new = self.copy_object()?;
        if let Some(deque) = new.downcast::<Deque>() {
            deque.multiply(n)?;
        }
        Ok(new)
    }
    #[slot]
    fn sq_inplace_repeat(&self, n: isize) -> PyResult {
        self.multiply(n)?;
        Ok(self.to_owned())
    }
    /// maximum size of a deque or None if unbounded
    #[getter]
    fn maxlen(&self) -> Option<isize> {
        Some(self.maxlen.get()).filter(|&n| n >= 0)
    }

    /// Add an element to the right side of the deque.
    #[method("append($self, item, /)")]
    fn append(&self, item: &Object) {
        self.push(item.to_owned());
    }
    /// Add an element to the left side of the deque.
    #[method("appendleft($self, item, /)")]
    fn appendleft(&self, item: &Object) {
        self.push_left(item.to_owned());
    }
    /// Remove all elements from the deque.
    #[method("clear($self, /)")]
    fn clear(&self) {
        self.clear_all();
    }
    /// Return a shallow copy of a deque.
    #[method("__copy__($self, /)")]
    #[method("copy($self, /)")]
    fn copy(&self) -> PyResult {
        self.copy_object()
    }
    /// Return number of occurrences of value.
    #[method("count($self, value, /)")]
    fn count(&self, value: &Object) -> PyResult<usize> {
        let (mut count, mut from, n) = (0, 0, self.len());
        while let Some(at) = self.search(value, from, n, mutated)? {
            count += 1;
            from = at + 1;
        }
        Ok(count)
    }
    /// Extend the right side of the deque with elements from the iterable.
    #[method("extend($self, iterable, /)")]
    fn extend(&self, iterable: &Object) -> PyResult<()> {
        self.extend_right(iterable)
    }
    /// Extend the left side of the deque with elements from the iterable.
    #[method("extendleft($self, iterable, /)")]
    fn extendleft(&self, iterable: &Object) -> PyResult<()> {
        self.for_each(iterable, |item| self.push_left(item))
    }
    /// index($self, value, [start, [stop]])
    /// --
    ///
    /// Return first index of value.
    ///
    /// Raises ValueError if the value is not present.
    #[method("index($self, value, start=0, stop=sys.maxsize, /)", nosig)]
    fn index(&self, value: &Object, start: Option<SliceIndex>, stop: Option<SliceIndex>) -> PyResult<usize> {
        let n = self.len();
        let start = start.map_or(0, |start| start.adjust(n));
        let stop = stop.map_or(n, |stop| stop.adjust(n)).min(n);
        match self.search(value, start, stop, mutated)? {
            Some(at) => Ok(at),
            None => Err(err!(ValueError, "deque.index(x): x not in deque")),
        }
    }
    /// Insert value before index.
    #[method("insert($self, index, value, /)")]
    fn insert(&self, index: isize, value: &Object) -> PyResult<()> {
        let n = self.len();
        if n == self.bound() {
            return Err(err!(IndexError, "deque already at its maximum size"));
        }
        let at = if index < 0 { index.saturating_add(n as isize).max(0) as usize } else { (index as usize).min(n) };
        self.items.borrow_mut().insert(at, value.to_owned());
        self.changed();
        Ok(())
    }
    /// Remove and return the rightmost element.
    #[method("pop($self, /)")]
    fn pop(&self) -> PyResult {
        self.take_last().ok_or_else(|| err!(IndexError, "pop from an empty deque"))
    }
    /// Remove and return the leftmost element.
    #[method("popleft($self, /)")]
    fn popleft(&self) -> PyResult {
        self.take_first().ok_or_else(|| err!(IndexError, "pop from an empty deque"))
    }
    /// Return state information for pickling.
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> PyResult<Owned<Tuple>> {
        let state = call::call_method0(self, intern!("__getstate__"))?;
        let items = iter::get_iter(self)?;
        let args = match self.maxlen.get() {
            ..0 => Tuple::empty(),
            maxlen => Tuple::pair(Tuple::empty().into_object(), Int::from_i64(maxlen as i64).into_object()),
        };
        Ok(Tuple::from_owned(vec![self.ty().to_owned(), args.into_object(), state, items]))
    }
    /// Remove first occurrence of value.
    #[method("remove($self, value, /)")]
    fn remove(&self, value: &Object) -> PyResult<()> {
        match self.search(value, 0, self.len(), || err!(IndexError, "deque mutated during iteration"))? {
            Some(at) => {
                drop(self.remove_at(at));
                Ok(())
            }
            None => Err(err!(ValueError, "deque.remove(x): x not in deque")),
        }
    }
    /// Return a reverse iterator over the deque.
    #[method("__reversed__($self, /)")]
    fn reversed(&self) -> PyResult<Owned<DequeReverseIterator>> {
        DequeReverseIterator::over(DequeReverseIterator::type_object(), self)
    }
    /// Reverse *IN PLACE*.
    #[method("reverse($self, /)")]
    fn reverse(&self) {
        self.items.borrow_mut().make_contiguous().reverse();
    }
    /// Rotate the deque n steps to the right.  If n is negative, rotates left.
    #[method("rotate($self, n=1, /)")]
    fn rotate(&self, n: isize) {
        let len = self.len();
        if len > 1 {
            self.items.borrow_mut().rotate_right(n.rem_euclid(len as isize) as usize);
            self.changed();
        }
    }
    /// Return the size of the deque in memory, in bytes.
    #[method("__sizeof__($self, /)")]
    fn sizeof(&self) -> usize {
        self.ty().basicsize() + (self.len() / BLOCK_ITEMS + 1) * BLOCK_SIZE
    }
    /// See PEP 585
    #[classmethod("__class_getitem__($type, object, /)")]
    fn class_getitem(cls: &Type, object: &Object) -> PyResult {
        GenericAlias::make(cls, object)
    }
}

// ---- iterators -----------------------------------------------------------------------------------------------------------------

macro_rules! iterators {
    ($($iterator:ident $static_:ident $name:literal $place:expr;)*) => {$(
        #[derive(Traverse)]
        #[repr(C)]
        pub struct $iterator {
            head: ObjectHead,
            deque: Owned<Deque>,
            state: usize,
            /// How many items are left.
            left: Cell<usize>,
        }

        impl $iterator {
            fn over(cls: &Type, deque: &Deque) -> PyResult<Owned<$iterator>> {
                let (state, left) = (deque.state.get(), Cell::new(deque.len()));
                Self::construct(cls, $iterator { head: ObjectHead::placeholder(), deque: Owned::from_ref(deque), state, left })
            }
        }

        #[pytype(static = $static_, name = $name, module = "collections", flags = HAVE_GC | IMMUTABLETYPE, native)]
        impl $iterator {
            #[slot]
            fn tp_new(cls: &Type, args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<$iterator>> {
                let (deque, index) = iterator_arguments(args)?;
                let iterator = Self::over(cls, deque)?;
                for _ in 0..index {
                    if iterator.advance()?.is_none() {
                        break;
                    }
                }
                Ok(iterator)
            }
            #[slot]
            fn tp_iter(&self) -> Owned {
                self_iter(self)
            }
            #[slot]
            fn tp_iternext(&self) -> PyResult<Option<Owned>> {
                self.advance()
            }
            /// Private method returning an estimate of len(list(it)).
            #[method("__length_hint__($self, /)")]
            fn length_hint(&self) -> usize {
                self.left.get()
            }
            /// Return state information for pickling.
            #[method("__reduce__($self, /)")]
            fn reduce(&self) -> Owned<Tuple> {
                let done = self.deque.len() as i64 - self.left.get() as i64;
                let args = Tuple::pair(self.deque.clone().into_object(), Int::from_i64(done).into_object());
                Tuple::pair(self.ty().to_owned(), args.into_object())
            }
        }

        impl $iterator {
            #[inline]
            fn advance(&self) -> PyResult<Option<Owned>> {
                if self.deque.state.get() != self.state {
                    self.left.set(0);
                    return Err(mutated());
                }
                let left = self.left.get();
                if left == 0 {
                    return Ok(None);
                }
                self.left.set(left - 1);
                let place: fn(usize, usize) -> usize = $place;
                let items = self.deque.items.borrow();
                Ok(items.get(place(items.len(), left)).cloned())
            }
        }
    )*};
}
iterators! {
    DequeIterator DequeIterator_Type "_deque_iterator" |len, left| len - left;
    DequeReverseIterator DequeReverseIterator_Type "_deque_reverse_iterator" |_, left| left - 1;
}

/// The arguments `deque, index=0` of the iterators' types.
fn iterator_arguments(args: &Tuple) -> PyResult<(&Deque, isize)> {
    let (deque, index) = match args.as_slice() {
        &[deque] => (deque, 0),
        &[deque, index] => (deque, number::as_isize(index, Some(runtime::exceptions::OverflowError()))?),
        [] => return Err(err!(TypeError, "function missing required argument 'deque' (pos 1)")),
        more => return Err(err!(TypeError, "function takes at most 2 arguments ({} given)", more.len())),
    };
    match deque.downcast::<Deque>() {
        Some(deque) => Ok((deque, index)),
        None => Err(err!(TypeError, "argument 1 must be collections.deque, not {}", deque.type_name())),
    }
}
