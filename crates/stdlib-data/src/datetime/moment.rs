//! `datetime`: a date and a time, with a zone or without.

use super::arguments::{check_date, check_time, int_or, parse};
use super::calendar::{self, MAX_ORDINAL};
use super::date::{self, Date, Date_Type};
use super::delta::{TimeDelta, US_PER_DAY};
use super::time::{Fields, Time, iso_zone, midnight_only, or_none};
use super::zone::{self, TimeZone, check_zone};
use super::{clock, iso, text};
use abi::PyObject;
use macros::pytype;
use runtime::errors::PyResult;
use runtime::macro_support::{Args, KwArgs, guard};
use runtime::object::{Object, Owned, PyTyped, Type, xdecref};
use runtime::protocol::call;
use runtime::protocol::object::{CompareOp, hash, repr};
use runtime::types::{Bytes, Dict, Float, Int, Str, StrBuilder, Tuple, bool_object, none, not_implemented};
use runtime::{err, intern};

#[repr(transparent)]
pub struct DateTime(pub abi::PyDateTime_DateTime);

/// What the zone's methods are asked with, and the result of differences, is a `&DateTime`.
type Moment = (i32, i32, i32, Fields);

impl DateTime {
    pub fn as_date(&self) -> &Date {
        // SAFETY: a datetime begins as a date.
        unsafe { self.as_object().cast() }
    }
    pub fn fields(&self) -> Fields {
        Fields::from_bytes(std::array::from_fn(|i| self.0.data[4 + i].get()), self.0.fold.get() as i32)
    }
    pub fn microsecond(&self) -> i32 {
        self.fields().microsecond
    }
    pub fn zone(&self) -> Option<&Object> {
        // SAFETY: NULL or owned by the datetime.
        unsafe { Object::from_ptr_opt(self.0.tzinfo.get()) }
    }
    fn bytes(&self) -> [u8; 10] {
        std::array::from_fn(|i| self.0.data[i].get())
    }
    /// Microseconds since the beginning of year 1 (and a day), as the clock shows them.
    fn total(&self) -> i128 {
        self.as_date().ordinal() as i128 * US_PER_DAY + self.fields().total() as i128
    }
    fn seconds(&self) -> i64 {
        self.as_date().ordinal() * 86400 + self.fields().total() / 1_000_000
    }

    fn from_bytes(cls: &Type, data: [u8; 10], fold: i32, zone: Option<&Object>) -> PyResult<Owned<DateTime>> {
        // SAFETY: the type's instances have this layout, zeroed.
        let moment: Owned<DateTime> = unsafe { cls.alloc(0)?.cast_into() };
        moment.0.hashcode.set(-1);
        moment.0.data.iter().zip(data).for_each(|(cell, byte)| cell.set(byte));
        moment.0.fold.set(fold as u8);
        moment.0.hastzinfo.set(zone.is_some() as u8);
        if let Some(zone) = zone {
            moment.0.tzinfo.set(zone.to_owned().into_raw());
        }
        Ok(moment)
    }
    pub fn make(cls: &Type, (year, month, day, f): Moment, zone: Option<&Object>) -> PyResult<Owned<DateTime>> {
        check_date(year, month, day)?;
        check_time(f.hour, f.minute, f.second, f.microsecond, f.fold)?;
        let mut data = [(year >> 8) as u8, year as u8, month as u8, day as u8, 0, 0, 0, 0, 0, 0];
        data[4..].copy_from_slice(&f.bytes());
        Self::from_bytes(cls, data, f.fold, zone)
    }
    /// A datetime of a class: by calling it if it is a subclass.
    pub fn of_class(cls: &Type, moment: Moment, zone: Option<&Object>) -> PyResult {
        if std::ptr::eq(cls, Self::type_object()) {
            return Ok(Self::make(cls, moment, zone)?.into_object());
        }
        let (year, month, day, f) = moment;
        let parts = [year, month, day, f.hour, f.minute, f.second, f.microsecond].map(|n| Int::from_i64(n as i64).into_object());
        let mut args: Vec<&Object> = parts.iter().map(|part| &**part).collect();
        args.push(zone.unwrap_or(none()));
        let made = call::call_args(cls, &args)?;
        if let Some(moment) = made.downcast::<DateTime>() {
            moment.0.fold.set(f.fold as u8);
        }
        Ok(made)
    }
    /// Microseconds since the beginning of year 1 (and a day) as a date and a time.
    fn of_total(cls: &Type, total: i128, zone: Option<&Object>) -> PyResult {
        let (ordinal, us) = (total.div_euclid(US_PER_DAY), total.rem_euclid(US_PER_DAY) as i64);
        if !(1..=MAX_ORDINAL as i128).contains(&ordinal) {
            return Err(date::out_of_range());
        }
        let (year, month, day) = calendar::from_ordinal(ordinal as i64);
        let seconds = (us / 1_000_000) as i32;
        let f = Fields { hour: seconds / 3600, minute: seconds / 60 % 60, second: seconds % 60, microsecond: (us % 1_000_000) as i32, fold: 0 };
        Self::of_class(cls, (year, month, day, f), zone)
    }
    /// This datetime and some microseconds.
    pub fn add(&self, us: i128) -> PyResult {
        Self::of_total(self.ty(), self.total() + us, self.zone())
    }
    fn offset(&self) -> PyResult<Option<Owned<TimeDelta>>> {
        zone::utc_offset(self.zone(), self)
    }
    /// Whether the offset depends on `fold`: such times equal none of another zone.
    fn is_problematic(&self, offset: Option<&TimeDelta>) -> PyResult<bool> {
        let flipped = Self::from_bytes(Self::type_object(), self.bytes(), 1 - self.0.fold.get() as i32, self.zone())?;
        let flipped = flipped.offset()?;
        Ok(flipped.as_ref().map(|o| o.total()) != offset.map(|o| o.total()))
    }
    fn moment(&self) -> Moment {
        let (year, month, day) = self.as_date().parts();
        (year, month, day, self.fields())
    }
    fn state(&self, protocol: i32) -> Owned<Tuple> {
        let mut data = self.bytes();
        if protocol > 3 && self.0.fold.get() != 0 {
            data[2] |= 0x80;
        }
        let data = Bytes::new(&data).into_object();
        match self.zone() {
            None => Tuple::single(data),
            Some(zone) => Tuple::pair(data, zone.to_owned()),
        }
    }
    /// The datetime of a timestamp: of the local clock, or UTC.
    fn from_timestamp(cls: &Type, (seconds, microsecond): (i64, i32), local: bool, zone: Option<&Object>) -> PyResult {
        let p = clock::break_down(seconds, local)?;
        let fold = local && zone.is_none() && calendar::MIN_YEAR <= p.year && p.year <= calendar::MAX_YEAR && clock::is_fold(seconds, clock::seconds_shown(&p))?;
        let f = Fields { hour: p.hour, minute: p.minute, second: p.second, microsecond, fold: fold as i32 };
        Self::of_class(cls, (p.year, p.month, p.day, f), zone)
    }
    /// As `from_timestamp`, in a zone or local.
    fn in_zone(cls: &Type, time: (i64, i32), tz: Option<&Object>) -> PyResult {
        let zone = tz.map_or(Ok(None), check_zone)?;
        let made = Self::from_timestamp(cls, time, zone.is_none(), zone)?;
        match zone {
            None => Ok(made),
            Some(zone) => call::call_method(zone, intern!("fromutc"), &[&made]),
        }
    }
    fn iso(&self, separator: u32, timespec: Option<&Str>) -> PyResult<Owned<Str>> {
        let (year, month, day, f) = self.moment();
        let time = text::iso_time(f.hour, f.minute, f.second, f.microsecond, timespec)?;
        let mut text = StrBuilder::new();
        text.push_str(&format!("{year:04}-{month:02}-{day:02}"));
        text.push_char(separator);
        text.push_str(&time);
        if let Some(offset) = self.offset()? {
            text.push_str(&zone::format_offset(&offset, ":"));
        }
        text.finish()
    }
}

/// The system's zone at a timestamp, as a fixed offset with its name.
fn local_zone(timestamp: i64) -> PyResult {
    let p = clock::break_down(timestamp, true)?;
    TimeZone::of(TimeDelta::from_seconds(p.offset)?, Some(Str::new(&String::from_utf8_lossy(&p.zone))))
}

unsafe extern "C" fn dealloc(op: *mut PyObject) {
    // SAFETY: a dead datetime.
    unsafe {
        guard(|| {
            xdecref(Object::from_ptr(op).cast::<DateTime>().0.tzinfo.replace(std::ptr::null_mut()));
            0
        });
        if let Some(free) = Object::from_ptr(op).ty().0.tp_free.get() {
            free(op as *mut _);
        }
    }
}

/// datetime(year, month, day[, hour[, minute[, second[, microsecond[,tzinfo]]]]])
///
/// The year, month and day arguments are required. tzinfo may be None, or an
/// instance of a tzinfo subclass. The remaining arguments may be ints.
#[pytype(static = DateTime_Type, name = "datetime", module = "datetime", base = Date_Type, flags = BASETYPE | IMMUTABLETYPE, tp_dealloc = dealloc)]
impl DateTime {
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<Owned<DateTime>> {
        if let [state, rest @ ..] = args.as_slice()
            && rest.len() <= 1
            && let Some(mut state) = text::state_bytes::<10>(state, "datetime", |s| (1..=12).contains(&(s[2] & 0x7f)))?
        {
            let zone = match rest {
                [zone] => check_zone(zone).map_err(|_| {
                    runtime::errors::clear();
                    err!(TypeError, "bad tzinfo state arg")
                })?,
                _ => None,
            };
            let fold = (state[2] >> 7) as i32;
            state[2] &= 0x7f;
            return Self::from_bytes(cls, state, fold, zone);
        }
        let names = ["year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo", "fold"];
        let [year, month, day, hour, minute, second, microsecond, zone, fold] = parse(args, kwargs, names, 3, 8)?;
        let date = (int_or(year, 0)?, int_or(month, 0)?, int_or(day, 0)?);
        let f = Fields {
            hour: int_or(hour, 0)?,
            minute: int_or(minute, 0)?,
            second: int_or(second, 0)?,
            microsecond: int_or(microsecond, 0)?,
            fold: int_or(fold, 0)?,
        };
        check_date(date.0, date.1, date.2)?;
        check_time(f.hour, f.minute, f.second, f.microsecond, f.fold)?;
        Self::make(cls, (date.0, date.1, date.2, f), zone.map_or(Ok(None), check_zone)?)
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let (year, month, day, f) = self.moment();
        let mut text = format!("{}({}, {}, {}, {}, {}", self.type_name(), year, month, day, f.hour, f.minute);
        if f.microsecond != 0 {
            text += &format!(", {}, {}", f.second, f.microsecond);
        } else if f.second != 0 {
            text += &format!(", {}", f.second);
        }
        if f.fold != 0 {
            text += ", fold=1";
        }
        if let Some(zone) = self.zone() {
            text += &format!(", tzinfo={}", repr(zone)?);
        }
        Ok(Str::new(&(text + ")")))
    }
    #[slot]
    fn tp_str(&self) -> PyResult {
        call::call_method(self, intern!("isoformat"), &[Str::latin1_char(b' ')])
    }
    #[slot]
    fn tp_hash(&self) -> PyResult<isize> {
        if self.0.hashcode.get() == -1 {
            // Datetimes that differ in fold only are equal.
            let first = Self::from_bytes(Self::type_object(), self.bytes(), 0, self.zone())?;
            let value = match first.offset()? {
                None => hash(&*Bytes::new(&self.bytes()))?,
                Some(offset) => hash(&*TimeDelta::from_total(self.total() - offset.total())?)?,
            };
            self.0.hashcode.set(value as _);
        }
        Ok(self.0.hashcode.get() as isize)
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        let Some(other) = other.downcast::<DateTime>() else { return Ok(not_implemented().to_owned()) };
        let answer = |ordering| Ok(bool_object(op.matches(ordering)).to_owned());
        if self.0.tzinfo.get() == other.0.tzinfo.get() {
            return answer(self.bytes().cmp(&other.bytes()));
        }
        let (x, y) = (self.offset()?, other.offset()?);
        let ordering = match (&x, &y) {
            (None, None) => self.bytes().cmp(&other.bytes()),
            (Some(x), Some(y)) => (self.total() - x.total()).cmp(&(other.total() - y.total())),
            _ if op == CompareOp::Eq => return Ok(bool_object(false).to_owned()),
            _ if op == CompareOp::Ne => return Ok(bool_object(true).to_owned()),
            _ => return Err(err!(TypeError, "can't compare offset-naive and offset-aware datetimes")),
        };
        if matches!(op, CompareOp::Eq | CompareOp::Ne)
            && ordering.is_eq()
            && (self.is_problematic(x.as_deref())? || other.is_problematic(y.as_deref())?)
        {
            return Ok(bool_object(op == CompareOp::Ne).to_owned());
        }
        answer(ordering)
    }
    #[slot]
    fn nb_add(a: &Object, b: &Object) -> PyResult {
        match (a.downcast::<DateTime>(), b.downcast::<DateTime>()) {
            (Some(moment), None) if TimeDelta::check(b) => moment.add(b.downcast::<TimeDelta>().map_or(0, |d| d.total())),
            (None, Some(moment)) if TimeDelta::check(a) => moment.add(a.downcast::<TimeDelta>().map_or(0, |d| d.total())),
            _ => Ok(not_implemented().to_owned()),
        }
    }
    #[slot]
    fn nb_subtract(a: &Object, b: &Object) -> PyResult {
        let Some(moment) = a.downcast::<DateTime>() else { return Ok(not_implemented().to_owned()) };
        if let Some(delta) = b.downcast::<TimeDelta>() {
            return moment.add(-delta.total());
        }
        let Some(other) = b.downcast::<DateTime>() else { return Ok(not_implemented().to_owned()) };
        let mut difference = moment.total() - other.total();
        if moment.0.tzinfo.get() != other.0.tzinfo.get() {
            match (moment.offset()?, other.offset()?) {
                (None, None) => {}
                (Some(x), Some(y)) => difference -= x.total() - y.total(),
                _ => return Err(err!(TypeError, "can't subtract offset-naive and offset-aware datetimes")),
            }
        }
        Ok(TimeDelta::from_total(difference)?.into_object())
    }
    #[getter]
    fn hour(&self) -> i32 {
        self.fields().hour
    }
    #[getter]
    fn minute(&self) -> i32 {
        self.fields().minute
    }
    #[getter]
    fn second(&self) -> i32 {
        self.fields().second
    }
    #[getter("microsecond")]
    fn get_microsecond(&self) -> i32 {
        self.fields().microsecond
    }
    #[getter]
    fn tzinfo(&self) -> Owned {
        self.zone().unwrap_or(none()).to_owned()
    }
    #[getter]
    fn fold(&self) -> i32 {
        self.fields().fold
    }

    /// Returns new datetime object representing current time local to tz.
    ///
    ///   tz
    ///     Timezone object.
    ///
    /// If no tz is specified, uses local timezone.
    #[classmethod("now($type, /, tz=None)")]
    fn now(cls: &Type, tz: Option<&Object>) -> PyResult {
        Self::in_zone(cls, clock::now(), tz)
    }
    /// Return a new datetime representing UTC day and time.
    #[classmethod("utcnow($type, /)")]
    fn utcnow(cls: &Type) -> PyResult {
        super::warn_deprecated(
            "datetime.datetime.utcnow() is deprecated and scheduled for removal in a future version. \
             Use timezone-aware objects to represent datetimes in UTC: datetime.datetime.now(datetime.UTC).",
        )?;
        Self::from_timestamp(cls, clock::now(), false, None)
    }
    /// timestamp[, tz] -> tz's local time from POSIX timestamp.
    #[classmethod("fromtimestamp($type, timestamp, tz=None)", nosig)]
    fn fromtimestamp(cls: &Type, timestamp: &Object, tz: Option<&Object>) -> PyResult {
        tz.map_or(Ok(None), check_zone)?;
        Self::in_zone(cls, clock::seconds_and_us(timestamp)?, tz)
    }
    /// Construct a naive UTC datetime from a POSIX timestamp.
    #[classmethod("utcfromtimestamp($type, timestamp, /)", nosig)]
    fn utcfromtimestamp(cls: &Type, timestamp: &Object) -> PyResult {
        super::warn_deprecated(
            "datetime.datetime.utcfromtimestamp() is deprecated and scheduled for removal in a future version. \
             Use timezone-aware objects to represent datetimes in UTC: datetime.datetime.fromtimestamp(timestamp, datetime.UTC).",
        )?;
        Self::from_timestamp(cls, clock::seconds_and_us(timestamp)?, false, None)
    }
    /// string, format -> new datetime parsed from a string (like time.strptime()).
    #[classmethod("strptime($type, string, format, /)", nosig)]
    fn strptime(cls: &Type, string: &Str, format: &Str) -> PyResult {
        text::strptime("_strptime_datetime_datetime", cls, string, format)
    }
    /// date, time -> datetime with same date and time fields
    #[classmethod("combine($type, date, time, tzinfo=<unrepresentable>)", nosig)]
    fn combine(cls: &Type, date: &Object, time: &Object, tzinfo: Option<&Object>) -> PyResult {
        let Some(date) = date.downcast::<Date>() else {
            return Err(err!(TypeError, "combine() argument 1 must be datetime.date, not {}", date.type_name()));
        };
        let Some(time) = time.downcast::<Time>() else {
            return Err(err!(TypeError, "combine() argument 2 must be datetime.time, not {}", time.type_name()));
        };
        let zone = match tzinfo {
            None => time.zone(),
            Some(zone) => check_zone(zone)?,
        };
        let (year, month, day) = date.parts();
        Self::of_class(cls, (year, month, day, time.fields()), zone)
    }
    /// string -> datetime from a string in most ISO 8601 formats
    #[classmethod("fromisoformat($type, object, /)")]
    fn fromisoformat(cls: &Type, object: &Object) -> PyResult {
        let (shown, points) = text::iso_text(object)?;
        let invalid = || text::invalid_iso(shown);
        let end = iso::date_end(&points).filter(|&end| end <= points.len()).ok_or_else(invalid)?;
        let (mut year, mut month, mut day) = iso::date(&points[..end]).ok_or_else(invalid)?;
        let (mut f, mut zone) = (Fields { hour: 0, minute: 0, second: 0, microsecond: 0, fold: 0 }, None);
        if end < points.len() {
            let time = iso::time(&points[end + 1..]).ok_or_else(invalid)?;
            zone = iso_zone(time.offset)?;
            f = Fields { hour: time.hour, minute: time.minute, second: time.second, microsecond: time.microsecond, fold: 0 };
            if f.hour == 24 && (1..=12).contains(&month) && (1..=calendar::days_in_month(year, month)).contains(&day) {
                if f.total() != 24 * 3600 * 1_000_000 {
                    return Err(midnight_only());
                }
                // The end of the day is the beginning of the next.
                f.hour = 0;
                day += 1;
                if day > calendar::days_in_month(year, month) {
                    (month, day) = (month + 1, 1);
                    if month > 12 {
                        (year, month) = (year + 1, 1);
                    }
                }
            }
        }
        Self::of_class(cls, (year, month, day, f), zone.as_deref())
    }
    /// Return date object with same year, month and day.
    #[method("date($self, /)")]
    fn date(&self) -> PyResult {
        let (year, month, day) = self.as_date().parts();
        Date::of_class(Date::type_object(), year, month, day)
    }
    /// Return time object with same time but with tzinfo=None.
    #[method("time($self, /)")]
    fn time(&self) -> PyResult<Owned<Time>> {
        Time::make(Time::type_object(), self.fields(), None)
    }
    /// Return time object with same time and tzinfo.
    #[method("timetz($self, /)")]
    fn timetz(&self) -> PyResult<Owned<Time>> {
        Time::make(Time::type_object(), self.fields(), self.zone())
    }
    /// Return ctime() style string.
    #[method("ctime($self, /)")]
    fn ctime(&self) -> String {
        let (year, month, day, f) = self.moment();
        text::ctime(year, month, day, f.hour, f.minute, f.second)
    }
    /// Return time tuple, compatible with time.localtime().
    #[method("timetuple($self, /)")]
    fn timetuple(&self) -> PyResult {
        let is_dst = match zone::dst(self.zone(), self)? {
            None => -1,
            Some(saving) => !saving.is_zero() as i32,
        };
        let (year, month, day, f) = self.moment();
        text::struct_time(year, month, day, f.hour, f.minute, f.second, is_dst)
    }
    /// Return POSIX timestamp as float.
    #[method("timestamp($self, /)")]
    fn timestamp(&self) -> PyResult<f64> {
        if self.zone().is_some()
            && let Some(offset) = self.offset()?
        {
            let us = self.total() - clock::EPOCH as i128 * 1_000_000 - offset.total();
            let seconds = runtime::protocol::number::true_divide(&Int::from_i128(us), &Int::from_i64(1_000_000))?;
            return Float::as_f64(&seconds);
        }
        let seconds = clock::local_to_utc(self.seconds(), self.0.fold.get() != 0)?;
        Ok((seconds - clock::EPOCH) as f64 + self.microsecond() as f64 / 1e6)
    }
    /// Return UTC time tuple, compatible with time.localtime().
    #[method("utctimetuple($self, /)")]
    fn utctimetuple(&self) -> PyResult {
        let (year, month, day, f) = match self.offset()? {
            Some(offset) => {
                let utc = Self::of_total(Self::type_object(), self.total() - offset.total(), None)?;
                match utc.downcast::<DateTime>() {
                    Some(utc) => utc.moment(),
                    None => self.moment(),
                }
            }
            None => self.moment(),
        };
        text::struct_time(year, month, day, f.hour, f.minute, f.second, 0)
    }
    /// [sep] -> string in ISO 8601 format, YYYY-MM-DDT[HH[:MM[:SS[.mmm[uuu]]]]][+HH:MM].
    /// sep is used to separate the year from the time, and defaults to 'T'.
    /// The optional argument timespec specifies the number of additional terms
    /// of the time to include. Valid options are 'auto', 'hours', 'minutes',
    /// 'seconds', 'milliseconds' and 'microseconds'.
    #[method("isoformat($self, sep=<unrepresentable>, timespec=<unrepresentable>)", nosig)]
    fn isoformat(&self, sep: Option<&Object>, timespec: Option<&Object>) -> PyResult<Owned<Str>> {
        let separator = match sep {
            None => 'T' as u32,
            Some(sep) => match sep.downcast::<Str>() {
                Some(text) if text.len() == 1 => text.char_at(0),
                Some(text) => {
                    let words = "isoformat() argument 1 must be a unicode character, not a string of length";
                    return Err(err!(TypeError, "{} {}", words, text.len()));
                }
                None => return Err(err!(TypeError, "isoformat() argument 1 must be a unicode character, not {}", sep.type_name())),
            },
        };
        self.iso(separator, timespec.map(|spec| text::str_argument("isoformat", 2, spec)).transpose()?)
    }
    /// Return self.tzinfo.utcoffset(self).
    #[method("utcoffset($self, /)")]
    fn utcoffset(&self) -> PyResult {
        or_none(self.offset())
    }
    /// Return self.tzinfo.tzname(self).
    #[method("tzname($self, /)")]
    fn tzname(&self) -> PyResult {
        or_none(zone::name(self.zone(), self))
    }
    /// Return self.tzinfo.dst(self).
    #[method("dst($self, /)")]
    fn dst(&self) -> PyResult {
        or_none(zone::dst(self.zone(), self))
    }
    /// Return datetime with new specified fields.
    #[method("replace($self, /, year=unchanged, month=unchanged, day=unchanged, hour=unchanged, minute=unchanged, second=unchanged, microsecond=unchanged, tzinfo=unchanged, *, fold=unchanged)")]
    #[allow(clippy::too_many_arguments)]
    fn replace(
        &self,
        year: Option<i32>,
        month: Option<i32>,
        day: Option<i32>,
        hour: Option<i32>,
        minute: Option<i32>,
        second: Option<i32>,
        microsecond: Option<i32>,
        tzinfo: Option<&Object>,
        fold: Option<i32>,
    ) -> PyResult {
        let (old_year, old_month, old_day, old) = self.moment();
        let f = Fields {
            hour: hour.unwrap_or(old.hour),
            minute: minute.unwrap_or(old.minute),
            second: second.unwrap_or(old.second),
            microsecond: microsecond.unwrap_or(old.microsecond),
            fold: fold.unwrap_or(old.fold),
        };
        check_time(0, 0, 0, 0, f.fold)?;
        let zone = match tzinfo {
            None => self.zone(),
            Some(zone) => check_zone(zone)?,
        };
        Self::of_class(self.ty(), (year.unwrap_or(old_year), month.unwrap_or(old_month), day.unwrap_or(old_day), f), zone)
    }
    /// The same as replace().
    #[method("__replace__($self, /, **changes)")]
    fn replace_protocol(&self, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult {
        date::replace_by_keywords(self, args, kwargs)
    }
    /// tz -> convert to local time in new timezone tz
    #[method("astimezone($self, tz=None)", nosig)]
    fn astimezone(&self, tz: Option<&Object>) -> PyResult {
        let wanted = tz.map_or(Ok(None), check_zone)?;
        if let (Some(own), Some(wanted)) = (self.zone(), wanted)
            && own.is(wanted)
        {
            return Ok(self.to_owned());
        }
        // Naive times are local.
        let offset = match self.offset()? {
            Some(offset) => offset,
            None => {
                let fold = self.0.fold.get() != 0;
                let (mut utc, other) = (clock::local_to_utc(self.seconds(), fold)?, clock::local_to_utc(self.seconds(), !fold)?);
                // In a gap the zone is that of the other side: what clocks would show had they not been set forward.
                if other != utc && (other > utc) == fold {
                    utc = other;
                }
                let here = local_zone(utc - clock::EPOCH)?;
                if wanted.is_some_and(|wanted| wanted.is(&here)) {
                    return Ok(self.to_owned());
                }
                match zone::utc_offset(Some(&here), self)? {
                    Some(offset) => offset,
                    None => return Err(runtime::errors::bad_internal_call()),
                }
            }
        };
        let total = self.total() - offset.total();
        let zone = match wanted {
            Some(zone) => zone.to_owned(),
            None => local_zone((total.div_euclid(1_000_000) as i64) - clock::EPOCH)?,
        };
        let utc = Self::of_total(self.ty(), total, Some(&zone))?;
        call::call_method(&zone, intern!("fromutc"), &[&utc])
    }
    /// __reduce_ex__(proto) -> (cls, state)
    #[method("__reduce_ex__($self, proto, /)", nosig)]
    fn reduce_ex(&self, proto: i32) -> Owned<Tuple> {
        Tuple::pair(self.ty().to_owned(), self.state(proto).into_object())
    }
    /// __reduce__() -> (cls, state)
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> Owned<Tuple> {
        Tuple::pair(self.ty().to_owned(), self.state(2).into_object())
    }
}

/// The class attributes.
pub fn add_constants() -> PyResult<()> {
    let ty = DateTime::type_object();
    let set = |name: &'static Str, value: &Object| runtime::types::type_object::set_in_dict(ty, name, value);
    let first = Fields { hour: 0, minute: 0, second: 0, microsecond: 0, fold: 0 };
    let last = Fields { hour: 23, minute: 59, second: 59, microsecond: 999999, fold: 0 };
    set(intern!("min"), &*DateTime::make(ty, (1, 1, 1, first), None)?)?;
    set(intern!("max"), &*DateTime::make(ty, (9999, 12, 31, last), None)?)?;
    set(intern!("resolution"), &*TimeDelta::from_total(1)?)
}
