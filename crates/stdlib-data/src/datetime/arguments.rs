//! Arguments of the constructors, with the errors that CPython has for them, and the checks of values.

use super::calendar::{MAX_YEAR, MIN_YEAR, days_in_month};
use runtime::err;
use runtime::errors::{PyResult, Raised};
use runtime::object::Object;
use runtime::protocol::number;
use runtime::types::{Dict, Str, Tuple};

/// The arguments of a constructor by parameter; those after `positional` are keyword-only.
pub fn parse<'a, const N: usize>(args: &'a Tuple, kwargs: Option<&'a Dict>, names: [&str; N], required: usize, positional: usize) -> PyResult<[Option<&'a Object>; N]> {
    let mut given: [Option<&'a Object>; N] = [None; N];
    let (count, keywords) = (args.len(), kwargs.map_or(0, |k| k.len()));
    if count + keywords > N {
        let kind = if count == 0 { "keyword " } else { "" };
        return Err(err!(TypeError, "function takes at most {} {}arguments ({} given)", N, kind, count + keywords));
    }
    if count > positional {
        return Err(err!(TypeError, "function takes at most {} positional arguments ({} given)", positional, count));
    }
    for (slot, arg) in given.iter_mut().zip(args.iter()) {
        *slot = Some(arg);
    }
    let mut used = 0;
    if let Some(kwargs) = kwargs.filter(|k| k.len() > 0) {
        for (i, name) in names.iter().enumerate() {
            // The dict of a call keeps its values while the call lasts.
            let Some(value) = kwargs.get(name) else { continue };
            if given[i].is_some() {
                return Err(err!(TypeError, "argument for function given by name ('{}') and position ({})", name, i + 1));
            }
            // SAFETY: the call's dict owns the value, and nothing changes it.
            given[i] = Some(unsafe { Object::from_ptr(value.raw()) });
            used += 1;
        }
    }
    for i in 0..required {
        if given[i].is_none() {
            // Arguments are converted one by one: a wrong one before this is told first.
            for value in given[..i].iter().flatten() {
                int(value)?;
            }
            return Err(err!(TypeError, "function missing required argument '{}' (pos {})", names[i], i + 1));
        }
    }
    if used < keywords {
        return Err(unexpected(kwargs, &names));
    }
    Ok(given)
}

#[cold]
fn unexpected(kwargs: Option<&Dict>, names: &[&str]) -> Raised {
    let mut pos = 0;
    while let Some((key, _)) = kwargs.and_then(|k| k.next(&mut pos)) {
        match key.downcast::<Str>() {
            None => return err!(TypeError, "keywords must be strings"),
            Some(key) if !names.iter().any(|name| key.eq_str(name)) => {
                return err!(TypeError, "this function got an unexpected keyword argument '{}'", key.to_string_lossy());
            }
            _ => {}
        }
    }
    runtime::errors::bad_internal_call()
}

/// A C `int`.
pub fn int(o: &Object) -> PyResult<i32> {
    let n = number::index(o)?;
    match n.as_i64() {
        None => Err(err!(OverflowError, "Python int too large to convert to C long")),
        Some(n) => i32::try_from(n).map_err(|_| {
            if n < 0 { err!(OverflowError, "signed integer is less than minimum") } else { err!(OverflowError, "signed integer is greater than maximum") }
        }),
    }
}

pub fn int_or(o: Option<&Object>, default: i32) -> PyResult<i32> {
    o.map_or(Ok(default), int)
}

pub fn check_date(year: i32, month: i32, day: i32) -> PyResult<()> {
    if !(MIN_YEAR..=MAX_YEAR).contains(&year) {
        return Err(err!(ValueError, "year must be in {}..{}, not {}", MIN_YEAR, MAX_YEAR, year));
    }
    if !(1..=12).contains(&month) {
        return Err(err!(ValueError, "month must be in 1..12, not {}", month));
    }
    let days = days_in_month(year, month);
    if day < 1 || day > days {
        return Err(err!(ValueError, "day {} must be in range 1..{} for month {} in year {}", day, days, month, year));
    }
    Ok(())
}

pub fn check_time(hour: i32, minute: i32, second: i32, microsecond: i32, fold: i32) -> PyResult<()> {
    let check = |name: &str, value: i32, max: i32| {
        if (0..=max).contains(&value) { Ok(()) } else { Err(err!(ValueError, "{} must be in 0..{}, not {}", name, max, value)) }
    };
    check("hour", hour, 23)?;
    check("minute", minute, 59)?;
    check("second", second, 59)?;
    check("microsecond", microsecond, 999999)?;
    if fold != 0 && fold != 1 {
        return Err(err!(ValueError, "fold must be either 0 or 1, not {}", fold));
    }
    Ok(())
}
