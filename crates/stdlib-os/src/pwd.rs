//! `pwd`: the password database.

use crate::call::os_error;
use crate::posix::path::{Uid, decode_c, encode, id_object};
use crate::posix::results::ResultType;
use macros::pymodule;
use runtime::err;
use runtime::errors::{self, PyResult};
use runtime::macro_support::{ArgContext, FromArg};
use runtime::object::{Object, Owned};
use runtime::types::structseq::Field;
use runtime::types::{List, Module, Str};
use std::ffi::{CStr, CString, c_char};

static STRUCT_PASSWD: ResultType = ResultType::new(
    "pwd.struct_passwd",
    "pwd.struct_passwd: what getpw*() give.\n\nA tuple of (name, passwd, uid, gid, gecos, dir, shell), by name pw_name\nand so on.",
    &[
        Field::new("pw_name", "user name"),
        Field::new("pw_passwd", "password"),
        Field::new("pw_uid", "user id"),
        Field::new("pw_gid", "group id"),
        Field::new("pw_gecos", "real name"),
        Field::new("pw_dir", "home directory"),
        Field::new("pw_shell", "shell program"),
    ],
    7,
);

/// Text of an entry; NULL is None.
/// # Safety
/// NULL or a C string.
pub unsafe fn text_or_none(text: *const c_char) -> Owned {
    // SAFETY: by contract.
    if text.is_null() { runtime::types::none().to_owned() } else { decode_c(unsafe { CStr::from_ptr(text) }).into_object() }
}

fn entry(entry: &libc::passwd) -> PyResult {
    // SAFETY: an entry that the library filled in.
    unsafe {
        STRUCT_PASSWD.make(vec![
            text_or_none(entry.pw_name),
            text_or_none(entry.pw_passwd),
            id_object(entry.pw_uid),
            id_object(entry.pw_gid),
            text_or_none(entry.pw_gecos),
            text_or_none(entry.pw_dir),
            text_or_none(entry.pw_shell),
        ])
    }
}

/// Calls a `_r` function with growing buffers. `Ok(None)`: there is no such entry. The text of the entry lies in the returned buffer.
pub fn look_up<T>(call: impl Fn(*mut T, *mut c_char, usize, *mut *mut T) -> i32 + Send + Sync) -> PyResult<Option<(Box<T>, Vec<u8>)>> {
    let mut size = 1024;
    loop {
        let outcome = runtime::gil::allow_threads(|| {
            // SAFETY: a C struct of numbers and pointers.
            let mut value: Box<T> = Box::new(unsafe { std::mem::zeroed() });
            let mut buffer = vec![0u8; size];
            let mut found = std::ptr::null_mut();
            let status = call(&mut *value, buffer.as_mut_ptr().cast(), size, &mut found);
            Lookup { status, entry: if found.is_null() { None } else { Some((value, buffer)) } }
        });
        match (outcome.status, outcome.entry) {
            (0, entry) => return Ok(entry),
            (libc::ERANGE, _) if size < 1 << 24 => size *= 2,
            (libc::ENOENT | libc::ESRCH | libc::EBADF | libc::EPERM, _) => return Ok(None),
            (errno, _) => return Err(os_error(errno)),
        }
    }
}

struct Lookup<T> {
    status: i32,
    entry: Option<(Box<T>, Vec<u8>)>,
}
// SAFETY: the pointers of the entry lead into the buffer, which comes along.
unsafe impl<T> Send for Lookup<T> {}

/// A name argument: text without NUL, in the file system encoding.
pub fn name_argument(name: &Str) -> PyResult<CString> {
    CString::new(encode(name)?.as_ref()).map_err(|_| err!(ValueError, "embedded null byte"))
}

/// This module gives access to the users that the system knows, as tuples (name, password, user id,
/// group id, real name, home directory, shell) with named items; the id items are integers.
#[pymodule(name = "pwd")]
pub mod pwd {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        module.add("struct_passwd", STRUCT_PASSWD.get()?)
    }

    /// The entry of a user id.
    #[function("getpwuid($module, uidobj, /)")]
    fn getpwuid(uidobj: &Object) -> PyResult {
        let context = ArgContext { function: "getpwuid", name: "", position: 0 };
        let uid = match errors::catch(Uid::from_arg(uidobj, &context), runtime::exceptions::OverflowError())? {
            Some(uid) => uid.0,
            None => return Err(err!(KeyError, "getpwuid(): uid not found")),
        };
        // SAFETY: the arguments of the lookup.
        match look_up(|out, buffer, size, found| unsafe { libc::getpwuid_r(uid, out, buffer, size, found) })? {
            Some((found, _buffer)) => entry(&found),
            None => Err(err!(KeyError, "getpwuid(): uid not found: {}", &*runtime::protocol::object::str(&id_object(uid))?)),
        }
    }

    /// The entry of a user name.
    #[function("getpwnam($module, name, /)")]
    fn getpwnam(name: &Str) -> PyResult {
        let text = name_argument(name)?;
        let c_text = &text;
        // SAFETY: the arguments of the lookup.
        match look_up(|out, buffer, size, found| unsafe { libc::getpwnam_r(c_text.as_ptr(), out, buffer, size, found) })? {
            Some((found, _buffer)) => entry(&found),
            None => Err(err!(KeyError, "getpwnam(): name not found: {}", &*name.repr()?)),
        }
    }

    /// All entries, in no order.
    #[function("getpwall($module, /)")]
    fn getpwall() -> PyResult<Owned<List>> {
        let all = List::new();
        // SAFETY: the library's own storage, which is read before the next call, under the GIL.
        unsafe {
            libc::setpwent();
            loop {
                let found = libc::getpwent();
                if found.is_null() {
                    break;
                }
                let made = entry(&*found).and_then(|made| all.append(&made));
                if let Err(raised) = made {
                    libc::endpwent();
                    return Err(raised);
                }
            }
            libc::endpwent();
        }
        Ok(all)
    }
}
