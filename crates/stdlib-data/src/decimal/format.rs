//! `Decimal.__format__`: [[fill]align][sign][0][width][,][.precision][type], here without a detour; other specifications that Python knows
//! ('z', '_', ...) are `_pydecimal`'s.

use super::context::{self, Context};
use super::decimal_object::Decimal;
use super::number::*;
use super::text;
use runtime::protocol::{call, iter, object};
use runtime::types::{Dict, Int, List, Str};
use runtime::{Object, PyResult, err, errors, exceptions, intern};

/// A group of digits that goes on to the end.
const CHAR_MAX: u8 = 127;

struct Spec {
    fill: char,
    /// '<', '>', '=', '^', or 'z': zeros between sign and digits, among which separators go.
    align: char,
    sign: char,
    width: i64,
    precision: Option<i64>,
    kind: char,
    /// From the locale.
    local: bool,
    point: String,
    separator: String,
    grouping: Vec<u8>,
}

fn number_at(rest: &mut &str) -> Option<i64> {
    let length = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, after) = rest.split_at(length);
    *rest = after;
    digits.parse().ok()
}

fn parse(spec: &str, capitals: bool) -> Option<Spec> {
    let mut found = Spec {
        fill: ' ',
        align: '>',
        sign: '-',
        width: 0,
        precision: None,
        kind: if capitals { 'G' } else { 'g' },
        local: false,
        point: String::new(),
        separator: String::new(),
        grouping: Vec::new(),
    };
    let is_align = |c: Option<char>| c.filter(|c| "<>=^".contains(*c));
    let mut rest = spec;
    let mut characters = spec.chars();
    let (first, second) = (characters.next(), characters.next());
    let mut aligned = true;
    if let (Some(fill), Some(align)) = (first, is_align(second)) {
        (found.fill, found.align) = (fill, align);
        rest = characters.as_str();
    } else if let Some(align) = is_align(first) {
        found.align = align;
        rest = &rest[1..];
    } else {
        aligned = false;
    }
    if let Some(sign) = rest.chars().next().filter(|c| "+- ".contains(*c)) {
        found.sign = sign;
        rest = &rest[1..];
    }
    if rest.starts_with('0') {
        if aligned {
            return None;
        }
        (found.fill, found.align) = ('0', 'z');
        rest = &rest[1..];
    }
    if rest.starts_with(|c: char| c.is_ascii_digit()) {
        if rest.starts_with('0') {
            return None;
        }
        found.width = number_at(&mut rest)?;
    }
    if let Some(after) = rest.strip_prefix(',') {
        (found.point, found.separator, found.grouping) = (".".into(), ",".into(), vec![3, 3]);
        rest = after;
    }
    if let Some(after) = rest.strip_prefix('.') {
        rest = after;
        found.precision = Some(number_at(&mut rest)?);
    }
    match rest.chars().next() {
        Some(kind @ ('E' | 'e' | 'F' | 'f' | 'G' | 'g' | '%')) => {
            found.kind = kind;
            rest = &rest[1..];
        }
        Some(kind @ ('N' | 'n')) if found.separator.is_empty() => {
            found.kind = if kind == 'N' { 'G' } else { 'g' };
            found.local = true;
            rest = &rest[1..];
        }
        _ => {}
    }
    rest.is_empty().then_some(found)
}

/// Point, separator and grouping out of a dict as `localeconv` gives it, or one with grouping as a str.
fn take_conventions(found: &mut Spec, conventions: &Object) -> PyResult<()> {
    let Some(conventions) = conventions.downcast::<Dict>() else { return Err(err!(TypeError, "optional argument must be a dict")) };
    let text = |name: &str| -> PyResult<Option<String>> {
        let Some(value) = conventions.get_item(&Str::new(name))? else { return Ok(None) };
        match value.downcast::<Str>() {
            Some(text) => Ok(Some(text.to_string_lossy().to_string())),
            None => Err(err!(TypeError, "bad argument type for built-in operation")),
        }
    };
    if let Some(point) = text("decimal_point")? {
        found.point = point;
    }
    if let Some(separator) = text("thousands_sep")? {
        found.separator = separator;
    }
    if let Some(grouping) = conventions.get_item(intern!("grouping"))? {
        found.grouping = match (grouping.downcast::<Str>(), grouping.downcast::<List>()) {
            (Some(text), _) => text.to_string_lossy().bytes().take_while(|&size| size != 0).collect(),
            (_, Some(_)) => {
                let mut sizes = Vec::new();
                let at = iter::get_iter(&grouping)?;
                while let Some(size) = iter::iter_next(&at)? {
                    sizes.push(size.downcast::<Int>().and_then(Int::as_i64).and_then(|size| u8::try_from(size).ok()).unwrap_or(0));
                }
                sizes.into_iter().take_while(|&size| size != 0).collect()
            }
            _ => return Err(err!(TypeError, "bad argument type for built-in operation")),
        };
    }
    if found.point.is_empty() || found.point.len() > 4 || found.separator.len() > 4 || found.grouping.iter().any(|&size| size > CHAR_MAX) {
        return Err(err!(ValueError, "invalid override dict"));
    }
    Ok(())
}

/// The digits of an integer part in groups; with zeros in front until there are at least `width` characters, separators included.
fn grouped(digits: &str, spec: &Spec, width: i64) -> String {
    // The last size is for all groups to come.
    let size_at = |at: usize| match spec.grouping.get(at).or(spec.grouping.last()) {
        None | Some(&CHAR_MAX) => i64::MAX,
        Some(&size) => size as i64,
    };
    let mut group = 0;
    let mut backwards: Vec<u8> = Vec::with_capacity(digits.len() + digits.len() / 3);
    let (mut in_group, mut count) = (0, 0i64);
    let mut left = digits.len();
    while left > 0 || count < width {
        if in_group == size_at(group) {
            if !spec.separator.is_empty() {
                backwards.extend(spec.separator.bytes().rev());
                count += 1;
            }
            in_group = 0;
            group += 1;
        }
        if left > 0 {
            left -= 1;
            backwards.push(digits.as_bytes()[left]);
        } else {
            backwards.push(b'0');
        }
        in_group += 1;
        count += 1;
    }
    backwards.reverse();
    String::from_utf8(backwards).unwrap_or_default()
}

/// With the point and the separators of the specification.
fn punctuated(sign: &str, plain: &str, spec: &Spec) -> String {
    let whole = plain.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = plain.split_at(whole);
    let (point, rest) = match rest.strip_prefix('.') {
        Some(rest) => (spec.point.as_str(), rest),
        None => ("", rest),
    };
    if point.is_empty() && (spec.separator.is_empty() || spec.grouping.is_empty()) {
        return plain.to_string();
    }
    let others = sign.len() + rest.len() + usize::from(!point.is_empty());
    let width = if spec.align == 'z' { spec.width - others as i64 } else { 0 };
    format!("{}{point}{rest}", grouped(digits, spec, width))
}

/// To so many digits.
fn rounded(number: &Number, digits: i64, rounding: Rounding) -> Option<Number> {
    let exponent = number.exponent + number.digits() - digits;
    if number.exponent > exponent && !fits(number.exponent - exponent) {
        return None;
    }
    let (result, _) = number.rescaled(exponent, rounding);
    Some(if result.digits() > digits { result.rescaled(exponent + 1, rounding).0 } else { result })
}

fn beyond_limits<T>() -> PyResult<T> {
    Err(err!(ValueError, "format specification exceeds internal limits of _decimal"))
}

/// The text of a finite number without its sign.
fn finite(number: &Number, spec: &Spec, rounding: Rounding) -> PyResult<String> {
    let kind = spec.kind.to_ascii_lowercase();
    let mut number = number.clone();
    if kind == '%' {
        number.exponent += 2;
    }
    let fixed = kind == 'f' || kind == '%';
    let mut point = 1;
    if let Some(precision) = spec.precision {
        if precision > MAX_PREC {
            return beyond_limits();
        }
        let changed = match kind {
            'g' if number.digits() > precision.max(1) => rounded(&number, precision.max(1), rounding),
            'g' => Some(number),
            'e' if number.is_zero() => {
                point = 1 - precision;
                Some(number)
            }
            'e' => rounded(&number, precision + 1, rounding),
            _ if number.exponent > -precision && !number.is_zero() && !fits(number.exponent + precision) => None,
            _ => Some(number.rescaled(-precision, rounding).0),
        };
        number = changed.ok_or_else(errors::no_memory)?;
    }
    if fixed && number.is_zero() && number.exponent > 0 {
        number.exponent = 0;
    }
    let digits = text::digits_text(&number.coefficient);
    let left = number.exponent + digits.len() as i64;
    if fixed || kind == 'g' && number.exponent <= 0 && left > -6 {
        point = left;
    }
    if !fits(point) {
        return Err(errors::no_memory());
    }
    let mut out = String::with_capacity(digits.len() + 24);
    text::place_point(&mut out, &digits, point);
    if left != point || kind == 'e' {
        out.push(if spec.kind.is_ascii_uppercase() { 'E' } else { 'e' });
        out.push_str(&format!("{:+}", left - point));
    }
    if kind == '%' {
        out.push('%');
    }
    Ok(out)
}

fn padded(text: String, spec: &Spec, align: char, fill: char, length: i64) -> PyResult<String> {
    let missing = spec.width - length;
    if missing <= 0 {
        return Ok(text);
    }
    if !fits(missing) {
        return Err(errors::no_memory());
    }
    let missing = missing as usize;
    let padding = |count: usize| -> String { std::iter::repeat_n(fill, count).collect() };
    Ok(match align {
        '<' => text + &padding(missing),
        '^' => format!("{}{text}{}", padding(missing / 2), padding(missing - missing / 2)),
        '=' | 'z' if text.starts_with(['-', '+', ' ']) => format!("{}{}{}", &text[..1], padding(missing), &text[1..]),
        _ => padding(missing) + &text,
    })
}

pub fn format(decimal: &Decimal, spec: &Str, conventions: Option<&Object>) -> PyResult<runtime::Owned> {
    let context = context::current()?;
    let text = spec.as_utf8()?;
    if text.ends_with('N') {
        runtime::modules::warnings::warn(exceptions::DeprecationWarning(), "Format specifier 'N' is deprecated and slated for removal in Python 3.18", 1)?;
    }
    let Some(mut found) = parse(text, context.capitals.get()) else { return in_python(decimal, spec, &context) };
    if let Some(conventions) = conventions {
        take_conventions(&mut found, conventions)?;
    } else if found.local {
        let locale = runtime::import::import_module("locale")?;
        take_conventions(&mut found, &*call::call0(&*object::get_attr_str(&locale, "localeconv")?)?)?;
    }
    if found.width > MAX_PREC {
        return beyond_limits();
    }
    let number = &decimal.number;
    let sign = match (number.negative, found.sign) {
        (true, _) => "-",
        (_, '+') => "+",
        (_, ' ') => " ",
        _ => "",
    };
    if !number.is_finite() {
        let percent = if found.kind == '%' { "%" } else { "" };
        let plain = format!("{sign}{}{percent}", text::write(&number.clone().with_sign(false), false, true));
        let (align, fill) = if found.align == 'z' { ('>', ' ') } else { (found.align, found.fill) };
        let length = plain.len() as i64;
        return Ok(Str::new(&padded(plain, &found, align, fill, length)?).into_object());
    }
    let mut plain = finite(number, &found, context.settings.get().rounding)?;
    if found.align == 'z' && !fits(found.width) {
        return Err(errors::no_memory());
    }
    if !found.point.is_empty() {
        plain = punctuated(sign, &plain, &found);
    }
    plain.insert_str(0, sign);
    let length = if plain.is_ascii() { plain.len() } else { plain.chars().count() } as i64;
    Ok(Str::new(&padded(plain, &found, found.align, found.fill, length)?).into_object())
}

/// `_pydecimal` formats, in a context like the current one that traps nothing.
fn in_python(decimal: &Decimal, spec: &Str, context: &Context) -> PyResult {
    let python = runtime::import::import_module("_pydecimal")?;
    let settings = context.settings.get();
    let arguments = Dict::new();
    arguments.set("prec", &Int::from_i64(settings.prec))?;
    arguments.set("rounding", &*object::get_attr(context.as_object(), intern!("rounding"))?)?;
    arguments.set("Emin", &Int::from_i64(settings.emin))?;
    arguments.set("Emax", &Int::from_i64(settings.emax))?;
    arguments.set("capitals", &Int::from_i64(context.capitals.get() as i64))?;
    arguments.set("clamp", &Int::from_i64(settings.clamp as i64))?;
    arguments.set("flags", &List::new())?;
    arguments.set("traps", &List::new())?;
    let python_context = call::call(&*object::get_attr_str(&python, "Context")?, &runtime::types::Tuple::empty(), Some(&arguments))?;
    let text = Str::new(&text::write(&decimal.number, false, true));
    let value = call::call1(&*object::get_attr_str(&python, "Decimal")?, &text)?;
    match call::call_method(&value, intern!("__format__"), &[spec, &python_context]) {
        Err(_) if errors::matches(exceptions::ValueError()) => {
            errors::clear();
            Err(err!(ValueError, "invalid format string"))
        }
        result => result,
    }
}
