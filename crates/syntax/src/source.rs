//! From the bytes of a program to UTF-8 text as the tokenizer wants it.
//!
//! Encoding: a byte order mark, a coding cookie in one of the first two lines (PEP 263), or UTF-8.
//! Lines: every end of line is `\n`, and the last line of a module has one.

use crate::error::{ErrorClass, ErrorKind, SyntaxError};
use crate::host::Host;
use std::borrow::Cow;

/// Text that was a `str` of the program: no encoding, but ends of lines. `add_newline` is for whole modules.
pub fn translate_newlines(source: &[u8], add_newline: bool) -> Cow<'_, [u8]> {
    let missing = add_newline && source.last().is_some_and(|&c| c != b'\n' && c != b'\r');
    if memchr::memchr(b'\r', source).is_none() {
        if !missing {
            return Cow::Borrowed(source);
        }
        let mut text = Vec::with_capacity(source.len() + 1);
        text.extend_from_slice(source);
        text.push(b'\n');
        return Cow::Owned(text);
    }
    let mut text = Vec::with_capacity(source.len() + 1);
    let mut rest = source;
    while let Some(at) = memchr::memchr(b'\r', rest) {
        text.extend_from_slice(&rest[..at]);
        text.push(b'\n');
        rest = &rest[at + 1..];
        rest = rest.strip_prefix(b"\n").unwrap_or(rest);
    }
    text.extend_from_slice(rest);
    if missing {
        text.push(b'\n');
    }
    Cow::Owned(text)
}

/// Refuses what `compile` refuses in a source string.
pub fn check_null_bytes(source: &[u8]) -> Result<(), Box<SyntaxError>> {
    match memchr::memchr(0, source) {
        Some(_) => Err(Box::new(SyntaxError::bare(
            ErrorClass::SyntaxError,
            ErrorKind::Static("source code string cannot contain null bytes"),
        ))),
        None => Ok(()),
    }
}

/// The same for the text of a file.
pub fn check_file_null_bytes(source: &[u8]) -> Result<(), Box<SyntaxError>> {
    let Some(at) = memchr::memchr(0, source) else { return Ok(()) };
    let line_start = memchr::memrchr(b'\n', &source[..at]).map_or(0, |newline| newline + 1);
    let lineno = 1 + memchr::memchr_iter(b'\n', &source[..at]).count() as i32;
    let text = Some(String::from_utf8_lossy(&source[line_start..at]).into_owned());
    let error = SyntaxError::bare(ErrorClass::SyntaxError, ErrorKind::NullBytes);
    Err(Box::new(SyntaxError { lineno, text, located: true, ..error }))
}

/// Decodes the bytes of a program. `filename` is given for a file, and then named in errors.
pub fn decode<'s, 'f>(
    source: &'s [u8],
    filename: impl Into<Option<&'f str>>,
    host: &mut dyn Host,
) -> Result<Cow<'s, [u8]>, Box<SyntaxError>> {
    let (text, bom) = match source.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (rest, true),
        None => (source, false),
    };
    let Some(cookie) = find_cookie(text) else {
        check_utf8(text, filename.into())?;
        return Ok(Cow::Borrowed(text));
    };
    let name = cookie.name.as_str();
    if bom && name != "utf-8" {
        return Err(bom_clash(&cookie));
    }
    match name {
        "utf-8" => {
            check_utf8(text, filename.into())?;
            Ok(Cow::Borrowed(text))
        }
        _ if is_latin_1(name) => Ok(Cow::Owned(text.iter().map(|&c| c as char).collect::<String>().into_bytes())),
        "ascii" | "us-ascii" => match text.iter().position(|c| !c.is_ascii()) {
            None => Ok(Cow::Borrowed(text)),
            Some(at) => Err(problem(format!(
                "'ascii' codec can't decode byte 0x{:02x} in position {at}: ordinal not in range(128)",
                text[at]
            ))),
        },
        "utf8" | "UTF8" if std::str::from_utf8(text).is_ok() => Ok(Cow::Borrowed(text)),
        other => match host.decode(text, other)? {
            Some(text) => Ok(Cow::Owned(text.into_bytes())),
            None => Err(problem(format!("unknown encoding: {other}"))),
        },
    }
}

/// The spellings of ISO 8859-1 that a cookie is likely to have.
fn is_latin_1(name: &str) -> bool {
    let plain = name.replace('_', "-").to_ascii_lowercase();
    matches!(plain.as_str(), "iso-8859-1" | "iso8859-1" | "latin1" | "latin" | "l1" | "cp819" | "8859")
}

/// An error without a place.
pub fn problem(words: String) -> Box<SyntaxError> {
    let error = SyntaxError::bare(ErrorClass::SyntaxError, ErrorKind::Text(words));
    Box::new(SyntaxError { offset: -1, located: true, ..error })
}

fn bom_clash(cookie: &Cookie) -> Box<SyntaxError> {
    let line = String::from_utf8_lossy(cookie.line).into_owned();
    let words = format!("encoding problem: {} with BOM", cookie.name);
    let error = SyntaxError::bare(ErrorClass::SyntaxError, ErrorKind::Text(words));
    Box::new(SyntaxError {
        lineno: cookie.lineno,
        end_lineno: cookie.lineno,
        end_offset: line.chars().count() as i32,
        text: Some(line),
        located: true,
        has_end: true,
        ..error
    })
}

fn check_utf8(source: &[u8], filename: Option<&str>) -> Result<(), Box<SyntaxError>> {
    let Err(error) = std::str::from_utf8(source) else { return Ok(()) };
    let at = error.valid_up_to();
    // Files are read line by line: an earlier line's mistake comes first.
    let good_lines = memchr::memrchr(b'\n', &source[..at]).unwrap_or(0);
    check_file_null_bytes(&source[..good_lines])?;
    let line_start = memchr::memrchr(b'\n', &source[..at]).map_or(0, |newline| newline + 1);
    let lineno = 1 + memchr::memchr_iter(b'\n', &source[..at]).count() as i32;
    let rest = &source[line_start..];
    let line = &rest[..memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len())];
    let file = filename.map_or(String::new(), |filename| format!("in file {filename} "));
    let words = format!(
        "Non-UTF-8 code starting with '\\x{:02x}' {file}on line {lineno}, but no encoding declared; \
         see https://peps.python.org/pep-0263/ for details",
        source[at]
    );
    let offset = String::from_utf8_lossy(&source[line_start..at]).chars().count() as i32 + 1;
    let error = SyntaxError::bare(ErrorClass::SyntaxError, ErrorKind::Text(words));
    Err(Box::new(SyntaxError {
        lineno,
        offset,
        end_lineno: lineno,
        end_offset: offset,
        text: Some(String::from_utf8_lossy(line).into_owned()),
        located: true,
        has_end: true,
        ..error
    }))
}

/// A comment that names an encoding.
struct Cookie<'s> {
    /// In its normal spelling.
    name: String,
    lineno: i32,
    line: &'s [u8],
}

/// The coding cookie in the first two lines.
fn find_cookie(source: &[u8]) -> Option<Cookie<'_>> {
    let mut rest = source;
    for lineno in 1..=2 {
        let end = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let line = &rest[..end];
        let blanks = line.iter().take_while(|c| matches!(c, b' ' | b'\t' | 0x0c)).count();
        match line.get(blanks) {
            Some(b'#') => {
                if let Some(name) = cookie_of(&line[blanks..]) {
                    return Some(Cookie { name: normal_name(name), lineno, line });
                }
            }
            Some(_) => return None,
            None => {}
        }
        rest = match &rest[end..] {
            [b'\r', b'\n', rest @ ..] => rest,
            [_, rest @ ..] => rest,
            [] => rest,
        };
    }
    None
}

fn cookie_of(comment: &[u8]) -> Option<&[u8]> {
    for at in memchr::memmem::find_iter(comment, b"coding") {
        let rest = &comment[at + 6..];
        if !matches!(rest.first(), Some(b':' | b'=')) {
            continue;
        }
        let blanks = rest[1..].iter().take_while(|c| matches!(c, b' ' | b'\t')).count();
        let name = &rest[1 + blanks..];
        let length = name.iter().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.')).count();
        if length > 0 {
            return Some(&name[..length]);
        }
    }
    None
}

fn normal_name(name: &[u8]) -> String {
    let given = String::from_utf8_lossy(name).into_owned();
    let start: String = given.chars().take(12).map(|c| if c == '_' { '-' } else { c.to_ascii_lowercase() }).collect();
    let is = |name: &str| start == name || start.strip_prefix(name).is_some_and(|rest| rest.starts_with('-'));
    if is("utf-8") {
        "utf-8".into()
    } else if is("latin-1") || is("iso-8859-1") || is("iso-latin-1") {
        "iso-8859-1".into()
    } else {
        given
    }
}
