//! `itertools`: iterators made of iterators, by kind: endless ones (`infinite.rs`), those that choose and combine items (`select.rs`, `zips.rs`),
//! groups (`groups.rs`), copies (`tee.rs`) and combinations (`combinatoric.rs`).
//!
//! A field that can change while Python code runs is a cell; what it holds is cloned before it is used.

mod combinatoric;
mod groups;
mod infinite;
mod select;
mod tee;
mod zips;

use combinatoric::{CombinationsWithReplacement_Type, Combinations_Type, Permutations_Type, Product_Type};
use groups::{GroupBy_Type, Grouper_Type};
use infinite::{Count_Type, Cycle_Type, Repeat_Type};
use macros::pymodule;
use runtime::errors::PyResult;
use runtime::object::{Object, Owned};
use runtime::types::{Dict, Tuple};
use select::{
    Accumulate_Type, Batched_Type, Chain_Type, Compress_Type, DropWhile_Type, FilterFalse_Type, ISlice_Type, StarMap_Type, TakeWhile_Type,
};
use std::cell::Cell;
use tee::{TeeData_Type, Tee_Type};
use zips::{Pairwise_Type, ZipLongest_Type};

/// A clone of what a cell holds.
#[inline(always)]
fn held<T>(cell: &Cell<Option<Owned<T>>>) -> Option<Owned<T>> {
    // SAFETY: cloned at once, nothing runs.
    unsafe { (*cell.as_ptr()).clone() }
}

/// The tuple given last: filled anew if nobody kept it, else copied.
fn reused(last: Owned<Tuple>) -> Owned<Tuple> {
    if last.as_object().refcount() == 1 { last } else { Tuple::new(last.as_slice()) }
}

/// Replaces an item of a tuple.
/// # Safety
/// `tuple` is seen by nobody else, and has more than `i` items.
#[inline]
unsafe fn put(tuple: &Tuple, i: usize, item: Owned) {
    // SAFETY: by contract; the old item goes after it is replaced.
    unsafe { runtime::object::xdecref(tuple.items_ptr().add(i).replace(item.into_raw())) }
}

/// Hands a tuple out that was filled anew, and keeps it for the next time.
fn hand_out(tuple: Owned<Tuple>, keep: &Cell<Option<Owned<Tuple>>>) -> Owned<Tuple> {
    if !tuple.is_empty() {
        tuple.0.ob_hash.set(-1);
        // SAFETY: a tuple with items has a collector's head; the collector may have stopped tracking it.
        unsafe { runtime::gc::track(tuple.raw()) };
    }
    keep.set(Some(tuple.clone()));
    tuple
}

/// Iterators as building blocks.
///
/// Endless:
/// count(start=0, step=1) --> start, start+step, start+2*step, ...
/// cycle(p) --> p0, p1, ... plast, p0, p1, ...
/// repeat(elem [,n]) --> elem, elem, elem, ... endlessly or up to n times
///
/// Ending with the shortest input:
/// accumulate(p[, func]) --> p0, p0+p1, p0+p1+p2
/// batched(p, n) --> (p0, p1, ..., p_n-1), (p_n, p_n+1, ..., p_2n-1), ...
/// chain(p, q, ...) --> p0, p1, ... plast, q0, q1, ...
/// chain.from_iterable([p, q, ...]) --> p0, p1, ... plast, q0, q1, ...
/// compress(data, selectors) --> the data whose selectors are true
/// dropwhile(predicate, seq) --> items from the first one for which predicate is false
/// groupby(iterable[, keyfunc]) --> keys, and iterators over the items with the key
/// filterfalse(predicate, seq) --> items for which predicate is false
/// islice(seq, [start,] stop [, step]) --> items of seq[start:stop:step]
/// pairwise(s) --> (s[0],s[1]), (s[1],s[2]), (s[2], s[3]), ...
/// starmap(fun, seq) --> fun(*seq[0]), fun(*seq[1]), ...
/// tee(it, n=2) --> n iterators over the same items
/// takewhile(predicate, seq) --> items until predicate is false
/// zip_longest(p, q, ...) --> (p[0], q[0]), (p[1], q[1]), ...
///
/// Combinations:
/// product(p, q, ... [repeat=1]) --> cartesian product
/// permutations(p[, r])
/// combinations(p, r)
/// combinations_with_replacement(p, r)
#[pymodule(name = "itertools")]
#[types(
    Accumulate_Type, Batched_Type, Chain_Type, Combinations_Type, Compress_Type, Count_Type, CombinationsWithReplacement_Type, Cycle_Type,
    DropWhile_Type, FilterFalse_Type, GroupBy_Type, Grouper_Type, ISlice_Type, Pairwise_Type, Permutations_Type, Product_Type, Repeat_Type,
    StarMap_Type, TakeWhile_Type, Tee_Type, TeeData_Type, ZipLongest_Type
)]
pub mod itertools {
    use super::*;

    /// Returns a tuple of n independent iterators.
    #[function("tee($module, iterable, n=2, /)")]
    fn tee(iterable: &Object, n: isize) -> PyResult<Owned<Tuple>> {
        tee::tee(iterable, n)
    }
}

/// The items of a dict of keyword arguments.
fn keywords_of(kwargs: Option<&Dict>) -> Vec<(Owned, Owned)> {
    let (mut items, mut pos) = (Vec::new(), 0);
    while let Some(item) = kwargs.and_then(|kwargs| kwargs.next(&mut pos)) {
        items.push(item);
    }
    items
}
