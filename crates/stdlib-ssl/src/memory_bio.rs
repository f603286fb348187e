//! `MemoryBIO`: a buffer that a connection reads from or writes to.

use crate::errors;
use crate::gate::{Lock, Raw};
use crate::library;
use macros::{Traverse, pytype};
use openssl_sys as sys;
use runtime::err;
use runtime::errors::PyResult;
use runtime::macro_support::Buffer;
use runtime::object::{ObjectHead, Owned, Type};
use runtime::types::{Bytes, Dict, Tuple};
use std::cell::Cell;
use std::ffi::c_int;

/// A reference to a BIO.
pub struct Bio(*mut sys::BIO);

impl Bio {
    /// A buffer in memory; empty, it asks for another try.
    pub fn memory() -> Option<Bio> {
        // SAFETY: a fresh BIO.
        unsafe {
            let bio = sys::BIO_new(sys::BIO_s_mem());
            if bio.is_null() {
                return None;
            }
            sys::BIO_ctrl(bio, library::BIO_C_SET_BUF_MEM_EOF_RETURN, -1, std::ptr::null_mut());
            Some(Bio(bio))
        }
    }
    pub fn as_ptr(&self) -> *mut sys::BIO {
        self.0
    }
    /// What a buffer holds.
    pub fn contents(&self) -> Vec<u8> {
        let mut data: *mut u8 = std::ptr::null_mut();
        // SAFETY: the buffer stays while it is copied.
        unsafe {
            let length = sys::BIO_ctrl(self.0, sys::BIO_CTRL_INFO, 0, (&raw mut data).cast());
            if data.is_null() || length <= 0 { Vec::new() } else { std::slice::from_raw_parts(data, length as usize).to_vec() }
        }
    }
}

impl Drop for Bio {
    fn drop(&mut self) {
        // SAFETY: our reference.
        unsafe { sys::BIO_free_all(self.0) }
    }
}

fn pending(bio: *mut sys::BIO) -> usize {
    // SAFETY: a live BIO.
    unsafe { library::BIO_ctrl_pending(bio) }
}

#[derive(Traverse)]
#[repr(C)]
pub struct MemoryBIO {
    head: ObjectHead,
    #[traverse(skip)]
    pub bio: Bio,
    /// Connections run without the GIL.
    #[traverse(skip)]
    pub lock: Lock,
    #[traverse(skip)]
    is_complete: Cell<bool>,
}

impl MemoryBIO {
    fn run<T: Send>(&self, f: impl FnOnce(*mut sys::BIO) -> T + Send) -> T {
        let bio = Raw(self.bio.as_ptr());
        self.lock.quick(move || f(bio.get()))
    }
}

#[pytype(static = MemoryBIO_Type, name = "MemoryBIO", module = "_ssl", flags = HAVE_GC | IMMUTABLETYPE, native, final)]
impl MemoryBIO {
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<Owned<MemoryBIO>> {
        if kwargs.is_some_and(|kwargs| kwargs.len() > 0) {
            return Err(err!(TypeError, "MemoryBIO() takes no keyword arguments"));
        }
        if args.len() > 0 {
            return Err(err!(TypeError, "MemoryBIO() takes no positional arguments"));
        }
        let Some(bio) = Bio::memory() else { return Err(errors::plain("failed to allocate BIO")) };
        Self::construct(cls, MemoryBIO { head: ObjectHead::placeholder(), bio, lock: Lock::default(), is_complete: Cell::new(false) })
    }
    /// Read up to size bytes; all there is if size is left out or negative.
    ///
    /// No bytes mean the end or that there is no data yet: see the "eof" property.
    #[method("read($self, size=-1, /)")]
    fn read(&self, size: i32) -> PyResult<Owned<Bytes>> {
        let result = self.run(|bio| {
            let available = pending(bio).min(c_int::MAX as usize);
            let length = usize::try_from(size).map_or(available, |size| size.min(available));
            let mut data: Vec<u8> = Vec::new();
            if data.try_reserve_exact(length).is_err() {
                return Err(true);
            }
            if length > 0 {
                // SAFETY: room for so many bytes.
                let count = unsafe { sys::BIO_read(bio, data.as_mut_ptr().cast(), length as c_int) };
                // SAFETY: so many were written.
                unsafe { data.set_len(usize::try_from(count).map_err(|_| false)?.min(length)) };
            }
            Ok(data)
        });
        match result {
            Ok(data) => Bytes::try_new(&data),
            Err(true) => Err(runtime::errors::no_memory()),
            Err(false) => Err(errors::library(5480)),
        }
    }
    /// Write bytes, and give their number.
    #[method("write($self, b, /)")]
    fn write(&self, b: Buffer) -> PyResult<i32> {
        let Ok(length) = c_int::try_from(b.len()) else { return Err(err!(OverflowError, "string longer than {} bytes", c_int::MAX)) };
        if self.is_complete.get() {
            return Err(errors::plain("cannot write() after write_eof()"));
        }
        let data = Raw(b.as_ptr() as *mut u8);
        // SAFETY: an exported buffer of that length.
        let count = self.run(move |bio| unsafe { sys::BIO_write(bio, data.get().cast(), length) });
        if count < 0 && length > 0 { Err(errors::library(5520)) } else { Ok(count.max(0)) }
    }
    /// Mark the end: when all data is read, the "eof" property is True.
    #[method("write_eof($self, /)")]
    fn write_eof(&self) {
        self.is_complete.set(true);
        // An empty buffer is now the end.
        self.run(|bio| {
            // SAFETY: a live BIO.
            unsafe {
                sys::BIO_clear_flags(bio, library::BIO_FLAGS_RETRY);
                sys::BIO_ctrl(bio, library::BIO_C_SET_BUF_MEM_EOF_RETURN, 0, std::ptr::null_mut());
            }
        });
    }
    /// How many bytes wait in the memory BIO.
    #[getter]
    fn pending(&self) -> usize {
        self.run(pending)
    }
    /// Whether all was read and no more will come.
    #[getter]
    fn eof(&self) -> bool {
        self.is_complete.get() && self.run(pending) == 0
    }
}
