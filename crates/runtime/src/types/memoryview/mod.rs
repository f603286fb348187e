//! `memoryview`: a view of another object's buffer.
//!
//! A managed buffer holds the one export of the exporting object and counts the views on it; it gives the export back when the last view is
//! released. A view has its own shape, strides and suboffsets, three arrays of `ndim` behind the object. Views count what is exported from
//! them in turn and cannot be released meanwhile. Whatever runs code may release the view: `check` comes after it, before memory is touched.

mod compare;
pub mod format;
mod iterator;
mod type_object;

pub use self::iterator::{MemoryIterator, _PyMemoryIter_Type};
pub use self::type_object::PyMemoryView_Type;

use crate::err;
use crate::errors::{PyResult, Raised};
use crate::macro_support::Visitor;
use crate::object::{Object, Owned, PyTyped, set_cell};
use crate::protocol::buffer::{self, Layout};
use crate::types::slice::SliceRange;
use crate::{gc, memory};
use abi::{PyMemoryViewObject, PyObject, Py_buffer, _PyManagedBufferObject};
use macros::pytype;
use std::ptr;
use std::slice;

#[repr(transparent)]
pub struct MemoryView(pub PyMemoryViewObject);

/// What views share: one export of the exporting object.
#[repr(transparent)]
pub struct ManagedBuffer(pub _PyManagedBufferObject);

pub const RELEASED: i32 = abi::_Py_MEMORYVIEW_RELEASED;
const RESTRICTED: i32 = abi::_Py_MEMORYVIEW_RESTRICTED;
const C: i32 = abi::_Py_MEMORYVIEW_C;
const FORTRAN: i32 = abi::_Py_MEMORYVIEW_FORTRAN;

impl ManagedBuffer {
    fn empty() -> PyResult<Owned<ManagedBuffer>> {
        // SAFETY: zeroed memory is a managed buffer without an export.
        Ok(unsafe { Self::type_object().alloc(0)?.cast_into() })
    }
    /// Exports `object`'s buffer.
    fn of(object: &Object, flags: i32) -> PyResult<Owned<ManagedBuffer>> {
        let managed = Self::empty()?;
        // SAFETY: the master view lies in the object and does not move.
        let exported = unsafe { buffer::get_buffer(object, &managed.0.master as *const Py_buffer as *mut Py_buffer, flags) };
        if exported.is_err() {
            // What a refused request leaves in the view means nothing.
            managed.0.flags.set(managed.0.flags.get() | abi::_Py_MANAGED_BUFFER_RELEASED);
            managed.0.master.obj.set(ptr::null_mut());
        }
        exported.map(|()| managed)
    }
    fn release(&self) {
        if self.0.flags.get() & abi::_Py_MANAGED_BUFFER_RELEASED == 0 {
            self.0.flags.set(self.0.flags.get() | abi::_Py_MANAGED_BUFFER_RELEASED);
            // SAFETY: exported by `of`, and released once.
            unsafe { buffer::release(&self.0.master as *const Py_buffer as *mut Py_buffer) };
        }
    }
    fn is_released(&self) -> bool {
        self.0.flags.get() & abi::_Py_MANAGED_BUFFER_RELEASED != 0
    }
}

#[pytype(static = _PyManagedBuffer_Type, name = "managedbuffer", flags = HAVE_GC | DISALLOW_INSTANTIATION)]
impl ManagedBuffer {
    #[slot(raw = tp_dealloc)]
    unsafe extern "C" fn tp_dealloc(op: *mut PyObject) {
        // SAFETY: a dead managed buffer; no views are left.
        unsafe {
            gc::untrack(op);
            let this = &*(op as *const ManagedBuffer);
            this.release();
            if this.0.flags.get() & abi::_Py_MANAGED_BUFFER_FREE_FORMAT != 0 {
                memory::mem_free(this.0.master.format.get().cast());
            }
            gc::free(op.cast());
        }
    }
    #[slot]
    fn tp_traverse(&self, v: &mut Visitor) {
        v.visit_cell(&self.0.master.obj);
    }
    #[slot]
    fn tp_clear(&self) {
        if self.0.exports.get() == 0 {
            self.release();
        }
    }
}

impl MemoryView {
    /// `PyMemoryView_FromObject`.
    pub fn from_object(object: &Object) -> PyResult<Owned<MemoryView>> {
        Self::from_object_flags(object, abi::PyBUF_FULL_RO)
    }
    pub fn from_object_flags(object: &Object, flags: i32) -> PyResult<Owned<MemoryView>> {
        if let Some(other) = object.downcast::<MemoryView>() {
            other.check_new_views()?;
            return Self::on(other.managed(), other.view(), other.ndim());
        }
        if !buffer::check(object) {
            return Err(err!(TypeError, "memoryview: a bytes-like object is required, not '{}'", object.type_name()));
        }
        let managed = ManagedBuffer::of(object, flags)?;
        Self::on(&managed, &managed.0.master, managed.0.master.ndim.get().max(0) as usize)
    }
    /// A view of what a slot of a base of the object's type exports.
    /// # Safety
    /// `get` is a slot for objects of this type.
    pub unsafe fn from_slot(object: &Object, flags: i32, get: abi::getbufferproc) -> PyResult<Owned<MemoryView>> {
        let managed = ManagedBuffer::empty()?;
        // SAFETY: by contract; the master view does not move.
        if unsafe { get(object.as_ptr(), &managed.0.master as *const Py_buffer as *mut Py_buffer, flags) } != 0 {
            return Err(Raised::from_c());
        }
        Self::on(&managed, &managed.0.master, managed.0.master.ndim.get().max(0) as usize)
    }
    /// `PyMemoryView_FromBuffer`: a view on memory that no object is known to own. The caller keeps `view`.
    /// # Safety
    /// The view is filled in; what it refers to lives as long as the memoryview and its descendants are used.
    pub unsafe fn from_buffer(view: *const Py_buffer) -> PyResult<Owned<MemoryView>> {
        // SAFETY: by contract.
        unsafe {
            if (*view).buf.get().is_null() {
                return Err(err!(ValueError, "PyMemoryView_FromBuffer(): info->buf must not be NULL"));
            }
            let managed = ManagedBuffer::empty()?;
            ptr::copy_nonoverlapping(view, &managed.0.master as *const Py_buffer as *mut Py_buffer, 1);
            managed.0.master.obj.set(ptr::null_mut());
            Self::on(&managed, &managed.0.master, managed.0.master.ndim.get().max(0) as usize)
        }
    }
    /// `PyMemoryView_FromMemory`.
    /// # Safety
    /// `len` bytes at `data` that outlive the view.
    pub unsafe fn from_memory(data: *mut u8, len: usize, readonly: bool) -> PyResult<Owned<MemoryView>> {
        let managed = ManagedBuffer::empty()?;
        // SAFETY: the master view stays where it is.
        unsafe {
            buffer::fill_info(&managed.0.master as *const Py_buffer as *mut Py_buffer, None, data, len, readonly, abi::PyBUF_FULL_RO)?;
        }
        Self::on(&managed, &managed.0.master, 1)
    }
    /// A view for the time of a call: no other views can be made of it.
    /// # Safety
    /// As `from_buffer`.
    pub unsafe fn from_buffer_restricted(view: *mut Py_buffer) -> PyResult<Owned<MemoryView>> {
        // SAFETY: by contract.
        let memory = unsafe { Self::from_buffer(view)? };
        memory.0.flags.set(memory.0.flags.get() | RESTRICTED);
        Ok(memory)
    }

    /// A new view on a managed buffer that shows what `source` shows (of `ndim` dimensions, of which it fills in as many as there are).
    fn on(managed: &ManagedBuffer, source: &Py_buffer, ndim: usize) -> PyResult<Owned<MemoryView>> {
        if managed.is_released() {
            return Err(released());
        }
        if ndim > abi::PyBUF_MAX_NDIM as usize {
            return Err(err!(ValueError, "memoryview: number of dimensions must not exceed {}", abi::PyBUF_MAX_NDIM));
        }
        // SAFETY: zeroed memory with room for three arrays; all that is not 0 is set here.
        unsafe {
            let new: Owned<MemoryView> = Self::type_object().alloc(3 * ndim as isize)?.cast_into();
            managed.as_object().incref();
            new.0.mbuf.set(managed.as_object().as_ptr().cast());
            managed.0.exports.set(managed.0.exports.get() + 1);
            new.0.hash.set(-1);
            let view = new.view();
            view.obj.set(source.obj.get());
            view.buf.set(source.buf.get());
            view.len.set(source.len.get());
            view.itemsize.set(source.itemsize.get());
            view.readonly.set(source.readonly.get());
            view.format.set(if source.format.get().is_null() { c"B".as_ptr() as *mut _ } else { source.format.get() });
            view.internal.set(source.internal.get());
            view.ndim.set(ndim as i32);
            if ndim > 0 {
                let arrays = new.0.ob_array.as_ptr() as *mut isize;
                view.shape.set(arrays);
                view.strides.set(arrays.add(ndim));
                let geometry = buffer::Geometry::of(source);
                let own = ndim.min(geometry.shape.len());
                ptr::copy_nonoverlapping(geometry.shape.as_ptr(), arrays, own);
                ptr::copy_nonoverlapping(geometry.strides.as_ptr(), arrays.add(ndim), own);
                if let Some(suboffsets) = &geometry.suboffsets {
                    view.suboffsets.set(arrays.add(2 * ndim));
                    ptr::copy_nonoverlapping(suboffsets.as_ptr(), arrays.add(2 * ndim), own);
                }
            }
            new.find_flags();
            Ok(new)
        }
    }
    /// Sets the flags that say how items lie.
    fn find_flags(&self) {
        let view = self.view();
        // SAFETY: the view is filled in.
        let geometry = unsafe { buffer::Geometry::of(view) };
        let mut flags = self.0.flags.get() & (RELEASED | RESTRICTED);
        if self.ndim() == 0 {
            flags |= abi::_Py_MEMORYVIEW_SCALAR | C | FORTRAN;
        } else if geometry.suboffsets.is_some() {
            flags |= abi::_Py_MEMORYVIEW_PIL;
        } else {
            flags |= if geometry.is_c_contiguous() { C } else { 0 } | if geometry.is_f_contiguous() { FORTRAN } else { 0 };
        }
        self.0.flags.set(flags);
    }

    #[inline(always)]
    pub fn view(&self) -> &Py_buffer {
        &self.0.view
    }
    /// The managed buffer of a view that is not released.
    fn managed(&self) -> &ManagedBuffer {
        // SAFETY: set at creation, cleared only by the collector, after which the view is released.
        unsafe { &*(self.0.mbuf.get() as *const ManagedBuffer) }
    }
    #[inline]
    pub fn is_released(&self) -> bool {
        self.0.flags.get() & RELEASED != 0 || self.0.mbuf.get().is_null() || self.managed().is_released()
    }
    #[inline]
    pub fn check(&self) -> PyResult<()> {
        if self.is_released() { Err(released()) } else { Ok(()) }
    }
    fn check_new_views(&self) -> PyResult<()> {
        self.check()?;
        if self.0.flags.get() & RESTRICTED != 0 {
            return Err(err!(ValueError, "cannot create new view on restricted memoryview"));
        }
        Ok(())
    }
    #[inline]
    pub fn ndim(&self) -> usize {
        self.0.view.ndim.get() as usize
    }
    #[inline]
    pub fn shape(&self) -> &[isize] {
        self.array(self.0.view.shape.get())
    }
    #[inline]
    pub fn strides(&self) -> &[isize] {
        self.array(self.0.view.strides.get())
    }
    pub fn suboffsets(&self) -> Option<&[isize]> {
        let p = self.0.view.suboffsets.get();
        if p.is_null() { None } else { Some(self.array(p)) }
    }
    fn array(&self, p: *mut isize) -> &[isize] {
        // SAFETY: NULL (no dimensions) or an array of this object with `ndim` entries.
        if p.is_null() { &[] } else { unsafe { slice::from_raw_parts(p, self.ndim()) } }
    }
    fn is_c_contiguous(&self) -> bool {
        self.0.flags.get() & (abi::_Py_MEMORYVIEW_SCALAR | C) != 0
    }
    fn is_f_contiguous(&self) -> bool {
        self.0.flags.get() & (abi::_Py_MEMORYVIEW_SCALAR | FORTRAN) != 0
    }
    fn layout(&self) -> Layout<'_> {
        Layout { data: self.0.view.buf.get() as *mut u8, strides: self.strides(), suboffsets: self.suboffsets() }
    }
    /// `len(memory)` of a view with dimensions.
    fn length(&self) -> usize {
        self.shape().first().map_or(1, |&n| n as usize)
    }
    /// Where the item with this index of a dimension lies, from the place where the dimension begins.
    unsafe fn item_pointer(&self, start: *mut u8, dim: usize, index: isize) -> PyResult<*mut u8> {
        let n = self.shape()[dim];
        let i = if index < 0 { index + n } else { index };
        if i < 0 || i >= n {
            return Err(err!(IndexError, "index out of bounds on dimension {}", dim + 1));
        }
        // SAFETY: within the dimension.
        unsafe {
            let mut at = start.offset(self.strides()[dim] * i);
            if let Some(sub) = self.suboffsets()
                && sub[dim] >= 0
            {
                at = (*(at as *const *mut u8)).offset(sub[dim]);
            }
            Ok(at)
        }
    }
    /// Narrows the first dimension of a new view.
    fn narrow(&self, range: SliceRange) {
        let view = self.view();
        // SAFETY: the arrays are this object's own; a view with a slice has a first dimension.
        unsafe {
            // With suboffsets, the start applies behind the pointer of the nearest earlier dimension: there is none before the first.
            let start = *view.strides.get() * range.start;
            if range.count > 0 {
                view.buf.set((view.buf.get() as *mut u8).wrapping_offset(start).cast());
            }
            *view.shape.get() = range.count as isize;
            *view.strides.get() *= range.step;
        }
        self.find_length();
        self.find_flags();
    }
    fn find_length(&self) {
        let items = self.shape().iter().fold(1isize, |n, &d| n.wrapping_mul(d));
        self.view().len.set(items.wrapping_mul(self.view().itemsize.get()));
    }

    /// Releases the view; an error while something is exported from it.
    pub fn release(&self) -> PyResult<()> {
        if self.0.flags.get() & RELEASED != 0 {
            return Ok(());
        }
        let exports = self.0.exports.get();
        if exports > 0 {
            return Err(err!(BufferError, "memoryview has {} exported buffer{}", exports, if exports == 1 { "" } else { "s" }));
        }
        self.0.flags.set(self.0.flags.get() | RELEASED);
        if !self.0.mbuf.get().is_null() {
            let managed = Owned::from_ref(self.managed());
            managed.0.exports.set(managed.0.exports.get() - 1);
            if managed.0.exports.get() == 0 {
                managed.release();
            }
        }
        Ok(())
    }
    /// A view of the same memory as plain bytes. The memory is contiguous.
    pub fn flattened(&self) -> PyResult<Owned<MemoryView>> {
        let new = Self::on(self.managed(), self.view(), 1)?;
        let view = new.view();
        view.format.set(c"B".as_ptr() as *mut _);
        view.itemsize.set(1);
        view.suboffsets.set(ptr::null_mut());
        // SAFETY: the new view's arrays, of one entry.
        unsafe {
            *view.shape.get() = view.len.get();
            *view.strides.get() = 1;
        }
        new.find_flags();
        Ok(new)
    }
    /// Gives everything up, for the collector and the destructor.
    fn clear(&self) {
        if self.0.exports.get() > 0 {
            return;
        }
        // Nothing is exported: releasing cannot fail.
        let _ = self.release();
        // SAFETY: the cell owns its value.
        unsafe { set_cell(&self.0.mbuf, ptr::null_mut()) };
    }
    /// The items, one after the other in the given order.
    pub fn to_bytes(&self, order: u8) -> PyResult<Vec<u8>> {
        // SAFETY: the view is not released (the callers check).
        unsafe { buffer::to_contiguous(self.view(), order) }
    }
}

#[cold]
fn released() -> Raised {
    err!(ValueError, "operation forbidden on released memoryview object")
}
