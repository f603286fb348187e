//! `zip_longest` and `pairwise`.

use super::{hand_out, held, put, reused};
use macros::{Traverse, pytype};
use runtime::err;
use runtime::errors::{self, PyResult};
use runtime::macro_support::{Args, KwArgs};
use runtime::object::{Object, ObjectHead, Owned, PyTyped, Type};
use runtime::protocol::iter;
use runtime::protocol::object::self_iter;
use runtime::types::{Dict, Str, Tuple, none};
use std::cell::Cell;

// ---- pairwise ------------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct Pairwise {
    head: ObjectHead,
    iterator: Cell<Option<Owned>>,
    old: Cell<Option<Owned>>,
    result: Cell<Option<Owned<Tuple>>>,
}

impl Pairwise {
    fn end(&self) {
        drop((self.iterator.take(), self.old.take()));
    }
    /// The next item; at the end and after errors the iterator is given up.
    fn advance(&self, iterator: &Object) -> PyResult<Option<Owned>> {
        match iter::next_nested(iterator) {
            Ok(None) => {
                self.end();
                Ok(None)
            }
            Err(raised) => {
                errors::preserve(|| self.end());
                Err(raised)
            }
            item => item,
        }
    }
}

/// Return an iterator of overlapping pairs taken from the input iterator.
///
///     s -> (s0,s1), (s1,s2), (s2, s3), ...
#[pytype(static = Pairwise_Type, name = "pairwise", module = "itertools", signature = "(iterable, /)",
    flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native)]
impl Pairwise {
    #[slot("pairwise(iterable, /)", vectorcall)]
    fn tp_new(cls: &Type, iterable: &Object) -> PyResult<Owned<Pairwise>> {
        let iterator = Cell::new(Some(iter::get_iter(iterable)?));
        let result = Cell::new(Some(Tuple::pair(none().to_owned(), none().to_owned())));
        Self::construct(cls, Pairwise { head: ObjectHead::placeholder(), iterator, old: Cell::new(None), result })
    }
    #[slot]
    fn tp_iter(&self) -> Owned {
        self_iter(self)
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned<Tuple>>> {
        let Some(mut iterator) = held(&self.iterator) else { return Ok(None) };
        let old = match held(&self.old) {
            Some(old) => old,
            None => {
                let Some(first) = self.advance(&iterator)? else { return Ok(None) };
                drop(self.old.replace(Some(first.clone())));
                // The iterator may have come back here and ended.
                match held(&self.iterator) {
                    Some(same) => iterator = same,
                    None => {
                        drop(self.old.take());
                        return Ok(None);
                    }
                }
                first
            }
        };
        let Some(new) = self.advance(&iterator)? else { return Ok(None) };
        let pair = match self.result.take() {
            Some(last) if last.as_object().refcount() == 1 => {
                // SAFETY: nobody else sees the tuple; the old items go when the statement ends.
                drop(unsafe { last.replace_pair(old, new.clone()) });
                last
            }
            _ => Tuple::pair(old, new.clone()),
        };
        drop(self.old.replace(Some(new)));
        Ok(Some(hand_out(pair, &self.result)))
    }
}

// ---- zip_longest ---------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct ZipLongest {
    head: ObjectHead,
    /// None for those that ended.
    iterators: Vec<Cell<Option<Owned>>>,
    active: Cell<usize>,
    fill: Owned,
    result: Cell<Option<Owned<Tuple>>>,
}

impl ZipLongest {
    fn make(cls: &Type, iterables: &[&Object], keywords: &[(&Object, &Object)]) -> PyResult<Owned<ZipLongest>> {
        let fill = match keywords {
            [] => none(),
            [(name, value)] if name.downcast::<Str>().is_some_and(|name| name.eq_str("fillvalue")) => *value,
            _ => return Err(err!(TypeError, "zip_longest() got an unexpected keyword argument")),
        };
        let mut iterators = Vec::with_capacity(iterables.len());
        for iterable in iterables {
            iterators.push(Cell::new(Some(iter::get_iter(iterable)?)));
        }
        let nones = vec![none(); iterables.len()];
        let value = ZipLongest {
            head: ObjectHead::placeholder(),
            active: Cell::new(iterators.len()),
            iterators,
            fill: fill.to_owned(),
            result: Cell::new(Some(Tuple::new(&nones))),
        };
        Self::construct(cls, value)
    }
    /// The item of iterator `i`, or the fill value; None when all have ended.
    fn item(&self, i: usize) -> PyResult<Option<Owned>> {
        let Some(iterator) = held(&self.iterators[i]) else { return Ok(Some(self.fill.clone())) };
        match iter::next_nested(&iterator) {
            Ok(Some(item)) => Ok(Some(item)),
            Ok(None) => {
                let active = self.active.get().saturating_sub(1);
                self.active.set(active);
                if active == 0 {
                    return Ok(None);
                }
                drop(self.iterators[i].take());
                Ok(Some(self.fill.clone()))
            }
            Err(raised) => {
                self.active.set(0);
                Err(raised)
            }
        }
    }
}

/// Return a zip_longest object whose .__next__() method returns a tuple where
/// the i-th element comes from the i-th iterable argument.  The .__next__()
/// method continues until the longest iterable in the argument sequence
/// is exhausted and then it raises StopIteration.  When the shorter iterables
/// are exhausted, the fillvalue is substituted in their place.  The fillvalue
/// defaults to None or can be specified by a keyword argument.
#[pytype(static = ZipLongest_Type, name = "zip_longest", module = "itertools", signature = "(*iterables, fillvalue=None)",
    flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native)]
impl ZipLongest {
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<Owned<ZipLongest>> {
        let items = super::keywords_of(kwargs);
        let keywords: Vec<(&Object, &Object)> = items.iter().map(|(k, v)| (&**k, &**v)).collect();
        Self::make(cls, args.as_slice(), &keywords)
    }
    #[slot]
    fn tp_vectorcall(cls: &Type, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult<Owned<ZipLongest>> {
        let keywords: Vec<(&Object, &Object)> = kwargs.iter().collect();
        Self::make(cls, args, &keywords)
    }
    #[slot]
    fn tp_iter(&self) -> Owned {
        self_iter(self)
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned<Tuple>>> {
        if self.iterators.is_empty() || self.active.get() == 0 {
            return Ok(None);
        }
        // Taken out, so that an iterator that comes back here makes a tuple of its own.
        let tuple = match self.result.take() {
            Some(last) => reused(last),
            None => Tuple::new(&vec![none(); self.iterators.len()]),
        };
        for i in 0..self.iterators.len() {
            match self.item(i) {
                // SAFETY: the tuple has no other owner, and as many items as there are iterators.
                Ok(Some(item)) => unsafe { put(&tuple, i, item) },
                ended => {
                    self.result.set(Some(tuple));
                    return ended.map(|_| None);
                }
            }
        }
        Ok(Some(hand_out(tuple, &self.result)))
    }
}
