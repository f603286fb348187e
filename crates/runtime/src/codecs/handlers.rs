//! The error handlers that are built in: as the codecs use them, and as the functions that `codecs.lookup_error` gives.

use super::errors::{Mode, Replacement};
use super::push_escape;
use crate::err;
use crate::errors::{self, PyResult, Raised};
use crate::exceptions::base::BaseException;
use crate::exceptions;
use crate::macro_support::{Static, method_table, table_len};
use crate::object::{Object, Owned};
use crate::types::str::StrBuilder;
use crate::types::{BuiltinFunction, Bytes, Int, Str, Tuple};
use abi::{PyMethodDef, PyUnicodeErrorObject};
use macros::pyfunctions;

/// Text for the undecodable bytes `start..end`, and where to go on; `None` if the mode cannot help and the error is to be raised.
pub fn decode_replacement(mode: Mode, encoding: &str, input: &[u8], start: usize, end: usize) -> PyResult<Option<(Owned<Str>, usize)>> {
    let bytes = input.get(start..end).unwrap_or(&[]);
    Ok(Some(match mode {
        Mode::Ignore => (Owned::from_ref(Str::empty()), end),
        Mode::Replace => (Str::from_char(0xfffd)?, end),
        Mode::BackslashReplace => (Str::new(&bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect::<String>()), end),
        Mode::SurrogateEscape => {
            let points: Vec<u32> = bytes.iter().take(4).take_while(|&&byte| byte >= 0x80).map(|&byte| 0xdc00 + byte as u32).collect();
            if points.is_empty() {
                return Ok(None);
            }
            (Str::from_code_points(&points), start + points.len())
        }
        Mode::SurrogatePass => {
            let unit = UnitForm::of(encoding).and_then(|form| Some((form, form.read(input.get(start..)?)?)));
            match unit {
                Some((form, c)) => (Str::from_char(c)?, start + form.len()),
                None => return Ok(None),
            }
        }
        Mode::XmlCharRefReplace | Mode::NameReplace => return Err(wrong_type("UnicodeDecodeError")),
        Mode::Strict | Mode::Other => return Ok(None),
    }))
}

/// What stands in for the unencodable characters `start..end`, and where to go on; `None` if the error is to be raised.
pub fn encode_replacement(mode: Mode, encoding: &str, text: &Str, start: usize, end: usize) -> PyResult<Option<(Replacement, usize)>> {
    let points = || (start..end).map(|i| text.char_at(i));
    let mut out = StrBuilder::new();
    match mode {
        Mode::Ignore => return Ok(Some((Replacement::Bytes(Vec::new()), end))),
        Mode::Replace => out.push_repeated('?' as u32, end.saturating_sub(start))?,
        Mode::BackslashReplace => points().for_each(|c| push_escape(&mut out, c)),
        Mode::XmlCharRefReplace => points().for_each(|c| out.push_str(&format!("&#{c};"))),
        Mode::NameReplace if !super::escapes::has_names() => {
            return Err(err!(ImportError, "PyCapsule_Import could not import module \"unicodedata\""));
        }
        Mode::NameReplace => points().for_each(|c| match super::escapes::name_of(c) {
            Some(name) => out.push_str(&format!("\\N{{{name}}}")),
            None => push_escape(&mut out, c),
        }),
        Mode::SurrogateEscape => {
            let bytes: Vec<u8> = points().take_while(|c| (0xdc80..=0xdcff).contains(c)).map(|c| c as u8).collect();
            let next = start + bytes.len();
            // The charmap codec asks for a whole run; the others come back with what is left.
            if next < end && encoding == "charmap" {
                return Ok(None);
            }
            return Ok((!bytes.is_empty()).then_some((Replacement::Bytes(bytes), next)));
        }
        Mode::SurrogatePass => {
            let Some(form) = UnitForm::of(encoding) else { return Ok(None) };
            if !points().all(|c| c & !0x7ff == 0xd800) {
                return Ok(None);
            }
            let mut bytes = Vec::new();
            points().for_each(|c| form.write(c, &mut bytes));
            return Ok(Some((Replacement::Bytes(bytes), end)));
        }
        Mode::Strict | Mode::Other => return Ok(None),
    }
    Ok(Some((Replacement::Text(out.finish()?), end)))
}

/// How an encoding of the UTF family writes one surrogate.
#[derive(Clone, Copy)]
enum UnitForm {
    Utf8,
    Little(usize),
    Big(usize),
}

impl UnitForm {
    /// `None` for other encodings.
    fn of(encoding: &str) -> Option<UnitForm> {
        let name: String = encoding.chars().filter(|c| !matches!(c, '-' | '_')).map(|c| c.to_ascii_lowercase()).collect();
        match name.as_str() {
            "utf8" | "cp65001" => Some(UnitForm::Utf8),
            "utf16" | "utf16le" => Some(UnitForm::Little(2)),
            "utf16be" => Some(UnitForm::Big(2)),
            "utf32" | "utf32le" => Some(UnitForm::Little(4)),
            "utf32be" => Some(UnitForm::Big(4)),
            _ => None,
        }
    }
    fn len(self) -> usize {
        match self {
            UnitForm::Utf8 => 3,
            UnitForm::Little(len) | UnitForm::Big(len) => len,
        }
    }
    fn read(self, bytes: &[u8]) -> Option<u32> {
        let bytes = bytes.get(..self.len())?;
        let c = match self {
            UnitForm::Utf8 if bytes[0] & 0xf0 == 0xe0 && bytes[1] & 0xc0 == 0x80 && bytes[2] & 0xc0 == 0x80 => {
                (bytes[0] as u32 & 0xf) << 12 | (bytes[1] as u32 & 0x3f) << 6 | (bytes[2] as u32 & 0x3f)
            }
            UnitForm::Utf8 => return None,
            UnitForm::Little(_) => bytes.iter().rev().fold(0, |c, &byte| c << 8 | byte as u32),
            UnitForm::Big(_) => bytes.iter().fold(0, |c, &byte| c << 8 | byte as u32),
        };
        (c & !0x7ff == 0xd800).then_some(c)
    }
    fn write(self, c: u32, out: &mut Vec<u8>) {
        match self {
            UnitForm::Utf8 => crate::types::str::push_wtf8(out, c),
            UnitForm::Little(len) => out.extend_from_slice(&c.to_le_bytes()[..len]),
            UnitForm::Big(len) => out.extend_from_slice(&c.to_be_bytes()[4 - len..]),
        }
    }
}

#[cold]
fn wrong_type(name: &str) -> Raised {
    err!(TypeError, "don't know how to handle {} in error callback", name)
}

/// A Unicode error's parts, as a handler sees them.
enum Subject {
    Decode { encoding: String, object: Owned<Bytes>, start: usize, end: usize },
    Encode { encoding: String, object: Owned<Str>, start: usize, end: usize },
    Translate { object: Owned<Str>, start: usize, end: usize },
}

/// The object of a decode error.
pub fn decode_object_of(exc: &Object) -> PyResult<Owned<Bytes>> {
    match subject_of(exc)? {
        Subject::Decode { object, .. } => Ok(object),
        _ => Err(wrong_type(exc.type_name())),
    }
}

fn subject_of(exc: &Object) -> PyResult<Subject> {
    let is = |ty: &crate::object::Type| exc.ty().is_subtype(ty);
    let (decode, encode) = (is(exceptions::UnicodeDecodeError()), is(exceptions::UnicodeEncodeError()));
    if !decode && !encode && !is(exceptions::UnicodeTranslateError()) {
        return Err(wrong_type(exc.type_name()));
    }
    // SAFETY: all three types have this layout; the cells are NULL or own objects.
    let (error, object, encoding) = unsafe {
        let error: &PyUnicodeErrorObject = exc.cast();
        let held = |cell: &std::cell::Cell<*mut abi::PyObject>| Object::from_ptr_opt(cell.get()).map(Object::to_owned);
        (error, held(&error.object), held(&error.encoding))
    };
    let unset = |what: &str| err!(TypeError, "{} '{}' attribute is not set", exc.type_name(), what);
    let Some(object) = object else { return Err(unset("object")) };
    let encoding = match &encoding {
        Some(encoding) => encoding.downcast::<Str>().map_or(String::new(), |name| name.to_string()),
        None => String::new(),
    };
    // Start within the object, end behind a first character.
    let clip = |len: usize| {
        let start = error.start.get().clamp(0, (len as isize - 1).max(0)) as usize;
        let end = error.end.get().max(1).min(len as isize).max(0) as usize;
        (start, end.max(start.min(end)))
    };
    if decode {
        let Ok(object) = object.try_into_typed::<Bytes>() else {
            return Err(err!(TypeError, "{} 'object' attribute must be a bytes", exc.type_name()));
        };
        let (start, end) = clip(object.len());
        return Ok(Subject::Decode { encoding, object, start, end });
    }
    let Ok(object) = object.try_into_typed::<Str>() else {
        return Err(err!(TypeError, "{} 'object' attribute must be a string", exc.type_name()));
    };
    let (start, end) = clip(object.len());
    Ok(if encode { Subject::Encode { encoding, object, start, end } } else { Subject::Translate { object, start, end } })
}

/// Raises the exception that a handler was given.
fn raise_given(exc: &Object) -> Raised {
    match exc.downcast::<BaseException>() {
        Some(exc) => errors::raise_instance(Owned::from_ref(exc)),
        None => err!(TypeError, "codec must pass exception instance"),
    }
}

/// A handler of a mode, called with an exception.
fn handle(mode: Mode, exc: &Object) -> PyResult<Owned<Tuple>> {
    let pair = |first: Owned, next: usize| Ok(Tuple::pair(first, Int::from_usize(next).into_object()));
    match subject_of(exc)? {
        Subject::Decode { encoding, object, start, end } => match decode_replacement(mode, &encoding, object.as_slice(), start, end)? {
            Some((text, next)) => pair(text.into_object(), next),
            None => Err(raise_given(exc)),
        },
        Subject::Encode { encoding, object, start, end } => {
            let all_escaped = mode != Mode::SurrogateEscape || (start..end).all(|i| (0xdc80..=0xdcff).contains(&object.char_at(i)));
            match encode_replacement(mode, &encoding, &object, start, end)? {
                Some((Replacement::Bytes(_), next)) if mode == Mode::Ignore => pair(Owned::from_ref(Str::empty()).into_object(), next),
                Some((Replacement::Bytes(bytes), next)) if all_escaped => pair(Bytes::new(&bytes).into_object(), next),
                Some((Replacement::Text(text), next)) => pair(text.into_object(), next),
                _ => Err(raise_given(exc)),
            }
        }
        Subject::Translate { object, start, end } => match mode {
            Mode::Ignore => pair(Owned::from_ref(Str::empty()).into_object(), end),
            Mode::Replace => {
                let mut out = StrBuilder::new();
                out.push_repeated(0xfffd, end.saturating_sub(start))?;
                pair(out.finish()?.into_object(), end)
            }
            Mode::BackslashReplace => {
                let mut out = StrBuilder::new();
                (start..end).for_each(|i| push_escape(&mut out, object.char_at(i)));
                pair(out.finish()?.into_object(), end)
            }
            _ => Err(wrong_type(exc.type_name())),
        },
    }
}

#[pyfunctions(HANDLERS)]
mod functions {
    use super::*;

    /// Raises the exception.
    #[function("strict_errors($self, exc, /)", nosig)]
    fn strict_errors(exc: &Object) -> PyResult {
        Err(raise_given(exc))
    }
    /// Leaves out what cannot be encoded or decoded.
    #[function("ignore_errors($self, exc, /)", nosig)]
    fn ignore_errors(exc: &Object) -> PyResult<Owned<Tuple>> {
        handle(Mode::Ignore, exc)
    }
    /// Puts a replacement character in place of what cannot be encoded or decoded.
    #[function("replace_errors($self, exc, /)", nosig)]
    fn replace_errors(exc: &Object) -> PyResult<Owned<Tuple>> {
        handle(Mode::Replace, exc)
    }
    /// Puts XML character references in place of what cannot be encoded.
    #[function("xmlcharrefreplace_errors($self, exc, /)", nosig)]
    fn xmlcharrefreplace_errors(exc: &Object) -> PyResult<Owned<Tuple>> {
        handle(Mode::XmlCharRefReplace, exc)
    }
    /// Puts backslash escapes in place of what cannot be encoded or decoded.
    #[function("backslashreplace_errors($self, exc, /)", nosig)]
    fn backslashreplace_errors(exc: &Object) -> PyResult<Owned<Tuple>> {
        handle(Mode::BackslashReplace, exc)
    }
    /// Puts \N{...} escapes in place of what cannot be encoded.
    #[function("namereplace_errors($self, exc, /)", nosig)]
    fn namereplace_errors(exc: &Object) -> PyResult<Owned<Tuple>> {
        handle(Mode::NameReplace, exc)
    }
    #[function("surrogatepass($self, exc, /)", nosig)]
    fn surrogatepass(exc: &Object) -> PyResult<Owned<Tuple>> {
        handle(Mode::SurrogatePass, exc)
    }
    #[function("surrogateescape($self, exc, /)", nosig)]
    fn surrogateescape(exc: &Object) -> PyResult<Owned<Tuple>> {
        handle(Mode::SurrogateEscape, exc)
    }
}

const COUNT: usize = table_len(&[functions::HANDLERS]);
static TABLE: Static<[PyMethodDef; COUNT]> = Static(method_table(&[functions::HANDLERS]));

/// The names of the built-in handlers, in the order of their functions.
pub const NAMES: [&str; COUNT - 1] =
    ["strict", "ignore", "replace", "xmlcharrefreplace", "backslashreplace", "namereplace", "surrogatepass", "surrogateescape"];

/// The function of the handler `NAMES[index]`.
pub fn function(index: usize) -> PyResult<Owned<BuiltinFunction>> {
    // SAFETY: a static definition.
    unsafe { BuiltinFunction::new(TABLE.first().add(index), None, None, None) }
}
