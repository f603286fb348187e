//! `_PyStackRef`: a slot of a frame's locals or value stack. The lowest bit set means that the slot does not own a count (a borrowed
//! local, an immortal object); NULL is that bit alone, so closing a slot never has to test for NULL.

use crate::object::{Object, Owned};
use abi::PyObject;

#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct StackRef(pub usize);

pub const BORROWED: usize = 1;

impl StackRef {
    pub const NULL: StackRef = StackRef(BORROWED);

    #[inline(always)]
    pub fn is_null(self) -> bool {
        self.0 == BORROWED
    }
    #[inline(always)]
    pub fn is_borrowed(self) -> bool {
        self.0 & BORROWED != 0
    }
    /// The object, or NULL; ownership stays with the slot.
    #[inline(always)]
    pub fn ptr(self) -> *mut PyObject {
        (self.0 & !BORROWED) as *mut PyObject
    }
    /// # Safety
    /// Not NULL; the object stays alive for `'a`.
    #[inline(always)]
    pub unsafe fn obj<'a>(self) -> &'a Object {
        // SAFETY: by contract.
        unsafe { &*(self.ptr() as *const Object) }
    }
    /// Takes over the caller's count.
    #[inline(always)]
    pub fn steal(ptr: *mut PyObject) -> StackRef {
        StackRef(ptr as usize)
    }
    /// As `steal`; a NULL pointer gives `NULL`.
    #[inline(always)]
    pub fn steal_opt(ptr: *mut PyObject) -> StackRef {
        if ptr.is_null() { StackRef::NULL } else { StackRef(ptr as usize) }
    }
    #[inline(always)]
    pub fn from_owned<T>(value: Owned<T>) -> StackRef {
        StackRef(value.into_raw() as usize)
    }
    #[inline(always)]
    pub fn borrow(ptr: *mut PyObject) -> StackRef {
        StackRef(ptr as usize | BORROWED)
    }
    /// A new counted reference to a live object; an immortal one is borrowed.
    /// # Safety
    /// `ptr` is a live object.
    #[inline(always)]
    pub unsafe fn new_ref(ptr: *mut PyObject) -> StackRef {
        // SAFETY: by contract.
        let cell = unsafe { &Object::from_ptr(ptr).0.ob_refcnt };
        let count = cell.get();
        if (count as i32) < 0 {
            return StackRef::borrow(ptr);
        }
        cell.set(count + 1);
        StackRef(ptr as usize)
    }
    /// Whether neither slot owns a count.
    #[inline(always)]
    pub fn both_borrowed(self, other: StackRef) -> bool {
        self.0 & other.0 & BORROWED != 0
    }
    /// A second slot for the same object.
    /// # Safety
    /// Not NULL, alive.
    #[inline(always)]
    pub unsafe fn dup(self) -> StackRef {
        // SAFETY: by contract.
        unsafe { StackRef::new_ref(self.ptr()) }
    }
    /// The same object with a count of its own, whatever this slot had (`PyStackRef_MakeHeapSafe`).
    /// # Safety
    /// NULL or alive; this slot's ownership moves into the result.
    #[inline(always)]
    pub unsafe fn heap_safe(self) -> StackRef {
        // SAFETY: by contract.
        if self.is_null() || !self.is_borrowed() { self } else { unsafe { StackRef::new_ref(self.ptr()) } }
    }
    /// An owned pointer out of the slot (`PyStackRef_AsPyObjectSteal`).
    /// # Safety
    /// Not NULL, alive; the slot is not used afterwards.
    #[inline(always)]
    pub unsafe fn into_ptr(self) -> *mut PyObject {
        if self.is_borrowed() {
            // SAFETY: by contract.
            unsafe { self.obj().incref() };
        }
        self.ptr()
    }
    /// # Safety
    /// As `into_ptr`.
    #[inline(always)]
    pub unsafe fn into_owned(self) -> Owned {
        // SAFETY: by contract.
        unsafe { Owned::from_raw(self.into_ptr()) }
    }
    /// Gives up the slot's count if it has one (`PyStackRef_XCLOSE`).
    /// # Safety
    /// The slot is not used afterwards.
    #[inline(always)]
    pub unsafe fn close(self) {
        if !self.is_borrowed() {
            // SAFETY: the slot owned a count.
            unsafe { self.obj().decref() }
        }
    }
    /// As `close`, but leaves the end of the object to the caller: true if this was the last count.
    /// # Safety
    /// As `close`; the caller deallocates.
    #[inline(always)]
    pub unsafe fn drop_count(self) -> bool {
        if self.is_borrowed() {
            return false;
        }
        // SAFETY: the slot owned a count.
        let cell = unsafe { &self.obj().0.ob_refcnt };
        let count = cell.get();
        if (count as i32) < 0 {
            return false;
        }
        cell.set(count - 1);
        count == 1
    }
    /// As `close`, unless the object would end: false then, and nothing has changed.
    /// # Safety
    /// NULL or alive; if true, the slot is not used afterwards.
    #[inline(always)]
    pub unsafe fn close_unless_last(self) -> bool {
        if self.is_borrowed() {
            return true;
        }
        // SAFETY: the slot owns a count.
        let cell = unsafe { &self.obj().0.ob_refcnt };
        let count = cell.get();
        if count == 1 {
            return false;
        }
        if (count as i32) > 0 {
            cell.set(count - 1);
        }
        true
    }
    /// Whether `close` would end the object.
    /// # Safety
    /// NULL or alive.
    #[inline(always)]
    pub unsafe fn is_last(self) -> bool {
        // SAFETY: by contract.
        !self.is_borrowed() && unsafe { self.obj().refcount() } == 1
    }
}
