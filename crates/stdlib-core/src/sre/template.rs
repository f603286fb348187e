//! Replacement templates: literals with groups between them.

use super::pattern::{Pattern, is_literal};
use super::target::{Target, join};
use macros::{Traverse, pytype};
use runtime::protocol::{call, object};
use runtime::types::{Bytes, Int, List, Str};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Raised, err, errors};

#[derive(Traverse)]
#[repr(C)]
pub struct Template {
    head: ObjectHead,
    literal: Owned,
    /// Groups, each with the literal behind it (`None`: empty).
    #[traverse(skip)]
    chunks: Vec<(usize, Option<Owned>)>,
}

#[pytype(static = Template_Type, name = "SRE_Template", module = "_sre", flags = HAVE_GC | DISALLOW_INSTANTIATION | IMMUTABLETYPE, native, final)]
impl Template {}

#[cold]
fn invalid() -> Raised {
    err!(TypeError, "invalid template")
}

impl Template {
    /// A template of `[literal, group, literal, group, ..., literal]`.
    pub fn make(parts: &List) -> PyResult<Owned<Template>> {
        let parts = parts.to_vec();
        let Some((literal, rest)) = parts.split_first() else { return Err(invalid()) };
        if rest.len() % 2 != 0 {
            return Err(invalid());
        }
        let mut chunks = Vec::with_capacity(rest.len() / 2);
        for pair in rest.chunks_exact(2) {
            let Some(group) = pair[0].downcast::<Int>() else { return Err(err!(TypeError, "an integer is required")) };
            let group = group.as_i64().and_then(|group| usize::try_from(group).ok()).ok_or_else(invalid)?;
            let is_empty = match (pair[1].downcast::<Str>(), pair[1].downcast::<Bytes>()) {
                (Some(text), _) => text.is_empty(),
                (_, Some(bytes)) => bytes.len() == 0,
                _ => false,
            };
            chunks.push((group, (!is_empty).then(|| pair[1].clone())));
        }
        Self::construct(Self::type_object(), Template { head: ObjectHead::placeholder(), literal: literal.clone(), chunks })
    }

    /// The text, with what `group` gives for groups.
    pub fn expand(&self, is_bytes: bool, mut group: impl FnMut(usize) -> PyResult<Option<Owned>>) -> PyResult {
        if self.chunks.is_empty() {
            return Ok(self.literal.clone());
        }
        let mut parts = Vec::with_capacity(2 * self.chunks.len() + 1);
        parts.push(self.literal.clone());
        for (number, literal) in &self.chunks {
            parts.extend(group(*number)?);
            parts.extend(literal.clone());
        }
        join(is_bytes, parts)
    }
}

/// What matches are replaced with.
pub enum Replacement {
    Literal(Owned),
    Template(Owned<Template>),
    Call(Owned),
}

/// The replacement that a template that is not callable stands for.
pub fn replacement(pattern: &Pattern, template: &Object) -> PyResult<Replacement> {
    if is_literal(template) {
        return Ok(Replacement::Literal(template.to_owned()));
    }
    compile_template(pattern, template)
}

/// Has `re` parse the template (which it caches).
pub fn compile_template(pattern: &Pattern, template: &Object) -> PyResult<Replacement> {
    let module = runtime::import::import_module("re")?;
    let function = object::get_attr_str(&module, "_compile_template")?;
    let made = match call::call_args(&function, &[pattern.as_object(), template]) {
        Ok(made) => made,
        Err(raised) => {
            // An unhashable template cannot be cached; bytes with the same contents can.
            if !errors::matches(runtime::exceptions::TypeError()) || template.is_instance_of::<Str>() || object_is_hashable(template) {
                return Err(raised);
            }
            let error = errors::take();
            let Ok(target) = Target::new(template) else {
                errors::clear();
                return Err(error.map_or(raised, errors::restore));
            };
            let copy = target.slice(0, target.len())?;
            call::call_args(&function, &[pattern.as_object(), &copy])?
        }
    };
    match made.try_into_typed::<Template>() {
        Ok(template) if template.chunks.is_empty() => Ok(Replacement::Literal(template.literal.clone())),
        Ok(template) => Ok(Replacement::Template(template)),
        Err(other) if object::is_callable(&other) => Ok(Replacement::Call(other)),
        Err(other) => Ok(Replacement::Literal(other)),
    }
}

/// Whether hashing works, without an exception being left.
fn object_is_hashable(template: &Object) -> bool {
    errors::preserve(|| {
        let hashable = object::hash(template).is_ok();
        errors::clear();
        hashable
    })
}
