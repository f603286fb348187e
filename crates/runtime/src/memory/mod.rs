//! Memory: the three allocation domains of the C API, as Rust functions.
//!
//! `raw_*` (`PyMem_Raw*`) is the system's malloc and needs no GIL. `mem_*` (`PyMem_*`) and `object_*` (`PyObject_*`)
//! take blocks up to 512 bytes from our pools (`pool.rs`) and larger ones from the system; their callers hold the GIL.
//! Every block is aligned to 16 bytes, a request for zero bytes gives a pointer of its own, failure gives null.
//!
//! Hooks (`PyMem_SetAllocator`, `PYTHONMALLOC`, `tracemalloc`) cost the fast path nothing: while any is installed, the
//! classes that the fast path looks at are empty and no arena is marked as ours, so each call falls into its cold
//! half, which asks `HOOKED`.

mod arena;
mod debug;
pub mod free_list;
mod hooks;
mod pool;
pub mod reserve;
mod small_blocks;
pub mod stats;
#[cfg(test)]
pub(crate) mod tests;

pub use debug::setup_debug_hooks;
pub use free_list::FreeList;
pub use hooks::{Domain, allocator, set_allocator, use_system_allocator};
pub use pool::{SMALL_REQUEST_THRESHOLD, allocated_blocks};
pub use stats::debug_malloc_stats;

use std::ffi::{c_char, c_void};
use std::ptr;

/// Alignment of every block.
pub const ALIGNMENT: usize = 16;

/// Requests above this fail, so that sizes and differences of pointers fit `Py_ssize_t`.
const MAX_REQUEST: usize = isize::MAX as usize;

/// `PyObject_Malloc`.
#[inline]
pub fn object_malloc(size: usize) -> *mut c_void {
    match pool::allocate_fast(size) {
        Some(block) => block.as_ptr(),
        None => hooks::malloc_cold(Domain::Object, size),
    }
}

/// `PyObject_Calloc`.
#[inline]
pub fn object_calloc(count: usize, size: usize) -> *mut c_void {
    calloc(Domain::Object, count, size)
}

/// `PyObject_Realloc`. On failure the old block stays as it is.
///
/// # Safety
/// `block` is null or came from `object_malloc` and its kin.
#[inline]
pub unsafe fn object_realloc(block: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: by contract.
    unsafe { hooks::realloc(Domain::Object, block, size) }
}

/// `PyObject_Free`.
///
/// # Safety
/// `block` is null or came from `object_malloc` and its kin, and is not used afterwards.
#[inline]
pub unsafe fn object_free(block: *mut c_void) {
    // SAFETY: by contract.
    unsafe {
        if !pool::free_fast(block) {
            hooks::free_cold(Domain::Object, block);
        }
    }
}

/// Applies `PYTHONMALLOC` (or `-X dev`); call it before anything is allocated. `false` for a name that there is not.
pub fn set_up_by_name(name: &str) -> bool {
    match name {
        // One allocator stands for both of CPython's.
        "" | "default" | "pymalloc" | "mimalloc" => {}
        "malloc" => use_system_allocator(),
        "debug" | "pymalloc_debug" | "mimalloc_debug" => setup_debug_hooks(),
        "malloc_debug" => {
            use_system_allocator();
            setup_debug_hooks();
        }
        _ => return false,
    }
    true
}

/// The `tp_free` of most types without `HAVE_GC`: `object_free` under its C name.
///
/// # Safety
/// As `object_free`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyObject_Free(block: *mut c_void) {
    // SAFETY: by contract.
    unsafe { object_free(block) }
}

/// A NUL-ended copy for C to read; null without memory. `c_string_free` gives it back.
pub fn c_string_copy(text: &[u8]) -> *mut c_char {
    let copy = mem_malloc(text.len() + 1).cast::<u8>();
    if !copy.is_null() {
        // SAFETY: the block has one byte more than the text.
        unsafe {
            ptr::copy_nonoverlapping(text.as_ptr(), copy, text.len());
            *copy.add(text.len()) = 0;
        }
    }
    copy.cast()
}

/// Frees what `c_string_copy` (and nothing else) made; null does nothing.
pub fn c_string_free(text: *mut c_char) {
    // SAFETY: callers keep these copies in fields of their own.
    unsafe { mem_free(text.cast()) }
}

/// `PyMem_Malloc`.
#[inline]
pub fn mem_malloc(size: usize) -> *mut c_void {
    match pool::allocate_fast(size) {
        Some(block) => block.as_ptr(),
        None => hooks::malloc_cold(Domain::Mem, size),
    }
}

/// `PyMem_Calloc`.
#[inline]
pub fn mem_calloc(count: usize, size: usize) -> *mut c_void {
    calloc(Domain::Mem, count, size)
}

/// `PyMem_Realloc`. On failure the old block stays as it is.
///
/// # Safety
/// `block` is null or came from `mem_malloc` and its kin.
#[inline]
pub unsafe fn mem_realloc(block: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: by contract.
    unsafe { hooks::realloc(Domain::Mem, block, size) }
}

/// `PyMem_Free`.
///
/// # Safety
/// `block` is null or came from `mem_malloc` and its kin, and is not used afterwards.
#[inline]
pub unsafe fn mem_free(block: *mut c_void) {
    // SAFETY: by contract.
    unsafe {
        if !pool::free_fast(block) {
            hooks::free_cold(Domain::Mem, block);
        }
    }
}

/// `PyMem_RawMalloc`. Needs no GIL, as all of the raw domain.
pub fn raw_malloc(size: usize) -> *mut c_void {
    hooks::raw_malloc(size)
}

/// `PyMem_RawCalloc`.
pub fn raw_calloc(count: usize, size: usize) -> *mut c_void {
    hooks::raw_calloc(count, size)
}

/// `PyMem_RawRealloc`.
///
/// # Safety
/// `block` is null or came from `raw_malloc` and its kin.
pub unsafe fn raw_realloc(block: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: by contract.
    unsafe { hooks::raw_realloc(block, size) }
}

/// `PyMem_RawFree`.
///
/// # Safety
/// `block` is null or came from `raw_malloc` and its kin, and is not used afterwards.
pub unsafe fn raw_free(block: *mut c_void) {
    // SAFETY: by contract.
    unsafe { hooks::raw_free(block) }
}

#[inline]
fn calloc(domain: Domain, count: usize, size: usize) -> *mut c_void {
    let Some(total) = count.checked_mul(size) else { return ptr::null_mut() };
    match pool::allocate_fast(total) {
        Some(block) => {
            // SAFETY: the block has at least `total` bytes.
            unsafe { ptr::write_bytes(block.as_ptr().cast::<u8>(), 0, total) };
            block.as_ptr()
        }
        None => hooks::calloc_cold(domain, count, size),
    }
}
