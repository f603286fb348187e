//! The values of string and bytes literals: prefixes, quotes, escapes.

use crate::text::push_code_point;

/// What is wrong in a literal.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum LiteralError {
    /// `unicode error` or `value error`, and the codec's words.
    Unicode(String),
    Value(String),
}

/// An escape that will be an error one day, at `offset` in the text: the character, or the digits if octal.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct InvalidEscape {
    pub offset: usize,
    pub octal: Option<String>,
    pub character: char,
}

/// The parts of a string token.
pub(crate) struct StringParts<'s> {
    pub bytes: bool,
    pub raw: bool,
    /// The prefix begins with a lower-case `u`.
    pub unicode_kind: bool,
    /// Between the quotes.
    pub body: &'s [u8],
}

pub(crate) fn string_parts(token: &[u8]) -> StringParts<'_> {
    let quote_at = token.iter().position(|c| matches!(c, b'"' | b'\'')).unwrap_or(0);
    let prefix = &token[..quote_at];
    let has = |letter: u8| prefix.iter().any(|c| c | 0x20 == letter);
    let quoted = &token[quote_at..];
    let quote = quoted.first().copied().unwrap_or(b'"');
    let size = if quoted.len() >= 6 && quoted[1] == quote && quoted[2] == quote { 3 } else { 1 };
    StringParts {
        bytes: has(b'b'),
        raw: has(b'r'),
        unicode_kind: prefix.first() == Some(&b'u'),
        body: quoted.get(size..quoted.len() - size).unwrap_or_default(),
    }
}

/// Replaces the escapes of a string. The first invalid one is only reported.
pub(crate) fn decode_escapes(text: &[u8]) -> Result<(Vec<u8>, Option<InvalidEscape>), LiteralError> {
    let mut out = Vec::with_capacity(text.len());
    let mut invalid = None;
    let mut at = 0;
    // Errors speak of positions in the text as the codec sees it: with every character beyond ASCII written `\UXXXXXXXX`.
    let mut codec_at = Positions::default();
    while at < text.len() {
        let run = memchr::memchr(b'\\', &text[at..]).unwrap_or(text.len() - at);
        out.extend_from_slice(&text[at..at + run]);
        codec_at.pass(&text[at..at + run]);
        at += run;
        if at >= text.len() {
            break;
        }
        let start = at;
        let codec_start = codec_at.position;
        at += 1;
        let Some(&c) = text.get(at) else {
            // Only the text before the brace of an f-string ends like that.
            out.push(b'\\');
            break;
        };
        at += 1;
        match c {
            b'\n' => {}
            b'\\' | b'\'' | b'"' => out.push(c),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b't' => out.push(b'\t'),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b'v' => out.push(11),
            b'a' => out.push(7),
            b'0'..=b'7' => {
                let digits = text[start + 1..].iter().take(3).take_while(|c| matches!(c, b'0'..=b'7')).count();
                at = start + 1 + digits;
                let value = text[start + 1..at].iter().fold(0, |value, c| value * 8 + (c - b'0') as u32);
                if value > 0o377 && invalid.is_none() {
                    invalid = Some(invalid_octal(text, start, at));
                }
                push_code_point(&mut out, value);
            }
            b'x' | b'u' | b'U' => {
                let (count, name) = match c {
                    b'x' => (2, "\\xXX"),
                    b'u' => (4, "\\uXXXX"),
                    _ => (8, "\\UXXXXXXXX"),
                };
                let digits = text[at..].iter().take(count).take_while(|c| c.is_ascii_hexdigit()).count();
                let value = hex(&text[at..at + digits]);
                at += digits;
                if digits < count {
                    let end = codec_start + 1 + digits;
                    return Err(unicode_error(codec_start, end, &format!("truncated {name} escape")));
                }
                if value > 0x10ffff {
                    return Err(unicode_error(codec_start, codec_start + 9, "illegal Unicode character"));
                }
                push_code_point(&mut out, value);
            }
            b'N' => {
                let length = named_character(&text[at..], codec_start, &mut out)?;
                at += length;
            }
            _ => {
                // Any other escape stands for itself, with its backslash.
                if invalid.is_none() {
                    let character = if c < 0x80 { c as char } else { '\\' };
                    // A backslash before a character beyond ASCII is no escape at all.
                    if c < 0x80 {
                        invalid = Some(InvalidEscape { offset: start + 1, octal: None, character });
                    }
                }
                out.push(b'\\');
                at = start + 1;
                if c < 0x80 {
                    out.push(c);
                    at += 1;
                }
            }
        }
        codec_at.pass_escape(&text[start..at]);
    }
    Ok((out, invalid))
}

/// As [`decode_escapes`], for bytes.
pub(crate) fn decode_bytes_escapes(text: &[u8]) -> Result<(Vec<u8>, Option<InvalidEscape>), LiteralError> {
    let mut out = Vec::with_capacity(text.len());
    let mut invalid = None;
    let mut at = 0;
    while at < text.len() {
        let run = memchr::memchr(b'\\', &text[at..]).unwrap_or(text.len() - at);
        out.extend_from_slice(&text[at..at + run]);
        at += run;
        if at >= text.len() {
            break;
        }
        let start = at;
        at += 1;
        let Some(&c) = text.get(at) else {
            return Err(LiteralError::Value("Trailing \\ in string".into()));
        };
        at += 1;
        match c {
            b'\n' => {}
            b'\\' | b'\'' | b'"' => out.push(c),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b't' => out.push(b'\t'),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b'v' => out.push(11),
            b'a' => out.push(7),
            b'0'..=b'7' => {
                let digits = text[start + 1..].iter().take(3).take_while(|c| matches!(c, b'0'..=b'7')).count();
                at = start + 1 + digits;
                let value = text[start + 1..at].iter().fold(0, |value, c| value * 8 + (c - b'0') as u32);
                if value > 0o377 && invalid.is_none() {
                    invalid = Some(invalid_octal(text, start, at));
                }
                out.push(value as u8);
            }
            b'x' => {
                let digits = text[at..].iter().take(2).take_while(|c| c.is_ascii_hexdigit()).count();
                if digits < 2 {
                    return Err(LiteralError::Value(format!("invalid \\x escape at position {start}")));
                }
                out.push(hex(&text[at..at + 2]) as u8);
                at += 2;
            }
            _ => {
                if invalid.is_none() {
                    invalid = Some(InvalidEscape { offset: start + 1, octal: None, character: c as char });
                }
                out.push(b'\\');
                out.push(c);
            }
        }
    }
    Ok((out, invalid))
}

/// `\N{name}`: appends the character and says how much of `text`, which begins after the `N`, it took.
fn named_character(text: &[u8], codec_start: usize, out: &mut Vec<u8>) -> Result<usize, LiteralError> {
    if !crate::unicode::has_names() {
        return Err(LiteralError::Unicode("\\N escapes not supported (can't load unicodedata module)".to_string()));
    }
    let malformed = |length: usize| {
        Err(unicode_error(codec_start, codec_start + length, "malformed \\N character escape"))
    };
    if text.first() != Some(&b'{') {
        return malformed(1);
    }
    let Some(end) = memchr::memchr(b'}', text) else { return malformed(1 + codec_length(text)) };
    if end == 1 {
        return malformed(2);
    }
    let name = &text[1..end];
    match std::str::from_utf8(name).ok().and_then(crate::unicode::character_by_name) {
        Some(c) => {
            push_code_point(out, c as u32);
            Ok(end + 1)
        }
        None => {
            let last = codec_start + 2 + codec_length(&text[..end]);
            Err(unicode_error(codec_start, last, "unknown Unicode character name"))
        }
    }
}

#[cold]
fn unicode_error(start: usize, last: usize, reason: &str) -> LiteralError {
    let place = if start == last { format!("position {start}") } else { format!("position {start}-{last}") };
    LiteralError::Unicode(format!("'unicodeescape' codec can't decode bytes in {place}: {reason}"))
}

fn invalid_octal(text: &[u8], start: usize, end: usize) -> InvalidEscape {
    let digits = String::from_utf8_lossy(&text[start + 1..end]).into_owned();
    InvalidEscape { offset: start + 1, octal: Some(digits), character: '\\' }
}

fn hex(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |value, &c| value << 4 | (c as char).to_digit(16).unwrap_or(0))
}

/// The length of UTF-8 text with every character beyond ASCII written as ten bytes.
fn codec_length(text: &[u8]) -> usize {
    text.iter().map(|&c| if c < 0x80 { 1 } else if c >= 0xc0 { 10 } else { 0 }).sum()
}

#[derive(Default)]
struct Positions {
    position: usize,
}

impl Positions {
    fn pass(&mut self, text: &[u8]) {
        self.position += codec_length(text);
    }

    /// A lone backslash before a character beyond ASCII is written `\u005c`.
    fn pass_escape(&mut self, escape: &[u8]) {
        self.position += if escape == b"\\" { 6 } else { codec_length(escape) };
    }
}
