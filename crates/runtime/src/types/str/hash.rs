//! The hash of strings and bytes: SipHash-1-3 keyed per process, as CPython's, so that equal seeds give equal hashes.

use std::cell::Cell;

struct Keys {
    set: Cell<bool>,
    k0: Cell<u64>,
    k1: Cell<u64>,
}
// SAFETY: only touched under the GIL.
unsafe impl Sync for Keys {}

static KEYS: Keys = Keys { set: Cell::new(false), k0: Cell::new(0), k1: Cell::new(0) };

/// Sets the key from a seed (`PYTHONHASHSEED`; 0 switches randomisation off), or at random. Has no effect once a hash was computed.
pub fn initialize(seed: Option<u32>) {
    if KEYS.set.get() {
        return;
    }
    let mut secret = [0u8; 24];
    match seed {
        Some(0) => {}
        Some(seed) => lcg(seed, &mut secret),
        None => random(&mut secret),
    }
    let word = |at: usize| u64::from_le_bytes(std::array::from_fn(|i| secret[at + i]));
    KEYS.k0.set(word(0));
    KEYS.k1.set(word(8));
    KEYS.set.set(true);
}

/// The linear congruential generator that CPython spreads a seed with.
fn lcg(seed: u32, out: &mut [u8]) {
    let mut x = seed;
    for byte in out {
        x = x.wrapping_mul(214013).wrapping_add(2531011);
        *byte = (x >> 16) as u8;
    }
}

fn random(out: &mut [u8]) {
    // SAFETY: a buffer of that size.
    let got = unsafe { libc::getrandom(out.as_mut_ptr() as *mut libc::c_void, out.len(), 0) };
    if got != out.len() as isize {
        // No entropy source: the clock and an address are better than nothing.
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_nanos() as u32);
        lcg(now ^ (out.as_ptr() as usize >> 4) as u32, out);
    }
}

/// The key was not set by the start-up code: the environment decides.
#[cold]
fn initialize_late() {
    let seed = std::env::var("PYTHONHASHSEED").ok().and_then(|text| text.parse::<u32>().ok());
    initialize(seed);
}

/// The hash of the memory of a `str` or `bytes`. Never -1; 0 for nothing.
#[inline]
pub fn hash_bytes(bytes: &[u8]) -> isize {
    if bytes.is_empty() {
        return 0;
    }
    if !KEYS.set.get() {
        initialize_late();
    }
    let hash = siphash13(KEYS.k0.get(), KEYS.k1.get(), bytes) as isize;
    if hash == -1 { -2 } else { hash }
}

/// SipHash with one compression round a word and three at the end.
pub fn siphash13(k0: u64, k1: u64, bytes: &[u8]) -> u64 {
    let mut v = [k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573];
    let mut words = bytes.chunks_exact(8);
    for word in &mut words {
        let m = u64::from_le_bytes(std::array::from_fn(|i| word[i]));
        v[3] ^= m;
        round(&mut v);
        v[0] ^= m;
    }
    let mut last = (bytes.len() as u64) << 56;
    for (i, &byte) in words.remainder().iter().enumerate() {
        last |= (byte as u64) << (8 * i);
    }
    v[3] ^= last;
    round(&mut v);
    v[0] ^= last;
    v[2] ^= 0xff;
    round(&mut v);
    round(&mut v);
    round(&mut v);
    v[0] ^ v[1] ^ v[2] ^ v[3]
}

#[inline(always)]
fn round(v: &mut [u64; 4]) {
    let [a, b, c, d] = v;
    *a = a.wrapping_add(*b);
    *c = c.wrapping_add(*d);
    *b = b.rotate_left(13) ^ *a;
    *d = d.rotate_left(16) ^ *c;
    *a = a.rotate_left(32);
    *c = c.wrapping_add(*b);
    *a = a.wrapping_add(*d);
    *b = b.rotate_left(17) ^ *c;
    *d = d.rotate_left(21) ^ *a;
    *c = c.rotate_left(32);
}
