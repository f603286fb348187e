//! The table that `sys._debugmallocstats` prints.

use super::arena::{ARENA_SIZE, ARENAS};
use super::pool::{self, CLASSES, POOL_OVERHEAD, POOL_SIZE, SMALL_REQUEST_THRESHOLD, UNUSED};
use std::fmt::{self, Write};

/// Pools and blocks of one size class.
#[derive(Clone, Copy, Default)]
struct ClassCount {
    pools: usize,
    blocks: usize,
    available: usize,
}

/// Writes the state of the pools, as `PyObject_Malloc` keeps them.
pub fn debug_malloc_stats(out: &mut dyn Write) -> fmt::Result {
    let mut classes = [ClassCount::default(); CLASSES];
    ARENAS.each_pool(|pool| {
        if pool.class.get() != UNUSED {
            let class = &mut classes[pool.class.get() as usize];
            class.pools += 1;
            class.blocks += pool.live_blocks();
            class.available += pool.capacity() - pool.live_blocks();
        }
    });
    writeln!(out, "Small block threshold = {SMALL_REQUEST_THRESHOLD}, in {CLASSES} size classes.\n")?;
    writeln!(out, "class   size   num pools   blocks in use  avail blocks")?;
    writeln!(out, "-----   ----   ---------   -------------  ------------")?;
    let (mut pools, mut used, mut available, mut quantization) = (0, 0, 0, 0);
    for (index, class) in classes.iter().enumerate().filter(|(_, class)| class.pools > 0) {
        let size = pool::class_size(index);
        writeln!(out, "{index:5} {size:6} {:11} {:15} {:13}", class.pools, class.blocks, class.available)?;
        pools += class.pools;
        used += class.blocks * size;
        available += class.available * size;
        quantization += class.pools * ((POOL_SIZE - POOL_OVERHEAD) % size);
    }
    let (arenas, highest, ever) = ARENAS.counts();
    let unused = ARENAS.free_pools();
    writeln!(out)?;
    line(out, "# arenas allocated total", ever)?;
    line(out, "# arenas reclaimed", ever - arenas)?;
    line(out, "# arenas highwater mark", highest)?;
    line(out, "# arenas allocated current", arenas)?;
    line(out, &format!("{arenas} arenas * {ARENA_SIZE} bytes/arena"), arenas * ARENA_SIZE)?;
    writeln!(out)?;
    line(out, "# bytes in allocated blocks", used)?;
    line(out, "# bytes in available blocks", available)?;
    line(out, &format!("{unused} unused pools * {POOL_SIZE} bytes"), unused * POOL_SIZE)?;
    line(out, "# bytes lost to pool headers", pools * POOL_OVERHEAD)?;
    line(out, "# bytes lost to quantization", quantization)?;
    line(out, "# bytes lost to arena alignment", 0)?;
    line(out, "Total", used + available + unused * POOL_SIZE + pools * POOL_OVERHEAD + quantization)
}

/// `what` padded to 35 columns, then the number with thousands separated.
fn line(out: &mut dyn Write, what: &str, number: usize) -> fmt::Result {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    writeln!(out, "{what:<35}={grouped:>21}")
}
