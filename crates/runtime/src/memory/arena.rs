//! Arenas: 2 MiB of address space each, aligned to their size, cut into pools.
//!
//! Which addresses are ours is a bitmap with one bit per 2 MiB of the 47-bit user address space (8 MiB of zeroed
//! static memory, of which a program touches a page or two). It needs no reserved range, so `RLIMIT_AS` and what
//! `/proc` shows mean what they say. There are two of them: `OURS` is the truth; `FAST` is what the inlined `free`
//! looks at and is blank while allocator hooks are installed.
//!
//! Arenas with free pools sit in one list per number of free pools, and a pool is taken from the fullest of them: so
//! the emptiest get a chance to become wholly empty and go back to the system. One empty arena is kept.

use super::pool::{POOL_SIZE, Pool};
use std::cell::{Cell, UnsafeCell};
use std::ptr;

pub const ARENA_SIZE: usize = 2 << 20;
pub const POOLS_PER_ARENA: usize = ARENA_SIZE / POOL_SIZE;
const ARENA_SHIFT: u32 = ARENA_SIZE.trailing_zeros();
const MAP_WORDS: usize = 1 << (47 - ARENA_SHIFT - 6);

/// One bit for each 2 MiB of address space.
pub struct ArenaMap(UnsafeCell<[u64; MAP_WORDS]>);

// SAFETY: read and written under the GIL only.
unsafe impl Sync for ArenaMap {}

pub static OURS: ArenaMap = ArenaMap(UnsafeCell::new([0; MAP_WORDS]));
pub static FAST: ArenaMap = ArenaMap(UnsafeCell::new([0; MAP_WORDS]));

impl ArenaMap {
    #[inline(always)]
    pub fn contains(&self, address: usize) -> bool {
        let index = address >> ARENA_SHIFT;
        // SAFETY: the index is reduced to the map's length; the GIL is held.
        let word = unsafe { *(*self.0.get()).get_unchecked((index >> 6) & (MAP_WORDS - 1)) };
        word >> (index & 63) & 1 != 0
    }

    pub fn set(&self, address: usize, ours: bool) {
        let index = address >> ARENA_SHIFT;
        // SAFETY: as above.
        let word = unsafe { &mut (*self.0.get())[(index >> 6) & (MAP_WORDS - 1)] };
        *word = *word & !(1 << (index & 63)) | u64::from(ours) << (index & 63);
    }
}

/// What we know of one arena; it lives outside of it.
pub struct Arena {
    pub base: *mut u8,
    /// Free pools: those given back, then those never used.
    returned: Cell<*mut Pool>,
    free_count: Cell<usize>,
    used_ever: Cell<usize>,
    /// Links of the list of arenas with as many free pools.
    next: Cell<*mut Arena>,
    prev: Cell<*mut Arena>,
}

/// The arenas of the process.
pub struct Arenas {
    all: UnsafeCell<Vec<*mut Arena>>,
    /// Heads of the lists, by the number of free pools (index 0 is not used).
    by_free: [Cell<*mut Arena>; POOLS_PER_ARENA + 1],
    /// Which of these lists are not empty; bit n - 1 for n free pools.
    lists: Cell<u128>,
    highest: Cell<usize>,
    allocated_ever: Cell<usize>,
    hidden: Cell<bool>,
}

// SAFETY: used under the GIL only.
unsafe impl Sync for Arenas {}

pub static ARENAS: Arenas = Arenas {
    all: UnsafeCell::new(Vec::new()),
    by_free: [const { Cell::new(ptr::null_mut()) }; POOLS_PER_ARENA + 1],
    lists: Cell::new(0),
    highest: Cell::new(0),
    allocated_ever: Cell::new(0),
    hidden: Cell::new(false),
};

const _: () = assert!(POOLS_PER_ARENA == u128::BITS as usize);

impl Arenas {
    /// A pool's memory, from the fullest arena that has one; null without memory.
    pub fn take_pool(&self) -> *mut Pool {
        if self.lists.get() == 0 && !self.grow() {
            return ptr::null_mut();
        }
        let free = self.lists.get().trailing_zeros() as usize + 1;
        // SAFETY: a set bit means a list that is not empty.
        let arena = unsafe { &*self.by_free[free].get() };
        self.unlink(arena);
        arena.free_count.set(free - 1);
        self.link(arena);
        let returned = arena.returned.get();
        if !returned.is_null() {
            // SAFETY: a returned pool keeps its header.
            arena.returned.set(unsafe { (*returned).next.get() });
            return returned;
        }
        let index = arena.used_ever.get();
        arena.used_ever.set(index + 1);
        // SAFETY: fewer pools than the arena holds were in use, so this one lies within it.
        let pool = unsafe { arena.base.add(index * POOL_SIZE).cast::<Pool>() };
        // SAFETY: fresh memory of a pool's size.
        unsafe { Pool::claim(pool, ptr::from_ref(arena).cast_mut()) };
        pool
    }

    /// Takes back a pool without live blocks.
    ///
    /// # Safety
    /// The pool came from `take_pool`, is in no list, and nobody uses its blocks.
    pub unsafe fn give_back(&self, pool: *mut Pool) {
        // SAFETY: the header is valid; its arena lives as long as any of its pools is out.
        let arena = unsafe { &*(*pool).arena.get() };
        // SAFETY: as above.
        unsafe { (*pool).next.set(arena.returned.get()) };
        arena.returned.set(pool);
        self.unlink(arena);
        arena.free_count.set(arena.free_count.get() + 1);
        let another_is_empty = self.lists.get() >> (POOLS_PER_ARENA - 1) != 0;
        if arena.free_count.get() == POOLS_PER_ARENA && another_is_empty {
            self.release(ptr::from_ref(arena).cast_mut());
        } else {
            self.link(arena);
        }
    }

    /// Calls `visit` with every pool ever handed out of the arenas that there are, also those given back since.
    pub fn each_pool(&self, mut visit: impl FnMut(&Pool)) {
        // SAFETY: under the GIL; `visit` gets no access to the list.
        for &arena in unsafe { &*self.all.get() } {
            // SAFETY: arenas in the list live; the pools up to `used_ever` have headers.
            unsafe {
                for index in 0..(*arena).used_ever.get() {
                    visit(&*(*arena).base.add(index * POOL_SIZE).cast::<Pool>());
                }
            }
        }
    }

    /// Arenas now, at most, and ever.
    pub fn counts(&self) -> (usize, usize, usize) {
        // SAFETY: under the GIL.
        (unsafe { (*self.all.get()).len() }, self.highest.get(), self.allocated_ever.get())
    }

    /// Free pools in all arenas, counting those never used.
    pub fn free_pools(&self) -> usize {
        // SAFETY: under the GIL; arenas in the list live.
        unsafe { (*self.all.get()).iter().map(|&arena| (*arena).free_count.get()).sum() }
    }

    /// Hides all arenas from the fast path, or shows them again.
    pub fn hide(&self, hidden: bool) {
        self.hidden.set(hidden);
        // SAFETY: under the GIL; arenas in the list live.
        for &arena in unsafe { &*self.all.get() } {
            // SAFETY: as above.
            FAST.set(unsafe { (*arena).base } as usize, !hidden);
        }
    }

    #[cold]
    fn grow(&self) -> bool {
        // SAFETY: under the GIL.
        let all = unsafe { &mut *self.all.get() };
        if all.try_reserve(1).is_err() {
            return false;
        }
        // SAFETY: arenas in the list live.
        let hint = all.last().map_or(0, |&last| unsafe { (*last).base } as usize - ARENA_SIZE);
        let base = map_aligned(hint);
        if base.is_null() {
            return false;
        }
        let arena = Box::into_raw(Box::new(Arena {
            base,
            returned: Cell::new(ptr::null_mut()),
            free_count: Cell::new(POOLS_PER_ARENA),
            used_ever: Cell::new(0),
            next: Cell::new(ptr::null_mut()),
            prev: Cell::new(ptr::null_mut()),
        }));
        all.push(arena);
        OURS.set(base as usize, true);
        FAST.set(base as usize, !self.hidden.get());
        // SAFETY: just made.
        self.link(unsafe { &*arena });
        self.highest.set(self.highest.get().max(all.len()));
        self.allocated_ever.set(self.allocated_ever.get() + 1);
        true
    }

    /// Returns an arena without pools in use to the system. It is in no list of free pools.
    #[cold]
    fn release(&self, arena: *mut Arena) {
        // SAFETY: under the GIL.
        let all = unsafe { &mut *self.all.get() };
        all.retain(|&other| other != arena);
        // SAFETY: the arena came from `Box::into_raw`, none of its pools is in use.
        unsafe {
            let arena = Box::from_raw(arena);
            OURS.set(arena.base as usize, false);
            FAST.set(arena.base as usize, false);
            libc::munmap(arena.base.cast(), ARENA_SIZE);
        }
    }

    fn link(&self, arena: &Arena) {
        let free = arena.free_count.get();
        if free == 0 {
            return;
        }
        let this = ptr::from_ref(arena).cast_mut();
        let head = self.by_free[free].replace(this);
        arena.prev.set(ptr::null_mut());
        arena.next.set(head);
        if !head.is_null() {
            // SAFETY: arenas in lists live.
            unsafe { (*head).prev.set(this) };
        }
        self.lists.set(self.lists.get() | 1 << (free - 1));
    }

    fn unlink(&self, arena: &Arena) {
        let free = arena.free_count.get();
        if free == 0 {
            return;
        }
        let (prev, next) = (arena.prev.get(), arena.next.get());
        if !next.is_null() {
            // SAFETY: arenas in lists live.
            unsafe { (*next).prev.set(prev) };
        }
        if !prev.is_null() {
            // SAFETY: as above.
            unsafe { (*prev).next.set(next) };
        } else {
            self.by_free[free].set(next);
            if next.is_null() {
                self.lists.set(self.lists.get() & !(1 << (free - 1)));
            }
        }
    }
}

/// Maps an arena, at the hint if that is free (arenas side by side make fewer mappings); null without memory.
fn map_aligned(hint: usize) -> *mut u8 {
    let map = |at: usize, size: usize| {
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: an anonymous mapping without MAP_FIXED touches nothing that exists.
        unsafe { libc::mmap(ptr::without_provenance_mut(at), size, protection, flags, -1, 0) }
    };
    let unmap = |at: usize, size: usize| {
        if size > 0 {
            // SAFETY: part of a mapping that was just made and is not used.
            unsafe { libc::munmap(ptr::with_exposed_provenance_mut(at), size) };
        }
    };
    if hint != 0 {
        let base = map(hint, ARENA_SIZE);
        if base != libc::MAP_FAILED {
            if (base as usize).is_multiple_of(ARENA_SIZE) {
                return base.cast();
            }
            unmap(base.expose_provenance(), ARENA_SIZE);
        }
    }
    let base = map(0, 2 * ARENA_SIZE);
    if base == libc::MAP_FAILED {
        return ptr::null_mut();
    }
    let start = base.expose_provenance();
    let aligned = start.next_multiple_of(ARENA_SIZE);
    unmap(start, aligned - start);
    unmap(aligned + ARENA_SIZE, start + ARENA_SIZE - aligned);
    ptr::with_exposed_provenance_mut(aligned)
}
