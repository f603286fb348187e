//! Interned strings: of equal interned strings there is one object, so names compare by address.
//!
//! The table holds no counts. A mortal interned string leaves it when it is deallocated; an immortal one stays. The static strings
//! of at most one Latin-1 character stand for themselves and are not in the table.

use super::Str;
use crate::object::{Owned, PyTyped};
use std::cell::{Cell, UnsafeCell};
use std::ptr;

/// Open addressing; `TOMBSTONE` marks entries that left.
struct Table {
    slots: Vec<Slot>,
    /// Strings and tombstones.
    filled: usize,
    used: usize,
}

/// The hash stands beside the string, so that a string that is passed on the way is not looked into.
#[derive(Clone, Copy)]
struct Slot {
    text: *const Str,
    hash: isize,
}

struct Shared(UnsafeCell<Table>);
// SAFETY: only touched under the GIL, and no Python code runs while it is borrowed.
unsafe impl Sync for Shared {}

static TABLE: Shared = Shared(UnsafeCell::new(Table { slots: Vec::new(), filled: 0, used: 0 }));

const EMPTY: Slot = Slot { text: ptr::null(), hash: 0 };
const TOMBSTONE: *const Str = ptr::without_provenance(1);

impl Table {
    /// The string with this hash that `is_same` finds, or the first free slot on its way.
    #[inline]
    fn find(&self, hash: isize, is_same: impl Fn(&Str) -> bool) -> Result<*const Str, usize> {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        let mut free = None;
        let mut step = 0;
        loop {
            let slot = self.slots[at];
            if slot.text.is_null() {
                return Err(free.unwrap_or(at));
            }
            if slot.text == TOMBSTONE {
                free.get_or_insert(at);
            // SAFETY: strings leave the table before they die.
            } else if slot.hash == hash && is_same(unsafe { &*slot.text }) {
                return Ok(slot.text);
            }
            step += 1;
            at = (at + step) & mask;
        }
    }

    fn reserve(&mut self) {
        if (self.filled + 1) * 2 <= self.slots.len() {
            return;
        }
        let size = (self.used * 4).next_power_of_two().max(1024);
        let old = std::mem::replace(&mut self.slots, vec![EMPTY; size]);
        self.filled = self.used;
        for entry in old.into_iter().filter(|entry| !entry.text.is_null() && entry.text != TOMBSTONE) {
            // No two are equal.
            if let Err(at) = self.find(entry.hash, |_| false) {
                self.slots[at] = entry;
            }
        }
    }

    /// Puts a string into the slot that `find` gave.
    fn insert(&mut self, at: usize, text: &Str) {
        if self.slots[at].text.is_null() {
            self.filled += 1;
        }
        self.slots[at] = Slot { text, hash: text.hash() };
        self.used += 1;
    }

    fn remove(&mut self, text: &Str) {
        if self.slots.is_empty() {
            return;
        }
        let mask = self.slots.len() - 1;
        let mut at = text.hash() as usize & mask;
        let mut step = 0;
        loop {
            let slot = self.slots[at].text;
            if slot.is_null() {
                return;
            }
            if ptr::eq(slot, text) {
                self.slots[at].text = TOMBSTONE;
                self.used -= 1;
                return;
            }
            step += 1;
            at = (at + step) & mask;
        }
    }
}

fn set_interned(text: &Str, how: u32) {
    let state = &text.0._base._base.state;
    state.set(state.get() & !abi::PyUnicode_STATE_INTERNED_MASK | how);
}

impl Str {
    /// The one interned object with this text: `text` itself if it is the first. Instances of subclasses are given back as they are.
    pub fn intern(text: Owned<Str>) -> Owned<Str> {
        if text.is_interned() || !Str::check_exact(&text) {
            return text;
        }
        match text.len() {
            0 => return Owned::from_ref(Str::empty()),
            1 if text.kind() == 1 => return Owned::from_ref(Str::latin1_char(text.char_at(0) as u8)),
            _ => {}
        }
        // SAFETY: under the GIL; hashing and comparing exact strings runs no Python code.
        let table = unsafe { &mut *TABLE.0.get() };
        table.reserve();
        match table.find(text.hash(), |other| Str::equal(other, &text)) {
            // SAFETY: the table's strings are alive.
            Ok(found) => Owned::from_ref(unsafe { &*found }),
            Err(at) => {
                table.insert(at, &text);
                set_interned(&text, if text.is_immortal() { abi::SSTATE_INTERNED_IMMORTAL } else { abi::SSTATE_INTERNED_MORTAL });
                text
            }
        }
    }

    /// The one interned object with this text, which is made only if there is none.
    pub fn intern_wtf8(text: &[u8]) -> Owned<Str> {
        if text.len() >= 2 && text.is_ascii() {
            // SAFETY: as in `intern`.
            let table = unsafe { &mut *TABLE.0.get() };
            if !table.slots.is_empty()
                && let Ok(found) = table.find(super::hash::hash_bytes(text), |other| other.as_ascii().is_some_and(|other| other.as_bytes() == text))
            {
                // SAFETY: as in `intern`.
                return Owned::from_ref(unsafe { &*found });
            }
        }
        Str::intern(Str::from_wtf8(text))
    }

    /// `intern`, and the object never dies.
    pub fn intern_immortal(text: Owned<Str>) -> &'static Str {
        let text = Str::intern(text);
        if text.state() & abi::PyUnicode_STATE_INTERNED_MASK == abi::SSTATE_INTERNED_MORTAL {
            set_interned(&text, abi::SSTATE_INTERNED_IMMORTAL);
            text.set_immortal();
        }
        // SAFETY: immortal from here on.
        unsafe { &*(text.into_raw() as *const Str) }
    }

    /// Takes a dying mortal interned string out of the table.
    #[cold]
    pub(super) fn forget_interned(&self) {
        // SAFETY: as in `intern`.
        unsafe { (*TABLE.0.get()).remove(self) }
    }
}

/// The immortal interned strings, for `sys._debugmallocstats` and the like: how many the table holds.
pub fn interned_count() -> usize {
    // SAFETY: as in `intern`.
    unsafe { (*TABLE.0.get()).used }
}

/// The cell behind one use of `intern!`.
pub struct InternedName(Cell<*const Str>);
// SAFETY: only touched under the GIL.
unsafe impl Sync for InternedName {}

impl InternedName {
    pub const fn new() -> InternedName {
        InternedName(Cell::new(ptr::null()))
    }
    #[inline(always)]
    pub fn get(&'static self, text: &str) -> &'static Str {
        let known = self.0.get();
        if known.is_null() {
            return self.fill(text);
        }
        // SAFETY: immortal.
        unsafe { &*known }
    }
    #[cold]
    #[inline(never)]
    fn fill(&'static self, text: &str) -> &'static Str {
        let name = Str::intern_immortal(Str::new(text));
        self.0.set(name);
        name
    }
}

/// The interned, immortal string of a literal: `intern!("__init__")` is a `&'static Str`, made at first use.
#[macro_export]
macro_rules! intern {
    ($text:expr) => {{
        static NAME: $crate::types::str::intern::InternedName = $crate::types::str::intern::InternedName::new();
        NAME.get($text)
    }};
}
