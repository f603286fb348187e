//! Endless iterators: `count`, `cycle`, `repeat`.

use super::held;
use macros::{Traverse, pytype};
use runtime::err;
use runtime::errors::PyResult;
use runtime::object::{Object, ObjectHead, Owned, Type};
use runtime::protocol::object::{repr, self_iter};
use runtime::protocol::{iter, number};
use runtime::types::{Int, List, Str};
use std::cell::Cell;

// ---- count ---------------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct Count {
    head: ObjectHead,
    /// The next number, while it fits, the step is 1, and `big` is None.
    next: Cell<isize>,
    big: Cell<Option<Owned>>,
    step: Owned,
}

fn is_one(o: &Object) -> bool {
    o.downcast::<Int>().is_some_and(|n| n.as_i64() == Some(1))
}

/// Return a count object whose .__next__() method returns consecutive values.
///
/// Equivalent to:
///     def count(firstval=0, step=1):
///         x = firstval
///         while 1:
///             yield x
///             x += step
#[pytype(static = Count_Type, name = "count", module = "itertools", signature = "(start=0, step=1)",
    flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native)]
impl Count {
    #[slot("count(start=0, step=1)", vectorcall)]
    fn tp_new(cls: &Type, start: Option<&Object>, step: Option<&Object>) -> PyResult<Owned<Count>> {
        if start.is_some_and(|o| !number::check(o)) || step.is_some_and(|o| !number::check(o)) {
            return Err(err!(TypeError, "a number is required"));
        }
        let (zero, one) = (Int::from_i64(0), Int::from_i64(1));
        let (start, step) = (start.unwrap_or(&zero), step.unwrap_or(&one));
        let small = match start.downcast::<Int>() {
            Some(start) if is_one(step) => start.as_i64(),
            _ => None,
        };
        let (next, big) = match small {
            Some(n) => (n as isize, None),
            None => (isize::MAX, Some(start.to_owned())),
        };
        Self::construct(cls, Count { head: ObjectHead::placeholder(), next: Cell::new(next), big: Cell::new(big), step: step.to_owned() })
    }
    #[slot]
    fn tp_iter(&self) -> Owned {
        self_iter(self)
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        let next = self.next.get();
        if next != isize::MAX {
            self.next.set(next + 1);
            return Ok(Some(Int::from_i64(next as i64).into_object()));
        }
        let now = held(&self.big).unwrap_or_else(|| Int::from_i64(isize::MAX as i64).into_object());
        let later = number::add(&now, &self.step)?;
        self.big.set(Some(later));
        Ok(Some(now))
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let name = self.ty().short_name();
        let next = self.next.get();
        let shown = match held(&self.big) {
            Some(big) => repr(&big)?.to_string(),
            None => next.to_string(),
        };
        if is_one(&self.step) {
            return Ok(Str::new(&format!("{name}({shown})")));
        }
        Ok(Str::new(&format!("{name}({shown}, {})", repr(&self.step)?)))
    }
}

// ---- cycle ---------------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct Cycle {
    head: ObjectHead,
    /// None once all items are saved.
    iterator: Cell<Option<Owned>>,
    saved: Owned<List>,
    index: Cell<usize>,
}

/// Return elements from the iterable until it is exhausted. Then repeat the sequence indefinitely.
#[pytype(static = Cycle_Type, name = "cycle", module = "itertools", signature = "(iterable, /)",
    flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native)]
impl Cycle {
    #[slot("cycle(iterable, /)", vectorcall)]
    fn tp_new(cls: &Type, iterable: &Object) -> PyResult<Owned<Cycle>> {
        let iterator = Cell::new(Some(iter::get_iter(iterable)?));
        Self::construct(cls, Cycle { head: ObjectHead::placeholder(), iterator, saved: List::new(), index: Cell::new(0) })
    }
    #[slot]
    fn tp_iter(&self) -> Owned {
        self_iter(self)
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        if let Some(iterator) = held(&self.iterator) {
            if let Some(item) = iter::next_nested(&iterator)? {
                self.saved.append(&item)?;
                return Ok(Some(item));
            }
            drop(self.iterator.take());
        }
        let index = self.index.get();
        let item = self.saved.get(index);
        self.index.set(if index + 1 >= self.saved.len() { 0 } else { index + 1 });
        Ok(item)
    }
}

// ---- repeat --------------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct Repeat {
    head: ObjectHead,
    element: Owned,
    /// -1: for ever.
    left: Cell<isize>,
}

/// repeat(object [,times]) -> create an iterator which returns the object
/// for the specified number of times.  If not specified, returns the object
/// endlessly.
#[pytype(static = Repeat_Type, name = "repeat", module = "itertools", flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native)]
impl Repeat {
    #[slot("repeat(object, times=<unrepresentable>)", vectorcall)]
    fn tp_new(cls: &Type, object: &Object, times: Option<isize>) -> PyResult<Owned<Repeat>> {
        let left = Cell::new(times.map_or(-1, |times| times.max(0)));
        Self::construct(cls, Repeat { head: ObjectHead::placeholder(), element: object.to_owned(), left })
    }
    #[slot]
    fn tp_iter(&self) -> Owned {
        self_iter(self)
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        match self.left.get() {
            0 => return Ok(None),
            left if left > 0 => self.left.set(left - 1),
            _ => {}
        }
        Ok(Some(self.element.clone()))
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let (name, shown) = (self.ty().short_name(), repr(&self.element)?);
        Ok(Str::new(&match self.left.get() {
            -1 => format!("{name}({shown})"),
            left => format!("{name}({shown}, {left})"),
        }))
    }
    /// Private method returning an estimate of len(list(it)).
    #[method("__length_hint__($self, /)")]
    fn length_hint(&self) -> PyResult<isize> {
        match self.left.get() {
            -1 => Err(err!(TypeError, "len() of unsized object")),
            left => Ok(left),
        }
    }
}

