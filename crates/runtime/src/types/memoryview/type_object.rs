//! The type `memoryview`: its slots, attributes and methods.

use super::compare::{equal, same_shape};
use super::format::{item_format, native_char, native_format, pack, size_of, unpack};
use super::iterator::MemoryIterator;
use super::{MemoryView, RELEASED};
use crate::err;
use crate::errors::PyResult;
use crate::exceptions;
use crate::gc;
use crate::macro_support::{Args, NoneOr, SliceIndex, Visitor};
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol::buffer::{self, BufferView, Geometry, Layout};
use crate::protocol::object::{self as protocol, CompareOp, rich_compare_bool};
use crate::protocol::{iter, number};
use crate::types::bytes::hex;
use crate::types::bytes::methods::Hold;
use crate::types::{self, Bytes, GenericAlias, Int, List, Slice, Str, Tuple};
use abi::{PyObject, Py_buffer};
use macros::pytype;
use std::ffi::CStr;
use std::mem::offset_of;
use std::ptr;

/// What stands in the brackets.
enum Key<'a> {
    Index(isize),
    Slice(&'a Slice),
    /// One index a dimension.
    Indices(Vec<isize>),
    Slices,
    Other,
}

/// Converts indices, which may run code.
fn key_of(key: &Object) -> PyResult<Key<'_>> {
    if number::check_index(key) {
        return Ok(Key::Index(number::as_isize(key, Some(exceptions::IndexError()))?));
    }
    if let Some(slice) = key.downcast_exact::<Slice>() {
        return Ok(Key::Slice(slice));
    }
    let Some(tuple) = key.downcast::<Tuple>() else { return Ok(Key::Other) };
    if tuple.iter().all(number::check_index) {
        let indices: PyResult<Vec<isize>> = tuple.iter().map(|item| number::as_isize(item, Some(exceptions::IndexError()))).collect();
        return Ok(Key::Indices(indices?));
    }
    Ok(if tuple.iter().all(|item| item.is_exact::<Slice>()) { Key::Slices } else { Key::Other })
}

fn is_scalar_key(key: &Object) -> bool {
    key.downcast::<Tuple>().is_some_and(|tuple| tuple.is_empty())
}

impl MemoryView {
    fn item(&self, index: isize) -> PyResult {
        self.check()?;
        let format = item_format(self.view().format.get())?;
        match self.ndim() {
            0 => Err(err!(TypeError, "invalid indexing of 0-dim memory")),
            // SAFETY: `item_pointer` checks the bounds.
            1 => unsafe { unpack(self.item_pointer(self.view().buf.get().cast(), 0, index)?, format) },
            _ => Err(err!(NotImplementedError, "multi-dimensional sub-views are not implemented")),
        }
    }
    fn pointer_at(&self, indices: &[isize]) -> PyResult<*mut u8> {
        if indices.len() > self.ndim() {
            return Err(err!(TypeError, "cannot index {}-dimension view with {}-element tuple", self.ndim(), indices.len()));
        }
        let mut at = self.view().buf.get() as *mut u8;
        for (dim, &index) in indices.iter().enumerate() {
            // SAFETY: `item_pointer` checks the bounds.
            at = unsafe { self.item_pointer(at, dim, index)? };
        }
        Ok(at)
    }
    fn subscript(&self, key: &Object) -> PyResult {
        self.check()?;
        if self.ndim() == 0 {
            if is_scalar_key(key) {
                // SAFETY: the one item.
                return unsafe { unpack(self.view().buf.get().cast(), item_format(self.view().format.get())?) };
            }
            if key.is(types::ellipsis()) {
                return Ok(self.to_owned());
            }
            return Err(err!(TypeError, "invalid indexing of 0-dim memory"));
        }
        match key_of(key)? {
            Key::Index(index) => self.item(index),
            Key::Slice(slice) => {
                // The new view comes first: converting the bounds may release this one.
                self.check_new_views()?;
                let part = MemoryView::on(self.managed(), self.view(), self.ndim())?;
                part.narrow(slice.resolve(part.length())?);
                Ok(part.into_object())
            }
            Key::Indices(indices) => {
                self.check()?;
                let format = item_format(self.view().format.get())?;
                if indices.len() < self.ndim() {
                    return Err(err!(NotImplementedError, "sub-views are not implemented"));
                }
                // SAFETY: `pointer_at` checks the bounds.
                unsafe { unpack(self.pointer_at(&indices)?, format) }
            }
            Key::Slices => Err(err!(NotImplementedError, "multi-dimensional slicing is not implemented")),
            Key::Other => Err(err!(TypeError, "memoryview: invalid slice key")),
        }
    }
    fn assign(&self, key: &Object, value: Option<&Object>) -> PyResult<()> {
        self.check()?;
        let format = self.view().format.get();
        let c = item_format(format)?;
        if self.view().readonly.get() != 0 {
            return Err(err!(TypeError, "cannot modify read-only memory"));
        }
        let Some(value) = value else { return Err(err!(TypeError, "cannot delete memory")) };
        // The value is converted, then the view looked at again, then the item written.
        let store = |place: &dyn Fn() -> PyResult<*mut u8>| -> PyResult<()> {
            place()?;
            let packed = pack(value, c, format)?;
            self.check()?;
            // SAFETY: a place within the memory, which is writable.
            unsafe { ptr::copy_nonoverlapping(packed.bytes.as_ptr(), place()?, packed.len) };
            Ok(())
        };
        if self.ndim() == 0 {
            if key.is(types::ellipsis()) || is_scalar_key(key) {
                return store(&|| Ok(self.view().buf.get().cast()));
            }
            return Err(err!(TypeError, "invalid indexing of 0-dim memory"));
        }
        match key_of(key)? {
            Key::Index(index) => {
                if self.ndim() > 1 {
                    return Err(err!(NotImplementedError, "sub-views are not implemented"));
                }
                self.check()?;
                store(&|| self.pointer_at(&[index]))
            }
            Key::Slice(slice) if self.ndim() == 1 => self.assign_slice(slice, value),
            Key::Indices(indices) => {
                if indices.len() < self.ndim() {
                    return Err(err!(NotImplementedError, "sub-views are not implemented"));
                }
                self.check()?;
                store(&|| self.pointer_at(&indices))
            }
            Key::Slice(_) | Key::Slices => {
                Err(err!(NotImplementedError, "memoryview slice assignments are currently restricted to ndim = 1"))
            }
            Key::Other => Err(err!(TypeError, "memoryview: invalid slice key")),
        }
    }
    fn assign_slice(&self, slice: &Slice, value: &Object) -> PyResult<()> {
        let source = BufferView::get(value, abi::PyBUF_FULL_RO)?;
        let range = slice.resolve(self.length())?;
        self.check()?;
        let from = source.raw();
        // SAFETY: exported views; the destination is checked to be as large as the source.
        unsafe {
            let geometry = Geometry::of(from);
            let shape = [range.count as isize];
            if !same_format(self.view(), from) || !same_shape(&shape, &geometry.shape) {
                return Err(err!(ValueError, "memoryview assignment: lvalue and rvalue have different structures"));
            }
            if range.count == 0 {
                return Ok(());
            }
            // The two may overlap: all is read before anything is written.
            let mut data = source.to_contiguous(b'C')?;
            let strides = [self.strides()[0] * range.step];
            let start = (self.view().buf.get() as *mut u8).offset(self.strides()[0] * range.start);
            let itemsize = self.view().itemsize.get() as usize;
            let to = Layout { data: start, strides: &strides, suboffsets: self.suboffsets() };
            buffer::copy_items(&shape, itemsize, to, Layout { data: data.as_mut_ptr(), strides: &[itemsize as isize], suboffsets: None });
        }
        Ok(())
    }
    fn list_of(&self, shape: &[isize], at: Layout<'_>, format: u8) -> PyResult {
        let [n, rest @ ..] = shape else {
            // SAFETY: an item of the view.
            return unsafe { unpack(at.data, format) };
        };
        let mut items = crate::memory::reserve::with_room(*n as usize);
        for i in 0..*n {
            // SAFETY: within the shape.
            items.push(self.list_of(rest, unsafe { at.at(i) }, format)?);
        }
        Ok(List::from_owned(items).into_object())
    }
    fn cast_to(&self, format: &Str, shape: Option<&Object>) -> PyResult<Owned<MemoryView>> {
        self.check_new_views()?;
        if !self.is_c_contiguous() {
            return Err(err!(TypeError, "memoryview: casts are restricted to C-contiguous views"));
        }
        if (shape.is_some() || self.ndim() != 1) && self.shape().contains(&0) {
            return Err(err!(TypeError, "memoryview: cannot cast view with zeros in shape or strides"));
        }
        let dims = match shape {
            None => None,
            Some(shape) if List::check(shape) || Tuple::check(shape) => {
                let dims = crate::protocol::sequence::to_tuple(shape)?;
                if dims.len() > abi::PyBUF_MAX_NDIM as usize {
                    return Err(err!(ValueError, "memoryview: number of dimensions must not exceed {}", abi::PyBUF_MAX_NDIM));
                }
                if self.ndim() != 1 && dims.len() != 1 {
                    return Err(err!(TypeError, "memoryview: cast must be 1D -> ND or ND -> 1D"));
                }
                Some(dims)
            }
            Some(_) => return Err(err!(TypeError, "shape must be a list or a tuple")),
        };
        const NATIVE_ONLY: &str = "format must be a native single character format prefixed with an optional '@'";
        if !format.is_ascii() {
            let start = (0..format.len()).find(|&i| format.char_at(i) >= 0x80).unwrap_or(0);
            let end = (start..format.len()).find(|&i| format.char_at(i) < 0x80).unwrap_or(format.len());
            return Err(crate::codecs::raise_encode_error("ascii", format, start, end, "ordinal not in range(128)"));
        }
        let Some(target) = format.as_ascii().and_then(native_format) else {
            return Err(err!(ValueError, "memoryview: destination {}", NATIVE_ONLY));
        };
        let to = native_char(target.as_ptr()).unwrap_or(b'B');
        let itemsize = size_of(to).unwrap_or(1) as isize;
        let is_byte = |c: u8| matches!(c, b'b' | b'B' | b'c');
        // Bytes can be seen in anything, a structure's layout included.
        if !native_char(self.view().format.get()).is_some_and(is_byte) && !is_byte(to) {
            return Err(err!(TypeError, "memoryview: cannot cast between two non-byte formats"));
        }
        let len = self.view().len.get();
        if len % itemsize != 0 {
            return Err(err!(TypeError, "memoryview: length is not a multiple of itemsize"));
        }
        let sizes = match dims {
            None => vec![len / itemsize],
            Some(dims) => {
                let (sizes, total) = dimensions(&dims, itemsize)?;
                if total != len {
                    return Err(err!(TypeError, "memoryview: product(shape) * itemsize != buffer size"));
                }
                sizes
            }
        };
        self.check_new_views()?;
        let new = MemoryView::on(self.managed(), self.view(), sizes.len())?;
        let view = new.view();
        view.format.set(target.as_ptr() as *mut _);
        view.itemsize.set(itemsize);
        view.suboffsets.set(ptr::null_mut());
        let strides = buffer::c_strides(&sizes, itemsize);
        // SAFETY: the new view's own arrays.
        unsafe {
            for i in 0..sizes.len() {
                *view.shape.get().add(i) = sizes[i];
                *view.strides.get().add(i) = strides[i];
            }
        }
        new.find_flags();
        Ok(new)
    }
    fn export(&self, out: *mut Py_buffer, flags: i32) -> PyResult<()> {
        self.check_new_views()?;
        let has = |wanted: i32| flags & wanted == wanted;
        let base = self.view();
        // SAFETY: the view is the caller's to fill in.
        let out = unsafe {
            ptr::copy_nonoverlapping(base as *const Py_buffer, out, 1);
            &*out
        };
        out.obj.set(ptr::null_mut());
        if has(abi::PyBUF_WRITABLE) && base.readonly.get() != 0 {
            return Err(err!(BufferError, "memoryview: underlying buffer is not writable"));
        }
        if !has(abi::PyBUF_FORMAT) {
            out.format.set(ptr::null_mut());
        }
        if has(abi::PyBUF_C_CONTIGUOUS) && !self.is_c_contiguous() {
            return Err(err!(BufferError, "memoryview: underlying buffer is not C-contiguous"));
        }
        if has(abi::PyBUF_F_CONTIGUOUS) && !self.is_f_contiguous() {
            return Err(err!(BufferError, "memoryview: underlying buffer is not Fortran contiguous"));
        }
        if has(abi::PyBUF_ANY_CONTIGUOUS) && !self.is_c_contiguous() && !self.is_f_contiguous() {
            return Err(err!(BufferError, "memoryview: underlying buffer is not contiguous"));
        }
        if !has(abi::PyBUF_INDIRECT) && self.suboffsets().is_some() {
            return Err(err!(BufferError, "memoryview: underlying buffer requires suboffsets"));
        }
        if !has(abi::PyBUF_STRIDES) {
            if !self.is_c_contiguous() {
                return Err(err!(BufferError, "memoryview: underlying buffer is not C-contiguous"));
            }
            out.strides.set(ptr::null_mut());
        }
        if !has(abi::PyBUF_ND) {
            if !out.format.get().is_null() {
                return Err(err!(BufferError, "memoryview: cannot cast to unsigned bytes if the format flag is present"));
            }
            out.ndim.set(1);
            out.shape.set(ptr::null_mut());
        }
        self.as_object().incref();
        out.obj.set(self.as_object().as_ptr());
        self.0.exports.set(self.0.exports.get() + 1);
        Ok(())
    }
}

/// Same item format, an optional '@' aside.
fn same_format(a: &Py_buffer, b: &Py_buffer) -> bool {
    let text = |v: &Py_buffer| {
        // SAFETY: NULL (bytes) or a NUL-ended string.
        let text = if v.format.get().is_null() { b"B" } else { unsafe { CStr::from_ptr(v.format.get()) }.to_bytes() };
        text.strip_prefix(b"@").unwrap_or(text).to_vec()
    };
    a.itemsize.get() == b.itemsize.get() && text(a) == text(b)
}

/// The lengths of `cast`'s shape, and the size of all in bytes.
fn dimensions(dims: &Tuple, itemsize: isize) -> PyResult<(Vec<isize>, isize)> {
    let (mut sizes, mut total) = (Vec::with_capacity(dims.len()), itemsize);
    for dim in dims.iter() {
        if !Int::check(dim) {
            return Err(err!(TypeError, "memoryview.cast(): elements of shape must be integers"));
        }
        let size = number::as_isize(dim, Some(exceptions::OverflowError()))?;
        if size <= 0 {
            return Err(err!(ValueError, "memoryview.cast(): elements of shape must be integers > 0"));
        }
        let Some(product) = total.checked_mul(size) else {
            return Err(err!(ValueError, "memoryview.cast(): product(shape) > SSIZE_MAX"));
        };
        total = product;
        sizes.push(size);
    }
    Ok((sizes, total))
}

fn numbers(values: &[isize]) -> Owned<Tuple> {
    Tuple::from_owned(values.iter().map(|&n| Int::from_i64(n as i64).into_object()).collect())
}

/// A view of the memory of an object that supports the buffer protocol.
#[pytype(static = PyMemoryView_Type, name = "memoryview", signature = "(object)", basicsize = offset_of!(abi::PyMemoryViewObject, ob_array),
    itemsize = 8, flags = HAVE_GC | SEQUENCE, weaklistoffset = offset_of!(abi::PyMemoryViewObject, weakreflist))]
impl MemoryView {
    #[slot("memoryview(object)")]
    fn tp_new(_cls: &Type, object: &Object) -> PyResult<Owned<MemoryView>> {
        MemoryView::from_object(object)
    }
    #[slot(raw = tp_dealloc)]
    unsafe extern "C" fn tp_dealloc(op: *mut PyObject) {
        // SAFETY: a dead memoryview.
        unsafe {
            gc::untrack(op);
            let this = &*(op as *const MemoryView);
            this.clear();
            if !this.0.weakreflist.get().is_null() {
                types::weakref::clear_weakrefs(op);
            }
            gc::free(op.cast());
        }
    }
    #[slot]
    fn tp_traverse(&self, v: &mut Visitor) {
        v.visit_cell(&self.0.mbuf);
    }
    #[slot]
    fn tp_clear(&self) {
        self.clear();
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let kind = if self.0.flags.get() & RELEASED != 0 { "released memory" } else { "memory" };
        Ok(Str::new(&format!("<{kind} at {:p}>", self)))
    }
    #[slot]
    fn tp_hash(&self) -> PyResult<isize> {
        if self.0.hash.get() == -1 {
            self.check()?;
            if self.view().readonly.get() == 0 {
                return Err(err!(ValueError, "cannot hash writable memoryview object"));
            }
            if !matches!(native_char(self.view().format.get()), Some(b'B' | b'b' | b'c')) {
                return Err(err!(ValueError, "memoryview: hashing is restricted to formats 'B', 'b' or 'c'"));
            }
            // SAFETY: NULL or the exporting object, which the managed buffer keeps.
            if let Some(owner) = unsafe { Object::from_ptr_opt(self.view().obj.get()) } {
                let _hold = Hold::on(&self.0.exports);
                protocol::hash(owner)?;
            }
            self.0.hash.set(types::str::hash::hash_bytes(&self.to_bytes(b'C')?));
        }
        Ok(self.0.hash.get())
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        if matches!(op, CompareOp::Eq | CompareOp::Ne)
            && let Some(same) = equal(self, other)?
        {
            return Ok(types::bool_object(same == (op == CompareOp::Eq)).to_owned());
        }
        Ok(types::not_implemented().to_owned())
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        MemoryIterator::over(self)
    }
    #[slot]
    fn sq_length(&self) -> PyResult<usize> {
        self.check()?;
        if self.ndim() == 0 {
            return Err(err!(TypeError, "0-dim memory has no length"));
        }
        Ok(self.length())
    }
    #[slot]
    fn mp_length(&self) -> PyResult<usize> {
        self.sq_length()
    }
    #[slot]
    fn sq_item(&self, index: isize) -> PyResult {
        self.item(index)
    }
    #[slot]
    fn mp_subscript(&self, key: &Object) -> PyResult {
        self.subscript(key)
    }
    #[slot]
    fn mp_ass_subscript(&self, key: &Object, value: Option<&Object>) -> PyResult<()> {
        self.assign(key, value)
    }
    #[slot]
    fn bf_getbuffer(&self, view: *mut Py_buffer, flags: i32) -> PyResult<()> {
        self.export(view, flags)
    }
    #[slot]
    fn bf_releasebuffer(&self, _view: *mut Py_buffer) {
        self.0.exports.set(self.0.exports.get() - 1);
    }

    /// The underlying object of the memoryview.
    #[getter]
    fn obj(&self) -> PyResult {
        self.check()?;
        // SAFETY: NULL or the exporting object, which the managed buffer keeps.
        Ok(unsafe { Object::from_ptr_opt(self.view().obj.get()) }.unwrap_or(types::none()).to_owned())
    }
    /// The size of all items in bytes, if they lay one after the other.
    #[getter]
    fn nbytes(&self) -> PyResult<isize> {
        self.check()?;
        Ok(self.view().len.get())
    }
    /// Whether the memory is read only.
    #[getter]
    fn readonly(&self) -> PyResult<bool> {
        self.check()?;
        Ok(self.view().readonly.get() != 0)
    }
    /// The size of an item in bytes.
    #[getter]
    fn itemsize(&self) -> PyResult<isize> {
        self.check()?;
        Ok(self.view().itemsize.get())
    }
    /// The format of an item, in the notation of module struct.
    #[getter]
    fn format(&self) -> PyResult<Owned<Str>> {
        self.check()?;
        // SAFETY: a NUL-ended string that the exporter keeps.
        Ok(Str::new(&unsafe { CStr::from_ptr(self.view().format.get()) }.to_string_lossy()))
    }
    /// The number of dimensions.
    #[getter("ndim")]
    fn get_ndim(&self) -> PyResult<usize> {
        self.check()?;
        Ok(self.ndim())
    }
    /// The lengths of the dimensions.
    #[getter("shape")]
    fn get_shape(&self) -> PyResult<Owned<Tuple>> {
        self.check()?;
        Ok(numbers(self.shape()))
    }
    /// The distance in bytes between items of each dimension.
    #[getter("strides")]
    fn get_strides(&self) -> PyResult<Owned<Tuple>> {
        self.check()?;
        Ok(numbers(self.strides()))
    }
    /// For arrays of pointers: what to add to them in each dimension.
    #[getter("suboffsets")]
    fn get_suboffsets(&self) -> PyResult<Owned<Tuple>> {
        self.check()?;
        Ok(numbers(self.suboffsets().unwrap_or(&[])))
    }
    /// Whether the memory is C contiguous.
    #[getter]
    fn c_contiguous(&self) -> PyResult<bool> {
        self.check()?;
        Ok(self.is_c_contiguous())
    }
    /// Whether the memory is Fortran contiguous.
    #[getter]
    fn f_contiguous(&self) -> PyResult<bool> {
        self.check()?;
        Ok(self.is_f_contiguous())
    }
    /// Whether the memory is contiguous.
    #[getter]
    fn contiguous(&self) -> PyResult<bool> {
        self.check()?;
        Ok(self.is_c_contiguous() || self.is_f_contiguous())
    }

    /// Give up the underlying buffer.
    #[method("release($self, /)")]
    fn py_release(&self) -> PyResult<()> {
        self.release()
    }
    #[method("__enter__($self, /)", nosig)]
    fn enter(&self) -> PyResult {
        self.check()?;
        Ok(self.to_owned())
    }
    #[method("__exit__($self, /, *exc_info)")]
    fn exit(&self, _exc_info: Args<'_>) -> PyResult<()> {
        self.release()
    }
    /// The items of the buffer as a list.
    #[method("tolist($self, /)")]
    fn tolist(&self) -> PyResult {
        self.check()?;
        let format = item_format(self.view().format.get())?;
        self.list_of(self.shape(), self.layout(), format)
    }
    /// The bytes of the buffer as a bytes object.
    ///
    /// Order 'C' and 'F' say which dimension varies fastest, the last or the first.
    /// 'A' takes Fortran order if the memory is Fortran contiguous, else C order.
    #[method("tobytes($self, /, order='C')")]
    fn tobytes(&self, order: Option<NoneOr<&str>>) -> PyResult<Owned<Bytes>> {
        self.check()?;
        let order = match order.and_then(|order| order.0) {
            None | Some("C") => b'C',
            Some("F") => b'F',
            Some("A") => b'A',
            Some(_) => return Err(err!(ValueError, "order must be 'C', 'F' or 'A'")),
        };
        let len = self.view().len.get() as usize;
        // SAFETY: the view is not released.
        if unsafe { buffer::is_contiguous(self.view(), order) } && len > 0 {
            // SAFETY: contiguous memory of that length.
            return Bytes::try_new(unsafe { std::slice::from_raw_parts(self.view().buf.get() as *const u8, len) });
        }
        Bytes::try_new(&self.to_bytes(order)?)
    }
    /// The bytes of the buffer as hexadecimal digits.
    ///
    ///   sep
    ///     A character to stand between groups of bytes.
    ///   bytes_per_sep
    ///     How many bytes form a group, counted from the right; from the left if negative.
    ///
    /// >>> view = memoryview(b'Ok!')
    /// >>> view.hex()
    /// '4f6b21'
    /// >>> view[::2].hex('-')
    /// '4f-21'
    /// >>> view.hex(':', 2)
    /// '4f:6b21'
    /// >>> view.hex(':', -2)
    /// '4f6b:21'
    #[method("hex($self, /, sep=<unrepresentable>, bytes_per_sep=1)")]
    fn py_hex(&self, sep: Option<&Object>, bytes_per_sep: i32) -> PyResult<Owned<Str>> {
        self.check()?;
        let hold = Hold::on(&self.0.exports);
        let sep = hex::separator(sep)?;
        drop(hold);
        hex::to_hex(&self.to_bytes(b'C')?, sep, bytes_per_sep)
    }
    /// Cast the view to a new format or shape.
    #[method("cast($self, /, format, shape=<unrepresentable>)")]
    fn cast_method(&self, format: &Str, shape: Option<&Object>) -> PyResult<Owned<MemoryView>> {
        self.cast_to(format, shape)
    }
    /// A readonly view of the same memory.
    #[method("toreadonly($self, /)")]
    fn toreadonly(&self) -> PyResult<Owned<MemoryView>> {
        self.check_new_views()?;
        let new = MemoryView::on(self.managed(), self.view(), self.ndim())?;
        new.view().readonly.set(1);
        Ok(new)
    }
    /// How often a value occurs.
    #[method("count($self, value, /)")]
    fn count(&self, value: &Object) -> PyResult<usize> {
        let iterator = iter::get_iter(self)?;
        let mut count = 0;
        while let Some(item) = iter::iter_next(&iterator)? {
            count += rich_compare_bool(&item, value, CompareOp::Eq)? as usize;
        }
        Ok(count)
    }
    /// The first index of a value.
    ///
    /// Raises ValueError if the value is not present.
    #[method("index($self, value, start=0, stop=sys.maxsize, /)")]
    fn index(&self, value: &Object, start: Option<SliceIndex>, stop: Option<SliceIndex>) -> PyResult<usize> {
        self.check()?;
        match self.ndim() {
            0 => return Err(err!(TypeError, "invalid lookup on 0-dim memory")),
            1 => {}
            _ => return Err(err!(NotImplementedError, "multi-dimensional lookup is not implemented")),
        }
        let (start, stop) = crate::protocol::sequence::search_bounds(start, stop, self.length());
        for i in start..stop.min(self.length()) {
            if rich_compare_bool(&*self.item(i as isize)?, value, CompareOp::Eq)? {
                return Ok(i);
            }
        }
        Err(err!(ValueError, "memoryview.index(x): x not found"))
    }
    /// A view with the given request for the object's buffer.
    #[classmethod("_from_flags($type, /, object, flags)")]
    fn from_flags(_cls: &Type, object: &Object, flags: i32) -> PyResult<Owned<MemoryView>> {
        MemoryView::from_object_flags(object, flags)
    }
    /// See PEP 585.
    #[classmethod("__class_getitem__($type, object, /)")]
    fn class_getitem(cls: &Type, object: &Object) -> PyResult {
        GenericAlias::make(cls, object)
    }
}
