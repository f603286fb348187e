//! Sets of characters: SRE's set code, turned into a bitmap for the first 256 characters; larger ones walk the code.

use super::program::{InvalidCode, op};
use std::sync::OnceLock;

/// How characters are folded before they are compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fold {
    None,
    Ascii,
    Unicode,
    Locale,
}

impl Fold {
    #[inline]
    pub fn lower(self, c: u32) -> u32 {
        match self {
            Fold::None => c,
            Fold::Ascii => ascii_lower(c),
            Fold::Unicode => unicode_lower(c),
            Fold::Locale => locale_lower(c),
        }
    }
    /// Whether `c` is the literal `lit`, which is in lower case already (as it was written, for locales).
    #[inline]
    pub fn is_literal(self, lit: u32, c: u32) -> bool {
        c == lit || self.lower(c) == lit || (self == Fold::Locale && locale_upper(c) == lit)
    }
}

#[inline]
pub fn ascii_lower(c: u32) -> u32 {
    if c < 128 { (c as u8).to_ascii_lowercase() as u32 } else { c }
}

/// The first character of the lower case, which may be longer.
#[inline]
pub fn unicode_lower(c: u32) -> u32 {
    let mut out = [c; 3];
    unicode::map_case(c, unicode::Case::Lower, &mut out);
    out[0]
}
#[inline]
pub fn unicode_upper(c: u32) -> u32 {
    let mut out = [c; 3];
    unicode::map_case(c, unicode::Case::Upper, &mut out);
    out[0]
}

fn locale_lower(c: u32) -> u32 {
    // SAFETY: tolower takes any value of an unsigned char.
    if c < 256 { unsafe { libc::tolower(c as i32) as u32 } } else { c }
}
fn locale_upper(c: u32) -> u32 {
    // SAFETY: as above.
    if c < 256 { unsafe { libc::toupper(c as i32) as u32 } } else { c }
}

#[inline]
pub fn is_ascii_word(c: u32) -> bool {
    c < 128 && ((c as u8).is_ascii_alphanumeric() || c == b'_' as u32)
}
#[inline]
pub fn is_unicode_word(c: u32) -> bool {
    if c < 128 { is_ascii_word(c) } else { unicode::is_alnum(c) }
}
pub fn is_locale_word(c: u32) -> bool {
    // SAFETY: isalnum takes any value of an unsigned char.
    c < 256 && (c == b'_' as u32 || unsafe { libc::isalnum(c as i32) } != 0)
}

pub const CATEGORIES: u32 = 18;

/// Whether `c` is of a `CATEGORY_*`. Even numbers are the classes, odd ones their complements (but for locales, the same).
pub fn in_category(category: u32, c: u32) -> bool {
    let member = match category >> 1 {
        0 => c < 128 && (c as u8).is_ascii_digit(),
        1 => c < 128 && (matches!(c, 9..=13) || c == 32),
        2 => is_ascii_word(c),
        3 => c == b'\n' as u32,
        4 => is_locale_word(c),
        5 => unicode::is_decimal(c),
        6 => unicode::is_space(c),
        7 => is_unicode_word(c),
        _ => unicode::is_line_break(c),
    };
    member != (category & 1 == 1)
}

/// A set of characters below 256, and whether larger ones may belong to it: a quick test.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bitmap {
    pub low: [u64; 4],
    pub high: bool,
}

impl Bitmap {
    pub const EMPTY: Bitmap = Bitmap { low: [0; 4], high: false };
    pub const FULL: Bitmap = Bitmap { low: [u64::MAX; 4], high: true };
    pub fn literal(lit: u32) -> Bitmap {
        let mut low = [0; 4];
        add_range(&mut low, lit, lit);
        Bitmap { low, high: lit > 255 }
    }
    /// All but a literal.
    pub fn not_literal(lit: u32) -> Bitmap {
        Bitmap { low: Bitmap::literal(lit).low.map(|word| !word), high: true }
    }
    /// What is a literal after folding, or not; a fold of a locale is not known ahead.
    pub fn folded_literal(lit: u32, fold: Fold, negated: bool) -> Bitmap {
        let plain = Bitmap::literal(lit).low;
        let mut low = folded(plain, fold);
        low.iter_mut().zip(plain).for_each(|(word, own)| *word = (*word | own) ^ if negated { u64::MAX } else { 0 });
        Bitmap { low, high: true }
    }
    #[inline(always)]
    pub fn contains(&self, c: u32) -> bool {
        if c < 256 { self.low[(c >> 6) as usize & 3] >> (c & 63) & 1 != 0 } else { self.high }
    }
    pub fn union(&self, other: &Bitmap) -> Bitmap {
        let mut low = self.low;
        low.iter_mut().zip(other.low).for_each(|(a, b)| *a |= b);
        Bitmap { low, high: self.high || other.high }
    }
    pub fn is_disjoint_below_256(&self, other: &Bitmap) -> bool {
        self.low.iter().zip(other.low).all(|(a, b)| a & b == 0)
    }
    /// The only character below 256, if there is one and no larger ones.
    pub fn single(&self) -> Option<u32> {
        if self.high || self.low.iter().map(|w| w.count_ones()).sum::<u32>() != 1 {
            return None;
        }
        self.low.iter().zip(0..).find(|(word, _)| **word != 0).map(|(word, at)| at * 64 + word.trailing_zeros())
    }
}

/// Adds characters to those below 256.
fn add_range(low: &mut [u64; 4], first: u32, last: u32) {
    for (word, start) in low.iter_mut().zip([0, 64, 128, 192]) {
        let (first, last) = (first.max(start), last.min(start + 63));
        if first <= last {
            *word |= u64::MAX >> (63 - (last - first)) << (first - start);
        }
    }
}

/// Of a set of characters, those below 256 that are in it after folding.
fn folded(mut low: [u64; 4], fold: Fold) -> [u64; 4] {
    // A capital stands 32 before its small letter, below 128 and from 192 on; the multiplication sign is none.
    const CAPITALS: u64 = 0x07ff_fffe;
    const LATIN_CAPITALS: u64 = 0x7f7f_ffff;
    if fold == Fold::Ascii || fold == Fold::Unicode {
        low[1] = low[1] & !CAPITALS | low[1] >> 32 & CAPITALS;
    }
    if fold == Fold::Unicode {
        low[3] = low[3] & !LATIN_CAPITALS | low[3] >> 32 & LATIN_CAPITALS;
    }
    low
}

/// The characters below 256 of a category that does not depend on the locale.
fn category_map(category: u32) -> [u64; 4] {
    static CLASSES: [OnceLock<[u64; 4]>; CATEGORIES as usize / 2] = [const { OnceLock::new() }; CATEGORIES as usize / 2];
    let class = category as usize >> 1;
    let Some(known) = CLASSES.get(class) else { return [0; 4] };
    let map = *known.get_or_init(|| map_of(|c| in_category(category & !1, c)));
    if category & 1 == 1 { map.map(|word| !word) } else { map }
}

fn map_of(is_member: impl Fn(u32) -> bool) -> [u64; 4] {
    let mut low = [0; 4];
    (0..256).filter(|&c| is_member(c)).for_each(|c| low[c as usize >> 6] |= 1 << (c & 63));
    low
}

/// Pairs of words of set code as words of a map.
fn from_words(words: &[u32]) -> [u64; 4] {
    let mut low = [0; 4];
    low.iter_mut().zip(words.chunks_exact(2)).for_each(|(word, pair)| *word = pair[0] as u64 | (pair[1] as u64) << 32);
    low
}

/// The characters below 256 that set code accepts, before folding: what `evaluate` says of each.
fn evaluate_low(mut code: &[u32]) -> [u64; 4] {
    let (mut accepted, mut open) = ([0; 4], [u64::MAX; 4]);
    let mut result = true;
    while let Some(item) = next_item(&mut code) {
        let mut found = [0; 4];
        match item {
            Item::Negate => {
                result = !result;
                continue;
            }
            Item::Literal(lit) => add_range(&mut found, lit, lit),
            Item::Range(first, last) => add_range(&mut found, first, last),
            Item::RangeIgnore(first, last) => {
                let is_in = |c: u32| first <= c && c <= last;
                found = map_of(|c| is_in(c) || is_in(unicode_upper(c)));
            }
            Item::Category(category) => found = category_map(category),
            Item::Charset(words) => found = from_words(words),
            Item::BigCharset { index, blocks } => {
                let block = index.first().map_or(0, |word| word.to_ne_bytes()[0]) as usize;
                found = from_words(blocks.get(block * 8..).unwrap_or(&[]));
            }
        }
        // The first item that has a character decides.
        for ((accepted, open), found) in accepted.iter_mut().zip(&mut open).zip(found) {
            if result {
                *accepted |= *open & found;
            }
            *open &= !found;
        }
    }
    if !result {
        accepted.iter_mut().zip(open).for_each(|(accepted, open)| *accepted |= open);
    }
    accepted
}

/// A set of a pattern.
pub struct Charset {
    pub map: Bitmap,
    code: Box<[u32]>,
    fold: Fold,
    /// The locale may change between matches: nothing is known ahead.
    dynamic: bool,
}

impl Charset {
    /// The set of validated set code, which ends with FAILURE.
    pub fn new(code: &[u32], fold: Fold) -> Charset {
        let mut set = Charset { map: Bitmap::FULL, code: code.into(), fold, dynamic: fold == Fold::Locale || is_locale_dependent(code) };
        if !set.dynamic {
            set.map = Bitmap { low: folded(evaluate_low(code), fold), high: fold == Fold::Unicode || has_high_characters(code) };
        }
        set
    }
    #[inline(always)]
    pub fn contains(&self, c: u32) -> bool {
        if c < 256 && !self.dynamic { self.map.contains(c) } else { self.contains_slow(c) }
    }
    #[inline(never)]
    fn contains_slow(&self, c: u32) -> bool {
        match self.fold {
            Fold::Locale => {
                // A negation is of both cases together.
                let negations = self.code.iter().take_while(|&&word| word == op::NEGATE).count();
                let code = &self.code[negations..];
                let (lower, upper) = (locale_lower(c), locale_upper(c));
                (evaluate(code, lower) || (upper != lower && evaluate(code, upper))) != (negations % 2 == 1)
            }
            fold => evaluate(&self.code, fold.lower(c)),
        }
    }
}

/// The items of validated set code.
enum Item<'a> {
    Negate,
    Literal(u32),
    Range(u32, u32),
    RangeIgnore(u32, u32),
    Category(u32),
    Charset(&'a [u32]),
    BigCharset { index: &'a [u32], blocks: &'a [u32] },
}

/// Takes the next item off `code`; `None` at the end or where the code is damaged.
fn next_item<'a>(code: &mut &'a [u32]) -> Option<Item<'a>> {
    fn take<'a>(code: &mut &'a [u32], n: usize) -> Option<&'a [u32]> {
        let (head, rest) = code.split_at_checked(n)?;
        *code = rest;
        Some(head)
    }
    Some(match take(code, 1)?[0] {
        op::NEGATE => Item::Negate,
        op::LITERAL => Item::Literal(take(code, 1)?[0]),
        op::CATEGORY => Item::Category(take(code, 1)?[0]),
        op::RANGE => {
            let bounds = take(code, 2)?;
            Item::Range(bounds[0], bounds[1])
        }
        op::RANGE_UNI_IGNORE => {
            let bounds = take(code, 2)?;
            Item::RangeIgnore(bounds[0], bounds[1])
        }
        op::CHARSET => Item::Charset(take(code, 8)?),
        op::BIGCHARSET => {
            let count = take(code, 1)?[0] as usize;
            Item::BigCharset { index: take(code, 64)?, blocks: take(code, count.checked_mul(8)?)? }
        }
        _ => return None,
    })
}

/// Checks set code that must end with FAILURE exactly at its end.
pub fn validate(code: &[u32]) -> Result<(), InvalidCode> {
    let Some((&op::FAILURE, mut rest)) = code.split_last() else { return Err(InvalidCode) };
    while !rest.is_empty() {
        match next_item(&mut rest) {
            None => return Err(InvalidCode),
            Some(Item::Category(category)) if category >= CATEGORIES => return Err(InvalidCode),
            Some(Item::BigCharset { index, blocks }) => {
                let blocks = blocks.len() / 8;
                if index.iter().flat_map(|word| word.to_ne_bytes()).any(|block| block as usize >= blocks) {
                    return Err(InvalidCode);
                }
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn has_bit(words: &[u32], bit: usize) -> bool {
    words.get(bit >> 5).is_some_and(|word| word >> (bit & 31) & 1 != 0)
}

fn evaluate(mut code: &[u32], c: u32) -> bool {
    let mut result = true;
    while let Some(item) = next_item(&mut code) {
        let found = match item {
            Item::Negate => {
                result = !result;
                continue;
            }
            Item::Literal(lit) => c == lit,
            Item::Range(low, high) => low <= c && c <= high,
            Item::RangeIgnore(low, high) => {
                let upper = unicode_upper(c);
                (low <= c && c <= high) || (low <= upper && upper <= high)
            }
            Item::Category(category) => in_category(category, c),
            Item::Charset(words) => c < 256 && has_bit(words, c as usize),
            Item::BigCharset { index, blocks } => {
                c < 0x10000 && {
                    let at = (c >> 8) as usize;
                    let block = index.get(at >> 2).map_or(0, |word| word.to_ne_bytes()[at & 3]) as usize;
                    has_bit(blocks, block * 256 + (c & 255) as usize)
                }
            }
        };
        if found {
            return result;
        }
    }
    !result
}

fn is_locale_dependent(mut code: &[u32]) -> bool {
    std::iter::from_fn(|| next_item(&mut code)).any(|item| matches!(item, Item::Category(8 | 9)))
}

fn has_high_characters(mut code: &[u32]) -> bool {
    std::iter::from_fn(|| next_item(&mut code)).any(|item| match item {
        Item::Literal(c) => c > 255,
        Item::Range(_, high) => high > 255,
        Item::Category(category) => !matches!(category, 0 | 2 | 4 | 6),
        Item::Charset(_) => false,
        Item::Negate | Item::RangeIgnore(..) | Item::BigCharset { .. } => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_say_what_the_code_says() {
        let words = |bits: [u64; 4]| bits.into_iter().flat_map(|word| [word as u32, (word >> 32) as u32]).collect::<Vec<u32>>();
        let mut codes: Vec<Vec<u32>> = vec![
            vec![op::LITERAL, 97, op::LITERAL, 0xE9],
            vec![op::RANGE, 0, 0x110000],
            vec![op::RANGE, 60, 70, op::NEGATE, op::RANGE, 65, 200],
            vec![op::RANGE, 127, 128, op::RANGE, 191, 192, op::RANGE, 5, 4],
            vec![op::RANGE_UNI_IGNORE, 97, 122, op::RANGE_UNI_IGNORE, 0x178, 0x178],
            [vec![op::CHARSET], words([1 << 63 | 1, 0x0012_3456_789a_bcde, 7, u64::MAX << 31])].concat(),
            [vec![op::BIGCHARSET, 2], vec![0x0001_0001; 64], words([1, 2, 3, 4]), words([!1, !2, 3 << 40, !4])].concat(),
        ];
        codes.extend((0..CATEGORIES).filter(|category| category >> 1 != 4).map(|category| vec![op::CATEGORY, category]));
        for code in codes.clone() {
            codes.push([vec![op::NEGATE], code].concat());
        }
        for code in codes {
            let code = [code, vec![op::FAILURE]].concat();
            assert!(validate(&code).is_ok());
            for fold in [Fold::None, Fold::Ascii, Fold::Unicode] {
                let set = Charset::new(&code, fold);
                (0..256).for_each(|c| assert_eq!(set.map.contains(c), set.contains_slow(c), "{code:?} {fold:?} {c}"));
            }
        }
    }

    #[test]
    fn maps_of_literals_agree_with_comparing() {
        for lit in (0..300).chain([0x17F, 0x212A]) {
            for fold in [Fold::None, Fold::Ascii, Fold::Unicode] {
                for negated in [false, true] {
                    let map = Bitmap::folded_literal(lit, fold, negated);
                    (0..256).for_each(|c| assert_eq!(map.contains(c), fold.is_literal(lit, c) != negated, "{lit} {fold:?} {c}"));
                }
            }
            (0..256).for_each(|c| assert_eq!((Bitmap::literal(lit).contains(c), Bitmap::not_literal(lit).contains(c)), (c == lit, c != lit)));
            assert_eq!(Bitmap::literal(lit).single(), (lit < 256).then_some(lit));
        }
    }
}
