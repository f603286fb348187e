//! Case: `lower`, `upper`, `title`, `capitalize`, `casefold`, `swapcase`, and the questions `isalpha` and its kin.

use super::construct::allocate;
use super::{Str, StrBuilder, Text};
use crate::errors::PyResult;
use crate::object::Owned;
use crate::with_text;
use macros::pymethods;
use unicode::Case;

/// Maps ASCII text byte by byte.
#[inline(always)]
fn map_ascii(this: &Str, map: impl Fn(u8) -> u8) -> PyResult<Owned<Str>> {
    let len = this.len();
    match len {
        0 => return Ok(Owned::from_ref(Str::empty())),
        1 => return Ok(Owned::from_ref(Str::latin1_char(map(this.char_at(0) as u8)))),
        _ => {}
    }
    let new = allocate(len, 0x7f)?;
    let Text::One(from) = this.text() else { return Ok(new) };
    // SAFETY: fresh, `len` bytes.
    let to = unsafe { std::slice::from_raw_parts_mut(new.data(), len) };
    for (to, &from) in to.iter_mut().zip(from) {
        *to = map(from);
    }
    Ok(new)
}

/// The lower form of the capital sigma at `at`: final after a cased character that is not followed by another one.
fn lower_sigma(text: Text<'_>, at: usize) -> u32 {
    let ignorable = |&c: &u32| unicode::is_case_ignorable(c);
    let before = (0..at).rev().map(|i| text.at(i)).find(|c| !ignorable(c));
    let after = (at + 1..text.len()).map(|i| text.at(i)).find(|c| !ignorable(c));
    let is_final = before.is_some_and(unicode::is_cased) && !after.is_some_and(unicode::is_cased);
    if is_final { 0x3c2 } else { 0x3c3 }
}

/// Appends the mapping of the character at `at`.
fn push_mapped(out: &mut StrBuilder, text: Text<'_>, at: usize, case: Case) {
    let c = text.at(at);
    if c == 0x3a3 && matches!(case, Case::Lower) {
        return out.push_char(lower_sigma(text, at));
    }
    let mut forms = [0; 3];
    let count = unicode::map_case(c, case, &mut forms);
    for &c in &forms[..count] {
        out.push_char(c);
    }
}

fn map_all(this: &Str, case: impl Fn(usize, u32) -> Case) -> PyResult<Owned<Str>> {
    let text = this.text();
    let mut out = StrBuilder::new();
    out.prepare(text.len(), 0x7f)?;
    for i in 0..text.len() {
        push_mapped(&mut out, text, i, case(i, text.at(i)));
    }
    out.finish()
}

/// Whether the string is not empty and all its characters are such.
#[inline(always)]
fn all(this: &Str, ascii: impl Fn(u8) -> bool, wide: fn(u32) -> bool) -> bool {
    match this.as_ascii() {
        Some(text) => !text.is_empty() && text.bytes().all(ascii),
        None => !this.is_empty() && this.code_points().all(wide),
    }
}

impl Str {
    pub fn lower(&self) -> PyResult<Owned<Str>> {
        if self.is_ascii() { map_ascii(self, |c| c.to_ascii_lowercase()) } else { map_all(self, |_, _| Case::Lower) }
    }
    pub fn upper(&self) -> PyResult<Owned<Str>> {
        if self.is_ascii() { map_ascii(self, |c| c.to_ascii_uppercase()) } else { map_all(self, |_, _| Case::Upper) }
    }
    /// A name by Unicode's rules (keywords included).
    pub fn is_identifier(&self) -> bool {
        if let Some(text) = self.as_ascii() {
            let mut bytes = text.bytes();
            return bytes.next().is_some_and(|c| c.is_ascii_alphabetic() || c == b'_') && bytes.all(|c| c.is_ascii_alphanumeric() || c == b'_');
        }
        let mut chars = self.code_points();
        chars.next().is_some_and(unicode::is_xid_start) && chars.all(unicode::is_xid_continue)
    }
    pub fn is_printable(&self) -> bool {
        match self.as_ascii() {
            Some(text) => text.bytes().all(|c| (0x20..0x7f).contains(&c)),
            None => self.code_points().all(unicode::is_printable),
        }
    }
}

#[pymethods(CASE_METHODS)]
impl Str {
    /// The string in lower case.
    #[method("lower($self, /)")]
    fn py_lower(&self) -> PyResult<Owned<Str>> {
        self.lower()
    }
    /// The string in upper case.
    #[method("upper($self, /)")]
    fn py_upper(&self) -> PyResult<Owned<Str>> {
        self.upper()
    }
    /// The string in a form for comparisons in which case does not count.
    #[method("casefold($self, /)")]
    fn py_casefold(&self) -> PyResult<Owned<Str>> {
        if self.is_ascii() { map_ascii(self, |c| c.to_ascii_lowercase()) } else { map_all(self, |_, _| Case::Fold) }
    }
    /// The string with its first character as in titles, the others in lower case.
    #[method("capitalize($self, /)")]
    fn py_capitalize(&self) -> PyResult<Owned<Str>> {
        map_all(self, |i, _| if i == 0 { Case::Title } else { Case::Lower })
    }
    /// The string with lower for upper case and upper for lower case.
    #[method("swapcase($self, /)")]
    fn py_swapcase(&self) -> PyResult<Owned<Str>> {
        if self.is_ascii() {
            return map_ascii(self, |c| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() });
        }
        let text = self.text();
        let mut out = StrBuilder::new();
        out.prepare(text.len(), 0x7f)?;
        for (i, c) in text.code_points().enumerate() {
            if unicode::is_upper(c) {
                push_mapped(&mut out, text, i, Case::Lower);
            } else if unicode::is_lower(c) {
                push_mapped(&mut out, text, i, Case::Upper);
            } else {
                out.push_char(c);
            }
        }
        out.finish()
    }
    /// The string with the first cased character of each word as in titles, the others in lower case.
    #[method("title($self, /)")]
    fn py_title(&self) -> PyResult<Owned<Str>> {
        let inside = std::cell::Cell::new(false);
        map_all(self, |_, c| if inside.replace(unicode::is_cased(c)) { Case::Lower } else { Case::Title })
    }
    /// Whether there are cased characters and all of them are lower case.
    #[method("islower($self, /)")]
    fn py_islower(&self) -> bool {
        let mut cased = false;
        with_text!(self.text(), units => for &c in units {
            let c = c as u32;
            if unicode::is_upper_or_title(c) {
                return false;
            }
            cased |= unicode::is_lower(c);
        });
        cased
    }
    /// Whether there are cased characters and all of them are upper case.
    #[method("isupper($self, /)")]
    fn py_isupper(&self) -> bool {
        let mut cased = false;
        with_text!(self.text(), units => for &c in units {
            let c = c as u32;
            if unicode::is_lower(c) || unicode::is_title(c) {
                return false;
            }
            cased |= unicode::is_upper(c);
        });
        cased
    }
    /// Whether upper and title case follow uncased characters only, lower case cased ones only, and there is a cased one.
    #[method("istitle($self, /)")]
    fn py_istitle(&self) -> bool {
        let (mut cased, mut inside) = (false, false);
        for c in self.code_points() {
            if unicode::is_upper_or_title(c) {
                if inside {
                    return false;
                }
                (cased, inside) = (true, true);
            } else if unicode::is_lower(c) {
                if !inside {
                    return false;
                }
                cased = true;
            } else {
                inside = false;
            }
        }
        cased
    }
    /// Whether there are characters and all of them are letters.
    #[method("isalpha($self, /)")]
    fn py_isalpha(&self) -> bool {
        all(self, |c| c.is_ascii_alphabetic(), unicode::is_alpha)
    }
    /// Whether there are characters and all of them are letters or numbers.
    #[method("isalnum($self, /)")]
    fn py_isalnum(&self) -> bool {
        all(self, |c| c.is_ascii_alphanumeric(), unicode::is_alnum)
    }
    /// Whether there are characters and all of them are decimal digits.
    #[method("isdecimal($self, /)")]
    fn py_isdecimal(&self) -> bool {
        all(self, |c| c.is_ascii_digit(), unicode::is_decimal)
    }
    /// Whether there are characters and all of them are digits.
    #[method("isdigit($self, /)")]
    fn py_isdigit(&self) -> bool {
        all(self, |c| c.is_ascii_digit(), unicode::is_digit)
    }
    /// Whether there are characters and all of them are numeric.
    #[method("isnumeric($self, /)")]
    fn py_isnumeric(&self) -> bool {
        all(self, |c| c.is_ascii_digit(), unicode::is_numeric)
    }
    /// Whether there are characters and all of them are white space.
    #[method("isspace($self, /)")]
    fn py_isspace(&self) -> bool {
        all(self, |c| unicode::is_space(c as u32), unicode::is_space)
    }
    /// Whether the string can be a name; keyword.iskeyword tells whether it is one of the reserved ones.
    #[method("isidentifier($self, /)")]
    fn py_isidentifier(&self) -> bool {
        self.is_identifier()
    }
    /// Whether repr() would show every character as it is.
    #[method("isprintable($self, /)")]
    fn py_isprintable(&self) -> bool {
        self.is_printable()
    }
    /// Whether all characters are ASCII, which is so of the empty string.
    #[method("isascii($self, /)")]
    fn py_isascii(&self) -> bool {
        self.is_ascii()
    }
}
