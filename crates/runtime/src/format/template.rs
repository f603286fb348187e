//! `str.format` and `str.format_map`, and the parsers that `string.Formatter` shares with them (`_string`).

use crate::err;
use crate::errors::{self, PyResult, Raised};
use crate::exceptions;
use crate::macro_support::{Args, KwArgs};
use crate::object::{Object, Owned};
use crate::protocol::{self, mapping, sequence};
use crate::types::str::{StrBuilder, Text};
use crate::types::{Int, Str};
use macros::pymethods;

/// A stretch of the template: unit indices.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

/// A replacement field.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    pub name: Span,
    pub spec: Span,
    /// Whether the specification has fields of its own.
    pub nested: bool,
    pub conversion: Option<u32>,
}

/// Takes a template apart: literal text, each followed by a field or not.
pub struct Template<'a> {
    text: Text<'a>,
    at: usize,
    end: usize,
}

const OPEN: u32 = '{' as u32;
const CLOSE: u32 = '}' as u32;

impl<'a> Template<'a> {
    pub fn new(text: Text<'a>, span: Span) -> Template<'a> {
        Template { text, at: span.start, end: span.end }
    }
    /// Where the parser stands, to go on later.
    pub fn position(&self) -> usize {
        self.at
    }

    fn take(&mut self) -> Option<u32> {
        (self.at < self.end).then(|| {
            self.at += 1;
            self.text.at(self.at - 1)
        })
    }

    /// The next literal text (perhaps empty) and field; `None` at the end.
    pub fn next(&mut self) -> PyResult<Option<(Span, Option<Field>)>> {
        if self.at >= self.end {
            return Ok(None);
        }
        let start = self.at;
        let mut found = None;
        while let Some(c) = self.take() {
            if c == OPEN || c == CLOSE {
                found = Some(c);
                break;
            }
        }
        let Some(brace) = found else { return Ok(Some((Span { start, end: self.at }, None))) };
        let doubled = self.at < self.end && self.text.at(self.at) == brace;
        if brace == CLOSE && !doubled {
            return Err(err!(ValueError, "Single '}}' encountered in format string"));
        }
        if brace == OPEN && self.at >= self.end {
            return Err(err!(ValueError, "Single '{{' encountered in format string"));
        }
        if doubled {
            let literal = Span { start, end: self.at };
            self.at += 1;
            return Ok(Some((literal, None)));
        }
        let literal = Span { start, end: self.at - 1 };
        Ok(Some((literal, Some(self.field()?))))
    }

    /// A field, behind its opening brace.
    fn field(&mut self) -> PyResult<Field> {
        let start = self.at;
        let mut end_mark = 0;
        while let Some(c) = self.take() {
            end_mark = c;
            match char::from_u32(c) {
                Some('{') => return Err(err!(ValueError, "unexpected '{{' in field name")),
                Some('[') => {
                    while self.at < self.end && self.text.at(self.at) != ']' as u32 {
                        self.at += 1;
                    }
                }
                Some('}' | ':' | '!') => break,
                _ => {}
            }
        }
        let ended = [CLOSE, ':' as u32, '!' as u32].contains(&end_mark);
        let mut field = Field { name: Span { start, end: self.at - ended as usize }, spec: Span::default(), nested: false, conversion: None };
        if end_mark == CLOSE {
            return Ok(field);
        }
        if !ended {
            return Err(err!(ValueError, "expected '}}' before end of string"));
        }
        if end_mark == '!' as u32 {
            let Some(conversion) = self.take() else {
                return Err(err!(ValueError, "end of string while looking for conversion specifier"));
            };
            field.conversion = Some(conversion);
            match self.take() {
                Some(CLOSE) => return Ok(field),
                Some(c) if c != ':' as u32 => return Err(err!(ValueError, "expected ':' after conversion specifier")),
                _ => {}
            }
        }
        let spec_start = self.at;
        let mut depth = 1;
        while let Some(c) = self.take() {
            match c {
                OPEN => {
                    field.nested = true;
                    depth += 1;
                }
                CLOSE => {
                    depth -= 1;
                    if depth == 0 {
                        field.spec = Span { start: spec_start, end: self.at - 1 };
                        return Ok(field);
                    }
                }
                _ => {}
            }
        }
        Err(err!(ValueError, "unmatched '{{' in format spec"))
    }
}

/// A number if the span holds only decimal digits (of any script), and at least one.
pub fn integer(text: Text<'_>, span: Span) -> PyResult<Option<usize>> {
    let mut value = 0usize;
    for i in span.start..span.end {
        let Some(digit) = unicode::decimal_value(text.at(i)) else { return Ok(None) };
        let next = value.checked_mul(10).and_then(|v| v.checked_add(digit as usize)).filter(|&v| v <= isize::MAX as usize);
        let Some(next) = next else { return Err(super::spec::too_many_digits()) };
        value = next;
    }
    Ok((span.start < span.end).then_some(value))
}

/// What a field name begins with: its first part, and where the rest begins.
pub fn first_part(text: Text<'_>, name: Span) -> Span {
    let end = (name.start..name.end).find(|&i| matches!(char::from_u32(text.at(i)), Some('.' | '['))).unwrap_or(name.end);
    Span { start: name.start, end }
}

/// A step of a field name.
pub enum Step {
    Attribute(Span),
    Item(Span),
}

/// The next step of a field name from `at`, which is moved on; `None` at the end.
pub fn next_step(text: Text<'_>, at: &mut usize, end: usize) -> PyResult<Option<Step>> {
    if *at >= end {
        return Ok(None);
    }
    let mark = text.at(*at);
    *at += 1;
    let start = *at;
    let (span, attribute) = if mark == '.' as u32 {
        while *at < end && !matches!(char::from_u32(text.at(*at)), Some('.' | '[')) {
            *at += 1;
        }
        (Span { start, end: *at }, true)
    } else if mark == '[' as u32 {
        while *at < end && text.at(*at) != ']' as u32 {
            *at += 1;
        }
        if *at >= end {
            return Err(err!(ValueError, "Missing ']' in format string"));
        }
        *at += 1;
        (Span { start, end: *at - 1 }, false)
    } else {
        return Err(err!(ValueError, "Only '.' or '[' may follow ']' in format field specifier"));
    };
    if span.start == span.end {
        return Err(err!(ValueError, "Empty attribute in format string"));
    }
    Ok(Some(if attribute { Step::Attribute(span) } else { Step::Item(span) }))
}

/// Where fields take their values from.
struct Values<'a> {
    /// `None` in `format_map`.
    args: Option<Args<'a>>,
    keywords: Keywords<'a>,
    numbering: Numbering,
}

enum Keywords<'a> {
    Call(KwArgs<'a>),
    Mapping(&'a Object),
}

#[derive(Clone, Copy, PartialEq)]
enum Numbering {
    Unknown,
    /// The next number.
    Automatic(usize),
    Manual,
}

impl Values<'_> {
    /// The index that a numeric or empty first part stands for.
    fn number(&mut self, given: Option<usize>) -> PyResult<usize> {
        match (self.numbering, given) {
            (Numbering::Manual, None) => Err(err!(ValueError, "cannot switch from manual field specification to automatic field numbering")),
            (Numbering::Automatic(_), Some(_)) => {
                Err(err!(ValueError, "cannot switch from automatic field numbering to manual field specification"))
            }
            (Numbering::Automatic(next), None) => {
                self.numbering = Numbering::Automatic(next + 1);
                Ok(next)
            }
            (Numbering::Unknown, None) => {
                self.numbering = Numbering::Automatic(1);
                Ok(0)
            }
            (_, Some(index)) => {
                self.numbering = Numbering::Manual;
                Ok(index)
            }
        }
    }

    fn keyword(&self, key: &Str) -> PyResult {
        match self.keywords {
            Keywords::Mapping(mapping) => mapping::get_item(mapping, key),
            Keywords::Call(kwargs) => {
                let found = kwargs.iter().find(|(name, _)| name.downcast::<Str>().is_some_and(|name| Str::equal(name, key)));
                found.map(|(_, value)| value.to_owned()).ok_or_else(|| errors::raise_object(exceptions::KeyError(), Some(key)))
            }
        }
    }

    /// The object that a field name stands for.
    fn get(&mut self, text: Text<'_>, name: Span) -> PyResult {
        let first = first_part(text, name);
        let index = integer(text, first)?;
        let mut object = if index.is_some() || first.start == first.end {
            let index = self.number(index)?;
            let Some(args) = self.args else {
                return Err(err!(ValueError, "Format string contains positional fields"));
            };
            match args.get(index) {
                Some(arg) => Object::to_owned(arg),
                None => return Err(err!(IndexError, "Replacement index {} out of range for positional args tuple", index)),
            }
        } else {
            self.keyword(&*part(text, first)?)?
        };
        let mut at = first.end;
        while let Some(step) = next_step(text, &mut at, name.end)? {
            object = match step {
                Step::Attribute(span) => protocol::object::get_attr_object(&object, part(text, span)?.object())?,
                Step::Item(span) => match integer(text, span)? {
                    None => mapping::get_item(&object, part(text, span)?.object())?,
                    Some(index) if sequence::is_sequence(&object) => sequence::sequence_get_item(&object, index as isize)?,
                    Some(index) => mapping::get_item(&object, &Int::from_usize(index))?,
                },
            };
        }
        Ok(object)
    }
}

fn part(text: Text<'_>, span: Span) -> PyResult<Owned<Str>> {
    Str::from_text(text.slice(span.start, span.end))
}

/// Fields may hold fields in their specifications, once.
const MAX_DEPTH: u32 = 2;

fn build(text: Text<'_>, span: Span, values: &mut Values<'_>, depth: u32, out: &mut StrBuilder) -> PyResult<()> {
    if depth == 0 {
        return Err(err!(ValueError, "Max string recursion exceeded"));
    }
    let mut template = Template::new(text, span);
    while let Some((literal, field)) = template.next()? {
        out.push_text(text.slice(literal.start, literal.end))?;
        if let Some(field) = field {
            push_field(text, &field, values, depth, out)?;
        }
    }
    Ok(())
}

fn push_field(text: Text<'_>, field: &Field, values: &mut Values<'_>, depth: u32, out: &mut StrBuilder) -> PyResult<()> {
    let mut object = values.get(text, field.name)?;
    if let Some(conversion) = field.conversion {
        object = convert(&object, conversion)?;
    }
    let spec = if field.nested {
        let mut expanded = StrBuilder::new();
        build(text, field.spec, values, depth - 1, &mut expanded)?;
        Some(expanded.finish()?)
    } else if field.spec.start < field.spec.end {
        Some(part(text, field.spec)?)
    } else {
        None
    };
    out.push_str_object(&*super::format_object(&object, spec.as_deref())?)
}

fn convert(object: &Object, conversion: u32) -> PyResult {
    Ok(match char::from_u32(conversion) {
        Some('r') => protocol::object::repr(object)?,
        Some('s') => protocol::object::str(object)?,
        Some('a') => protocol::object::ascii(object)?,
        _ => return Err(unknown_conversion(conversion)),
    }
    .into_object())
}

#[cold]
fn unknown_conversion(conversion: u32) -> Raised {
    match u8::try_from(conversion) {
        Ok(c @ 33..=126) => err!(ValueError, "Unknown conversion specifier {}", c as char),
        _ => err!(ValueError, "Unknown conversion specifier \\x{:x}", conversion),
    }
}

fn format_template(text: &Str, mut values: Values<'_>) -> PyResult<Owned<Str>> {
    if !text.code_points().any(|c| c == OPEN || c == CLOSE) {
        return Ok(Owned::from_ref(text));
    }
    let mut out = StrBuilder::new();
    build(text.text(), Span { start: 0, end: text.len() }, &mut values, MAX_DEPTH, &mut out)?;
    out.finish()
}

#[pymethods(FORMAT_METHODS)]
impl Str {
    /// The string with its fields in braces replaced by the arguments they name.
    #[method("format($self, /, *args, **kwargs)")]
    fn py_format(&self, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult<Owned<Str>> {
        format_template(self, Values { args: Some(args), keywords: Keywords::Call(kwargs), numbering: Numbering::Unknown })
    }
    /// The string with its fields in braces replaced by what the mapping has for them.
    #[method("format_map($self, mapping, /)")]
    fn py_format_map(&self, mapping: &Object) -> PyResult<Owned<Str>> {
        format_template(self, Values { args: None, keywords: Keywords::Mapping(mapping), numbering: Numbering::Unknown })
    }
    /// The string as the format specification asks.
    #[method("__format__($self, format_spec, /)")]
    fn dunder_format(&self, format_spec: &Str) -> PyResult<Owned<Str>> {
        super::format_str(self, format_spec)
    }
}
