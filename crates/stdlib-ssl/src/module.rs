//! The module `_ssl`: its functions, types and constants.

use crate::certificate::{self, Certificate_Type};
use crate::connection::Connection_Type;
use crate::constants::{DEFAULT_CIPHERS, FLAGS, NUMBERS};
use crate::context::Context_Type;
use crate::errors::{self, SSLError_Type};
use crate::gate::away;
use crate::library;
use crate::memory_bio::MemoryBIO_Type;
use crate::paths::{self, static_text};
use crate::session::Session_Type;
use foreign_types::ForeignType;
use macros::pymodule;
use openssl::x509::X509;
use openssl_sys as sys;
use runtime::errors::PyResult;
use runtime::macro_support::Buffer;
use runtime::object::{Object, Owned};
use runtime::types::{Bytes, Dict, Int, Module, Str, Tuple, bool_object};
use runtime::err;
use std::ffi::{CString, c_int};
use std::ptr;

/// An object of ASN.1's that is freed.
struct ObjectRef(*mut sys::ASN1_OBJECT);
impl Drop for ObjectRef {
    fn drop(&mut self) {
        // SAFETY: our reference; static objects stay.
        unsafe { sys::ASN1_OBJECT_free(self.0) }
    }
}

/// (number, short name, long name, identifier).
fn described(object: *const sys::ASN1_OBJECT) -> PyResult<Owned<Tuple>> {
    // SAFETY: a live object, and static names.
    unsafe {
        let nid = sys::OBJ_obj2nid(object);
        if nid == sys::NID_undef {
            return Err(err!(ValueError, "Unknown object"));
        }
        let name = |name| Str::new(static_text(name)).into_object();
        let identifier = certificate::object_text(object, true)?;
        Ok(Tuple::from_vec(vec![Int::from_i64(nid as i64).into_object(), name(sys::OBJ_nid2sn(nid)), name(sys::OBJ_nid2ln(nid)), identifier]))
    }
}

/// TLS sockets for the module ssl, which has the documentation.
#[pymodule(name = "_ssl")]
#[types(SSLError_Type, Certificate_Type, MemoryBIO_Type, Session_Type, Context_Type, Connection_Type)]
pub mod ssl {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        crate::start::initialize();
        errors::add(module)?;
        for (name, value) in FLAGS {
            module.add(name, bool_object(*value))?;
        }
        for (name, value) in NUMBERS {
            module.add(name, &Int::from_i64(*value))?;
        }
        module.add("_DEFAULT_CIPHERS", &Str::new(DEFAULT_CIPHERS))?;
        // SAFETY: no arguments; a static string.
        let (number, text) = unsafe { (sys::OpenSSL_version_num() as i64, sys::OpenSSL_version(sys::OPENSSL_VERSION)) };
        module.add("OPENSSL_VERSION_NUMBER", &Int::from_i64(number))?;
        let part = |shift: u32, mask: i64| Int::from_i64(number >> shift & mask).into_object();
        let parts = || Tuple::from_vec(vec![part(28, 0xf), part(20, 0xff), part(12, 0xff), part(4, 0xff), part(0, 0xf)]);
        module.add("OPENSSL_VERSION_INFO", &parts())?;
        module.add("OPENSSL_VERSION", &Str::new(static_text(text)))?;
        module.add("_OPENSSL_API_VERSION", &parts())
    }

    #[function("_test_decode_cert($module, path, /)")]
    fn _test_decode_cert(path: &Object) -> PyResult<Owned<Dict>> {
        let path = paths::fs_converter(path)?;
        errors::clear();
        // SAFETY: a C string; what is read is ours.
        let certificate = unsafe {
            let bio = library::BIO_new_file(path.as_ptr(), c"r".as_ptr());
            if bio.is_null() {
                errors::clear();
                return Err(errors::plain("Can't open file"));
            }
            let certificate = sys::PEM_read_bio_X509(bio, ptr::null_mut(), None, ptr::null_mut());
            sys::BIO_free_all(bio);
            errors::clear();
            if certificate.is_null() {
                return Err(errors::plain("Error decoding PEM-encoded file"));
            }
            X509::from_ptr(certificate)
        };
        certificate::decode(&certificate)
    }

    /// Mix bytes (or the UTF-8 of a str) into OpenSSL's random numbers.
    ///
    /// entropy is a lower bound of how many bytes of chance are in them (RFC 4086).
    #[function("RAND_add($module, string, entropy, /)")]
    fn rand_add(string: &Object, entropy: f64) -> PyResult<()> {
        let bytes = match string.downcast::<Str>() {
            Some(text) => text.as_utf8()?.as_bytes().to_vec(),
            None => Buffer::new(string)?.to_vec(),
        };
        for part in bytes.chunks(c_int::MAX as usize) {
            // SAFETY: so many bytes.
            unsafe { sys::RAND_add(part.as_ptr().cast(), part.len() as c_int, entropy) };
        }
        Ok(())
    }

    /// Random bytes for cryptography, n of them.
    #[function("RAND_bytes($module, n, /)")]
    fn rand_bytes(n: i32) -> PyResult<Owned<Bytes>> {
        if n < 0 {
            return Err(err!(ValueError, "num must be positive"));
        }
        let mut data: Vec<u8> = Vec::new();
        data.try_reserve_exact(n as usize).map_err(|_| runtime::errors::no_memory())?;
        data.resize(n as usize, 0);
        let out = &mut data;
        // SAFETY: room for so many bytes.
        if away(move || unsafe { sys::RAND_bytes(out.as_mut_ptr(), n) }) != 1 {
            return Err(errors::library(5880));
        }
        Bytes::try_new(&data)
    }

    /// Whether OpenSSL's random numbers have enough to start from.
    ///
    /// If not, RAND_add() must come before the first connection.
    #[function("RAND_status($module, /)")]
    fn rand_status() -> bool {
        // SAFETY: no arguments.
        unsafe { sys::RAND_status() == 1 }
    }

    /// Where set_default_verify_paths() looks for the certificates of authorities: the environment variable and
    /// the path for a file, the same for a directory.
    #[function("get_default_verify_paths($module, /)")]
    fn get_default_verify_paths() -> (&'static str, String, &'static str, String) {
        let defaults = paths::defaults();
        // SAFETY: static strings.
        let environment = unsafe { (library::X509_get_default_cert_file_env(), library::X509_get_default_cert_dir_env()) };
        (static_text(environment.0), defaults.file, static_text(environment.1), defaults.directory)
    }

    /// Number, short name, long name and identifier (OID) of an object of ASN.1, found by its number.
    #[function("nid2obj($module, nid, /)")]
    fn nid2obj(nid: i32) -> PyResult<Owned<Tuple>> {
        if nid < sys::NID_undef {
            return Err(err!(ValueError, "NID must be positive."));
        }
        // SAFETY: NULL or a static object.
        let object = ObjectRef(unsafe { sys::OBJ_nid2obj(nid) });
        if object.0.is_null() {
            errors::clear();
            return Err(err!(ValueError, "unknown NID {}", nid));
        }
        described(object.0)
    }

    /// Number, short name, long name and identifier (OID) of an object of ASN.1, found by its identifier, or with
    /// name=True by its names too.
    #[function("txt2obj($module, /, txt, name=False)")]
    fn txt2obj(txt: &str, name: bool) -> PyResult<Owned<Tuple>> {
        let text = CString::new(txt).map_err(|_| err!(ValueError, "embedded null character"))?;
        // SAFETY: a C string.
        let object = ObjectRef(unsafe { sys::OBJ_txt2obj(text.as_ptr(), (!name) as c_int) });
        if object.0.is_null() {
            errors::clear();
            let shown: String = txt.chars().take(100).collect();
            return Err(err!(ValueError, "unknown object '{}'", shown));
        }
        described(object.0)
    }
}
