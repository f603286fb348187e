//! The format mini-language: `[[fill]align][sign][z][#][0][width][grouping][.precision[grouping]][type]`.

use crate::err;
use crate::errors::{PyResult, Raised};
use crate::types::Str;
use crate::types::str::Text;

/// How digits are grouped.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Grouping {
    #[default]
    None,
    /// `,` every three digits.
    Comma,
    /// `_` every three digits.
    Underscore,
    /// `_` every four digits, for bases 2, 8 and 16.
    UnderscoreFour,
}

impl Grouping {
    fn sign(self) -> char {
        if self == Grouping::Comma { ',' } else { '_' }
    }
}

/// A format specification that has been read.
#[derive(Clone, Copy, Debug)]
pub struct FormatSpec {
    pub fill: u32,
    /// `<`, `>`, `=` or `^`.
    pub align: u8,
    /// `#`
    pub alternate: bool,
    /// `z`
    pub no_negative_zero: bool,
    /// `+`, `-` or space.
    pub sign: Option<u8>,
    pub width: Option<usize>,
    pub grouping: Grouping,
    pub precision: Option<usize>,
    pub fraction_grouping: Grouping,
    /// The type character; what the caller gave as default if there is none.
    pub ty: u32,
}

/// Reads `spec`, which is for an object whose type is called `type_name`.
pub fn parse_spec(spec: &Str, type_name: &str, default_type: char, default_align: char) -> PyResult<FormatSpec> {
    let text = spec.text();
    let mut at = 0;
    let peek = |at: usize| if at < text.len() { text.at(at) } else { u32::MAX };
    let is_align = |c: u32| matches!(u8::try_from(c), Ok(b'<' | b'>' | b'=' | b'^'));
    let mut out = FormatSpec {
        fill: ' ' as u32,
        align: default_align as u8,
        alternate: false,
        no_negative_zero: false,
        sign: None,
        width: None,
        grouping: Grouping::None,
        precision: None,
        fraction_grouping: Grouping::None,
        ty: default_type as u32,
    };
    let (mut fill_given, mut align_given) = (false, false);
    if is_align(peek(at + 1)) {
        (out.fill, out.align) = (peek(at), peek(at + 1) as u8);
        (fill_given, align_given) = (true, true);
        at += 2;
    } else if is_align(peek(at)) {
        out.align = peek(at) as u8;
        align_given = true;
        at += 1;
    }
    if let Ok(c @ (b' ' | b'+' | b'-')) = u8::try_from(peek(at)) {
        out.sign = Some(c);
        at += 1;
    }
    let take = |at: &mut usize, c: char| {
        let found = peek(*at) == c as u32;
        *at += found as usize;
        found
    };
    out.no_negative_zero = take(&mut at, 'z');
    out.alternate = take(&mut at, '#');
    if !fill_given && take(&mut at, '0') {
        out.fill = '0' as u32;
        if !align_given && default_align == '>' {
            out.align = b'=';
        }
    }
    out.width = digits(text, &mut at)?;
    out.grouping = grouping(text, &mut at)?;
    if take(&mut at, '.') {
        out.precision = digits(text, &mut at)?;
        out.fraction_grouping = grouping(text, &mut at)?;
        if out.precision.is_none() && out.fraction_grouping == Grouping::None {
            return Err(err!(ValueError, "Format specifier missing precision"));
        }
    }
    match text.len() - at {
        0 => {}
        1 => out.ty = text.at(at),
        _ => return Err(err!(ValueError, "Invalid format specifier '{}' for object of type '{}'", spec, type_name)),
    }
    check(&mut out)?;
    Ok(out)
}

/// A number in decimal digits of any script; `None` if there is none.
fn digits(text: Text<'_>, at: &mut usize) -> PyResult<Option<usize>> {
    let mut value = None;
    while *at < text.len()
        && let Some(digit) = unicode::decimal_value(text.at(*at))
    {
        let next = value.unwrap_or(0usize).checked_mul(10).and_then(|v| v.checked_add(digit as usize)).filter(|&v| v <= isize::MAX as usize);
        let Some(next) = next else { return Err(too_many_digits()) };
        value = Some(next);
        *at += 1;
    }
    Ok(value)
}

#[cold]
pub(super) fn too_many_digits() -> Raised {
    err!(ValueError, "Too many decimal digits in format string")
}

fn grouping(text: Text<'_>, at: &mut usize) -> PyResult<Grouping> {
    let mut found = Grouping::None;
    while *at < text.len() {
        let next = match u8::try_from(text.at(*at)) {
            Ok(b',') if found != Grouping::Comma => Grouping::Comma,
            Ok(b'_') if found != Grouping::Underscore => Grouping::Underscore,
            _ => break,
        };
        if found != Grouping::None {
            return Err(err!(ValueError, "Cannot specify both ',' and '_'."));
        }
        found = next;
        *at += 1;
    }
    Ok(found)
}

/// Which groupings go with which types.
fn check(spec: &mut FormatSpec) -> PyResult<()> {
    let ty = u8::try_from(spec.ty).unwrap_or(0xff);
    if spec.grouping != Grouping::None {
        match ty {
            b'd' | b'e' | b'f' | b'g' | b'E' | b'G' | b'%' | b'F' | 0 => {}
            b'b' | b'o' | b'x' | b'X' if spec.grouping == Grouping::Underscore => spec.grouping = Grouping::UnderscoreFour,
            _ => return Err(wrong_grouping(spec.grouping, spec.ty)),
        }
    }
    if ty == b'n' && spec.fraction_grouping != Grouping::None {
        return Err(wrong_grouping(spec.fraction_grouping, spec.ty));
    }
    Ok(())
}

#[cold]
fn wrong_grouping(grouping: Grouping, ty: u32) -> Raised {
    err!(ValueError, "Cannot specify '{}' with '{}'.", grouping.sign(), shown_type(ty))
}

/// A type character as errors show it.
fn shown_type(ty: u32) -> String {
    match u8::try_from(ty) {
        Ok(c @ 33..=127) => (c as char).to_string(),
        _ => format!("\\x{ty:x}"),
    }
}

/// The error for a type character that objects of a type do not know.
#[cold]
pub fn unknown_type(ty: u32, type_name: &str) -> Raised {
    err!(ValueError, "Unknown format code '{}' for object of type '{}'", shown_type(ty), type_name)
}
