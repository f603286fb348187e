//! Methods that put other text in place of characters: `replace`, `translate`, `maketrans`.

use super::search::Searcher;
use super::{Str, StrBuilder};
use crate::errors::{self, PyResult};
use crate::object::{Object, Owned};
use crate::protocol::mapping;
use crate::types::{Dict, Int};
use crate::{err, exceptions};
use macros::pymethods;

impl Str {
    /// `self.replace(old, new, count)`.
    pub fn replace(&self, old: &Str, new: &Str, count: isize) -> PyResult<Owned<Str>> {
        let max = usize::try_from(count).unwrap_or(usize::MAX);
        if max == 0 || old.len() > self.len() || Str::equal(old, new) {
            return self.to_exact();
        }
        if old.is_empty() {
            return self.interleave(new, max);
        }
        let text = self.text();
        let searcher = Searcher::new(text, old.text());
        let Some(first) = searcher.find(text, 0) else { return self.to_exact() };
        let mut out = StrBuilder::new();
        let room = if new.len() <= old.len() { self.len() } else { self.len().saturating_add(new.len() - old.len()) };
        out.prepare(room, new.max_char())?;
        let (mut start, mut at, mut done) = (0, Some(first), 0);
        while let Some(found) = at {
            check_length(out.len(), found - start, new.len())?;
            out.push_text(text.slice(start, found))?;
            out.push_str_object(new)?;
            start = found + old.len();
            done += 1;
            at = if done < max { searcher.find(text, start) } else { None };
        }
        check_length(out.len(), text.len() - start, 0)?;
        out.push_text(text.slice(start, text.len()))?;
        out.finish()
    }

    /// `new` before each of the first `max` characters, and at the end if `max` allows.
    fn interleave(&self, new: &Str, max: usize) -> PyResult<Owned<Str>> {
        let text = self.text();
        let times = max.min(text.len() + 1);
        let total = new.len().checked_mul(times).and_then(|n| n.checked_add(text.len())).filter(|&n| n <= isize::MAX as usize);
        let Some(total) = total else {
            return Err(err!(OverflowError, "replace string is too long"));
        };
        let mut out = StrBuilder::new();
        out.prepare(total, self.max_char().max(new.max_char()))?;
        for i in 0..times {
            out.push_str_object(new)?;
            if i < text.len() {
                out.push_char(text.at(i));
            }
        }
        if times < text.len() {
            out.push_text(text.slice(times, text.len()))?;
        }
        out.finish()
    }
}

fn check_length(a: usize, b: usize, c: usize) -> PyResult<()> {
    match a.checked_add(b).and_then(|n| n.checked_add(c)) {
        Some(n) if n <= isize::MAX as usize => Ok(()),
        _ => Err(err!(OverflowError, "replace string is too long")),
    }
}

/// What a translation table has for a character.
pub(crate) enum Translated {
    Unchanged,
    Deleted,
    Char(u32),
    Text(Owned<Str>),
}

/// Looks a character up in a translation table. LookupError leaves it unchanged.
pub(crate) fn look_up(table: &Object, c: u32) -> PyResult<Translated> {
    let key = Int::from_i64(c as i64);
    let found = match table.downcast_exact::<Dict>() {
        // Without an exception for what is not there.
        Some(dict) => dict.get_item(&key).map(|found| found.map(Ok)),
        None => Ok(Some(mapping::get_item(table, &key))),
    };
    let found = match found.and_then(|found| found.transpose()) {
        Ok(Some(found)) => found,
        Ok(None) => return Ok(Translated::Unchanged),
        Err(_) if errors::matches(exceptions::LookupError()) => {
            errors::clear();
            return Ok(Translated::Unchanged);
        }
        Err(raised) => return Err(raised),
    };
    if found.is_none() {
        return Ok(Translated::Deleted);
    }
    if let Some(code) = found.downcast::<Int>() {
        return match code.as_i64().filter(|code| (0..0x110000).contains(code)) {
            Some(code) => Ok(Translated::Char(code as u32)),
            None => Err(err!(ValueError, "character mapping must be in range(0x110000)")),
        };
    }
    match found.try_into_typed::<Str>() {
        Ok(text) => Ok(Translated::Text(text)),
        Err(_) => Err(err!(TypeError, "character mapping must return integer, None or str")),
    }
}

/// `str.translate`.
pub(crate) fn translate(this: &Str, table: &Object) -> PyResult<Owned<Str>> {
    let mut out = StrBuilder::new();
    out.prepare(this.len(), 0x7f)?;
    // What ASCII characters become, once asked: a character, or 0xfe for deletion, 0xff for unknown.
    let mut ascii = [0xffu8; 128];
    let mut changed = false;
    for i in 0..this.len() {
        let c = this.char_at(i);
        if c < 128 {
            match ascii[c as usize] {
                0xff => {}
                0xfe => continue,
                known => {
                    out.push_char(known as u32);
                    continue;
                }
            }
        }
        let translated = look_up(table, c)?;
        let known = match &translated {
            Translated::Unchanged => Some(c),
            Translated::Char(to) => Some(*to),
            Translated::Text(text) if text.len() == 1 => Some(text.char_at(0)),
            _ => None,
        };
        changed |= known != Some(c);
        match (&translated, known) {
            (_, Some(to)) => {
                out.push_char(to);
                if c < 128 && to < 128 {
                    ascii[c as usize] = to as u8;
                }
            }
            (Translated::Text(text), None) => out.push_str_object(text)?,
            _ => {
                if c < 128 {
                    ascii[c as usize] = 0xfe;
                }
            }
        }
    }
    if !changed {
        return this.to_exact();
    }
    out.finish()
}

#[pymethods(REPLACE_METHODS)]
impl Str {
    /// The string with new for each old, or for the first count of them.
    ///
    ///   count
    ///     How many to replace at most; -1 replaces all.
    #[method("replace($self, old, new, /, count=-1)")]
    fn py_replace(&self, old: &Str, new: &Str, count: isize) -> PyResult<Owned<Str>> {
        self.replace(old, new, count)
    }
    /// The string with each character replaced by what the table has for it.
    ///
    ///   table
    ///     A mapping (or sequence) of code points to code points, strings or None.
    ///
    /// None deletes a character; one that the table does not have (LookupError) stays.
    #[method("translate($self, table, /)")]
    fn py_translate(&self, table: &Object) -> PyResult<Owned<Str>> {
        translate(self, table)
    }
    /// A translation table for str.translate().
    ///
    /// From a dict of characters or code points to code points, strings or None; or from two strings of equal length, of which the first
    /// has the characters to replace by those of the second, and a third with characters to delete.
    #[staticmethod("maketrans(x, y=<unrepresentable>, z=<unrepresentable>, /)")]
    fn py_maketrans(x: &Object, y: Option<&Str>, z: Option<&Str>) -> PyResult<Owned<Dict>> {
        let table = Dict::new();
        let key = |c: u32| Int::from_i64(c as i64);
        let Some(y) = y else {
            let Some(from) = x.downcast_exact::<Dict>() else {
                return Err(err!(TypeError, "if you give only one argument to maketrans it must be a dict"));
            };
            let mut pos = 0;
            while let Some((k, v)) = from.next(&mut pos) {
                if let Some(text) = k.downcast::<Str>() {
                    if text.len() != 1 {
                        return Err(err!(ValueError, "string keys in translatetable must be of length 1"));
                    }
                    table.set_item(&key(text.char_at(0)), &v)?;
                } else if k.is_instance_of::<Int>() {
                    table.set_item(&k, &v)?;
                } else {
                    return Err(err!(TypeError, "keys in translate table mustbe strings or integers"));
                }
            }
            return Ok(table);
        };
        let Some(x) = x.downcast::<Str>() else {
            return Err(err!(TypeError, "first maketrans argument must be a string if there is a second argument"));
        };
        if x.len() != y.len() {
            return Err(err!(ValueError, "the first two maketrans arguments must have equal length"));
        }
        for (from, to) in x.code_points().zip(y.code_points()) {
            table.set_item(&key(from), &key(to))?;
        }
        if let Some(z) = z {
            for c in z.code_points() {
                table.set_item(&key(c), crate::types::none())?;
            }
        }
        Ok(table)
    }
}
