//! `fcntl`: control of descriptors and devices, file locks.

use crate::call::{Pointer, retry_os};
use crate::posix::path::Fildes;
use crate::posix::results::int;
use macros::pymodule;
use runtime::audit::audit;
use runtime::err;
use runtime::errors::{self, PyResult};
use runtime::macro_support::{Buffer, WritableBuffer};
use runtime::object::{Object, Owned};
use runtime::protocol::number;
use runtime::types::{Bytes, Int, Module, Str};
use std::ffi::c_int;

/// How much the kernel may write behind the given bytes without harm.
const SIZE: usize = 1024;

/// The bytes of a str or bytes-like argument; `None` for others.
fn bytes_argument(argument: &Object) -> PyResult<Option<Vec<u8>>> {
    if let Some(text) = argument.downcast::<Str>() {
        return Ok(Some(text.as_utf8()?.as_bytes().to_vec()));
    }
    if !has_buffer(argument) {
        return Ok(None);
    }
    Ok(Some(Buffer::new(argument)?.to_vec()))
}

fn has_buffer(object: &Object) -> bool {
    // SAFETY: NULL or a table that lives as long as the type.
    unsafe { object.ty().0.tp_as_buffer.get().as_ref() }.is_some_and(|table| table.bf_getbuffer.get().is_some())
}

fn wrong_argument(function: &str, argument: &Object) -> errors::Raised {
    err!(TypeError, "{}() argument 3 must be an integer, a bytes-like object, or a string, not {}", function, argument.type_name())
}

/// The low 32 bits of an int (`"I"`).
fn masked(argument: &Object) -> PyResult<u64> {
    Ok(number::index(argument)?.as_u64_mask())
}

/// Runs a call on a copy of the bytes; gives the status and the changed bytes.
fn with_copy(bytes: &[u8], call: impl Fn(*mut u8) -> c_int + Send + Sync) -> PyResult<(c_int, Vec<u8>)> {
    let mut copy = [0u8; SIZE + 8];
    copy[..bytes.len()].copy_from_slice(bytes);
    let at = Pointer(copy.as_mut_ptr());
    let status = retry_os(|| call(at.get()))?;
    Ok((status, copy[..bytes.len()].to_vec()))
}

/// Control of file descriptors and devices, and file locks: fcntl(2), ioctl(2), flock(2) and lockf(3).
/// A descriptor is an int or an object with a fileno() method.
#[pymodule(name = "fcntl")]
pub mod fcntl {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        for (name, value) in CONSTANTS {
            module.add(name, &Int::from_i64(*value))?;
        }
        Ok(())
    }

    /// Perform an operation on a file descriptor.
    ///
    /// The result is an int for an int argument; for a str or bytes-like one, the bytes that the
    /// operation left there.
    #[function("fcntl($module, fd, cmd, arg=0, /)")]
    fn fcntl(fd: Fildes, cmd: i32, arg: Option<&Object>) -> PyResult<Owned> {
        audit("fcntl.fcntl", &[&int(fd.0), &int(cmd), arg.unwrap_or(runtime::types::none())])?;
        let fd = fd.0;
        let Some(argument) = arg else {
            // SAFETY: numbers only.
            return retry_os(|| unsafe { libc::fcntl(fd, cmd, 0) }).map(int);
        };
        if number::check_index(argument) {
            let value = masked(argument)? as u32 as c_int;
            // SAFETY: numbers only.
            return retry_os(|| unsafe { libc::fcntl(fd, cmd, value) }).map(int);
        }
        let Some(bytes) = bytes_argument(argument)? else { return Err(wrong_argument("fcntl", argument)) };
        if bytes.len() > SIZE {
            return Err(err!(ValueError, "fcntl argument 3 is too long"));
        }
        // SAFETY: a buffer with room for what the operation is documented to write.
        let (_, changed) = with_copy(&bytes, move |at| unsafe { libc::fcntl(fd, cmd, at) })?;
        Ok(Bytes::new(&changed).into_object())
    }

    /// Perform an operation on a device.
    ///
    /// The result is an int, but for a str or read-only argument, and for any bytes-like one if
    /// mutate_flag is false: then it is the bytes that the operation left. A writable argument is
    /// changed in place.
    #[function("ioctl($module, fd, request, arg=0, mutate_flag=True, /)")]
    fn ioctl(fd: Fildes, request: &Object, arg: Option<&Object>, mutate_flag: bool) -> PyResult<Owned> {
        let fd = fd.0;
        let code = masked(request)?;
        audit("fcntl.ioctl", &[&int(fd), request, arg.unwrap_or(runtime::types::none())])?;
        let Some(argument) = arg else {
            // SAFETY: numbers only.
            return retry_os(|| unsafe { libc::ioctl(fd, code, 0) }).map(int);
        };
        if number::check_index(argument) {
            let value = masked(argument)? as u32 as c_int;
            // SAFETY: numbers only.
            return retry_os(|| unsafe { libc::ioctl(fd, code, value) }).map(int);
        }
        if mutate_flag && has_buffer(argument) {
            match WritableBuffer::new(argument) {
                Ok(mut buffer) => {
                    if buffer.len() <= SIZE {
                        // SAFETY: a buffer with room for what the operation is documented to write.
                        let (status, changed) = with_copy(&buffer, move |at| unsafe { libc::ioctl(fd, code, at) })?;
                        buffer.copy_from_slice(&changed);
                        return Ok(int(status));
                    }
                    let at = Pointer(buffer.as_mut_ptr());
                    // SAFETY: the exported buffer.
                    return retry_os(|| unsafe { libc::ioctl(fd, code, at.get()) }).map(int);
                }
                Err(_) => errors::clear(),
            }
        }
        let Some(bytes) = bytes_argument(argument)? else { return Err(wrong_argument("ioctl", argument)) };
        if bytes.len() > SIZE {
            return Err(err!(ValueError, "ioctl argument 3 is too long"));
        }
        // SAFETY: as above.
        let (_, changed) = with_copy(&bytes, move |at| unsafe { libc::ioctl(fd, code, at) })?;
        Ok(Bytes::new(&changed).into_object())
    }

    /// Lock or unlock a file (LOCK_SH, LOCK_EX, LOCK_UN; with LOCK_NB without waiting).
    #[function("flock($module, fd, operation, /)")]
    fn flock(fd: Fildes, operation: i32) -> PyResult<()> {
        audit("fcntl.flock", &[&int(fd.0), &int(operation)])?;
        // SAFETY: numbers only.
        retry_os(|| unsafe { libc::flock(fd.0, operation) }).map(drop)
    }

    /// Lock or unlock part of a file by fcntl(): cmd as for flock(); len bytes (0: to the end) from
    /// start, which counts from where whence says (as for seeking).
    #[function("lockf($module, fd, cmd, len=0, start=0, whence=0, /)")]
    fn lockf(fd: Fildes, cmd: i32, len: Option<&Object>, start: Option<&Object>, whence: i32) -> PyResult<()> {
        let shown = |value: Option<&Object>| value.map_or_else(|| int(0), |v| v.to_owned());
        audit("fcntl.lockf", &[&int(fd.0), &int(cmd), &shown(len), &shown(start), &int(whence)])?;
        // SAFETY: a struct of numbers.
        let mut lock: libc::flock = unsafe { std::mem::zeroed() };
        lock.l_type = if cmd == libc::LOCK_UN {
            libc::F_UNLCK as i16
        } else if cmd & libc::LOCK_SH != 0 {
            libc::F_RDLCK as i16
        } else if cmd & libc::LOCK_EX != 0 {
            libc::F_WRLCK as i16
        } else {
            return Err(err!(ValueError, "unrecognized lockf argument"));
        };
        lock.l_start = start.map_or(Ok(0), number::as_i64)?;
        lock.l_len = len.map_or(Ok(0), number::as_i64)?;
        lock.l_whence = whence as i16;
        let command = if cmd & libc::LOCK_NB != 0 { libc::F_SETLK } else { libc::F_SETLKW };
        // SAFETY: a struct of numbers.
        retry_os(|| unsafe { libc::fcntl(fd.0, command, &lock) }).map(drop)
    }
}

const CONSTANTS: &[(&str, i64)] = &[
    ("DN_ACCESS", 1),
    ("DN_ATTRIB", 32),
    ("DN_CREATE", 4),
    ("DN_DELETE", 8),
    ("DN_MODIFY", 2),
    ("DN_MULTISHOT", 0x80000000),
    ("DN_RENAME", 16),
    ("FASYNC", 8192),
    ("FD_CLOEXEC", 1),
    ("FICLONE", 0x40049409),
    ("FICLONERANGE", 0x4020940d),
    ("F_ADD_SEALS", 1033),
    ("F_DUPFD", 0),
    ("F_DUPFD_CLOEXEC", 1030),
    ("F_DUPFD_QUERY", 1027),
    ("F_EXLCK", 4),
    ("F_GETFD", 1),
    ("F_GETFL", 3),
    ("F_GETLEASE", 1025),
    ("F_GETLK", 5),
    ("F_GETLK64", 5),
    ("F_GETOWN", 9),
    ("F_GETOWN_EX", 16),
    ("F_GETPIPE_SZ", 1032),
    ("F_GETSIG", 11),
    ("F_GET_FILE_RW_HINT", 1037),
    ("F_GET_RW_HINT", 1035),
    ("F_GET_SEALS", 1034),
    ("F_NOTIFY", 1026),
    ("F_OFD_GETLK", 36),
    ("F_OFD_SETLK", 37),
    ("F_OFD_SETLKW", 38),
    ("F_OWNER_PGRP", 2),
    ("F_OWNER_PID", 1),
    ("F_OWNER_TID", 0),
    ("F_RDLCK", 0),
    ("F_SEAL_FUTURE_WRITE", 16),
    ("F_SEAL_GROW", 4),
    ("F_SEAL_SEAL", 1),
    ("F_SEAL_SHRINK", 2),
    ("F_SEAL_WRITE", 8),
    ("F_SETFD", 2),
    ("F_SETFL", 4),
    ("F_SETLEASE", 1024),
    ("F_SETLK", 6),
    ("F_SETLK64", 6),
    ("F_SETLKW", 7),
    ("F_SETLKW64", 7),
    ("F_SETOWN", 8),
    ("F_SETOWN_EX", 15),
    ("F_SETPIPE_SZ", 1031),
    ("F_SETSIG", 10),
    ("F_SET_FILE_RW_HINT", 1038),
    ("F_SET_RW_HINT", 1036),
    ("F_SHLCK", 8),
    ("F_UNLCK", 2),
    ("F_WRLCK", 1),
    ("LOCK_EX", 2),
    ("LOCK_MAND", 32),
    ("LOCK_NB", 4),
    ("LOCK_READ", 64),
    ("LOCK_RW", 192),
    ("LOCK_SH", 1),
    ("LOCK_UN", 8),
    ("LOCK_WRITE", 128),
    ("RWH_WRITE_LIFE_EXTREME", 5),
    ("RWH_WRITE_LIFE_LONG", 4),
    ("RWH_WRITE_LIFE_MEDIUM", 3),
    ("RWH_WRITE_LIFE_NONE", 1),
    ("RWH_WRITE_LIFE_NOT_SET", 0),
    ("RWH_WRITE_LIFE_SHORT", 2),
];
