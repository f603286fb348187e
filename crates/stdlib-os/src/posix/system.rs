//! The system: limits and settings, names, times, load, randomness, devices.

use super::constants::{CONFSTR, Names, PATHCONF, SYSCONF};
use super::path::{Fildes, PathOrFd, decode, decode_c};
use super::results::{TIMES_RESULT, UNAME_RESULT, float, int};
use crate::call::{Pointer, errno, once, os_error, quick, retry_os, set_errno};
use runtime::err;
use runtime::errors::PyResult;
use runtime::macro_support::{ArgContext, FromArg};
use runtime::object::{Object, Owned};
use runtime::protocol::number;
use runtime::types::{Bytes, Int, Str};
use std::ffi::{CStr, c_int};

/// The number of a configuration name, or the number itself.
fn configuration(name: &Object, table: Names) -> PyResult<c_int> {
    if number::check_index(name) {
        let value = number::index(name)?;
        return number::as_i32(&value);
    }
    let Some(text) = name.downcast::<Str>() else {
        return Err(err!(TypeError, "configuration names must be strings or integers"));
    };
    match table.iter().find(|(key, _)| text.eq_str(key)) {
        Some((_, value)) => Ok(*value as c_int),
        None => Err(err!(ValueError, "unrecognized configuration name")),
    }
}

/// A device number; -1 is "no device".
pub struct Dev(pub u64);
impl<'a> FromArg<'a> for Dev {
    fn from_arg(value: &'a Object, _: &ArgContext) -> PyResult<Dev> {
        let int = number::index(value)?;
        match (int.as_u64(), int.as_i64()) {
            (Some(device), _) => Ok(Dev(device)),
            (None, Some(-1)) => Ok(Dev(u64::MAX)),
            (None, Some(_)) => Err(err!(OverflowError, "can't convert negative int to unsigned")),
            _ => Err(err!(OverflowError, "int too big to convert")),
        }
    }
}

fn device_part(part: u32) -> Owned {
    int(if part == u32::MAX { -1 } else { part as i64 })
}

fn random(size: isize, flags: u32, fill: bool) -> PyResult<Owned<Bytes>> {
    let mut buffer: Vec<u8> = Vec::new();
    if buffer.try_reserve_exact(size as usize).is_err() {
        return Err(runtime::errors::no_memory());
    }
    buffer.resize(size as usize, 0);
    let mut done = 0;
    loop {
        let rest = &mut buffer[done..];
        let (out, length) = (Pointer(rest.as_mut_ptr()), rest.len());
        // SAFETY: room for so many bytes.
        done += retry_os(|| unsafe { libc::getrandom(out.get().cast(), length, flags) })? as usize;
        if !fill || done >= buffer.len() {
            buffer.truncate(done);
            return Ok(Bytes::new(&buffer));
        }
    }
}

#[macros::pyfunctions(FUNCTIONS)]
pub mod functions {
    use super::*;

    /// A limit or setting of the system.
    #[function("sysconf($module, name, /)")]
    fn sysconf(name: &Object) -> PyResult<i64> {
        let name = configuration(name, SYSCONF)?;
        set_errno(0);
        // SAFETY: numbers only.
        let value = unsafe { libc::sysconf(name) };
        if value == -1 && errno() != 0 { Err(os_error(errno())) } else { Ok(value) }
    }

    /// A setting of the system that is text; None if there is no value.
    #[function("confstr($module, name, /)")]
    fn confstr(name: &Object) -> PyResult<Option<Owned<Str>>> {
        let name = configuration(name, CONFSTR)?;
        set_errno(0);
        // SAFETY: asks for the length, then for so many bytes.
        unsafe {
            let length = libc::confstr(name, std::ptr::null_mut(), 0);
            if length == 0 {
                return if errno() != 0 { Err(os_error(errno())) } else { Ok(None) };
            }
            let mut buffer = vec![0u8; length];
            libc::confstr(name, buffer.as_mut_ptr().cast(), length);
            buffer.truncate(length - 1);
            Ok(Some(decode(&buffer)))
        }
    }

    /// A limit or setting for a file or directory.
    #[function("pathconf($module, /, path, name)")]
    fn pathconf(path: PathOrFd, name: &Object) -> PyResult<i64> {
        let name = configuration(name, PATHCONF)?;
        set_errno(0);
        // SAFETY: a C string or NULL.
        let value = unsafe { if !path.has_text() { libc::fpathconf(path.fd, name) } else { libc::pathconf(path.as_ptr(), name) } };
        match errno() {
            errno if value == -1 && errno == libc::EINVAL => Err(os_error(errno)),
            errno if value == -1 && errno != 0 => Err(path.error(errno)),
            _ => Ok(value),
        }
    }

    /// A limit or setting for an open file.
    #[function("fpathconf($module, fd, name, /)")]
    fn fpathconf(fd: Fildes, name: &Object) -> PyResult<i64> {
        let fd = fd.0;
        let name = configuration(name, PATHCONF)?;
        set_errno(0);
        // SAFETY: numbers only.
        let value = unsafe { libc::fpathconf(fd, name) };
        if value == -1 && errno() != 0 { Err(os_error(errno())) } else { Ok(value) }
    }

    /// What the system and the machine are, as an uname_result.
    #[function("uname($module, /)")]
    fn uname() -> PyResult {
        // SAFETY: a struct of arrays, which the call fills in.
        let names = unsafe {
            let mut names: libc::utsname = std::mem::zeroed();
            quick(libc::uname(&mut names))?;
            names
        };
        // SAFETY: NUL-ended arrays.
        let text = |field: &[std::ffi::c_char]| decode_c(unsafe { CStr::from_ptr(field.as_ptr()) }).into_object();
        UNAME_RESULT.make(vec![text(&names.sysname), text(&names.nodename), text(&names.release), text(&names.version), text(&names.machine)])
    }

    /// The times that this process and its children have used, as a times_result.
    #[function("times($module, /)")]
    fn times() -> PyResult {
        // SAFETY: a struct of numbers, which the call fills in.
        let (elapsed, times, per_second) = unsafe {
            let mut times: libc::tms = std::mem::zeroed();
            let elapsed = quick(libc::times(&mut times))?;
            (elapsed, times, libc::sysconf(libc::_SC_CLK_TCK) as f64)
        };
        let all = [times.tms_utime, times.tms_stime, times.tms_cutime, times.tms_cstime, elapsed];
        TIMES_RESULT.make(all.iter().map(|&ticks| float(ticks as f64 / per_second)).collect())
    }

    /// The average number of runnable processes over 1, 5 and 15 minutes.
    #[function("getloadavg($module, /)")]
    fn getloadavg() -> PyResult<(f64, f64, f64)> {
        let mut averages = [0f64; 3];
        // SAFETY: room for three numbers.
        if unsafe { libc::getloadavg(averages.as_mut_ptr(), 3) } != 3 {
            return Err(err!(OSError, "Load averages are unobtainable"));
        }
        Ok((averages[0], averages[1], averages[2]))
    }

    /// Random bytes that are fit for cryptography.
    #[function("urandom($module, size, /)")]
    fn urandom(size: isize) -> PyResult<Owned<Bytes>> {
        if size < 0 {
            return Err(err!(ValueError, "negative argument not allowed"));
        }
        random(size, 0, true)
    }

    /// Up to size random bytes of the system call.
    #[function("getrandom($module, /, size, flags=0)")]
    fn getrandom(size: isize, flags: i32) -> PyResult<Owned<Bytes>> {
        if size < 0 {
            return Err(os_error(libc::EINVAL));
        }
        random(size, flags as u32, false)
    }

    /// The major number of a device.
    #[function("major($module, device, /)")]
    fn major(device: Dev) -> Owned {
        device_part(libc::major(device.0))
    }
    /// The minor number of a device.
    #[function("minor($module, device, /)")]
    fn minor(device: Dev) -> Owned {
        device_part(libc::minor(device.0))
    }
    /// The device with the given numbers.
    #[function("makedev($module, major, minor, /)")]
    fn makedev(major: Dev, minor: Dev) -> PyResult<Owned<Int>> {
        let part = |part: Dev| match part.0 {
            u64::MAX => Ok(u32::MAX),
            part => u32::try_from(part).map_err(|_| err!(OverflowError, "Python int too large to convert to C unsigned int")),
        };
        Ok(match libc::makedev(part(major)?, part(minor)?) {
            u64::MAX => Int::from_i64(-1),
            device => Int::from_u64(device),
        })
    }

    /// An anonymous file that lives in memory.
    #[function("memfd_create($module, /, name, flags=MFD_CLOEXEC)")]
    fn memfd_create(name: super::super::path::FsString, flags: Option<u32>) -> PyResult<i32> {
        let flags = flags.unwrap_or(libc::MFD_CLOEXEC);
        let name = name.0;
        // SAFETY: a C string.
        once(move || unsafe { libc::memfd_create(name.as_ptr(), flags) }).map_err(os_error)
    }

    /// A descriptor for notification of events.
    #[function("eventfd($module, /, initval, flags=EFD_CLOEXEC)")]
    fn eventfd(initval: u32, flags: Option<i32>) -> PyResult<i32> {
        let flags = flags.unwrap_or(libc::EFD_CLOEXEC);
        // SAFETY: numbers only.
        once(move || unsafe { libc::eventfd(initval, flags) }).map_err(os_error)
    }

    /// Read the counter of an eventfd.
    #[function("eventfd_read($module, /, fd)")]
    fn eventfd_read(fd: i32) -> PyResult<u64> {
        let mut value = 0u64;
        let out = Pointer(&raw mut value);
        // SAFETY: room for the value.
        once(move || unsafe { libc::eventfd_read(fd, out.get()) }).map_err(os_error)?;
        Ok(value)
    }

    /// Add to the counter of an eventfd.
    #[function("eventfd_write($module, /, fd, value)")]
    fn eventfd_write(fd: i32, value: u64) -> PyResult<()> {
        // SAFETY: numbers only.
        once(move || unsafe { libc::eventfd_write(fd, value) }).map_err(os_error)?;
        Ok(())
    }
}
