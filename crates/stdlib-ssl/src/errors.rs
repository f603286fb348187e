//! `SSLError` and its subclasses, and how OpenSSL's errors become them: `[LIBRARY: REASON] words (_ssl.c:LINE)`.
//!
//! LINE is where CPython's module raises the same error; programs and logs match on it.

use crate::reasons;
use abi::PyOSErrorObject;
use macros::pytype;
use openssl_sys as sys;
use runtime::errors::{self, PyResult, Raised};
use runtime::exceptions::{self, ModuleException, os_error::OS_ERROR, os_error::raise_os_error};
use runtime::object::{Object, Owned, Type};
use runtime::protocol::{call, object};
use runtime::types::{BaseException, Dict, GilCell, Int, Module, Str, Tuple, none, type_type};
use runtime::intern;
use std::cell::OnceCell;
use std::ffi::{c_int, c_ulong};

#[repr(transparent)]
pub struct SSLError(pub PyOSErrorObject);

/// An error occurred in the SSL implementation.
#[pytype(static = SSLError_Type, name = "SSLError", module = "ssl", base = OS_ERROR, flags = BASETYPE | HAVE_GC | BASE_EXC_SUBCLASS | IMMUTABLETYPE)]
impl SSLError {
    #[slot]
    fn tp_str(&self) -> PyResult<Owned<Str>> {
        let strerror = self.0.strerror.get();
        // SAFETY: NULL, or an object that the exception owns.
        if !strerror.is_null() && let Some(text) = unsafe { Object::from_ptr(strerror) }.downcast::<Str>() {
            return Ok(Owned::from_ref(text));
        }
        object::str(&*object::get_attr(self, intern!("args"))?)
    }
}

fn base() -> PyResult<&'static Type> {
    Ok(&SSLError_Type)
}

static ZERO_RETURN: ModuleException = ModuleException::new("ssl", "SSLZeroReturnError", base, Some("SSL/TLS session closed cleanly."));
static WANT_READ: ModuleException = ModuleException::new(
    "ssl",
    "SSLWantReadError",
    base,
    Some("Non-blocking SSL socket needs to read more data\nbefore the requested operation can be completed."),
);
static WANT_WRITE: ModuleException = ModuleException::new(
    "ssl",
    "SSLWantWriteError",
    base,
    Some("Non-blocking SSL socket needs to write more data\nbefore the requested operation can be completed."),
);
static SYSCALL: ModuleException = ModuleException::new("ssl", "SSLSyscallError", base, Some("System error when attempting SSL operation."));
static EOF: ModuleException = ModuleException::new("ssl", "SSLEOFError", base, Some("SSL/TLS connection terminated abruptly."));
static VERIFICATION: GilCell<OnceCell<Owned<Type>>> = GilCell(OnceCell::new());

/// `SSLCertVerificationError`, which is a ValueError too.
fn verification() -> PyResult<&'static Type> {
    if VERIFICATION.0.get().is_none() {
        let namespace = Dict::new();
        namespace.set("__module__", &Str::new("ssl"))?;
        namespace.set("__doc__", &Str::new("A certificate could not be verified."))?;
        let bases = Tuple::new(&[&SSLError_Type, exceptions::ValueError()]);
        let class = call::call_args(type_type(), &[&Str::new("SSLCertVerificationError"), &bases, &namespace])?;
        if let Ok(class) = class.try_into_typed::<Type>() {
            let _ = VERIFICATION.0.set(class);
        }
    }
    VERIFICATION.0.get().map(|class| &**class).ok_or_else(errors::bad_internal_call)
}

/// The classes, into the module.
pub fn add(module: &Module) -> PyResult<()> {
    module.add("SSLCertVerificationError", verification()?)?;
    module.add("SSLZeroReturnError", ZERO_RETURN.ty()?)?;
    module.add("SSLWantReadError", WANT_READ.ty()?)?;
    module.add("SSLWantWriteError", WANT_WRITE.ty()?)?;
    module.add("SSLSyscallError", SYSCALL.ty()?)?;
    module.add("SSLEOFError", EOF.ty()?)
}

/// `SSLError(message)`.
#[cold]
pub fn plain(message: &str) -> Raised {
    errors::raise_object(&SSLError_Type, Some(&Str::new(message)))
}

/// SSLError of a message of our own.
#[cold]
pub fn message(text: &str, line: u32) -> Raised {
    clear();
    raise(Report { class: &SSLError_Type, number: 0, words: Some(text), code: 0, line, verification: None })
}

/// SSLError of the last error in OpenSSL's queue.
#[cold]
pub fn library(line: u32) -> Raised {
    let code = last();
    let raised = raise(Report { class: &SSLError_Type, number: reasons::number(code), words: None, code, line, verification: None });
    clear();
    raised
}

/// What a failed operation on a connection left.
#[derive(Clone, Copy, Default)]
pub struct Outcome {
    /// What the function returned.
    pub result: c_int,
    /// `SSL_get_error`, 0 after success.
    pub error: c_int,
    pub errno: c_int,
}

const ERROR_EOF: c_int = 8;
const ERROR_INVALID: c_int = 10;
const CERTIFICATE_VERIFY_FAILED: c_int = 134;
const UNEXPECTED_EOF: c_int = 294;
const EOF_WORDS: &str = "EOF occurred in violation of protocol";

/// The error of an operation on a connection; `verify` says what is wrong with a certificate.
#[cold]
pub fn operation(outcome: Outcome, line: u32, verify: impl FnOnce() -> PyResult<(i64, Owned)>) -> Raised {
    match describe(outcome, line, verify) {
        Ok(raised) | Err(raised) => {
            clear();
            raised
        }
    }
}

fn describe(outcome: Outcome, line: u32, verify: impl FnOnce() -> PyResult<(i64, Owned)>) -> PyResult<Raised> {
    let code = last();
    let (in_library, reason) = (sys::ERR_GET_LIB(code), reasons::number(code));
    let is_system = code != 0 && in_library == sys::ERR_LIB_SYS;
    let mut verification_words = None;
    let (class, number, words): (&Type, c_int, Option<&str>) = match outcome.error {
        sys::SSL_ERROR_ZERO_RETURN => (ZERO_RETURN.ty()?, outcome.error, Some("TLS/SSL connection has been closed (EOF)")),
        sys::SSL_ERROR_WANT_READ => (WANT_READ.ty()?, outcome.error, Some("The operation did not complete (read)")),
        sys::SSL_ERROR_WANT_WRITE => (WANT_WRITE.ty()?, outcome.error, Some("The operation did not complete (write)")),
        sys::SSL_ERROR_WANT_X509_LOOKUP => (&SSLError_Type, outcome.error, Some("The operation did not complete (X509 lookup)")),
        sys::SSL_ERROR_WANT_CONNECT => (&SSLError_Type, outcome.error, Some("The operation did not complete (connect)")),
        sys::SSL_ERROR_SYSCALL if code == 0 && outcome.errno != 0 => return Ok(raise_os_error(outcome.errno, None, None)),
        sys::SSL_ERROR_SYSCALL if code == 0 => (EOF.ty()?, ERROR_EOF, Some(EOF_WORDS)),
        sys::SSL_ERROR_SYSCALL | sys::SSL_ERROR_SSL if is_system => return Ok(raise_os_error(reason, None, None)),
        sys::SSL_ERROR_SYSCALL => (&SSLError_Type, outcome.error, None),
        sys::SSL_ERROR_SSL if code == 0 => (&SSLError_Type, outcome.error, Some("A failure in the SSL library occurred")),
        sys::SSL_ERROR_SSL if (in_library, reason) == (reasons::SSL, UNEXPECTED_EOF) => (EOF.ty()?, ERROR_EOF, Some(EOF_WORDS)),
        sys::SSL_ERROR_SSL if (in_library, reason) == (reasons::SSL, CERTIFICATE_VERIFY_FAILED) => {
            verification_words = Some(verify()?);
            (verification()?, outcome.error, None)
        }
        sys::SSL_ERROR_SSL => (&SSLError_Type, outcome.error, None),
        _ => (&SSLError_Type, ERROR_INVALID, Some("Invalid error code")),
    };
    Ok(raise(Report { class, number, words, code, line, verification: verification_words }))
}

struct Report<'a> {
    class: &'a Type,
    /// The exception's errno.
    number: c_int,
    /// Instead of OpenSSL's words.
    words: Option<&'a str>,
    /// OpenSSL's packed error, 0: none.
    code: c_ulong,
    line: u32,
    /// The verification's result and what it says.
    verification: Option<(i64, Owned)>,
}

fn raise(report: Report<'_>) -> Raised {
    match make(report) {
        Ok(instance) => errors::raise_instance(instance),
        Err(raised) => raised,
    }
}

fn make(report: Report<'_>) -> PyResult<Owned<BaseException>> {
    let (mut reason, mut library, mut own_words) = (None, None, None);
    if report.code != 0 {
        (reason, library, own_words) = (reasons::reason(report.code), reasons::library(report.code), reasons::text(report.code));
    }
    let words = report.words.or(own_words.as_deref()).unwrap_or("unknown error");
    let line = report.line;
    let text = match (&library, &reason, &report.verification) {
        (Some(library), Some(reason), Some((_, why))) => format!("[{library}: {reason}] {words}: {} (_ssl.c:{line})", object::str(why)?.to_string_lossy()),
        (Some(library), Some(reason), None) => format!("[{library}: {reason}] {words} (_ssl.c:{line})"),
        (Some(library), None, _) => format!("[{library}] {words} (_ssl.c:{line})"),
        _ => format!("{words} (_ssl.c:{line})"),
    };
    let made = call::call_args(report.class, &[&Int::from_i64(report.number as i64), &Str::new(&text)])?;
    let name = |name: Option<&str>| name.map_or_else(|| none().to_owned(), |name| Str::new(name).into_object());
    object::set_attr(&made, intern!("reason"), Some(&name(reason.as_deref())))?;
    object::set_attr(&made, intern!("library"), Some(&name(library)))?;
    if let Some((number, why)) = &report.verification {
        object::set_attr(&made, intern!("verify_code"), Some(&Int::from_i64(*number)))?;
        object::set_attr(&made, intern!("verify_message"), Some(why))?;
    }
    made.try_into_typed::<BaseException>().map_err(|_| errors::bad_internal_call())
}

/// The last error in the thread's queue.
pub fn last() -> c_ulong {
    // SAFETY: the thread's own queue.
    unsafe { sys::ERR_peek_last_error() }
}

/// Empties the thread's queue.
pub fn clear() {
    // SAFETY: as above.
    unsafe { sys::ERR_clear_error() }
}
