//! `sys.stderr` as it is before there are streams: writes text to descriptor 2, for the messages of `-v` and for errors at the start.

use crate::errors::PyResult;
use crate::exceptions::report::write_raw_stderr;
use crate::object::{ObjectHead, Owned, PyTyped};
use crate::types::{Bytes, Str, type_ready};
use macros::pytype;

#[repr(C)]
pub struct StderrPrinter {
    head: ObjectHead,
    fd: i32,
}

impl StderrPrinter {
    pub fn new(fd: i32) -> PyResult<Owned<StderrPrinter>> {
        type_ready(StderrPrinter::type_object())?;
        StderrPrinter::construct(StderrPrinter::type_object(), StderrPrinter { head: ObjectHead::placeholder(), fd })
    }
}

#[pytype(static = PyStdPrinter_Type, name = "stderrprinter", flags = DISALLOW_INSTANTIATION, native)]
impl StderrPrinter {
    /// Write text; what has no character is escaped.
    #[method("write($self, text, /)")]
    fn write(&self, text: &Str) -> PyResult<usize> {
        let bytes = crate::codecs::encode(text, Some("utf-8"), Some("backslashreplace"))?;
        let bytes = bytes.downcast::<Bytes>().map_or(&[][..], |bytes| bytes.as_slice());
        match self.fd {
            2 => write_raw_stderr(bytes),
            // SAFETY: bytes of our own.
            fd => _ = unsafe { libc::write(fd, bytes.as_ptr().cast(), bytes.len()) },
        }
        Ok(bytes.len())
    }
    /// Nothing is held back.
    #[method("flush($self, /)")]
    fn flush(&self) {}
    /// Does nothing.
    #[method("close($self, /)")]
    fn close(&self) {}
    #[method("fileno($self, /)")]
    fn fileno(&self) -> i32 {
        self.fd
    }
    #[method("isatty($self, /)")]
    fn isatty(&self) -> bool {
        // SAFETY: a plain query.
        unsafe { libc::isatty(self.fd) == 1 }
    }
    #[getter]
    fn closed(&self) -> bool {
        false
    }
    #[getter]
    fn encoding(&self) -> Option<i32> {
        None
    }
    #[getter]
    fn mode(&self) -> &'static str {
        "w"
    }
}
