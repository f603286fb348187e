//! `_random`: the Mersenne Twister MT19937 of Matsumoto and Nishimura, seeded and read as Python does, so that sequences are the same.

use macros::{Traverse, pymodule, pytype};
use runtime::errors::PyResult;
use runtime::object::{Object, ObjectHead, Owned, PyTyped, Type};
use runtime::protocol::object::hash;
use runtime::types::{Dict, Int, Tuple};
use runtime::err;
use std::cell::RefCell;

const N: usize = 624;
const M: usize = 397;

/// The generator. `index` is the number of words of `state` that were used.
pub struct Twister {
    state: [u32; N],
    index: usize,
}

impl Twister {
    fn seed_word(seed: u32) -> Twister {
        let mut state = [0u32; N];
        state[0] = seed;
        for i in 1..N {
            state[i] = 1812433253u32.wrapping_mul(state[i - 1] ^ state[i - 1] >> 30).wrapping_add(i as u32);
        }
        Twister { state, index: N }
    }
    pub fn seed(key: &[u32]) -> Twister {
        let mut twister = Self::seed_word(19650218);
        let state = &mut twister.state;
        let (mut i, mut j) = (1, 0);
        for _ in 0..N.max(key.len()) {
            let mixed = (state[i - 1] ^ state[i - 1] >> 30).wrapping_mul(1664525);
            state[i] = (state[i] ^ mixed).wrapping_add(key[j]).wrapping_add(j as u32);
            i += 1;
            j += 1;
            if i >= N {
                state[0] = state[N - 1];
                i = 1;
            }
            if j >= key.len() {
                j = 0;
            }
        }
        for _ in 0..N - 1 {
            let mixed = (state[i - 1] ^ state[i - 1] >> 30).wrapping_mul(1566083941);
            state[i] = (state[i] ^ mixed).wrapping_sub(i as u32);
            i += 1;
            if i >= N {
                state[0] = state[N - 1];
                i = 1;
            }
        }
        state[0] = 0x8000_0000;
        twister
    }
    #[cold]
    fn refill(&mut self) {
        for i in 0..N {
            let y = self.state[i] & 0x8000_0000 | self.state[(i + 1) % N] & 0x7fff_ffff;
            let twist = if y & 1 == 0 { 0 } else { 0x9908_b0df };
            self.state[i] = self.state[(i + M) % N] ^ y >> 1 ^ twist;
        }
        self.index = 0;
    }
    #[inline]
    pub fn next(&mut self) -> u32 {
        if self.index >= N {
            self.refill();
        }
        let mut y = self.state[self.index];
        self.index += 1;
        y ^= y >> 11;
        y ^= y << 7 & 0x9d2c_5680;
        y ^= y << 15 & 0xefc6_0000;
        y ^ y >> 18
    }
    /// 53 random bits as a float in [0, 1).
    #[inline]
    fn next_f64(&mut self) -> f64 {
        let (a, b) = (self.next() >> 5, self.next() >> 6);
        (a as f64 * 67108864.0 + b as f64) * (1.0 / 9007199254740992.0)
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct Random {
    head: ObjectHead,
    #[traverse(skip)]
    twister: RefCell<Twister>,
}

/// The words of an integer's magnitude, the lowest first, at least one.
fn words(n: &Int) -> Vec<u32> {
    let words = n.to_bigint().magnitude().to_u32_digits();
    if words.is_empty() { vec![0] } else { words }
}

/// A seed from the system's randomness, or from the time where there is none.
fn random_seed() -> Vec<u32> {
    let mut key = vec![0u32; N];
    let bytes = N * 4;
    // SAFETY: the buffer has that many bytes.
    let got = unsafe { libc::getrandom(key.as_mut_ptr() as *mut libc::c_void, bytes, libc::GRND_NONBLOCK) };
    if got != bytes as isize {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_nanos());
        return vec![now as u32, (now >> 32) as u32, std::process::id()];
    }
    key
}

impl Random {
    fn key(seed: Option<&Object>) -> PyResult<Vec<u32>> {
        let Some(seed) = seed.filter(|seed| !seed.is_none()) else { return Ok(random_seed()) };
        if let Some(n) = seed.downcast::<Int>() {
            return Ok(words(n));
        }
        // Other objects by their hash, taken as unsigned.
        Ok(words(&Int::from_u64(hash(seed)? as usize as u64)))
    }
}

/// Random() -> create a random number generator with its own internal state.
#[pytype(static = Random_Type, name = "Random", module = "_random", flags = BASETYPE, native)]
impl Random {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<Random>> {
        Self::construct(cls, Random { head: ObjectHead::placeholder(), twister: RefCell::new(Twister { state: [0; N], index: N }) })
    }
    #[slot]
    fn tp_init(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<()> {
        let own_init = self.ty().0.tp_init.get().map(|f| f as usize) == Self::type_object().0.tp_init.get().map(|f| f as usize);
        if own_init && kwargs.is_some_and(|k| k.len() > 0) {
            return Err(err!(TypeError, "Random() takes no keyword arguments"));
        }
        if args.len() > 1 {
            return Err(err!(TypeError, "Random expected at most 1 argument, got {}", args.len()));
        }
        self.seed(args.get_opt(0))
    }
    /// random() -> x in the interval [0, 1).
    #[method("random($self, /)")]
    fn random(&self) -> f64 {
        self.twister.borrow_mut().next_f64()
    }
    /// seed([n]) -> None.
    ///
    /// Defaults to use urandom and falls back to a combination
    /// of the current time and the process identifier.
    #[method("seed($self, n=None, /)")]
    fn seed(&self, n: Option<&Object>) -> PyResult<()> {
        let key = Self::key(n)?;
        *self.twister.borrow_mut() = Twister::seed(&key);
        Ok(())
    }
    /// getstate() -> tuple containing the current state.
    #[method("getstate($self, /)")]
    fn getstate(&self) -> Owned<Tuple> {
        let twister = self.twister.borrow();
        let words = twister.state.iter().map(|&word| Int::from_u64(word as u64).into_object());
        Tuple::from_owned(words.chain([Int::from_usize(twister.index).into_object()]).collect())
    }
    /// setstate(state) -> None.  Restores generator state.
    #[method("setstate($self, state, /)")]
    fn setstate(&self, state: &Object) -> PyResult<()> {
        let Some(state) = state.downcast::<Tuple>() else {
            return Err(err!(TypeError, "state vector must be a tuple"));
        };
        if state.len() != N + 1 {
            return Err(err!(ValueError, "state vector is the wrong size"));
        }
        let mut new = Twister { state: [0; N], index: 0 };
        let int = |o: &Object| match o.downcast::<Int>() {
            Some(n) => Ok(Owned::from_ref(n)),
            None => Err(err!(TypeError, "an integer is required")),
        };
        for (word, item) in new.state.iter_mut().zip(state.iter()) {
            let item = int(item)?;
            *word = match item.as_u64() {
                Some(value) => value as u32,
                None if item.is_negative() => return Err(err!(OverflowError, "can't convert negative value to unsigned int")),
                None => return Err(err!(OverflowError, "Python int too large to convert to C unsigned long")),
            };
        }
        let index = int(state.get(N))?;
        new.index = match index.as_i64() {
            Some(index @ 0..=624) => index as usize,
            Some(_) => return Err(err!(ValueError, "invalid state")),
            None => return Err(err!(OverflowError, "Python int too large to convert to C long")),
        };
        *self.twister.borrow_mut() = new;
        Ok(())
    }
    /// getrandbits(k) -> x.  Generates an int with k random bits.
    #[method("getrandbits($self, k, /)")]
    fn getrandbits(&self, k: &Object) -> PyResult<Owned<Int>> {
        let k = runtime::protocol::number::index(k)?;
        let Some(k) = k.as_u64() else {
            return Err(if k.is_negative() {
                err!(ValueError, "Cannot convert negative int")
            } else {
                err!(OverflowError, "Python int too large for C uint64_t")
            });
        };
        let mut twister = self.twister.borrow_mut();
        match k {
            0 => return Ok(Int::from_i64(0)),
            1..=32 => return Ok(Int::from_u64((twister.next() >> (32 - k)) as u64)),
            _ => {}
        }
        let count = ((k - 1) / 32 + 1) as usize;
        let mut words: Vec<u32> = Vec::new();
        if count > isize::MAX as usize / 8 || words.try_reserve_exact(count).is_err() {
            return Err(runtime::errors::no_memory());
        }
        let mut left = k;
        for _ in 0..count {
            let mut word = twister.next();
            if left < 32 {
                word >>= 32 - left;
            }
            words.push(word);
            left = left.saturating_sub(32);
        }
        drop(twister);
        Int::try_from_bigint(&num_bigint::BigInt::from(num_bigint::BigUint::new(words)))
    }
}

/// Module implements the Mersenne Twister random number generator.
#[pymodule(name = "_random")]
#[types(Random_Type)]
pub mod random {
    use super::*;
}


#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_sequence_comes_from_the_published_key() {
        let mut twister = Twister::seed(&[0x123, 0x234, 0x345, 0x456]);
        let first: Vec<u32> = (0..5).map(|_| twister.next()).collect();
        assert_eq!(first, [1067595299, 955945823, 477289528, 4107218783, 4228976476]);
    }
}
