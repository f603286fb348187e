//! `array`: compact sequences of numbers or characters.
//!
//! Invariant: the bytes of an array do not move while buffers of it are exported; what would resize it then raises BufferError.
//! The bytes are borrowed for moments only, never while Python code runs.

mod item;

use item::{Class, KINDS, Kind, MachineFormat, Raw};
use macros::{Traverse, pymodule, pytype};
use runtime::macro_support::{Buffer, PyObject, Py_buffer, SliceIndex};
use runtime::protocol::object::{CompareOp, not_implemented, rich_compare, rich_compare_bool};
use runtime::protocol::{call, iter, number, object, sequence};
use runtime::types::{self, ByteArray, Bytes, Dict, GenericAlias, Int, List, Module, Slice, Str, StrBuilder, Tuple, bool_object, none};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Raised, Type, err, errors, exceptions, intern};
use std::cell::{Cell, RefCell};
use std::mem::offset_of;

/// What an array object takes besides its items, in CPython's layout.
const ARRAY_OBJECT_SIZE: usize = 64;

#[derive(Traverse)]
#[repr(C)]
pub struct Array {
    head: ObjectHead,
    /// The number of items, for exported buffers, which point here.
    shape: Cell<isize>,
    #[traverse(skip)]
    kind: Kind,
    #[traverse(skip)]
    data: RefCell<Vec<u8>>,
    exports: Cell<usize>,
    weakrefs: Cell<*mut PyObject>,
}

#[cold]
fn is_exporting() -> Raised {
    err!(BufferError, "cannot resize an array that is exporting buffers")
}
#[cold]
fn other_kind() -> Raised {
    err!(TypeError, "bad argument type for built-in operation")
}

impl Array {
    fn make(cls: &Type, kind: Kind, data: Vec<u8>) -> PyResult<Owned<Array>> {
        let shape = Cell::new((data.len() / kind.size) as isize);
        let value =
            Array { head: ObjectHead::placeholder(), shape, kind, data: RefCell::new(data), exports: Cell::new(0), weakrefs: Cell::new(std::ptr::null_mut()) };
        Self::construct(cls, value)
    }
    /// A new plain array of the same kind.
    fn like(&self, data: Vec<u8>) -> PyResult<Owned<Array>> {
        Self::make(Self::type_object(), self.kind, data)
    }
    fn len(&self) -> usize {
        self.shape.get() as usize
    }
    fn item(&self, at: usize) -> PyResult<Option<Owned>> {
        let size = self.kind.size;
        let data = self.data.borrow();
        match data.get(at * size..(at + 1) * size) {
            Some(item) => self.kind.load(item).map(Some),
            None => Ok(None),
        }
    }
    fn bytes_of(&self, start: usize, end: usize) -> Vec<u8> {
        let size = self.kind.size;
        let mut bytes = Vec::new();
        runtime::memory::reserve::extend(&mut bytes, self.data.borrow().get(start * size..end * size).unwrap_or_default());
        bytes
    }
    /// Changes the bytes, and perhaps how many there are.
    fn resize<T>(&self, change: impl FnOnce(&mut Vec<u8>) -> T) -> PyResult<T> {
        if self.exports.get() > 0 {
            return Err(is_exporting());
        }
        let mut data = self.data.borrow_mut();
        let result = change(&mut data);
        self.shape.set((data.len() / self.kind.size) as isize);
        Ok(result)
    }
    fn extend_bytes(&self, bytes: &[u8]) -> PyResult<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.resize(|data| match data.try_reserve(bytes.len()) {
            Ok(()) => {
                data.extend_from_slice(bytes);
                Ok(())
            }
            Err(_) => Err(errors::no_memory()),
        })?
    }
    fn push(&self, value: &Object) -> PyResult<()> {
        let at = self.len();
        let raw = self.kind.store(value)?;
        if Int::check_exact(value) || types::Float::check_exact(value) || Str::check_exact(value) {
            return self.extend_bytes(&raw[..self.kind.size]);
        }
        // Converted once to see that it can be, and again into the place made for it: `__index__` may have changed the array both times.
        self.set_len(at + 1)?;
        let raw = self.kind.store(value)?;
        self.set(at, &raw)
    }
    /// Cuts off items, or adds zeros.
    fn set_len(&self, len: usize) -> PyResult<()> {
        let size = len * self.kind.size;
        self.resize(|data| match data.try_reserve(size.saturating_sub(data.len())) {
            Ok(()) => {
                data.resize(size, 0);
                Ok(())
            }
            Err(_) => Err(errors::no_memory()),
        })?
    }
    /// Puts the items of a list of `len` into the last places.
    fn store_items(&self, list: &List, len: usize) -> PyResult<()> {
        for at in 0..len {
            let Some(item) = list.get(at) else { break };
            let place = (self.len() + at).checked_sub(len);
            let raw = self.kind.store(&item)?;
            match place {
                Some(place) => self.set(place, &raw)?,
                None => return Err(err!(IndexError, "array assignment index out of range")),
            }
            if list.len() != len {
                return Err(err!(RuntimeError, "list changed size during iteration"));
            }
        }
        Ok(())
    }
    fn set(&self, at: usize, raw: &Raw) -> PyResult<()> {
        let size = self.kind.size;
        match self.data.borrow_mut().get_mut(at * size..(at + 1) * size) {
            Some(place) => {
                place.copy_from_slice(&raw[..size]);
                Ok(())
            }
            None => Err(err!(IndexError, "array assignment index out of range")),
        }
    }
    fn extend_object(&self, other: &Object) -> PyResult<()> {
        if let Some(other) = other.downcast::<Array>() {
            if other.kind != self.kind {
                return Err(err!(TypeError, "can only extend with array of same kind"));
            }
            return self.extend_bytes(&other.bytes_of(0, other.len()));
        }
        let items = iter::get_iter(other)?;
        while let Some(item) = iter::iter_next(&items)? {
            self.push(&item)?;
        }
        Ok(())
    }
    fn extend_from_bytes(&self, bytes: &[u8]) -> PyResult<()> {
        if bytes.len() % self.kind.size != 0 {
            return Err(err!(ValueError, "bytes length not a multiple of item size"));
        }
        self.extend_bytes(bytes)
    }
    fn extend_text(&self, text: &Str) -> PyResult<()> {
        let bytes: Vec<u8> = text.code_points().flat_map(u32::to_ne_bytes).collect();
        self.extend_bytes(&bytes)
    }
    fn text(&self) -> PyResult<Owned<Str>> {
        let mut out = StrBuilder::with_capacity(self.len());
        for unit in self.data.borrow().chunks_exact(4) {
            let c = u32::from_ne_bytes([unit[0], unit[1], unit[2], unit[3]]);
            if c > 0x10ffff {
                return Err(err!(ValueError, "character U+{:x} is not in range [U+0000; U+10ffff]", c));
            }
            out.prepare(1, c)?;
            out.push_char(c);
        }
        out.finish()
    }
    fn to_list(&self) -> PyResult<Owned<List>> {
        let data = self.data.borrow();
        let items = data.chunks_exact(self.kind.size).map(|item| self.kind.load(item)).collect::<PyResult<Vec<Owned>>>()?;
        Ok(List::from_owned(items))
    }
    /// The place of the first item that equals `value`, within bounds.
    fn find(&self, value: &Object, start: usize, stop: usize) -> PyResult<Option<usize>> {
        let mut at = start;
        while at < stop
            && let Some(item) = self.item(at)?
        {
            if rich_compare_bool(&item, value, CompareOp::Eq)? {
                return Ok(Some(at));
            }
            at += 1;
        }
        Ok(None)
    }
    fn remove_at(&self, at: usize) -> PyResult<()> {
        let size = self.kind.size;
        self.resize(|data| drop(data.drain(at * size..(at + 1) * size)))
    }
    /// An index, from the end if negative; `None` if it is out of range.
    fn position(&self, index: isize) -> Option<usize> {
        let len = self.shape.get();
        let index = if index < 0 { index + len } else { index };
        (0 <= index && index < len).then_some(index as usize)
    }
    fn repeated(&self, times: isize) -> PyResult<Vec<u8>> {
        let data = self.data.borrow();
        let times = times.max(0) as usize;
        let len = data.len().checked_mul(times).filter(|&len| len <= isize::MAX as usize).ok_or_else(errors::no_memory)?;
        let mut out = Vec::new();
        out.try_reserve_exact(len).map_err(|_| errors::no_memory())?;
        for _ in 0..times {
            out.extend_from_slice(&data);
        }
        Ok(out)
    }
    fn initialize(&self, initial: &Object) -> PyResult<()> {
        let code = self.kind.code as char;
        if initial.is_instance_of::<Bytes>() || initial.is_instance_of::<ByteArray>() {
            return self.extend_from_bytes(&Buffer::new(initial)?);
        }
        if let Some(text) = initial.downcast::<Str>() {
            return if self.kind.is_text() { self.extend_text(text) } else { Err(err!(TypeError, "cannot use a str to initialize an array with typecode '{}'", code)) };
        }
        if let Some(other) = initial.downcast::<Array>() {
            if other.kind.is_text() && !self.kind.is_text() {
                return Err(err!(TypeError, "cannot use a unicode array to initialize an array with typecode '{}'", code));
            }
            if other.kind == self.kind || (other.kind.is_text() && self.kind.is_text()) {
                return self.extend_bytes(&other.bytes_of(0, other.len()));
            }
            let mut at = 0;
            while let Some(item) = other.item(at)? {
                self.push(&item)?;
                at += 1;
            }
            return Ok(());
        }
        self.extend_object(initial)
    }
}

/// The kind for a typecode argument.
fn typecode(value: &Object) -> PyResult<Kind> {
    let Some(text) = value.downcast::<Str>() else {
        return Err(err!(TypeError, "array() argument 1 must be a unicode character, not {}", value.type_name()));
    };
    if text.len() != 1 {
        return Err(err!(TypeError, "array() argument 1 must be a unicode character, not a string of length {}", text.len()));
    }
    let code = text.char_at(0);
    if code == b'u' as u32 {
        exceptions::warn(
            exceptions::DeprecationWarning(),
            "The 'u' type code is deprecated and will be removed in Python 3.16",
            1,
        )?;
    }
    Kind::of(code).ok_or_else(|| err!(ValueError, "bad typecode (must be b, B, u, w, h, H, i, I, l, L, q, Q, f or d)"))
}

/// array(typecode [, initializer]) -> array
///
/// Return a new array whose items are restricted by typecode, and
/// initialized from the optional initializer value, which must be a list,
/// string or iterable over elements of the appropriate type.
///
/// Arrays behave very much like lists, but hold values of one C type, which the
/// type code names:
///
///     Type code   C Type             Size in bytes
///     'b'         signed integer     1
///     'B'         unsigned integer   1
///     'u', 'w'    Unicode character  4
///     'h'         signed integer     2
///     'H'         unsigned integer   2
///     'i'         signed integer     4
///     'I'         unsigned integer   4
///     'l'         signed integer     8
///     'L'         unsigned integer   8
///     'q'         signed integer     8
///     'Q'         unsigned integer   8
///     'f'         floating-point     4
///     'd'         floating-point     8
#[pytype(static = Array_Type, name = "array", module = "array", flags = BASETYPE | HAVE_GC | IMMUTABLETYPE | SEQUENCE, native,
    weaklistoffset = offset_of!(Array, weakrefs))]
impl Array {
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<Owned<Array>> {
        if std::ptr::eq(cls, Self::type_object()) && kwargs.is_some_and(|kwargs| !kwargs.is_empty()) {
            return Err(err!(TypeError, "array.array() takes no keyword arguments"));
        }
        match args.len() {
            0 => return Err(err!(TypeError, "array() takes at least 1 argument (0 given)")),
            1 | 2 => {}
            given => return Err(err!(TypeError, "array() takes at most 2 arguments ({} given)", given)),
        }
        let kind = typecode(args.get(0))?;
        let array = Self::make(cls, kind, Vec::new())?;
        if let Some(initial) = args.get_opt(1) {
            array.initialize(initial)?;
        }
        Ok(array)
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let name = self.as_object().type_name();
        let name = name.rsplit_once('.').map_or(name, |(_, last)| last);
        let code = self.kind.code as char;
        if self.len() == 0 {
            return Ok(Str::new(&format!("{name}('{code}')")));
        }
        let items = if self.kind.is_text() { self.text()?.into_object() } else { self.to_list()?.into_object() };
        let mut out = StrBuilder::new();
        out.push_str(&format!("{name}('{code}', "));
        out.push_str_object(&*object::repr(&items)?)?;
        out.push_str(")");
        out.finish()
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        let Some(other) = other.downcast::<Array>() else { return Ok(not_implemented()) };
        let (len, other_len) = (self.len(), other.len());
        if len != other_len && matches!(op, CompareOp::Eq | CompareOp::Ne) {
            return Ok(bool_object(op == CompareOp::Ne).to_owned());
        }
        if self.kind == other.kind && !matches!(self.kind.code, b'f' | b'd') && matches!(op, CompareOp::Eq | CompareOp::Ne) {
            let same = *self.data.borrow() == *other.data.borrow();
            return Ok(bool_object(same == (op == CompareOp::Eq)).to_owned());
        }
        let mut at = 0;
        while let (Some(a), Some(b)) = (self.item(at)?, other.item(at)?) {
            if !rich_compare_bool(&a, &b, CompareOp::Eq)? {
                return match op {
                    CompareOp::Eq => Ok(bool_object(false).to_owned()),
                    CompareOp::Ne => Ok(bool_object(true).to_owned()),
                    _ => rich_compare(&a, &b, op),
                };
            }
            at += 1;
        }
        Ok(bool_object(op.matches(self.len().cmp(&other.len()))).to_owned())
    }
    #[slot(raw = tp_hash)]
    unsafe extern "C" fn tp_hash(op: *mut PyObject) -> isize {
        // SAFETY: a slot gets a live object.
        let _ = object::hash_not_implemented(unsafe { Object::from_ptr(op) });
        -1
    }
    #[slot]
    fn tp_iter(&self) -> PyResult<Owned<ArrayIterator>> {
        let value = ArrayIterator { head: ObjectHead::placeholder(), array: Cell::new(Some(Owned::from_ref(self))), index: Cell::new(0) };
        ArrayIterator::construct(ArrayIterator::type_object(), value)
    }
    #[slot]
    fn sq_length(&self) -> usize {
        self.len()
    }
    #[slot]
    fn sq_concat(&self, other: &Object) -> PyResult<Owned<Array>> {
        let Some(other) = other.downcast::<Array>() else {
            return Err(err!(TypeError, "can only append array (not \"{}\") to array", other.type_name()));
        };
        if self.kind != other.kind {
            return Err(other_kind());
        }
        let mut data = self.bytes_of(0, self.len());
        data.extend_from_slice(&other.data.borrow());
        self.like(data)
    }
    #[slot]
    fn sq_repeat(&self, times: isize) -> PyResult<Owned<Array>> {
        self.like(self.repeated(times)?)
    }
    #[slot]
    fn sq_item(&self, index: isize) -> PyResult {
        let item = usize::try_from(index).map_or(Ok(None), |at| self.item(at))?;
        item.ok_or_else(|| err!(IndexError, "array index out of range"))
    }
    #[slot]
    fn sq_ass_item(&self, index: isize, value: Option<&Object>) -> PyResult<()> {
        let Some(at) = usize::try_from(index).ok().filter(|&at| at < self.len()) else {
            return Err(err!(IndexError, "array assignment index out of range"));
        };
        match value {
            Some(value) => self.set(at, &self.kind.store(value)?),
            None => self.remove_at(at),
        }
    }
    #[slot]
    fn sq_contains(&self, value: &Object) -> PyResult<bool> {
        Ok(self.find(value, 0, usize::MAX)?.is_some())
    }
    #[slot]
    fn sq_inplace_concat(&self, other: &Object) -> PyResult {
        if !other.is_instance_of::<Array>() {
            return Err(err!(TypeError, "can only extend array with array (not \"{}\")", other.type_name()));
        }
        self.extend_object(other)?;
        Ok(self.as_object().to_owned())
    }
    #[slot]
    fn sq_inplace_repeat(&self, times: isize) -> PyResult {
        if self.len() > 0 && times != 1 {
            let data = self.repeated(times)?;
            self.resize(|own| *own = data)?;
        }
        Ok(self.as_object().to_owned())
    }
    #[slot]
    fn mp_length(&self) -> usize {
        self.len()
    }
    #[slot]
    fn mp_subscript(&self, key: &Object) -> PyResult {
        if number::check_index(key) {
            let index = number::as_isize(key, Some(exceptions::IndexError()))?;
            let item = self.position(index).map_or(Ok(None), |at| self.item(at))?;
            return item.ok_or_else(|| err!(IndexError, "array index out of range"));
        }
        let Some(slice) = key.downcast::<Slice>() else { return Err(err!(TypeError, "array indices must be integers")) };
        let range = slice.resolve(self.len())?;
        let size = self.kind.size;
        let data = self.data.borrow();
        let mut out = Vec::new();
        for at in range.indices() {
            if let Some(item) = data.get(at * size..(at + 1) * size) {
                out.extend_from_slice(item);
            }
        }
        drop(data);
        Ok(self.like(out)?.into_object())
    }
    #[slot]
    fn mp_ass_subscript(&self, key: &Object, value: Option<&Object>) -> PyResult<()> {
        if number::check_index(key) {
            let index = number::as_isize(key, Some(exceptions::IndexError()))?;
            let Some(at) = self.position(index) else { return Err(err!(IndexError, "array assignment index out of range")) };
            return match value {
                Some(value) => self.set(at, &self.kind.store(value)?),
                None => self.remove_at(at),
            };
        }
        let Some(slice) = key.downcast::<Slice>() else { return Err(err!(TypeError, "array indices must be integers")) };
        let new = match value {
            None => Vec::new(),
            Some(value) => {
                let Some(other) = value.downcast::<Array>() else {
                    return Err(err!(TypeError, "can only assign array (not \"{}\") to array slice", value.type_name()));
                };
                if other.kind != self.kind {
                    return Err(other_kind());
                }
                other.bytes_of(0, other.len())
            }
        };
        self.set_slice(slice, new, value.is_none())
    }
    #[slot]
    fn bf_getbuffer(&self, view: *mut Py_buffer, flags: i32) -> PyResult<()> {
        const FORMAT: i32 = 4;
        const ND: i32 = 8;
        const STRIDES: i32 = 0x18;
        let mut data = self.data.borrow_mut();
        // SAFETY: the view is the caller's; the bytes stay where they are until the export is released, and so does the shape.
        unsafe {
            let view = &*view;
            self.as_object().incref();
            view.obj.set(self.as_object().as_ptr());
            view.buf.set(data.as_mut_ptr().cast());
            view.len.set(data.len() as isize);
            view.itemsize.set(self.kind.size as isize);
            view.readonly.set(0);
            view.ndim.set(1);
            view.format.set(if flags & FORMAT != 0 { self.kind.format.as_ptr().cast_mut() } else { std::ptr::null_mut() });
            view.shape.set(if flags & ND == ND { self.shape.as_ptr() } else { std::ptr::null_mut() });
            view.strides.set(if flags & STRIDES == STRIDES { view.itemsize.as_ptr() } else { std::ptr::null_mut() });
            view.suboffsets.set(std::ptr::null_mut());
            view.internal.set(std::ptr::null_mut());
        }
        self.exports.set(self.exports.get() + 1);
        Ok(())
    }
    #[slot]
    fn bf_releasebuffer(&self, _view: *mut Py_buffer) {
        self.exports.set(self.exports.get() - 1);
    }

    /// the typecode character used to create the array
    #[getter]
    fn typecode(&self) -> Owned<Str> {
        Str::from_code_points(&[self.kind.code as u32])
    }
    /// the size, in bytes, of one array item
    #[getter]
    fn itemsize(&self) -> usize {
        self.kind.size
    }
    /// Append new value v to the end of the array.
    #[method("append($self, v, /)")]
    fn append(&self, v: &Object) -> PyResult<()> {
        self.push(v)
    }
    /// Return a tuple (address, length) giving the current memory address and the length in items
    #[method("buffer_info($self, /)")]
    fn buffer_info(&self) -> (usize, usize) {
        (self.data.borrow().as_ptr() as usize, self.len())
    }
    /// Byteswap all items of the array.
    #[method("byteswap($self, /)")]
    fn byteswap(&self) {
        self.data.borrow_mut().chunks_exact_mut(self.kind.size).for_each(<[u8]>::reverse);
    }
    /// Remove all items from the array.
    #[method("clear($self, /)")]
    fn clear(&self) -> PyResult<()> {
        self.resize(|data| *data = Vec::new())
    }
    /// Return a copy of the array.
    #[method("__copy__($self, /)")]
    fn copy(&self) -> PyResult<Owned<Array>> {
        self.like(self.bytes_of(0, self.len()))
    }
    /// Return a copy of the array.
    #[method("__deepcopy__($self, unused, /)")]
    fn deepcopy(&self, _unused: &Object) -> PyResult<Owned<Array>> {
        self.copy()
    }
    /// Return number of occurrences of v in the array.
    #[method("count($self, v, /)")]
    fn count(&self, v: &Object) -> PyResult<usize> {
        let (mut count, mut at) = (0, 0);
        while let Some(found) = self.find(v, at, usize::MAX)? {
            count += 1;
            at = found + 1;
        }
        Ok(count)
    }
    /// Append items to the end of the array.
    #[method("extend($self, bb, /)")]
    fn extend(&self, bb: &Object) -> PyResult<()> {
        self.extend_object(bb)
    }
    /// Read n objects from the file object f and append them to the end of the array.
    #[method("fromfile($self, f, n, /)")]
    fn fromfile(&self, f: &Object, n: isize) -> PyResult<()> {
        let Ok(n) = usize::try_from(n) else { return Err(err!(ValueError, "negative count")) };
        let wanted = n.checked_mul(self.kind.size).filter(|&n| n <= isize::MAX as usize).ok_or_else(errors::no_memory)?;
        let read = call::call_method(f, intern!("read"), &[Int::from_usize(wanted).object()])?;
        let Some(bytes) = read.downcast::<Bytes>() else { return Err(err!(TypeError, "read() didn't return bytes")) };
        self.extend_from_bytes(bytes.as_slice())?;
        if bytes.len() != wanted {
            return Err(err!(EOFError, "read() didn't return enough bytes"));
        }
        Ok(())
    }
    /// Append items to array from list.
    #[method("fromlist($self, list, /)")]
    fn fromlist(&self, list: &Object) -> PyResult<()> {
        let Some(list) = list.downcast::<List>() else { return Err(err!(TypeError, "arg must be list")) };
        let (before, len) = (self.len(), list.len());
        if len == 0 {
            return Ok(());
        }
        // The room is made first, and what the items' `__index__` does to the array happens to the longer one.
        self.set_len(before + len)?;
        let stored = self.store_items(list, len);
        if stored.is_err() {
            self.set_len(before)?;
        }
        stored
    }
    /// Appends items from the string, interpreting it as an array of machine values, as if it had been read from a file using the fromfile() method.
    #[method("frombytes($self, buffer, /)")]
    fn frombytes(&self, buffer: Buffer) -> PyResult<()> {
        self.extend_from_bytes(&buffer)
    }
    /// Extends this array with data from the unicode string ustr.
    ///
    /// The array must be of characters; use array.frombytes(ustr.encode(...)) for others.
    #[method("fromunicode($self, ustr, /)")]
    fn fromunicode(&self, ustr: &Str) -> PyResult<()> {
        if !self.kind.is_text() {
            return Err(err!(ValueError, "fromunicode() may only be called on unicode type arrays ('u' or 'w')"));
        }
        self.extend_text(ustr)
    }
    /// Return index of first occurrence of v in the array.
    ///
    /// Raise ValueError if the value is not present.
    #[method("index($self, v, start=0, stop=sys.maxsize, /)")]
    fn index(&self, v: &Object, start: Option<SliceIndex>, stop: Option<SliceIndex>) -> PyResult<usize> {
        let (start, stop) = sequence::search_bounds(start, stop, self.len());
        self.find(v, start, stop)?.ok_or_else(|| err!(ValueError, "array.index(x): x not in array"))
    }
    /// Insert a new item v into the array before position i.
    #[method("insert($self, i, v, /)")]
    fn insert(&self, i: isize, v: &Object) -> PyResult<()> {
        let raw = self.kind.store(v)?;
        let len = self.shape.get();
        let at = (if i < 0 { (i + len).max(0) } else { i.min(len) }) as usize;
        let size = self.kind.size;
        self.resize(|data| drop(data.splice(at * size..at * size, raw[..size].iter().copied())))
    }
    /// Return the i-th element and delete it from the array.
    ///
    /// i defaults to -1.
    #[method("pop($self, i=-1, /)")]
    fn pop(&self, i: isize) -> PyResult {
        if self.len() == 0 {
            return Err(err!(IndexError, "pop from empty array"));
        }
        let at = self.position(i);
        let found = at.map_or(Ok(None), |at| self.item(at))?;
        let (Some(at), Some(item)) = (at, found) else { return Err(err!(IndexError, "pop index out of range")) };
        self.remove_at(at)?;
        Ok(item)
    }
    /// Return state information for pickling.
    #[method("__reduce_ex__($self, value, /)")]
    fn reduce_ex(&self, value: &Object) -> PyResult<Owned<Tuple>> {
        let Some(protocol) = value.downcast::<Int>() else {
            return Err(err!(TypeError, "__reduce_ex__ argument should be an integer"));
        };
        let dict = object::get_attr_opt(self.as_object(), intern!("__dict__"))?.unwrap_or_else(|| none().to_owned());
        let cls = self.as_object().ty().to_owned();
        let code = self.typecode().into_object();
        if protocol.as_i64().is_some_and(|protocol| protocol < 3) {
            return Ok(Tuple::triple(cls, Tuple::pair(code, self.to_list()?.into_object()).into_object(), dict));
        }
        let module = runtime::import::import_module("array")?;
        let reconstructor = object::get_attr_str(&module, "_array_reconstructor")?;
        let format = Int::from_i64(MachineFormat::code_of(self.kind) as i64).into_object();
        let arguments = Tuple::from_owned(vec![cls, code, format, self.tobytes().into_object()]);
        Ok(Tuple::triple(reconstructor, arguments.into_object(), dict))
    }
    /// Remove the first occurrence of v in the array.
    #[method("remove($self, v, /)")]
    fn remove(&self, v: &Object) -> PyResult<()> {
        match self.find(v, 0, usize::MAX)? {
            Some(at) if at < self.len() => self.remove_at(at),
            _ => Err(err!(ValueError, "array.remove(x): x not in array")),
        }
    }
    /// Reverse the order of the items in the array.
    #[method("reverse($self, /)")]
    fn reverse(&self) {
        let mut data = self.data.borrow_mut();
        data.reverse();
        data.chunks_exact_mut(self.kind.size).for_each(<[u8]>::reverse);
    }
    /// Write all items (as machine values) to the file object f.
    #[method("tofile($self, f, /)")]
    fn tofile(&self, f: &Object) -> PyResult<()> {
        const BLOCK: usize = 64 * 1024;
        let bytes = self.bytes_of(0, self.len());
        for block in bytes.chunks(BLOCK) {
            call::call_method(f, intern!("write"), &[Bytes::new(block).object()])?;
        }
        if bytes.is_empty() {
            object::get_attr(f, intern!("write"))?;
        }
        Ok(())
    }
    /// Convert array to an ordinary list with the same items.
    #[method("tolist($self, /)")]
    fn tolist(&self) -> PyResult<Owned<List>> {
        self.to_list()
    }
    /// Convert the array to an array of machine values and return the bytes representation.
    #[method("tobytes($self, /)")]
    fn tobytes(&self) -> Owned<Bytes> {
        Bytes::new(&self.data.borrow())
    }
    /// Convert the array of characters to a str.
    ///
    /// Use array.tobytes().decode() to obtain a str from an array of another type.
    #[method("tounicode($self, /)")]
    fn tounicode(&self) -> PyResult<Owned<Str>> {
        if !self.kind.is_text() {
            return Err(err!(ValueError, "tounicode() may only be called on unicode type arrays ('u' or 'w')"));
        }
        self.text()
    }
    /// Size of the array in memory, in bytes.
    #[method("__sizeof__($self, /)")]
    fn sizeof(&self) -> usize {
        ARRAY_OBJECT_SIZE + self.data.borrow().len()
    }
    /// Arrays are generic over the type of their elements
    #[classmethod("__class_getitem__($type, object, /)")]
    fn class_getitem(cls: &Type, object: &Object) -> PyResult {
        GenericAlias::make(cls, object)
    }
}

impl Array {
    fn set_slice(&self, slice: &Slice, new: Vec<u8>, deletes: bool) -> PyResult<()> {
        let range = slice.resolve(self.len())?;
        let size = self.kind.size;
        let indices: Vec<usize> = range.indices().collect();
        if range.step == 1 {
            let first = range.start.max(0) as usize;
            let place = first * size..(first + indices.len()) * size;
            if new.len() == place.len() {
                if let Some(place) = self.data.borrow_mut().get_mut(place) {
                    place.copy_from_slice(&new);
                }
                return Ok(());
            }
            return self.resize(|data| {
                let place = place.start.min(data.len())..place.end.min(data.len());
                drop(data.splice(place, new));
            });
        }
        if deletes {
            if indices.is_empty() {
                return Ok(());
            }
            let mut gone = vec![false; self.len()];
            indices.iter().filter_map(|&at| gone.get_mut(at).map(|gone| *gone = true)).count();
            return self.resize(|data| {
                let kept = data.chunks_exact(size).zip(&gone).filter(|(_, gone)| !**gone).flat_map(|(item, _)| item.iter().copied());
                *data = kept.collect();
            });
        }
        if new.len() / size != indices.len() {
            return Err(err!(ValueError, "attempt to assign array of size {} to extended slice of size {}", new.len() / size, indices.len()));
        }
        let mut data = self.data.borrow_mut();
        for (at, item) in indices.into_iter().zip(new.chunks_exact(size)) {
            if let Some(place) = data.get_mut(at * size..(at + 1) * size) {
                place.copy_from_slice(item);
            }
        }
        Ok(())
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct ArrayIterator {
    head: ObjectHead,
    array: Cell<Option<Owned<Array>>>,
    index: Cell<usize>,
}

impl ArrayIterator {
    fn array(&self) -> Option<Owned<Array>> {
        let array = self.array.take();
        self.array.set(array.clone());
        array
    }
}

#[pytype(static = ArrayIterator_Type, name = "arrayiterator", module = "array", flags = HAVE_GC | DISALLOW_INSTANTIATION | IMMUTABLETYPE, native, final)]
impl ArrayIterator {
    #[slot]
    fn tp_iter(&self) -> PyResult {
        Ok(self.as_object().to_owned())
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        let Some(array) = self.array() else { return Ok(None) };
        match array.item(self.index.get())? {
            Some(item) => {
                self.index.set(self.index.get() + 1);
                Ok(Some(item))
            }
            None => {
                drop(self.array.take());
                Ok(None)
            }
        }
    }
    /// Return state information for pickling.
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> PyResult<Owned<Tuple>> {
        let function = types::builtin_attr("iter")?;
        Ok(match self.array() {
            Some(array) => {
                Tuple::triple(function, Tuple::single(array.into_object()).into_object(), Int::from_usize(self.index.get()).into_object())
            }
            None => Tuple::pair(function, Tuple::single(List::new().into_object()).into_object()),
        })
    }
    /// Set state information for unpickling.
    #[method("__setstate__($self, state, /)")]
    fn setstate(&self, state: &Object) -> PyResult<()> {
        let Some(index) = state.downcast::<Int>() else { return Err(err!(TypeError, "an integer is required")) };
        let index = number::as_isize(index, None)?;
        if let Some(array) = self.array() {
            self.index.set(index.clamp(0, array.len() as isize) as usize);
        }
        Ok(())
    }
}

/// An array of the pickled items.
fn reconstruct(cls: &Type, code: u32, format_code: i32, items: &Object) -> PyResult {
    if !cls.is_subtype(Array::type_object()) {
        return Err(err!(TypeError, "{} is not a subtype of array.array", cls.name()));
    }
    let Some(kind) = Kind::of(code) else { return Err(err!(ValueError, "second argument must be a valid type code")) };
    let Some(format) = MachineFormat::of(format_code) else {
        return Err(err!(ValueError, "third argument must be a valid machine format code."));
    };
    let Some(bytes) = items.downcast::<Bytes>() else {
        return Err(err!(TypeError, "fourth argument should be bytes, not {}", items.type_name()));
    };
    let code_text = Str::from_code_points(&[code]);
    let make = |items: &Object| call::call_args(cls, &[&code_text, items]);
    if MachineFormat::code_of(kind) == format_code {
        return make(items);
    }
    if bytes.len() % format.size != 0 {
        return Err(err!(ValueError, "string length not a multiple of item size"));
    }
    if matches!(format.class, Class::Utf16 | Class::Utf32) {
        let encoding = match (format.class, format.big_endian) {
            (Class::Utf16, false) => "utf-16-le",
            (Class::Utf16, true) => "utf-16-be",
            (_, false) => "utf-32-le",
            (_, true) => "utf-32-be",
        };
        return make(&*call::call_method(items, intern!("decode"), &[&Str::new(encoding)])?);
    }
    // An integer format of the same size and sign is the kind's own, whatever its letter.
    let values: Vec<Owned> = bytes.as_slice().chunks_exact(format.size).map(|item| format.load(item)).collect();
    make(List::from_owned(values).object())
}

/// This module has arrays: sequences of characters, integers or floating-point
/// numbers that are stored as C values.  They behave very much like lists.
#[pymodule(name = "array")]
pub mod array_module {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        runtime::types::type_ready(&Array_Type)?;
        runtime::types::type_ready(&ArrayIterator_Type)?;
        module.add("array", &Array_Type)?;
        module.add("ArrayType", &Array_Type)?;
        let codes: String = KINDS.iter().map(|kind| kind.code as char).collect();
        module.add("typecodes", Str::new(&codes).object())?;
        let register = || -> PyResult<()> {
            let abc = runtime::import::import_module("collections.abc")?;
            let mutable_sequence = object::get_attr_str(&abc, "MutableSequence")?;
            call::call_method(&mutable_sequence, intern!("register"), &[&Array_Type])?;
            Ok(())
        };
        register()
    }

    /// Internal. Used for pickling support.
    #[function("_array_reconstructor($module, arraytype, typecode, mformat_code, items,\n                     /)")]
    fn _array_reconstructor(arraytype: &Type, typecode: char, mformat_code: i32, items: &Object) -> PyResult {
        reconstruct(arraytype, typecode as u32, mformat_code, items)
    }
}
