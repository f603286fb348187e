//! Iterators that choose, join or transform the items of others.

use super::held;
use macros::{Traverse, pytype};
use runtime::errors::{self, PyResult};
use runtime::macro_support::Args;
use runtime::object::{Object, ObjectHead, Owned, PyTyped, Type};
use runtime::protocol::object::{is_true, self_iter};
use runtime::protocol::{call, iter, number, sequence};
use runtime::types::bool::Bool;
use runtime::types::{GenericAlias, Tuple};
use runtime::{err, exceptions};
use std::cell::Cell;

// ---- accumulate ----------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct Accumulate {
    head: ObjectHead,
    iterator: Owned,
    function: Option<Owned>,
    total: Cell<Option<Owned>>,
    initial: Cell<Option<Owned>>,
}

/// Return series of accumulated sums (or other binary function results).
#[pytype(static = Accumulate_Type, name = "accumulate", module = "itertools", signature = "(iterable, func=None, *, initial=None)",
    flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native)]
impl Accumulate {
    #[slot("accumulate(iterable, func=None, *, initial=None)", vectorcall)]
    fn tp_new(cls: &Type, iterable: &Object, func: Option<&Object>, initial: Option<&Object>) -> PyResult<Owned<Accumulate>> {
        let value = Accumulate {
            head: ObjectHead::placeholder(),
            iterator: iter::get_iter(iterable)?,
            function: func.map(|f| f.to_owned()),
            total: Cell::new(None),
            initial: Cell::new(initial.map(|i| i.to_owned())),
        };
        Self::construct(cls, value)
    }
    #[slot]
    fn tp_iter(&self) -> Owned {
        self_iter(self)
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        let total = if let Some(initial) = self.initial.take() {
            initial
        } else {
            let Some(value) = iter::next_nested(&self.iterator)? else { return Ok(None) };
            match (held(&self.total), &self.function) {
                (None, _) => value,
                (Some(total), None) => number::add(&total, &value)?,
                (Some(total), Some(function)) => call::call_args(function, &[&total, &value])?,
            }
        };
        drop(self.total.replace(Some(total.clone())));
        Ok(Some(total))
    }
}

// ---- batched -------------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct Batched {
    head: ObjectHead,
    iterator: Cell<Option<Owned>>,
    size: usize,
    strict: bool,
}

/// Batch data into tuples of length n. The last batch may be shorter than n.
///
/// The input is consumed as needed: a batch is given as soon as it is full or the
/// input ends.
///
///     >>> for batch in batched('ABCDEFG', 3):
///     ...     print(batch)
///     ...
///     ('A', 'B', 'C')
///     ('D', 'E', 'F')
///     ('G',)
///
/// If "strict" is True, raises a ValueError if the final batch is shorter
/// than n.
#[pytype(static = Batched_Type, name = "batched", module = "itertools", signature = "(iterable, n, *, strict=False)",
    flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native)]
impl Batched {
    #[slot("batched(iterable, n, *, strict=False)", vectorcall)]
    fn tp_new(cls: &Type, iterable: &Object, n: isize, strict: bool) -> PyResult<Owned<Batched>> {
        if n < 1 {
            return Err(err!(ValueError, "n must be at least one"));
        }
        let iterator = Cell::new(Some(iter::get_iter(iterable)?));
        Self::construct(cls, Batched { head: ObjectHead::placeholder(), iterator, size: n as usize, strict })
    }
    #[slot]
    fn tp_iter(&self) -> Owned {
        self_iter(self)
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned<Tuple>>> {
        let Some(iterator) = held(&self.iterator) else { return Ok(None) };
        let mut batch = Vec::with_capacity(self.size.min(64));
        while batch.len() < self.size {
            match iter::next_nested(&iterator) {
                Ok(Some(item)) => {
                    runtime::memory::reserve::grow(&mut batch);
                    batch.push(item);
                }
                Ok(None) => break,
                Err(raised) => {
                    errors::preserve(|| drop(self.iterator.take()));
                    return Err(raised);
                }
            }
        }
        if batch.len() < self.size {
            if batch.is_empty() || self.strict {
                drop(self.iterator.take());
            }
            if batch.is_empty() {
                return Ok(None);
            }
            if self.strict {
                return Err(err!(ValueError, "batched(): incomplete batch"));
            }
        }
        Ok(Some(Tuple::from_owned(batch)))
    }
}

// ---- chain ---------------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct Chain {
    head: ObjectHead,
    /// An iterator over the iterables; None at the end.
    source: Cell<Option<Owned>>,
    active: Cell<Option<Owned>>,
}

impl Chain {
    fn of(cls: &Type, iterables: &Object) -> PyResult<Owned<Chain>> {
        let source = iter::get_iter(iterables)?;
        Self::construct(cls, Chain { head: ObjectHead::placeholder(), source: Cell::new(Some(source)), active: Cell::new(None) })
    }
    /// The iterator over the next iterable.
    fn next_active(&self, source: &Object) -> PyResult<Option<Owned>> {
        match iter::next_nested(source)? {
            Some(iterable) => iter::get_iter(&iterable).map(Some),
            None => Ok(None),
        }
    }
}

/// Return a chain object whose .__next__() method returns elements from the
/// first iterable until it is exhausted, then elements from the next
/// iterable, until all of the iterables are exhausted.
#[pytype(static = Chain_Type, name = "chain", module = "itertools", signature = "(*iterables)",
    flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native)]
impl Chain {
    #[slot("chain(*iterables)", vectorcall)]
    fn tp_new(cls: &Type, iterables: Args<'_>) -> PyResult<Owned<Chain>> {
        Self::of(cls, &*Tuple::new(iterables))
    }
    #[slot]
    fn tp_iter(&self) -> Owned {
        self_iter(self)
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        loop {
            if let Some(active) = held(&self.active) {
                if let Some(item) = iter::next_nested(&active)? {
                    return Ok(Some(item));
                }
                drop(self.active.take());
            }
            let Some(source) = held(&self.source) else { return Ok(None) };
            match self.next_active(&source) {
                Ok(Some(active)) => drop(self.active.replace(Some(active))),
                Ok(None) => {
                    drop(self.source.take());
                    return Ok(None);
                }
                Err(raised) => {
                    errors::preserve(|| drop(self.source.take()));
                    return Err(raised);
                }
            }
        }
    }
    /// Alternative chain() constructor taking a single iterable argument that evaluates lazily.
    #[classmethod("from_iterable($type, iterable, /)")]
    fn from_iterable(cls: &Type, iterable: &Object) -> PyResult<Owned<Chain>> {
        Self::of(cls, iterable)
    }
    /// See PEP 585
    #[classmethod("__class_getitem__($type, object, /)")]
    fn class_getitem(cls: &Type, object: &Object) -> PyResult {
        GenericAlias::make(cls, object)
    }
}

// ---- compress ------------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct Compress {
    head: ObjectHead,
    data: Owned,
    selectors: Owned,
}

/// Return data elements corresponding to true selector elements.
///
/// Forms a shorter iterator from selected data elements using the selectors
/// to choose the data elements.
#[pytype(static = Compress_Type, name = "compress", module = "itertools", signature = "(data, selectors)",
    flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native)]
impl Compress {
    #[slot("compress(data, selectors)", vectorcall)]
    fn tp_new(cls: &Type, data: &Object, selectors: &Object) -> PyResult<Owned<Compress>> {
        let (data, selectors) = (iter::get_iter(data)?, iter::get_iter(selectors)?);
        Self::construct(cls, Compress { head: ObjectHead::placeholder(), data, selectors })
    }
    #[slot]
    fn tp_iter(&self) -> Owned {
        self_iter(self)
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        loop {
            let Some(datum) = iter::next_nested(&self.data)? else { return Ok(None) };
            let Some(selector) = iter::next_nested(&self.selectors)? else { return Ok(None) };
            if is_true(&selector)? {
                return Ok(Some(datum));
            }
        }
    }
}

// ---- dropwhile, takewhile, filterfalse -----------------------------------------------------------------------------------------

fn holds(predicate: &Object, item: &Object) -> PyResult<bool> {
    let verdict = call::call1(predicate, item)?;
    is_true(&verdict)
}

#[derive(Traverse)]
#[repr(C)]
pub struct DropWhile {
    head: ObjectHead,
    predicate: Owned,
    iterator: Owned,
    started: Cell<bool>,
}

/// Drop items from the iterable while predicate(item) is true.
///
/// Afterwards, return every element until the iterable is exhausted.
#[pytype(static = DropWhile_Type, name = "dropwhile", module = "itertools", signature = "(predicate, iterable, /)",
    flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native)]
impl DropWhile {
    #[slot("dropwhile(predicate, iterable, /)", vectorcall)]
    fn tp_new(cls: &Type, predicate: &Object, iterable: &Object) -> PyResult<Owned<DropWhile>> {
        let iterator = iter::get_iter(iterable)?;
        let started = Cell::new(false);
        Self::construct(cls, DropWhile { head: ObjectHead::placeholder(), predicate: predicate.to_owned(), iterator, started })
    }
    #[slot]
    fn tp_iter(&self) -> Owned {
        self_iter(self)
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        loop {
            let Some(item) = iter::next_nested(&self.iterator)? else { return Ok(None) };
            if self.started.get() {
                return Ok(Some(item));
            }
            if !holds(&self.predicate, &item)? {
                self.started.set(true);
                return Ok(Some(item));
            }
        }
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct TakeWhile {
    head: ObjectHead,
    predicate: Owned,
    iterator: Owned,
    stopped: Cell<bool>,
}

/// Return successive entries from an iterable as long as the predicate evaluates to true for each entry.
#[pytype(static = TakeWhile_Type, name = "takewhile", module = "itertools", signature = "(predicate, iterable, /)",
    flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native)]
impl TakeWhile {
    #[slot("takewhile(predicate, iterable, /)", vectorcall)]
    fn tp_new(cls: &Type, predicate: &Object, iterable: &Object) -> PyResult<Owned<TakeWhile>> {
        let iterator = iter::get_iter(iterable)?;
        let stopped = Cell::new(false);
        Self::construct(cls, TakeWhile { head: ObjectHead::placeholder(), predicate: predicate.to_owned(), iterator, stopped })
    }
    #[slot]
    fn tp_iter(&self) -> Owned {
        self_iter(self)
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        if self.stopped.get() {
            return Ok(None);
        }
        let Some(item) = iter::next_nested(&self.iterator)? else { return Ok(None) };
        if holds(&self.predicate, &item)? {
            return Ok(Some(item));
        }
        self.stopped.set(true);
        Ok(None)
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct FilterFalse {
    head: ObjectHead,
    function: Owned,
    iterator: Owned,
}

/// Return those items of iterable for which function(item) is false.
///
/// If function is None, return the items that are false.
#[pytype(static = FilterFalse_Type, name = "filterfalse", module = "itertools", signature = "(function, iterable, /)",
    flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native)]
impl FilterFalse {
    #[slot("filterfalse(function, iterable, /)", vectorcall)]
    fn tp_new(cls: &Type, function: &Object, iterable: &Object) -> PyResult<Owned<FilterFalse>> {
        let iterator = iter::get_iter(iterable)?;
        Self::construct(cls, FilterFalse { head: ObjectHead::placeholder(), function: function.to_owned(), iterator })
    }
    #[slot]
    fn tp_iter(&self) -> Owned {
        self_iter(self)
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        let plain = self.function.is_none() || self.function.is(Bool::type_object());
        while let Some(item) = iter::next_nested(&self.iterator)? {
            let good = if plain { is_true(&item)? } else { holds(&self.function, &item)? };
            if !good {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }
}

// ---- islice --------------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct ISlice {
    head: ObjectHead,
    iterator: Cell<Option<Owned>>,
    /// The number of the next item to give, and of those taken.
    next: Cell<isize>,
    taken: Cell<isize>,
    /// -1: no end.
    stop: isize,
    step: isize,
}

/// A bound of a slice; -1 for what is no such number.
fn bound(value: Option<&Object>, default: isize) -> isize {
    match value {
        Some(value) if !value.is_none() => number::as_isize(value, Some(exceptions::OverflowError())).unwrap_or_else(|_| {
            errors::clear();
            -1
        }),
        _ => default,
    }
}

/// islice(iterable, stop) --> islice object
/// islice(iterable, start, stop[, step]) --> islice object
///
/// Return an iterator whose next() method returns selected values from an
/// iterable.  If start is specified, will skip all preceding elements;
/// otherwise, start defaults to zero.  Step defaults to one.  If
/// specified as another value, step determines how many values are
/// skipped between successive calls.  Works like a slice() on a list
/// but returns an iterator.
#[pytype(static = ISlice_Type, name = "islice", module = "itertools", flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native)]
impl ISlice {
    #[slot("islice(iterable, start, stop=<unrepresentable>, step=<unrepresentable>, /)", vectorcall)]
    fn tp_new(cls: &Type, iterable: &Object, start: &Object, stop: Option<&Object>, step: Option<&Object>) -> PyResult<Owned<ISlice>> {
        let (start, end) = match stop {
            None => (0, start),
            Some(stop) => (bound(Some(start), 0), stop),
        };
        let stop = bound(Some(end), -1);
        if stop == -1 && !end.is_none() {
            return Err(err!(ValueError, "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize."));
        }
        if start < 0 || stop < -1 {
            return Err(err!(ValueError, "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize."));
        }
        let step = bound(step, 1);
        if step < 1 {
            return Err(err!(ValueError, "Step for islice() must be a positive integer or None."));
        }
        let iterator = Cell::new(Some(iter::get_iter(iterable)?));
        Self::construct(cls, ISlice { head: ObjectHead::placeholder(), iterator, next: Cell::new(start), taken: Cell::new(0), stop, step })
    }
    #[slot]
    fn tp_iter(&self) -> Owned {
        self_iter(self)
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        let Some(iterator) = held(&self.iterator) else { return Ok(None) };
        match self.advance(&iterator) {
            Ok(Some(item)) => Ok(Some(item)),
            Ok(None) => {
                drop(self.iterator.take());
                Ok(None)
            }
            Err(raised) => {
                errors::preserve(|| drop(self.iterator.take()));
                Err(raised)
            }
        }
    }
}

impl ISlice {
    #[inline]
    fn advance(&self, iterator: &Object) -> PyResult<Option<Owned>> {
        while self.taken.get() < self.next.get() {
            if iter::next_nested(iterator)?.is_none() {
                return Ok(None);
            }
            self.taken.set(self.taken.get() + 1);
        }
        if self.stop != -1 && self.taken.get() >= self.stop {
            return Ok(None);
        }
        let Some(item) = iter::next_nested(iterator)? else { return Ok(None) };
        self.taken.set(self.taken.get() + 1);
        let (now, next) = (self.next.get(), self.next.get().wrapping_add(self.step));
        self.next.set(if next < now || self.stop != -1 && next > self.stop { self.stop } else { next });
        Ok(Some(item))
    }
}

// ---- starmap -------------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct StarMap {
    head: ObjectHead,
    function: Owned,
    iterator: Owned,
}

/// Return an iterator whose values are returned from the function evaluated with an argument tuple taken from the given sequence.
#[pytype(static = StarMap_Type, name = "starmap", module = "itertools", signature = "(function, iterable, /)",
    flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native)]
impl StarMap {
    #[slot("starmap(function, iterable, /)", vectorcall)]
    fn tp_new(cls: &Type, function: &Object, iterable: &Object) -> PyResult<Owned<StarMap>> {
        let iterator = iter::get_iter(iterable)?;
        Self::construct(cls, StarMap { head: ObjectHead::placeholder(), function: function.to_owned(), iterator })
    }
    #[slot]
    fn tp_iter(&self) -> Owned {
        self_iter(self)
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        let Some(args) = iter::next_nested(&self.iterator)? else { return Ok(None) };
        let args = sequence::to_tuple(&args)?;
        call::call(&self.function, &args, None).map(Some)
    }
}
