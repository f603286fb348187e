//! A context's own certificate and key, and the parameters of its key exchange.

use crate::context::Context;
use crate::errors;
use crate::gate::{Raw, back};
use crate::library;
use crate::paths::{self, optional_path};
use macros::pymethods;
use openssl_sys as sys;
use runtime::errors::{PyResult, Raised};
use runtime::exceptions::os_error::raise_os_error;
use runtime::object::{Object, Owned};
use runtime::protocol::{call, object};
use runtime::types::{BaseException, ByteArray, Bytes, Str};
use runtime::err;
use std::ffi::{c_char, c_int, c_void};
use std::ptr;

/// What the password callback finds.
struct Password {
    callable: Option<Owned>,
    bytes: Vec<u8>,
    /// What went wrong; OpenSSL may ask again all the same.
    error: Option<Owned<BaseException>>,
    failed: bool,
}

/// The bytes of a password.
fn password_bytes(password: &Object, words: &str) -> PyResult<Vec<u8>> {
    if let Some(text) = password.downcast::<Str>() {
        return Ok(text.as_utf8()?.as_bytes().to_vec());
    }
    if let Some(bytes) = password.downcast::<Bytes>() {
        return Ok(bytes.as_slice().to_vec());
    }
    if password.is_instance_of::<ByteArray>() {
        return Ok(runtime::macro_support::Buffer::new(password)?.to_vec());
    }
    Err(err!(TypeError, "{}", words))
}

impl Password {
    fn ask(&mut self, room: usize) -> PyResult<()> {
        if let Some(callable) = &self.callable {
            self.bytes = password_bytes(&*call::call0(callable)?, "password callback must return a string")?;
        }
        if self.bytes.len() > room {
            return Err(err!(ValueError, "password cannot be longer than {} bytes", room));
        }
        Ok(())
    }
}

unsafe extern "C" fn password_callback(out: *mut c_char, room: c_int, _is_write: c_int, data: *mut c_void) -> c_int {
    let answer = back(|| {
        // SAFETY: `load_cert_chain` passes its password, which nobody else uses meanwhile.
        let password = unsafe { &mut *(data as *mut Password) };
        if password.failed {
            return -1;
        }
        if password.ask(room.max(0) as usize).is_err() {
            password.failed = true;
            password.error = runtime::errors::take();
            return -1;
        }
        // SAFETY: there is room for so many bytes.
        unsafe { ptr::copy_nonoverlapping(password.bytes.as_ptr(), out.cast(), password.bytes.len()) };
        password.bytes.len() as c_int
    });
    answer.unwrap_or(-1)
}

/// The context's password callback, put back when this is dropped.
struct CallbackScope {
    context: *mut sys::SSL_CTX,
    callback: Option<library::PasswordCallback>,
    data: *mut c_void,
}
impl CallbackScope {
    fn new(context: *mut sys::SSL_CTX, password: *mut Password) -> CallbackScope {
        // SAFETY: a live context.
        unsafe {
            let scope = CallbackScope {
                context,
                callback: library::SSL_CTX_get_default_passwd_cb(context),
                data: library::SSL_CTX_get_default_passwd_cb_userdata(context),
            };
            if !password.is_null() {
                library::SSL_CTX_set_default_passwd_cb(context, Some(password_callback));
                library::SSL_CTX_set_default_passwd_cb_userdata(context, password.cast());
            }
            scope
        }
    }
}
impl Drop for CallbackScope {
    fn drop(&mut self) {
        // SAFETY: as above.
        unsafe {
            library::SSL_CTX_set_default_passwd_cb(self.context, self.callback);
            library::SSL_CTX_set_default_passwd_cb_userdata(self.context, self.data);
        }
    }
}

/// A step's result and errno.
fn step(run: impl FnOnce() -> c_int) -> Result<(), c_int> {
    // SAFETY: the thread's own errno.
    unsafe {
        *libc::__errno_location() = 0;
        if run() == 1 { Ok(()) } else { Err(*libc::__errno_location()) }
    }
}

/// Which step failed, and with which errno.
enum Failed {
    File(c_int),
    Key,
}

#[cold]
fn failure(password: &mut Password, failed: Failed) -> Raised {
    if let Some(error) = password.error.take() {
        errors::clear();
        return runtime::errors::restore(error);
    }
    match failed {
        Failed::File(errno) if errno != 0 => {
            errors::clear();
            raise_os_error(errno, None, None)
        }
        Failed::File(_) => errors::library(4221),
        Failed::Key => errors::library(4242),
    }
}

#[pymethods(CREDENTIALS)]
impl Context {
    #[method("load_cert_chain($self, /, certfile, keyfile=None, password=None)")]
    fn load_cert_chain(&self, certfile: &Object, keyfile: Option<&Object>, password: Option<&Object>) -> PyResult<()> {
        let wrong = || err!(TypeError, "certfile should be a valid filesystem path");
        let certificate_path = optional_path(Some(certfile), "certfile")?.ok_or_else(wrong)?;
        let key_path = optional_path(keyfile, "keyfile")?;
        let mut state = Password { callable: None, bytes: Vec::new(), error: None, failed: false };
        let given = password.filter(|password| !password.is_none());
        match given {
            Some(password) if object::is_callable(password) => state.callable = Some(password.to_owned()),
            Some(password) => state.bytes = password_bytes(password, "password should be a string or callable")?,
            None => {}
        }
        errors::clear();
        let context = Raw(self.as_ptr());
        let password = Raw(if given.is_some() { &raw mut state } else { ptr::null_mut() });
        let result = self.lock.alone(|| {
            let context = context.get();
            let _scope = CallbackScope::new(context, password.get());
            let (chain, key) = (certificate_path.as_ptr(), key_path.as_ref().unwrap_or(&certificate_path).as_ptr());
            // SAFETY: a live context and C strings.
            step(|| unsafe { sys::SSL_CTX_use_certificate_chain_file(context, chain) }).map_err(Failed::File)?;
            // SAFETY: as above.
            let used = step(|| unsafe { sys::SSL_CTX_use_PrivateKey_file(context, key, sys::SSL_FILETYPE_PEM) });
            used.map_err(|errno| if errno != 0 { Failed::File(errno) } else { Failed::Key })?;
            // SAFETY: as above.
            step(|| unsafe { sys::SSL_CTX_check_private_key(context) }).map_err(|_| Failed::Key)
        });
        result.map_err(|failed| failure(&mut state, failed))
    }
    #[method("load_dh_params($self, path, /)")]
    fn load_dh_params(&self, path: &Object) -> PyResult<()> {
        let data = paths::read_file(path)?;
        let Ok(length) = c_int::try_from(data.len()) else { return Err(err!(OverflowError, "file is too long")) };
        errors::clear();
        // SAFETY: the BIO reads from `data`; the context takes its own reference of the parameters.
        unsafe {
            let bio = sys::BIO_new_mem_buf(data.as_ptr().cast(), length);
            if bio.is_null() {
                return Err(runtime::errors::no_memory());
            }
            let parameters = sys::PEM_read_bio_DHparams(bio, ptr::null_mut(), None, ptr::null_mut());
            sys::BIO_free_all(bio);
            if parameters.is_null() {
                return Err(errors::library(4530));
            }
            let done = sys::SSL_CTX_ctrl(self.as_ptr(), library::SSL_CTRL_SET_TMP_DH, 0, parameters.cast());
            sys::DH_free(parameters);
            if done == 0 { Err(errors::library(4536)) } else { Ok(()) }
        }
    }
    #[method("set_ecdh_curve($self, name, /)")]
    fn set_ecdh_curve(&self, name: &Object) -> PyResult<()> {
        let curve = paths::fs_converter(name)?;
        // SAFETY: a C string.
        let mut group = unsafe { sys::OBJ_sn2nid(curve.as_ptr()) };
        // SAFETY: the context copies the number.
        let set = |group: &mut c_int| unsafe { sys::SSL_CTX_ctrl(self.as_ptr(), SSL_CTRL_SET_GROUPS, 1, (group as *mut c_int).cast()) };
        if group == 0 || set(&mut group) == 0 {
            errors::clear();
            return Err(err!(ValueError, "unknown elliptic curve name {}", object::repr(name)?.to_string_lossy()));
        }
        Ok(())
    }
}

const SSL_CTRL_SET_GROUPS: c_int = 91;
