//! `_locale`: the C library's locales.

use crate::call::{errno, os_error};
use crate::exception::ExceptionClass;
use crate::posix::path::{FsString, decode};
use crate::posix::results::int;
use macros::pymodule;
use runtime::err;
use runtime::errors::PyResult;
use runtime::object::Owned;
use runtime::types::{Dict, Int, List, Module, Str};
use std::ffi::{CStr, CString, c_char};

static ERROR: ExceptionClass = ExceptionClass::new("locale", "Error", runtime::exceptions::Exception);

unsafe extern "C" {
    fn gettext(msg: *const c_char) -> *mut c_char;
    fn dgettext(domain: *const c_char, msg: *const c_char) -> *mut c_char;
    fn dcgettext(domain: *const c_char, msg: *const c_char, category: i32) -> *mut c_char;
    fn textdomain(domain: *const c_char) -> *mut c_char;
    fn bindtextdomain(domain: *const c_char, directory: *const c_char) -> *mut c_char;
    fn bind_textdomain_codeset(domain: *const c_char, codeset: *const c_char) -> *mut c_char;
    fn wcscoll(a: *const libc::wchar_t, b: *const libc::wchar_t) -> i32;
    fn wcsxfrm(to: *mut libc::wchar_t, from: *const libc::wchar_t, size: usize) -> usize;
}

/// Text of the C library, in the locale's encoding (UTF-8; bytes that are none are escaped).
/// # Safety
/// NULL or a C string.
unsafe fn text(text: *const c_char) -> Option<Owned<Str>> {
    // SAFETY: by contract.
    if text.is_null() { None } else { Some(decode(unsafe { CStr::from_ptr(text) }.to_bytes())) }
}

fn c_text(text: &str) -> CString {
    CString::new(text).unwrap_or_default()
}

/// The text as wide characters with a 0 at the end.
fn wide(text: &Str) -> PyResult<Vec<libc::wchar_t>> {
    let mut points: Vec<libc::wchar_t> = text.code_points().map(|c| c as libc::wchar_t).collect();
    if points.contains(&0) {
        return Err(err!(ValueError, "embedded null character"));
    }
    points.push(0);
    Ok(points)
}

/// A grouping string as a list of numbers; the 0 or CHAR_MAX that ends it is part.
/// # Safety
/// A C string.
unsafe fn grouping(text: *const c_char) -> Owned<List> {
    // SAFETY: by contract.
    let bytes = unsafe { CStr::from_ptr(text) }.to_bytes();
    let mut items = Vec::new();
    for &byte in bytes {
        items.push(int(byte));
        if byte == c_char::MAX as u8 {
            return List::from_owned(items);
        }
    }
    if !items.is_empty() {
        items.push(int(0));
    }
    List::from_owned(items)
}

/// Support for the C library's locales.
#[pymodule(name = "_locale")]
pub mod _locale {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        module.add("Error", ERROR.get()?)?;
        for (name, value) in CONSTANTS {
            module.add(name, &Int::from_i64(*value))?;
        }
        Ok(())
    }

    /// Set the locale of a category, or ask for it (None).
    #[function("setlocale($module, category, locale=None, /)")]
    fn setlocale(category: i32, locale: Option<&str>) -> PyResult<Owned<Str>> {
        if !(0..13).contains(&category) {
            return Err(ERROR.message("unsupported locale setting"));
        }
        let name = locale.map(c_text);
        // SAFETY: a C string or NULL; the result is copied at once.
        let result = unsafe { text(libc::setlocale(category, name.as_ref().map_or(std::ptr::null(), |name| name.as_ptr()))) };
        match result {
            Some(result) => Ok(result),
            None if locale.is_some() => Err(ERROR.message("unsupported locale setting")),
            None => Err(ERROR.message("locale query failed")),
        }
    }

    /// The locale's conventions for numbers and money.
    #[function("localeconv($module, /)")]
    fn localeconv() -> PyResult<Owned<Dict>> {
        let dict = Dict::new();
        // SAFETY: the library's own struct of C strings and numbers, read before the next call.
        unsafe {
            let conventions = &*libc::localeconv();
            let texts = [
                ("decimal_point", conventions.decimal_point),
                ("thousands_sep", conventions.thousands_sep),
                ("int_curr_symbol", conventions.int_curr_symbol),
                ("currency_symbol", conventions.currency_symbol),
                ("mon_decimal_point", conventions.mon_decimal_point),
                ("mon_thousands_sep", conventions.mon_thousands_sep),
                ("positive_sign", conventions.positive_sign),
                ("negative_sign", conventions.negative_sign),
            ];
            for (name, value) in texts {
                if let Some(value) = text(value) {
                    dict.set(name, &value)?;
                }
            }
            dict.set("grouping", &grouping(conventions.grouping))?;
            dict.set("mon_grouping", &grouping(conventions.mon_grouping))?;
            let numbers = [
                ("int_frac_digits", conventions.int_frac_digits),
                ("frac_digits", conventions.frac_digits),
                ("p_cs_precedes", conventions.p_cs_precedes),
                ("p_sep_by_space", conventions.p_sep_by_space),
                ("n_cs_precedes", conventions.n_cs_precedes),
                ("n_sep_by_space", conventions.n_sep_by_space),
                ("p_sign_posn", conventions.p_sign_posn),
                ("n_sign_posn", conventions.n_sign_posn),
            ];
            for (name, value) in numbers {
                dict.set(name, &int(value))?;
            }
        }
        Ok(dict)
    }

    /// Compare two strings by the locale: below 0, 0 or above 0.
    #[function("strcoll($module, os1, os2, /)")]
    fn strcoll(os1: &Str, os2: &Str) -> PyResult<i32> {
        let (a, b) = (wide(os1)?, wide(os2)?);
        // SAFETY: 0-ended wide strings.
        Ok(unsafe { wcscoll(a.as_ptr(), b.as_ptr()) })
    }

    /// A string whose plain order is the locale's order of the given ones.
    #[function("strxfrm($module, string, /)")]
    fn strxfrm(string: &Str) -> PyResult<Owned<Str>> {
        let from = wide(string)?;
        let mut to = vec![0; from.len() + 1];
        // SAFETY: a 0-ended wide string, and room for `to.len()` characters.
        let length = unsafe {
            crate::call::set_errno(0);
            let needed = wcsxfrm(to.as_mut_ptr(), from.as_ptr(), to.len());
            if errno() != 0 && errno() != libc::ERANGE {
                return Err(os_error(errno()));
            }
            if needed >= to.len() {
                to = vec![0; needed + 1];
                wcsxfrm(to.as_mut_ptr(), from.as_ptr(), to.len())
            } else {
                needed
            }
        };
        // The library may use numbers that are no code points.
        let points: Vec<u32> = to[..length.min(to.len())].iter().map(|&c| (c as u32).min(0x10ffff)).collect();
        Ok(Str::from_code_points(&points))
    }

    /// What the locale has under a key.
    #[function("nl_langinfo($module, key, /)")]
    fn nl_langinfo(key: i32) -> PyResult<Owned<Str>> {
        if !CONSTANTS[LANGINFO_START..].iter().any(|(_, known)| *known == key as i64) {
            return Err(err!(ValueError, "unsupported langinfo constant"));
        }
        // SAFETY: a known key; the result is copied at once.
        Ok(unsafe { text(libc::nl_langinfo(key)) }.unwrap_or_else(|| Str::new("")))
    }

    /// The locale's encoding.
    #[function("getencoding($module, /)")]
    fn getencoding() -> Owned<Str> {
        match runtime::preconfig::codeset().as_str() {
            "" => Str::new("utf-8"),
            name => Str::new(name),
        }
    }

    /// The translation of a message.
    #[function("gettext($module, msg, /)")]
    fn gettext(msg: &str) -> Option<Owned<Str>> {
        let msg = c_text(msg);
        // SAFETY: a C string; the result is copied at once.
        unsafe { text(super::gettext(msg.as_ptr())) }
    }

    /// The translation of a message in a domain.
    #[function("dgettext($module, domain, msg, /)")]
    fn dgettext(domain: Option<&str>, msg: &str) -> Option<Owned<Str>> {
        let (domain, msg) = (domain.map(c_text), c_text(msg));
        // SAFETY: C strings; the result is copied at once.
        unsafe { text(super::dgettext(domain.as_ref().map_or(std::ptr::null(), |d| d.as_ptr()), msg.as_ptr())) }
    }

    /// The translation of a message in a domain and category.
    #[function("dcgettext($module, domain, msg, category, /)")]
    fn dcgettext(domain: Option<&str>, msg: &str, category: i32) -> Option<Owned<Str>> {
        let (domain, msg) = (domain.map(c_text), c_text(msg));
        // SAFETY: C strings; the result is copied at once.
        unsafe { text(super::dcgettext(domain.as_ref().map_or(std::ptr::null(), |d| d.as_ptr()), msg.as_ptr(), category)) }
    }

    /// Set the domain of gettext(), or ask for it (None).
    #[function("textdomain($module, domain, /)")]
    fn textdomain(domain: Option<&str>) -> PyResult<Owned<Str>> {
        let domain = domain.map(c_text);
        // SAFETY: a C string or NULL; the result is copied at once.
        match unsafe { text(super::textdomain(domain.as_ref().map_or(std::ptr::null(), |d| d.as_ptr()))) } {
            Some(name) => Ok(name),
            None => Err(os_error(errno())),
        }
    }

    /// Set the directory of a domain's messages, or ask for it (None).
    #[function("bindtextdomain($module, domain, dir, /)")]
    fn bindtextdomain(domain: &str, dir: Option<FsString>) -> PyResult<Owned<Str>> {
        if domain.is_empty() {
            return Err(ERROR.message("domain must be a non-empty string"));
        }
        let domain = c_text(domain);
        // SAFETY: C strings; the result is copied at once.
        match unsafe { text(super::bindtextdomain(domain.as_ptr(), dir.as_ref().map_or(std::ptr::null(), |d| d.as_ptr()))) } {
            Some(directory) => Ok(directory),
            None => Err(os_error(errno())),
        }
    }

    /// Set the encoding of a domain's messages, or ask for it (None).
    #[function("bind_textdomain_codeset($module, domain, codeset, /)")]
    fn bind_textdomain_codeset(domain: &str, codeset: Option<&str>) -> Option<Owned<Str>> {
        let (domain, codeset) = (c_text(domain), codeset.map(c_text));
        // SAFETY: C strings; the result is copied at once.
        unsafe { text(super::bind_textdomain_codeset(domain.as_ptr(), codeset.as_ref().map_or(std::ptr::null(), |c| c.as_ptr()))) }
    }
}

/// Categories first, then the keys of nl_langinfo.
const CONSTANTS: &[(&str, i64)] = &[
    ("CHAR_MAX", 127),
    ("LC_ALL", 6),
    ("LC_COLLATE", 3),
    ("LC_CTYPE", 0),
    ("LC_MESSAGES", 5),
    ("LC_MONETARY", 4),
    ("LC_NUMERIC", 1),
    ("LC_TIME", 2),
    ("ABDAY_1", 131072),
    ("ABDAY_2", 131073),
    ("ABDAY_3", 131074),
    ("ABDAY_4", 131075),
    ("ABDAY_5", 131076),
    ("ABDAY_6", 131077),
    ("ABDAY_7", 131078),
    ("ABMON_1", 131086),
    ("ABMON_10", 131095),
    ("ABMON_11", 131096),
    ("ABMON_12", 131097),
    ("ABMON_2", 131087),
    ("ABMON_3", 131088),
    ("ABMON_4", 131089),
    ("ABMON_5", 131090),
    ("ABMON_6", 131091),
    ("ABMON_7", 131092),
    ("ABMON_8", 131093),
    ("ABMON_9", 131094),
    ("ALT_DIGITS", 131119),
    ("AM_STR", 131110),
    ("CODESET", 14),
    ("CRNCYSTR", 262159),
    ("DAY_1", 131079),
    ("DAY_2", 131080),
    ("DAY_3", 131081),
    ("DAY_4", 131082),
    ("DAY_5", 131083),
    ("DAY_6", 131084),
    ("DAY_7", 131085),
    ("D_FMT", 131113),
    ("D_T_FMT", 131112),
    ("ERA", 131116),
    ("ERA_D_FMT", 131118),
    ("ERA_D_T_FMT", 131120),
    ("ERA_T_FMT", 131121),
    ("MON_1", 131098),
    ("MON_10", 131107),
    ("MON_11", 131108),
    ("MON_12", 131109),
    ("MON_2", 131099),
    ("MON_3", 131100),
    ("MON_4", 131101),
    ("MON_5", 131102),
    ("MON_6", 131103),
    ("MON_7", 131104),
    ("MON_8", 131105),
    ("MON_9", 131106),
    ("NOEXPR", 327681),
    ("PM_STR", 131111),
    ("RADIXCHAR", 65536),
    ("THOUSEP", 65537),
    ("T_FMT", 131114),
    ("T_FMT_AMPM", 131115),
    ("YESEXPR", 327680),
    ("_DATE_FMT", 131180),
];
const LANGINFO_START: usize = 8;
