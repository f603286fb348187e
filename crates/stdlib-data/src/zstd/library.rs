//! The zstd library's contexts and dictionaries, owned. Parameters go to the library as plain numbers, since a program
//! may name any: the bindings' enumerations cannot hold those.

use std::collections::TryReserveError;
use std::ffi::{CStr, c_int, c_void};
use std::ptr::NonNull;
use zstd_sys as z;

unsafe extern "C" {
    #[link_name = "ZSTD_cParam_getBounds"]
    fn c_param_get_bounds(parameter: c_int) -> z::ZSTD_bounds;
    #[link_name = "ZSTD_dParam_getBounds"]
    fn d_param_get_bounds(parameter: c_int) -> z::ZSTD_bounds;
    #[link_name = "ZSTD_CCtx_setParameter"]
    fn cctx_set_parameter(context: *mut z::ZSTD_CCtx, parameter: c_int, value: c_int) -> usize;
    #[link_name = "ZSTD_DCtx_setParameter"]
    fn dctx_set_parameter(context: *mut z::ZSTD_DCtx, parameter: c_int, value: c_int) -> usize;
}

/// The library's number for what went wrong.
#[derive(Clone, Copy)]
pub struct Error(usize);

impl Error {
    pub fn name(self) -> String {
        // SAFETY: gives a static C string for any number.
        unsafe { CStr::from_ptr(z::ZSTD_getErrorName(self.0)) }.to_string_lossy().into_owned()
    }
}

fn checked(result: usize) -> Result<usize, Error> {
    // SAFETY: takes any number.
    if unsafe { z::ZSTD_isError(result) } != 0 { Err(Error(result)) } else { Ok(result) }
}

/// Least and greatest value of a parameter.
pub fn bounds(is_compress: bool, parameter: i32) -> Result<(i32, i32), Error> {
    // SAFETY: both take any number.
    let bounds = unsafe { if is_compress { c_param_get_bounds(parameter) } else { d_param_get_bounds(parameter) } };
    checked(bounds.error).map(|_| (bounds.lowerBound, bounds.upperBound))
}

pub fn levels() -> (i32, i32) {
    // SAFETY: no arguments.
    unsafe { (z::ZSTD_minCLevel(), z::ZSTD_maxCLevel()) }
}

pub fn default_level() -> i32 {
    // SAFETY: no arguments.
    unsafe { z::ZSTD_defaultCLevel() }
}

pub fn version() -> (String, u32) {
    // SAFETY: a static C string.
    unsafe { (CStr::from_ptr(z::ZSTD_versionString()).to_string_lossy().into_owned(), z::ZSTD_versionNumber()) }
}

pub fn stream_out_size() -> usize {
    // SAFETY: no arguments.
    unsafe { z::ZSTD_DStreamOutSize() }
}

pub fn compress_bound(len: usize) -> usize {
    // SAFETY: takes any number.
    unsafe { z::ZSTD_compressBound(len) }
}

pub fn frame_size(frame: &[u8]) -> Result<usize, Error> {
    // SAFETY: a slice and its length.
    checked(unsafe { z::ZSTD_findFrameCompressedSize(frame.as_ptr().cast(), frame.len()) })
}

/// Size of a frame's contents where the header says so, and its dictionary's id.
pub fn frame_info(frame: &[u8]) -> Option<(Option<u64>, u32)> {
    const UNKNOWN: u64 = u64::MAX;
    const ERROR: u64 = u64::MAX - 1;
    // SAFETY: a slice and its length.
    unsafe {
        let size = match z::ZSTD_getFrameContentSize(frame.as_ptr().cast(), frame.len()) {
            ERROR => return None,
            UNKNOWN => None,
            size => Some(size),
        };
        Some((size, z::ZSTD_getDictID_fromFrame(frame.as_ptr().cast(), frame.len())))
    }
}

pub fn dictionary_id(content: &[u8]) -> u32 {
    // SAFETY: a slice and its length.
    unsafe { z::ZSTD_getDictID_fromDict(content.as_ptr().cast(), content.len()) }
}

/// Makes a dictionary out of samples; `sizes` add up to the length of `samples`. The result is its length in `out`.
pub fn train(out: &mut [u8], samples: &[u8], sizes: &[usize]) -> Result<usize, Error> {
    // SAFETY: slices and their lengths.
    checked(unsafe { z::ZDICT_trainFromBuffer(out.as_mut_ptr().cast(), out.len(), samples.as_ptr().cast(), sizes.as_ptr(), sizes.len() as u32) })
}

/// Adds header and statistics to a dictionary's contents.
pub fn finalize(out: &mut [u8], content: &[u8], samples: &[u8], sizes: &[usize], level: i32) -> Result<usize, Error> {
    let params = z::ZDICT_params_t { compressionLevel: level, notificationLevel: 0, dictID: 0 };
    // SAFETY: slices and their lengths.
    checked(unsafe {
        z::ZDICT_finalizeDictionary(
            out.as_mut_ptr().cast(),
            out.len(),
            content.as_ptr().cast(),
            content.len(),
            samples.as_ptr().cast(),
            sizes.as_ptr(),
            sizes.len() as u32,
            params,
        )
    })
}

macro_rules! owned {
    ($(#[$doc:meta])* $name:ident = $raw:path, $free:path) => {
        $(#[$doc])*
        pub struct $name(NonNull<$raw>);
        impl Drop for $name {
            fn drop(&mut self) {
                // SAFETY: owned, and freed once.
                unsafe { $free(self.0.as_ptr()) };
            }
        }
    };
}
owned!(
    /// A dictionary prepared for compression at one level. It has its own copy of the contents.
    CompressionDictionary = z::ZSTD_CDict, z::ZSTD_freeCDict
);
owned!(
    /// A dictionary prepared for decompression.
    DecompressionDictionary = z::ZSTD_DDict, z::ZSTD_freeDDict
);
owned!(CompressionContext = z::ZSTD_CCtx, z::ZSTD_freeCCtx);
owned!(DecompressionContext = z::ZSTD_DCtx, z::ZSTD_freeDCtx);

impl CompressionDictionary {
    pub fn new(content: &[u8], level: i32) -> Option<Self> {
        // SAFETY: a slice and its length.
        NonNull::new(unsafe { z::ZSTD_createCDict(content.as_ptr().cast(), content.len(), level) }).map(Self)
    }
}

impl DecompressionDictionary {
    pub fn new(content: &[u8]) -> Option<Self> {
        // SAFETY: a slice and its length.
        NonNull::new(unsafe { z::ZSTD_createDDict(content.as_ptr().cast(), content.len()) }).map(Self)
    }
}

/// What a step is to end with; the numbers are the module's constants.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(i32)]
pub enum Mode {
    Continue = 0,
    FlushBlock = 1,
    FlushFrame = 2,
}

impl Mode {
    pub fn from_number(number: i32) -> Option<Mode> {
        Some(match number {
            0 => Mode::Continue,
            1 => Mode::FlushBlock,
            2 => Mode::FlushFrame,
            _ => return None,
        })
    }
}

/// How far a step came: what the library says is left, the input used, and whether the room was filled.
pub struct Step {
    pub left: usize,
    pub consumed: usize,
    pub is_full: bool,
}

pub enum Failure {
    Library(Error),
    Memory,
}
impl From<TryReserveError> for Failure {
    fn from(_: TryReserveError) -> Failure {
        Failure::Memory
    }
}

/// Runs a step of the library with the end of `out` as its room.
fn step(input: &[u8], out: &mut Vec<u8>, room: usize, run: impl FnOnce(&mut z::ZSTD_outBuffer, &mut z::ZSTD_inBuffer) -> usize) -> Result<Step, Failure> {
    out.try_reserve_exact(room)?;
    let start = out.len();
    let mut output = z::ZSTD_outBuffer { dst: out.spare_capacity_mut().as_mut_ptr().cast(), size: room, pos: 0 };
    let mut given = z::ZSTD_inBuffer { src: input.as_ptr().cast(), size: input.len(), pos: 0 };
    let result = checked(run(&mut output, &mut given));
    // SAFETY: the library has initialised what it says it wrote, within the room.
    unsafe { out.set_len(start + output.pos.min(room)) };
    let left = result.map_err(Failure::Library)?;
    Ok(Step { left, consumed: given.pos, is_full: output.pos >= room })
}

impl CompressionContext {
    pub fn new() -> Option<Self> {
        // SAFETY: no arguments.
        NonNull::new(unsafe { z::ZSTD_createCCtx() }).map(Self)
    }
    pub fn set(&mut self, parameter: i32, value: i32) -> Result<(), Error> {
        // SAFETY: a live context; any numbers.
        checked(unsafe { cctx_set_parameter(self.0.as_ptr(), parameter, value) }).map(drop)
    }
    pub fn set_pledged_size(&mut self, size: u64) -> Result<(), Error> {
        // SAFETY: a live context.
        checked(unsafe { z::ZSTD_CCtx_setPledgedSrcSize(self.0.as_ptr(), size) }).map(drop)
    }
    /// # Safety
    /// The dictionary must outlive the context.
    pub unsafe fn refer_to(&mut self, dictionary: &CompressionDictionary) -> Result<(), Error> {
        // SAFETY: live, and see above.
        checked(unsafe { z::ZSTD_CCtx_refCDict(self.0.as_ptr(), dictionary.0.as_ptr()) }).map(drop)
    }
    pub fn load(&mut self, content: &[u8]) -> Result<(), Error> {
        // SAFETY: a live context; the library copies the slice.
        checked(unsafe { z::ZSTD_CCtx_loadDictionary(self.0.as_ptr(), content.as_ptr().cast(), content.len()) }).map(drop)
    }
    /// # Safety
    /// The prefix must outlive the context.
    pub unsafe fn refer_to_prefix(&mut self, prefix: *const [u8]) -> Result<(), Error> {
        // SAFETY: see above.
        checked(unsafe { z::ZSTD_CCtx_refPrefix(self.0.as_ptr(), prefix.cast::<c_void>(), prefix.len()) }).map(drop)
    }
    pub fn reset_session(&mut self) {
        // SAFETY: a live context.
        unsafe { z::ZSTD_CCtx_reset(self.0.as_ptr(), z::ZSTD_ResetDirective::ZSTD_reset_session_only) };
    }
    pub fn step(&mut self, input: &[u8], out: &mut Vec<u8>, room: usize, mode: Mode) -> Result<Step, Failure> {
        let directive = match mode {
            Mode::Continue => z::ZSTD_EndDirective::ZSTD_e_continue,
            Mode::FlushBlock => z::ZSTD_EndDirective::ZSTD_e_flush,
            Mode::FlushFrame => z::ZSTD_EndDirective::ZSTD_e_end,
        };
        // SAFETY: a live context, and buffers that live through the call.
        step(input, out, room, |output, given| unsafe { z::ZSTD_compressStream2(self.0.as_ptr(), output, given, directive) })
    }
}

impl DecompressionContext {
    pub fn new() -> Option<Self> {
        // SAFETY: no arguments.
        NonNull::new(unsafe { z::ZSTD_createDCtx() }).map(Self)
    }
    pub fn set(&mut self, parameter: i32, value: i32) -> Result<(), Error> {
        // SAFETY: a live context; any numbers.
        checked(unsafe { dctx_set_parameter(self.0.as_ptr(), parameter, value) }).map(drop)
    }
    /// # Safety
    /// The dictionary must outlive the context.
    pub unsafe fn refer_to(&mut self, dictionary: &DecompressionDictionary) -> Result<(), Error> {
        // SAFETY: live, and see above.
        checked(unsafe { z::ZSTD_DCtx_refDDict(self.0.as_ptr(), dictionary.0.as_ptr()) }).map(drop)
    }
    pub fn load(&mut self, content: &[u8]) -> Result<(), Error> {
        // SAFETY: a live context; the library copies the slice.
        checked(unsafe { z::ZSTD_DCtx_loadDictionary(self.0.as_ptr(), content.as_ptr().cast(), content.len()) }).map(drop)
    }
    /// # Safety
    /// The prefix must outlive the context.
    pub unsafe fn refer_to_prefix(&mut self, prefix: *const [u8]) -> Result<(), Error> {
        // SAFETY: see above.
        checked(unsafe { z::ZSTD_DCtx_refPrefix(self.0.as_ptr(), prefix.cast::<c_void>(), prefix.len()) }).map(drop)
    }
    pub fn reset_session(&mut self) {
        // SAFETY: a live context.
        unsafe { z::ZSTD_DCtx_reset(self.0.as_ptr(), z::ZSTD_ResetDirective::ZSTD_reset_session_only) };
    }
    pub fn step(&mut self, input: &[u8], out: &mut Vec<u8>, room: usize) -> Result<Step, Failure> {
        // SAFETY: a live context, and buffers that live through the call.
        step(input, out, room, |output, given| unsafe { z::ZSTD_decompressStream(self.0.as_ptr(), output, given) })
    }
}
