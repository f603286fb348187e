//! `product`, `combinations`, `combinations_with_replacement`, `permutations`.
//!
//! Each keeps the indices of the tuple given last. The next tuple differs from it in its last places only, and is the same object if nobody
//! kept it.

use super::{hand_out, keywords_of, put, reused};
use macros::{Traverse, pytype};
use runtime::errors::{self, PyResult};
use runtime::macro_support::{Args, KwArgs};
use runtime::object::{Object, ObjectHead, Owned, PyTyped, Type};
use runtime::protocol::object::self_iter;
use runtime::protocol::{number, sequence};
use runtime::types::{Dict, Int, Str, Tuple};
use runtime::{err, exceptions};
use std::cell::{Cell, RefCell};

/// The sizes of CPython's structs, by which `__sizeof__` goes.
const SELECTION_SIZE: usize = 56;
const PRODUCT_SIZE: usize = 48;

/// `n` indices made by `f`; MemoryError where there is no room for them.
fn indices(n: usize, f: impl Fn(usize) -> usize) -> PyResult<Vec<usize>> {
    let mut indices = Vec::new();
    if indices.try_reserve_exact(n).is_err() {
        return Err(errors::no_memory());
    }
    indices.extend((0..n).map(f));
    Ok(indices)
}

fn not_negative(r: isize) -> PyResult<usize> {
    usize::try_from(r).map_err(|_| err!(ValueError, "r must be non-negative"))
}

/// The tuple of the items of `pool` with these indices.
fn pick(pool: &Tuple, indices: &[usize]) -> Owned<Tuple> {
    Tuple::from_owned(indices.iter().map(|&i| pool.get(i).to_owned()).collect())
}

/// The state that the three kinds of selection from one pool share.
#[derive(Traverse)]
#[repr(C)]
struct Selection {
    pool: Owned<Tuple>,
    indices: RefCell<Vec<usize>>,
    r: usize,
    result: Cell<Option<Owned<Tuple>>>,
    stopped: Cell<bool>,
}

impl Selection {
    /// The next tuple. `advance` changes the indices, and says from which place on they differ; None at the end.
    fn next(&self, advance: impl FnOnce(&mut Vec<usize>, usize) -> Option<usize>) -> Option<Owned<Tuple>> {
        if self.stopped.get() {
            return None;
        }
        let mut indices = self.indices.borrow_mut();
        let Some(last) = self.result.take() else {
            let first = pick(&self.pool, &indices[..self.r]);
            return Some(hand_out(first, &self.result));
        };
        let Some(from) = advance(&mut indices, self.pool.len()) else {
            self.stopped.set(true);
            return None;
        };
        let tuple = reused(last);
        for (i, &index) in indices.iter().enumerate().take(self.r).skip(from) {
            // SAFETY: nobody else sees the tuple, which has r items. The pool keeps the old ones alive.
            unsafe { put(&tuple, i, self.pool.get(index).to_owned()) };
        }
        Some(hand_out(tuple, &self.result))
    }
}

// ---- combinations --------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct Combinations {
    head: ObjectHead,
    selection: Selection,
}

/// Return successive r-length combinations of elements in the iterable.
///
/// combinations(range(4), 3) --> (0,1,2), (0,1,3), (0,2,3), (1,2,3)
#[pytype(static = Combinations_Type, name = "combinations", module = "itertools", signature = "(iterable, r)",
    flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native)]
impl Combinations {
    #[slot("combinations(iterable, r)", vectorcall)]
    fn tp_new(cls: &Type, iterable: &Object, r: isize) -> PyResult<Owned<Combinations>> {
        let pool = sequence::to_tuple(iterable)?;
        let r = not_negative(r)?;
        let stopped = Cell::new(r > pool.len());
        let indices = RefCell::new(if r > pool.len() { Vec::new() } else { indices(r, |i| i)? });
        let selection = Selection { pool, indices, r, result: Cell::new(None), stopped };
        Self::construct(cls, Combinations { head: ObjectHead::placeholder(), selection })
    }
    #[slot]
    fn tp_iter(&self) -> Owned {
        self_iter(self)
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned<Tuple>>> {
        Ok(self.selection.next(|indices, n| {
            let r = indices.len();
            // The last index that is not at its end.
            let i = (0..r).rev().find(|&i| indices[i] != i + n - r)?;
            indices[i] += 1;
            for j in i + 1..r {
                indices[j] = indices[j - 1] + 1;
            }
            Some(i)
        }))
    }
    /// Returns size in memory, in bytes.
    #[method("__sizeof__($self, /)")]
    fn sizeof(&self) -> usize {
        SELECTION_SIZE + 8 * self.selection.r
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct CombinationsWithReplacement {
    head: ObjectHead,
    selection: Selection,
}

/// Return successive r-length combinations of elements in the iterable allowing individual elements to have successive repeats.
///
/// combinations_with_replacement('ABC', 2) --> ('A','A'), ('A','B'), ('A','C'), ('B','B'), ('B','C'), ('C','C')
#[pytype(static = CombinationsWithReplacement_Type, name = "combinations_with_replacement", module = "itertools", signature = "(iterable, r)",
    flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native)]
impl CombinationsWithReplacement {
    #[slot("combinations_with_replacement(iterable, r)", vectorcall)]
    fn tp_new(cls: &Type, iterable: &Object, r: isize) -> PyResult<Owned<CombinationsWithReplacement>> {
        let pool = sequence::to_tuple(iterable)?;
        let r = not_negative(r)?;
        let stopped = Cell::new(pool.is_empty() && r > 0);
        let indices = RefCell::new(indices(r, |_| 0)?);
        let selection = Selection { pool, indices, r, result: Cell::new(None), stopped };
        Self::construct(cls, CombinationsWithReplacement { head: ObjectHead::placeholder(), selection })
    }
    #[slot]
    fn tp_iter(&self) -> Owned {
        self_iter(self)
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned<Tuple>>> {
        Ok(self.selection.next(|indices, n| {
            let i = indices.iter().rposition(|&index| index + 1 != n)?;
            let index = indices[i] + 1;
            indices[i..].fill(index);
            Some(i)
        }))
    }
    /// Returns size in memory, in bytes.
    #[method("__sizeof__($self, /)")]
    fn sizeof(&self) -> usize {
        SELECTION_SIZE + 8 * self.selection.r
    }
}

// ---- permutations --------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct Permutations {
    head: ObjectHead,
    selection: Selection,
    /// How many items each place has still to see.
    #[traverse(skip)]
    cycles: RefCell<Vec<usize>>,
}

/// Return successive r-length permutations of elements in the iterable.
///
/// permutations(range(3), 2) --> (0,1), (0,2), (1,0), (1,2), (2,0), (2,1)
#[pytype(static = Permutations_Type, name = "permutations", module = "itertools", signature = "(iterable, r=None)",
    flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native)]
impl Permutations {
    #[slot("permutations(iterable, r=None)", vectorcall)]
    fn tp_new(cls: &Type, iterable: &Object, r: Option<&Object>) -> PyResult<Owned<Permutations>> {
        let pool = sequence::to_tuple(iterable)?;
        let n = pool.len();
        let r = match r {
            None => n as isize,
            Some(r) if Int::check(r) => number::as_isize(r, Some(exceptions::OverflowError()))?,
            Some(_) => return Err(err!(TypeError, "Expected int as r")),
        };
        let r = not_negative(r)?;
        let cycles = RefCell::new(if r > n { Vec::new() } else { indices(r, |i| n - i)? });
        let selection = Selection { pool, indices: RefCell::new(indices(n, |i| i)?), r, result: Cell::new(None), stopped: Cell::new(r > n) };
        Self::construct(cls, Permutations { head: ObjectHead::placeholder(), selection, cycles })
    }
    #[slot]
    fn tp_iter(&self) -> Owned {
        self_iter(self)
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned<Tuple>>> {
        Ok(self.selection.next(|indices, n| {
            let mut cycles = self.cycles.borrow_mut();
            for i in (0..cycles.len()).rev() {
                cycles[i] -= 1;
                if cycles[i] != 0 {
                    indices.swap(i, n - cycles[i]);
                    return Some(i);
                }
                // All items have been in this place: the one that was there first comes last again.
                indices[i..].rotate_left(1);
                cycles[i] = n - i;
            }
            None
        }))
    }
    /// Returns size in memory, in bytes.
    #[method("__sizeof__($self, /)")]
    fn sizeof(&self) -> usize {
        SELECTION_SIZE + 8 + 8 * (self.selection.pool.len() + self.selection.r)
    }
}

// ---- product -------------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct Product {
    head: ObjectHead,
    pools: Vec<Owned<Tuple>>,
    #[traverse(skip)]
    indices: RefCell<Vec<usize>>,
    result: Cell<Option<Owned<Tuple>>>,
    stopped: Cell<bool>,
}

impl Product {
    fn make(cls: &Type, iterables: &[&Object], keywords: &[(&Object, &Object)]) -> PyResult<Owned<Product>> {
        let repeat = match keywords {
            [] => 1,
            [(name, repeat)] if name.downcast::<Str>().is_some_and(|name| name.eq_str("repeat")) => {
                match number::as_isize(repeat, Some(exceptions::OverflowError()))? {
                    ..0 => return Err(err!(ValueError, "repeat argument cannot be negative")),
                    repeat => repeat as usize,
                }
            }
            [(name, _)] => {
                let name = runtime::protocol::object::str(name)?;
                return Err(err!(TypeError, "product() got an unexpected keyword argument '{}'", name.to_string_lossy()));
            }
            more => return Err(err!(TypeError, "product() takes at most 1 keyword argument ({} given)", more.len())),
        };
        let iterables = if repeat == 0 { &[] } else { iterables };
        let count = match iterables.len().checked_mul(repeat) {
            Some(count) if count <= isize::MAX as usize / 8 => count,
            _ => return Err(err!(OverflowError, "repeat argument too large")),
        };
        let mut pools: Vec<Owned<Tuple>> = Vec::new();
        if pools.try_reserve_exact(count).is_err() {
            return Err(errors::no_memory());
        }
        for iterable in iterables {
            pools.push(sequence::to_tuple(iterable)?);
        }
        for i in iterables.len()..count {
            pools.push(pools[i - iterables.len()].clone());
        }
        let value = Product {
            head: ObjectHead::placeholder(),
            indices: RefCell::new(indices(count, |_| 0)?),
            stopped: Cell::new(pools.iter().any(|pool| pool.is_empty())),
            pools,
            result: Cell::new(None),
        };
        Self::construct(cls, value)
    }
}

/// Cartesian product of input iterables.  Equivalent to nested for-loops.
///
/// For example, product(A, B) returns the same as:  ((x,y) for x in A for y in B).
/// The leftmost iterators are in the outermost for-loop: the last item of the tuples
/// changes fastest.
///
/// With the keyword argument repeat, the iterables are taken that many times:
/// product(A, repeat=4) means the same as product(A, A, A, A).
///
/// product('ab', range(3)) --> ('a',0) ('a',1) ('a',2) ('b',0) ('b',1) ('b',2)
/// product((0,1), (0,1), (0,1)) --> (0,0,0) (0,0,1) (0,1,0) (0,1,1) (1,0,0) ...
#[pytype(static = Product_Type, name = "product", module = "itertools", signature = "(*iterables, repeat=1)",
    flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native)]
impl Product {
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<Owned<Product>> {
        let items = keywords_of(kwargs);
        let keywords: Vec<(&Object, &Object)> = items.iter().map(|(k, v)| (&**k, &**v)).collect();
        Self::make(cls, args.as_slice(), &keywords)
    }
    #[slot]
    fn tp_vectorcall(cls: &Type, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult<Owned<Product>> {
        let keywords: Vec<(&Object, &Object)> = kwargs.iter().collect();
        Self::make(cls, args, &keywords)
    }
    #[slot]
    fn tp_iter(&self) -> Owned {
        self_iter(self)
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned<Tuple>>> {
        if self.stopped.get() {
            return Ok(None);
        }
        let Some(last) = self.result.take() else {
            let first = Tuple::from_owned(self.pools.iter().map(|pool| pool.get(0).to_owned()).collect());
            return Ok(Some(hand_out(first, &self.result)));
        };
        let tuple = reused(last);
        let mut indices = self.indices.borrow_mut();
        for i in (0..self.pools.len()).rev() {
            let pool = &self.pools[i];
            indices[i] += 1;
            let wrapped = indices[i] == pool.len();
            if wrapped {
                indices[i] = 0;
            }
            // SAFETY: nobody else sees the tuple, which has an item per pool. The pools keep the old ones alive.
            unsafe { put(&tuple, i, pool.get(indices[i]).to_owned()) };
            if !wrapped {
                drop(indices);
                return Ok(Some(hand_out(tuple, &self.result)));
            }
        }
        self.stopped.set(true);
        Ok(None)
    }
    /// Returns size in memory, in bytes.
    #[method("__sizeof__($self, /)")]
    fn sizeof(&self) -> usize {
        PRODUCT_SIZE + 8 * self.pools.len()
    }
}
