//! `BytesIO`: a binary stream in memory, and `_BytesIOBuffer`, which exports its bytes.
//!
//! The bytes are either shared with a bytes object (the initial value, or what `getvalue` gave out) or the stream's own. Invariant: while
//! buffers are exported, the memory neither moves nor changes its length.

use super::base::{DICT_OFFSET, StreamHead, WEAKREFS_OFFSET};
use super::file_io::writable_argument;
use super::base::size_or_all;
use macros::{Traverse, pytype};
use runtime::errors::{self, PyResult};
use runtime::macro_support::{Buffer, NoneOr, Py_buffer, PyObject};
use runtime::object::{Object, ObjectHead, Owned, PyTyped, Type};
use runtime::protocol::{call, iter, number};
use runtime::types::{self, Bytes, Dict, Int, List, MemoryView, Tuple};
use runtime::{err, exceptions, intern};
use std::cell::{Cell, UnsafeCell};

enum Store {
    Shared(Owned<Bytes>),
    Own(Vec<u8>),
}

impl Store {
    fn bytes(&self) -> &[u8] {
        match self {
            Store::Shared(bytes) => bytes.as_slice(),
            Store::Own(bytes) => bytes,
        }
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct BytesIO {
    stream: StreamHead,
    /// Touched only by `bytes`, `own` and `set`, none of which runs Python code while it is borrowed.
    #[traverse(skip)]
    store: UnsafeCell<Box<Store>>,
    position: Cell<usize>,
    exports: Cell<usize>,
    closed: Cell<bool>,
}

impl BytesIO {
    /// The bytes; not to be held while Python code may run.
    fn bytes(&self) -> &[u8] {
        // SAFETY: the borrow ends before anything changes the store.
        unsafe { &**self.store.get() }.bytes()
    }
    /// The stream's own bytes, copied from the shared ones if need be.
    #[allow(clippy::mut_from_ref)]
    fn own(&self) -> &mut Vec<u8> {
        // SAFETY: the only borrow; the caller runs no Python code while it lasts.
        let store = unsafe { &mut **self.store.get() };
        if let Store::Shared(bytes) = store {
            let copy = bytes.as_slice().to_vec();
            let old = std::mem::replace(store, Store::Own(copy));
            drop(old);
        }
        match store {
            Store::Own(bytes) => bytes,
            // Replaced above.
            Store::Shared(_) => unreachable!(),
        }
    }
    fn set(&self, new: Store) {
        // SAFETY: no borrow is alive; the old bytes are plain memory or a bytes object.
        let old = unsafe { std::mem::replace(&mut **self.store.get(), new) };
        drop(old);
    }
    fn check_open(&self) -> PyResult<()> {
        if self.closed.get() { Err(err!(ValueError, "I/O operation on closed file.")) } else { Ok(()) }
    }
    fn check_exports(&self) -> PyResult<()> {
        if self.exports.get() > 0 {
            return Err(err!(BufferError, "Existing exports of data: object cannot be re-sized"));
        }
        Ok(())
    }
    /// What is left, at most `limit` bytes (all if negative).
    fn rest(&self, limit: isize) -> &[u8] {
        let rest = self.bytes().get(self.position.get()..).unwrap_or(&[]);
        if limit < 0 { rest } else { &rest[..rest.len().min(limit as usize)] }
    }
    fn take(&self, count: usize) -> PyResult<Owned<Bytes>> {
        let at = self.position.get();
        self.position.set(at + count);
        if at == 0
            && count > 1
            // SAFETY: only looked at.
            && let Store::Shared(bytes) = unsafe { &**self.store.get() }
            && bytes.len() == count
        {
            return Ok(bytes.clone());
        }
        Bytes::try_new(&self.bytes()[at..at + count])
    }
    fn line_length(&self, limit: isize) -> usize {
        let rest = self.rest(limit);
        memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1)
    }
    fn read_bytes(&self, limit: isize) -> PyResult<Owned<Bytes>> {
        let count = self.rest(limit).len();
        if count == 0 {
            return Bytes::try_new(&[]);
        }
        self.take(count)
    }
    /// Overwrites and extends at the position.
    fn write_bytes(&self, data: &[u8]) -> PyResult<usize> {
        self.check_open()?;
        self.check_exports()?;
        if data.is_empty() {
            return Ok(0);
        }
        let at = self.position.get();
        let Some(end) = at.checked_add(data.len()).filter(|&end| end <= isize::MAX as usize) else {
            return Err(err!(OverflowError, "new buffer size too large"));
        };
        let own = self.own();
        if end > own.len() && own.try_reserve(end - own.len()).is_err() {
            return Err(errors::no_memory());
        }
        if at >= own.len() {
            own.resize(at, 0);
            own.extend_from_slice(data);
        } else {
            let over = data.len().min(own.len() - at);
            own[at..at + over].copy_from_slice(&data[..over]);
            own.extend_from_slice(&data[over..]);
        }
        self.position.set(end);
        Ok(data.len())
    }
    /// The bytes as an object; they are shared with it from now on.
    fn value(&self) -> PyResult<Owned<Bytes>> {
        // SAFETY: only looked at.
        if let Store::Shared(bytes) = unsafe { &**self.store.get() } {
            return Ok(bytes.clone());
        }
        let bytes = Bytes::try_new(self.bytes())?;
        if self.exports.get() == 0 {
            self.set(Store::Shared(bytes.clone()));
        }
        Ok(bytes)
    }
    fn write_object(&self, data: &Object) -> PyResult<usize> {
        self.check_open()?;
        if let Some(bytes) = data.downcast_exact::<Bytes>() {
            return self.write_bytes(bytes.as_slice());
        }
        let data = Buffer::new(data)?;
        // The buffer may be of this very stream: then there are exports, and nothing is written.
        self.write_bytes(&data)
    }
}

/// Buffered I/O implementation using an in-memory bytes buffer.
#[pytype(static = BytesIO_Type, name = "BytesIO", module = "_io", base = super::base::_BufferedIOBase_Type, signature = "(initial_bytes=b'')",
    flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native, dictoffset = DICT_OFFSET, weaklistoffset = WEAKREFS_OFFSET)]
impl BytesIO {
    #[slot(raw = tp_dealloc)]
    unsafe extern "C" fn tp_dealloc(op: *mut PyObject) {
        // SAFETY: a dead BytesIO.
        unsafe { super::base::dealloc_quietly::<BytesIO>(op) }
    }
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<BytesIO>> {
        BytesIO::construct(
            cls,
            BytesIO {
                stream: StreamHead::new(),
                store: UnsafeCell::new(Box::new(Store::Own(Vec::new()))),
                position: Cell::new(0),
                exports: Cell::new(0),
                closed: Cell::new(false),
            },
        )
    }
    #[slot("BytesIO(initial_bytes=b'')")]
    fn tp_init(&self, initial_bytes: Option<&Object>) -> PyResult<()> {
        self.check_exports()?;
        self.position.set(0);
        self.closed.set(false);
        self.set(Store::Own(Vec::new()));
        let Some(initial) = initial_bytes.filter(|b| !b.is_none()) else { return Ok(()) };
        if let Some(bytes) = initial.downcast_exact::<Bytes>() {
            self.set(Store::Shared(Owned::from_ref(bytes)));
            return Ok(());
        }
        self.write_object(initial)?;
        self.position.set(0);
        Ok(())
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        self.check_open()?;
        Ok(self.to_owned())
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned<Bytes>>> {
        self.check_open()?;
        let count = self.line_length(-1);
        Ok(if count == 0 { None } else { Some(self.take(count)?) })
    }
    /// Returns True if the IO object can be read.
    #[method("readable($self, /)")]
    fn readable(&self) -> PyResult<bool> {
        self.check_open()?;
        Ok(true)
    }
    /// Returns True if the IO object can be seeked.
    #[method("seekable($self, /)")]
    fn seekable(&self) -> PyResult<bool> {
        self.check_open()?;
        Ok(true)
    }
    /// Returns True if the IO object can be written.
    #[method("writable($self, /)")]
    fn writable(&self) -> PyResult<bool> {
        self.check_open()?;
        Ok(true)
    }
    /// Disable all I/O operations.
    #[method("close($self, /)")]
    fn close(&self) -> PyResult<()> {
        self.check_exports()?;
        self.closed.set(true);
        self.set(Store::Own(Vec::new()));
        Ok(())
    }
    /// Does nothing.
    #[method("flush($self, /)")]
    fn flush(&self) -> PyResult<()> {
        self.check_open()
    }
    /// Always returns False.
    ///
    /// BytesIO objects are not connected to a TTY-like device.
    #[method("isatty($self, /)")]
    fn isatty(&self) -> PyResult<bool> {
        self.check_open()?;
        Ok(false)
    }
    /// Current file position, an integer.
    #[method("tell($self, /)")]
    fn tell(&self) -> PyResult<usize> {
        self.check_open()?;
        Ok(self.position.get())
    }
    /// Write bytes to file.
    ///
    /// Return the number of bytes written.
    #[method("write($self, b, /)")]
    fn write(&self, b: &Object) -> PyResult<usize> {
        self.write_object(b)
    }
    /// Write lines to the file.
    ///
    /// Note that newlines are not added.  lines can be any iterable object
    /// producing bytes-like objects. This is equivalent to calling write() for
    /// each element.
    #[method("writelines($self, lines, /)")]
    fn writelines(&self, lines: &Object) -> PyResult<()> {
        self.check_open()?;
        let iterator = iter::get_iter(lines)?;
        while let Some(line) = iter::iter_next(&iterator)? {
            self.write_object(&line)?;
        }
        Ok(())
    }
    /// Read at most size bytes, returned as a bytes object.
    ///
    /// If the size argument is negative or omitted, read until EOF is reached.
    /// Return an empty bytes object at EOF.
    #[method("read1($self, size=-1, /)")]
    fn read1(&self, size: Option<NoneOr<isize>>) -> PyResult<Owned<Bytes>> {
        self.read(size)
    }
    /// Read bytes into buffer.
    ///
    /// Returns number of bytes read (0 for EOF), or None if the object
    /// is set not to block and has no data to read.
    #[method("readinto($self, buffer, /)")]
    fn readinto(&self, buffer: &Object) -> PyResult<usize> {
        let mut buffer = writable_argument(buffer, "readinto", 0)?;
        self.check_open()?;
        let size = buffer.len() as isize;
        let count = self.rest(size).len();
        // The target may be this stream's own exported memory.
        // SAFETY: both ranges are live: an export pins the one, nothing changes the other meanwhile.
        unsafe { std::ptr::copy(self.rest(size).as_ptr(), buffer.as_mut_ptr(), count) };
        self.position.set(self.position.get() + count);
        Ok(count)
    }
    /// Next line from the file, as a bytes object.
    ///
    /// Retain newline.  A non-negative size argument limits the maximum
    /// number of bytes to return (an incomplete line may be returned then).
    /// Return an empty bytes object at EOF.
    #[method("readline($self, size=-1, /)")]
    fn readline(&self, size: Option<NoneOr<isize>>) -> PyResult<Owned<Bytes>> {
        self.check_open()?;
        let count = self.line_length(size_or_all(size));
        if count == 0 { Bytes::try_new(&[]) } else { self.take(count) }
    }
    /// List of bytes objects, each a line from the file.
    ///
    /// Call readline() repeatedly and return a list of the lines so read.
    /// The optional size argument, if given, is an approximate bound on the
    /// total number of bytes in the lines returned.
    #[method("readlines($self, size=None, /)")]
    fn readlines(&self, size: Option<&Object>) -> PyResult<Owned<List>> {
        self.check_open()?;
        let limit = match size {
            None => 0,
            Some(size) if number::check_index(size) => number::as_isize(size, Some(exceptions::OverflowError()))?,
            Some(other) => return Err(err!(TypeError, "integer argument expected, got '{}'", other.type_name())),
        };
        let lines = List::new();
        let mut total = 0;
        loop {
            let count = self.line_length(-1);
            if count == 0 {
                break;
            }
            lines.push(self.take(count)?.into_object())?;
            total += count as isize;
            if limit > 0 && total >= limit {
                break;
            }
        }
        Ok(lines)
    }
    /// Read at most size bytes, returned as a bytes object.
    ///
    /// If the size argument is negative, read until EOF is reached.
    /// Return an empty bytes object at EOF.
    #[method("read($self, size=-1, /)")]
    fn read(&self, size: Option<NoneOr<isize>>) -> PyResult<Owned<Bytes>> {
        self.check_open()?;
        self.read_bytes(size_or_all(size))
    }
    /// Get a read-write view over the contents of the BytesIO object.
    #[method("getbuffer($self, /)")]
    fn getbuffer(&self) -> PyResult {
        self.check_open()?;
        let export = BytesIOBuffer::construct(
            BytesIOBuffer::type_object(),
            BytesIOBuffer { head: ObjectHead::placeholder(), source: Cell::new(Some(Owned::from_ref(self))) },
        )?;
        call::call1(MemoryView::type_object(), export.object())
    }
    /// Retrieve the entire contents of the BytesIO object.
    #[method("getvalue($self, /)")]
    fn getvalue(&self) -> PyResult<Owned<Bytes>> {
        self.check_open()?;
        self.value()
    }
    /// Change stream position.
    ///
    /// Seek to byte offset pos relative to position indicated by whence:
    ///      0  Start of stream (the default).  pos should be >= 0;
    ///      1  Current position - pos may be negative;
    ///      2  End of stream - pos usually negative.
    /// Returns the new absolute position.
    #[method("seek($self, pos, whence=0, /)")]
    fn seek(&self, pos: isize, whence: i32) -> PyResult<isize> {
        self.check_open()?;
        if pos < 0 && whence == 0 {
            return Err(err!(ValueError, "negative seek value {pos}"));
        }
        let base = match whence {
            0 => 0,
            1 => self.position.get(),
            2 => self.bytes().len(),
            _ => return Err(err!(ValueError, "invalid whence ({whence}, should be 0, 1 or 2)")),
        };
        let Some(target) = pos.checked_add(base as isize) else {
            return Err(err!(OverflowError, "new position too large"));
        };
        self.position.set(target.max(0) as usize);
        Ok(target.max(0))
    }
    /// Truncate the file to at most size bytes.
    ///
    /// Size defaults to the current file position, as returned by tell().
    /// The current file position is unchanged.  Returns the new size.
    #[method("truncate($self, size=None, /)")]
    fn truncate(&self, size: Option<isize>) -> PyResult<isize> {
        self.check_open()?;
        self.check_exports()?;
        let size = size.unwrap_or(self.position.get() as isize);
        if size < 0 {
            return Err(err!(ValueError, "negative size value {size}"));
        }
        if (size as usize) < self.bytes().len() {
            self.own().truncate(size as usize);
        }
        Ok(size)
    }
    #[method("__getstate__($self, /)")]
    fn __getstate__(&self) -> PyResult {
        self.check_open()?;
        let value = self.value()?;
        let dict = match super::get(&self.stream.dict) {
            Some(dict) => dict.copy()?.into_object(),
            None => types::none().to_owned(),
        };
        let position = Int::from_u64(self.position.get() as u64);
        Ok(Tuple::new(&[&value, &position, &dict]).into_object())
    }
    #[method("__setstate__($self, object, /)")]
    fn __setstate__(&self, state: &Object) -> PyResult<()> {
        let Some(state) = state.downcast::<Tuple>().filter(|s| s.len() >= 3) else {
            return Err(err!(TypeError, "{}.__setstate__ argument should be 3-tuple, got {}", self.type_name(), state.type_name()));
        };
        self.check_exports()?;
        self.position.set(0);
        self.set(Store::Own(Vec::new()));
        self.write_object(state.get(0))?;
        let position = state.get(1);
        if !position.is_instance_of::<Int>() {
            return Err(err!(
                TypeError,
                "second item of state must be an integer, not {}",
                position.type_name()
            ));
        }
        let position = number::as_isize(position, Some(exceptions::OverflowError()))?;
        if position < 0 {
            return Err(err!(ValueError, "position value cannot be negative"));
        }
        self.position.set(position as usize);
        restore_dict(&self.stream, state.get(2), "third")
    }
    #[method("__sizeof__($self, /)")]
    fn __sizeof__(&self) -> usize {
        // SAFETY: only looked at.
        let held = match unsafe { &**self.store.get() } {
            Store::Shared(bytes) => bytes.len() + 33,
            Store::Own(bytes) => bytes.capacity(),
        };
        self.ty().basicsize() + held
    }
    /// True if the file is closed.
    #[getter]
    fn closed(&self) -> bool {
        self.closed.get()
    }
}

/// The instance dict of a pickled stream.
pub fn restore_dict(stream: &StreamHead, value: &Object, which: &str) -> PyResult<()> {
    if value.is_none() {
        return Ok(());
    }
    let Some(new) = value.downcast::<Dict>() else {
        return Err(err!(TypeError, "{which} item of state should be a dict, got a {}", value.type_name()));
    };
    match super::get(&stream.dict) {
        Some(dict) => call::call_method(&dict, intern!("update"), &[new]).map(drop),
        None => {
            let old = stream.dict.replace(Some(Owned::from_ref(new)));
            drop(old);
            Ok(())
        }
    }
}

/// What `getbuffer`'s memoryview is a view of.
#[derive(Traverse)]
#[repr(C)]
pub struct BytesIOBuffer {
    head: ObjectHead,
    source: Cell<Option<Owned<BytesIO>>>,
}

#[pytype(static = _BytesIOBuffer_Type, name = "_BytesIOBuffer", module = "_io", flags = HAVE_GC | IMMUTABLETYPE | DISALLOW_INSTANTIATION, native)]
impl BytesIOBuffer {
    #[slot]
    fn bf_getbuffer(&self, view: *mut Py_buffer, flags: i32) -> PyResult<()> {
        let Some(source) = super::get(&self.source) else {
            return Err(err!(BufferError, "bytesiobuf_getbuffer: view==NULL argument is obsolete"));
        };
        let own = source.own();
        fill_view(self, view, flags, own.as_mut_ptr(), own.len(), false)?;
        source.exports.set(source.exports.get() + 1);
        Ok(())
    }
    #[slot]
    fn bf_releasebuffer(&self, _view: *mut Py_buffer) {
        if let Some(source) = super::get(&self.source) {
            source.exports.set(source.exports.get() - 1);
        }
    }
}

/// `PyBuffer_FillInfo`.
pub fn fill_view(owner: &Object, view: *mut Py_buffer, flags: i32, data: *mut u8, len: usize, readonly: bool) -> PyResult<()> {
    if readonly && flags & 1 != 0 {
        return Err(err!(BufferError, "Object is not writable."));
    }
    // SAFETY: the caller's view; the memory lives as long as the reference that the view takes.
    unsafe {
        let v = &*view;
        owner.incref();
        v.obj.set(owner.as_ptr());
        v.buf.set(data.cast());
        v.len.set(len as isize);
        v.itemsize.set(1);
        v.readonly.set(readonly as i32);
        v.ndim.set(1);
        v.format.set(if flags & 4 != 0 { c"B".as_ptr() as *mut _ } else { std::ptr::null_mut() });
        v.shape.set(if flags & 8 != 0 { v.len.as_ptr() } else { std::ptr::null_mut() });
        v.strides.set(if flags & 0x18 == 0x18 { v.itemsize.as_ptr() } else { std::ptr::null_mut() });
        v.suboffsets.set(std::ptr::null_mut());
        v.internal.set(std::ptr::null_mut());
    }
    Ok(())
}

/// A block of memory that a raw stream reads into or writes from. It is an object, so that a stream that keeps the memoryview keeps the memory.
#[derive(Traverse)]
#[repr(C)]
pub struct Block {
    head: ObjectHead,
    #[traverse(skip)]
    data: UnsafeCell<Vec<u8>>,
    #[traverse(skip)]
    readonly: bool,
}

impl Block {
    /// A memoryview over a new block.
    pub fn view(data: Vec<u8>, readonly: bool) -> PyResult<(Owned<Block>, Owned)> {
        let block = Block::construct(Block::type_object(), Block { head: ObjectHead::placeholder(), data: UnsafeCell::new(data), readonly })?;
        let view = call::call1(MemoryView::type_object(), block.object())?;
        Ok((block, view))
    }
    /// The block's bytes; nothing may write to them meanwhile.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: the vector is never replaced.
        unsafe { &*self.data.get() }
    }
}

#[pytype(static = Block_Type, name = "_Block", module = "_io", flags = IMMUTABLETYPE | DISALLOW_INSTANTIATION, native)]
impl Block {
    #[slot]
    fn bf_getbuffer(&self, view: *mut Py_buffer, flags: i32) -> PyResult<()> {
        // SAFETY: only the address and the length are taken.
        let (data, len) = unsafe { ((*self.data.get()).as_mut_ptr(), (*self.data.get()).len()) };
        fill_view(self, view, flags, data, len, self.readonly)
    }
}
