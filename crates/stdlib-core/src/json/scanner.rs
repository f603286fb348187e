//! The scanner: JSON text to Python objects.

use super::strings::{Unit, scan};
use super::{decode_error, stop_at, text_argument};
use macros::{Traverse, pytype};
use runtime::protocol::{call, object};
use runtime::tstate::check_recursion;
use runtime::types::float::parse_f64;
use runtime::types::int::convert::int_from_text;
use runtime::types::{Dict, Float, Int, List, Str, Tuple, none};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Type, err, with_text};
use std::mem::offset_of;

#[derive(Traverse)]
#[repr(C)]
pub struct Scanner {
    head: ObjectHead,
    strict: bool,
    object_hook: Owned,
    object_pairs_hook: Owned,
    parse_float: Owned,
    parse_int: Owned,
    parse_constant: Owned,
}

/// JSON scanner object
#[pytype(static = Scanner_Type, name = "Scanner", module = "_json", flags = HAVE_GC, native, final,
    members = [("strict", T_BOOL, offset_of!(Scanner, strict), READONLY, "strict"),
        ("object_hook", T_OBJECT, offset_of!(Scanner, object_hook), READONLY, "object_hook"),
        ("object_pairs_hook", T_OBJECT, offset_of!(Scanner, object_pairs_hook), READONLY),
        ("parse_float", T_OBJECT, offset_of!(Scanner, parse_float), READONLY, "parse_float"),
        ("parse_int", T_OBJECT, offset_of!(Scanner, parse_int), READONLY, "parse_int"),
        ("parse_constant", T_OBJECT, offset_of!(Scanner, parse_constant), READONLY, "parse_constant")])]
impl Scanner {
    #[slot("make_scanner(context)")]
    fn tp_new(cls: &Type, context: &Object) -> PyResult<Owned<Scanner>> {
        let attr = |name: &str| object::get_attr_str(context, name);
        let strict = object::is_true(&*attr("strict")?)?;
        let value = Scanner {
            head: ObjectHead::placeholder(),
            strict,
            object_hook: attr("object_hook")?,
            object_pairs_hook: attr("object_pairs_hook")?,
            parse_float: attr("parse_float")?,
            parse_int: attr("parse_int")?,
            parse_constant: attr("parse_constant")?,
        };
        Self::construct(cls, value)
    }
    #[slot("scan_once(string, idx)")]
    fn tp_call(&self, string: &Object, idx: isize) -> PyResult<Owned<Tuple>> {
        let document = text_argument(string)?;
        let Ok(start) = usize::try_from(idx) else { return Err(err!(ValueError, "idx cannot be negative")) };
        let (value, end) = with_text!(document.text(), s => {
            let parser = Parser { scanner: self, document, units: s, keys: Dict::new() };
            parser.value(start)
        })?;
        Ok(Tuple::pair(value, Int::from_usize(end).into_object()))
    }
}

/// One call of a scanner.
struct Parser<'a, U> {
    scanner: &'a Scanner,
    document: &'a Str,
    units: &'a [U],
    /// The keys seen so far, so that equal ones are one object.
    keys: Owned<Dict>,
}

const COMMA: u32 = b',' as u32;

impl<U: Unit> Parser<'_, U> {
    #[inline(always)]
    fn at(&self, position: usize) -> Option<u32> {
        self.units.get(position).map(|c| c.code())
    }
    #[inline(always)]
    fn skip_space(&self, mut position: usize) -> usize {
        while matches!(self.at(position), Some(0x20 | 0x09 | 0x0a | 0x0d)) {
            position += 1;
        }
        position
    }
    fn starts_with(&self, position: usize, word: &[u8]) -> bool {
        let found = self.units.get(position..position.saturating_add(word.len()));
        found.is_some_and(|found| found.iter().zip(word).all(|(c, &w)| c.code() == w as u32))
    }
    #[cold]
    fn error<T>(&self, message: &str, position: usize) -> PyResult<T> {
        Err(decode_error(message, self.document, position))
    }

    /// The value that begins at `position`, and where it ends.
    fn value(&self, position: usize) -> PyResult<(Owned, usize)> {
        let Some(c) = self.at(position) else { return Err(stop_at(position)) };
        let constant = |word: &[u8], value: &'static Object| {
            self.starts_with(position, word).then(|| (value.to_owned(), position + word.len()))
        };
        let found = match c as u8 {
            _ if c > 0x7f => None,
            b'"' => {
                let (text, end) = scan(self.document, self.units, position + 1, self.scanner.strict)?;
                return Ok((text.into_object(), end));
            }
            b'{' => {
                check_recursion(" while decoding a JSON object from a unicode string")?;
                return self.object(position + 1);
            }
            b'[' => {
                check_recursion(" while decoding a JSON array from a unicode string")?;
                return self.array(position + 1);
            }
            b'n' => constant(b"null", none()),
            b't' => constant(b"true", runtime::types::true_()),
            b'f' => constant(b"false", runtime::types::false_()),
            b'N' if self.starts_with(position, b"NaN") => return self.special(position, "NaN"),
            b'I' if self.starts_with(position, b"Infinity") => return self.special(position, "Infinity"),
            b'-' if self.starts_with(position, b"-Infinity") => return self.special(position, "-Infinity"),
            _ => None,
        };
        match found {
            Some(found) => Ok(found),
            None => self.number(position),
        }
    }

    fn special(&self, position: usize, name: &str) -> PyResult<(Owned, usize)> {
        let value = call::call1(&self.scanner.parse_constant, &Str::new(name))?;
        Ok((value, position + name.len()))
    }

    fn digits(&self, mut position: usize) -> usize {
        while matches!(self.at(position), Some(0x30..=0x39)) {
            position += 1;
        }
        position
    }

    fn number(&self, start: usize) -> PyResult<(Owned, usize)> {
        let mut end = start + (self.at(start) == Some(b'-' as u32)) as usize;
        match self.at(end) {
            Some(0x30) => end += 1,
            Some(0x31..=0x39) => end = self.digits(end),
            _ => return Err(stop_at(start)),
        }
        let mut is_float = false;
        if self.at(end) == Some(b'.' as u32) && matches!(self.at(end + 1), Some(0x30..=0x39)) {
            is_float = true;
            end = self.digits(end + 1);
        }
        if matches!(self.at(end), Some(0x65 | 0x45)) {
            let digits = end + 1 + matches!(self.at(end + 1), Some(0x2b | 0x2d)) as usize;
            if matches!(self.at(digits), Some(0x30..=0x39)) {
                is_float = true;
                end = self.digits(digits);
            }
        }
        let units = &self.units[start..end];
        let hook = if is_float { &self.scanner.parse_float } else { &self.scanner.parse_int };
        let standard = if is_float { Float::type_object() } else { Int::type_object() };
        if !hook.is(standard) {
            let text = Str::from_text(U::text(units))?;
            return Ok((call::call1(hook, text.object())?, end));
        }
        if !is_float && units.len() < 18 {
            let (negative, digits) = if units[0].code() == b'-' as u32 { (true, &units[1..]) } else { (false, units) };
            let value = digits.iter().fold(0i64, |value, c| value * 10 + (c.code() - 0x30) as i64);
            return Ok((Int::from_i64(if negative { -value } else { value }).into_object(), end));
        }
        let text: String = units.iter().filter_map(|c| char::from_u32(c.code())).collect();
        let value = if is_float {
            Float::new(parse_f64(&text).unwrap_or(f64::NAN)).into_object()
        } else {
            int_from_text(&text, 10, &Str::new(&text))?.into_object()
        };
        Ok((value, end))
    }

    fn array(&self, position: usize) -> PyResult<(Owned, usize)> {
        let items = List::new();
        let mut at = self.skip_space(position);
        if self.at(at) == Some(b']' as u32) {
            return Ok((items.into_object(), at + 1));
        }
        loop {
            let (value, end) = self.value(at)?;
            items.push(value)?;
            at = self.skip_space(end);
            match self.at(at) {
                Some(0x5d) => return Ok((items.into_object(), at + 1)),
                Some(COMMA) => {}
                _ => return self.error("Expecting ',' delimiter", at),
            }
            let comma = at;
            at = self.skip_space(at + 1);
            if self.at(at) == Some(b']' as u32) {
                return self.error("Illegal trailing comma before end of array", comma);
            }
        }
    }

    fn object(&self, position: usize) -> PyResult<(Owned, usize)> {
        let has_pairs_hook = !self.scanner.object_pairs_hook.is_none();
        let mut members = Members { dict: Dict::new(), pairs: has_pairs_hook.then(List::new) };
        let mut at = self.skip_space(position);
        if self.at(at) == Some(b'}' as u32) {
            return Ok((self.finish(members)?, at + 1));
        }
        loop {
            if self.at(at) != Some(b'"' as u32) {
                return self.error("Expecting property name enclosed in double quotes", at);
            }
            let (key, end) = scan(self.document, self.units, at + 1, self.scanner.strict)?;
            let key = self.keys.set_default(key.object(), key.object())?;
            at = self.skip_space(end);
            if self.at(at) != Some(b':' as u32) {
                return self.error("Expecting ':' delimiter", at);
            }
            let (value, end) = self.value(self.skip_space(at + 1))?;
            members.add(key, value)?;
            at = self.skip_space(end);
            match self.at(at) {
                Some(0x7d) => return Ok((self.finish(members)?, at + 1)),
                Some(COMMA) => {}
                _ => return self.error("Expecting ',' delimiter", at),
            }
            let comma = at;
            at = self.skip_space(at + 1);
            if self.at(at) == Some(b'}' as u32) {
                return self.error("Illegal trailing comma before end of object", comma);
            }
        }
    }

    fn finish(&self, members: Members) -> PyResult {
        if let Some(pairs) = members.pairs {
            return call::call1(&self.scanner.object_pairs_hook, pairs.object());
        }
        if self.scanner.object_hook.is_none() {
            return Ok(members.dict.into_object());
        }
        call::call1(&self.scanner.object_hook, members.dict.object())
    }
}

/// The members of an object as they are read.
struct Members {
    dict: Owned<Dict>,
    pairs: Option<Owned<List>>,
}

impl Members {
    fn add(&mut self, key: Owned, value: Owned) -> PyResult<()> {
        match &self.pairs {
            Some(pairs) => pairs.push(Tuple::pair(key, value).into_object()),
            None => self.dict.set_item_owned(key, value),
        }
    }
}
