//! Timeouts and times as arguments: seconds or milliseconds, int or float, in nanoseconds (`PyTime_t`).

use runtime::err;
use runtime::errors::PyResult;
use runtime::modules::pytime::{self, Rounding};
use runtime::object::Object;
use runtime::protocol::number;
use runtime::types::Float;
use std::time::{Duration, Instant};

/// Nanoseconds of a count of seconds; fractions are rounded away from 0.
pub fn from_seconds(value: &Object) -> PyResult<i64> {
    pytime::from_seconds(value, Rounding::Up)
}

/// Nanoseconds of a count of milliseconds; fractions are rounded away from 0.
pub fn from_milliseconds(value: &Object) -> PyResult<i64> {
    const UNIT: i64 = 1_000_000;
    match value.downcast::<Float>() {
        Some(float) => pytime::from_f64(float.value(), Rounding::Up, UNIT),
        None if !number::check_index(value) => Err(err!(TypeError, "'{}' object cannot be interpreted as an integer or float", value.type_name())),
        None => number::index(value)?.as_i64().and_then(|n| n.checked_mul(UNIT)).ok_or_else(pytime::out_of_range),
    }
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
