//! Dates and times as text: ISO format, `strftime`, `ctime`.

use super::zone;
use runtime::errors::PyResult;
use runtime::object::{Object, Owned};
use runtime::protocol::{call, mapping};
use runtime::types::{Int, Str, StrBuilder, Tuple};
use runtime::{err, import, intern};

/// The parts of a time that ISO format shows, and how.
pub fn iso_time(hour: i32, minute: i32, second: i32, us: i32, timespec: Option<&Str>) -> PyResult<String> {
    let spec = match timespec {
        None => "auto".into(),
        Some(spec) => spec.to_string_lossy(),
    };
    Ok(match &*spec {
        "auto" if us == 0 => format!("{hour:02}:{minute:02}:{second:02}"),
        "auto" | "microseconds" => format!("{hour:02}:{minute:02}:{second:02}.{us:06}"),
        "hours" => format!("{hour:02}"),
        "minutes" => format!("{hour:02}:{minute:02}"),
        "seconds" => format!("{hour:02}:{minute:02}:{second:02}"),
        "milliseconds" => format!("{hour:02}:{minute:02}:{second:02}.{:03}", us / 1000),
        _ => return Err(err!(ValueError, "Unknown timespec value")),
    })
}

const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

pub fn ctime(year: i32, month: i32, day: i32, hour: i32, minute: i32, second: i32) -> String {
    let weekday = super::calendar::weekday(year, month, day);
    format!("{} {} {:2} {:02}:{:02}:{:02} {:04}", DAYS[weekday as usize], MONTHS[month as usize - 1], day, hour, minute, second, year)
}

/// A `time.struct_time`.
pub fn struct_time(year: i32, month: i32, day: i32, hour: i32, minute: i32, second: i32, is_dst: i32) -> PyResult {
    let time = import::import_module("time")?;
    let class = runtime::protocol::object::get_attr(&time, intern!("struct_time"))?;
    let yday = super::calendar::days_before_month(year, month) + day;
    let fields = [year, month, day, hour, minute, second, super::calendar::weekday(year, month, day), yday, is_dst];
    let fields = fields.map(|n| Int::from_i64(n as i64).into_object());
    call::call1(&class, &*Tuple::from_owned(fields.into()))
}

/// What the formats that `time.strftime` does not know stand for.
pub struct Subject<'a> {
    pub zone: Option<&'a Object>,
    /// What the zone's methods get.
    pub argument: &'a Object,
    pub microsecond: i32,
}

fn strftime_of(format: &Str, timetuple: &Object) -> PyResult<Owned<Str>> {
    let time = import::import_module("time")?;
    let text = call::call_method(&time, intern!("strftime"), &[format, timetuple])?;
    text.try_into_typed::<Str>().map_err(|_| err!(TypeError, "strftime() did not return a str"))
}

/// `strftime` with the formats for zones and microseconds filled in, and years of four digits.
pub fn strftime(subject: &Subject<'_>, format: &Str, timetuple: &Object) -> PyResult<Owned<Str>> {
    let points: Vec<u32> = format.code_points().collect();
    let mut out = StrBuilder::new();
    let percent = '%' as u32;
    let mut at = 0;
    while at < points.len() {
        let c = points[at];
        at += 1;
        if c != percent || at == points.len() {
            out.push_char(c);
            continue;
        }
        let directive = char::from_u32(points[at]).unwrap_or('\0');
        at += 1;
        match directive {
            'z' => push_offset(&mut out, subject, "")?,
            ':' if points.get(at) == Some(&('z' as u32)) => {
                at += 1;
                push_offset(&mut out, subject, ":")?;
            }
            'Z' => {
                if let Some(name) = zone::name(subject.zone, subject.argument)? {
                    // The name is not a format.
                    let escaped = call::call_method(&name, intern!("replace"), &[Str::latin1_char(b'%'), &Str::new("%%")])?;
                    let Some(escaped) = escaped.downcast::<Str>() else {
                        return Err(err!(TypeError, "tzname.replace() did not return a string"));
                    };
                    out.push_str_object(escaped)?;
                }
            }
            'f' => out.push_str(&format!("{:06}", subject.microsecond)),
            'Y' | 'G' | 'F' | 'C' => {
                let year = if directive == 'G' {
                    let text = strftime_of(&Str::new("%G"), timetuple)?;
                    text.to_string_lossy().trim().parse::<i64>().unwrap_or(0)
                } else {
                    let year = mapping::get_item(timetuple, &Int::from_i64(0))?;
                    runtime::protocol::number::index(&year)?.as_i64().unwrap_or(0)
                };
                out.push_str(&match directive {
                    'C' => format!("{:02}", year / 100),
                    'F' => format!("{year:04}-%m-%d"),
                    _ => format!("{year:04}"),
                });
            }
            _ => {
                out.push_char(percent);
                out.push_char(points[at - 1]);
            }
        }
    }
    strftime_of(&*out.finish()?, timetuple)
}

fn push_offset(out: &mut StrBuilder, subject: &Subject<'_>, separator: &str) -> PyResult<()> {
    if let Some(offset) = zone::utc_offset(subject.zone, subject.argument)? {
        out.push_str(&zone::format_offset(&offset, separator));
    }
    Ok(())
}

/// `__format__`: `str(o)` for an empty format, else `o.strftime(format)`.
pub fn format(o: &Object, format: &Object) -> PyResult {
    let Some(text) = format.downcast::<Str>() else {
        return Err(err!(TypeError, "__format__() argument 1 must be str, not {}", format.type_name()));
    };
    if text.is_empty() {
        return Ok(runtime::protocol::object::str(o)?.into_object());
    }
    call::call_method(o, intern!("strftime"), &[format])
}

/// The error of `fromisoformat`.
#[cold]
pub fn invalid_iso(text: &Str) -> runtime::Raised {
    match runtime::protocol::object::repr(text) {
        Ok(shown) => err!(ValueError, "Invalid isoformat string: {}", shown.to_string_lossy()),
        Err(raised) => raised,
    }
}

/// An argument that must be a str.
pub fn str_argument<'a>(function: &str, position: usize, o: &'a Object) -> PyResult<&'a Str> {
    o.downcast::<Str>().ok_or_else(|| err!(TypeError, "{}() argument {} must be str, not {}", function, position, o.type_name()))
}

/// The argument of `fromisoformat` as code points.
pub fn iso_text(o: &Object) -> PyResult<(&Str, Vec<u32>)> {
    match o.downcast::<Str>() {
        Some(text) => Ok((text, text.code_points().collect())),
        None => Err(err!(TypeError, "fromisoformat: argument must be str")),
    }
}

/// `_strptime.NAME(cls, text, format)`.
pub fn strptime(name: &str, cls: &Object, text: &Str, format: &Str) -> PyResult {
    let module = import::import_module("_strptime")?;
    let function = runtime::protocol::object::get_attr_str(&module, name)?;
    call::call_args(&function, &[cls, text, format])
}

/// The bytes of a pickled state: bytes, or a str of Latin-1 from Python 2.
pub fn state_bytes<const N: usize>(o: &Object, what: &str, sane: impl Fn(&[u8]) -> bool) -> PyResult<Option<[u8; N]>> {
    if let Some(bytes) = o.downcast::<runtime::types::Bytes>() {
        return Ok(<[u8; N]>::try_from(bytes.as_slice()).ok().filter(|state| sane(state)));
    }
    let Some(text) = o.downcast::<Str>().filter(|text| text.len() == N) else { return Ok(None) };
    let mut state = [0u8; N];
    let mut latin = true;
    for (byte, c) in state.iter_mut().zip(text.code_points()) {
        latin &= c < 256;
        *byte = c as u8;
    }
    if !sane(&state) {
        return Ok(None);
    }
    if !latin {
        return Err(err!(
            ValueError,
            "Failed to encode latin1 string when unpickling a {} object. pickle.load(data, encoding='latin1') is assumed.",
            what
        ));
    }
    Ok(Some(state))
}
