//! The encoder: Python objects to JSON text.

use super::strings::encode_into;
use macros::{Traverse, pytype};
use runtime::protocol::{call, mapping, object, sequence};
use runtime::tstate::check_recursion;
use runtime::types::{Dict, Float, Int, List, Str, StrBuilder, Tuple, none};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Type, err, errors, intern};
use std::mem::offset_of;

#[derive(Traverse)]
#[repr(C)]
pub struct Encoder {
    head: ObjectHead,
    sort_keys: bool,
    skipkeys: bool,
    allow_nan: bool,
    markers: Owned,
    default: Owned,
    encoder: Owned,
    indent: Owned,
    key_separator: Owned<Str>,
    item_separator: Owned<Str>,
    /// The encoder of strings is one of ours: whether it gives ASCII only.
    #[traverse(skip)]
    ascii: Option<bool>,
}

/// Whether a function is `encode_basestring_ascii` (true) or `encode_basestring` (false) of this module.
fn own_function(function: &Object) -> PyResult<Option<bool>> {
    let module = runtime::import::import_module("_json")?;
    for (name, ascii) in [("encode_basestring_ascii", true), ("encode_basestring", false)] {
        if object::get_attr_str(&module, name)?.is(function) {
            return Ok(Some(ascii));
        }
    }
    Ok(None)
}

/// Encoder(markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)
#[pytype(static = Encoder_Type, name = "Encoder", module = "_json", flags = HAVE_GC, native, final,
    members = [("markers", T_OBJECT, offset_of!(Encoder, markers), READONLY, "markers"),
        ("default", T_OBJECT, offset_of!(Encoder, default), READONLY, "default"),
        ("encoder", T_OBJECT, offset_of!(Encoder, encoder), READONLY, "encoder"),
        ("indent", T_OBJECT, offset_of!(Encoder, indent), READONLY, "indent"),
        ("key_separator", T_OBJECT, offset_of!(Encoder, key_separator), READONLY, "key_separator"),
        ("item_separator", T_OBJECT, offset_of!(Encoder, item_separator), READONLY, "item_separator"),
        ("sort_keys", T_BOOL, offset_of!(Encoder, sort_keys), READONLY, "sort_keys"),
        ("skipkeys", T_BOOL, offset_of!(Encoder, skipkeys), READONLY, "skipkeys")])]
impl Encoder {
    #[slot("make_encoder(markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)")]
    #[allow(clippy::too_many_arguments)]
    fn tp_new(
        cls: &Type,
        markers: &Object,
        default: &Object,
        encoder: &Object,
        indent: &Object,
        key_separator: &Str,
        item_separator: &Str,
        sort_keys: bool,
        skipkeys: bool,
        allow_nan: bool,
    ) -> PyResult<Owned<Encoder>> {
        if !markers.is_none() && !markers.is_instance_of::<Dict>() {
            return Err(err!(TypeError, "make_encoder() argument 1 must be dict or None, not {}", markers.type_name()));
        }
        let value = Encoder {
            head: ObjectHead::placeholder(),
            sort_keys,
            skipkeys,
            allow_nan,
            markers: markers.to_owned(),
            default: default.to_owned(),
            encoder: encoder.to_owned(),
            indent: indent.to_owned(),
            key_separator: Owned::from_ref(key_separator),
            item_separator: Owned::from_ref(item_separator),
            ascii: own_function(encoder)?,
        };
        Self::construct(cls, value)
    }
    #[slot("_iterencode(obj, _current_indent_level)")]
    fn tp_call(&self, obj: &Object, _current_indent_level: isize) -> PyResult<Owned<Tuple>> {
        let mut out = StrBuilder::with_capacity(64);
        self.encode(&mut out, obj, _current_indent_level.max(0) as usize)?;
        Ok(Tuple::single(out.finish()?.into_object()))
    }
}

/// A type's name with its module, unless that is `builtins` or `__main__`.
fn full_name(ty: &Type) -> String {
    let part = |name: &'static Str| object::get_attr(ty, name).ok().and_then(|part| part.downcast::<Str>().map(|part| part.to_string()));
    let qualname = part(intern!("__qualname__"));
    let module = part(intern!("__module__"));
    match (module, qualname) {
        (_, None) => ty.name().to_string(),
        (Some(module), Some(qualname)) if module != "builtins" && module != "__main__" => format!("{module}.{qualname}"),
        (_, Some(qualname)) => qualname,
    }
}

/// Adds to the exception that is set what was being serialised.
#[cold]
fn note(container: &Object, item: std::fmt::Arguments<'_>) {
    let name = errors::preserve(|| full_name(container.ty()));
    errors::add_note(&format!("when serializing {name} {item}"));
}

impl Encoder {
    fn encode(&self, out: &mut StrBuilder, value: &Object, level: usize) -> PyResult<()> {
        if let Some(text) = value.downcast::<Str>() {
            return self.string(out, text);
        }
        if value.is_none() {
            out.push_ascii(b"null");
        } else if value.is(runtime::types::true_()) {
            out.push_ascii(b"true");
        } else if value.is(runtime::types::false_()) {
            out.push_ascii(b"false");
        } else if let Some(int) = value.downcast::<Int>() {
            push_int(out, int)?;
        } else if let Some(float) = value.downcast::<Float>() {
            out.push_str(&self.float(float, value)?);
        } else if value.is_instance_of::<List>() || value.is_instance_of::<Tuple>() {
            check_recursion(" while encoding a JSON object")?;
            self.array(out, value, level)?;
        } else if let Some(dict) = value.downcast::<Dict>() {
            check_recursion(" while encoding a JSON object")?;
            self.object(out, dict, level)?;
        } else {
            check_recursion(" while encoding a JSON object")?;
            let marker = self.enter(value)?;
            let other = call::call1(&self.default, value)?;
            if let Err(raised) = self.encode(out, &other, level) {
                note(value, format_args!("object"));
                return Err(raised);
            }
            self.leave(marker)?;
        }
        Ok(())
    }

    /// Remembers that the object is being encoded; refuses if it is already.
    fn enter(&self, value: &Object) -> PyResult<Option<Owned<Int>>> {
        let Some(markers) = self.markers.downcast::<Dict>() else { return Ok(None) };
        let key = Int::from_usize(value.as_ptr() as usize);
        if markers.contains(key.object())? {
            return Err(err!(ValueError, "Circular reference detected"));
        }
        markers.set_item(key.object(), value)?;
        Ok(Some(key))
    }
    fn leave(&self, marker: Option<Owned<Int>>) -> PyResult<()> {
        match (marker, self.markers.downcast::<Dict>()) {
            (Some(key), Some(markers)) => markers.del_item(key.object()),
            _ => Ok(()),
        }
    }

    fn string(&self, out: &mut StrBuilder, text: &Str) -> PyResult<()> {
        if let Some(ascii) = self.ascii {
            return encode_into(out, text, ascii);
        }
        let encoded = call::call1(&self.encoder, text)?;
        match encoded.downcast::<Str>() {
            Some(encoded) => out.push_str_object(encoded),
            None => Err(err!(TypeError, "encoder() must return a string, not {}", encoded.type_name())),
        }
    }

    fn float(&self, float: &Float, value: &Object) -> PyResult<String> {
        let number = float.value();
        if number.is_finite() {
            return Ok(runtime::types::float::repr_f64(number));
        }
        if !self.allow_nan {
            let shown = object::repr(value)?;
            return Err(err!(ValueError, "Out of range float values are not JSON compliant: {}", shown));
        }
        Ok(if number.is_nan() { "NaN" } else if number > 0.0 { "Infinity" } else { "-Infinity" }.to_string())
    }

    fn new_line(&self, out: &mut StrBuilder, level: usize) -> PyResult<()> {
        if let Some(indent) = self.indent.downcast::<Str>() {
            out.push_ascii(b"\n");
            for _ in 0..level {
                out.push_str_object(indent)?;
            }
        }
        Ok(())
    }

    fn array(&self, out: &mut StrBuilder, value: &Object, level: usize) -> PyResult<()> {
        let items = sequence::sequence_fast(value, "_iterencode_list needs a sequence")?;
        if sequence::fast_len(&items) == 0 {
            out.push_ascii(b"[]");
            return Ok(());
        }
        let marker = self.enter(value)?;
        out.push_ascii(b"[");
        self.new_line(out, level + 1)?;
        let mut at = 0;
        while at < sequence::fast_len(&items) {
            if at > 0 {
                out.push_str_object(&self.item_separator)?;
                self.new_line(out, level + 1)?;
            }
            let item = sequence::fast_item(&items, at);
            if let Err(raised) = self.encode(out, &item, level + 1) {
                note(value, format_args!("item {at}"));
                return Err(raised);
            }
            at += 1;
        }
        self.leave(marker)?;
        self.new_line(out, level)?;
        out.push_ascii(b"]");
        Ok(())
    }

    fn object(&self, out: &mut StrBuilder, dict: &Dict, level: usize) -> PyResult<()> {
        if dict.is_empty() {
            out.push_ascii(b"{}");
            return Ok(());
        }
        let marker = self.enter(dict)?;
        out.push_ascii(b"{");
        let mut first = true;
        if self.sort_keys || !dict.as_object().is_exact::<Dict>() {
            let items = mapping::items(dict)?;
            if self.sort_keys {
                runtime::types::list::sort(&items, None, false)?;
            }
            for item in items.iter() {
                let Some(pair) = item.downcast::<Tuple>().filter(|pair| pair.len() == 2) else {
                    return Err(err!(ValueError, "items must return 2-tuples"));
                };
                self.member(out, dict, pair.get(0), pair.get(1), level, &mut first)?;
            }
        } else {
            let mut position = 0;
            while let Some((key, value)) = dict.next(&mut position) {
                self.member(out, dict, &key, &value, level, &mut first)?;
            }
        }
        self.leave(marker)?;
        // All keys may have been skipped.
        if !first {
            self.new_line(out, level)?;
        }
        out.push_ascii(b"}");
        Ok(())
    }

    fn member(&self, out: &mut StrBuilder, dict: &Dict, key: &Object, value: &Object, level: usize, first: &mut bool) -> PyResult<()> {
        let name = if let Some(text) = key.downcast::<Str>() {
            Owned::from_ref(text)
        } else if let Some(float) = key.downcast::<Float>() {
            Str::new(&self.float(float, key)?)
        } else if key.is(runtime::types::true_()) {
            Str::new("true")
        } else if key.is(runtime::types::false_()) {
            Str::new("false")
        } else if key.is(none()) {
            Str::new("null")
        } else if let Some(int) = key.downcast::<Int>() {
            Str::new(&runtime::types::int::convert::to_decimal(int)?)
        } else if self.skipkeys {
            return Ok(());
        } else {
            return Err(err!(TypeError, "keys must be str, int, float, bool or None, not {}", key.type_name()));
        };
        if !std::mem::replace(first, false) {
            out.push_str_object(&self.item_separator)?;
        }
        self.new_line(out, level + 1)?;
        self.string(out, &name)?;
        out.push_str_object(&self.key_separator)?;
        if let Err(raised) = self.encode(out, value, level + 1) {
            let shown = errors::preserve(|| {
                let shown = object::repr(key).map(|shown| shown.to_string());
                errors::clear();
                shown
            });
            note(dict, format_args!("item {}", shown.unwrap_or_default()));
            return Err(raised);
        }
        Ok(())
    }
}

fn push_int(out: &mut StrBuilder, int: &Int) -> PyResult<()> {
    out.push_str(&runtime::types::int::convert::to_decimal(int)?);
    Ok(())
}
