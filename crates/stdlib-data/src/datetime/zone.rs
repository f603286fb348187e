//! `tzinfo` and `timezone`, and asking either for its offset, name and daylight saving time.

use super::delta::{TimeDelta, US_PER_DAY};
use super::moment::DateTime;
use macros::{Traverse, pytype};
use runtime::errors::{PyResult, Raised};
use runtime::object::{Object, ObjectHead, Owned, PyTyped, Type};
use runtime::protocol::call;
use runtime::protocol::object::{CompareOp, get_attr_opt, hash, repr};
use runtime::types::{Dict, Str, Tuple, bool_object, not_implemented};
use runtime::{err, intern};
use std::cell::Cell;

#[repr(transparent)]
pub struct TzInfo(pub abi::PyDateTime_TZInfo);

/// Whether an offset is less than a day.
fn check_offset(offset: &TimeDelta) -> PyResult<()> {
    if offset.total().abs() < US_PER_DAY {
        return Ok(());
    }
    let shown = repr(offset)?;
    Err(err!(
        ValueError,
        "offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24), not {}",
        shown.to_string_lossy()
    ))
}

/// `tzinfo.utcoffset(argument)` or `tzinfo.dst(argument)`, checked.
fn call_offset(zone: &Object, name: &'static Str, argument: &Object) -> PyResult<Option<Owned<TimeDelta>>> {
    let result = call::call_method(zone, name, &[argument])?;
    if result.is_none() {
        return Ok(None);
    }
    let result = result.try_into_typed::<TimeDelta>().map_err(|other| {
        err!(TypeError, "tzinfo.{}() must return None or timedelta, not '{}'", name.to_string_lossy(), other.type_name())
    })?;
    check_offset(&result)?;
    Ok(Some(result))
}

/// The offset from UTC of a zone (None: of no zone).
pub fn utc_offset(zone: Option<&Object>, argument: &Object) -> PyResult<Option<Owned<TimeDelta>>> {
    match zone {
        None => Ok(None),
        Some(zone) => match zone.downcast_exact::<TimeZone>() {
            Some(zone) => Ok(Some(zone.offset.clone())),
            None => call_offset(zone, intern!("utcoffset"), argument),
        },
    }
}

pub fn dst(zone: Option<&Object>, argument: &Object) -> PyResult<Option<Owned<TimeDelta>>> {
    match zone {
        Some(zone) if !zone.is_exact::<TimeZone>() => call_offset(zone, intern!("dst"), argument),
        _ => Ok(None),
    }
}

/// The zone's name: a str, or None.
pub fn name(zone: Option<&Object>, argument: &Object) -> PyResult<Option<Owned<Str>>> {
    let Some(zone) = zone else { return Ok(None) };
    let result = call::call_method(zone, intern!("tzname"), &[argument])?;
    if result.is_none() {
        return Ok(None);
    }
    let words = |other: Owned| err!(TypeError, "tzinfo.tzname() must return None or a string, not '{}'", other.type_name());
    result.try_into_typed::<Str>().map(Some).map_err(words)
}

/// The zone given as an argument: None for `None`.
pub fn check_zone(o: &Object) -> PyResult<Option<&Object>> {
    if o.is_none() {
        return Ok(None);
    }
    if TzInfo::check(o) {
        return Ok(Some(o));
    }
    Err(err!(TypeError, "tzinfo argument must be None or of a tzinfo subclass, not type '{}'", o.type_name()))
}

/// `+HH:MM[:SS[.ffffff]]`.
pub fn format_offset(offset: &TimeDelta, separator: &str) -> String {
    let total = offset.total();
    let (sign, total) = (if total < 0 { '-' } else { '+' }, total.abs() as u64);
    let (seconds, us) = (total / 1_000_000, total % 1_000_000);
    let mut text = format!("{}{:02}{}{:02}", sign, seconds / 3600, separator, seconds / 60 % 60);
    if seconds % 60 != 0 || us != 0 {
        text += &format!("{}{:02}", separator, seconds % 60);
        if us != 0 {
            text += &format!(".{us:06}");
        }
    }
    text
}

#[cold]
fn must_implement(name: &str) -> Raised {
    err!(NotImplementedError, "a tzinfo subclass must implement {}()", name)
}

/// The datetime of this zone that `fromutc` was given.
pub fn checked<'a>(zone: &Object, dt: &'a Object) -> PyResult<&'a DateTime> {
    let Some(dt) = dt.downcast::<DateTime>() else {
        return Err(err!(TypeError, "fromutc: argument must be a datetime"));
    };
    if !dt.zone().is_some_and(|own| own.is(zone)) {
        return Err(err!(ValueError, "fromutc: dt.tzinfo is not self"));
    }
    Ok(dt)
}

/// Abstract base class for time zone info objects.
#[pytype(static = TzInfo_Type, name = "tzinfo", module = "datetime", flags = BASETYPE | IMMUTABLETYPE)]
impl TzInfo {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult {
        cls.alloc(0)
    }
    /// datetime -> string name of time zone.
    #[method("tzname($self, object, /)")]
    fn tzname(&self, _dt: &Object) -> PyResult<()> {
        Err(must_implement("tzname"))
    }
    /// datetime -> timedelta showing offset from UTC, negative values indicating West of UTC
    #[method("utcoffset($self, object, /)")]
    fn utcoffset(&self, _dt: &Object) -> PyResult<()> {
        Err(must_implement("utcoffset"))
    }
    /// datetime -> DST offset as timedelta positive east of UTC.
    #[method("dst($self, object, /)")]
    fn dst(&self, _dt: &Object) -> PyResult<()> {
        Err(must_implement("dst"))
    }
    /// datetime in UTC -> datetime in local time.
    #[method("fromutc($self, object, /)")]
    fn fromutc(&self, dt: &Object) -> PyResult {
        let dt = checked(self, dt)?;
        let Some(offset) = utc_offset(dt.zone(), dt)? else {
            return Err(err!(ValueError, "fromutc: non-None utcoffset() result required"));
        };
        let Some(saving) = dst(dt.zone(), dt)? else {
            return Err(err!(ValueError, "fromutc: non-None dst() result required"));
        };
        // The standard offset first; what is then in force in addition.
        let standard = dt.add(offset.total() - saving.total())?;
        let Some(saving) = dst(Some(self), &standard)? else {
            return Err(err!(ValueError, "fromutc: tz.dst() gave inconsistent results; cannot convert"));
        };
        match standard.downcast::<DateTime>() {
            Some(moment) if !saving.is_zero() => moment.add(saving.total()),
            _ => Ok(standard),
        }
    }
    /// -> (cls, state)
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> PyResult<Owned<Tuple>> {
        let args = match get_attr_opt(self, intern!("__getinitargs__"))? {
            Some(get) => call::call0(&get)?,
            None => Tuple::empty().into_object(),
        };
        let state = call::call_method0(self, intern!("__getstate__"))?;
        Ok(Tuple::triple(self.ty().to_owned(), args, state))
    }
}

// ---- timezone ------------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct TimeZone {
    head: ObjectHead,
    #[traverse(skip)]
    pub offset: Owned<TimeDelta>,
    #[traverse(skip)]
    name: Option<Owned<Str>>,
}

struct Utc(Cell<*const Object>);
// SAFETY: touched under the GIL only.
unsafe impl Sync for Utc {}
static UTC: Utc = Utc(Cell::new(std::ptr::null()));

impl TimeZone {
    fn make(offset: Owned<TimeDelta>, name: Option<Owned<Str>>) -> PyResult<Owned<TimeZone>> {
        Self::construct(Self::type_object(), TimeZone { head: ObjectHead::placeholder(), offset, name })
    }
    /// A zone with this offset; the one UTC for an offset of 0 without a name.
    pub fn of(offset: Owned<TimeDelta>, name: Option<Owned<Str>>) -> PyResult {
        if name.is_none() && offset.is_zero() {
            return utc();
        }
        check_offset(&offset)?;
        Ok(Self::make(offset, name)?.into_object())
    }
    fn shown(&self) -> Owned<Str> {
        if let Some(name) = &self.name {
            return name.clone();
        }
        if std::ptr::eq(self.as_object(), UTC.0.get()) || self.offset.is_zero() {
            return Str::new("UTC");
        }
        Str::new(&format!("UTC{}", format_offset(&self.offset, ":")))
    }
    fn check_argument(dt: &Object, method: &str) -> PyResult<()> {
        if dt.is_none() || DateTime::check(dt) {
            return Ok(());
        }
        Err(err!(TypeError, "{}(dt) argument must be a datetime instance or None, not {}", method, dt.type_name()))
    }
}

/// `timezone.utc`.
pub fn utc() -> PyResult {
    if UTC.0.get().is_null() {
        let zone = TimeZone::make(TimeDelta::from_total(0)?, None)?;
        zone.as_object().set_immortal();
        UTC.0.set(zone.into_raw() as *const Object);
    }
    // SAFETY: immortal.
    Ok(unsafe { &*UTC.0.get() }.to_owned())
}

/// Fixed offset from UTC implementation of tzinfo.
#[pytype(static = TimeZone_Type, name = "timezone", module = "datetime", base = TzInfo_Type, flags = IMMUTABLETYPE, native)]
impl TimeZone {
    #[slot("timezone(offset, name=<unrepresentable>)")]
    fn tp_new(_cls: &Type, offset: &Object, name: Option<&Object>) -> PyResult {
        let Some(offset) = offset.downcast::<TimeDelta>() else {
            return Err(err!(TypeError, "timezone() argument 1 must be datetime.timedelta, not {}", offset.type_name()));
        };
        let shown = |o: &Object| if o.is_none() { "None".to_string() } else { o.type_name().to_string() };
        let name = match name {
            None => None,
            Some(name) => match name.downcast::<Str>() {
                Some(name) => Some(Owned::from_ref(name)),
                None => return Err(err!(TypeError, "timezone() argument 2 must be str, not {}", shown(name))),
            },
        };
        Self::of(Owned::from_ref(offset), name)
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        if std::ptr::eq(self.as_object(), UTC.0.get()) {
            return Ok(Str::new("datetime.timezone.utc"));
        }
        let mut text = format!("{}({}", self.type_name(), repr(&self.offset)?);
        if let Some(name) = &self.name {
            text += &format!(", {}", repr(name)?);
        }
        Ok(Str::new(&(text + ")")))
    }
    #[slot]
    fn tp_str(&self) -> Owned<Str> {
        self.shown()
    }
    #[slot]
    fn tp_hash(&self) -> PyResult<isize> {
        hash(&self.offset)
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        match (other.downcast::<TimeZone>(), op) {
            (Some(other), CompareOp::Eq | CompareOp::Ne) => {
                Ok(bool_object(op.matches(self.offset.total().cmp(&other.offset.total()))).to_owned())
            }
            _ => Ok(not_implemented().to_owned()),
        }
    }
    /// If name is specified when timezone is created, returns the name.  Otherwise returns offset as 'UTC(+|-)HH:MM'.
    #[method("tzname($self, object, /)")]
    fn tzname(&self, dt: &Object) -> PyResult<Owned<Str>> {
        Self::check_argument(dt, "tzname")?;
        Ok(self.shown())
    }
    /// Return fixed offset.
    #[method("utcoffset($self, object, /)")]
    fn utcoffset(&self, dt: &Object) -> PyResult<Owned<TimeDelta>> {
        Self::check_argument(dt, "utcoffset")?;
        Ok(self.offset.clone())
    }
    /// Return None.
    #[method("dst($self, object, /)")]
    fn dst(&self, dt: &Object) -> PyResult<()> {
        Self::check_argument(dt, "dst")
    }
    /// datetime in UTC -> datetime in local time.
    #[method("fromutc($self, object, /)")]
    fn fromutc(&self, dt: &Object) -> PyResult {
        checked(self, dt)?.add(self.offset.total())
    }
    /// pickle support
    #[method("__getinitargs__($self, /)")]
    fn getinitargs(&self) -> Owned<Tuple> {
        let offset = self.offset.clone().into_object();
        match &self.name {
            None => Tuple::single(offset),
            Some(name) => Tuple::pair(offset, name.clone().into_object()),
        }
    }
}

/// The class attributes.
pub fn add_constants() -> PyResult<()> {
    let ty = TimeZone::type_object();
    let limit = 23 * 3600 + 59 * 60;
    let set = |name: &'static Str, value: &Object| runtime::types::type_object::set_in_dict(ty, name, value);
    set(intern!("utc"), &*utc()?)?;
    set(intern!("min"), &*TimeZone::of(TimeDelta::from_seconds(-limit)?, None)?)?;
    set(intern!("max"), &*TimeZone::of(TimeDelta::from_seconds(limit)?, None)?)
}

