//! `_md5`, `_sha1`, `_sha2`, `_sha3`, `_blake2`, `_hmac` and `_hashlib`: the hash functions of `hashlib`. The algorithms are crates; here are the
//! types.

mod algorithm;
mod blake2;
mod digests;
mod hmac;
mod openssl;

pub use blake2::blake2_module;
pub use digests::{md5_module, sha1_module, sha2_module, sha3_module};
pub use hmac::hmac_module;
pub use openssl::hashlib_module;

use runtime::macro_support::Buffer;
use runtime::types::{Bytes, Str};
use runtime::{Object, Owned, PyResult, err, errors};

/// The bytes to hash.
pub fn hashable(data: &Object) -> PyResult<Buffer> {
    if data.is_instance_of::<Str>() {
        return Err(err!(TypeError, "Strings must be encoded before hashing"));
    }
    match Buffer::new(data) {
        Ok(buffer) => Ok(buffer),
        Err(_) if errors::matches(runtime::exceptions::TypeError()) => {
            errors::clear();
            Err(err!(TypeError, "object supporting the buffer API required"))
        }
        Err(raised) => Err(raised),
    }
}

/// What a constructor is to begin with: its `data` or its `string` argument.
pub fn initial<'a>(data: Option<&'a Object>, string: Option<&'a Object>) -> PyResult<Option<&'a Object>> {
    match (data, string) {
        (Some(_), Some(_)) => Err(err!(
            TypeError,
            "'data' and 'string' are mutually exclusive and support for 'string' keyword parameter is slated for removal in a future version."
        )),
        (data, string) => Ok(data.or(string)),
    }
}

pub fn hex(digest: &[u8]) -> Owned<Str> {
    let text: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    Str::new(&text)
}

pub fn bytes(digest: &[u8]) -> Owned<Bytes> {
    Bytes::new(digest)
}
