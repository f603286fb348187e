//! `ZstdDecompressor`: one frame.

use super::dictionary::{self, Use};
use super::library::{self, DecompressionContext, Failure};
use super::{Direction, ERROR, Ownership, failed, given, parameter_error, parameters, stream_error};
use macros::{Traverse, pytype};
use runtime::macro_support::Buffer;
use runtime::types::{Bytes, Dict};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Type, err};
use std::cell::{Cell, RefCell};
use std::mem::offset_of;

#[derive(Traverse)]
#[repr(C)]
pub struct Decompressor {
    head: ObjectHead,
    eof: Cell<bool>,
    needs_input: Cell<bool>,
    // Dropped before the dictionary that it may refer to.
    #[traverse(skip)]
    context: RefCell<DecompressionContext>,
    #[traverse(skip)]
    _dictionary: Option<Ownership>,
    /// Input that is not used yet, or lies behind the frame's end.
    #[traverse(skip)]
    pending: RefCell<Vec<u8>>,
    /// What `unused_data` gave.
    unused: RefCell<Option<Owned<Bytes>>>,
}

impl Decompressor {
    fn run(&self, input: &[u8], limit: usize, out: &mut Vec<u8>) -> Result<usize, Failure> {
        let mut context = self.context.borrow_mut();
        let block = library::stream_out_size();
        let mut at = 0;
        loop {
            let room = out.len().max(32 * 1024).min(block * 8).min(limit - out.len());
            let step = context.step(&input[at..], out, room)?;
            at += step.consumed;
            if step.left == 0 {
                self.eof.set(true);
                return Ok(at);
            }
            // Output first: the library may hold more of it back than it has input.
            if step.is_full {
                if out.len() >= limit {
                    return Ok(at);
                }
            } else if at == input.len() {
                return Ok(at);
            }
        }
    }
    fn reset(&self) {
        self.pending.borrow_mut().clear();
        drop(self.unused.take());
        self.needs_input.set(true);
        self.eof.set(false);
        self.context.borrow_mut().reset_session();
    }
}

/// Create a decompressor object for decompressing data incrementally.
///
///   zstd_dict
///     A ZstdDict object, a pre-trained Zstandard dictionary.
///   options
///     A dict of advanced decompression parameters.
///
/// Its methods may be called from several threads. For one-shot decompression, use
/// the decompress() function instead.
#[pytype(static = Decompressor_Type, name = "ZstdDecompressor", module = "compression.zstd", flags = IMMUTABLETYPE, native, final,
    signature = "(zstd_dict=None, options=None)",
    members = [("eof", T_BOOL, offset_of!(Decompressor, eof), READONLY, "True if the end of the first frame has been reached.\n\nMore data is an EOFError then."),
        ("needs_input", T_BOOL, offset_of!(Decompressor, needs_input), READONLY, "False if decompress() reached its max_length and there may be more output:\ncalling it with b'' then gives more.")])]
impl Decompressor {
    #[slot("ZstdDecompressor(zstd_dict=None, options=None)")]
    fn tp_new(cls: &Type, zstd_dict: Option<&Object>, options: Option<&Object>) -> PyResult<Owned<Decompressor>> {
        let Some(mut context) = DecompressionContext::new() else {
            return Err(ERROR.raise(format_args!("Unable to create ZSTD_DCtx instance.")));
        };
        let mut dictionary = None;
        if let Some(argument) = given(zstd_dict) {
            let (owner, how) = dictionary::argument(argument, Use::Digested)?;
            let loaded = match how {
                // SAFETY: the owner keeps what it prepared, and is dropped after the context.
                Use::Digested => unsafe { context.refer_to(owner.for_decompression()?) },
                Use::Undigested => context.load(&owner.content),
                // SAFETY: as above.
                Use::Prefix => unsafe { context.refer_to_prefix(&raw const *owner.content) },
            };
            loaded.map_err(|error| failed("load Zstandard dictionary or prefix for decompression", error))?;
            dictionary = Some(owner);
        }
        if let Some(options) = given(options) {
            let Some(options) = options.downcast::<Dict>() else {
                return Err(err!(TypeError, "ZstdDecompressor() argument 'options' must be dict, not {}", options.type_name()));
            };
            for (key, value) in parameters(options, Direction::Decompress)? {
                context.set(key, value).map_err(|_| parameter_error(Direction::Decompress, key, value))?;
            }
        }
        let value = Decompressor {
            head: ObjectHead::placeholder(),
            eof: Cell::new(false),
            needs_input: Cell::new(true),
            context: RefCell::new(context),
            _dictionary: dictionary,
            pending: RefCell::default(),
            unused: RefCell::new(None),
        };
        Self::construct(cls, value)
    }
    /// Decompress *data*, and give the uncompressed bytes if there are any yet, or b''.
    ///
    ///   data
    ///     A bytes-like object, Zstandard data.
    ///   max_length
    ///     The most that is given. Without a limit (a negative number), all that can be
    ///     decompressed is given.
    ///
    /// Where the limit was reached and there may be more output, needs_input is False,
    /// and the next call may give b'' as data to get more of it. Otherwise it is True.
    ///
    /// More data after the end of the frame is an EOFError. What lay behind the end is
    /// in unused_data.
    #[method("decompress($self, /, data, max_length=-1)")]
    fn decompress(&self, data: Buffer, max_length: isize) -> PyResult<Owned<Bytes>> {
        if self.eof.get() {
            return Err(err!(EOFError, "Already at the end of a Zstandard frame."));
        }
        let limit = usize::try_from(max_length).unwrap_or(usize::MAX);
        let mut pending = std::mem::take(&mut *self.pending.borrow_mut());
        let input: &[u8] = if pending.is_empty() {
            &data
        } else {
            pending.extend_from_slice(&data);
            &pending
        };
        let mut out = Vec::new();
        match self.run(input, limit, &mut out) {
            Ok(used) => {
                self.needs_input.set(used == input.len() && !self.eof.get() && out.len() != limit);
                let rest = input[used..].to_vec();
                *self.pending.borrow_mut() = rest;
                Bytes::try_new(&out)
            }
            Err(failure) => {
                self.reset();
                Err(stream_error("decompress", failure))
            }
        }
    }
    /// The input behind the end of the frame, as bytes.
    ///
    /// b'' before the end.
    #[getter("unused_data")]
    fn unused_data(&self) -> PyResult<Owned<Bytes>> {
        if !self.eof.get() {
            return Ok(Owned::from_ref(Bytes::empty()));
        }
        if let Some(known) = &*self.unused.borrow() {
            return Ok(known.clone());
        }
        let made = Bytes::try_new(&self.pending.borrow())?;
        *self.unused.borrow_mut() = Some(made.clone());
        Ok(made)
    }
    #[method("__reduce__($self, /)", nosig)]
    fn reduce(&self) -> PyResult {
        Err(err!(TypeError, "cannot pickle '{}' object", self.as_object().type_name()))
    }
}
