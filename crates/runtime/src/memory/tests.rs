use super::*;
use std::sync::{Mutex, MutexGuard};

/// The pools belong to whoever holds the GIL; in tests this stands in for it.
pub(crate) fn gil() -> MutexGuard<'static, ()> {
    static GIL: Mutex<()> = Mutex::new(());
    GIL.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

pub(crate) struct Random(pub u64);

impl Random {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 33) as usize % bound
    }
}

fn fill(block: *mut c_void, size: usize, seed: u8) {
    // SAFETY: the block has `size` bytes.
    unsafe { ptr::write_bytes(block.cast::<u8>(), seed, size) };
}

fn holds(block: *mut c_void, size: usize, seed: u8) -> bool {
    // SAFETY: as above.
    unsafe { std::slice::from_raw_parts(block.cast::<u8>(), size) }.iter().all(|&byte| byte == seed)
}

#[test]
fn random_requests_keep_their_contents() {
    let _gil = gil();
    let mut random = Random(42);
    let mut live: Vec<(*mut c_void, usize, u8)> = Vec::new();
    let before = allocated_blocks();
    for step in 0..200_000 {
        let size = if random.below(20) == 0 { random.below(5000) } else { random.below(600) };
        match random.below(8) {
            0..4 => {
                let block = object_malloc(size);
                assert!(!block.is_null() && (block as usize).is_multiple_of(ALIGNMENT));
                fill(block, size, step as u8);
                live.push((block, size, step as u8));
            }
            4 => {
                let block = object_calloc(1, size);
                assert!(holds(block, size, 0));
                fill(block, size, step as u8);
                live.push((block, size, step as u8));
            }
            5 if !live.is_empty() => {
                let index = random.below(live.len());
                let (block, old, seed) = live[index];
                // SAFETY: the block is live.
                let new = unsafe { object_realloc(block, size) };
                assert!(holds(new, old.min(size), seed));
                fill(new, size, step as u8);
                live[index] = (new, size, step as u8);
            }
            _ if !live.is_empty() => {
                let (block, size, seed) = live.swap_remove(random.below(live.len()));
                assert!(holds(block, size, seed));
                // SAFETY: the block is live.
                unsafe { object_free(block) };
            }
            _ => {}
        }
    }
    assert_eq!(allocated_blocks() - before, live.len());
    for (block, size, seed) in live {
        assert!(holds(block, size, seed));
        // SAFETY: the block is live.
        unsafe { object_free(block) };
    }
    assert_eq!(allocated_blocks(), before);
}

#[test]
fn zero_bytes_give_distinct_blocks_and_huge_requests_fail() {
    let _gil = gil();
    let (a, b) = (object_malloc(0), mem_malloc(0));
    assert!(!a.is_null() && !b.is_null() && a != b);
    assert!(object_malloc(usize::MAX).is_null());
    assert!(object_calloc(usize::MAX, 16).is_null());
    assert!(raw_malloc(usize::MAX / 2 + 1).is_null());
    // SAFETY: both are live; null is allowed; a failed realloc keeps the block.
    unsafe {
        assert!(object_realloc(a, usize::MAX).is_null());
        object_free(a);
        mem_free(b);
        object_free(ptr::null_mut());
        let c = raw_malloc(0);
        assert!(!c.is_null());
        raw_free(c);
    }
}

#[test]
fn empty_arenas_return_to_the_system() {
    let _gil = gil();
    let (before, ..) = arena::ARENAS.counts();
    let blocks: Vec<_> = (0..200_000).map(|_| object_malloc(64)).collect();
    let (during, ..) = arena::ARENAS.counts();
    assert!(during >= before + 5);
    for block in blocks {
        // SAFETY: live.
        unsafe { object_free(block) };
    }
    let (after, ..) = arena::ARENAS.counts();
    assert!(after <= before + 2, "{after} arenas after, {before} before");
}

#[test]
fn statistics_account_for_every_byte() {
    let _gil = gil();
    let block = object_malloc(100);
    let mut text = String::new();
    debug_malloc_stats(&mut text).unwrap();
    let (arenas, ..) = arena::ARENAS.counts();
    let total = text.lines().last().unwrap().replace(',', "");
    assert!(total.ends_with(&format!("{}", arenas * arena::ARENA_SIZE)), "{text}");
    // SAFETY: live.
    unsafe { object_free(block) };
}

mod hooked {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    static MALLOCS: AtomicUsize = AtomicUsize::new(0);
    static FREES: AtomicUsize = AtomicUsize::new(0);
    struct Base(abi::PyMemAllocatorEx);

    unsafe extern "C" fn malloc(ctx: *mut c_void, size: usize) -> *mut c_void {
        MALLOCS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: ctx is the base table.
        unsafe { ((*ctx.cast::<Base>()).0.malloc.get().unwrap())(ptr::null_mut(), size) }
    }

    unsafe extern "C" fn free(ctx: *mut c_void, block: *mut c_void) {
        FREES.fetch_add(1, Ordering::Relaxed);
        // SAFETY: as above.
        unsafe { ((*ctx.cast::<Base>()).0.free.get().unwrap())(ptr::null_mut(), block) }
    }

    #[test]
    fn hooks_see_every_call_and_leave_no_trace() {
        let _gil = gil();
        let early = object_malloc(40);
        let base = Base(allocator(Domain::Object));
        let table = allocator(Domain::Object);
        table.ctx.set((&raw const base).cast_mut().cast());
        table.malloc.set(Some(malloc));
        table.free.set(Some(free));
        set_allocator(Domain::Object, &table);
        let blocks: Vec<_> = (0..1000).map(|_| object_malloc(40)).collect();
        let of_mem = mem_malloc(40);
        assert_eq!(MALLOCS.load(Ordering::Relaxed), 1000);
        // SAFETY: all live.
        unsafe {
            object_free(early);
            mem_free(of_mem);
            blocks[1..].iter().for_each(|&block| object_free(block));
        }
        assert_eq!(FREES.load(Ordering::Relaxed), 1000);
        set_allocator(Domain::Object, &base.0);
        // SAFETY: live.
        unsafe { object_free(blocks[0]) };
        assert_eq!(FREES.load(Ordering::Relaxed), 1000);
        let again = object_malloc(40);
        assert!(arena::FAST.contains(again as usize));
        // SAFETY: live.
        unsafe { object_free(again) };
    }
}

#[test]
fn free_list_is_bounded_and_last_in_first_out() {
    let list = FreeList::<2>::new();
    let mut blocks = [[0u64; 2]; 3];
    let pointers: Vec<*mut c_void> = blocks.iter_mut().map(|block| (&raw mut *block).cast()).collect();
    // SAFETY: the blocks are ours and large enough.
    unsafe {
        assert!(list.push(pointers[0]) && list.push(pointers[1]));
        assert!(!list.push(pointers[2]));
    }
    assert_eq!(list.len(), 2);
    assert_eq!(list.pop(), pointers[1]);
    assert_eq!(list.pop(), pointers[0]);
    assert!(list.pop().is_null());
}

#[test]
fn debug_hooks_guard_blocks_and_can_be_taken_off() {
    let _gil = gil();
    let plain = [Domain::Raw, Domain::Mem, Domain::Object].map(|domain| (domain, allocator(domain)));
    setup_debug_hooks();
    setup_debug_hooks();
    let block = object_malloc(10);
    assert!(holds(block, 10, 0xCD) && (block as usize).is_multiple_of(ALIGNMENT));
    fill(block, 10, 7);
    // SAFETY: live blocks; the guards are part of what the hooks allocated.
    unsafe {
        assert!(holds(block.cast::<u8>().add(10).cast(), 8, 0xFD));
        assert_eq!(*block.cast::<u8>().sub(8), b'o');
        let grown = object_realloc(block, 1000);
        assert!(holds(grown, 10, 7));
        object_free(grown);
        let zeroed = raw_calloc(3, 5);
        assert!(holds(zeroed, 15, 0));
        raw_free(zeroed);
        mem_free(mem_malloc(0));
    }
    plain.iter().for_each(|(domain, table)| set_allocator(*domain, table));
}
