//! Objects and references: `Object` (CPython's `PyObject`), `Type` (`PyTypeObject`), and `Owned<T>`, a counted reference.
//!
//! Rust's ownership mirrors Python's. `&Object` borrows from an owner that outlives the borrow; `Owned` holds one count and gives it
//! back on drop. All mutable state of an object sits in `Cell`s (crate `abi`), so `&Object` may be shared while C code and we mutate.
//! Objects are only touched by the thread that holds the GIL; none of these types is `Send`.
//!
//! Invariants of the count (see `abi.md`): the high 32 bits of a mortal's word are 0; immortality is the sign bit of the low half.

use crate::memory;
use abi::{PyObject, PyTypeObject};
use std::fmt;
use std::marker::PhantomData;
use std::mem::ManuallyDrop;
use std::ops::Deref;
use std::ptr::NonNull;

/// Any Python object. Never held by value except in statics and at the start of `#[repr(C)]` object structs.
#[repr(transparent)]
pub struct Object(pub PyObject);

/// A type object. Static types are `pub static X: Type`.
#[repr(transparent)]
pub struct Type(pub PyTypeObject);

// SAFETY: statics of these types are only used under the GIL.
unsafe impl Sync for Object {}
// SAFETY: as above.
unsafe impl Sync for Type {}

impl Deref for Type {
    type Target = Object;
    #[inline(always)]
    fn deref(&self) -> &Object {
        // SAFETY: a type object begins with an object head.
        unsafe { &*(self as *const Type as *const Object) }
    }
}

/// A Rust view of a Python type: a struct that begins with the object head, and the type object whose instances have that layout.
///
/// # Safety
/// Every instance of `type_object()` and its subtypes must have `Self`'s layout at its start.
pub unsafe trait PyTyped: Sized {
    fn type_object() -> &'static Type;
    /// Whether `object` is an instance of the type or of a subtype.
    #[inline]
    fn check(object: &Object) -> bool {
        object.ty().is_subtype(Self::type_object())
    }
    #[inline]
    fn check_exact(object: &Object) -> bool {
        std::ptr::eq(object.ty(), Self::type_object())
    }
    #[inline(always)]
    fn as_object(&self) -> &Object {
        // SAFETY: by the trait's contract `Self` begins with the object head.
        unsafe { &*(self as *const Self as *const Object) }
    }
}

// SAFETY: every object begins with the head.
unsafe impl PyTyped for Object {
    fn type_object() -> &'static Type {
        crate::types::object_type()
    }
    #[inline(always)]
    fn check(_: &Object) -> bool {
        true
    }
}

impl Object {
    #[inline(always)]
    pub fn as_ptr(&self) -> *mut PyObject {
        self as *const Object as *mut PyObject
    }
    /// # Safety
    /// `ptr` must be a live object that stays alive for `'a`.
    #[inline(always)]
    pub unsafe fn from_ptr<'a>(ptr: *mut PyObject) -> &'a Object {
        debug_assert!(!ptr.is_null());
        // SAFETY: by contract.
        unsafe { &*(ptr as *const Object) }
    }
    /// As `from_ptr`, for a pointer that may be NULL.
    /// # Safety
    /// See `from_ptr`.
    #[inline(always)]
    pub unsafe fn from_ptr_opt<'a>(ptr: *mut PyObject) -> Option<&'a Object> {
        // SAFETY: by contract.
        unsafe { (ptr as *const Object).as_ref() }
    }
    /// The object itself; typed structs reach it by deref.
    #[inline(always)]
    pub fn as_object(&self) -> &Object {
        self
    }
    #[inline(always)]
    pub fn ty(&self) -> &Type {
        // SAFETY: every object has a type, kept alive by its instances.
        unsafe { &*(self.0.ob_type.get() as *const Type) }
    }
    #[inline(always)]
    pub fn ty_ptr(&self) -> *mut PyTypeObject {
        self.0.ob_type.get()
    }
    #[inline(always)]
    pub fn is(&self, other: &Object) -> bool {
        std::ptr::eq(self, other)
    }
    #[inline(always)]
    pub fn is_none(&self) -> bool {
        self.is(crate::types::none())
    }
    #[inline(always)]
    pub fn incref(&self) {
        let count = self.0.ob_refcnt.get();
        if count as i32 >= 0 {
            self.0.ob_refcnt.set(count + 1);
        }
    }
    /// Gives up one count; at zero the object is deallocated.
    /// # Safety
    /// The caller owns the count it gives up, and does not use the object afterwards.
    #[inline(always)]
    pub unsafe fn decref(&self) {
        let count = self.0.ob_refcnt.get();
        if count as i32 >= 0 {
            self.0.ob_refcnt.set(count - 1);
            if count == 1 {
                // SAFETY: the last reference is gone.
                unsafe { dealloc(self.as_ptr()) }
            }
        }
    }
    #[inline(always)]
    pub fn refcount(&self) -> u32 {
        self.0.ob_refcnt.get()
    }
    #[inline(always)]
    pub fn is_immortal(&self) -> bool {
        (self.0.ob_refcnt.get() as i32) < 0
    }
    pub fn set_immortal(&self) {
        self.0.ob_refcnt.set(abi::_Py_IMMORTAL_INITIAL_REFCNT as u32);
        self.0.ob_flags.set(self.0.ob_flags.get() | 1);
    }
    #[inline(always)]
    pub fn to_owned(&self) -> Owned {
        self.incref();
        // SAFETY: the count was just taken.
        unsafe { Owned::from_raw(self.as_ptr()) }
    }
    #[inline(always)]
    pub fn downcast<T: PyTyped>(&self) -> Option<&T> {
        // SAFETY: the check says that the layout is T's.
        if T::check(self) { Some(unsafe { self.cast() }) } else { None }
    }
    #[inline(always)]
    pub fn downcast_exact<T: PyTyped>(&self) -> Option<&T> {
        // SAFETY: as above.
        if T::check_exact(self) { Some(unsafe { self.cast() }) } else { None }
    }
    /// # Safety
    /// The object must have `T`'s layout.
    #[inline(always)]
    pub unsafe fn cast<T>(&self) -> &T {
        // SAFETY: by contract.
        unsafe { &*(self as *const Object as *const T) }
    }
    /// Whether the object's type is exactly `T`'s, not a subtype.
    #[inline(always)]
    pub fn is_exact<T: PyTyped>(&self) -> bool {
        T::check_exact(self)
    }
    #[inline(always)]
    pub fn is_instance_of<T: PyTyped>(&self) -> bool {
        T::check(self)
    }
    /// The type's `tp_name`, as error messages name it (`'%.200s'` of `Py_TYPE(o)->tp_name`).
    pub fn type_name(&self) -> &str {
        self.ty().name()
    }
}

impl Type {
    /// A new reference (inherent, so that no reference to the struct is cloned instead).
    #[inline(always)]
    pub fn to_owned(&self) -> Owned {
        Object::to_owned(self)
    }
    #[inline(always)]
    pub fn as_type_ptr(&self) -> *mut PyTypeObject {
        self as *const Type as *mut PyTypeObject
    }
    /// # Safety
    /// `ptr` must be a type object that lives for `'a`.
    #[inline(always)]
    pub unsafe fn from_type_ptr<'a>(ptr: *mut PyTypeObject) -> &'a Type {
        // SAFETY: by contract.
        unsafe { &*(ptr as *const Type) }
    }
    #[inline(always)]
    pub fn flags(&self) -> u64 {
        self.0.tp_flags.get() as u64
    }
    #[inline(always)]
    pub fn has_flag(&self, flag: u64) -> bool {
        self.flags() & flag != 0
    }
    /// `tp_name` (for static types with the module in front), lossily decoded; it is NUL-ended UTF-8.
    pub fn name(&self) -> &str {
        let name = self.0.tp_name.get();
        if name.is_null() {
            return "?";
        }
        // SAFETY: tp_name is a NUL-ended string that lives as long as the type.
        let text = unsafe { std::ffi::CStr::from_ptr(name) };
        text.to_str().unwrap_or("?")
    }
    /// `PyType_IsSubtype`.
    #[inline]
    pub fn is_subtype(&self, other: &Type) -> bool {
        std::ptr::eq(self, other) || is_subtype_slow(self, other)
    }
}

fn is_subtype_slow(a: &Type, b: &Type) -> bool {
    let mro = a.0.tp_mro.get();
    if !mro.is_null() {
        // SAFETY: tp_mro is a tuple of types.
        let items = unsafe { crate::types::tuple::items_of(mro) };
        return items.iter().any(|&t| t as *const PyTypeObject == b.as_type_ptr() as *const PyTypeObject);
    }
    let mut at = a.0.tp_base.get();
    while !at.is_null() {
        if at == b.as_type_ptr() {
            return true;
        }
        // SAFETY: tp_base is NULL or a type.
        at = unsafe { (*at).tp_base.get() };
    }
    std::ptr::eq(b, crate::types::object_type())
}

/// An owned (counted) reference to an object of layout `T`. `Option<Owned>` is one nullable pointer.
#[repr(transparent)]
pub struct Owned<T = Object>(NonNull<T>, PhantomData<*mut T>);

const _: () = assert!(std::mem::size_of::<Result<Owned, crate::errors::Raised>>() == 8);
const _: () = assert!(std::mem::size_of::<Option<Owned>>() == 8);

impl<T> Owned<T> {
    /// Takes over one count of `ptr`.
    /// # Safety
    /// `ptr` is not NULL, has `T`'s layout, and the caller owns a count.
    #[inline(always)]
    pub unsafe fn from_raw(ptr: *mut PyObject) -> Owned<T> {
        debug_assert!(!ptr.is_null());
        // SAFETY: by contract not NULL.
        Owned(unsafe { NonNull::new_unchecked(ptr as *mut T) }, PhantomData)
    }
    /// # Safety
    /// As `from_raw`; NULL gives `None`.
    #[inline(always)]
    pub unsafe fn from_raw_opt(ptr: *mut PyObject) -> Option<Owned<T>> {
        NonNull::new(ptr as *mut T).map(|p| Owned(p, PhantomData))
    }
    #[inline(always)]
    pub fn into_raw(self) -> *mut PyObject {
        ManuallyDrop::new(self).0.as_ptr() as *mut PyObject
    }
    #[inline(always)]
    pub fn raw(&self) -> *mut PyObject {
        self.0.as_ptr() as *mut PyObject
    }
    #[inline(always)]
    pub fn object(&self) -> &Object {
        // SAFETY: every T begins with the object head.
        unsafe { &*(self.0.as_ptr() as *const Object) }
    }
    #[inline(always)]
    pub fn into_object(self) -> Owned<Object> {
        // SAFETY: the count moves over.
        unsafe { Owned::from_raw(self.into_raw()) }
    }
    /// # Safety
    /// The object must have `U`'s layout.
    #[inline(always)]
    pub unsafe fn cast_into<U>(self) -> Owned<U> {
        // SAFETY: by contract.
        unsafe { Owned::from_raw(self.into_raw()) }
    }
    /// Converts into `Owned<U>` if the object is an instance of `U`; gives itself back otherwise.
    #[inline]
    pub fn try_into_typed<U: PyTyped>(self) -> Result<Owned<U>, Owned<T>> {
        // SAFETY: checked.
        if U::check(self.object()) { Ok(unsafe { self.cast_into() }) } else { Err(self) }
    }
}

impl<T: PyTyped> Owned<T> {
    /// A new reference to a typed borrow.
    #[inline(always)]
    pub fn from_ref(value: &T) -> Owned<T> {
        let object = value.as_object();
        object.incref();
        // SAFETY: the count was just taken.
        unsafe { Owned::from_raw(object.as_ptr()) }
    }
}

impl Owned<Type> {
    pub fn from_type(value: &Type) -> Owned<Type> {
        value.incref();
        // SAFETY: the count was just taken.
        unsafe { Owned::from_raw(value.as_ptr()) }
    }
}

impl<T> Clone for Owned<T> {
    #[inline(always)]
    fn clone(&self) -> Self {
        self.object().incref();
        Owned(self.0, PhantomData)
    }
}

impl<T> Drop for Owned<T> {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: this reference owned one count.
        unsafe { self.object().decref() }
    }
}

impl<T> Deref for Owned<T> {
    type Target = T;
    #[inline(always)]
    fn deref(&self) -> &T {
        // SAFETY: the object is alive while this count is held.
        unsafe { self.0.as_ref() }
    }
}

impl<T> AsRef<Object> for Owned<T> {
    fn as_ref(&self) -> &Object {
        self.object()
    }
}

impl<T> From<&Owned<T>> for *mut PyObject {
    fn from(value: &Owned<T>) -> Self {
        value.raw()
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} object at {:p}>", self.type_name(), self)
    }
}

impl<T> fmt::Debug for Owned<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.object().fmt(f)
    }
}

/// The head of our own `#[repr(C)]` object structs; filled in by `alloc`/`construct`.
#[repr(C)]
pub struct ObjectHead(pub PyObject);

impl ObjectHead {
    /// A placeholder for struct literals handed to `construct`, which keeps the allocated object's real head.
    pub const fn placeholder() -> ObjectHead {
        ObjectHead(PyObject::immortal_static(std::ptr::null_mut()))
    }
}

// ---- raw helpers for object-model code ------------------------------------------------------------------------------------------

/// `Py_XDECREF` of a raw pointer.
/// # Safety
/// NULL, or the caller owns a count of it.
#[inline(always)]
pub unsafe fn xdecref(ptr: *mut PyObject) {
    if !ptr.is_null() {
        // SAFETY: by contract.
        unsafe { Object::from_ptr(ptr).decref() }
    }
}

/// `Py_XNewRef`.
/// # Safety
/// NULL or a live object.
#[inline(always)]
pub unsafe fn xincref(ptr: *mut PyObject) -> *mut PyObject {
    if !ptr.is_null() {
        // SAFETY: by contract.
        unsafe { Object::from_ptr(ptr).incref() }
    }
    ptr
}

/// `Py_XSETREF` on a `Cell`: stores, then gives up the old value's count (so code that runs sees the new value).
/// # Safety
/// The cell owns its value; `new` is owned by the caller and moves in.
#[inline(always)]
pub unsafe fn set_cell<T>(cell: &std::cell::Cell<*mut T>, new: *mut T) {
    let old = cell.replace(new);
    // SAFETY: by contract.
    unsafe { xdecref(old as *mut PyObject) }
}

/// How deep deallocators may nest before dead objects wait in a list (the trashcan). Native stack per level is a few hundred bytes.
const TRASHCAN_DEPTH: u32 = 50;

thread_local! {
    static TRASH: Trash = const { Trash { depth: std::cell::Cell::new(0), pending: std::cell::Cell::new(std::ptr::null_mut()) } };
}

struct Trash {
    depth: std::cell::Cell<u32>,
    /// Dead objects linked through their refcount word (an object of count 0 does not need it), freed by the outermost dealloc.
    pending: std::cell::Cell<*mut PyObject>,
}

/// `_Py_Dealloc`: runs `tp_dealloc` of an object whose count reached zero. Depth is bounded: past `TRASHCAN_DEPTH` nested calls the
/// object is put aside and the outermost call deals with it, so that dropping a chain of any length needs bounded stack.
/// # Safety
/// The object's count is 0 and nobody uses it any more.
#[cold]
#[inline(never)]
unsafe fn dealloc_deferred(trash: &Trash, op: *mut PyObject) {
    // SAFETY: op is dead; its refcount word is free for the link. Immortal bit patterns are restored before tp_dealloc runs.
    // A collection may run before that, and must not take the link for a count.
    unsafe {
        crate::gc::untrack_any(op);
        *(op as *mut *mut PyObject) = trash.pending.get();
    }
    trash.pending.set(op);
}

/// See `dealloc_deferred`.
/// # Safety
/// The object's count is 0 and nobody uses it any more.
// Out of line: the address of a local that a caller got from this would cost its tail call (`interp::registers`).
#[inline(never)]
pub unsafe fn dealloc(op: *mut PyObject) {
    // SAFETY: the object is still whole; its type gives the destructor.
    let (ty, destructor, flags) = unsafe {
        let ty = (*op).ob_type.get();
        (ty, (*ty).tp_dealloc.get(), (*ty).tp_flags.get())
    };
    let Some(destructor) = destructor else { return };
    // Numbers and texts refer to nothing, so they cannot be part of a chain.
    const LEAF: abi::c_ulong = abi::Py_TPFLAGS_LONG_SUBCLASS | abi::Py_TPFLAGS_UNICODE_SUBCLASS | abi::Py_TPFLAGS_BYTES_SUBCLASS;
    if flags & LEAF != 0 && flags & abi::Py_TPFLAGS_HAVE_GC == 0 || ty == crate::types::Float::type_object().as_type_ptr() {
        // SAFETY: by contract.
        return unsafe { destructor(op) };
    }
    // Only the address is asked for inside: a larger closure would not be inlined, and the thread's own be found by a call.
    // SAFETY: the thread's own lives as long as the thread, and has nothing to drop.
    let trash = unsafe { &*TRASH.with(std::ptr::from_ref) };
    // SAFETY: by contract; pending objects are dead and ours.
    unsafe {
        let depth = trash.depth.get();
        if depth >= TRASHCAN_DEPTH {
            return dealloc_deferred(trash, op);
        }
        trash.depth.set(depth + 1);
        destructor(op);
        trash.depth.set(depth);
        if depth == 0 && !trash.pending.get().is_null() {
            empty_trash(trash);
        }
    }
}

/// Runs Python code in the middle of a dealloc, with a depth of its own: what it drops dies at once, as elsewhere, so that a finalizer
/// that makes objects with finalizers ends in RecursionError, and is no loop without end.
pub fn outside_dealloc<R>(run: impl FnOnce() -> R) -> R {
    // What waits already is dealt with further out: here it would nest without bound.
    let (depth, waiting) = TRASH.with(|trash| (trash.depth.replace(0), trash.pending.replace(std::ptr::null_mut())));
    let result = run();
    TRASH.with(|trash| {
        debug_assert!(trash.pending.get().is_null(), "each outermost dealloc leaves nothing behind");
        trash.depth.set(depth);
        trash.pending.set(waiting);
    });
    result
}

#[cold]
#[inline(never)]
unsafe fn empty_trash(trash: &Trash) {
    loop {
        let op = trash.pending.get();
        if op.is_null() {
            return;
        }
        // SAFETY: op was linked by dealloc_deferred.
        unsafe {
            trash.pending.set(*(op as *mut *mut PyObject));
            *(op as *mut usize) = 0;
            trash.depth.set(1);
            if let Some(destructor) = (*(*op).ob_type.get()).tp_dealloc.get() {
                destructor(op);
            }
            trash.depth.set(0);
        }
    }
}

/// Allocates the block of a non-GC object and initialises its head (`PyObject_Malloc` + `PyObject_Init`).
/// # Safety
/// `size` covers the type's layout; the caller fills the rest in.
#[inline]
pub unsafe fn alloc_plain(ty: &Type, size: usize) -> *mut PyObject {
    let op = memory::object_malloc(size) as *mut PyObject;
    if !op.is_null() {
        // SAFETY: fresh block.
        unsafe { init_head(op, ty) };
    }
    op
}

/// `PyObject_Init`: count 1, type set (a heap type gains a reference).
/// # Safety
/// `op` points to at least an object head.
#[inline]
pub unsafe fn init_head(op: *mut PyObject, ty: &Type) {
    if ty.has_flag(abi::Py_TPFLAGS_HEAPTYPE as u64) {
        ty.incref();
    }
    // SAFETY: by contract.
    unsafe {
        *(op as *mut u64) = 1;
        (*op).ob_type.set(ty.as_type_ptr());
    }
}
