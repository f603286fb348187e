//! Codecs of text.

use crate::err;
use crate::errors::{PyResult, Raised, raise_object};
use crate::object::{Object, Owned};
use crate::types::str::StrBuilder;
use crate::types::{Bytes, Int, Str, Tuple};

/// Raises `UnicodeEncodeError(encoding, object, start, end, reason)`.
#[cold]
pub fn raise_encode_error(encoding: &str, object: &Str, start: usize, end: usize, reason: &str) -> Raised {
    let args = Tuple::new(&[&Str::new(encoding), object, &Int::from_i64(start as i64), &Int::from_i64(end as i64), &Str::new(reason)]);
    raise_object(crate::exceptions::UnicodeEncodeError(), Some(&args))
}

/// `str.encode`.
pub fn encode_str(text: &Str, encoding: Option<&str>, _errors: Option<&str>) -> PyResult {
    match encoding {
        None | Some("utf-8") => Ok(Bytes::new(text.as_utf8()?.as_bytes()).into_object()),
        _ => Err(err!(SystemError, "not written: encode_str")),
    }
}

/// `str(object, encoding, errors)`.
pub fn decode_object(_object: &Object, _encoding: Option<&str>, _errors: Option<&str>) -> PyResult<Owned<Str>> {
    Err(err!(SystemError, "not written: decode_object"))
}

/// Appends the `\x`, `\u` or `\U` escape of a code point.
pub fn push_escape(out: &mut StrBuilder, c: u32) {
    out.push_str(&match c {
        0..0x100 => format!("\\x{c:02x}"),
        0x100..0x10000 => format!("\\u{c:04x}"),
        _ => format!("\\U{c:08x}"),
    });
}

/// `str.encode` for native callers.
pub fn encode(text: &Str, encoding: Option<&str>, errors: Option<&str>) -> PyResult {
    encode_str(text, encoding, errors)
}

/// `bytes.decode` for native callers.
pub fn decode(bytes: &[u8], encoding: Option<&str>, errors: Option<&str>) -> PyResult<Owned<Str>> {
    match std::str::from_utf8(bytes) {
        Ok(text) if matches!(encoding, None | Some("utf-8")) => Ok(Str::new(text)),
        _ => decode_object(&Bytes::new(bytes), encoding, errors),
    }
}

/// A path or argument from the system: UTF-8, other bytes as surrogates.
pub fn fs_decode(bytes: &[u8]) -> Owned<Str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Str::new(text),
        Err(_) => decode(bytes, Some("utf-8"), Some("surrogateescape")).unwrap_or_else(|_| {
            crate::errors::clear();
            Str::from_latin1(bytes)
        }),
    }
}
