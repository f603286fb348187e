//! `_lzma`: xz, lzma and raw streams; the library is liblzma, through the crate of that name.

use liblzma::stream::{Action, Check, Error, Filters, LzmaOptions, MatchFinder, Mode, Status, Stream};
use macros::{Traverse, pymodule, pytype};
use runtime::exceptions::{self, ModuleException};
use runtime::macro_support::Buffer;
use runtime::protocol::{mapping, number, sequence};
use runtime::types::{Bytes, Dict, Int, Module, Str};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Raised, Type, err, errors};
use std::cell::{Cell, RefCell};
use std::mem::offset_of;

pub static ERROR: ModuleException = ModuleException::new("_lzma", "LZMAError", || Ok(exceptions::Exception()), Some("Call to liblzma failed."));

const FORMAT_AUTO: i32 = 0;
const FORMAT_XZ: i32 = 1;
const FORMAT_ALONE: i32 = 2;
const FORMAT_RAW: i32 = 3;
const CHECK_CRC64: i32 = 4;
const CHECK_UNKNOWN: i32 = 16;
const FILTER_LZMA1: u64 = 0x4000_0000_0000_0001;
const FILTER_LZMA2: u64 = 0x21;
const FILTER_DELTA: u64 = 3;
const PRESET_DEFAULT: u32 = 6;
const FIRST_BLOCK: usize = 32 * 1024;
const BLOCK: usize = 256 * 1024;

#[cold]
fn lzma_error(error: Error) -> Raised {
    let words = match error {
        Error::Mem => return errors::no_memory(),
        Error::UnsupportedCheck => "Unsupported integrity check",
        Error::MemLimit => "Memory usage limit exceeded",
        Error::Format => "Input format not supported by decoder",
        Error::Options => "Invalid or unsupported options",
        Error::Data => "Corrupt input data",
        Error::Program => "Internal error",
        Error::NoCheck => "Stream has no integrity check",
    };
    ERROR.raise(format_args!("{words}"))
}

/// A number from 0 to `max`, which is the range of a C type.
fn unsigned(value: &Object, max: u64, c_type: &str) -> PyResult<u64> {
    let value = number::index(value)?;
    match value.as_u64() {
        Some(value) if value <= max => Ok(value),
        _ if value.is_negative() => Err(err!(ValueError, "Cannot convert negative int")),
        _ => Err(err!(OverflowError, "Python int too large for C {}", c_type)),
    }
}

// ---- filters ----

/// A filter as it is given: its id, and the options that are set.
struct Filter {
    id: u64,
    options: Vec<(&'static str, u32)>,
}

const LZMA_OPTIONS: [&str; 9] = ["preset", "dict_size", "lc", "lp", "pb", "mode", "nice_len", "mf", "depth"];

impl Filter {
    fn parse(spec: &Object) -> PyResult<Filter> {
        if !mapping::is_mapping(spec) {
            return Err(err!(TypeError, "Filter specifier must be a dict or dict-like object"));
        }
        let get = |name: &str| mapping::get_item_opt(spec, &Str::new(name));
        let Some(id) = get("id")? else { return Err(err!(ValueError, "Filter specifier must have an \"id\" entry")) };
        let id = unsigned(&id, u64::MAX, "lzma_vli")?;
        let (known, kind): (&[&'static str], &str) = match id {
            FILTER_LZMA1 | FILTER_LZMA2 => (&LZMA_OPTIONS, "LZMA"),
            FILTER_DELTA => (&["dist"], "delta"),
            4..=9 => (&["start_offset"], "BCJ"),
            _ => return Err(err!(ValueError, "Invalid filter ID: {}", id)),
        };
        let mut options = Vec::new();
        for name in known {
            if let Some(value) = get(name)? {
                let value = match unsigned(&value, u32::MAX as u64, "uint32_t") {
                    Ok(value) => value as u32,
                    Err(raised) if *name == "preset" => return Err(raised),
                    Err(_) => {
                        errors::clear();
                        return Err(err!(ValueError, "Invalid filter specifier for {} filter", kind));
                    }
                };
                options.push((*name, value));
            }
        }
        if sequence::len(spec)? != options.len() + 1 {
            return Err(err!(ValueError, "Invalid filter specifier for {} filter", kind));
        }
        Ok(Filter { id, options })
    }
    fn option(&self, name: &str) -> Option<u32> {
        self.options.iter().find(|option| option.0 == name).map(|option| option.1)
    }
    fn invalid() -> Raised {
        lzma_error(Error::Options)
    }

    fn lzma_options(&self) -> PyResult<LzmaOptions> {
        let preset = self.option("preset").unwrap_or(PRESET_DEFAULT);
        let Ok(mut options) = LzmaOptions::new_preset(preset) else {
            return Err(ERROR.raise(format_args!("Invalid compression preset: {preset}")));
        };
        for &(name, value) in &self.options {
            match name {
                "dict_size" => drop(options.dict_size(value)),
                "lc" => drop(options.literal_context_bits(value)),
                "lp" => drop(options.literal_position_bits(value)),
                "pb" => drop(options.position_bits(value)),
                "mode" => drop(options.mode(match value {
                    1 => Mode::Fast,
                    2 => Mode::Normal,
                    _ => return Err(Self::invalid()),
                })),
                "nice_len" => drop(options.nice_len(value)),
                "mf" => drop(options.match_finder(match value {
                    3 => MatchFinder::HashChain3,
                    4 => MatchFinder::HashChain4,
                    18 => MatchFinder::BinaryTree2,
                    19 => MatchFinder::BinaryTree3,
                    20 => MatchFinder::BinaryTree4,
                    _ => return Err(Self::invalid()),
                })),
                "depth" => drop(options.depth(value)),
                _ => {}
            }
        }
        Ok(options)
    }

    /// The properties that a raw stream's other side needs.
    fn properties(&self) -> PyResult<Vec<u8>> {
        let preset_dict = || -> PyResult<u32> {
            const SIZES: [u32; 10] = [18, 20, 21, 22, 22, 23, 23, 24, 25, 26];
            let preset = (self.option("preset").unwrap_or(PRESET_DEFAULT) & 31) as usize;
            SIZES.get(preset).map(|bits| 1 << bits).ok_or_else(Self::invalid)
        };
        Ok(match self.id {
            FILTER_LZMA1 => {
                let level = self.option("preset").unwrap_or(PRESET_DEFAULT) & 31;
                let (lc, lp, pb) = (self.option("lc").unwrap_or(3), self.option("lp").unwrap_or(0), self.option("pb").unwrap_or(2));
                if lc > 4 || lp > 4 || lc + lp > 4 || pb > 4 || level > 9 {
                    return Err(Self::invalid());
                }
                let dict = self.option("dict_size").map_or_else(preset_dict, Ok)?;
                let mut out = vec![((pb * 5 + lp) * 9 + lc) as u8];
                out.extend_from_slice(&dict.to_le_bytes());
                out
            }
            FILTER_LZMA2 => {
                let size = self.option("dict_size").map_or_else(preset_dict, Ok)?.max(4096);
                // 2 or 3 times a power of two: the smallest that is no smaller.
                let code = (0..=39u32).find(|&code| ((2 | (code & 1)) as u64) << (code / 2 + 11) >= size as u64).unwrap_or(40);
                vec![code as u8]
            }
            FILTER_DELTA => match self.option("dist").unwrap_or(1) {
                dist @ 1..=256 => vec![(dist - 1) as u8],
                _ => return Err(Self::invalid()),
            },
            _ => match self.option("start_offset").unwrap_or(0) {
                0 => Vec::new(),
                offset => offset.to_le_bytes().to_vec(),
            },
        })
    }

    fn add_to(&self, filters: &mut Filters) -> PyResult<()> {
        match self.id {
            FILTER_LZMA1 => {
                filters.lzma1(&self.lzma_options()?);
                return Ok(());
            }
            FILTER_LZMA2 => {
                filters.lzma2(&self.lzma_options()?);
                return Ok(());
            }
            _ => {}
        }
        let properties = self.properties()?;
        let added = match self.id {
            FILTER_DELTA => filters.delta_properties(&properties),
            4 => filters.x86_properties(&properties),
            5 => filters.powerpc_properties(&properties),
            6 => filters.ia64_properties(&properties),
            7 => filters.arm_properties(&properties),
            8 => filters.arm_thumb_properties(&properties),
            _ => filters.sparc_properties(&properties),
        };
        added.map(drop).map_err(lzma_error)
    }
}

fn parse_filters(specs: &Object) -> PyResult<Vec<Filter>> {
    if specs.is_instance_of::<Dict>() {
        return Err(err!(TypeError, "{} is not a sequence", specs.type_name()));
    }
    let count = sequence::len(specs)?;
    if count > 4 {
        return Err(err!(ValueError, "Too many filters - liblzma supports a maximum of 4"));
    }
    if count == 0 {
        return Err(lzma_error(Error::Program));
    }
    (0..count).map(|at| Filter::parse(&*sequence::sequence_get_item(specs, at as isize)?)).collect()
}

fn chain(filters: &[Filter]) -> PyResult<Filters> {
    let mut chain = Filters::new();
    filters.iter().try_for_each(|filter| filter.add_to(&mut chain))?;
    Ok(chain)
}

fn given(value: Option<&Object>) -> Option<&Object> {
    value.filter(|value| !value.is_none())
}

fn check_of(check: i32) -> PyResult<Check> {
    match check {
        0 => Ok(Check::None),
        1 => Ok(Check::Crc32),
        -1 | CHECK_CRC64 => Ok(Check::Crc64),
        10 => Ok(Check::Sha256),
        _ => Err(lzma_error(Error::Options)),
    }
}

/// Runs the stream once, with the output at the end of `out`; the bytes consumed.
fn step(stream: &mut Stream, input: &[u8], out: &mut Vec<u8>, limit: usize, action: Action) -> PyResult<(Status, usize, bool)> {
    let room = out.len().clamp(FIRST_BLOCK, BLOCK).min(limit - out.len());
    let start = out.len();
    out.try_reserve(room).map_err(|_| errors::no_memory())?;
    out.resize(start + room, 0);
    let (in_before, out_before) = (stream.total_in(), stream.total_out());
    let status = stream.process(input, &mut out[start..], action);
    let made = (stream.total_out() - out_before) as usize;
    out.truncate(start + made);
    Ok((status.map_err(lzma_error)?, (stream.total_in() - in_before) as usize, made == room))
}

// ---- compressor ----

#[derive(Traverse)]
#[repr(C)]
pub struct Compressor {
    head: ObjectHead,
    #[traverse(skip)]
    stream: RefCell<Stream>,
    flushed: Cell<bool>,
}

impl Compressor {
    fn run(&self, mut data: &[u8], action: Action) -> PyResult<Owned<Bytes>> {
        let finish = matches!(action, Action::Finish);
        let mut stream = self.stream.borrow_mut();
        let mut out = Vec::new();
        loop {
            let (status, consumed, full) = step(&mut stream, data, &mut out, usize::MAX, action)?;
            data = &data[consumed..];
            let is_done = if finish { status == Status::StreamEnd } else { data.is_empty() && !full };
            if is_done {
                return Ok(Bytes::new(&out));
            }
        }
    }
}

/// Create a compressor object for compressing data incrementally.
///
/// format specifies the container format to use for the output. This can
/// be FORMAT_XZ (default), FORMAT_ALONE, or FORMAT_RAW.
///
/// check specifies the integrity check to use. For FORMAT_XZ, the default
/// is CHECK_CRC64.
///
/// The settings are a preset compression level (0 to 9, or with PRESET_EXTREME)
/// or a list of filters, each a dict with an "id" entry.
#[pytype(static = Compressor_Type, name = "LZMACompressor", module = "_lzma", flags = IMMUTABLETYPE, native, final)]
impl Compressor {
    #[slot("LZMACompressor(format=FORMAT_XZ, check=-1, preset=None, filters=None)")]
    fn tp_new(cls: &Type, format: Option<i32>, check: i32, preset: Option<&Object>, filters: Option<&Object>) -> PyResult<Owned<Compressor>> {
        let format = format.unwrap_or(FORMAT_XZ);
        let (preset, filters) = (given(preset), given(filters));
        if preset.is_some() && filters.is_some() {
            return Err(err!(ValueError, "Cannot specify both preset and filter chain"));
        }
        let level = match preset {
            None => PRESET_DEFAULT,
            Some(preset) => unsigned(preset, u32::MAX as u64, "uint32_t")? as u32,
        };
        if format != FORMAT_XZ && check != -1 && check != 0 {
            return Err(err!(ValueError, "Integrity checks are only supported by FORMAT_XZ"));
        }
        let stream = match (format, filters) {
            (FORMAT_XZ, None) => Stream::new_easy_encoder(level, check_of(check)?),
            (FORMAT_XZ, Some(filters)) => Stream::new_stream_encoder(&chain(&parse_filters(filters)?)?, check_of(check)?),
            (FORMAT_ALONE, None) => match LzmaOptions::new_preset(level) {
                Ok(options) => Stream::new_lzma_encoder(&options),
                Err(_) => return Err(ERROR.raise(format_args!("Invalid compression preset: {level}"))),
            },
            (FORMAT_ALONE, Some(filters)) => match parse_filters(filters)?.as_slice() {
                [only] if only.id == FILTER_LZMA1 => Stream::new_lzma_encoder(&only.lzma_options()?),
                _ => return Err(err!(ValueError, "Invalid filter chain for FORMAT_ALONE - must be a single LZMA1 filter")),
            },
            (FORMAT_RAW, None) => return Err(err!(ValueError, "Must specify filters for FORMAT_RAW")),
            (FORMAT_RAW, Some(filters)) => Stream::new_raw_encoder(&chain(&parse_filters(filters)?)?),
            _ => return Err(err!(ValueError, "Invalid container format: {}", format)),
        };
        let stream = RefCell::new(stream.map_err(lzma_error)?);
        Self::construct(cls, Compressor { head: ObjectHead::placeholder(), stream, flushed: Cell::new(false) })
    }
    /// Provide data to the compressor object.
    ///
    /// The result is a chunk of compressed data if possible, or b'' otherwise.
    #[method("compress($self, data, /)")]
    fn compress(&self, data: Buffer) -> PyResult<Owned<Bytes>> {
        if self.flushed.get() {
            return Err(err!(ValueError, "Compressor has been flushed"));
        }
        self.run(&data, Action::Run)
    }
    /// Finish the compression process.
    ///
    /// The result is the compressed data left in internal buffers.
    #[method("flush($self, /)")]
    fn flush(&self) -> PyResult<Owned<Bytes>> {
        if self.flushed.replace(true) {
            return Err(err!(ValueError, "Repeated call to flush()"));
        }
        self.run(&[], Action::Finish)
    }
    #[method("__reduce__($self, /)", nosig)]
    fn reduce(&self) -> PyResult {
        Err(err!(TypeError, "cannot pickle '{}' object", self.as_object().type_name()))
    }
}

// ---- decompressor ----

#[derive(Traverse)]
#[repr(C)]
pub struct Decompressor {
    head: ObjectHead,
    unused_data: Cell<Option<Owned<Bytes>>>,
    check: Cell<i32>,
    eof: Cell<bool>,
    needs_input: Cell<bool>,
    #[traverse(skip)]
    stream: RefCell<Stream>,
    #[traverse(skip)]
    pending: RefCell<Vec<u8>>,
    /// The beginning of an xz stream, until its check is known.
    #[traverse(skip)]
    header: RefCell<Vec<u8>>,
}

impl Decompressor {
    /// Reads the integrity check's number off the stream's header.
    fn note_check(&self, data: &[u8]) {
        const MAGIC: &[u8] = b"\xfd7zXZ\0";
        if self.check.get() != CHECK_UNKNOWN {
            return;
        }
        let mut header = self.header.borrow_mut();
        let missing = 8usize.saturating_sub(header.len());
        header.extend_from_slice(&data[..data.len().min(missing)]);
        if header.len() == 8 {
            self.check.set(if header.starts_with(MAGIC) { (header[7] & 15) as i32 } else { 0 });
        }
    }
}

/// Create a decompressor object for decompressing data incrementally.
///
///   format
///     Specifies the container format of the input stream.  If this is
///     FORMAT_AUTO (the default), the decompressor will automatically detect
///     whether the input is FORMAT_XZ or FORMAT_ALONE.
///   memlimit
///     Limit the amount of memory used by the decompressor.
///   filters
///     A custom filter chain, required for FORMAT_RAW and not accepted with any
///     other format.
#[pytype(static = Decompressor_Type, name = "LZMADecompressor", module = "_lzma", flags = HAVE_GC | IMMUTABLETYPE, native, final,
    signature = "(format=FORMAT_AUTO, memlimit=None, filters=None)",
    members = [("check", T_INT, offset_of!(Decompressor, check), READONLY, "ID of the integrity check used by the input stream."),
        ("eof", T_BOOL, offset_of!(Decompressor, eof), READONLY, "True if the end-of-stream marker has been reached."),
        ("needs_input", T_BOOL, offset_of!(Decompressor, needs_input), READONLY, "True if more input is needed before more decompressed data can be produced."),
        ("unused_data", T_OBJECT, offset_of!(Decompressor, unused_data), READONLY, "Data found after the end of the compressed stream.")])]
impl Decompressor {
    #[slot("LZMADecompressor(format=FORMAT_AUTO, memlimit=None, filters=None)")]
    fn tp_new(cls: &Type, format: Option<i32>, memlimit: Option<&Object>, filters: Option<&Object>) -> PyResult<Owned<Decompressor>> {
        let format = format.unwrap_or(FORMAT_AUTO);
        let filters = given(filters);
        let memlimit = match given(memlimit) {
            None => None,
            Some(_) if format == FORMAT_RAW => return Err(err!(ValueError, "Cannot specify memory limit with FORMAT_RAW")),
            Some(limit) => Some(unsigned(limit, u64::MAX, "uint64_t")?),
        };
        match (format, filters) {
            (FORMAT_RAW, None) => return Err(err!(ValueError, "Must specify filters for FORMAT_RAW")),
            (FORMAT_RAW, _) | (_, None) => {}
            _ => return Err(err!(ValueError, "Cannot specify filters except with FORMAT_RAW")),
        }
        let limit = memlimit.unwrap_or(u64::MAX);
        let stream = match (format, filters) {
            (FORMAT_AUTO, _) => Stream::new_auto_decoder(limit, 0),
            (FORMAT_XZ, _) => Stream::new_stream_decoder(limit, 0),
            (FORMAT_ALONE, _) => Stream::new_lzma_decoder(limit),
            (FORMAT_RAW, Some(filters)) => Stream::new_raw_decoder(&chain(&parse_filters(filters)?)?),
            _ => return Err(err!(ValueError, "Invalid container format: {}", format)),
        };
        let value = Decompressor {
            head: ObjectHead::placeholder(),
            unused_data: Cell::new(Some(Bytes::new(b""))),
            check: Cell::new(if matches!(format, FORMAT_ALONE | FORMAT_RAW) { 0 } else { CHECK_UNKNOWN }),
            eof: Cell::new(false),
            needs_input: Cell::new(true),
            stream: RefCell::new(stream.map_err(lzma_error)?),
            pending: RefCell::new(Vec::new()),
            header: RefCell::new(Vec::new()),
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
            return Err(err!(EOFError, "Already at end of stream"));
        }
        let limit = usize::try_from(max_length).unwrap_or(usize::MAX);
        self.note_check(&data);
        let mut input = std::mem::take(&mut *self.pending.borrow_mut());
        input.extend_from_slice(&data);
        let mut stream = self.stream.borrow_mut();
        let mut out = Vec::new();
        let mut at = 0;
        let mut full;
        loop {
            let (status, consumed, filled) = match step(&mut stream, &input[at..], &mut out, limit, Action::Run) {
                Ok(step) => step,
                Err(raised) => {
                    self.needs_input.set(false);
                    return Err(raised);
                }
            };
            at += consumed;
            full = filled;
            if status == Status::StreamEnd {
                self.eof.set(true);
                self.needs_input.set(false);
                if at < input.len() {
                    drop(self.unused_data.replace(Some(Bytes::new(&input[at..]))));
                }
                return Ok(Bytes::new(&out));
            }
            if out.len() >= limit || (!full && (at >= input.len() || consumed == 0)) {
                break;
            }
        }
        // The library may hold more output back when the room was used up.
        self.needs_input.set(at >= input.len() && !full);
        *self.pending.borrow_mut() = input[at..].to_vec();
        Ok(Bytes::new(&out))
    }
    #[method("__reduce__($self, /)", nosig)]
    fn reduce(&self) -> PyResult {
        Err(err!(TypeError, "cannot pickle '{}' object", self.as_object().type_name()))
    }
}

/// The filter that properties describe, as a dict.
fn decode_properties(id: u64, properties: &[u8]) -> PyResult<Owned<Dict>> {
    let spec = Dict::new();
    let set = |name: &str, value: u64| spec.set(name, Int::from_u64(value).object());
    set("id", id)?;
    match (id, properties) {
        (FILTER_LZMA1, &[bits, a, b, c, d]) if bits < 225 => {
            let bits = bits as u64;
            if bits % 9 + bits / 9 % 5 > 4 {
                return Err(Filter::invalid());
            }
            set("lc", bits % 9)?;
            set("lp", bits / 9 % 5)?;
            set("pb", bits / 45)?;
            set("dict_size", u32::from_le_bytes([a, b, c, d]) as u64)?;
        }
        (FILTER_LZMA2, &[40]) => set("dict_size", u32::MAX as u64)?,
        (FILTER_LZMA2, &[code]) if code < 40 => set("dict_size", (2 | (code as u64 & 1)) << (code / 2 + 11))?,
        (FILTER_DELTA, &[dist]) => set("dist", dist as u64 + 1)?,
        (4..=9, &[]) => {}
        (4..=9, &[a, b, c, d]) => match u32::from_le_bytes([a, b, c, d]) {
            0 => {}
            offset => set("start_offset", offset as u64)?,
        },
        _ => return Err(Filter::invalid()),
    }
    Ok(spec)
}

#[pymodule(name = "_lzma")]
#[types(Compressor_Type, Decompressor_Type)]
pub mod lzma {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        let constants: [(&str, u64); 27] = [
            ("FORMAT_AUTO", 0), ("FORMAT_XZ", 1), ("FORMAT_ALONE", 2), ("FORMAT_RAW", 3), ("CHECK_NONE", 0), ("CHECK_CRC32", 1), ("CHECK_CRC64", 4),
            ("CHECK_SHA256", 10), ("CHECK_ID_MAX", 15), ("CHECK_UNKNOWN", 16), ("FILTER_LZMA1", FILTER_LZMA1), ("FILTER_LZMA2", FILTER_LZMA2),
            ("FILTER_DELTA", 3), ("FILTER_X86", 4), ("FILTER_IA64", 6), ("FILTER_ARM", 7), ("FILTER_ARMTHUMB", 8), ("FILTER_POWERPC", 5),
            ("FILTER_SPARC", 9), ("MF_HC3", 3), ("MF_HC4", 4), ("MF_BT2", 18), ("MF_BT3", 19), ("MF_BT4", 20), ("MODE_FAST", 1), ("MODE_NORMAL", 2),
            ("PRESET_DEFAULT", 6),
        ];
        for (name, value) in constants {
            module.add(name, Int::from_u64(value).object())?;
        }
        module.add("PRESET_EXTREME", Int::from_u64(1 << 31).object())?;
        module.add("LZMAError", ERROR.ty()?)
    }
    /// Test whether the given integrity check is supported.
    ///
    /// Always returns True for CHECK_NONE and CHECK_CRC32.
    #[function("is_check_supported($module, check_id, /)")]
    fn is_check_supported(check_id: i32) -> bool {
        matches!(check_id, 0 | 1 | CHECK_CRC64 | 10)
    }
    /// Return a bytes object encoding the options (properties) of the filter specified by *filter* (a dict).
    ///
    /// The result does not include the filter ID itself, only the options.
    #[function("_encode_filter_properties($module, filter, /)")]
    fn _encode_filter_properties(filter: &Object) -> PyResult<Owned<Bytes>> {
        Ok(Bytes::new(&Filter::parse(filter)?.properties()?))
    }
    /// Return a dict describing a filter with ID *filter_id*, and options (properties) encoded in the bytes object *encoded_props*.
    #[function("_decode_filter_properties($module, filter_id, encoded_props, /)")]
    fn _decode_filter_properties(filter_id: u64, encoded_props: Buffer) -> PyResult<Owned<Dict>> {
        decode_properties(filter_id, &encoded_props)
    }
}
