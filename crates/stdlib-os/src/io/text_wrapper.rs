//! `TextIOWrapper`: text over a buffered binary stream. This file has the object, its making and writing; reading is in `text_read.rs`,
//! `tell` and `seek` in `text_position.rs`.
//!
//! Encoded text waits in `pending` until it is a chunk, or must be flushed. Decoded text that was not given out is `decoded[used..]`.

use super::base::{DICT_OFFSET, StreamHead, WEAKREFS_OFFSET, check_closed, refuse_state};
use super::buffered::Buffered;
use super::buffered_random::BufferedRandom;
use super::buffered_reader::BufferedReader;
use super::buffered_writer::BufferedWriter;
use super::file_io::FileIO;
use super::text_codec::{Codec, Decoder, Encoded, Encoder, locale_encoding, strict};
use super::{get, retry_interrupted, unsupported};
use super::base::size_or_all;
use macros::pytype;
use runtime::errors::{self, PyResult, Raised};
use runtime::macro_support::{NoneOr, Traverse, Visitor};
use runtime::object::{Object, Owned, PyTyped, Type};
use runtime::protocol::{call, number, object};
use runtime::types::str::search::find_char;
use runtime::types::{self, Bytes, Dict, Int, Str, Tuple};
use runtime::{err, exceptions, intern};
use std::cell::{Cell, RefCell, UnsafeCell};
use std::mem::offset_of;
use std::rc::Rc;

/// Where the decoder was before the chunk that `decoded` comes from: its flags, and the bytes it was fed since.
#[derive(Clone)]
pub struct Snapshot {
    pub flags: Owned<Int>,
    pub input: Owned,
}

#[repr(C)]
pub struct TextIOWrapper {
    pub stream: StreamHead,
    pub buffer: Cell<Option<Owned>>,
    encoding: Cell<Option<Owned<Str>>>,
    line_buffering: Cell<bool>,
    write_through: Cell<bool>,
    finalizing: Cell<bool>,
    ok: Cell<bool>,
    detached: Cell<bool>,
    pub seekable: Cell<bool>,
    pub telling: Cell<bool>,
    pub has_read1: Cell<bool>,
    /// Text only has to be appended to `pending`: a native encoder, no newlines to translate or to flush at, no decoder.
    append_only: Cell<bool>,
    /// The buffer and its raw file are of the exact native types.
    plain_file: Cell<bool>,
    pub universal: Cell<bool>,
    pub translate_read: Cell<bool>,
    translate_write: Cell<bool>,
    /// A Python encoder that was not told yet that the stream's start is behind it.
    at_start: Cell<bool>,
    errors: Cell<Option<Owned<Str>>>,
    /// The line end to look for; None for `\n` or any.
    pub read_newline: Cell<Option<Owned<Str>>>,
    /// What `\n` is written as, if not as itself.
    write_newline: Cell<Option<&'static str>>,
    encoder: RefCell<Option<Rc<Encoder>>>,
    decoder: RefCell<Option<Rc<Decoder>>>,
    pub chunk_size: Cell<isize>,
    pub decoded: Cell<Option<Owned<Str>>>,
    pub used: Cell<usize>,
    /// Bytes to characters, of the last chunk.
    pub ratio: Cell<f64>,
    pub snapshot: RefCell<Option<Snapshot>>,
    /// Touched under the GIL, without running Python code.
    pending: UnsafeCell<Vec<u8>>,
}

impl Traverse for TextIOWrapper {
    fn traverse(&self, visitor: &mut Visitor) {
        self.stream.traverse(visitor);
        self.buffer.traverse(visitor);
        if let Some(encoder) = &*self.encoder.borrow() {
            encoder.traverse(visitor);
        }
        if let Some(decoder) = &*self.decoder.borrow() {
            decoder.traverse(visitor);
        }
        if let Some(snapshot) = &*self.snapshot.borrow() {
            snapshot.input.traverse(visitor);
        }
    }
    fn clear(&self) {
        self.ok.set(false);
        let (encoder, decoder, snapshot) = (self.encoder.take(), self.decoder.take(), self.snapshot.take());
        drop((encoder, decoder, snapshot));
        self.buffer.clear();
        self.stream.clear();
    }
}

/// The `newline` argument: "" and "\n" and so on; None is universal mode.
pub fn check_newline(newline: Option<&str>) -> PyResult<()> {
    match newline {
        None | Some("" | "\n" | "\r" | "\r\n") => Ok(()),
        Some(other) => Err(err!(ValueError, "illegal newline value: {other}")),
    }
}

impl TextIOWrapper {
    fn new() -> TextIOWrapper {
        TextIOWrapper {
            stream: StreamHead::new(),
            buffer: Cell::new(None),
            encoding: Cell::new(None),
            line_buffering: Cell::new(false),
            write_through: Cell::new(false),
            finalizing: Cell::new(false),
            ok: Cell::new(false),
            detached: Cell::new(false),
            seekable: Cell::new(false),
            telling: Cell::new(false),
            has_read1: Cell::new(false),
            append_only: Cell::new(false),
            plain_file: Cell::new(false),
            universal: Cell::new(false),
            translate_read: Cell::new(false),
            translate_write: Cell::new(false),
            at_start: Cell::new(false),
            errors: Cell::new(None),
            read_newline: Cell::new(None),
            write_newline: Cell::new(None),
            encoder: RefCell::new(None),
            decoder: RefCell::new(None),
            chunk_size: Cell::new(8192),
            decoded: Cell::new(None),
            used: Cell::new(0),
            ratio: Cell::new(0.0),
            snapshot: RefCell::new(None),
            pending: UnsafeCell::new(Vec::new()),
        }
    }
    pub fn over(buffer: &Object, encoding: Option<&str>, errors: Option<&Object>, newline: Option<&str>, line_buffering: bool) -> PyResult<Owned<TextIOWrapper>> {
        let stream = TextIOWrapper::construct(TextIOWrapper::type_object(), TextIOWrapper::new())?;
        stream.initialize(buffer, encoding, errors, newline, line_buffering, false)?;
        Ok(stream)
    }

    fn initialize(
        &self,
        buffer: &Object,
        encoding: Option<&str>,
        errors: Option<&Object>,
        newline: Option<&str>,
        line_buffering: bool,
        write_through: bool,
    ) -> PyResult<()> {
        self.ok.set(false);
        self.detached.set(false);
        if encoding.is_none() && runtime::state::get().config.borrow().warn_default_encoding {
            exceptions::warn(exceptions::EncodingWarning(), "'encoding' argument not specified", 1)?;
        }
        let errors = match errors.filter(|e| !e.is_none()) {
            None => strict(),
            Some(errors) => match errors.downcast::<Str>() {
                Some(errors) => Owned::from_ref(errors),
                None => return Err(err!(TypeError, "TextIOWrapper() argument 'errors' must be str or None, not {}", errors.type_name())),
            },
        };
        check_newline(newline)?;
        let encoding = match encoding {
            None | Some("locale") => locale_encoding(),
            Some(name) => Str::new(name),
        };
        let codec = Codec::find(&encoding)?;
        check_errors(&errors)?;
        drop(self.decoded.take());
        drop(self.snapshot.take());
        self.used.set(0);
        // SAFETY: no borrow of the bytes is alive.
        unsafe { (*self.pending.get()).truncate(0) };
        self.ratio.set(0.0);
        drop(self.encoding.replace(Some(encoding)));
        drop(self.errors.replace(Some(errors.clone())));
        self.chunk_size.set(8192);
        self.line_buffering.set(line_buffering);
        self.write_through.set(write_through);
        self.set_newline(newline);
        drop(self.buffer.replace(Some(buffer.to_owned())));
        self.set_codec(&codec, &errors)?;
        self.plain_file.set(false);
        if let Some(buffered) = exact_buffered(buffer)
            && get(&buffered.raw).is_some_and(|raw| raw.is_exact::<FileIO>())
        {
            self.plain_file.set(true);
        }
        let seekable = call::call_method0(buffer, intern!("seekable"))?;
        let seekable = object::is_true(&seekable)?;
        self.seekable.set(seekable);
        self.telling.set(seekable);
        self.has_read1.set(object::has_attr(buffer, intern!("read1"))?);
        self.fix_encoder()?;
        self.ok.set(true);
        self.choose_path();
        Ok(())
    }

    fn choose_path(&self) {
        let native = matches!(self.encoder().as_deref(), Some(Encoder::Native(..)));
        let plain = self.write_newline.get().is_none() && !self.line_buffering.get() && !self.write_through.get();
        self.append_only.set(native && plain && self.decoder.borrow().is_none());
    }

    fn set_newline(&self, newline: Option<&str>) {
        let ends = match newline {
            Some("\r") => Some(intern!("\r")),
            Some("\n") => Some(intern!("\n")),
            Some("\r\n") => Some(intern!("\r\n")),
            _ => None,
        };
        drop(self.read_newline.replace(ends.map(|text| Owned::from_ref(text))));
        self.universal.set(newline.is_none_or(|n| n.is_empty()));
        self.translate_read.set(newline.is_none());
        self.translate_write.set(newline.is_none_or(|n| !n.is_empty()));
        self.write_newline.set(match newline {
            Some("\r") => Some("\r"),
            Some("\r\n") => Some("\r\n"),
            _ => None,
        });
    }

    /// Makes the decoder and the encoder that the buffer calls for.
    fn set_codec(&self, codec: &Codec, errors: &Str) -> PyResult<()> {
        let buffer = self.buffer()?;
        let readable = call::call_method0(&buffer, intern!("readable"))?;
        let decoder = match object::is_true(&readable)? {
            true => Some(Rc::new(codec.decoder(errors, self.universal.get(), self.translate_read.get())?)),
            false => None,
        };
        let old = self.decoder.replace(decoder);
        drop(old);
        let writable = call::call_method0(&buffer, intern!("writable"))?;
        let encoder = match object::is_true(&writable)? {
            true => Some(Rc::new(codec.encoder(errors)?)),
            false => None,
        };
        let old = self.encoder.replace(encoder);
        drop(old);
        Ok(())
    }

    /// Tells a new encoder whether the stream is at its start.
    fn fix_encoder(&self) -> PyResult<()> {
        if !self.seekable.get() {
            return Ok(());
        }
        let Some(encoder) = self.encoder() else { return Ok(()) };
        self.at_start.set(true);
        let at = call::call_method0(&*self.buffer()?, intern!("tell"))?;
        if !is_zero(&at)? {
            self.at_start.set(false);
            encoder.restart(false)?;
        }
        Ok(())
    }

    // ---- state ----------------------------------------------------------------------------------------------------------------------

    pub fn buffer(&self) -> PyResult {
        get(&self.buffer).ok_or_else(|| self.not_attached())
    }
    pub fn decoder(&self) -> Option<Rc<Decoder>> {
        self.decoder.borrow().clone()
    }
    pub fn encoder(&self) -> Option<Rc<Encoder>> {
        self.encoder.borrow().clone()
    }
    fn check_initialized(&self) -> PyResult<()> {
        if self.ok.get() { Ok(()) } else { Err(err!(ValueError, "I/O operation on uninitialized object")) }
    }
    #[inline]
    pub fn check_attached(&self) -> PyResult<()> {
        if self.ok.get() && !self.detached.get() { Ok(()) } else { Err(self.not_attached()) }
    }
    #[cold]
    fn not_attached(&self) -> Raised {
        if self.detached.get() {
            return err!(ValueError, "underlying buffer has been detached");
        }
        err!(ValueError, "I/O operation on uninitialized object")
    }
    #[inline]
    pub fn check_open(&self) -> PyResult<()> {
        self.check_attached()?;
        if self.is_exact::<TextIOWrapper>() {
            if self.plain_file.get()
                // SAFETY: only looked at.
                && let Some(buffer) = unsafe { (*self.buffer.as_ptr()).as_ref() }
                && let Some(buffered) = exact_buffered(buffer)
                && buffered.fast_closed.get()
                && buffered.ok.get()
                && !buffered.is_closed()?
            {
                return Ok(());
            }
            let closed = object::get_attr(&*self.buffer()?, intern!("closed"))?;
            if object::is_true(&closed)? {
                return Err(err!(ValueError, "I/O operation on closed file."));
            }
            return Ok(());
        }
        check_closed(self)
    }
    /// A cookie is of no use once the decoder went on.
    pub fn forget_decoded(&self) {
        drop(self.decoded.take());
        self.used.set(0);
    }
    pub fn forget_snapshot(&self) {
        let old = self.snapshot.take();
        drop(old);
    }
    fn forward(&self, name: &Str) -> PyResult {
        self.check_attached()?;
        call::call_method0(&*self.buffer()?, name)
    }

    // ---- writing --------------------------------------------------------------------------------------------------------------------

    /// Hands the waiting bytes to the buffer.
    #[inline]
    pub fn flush_pending(&self) -> PyResult<()> {
        // SAFETY: only looked at.
        if unsafe { (*self.pending.get()).is_empty() } { Ok(()) } else { self.flush_pending_slow() }
    }
    fn flush_all_pending(&self) -> PyResult<()> {
        // SAFETY: only looked at.
        while unsafe { !(*self.pending.get()).is_empty() } {
            self.flush_pending_slow()?;
        }
        Ok(())
    }
    #[inline(never)]
    fn flush_pending_slow(&self) -> PyResult<()> {
        // SAFETY: the bytes are taken out: code that runs meanwhile sees none.
        let mut bytes = unsafe { std::mem::take(&mut *self.pending.get()) };
        let buffer = self.buffer()?;
        let result = match exact_writer(&buffer) {
            Some(buffered) => loop {
                match buffered.write_bytes(&bytes) {
                    Err(raised) => match super::interrupted() {
                        Ok(true) => continue,
                        Ok(false) => break Err(raised),
                        Err(raised) => break Err(raised),
                    },
                    Ok(_) => break Ok(()),
                }
            },
            None => {
                let object = Bytes::new(&bytes);
                retry_interrupted(|| call::call_method(&buffer, intern!("write"), &[&object])).map(drop)
            }
        };
        bytes.truncate(0);
        // SAFETY: no borrow is alive.
        unsafe {
            let pending = &mut *self.pending.get();
            if pending.is_empty() && bytes.capacity() <= 1 << 16 {
                *pending = bytes;
            }
        }
        result
    }

    /// `write`.
    #[inline]
    pub fn write_text(&self, text: &Str) -> PyResult<usize> {
        self.check_open()?;
        if self.append_only.get()
            && let Some(ascii) = text.as_ascii()
        {
            // SAFETY: the only borrow; no code runs meanwhile.
            let pending = unsafe { &mut *self.pending.get() };
            if pending.len() + ascii.len() < self.chunk_size.get() as usize {
                pending.extend_from_slice(ascii.as_bytes());
                return Ok(ascii.len());
            }
        }
        self.write_any(text)
    }
    #[inline(never)]
    fn write_any(&self, text: &Str) -> PyResult<usize> {
        let Some(encoder) = self.encoder() else { return Err(unsupported("not writable")) };
        let length = text.len();
        let newline = if self.translate_write.get() { self.write_newline.get() } else { None };
        let mut has_line_feed = false;
        if newline.is_some() || self.line_buffering.get() {
            has_line_feed = find_char(text.text(), '\n' as u32).is_some();
        }
        let translated;
        let mut text = text;
        if has_line_feed && let Some(newline) = newline {
            translated = text.replace(intern!("\n"), &Str::new(newline), -1)?;
            text = &translated;
        }
        let flush = self.line_buffering.get() && (has_line_feed || find_char(text.text(), '\r' as u32).is_some());
        if self.at_start.get() && encoder.has_state() {
            self.at_start.set(false);
        }
        let chunk = self.chunk_size.get() as usize;
        if length >= chunk {
            // Text that is a chunk by itself is not joined to others. The buffer's code may write to this stream meanwhile.
            self.flush_all_pending()?;
        }
        let encoded = match &*encoder {
            // SAFETY: the bytes are taken out: error handlers, which are Python code, see none.
            Encoder::Native(..) => {
                let mut bytes = unsafe { std::mem::take(&mut *self.pending.get()) };
                let encoded = encoder.encode(text, &mut bytes);
                // SAFETY: as above. A handler that wrote to this stream comes first.
                unsafe {
                    let pending = &mut *self.pending.get();
                    if pending.is_empty() {
                        *pending = bytes;
                    } else {
                        bytes.append(pending);
                        *pending = bytes;
                    }
                }
                encoded?
            }
            Encoder::Python(_) => encoder.encode(text, &mut Vec::new())?,
        };
        if let Encoded::Object(bytes) = encoded {
            if bytes.len() >= chunk {
                self.flush_all_pending()?;
            }
            // SAFETY: as above.
            unsafe { (*self.pending.get()).extend_from_slice(bytes.as_slice()) };
        }
        // SAFETY: only looked at.
        let waiting = unsafe { (*self.pending.get()).len() };
        if waiting >= chunk || flush || self.write_through.get() {
            self.flush_pending()?;
        }
        if flush {
            self.flush_buffer()?;
        }
        if self.snapshot.borrow().is_some() {
            self.forget_decoded();
            self.forget_snapshot();
        }
        if let Some(decoder) = self.decoder() {
            decoder.reset()?;
        }
        Ok(length)
    }

    fn flush_buffer(&self) -> PyResult<()> {
        let buffer = self.buffer()?;
        match exact_writer(&buffer) {
            Some(buffered) => buffered.flush_stream(),
            None => call::call_method0(&buffer, intern!("flush")).map(drop),
        }
    }

    fn change_encoding(&self, encoding: Option<&Str>, errors: Option<&Str>, newline_changed: bool) -> PyResult<()> {
        if encoding.is_none() && errors.is_none() && !newline_changed {
            return Ok(());
        }
        let (encoding, errors) = match encoding {
            None => (get(&self.encoding), errors.map(Owned::from_ref).or_else(|| get(&self.errors))),
            Some(name) if name.eq_str("locale") => (Some(locale_encoding()), errors.map(Owned::from_ref)),
            Some(name) => (Some(Owned::from_ref(name)), errors.map(Owned::from_ref)),
        };
        let Some(encoding) = encoding else { return Err(self.not_attached()) };
        let errors = errors.unwrap_or_else(strict);
        errors.as_utf8()?;
        let codec = Codec::find(&encoding)?;
        self.set_codec(&codec, &errors)?;
        drop(self.encoding.replace(Some(encoding)));
        drop(self.errors.replace(Some(errors)));
        self.fix_encoder()
    }
}

pub fn is_zero(value: &Object) -> PyResult<bool> {
    object::rich_compare_bool(value, &Int::from_i64(0), object::CompareOp::Eq)
}

/// The name of an error handler: text without NUL; in development mode it must be registered.
fn check_errors(errors: &Str) -> PyResult<()> {
    let name = errors.as_utf8()?;
    if name.contains('\0') {
        return Err(err!(ValueError, "embedded null character"));
    }
    if runtime::state::get().config.borrow().dev_mode {
        runtime::codecs::registry::lookup_error(name)?;
    }
    Ok(())
}

/// The buffer if its exact type is one of the buffered streams.
#[inline]
pub fn exact_buffered(buffer: &Object) -> Option<&Buffered> {
    if let Some(reader) = buffer.downcast_exact::<BufferedReader>() {
        return Some(&reader.0);
    }
    if let Some(writer) = buffer.downcast_exact::<BufferedWriter>() {
        return Some(&writer.0);
    }
    buffer.downcast_exact::<BufferedRandom>().map(|random| &random.0)
}

/// A buffered stream that can be written to without a method call: nobody put other methods into its dict.
fn exact_writer(buffer: &Object) -> Option<&Buffered> {
    let buffered = exact_buffered(buffer).filter(|b| b.writable.get())?;
    // SAFETY: only looked at.
    let plain = unsafe { (*buffered.stream.dict.as_ptr()).as_ref() }.is_none_or(|dict| dict.is_empty());
    plain.then_some(buffered)
}

fn optional_flag(value: Option<&Object>, default: bool) -> PyResult<bool> {
    match value {
        Some(value) if !value.is_none() => Ok(number::as_i32(value)? != 0),
        _ => Ok(default),
    }
}

/// Character and line based layer over a BufferedIOBase object, buffer.
///
/// encoding gives the name of the encoding that the stream will be
/// decoded or encoded with. It defaults to locale.getencoding().
///
/// errors determines the strictness of encoding and decoding (see
/// help(codecs.Codec) or the documentation for codecs.register) and
/// defaults to "strict".
///
/// newline controls how line endings are handled. It can be None, '',
/// '\n', '\r', and '\r\n'.  It works as follows:
///
/// * On input, if newline is None, universal newlines mode is
///   enabled. Lines in the input can end in '\n', '\r', or '\r\n', and
///   these are translated into '\n' before being returned to the
///   caller. If it is '', universal newline mode is enabled, but line
///   endings are returned to the caller untranslated. If it has any of
///   the other legal values, input lines are only terminated by the given
///   string, and the line ending is returned to the caller untranslated.
///
/// * On output, if newline is None, any '\n' characters written are
///   translated to the system default line separator, os.linesep. If
///   newline is '' or '\n', no translation takes place. If newline is any
///   of the other legal values, any '\n' characters written are translated
///   to the given string.
///
/// If line_buffering is True, a call to flush is implied when a call to
/// write contains a newline character.
#[pytype(static = TextIOWrapper_Type, name = "TextIOWrapper", module = "_io", base = super::base::_TextIOBase_Type,
    signature = "(buffer, encoding=None, errors=None, newline=None,\n              line_buffering=False, write_through=False)",
    flags = BASETYPE | INHERITS_NEW | HAVE_GC | IMMUTABLETYPE, native, dictoffset = DICT_OFFSET, weaklistoffset = WEAKREFS_OFFSET,
    members = [("encoding", T_OBJECT, offset_of!(TextIOWrapper, encoding), READONLY), ("buffer", T_OBJECT, offset_of!(TextIOWrapper, buffer), READONLY),
        ("line_buffering", T_BOOL, offset_of!(TextIOWrapper, line_buffering), READONLY),
        ("write_through", T_BOOL, offset_of!(TextIOWrapper, write_through), READONLY),
        ("_finalizing", T_BOOL, offset_of!(TextIOWrapper, finalizing), 0)])]
impl TextIOWrapper {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<TextIOWrapper>> {
        TextIOWrapper::construct(cls, TextIOWrapper::new())
    }
    #[slot("TextIOWrapper(buffer, encoding=None, errors=None, newline=None, line_buffering=False, write_through=False)")]
    fn tp_init(
        &self,
        buffer: &Object,
        encoding: Option<&str>,
        errors: Option<&Object>,
        newline: Option<&str>,
        line_buffering: bool,
        write_through: bool,
    ) -> PyResult<()> {
        self.initialize(buffer, encoding, errors, newline, line_buffering, write_through)
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        self.check_initialized()?;
        if object::repr_enter(self) {
            return Err(err!(RuntimeError, "reentrant call inside {}.__repr__", self.type_name()));
        }
        let text = (|| {
            let mut text = format!("<{}", self.type_name());
            for name in [intern!("name"), intern!("mode")] {
                let value = match object::get_attr_opt(self, name) {
                    Ok(value) => value,
                    Err(_) if errors::matches(exceptions::ValueError()) && name.eq_str("name") => {
                        errors::clear();
                        None
                    }
                    Err(raised) => return Err(raised),
                };
                if let Some(value) = value {
                    let shown = object::repr(&value)?;
                    text.push_str(&format!(" {}={}", name, String::from_utf8_lossy(&shown.to_wtf8())));
                }
            }
            let encoding = get(&self.encoding).map_or(types::none().to_owned(), |e| e.into_object());
            let shown = object::repr(&encoding)?;
            text.push_str(&format!(" encoding={}>", &*shown));
            Ok(Str::new(&text))
        })();
        object::repr_leave(self);
        text
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        self.next_line()
    }
    /// Separate the underlying buffer from the TextIOBase and return it.
    ///
    /// After the underlying buffer has been detached, the TextIO is in an unusable state.
    #[method("detach($self, /)")]
    fn detach(&self) -> PyResult {
        self.check_attached()?;
        call::call_method0(self, intern!("flush"))?;
        let buffer = self.buffer.take();
        self.detached.set(true);
        buffer.ok_or_else(|| self.not_attached())
    }
    /// reconfigure($self, /, *, encoding=None, errors=None, newline=None,
    ///             line_buffering=None, write_through=None)
    /// --
    ///
    /// Reconfigure the text stream with new parameters.
    ///
    /// This also does an implicit stream flush.
    #[method("reconfigure($self, /, *, encoding=None, errors=None, newline=<unrepresentable>, line_buffering=None, write_through=None)", nosig)]
    fn reconfigure(&self, encoding: Option<&Object>, errors: Option<&Object>, newline: Option<&Object>, line_buffering: Option<&Object>, write_through: Option<&Object>) -> PyResult<()> {
        self.check_attached()?;
        let name = |value: Option<&Object>, what: &str| -> PyResult<Option<Owned<Str>>> {
            let Some(value) = value.filter(|v| !v.is_none()) else { return Ok(None) };
            match value.downcast::<Str>() {
                Some(text) => Ok(Some(Owned::from_ref(text))),
                None => Err(err!(TypeError, "reconfigure() argument '{what}' must be str or None, not {}", value.type_name())),
            }
        };
        let (encoding, errors) = (name(encoding, "encoding")?, name(errors, "errors")?);
        // SAFETY: only looked at.
        let read = unsafe { (*self.decoded.as_ptr()).is_some() };
        if read && (encoding.is_some() || errors.is_some() || newline.is_some()) {
            return Err(unsupported("It is not possible to set the encoding or newline of stream after the first read"));
        }
        let new_newline = match newline {
            Some(newline) => {
                let newline = name(Some(newline), "newline")?;
                let newline = match &newline {
                    Some(text) => Some(text.as_utf8()?.to_string()),
                    None => None,
                };
                check_newline(newline.as_deref())?;
                Some(newline)
            }
            None => None,
        };
        let line_buffering = optional_flag(line_buffering, self.line_buffering.get())?;
        let write_through = optional_flag(write_through, self.write_through.get())?;
        call::call_method0(self, intern!("flush"))?;
        self.ratio.set(0.0);
        let changed = new_newline.is_some();
        if let Some(newline) = new_newline {
            self.set_newline(newline.as_deref());
        }
        self.change_encoding(encoding.as_deref(), errors.as_deref(), changed)?;
        self.line_buffering.set(line_buffering);
        self.write_through.set(write_through);
        self.choose_path();
        Ok(())
    }
    #[method("write($self, text, /)")]
    fn write(&self, text: &Str) -> PyResult<usize> {
        self.write_text(text)
    }
    #[method("read($self, size=-1, /)")]
    fn read(&self, size: Option<NoneOr<isize>>) -> PyResult<Owned<Str>> {
        self.read_text(size_or_all(size))
    }
    #[method("readline($self, size=-1, /)")]
    fn readline(&self, size: isize) -> PyResult<Owned<Str>> {
        self.check_attached()?;
        self.read_line(size)
    }
    #[method("flush($self, /)")]
    fn flush(&self) -> PyResult<()> {
        self.check_open()?;
        self.telling.set(self.seekable.get());
        self.flush_pending()?;
        self.flush_buffer()
    }
    #[method("close($self, /)")]
    fn close(&self) -> PyResult {
        self.check_attached()?;
        let closed = object::get_attr(self, intern!("closed"))?;
        if object::is_true(&closed)? {
            return Ok(types::none().to_owned());
        }
        // `closed` may be Python code that detaches the buffer.
        let Some(buffer) = get(&self.buffer) else { return Ok(types::none().to_owned()) };
        if self.finalizing.get() && call::call_method(&buffer, intern!("_dealloc_warn"), &[self]).is_err() {
            errors::clear();
        }
        let flushed = call::call_method0(self, intern!("flush"));
        super::both(flushed, || call::call_method0(&buffer, intern!("close")))
    }
    #[method("fileno($self, /)")]
    fn fileno(&self) -> PyResult {
        self.forward(intern!("fileno"))
    }
    #[method("seekable($self, /)")]
    fn seekable(&self) -> PyResult {
        self.forward(intern!("seekable"))
    }
    #[method("readable($self, /)")]
    fn readable(&self) -> PyResult {
        self.forward(intern!("readable"))
    }
    #[method("writable($self, /)")]
    fn writable(&self) -> PyResult {
        self.forward(intern!("writable"))
    }
    #[method("isatty($self, /)")]
    fn isatty(&self) -> PyResult {
        self.forward(intern!("isatty"))
    }
    /// Set the stream position, and return the new stream position.
    ///
    ///   cookie
    ///     Zero or an opaque number returned by tell().
    ///   whence
    ///     The relative position to seek from.
    ///
    /// Four operations are supported, given by the following argument
    /// combinations:
    ///
    /// - seek(0, SEEK_SET): Rewind to the start of the stream.
    /// - seek(cookie, SEEK_SET): Restore a previous position;
    ///   'cookie' must be a number returned by tell().
    /// - seek(0, SEEK_END): Fast-forward to the end of the stream.
    /// - seek(0, SEEK_CUR): Leave the current stream position unchanged.
    ///
    /// Any other argument combinations are invalid,
    /// and may raise exceptions.
    #[method("seek($self, cookie, whence=0, /)")]
    fn seek(&self, cookie: &Object, whence: i32) -> PyResult {
        self.seek_to(cookie, whence)
    }
    /// Return the stream position as an opaque number.
    ///
    /// The return value of tell() can be given as input to seek(), to restore a
    /// previous stream position.
    #[method("tell($self, /)")]
    fn tell(&self) -> PyResult {
        self.tell_cookie()
    }
    #[method("truncate($self, pos=None, /)")]
    fn truncate(&self, pos: Option<&Object>) -> PyResult {
        self.check_attached()?;
        call::call_method0(self, intern!("flush"))?;
        call::call_method(&*self.buffer()?, intern!("truncate"), &[pos.unwrap_or(types::none())])
    }
    #[method("__getstate__($self, /)")]
    fn __getstate__(&self) -> PyResult {
        refuse_state(self)
    }
    #[getter]
    fn name(&self) -> PyResult {
        self.check_attached()?;
        object::get_attr(&*self.buffer()?, intern!("name"))
    }
    #[getter]
    fn closed(&self) -> PyResult {
        self.check_attached()?;
        let buffer = self.buffer()?;
        object::get_attr(&buffer, intern!("closed"))
    }
    #[getter]
    fn newlines(&self) -> PyResult {
        self.check_attached()?;
        match self.decoder() {
            Some(decoder) => decoder.newlines(),
            None => Ok(types::none().to_owned()),
        }
    }
    #[getter]
    fn errors(&self) -> PyResult {
        self.check_initialized()?;
        Ok(get(&self.errors).map_or(types::none().to_owned(), |e| e.into_object()))
    }
    #[getter("_CHUNK_SIZE")]
    fn chunk_size(&self) -> PyResult<isize> {
        self.check_attached()?;
        Ok(self.chunk_size.get())
    }
    #[setter("_CHUNK_SIZE")]
    fn set_chunk_size(&self, value: Option<&Object>) -> PyResult<()> {
        self.check_attached()?;
        let Some(value) = value else {
            return Err(err!(AttributeError, "attribute '_CHUNK_SIZE' of '_io.TextIOWrapper' objects cannot be deleted"));
        };
        let size = number::as_isize(value, Some(exceptions::ValueError()))?;
        if size <= 0 {
            return Err(err!(ValueError, "a strictly positive integer is required"));
        }
        self.chunk_size.set(size);
        Ok(())
    }
}
