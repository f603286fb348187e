//! `zlib`: deflate streams. The library is the crate zlib-rs; `stream.rs` wraps its C interface.

mod stream;

use libz_rs_sys as z;
use macros::{Traverse, pymodule, pytype};
use runtime::exceptions::{self, ModuleException};
use runtime::macro_support::Buffer;
use runtime::protocol::number;
use runtime::types::{Bytes, Module, Str};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Raised, Type, err, errors};
use std::cell::{Cell, RefCell};
use std::mem::offset_of;
use stream::Stream;

pub static ERROR: ModuleException = ModuleException::new("zlib", "error", || Ok(exceptions::Exception()), None);

const DEF_BUF_SIZE: usize = 16 * 1024;
const MAX_WBITS: i32 = 15;
/// The most room that one step is given.
const BLOCK: usize = 256 * 1024;

#[cold]
fn zlib_error(stream: Option<&Stream>, status: i32, doing: &str) -> Raised {
    let words = match (status, stream.and_then(Stream::message)) {
        (z::Z_VERSION_ERROR, _) => Some("library version mismatch".to_string()),
        (_, Some(message)) => Some(message),
        (z::Z_BUF_ERROR, _) => Some("incomplete or truncated stream".into()),
        (z::Z_STREAM_ERROR, _) => Some("inconsistent stream state".into()),
        (z::Z_DATA_ERROR, _) => Some("invalid input data".into()),
        _ => None,
    };
    match words {
        Some(words) => ERROR.raise(format_args!("Error {status} {doing}: {words}")),
        None => ERROR.raise(format_args!("Error {status} {doing}")),
    }
}

#[cold]
fn invalid_option(status: i32, doing: &str) -> Raised {
    match status {
        z::Z_STREAM_ERROR => err!(ValueError, "Invalid initialization option"),
        z::Z_MEM_ERROR => errors::no_memory(),
        _ => zlib_error(None, status, doing),
    }
}

fn no_memory(_: std::collections::TryReserveError) -> Raised {
    errors::no_memory()
}

/// Room for the next step: what was made so far again, within bounds.
fn next_room(out: &[u8], limit: usize) -> usize {
    out.len().clamp(DEF_BUF_SIZE, BLOCK).min(limit - out.len())
}

/// Feeds all input through a compressor.
fn deflate_all(stream: &mut Stream, input: &[u8], flush: i32, doing: &str) -> PyResult<Vec<u8>> {
    let mut out = Vec::new();
    let mut rest = input;
    loop {
        let chunk = rest.len().min(u32::MAX as usize);
        let mode = if chunk == rest.len() { flush } else { z::Z_NO_FLUSH };
        let room = next_room(&out, usize::MAX);
        let before = out.len();
        let step = stream.step(&rest[..chunk], &mut out, room, mode).map_err(no_memory)?;
        if step.status == z::Z_STREAM_ERROR {
            return Err(zlib_error(Some(stream), step.status, doing));
        }
        rest = &rest[step.consumed..];
        // Room left means that there is no more to come.
        if out.len() - before < room && rest.is_empty() {
            if flush == z::Z_FINISH && step.status != z::Z_STREAM_END {
                return Err(zlib_error(Some(stream), step.status, doing));
            }
            return Ok(out);
        }
        if step.status == z::Z_STREAM_END {
            return Ok(out);
        }
    }
}

/// What a decompression step came to.
struct Inflated {
    out: Vec<u8>,
    consumed: usize,
    status: i32,
}

fn set_dictionary(stream: &mut Stream, dictionary: &[u8]) -> PyResult<()> {
    match stream.set_dictionary(dictionary) {
        z::Z_OK => Ok(()),
        status => Err(zlib_error(Some(stream), status, "while setting zdict")),
    }
}

/// Decompresses until the input or the stream ends, or the output has `limit` bytes.
fn inflate_some(stream: &mut Stream, input: &[u8], dictionary: Option<&[u8]>, limit: usize, flush: i32) -> PyResult<Inflated> {
    let mut made = Inflated { out: Vec::new(), consumed: 0, status: z::Z_OK };
    loop {
        let room = next_room(&made.out, limit);
        let rest = &input[made.consumed..];
        let chunk = rest.len().min(u32::MAX as usize);
        let before = made.out.len();
        let step = stream.step(&rest[..chunk], &mut made.out, room, flush).map_err(no_memory)?;
        made.consumed += step.consumed;
        made.status = step.status;
        match (step.status, dictionary) {
            (z::Z_NEED_DICT, Some(dictionary)) => {
                set_dictionary(stream, dictionary)?;
                continue;
            }
            (z::Z_OK | z::Z_BUF_ERROR, _) => {}
            _ => return Ok(made),
        }
        let full = made.out.len() - before == room;
        if made.out.len() >= limit || (!full && made.consumed == input.len()) || (step.status == z::Z_BUF_ERROR && !full) {
            return Ok(made);
        }
    }
}

fn is_failure(status: i32) -> bool {
    !matches!(status, z::Z_OK | z::Z_STREAM_END | z::Z_BUF_ERROR)
}

// ---- compression objects ----

#[derive(Traverse)]
#[repr(C)]
pub struct Compress {
    head: ObjectHead,
    #[traverse(skip)]
    stream: RefCell<Stream>,
}

impl Compress {
    fn make(stream: Stream) -> PyResult<Owned<Compress>> {
        Self::construct(Self::type_object(), Compress { head: ObjectHead::placeholder(), stream: RefCell::new(stream) })
    }
}

#[pytype(static = Compress_Type, name = "Compress", module = "zlib", flags = DISALLOW_INSTANTIATION | IMMUTABLETYPE, native, final)]
impl Compress {
    /// The compressed data that is ready after some more of the input.
    ///
    /// Keep a call of flush() for the end: it gives what is left.
    #[method("compress($self, data, /)")]
    fn compress(&self, data: Buffer) -> PyResult<Owned<Bytes>> {
        Ok(Bytes::new(&deflate_all(&mut self.stream.borrow_mut(), &data, z::Z_NO_FLUSH, "while compressing data")?))
    }
    /// The compressed data that is still held back.
    ///
    ///   mode
    ///     One of the constants Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_FINISH.
    ///     After Z_FINISH, the object is of no more use.
    #[method("flush($self, mode=zlib.Z_FINISH, /)")]
    fn flush(&self, mode: Option<i32>) -> PyResult<Owned<Bytes>> {
        let mode = mode.unwrap_or(z::Z_FINISH);
        if mode == z::Z_NO_FLUSH {
            return Ok(Bytes::new(b""));
        }
        let mut stream = self.stream.borrow_mut();
        let out = deflate_all(&mut stream, &[], mode, "while flushing")?;
        if mode == z::Z_FINISH {
            stream.end();
        }
        Ok(Bytes::new(&out))
    }
    /// Return a copy of the compression object.
    #[method("copy($self, /)")]
    #[method("__copy__($self, /)")]
    fn copy(&self) -> PyResult<Owned<Compress>> {
        match self.stream.borrow_mut().try_clone() {
            Ok(stream) => Self::make(stream),
            Err(z::Z_STREAM_ERROR) => Err(err!(ValueError, "Inconsistent stream state")),
            Err(status) => Err(invalid_option(status, "while copying compression object")),
        }
    }
    /// Return a copy of the compression object.
    #[method("__deepcopy__($self, memo, /)")]
    fn deepcopy(&self, _memo: &Object) -> PyResult<Owned<Compress>> {
        self.copy()
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct Decompress {
    head: ObjectHead,
    unused_data: Cell<Option<Owned<Bytes>>>,
    unconsumed_tail: Cell<Option<Owned<Bytes>>>,
    eof: Cell<bool>,
    dictionary: Option<Owned>,
    #[traverse(skip)]
    stream: RefCell<Stream>,
}

fn get(cell: &Cell<Option<Owned<Bytes>>>) -> Owned<Bytes> {
    let value = cell.take().unwrap_or_else(|| Bytes::new(b""));
    cell.set(Some(value.clone()));
    value
}

fn dictionary_buffer(dictionary: &Option<Owned>) -> PyResult<Option<Buffer>> {
    dictionary.as_ref().map(|dictionary| Buffer::new(dictionary)).transpose()
}

impl Decompress {
    fn make(stream: Stream, dictionary: Option<Owned>) -> PyResult<Owned<Decompress>> {
        let empty = || Cell::new(Some(Bytes::new(b"")));
        let value = Decompress {
            head: ObjectHead::placeholder(),
            unused_data: empty(),
            unconsumed_tail: empty(),
            eof: Cell::new(false),
            dictionary,
            stream: RefCell::new(stream),
        };
        Self::construct(Self::type_object(), value)
    }
    /// Sorts out what was not consumed of `input`.
    fn save_rest(&self, rest: &[u8], status: i32) {
        if status == z::Z_STREAM_END {
            if !rest.is_empty() {
                let mut unused = get(&self.unused_data).as_slice().to_vec();
                unused.extend_from_slice(rest);
                drop(self.unused_data.replace(Some(Bytes::new(&unused))));
            }
            drop(self.unconsumed_tail.replace(Some(Bytes::new(b""))));
            return;
        }
        drop(self.unconsumed_tail.replace(Some(Bytes::new(rest))));
    }
}

#[pytype(static = Decompress_Type, name = "Decompress", module = "zlib", flags = HAVE_GC | DISALLOW_INSTANTIATION | IMMUTABLETYPE, native, final,
    members = [("unused_data", T_OBJECT, offset_of!(Decompress, unused_data), READONLY),
        ("unconsumed_tail", T_OBJECT, offset_of!(Decompress, unconsumed_tail), READONLY),
        ("eof", T_BOOL, offset_of!(Decompress, eof), READONLY)])]
impl Decompress {
    /// The decompressed data that is ready after some more of the input.
    ///
    ///   max_length
    ///     The most bytes to give at once; input that was not needed for them is
    ///     in the attribute unconsumed_tail. Zero is no limit.
    #[method("decompress($self, data, /, max_length=0)")]
    fn decompress(&self, data: Buffer, max_length: isize) -> PyResult<Owned<Bytes>> {
        let limit = match max_length {
            0 => usize::MAX,
            length => usize::try_from(length).map_err(|_| err!(ValueError, "max_length must be non-negative"))?,
        };
        let dictionary = dictionary_buffer(&self.dictionary)?;
        let mut stream = self.stream.borrow_mut();
        let made = inflate_some(&mut stream, &data, dictionary.as_deref(), limit, z::Z_SYNC_FLUSH)?;
        self.save_rest(&data[made.consumed..], made.status);
        if made.status == z::Z_STREAM_END {
            self.eof.set(true);
        } else if is_failure(made.status) {
            return Err(zlib_error(Some(&stream), made.status, "while decompressing data"));
        }
        Ok(Bytes::new(&made.out))
    }
    /// The decompressed data that is still held back.
    ///
    ///   length
    ///     How much output to expect at first.
    #[method("flush($self, length=zlib.DEF_BUF_SIZE, /)")]
    fn flush(&self, length: Option<isize>) -> PyResult<Owned<Bytes>> {
        if length.is_some_and(|length| length <= 0) {
            return Err(err!(ValueError, "length must be greater than zero"));
        }
        let tail = get(&self.unconsumed_tail);
        let dictionary = dictionary_buffer(&self.dictionary)?;
        let mut stream = self.stream.borrow_mut();
        if !stream.is_live() {
            return Ok(Bytes::new(b""));
        }
        let made = inflate_some(&mut stream, tail.as_slice(), dictionary.as_deref(), usize::MAX, z::Z_FINISH)?;
        self.save_rest(&tail.as_slice()[made.consumed..], made.status);
        if is_failure(made.status) {
            return Err(zlib_error(Some(&stream), made.status, "while flushing"));
        }
        if made.status == z::Z_STREAM_END {
            self.eof.set(true);
            stream.end();
        }
        Ok(Bytes::new(&made.out))
    }
    /// Return a copy of the decompression object.
    #[method("copy($self, /)")]
    #[method("__copy__($self, /)")]
    fn copy(&self) -> PyResult<Owned<Decompress>> {
        let stream = match self.stream.borrow_mut().try_clone() {
            Ok(stream) => stream,
            Err(z::Z_STREAM_ERROR) => return Err(err!(ValueError, "Inconsistent stream state")),
            Err(status) => return Err(invalid_option(status, "while copying decompression object")),
        };
        let copy = Self::make(stream, self.dictionary.clone())?;
        copy.unused_data.set(Some(get(&self.unused_data)));
        copy.unconsumed_tail.set(Some(get(&self.unconsumed_tail)));
        copy.eof.set(self.eof.get());
        Ok(copy)
    }
    /// Return a copy of the decompression object.
    #[method("__deepcopy__($self, memo, /)")]
    fn deepcopy(&self, _memo: &Object) -> PyResult<Owned<Decompress>> {
        self.copy()
    }
}

// ---- _ZlibDecompressor ----

#[derive(Traverse)]
#[repr(C)]
pub struct Decompressor {
    head: ObjectHead,
    unused_data: Cell<Option<Owned<Bytes>>>,
    eof: Cell<bool>,
    needs_input: Cell<bool>,
    #[traverse(skip)]
    dictionary: Vec<u8>,
    #[traverse(skip)]
    stream: RefCell<Stream>,
    /// Input that was not used because of `max_length`.
    #[traverse(skip)]
    pending: RefCell<Vec<u8>>,
}

/// Create a decompressor object for decompressing data incrementally.
///
///   wbits = 15
///   zdict
///      The predefined dictionary that the compressor used.
#[pytype(static = Decompressor_Type, name = "_ZlibDecompressor", module = "zlib", flags = HAVE_GC | IMMUTABLETYPE, native, final,
    members = [("unused_data", T_OBJECT, offset_of!(Decompressor, unused_data), READONLY, "Data found after the end of the compressed stream."),
        ("eof", T_BOOL, offset_of!(Decompressor, eof), READONLY, "True if the end-of-stream marker has been reached."),
        ("needs_input", T_BOOL, offset_of!(Decompressor, needs_input), READONLY, "True if more input is needed before more decompressed data can be produced.")])]
impl Decompressor {
    #[slot("_ZlibDecompressor(wbits=15, zdict=b'')")]
    fn tp_new(cls: &Type, wbits: Option<i32>, zdict: Option<Buffer>) -> PyResult<Owned<Decompressor>> {
        let wbits = wbits.unwrap_or(MAX_WBITS);
        let mut stream = Stream::inflate(wbits).map_err(|status| invalid_option(status, "while creating decompression object"))?;
        let dictionary = zdict.map(|zdict| zdict.to_vec()).unwrap_or_default();
        if wbits < 0 && !dictionary.is_empty() {
            set_dictionary(&mut stream, &dictionary)?;
        }
        let value = Decompressor {
            head: ObjectHead::placeholder(),
            unused_data: Cell::new(Some(Bytes::new(b""))),
            eof: Cell::new(false),
            needs_input: Cell::new(true),
            dictionary,
            stream: RefCell::new(stream),
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
        let limit = usize::try_from(max_length).unwrap_or(usize::MAX);
        let mut input = std::mem::take(&mut *self.pending.borrow_mut());
        input.extend_from_slice(&data);
        let dictionary = (!self.dictionary.is_empty()).then_some(self.dictionary.as_slice());
        let mut stream = self.stream.borrow_mut();
        let made = inflate_some(&mut stream, &input, dictionary, limit, z::Z_SYNC_FLUSH)?;
        if is_failure(made.status) {
            return Err(zlib_error(Some(&stream), made.status, "while decompressing data"));
        }
        let rest = &input[made.consumed..];
        if made.status == z::Z_STREAM_END {
            self.eof.set(true);
            self.needs_input.set(false);
            if !rest.is_empty() {
                drop(self.unused_data.replace(Some(Bytes::new(rest))));
            }
        } else {
            // A full output may have more behind it, in the library too.
            self.needs_input.set(rest.is_empty() && made.out.len() < limit);
            *self.pending.borrow_mut() = rest.to_vec();
        }
        Ok(Bytes::new(&made.out))
    }
}

/// The low 32 bits of an int argument.
fn low_bits(value: Option<&Object>, default: u32) -> PyResult<u32> {
    match value {
        None => Ok(default),
        Some(value) => Ok(number::index(value)?.as_u64_mask() as u32),
    }
}

/// The functions in this module compress and decompress with the zlib format,
/// which is based on GNU zip.
///
/// adler32(string[, start]) -- Compute an Adler-32 checksum.
/// compress(data[, level]) -- Compress data, with compression level 0-9 or -1.
/// compressobj([level[, ...]]) -- Return a compressor object.
/// crc32(string[, start]) -- Compute a CRC-32 checksum.
/// decompress(string,[wbits],[bufsize]) -- Decompresses a compressed string.
/// decompressobj([wbits[, zdict]]) -- Return a decompressor object.
///
/// 'wbits' is window buffer size and container format.
/// Compressor objects support compress() and flush() methods; decompressor
/// objects support decompress() and flush().
#[pymodule(name = "zlib")]
pub mod zlib {
    use super::*;

    #[constant]
    const MAX_WBITS: i64 = 15;
    #[constant]
    const DEFLATED: i64 = 8;
    #[constant]
    const DEF_MEM_LEVEL: i64 = 8;
    #[constant]
    const DEF_BUF_SIZE: i64 = 16 * 1024;
    #[constant]
    const Z_BEST_COMPRESSION: i64 = 9;
    #[constant]
    const Z_BEST_SPEED: i64 = 1;
    #[constant]
    const Z_BLOCK: i64 = 5;
    #[constant]
    const Z_DEFAULT_COMPRESSION: i64 = -1;
    #[constant]
    const Z_DEFAULT_STRATEGY: i64 = 0;
    #[constant]
    const Z_FILTERED: i64 = 1;
    #[constant]
    const Z_FINISH: i64 = 4;
    #[constant]
    const Z_FIXED: i64 = 4;
    #[constant]
    const Z_FULL_FLUSH: i64 = 3;
    #[constant]
    const Z_HUFFMAN_ONLY: i64 = 2;
    #[constant]
    const Z_NO_COMPRESSION: i64 = 0;
    #[constant]
    const Z_NO_FLUSH: i64 = 0;
    #[constant]
    const Z_PARTIAL_FLUSH: i64 = 1;
    #[constant]
    const Z_RLE: i64 = 3;
    #[constant]
    const Z_SYNC_FLUSH: i64 = 2;
    #[constant]
    const Z_TREES: i64 = 6;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        for ty in [&Compress_Type, &Decompress_Type, &Decompressor_Type] {
            runtime::types::type_ready(ty)?;
        }
        module.add("_ZlibDecompressor", &Decompressor_Type)?;
        module.add("error", ERROR.ty()?)?;
        module.add("ZLIB_VERSION", Str::new("1.3.1").object())?;
        module.add("ZLIB_RUNTIME_VERSION", Str::new("1.3.1").object())?;
        module.add("__version__", Str::new("1.0").object())
    }

    /// The data, compressed.
    ///
    ///   data
    ///     Binary data to be compressed.
    ///   level
    ///     Compression level, in 0-9 or -1.
    ///   wbits
    ///     The window buffer size and container format.
    #[function("compress($module, data, /, level=Z_DEFAULT_COMPRESSION, wbits=MAX_WBITS)")]
    fn compress(data: Buffer, level: Option<i32>, wbits: Option<i32>) -> PyResult<Owned<Bytes>> {
        let stream = Stream::deflate(level.unwrap_or(-1), 8, wbits.unwrap_or(super::MAX_WBITS), 8, 0);
        let mut stream = stream.map_err(|status| match status {
            z::Z_STREAM_ERROR => ERROR.raise(format_args!("Bad compression level")),
            z::Z_MEM_ERROR => errors::no_memory(),
            status => zlib_error(None, status, "while compressing data"),
        })?;
        Ok(Bytes::new(&deflate_all(&mut stream, &data, z::Z_FINISH, "while compressing data")?))
    }

    /// The data, decompressed.
    ///
    ///   data
    ///     Compressed data.
    ///   wbits
    ///     The window buffer size and container format.
    ///   bufsize
    ///     The initial output buffer size.
    #[function("decompress($module, data, /, wbits=MAX_WBITS, bufsize=DEF_BUF_SIZE)")]
    fn decompress(data: Buffer, wbits: Option<i32>, bufsize: Option<isize>) -> PyResult<Owned<Bytes>> {
        if bufsize.is_some_and(|size| size < 0) {
            return Err(err!(ValueError, "bufsize must be non-negative"));
        }
        let stream = Stream::inflate(wbits.unwrap_or(super::MAX_WBITS));
        let mut stream = stream.map_err(|status| zlib_error(None, status, "while preparing to decompress data"))?;
        let made = inflate_some(&mut stream, &data, None, usize::MAX, z::Z_SYNC_FLUSH)?;
        match made.status {
            z::Z_STREAM_END => Ok(Bytes::new(&made.out)),
            z::Z_OK => Err(zlib_error(None, z::Z_BUF_ERROR, "while decompressing data")),
            status => Err(zlib_error(Some(&stream), status, "while decompressing data")),
        }
    }

    /// Return a compressor object.
    ///
    ///   level
    ///     The compression level (an integer in the range 0-9 or -1; default is
    ///     currently equivalent to 6).  Higher compression levels are slower,
    ///     but produce smaller results.
    ///   method
    ///     The compression algorithm.  If given, this must be DEFLATED.
    ///   wbits
    ///     The window size and the container: 9 to 15 zlib, 25 to 31 gzip,
    ///     negative for raw streams.
    ///   memLevel
    ///     How much memory the compression may use, 1 to 9.
    ///   strategy
    ///     One of Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE and Z_FIXED.
    ///   zdict
    ///     The predefined compression dictionary - a sequence of bytes
    ///     containing subsequences that are likely to occur in the input data.
    #[function("compressobj($module, /, level=Z_DEFAULT_COMPRESSION, method=DEFLATED,\n            wbits=MAX_WBITS, memLevel=DEF_MEM_LEVEL,\n            strategy=Z_DEFAULT_STRATEGY, zdict=<unrepresentable>)")]
    #[allow(non_snake_case)]
    fn compressobj(
        level: Option<i32>,
        method: Option<i32>,
        wbits: Option<i32>,
        memLevel: Option<i32>,
        strategy: Option<i32>,
        zdict: Option<Buffer>,
    ) -> PyResult<Owned<Compress>> {
        let stream =
            Stream::deflate(level.unwrap_or(-1), method.unwrap_or(8), wbits.unwrap_or(super::MAX_WBITS), memLevel.unwrap_or(8), strategy.unwrap_or(0));
        let mut stream = stream.map_err(|status| invalid_option(status, "while creating compression object"))?;
        if let Some(zdict) = zdict {
            match stream.set_dictionary(&zdict) {
                z::Z_OK => {}
                z::Z_STREAM_ERROR => return Err(err!(ValueError, "Invalid dictionary")),
                _ => return Err(err!(ValueError, "deflateSetDictionary()")),
            }
        }
        Compress::make(stream)
    }

    /// Return a decompressor object.
    ///
    ///   wbits
    ///     The window buffer size and container format.
    ///   zdict
    ///     The predefined compression dictionary.  This must be the same
    ///     dictionary as used by the compressor that produced the input data.
    #[function("decompressobj($module, /, wbits=MAX_WBITS, zdict=b'')")]
    fn decompressobj(wbits: Option<i32>, zdict: Option<&Object>) -> PyResult<Owned<Decompress>> {
        let wbits = wbits.unwrap_or(super::MAX_WBITS);
        let has_buffer = |object: &Object| !object.ty().0.tp_as_buffer.get().is_null();
        if zdict.is_some_and(|zdict| !has_buffer(zdict)) {
            return Err(err!(TypeError, "zdict argument must support the buffer protocol"));
        }
        let mut stream = Stream::inflate(wbits).map_err(|status| invalid_option(status, "while creating decompression object"))?;
        let dictionary = zdict.map(Object::to_owned);
        if wbits < 0 && let Some(zdict) = dictionary_buffer(&dictionary)? {
            set_dictionary(&mut stream, &zdict)?;
        }
        Decompress::make(stream, dictionary)
    }

    /// Compute an Adler-32 checksum of data.
    ///
    ///   value
    ///     Starting value of the checksum.
    #[function("adler32($module, data, value=1, /)")]
    fn adler32(data: Buffer, value: Option<&Object>) -> PyResult<u32> {
        Ok(stream::adler32(&data, low_bits(value, 1)?))
    }

    /// Compute a CRC-32 checksum of data.
    ///
    ///   value
    ///     Starting value of the checksum.
    #[function("crc32($module, data, value=0, /)")]
    fn crc32(data: Buffer, value: Option<&Object>) -> PyResult<u32> {
        let mut hasher = crc32fast::Hasher::new_with_initial(low_bits(value, 0)?);
        hasher.update(&data);
        Ok(hasher.finalize())
    }
}
