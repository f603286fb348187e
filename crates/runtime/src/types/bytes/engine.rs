//! What bytes and bytearray do, on plain slices: search, split, strip, replace, case. No Python object occurs here.

use memchr::memmem;

/// White space of bytes: what C's `isspace` takes for it in the C locale.
#[inline]
pub fn is_space(c: u8) -> bool {
    matches!(c, b' ' | b'\t'..=b'\r')
}

pub fn find(hay: &[u8], needle: &[u8]) -> Option<usize> {
    match needle {
        [] => Some(0),
        [c] => memchr::memchr(*c, hay),
        _ if needle.len() > hay.len() => None,
        _ => memmem::find(hay, needle),
    }
}

pub fn rfind(hay: &[u8], needle: &[u8]) -> Option<usize> {
    match needle {
        [] => Some(hay.len()),
        [c] => memchr::memrchr(*c, hay),
        _ if needle.len() > hay.len() => None,
        _ => memmem::rfind(hay, needle),
    }
}

/// Non-overlapping occurrences, counted up to `max`.
pub fn count(hay: &[u8], needle: &[u8], max: usize) -> usize {
    match needle {
        [] => (hay.len() + 1).min(max),
        [c] if max == usize::MAX => memchr::memchr_iter(*c, hay).count(),
        [c] => memchr::memchr_iter(*c, hay).take(max).count(),
        _ => memmem::find_iter(hay, needle).take(max).count(),
    }
}

/// Bounds of a part.
pub type Part = (usize, usize);

pub fn split_whitespace(text: &[u8], max: usize) -> Vec<Part> {
    let (mut parts, mut at) = (Vec::new(), 0);
    loop {
        while at < text.len() && is_space(text[at]) {
            at += 1;
        }
        if at == text.len() {
            return parts;
        }
        let start = at;
        if parts.len() == max {
            crate::memory::reserve::grow(&mut parts);
            parts.push((start, text.len()));
            return parts;
        }
        while at < text.len() && !is_space(text[at]) {
            at += 1;
        }
        crate::memory::reserve::grow(&mut parts);
        parts.push((start, at));
    }
}

pub fn rsplit_whitespace(text: &[u8], max: usize) -> Vec<Part> {
    let (mut parts, mut end) = (Vec::new(), text.len());
    loop {
        while end > 0 && is_space(text[end - 1]) {
            end -= 1;
        }
        if end == 0 {
            break;
        }
        if parts.len() == max {
            crate::memory::reserve::grow(&mut parts);
            parts.push((0, end));
            break;
        }
        let stop = end;
        while end > 0 && !is_space(text[end - 1]) {
            end -= 1;
        }
        crate::memory::reserve::grow(&mut parts);
        parts.push((end, stop));
    }
    parts.reverse();
    parts
}

pub fn split_at(text: &[u8], sep: &[u8], max: usize) -> Vec<Part> {
    let (mut parts, mut start) = (Vec::new(), 0);
    let mut add = |at: usize| {
        crate::memory::reserve::grow(&mut parts);
        parts.push((start, at));
        start = at + sep.len();
    };
    match sep {
        [c] => memchr::memchr_iter(*c, text).take(max).for_each(&mut add),
        _ => memmem::find_iter(text, sep).take(max).for_each(&mut add),
    }
    crate::memory::reserve::grow(&mut parts);
    parts.push((start, text.len()));
    parts
}

pub fn rsplit_at(text: &[u8], sep: &[u8], max: usize) -> Vec<Part> {
    let (mut parts, mut end) = (Vec::new(), text.len());
    while parts.len() < max
        && let Some(at) = rfind(&text[..end], sep)
    {
        crate::memory::reserve::grow(&mut parts);
        parts.push((at + sep.len(), end));
        end = at;
    }
    crate::memory::reserve::grow(&mut parts);
    parts.push((0, end));
    parts.reverse();
    parts
}

pub fn split_lines(text: &[u8], keep_ends: bool) -> Vec<Part> {
    let (mut lines, mut start) = (Vec::new(), 0);
    while start < text.len() {
        let (end, next) = match memchr::memchr2(b'\n', b'\r', &text[start..]) {
            None => (text.len(), text.len()),
            Some(at) => {
                let at = start + at;
                (at, if text[at] == b'\r' && text.get(at + 1) == Some(&b'\n') { at + 2 } else { at + 1 })
            }
        };
        crate::memory::reserve::grow(&mut lines);
        lines.push((start, if keep_ends { next } else { end }));
        start = next;
    }
    lines
}

/// What is left when the ends for which `drop` holds are cut off.
pub fn trim(text: &[u8], left: bool, right: bool, drop: impl Fn(u8) -> bool) -> Part {
    let (mut start, mut end) = (0, text.len());
    if left {
        while start < end && drop(text[start]) {
            start += 1;
        }
    }
    if right {
        while end > start && drop(text[end - 1]) {
            end -= 1;
        }
    }
    (start, end)
}

/// Writes parts one after the other.
pub struct Writer<'a> {
    out: &'a mut [u8],
    at: usize,
}

impl<'a> Writer<'a> {
    pub fn new(out: &'a mut [u8]) -> Self {
        Writer { out, at: 0 }
    }
    #[inline]
    pub fn put(&mut self, part: &[u8]) {
        self.out[self.at..self.at + part.len()].copy_from_slice(part);
        self.at += part.len();
    }
    #[inline]
    pub fn fill(&mut self, c: u8, n: usize) {
        self.out[self.at..self.at + n].fill(c);
        self.at += n;
    }
}

/// Writes `text` with its first `n` occurrences of `old` replaced.
pub fn replace_into(text: &[u8], old: &[u8], new: &[u8], n: usize, out: &mut [u8]) {
    let mut w = Writer::new(out);
    if old.is_empty() {
        for (i, c) in text.iter().enumerate() {
            if i < n {
                w.put(new);
            }
            w.put(&[*c]);
        }
        if n > text.len() {
            w.put(new);
        }
        return;
    }
    let mut start = 0;
    let mut step = |at: usize| {
        w.put(&text[start..at]);
        w.put(new);
        start = at + old.len();
    };
    match old {
        [c] => memchr::memchr_iter(*c, text).take(n).for_each(&mut step),
        _ => memmem::find_iter(text, old).take(n).for_each(&mut step),
    }
    w.put(&text[start..]);
}

pub fn capitalize(out: &mut [u8]) {
    out.make_ascii_lowercase();
    if let Some(first) = out.first_mut() {
        first.make_ascii_uppercase();
    }
}

pub fn title(out: &mut [u8]) {
    let mut inside = false;
    for c in out {
        if inside {
            c.make_ascii_lowercase();
        } else {
            c.make_ascii_uppercase();
        }
        inside = c.is_ascii_alphabetic();
    }
}

pub fn swap_case(out: &mut [u8]) {
    for c in out {
        if c.is_ascii_alphabetic() {
            *c ^= 0x20;
        }
    }
}

pub fn is_title(text: &[u8]) -> bool {
    let (mut cased, mut inside) = (false, false);
    for c in text {
        match c {
            b'A'..=b'Z' if inside => return false,
            b'a'..=b'z' if !inside => return false,
            b'A'..=b'Z' | b'a'..=b'z' => {
                inside = true;
                cased = true;
            }
            _ => inside = false,
        }
    }
    cased
}

/// The text with spaces for its tabs; `None` if it would be too long.
pub fn expand_tabs(text: &[u8], size: usize) -> Option<Vec<u8>> {
    let (mut total, mut column) = (0usize, 0usize);
    for &c in text {
        let width = match c {
            b'\t' => if size == 0 { 0 } else { size - column % size },
            _ => 1,
        };
        total = total.checked_add(width).filter(|&n| n <= isize::MAX as usize)?;
        column = if matches!(c, b'\n' | b'\r') { 0 } else { column + width };
    }
    let mut out = Vec::new();
    out.try_reserve_exact(total).ok()?;
    column = 0;
    for &c in text {
        if c == b'\t' {
            let width = if size == 0 { 0 } else { size - column % size };
            out.resize(out.len() + width, b' ');
            column += width;
        } else {
            out.push(c);
            column = if matches!(c, b'\n' | b'\r') { 0 } else { column + 1 };
        }
    }
    Some(out)
}

/// `repr()` of bytes, `b'..'`.
pub fn repr(data: &[u8]) -> String {
    quoted(data, false)
}

/// The bytes in a bytearray's `repr()`: single quotes are escaped within double quotes as well.
pub fn repr_in_bytearray(data: &[u8]) -> String {
    quoted(data, true)
}

fn quoted(data: &[u8], escape_single: bool) -> String {
    let quote = if data.contains(&b'\'') && !data.contains(&b'"') { b'"' } else { b'\'' };
    let mut out = String::new();
    if out.try_reserve(data.len() + 3).is_err() {
        crate::memory::reserve::out_of_memory(usize::MAX);
    }
    out.push('b');
    out.push(quote as char);
    for &c in data {
        match c {
            b'\\' => out.push_str("\\\\"),
            b'\t' => out.push_str("\\t"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            c if c == quote && !escape_single || c == b'\'' && escape_single => {
                out.push('\\');
                out.push(c as char);
            }
            0x20..=0x7e => out.push(c as char),
            _ => {
                out.push_str("\\x");
                out.push(HEX[c as usize >> 4] as char);
                out.push(HEX[c as usize & 15] as char);
            }
        }
    }
    out.push(quote as char);
    out
}

pub const HEX: &[u8; 16] = b"0123456789abcdef";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_keep_what_is_left_after_the_limit() {
        assert_eq!(split_whitespace(b" a b  c ", 1), [(1, 2), (3, 8)]);
        assert_eq!(rsplit_whitespace(b" a b  c ", 1), [(0, 4), (6, 7)]);
        assert_eq!(split_at(b"a,b,", b",", 9), [(0, 1), (2, 3), (4, 4)]);
        assert_eq!(rsplit_at(b"a,b,", b",", 1), [(0, 3), (4, 4)]);
        assert_eq!(split_lines(b"a\r\n\rb", true), [(0, 3), (3, 4), (4, 5)]);
    }
    #[test]
    fn replacing_the_empty_text_goes_between_all_bytes() {
        let mut out = [0; 7];
        replace_into(b"abc", b"", b"-", 4, &mut out);
        assert_eq!(&out, b"-a-b-c-");
    }
    #[test]
    fn tabs_reach_the_next_stop() {
        assert_eq!(expand_tabs(b"a\tb\n\tc", 4).unwrap(), b"a   b\n    c");
        assert_eq!(expand_tabs(b"\t", usize::MAX), None);
    }
}
