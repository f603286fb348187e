//! Terminals and pseudo-terminals.

use super::path::{decode, decode_c};
use super::results::{TERMINAL_SIZE, int};
use crate::call::{Pointer, errno, once, os_error, quick};
use runtime::errors::PyResult;
use runtime::object::Owned;
use runtime::types::Str;
use std::ffi::CStr;

#[macros::pyfunctions(FUNCTIONS)]
pub mod functions {
    use super::*;

    /// The size of the terminal window, as a terminal_size; fd is standard output unless given.
    #[function("get_terminal_size($module, fd=<unrepresentable>, /)")]
    fn get_terminal_size(fd: Option<i32>) -> PyResult {
        let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
        // SAFETY: room for the result.
        quick(unsafe { libc::ioctl(fd.unwrap_or(1), libc::TIOCGWINSZ, &mut size) })?;
        TERMINAL_SIZE.make(vec![int(size.ws_col), int(size.ws_row)])
    }

    /// The name of the controlling terminal.
    #[function("ctermid($module, /)")]
    fn ctermid() -> Owned<Str> {
        Str::new("/dev/tty")
    }

    /// The name of a terminal.
    #[function("ttyname($module, fd, /)")]
    fn ttyname(fd: i32) -> PyResult<Owned<Str>> {
        let mut name = [0u8; 4096];
        // SAFETY: room for so many bytes.
        match unsafe { libc::ttyname_r(fd, name.as_mut_ptr().cast(), name.len()) } {
            0 => Ok(decode(name.split(|&b| b == 0).next().unwrap_or(&[]))),
            errno => Err(os_error(errno)),
        }
    }

    /// A pseudo-terminal: the descriptors of its (master, slave).
    #[function("openpty($module, /)")]
    fn openpty() -> PyResult<(i32, i32)> {
        let (mut master, mut slave) = (-1, -1);
        // SAFETY: room for two descriptors.
        unsafe {
            quick(libc::openpty(&mut master, &mut slave, std::ptr::null_mut(), std::ptr::null(), std::ptr::null()))?;
        }
        let done = super::super::files::set_fd_inheritable(master, false).and_then(|()| super::super::files::set_fd_inheritable(slave, false));
        if let Err(raised) = done {
            // SAFETY: descriptors that nobody has seen.
            unsafe {
                libc::close(master);
                libc::close(slave);
            }
            return Err(raised);
        }
        Ok((master, slave))
    }

    /// Make a terminal the controlling one and the standard files of this process; closes fd.
    #[function("login_tty($module, fd, /)")]
    fn login_tty(fd: i32) -> PyResult<()> {
        // SAFETY: numbers only.
        quick(unsafe { libc::login_tty(fd) }).map(drop)
    }

    /// Open the master side of a new pseudo-terminal.
    #[function("posix_openpt($module, oflag, /)")]
    fn posix_openpt(oflag: i32) -> PyResult<i32> {
        // SAFETY: numbers only.
        let fd = quick(unsafe { libc::posix_openpt(oflag | libc::O_CLOEXEC) })?;
        Ok(fd)
    }

    /// Let the user use the slave side of a pseudo-terminal.
    #[function("grantpt($module, fd, /)")]
    fn grantpt(fd: i32) -> PyResult<()> {
        // SAFETY: numbers only.
        once(move || unsafe { libc::grantpt(fd) }).map_err(os_error)?;
        Ok(())
    }

    /// Unlock the slave side of a pseudo-terminal.
    #[function("unlockpt($module, fd, /)")]
    fn unlockpt(fd: i32) -> PyResult<()> {
        // SAFETY: numbers only.
        quick(unsafe { libc::unlockpt(fd) }).map(drop)
    }

    /// The name of the slave side of a pseudo-terminal.
    #[function("ptsname($module, fd, /)")]
    fn ptsname(fd: i32) -> PyResult<Owned<Str>> {
        let mut name = [0u8; 4096];
        let out = Pointer(name.as_mut_ptr());
        // SAFETY: room for so many bytes; a NUL-ended name on success.
        unsafe {
            match libc::ptsname_r(fd, out.get().cast(), name.len()) {
                0 => Ok(decode_c(CStr::from_ptr(name.as_ptr().cast()))),
                -1 => Err(os_error(errno())),
                errno => Err(os_error(errno)),
            }
        }
    }
}
