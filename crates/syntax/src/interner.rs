//! Names of one parse, each stored once.

use crate::ast::{Arena, Identifier};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use unicode_normalization::UnicodeNormalization;

/// Names are short and come from the program itself: a multiplicative hash over words is enough.
#[derive(Default)]
pub(crate) struct NameHasher(u64);

impl Hasher for NameHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let mut hash = self.0;
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            let word = u64::from_le_bytes(chunk.try_into().unwrap_or_default());
            hash = (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
        let mut last = 0;
        for &byte in chunks.remainder() {
            last = last << 8 | byte as u64;
        }
        hash = (hash.rotate_left(5) ^ last).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = hash ^ hash >> 29;
    }

    fn write_usize(&mut self, length: usize) {
        self.0 = self.0.wrapping_add(length as u64);
    }


    fn finish(&self) -> u64 {
        self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

pub(crate) struct Interner<'a> {
    arena: &'a Arena,
    names: HashMap<&'a [u8], Identifier<'a>, BuildHasherDefault<NameHasher>>,
}

impl<'a> Interner<'a> {
    /// For a source of `length` bytes.
    pub(crate) fn new(arena: &'a Arena, length: usize) -> Self {
        Interner { arena, names: HashMap::with_capacity_and_hasher((length / 64).min(4096), Default::default()) }
    }

    /// The identifier that the source text of a name means: beyond ASCII it is normalised to NFKC.
    #[inline]
    pub(crate) fn intern(&mut self, text: &[u8]) -> Identifier<'a> {
        if let Some(&name) = self.names.get(text) {
            return name;
        }
        self.insert(text)
    }

    #[cold]
    #[inline(never)]
    fn insert(&mut self, text: &[u8]) -> Identifier<'a> {
        let lossy = String::from_utf8_lossy(text);
        let key: &'a str = self.arena.alloc_str(&lossy);
        let normal: Option<String> = (!key.is_ascii()).then(|| key.nfkc().collect()).filter(|normal| normal != key);
        let name = match normal {
            Some(normal) => self.intern(normal.as_bytes()),
            None => Identifier::numbered(self.arena, key, self.names.len() as u32),
        };
        self.names.insert(key.as_bytes(), name);
        name
    }
}
