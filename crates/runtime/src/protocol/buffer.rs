//! The buffer protocol, as Rust sees it: a view that is released on drop, and the geometry of `Py_buffer`.
//!
//! A view's `shape` and `strides` may point into the view itself (`fill_info` makes them so): a filled-in `Py_buffer` must not move.

use crate::err;
use crate::errors::{PyResult, Raised, bad_internal_call, no_memory};
use crate::object::Object;
use abi::{Py_buffer, PyBUF_FORMAT, PyBUF_ND, PyBUF_STRIDES, PyBUF_WRITABLE, PyBUF_READ, PyBUF_WRITE};
use std::ptr;
use std::slice;

/// An exported buffer.
pub struct BufferView(Box<Py_buffer>);

impl BufferView {
    pub fn get(object: &Object, flags: i32) -> PyResult<BufferView> {
        let mut view = Box::new(Py_buffer::EMPTY);
        // SAFETY: the view is ours, at a fixed place.
        unsafe { get_buffer(object, &mut *view, flags)? };
        Ok(BufferView(view))
    }
    /// The bytes of a contiguous buffer.
    pub fn as_bytes(&self) -> &[u8] {
        let (data, len) = (self.0.buf.get() as *const u8, self.0.len.get() as usize);
        // SAFETY: a contiguous buffer of len bytes, held by the export.
        if len == 0 { &[] } else { unsafe { slice::from_raw_parts(data, len) } }
    }
    pub fn raw(&self) -> &Py_buffer {
        &self.0
    }
    pub fn len(&self) -> usize {
        self.0.len.get() as usize
    }
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The items in the given order ('C', 'F', or 'A': as they lie if that is contiguous).
    pub fn to_contiguous(&self, order: u8) -> PyResult<Vec<u8>> {
        // SAFETY: an exported view.
        unsafe { to_contiguous(&self.0, order) }
    }
}

impl Drop for BufferView {
    fn drop(&mut self) {
        // SAFETY: filled in by `get`, released once.
        unsafe { release(&mut *self.0) }
    }
}

/// `PyObject_CheckBuffer`.
#[inline]
pub fn check(object: &Object) -> bool {
    // SAFETY: NULL or a table that lives as long as the type.
    unsafe { object.ty().0.tp_as_buffer.get().as_ref() }.is_some_and(|table| table.bf_getbuffer.get().is_some())
}

/// `PyObject_GetBuffer`.
/// # Safety
/// `view` is a place for the view that stays until `release`.
pub unsafe fn get_buffer(object: &Object, view: *mut Py_buffer, flags: i32) -> PyResult<()> {
    if flags == PyBUF_READ || flags == PyBUF_WRITE {
        return Err(bad_internal_call());
    }
    // SAFETY: NULL or a table that lives as long as the type.
    let slot = unsafe { object.ty().0.tp_as_buffer.get().as_ref() }.and_then(|table| table.bf_getbuffer.get());
    let Some(slot) = slot else {
        return Err(err!(TypeError, "a bytes-like object is required, not '{}'", object.type_name()));
    };
    if view.is_null() {
        return Err(err!(BufferError, "{}_getbuffer: view==NULL argument is obsolete", object.type_name()));
    }
    // SAFETY: a slot of the object's own type; the view is the caller's.
    if unsafe { slot(object.as_ptr(), view, flags) } != 0 { Err(Raised::from_c()) } else { Ok(()) }
}

/// `PyBuffer_Release`.
/// # Safety
/// A view that an object filled in, or one without owner.
pub unsafe fn release(view: *mut Py_buffer) {
    // SAFETY: the view was filled in by its owner's type and owns a reference to it.
    unsafe {
        let owner = (*view).obj.get();
        if owner.is_null() {
            return;
        }
        let object = Object::from_ptr(owner);
        if let Some(release) = object.ty().0.tp_as_buffer.get().as_ref().and_then(|table| table.bf_releasebuffer.get()) {
            release(owner, view);
        }
        (*view).obj.set(ptr::null_mut());
        object.decref();
    }
}

/// `PyBuffer_FillInfo`: a view of `len` bytes that belong to `owner`, which gains a reference.
/// # Safety
/// `view` is the place to fill in; the bytes live as long as the export.
pub unsafe fn fill_info(view: *mut Py_buffer, owner: Option<&Object>, data: *const u8, len: usize, readonly: bool, flags: i32) -> PyResult<()> {
    if view.is_null() {
        return Err(err!(BufferError, "PyBuffer_FillInfo: view==NULL argument is obsolete"));
    }
    if flags == PyBUF_READ || flags == PyBUF_WRITE {
        return Err(bad_internal_call());
    }
    if readonly && flags & PyBUF_WRITABLE != 0 {
        return Err(err!(BufferError, "Object is not writable."));
    }
    // SAFETY: by contract.
    let v = unsafe { &*view };
    if let Some(owner) = owner {
        owner.incref();
    }
    v.obj.set(owner.map_or(ptr::null_mut(), Object::as_ptr));
    v.buf.set(data as *mut _);
    v.len.set(len as isize);
    v.readonly.set(readonly as i32);
    v.itemsize.set(1);
    v.format.set(if flags & PyBUF_FORMAT != 0 { c"B".as_ptr() as *mut _ } else { ptr::null_mut() });
    v.ndim.set(1);
    v.shape.set(if flags & PyBUF_ND != 0 { v.len.as_ptr() } else { ptr::null_mut() });
    v.strides.set(if flags & PyBUF_STRIDES == PyBUF_STRIDES { v.itemsize.as_ptr() } else { ptr::null_mut() });
    v.suboffsets.set(ptr::null_mut());
    v.internal.set(ptr::null_mut());
    Ok(())
}

// ---- geometry ----------------------------------------------------------------------------------------------------------------------

/// Lengths, strides and suboffsets of a view, made up where the view leaves them out.
pub struct Geometry {
    pub shape: Vec<isize>,
    pub strides: Vec<isize>,
    pub suboffsets: Option<Vec<isize>>,
    pub itemsize: usize,
}

impl Geometry {
    /// # Safety
    /// A filled-in view.
    pub unsafe fn of(view: &Py_buffer) -> Geometry {
        let ndim = view.ndim.get().max(0) as usize;
        let itemsize = view.itemsize.get().max(1) as usize;
        // SAFETY: non-NULL arrays have ndim entries.
        unsafe {
            let shape = match (view.shape.get(), ndim) {
                (_, 0) => Vec::new(),
                (p, 1) if p.is_null() => vec![view.len.get() / itemsize as isize],
                (p, n) if p.is_null() => {
                    let mut shape = vec![1; n];
                    shape[n - 1] = view.len.get() / itemsize as isize;
                    shape
                }
                (p, n) => slice::from_raw_parts(p, n).to_vec(),
            };
            let strides = match view.strides.get() {
                p if p.is_null() || ndim == 0 => c_strides(&shape, itemsize as isize),
                p => slice::from_raw_parts(p, ndim).to_vec(),
            };
            let suboffsets = match view.suboffsets.get() {
                p if p.is_null() || ndim == 0 => None,
                p => Some(slice::from_raw_parts(p, ndim).to_vec()),
            };
            Geometry { shape, strides, suboffsets, itemsize }
        }
    }
    pub fn is_c_contiguous(&self) -> bool {
        self.suboffsets.is_none() && follows(&self.shape, &self.strides, self.itemsize as isize, (0..self.shape.len()).rev())
    }
    pub fn is_f_contiguous(&self) -> bool {
        self.suboffsets.is_none() && follows(&self.shape, &self.strides, self.itemsize as isize, 0..self.shape.len())
    }
    pub fn is_contiguous(&self, order: u8) -> bool {
        match order {
            b'C' => self.is_c_contiguous(),
            b'F' => self.is_f_contiguous(),
            _ => self.is_c_contiguous() || self.is_f_contiguous(),
        }
    }
}

/// Whether the strides are those of items one after the other, the dimensions in this order from the fastest.
fn follows(shape: &[isize], strides: &[isize], itemsize: isize, order: impl Iterator<Item = usize>) -> bool {
    if shape.contains(&0) {
        return true;
    }
    let mut expected = itemsize;
    for i in order {
        if shape[i] > 1 && strides[i] != expected {
            return false;
        }
        expected = expected.wrapping_mul(shape[i]);
    }
    true
}

/// Strides of a C-contiguous array.
pub fn c_strides(shape: &[isize], itemsize: isize) -> Vec<isize> {
    let mut strides = vec![0; shape.len()];
    let mut step = itemsize;
    for i in (0..shape.len()).rev() {
        strides[i] = step;
        step = step.wrapping_mul(shape[i]);
    }
    strides
}

/// Strides of a Fortran-contiguous array.
pub fn f_strides(shape: &[isize], itemsize: isize) -> Vec<isize> {
    let mut step = itemsize;
    shape
        .iter()
        .map(|&n| {
            let own = step;
            step = step.wrapping_mul(n);
            own
        })
        .collect()
}

/// `PyBuffer_IsContiguous`.
/// # Safety
/// A filled-in view.
pub unsafe fn is_contiguous(view: &Py_buffer, order: u8) -> bool {
    if !view.suboffsets.get().is_null() {
        return false;
    }
    if view.len.get() == 0 || view.strides.get().is_null() && order != b'F' {
        return true;
    }
    // SAFETY: by contract.
    unsafe { Geometry::of(view) }.is_contiguous(order)
}

/// One side of a copy between arrays of the same shape.
#[derive(Clone, Copy)]
pub struct Layout<'a> {
    pub data: *mut u8,
    pub strides: &'a [isize],
    pub suboffsets: Option<&'a [isize]>,
}

impl Layout<'_> {
    /// Where item `i` of the first dimension begins, and the layout of what is in it.
    /// # Safety
    /// `i` is within the first dimension of a live array.
    #[inline]
    pub unsafe fn at(&self, i: isize) -> Self {
        // SAFETY: by contract.
        unsafe {
            let mut data = self.data.offset(i * self.strides[0]);
            if let Some(sub) = self.suboffsets
                && sub[0] >= 0
            {
                data = (*(data as *const *mut u8)).offset(sub[0]);
            }
            Layout { data, strides: &self.strides[1..], suboffsets: self.suboffsets.map(|s| &s[1..]) }
        }
    }
}

/// Copies all items. The arrays do not overlap.
/// # Safety
/// Both layouts are live arrays of this shape, apart from each other; `to` is writable.
pub unsafe fn copy_items(shape: &[isize], itemsize: usize, to: Layout<'_>, from: Layout<'_>) {
    // SAFETY: by contract; indices stay within the shape.
    unsafe {
        match shape {
            [] => ptr::copy_nonoverlapping(from.data, to.data, itemsize),
            [n] if to.suboffsets.is_none() && from.suboffsets.is_none() => {
                let size = itemsize as isize;
                if to.strides[0] == size && from.strides[0] == size {
                    return ptr::copy_nonoverlapping(from.data, to.data, *n as usize * itemsize);
                }
                for i in 0..*n {
                    ptr::copy_nonoverlapping(from.data.offset(i * from.strides[0]), to.data.offset(i * to.strides[0]), itemsize);
                }
            }
            [n, rest @ ..] => {
                for i in 0..*n {
                    copy_items(rest, itemsize, to.at(i), from.at(i));
                }
            }
        }
    }
}

/// `PyBuffer_ToContiguous`: the items in the given order.
/// # Safety
/// A filled-in view that stays exported.
pub unsafe fn to_contiguous(view: &Py_buffer, order: u8) -> PyResult<Vec<u8>> {
    let len = view.len.get().max(0) as usize;
    let mut out: Vec<u8> = Vec::new();
    if out.try_reserve_exact(len).is_err() {
        return Err(no_memory());
    }
    // SAFETY: by contract; the vector has room for all items.
    unsafe {
        if len == 0 {
            return Ok(out);
        }
        if is_contiguous(view, order) {
            out.extend_from_slice(slice::from_raw_parts(view.buf.get() as *const u8, len));
            return Ok(out);
        }
        let from = Geometry::of(view);
        let strides = if order == b'F' { f_strides(&from.shape, from.itemsize as isize) } else { c_strides(&from.shape, from.itemsize as isize) };
        let target = Layout { data: out.as_mut_ptr(), strides: &strides, suboffsets: None };
        let source = Layout { data: view.buf.get() as *mut u8, strides: &from.strides, suboffsets: from.suboffsets.as_deref() };
        copy_items(&from.shape, from.itemsize, target, source);
        out.set_len(len);
    }
    Ok(out)
}

/// `PyBuffer_FromContiguous`: writes items given in this order into a view; at most as many as it has.
/// # Safety
/// A filled-in writable view.
pub unsafe fn from_contiguous(view: &Py_buffer, data: &[u8], order: u8) {
    let len = data.len().min(view.len.get().max(0) as usize);
    // SAFETY: by contract.
    unsafe {
        if len == 0 {
            return;
        }
        if is_contiguous(view, order) {
            return ptr::copy(data.as_ptr(), view.buf.get() as *mut u8, len);
        }
        let to = Geometry::of(view);
        // Fewer items than the view has: the rest keeps its value.
        let mut all = match to_contiguous(view, order) {
            Ok(all) => all,
            Err(_) => return,
        };
        all[..len].copy_from_slice(&data[..len]);
        let strides = if order == b'F' { f_strides(&to.shape, to.itemsize as isize) } else { c_strides(&to.shape, to.itemsize as isize) };
        let target = Layout { data: view.buf.get() as *mut u8, strides: &to.strides, suboffsets: to.suboffsets.as_deref() };
        copy_items(&to.shape, to.itemsize, target, Layout { data: all.as_mut_ptr(), strides: &strides, suboffsets: None });
    }
}

/// `PyBuffer_GetPointer`: where the item with these indices is.
/// # Safety
/// A filled-in view; one index within bounds for each dimension.
pub unsafe fn item_pointer(view: &Py_buffer, indices: &[isize]) -> *mut u8 {
    // SAFETY: by contract.
    unsafe {
        let geometry = Geometry::of(view);
        let mut at = Layout { data: view.buf.get() as *mut u8, strides: &geometry.strides, suboffsets: geometry.suboffsets.as_deref() };
        for &i in indices {
            at = at.at(i);
        }
        at.data
    }
}
