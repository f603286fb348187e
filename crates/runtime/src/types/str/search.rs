//! Finding one text in another.

use super::Text;
use super::construct::Unit;
use memchr::memmem;
use std::borrow::Cow;

/// A text to look for, prepared for haystacks of one kind.
pub struct Searcher<'n> {
    form: Form<'n>,
    /// Length in units.
    len: usize,
}

enum Form<'n> {
    /// Cannot occur: it has characters that the haystack's kind cannot hold.
    Absent,
    Char(u32),
    /// The needle's memory in the haystack's kind.
    Bytes(memmem::Finder<'n>),
}

/// Misplaced hits (between two units) after which the search goes on without `memmem`.
const MAX_MISPLACED: usize = 64;

impl<'n> Searcher<'n> {
    /// `needle` must not be empty.
    #[inline]
    pub fn new(hay: Text<'_>, needle: Text<'n>) -> Searcher<'n> {
        let len = needle.len();
        let form = if len == 1 {
            let c = needle.at(0);
            let fits = match hay {
                Text::One(_) => c < 0x100,
                Text::Two(_) => c < 0x10000,
                Text::Four(_) => true,
            };
            if fits { Form::Char(c) } else { Form::Absent }
        } else {
            match units_as(hay, needle) {
                None => Form::Absent,
                Some(Cow::Borrowed(bytes)) => Form::Bytes(memmem::Finder::new(bytes)),
                Some(Cow::Owned(bytes)) => Form::Bytes(memmem::Finder::new(&bytes).into_owned()),
            }
        };
        Searcher { form, len }
    }

    /// The first occurrence at or after unit `from`.
    #[inline]
    pub fn find(&self, hay: Text<'_>, from: usize) -> Option<usize> {
        match &self.form {
            Form::Absent => None,
            Form::Char(c) => find_char(hay.slice(from, hay.len()), *c).map(|at| at + from),
            Form::Bytes(finder) => match hay {
                Text::One(s) => finder.find(&s[from..]).map(|at| at + from),
                Text::Two(s) => find_wide(finder, s, from),
                Text::Four(s) => find_wide(finder, s, from),
            },
        }
    }

    /// Occurrences that do not overlap, at most `max`.
    pub fn count(&self, hay: Text<'_>, max: usize) -> usize {
        if let (Form::Char(c), Text::One(s)) = (&self.form, hay) {
            return memchr::memchr_iter(*c as u8, s).take(max).count();
        }
        let (mut at, mut count) = (0, 0);
        while count < max
            && let Some(found) = self.find(hay, at)
        {
            count += 1;
            at = found + self.len;
        }
        count
    }
}

/// The needle's memory in the kind of `hay`; `None` if it does not fit.
fn units_as<'n>(hay: Text<'_>, needle: Text<'n>) -> Option<Cow<'n, [u8]>> {
    let widened = |size: usize| -> Vec<u8> {
        let mut out = Vec::with_capacity(needle.len() * size);
        for c in needle.code_points() {
            out.extend_from_slice(&c.to_ne_bytes()[..size]);
        }
        out
    };
    match (hay, needle) {
        (Text::One(_), Text::One(_)) | (Text::Two(_), Text::Two(_)) | (Text::Four(_), Text::Four(_)) => Some(Cow::Borrowed(needle.bytes())),
        (Text::Two(_), Text::One(_)) => Some(Cow::Owned(widened(2))),
        (Text::Four(_), _) => Some(Cow::Owned(widened(4))),
        _ => None,
    }
}

fn find_wide<T: Unit>(finder: &memmem::Finder<'_>, hay: &[T], from: usize) -> Option<usize> {
    let size = size_of::<T>();
    // SAFETY: integers may be seen as bytes.
    let bytes = unsafe { std::slice::from_raw_parts(hay.as_ptr() as *const u8, size_of_val(hay)) };
    let mut at = from * size;
    for _ in 0..MAX_MISPLACED {
        let found = at + finder.find(bytes.get(at..)?)?;
        if found % size == 0 {
            return Some(found / size);
        }
        at = found + 1;
    }
    let needle: Vec<T> = finder
        .needle()
        .chunks_exact(size)
        .map(|unit| T::from_u32(unit.iter().rev().fold(0, |c, &byte| c << 8 | byte as u32)))
        .collect();
    find_linear(hay, &needle, at / size)
}

/// Knuth, Morris and Pratt: linear whatever the texts.
fn find_linear<T: Unit>(hay: &[T], needle: &[T], from: usize) -> Option<usize> {
    let mut fallback = vec![0usize; needle.len()];
    let mut matched = 0;
    for i in 1..needle.len() {
        while matched > 0 && needle[i] != needle[matched] {
            matched = fallback[matched - 1];
        }
        matched += (needle[i] == needle[matched]) as usize;
        fallback[i] = matched;
    }
    matched = 0;
    for (i, &c) in hay.iter().enumerate().skip(from) {
        while matched > 0 && c != needle[matched] {
            matched = fallback[matched - 1];
        }
        matched += (c == needle[matched]) as usize;
        if matched == needle.len() {
            return Some(i + 1 - matched);
        }
    }
    None
}

#[inline]
pub fn find_char(hay: Text<'_>, c: u32) -> Option<usize> {
    match hay {
        Text::One(s) => u8::try_from(c).ok().and_then(|c| memchr::memchr(c, s)),
        Text::Two(s) => u16::try_from(c).ok().and_then(|c| position(s, c)),
        Text::Four(s) => position(s, c),
    }
}

/// Chunks of which it is asked as a whole whether they hold the unit, which vectorises.
fn position<T: Unit>(hay: &[T], c: T) -> Option<usize> {
    const CHUNK: usize = 32;
    for (n, chunk) in hay.chunks(CHUNK).enumerate() {
        if chunk.iter().fold(false, |found, &unit| found | (unit == c)) {
            return chunk.iter().position(|&unit| unit == c).map(|at| n * CHUNK + at);
        }
    }
    None
}

#[inline]
pub fn rfind_char(hay: Text<'_>, c: u32) -> Option<usize> {
    match hay {
        Text::One(s) => u8::try_from(c).ok().and_then(|c| memchr::memrchr(c, s)),
        Text::Two(s) => u16::try_from(c).ok().and_then(|c| s.iter().rposition(|&unit| unit == c)),
        Text::Four(s) => s.iter().rposition(|&unit| unit == c),
    }
}

/// The first occurrence; the empty text is found at 0.
#[inline]
pub fn find(hay: Text<'_>, needle: Text<'_>) -> Option<usize> {
    match needle.len() {
        0 => Some(0),
        len if len > hay.len() => None,
        1 => find_char(hay, needle.at(0)),
        _ => match (hay, needle) {
            (Text::One(h), Text::One(n)) => memmem::find(h, n),
            _ => Searcher::new(hay, needle).find(hay, 0),
        },
    }
}

/// The last occurrence; the empty text is found at the end.
pub fn rfind(hay: Text<'_>, needle: Text<'_>) -> Option<usize> {
    match needle.len() {
        0 => return Some(hay.len()),
        len if len > hay.len() => return None,
        1 => return rfind_char(hay, needle.at(0)),
        _ => {}
    }
    if let (Text::One(h), Text::One(n)) = (hay, needle) {
        return memmem::rfind(h, n);
    }
    let (first, last) = (needle.at(0), needle.len() - 1);
    (0..=hay.len() - needle.len()).rev().find(|&at| hay.at(at) == first && hay.at(at + last) == needle.at(last) && matches_at(hay, needle, at))
}

/// Whether `needle` stands at unit `at` of `hay`.
#[inline]
pub fn matches_at(hay: Text<'_>, needle: Text<'_>, at: usize) -> bool {
    let len = needle.len();
    if at > hay.len() || len > hay.len() - at {
        return false;
    }
    match (hay, needle) {
        (Text::One(h), Text::One(n)) => &h[at..at + len] == n,
        (Text::Two(h), Text::Two(n)) => &h[at..at + len] == n,
        (Text::Four(h), Text::Four(n)) => &h[at..at + len] == n,
        _ => hay.slice(at, at + len).code_points().eq(needle.code_points()),
    }
}

/// Occurrences that do not overlap, at most `max`; the empty text occurs around every unit.
pub fn count(hay: Text<'_>, needle: Text<'_>, max: usize) -> usize {
    match needle.len() {
        0 => (hay.len() + 1).min(max),
        len if len > hay.len() => 0,
        _ => Searcher::new(hay, needle).count(hay, max),
    }
}
