//! `_datetime`: `date`, `time`, `datetime`, `timedelta`, `tzinfo`, `timezone`. The layouts are CPython's (`abi::datetime`).

mod arguments;
mod calendar;
mod capi;
mod clock;
mod date;
mod delta;
mod iso;
mod moment;
mod posix_tz;
mod text;
mod time;
mod zone;
pub mod zoneinfo;

use date::{Date_Type, IsoCalendarDate_Type};
use delta::Delta_Type;
use macros::pymodule;
use moment::DateTime_Type;
use runtime::errors::PyResult;
use runtime::exceptions;
use runtime::types::{Module, type_ready};
use time::Time_Type;
use zone::{TimeZone_Type, TzInfo_Type};

fn warn_deprecated(message: &str) -> PyResult<()> {
    runtime::modules::warnings::warn(exceptions::DeprecationWarning(), message, 1)
}

/// Fast implementation of the datetime module.
#[pymodule(name = "_datetime")]
#[types(Date_Type, DateTime_Type, Time_Type, Delta_Type, TzInfo_Type, TimeZone_Type)]
pub mod datetime {
    use super::*;

    #[constant]
    const MINYEAR: i32 = calendar::MIN_YEAR;
    #[constant]
    const MAXYEAR: i32 = calendar::MAX_YEAR;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        type_ready(&IsoCalendarDate_Type)?;
        delta::add_constants()?;
        date::add_constants()?;
        time::add_constants()?;
        moment::add_constants()?;
        zone::add_constants()?;
        module.add("UTC", &*zone::utc()?)?;
        capi::add_capsule(module)
    }
}
