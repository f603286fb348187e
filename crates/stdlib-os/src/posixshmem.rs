//! `_posixshmem`: shared memory objects.

use crate::call::{Pointer, retry};
use macros::pymodule;
use runtime::err;
use runtime::errors::PyResult;
use runtime::exceptions::os_error::raise_os_error;
use runtime::types::Str;
use std::ffi::CString;

fn name_of(path: &Str) -> PyResult<CString> {
    CString::new(path.as_utf8()?).map_err(|_| err!(ValueError, "embedded null character"))
}

/// POSIX shared memory.
#[pymodule(name = "_posixshmem")]
pub mod _posixshmem {
    use super::*;

    /// Open a shared memory object; gives a file descriptor.
    #[function("shm_open($module, /, path, flags, mode=511)")]
    fn shm_open(path: &Str, flags: i32, mode: i32) -> PyResult<i32> {
        let name = name_of(path)?;
        let text = Pointer(name.as_ptr() as *mut std::ffi::c_char);
        // SAFETY: a C string.
        retry(|| unsafe { libc::shm_open(text.get(), flags, mode as libc::mode_t) })?.map_err(|errno| raise_os_error(errno, Some(path), None))
    }

    /// Remove the name of a shared memory object; it goes away when nobody has it open any more.
    #[function("shm_unlink($module, path, /)")]
    fn shm_unlink(path: &Str) -> PyResult<()> {
        let name = name_of(path)?;
        let text = Pointer(name.as_ptr() as *mut std::ffi::c_char);
        // SAFETY: a C string.
        retry(|| unsafe { libc::shm_unlink(text.get()) })?.map(drop).map_err(|errno| raise_os_error(errno, Some(path), None))
    }
}
