//! A bounded list of dead objects of one type and size, for types that come and go all the time.

use std::cell::Cell;
use std::ffi::c_void;
use std::ptr;

/// Up to `N` blocks, linked through their first word. For statics that are used under the GIL.
pub struct FreeList<const N: usize> {
    head: Cell<*mut c_void>,
    count: Cell<usize>,
}

// SAFETY: used under the GIL only.
unsafe impl<const N: usize> Sync for FreeList<N> {}

impl<const N: usize> FreeList<N> {
    pub const fn new() -> FreeList<N> {
        FreeList { head: Cell::new(ptr::null_mut()), count: Cell::new(0) }
    }

    /// The block pushed last; its first word is overwritten, the rest as it was left. Null if there is none.
    #[inline(always)]
    pub fn pop(&self) -> *mut c_void {
        let block = self.head.get();
        if !block.is_null() {
            // SAFETY: a block in the list begins with the link to the next.
            self.head.set(unsafe { *block.cast::<*mut c_void>() });
            self.count.set(self.count.get() - 1);
        }
        block
    }

    /// Takes a block in; `false` if the list is full, and then the caller frees it.
    ///
    /// # Safety
    /// The block has at least eight bytes, is aligned to eight and used by nobody else from now on.
    #[inline(always)]
    pub unsafe fn push(&self, block: *mut c_void) -> bool {
        if self.count.get() >= N {
            return false;
        }
        // SAFETY: by contract.
        unsafe { *block.cast::<*mut c_void>() = self.head.get() };
        self.head.set(block);
        self.count.set(self.count.get() + 1);
        true
    }

    pub fn len(&self) -> usize {
        self.count.get()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Empties the list, handing each block to `free`.
    pub fn clear(&self, free: impl Fn(*mut c_void)) {
        loop {
            let block = self.pop();
            if block.is_null() {
                return;
            }
            free(block);
        }
    }

    /// While suspended, the list is empty and takes nothing in: every object has a block of its own making (`tracemalloc`).
    pub fn suspend(&self, suspended: bool, free: impl Fn(*mut c_void)) {
        if suspended {
            self.clear(free);
            self.count.set(N);
        } else if self.head.get().is_null() {
            self.count.set(0);
        }
    }
}

impl<const N: usize> Default for FreeList<N> {
    fn default() -> Self {
        Self::new()
    }
}
