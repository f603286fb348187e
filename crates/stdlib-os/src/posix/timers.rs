//! Timers behind file descriptors.

use crate::call::{once_os, quick};
use runtime::err;
use runtime::errors::PyResult;
use std::ffi::c_int;

const BILLION: i64 = 1_000_000_000;

fn timespec(ns: i64) -> libc::timespec {
    libc::timespec { tv_sec: ns.div_euclid(BILLION), tv_nsec: ns.rem_euclid(BILLION) }
}

fn nanoseconds(time: libc::timespec) -> i64 {
    time.tv_sec.saturating_mul(BILLION).saturating_add(time.tv_nsec)
}

fn seconds(time: libc::timespec) -> f64 {
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// Nanoseconds of seconds, rounded down.
fn from_seconds(value: f64) -> PyResult<i64> {
    if value.is_nan() {
        return Err(err!(ValueError, "Invalid value NaN (not a number)"));
    }
    let ns = (value * 1e9).floor();
    if !(-9.223372036854775808e18..9.223372036854775808e18).contains(&ns) {
        return Err(err!(OverflowError, "timestamp out of range for platform time_t"));
    }
    Ok(ns as i64)
}

fn set(fd: c_int, flags: c_int, initial: i64, interval: i64) -> PyResult<libc::itimerspec> {
    let new = libc::itimerspec { it_interval: timespec(interval), it_value: timespec(initial) };
    let mut old = libc::itimerspec { it_interval: timespec(0), it_value: timespec(0) };
    // SAFETY: two structs of numbers.
    quick(unsafe { libc::timerfd_settime(fd, flags, &new, &mut old) })?;
    Ok(old)
}

fn get(fd: c_int) -> PyResult<libc::itimerspec> {
    let mut current = libc::itimerspec { it_interval: timespec(0), it_value: timespec(0) };
    // SAFETY: room for the result.
    quick(unsafe { libc::timerfd_gettime(fd, &mut current) })?;
    Ok(current)
}

#[macros::pyfunctions(FUNCTIONS)]
pub mod functions {
    use super::*;

    /// A timer's descriptor.
    #[function("timerfd_create($module, clockid, /, *, flags=0)")]
    fn timerfd_create(clockid: i32, flags: i32) -> PyResult<i32> {
        // SAFETY: numbers only.
        once_os(move || unsafe { libc::timerfd_create(clockid, flags | libc::TFD_CLOEXEC) })
    }

    /// Set a timer: first expiration and interval in seconds; gives the former ones.
    #[function("timerfd_settime($module, fd, /, *, flags=0, initial=0.0, interval=0.0)")]
    fn timerfd_settime(fd: i32, flags: i32, initial: f64, interval: f64) -> PyResult<(f64, f64)> {
        let old = set(fd, flags, from_seconds(initial)?, from_seconds(interval)?)?;
        Ok((seconds(old.it_value), seconds(old.it_interval)))
    }

    /// Set a timer: first expiration and interval in nanoseconds; gives the former ones.
    #[function("timerfd_settime_ns($module, fd, /, *, flags=0, initial=0, interval=0)")]
    fn timerfd_settime_ns(fd: i32, flags: i32, initial: i64, interval: i64) -> PyResult<(i64, i64)> {
        let old = set(fd, flags, initial, interval)?;
        Ok((nanoseconds(old.it_value), nanoseconds(old.it_interval)))
    }

    /// A timer's next expiration and interval in seconds.
    #[function("timerfd_gettime($module, fd, /)")]
    fn timerfd_gettime(fd: i32) -> PyResult<(f64, f64)> {
        let current = get(fd)?;
        Ok((seconds(current.it_value), seconds(current.it_interval)))
    }

    /// A timer's next expiration and interval in nanoseconds.
    #[function("timerfd_gettime_ns($module, fd, /)")]
    fn timerfd_gettime_ns(fd: i32) -> PyResult<(i64, i64)> {
        let current = get(fd)?;
        Ok((nanoseconds(current.it_value), nanoseconds(current.it_interval)))
    }
}
