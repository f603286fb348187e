//! The head before a collectable object, and circular lists of heads.

use abi::PyObject;
use std::cell::Cell;
use std::ptr;

/// What stands before an object; see the module's header for the flags.
#[repr(C, align(16))]
pub struct Head {
    pub next: Cell<*mut Head>,
    pub prev: Cell<*mut Head>,
}

// SAFETY: used under the GIL only.
unsafe impl Sync for Head {}

/// `prev`: `tp_finalize` has run.
pub const FINALIZED: usize = 1;
/// `prev`: belongs to the collection that runs; the upper bits are a count.
pub const COLLECTING: usize = 2;
const PREV_FLAGS: usize = FINALIZED | COLLECTING;
const COUNT_SHIFT: u32 = 2;
/// `next`: in the list of unreachable objects of the collection that runs.
pub const UNREACHABLE: usize = 1;

impl Head {
    pub const UNTRACKED: Head = Head { next: Cell::new(ptr::null_mut()), prev: Cell::new(ptr::null_mut()) };

    #[inline(always)]
    pub fn of(op: *mut PyObject) -> *mut Head {
        op.cast::<Head>().wrapping_sub(1)
    }

    #[inline(always)]
    pub fn object(head: *mut Head) -> *mut PyObject {
        head.wrapping_add(1).cast()
    }

    #[inline(always)]
    pub fn is_tracked(&self) -> bool {
        !self.next.get().is_null()
    }

    #[inline(always)]
    pub fn has(&self, flag: usize) -> bool {
        self.prev.get().addr() & flag != 0
    }

    #[inline(always)]
    pub fn set_flag(&self, flag: usize) {
        self.prev.set(self.prev.get().map_addr(|bits| bits | flag));
    }

    #[inline(always)]
    pub fn clear_flag(&self, flag: usize) {
        self.prev.set(self.prev.get().map_addr(|bits| bits & !flag));
    }

    /// The link to the one before, without flags.
    #[inline(always)]
    pub fn prev(&self) -> *mut Head {
        self.prev.get().map_addr(|bits| bits & !PREV_FLAGS)
    }

    /// Sets the link to the one before and keeps the flags.
    #[inline(always)]
    pub fn set_prev(&self, prev: *mut Head) {
        let flags = self.prev.get().addr() & PREV_FLAGS;
        self.prev.set(prev.map_addr(|bits| bits | flags));
    }

    /// The count that a collection keeps in place of the link.
    #[inline(always)]
    pub fn count(&self) -> usize {
        self.prev.get().addr() >> COUNT_SHIFT
    }

    #[inline(always)]
    pub fn set_count(&self, count: usize) {
        let flags = self.prev.get().addr() & PREV_FLAGS;
        self.prev.set(ptr::without_provenance_mut(count << COUNT_SHIFT | flags));
    }

    /// Makes the object part of a collection, with its reference count.
    #[inline(always)]
    pub fn start_collecting(&self, count: usize) {
        let finalized = self.prev.get().addr() & FINALIZED;
        self.prev.set(ptr::without_provenance_mut(count << COUNT_SHIFT | COLLECTING | finalized));
    }

    #[inline(always)]
    pub fn decrease_count(&self, by: usize) {
        self.prev.set(self.prev.get().map_addr(|bits| bits.wrapping_sub(by << COUNT_SHIFT)));
    }

    /// Untracked from now on, where the list has been closed without it; of the flags only `FINALIZED` stays.
    #[inline(always)]
    pub fn forget(&self) {
        self.next.set(ptr::null_mut());
        self.prev.set(ptr::without_provenance_mut(self.prev.get().addr() & FINALIZED));
    }

    /// Unlinks a tracked head and leaves it untracked; of the flags only `FINALIZED` stays.
    ///
    /// # Safety
    /// The head is in a list with valid links both ways.
    #[inline(always)]
    pub unsafe fn remove(head: *mut Head) {
        // SAFETY: by contract.
        unsafe {
            let (prev, next) = ((*head).prev(), (*head).next.get());
            (*prev).next.set(next);
            (*next).set_prev(prev);
            (*head).forget();
        }
    }
}

/// A circular list; the list's own head carries no flags. It must not move once something is in it.
#[repr(transparent)]
pub struct List(pub Head);

// SAFETY: used under the GIL only.
unsafe impl Sync for List {}

impl List {
    /// To be made empty with `init` where it stays.
    pub const UNLINKED: List = List(Head::UNTRACKED);

    /// A list that `init` or the first `append` has yet to close.
    pub const fn new() -> List {
        List(Head::UNTRACKED)
    }

    /// Makes the list empty; needed before any other use.
    pub fn init(&self) {
        self.0.next.set(self.head());
        self.0.prev.set(self.head());
    }

    #[inline(always)]
    pub fn head(&self) -> *mut Head {
        (&raw const self.0).cast_mut()
    }

    #[inline(always)]
    pub fn first(&self) -> *mut Head {
        self.0.next.get()
    }

    pub fn is_empty(&self) -> bool {
        self.first() == self.head()
    }

    /// Puts an unlinked head at the end; its flags stay.
    ///
    /// # Safety
    /// The head is valid, is in no list and stays valid while it is in this one.
    #[inline(always)]
    pub unsafe fn append(&self, node: *mut Head) {
        // SAFETY: by contract; the last of a list is valid.
        unsafe {
            let last = self.0.prev.get();
            (*last).next.set(node);
            (*node).set_prev(last);
            (*node).next.set(self.head());
            self.0.prev.set(node);
        }
    }

    /// As `append`, for a head of zeros.
    ///
    /// # Safety
    /// As `append`.
    #[inline(always)]
    pub unsafe fn append_new(&self, node: *mut Head) {
        // SAFETY: as in `append`.
        unsafe {
            let last = self.0.prev.get();
            (*last).next.set(node);
            (*node).prev.set(last);
            (*node).next.set(self.head());
            self.0.prev.set(node);
        }
    }

    /// Moves a head from the list it is in to the end of this one; its flags stay.
    ///
    /// # Safety
    /// The head is in a list with valid links both ways.
    pub unsafe fn take(&self, node: *mut Head) {
        // SAFETY: by contract.
        unsafe {
            let (prev, next) = ((*node).prev(), (*node).next.get());
            (*prev).next.set(next);
            (*next).set_prev(prev);
            self.append(node);
        }
    }

    /// Appends all of this list to `to` and leaves this one empty.
    pub fn merge_into(&self, to: &List) {
        if !self.is_empty() {
            // SAFETY: both lists have valid links.
            unsafe {
                let (first, last, tail) = (self.0.next.get(), self.0.prev.get(), to.0.prev.get());
                (*tail).next.set(first);
                (*first).set_prev(tail);
                (*last).next.set(to.head());
                to.0.prev.set(last);
            }
        }
        self.init();
    }

    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// The heads in order. A head may be removed once the iterator is past it.
    pub fn iter(&self) -> impl Iterator<Item = *mut Head> {
        let end = self.head();
        let mut at = self.first();
        std::iter::from_fn(move || {
            if at == end {
                return None;
            }
            let head = at;
            // SAFETY: heads in a list are valid.
            at = unsafe { (*head).next.get() };
            Some(head)
        })
    }

    /// The heads in order, including those appended while the iteration goes on; none may be removed.
    pub fn iter_growing(&self) -> impl Iterator<Item = *mut Head> {
        let end = self.head();
        let mut at = end;
        std::iter::from_fn(move || {
            // SAFETY: heads in a list are valid; the next one is looked up only now.
            at = unsafe { (*at).next.get() };
            (at != end).then_some(at)
        })
    }
}
