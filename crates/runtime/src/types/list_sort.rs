//! `list.sort`: a stable adaptive merge sort with galloping over natural runs (timsort, with powersort's merge order).
//!
//! Keys and values are taken out of the list while it is sorted (the list looks empty, and a change is noticed); comparisons may raise and
//! run any code. Keys that are all strs of one width, small ints, floats, or tuples beginning with such are compared without calls.
//! Invariant: at every moment the arrays hold each item exactly once, in some order, or the item is in the temporary area of the merge that
//! is under way, which puts it back before an error leaves.

use crate::err;
use crate::errors::{PyResult, no_memory};
use crate::object::{Object, Owned, PyTyped, xdecref};
use crate::protocol::call;
use crate::protocol::object::{CompareOp, rich_compare, rich_compare_bool, is_true};
use crate::types::{Float, Int, List, Str, Tuple};
use abi::{PyObject, PyTypeObject};
use std::ptr;

type P = *mut PyObject;

const MAX_MINRUN: usize = 64;
const MIN_GALLOP: usize = 7;

/// How two keys are compared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Keys {
    /// `<` as the language has it.
    Any,
    /// All of one type whose `tp_richcompare` is called directly while it is what it was.
    SameType,
    /// Exact strs of one byte per character.
    Latin,
    /// Exact ints of at most one digit.
    SmallInt,
    /// Exact floats.
    Float,
}

struct Comparison {
    keys: Keys,
    /// Keys are non-empty exact tuples; `keys` tells of their first items.
    tuples: bool,
    compare: Option<abi::richcmpfunc>,
    ty: *mut PyTypeObject,
}

/// Sorts the list in place.
pub fn sort(list: &List, key: Option<&Object>, reverse: bool) -> PyResult<()> {
    let key = key.filter(|k| !k.is_none());
    let n = list.len();
    // The items are taken out of the list: what code sees meanwhile is an empty list.
    let items = list.items_ptr();
    let allocated = list.0.allocated.get();
    list.set_len(0);
    list.0.ob_item.set(ptr::null_mut());
    list.0.allocated.set(-1);

    // SAFETY: the array is ours until it is put back.
    let result = unsafe { sort_items(items, n, key, reverse) };

    let changed = list.0.allocated.get() != -1;
    let (late_items, late_len) = (list.items_ptr(), list.len());
    list.0.ob_item.set(items);
    list.set_len(n);
    list.0.allocated.set(allocated);
    // SAFETY: what was put into the list meanwhile is dropped.
    unsafe {
        if !late_items.is_null() {
            for i in (0..late_len).rev() {
                xdecref(*late_items.add(i));
            }
            crate::memory::mem_free(late_items as *mut _);
        }
    }
    result?;
    if changed {
        return Err(err!(ValueError, "list modified during sort"));
    }
    Ok(())
}

unsafe fn sort_items(items: *mut P, n: usize, key: Option<&Object>, reverse: bool) -> PyResult<()> {
    unsafe {
        let Some(key) = key else {
            return sort_pairs(items, ptr::null_mut(), n, reverse);
        };
        let mut keys: Vec<P> = Vec::new();
        keys.try_reserve_exact(n).map_err(|_| no_memory())?;
        let mut result = Ok(());
        for i in 0..n {
            match call::call1(key, Object::from_ptr(*items.add(i))) {
                Ok(k) => keys.push(k.into_raw()),
                Err(raised) => {
                    result = Err(raised);
                    break;
                }
            }
        }
        if result.is_ok() {
            result = sort_pairs(keys.as_mut_ptr(), items, n, reverse);
        }
        crate::errors::preserve(|| keys.iter().for_each(|&k| xdecref(k)));
        result
    }
}

/// Sorts `keys` and, in step, `values` (which may be NULL).
unsafe fn sort_pairs(keys: *mut P, values: *mut P, n: usize, reverse: bool) -> PyResult<()> {
    unsafe {
        if n < 2 {
            return Ok(());
        }
        let comparison = examine(keys, n);
        let mut area = Area { keys, values };
        // Reversing before and after keeps equal items in their order.
        if reverse {
            area.reverse(0, n);
        }
        let result = if comparison.tuples {
            match comparison.keys {
                Keys::Latin => run(&mut area, n, &|a, b| tuple_less(a, b, &comparison, |a, b| latin_less(a, b))),
                Keys::SmallInt => run(&mut area, n, &|a, b| tuple_less(a, b, &comparison, |a, b| int_less(a, b))),
                Keys::Float => run(&mut area, n, &|a, b| tuple_less(a, b, &comparison, |a, b| float_less(a, b))),
                Keys::SameType => {
                    let first = |a: P, b: P| same_type_less(a, b, &comparison);
                    run(&mut area, n, &|a, b| tuple_less(a, b, &comparison, first))
                }
                Keys::Any => run(&mut area, n, &|a, b| tuple_less(a, b, &comparison, |a, b| any_less(a, b))),
            }
        } else {
            match comparison.keys {
                Keys::Latin => run(&mut area, n, &|a, b| latin_less(a, b)),
                Keys::SmallInt => run(&mut area, n, &|a, b| int_less(a, b)),
                Keys::Float => run(&mut area, n, &|a, b| float_less(a, b)),
                Keys::SameType => run(&mut area, n, &|a, b| same_type_less(a, b, &comparison)),
                Keys::Any => run(&mut area, n, &|a, b| any_less(a, b)),
            }
        };
        if reverse {
            area.reverse(0, n);
        }
        result
    }
}

// ---- comparisons ----------------------------------------------------------------------------------------------------------------

unsafe fn type_of(o: P) -> *mut PyTypeObject {
    unsafe { (*o).ob_type.get() }
}

/// What all keys have in common.
unsafe fn examine(keys: *const P, n: usize) -> Comparison {
    unsafe {
        let mut comparison = Comparison { keys: Keys::Any, tuples: false, compare: None, ty: ptr::null_mut() };
        let tuple = Tuple::type_object().as_type_ptr();
        let at = |i: usize| *keys.add(i);
        comparison.tuples = (0..n).all(|i| type_of(at(i)) == tuple && (*(at(i) as *const Tuple)).len() > 0);
        let tuples = comparison.tuples;
        let item = |i: usize| if tuples { (*(at(i) as *const Tuple)).get(0).as_ptr() } else { at(i) };
        let ty = type_of(item(0));
        if !(0..n).all(|i| type_of(item(i)) == ty) {
            return comparison;
        }
        comparison.ty = ty;
        comparison.compare = (*ty).tp_richcompare.get();
        let all = |test: &dyn Fn(P) -> bool| (0..n).all(|i| test(item(i)));
        comparison.keys = if ty == Str::type_object().as_type_ptr() && all(&|o| is_latin(o)) {
            Keys::Latin
        } else if ty == Int::type_object().as_type_ptr() && all(&|o| is_small(o)) {
            Keys::SmallInt
        } else if ty == Float::type_object().as_type_ptr() {
            Keys::Float
        } else if comparison.compare.is_some() && !(tuples && ty == tuple) {
            Keys::SameType
        } else {
            Keys::Any
        };
        comparison
    }
}

unsafe fn is_latin(o: P) -> bool {
    unsafe { (*(o as *const abi::PyASCIIObject)).state.get() & abi::PyUnicode_STATE_KIND_MASK == abi::PyUnicode_1BYTE_KIND << abi::PyUnicode_STATE_KIND_SHIFT }
}

unsafe fn is_small(o: P) -> bool {
    unsafe { (*(o as *const abi::PyLongObject)).long_value.lv_tag.get() < 16 }
}

#[inline(always)]
unsafe fn latin_less(a: P, b: P) -> PyResult<bool> {
    unsafe {
        let text = |o: P| {
            let s = &*(o as *const abi::PyASCIIObject);
            let data = if s.state.get() & abi::PyUnicode_STATE_ASCII != 0 { 40 } else { 56 };
            std::slice::from_raw_parts((o as *const u8).add(data), s.length.get() as usize)
        };
        Ok(text(a) < text(b))
    }
}

#[inline(always)]
unsafe fn int_less(a: P, b: P) -> PyResult<bool> {
    unsafe {
        let value = |o: P| {
            let v = &(*(o as *const abi::PyLongObject)).long_value;
            (1 - (v.lv_tag.get() & 3) as i64) * v.ob_digit[0].get() as i64
        };
        Ok(value(a) < value(b))
    }
}

#[inline(always)]
unsafe fn float_less(a: P, b: P) -> PyResult<bool> {
    unsafe { Ok((*(a as *const abi::PyFloatObject)).ob_fval.get() < (*(b as *const abi::PyFloatObject)).ob_fval.get()) }
}

#[inline(never)]
unsafe fn any_less(a: P, b: P) -> PyResult<bool> {
    unsafe { rich_compare_bool_lt(Object::from_ptr(a), Object::from_ptr(b)) }
}

/// `a < b` without the identity shortcut (`<` has none).
fn rich_compare_bool_lt(a: &Object, b: &Object) -> PyResult<bool> {
    let result = rich_compare(a, b, CompareOp::Lt)?;
    is_true(&result)
}

unsafe fn same_type_less(a: P, b: P, comparison: &Comparison) -> PyResult<bool> {
    unsafe {
        // The type may have been changed by a comparison.
        let Some(compare) = comparison.compare else { return any_less(a, b) };
        if type_of(a) != comparison.ty || (*comparison.ty).tp_richcompare.get() != comparison.compare {
            return any_less(a, b);
        }
        let result = crate::errors::from_c(compare(a, b, CompareOp::Lt as i32))?;
        if result.is(crate::types::not_implemented()) {
            return any_less(a, b);
        }
        is_true(&result)
    }
}

/// Tuples: the first items differ mostly; only if they are equal the rest is asked.
#[inline(always)]
unsafe fn tuple_less(a: P, b: P, comparison: &Comparison, first: impl Fn(P, P) -> PyResult<bool>) -> PyResult<bool> {
    unsafe {
        let (x, y) = (&*(a as *const Tuple), &*(b as *const Tuple));
        let (x0, y0) = (x.get(0), y.get(0));
        match comparison.keys {
            Keys::Latin | Keys::SmallInt | Keys::Float => {
                if first(x0.as_ptr(), y0.as_ptr())? {
                    return Ok(true);
                }
                if first(y0.as_ptr(), x0.as_ptr())? {
                    return Ok(false);
                }
                // Neither is less: equal, or a NaN, which is equal only to itself.
                if comparison.keys == Keys::Float && !rich_compare_bool(x0, y0, CompareOp::Eq)? {
                    return Ok(false);
                }
            }
            _ => {
                if !rich_compare_bool(x0, y0, CompareOp::Eq)? {
                    return first(x0.as_ptr(), y0.as_ptr());
                }
            }
        }
        let mut i = 1;
        while i < x.len() && i < y.len() {
            if !rich_compare_bool(x.get(i), y.get(i), CompareOp::Eq)? {
                return any_less(x.get(i).as_ptr(), y.get(i).as_ptr());
            }
            i += 1;
        }
        Ok(x.len() < y.len())
    }
}

// ---- the arrays -----------------------------------------------------------------------------------------------------------------

/// Keys, and values that move with them.
struct Area {
    keys: *mut P,
    values: *mut P,
}

impl Area {
    #[inline(always)]
    unsafe fn key(&self, i: usize) -> P {
        unsafe { *self.keys.add(i) }
    }
    unsafe fn reverse(&mut self, lo: usize, hi: usize) {
        unsafe {
            std::slice::from_raw_parts_mut(self.keys.add(lo), hi - lo).reverse();
            if !self.values.is_null() {
                std::slice::from_raw_parts_mut(self.values.add(lo), hi - lo).reverse();
            }
        }
    }
    /// Moves `n` items within the arrays.
    #[inline(always)]
    unsafe fn shift(&mut self, from: usize, to: usize, n: usize) {
        unsafe {
            ptr::copy(self.keys.add(from), self.keys.add(to), n);
            if !self.values.is_null() {
                ptr::copy(self.values.add(from), self.values.add(to), n);
            }
        }
    }
}

/// Items set aside during a merge.
#[derive(Default)]
struct Temp {
    keys: Vec<P>,
    values: Vec<P>,
}

impl Temp {
    unsafe fn take(&mut self, area: &Area, at: usize, n: usize) -> PyResult<()> {
        unsafe {
            self.keys.clear();
            self.values.clear();
            self.keys.try_reserve(n).map_err(|_| no_memory())?;
            self.keys.extend_from_slice(std::slice::from_raw_parts(area.keys.add(at), n));
            if !area.values.is_null() {
                self.values.try_reserve(n).map_err(|_| no_memory())?;
                self.values.extend_from_slice(std::slice::from_raw_parts(area.values.add(at), n));
            }
            Ok(())
        }
    }
    /// Puts items back into the arrays.
    #[inline(always)]
    unsafe fn put(&self, from: usize, area: &mut Area, to: usize, n: usize) {
        unsafe {
            ptr::copy_nonoverlapping(self.keys.as_ptr().add(from), area.keys.add(to), n);
            if !area.values.is_null() {
                ptr::copy_nonoverlapping(self.values.as_ptr().add(from), area.values.add(to), n);
            }
        }
    }
}

// ---- the sort -------------------------------------------------------------------------------------------------------------------

/// A run that waits to be merged, and the power of the boundary behind it.
struct Run {
    at: usize,
    len: usize,
    power: u32,
}

struct Sorter<'a, L> {
    less: &'a L,
    temp: Temp,
    min_gallop: usize,
    pending: Vec<Run>,
}

unsafe fn run<L: Fn(P, P) -> PyResult<bool>>(area: &mut Area, n: usize, less: &L) -> PyResult<()> {
    unsafe {
        let mut sorter = Sorter { less, temp: Temp::default(), min_gallop: MIN_GALLOP, pending: Vec::new() };
        let least = min_run(n);
        let mut lo = 0;
        while lo < n {
            let mut len = sorter.count_run(area, lo, n)?;
            if len < least {
                let force = least.min(n - lo);
                sorter.binary_insertion(area, lo, lo + force, lo + len)?;
                len = force;
            }
            sorter.found_new_run(area, lo, len, n)?;
            sorter.pending.push(Run { at: lo, len, power: 0 });
            lo += len;
        }
        while sorter.pending.len() > 1 {
            let mut at = sorter.pending.len() - 2;
            if at > 0 && sorter.pending[at - 1].len < sorter.pending[at + 1].len {
                at -= 1;
            }
            sorter.merge_at(area, at)?;
        }
        Ok(())
    }
}

/// The least length of a run: between half of `MAX_MINRUN` and it, so that `n` divided by it is a power of 2 or a little less.
fn min_run(mut n: usize) -> usize {
    let mut rest = 0;
    while n >= MAX_MINRUN {
        rest |= n & 1;
        n >>= 1;
    }
    n + rest
}

impl<L: Fn(P, P) -> PyResult<bool>> Sorter<'_, L> {
    #[inline(always)]
    fn less(&self, a: P, b: P) -> PyResult<bool> {
        (self.less)(a, b)
    }

    /// The length of the run that begins at `lo`; a descending one is reversed, its stretches of equal items keep their order.
    unsafe fn count_run(&self, area: &mut Area, lo: usize, hi: usize) -> PyResult<usize> {
        unsafe {
            let n = self.ascending(area, lo, hi, 1)?;
            if lo + n == hi {
                return Ok(n);
            }
            if n > 1 {
                if self.less(area.key(lo), area.key(lo + n - 1))? {
                    return Ok(n);
                }
                // All equal so far: the beginning of a descent.
                area.reverse(lo, lo + n);
            }
            let n = self.descending(area, lo, hi, n + 1)?;
            area.reverse(lo, lo + n);
            // What follows may go on from the new end.
            self.ascending(area, lo, hi, n)
        }
    }

    /// How far items do not become smaller, beyond the first `n`.
    unsafe fn ascending(&self, area: &Area, lo: usize, hi: usize, mut n: usize) -> PyResult<usize> {
        unsafe {
            while lo + n < hi && !self.less(area.key(lo + n), area.key(lo + n - 1))? {
                n += 1;
            }
            Ok(n)
        }
    }

    /// How far items do not become greater, beyond the first `n`; stretches of equal ones are reversed.
    unsafe fn descending(&self, area: &mut Area, lo: usize, hi: usize, mut n: usize) -> PyResult<usize> {
        unsafe {
            let mut equal = 0;
            while lo + n < hi {
                if self.less(area.key(lo + n), area.key(lo + n - 1))? {
                    if equal > 0 {
                        area.reverse(lo + n - 1 - equal, lo + n);
                        equal = 0;
                    }
                } else if self.less(area.key(lo + n - 1), area.key(lo + n))? {
                    break;
                } else {
                    equal += 1;
                }
                n += 1;
            }
            if equal > 0 {
                area.reverse(lo + n - 1 - equal, lo + n);
            }
            Ok(n)
        }
    }

    /// Sorts `lo..hi` of which `lo..start` is sorted.
    unsafe fn binary_insertion(&self, area: &mut Area, lo: usize, hi: usize, start: usize) -> PyResult<()> {
        unsafe {
            let mut at = start.max(lo + 1);
            while at < hi {
                let pivot = area.key(at);
                let (mut l, mut r) = (lo, at);
                while l < r {
                    let mid = (l + r) / 2;
                    if self.less(pivot, area.key(mid))? {
                        r = mid;
                    } else {
                        l = mid + 1;
                    }
                }
                let keys = area.keys;
                ptr::copy(keys.add(l), keys.add(l + 1), at - l);
                *keys.add(l) = pivot;
                if !area.values.is_null() {
                    let values = area.values;
                    let value = *values.add(at);
                    ptr::copy(values.add(l), values.add(l + 1), at - l);
                    *values.add(l) = value;
                }
                at += 1;
            }
            Ok(())
        }
    }

    /// Merges waiting runs whose boundaries lie deeper than the new one's (powersort).
    unsafe fn found_new_run(&mut self, area: &mut Area, at: usize, len: usize, n: usize) -> PyResult<()> {
        unsafe {
            let Some(last) = self.pending.last() else { return Ok(()) };
            let power = power(last.at, last.len, len, n);
            debug_assert_eq!(last.at + last.len, at);
            while self.pending.len() > 1 && self.pending[self.pending.len() - 2].power > power {
                self.merge_at(area, self.pending.len() - 2)?;
            }
            if let Some(last) = self.pending.last_mut() {
                last.power = power;
            }
            Ok(())
        }
    }

    /// Merges waiting runs `i` and `i + 1`.
    unsafe fn merge_at(&mut self, area: &mut Area, i: usize) -> PyResult<()> {
        unsafe {
            let (mut a, mut na) = (self.pending[i].at, self.pending[i].len);
            let (b, nb) = (self.pending[i + 1].at, self.pending[i + 1].len);
            self.pending[i].len = na + nb;
            self.pending.remove(i + 1);
            // What is in place already at either end stays.
            let k = self.gallop_right(area.key(b), area.keys.add(a), na, 0)?;
            a += k;
            na -= k;
            if na == 0 {
                return Ok(());
            }
            let nb = self.gallop_left(area.key(a + na - 1), area.keys.add(b), nb, nb - 1)?;
            if nb == 0 {
                return Ok(());
            }
            if na <= nb { self.merge_low(area, a, na, b, nb) } else { self.merge_high(area, a, na, b, nb) }
        }
    }

    /// Where `key` goes in a sorted stretch, before equal items; the search begins at `hint`.
    unsafe fn gallop_left(&self, key: P, run: *const P, n: usize, hint: usize) -> PyResult<usize> {
        unsafe {
            let at = |i: usize| *run.add(i);
            let (mut last, mut ofs) = (0usize, 1usize);
            let (mut lo, hi);
            if self.less(at(hint), key)? {
                let max = n - hint;
                while ofs < max && self.less(at(hint + ofs), key)? {
                    last = ofs;
                    ofs = ofs.saturating_mul(2).saturating_add(1);
                }
                lo = hint + last + 1;
                hi = hint + ofs.min(max);
            } else {
                let max = hint + 1;
                while ofs < max && !self.less(at(hint - ofs), key)? {
                    last = ofs;
                    ofs = ofs.saturating_mul(2).saturating_add(1);
                }
                let ofs = ofs.min(max);
                lo = hint + 1 - ofs;
                hi = hint - last;
            }
            let mut hi = hi;
            while lo < hi {
                let mid = lo + (hi - lo) / 2;
                if self.less(at(mid), key)? {
                    lo = mid + 1;
                } else {
                    hi = mid;
                }
            }
            Ok(lo)
        }
    }

    /// As `gallop_left`, after equal items.
    unsafe fn gallop_right(&self, key: P, run: *const P, n: usize, hint: usize) -> PyResult<usize> {
        unsafe {
            let at = |i: usize| *run.add(i);
            let (mut last, mut ofs) = (0usize, 1usize);
            let (mut lo, mut hi);
            if self.less(key, at(hint))? {
                let max = hint + 1;
                while ofs < max && self.less(key, at(hint - ofs))? {
                    last = ofs;
                    ofs = ofs.saturating_mul(2).saturating_add(1);
                }
                let ofs = ofs.min(max);
                lo = hint + 1 - ofs;
                hi = hint - last;
            } else {
                let max = n - hint;
                while ofs < max && !self.less(key, at(hint + ofs))? {
                    last = ofs;
                    ofs = ofs.saturating_mul(2).saturating_add(1);
                }
                lo = hint + last + 1;
                hi = hint + ofs.min(max);
            }
            while lo < hi {
                let mid = lo + (hi - lo) / 2;
                if self.less(key, at(mid))? {
                    hi = mid;
                } else {
                    lo = mid + 1;
                }
            }
            Ok(lo)
        }
    }

    /// Merges two neighbouring stretches, the first not longer: it is set aside and the result grows from the left.
    unsafe fn merge_low(&mut self, area: &mut Area, a: usize, na: usize, b: usize, nb: usize) -> PyResult<()> {
        unsafe {
            self.temp.take(area, a, na)?;
            let mut m = LowMerge { dest: a, a: 0, na, b, nb };
            let result = self.merge_low_steps(area, &mut m);
            // What is left of the first stretch fills the gap; what is left of the second is in its place.
            self.temp.put(m.a, area, m.dest, m.na);
            result
        }
    }

    unsafe fn merge_low_steps(&mut self, area: &mut Area, m: &mut LowMerge) -> PyResult<()> {
        unsafe {
            m.take_b(area, 1);
            if m.nb == 0 {
                return Ok(());
            }
            if m.na == 1 {
                m.finish_b(area);
                return Ok(());
            }
            loop {
                let (mut from_a, mut from_b) = (0usize, 0usize);
                // One at a time, until one side keeps winning.
                loop {
                    if self.less(area.key(m.b), self.temp.keys[m.a])? {
                        m.take_b(area, 1);
                        from_b += 1;
                        from_a = 0;
                        if m.nb == 0 {
                            return Ok(());
                        }
                        if from_b >= self.min_gallop {
                            break;
                        }
                    } else {
                        m.take_a(&self.temp, area, 1);
                        from_a += 1;
                        from_b = 0;
                        if m.na == 1 {
                            m.finish_b(area);
                            return Ok(());
                        }
                        if from_a >= self.min_gallop {
                            break;
                        }
                    }
                }
                // Galloping, as long as it pays.
                self.min_gallop += 1;
                loop {
                    self.min_gallop -= (self.min_gallop > 1) as usize;
                    let k = self.gallop_right(area.key(m.b), self.temp.keys.as_ptr().add(m.a), m.na, 0)?;
                    from_a = k;
                    if k > 0 {
                        m.take_a(&self.temp, area, k);
                        if m.na == 1 {
                            m.finish_b(area);
                            return Ok(());
                        }
                        if m.na == 0 {
                            // Only comparisons that contradict each other lead here.
                            return Ok(());
                        }
                    }
                    m.take_b(area, 1);
                    if m.nb == 0 {
                        return Ok(());
                    }
                    let k = self.gallop_left(self.temp.keys[m.a], area.keys.add(m.b), m.nb, 0)?;
                    from_b = k;
                    if k > 0 {
                        m.take_b(area, k);
                        if m.nb == 0 {
                            return Ok(());
                        }
                    }
                    m.take_a(&self.temp, area, 1);
                    if m.na == 1 {
                        m.finish_b(area);
                        return Ok(());
                    }
                    if m.na == 0 {
                        return Ok(());
                    }
                    if from_a < MIN_GALLOP && from_b < MIN_GALLOP {
                        break;
                    }
                }
                self.min_gallop += 1;
            }
        }
    }

    /// Merges two neighbouring stretches, the second shorter: it is set aside and the result grows from the right.
    unsafe fn merge_high(&mut self, area: &mut Area, a: usize, na: usize, b: usize, nb: usize) -> PyResult<()> {
        unsafe {
            self.temp.take(area, b, nb)?;
            let mut m = HighMerge { dest: b + nb, a, na, nb };
            let result = self.merge_high_steps(area, &mut m);
            let to = m.dest - m.nb;
            self.temp.put(0, area, to, m.nb);
            result
        }
    }

    unsafe fn merge_high_steps(&mut self, area: &mut Area, m: &mut HighMerge) -> PyResult<()> {
        unsafe {
            m.take_a(area, 1);
            if m.na == 0 {
                return Ok(());
            }
            if m.nb == 1 {
                m.finish_a(area);
                return Ok(());
            }
            loop {
                let (mut from_a, mut from_b) = (0usize, 0usize);
                loop {
                    if self.less(self.temp.keys[m.nb - 1], area.key(m.a + m.na - 1))? {
                        m.take_a(area, 1);
                        from_a += 1;
                        from_b = 0;
                        if m.na == 0 {
                            return Ok(());
                        }
                        if from_a >= self.min_gallop {
                            break;
                        }
                    } else {
                        m.take_b(&self.temp, area, 1);
                        from_b += 1;
                        from_a = 0;
                        if m.nb == 1 {
                            m.finish_a(area);
                            return Ok(());
                        }
                        if from_b >= self.min_gallop {
                            break;
                        }
                    }
                }
                self.min_gallop += 1;
                loop {
                    self.min_gallop -= (self.min_gallop > 1) as usize;
                    let k = self.gallop_right(self.temp.keys[m.nb - 1], area.keys.add(m.a), m.na, m.na - 1)?;
                    let k = m.na - k;
                    from_a = k;
                    if k > 0 {
                        m.take_a(area, k);
                        if m.na == 0 {
                            return Ok(());
                        }
                    }
                    m.take_b(&self.temp, area, 1);
                    if m.nb == 1 {
                        m.finish_a(area);
                        return Ok(());
                    }
                    if m.nb == 0 {
                        return Ok(());
                    }
                    let k = self.gallop_left(area.key(m.a + m.na - 1), self.temp.keys.as_ptr(), m.nb, m.nb - 1)?;
                    let k = m.nb - k;
                    from_b = k;
                    if k > 0 {
                        m.take_b(&self.temp, area, k);
                        if m.nb == 1 {
                            m.finish_a(area);
                            return Ok(());
                        }
                        if m.nb == 0 {
                            return Ok(());
                        }
                    }
                    m.take_a(area, 1);
                    if m.na == 0 {
                        return Ok(());
                    }
                    if from_a < MIN_GALLOP && from_b < MIN_GALLOP {
                        break;
                    }
                }
                self.min_gallop += 1;
            }
        }
    }
}

/// State of a merge from the left: `a` is in the temporary area, `b` in the arrays, right of `dest`.
struct LowMerge {
    dest: usize,
    a: usize,
    na: usize,
    b: usize,
    nb: usize,
}

impl LowMerge {
    #[inline(always)]
    unsafe fn take_b(&mut self, area: &mut Area, n: usize) {
        unsafe { area.shift(self.b, self.dest, n) };
        self.dest += n;
        self.b += n;
        self.nb -= n;
    }
    #[inline(always)]
    unsafe fn take_a(&mut self, temp: &Temp, area: &mut Area, n: usize) {
        unsafe { temp.put(self.a, area, self.dest, n) };
        self.dest += n;
        self.a += n;
        self.na -= n;
    }
    /// The last item of the first stretch belongs behind all of the second.
    unsafe fn finish_b(&mut self, area: &mut Area) {
        unsafe { self.take_b(area, self.nb) };
    }
}

/// State of a merge from the right: the first `nb` items of the temporary area and `a..a + na` in the arrays are left; `dest` is the end of the gap.
struct HighMerge {
    dest: usize,
    a: usize,
    na: usize,
    nb: usize,
}

impl HighMerge {
    #[inline(always)]
    unsafe fn take_a(&mut self, area: &mut Area, n: usize) {
        self.dest -= n;
        self.na -= n;
        unsafe { area.shift(self.a + self.na, self.dest, n) };
    }
    #[inline(always)]
    unsafe fn take_b(&mut self, temp: &Temp, area: &mut Area, n: usize) {
        self.dest -= n;
        self.nb -= n;
        unsafe { temp.put(self.nb, area, self.dest, n) };
    }
    /// The first item of the second stretch belongs before all of the first.
    unsafe fn finish_a(&mut self, area: &mut Area) {
        unsafe { self.take_a(area, self.na) };
    }
}

/// The depth, in a balanced tree over `n` items, of the boundary between neighbouring runs of `n1` items at `s1` and of `n2` items.
fn power(s1: usize, n1: usize, n2: usize, n: usize) -> u32 {
    let mut result = 0;
    let mut a = 2 * s1 + n1;
    let mut b = a + n1 + n2;
    loop {
        result += 1;
        if a >= n {
            a -= n;
            b -= n;
        } else if b >= n {
            return result;
        }
        a <<= 1;
        b <<= 1;
    }
}

/// `sorted(iterable)`.
pub fn sorted(iterable: &Object, key: Option<&Object>, reverse: bool) -> PyResult<Owned<List>> {
    let list = crate::protocol::sequence::to_list(iterable)?;
    sort(&list, key, reverse)?;
    Ok(list)
}
