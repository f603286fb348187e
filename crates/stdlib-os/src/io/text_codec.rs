//! How text streams encode and decode: UTF-8, ASCII and Latin-1 by themselves, everything else by the codecs' incremental objects.

use super::newline_decoder::{IncrementalNewlineDecoder, Newlines, expect_text, newlines_of};
use runtime::errors::PyResult;
use runtime::macro_support::{Traverse, Visitor};
use runtime::object::{Object, Owned};
use runtime::protocol::{call, number, object};
use runtime::types::str::Text;
use runtime::types::{self, Bytes, Int, Str, Tuple};
use runtime::{err, intern};
use std::cell::RefCell;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Native {
    Utf8,
    Ascii,
    Latin1,
}

impl Native {
    /// The native codec of this name, by the aliases that `encodings` knows.
    pub fn of(name: &str) -> Option<Native> {
        let name: String = name.chars().map(|c| if matches!(c, '-' | ' ') { '_' } else { c.to_ascii_lowercase() }).collect();
        Some(match name.as_str() {
            "utf_8" | "utf8" | "u8" | "utf" | "cp65001" => Native::Utf8,
            "ascii" | "us_ascii" | "646" | "ansi_x3.4_1968" | "us" => Native::Ascii,
            "latin_1" | "latin1" | "latin" | "l1" | "iso_8859_1" | "iso8859_1" | "8859" | "cp819" | "iso8859" => Native::Latin1,
            _ => return None,
        })
    }
    pub fn name(self) -> &'static str {
        match self {
            Native::Utf8 => "utf-8",
            Native::Ascii => "ascii",
            Native::Latin1 => "iso8859-1",
        }
    }
}

/// `codecs.lookup(encoding)`, refusing what is no text encoding.
fn lookup_text_codec(encoding: &Str) -> PyResult {
    let name = encoding.as_utf8()?;
    // A C string as far as the registry goes.
    let info = runtime::codecs::registry::lookup(name.split('\0').next().unwrap_or(name))?;
    if !info.is_exact::<Tuple>()
        && let Some(flag) = object::get_attr_opt(&info, intern!("_is_text_encoding"))?
        && !object::is_true(&flag)?
    {
        return Err(err!(LookupError, "'{}' is not a text encoding", encoding));
    }
    Ok(info.into_object())
}

/// A codec as a stream uses it.
pub enum Codec {
    Native(Native),
    Python(Owned),
}

impl Codec {
    pub fn find(encoding: &Str) -> PyResult<Codec> {
        match encoding.as_ascii().and_then(Native::of) {
            Some(native) => Ok(Codec::Native(native)),
            None => Ok(Codec::Python(lookup_text_codec(encoding)?)),
        }
    }
    pub fn decoder(&self, errors: &Str, universal: bool, translate: bool) -> PyResult<Decoder> {
        match self {
            Codec::Native(codec) => Ok(Decoder::Native(NativeDecoder {
                codec: *codec,
                errors: Owned::from_ref(errors),
                pending: RefCell::new(Vec::new()),
                newlines: universal.then(|| Newlines::new(translate)),
            })),
            Codec::Python(info) => {
                let decoder = call::call_method(info, intern!("incrementaldecoder"), &[errors])?;
                Ok(Decoder::Python(if universal { IncrementalNewlineDecoder::over(&decoder, translate)? } else { decoder }))
            }
        }
    }
    pub fn encoder(&self, errors: &Str) -> PyResult<Encoder> {
        match self {
            Codec::Native(codec) => Ok(Encoder::Native(*codec, Owned::from_ref(errors))),
            Codec::Python(info) => Ok(Encoder::Python(call::call_method(info, intern!("incrementalencoder"), &[errors])?)),
        }
    }
}

// ---- decoding -----------------------------------------------------------------------------------------------------------------------

pub struct NativeDecoder {
    codec: Native,
    errors: Owned<Str>,
    /// The start of a sequence that was cut off.
    pending: RefCell<Vec<u8>>,
    newlines: Option<Newlines>,
}

pub enum Decoder {
    Native(NativeDecoder),
    Python(Owned),
}

impl Traverse for Decoder {
    fn traverse(&self, visitor: &mut Visitor) {
        if let Decoder::Python(decoder) = self {
            decoder.traverse(visitor);
        }
    }
}

impl NativeDecoder {
    fn decode_utf8(&self, input: &[u8], last: bool) -> PyResult<Owned<Str>> {
        let joined;
        let mut data = input;
        if !self.pending.borrow().is_empty() {
            let mut all = self.pending.borrow().clone();
            all.extend_from_slice(input);
            joined = all;
            data = &joined;
        } else if let Ok(text) = std::str::from_utf8(data) {
            return Ok(Str::new(text));
        }
        // After an error the decoder is where it was.
        let decoded = runtime::codecs::utf8::decode_stateful(data, Some(self.errors.as_utf8()?), last)?;
        let rest = data.get(decoded.consumed..).unwrap_or(&[]).to_vec();
        self.pending.replace(rest);
        Ok(decoded.text)
    }
    fn decode_bytes(&self, data: &[u8], last: bool) -> PyResult<Owned<Str>> {
        match self.codec {
            Native::Utf8 => self.decode_utf8(data, last),
            Native::Latin1 => Str::from_text(Text::One(data)),
            Native::Ascii if data.is_ascii() => Str::from_text(Text::One(data)),
            Native::Ascii => runtime::codecs::decode(data, Some("ascii"), Some(self.errors.as_utf8()?)),
        }
    }
}

impl Decoder {
    /// Decodes the bytes of `input`.
    pub fn decode(&self, input: &Object, bytes: &[u8], last: bool) -> PyResult<Owned<Str>> {
        match self {
            Decoder::Native(native) => {
                let text = native.decode_bytes(bytes, last)?;
                match &native.newlines {
                    Some(newlines) => newlines.process(text, last),
                    None => Ok(text),
                }
            }
            Decoder::Python(decoder) => expect_text(call::call_method(decoder, intern!("decode"), &[input, types::bool_object(last)])?),
        }
    }
    /// Decodes bytes that are not in an object yet.
    pub fn decode_slice(&self, bytes: &[u8], last: bool) -> PyResult<Owned<Str>> {
        match self {
            Decoder::Native(_) => self.decode(types::none(), bytes, last),
            Decoder::Python(_) => self.decode(&Bytes::new(bytes), bytes, last),
        }
    }
    /// What was put aside, and the flags.
    pub fn state(&self) -> PyResult<(Owned, Owned<Int>)> {
        match self {
            Decoder::Native(native) => {
                let flag = native.newlines.as_ref().is_some_and(|n| n.pending_cr.get());
                let pending = Bytes::new(&native.pending.borrow());
                Ok((pending.into_object(), Int::from_i64(flag as i64)))
            }
            Decoder::Python(decoder) => {
                let state = call::call_method0(decoder, intern!("getstate"))?;
                let Some(state) = state.downcast::<Tuple>().filter(|s| s.len() == 2) else {
                    return Err(err!(TypeError, "illegal decoder state"));
                };
                if !state.get(0).is_instance_of::<Bytes>() {
                    return Err(err!(
                        TypeError,
                        "illegal decoder state: the first item should be a bytes object, not '{}'",
                        state.get(0).type_name()
                    ));
                }
                Ok((state.get(0).to_owned(), number::index(state.get(1))?))
            }
        }
    }
    pub fn set_state(&self, pending: &Object, flags: &Int) -> PyResult<()> {
        match self {
            Decoder::Native(native) => {
                let bytes = pending.downcast::<Bytes>().map(|b| b.as_slice().to_vec()).unwrap_or_default();
                native.pending.replace(bytes);
                if let Some(newlines) = &native.newlines {
                    newlines.pending_cr.set(flags.as_u64_mask() & 1 != 0);
                }
                Ok(())
            }
            Decoder::Python(decoder) => {
                let state = Tuple::new(&[pending, flags]);
                call::call_method(decoder, intern!("setstate"), &[&state]).map(drop)
            }
        }
    }
    pub fn reset(&self) -> PyResult<()> {
        match self {
            Decoder::Native(native) => {
                native.pending.borrow_mut().truncate(0);
                if let Some(newlines) = &native.newlines {
                    newlines.reset();
                }
                Ok(())
            }
            Decoder::Python(decoder) => call::call_method0(decoder, intern!("reset")).map(drop),
        }
    }
    pub fn newlines(&self) -> PyResult {
        match self {
            Decoder::Native(native) => Ok(native.newlines.as_ref().map_or(types::none().to_owned(), |n| n.seen())),
            Decoder::Python(decoder) => Ok(newlines_of(decoder)?.unwrap_or(types::none().to_owned())),
        }
    }
}

// ---- encoding -----------------------------------------------------------------------------------------------------------------------

pub enum Encoder {
    Native(Native, Owned<Str>),
    Python(Owned),
}

impl Traverse for Encoder {
    fn traverse(&self, visitor: &mut Visitor) {
        if let Encoder::Python(encoder) = self {
            encoder.traverse(visitor);
        }
    }
}

/// Appends text as UTF-8; false at a surrogate.
fn push_utf8<T: Copy + Into<u32>>(out: &mut Vec<u8>, units: &[T]) -> bool {
    out.reserve(units.len() * 2);
    for &unit in units {
        let c: u32 = unit.into();
        match c {
            0..0x80 => out.push(c as u8),
            0x80..0x800 => out.extend_from_slice(&[0xc0 | (c >> 6) as u8, 0x80 | (c & 0x3f) as u8]),
            0xd800..0xe000 => return false,
            0x800..0x10000 => out.extend_from_slice(&[0xe0 | (c >> 12) as u8, 0x80 | (c >> 6 & 0x3f) as u8, 0x80 | (c & 0x3f) as u8]),
            _ => out.extend_from_slice(&[
                0xf0 | (c >> 18) as u8,
                0x80 | (c >> 12 & 0x3f) as u8,
                0x80 | (c >> 6 & 0x3f) as u8,
                0x80 | (c & 0x3f) as u8,
            ]),
        }
    }
    true
}

/// Encoded text: bytes of a native codec's making are appended to a buffer, others come as an object.
pub enum Encoded {
    Appended,
    Object(Owned<Bytes>),
}

impl Encoder {
    /// Encodes; native codecs append to `out` where they can, and leave it as it was where they cannot.
    pub fn encode(&self, text: &Str, out: &mut Vec<u8>) -> PyResult<Encoded> {
        let encoded = match self {
            Encoder::Native(codec, errors) => {
                let start = out.len();
                let done = match (codec, text.text()) {
                    (_, Text::One(units)) if text.is_ascii() || *codec == Native::Latin1 => {
                        out.extend_from_slice(units);
                        true
                    }
                    (Native::Utf8, Text::One(units)) => push_utf8(out, units),
                    (Native::Utf8, Text::Two(units)) => push_utf8(out, units),
                    (Native::Utf8, Text::Four(units)) => push_utf8(out, units),
                    _ => false,
                };
                if done {
                    return Ok(Encoded::Appended);
                }
                out.truncate(start);
                let name = if *codec == Native::Latin1 { "latin-1" } else { codec.name() };
                runtime::codecs::encode_str(text, Some(name), Some(errors.as_utf8()?))?
            }
            Encoder::Python(encoder) => call::call_method(encoder, intern!("encode"), &[text])?,
        };
        match encoded.try_into_typed::<Bytes>() {
            Ok(bytes) => Ok(Encoded::Object(bytes)),
            Err(other) => Err(err!(TypeError, "encoder should return a bytes object, not '{}'", other.type_name())),
        }
    }
    /// At the start of a stream the encoder begins anew (a byte order mark is due); elsewhere it goes on without.
    pub fn restart(&self, at_start: bool) -> PyResult<()> {
        match self {
            Encoder::Native(..) => Ok(()),
            Encoder::Python(encoder) if at_start => call::call_method0(encoder, intern!("reset")).map(drop),
            Encoder::Python(encoder) => call::call_method(encoder, intern!("setstate"), &[&Int::from_i64(0)]).map(drop),
        }
    }
    /// Whether the first write of a stream that is not at its start must tell the encoder so.
    pub fn has_state(&self) -> bool {
        matches!(self, Encoder::Python(_))
    }
}

/// The exact type of `Owned<Str>` errors named "strict".
pub fn strict() -> Owned<Str> {
    Owned::from_ref(intern!("strict"))
}

/// The codec that names the locale's encoding.
pub fn locale_encoding() -> Owned<Str> {
    if runtime::state::get().config.borrow().utf8_mode {
        return Str::new("utf-8");
    }
    match runtime::preconfig::codeset().as_str() {
        "" => Str::new("utf-8"),
        name => Str::new(name),
    }
}

