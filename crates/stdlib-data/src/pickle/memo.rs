//! What was saved and under which number: a table that is searched by the object's address.
//!
//! Invariant: the number of slots is a power of two, and at most half of them are taken, so that a search ends.

use runtime::{Object, Owned};

const FIRST_BITS: u32 = 5;

struct Entry {
    object: Owned,
    number: usize,
}

#[derive(Default)]
pub struct Memo {
    slots: Vec<Option<Entry>>,
    len: usize,
}

impl Memo {
    pub fn len(&self) -> usize {
        self.len
    }
    /// How many slots there are.
    pub fn capacity(&self) -> usize {
        self.slots.len()
    }
    pub fn entries(&self) -> impl Iterator<Item = (&Owned, usize)> {
        self.slots.iter().flatten().map(|entry| (&entry.object, entry.number))
    }

    /// The slot of an object, or the empty one where it would go; of a table that has slots.
    #[inline(always)]
    fn place(&self, object: &Object) -> usize {
        let mask = self.slots.len() - 1;
        let address = object.as_ptr() as usize;
        // The upper bits of the product depend on all of the address.
        let mut at = (address as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) as usize >> 20 & mask;
        loop {
            match &self.slots[at] {
                Some(entry) if entry.object.as_ptr() as usize != address => at = (at + 1) & mask,
                _ => return at,
            }
        }
    }
    #[inline]
    pub fn get(&self, object: &Object) -> Option<usize> {
        if self.len == 0 {
            return None;
        }
        self.slots[self.place(object)].as_ref().map(|entry| entry.number)
    }
    /// Gives back the object if it was there already: nothing may be dropped while the memo is borrowed.
    #[inline]
    pub fn insert(&mut self, object: Owned, number: usize) -> Option<Owned> {
        if 2 * self.len >= self.slots.len() {
            self.grow();
        }
        let at = self.place(&object);
        let old = self.slots[at].replace(Entry { object, number });
        self.len += old.is_none() as usize;
        old.map(|entry| entry.object)
    }
    #[cold]
    fn grow(&mut self) {
        let bits = if self.slots.is_empty() { FIRST_BITS } else { self.slots.len().trailing_zeros() + if self.len < 32768 { 2 } else { 1 } };
        let mut slots = runtime::memory::reserve::with_room(1 << bits);
        slots.resize_with(1 << bits, || None);
        let old = std::mem::replace(&mut self.slots, slots);
        for entry in old.into_iter().flatten() {
            let at = self.place(&entry.object);
            self.slots[at] = Some(entry);
        }
    }
}
