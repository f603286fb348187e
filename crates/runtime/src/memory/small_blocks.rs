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

#[cfg(test)]
mod tests {
    use super::{ALIGN, CLASSES, class_of};
    use crate::memory::reserve::Allocator;
    use std::alloc::{GlobalAlloc, Layout};
    use std::thread;

    fn layout(size: usize) -> Layout {
        Layout::from_size_align(size, 1).unwrap()
    }

    #[test]
    fn sizes_have_the_smallest_class_that_holds_them() {
        assert_eq!(class_of(layout(0)), None);
        assert_eq!(class_of(layout(1)), Some(0));
        assert_eq!(class_of(layout(ALIGN)), Some(0));
        assert_eq!(class_of(layout(ALIGN + 1)), Some(1));
        assert_eq!(class_of(layout(CLASSES * ALIGN)), Some(CLASSES - 1));
        assert_eq!(class_of(layout(CLASSES * ALIGN + 1)), None);
        assert_eq!(class_of(Layout::from_size_align(8, 2 * ALIGN).unwrap()), None);
    }

    #[test]
    fn contents_survive_every_change_of_class() {
        for from in [1, 15, 16, 17, 500, 512, 513, 4000] {
            for to in [1, 15, 16, 17, 500, 512, 513, 4000] {
                // SAFETY: the block is of the layout that it is used and freed with.
                unsafe {
                    let block = Allocator.alloc(layout(from));
                    for i in 0..from {
                        *block.add(i) = i as u8;
                    }
                    let block = Allocator.realloc(block, layout(from), to);
                    assert!((0..from.min(to)).all(|i| *block.add(i) == i as u8), "{from} to {to}");
                    Allocator.dealloc(block, layout(to));
                }
            }
        }
    }

    #[test]
    fn a_block_taken_again_as_zeros_is_zeros() {
        for size in [1, 16, 100, 512] {
            // SAFETY: as above.
            unsafe {
                let block = Allocator.alloc(layout(size));
                block.write_bytes(0xff, size);
                Allocator.dealloc(block, layout(size));
                let block = Allocator.alloc_zeroed(layout(size));
                assert!((0..size).all(|i| *block.add(i) == 0), "{size}");
                Allocator.dealloc(block, layout(size));
            }
        }
    }

    #[test]
    fn blocks_outlive_the_thread_that_asked_for_them() {
        // SAFETY: as above; addresses, so that a thread may take them along.
        let made: Vec<usize> = thread::spawn(|| (0..100).map(|_| unsafe { Allocator.alloc(layout(48)) } as usize).collect()).join().unwrap();
        for (i, &block) in made.iter().enumerate() {
            // SAFETY: as above.
            unsafe { (block as *mut u8).write_bytes(i as u8, 48) };
        }
        // SAFETY: as above.
        assert!(made.iter().enumerate().all(|(i, &block)| (0..48).all(|at| unsafe { *(block as *mut u8).add(at) } == i as u8)));
        // SAFETY: as above; nobody uses them any more.
        thread::spawn(move || made.iter().for_each(|&block| unsafe { Allocator.dealloc(block as *mut u8, layout(48)) })).join().unwrap();
    }
}
