//! The reserve: address space that is held back from the start, for the moment when the system gives no more memory.
//!
//! Small objects and Rust's own small buffers are made in places that have no way to report failure. When the system refuses them, the
//! reserve is given back to it once (`release`), the request is tried again, and MemoryError is raised at the next check of the eval
//! breaker, which then tries to set the reserve up again (`restore`). Large requests never touch it: they fail with MemoryError at once,
//! or, where only a panic can leave the function, with the panic `OutOfMemory`, which the guard around native functions turns into one.

use super::small_blocks;
use crate::gil;
use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};

/// Address space only: the pages are never touched. The smaller sizes are for a process that has not as much any more.
const SIZES: [usize; 3] = [16 << 20, 4 << 20, 1 << 20];
/// Requests up to this size may use it.
const SMALL: usize = 256 << 10;

static HELD: AtomicPtr<libc::c_void> = AtomicPtr::new(ptr::null_mut());
static HELD_SIZE: AtomicUsize = AtomicUsize::new(0);
/// The reserve was given back, and no MemoryError was raised for it yet.
static OWED: AtomicBool = AtomicBool::new(false);

/// The panic of a large request that failed.
pub struct OutOfMemory;

/// Takes the reserve, if the system has that much. The caller holds the GIL, or no other thread runs.
pub fn restore() -> bool {
    static TRIES: AtomicUsize = AtomicUsize::new(0);
    if !HELD.load(Ordering::Acquire).is_null() {
        return true;
    }
    // Not at every check of the eval breaker: this is slow.
    let tries = TRIES.fetch_add(1, Ordering::Relaxed);
    if tries & 63 != 0 {
        return false;
    }
    if tries > 0 {
        // SAFETY: gives free memory of malloc back to the system.
        unsafe { libc::malloc_trim(0) };
    }
    for size in SIZES {
        // SAFETY: a fresh mapping without access.
        let mapped = unsafe {
            libc::mmap(ptr::null_mut(), size, libc::PROT_NONE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE, -1, 0)
        };
        if mapped != libc::MAP_FAILED {
            HELD_SIZE.store(size, Ordering::Relaxed);
            HELD.store(mapped, Ordering::Release);
            TRIES.store(0, Ordering::Relaxed);
            return true;
        }
    }
    false
}

/// Gives the reserve back to the system; false if it was gone already.
#[cold]
pub fn release() -> bool {
    let held = HELD.swap(ptr::null_mut(), Ordering::Acquire);
    if held.is_null() {
        return false;
    }
    // SAFETY: our own mapping, taken out of the variable by us alone.
    unsafe { libc::munmap(held, HELD_SIZE.load(Ordering::Relaxed)) };
    OWED.store(true, Ordering::Relaxed);
    gil::schedule_memory_error();
    true
}

/// As `take_owed`, for loops in native code that may go on for long; the eval breaker will say so again.
#[inline(always)]
pub fn is_owed() -> bool {
    OWED.load(Ordering::Relaxed)
}

/// Whether MemoryError is due for a reserve that was given back. Says so once each time.
pub fn take_owed() -> bool {
    OWED.swap(false, Ordering::Relaxed)
}

/// Leaves a function that cannot report that `size` bytes were not to be had.
#[cold]
#[inline(never)]
pub fn out_of_memory(size: usize) -> ! {
    if size <= SMALL {
        std::alloc::handle_alloc_error(Layout::from_size_align(size.max(1), 16).unwrap_or(Layout::new::<u64>()));
    }
    std::panic::resume_unwind(Box::new(OutOfMemory))
}

/// Room for one more item in a buffer that a program makes as long as it likes; leaves through `out_of_memory` without it.
#[inline(always)]
pub fn grow<T>(items: &mut Vec<T>) {
    if items.len() == items.capacity() && items.try_reserve(1).is_err() {
        out_of_memory(usize::MAX);
    }
}

/// Appends items to such a buffer; leaves through `out_of_memory` without room for them.
#[inline]
pub fn extend<T: Copy>(items: &mut Vec<T>, more: &[T]) {
    if items.capacity() - items.len() < more.len() && items.try_reserve(more.len()).is_err() {
        out_of_memory(usize::MAX);
    }
    items.extend_from_slice(more);
}

/// Whether the system would give `size` bytes now: for what is about to make buffers that it cannot do without. Small sizes are not asked for.
pub fn probe(size: usize) -> bool {
    if size <= 4 << 20 {
        return true;
    }
    // SAFETY: a mapping that nobody touches. (A block of malloc that is freed at once would not even be asked for.)
    unsafe {
        let mapped = libc::mmap(ptr::null_mut(), size, libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0);
        if mapped == libc::MAP_FAILED {
            return false;
        }
        libc::munmap(mapped, size);
        true
    }
}

/// A buffer with room for `n` items; leaves through `out_of_memory` without it.
pub fn with_room<T>(n: usize) -> Vec<T> {
    let mut items = Vec::new();
    if items.try_reserve_exact(n).is_err() {
        out_of_memory(usize::MAX);
    }
    items
}

/// `n` zeroes; leaves through `out_of_memory` without room for them.
pub fn zeroes(n: usize) -> Vec<u8> {
    let mut bytes = with_room(n);
    bytes.resize(n, 0);
    bytes
}

/// Rust's allocator: the system's, with what the thread has freed before small requests and the reserve behind them.
pub struct Allocator;

// SAFETY: each block is the system allocator's, of the layout or of its class; what fails is tried again.
unsafe impl GlobalAlloc for Allocator {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let Some(class) = small_blocks::class_of(layout) else {
            // SAFETY: by contract.
            return unsafe { from_system(layout) };
        };
        let block = small_blocks::take(class);
        if !block.is_null() {
            return block;
        }
        // SAFETY: a class has a size.
        unsafe { from_system(small_blocks::layout_of(class)) }
    }
    #[inline]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: by contract; the block has the layout's size.
        unsafe {
            if small_blocks::class_of(layout).is_some() {
                let block = self.alloc(layout);
                if !block.is_null() {
                    ptr::write_bytes(block, 0, layout.size());
                }
                return block;
            }
            let block = System.alloc_zeroed(layout);
            if block.is_null() { again(layout.size(), || System.alloc_zeroed(layout)) } else { block }
        }
    }
    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: by contract; the size with this alignment was checked by the caller.
        unsafe {
            let wanted = Layout::from_size_align_unchecked(size, layout.align());
            let (old, new) = (small_blocks::class_of(layout), small_blocks::class_of(wanted));
            if old.is_none() && new.is_none() {
                let moved = System.realloc(block, layout, size);
                return if moved.is_null() { again(size, || System.realloc(block, layout, size)) } else { moved };
            }
            if old == new {
                return block;
            }
            let moved = self.alloc(wanted);
            if !moved.is_null() {
                ptr::copy_nonoverlapping(block, moved, layout.size().min(size));
                self.dealloc(block, layout);
            }
            moved
        }
    }
    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: by contract.
        unsafe {
            match small_blocks::class_of(layout) {
                Some(class) => small_blocks::put(class, block),
                None => System.dealloc(block, layout),
            }
        }
    }
}

/// A block of the system; the reserve is given up for it if it must be.
///
/// # Safety
/// The layout has a size.
unsafe fn from_system(layout: Layout) -> *mut u8 {
    // SAFETY: by contract.
    unsafe {
        let block = System.alloc(layout);
        if block.is_null() { again(layout.size(), || System.alloc(layout)) } else { block }
    }
}

#[cold]
#[inline(never)]
fn again(size: usize, request: impl FnOnce() -> *mut u8) -> *mut u8 {
    if size <= SMALL && release() { request() } else { ptr::null_mut() }
}
