//! `_string`: the parsers of `str.format`, for `string.Formatter`.

use crate::err;
use crate::errors::PyResult;
use crate::format::template::{Span, Step, Template, first_part, integer, next_step};
use crate::object::{Object, ObjectHead, Owned, PyTyped};
use crate::protocol::object::self_iter;
use crate::types::{Int, Str, Tuple, bool_object, none, type_ready};
use macros::{pymodule, pytype};
use std::cell::Cell;

/// Goes through the literals and fields of a template.
#[repr(C)]
pub struct FormatterIterator {
    head: ObjectHead,
    text: Owned<Str>,
    at: Cell<usize>,
}

fn part(text: &Str, span: Span) -> PyResult {
    Ok(text.substring(span.start, span.end)?.into_object())
}

#[pytype(static = FORMATTER_ITERATOR, name = "formatteriterator", flags = DISALLOW_INSTANTIATION, native)]
impl FormatterIterator {
    #[slot]
    fn tp_iter(&self) -> PyResult {
        Ok(self_iter(self.as_object()))
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned<Tuple>>> {
        let text = &*self.text;
        let mut template = Template::new(text.text(), Span { start: self.at.get(), end: text.len() });
        let next = template.next();
        self.at.set(template.position());
        let Some((literal, field)) = next? else { return Ok(None) };
        let absent = || none().to_owned();
        let literal = part(text, literal)?;
        let items = match field {
            None => vec![literal, absent(), absent(), absent()],
            Some(field) => {
                let conversion = match field.conversion {
                    Some(c) => Str::from_char(c)?.into_object(),
                    None => absent(),
                };
                vec![literal, part(text, field.name)?, part(text, field.spec)?, conversion]
            }
        };
        Ok(Some(Tuple::from_owned(items)))
    }
}

/// Goes through the steps of a field name.
#[repr(C)]
pub struct FieldNameIterator {
    head: ObjectHead,
    text: Owned<Str>,
    at: Cell<usize>,
}

#[pytype(static = FIELD_NAME_ITERATOR, name = "fieldnameiterator", flags = DISALLOW_INSTANTIATION, native)]
impl FieldNameIterator {
    #[slot]
    fn tp_iter(&self) -> PyResult {
        Ok(self_iter(self.as_object()))
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned<Tuple>>> {
        let text = self.text.text();
        let mut at = self.at.get();
        let step = next_step(text, &mut at, text.len());
        self.at.set(at);
        let (is_attribute, span) = match step? {
            None => return Ok(None),
            Some(Step::Attribute(span)) => (true, span),
            Some(Step::Item(span)) => (false, span),
        };
        let index = if is_attribute { None } else { integer(text, span)? };
        let key = match index {
            Some(index) => Int::from_usize(index).into_object(),
            None => part(&self.text, span)?,
        };
        Ok(Some(Tuple::pair(bool_object(is_attribute).to_owned(), key)))
    }
}

fn text_of(object: &Object) -> PyResult<Owned<Str>> {
    match object.downcast::<Str>() {
        Some(text) => Ok(Owned::from_ref(text)),
        None => Err(err!(TypeError, "expected str, got {}", object.type_name())),
    }
}

/// string helper module
#[pymodule(name = "_string")]
pub mod string_module {
    use super::*;

    #[exec]
    fn exec(_module: &crate::types::Module) -> PyResult<()> {
        type_ready(FormatterIterator::type_object())?;
        type_ready(FieldNameIterator::type_object())
    }

    /// split the argument as a field name
    #[function("formatter_field_name_split($self, object, /)")]
    fn formatter_field_name_split(object: &Object) -> PyResult<Owned<Tuple>> {
        let text = text_of(object)?;
        let all = Span { start: 0, end: text.len() };
        let first = first_part(text.text(), all);
        let head = match integer(text.text(), first)? {
            Some(index) => Int::from_usize(index).into_object(),
            None => part(&text, first)?,
        };
        let rest = FieldNameIterator { head: ObjectHead::placeholder(), text, at: Cell::new(first.end) };
        Ok(Tuple::pair(head, FieldNameIterator::construct(FieldNameIterator::type_object(), rest)?.into_object()))
    }
    /// parse the argument as a format string
    #[function("formatter_parser($self, object, /)")]
    fn formatter_parser(object: &Object) -> PyResult<Owned<FormatterIterator>> {
        let text = text_of(object)?;
        FormatterIterator::construct(
            FormatterIterator::type_object(),
            FormatterIterator { head: ObjectHead::placeholder(), text, at: Cell::new(0) },
        )
    }
}
