//! Dict tables: compact entries in insertion order behind an index table (`DictKeys`), and values kept apart from shared keys (`DictValues`).
//!
//! A `DictKeys` is one block: header, `1 << log2_size` indices of 1, 2, 4 or 8 bytes, then entries. An index is an entry's number,
//! `EMPTY` or `DUMMY` (deleted). Entries are filled in order; a deleted one has key and value NULL until the next resize.
//! Kinds: GENERAL entries store the hash; UNICODE tables hold only exact `str` keys, whose hash lies in the key itself; SPLIT tables are
//! UNICODE ones shared by the instances of a class, with the values in a `DictValues` per instance. Keys are never removed from a SPLIT table.
//! `usable + entries used <= 2/3 of the index size`, so a probe always ends at an EMPTY slot.
//! `version` is 0 or identifies keys and their places (not values) until the next insertion or deletion of a key.
//!
//! Everything here is raw and runs no Python code except `compare_keys`; callers guard against changes by comparing table and key after it.

use crate::errors::PyResult;
use crate::memory;
use crate::object::{Object, xdecref};
use crate::protocol::object::{CompareOp, equal_without_code, rich_compare_bool};
use abi::{PyObject, PyTypeObject};
use std::cell::Cell;
use std::ptr;

pub const EMPTY: isize = -1;
pub const DUMMY: isize = -2;

pub const GENERAL: u8 = 0;
pub const UNICODE: u8 = 1;
pub const SPLIT: u8 = 2;

pub const LOG_MIN_SIZE: u8 = 3;
/// Shared keys have room for this many attributes.
pub const SHARED_KEYS_MAX: isize = 30;
const SHARED_KEYS_LOG_SIZE: u8 = 6;
const PERTURB_SHIFT: u32 = 5;

/// A table's header; indices and entries follow.
#[repr(C)]
pub struct DictKeys {
    /// Users of a SPLIT table (the class and its instances' dicts); 1 for others.
    pub refcount: isize,
    pub log2_size: u8,
    pub log2_index_bytes: u8,
    pub kind: u8,
    pub version: u32,
    /// Entries that may still be added.
    pub usable: isize,
    /// Entries used, deleted ones included.
    pub nentries: isize,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Entry {
    pub hash: isize,
    pub key: *mut PyObject,
    pub value: *mut PyObject,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct UnicodeEntry {
    pub key: *mut PyObject,
    pub value: *mut PyObject,
}

/// Values of a split dict, then the insertion order (a byte for each of `size` values). Stands alone or inside an instance (`embedded`).
#[repr(C)]
pub struct DictValues {
    pub capacity: u8,
    pub size: u8,
    pub embedded: u8,
    /// Whether an embedded array is in use (an instance whose dict has left it has 0).
    pub valid: u8,
    pub values: [*mut PyObject; 0],
}

/// The table of every empty dict. Never written: it has no usable entry, and its version stays 1.
#[repr(C, align(16))]
struct EmptyKeys(DictKeys, [i8; 8]);
// SAFETY: never written.
unsafe impl Sync for EmptyKeys {}
static EMPTY_KEYS: EmptyKeys = EmptyKeys(
    DictKeys { refcount: 1, log2_size: 0, log2_index_bytes: 3, kind: UNICODE, version: 1, usable: 0, nentries: 0 },
    [-1; 8],
);

#[inline(always)]
pub fn empty_keys() -> *mut DictKeys {
    (&raw const EMPTY_KEYS) as *mut DictKeys
}

/// Entries that fit into a table of `1 << log2_size` indices.
#[inline(always)]
pub const fn usable_fraction(log2_size: u8) -> isize {
    ((1isize << log2_size) << 1) / 3
}

/// The smallest table size (as a logarithm) with at least `size` indices.
#[inline]
pub fn log2_for_size(size: isize) -> u8 {
    let size = (size.max(0) as usize | 8) - 1;
    (usize::BITS - (size | 7).leading_zeros()) as u8
}

/// The smallest table size that takes `n` entries without a resize.
#[inline]
pub fn log2_for_entries(n: isize) -> u8 {
    log2_for_size((n.saturating_mul(3).saturating_add(1)) / 2)
}

impl DictKeys {
    #[inline(always)]
    pub unsafe fn indices(keys: *mut DictKeys) -> *mut u8 {
        unsafe { keys.add(1) as *mut u8 }
    }
    #[inline(always)]
    pub unsafe fn entries(keys: *mut DictKeys) -> *mut Entry {
        unsafe { Self::indices(keys).add(1usize << (*keys).log2_index_bytes) as *mut Entry }
    }
    #[inline(always)]
    pub unsafe fn unicode_entries(keys: *mut DictKeys) -> *mut UnicodeEntry {
        unsafe { Self::indices(keys).add(1usize << (*keys).log2_index_bytes) as *mut UnicodeEntry }
    }
    /// Where the key of entry `ix` stands.
    #[inline(always)]
    pub unsafe fn key_at(keys: *mut DictKeys, ix: isize) -> *mut PyObject {
        unsafe {
            if (*keys).kind == GENERAL { (*Self::entries(keys).offset(ix)).key } else { (*Self::unicode_entries(keys).offset(ix)).key }
        }
    }
    /// The address of entry `ix`'s value (combined tables).
    #[inline(always)]
    pub unsafe fn value_slot(keys: *mut DictKeys, ix: isize) -> *mut *mut PyObject {
        unsafe {
            if (*keys).kind == GENERAL {
                &raw mut (*Self::entries(keys).offset(ix)).value
            } else {
                &raw mut (*Self::unicode_entries(keys).offset(ix)).value
            }
        }
    }
    #[inline(always)]
    pub unsafe fn hash_at(keys: *mut DictKeys, ix: isize) -> isize {
        unsafe {
            if (*keys).kind == GENERAL {
                (*Self::entries(keys).offset(ix)).hash
            } else {
                str_hash_cached((*Self::unicode_entries(keys).offset(ix)).key)
            }
        }
    }
    #[inline(always)]
    unsafe fn mask(keys: *mut DictKeys) -> usize {
        unsafe { (1usize << (*keys).log2_size) - 1 }
    }
    #[inline]
    pub unsafe fn index_at(keys: *mut DictKeys, slot: usize) -> isize {
        unsafe {
            let base = Self::indices(keys);
            match (*keys).log2_size {
                0..=7 => *(base as *mut i8).add(slot) as isize,
                8..=15 => *(base as *mut i16).add(slot) as isize,
                16..=31 => *(base as *mut i32).add(slot) as isize,
                _ => *(base as *mut i64).add(slot) as isize,
            }
        }
    }
    #[inline]
    pub unsafe fn set_index(keys: *mut DictKeys, slot: usize, ix: isize) {
        unsafe {
            let base = Self::indices(keys);
            match (*keys).log2_size {
                0..=7 => *(base as *mut i8).add(slot) = ix as i8,
                8..=15 => *(base as *mut i16).add(slot) = ix as i16,
                16..=31 => *(base as *mut i32).add(slot) = ix as i32,
                _ => *(base as *mut i64).add(slot) = ix as i64,
            }
        }
    }
    /// Bytes of the block.
    pub unsafe fn size_in_bytes(keys: *mut DictKeys) -> usize {
        unsafe {
            let entry = if (*keys).kind == GENERAL { size_of::<Entry>() } else { size_of::<UnicodeEntry>() };
            size_of::<DictKeys>() + (1usize << (*keys).log2_index_bytes) + entry * usable_fraction((*keys).log2_size) as usize
        }
    }
}

/// A new empty table, or NULL if there is no memory.
pub fn new_keys(log2_size: u8, kind: u8) -> *mut DictKeys {
    let log2_index_bytes = match log2_size {
        0..=7 => log2_size,
        8..=15 => log2_size + 1,
        16..=31 => log2_size + 2,
        _ => log2_size + 3,
    };
    if log2_size > 48 {
        return ptr::null_mut();
    }
    let usable = usable_fraction(log2_size);
    let entry = if kind == GENERAL { size_of::<Entry>() } else { size_of::<UnicodeEntry>() };
    let index_bytes = 1usize << log2_index_bytes;
    let size = size_of::<DictKeys>() + index_bytes + entry * usable as usize;
    let keys = memory::object_malloc(size) as *mut DictKeys;
    if keys.is_null() {
        return keys;
    }
    // SAFETY: a fresh block of that size. Entries past `nentries` are never read.
    unsafe {
        *keys = DictKeys { refcount: 1, log2_size, log2_index_bytes, kind, version: 0, usable, nentries: 0 };
        ptr::write_bytes(DictKeys::indices(keys), 0xff, index_bytes);
    }
    keys
}

/// A table to be shared by the instances of a class (`ht_cached_keys`), or NULL.
pub fn new_shared_keys() -> *mut DictKeys {
    let keys = new_keys(SHARED_KEYS_LOG_SIZE, SPLIT);
    if !keys.is_null() {
        // SAFETY: fresh.
        unsafe { (*keys).usable = SHARED_KEYS_MAX };
    }
    keys
}

/// Frees the block alone.
#[inline]
pub unsafe fn free_keys_block(keys: *mut DictKeys) {
    if keys != empty_keys() {
        unsafe { memory::object_free(keys as *mut _) }
    }
}

#[inline(always)]
pub unsafe fn incref_keys(keys: *mut DictKeys) {
    if keys != empty_keys() {
        unsafe { (*keys).refcount += 1 }
    }
}

/// Gives up one use of a table; the last one drops its entries in order.
pub unsafe fn decref_keys(keys: *mut DictKeys) {
    unsafe {
        if keys == empty_keys() {
            return;
        }
        (*keys).refcount -= 1;
        if (*keys).refcount > 0 {
            return;
        }
        let n = (*keys).nentries;
        if (*keys).kind == GENERAL {
            let mut at = DictKeys::entries(keys);
            for _ in 0..n {
                xdecref((*at).key);
                xdecref((*at).value);
                at = at.add(1);
            }
        } else {
            let split = (*keys).kind == SPLIT;
            let mut at = DictKeys::unicode_entries(keys);
            for _ in 0..n {
                xdecref((*at).key);
                if !split {
                    xdecref((*at).value);
                }
                at = at.add(1);
            }
        }
        free_keys_block(keys);
    }
}

// ---- str keys -------------------------------------------------------------------------------------------------------------------

const STR_LENGTH: usize = 16;
const STR_HASH: usize = 24;
const STR_STATE: usize = 32;

/// Whether the object's type is exactly `str`.
#[inline(always)]
pub unsafe fn is_exact_str(op: *mut PyObject) -> bool {
    unsafe { (*op).ob_type.get() == str_type() }
}

#[inline(always)]
fn str_type() -> *mut PyTypeObject {
    crate::types::str_type().as_type_ptr()
}

/// The cached hash of a str, -1 if it is not known yet.
#[inline(always)]
pub unsafe fn str_hash_cached(op: *mut PyObject) -> isize {
    unsafe { *((op as *const u8).add(STR_HASH) as *const isize) }
}

/// The hash of an exact str.
#[inline(always)]
pub unsafe fn str_hash(op: *mut PyObject) -> isize {
    unsafe {
        let hash = str_hash_cached(op);
        if hash != -1 { hash } else { str_hash_slow(op) }
    }
}

#[cold]
#[inline(never)]
unsafe fn str_hash_slow(op: *mut PyObject) -> isize {
    unsafe { Object::from_ptr(op).cast::<crate::types::Str>().hash() }
}

/// Address, length in bytes, and kind of a str's text.
#[inline(always)]
unsafe fn str_data(op: *mut PyObject) -> (*const u8, usize, u8) {
    unsafe {
        let base = op as *const u8;
        let state = *base.add(STR_STATE);
        let kind = (state >> 2) & 7;
        let len = *(base.add(STR_LENGTH) as *const usize);
        let data = match state & 0x60 {
            0x60 => base.add(40),
            0x20 => base.add(56),
            _ => *(base.add(56) as *const *const u8),
        };
        (data, len * kind as usize, kind)
    }
}

/// Whether two strs have the same text.
#[inline]
pub unsafe fn str_equal(a: *mut PyObject, b: *mut PyObject) -> bool {
    unsafe {
        let (pa, na, ka) = str_data(a);
        let (pb, nb, kb) = str_data(b);
        na == nb && ka == kb && std::slice::from_raw_parts(pa, na) == std::slice::from_raw_parts(pb, nb)
    }
}

// ---- probing --------------------------------------------------------------------------------------------------------------------

trait Index: Copy {
    fn get(self) -> isize;
}
macro_rules! index { ($($t:ty)*) => { $(impl Index for $t { #[inline(always)] fn get(self) -> isize { self as isize } })* } }
index!(i8 i16 i32 i64);

/// Calls a function with the index type of `$keys` as its parameter.
macro_rules! with_index {
    ($keys:expr, $f:ident ( $($arg:expr),* )) => {
        match (*$keys).log2_size {
            0..=7 => $f::<i8>($($arg),*),
            8..=15 => $f::<i16>($($arg),*),
            16..=31 => $f::<i32>($($arg),*),
            _ => $f::<i64>($($arg),*),
        }
    };
}

#[inline(always)]
unsafe fn lookup_unicode_in<I: Index>(keys: *mut DictKeys, key: *mut PyObject, hash: isize) -> isize {
    unsafe {
        let mask = DictKeys::mask(keys);
        let indices = DictKeys::indices(keys) as *const I;
        let entries = DictKeys::unicode_entries(keys);
        let mut perturb = hash as usize;
        let mut slot = hash as usize & mask;
        loop {
            let ix = (*indices.add(slot)).get();
            if ix >= 0 {
                let found = (*entries.offset(ix)).key;
                if found == key || (str_hash_cached(found) == hash && str_equal(found, key)) {
                    return ix;
                }
            } else if ix == EMPTY {
                return EMPTY;
            }
            perturb >>= PERTURB_SHIFT;
            slot = (slot.wrapping_mul(5).wrapping_add(perturb).wrapping_add(1)) & mask;
        }
    }
}

/// The entry of an exact str in a UNICODE or SPLIT table, or EMPTY. Runs no Python code.
#[inline]
pub unsafe fn lookup_unicode(keys: *mut DictKeys, key: *mut PyObject, hash: isize) -> isize {
    unsafe { with_index!(keys, lookup_unicode_in(keys, key, hash)) }
}

/// What comparing a stored key with the wanted one says.
enum Compared {
    Equal,
    Different,
    /// The comparison ran code that changed the table: start again.
    Changed,
}

/// The address of the dict's table, to see whether a comparison replaced it.
pub type KeysCell = Cell<*mut DictKeys>;

/// Compares entry `ix`'s key with `key` by `==`.
#[inline(never)]
unsafe fn compare_keys(cell: *const KeysCell, keys: *mut DictKeys, ix: isize, stored: *mut PyObject, key: *mut PyObject) -> PyResult<Compared> {
    unsafe {
        // Exact ints and strs compare without running code.
        let ty = (*stored).ob_type.get();
        if ty == (*key).ob_type.get() {
            if ty == str_type() {
                return Ok(if str_equal(stored, key) { Compared::Equal } else { Compared::Different });
            }
            if ty == <crate::types::Int as crate::object::PyTyped>::type_object().as_type_ptr() {
                return Ok(if int_equal(stored, key) { Compared::Equal } else { Compared::Different });
            }
        }
        let stored = Object::from_ptr(stored).to_owned();
        let (log2_size, kind) = ((*keys).log2_size, (*keys).kind);
        let equal = rich_compare_bool(&stored, Object::from_ptr(key), CompareOp::Eq)?;
        // The address alone does not tell a table from a new one made at the same place.
        if (*cell).get() == keys
            && (*keys).log2_size == log2_size
            && (*keys).kind == kind
            && ix < (*keys).nentries
            && DictKeys::key_at(keys, ix) == stored.raw()
        {
            Ok(if equal { Compared::Equal } else { Compared::Different })
        } else {
            Ok(Compared::Changed)
        }
    }
}

/// Whether two exact ints are equal: same tag (sign and digit count) but for the small-int bit, same digits.
#[inline(always)]
pub unsafe fn int_equal(a: *mut PyObject, b: *mut PyObject) -> bool {
    unsafe {
        let ta = *((a as *const u8).add(16) as *const usize) & !4;
        let tb = *((b as *const u8).add(16) as *const usize) & !4;
        if ta != tb {
            return false;
        }
        let n = (ta >> 3).max(1);
        let da = (a as *const u8).add(24) as *const u32;
        let db = (b as *const u8).add(24) as *const u32;
        *da == *db && (n == 1 || std::slice::from_raw_parts(da, n) == std::slice::from_raw_parts(db, n))
    }
}

/// Some(entry or EMPTY), or None if the table changed underneath.
#[inline(always)]
unsafe fn lookup_general_in<I: Index>(cell: *const KeysCell, keys: *mut DictKeys, key: *mut PyObject, hash: isize) -> PyResult<Option<isize>> {
    unsafe {
        let mask = DictKeys::mask(keys);
        let indices = DictKeys::indices(keys) as *const I;
        let entries = DictKeys::entries(keys);
        let mut perturb = hash as usize;
        let mut slot = hash as usize & mask;
        loop {
            let ix = (*indices.add(slot)).get();
            if ix >= 0 {
                let entry = entries.offset(ix);
                let stored = (*entry).key;
                if stored == key {
                    return Ok(Some(ix));
                }
                if (*entry).hash == hash {
                    match compare_keys(cell, keys, ix, stored, key)? {
                        Compared::Equal => return Ok(Some(ix)),
                        Compared::Different => {}
                        Compared::Changed => return Ok(None),
                    }
                }
            } else if ix == EMPTY {
                return Ok(Some(EMPTY));
            }
            perturb >>= PERTURB_SHIFT;
            slot = (slot.wrapping_mul(5).wrapping_add(perturb).wrapping_add(1)) & mask;
        }
    }
}

/// As `lookup_general_in` for a key that is not an exact str, in a table of strs.
#[inline(always)]
unsafe fn lookup_other_in_unicode<I: Index>(cell: *const KeysCell, keys: *mut DictKeys, key: *mut PyObject, hash: isize) -> PyResult<Option<isize>> {
    unsafe {
        let mask = DictKeys::mask(keys);
        let indices = DictKeys::indices(keys) as *const I;
        let entries = DictKeys::unicode_entries(keys);
        let mut perturb = hash as usize;
        let mut slot = hash as usize & mask;
        loop {
            let ix = (*indices.add(slot)).get();
            if ix >= 0 {
                let stored = (*entries.offset(ix)).key;
                if str_hash_cached(stored) == hash {
                    match compare_keys(cell, keys, ix, stored, key)? {
                        Compared::Equal => return Ok(Some(ix)),
                        Compared::Different => {}
                        Compared::Changed => return Ok(None),
                    }
                }
            } else if ix == EMPTY {
                return Ok(Some(EMPTY));
            }
            perturb >>= PERTURB_SHIFT;
            slot = (slot.wrapping_mul(5).wrapping_add(perturb).wrapping_add(1)) & mask;
        }
    }
}

/// What `quick_general_in` gives where only a comparison that may run code can tell.
const ASK: isize = isize::MIN;

/// The entry of a key in a table for keys of any type, EMPTY, or ASK.
#[inline(always)]
unsafe fn quick_general_in<I: Index>(keys: *mut DictKeys, key: *mut PyObject, hash: isize) -> isize {
    unsafe {
        let mask = DictKeys::mask(keys);
        let indices = DictKeys::indices(keys) as *const I;
        let entries = DictKeys::entries(keys);
        let mut perturb = hash as usize;
        let mut slot = hash as usize & mask;
        loop {
            let ix = (*indices.add(slot)).get();
            if ix >= 0 {
                let entry = entries.offset(ix);
                let stored = (*entry).key;
                if stored == key {
                    return ix;
                }
                if (*entry).hash == hash {
                    match equal_without_code(Object::from_ptr(stored), Object::from_ptr(key)) {
                        Some(true) => return ix,
                        Some(false) => {}
                        None => return ASK,
                    }
                }
            } else if ix == EMPTY {
                return EMPTY;
            }
            perturb >>= PERTURB_SHIFT;
            slot = (slot.wrapping_mul(5).wrapping_add(perturb).wrapping_add(1)) & mask;
        }
    }
}

/// The entry of `key` in the table that `cell` holds when the search ends, or EMPTY. A comparison may run Python code; if that changes
/// the table, the search starts again.
/// # Safety
/// `cell` stays alive and holds a live table (a dict that the caller keeps alive); `key` is alive.
pub unsafe fn lookup(cell: *const KeysCell, key: *mut PyObject, hash: isize) -> PyResult<isize> {
    unsafe {
        let keys = (*cell).get();
        if (*keys).kind == GENERAL {
            let ix = with_index!(keys, quick_general_in(keys, key, hash));
            if ix != ASK {
                return Ok(ix);
            }
        }
        lookup_asking(cell, key, hash)
    }
}

#[inline(never)]
unsafe fn lookup_asking(cell: *const KeysCell, key: *mut PyObject, hash: isize) -> PyResult<isize> {
    unsafe {
        loop {
            let keys = (*cell).get();
            let found = if (*keys).kind == GENERAL {
                with_index!(keys, lookup_general_in(cell, keys, key, hash))?
            } else if is_exact_str(key) {
                return Ok(lookup_unicode(keys, key, hash));
            } else {
                with_index!(keys, lookup_other_in_unicode(cell, keys, key, hash))?
            };
            if let Some(ix) = found {
                return Ok(ix);
            }
        }
    }
}

#[inline(always)]
unsafe fn empty_slot_in<I: Index>(keys: *mut DictKeys, hash: isize) -> usize {
    unsafe {
        let mask = DictKeys::mask(keys);
        let indices = DictKeys::indices(keys) as *const I;
        let mut perturb = hash as usize;
        let mut slot = hash as usize & mask;
        while (*indices.add(slot)).get() >= 0 {
            perturb >>= PERTURB_SHIFT;
            slot = (slot.wrapping_mul(5).wrapping_add(perturb).wrapping_add(1)) & mask;
        }
        slot
    }
}

/// A free slot (EMPTY or DUMMY) for a key that is not in the table.
#[inline]
pub unsafe fn find_empty_slot(keys: *mut DictKeys, hash: isize) -> usize {
    unsafe { with_index!(keys, empty_slot_in(keys, hash)) }
}

#[inline(always)]
unsafe fn slot_of_in<I: Index>(keys: *mut DictKeys, hash: isize, wanted: isize) -> usize {
    unsafe {
        let mask = DictKeys::mask(keys);
        let indices = DictKeys::indices(keys) as *const I;
        let mut perturb = hash as usize;
        let mut slot = hash as usize & mask;
        while (*indices.add(slot)).get() != wanted {
            perturb >>= PERTURB_SHIFT;
            slot = (slot.wrapping_mul(5).wrapping_add(perturb).wrapping_add(1)) & mask;
        }
        slot
    }
}

/// The slot that holds entry `ix`.
pub unsafe fn slot_of_entry(keys: *mut DictKeys, hash: isize, ix: isize) -> usize {
    unsafe { with_index!(keys, slot_of_in(keys, hash, ix)) }
}

#[inline(always)]
unsafe fn build_in<I: Index>(keys: *mut DictKeys, n: isize) {
    unsafe {
        if (*keys).kind == GENERAL {
            let entries = DictKeys::entries(keys);
            for ix in 0..n {
                let slot = empty_slot_in::<I>(keys, (*entries.offset(ix)).hash);
                DictKeys::set_index(keys, slot, ix);
            }
        } else {
            let entries = DictKeys::unicode_entries(keys);
            for ix in 0..n {
                let slot = empty_slot_in::<I>(keys, str_hash_cached((*entries.offset(ix)).key));
                DictKeys::set_index(keys, slot, ix);
            }
        }
    }
}

/// Fills the indices of a fresh table whose first `n` entries are in place.
pub unsafe fn build_indices(keys: *mut DictKeys, n: isize) {
    unsafe { with_index!(keys, build_in(keys, n)) }
}

// ---- versions -------------------------------------------------------------------------------------------------------------------

static NEXT_VERSION: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(2);

/// The version that the next keys get that need one.
pub fn next_version() -> u32 {
    NEXT_VERSION.load(std::sync::atomic::Ordering::Relaxed)
}

/// How many entries the table has had, deleted ones included.
/// # Safety
/// A live table.
pub unsafe fn entry_count(keys: *mut DictKeys) -> usize {
    unsafe { (*keys).nentries as usize }
}

/// The version of the table's keys, given now if it has none; 0 once the numbers have run out.
#[inline]
pub unsafe fn keys_version(keys: *mut DictKeys) -> u32 {
    unsafe {
        if (*keys).version != 0 {
            return (*keys).version;
        }
        let next = NEXT_VERSION.load(std::sync::atomic::Ordering::Relaxed);
        if next == 0 {
            return 0;
        }
        NEXT_VERSION.store(next.wrapping_add(1), std::sync::atomic::Ordering::Relaxed);
        (*keys).version = next;
        next
    }
}

// ---- values ---------------------------------------------------------------------------------------------------------------------

/// Bytes of a values array of `capacity`: header, values, insertion order.
#[inline(always)]
pub const fn values_size(capacity: usize) -> usize {
    8 + capacity * 8 + ((capacity + 7) & !7)
}

impl DictValues {
    #[inline(always)]
    pub unsafe fn slot(values: *mut DictValues, ix: isize) -> *mut *mut PyObject {
        unsafe { (&raw mut (*values).values as *mut *mut PyObject).offset(ix) }
    }
    #[inline(always)]
    pub unsafe fn order(values: *mut DictValues) -> *mut u8 {
        unsafe { Self::slot(values, (*values).capacity as isize) as *mut u8 }
    }
    #[inline(always)]
    pub unsafe fn add_to_order(values: *mut DictValues, ix: isize) {
        unsafe {
            let size = (*values).size;
            *Self::order(values).add(size as usize) = ix as u8;
            (*values).size = size + 1;
        }
    }
    pub unsafe fn remove_from_order(values: *mut DictValues, ix: isize) {
        unsafe {
            let order = Self::order(values);
            let size = (*values).size as usize;
            let mut i = 0;
            while i < size && *order.add(i) != ix as u8 {
                i += 1;
            }
            if i < size {
                ptr::copy(order.add(i + 1), order.add(i), size - i - 1);
                (*values).size = size as u8 - 1;
            }
        }
    }
    /// A separate array of `capacity` empty values, or NULL.
    pub fn new(capacity: usize) -> *mut DictValues {
        let size = values_size(capacity);
        let values = memory::object_malloc(size) as *mut DictValues;
        if !values.is_null() {
            // SAFETY: fresh.
            unsafe {
                ptr::write_bytes(values as *mut u8, 0, size);
                (*values).capacity = capacity as u8;
                (*values).valid = 1;
            }
        }
        values
    }
    /// Frees a separate array; the values are the caller's matter.
    #[inline]
    pub unsafe fn free(values: *mut DictValues) {
        unsafe {
            if (*values).embedded == 0 {
                memory::object_free(values as *mut _)
            }
        }
    }
}

/// How many values an instance needs for all that its shared keys may come to hold.
#[inline(always)]
pub unsafe fn shared_keys_capacity(keys: *mut DictKeys) -> usize {
    unsafe { ((*keys).nentries + (*keys).usable) as usize }
}

/// The place of a str in shared keys, added if there is room; EMPTY if there is none.
pub unsafe fn insert_shared_key(keys: *mut DictKeys, key: *mut PyObject, hash: isize) -> isize {
    unsafe {
        let ix = lookup_unicode(keys, key, hash);
        if ix != EMPTY || (*keys).usable <= 0 {
            return ix;
        }
        (*keys).version = 0;
        let slot = find_empty_slot(keys, hash);
        let ix = (*keys).nentries;
        DictKeys::set_index(keys, slot, ix);
        Object::from_ptr(key).incref();
        *DictKeys::unicode_entries(keys).offset(ix) = UnicodeEntry { key, value: ptr::null_mut() };
        (*keys).nentries = ix + 1;
        (*keys).usable -= 1;
        ix
    }
}
