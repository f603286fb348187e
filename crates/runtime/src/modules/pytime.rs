//! Times as CPython's C code handles them: nanoseconds in 64 bits, made from Python numbers with a rounding.

use crate::err;
use crate::errors::{PyResult, Raised};
use crate::object::{Object, Owned};
use crate::protocol::number;
use crate::types::{Float, Int};

pub const SECOND: i64 = 1_000_000_000;

/// How a fraction of a unit is dealt with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rounding {
    Floor,
    Ceiling,
    HalfEven,
    /// Away from zero: no timeout is shorter than was asked for.
    Up,
}

#[cold]
pub fn out_of_range() -> Raised {
    err!(OverflowError, "timestamp out of range for C PyTime_t")
}

pub fn round(value: f64, rounding: Rounding) -> f64 {
    match rounding {
        Rounding::Floor => value.floor(),
        Rounding::Ceiling => value.ceil(),
        Rounding::HalfEven => value.round_ties_even(),
        Rounding::Up => if value >= 0.0 { value.ceil() } else { value.floor() },
    }
}

/// Nanoseconds from a float of units of `unit` nanoseconds.
pub fn from_f64(value: f64, rounding: Rounding, unit: i64) -> PyResult<i64> {
    if value.is_nan() {
        return Err(err!(ValueError, "Invalid value NaN (not a number)"));
    }
    let value = round(value * unit as f64, rounding);
    if !(-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&value) {
        return Err(out_of_range());
    }
    Ok(value as i64)
}

/// `_PyTime_FromSecondsObject`: nanoseconds from a number of seconds.
pub fn from_seconds(object: &Object, rounding: Rounding) -> PyResult<i64> {
    if let Some(float) = object.downcast::<Float>() {
        return from_f64(float.value(), rounding, SECOND);
    }
    let seconds = index_or_float(object)?;
    seconds.as_i64().and_then(|s| s.checked_mul(SECOND)).ok_or_else(out_of_range)
}

fn index_or_float(object: &Object) -> PyResult<Owned<Int>> {
    if !number::check_index(object) {
        return Err(err!(TypeError, "'{}' object cannot be interpreted as an integer or float", object.type_name()));
    }
    number::index(object)
}

/// `_PyTime_ObjectToTime_t`: whole seconds.
pub fn to_time_t(object: &Object, rounding: Rounding) -> PyResult<i64> {
    if let Some(float) = object.downcast::<Float>() {
        let value = float.value();
        if value.is_nan() {
            return Err(err!(ValueError, "Invalid value NaN (not a number)"));
        }
        let value = round(value, rounding);
        if !(-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&value) {
            return Err(err!(OverflowError, "timestamp out of range for platform time_t"));
        }
        return Ok(value as i64);
    }
    number::index(object)?.as_i64().ok_or_else(|| err!(OverflowError, "timestamp out of range for platform time_t"))
}

/// Seconds as a float, as exactly as a float can be.
pub fn to_seconds(ns: i64) -> f64 {
    if ns % SECOND == 0 { (ns / SECOND) as f64 } else { ns as f64 / 1e9 }
}

/// A clock in nanoseconds.
pub fn clock(id: libc::clockid_t) -> PyResult<i64> {
    let mut ts = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes to the local struct.
    if unsafe { libc::clock_gettime(id, &mut ts) } != 0 {
        return Err(crate::exceptions::raise_errno());
    }
    from_timespec(&ts)
}

pub fn from_timespec(ts: &libc::timespec) -> PyResult<i64> {
    ts.tv_sec.checked_mul(SECOND).and_then(|s| s.checked_add(ts.tv_nsec)).ok_or_else(out_of_range)
}

/// The monotonic clock, which does not fail.
pub fn monotonic() -> i64 {
    let mut ts = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes to the local struct.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut ts) };
    ts.tv_sec.wrapping_mul(SECOND).wrapping_add(ts.tv_nsec)
}

pub fn timespec(ns: i64) -> libc::timespec {
    libc::timespec { tv_sec: ns.div_euclid(SECOND), tv_nsec: ns.rem_euclid(SECOND) }
}
