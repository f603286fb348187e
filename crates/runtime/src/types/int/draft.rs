//! An int under construction: the object is there, and its digits are written straight into it.
//!
//! Invariant: nobody but the `Draft` knows the object before `finish`, which removes leading zeros and gives the static for a small value.
//! A draft that is dropped unfinished gives its block back.

use super::{DIGITS, Int, NON_SIZE_BITS, PyLong_Type};
use crate::errors::{PyResult, no_memory};
use crate::memory;
use crate::object::{Owned, alloc_plain};
use abi::{PyLongObject, PyObject};
use std::mem::size_of;

pub(super) struct Draft {
    op: *mut PyObject,
    capacity: usize,
}

impl Draft {
    /// Room for that many digits, none of them written; MemoryError.
    #[inline]
    pub fn new(capacity: usize) -> PyResult<Draft> {
        let Some(size) = capacity.checked_mul(4).and_then(|size| size.checked_add(DIGITS)) else { return Err(no_memory()) };
        // SAFETY: a fresh block with room for the digits.
        let op = unsafe { alloc_plain(&PyLong_Type, size.max(size_of::<PyLongObject>())) };
        if op.is_null() { Err(no_memory()) } else { Ok(Draft { op, capacity }) }
    }
    #[inline(always)]
    pub fn as_mut_ptr(&self) -> *mut u32 {
        // SAFETY: an offset within the object.
        unsafe { (self.op as *mut u8).add(DIGITS) as *mut u32 }
    }
    #[inline(always)]
    pub fn capacity(&self) -> usize {
        self.capacity
    }
    /// All digits.
    /// # Safety
    /// They have been written.
    #[inline(always)]
    pub unsafe fn digits(&mut self) -> &mut [u32] {
        // SAFETY: by contract.
        unsafe { std::slice::from_raw_parts_mut(self.as_mut_ptr(), self.capacity) }
    }
    /// The int of the lowest `len` digits.
    /// # Safety
    /// They have been written, and `len` is within the capacity.
    #[inline]
    pub unsafe fn finish(self, mut len: usize, negative: bool) -> Owned<Int> {
        let digits = self.as_mut_ptr();
        // SAFETY: by contract; the object gets its tag and becomes the caller's.
        unsafe {
            while len > 0 && *digits.add(len - 1) == 0 {
                len -= 1;
            }
            if len < 2 {
                let digit = if len == 0 { 0 } else { *digits as i64 };
                let value = if negative { -digit } else { digit };
                if Int::is_small(value) {
                    return Owned::from_raw(Int::small_ptr(value as isize));
                }
            }
            let op = self.op as *mut PyLongObject;
            (*op).long_value.lv_tag.set(len << NON_SIZE_BITS | if negative { 2 } else { 0 });
            std::mem::forget(self);
            Owned::from_raw(op as *mut PyObject)
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // SAFETY: a block of ours that nobody else has seen.
        unsafe { memory::object_free(self.op as *mut _) };
    }
}
