//! The certificates that a context trusts.

use crate::certificate;
use crate::context::Context;
use crate::errors;
use crate::gate::Raw;
use crate::library;
use crate::paths::{self, optional_path};
use foreign_types::{ForeignType, ForeignTypeRef};
use macros::pymethods;
use openssl::x509::{X509, X509Ref};
use openssl_sys as sys;
use runtime::errors::PyResult;
use runtime::exceptions::os_error::raise_os_error;
use runtime::macro_support::Buffer;
use runtime::object::{Object, Owned};
use runtime::types::{Dict, Int, List, Str};
use runtime::err;
use std::ffi::{CString, c_int};
use std::ptr;

const ERR_LIB_X509: c_int = 11;
const CERT_ALREADY_IN_HASH_TABLE: c_int = 101;
const NO_START_LINE: c_int = 108;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Pem,
    Der,
}

/// Whether OpenSSL's last error is this one.
fn last_is(library: c_int, reason: c_int) -> bool {
    let code = errors::last();
    (sys::ERR_GET_LIB(code), crate::reasons::number(code)) == (library, reason)
}

impl Context {
    fn store(&self) -> *mut sys::X509_STORE {
        // SAFETY: the context owns its store.
        unsafe { sys::SSL_CTX_get_cert_store(self.as_ptr()) }
    }
    /// The certificates of authorities in the store.
    fn authorities(&self) -> Vec<X509> {
        let mut found = Vec::new();
        self.each_object(|object| {
            // SAFETY: an object of the store; a certificate is shared out of it.
            unsafe {
                if library::X509_OBJECT_get_type(object) == library::X509_LU_X509 {
                    let certificate = sys::X509_OBJECT_get0_X509(object);
                    if library::X509_check_ca(certificate) != 0 {
                        found.push(certificate::share(X509Ref::from_ptr(certificate)));
                    }
                }
            }
        });
        found
    }
    /// Runs `f`, which runs no Python code, for all that is in the store.
    fn each_object(&self, mut f: impl FnMut(*mut sys::X509_OBJECT)) {
        let _store = self.lock_store();
        // SAFETY: the store's own list, which nobody changes meanwhile.
        unsafe {
            let objects = sys::X509_STORE_get0_objects(self.store()) as *const sys::OPENSSL_STACK;
            for at in 0..sys::OPENSSL_sk_num(objects) {
                f(sys::OPENSSL_sk_value(objects, at) as *mut sys::X509_OBJECT);
            }
        }
    }
    /// Handshakes fill the store from directories.
    fn lock_store(&self) -> impl Drop {
        struct Unlock(*mut sys::X509_STORE);
        impl Drop for Unlock {
            fn drop(&mut self) {
                // SAFETY: locked below; the context keeps the store.
                unsafe { X509_STORE_unlock(self.0) };
            }
        }
        let store = self.store();
        // SAFETY: a live store.
        unsafe { X509_STORE_lock(store) };
        Unlock(store)
    }

    fn add_authorities(&self, data: &[u8], form: Form) -> PyResult<()> {
        if data.is_empty() {
            return Err(err!(ValueError, "Empty certificate data"));
        }
        let Ok(length) = c_int::try_from(data.len()) else { return Err(err!(OverflowError, "Certificate data is too long.")) };
        errors::clear();
        // SAFETY: the BIO reads from `data` and is freed before that goes.
        let bio = unsafe { sys::BIO_new_mem_buf(data.as_ptr().cast(), length) };
        if bio.is_null() {
            return Err(errors::message("Can't allocate buffer", 4287));
        }
        let mut loaded = 0;
        loop {
            // SAFETY: a live BIO.
            if form == Form::Der && loaded > 0 && unsafe { library::BIO_ctrl_pending(bio) } == 0 {
                break;
            }
            // SAFETY: as above; what is read is ours.
            let certificate = unsafe {
                match form {
                    Form::Der => sys::d2i_X509_bio(bio, ptr::null_mut()),
                    Form::Pem => sys::PEM_read_bio_X509(bio, ptr::null_mut(), None, ptr::null_mut()),
                }
            };
            if certificate.is_null() {
                break;
            }
            // SAFETY: as above.
            let certificate = unsafe { X509::from_ptr(certificate) };
            // SAFETY: the store takes a reference of its own.
            if unsafe { sys::X509_STORE_add_cert(self.store(), certificate.as_ptr()) } == 0 {
                if !last_is(ERR_LIB_X509, CERT_ALREADY_IN_HASH_TABLE) {
                    break;
                }
                errors::clear();
            }
            loaded += 1;
        }
        // SAFETY: our BIO.
        unsafe { sys::BIO_free_all(bio) };
        if loaded == 0 {
            let words = match form {
                Form::Pem => "no start line: cadata does not contain a certificate",
                Form::Der => "not enough data: cadata does not contain a certificate",
            };
            return Err(errors::message(words, 4340));
        }
        let at_end = form == Form::Pem && last_is(sys::ERR_LIB_PEM, NO_START_LINE);
        if errors::last() != 0 && !at_end {
            return Err(errors::library(4353));
        }
        errors::clear();
        Ok(())
    }

    fn load_data(&self, data: &Object) -> PyResult<()> {
        let wrong = || err!(TypeError, "cadata should be an ASCII string or a bytes-like object");
        if let Some(text) = data.downcast::<Str>() {
            return self.add_authorities(text.as_ascii().ok_or_else(wrong)?.as_bytes(), Form::Pem);
        }
        match Buffer::new(data) {
            Ok(buffer) => self.add_authorities(&buffer.to_vec(), Form::Der),
            Err(_) => {
                runtime::errors::clear();
                Err(wrong())
            }
        }
    }
}

unsafe extern "C" {
    fn X509_STORE_lock(store: *mut sys::X509_STORE) -> c_int;
    fn X509_STORE_unlock(store: *mut sys::X509_STORE) -> c_int;
}

#[pymethods(TRUST)]
impl Context {
    #[method("load_verify_locations($self, /, cafile=None, capath=None, cadata=None)")]
    fn load_verify_locations(&self, cafile: Option<&Object>, capath: Option<&Object>, cadata: Option<&Object>) -> PyResult<()> {
        let cadata = cadata.filter(|data| !data.is_none());
        let (file, directory) = (optional_path(cafile, "cafile")?, optional_path(capath, "capath")?);
        if file.is_none() && directory.is_none() && cadata.is_none() {
            return Err(err!(TypeError, "cafile, capath and cadata cannot be all omitted"));
        }
        if let Some(data) = cadata {
            self.load_data(data)?;
        }
        if file.is_none() && directory.is_none() {
            return Ok(());
        }
        errors::clear();
        let context = Raw(self.as_ptr());
        let (done, errno) = self.lock.alone(|| {
            let pointer = |path: &Option<CString>| path.as_ref().map_or(ptr::null(), |path| path.as_ptr());
            // SAFETY: C strings or NULL; the thread's own errno.
            unsafe {
                *libc::__errno_location() = 0;
                let done = sys::SSL_CTX_load_verify_locations(context.get(), pointer(&file), pointer(&directory));
                (done, *libc::__errno_location())
            }
        });
        if done == 1 {
            return Ok(());
        }
        if errno != 0 {
            errors::clear();
            return Err(raise_os_error(errno, None, None));
        }
        Err(errors::library(4474))
    }
    #[method("set_default_verify_paths($self, /)")]
    fn set_default_verify_paths(&self) -> PyResult<()> {
        let context = Raw(self.as_ptr());
        // SAFETY: a live context.
        let done = self.lock.alone(move || unsafe { sys::SSL_CTX_set_default_verify_paths(context.get()) });
        if done == 0 {
            return Err(errors::library(4820));
        }
        let defaults = paths::defaults();
        if !defaults.are_own {
            // Where OpenSSL does not look by itself; what is not there is left out.
            // SAFETY: static strings.
            let environment = unsafe { (library::X509_get_default_cert_file_env(), library::X509_get_default_cert_dir_env()) };
            let is_set = |name| std::env::var_os(paths::static_text(name)).is_some();
            let file = CString::new(defaults.file).ok().filter(|_| !is_set(environment.0));
            let directory = CString::new(defaults.directory).ok().filter(|_| !is_set(environment.1));
            self.lock.alone(move || {
                // SAFETY: C strings.
                unsafe {
                    if let Some(file) = file {
                        library::SSL_CTX_load_verify_file(context.get(), file.as_ptr());
                    }
                    if let Some(directory) = directory {
                        library::SSL_CTX_load_verify_dir(context.get(), directory.as_ptr());
                    }
                }
            });
        }
        errors::clear();
        Ok(())
    }
    /// Count what is in the context's store: certificates (x509), those of
    /// authorities (x509_ca), and revocation lists (crl).
    ///
    /// Certificates in a capath directory are loaded when they are first used.
    #[method("cert_store_stats($self, /)")]
    fn cert_store_stats(&self) -> PyResult<Owned<Dict>> {
        let (mut certificates, mut lists, mut authorities) = (0, 0, 0);
        self.each_object(|object| {
            // SAFETY: an object of the store.
            match unsafe { library::X509_OBJECT_get_type(object) } {
                library::X509_LU_X509 => {
                    certificates += 1;
                    // SAFETY: as above.
                    authorities += (unsafe { library::X509_check_ca(sys::X509_OBJECT_get0_X509(object)) } != 0) as i64;
                }
                library::X509_LU_CRL => lists += 1,
                _ => {}
            }
        });
        let dict = Dict::new();
        for (name, count) in [("x509", certificates), ("crl", lists), ("x509_ca", authorities)] {
            dict.set(name, &Int::from_i64(count))?;
        }
        Ok(dict)
    }
    /// List the authorities' certificates in the context's store, as dicts, or as
    /// bytes (DER) if binary_form is True.
    ///
    /// Certificates in a capath directory are loaded when they are first used.
    #[method("get_ca_certs($self, /, binary_form=False)")]
    fn get_ca_certs(&self, binary_form: bool) -> PyResult<Owned<List>> {
        let list = List::new();
        for certificate in self.authorities() {
            let item = if binary_form { certificate::der(&certificate)?.into_object() } else { certificate::decode(&certificate)?.into_object() };
            list.push(item)?;
        }
        Ok(list)
    }
}
