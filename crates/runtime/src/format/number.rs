//! `int.__format__`, `float.__format__` and `complex.__format__`.

use super::float_text::{FloatStyle, float_text};
use super::spec::{FormatSpec, Grouping, parse_spec, unknown_type};
use super::text::push_padded;
use crate::err;
use crate::errors::{PyResult, no_memory};
use crate::object::Owned;
use crate::types::int::{format_radix, to_decimal};
use crate::types::str::StrBuilder;
use crate::types::{Int, Str};
use std::ffi::CStr;

/// The separators that a number is written with.
struct Separators {
    point: String,
    group: String,
    /// Sizes of groups from the point leftwards, as in C's `localeconv()`.
    sizes: Vec<u8>,
    fraction_group: &'static str,
}

impl Separators {
    fn of(spec: &FormatSpec) -> Separators {
        let sign = |grouping| match grouping {
            Grouping::None => "",
            Grouping::Comma => ",",
            Grouping::Underscore | Grouping::UnderscoreFour => "_",
        };
        let fraction_group = sign(spec.fraction_grouping);
        if spec.ty == 'n' as u32 {
            return Separators { fraction_group, ..Separators::of_locale() };
        }
        let size = if spec.grouping == Grouping::UnderscoreFour { 4 } else { 3 };
        Separators { point: ".".into(), group: sign(spec.grouping).into(), sizes: vec![size], fraction_group }
    }

    fn of_locale() -> Separators {
        // SAFETY: the strings of `localeconv` are valid until the locale changes; they are copied at once.
        unsafe {
            let locale = &*libc::localeconv();
            let text = |ptr| CStr::from_ptr(ptr).to_string_lossy().into_owned();
            let sizes = CStr::from_ptr(locale.grouping).to_bytes().to_vec();
            Separators { point: text(locale.decimal_point), group: text(locale.thousands_sep), sizes, fraction_group: "" }
        }
    }

    fn groups(&self) -> bool {
        !self.group.is_empty() && !self.sizes.is_empty()
    }
}

/// A number's text, taken apart.
#[derive(Default)]
struct Number<'a> {
    negative: bool,
    prefix: &'a str,
    digits: &'a str,
    has_point: bool,
    fraction: &'a str,
    /// Exponent, percent sign, or the name of what is no number.
    rest: &'a str,
}

impl<'a> Number<'a> {
    /// Takes the text of a float apart.
    fn of_float(text: &'a str) -> Number<'a> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(text) => (true, text),
            None => (false, text),
        };
        let split = |text: &'a str| text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
        let (digits, rest) = split(text);
        match rest.strip_prefix('.') {
            Some(rest) => {
                let (fraction, rest) = split(rest);
                Number { negative, prefix: "", digits, has_point: true, fraction, rest }
            }
            None => Number { negative, prefix: "", digits, has_point: false, fraction: "", rest },
        }
    }

    fn push(&self, out: &mut StrBuilder, spec: &FormatSpec, separators: &Separators) -> PyResult<()> {
        let sign = match (self.negative, spec.sign) {
            (true, _) => "-",
            (false, Some(b'+')) => "+",
            (false, Some(b' ')) => " ",
            _ => "",
        };
        let fraction = group_fraction(self.fraction, separators.fraction_group);
        let point = if self.has_point { separators.point.as_str() } else { "" };
        let other = sign.len() + self.prefix.len() + point.chars().count() + fraction.len() + self.rest.len();
        let width = spec.width.unwrap_or(0);
        let fill_zeros = if spec.fill == '0' as u32 && spec.align == b'=' { width.saturating_sub(other) } else { 0 };
        let grouped = if separators.groups() && !self.digits.is_empty() { Some(group(self.digits, fill_zeros, separators)?) } else { None };
        let (zeros, digits) = match &grouped {
            Some(text) => (0, text.as_str()),
            None if self.digits.is_empty() => (0, ""),
            None => (fill_zeros.saturating_sub(self.digits.len()), self.digits),
        };
        let padding = width.saturating_sub(other.saturating_add(zeros).saturating_add(digits.chars().count()));
        let (left, inner, right) = match spec.align {
            b'<' => (0, 0, padding),
            b'^' => (padding / 2, 0, padding - padding / 2),
            b'=' => (0, padding, 0),
            _ => (padding, 0, 0),
        };
        out.push_repeated(spec.fill, left)?;
        out.push_str(sign);
        out.push_str(self.prefix);
        out.push_repeated(spec.fill, inner)?;
        out.push_repeated('0' as u32, zeros)?;
        out.push_str(digits);
        out.push_str(point);
        out.push_str(&fraction);
        out.push_str(self.rest);
        out.push_repeated(spec.fill, right)
    }
}

/// Digits with separators, filled up with zeros to `min_width` (`_PyUnicode_InsertThousandsGrouping`).
fn group(digits: &str, min_width: usize, separators: &Separators) -> PyResult<String> {
    // Collected from the right.
    let mut parts: Vec<String> = Vec::new();
    let (mut left, mut wanted) = (digits.len(), min_width as isize);
    let separator_len = separators.group.chars().count() as isize;
    if Vec::<u8>::new().try_reserve(min_width).is_err() {
        return Err(no_memory());
    }
    let mut size = usize::MAX;
    loop {
        // The last size repeats; one out of range ends grouping.
        match separators.sizes.get(parts.len()) {
            Some(&next @ 1..=126) => size = next as usize,
            Some(_) => size = usize::MAX,
            None => {}
        }
        let take = size.min(left.max(wanted.max(1) as usize));
        let from_digits = take.min(left);
        let mut part = "0".repeat(take - from_digits);
        part.push_str(&digits[left - from_digits..left]);
        parts.push(part);
        left -= from_digits;
        wanted -= take as isize;
        if left == 0 && wanted <= 0 {
            break;
        }
        wanted -= separator_len;
    }
    parts.reverse();
    Ok(parts.join(&separators.group))
}

/// The digits after the point in groups of three.
fn group_fraction(fraction: &str, separator: &str) -> String {
    if separator.is_empty() {
        return fraction.to_owned();
    }
    let mut out = String::with_capacity(fraction.len() * 4 / 3);
    for (i, c) in fraction.chars().enumerate() {
        if i > 0 && i % 3 == 0 {
            out.push_str(separator);
        }
        out.push(c);
    }
    out
}

/// `int.__format__`.
pub fn format_int(value: &Int, spec: &Str) -> PyResult {
    if spec.is_empty() {
        return Ok(crate::protocol::object::str(value)?.into_object());
    }
    let parsed = parse_spec(spec, value.type_name(), 'd', '>')?;
    let finish = |text: PyResult<Owned<Str>>| text.map(Owned::into_object);
    match u8::try_from(parsed.ty).unwrap_or(0) {
        b'b' | b'c' | b'd' | b'o' | b'x' | b'X' | b'n' => finish(int_with(value, &parsed)),
        b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'%' => finish(float_with(value.as_f64()?, &parsed)),
        _ => Err(unknown_type(parsed.ty, value.type_name())),
    }
}

fn int_with(value: &Int, spec: &FormatSpec) -> PyResult<Owned<Str>> {
    if spec.precision.is_some() {
        return Err(err!(ValueError, "Precision not allowed in integer format specifier"));
    }
    if spec.no_negative_zero {
        return Err(err!(ValueError, "Negative zero coercion (z) not allowed in integer format specifier"));
    }
    let ty = spec.ty as u8;
    if ty == b'c' {
        return char_with(value, spec);
    }
    let (text, prefix) = match ty {
        b'b' => (format_radix(value, 2, ""), "0b"),
        b'o' => (format_radix(value, 8, ""), "0o"),
        b'x' => (format_radix(value, 16, ""), "0x"),
        b'X' => (format_radix(value, 16, "").to_ascii_uppercase(), "0X"),
        _ => (to_decimal(value)?, ""),
    };
    let number = Number {
        negative: value.is_negative(),
        prefix: if spec.alternate { prefix } else { "" },
        digits: text.trim_start_matches('-'),
        ..Number::default()
    };
    let mut out = StrBuilder::new();
    number.push(&mut out, spec, &Separators::of(spec))?;
    out.finish()
}

/// The type `c`.
fn char_with(value: &Int, spec: &FormatSpec) -> PyResult<Owned<Str>> {
    if spec.sign.is_some() {
        return Err(err!(ValueError, "Sign not allowed with integer format specifier 'c'"));
    }
    if spec.alternate {
        return Err(err!(ValueError, "Alternate form (#) not allowed with integer format specifier 'c'"));
    }
    let Some(c) = value.as_i64().filter(|c| (0..0x110000).contains(c)) else {
        return Err(if value.as_i64().is_none() {
            err!(OverflowError, "Python int too large to convert to C long")
        } else {
            err!(OverflowError, "%c arg not in range(0x110000)")
        });
    };
    let mut out = StrBuilder::new();
    push_padded(&mut out, Str::from_char(c as u32)?.text(), spec)?;
    out.finish()
}

/// `float.__format__`.
pub fn format_float(value: f64, spec: &Str) -> PyResult {
    let parsed = parse_spec(spec, "float", '\0', '>')?;
    match u8::try_from(parsed.ty).unwrap_or(0xff) {
        0 | b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'n' | b'%' => Ok(float_with(value, &parsed)?.into_object()),
        _ => Err(unknown_type(parsed.ty, "float")),
    }
}

/// The style that a specification's type and precision stand for.
fn style_of(spec: &FormatSpec) -> PyResult<FloatStyle> {
    if spec.precision.is_some_and(|p| p >= i32::MAX as usize) {
        return Err(err!(ValueError, "precision too big"));
    }
    let (code, default) = match spec.ty as u8 {
        0 if spec.precision.is_none() => (b'r', 0),
        0 | b'n' => (b'g', 6),
        b'%' => (b'f', 6),
        code => (code, 6),
    };
    Ok(FloatStyle {
        code,
        precision: spec.precision.unwrap_or(default),
        alternate: spec.alternate,
        add_dot_zero: false,
        no_negative_zero: spec.no_negative_zero,
    })
}

fn float_with(value: f64, spec: &FormatSpec) -> PyResult<Owned<Str>> {
    let style = FloatStyle { add_dot_zero: spec.ty == 0, ..style_of(spec)? };
    let percent = spec.ty == '%' as u32;
    let mut text = float_text(if percent { value * 100.0 } else { value }, style)?;
    if percent {
        text.push('%');
    }
    let mut out = StrBuilder::new();
    Number::of_float(&text).push(&mut out, spec, &Separators::of(spec))?;
    out.finish()
}

/// `complex.__format__`.
pub fn format_complex(re: f64, im: f64, spec: &Str) -> PyResult {
    let spec = parse_spec(spec, "complex", '\0', '>')?;
    if !matches!(u8::try_from(spec.ty).unwrap_or(0xff), 0 | b'e' | b'E' | b'f' | b'F' | b'g' | b'G' | b'n') {
        return Err(unknown_type(spec.ty, "complex"));
    }
    if spec.fill == '0' as u32 {
        return Err(err!(ValueError, "Zero padding is not allowed in complex format specifier"));
    }
    if spec.align == b'=' {
        return Err(err!(ValueError, "'=' alignment flag is not allowed in complex format specifier"));
    }
    let (style, separators) = (style_of(&spec)?, Separators::of(&spec));
    // Without a type the form is that of str(): no real part that is plain zero, parentheses around two parts.
    let only_imaginary = spec.ty == 0 && re == 0.0 && re.is_sign_positive();
    let parentheses = spec.ty == 0 && !only_imaginary;
    let part = FormatSpec { width: None, fill: ' ' as u32, align: b'<', ..spec };
    let mut text = StrBuilder::new();
    if parentheses {
        text.push_char('(' as u32);
    }
    if !only_imaginary {
        Number::of_float(&float_text(re, style)?).push(&mut text, &part, &separators)?;
    }
    let sign = if only_imaginary { spec.sign } else { Some(b'+') };
    Number::of_float(&float_text(im, style)?).push(&mut text, &FormatSpec { sign, ..part }, &separators)?;
    text.push_char('j' as u32);
    if parentheses {
        text.push_char(')' as u32);
    }
    let mut out = StrBuilder::new();
    push_padded(&mut out, text.text(), &spec)?;
    Ok(out.finish()?.into_object())
}
