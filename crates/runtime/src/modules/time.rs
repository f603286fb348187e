//! `time`: clocks, sleeping, and times of the calendar.

use crate::err;
use crate::errors::{PyResult, Raised};
use crate::exceptions;
use crate::gil;
use crate::intern;
use crate::macro_support::Args;
use crate::modules::pytime::{self, Rounding, SECOND};
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol::{call, number, object};
use crate::types::structseq::{self, Field};
use crate::types::{self, Dict, Float, GilCell, Int, Module, Namespace, Str, Tuple};
use libc::c_int;
use macros::pymodule;
use std::cell::OnceCell;
use std::ffi::{CStr, CString};

/// `time.struct_time`.
fn struct_time() -> PyResult<&'static Type> {
    static TYPE: GilCell<OnceCell<Owned<Type>>> = GilCell(OnceCell::new());
    if let Some(ty) = TYPE.0.get() {
        return Ok(ty);
    }
    let fields = [
        Field::new("tm_year", "year, for example, 1993"),
        Field::new("tm_mon", "month of year, range [1, 12]"),
        Field::new("tm_mday", "day of month, range [1, 31]"),
        Field::new("tm_hour", "hours, range [0, 23]"),
        Field::new("tm_min", "minutes, range [0, 59]"),
        Field::new("tm_sec", "seconds, range [0, 61])"),
        Field::new("tm_wday", "day of week, range [0, 6], Monday is 0"),
        Field::new("tm_yday", "day of year, range [1, 366]"),
        Field::new("tm_isdst", "1 if summer time is in effect, 0 if not, and -1 if unknown"),
        Field::new("tm_zone", "abbreviation of timezone name"),
        Field::new("tm_gmtoff", "offset from UTC in seconds"),
    ];
    let doc = "The time value as gmtime(), localtime() and strptime() give it, and asctime(), mktime() and strftime() take it.\n\n\
               It may be used as a tuple of 9 integers; the fields have names too.";
    let made = structseq::new_type("time.struct_time", doc, &fields, 9)?;
    Ok(TYPE.0.get_or_init(|| made))
}

/// A broken-down time with its zone's name.
struct Calendar {
    tm: libc::tm,
    /// Keeps what `tm.tm_zone` points to.
    zone: Option<CString>,
}

fn empty_tm() -> libc::tm {
    // SAFETY: zero is valid for every field.
    unsafe { std::mem::zeroed() }
}

fn zone_name(tm: &libc::tm) -> Owned<Str> {
    if tm.tm_zone.is_null() {
        return Str::new("");
    }
    // SAFETY: the C library's NUL-ended name.
    Str::new(&unsafe { CStr::from_ptr(tm.tm_zone) }.to_string_lossy())
}

fn to_struct(tm: &libc::tm) -> PyResult {
    let int = |value: i64| Int::from_i64(value).into_object();
    let items = vec![
        int(tm.tm_year as i64 + 1900),
        int(tm.tm_mon as i64 + 1),
        int(tm.tm_mday as i64),
        int(tm.tm_hour as i64),
        int(tm.tm_min as i64),
        int(tm.tm_sec as i64),
        int((tm.tm_wday as i64 + 6) % 7),
        int(tm.tm_yday as i64 + 1),
        int(tm.tm_isdst as i64),
        zone_name(tm).into_object(),
        int(tm.tm_gmtoff),
    ];
    structseq::new(struct_time()?, items)
}

/// `_PyTime_localtime`, `_PyTime_gmtime`.
fn broken_down(seconds: i64, local: bool) -> PyResult<libc::tm> {
    let mut tm = empty_tm();
    // SAFETY: reads and writes locals; tm_zone points to the C library's own memory.
    let done = unsafe { if local { libc::localtime_r(&seconds, &mut tm) } else { libc::gmtime_r(&seconds, &mut tm) } };
    if done.is_null() {
        return Err(exceptions::raise_errno());
    }
    Ok(tm)
}

fn now() -> PyResult<i64> {
    Ok(pytime::clock(libc::CLOCK_REALTIME)?.div_euclid(SECOND))
}

/// The optional argument of `gmtime` and its like: a number of seconds, or now.
fn seconds_argument(name: &str, args: Args<'_>) -> PyResult<i64> {
    match args {
        [] => now(),
        [seconds] if seconds.is_none() => now(),
        [seconds] => pytime::to_time_t(seconds, Rounding::Floor),
        more => Err(err!(TypeError, "{}() takes at most 1 argument ({} given)", name, more.len())),
    }
}

/// The argument of a function that takes one, and whose signature is not known to `inspect`.
fn one_argument<'a>(name: &str, args: Args<'a>) -> PyResult<&'a Object> {
    match args {
        [one] => Ok(one),
        other => Err(err!(TypeError, "{}() takes exactly 1 argument ({} given)", name, other.len())),
    }
}

fn c_int_of(value: &Object) -> PyResult<i64> {
    let value = number::index(value)?;
    match value.as_i64() {
        Some(v) if v > c_int::MAX as i64 => Err(err!(OverflowError, "signed integer is greater than maximum")),
        Some(v) if v < c_int::MIN as i64 => Err(err!(OverflowError, "signed integer is less than minimum")),
        Some(v) => Ok(v),
        None => Err(err!(OverflowError, "Python int too large to convert to C long")),
    }
}

/// A tuple of nine numbers, or a struct_time, as the C library has it.
fn from_tuple(value: &Object, function: &str) -> PyResult<Calendar> {
    let Some(tuple) = value.downcast::<Tuple>() else {
        return Err(err!(TypeError, "Tuple or struct_time argument required"));
    };
    if tuple.len() != 9 {
        return Err(err!(TypeError, "{}(): illegal time tuple argument", function));
    }
    let mut field = [0i64; 9];
    for (place, item) in field.iter_mut().zip(tuple.iter()) {
        *place = c_int_of(item)?;
    }
    let [year, month, day, hour, minute, second, weekday, yearday, dst] = field;
    if year < c_int::MIN as i64 + 1900 {
        return Err(err!(OverflowError, "year out of range"));
    }
    let mut tm = empty_tm();
    tm.tm_year = (year - 1900) as c_int;
    tm.tm_mon = month.wrapping_sub(1).max(c_int::MIN as i64) as c_int;
    tm.tm_mday = day as c_int;
    tm.tm_hour = hour as c_int;
    tm.tm_min = minute as c_int;
    tm.tm_sec = second as c_int;
    tm.tm_wday = ((weekday + 1) % 7) as c_int;
    tm.tm_yday = yearday.wrapping_sub(1).max(c_int::MIN as i64) as c_int;
    tm.tm_isdst = dst as c_int;
    let mut zone = None;
    if std::ptr::eq(value.ty(), struct_time()?) {
        if let Some(offset) = object::get_attr_opt(value, intern!("tm_gmtoff"))?.filter(|o| !o.is_none()) {
            tm.tm_gmtoff = number::as_i64(&offset)?;
        }
        if let Some(name) = object::get_attr_opt(value, intern!("tm_zone"))?.as_ref().and_then(|z| z.downcast::<Str>()) {
            zone = CString::new(name.as_utf8()?).ok();
        }
    }
    if let Some(zone) = &zone {
        tm.tm_zone = zone.as_ptr();
    }
    Ok(Calendar { tm, zone })
}

/// The C functions index tables with these; a month, day or day of the year of 0 counts as 1.
fn check(tm: &mut libc::tm) -> PyResult<()> {
    let refuse = |what: &str| -> PyResult<()> { Err(err!(ValueError, "{} out of range", what)) };
    if tm.tm_mon == -1 {
        tm.tm_mon = 0;
    } else if !(0..=11).contains(&tm.tm_mon) {
        return refuse("month");
    }
    if tm.tm_mday == 0 {
        tm.tm_mday = 1;
    } else if !(0..=31).contains(&tm.tm_mday) {
        return refuse("day of month");
    }
    if !(0..=23).contains(&tm.tm_hour) {
        return refuse("hour");
    }
    if !(0..=59).contains(&tm.tm_min) {
        return refuse("minute");
    }
    if !(0..=61).contains(&tm.tm_sec) {
        return refuse("seconds");
    }
    if tm.tm_wday < 0 {
        return refuse("day of week");
    }
    if tm.tm_yday == -1 {
        tm.tm_yday = 0;
    } else if !(0..=365).contains(&tm.tm_yday) {
        return refuse("day of year");
    }
    Ok(())
}

fn asctime_text(tm: &libc::tm) -> String {
    const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let day = DAYS.get(tm.tm_wday as usize).unwrap_or(&"???");
    let month = MONTHS.get(tm.tm_mon as usize).unwrap_or(&"???");
    format!("{day} {month}{:3} {:02}:{:02}:{:02} {}", tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, 1900 + tm.tm_year as i64)
}

/// The C library's strftime on a format without NUL; the room grows as needed.
fn strftime_piece(format: &str, tm: &libc::tm) -> PyResult<String> {
    // A character that is never produced tells an empty result from one without room.
    let c_format = CString::new(format!("{format}.")).unwrap_or_default();
    let mut size = 256;
    loop {
        let mut buffer = vec![0u8; size];
        // SAFETY: the buffer has `size` bytes; the format is NUL-ended and tm complete.
        let n = unsafe { libc::strftime(buffer.as_mut_ptr().cast(), size, c_format.as_ptr(), tm) };
        if n > 0 {
            buffer.truncate(n - 1);
            return Ok(String::from_utf8_lossy(&buffer).into_owned());
        }
        // No directive gives more than a few hundred characters, unless a width asks for it.
        size *= 4;
        if size > 1 << 26 {
            return Err(crate::errors::no_memory());
        }
    }
}

fn strftime_text(format: &Str, tm: &libc::tm) -> PyResult<Owned<Str>> {
    let n = format.len();
    let mut out = types::StrBuilder::new();
    let mut at = 0;
    let is_plain = |c: u32| c != 0 && char::from_u32(c).is_some();
    while at < n {
        let mut end = at;
        let mut piece = String::new();
        while end < n && is_plain(format.char_at(end)) {
            piece.extend(char::from_u32(format.char_at(end)));
            end += 1;
        }
        if !piece.is_empty() {
            out.push_str(&strftime_piece(&piece, tm)?);
        }
        while end < n && !is_plain(format.char_at(end)) {
            out.push_char(format.char_at(end));
            end += 1;
        }
        at = end;
    }
    out.finish()
}

fn clock_id(value: &Object) -> PyResult<libc::clockid_t> {
    let refused = || err!(TypeError, "clk_id should be integer, not {}", value.type_name());
    if !Int::check(value) && !number::check_index(value) {
        return Err(refused());
    }
    let id = number::index(value)?;
    id.as_i64().and_then(|id| i32::try_from(id).ok()).ok_or_else(refused)
}

fn set_clock(id: &Object, ns: i64) -> PyResult<()> {
    let id = clock_id(id)?;
    let ts = pytime::timespec(ns);
    // SAFETY: reads a local.
    if unsafe { libc::clock_settime(id, &ts) } != 0 {
        return Err(exceptions::raise_errno());
    }
    Ok(())
}

fn resolution(id: libc::clockid_t) -> PyResult<f64> {
    let mut ts = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes to the local.
    if unsafe { libc::clock_getres(id, &mut ts) } != 0 {
        return Err(exceptions::raise_errno());
    }
    Ok(ts.tv_sec as f64 + ts.tv_nsec as f64 * 1e-9)
}

/// Sleeps until the monotonic clock shows `deadline`; signal handlers run meanwhile, and may raise.
fn sleep_until(deadline: i64) -> PyResult<()> {
    let until = pytime::timespec(deadline);
    loop {
        // SAFETY: reads a local.
        let code = gil::allow_threads(|| unsafe {
            libc::clock_nanosleep(libc::CLOCK_MONOTONIC, libc::TIMER_ABSTIME, &until, std::ptr::null_mut())
        });
        match code {
            0 => return Ok(()),
            libc::EINTR => gil::check_signals()?,
            code => return Err(exceptions::raise_os_error(code, None, None)),
        }
    }
}

unsafe extern "C" {
    fn tzset();
    fn pthread_getcpuclockid(thread: libc::pthread_t, id: *mut libc::clockid_t) -> c_int;
}

/// `timezone`, `altzone`, `daylight`, `tzname`: from the zone's state in winter and in summer of this year.
fn add_zone(module: &Module) -> PyResult<()> {
    const YEAR: i64 = (365 * 24 + 6) * 3600;
    // SAFETY: reads the environment.
    unsafe { tzset() };
    let start = (now()? / YEAR) * YEAR;
    let (january, july) = (broken_down(start, true)?, broken_down(start + YEAR / 2, true)?);
    let (january_zone, july_zone) = (-january.tm_gmtoff, -july.tm_gmtoff);
    let set = |standard: i64, summer: i64, daylight: bool, names: [Owned<Str>; 2]| -> PyResult<()> {
        module.add("timezone", &*Int::from_i64(standard))?;
        module.add("altzone", &*Int::from_i64(summer))?;
        module.add("daylight", &*Int::from_i64(daylight as i64))?;
        module.add("tzname", &*Tuple::new(&[&names[0], &names[1]]))
    };
    let names = (zone_name(&january), zone_name(&july));
    // South of the equator the longer distance to UTC is in January.
    if january_zone < july_zone {
        set(july_zone, january_zone, true, [names.1, names.0])
    } else {
        set(january_zone, july_zone, january_zone != july_zone, [names.0, names.1])
    }
}

fn require_text<'a>(args: Args<'a>, function: &str) -> PyResult<&'a Str> {
    match args.first() {
        None => Err(err!(TypeError, "{}() takes at least 1 argument (0 given)", function)),
        Some(text) => text.downcast::<Str>().ok_or_else(|| err!(TypeError, "{}() argument 1 must be str, not {}", function, text.type_name())),
    }
}

fn too_many(function: &str, most: usize, given: usize) -> Raised {
    let plural = if most == 1 { "" } else { "s" };
    err!(TypeError, "{}() takes at most {} argument{} ({} given)", function, most, plural, given)
}

/// Clocks, sleeping, and times of the calendar.
///
/// Times are numbers of seconds since the epoch (1970-01-01 00:00 UTC), or tuples of nine
/// integers: year, month (1-12), day (1-31), hour (0-23), minute (0-59), second (0-59), day of
/// the week (0-6, Monday is 0), day of the year (1-366), and whether summer time is in effect
/// (1, 0, or -1 where that is to be found out).
///
/// timezone, altzone -- seconds west of UTC, in standard and in summer time.
/// daylight -- whether the zone has a summer time.
/// tzname -- the zone's two names.
#[pymodule(name = "time")]
pub mod module {
    use super::*;

    #[constant]
    const _STRUCT_TM_ITEMS: i64 = 11;
    #[constant]
    const CLOCK_REALTIME: i64 = libc::CLOCK_REALTIME as i64;
    #[constant]
    const CLOCK_MONOTONIC: i64 = libc::CLOCK_MONOTONIC as i64;
    #[constant]
    const CLOCK_MONOTONIC_RAW: i64 = libc::CLOCK_MONOTONIC_RAW as i64;
    #[constant]
    const CLOCK_PROCESS_CPUTIME_ID: i64 = libc::CLOCK_PROCESS_CPUTIME_ID as i64;
    #[constant]
    const CLOCK_THREAD_CPUTIME_ID: i64 = libc::CLOCK_THREAD_CPUTIME_ID as i64;
    #[constant]
    const CLOCK_BOOTTIME: i64 = libc::CLOCK_BOOTTIME as i64;
    #[constant]
    const CLOCK_TAI: i64 = libc::CLOCK_TAI as i64;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        module.add("struct_time", struct_time()?)?;
        add_zone(module)
    }

    /// The current time in seconds since the epoch.
    #[function("time($self, /)")]
    fn time() -> PyResult<f64> {
        Ok(pytime::to_seconds(pytime::clock(libc::CLOCK_REALTIME)?))
    }
    /// The current time in nanoseconds since the epoch.
    #[function("time_ns($self, /)")]
    fn time_ns() -> PyResult<i64> {
        pytime::clock(libc::CLOCK_REALTIME)
    }
    /// A clock in seconds that never goes back.
    #[function("monotonic($self, /)")]
    fn monotonic() -> f64 {
        pytime::to_seconds(pytime::monotonic())
    }
    /// A clock in nanoseconds that never goes back.
    #[function("monotonic_ns($self, /)")]
    fn monotonic_ns() -> i64 {
        pytime::monotonic()
    }
    /// The clock for measuring how long something takes, in seconds.
    #[function("perf_counter($self, /)")]
    fn perf_counter() -> f64 {
        pytime::to_seconds(pytime::monotonic())
    }
    /// The clock for measuring how long something takes, in nanoseconds.
    #[function("perf_counter_ns($self, /)")]
    fn perf_counter_ns() -> i64 {
        pytime::monotonic()
    }
    /// The processor time that the process has used, in seconds.
    #[function("process_time($self, /)")]
    fn process_time() -> PyResult<f64> {
        Ok(pytime::to_seconds(pytime::clock(libc::CLOCK_PROCESS_CPUTIME_ID)?))
    }
    /// The processor time that the process has used, in nanoseconds.
    #[function("process_time_ns($self, /)")]
    fn process_time_ns() -> PyResult<i64> {
        pytime::clock(libc::CLOCK_PROCESS_CPUTIME_ID)
    }
    /// The processor time that the thread has used, in seconds.
    #[function("thread_time($self, /)")]
    fn thread_time() -> PyResult<f64> {
        Ok(pytime::to_seconds(pytime::clock(libc::CLOCK_THREAD_CPUTIME_ID)?))
    }
    /// The processor time that the thread has used, in nanoseconds.
    #[function("thread_time_ns($self, /)")]
    fn thread_time_ns() -> PyResult<i64> {
        pytime::clock(libc::CLOCK_THREAD_CPUTIME_ID)
    }

    /// A clock's time in seconds.
    #[function("clock_gettime($module, clk_id, /)")]
    fn clock_gettime(clk_id: &Object) -> PyResult<f64> {
        Ok(pytime::to_seconds(pytime::clock(super::clock_id(clk_id)?)?))
    }
    /// A clock's time in nanoseconds.
    #[function("clock_gettime_ns($module, clk_id, /)")]
    fn clock_gettime_ns(clk_id: &Object) -> PyResult<i64> {
        pytime::clock(super::clock_id(clk_id)?)
    }
    /// clock_settime(clk_id, time)
    ///
    /// Set a clock, to a time in seconds.
    #[function("clock_settime($module, clk_id, time, /)", nosig)]
    fn clock_settime(clk_id: &Object, time: &Object) -> PyResult<()> {
        super::clock_id(clk_id)?;
        set_clock(clk_id, pytime::from_seconds(time, Rounding::Floor)?)
    }
    /// clock_settime_ns(clk_id, time)
    ///
    /// Set a clock, to a time in nanoseconds.
    #[function("clock_settime_ns($module, clk_id, time, /)", nosig)]
    fn clock_settime_ns(clk_id: &Object, time: &Object) -> PyResult<()> {
        super::clock_id(clk_id)?;
        let Some(ns) = time.downcast::<Int>() else { return Err(err!(TypeError, "expect int, got {}", time.type_name())) };
        match ns.as_i64() {
            Some(ns) => set_clock(clk_id, ns),
            None => Err(err!(OverflowError, "Python int too large to convert to C long long")),
        }
    }
    /// clock_getres(clk_id) -> floating-point number
    ///
    /// A clock's resolution, in seconds.
    #[function("clock_getres($module, *args)", nosig)]
    fn clock_getres(args: Args<'_>) -> PyResult<f64> {
        resolution(super::clock_id(one_argument("clock_getres", args)?)?)
    }
    /// pthread_getcpuclockid(thread_id) -> int
    ///
    /// The clock of a thread's processor time.
    #[function("pthread_getcpuclockid($module, *args)", nosig)]
    fn pthread_getcpuclockid(args: Args<'_>) -> PyResult<i32> {
        let thread_id = one_argument("pthread_getcpuclockid", args)?;
        let Some(thread) = thread_id.downcast::<Int>() else {
            return Err(err!(TypeError, "pthread_getcpuclockid() argument 1 must be int, not {}", thread_id.type_name()));
        };
        let mut id = 0;
        // SAFETY: as in C, the caller vouches for the thread.
        let code = unsafe { super::pthread_getcpuclockid(thread.as_u64_mask() as libc::pthread_t, &mut id) };
        if code != 0 {
            return Err(exceptions::raise_os_error(code, None, None));
        }
        Ok(id)
    }

    /// Wait for a number of seconds, which may be a fraction.
    #[function("sleep($self, object, /)")]
    fn sleep(object: &Object) -> PyResult<()> {
        crate::audit::audit("time.sleep", &[object])?;
        let ns = pytime::from_seconds(object, Rounding::Up)?;
        if ns < 0 {
            return Err(err!(ValueError, "sleep length must be non-negative"));
        }
        let Some(deadline) = pytime::monotonic().checked_add(ns) else { return Err(pytime::out_of_range()) };
        sleep_until(deadline)
    }

    /// gmtime([seconds]) -> (tm_year, tm_mon, tm_mday, tm_hour, tm_min,
    ///                        tm_sec, tm_wday, tm_yday, tm_isdst)
    ///
    /// A time, now by default, as a struct_time in UTC.
    #[function("gmtime($module, *args)", nosig)]
    fn gmtime(args: Args<'_>) -> PyResult {
        let mut tm = broken_down(seconds_argument("gmtime", args)?, false)?;
        tm.tm_zone = c"UTC".as_ptr();
        tm.tm_gmtoff = 0;
        to_struct(&tm)
    }

    /// localtime([seconds]) -> (tm_year,tm_mon,tm_mday,tm_hour,tm_min,
    ///                           tm_sec,tm_wday,tm_yday,tm_isdst)
    ///
    /// A time, now by default, as a struct_time in local time.
    #[function("localtime($module, *args)", nosig)]
    fn localtime(args: Args<'_>) -> PyResult {
        to_struct(&broken_down(seconds_argument("localtime", args)?, true)?)
    }

    /// ctime([seconds]) -> string
    ///
    /// A time, now by default, as text in local time; the same as asctime(localtime(seconds)).
    #[function("ctime($module, *args)", nosig)]
    fn ctime(args: Args<'_>) -> PyResult<String> {
        Ok(asctime_text(&broken_down(seconds_argument("ctime", args)?, true)?))
    }

    /// asctime([time_tuple]) -> string
    ///
    /// A time tuple, now by default, as text: 'Sat Jun 06 16:26:11 1998'.
    #[function("asctime($module, time_tuple=<unrepresentable>, /)", nosig)]
    fn asctime(time_tuple: Option<&Object>) -> PyResult<String> {
        let mut tm = match time_tuple {
            None => broken_down(now()?, true)?,
            Some(tuple) => from_tuple(tuple, "asctime")?.tm,
        };
        check(&mut tm)?;
        Ok(asctime_text(&tm))
    }

    /// mktime(tuple) -> floating-point number
    ///
    /// A time tuple in local time as seconds since the epoch.
    #[function("mktime($self, object, /)")]
    fn mktime(object: &Object) -> PyResult<f64> {
        let mut calendar = from_tuple(object, "mktime")?;
        calendar.tm.tm_wday = -1;
        // SAFETY: a complete local.
        let seconds = unsafe { libc::mktime(&mut calendar.tm) };
        // -1 is a time as well; the day of the week tells.
        if seconds == -1 && calendar.tm.tm_wday == -1 {
            return Err(err!(OverflowError, "mktime argument out of range"));
        }
        drop(calendar.zone);
        Ok(seconds as f64)
    }

    /// strftime(format[, time_tuple]) -> string
    ///
    /// A time tuple, now by default, as text that a format describes.
    ///
    /// Directives of the C library's function of this name, among them:
    ///
    /// %Y  year   %m  month   %d  day of month
    /// %H  hour   %M  minute  %S  second   %z  offset from UTC
    /// %a  %A  day of the week     %b  %B  month's name     %c  date and time
    /// %I  hour, 12-hour clock     %p  AM or PM
    #[function("strftime($module, *args)", nosig)]
    fn strftime(args: Args<'_>) -> PyResult<Owned<Str>> {
        let format = require_text(args, "strftime")?;
        if args.len() > 2 {
            return Err(too_many("strftime", 2, args.len()));
        }
        let mut calendar = match args.get(1) {
            None => Calendar { tm: broken_down(now()?, true)?, zone: None },
            Some(tuple) => from_tuple(tuple, "strftime")?,
        };
        check(&mut calendar.tm)?;
        calendar.tm.tm_isdst = calendar.tm.tm_isdst.clamp(-1, 1);
        let text = strftime_text(format, &calendar.tm)?;
        drop(calendar.zone);
        Ok(text)
    }

    /// strptime(string[, format]) -> struct_time
    ///
    /// Read a time from text, by a format as strftime() has it ('%a %b %d %H:%M:%S %Y' by default).
    #[function("strptime($module, *args)", nosig)]
    fn strptime(args: Args<'_>) -> PyResult {
        let module = crate::import::import_module("_strptime")?;
        call::call_method(&module, intern!("_strptime_time"), args)
    }

    /// get_clock_info(name: str) -> dict
    ///
    /// How a clock ('time', 'monotonic', 'perf_counter', 'process_time', 'thread_time') is made,
    /// whether it is monotonic and adjustable, and its resolution.
    #[function("get_clock_info($module, *args)", nosig)]
    fn get_clock_info(args: Args<'_>) -> PyResult<Owned<Namespace>> {
        let name = one_argument("get_clock_info", args)?;
        let Some(name) = name.downcast::<Str>() else {
            return Err(err!(TypeError, "get_clock_info() argument 1 must be str, not {}", name.type_name()));
        };
        let (implementation, id) = match &*name.to_string_lossy() {
            "time" => ("clock_gettime(CLOCK_REALTIME)", libc::CLOCK_REALTIME),
            "monotonic" | "perf_counter" => ("clock_gettime(CLOCK_MONOTONIC)", libc::CLOCK_MONOTONIC),
            "process_time" => ("clock_gettime(CLOCK_PROCESS_CPUTIME_ID)", libc::CLOCK_PROCESS_CPUTIME_ID),
            "thread_time" => ("clock_gettime(CLOCK_THREAD_CPUTIME_ID)", libc::CLOCK_THREAD_CPUTIME_ID),
            _ => return Err(err!(ValueError, "unknown clock")),
        };
        let real = id == libc::CLOCK_REALTIME;
        let info = Dict::new();
        info.set("implementation", &*Str::new(implementation))?;
        info.set("monotonic", types::bool_object(!real))?;
        info.set("adjustable", types::bool_object(real))?;
        info.set("resolution", &*Float::new(resolution(id)?))?;
        Namespace::new(Some(&info))
    }

    /// Read the time zone anew from the environment variable TZ.
    #[function("tzset($self, /)")]
    fn tzset(module: &Module) -> PyResult<()> {
        add_zone(module)
    }
}
