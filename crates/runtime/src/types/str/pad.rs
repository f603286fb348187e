//! Methods that fill up or cut off the ends: `center`, `ljust`, `rjust`, `zfill`, `expandtabs`, `strip` and its kin.

use super::{Str, StrBuilder};
use crate::err;
use crate::errors::{PyResult, no_memory};
use crate::object::{Object, Owned};
use macros::pymethods;

/// The one character of a fill argument.
fn fill_char(fill: Option<&Object>) -> PyResult<u32> {
    let Some(fill) = fill else { return Ok(' ' as u32) };
    let Some(text) = fill.downcast::<Str>() else {
        return Err(err!(TypeError, "The fill character must be a unicode character, not {}", fill.type_name()));
    };
    if text.len() != 1 {
        return Err(err!(TypeError, "The fill character must be exactly one character long"));
    }
    Ok(text.char_at(0))
}

/// The string with `left` and `right` fill characters around it.
fn pad(this: &Str, left: usize, right: usize, fill: u32) -> PyResult<Owned<Str>> {
    if left == 0 && right == 0 {
        return this.to_exact();
    }
    if left.checked_add(right).and_then(|n| n.checked_add(this.len())).is_none_or(|n| n > isize::MAX as usize) {
        return Err(err!(OverflowError, "padded string is too long"));
    }
    let mut out = StrBuilder::new();
    out.prepare(left + right + this.len(), this.max_char().max(fill))?;
    out.push_repeated(fill, left)?;
    out.push_str_object(this)?;
    out.push_repeated(fill, right)?;
    out.finish()
}

/// How many characters are missing for `width`.
fn missing(this: &Str, width: isize) -> usize {
    usize::try_from(width).unwrap_or(0).saturating_sub(this.len())
}

fn strip(this: &Str, chars: Option<&Object>, name: &str, left: bool, right: bool) -> PyResult<Owned<Str>> {
    let (start, end) = match chars {
        None => {
            let text = this.text();
            trim(this.len(), left, right, |i| unicode::is_space(text.at(i)))
        }
        Some(chars) => {
            let Some(chars) = chars.downcast::<Str>() else {
                return Err(err!(TypeError, "{} arg must be None or str", name));
            };
            let (text, set) = (this.text(), chars.text());
            trim(this.len(), left, right, |i| super::search::find_char(set, text.at(i)).is_some())
        }
    };
    this.substring(start, end)
}

/// The bounds of what is left when the ends for which `drop` holds are cut off.
#[inline(always)]
fn trim(len: usize, left: bool, right: bool, drop: impl Fn(usize) -> bool) -> (usize, usize) {
    let (mut start, mut end) = (0, len);
    if left {
        while start < end && drop(start) {
            start += 1;
        }
    }
    if right {
        while end > start && drop(end - 1) {
            end -= 1;
        }
    }
    (start, end)
}

#[pymethods(PAD_METHODS)]
impl Str {
    /// The string in the middle of a field of the given width.
    #[method("center($self, width, fillchar=' ', /)")]
    fn py_center(&self, width: isize, fillchar: Option<&Object>) -> PyResult<Owned<Str>> {
        let fill = fill_char(fillchar)?;
        let all = missing(self, width);
        let left = all / 2 + (all & width as usize & 1);
        pad(self, left, all - left, fill)
    }
    /// The string at the left of a field of the given width.
    #[method("ljust($self, width, fillchar=' ', /)")]
    fn py_ljust(&self, width: isize, fillchar: Option<&Object>) -> PyResult<Owned<Str>> {
        let fill = fill_char(fillchar)?;
        pad(self, 0, missing(self, width), fill)
    }
    /// The string at the right of a field of the given width.
    #[method("rjust($self, width, fillchar=' ', /)")]
    fn py_rjust(&self, width: isize, fillchar: Option<&Object>) -> PyResult<Owned<Str>> {
        let fill = fill_char(fillchar)?;
        pad(self, missing(self, width), 0, fill)
    }
    /// The string filled up with zeros, after its sign, to the given width.
    #[method("zfill($self, width, /)")]
    fn py_zfill(&self, width: isize) -> PyResult<Owned<Str>> {
        let zeros = missing(self, width);
        if zeros == 0 {
            return self.to_exact();
        }
        let sign = usize::from(!self.is_empty() && matches!(self.char_at(0), 0x2b | 0x2d));
        if zeros > isize::MAX as usize - self.len() {
            return Err(err!(OverflowError, "padded string is too long"));
        }
        let mut out = StrBuilder::new();
        out.prepare(zeros + self.len(), self.max_char())?;
        out.push_substring(self, 0, sign)?;
        out.push_repeated('0' as u32, zeros)?;
        out.push_substring(self, sign, self.len())?;
        out.finish()
    }
    /// The string with spaces for its tabs, up to the next column that is a multiple of tabsize.
    #[method("expandtabs($self, /, tabsize=8)")]
    fn py_expandtabs(&self, tabsize: i32) -> PyResult<Owned<Str>> {
        let text = self.text();
        if super::search::find_char(text, 9).is_none() {
            return self.to_exact();
        }
        let tab = usize::try_from(tabsize).unwrap_or(0);
        let mut out = StrBuilder::new();
        out.prepare(self.len(), self.max_char())?;
        let mut column = 0;
        let mut total = 0usize;
        for c in text.code_points() {
            let width = match c {
                9 if tab == 0 => 0,
                9 => tab - column % tab,
                _ => 1,
            };
            total += width;
            if total > isize::MAX as usize {
                return Err(err!(OverflowError, "new string is too long"));
            }
            match c {
                9 => out.push_repeated(' ' as u32, width)?,
                _ => out.push_char(c),
            }
            column = if matches!(c, 0xa | 0xd) { 0 } else { column + width };
        }
        out.finish()
    }
    /// The string without white space at its ends; without the given characters, if there are any.
    #[method("strip($self, chars=None, /)")]
    fn py_strip(&self, chars: Option<&Object>) -> PyResult<Owned<Str>> {
        strip(self, chars, "strip", true, true)
    }
    /// The string without white space at its start; without the given characters, if there are any.
    #[method("lstrip($self, chars=None, /)")]
    fn py_lstrip(&self, chars: Option<&Object>) -> PyResult<Owned<Str>> {
        strip(self, chars, "lstrip", true, false)
    }
    /// The string without white space at its end; without the given characters, if there are any.
    #[method("rstrip($self, chars=None, /)")]
    fn py_rstrip(&self, chars: Option<&Object>) -> PyResult<Owned<Str>> {
        strip(self, chars, "rstrip", false, true)
    }
}

impl Str {
    /// The string without white space at both ends.
    pub fn strip(&self) -> PyResult<Owned<Str>> {
        strip(self, None, "strip", true, true)
    }

    /// `self * times`.
    pub fn repeat(&self, times: isize) -> PyResult<Owned<Str>> {
        let times = usize::try_from(times).unwrap_or(0);
        match (self.len(), times) {
            (0, _) | (_, 0) => return Ok(Owned::from_ref(Str::empty())),
            (_, 1) => return self.to_exact(),
            _ => {}
        }
        let len = self.len();
        let Some(total) = len.checked_mul(times).filter(|&n| n <= isize::MAX as usize) else {
            return Err(err!(OverflowError, "repeated string is too long"));
        };
        if total > isize::MAX as usize / 4 - 64 {
            return Err(no_memory());
        }
        let mut out = StrBuilder::new();
        out.prepare(total, self.max_char())?;
        if len == 1 {
            out.push_repeated(self.char_at(0), times)?;
        } else {
            for _ in 0..times {
                out.push_str_object(self)?;
            }
        }
        out.finish()
    }
}
