//! `date`, and the named tuple that `isocalendar` gives.

use super::arguments::{check_date, int, parse};
use super::calendar::{self, IsoProblem, MAX_ORDINAL};
use super::delta::{TimeDelta, US_PER_DAY};
use super::moment::DateTime;
use super::{clock, iso, text};
use macros::pytype;
use runtime::errors::{PyResult, Raised};
use runtime::macro_support::{Args, KwArgs};
use runtime::object::{Object, Owned, PyTyped, Type};
use runtime::protocol::object::{CompareOp, hash, repr};
use runtime::protocol::call;
use runtime::types::tuple::PyTuple_Type;
use runtime::types::{Bytes, Dict, Int, Str, Tuple, bool_object, not_implemented};
use runtime::{err, exceptions, intern};

#[repr(transparent)]
pub struct Date(pub abi::PyDateTime_Date);

#[cold]
pub fn out_of_range() -> Raised {
    err!(OverflowError, "date value out of range")
}

/// `replace(**changes)` by its own name only.
pub fn replace_by_keywords(this: &Object, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult {
    let replace = runtime::protocol::object::get_attr(this.ty(), intern!("replace"))?;
    let mut stack: Vec<*mut abi::PyObject> = vec![this.as_ptr()];
    stack.extend(args.iter().chain(kwargs.values).map(|o| o.as_ptr()));
    let names = Tuple::new(kwargs.names);
    call::vectorcall(&replace, &stack, 1 + args.len(), Some(&names))
}

impl Date {
    pub fn year(&self) -> i32 {
        (self.0.data[0].get() as i32) << 8 | self.0.data[1].get() as i32
    }
    pub fn month(&self) -> i32 {
        self.0.data[2].get() as i32
    }
    pub fn day(&self) -> i32 {
        self.0.data[3].get() as i32
    }
    pub fn parts(&self) -> (i32, i32, i32) {
        (self.year(), self.month(), self.day())
    }
    pub fn ordinal(&self) -> i64 {
        calendar::ordinal(self.year(), self.month(), self.day())
    }
    fn bytes(&self) -> [u8; 4] {
        std::array::from_fn(|i| self.0.data[i].get())
    }
    fn from_bytes(cls: &Type, data: [u8; 4]) -> PyResult<Owned<Date>> {
        // SAFETY: the type's instances have this layout.
        let date: Owned<Date> = unsafe { cls.alloc(0)?.cast_into() };
        date.0.hashcode.set(-1);
        date.0.data.iter().zip(data).for_each(|(cell, byte)| cell.set(byte));
        Ok(date)
    }
    pub fn make(cls: &Type, year: i32, month: i32, day: i32) -> PyResult<Owned<Date>> {
        check_date(year, month, day)?;
        Self::from_bytes(cls, [(year >> 8) as u8, year as u8, month as u8, day as u8])
    }
    /// A date of a class: by calling it if it is a subclass.
    pub fn of_class(cls: &Type, year: i32, month: i32, day: i32) -> PyResult {
        if std::ptr::eq(cls, Self::type_object()) {
            return Ok(Self::make(cls, year, month, day)?.into_object());
        }
        let parts = [year, month, day].map(|n| Int::from_i64(n as i64));
        call::call_args(cls, &[&parts[0], &parts[1], &parts[2]])
    }
    fn of_ordinal(cls: &Type, ordinal: i64) -> PyResult {
        let (year, month, day) = calendar::from_ordinal(ordinal);
        Self::of_class(cls, year, month, day)
    }
    fn add_days(&self, days: i64) -> PyResult {
        let ordinal = self.ordinal() + days;
        if !(1..=MAX_ORDINAL).contains(&ordinal) {
            return Err(out_of_range());
        }
        Self::of_ordinal(self.ty(), ordinal)
    }
    fn from_timestamp(cls: &Type, timestamp: &Object) -> PyResult {
        let parts = clock::break_down(clock::whole_seconds(timestamp)?, true)?;
        Self::of_class(cls, parts.year, parts.month, parts.day)
    }
}

/// A date that is no datetime.
fn plain(o: &Object) -> Option<&Date> {
    o.downcast::<Date>().filter(|_| !DateTime::check(o))
}

/// date(year, month, day) --> date object
#[pytype(static = Date_Type, name = "date", module = "datetime", flags = BASETYPE | IMMUTABLETYPE)]
impl Date {
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<Owned<Date>> {
        if let &[state] = args.as_slice()
            && let Some(state) = text::state_bytes::<4>(state, "date", |s| (1..=12).contains(&s[2]))?
        {
            return Self::from_bytes(cls, state);
        }
        let [year, month, day] = parse(args, kwargs, ["year", "month", "day"], 3, 3)?;
        let part = |o: Option<&Object>| o.map_or(Ok(0), int);
        Self::make(cls, part(year)?, part(month)?, part(day)?)
    }
    #[slot]
    fn tp_repr(&self) -> Owned<Str> {
        Str::new(&format!("{}({}, {}, {})", self.type_name(), self.year(), self.month(), self.day()))
    }
    #[slot]
    fn tp_str(&self) -> PyResult {
        call::call_method0(self, intern!("isoformat"))
    }
    #[slot]
    fn tp_hash(&self) -> PyResult<isize> {
        if self.0.hashcode.get() == -1 {
            self.0.hashcode.set(hash(&*Bytes::new(&self.bytes()))? as _);
        }
        Ok(self.0.hashcode.get() as isize)
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        // A datetime decides itself.
        match plain(other) {
            Some(other) => Ok(bool_object(op.matches(self.bytes().cmp(&other.bytes()))).to_owned()),
            None => Ok(not_implemented().to_owned()),
        }
    }
    #[slot]
    fn nb_add(a: &Object, b: &Object) -> PyResult {
        let (date, delta) = match (plain(a), plain(b)) {
            (Some(date), None) => (date, b.downcast::<TimeDelta>()),
            (None, Some(date)) => (date, a.downcast::<TimeDelta>()),
            _ => return Ok(not_implemented().to_owned()),
        };
        match delta {
            Some(delta) => date.add_days(delta.days() as i64),
            None => Ok(not_implemented().to_owned()),
        }
    }
    #[slot]
    fn nb_subtract(a: &Object, b: &Object) -> PyResult {
        let Some(date) = plain(a) else { return Ok(not_implemented().to_owned()) };
        if let Some(other) = plain(b) {
            let days = date.ordinal() - other.ordinal();
            return Ok(TimeDelta::from_total(days as i128 * US_PER_DAY)?.into_object());
        }
        match b.downcast::<TimeDelta>() {
            Some(delta) => date.add_days(-(delta.days() as i64)),
            None => Ok(not_implemented().to_owned()),
        }
    }
    #[getter("year")]
    fn get_year(&self) -> i32 {
        self.year()
    }
    #[getter("month")]
    fn get_month(&self) -> i32 {
        self.month()
    }
    #[getter("day")]
    fn get_day(&self) -> i32 {
        self.day()
    }
    /// Create a date from a POSIX timestamp.
    ///
    /// The timestamp is a number, e.g. created via time.time(), that is interpreted
    /// as local time.
    #[classmethod("fromtimestamp($type, timestamp, /)")]
    fn fromtimestamp(cls: &Type, timestamp: &Object) -> PyResult {
        Self::from_timestamp(cls, timestamp)
    }
    /// int -> date corresponding to a proleptic Gregorian ordinal.
    #[classmethod("fromordinal($type, ordinal, /)", nosig)]
    fn fromordinal(cls: &Type, ordinal: &Object) -> PyResult {
        let ordinal = int(ordinal)?;
        if ordinal < 1 {
            return Err(err!(ValueError, "ordinal must be >= 1"));
        }
        Self::of_ordinal(cls, ordinal as i64)
    }
    /// str -> Construct a date from a string in ISO 8601 format.
    #[classmethod("fromisoformat($type, object, /)")]
    fn fromisoformat(cls: &Type, object: &Object) -> PyResult {
        let (shown, points) = text::iso_text(object)?;
        match iso::date(&points) {
            Some((year, month, day)) => Self::of_class(cls, year, month, day),
            None => Err(text::invalid_iso(shown)),
        }
    }
    /// int, int, int -> Construct a date from the ISO year, week number and weekday.
    ///
    /// This is the inverse of the function date.isocalendar()
    #[classmethod("fromisocalendar($type, year, week, day)", nosig)]
    fn fromisocalendar(cls: &Type, year: &Object, week: &Object, day: &Object) -> PyResult {
        let component = |o: &Object| match runtime::errors::catch(int(o), exceptions::OverflowError())? {
            Some(n) => Ok(n),
            None => Err(err!(ValueError, "ISO calendar component out of range")),
        };
        let (year, week, day) = (component(year)?, component(week)?, component(day)?);
        match calendar::from_iso(year, week, day) {
            Ok(ordinal) if ordinal < 1 => Err(err!(ValueError, "ordinal must be >= 1")),
            Ok(ordinal) => Self::of_ordinal(cls, ordinal),
            Err(IsoProblem::Year) => Err(err!(ValueError, "year must be in {}..{}, not {}", calendar::MIN_YEAR, calendar::MAX_YEAR, year)),
            Err(IsoProblem::Week) => Err(err!(ValueError, "Invalid week: {}", week)),
            Err(IsoProblem::Weekday) => Err(err!(ValueError, "Invalid weekday: {} (range is [1, 7])", day)),
        }
    }
    /// string, format -> new date parsed from a string (like time.strptime()).
    #[classmethod("strptime($type, string, format, /)", nosig)]
    fn strptime(cls: &Type, string: &Str, format: &Str) -> PyResult {
        text::strptime("_strptime_datetime_date", cls, string, format)
    }
    /// Current date or datetime.
    ///
    /// Equivalent to: fromtimestamp(time.time()).
    #[classmethod("today($type, /)")]
    fn today(cls: &Type) -> PyResult {
        let time = runtime::import::import_module("time")?;
        let now = call::call_method0(&time, intern!("time"))?;
        call::call_method(cls, intern!("fromtimestamp"), &[&now])
    }
    /// Return ctime() style string.
    #[method("ctime($self, /)")]
    fn ctime(&self) -> String {
        text::ctime(self.year(), self.month(), self.day(), 0, 0, 0)
    }
    /// format -> strftime() style string.
    #[method("strftime($self, format)", nosig)]
    fn strftime(&self, format: &Object) -> PyResult<Owned<Str>> {
        let format = text::str_argument("strftime", 1, format)?;
        let tuple = call::call_method0(self, intern!("timetuple"))?;
        // A datetime inherits this method.
        let moment = self.downcast::<DateTime>();
        let zone = moment.and_then(|moment| moment.zone());
        let microsecond = moment.map_or(0, |moment| moment.microsecond());
        text::strftime(&text::Subject { zone, argument: self, microsecond }, format, &tuple)
    }
    /// Formats self with strftime.
    #[method("__format__($self, format, /)", nosig)]
    fn format(&self, format: &Object) -> PyResult {
        text::format(self, format)
    }
    /// Return time tuple, compatible with time.localtime().
    #[method("timetuple($self, /)")]
    fn timetuple(&self) -> PyResult {
        text::struct_time(self.year(), self.month(), self.day(), 0, 0, 0, -1)
    }
    /// Return a named tuple containing ISO year, week number, and weekday.
    #[method("isocalendar($self, /)")]
    fn isocalendar(&self) -> PyResult {
        let (year, week, weekday) = calendar::iso_calendar(self.year(), self.month(), self.day());
        IsoCalendarDate::make(IsoCalendarDate::type_object(), [year, week, weekday].map(|n| Int::from_i64(n as i64).into_object()))
    }
    /// Return string in ISO 8601 format, YYYY-MM-DD.
    #[method("isoformat($self, /)")]
    fn isoformat(&self) -> String {
        format!("{:04}-{:02}-{:02}", self.year(), self.month(), self.day())
    }
    /// Return the day of the week represented by the date.
    ///
    /// Monday == 1 ... Sunday == 7
    #[method("isoweekday($self, /)")]
    fn isoweekday(&self) -> i32 {
        calendar::weekday(self.year(), self.month(), self.day()) + 1
    }
    /// Return proleptic Gregorian ordinal.
    ///
    /// January 1 of year 1 is day 1.
    #[method("toordinal($self, /)")]
    fn toordinal(&self) -> i64 {
        self.ordinal()
    }
    /// Return the day of the week represented by the date.
    ///
    /// Monday == 0 ... Sunday == 6
    #[method("weekday($self, /)")]
    fn weekday(&self) -> i32 {
        calendar::weekday(self.year(), self.month(), self.day())
    }
    /// Return date with new specified fields.
    #[method("replace($self, /, year=unchanged, month=unchanged, day=unchanged)")]
    fn replace(&self, year: Option<i32>, month: Option<i32>, day: Option<i32>) -> PyResult {
        Self::of_class(self.ty(), year.unwrap_or(self.year()), month.unwrap_or(self.month()), day.unwrap_or(self.day()))
    }
    /// The same as replace().
    #[method("__replace__($self, /, **changes)")]
    fn replace_protocol(&self, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult {
        replace_by_keywords(self, args, kwargs)
    }
    /// __reduce__() -> (cls, state)
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> Owned<Tuple> {
        let state = Bytes::new(&self.bytes()).into_object();
        Tuple::pair(self.ty().to_owned(), Tuple::single(state).into_object())
    }
}

/// The class attributes.
pub fn add_constants() -> PyResult<()> {
    let ty = Date::type_object();
    let set = |name: &'static Str, value: &Object| runtime::types::type_object::set_in_dict(ty, name, value);
    set(intern!("min"), &*Date::make(ty, 1, 1, 1)?)?;
    set(intern!("max"), &*Date::make(ty, 9999, 12, 31)?)?;
    set(intern!("resolution"), &*TimeDelta::from_total(US_PER_DAY)?)
}

// ---- IsoCalendarDate -----------------------------------------------------------------------------------------------------------

#[repr(transparent)]
pub struct IsoCalendarDate(abi::PyTupleObject);

impl IsoCalendarDate {
    fn items(&self) -> &Tuple {
        // SAFETY: a tuple's layout.
        unsafe { self.as_object().cast() }
    }
    fn make(cls: &Type, items: [Owned; 3]) -> PyResult {
        let tuple = cls.alloc(3)?;
        // SAFETY: a tuple of three items, all NULL, that nobody else sees.
        unsafe {
            let slots = tuple.cast::<Tuple>().items_ptr();
            for (i, item) in items.into_iter().enumerate() {
                *slots.add(i) = item.into_raw();
            }
            tuple.cast::<Tuple>().0.ob_hash.set(-1);
        }
        Ok(tuple)
    }
}

/// The result of date.isocalendar() or datetime.isocalendar()
///
/// This object may be accessed either as a tuple of
///   ((year, week, weekday))
/// or via the object attributes as named in the above tuple.
#[pytype(static = IsoCalendarDate_Type, name = "IsoCalendarDate", module = "datetime", base = PyTuple_Type, itemsize = 8, flags = HAVE_GC | IMMUTABLETYPE,
    basicsize = 32)]
impl IsoCalendarDate {
    #[slot("IsoCalendarDate(year, week, weekday)")]
    fn tp_new(cls: &Type, year: i32, week: i32, weekday: i32) -> PyResult {
        Self::make(cls, [year, week, weekday].map(|n| Int::from_i64(n as i64).into_object()))
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let mut parts = Vec::new();
        for (name, value) in ["year", "week", "weekday"].iter().zip(self.items().iter()) {
            parts.push(format!("{}={}", name, repr(value)?));
        }
        Ok(Str::new(&format!("{}({})", self.type_name(), parts.join(", "))))
    }
    #[getter]
    fn year(&self) -> Owned {
        self.items().get(0).to_owned()
    }
    #[getter]
    fn week(&self) -> Owned {
        self.items().get(1).to_owned()
    }
    #[getter]
    fn weekday(&self) -> Owned {
        self.items().get(2).to_owned()
    }
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> Owned<Tuple> {
        let plain = Tuple::new(self.items().as_slice());
        Tuple::pair(Tuple::type_object().to_owned(), Tuple::single(plain.into_object()).into_object())
    }
}

