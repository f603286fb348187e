//! `str.__format__`.

use super::spec::{FormatSpec, parse_spec, unknown_type};
use crate::err;
use crate::errors::PyResult;
use crate::object::Owned;
use crate::types::Str;
use crate::types::str::{StrBuilder, Text};

/// `str.__format__`.
pub fn format_str(value: &Str, spec: &Str) -> PyResult<Owned<Str>> {
    if spec.is_empty() {
        return crate::protocol::object::str(value);
    }
    let spec = parse_spec(spec, value.type_name(), 's', '<')?;
    if spec.ty != 's' as u32 {
        return Err(unknown_type(spec.ty, value.type_name()));
    }
    match spec.sign {
        Some(b' ') => return Err(err!(ValueError, "Space not allowed in string format specifier")),
        Some(_) => return Err(err!(ValueError, "Sign not allowed in string format specifier")),
        None => {}
    }
    if spec.no_negative_zero {
        return Err(err!(ValueError, "Negative zero coercion (z) not allowed in string format specifier"));
    }
    if spec.alternate {
        return Err(err!(ValueError, "Alternate form (#) not allowed in string format specifier"));
    }
    if spec.align == b'=' {
        return Err(err!(ValueError, "'=' alignment not allowed in string format specifier"));
    }
    let len = spec.precision.map_or(value.len(), |p| p.min(value.len()));
    if len == value.len() && spec.width.is_none_or(|width| width <= len) {
        return value.to_exact();
    }
    let mut out = StrBuilder::new();
    push_padded(&mut out, value.text().slice(0, len), &spec)?;
    out.finish()
}

/// Appends a text, aligned in the specification's width.
pub(super) fn push_padded(out: &mut StrBuilder, text: Text<'_>, spec: &FormatSpec) -> PyResult<()> {
    let padding = spec.width.unwrap_or(0).saturating_sub(text.len());
    let left = match spec.align {
        b'<' => 0,
        b'^' => padding / 2,
        _ => padding,
    };
    out.push_repeated(spec.fill, left)?;
    out.push_text(text)?;
    out.push_repeated(spec.fill, padding - left)
}
