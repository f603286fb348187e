//! The encodings of `unicodeobject.h`, and `codecs.h`: both ways through the runtime's codecs, by name.

use crate::macros::Done;
use crate::object::text;
use crate::unicodeobject::{bytes_at, check_size, from_utf8, wide};
use runtime::codecs;
use runtime::errors::{self, PyResult};
use runtime::object::{Object, Owned};
use runtime::protocol::call;
use runtime::types::str::StrBuilder;
use runtime::types::{self, Bytes, Int, Str, Tuple};
use runtime::{err, import};
use std::ffi::{CStr, c_char, c_int};

fn utf8_of(s: Option<&CStr>) -> PyResult<Option<&str>> {
    s.map(|s| s.to_str().map_err(|_| err!(ValueError, "encoding name is not valid UTF-8"))).transpose()
}

fn encode(o: &Object, encoding: &str, errors: Option<&CStr>) -> PyResult {
    let Some(s) = o.downcast::<Str>() else { return Err(crate::unicodeobject::bad_argument()) };
    codecs::encode_str(s, Some(encoding), utf8_of(errors)?)
}

fn decode(data: &[u8], encoding: &str, errors: Option<&CStr>) -> PyResult<Owned<Str>> {
    codecs::decode_object(&*Bytes::new(data), Some(encoding), utf8_of(errors)?)
}

/// A function of the `_codecs` module.
fn codec_function(name: &'static str) -> PyResult {
    runtime::protocol::object::get_attr_str(&*import::import_module("_codecs")?, name)
}

/// `_codecs.xxx_decode(data, errors, final)`: the text and how many bytes it took.
fn decode_part(function: &'static str, data: &[u8], errors: Option<&CStr>, consumed: *mut isize) -> PyResult<Owned<Str>> {
    let function = codec_function(function)?;
    let bytes = Bytes::new(data);
    let errors = errors.map(text).transpose()?;
    let result = call::call_args(&function, &[&*bytes, errors.as_ref().map_or(types::none(), |e| e.object()), types::bool_object(consumed.is_null())])?;
    let parts = result.downcast::<Tuple>().filter(|t| t.len() == 2);
    let found = parts.and_then(|t| Some((t.get(0).downcast::<Str>()?, t.get(1).downcast::<Int>()?.as_i64()?)));
    let Some((text, used)) = found else { return Err(err!(TypeError, "decoder must return a tuple (object,integer)")) };
    if !consumed.is_null() {
        // SAFETY: the caller's variable.
        unsafe { *consumed = used as isize };
    }
    Ok(Owned::from_ref(text))
}

/// UTF-16 and UTF-32 with a byte order that may be found in the text.
fn decode_ordered(bits: u32, data: &[u8], errors: Option<&CStr>, byteorder: *mut c_int, consumed: *mut isize) -> PyResult<Owned<Str>> {
    // SAFETY: NULL or the caller's variable.
    let mut order = if byteorder.is_null() { 0 } else { unsafe { *byteorder } };
    let unit = bits as usize / 8;
    let mut skipped = 0;
    if order == 0 && data.len() >= unit {
        let (little, big): (&[u8], &[u8]) = if bits == 16 { (&[0xff, 0xfe], &[0xfe, 0xff]) } else { (&[0xff, 0xfe, 0, 0], &[0, 0, 0xfe, 0xff]) };
        if data.starts_with(little) {
            (order, skipped) = (-1, unit);
        } else if data.starts_with(big) {
            (order, skipped) = (1, unit);
        }
        if !byteorder.is_null() && order != 0 {
            // SAFETY: as above.
            unsafe { *byteorder = order };
        }
    }
    let name = match (bits, order) {
        (16, 1..) => "utf_16_be_decode",
        (16, _) => "utf_16_le_decode",
        (_, 1..) => "utf_32_be_decode",
        _ => "utf_32_le_decode",
    };
    let decoded = decode_part(name, &data[skipped..], errors, consumed)?;
    if !consumed.is_null() {
        // SAFETY: the caller's variable.
        unsafe { *consumed += skipped as isize };
    }
    Ok(decoded)
}

/// `os.fsencode` of a str.
pub fn encode_fs(s: &Str) -> PyResult {
    codecs::encode_str(s, Some("utf-8"), Some("surrogateescape"))
}

/// `os.fsdecode` of bytes.
pub fn decode_fs(data: &[u8]) -> PyResult<Owned<Str>> {
    match std::str::from_utf8(data) {
        Ok(text) => Ok(Str::new(text)),
        Err(_) => codecs::decode_object(&*Bytes::new(data), Some("utf-8"), Some("surrogateescape")),
    }
}

c_api! {
    fn PyUnicode_GetDefaultEncoding() -> *const c_char {
        c"utf-8".as_ptr()
    }
    fn PyUnicode_Decode(s: *const c_char, size: isize, encoding: Option<&CStr>, errors: Option<&CStr>) -> PyResult<Owned<Str>> {
        check_size(size)?;
        decode(bytes_at(s, size), utf8_of(encoding)?.unwrap_or("utf-8"), errors)
    }
    fn PyUnicode_FromEncodedObject(o: &Object, encoding: Option<&CStr>, errors: Option<&CStr>) -> PyResult<Owned<Str>> {
        if o.is_instance_of::<Str>() {
            return Err(err!(TypeError, "decoding str is not supported"));
        }
        codecs::decode_object(o, utf8_of(encoding)?, utf8_of(errors)?)
    }
    fn PyUnicode_AsEncodedString(o: &Object, encoding: Option<&CStr>, errors: Option<&CStr>) -> PyResult {
        encode(o, utf8_of(encoding)?.unwrap_or("utf-8"), errors)
    }
    fn PyUnicode_AsEncodedObject(o: &Object, encoding: Option<&CStr>, errors: Option<&CStr>) -> PyResult {
        by_name(o, "encode", encoding, errors)
    }
    fn PyUnicode_AsEncodedUnicode(o: &Object, encoding: Option<&CStr>, errors: Option<&CStr>) -> PyResult {
        let made = by_name(o, "encode", encoding, errors)?;
        if made.is_instance_of::<Str>() { Ok(made) } else { Err(err!(TypeError, "'{}' encoder returned '{}' instead of 'str'; use codecs.encode() to encode to arbitrary types", utf8_of(encoding)?.unwrap_or("utf-8"), made.type_name())) }
    }
    fn PyUnicode_AsDecodedObject(o: &Object, encoding: Option<&CStr>, errors: Option<&CStr>) -> PyResult {
        by_name(o, "decode", encoding, errors)
    }
    fn PyUnicode_AsDecodedUnicode(o: &Object, encoding: Option<&CStr>, errors: Option<&CStr>) -> PyResult {
        let made = by_name(o, "decode", encoding, errors)?;
        if made.is_instance_of::<Str>() { Ok(made) } else { Err(err!(TypeError, "'{}' decoder returned '{}' instead of 'str'; use codecs.decode() to decode to arbitrary types", utf8_of(encoding)?.unwrap_or("utf-8"), made.type_name())) }
    }
    fn PyUnicode_AsUTF8String(o: &Object) -> PyResult { encode(o, "utf-8", None) }
    fn PyUnicode_AsLatin1String(o: &Object) -> PyResult { encode(o, "latin-1", None) }
    fn PyUnicode_AsASCIIString(o: &Object) -> PyResult { encode(o, "ascii", None) }
    fn PyUnicode_AsUTF16String(o: &Object) -> PyResult { encode(o, "utf-16", None) }
    fn PyUnicode_AsUTF32String(o: &Object) -> PyResult { encode(o, "utf-32", None) }
    fn PyUnicode_AsUnicodeEscapeString(o: &Object) -> PyResult { encode(o, "unicode-escape", None) }
    fn PyUnicode_AsRawUnicodeEscapeString(o: &Object) -> PyResult { encode(o, "raw-unicode-escape", None) }
    fn _PyUnicode_AsUTF8String(o: &Object, errors: Option<&CStr>) -> PyResult { encode(o, "utf-8", errors) }
    fn _PyUnicode_AsLatin1String(o: &Object, errors: Option<&CStr>) -> PyResult { encode(o, "latin-1", errors) }
    fn _PyUnicode_AsASCIIString(o: &Object, errors: Option<&CStr>) -> PyResult { encode(o, "ascii", errors) }
    fn _PyUnicode_EncodeUTF16(o: &Object, errors: Option<&CStr>, order: c_int) -> PyResult {
        encode(o, match order { 0 => "utf-16", 1 => "utf-16-be", _ => "utf-16-le" }, errors)
    }
    fn _PyUnicode_EncodeUTF32(o: &Object, errors: Option<&CStr>, order: c_int) -> PyResult {
        encode(o, match order { 0 => "utf-32", 1 => "utf-32-be", _ => "utf-32-le" }, errors)
    }
    fn _PyUnicode_EncodeUTF7(o: &Object, errors: Option<&CStr>) -> PyResult { encode(o, "utf-7", errors) }
    fn PyUnicode_EncodeLocale(o: &Str, errors: Option<&CStr>) -> PyResult { encode(o, "utf-8", errors) }
    fn PyUnicode_EncodeFSDefault(o: &Str) -> PyResult { encode_fs(o) }
    fn PyUnicode_AsCharmapString(o: &Object, mapping: Option<&Object>) -> PyResult {
        let (true, Some(mapping)) = (o.is_instance_of::<Str>(), mapping) else { return Err(crate::unicodeobject::bad_argument()) };
        let result = call::call_args(&*codec_function("charmap_encode")?, &[o, types::none(), mapping])?;
        first_of(&result)
    }
    fn _PyUnicode_EncodeCharmap(o: &Object, mapping: &Object, errors: Option<&CStr>) -> PyResult {
        let errors = errors.map(text).transpose()?;
        let result = call::call_args(&*codec_function("charmap_encode")?, &[o, errors.as_ref().map_or(types::none(), |e| e.object()), mapping])?;
        first_of(&result)
    }
    fn PyUnicode_BuildEncodingMap(o: &Object) -> PyResult {
        call::call1(&*codec_function("charmap_build")?, o)
    }

    fn PyUnicode_DecodeUTF8(s: *const c_char, size: isize, errors: Option<&CStr>) -> PyResult<Owned<Str>> {
        check_size(size)?;
        match errors {
            None => from_utf8(bytes_at(s, size)),
            some => decode(bytes_at(s, size), "utf-8", some),
        }
    }
    fn PyUnicode_DecodeUTF8Stateful(s: *const c_char, size: isize, errors: Option<&CStr>, consumed: *mut isize) -> PyResult<Owned<Str>> {
        check_size(size)?;
        let data = bytes_at(s, size);
        if let Ok(text) = std::str::from_utf8(data) {
            if !consumed.is_null() {
                *consumed = size;
            }
            return Ok(Str::new(text));
        }
        decode_part("utf_8_decode", data, errors, consumed)
    }
    fn PyUnicode_DecodeUTF7(s: *const c_char, size: isize, errors: Option<&CStr>) -> PyResult<Owned<Str>> {
        check_size(size)?;
        decode(bytes_at(s, size), "utf-7", errors)
    }
    fn PyUnicode_DecodeUTF7Stateful(s: *const c_char, size: isize, errors: Option<&CStr>, consumed: *mut isize) -> PyResult<Owned<Str>> {
        check_size(size)?;
        decode_part("utf_7_decode", bytes_at(s, size), errors, consumed)
    }
    fn PyUnicode_DecodeUTF16(s: *const c_char, size: isize, errors: Option<&CStr>, order: *mut c_int) -> PyResult<Owned<Str>> {
        check_size(size)?;
        decode_ordered(16, bytes_at(s, size), errors, order, std::ptr::null_mut())
    }
    fn PyUnicode_DecodeUTF16Stateful(s: *const c_char, size: isize, errors: Option<&CStr>, order: *mut c_int, consumed: *mut isize) -> PyResult<Owned<Str>> {
        check_size(size)?;
        decode_ordered(16, bytes_at(s, size), errors, order, consumed)
    }
    fn PyUnicode_DecodeUTF32(s: *const c_char, size: isize, errors: Option<&CStr>, order: *mut c_int) -> PyResult<Owned<Str>> {
        check_size(size)?;
        decode_ordered(32, bytes_at(s, size), errors, order, std::ptr::null_mut())
    }
    fn PyUnicode_DecodeUTF32Stateful(s: *const c_char, size: isize, errors: Option<&CStr>, order: *mut c_int, consumed: *mut isize) -> PyResult<Owned<Str>> {
        check_size(size)?;
        decode_ordered(32, bytes_at(s, size), errors, order, consumed)
    }
    fn PyUnicode_DecodeLatin1(s: *const c_char, size: isize, _errors: Option<&CStr>) -> Owned<Str> {
        Str::from_latin1(bytes_at(s, size))
    }
    fn PyUnicode_DecodeASCII(s: *const c_char, size: isize, errors: Option<&CStr>) -> PyResult<Owned<Str>> {
        check_size(size)?;
        let data = bytes_at(s, size);
        if data.is_ascii() { Ok(Str::from_latin1(data)) } else { decode(data, "ascii", errors) }
    }
    fn PyUnicode_DecodeUnicodeEscape(s: *const c_char, size: isize, errors: Option<&CStr>) -> PyResult<Owned<Str>> {
        check_size(size)?;
        decode(bytes_at(s, size), "unicode-escape", errors)
    }
    fn PyUnicode_DecodeRawUnicodeEscape(s: *const c_char, size: isize, errors: Option<&CStr>) -> PyResult<Owned<Str>> {
        check_size(size)?;
        decode(bytes_at(s, size), "raw-unicode-escape", errors)
    }
    fn PyUnicode_DecodeCharmap(s: *const c_char, size: isize, mapping: Option<&Object>, errors: Option<&CStr>) -> PyResult<Owned<Str>> {
        check_size(size)?;
        let Some(mapping) = mapping else { return Ok(Str::from_latin1(bytes_at(s, size))) };
        let errors = errors.map(text).transpose()?;
        let bytes = Bytes::new(bytes_at(s, size));
        let result = call::call_args(&*codec_function("charmap_decode")?, &[&*bytes, errors.as_ref().map_or(types::none(), |e| e.object()), mapping])?;
        first_of(&result)?.try_into_typed::<Str>().map_err(|_| errors::bad_internal_call())
    }
    fn PyUnicode_DecodeLocale(s: &CStr, errors: Option<&CStr>) -> PyResult<Owned<Str>> {
        decode_locale(s.to_bytes(), errors)
    }
    fn PyUnicode_DecodeLocaleAndSize(s: *const c_char, size: isize, errors: Option<&CStr>) -> PyResult<Owned<Str>> {
        check_size(size)?;
        let data = bytes_at(s, size);
        if data.contains(&0) {
            return Err(err!(ValueError, "embedded null byte"));
        }
        decode_locale(data, errors)
    }
    fn PyUnicode_DecodeFSDefault(s: &CStr) -> PyResult<Owned<Str>> {
        decode_fs(s.to_bytes())
    }
    fn PyUnicode_DecodeFSDefaultAndSize(s: *const c_char, size: isize) -> PyResult<Owned<Str>> {
        check_size(size)?;
        decode_fs(bytes_at(s, size))
    }

    // ---- the C locale's text
    fn Py_DecodeLocale(s: *const c_char, size: *mut usize) -> *mut i32 {
        // Bytes that are not UTF-8 become lone surrogates.
        let mut out: Vec<i32> = Vec::new();
        for chunk in CStr::from_ptr(s).to_bytes().utf8_chunks() {
            out.extend(chunk.valid().chars().map(|c| c as i32));
            out.extend(chunk.invalid().iter().map(|&b| 0xdc00 + b as i32));
        }
        if !size.is_null() {
            *size = out.len();
        }
        out.push(0);
        let block = runtime::memory::raw_malloc(out.len() * 4) as *mut i32;
        if block.is_null() {
            if !size.is_null() {
                *size = usize::MAX;
            }
        } else {
            std::ptr::copy_nonoverlapping(out.as_ptr(), block, out.len());
        }
        block
    }
    fn Py_EncodeLocale(w: *const i32, error_pos: *mut usize) -> *mut c_char {
        let mut out: Vec<u8> = Vec::new();
        for (at, &c) in wide(w, -1).iter().enumerate() {
            match char::from_u32(c) {
                Some(c) => out.extend(c.encode_utf8(&mut [0; 4]).as_bytes()),
                None if (0xdc80..=0xdcff).contains(&c) => out.push((c - 0xdc00) as u8),
                None => {
                    if !error_pos.is_null() {
                        *error_pos = at;
                    }
                    return std::ptr::null_mut();
                }
            }
        }
        if !error_pos.is_null() {
            *error_pos = usize::MAX;
        }
        out.push(0);
        let block = runtime::memory::mem_malloc(out.len()) as *mut u8;
        if !block.is_null() {
            std::ptr::copy_nonoverlapping(out.as_ptr(), block, out.len());
        }
        block.cast()
    }

    // ---- codecs.h
    fn PyCodec_Register(search: &Object) -> PyResult<Done> {
        call::call1(&*codec_function("register")?, search).map(|_| Done)
    }
    fn PyCodec_Unregister(search: &Object) -> PyResult<Done> {
        call::call1(&*codec_function("unregister")?, search).map(|_| Done)
    }
    fn _PyCodec_Lookup(encoding: &CStr) -> PyResult {
        call::call1(&*codec_function("lookup")?, &*text(encoding)?)
    }
    fn PyCodec_KnownEncoding(encoding: &CStr) -> bool {
        let known = codec_function("lookup").and_then(|lookup| call::call1(&lookup, &*text(encoding)?)).is_ok();
        if !known {
            errors::clear();
        }
        known
    }
    fn PyCodec_Encode(o: Option<&Object>, encoding: Option<&CStr>, errors: Option<&CStr>) -> PyResult {
        by_name(o.unwrap_or(types::none()), "encode", Some(named(encoding)?), errors)
    }
    fn PyCodec_Decode(o: Option<&Object>, encoding: Option<&CStr>, errors: Option<&CStr>) -> PyResult {
        by_name(o.unwrap_or(types::none()), "decode", Some(named(encoding)?), errors)
    }
    fn PyCodec_Encoder(encoding: Option<&CStr>) -> PyResult { codec_item(named(encoding)?, 0) }
    fn PyCodec_Decoder(encoding: Option<&CStr>) -> PyResult { codec_item(named(encoding)?, 1) }
    fn PyCodec_StreamReader(encoding: Option<&CStr>, stream: &Object, errors: Option<&CStr>) -> PyResult { stream_codec(named(encoding)?, 2, stream, errors) }
    fn PyCodec_StreamWriter(encoding: Option<&CStr>, stream: &Object, errors: Option<&CStr>) -> PyResult { stream_codec(named(encoding)?, 3, stream, errors) }
    fn PyCodec_IncrementalEncoder(encoding: Option<&CStr>, errors: Option<&CStr>) -> PyResult { incremental(named(encoding)?, "incrementalencoder", errors) }
    fn PyCodec_IncrementalDecoder(encoding: Option<&CStr>, errors: Option<&CStr>) -> PyResult { incremental(named(encoding)?, "incrementaldecoder", errors) }
    fn PyCodec_RegisterError(name: &CStr, error: &Object) -> PyResult<Done> {
        call::call_args(&*codec_function("register_error")?, &[&*text(name)?, error]).map(|_| Done)
    }
    fn PyCodec_LookupError(name: Option<&CStr>) -> PyResult {
        call::call1(&*codec_function("lookup_error")?, &*text(name.unwrap_or(c"strict"))?)
    }
    fn PyCodec_StrictErrors(exc: &Object) -> PyResult { handler(c"strict", exc) }
    fn PyCodec_IgnoreErrors(exc: &Object) -> PyResult { handler(c"ignore", exc) }
    fn PyCodec_ReplaceErrors(exc: &Object) -> PyResult { handler(c"replace", exc) }
    fn PyCodec_XMLCharRefReplaceErrors(exc: &Object) -> PyResult { handler(c"xmlcharrefreplace", exc) }
    fn PyCodec_BackslashReplaceErrors(exc: &Object) -> PyResult { handler(c"backslashreplace", exc) }
    fn PyCodec_NameReplaceErrors(exc: &Object) -> PyResult { handler(c"namereplace", exc) }
}

fn named(encoding: Option<&CStr>) -> PyResult<&CStr> {
    encoding.ok_or_else(crate::unicodeobject::bad_argument)
}

/// `str.translate`, but that a character without translation is an error for a handler.
pub fn translate(s: &Str, table: &Object, errors: Option<&CStr>) -> PyResult {
    let handler = errors.filter(|errors| errors.to_bytes() != b"strict");
    let mut out = StrBuilder::new();
    let mut at = 0;
    while at < s.len() {
        let Some(piece) = translated(table, s.char_at(at))? else {
            let mut end = at + 1;
            while end < s.len() && translated(table, s.char_at(end))?.is_none() {
                end += 1;
            }
            if handler.is_some_and(|errors| errors.to_bytes() == b"ignore") {
                at = end;
                continue;
            }
            let args = [s.as_object(), &*Int::from_i64(at as i64), &*Int::from_i64(end as i64), &*Str::new("character maps to <undefined>")];
            let exc = call::call_args(runtime::exceptions::UnicodeTranslateError(), &args)?;
            let handle = call::call1(&*codec_function("lookup_error")?, &*text(handler.unwrap_or(c"strict"))?)?;
            let answer = call::call1(&handle, &exc)?;
            let parts = answer.downcast::<Tuple>().filter(|t| t.len() == 2);
            let found = parts.and_then(|t| Some((t.get(0).downcast::<Str>()?, t.get(1).downcast::<Int>()?.as_i64()?)));
            let Some((replacement, next)) = found else { return Err(err!(TypeError, "translating error handler must return (str, int) tuple")) };
            out.push_str_object(replacement)?;
            let position = if next < 0 { next + s.len() as i64 } else { next };
            at = usize::try_from(position).ok().filter(|&at| at <= s.len()).ok_or_else(|| err!(IndexError, "position {} from error handler out of bounds", next))?;
            continue;
        };
        out.push_str_object(&piece)?;
        at += 1;
    }
    Ok(out.finish()?.into_object())
}

/// What the table says of a character; None if that it has no translation.
fn translated(table: &Object, c: u32) -> PyResult<Option<Owned<Str>>> {
    let found = runtime::protocol::mapping::get_item(table, &*Int::from_i64(c as i64));
    let Some(value) = errors::catch(found, runtime::exceptions::LookupError())? else { return Ok(Some(Str::from_char(c)?)) };
    if value.is_none() {
        return Ok(None);
    }
    if let Some(number) = value.downcast::<Int>() {
        return match number.as_i64() {
            Some(c @ 0..=0x10ffff) => Ok(Some(Str::from_char(c as u32)?)),
            _ => Err(err!(ValueError, "character mapping must be in range(0x110000)")),
        };
    }
    match value.try_into_typed::<Str>() {
        Ok(text) => Ok(Some(text)),
        Err(_) => Err(err!(TypeError, "character mapping must return integer, None or str")),
    }
}

/// `codecs.encode` and `codecs.decode`.
fn by_name(o: &Object, function: &'static str, encoding: Option<&CStr>, errors: Option<&CStr>) -> PyResult {
    let function = codec_function(function)?;
    let encoding = text(encoding.unwrap_or(c"utf-8"))?;
    match errors {
        Some(errors) => call::call_args(&function, &[o, &*encoding, &*text(errors)?]),
        None => call::call_args(&function, &[o, &*encoding]),
    }
}

fn decode_locale(data: &[u8], errors: Option<&CStr>) -> PyResult<Owned<Str>> {
    match std::str::from_utf8(data) {
        Ok(text) => Ok(Str::new(text)),
        Err(_) => decode(data, "utf-8", errors),
    }
}

fn first_of(result: &Object) -> PyResult {
    match result.downcast::<Tuple>().and_then(|t| t.get_opt(0)) {
        Some(first) => Ok(first.to_owned()),
        None => Err(errors::bad_internal_call()),
    }
}

fn codec_item(encoding: &CStr, index: usize) -> PyResult {
    let codec = call::call1(&*codec_function("lookup")?, &*text(encoding)?)?;
    match codec.downcast::<Tuple>().and_then(|t| t.get_opt(index)) {
        Some(item) => Ok(item.to_owned()),
        None => Err(err!(TypeError, "codec search functions must return 4-tuples")),
    }
}

fn stream_codec(encoding: &CStr, index: usize, stream: &Object, errors: Option<&CStr>) -> PyResult {
    let factory = codec_item(encoding, index)?;
    match errors {
        Some(errors) => call::call_args(&factory, &[stream, &*text(errors)?]),
        None => call::call1(&factory, stream),
    }
}

fn incremental(encoding: &CStr, attribute: &'static str, errors: Option<&CStr>) -> PyResult {
    let codec = call::call1(&*codec_function("lookup")?, &*text(encoding)?)?;
    let factory = runtime::protocol::object::get_attr_str(&codec, attribute)?;
    match errors {
        Some(errors) => call::call1(&factory, &*text(errors)?),
        None => call::call0(&factory),
    }
}

fn handler(name: &CStr, exc: &Object) -> PyResult {
    call::call1(&*call::call1(&*codec_function("lookup_error")?, &*text(name)?)?, exc)
}
