//! `tuple`: a fixed row of items behind the head.
//!
//! A tuple that Python code can see does not change; its items may be handed out borrowed. `ob_hash` caches the hash (-1: not known).
//! The empty tuple is one static object. Blocks of up to `FREE_SIZES` items are kept for reuse.

use crate::errors::{PyResult, no_memory};
use crate::gc;
use crate::macro_support::{Args, KwArgs, SliceIndex};
use crate::memory::free_list::FreeList;
use crate::object::{Object, Owned, PyTyped, Type, init_head, xdecref, xincref};
use crate::protocol::object::{self as protocol, CompareOp, rich_compare, rich_compare_bool};
use crate::protocol::{iter, number, sequence};
use crate::types::seq_iter::TupleIterator;
use crate::types::str::StrBuilder;
use crate::types::{GenericAlias, Slice, Str, bool_object, not_implemented};
use crate::{err, exceptions};
use abi::{PyObject, PyTypeObject, PyVarObject};
use macros::pytype;
use std::ptr;

#[repr(transparent)]
pub struct Tuple(pub abi::PyTupleObject);

const ITEMS_OFFSET: usize = 32;
/// Sizes 1..=FREE_SIZES have free lists.
const FREE_SIZES: usize = 20;
static FREE: [FreeList<2000>; FREE_SIZES] = [const { FreeList::new() }; FREE_SIZES];

/// The one empty tuple, with the collector's words before it.
#[repr(C, align(16))]
struct EmptyTuple([usize; 2], Tuple);
// SAFETY: immortal and never written but for its count and cached hash, under the GIL.
unsafe impl Sync for EmptyTuple {}
static EMPTY: EmptyTuple = EmptyTuple(
    [0; 2],
    Tuple(abi::PyTupleObject { ob_base: PyVarObject::immortal_static(&raw const PyTuple_Type as *const PyTypeObject, 0), ob_hash: std::cell::Cell::new(-1), ..abi::PyTupleObject::EMPTY }),
);

/// The types in a tuple of types (an MRO, bases).
/// # Safety
/// `tuple` is a live tuple that outlives the result.
#[inline(always)]
pub unsafe fn items_of<'a>(tuple: *mut PyObject) -> &'a [*mut PyTypeObject] {
    unsafe {
        let n = (*(tuple as *const PyVarObject)).ob_size.get() as usize;
        std::slice::from_raw_parts((tuple as *const u8).add(ITEMS_OFFSET) as *const *mut PyTypeObject, n)
    }
}

/// The address of a tuple's first item.
/// # Safety
/// `tuple` is a live tuple.
#[inline(always)]
pub unsafe fn raw_items(tuple: *mut PyObject) -> *mut *mut PyObject {
    unsafe { items_ptr(tuple) }
}

/// A block for `n > 0` items: head and size set, hash unknown, items not written, not tracked.
#[inline]
unsafe fn allocate(n: usize) -> *mut PyObject {
    unsafe {
        let op = if n <= FREE_SIZES {
            let block = FREE[n - 1].pop() as *mut PyObject;
            if block.is_null() { gc::alloc(Tuple::type_object(), ITEMS_OFFSET + n * 8) } else { block }
        } else {
            if n > (isize::MAX as usize - ITEMS_OFFSET) / 8 {
                return ptr::null_mut();
            }
            gc::alloc(Tuple::type_object(), ITEMS_OFFSET + n * 8)
        };
        if !op.is_null() {
            init_head(op, Tuple::type_object());
            (*(op as *mut PyVarObject)).ob_size.set(n as isize);
            (*(op as *mut abi::PyTupleObject)).ob_hash.set(-1);
        }
        op
    }
}

#[inline(always)]
pub(crate) unsafe fn items_ptr(op: *mut PyObject) -> *mut *mut PyObject {
    unsafe { (op as *mut u8).add(ITEMS_OFFSET) as *mut *mut PyObject }
}

// ---- making ---------------------------------------------------------------------------------------------------------------------

impl Tuple {
    /// The empty tuple.
    #[inline]
    pub fn empty() -> Owned<Tuple> {
        Owned::from_ref(&EMPTY.1)
    }
    pub fn empty_ref() -> &'static Tuple {
        &EMPTY.1
    }
    pub fn new(items: &[&Object]) -> Owned<Tuple> {
        // SAFETY: `&Object` is a pointer to a live object.
        unsafe { Self::from_borrowed(items.as_ptr() as *const *mut PyObject, items.len()) }
    }
    /// A tuple of items whose counts are taken.
    /// # Safety
    /// `n` live objects at `items`.
    #[inline]
    pub unsafe fn from_borrowed(items: *const *mut PyObject, n: usize) -> Owned<Tuple> {
        unsafe {
            for i in 0..n {
                xincref(*items.add(i));
            }
            Self::from_stack(items, n)
        }
    }
    /// A tuple that takes over `n` owned references (`BUILD_TUPLE`).
    /// # Safety
    /// `n` live objects at `items`, whose counts move into the tuple.
    #[inline]
    pub unsafe fn from_stack(items: *const *mut PyObject, n: usize) -> Owned<Tuple> {
        if n == 0 {
            return Self::empty();
        }
        // SAFETY: all items are written before the tuple is tracked.
        unsafe {
            let op = allocate(n);
            if op.is_null() {
                crate::memory::reserve::out_of_memory(n * 8);
            }
            ptr::copy_nonoverlapping(items, items_ptr(op), n);
            track_if_needed(op, n);
            Owned::from_raw(op)
        }
    }
    /// A tuple of items that the caller gives up.
    pub fn from_owned(items: Vec<Owned>) -> Owned<Tuple> {
        let items = std::mem::ManuallyDrop::new(items);
        // SAFETY: an `Owned` is a counted pointer; the vector's memory is freed without dropping them.
        unsafe {
            let tuple = Self::from_stack(items.as_ptr() as *const *mut PyObject, items.len());
            drop(Vec::from_raw_parts(items.as_ptr() as *mut *mut PyObject, 0, items.capacity()));
            tuple
        }
    }
    pub fn from_vec(items: Vec<Owned>) -> Owned<Tuple> {
        Self::from_owned(items)
    }
    #[inline]
    pub fn single(item: Owned) -> Owned<Tuple> {
        let items = [item.into_raw()];
        // SAFETY: the count moves in.
        unsafe { Self::from_stack(items.as_ptr(), 1) }
    }
    #[inline]
    pub fn pair(a: Owned, b: Owned) -> Owned<Tuple> {
        let items = [a.into_raw(), b.into_raw()];
        // SAFETY: counts move in.
        unsafe { Self::from_stack(items.as_ptr(), 2) }
    }
    #[inline]
    pub fn triple(a: Owned, b: Owned, c: Owned) -> Owned<Tuple> {
        let items = [a.into_raw(), b.into_raw(), c.into_raw()];
        // SAFETY: counts move in.
        unsafe { Self::from_stack(items.as_ptr(), 3) }
    }
    /// `PyTuple_New`: items NULL, to be filled by the caller; tracked.
    pub fn with_len(n: usize) -> PyResult<Owned<Tuple>> {
        if n == 0 {
            return Ok(Self::empty());
        }
        // SAFETY: NULL items are valid for the collector.
        unsafe {
            let op = allocate(n);
            if op.is_null() {
                return Err(no_memory());
            }
            if n <= 4 {
                // Volatile, or the loop becomes a call of memset.
                (0..n).for_each(|i| ptr::write_volatile(items_ptr(op).add(i), ptr::null_mut()));
            } else {
                ptr::write_bytes(items_ptr(op), 0, n);
            }
            gc::track(op);
            Ok(Owned::from_raw(op))
        }
    }
    /// For the interpreter: a block for `n > 0` items, which the caller writes before it tracks the tuple. NULL with MemoryError.
    #[inline(always)]
    pub fn alloc_raw(n: usize) -> *mut PyObject {
        // SAFETY: a fresh block.
        let op = unsafe { allocate(n) };
        if op.is_null() {
            no_memory();
        }
        op
    }
    /// `n` fresh slots written by `fill`, which runs no Python code.
    fn build(n: usize, fill: impl FnOnce(*mut *mut PyObject)) -> PyResult<Owned<Tuple>> {
        if n == 0 {
            return Ok(Self::empty());
        }
        // SAFETY: `fill` writes all items before the tuple is tracked.
        unsafe {
            let op = allocate(n);
            if op.is_null() {
                return Err(no_memory());
            }
            fill(items_ptr(op));
            track_if_needed(op, n);
            Ok(Owned::from_raw(op))
        }
    }
    /// Replaces both items of a pair that only the caller has; gives the old ones.
    /// # Safety
    /// A tuple of two items with no other user.
    pub unsafe fn replace_pair(&self, a: Owned, b: Owned) -> (Option<Owned>, Option<Owned>) {
        unsafe {
            let items = items_ptr(self.as_object().as_ptr());
            let old = (Owned::from_raw_opt(items.replace(a.into_raw())), Owned::from_raw_opt(items.add(1).replace(b.into_raw())));
            self.0.ob_hash.set(-1);
            let op = self.as_object().as_ptr();
            if !gc::is_tracked(op) {
                gc::track(op);
            }
            old
        }
    }
}

// ---- reading --------------------------------------------------------------------------------------------------------------------

impl Tuple {
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.0.ob_base.ob_size.get() as usize
    }
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The items; a tuple under construction by C code may have NULLs.
    #[inline(always)]
    pub fn items(&self) -> &[*mut PyObject] {
        // SAFETY: the items follow the head, and a visible tuple does not change.
        unsafe { std::slice::from_raw_parts(items_ptr(self.as_object().as_ptr()), self.len()) }
    }
    /// The items as objects.
    #[inline(always)]
    pub fn as_slice(&self) -> &[&Object] {
        // SAFETY: a finished tuple has no NULL items; `&Object` is a pointer.
        unsafe { std::slice::from_raw_parts(items_ptr(self.as_object().as_ptr()) as *const &Object, self.len()) }
    }
    /// Item `i`, which must exist.
    #[inline(always)]
    pub fn get(&self, i: usize) -> &Object {
        self.as_slice()[i]
    }
    #[inline(always)]
    pub fn get_opt(&self, i: usize) -> Option<&Object> {
        self.as_slice().get(i).copied()
    }
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Object> + DoubleEndedIterator {
        self.as_slice().iter().copied()
    }
    /// The address of the first item, for the interpreter.
    #[inline(always)]
    pub fn items_ptr(&self) -> *mut *mut PyObject {
        // SAFETY: an offset within the object.
        unsafe { items_ptr(self.as_object().as_ptr()) }
    }
    /// `tuple[start:stop]`, bounds cut to size.
    pub fn slice(&self, start: usize, stop: usize) -> Owned<Tuple> {
        let stop = stop.min(self.len());
        let start = start.min(stop);
        if start == 0 && stop == self.len() && self.as_object().is_exact::<Tuple>() {
            return Owned::from_ref(self);
        }
        // SAFETY: within bounds.
        unsafe { Self::from_borrowed(self.items_ptr().add(start), stop - start) }
    }
    /// Where the first two items are that are not equal; None if the shorter tuple has no such.
    #[inline]
    fn first_difference(&self, other: &Tuple) -> PyResult<Option<usize>> {
        for (i, (x, y)) in self.as_slice().iter().zip(other.as_slice()).enumerate() {
            if !rich_compare_bool(x, y, CompareOp::Eq)? {
                return Ok(Some(i));
            }
        }
        Ok(None)
    }
    /// The truth of a comparison of two tuples.
    pub fn compare_items(&self, other: &Tuple, op: CompareOp) -> PyResult<bool> {
        match self.first_difference(other)? {
            None => Ok(op.matches(self.len().cmp(&other.len()))),
            Some(_) if op == CompareOp::Eq => Ok(false),
            Some(_) if op == CompareOp::Ne => Ok(true),
            Some(i) => rich_compare_bool(self.get(i), other.get(i), op),
        }
    }
    /// The hash of the items' hashes (xxHash's mixing, as CPython's).
    pub fn compute_hash(items: &[&Object]) -> PyResult<isize> {
        const P1: u64 = 11400714785074694791;
        const P2: u64 = 14029467366897019727;
        const P5: u64 = 2870177450012600261;
        let mut acc = P5;
        crate::tstate::check_recursion(" while hashing a tuple")?;
        for item in items {
            let lane = match number::compact_int(item) {
                Some(-1) => -2,
                Some(value) => value,
                None => protocol::hash(item)?,
            } as u64;
            acc = acc.wrapping_add(lane.wrapping_mul(P2)).rotate_left(31).wrapping_mul(P1);
        }
        acc = acc.wrapping_add(items.len() as u64 ^ (P5 ^ 3527539));
        Ok(if acc == u64::MAX { 1546275796 } else { acc as isize })
    }
}

/// `PySequence_Tuple`'s last resort: the items of any iterable, collected.
pub(crate) fn collect(iterable: &Object) -> PyResult<Owned<Tuple>> {
    let iterator = iter::get_iter(iterable)?;
    let mut items: Vec<Owned> = Vec::new();
    while let Some(item) = iter::iter_next(&iterator)? {
        if items.len() == items.capacity() {
            items.try_reserve(1).map_err(|_| no_memory())?;
        }
        items.push(item);
        if crate::memory::reserve::is_owed() {
            return Err(no_memory());
        }
    }
    Ok(Tuple::from_owned(items))
}

// ---- the type -------------------------------------------------------------------------------------------------------------------

unsafe extern "C" fn dealloc(op: *mut PyObject) {
    // SAFETY: a dead tuple.
    unsafe {
        gc::untrack(op);
        let n = (*(op as *mut PyVarObject)).ob_size.get() as usize;
        let items = items_ptr(op);
        let mut i = n;
        while i > 0 {
            i -= 1;
            xdecref(*items.add(i));
        }
        let ty = (*op).ob_type.get();
        if ty == Tuple::type_object().as_type_ptr() && (1..=FREE_SIZES).contains(&n) && FREE[n - 1].push(op as *mut _) {
            return;
        }
        if let Some(free) = (*ty).tp_free.get() {
            free(op as *mut _);
        }
    }
}

pub(crate) unsafe extern "C" fn traverse(op: *mut PyObject, visit: abi::visitproc, arg: *mut abi::c_void) -> abi::c_int {
    // SAFETY: nothing changes during a traversal.
    unsafe {
        for i in (0..(*(op as *mut PyVarObject)).ob_size.get() as usize).rev() {
            let item = *items_ptr(op).add(i);
            if !item.is_null() {
                let result = visit(item, arg);
                if result != 0 {
                    return result;
                }
            }
        }
        0
    }
}

/// Tracks a new tuple, unless none of its items can ever be part of a cycle.
/// # Safety
/// An untracked tuple with `n` items, all written.
#[inline(always)]
pub unsafe fn track_if_needed(op: *mut PyObject, n: usize) {
    // SAFETY: by contract.
    unsafe {
        let items = items_ptr(op);
        if (0..n).any(|i| gc::may_be_tracked(*items.add(i))) {
            gc::track(op);
        }
    }
}

/// Stops tracking a tuple whose items can never be part of a cycle; the collector asks for survivors.
/// # Safety
/// A live exact tuple that is tracked.
pub unsafe fn maybe_untrack(op: *mut PyObject) {
    unsafe {
        for &item in (*(op as *const Tuple)).items() {
            // A NULL item: still being built.
            if item.is_null() || gc::may_be_tracked(item) {
                return;
            }
        }
        gc::untrack(op);
    }
}

/// How many dead tuples of one item, two, ... there are, and the bytes of the first kind.
pub fn free_list_counts() -> (Vec<usize>, usize) {
    (FREE.iter().map(|list| list.len()).collect(), 16 + 32 + 8)
}

/// While `tracemalloc` traces, each tuple has a block of its own making.
pub fn suspend_free_lists(suspended: bool) {
    for list in &FREE {
        // SAFETY: dead tuples' blocks, whose type is still there.
        list.suspend(suspended, |block| unsafe { gc::free(block) });
    }
}

/// Empties the free lists (a full collection does).
pub fn clear_free_lists() {
    for list in &FREE {
        list.clear(|block| unsafe {
            // The link took the place of the count; the type is still there.
            gc::free(block)
        });
    }
}

#[pytype(static = PyTuple_Type, name = "tuple", signature = "(iterable=(), /)", basicsize = 32, itemsize = 8,
    flags = BASETYPE | HAVE_GC | TUPLE_SUBCLASS | SEQUENCE | MATCH_SELF, tp_dealloc = dealloc, tp_traverse = traverse,
    doc = "An immutable sequence.\n\nWithout an argument the empty tuple; else the items of the iterable.\nA tuple is given back as it is.")]
impl Tuple {
    #[slot("tuple(iterable=(), /)")]
    fn tp_new(cls: &Type, iterable: Option<&Object>) -> PyResult<Owned<Tuple>> {
        Self::make(cls, iterable)
    }
    #[slot]
    fn tp_vectorcall(cls: &Type, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult<Owned<Tuple>> {
        if !kwargs.is_empty() {
            return Err(err!(TypeError, "tuple() takes no keyword arguments"));
        }
        if args.len() > 1 {
            return Err(err!(TypeError, "tuple expected at most 1 argument, got {}", args.len()));
        }
        Self::make(cls, args.first().copied())
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        if self.is_empty() {
            return Ok(Str::new("()"));
        }
        if protocol::repr_enter(self) {
            return Ok(Str::new("(...)"));
        }
        let result = self.repr_items();
        protocol::repr_leave(self);
        result
    }
    #[slot]
    fn tp_hash(&self) -> PyResult<isize> {
        let cached = self.0.ob_hash.get();
        if cached != -1 {
            return Ok(cached);
        }
        let hash = Self::compute_hash(self.as_slice())?;
        self.0.ob_hash.set(hash);
        Ok(hash)
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        let Some(other) = other.downcast::<Tuple>() else { return Ok(not_implemented().to_owned()) };
        match self.first_difference(other)? {
            None => Ok(bool_object(op.matches(self.len().cmp(&other.len()))).to_owned()),
            Some(_) if op == CompareOp::Eq => Ok(bool_object(false).to_owned()),
            Some(_) if op == CompareOp::Ne => Ok(bool_object(true).to_owned()),
            Some(i) => rich_compare(self.get(i), other.get(i), op),
        }
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        TupleIterator::over(self)
    }
    #[slot]
    fn sq_length(&self) -> usize {
        self.len()
    }
    #[slot]
    fn sq_concat(&self, other: &Object) -> PyResult<Owned<Tuple>> {
        if self.is_empty()
            && let Some(other) = other.downcast_exact::<Tuple>()
        {
            return Ok(Owned::from_ref(other));
        }
        let Some(other) = other.downcast::<Tuple>() else {
            return Err(err!(TypeError, "can only concatenate tuple (not \"{}\") to tuple", other.type_name()));
        };
        if other.is_empty() && self.as_object().is_exact::<Tuple>() {
            return Ok(Owned::from_ref(self));
        }
        let (n, m) = (self.len(), other.len());
        Self::build(n + m, |items| unsafe {
            copy_new_refs(self.items_ptr(), items, n);
            copy_new_refs(other.items_ptr(), items.add(n), m);
        })
    }
    #[slot]
    fn sq_repeat(&self, n: isize) -> PyResult<Owned<Tuple>> {
        let len = self.len();
        if (len == 0 || n == 1) && self.as_object().is_exact::<Tuple>() {
            return Ok(Owned::from_ref(self));
        }
        if len == 0 || n <= 0 {
            return Ok(Self::empty());
        }
        let Some(total) = len.checked_mul(n as usize).filter(|&t| t <= isize::MAX as usize / 8) else { return Err(no_memory()) };
        Self::build(total, |items| unsafe { sequence::fill_repeated(items, self.items_ptr(), len, n as usize) })
    }
    #[slot]
    fn sq_item(&self, i: isize) -> PyResult {
        match self.items().get(i as usize) {
            // SAFETY: an item of a live tuple.
            Some(&item) if i >= 0 => Ok(unsafe { Object::from_ptr(item) }.to_owned()),
            _ => Err(err!(IndexError, "tuple index out of range")),
        }
    }
    #[slot]
    fn sq_contains(&self, value: &Object) -> PyResult<bool> {
        for item in self.as_slice() {
            if rich_compare_bool(item, value, CompareOp::Eq)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
    #[slot]
    fn mp_length(&self) -> usize {
        self.len()
    }
    #[slot]
    fn mp_subscript(&self, key: &Object) -> PyResult {
        if number::check_index(key) {
            let i = number::as_isize(key, Some(exceptions::IndexError()))?;
            return self.sq_item(if i < 0 { i + self.len() as isize } else { i });
        }
        let Some(slice) = key.downcast_exact::<Slice>() else {
            return Err(err!(TypeError, "tuple indices must be integers or slices, not {}", key.type_name()));
        };
        let range = slice.resolve(self.len())?;
        if range.count == 0 {
            return Ok(Self::empty().into_object());
        }
        if range.start == 0 && range.step == 1 && range.count == self.len() && self.as_object().is_exact::<Tuple>() {
            return Ok(self.as_object().to_owned());
        }
        let items = self.items_ptr();
        Self::build(range.count, |out| unsafe {
            for (i, at) in range.indices().enumerate() {
                *out.add(i) = xincref(*items.add(at));
            }
        })
        .map(Owned::into_object)
    }
    /// Arguments to make an equal tuple with.
    #[method("__getnewargs__($self, /)")]
    fn getnewargs(&self) -> Owned<Tuple> {
        // SAFETY: items of a live tuple.
        let copy = unsafe { Self::from_borrowed(self.items_ptr(), self.len()) };
        Self::single(copy.into_object())
    }
    /// The first index of a value.
    ///
    /// Raises ValueError if the value is not present.
    #[method("index($self, value, start=0, stop=sys.maxsize, /)")]
    fn index(&self, value: &Object, start: Option<SliceIndex>, stop: Option<SliceIndex>) -> PyResult<usize> {
        let (start, stop) = sequence::search_bounds(start, stop, self.len());
        for i in start..stop.min(self.len()) {
            if rich_compare_bool(self.get(i), value, CompareOp::Eq)? {
                return Ok(i);
            }
        }
        Err(err!(ValueError, "tuple.index(x): x not in tuple"))
    }
    /// How often a value occurs.
    #[method("count($self, value, /)")]
    fn count(&self, value: &Object) -> PyResult<usize> {
        let mut count = 0;
        for item in self.as_slice() {
            if rich_compare_bool(item, value, CompareOp::Eq)? {
                count += 1;
            }
        }
        Ok(count)
    }
    /// See PEP 585.
    #[classmethod("__class_getitem__($type, object, /)")]
    fn class_getitem(cls: &Type, object: &Object) -> PyResult {
        GenericAlias::make(cls, object)
    }
}

/// Copies `n` pointers and takes a count of each.
unsafe fn copy_new_refs(from: *const *mut PyObject, to: *mut *mut PyObject, n: usize) {
    unsafe {
        for i in 0..n {
            *to.add(i) = xincref(*from.add(i));
        }
    }
}

impl Tuple {
    fn make(cls: &Type, iterable: Option<&Object>) -> PyResult<Owned<Tuple>> {
        let plain = match iterable {
            Some(iterable) => sequence::to_tuple(iterable)?,
            None => Self::empty(),
        };
        if ptr::eq(cls, Self::type_object()) {
            return Ok(plain);
        }
        let n = plain.len();
        let object = cls.alloc(n as isize)?;
        // SAFETY: a block of the subtype with room for n items.
        unsafe {
            let tuple: Owned<Tuple> = object.cast_into();
            tuple.0.ob_hash.set(-1);
            copy_new_refs(plain.items_ptr(), tuple.items_ptr(), n);
            Ok(tuple)
        }
    }

    fn repr_items(&self) -> PyResult<Owned<Str>> {
        let mut text = StrBuilder::new();
        text.push_str("(");
        for i in 0..self.len() {
            if i > 0 {
                text.push_str(", ");
            }
            // SAFETY: NULL, in a tuple that C code has not filled yet, or an item.
            match unsafe { Object::from_ptr_opt(*self.items_ptr().add(i)) } {
                Some(item) => text.push_str_object(&*protocol::repr(item)?)?,
                None => text.push_str("<NULL>"),
            }
        }
        text.push_str(if self.len() == 1 { ",)" } else { ")" });
        text.finish()
    }
}
