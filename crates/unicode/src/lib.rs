//! What `str` knows of characters, by Unicode 16: classes, digits, case.
//!
//! The facts are in `data/`, written by `tools/unicode_tables.py`; `build.rs` makes tables of them. Code points above 0x10ffff, and
//! unassigned ones, have no properties.

pub mod names;

include!(concat!(env!("OUT_DIR"), "/tables.rs"));

pub const UNICODE_VERSION: &str = "16.0.0";

/// The properties of a code point. Cases are distances to the simple mappings.
pub struct Record {
    flags: u16,
    decimal: i8,
    digit: i8,
    lower: i32,
    upper: i32,
    title: i32,
    fold: i32,
}

const ALPHA: u16 = 1;
const DECIMAL: u16 = 2;
const DIGIT: u16 = 4;
const NUMERIC: u16 = 8;
const LOWER: u16 = 0x10;
const UPPER: u16 = 0x20;
const TITLE: u16 = 0x40;
const SPACE: u16 = 0x80;
const PRINTABLE: u16 = 0x100;
const XID_START: u16 = 0x200;
const XID_CONTINUE: u16 = 0x400;
const CASED: u16 = 0x800;
const CASE_IGNORABLE: u16 = 0x1000;
const LONGER_FORMS: u16 = 0x2000;

#[inline]
fn record(c: u32) -> &'static Record {
    let block = INDEX.get((c >> 7) as usize).copied().unwrap_or(INDEX[INDEX.len() - 1]);
    &RECORDS[PLACES[(block as usize) << 7 | (c & 0x7f) as usize] as usize]
}

macro_rules! predicates {
    ($($(#[$meta:meta])* $name:ident = $flags:expr;)*) => {$(
        $(#[$meta])*
        #[inline]
        pub fn $name(c: u32) -> bool {
            record(c).flags & ($flags) != 0
        }
    )*};
}

predicates! {
    is_alpha = ALPHA;
    is_alnum = ALPHA | DECIMAL | DIGIT | NUMERIC;
    is_decimal = DECIMAL;
    is_digit = DIGIT;
    is_numeric = NUMERIC;
    is_lower = LOWER;
    is_upper = UPPER;
    is_title = TITLE;
    is_upper_or_title = UPPER | TITLE;
    is_printable = PRINTABLE;
    /// May begin a name; the underscore included.
    is_xid_start = XID_START;
    is_xid_continue = XID_CONTINUE;
    is_cased = CASED;
    is_case_ignorable = CASE_IGNORABLE;
}

#[inline]
pub fn is_space(c: u32) -> bool {
    if c < 0x80 { matches!(c, 9..=13 | 28..=32) } else { record(c).flags & SPACE != 0 }
}

/// Ends a line for `str.splitlines`.
#[inline]
pub fn is_line_break(c: u32) -> bool {
    matches!(c, 0xa..=0xd | 0x1c..=0x1e | 0x85 | 0x2028 | 0x2029)
}

/// The value of a decimal digit.
#[inline]
pub fn decimal_value(c: u32) -> Option<u8> {
    if c < 0x80 { (c as u8).is_ascii_digit().then(|| c as u8 - b'0') } else { u8::try_from(record(c).decimal).ok() }
}

/// The value of a digit in the wider sense (superscripts and the like).
#[inline]
pub fn digit_value(c: u32) -> Option<u8> {
    u8::try_from(record(c).digit).ok()
}

#[inline]
pub fn to_lower(c: u32) -> u32 {
    c.wrapping_add_signed(record(c).lower)
}
#[inline]
pub fn to_upper(c: u32) -> u32 {
    c.wrapping_add_signed(record(c).upper)
}
#[inline]
pub fn to_title(c: u32) -> u32 {
    c.wrapping_add_signed(record(c).title)
}

/// A case mapping that may give several code points.
#[derive(Clone, Copy)]
pub enum Case {
    Lower,
    Upper,
    Title,
    Fold,
}

/// The full mapping of `c`: at most three code points in `out`.
#[inline]
pub fn map_case(c: u32, case: Case, out: &mut [u32; 3]) -> usize {
    let record = record(c);
    if record.flags & LONGER_FORMS != 0 {
        return longer_form(c, case, out);
    }
    out[0] = c.wrapping_add_signed(match case {
        Case::Lower => record.lower,
        Case::Upper => record.upper,
        Case::Title => record.title,
        Case::Fold => record.fold,
    });
    1
}

#[cold]
fn longer_form(c: u32, case: Case, out: &mut [u32; 3]) -> usize {
    let Ok(at) = SPECIAL.binary_search_by_key(&c, |row| row.0) else { return 0 };
    let form = SPECIAL[at].1[case as usize];
    out[..form.len()].copy_from_slice(form);
    form.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapped(c: char, case: Case) -> String {
        let mut out = [0; 3];
        let len = map_case(c as u32, case, &mut out);
        out[..len].iter().filter_map(|&c| char::from_u32(c)).collect()
    }

    #[test]
    fn cases() {
        assert_eq!(mapped('ß', Case::Upper), "SS");
        assert_eq!(mapped('ß', Case::Title), "Ss");
        assert_eq!(mapped('ǆ', Case::Title), "ǅ");
        assert_eq!(mapped('İ', Case::Lower), "i\u{307}");
        assert_eq!(mapped('ſ', Case::Fold), "s");
        assert_eq!((to_upper('µ' as u32), to_lower('Å' as u32)), (0x39c, 0xe5));
    }

    #[test]
    fn classes() {
        assert!(is_alpha(0x4e00) && !is_alpha('1' as u32) && is_numeric('½' as u32) && is_digit('²' as u32) && !is_decimal('²' as u32));
        assert_eq!((decimal_value(0x0665), digit_value(0xb3), decimal_value('x' as u32)), (Some(5), Some(3), None));
        assert!(is_space(0x2003) && !is_space(0x200b) && is_printable(' ' as u32) && !is_printable(0xa0));
        assert!(!is_alpha(0x110000) && !is_printable(u32::MAX));
    }
}
