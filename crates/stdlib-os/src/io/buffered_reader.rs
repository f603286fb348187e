//! Reading through a buffer, and `BufferedReader`.

use super::base::{DICT_OFFSET, WEAKREFS_OFFSET, check_readable};
use super::buffered::{Buffered, Transfer, expect_bytes};
use super::file_io::writable_argument;
use super::base::size_or_all;
use macros::{pymethods, pytype};
use runtime::errors::PyResult;
use runtime::macro_support::{NoneOr, Traverse, Visitor};
use runtime::object::{Object, Owned, PyTyped, Type};
use runtime::protocol::{call, object};
use runtime::types::{self, Bytes, Dict, Str, Tuple};
use runtime::{err, intern};
use std::mem::offset_of;

fn none() -> Owned {
    types::none().to_owned()
}


impl Buffered {
    /// Takes bytes from the buffer that are known to be there.
    #[inline]
    fn take_ahead(&self, count: usize) -> Owned<Bytes> {
        let bytes = Bytes::new(&self.readahead()[..count]);
        self.advance(count);
        bytes
    }
    /// One raw read behind what is in the buffer. The lock is held.
    fn fill(&self) -> PyResult<Transfer> {
        let start = if self.valid_read() { self.read_end.get() as usize } else { 0 };
        let room = &mut self.memory_mut()[start..];
        let result = self.raw_read(room.as_mut_ptr(), room.len())?;
        if let Transfer::Done(count) = result
            && count > 0
        {
            self.read_end.set((start + count) as isize);
            self.raw_pos.set((start + count) as isize);
        }
        Ok(result)
    }
    /// Empties the buffer, having written out what it holds. The lock is held.
    fn start_reading(&self) -> PyResult<()> {
        if self.writable.get() {
            self.flush_and_rewind()?;
        }
        self.reset_read();
        Ok(())
    }
    fn read_everything(&self) -> PyResult {
        let _entered = self.enter()?;
        let before = self.readahead().to_vec();
        self.advance(before.len());
        self.start_reading()?;
        let raw = self.raw()?;
        if let Some(readall) = object::get_attr_opt(&raw, intern!("readall"))? {
            let rest = call::call0(&readall)?;
            if before.is_empty() && (rest.is_none() || rest.is_instance_of::<Bytes>()) {
                return Ok(rest);
            }
            if rest.is_none() {
                return Ok(Bytes::new(&before).into_object());
            }
            let mut all = before;
            all.extend_from_slice(expect_bytes(&rest, "readall() should return bytes")?.as_slice());
            return Ok(Bytes::new(&all).into_object());
        }
        let mut all = before;
        loop {
            let data = call::call_method0(&raw, intern!("read"))?;
            if !data.is_none() && !data.is_instance_of::<Bytes>() {
                return Err(err!(TypeError, "read() should return bytes"));
            }
            match data.downcast::<Bytes>().filter(|b| b.len() > 0) {
                None if all.is_empty() => return Ok(data),
                None => return Ok(Bytes::new(&all).into_object()),
                Some(bytes) => {
                    all.extend_from_slice(bytes.as_slice());
                    if self.abs_pos.get() != -1 {
                        self.abs_pos.set(self.abs_pos.get() + bytes.len() as i64);
                    }
                }
            }
        }
    }
    fn read_count(&self, count: usize) -> PyResult {
        if count <= self.ahead() {
            return Ok(self.take_ahead(count).into_object());
        }
        let _entered = self.enter()?;
        let ahead = self.ahead();
        if count <= ahead {
            return Ok(self.take_ahead(count).into_object());
        }
        let bytes = Bytes::with_len(count)?;
        // SAFETY: a fresh object that nobody else sees; its memory is written before it is given out.
        let data = unsafe { std::slice::from_raw_parts_mut(bytes.data(), count) };
        data[..ahead].copy_from_slice(self.readahead());
        self.advance(ahead);
        let mut done = ahead;
        self.start_reading()?;
        // Whole blocks go straight into the result.
        let size = self.size.get();
        while count - done >= size {
            let whole = (count - done) / size * size;
            match self.raw_read(data[done..].as_mut_ptr(), whole)? {
                Transfer::Done(n) if n > 0 => done += n,
                stopped => return finish(bytes, done, matches!(stopped, Transfer::Done(_))),
            }
        }
        self.pos.set(0);
        self.raw_pos.set(0);
        self.read_end.set(0);
        while done < count && (self.read_end.get() as usize) < size {
            match self.fill()? {
                Transfer::Done(n) if n > 0 => {
                    let wanted = n.min(count - done);
                    data[done..done + wanted].copy_from_slice(&self.readahead()[..wanted]);
                    done += wanted;
                    self.advance(wanted);
                }
                stopped => return finish(bytes, done, matches!(stopped, Transfer::Done(_))),
            }
        }
        finish(bytes, done, true)
    }
    /// `read1`, for other streams of this module.
    pub fn read_once(&self, count: isize) -> PyResult<Owned<Bytes>> {
        self.check_initialized()?;
        let count = if count < 0 { self.size.get() } else { count as usize };
        self.check_closed("read of closed file")?;
        if count == 0 {
            return Ok(Bytes::new(&[]));
        }
        let ahead = self.ahead();
        if ahead > 0 {
            return Ok(self.take_ahead(ahead.min(count)));
        }
        let _entered = self.enter()?;
        let ahead = self.ahead();
        if ahead > 0 {
            return Ok(self.take_ahead(ahead.min(count)));
        }
        self.start_reading()?;
        let bytes = Bytes::with_len(count)?;
        let got = match self.raw_read(bytes.data(), count)? {
            Transfer::Done(n) => n,
            Transfer::WouldBlock => 0,
        };
        Bytes::truncated(bytes, got)
    }
    fn read_into(&self, target: &Object, once: bool) -> PyResult<Option<usize>> {
        let mut target = writable_argument(target, if once { "readinto1" } else { "readinto" }, 0)?;
        self.check_initialized()?;
        self.check_closed("readinto of closed file")?;
        let size = target.len();
        let mut done = self.ahead().min(size);
        target[..done].copy_from_slice(&self.readahead()[..done]);
        self.advance(done);
        if done == size {
            return Ok(Some(size));
        }
        let _entered = self.enter()?;
        self.start_reading()?;
        self.pos.set(0);
        while done < size {
            let left = size - done;
            let result = if left > self.size.get() {
                self.raw_read(target[done..].as_mut_ptr(), left)?
            } else if !(once && done > 0) {
                let result = self.fill()?;
                if let Transfer::Done(n) = result
                    && n > 0
                {
                    let n = n.min(left);
                    target[done..done + n].copy_from_slice(&self.readahead()[..n]);
                    self.advance(n);
                    done += n;
                    if once {
                        break;
                    }
                    continue;
                }
                result
            } else {
                Transfer::Done(0)
            };
            match result {
                Transfer::Done(0) => break,
                Transfer::Done(n) => {
                    done += n;
                    if once {
                        break;
                    }
                }
                Transfer::WouldBlock if done > 0 => break,
                Transfer::WouldBlock => return Ok(None),
            }
        }
        Ok(Some(done))
    }
    /// `readline`.
    pub fn read_line(&self, limit: isize) -> PyResult<Owned<Bytes>> {
        self.check_closed("readline of closed file")?;
        let limit = if limit < 0 { usize::MAX } else { limit as usize };
        let seen = self.readahead();
        let seen = &seen[..seen.len().min(limit)];
        if let Some(at) = memchr::memchr(b'\n', seen) {
            return Ok(self.take_ahead(at + 1));
        }
        if seen.len() == limit {
            return Ok(self.take_ahead(limit));
        }
        let _entered = self.enter()?;
        let mut line = self.readahead().to_vec();
        line.truncate(limit);
        self.advance(line.len());
        self.start_reading()?;
        loop {
            self.reset_read();
            if let Transfer::WouldBlock | Transfer::Done(0) = self.fill()? {
                break;
            }
            self.pos.set(0);
            let seen = self.readahead();
            let seen = &seen[..seen.len().min(limit - line.len())];
            let (count, ended) = match memchr::memchr(b'\n', seen) {
                Some(at) => (at + 1, true),
                None => (seen.len(), line.len() + seen.len() == limit),
            };
            runtime::memory::reserve::extend(&mut line, &seen[..count]);
            self.advance(count);
            if ended {
                break;
            }
        }
        Ok(Bytes::new(&line))
    }
    /// The next line of an iteration.
    pub fn next_line(&self, exact: bool) -> PyResult<Option<Owned>> {
        self.check_initialized()?;
        if exact {
            let line = self.read_line(-1)?;
            return Ok(if line.len() == 0 { None } else { Some(line.into_object()) });
        }
        let line = call::call_method0(self.object(), intern!("readline"))?;
        let Some(bytes) = line.downcast::<Bytes>() else {
            return Err(err!(OSError, "readline() should have returned a bytes object, not '{}'", line.type_name()));
        };
        Ok(if bytes.len() == 0 { None } else { Some(line) })
    }
}

/// What a read gives that stopped early: nothing is None only if the stream would block.
fn finish(bytes: Owned<Bytes>, done: usize, at_end: bool) -> PyResult {
    if done == 0 && !at_end { Ok(none()) } else { Bytes::truncated(bytes, done).map(Owned::into_object) }
}

#[pymethods(READING)]
impl Buffered {
    #[method("read($self, size=-1, /)")]
    fn read(&self, size: Option<NoneOr<isize>>) -> PyResult {
        self.check_initialized()?;
        let size = size_or_all(size);
        if size < -1 {
            return Err(err!(ValueError, "read length must be non-negative or -1"));
        }
        self.check_closed("read of closed file")?;
        if size == -1 { self.read_everything() } else { self.read_count(size as usize) }
    }
    #[method("peek($self, size=0, /)")]
    fn peek(&self, _size: isize) -> PyResult<Owned<Bytes>> {
        self.check_initialized()?;
        self.check_closed("peek of closed file")?;
        let _entered = self.enter()?;
        if self.writable.get() {
            self.flush_and_rewind()?;
        }
        if self.ahead() == 0 {
            self.reset_read();
            if let Transfer::Done(_) = self.fill()? {
                self.pos.set(0);
            }
        }
        Ok(Bytes::new(self.readahead()))
    }
    #[method("read1($self, size=-1, /)")]
    fn read1(&self, size: isize) -> PyResult<Owned<Bytes>> {
        self.read_once(size)
    }
    #[method("readinto($self, buffer, /)")]
    fn readinto(&self, buffer: &Object) -> PyResult<Option<usize>> {
        self.read_into(buffer, false)
    }
    #[method("readinto1($self, buffer, /)")]
    fn readinto1(&self, buffer: &Object) -> PyResult<Option<usize>> {
        self.read_into(buffer, true)
    }
    #[method("readline($self, size=-1, /)")]
    fn readline(&self, size: Option<NoneOr<isize>>) -> PyResult<Owned<Bytes>> {
        self.check_initialized()?;
        self.read_line(size_or_all(size))
    }
}

#[repr(transparent)]
pub struct BufferedReader(pub Buffered);

impl Traverse for BufferedReader {
    fn traverse(&self, visitor: &mut Visitor) {
        self.0.traverse(visitor);
    }
    fn clear(&self) {
        self.0.clear();
    }
}

impl BufferedReader {
    pub fn over(raw: &Object, size: isize) -> PyResult<Owned<BufferedReader>> {
        let stream = BufferedReader::construct(BufferedReader::type_object(), BufferedReader(Buffered::new()))?;
        stream.tp_init(raw, size)?;
        Ok(stream)
    }
}

/// Create a new buffered reader using the given readable raw IO object.
#[pytype(static = BufferedReader_Type, name = "BufferedReader", module = "_io", base = super::base::_BufferedIOBase_Type,
    signature = "(raw, buffer_size=DEFAULT_BUFFER_SIZE)", flags = BASETYPE | INHERITS_NEW | HAVE_GC | IMMUTABLETYPE, native,
    dictoffset = DICT_OFFSET, weaklistoffset = WEAKREFS_OFFSET,
    methods = [Buffered::SHARED, Buffered::READABLE, Buffered::READER_FLUSH, Buffered::READING],
    members = [("raw", T_OBJECT, offset_of!(Buffered, raw), READONLY), ("_finalizing", T_BOOL, offset_of!(Buffered, finalizing), 0)])]
impl BufferedReader {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<BufferedReader>> {
        BufferedReader::construct(cls, BufferedReader(Buffered::new()))
    }
    #[slot("BufferedReader(raw, buffer_size=131072)")]
    fn tp_init(&self, raw: &Object, buffer_size: isize) -> PyResult<()> {
        self.0.ok.set(false);
        self.0.detached.set(false);
        check_readable(raw)?;
        self.0.initialize(raw, buffer_size, true, false, self.is_exact::<BufferedReader>())
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        self.0.repr()
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        self.0.next_line(self.is_exact::<BufferedReader>())
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
