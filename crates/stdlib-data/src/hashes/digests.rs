//! MD5, SHA-1, SHA-2, SHA-3 and SHAKE.

use super::{bytes, hashable, hex, initial};
use macros::{Traverse, pymodule, pytype};
use runtime::types::{Bytes, Int, Module, Str};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Type, err};
use sha3::digest::{ExtendableOutput, XofReader};
use sha3::Digest;
use std::cell::RefCell;

/// Larger inputs are hashed without the GIL by CPython; a constant that tests look at.
const GIL_MINSIZE: i64 = 2048;

/// A hash type with a digest of fixed size that a function of its module makes.
macro_rules! hash_type {
    ($name:ident, $static_name:ident, $shown:tt, $module:tt, $hashlib_name:tt, $digest:ty, $block:tt) => {
        #[derive(Traverse)]
        #[repr(C)]
        pub struct $name {
            head: ObjectHead,
            #[traverse(skip)]
            state: RefCell<$digest>,
        }

        impl $name {
            fn make(data: Option<&Object>, string: Option<&Object>) -> PyResult<Owned<$name>> {
                let mut state = <$digest>::new();
                if let Some(data) = initial(data, string)? {
                    state.update(&*hashable(data)?);
                }
                Self::construct(Self::type_object(), $name { head: ObjectHead::placeholder(), state: RefCell::new(state) })
            }
            fn finish(&self) -> Vec<u8> {
                self.state.borrow().clone().finalize().to_vec()
            }
        }

        #[pytype(static = $static_name, name = $shown, module = $module, flags = HAVE_GC | DISALLOW_INSTANTIATION | IMMUTABLETYPE, native, final)]
        impl $name {
            /// Return a copy of the hash object.
            #[method("copy($self, /)")]
            fn copy(&self) -> PyResult<Owned<$name>> {
                let state = self.state.borrow().clone();
                Self::construct(Self::type_object(), $name { head: ObjectHead::placeholder(), state: RefCell::new(state) })
            }
            /// Return the digest value as a bytes object.
            #[method("digest($self, /)")]
            fn digest(&self) -> Owned<Bytes> {
                bytes(&self.finish())
            }
            /// Return the digest value as a string of hexadecimal digits.
            #[method("hexdigest($self, /)")]
            fn hexdigest(&self) -> Owned<Str> {
                hex(&self.finish())
            }
            /// Update this hash object's state with the provided string.
            #[method("update($self, obj, /)")]
            fn update(&self, obj: &Object) -> PyResult<()> {
                let data = hashable(obj)?;
                self.state.borrow_mut().update(&*data);
                Ok(())
            }
            #[getter]
            fn block_size(&self) -> i32 {
                $block
            }
            #[getter]
            fn name(&self) -> &'static str {
                $hashlib_name
            }
            #[getter]
            fn digest_size(&self) -> usize {
                <$digest as Digest>::output_size()
            }
        }
    };
}

hash_type!(Md5, MD5_Type, "md5", "_md5", "md5", md5::Md5, 64);
hash_type!(Sha1, SHA1_Type, "sha1", "_sha1", "sha1", sha1::Sha1, 64);
hash_type!(Sha224, SHA224_Type, "SHA224Type", "_sha2", "sha224", sha2::Sha224, 64);
hash_type!(Sha256, SHA256_Type, "SHA256Type", "_sha2", "sha256", sha2::Sha256, 64);
hash_type!(Sha384, SHA384_Type, "SHA384Type", "_sha2", "sha384", sha2::Sha384, 128);
hash_type!(Sha512, SHA512_Type, "SHA512Type", "_sha2", "sha512", sha2::Sha512, 128);

#[pymodule(name = "_md5")]
pub mod md5_module {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        runtime::types::type_ready(&MD5_Type)?;
        module.add("MD5Type", &MD5_Type)?;
        module.add("_GIL_MINSIZE", Int::from_i64(GIL_MINSIZE).object())
    }
    /// Return a new MD5 hash object; optionally initialized with a string.
    #[function("md5($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn md5(data: Option<&Object>, _usedforsecurity: bool, string: Option<&Object>) -> PyResult<Owned<Md5>> {
        Md5::make(data, string)
    }
}

#[pymodule(name = "_sha1")]
pub mod sha1_module {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        runtime::types::type_ready(&SHA1_Type)?;
        module.add("SHA1Type", &SHA1_Type)?;
        module.add("_GIL_MINSIZE", Int::from_i64(GIL_MINSIZE).object())
    }
    /// Return a new SHA1 hash object; optionally initialized with a string.
    #[function("sha1($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn sha1(data: Option<&Object>, _usedforsecurity: bool, string: Option<&Object>) -> PyResult<Owned<Sha1>> {
        Sha1::make(data, string)
    }
}

#[pymodule(name = "_sha2")]
pub mod sha2_module {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        for (name, ty) in [("SHA224Type", &SHA224_Type), ("SHA256Type", &SHA256_Type), ("SHA384Type", &SHA384_Type), ("SHA512Type", &SHA512_Type)] {
            runtime::types::type_ready(ty)?;
            module.add(name, ty)?;
        }
        module.add("_GIL_MINSIZE", Int::from_i64(GIL_MINSIZE).object())
    }
    /// Return a new SHA-224 hash object; optionally initialized with a string.
    #[function("sha224($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn sha224(data: Option<&Object>, _usedforsecurity: bool, string: Option<&Object>) -> PyResult<Owned<Sha224>> {
        Sha224::make(data, string)
    }
    /// Return a new SHA-256 hash object; optionally initialized with a string.
    #[function("sha256($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn sha256(data: Option<&Object>, _usedforsecurity: bool, string: Option<&Object>) -> PyResult<Owned<Sha256>> {
        Sha256::make(data, string)
    }
    /// Return a new SHA-384 hash object; optionally initialized with a string.
    #[function("sha384($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn sha384(data: Option<&Object>, _usedforsecurity: bool, string: Option<&Object>) -> PyResult<Owned<Sha384>> {
        Sha384::make(data, string)
    }
    /// Return a new SHA-512 hash object; optionally initialized with a string.
    #[function("sha512($module, /, data=b'', *, usedforsecurity=True, string=None)")]
    fn sha512(data: Option<&Object>, _usedforsecurity: bool, string: Option<&Object>) -> PyResult<Owned<Sha512>> {
        Sha512::make(data, string)
    }
}

/// A type of the SHA-3 family: `$finish` has the methods that give digests.
macro_rules! sha3_type {
    ($name:ident, $static_name:ident, $shown:tt, $signature:tt, $digest:ty, $size:tt, $block:tt, $suffix:tt, { $($finish:tt)* }) => {
        #[derive(Traverse)]
        #[repr(C)]
        pub struct $name {
            head: ObjectHead,
            #[traverse(skip)]
            state: RefCell<$digest>,
        }

        #[pytype(static = $static_name, name = $shown, module = "_sha3", flags = IMMUTABLETYPE, native, final,
            doc = "A hash object; optionally initialized with data.")]
        impl $name {
            #[slot($signature)]
            fn tp_new(cls: &Type, data: Option<&Object>, _usedforsecurity: bool, string: Option<&Object>) -> PyResult<Owned<$name>> {
                let mut state = <$digest>::default();
                if let Some(data) = initial(data, string)? {
                    sha3::digest::Update::update(&mut state, &hashable(data)?);
                }
                Self::construct(cls, $name { head: ObjectHead::placeholder(), state: RefCell::new(state) })
            }
            /// Return a copy of the hash object.
            #[method("copy($self, /)")]
            fn copy(&self) -> PyResult<Owned<$name>> {
                let state = self.state.borrow().clone();
                Self::construct(self.as_object().ty(), $name { head: ObjectHead::placeholder(), state: RefCell::new(state) })
            }
            /// Update this hash object's state with the provided bytes-like object.
            #[method("update($self, data, /)")]
            fn update(&self, data: &Object) -> PyResult<()> {
                let data = hashable(data)?;
                sha3::digest::Update::update(&mut *self.state.borrow_mut(), &data);
                Ok(())
            }
            #[getter]
            fn block_size(&self) -> i32 {
                $block
            }
            #[getter]
            fn name(&self) -> &'static str {
                $shown
            }
            #[getter]
            fn digest_size(&self) -> i32 {
                $size
            }
            #[getter]
            fn _capacity_bits(&self) -> i32 {
                1600 - 8 * $block
            }
            #[getter]
            fn _rate_bits(&self) -> i32 {
                8 * $block
            }
            #[getter]
            fn _suffix(&self) -> Owned<Bytes> {
                bytes(&[$suffix])
            }
            $($finish)*
        }
    };
}

macro_rules! sha3_fixed {
    ($name:ident, $static_name:ident, $shown:tt, $signature:tt, $digest:ty, $size:tt, $block:tt) => {
        sha3_type!($name, $static_name, $shown, $signature, $digest, $size, $block, 6, {
            /// Return the digest value as a bytes object.
            #[method("digest($self, /)")]
            fn digest(&self) -> Owned<Bytes> {
                bytes(&self.state.borrow().clone().finalize())
            }
            /// Return the digest value as a string of hexadecimal digits.
            #[method("hexdigest($self, /)")]
            fn hexdigest(&self) -> Owned<Str> {
                hex(&self.state.borrow().clone().finalize())
            }
        });
    };
}

fn squeeze<D: ExtendableOutput>(state: D, length: usize) -> PyResult<Vec<u8>> {
    if length >= 1 << 29 {
        return Err(err!(ValueError, "length is too large"));
    }
    let mut out = runtime::memory::reserve::zeroes(length);
    state.finalize_xof().read(&mut out);
    Ok(out)
}

macro_rules! shake {
    ($name:ident, $static_name:ident, $shown:tt, $signature:tt, $digest:ty, $block:tt) => {
        sha3_type!($name, $static_name, $shown, $signature, $digest, 0, $block, 31, {
            /// Return the digest value as a bytes object.
            #[method("digest($self, /, length)")]
            fn digest(&self, length: usize) -> PyResult<Owned<Bytes>> {
                Ok(bytes(&squeeze(self.state.borrow().clone(), length)?))
            }
            /// Return the digest value as a string of hexadecimal digits.
            #[method("hexdigest($self, /, length)")]
            fn hexdigest(&self, length: usize) -> PyResult<Owned<Str>> {
                Ok(hex(&squeeze(self.state.borrow().clone(), length)?))
            }
        });
    };
}

sha3_fixed!(Sha3_224, SHA3_224_Type, "sha3_224", "sha3_224(data=b'', *, usedforsecurity=True, string=None)", sha3::Sha3_224, 28, 144);
sha3_fixed!(Sha3_256, SHA3_256_Type, "sha3_256", "sha3_256(data=b'', *, usedforsecurity=True, string=None)", sha3::Sha3_256, 32, 136);
sha3_fixed!(Sha3_384, SHA3_384_Type, "sha3_384", "sha3_384(data=b'', *, usedforsecurity=True, string=None)", sha3::Sha3_384, 48, 104);
sha3_fixed!(Sha3_512, SHA3_512_Type, "sha3_512", "sha3_512(data=b'', *, usedforsecurity=True, string=None)", sha3::Sha3_512, 64, 72);
shake!(Shake128, SHAKE_128_Type, "shake_128", "shake_128(data=b'', *, usedforsecurity=True, string=None)", sha3::Shake128, 168);
shake!(Shake256, SHAKE_256_Type, "shake_256", "shake_256(data=b'', *, usedforsecurity=True, string=None)", sha3::Shake256, 136);

#[pymodule(name = "_sha3")]
pub mod sha3_module {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        let types: [(&str, &'static Type); 6] = [
            ("sha3_224", &SHA3_224_Type),
            ("sha3_256", &SHA3_256_Type),
            ("sha3_384", &SHA3_384_Type),
            ("sha3_512", &SHA3_512_Type),
            ("shake_128", &SHAKE_128_Type),
            ("shake_256", &SHAKE_256_Type),
        ];
        for (name, ty) in types {
            runtime::types::type_ready(ty)?;
            module.add(name, ty)?;
        }
        module.add("implementation", Str::new("RustCrypto").object())?;
        module.add("_GIL_MINSIZE", Int::from_i64(GIL_MINSIZE).object())
    }
}
