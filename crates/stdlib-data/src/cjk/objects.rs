//! The codec objects, and the incremental codecs and streams that `encodings.*` derive from, whose classes name their codec.

use super::codec::{Codec, Problem, State};
use super::multibyte::{self, Errors};
use macros::{Traverse, pymodule, pytype};
use runtime::macro_support::Buffer;
use runtime::protocol::object::{get_attr_str, str as to_str};
use runtime::protocol::{call, sequence};
use runtime::types::{Bytes, Dict, Int, Module, Str, Tuple};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Raised, Type, err, exceptions, intern};
use std::cell::{Cell, RefCell};

/// The most characters and bytes that may wait for more.
const MOST_CHARACTERS: usize = 2;
const MOST_BYTES: usize = 8;

/// Encoders take other objects by their text.
fn text_of(input: &Object) -> PyResult<Owned<Str>> {
    match input.downcast::<Str>() {
        Some(text) => Ok(Owned::from_ref(text)),
        None => to_str(input),
    }
}

fn errors_name(value: &Object) -> PyResult<Errors> {
    match value.downcast::<Str>() {
        Some(name) => Ok(Errors::named(Some(name.as_utf8()?))),
        None => Err(err!(TypeError, "errors must be a string")),
    }
}

fn set_errors(cell: &RefCell<Errors>, value: Option<&Object>) -> PyResult<()> {
    let Some(value) = value else { return Err(err!(AttributeError, "cannot delete attribute")) };
    let errors = errors_name(value)?;
    let _old = cell.replace(errors);
    Ok(())
}

/// The codec that a class was given.
fn codec_of(cls: &Type) -> PyResult<&'static Codec> {
    let codec = get_attr_str(cls, "codec")?;
    match codec.downcast::<MultibyteCodec>() {
        Some(codec) => Ok(codec.codec),
        None => Err(err!(TypeError, "codec is unexpected type")),
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct MultibyteCodec {
    head: ObjectHead,
    #[traverse(skip)]
    codec: &'static Codec,
}

impl MultibyteCodec {
    pub fn make(codec: &'static Codec) -> PyResult<Owned<MultibyteCodec>> {
        runtime::types::type_ready(&MultibyteCodec_Type)?;
        Self::construct(Self::type_object(), MultibyteCodec { head: ObjectHead::placeholder(), codec })
    }
}

#[pytype(static = MultibyteCodec_Type, name = "MultibyteCodec", module = "_multibytecodec", flags = DISALLOW_INSTANTIATION | IMMUTABLETYPE, native, final)]
impl MultibyteCodec {
    /// Return an encoded string version of 'input'.
    ///
    /// 'errors' may be given to set a different error handling scheme.
    /// Default is 'strict', which raises UnicodeEncodeError.  Others are
    /// 'ignore', 'replace', 'xmlcharrefreplace' and every name registered
    /// with codecs.register_error that handles UnicodeEncodeErrors.
    #[method("encode($self, /, input, errors=None)")]
    fn encode(&self, input: &Object, errors: Option<&str>) -> PyResult<(Owned<Bytes>, usize)> {
        let text = text_of(input)?;
        let mut out = Vec::with_capacity(text.len() * 2);
        let mut state = self.codec.initial_encoder_state();
        multibyte::encode(self.codec, &mut state, &text, &Errors::named(errors), true, &mut out)?;
        Ok((Bytes::new(&out), text.len()))
    }
    /// Decodes 'input'.
    ///
    /// 'errors' may be given to set a different error handling scheme.
    /// Default is 'strict', which raises UnicodeDecodeError.  Others are
    /// 'ignore', 'replace' and every name registered with
    /// codecs.register_error that handles UnicodeDecodeErrors.
    #[method("decode($self, /, input, errors=None)")]
    fn decode(&self, input: Buffer, errors: Option<&str>) -> PyResult<(Owned<Str>, usize)> {
        let mut out = Vec::with_capacity(input.len());
        let mut state = self.codec.initial_decoder_state();
        multibyte::decode(self.codec, &mut state, &input, &Errors::named(errors), true, &mut out)?;
        Ok((Str::from_code_points(&out), input.len()))
    }
}

// ---- encoders ----

/// What an incremental encoder and a stream's writer have in common.
struct Encoder {
    codec: &'static Codec,
    state: Cell<State>,
    /// Characters that wait for the next.
    pending: RefCell<Option<Owned<Str>>>,
    errors: RefCell<Errors>,
}

impl Encoder {
    fn new(cls: &Type, errors: Option<&str>) -> PyResult<Encoder> {
        let codec = codec_of(cls)?;
        Ok(Encoder {
            codec,
            state: Cell::new(codec.initial_encoder_state()),
            pending: RefCell::default(),
            errors: RefCell::new(Errors::named(errors)),
        })
    }

    /// After an error what waited waits again.
    fn encode(&self, input: &Object, last: bool) -> PyResult<Owned<Bytes>> {
        let mut text = text_of(input)?;
        let pending = self.pending.borrow().clone();
        if let Some(pending) = &pending {
            text = Str::concat(pending, &text)?;
        }
        let errors = self.errors.borrow().clone();
        let mut state = self.state.get();
        let mut out = Vec::with_capacity(text.len() * 2);
        let used = multibyte::encode(self.codec, &mut state, &text, &errors, last, &mut out);
        self.state.set(state);
        let used = used?;
        drop(self.pending.take());
        if used < text.len() {
            if text.len() - used > MOST_CHARACTERS {
                return Err(err!(UnicodeError, "pending buffer overflow"));
            }
            let rest: Vec<u32> = text.code_points().skip(used).collect();
            *self.pending.borrow_mut() = Some(Str::from_code_points(&rest));
        }
        Ok(Bytes::new(&out))
    }

    /// The pending text's length and UTF-8, then the state, as one little-endian number.
    fn getstate(&self) -> PyResult<Owned<Int>> {
        let pending = self.pending.borrow().clone();
        let pending = match &pending {
            Some(text) => text.as_utf8()?.as_bytes(),
            None => &[],
        };
        let mut bytes = vec![pending.len() as u8];
        bytes.extend(pending);
        bytes.extend(self.state.get());
        Int::try_from_bigint(&num_bigint::BigInt::from_bytes_le(num_bigint::Sign::Plus, &bytes))
    }

    fn setstate(&self, state: &Int) -> PyResult<()> {
        let bytes = little_endian(state, 1 + 4 * MOST_CHARACTERS + 8)?;
        let length = bytes[0] as usize;
        if length > 4 * MOST_CHARACTERS {
            return Err(err!(UnicodeError, "pending buffer too large"));
        }
        let pending = runtime::codecs::utf8::decode(&bytes[1..1 + length], None)?;
        self.state.set(std::array::from_fn(|i| bytes[1 + length + i]));
        let _old = self.pending.replace((length > 0).then_some(pending));
        Ok(())
    }
}

/// The bytes of a number that must fit into `length`.
fn little_endian(value: &Int, length: usize) -> PyResult<Vec<u8>> {
    if value.is_negative() {
        return Err(err!(OverflowError, "can't convert negative int to unsigned"));
    }
    let (_, mut bytes) = value.to_bigint().to_bytes_le();
    if bytes.len() > length {
        return Err(err!(OverflowError, "int too big to convert"));
    }
    bytes.resize(length, 0);
    Ok(bytes)
}

#[derive(Traverse)]
#[repr(C)]
pub struct IncrementalEncoder {
    head: ObjectHead,
    #[traverse(skip)]
    encoder: Encoder,
}

#[pytype(static = MultibyteIncrementalEncoder_Type, name = "MultibyteIncrementalEncoder", module = "_multibytecodec", flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native)]
impl IncrementalEncoder {
    #[slot("IncrementalEncoder(errors=None)")]
    fn tp_new(cls: &Type, errors: Option<&Object>) -> PyResult<Owned<IncrementalEncoder>> {
        let encoder = Encoder::new(cls, errors_argument("IncrementalEncoder", 1, errors)?)?;
        Self::construct(cls, IncrementalEncoder { head: ObjectHead::placeholder(), encoder })
    }
    #[slot]
    fn tp_init(&self, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<()> {
        Ok(())
    }
    #[method("encode($self, /, input, final=False)")]
    fn encode(&self, input: &Object, last: bool) -> PyResult<Owned<Bytes>> {
        self.encoder.encode(input, last)
    }
    #[method("getstate($self, /)")]
    fn getstate(&self) -> PyResult<Owned<Int>> {
        self.encoder.getstate()
    }
    #[method("setstate($self, state, /)")]
    fn setstate(&self, state: &Int) -> PyResult<()> {
        self.encoder.setstate(state)
    }
    #[method("reset($self, /)")]
    fn reset(&self) {
        let mut state = self.encoder.state.get();
        self.encoder.codec.reset_encoder(&mut state, &mut Vec::new());
        self.encoder.state.set(state);
        drop(self.encoder.pending.take());
    }
    #[getter("errors", "how to treat errors")]
    fn errors(&self) -> Owned<Str> {
        self.encoder.errors.borrow().name()
    }
    #[setter("errors")]
    fn set_errors(&self, value: Option<&Object>) -> PyResult<()> {
        set_errors(&self.encoder.errors, value)
    }
}

/// An `errors` argument of a constructor, which may not be None.
fn errors_argument<'a>(function: &str, position: usize, value: Option<&'a Object>) -> PyResult<Option<&'a str>> {
    match value {
        None => Ok(None),
        Some(value) => match value.downcast::<Str>() {
            Some(name) => name.as_utf8().map(Some),
            None => Err(err!(TypeError, "{}() argument {} must be str, not {}", function, position, value.type_name())),
        },
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct StreamWriter {
    head: ObjectHead,
    #[traverse(skip)]
    encoder: Encoder,
    stream: Owned,
}

impl StreamWriter {
    fn write_bytes(&self, bytes: &Bytes) -> PyResult<()> {
        call::call_method(&self.stream, intern!("write"), &[bytes]).map(drop)
    }
}

#[pytype(static = MultibyteStreamWriter_Type, name = "MultibyteStreamWriter", module = "_multibytecodec", flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native)]
impl StreamWriter {
    #[slot("StreamWriter(stream, errors=None)")]
    fn tp_new(cls: &Type, stream: &Object, errors: Option<&Object>) -> PyResult<Owned<StreamWriter>> {
        let encoder = Encoder::new(cls, errors_argument("StreamWriter", 2, errors)?)?;
        Self::construct(cls, StreamWriter { head: ObjectHead::placeholder(), encoder, stream: stream.to_owned() })
    }
    #[slot]
    fn tp_init(&self, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<()> {
        Ok(())
    }
    #[method("write($self, strobj, /)")]
    fn write(&self, strobj: &Object) -> PyResult<()> {
        let bytes = self.encoder.encode(strobj, false)?;
        self.write_bytes(&bytes)
    }
    #[method("writelines($self, lines, /)")]
    fn writelines(&self, lines: &Object) -> PyResult<()> {
        if !sequence::check(lines) {
            return Err(err!(TypeError, "arg must be a sequence object"));
        }
        let mut at = 0;
        while at < sequence::sequence_len(lines)? {
            let line = sequence::sequence_get_item(lines, at as isize)?;
            self.write(&line)?;
            at += 1;
        }
        Ok(())
    }
    #[method("reset($self, /)")]
    fn reset(&self) -> PyResult<()> {
        if self.encoder.pending.borrow().is_none() {
            return Ok(());
        }
        let bytes = self.encoder.encode(&*Str::new(""), true);
        drop(self.encoder.pending.take());
        let bytes = bytes?;
        if bytes.len() > 0 { self.write_bytes(&bytes) } else { Ok(()) }
    }
    #[getter]
    fn stream(&self) -> Owned {
        self.stream.clone()
    }
    #[getter("errors", "how to treat errors")]
    fn errors(&self) -> Owned<Str> {
        self.encoder.errors.borrow().name()
    }
    #[setter("errors")]
    fn set_errors(&self, value: Option<&Object>) -> PyResult<()> {
        set_errors(&self.encoder.errors, value)
    }
}

// ---- decoders ----

/// What an incremental decoder and a stream's reader have in common.
struct Decoder {
    codec: &'static Codec,
    state: Cell<State>,
    /// The beginning of a sequence.
    pending: RefCell<Vec<u8>>,
    errors: RefCell<Errors>,
}

impl Decoder {
    fn new(cls: &Type, errors: Option<&str>) -> PyResult<Decoder> {
        let codec = codec_of(cls)?;
        Ok(Decoder {
            codec,
            state: Cell::new(codec.initial_decoder_state()),
            pending: RefCell::default(),
            errors: RefCell::new(Errors::named(errors)),
        })
    }

    /// Decodes what waited and `more`. If the end is incomplete although nothing follows, `keep` says whether what waited waits again.
    fn decode(&self, more: &[u8], last: bool, keep: bool, out: &mut Vec<u32>) -> PyResult<()> {
        let before = self.pending.take();
        let input = [&before, more].concat();
        let errors = self.errors.borrow().clone();
        let mut state = self.state.get();
        let used = multibyte::decode(self.codec, &mut state, &input, &errors, false, out);
        self.state.set(state);
        let mut used = used?;
        if last && used < input.len() {
            match multibyte::decode_error(self.codec, &input, used, &Problem::Incomplete, &errors, out) {
                Ok(next) => used = next,
                Err(raised) => {
                    if keep {
                        *self.pending.borrow_mut() = before;
                    }
                    return Err(raised);
                }
            }
        }
        let rest = &input[used..];
        if rest.len() + self.pending.borrow().len() > MOST_BYTES {
            return Err(err!(UnicodeError, "pending buffer overflow"));
        }
        self.pending.borrow_mut().extend(rest);
        Ok(())
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct IncrementalDecoder {
    head: ObjectHead,
    #[traverse(skip)]
    decoder: Decoder,
}

fn illegal_state() -> Raised {
    err!(TypeError, "setstate(): illegal state argument")
}

#[pytype(static = MultibyteIncrementalDecoder_Type, name = "MultibyteIncrementalDecoder", module = "_multibytecodec", flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native)]
impl IncrementalDecoder {
    #[slot("IncrementalDecoder(errors=None)")]
    fn tp_new(cls: &Type, errors: Option<&Object>) -> PyResult<Owned<IncrementalDecoder>> {
        let decoder = Decoder::new(cls, errors_argument("IncrementalDecoder", 1, errors)?)?;
        Self::construct(cls, IncrementalDecoder { head: ObjectHead::placeholder(), decoder })
    }
    #[slot]
    fn tp_init(&self, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<()> {
        Ok(())
    }
    #[method("decode($self, /, input, final=False)")]
    fn decode(&self, input: Buffer, last: bool) -> PyResult<Owned<Str>> {
        let mut out = Vec::with_capacity(input.len());
        self.decoder.decode(&input, last, true, &mut out)?;
        Ok(Str::from_code_points(&out))
    }
    #[method("getstate($self, /)")]
    fn getstate(&self) -> (Owned<Bytes>, Owned<Int>) {
        (Bytes::new(&self.decoder.pending.borrow()), Int::from_u64(u64::from_le_bytes(self.decoder.state.get())))
    }
    #[method("setstate($self, state, /)")]
    fn setstate(&self, state: &Tuple) -> PyResult<()> {
        if state.len() != 2 {
            return Err(illegal_state());
        }
        let (Some(pending), Some(number)) = (state.get(0).downcast::<Bytes>(), state.get(1).downcast::<Int>()) else {
            return Err(illegal_state());
        };
        let bytes = little_endian(number, 8)?;
        let pending = pending.as_slice();
        if pending.len() > MOST_BYTES {
            return Err(exceptions::unicode_error::raise(
                exceptions::UnicodeDecodeError(),
                self.decoder.codec.name,
                state.get(0),
                0,
                pending.len(),
                "pending buffer too large",
            ));
        }
        *self.decoder.pending.borrow_mut() = pending.to_vec();
        self.decoder.state.set(std::array::from_fn(|i| bytes[i]));
        Ok(())
    }
    #[method("reset($self, /)")]
    fn reset(&self) {
        let mut state = self.decoder.state.get();
        self.decoder.codec.reset_decoder(&mut state);
        self.decoder.state.set(state);
        self.decoder.pending.take();
    }
    #[getter("errors", "how to treat errors")]
    fn errors(&self) -> Owned<Str> {
        self.decoder.errors.borrow().name()
    }
    #[setter("errors")]
    fn set_errors(&self, value: Option<&Object>) -> PyResult<()> {
        set_errors(&self.decoder.errors, value)
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct StreamReader {
    head: ObjectHead,
    #[traverse(skip)]
    decoder: Decoder,
    stream: Owned,
}

/// A size argument: negative for all there is.
fn size_argument(value: Option<&Object>) -> PyResult<i64> {
    match value {
        None => Ok(-1),
        Some(value) => match value.downcast::<Int>() {
            Some(size) => size.as_i64().ok_or_else(|| err!(OverflowError, "Python int too large to convert to C ssize_t")),
            None => Err(err!(TypeError, "arg 1 must be an integer")),
        },
    }
}

impl StreamReader {
    /// Reads by the stream's `method` until there is a character.
    fn read_by(&self, method: &Str, mut size: i64) -> PyResult<Owned<Str>> {
        let mut out = Vec::new();
        while size != 0 {
            let data = if size < 0 {
                call::call_method0(&self.stream, method)?
            } else {
                call::call_method(&self.stream, method, &[Int::from_i64(size).object()])?
            };
            let Some(bytes) = data.downcast::<Bytes>() else {
                return Err(err!(TypeError, "stream function returned a non-bytes object ({})", data.type_name()));
            };
            let nothing = bytes.len() == 0 && self.decoder.pending.borrow().is_empty();
            self.decoder.decode(bytes.as_slice(), bytes.len() == 0 || size < 0, false, &mut out)?;
            if size < 0 || !out.is_empty() || nothing {
                break;
            }
            size = 1;
        }
        Ok(Str::from_code_points(&out))
    }
}

#[pytype(static = MultibyteStreamReader_Type, name = "MultibyteStreamReader", module = "_multibytecodec", flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native)]
impl StreamReader {
    #[slot("StreamReader(stream, errors=None)")]
    fn tp_new(cls: &Type, stream: &Object, errors: Option<&Object>) -> PyResult<Owned<StreamReader>> {
        let decoder = Decoder::new(cls, errors_argument("StreamReader", 2, errors)?)?;
        Self::construct(cls, StreamReader { head: ObjectHead::placeholder(), decoder, stream: stream.to_owned() })
    }
    #[slot]
    fn tp_init(&self, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<()> {
        Ok(())
    }
    #[method("read($self, sizeobj=None, /)")]
    fn read(&self, sizeobj: Option<&Object>) -> PyResult<Owned<Str>> {
        self.read_by(intern!("read"), size_argument(sizeobj)?)
    }
    #[method("readline($self, sizeobj=None, /)")]
    fn readline(&self, sizeobj: Option<&Object>) -> PyResult<Owned<Str>> {
        self.read_by(intern!("readline"), size_argument(sizeobj)?)
    }
    #[method("readlines($self, sizehintobj=None, /)")]
    fn readlines(&self, sizehintobj: Option<&Object>) -> PyResult {
        let text = self.read_by(intern!("read"), size_argument(sizehintobj)?)?;
        call::call_method(&text, intern!("splitlines"), &[runtime::types::bool_object(true)])
    }
    #[method("reset($self, /)")]
    fn reset(&self) {
        let mut state = self.decoder.state.get();
        self.decoder.codec.reset_decoder(&mut state);
        self.decoder.state.set(state);
        self.decoder.pending.take();
    }
    #[getter]
    fn stream(&self) -> Owned {
        self.stream.clone()
    }
    #[getter("errors", "how to treat errors")]
    fn errors(&self) -> Owned<Str> {
        self.decoder.errors.borrow().name()
    }
    #[setter("errors")]
    fn set_errors(&self, value: Option<&Object>) -> PyResult<()> {
        set_errors(&self.decoder.errors, value)
    }
}

#[pymodule(name = "_multibytecodec")]
pub mod multibytecodec_module {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        let types: [(&str, &'static Type); 4] = [
            ("MultibyteIncrementalEncoder", &MultibyteIncrementalEncoder_Type),
            ("MultibyteIncrementalDecoder", &MultibyteIncrementalDecoder_Type),
            ("MultibyteStreamReader", &MultibyteStreamReader_Type),
            ("MultibyteStreamWriter", &MultibyteStreamWriter_Type),
        ];
        for (name, ty) in types {
            runtime::types::type_ready(ty)?;
            module.add(name, ty)?;
        }
        Ok(())
    }
}
