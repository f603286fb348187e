//! `bytes(...)`: from numbers, buffers, iterables, text.

use super::Bytes;
use crate::errors::{self, PyResult, Raised};
use crate::object::{Object, Owned, PyTyped};
use crate::protocol::buffer::{self, BufferView};
use crate::protocol::{call, iter, number};
use crate::types::{List, Str, Tuple, lookup_special};
use crate::{codecs, err, exceptions, intern};

/// What `bytes(source, encoding, errors)` makes.
pub fn new_bytes(source: Option<&Object>, encoding: Option<&str>, errors: Option<&str>) -> PyResult<Owned<Bytes>> {
    let Some(source) = source else {
        check_no_encoding(encoding, errors)?;
        return Ok(Owned::from_ref(Bytes::empty()));
    };
    if encoding.is_some() || errors.is_some() {
        return encode_text(source, encoding, errors);
    }
    if let Some(bytes) = source.downcast_exact::<Bytes>() {
        return Ok(Owned::from_ref(bytes));
    }
    if let Some(bytes) = by_method(source)? {
        return Ok(bytes);
    }
    if Str::check(source) {
        return Err(err!(TypeError, "string argument without an encoding"));
    }
    if let Some(size) = size_argument(source)? {
        return Bytes::build(size, |out| out.fill(0)).map_err(|raised| super::methods::as_memory_error(size, raised));
    }
    from_object(source)
}

/// Without a source there is nothing to encode.
pub fn check_no_encoding(encoding: Option<&str>, errors: Option<&str>) -> PyResult<()> {
    if encoding.is_some() {
        return Err(err!(TypeError, "encoding without a string argument"));
    }
    if errors.is_some() {
        return Err(err!(TypeError, "errors without a string argument"));
    }
    Ok(())
}

/// The source, which is to be text, encoded.
pub fn encode_text(source: &Object, encoding: Option<&str>, errors: Option<&str>) -> PyResult<Owned<Bytes>> {
    let Some(text) = source.downcast::<Str>() else {
        check_no_encoding(encoding, errors)?;
        return Err(err!(TypeError, "encoding without a string argument"));
    };
    if encoding.is_none() {
        return Err(err!(TypeError, "string argument without an encoding"));
    }
    let encoded = codecs::encode_str(text, encoding, errors)?;
    encoded.try_into_typed::<Bytes>().map_err(|other| err!(TypeError, "encoder did not return a bytes object (type={})", other.type_name()))
}

/// What `__bytes__` gives, if the type has it.
fn by_method(source: &Object) -> PyResult<Option<Owned<Bytes>>> {
    let Some(method) = lookup_special(source, intern!("__bytes__"))? else { return Ok(None) };
    let result = call::call0(&method)?;
    match result.try_into_typed::<Bytes>() {
        Ok(bytes) => Ok(Some(bytes)),
        Err(other) => Err(err!(TypeError, "__bytes__ returned non-bytes (type {})", other.type_name())),
    }
}

/// The source as a size, if it is a number.
pub fn size_argument(source: &Object) -> PyResult<Option<usize>> {
    if !number::check_index(source) {
        return Ok(None);
    }
    match errors::catch(number::as_isize(source, Some(exceptions::OverflowError())), exceptions::TypeError())? {
        Some(size) if size < 0 => Err(err!(ValueError, "negative count")),
        Some(size) => Ok(Some(size as usize)),
        None => Ok(None),
    }
}

/// `PyObject_Bytes`: `__bytes__`, or the bytes of a bytes-like object or an iterable of ints.
pub fn bytes_of(o: &Object) -> PyResult<Owned<Bytes>> {
    if let Some(bytes) = o.downcast_exact::<Bytes>() {
        return Ok(Owned::from_ref(bytes));
    }
    match by_method(o)? {
        Some(bytes) => Ok(bytes),
        None => from_object(o),
    }
}

/// `PyBytes_FromObject`: from a buffer or an iterable of ints.
pub fn from_object(source: &Object) -> PyResult<Owned<Bytes>> {
    if let Some(bytes) = source.downcast_exact::<Bytes>() {
        return Ok(Owned::from_ref(bytes));
    }
    if buffer::check(source) {
        return from_buffer(source);
    }
    if Str::check(source) {
        return Err(cannot_convert(source, "bytes"));
    }
    Bytes::try_new(&collect(source, "bytes", |item| {
        // Any number too large for an index is also out of a byte's range.
        match number::as_isize(item, None)? {
            value @ 0..=255 => Ok(value as u8),
            _ => Err(err!(ValueError, "bytes must be in range(0, 256)")),
        }
    })?)
}

fn from_buffer(source: &Object) -> PyResult<Owned<Bytes>> {
    let view = BufferView::get(source, abi::PyBUF_FULL_RO)?;
    // SAFETY: an exported view.
    if unsafe { buffer::is_contiguous(view.raw(), b'C') } { Bytes::try_new(view.as_bytes()) } else { Bytes::try_new(&view.to_contiguous(b'C')?) }
}

/// The items of an iterable as bytes. Lists may change while items are converted.
pub fn collect(source: &Object, target: &str, convert: impl Fn(&Object) -> PyResult<u8>) -> PyResult<Vec<u8>> {
    let mut out = Vec::new();
    if let Some(list) = source.downcast_exact::<List>() {
        out.reserve(list.len());
        while let Some(item) = list.get(out.len()) {
            out.push(convert(&item)?);
        }
        return Ok(out);
    }
    if let Some(tuple) = source.downcast_exact::<Tuple>() {
        for item in tuple.iter() {
            out.push(convert(item)?);
        }
        return Ok(out);
    }
    let iterator = match iter::get_iter(source) {
        Ok(iterator) => iterator,
        Err(_) if errors::matches(exceptions::TypeError()) => {
            errors::clear();
            return Err(cannot_convert(source, target));
        }
        Err(raised) => return Err(raised),
    };
    let hint = iter::length_hint(source, 64)?;
    if out.try_reserve(hint).is_err() {
        return Err(errors::no_memory());
    }
    while let Some(item) = iter::iter_next(&iterator)? {
        let byte = convert(&item)?;
        crate::memory::reserve::grow(&mut out);
        out.push(byte);
    }
    Ok(out)
}

#[cold]
fn cannot_convert(source: &Object, target: &str) -> Raised {
    err!(TypeError, "cannot convert '{}' object to {}", source.type_name(), target)
}

/// `_getbytevalue`: an int as a byte.
#[inline]
pub fn byte_value(item: &Object) -> PyResult<u8> {
    if let Some(value) = item.downcast_exact::<crate::types::Int>()
        && let Some(value @ 0..=255) = value.as_i64()
    {
        return Ok(value as u8);
    }
    match number::as_isize(item, None)? {
        value @ 0..=255 => Ok(value as u8),
        _ => Err(err!(ValueError, "byte must be in range(0, 256)")),
    }
}

