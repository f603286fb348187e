//! Paths as arguments, and where this system keeps the certificates that it trusts.

use runtime::errors::{self, PyResult};
use runtime::object::Object;
use runtime::protocol::{call, object};
use runtime::types::{Bytes, Str};
use runtime::{err, exceptions, intern};
use std::ffi::{CStr, CString, c_char};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// What `os.fsencode` takes, as a C string (`PyUnicode_FSConverter`).
pub fn fs_converter(path: &Object) -> PyResult<CString> {
    let mut path = path.to_owned();
    if !path.is_instance_of::<Str>() && !path.is_instance_of::<Bytes>() {
        let name = path.ty().short_name().to_string();
        let Some(method) = object::lookup_special(&path, intern!("__fspath__"))?.filter(|method| !method.is_none()) else {
            return Err(err!(TypeError, "expected str, bytes or os.PathLike object, not {}", name));
        };
        path = call::call0(&method)?;
        if !path.is_instance_of::<Str>() && !path.is_instance_of::<Bytes>() {
            return Err(err!(TypeError, "expected {}.__fspath__() to return str or bytes, not {}", name, path.ty().short_name()));
        }
    }
    let bytes = match path.downcast::<Str>() {
        Some(text) => runtime::codecs::fs_encode(text)?,
        None => path.downcast::<Bytes>().map(|bytes| bytes.as_slice().to_vec()).unwrap_or_default(),
    };
    CString::new(bytes).map_err(|_| err!(ValueError, "embedded null byte"))
}

/// As `fs_converter`; what is no path is named. `None` for None.
pub fn optional_path(path: Option<&Object>, name: &str) -> PyResult<Option<CString>> {
    let Some(path) = path.filter(|path| !path.is_none()) else { return Ok(None) };
    match fs_converter(path) {
        Ok(path) => Ok(Some(path)),
        Err(_) if errors::matches(exceptions::TypeError()) => {
            errors::clear();
            Err(err!(TypeError, "{} should be a valid filesystem path", name))
        }
        Err(raised) => Err(raised),
    }
}

/// A static string of OpenSSL's.
pub fn static_text(text: *const c_char) -> &'static str {
    // SAFETY: NULL or a static C string.
    if text.is_null() { "" } else { unsafe { CStr::from_ptr(text) }.to_str().unwrap_or("") }
}

/// Where systems have `cert.pem` and `certs`: what OpenSSL was built for comes first.
const DIRECTORIES: [&str; 4] = ["/usr/lib/ssl", "/etc/pki/tls", "/etc/ssl", "/etc/openssl"];

/// The default file and directory of trusted certificates.
pub struct Defaults {
    pub file: String,
    pub directory: String,
    /// Whether they are those that OpenSSL itself knows.
    pub are_own: bool,
}

pub fn defaults() -> Defaults {
    // SAFETY: static strings.
    let (file, directory) = unsafe { (crate::library::X509_get_default_cert_file(), crate::library::X509_get_default_cert_dir()) };
    let own = Defaults { file: static_text(file).to_string(), directory: static_text(directory).to_string(), are_own: true };
    if is_used(&own) {
        return own;
    }
    DIRECTORIES
        .iter()
        .map(|at| Defaults { file: format!("{at}/cert.pem"), directory: format!("{at}/certs"), are_own: false })
        .find(is_used)
        .unwrap_or(own)
}

fn is_used(defaults: &Defaults) -> bool {
    Path::new(&defaults.file).is_file() || std::fs::read_dir(&defaults.directory).is_ok_and(|mut entries| entries.next().is_some())
}

/// A file's contents; an OSError names it.
pub fn read_file(path: &Object) -> PyResult<Vec<u8>> {
    let name = fs_converter(path)?;
    runtime::audit::audit("open", &[path, &Str::new("rb"), &runtime::types::Int::from_i64(0)])?;
    let result = crate::gate::away(|| std::fs::read(Path::new(std::ffi::OsStr::from_bytes(name.to_bytes()))));
    result.map_err(|error| exceptions::raise_os_error(error.raw_os_error().unwrap_or(libc::EIO), Some(path), None))
}
