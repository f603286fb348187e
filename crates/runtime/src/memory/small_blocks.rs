//! Rust's own small buffers: each thread keeps those it has freed, by size, and takes them again.
//!
//! Compiling, parsing and converting make and drop thousands of small vectors and boxes at a time, more than the system's
//! allocator keeps at hand per thread. Invariants: a block of a class was asked of the system with the size of the class and
//! `ALIGN`, so any thread may keep or return it; what a thread keeps of one class is at most `KEPT` bytes.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ptr;

const ALIGN: usize = 16;
const CLASSES: usize = 32;
/// The largest size that has a class.
const MAX: usize = CLASSES * ALIGN;
const KEPT: usize = 256 << 10;

struct Block {
    next: *mut Block,
}

struct Cache {
    free: [Cell<*mut Block>; CLASSES],
    /// How many blocks more may be kept.
    room: [Cell<u32>; CLASSES],
    /// Whether the thread's end will return them.
    guarded: Cell<bool>,
}

thread_local! {
    // Without a destructor of its own the access is one addition to the thread's register.
    static CACHE: Cache = const {
        let mut room = [const { Cell::new(0) }; CLASSES];
        let mut class = 0;
        while class < CLASSES {
            room[class] = Cell::new((KEPT / ((class + 1) * ALIGN)) as u32);
            class += 1;
        }
        Cache { free: [const { Cell::new(ptr::null_mut()) }; CLASSES], room, guarded: Cell::new(false) }
    };
    static GUARD: Guard = const { Guard };
}

/// Returns the thread's blocks when it ends; what is freed after that goes to the system at once.
struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        CACHE.with(|cache| {
            for class in 0..CLASSES {
                cache.room[class].set(0);
                let mut block = cache.free[class].replace(ptr::null_mut());
                while !block.is_null() {
                    // SAFETY: a block of this class that only this list knew.
                    unsafe {
                        let next = (*block).next;
                        System.dealloc(block.cast(), layout_of(class));
                        block = next;
                    }
                }
            }
        });
    }
}

/// The class of a layout that has one.
#[inline(always)]
pub(super) fn class_of(layout: Layout) -> Option<usize> {
    (layout.size().wrapping_sub(1) < MAX && layout.align() <= ALIGN).then(|| (layout.size() - 1) / ALIGN)
}

/// What the system is asked for a block of the class.
#[inline(always)]
pub(super) const fn layout_of(class: usize) -> Layout {
    // SAFETY: the alignment is a power of two, the size small.
    unsafe { Layout::from_size_align_unchecked((class + 1) * ALIGN, ALIGN) }
}

/// A block that the thread has kept, or null.
#[inline(always)]
pub(super) fn take(class: usize) -> *mut u8 {
    CACHE.with(|cache| {
        let block = cache.free[class].get();
        if block.is_null() {
            return miss(cache);
        }
        // SAFETY: a free block of ours; its first word is the list's.
        cache.free[class].set(unsafe { (*block).next });
        cache.room[class].set(cache.room[class].get() + 1);
        block.cast()
    })
}

#[cold]
#[inline(never)]
fn miss(cache: &Cache) -> *mut u8 {
    if !cache.guarded.replace(true) {
        // SAFETY: asks for numbers. The main thread's memory ends with the process.
        let main = unsafe { libc::gettid() == libc::getpid() };
        if !main {
            // A thread that is ending already keeps nothing.
            if GUARD.try_with(|_| ()).is_err() {
                cache.room.iter().for_each(|room| room.set(0));
            }
        }
    }
    ptr::null_mut()
}

/// Keeps a block of the class, or returns it to the system.
///
/// # Safety
/// `block` is of the class, and its owner is done with it.
#[inline(always)]
pub(super) unsafe fn put(class: usize, block: *mut u8) {
    CACHE.with(|cache| {
        let room = cache.room[class].get();
        // SAFETY: by contract.
        unsafe {
            if room == 0 {
                return System.dealloc(block, layout_of(class));
            }
            let block: *mut Block = block.cast();
            (*block).next = cache.free[class].get();
            cache.free[class].set(block);
        }
        cache.room[class].set(room - 1);
    })
}
