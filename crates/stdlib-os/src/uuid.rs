//! `_uuid`: version 1 UUIDs from the clock and the address of a network card.

use macros::pymodule;
use runtime::errors::PyResult;
use runtime::object::Owned;
use runtime::types::{Bytes, Int, Module};
use std::sync::Mutex;
use std::time::{SystemTime, UNIX_EPOCH};

/// 100-nanosecond steps from the Gregorian calendar's beginning to 1970.
const EPOCH: u64 = 0x01b2_1dd2_1381_4000;

/// What must not repeat within the process: the last time given out, under a clock sequence that changes when the clock goes back.
struct Clock {
    last: u64,
    sequence: u16,
    node: [u8; 6],
    process: u32,
}

static CLOCK: Mutex<Option<Clock>> = Mutex::new(None);

fn random() -> [u8; 8] {
    let mut out = [0; 8];
    // SAFETY: room for eight bytes.
    unsafe { libc::getrandom(out.as_mut_ptr().cast(), out.len(), 0) };
    out
}

/// The address of the first card that has one of its own; else a random one, marked as such.
fn node() -> [u8; 6] {
    let mut names: Vec<_> = std::fs::read_dir("/sys/class/net").into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    names.sort();
    for name in names {
        let text = std::fs::read_to_string(name.join("address")).unwrap_or_default();
        let bytes: Vec<u8> = text.trim().split(':').filter_map(|byte| u8::from_str_radix(byte, 16).ok()).collect();
        if let Ok(address) = <[u8; 6]>::try_from(bytes)
            && address != [0; 6]
        {
            return address;
        }
    }
    let random = random();
    std::array::from_fn(|i| if i == 0 { random[0] | 1 } else { random[i] })
}

fn time_uuid() -> [u8; 16] {
    let mut clock = CLOCK.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    let process = std::process::id();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64 / 100) + EPOCH;
    let fresh = || {
        let random = random();
        Clock { last: 0, sequence: u16::from_le_bytes([random[0], random[1]]) & 0x3fff, node: node(), process }
    };
    // A forked child begins a sequence of its own.
    let clock = match &mut *clock {
        Some(clock) if clock.process == process => clock,
        other => other.insert(fresh()),
    };
    if now + 10_000_000 < clock.last {
        clock.sequence = (clock.sequence + 1) & 0x3fff;
        clock.last = now;
    } else {
        clock.last = now.max(clock.last + 1);
    }
    let mut out = [0; 16];
    out[..4].copy_from_slice(&(clock.last as u32).to_be_bytes());
    out[4..6].copy_from_slice(&((clock.last >> 32) as u16).to_be_bytes());
    out[6..8].copy_from_slice(&((clock.last >> 48) as u16 & 0x0fff | 0x1000).to_be_bytes());
    out[8..10].copy_from_slice(&(clock.sequence | 0x8000).to_be_bytes());
    out[10..].copy_from_slice(&clock.node);
    out
}

#[pymodule(name = "_uuid")]
pub mod uuid {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        module.add("has_uuid_generate_time_safe", Int::from_i64(1).object())?;
        module.add("has_stable_extractable_node", Int::from_i64(0).object())
    }
    /// A UUID of version 1 as bytes, and -1: no service keeps processes from making the same one.
    #[function("generate_time_safe($module, /)")]
    fn generate_time_safe() -> (Owned<Bytes>, i32) {
        (Bytes::new(&time_uuid()), -1)
    }
}
