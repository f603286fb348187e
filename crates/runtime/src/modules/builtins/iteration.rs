//! The built-in functions that run over iterables: `all any iter max min next sorted sum`.

use crate::err;
use crate::errors::{self, PyResult};
use crate::exceptions;
use crate::macro_support::{Args, KwArgs, bad_keywords, check_positional};
use crate::object::{Object, Owned, PyTyped};
use crate::protocol::object::{CompareOp, is_true, rich_compare_bool};
use crate::protocol::{call, iter, number, object, sequence};
use crate::types::seq_iter::CallableIterator;
use crate::types::{self, Bool, ByteArray, Bytes, Complex, Dict, Float, Int, List, Str, Tuple};
use crate::intern;
use macros::pyfunctions;

/// A sum of floats that keeps what rounding lost (Neumaier's variant of Kahan's).
#[derive(Clone, Copy)]
struct CompensatedSum {
    high: f64,
    low: f64,
}

impl CompensatedSum {
    fn new(value: f64) -> CompensatedSum {
        CompensatedSum { high: value, low: 0.0 }
    }
    #[inline]
    fn add(&mut self, x: f64) {
        let t = self.high + x;
        self.low += if self.high.abs() >= x.abs() { (self.high - t) + x } else { (x - t) + self.high };
        self.high = t;
    }
    fn value(self) -> f64 {
        // Overflow leaves no meaningful correction.
        if self.low != 0.0 && self.low.is_finite() { self.high + self.low } else { self.high }
    }
}

/// Adds up while everything is an int that fits a machine word. `Err` gives back what to go on with, or the end.
fn sum_ints(iterator: &Object, start: i64) -> PyResult<(Owned, bool)> {
    let mut total = start;
    loop {
        let Some(item) = iter::iter_next(iterator)? else { return Ok((Int::from_i64(total).into_object(), true)) };
        if (Int::check_exact(&item) || Bool::check_exact(&item))
            // SAFETY: an int.
            && let Some(value) = unsafe { item.cast::<Int>() }.as_i64()
            && let Some(next) = total.checked_add(value)
        {
            total = next;
            continue;
        }
        return Ok((number::add(&Int::from_i64(total), &item)?, false));
    }
}

fn sum_floats(iterator: &Object, start: f64) -> PyResult<(Owned, bool)> {
    let mut total = CompensatedSum::new(start);
    loop {
        let Some(item) = iter::iter_next(iterator)? else { return Ok((Float::new(total.value()).into_object(), true)) };
        if let Some(value) = item.downcast_exact::<Float>() {
            total.add(value.value());
        } else if let Some(value) = item.downcast::<Int>() {
            total.add(value.as_f64()?);
        } else {
            return Ok((number::add(&Float::new(total.value()), &item)?, false));
        }
    }
}

fn sum_complexes(iterator: &Object, start: &Complex) -> PyResult<(Owned, bool)> {
    let (mut real, mut imag) = (CompensatedSum::new(start.value().0), CompensatedSum::new(start.value().1));
    loop {
        let so_far = || Complex::new(real.value(), imag.value()).into_object();
        let Some(item) = iter::iter_next(iterator)? else { return Ok((so_far(), true)) };
        if let Some(value) = item.downcast_exact::<Complex>() {
            real.add(value.value().0);
            imag.add(value.value().1);
        } else if let Some(value) = item.downcast::<Int>() {
            real.add(value.as_f64()?);
        } else if let Some(value) = item.downcast::<Float>() {
            real.add(value.value());
        } else {
            return Ok((number::add(&so_far(), &item)?, false));
        }
    }
}

fn extreme(name: &'static str, op: CompareOp, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult {
    check_positional(name, args.len(), 1, usize::MAX)?;
    let (mut key, mut default) = (None, None);
    for (word, value) in kwargs.iter() {
        match word.downcast::<Str>() {
            Some(word) if word.eq_str("key") => key = Some(value).filter(|v| !v.is_none()),
            Some(word) if word.eq_str("default") => default = Some(value),
            _ => return Err(bad_keywords(name, &["key", "default"], kwargs.names.iter().copied())),
        }
    }
    let several = args.len() > 1;
    if several && default.is_some() {
        return Err(err!(TypeError, "Cannot specify a default for {}() with multiple positional arguments", name));
    }
    let best = if several {
        let mut items = args.iter().map(|item| Object::to_owned(item));
        best_of(|| Ok(items.next()), key, op)?
    } else {
        let iterator = iter::get_iter(args[0])?;
        best_of(|| iter::iter_next(&iterator), key, op)?
    };
    match (best, default) {
        (Some(item), _) => Ok(item),
        (None, Some(default)) => Ok(default.to_owned()),
        (None, None) => Err(err!(ValueError, "{}() iterable argument is empty", name)),
    }
}

/// The first item that none of the later ones is before, by `op`; of items or of what `key` makes of them.
#[inline(always)]
fn best_of(mut next: impl FnMut() -> PyResult<Option<Owned>>, key: Option<&Object>, op: CompareOp) -> PyResult<Option<Owned>> {
    let Some(mut best) = next()? else { return Ok(None) };
    let Some(key) = key else {
        while let Some(item) = next()? {
            if rich_compare_bool(&item, &best, op)? {
                drop(std::mem::replace(&mut best, item));
            }
        }
        return Ok(Some(best));
    };
    let mut best_value = call::call1(key, &best)?;
    while let Some(item) = next()? {
        let value = call::call1(key, &item)?;
        if rich_compare_bool(&value, &best_value, op)? {
            drop(std::mem::replace(&mut best, item));
            drop(std::mem::replace(&mut best_value, value));
        }
    }
    Ok(Some(best))
}

/// Runs `test` over the items' truth until one has the value `wanted`.
fn find_truth(iterable: &Object, wanted: bool) -> PyResult<bool> {
    let iterator = iter::get_iter(iterable)?;
    while let Some(item) = iter::iter_next(&iterator)? {
        if is_true(&item)? == wanted {
            return Ok(true);
        }
    }
    Ok(false)
}

#[pyfunctions(ITERATION)]
pub mod functions {
    use super::*;

    /// Whether all items of the iterable are true; so it is for an empty one.
    #[function("all($module, iterable, /)")]
    fn all(iterable: &Object) -> PyResult<bool> {
        Ok(!find_truth(iterable, false)?)
    }

    /// Whether an item of the iterable is true.
    #[function("any($module, iterable, /)")]
    fn any(iterable: &Object) -> PyResult<bool> {
        find_truth(iterable, true)
    }

    /// iter(iterable) -> iterator
    /// iter(callable, sentinel) -> iterator
    ///
    /// The iterator of an object; or one that calls until the sentinel comes back.
    #[function("iter($module, object, sentinel=<unrepresentable>, /)", nosig)]
    fn iter(object: &Object, sentinel: Option<&Object>) -> PyResult {
        let Some(sentinel) = sentinel else { return super::iter::get_iter(object) };
        if !super::object::is_callable(object) {
            return Err(err!(TypeError, "iter(v, w): v must be callable"));
        }
        CallableIterator::new(object, sentinel)
    }

    /// next(iterator[, default])
    ///
    /// The next item; at the end the default, if there is one, else StopIteration.
    #[function("next($module, iterator, default=<unrepresentable>, /)", nosig)]
    fn next(iterator: &Object, default: Option<&Object>) -> PyResult {
        match super::iter::next_raising(iterator) {
            Ok(Some(item)) => Ok(item),
            Ok(None) => match default {
                Some(default) => Ok(default.to_owned()),
                None => Err(errors::raise_none(exceptions::StopIteration())),
            },
            Err(raised) => match default {
                Some(default) if errors::matches(exceptions::StopIteration()) => {
                    errors::clear();
                    Ok(default.to_owned())
                }
                _ => Err(raised),
            },
        }
    }

    /// max(iterable, *[, default=obj, key=func]) -> value
    /// max(arg1, arg2, *args, *[, key=func]) -> value
    ///
    /// The largest item of an iterable, or the largest argument.
    #[function("max($module, *args, **kwargs)", nosig)]
    fn max(args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult {
        extreme("max", CompareOp::Gt, args, kwargs)
    }

    /// min(iterable, *[, default=obj, key=func]) -> value
    /// min(arg1, arg2, *args, *[, key=func]) -> value
    ///
    /// The smallest item of an iterable, or the smallest argument.
    #[function("min($module, *args, **kwargs)", nosig)]
    fn min(args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult {
        extreme("min", CompareOp::Lt, args, kwargs)
    }

    /// sorted($module, iterable, /, *, key=None, reverse=False)
    /// --
    ///
    /// A new list of the iterable's items in ascending order.
    ///
    /// 'key' computes what items are compared by; 'reverse' asks for descending order.
    #[function("sorted($module, *args, **kwargs)", nosig)]
    fn sorted(args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult<Owned<List>> {
        check_positional("sorted", args.len(), 1, 1)?;
        let list = sequence::to_list(args[0])?;
        let (mut key, mut reverse, mut known) = (None, false, true);
        for (word, value) in kwargs.iter() {
            match word.downcast::<Str>() {
                Some(word) if word.eq_str("key") => key = Some(value),
                Some(word) if word.eq_str("reverse") => reverse = is_true(value)?,
                _ => known = false,
            }
        }
        if known {
            types::list_sort::sort(&list, key, reverse)?;
        } else {
            // list.sort knows what to say.
            let words = Dict::new();
            for (word, value) in kwargs.iter() {
                words.set_item(word, value)?;
            }
            let method = object::get_attr(&list, intern!("sort"))?;
            call::call(&method, &Tuple::empty(), Some(&words))?;
        }
        Ok(list)
    }

    /// The sum of the iterable's items and of 'start'. Made for numbers.
    #[function("sum($module, iterable, /, start=0)")]
    fn sum(iterable: &Object, start: Option<&Object>) -> PyResult {
        let iterator = super::iter::get_iter(iterable)?;
        if let Some(start) = start {
            let refused = if Str::check(start) {
                Some("strings [use ''.join(seq) instead]")
            } else if Bytes::check(start) {
                Some("bytes [use b''.join(seq) instead]")
            } else if ByteArray::check(start) {
                Some("bytearray [use b''.join(seq) instead]")
            } else {
                None
            };
            if let Some(refused) = refused {
                return Err(err!(TypeError, "sum() can't sum {}", refused));
            }
        }
        let mut total = match start {
            Some(start) => start.to_owned(),
            None => Int::from_i64(0).into_object(),
        };
        let small = if Int::check_exact(&total) { total.downcast_exact::<Int>().and_then(|v| v.as_i64()) } else { None };
        if let Some(small) = small {
            let (value, done) = sum_ints(&iterator, small)?;
            if done {
                return Ok(value);
            }
            total = value;
        }
        if let Some(float) = total.downcast_exact::<Float>() {
            let (value, done) = sum_floats(&iterator, float.value())?;
            if done {
                return Ok(value);
            }
            total = value;
        }
        if let Some(complex) = total.downcast_exact::<Complex>() {
            let (value, done) = sum_complexes(&iterator, complex)?;
            if done {
                return Ok(value);
            }
            total = value;
        }
        while let Some(item) = super::iter::iter_next(&iterator)? {
            total = number::add(&total, &item)?;
        }
        Ok(total)
    }
}
