//! `pymem.h`, `objimpl.h`, `weakrefobject.h`: memory, allocation of objects, the collector, weak references.

use crate::macros::{Out, Ty};
use abi::{PyMemAllocatorEx, PyObject, PyObjectArenaAllocator, PyTypeObject, PyVarObject, c_void};
use runtime::errors::{self, PyResult};
use runtime::gc::{self, collect};
use runtime::memory::{self, Domain};
use runtime::object::{Object, Owned, Type};
use runtime::types::{self, WeakRef, weakref};
use runtime::err;
use std::ffi::c_int;
use std::ptr;

/// Functions that run no Python code and cannot panic.
macro_rules! plain {
    ($( fn $name:ident($($arg:ident: $ty:ty),*) $(-> $ret:ty)? $body:block )*) => {$(
        #[unsafe(no_mangle)]
        #[allow(unsafe_op_in_unsafe_fn)]
        pub unsafe extern "C" fn $name($($arg: $ty),*) $(-> $ret)? $body
    )*};
}

plain! {
    fn PyMem_RawMalloc(size: usize) -> *mut c_void { if size > isize::MAX as usize { ptr::null_mut() } else { memory::raw_malloc(size) } }
    fn PyMem_RawCalloc(count: usize, size: usize) -> *mut c_void { if size != 0 && count > isize::MAX as usize / size { ptr::null_mut() } else { memory::raw_calloc(count, size) } }
    fn PyMem_RawRealloc(block: *mut c_void, size: usize) -> *mut c_void { if size > isize::MAX as usize { ptr::null_mut() } else { memory::raw_realloc(block, size) } }
    fn PyMem_RawFree(block: *mut c_void) { memory::raw_free(block) }
    fn PyMem_Malloc(size: usize) -> *mut c_void { if size > isize::MAX as usize { ptr::null_mut() } else { memory::mem_malloc(size) } }
    fn PyMem_Calloc(count: usize, size: usize) -> *mut c_void { if size != 0 && count > isize::MAX as usize / size { ptr::null_mut() } else { memory::mem_calloc(count, size) } }
    fn PyMem_Realloc(block: *mut c_void, size: usize) -> *mut c_void { if size > isize::MAX as usize { ptr::null_mut() } else { memory::mem_realloc(block, size) } }
    fn PyMem_Free(block: *mut c_void) { memory::mem_free(block) }
    fn PyObject_Malloc(size: usize) -> *mut c_void { if size > isize::MAX as usize { ptr::null_mut() } else { memory::object_malloc(size) } }
    fn PyObject_Calloc(count: usize, size: usize) -> *mut c_void { if size != 0 && count > isize::MAX as usize / size { ptr::null_mut() } else { memory::object_calloc(count, size) } }
    fn PyObject_Realloc(block: *mut c_void, size: usize) -> *mut c_void { if size > isize::MAX as usize { ptr::null_mut() } else { memory::object_realloc(block, size) } }

    fn PyObject_Init(op: *mut PyObject, ty: *mut PyTypeObject) -> *mut PyObject {
        init(op, ty);
        op
    }
    fn PyObject_InitVar(op: *mut PyVarObject, ty: *mut PyTypeObject, size: isize) -> *mut PyVarObject {
        init(op.cast(), ty);
        (*op).ob_size.set(size);
        op
    }
    fn PyObject_GC_Track(op: *mut c_void) { gc::track(op.cast()) }
    fn PyObject_GC_UnTrack(op: *mut c_void) { gc::untrack(op.cast()) }
    fn PyObject_GC_IsTracked(op: *mut PyObject) -> c_int { (gc::is_gc(op) && gc::is_tracked(op)) as c_int }
    fn PyObject_GC_IsFinalized(op: *mut PyObject) -> c_int { (gc::is_gc(op) && gc::is_finalized(op)) as c_int }
    fn PyObject_IS_GC(op: *mut PyObject) -> c_int { gc::is_gc(op) as c_int }
    fn _PyTrash_thread_deposit_object(_ts: *mut abi::PyThreadState, op: *mut PyObject) { runtime::object::dealloc(op) }
    fn _PyTrash_thread_destroy_chain(_ts: *mut abi::PyThreadState) {}
}

/// Head of a fresh block: count 1, the type, which a heap type's instances keep alive.
unsafe fn init(op: *mut PyObject, ty: *mut PyTypeObject) {
    // SAFETY: by the callers.
    unsafe {
        (*op).ob_type.set(ty);
        let ty = Type::from_type_ptr(ty);
        if ty.is_heap_type() {
            ty.incref();
        }
        (*op).ob_refcnt_full().set(1);
    }
}

fn item_size(ty: &Type, nitems: isize) -> Option<usize> {
    let items = usize::try_from(nitems).ok()?.checked_mul(ty.0.tp_itemsize.get() as usize)?;
    ty.basicsize().checked_add(items)?.checked_next_multiple_of(8)
}

unsafe fn new_plain(ty: &Type, nitems: isize) -> PyResult<*mut PyObject> {
    let size = if nitems == 0 { Some(ty.basicsize()) } else { item_size(ty, nitems) };
    let Some(size) = size.filter(|&size| size <= isize::MAX as usize) else { return Err(errors::no_memory()) };
    let op = memory::object_malloc(size) as *mut PyObject;
    if op.is_null() {
        return Err(errors::no_memory());
    }
    // SAFETY: a fresh block.
    unsafe { init(op, ty.as_type_ptr()) };
    Ok(op)
}

fn domain(number: c_int) -> Option<Domain> {
    [Domain::Raw, Domain::Mem, Domain::Object].get(number as usize).copied()
}

fn weak(o: Option<&Object>) -> PyResult<&WeakRef> {
    match o {
        Some(o) if weakref::is_weakref(o) => Ok(unsafe { o.cast() }),
        _ => Err(errors::bad_internal_call()),
    }
}

c_api! {
    fn _PyObject_New(ty: Ty<'_>) -> PyResult<*mut PyObject> { new_plain(ty.0, 0) }
    fn _PyObject_NewVar(ty: Ty<'_>, nitems: isize) -> PyResult<*mut PyObject> {
        let op = new_plain(ty.0, nitems)?;
        (*(op as *mut PyVarObject)).ob_size.set(nitems);
        Ok(op)
    }
    fn _PyObject_GC_New(ty: Ty<'_>) -> PyResult<*mut PyObject> { gc::gc_new(ty.0) }
    fn _PyObject_GC_NewVar(ty: Ty<'_>, nitems: isize) -> PyResult<*mut PyVarObject> {
        if nitems < 0 {
            return Err(errors::bad_internal_call());
        }
        let op = gc::alloc_var(ty.0.as_type_ptr(), nitems);
        if op.is_null() { Err(errors::no_memory()) } else { Ok(op) }
    }
    fn _PyObject_GC_Resize(op: *mut PyVarObject, nitems: isize) -> PyResult<*mut PyVarObject> {
        let new = gc::resize_var(op, nitems);
        if new.is_null() { Err(errors::no_memory()) } else { Ok(new) }
    }
    fn PyUnstable_Object_GC_NewWithExtraData(ty: Ty<'_>, extra: usize) -> PyResult<*mut PyObject> {
        let op = gc::alloc_extra(ty.0.as_type_ptr(), extra);
        if op.is_null() { Err(errors::no_memory()) } else { Ok(op) }
    }
    fn PyObject_CallFinalizer(op: *mut PyObject) { gc::call_finalizer(op) }
    fn PyObject_CallFinalizerFromDealloc(op: *mut PyObject) -> c_int { if gc::call_finalizer_from_dealloc(op) { 0 } else { -1 } }
    fn PyGC_Collect() -> isize {
        if !gc::state().is_enabled() {
            return 0;
        }
        collect::collect(2, collect::Reason::Manual) as isize
    }
    fn PyGC_Enable() -> c_int { gc::state().set_enabled(true) as c_int }
    fn PyGC_Disable() -> c_int { gc::state().set_enabled(false) as c_int }
    fn PyGC_IsEnabled() -> c_int { gc::state().is_enabled() as c_int }
    fn PyUnstable_GC_VisitObjects(callback: Option<abi::gcvisitobjects_t>, arg: *mut c_void) {
        let Some(callback) = callback else { return };
        let enabled = gc::state().set_enabled(false);
        gc::each_object(None, |op| callback(op, arg) != 0);
        gc::state().set_enabled(enabled);
    }
    fn PyMem_GetAllocator(number: c_int, out: *mut PyMemAllocatorEx) {
        if let Some(domain) = domain(number) {
            ptr::write(out, memory::allocator(domain));
        }
    }
    fn PyMem_SetAllocator(number: c_int, table: *mut PyMemAllocatorEx) {
        if let Some(domain) = domain(number) {
            memory::set_allocator(domain, &*table);
        }
    }
    fn PyMem_SetupDebugHooks() { memory::setup_debug_hooks() }
    fn _PyMem_Strdup(s: *const std::ffi::c_char) -> *mut std::ffi::c_char { memory::c_string_copy(std::ffi::CStr::from_ptr(s).to_bytes()) }

    // ---- weak references
    fn PyWeakref_NewRef(o: &Object, callback: Option<&Object>) -> PyResult<Owned<WeakRef>> { WeakRef::new(o, callback) }
    fn PyWeakref_NewProxy(o: &Object, callback: Option<&Object>) -> PyResult<Owned<WeakRef>> { WeakRef::new_proxy(o, callback) }
    fn PyWeakref_GetRef(o: Option<&Object>, out: Out<*mut PyObject>) -> PyResult<c_int> {
        match o {
            None => return Err(errors::bad_internal_call()),
            Some(o) if !weakref::is_weakref(o) => return Err(err!(TypeError, "expected a weakref")),
            Some(_) => {}
        }
        Ok(match weak(o)?.get() {
            Some(found) => {
                *out.0 = found.into_raw();
                1
            }
            None => 0,
        })
    }
    fn PyWeakref_GetObject(o: Option<&Object>) -> PyResult<*mut PyObject> { Ok(weak(o)?.get().map_or(types::none().as_ptr(), |found| found.raw())) }
    fn PyWeakref_IsDead(o: Option<&Object>) -> PyResult<c_int> {
        match o {
            Some(o) if weakref::is_weakref(o) => Ok(weak(Some(o))?.get().is_none() as c_int),
            Some(o) => Err(err!(TypeError, "expected a weakref, got {}", o.type_name())),
            None => Err(errors::bad_internal_call()),
        }
    }
    fn PyObject_ClearWeakRefs(op: *mut PyObject) { weakref::clear_weakrefs(op) }
    fn PyUnstable_Object_ClearWeakRefsNoCallbacks(o: &Object) { weakref::clear_without_callbacks(o) }
    fn PyObject_GET_WEAKREFS_LISTPTR(o: &Object) -> *mut *mut PyObject { weakref::list_cell(o).map_or(ptr::null_mut(), |cell| cell.as_ptr()) }
}

static ARENA: runtime::macro_support::Static<std::cell::Cell<[usize; 3]>> = runtime::macro_support::Static(std::cell::Cell::new([0; 3]));

/// Arenas come from the system; the table is kept for those that ask, as they last set it.
/// # Safety
/// `out` may be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyObject_GetArenaAllocator(out: *mut PyObjectArenaAllocator) {
    // SAFETY: three words.
    unsafe { *(out as *mut [usize; 3]) = ARENA.0.get() };
}

/// See `PyObject_GetArenaAllocator`.
/// # Safety
/// `table` may be read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyObject_SetArenaAllocator(table: *mut PyObjectArenaAllocator) {
    // SAFETY: three words.
    ARENA.0.set(unsafe { *(table as *const [usize; 3]) });
}

