//! Conversions of times between units, with each rounding.

use crate::err;
use crate::errors::PyResult;
use crate::modules::pytime::{self, Rounding, SECOND};
use crate::object::{Object, Owned};
use crate::types::{Float, Int, Tuple};

pub fn rounding(number: i32) -> PyResult<Rounding> {
    Ok(match number {
        0 => Rounding::Floor,
        1 => Rounding::Ceiling,
        2 => Rounding::HalfEven,
        3 => Rounding::Up,
        _ => return Err(err!(ValueError, "invalid rounding")),
    })
}

/// `value / unit`, rounded.
pub fn divide(value: i64, unit: i64, rounding: Rounding) -> i64 {
    let (quotient, rest) = (value / unit, value % unit);
    let away = quotient + if value >= 0 { 1 } else { -1 };
    let up = match rounding {
        _ if rest == 0 => false,
        Rounding::Floor => value < 0,
        Rounding::Ceiling => value > 0,
        Rounding::Up => true,
        Rounding::HalfEven => rest.abs() > unit / 2 || (rest.abs() == unit / 2 && quotient & 1 != 0),
    };
    if up { away } else { quotient }
}

fn pair(a: i64, b: i64) -> Owned<Tuple> {
    Tuple::new(&[Int::from_i64(a).object(), Int::from_i64(b).object()])
}

/// Seconds and microseconds.
pub fn timeval(ns: i64, rounding: Rounding) -> Owned<Tuple> {
    let us = divide(ns, 1000, rounding);
    pair(us.div_euclid(1_000_000), us.rem_euclid(1_000_000))
}

/// Seconds and nanoseconds.
pub fn timespec(ns: i64) -> Owned<Tuple> {
    pair(ns.div_euclid(SECOND), ns.rem_euclid(SECOND))
}

/// A number of seconds as whole seconds and `denominator`-ths of one.
pub fn split(value: &Object, denominator: i64, rounding: Rounding) -> PyResult<Owned<Tuple>> {
    let Some(float) = value.downcast::<Float>() else { return Ok(pair(pytime::to_time_t(value, rounding)?, 0)) };
    let value = float.value();
    if value.is_nan() {
        return Err(err!(ValueError, "Invalid value NaN (not a number)"));
    }
    let mut whole = value.trunc();
    let mut part = pytime::round((value - whole) * denominator as f64, rounding);
    if part >= denominator as f64 {
        part -= denominator as f64;
        whole += 1.0;
    } else if part < 0.0 {
        part += denominator as f64;
        whole -= 1.0;
    }
    if !(-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&whole) {
        return Err(err!(OverflowError, "timestamp out of range for platform time_t"));
    }
    Ok(pair(whole as i64, part as i64))
}
