//! Timestamps and the local time zone of the system.

use super::calendar::ordinal;
use runtime::errors::{PyResult, Raised};
use runtime::object::Object;
use runtime::types::Float;
use runtime::{err, exceptions};
use std::ffi::CStr;

/// Broken-down time.
pub struct Parts {
    pub year: i32,
    pub month: i32,
    pub day: i32,
    pub hour: i32,
    pub minute: i32,
    pub second: i32,
    /// Seconds east of UTC, and the zone's name.
    pub offset: i64,
    pub zone: Vec<u8>,
}

/// Seconds from the first of January of year 1 to the epoch.
pub const EPOCH: i64 = 719163 * 86400;
/// No transition of a zone is longer.
const MAX_FOLD: i64 = 24 * 3600;

#[cold]
fn out_of_range() -> Raised {
    err!(OverflowError, "timestamp out of range for platform time_t")
}

pub fn break_down(timestamp: i64, local: bool) -> PyResult<Parts> {
    // SAFETY: both structs are ours; the zone's name is a string of the C library's.
    unsafe {
        let mut tm: libc::tm = std::mem::zeroed();
        let done = if local { libc::localtime_r(&timestamp, &mut tm) } else { libc::gmtime_r(&timestamp, &mut tm) };
        if done.is_null() {
            return Err(runtime::exceptions::os_error::raise_os_error(libc::EOVERFLOW, None, None));
        }
        let zone = if tm.tm_zone.is_null() { Vec::new() } else { CStr::from_ptr(tm.tm_zone).to_bytes().to_vec() };
        Ok(Parts {
            year: tm.tm_year.saturating_add(1900),
            month: tm.tm_mon + 1,
            day: tm.tm_mday,
            hour: tm.tm_hour,
            minute: tm.tm_min,
            // A leap second is shown as the one before.
            second: tm.tm_sec.min(59),
            offset: tm.tm_gmtoff as i64,
            zone,
        })
    }
}

/// The seconds from year 1 of the time that a clock shows.
pub fn seconds_shown(p: &Parts) -> i64 {
    ordinal(p.year, p.month, p.day) * 86400 + (p.hour * 3600 + p.minute * 60 + p.second) as i64
}

/// What local clocks show at a time UTC, both as seconds from year 1.
fn local(seconds: i64) -> PyResult<i64> {
    let parts = break_down(seconds - EPOCH, true)?;
    super::arguments::check_date(parts.year, 1, 1)?;
    Ok(seconds_shown(&parts))
}

/// The time UTC when local clocks show `t`; `fold` chooses among two, and the side of a gap.
pub fn local_to_utc(t: i64, fold: bool) -> PyResult<i64> {
    let a = local(t)? - t;
    let u1 = t - a;
    let t1 = local(u1)?;
    let b = if t1 == t {
        // One solution; the other, if there is one, is before it or after it.
        let u2 = if fold { u1 + MAX_FOLD } else { u1 - MAX_FOLD };
        let b = local(u2)? - u2;
        if a == b {
            return Ok(u1);
        }
        b
    } else {
        t1 - u1
    };
    let u2 = t - b;
    if local(u2)? == t {
        return Ok(u2);
    }
    if t1 == t {
        return Ok(u1);
    }
    Ok(if fold { u1.min(u2) } else { u1.max(u2) })
}

/// Whether the local time of a timestamp was shown before, when clocks were set back.
pub fn is_fold(timestamp: i64, shown: i64) -> PyResult<bool> {
    let before = local(EPOCH + timestamp - MAX_FOLD)?;
    let transition = shown - before - MAX_FOLD;
    Ok(transition < 0 && local(EPOCH + timestamp + transition)? == shown)
}

/// A number of seconds rounded down.
pub fn whole_seconds(o: &Object) -> PyResult<i64> {
    if let Some(x) = o.downcast::<Float>() {
        if x.value().is_nan() {
            return Err(err!(ValueError, "Invalid value NaN (not a number)"));
        }
        let x = x.value().floor();
        return if (-9.223372036854775808e18..9.223372036854775808e18).contains(&x) { Ok(x as i64) } else { Err(out_of_range()) };
    }
    runtime::protocol::number::index(o)?.as_i64().ok_or_else(out_of_range)
}

/// Seconds and microseconds, rounded half to even.
pub fn seconds_and_us(o: &Object) -> PyResult<(i64, i32)> {
    if let Some(x) = o.downcast::<Float>() {
        let x = x.value();
        if x.is_nan() {
            return Err(err!(ValueError, "Invalid value NaN (not a number)"));
        }
        let mut whole = x.trunc();
        let mut us = ((x - whole) * 1e6).round_ties_even();
        if us >= 1e6 {
            us -= 1e6;
            whole += 1.0;
        } else if us < 0.0 {
            us += 1e6;
            whole -= 1.0;
        }
        if !(-9.223372036854775808e18..9.223372036854775808e18).contains(&whole) {
            return Err(out_of_range());
        }
        return Ok((whole as i64, us as i32));
    }
    match runtime::errors::catch(runtime::protocol::number::index(o), exceptions::TypeError())? {
        Some(n) => Ok((n.as_i64().ok_or_else(out_of_range)?, 0)),
        None => Err(err!(TypeError, "argument must be int or float, not {}", o.type_name())),
    }
}

pub fn now() -> (i64, i32) {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    (now.as_secs() as i64, now.subsec_micros() as i32)
}

