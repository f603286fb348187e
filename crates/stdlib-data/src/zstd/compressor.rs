//! `ZstdCompressor`.

use super::dictionary::{self, Use};
use super::library::{self, CompressionContext, CompressionDictionary, Failure, Mode};
use super::{Direction, ERROR, Ownership, failed, given, parameters, stream_error};
use macros::{Traverse, pytype};
use runtime::macro_support::{Buffer, FromArg};
use runtime::types::{Bytes, Dict, Int};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Type, err};
use std::cell::{Cell, RefCell};
use std::mem::offset_of;
use std::rc::Rc;

pub const LEVEL: i32 = 100;
const WORKERS: i32 = 400;

#[derive(Traverse)]
#[repr(C)]
pub struct Compressor {
    head: ObjectHead,
    /// A `Mode`'s number.
    last_mode: Cell<i32>,
    // Dropped in this order: the context may refer to what follows.
    #[traverse(skip)]
    context: RefCell<CompressionContext>,
    #[traverse(skip)]
    _prepared: Option<Rc<CompressionDictionary>>,
    #[traverse(skip)]
    _dictionary: Option<Ownership>,
    #[traverse(skip)]
    has_workers: bool,
}

/// Sets the options of a dict; whether there are workers, and the level if one is given.
fn set_options(context: &mut CompressionContext, options: &Object) -> PyResult<(bool, Option<i32>)> {
    let Some(options) = options.downcast::<Dict>() else {
        return Err(err!(TypeError, "ZstdCompressor() argument 'options' must be dict, not {}", options.type_name()));
    };
    let (mut has_workers, mut level) = (false, None);
    for (key, value) in parameters(options, Direction::Compress)? {
        match key {
            LEVEL => level = Some(checked_level(value)?),
            WORKERS => has_workers |= value != 0,
            _ => {}
        }
        context.set(key, value).map_err(|_| super::parameter_error(Direction::Compress, key, value))?;
    }
    Ok((has_workers, level))
}

fn checked_level(level: i32) -> PyResult<i32> {
    let (least, greatest) = library::levels();
    if (least..=greatest).contains(&level) {
        return Ok(level);
    }
    Err(err!(ValueError, "illegal compression level {}; the valid range is [{}, {}]", level, least, greatest))
}

fn level_argument(level: &Object) -> PyResult<i32> {
    let Some(level) = level.downcast::<Int>() else { return Err(err!(TypeError, "invalid type for level, expected int")) };
    match level.as_i64().and_then(|level| i32::try_from(level).ok()) {
        Some(level) => checked_level(level),
        None => {
            let (least, greatest) = library::levels();
            Err(err!(ValueError, "illegal compression level; the valid range is [{}, {}]", least, greatest))
        }
    }
}

impl Compressor {
    fn run(&self, data: &[u8], mode: Mode) -> PyResult<Owned<Bytes>> {
        let mut out = Vec::new();
        let result = self.run_into(data, mode, &mut out);
        if result.is_err() {
            self.context.borrow_mut().reset_session();
        }
        self.last_mode.set(if result.is_err() { Mode::FlushFrame } else { mode } as i32);
        result.map_err(|failure| stream_error("compress", failure))?;
        Bytes::try_new(&out)
    }
    fn run_into(&self, mut data: &[u8], mode: Mode, out: &mut Vec<u8>) -> Result<(), Failure> {
        let mut context = self.context.borrow_mut();
        let mut room = library::compress_bound(data.len()).clamp(64, 1 << 20);
        loop {
            let step = context.step(data, out, room, mode)?;
            data = &data[step.consumed..];
            // With workers, a step may come back while they are at work.
            let is_done = if mode == Mode::Continue { data.is_empty() && !step.is_full } else { step.left == 0 };
            if is_done || (mode == Mode::Continue && !self.has_workers && step.left == 0 && data.is_empty()) {
                return Ok(());
            }
            room = out.len().clamp(4096, 1 << 20);
        }
    }
}

/// Create a compressor object for compressing data incrementally.
///
///   level
///     The compression level; COMPRESSION_LEVEL_DEFAULT if not given.
///   options
///     A dict of advanced compression parameters.
///   zstd_dict
///     A ZstdDict object, a pre-trained Zstandard dictionary.
///
/// Its methods may be called from several threads. For one-shot compression, use
/// the compress() function instead.
#[pytype(static = Compressor_Type, name = "ZstdCompressor", module = "compression.zstd", flags = IMMUTABLETYPE, native, final,
    signature = "(level=None, options=None, zstd_dict=None)",
    members = [("last_mode", T_INT, offset_of!(Compressor, last_mode), READONLY, "The mode of the last call: CONTINUE, FLUSH_BLOCK or FLUSH_FRAME (at first).\n\nIt says in which state the compressor is: data may be held back, a block is flushed, a frame has ended.")])]
impl Compressor {
    #[slot("ZstdCompressor(level=None, options=None, zstd_dict=None)")]
    fn tp_new(cls: &Type, level: Option<&Object>, options: Option<&Object>, zstd_dict: Option<&Object>) -> PyResult<Owned<Compressor>> {
        let Some(mut context) = CompressionContext::new() else {
            return Err(ERROR.raise(format_args!("Unable to create ZSTD_CCtx instance.")));
        };
        let (level, options) = (given(level), given(options));
        if level.is_some() && options.is_some() {
            return Err(err!(TypeError, "Only one of level or options should be used."));
        }
        let (mut has_workers, mut number) = (false, None);
        if let Some(level) = level {
            let level = level_argument(level)?;
            context.set(LEVEL, level).map_err(|error| failed("set zstd compression level", error))?;
            number = Some(level);
        }
        if let Some(options) = options {
            (has_workers, number) = set_options(&mut context, options)?;
        }
        let (mut dictionary, mut prepared) = (None, None);
        if let Some(argument) = given(zstd_dict) {
            let (owner, how) = dictionary::argument(argument, Use::Undigested)?;
            let loaded = match how {
                Use::Digested => {
                    let digested = owner.for_compression(number.unwrap_or_default())?;
                    // SAFETY: kept in `_prepared`, which goes after the context.
                    let loaded = unsafe { context.refer_to(&digested) };
                    prepared = Some(digested);
                    loaded
                }
                Use::Undigested => context.load(&owner.content),
                // SAFETY: the contents live as long as `_dictionary`, which goes after the context.
                Use::Prefix => unsafe { context.refer_to_prefix(&raw const *owner.content) },
            };
            loaded.map_err(|error| failed("load Zstandard dictionary or prefix for compression", error))?;
            dictionary = Some(owner);
        }
        let value = Compressor {
            head: ObjectHead::placeholder(),
            last_mode: Cell::new(Mode::FlushFrame as i32),
            context: RefCell::new(context),
            _prepared: prepared,
            _dictionary: dictionary,
            has_workers,
        };
        Self::construct(cls, value)
    }
    /// Provide data to the compressor object.
    ///
    ///   mode
    ///     One of ZstdCompressor.CONTINUE, ZstdCompressor.FLUSH_BLOCK and
    ///     ZstdCompressor.FLUSH_FRAME
    ///
    /// The result is a chunk of compressed data if there is one yet, or b''.
    /// After the last data, call flush().
    #[method("compress($self, /, data, mode=ZstdCompressor.CONTINUE)")]
    fn compress(&self, data: Buffer, mode: Option<i32>) -> PyResult<Owned<Bytes>> {
        let Some(mode) = Mode::from_number(mode.unwrap_or(Mode::Continue as i32)) else {
            return Err(err!(
                ValueError,
                "mode argument wrong value, it should be one of ZstdCompressor.CONTINUE, ZstdCompressor.FLUSH_BLOCK, ZstdCompressor.FLUSH_FRAME."
            ));
        };
        self.run(&data, mode)
    }
    /// Finish the compression process.
    ///
    ///   mode
    ///     ZstdCompressor.FLUSH_FRAME or ZstdCompressor.FLUSH_BLOCK
    ///
    /// The result is what was held back. Zstandard data are one or more frames that
    /// do not depend on each other: the compressor can be used on.
    #[method("flush($self, /, mode=ZstdCompressor.FLUSH_FRAME)")]
    fn flush(&self, mode: Option<i32>) -> PyResult<Owned<Bytes>> {
        match Mode::from_number(mode.unwrap_or(Mode::FlushFrame as i32)) {
            Some(mode) if mode != Mode::Continue => self.run(&[], mode),
            _ => Err(err!(ValueError, "mode argument wrong value, it should be ZstdCompressor.FLUSH_FRAME or ZstdCompressor.FLUSH_BLOCK.")),
        }
    }
    /// Say how long the data of the next frame will be, for its header.
    ///
    ///   size
    ///     The size of the data that will be given to the compressor; None: unknown.
    ///
    /// The header then holds the size, unless content_size_flag is off. It can only be
    /// said between frames (last_mode is FLUSH_FRAME), else it is a RuntimeError.
    ///
    /// The data must be as long as said: otherwise the output may be damaged, and its
    /// last part missing.
    #[method("set_pledged_input_size($self, size, /)")]
    fn set_pledged_input_size(&self, size: &Object) -> PyResult<()> {
        const UNKNOWN: u64 = u64::MAX;
        const LIMIT: u64 = u64::MAX - 1;
        let size = if size.is_none() {
            UNKNOWN
        } else {
            let Some(size) = size.downcast::<Int>() else { return Err(err!(TypeError, "an integer is required")) };
            match size.as_u64() {
                Some(size) if size < LIMIT => size,
                _ => return Err(err!(ValueError, "size argument should be a positive int less than {}", LIMIT)),
            }
        };
        if self.last_mode.get() != Mode::FlushFrame as i32 {
            return Err(err!(ValueError, "set_pledged_input_size() method must be called when last_mode == FLUSH_FRAME"));
        }
        self.context.borrow_mut().set_pledged_size(size).map_err(|error| failed("set pledged uncompressed content size", error))
    }
    #[method("__reduce__($self, /)", nosig)]
    fn reduce(&self) -> PyResult {
        Err(err!(TypeError, "cannot pickle '{}' object", self.as_object().type_name()))
    }
}

/// The constants of the type.
pub fn add_modes() -> PyResult<()> {
    for (name, mode) in [
        (runtime::intern!("CONTINUE"), Mode::Continue),
        (runtime::intern!("FLUSH_BLOCK"), Mode::FlushBlock),
        (runtime::intern!("FLUSH_FRAME"), Mode::FlushFrame),
    ] {
        runtime::types::type_object::set_in_dict(&Compressor_Type, name, &Int::from_i64(mode as i64))?;
    }
    Ok(())
}

/// An option's key or value.
pub fn option_number(value: &Object) -> PyResult<i32> {
    i32::from_arg(value, &runtime::macro_support::ArgContext { function: "ZstdCompressor", name: "options", position: 2 })
}
