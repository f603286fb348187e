//! `_IOBase`, `_RawIOBase`, `_BufferedIOBase`, `_TextIOBase`: the abstract classes, in terms of the methods that subclasses define.

use super::{cannot_pickle, interrupted, retry_interrupted, unraisable_while_finalizing, unsupported};
use macros::{Traverse, pytype};
use runtime::errors::{self, PyResult, raise_none};
use runtime::macro_support::{Args, NoneOr, WritableBuffer};
use runtime::object::{Object, ObjectHead, Owned, PyTyped};
use runtime::protocol::{call, iter, number, object};
use runtime::types::{self, ByteArray, Bytes, Dict, List, Str};
use runtime::{err, exceptions, intern};
use std::cell::Cell;
use std::mem::offset_of;

/// What all streams begin with.
#[derive(Traverse)]
#[repr(C)]
pub struct StreamHead {
    head: ObjectHead,
    pub dict: Cell<Option<Owned<Dict>>>,
    pub weakrefs: Cell<*mut runtime::macro_support::PyObject>,
}

impl StreamHead {
    pub fn new() -> StreamHead {
        StreamHead { head: ObjectHead::placeholder(), dict: Cell::new(None), weakrefs: Cell::new(std::ptr::null_mut()) }
    }
}

pub const DICT_OFFSET: usize = offset_of!(StreamHead, dict);
pub const WEAKREFS_OFFSET: usize = offset_of!(StreamHead, weakrefs);

#[derive(Traverse)]
#[repr(C)]
pub struct IOBase {
    stream: StreamHead,
}

// ---- checks -------------------------------------------------------------------------------------------------------------------------

/// Raises if `closed` is true (`_PyIOBase_check_closed`).
pub fn check_closed(stream: &Object) -> PyResult<()> {
    let closed = object::get_attr(stream, intern!("closed"))?;
    if object::is_true(&closed)? {
        return Err(err!(ValueError, "I/O operation on closed file."));
    }
    Ok(())
}

fn check_able(stream: &Object, method: &Str, refusal: &str) -> PyResult {
    let answer = call::call_method0(stream, method)?;
    if !answer.is(types::true_()) {
        return Err(unsupported(refusal));
    }
    Ok(answer)
}

pub fn check_seekable(stream: &Object) -> PyResult {
    check_able(stream, intern!("seekable"), "File or stream is not seekable.")
}
pub fn check_readable(stream: &Object) -> PyResult {
    check_able(stream, intern!("readable"), "File or stream is not readable.")
}
pub fn check_writable(stream: &Object) -> PyResult {
    check_able(stream, intern!("writable"), "File or stream is not writable.")
}

/// Whether the base class's `close` has run.
fn base_closed(stream: &Object) -> PyResult<bool> {
    object::has_attr(stream, intern!("__IOBase_closed"))
}

/// `IOBase.close`: flushes, and marks the stream closed whatever came of that.
pub fn base_close(stream: &Object) -> PyResult {
    if base_closed(stream)? {
        return Ok(types::none().to_owned());
    }
    let flushed = call::call_method0(stream, intern!("flush"));
    super::both(flushed, || {
        object::set_attr(stream, intern!("__IOBase_closed"), Some(types::true_()))?;
        Ok(types::none().to_owned())
    })
}

/// The finalizer of all streams: closes them. Also called as `__del__`.
pub fn finalize(stream: &Object) {
    let saved = errors::take();
    let closed = match object::get_attr_opt(stream, intern!("closed")) {
        Ok(Some(closed)) => object::is_true(&closed),
        Ok(None) => Ok(true),
        Err(raised) => Err(raised),
    };
    match closed {
        Err(_) => errors::clear(),
        Ok(true) => {}
        Ok(false) => {
            // Tells close() that nobody else closed the stream.
            if object::set_attr(stream, intern!("_finalizing"), Some(types::true_())).is_err() {
                errors::clear();
            }
            if call::call_method0(stream, intern!("close")).is_err() {
                unraisable_while_finalizing(stream);
            }
        }
    }
    if let Some(saved) = saved {
        errors::restore(saved);
    }
}

/// `readline` by `peek` and `read`.
fn readline(stream: &Object, limit: isize) -> PyResult {
    let peek = object::get_attr_opt(stream, intern!("peek"))?;
    let mut line: Vec<u8> = Vec::new();
    let one = types::Int::from_i64(1);
    while limit < 0 || (line.len() as isize) < limit {
        let mut ahead = 1usize;
        if let Some(peek) = &peek {
            let seen = retry_interrupted(|| call::call1(peek, &one))?;
            let Some(seen) = seen.downcast::<Bytes>() else {
                return Err(err!(OSError, "peek() should have returned a bytes object, not '{}'", seen.type_name()));
            };
            let mut seen = seen.as_slice();
            if limit >= 0 {
                seen = &seen[..seen.len().min(limit as usize - line.len())];
            }
            if !seen.is_empty() {
                ahead = seen.iter().position(|&b| b == b'\n').map_or(seen.len(), |at| at + 1);
            }
        }
        let size = types::Int::from_u64(ahead as u64);
        let got = retry_interrupted(|| call::call_method(stream, intern!("read"), &[&size]))?;
        let Some(got) = got.downcast::<Bytes>() else {
            return Err(err!(OSError, "read() should have returned a bytes object, not '{}'", got.type_name()));
        };
        if got.len() == 0 {
            break;
        }
        line.extend_from_slice(got.as_slice());
        if line.last() == Some(&b'\n') {
            break;
        }
    }
    Ok(Bytes::new(&line).into_object())
}

/// `writelines` by `write`.
pub fn writelines(stream: &Object, lines: &Object) -> PyResult<()> {
    let iterator = iter::get_iter(lines)?;
    while let Some(line) = iter::iter_next(&iterator)? {
        retry_interrupted(|| call::call_method(stream, intern!("write"), &[&line]))?;
    }
    Ok(())
}

/// `readlines` by iteration.
pub fn readlines(stream: &Object, hint: isize) -> PyResult<Owned<List>> {
    let lines = List::new();
    let iterator = iter::get_iter(stream)?;
    let mut total = 0isize;
    while let Some(line) = iter::iter_next(&iterator)? {
        lines.append(&line)?;
        if hint > 0 {
            total += runtime::protocol::sequence::len(&line)? as isize;
            if total >= hint {
                break;
            }
        }
    }
    Ok(lines)
}

/// The abstract base class for all I/O classes.
///
/// This class provides dummy implementations for many methods that
/// derived classes can override selectively; the default implementations
/// represent a file that cannot be read, written or seeked.
///
/// Even though IOBase does not declare read, readinto, or write because
/// their signatures will vary, implementations and clients should
/// consider those methods part of the interface. Also, implementations
/// may raise UnsupportedOperation when operations they do not support are
/// called.
///
/// The basic type used for binary data read from or written to a file is
/// bytes. Other bytes-like objects are accepted as method arguments too.
/// In some cases (such as readinto), a writable object is required. Text
/// I/O classes work with str data.
///
/// Note that calling any method (except additional calls to close(),
/// which are ignored) on a closed stream should raise a ValueError.
///
/// IOBase (and its subclasses) support the iterator protocol, meaning
/// that an IOBase object can be iterated over yielding the lines in a
/// stream.
///
/// IOBase also supports the :keyword:`with` statement. In this example,
/// fp is closed after the suite of the with statement is complete:
///
/// with open('spam.txt', 'r') as fp:
///     fp.write('Spam and eggs!')
#[pytype(static = _IOBase_Type, name = "_IOBase", module = "_io", flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native, tp_new = runtime::types::object::object_new, dictoffset = DICT_OFFSET, weaklistoffset = WEAKREFS_OFFSET)]
impl IOBase {
    #[slot]
    fn tp_finalize(stream: &Object) {
        finalize(stream);
    }
    #[slot]
    fn tp_iter(stream: &Object) -> PyResult {
        check_closed(stream)?;
        Ok(stream.to_owned())
    }
    #[slot]
    fn tp_iternext(stream: &Object) -> PyResult<Option<Owned>> {
        let line = call::call_method0(stream, intern!("readline"))?;
        Ok(if runtime::protocol::sequence::len(&line)? == 0 { None } else { Some(line) })
    }
    /// Change the stream position to the given byte offset.
    ///
    ///   offset
    ///     The stream position, relative to 'whence'.
    ///   whence
    ///     The relative position to seek from.
    ///
    /// The offset is interpreted relative to the position indicated by whence.
    /// Values for whence are:
    ///
    /// * os.SEEK_SET or 0 -- start of stream (the default); offset should be zero or positive
    /// * os.SEEK_CUR or 1 -- current stream position; offset may be negative
    /// * os.SEEK_END or 2 -- end of stream; offset is usually negative
    ///
    /// Return the new absolute position.
    #[method("seek($self, offset, whence=0, /)")]
    fn seek(&self, _offset: &Object, _whence: i32) -> PyResult {
        Err(unsupported("seek"))
    }
    /// Return current stream position.
    #[method("tell($self, /)")]
    fn tell(&self) -> PyResult {
        call::call_method(self, intern!("seek"), &[&types::Int::from_i64(0), &types::Int::from_i64(1)])
    }
    /// Truncate file to size bytes.
    ///
    /// File pointer is left unchanged. Size defaults to the current IO position
    /// as reported by tell(). Return the new size.
    #[method("truncate($self, size=None, /)")]
    fn truncate(&self, _size: Option<&Object>) -> PyResult {
        Err(unsupported("truncate"))
    }
    /// Flush write buffers, if applicable.
    ///
    /// This is not implemented for read-only and non-blocking streams.
    #[method("flush($self, /)")]
    fn flush(&self) -> PyResult<()> {
        if base_closed(self)? {
            return Err(err!(ValueError, "I/O operation on closed file."));
        }
        Ok(())
    }
    /// Flush and close the IO object.
    ///
    /// This method has no effect if the file is already closed.
    #[method("close($self, /)")]
    fn close(&self) -> PyResult {
        base_close(self)
    }
    /// Return whether object supports random access.
    ///
    /// If False, seek(), tell() and truncate() will raise OSError.
    /// This method may need to do a test seek().
    #[method("seekable($self, /)")]
    fn seekable(&self) -> bool {
        false
    }
    /// Return whether object was opened for reading.
    ///
    /// If False, read() will raise OSError.
    #[method("readable($self, /)")]
    fn readable(&self) -> bool {
        false
    }
    /// Return whether object was opened for writing.
    ///
    /// If False, write() will raise OSError.
    #[method("writable($self, /)")]
    fn writable(&self) -> bool {
        false
    }
    #[method("_checkClosed($self, /)")]
    fn _check_closed(&self) -> PyResult<()> {
        check_closed(self)
    }
    #[method("_checkSeekable($self, /)")]
    fn _check_seekable(&self) -> PyResult {
        check_seekable(self)
    }
    #[method("_checkReadable($self, /)")]
    fn _check_readable(&self) -> PyResult {
        check_readable(self)
    }
    #[method("_checkWritable($self, /)")]
    fn _check_writable(&self) -> PyResult {
        check_writable(self)
    }
    /// Return underlying file descriptor if one exists.
    ///
    /// Raise OSError if the IO object does not use a file descriptor.
    #[method("fileno($self, /)")]
    fn fileno(&self) -> PyResult {
        Err(unsupported("fileno"))
    }
    /// Return whether this is an 'interactive' stream.
    ///
    /// Return False if it can't be determined.
    #[method("isatty($self, /)")]
    fn isatty(&self) -> PyResult<bool> {
        check_closed(self)?;
        Ok(false)
    }
    #[method("__enter__($self, /)")]
    fn __enter__(&self) -> PyResult {
        check_closed(self)?;
        Ok(self.to_owned())
    }
    #[method("__exit__($self, *args)", nosig)]
    fn __exit__(&self, _args: Args<'_>) -> PyResult {
        call::call_method0(self, intern!("close"))
    }
    /// Read and return a line from the stream.
    ///
    /// If size is specified, at most size bytes will be read.
    ///
    /// The line terminator is always b'\n' for binary files; for text
    /// files, the newlines argument to open can be used to select the line
    /// terminator(s) recognized.
    #[method("readline($self, size=-1, /)")]
    fn readline(&self, size: Option<NoneOr<isize>>) -> PyResult {
        readline(self, size_or_all(size))
    }
    /// Return a list of lines from the stream.
    ///
    /// hint can be specified to control the number of lines read: no more
    /// lines will be read if the total size (in bytes/characters) of all
    /// lines so far exceeds hint.
    #[method("readlines($self, hint=-1, /)")]
    fn readlines(&self, hint: Option<NoneOr<isize>>) -> PyResult<Owned<List>> {
        readlines(self, size_or_all(hint))
    }
    /// Write a list of lines to stream.
    ///
    /// Line separators are not added, so it is usual for each of the
    /// lines provided to have a line separator at the end.
    #[method("writelines($self, lines, /)")]
    fn writelines(&self, lines: &Object) -> PyResult<()> {
        check_closed(self)?;
        writelines(self, lines)
    }
    #[getter("__dict__")]
    fn get_dict(&self) -> PyResult<Owned<Dict>> {
        types::attributes::generic_get_dict(self)
    }
    #[getter]
    fn closed(&self) -> PyResult<bool> {
        base_closed(self)
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct RawIOBase {
    stream: StreamHead,
}

/// Base class for raw binary I/O.
#[pytype(static = _RawIOBase_Type, name = "_RawIOBase", module = "_io", base = _IOBase_Type, flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native,
    dictoffset = DICT_OFFSET, weaklistoffset = WEAKREFS_OFFSET)]
impl RawIOBase {
    #[method("read($self, size=-1, /)")]
    fn read(&self, size: isize) -> PyResult {
        if size < 0 {
            return call::call_method0(self, intern!("readall"));
        }
        let size_object = types::Int::from_i64(size as i64);
        let block = call::call1(ByteArray::type_object(), &size_object)?;
        let filled = retry_interrupted(|| call::call_method(self, intern!("readinto"), &[&block]))?;
        if filled.is_none() {
            return Ok(filled);
        }
        let filled = number::as_isize(&filled, Some(exceptions::ValueError()))?;
        if filled < 0 || filled > size {
            return Err(err!(ValueError, "readinto returned {filled} outside buffer size {size}"));
        }
        let data = runtime::macro_support::Buffer::new(&block)?;
        let data = data.get(..filled as usize).unwrap_or(&data);
        Ok(Bytes::new(data).into_object())
    }
    /// Read until EOF, using multiple read() call.
    #[method("readall($self, /)")]
    fn readall(&self) -> PyResult {
        let mut all: Option<Vec<u8>> = None;
        let size = types::Int::from_u64(super::DEFAULT_BUFFER_SIZE as u64);
        loop {
            let data = match call::call_method(self, intern!("read"), &[&size]) {
                Ok(data) => data,
                Err(raised) => {
                    if interrupted()? {
                        continue;
                    }
                    return Err(raised);
                }
            };
            if data.is_none() && all.is_none() {
                return Ok(data);
            }
            if data.is_none() {
                break;
            }
            let Some(data) = data.downcast::<Bytes>() else {
                return Err(err!(TypeError, "read() should return bytes"));
            };
            all.get_or_insert_default().extend_from_slice(data.as_slice());
            if data.len() == 0 {
                break;
            }
        }
        Ok(Bytes::new(&all.unwrap_or_default()).into_object())
    }
    #[method("readinto($self, *args)", nosig)]
    fn readinto(&self, _args: Args<'_>) -> PyResult {
        Err(raise_none(exceptions::NotImplementedError()))
    }
    #[method("write($self, *args)", nosig)]
    fn write(&self, _args: Args<'_>) -> PyResult {
        Err(raise_none(exceptions::NotImplementedError()))
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct BufferedIOBase {
    stream: StreamHead,
}

impl BufferedIOBase {
    /// `readinto` by a method that returns bytes.
    fn fill(&self, mut buffer: WritableBuffer, method: &Str) -> PyResult<usize> {
        let size = buffer.len();
        let data = call::call_method(self, method, &[&types::Int::from_u64(size as u64)])?;
        let Some(data) = data.downcast::<Bytes>() else {
            return Err(err!(TypeError, "read() should return bytes"));
        };
        if data.len() > size {
            return Err(err!(ValueError, "read() returned too much data: {size} bytes requested, {} returned", data.len()));
        }
        buffer[..data.len()].copy_from_slice(data.as_slice());
        Ok(data.len())
    }
}

/// Base class for buffered IO objects.
///
/// The main difference with RawIOBase is that the read() method
/// supports omitting the size argument, and does not have a default
/// implementation that defers to readinto().
///
/// In addition, read(), readinto() and write() may raise
/// BlockingIOError if the underlying raw stream is in non-blocking
/// mode and not ready; unlike their raw counterparts, they will never
/// return None.
///
/// A typical implementation should not inherit from a RawIOBase
/// implementation, but wrap one.
#[pytype(static = _BufferedIOBase_Type, name = "_BufferedIOBase", module = "_io", base = _IOBase_Type, flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native,
    dictoffset = DICT_OFFSET, weaklistoffset = WEAKREFS_OFFSET)]
impl BufferedIOBase {
    /// Disconnect this buffer from its underlying raw stream and return it.
    ///
    /// After the raw stream has been detached, the buffer is in an unusable
    /// state.
    #[method("detach($self, /)")]
    fn detach(&self) -> PyResult {
        Err(unsupported("detach"))
    }
    /// Read and return up to n bytes.
    ///
    /// If the size argument is omitted, None, or negative, read and
    /// return all data until EOF.
    ///
    /// If the size argument is positive, and the underlying raw stream is
    /// not 'interactive', multiple raw reads may be issued to satisfy
    /// the byte count (unless EOF is reached first).
    /// However, for interactive raw streams (as well as sockets and pipes),
    /// at most one raw read will be issued, and a short result does not
    /// imply that EOF is imminent.
    ///
    /// Return an empty bytes object on EOF.
    ///
    /// Return None if the underlying raw stream was open in non-blocking
    /// mode and no data is available at the moment.
    #[method("read($self, size=-1, /)")]
    fn read(&self, _size: Option<&Object>) -> PyResult {
        Err(unsupported("read"))
    }
    /// Read and return up to size bytes, with at most one read() call to the underlying raw stream.
    ///
    /// Return an empty bytes object on EOF.
    /// A short result does not imply that EOF is imminent.
    #[method("read1($self, size=-1, /)")]
    fn read1(&self, _size: Option<&Object>) -> PyResult {
        Err(unsupported("read1"))
    }
    #[method("readinto($self, buffer, /)")]
    fn readinto(&self, buffer: WritableBuffer) -> PyResult<usize> {
        self.fill(buffer, intern!("read"))
    }
    #[method("readinto1($self, buffer, /)")]
    fn readinto1(&self, buffer: WritableBuffer) -> PyResult<usize> {
        self.fill(buffer, intern!("read1"))
    }
    /// Write buffer b to the IO stream.
    ///
    /// Return the number of bytes written, which is always
    /// the length of b in bytes.
    ///
    /// Raise BlockingIOError if the buffer is full and the
    /// underlying raw stream cannot accept more data at the moment.
    #[method("write($self, b, /)")]
    fn write(&self, _b: &Object) -> PyResult {
        Err(unsupported("write"))
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct TextIOBase {
    stream: StreamHead,
}

/// Base class for text I/O.
///
/// This class provides a character and line based interface to stream
/// I/O. There is no readinto method because Python's character strings
/// are immutable.
#[pytype(static = _TextIOBase_Type, name = "_TextIOBase", module = "_io", base = _IOBase_Type, flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native,
    dictoffset = DICT_OFFSET, weaklistoffset = WEAKREFS_OFFSET)]
impl TextIOBase {
    /// Separate the underlying buffer from the TextIOBase and return it.
    ///
    /// After the underlying buffer has been detached, the TextIO is in an unusable state.
    #[method("detach($self, /)")]
    fn detach(&self) -> PyResult {
        Err(unsupported("detach"))
    }
    /// Read at most size characters from stream.
    ///
    /// Read from underlying buffer until we have size characters or we hit EOF.
    /// If size is negative or omitted, read until EOF.
    #[method("read($self, size=-1, /)")]
    fn read(&self, _size: Option<&Object>) -> PyResult {
        Err(unsupported("read"))
    }
    /// Read until newline or EOF.
    ///
    /// Return an empty string if EOF is hit immediately.
    /// If size is specified, at most size characters will be read.
    #[method("readline($self, size=-1, /)")]
    fn readline(&self, _size: Option<&Object>) -> PyResult {
        Err(unsupported("readline"))
    }
    /// Write string s to stream.
    ///
    /// Return the number of characters written
    /// (which is always equal to the length of the string).
    #[method("write($self, s, /)")]
    fn write(&self, _s: &Object) -> PyResult {
        Err(unsupported("write"))
    }
    /// Encoding of the text stream.
    ///
    /// Subclasses should override.
    #[getter]
    fn encoding(&self) {}
    /// Line endings translated so far.
    ///
    /// Only line endings translated during reading are considered.
    ///
    /// Subclasses should override.
    #[getter]
    fn newlines(&self) {}
    /// The error setting of the decoder or encoder.
    ///
    /// Subclasses should override.
    #[getter]
    fn errors(&self) {}
}

/// `repr` of a stream by its name: `<type>` or `<type name=...>`.
pub fn repr_by_name(stream: &Object, more: impl FnOnce() -> PyResult<String>) -> PyResult<Owned<Str>> {
    let name = match object::get_attr_opt(stream, intern!("name")) {
        Ok(name) => name,
        Err(_) if errors::matches(exceptions::ValueError()) => {
            errors::clear();
            None
        }
        Err(raised) => return Err(raised),
    };
    if object::repr_enter(stream) {
        return Err(err!(RuntimeError, "reentrant call inside {}.__repr__", stream.type_name()));
    }
    let text = (|| {
        let name = match name {
            Some(name) => format!(" name={}", String::from_utf8_lossy(&object::repr(&name)?.to_wtf8())),
            None => String::new(),
        };
        Ok(Str::new(&format!("<{}{}{}>", stream.type_name(), name, more()?)))
    })();
    object::repr_leave(stream);
    text
}

/// `__getstate__` of the streams that cannot be pickled.
pub fn refuse_state(stream: &Object) -> PyResult {
    Err(cannot_pickle(stream))
}

/// `tp_dealloc` of streams in memory: nothing is closed.
/// # Safety
/// An instance of `T`, a native type, whose count is 0.
pub unsafe fn dealloc_quietly<T>(op: *mut runtime::macro_support::PyObject) {
    runtime::macro_support::guard(|| {
        // SAFETY: the object is dead and ours; its type lives until the memory is given back.
        unsafe {
            runtime::gc::untrack(op);
            let stream = &*(op as *const StreamHead);
            if !stream.weakrefs.get().is_null() {
                types::weakref::clear_weakrefs(op);
            }
            std::ptr::drop_in_place(op as *mut T);
            if let Some(free) = Object::from_ptr(op).ty().0.tp_free.get() {
                free(op.cast());
            }
        }
    })
}

/// A size argument: None and negative numbers stand for all there is.
#[inline]
pub fn size_or_all(size: Option<NoneOr<isize>>) -> isize {
    size.and_then(|size| size.0).unwrap_or(-1)
}
