//! The `%` operator of str and bytes: one parser of directives, one way to write numbers, two kinds of output.

use super::float_text::{FloatStyle, float_text};
use crate::err;
use crate::errors::{self, PyResult, Raised, no_memory};
use crate::exceptions;
use crate::macro_support::Buffer;
use crate::object::{Object, Owned, PyTyped};
use crate::protocol::{self, mapping, number};
use crate::types::int::{format_radix, to_decimal};
use crate::types::str::{StrBuilder, Text};
use crate::types::{self, ByteArray, Bytes, Float, Int, Str, Tuple};

/// A directive behind its `%`, without its key.
#[derive(Default)]
struct Directive {
    left: bool,
    plus: bool,
    blank: bool,
    alternate: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
    /// The type character, and where it stands.
    ch: u32,
    at: usize,
}

/// The values to format.
enum Values<'a> {
    Tuple(&'a Tuple, usize),
    Single(Option<Owned>),
}

struct Arguments<'a> {
    values: Values<'a>,
    /// What keys are looked up in.
    mapping: Option<&'a Object>,
}

impl<'a> Arguments<'a> {
    fn new(args: &'a Object, is_text: bool) -> Arguments<'a> {
        match args.downcast::<Tuple>() {
            Some(tuple) => Arguments { values: Values::Tuple(tuple, 0), mapping: None },
            None => Arguments {
                values: Values::Single(Some(args.to_owned())),
                mapping: (!is_text && mapping::is_mapping(args)).then_some(args),
            },
        }
    }

    fn next(&mut self) -> PyResult {
        let value = match &mut self.values {
            Values::Tuple(tuple, at) if *at < tuple.len() => {
                *at += 1;
                Some(tuple.get(*at - 1).to_owned())
            }
            Values::Tuple(..) => None,
            Values::Single(value) => value.take(),
        };
        value.ok_or_else(|| err!(TypeError, "not enough arguments for format string"))
    }

    /// Makes the value of a key the next one.
    fn select(&mut self, key: impl FnOnce() -> PyResult) -> PyResult<()> {
        let Some(mapping) = self.mapping else {
            return Err(err!(TypeError, "format requires a mapping"));
        };
        self.values = Values::Single(Some(mapping::get_item(mapping, key()?.object())?));
        Ok(())
    }

    /// Whether there are values left over that should not be.
    fn unused(&self) -> bool {
        self.mapping.is_none()
            && match &self.values {
                Values::Tuple(tuple, at) => *at < tuple.len(),
                Values::Single(value) => value.is_some(),
            }
    }
}

/// Reads directives of a text.
struct Parser<'a> {
    text: Text<'a>,
    at: usize,
    /// What errors call a precision.
    precision_word: &'static str,
}

impl Parser<'_> {
    fn peek(&self) -> u32 {
        if self.at < self.text.len() { self.text.at(self.at) } else { u32::MAX }
    }
    fn incomplete(&self) -> PyResult<()> {
        if self.at < self.text.len() { Ok(()) } else { Err(err!(ValueError, "incomplete format")) }
    }

    /// The key in parentheses, if there is one.
    fn key(&mut self, args: &mut Arguments<'_>, make: impl Fn(Text<'_>) -> PyResult) -> PyResult<()> {
        if self.peek() != '(' as u32 {
            return Ok(());
        }
        if args.mapping.is_none() {
            return Err(err!(TypeError, "format requires a mapping"));
        }
        self.at += 1;
        let (start, mut depth) = (self.at, 1);
        while depth > 0 && self.at < self.text.len() {
            match char::from_u32(self.peek()) {
                Some(')') => depth -= 1,
                Some('(') => depth += 1,
                _ => {}
            }
            self.at += 1;
        }
        if depth > 0 {
            return Err(err!(ValueError, "incomplete format key"));
        }
        let key = self.text.slice(start, self.at - 1);
        args.select(|| make(key))
    }

    /// The rest of a directive.
    fn directive(&mut self, args: &mut Arguments<'_>) -> PyResult<Directive> {
        let mut d = Directive::default();
        loop {
            match char::from_u32(self.peek()) {
                Some('-') => d.left = true,
                Some('+') => d.plus = true,
                Some(' ') => d.blank = true,
                Some('#') => d.alternate = true,
                Some('0') => d.zero = true,
                _ => break,
            }
            self.at += 1;
        }
        if self.peek() == '*' as u32 {
            let Some(width) = star(args)?.as_i64() else {
                return Err(err!(OverflowError, "Python int too large to convert to C ssize_t"));
            };
            d.left |= width < 0;
            d.width = width.unsigned_abs() as usize;
            self.at += 1;
        } else {
            d.width = self.digits(isize::MAX as usize, "width")?;
        }
        if self.peek() == '.' as u32 {
            self.at += 1;
            d.precision = Some(if self.peek() == '*' as u32 {
                self.at += 1;
                number::as_i32(&*star(args)?)?.max(0) as usize
            } else {
                self.digits(i32::MAX as usize, self.precision_word)?
            });
        }
        if matches!(char::from_u32(self.peek()), Some('h' | 'l' | 'L')) {
            self.at += 1;
        }
        self.incomplete()?;
        (d.ch, d.at) = (self.peek(), self.at);
        self.at += 1;
        Ok(d)
    }

    fn digits(&mut self, max: usize, word: &str) -> PyResult<usize> {
        let mut value = 0usize;
        while let Some(digit) = char::from_u32(self.peek()).and_then(|c| c.to_digit(10)) {
            if value > (max - digit as usize) / 10 {
                return Err(err!(ValueError, "{} too big", word));
            }
            value = value * 10 + digit as usize;
            self.at += 1;
        }
        Ok(value)
    }
}

/// The value of a `*`.
fn star(args: &mut Arguments<'_>) -> PyResult<Owned<Int>> {
    args.next()?.try_into_typed::<Int>().map_err(|_| err!(TypeError, "* wants int"))
}

#[cold]
fn unsupported(d: &Directive) -> Raised {
    let shown = if (31..=126).contains(&d.ch) { d.ch as u8 as char } else { '?' };
    err!(ValueError, "unsupported format character '{}' (0x{:x}) at index {}", shown, d.ch, d.at)
}

/// What text is written to.
trait Sink {
    fn ascii(&mut self, text: &str);
    fn repeat(&mut self, c: u8, count: usize) -> PyResult<()>;
}

impl Sink for StrBuilder {
    fn ascii(&mut self, text: &str) {
        self.push_ascii(text.as_bytes());
    }
    fn repeat(&mut self, c: u8, count: usize) -> PyResult<()> {
        self.push_repeated(c as u32, count)
    }
}

impl Sink for Vec<u8> {
    fn ascii(&mut self, text: &str) {
        self.extend_from_slice(text.as_bytes());
    }
    fn repeat(&mut self, c: u8, count: usize) -> PyResult<()> {
        if self.try_reserve(count).is_err() {
            return Err(no_memory());
        }
        self.resize(self.len() + count, c);
        Ok(())
    }
}

/// Writes a number's text with its sign and fill.
fn push_number(out: &mut impl Sink, text: &str, d: &Directive) -> PyResult<()> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => ("-", text),
        None if d.plus => ("+", text),
        None if d.blank => (" ", text),
        None => ("", text),
    };
    let has_prefix = d.alternate && matches!(char::from_u32(d.ch), Some('x' | 'X' | 'o'));
    let (prefix, digits) = text.split_at(if has_prefix { 2 } else { 0 });
    let padding = d.width.saturating_sub(sign.len() + prefix.len() + digits.len());
    let (left, zeros, right) = match (d.left, d.zero) {
        (true, _) => (0, 0, padding),
        (false, true) => (0, padding, 0),
        (false, false) => (padding, 0, 0),
    };
    out.repeat(b' ', left)?;
    out.ascii(sign);
    out.ascii(prefix);
    out.repeat(b'0', zeros)?;
    out.ascii(digits);
    out.repeat(b' ', right)
}

/// An int's text for `d`, `i`, `u`, `o`, `x`, `X`: sign, prefix if asked for, as many digits as the precision says.
fn integer_text(value: &Object, d: &Directive) -> PyResult<String> {
    let ch = d.ch as u8;
    let based = matches!(ch, b'o' | b'x' | b'X');
    let converted;
    let int = match value.downcast::<Int>() {
        Some(int) => int,
        None => {
            let wanted = if based { "an integer" } else { "a real number" };
            let wrong = || err!(TypeError, "%{} format: {} is required, not {}", ch as char, wanted, value.type_name());
            if !number::check(value) {
                return Err(wrong());
            }
            converted = match if based { number::index(value) } else { number::long(value) } {
                Ok(int) => int,
                Err(_) if errors::matches(exceptions::TypeError()) => {
                    errors::clear();
                    return Err(wrong());
                }
                Err(raised) => return Err(raised),
            };
            &*converted
        }
    };
    let mut text = match ch {
        b'o' => format_radix(int, 8, ""),
        b'x' | b'X' => format_radix(int, 16, ""),
        _ => to_decimal(int)?,
    };
    let negative = int.is_negative() as usize;
    let missing = d.precision.unwrap_or(0).saturating_sub(text.len() - negative);
    if missing > 0 {
        if d.precision.is_some_and(|p| p > i32::MAX as usize - 3) {
            return Err(err!(OverflowError, "precision too large"));
        }
        if text.try_reserve(missing).is_err() {
            return Err(no_memory());
        }
        text.insert_str(negative, &"0".repeat(missing));
    }
    if d.alternate && based {
        text.insert_str(negative, if ch == b'o' { "0o" } else { "0x" });
    }
    if ch == b'X' {
        text.make_ascii_uppercase();
    }
    Ok(text)
}

fn float_form(value: f64, d: &Directive) -> PyResult<String> {
    float_text(value, FloatStyle { code: d.ch as u8, precision: d.precision.unwrap_or(6), alternate: d.alternate, ..FloatStyle::default() })
}

/// `text % args`.
pub fn format_str(text: &Str, args: &Object) -> PyResult<Owned<Str>> {
    let mut arguments = Arguments::new(args, Str::check(args));
    let all = text.text();
    let mut parser = Parser { text: all, at: 0, precision_word: "precision" };
    let mut out = StrBuilder::new();
    while parser.at < all.len() {
        let rest = all.slice(parser.at, all.len());
        let literal = types::str::search::find_char(rest, '%' as u32).unwrap_or(rest.len());
        if literal == text.len() {
            out.push_str_object(text)?;
            break;
        }
        out.push_text(rest.slice(0, literal))?;
        parser.at += literal;
        if parser.at == all.len() {
            break;
        }
        parser.at += 1;
        parser.incomplete()?;
        if parser.peek() == '%' as u32 {
            parser.at += 1;
            out.push_char('%' as u32);
            continue;
        }
        parser.key(&mut arguments, |key| Ok(Str::from_text(key)?.into_object()))?;
        let d = parser.directive(&mut arguments)?;
        let value = arguments.next()?;
        push_value(&mut out, &value, &d)?;
    }
    if arguments.unused() {
        return Err(err!(TypeError, "not all arguments converted during string formatting"));
    }
    out.finish()
}

fn push_value(out: &mut StrBuilder, value: &Object, d: &Directive) -> PyResult<()> {
    match char::from_u32(d.ch) {
        Some('s') => push_text(out, &*protocol::object::str(value)?, d),
        Some('r') => push_text(out, &*protocol::object::repr(value)?, d),
        Some('a') => push_text(out, &*protocol::object::ascii(value)?, d),
        Some('d' | 'i' | 'u' | 'o' | 'x' | 'X') => push_number(out, &integer_text(value, d)?, d),
        Some('e' | 'E' | 'f' | 'F' | 'g' | 'G') => push_number(out, &float_form(Float::as_f64(value)?, d)?, d),
        Some('c') => push_text(out, &*character(value)?, &Directive { precision: None, ..*d }),
        _ => Err(unsupported(d)),
    }
}

fn push_text(out: &mut StrBuilder, text: &Str, d: &Directive) -> PyResult<()> {
    let len = d.precision.map_or(text.len(), |p| p.min(text.len()));
    let padding = d.width.saturating_sub(len);
    if !d.left {
        out.push_repeated(' ' as u32, padding)?;
    }
    if len == text.len() { out.push_str_object(text)? } else { out.push_substring(text, 0, len)? }
    if d.left {
        out.push_repeated(' ' as u32, padding)?;
    }
    Ok(())
}

/// What `%c` writes.
fn character(value: &Object) -> PyResult<Owned<Str>> {
    if let Some(text) = value.downcast::<Str>() {
        if text.len() == 1 {
            return Ok(Owned::from_ref(text));
        }
        return Err(err!(TypeError, "%c requires an int or a unicode character, not a string of length {}", text.len()));
    }
    let int = match number::index(value) {
        Ok(int) => int,
        Err(_) if errors::matches(exceptions::TypeError()) => {
            errors::clear();
            return Err(err!(TypeError, "%c requires an int or a unicode character, not {}", types::type_methods::fully_qualified_name(value.ty())?));
        }
        Err(raised) => return Err(raised),
    };
    match int.as_i64().filter(|c| (0..0x110000).contains(c)) {
        Some(c) => Str::from_char(c as u32),
        None => Err(err!(OverflowError, "%c arg not in range(0x110000)")),
    }
}

/// `bytes % args`, for the text of a bytes or bytearray.
pub fn format_bytes(text: &[u8], args: &Object) -> PyResult<Vec<u8>> {
    let is_text = Str::check(args) || Bytes::check(args) || ByteArray::check(args);
    let mut arguments = Arguments::new(args, is_text);
    let mut parser = Parser { text: Text::One(text), at: 0, precision_word: "prec" };
    let mut out = Vec::with_capacity(text.len() + 32);
    while parser.at < text.len() {
        let rest = &text[parser.at..];
        let literal = memchr::memchr(b'%', rest).unwrap_or(rest.len());
        out.extend_from_slice(&rest[..literal]);
        parser.at += literal;
        if parser.at == text.len() {
            break;
        }
        parser.at += 1;
        parser.incomplete()?;
        if parser.peek() == '%' as u32 {
            parser.at += 1;
            out.push(b'%');
            continue;
        }
        parser.key(&mut arguments, |key| Ok(Bytes::new(key.bytes()).into_object()))?;
        let d = parser.directive(&mut arguments)?;
        let value = arguments.next()?;
        push_value_bytes(&mut out, &value, &d)?;
    }
    if arguments.unused() {
        return Err(err!(TypeError, "not all arguments converted during bytes formatting"));
    }
    Ok(out)
}

fn push_value_bytes(out: &mut Vec<u8>, value: &Object, d: &Directive) -> PyResult<()> {
    match char::from_u32(d.ch) {
        Some('r' | 'a') => push_bytes(out, protocol::object::ascii(value)?.as_utf8()?.as_bytes(), d),
        Some('s' | 'b') => bytes_of(value, |bytes| push_bytes(out, bytes, d)),
        Some('d' | 'i' | 'u' | 'o' | 'x' | 'X') => push_number(out, &integer_text(value, d)?, d),
        Some('e' | 'E' | 'f' | 'F' | 'g' | 'G') => {
            let Ok(number) = Float::as_f64(value) else {
                if errors::matches(exceptions::TypeError()) {
                    errors::clear();
                    return Err(err!(TypeError, "float argument required, not {}", value.type_name()));
                }
                return Err(Raised::from_c());
            };
            push_number(out, &float_form(number, d)?, d)
        }
        Some('c') => push_bytes(out, &[byte(value)?], &Directive { precision: None, ..*d }),
        // The sign that stands for the byte would be negative.
        _ if d.ch >= 0x80 => Err(err!(OverflowError, "character argument not in range(0x110000)")),
        _ => Err(unsupported(d)),
    }
}

fn push_bytes(out: &mut Vec<u8>, bytes: &[u8], d: &Directive) -> PyResult<()> {
    let bytes = d.precision.and_then(|p| bytes.get(..p)).unwrap_or(bytes);
    let padding = d.width.saturating_sub(bytes.len());
    if !d.left {
        out.repeat(b' ', padding)?;
    }
    out.extend_from_slice(bytes);
    if d.left {
        out.repeat(b' ', padding)?;
    }
    Ok(())
}

/// The bytes of what `%b` takes.
fn bytes_of(value: &Object, push: impl FnOnce(&[u8]) -> PyResult<()>) -> PyResult<()> {
    if let Some(bytes) = value.downcast::<Bytes>() {
        return push(bytes.as_slice());
    }
    if let Some(method) = types::lookup_special(value, crate::intern!("__bytes__"))? {
        let made = protocol::call::call0(&method)?;
        return match made.downcast::<Bytes>() {
            Some(bytes) => push(bytes.as_slice()),
            None => Err(err!(TypeError, "__bytes__ returned non-bytes (type {})", made.type_name())),
        };
    }
    if crate::protocol::buffer::check(value) {
        return push(&Buffer::new(value)?);
    }
    Err(err!(TypeError, "%b requires a bytes-like object, or an object that implements __bytes__, not '{}'", value.type_name()))
}

/// What `%c` writes into bytes.
fn byte(value: &Object) -> PyResult<u8> {
    for (is_kind, name) in [(Bytes::check(value), "bytes"), (ByteArray::check(value), "bytearray")] {
        if is_kind {
            let bytes = Buffer::new(value)?;
            return match *bytes {
                [byte] => Ok(byte),
                _ => Err(err!(TypeError, "%c requires an integer in range(256) or a single byte, not a {} object of length {}", name, bytes.len())),
            };
        }
    }
    let int = match number::index(value) {
        Ok(int) => int,
        Err(_) if errors::matches(exceptions::TypeError()) => {
            errors::clear();
            return Err(err!(TypeError, "%c requires an integer in range(256) or a single byte, not {}", types::type_methods::fully_qualified_name(value.ty())?));
        }
        Err(raised) => return Err(raised),
    };
    match int.as_i64().and_then(|n| u8::try_from(n).ok()) {
        Some(byte) => Ok(byte),
        None => Err(err!(OverflowError, "%c arg not in range(256)")),
    }
}
