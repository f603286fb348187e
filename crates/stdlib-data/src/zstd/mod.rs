//! `_zstd`: Zstandard streams and dictionaries; the library is zstd itself, through the crate zstd-sys.

mod compressor;
mod decompressor;
mod dictionary;
mod library;

use compressor::Compressor_Type;
use decompressor::Decompressor_Type;
use dictionary::{Dictionary, Dictionary_Type};
use library::{Error, Failure};
use macros::pymodule;
use runtime::exceptions::{self, ModuleException};
use runtime::state::PerInterpreter;
use runtime::macro_support::Buffer;
use runtime::types::{Bytes, Dict, Int, Module, Str, Tuple};
use runtime::{Object, Owned, PyResult, Raised, Type, err, errors};
use std::cell::RefCell;

pub static ERROR: ModuleException =
    ModuleException::new("compression.zstd", "ZstdError", || Ok(exceptions::Exception()), Some("An error occurred in the zstd library."));

/// The dictionary that a context uses.
type Ownership = Owned<Dictionary>;

/// The types of `CompressionParameter` and `DecompressionParameter` members.
static PARAMETER_TYPES: PerInterpreter<RefCell<Option<(Owned<Type>, Owned<Type>)>>> = PerInterpreter::new(RefCell::new(None), Default::default);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Compress,
    Decompress,
}

impl Direction {
    fn name(self) -> &'static str {
        match self {
            Direction::Compress => "compression",
            Direction::Decompress => "decompression",
        }
    }
}

const COMPRESSION_PARAMETERS: &[(i32, &str, &str)] = &[
    (100, "compressionLevel", "compression_level"),
    (101, "windowLog", "window_log"),
    (102, "hashLog", "hash_log"),
    (103, "chainLog", "chain_log"),
    (104, "searchLog", "search_log"),
    (105, "minMatch", "min_match"),
    (106, "targetLength", "target_length"),
    (107, "strategy", "strategy"),
    (160, "enableLongDistanceMatching", "enable_long_distance_matching"),
    (161, "ldmHashLog", "ldm_hash_log"),
    (162, "ldmMinMatch", "ldm_min_match"),
    (163, "ldmBucketSizeLog", "ldm_bucket_size_log"),
    (164, "ldmHashRateLog", "ldm_hash_rate_log"),
    (200, "contentSizeFlag", "content_size_flag"),
    (201, "checksumFlag", "checksum_flag"),
    (202, "dictIDFlag", "dict_id_flag"),
    (400, "nbWorkers", "nb_workers"),
    (401, "jobSize", "job_size"),
    (402, "overlapLog", "overlap_log"),
];
const DECOMPRESSION_PARAMETERS: &[(i32, &str, &str)] = &[(100, "windowLogMax", "window_log_max")];
const STRATEGIES: [&str; 9] = ["fast", "dfast", "greedy", "lazy", "lazy2", "btlazy2", "btopt", "btultra", "btultra2"];

fn given(value: Option<&Object>) -> Option<&Object> {
    value.filter(|value| !value.is_none())
}

#[cold]
fn failed(what: &str, error: Error) -> Raised {
    ERROR.raise(format_args!("Unable to {what}: {}", error.name()))
}

#[cold]
fn stream_error(what: &str, failure: Failure) -> Raised {
    match failure {
        Failure::Library(error) => failed(&format!("{what} Zstandard data"), error),
        Failure::Memory => errors::no_memory(),
    }
}

/// The library has refused a parameter: which, and what it takes.
#[cold]
fn parameter_error(direction: Direction, key: i32, value: i32) -> Raised {
    let known = if direction == Direction::Compress { COMPRESSION_PARAMETERS } else { DECOMPRESSION_PARAMETERS };
    let name = match known.iter().find(|parameter| parameter.0 == key) {
        Some(parameter) => parameter.2.to_string(),
        None => format!("unknown parameter (key {key})"),
    };
    match library::bounds(direction == Direction::Compress, key) {
        Err(_) => err!(ValueError, "invalid {} parameter '{}'", direction.name(), name),
        Ok((least, greatest)) => {
            err!(ValueError, "{} parameter '{}' received an illegal value {}; the valid range is [{}, {}]", direction.name(), name, value, least, greatest)
        }
    }
}

/// The numbers in a dict of options. A key of the other direction's type is refused.
fn parameters(options: &Dict, direction: Direction) -> PyResult<Vec<(i32, i32)>> {
    let other = PARAMETER_TYPES.get().borrow().as_ref().map(|types| if direction == Direction::Compress { types.1.clone() } else { types.0.clone() });
    let mut numbers = Vec::new();
    let mut at = 0;
    while let Some((key, value)) = options.next(&mut at) {
        if other.as_ref().is_some_and(|other| std::ptr::eq(key.ty(), &**other)) {
            let (this, other) = if direction == Direction::Compress { ("compression", "Decompression") } else { ("decompression", "Compression") };
            return Err(err!(TypeError, "{} options dictionary key must not be a {}Parameter attribute", this, other));
        }
        numbers.push((compressor::option_number(&key)?, compressor::option_number(&value)?));
    }
    Ok(numbers)
}

/// The sizes of samples, which must add up to what there is.
fn sample_sizes(sizes: &Tuple, total: usize, dict_size: isize) -> PyResult<Vec<usize>> {
    if dict_size <= 0 {
        return Err(err!(ValueError, "dict_size argument should be positive number."));
    }
    if u32::try_from(sizes.len()).is_err() {
        return Err(err!(ValueError, "The number of samples should be <= {}.", u32::MAX));
    }
    let mismatch = || err!(ValueError, "The samples size tuple doesn't match the concatenation's size.");
    let mut numbers = Vec::with_capacity(sizes.len());
    let mut sum = 0usize;
    for size in sizes.as_slice() {
        let Some(size) = size.downcast::<Int>() else { return Err(err!(TypeError, "an integer is required")) };
        let size = size.as_u64().and_then(|size| usize::try_from(size).ok()).ok_or_else(mismatch)?;
        sum = sum.checked_add(size).ok_or_else(mismatch)?;
        numbers.push(size);
    }
    if sum == total { Ok(numbers) } else { Err(mismatch()) }
}

/// A dictionary of up to `size` bytes that `fill` makes.
fn made_dictionary(size: isize, what: &str, fill: impl FnOnce(&mut [u8]) -> Result<usize, Error>) -> PyResult<Owned<Bytes>> {
    let mut out = Vec::new();
    out.try_reserve_exact(size as usize).map_err(|_| errors::no_memory())?;
    out.resize(size as usize, 0);
    let len = fill(&mut out).map_err(|error| failed(what, error))?;
    Bytes::try_new(&out[..len.min(out.len())])
}

/// Implementation module for Zstandard compression.
#[pymodule(name = "_zstd")]
#[types(Compressor_Type, Decompressor_Type, Dictionary_Type)]
pub mod zstd {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        let add = |name: &str, value: i64| module.add(name, Int::from_i64(value).object());
        for (key, name, _) in COMPRESSION_PARAMETERS {
            add(&format!("ZSTD_c_{name}"), *key as i64)?;
        }
        for (key, name, _) in DECOMPRESSION_PARAMETERS {
            add(&format!("ZSTD_d_{name}"), *key as i64)?;
        }
        for (index, name) in STRATEGIES.iter().enumerate() {
            add(&format!("ZSTD_{name}"), index as i64 + 1)?;
        }
        add("ZSTD_CLEVEL_DEFAULT", library::default_level() as i64)?;
        add("ZSTD_DStreamOutSize", library::stream_out_size() as i64)?;
        let (version, number) = library::version();
        add("zstd_version_number", number as i64)?;
        module.add("zstd_version", &Str::new(&version))?;
        compressor::add_modes()?;
        module.add("ZstdError", ERROR.ty()?)
    }
    /// Make a Zstandard dictionary out of samples.
    ///
    ///   samples_bytes
    ///     The samples, one after the other.
    ///   samples_sizes
    ///     A tuple of their sizes.
    ///   dict_size
    ///     The dictionary's size.
    #[function("train_dict($module, samples_bytes, samples_sizes, dict_size, /)")]
    fn train_dict(samples_bytes: &Bytes, samples_sizes: &Tuple, dict_size: isize) -> PyResult<Owned<Bytes>> {
        let sizes = sample_sizes(samples_sizes, samples_bytes.len(), dict_size)?;
        made_dictionary(dict_size, "train the Zstandard dictionary", |out| library::train(out, samples_bytes.as_slice(), &sizes))
    }
    /// Make a Zstandard dictionary out of contents, with the statistics of samples.
    ///
    ///   custom_dict_bytes
    ///     The contents.
    ///   samples_bytes
    ///     The samples, one after the other.
    ///   samples_sizes
    ///     A tuple of their sizes.
    ///   dict_size
    ///     The dictionary's size.
    ///   compression_level
    ///     The level that it is meant for; 0: the default.
    #[function("finalize_dict($module, custom_dict_bytes, samples_bytes, samples_sizes,\n              dict_size, compression_level, /)")]
    fn finalize_dict(custom_dict_bytes: &Bytes, samples_bytes: &Bytes, samples_sizes: &Tuple, dict_size: isize, compression_level: i32) -> PyResult<Owned<Bytes>> {
        let sizes = sample_sizes(samples_sizes, samples_bytes.len(), dict_size)?;
        made_dictionary(dict_size, "finalize the Zstandard dictionary", |out| {
            library::finalize(out, custom_dict_bytes.as_slice(), samples_bytes.as_slice(), &sizes, compression_level)
        })
    }
    /// Least and greatest value of a parameter.
    ///
    ///   parameter
    ///     The parameter's number.
    ///   is_compress
    ///     True for a CompressionParameter, False for a DecompressionParameter.
    #[function("get_param_bounds($module, /, parameter, is_compress)")]
    fn get_param_bounds(parameter: i32, is_compress: bool) -> PyResult<(i32, i32)> {
        let direction = if is_compress { Direction::Compress } else { Direction::Decompress };
        library::bounds(is_compress, parameter).map_err(|error| failed(&format!("get zstd {} parameter bounds", direction.name()), error))
    }
    /// The size of a Zstandard frame, with its header and checksum.
    ///
    ///   frame_buffer
    ///     A bytes-like object that begins with a whole frame.
    #[function("get_frame_size($module, /, frame_buffer)")]
    fn get_frame_size(frame_buffer: Buffer) -> PyResult<usize> {
        library::frame_size(&frame_buffer).map_err(|error| {
            ERROR.raise(format_args!(
                "Error when finding the compressed size of a Zstandard frame. Ensure the frame_buffer argument starts from the beginning of a \
                 frame, and its length is not less than this complete frame. Zstd error message: {}.",
                error.name()
            ))
        })
    }
    /// What a Zstandard frame's header says: size of the contents (or None), and the dictionary's id.
    ///
    ///   frame_buffer
    ///     A bytes-like object that begins with a frame's header.
    #[function("get_frame_info($module, /, frame_buffer)")]
    fn get_frame_info(frame_buffer: Buffer) -> PyResult<(Option<u64>, u32)> {
        library::frame_info(&frame_buffer).ok_or_else(|| {
            ERROR.raise(format_args!(
                "Error when getting information from the header of a Zstandard frame. Ensure the frame_buffer argument starts from the beginning \
                 of a frame, and its length is not less than the frame header (6~18 bytes)."
            ))
        })
    }
    /// Tell the types of the members of CompressionParameter and DecompressionParameter, by which their use is checked.
    #[function("set_parameter_types($module, /, c_parameter_type, d_parameter_type)")]
    fn set_parameter_types(c_parameter_type: &Type, d_parameter_type: &Type) {
        let types = (Owned::from_ref(c_parameter_type), Owned::from_ref(d_parameter_type));
        drop(PARAMETER_TYPES.get().replace(Some(types)));
    }
}
