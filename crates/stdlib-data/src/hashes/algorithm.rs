//! The hash functions by name, behind one interface: what `_hashlib` and `_hmac` choose from at run time.

use sha3::Digest;
use sha3::digest::{ExtendableOutput, Update, XofReader};

/// A hash in progress.
pub trait Hasher: Send {
    fn update(&mut self, data: &[u8]);
    /// The digest of what came so far; `length` counts for functions of variable output only.
    fn digest(&self, length: usize) -> Vec<u8>;
    fn copy(&self) -> Box<dyn Hasher>;
}

#[derive(Clone)]
struct Fixed<D>(D);

impl<D: Digest + Clone + Send + 'static> Hasher for Fixed<D> {
    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }
    fn digest(&self, _: usize) -> Vec<u8> {
        self.0.clone().finalize().to_vec()
    }
    fn copy(&self) -> Box<dyn Hasher> {
        Box::new(Fixed(self.0.clone()))
    }
}

struct Xof<D>(D);

impl<D: Update + ExtendableOutput + Clone + Send + 'static> Hasher for Xof<D> {
    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }
    fn digest(&self, length: usize) -> Vec<u8> {
        let mut out = runtime::memory::reserve::zeroes(length);
        self.0.clone().finalize_xof().read(&mut out);
        out
    }
    fn copy(&self) -> Box<dyn Hasher> {
        Box::new(Xof(self.0.clone()))
    }
}

/// MD5 and SHA-1 of the same data, one behind the other.
#[derive(Clone, Default)]
struct Md5Sha1(md5::Md5, sha1::Sha1);

impl Hasher for Md5Sha1 {
    fn update(&mut self, data: &[u8]) {
        Digest::update(&mut self.0, data);
        Digest::update(&mut self.1, data);
    }
    fn digest(&self, _: usize) -> Vec<u8> {
        [self.0.clone().finalize().as_slice(), self.1.clone().finalize().as_slice()].concat()
    }
    fn copy(&self) -> Box<dyn Hasher> {
        Box::new(self.clone())
    }
}

macro_rules! blake2_hasher {
    ($state:path) => {
        impl Hasher for $state {
            fn update(&mut self, data: &[u8]) {
                self.update(data);
            }
            fn digest(&self, _: usize) -> Vec<u8> {
                self.finalize().as_bytes().to_vec()
            }
            fn copy(&self) -> Box<dyn Hasher> {
                Box::new(self.clone())
            }
        }
    };
}

blake2_hasher!(blake2b_simd::State);
blake2_hasher!(blake2s_simd::State);

fn fixed<D: Digest + Clone + Send + 'static>() -> Box<dyn Hasher> {
    Box::new(Fixed(D::new()))
}

fn xof<D: Update + ExtendableOutput + Clone + Default + Send + 'static>() -> Box<dyn Hasher> {
    Box::new(Xof(D::default()))
}

type KeyDerivation = fn(password: &[u8], salt: &[u8], rounds: u32, out: &mut [u8]);

/// A hash function: its name for `hashlib`, other names that OpenSSL knows (in lower case), sizes in bytes.
pub struct Algorithm {
    pub name: &'static str,
    aliases: &'static [&'static str],
    /// 0: as long as one asks for.
    pub digest_size: usize,
    pub block_size: usize,
    pub new: fn() -> Box<dyn Hasher>,
    /// PBKDF2 with this function in HMAC, by itself faster than `Hmac` in a loop.
    pub pbkdf2: Option<KeyDerivation>,
}

impl Algorithm {
    pub fn is_xof(&self) -> bool {
        self.digest_size == 0
    }

    /// By any name that OpenSSL would take; case does not count.
    pub fn find(name: &str) -> Option<&'static Algorithm> {
        let name = name.to_ascii_lowercase();
        ALGORITHMS.iter().find(|algorithm| algorithm.name == name || algorithm.aliases.contains(&&*name))
    }
}

macro_rules! algorithm {
    ($name:literal, $aliases:expr, $size:literal, $block:literal, $digest:ty) => {
        Algorithm { name: $name, aliases: &$aliases, digest_size: $size, block_size: $block, new: fixed::<$digest>, pbkdf2: Some(pbkdf2::pbkdf2_hmac::<$digest>) }
    };
    ($name:literal, $aliases:expr, $size:literal, $block:literal, by $new:expr) => {
        Algorithm { name: $name, aliases: &$aliases, digest_size: $size, block_size: $block, new: $new, pbkdf2: None }
    };
}

pub static ALGORITHMS: &[Algorithm] = &[
    algorithm!("md5", ["ssl3-md5"], 16, 64, md5::Md5),
    algorithm!("sha1", ["sha-1", "ssl3-sha1"], 20, 64, sha1::Sha1),
    algorithm!("sha224", ["sha2-224", "sha-224"], 28, 64, sha2::Sha224),
    algorithm!("sha256", ["sha2-256", "sha-256"], 32, 64, sha2::Sha256),
    algorithm!("sha384", ["sha2-384", "sha-384"], 48, 128, sha2::Sha384),
    algorithm!("sha512", ["sha2-512", "sha-512"], 64, 128, sha2::Sha512),
    algorithm!("sha512_224", ["sha512-224", "sha2-512/224", "sha-512/224"], 28, 128, sha2::Sha512_224),
    algorithm!("sha512_256", ["sha512-256", "sha2-512/256", "sha-512/256"], 32, 128, sha2::Sha512_256),
    algorithm!("sha3_224", ["sha3-224"], 28, 144, by fixed::<sha3::Sha3_224>),
    algorithm!("sha3_256", ["sha3-256"], 32, 136, by fixed::<sha3::Sha3_256>),
    algorithm!("sha3_384", ["sha3-384"], 48, 104, by fixed::<sha3::Sha3_384>),
    algorithm!("sha3_512", ["sha3-512"], 64, 72, by fixed::<sha3::Sha3_512>),
    algorithm!("shake_128", ["shake128", "shake-128"], 0, 168, by xof::<sha3::Shake128>),
    algorithm!("shake_256", ["shake256", "shake-256"], 0, 136, by xof::<sha3::Shake256>),
    algorithm!("blake2b", ["blake2b512", "blake2b-512"], 64, 128, by || Box::new(blake2b_simd::State::new())),
    algorithm!("blake2s", ["blake2s256", "blake2s-256"], 32, 64, by || Box::new(blake2s_simd::State::new())),
    algorithm!("ripemd160", ["ripemd", "ripemd-160", "rmd160"], 20, 64, ripemd::Ripemd160),
    algorithm!("sm3", [], 32, 64, sm3::Sm3),
    algorithm!("md5-sha1", [], 36, 64, by || Box::<Md5Sha1>::default()),
];

/// HMAC with any of them (RFC 2104).
pub struct Hmac {
    pub algorithm: &'static Algorithm,
    inner: Box<dyn Hasher>,
    outer: Box<dyn Hasher>,
}

impl Hmac {
    pub fn new(algorithm: &'static Algorithm, key: &[u8]) -> Hmac {
        let mut block = if key.len() > algorithm.block_size {
            let mut hasher = (algorithm.new)();
            hasher.update(key);
            hasher.digest(0)
        } else {
            key.to_vec()
        };
        block.resize(algorithm.block_size, 0);
        let keyed = |pad: u8| {
            let mut hasher = (algorithm.new)();
            hasher.update(&block.iter().map(|byte| byte ^ pad).collect::<Vec<_>>());
            hasher
        };
        Hmac { algorithm, inner: keyed(0x36), outer: keyed(0x5c) }
    }
    pub fn update(&mut self, data: &[u8]) {
        self.inner.update(data);
    }
    pub fn digest(&self) -> Vec<u8> {
        let mut outer = self.outer.copy();
        outer.update(&self.inner.digest(0));
        outer.digest(0)
    }
}

impl Clone for Hmac {
    fn clone(&self) -> Hmac {
        Hmac { algorithm: self.algorithm, inner: self.inner.copy(), outer: self.outer.copy() }
    }
}
