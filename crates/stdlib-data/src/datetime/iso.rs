//! Reading dates and times in ISO 8601 format, as `fromisoformat` does.
//!
//! Texts are code points; anything that is not what a place wants makes `None`, which the caller reports with the whole text.

use super::calendar::{IsoProblem, from_iso, from_ordinal};

pub struct IsoTime {
    pub hour: i32,
    pub minute: i32,
    pub second: i32,
    pub microsecond: i32,
    /// Offset from UTC in microseconds.
    pub offset: Option<i64>,
}

fn digits(text: &[u32], at: usize, count: usize) -> Option<i32> {
    let mut value = 0;
    for &c in text.get(at..at + count)? {
        value = value * 10 + char::from_u32(c)?.to_digit(10)? as i32;
    }
    Some(value)
}

fn is(text: &[u32], at: usize, c: char) -> bool {
    text.get(at) == Some(&(c as u32))
}

/// Year, month and day, not checked to exist.
pub fn date(text: &[u32]) -> Option<(i32, i32, i32)> {
    if !matches!(text.len(), 7 | 8 | 10) {
        return None;
    }
    let year = digits(text, 0, 4)?;
    let dashes = is(text, 4, '-');
    let mut at = 4 + dashes as usize;
    if is(text, at, 'W') {
        let week = digits(text, at + 1, 2)?;
        at += 3;
        let mut day = 1;
        if at < text.len() {
            if is(text, at, '-') != dashes {
                return None;
            }
            at += dashes as usize;
            day = digits(text, at, 1)?;
            at += 1;
        }
        if at != text.len() {
            return None;
        }
        return match from_iso(year, week, day) {
            Ok(ordinal) if ordinal >= 1 => Some(from_ordinal(ordinal)),
            Err(IsoProblem::Year) => Some((year, 1, 1)),
            _ => None,
        };
    }
    let month = digits(text, at, 2)?;
    at += 2;
    if is(text, at, '-') != dashes {
        return None;
    }
    at += dashes as usize;
    let day = digits(text, at, 2)?;
    if at + 2 == text.len() { Some((year, month, day)) } else { None }
}

/// Where a date ends that a time may follow.
pub fn date_end(text: &[u32]) -> Option<usize> {
    let is_digit = |at: usize| text.get(at).is_some_and(|c| (0x30..0x3a).contains(c));
    let n = text.len();
    if n < 7 {
        return None;
    }
    if n == 7 {
        return Some(7);
    }
    if is(text, 4, '-') {
        if !is(text, 5, 'W') {
            return Some(10);
        }
        if n > 8 && is(text, 8, '-') {
            if n == 9 {
                return None;
            }
            // YYYY-Www-##: a time that follows a dash is likelier than a weekday and a digit as separator.
            return Some(if n > 10 && is_digit(10) { 8 } else { 10 });
        }
        return Some(8);
    }
    if is(text, 4, 'W') {
        let mut at = 7;
        while is_digit(at) {
            at += 1;
        }
        return Some(if at < 9 { at } else if at % 2 == 0 { 7 } else { 8 });
    }
    Some(8)
}

/// Hour, minute, second and microsecond of `text[start..end]`, and whether something follows them.
fn parts(text: &[u32], start: usize, end: usize) -> Option<([i32; 4], bool)> {
    let mut values = [0; 4];
    let mut at = start;
    let mut colons = true;
    for i in 0..3 {
        values[i] = digits(&text[..end], at, 2)?;
        at += 3;
        // The character behind the digits, which may be that at `end`.
        let next = text.get(at - 1).and_then(|&c| char::from_u32(c)).unwrap_or('\0');
        if i == 0 {
            colons = next == ':';
        }
        if at == end {
            // A separator that separates nothing.
            return None;
        }
        if at > end {
            return Some((values, next != '\0'));
        }
        match next {
            ':' if colons && i == 2 => return None,
            ':' if colons => {}
            '.' | ',' if i < 2 => return None,
            '.' | ',' => break,
            _ if !colons => at -= 1,
            _ => return None,
        }
    }
    let count = (end - at).min(6);
    values[3] = digits(&text[..end], at, count)? * 10i32.pow(6 - count as u32);
    at += count;
    while at < end && (0x30..0x3a).contains(&text[at]) {
        at += 1;
    }
    Some((values, at < text.len()))
}

/// A time, with an offset or without.
pub fn time(text: &[u32]) -> Option<IsoTime> {
    let zone = text.iter().position(|&c| c == '+' as u32 || c == '-' as u32 || c == 'Z' as u32).unwrap_or(text.len());
    let ([hour, minute, second, microsecond], rest) = parts(text, 0, zone)?;
    let mut time = IsoTime { hour, minute, second, microsecond, offset: None };
    if zone == text.len() {
        return if rest { None } else { Some(time) };
    }
    if is(text, zone, 'Z') {
        time.offset = Some(0);
        return if zone + 1 == text.len() { Some(time) } else { None };
    }
    let ([hours, minutes, seconds, us], rest) = parts(text, zone + 1, text.len())?;
    if rest {
        return None;
    }
    let offset = (hours * 3600 + minutes * 60 + seconds) as i64 * 1_000_000 + us as i64;
    time.offset = Some(if is(text, zone, '-') { -offset } else { offset });
    Some(time)
}
