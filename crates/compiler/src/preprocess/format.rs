//! `'...' % (a, b)` with simple formats becomes a formatted string.

use syntax::ast::*;

use super::Preprocessor;
use crate::instruction::NO_LOCATION;

/// Widths and precisions have fewer digits than this.
const MAX_DIGITS: usize = 3;

/// `%s`, `%r` or `%a` with its options.
struct Format {
    conversion: u8,
    left: bool,
    width: Option<u32>,
    precision: Option<u32>,
}

impl<'a> Preprocessor<'a, '_> {
    pub(super) fn fold_format(&self, kind: ExprKind<'a>) -> Option<ExprKind<'a>> {
        let ExprKind::BinOp { left, op: Operator::Mod, right } = kind else { return None };
        let ExprKind::Constant { value: Constant::Str(format), .. } = left.kind else { return None };
        let ExprKind::Tuple { elts, .. } = right.kind else { return None };
        let starred = |elt: &ExprRef<'a>| matches!(elt.kind, ExprKind::Starred { .. });
        if self.flags.syntax_check_only || elts.iter().any(starred) {
            return None;
        }
        let values = self.format_values(format, elts)?;
        Some(ExprKind::JoinedStr { values: self.arena.alloc_slice_copy(&values) })
    }

    /// Literals and values in turn; `None` if a format is beyond f-strings or the values do not match in number.
    fn format_values(&self, format: Str<'a>, elts: &'a [ExprRef<'a>]) -> Option<Vec<ExprRef<'a>>> {
        let mut rest = format.as_bytes();
        let mut elts = elts.iter();
        let mut values = Vec::with_capacity(elts.len() * 2 + 1);
        loop {
            let literal = take_literal(&mut rest);
            if !literal.is_empty() {
                values.push(self.literal(&literal));
            }
            if rest.is_empty() {
                break;
            }
            let value = *elts.next()?;
            rest = &rest[1..];
            let format = take_format(&mut rest)?;
            values.push(self.formatted_value(value, &format));
        }
        elts.next().is_none().then_some(values)
    }

    fn formatted_value(&self, value: ExprRef<'a>, format: &Format) -> ExprRef<'a> {
        let mut spec = String::new();
        if let Some(width) = format.width {
            if !format.left && width > 0 {
                spec.push('>');
            }
            spec.push_str(&width.to_string());
        }
        if let Some(precision) = format.precision {
            spec.push('.');
            spec.push_str(&precision.to_string());
        }
        let format_spec = (!spec.is_empty()).then(|| self.literal(spec.as_bytes()));
        let kind = ExprKind::FormattedValue { value, conversion: format.conversion as i32, format_spec };
        self.arena.alloc(Expr { kind, location: value.location })
    }

    fn literal(&self, text: &[u8]) -> ExprRef<'a> {
        let value = Constant::Str(Str::from_wtf8(self.arena.alloc_slice_copy(text)));
        self.arena.alloc(Expr { kind: ExprKind::Constant { value, kind: None }, location: NO_LOCATION })
    }
}

/// Takes the text up to the next format, `%%` being a percent sign.
fn take_literal(rest: &mut &[u8]) -> Vec<u8> {
    let mut literal = Vec::new();
    loop {
        match rest {
            [b'%', b'%', tail @ ..] => {
                literal.push(b'%');
                *rest = tail;
            }
            [] | [b'%', ..] => return literal,
            [byte, tail @ ..] => {
                literal.push(*byte);
                *rest = tail;
            }
        }
    }
}

/// Takes what follows a percent sign.
fn take_format(rest: &mut &[u8]) -> Option<Format> {
    let mut left = false;
    let mut byte = take(rest)?;
    loop {
        match byte {
            b'-' => left = true,
            b'+' | b' ' | b'#' | b'0' => {}
            _ => break,
        }
        byte = take(rest)?;
    }
    let mut width = None;
    if byte.is_ascii_digit() {
        width = Some(take_number(rest, &mut byte)?);
    }
    let mut precision = None;
    if byte == b'.' {
        byte = take(rest)?;
        precision = Some(if byte.is_ascii_digit() { take_number(rest, &mut byte)? } else { 0 });
    }
    matches!(byte, b's' | b'r' | b'a').then_some(Format { conversion: byte, left, width, precision })
}

/// A number that begins with the digit `byte`; leaves the byte after it there.
fn take_number(rest: &mut &[u8], byte: &mut u8) -> Option<u32> {
    let mut number = 0;
    let mut digits = 0;
    while byte.is_ascii_digit() {
        number = number * 10 + (*byte - b'0') as u32;
        *byte = take(rest)?;
        digits += 1;
        if digits >= MAX_DIGITS {
            return None;
        }
    }
    Some(number)
}

fn take(rest: &mut &[u8]) -> Option<u8> {
    let (&first, tail) = rest.split_first()?;
    *rest = tail;
    Some(first)
}
