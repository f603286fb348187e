//! Template strings (PEP 750): `string.templatelib.Template` and `Interpolation`.
//!
//! A template has one string more than interpolations; between two interpolations there may be an empty string.

use crate::err;
use crate::errors::{PyResult, bad_internal_call};
use crate::import;
use crate::intern;
use crate::object::{Object, ObjectHead, Owned, PyTyped, Type};
use crate::protocol::object::{self as protocol, self_iter};
use crate::types::type_methods::fully_qualified_name;
use crate::types::{self, Dict, GenericAlias, Str, StrBuilder, Tuple};
use macros::{Traverse, pytype};
use std::cell::Cell;
use std::mem::offset_of;

/// BUILD_TEMPLATE: of a tuple of strings and one of interpolations.
pub fn new_template(strings: &Object, interpolations: &Object) -> PyResult {
    match (strings.downcast::<Tuple>(), interpolations.downcast::<Tuple>()) {
        (Some(strings), Some(interpolations)) => Ok(Template::of(Owned::from_ref(strings), Owned::from_ref(interpolations))?.into_object()),
        _ => Err(bad_internal_call()),
    }
}

/// BUILD_INTERPOLATION: `conversion` is 0 (none), 1 str, 2 repr, 3 ascii.
pub fn new_interpolation(value: &Object, expression: &Object, conversion: usize, spec: Option<&Object>) -> PyResult {
    let conversion = match conversion {
        0 => types::none().to_owned(),
        1 => Str::latin1_char(b's').to_owned(),
        2 => Str::latin1_char(b'r').to_owned(),
        3 => Str::latin1_char(b'a').to_owned(),
        other => return Err(err!(SystemError, "Interpolation() argument 'conversion' must be one of 's', 'a' or 'r', got {}", other)),
    };
    let spec = spec.map_or_else(|| Str::empty().to_owned(), Object::to_owned);
    Ok(Interpolation::of(value, expression.to_owned(), conversion, spec)?.into_object())
}

/// Gives Interpolation its `__match_args__`.
pub fn finish_types() -> PyResult<()> {
    let names = ["value", "expression", "conversion", "format_spec"].map(|name| Str::intern(Str::new(name)).into_object());
    types::type_object::set_in_dict(Interpolation::type_object(), intern!("__match_args__"), &*Tuple::from_owned(names.into()))
}

// ---- Interpolation -----------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct Interpolation {
    head: ObjectHead,
    value: Cell<Option<Owned>>,
    expression: Cell<Option<Owned>>,
    conversion: Cell<Option<Owned>>,
    format_spec: Cell<Option<Owned>>,
}

impl Interpolation {
    fn of(value: &Object, expression: Owned, conversion: Owned, format_spec: Owned) -> PyResult<Owned<Interpolation>> {
        let new = Interpolation {
            head: ObjectHead::placeholder(),
            value: Cell::new(Some(value.to_owned())),
            expression: Cell::new(Some(expression)),
            conversion: Cell::new(Some(conversion)),
            format_spec: Cell::new(Some(format_spec)),
        };
        Self::construct(Self::type_object(), new)
    }
    fn fields(&self) -> [Owned; 4] {
        [&self.value, &self.expression, &self.conversion, &self.format_spec].map(field)
    }
}

/// What a cell holds; None after the collector cleared it.
fn field(cell: &Cell<Option<Owned>>) -> Owned {
    // SAFETY: cloned at once; no code runs meanwhile.
    unsafe { (*cell.as_ptr()).clone() }.unwrap_or_else(|| types::none().to_owned())
}

/// Interpolation object
#[pytype(static = _PyInterpolation_Type, name = "Interpolation", module = "string.templatelib", flags = HAVE_GC, native,
    members = [("value", T_OBJECT, offset_of!(Interpolation, value), READONLY, "Value"),
        ("expression", T_OBJECT, offset_of!(Interpolation, expression), READONLY, "Expression"),
        ("conversion", T_OBJECT, offset_of!(Interpolation, conversion), READONLY, "Conversion"),
        ("format_spec", T_OBJECT, offset_of!(Interpolation, format_spec), READONLY, "Format specifier")])]
impl Interpolation {
    #[slot("Interpolation(value, expression='', conversion=None, format_spec='')")]
    fn tp_new(
        _cls: &Type,
        value: &Object,
        expression: Option<&Str>,
        conversion: Option<&Object>,
        format_spec: Option<&Str>,
    ) -> PyResult<Owned<Interpolation>> {
        let conversion = conversion.unwrap_or(types::none());
        if !conversion.is_none() {
            let Some(text) = conversion.downcast::<Str>() else {
                return Err(err!(TypeError, "Interpolation() argument 'conversion' must be str, not {}", conversion.type_name()));
            };
            if !["s", "a", "r"].iter().any(|known| text.eq_str(known)) {
                return Err(err!(ValueError, "Interpolation() argument 'conversion' must be one of 's', 'a' or 'r'"));
            }
        }
        let text = |text: Option<&Str>| text.unwrap_or(Str::empty()).to_owned();
        Interpolation::of(value, text(expression), conversion.to_owned(), text(format_spec))
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let mut text = StrBuilder::new();
        text.push_str(self.as_object().ty().short_name());
        for (i, value) in self.fields().iter().enumerate() {
            text.push_str(if i == 0 { "(" } else { ", " });
            text.push_str_object(&*protocol::repr(value)?)?;
        }
        text.push_str(")");
        text.finish()
    }
    /// __reduce__() -> (cls, state)
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> PyResult<Owned<Tuple>> {
        Ok(Tuple::pair(self.as_object().ty().to_owned(), Tuple::from_owned(self.fields().into()).into_object()))
    }
    /// Interpolations are generic over the types of their values
    #[classmethod("__class_getitem__($type, object, /)")]
    fn class_getitem(cls: &Type, object: &Object) -> PyResult {
        GenericAlias::make(cls, object)
    }
}

// ---- Template ----------------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct Template {
    head: ObjectHead,
    strings: Cell<Option<Owned<Tuple>>>,
    interpolations: Cell<Option<Owned<Tuple>>>,
}

impl Template {
    fn of(strings: Owned<Tuple>, interpolations: Owned<Tuple>) -> PyResult<Owned<Template>> {
        let new = Template { head: ObjectHead::placeholder(), strings: Cell::new(Some(strings)), interpolations: Cell::new(Some(interpolations)) };
        Self::construct(Self::type_object(), new)
    }
    fn strings(&self) -> Owned<Tuple> {
        part(&self.strings)
    }
    fn interpolations(&self) -> Owned<Tuple> {
        part(&self.interpolations)
    }
    fn concat(&self, other: &Template) -> PyResult<Owned<Template>> {
        let (left, right) = (self.strings(), other.strings());
        let mut strings: Vec<Owned> = left.iter().map(Object::to_owned).collect();
        let mut rest = right.iter();
        let (Some(last), Some(first)) = (strings.pop(), rest.next()) else { return Err(bad_internal_call()) };
        let (Some(last), Some(first)) = (last.downcast::<Str>(), first.downcast::<Str>()) else { return Err(bad_internal_call()) };
        strings.push(Str::concat(last, first)?.into_object());
        strings.extend(rest.map(Object::to_owned));
        let interpolations = self.interpolations().iter().chain(other.interpolations().iter()).map(Object::to_owned).collect();
        Template::of(Tuple::from_owned(strings), Tuple::from_owned(interpolations))
    }
}

fn part(cell: &Cell<Option<Owned<Tuple>>>) -> Owned<Tuple> {
    // SAFETY: cloned at once; no code runs meanwhile.
    unsafe { (*cell.as_ptr()).clone() }.unwrap_or_else(Tuple::empty)
}

/// Template object
#[pytype(static = _PyTemplate_Type, name = "Template", module = "string.templatelib", flags = HAVE_GC, native,
    members = [("strings", T_OBJECT, offset_of!(Template, strings), READONLY, "Strings"),
        ("interpolations", T_OBJECT, offset_of!(Template, interpolations), READONLY, "Interpolations")])]
impl Template {
    #[slot]
    fn tp_new(_cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<Owned<Template>> {
        if kwargs.is_some_and(|kwargs| !kwargs.is_empty()) {
            return Err(err!(TypeError, "Template.__new__ only accepts *args arguments"));
        }
        let (mut strings, mut interpolations) = (Vec::new(), Vec::new());
        let mut text = Owned::from_ref(Str::empty());
        for arg in args.iter() {
            if let Some(more) = arg.downcast::<Str>() {
                text = Str::concat(&text, more)?;
            } else if arg.is_exact::<Interpolation>() {
                strings.push(std::mem::replace(&mut text, Owned::from_ref(Str::empty())).into_object());
                interpolations.push(arg.to_owned());
            } else {
                return Err(err!(
                    TypeError,
                    "Template.__new__ *args need to be of type 'str' or 'Interpolation', got {}",
                    fully_qualified_name(arg.ty())?
                ));
            }
        }
        strings.push(text.into_object());
        Template::of(Tuple::from_owned(strings), Tuple::from_owned(interpolations))
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let mut text = StrBuilder::new();
        text.push_str(self.as_object().ty().short_name());
        text.push_str("(strings=");
        text.push_str_object(&*protocol::repr(&*self.strings())?)?;
        text.push_str(", interpolations=");
        text.push_str_object(&*protocol::repr(&*self.interpolations())?)?;
        text.push_str(")");
        text.finish()
    }
    #[slot]
    fn tp_iter(&self) -> PyResult<Owned<TemplateIterator>> {
        let new = TemplateIterator {
            head: ObjectHead::placeholder(),
            strings: Cell::new(Some(self.strings())),
            interpolations: Cell::new(Some(self.interpolations())),
            index: Cell::new(0),
        };
        TemplateIterator::construct(TemplateIterator::type_object(), new)
    }
    #[slot]
    fn sq_concat(a: &Object, b: &Object) -> PyResult<Owned<Template>> {
        match (a.downcast_exact::<Template>(), b.downcast_exact::<Template>()) {
            (Some(a), Some(b)) => a.concat(b),
            _ => Err(err!(
                TypeError,
                "can only concatenate {} (not \"{}\") to {}",
                fully_qualified_name(a.ty())?,
                fully_qualified_name(b.ty())?,
                fully_qualified_name(a.ty())?
            )),
        }
    }
    /// Values of interpolations
    #[getter]
    fn values(&self) -> PyResult<Owned<Tuple>> {
        let values = self.interpolations().iter().map(|i| i.downcast_exact::<Interpolation>().map_or_else(|| i.to_owned(), |i| field(&i.value))).collect();
        Ok(Tuple::from_owned(values))
    }
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> PyResult<Owned<Tuple>> {
        let module = import::import_module("string.templatelib")?;
        let function = protocol::get_attr_str(&module, "_template_unpickle")?;
        Ok(Tuple::pair(function, Tuple::pair(self.strings().into_object(), self.interpolations().into_object()).into_object()))
    }
    /// Template supports [] for generic usage
    #[classmethod("__class_getitem__($type, object, /)")]
    fn class_getitem(cls: &Type, object: &Object) -> PyResult {
        GenericAlias::make(cls, object)
    }
}

/// Strings (those that are not empty) and interpolations in turn.
#[derive(Traverse)]
#[repr(C)]
pub struct TemplateIterator {
    head: ObjectHead,
    strings: Cell<Option<Owned<Tuple>>>,
    interpolations: Cell<Option<Owned<Tuple>>>,
    /// Even: half of it is the next string's index; odd: the next interpolation's.
    index: Cell<usize>,
}

/// Template iterator object
#[pytype(static = _PyTemplateIter_Type, name = "TemplateIter", module = "string.templatelib", flags = HAVE_GC | DISALLOW_INSTANTIATION, native)]
impl TemplateIterator {
    #[slot]
    fn tp_iter(&self) -> PyResult {
        Ok(self_iter(self.as_object()))
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        loop {
            let index = self.index.get();
            let items = part(if index % 2 == 0 { &self.strings } else { &self.interpolations });
            let Some(item) = items.get_opt(index / 2) else { return Ok(None) };
            self.index.set(index + 1);
            if index % 2 == 1 || item.downcast::<Str>().is_none_or(|text| !text.is_empty()) {
                return Ok(Some(item.to_owned()));
            }
        }
    }
}
