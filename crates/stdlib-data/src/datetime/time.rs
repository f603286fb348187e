//! `time`: the time of a day, with a zone or without.

use super::arguments::{check_time, int_or, parse};
use super::delta::TimeDelta;
use super::zone::{self, TimeZone, check_zone};
use super::{date, iso, text};
use abi::PyObject;
use macros::pytype;
use runtime::errors::PyResult;
use runtime::macro_support::{Args, KwArgs, guard};
use runtime::object::{Object, Owned, PyTyped, Type, xdecref};
use runtime::protocol::call;
use runtime::protocol::object::{CompareOp, hash, repr};
use runtime::types::{Bytes, Dict, Int, Str, Tuple, bool_object, none, not_implemented};
use runtime::{err, intern};

#[repr(transparent)]
pub struct Time(pub abi::PyDateTime_Time);

/// Values of the fields of a time.
#[derive(Clone, Copy)]
pub struct Fields {
    pub hour: i32,
    pub minute: i32,
    pub second: i32,
    pub microsecond: i32,
    pub fold: i32,
}

impl Fields {
    pub fn bytes(self) -> [u8; 6] {
        let us = self.microsecond as u32;
        [self.hour as u8, self.minute as u8, self.second as u8, (us >> 16) as u8, (us >> 8) as u8, us as u8]
    }
    pub fn from_bytes(data: [u8; 6], fold: i32) -> Fields {
        let microsecond = (data[3] as i32) << 16 | (data[4] as i32) << 8 | data[5] as i32;
        Fields { hour: data[0] as i32, minute: data[1] as i32, second: data[2] as i32, microsecond, fold }
    }
    /// Microseconds since midnight.
    pub fn total(self) -> i64 {
        (self.hour * 3600 + self.minute * 60 + self.second) as i64 * 1_000_000 + self.microsecond as i64
    }
}

/// The zone's offset as it is read from ISO format.
pub fn iso_zone(offset: Option<i64>) -> PyResult<Option<Owned>> {
    match offset {
        None => Ok(None),
        Some(0) => zone::utc().map(Some),
        Some(offset) => TimeZone::of(TimeDelta::from_total(offset as i128)?, None).map(Some),
    }
}

#[cold]
pub fn midnight_only() -> runtime::Raised {
    err!(ValueError, "minute, second, and microsecond must be 0 when hour is 24")
}

/// The offset, name or saving as a result.
pub fn or_none<T>(value: PyResult<Option<Owned<T>>>) -> PyResult {
    Ok(value?.map_or_else(|| none().to_owned(), Owned::into_object))
}

impl Time {
    pub fn fields(&self) -> Fields {
        Fields::from_bytes(std::array::from_fn(|i| self.0.data[i].get()), self.0.fold.get() as i32)
    }
    pub fn zone(&self) -> Option<&Object> {
        // SAFETY: NULL or owned by the time.
        unsafe { Object::from_ptr_opt(self.0.tzinfo.get()) }
    }
    fn from_bytes(cls: &Type, data: [u8; 6], fold: i32, zone: Option<&Object>) -> PyResult<Owned<Time>> {
        // SAFETY: the type's instances have this layout, zeroed.
        let time: Owned<Time> = unsafe { cls.alloc(0)?.cast_into() };
        time.0.hashcode.set(-1);
        time.0.data.iter().zip(data).for_each(|(cell, byte)| cell.set(byte));
        time.0.fold.set(fold as u8);
        time.0.hastzinfo.set(zone.is_some() as u8);
        if let Some(zone) = zone {
            time.0.tzinfo.set(zone.to_owned().into_raw());
        }
        Ok(time)
    }
    pub fn make(cls: &Type, f: Fields, zone: Option<&Object>) -> PyResult<Owned<Time>> {
        check_time(f.hour, f.minute, f.second, f.microsecond, f.fold)?;
        Self::from_bytes(cls, f.bytes(), f.fold, zone)
    }
    /// A time of a class: by calling it if it is a subclass.
    pub fn of_class(cls: &Type, f: Fields, zone: Option<&Object>) -> PyResult {
        if std::ptr::eq(cls, Self::type_object()) {
            return Ok(Self::make(cls, f, zone)?.into_object());
        }
        let parts = [f.hour, f.minute, f.second, f.microsecond].map(|n| Int::from_i64(n as i64));
        let made = call::call_args(cls, &[&parts[0], &parts[1], &parts[2], &parts[3], zone.unwrap_or(none())])?;
        if let Some(time) = made.downcast::<Time>() {
            time.0.fold.set(f.fold as u8);
        }
        Ok(made)
    }
    fn offset(&self) -> PyResult<Option<Owned<TimeDelta>>> {
        zone::utc_offset(self.zone(), none())
    }
    fn state(&self, protocol: i32) -> Owned<Tuple> {
        let mut data = self.fields().bytes();
        if protocol > 3 && self.0.fold.get() != 0 {
            data[0] |= 0x80;
        }
        let data = Bytes::new(&data).into_object();
        match self.zone() {
            None => Tuple::single(data),
            Some(zone) => Tuple::pair(data, zone.to_owned()),
        }
    }
}

unsafe extern "C" fn dealloc(op: *mut PyObject) {
    // SAFETY: a dead time.
    unsafe {
        guard(|| {
            xdecref(Object::from_ptr(op).cast::<Time>().0.tzinfo.replace(std::ptr::null_mut()));
            0
        });
        if let Some(free) = Object::from_ptr(op).ty().0.tp_free.get() {
            free(op as *mut _);
        }
    }
}

/// time([hour[, minute[, second[, microsecond[, tzinfo]]]]]) --> a time object
///
/// All arguments are optional. tzinfo may be None, or an instance of
/// a tzinfo subclass. The remaining arguments may be ints.
#[pytype(static = Time_Type, name = "time", module = "datetime", flags = BASETYPE | IMMUTABLETYPE, tp_dealloc = dealloc)]
impl Time {
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<Owned<Time>> {
        if let [state, rest @ ..] = args.as_slice()
            && rest.len() <= 1
            && let Some(mut state) = text::state_bytes::<6>(state, "time", |s| s[0] & 0x7f < 24)?
        {
            let zone = match rest {
                [zone] => check_zone(zone).map_err(|_| {
                    runtime::errors::clear();
                    err!(TypeError, "bad tzinfo state arg")
                })?,
                _ => None,
            };
            let fold = (state[0] >> 7) as i32;
            state[0] &= 0x7f;
            return Self::from_bytes(cls, state, fold, zone);
        }
        let names = ["hour", "minute", "second", "microsecond", "tzinfo", "fold"];
        let [hour, minute, second, microsecond, zone, fold] = parse(args, kwargs, names, 0, 5)?;
        let f = Fields {
            hour: int_or(hour, 0)?,
            minute: int_or(minute, 0)?,
            second: int_or(second, 0)?,
            microsecond: int_or(microsecond, 0)?,
            fold: int_or(fold, 0)?,
        };
        check_time(f.hour, f.minute, f.second, f.microsecond, f.fold)?;
        Self::make(cls, f, zone.map_or(Ok(None), check_zone)?)
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let f = self.fields();
        let mut text = format!("{}({}, {}", self.type_name(), f.hour, f.minute);
        if f.microsecond != 0 {
            text += &format!(", {}, {}", f.second, f.microsecond);
        } else if f.second != 0 {
            text += &format!(", {}", f.second);
        }
        if let Some(zone) = self.zone() {
            text += &format!(", tzinfo={}", repr(zone)?);
        }
        if f.fold != 0 {
            text += ", fold=1";
        }
        Ok(Str::new(&(text + ")")))
    }
    #[slot]
    fn tp_str(&self) -> PyResult {
        call::call_method0(self, intern!("isoformat"))
    }
    #[slot]
    fn tp_hash(&self) -> PyResult<isize> {
        if self.0.hashcode.get() == -1 {
            // Times that differ in fold only are equal.
            let first = Self::from_bytes(Self::type_object(), self.fields().bytes(), 0, self.zone())?;
            let value = match first.offset()? {
                None => hash(&*Bytes::new(&self.fields().bytes()))?,
                Some(offset) => hash(&*TimeDelta::from_total(self.fields().total() as i128 - offset.total())?)?,
            };
            self.0.hashcode.set(value as _);
        }
        Ok(self.0.hashcode.get() as isize)
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        let Some(other) = other.downcast::<Time>() else { return Ok(not_implemented().to_owned()) };
        let (a, b) = (self.fields(), other.fields());
        let answer = |ordering| Ok(bool_object(op.matches(ordering)).to_owned());
        if self.0.tzinfo.get() == other.0.tzinfo.get() {
            return answer(a.bytes().cmp(&b.bytes()));
        }
        match (self.offset()?, other.offset()?) {
            (None, None) => answer(a.bytes().cmp(&b.bytes())),
            (Some(x), Some(y)) => answer((a.total() as i128 - x.total()).cmp(&(b.total() as i128 - y.total()))),
            _ if op == CompareOp::Eq => Ok(bool_object(false).to_owned()),
            _ if op == CompareOp::Ne => Ok(bool_object(true).to_owned()),
            _ => Err(err!(TypeError, "can't compare offset-naive and offset-aware times")),
        }
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
    #[getter]
    fn microsecond(&self) -> i32 {
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
    /// string, format -> new time parsed from a string (like time.strptime()).
    #[classmethod("strptime($type, string, format, /)", nosig)]
    fn strptime(cls: &Type, string: &Str, format: &Str) -> PyResult {
        text::strptime("_strptime_datetime_time", cls, string, format)
    }
    /// Return string in ISO 8601 format, [HH[:MM[:SS[.mmm[uuu]]]]][+HH:MM].
    ///
    /// The optional argument timespec specifies the number of additional terms
    /// of the time to include. Valid options are 'auto', 'hours', 'minutes',
    /// 'seconds', 'milliseconds' and 'microseconds'.
    #[method("isoformat($self, timespec=<unrepresentable>)", nosig)]
    fn isoformat(&self, timespec: Option<&Object>) -> PyResult<String> {
        let timespec = timespec.map(|spec| text::str_argument("isoformat", 1, spec)).transpose()?;
        let f = self.fields();
        let mut text = text::iso_time(f.hour, f.minute, f.second, f.microsecond, timespec)?;
        if let Some(offset) = self.offset()? {
            text += &zone::format_offset(&offset, ":");
        }
        Ok(text)
    }
    /// format -> strftime() style string.
    #[method("strftime($self, format)", nosig)]
    fn strftime(&self, format: &Object) -> PyResult<Owned<Str>> {
        let format = text::str_argument("strftime", 1, format)?;
        let f = self.fields();
        // A day in 1900, which is a Monday.
        let parts = [1900, 1, 1, f.hour, f.minute, f.second, 0, 1, -1].map(|n| Int::from_i64(n as i64).into_object());
        let subject = text::Subject { zone: self.zone(), argument: none(), microsecond: f.microsecond };
        text::strftime(&subject, format, &*Tuple::from_owned(parts.into()))
    }
    /// Formats self with strftime.
    #[method("__format__($self, format, /)", nosig)]
    fn format(&self, format: &Object) -> PyResult {
        text::format(self, format)
    }
    /// Return self.tzinfo.utcoffset(self).
    #[method("utcoffset($self, /)")]
    fn utcoffset(&self) -> PyResult {
        or_none(self.offset())
    }
    /// Return self.tzinfo.tzname(self).
    #[method("tzname($self, /)")]
    fn tzname(&self) -> PyResult {
        or_none(zone::name(self.zone(), none()))
    }
    /// Return self.tzinfo.dst(self).
    #[method("dst($self, /)")]
    fn dst(&self) -> PyResult {
        or_none(zone::dst(self.zone(), none()))
    }
    /// Return time with new specified fields.
    #[method("replace($self, /, hour=unchanged, minute=unchanged, second=unchanged, microsecond=unchanged, tzinfo=unchanged, *, fold=unchanged)")]
    fn replace(
        &self,
        hour: Option<i32>,
        minute: Option<i32>,
        second: Option<i32>,
        microsecond: Option<i32>,
        tzinfo: Option<&Object>,
        fold: Option<i32>,
    ) -> PyResult {
        let old = self.fields();
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
        Self::of_class(self.ty(), f, zone)
    }
    /// The same as replace().
    #[method("__replace__($self, /, **changes)")]
    fn replace_protocol(&self, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult {
        date::replace_by_keywords(self, args, kwargs)
    }
    /// string -> time from a string in ISO 8601 format
    #[classmethod("fromisoformat($type, object, /)")]
    fn fromisoformat(cls: &Type, object: &Object) -> PyResult {
        let (shown, points) = text::iso_text(object)?;
        // The mark of a time may stand before it.
        let points = points.strip_prefix(&['T' as u32]).unwrap_or(&points);
        let Some(mut time) = iso::time(points) else { return Err(text::invalid_iso(shown)) };
        if time.hour == 24 {
            if time.minute != 0 || time.second != 0 || time.microsecond != 0 {
                return Err(midnight_only());
            }
            time.hour = 0;
        }
        let zone = iso_zone(time.offset)?;
        let f = Fields { hour: time.hour, minute: time.minute, second: time.second, microsecond: time.microsecond, fold: 0 };
        Self::of_class(cls, f, zone.as_deref())
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
    let ty = Time::type_object();
    let set = |name: &'static Str, value: &Object| runtime::types::type_object::set_in_dict(ty, name, value);
    let time = |hour, minute, second, microsecond| Time::make(ty, Fields { hour, minute, second, microsecond, fold: 0 }, None);
    set(intern!("min"), &*time(0, 0, 0, 0)?)?;
    set(intern!("max"), &*time(23, 59, 59, 999999)?)?;
    set(intern!("resolution"), &*TimeDelta::from_total(1)?)
}
