//! Allocation against the system's malloc: `cargo bench -p runtime --bench memory`.

use runtime::memory::{object_free, object_malloc};
use std::ffi::c_void;
use std::hint::black_box;
use std::time::Instant;

const ROUNDS: usize = 20_000_000;

type Malloc = fn(usize) -> *mut c_void;
type Free = fn(*mut c_void);

fn main() {
    let system: (Malloc, Free) = (
        // SAFETY: a plain allocation.
        |size| unsafe { libc::malloc(size) },
        // SAFETY: freed once.
        |block| unsafe { libc::free(block) },
    );
    // SAFETY: freed once.
    let ours: (Malloc, Free) = (|size| object_malloc(size), |block| unsafe { object_free(block) });
    for size in [16, 32, 64, 200, 512] {
        report(&format!("pairs of {size} bytes"), || pairs(system, size), || pairs(ours, size));
    }
    report("1,000 live, random order, 16..512 bytes", || churn(system, 1_000), || churn(ours, 1_000));
    report("1,000,000 live, random order, 16..512 bytes", || churn(system, 1_000_000), || churn(ours, 1_000_000));
}

fn report(what: &str, system: impl Fn(), ours: impl Fn()) {
    let time = |run: &dyn Fn()| {
        (0..3)
            .map(|_| {
                let start = Instant::now();
                run();
                start.elapsed().as_secs_f64() / ROUNDS as f64 * 1e9
            })
            .fold(f64::INFINITY, f64::min)
    };
    println!("{what:45} malloc {:6.2} ns   ours {:6.2} ns", time(&system), time(&ours));
}

#[inline(always)]
fn pairs((malloc, free): (Malloc, Free), size: usize) {
    for _ in 0..ROUNDS {
        free(black_box(malloc(black_box(size))));
    }
}

#[inline(always)]
fn churn((malloc, free): (Malloc, Free), live: usize) {
    let mut blocks = vec![std::ptr::null_mut::<c_void>(); live];
    let mut random = 1u64;
    for _ in 0..ROUNDS {
        random = random.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        let slot = &mut blocks[(random >> 33) as usize % live];
        if !slot.is_null() {
            free(*slot);
        }
        *slot = malloc(16 + (random >> 20) as usize % 497);
        // SAFETY: the block has at least 16 bytes.
        unsafe { *slot.cast::<u64>() = random };
    }
    blocks.into_iter().filter(|block| !block.is_null()).for_each(free);
}
