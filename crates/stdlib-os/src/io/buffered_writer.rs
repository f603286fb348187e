//! Writing through a buffer, and `BufferedWriter`.

use super::base::{DICT_OFFSET, WEAKREFS_OFFSET, check_writable};
use super::buffered::{Buffered, Transfer};
use super::blocking_error;
use macros::{pymethods, pytype};
use runtime::errors::{self, PyResult};
use runtime::macro_support::{Buffer, Traverse, Visitor};
use runtime::object::{Object, Owned, PyTyped, Type};
use runtime::types::{Bytes, Dict, Str, Tuple};
use runtime::{err, exceptions, gil, intern};
use std::mem::offset_of;

impl Buffered {
    /// `write`. The data stay in place: an exported buffer, or memory of the caller.
    pub fn write_bytes(&self, data: &[u8]) -> PyResult<usize> {
        self.check_initialized()?;
        let _entered = self.enter()?;
        self.check_closed("write to closed file")?;
        if !self.valid_read() && !self.valid_write() {
            self.pos.set(0);
            self.raw_pos.set(0);
        }
        let pos = self.pos.get() as usize;
        let room = self.size.get().saturating_sub(pos);
        if data.len() <= room && data.len() < self.size.get() {
            self.memory_mut()[pos..pos + data.len()].copy_from_slice(data);
            if !self.valid_write() || self.write_pos.get() > pos as isize {
                self.write_pos.set(pos as isize);
            }
            self.adjust_position((pos + data.len()) as isize);
            if self.write_end.get() < self.pos.get() {
                self.write_end.set(self.pos.get());
            }
            return Ok(data.len());
        }
        self.write_large(data)
    }

    /// Writes the buffer out first; the lock is held.
    #[cold]
    fn write_large(&self, data: &[u8]) -> PyResult<usize> {
        if let Err(raised) = self.flush_writes() {
            if !errors::matches(exceptions::BlockingIOError()) {
                return Err(raised);
            }
            return self.keep_blocked(data);
        }
        let offset = self.raw_offset();
        if offset != 0 {
            self.raw_seek(-(offset as i64), 1)?;
            self.raw_pos.set(self.raw_pos.get() - offset);
        }
        let size = self.size.get();
        let mut written = 0;
        while data.len() - written > size {
            match self.raw_write(data[written..].as_ptr(), data.len() - written)? {
                Transfer::Done(count) => {
                    written += count;
                    // A partial write may mean that a signal came.
                    gil::check_signals()?;
                }
                Transfer::WouldBlock => {
                    // As much as possible stays in the buffer.
                    self.memory_mut().copy_from_slice(&data[written..written + size]);
                    self.raw_pos.set(0);
                    self.adjust_position(size as isize);
                    self.write_pos.set(0);
                    self.write_end.set(size as isize);
                    return Err(blocking_error(libc::EAGAIN, written + size));
                }
            }
        }
        if self.readable.get() {
            self.reset_read();
        }
        let rest = &data[written..];
        self.memory_mut()[..rest.len()].copy_from_slice(rest);
        self.write_pos.set(0);
        self.write_end.set(rest.len() as isize);
        self.adjust_position(rest.len() as isize);
        self.raw_pos.set(0);
        Ok(data.len())
    }

    /// The raw stream would block: moves what is left in the buffer to its start, and adds what fits.
    fn keep_blocked(&self, data: &[u8]) -> PyResult<usize> {
        if self.readable.get() {
            self.reset_read();
        }
        let (from, to) = (self.write_pos.get() as usize, self.write_end.get() as usize);
        self.memory_mut().copy_within(from..to, 0);
        self.write_end.set((to - from) as isize);
        self.raw_pos.set(self.raw_pos.get() - from as isize);
        self.pos.set(self.pos.get() - from as isize);
        self.write_pos.set(0);
        let end = to - from;
        let room = self.size.get() - end;
        let kept = data.len().min(room);
        self.memory_mut()[end..end + kept].copy_from_slice(&data[..kept]);
        self.write_end.set((end + kept) as isize);
        self.pos.set(self.pos.get() + kept as isize);
        errors::clear();
        if kept == data.len() {
            return Ok(kept);
        }
        Err(blocking_error(libc::EAGAIN, kept))
    }
}

#[pymethods(WRITING)]
impl Buffered {
    /// Write the given buffer to the IO stream.
    ///
    /// Return the number of bytes written, which is always
    /// the length of b in bytes.
    ///
    /// Raise BlockingIOError if the buffer is full and the
    /// underlying raw stream cannot accept more data at the moment.
    #[method("write($self, buffer, /)")]
    fn write(&self, buffer: &Object) -> PyResult<usize> {
        // The caller holds the bytes through the call.
        if let Some(bytes) = buffer.downcast_exact::<Bytes>() {
            return self.write_bytes(bytes.as_slice());
        }
        self.write_bytes(&Buffer::new(buffer)?)
    }
}

#[repr(transparent)]
pub struct BufferedWriter(pub Buffered);

impl Traverse for BufferedWriter {
    fn traverse(&self, visitor: &mut Visitor) {
        self.0.traverse(visitor);
    }
    fn clear(&self) {
        self.0.clear();
    }
}

impl BufferedWriter {
    pub fn over(raw: &Object, size: isize) -> PyResult<Owned<BufferedWriter>> {
        let stream = BufferedWriter::construct(BufferedWriter::type_object(), BufferedWriter(Buffered::new()))?;
        stream.tp_init(raw, size)?;
        Ok(stream)
    }
}

/// A buffer for a writeable sequential RawIO object.
///
/// The constructor creates a BufferedWriter for the given writeable raw
/// stream. If the buffer_size is not given, it defaults to
/// DEFAULT_BUFFER_SIZE.
#[pytype(static = BufferedWriter_Type, name = "BufferedWriter", module = "_io", base = super::base::_BufferedIOBase_Type,
    signature = "(raw, buffer_size=DEFAULT_BUFFER_SIZE)", flags = BASETYPE | INHERITS_NEW | HAVE_GC | IMMUTABLETYPE, native,
    dictoffset = DICT_OFFSET, weaklistoffset = WEAKREFS_OFFSET,
    methods = [Buffered::SHARED, Buffered::WRITABLE, Buffered::WRITING],
    members = [("raw", T_OBJECT, offset_of!(Buffered, raw), READONLY), ("_finalizing", T_BOOL, offset_of!(Buffered, finalizing), 0)])]
impl BufferedWriter {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<BufferedWriter>> {
        BufferedWriter::construct(cls, BufferedWriter(Buffered::new()))
    }
    #[slot("BufferedWriter(raw, buffer_size=131072)")]
    fn tp_init(&self, raw: &Object, buffer_size: isize) -> PyResult<()> {
        self.0.ok.set(false);
        self.0.detached.set(false);
        check_writable(raw)?;
        self.0.initialize(raw, buffer_size, false, true, self.is_exact::<BufferedWriter>())
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        self.0.repr()
    }
    #[getter]
    fn closed(&self) -> PyResult {
        self.0.raw_attribute(intern!("closed"))
    }
    #[getter]
    fn name(&self) -> PyResult {
        self.0.raw_attribute(intern!("name"))
    }
    #[getter]
    fn mode(&self) -> PyResult {
        self.0.raw_attribute(intern!("mode"))
    }
}

/// Raises what a pair's half raises that was never made.
#[cold]
pub fn uninitialized() -> errors::Raised {
    err!(ValueError, "I/O operation on uninitialized object")
}
