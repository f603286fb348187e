//! `list`: a growable array of items.
//!
//! `ob_item` has room for `allocated` pointers, of which `ob_size` are used (NULL and 0 in an empty list). Extensions append and pop by
//! themselves, so slots behind the size carry no meaning. Any operation that runs Python code (a comparison, a destructor) may change the
//! list: nothing of the array is kept across it. While a list is sorted `allocated` is -1 and the list looks empty.

use crate::errors::{PyResult, no_memory};
use crate::gc;
use crate::memory;
use crate::object::{Object, Owned, PyTyped, Type, init_head, xdecref, xincref};
use crate::protocol::object::{self as protocol, CompareOp, rich_compare, rich_compare_bool};
use crate::protocol::{iter, number, sequence};
use crate::types::slice::{SliceRange, adjust};
use crate::types::{Dict, Set, Slice, Str, Tuple, bool_object};
use crate::types::dict::views::{DictItems, DictKeysView, DictValuesView};
use crate::types::str::StrBuilder;
use crate::err;
use abi::PyObject;
use std::ptr;

pub use super::list_methods::PyList_Type;
pub use super::list_sort::sort;

#[repr(transparent)]
pub struct List(pub abi::PyListObject);

/// Dead lists, for the next ones.
static FREE: memory::FreeList<80> = memory::FreeList::new();

/// While `tracemalloc` traces, each list has a block of its own making.
pub fn suspend_free_list(suspended: bool) {
    // SAFETY: dead lists' blocks, whose type is still there.
    FREE.suspend(suspended, |block| unsafe { gc::free(block) });
}

/// Empties the free list (a full collection does).
pub fn clear_free_list() {
    // SAFETY: the link took the place of the count; the type is still there.
    FREE.clear(|block| unsafe { gc::free(block) });
}

/// The longest array whose size in bytes is a Py_ssize_t.
pub const MAX_LEN: usize = isize::MAX as usize / 8;

// ---- making ---------------------------------------------------------------------------------------------------------------------

impl List {
    #[inline]
    pub fn new() -> Owned<List> {
        // SAFETY: an empty list without an array.
        unsafe { Self::from_parts(ptr::null_mut(), 0, 0) }
    }
    unsafe fn from_parts(items: *mut *mut PyObject, len: usize, allocated: usize) -> Owned<List> {
        unsafe {
            let mut op = FREE.pop() as *mut PyObject;
            if op.is_null() {
                op = gc::alloc_or_abort(List::type_object(), size_of::<abi::PyListObject>());
            } else {
                init_head(op, List::type_object());
            }
            let list = &*(op as *const List);
            list.0.ob_base.ob_size.set(len as isize);
            list.0.ob_item.set(items);
            list.0.allocated.set(allocated as isize);
            gc::track(op);
            Owned::from_raw(op)
        }
    }
    /// `PyList_New`: `n` NULL items, to be filled by the caller.
    pub fn with_len(n: usize) -> PyResult<Owned<List>> {
        if n == 0 {
            return Ok(Self::new());
        }
        let items = alloc_items(n)?;
        // SAFETY: a fresh array.
        unsafe {
            ptr::write_bytes(items, 0, n);
            Ok(Self::from_parts(items, n, n))
        }
    }
    /// An empty list with room for `n` items.
    pub fn with_capacity(n: usize) -> PyResult<Owned<List>> {
        if n == 0 {
            return Ok(Self::new());
        }
        let items = alloc_items(n)?;
        // SAFETY: a fresh array of which nothing is used.
        unsafe { Ok(Self::from_parts(items, 0, n)) }
    }
    pub fn from_slice(items: &[&Object]) -> Owned<List> {
        Self::from_owned(items.iter().map(|&o| o.to_owned()).collect())
    }
    /// A list of items that the caller gives up.
    pub fn from_owned(items: Vec<Owned>) -> Owned<List> {
        let items = std::mem::ManuallyDrop::new(items);
        // SAFETY: counts move; the vector's memory is freed without dropping them.
        unsafe {
            let list = Self::from_stack(items.as_ptr() as *const *mut PyObject, items.len());
            drop(Vec::from_raw_parts(items.as_ptr() as *mut *mut PyObject, 0, items.capacity()));
            list
        }
    }
    /// A list that takes over `n` owned references (`BUILD_LIST`).
    /// # Safety
    /// `n` live objects at `items`, whose counts move into the list.
    #[inline]
    pub unsafe fn from_stack(items: *const *mut PyObject, n: usize) -> Owned<List> {
        unsafe {
            if n == 0 {
                return Self::new();
            }
            let array = memory::mem_malloc(n * 8) as *mut *mut PyObject;
            if array.is_null() {
                crate::memory::reserve::out_of_memory(n * 8);
            }
            ptr::copy_nonoverlapping(items, array, n);
            Self::from_parts(array, n, n)
        }
    }
    /// For the interpreter: an untracked list with `n` slots, which the caller writes before it tracks the list. NULL with MemoryError.
    #[inline(always)]
    pub fn alloc_raw(n: usize) -> *mut PyObject {
        // SAFETY: all fields are written.
        unsafe {
            let items = if n == 0 { ptr::null_mut() } else { memory::mem_malloc(n * 8) as *mut *mut PyObject };
            let op = gc::alloc(List::type_object(), size_of::<abi::PyListObject>());
            if op.is_null() || n > 0 && items.is_null() {
                no_memory();
                return ptr::null_mut();
            }
            let list = &*(op as *const List);
            list.0.ob_base.ob_size.set(n as isize);
            list.0.ob_item.set(items);
            list.0.allocated.set(n as isize);
            op
        }
    }
    /// Drops the items from `n` on.
    pub fn truncate(&self, n: usize) {
        while self.len() > n {
            let last = self.len() - 1;
            self.set_len(last);
            // SAFETY: the slot was in use; it is no longer part of the list.
            unsafe { xdecref(*self.items_ptr().add(last)) };
        }
    }
    /// An array written by `fill`, which runs no Python code.
    fn build(n: usize, fill: impl FnOnce(*mut *mut PyObject)) -> PyResult<Owned<List>> {
        if n == 0 {
            return Ok(Self::new());
        }
        let items = alloc_items(n)?;
        fill(items);
        // SAFETY: `fill` wrote all items.
        unsafe { Ok(Self::from_parts(items, n, n)) }
    }
}

fn alloc_items(n: usize) -> PyResult<*mut *mut PyObject> {
    if n > MAX_LEN {
        return Err(no_memory());
    }
    let items = memory::mem_malloc(n * 8) as *mut *mut PyObject;
    if items.is_null() { Err(no_memory()) } else { Ok(items) }
}

// ---- access ---------------------------------------------------------------------------------------------------------------------

impl List {
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.0.ob_base.ob_size.get() as usize
    }
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    #[inline(always)]
    pub(crate) fn set_len(&self, n: usize) {
        self.0.ob_base.ob_size.set(n as isize)
    }
    #[inline(always)]
    pub fn items_ptr(&self) -> *mut *mut PyObject {
        self.0.ob_item.get()
    }
    #[inline(always)]
    pub fn get(&self, i: usize) -> Option<Owned> {
        // SAFETY: within the array; the count is taken at once.
        if i < self.len() { unsafe { Owned::from_raw_opt(xincref(*self.items_ptr().add(i))) } } else { None }
    }
    /// Item `i`, borrowed.
    /// # Safety
    /// `i` is in bounds; valid until the list changes.
    #[inline(always)]
    pub unsafe fn item_unchecked(&self, i: usize) -> *mut PyObject {
        unsafe { *self.items_ptr().add(i) }
    }
    /// The items, borrowed.
    /// # Safety
    /// Nothing may change the list while the slice lives; no NULL items.
    #[inline(always)]
    pub unsafe fn as_slice(&self) -> &[&Object] {
        if self.is_empty() {
            return &[];
        }
        unsafe { std::slice::from_raw_parts(self.items_ptr() as *const &Object, self.len()) }
    }
    /// A copy of the items.
    pub fn to_vec(&self) -> Vec<Owned> {
        // SAFETY: nothing runs while counts are taken.
        unsafe { self.as_slice().iter().map(|&o| o.to_owned()).collect() }
    }
    /// Goes through the items by index; the list may change meanwhile.
    pub fn iter(&self) -> impl Iterator<Item = Owned> + '_ {
        let mut i = 0;
        std::iter::from_fn(move || {
            i += 1;
            self.get(i - 1)
        })
    }
    /// Replaces item `i`; the old one is dropped last. False if there is no such item.
    pub fn set(&self, i: usize, value: Owned) -> bool {
        if i >= self.len() {
            return false;
        }
        // SAFETY: within the array.
        unsafe { xdecref(self.items_ptr().add(i).replace(value.into_raw())) };
        true
    }

    // ---- size ----

    /// Makes the length `n`: the array grows with room to spare (4, 8, 16, 24, 32, 40, 52, 64, 76 ...) and shrinks below half.
    /// New slots are not written.
    pub(crate) fn resize(&self, n: usize) -> PyResult<()> {
        let allocated = self.0.allocated.get();
        if allocated >= n as isize && n as isize >= allocated >> 1 {
            self.set_len(n);
            return Ok(());
        }
        self.reallocate(n)
    }
    #[cold]
    #[inline(never)]
    fn reallocate(&self, n: usize) -> PyResult<()> {
        if n > MAX_LEN {
            return Err(no_memory());
        }
        let mut room = (n + (n >> 3) + 6) & !3;
        // A big jump is not likely to be followed by another.
        if n as isize - self.len() as isize > room as isize - n as isize {
            room = (n + 3) & !3;
        }
        if n == 0 {
            room = 0;
        }
        // SAFETY: the array belongs to the list.
        unsafe {
            let items = if room == 0 {
                memory::mem_free(self.items_ptr() as *mut _);
                ptr::null_mut()
            } else {
                let items = memory::mem_realloc(self.items_ptr() as *mut _, room.checked_mul(8).ok_or_else(no_memory)?) as *mut *mut PyObject;
                if items.is_null() {
                    return Err(no_memory());
                }
                items
            };
            self.0.ob_item.set(items);
        }
        self.0.allocated.set(room as isize);
        self.set_len(n);
        Ok(())
    }
    /// Room for exactly `n` items (an even number of them) in a list without an array.
    fn preallocate(&self, n: usize) -> PyResult<()> {
        let n = (n + 1) & !1;
        self.0.ob_item.set(alloc_items(n)?);
        self.0.allocated.set(n as isize);
        Ok(())
    }

    // ---- change ----

    pub fn append(&self, item: &Object) -> PyResult<()> {
        self.push(item.to_owned())
    }
    /// Appends an owned item.
    #[inline(always)]
    pub fn push(&self, item: Owned) -> PyResult<()> {
        let n = self.len();
        if (n as isize) < self.0.allocated.get() {
            // SAFETY: there is room.
            unsafe { *self.items_ptr().add(n) = item.into_raw() };
            self.set_len(n + 1);
            return Ok(());
        }
        self.push_slow(item)
    }
    #[cold]
    #[inline(never)]
    fn push_slow(&self, item: Owned) -> PyResult<()> {
        let n = self.len();
        self.resize(n + 1)?;
        // SAFETY: there is room now.
        unsafe { *self.items_ptr().add(n) = item.into_raw() };
        Ok(())
    }
    pub fn insert(&self, at: isize, item: &Object) -> PyResult<()> {
        let n = self.len();
        let at = if at < 0 { (at + n as isize).max(0) } else { at.min(n as isize) } as usize;
        self.resize(n + 1)?;
        // SAFETY: within the array; nothing runs.
        unsafe {
            let items = self.items_ptr();
            ptr::copy(items.add(at), items.add(at + 1), n - at);
            *items.add(at) = item.to_owned().into_raw();
        }
        Ok(())
    }
    /// Takes item `i` out.
    pub fn pop(&self, i: usize) -> PyResult<Option<Owned>> {
        let n = self.len();
        if i >= n {
            return Ok(None);
        }
        // SAFETY: within the array; counts move.
        unsafe {
            let items = self.items_ptr();
            let item = *items.add(i);
            if n == 1 {
                self.0.ob_item.set(ptr::null_mut());
                self.0.allocated.set(0);
                self.set_len(0);
                memory::mem_free(items as *mut _);
                return Ok(Some(Owned::from_raw(item)));
            }
            ptr::copy(items.add(i + 1), items.add(i), n - i - 1);
            if self.resize(n - 1).is_err() {
                // Shrinking failed: the items are in place all the same.
                crate::errors::clear();
                self.set_len(n - 1);
            }
            Ok(Some(Owned::from_raw(item)))
        }
    }
    /// Empties the list, then drops the items, last first.
    pub fn clear(&self) {
        let items = self.0.ob_item.replace(ptr::null_mut());
        if items.is_null() {
            return;
        }
        let mut n = self.len();
        self.set_len(0);
        self.0.allocated.set(0);
        // SAFETY: the array is ours alone now.
        unsafe {
            while n > 0 {
                n -= 1;
                xdecref(*items.add(n));
            }
            memory::mem_free(items as *mut _);
        }
    }
    pub fn reverse(&self) {
        if self.len() > 1 {
            // SAFETY: nothing runs.
            unsafe { std::slice::from_raw_parts_mut(self.items_ptr(), self.len()) }.reverse();
        }
    }
    /// `list[start:stop]`, bounds cut to size.
    pub fn slice(&self, start: usize, stop: usize) -> PyResult<Owned<List>> {
        let stop = stop.min(self.len());
        let start = start.min(stop);
        // SAFETY: nothing runs while items are copied.
        Self::build(stop - start, |out| unsafe { copy_new_refs(self.items_ptr().add(start), out, stop - start) })
    }
    pub fn copy(&self) -> PyResult<Owned<List>> {
        self.slice(0, self.len())
    }
    pub fn as_tuple(&self) -> Owned<Tuple> {
        // SAFETY: nothing runs while items are copied.
        unsafe { Tuple::from_borrowed(self.items_ptr(), self.len()) }
    }

    /// Adds the items of any iterable.
    pub fn extend(&self, iterable: &Object) -> PyResult<()> {
        if let Some(list) = iterable.downcast_exact::<List>() {
            // SAFETY: `extend_raw` reads the array anew after it may have moved.
            return unsafe { self.extend_raw(list.len(), || list.items_ptr()) };
        }
        if let Some(tuple) = iterable.downcast_exact::<Tuple>() {
            // SAFETY: a tuple does not move.
            return unsafe { self.extend_raw(tuple.len(), || tuple.items_ptr()) };
        }
        if iterable.is_exact::<Set>() {
            // SAFETY: a set.
            let items = unsafe { iterable.cast::<Set>() }.to_vec();
            return self.extend_owned(items);
        }
        if let Some(dict) = iterable.downcast_exact::<Dict>() {
            return self.extend(dict.keys_list()?.as_object());
        }
        if let Some(view) = iterable.downcast_exact::<DictKeysView>() {
            return self.extend(view.dict().keys_list()?.as_object());
        }
        if let Some(view) = iterable.downcast_exact::<DictValuesView>() {
            return self.extend(view.dict().values_list()?.as_object());
        }
        if let Some(view) = iterable.downcast_exact::<DictItems>() {
            return self.extend(view.dict().items_list()?.as_object());
        }
        self.extend_iter(iterable)
    }
    unsafe fn extend_raw(&self, m: usize, items: impl Fn() -> *mut *mut PyObject) -> PyResult<()> {
        if m == 0 {
            return Ok(());
        }
        let n = self.len();
        if self.items_ptr().is_null() {
            self.preallocate(m)?;
            self.set_len(m);
        } else {
            self.resize(n.checked_add(m).ok_or_else(no_memory)?)?;
        }
        // SAFETY: room was made; the source may be this list, whose first items are where they were.
        unsafe { copy_new_refs(items(), self.items_ptr().add(n), m) };
        Ok(())
    }
    fn extend_owned(&self, items: Vec<Owned>) -> PyResult<()> {
        let m = items.len();
        // SAFETY: counts move only once room is there.
        unsafe {
            self.extend_raw(m, || items.as_ptr() as *mut *mut PyObject)?;
        }
        Ok(())
    }
    fn extend_iter(&self, iterable: &Object) -> PyResult<()> {
        let iterator = iter::get_iter(iterable)?;
        let hint = iter::length_hint(iterable, 8)?;
        let n = self.len();
        // A sum beyond any length is believed no more: perhaps the iterator ends earlier. One that only memory cannot hold is.
        if let Some(total) = n.checked_add(hint).filter(|&total| total <= isize::MAX as usize) {
            if total > MAX_LEN {
                return Err(no_memory());
            }
            if self.items_ptr().is_null() {
                if hint > 0 {
                    self.preallocate(hint)?;
                }
            } else {
                self.resize(n + hint)?;
                self.set_len(n);
            }
        }
        // The slot is called directly: the type of an iterator seldom changes.
        while let Some(item) = iter::iter_next(&iterator)? {
            self.push(item)?;
            if memory::reserve::is_owed() {
                return Err(no_memory());
            }
        }
        if (self.len() as isize) < self.0.allocated.get() {
            self.resize(self.len())?;
        }
        Ok(())
    }

    // ---- search ----

    pub fn contains(&self, value: &Object) -> PyResult<bool> {
        let mut i = 0;
        while let Some(item) = self.get(i) {
            if rich_compare_bool(&item, value, CompareOp::Eq)? {
                return Ok(true);
            }
            i += 1;
        }
        Ok(false)
    }
    pub(super) fn find(&self, value: &Object, start: usize, stop: usize) -> PyResult<Option<usize>> {
        let mut i = start;
        while i < stop
            && let Some(item) = self.get(i)
        {
            if rich_compare_bool(&item, value, CompareOp::Eq)? {
                return Ok(Some(i));
            }
            i += 1;
        }
        Ok(None)
    }
    pub(super) fn compare(&self, other: &List, op: CompareOp) -> PyResult {
        if self.len() != other.len() && matches!(op, CompareOp::Eq | CompareOp::Ne) {
            return Ok(bool_object(op == CompareOp::Ne).to_owned());
        }
        let mut i = 0;
        while let (Some(x), Some(y)) = (self.get(i), other.get(i)) {
            if !x.is(&y) && !rich_compare_bool(&x, &y, CompareOp::Eq)? {
                // The comparison may have made a list shorter.
                let (Some(x), Some(y)) = (self.get(i), other.get(i)) else { break };
                return match op {
                    CompareOp::Eq => Ok(bool_object(false).to_owned()),
                    CompareOp::Ne => Ok(bool_object(true).to_owned()),
                    _ => rich_compare(&x, &y, op),
                };
            }
            i += 1;
        }
        Ok(bool_object(op.matches(self.len().cmp(&other.len()))).to_owned())
    }

    // ---- whole-list operators ----

    pub fn concat(&self, other: &List) -> PyResult<Owned<List>> {
        let (n, m) = (self.len(), other.len());
        Self::build(n.checked_add(m).ok_or_else(no_memory)?, |out| unsafe {
            copy_new_refs(self.items_ptr(), out, n);
            copy_new_refs(other.items_ptr(), out.add(n), m);
        })
    }
    pub fn repeat(&self, times: isize) -> PyResult<Owned<List>> {
        let n = self.len();
        if n == 0 || times <= 0 {
            return Ok(Self::new());
        }
        let total = n.checked_mul(times as usize).ok_or_else(no_memory)?;
        Self::build(total, |out| unsafe { sequence::fill_repeated(out, self.items_ptr(), n, times as usize) })
    }
    pub(super) fn repeat_in_place(&self, times: isize) -> PyResult<()> {
        let n = self.len();
        if n == 0 || times == 1 {
            return Ok(());
        }
        if times < 1 {
            self.clear();
            return Ok(());
        }
        let total = n.checked_mul(times as usize).filter(|&t| t <= MAX_LEN).ok_or_else(no_memory)?;
        self.resize(total)?;
        // SAFETY: the first n items stay; each gains a count for every copy.
        unsafe {
            let items = self.items_ptr();
            sequence::fill_repeated(items.add(n), items, n, times as usize - 1);
        }
        Ok(())
    }

    // ---- subscripts ----

    pub(super) fn subscript(&self, key: &Object) -> PyResult {
        if number::check_index(key) {
            let i = number::as_isize(key, Some(crate::exceptions::IndexError()))?;
            let i = if i < 0 { i + self.len() as isize } else { i };
            return match self.get(i as usize) {
                Some(item) if i >= 0 => Ok(item),
                _ => Err(err!(IndexError, "list index out of range")),
            };
        }
        let Some(slice) = key.downcast_exact::<Slice>() else { return Err(bad_index(key)) };
        let (start, stop, step) = slice.unpack()?;
        let range = adjust(start, stop, step, self.len() as isize);
        if range.step == 1 {
            return Ok(self.slice(range.start as usize, range.start as usize + range.count)?.into_object());
        }
        let items = self.items_ptr();
        Self::build(range.count, |out| unsafe {
            for (i, at) in range.indices().enumerate() {
                *out.add(i) = xincref(*items.add(at));
            }
        })
        .map(Owned::into_object)
    }
    pub(super) fn assign_subscript(&self, key: &Object, value: Option<&Object>) -> PyResult<()> {
        if number::check_index(key) {
            let i = number::as_isize(key, Some(crate::exceptions::IndexError()))?;
            return self.assign_item(if i < 0 { i + self.len() as isize } else { i }, value);
        }
        let Some(slice) = key.downcast_exact::<Slice>() else { return Err(bad_index(key)) };
        let (start, stop, step) = slice.unpack()?;
        let Some(value) = value else { return self.delete_range(adjust(start, stop, step, self.len() as isize)) };
        let message = "must assign iterable to extended slice";
        let values = if value.is(self.as_object()) { self.copy()?.into_object() } else { sequence::sequence_fast(value, message)? };
        // Making the list of values may have changed this list: bounds are cut only now.
        let range = adjust(start, stop, step, self.len() as isize);
        if range.step == 1 {
            let start = range.start as usize;
            return self.splice(start, start + range.count, Some(&values));
        }
        let m = sequence::fast_len(&values);
        if m != range.count {
            return Err(err!(ValueError, "attempt to assign sequence of size {} to extended slice of size {}", m, range.count));
        }
        let mut dropped: Vec<Owned> = Vec::with_capacity(m);
        // SAFETY: indices are in bounds and nothing runs until the old items are dropped.
        unsafe {
            let (items, source) = (self.items_ptr(), sequence::fast_items(&values));
            for (i, at) in range.indices().enumerate() {
                dropped.push(Owned::from_raw(items.add(at).replace(xincref(*source.add(i)))));
            }
        }
        Ok(())
    }
    pub(super) fn assign_item(&self, i: isize, value: Option<&Object>) -> PyResult<()> {
        if i < 0 || i as usize >= self.len() {
            return Err(err!(IndexError, "list assignment index out of range"));
        }
        match value {
            Some(value) => {
                self.set(i as usize, value.to_owned());
                Ok(())
            }
            None => self.splice(i as usize, i as usize + 1, None),
        }
    }
    fn delete_range(&self, range: SliceRange) -> PyResult<()> {
        let SliceRange { mut start, mut step, count, .. } = range;
        if count == 0 {
            return Ok(());
        }
        if step < 0 {
            start += step * (count as isize - 1);
            step = -step;
        }
        let (start, step) = (start as usize, step as usize);
        if step == 1 {
            return self.splice(start, start + count, None);
        }
        let mut dropped: Vec<Owned> = Vec::with_capacity(count);
        let n = self.len();
        // SAFETY: indices are in bounds; items between the deleted ones move down.
        unsafe {
            let items = self.items_ptr();
            let mut out = start;
            for k in 0..count {
                let at = start + k * step;
                dropped.push(Owned::from_raw(*items.add(at)));
                let next = if k + 1 < count { at + step } else { n };
                ptr::copy(items.add(at + 1), items.add(out), next - at - 1);
                out += next - at - 1;
            }
        }
        let shrunk = self.resize(n - count);
        drop(dropped);
        shrunk
    }
    /// Replaces items `start..stop` by those of a list or tuple (none deletes). The old ones are dropped last.
    pub(crate) fn splice(&self, start: usize, stop: usize, values: Option<&Object>) -> PyResult<()> {
        let n = self.len();
        let start = start.min(n);
        let stop = stop.clamp(start, n);
        let m = values.map_or(0, sequence::fast_len);
        let removed = stop - start;
        if n - removed + m == 0 {
            self.clear();
            return Ok(());
        }
        // SAFETY: bounds are those of the array; nothing runs before the old items are dropped.
        unsafe {
            // The items that go, kept aside until the list is whole again.
            let mut few = [ptr::null_mut::<PyObject>(); 16];
            let mut many = Vec::new();
            let old = if removed <= few.len() {
                &mut few[..removed]
            } else {
                many.try_reserve_exact(removed).map_err(|_| no_memory())?;
                many.resize(removed, ptr::null_mut());
                &mut many[..]
            };
            if removed > 0 {
                ptr::copy_nonoverlapping(self.items_ptr().add(start), old.as_mut_ptr(), removed);
            }
            if m < removed {
                let items = self.items_ptr();
                ptr::copy(items.add(stop), items.add(start + m), n - stop);
                if self.resize(n - removed + m).is_err() {
                    crate::errors::clear();
                    self.set_len(n - removed + m);
                }
            } else if m > removed {
                self.resize(n - removed + m)?;
                let items = self.items_ptr();
                ptr::copy(items.add(stop), items.add(start + m), n - stop);
            }
            if let Some(values) = values {
                copy_new_refs(sequence::fast_items(values), self.items_ptr().add(start), m);
            }
            // Last first, as slots are given up.
            old.iter().rev().for_each(|&item| xdecref(item));
        }
        Ok(())
    }

    pub(super) fn repr_items(&self) -> PyResult<Owned<Str>> {
        let mut text = StrBuilder::new();
        text.push_str("[");
        let mut i = 0;
        while i < self.len() {
            if i > 0 {
                text.push_str(", ");
            }
            match self.get(i) {
                Some(item) => text.push_str_object(&*protocol::repr(&item)?)?,
                // A list that C code has not filled yet.
                None => text.push_str("<NULL>"),
            }
            i += 1;
        }
        text.push_str("]");
        text.finish()
    }
}

#[cold]
fn bad_index(key: &Object) -> crate::errors::Raised {
    err!(TypeError, "list indices must be integers or slices, not {}", key.type_name())
}

/// Copies `n` pointers and takes a count of each.
unsafe fn copy_new_refs(from: *const *mut PyObject, to: *mut *mut PyObject, n: usize) {
    unsafe {
        for i in 0..n {
            *to.add(i) = xincref(*from.add(i));
        }
    }
}

// ---- life -----------------------------------------------------------------------------------------------------------------------

pub(super) unsafe extern "C" fn dealloc(op: *mut PyObject) {
    // SAFETY: a dead list.
    unsafe {
        gc::untrack(op);
        let list = &*(op as *const List);
        let items = list.items_ptr();
        if !items.is_null() {
            let mut n = list.len();
            while n > 0 {
                n -= 1;
                xdecref(*items.add(n));
            }
            memory::mem_free(items as *mut _);
        }
        let ty = (*op).ob_type.get();
        if ty == List::type_object().as_type_ptr() && FREE.push(op as *mut _) {
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
        let list = &*(op as *const List);
        for i in (0..list.len()).rev() {
            let item = *list.items_ptr().add(i);
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

pub(super) unsafe extern "C" fn tp_clear(op: *mut PyObject) -> abi::c_int {
    // SAFETY: a list.
    unsafe { (*(op as *const List)).clear() };
    0
}

pub(super) fn allocate(cls: &Type) -> PyResult<Owned<List>> {
    if ptr::eq(cls, List::type_object()) {
        return Ok(List::new());
    }
    // SAFETY: zeroed memory is an empty list.
    Ok(unsafe { cls.alloc(0)?.cast_into() })
}
