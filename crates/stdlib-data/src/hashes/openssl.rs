//! `_hashlib`: what `hashlib` and `hmac` ask of OpenSSL, over the same crates as the modules beside it: hash objects by any of OpenSSL's names,
//! HMAC, PBKDF2 and scrypt.

use super::algorithm::{ALGORITHMS, Algorithm, Hasher, Hmac};
use super::{bytes, hashable, hex, initial};
use macros::{Traverse, pymodule, pytype};
use runtime::exceptions::{self, ModuleException};
use runtime::macro_support::Buffer;
use runtime::protocol::{number, object};
use runtime::types::{Bytes, Dict, FrozenSet, Int, MappingProxy, Module, Str};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Type, err, errors, gil};
use std::cell::RefCell;

static UNSUPPORTED: ModuleException = ModuleException::new("_hashlib", "UnsupportedDigestmodError", || Ok(exceptions::ValueError()), None);

const GIL_MINSIZE: i64 = 2048;
/// What scrypt may use unless told otherwise.
const SCRYPT_MEMORY: u64 = 32 * 1024 * 1024;
const MOST: i64 = i32::MAX as i64;

fn named(name: &str) -> PyResult<&'static Algorithm> {
    Algorithm::find(name).ok_or_else(|| UNSUPPORTED.raise(format_args!("[digital envelope routines] unsupported")))
}

#[derive(Traverse)]
#[repr(C)]
pub struct Hash {
    head: ObjectHead,
    #[traverse(skip)]
    algorithm: &'static Algorithm,
    #[traverse(skip)]
    state: RefCell<Box<dyn Hasher>>,
}

impl Hash {
    fn make(algorithm: &'static Algorithm, data: Option<&Object>, string: Option<&Object>) -> PyResult<Owned<Hash>> {
        let data = initial(data, string)?.map(hashable).transpose()?;
        let mut state = (algorithm.new)();
        if let Some(data) = data {
            state.update(&data);
        }
        Self::with_state(algorithm, state)
    }
    fn with_state(algorithm: &'static Algorithm, state: Box<dyn Hasher>) -> PyResult<Owned<Hash>> {
        let cls: &Type = if algorithm.is_xof() { &HASHXOF_Type } else { &HASH_Type };
        Self::construct(cls, Hash { head: ObjectHead::placeholder(), algorithm, state: RefCell::new(state) })
    }
}

/// A hash is an object used to calculate a checksum of a string of information.
///
/// Methods:
///
/// update() -- updates the current digest with an additional string
/// digest() -- return the current digest value
/// hexdigest() -- return the current digest as a string of hexadecimal digits
/// copy() -- return a copy of the current hash object
///
/// Attributes:
///
/// name -- the hash algorithm being used by this object
/// digest_size -- number of bytes in this hashes output
#[pytype(static = HASH_Type, name = "HASH", module = "_hashlib", signature = "(name, string=b'')", flags = BASETYPE | DISALLOW_INSTANTIATION | IMMUTABLETYPE, native)]
impl Hash {
    #[slot]
    fn tp_repr(&self) -> String {
        format!("<{} {} object @ {:p}>", self.algorithm.name, self.as_object().type_name(), self.as_object().as_ptr())
    }
    /// Update this hash object's state with the provided string.
    #[method("update($self, obj, /)")]
    fn update(&self, obj: &Object) -> PyResult<()> {
        let data = hashable(obj)?;
        self.state.borrow_mut().update(&data);
        Ok(())
    }
    /// Return the digest value as a bytes object.
    #[method("digest($self, /)")]
    fn digest(&self) -> Owned<Bytes> {
        bytes(&self.state.borrow().digest(0))
    }
    /// Return the digest value as a string of hexadecimal digits.
    #[method("hexdigest($self, /)")]
    fn hexdigest(&self) -> Owned<Str> {
        hex(&self.state.borrow().digest(0))
    }
    /// Return a copy of the hash object.
    #[method("copy($self, /)")]
    fn copy(&self) -> PyResult<Owned<Hash>> {
        let state = self.state.borrow().copy();
        Self::with_state(self.algorithm, state)
    }
    #[getter]
    fn digest_size(&self) -> usize {
        self.algorithm.digest_size
    }
    #[getter]
    fn block_size(&self) -> usize {
        self.algorithm.block_size
    }
    #[getter]
    fn name(&self) -> &'static str {
        self.algorithm.name
    }
}

/// A hash whose digest is as long as one asks for.
#[repr(transparent)]
pub struct HashXof(Hash);

impl HashXof {
    fn squeeze(&self, length: isize) -> PyResult<Vec<u8>> {
        let Ok(size) = usize::try_from(length) else {
            return Err(err!(SystemError, "Negative size passed to PyBytes_FromStringAndSize"));
        };
        // Two thirds of the address space are no digest.
        if Vec::<u8>::new().try_reserve_exact(size).is_err() {
            return Err(errors::no_memory());
        }
        Ok(self.0.state.borrow().digest(size))
    }
}

/// A hash is an object used to calculate a checksum of a string of information.
///
/// Methods:
///
/// update() -- updates the current digest with an additional string
/// digest(length) -- return the current digest value
/// hexdigest(length) -- return the current digest as a string of hexadecimal digits
/// copy() -- return a copy of the current hash object
///
/// Attributes:
///
/// name -- the hash algorithm being used by this object
/// digest_size -- number of bytes in this hashes output
#[pytype(static = HASHXOF_Type, name = "HASHXOF", module = "_hashlib", signature = "(name, string=b'')", base = HASH_Type, flags = BASETYPE | DISALLOW_INSTANTIATION | IMMUTABLETYPE)]
impl HashXof {
    /// Return the digest value as a bytes object.
    #[method("digest($self, /, length)")]
    fn digest(&self, length: isize) -> PyResult<Owned<Bytes>> {
        Ok(bytes(&self.squeeze(length)?))
    }
    /// Return the digest value as a string of hexadecimal digits.
    #[method("hexdigest($self, /, length)")]
    fn hexdigest(&self, length: isize) -> PyResult<Owned<Str>> {
        Ok(hex(&self.squeeze(length)?))
    }
    #[getter]
    fn digest_size(&self) -> usize {
        0
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct HmacObject {
    head: ObjectHead,
    #[traverse(skip)]
    state: RefCell<Hmac>,
}

/// The object used to calculate HMAC of a message.
///
/// Methods:
///
/// update() -- updates the current digest with an additional string
/// digest() -- return the current digest value
/// hexdigest() -- return the current digest as a string of hexadecimal digits
/// copy() -- return a copy of the current hash object
///
/// Attributes:
///
/// name -- the name, including the hash algorithm used by this object
/// digest_size -- number of bytes in digest() output
#[pytype(static = HASHLIB_HMAC_Type, name = "HMAC", module = "_hashlib", flags = DISALLOW_INSTANTIATION | IMMUTABLETYPE, native, final)]
impl HmacObject {
    #[slot]
    fn tp_repr(&self) -> String {
        format!("<{} HMAC object @ {:p}>", self.state.borrow().algorithm.name, self.as_object().as_ptr())
    }
    /// Update the HMAC object with msg.
    #[method("update($self, /, msg)")]
    fn update(&self, msg: &Object) -> PyResult<()> {
        let data = hashable(msg)?;
        self.state.borrow_mut().update(&data);
        Ok(())
    }
    /// Return the digest of the bytes passed to the update() method so far.
    #[method("digest($self, /)")]
    fn digest(&self) -> Owned<Bytes> {
        bytes(&self.state.borrow().digest())
    }
    /// Return the digest so far as a string of hexadecimal digits, for places where bytes cannot go.
    #[method("hexdigest($self, /)")]
    fn hexdigest(&self) -> Owned<Str> {
        hex(&self.state.borrow().digest())
    }
    /// Return a copy ("clone") of the HMAC object.
    #[method("copy($self, /)")]
    fn copy(&self) -> PyResult<Owned<HmacObject>> {
        let state = self.state.borrow().clone();
        Self::construct(Self::type_object(), HmacObject { head: ObjectHead::placeholder(), state: RefCell::new(state) })
    }
    #[getter]
    fn digest_size(&self) -> usize {
        self.state.borrow().algorithm.digest_size
    }
    #[getter]
    fn block_size(&self) -> usize {
        self.state.borrow().algorithm.block_size
    }
    #[getter]
    fn name(&self) -> String {
        format!("hmac-{}", self.state.borrow().algorithm.name)
    }
}

/// The function that `digestmod` names, or that is made by it as a constructor of this module.
fn digestmod(module: &Module, digestmod: &Object) -> PyResult<&'static Algorithm> {
    let name = if digestmod.is_instance_of::<Str>() {
        digestmod.to_owned()
    } else {
        let known = module.dict().get("_constructors").and_then(|known| known.downcast::<MappingProxy>().map(MappingProxy::mapping));
        let found = match known.transpose()? {
            Some(known) => runtime::protocol::mapping::get_item_opt(&known, digestmod)?,
            None => None,
        };
        match found {
            Some(name) => name,
            None => return Err(UNSUPPORTED.raise(format_args!("Unsupported digestmod {}", object::repr(digestmod)?))),
        }
    };
    match name.downcast::<Str>() {
        Some(name) => named(&name.to_string_lossy()),
        None => Err(UNSUPPORTED.raise(format_args!("Unsupported digestmod {}", object::repr(digestmod)?))),
    }
}

/// A function of fixed output, which is what HMAC is defined for.
fn hmac_with(algorithm: &'static Algorithm, key: &[u8]) -> PyResult<Hmac> {
    if algorithm.is_xof() {
        return Err(err!(ValueError, "no reason supplied"));
    }
    Ok(Hmac::new(algorithm, key))
}

/// An integer argument within C's `long`; beyond it -1, which no check below lets pass.
fn long(value: &Object) -> PyResult<i64> {
    Ok(number::index(value)?.as_i64().unwrap_or(-1))
}

#[cold]
fn too_large() -> runtime::Raised {
    err!(ValueError, "[digital envelope routines] parameter too large")
}

/// OpenSSL interface for hashlib module
#[pymodule(name = "_hashlib")]
pub mod hashlib_module {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        let types: [(&str, &'static Type); 3] = [("HASH", &HASH_Type), ("HASHXOF", &HASHXOF_Type), ("HMAC", &HASHLIB_HMAC_Type)];
        for (name, ty) in types {
            runtime::types::type_ready(ty)?;
            module.add(name, ty)?;
        }
        module.add("UnsupportedDigestmodError", UNSUPPORTED.ty()?)?;
        module.add("_GIL_MINSIZE", Int::from_i64(GIL_MINSIZE).object())?;
        let names: Vec<Owned> = ALGORITHMS.iter().map(|algorithm| Str::new(algorithm.name).into_object()).collect();
        module.add("openssl_md_meth_names", FrozenSet::from_items(&names)?.as_object())?;
        let constructors = Dict::new();
        for algorithm in ALGORITHMS {
            if let Some(function) = module.dict().get(&format!("openssl_{}", algorithm.name)) {
                constructors.set_item(&function, Str::new(algorithm.name).as_object())?;
            }
        }
        module.add("_constructors", MappingProxy::new(constructors.as_object())?.as_object())?;
        let operator = runtime::import::import_module("_operator")?;
        module.add("compare_digest", &*object::get_attr_str(&operator, "_compare_digest")?)
    }

    /// Return a new hash object using the named algorithm.
    ///
    /// An optional string argument may be provided and will be
    /// automatically hashed.
    ///
    /// The MD5 and SHA1 algorithms are always supported.
    #[function("new($module, /, name, data=b'', *, usedforsecurity=True, string=None)")]
    fn new(name: &str, data: Option<&Object>, _usedforsecurity: bool, string: Option<&Object>) -> PyResult<Owned<Hash>> {
        let data = initial(data, string)?;
        Hash::make(named(name)?, data, None)
    }

    /// Return a new hmac object.
    #[function("hmac_new($module, /, key, msg=b'', digestmod=None)")]
    fn hmac_new(module: &Module, key: Buffer, msg: Option<&Object>, digestmod: Option<&Object>) -> PyResult<Owned<HmacObject>> {
        let Some(wanted) = digestmod else {
            return Err(err!(TypeError, "Missing required parameter 'digestmod'."));
        };
        let mut state = hmac_with(super::digestmod(module, wanted)?, &key)?;
        if let Some(msg) = msg.filter(|msg| !msg.is_none()) {
            state.update(&hashable(msg)?);
        }
        HmacObject::construct(HmacObject::type_object(), HmacObject { head: ObjectHead::placeholder(), state: RefCell::new(state) })
    }

    /// Single-shot HMAC.
    #[function("hmac_digest($module, /, key, msg, digest)")]
    fn hmac_digest(module: &Module, key: Buffer, msg: Buffer, digest: &Object) -> PyResult<Owned<Bytes>> {
        let mut state = hmac_with(digestmod(module, digest)?, &key)?;
        state.update(&msg);
        Ok(bytes(&state.digest()))
    }

    /// Password based key derivation function 2 (PKCS #5 v2.0) with HMAC as pseudorandom function.
    #[function("pbkdf2_hmac($module, /, hash_name, password, salt, iterations, dklen=None)")]
    fn pbkdf2_hmac(hash_name: &str, password: Buffer, salt: Buffer, iterations: i64, dklen: Option<&Object>) -> PyResult<Owned<Bytes>> {
        let algorithm = named(hash_name)?;
        if iterations < 1 {
            return Err(err!(ValueError, "iteration value must be greater than 0."));
        }
        if iterations > MOST {
            return Err(err!(OverflowError, "iteration value is too great."));
        }
        let length = match dklen {
            None => algorithm.digest_size as i64,
            Some(length) => number::index(length)?.as_i64().ok_or_else(|| err!(OverflowError, "Python int too large to convert to C long"))?,
        };
        if length < 1 {
            return Err(err!(ValueError, "key length must be greater than 0."));
        }
        if length > MOST {
            return Err(err!(OverflowError, "key length is too great."));
        }
        if algorithm.is_xof() {
            return Err(err!(ValueError, "[Provider routines] xof digests not allowed"));
        }
        let mut out = runtime::memory::reserve::zeroes(length as usize);
        let (password, salt): (&[u8], &[u8]) = (&password, &salt);
        gil::allow_threads(|| derive(algorithm, password, salt, iterations as u32, &mut out));
        Ok(bytes(&out))
    }

    /// scrypt password-based key derivation function.
    #[function("scrypt($module, /, password, *, salt, n, r, p, maxmem=0, dklen=64)")]
    #[allow(clippy::too_many_arguments)]
    fn scrypt(password: Buffer, salt: Buffer, n: &Object, r: &Object, p: &Object, maxmem: Option<&Object>, dklen: Option<&Object>) -> PyResult<Owned<Bytes>> {
        let n = long(n)?;
        let not_negative = |number: i64| if number < 0 { Err(err!(ValueError, "Cannot convert negative int")) } else { Ok(number) };
        not_negative(n)?;
        if n < 2 || n & (n - 1) != 0 {
            return Err(err!(ValueError, "n must be a power of 2."));
        }
        let (r, p) = (not_negative(long(r)?)?, not_negative(long(p)?)?);
        let maxmem = maxmem.map_or(Ok(0), long)?;
        if !(0..=MOST).contains(&maxmem) {
            return Err(err!(ValueError, "maxmem must be positive and smaller than {}", MOST));
        }
        let length = dklen.map_or(Ok(64), long)?;
        if !(1..=MOST).contains(&length) {
            return Err(err!(ValueError, "dklen must be greater than 0 and smaller than {}", MOST));
        }
        if r < 1 || p < 1 {
            return Err(err!(ValueError, "Invalid parameter combination for n, r, p, maxmem."));
        }
        let limit = if maxmem == 0 { SCRYPT_MEMORY } else { maxmem as u64 };
        if r as i128 * p as i128 > (1 << 30) - 1 || 128 * r as i128 * (p as i128 + n as i128 + 2) > limit as i128 {
            return Err(err!(ValueError, "[digital envelope routines] memory limit exceeded"));
        }
        let Ok(params) = ::scrypt::Params::new(n.trailing_zeros() as u8, r as u32, p as u32, 32) else {
            return Err(too_large());
        };
        let mut out = runtime::memory::reserve::zeroes(length as usize);
        let (password, salt): (&[u8], &[u8]) = (&password, &salt);
        match gil::allow_threads(|| ::scrypt::scrypt(password, salt, &params, &mut out)) {
            Ok(()) => Ok(bytes(&out)),
            Err(_) => Err(too_large()),
        }
    }

    /// Determine the OpenSSL FIPS mode of operation: off.
    #[function("get_fips_mode($module, /)")]
    fn get_fips_mode() -> i32 {
        0
    }

    /// Returns a md5 hash object; optionally initialized with a string
    #[function("openssl_md5($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn openssl_md5(data: Option<&Object>, _usedforsecurity: bool, string: Option<&Object>) -> PyResult<Owned<Hash>> {
        Hash::make(named("md5")?, data, string)
    }

    /// Returns a sha1 hash object; optionally initialized with a string
    #[function("openssl_sha1($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn openssl_sha1(data: Option<&Object>, _usedforsecurity: bool, string: Option<&Object>) -> PyResult<Owned<Hash>> {
        Hash::make(named("sha1")?, data, string)
    }

    /// Returns a sha224 hash object; optionally initialized with a string
    #[function("openssl_sha224($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn openssl_sha224(data: Option<&Object>, _usedforsecurity: bool, string: Option<&Object>) -> PyResult<Owned<Hash>> {
        Hash::make(named("sha224")?, data, string)
    }

    /// Returns a sha256 hash object; optionally initialized with a string
    #[function("openssl_sha256($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn openssl_sha256(data: Option<&Object>, _usedforsecurity: bool, string: Option<&Object>) -> PyResult<Owned<Hash>> {
        Hash::make(named("sha256")?, data, string)
    }

    /// Returns a sha384 hash object; optionally initialized with a string
    #[function("openssl_sha384($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn openssl_sha384(data: Option<&Object>, _usedforsecurity: bool, string: Option<&Object>) -> PyResult<Owned<Hash>> {
        Hash::make(named("sha384")?, data, string)
    }

    /// Returns a sha512 hash object; optionally initialized with a string
    #[function("openssl_sha512($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn openssl_sha512(data: Option<&Object>, _usedforsecurity: bool, string: Option<&Object>) -> PyResult<Owned<Hash>> {
        Hash::make(named("sha512")?, data, string)
    }

    /// Returns a sha3-224 hash object; optionally initialized with a string
    #[function("openssl_sha3_224($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn openssl_sha3_224(data: Option<&Object>, _usedforsecurity: bool, string: Option<&Object>) -> PyResult<Owned<Hash>> {
        Hash::make(named("sha3_224")?, data, string)
    }

    /// Returns a sha3-256 hash object; optionally initialized with a string
    #[function("openssl_sha3_256($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn openssl_sha3_256(data: Option<&Object>, _usedforsecurity: bool, string: Option<&Object>) -> PyResult<Owned<Hash>> {
        Hash::make(named("sha3_256")?, data, string)
    }

    /// Returns a sha3-384 hash object; optionally initialized with a string
    #[function("openssl_sha3_384($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn openssl_sha3_384(data: Option<&Object>, _usedforsecurity: bool, string: Option<&Object>) -> PyResult<Owned<Hash>> {
        Hash::make(named("sha3_384")?, data, string)
    }

    /// Returns a sha3-512 hash object; optionally initialized with a string
    #[function("openssl_sha3_512($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn openssl_sha3_512(data: Option<&Object>, _usedforsecurity: bool, string: Option<&Object>) -> PyResult<Owned<Hash>> {
        Hash::make(named("sha3_512")?, data, string)
    }

    /// Returns a shake-128 variable hash object; optionally initialized with a string
    #[function("openssl_shake_128($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn openssl_shake_128(data: Option<&Object>, _usedforsecurity: bool, string: Option<&Object>) -> PyResult<Owned<Hash>> {
        Hash::make(named("shake_128")?, data, string)
    }

    /// Returns a shake-256 variable hash object; optionally initialized with a string
    #[function("openssl_shake_256($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn openssl_shake_256(data: Option<&Object>, _usedforsecurity: bool, string: Option<&Object>) -> PyResult<Owned<Hash>> {
        Hash::make(named("shake_256")?, data, string)
    }
}

fn derive(algorithm: &'static Algorithm, password: &[u8], salt: &[u8], rounds: u32, out: &mut [u8]) {
    if let Some(derive) = algorithm.pbkdf2 {
        return derive(password, salt, rounds, out);
    }
    let keyed = Hmac::new(algorithm, password);
    for (index, chunk) in out.chunks_mut(algorithm.digest_size).enumerate() {
        let mut mac = keyed.clone();
        mac.update(salt);
        mac.update(&(index as u32 + 1).to_be_bytes());
        let mut block = mac.digest();
        let mut sum = block.clone();
        for _ in 1..rounds {
            let mut mac = keyed.clone();
            mac.update(&block);
            block = mac.digest();
            sum.iter_mut().zip(&block).for_each(|(sum, byte)| *sum ^= byte);
        }
        chunk.copy_from_slice(&sum[..chunk.len()]);
    }
}
