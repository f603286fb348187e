//! Equality of views: same shape, and items that are equal as Python values.

use super::format::{native_char, unpack};
use super::MemoryView;
use crate::errors::{self, PyResult};
use crate::exceptions;
use crate::import;
use crate::intern;
use crate::object::{Object, Owned, PyTyped};
use crate::protocol::buffer::{BufferView, Geometry, Layout};
use crate::protocol::call;
use crate::protocol::object::{CompareOp, get_attr, rich_compare_bool};
use crate::types::{Bytes, Str, Tuple};
use abi::Py_buffer;
use std::ffi::CStr;

/// How items of a view become objects.
enum Reader {
    Native(u8),
    /// `struct.Struct(format).unpack`, and the size of an item.
    Struct(Owned, usize),
}

impl Reader {
    /// `None` if the format is one that `struct` does not know.
    fn of(view: &Py_buffer) -> PyResult<Option<Reader>> {
        if let Some(c) = native_char(view.format.get()) {
            return Ok(Some(Reader::Native(c)));
        }
        let make = || -> PyResult<Reader> {
            let module = import::import_module("struct")?;
            // SAFETY: a NUL-ended string; NULL means bytes.
            let format = if view.format.get().is_null() { c"B" } else { unsafe { CStr::from_ptr(view.format.get()) } };
            let class = get_attr(&module, intern!("Struct"))?;
            let object = call::call1(&class, &*Str::new(&format.to_string_lossy()))?;
            Ok(Reader::Struct(get_attr(&object, intern!("unpack"))?, view.itemsize.get() as usize))
        };
        match make() {
            Ok(reader) => Ok(Some(reader)),
            Err(raised) if errors::matches(exceptions::ImportError()) || errors::matches(exceptions::MemoryError()) => Err(raised),
            Err(_) => {
                errors::clear();
                Ok(None)
            }
        }
    }
    unsafe fn read(&self, at: *const u8) -> PyResult {
        match self {
            // SAFETY: by the caller's contract.
            Reader::Native(c) => unsafe { unpack(at, *c) },
            Reader::Struct(unpack, size) => {
                // SAFETY: an item of that size.
                let bytes = Bytes::try_new(unsafe { std::slice::from_raw_parts(at, *size) })?;
                let values = call::call1(unpack, &bytes)?;
                Ok(match values.downcast::<Tuple>().map(|t| t.as_slice()) {
                    Some([only]) => (*only).to_owned(),
                    _ => values,
                })
            }
        }
    }
}

/// Whether native items can be compared by their bytes: integers and characters of one size.
fn by_bytes(a: &Reader, b: &Reader) -> bool {
    matches!((a, b), (Reader::Native(a), Reader::Native(b)) if a == b && !matches!(a, b'e' | b'f' | b'd' | b'?'))
}

/// Shapes are equal; behind an empty dimension nothing counts.
pub fn same_shape(a: &[isize], b: &[isize]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    for (a, b) in a.iter().zip(b) {
        if a != b {
            return false;
        }
        if *a == 0 {
            break;
        }
    }
    true
}

/// `a == b`, or `None` where `b` is nothing to compare with.
pub fn equal(a: &MemoryView, b: &Object) -> PyResult<Option<bool>> {
    if a.is_released() {
        return Ok(Some(a.as_object().is(b)));
    }
    if let Some(b) = b.downcast::<MemoryView>()
        && b.is_released()
    {
        return Ok(Some(a.as_object().is(b)));
    }
    // Both exports keep the memory alive while items are compared by code.
    let Ok(b) = BufferView::get(b, abi::PyBUF_FULL_RO) else {
        errors::clear();
        return Ok(None);
    };
    let a = BufferView::get(a, abi::PyBUF_FULL_RO)?;
    // SAFETY: exported views.
    let (x, y) = unsafe { (Geometry::of(a.raw()), Geometry::of(b.raw())) };
    if !same_shape(&x.shape, &y.shape) {
        return Ok(Some(false));
    }
    let (Some(p), Some(q)) = (Reader::of(a.raw())?, Reader::of(b.raw())?) else { return Ok(Some(false)) };
    let raw = by_bytes(&p, &q);
    // SAFETY: the exports hold the memory; both have the shape.
    unsafe {
        if raw && x.is_c_contiguous() && y.is_c_contiguous() {
            return Ok(Some(a.as_bytes() == b.as_bytes()));
        }
        let from = |view: &BufferView| view.raw().buf.get() as *mut u8;
        let left = Layout { data: from(&a), strides: &x.strides, suboffsets: x.suboffsets.as_deref() };
        let right = Layout { data: from(&b), strides: &y.strides, suboffsets: y.suboffsets.as_deref() };
        compare(&x.shape, left, right, &|u, v| match (raw, &p, &q) {
            (true, Reader::Native(c), _) => {
                let n = super::format::size_of(*c).unwrap_or(1);
                Ok(std::slice::from_raw_parts(u, n) == std::slice::from_raw_parts(v, n))
            }
            // Floats that are not equal to themselves differ, as the same object would not.
            (_, Reader::Native(b'd'), Reader::Native(b'd')) => Ok((u as *const f64).read_unaligned() == (v as *const f64).read_unaligned()),
            (_, Reader::Native(b'f'), Reader::Native(b'f')) => Ok((u as *const f32).read_unaligned() == (v as *const f32).read_unaligned()),
            _ => rich_compare_bool(&*p.read(u)?, &*q.read(v)?, CompareOp::Eq),
        })
        .map(Some)
    }
}

unsafe fn compare(shape: &[isize], a: Layout<'_>, b: Layout<'_>, same: &dyn Fn(*const u8, *const u8) -> PyResult<bool>) -> PyResult<bool> {
    let [n, rest @ ..] = shape else { return same(a.data, b.data) };
    for i in 0..*n {
        // SAFETY: within the shape of both.
        if !unsafe { compare(rest, a.at(i), b.at(i), same)? } {
            return Ok(false);
        }
    }
    Ok(true)
}
