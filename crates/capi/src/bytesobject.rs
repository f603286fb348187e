//! `bytesobject.h` and `bytearrayobject.h`.

use crate::macros::Done;
use crate::unicodeobject::bytes_at;
use abi::PyObject;
use runtime::errors::{self, PyResult};
use runtime::object::{Object, Owned, PyTyped, alloc_plain};
use runtime::protocol::buffer::{self, BufferView};
use runtime::protocol::{call, sequence};
use runtime::types::{self, ByteArray, Bytes, Int, Str};
use runtime::{err, intern};
use std::ffi::{CStr, c_char, c_int};
use std::ptr;

/// Offset of the text in a bytes object.
const DATA: usize = std::mem::offset_of!(abi::PyBytesObject, ob_sval);

/// A fresh bytes object whose text the caller writes; the end mark is written.
pub fn uninitialized(len: usize) -> PyResult<Owned<Bytes>> {
    if len > isize::MAX as usize - DATA - 1 {
        return Err(err!(OverflowError, "byte string is too large"));
    }
    // SAFETY: a fresh block of the right size.
    unsafe {
        let op = alloc_plain(Bytes::type_object(), DATA + len + 1);
        if op.is_null() {
            return Err(errors::no_memory());
        }
        let bytes = &*(op as *const abi::PyBytesObject);
        bytes.ob_base.ob_size.set(len as isize);
        bytes.ob_shash.set(-1);
        *(op as *mut u8).add(DATA + len) = 0;
        Ok(Owned::from_raw(op))
    }
}

fn data_of(o: &Object) -> *mut c_char {
    // SAFETY: the text of a bytes object lies at that offset.
    unsafe { (o.as_ptr() as *mut u8).add(DATA) as *mut c_char }
}

fn expected_bytes(o: &Object) -> errors::Raised {
    err!(TypeError, "expected bytes, {} found", o.type_name())
}

/// `a + b` for `PyBytes_Concat`: anything with a buffer.
fn concat(a: &Object, b: &Object) -> PyResult {
    types::bytes::concat(a, b)
}

c_api! {
    fn PyBytes_FromStringAndSize(s: *const c_char, size: isize) -> PyResult<Owned<Bytes>> {
        if size < 0 {
            return Err(err!(SystemError, "Negative size passed to PyBytes_FromStringAndSize"));
        }
        crate::unicodeobject::check_size(size)?;
        if size == 0 || (size == 1 && !s.is_null()) {
            return Ok(Bytes::new(bytes_at(s, size)));
        }
        let made = uninitialized(size as usize)?;
        if !s.is_null() {
            ptr::copy_nonoverlapping(s, data_of(&made), size as usize);
        }
        Ok(made)
    }
    fn PyBytes_FromString(s: &CStr) -> Owned<Bytes> { Bytes::new(s.to_bytes()) }
    fn PyBytes_FromObject(o: &Object) -> PyResult {
        if o.is_exact::<Bytes>() {
            return Ok(o.to_owned());
        }
        if buffer::check(o) {
            return Ok(types::bytes::bytes_of(o)?.into_object());
        }
        if o.is_instance_of::<Str>() || (o.ty().0.tp_iter.get().is_none() && !sequence::is_sequence(o)) {
            return Err(err!(TypeError, "cannot convert '{}' object to bytes", o.type_name()));
        }
        // `__bytes__` of an iterable does not count.
        Ok(types::bytes::bytes_of(&*sequence::to_list(o)?)?.into_object())
    }
    fn PyBytes_Size(o: &Object) -> PyResult<usize> { o.downcast::<Bytes>().map(|b| b.len()).ok_or_else(|| expected_bytes(o)) }
    fn PyBytes_AsString(o: &Object) -> PyResult<*mut c_char> {
        if o.is_instance_of::<Bytes>() { Ok(data_of(o)) } else { Err(expected_bytes(o)) }
    }
    fn PyBytes_AsStringAndSize(o: &Object, s: *mut *mut c_char, size: *mut isize) -> PyResult<Done> {
        let Some(bytes) = o.downcast::<Bytes>() else { return Err(expected_bytes(o)) };
        if s.is_null() {
            return Err(errors::bad_internal_call());
        }
        *s = data_of(o);
        if !size.is_null() {
            *size = bytes.len() as isize;
        } else if bytes.as_slice().contains(&0) {
            return Err(err!(ValueError, "embedded null byte"));
        }
        Ok(Done)
    }
    fn PyBytes_Repr(o: &Bytes, smart_quotes: c_int) -> Owned<Str> {
        let shown = types::bytes::repr_bytes(o.as_slice());
        if smart_quotes != 0 || !shown.starts_with("b\"") {
            return Str::new(&shown);
        }
        Str::new(&format!("b'{}'", shown[2..shown.len() - 1].replace('\'', "\\'")))
    }
    fn PyBytes_Concat(left: *mut *mut PyObject, right: Option<&Object>) {
        let Some(own) = Owned::<Object>::from_raw_opt(*left) else { return };
        *left = ptr::null_mut();
        if let Some(right) = right {
            *left = errors::to_c(concat(&own, right));
        }
    }
    fn PyBytes_ConcatAndDel(left: *mut *mut PyObject, right: *mut PyObject) {
        PyBytes_Concat(left, right);
        runtime::object::xdecref(right);
    }
    fn PyBytes_Join(separator: &Object, items: &Object) -> PyResult {
        if !separator.is_instance_of::<Bytes>() {
            return Err(err!(TypeError, "sep: expected bytes, got {}", separator.type_name()));
        }
        call::call_method(separator, intern!("join"), &[items])
    }
    fn _PyBytes_Join(separator: &Bytes, items: &Object) -> PyResult { call::call_method(separator, intern!("join"), &[items]) }
    fn PyBytes_DecodeEscape(s: *const c_char, size: isize, errors: Option<&CStr>, _unicode: isize, _recode: Option<&CStr>) -> PyResult {
        if size > 1 << 47 {
            return Err(err!(OverflowError, "byte string is too large"));
        }
        let function = runtime::protocol::object::get_attr_str(&*runtime::import::import_module("_codecs")?, "escape_decode")?;
        let errors = crate::object::text(errors.unwrap_or(c"strict"))?;
        let result = call::call_args(&function, &[&*Bytes::new(bytes_at(s, size)), &*errors])?;
        match result.downcast::<types::Tuple>().and_then(|t| t.get_opt(0)) {
            Some(first) => Ok(first.to_owned()),
            None => Err(errors::bad_internal_call()),
        }
    }
    fn _PyBytes_Resize(p: *mut *mut PyObject, size: isize) -> PyResult<Done> {
        let old: Owned = match Owned::from_raw_opt(*p) {
            Some(old) => old,
            None => return Err(errors::bad_internal_call()),
        };
        *p = ptr::null_mut();
        let Some(bytes) = old.downcast::<Bytes>() else { return Err(errors::bad_internal_call()) };
        if size < 0 {
            return Err(errors::bad_internal_call());
        }
        let size = size as usize;
        if size == bytes.len() {
            *p = old.into_raw();
            return Ok(Done);
        }
        if size == 0 {
            *p = Bytes::new(b"").into_raw();
            return Ok(Done);
        }
        let new = uninitialized(size)?;
        let kept = size.min(bytes.len());
        ptr::copy_nonoverlapping(data_of(&old), data_of(&new), kept);
        *p = new.into_raw();
        Ok(Done)
    }

    // ---- bytearray
    fn PyByteArray_FromObject(o: &Object) -> PyResult { call::call1(ByteArray::type_object(), o) }
    fn PyByteArray_FromStringAndSize(s: *const c_char, size: isize) -> PyResult {
        if size < 0 {
            return Err(err!(SystemError, "Negative size passed to PyByteArray_FromStringAndSize"));
        }
        if s.is_null() {
            return call::call1(ByteArray::type_object(), &*Int::from_i64(size as i64));
        }
        call::call1(ByteArray::type_object(), &*Bytes::new(bytes_at(s, size)))
    }
    fn PyByteArray_Concat(a: &Object, b: &Object) -> PyResult {
        let (Ok(left), Ok(right)) = (BufferView::get(a, abi::PyBUF_SIMPLE), BufferView::get(b, abi::PyBUF_SIMPLE)) else {
            errors::clear();
            return Err(err!(TypeError, "can't concat {} to {}", b.type_name(), a.type_name()));
        };
        let joined = Bytes::new(&[left.as_bytes(), right.as_bytes()].concat());
        call::call1(ByteArray::type_object(), &joined)
    }
    fn PyByteArray_Size(o: &ByteArray) -> isize { o.0.ob_base.ob_size.get() }
    fn PyByteArray_AsString(o: &ByteArray) -> *mut c_char {
        if o.0.ob_base.ob_size.get() == 0 { crate::data::_PyByteArray_empty_string.0.as_ptr() as *mut c_char } else { o.0.ob_start.get() as *mut c_char }
    }
    fn PyByteArray_Resize(o: &ByteArray, size: isize) -> PyResult<Done> {
        call::call_method(o, intern!("resize"), &[&*Int::from_i64(size as i64)]).map(|_| Done)
    }
}

