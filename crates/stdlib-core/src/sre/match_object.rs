//! `re.Match`: a match and its groups.

use super::engine::Machine;
use super::pattern::{Pattern, Span, expand_template, group_number};
use super::target::Target;
use super::template::Replacement;
use macros::{Traverse, pytype};
use runtime::macro_support::Args;
use runtime::protocol::call;
use runtime::protocol::object::repr;
use runtime::types::{Dict, GenericAlias, Int, Str, StrBuilder, Tuple, none};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Raised, Type, err};
use std::cell::OnceCell;
use std::mem::offset_of;

#[derive(Traverse)]
#[repr(C)]
pub struct Match {
    head: ObjectHead,
    string: Owned,
    pattern: Owned<Pattern>,
    pos: isize,
    endpos: isize,
    lastindex: usize,
    #[traverse(skip)]
    span: Span,
    /// Start and end of each group from 1 on.
    #[traverse(skip)]
    groups: Box<[Option<Span>]>,
    regs: OnceCell<Owned<Tuple>>,
}

#[cold]
pub fn no_such_group() -> Raised {
    err!(IndexError, "no such group")
}

impl Match {
    /// The match object for what the machine has just matched.
    pub fn make(pattern: &Pattern, string: &Object, machine: &Machine, span: Span, whole: (usize, usize)) -> PyResult<Owned<Match>> {
        let groups = (1..=pattern.groups as usize).map(|group| machine.group(group)).collect();
        let value = Match {
            head: ObjectHead::placeholder(),
            string: string.to_owned(),
            pattern: Owned::from_ref(pattern),
            pos: whole.0 as isize,
            endpos: whole.1 as isize,
            lastindex: machine.lastindex,
            span,
            groups,
            regs: OnceCell::new(),
        };
        Self::construct(Self::type_object(), value)
    }

    fn number(&self, group: Option<&Object>) -> PyResult<usize> {
        match group {
            None => Ok(0),
            Some(group) => group_number(&self.pattern, group)?.ok_or_else(no_such_group),
        }
    }
    fn span_of(&self, group: usize) -> Option<Span> {
        if group == 0 { Some(self.span) } else { self.groups.get(group - 1).copied().flatten() }
    }
    fn text_of(&self, group: usize, default: &Object) -> PyResult {
        match self.span_of(group) {
            Some((start, end)) => match self.string.downcast::<Str>() {
                Some(text) => Ok(text.substring(start.min(text.len()), end.min(text.len()))?.into_object()),
                None => Target::new(&self.string)?.slice(start, end),
            },
            None => Ok(default.to_owned()),
        }
    }
    fn text(&self, group: &Object) -> PyResult {
        self.text_of(self.number(Some(group))?, none())
    }
}

fn bounds_of(span: Option<Span>) -> (isize, isize) {
    span.map_or((-1, -1), |(start, end)| (start as isize, end as isize))
}
fn pair(span: Option<Span>) -> Owned {
    let (start, end) = bounds_of(span);
    Tuple::pair(Int::from_i64(start as i64).into_object(), Int::from_i64(end as i64).into_object()).into_object()
}

/// The result of re.match() and re.search().
/// Match objects always have a boolean value of True.
#[pytype(static = Match_Type, name = "Match", module = "re", flags = HAVE_GC | DISALLOW_INSTANTIATION | IMMUTABLETYPE, native, final,
    members = [("string", T_OBJECT, offset_of!(Match, string), READONLY, "The string passed to match() or search()."),
        ("re", T_OBJECT, offset_of!(Match, pattern), READONLY, "The regular expression object."),
        ("pos", T_PYSSIZET, offset_of!(Match, pos), READONLY, "The index into the string at which the RE engine started looking for a match."),
        ("endpos", T_PYSSIZET, offset_of!(Match, endpos), READONLY, "The index into the string beyond which the RE engine will not go.")])]
impl Match {
    /// group([group1, ...]) -> str or tuple.
    ///     The text of groups, given by numbers or names.
    ///     Group 0 is the entire match.
    #[method("group($self, *args)", nosig)]
    fn group(&self, args: Args<'_>) -> PyResult {
        match args {
            [] => self.text_of(0, none()),
            [group] => self.text(group),
            groups => {
                let texts = groups.iter().map(|group| self.text(group)).collect::<PyResult<Vec<Owned>>>()?;
                Ok(Tuple::from_owned(texts).into_object())
            }
        }
    }
    /// Return index of the start of the substring matched by group.
    #[method("start($self, group=0, /)")]
    fn start(&self, group: Option<&Object>) -> PyResult<isize> {
        Ok(bounds_of(self.span_of(self.number(group)?)).0)
    }
    /// Return index of the end of the substring matched by group.
    #[method("end($self, group=0, /)")]
    fn end(&self, group: Option<&Object>) -> PyResult<isize> {
        Ok(bounds_of(self.span_of(self.number(group)?)).1)
    }
    /// For match object m, return the 2-tuple (m.start(group), m.end(group)).
    #[method("span($self, group=0, /)")]
    fn span(&self, group: Option<&Object>) -> PyResult {
        Ok(pair(self.span_of(self.number(group)?)))
    }
    /// All groups of the match, from 1 on, as a tuple.
    ///
    ///   default
    ///     Stands for groups that did not take part in the match.
    #[method("groups($self, /, default=None)")]
    fn groups(&self, default: Option<&Object>) -> PyResult {
        let default = default.unwrap_or(none());
        let texts = (1..=self.groups.len()).map(|group| self.text_of(group, default)).collect::<PyResult<Vec<Owned>>>()?;
        Ok(Tuple::from_owned(texts).into_object())
    }
    /// All named groups of the match, as a dictionary with their names as keys.
    ///
    ///   default
    ///     Stands for groups that did not take part in the match.
    #[method("groupdict($self, /, default=None)")]
    fn groupdict(&self, default: Option<&Object>) -> PyResult<Owned<Dict>> {
        let default = default.unwrap_or(none());
        let texts = Dict::new();
        let mut position = 0;
        while let Some((name, number)) = self.pattern.groupindex.next(&mut position) {
            let number = group_number(&self.pattern, &number)?.ok_or_else(no_such_group)?;
            texts.set_item(&name, &*self.text_of(number, default)?)?;
        }
        Ok(texts)
    }
    /// The template with its backslash escapes replaced, as the sub() method does it.
    #[method("expand($self, /, template)")]
    fn expand(&self, template: &Object) -> PyResult {
        match expand_template(&self.pattern, template)? {
            Replacement::Literal(literal) => Ok(literal),
            Replacement::Call(function) => call::call1(&function, self.as_object()),
            Replacement::Template(template) => template.expand(!self.string.is_instance_of::<Str>(), |group| {
                if group > self.groups.len() {
                    return Err(no_such_group());
                }
                match self.span_of(group) {
                    Some(_) => Ok(Some(self.text_of(group, none())?)),
                    None => Ok(None),
                }
            }),
        }
    }
    #[method("__copy__($self, /)")]
    fn copy(&self) -> Owned<Match> {
        Owned::from_ref(self)
    }
    #[method("__deepcopy__($self, memo, /)")]
    fn deepcopy(&self, _memo: &Object) -> Owned<Match> {
        Owned::from_ref(self)
    }
    /// Matches are generic over the type of string which was matched (str or bytes)
    #[classmethod("__class_getitem__($type, object, /)")]
    fn class_getitem(cls: &Type, object: &Object) -> PyResult {
        GenericAlias::make(cls, object)
    }
    /// The integer index of the last matched capturing group.
    #[getter]
    fn lastindex(&self) -> Option<usize> {
        (self.lastindex > 0).then_some(self.lastindex)
    }
    /// The name of the last matched capturing group.
    #[getter]
    fn lastgroup(&self) -> Option<Owned> {
        if self.lastindex == 0 {
            return None;
        }
        self.pattern.indexgroup.get_opt(self.lastindex).map(Object::to_owned)
    }
    #[getter]
    fn regs(&self) -> Owned<Tuple> {
        let regs = self.regs.get_or_init(|| Tuple::from_owned((0..=self.groups.len()).map(|group| pair(self.span_of(group))).collect()));
        regs.clone()
    }

    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let text = repr(&*self.text_of(0, none())?)?;
        let mut out = StrBuilder::new();
        out.push_str(&format!("<{} object; span=({}, {}), match=", self.as_object().type_name(), self.span.0, self.span.1));
        out.push_str_object(&text)?;
        out.push_str(">");
        out.finish()
    }
    #[slot]
    fn mp_subscript(&self, key: &Object) -> PyResult {
        self.text(key)
    }
}
