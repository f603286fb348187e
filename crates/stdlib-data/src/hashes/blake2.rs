//! BLAKE2b and BLAKE2s with all their parameters.

use super::{bytes, hashable, hex, initial};
use macros::{Traverse, pymodule, pytype};
use runtime::macro_support::Buffer;
use runtime::protocol::number;
use runtime::types::{Bytes, Dict, Int, Module, Str};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Type, err};
use std::cell::RefCell;

fn in_range(name: &str, value: i32, low: i32, high: i32) -> PyResult<u8> {
    if low <= value && value <= high {
        return Ok(value as u8);
    }
    Err(err!(ValueError, "{} must be between {} and {}", name, low, high))
}

fn at_most(name: &str, data: &[u8], max: usize) -> PyResult<()> {
    if data.len() > max { Err(err!(ValueError, "maximum {} length is {} bytes", name, max)) } else { Ok(()) }
}

/// An unsigned 64-bit argument.
fn unsigned(value: Option<&Object>, too_large: &str) -> PyResult<u64> {
    let Some(value) = value else { return Ok(0) };
    let int = number::index(value)?;
    if int.is_negative() {
        return Err(err!(ValueError, "Cannot convert negative int"));
    }
    int.as_u64().ok_or_else(|| err!(OverflowError, "{}", too_large))
}

macro_rules! blake2_type {
    ($name:ident, $static_name:ident, $shown:tt, $title:tt, $signature:tt, $imp:ident, $max:tt, $salt:tt, $block:tt, $offset_bits:tt) => {
        #[derive(Traverse)]
        #[repr(C)]
        pub struct $name {
            head: ObjectHead,
            #[traverse(skip)]
            state: RefCell<$imp::State>,
            digest_size: usize,
        }

        #[pytype(static = $static_name, name = $shown, module = "_blake2", flags = IMMUTABLETYPE, native, final,
            doc = "Return a new BLAKE2 hash object.")]
        impl $name {
            #[slot($signature)]
            #[allow(clippy::too_many_arguments)]
            fn tp_new(
                cls: &Type,
                data: Option<&Object>,
                digest_size: i32,
                key: Option<Buffer>,
                salt: Option<Buffer>,
                person: Option<Buffer>,
                fanout: i32,
                depth: i32,
                leaf_size: Option<&Object>,
                node_offset: Option<&Object>,
                node_depth: i32,
                inner_size: i32,
                last_node: bool,
                _usedforsecurity: bool,
                string: Option<&Object>,
            ) -> PyResult<Owned<$name>> {
                let data = initial(data, string)?;
                if !(1..=$max).contains(&digest_size) {
                    return Err(err!(ValueError, "digest_size for {} must be between 1 and {} bytes, here it is {}", $title, $max, digest_size));
                }
                let mut params = $imp::Params::new();
                params.hash_length(digest_size as usize);
                if let Some(salt) = &salt {
                    at_most("salt", salt, $salt)?;
                    params.salt(salt);
                }
                if let Some(person) = &person {
                    at_most("person", person, $salt)?;
                    params.personal(person);
                }
                params.fanout(in_range("fanout", fanout, 0, 255)?);
                params.max_depth(in_range("depth", depth, 1, 255)?);
                let leaf_size = unsigned(leaf_size, "Python int too large for C unsigned long")?;
                params.max_leaf_length(u32::try_from(leaf_size).map_err(|_| err!(OverflowError, "leaf_size is too large"))?);
                let node_offset = unsigned(node_offset, "Python int too large for C unsigned long long")?;
                if node_offset > u64::MAX >> (64 - $offset_bits) {
                    return Err(err!(OverflowError, "node_offset is too large"));
                }
                params.node_offset(node_offset);
                params.node_depth(in_range("node_depth", node_depth, 0, 255)?);
                if !(0..=$max).contains(&inner_size) {
                    return Err(err!(ValueError, "inner_size must be between 0 and is {}", $max));
                }
                params.inner_hash_length(inner_size as usize);
                if let Some(key) = &key {
                    at_most("key", key, $max)?;
                    params.key(key);
                }
                params.last_node(last_node);
                let mut state = params.to_state();
                if let Some(data) = data {
                    state.update(&hashable(data)?);
                }
                let value = $name { head: ObjectHead::placeholder(), state: RefCell::new(state), digest_size: digest_size as usize };
                Self::construct(cls, value)
            }
            /// Return a copy of the hash object.
            #[method("copy($self, /)")]
            fn copy(&self) -> PyResult<Owned<$name>> {
                let state = RefCell::new(self.state.borrow().clone());
                Self::construct(self.as_object().ty(), $name { head: ObjectHead::placeholder(), state, digest_size: self.digest_size })
            }
            /// Return the digest value as a bytes object.
            #[method("digest($self, /)")]
            fn digest(&self) -> Owned<Bytes> {
                bytes(self.state.borrow().finalize().as_bytes())
            }
            /// Return the digest value as a string of hexadecimal digits.
            #[method("hexdigest($self, /)")]
            fn hexdigest(&self) -> Owned<Str> {
                hex(self.state.borrow().finalize().as_bytes())
            }
            /// Update this hash object's state with the provided bytes-like object.
            #[method("update($self, data, /)")]
            fn update(&self, data: &Object) -> PyResult<()> {
                let data = hashable(data)?;
                self.state.borrow_mut().update(&data);
                Ok(())
            }
            #[getter]
            fn name(&self) -> &'static str {
                $shown
            }
            #[getter]
            fn block_size(&self) -> i32 {
                $block
            }
            #[getter]
            fn digest_size(&self) -> usize {
                self.digest_size
            }
        }
    };
}

blake2_type!(
    Blake2b,
    BLAKE2B_Type,
    "blake2b",
    "Blake2b",
    "blake2b(data=b'', *, digest_size=64, key=b'', salt=b'', person=b'', fanout=1, depth=1, leaf_size=0, node_offset=0, node_depth=0, inner_size=0, last_node=False, usedforsecurity=True, string=None)",
    blake2b_simd,
    64,
    16,
    128,
    64
);
blake2_type!(
    Blake2s,
    BLAKE2S_Type,
    "blake2s",
    "Blake2s",
    "blake2s(data=b'', *, digest_size=32, key=b'', salt=b'', person=b'', fanout=1, depth=1, leaf_size=0, node_offset=0, node_depth=0, inner_size=0, last_node=False, usedforsecurity=True, string=None)",
    blake2s_simd,
    32,
    8,
    64,
    48
);

fn type_constants(ty: &Type, max: i64, salt: i64) -> PyResult<()> {
    let dict: &Dict = ty.dict();
    for (name, value) in [("SALT_SIZE", salt), ("PERSON_SIZE", salt), ("MAX_KEY_SIZE", max), ("MAX_DIGEST_SIZE", max)] {
        dict.set(name, Int::from_i64(value).object())?;
    }
    Ok(())
}

/// BLAKE2b and BLAKE2s for hashlib
#[pymodule(name = "_blake2")]
pub mod blake2_module {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        let types: [(&str, &'static Type, &str, i64, i64); 2] =
            [("blake2b", &BLAKE2B_Type, "BLAKE2B", 64, 16), ("blake2s", &BLAKE2S_Type, "BLAKE2S", 32, 8)];
        for (name, ty, upper, max, salt) in types {
            runtime::types::type_ready(ty)?;
            type_constants(ty, max, salt)?;
            module.add(name, ty)?;
            for (constant, value) in [("MAX_DIGEST_SIZE", max), ("MAX_KEY_SIZE", max), ("PERSON_SIZE", salt), ("SALT_SIZE", salt)] {
                module.add(&format!("{upper}_{constant}"), Int::from_i64(value).object())?;
            }
        }
        module.add("_GIL_MINSIZE", Int::from_i64(2048).object())
    }
}
