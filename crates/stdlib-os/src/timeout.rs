//! Timeouts and times as arguments: seconds or milliseconds, int or float, in nanoseconds (`PyTime_t`).

use runtime::err;
use runtime::errors::{PyResult, Raised};
use runtime::object::Object;
use runtime::protocol::number;
use runtime::types::Float;
use std::time::{Duration, Instant};

/// Nanoseconds of a count of seconds; fractions are rounded away from 0.
pub fn from_seconds(value: &Object) -> PyResult<i64> {
    scaled(value, 1_000_000_000)
}

/// Nanoseconds of a count of milliseconds; fractions are rounded away from 0.
pub fn from_milliseconds(value: &Object) -> PyResult<i64> {
    scaled(value, 1_000_000)
}

fn scaled(value: &Object, unit: i64) -> PyResult<i64> {
    if let Some(float) = value.downcast::<Float>() {
        let float = float.value();
        if float.is_nan() {
            return Err(err!(ValueError, "Invalid value NaN (not a number)"));
        }
        let scaled = float * unit as f64;
        let rounded = if scaled >= 0.0 { scaled.ceil() } else { scaled.floor() };
        if !(-9.223372036854775808e18..9.223372036854775808e18).contains(&rounded) {
            return Err(out_of_range());
        }
        return Ok(rounded as i64);
    }
    if !number::check_index(value) {
        return Err(err!(TypeError, "'{}' object cannot be interpreted as an integer or float", value.type_name()));
    }
    let int = number::index(value)?;
    int.as_i64().and_then(|n| n.checked_mul(unit)).ok_or_else(out_of_range)
}

#[cold]
fn out_of_range() -> Raised {
    err!(OverflowError, "timestamp out of range for C PyTime_t")
}

/// Milliseconds of nanoseconds, rounded up.
pub fn milliseconds(ns: i64) -> i64 {
    ns.div_euclid(1_000_000) + (ns.rem_euclid(1_000_000) != 0) as i64
}

/// When a wait that may be interrupted ends; `None`: never.
#[derive(Clone, Copy)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// Negative: never.
    pub fn after(ns: i64) -> Deadline {
        match u64::try_from(ns) {
            Ok(ns) => Deadline(Instant::now().checked_add(Duration::from_nanos(ns))),
            Err(_) => Deadline(None),
        }
    }
    pub const NEVER: Deadline = Deadline(None);
    /// Nanoseconds left, at least 0; -1: no end.
    pub fn left(&self) -> i64 {
        match self.0 {
            None => -1,
            Some(end) => end.saturating_duration_since(Instant::now()).as_nanos().min(i64::MAX as u128) as i64,
        }
    }
    /// For poll and epoll_wait: milliseconds, rounded up; -1: no end.
    pub fn left_milliseconds(&self) -> i32 {
        match self.left() {
            -1 => -1,
            ns => milliseconds(ns).min(i32::MAX as i64) as i32,
        }
    }
}
