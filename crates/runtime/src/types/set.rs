//! `set` and `frozenset`: open hashing with short linear runs.
//!
//! The order in which a set gives its items can be seen, so probing, growth and the order of insertions follow CPython's: from the hash's
//! slot `LINEAR_PROBES` neighbours, then a jump by the perturbed hash; growth at 3/5 to four times (twice past 50,000) the items.
//! A slot is empty (key NULL, hash 0), deleted (key DUMMY, hash -1) or holds an item. `fill` counts items and deleted slots, `used` items,
//! `mask` is the size less one. Small sets live in `smalltable`. Comparisons may change the set: a search begins anew if they did.

pub use super::set_methods::contains;
use crate::errors::{PyResult, no_memory};
use crate::gc;
use crate::memory;
use crate::object::{Object, Owned, PyTyped, Type, xdecref};
use crate::protocol::{iter, number};
use crate::protocol::object::{self as protocol, CompareOp, equal_without_code, rich_compare_bool};
use crate::types::Dict;
use crate::types::dict::keys::{is_exact_str, str_hash};
use crate::types::dict::unhashable;
use abi::{PyObject, PySetObject, setentry};
use std::ptr;

pub use super::set_methods::{PyFrozenSet_Type, PySetIter_Type, PySet_Type, SetIterator};

#[repr(transparent)]
pub struct Set(pub PySetObject);

/// A frozenset has a set's layout.
#[repr(transparent)]
pub struct FrozenSet(pub PySetObject);

pub const MIN_SIZE: usize = 8;
const LINEAR_PROBES: usize = 9;
const PERTURB_SHIFT: u32 = 5;

/// What the key of a deleted slot points to.
static DUMMY: u64 = 0;
#[inline(always)]
fn dummy() -> *mut PyObject {
    (&raw const DUMMY) as *mut PyObject
}

/// The hash of an item.
#[inline(always)]
pub fn hash_item(item: &Object) -> PyResult<isize> {
    // SAFETY: an exact str.
    unsafe {
        if is_exact_str(item.as_ptr()) {
            return Ok(str_hash(item.as_ptr()));
        }
    }
    if let Some(value) = number::compact_int(item) {
        return Ok(if value == -1 { -2 } else { value });
    }
    protocol::hash(item).map_err(|raised| unhashable(item, raised, "a set element"))
}

impl FrozenSet {
    pub fn from_items(items: &[Owned]) -> PyResult<Owned<FrozenSet>> {
        // SAFETY: frozenset has a set's layout.
        unsafe {
            let set = Set::allocate(FrozenSet::type_object());
            for item in items {
                set.add(item)?;
            }
            Ok(set.cast_into())
        }
    }
    #[inline(always)]
    pub fn as_set(&self) -> &Set {
        // SAFETY: the layouts are the same.
        unsafe { &*(self as *const FrozenSet as *const Set) }
    }
}

// ---- making ---------------------------------------------------------------------------------------------------------------------

impl Set {
    pub fn new() -> Owned<Set> {
        // SAFETY: a set's type.
        unsafe { Self::allocate(Set::type_object()) }
    }
    pub fn from_iterable(iterable: &Object) -> PyResult<Owned<Set>> {
        let set = Self::new();
        set.update(iterable)?;
        Ok(set)
    }
    /// A new frozenset of the iterable's items.
    pub fn frozen(iterable: &Object) -> PyResult<Owned<FrozenSet>> {
        // SAFETY: frozenset has the same layout.
        let set = unsafe { Self::allocate(FrozenSet::type_object()) };
        set.update(iterable)?;
        // SAFETY: made as one.
        Ok(unsafe { set.cast_into() })
    }
    /// An empty instance of exactly `set` or `frozenset`.
    pub(super) unsafe fn allocate(ty: &Type) -> Owned<Set> {
        unsafe {
            let op = gc::alloc_or_abort(ty, size_of::<PySetObject>());
            (*(op as *mut Set)).init();
            gc::track(op);
            Owned::from_raw(op)
        }
    }
    /// Makes a block an empty set.
    pub(super) fn init(&self) {
        self.0.fill.set(0);
        self.0.used.set(0);
        self.0.mask.set(MIN_SIZE as isize - 1);
        self.0.hash.set(-1);
        self.0.finger.set(0);
        self.0.weakreflist.set(ptr::null_mut());
        self.reset_small();
        self.0.table.set(self.small());
    }
    fn reset_small(&self) {
        for entry in &self.0.smalltable {
            entry.key.set(ptr::null_mut());
            entry.hash.set(0);
        }
    }
    #[inline(always)]
    fn small(&self) -> *mut setentry {
        &raw const self.0.smalltable as *mut setentry
    }
    /// Whether the object is a set or frozenset, or of a subclass.
    #[inline]
    pub fn check_any(o: &Object) -> bool {
        let ty = o.ty();
        ptr::eq(ty, Set::type_object()) || ptr::eq(ty, FrozenSet::type_object()) || ty.is_subtype(Set::type_object()) || ty.is_subtype(FrozenSet::type_object())
    }
    /// Whether the object is exactly a set or a frozenset.
    #[inline(always)]
    pub fn check_any_exact(o: &Object) -> bool {
        let ty = o.ty();
        ptr::eq(ty, Set::type_object()) || ptr::eq(ty, FrozenSet::type_object())
    }
    /// The object as a set, if it is any kind of one.
    #[inline]
    pub fn from_any(o: &Object) -> Option<&Set> {
        // SAFETY: checked; both have one layout.
        if Self::check_any(o) { Some(unsafe { o.cast() }) } else { None }
    }
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.0.used.get() as usize
    }
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.0.used.get() == 0
    }
    #[inline(always)]
    fn table(&self) -> *mut setentry {
        self.0.table.get()
    }
    #[inline(always)]
    fn mask(&self) -> usize {
        self.0.mask.get() as usize
    }
    pub fn object(&self) -> &Object {
        // SAFETY: a set begins with the object head.
        unsafe { &*(self as *const Set as *const Object) }
    }
}

// ---- search and insertion -------------------------------------------------------------------------------------------------------

/// What a comparison with a stored key said.
enum Compared {
    Equal,
    Different,
    Changed,
}

impl Set {
    #[inline(never)]
    unsafe fn compare(&self, table: *mut setentry, entry: *mut setentry, stored: *mut PyObject, key: *mut PyObject) -> PyResult<Compared> {
        unsafe {
            if let Some(equal) = equal_without_code(Object::from_ptr(stored), Object::from_ptr(key)) {
                return Ok(if equal { Compared::Equal } else { Compared::Different });
            }
            let mask = self.mask();
            let stored = Object::from_ptr(stored).to_owned();
            let equal = rich_compare_bool(&stored, Object::from_ptr(key), CompareOp::Eq)?;
            if self.table() != table || self.mask() != mask || (*entry).key.get() != stored.raw() {
                return Ok(Compared::Changed);
            }
            Ok(if equal { Compared::Equal } else { Compared::Different })
        }
    }

    /// The slot that holds the key, or the empty slot that ends the search.
    #[inline]
    unsafe fn look(&self, key: *mut PyObject, hash: isize) -> PyResult<*mut setentry> {
        // SAFETY: by the caller's contract.
        unsafe { self.search::<false>(key, hash) }
    }

    /// As `look`; for an insertion, the last deleted slot on the way is as good as the unused one at the end (and the order that
    /// programs see depends on it).
    #[inline]
    unsafe fn search<const INSERT: bool>(&self, key: *mut PyObject, hash: isize) -> PyResult<*mut setentry> {
        unsafe {
            'again: loop {
                let mut deleted: *mut setentry = ptr::null_mut();
                let table = self.table();
                let mask = self.mask();
                let mut perturb = hash as usize;
                let mut i = hash as usize & mask;
                loop {
                    let mut entry = table.add(i);
                    let mut probes = if i + LINEAR_PROBES <= mask { LINEAR_PROBES } else { 0 };
                    loop {
                        let stored = (*entry).key.get();
                        let stored_hash = (*entry).hash.get();
                        if stored_hash == 0 && stored.is_null() {
                            return Ok(if INSERT && !deleted.is_null() { deleted } else { entry });
                        }
                        if INSERT && stored_hash == -1 {
                            deleted = entry;
                        } else if stored_hash == hash {
                            if stored == key {
                                return Ok(entry);
                            }
                            match self.compare(table, entry, stored, key)? {
                                Compared::Equal => return Ok(entry),
                                Compared::Different => {}
                                Compared::Changed => continue 'again,
                            }
                        }
                        if probes == 0 {
                            break;
                        }
                        probes -= 1;
                        entry = entry.add(1);
                    }
                    perturb >>= PERTURB_SHIFT;
                    i = (i.wrapping_mul(5).wrapping_add(1).wrapping_add(perturb)) & mask;
                }
            }
        }
    }

    /// Whether the key is there, if no comparison is needed that may run code.
    #[inline(always)]
    unsafe fn quick_contains(&self, key: *mut PyObject, hash: isize) -> Option<bool> {
        // SAFETY: by the caller's contract; nothing runs.
        unsafe {
            let (table, mask) = (self.table(), self.mask());
            let mut perturb = hash as usize;
            let mut i = hash as usize & mask;
            loop {
                let mut entry = table.add(i);
                let mut probes = if i + LINEAR_PROBES <= mask { LINEAR_PROBES } else { 0 };
                loop {
                    let stored = (*entry).key.get();
                    if stored == key {
                        return Some(true);
                    }
                    if stored.is_null() {
                        return Some(false);
                    }
                    if (*entry).hash.get() == hash {
                        match equal_without_code(Object::from_ptr(stored), Object::from_ptr(key)) {
                            Some(true) => return Some(true),
                            Some(false) => {}
                            None => return None,
                        }
                    }
                    if probes == 0 {
                        break;
                    }
                    probes -= 1;
                    entry = entry.add(1);
                }
                perturb >>= PERTURB_SHIFT;
                i = (i.wrapping_mul(5).wrapping_add(1).wrapping_add(perturb)) & mask;
            }
        }
    }
    /// Whether an item of another set, borrowed from there, is in this one.
    #[inline(always)]
    unsafe fn contains_item(&self, key: *mut PyObject, hash: isize) -> PyResult<bool> {
        // SAFETY: by the caller's contract; the item is held where code may run.
        unsafe {
            match self.quick_contains(key, hash) {
                Some(found) => Ok(found),
                None => self.contains_hash(&Object::from_ptr(key).to_owned(), hash),
            }
        }
    }

    /// Adds an item, taking it over; nothing if an equal one is there.
    #[inline]
    fn insert(&self, key: Owned, hash: isize) -> PyResult<()> {
        // SAFETY: the slot belongs to the present table; nothing runs between search and store.
        unsafe {
            let entry = self.search::<true>(key.raw(), hash)?;
            if (*entry).hash.get() == -1 {
                (*entry).key.set(key.into_raw());
                (*entry).hash.set(hash);
                self.0.used.set(self.0.used.get() + 1);
                return Ok(());
            }
            if !(*entry).key.get().is_null() {
                return Ok(());
            }
            (*entry).key.set(key.into_raw());
            (*entry).hash.set(hash);
            let fill = self.0.fill.get() + 1;
            self.0.fill.set(fill);
            self.0.used.set(self.0.used.get() + 1);
            if (fill as usize) * 5 < self.mask() * 3 {
                return Ok(());
            }
            self.resize(self.grown())
        }
    }

    fn grown(&self) -> usize {
        let used = self.len();
        if used > 50_000 { used * 2 } else { used * 4 }
    }

    /// Puts an item into a table that has no equal one and no deleted slots.
    unsafe fn insert_clean(table: *mut setentry, mask: usize, key: *mut PyObject, hash: isize) {
        unsafe {
            let mut perturb = hash as usize;
            let mut i = hash as usize & mask;
            loop {
                let mut entry = table.add(i);
                let mut probes = if i + LINEAR_PROBES <= mask { LINEAR_PROBES } else { 0 };
                loop {
                    if (*entry).key.get().is_null() {
                        (*entry).key.set(key);
                        (*entry).hash.set(hash);
                        return;
                    }
                    if probes == 0 {
                        break;
                    }
                    probes -= 1;
                    entry = entry.add(1);
                }
                perturb >>= PERTURB_SHIFT;
                i = (i.wrapping_mul(5).wrapping_add(1).wrapping_add(perturb)) & mask;
            }
        }
    }

    /// Moves the items to a table with more than `min_used` slots.
    #[cold]
    #[inline(never)]
    unsafe fn resize(&self, min_used: usize) -> PyResult<()> {
        unsafe {
            let mut size = MIN_SIZE;
            while size <= min_used {
                size <<= 1;
            }
            let (old, old_mask) = (self.table(), self.mask());
            let old_is_small = old == self.small();
            let mut copy: [(*mut PyObject, isize); MIN_SIZE] = [(ptr::null_mut(), 0); MIN_SIZE];
            let new;
            if size == MIN_SIZE {
                new = self.small();
                if old_is_small {
                    if self.0.fill.get() == self.0.used.get() {
                        return Ok(());
                    }
                    for (i, slot) in copy.iter_mut().enumerate() {
                        *slot = ((*old.add(i)).key.get(), (*old.add(i)).hash.get());
                    }
                }
                self.reset_small();
            } else {
                let bytes = size.checked_mul(size_of::<setentry>()).ok_or_else(no_memory)?;
                new = memory::mem_calloc(bytes, 1) as *mut setentry;
                if new.is_null() {
                    return Err(no_memory());
                }
            }
            self.0.table.set(new);
            self.0.mask.set(size as isize - 1);
            self.0.fill.set(self.0.used.get());
            if old_is_small && new == old {
                for (key, hash) in copy {
                    if !key.is_null() && key != dummy() {
                        Self::insert_clean(new, size - 1, key, hash);
                    }
                }
            } else {
                for i in 0..=old_mask {
                    let (key, hash) = ((*old.add(i)).key.get(), (*old.add(i)).hash.get());
                    if !key.is_null() && key != dummy() {
                        Self::insert_clean(new, size - 1, key, hash);
                    }
                }
                if !old_is_small {
                    memory::mem_free(old as *mut _);
                }
            }
            Ok(())
        }
    }

    /// Takes an item out; None if it is not there.
    unsafe fn take(&self, key: *mut PyObject, hash: isize) -> PyResult<Option<Owned>> {
        unsafe {
            let entry = self.look(key, hash)?;
            let stored = (*entry).key.get();
            if stored.is_null() {
                return Ok(None);
            }
            (*entry).key.set(dummy());
            (*entry).hash.set(-1);
            self.0.used.set(self.0.used.get() - 1);
            Ok(Some(Owned::from_raw(stored)))
        }
    }

    /// The item at `pos` or after it with its hash, borrowed; `pos` begins at 0.
    /// # Safety
    /// Valid until the set changes.
    #[inline]
    pub unsafe fn next_raw(&self, pos: &mut usize) -> Option<(*mut PyObject, isize)> {
        unsafe {
            let (table, mask) = (self.table(), self.mask());
            let mut i = *pos;
            while i <= mask {
                let key = (*table.add(i)).key.get();
                if !key.is_null() && key != dummy() {
                    *pos = i + 1;
                    return Some((key, (*table.add(i)).hash.get()));
                }
                i += 1;
            }
            *pos = i;
            None
        }
    }
    /// The next item; the set may change between calls.
    pub fn next(&self, pos: &mut usize) -> Option<(Owned, isize)> {
        // SAFETY: the count is taken at once.
        unsafe { self.next_raw(pos).map(|(key, hash)| (Object::from_ptr(key).to_owned(), hash)) }
    }
    pub fn to_vec(&self) -> Vec<Owned> {
        let mut items = Vec::with_capacity(self.len());
        let mut pos = 0;
        while let Some((item, _)) = self.next(&mut pos) {
            items.push(item);
        }
        items
    }
}

// ---- operations -----------------------------------------------------------------------------------------------------------------

impl Set {
    #[inline]
    pub fn add(&self, item: &Object) -> PyResult<()> {
        let hash = hash_item(item)?;
        self.insert(item.to_owned(), hash)
    }
    #[inline]
    pub fn add_owned(&self, item: Owned) -> PyResult<()> {
        let hash = hash_item(&item)?;
        self.insert(item, hash)
    }
    #[inline]
    pub fn contains(&self, item: &Object) -> PyResult<bool> {
        let hash = hash_item(item)?;
        self.contains_hash(item, hash)
    }
    #[inline]
    pub fn contains_hash(&self, item: &Object, hash: isize) -> PyResult<bool> {
        // SAFETY: the slot is looked at at once.
        unsafe { Ok(!(*self.look(item.as_ptr(), hash)?).key.get().is_null()) }
    }
    /// Whether the item was there.
    pub fn discard(&self, item: &Object) -> PyResult<bool> {
        let hash = hash_item(item)?;
        self.discard_hash(item, hash)
    }
    pub fn discard_hash(&self, item: &Object, hash: isize) -> PyResult<bool> {
        // SAFETY: the item is dropped after it is out.
        unsafe { Ok(self.take(item.as_ptr(), hash)?.is_some()) }
    }
    /// Takes some item out, going round the table with successive calls.
    pub fn pop_any(&self) -> Option<Owned> {
        if self.is_empty() {
            return None;
        }
        // SAFETY: there is an item; slots are within the table.
        unsafe {
            let (table, mask) = (self.table(), self.mask());
            let mut i = self.0.finger.get() as usize & mask;
            loop {
                let entry = table.add(i);
                let key = (*entry).key.get();
                if !key.is_null() && key != dummy() {
                    (*entry).key.set(dummy());
                    (*entry).hash.set(-1);
                    self.0.used.set(self.0.used.get() - 1);
                    self.0.finger.set(i as isize + 1);
                    return Some(Owned::from_raw(key));
                }
                i = if i >= mask { 0 } else { i + 1 };
            }
        }
    }

    /// Empties the set, then drops the items.
    pub fn clear(&self) {
        // SAFETY: the table is taken off before anything runs.
        unsafe {
            let (table, mask) = (self.table(), self.mask());
            let small = table == self.small();
            if small {
                let mut copy = [ptr::null_mut(); MIN_SIZE];
                for (i, slot) in copy.iter_mut().enumerate() {
                    *slot = (*table.add(i)).key.get();
                }
                self.make_empty();
                for key in copy {
                    if key != dummy() {
                        xdecref(key);
                    }
                }
            } else {
                self.make_empty();
                for i in 0..=mask {
                    let key = (*table.add(i)).key.get();
                    if key != dummy() {
                        xdecref(key);
                    }
                }
                memory::mem_free(table as *mut _);
            }
        }
    }
    fn make_empty(&self) {
        self.reset_small();
        self.0.fill.set(0);
        self.0.used.set(0);
        self.0.mask.set(MIN_SIZE as isize - 1);
        self.0.table.set(self.small());
        self.0.hash.set(-1);
    }

    /// Adds the items of another set.
    pub fn merge(&self, other: &Set) -> PyResult<()> {
        if ptr::eq(self, other) || other.is_empty() {
            return Ok(());
        }
        // SAFETY: tables are read while nothing runs, or items are held.
        unsafe {
            if ((self.0.fill.get() + other.0.used.get()) as usize) * 5 >= self.mask() * 3 {
                self.resize((self.len() + other.len()) * 2)?;
            }
            let (theirs, mask) = (other.table(), other.mask());
            if self.0.fill.get() == 0 && self.mask() == mask && other.0.fill.get() == other.0.used.get() {
                // The same table again.
                let ours = self.table();
                for i in 0..=mask {
                    let key = (*theirs.add(i)).key.get();
                    if !key.is_null() {
                        Object::from_ptr(key).incref();
                        (*ours.add(i)).key.set(key);
                        (*ours.add(i)).hash.set((*theirs.add(i)).hash.get());
                    }
                }
                self.0.fill.set(other.0.fill.get());
                self.0.used.set(other.0.used.get());
                return Ok(());
            }
            if self.0.fill.get() == 0 {
                self.0.fill.set(other.0.used.get());
                self.0.used.set(other.0.used.get());
                let (ours, our_mask) = (self.table(), self.mask());
                for i in 0..=mask {
                    let key = (*theirs.add(i)).key.get();
                    if !key.is_null() && key != dummy() {
                        Object::from_ptr(key).incref();
                        Self::insert_clean(ours, our_mask, key, (*theirs.add(i)).hash.get());
                    }
                }
                return Ok(());
            }
        }
        let mut pos = 0;
        while let Some((key, hash)) = other.next(&mut pos) {
            self.insert(key, hash)?;
        }
        Ok(())
    }

    fn merge_dict(&self, dict: &Dict) -> PyResult<()> {
        // SAFETY: keys are held while they are compared.
        unsafe {
            if (self.0.fill.get() + dict.used()) as usize * 5 >= self.mask() * 3 {
                self.resize((self.len() + dict.len()) * 2)?;
            }
            let mut pos = 0;
            while let Some((key, _, hash)) = dict.next_raw(&mut pos) {
                self.insert(Object::from_ptr(key).to_owned(), hash)?;
            }
        }
        Ok(())
    }

    /// Adds the items of any iterable.
    pub fn update(&self, iterable: &Object) -> PyResult<()> {
        if let Some(set) = Self::from_any(iterable) {
            return self.merge(set);
        }
        if let Some(dict) = iterable.downcast_exact::<Dict>() {
            return self.merge_dict(dict);
        }
        let iterator = iter::get_iter(iterable)?;
        while let Some(item) = iter::iter_next(&iterator)? {
            self.add_owned(item)?;
        }
        Ok(())
    }

    /// Removes the items of an iterable.
    pub fn difference_update(&self, other: &Object) -> PyResult<()> {
        if ptr::eq(self.object(), other) {
            self.clear();
            return Ok(());
        }
        if let Some(set) = Self::from_any(other) {
            if set.len() >> 3 > self.len() {
                let common = self.intersection_of(set)?;
                let mut pos = 0;
                while let Some((key, hash)) = common.next(&mut pos) {
                    self.discard_hash(&key, hash)?;
                }
            } else {
                let mut pos = 0;
                while let Some((key, hash)) = set.next(&mut pos) {
                    self.discard_hash(&key, hash)?;
                }
            }
        } else {
            let iterator = iter::get_iter(other)?;
            while let Some(item) = iter::iter_next(&iterator)? {
                self.discard(&item)?;
            }
        }
        // Many deleted slots make searches long.
        // SAFETY: nothing is borrowed from the table.
        unsafe {
            if (self.0.fill.get() - self.0.used.get()) as usize <= self.mask() / 5 { Ok(()) } else { self.resize(self.grown()) }
        }
    }

    /// A set of plain type with what both have; the smaller is gone through.
    fn intersection_of(&self, other: &Set) -> PyResult<Owned<Set>> {
        let result = Set::new();
        self.intersect_into(other, &result)?;
        Ok(result)
    }
    fn intersect_into(&self, other: &Set, result: &Set) -> PyResult<()> {
        let (big, small) = if other.len() > self.len() { (other, self) } else { (self, other) };
        let mut pos = 0;
        // SAFETY: the item is held from before code may run on.
        unsafe {
            while let Some((key, hash)) = small.next_raw(&mut pos) {
                match big.quick_contains(key, hash) {
                    Some(false) => {}
                    Some(true) => result.insert(Object::from_ptr(key).to_owned(), hash)?,
                    None => {
                        let key = Object::from_ptr(key).to_owned();
                        if big.contains_hash(&key, hash)? {
                            result.insert(key, hash)?;
                        }
                    }
                }
            }
        }
        Ok(())
    }
    /// Adds to `result` what this set and the iterable have in common.
    pub(super) fn intersect(&self, other: &Object, result: &Set) -> PyResult<()> {
        if let Some(set) = Self::from_any(other) {
            return self.intersect_into(set, result);
        }
        let iterator = iter::get_iter(other)?;
        while let Some(key) = iter::iter_next(&iterator)? {
            let hash = crate::protocol::object::hash(&key)?;
            if self.contains_hash(&key, hash)? {
                result.insert(key, hash)?;
                if result.len() == self.len() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// Adds to `result` what this set has and the other has not.
    pub(super) fn subtract(&self, other: &Object, result: &Set) -> PyResult<()> {
        let mut pos = 0;
        if let Some(dict) = other.downcast_exact::<Dict>() {
            while let Some((key, hash)) = self.next(&mut pos) {
                // SAFETY: only presence is looked at.
                if unsafe { dict.find(key.raw(), hash)? }.is_null() {
                    result.insert(key, hash)?;
                }
            }
        } else if let Some(set) = Self::from_any(other) {
            // SAFETY: the item is held from before code may run on.
            unsafe {
                while let Some((key, hash)) = self.next_raw(&mut pos) {
                    match set.quick_contains(key, hash) {
                        Some(true) => {}
                        Some(false) => result.insert(Object::from_ptr(key).to_owned(), hash)?,
                        None => {
                            let key = Object::from_ptr(key).to_owned();
                            if !set.contains_hash(&key, hash)? {
                                result.insert(key, hash)?;
                            }
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Keeps what only one of the two has.
    pub fn symmetric_difference_update(&self, other: &Object) -> PyResult<()> {
        if ptr::eq(self.object(), other) {
            self.clear();
            return Ok(());
        }
        if let Some(dict) = other.downcast_exact::<Dict>() {
            let mut pos = 0;
            // SAFETY: keys are held while they are compared.
            unsafe {
                while let Some((key, _, hash)) = dict.next_raw(&mut pos) {
                    self.toggle(Object::from_ptr(key).to_owned(), hash)?;
                }
            }
            return Ok(());
        }
        let made;
        let set = match Self::from_any(other) {
            Some(set) => set,
            None => {
                made = Set::from_iterable(other)?;
                &made
            }
        };
        let mut pos = 0;
        while let Some((key, hash)) = set.next(&mut pos) {
            self.toggle(key, hash)?;
        }
        Ok(())
    }
    fn toggle(&self, key: Owned, hash: isize) -> PyResult<()> {
        if !self.discard_hash(&key, hash)? {
            self.insert(key, hash)?;
        }
        Ok(())
    }

    /// Exchanges the contents of two sets (for in-place intersection).
    pub(super) fn swap(&self, other: &Set) {
        let (a, b) = (&self.0, &other.0);
        let (a_small, b_small) = (self.table() == self.small(), other.table() == other.small());
        a.fill.swap(&b.fill);
        a.used.swap(&b.used);
        a.mask.swap(&b.mask);
        // A table inside its set moves by its contents.
        for (x, y) in a.smalltable.iter().zip(&b.smalltable) {
            x.key.swap(&y.key);
            x.hash.swap(&y.hash);
        }
        let (ta, tb) = (a.table.get(), b.table.get());
        a.table.set(if b_small { self.small() } else { tb });
        b.table.set(if a_small { other.small() } else { ta });
        a.hash.set(-1);
        b.hash.set(-1);
    }

    /// Whether all items are in the other set.
    pub fn is_subset_of(&self, other: &Set) -> PyResult<bool> {
        if self.len() > other.len() {
            return Ok(false);
        }
        let mut pos = 0;
        // Items not yet seen: the slots behind the last one need no look, unless code that ran has changed the set.
        let mut left = self.len();
        // SAFETY: the item is held where code may run.
        unsafe {
            while left > 0
                && let Some((key, hash)) = self.next_raw(&mut pos)
            {
                left -= 1;
                let found = match other.quick_contains(key, hash) {
                    Some(found) => found,
                    None => {
                        left = usize::MAX;
                        other.contains_hash(&Object::from_ptr(key).to_owned(), hash)?
                    }
                };
                if !found {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
    pub fn is_disjoint_from(&self, other: &Object) -> PyResult<bool> {
        if ptr::eq(self.object(), other) {
            return Ok(self.is_empty());
        }
        if let Some(set) = Self::from_any(other).filter(|s| ptr::eq(s.object().ty(), Set::type_object()) || ptr::eq(s.object().ty(), FrozenSet::type_object())) {
            let (big, small) = if set.len() > self.len() { (set, self) } else { (self, set) };
            let mut pos = 0;
            // SAFETY: `contains_item` holds the item where code may run.
            unsafe {
                while let Some((key, hash)) = small.next_raw(&mut pos) {
                    if big.contains_item(key, hash)? {
                        return Ok(false);
                    }
                }
            }
            return Ok(true);
        }
        let iterator = iter::get_iter(other)?;
        while let Some(key) = iter::iter_next(&iterator)? {
            if self.contains(&key)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The hash of a frozenset: of its items' hashes, whatever their order.
    pub(super) fn frozen_hash(&self) -> isize {
        let cached = self.0.hash.get();
        if cached != -1 {
            return cached;
        }
        let shuffle = |h: u64| ((h ^ 89869747) ^ (h << 16)).wrapping_mul(3644798167);
        let mut hash: u64 = 0;
        // SAFETY: all slots of the table.
        unsafe {
            for i in 0..=self.mask() {
                hash ^= shuffle((*self.table().add(i)).hash.get() as u64);
            }
        }
        // Empty slots (hash 0) and deleted ones (-1) that were mixed in come out again in pairs.
        if (self.mask() as isize + 1 - self.0.fill.get()) & 1 != 0 {
            hash ^= shuffle(0);
        }
        if (self.0.fill.get() - self.0.used.get()) & 1 != 0 {
            hash ^= shuffle(u64::MAX);
        }
        hash ^= (self.len() as u64 + 1).wrapping_mul(1927868237);
        hash ^= (hash >> 11) ^ (hash >> 25);
        hash = hash.wrapping_mul(69069).wrapping_add(907133923);
        if hash == u64::MAX {
            hash = 590923713;
        }
        self.0.hash.set(hash as isize);
        hash as isize
    }

    pub fn size_in_bytes(&self) -> usize {
        let basic = self.object().ty().0.tp_basicsize.get() as usize;
        if self.table() == self.small() { basic } else { basic + (self.mask() + 1) * size_of::<setentry>() }
    }
}

// ---- life -----------------------------------------------------------------------------------------------------------------------

pub(super) unsafe extern "C" fn dealloc(op: *mut PyObject) {
    // SAFETY: a dead set.
    unsafe {
        gc::untrack(op);
        let set = &*(op as *const Set);
        if !set.0.weakreflist.get().is_null() {
            crate::types::weakref::clear_weakrefs(op);
        }
        let table = set.table();
        let mut left = set.0.used.get();
        let mut entry = table;
        while left > 0 {
            let key = (*entry).key.get();
            if !key.is_null() && key != dummy() {
                left -= 1;
                xdecref(key);
            }
            entry = entry.add(1);
        }
        if table != set.small() {
            memory::mem_free(table as *mut _);
        }
        if let Some(free) = (*(*op).ob_type.get()).tp_free.get() {
            free(op as *mut _);
        }
    }
}

pub(super) unsafe extern "C" fn traverse(op: *mut PyObject, visit: abi::visitproc, arg: *mut abi::c_void) -> abi::c_int {
    // SAFETY: nothing changes during a traversal.
    unsafe {
        let set = &*(op as *const Set);
        let mut pos = 0;
        while let Some((key, _)) = set.next_raw(&mut pos) {
            let result = visit(key, arg);
            if result != 0 {
                return result;
            }
        }
        0
    }
}

pub(super) unsafe extern "C" fn tp_clear(op: *mut PyObject) -> abi::c_int {
    // SAFETY: a set.
    unsafe { (*(op as *const Set)).clear() };
    0
}
