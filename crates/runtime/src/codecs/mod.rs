//! Codecs of text: the registry (`registry`), the native codecs, and what they do about errors (`errors`, `handlers`).
//!
//! Common encodings are known by name and never touch the registry. Python sees the native codecs through the module `_codecs`.

pub mod charmap;
pub mod errors;
pub mod escapes;
pub mod handlers;
pub mod registry;
pub mod single_byte;
pub mod utf16;
pub mod utf32;
pub mod utf7;
pub mod utf8;

pub use escapes::push_escape;

use crate::errors::{PyResult, Raised};
use crate::macro_support::Buffer;
use crate::object::{Object, Owned, PyTyped};
use crate::preconfig::{FileSystemEncoding, file_system_encoding};
use crate::types::{ByteArray, Bytes, Str};
use crate::{err, exceptions};

/// Encodings that need no registry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Known {
    Utf8,
    Utf16,
    Utf32,
    Latin1,
    Ascii,
}

/// The encoding that a name means, if it is one of the known ones.
#[inline]
fn known(encoding: Option<&str>) -> Option<Known> {
    match encoding {
        None | Some("utf-8") => Some(Known::Utf8),
        Some(name) => known_slow(name),
    }
}

fn known_slow(name: &str) -> Option<Known> {
    let mut buffer = [0u8; 11];
    let bytes = name.as_bytes();
    if bytes.len() > buffer.len() {
        return None;
    }
    for (to, &c) in buffer.iter_mut().zip(bytes) {
        *to = if c == b'_' || c == b' ' { b'-' } else { c.to_ascii_lowercase() };
    }
    match &buffer[..bytes.len()] {
        b"utf-8" | b"utf8" => Some(Known::Utf8),
        b"utf-16" | b"utf16" => Some(Known::Utf16),
        b"utf-32" | b"utf32" => Some(Known::Utf32),
        b"latin-1" | b"latin1" | b"iso-8859-1" | b"iso8859-1" => Some(Known::Latin1),
        b"ascii" | b"us-ascii" => Some(Known::Ascii),
        _ => None,
    }
}

/// `text.encode(encoding, errors)`: a bytes object. The defaults are `utf-8` and `strict`.
pub fn encode(text: &Str, encoding: Option<&str>, errors: Option<&str>) -> PyResult {
    check_names(encoding, errors)?;
    let done = match known(encoding) {
        Some(Known::Utf8) => return utf8::encode_to_bytes(text, errors).map(Owned::into_object),
        Some(Known::Latin1) => single_byte::encode(text, single_byte::LATIN_1, errors)?,
        Some(Known::Ascii) => single_byte::encode(text, single_byte::ASCII, errors)?,
        Some(Known::Utf16) => utf16::encode(text, errors, 0)?,
        Some(Known::Utf32) => utf32::encode(text, errors, 0)?,
        None => return encode_registered(text, encoding.unwrap_or("utf-8"), errors),
    };
    Ok(Bytes::new(&done).into_object())
}

#[cold]
fn encode_registered(text: &Str, encoding: &str, errors: Option<&str>) -> PyResult {
    let result = registry::encode_text(text, encoding, errors)?;
    if Bytes::check(&result) {
        return Ok(result);
    }
    if ByteArray::check(&result) {
        let message = format!("encoder {encoding} returned bytearray instead of bytes; use codecs.encode() to encode to arbitrary types");
        exceptions::warn(exceptions::RuntimeWarning(), &message, 1)?;
        return Ok(Bytes::new(&Buffer::new(&result)?).into_object());
    }
    Err(err!(
        TypeError,
        "'{}' encoder returned '{}' instead of 'bytes'; use codecs.encode() to encode to arbitrary types",
        encoding,
        result.type_name()
    ))
}

/// In development mode names are looked up even if they will not be used.
#[inline]
fn check_names(encoding: Option<&str>, errors: Option<&str>) -> PyResult<()> {
    if encoding.is_none() && errors.is_none() || !crate::state::get().config.borrow().dev_mode {
        return Ok(());
    }
    if let Some(encoding) = encoding
        && known(Some(encoding)).is_none()
    {
        registry::lookup(encoding)?;
    }
    match errors {
        Some(errors) if errors::Mode::of(Some(errors)) == errors::Mode::Other => registry::lookup_error(errors).map(drop),
        _ => Ok(()),
    }
}

/// As `encode`, for the methods of str.
pub fn encode_str(text: &Str, encoding: Option<&str>, errors: Option<&str>) -> PyResult {
    encode(text, encoding, errors)
}

/// `bytes.decode(encoding, errors)`.
pub fn decode(bytes: &[u8], encoding: Option<&str>, errors: Option<&str>) -> PyResult<Owned<Str>> {
    check_names(encoding, errors)?;
    match known(encoding) {
        _ if bytes.is_empty() => Ok(Owned::from_ref(Str::empty())),
        Some(known) => decode_known(bytes, known, errors),
        None => decode_registered(&Bytes::new(bytes), encoding.unwrap_or("utf-8"), errors),
    }
}

fn decode_known(bytes: &[u8], known: Known, errors: Option<&str>) -> PyResult<Owned<Str>> {
    match known {
        Known::Utf8 => utf8::decode(bytes, errors),
        Known::Latin1 => single_byte::decode_latin1(bytes),
        Known::Ascii => single_byte::decode_ascii(bytes, errors),
        Known::Utf16 => Ok(utf16::decode(bytes, errors, 0, true)?.text),
        Known::Utf32 => Ok(utf32::decode(bytes, errors, 0, true)?.text),
    }
}

#[cold]
fn decode_registered(object: &Object, encoding: &str, errors: Option<&str>) -> PyResult<Owned<Str>> {
    let result = registry::decode_text(object, encoding, errors)?;
    result.try_into_typed::<Str>().map_err(|other| {
        err!(
            TypeError,
            "'{}' decoder returned '{}' instead of 'str'; use codecs.decode() to decode to arbitrary types",
            encoding,
            other.type_name()
        )
    })
}

/// `str(object, encoding, errors)` (`PyUnicode_FromEncodedObject`). Unknown encodings see the object itself if it is bytes.
pub fn decode_object(object: &Object, encoding: Option<&str>, errors: Option<&str>) -> PyResult<Owned<Str>> {
    if let Some(bytes) = object.downcast::<Bytes>() {
        check_names(encoding, errors)?;
        return match known(encoding) {
            None if bytes.len() > 0 => decode_registered(object, encoding.unwrap_or("utf-8"), errors),
            _ => decode(bytes.as_slice(), encoding, errors),
        };
    }
    if Str::check(object) {
        return Err(err!(TypeError, "decoding str is not supported"));
    }
    if object.ty().0.tp_as_buffer.get().is_null() {
        return Err(err!(TypeError, "decoding to str: need a bytes-like object, {} found", object.type_name()));
    }
    let buffer = match Buffer::new(object) {
        Ok(buffer) => buffer,
        Err(_) if crate::errors::matches(exceptions::TypeError()) => {
            crate::errors::clear();
            return Err(err!(TypeError, "decoding to str: need a bytes-like object, {} found", object.type_name()));
        }
        Err(raised) => return Err(raised),
    };
    decode(&buffer, encoding, errors)
}

/// Text of the operating system: UTF-8, other bytes as lone surrogates.
pub fn fs_decode(bytes: &[u8]) -> Owned<Str> {
    let encoding = file_system_encoding();
    match std::str::from_utf8(bytes) {
        Ok(text) if encoding == FileSystemEncoding::Utf8 || text.is_ascii() => Str::new(text),
        _ if encoding != FileSystemEncoding::Utf8 => {
            let escape = if encoding == FileSystemEncoding::Ascii { 0xdc00 } else { 0 };
            let mut out = Vec::with_capacity(bytes.len() * 2);
            for &byte in bytes {
                crate::types::str::push_wtf8(&mut out, if byte < 0x80 { byte as u32 } else { escape + byte as u32 });
            }
            Str::from_wtf8(&out)
        }
        Ok(text) => Str::new(text),
        Err(_) => {
            let mut out = Vec::with_capacity(bytes.len() * 2);
            for chunk in bytes.utf8_chunks() {
                out.extend_from_slice(chunk.valid().as_bytes());
                for &byte in chunk.invalid() {
                    crate::types::str::push_wtf8(&mut out, 0xdc00 + byte as u32);
                }
            }
            Str::from_wtf8(&out)
        }
    }
}

/// Text for the operating system: the opposite of `fs_decode`.
pub fn fs_encode(text: &Str) -> PyResult<Vec<u8>> {
    match text.as_ascii() {
        Some(text) => Ok(text.as_bytes().to_vec()),
        None => match file_system_encoding() {
            FileSystemEncoding::Utf8 => utf8::encode(text, Some("surrogateescape")),
            FileSystemEncoding::Ascii => single_byte::encode(text, single_byte::ASCII, Some("surrogateescape")),
            FileSystemEncoding::Latin1 => single_byte::encode(text, single_byte::LATIN_1, Some("surrogateescape")),
        },
    }
}

/// Raises `UnicodeEncodeError(encoding, object, start, end, reason)`.
#[cold]
pub fn raise_encode_error(encoding: &str, object: &Str, start: usize, end: usize, reason: &str) -> Raised {
    exceptions::unicode_error::raise(exceptions::UnicodeEncodeError(), encoding, object, start, end, reason)
}

/// Raises `UnicodeDecodeError(encoding, bytes, start, end, reason)`.
#[cold]
pub fn raise_decode_error(encoding: &str, bytes: &[u8], start: usize, end: usize, reason: &str) -> Raised {
    exceptions::unicode_error::raise(exceptions::UnicodeDecodeError(), encoding, &*Bytes::new(bytes), start, end, reason)
}

/// What an incremental decoder gives.
pub struct Decoded {
    pub text: Owned<Str>,
    /// How many bytes it used.
    pub consumed: usize,
    /// The byte order found: -1 little, 1 big, 0 not known yet. Only of encodings that have one.
    pub byte_order: i32,
}
