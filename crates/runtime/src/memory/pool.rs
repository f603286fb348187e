//! Pools: 16 KiB of blocks of one size class, and the classes' lists of them.
//!
//! Invariants. Each class has a current pool, from which the fast path allocates, and a list of partly used others;
//! full pools are in no list. `used` counts the live blocks of a pool, plus one while it is current, minus
//! `FULL_BIAS` while it is full: so a free that has more to do than push a block sees `used <= 0`, in one test.
//! A pool that is not current and has no live blocks goes back to its arena at once.
//! Everything here is used under the GIL only.

use super::arena::{ARENAS, Arena, FAST, OURS};
use super::{ALIGNMENT, MAX_REQUEST};
use std::cell::Cell;
use std::ffi::c_void;
use std::ptr::{self, NonNull};

/// Larger requests go to the system.
pub const SMALL_REQUEST_THRESHOLD: usize = 512;
pub const CLASSES: usize = SMALL_REQUEST_THRESHOLD / ALIGNMENT;
pub const POOL_SIZE: usize = 16 * 1024;
pub const POOL_OVERHEAD: usize = size_of::<Pool>();

const FULL_BIAS: i32 = 1 << 20;
/// `class` of a pool that lies in its arena unused.
pub const UNUSED: u32 = u32::MAX;
/// Blocks are linked into the free list about a page at a time.
const CARVE_BYTES: usize = 4096;

/// A free block.
pub struct Block {
    next: *mut Block,
}

/// The header of a pool; its blocks follow.
#[repr(C, align(64))]
pub struct Pool {
    free: Cell<*mut Block>,
    used: Cell<i32>,
    pub class: Cell<u32>,
    /// Offset of the first byte never carved into blocks.
    carved: Cell<u32>,
    /// Links of the class's list; `next` also of the arena's list of free pools.
    pub next: Cell<*mut Pool>,
    prev: Cell<*mut Pool>,
    pub arena: Cell<*mut Arena>,
}

// SAFETY: used under the GIL only.
unsafe impl Sync for Pool {}

/// The pool of a class that has none: its free list is empty, and it is never written to.
static NO_POOL: Pool = Pool {
    free: Cell::new(ptr::null_mut()),
    used: Cell::new(0),
    class: Cell::new(UNUSED),
    carved: Cell::new(POOL_SIZE as u32),
    next: Cell::new(ptr::null_mut()),
    prev: Cell::new(ptr::null_mut()),
    arena: Cell::new(ptr::null_mut()),
};

const fn no_pool() -> *mut Pool {
    (&raw const NO_POOL).cast_mut()
}

struct Classes {
    /// What the fast path allocates from; `NO_POOL` throughout while hooks are installed.
    fast: [Cell<*mut Pool>; CLASSES],
    /// The current pools while hooks keep them from the fast path.
    hidden: [Cell<*mut Pool>; CLASSES],
    is_hidden: Cell<bool>,
    /// Heads of the lists of partly used pools.
    partial: [Cell<*mut Pool>; CLASSES],
    /// Live blocks that were too large for the pools.
    large_blocks: Cell<isize>,
}

// SAFETY: used under the GIL only.
unsafe impl Sync for Classes {}

static HEAP: Classes = Classes {
    fast: [const { Cell::new(no_pool()) }; CLASSES],
    hidden: [const { Cell::new(no_pool()) }; CLASSES],
    is_hidden: Cell::new(false),
    partial: [const { Cell::new(ptr::null_mut()) }; CLASSES],
    large_blocks: Cell::new(0),
};

/// A block from the current pool of the size's class; `None` if it has none, or for zero and large sizes.
#[inline(always)]
pub fn allocate_fast(size: usize) -> Option<NonNull<c_void>> {
    let class = size.wrapping_sub(1) / ALIGNMENT;
    if class >= CLASSES {
        return None;
    }
    take_block(&HEAP.fast[class])
}

/// Frees a block of ours without further work; `false` if there is more to do (or it is not ours, or null).
///
/// # Safety
/// `block` is null, or is live and not used afterwards.
#[inline(always)]
pub unsafe fn free_fast(block: *mut c_void) -> bool {
    if !FAST.contains(block as usize) {
        return false;
    }
    // SAFETY: the block is ours, so a pool begins at the multiple of the pool size below it.
    unsafe { release_block(block) };
    true
}

/// Allocates without regard to hooks: small sizes from the pools, others from the system.
pub fn allocate(size: usize) -> *mut c_void {
    if size > SMALL_REQUEST_THRESHOLD {
        return allocate_large(size);
    }
    let class = size.saturating_sub(1) / ALIGNMENT;
    let current = HEAP.current(class);
    loop {
        if let Some(block) = take_block(current) {
            return block.as_ptr();
        }
        if !refill(class) && !(super::reserve::release() && refill(class)) {
            return ptr::null_mut();
        }
    }
}

/// As `allocate`, with zeroed memory.
pub fn allocate_zeroed(count: usize, size: usize) -> *mut c_void {
    let Some(total) = count.checked_mul(size).filter(|&total| total <= MAX_REQUEST) else {
        return ptr::null_mut();
    };
    if total > SMALL_REQUEST_THRESHOLD {
        // SAFETY: a plain allocation.
        let block = unsafe { libc::calloc(1, total) };
        HEAP.count_large(!block.is_null() as isize);
        return block;
    }
    let block = allocate(total);
    if !block.is_null() {
        // SAFETY: the block has at least `total` bytes.
        unsafe { ptr::write_bytes(block.cast::<u8>(), 0, total) };
    }
    block
}

/// Frees without regard to hooks.
///
/// # Safety
/// `block` is null or came from this module, is live and not used afterwards.
pub unsafe fn free(block: *mut c_void) {
    if OURS.contains(block as usize) {
        // SAFETY: the block lies in one of our pools.
        unsafe { release_block(block) };
    } else if !block.is_null() {
        HEAP.count_large(-1);
        // SAFETY: what is not ours came from the system.
        unsafe { libc::free(block) };
    }
}

/// Resizes without regard to hooks. A block is copied to a smaller class only if that saves a quarter.
///
/// # Safety
/// As `free`; on failure (null) the block stays.
pub unsafe fn reallocate(block: *mut c_void, size: usize) -> *mut c_void {
    if block.is_null() {
        return allocate(size);
    }
    if !OURS.contains(block as usize) {
        if size > MAX_REQUEST {
            return ptr::null_mut();
        }
        // SAFETY: what is not ours came from the system.
        return unsafe { libc::realloc(block, size.max(1)) };
    }
    // SAFETY: the block lies in one of our pools.
    let old_size = unsafe { class_size((*pool_of(block)).class.get() as usize) };
    if size <= old_size && 4 * size > 3 * old_size {
        return block;
    }
    let new = allocate(size);
    if new.is_null() {
        // A smaller block is no reason to fail.
        return if size <= old_size { block } else { new };
    }
    // SAFETY: both blocks have the bytes that are copied; the old one is not used again.
    unsafe {
        ptr::copy_nonoverlapping(block.cast::<u8>(), new.cast::<u8>(), size.min(old_size));
        release_block(block);
    }
    new
}

/// Live blocks of the `mem` and `object` domains (`sys.getallocatedblocks`).
pub fn allocated_blocks() -> usize {
    let mut blocks = HEAP.large_blocks.get();
    ARENAS.each_pool(|pool| blocks += pool.live_blocks() as isize);
    blocks.max(0) as usize
}

/// Keeps the fast path from the pools, or lets it use them again.
pub fn hide(hidden: bool) {
    if HEAP.is_hidden.replace(hidden) != hidden {
        for (fast, saved) in HEAP.fast.iter().zip(&HEAP.hidden) {
            fast.swap(saved);
        }
        ARENAS.hide(hidden);
    }
}

pub fn class_size(class: usize) -> usize {
    (class + 1) * ALIGNMENT
}

impl Pool {
    /// Makes fresh memory a pool of `arena`.
    ///
    /// # Safety
    /// `pool` points to `POOL_SIZE` bytes that nobody uses.
    pub unsafe fn claim(pool: *mut Pool, arena: *mut Arena) {
        // SAFETY: by contract.
        unsafe {
            pool.write(Pool {
                free: Cell::new(ptr::null_mut()),
                used: Cell::new(0),
                class: Cell::new(UNUSED),
                carved: Cell::new(0),
                next: Cell::new(ptr::null_mut()),
                prev: Cell::new(ptr::null_mut()),
                arena: Cell::new(arena),
            });
        }
    }

    /// Blocks in use.
    pub fn live_blocks(&self) -> usize {
        let class = self.class.get();
        if class == UNUSED {
            return 0;
        }
        let used = self.used.get();
        if used < 0 {
            return (used + FULL_BIAS) as usize;
        }
        used as usize - usize::from(ptr::eq(HEAP.current(class as usize).get(), self))
    }

    /// Blocks that fit.
    pub fn capacity(&self) -> usize {
        match self.class.get() {
            UNUSED => 0,
            class => (POOL_SIZE - POOL_OVERHEAD) / class_size(class as usize),
        }
    }

    /// Links further blocks into the empty free list; `false` if all are carved.
    fn carve(&self) -> bool {
        let size = class_size(self.class.get() as usize);
        let start = self.carved.get() as usize;
        let count = ((POOL_SIZE - start) / size).min((CARVE_BYTES / size).max(1));
        if count == 0 {
            return false;
        }
        let base = ptr::from_ref(self).cast_mut().cast::<u8>();
        let mut next = ptr::null_mut();
        for index in (0..count).rev() {
            // SAFETY: the blocks lie within the pool and were never handed out.
            unsafe {
                let block = base.add(start + index * size).cast::<Block>();
                block.write(Block { next });
                next = block;
            }
        }
        self.free.set(next);
        self.carved.set((start + count * size) as u32);
        true
    }
}

impl Classes {
    /// Where the class's current pool stands, hidden or not.
    fn current(&self, class: usize) -> &Cell<*mut Pool> {
        if self.is_hidden.get() { &self.hidden[class] } else { &self.fast[class] }
    }

    fn count_large(&self, change: isize) {
        self.large_blocks.set(self.large_blocks.get() + change);
    }

    fn link(&self, pool: &Pool) {
        let this = ptr::from_ref(pool).cast_mut();
        let head = self.partial[pool.class.get() as usize].replace(this);
        pool.prev.set(ptr::null_mut());
        pool.next.set(head);
        if !head.is_null() {
            // SAFETY: pools in lists are valid.
            unsafe { (*head).prev.set(this) };
        }
    }

    fn unlink(&self, pool: &Pool) {
        let (prev, next) = (pool.prev.get(), pool.next.get());
        if !next.is_null() {
            // SAFETY: pools in lists are valid.
            unsafe { (*next).prev.set(prev) };
        }
        if prev.is_null() {
            self.partial[pool.class.get() as usize].set(next);
        } else {
            // SAFETY: as above.
            unsafe { (*prev).next.set(next) };
        }
    }
}

#[inline(always)]
fn take_block(current: &Cell<*mut Pool>) -> Option<NonNull<c_void>> {
    // SAFETY: a current pool is valid (`NO_POOL` if there is none); a free block holds the link to the next.
    unsafe {
        let pool = &*current.get();
        let block = pool.free.get();
        let found = NonNull::new(block)?;
        pool.free.set((*block).next);
        pool.used.set(pool.used.get() + 1);
        Some(found.cast())
    }
}

#[inline(always)]
fn pool_of(block: *mut c_void) -> *mut Pool {
    block.map_addr(|address| address & !(POOL_SIZE - 1)).cast()
}

/// Pushes a block onto its pool's free list.
///
/// # Safety
/// The block lies in one of our pools, is live and not used afterwards.
#[inline(always)]
unsafe fn release_block(block: *mut c_void) {
    // SAFETY: by contract.
    unsafe {
        let pool = &*pool_of(block);
        let block = block.cast::<Block>();
        block.write(Block { next: pool.free.get() });
        pool.free.set(block);
        let used = pool.used.get() - 1;
        pool.used.set(used);
        if used <= 0 {
            pool_changed(pool);
        }
    }
}

/// A pool that was full has a free block, or one that is not current has no live blocks any more.
#[cold]
#[inline(never)]
fn pool_changed(pool: &Pool) {
    if pool.used.get() < 0 {
        pool.used.set(pool.used.get() + FULL_BIAS);
        HEAP.link(pool);
    } else {
        HEAP.unlink(pool);
        pool.class.set(UNUSED);
        // SAFETY: the pool is in no list now and has no live blocks.
        unsafe { ARENAS.give_back(ptr::from_ref(pool).cast_mut()) };
    }
}

/// Gives the class a current pool with a free block; `false` without memory.
#[cold]
#[inline(never)]
fn refill(class: usize) -> bool {
    let current = HEAP.current(class);
    // SAFETY: current pools are valid.
    let old = unsafe { &*current.get() };
    if old.class.get() != UNUSED {
        if old.carve() {
            return true;
        }
        old.used.set(old.used.get() - 1 - FULL_BIAS);
        current.set(no_pool());
    }
    let partial = HEAP.partial[class].get();
    let new = if partial.is_null() {
        let new = ARENAS.take_pool();
        if new.is_null() {
            return false;
        }
        // SAFETY: a fresh pool's header is valid.
        unsafe {
            (*new).free.set(ptr::null_mut());
            (*new).used.set(0);
            (*new).class.set(class as u32);
            (*new).carved.set(POOL_OVERHEAD as u32);
        }
        new
    } else {
        // SAFETY: pools in lists are valid.
        HEAP.unlink(unsafe { &*partial });
        partial
    };
    // SAFETY: as above.
    let pool = unsafe { &*new };
    pool.used.set(pool.used.get() + 1);
    current.set(new);
    !pool.free.get().is_null() || pool.carve()
}

#[cold]
fn allocate_large(size: usize) -> *mut c_void {
    if size > MAX_REQUEST {
        return ptr::null_mut();
    }
    // SAFETY: a plain allocation.
    let block = unsafe { libc::malloc(size) };
    HEAP.count_large(!block.is_null() as isize);
    block
}
