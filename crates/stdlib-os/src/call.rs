//! System calls: released GIL, repetition after EINTR (PEP 475), errno as an exception.

use runtime::errors::{PyResult, Raised};
use runtime::exceptions::os_error::raise_os_error;
use runtime::gil;
use std::ffi::c_int;

/// The results of system calls, of which -1 says that errno is set.
pub trait Status: Copy + Send {
    fn failed(self) -> bool;
}
macro_rules! status {
    ($($ty:ty),*) => {$(impl Status for $ty { fn failed(self) -> bool { self == -1 } })*};
}
status!(i32, i64, isize);

/// The thread's errno.
pub fn errno() -> c_int {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

pub fn set_errno(value: c_int) {
    // SAFETY: the thread's own errno.
    unsafe { *libc::__errno_location() = value }
}

/// A pointer that a call without the GIL uses. The memory is pinned by the caller (an exported buffer, a local).
#[derive(Clone, Copy)]
pub struct Pointer<T>(pub *mut T);
// SAFETY: the pointer stays in the thread; `Send` is only asked for by `allow_threads`.
unsafe impl<T> Send for Pointer<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for Pointer<T> {}
impl<T> Pointer<T> {
    pub fn get(&self) -> *mut T {
        self.0
    }
}

/// One call without the GIL: its result or errno.
pub fn once<T: Status>(f: impl FnOnce() -> T + Send) -> Result<T, c_int> {
    gil::allow_threads(|| {
        let result = f();
        if result.failed() { Err(errno()) } else { Ok(result) }
    })
}

/// A call without the GIL, made again after a signal whose handlers raised nothing.
pub fn retry<T: Status>(mut f: impl FnMut() -> T + Send) -> PyResult<Result<T, c_int>> {
    loop {
        match once(&mut f) {
            Err(libc::EINTR) => gil::check_signals()?,
            result => return Ok(result),
        }
    }
}

/// As `retry`; failure is an OSError.
pub fn retry_os<T: Status>(f: impl FnMut() -> T + Send) -> PyResult<T> {
    retry(f)?.map_err(os_error)
}

/// As `once`; failure is an OSError.
pub fn once_os<T: Status>(f: impl FnOnce() -> T + Send) -> PyResult<T> {
    once(f).map_err(os_error)
}

/// A quick call that keeps the GIL.
pub fn quick<T: Status>(result: T) -> PyResult<T> {
    if result.failed() { Err(os_error(errno())) } else { Ok(result) }
}

#[cold]
pub fn os_error(errno: c_int) -> Raised {
    raise_os_error(errno, None, None)
}
