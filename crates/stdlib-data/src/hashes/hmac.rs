//! `_hmac`: HMAC over the hash functions of `hashlib.algorithms_guaranteed`, chosen by name.

use super::algorithm::{Algorithm, Hmac};
use super::{bytes, hashable, hex};
use macros::{Traverse, pymodule, pytype};
use runtime::exceptions::{self, ModuleException};
use runtime::protocol::object::repr;
use runtime::types::{Bytes, Int, Module, Str};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped};
use std::cell::RefCell;

static UNKNOWN_HASH: ModuleException = ModuleException::new("_hmac", "UnknownHashError", || Ok(exceptions::ValueError()), None);

const GIL_MINSIZE: i64 = 2048;

/// The names that this module knows: lower and upper case, `blake2b` also with its digest's size.
fn find(name: &str) -> Option<&'static Algorithm> {
    let lower = if name.bytes().any(|b| b.is_ascii_lowercase()) { name.to_string() } else { name.to_ascii_lowercase() };
    match &*lower {
        "md5" | "sha1" | "sha224" | "sha256" | "sha384" | "sha512" | "sha3_224" | "sha3_256" | "sha3_384" | "sha3_512" | "blake2b" | "blake2s" => {
            Algorithm::find(&lower)
        }
        "blake2b_32" => Algorithm::find("blake2b"),
        "blake2s_32" => Algorithm::find("blake2s"),
        _ => None,
    }
}

fn named(digestmod: &Object) -> PyResult<&'static Algorithm> {
    if let Some(found) = digestmod.downcast::<Str>().and_then(|name| find(&name.to_string_lossy())) {
        return Ok(found);
    }
    Err(UNKNOWN_HASH.raise(format_args!("unsupported hash type: {}", repr(digestmod)?)))
}

fn once(algorithm: &'static Algorithm, key: &Object, msg: &Object) -> PyResult<Owned<Bytes>> {
    let mut state = Hmac::new(algorithm, &hashable(key)?);
    state.update(&hashable(msg)?);
    Ok(bytes(&state.digest()))
}

#[derive(Traverse)]
#[repr(C)]
pub struct HmacObject {
    head: ObjectHead,
    #[traverse(skip)]
    state: RefCell<Hmac>,
}

#[pytype(static = BUILTIN_HMAC_Type, name = "HMAC", module = "_hmac", flags = HAVE_GC | DISALLOW_INSTANTIATION | IMMUTABLETYPE, native, final)]
impl HmacObject {
    #[slot]
    fn tp_repr(&self) -> String {
        format!("<{} HMAC object @ {:p}>", self.state.borrow().algorithm.name, self.as_object().as_ptr())
    }
    /// Return a copy ("clone") of the HMAC object.
    #[method("copy($self, /)")]
    fn copy(&self) -> PyResult<Owned<HmacObject>> {
        let state = self.state.borrow().clone();
        Self::construct(Self::type_object(), HmacObject { head: ObjectHead::placeholder(), state: RefCell::new(state) })
    }
    /// Update the HMAC object with the given message.
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
    #[getter]
    fn name(&self) -> String {
        format!("hmac-{}", self.state.borrow().algorithm.name)
    }
    #[getter]
    fn block_size(&self) -> usize {
        self.state.borrow().algorithm.block_size
    }
    #[getter]
    fn digest_size(&self) -> usize {
        self.state.borrow().algorithm.digest_size
    }
}

macro_rules! compute {
    ($name:literal, $key:expr, $msg:expr) => {
        match Algorithm::find($name) {
            Some(algorithm) => once(algorithm, $key, $msg),
            None => unreachable!(),
        }
    };
}

#[pymodule(name = "_hmac")]
pub mod hmac_module {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        runtime::types::type_ready(&BUILTIN_HMAC_Type)?;
        module.add("HMAC", &BUILTIN_HMAC_Type)?;
        module.add("UnknownHashError", UNKNOWN_HASH.ty()?)?;
        module.add("_GIL_MINSIZE", Int::from_i64(GIL_MINSIZE).object())
    }
    /// Return a new HMAC object.
    #[function("new($module, /, key, msg=None, digestmod=<unrepresentable>)")]
    fn new(key: &Object, msg: Option<&Object>, digestmod: Option<&Object>) -> PyResult<Owned<HmacObject>> {
        let Some(digestmod) = digestmod else {
            return Err(runtime::err!(TypeError, "new() missing 1 required argument 'digestmod'"));
        };
        let algorithm = named(digestmod)?;
        let mut state = Hmac::new(algorithm, &hashable(key)?);
        if let Some(msg) = msg {
            state.update(&hashable(msg)?);
        }
        HmacObject::construct(HmacObject::type_object(), HmacObject { head: ObjectHead::placeholder(), state: RefCell::new(state) })
    }
    #[function("compute_digest($module, /, key, msg, digest)")]
    fn compute_digest(key: &Object, msg: &Object, digest: &Object) -> PyResult<Owned<Bytes>> {
        once(named(digest)?, key, msg)
    }
    #[function("compute_md5($module, key, msg, /)")]
    fn compute_md5(key: &Object, msg: &Object) -> PyResult<Owned<Bytes>> {
        compute!("md5", key, msg)
    }
    #[function("compute_sha1($module, key, msg, /)")]
    fn compute_sha1(key: &Object, msg: &Object) -> PyResult<Owned<Bytes>> {
        compute!("sha1", key, msg)
    }
    #[function("compute_sha224($module, key, msg, /)")]
    fn compute_sha224(key: &Object, msg: &Object) -> PyResult<Owned<Bytes>> {
        compute!("sha224", key, msg)
    }
    #[function("compute_sha256($module, key, msg, /)")]
    fn compute_sha256(key: &Object, msg: &Object) -> PyResult<Owned<Bytes>> {
        compute!("sha256", key, msg)
    }
    #[function("compute_sha384($module, key, msg, /)")]
    fn compute_sha384(key: &Object, msg: &Object) -> PyResult<Owned<Bytes>> {
        compute!("sha384", key, msg)
    }
    #[function("compute_sha512($module, key, msg, /)")]
    fn compute_sha512(key: &Object, msg: &Object) -> PyResult<Owned<Bytes>> {
        compute!("sha512", key, msg)
    }
    #[function("compute_sha3_224($module, key, msg, /)")]
    fn compute_sha3_224(key: &Object, msg: &Object) -> PyResult<Owned<Bytes>> {
        compute!("sha3_224", key, msg)
    }
    #[function("compute_sha3_256($module, key, msg, /)")]
    fn compute_sha3_256(key: &Object, msg: &Object) -> PyResult<Owned<Bytes>> {
        compute!("sha3_256", key, msg)
    }
    #[function("compute_sha3_384($module, key, msg, /)")]
    fn compute_sha3_384(key: &Object, msg: &Object) -> PyResult<Owned<Bytes>> {
        compute!("sha3_384", key, msg)
    }
    #[function("compute_sha3_512($module, key, msg, /)")]
    fn compute_sha3_512(key: &Object, msg: &Object) -> PyResult<Owned<Bytes>> {
        compute!("sha3_512", key, msg)
    }
    #[function("compute_blake2b_32($module, key, msg, /)")]
    fn compute_blake2b_32(key: &Object, msg: &Object) -> PyResult<Owned<Bytes>> {
        compute!("blake2b", key, msg)
    }
    #[function("compute_blake2s_32($module, key, msg, /)")]
    fn compute_blake2s_32(key: &Object, msg: &Object) -> PyResult<Owned<Bytes>> {
        compute!("blake2s", key, msg)
    }
}
