//! UnicodeEncodeError, UnicodeDecodeError, UnicodeTranslateError.

use super::base::{clear_base, get, get_or_none, put, traverse_base};
use super::values::init_base;
use crate::err;
use crate::errors::{self, PyResult, Raised};
use crate::macro_support::Visitor;
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol::{buffer, call, number, object};
use crate::types::{Bytes, Dict, Int, Str, Tuple};
use abi::PyUnicodeErrorObject;
use macros::pytype;
use std::mem::offset_of;

#[repr(transparent)]
pub struct UnicodeEncodeError(pub PyUnicodeErrorObject);
#[repr(transparent)]
pub struct UnicodeDecodeError(pub PyUnicodeErrorObject);
#[repr(transparent)]
pub struct UnicodeTranslateError(pub PyUnicodeErrorObject);

fn traverse(error: &PyUnicodeErrorObject, visitor: &mut Visitor) {
    for cell in [&error.encoding, &error.object, &error.reason] {
        visitor.visit_cell(cell);
    }
    traverse_base(&error.base, visitor);
}

fn clear(error: &PyUnicodeErrorObject) {
    for cell in [&error.encoding, &error.object, &error.reason] {
        put(cell, None);
    }
    clear_base(&error.base);
}

fn want_str(function: &str, position: usize, value: &Object) -> PyResult<()> {
    if Str::check(value) {
        return Ok(());
    }
    Err(err!(TypeError, "{}() argument {} must be str, not {}", function, position, if value.is_none() { "None" } else { value.type_name() }))
}

fn init(error: &PyUnicodeErrorObject, function: &str, args: &Tuple, kwargs: Option<&Dict>, has_encoding: bool, decode: bool) -> PyResult<()> {
    init_base(&error.base, args, kwargs)?;
    let wanted = if has_encoding { 5 } else { 4 };
    if args.len() != wanted {
        return Err(err!(TypeError, "function takes exactly {} arguments ({} given)", wanted, args.len()));
    }
    let base = has_encoding as usize;
    let mut subject: Owned = args.get(base).to_owned();
    if has_encoding {
        want_str("function", 1, args.get(0))?;
    }
    if decode {
        if !Bytes::check(&subject) {
            let view = buffer::BufferView::get(&subject, abi::PyBUF_SIMPLE)?;
            let bytes = Bytes::new(view.as_bytes());
            subject = bytes.into_object();
        }
    } else {
        want_str("function", base + 1, &subject)?;
    }
    let start = number::as_isize(args.get(base + 1), Some(super::OverflowError()))?;
    let end = number::as_isize(args.get(base + 2), Some(super::OverflowError()))?;
    want_str("function", base + 4, args.get(base + 3))?;
    let _ = function;
    put(&error.encoding, has_encoding.then(|| args.get(0)));
    put(&error.object, Some(&subject));
    put(&error.reason, Some(args.get(base + 3)));
    error.start.set(start);
    error.end.set(end);
    Ok(())
}

/// Start clipped into the object, end at least one behind it, as messages use them.
fn clipped(error: &PyUnicodeErrorObject, len: usize) -> (usize, usize) {
    let start = error.start.get().clamp(0, (len as isize - 1).max(0));
    let end = error.end.get().clamp(1, (len as isize).max(1)).min(len as isize);
    (start as usize, end.max(0) as usize)
}

/// A code point as messages show it.
fn shown(point: u32) -> String {
    match point {
        0..=0xff => format!("\\x{point:02x}"),
        0x100..=0xffff => format!("\\u{point:04x}"),
        _ => format!("\\U{point:08x}"),
    }
}

fn message(error: &PyUnicodeErrorObject, verb: &str) -> PyResult<Owned<Str>> {
    let Some(subject) = get(&error.object) else { return Ok(Str::new("")) };
    let reason = object::str(&get_or_none(&error.reason))?;
    let prefix = match get(&error.encoding) {
        Some(encoding) => format!("'{}' codec can't {verb}", &*object::str(&encoding)?),
        None => format!("can't {verb}"),
    };
    let text = if let Some(bytes) = subject.downcast::<Bytes>() {
        let (start, end) = clipped(error, bytes.as_slice().len());
        match bytes.as_slice().get(start) {
            Some(byte) if end == start + 1 => format!("{prefix} byte 0x{byte:02x} in position {start}: {}", &*reason),
            _ => format!("{prefix} bytes in position {start}-{}: {}", end as isize - 1, &*reason),
        }
    } else if let Some(text) = subject.downcast::<Str>() {
        let (start, end) = clipped(error, text.len());
        if start < text.len() && end == start + 1 {
            format!("{prefix} character '{}' in position {start}: {}", shown(text.char_at(start)), &*reason)
        } else {
            format!("{prefix} characters in position {start}-{}: {}", end as isize - 1, &*reason)
        }
    } else {
        String::new()
    };
    Ok(Str::new(&text))
}

macro_rules! unicode_error {
    ($struct_:ident, $static_:ident, $name:literal, $has_encoding:literal, $decode:literal, $verb:literal, $doc:literal, [$($member:tt)*]) => {
        #[doc = $doc]
        #[pytype(static = $static_, name = $name, base = super::UNICODE_ERROR, flags = BASETYPE | HAVE_GC | BASE_EXC_SUBCLASS, no_pytyped,
            members = [$($member)*
                ("object", T_OBJECT, offset_of!(PyUnicodeErrorObject, object), 0, "exception object"),
                ("start", T_PYSSIZET, offset_of!(PyUnicodeErrorObject, start), 0, "exception start"),
                ("end", T_PYSSIZET, offset_of!(PyUnicodeErrorObject, end), 0, "exception end"),
                ("reason", T_OBJECT, offset_of!(PyUnicodeErrorObject, reason), 0, "exception reason"),
            ])]
        impl $struct_ {
            #[slot]
            fn tp_init(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<()> {
                init(&self.0, $name, args, kwargs, $has_encoding, $decode)
            }
            #[slot]
            fn tp_str(&self) -> PyResult<Owned<Str>> {
                message(&self.0, $verb)
            }
            #[slot]
            fn tp_traverse(&self, visitor: &mut Visitor) {
                traverse(&self.0, &mut *visitor);
            }
            #[slot]
            fn tp_clear(&self) {
                clear(&self.0);
            }
        }
    };
}

unicode_error!(UnicodeEncodeError, UNICODE_ENCODE_ERROR, "UnicodeEncodeError", true, false, "encode", "Unicode encoding error.",
    [("encoding", T_OBJECT, offset_of!(PyUnicodeErrorObject, encoding), 0, "exception encoding"),]);
unicode_error!(UnicodeDecodeError, UNICODE_DECODE_ERROR, "UnicodeDecodeError", true, true, "decode", "Unicode decoding error.",
    [("encoding", T_OBJECT, offset_of!(PyUnicodeErrorObject, encoding), 0, "exception encoding"),]);
unicode_error!(UnicodeTranslateError, UNICODE_TRANSLATE_ERROR, "UnicodeTranslateError", false, false, "translate", "Unicode translation error.", []);

/// Makes an encode or decode error.
pub fn make(kind: &Type, encoding: &str, subject: &Object, start: usize, end: usize, reason: &str) -> PyResult {
    call::call_args(
        kind,
        &[Str::new(encoding).object(), subject, Int::from_i64(start as i64).object(), Int::from_i64(end as i64).object(), Str::new(reason).object()],
    )
}

/// Raises an encode or decode error.
#[cold]
pub fn raise(kind: &Type, encoding: &str, subject: &Object, start: usize, end: usize, reason: &str) -> Raised {
    match make(kind, encoding, subject, start, end, reason) {
        Ok(instance) => errors::raise_object(kind, Some(&instance)),
        Err(raised) => raised,
    }
}
