//! `range`: an arithmetic sequence of ints of any size, and its two iterators.
//!
//! `range_iterator` counts in machine words (start, step, items left), which specialised instructions read and write;
//! `longrange_iterator` does the same with ints.

use crate::err;
use crate::errors::{PyResult, no_memory};
use crate::exceptions;
use crate::macro_support::{Args, KwArgs};
use crate::object::{Object, ObjectHead, Owned, PyTyped, Type};
use crate::protocol::object::{self as protocol, CompareOp, rich_compare_bool, self_iter};
use crate::protocol::{number, sequence};
use crate::types::str::StrBuilder;
use crate::types::bool::Bool;
use crate::types::seq_iter::builtin_attr;
use crate::types::{Dict, Int, Slice, Str, Tuple, bool_object, none, not_implemented};
use macros::{Traverse, pytype};
use std::cell::Cell;
use std::ptr;

#[repr(C)]
pub struct Range {
    head: ObjectHead,
    start: Owned<Int>,
    stop: Owned<Int>,
    step: Owned<Int>,
    length: Owned<Int>,
}

fn int(value: i64) -> Owned<Int> {
    Int::from_i64(value)
}

/// The result of arithmetic on ints, which is an int.
fn as_int(value: Owned) -> PyResult<Owned<Int>> {
    value.try_into_typed().map_err(|_| crate::errors::bad_internal_call())
}

fn add(a: &Int, b: &Int) -> PyResult<Owned<Int>> {
    as_int(number::add(a.as_object(), b.as_object())?)
}
fn subtract(a: &Int, b: &Int) -> PyResult<Owned<Int>> {
    as_int(number::subtract(a.as_object(), b.as_object())?)
}
fn multiply(a: &Int, b: &Int) -> PyResult<Owned<Int>> {
    as_int(number::multiply(a.as_object(), b.as_object())?)
}
fn floor_divide(a: &Int, b: &Int) -> PyResult<Owned<Int>> {
    as_int(number::floor_divide(a.as_object(), b.as_object())?)
}
fn less(a: &Int, b: &Int) -> PyResult<bool> {
    rich_compare_bool(a.as_object(), b.as_object(), CompareOp::Lt)
}
fn equal(a: &Int, b: &Int) -> PyResult<bool> {
    rich_compare_bool(a.as_object(), b.as_object(), CompareOp::Eq)
}

/// How many items, in machine words.
fn count(start: i64, stop: i64, step: i64) -> u64 {
    if step > 0 && start < stop {
        1 + (stop.wrapping_sub(start) as u64 - 1) / step as u64
    } else if step < 0 && start > stop {
        1 + (start.wrapping_sub(stop) as u64 - 1) / step.unsigned_abs()
    } else {
        0
    }
}

fn compute_length(start: &Int, stop: &Int, step: &Int) -> PyResult<Owned<Int>> {
    if let (Some(start), Some(stop), Some(step)) = (start.as_i64(), stop.as_i64(), step.as_i64()) {
        let n = count(start, stop, step);
        return Ok(if n <= i64::MAX as u64 { int(n as i64) } else { Int::from_u64(n) });
    }
    let negative;
    let (low, high, step) = if step.sign() > 0 {
        (start, stop, step)
    } else {
        negative = as_int(number::negative(step.as_object())?)?;
        (stop, start, &*negative)
    };
    if !less(low, high)? {
        return Ok(int(0));
    }
    let span = subtract(&*subtract(high, low)?, &*int(1))?;
    add(&*floor_divide(&span, step)?, &*int(1))
}

impl Range {
    pub fn new(start: Owned<Int>, stop: Owned<Int>, step: Owned<Int>) -> PyResult<Owned<Range>> {
        let length = compute_length(&start, &stop, &step)?;
        Self::construct(Self::type_object(), Range { head: ObjectHead::placeholder(), start, stop, step, length })
    }
    pub fn from_i64(start: i64, stop: i64, step: i64) -> PyResult<Owned<Range>> {
        Self::new(int(start), int(stop), int(step))
    }
    pub fn start(&self) -> &Int {
        &self.start
    }
    pub fn stop(&self) -> &Int {
        &self.stop
    }
    pub fn step(&self) -> &Int {
        &self.step
    }
    fn words(&self) -> Option<(i64, i64, i64)> {
        Some((self.start.as_i64()?, self.stop.as_i64()?, self.step.as_i64()?))
    }

    fn from_arguments(args: &[&Object]) -> PyResult<Owned<Range>> {
        match args {
            [] => Err(err!(TypeError, "range expected at least 1 argument, got 0")),
            [stop] => Self::new(int(0), number::index(stop)?, int(1)),
            [start, stop] => Self::new(number::index(start)?, number::index(stop)?, int(1)),
            [start, stop, step] => {
                let (start, stop, step) = (number::index(start)?, number::index(stop)?, number::index(step)?);
                if step.sign() == 0 {
                    return Err(err!(ValueError, "range() arg 3 must not be zero"));
                }
                Self::new(start, stop, step)
            }
            more => Err(err!(TypeError, "range expected at most 3 arguments, got {}", more.len())),
        }
    }

    /// `start + i * step`.
    fn item(&self, i: &Int) -> PyResult<Owned<Int>> {
        if let (Some(start), Some(step), Some(i)) = (self.start.as_i64(), self.step.as_i64(), i.as_i64())
            && let Some(value) = i.checked_mul(step).and_then(|d| d.checked_add(start))
        {
            return Ok(int(value));
        }
        add(&self.start, &*multiply(i, &self.step)?)
    }

    fn checked_item(&self, i: &Int) -> PyResult<Owned<Int>> {
        let shifted;
        let i = if i.sign() < 0 {
            shifted = add(i, &self.length)?;
            &*shifted
        } else {
            i
        };
        if i.sign() < 0 || !less(i, &self.length)? {
            return Err(err!(IndexError, "range object index out of range"));
        }
        self.item(i)
    }

    /// Membership of an int.
    fn contains_int(&self, value: &Int) -> PyResult<bool> {
        if let (Some((start, stop, step)), Some(value)) = (self.words(), value.as_i64()) {
            let inside = if step > 0 { start <= value && value < stop } else { stop < value && value <= start };
            return Ok(inside && (value as i128 - start as i128) % step as i128 == 0);
        }
        let inside = if self.step.sign() > 0 {
            !less(value, &self.start)? && less(value, &self.stop)?
        } else {
            !less(&self.start, value)? && less(&self.stop, value)?
        };
        if !inside {
            return Ok(false);
        }
        let rest = as_int(number::remainder(subtract(value, &self.start)?.as_object(), self.step.as_object())?)?;
        Ok(rest.sign() == 0)
    }

    fn equals(&self, other: &Range) -> PyResult<bool> {
        if ptr::eq(self, other) {
            return Ok(true);
        }
        if !equal(&self.length, &other.length)? {
            return Ok(false);
        }
        if self.length.sign() == 0 {
            return Ok(true);
        }
        if !equal(&self.start, &other.start)? {
            return Ok(false);
        }
        if self.length.as_i64() == Some(1) {
            return Ok(true);
        }
        equal(&self.step, &other.step)
    }
}

/// An exact int or a bool.
fn exact_int(o: &Object) -> Option<&Int> {
    if o.is_exact::<Int>() || o.is_exact::<Bool>() { Some(unsafe { o.cast() }) } else { None }
}

impl crate::macro_support::Traverse for Range {
    fn traverse(&self, _: &mut crate::macro_support::Visitor) {}
}

/// range(stop) -> range object
/// range(start, stop[, step]) -> range object
///
/// The ints from start (inclusive) to stop (exclusive) by step.
#[pytype(static = PyRange_Type, name = "range", flags = SEQUENCE, native,
    members = [("start", T_OBJECT, core::mem::offset_of!(Range, start), READONLY),
        ("stop", T_OBJECT, core::mem::offset_of!(Range, stop), READONLY),
        ("step", T_OBJECT, core::mem::offset_of!(Range, step), READONLY)])]
impl Range {
    #[slot]
    fn tp_new(_cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<Owned<Range>> {
        if kwargs.is_some_and(|k| !k.is_empty()) {
            return Err(err!(TypeError, "range() takes no keyword arguments"));
        }
        Self::from_arguments(args.as_slice())
    }
    #[slot]
    fn tp_vectorcall(_cls: &Type, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult<Owned<Range>> {
        if !kwargs.is_empty() {
            return Err(err!(TypeError, "range() takes no keyword arguments"));
        }
        Self::from_arguments(args)
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let mut text = StrBuilder::new();
        text.push_str("range(");
        text.push_str_object(&*protocol::repr(self.start.object())?)?;
        text.push_str(", ");
        text.push_str_object(&*protocol::repr(self.stop.object())?)?;
        if self.step.as_i64() != Some(1) {
            text.push_str(", ");
            text.push_str_object(&*protocol::repr(self.step.object())?)?;
        }
        text.push_str(")");
        text.finish()
    }
    #[slot]
    fn tp_hash(&self) -> PyResult<isize> {
        let start = if self.length.sign() == 0 { none() } else { self.start.object() };
        let step = if self.length.sign() == 0 || self.length.as_i64() == Some(1) { none() } else { self.step.object() };
        Tuple::compute_hash(&[self.length.object(), start, step])
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        let Some(other) = other.downcast_exact::<Range>() else { return Ok(not_implemented().to_owned()) };
        match op {
            CompareOp::Eq => Ok(bool_object(self.equals(other)?).to_owned()),
            CompareOp::Ne => Ok(bool_object(!self.equals(other)?).to_owned()),
            _ => Ok(not_implemented().to_owned()),
        }
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        if let Some((start, stop, step)) = self.words() {
            let n = count(start, stop, step);
            // The end must be a word too, lest the last addition overflow.
            if n <= i64::MAX as u64 && (n as i64).checked_mul(step).and_then(|d| d.checked_add(start)).is_some() {
                return RangeIterator::new(start, step, n as i64);
            }
        }
        LongRangeIterator::new(self.start.clone(), self.step.clone(), self.length.clone())
    }
    #[slot]
    fn nb_bool(&self) -> bool {
        self.length.sign() != 0
    }
    #[slot]
    fn sq_length(&self) -> PyResult<usize> {
        number::as_isize(self.length.object(), Some(exceptions::OverflowError())).map(|n| n as usize).map_err(|raised| {
            crate::errors::clear();
            let _ = raised;
            err!(OverflowError, "Python int too large to convert to C ssize_t")
        })
    }
    #[slot]
    fn sq_item(&self, i: isize) -> PyResult {
        let index = int(i as i64);
        if i < 0 || !less(&index, &self.length)? {
            return Err(err!(IndexError, "range object index out of range"));
        }
        Ok(self.item(&index)?.into_object())
    }
    #[slot]
    fn sq_contains(&self, value: &Object) -> PyResult<bool> {
        match exact_int(value) {
            Some(value) => self.contains_int(value),
            None => sequence::iter_contains(self.as_object(), value),
        }
    }
    #[slot]
    fn mp_length(&self) -> PyResult<usize> {
        self.sq_length()
    }
    #[slot]
    fn mp_subscript(&self, key: &Object) -> PyResult {
        if number::check_index(key) {
            return Ok(self.checked_item(&*number::index(key)?)?.into_object());
        }
        let Some(slice) = key.downcast_exact::<Slice>() else {
            return Err(err!(TypeError, "range indices must be integers or slices, not {}", key.type_name()));
        };
        let [start, stop, step] = slice.indices_for(&self.length)?;
        let (start, stop, step) = (as_int(start)?, as_int(stop)?, as_int(step)?);
        let range = Range::new(self.item(&start)?, self.item(&stop)?, multiply(&step, &self.step)?)?;
        Ok(range.into_object())
    }
    /// An iterator over the items in reverse order.
    #[method("__reversed__($self, /)", nosig)]
    fn reversed(&self) -> PyResult {
        if let (Some((start, _, step)), Some(n)) = (self.words(), self.length.as_i64())
            && let Some(new_stop) = start.checked_sub(step)
            && let Some(new_start) = n.checked_mul(step).and_then(|d| d.checked_add(new_stop))
            && let Some(new_step) = step.checked_neg()
        {
            return RangeIterator::new(new_start, new_step, n);
        }
        let last = self.item(&*subtract(&self.length, &*int(1))?)?;
        let step = as_int(number::negative(self.step.object())?)?;
        LongRangeIterator::new(last, step, self.length.clone())
    }
    /// State for pickling.
    #[method("__reduce__($self, /)", nosig)]
    fn reduce(&self) -> Owned<Tuple> {
        let fields = Tuple::new(&[self.start.object(), self.stop.object(), self.step.object()]);
        Tuple::pair(Self::type_object().as_object().to_owned(), fields.into_object())
    }
    /// rangeobject.count(value) -> how often a value occurs
    #[method("count($self, value, /)", nosig)]
    fn count_method(&self, value: &Object) -> PyResult {
        match exact_int(value) {
            Some(value) => Ok(int(self.contains_int(value)? as i64).into_object()),
            None => Ok(int(sequence::iter_count(self.as_object(), value)? as i64).into_object()),
        }
    }
    /// rangeobject.index(value) -> the index of a value.
    /// Raises ValueError if the value is not present.
    #[method("index($self, value, /)", nosig)]
    fn index(&self, value: &Object) -> PyResult {
        let Some(value) = exact_int(value) else {
            return Ok(int(sequence::iter_index(self.as_object(), value)? as i64).into_object());
        };
        if !self.contains_int(value)? {
            return Err(err!(ValueError, "range.index(x): x not in range"));
        }
        let distance = subtract(value, &self.start)?;
        Ok(floor_divide(&distance, &self.step)?.into_object())
    }
}

// ---- iterators ------------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct RangeIterator {
    head: ObjectHead,
    pub start: Cell<i64>,
    pub step: Cell<i64>,
    pub len: Cell<i64>,
}

impl RangeIterator {
    #[inline]
    pub fn new(start: i64, step: i64, len: i64) -> PyResult {
        let value = RangeIterator { head: ObjectHead::placeholder(), start: Cell::new(start), step: Cell::new(step), len: Cell::new(len) };
        Ok(Self::construct(Self::type_object(), value)?.into_object())
    }
    /// For the interpreter: the object as an iterator of exactly this type.
    #[inline(always)]
    pub fn exact(o: &Object) -> Option<&RangeIterator> {
        o.downcast_exact()
    }
    #[inline(always)]
    pub fn next_value(&self) -> Option<i64> {
        self.next_i64()
    }
    /// The next number.
    #[inline(always)]
    pub fn next_i64(&self) -> Option<i64> {
        let left = self.len.get();
        if left <= 0 {
            return None;
        }
        let value = self.start.get();
        self.start.set(value.wrapping_add(self.step.get()));
        self.len.set(left - 1);
        Some(value)
    }
}

#[pytype(static = PyRangeIter_Type, name = "range_iterator", flags = DISALLOW_INSTANTIATION, native)]
impl RangeIterator {
    #[slot]
    fn tp_iter(&self) -> PyResult {
        Ok(self_iter(self.as_object()))
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned<Int>>> {
        Ok(self.next_i64().map(int))
    }
    /// A guess at how many items are left.
    #[method("__length_hint__($self, /)", nosig)]
    fn length_hint(&self) -> i64 {
        self.len.get()
    }
    /// State for pickling.
    #[method("__reduce__($self, /)", nosig)]
    fn reduce(&self) -> PyResult<Owned<Tuple>> {
        let (start, step) = (self.start.get(), self.step.get());
        let stop = start.wrapping_add(self.len.get().wrapping_mul(step));
        let range = Range::from_i64(start, stop, step)?;
        Ok(Tuple::triple(builtin_attr("iter")?, Tuple::single(range.into_object()).into_object(), none().to_owned()))
    }
    /// Set state when unpickling.
    #[method("__setstate__($self, object, /)", nosig)]
    fn setstate(&self, state: i64) {
        let state = state.clamp(0, self.len.get().max(0));
        self.start.set(self.start.get().wrapping_add(state.wrapping_mul(self.step.get())));
        self.len.set(self.len.get() - state);
    }
}

#[repr(C)]
pub struct LongRangeIterator {
    head: ObjectHead,
    start: Cell<Option<Owned<Int>>>,
    step: Owned<Int>,
    len: Cell<Option<Owned<Int>>>,
}

impl crate::macro_support::Traverse for LongRangeIterator {
    fn traverse(&self, _: &mut crate::macro_support::Visitor) {}
}

impl LongRangeIterator {
    fn new(start: Owned<Int>, step: Owned<Int>, len: Owned<Int>) -> PyResult {
        let value = LongRangeIterator { head: ObjectHead::placeholder(), start: Cell::new(Some(start)), step, len: Cell::new(Some(len)) };
        Ok(Self::construct(Self::type_object(), value)?.into_object())
    }
    fn state(&self) -> PyResult<(Owned<Int>, Owned<Int>)> {
        // SAFETY: cloned at once.
        let (start, len) = unsafe { ((*self.start.as_ptr()).clone(), (*self.len.as_ptr()).clone()) };
        match (start, len) {
            (Some(start), Some(len)) => Ok((start, len)),
            _ => Err(no_memory()),
        }
    }
}

#[pytype(static = PyLongRangeIter_Type, name = "longrange_iterator", flags = DISALLOW_INSTANTIATION, native)]
impl LongRangeIterator {
    #[slot]
    fn tp_iter(&self) -> PyResult {
        Ok(self_iter(self.as_object()))
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned<Int>>> {
        let (start, len) = self.state()?;
        if len.sign() <= 0 {
            return Ok(None);
        }
        let next = add(&start, &self.step)?;
        let left = subtract(&len, &*int(1))?;
        drop(self.start.replace(Some(next)));
        drop(self.len.replace(Some(left)));
        Ok(Some(start))
    }
    /// A guess at how many items are left.
    #[method("__length_hint__($self, /)", nosig)]
    fn length_hint(&self) -> PyResult {
        Ok(self.state()?.1.into_object())
    }
    /// State for pickling.
    #[method("__reduce__($self, /)", nosig)]
    fn reduce(&self) -> PyResult<Owned<Tuple>> {
        let (start, len) = self.state()?;
        let stop = add(&start, &*multiply(&len, &self.step)?)?;
        let range = Range::new(start, stop, self.step.clone())?;
        Ok(Tuple::triple(builtin_attr("iter")?, Tuple::single(range.into_object()).into_object(), none().to_owned()))
    }
    /// Set state when unpickling.
    #[method("__setstate__($self, object, /)", nosig)]
    fn setstate(&self, state: &Object) -> PyResult<()> {
        let Some(state) = state.downcast::<Int>() else {
            return Err(err!(TypeError, "state must be an int, not {}", state.type_name()));
        };
        let (start, len) = self.state()?;
        let zero = int(0);
        let state = if state.sign() < 0 {
            &*zero
        } else if less(&len, state)? {
            &*len
        } else {
            state
        };
        let moved = add(&start, &*multiply(state, &self.step)?)?;
        let left = subtract(&len, state)?;
        drop(self.start.replace(Some(moved)));
        drop(self.len.replace(Some(left)));
        Ok(())
    }
}
