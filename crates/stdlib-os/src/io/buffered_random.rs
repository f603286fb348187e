//! `BufferedRandom`, a buffer for streams that seek, read and write; and `BufferedRWPair`, two streams as one.

use super::base::{DICT_OFFSET, StreamHead, WEAKREFS_OFFSET, check_readable, check_seekable, check_writable};
use super::buffered::Buffered;
use super::buffered_reader::BufferedReader;
use super::buffered_writer::{BufferedWriter, uninitialized};
use super::{both, get};
use macros::{Traverse, pytype};
use runtime::errors::PyResult;
use runtime::macro_support::{Args, Traverse, Visitor};
use runtime::object::{Object, Owned, PyTyped, Type};
use runtime::protocol::{call, object};
use runtime::types::{self, Dict, Str, Tuple};
use runtime::{err, intern};
use std::cell::Cell;
use std::mem::offset_of;

#[repr(transparent)]
pub struct BufferedRandom(pub Buffered);

impl Traverse for BufferedRandom {
    fn traverse(&self, visitor: &mut Visitor) {
        self.0.traverse(visitor);
    }
    fn clear(&self) {
        self.0.clear();
    }
}

impl BufferedRandom {
    pub fn over(raw: &Object, size: isize) -> PyResult<Owned<BufferedRandom>> {
        let stream = BufferedRandom::construct(BufferedRandom::type_object(), BufferedRandom(Buffered::new()))?;
        stream.tp_init(raw, size)?;
        Ok(stream)
    }
}

/// A buffered interface to random access streams.
///
/// The constructor creates a reader and writer for a seekable stream,
/// raw, given in the first argument. If the buffer_size is omitted it
/// defaults to DEFAULT_BUFFER_SIZE.
#[pytype(static = BufferedRandom_Type, name = "BufferedRandom", module = "_io", base = super::base::_BufferedIOBase_Type,
    signature = "(raw, buffer_size=DEFAULT_BUFFER_SIZE)", flags = BASETYPE | INHERITS_NEW | HAVE_GC | IMMUTABLETYPE, native,
    dictoffset = DICT_OFFSET, weaklistoffset = WEAKREFS_OFFSET,
    methods = [Buffered::SHARED, Buffered::READABLE, Buffered::WRITABLE, Buffered::READING, Buffered::WRITING],
    members = [("raw", T_OBJECT, offset_of!(Buffered, raw), READONLY), ("_finalizing", T_BOOL, offset_of!(Buffered, finalizing), 0)])]
impl BufferedRandom {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<BufferedRandom>> {
        BufferedRandom::construct(cls, BufferedRandom(Buffered::new()))
    }
    #[slot("BufferedRandom(raw, buffer_size=131072)")]
    fn tp_init(&self, raw: &Object, buffer_size: isize) -> PyResult<()> {
        self.0.ok.set(false);
        self.0.detached.set(false);
        check_seekable(raw)?;
        check_readable(raw)?;
        check_writable(raw)?;
        self.0.initialize(raw, buffer_size, true, true, self.is_exact::<BufferedRandom>())
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        self.0.repr()
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        self.0.next_line(self.is_exact::<BufferedRandom>())
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

#[derive(Traverse)]
#[repr(C)]
pub struct BufferedRWPair {
    stream: StreamHead,
    reader: Cell<Option<Owned<BufferedReader>>>,
    writer: Cell<Option<Owned<BufferedWriter>>>,
}

impl BufferedRWPair {
    fn reader(&self) -> PyResult {
        get(&self.reader).map(|r| r.into_object()).ok_or_else(uninitialized)
    }
    fn writer(&self) -> PyResult {
        get(&self.writer).map(|w| w.into_object()).ok_or_else(uninitialized)
    }
    fn read_by(&self, name: &Str, args: Args<'_>) -> PyResult {
        call::call_method(&*self.reader()?, name, args)
    }
}

/// A buffered reader and writer object together.
///
/// A buffered reader object and buffered writer object put together to
/// form a sequential IO object that can read and write. This is typically
/// used with a socket or two-way pipe.
///
/// reader and writer are RawIOBase objects that are readable and
/// writeable respectively. If the buffer_size is omitted it defaults to
/// DEFAULT_BUFFER_SIZE.
#[pytype(static = BufferedRWPair_Type, name = "BufferedRWPair", module = "_io", base = super::base::_BufferedIOBase_Type,
    signature = "(reader, writer, buffer_size=DEFAULT_BUFFER_SIZE, /)", flags = BASETYPE | INHERITS_NEW | HAVE_GC | IMMUTABLETYPE, native,
    dictoffset = DICT_OFFSET, weaklistoffset = WEAKREFS_OFFSET)]
impl BufferedRWPair {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<BufferedRWPair>> {
        BufferedRWPair::construct(cls, BufferedRWPair { stream: StreamHead::new(), reader: Cell::new(None), writer: Cell::new(None) })
    }
    #[slot("BufferedRWPair(reader, writer, buffer_size=131072, /)")]
    fn tp_init(&self, reader: &Object, writer: &Object, buffer_size: isize) -> PyResult<()> {
        check_readable(reader)?;
        check_writable(writer)?;
        let reader = BufferedReader::over(reader, buffer_size)?;
        let old = self.reader.replace(Some(reader));
        drop(old);
        match BufferedWriter::over(writer, buffer_size) {
            Ok(writer) => {
                let old = self.writer.replace(Some(writer));
                drop(old);
                Ok(())
            }
            Err(raised) => {
                let reader = self.reader.take();
                runtime::errors::preserve(|| drop(reader));
                Err(raised)
            }
        }
    }
    #[method("read($self, *args)", nosig)]
    fn read(&self, args: Args<'_>) -> PyResult {
        self.read_by(intern!("read"), args)
    }
    #[method("peek($self, *args)", nosig)]
    fn peek(&self, args: Args<'_>) -> PyResult {
        self.read_by(intern!("peek"), args)
    }
    #[method("read1($self, *args)", nosig)]
    fn read1(&self, args: Args<'_>) -> PyResult {
        self.read_by(intern!("read1"), args)
    }
    #[method("readinto($self, *args)", nosig)]
    fn readinto(&self, args: Args<'_>) -> PyResult {
        self.read_by(intern!("readinto"), args)
    }
    #[method("readinto1($self, *args)", nosig)]
    fn readinto1(&self, args: Args<'_>) -> PyResult {
        self.read_by(intern!("readinto1"), args)
    }
    #[method("write($self, *args)", nosig)]
    fn write(&self, args: Args<'_>) -> PyResult {
        call::call_method(&*self.writer()?, intern!("write"), args)
    }
    #[method("flush($self, /)")]
    fn flush(&self) -> PyResult {
        call::call_method0(&*self.writer()?, intern!("flush"))
    }
    #[method("readable($self, /)")]
    fn readable(&self) -> PyResult {
        call::call_method0(&*self.reader()?, intern!("readable"))
    }
    #[method("writable($self, /)")]
    fn writable(&self) -> PyResult {
        call::call_method0(&*self.writer()?, intern!("writable"))
    }
    #[method("close($self, /)")]
    fn close(&self) -> PyResult {
        let first = self.writer().and_then(|w| call::call_method0(&w, intern!("close")));
        both(first, || call::call_method0(&*self.reader()?, intern!("close")))
    }
    #[method("isatty($self, /)")]
    fn isatty(&self) -> PyResult {
        let answer = call::call_method0(&*self.writer()?, intern!("isatty"))?;
        if !answer.is(types::false_()) {
            return Ok(answer);
        }
        call::call_method0(&*self.reader()?, intern!("isatty"))
    }
    #[getter]
    fn closed(&self) -> PyResult {
        match get(&self.writer) {
            Some(writer) => object::get_attr(writer.object(), intern!("closed")),
            None => Err(err!(RuntimeError, "the BufferedRWPair object is being garbage-collected")),
        }
    }
}
