//! `_io`: raw files, buffered and text streams, and streams in memory.
//!
//! A file a class. Every stream struct begins with `StreamHead` (dict and weak references), so that the base classes' functions serve all of them.
//! Streams call one another through Python methods, as subclasses may override any of them; between exact native types the calls are direct.

pub mod base;
pub mod buffered;
pub mod buffered_random;
pub mod buffered_reader;
pub mod buffered_writer;
pub mod bytes_io;
pub mod file_io;
pub mod newline_decoder;
pub mod open;
pub mod string_io;
mod text_codec;
mod text_position;
mod text_read;
pub mod text_wrapper;

use base::{_BufferedIOBase_Type, _IOBase_Type, _RawIOBase_Type, _TextIOBase_Type};
use buffered_random::{BufferedRWPair_Type, BufferedRandom_Type};
use buffered_reader::BufferedReader_Type;
use buffered_writer::BufferedWriter_Type;
use bytes_io::{_BytesIOBuffer_Type, BytesIO_Type};
use file_io::FileIO_Type;
use newline_decoder::IncrementalNewlineDecoder_Type;
use runtime::errors::{PyResult, Raised, raise};
use runtime::exceptions;
use runtime::object::{Object, Owned, PyTyped, Type};
use runtime::protocol::call;
use runtime::types::{Dict, Module, Str, Tuple};
use runtime::err;
use std::cell::Cell;
use string_io::StringIO_Type;
use text_wrapper::TextIOWrapper_Type;

/// The size of buffers, unless the file system says more.
pub const DEFAULT_BUFFER_SIZE: usize = 128 * 1024;

struct Slot(Cell<Option<&'static Object>>);
// SAFETY: only touched under the GIL.
unsafe impl Sync for Slot {}
static UNSUPPORTED_OPERATION: Slot = Slot(Cell::new(None));

/// `io.UnsupportedOperation`, made when it is first wanted and kept for good.
pub fn unsupported_operation() -> PyResult<&'static Type> {
    let class = match UNSUPPORTED_OPERATION.0.get() {
        Some(class) => class,
        None => {
            let names = Dict::new();
            names.set("__module__", &Str::new("io"))?;
            let bases = Tuple::new(&[exceptions::OSError(), exceptions::ValueError()]);
            let class = call::call_args(runtime::types::type_methods::type_type(), &[&Str::new("UnsupportedOperation"), &bases, &names])?;
            // SAFETY: the reference is never given back.
            let class = unsafe { Object::from_ptr(class.into_raw()) };
            UNSUPPORTED_OPERATION.0.set(Some(class));
            class
        }
    };
    class.downcast::<Type>().ok_or_else(|| err!(SystemError, "UnsupportedOperation is not a type"))
}

/// Raises UnsupportedOperation.
#[cold]
pub fn unsupported(message: &str) -> Raised {
    match unsupported_operation() {
        Ok(class) => raise(class, format_args!("{message}")),
        Err(raised) => raised,
    }
}

/// Raises BlockingIOError for a write that stopped after `written` bytes.
#[cold]
pub fn blocking_error(errno: i32, written: usize) -> Raised {
    let made = call::call_args(
        exceptions::BlockingIOError(),
        &[
            &runtime::types::Int::from_i64(errno as i64),
            &Str::new("write could not complete without blocking"),
            &runtime::types::Int::from_u64(written as u64),
        ],
    );
    match made {
        Ok(instance) => runtime::errors::raise_object(exceptions::BlockingIOError(), Some(&instance)),
        Err(raised) => raised,
    }
}

/// Whether a failed call was interrupted by a signal whose handlers raised nothing: then the call is made again (PEP 475).
pub fn interrupted() -> PyResult<bool> {
    if !runtime::errors::matches(exceptions::InterruptedError()) {
        return Ok(false);
    }
    runtime::errors::clear();
    runtime::gil::check_signals()?;
    Ok(true)
}

/// Calls until the result is something else than an interruption.
pub fn retry_interrupted(mut f: impl FnMut() -> PyResult) -> PyResult {
    loop {
        match f() {
            Err(raised) => {
                if !interrupted()? {
                    return Err(raised);
                }
            }
            ok => return ok,
        }
    }
}

/// A new reference to what a cell holds.
#[inline(always)]
pub fn get<T>(cell: &Cell<Option<Owned<T>>>) -> Option<Owned<T>> {
    // SAFETY: the reference to the inside ends here; taking a count runs no code.
    unsafe { (*cell.as_ptr()).clone() }
}

/// An offset argument (`PyNumber_AsOff_t`).
pub fn offset(value: &Object) -> PyResult<i64> {
    runtime::protocol::number::as_isize(value, Some(exceptions::ValueError())).map(|n| n as i64)
}

/// Runs `second` whatever `first` gave; the errors are chained, the later one in front.
pub fn both(first: PyResult, second: impl FnOnce() -> PyResult) -> PyResult {
    let Err(_) = first else { return second() };
    let earlier = runtime::errors::take();
    let result = second();
    let Some(earlier) = earlier else { return result };
    match result {
        Ok(_) => Err(runtime::errors::restore(earlier)),
        Err(_) => {
            let Some(later) = runtime::errors::take() else { return Err(runtime::errors::restore(earlier)) };
            if later.context().is_none() && !later.object().is(earlier.object()) {
                later.set_context(Some(earlier.object()));
            }
            Err(runtime::errors::restore(later))
        }
    }
}

/// "unclosed file": a ResourceWarning about `source`. Where a filter makes it an error, the error is shown and dropped.
#[cold]
pub fn warn_unclosed(stream: &Object, source: &Object) {
    let saved = runtime::errors::take();
    let warned = (|| -> PyResult<()> {
        let shown = runtime::protocol::object::repr(source)?;
        runtime::modules::warnings::warn_resource(source, &format!("unclosed file {}", shown.to_string_lossy()), 1)
    })();
    if warned.is_err() {
        if runtime::errors::matches(exceptions::Warning()) {
            unraisable_while_finalizing(stream);
        } else {
            runtime::errors::clear();
        }
    }
    if let Some(saved) = saved {
        runtime::errors::restore(saved);
    }
}

/// Shows the current exception as ignored while a stream was finalized.
#[cold]
pub fn unraisable_while_finalizing(stream: &Object) {
    let exc = runtime::errors::take();
    let shown = runtime::protocol::object::repr(stream).map(|text| text.to_string_lossy().into_owned());
    let message = match shown {
        Ok(shown) => format!("Exception ignored while finalizing file {shown}"),
        Err(_) => {
            runtime::errors::clear();
            "Exception ignored while finalizing file".to_string()
        }
    };
    if let Some(exc) = exc {
        runtime::errors::restore(exc);
    }
    exceptions::write_unraisable(Some(&message), None);
}

/// "cannot pickle ... instances".
#[cold]
pub fn cannot_pickle(stream: &Object) -> Raised {
    err!(TypeError, "cannot pickle '{}' instances", stream.ty().short_name())
}

/// The io module provides the Python interfaces to stream handling. The
/// builtin open function is defined in this module.
///
/// Class IOBase is the interface common to all streams; it does not tell reading
/// from writing, and a stream may refuse an operation with an OSError.
///
/// RawIOBase adds reading and writing of bytes as the system does it; FileIO is
/// the raw stream over a file of the system.
///
/// BufferedIOBase puts a buffer between a program and a raw stream:
/// BufferedWriter, BufferedReader and BufferedRWPair for streams that are written,
/// read, or both; BufferedRandom for streams that can seek; BytesIO is a stream in
/// memory.
///
/// TextIOBase is the interface of streams of text: TextIOWrapper encodes and decodes
/// over a buffered stream, StringIO is a text stream in memory.
///
/// Argument names are not part of the specification, and only the arguments
/// of open() are intended to be used as keyword arguments.
///
/// data:
///
/// DEFAULT_BUFFER_SIZE
///    The size of buffers that the classes use; open() uses the file's blksize
///    (as obtained by os.stat) if that is larger.
#[macros::pymodule(name = "_io")]
#[types(
    _IOBase_Type, _RawIOBase_Type, _BufferedIOBase_Type, _TextIOBase_Type, FileIO_Type, BytesIO_Type, _BytesIOBuffer_Type, StringIO_Type,
    BufferedReader_Type, BufferedWriter_Type, BufferedRWPair_Type, BufferedRandom_Type, IncrementalNewlineDecoder_Type, TextIOWrapper_Type
)]
pub mod _io {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        runtime::types::type_ready(bytes_io::Block::type_object())?;
        module.add("DEFAULT_BUFFER_SIZE", &runtime::types::Int::from_u64(DEFAULT_BUFFER_SIZE as u64))?;
        module.add("UnsupportedOperation", unsupported_operation()?)?;
        module.add("BlockingIOError", exceptions::BlockingIOError())
    }

    /// Open file and return a stream.  Raise OSError upon failure.
    ///
    /// file is a path (str, bytes or path-like), or the descriptor of a file that
    /// is open already; that is closed with the stream, unless closefd is False.
    ///
    /// mode says how the file is opened:
    ///
    /// ========= ===============================================================
    /// Character Meaning
    /// --------- ---------------------------------------------------------------
    /// 'r'       open for reading (default)
    /// 'w'       open for writing, truncating the file first
    /// 'x'       create a new file and open it for writing
    /// 'a'       open for writing, appending to the end of the file if it exists
    /// 'b'       binary mode
    /// 't'       text mode (default)
    /// '+'       open a disk file for updating (reading and writing)
    /// ========= ===============================================================
    ///
    /// Binary streams give and take bytes; text streams give and take str, decoded
    /// and encoded with encoding and errors.
    ///
    /// buffering is 0 for no buffer (binary mode only), 1 for line buffering (text
    /// mode only), or the size of the buffer; by default, it is a multiple of the
    /// block size, and text files on terminals are line buffered.
    ///
    /// newline says how line ends are treated in text mode: None (universal
    /// newlines), '', '\n', '\r' or '\r\n'.
    ///
    /// opener(file, flags), if given, opens the file and returns the descriptor.
    #[function("open($module, /, file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None)")]
    #[allow(clippy::too_many_arguments)]
    fn open(
        file: &Object,
        mode: &str,
        buffering: i32,
        encoding: Option<&str>,
        errors: Option<&str>,
        newline: Option<&str>,
        closefd: bool,
        opener: Option<&Object>,
    ) -> PyResult {
        super::open::open(file, mode, buffering, encoding, errors, newline, closefd, opener)
    }

    /// Opens the provided file with the intent to import the contents.
    ///
    /// This may perform extra validation beyond open(), but is otherwise interchangeable
    /// with calling open(path, 'rb').
    #[function("open_code($module, /, path)")]
    fn open_code(path: &Str) -> PyResult {
        super::open::open_code(path)
    }

    /// A helper function to choose the text encoding.
    ///
    /// When encoding is not None, this function returns it.
    /// Otherwise, this function returns the default text encoding
    /// (i.e. "locale" or "utf-8" depends on UTF-8 mode).
    ///
    /// This function emits an EncodingWarning if encoding is None and
    /// sys.flags.warn_default_encoding is true.
    ///
    /// This can be used in APIs with an encoding=None parameter
    /// that pass it to TextIOWrapper or open.
    /// However, please consider using encoding="utf-8" for new APIs.
    #[function("text_encoding($module, encoding, stacklevel=2, /)")]
    fn text_encoding(encoding: &Object, stacklevel: i32) -> PyResult {
        super::open::text_encoding(encoding, stacklevel)
    }
}
