//! Argument conversions: `FromArg` is what Argument Clinic's converters are, errors included.

use super::arguments::str_ascii;
use super::errors::bad_argument;
use super::type_flags::{LONG_SUBCLASS, UNICODE_SUBCLASS};
use crate::err;
use crate::errors::{PyResult, Raised, clear};
use crate::object::{Object, Owned, PyTyped};
use crate::protocol::number;
use crate::types::{Float, Str};
use abi::{Py_buffer, PyFloatObject, PyLongObject};
use std::ops::{Deref, DerefMut};
use std::slice;

/// Which argument of which function is being converted; a name for those that have one, else a position (0: the only one).
#[derive(Clone, Copy)]
pub struct ArgContext {
    pub function: &'static str,
    pub name: &'static str,
    pub position: u32,
}

/// A Rust type that an argument converts to.
pub trait FromArg<'a>: Sized {
    fn from_arg(value: &'a Object, context: &ArgContext) -> PyResult<Self>;
    /// As `from_arg` where the parameter takes `None` as well, for words that say so.
    fn from_arg_or_none(value: &'a Object, context: &ArgContext) -> PyResult<Self> {
        Self::from_arg(value, context)
    }
}

/// An optional argument for which `None` is no value.
#[inline(always)]
pub fn optional<'a, T: FromArg<'a>>(value: Option<&'a Object>, context: &ArgContext) -> PyResult<Option<T>> {
    match value {
        Some(value) => Ok(Some(T::from_arg(value, context)?)),
        None => Ok(None),
    }
}

/// An argument for which `None` says the same as its absence.
#[inline(always)]
pub fn none_or<'a, T: FromArg<'a>>(value: Option<&'a Object>, context: &ArgContext) -> PyResult<Option<T>> {
    match value {
        Some(value) if !value.is_none() => Ok(Some(T::from_arg_or_none(value, context)?)),
        _ => Ok(None),
    }
}

/// A parameter that takes `None` as a value, where absence means something else.
pub struct NoneOr<T>(pub Option<T>);

impl<'a, T: FromArg<'a>> FromArg<'a> for NoneOr<T> {
    #[inline]
    fn from_arg(value: &'a Object, context: &ArgContext) -> PyResult<Self> {
        Ok(NoneOr(none_or(Some(value), context)?))
    }
}

impl<'a, T: PyTyped> FromArg<'a> for &'a T {
    #[inline(always)]
    fn from_arg(value: &'a Object, context: &ArgContext) -> PyResult<Self> {
        match value.downcast::<T>() {
            Some(value) => Ok(value),
            None => Err(bad_argument(context, T::type_object().name(), value)),
        }
    }
}

impl<'a, T: PyTyped> FromArg<'a> for Owned<T> {
    #[inline]
    fn from_arg(value: &'a Object, context: &ArgContext) -> PyResult<Self> {
        <&T>::from_arg(value, context).map(Owned::from_ref)
    }
}

impl<'a> FromArg<'a> for bool {
    #[inline]
    fn from_arg(value: &'a Object, _: &ArgContext) -> PyResult<bool> {
        crate::protocol::object::is_true(value)
    }
}

// ---- integers ----------------------------------------------------------------------------------------------------------------------

/// An int's value as far as 128 bits hold it.
enum Wide {
    Value(i128),
    TooLarge { negative: bool },
}

/// `_PyNumber_Index`: the object as an int (or an int subclass, as it is).
#[inline]
fn index(value: &Object) -> PyResult<Owned> {
    if value.ty().has_flag(LONG_SUBCLASS) {
        return Ok(value.to_owned());
    }
    call_index(value)
}

#[cold]
#[inline(never)]
fn call_index(value: &Object) -> PyResult<Owned> {
    number::index(value).map(Owned::into_object)
}

/// Sign (0 positive, 1 zero, 2 negative) and digits of an int.
fn digits(int: &Object) -> (usize, &[u32]) {
    // SAFETY: an int: lv_tag holds the sign and the number of digits that follow.
    unsafe {
        let int = int.as_ptr() as *const PyLongObject;
        let tag = (*int).long_value.lv_tag.get();
        let first = &raw const (*int).long_value.ob_digit as *const u32;
        (tag & 3, slice::from_raw_parts(first, tag >> 3))
    }
}

fn wide(int: &Object) -> Wide {
    let (sign, digits) = digits(int);
    let negative = sign == 2;
    if digits.len() > 4 {
        return Wide::TooLarge { negative };
    }
    let magnitude = digits.iter().rev().fold(0i128, |sum, &digit| sum << 30 | digit as i128);
    Wide::Value(match sign {
        1 => 0,
        2 => -magnitude,
        _ => magnitude,
    })
}

/// The value of an int that fits one digit, without a call.
#[inline(always)]
fn compact(value: &Object) -> Option<isize> {
    if !value.ty().has_flag(LONG_SUBCLASS) {
        return None;
    }
    // SAFETY: an int; a tag below 16 says at most one digit, and zero's digit is 0.
    unsafe {
        let int = value.as_ptr() as *const PyLongObject;
        let tag = (*int).long_value.lv_tag.get();
        if tag < 16 { Some((1 - (tag & 3) as isize) * (*int).long_value.ob_digit[0].get() as isize) } else { None }
    }
}

macro_rules! integers {
    ($($ty:ty, $slow:ident, $negative:expr, $large:expr;)*) => {$(
        impl<'a> FromArg<'a> for $ty {
            #[inline(always)]
            fn from_arg(value: &'a Object, _: &ArgContext) -> PyResult<$ty> {
                if let Some(value) = compact(value) && let Ok(value) = value.try_into() {
                    return Ok(value);
                }
                $slow(value)
            }
        }
        #[cold]
        #[inline(never)]
        fn $slow(value: &Object) -> PyResult<$ty> {
            let negative = match wide(&*index(value)?) {
                Wide::Value(value) => match value.try_into() {
                    Ok(value) => return Ok(value),
                    Err(_) => value < 0,
                },
                Wide::TooLarge { negative } => negative,
            };
            Err(if negative { $negative() } else { $large() })
        }
    )*};
}
integers! {
    i32, to_i32, || overflow("Python int too large to convert to C int"), || overflow("Python int too large to convert to C int");
    i64, to_i64, || overflow("Python int too large to convert to C long"), || overflow("Python int too large to convert to C long");
    isize, to_isize, || overflow("Python int too large to convert to C ssize_t"), || overflow("Python int too large to convert to C ssize_t");
    i16, to_i16, || overflow("signed short integer is less than minimum"), || overflow("signed short integer is greater than maximum");
    u8, to_u8, || overflow("unsigned byte integer is less than minimum"), || overflow("unsigned byte integer is greater than maximum");
    u16, to_u16, negative, || overflow("Python int too large for C unsigned short");
    u32, to_u32, negative, || overflow("Python int too large for C unsigned int");
    u64, to_u64, negative, || overflow("Python int too large for C unsigned long");
    usize, to_usize, negative, || overflow("Python int too large for C size_t");
}

#[cold]
fn overflow(words: &str) -> Raised {
    err!(OverflowError, "{}", words)
}

#[cold]
fn negative() -> Raised {
    err!(ValueError, "Cannot convert negative int")
}

/// An index into a sequence: values beyond `isize` are clamped (`_PyEval_SliceIndex`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SliceIndex(pub isize);

impl<'a> FromArg<'a> for SliceIndex {
    #[inline]
    fn from_arg(value: &'a Object, _: &ArgContext) -> PyResult<SliceIndex> {
        slice_index(value, "slice indices must be integers or have an __index__ method")
    }
    #[inline]
    fn from_arg_or_none(value: &'a Object, _: &ArgContext) -> PyResult<SliceIndex> {
        slice_index(value, "slice indices must be integers or None or have an __index__ method")
    }
}

#[inline]
fn slice_index(value: &Object, words: &str) -> PyResult<SliceIndex> {
    match compact(value) {
        Some(value) => Ok(SliceIndex(value)),
        None => slice_index_slow(value, words),
    }
}

#[cold]
#[inline(never)]
fn slice_index_slow(value: &Object, words: &str) -> PyResult<SliceIndex> {
    if !value.ty().has_flag(LONG_SUBCLASS) && !number::check_index(value) {
        return Err(err!(TypeError, "{}", words));
    }
    Ok(SliceIndex(match wide(&*index(value)?) {
        Wide::Value(value) => value.clamp(isize::MIN as i128, isize::MAX as i128) as isize,
        Wide::TooLarge { negative: true } => isize::MIN,
        Wide::TooLarge { negative: false } => isize::MAX,
    }))
}

impl SliceIndex {
    /// The index against a length, as `list.index` and `str.find` take it: negatives count from the end, below that is 0.
    #[inline]
    pub fn adjust(self, length: usize) -> usize {
        let length = length as isize;
        (if self.0 < 0 { (self.0 + length).max(0) } else { self.0 }) as usize
    }
}

// ---- floats, text -------------------------------------------------------------------------------------------------------------------

impl<'a> FromArg<'a> for f64 {
    #[inline(always)]
    fn from_arg(value: &'a Object, _: &ArgContext) -> PyResult<f64> {
        if Float::check_exact(value) { Ok(float_value(value)) } else { to_f64(value) }
    }
}

#[inline(always)]
fn float_value(value: &Object) -> f64 {
    // SAFETY: a float.
    unsafe { (*(value.as_ptr() as *const PyFloatObject)).ob_fval.get() }
}

/// `PyFloat_AsDouble`.
#[cold]
#[inline(never)]
fn to_f64(value: &Object) -> PyResult<f64> {
    Float::as_f64(value)
}

impl<'a> FromArg<'a> for &'a str {
    #[inline]
    fn from_arg(value: &'a Object, context: &ArgContext) -> PyResult<&'a str> {
        let Some(text) = value.downcast::<Str>() else {
            return Err(bad_argument(context, "str", value));
        };
        let text = match str_ascii(value) {
            // SAFETY: ASCII.
            Some(bytes) => unsafe { std::str::from_utf8_unchecked(bytes) },
            None => text.as_utf8()?,
        };
        if text.as_bytes().contains(&0) {
            return Err(err!(ValueError, "embedded null character"));
        }
        Ok(text)
    }
    fn from_arg_or_none(value: &'a Object, context: &ArgContext) -> PyResult<&'a str> {
        if !value.ty().has_flag(UNICODE_SUBCLASS) {
            return Err(bad_argument(context, "str or None", value));
        }
        Self::from_arg(value, context)
    }
}

impl<'a> FromArg<'a> for String {
    fn from_arg(value: &'a Object, context: &ArgContext) -> PyResult<String> {
        <&str>::from_arg(value, context).map(str::to_owned)
    }
}

impl<'a> FromArg<'a> for char {
    fn from_arg(value: &'a Object, context: &ArgContext) -> PyResult<char> {
        let Some(text) = value.downcast::<Str>() else {
            return Err(bad_argument(context, "a unicode character", value));
        };
        let text = text.as_utf8()?;
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (Some(only), None) => Ok(only),
            _ => {
                let length = text.chars().count();
                let ArgContext { function, name, position } = *context;
                let shown = match (name, position) {
                    ("", 0) => "argument".to_string(),
                    ("", position) => format!("argument {position}"),
                    (name, _) => format!("argument '{name}'"),
                };
                Err(err!(TypeError, "{}(): {} must be a unicode character, not a string of length {}", function, shown, length))
            }
        }
    }
}

// ---- buffers ------------------------------------------------------------------------------------------------------------------------

/// The bytes of a bytes-like object (`y*`), exported until drop. Code that runs meanwhile may change the bytes, not their place.
pub struct Buffer(Py_buffer);

impl Buffer {
    pub fn new(object: &Object) -> PyResult<Buffer> {
        Buffer::with_flags(object, 0)
    }
    fn with_flags(object: &Object, flags: i32) -> PyResult<Buffer> {
        // SAFETY: a type's buffer table is NULL or lives as long as the type.
        let slot = unsafe { object.ty().0.tp_as_buffer.get().as_ref() }.and_then(|table| table.bf_getbuffer.get());
        let Some(slot) = slot else {
            return Err(err!(TypeError, "a bytes-like object is required, not '{}'", object.type_name()));
        };
        let mut view = Py_buffer::EMPTY;
        // SAFETY: a slot of the object's own type; the view is ours to fill in.
        if unsafe { slot(object.as_ptr(), &mut view, flags) } != 0 {
            return Err(Raised::from_c());
        }
        Ok(Buffer(view))
    }
    pub fn as_ptr(&self) -> *const u8 {
        self.0.buf.get() as *const u8
    }
    /// The exporting object.
    pub fn object(&self) -> Option<&Object> {
        // SAFETY: NULL or an object that the view owns a reference to.
        unsafe { Object::from_ptr_opt(self.0.obj.get()) }
    }
    pub fn readonly(&self) -> bool {
        self.0.readonly.get() != 0
    }
}

impl Deref for Buffer {
    type Target = [u8];
    #[inline]
    fn deref(&self) -> &[u8] {
        let (data, length) = (self.0.buf.get() as *const u8, self.0.len.get() as usize);
        // SAFETY: a simple buffer: `len` bytes at `buf`, held by the export.
        if length == 0 { &[] } else { unsafe { slice::from_raw_parts(data, length) } }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let owner = self.0.obj.get();
        if owner.is_null() {
            return;
        }
        // SAFETY: the view was filled in by this object's type, and owns a reference to it.
        unsafe {
            let object = Object::from_ptr(owner);
            if let Some(release) = object.ty().0.tp_as_buffer.get().as_ref().and_then(|table| table.bf_releasebuffer.get()) {
                release(owner, &mut self.0);
            }
            self.0.obj.set(std::ptr::null_mut());
            object.decref();
        }
    }
}

impl<'a> FromArg<'a> for Buffer {
    fn from_arg(value: &'a Object, _: &ArgContext) -> PyResult<Buffer> {
        Buffer::new(value)
    }
}

/// The bytes of a writable bytes-like object (`w*`).
pub struct WritableBuffer(Buffer);

impl WritableBuffer {
    pub fn new(object: &Object) -> PyResult<WritableBuffer> {
        Ok(WritableBuffer(Buffer::with_flags(object, 1)?))
    }
}
impl Deref for WritableBuffer {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.0
    }
}
impl DerefMut for WritableBuffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        let (data, length) = (self.0.0.buf.get() as *mut u8, self.0.0.len.get() as usize);
        // SAFETY: a writable simple buffer: `len` bytes at `buf`, held by the export.
        if length == 0 { &mut [] } else { unsafe { slice::from_raw_parts_mut(data, length) } }
    }
}
impl<'a> FromArg<'a> for WritableBuffer {
    fn from_arg(value: &'a Object, context: &ArgContext) -> PyResult<WritableBuffer> {
        match WritableBuffer::new(value) {
            Ok(buffer) => Ok(buffer),
            Err(_) => {
                clear();
                Err(bad_argument(context, "read-write bytes-like object", value))
            }
        }
    }
}
