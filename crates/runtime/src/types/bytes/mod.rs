//! `bytes`: an immutable array of bytes, behind the head and ending in a NUL that is not counted.
//!
//! `engine.rs` has the algorithms on plain slices and `methods.rs` the methods that bytes and bytearray share. The empty object and those
//! of one byte are statics (invariant: an exact bytes of such a length is never made anew here).

pub mod construct;
pub mod engine;
pub mod hex;
mod iterator;
pub mod methods;

pub use self::construct::bytes_of;
pub use self::iterator::{ByteArrayIterator, BytesIterator, PyByteArrayIter_Type, PyBytesIter_Type};

use self::methods::{ByteString, byte_in, format_percent};
use crate::err;
use crate::errors::{PyResult, from_c, no_memory};
use crate::macro_support::Buffer;
use crate::memory;
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol::object::CompareOp;
use crate::protocol::{buffer, number};
use crate::types::{self, Int, Slice, Str, Tuple};
use crate::exceptions;
use abi::{PyBytesObject, PyObject, PyVarObject, Py_buffer};
use macros::pytype;
use std::cell::Cell;
use std::mem::offset_of;
use std::ptr;

#[repr(transparent)]
pub struct Bytes(pub PyBytesObject);

const DATA: usize = offset_of!(PyBytesObject, ob_sval);

/// A static bytes object of at most one byte.
#[repr(C)]
struct Short {
    head: PyVarObject,
    hash: Cell<isize>,
    text: [u8; 2],
}
struct Shorts([Short; 257]);
// SAFETY: only touched under the GIL.
unsafe impl Sync for Shorts {}

/// The 256 objects of one byte, and the empty one.
static SHORTS: Shorts = Shorts({
    let mut table = [const {
        Short {
            head: PyVarObject {
                ob_base: PyObject::immortal_static(&raw const PyBytes_Type as *const Type as *const abi::PyTypeObject),
                ob_size: Cell::new(1),
            },
            hash: Cell::new(-1),
            text: [0; 2],
        }
    }; 257];
    let mut i = 0;
    while i < 256 {
        table[i].text[0] = i as u8;
        i += 1;
    }
    table[256].head.ob_size = Cell::new(0);
    table
});

impl Bytes {
    /// # Panics
    /// Without memory, which the guard around native functions turns into MemoryError. Use `try_new` for sizes that a program controls.
    pub fn new(data: &[u8]) -> Owned<Bytes> {
        match Self::try_new(data) {
            Ok(bytes) => bytes,
            Err(_) => {
                crate::errors::clear();
                crate::memory::reserve::out_of_memory(data.len())
            }
        }
    }
    #[inline]
    pub fn try_new(data: &[u8]) -> PyResult<Owned<Bytes>> {
        match data {
            [] => Ok(Owned::from_ref(Self::empty())),
            [c] => Ok(Owned::from_ref(Self::byte(*c))),
            _ => Self::build(data.len(), |out| out.copy_from_slice(data)),
        }
    }
    #[inline]
    pub fn empty() -> &'static Bytes {
        // SAFETY: a whole bytes object.
        unsafe { &*(&raw const SHORTS.0[256] as *const Bytes) }
    }
    #[inline]
    pub fn byte(c: u8) -> &'static Bytes {
        // SAFETY: as above.
        unsafe { &*(&raw const SHORTS.0[c as usize] as *const Bytes) }
    }
    /// A fresh object whose bytes the caller writes before anybody else sees it (`PyBytes_FromStringAndSize(NULL, n)`).
    pub fn with_len(len: usize) -> PyResult<Owned<Bytes>> {
        if len > isize::MAX as usize - DATA - 1 {
            return Err(err!(OverflowError, "byte string is too large"));
        }
        // SAFETY: a fresh block with room for the bytes and the ending NUL.
        unsafe {
            let op = crate::object::alloc_plain(&PyBytes_Type, DATA + len + 1);
            if op.is_null() {
                return Err(no_memory());
            }
            let b = &*(op as *mut PyBytesObject);
            b.ob_base.ob_size.set(len as isize);
            b.ob_shash.set(-1);
            *(op as *mut u8).add(DATA + len) = 0;
            Ok(Owned::from_raw(op))
        }
    }
    /// Where the bytes are.
    #[inline]
    pub fn data(&self) -> *mut u8 {
        // SAFETY: within the object.
        unsafe { (self as *const Bytes as *mut u8).add(DATA) }
    }
    /// A fresh object cut off at `len` bytes (`_PyBytes_Resize` downwards).
    pub fn truncated(this: Owned<Bytes>, len: usize) -> PyResult<Owned<Bytes>> {
        let old = this.len();
        if len >= old && old > 1 {
            return Ok(this);
        }
        if len <= 1 {
            return Self::try_new(&this.as_slice()[..len.min(old)]);
        }
        let op = this.into_raw();
        // SAFETY: the only reference; the block shrinks, and on failure stays as it is, which is large enough.
        unsafe {
            let block = memory::object_realloc(op.cast(), DATA + len + 1) as *mut PyObject;
            let op = if block.is_null() { op } else { block };
            (*(op as *mut PyBytesObject)).ob_base.ob_size.set(len as isize);
            *(op as *mut u8).add(DATA + len) = 0;
            Ok(Owned::from_raw(op))
        }
    }
    /// An object of `len` bytes that `fill` writes (they begin as anything).
    pub fn build(len: usize, fill: impl FnOnce(&mut [u8])) -> PyResult<Owned<Bytes>> {
        if len <= 1 {
            let mut data = [0u8; 1];
            fill(&mut data[..len]);
            return Ok(Owned::from_ref(if len == 0 { Self::empty() } else { Self::byte(data[0]) }));
        }
        let new = Self::with_len(len)?;
        // SAFETY: nobody else has the object yet.
        fill(unsafe { std::slice::from_raw_parts_mut(new.data(), len) });
        Ok(new)
    }
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: the object's own bytes, which never change.
        unsafe { std::slice::from_raw_parts((self as *const Bytes as *const u8).add(DATA), self.0.ob_base.ob_size.get() as usize) }
    }
    #[inline]
    pub fn len(&self) -> usize {
        self.0.ob_base.ob_size.get() as usize
    }
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    pub fn hash(&self) -> isize {
        if self.0.ob_shash.get() == -1 {
            self.0.ob_shash.set(types::str::hash::hash_bytes(self.as_slice()));
        }
        self.0.ob_shash.get()
    }
    /// The object as an exact bytes.
    pub fn to_exact(&self) -> PyResult<Owned<Bytes>> {
        if Bytes::check_exact(self) { Ok(Owned::from_ref(self)) } else { Bytes::try_new(self.as_slice()) }
    }
}

/// `repr(b)`.
pub fn repr_bytes(data: &[u8]) -> String {
    engine::repr(data)
}

impl ByteString for Bytes {
    const NAME: &'static str = "bytes";
    #[inline]
    fn bytes(&self) -> &[u8] {
        self.as_slice()
    }
    #[inline]
    fn build(len: usize, fill: impl FnOnce(&mut [u8])) -> PyResult<Owned<Bytes>> {
        Bytes::build(len, fill)
    }
    fn unchanged(&self) -> PyResult<Owned<Bytes>> {
        self.to_exact()
    }
    fn shared(object: &Object) -> Option<Owned<Bytes>> {
        object.downcast_exact::<Bytes>().map(Owned::from_ref)
    }
}

/// An instance of a subclass with these bytes.
fn subtype_new(cls: &Type, bytes: &Bytes) -> PyResult<Owned<Bytes>> {
    let Some(alloc) = cls.0.tp_alloc.get() else { return Err(crate::errors::bad_internal_call()) };
    // SAFETY: the slot of a bytes subclass gives zeroed memory with room for the items and one more.
    unsafe {
        let new: Owned<Bytes> = from_c(alloc(cls.as_type_ptr(), bytes.len() as isize))?.cast_into();
        ptr::copy_nonoverlapping(bytes.data(), new.data(), bytes.len() + 1);
        new.0.ob_shash.set(bytes.0.ob_shash.get());
        Ok(new)
    }
}

/// bytes(iterable_of_ints) -> bytes
/// bytes(string, encoding[, errors]) -> bytes
/// bytes(bytes_or_buffer) -> immutable copy of bytes_or_buffer
/// bytes(int) -> bytes object of size given by the parameter initialized with null bytes
/// bytes() -> empty bytes object
///
/// An immutable array of bytes: from ints in range(256), from text and
/// the name of an encoding, from any object with the buffer interface, or
/// so many zeros.
#[pytype(static = PyBytes_Type, name = "bytes", basicsize = 33, itemsize = 1, flags = BASETYPE | BYTES_SUBCLASS | MATCH_SELF,
    methods = [Bytes::SHARED_METHODS])]
impl Bytes {
    #[slot("bytes(source=<unrepresentable>, encoding=<unrepresentable>, errors=<unrepresentable>)", vectorcall)]
    fn tp_new(cls: &Type, source: Option<&Object>, encoding: Option<&str>, errors: Option<&str>) -> PyResult<Owned<Bytes>> {
        let bytes = construct::new_bytes(source, encoding, errors)?;
        if ptr::eq(cls, Bytes::type_object()) { Ok(bytes) } else { subtype_new(cls, &bytes) }
    }
    #[slot(raw = tp_dealloc)]
    unsafe extern "C" fn tp_dealloc(op: *mut PyObject) {
        // SAFETY: the object is dead.
        unsafe {
            if (*op).ob_type.get() == PyBytes_Type.as_type_ptr() {
                memory::object_free(op.cast());
            } else if let Some(free) = (*(*op).ob_type.get()).tp_free.get() {
                free(op.cast());
            }
        }
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        methods::check_repr_size(self.len())?;
        Ok(Str::new(&engine::repr(self.as_slice())))
    }
    #[slot]
    fn tp_str(&self) -> PyResult<Owned<Str>> {
        methods::warn_str(self, "str() on a bytes instance")?;
        self.tp_repr()
    }
    #[slot]
    fn tp_hash(&self) -> isize {
        self.hash()
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        let Some(other) = other.downcast::<Bytes>() else {
            if matches!(op, CompareOp::Eq | CompareOp::Ne) {
                methods::warn_comparison(self, other)?;
            }
            return Ok(types::not_implemented().to_owned());
        };
        let (a, b) = (self.as_slice(), other.as_slice());
        let result = match op {
            CompareOp::Eq => a == b,
            CompareOp::Ne => a != b,
            _ => op.matches(a.cmp(b)),
        };
        Ok(types::bool_object(result).to_owned())
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        BytesIterator::over(self)
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
    fn sq_concat(a: &Object, b: &Object) -> PyResult {
        concat(a, b)
    }
    #[slot]
    fn sq_repeat(&self, times: isize) -> PyResult<Owned<Bytes>> {
        let times = times.max(0) as usize;
        let Some(total) = self.len().checked_mul(times).filter(|&n| n <= isize::MAX as usize) else {
            return Err(err!(OverflowError, "repeated bytes are too long"));
        };
        if total == self.len() && Bytes::check_exact(self) {
            return Ok(Owned::from_ref(self));
        }
        if total == 0 {
            // No repetition is an object of its own.
            return Self::with_len(0);
        }
        Bytes::build(total, |out| methods::fill_repeated(self.as_slice(), out)).map_err(|raised| methods::as_memory_error(total, raised))
    }
    #[slot]
    fn sq_item(&self, i: isize) -> PyResult<Owned<Int>> {
        match self.as_slice().get(i as usize) {
            Some(&b) if i >= 0 => Ok(Int::from_i64(b as i64)),
            _ => Err(err!(IndexError, "index out of range")),
        }
    }
    #[slot]
    fn sq_contains(&self, item: &Object) -> PyResult<bool> {
        byte_in(self, item)
    }
    #[slot]
    fn mp_subscript(&self, key: &Object) -> PyResult {
        if number::check_index(key) {
            let i = number::as_isize(key, Some(exceptions::IndexError()))?;
            return Ok(self.sq_item(if i < 0 { i + self.len() as isize } else { i })?.into_object());
        }
        let Some(slice) = key.downcast_exact::<Slice>() else {
            return Err(err!(TypeError, "byte indices must be integers or slices, not {}", key.type_name()));
        };
        let range = slice.resolve(self.len())?;
        if range.count == self.len() && range.step == 1 && Bytes::check_exact(self) {
            return Ok(self.to_owned());
        }
        Ok(methods::subslice::<Bytes>(self.as_slice(), range)?.into_object())
    }
    #[slot]
    fn nb_remainder(a: &Object, b: &Object) -> PyResult {
        match a.downcast::<Bytes>() {
            Some(text) => Ok(format_percent::<Bytes>(text.as_slice(), b)?.into_object()),
            None => Ok(types::not_implemented().to_owned()),
        }
    }
    #[slot]
    fn bf_getbuffer(&self, view: *mut Py_buffer, flags: i32) -> PyResult<()> {
        // SAFETY: the view is the caller's; the bytes live as long as the reference it takes.
        unsafe { buffer::fill_info(view, Some(self), self.data(), self.len(), true, flags) }
    }

    /// Convert this value to exact type bytes.
    #[method("__bytes__($self, /)")]
    fn dunder_bytes(&self) -> PyResult<Owned<Bytes>> {
        self.to_exact()
    }
    #[method("__getnewargs__($self, /)")]
    fn getnewargs(&self) -> PyResult<Owned<Tuple>> {
        Ok(Tuple::single(Bytes::try_new(self.as_slice())?.into_object()))
    }
    /// A bytes object from a text of hexadecimal numbers.
    ///
    /// White space between two numbers is allowed.
    /// Example: bytes.fromhex('B9 01EF') -> b'\\xb9\\x01\\xef'.
    #[classmethod("fromhex($type, string, /)")]
    fn fromhex(cls: &Type, string: &Object) -> PyResult {
        let bytes = Bytes::try_new(&hex::from_hex(string)?)?;
        if ptr::eq(cls, Bytes::type_object()) { Ok(bytes.into_object()) } else { crate::protocol::call::call1(cls, &bytes) }
    }
}

/// `a + b` for a bytes and anything with a buffer (`PyBytes_Concat`).
pub fn concat(a: &Object, b: &Object) -> PyResult {
    if let (Some(x), Some(y)) = (a.downcast_exact::<Bytes>(), b.downcast_exact::<Bytes>()) {
        if x.is_empty() {
            return Ok(b.to_owned());
        }
        if y.is_empty() {
            return Ok(a.to_owned());
        }
        return join_two::<Bytes>(x.as_slice(), y.as_slice()).map(Owned::into_object);
    }
    let (Ok(x), Ok(y)) = (Buffer::new(a), Buffer::new(b)) else {
        return Err(err!(TypeError, "can't concat {} to {}", b.type_name(), a.type_name()));
    };
    if x.is_empty() && Bytes::check_exact(b) {
        return Ok(b.to_owned());
    }
    if y.is_empty() && Bytes::check_exact(a) {
        return Ok(a.to_owned());
    }
    join_two::<Bytes>(&x, &y).map(Owned::into_object)
}

/// Two parts one after the other.
pub(crate) fn join_two<T: ByteString>(a: &[u8], b: &[u8]) -> PyResult<Owned<T>> {
    let Some(total) = a.len().checked_add(b.len()).filter(|&n| n <= isize::MAX as usize) else { return Err(no_memory()) };
    T::build(total, |out| {
        out[..a.len()].copy_from_slice(a);
        out[a.len()..].copy_from_slice(b);
    })
}
