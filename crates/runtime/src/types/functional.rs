//! `zip`, `map` and `filter`: iterators over other iterators.

use super::enumerate::keywords_of;
use crate::err;
use crate::errors::PyResult;
use crate::macro_support::{Args, KwArgs};
use crate::object::{Object, ObjectHead, Owned, PyTyped, Type};
use crate::protocol::object::{is_true, self_iter};
use crate::protocol::{call, iter};
use crate::types::bool::Bool;
use crate::types::{Dict, Str, Tuple, none, true_};
use abi::PyObject;
use macros::{Traverse, pytype};
use std::cell::Cell;

/// Iterators over each of several iterables.
fn iterators_of(iterables: &[&Object]) -> PyResult<Owned<Tuple>> {
    let mut iterators = Vec::with_capacity(iterables.len());
    for iterable in iterables {
        iterators.push(iter::get_iter(iterable)?);
    }
    Ok(Tuple::from_owned(iterators))
}

/// The value of the only allowed keyword, `strict`.
fn strict_keyword(function: &str, keywords: &[(&Object, &Object)]) -> PyResult<bool> {
    match keywords {
        [] => Ok(false),
        [(name, value)] => {
            if !name.downcast::<Str>().is_some_and(|s| s.eq_str("strict")) {
                let name = crate::protocol::object::str(name)?;
                return Err(err!(TypeError, "{}() got an unexpected keyword argument '{}'", function, name.to_string_lossy()));
            }
            is_true(value)
        }
        more => Err(err!(TypeError, "{}() takes at most 1 keyword argument ({} given)", function, more.len())),
    }
}

/// After argument `i` (from 0) ended where strictness wants equal lengths: an error, or Ok if all end here.
fn check_ends(function: &str, iterators: &Tuple, i: usize) -> PyResult<()> {
    if i > 0 {
        let plural = if i == 1 { " " } else { "s 1-" };
        return Err(err!(ValueError, "{}() argument {} is shorter than argument{}{}", function, i + 1, plural, i));
    }
    for i in 1..iterators.len() {
        if iter::next_nested(iterators.get(i))?.is_some() {
            let plural = if i == 1 { " " } else { "s 1-" };
            return Err(err!(ValueError, "{}() argument {} is longer than argument{}{}", function, i + 1, plural, i));
        }
    }
    Ok(())
}

fn strict_state(state: &Object, cell: &Cell<bool>) -> PyResult<()> {
    cell.set(is_true(state)?);
    Ok(())
}

// ---- zip ------------------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct Zip {
    head: ObjectHead,
    size: usize,
    iterators: Owned<Tuple>,
    /// The last tuple, used again if nobody kept it.
    result: Cell<Option<Owned<Tuple>>>,
    strict: Cell<bool>,
}

impl Zip {
    fn make(cls: &Type, iterables: &[&Object], keywords: &[(&Object, &Object)]) -> PyResult<Owned<Zip>> {
        let strict = strict_keyword("zip", keywords)?;
        let iterators = iterators_of(iterables)?;
        let nones: Vec<&Object> = vec![none(); iterables.len()];
        let value = Zip {
            head: ObjectHead::placeholder(),
            size: iterables.len(),
            iterators,
            result: Cell::new(Some(Tuple::new(&nones))),
            strict: Cell::new(strict),
        };
        Self::construct(cls, value)
    }

    /// Fills `slots`, which hold the items of the round before, with the next items; None at the end.
    fn fill(&self, slots: *mut *mut PyObject) -> PyResult<Option<()>> {
        for i in 0..self.size {
            match iter::next_nested(self.iterators.get(i)) {
                // SAFETY: the tuple of `slots` is ours alone; the old item is dropped after it is replaced.
                Ok(Some(item)) => unsafe { crate::object::xdecref(slots.add(i).replace(item.into_raw())) },
                Ok(None) => {
                    if self.strict.get() {
                        check_ends("zip", &self.iterators, i)?;
                    }
                    return Ok(None);
                }
                Err(raised) => return Err(raised),
            }
        }
        Ok(Some(()))
    }
}

#[pytype(static = PyZip_Type, name = "zip", signature = "(*iterables, strict=False)", flags = BASETYPE | HAVE_GC, native,
    doc = "Tuples of the first, second ... items of all iterables, until the shortest ends.\n\nWith strict, iterables of different lengths raise ValueError.\n\n>>> list(zip('abc', range(2)))\n[('a', 0), ('b', 1)]")]
impl Zip {
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<Owned<Zip>> {
        let items = keywords_of(kwargs);
        let keywords: Vec<(&Object, &Object)> = items.iter().map(|(k, v)| (k.object(), v.object())).collect();
        Self::make(cls, args.as_slice(), &keywords)
    }
    #[slot]
    fn tp_vectorcall(cls: &Type, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult<Owned<Zip>> {
        let keywords: Vec<(&Object, &Object)> = kwargs.iter().collect();
        Self::make(cls, args, &keywords)
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        Ok(self_iter(self.as_object()))
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned<Tuple>>> {
        if self.size == 0 {
            return Ok(None);
        }
        // The tuple is taken out, so that an iterator that comes back here finds none.
        if let Some(last) = self.result.take() {
            if last.as_object().refcount() == 1 {
                // The old items stay in their slots until they are replaced one by one.
                let filled = self.fill(last.items_ptr());
                self.result.set(Some(last.clone()));
                return match filled? {
                    Some(()) => {
                        last.0.ob_hash.set(-1);
                        let op = last.as_object().as_ptr();
                        // SAFETY: a live tuple that holds new items, which the collector may have stopped tracking.
                        unsafe {
                            if !crate::gc::is_tracked(op) {
                                crate::gc::track(op);
                            }
                        }
                        Ok(Some(last))
                    }
                    None => Ok(None),
                };
            }
            self.result.set(Some(last));
        }
        let fresh = Tuple::with_len(self.size)?;
        // SAFETY: the tuple is not seen by anybody until it is full.
        Ok(self.fill(fresh.items_ptr())?.map(|()| fresh))
    }
    /// State for pickling.
    #[method("__reduce__($self, /)", nosig)]
    fn reduce(&self) -> Owned<Tuple> {
        let ty = self.as_object().ty().as_object().to_owned();
        let iterators = self.iterators.clone().into_object();
        if self.strict.get() { Tuple::triple(ty, iterators, true_().to_owned()) } else { Tuple::pair(ty, iterators) }
    }
    /// Set state when unpickling.
    #[method("__setstate__($self, object, /)", nosig)]
    fn setstate(&self, state: &Object) -> PyResult<()> {
        strict_state(state, &self.strict)
    }
}

// ---- map ------------------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct Map {
    head: ObjectHead,
    iterators: Owned<Tuple>,
    function: Owned,
    strict: Cell<bool>,
}

/// Arguments of this many iterables are kept on the native stack.
const SMALL: usize = 5;

impl Map {
    fn make(cls: &Type, args: &[&Object], keywords: &[(&Object, &Object)]) -> PyResult<Owned<Map>> {
        let strict = strict_keyword("map", keywords)?;
        if args.len() < 2 {
            return Err(err!(TypeError, "map() must have at least two arguments."));
        }
        let iterators = iterators_of(&args[1..])?;
        Self::construct(cls, Map { head: ObjectHead::placeholder(), iterators, function: args[0].to_owned(), strict: Cell::new(strict) })
    }
    fn call(&self, arguments: &mut [Option<Owned>]) -> PyResult<Option<Owned>> {
        for (i, argument) in arguments.iter_mut().enumerate() {
            match iter::next_nested(self.iterators.get(i))? {
                Some(item) => *argument = Some(item),
                None => {
                    if self.strict.get() {
                        check_ends("map", &self.iterators, i)?;
                    }
                    return Ok(None);
                }
            }
        }
        // SAFETY: all arguments are there: an array of pointers to live objects.
        let pointers = unsafe { std::slice::from_raw_parts(arguments.as_ptr() as *const *mut PyObject, arguments.len()) };
        call::vectorcall(&self.function, pointers, pointers.len(), None).map(Some)
    }
}

#[pytype(static = PyMap_Type, name = "map", signature = "(function, iterable, /, *iterables, strict=False)", flags = BASETYPE | HAVE_GC, native,
    doc = "What a function gives for each item of an iterable (or for the items of several side by side), until the shortest ends.\n\nWith strict, iterables of different lengths raise ValueError.")]
impl Map {
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<Owned<Map>> {
        let items = keywords_of(kwargs);
        let keywords: Vec<(&Object, &Object)> = items.iter().map(|(k, v)| (k.object(), v.object())).collect();
        Self::make(cls, args.as_slice(), &keywords)
    }
    #[slot]
    fn tp_vectorcall(cls: &Type, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult<Owned<Map>> {
        let keywords: Vec<(&Object, &Object)> = kwargs.iter().collect();
        Self::make(cls, args, &keywords)
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        Ok(self_iter(self.as_object()))
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        let n = self.iterators.len();
        if n == 1 {
            let Some(item) = iter::next_nested(self.iterators.get(0))? else { return Ok(None) };
            return call::call1(&self.function, &item).map(Some);
        }
        if n <= SMALL {
            let mut arguments: [Option<Owned>; SMALL] = [const { None }; SMALL];
            return self.call(&mut arguments[..n]);
        }
        let mut arguments: Vec<Option<Owned>> = vec![None; n];
        self.call(&mut arguments)
    }
    /// State for pickling.
    #[method("__reduce__($self, /)", nosig)]
    fn reduce(&self) -> Owned<Tuple> {
        let ty = self.as_object().ty().as_object().to_owned();
        let mut fields = vec![self.function.clone()];
        fields.extend(self.iterators.iter().map(|o| o.to_owned()));
        let fields = Tuple::from_owned(fields).into_object();
        if self.strict.get() { Tuple::triple(ty, fields, true_().to_owned()) } else { Tuple::pair(ty, fields) }
    }
    /// Set state when unpickling.
    #[method("__setstate__($self, object, /)", nosig)]
    fn setstate(&self, state: &Object) -> PyResult<()> {
        strict_state(state, &self.strict)
    }
}

// ---- filter ---------------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct Filter {
    head: ObjectHead,
    function: Owned,
    iterator: Owned,
}

impl Filter {
    fn make(cls: &Type, function: &Object, iterable: &Object) -> PyResult<Owned<Filter>> {
        let iterator = iter::get_iter(iterable)?;
        Self::construct(cls, Filter { head: ObjectHead::placeholder(), function: function.to_owned(), iterator })
    }
}

#[pytype(static = PyFilter_Type, name = "filter", signature = "(function, iterable, /)", flags = BASETYPE | HAVE_GC, native,
    doc = "The items of an iterable for which the function gives a true value; with None as function the true items.")]
impl Filter {
    #[slot("filter(function, iterable, /)")]
    fn tp_new(cls: &Type, function: &Object, iterable: &Object) -> PyResult<Owned<Filter>> {
        Self::make(cls, function, iterable)
    }
    #[slot]
    fn tp_vectorcall(cls: &Type, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult<Owned<Filter>> {
        if !kwargs.is_empty() {
            return Err(err!(TypeError, "filter() takes no keyword arguments"));
        }
        match args {
            [function, iterable] => Self::make(cls, function, iterable),
            _ => Err(err!(TypeError, "filter expected 2 arguments, got {}", args.len())),
        }
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        Ok(self_iter(self.as_object()))
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        let plain = self.function.is_none() || self.function.is(Bool::type_object());
        while let Some(item) = iter::next_nested(&self.iterator)? {
            let good = if plain {
                is_true(&item)?
            } else {
                let verdict = call::call1(&self.function, &item)?;
                is_true(&verdict)?
            };
            if good {
                return Ok(Some(item));
            }
        }
        Ok(None)
    }
    /// State for pickling.
    #[method("__reduce__($self, /)", nosig)]
    fn reduce(&self) -> Owned<Tuple> {
        Tuple::pair(self.as_object().ty().as_object().to_owned(), Tuple::pair(self.function.clone(), self.iterator.clone()).into_object())
    }
}
