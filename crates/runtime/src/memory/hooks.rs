//! The cold half of allocation: what happens when the fast path does not serve a request, and allocator hooks.
//!
//! Each domain has a table of four functions (`PyMemAllocatorEx`). As long as all are the built-in ones, `HOOKED` is
//! false and requests go straight to `pool.rs` (the raw domain: to malloc); otherwise through the tables.

use super::{MAX_REQUEST, pool};
use abi::PyMemAllocatorEx;
use std::cell::Cell;
use std::ffi::c_void;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

/// The allocation domains, numbered as `PyMemAllocatorDomain`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(usize)]
pub enum Domain {
    Raw = 0,
    Mem = 1,
    Object = 2,
}

type Table = (
    *mut c_void,
    unsafe extern "C" fn(*mut c_void, usize) -> *mut c_void,
    unsafe extern "C" fn(*mut c_void, usize, usize) -> *mut c_void,
    unsafe extern "C" fn(*mut c_void, *mut c_void, usize) -> *mut c_void,
    unsafe extern "C" fn(*mut c_void, *mut c_void),
);

struct Tables([Cell<Table>; 3]);

// SAFETY: written under the GIL; the raw domain's table is installed before other threads allocate through it.
unsafe impl Sync for Tables {}

static TABLES: Tables = Tables([
    Cell::new((ptr::null_mut(), system_malloc, system_calloc, system_realloc, system_free)),
    Cell::new((ptr::null_mut(), pool_malloc, pool_calloc, pool_realloc, pool_free)),
    Cell::new((ptr::null_mut(), pool_malloc, pool_calloc, pool_realloc, pool_free)),
]);

/// A table of `mem` or `object` is not the built-in one.
static HOOKED: AtomicBool = AtomicBool::new(false);
/// The table of `raw` is not the built-in one.
static RAW_HOOKED: AtomicBool = AtomicBool::new(false);

/// `PyMem_GetAllocator`.
pub fn allocator(domain: Domain) -> PyMemAllocatorEx {
    let (ctx, malloc, calloc, realloc, free) = TABLES.0[domain as usize].get();
    PyMemAllocatorEx {
        ctx: Cell::new(ctx),
        malloc: Cell::new(Some(malloc)),
        calloc: Cell::new(Some(calloc)),
        realloc: Cell::new(Some(realloc)),
        free: Cell::new(Some(free)),
    }
}

/// `PyMem_SetAllocator`. A table with a function missing is ignored.
pub fn set_allocator(domain: Domain, table: &PyMemAllocatorEx) {
    let (Some(malloc), Some(calloc), Some(realloc), Some(free)) =
        (table.malloc.get(), table.calloc.get(), table.realloc.get(), table.free.get())
    else {
        return;
    };
    TABLES.0[domain as usize].set((table.ctx.get(), malloc, calloc, realloc, free));
    if domain == Domain::Raw {
        RAW_HOOKED.store(!std::ptr::fn_addr_eq(malloc, system_malloc as unsafe extern "C" fn(_, _) -> _), Ordering::Release);
        return;
    }
    let built_in = |domain: Domain| {
        std::ptr::fn_addr_eq(TABLES.0[domain as usize].get().1, pool_malloc as unsafe extern "C" fn(_, _) -> _)
    };
    let hooked = !(built_in(Domain::Mem) && built_in(Domain::Object));
    HOOKED.store(hooked, Ordering::Relaxed);
    pool::hide(hooked);
}

/// `PYTHONMALLOC=malloc`: all domains from the system. Blocks that exist already stay in the pools and are freed there.
pub fn use_system_allocator() {
    for domain in [Domain::Mem, Domain::Object] {
        let table = PyMemAllocatorEx {
            ctx: Cell::new(ptr::null_mut()),
            malloc: Cell::new(Some(system_malloc)),
            calloc: Cell::new(Some(system_calloc)),
            realloc: Cell::new(Some(pool_realloc)),
            free: Cell::new(Some(pool_free)),
        };
        set_allocator(domain, &table);
    }
}

#[cold]
#[inline(never)]
pub fn malloc_cold(domain: Domain, size: usize) -> *mut c_void {
    if HOOKED.load(Ordering::Relaxed) {
        let (ctx, malloc, ..) = TABLES.0[domain as usize].get();
        // SAFETY: an installed function takes any size.
        return if size > MAX_REQUEST { ptr::null_mut() } else { unsafe { malloc(ctx, size) } };
    }
    pool::allocate(size)
}

#[cold]
#[inline(never)]
pub fn calloc_cold(domain: Domain, count: usize, size: usize) -> *mut c_void {
    if HOOKED.load(Ordering::Relaxed) {
        let (ctx, _, calloc, ..) = TABLES.0[domain as usize].get();
        let fits = count.checked_mul(size).is_some_and(|total| total <= MAX_REQUEST);
        // SAFETY: as above.
        return if fits { unsafe { calloc(ctx, count, size) } } else { ptr::null_mut() };
    }
    pool::allocate_zeroed(count, size)
}

/// # Safety
/// `block` is null or a live block of the domain.
pub unsafe fn realloc(domain: Domain, block: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: by contract.
    unsafe {
        if HOOKED.load(Ordering::Relaxed) {
            let (ctx, _, _, realloc, _) = TABLES.0[domain as usize].get();
            return if size > MAX_REQUEST { ptr::null_mut() } else { realloc(ctx, block, size) };
        }
        pool::reallocate(block, size)
    }
}

/// # Safety
/// `block` is null or a live block of the domain.
#[cold]
#[inline(never)]
pub unsafe fn free_cold(domain: Domain, block: *mut c_void) {
    // SAFETY: by contract.
    unsafe {
        if HOOKED.load(Ordering::Relaxed) {
            let (ctx, .., free) = TABLES.0[domain as usize].get();
            return free(ctx, block);
        }
        pool::free(block);
    }
}

pub fn raw_malloc(size: usize) -> *mut c_void {
    if size > MAX_REQUEST {
        return ptr::null_mut();
    }
    let (ctx, malloc, ..) = raw_table();
    // SAFETY: an installed function takes any size.
    unsafe { malloc(ctx, size) }
}

pub fn raw_calloc(count: usize, size: usize) -> *mut c_void {
    if count.checked_mul(size).is_none_or(|total| total > MAX_REQUEST) {
        return ptr::null_mut();
    }
    let (ctx, _, calloc, ..) = raw_table();
    // SAFETY: as above.
    unsafe { calloc(ctx, count, size) }
}

/// # Safety
/// `block` is null or a live block of the raw domain.
pub unsafe fn raw_realloc(block: *mut c_void, size: usize) -> *mut c_void {
    if size > MAX_REQUEST {
        return ptr::null_mut();
    }
    let (ctx, _, _, realloc, _) = raw_table();
    // SAFETY: by contract.
    unsafe { realloc(ctx, block, size) }
}

/// # Safety
/// `block` is null or a live block of the raw domain.
pub unsafe fn raw_free(block: *mut c_void) {
    let (ctx, .., free) = raw_table();
    // SAFETY: by contract.
    unsafe { free(ctx, block) }
}

fn raw_table() -> Table {
    if RAW_HOOKED.load(Ordering::Acquire) {
        return TABLES.0[Domain::Raw as usize].get();
    }
    (ptr::null_mut(), system_malloc, system_calloc, system_realloc, system_free)
}

unsafe extern "C" fn system_malloc(_: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: a plain allocation; malloc(0) may give null, so at least one byte.
    unsafe { libc::malloc(size.max(1)) }
}

unsafe extern "C" fn system_calloc(_: *mut c_void, count: usize, size: usize) -> *mut c_void {
    let (count, size) = if count == 0 || size == 0 { (1, 1) } else { (count, size) };
    // SAFETY: a plain allocation.
    unsafe { libc::calloc(count, size) }
}

unsafe extern "C" fn system_realloc(_: *mut c_void, block: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: the caller's block is the system's.
    unsafe { libc::realloc(block, size.max(1)) }
}

unsafe extern "C" fn system_free(_: *mut c_void, block: *mut c_void) {
    // SAFETY: the caller's block is the system's.
    unsafe { libc::free(block) }
}

unsafe extern "C" fn pool_malloc(_: *mut c_void, size: usize) -> *mut c_void {
    pool::allocate(size)
}

unsafe extern "C" fn pool_calloc(_: *mut c_void, count: usize, size: usize) -> *mut c_void {
    pool::allocate_zeroed(count, size)
}

unsafe extern "C" fn pool_realloc(_: *mut c_void, block: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: the caller's block is from the pools or the system.
    unsafe { pool::reallocate(block, size) }
}

unsafe extern "C" fn pool_free(_: *mut c_void, block: *mut c_void) {
    // SAFETY: as above.
    unsafe { pool::free(block) }
}
