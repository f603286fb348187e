//! The words for calls with wrong arguments.

use super::arguments::{KwArgs, Parameters, str_ascii};
use super::convert::ArgContext;
use super::suggestions::suggestion;
use crate::err;
use crate::errors::{PyResult, Raised};
use crate::object::Object;
use crate::protocol;

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// `_PyArg_CheckPositional`, for functions that check by themselves.
#[inline]
pub fn check_positional(name: &str, given: usize, min: usize, max: usize) -> PyResult<()> {
    if given < min || given > max {
        return Err(positional_count(name, given, min, max));
    }
    Ok(())
}

#[cold]
#[inline(never)]
pub(super) fn positional_count(name: &str, given: usize, min: usize, max: usize) -> Raised {
    if max == 0 {
        return err!(TypeError, "{}() takes no arguments", name);
    }
    let (limit, word) = if given < min { (min, "at least ") } else { (max, "at most ") };
    let word = if min == max { "" } else { word };
    err!(TypeError, "{} expected {}{} argument{}, got {}", name, word, limit, plural(limit), given)
}

#[cold]
#[inline(never)]
pub(super) fn too_many_arguments(p: &Parameters, positional: usize, keyword: usize) -> Raised {
    let most = p.names.len();
    let kind = if positional == 0 { "keyword " } else { "" };
    err!(TypeError, "{}() takes at most {} {}argument{} ({} given)", p.function, most, kind, plural(most), positional + keyword)
}

#[cold]
#[inline(never)]
pub(super) fn too_many_positional(p: &Parameters, given: usize) -> Raised {
    let most = p.max_positional as usize;
    if most == 0 {
        return err!(TypeError, "{}() takes no positional arguments", p.function);
    }
    let word = if p.min_positional < p.max_positional { "at most" } else { "exactly" };
    err!(TypeError, "{}() takes {} {} positional argument{} ({} given)", p.function, word, most, plural(most), given)
}

#[cold]
#[inline(never)]
pub(super) fn too_few_positional(p: &Parameters, least: usize, given: usize) -> Raised {
    let word = if least < p.max_positional as usize { "at least" } else { "exactly" };
    err!(TypeError, "{}() takes {} {} positional argument{} ({} given)", p.function, word, least, plural(least), given)
}

#[cold]
#[inline(never)]
pub(super) fn missing_argument(p: &Parameters, at: usize) -> Raised {
    err!(TypeError, "{}() missing required argument '{}' (pos {})", p.function, p.names[at], at + 1)
}

#[cold]
#[inline(never)]
pub(super) fn given_twice(p: &Parameters, name: &str, at: usize) -> Raised {
    err!(TypeError, "argument for {}() given by name ('{}') and position ({})", p.function, name, at + 1)
}

#[cold]
#[inline(never)]
pub(super) fn unexpected_keyword(p: &Parameters, kwargs: &KwArgs<'_>) -> Raised {
    let known = &p.names[p.positional_only as usize..];
    match kwargs.names.iter().find_map(|name| unknown_keyword(p.function, known, name)) {
        Some(raised) => raised,
        None => err!(TypeError, "invalid keyword argument for {}()", p.function),
    }
}

/// For functions that read their keywords by themselves: too many of them, or one that is not known.
#[cold]
pub fn bad_keywords<'a>(function: &str, known: &[&str], given: impl ExactSizeIterator<Item = &'a Object>) -> Raised {
    if given.len() > known.len() {
        return err!(TypeError, "{}() takes at most {} keyword argument{} ({} given)", function, known.len(), plural(known.len()), given.len());
    }
    let mut given = given;
    match given.find_map(|name| unknown_keyword(function, known, name)) {
        Some(raised) => raised,
        None => err!(TypeError, "invalid keyword argument for {}()", function),
    }
}

/// The error for a keyword, if it is none of those known.
fn unknown_keyword(function: &str, known: &[&str], name: &Object) -> Option<Raised> {
    if !name.ty().has_flag(super::type_flags::UNICODE_SUBCLASS) {
        return Some(err!(TypeError, "keywords must be strings"));
    }
    if !name.is_exact::<crate::types::Str>() {
        // A subclass may have an equality of its own.
        for own in known {
            match protocol::object::rich_compare_bool(name, &crate::types::Str::new(own), protocol::object::CompareOp::Eq) {
                Ok(true) => return None,
                Ok(false) => {}
                Err(raised) => return Some(raised),
            }
        }
    }
    let ascii = str_ascii(name).and_then(|bytes| std::str::from_utf8(bytes).ok());
    if ascii.is_some_and(|text| known.contains(&text)) && name.is_exact::<crate::types::Str>() {
        return None;
    }
    let shown = match protocol::object::str(name) {
        Ok(shown) => shown,
        Err(raised) => return Some(raised),
    };
    Some(match ascii.and_then(|text| suggestion(known.iter().copied(), text)) {
        Some(near) => err!(TypeError, "{}() got an unexpected keyword argument '{}'. Did you mean '{}'?", function, *shown, near),
        None => err!(TypeError, "{}() got an unexpected keyword argument '{}'", function, *shown),
    })
}

/// `_PyArg_BadArgument`: "f() argument 1 must be str, not int".
#[cold]
#[inline(never)]
pub fn bad_argument(context: &ArgContext, expected: &str, given: &Object) -> Raised {
    let got = if given.is_none() { "None" } else { given.type_name() };
    match (context.name, context.position) {
        ("", 0) => err!(TypeError, "{}() argument must be {}, not {}", context.function, expected, got),
        ("", at) => err!(TypeError, "{}() argument {} must be {}, not {}", context.function, at, expected, got),
        (name, _) => err!(TypeError, "{}() argument '{}' must be {}, not {}", context.function, name, expected, got),
    }
}
