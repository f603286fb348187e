//! `bytearray`: a mutable array of bytes.
//!
//! The block at `ob_bytes` has room for `ob_alloc` bytes; the array begins at `ob_start` within it (bytes deleted at the front are skipped,
//! not moved) and ends in a NUL. All are NULL and 0 in a new, empty array. While `ob_exports` is not 0 the block stays where it is: what
//! would resize raises BufferError. Code that may run in between (`__index__`, `__buffer__`) runs before bounds are looked at.

use crate::err;
use crate::errors::{self, PyResult, no_memory};
use crate::exceptions;
use crate::macro_support::Buffer;
use crate::memory;
use crate::object::{Object, Owned, PyTyped, Type, alloc_plain};
use crate::protocol::buffer::{self, BufferView};
use crate::protocol::object::CompareOp;
use crate::protocol::{iter, number};
use crate::types::bytes::construct::{byte_value, check_no_encoding, collect, encode_text, size_argument};
use crate::types::bytes::methods::{self, ByteString, Hold, byte_in, fill_repeated, format_percent, subslice};
use crate::types::bytes::{ByteArrayIterator, engine, hex, join_two};
use crate::types::slice::{SliceRange, adjust};
use crate::types::{self, Dict, Int, List, Slice, Str, Tuple};
use abi::{PyByteArrayObject, PyObject, Py_buffer};
use macros::pytype;
use std::ptr;
use std::slice;

#[repr(transparent)]
pub struct ByteArray(pub PyByteArrayObject);

/// What an empty array shows as its buffer.
static NOTHING: [u8; 1] = [0];

/// The type's static, for readying.
pub fn ty() -> &'static Type {
    ByteArray::type_object()
}

impl ByteArray {
    pub fn new(data: &[u8]) -> PyResult<Owned<ByteArray>> {
        <ByteArray as ByteString>::build(data.len(), |out| out.copy_from_slice(data))
    }
    #[inline]
    pub fn len(&self) -> usize {
        self.0.ob_base.ob_size.get() as usize
    }
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    #[inline]
    pub fn data(&self) -> *mut u8 {
        let start = self.0.ob_start.get();
        if start.is_null() { NOTHING.as_ptr() as *mut u8 } else { start }
    }
    /// The bytes. No code that may change the array may run while the slice is in use.
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: the array's bytes.
        unsafe { slice::from_raw_parts(self.data(), self.len()) }
    }
    /// As `as_slice`, to write.
    #[allow(clippy::mut_from_ref)]
    fn as_mut(&self) -> &mut [u8] {
        // SAFETY: the array's bytes, under the GIL; callers let no code run meanwhile.
        unsafe { slice::from_raw_parts_mut(self.data(), self.len()) }
    }
    fn check_resizable(&self) -> PyResult<()> {
        if self.0.ob_exports.get() > 0 {
            return Err(err!(BufferError, "Existing exports of data: object cannot be re-sized"));
        }
        Ok(())
    }

    /// `PyByteArray_Resize`: new bytes at the end have any value.
    pub fn resize(&self, size: usize) -> PyResult<()> {
        let o = &self.0;
        if size == self.len() {
            return Ok(());
        }
        self.check_resizable()?;
        if size >= isize::MAX as usize {
            return Err(no_memory());
        }
        let alloc = o.ob_alloc.get() as usize;
        let offset = if o.ob_bytes.get().is_null() { 0 } else { o.ob_start.get() as usize - o.ob_bytes.get() as usize };
        let wanted = if size + offset < alloc {
            if size >= alloc / 2 {
                // It fits, and not so loosely that room should be given back.
                self.set_len(size);
                return Ok(());
            }
            size + 1
        } else if size <= alloc + alloc / 8 {
            // A small step: more of them are to come.
            size + (size >> 3) + if size < 9 { 3 } else { 6 }
        } else {
            size + 1
        };
        // SAFETY: the block is this array's; the new one holds what is kept of the bytes.
        unsafe {
            let block = if offset > 0 {
                let block = memory::object_malloc(wanted) as *mut u8;
                if block.is_null() {
                    return Err(no_memory());
                }
                ptr::copy_nonoverlapping(o.ob_start.get(), block, size.min(self.len()));
                memory::object_free(o.ob_bytes.get().cast());
                block
            } else {
                let block = memory::object_realloc(o.ob_bytes.get().cast(), wanted) as *mut u8;
                if block.is_null() {
                    return Err(no_memory());
                }
                block
            };
            o.ob_bytes.set(block);
            o.ob_start.set(block);
        }
        o.ob_alloc.set(wanted as isize);
        self.set_len(size);
        Ok(())
    }
    fn set_len(&self, len: usize) {
        self.0.ob_base.ob_size.set(len as isize);
        // SAFETY: the block has room for the NUL.
        unsafe { *self.0.ob_start.get().add(len) = 0 };
    }

    /// Replaces the bytes from `start` to `stop` by others, which are not this array's own.
    fn splice(&self, start: usize, stop: usize, new: &[u8]) -> PyResult<()> {
        let len = self.len();
        let (start, stop) = (start.min(len), stop.clamp(start.min(len), len));
        let (removed, added) = (stop - start, new.len());
        if added < removed {
            self.check_resizable()?;
            let less = removed - added;
            // SAFETY: within the array.
            unsafe {
                if start == 0 {
                    self.0.ob_start.set(self.data().add(less));
                    self.0.ob_base.ob_size.set((len - less) as isize);
                    // The end is where it was; only the block may shrink.
                    self.shrink_block();
                } else {
                    ptr::copy(self.data().add(stop), self.data().add(start + added), len - stop);
                    self.resize(len - less)?;
                }
            }
        } else if added > removed {
            let Some(total) = len.checked_add(added - removed).filter(|&n| n < isize::MAX as usize) else { return Err(no_memory()) };
            self.resize(total)?;
            // SAFETY: room was made.
            unsafe { ptr::copy(self.data().add(stop), self.data().add(start + added), len - stop) };
        }
        self.as_mut()[start..start + added].copy_from_slice(new);
        Ok(())
    }
    /// Gives room back after bytes were taken off the front, if that is most of the block.
    fn shrink_block(&self) {
        let (len, alloc) = (self.len(), self.0.ob_alloc.get() as usize);
        if len >= alloc / 2 {
            return;
        }
        let block = memory::object_malloc(len + 1) as *mut u8;
        if block.is_null() {
            return;
        }
        // SAFETY: the old block is this array's; its bytes and NUL fit the new one.
        unsafe {
            ptr::copy_nonoverlapping(self.data(), block, len + 1);
            memory::object_free(self.0.ob_bytes.get().cast());
        }
        self.0.ob_bytes.set(block);
        self.0.ob_start.set(block);
        self.0.ob_alloc.set(len as isize + 1);
    }
    pub fn push(&self, byte: u8) -> PyResult<()> {
        let len = self.len();
        if len == isize::MAX as usize {
            return Err(err!(OverflowError, "cannot add more objects to bytearray"));
        }
        self.resize(len + 1)?;
        self.as_mut()[len] = byte;
        Ok(())
    }
    /// Adds the bytes of a bytes-like object at the end.
    fn append_buffer(&self, other: &Object) -> PyResult<()> {
        // The export of `other` stays while this array grows: adding it to itself is a BufferError.
        let Ok(bytes) = Buffer::new(other) else {
            return Err(err!(TypeError, "can't concat {} to {}", other.type_name(), self.as_object().type_name()));
        };
        self.splice(usize::MAX, usize::MAX, &bytes)
    }
    /// Adds the bytes of an iterable at the end.
    fn extend_with(&self, iterable: &Object) -> PyResult<()> {
        if buffer::check(iterable) {
            // The bytes go to where the end was before the object was asked for them.
            let end = self.len();
            if iterable.is(self) {
                let copy = self.as_slice().to_vec();
                return self.splice(end, end, &copy);
            }
            let view = buffer_argument(iterable)?;
            return self.splice(end, end, view.as_bytes());
        }
        let iterator = match iter::get_iter(iterable) {
            Ok(iterator) => iterator,
            Err(_) if errors::matches(exceptions::TypeError()) => {
                errors::clear();
                return Err(err!(TypeError, "can't extend bytearray with {}", iterable.type_name()));
            }
            Err(raised) => return Err(raised),
        };
        let mut new = Vec::new();
        if new.try_reserve(iter::length_hint(iterable, 32)?).is_err() {
            return Err(no_memory());
        }
        while let Some(item) = iter::iter_next(&iterator)? {
            match byte_value(&item) {
                Ok(byte) => {
                    crate::memory::reserve::grow(&mut new);
                    new.push(byte)
                }
                Err(raised) => {
                    if errors::matches(exceptions::TypeError()) && Str::check(iterable) {
                        errors::clear();
                        return Err(err!(TypeError, "expected iterable of integers; got: 'str'"));
                    }
                    return Err(raised);
                }
            }
        }
        self.splice(usize::MAX, usize::MAX, &new)
    }

    fn index_of(&self, i: isize) -> PyResult<usize> {
        let i = if i < 0 { i + self.len() as isize } else { i };
        if i < 0 || i as usize >= self.len() {
            return Err(err!(IndexError, "bytearray index out of range"));
        }
        Ok(i as usize)
    }
    fn delete_range(&self, range: SliceRange) -> PyResult<()> {
        if range.count == 0 {
            return Ok(());
        }
        self.check_resizable()?;
        let (mut start, mut step) = (range.start, range.step);
        if step < 0 {
            start += step * (range.count as isize - 1);
            step = -step;
        }
        let (start, step, len) = (start as usize, step as usize, self.len());
        if step == 1 {
            return self.splice(start, start + range.count, &[]);
        }
        let text = self.as_mut();
        let mut out = start;
        for k in 0..range.count {
            let at = start + k * step;
            let next = if k + 1 < range.count { at + step } else { len };
            text.copy_within(at + 1..next, out);
            out += next - at - 1;
        }
        self.resize(len - range.count)
    }
    fn assign_slice(&self, key: &Slice, value: Option<&Object>) -> PyResult<()> {
        let (start, stop, step) = key.unpack()?;
        let Some(value) = value else { return self.delete_range(adjust(start, stop, step, self.len() as isize)) };
        // What is to be stored comes first: looking at it may change this array.
        let copy;
        let view;
        let new = if let Some(other) = value.downcast::<ByteArray>() {
            if other.as_object().is(self) {
                copy = other.as_slice().to_vec();
                &copy[..]
            } else {
                view = buffer_argument(value)?;
                view.as_bytes()
            }
        } else if number::check(value) || Str::check(value) {
            return Err(err!(TypeError, "can assign only bytes, buffers, or iterables of ints in range(0, 256)"));
        } else if buffer::check(value) {
            view = BufferView::get(value, abi::PyBUF_SIMPLE)?;
            view.as_bytes()
        } else {
            copy = collect(value, "bytearray", byte_value)?;
            &copy[..]
        };
        let range = adjust(start, stop, step, self.len() as isize);
        if range.step == 1 {
            let start = range.start as usize;
            return self.splice(start, start + range.count, new);
        }
        if new.is_empty() {
            return self.delete_range(range);
        }
        if new.len() != range.count {
            return Err(err!(ValueError, "attempt to assign bytes of size {} to extended slice of size {}", new.len(), range.count));
        }
        let text = self.as_mut();
        range.indices().zip(new).for_each(|(at, &c)| text[at] = c);
        Ok(())
    }
    fn reduce_as(&self, protocol: i32) -> PyResult<Owned<Tuple>> {
        let state = types::object::get_state(self, false)?;
        let cls = self.as_object().ty().to_owned();
        let args = if self.is_empty() {
            Tuple::empty()
        } else if protocol < 3 {
            Tuple::pair(Str::from_latin1(self.as_slice()).into_object(), Str::new("latin-1").into_object())
        } else {
            Tuple::single(types::Bytes::try_new(self.as_slice())?.into_object())
        };
        Ok(Tuple::triple(cls, args.into_object(), state))
    }
}

fn buffer_argument(object: &Object) -> PyResult<BufferView> {
    BufferView::get(object, abi::PyBUF_SIMPLE)
}

impl ByteString for ByteArray {
    const NAME: &'static str = "bytearray";
    #[inline]
    fn bytes(&self) -> &[u8] {
        self.as_slice()
    }
    fn build(len: usize, fill: impl FnOnce(&mut [u8])) -> PyResult<Owned<ByteArray>> {
        if len >= isize::MAX as usize {
            return Err(no_memory());
        }
        // SAFETY: a fresh object, all of whose fields are written.
        unsafe {
            let op = alloc_plain(ByteArray::type_object(), size_of::<PyByteArrayObject>());
            if op.is_null() {
                return Err(no_memory());
            }
            let o = &*(op as *const PyByteArrayObject);
            o.ob_exports.set(0);
            o.ob_base.ob_size.set(0);
            o.ob_alloc.set(0);
            o.ob_bytes.set(ptr::null_mut());
            o.ob_start.set(ptr::null_mut());
            let new: Owned<ByteArray> = Owned::from_raw(op);
            if len == 0 {
                fill(&mut []);
            } else {
                new.resize(len)?;
                fill(new.as_mut());
            }
            Ok(new)
        }
    }
    fn unchanged(&self) -> PyResult<Owned<ByteArray>> {
        ByteArray::new(self.as_slice())
    }
    fn hold(&self) -> Hold<'_> {
        Hold::on(&self.0.ob_exports)
    }
    fn shared(_: &Object) -> Option<Owned<ByteArray>> {
        None
    }
}

/// bytearray(iterable_of_ints) -> bytearray
/// bytearray(string, encoding[, errors]) -> bytearray
/// bytearray(bytes_or_buffer) -> mutable copy of bytes_or_buffer
/// bytearray(int) -> bytes array of size given by the parameter initialized with null bytes
/// bytearray() -> empty bytes array
///
/// A mutable array of bytes: from ints in range(256), from text and the
/// name of an encoding, from any object with the buffer interface, or so
/// many zeros.
#[pytype(static = PyByteArray_Type, name = "bytearray", flags = BASETYPE | MATCH_SELF, methods = [ByteArray::SHARED_METHODS],
    tp_hash = crate::protocol::object::PyObject_HashNotImplemented)]
impl ByteArray {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult {
        cls.alloc(0)
    }
    #[slot("bytearray(source=<unrepresentable>, encoding=<unrepresentable>, errors=<unrepresentable>)")]
    fn tp_init(&self, source: Option<&Object>, encoding: Option<&str>, errors: Option<&str>) -> PyResult<()> {
        if !self.is_empty() {
            self.resize(0)?;
        }
        let Some(source) = source else { return check_no_encoding(encoding, errors) };
        if Str::check(source) {
            if encoding.is_none() {
                return Err(err!(TypeError, "string argument without an encoding"));
            }
            return self.splice(0, 0, encode_text(source, encoding, errors)?.as_slice());
        }
        check_no_encoding(encoding, errors)?;
        if let Some(size) = size_argument(source)? {
            self.resize(size)?;
            self.as_mut().fill(0);
            return Ok(());
        }
        if buffer::check(source) {
            let view = BufferView::get(source, abi::PyBUF_FULL_RO)?;
            return self.splice(0, 0, &view.to_contiguous(b'C')?);
        }
        if List::check_exact(source) || Tuple::check_exact(source) {
            return self.splice(0, 0, &collect(source, "bytearray", byte_value)?);
        }
        let iterator = match iter::get_iter(source) {
            Ok(iterator) => iterator,
            Err(_) if errors::matches(exceptions::TypeError()) => {
                return Err(err!(TypeError, "cannot convert '{}' object to bytearray", source.type_name()));
            }
            Err(raised) => return Err(raised),
        };
        while let Some(item) = iter::iter_next(&iterator)? {
            self.push(byte_value(&item)?)?;
        }
        Ok(())
    }
    #[slot(raw = tp_dealloc)]
    unsafe extern "C" fn tp_dealloc(op: *mut PyObject) {
        // SAFETY: a dead bytearray.
        unsafe {
            let o = &*(op as *const PyByteArrayObject);
            if o.ob_exports.get() > 0 {
                errors::preserve(|| {
                    err!(SystemError, "deallocated bytearray object has exported buffers");
                    exceptions::write_unraisable(None, None);
                });
            }
            if !o.ob_bytes.get().is_null() {
                memory::object_free(o.ob_bytes.get().cast());
            }
            if let Some(free) = (*(*op).ob_type.get()).tp_free.get() {
                free(op.cast());
            }
        }
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        if self.len() > (isize::MAX as usize - 32) / 4 {
            return Err(err!(OverflowError, "bytearray object is too large to make repr"));
        }
        Ok(Str::new(&format!("{}({})", self.as_object().ty().short_name(), engine::repr_in_bytearray(self.as_slice()))))
    }
    #[slot]
    fn tp_str(&self) -> PyResult<Owned<Str>> {
        methods::warn_str(self, "str() on a bytearray instance")?;
        self.tp_repr()
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        let not_implemented = || Ok(types::not_implemented().to_owned());
        if Str::check(other) || !buffer::check(other) {
            if matches!(op, CompareOp::Eq | CompareOp::Ne) {
                methods::warn_comparison(self, other)?;
            }
            return not_implemented();
        }
        let Ok(other) = Buffer::new(other) else {
            errors::clear();
            return not_implemented();
        };
        let (a, b) = (self.as_slice(), &*other);
        let result = match op {
            CompareOp::Eq => a == b,
            CompareOp::Ne => a != b,
            _ => op.matches(a.cmp(b)),
        };
        Ok(types::bool_object(result).to_owned())
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        ByteArrayIterator::over(self)
    }
    #[slot]
    fn sq_length(&self) -> usize {
        self.len()
    }
    #[slot]
    fn mp_length(&self) -> usize {
        self.len()
    }
    #[slot]
    fn sq_concat(a: &Object, b: &Object) -> PyResult<Owned<ByteArray>> {
        let (Ok(x), Ok(y)) = (Buffer::new(a), Buffer::new(b)) else {
            return Err(err!(TypeError, "can't concat {} to {}", b.type_name(), a.type_name()));
        };
        join_two::<ByteArray>(&x, &y)
    }
    #[slot]
    fn sq_repeat(&self, times: isize) -> PyResult<Owned<ByteArray>> {
        let Some(total) = self.len().checked_mul(times.max(0) as usize) else { return Err(no_memory()) };
        <ByteArray as ByteString>::build(total, |out| fill_repeated(self.as_slice(), out))
    }
    #[slot]
    fn sq_inplace_concat(&self, other: &Object) -> PyResult {
        self.append_buffer(other)?;
        Ok(self.to_owned())
    }
    #[slot]
    fn sq_inplace_repeat(&self, times: isize) -> PyResult {
        let (len, times) = (self.len(), times.max(0) as usize);
        let Some(total) = len.checked_mul(times) else { return Err(no_memory()) };
        if times != 1 {
            self.resize(total)?;
            if len > 0 && total > 0 {
                let mut done = len;
                let text = self.as_mut();
                while done < total {
                    let n = done.min(total - done);
                    text.copy_within(..n, done);
                    done += n;
                }
            }
        }
        Ok(self.to_owned())
    }
    #[slot]
    fn sq_item(&self, i: isize) -> PyResult<Owned<Int>> {
        match self.as_slice().get(i as usize) {
            Some(&c) if i >= 0 => Ok(Int::from_i64(c as i64)),
            _ => Err(err!(IndexError, "bytearray index out of range")),
        }
    }
    #[slot]
    fn sq_ass_item(&self, i: isize, value: Option<&Object>) -> PyResult<()> {
        let Some(value) = value else {
            let i = self.index_of(i)?;
            return self.splice(i, i + 1, &[]);
        };
        if i < 0 || i as usize >= self.len() {
            return Err(err!(IndexError, "bytearray index out of range"));
        }
        let byte = byte_value(value)?;
        match self.as_mut().get_mut(i as usize) {
            Some(place) => *place = byte,
            None => return Err(err!(IndexError, "bytearray index out of range")),
        }
        Ok(())
    }
    #[slot]
    fn sq_contains(&self, item: &Object) -> PyResult<bool> {
        byte_in(self, item)
    }
    #[slot]
    fn mp_subscript(&self, key: &Object) -> PyResult {
        if number::check_index(key) {
            let i = number::as_isize(key, Some(exceptions::IndexError()))?;
            let i = self.index_of(i)?;
            return Ok(Int::from_i64(self.as_slice()[i] as i64).into_object());
        }
        let Some(slice) = key.downcast_exact::<Slice>() else {
            return Err(err!(TypeError, "bytearray indices must be integers or slices, not {}", key.type_name()));
        };
        let (start, stop, step) = slice.unpack()?;
        Ok(subslice::<ByteArray>(self.as_slice(), adjust(start, stop, step, self.len() as isize))?.into_object())
    }
    #[slot]
    fn mp_ass_subscript(&self, key: &Object, value: Option<&Object>) -> PyResult<()> {
        if number::check_index(key) {
            let i = number::as_isize(key, Some(exceptions::IndexError()))?;
            let Some(value) = value else {
                let at = self.index_of(i)?;
                return self.splice(at, at + 1, &[]);
            };
            // The conversion may shrink the array: bounds count afterwards.
            let byte = byte_value(value)?;
            let at = self.index_of(i)?;
            self.as_mut()[at] = byte;
            return Ok(());
        }
        match key.downcast_exact::<Slice>() {
            Some(slice) => self.assign_slice(slice, value),
            None => Err(err!(TypeError, "bytearray indices must be integers or slices, not {}", key.type_name())),
        }
    }
    #[slot]
    fn nb_remainder(a: &Object, b: &Object) -> PyResult {
        match a.downcast::<ByteArray>() {
            Some(text) => {
                let _hold = text.hold();
                Ok(format_percent::<ByteArray>(&text.as_slice().to_vec(), b)?.into_object())
            }
            None => Ok(types::not_implemented().to_owned()),
        }
    }
    #[slot]
    fn bf_getbuffer(&self, view: *mut Py_buffer, flags: i32) -> PyResult<()> {
        // SAFETY: the view is the caller's; the block stays while it is exported.
        unsafe { buffer::fill_info(view, Some(self), self.data(), self.len(), false, flags)? };
        self.0.ob_exports.set(self.0.ob_exports.get() + 1);
        Ok(())
    }
    #[slot]
    fn bf_releasebuffer(&self, _view: *mut Py_buffer) {
        self.0.ob_exports.set(self.0.ob_exports.get() - 1);
    }

    /// How many bytes are allocated.
    #[method("__alloc__($self, /)")]
    fn dunder_alloc(&self) -> isize {
        self.0.ob_alloc.get()
    }
    /// State for pickling.
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> PyResult<Owned<Tuple>> {
        self.reduce_as(2)
    }
    /// State for pickling.
    #[method("__reduce_ex__($self, proto=0, /)")]
    fn reduce_ex(&self, proto: i32) -> PyResult<Owned<Tuple>> {
        self.reduce_as(proto)
    }
    /// The memory that the object takes, in bytes.
    #[method("__sizeof__($self, /)")]
    fn sizeof(&self) -> usize {
        self.as_object().ty().basicsize() + self.0.ob_alloc.get() as usize
    }
    /// Add a byte at the end.
    #[method("append($self, item, /)")]
    fn append(&self, item: &Object) -> PyResult<()> {
        self.push(byte_value(item)?)
    }
    /// Remove all bytes.
    #[method("clear($self, /)")]
    fn clear(&self) -> PyResult<()> {
        self.resize(0)
    }
    /// A copy.
    #[method("copy($self, /)")]
    fn copy(&self) -> PyResult<Owned<ByteArray>> {
        ByteArray::new(self.as_slice())
    }
    /// Add bytes at the end: those of a bytes-like object, or an iterable's ints.
    #[method("extend($self, iterable_of_ints, /)")]
    fn extend(&self, iterable: &Object) -> PyResult<()> {
        self.extend_with(iterable)
    }
    /// Insert a byte before an index.
    #[method("insert($self, index, item, /)")]
    fn insert(&self, index: isize, item: &Object) -> PyResult<()> {
        let byte = byte_value(item)?;
        let len = self.len();
        if len >= isize::MAX as usize {
            return Err(err!(OverflowError, "cannot add more objects to bytearray"));
        }
        self.resize(len + 1)?;
        let at = if index < 0 { (index + len as isize).max(0) as usize } else { (index as usize).min(len) };
        let text = self.as_mut();
        text.copy_within(at..len, at + 1);
        text[at] = byte;
        Ok(())
    }
    /// Remove and return the byte at an index (by default the last).
    #[method("pop($self, index=-1, /)")]
    fn pop(&self, index: isize) -> PyResult<usize> {
        let len = self.len();
        if len == 0 {
            return Err(err!(IndexError, "pop from empty bytearray"));
        }
        let index = if index < 0 { index + len as isize } else { index };
        if index < 0 || index as usize >= len {
            return Err(err!(IndexError, "pop index out of range"));
        }
        self.check_resizable()?;
        let at = index as usize;
        let text = self.as_mut();
        let byte = text[at];
        text.copy_within(at + 1.., at);
        self.resize(len - 1)?;
        Ok(byte as usize)
    }
    /// Remove the first occurrence of a byte.
    #[method("remove($self, value, /)")]
    fn remove(&self, value: &Object) -> PyResult<()> {
        let byte = byte_value(value)?;
        let Some(at) = memchr::memchr(byte, self.as_slice()) else {
            return Err(err!(ValueError, "value not found in bytearray"));
        };
        self.check_resizable()?;
        self.as_mut().copy_within(at + 1.., at);
        self.resize(self.len() - 1)
    }
    /// Change the length; new bytes at the end are zeros.
    ///
    ///   size
    ///     The new length.
    #[method("resize($self, size, /)")]
    fn py_resize(&self, size: isize) -> PyResult<()> {
        if size < 0 {
            return Err(err!(ValueError, "Can only resize to positive sizes, got {}", size));
        }
        let (old, new) = (self.len(), size as usize);
        self.resize(new)?;
        if new > old {
            self.as_mut()[old..].fill(0);
        }
        Ok(())
    }
    /// Reverse the order of the bytes in place.
    #[method("reverse($self, /)")]
    fn reverse(&self) {
        self.as_mut().reverse();
    }
    /// A bytearray from a text of hexadecimal numbers.
    ///
    /// White space between two numbers is allowed.
    /// Example: bytearray.fromhex('B9 01EF') -> bytearray(b'\\xb9\\x01\\xef')
    #[classmethod("fromhex($type, string, /)")]
    fn fromhex(cls: &Type, string: &Object) -> PyResult {
        let bytes = hex::from_hex(string)?;
        if ptr::eq(cls, ByteArray::type_object()) {
            return Ok(ByteArray::new(&bytes)?.into_object());
        }
        crate::protocol::call::call1(cls, &*types::Bytes::try_new(&bytes)?)
    }
}
