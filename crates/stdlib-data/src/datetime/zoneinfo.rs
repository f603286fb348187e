//! `_zoneinfo`: the class `ZoneInfo`. What it reads (files, the `tzdata` package) and how is decided by the library's `zoneinfo._common` and
//! `zoneinfo._tzpath`; here are the transitions, the search in them, and the caches.

use super::delta::TimeDelta;
use super::moment::DateTime;
use super::posix_tz::{self, Rule};
use super::zone::{TzInfo_Type, checked};
use runtime::kept::Kept;
use macros::{Traverse, pymodule, pytype};
use runtime::macro_support::{Args, KwArgs};
use runtime::protocol::object::{self, CompareOp};
use runtime::protocol::{call, number, sequence};
use runtime::types::{Bytes, Dict, Int, Module, Str, Tuple, bool_object, none, type_ready};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Raised, Type, err, errors, intern};
use std::cell::{Cell, OnceCell};
use std::mem::offset_of;

/// Of `ZoneInfo` itself; subclasses have theirs as attributes.
static WEAK_CACHE: Kept = Kept::new();
/// The zones that were used last, the last one at the end.
static STRONG_CACHE: Kept = Kept::new();
const STRONG_CACHE_SIZE: usize = 8;

/// What holds between two transitions.
struct Period {
    offset: i64,
    utcoffset: Owned<TimeDelta>,
    saving: i64,
    dst: Owned<TimeDelta>,
    name: Owned,
}

impl Period {
    fn new(offset: i64, saving: i64, name: Owned) -> PyResult<Period> {
        Ok(Period { offset, utcoffset: TimeDelta::from_seconds(offset)?, saving, dst: TimeDelta::from_seconds(saving)?, name })
    }
    fn equals(&self, other: &Period) -> PyResult<bool> {
        Ok(self.offset == other.offset && self.saving == other.saving && object::rich_compare_bool(&self.name, &other.name, CompareOp::Eq)?)
    }
}

/// What holds after the last transition.
enum After {
    Always(Period),
    ByRule(Yearly),
}

struct Yearly {
    standard: Period,
    saving: Period,
    start: Rule,
    end: Rule,
}

impl Yearly {
    fn difference(&self) -> i64 {
        self.saving.offset - self.standard.offset
    }
    fn choose(&self, timestamp: i64, start: i64, end: i64) -> &Period {
        let is_saving = if start < end { start <= timestamp && timestamp < end } else { !(end <= timestamp && timestamp < start) };
        if is_saving { &self.saving } else { &self.standard }
    }
    /// The period of a time by the clock.
    fn at_local(&self, timestamp: i64, year: i32, fold: bool) -> &Period {
        let (mut start, mut end) = (self.start.in_year(year), self.end.in_year(year));
        let difference = self.difference();
        // Where the clock is set, `fold` says whether the hour is counted before or after.
        if fold == (difference >= 0) {
            end -= difference;
        } else {
            start += difference;
        }
        self.choose(timestamp, start, end)
    }
    /// The period of a time in UTC, and whether the clock shows that time for the second time.
    fn at_utc(&self, timestamp: i64, year: i32) -> (&Period, bool) {
        let start = self.start.in_year(year) - self.standard.offset;
        let end = self.end.in_year(year) - self.saving.offset;
        let difference = self.difference();
        let (from, to) = if difference > 0 { (end, end + difference) } else { (start, start - difference) };
        (self.choose(timestamp, start, end), from <= timestamp && timestamp < to)
    }
}

struct Data {
    /// Seconds since 1970: in UTC, and by the clock for both values of `fold`.
    utc: Vec<i64>,
    local: [Vec<i64>; 2],
    periods: Vec<Period>,
    /// The period that each transition begins.
    begins: Vec<usize>,
    before: Option<usize>,
    after: After,
    is_fixed: bool,
}

#[derive(Traverse)]
#[repr(C)]
pub struct ZoneInfo {
    head: ObjectHead,
    key: Cell<Option<Owned>>,
    file_repr: Cell<Option<Owned>>,
    #[traverse(skip)]
    data: OnceCell<Data>,
    #[traverse(skip)]
    source: Cell<Source>,
    weakrefs: Cell<*mut abi::PyObject>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    NoCache,
    Cache,
    File,
}

fn peek(cell: &Cell<Option<Owned>>) -> Option<Owned> {
    let value = cell.take();
    let copy = value.clone();
    cell.set(value);
    copy
}

// ---- reading -----------------------------------------------------------------------------------------------------------------------

fn items(of: &Object) -> PyResult<Vec<Owned>> {
    let items = sequence::to_list(of)?;
    Ok(items.to_vec())
}

fn numbers(of: &Object) -> PyResult<Vec<i64>> {
    items(of)?.iter().map(|item| number::as_i64(item)).collect()
}

/// The daylight saving that each offset includes, which files do not say: by the transition before or after.
fn savings(begins: &[usize], offsets: &[i64], is_dst: &[bool]) -> Vec<i64> {
    let mut savings = vec![0; offsets.len()];
    let wanted = is_dst.iter().filter(|is_dst| **is_dst).count();
    let mut found = 0;
    for at in 1..begins.len() {
        if found == wanted {
            return savings;
        }
        let period = begins[at];
        if !is_dst[period] || savings[period] != 0 {
            continue;
        }
        let before = begins[at - 1];
        let mut saving = if is_dst[before] { 0 } else { offsets[period] - offsets[before] };
        if saving == 0 && period + 1 < offsets.len() && at + 1 < begins.len() {
            let next = begins[at + 1];
            if is_dst[next] {
                continue;
            }
            saving = offsets[period] - offsets[next];
        }
        if saving != 0 {
            found += 1;
            savings[period] = saving;
        }
    }
    // An hour is a better guess than nothing.
    for (saving, is_dst) in savings.iter_mut().zip(is_dst) {
        if *saving == 0 && *is_dst {
            *saving = 3600;
        }
    }
    savings
}

/// The transitions by the clock: for `fold` 0 with the larger of the two offsets, for 1 with the smaller.
fn local_times(utc: &[i64], begins: &[usize], offsets: &[i64]) -> [Vec<i64>; 2] {
    let shifted = |pick: fn(i64, i64) -> i64| {
        let offset = |at: usize| {
            let after = offsets[begins[at]];
            let before = if at > 0 { offsets[begins[at - 1]] } else { offsets[0] };
            pick(before, after)
        };
        utc.iter().enumerate().map(|(at, time)| time.saturating_add(offset(at))).collect()
    };
    [shifted(i64::max), shifted(i64::min)]
}

fn malformed() -> Raised {
    err!(ValueError, "malformed time zone data")
}

impl Data {
    fn read(file: &Object) -> PyResult<Data> {
        static LOAD_DATA: Kept = Kept::new();
        let loaded = items(&*call::call1(&*LOAD_DATA.imported("zoneinfo._common", Some("load_data"))?, file)?)?;
        let [begins, utc, offsets, is_dst, names, rule] = loaded.as_slice() else { return Err(malformed()) };
        let (utc, offsets, names) = (numbers(utc)?, numbers(offsets)?, items(names)?);
        let is_dst: Vec<bool> = items(is_dst)?.iter().map(|item| object::is_true(item)).collect::<PyResult<_>>()?;
        let begins: Vec<usize> = numbers(begins)?.into_iter().map(|index| index as usize).collect();
        if begins.len() != utc.len() || offsets.len() != is_dst.len() || offsets.len() != names.len() || begins.iter().any(|&index| index >= offsets.len()) {
            return Err(malformed());
        }
        let local = local_times(&utc, &begins, &offsets);
        let savings = savings(&begins, &offsets, &is_dst);
        let mut periods = Vec::with_capacity(offsets.len());
        for ((&offset, saving), name) in offsets.iter().zip(savings).zip(&names) {
            periods.push(Period::new(offset, saving, name.clone())?);
        }
        let before = is_dst.iter().position(|is_dst| !is_dst).or_else(|| begins.first().copied());
        let after = match rule.downcast::<Bytes>().filter(|rule| !rule.is_empty()) {
            Some(rule) => After::of_rule(rule)?,
            None => match begins.last().copied().or_else(|| periods.len().checked_sub(1)) {
                Some(last) => After::Always(Period::new(periods[last].offset, periods[last].saving, periods[last].name.clone())?),
                None => return Err(err!(ValueError, "No time zone information found.")),
            },
        };
        let is_fixed = match (&after, periods.as_slice()) {
            (After::Always(_), []) => true,
            (After::Always(after), [only]) => only.equals(after)?,
            _ => false,
        };
        Ok(Data { utc, local, periods, begins, before, after, is_fixed })
    }
    fn before(&self) -> Option<&Period> {
        self.before.map(|at| &self.periods[at])
    }
    fn begun_by(&self, transition: usize) -> &Period {
        &self.periods[self.begins[transition]]
    }
    /// The period that a datetime (None: any) is in.
    fn period(&self, dt: &Object) -> PyResult<Option<&Period>> {
        if dt.is_none() {
            return Ok(match &self.after {
                After::Always(period) if self.is_fixed => Some(period),
                _ => None,
            });
        }
        let clock = Clock::of(dt)?;
        let local = &self.local[clock.fold as usize];
        Ok(match (local.first(), local.last()) {
            (Some(&first), _) if clock.timestamp < first => self.before(),
            (_, Some(&last)) if clock.timestamp <= last => Some(self.begun_by(local.partition_point(|&time| time <= clock.timestamp) - 1)),
            _ => match &self.after {
                After::Always(period) => Some(period),
                After::ByRule(rule) => Some(rule.at_local(clock.timestamp, clock.year, clock.fold)),
            },
        })
    }
    /// The period of a time in UTC, and the `fold` of its local time.
    fn period_from_utc(&self, clock: &Clock) -> Option<(&Period, bool)> {
        let timestamp = clock.timestamp;
        let last = self.utc.last().copied();
        if self.utc.first().is_some_and(|&first| timestamp < first) {
            return self.before().map(|period| (period, false));
        }
        if last.is_none_or(|last| timestamp > last) {
            match &self.after {
                After::ByRule(rule) => return Some(rule.at_utc(timestamp, clock.year)),
                After::Always(period) if last.is_none() => return Some((period, false)),
                After::Always(_) => {}
            }
        }
        let index = self.utc.partition_point(|&time| time <= timestamp);
        let (previous, period) = if self.utc.len() > 1 && timestamp >= self.utc[1] {
            (Some(self.begun_by(index - 2)), self.begun_by(index - 1))
        } else if last.is_some_and(|last| timestamp > last) {
            match &self.after {
                After::Always(period) => (Some(self.begun_by(index - 1)), period),
                After::ByRule(_) => return None,
            }
        } else {
            (self.before(), self.begun_by(0))
        };
        let shift = previous.map_or(0, |previous| previous.offset) - period.offset;
        Some((period, shift > timestamp - self.utc[index - 1]))
    }
}

impl After {
    fn of_rule(text: &Bytes) -> PyResult<After> {
        let zone = match posix_tz::parse(text.as_slice()) {
            Ok(zone) => zone,
            Err(problem) => {
                let shown = object::repr(text)?;
                return Err(err!(ValueError, "{}{}", problem, &*shown));
            }
        };
        let standard = Period::new(zone.offset, 0, Str::new(&zone.name).into_object())?;
        let Some(saving) = zone.saving else { return Ok(After::Always(standard)) };
        let difference = saving.offset - zone.offset;
        let period = Period::new(saving.offset, difference, Str::new(&saving.name).into_object())?;
        Ok(After::ByRule(Yearly { standard, saving: period, start: saving.start, end: saving.end }))
    }
}

/// What a datetime shows, in seconds since 1970.
struct Clock {
    timestamp: i64,
    year: i32,
    fold: bool,
}

impl Clock {
    fn of(dt: &Object) -> PyResult<Clock> {
        const EPOCH: i64 = 719_163;
        if let Some(dt) = dt.downcast_exact::<DateTime>() {
            let (date, fields) = (dt.as_date(), dt.fields());
            let seconds = (fields.hour * 3600 + fields.minute * 60 + fields.second) as i64;
            return Ok(Clock { timestamp: (date.ordinal() - EPOCH) * 86400 + seconds, year: date.year(), fold: fields.fold != 0 });
        }
        let ordinal = number::as_i64(&*call::call_method0(dt, intern!("toordinal"))?)?;
        let part = |name: &str| number::as_i32(&*object::get_attr_str(dt, name)?).map(|part| part as i64);
        let (hour, minute, second) = (part("hour")?, part("minute")?, part("second")?);
        let days = ordinal.saturating_sub(EPOCH).saturating_mul(86400);
        let timestamp = days.saturating_add(hour * 3600 + minute * 60 + second);
        let year = part("year")?.clamp(super::calendar::MIN_YEAR as i64, super::calendar::MAX_YEAR as i64) as i32;
        Ok(Clock { timestamp, year, fold: part("fold")? != 0 })
    }
}

// ---- caches ------------------------------------------------------------------------------------------------------------------------

fn new_weak_cache() -> PyResult {
    static CLASS: Kept = Kept::new();
    call::call0(&*CLASS.imported("weakref", Some("WeakValueDictionary"))?)
}

fn weak_cache(cls: &Type) -> PyResult {
    if cls.is(ZoneInfo::type_object()) { WEAK_CACHE.get_or_make(new_weak_cache) } else { object::get_attr_str(cls, "_weak_cache") }
}

/// The cache of zones that stay, which `ZoneInfo` itself has and no subclass.
fn strong_cache(cls: &Type) -> PyResult<Option<Owned<Dict>>> {
    if !cls.is(ZoneInfo::type_object()) {
        return Ok(None);
    }
    let cache = STRONG_CACHE.get_or_make(|| Ok(Dict::new().into_object()))?;
    cache.try_into_typed::<Dict>().map(Some).map_err(|_| errors::bad_internal_call())
}

impl ZoneInfo {
    fn loaded(&self) -> PyResult<&Data> {
        self.data.get().ok_or_else(malformed)
    }
    fn make(cls: &Type, key: &Object, data: Data, source: Source) -> PyResult<Owned<ZoneInfo>> {
        ZoneInfo::construct(
            cls,
            ZoneInfo {
                head: ObjectHead::placeholder(),
                key: Cell::new(Some(key.to_owned())),
                file_repr: Cell::new(None),
                data: OnceCell::from(data),
                source: Cell::new(source),
                weakrefs: Cell::new(std::ptr::null_mut()),
            },
        )
    }
    /// Finds a zone's file and reads it.
    fn read(cls: &Type, key: &Object, source: Source) -> PyResult<Owned<ZoneInfo>> {
        static FIND_TZFILE: Kept = Kept::new();
        static LOAD_TZDATA: Kept = Kept::new();
        static OPEN: Kept = Kept::new();
        let path = call::call1(&*FIND_TZFILE.imported("zoneinfo._tzpath", Some("find_tzfile"))?, key)?;
        let file = if path.is_none() {
            call::call1(&*LOAD_TZDATA.imported("zoneinfo._common", Some("load_tzdata"))?, key)?
        } else {
            call::call_args(&*OPEN.imported("io", Some("open"))?, &[&path, &*Str::new("rb")])?
        };
        let data = Data::read(&file);
        let closed = errors::preserve(|| {
            let closed = call::call_method0(&file, intern!("close"));
            if closed.is_err() && data.is_err() {
                errors::clear();
            }
            closed
        });
        let data = data?;
        closed?;
        Self::make(cls, key, data, source)
    }
    fn check_cached(cls: &Type, found: Owned, key: &Object) -> PyResult {
        if found.ty().is_subtype(cls) {
            return Ok(found);
        }
        let shown = object::repr(key)?;
        Err(err!(RuntimeError, "Unexpected instance of {} in {} weak cache for key {}", found.type_name(), cls.name(), &*shown))
    }
    fn cached(cls: &Type, key: &Object) -> PyResult {
        let strong = strong_cache(cls)?;
        if let Some(strong) = &strong
            && let Some(found) = strong.pop(key)?
        {
            strong.set_item(key, &found)?;
            return Ok(found);
        }
        let weak = weak_cache(cls)?;
        let mut found = call::call_method(&weak, intern!("get"), &[key, none()])?;
        if found.is_none() {
            let made = Self::read(cls, key, Source::Cache)?;
            found = call::call_method(&weak, intern!("setdefault"), &[key, made.object()])?;
        }
        let found = Self::check_cached(cls, found, key)?;
        if let Some(strong) = strong {
            strong.set_item(key, &found)?;
            if strong.len() > STRONG_CACHE_SIZE
                && let Some(oldest) = strong.keys_vec().first()
            {
                drop(strong.pop(oldest)?);
            }
        }
        Ok(found)
    }
}

#[pytype(static = ZoneInfo_Type, name = "ZoneInfo", module = "zoneinfo", base = TzInfo_Type, flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native,
    weaklistoffset = offset_of!(ZoneInfo, weakrefs),
    members = [("key", T_OBJECT_EX, offset_of!(ZoneInfo, key), READONLY)])]
impl ZoneInfo {
    #[slot("ZoneInfo(key)")]
    fn tp_new(cls: &Type, key: &Object) -> PyResult {
        Self::cached(cls, key)
    }
    /// Make a zone without the cache.
    #[classmethod("no_cache($type, /, key)")]
    fn no_cache(cls: &Type, key: &Object) -> PyResult<Owned<ZoneInfo>> {
        Self::read(cls, key, Source::NoCache)
    }
    /// Make a zone of an open file.
    #[classmethod("from_file($type, file_obj, /, key=None)")]
    fn from_file(cls: &Type, file_obj: &Object, key: Option<&Object>) -> PyResult<Owned<ZoneInfo>> {
        let shown = object::repr(file_obj)?;
        let zone = Self::make(cls, key.unwrap_or(none()), Data::read(file_obj)?, Source::File)?;
        drop(zone.file_repr.replace(Some(shown.into_object())));
        Ok(zone)
    }
    /// Forget the zones that were made.
    #[classmethod("clear_cache($type, /, *, only_keys=None)")]
    fn clear_cache(cls: &Type, only_keys: Option<&Object>) -> PyResult<()> {
        let (weak, strong) = (weak_cache(cls)?, strong_cache(cls)?);
        let Some(keys) = only_keys else {
            call::call_method0(&weak, intern!("clear"))?;
            if let Some(strong) = strong {
                strong.clear();
            }
            return Ok(());
        };
        let keys = runtime::protocol::iter::get_iter(keys)?;
        while let Some(key) = runtime::protocol::iter::iter_next(&keys)? {
            if let Some(strong) = &strong {
                drop(strong.pop(&key)?);
            }
            call::call_method(&weak, intern!("pop"), &[&key, none()])?;
        }
        Ok(())
    }
    /// Give a subclass caches of its own.
    #[classmethod("__init_subclass__($type, *args, **kwargs)", nosig)]
    fn init_subclass(cls: &Type, _args: Args<'_>, _kwargs: KwArgs<'_>) -> PyResult<()> {
        let cache = new_weak_cache()?;
        object::set_attr_str(cls, "_weak_cache", Some(&cache))
    }
    /// Make a zone of what __reduce__() gave.
    #[classmethod("_unpickle($type, key, from_cache, /)")]
    fn unpickle(cls: &Type, key: &Object, from_cache: bool) -> PyResult {
        if from_cache { call::call1(cls, key) } else { Ok(Self::read(cls, key, Source::NoCache)?.into_object()) }
    }
    /// Give the offset from UTC at a datetime, as a timedelta.
    #[method("utcoffset($self, dt, /)")]
    fn utcoffset(&self, dt: &Object) -> PyResult<Option<Owned<TimeDelta>>> {
        Ok(self.loaded()?.period(dt)?.map(|period| period.utcoffset.clone()))
    }
    /// Give the daylight saving time at a datetime, as a timedelta.
    #[method("dst($self, dt, /)")]
    fn dst(&self, dt: &Object) -> PyResult<Option<Owned<TimeDelta>>> {
        Ok(self.loaded()?.period(dt)?.map(|period| period.dst.clone()))
    }
    /// Give the abbreviation of the time that holds at a datetime.
    #[method("tzname($self, dt, /)")]
    fn tzname(&self, dt: &Object) -> PyResult<Option<Owned>> {
        Ok(self.loaded()?.period(dt)?.map(|period| period.name.clone()))
    }
    /// Give the local time of a datetime in UTC.
    #[method("fromutc($self, object, /)")]
    fn fromutc(&self, dt: &Object) -> PyResult {
        let moment = checked(self.as_object(), dt)?;
        let clock = Clock::of(dt)?;
        let Some((period, fold)) = self.loaded()?.period_from_utc(&clock) else { return Err(malformed()) };
        let local = if dt.is_exact::<DateTime>() { moment.add(period.offset as i128 * 1_000_000)? } else { number::add(dt, &period.utcoffset)? };
        if !fold {
            return Ok(local);
        }
        if let Some(local) = local.downcast_exact::<DateTime>()
            && local.as_object().refcount() == 1
        {
            // Nobody else has seen it.
            local.0.fold.set(1);
        } else {
            let replace = object::get_attr(&local, intern!("replace"))?;
            let kwargs = Dict::new();
            kwargs.set("fold", &*Int::from_i64(1))?;
            return call::call(&replace, &Tuple::empty(), Some(&kwargs));
        }
        Ok(local)
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<String> {
        let name = self.as_object().type_name();
        match peek(&self.key).filter(|key| !key.is_none()) {
            Some(key) => Ok(format!("{name}(key={})", &*object::repr(&key)?)),
            None => {
                let shown = match peek(&self.file_repr) {
                    Some(shown) => object::str(&shown)?.to_string(),
                    None => String::new(),
                };
                Ok(format!("{name}.from_file({shown})"))
            }
        }
    }
    #[slot]
    fn tp_str(&self) -> PyResult<Owned<Str>> {
        match peek(&self.key).filter(|key| !key.is_none()) {
            Some(key) => object::str(&key),
            None => object::repr(self.as_object()),
        }
    }
    /// Give what pickle needs.
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> PyResult<Owned<Tuple>> {
        if self.source.get() == Source::File {
            let class = object::get_attr_str(&*runtime::import::import_module("pickle")?, "PicklingError")?;
            let class = class.try_into_typed::<Type>().map_err(|_| errors::bad_internal_call())?;
            return Err(errors::raise(&class, format_args!("Cannot pickle a ZoneInfo file from a file stream.")));
        }
        let unpickle = object::get_attr_str(self.as_object().ty(), "_unpickle")?;
        let key = peek(&self.key).unwrap_or_else(|| none().to_owned());
        let from_cache = bool_object(self.source.get() == Source::Cache);
        Ok(Tuple::pair(unpickle, Tuple::pair(key, from_cache.to_owned()).into_object()))
    }
}

/// C implementation of the zoneinfo module
#[pymodule(name = "_zoneinfo")]
#[types(ZoneInfo_Type)]
pub mod zoneinfo_module {
    use super::*;

    #[exec]
    fn exec(_module: &Module) -> PyResult<()> {
        // Where `datetime` is the library's Python version, so must be `zoneinfo`.
        let datetime = runtime::import::import_module("datetime")?;
        object::get_attr_str(&datetime, "datetime_CAPI")?;
        type_ready(&TzInfo_Type)?;
        type_ready(ZoneInfo::type_object())
    }
}
