//! `sys.stderr` as it is before there are streams: writes text to descriptor 2, for the messages of `-v` and for errors at the start.

use crate::errors::PyResult;
use crate::exceptions::report::write_raw_stderr;
use crate::object::{ObjectHead, Owned, PyTyped};
use crate::types::{Bytes, Str, type_ready};
use macros::pytype;

#[repr(C)]
pub struct StderrPrinter {
    head: ObjectHead,
}

impl StderrPrinter {
    pub fn new() -> PyResult<Owned<StderrPrinter>> {
        type_ready(StderrPrinter::type_object())?;
        StderrPrinter::construct(StderrPrinter::type_object(), StderrPrinter { head: ObjectHead::placeholder() })
    }
}

#[pytype(static = STDERR_PRINTER, name = "stderrprinter", flags = DISALLOW_INSTANTIATION, native)]
impl StderrPrinter {
    /// Write text; what has no character is escaped.
    #[method("write($self, text, /)")]
    fn write(&self, text: &Str) -> PyResult<usize> {
        let bytes = crate::codecs::encode(text, Some("utf-8"), Some("backslashreplace"))?;
        write_raw_stderr(bytes.downcast::<Bytes>().map_or(&[][..], |bytes| bytes.as_slice()));
        Ok(text.len())
    }
    /// Nothing is held back.
    #[method("flush($self, /)")]
    fn flush(&self) {}
    /// Does nothing.
    #[method("close($self, /)")]
    fn close(&self) {}
    #[method("fileno($self, /)")]
    fn fileno(&self) -> i32 {
        2
    }
    #[method("isatty($self, /)")]
    fn isatty(&self) -> bool {
        // SAFETY: a plain query.
        unsafe { libc::isatty(2) == 1 }
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
