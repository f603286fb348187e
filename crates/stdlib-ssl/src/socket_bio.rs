//! The BIO under a connection over a socket. It never blocks: OpenSSL comes back with "want read" or "want write", and the wait happens outside the
//! connection's lock (`transfer`), so that one thread can write while another waits for input.

use openssl_sys as sys;
use std::ffi::{c_char, c_int, c_long, c_void};
use std::sync::OnceLock;

// Numbers of <openssl/bio.h>.
const TYPE: c_int = 126 | 0x0100 | 0x0400; // of our own, a descriptor, a source
const FLAGS_READ: c_int = 0x01;
const FLAGS_WRITE: c_int = 0x02;
const FLAGS_SHOULD_RETRY: c_int = 0x08;
const FLAGS_IN_EOF: c_int = 0x800;
const CTRL_EOF: c_int = 2;
const CTRL_FLUSH: c_int = 11;
const CTRL_DUP: c_int = 12;
const C_GET_FD: c_int = 105;

struct Method(*mut sys::BIO_METHOD);
// SAFETY: written once, then only read.
unsafe impl Send for Method {}
// SAFETY: as above.
unsafe impl Sync for Method {}

fn method() -> Option<*mut sys::BIO_METHOD> {
    static METHOD: OnceLock<Method> = OnceLock::new();
    let made = METHOD.get_or_init(|| {
        // SAFETY: a fresh method table.
        unsafe {
            let method = sys::BIO_meth_new(TYPE, c"socket without waiting".as_ptr());
            if !method.is_null() {
                sys::BIO_meth_set_read__fixed_rust(method, Some(read));
                sys::BIO_meth_set_write__fixed_rust(method, Some(write));
                sys::BIO_meth_set_ctrl__fixed_rust(method, Some(ctrl));
            }
            Method(method)
        }
    });
    if made.0.is_null() { None } else { Some(made.0) }
}

/// A BIO for a socket's descriptor, which stays the caller's; NULL without memory.
pub fn new(fd: c_int) -> *mut sys::BIO {
    let Some(method) = method() else { return std::ptr::null_mut() };
    // SAFETY: a fresh BIO, whose data is the descriptor.
    unsafe {
        let bio = sys::BIO_new(method);
        if !bio.is_null() {
            sys::BIO_set_data(bio, fd as isize as *mut c_void);
            sys::BIO_set_init(bio, 1);
        }
        bio
    }
}

fn set_errno(value: c_int) {
    // SAFETY: the thread's own errno.
    unsafe { *libc::__errno_location() = value }
}
fn wants_another_try() -> bool {
    // SAFETY: as above.
    matches!(unsafe { *libc::__errno_location() }, libc::EAGAIN | libc::EINTR | libc::EINPROGRESS | libc::EALREADY | libc::ENOTCONN)
}

unsafe extern "C" fn read(bio: *mut sys::BIO, out: *mut c_char, length: c_int) -> c_int {
    if out.is_null() || length <= 0 {
        return 0;
    }
    set_errno(0);
    // SAFETY: a BIO of ours and a buffer of OpenSSL's.
    unsafe {
        let fd = sys::BIO_get_data(bio) as isize as c_int;
        let count = libc::recv(fd, out.cast(), length as usize, libc::MSG_DONTWAIT) as c_int;
        sys::BIO_clear_flags(bio, FLAGS_READ | FLAGS_WRITE | FLAGS_SHOULD_RETRY);
        if count < 0 && wants_another_try() {
            sys::BIO_set_flags(bio, FLAGS_READ | FLAGS_SHOULD_RETRY);
        } else if count == 0 {
            sys::BIO_set_flags(bio, FLAGS_IN_EOF);
        }
        count
    }
}

unsafe extern "C" fn write(bio: *mut sys::BIO, data: *const c_char, length: c_int) -> c_int {
    set_errno(0);
    // SAFETY: a BIO of ours and a buffer of OpenSSL's.
    unsafe {
        let fd = sys::BIO_get_data(bio) as isize as c_int;
        let count = libc::send(fd, data.cast(), length.max(0) as usize, libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL) as c_int;
        sys::BIO_clear_flags(bio, FLAGS_READ | FLAGS_WRITE | FLAGS_SHOULD_RETRY);
        if count <= 0 && wants_another_try() {
            sys::BIO_set_flags(bio, FLAGS_WRITE | FLAGS_SHOULD_RETRY);
        }
        count
    }
}

unsafe extern "C" fn ctrl(bio: *mut sys::BIO, command: c_int, _number: c_long, pointer: *mut c_void) -> c_long {
    match command {
        CTRL_FLUSH | CTRL_DUP => 1,
        // SAFETY: a BIO of ours.
        CTRL_EOF => (unsafe { crate::library::BIO_test_flags(bio, FLAGS_IN_EOF) } != 0) as c_long,
        C_GET_FD => {
            // SAFETY: as above; the pointer is NULL or room for a number.
            let fd = unsafe { sys::BIO_get_data(bio) } as isize as c_int;
            if !pointer.is_null() {
                // SAFETY: as above.
                unsafe { *(pointer as *mut c_int) = fd };
            }
            fd as c_long
        }
        _ => 0,
    }
}
