//! `_bz2`: bzip2 streams; the library is the crate bzip2.

use bzip2::{Action, Compression, Error, Status};
use macros::{Traverse, pymodule, pytype};
use runtime::macro_support::Buffer;
use runtime::types::{Bytes, Dict, Module, Tuple};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Raised, Type, err, errors, exceptions};
use std::cell::{Cell, RefCell};
use std::mem::offset_of;

const FIRST_BLOCK: usize = 32 * 1024;
const BLOCK: usize = 256 * 1024;

#[cold]
fn bz2_error(error: Error) -> Raised {
    match error {
        Error::Param => err!(ValueError, "Internal error - invalid parameters passed to libbzip2"),
        Error::Sequence => err!(RuntimeError, "Internal error - Invalid sequence of commands sent to libbzip2"),
        Error::Data | Error::DataMagic => {
            errors::raise(exceptions::OSError(), format_args!("Invalid data stream"))
        }
    }
}

/// Room at the end of `out` for the next step.
fn reserve(out: &mut Vec<u8>, limit: usize) -> PyResult<usize> {
    let room = out.len().clamp(FIRST_BLOCK, BLOCK).min(limit - out.len());
    out.try_reserve_exact(room).map_err(|_| errors::no_memory())?;
    Ok(room)
}

#[derive(Traverse)]
#[repr(C)]
pub struct Compressor {
    head: ObjectHead,
    #[traverse(skip)]
    stream: RefCell<bzip2::Compress>,
    flushed: Cell<bool>,
}

impl Compressor {
    fn run(&self, mut data: &[u8], finish: bool) -> PyResult<Owned<Bytes>> {
        let mut stream = self.stream.borrow_mut();
        let mut out = Vec::new();
        loop {
            let room = reserve(&mut out, usize::MAX)?;
            let start = out.len();
            out.resize(start + room, 0);
            let (in_before, out_before) = (stream.total_in(), stream.total_out());
            let action = if finish { Action::Finish } else { Action::Run };
            let status = stream.compress(data, &mut out[start..], action).map_err(bz2_error)?;
            data = &data[((stream.total_in() - in_before) as usize).min(data.len())..];
            out.truncate(start + (stream.total_out() - out_before) as usize);
            let is_done = if finish { status == Status::StreamEnd } else { data.is_empty() };
            if is_done {
                return Ok(Bytes::new(&out));
            }
        }
    }
}

/// Create a compressor object for compressing data incrementally.
///
///   compresslevel
///     Compression level, as a number between 1 and 9.
///
/// For one-shot compression, use the compress() function instead.
#[pytype(static = Compressor_Type, name = "BZ2Compressor", module = "_bz2", flags = IMMUTABLETYPE, native, final, signature = "(compresslevel=9, /)")]
impl Compressor {
    #[slot("BZ2Compressor(compresslevel=9, /)")]
    fn tp_new(cls: &Type, compresslevel: i32) -> PyResult<Owned<Compressor>> {
        if !(1..=9).contains(&compresslevel) {
            return Err(err!(ValueError, "compresslevel must be between 1 and 9"));
        }
        let stream = RefCell::new(bzip2::Compress::new(Compression::new(compresslevel as u32), 0));
        Self::construct(cls, Compressor { head: ObjectHead::placeholder(), stream, flushed: Cell::new(false) })
    }
    /// Provide data to the compressor object.
    ///
    /// The result is a chunk of compressed data if possible, or b'' otherwise.
    /// At the end, call flush().
    #[method("compress($self, data, /)")]
    fn compress(&self, data: Buffer) -> PyResult<Owned<Bytes>> {
        if self.flushed.get() {
            return Err(err!(ValueError, "Compressor has been flushed"));
        }
        if data.is_empty() {
            return Ok(Bytes::new(b""));
        }
        self.run(&data, false)
    }
    /// Finish the compression process.
    ///
    /// The result is the compressed data left in internal buffers.
    /// The compressor object may not be used after this method is called.
    #[method("flush($self, /)")]
    fn flush(&self) -> PyResult<Owned<Bytes>> {
        if self.flushed.replace(true) {
            return Err(err!(ValueError, "Repeated call to flush()"));
        }
        self.run(&[], true)
    }
    #[method("__reduce__($self, /)", nosig)]
    fn reduce(&self) -> PyResult {
        Err(err!(TypeError, "cannot pickle '{}' object", self.as_object().type_name()))
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct Decompressor {
    head: ObjectHead,
    unused_data: Cell<Option<Owned<Bytes>>>,
    eof: Cell<bool>,
    needs_input: Cell<bool>,
    failed: Cell<bool>,
    #[traverse(skip)]
    stream: RefCell<bzip2::Decompress>,
    /// Input that was not used because of `max_length`.
    #[traverse(skip)]
    pending: RefCell<Vec<u8>>,
}

/// Create a decompressor object for decompressing data incrementally.
///
/// For one-shot decompression, use the decompress() function instead.
#[pytype(static = Decompressor_Type, name = "BZ2Decompressor", module = "_bz2", flags = HAVE_GC | IMMUTABLETYPE, native, final, signature = "()",
    members = [("unused_data", T_OBJECT, offset_of!(Decompressor, unused_data), READONLY, "Data found after the end of the compressed stream."),
        ("eof", T_BOOL, offset_of!(Decompressor, eof), READONLY, "True if the end-of-stream marker has been reached."),
        ("needs_input", T_BOOL, offset_of!(Decompressor, needs_input), READONLY, "True if more input is needed before more decompressed data can be produced.")])]
impl Decompressor {
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<Owned<Decompressor>> {
        if !args.is_empty() {
            return Err(err!(TypeError, "BZ2Decompressor expected 0 arguments, got {}", args.len()));
        }
        if kwargs.is_some_and(|kwargs| !kwargs.is_empty()) {
            return Err(err!(TypeError, "BZ2Decompressor() takes no keyword arguments"));
        }
        let value = Decompressor {
            head: ObjectHead::placeholder(),
            unused_data: Cell::new(Some(Bytes::new(b""))),
            eof: Cell::new(false),
            needs_input: Cell::new(true),
            failed: Cell::new(false),
            stream: RefCell::new(bzip2::Decompress::new(false)),
            pending: RefCell::new(Vec::new()),
        };
        Self::construct(cls, value)
    }
    /// Decompress *data*, and give up to *max_length* bytes of the result.
    ///
    /// Without a limit (a negative max_length), all that can be decompressed is given.
    /// With one, needs_input says whether more data is needed to go on; until then,
    /// call with empty data.  Data behind the end of the stream is in unused_data.
    #[method("decompress($self, /, data, max_length=-1)")]
    fn decompress(&self, data: Buffer, max_length: isize) -> PyResult<Owned<Bytes>> {
        if self.eof.get() {
            return Err(err!(EOFError, "End of stream already reached"));
        }
        if self.failed.get() {
            return Err(err!(ValueError, "decompressor is unusable after a previous error"));
        }
        let limit = usize::try_from(max_length).unwrap_or(usize::MAX);
        let mut input = std::mem::take(&mut *self.pending.borrow_mut());
        input.extend_from_slice(&data);
        let mut stream = self.stream.borrow_mut();
        let mut out = Vec::new();
        let mut at = 0;
        loop {
            let room = reserve(&mut out, limit)?;
            let start = out.len();
            out.resize(start + room, 0);
            let (in_before, out_before) = (stream.total_in(), stream.total_out());
            let status = stream.decompress(&input[at..], &mut out[start..]).map_err(|error| {
                self.failed.set(true);
                self.needs_input.set(false);
                bz2_error(error)
            })?;
            at += (stream.total_in() - in_before) as usize;
            let made = (stream.total_out() - out_before) as usize;
            out.truncate(start + made);
            if status == Status::StreamEnd {
                self.eof.set(true);
                self.needs_input.set(false);
                if at < input.len() {
                    drop(self.unused_data.replace(Some(Bytes::new(&input[at..]))));
                }
                return Ok(Bytes::new(&out));
            }
            if out.len() >= limit || (made < room && at >= input.len()) {
                break;
            }
        }
        self.needs_input.set(at >= input.len());
        *self.pending.borrow_mut() = input[at..].to_vec();
        Ok(Bytes::new(&out))
    }
    #[method("__reduce__($self, /)", nosig)]
    fn reduce(&self) -> PyResult {
        Err(err!(TypeError, "cannot pickle '{}' object", self.as_object().type_name()))
    }
}

#[pymodule(name = "_bz2")]
#[types(Compressor_Type, Decompressor_Type)]
pub mod bz2 {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        let _: &Object = module.as_object();
        Ok(())
    }
}
