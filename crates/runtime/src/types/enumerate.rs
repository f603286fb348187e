//! `enumerate` and `reversed`.

use crate::err;
use crate::errors::{self, PyResult};
use crate::exceptions;
use crate::intern;
use crate::macro_support::{Args, KwArgs};
use crate::object::{Object, ObjectHead, Owned, PyTyped, Type};
use crate::protocol::object::{lookup_special, self_iter};
use crate::protocol::{call, iter, number, sequence};
use crate::types::{Dict, GenericAlias, Int, Tuple, none};
use macros::{Traverse, pytype};
use std::cell::Cell;

// ---- enumerate ------------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct Enumerate {
    head: ObjectHead,
    /// The next number, while it fits (and `big` is None).
    index: Cell<isize>,
    iterator: Owned,
    /// The last pair, used again if nobody kept it.
    result: Cell<Option<Owned<Tuple>>>,
    /// The next number once it is larger than a word.
    big: Cell<Option<Owned>>,
}

impl Enumerate {
    fn make(cls: &Type, iterable: &Object, start: Option<&Object>) -> PyResult<Owned<Enumerate>> {
        let (mut index, mut big) = (0, None);
        if let Some(start) = start {
            let start = number::index(start)?;
            match start.as_i64() {
                Some(n) if n < isize::MAX as i64 => index = n as isize,
                _ => (index, big) = (isize::MAX, Some(start.into_object())),
            }
        }
        let iterator = iter::get_iter(iterable)?;
        let value = Enumerate { head: ObjectHead::placeholder(), index: Cell::new(index), iterator, result: Cell::new(None), big: Cell::new(big) };
        Self::construct(cls, value)
    }

    /// The arguments of `enumerate(iterable, start=0)`, with the words that CPython has for wrong ones.
    fn from_arguments(cls: &Type, args: &[&Object], keywords: &[(&Object, &Object)]) -> PyResult<Owned<Enumerate>> {
        let given = args.len() + keywords.len();
        let name_is = |o: &Object, name: &str| o.downcast::<crate::types::Str>().is_some_and(|s| s.eq_str(name));
        let invalid = |o: &Object| match crate::protocol::object::str(o) {
            Ok(name) => err!(TypeError, "'{}' is an invalid keyword argument for enumerate()", name.to_string_lossy()),
            Err(raised) => raised,
        };
        match (args, keywords) {
            ([], []) => Err(err!(TypeError, "enumerate() missing required argument 'iterable'")),
            _ if given > 2 => Err(err!(TypeError, "enumerate() takes at most 2 arguments ({} given)", given)),
            ([iterable], []) => Self::make(cls, iterable, None),
            ([iterable, start], []) => Self::make(cls, iterable, Some(start)),
            ([iterable], [(name, start)]) => {
                if name_is(name, "start") { Self::make(cls, iterable, Some(start)) } else { Err(invalid(name)) }
            }
            ([], [(name, iterable)]) => {
                if name_is(name, "iterable") { Self::make(cls, iterable, None) } else { Err(invalid(name)) }
            }
            ([], [(a, first), (b, second)]) => {
                if name_is(a, "iterable") && name_is(b, "start") {
                    return Self::make(cls, first, Some(second));
                }
                if name_is(a, "start") && name_is(b, "iterable") {
                    return Self::make(cls, second, Some(first));
                }
                Err(invalid(if name_is(a, "iterable") || name_is(a, "start") { b } else { a }))
            }
            _ => Err(err!(TypeError, "enumerate() missing required argument 'iterable'")),
        }
    }

    /// The number of the next item, counted on.
    #[inline(always)]
    fn number(&self) -> PyResult {
        let index = self.index.get();
        if index != isize::MAX {
            self.index.set(index + 1);
            return Ok(Int::from_i64(index as i64).into_object());
        }
        let now = match self.big.take() {
            Some(big) => big,
            None => Int::from_i64(isize::MAX as i64).into_object(),
        };
        let next = number::add(&now, Int::from_i64(1).object());
        match next {
            Ok(next) => {
                self.big.set(Some(next));
                Ok(now)
            }
            Err(raised) => {
                self.big.set(Some(now));
                Err(raised)
            }
        }
    }

    #[inline(always)]
    fn pair(&self, number: Owned, item: Owned) -> Owned {
        if let Some(last) = self.result.take() {
            if last.as_object().refcount() == 1 {
                // SAFETY: nobody else sees the tuple; the old items are dropped last.
                let old = unsafe { last.replace_pair(number, item) };
                self.result.set(Some(last.clone()));
                drop(old);
                return last.into_object();
            }
            // Somebody keeps his pairs: fresh ones from now on.
            return Tuple::pair(number, item).into_object();
        }
        Tuple::pair(number, item).into_object()
    }
}

#[pytype(static = PyEnum_Type, name = "enumerate", signature = "(iterable, start=0)", flags = BASETYPE | HAVE_GC, native, basicsize = 56,
    doc = "Pairs of a count (from start) and an item of the iterable:\n(0, seq[0]), (1, seq[1]), (2, seq[2]), ...")]
impl Enumerate {
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<Owned<Enumerate>> {
        let items = keywords_of(kwargs);
        let keywords: Vec<(&Object, &Object)> = items.iter().map(|(k, v)| (k.object(), v.object())).collect();
        let enumerate = Self::from_arguments(cls, args.as_slice(), &keywords)?;
        enumerate.prepare();
        Ok(enumerate)
    }
    #[slot]
    fn tp_vectorcall(cls: &Type, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult<Owned<Enumerate>> {
        let keywords: Vec<(&Object, &Object)> = kwargs.iter().collect();
        let enumerate = Self::from_arguments(cls, args, &keywords)?;
        enumerate.prepare();
        Ok(enumerate)
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        Ok(self_iter(self.as_object()))
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        let Some(item) = iter::next_nested(&self.iterator)? else { return Ok(None) };
        let number = self.number()?;
        Ok(Some(self.pair(number, item)))
    }
    /// State for pickling.
    #[method("__reduce__($self, /)", nosig)]
    fn reduce(&self) -> PyResult<Owned<Tuple>> {
        // SAFETY: cloned at once.
        let number = match unsafe { (*self.big.as_ptr()).clone() } {
            Some(big) => big,
            None => Int::from_i64(self.index.get() as i64).into_object(),
        };
        Ok(Tuple::pair(self.as_object().ty().as_object().to_owned(), Tuple::pair(self.iterator.clone(), number).into_object()))
    }
    /// See PEP 585.
    #[classmethod("__class_getitem__($type, object, /)", nosig)]
    fn class_getitem(cls: &Type, object: &Object) -> PyResult {
        GenericAlias::make(cls, object)
    }
}

impl Enumerate {
    /// The pair that is used again and again.
    fn prepare(&self) {
        self.result.set(Some(Tuple::pair(none().to_owned(), none().to_owned())));
    }
}

/// The items of a dict of keyword arguments.
pub(super) fn keywords_of(kwargs: Option<&Dict>) -> Vec<(Owned, Owned)> {
    let mut items = Vec::new();
    if let Some(kwargs) = kwargs {
        let mut pos = 0;
        while let Some(item) = kwargs.next(&mut pos) {
            items.push(item);
        }
    }
    items
}

// ---- reversed -------------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct Reversed {
    head: ObjectHead,
    index: Cell<isize>,
    sequence: Cell<Option<Owned>>,
}

impl Reversed {
    fn make(cls: &Type, sequence: &Object) -> PyResult {
        match lookup_special(sequence, intern!("__reversed__"))? {
            Some(method) if method.is_none() => return Err(not_reversible(sequence)),
            Some(method) => return call::call0(&method),
            None => {}
        }
        if !sequence::is_sequence(sequence) {
            return Err(not_reversible(sequence));
        }
        let n = sequence::sequence_len(sequence)?;
        let value = Reversed { head: ObjectHead::placeholder(), index: Cell::new(n as isize - 1), sequence: Cell::new(Some(sequence.to_owned())) };
        Ok(Self::construct(cls, value)?.into_object())
    }
    fn sequence(&self) -> Option<Owned> {
        // SAFETY: cloned at once.
        unsafe { (*self.sequence.as_ptr()).clone() }
    }
}

#[cold]
fn not_reversible(o: &Object) -> errors::Raised {
    err!(TypeError, "'{}' object is not reversible", o.type_name())
}

#[pytype(static = PyReversed_Type, name = "reversed", signature = "(sequence, /)", flags = BASETYPE | HAVE_GC, native,
    doc = "An iterator over a sequence's items in reverse order.")]
impl Reversed {
    #[slot("reversed(sequence, /)")]
    fn tp_new(cls: &Type, sequence: &Object) -> PyResult {
        Self::make(cls, sequence)
    }
    #[slot]
    fn tp_vectorcall(cls: &Type, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult {
        if !kwargs.is_empty() {
            return Err(err!(TypeError, "reversed() takes no keyword arguments"));
        }
        match args {
            [sequence] => Self::make(cls, sequence),
            _ => Err(err!(TypeError, "reversed expected 1 argument, got {}", args.len())),
        }
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        Ok(self_iter(self.as_object()))
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        let index = self.index.get();
        if index >= 0
            && let Some(sequence) = self.sequence()
        {
            match sequence::sequence_get_item(&sequence, index) {
                Ok(item) => {
                    self.index.set(index - 1);
                    return Ok(Some(item));
                }
                Err(_) if errors::matches(exceptions::IndexError()) || errors::matches(exceptions::StopIteration()) => errors::clear(),
                Err(raised) => return Err(raised),
            }
        }
        self.index.set(-1);
        drop(self.sequence.take());
        Ok(None)
    }
    /// A guess at how many items are left.
    #[method("__length_hint__($self, /)", nosig)]
    fn length_hint(&self) -> PyResult<isize> {
        let Some(sequence) = self.sequence() else { return Ok(0) };
        let n = sequence::sequence_len(&sequence)? as isize;
        let left = self.index.get() + 1;
        Ok(if n < left { 0 } else { left })
    }
    /// State for pickling.
    #[method("__reduce__($self, /)", nosig)]
    fn reduce(&self) -> PyResult<Owned<Tuple>> {
        let ty = self.as_object().ty().as_object().to_owned();
        Ok(match self.sequence() {
            Some(sequence) => {
                Tuple::triple(ty, Tuple::single(sequence).into_object(), Int::from_i64(self.index.get() as i64).into_object())
            }
            None => Tuple::pair(ty, Tuple::single(Tuple::empty().into_object()).into_object()),
        })
    }
    /// Set state when unpickling.
    #[method("__setstate__($self, object, /)", nosig)]
    fn setstate(&self, state: isize) -> PyResult<()> {
        if let Some(sequence) = self.sequence() {
            let n = sequence::sequence_len(&sequence)? as isize;
            self.index.set(state.clamp(-1, n - 1));
        }
        Ok(())
    }
}
