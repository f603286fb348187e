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

/// Decodes the bytes of a program. `filename` is for the words of an error.
pub fn decode<'s>(source: &'s [u8], filename: &str, host: &mut dyn Host) -> Result<Cow<'s, [u8]>, Box<SyntaxError>> {
    let (source, bom) = match source.strip_prefix(b"\xef\xbb\xbf") {
        Some(rest) => (rest, true),
        None => (source, false),
    };
    let Some(cookie) = find_cookie(source) else {
        check_utf8(source, filename)?;
        return Ok(Cow::Borrowed(source));
    };
    if bom && cookie != "utf-8" {
        return Err(problem(format!("encoding problem: {cookie} with BOM")));
    }
    match cookie.as_str() {
        "utf-8" => {
            check_utf8(source, filename)?;
            Ok(Cow::Borrowed(source))
        }
        "iso-8859-1" => Ok(Cow::Owned(source.iter().map(|&c| c as char).collect::<String>().into_bytes())),
        "ascii" | "us-ascii" if source.is_ascii() => Ok(Cow::Borrowed(source)),
        other => match host.decode(source, other)? {
            Some(text) => Ok(Cow::Owned(text.into_bytes())),
            None => Err(problem(format!("unknown encoding: {other}"))),
        },
    }
}

fn problem(words: String) -> Box<SyntaxError> {
    Box::new(SyntaxError { offset: -1, located: true, ..SyntaxError::bare(ErrorClass::SyntaxError, ErrorKind::Text(words)) })
}

fn check_utf8(source: &[u8], filename: &str) -> Result<(), Box<SyntaxError>> {
    let Err(error) = std::str::from_utf8(source) else { return Ok(()) };
    let at = error.valid_up_to();
    let line = 1 + memchr::memchr_iter(b'\n', &source[..at]).count();
    let words = format!(
        "Non-UTF-8 code starting with '\\x{:02x}' in file {filename} on line {line}, but no encoding declared; \
         see https://peps.python.org/pep-0263/ for details",
        source[at]
    );
    let error = SyntaxError::bare(ErrorClass::SyntaxError, ErrorKind::Text(words));
    Err(Box::new(SyntaxError { offset: -1, located: true, ..error }))
}

/// The encoding that a comment in the first two lines names, in its normal spelling.
fn find_cookie(source: &[u8]) -> Option<String> {
    let mut rest = source;
    for _ in 0..2 {
        let end = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let line = &rest[..end];
        let blanks = line.iter().take_while(|c| matches!(c, b' ' | b'\t' | 0x0c)).count();
        match line.get(blanks) {
            Some(b'#') => {
                if let Some(name) = cookie_of(&line[blanks..]) {
                    return Some(normal_name(name));
                }
            }
            Some(_) => return None,
            None => {}
        }
        rest = &rest[(end + 1).min(rest.len())..];
        if line.len() < source.len() && source.get(end) == Some(&b'\r') {
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
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
