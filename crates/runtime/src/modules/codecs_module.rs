//! `_codecs`: the registry and the native codecs for Python.

use crate::codecs::{Decoded, charmap, escapes, registry, single_byte, utf7, utf8, utf16, utf32};
use crate::errors::PyResult;
use crate::macro_support::{Buffer, FromArg, ArgContext};
use crate::object::{Object, Owned, PyTyped};
use crate::types::{Bytes, Int, Str, Tuple};
use macros::pymodule;

/// What an encoder gives: bytes, and how many characters it used.
fn encoded(bytes: &[u8], text: &Str) -> Owned<Tuple> {
    Tuple::pair(Bytes::new(bytes).into_object(), Int::from_usize(text.len()).into_object())
}

/// What a decoder gives: text, and how many bytes it used.
fn decoded(text: Owned<Str>, consumed: usize) -> Owned<Tuple> {
    Tuple::pair(text.into_object(), Int::from_usize(consumed).into_object())
}

/// What is said to be used is all of a final input, whatever handlers put in its place.
fn consumed(done: &Decoded, data: &[u8], is_final: bool) -> usize {
    if is_final { data.len() } else { done.consumed }
}

fn pair(result: PyResult<Decoded>, data: &[u8], is_final: bool) -> PyResult<Owned<Tuple>> {
    let done = result?;
    let consumed = consumed(&done, data, is_final);
    Ok(decoded(done.text, consumed))
}

/// As `pair`, with the byte order.
fn triple(result: PyResult<Decoded>, data: &[u8], is_final: bool) -> PyResult<Owned<Tuple>> {
    let done = result?;
    let consumed = Int::from_usize(consumed(&done, data, is_final));
    let order = Int::from_i64(done.byte_order as i64).into_object();
    Ok(Tuple::triple(done.text.into_object(), consumed.into_object(), order))
}

/// A bytes-like object, or the UTF-8 of a string.
enum Data<'a> {
    Text(&'a str),
    Buffer(Buffer),
}

impl<'a> FromArg<'a> for Data<'a> {
    fn from_arg(value: &'a Object, context: &ArgContext) -> PyResult<Self> {
        match value.downcast::<Str>() {
            Some(text) => Ok(Data::Text(text.as_utf8()?)),
            None => Buffer::from_arg(value, context).map(Data::Buffer),
        }
    }
}

impl std::ops::Deref for Data<'_> {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        match self {
            Data::Text(text) => text.as_bytes(),
            Data::Buffer(buffer) => buffer,
        }
    }
}

#[pymodule(name = "_codecs")]
pub mod codecs_module {
    use super::*;

    #[exec]
    fn exec(_module: &crate::types::Module) -> PyResult<()> {
        crate::types::type_ready(charmap::EncodingMap::type_object())
    }

    /// Register a codec search function.
    ///
    /// A search function is called with the name of an encoding in lower case and gives a codecs.CodecInfo object
    /// (or a tuple of four functions), or None.
    #[function("register($module, search_function, /)")]
    fn register(search_function: &Object) -> PyResult<()> {
        registry::register(search_function)
    }
    /// Unregister a codec search function and forget the codecs that were looked up.
    ///
    /// A function that is not registered is no error.
    #[function("unregister($module, search_function, /)")]
    fn unregister(search_function: &Object) -> PyResult<()> {
        registry::unregister(search_function)
    }
    /// Looks a codec up in the registry; its tuple of functions (a CodecInfo object).
    #[function("lookup($module, encoding, /)")]
    fn lookup(encoding: &str) -> PyResult<Owned<Tuple>> {
        registry::lookup(encoding)
    }
    /// Encodes obj with the codec of an encoding.
    ///
    /// The encoding is 'utf-8' and the way to handle errors 'strict' (which raises a ValueError) by default;
    /// 'ignore', 'replace' and 'backslashreplace' are others, and what register_error() knows.
    #[function("encode($module, /, obj, encoding='utf-8', errors='strict')")]
    fn encode(obj: &Object, encoding: Option<&str>, errors: Option<&str>) -> PyResult {
        registry::encode(obj, encoding.unwrap_or("utf-8"), errors)
    }
    /// Decodes obj with the codec of an encoding.
    ///
    /// The encoding is 'utf-8' and the way to handle errors 'strict' (which raises a ValueError) by default;
    /// 'ignore', 'replace' and 'backslashreplace' are others, and what register_error() knows.
    #[function("decode($module, /, obj, encoding='utf-8', errors='strict')")]
    fn decode(obj: &Object, encoding: Option<&str>, errors: Option<&str>) -> PyResult {
        registry::decode(obj, encoding.unwrap_or("utf-8"), errors)
    }
    /// Register an error handler under a name.
    ///
    /// The handler is called with a UnicodeEncodeError, UnicodeDecodeError or UnicodeTranslateError. It raises an exception,
    /// or returns a tuple of the replacement and the position at which to go on.
    #[function("register_error($module, errors, handler, /)")]
    fn register_error(errors: &str, handler: &Object) -> PyResult<()> {
        registry::register_error(errors, handler)
    }
    /// Un-register the error handler of a name; whether there was one.
    ///
    /// ValueError for the handlers that are built in.
    #[function("_unregister_error($module, errors, /)")]
    fn _unregister_error(errors: &str) -> PyResult<bool> {
        registry::unregister_error(errors)
    }
    /// lookup_error(errors) -> handler
    ///
    /// The error handler of a name; LookupError if there is none.
    #[function("lookup_error($module, name, /)")]
    fn lookup_error(name: &str) -> PyResult {
        registry::lookup_error(name)
    }

    #[function("escape_decode($module, data, errors=None, /)")]
    fn escape_decode(data: Data<'_>, errors: Option<&str>) -> PyResult<Owned<Tuple>> {
        let bytes = escapes::decode_bytes_escapes(&data, errors)?;
        Ok(Tuple::pair(Bytes::new(&bytes).into_object(), Int::from_usize(data.len()).into_object()))
    }
    #[function("escape_encode($module, data, errors=None, /)")]
    fn escape_encode(data: &Bytes, _errors: Option<&str>) -> Owned<Tuple> {
        let bytes = escapes::encode_bytes_escapes(data.as_slice());
        Tuple::pair(Bytes::new(&bytes).into_object(), Int::from_usize(data.len()).into_object())
    }
    #[function("readbuffer_encode($module, data, errors=None, /)")]
    fn readbuffer_encode(data: Data<'_>, _errors: Option<&str>) -> Owned<Tuple> {
        Tuple::pair(Bytes::new(&data).into_object(), Int::from_usize(data.len()).into_object())
    }

    #[function("utf_7_decode($module, data, errors=None, final=False, /)")]
    fn utf_7_decode(data: Buffer, errors: Option<&str>, r#final: bool) -> PyResult<Owned<Tuple>> {
        pair(utf7::decode(&data, errors, r#final), &data, r#final)
    }
    #[function("utf_8_decode($module, data, errors=None, final=False, /)")]
    fn utf_8_decode(data: Buffer, errors: Option<&str>, r#final: bool) -> PyResult<Owned<Tuple>> {
        pair(utf8::decode_stateful(&data, errors, r#final), &data, r#final)
    }
    #[function("utf_16_decode($module, data, errors=None, final=False, /)")]
    fn utf_16_decode(data: Buffer, errors: Option<&str>, r#final: bool) -> PyResult<Owned<Tuple>> {
        pair(utf16::decode(&data, errors, 0, r#final), &data, r#final)
    }
    #[function("utf_16_le_decode($module, data, errors=None, final=False, /)")]
    fn utf_16_le_decode(data: Buffer, errors: Option<&str>, r#final: bool) -> PyResult<Owned<Tuple>> {
        pair(utf16::decode(&data, errors, -1, r#final), &data, r#final)
    }
    #[function("utf_16_be_decode($module, data, errors=None, final=False, /)")]
    fn utf_16_be_decode(data: Buffer, errors: Option<&str>, r#final: bool) -> PyResult<Owned<Tuple>> {
        pair(utf16::decode(&data, errors, 1, r#final), &data, r#final)
    }
    #[function("utf_16_ex_decode($module, data, errors=None, byteorder=0, final=False, /)")]
    fn utf_16_ex_decode(data: Buffer, errors: Option<&str>, byteorder: i32, r#final: bool) -> PyResult<Owned<Tuple>> {
        triple(utf16::decode(&data, errors, byteorder, r#final), &data, r#final)
    }
    #[function("utf_32_decode($module, data, errors=None, final=False, /)")]
    fn utf_32_decode(data: Buffer, errors: Option<&str>, r#final: bool) -> PyResult<Owned<Tuple>> {
        pair(utf32::decode(&data, errors, 0, r#final), &data, r#final)
    }
    #[function("utf_32_le_decode($module, data, errors=None, final=False, /)")]
    fn utf_32_le_decode(data: Buffer, errors: Option<&str>, r#final: bool) -> PyResult<Owned<Tuple>> {
        pair(utf32::decode(&data, errors, -1, r#final), &data, r#final)
    }
    #[function("utf_32_be_decode($module, data, errors=None, final=False, /)")]
    fn utf_32_be_decode(data: Buffer, errors: Option<&str>, r#final: bool) -> PyResult<Owned<Tuple>> {
        pair(utf32::decode(&data, errors, 1, r#final), &data, r#final)
    }
    #[function("utf_32_ex_decode($module, data, errors=None, byteorder=0, final=False, /)")]
    fn utf_32_ex_decode(data: Buffer, errors: Option<&str>, byteorder: i32, r#final: bool) -> PyResult<Owned<Tuple>> {
        triple(utf32::decode(&data, errors, byteorder, r#final), &data, r#final)
    }
    #[function("unicode_escape_decode($module, data, errors=None, final=True, /)")]
    fn unicode_escape_decode(data: Data<'_>, errors: Option<&str>, r#final: bool) -> PyResult<Owned<Tuple>> {
        pair(escapes::decode_unicode_escape(&data, errors, r#final), &data, r#final)
    }
    #[function("raw_unicode_escape_decode($module, data, errors=None, final=True, /)")]
    fn raw_unicode_escape_decode(data: Data<'_>, errors: Option<&str>, r#final: bool) -> PyResult<Owned<Tuple>> {
        pair(escapes::decode_raw_unicode_escape(&data, errors, r#final), &data, r#final)
    }
    #[function("latin_1_decode($module, data, errors=None, /)")]
    fn latin_1_decode(data: Buffer, _errors: Option<&str>) -> PyResult<Owned<Tuple>> {
        Ok(decoded(single_byte::decode_latin1(&data)?, data.len()))
    }
    #[function("ascii_decode($module, data, errors=None, /)")]
    fn ascii_decode(data: Buffer, errors: Option<&str>) -> PyResult<Owned<Tuple>> {
        Ok(decoded(single_byte::decode_ascii(&data, errors)?, data.len()))
    }
    #[function("charmap_decode($module, data, errors=None, mapping=None, /)")]
    fn charmap_decode(data: Buffer, errors: Option<&str>, mapping: Option<&Object>) -> PyResult<Owned<Tuple>> {
        Ok(decoded(charmap::decode(&data, errors, mapping)?, data.len()))
    }

    #[function("utf_7_encode($module, str, errors=None, /)")]
    fn utf_7_encode(str: &Str, _errors: Option<&str>) -> Owned<Tuple> {
        encoded(&utf7::encode(str), str)
    }
    #[function("utf_8_encode($module, str, errors=None, /)")]
    fn utf_8_encode(str: &Str, errors: Option<&str>) -> PyResult<Owned<Tuple>> {
        Ok(encoded(&utf8::encode(str, errors)?, str))
    }
    #[function("utf_16_encode($module, str, errors=None, byteorder=0, /)")]
    fn utf_16_encode(str: &Str, errors: Option<&str>, byteorder: i32) -> PyResult<Owned<Tuple>> {
        Ok(encoded(&utf16::encode(str, errors, byteorder)?, str))
    }
    #[function("utf_16_le_encode($module, str, errors=None, /)")]
    fn utf_16_le_encode(str: &Str, errors: Option<&str>) -> PyResult<Owned<Tuple>> {
        Ok(encoded(&utf16::encode(str, errors, -1)?, str))
    }
    #[function("utf_16_be_encode($module, str, errors=None, /)")]
    fn utf_16_be_encode(str: &Str, errors: Option<&str>) -> PyResult<Owned<Tuple>> {
        Ok(encoded(&utf16::encode(str, errors, 1)?, str))
    }
    #[function("utf_32_encode($module, str, errors=None, byteorder=0, /)")]
    fn utf_32_encode(str: &Str, errors: Option<&str>, byteorder: i32) -> PyResult<Owned<Tuple>> {
        Ok(encoded(&utf32::encode(str, errors, byteorder)?, str))
    }
    #[function("utf_32_le_encode($module, str, errors=None, /)")]
    fn utf_32_le_encode(str: &Str, errors: Option<&str>) -> PyResult<Owned<Tuple>> {
        Ok(encoded(&utf32::encode(str, errors, -1)?, str))
    }
    #[function("utf_32_be_encode($module, str, errors=None, /)")]
    fn utf_32_be_encode(str: &Str, errors: Option<&str>) -> PyResult<Owned<Tuple>> {
        Ok(encoded(&utf32::encode(str, errors, 1)?, str))
    }
    #[function("unicode_escape_encode($module, str, errors=None, /)")]
    fn unicode_escape_encode(str: &Str, _errors: Option<&str>) -> Owned<Tuple> {
        encoded(&escapes::encode_unicode_escape(str), str)
    }
    #[function("raw_unicode_escape_encode($module, str, errors=None, /)")]
    fn raw_unicode_escape_encode(str: &Str, _errors: Option<&str>) -> Owned<Tuple> {
        encoded(&escapes::encode_raw_unicode_escape(str), str)
    }
    #[function("latin_1_encode($module, str, errors=None, /)")]
    fn latin_1_encode(str: &Str, errors: Option<&str>) -> PyResult<Owned<Tuple>> {
        Ok(encoded(&single_byte::encode(str, single_byte::LATIN_1, errors)?, str))
    }
    #[function("ascii_encode($module, str, errors=None, /)")]
    fn ascii_encode(str: &Str, errors: Option<&str>) -> PyResult<Owned<Tuple>> {
        Ok(encoded(&single_byte::encode(str, single_byte::ASCII, errors)?, str))
    }
    #[function("charmap_encode($module, str, errors=None, mapping=None, /)")]
    fn charmap_encode(str: &Str, errors: Option<&str>, mapping: Option<&Object>) -> PyResult<Owned<Tuple>> {
        Ok(encoded(&charmap::encode(str, errors, mapping)?, str))
    }
    #[function("charmap_build($module, map, /)")]
    fn charmap_build(map: &Str) -> PyResult {
        charmap::build(map)
    }
}
