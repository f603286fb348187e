//! UnicodeEncodeError, UnicodeDecodeError, UnicodeTranslateError.

use super::base::{clear_base, get, put, traverse_base};
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

fn want_str(position: usize, value: &Object) -> PyResult<()> {
    if Str::check(value) {
        return Ok(());
    }
    Err(err!(TypeError, "argument {} must be str, not {}", position, if value.is_none() { "None" } else { value.type_name() }))
}

fn init(error: &PyUnicodeErrorObject, args: &Tuple, kwargs: Option<&Dict>, has_encoding: bool, decode: bool) -> PyResult<()> {
    init_base(&error.base, args, kwargs)?;
    let wanted = if has_encoding { 5 } else { 4 };
    if args.len() != wanted {
        return Err(err!(TypeError, "function takes exactly {} arguments ({} given)", wanted, args.len()));
    }
    let base = has_encoding as usize;
    let mut subject: Owned = args.get(base).to_owned();
    if has_encoding {
        want_str(1, args.get(0))?;
    }
    if decode {
        if !Bytes::check(&subject) {
            let view = buffer::BufferView::get(&subject, abi::PyBUF_SIMPLE)?;
            let bytes = Bytes::new(view.as_bytes());
            subject = bytes.into_object();
        }
    } else {
        want_str(base + 1, &subject)?;
    }
    let start = position(args.get(base + 1))?;
    let end = position(args.get(base + 2))?;
    want_str(base + 4, args.get(base + 3))?;
    put(&error.encoding, has_encoding.then(|| args.get(0)));
    put(&error.object, Some(&subject));
    put(&error.reason, Some(args.get(base + 3)));
    error.start.set(start);
    error.end.set(end);
    Ok(())
}

fn position(value: &Object) -> PyResult<isize> {
    match number::index(value)?.as_i64() {
        Some(position) => Ok(position as isize),
        None => Err(err!(OverflowError, "Python int too large to convert to C ssize_t")),
    }
}

/// A code point as messages show it.
fn shown(point: u32) -> String {
    match point {
        0..=0xff => format!("\\x{point:02x}"),
        0x100..=0xffff => format!("\\u{point:04x}"),
        _ => format!("\\U{point:08x}"),
    }
}

/// `str()` of a field, which may have been deleted.
fn text_of(cell: &std::cell::Cell<*mut abi::PyObject>) -> PyResult<String> {
    match get(cell) {
        Some(value) => Ok(object::str(&value)?.to_string_lossy().into_owned()),
        None => Ok("<NULL>".to_string()),
    }
}

fn message(error: &PyUnicodeErrorObject, verb: &str, decode: bool) -> PyResult<Owned<Str>> {
    if get(&error.object).is_none() {
        return Ok(Str::new(""));
    }
    let reason = text_of(&error.reason)?;
    let prefix = if verb == "translate" { format!("can't {verb}") } else { format!("'{}' codec can't {verb}", text_of(&error.encoding)?) };
    // The fields' own code may have put something else there.
    let Some(subject) = get(&error.object) else { return Err(err!(TypeError, "UnicodeError 'object' attribute is not set")) };
    let (kind, len) = match (subject.downcast::<Bytes>(), subject.downcast::<Str>()) {
        (Some(bytes), _) if decode => ("byte", bytes.as_slice().len()),
        (_, Some(text)) if !decode => ("character", text.len()),
        _ => {
            let wanted = if decode { "bytes" } else { "string" };
            return Err(err!(TypeError, "UnicodeError 'object' attribute must be a {}", wanted));
        }
    };
    let (start, end) = (error.start.get(), error.end.get());
    let at = usize::try_from(start).ok().filter(|&at| at < len && end == start + 1);
    Ok(Str::new(&match at {
        Some(at) => {
            let point = match (subject.downcast::<Bytes>(), subject.downcast::<Str>()) {
                (Some(bytes), _) => bytes.as_slice().get(at).map(|byte| format!("0x{byte:02x}")),
                (_, Some(text)) => Some(format!("'{}'", shown(text.char_at(at)))),
                _ => None,
            };
            format!("{prefix} {kind} {} in position {start}: {reason}", point.unwrap_or_default())
        }
        None => format!("{prefix} {kind}s in position {start}-{}: {reason}", end.wrapping_sub(1)),
    }))
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
                init(&self.0, args, kwargs, $has_encoding, $decode)
            }
            #[slot]
            fn tp_str(&self) -> PyResult<Owned<Str>> {
                message(&self.0, $verb, $decode)
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
unicode_error!(UnicodeTranslateError, UNICODE_TRANSLATE_ERROR, "UnicodeTranslateError", false, false, "translate", "Unicode translation error.",
    [("encoding", T_OBJECT, offset_of!(PyUnicodeErrorObject, encoding), 0, "exception encoding"),]);

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
