//! `datetime.datetime_CAPI`: the types and constructors that C code reaches through a capsule (`datetime.h`).

use super::date::{Date, Date_Type};
use super::delta::{Delta_Type, TimeDelta};
use super::moment::{DateTime, DateTime_Type};
use super::time::{Fields, Time, Time_Type};
use super::zone::{self, TimeZone, TzInfo_Type};
use abi::{PyDateTime_CAPI, PyObject, PyTypeObject, c_int};
use runtime::errors::{self, PyResult};
use runtime::intern;
use runtime::macro_support::guard_object;
use runtime::object::{Object, Owned, Type};
use runtime::protocol::{call, object};
use runtime::types::{Capsule, Dict, Module, Str, Tuple};
use std::cell::Cell;

type P = *mut PyObject;
type T = *mut PyTypeObject;

/// The zone in a C argument: None and NULL are none.
/// # Safety
/// NULL or a live object.
unsafe fn zone_of<'a>(zone: P) -> PyResult<Option<&'a Object>> {
    // SAFETY: by contract.
    match unsafe { Object::from_ptr_opt(zone) } {
        None => Ok(None),
        Some(zone) => zone::check_zone(zone),
    }
}

unsafe extern "C" fn date(year: c_int, month: c_int, day: c_int, cls: T) -> P {
    // SAFETY: the capsule's contract: `cls` is a date type.
    guard_object(|| Ok(Date::make(unsafe { Type::from_type_ptr(cls) }, year, month, day)?.into_object()))
}

unsafe extern "C" fn moment(year: c_int, month: c_int, day: c_int, hour: c_int, minute: c_int, second: c_int, microsecond: c_int, zone: P, cls: T) -> P {
    // SAFETY: the capsule's contract.
    unsafe { moment_and_fold(year, month, day, hour, minute, second, microsecond, zone, 0, cls) }
}

unsafe extern "C" fn moment_and_fold(
    year: c_int, month: c_int, day: c_int, hour: c_int, minute: c_int, second: c_int, microsecond: c_int, zone: P, fold: c_int, cls: T,
) -> P {
    // SAFETY: the capsule's contract: `cls` is a datetime type.
    guard_object(|| unsafe {
        let fields = Fields { hour, minute, second, microsecond, fold };
        Ok(DateTime::make(Type::from_type_ptr(cls), (year, month, day, fields), zone_of(zone)?)?.into_object())
    })
}

unsafe extern "C" fn time(hour: c_int, minute: c_int, second: c_int, microsecond: c_int, zone: P, cls: T) -> P {
    // SAFETY: the capsule's contract.
    unsafe { time_and_fold(hour, minute, second, microsecond, zone, 0, cls) }
}

unsafe extern "C" fn time_and_fold(hour: c_int, minute: c_int, second: c_int, microsecond: c_int, zone: P, fold: c_int, cls: T) -> P {
    // SAFETY: the capsule's contract: `cls` is a time type.
    guard_object(|| unsafe { Ok(Time::make(Type::from_type_ptr(cls), Fields { hour, minute, second, microsecond, fold }, zone_of(zone)?)?.into_object()) })
}

/// Days, seconds and microseconds in range already, or (`normalize`) to be brought into range.
unsafe extern "C" fn delta(days: c_int, seconds: c_int, microseconds: c_int, _normalize: c_int, cls: T) -> P {
    guard_object(|| {
        let total = (days as i128 * 86400 + seconds as i128) * 1_000_000 + microseconds as i128;
        // SAFETY: the capsule's contract: `cls` is a timedelta type.
        Ok(TimeDelta::make(unsafe { Type::from_type_ptr(cls) }, total)?.into_object())
    })
}

unsafe extern "C" fn timezone(offset: P, name: P) -> P {
    // SAFETY: live objects, or NULL for no name.
    guard_object(|| unsafe {
        let Some(offset) = Object::from_ptr(offset).downcast::<TimeDelta>() else { return Err(errors::bad_internal_call()) };
        let name = Object::from_ptr_opt(name).and_then(|name| name.downcast::<Str>()).map(Owned::from_ref);
        TimeZone::of(Owned::from_ref(offset), name)
    })
}

unsafe extern "C" fn moment_from_timestamp(cls: P, args: P, kwargs: P) -> P {
    // SAFETY: a class, a tuple, and NULL or a dict.
    guard_object(|| unsafe {
        let method = object::get_attr(Object::from_ptr(cls), intern!("fromtimestamp"))?;
        let Some(args) = Object::from_ptr(args).downcast::<Tuple>() else { return Err(errors::bad_internal_call()) };
        call::call(&method, args, Object::from_ptr_opt(kwargs).and_then(|kwargs| kwargs.downcast::<Dict>()))
    })
}

unsafe extern "C" fn date_from_timestamp(cls: P, args: P) -> P {
    // SAFETY: as above.
    unsafe { moment_from_timestamp(cls, args, std::ptr::null_mut()) }
}

struct Table(PyDateTime_CAPI);
// SAFETY: filled in once, under the GIL.
unsafe impl Sync for Table {}
static TABLE: Table = Table(PyDateTime_CAPI {
    DateType: Cell::new(&raw const Date_Type as T),
    DateTimeType: Cell::new(&raw const DateTime_Type as T),
    TimeType: Cell::new(&raw const Time_Type as T),
    DeltaType: Cell::new(&raw const Delta_Type as T),
    TZInfoType: Cell::new(&raw const TzInfo_Type as T),
    TimeZone_UTC: Cell::new(std::ptr::null_mut()),
    Date_FromDate: Cell::new(Some(date)),
    DateTime_FromDateAndTime: Cell::new(Some(moment)),
    Time_FromTime: Cell::new(Some(time)),
    Delta_FromDelta: Cell::new(Some(delta)),
    TimeZone_FromTimeZone: Cell::new(Some(timezone)),
    DateTime_FromTimestamp: Cell::new(Some(moment_from_timestamp)),
    Date_FromTimestamp: Cell::new(Some(date_from_timestamp)),
    DateTime_FromDateAndTimeAndFold: Cell::new(Some(moment_and_fold)),
    Time_FromTimeAndFold: Cell::new(Some(time_and_fold)),
});

/// Puts the capsule into the module.
pub fn add_capsule(module: &Module) -> PyResult<()> {
    // UTC is immortal.
    TABLE.0.TimeZone_UTC.set(zone::utc()?.raw());
    // SAFETY: both the table and the name are static.
    let capsule = unsafe { Capsule::new(&raw const TABLE.0 as *mut _, c"datetime.datetime_CAPI".as_ptr(), None)? };
    module.add("datetime_CAPI", &capsule)
}
