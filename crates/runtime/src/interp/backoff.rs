//! The counters in inline caches: a 12-bit countdown and a 4-bit exponent (`_Py_BackoffCounter`), as `dis` and C code read them.

/// Value after quickening: specialise at the second execution.
pub const WARMUP: u16 = (1 << 4) | 1;
/// Value after a successful specialisation: 52 misses before the next attempt.
pub const COOLDOWN: u16 = 52 << 4;
const MAX_BACKOFF: u16 = 12;

#[inline(always)]
pub fn triggers(counter: u16) -> bool {
    counter < 16
}

#[inline(always)]
pub fn advance(counter: u16) -> u16 {
    counter.wrapping_sub(16)
}

/// The counter after a failed attempt: the wait doubles, up to 2^12 executions.
pub fn restart(counter: u16) -> u16 {
    let backoff = (counter & 15).min(MAX_BACKOFF - 1) + 1;
    ((1 << backoff) - 1) << 4 | backoff
}
