//! Native types: `#[repr(C)]` Rust structs that begin with an object head and whose other fields are dropped with the object.
//!
//! Invariant: the fields are initialised from `construct` until `tp_dealloc`; `tp_clear` leaves them valid (empty).

use crate::errors::PyResult;
use crate::object::{Object, ObjectHead, Owned, PyTyped, Type};
use abi::PyObject;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::ffi::{c_int, c_void};
use std::mem::{ManuallyDrop, size_of};
use std::ptr;

pub type VisitFn = abi::visitproc;

/// What `tp_traverse` calls for each object that is referred to.
pub struct Visitor {
    visit: VisitFn,
    arg: *mut c_void,
    status: c_int,
}

impl Visitor {
    pub fn new(visit: VisitFn, arg: *mut c_void) -> Visitor {
        Visitor { visit, arg, status: 0 }
    }
    /// Visits an object; after a visitor asked to stop, nothing more.
    #[inline]
    pub fn visit(&mut self, object: &Object) {
        // SAFETY: the object is alive: its holder is being traversed.
        unsafe { self.visit_ptr(object.as_ptr()) }
    }
    /// # Safety
    /// NULL or a live object.
    #[inline]
    pub unsafe fn visit_ptr(&mut self, object: *mut PyObject) {
        if self.status == 0 && !object.is_null() {
            // SAFETY: by contract.
            self.status = unsafe { (self.visit)(object, self.arg) };
        }
    }
    /// Visits the object that a cell owns (or NULL).
    #[inline]
    pub fn visit_cell<T>(&mut self, cell: &Cell<*mut T>) {
        // SAFETY: a field of an object that is alive.
        unsafe { self.visit_ptr(cell.get() as *mut PyObject) }
    }
    /// The C result: what the visitor said, or what the type's own function did.
    pub fn finish<R: super::SlotInt>(&mut self, result: R) -> c_int {
        let status = result.into_c();
        if self.status != 0 { self.status } else { status }
    }
    pub fn status(&self) -> c_int {
        self.status
    }
}

/// Names the objects that a value owns, for the collector.
pub trait Traverse {
    fn traverse(&self, visitor: &mut Visitor);
    /// Gives up references that may be in a cycle; the value stays usable.
    fn clear(&self) {}
}

impl<T> Traverse for Owned<T> {
    #[inline]
    fn traverse(&self, visitor: &mut Visitor) {
        visitor.visit(self.object());
    }
}
impl<T: Traverse> Traverse for Option<T> {
    #[inline]
    fn traverse(&self, visitor: &mut Visitor) {
        if let Some(value) = self {
            value.traverse(visitor);
        }
    }
    fn clear(&self) {
        if let Some(value) = self {
            value.clear();
        }
    }
}
impl<T: Traverse> Traverse for Cell<Option<T>> {
    #[inline]
    fn traverse(&self, visitor: &mut Visitor) {
        // SAFETY: traversal runs no code that could replace the value meanwhile.
        unsafe { (*self.as_ptr()).traverse(visitor) }
    }
    fn clear(&self) {
        drop(self.take());
    }
}
impl<T: Traverse> Traverse for OnceCell<T> {
    fn traverse(&self, visitor: &mut Visitor) {
        if let Some(value) = self.get() {
            value.traverse(visitor);
        }
    }
    fn clear(&self) {
        if let Some(value) = self.get() {
            value.clear();
        }
    }
}
impl<T: Traverse + Default> Traverse for RefCell<T> {
    fn traverse(&self, visitor: &mut Visitor) {
        // A mutably borrowed value belongs to code that is running, whose own references keep it reachable.
        if let Ok(value) = self.try_borrow() {
            value.traverse(visitor);
        }
    }
    fn clear(&self) {
        let old = match self.try_borrow_mut() {
            Ok(mut value) => std::mem::take(&mut *value),
            Err(_) => return,
        };
        drop(old);
    }
}
macro_rules! traverse_iterable {
    ($($ty:ty),*) => {$(
        impl<T: Traverse> Traverse for $ty {
            fn traverse(&self, visitor: &mut Visitor) {
                self.iter().for_each(|item| item.traverse(visitor));
            }
            fn clear(&self) {
                self.iter().for_each(Traverse::clear);
            }
        }
    )*};
}
traverse_iterable!(Vec<T>, VecDeque<T>, Box<[T]>);
impl<T: Traverse, const N: usize> Traverse for [T; N] {
    fn traverse(&self, visitor: &mut Visitor) {
        self.iter().for_each(|item| item.traverse(visitor));
    }
    fn clear(&self) {
        self.iter().for_each(Traverse::clear);
    }
}
impl<T: Traverse> Traverse for Box<T> {
    fn traverse(&self, visitor: &mut Visitor) {
        (**self).traverse(visitor);
    }
    fn clear(&self) {
        (**self).clear();
    }
}
impl<K, V: Traverse> Traverse for std::collections::HashMap<K, V> {
    fn traverse(&self, visitor: &mut Visitor) {
        self.values().for_each(|item| item.traverse(visitor));
    }
}
impl<A: Traverse, B: Traverse> Traverse for (A, B) {
    fn traverse(&self, visitor: &mut Visitor) {
        self.0.traverse(visitor);
        self.1.traverse(visitor);
    }
}
macro_rules! holds_no_objects {
    ($($ty:ty),* $(,)?) => {$(
        impl Traverse for $ty {
            #[inline(always)]
            fn traverse(&self, _: &mut Visitor) {}
        }
    )*};
}
holds_no_objects!(
    (), bool, char, u8, i8, u16, i16, u32, i32, u64, i64, usize, isize, f32, f64, String, &'static str, ObjectHead,
    Cell<bool>, Cell<u8>, Cell<i8>, Cell<u16>, Cell<i16>, Cell<u32>, Cell<i32>, Cell<u64>, Cell<i64>, Cell<usize>, Cell<isize>, Cell<f64>,
);
/// Raw pointers: weak reference lists and the like, which hold no counted reference.
impl<T> Traverse for Cell<*mut T> {
    #[inline(always)]
    fn traverse(&self, _: &mut Visitor) {}
}

/// Allocates an instance of `cls` by its `tp_alloc` and moves the fields of `value`, all but the head, into it.
/// # Safety
/// `T` is `#[repr(C)]` with the head first, and `cls` is `T`'s type or a subtype.
#[inline]
pub unsafe fn construct<T>(cls: &Type, value: T) -> PyResult<Owned<T>> {
    const { assert!(align_of::<T>() <= 16, "the allocator aligns objects to 16 bytes: box what needs more") };
    let head = size_of::<ObjectHead>();
    // The fields are all that there is of an instance of the type itself.
    let is_whole = cls.basicsize() == size_of::<T>()
        && cls.0.tp_itemsize.get() == 0
        && cls.has_flag(super::type_flags::HAVE_GC)
        && !cls.has_flag(abi::Py_TPFLAGS_INLINE_VALUES as u64)
        && cls.0.tp_alloc.get().is_some_and(|alloc| ptr::fn_addr_eq(alloc, crate::gc::PyType_GenericAlloc as abi::allocfunc));
    // SAFETY: the allocation has at least T's size; the head stays as it was made, and ownership of the fields moves.
    unsafe {
        let op = if is_whole { crate::gc::gc_alloc(cls, size_of::<T>())? } else { cls.alloc(0)?.into_raw() };
        let value = ManuallyDrop::new(value);
        ptr::copy_nonoverlapping((&raw const value as *const u8).add(head), (op as *mut u8).add(head), size_of::<T>() - head);
        if is_whole {
            crate::gc::track_new(op);
        }
        Ok(Owned::from_raw(op))
    }
}

/// `tp_dealloc` of native types.
/// # Safety
/// An instance of `T` whose count is 0.
pub unsafe extern "C" fn native_dealloc<T: PyTyped>(op: *mut PyObject) {
    super::guard(|| {
        // SAFETY: the object is dead and ours.
        unsafe {
            if !before_drop(op, T::type_object()) {
                return;
            }
            ptr::drop_in_place(op as *mut T);
            after_drop(op);
        }
    })
}

/// Untracks, runs the finalizer and clears weak references; false if the object was resurrected.
unsafe fn before_drop(op: *mut PyObject, own: &Type) -> bool {
    // SAFETY: op is a dead object of a subtype of `own`.
    unsafe {
        let ty = Object::from_ptr(op).ty();
        // A Python subclass's dealloc has run its finalizer and untracked the object already.
        if ptr::eq(ty, own) && own.0.tp_finalize.get().is_some() && !crate::gc::call_finalizer_from_dealloc(op) {
            return false;
        }
        if own.has_flag(super::type_flags::HAVE_GC) {
            crate::gc::untrack(op);
        }
        let offset = own.0.tp_weaklistoffset.get();
        if offset > 0 && !(*((op as *mut u8).offset(offset) as *mut *mut PyObject)).is_null() {
            crate::types::weakref::clear_weakrefs(op);
        }
        true
    }
}

unsafe fn after_drop(op: *mut PyObject) {
    // SAFETY: the object's memory is still there, its type is alive.
    unsafe {
        match Object::from_ptr(op).ty().0.tp_free.get() {
            Some(free) if ptr::fn_addr_eq(free, crate::gc::PyObject_GC_Del as abi::freefunc) => crate::gc::gc_free(op),
            Some(free) => free(op as *mut c_void),
            None => {}
        }
    }
}

/// `tp_traverse` of native types.
/// # Safety
/// An instance of `T`.
pub unsafe extern "C" fn native_traverse<T: Traverse>(op: *mut PyObject, visit: VisitFn, arg: *mut c_void) -> c_int {
    let mut visitor = Visitor::new(visit, arg);
    super::guard(|| {
        // SAFETY: by contract.
        unsafe { &*(op as *const T) }.traverse(&mut visitor);
        visitor.status()
    })
}

/// `tp_clear` of native types.
/// # Safety
/// An instance of `T`.
pub unsafe extern "C" fn native_clear<T: Traverse>(op: *mut PyObject) -> c_int {
    super::guard(|| {
        // SAFETY: by contract.
        unsafe { &*(op as *const T) }.clear();
        0
    })
}
