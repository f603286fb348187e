//! `re.Pattern`: a compiled pattern, and what can be done with it.

use super::engine::{Limits, Machine, UNSET};
use super::match_object::Match;
use super::program::Program;
use super::scanner::Scanner;
use super::target::Target;
use super::template::{Replacement, compile_template};
use super::{search, template};
use macros::{Traverse, pytype};
use runtime::macro_support::PyObject;
use runtime::protocol::object::{CompareOp, hash, not_implemented, repr, rich_compare_bool};
use runtime::protocol::{call, object};
use runtime::types::seq_iter::CallableIterator;
use runtime::types::{Bytes, Dict, GenericAlias, Int, List, MappingProxy, Str, StrBuilder, Tuple, none};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Type, with_text};
use std::cell::Cell;
use std::mem::offset_of;

#[derive(Traverse)]
#[repr(C)]
pub struct Pattern {
    head: ObjectHead,
    pub groups: isize,
    pub flags: i32,
    pub pattern: Owned,
    pub groupindex: Owned<Dict>,
    pub indexgroup: Owned<Tuple>,
    weakrefs: Cell<*mut PyObject>,
    #[traverse(skip)]
    is_bytes: Option<bool>,
    code: Vec<u32>,
    #[traverse(skip)]
    /// Boxed: it may want more alignment than objects have.
    pub program: Box<Program>,
    /// The engine's memory while nobody matches.
    #[traverse(skip)]
    machine: Cell<Option<Box<Machine>>>,
}

/// A match: where it is. The groups are in the machine.
pub type Span = (usize, usize);

/// How the next match may begin.
#[derive(Clone, Copy)]
pub struct Bounds {
    pub from: usize,
    pub end: usize,
    /// The match may not be empty and at `from`.
    pub advance: bool,
}

impl Bounds {
    pub fn new(target: &Target, pos: isize, endpos: isize) -> Bounds {
        let len = target.len() as isize;
        Bounds { from: pos.clamp(0, len) as usize, end: endpos.clamp(0, len) as usize, advance: false }
    }
    /// Goes on behind a match.
    pub fn step(&mut self, (start, end): Span) {
        self.advance = start == end;
        self.from = end;
    }
}

#[derive(Clone, Copy)]
pub enum How {
    Search,
    Match,
    FullMatch,
}

impl Pattern {
    pub fn make(
        pattern: &Object,
        flags: i32,
        groups: isize,
        groupindex: &Dict,
        indexgroup: &Tuple,
        code: Vec<u32>,
        program: Program,
    ) -> PyResult<Owned<Pattern>> {
        let is_bytes = if pattern.is_none() { None } else { Some(Target::new(pattern)?.is_bytes()) };
        let value = Pattern {
            head: ObjectHead::placeholder(),
            groups,
            flags,
            pattern: pattern.to_owned(),
            groupindex: Owned::from_ref(groupindex),
            indexgroup: Owned::from_ref(indexgroup),
            weakrefs: Cell::new(std::ptr::null_mut()),
            is_bytes,
            code,
            program: Box::new(program),
            machine: Cell::new(None),
        };
        Self::construct(Self::type_object(), value)
    }
    pub fn is_bytes(&self) -> Option<bool> {
        self.is_bytes
    }

    /// Runs `f` with the engine's memory.
    fn with_machine<T>(&self, f: impl FnOnce(&mut Machine) -> PyResult<T>) -> PyResult<T> {
        let mut machine = self.machine.take().unwrap_or_else(|| Box::new(Machine::new(&self.program, self.groups as usize)));
        let result = f(&mut machine);
        machine.forget_deep_stack();
        self.machine.set(Some(machine));
        result
    }

    /// Finds a match; the groups are left in the machine.
    fn find(&self, machine: &mut Machine, target: &Target, bounds: Bounds, how: How) -> PyResult<Option<Span>> {
        let text = target.text();
        let text = text.slice(0, bounds.end.min(text.len()));
        let limits = Limits { whole: matches!(how, How::FullMatch), not_at: if bounds.advance { bounds.from } else { UNSET } };
        with_text!(text, s => match how {
            How::Search => search::search(&self.program, machine, s, bounds.from, bounds.advance),
            _ => Ok(search::match_at(&self.program, machine, s, bounds.from, limits)?.map(|end| (bounds.from, end))),
        })
    }

    /// Finds a match and makes a match object of it.
    pub fn match_object(&self, target: &Target, bounds: Bounds, how: How, whole: (usize, usize)) -> PyResult<Option<(Span, Owned<Match>)>> {
        self.with_machine(|machine| match self.find(machine, target, bounds, how)? {
            Some(span) => Ok(Some((span, Match::make(self, target.object(), machine, span, whole)?))),
            None => Ok(None),
        })
    }

    fn match_or_none(&self, string: &Object, pos: isize, endpos: isize, how: How) -> PyResult<Option<Owned<Match>>> {
        let target = Target::of(self, string)?;
        let bounds = Bounds::new(&target, pos, endpos);
        Ok(self.match_object(&target, bounds, how, (bounds.from, bounds.end))?.map(|(_, found)| found))
    }

    /// Runs `f` for each match, as long as it says so.
    fn each(&self, target: &Target, mut bounds: Bounds, mut f: impl FnMut(&Machine, Span) -> PyResult<bool>) -> PyResult<()> {
        self.with_machine(|machine| {
            while let Some(span) = self.find(machine, target, bounds, How::Search)? {
                if !f(machine, span)? {
                    break;
                }
                bounds.step(span);
            }
            Ok(())
        })
    }

    /// `sub` and `subn`: the new string and the number of replacements.
    fn substitute(&self, repl: &Object, string: &Object, count: isize) -> PyResult<(Owned, usize)> {
        let replacement = if object::is_callable(repl) { Replacement::Call(repl.to_owned()) } else { template::replacement(self, repl)? };
        let target = Target::of(self, string)?;
        let bounds = Bounds::new(&target, 0, isize::MAX);
        let limit = if count <= 0 { usize::MAX } else { count as usize };
        if let Replacement::Literal(literal) = &replacement
            && !target.is_bytes()
            && let (Some(literal), Some(text)) = (literal.downcast::<Str>(), target.object().downcast::<Str>())
        {
            return self.substitute_text(&target, text, literal, bounds, limit);
        }
        let whole = (0, bounds.end);
        let mut parts = Vec::new();
        let (mut at, mut made) = (0, 0);
        let mut copy_and_add = |span: Span, item: Option<Owned>| -> PyResult<()> {
            if at < span.0 {
                parts.push(target.slice(at, span.0)?);
            }
            parts.extend(item.filter(|item| !item.is_none()));
            at = span.1;
            Ok(())
        };
        match &replacement {
            Replacement::Literal(literal) => self.each(&target, bounds, |_, span| {
                copy_and_add(span, Some(literal.clone()))?;
                made += 1;
                Ok(made < limit)
            })?,
            Replacement::Template(template) => self.each(&target, bounds, |machine, span| {
                let item = template.expand(target.is_bytes(), |group| machine_group(machine, self, span, group, &target))?;
                copy_and_add(span, Some(item))?;
                made += 1;
                Ok(made < limit)
            })?,
            Replacement::Call(function) => {
                // The function may use the pattern again: the machine is given back before each call.
                let mut bounds = bounds;
                while made < limit
                    && let Some((span, found)) = self.match_object(&target, bounds, How::Search, whole)?
                {
                    let item = call::call1(function, found.object())?;
                    copy_and_add(span, Some(item))?;
                    made += 1;
                    bounds.step(span);
                }
            }
        }
        if at < bounds.end {
            parts.push(target.slice(at, bounds.end)?);
        }
        Ok((target.join(parts)?, made))
    }

    /// A literal replacement in a str: built in place.
    fn substitute_text(&self, target: &Target, text: &Str, literal: &Str, bounds: Bounds, limit: usize) -> PyResult<(Owned, usize)> {
        let mut out: Option<StrBuilder> = None;
        let (mut at, mut made) = (0, 0);
        self.each(target, bounds, |_, span| {
            let out = out.get_or_insert_with(|| StrBuilder::with_capacity(text.len()));
            out.push_text(text.text().slice(at, span.0))?;
            out.push_text(literal.text())?;
            at = span.1;
            made += 1;
            Ok(made < limit)
        })?;
        let Some(mut out) = out else { return Ok((target.slice(0, bounds.end)?, 0)) };
        out.push_text(text.text().slice(at, bounds.end))?;
        Ok((out.finish()?.into_object(), made))
    }
}

/// A group's text right after a match; an empty one if it has none.
fn machine_group(machine: &Machine, pattern: &Pattern, span: Span, group: usize, target: &Target) -> PyResult<Option<Owned>> {
    if group == 0 {
        return Ok(Some(target.slice(span.0, span.1)?));
    }
    if group as isize > pattern.groups {
        return Err(super::match_object::no_such_group());
    }
    match machine.group(group) {
        Some((start, end)) => Ok(Some(target.slice(start, end)?)),
        None => Ok(None),
    }
}

/// Compiled regular expression object.
#[pytype(static = Pattern_Type, name = "Pattern", module = "re", flags = HAVE_GC | DISALLOW_INSTANTIATION | IMMUTABLETYPE, native, final,
    weaklistoffset = offset_of!(Pattern, weakrefs),
    members = [("pattern", T_OBJECT, offset_of!(Pattern, pattern), READONLY, "The pattern string from which the RE object was compiled."),
        ("flags", T_INT, offset_of!(Pattern, flags), READONLY, "The regex matching flags."),
        ("groups", T_PYSSIZET, offset_of!(Pattern, groups), READONLY, "The number of capturing groups in the pattern.")])]
impl Pattern {
    /// Matches zero or more characters at the beginning of the string.
    #[method("match($self, /, string, pos=0, endpos=sys.maxsize)")]
    fn match_(&self, string: &Object, pos: isize, endpos: isize) -> PyResult<Option<Owned<Match>>> {
        self.match_or_none(string, pos, endpos, How::Match)
    }
    /// Matches against all of the string.
    #[method("fullmatch($self, /, string, pos=0, endpos=sys.maxsize)")]
    fn fullmatch(&self, string: &Object, pos: isize, endpos: isize) -> PyResult<Option<Owned<Match>>> {
        self.match_or_none(string, pos, endpos, How::FullMatch)
    }
    /// Look through the string for a match, and give its match object.
    ///
    /// The result is None if no place in the string matches.
    #[method("search($self, /, string, pos=0, endpos=sys.maxsize)")]
    fn search(&self, string: &Object, pos: isize, endpos: isize) -> PyResult<Option<Owned<Match>>> {
        self.match_or_none(string, pos, endpos, How::Search)
    }
    /// Replace the leftmost matches in string, which do not overlap, by repl; gives the new string.
    #[method("sub($self, /, repl, string, count=0)")]
    fn sub(&self, repl: &Object, string: &Object, count: isize) -> PyResult {
        Ok(self.substitute(repl, string, count)?.0)
    }
    /// As sub, but gives a tuple (new_string, number_of_subs_made).
    #[method("subn($self, /, repl, string, count=0)")]
    fn subn(&self, repl: &Object, string: &Object, count: isize) -> PyResult<(Owned, usize)> {
        self.substitute(repl, string, count)
    }
    /// A list of all matches of the pattern in the string that do not overlap.
    #[method("findall($self, /, string, pos=0, endpos=sys.maxsize)")]
    fn findall(&self, string: &Object, pos: isize, endpos: isize) -> PyResult<Owned<List>> {
        let target = Target::of(self, string)?;
        let found = List::new();
        let groups = self.groups as usize;
        let mut empty: Option<Owned> = None;
        let bounds = Bounds::new(&target, pos, endpos);
        self.each(&target, bounds, |machine, span| {
            let mut group = |group: usize| -> PyResult {
                match machine_group(machine, self, span, group, &target)? {
                    Some(text) => Ok(text),
                    None => match &empty {
                        Some(text) => Ok(text.clone()),
                        None => Ok(empty.insert(target.slice(0, 0)?).clone()),
                    },
                }
            };
            let item = match groups {
                0 => group(0)?,
                1 => group(1)?,
                _ => Tuple::from_owned((1..=groups).map(&mut group).collect::<PyResult<Vec<Owned>>>()?).into_object(),
            };
            found.push(item)?;
            Ok(true)
        })?;
        Ok(found)
    }
    /// Split string at the matches of the pattern.
    #[method("split($self, /, string, maxsplit=0)")]
    fn split(&self, string: &Object, maxsplit: isize) -> PyResult<Owned<List>> {
        let target = Target::of(self, string)?;
        let parts = List::new();
        let bounds = Bounds::new(&target, 0, isize::MAX);
        let (mut last, mut made) = (0, 0);
        if maxsplit >= 0 {
            self.each(&target, bounds, |machine, span| {
                parts.push(target.slice(last, span.0)?)?;
                for group in 1..=self.groups as usize {
                    let text = machine_group(machine, self, span, group, &target)?;
                    parts.push(text.unwrap_or_else(|| none().to_owned()))?;
                }
                last = span.1;
                made += 1;
                Ok(maxsplit == 0 || made < maxsplit)
            })?;
        }
        parts.push(target.slice(last, bounds.end)?)?;
        Ok(parts)
    }
    /// An iterator over the matches in the string that do not overlap.
    ///
    /// For each match, the iterator gives a match object.
    #[method("finditer($self, /, string, pos=0, endpos=sys.maxsize)")]
    fn finditer(&self, string: &Object, pos: isize, endpos: isize) -> PyResult {
        let scanner = Scanner::make(self, string, pos, endpos)?;
        let search = object::get_attr_str(scanner.object(), "search")?;
        CallableIterator::new(&search, none())
    }
    #[method("scanner($self, /, string, pos=0, endpos=sys.maxsize)")]
    fn scanner(&self, string: &Object, pos: isize, endpos: isize) -> PyResult<Owned<Scanner>> {
        Scanner::make(self, string, pos, endpos)
    }
    #[method("__copy__($self, /)")]
    fn copy(&self) -> Owned<Pattern> {
        Owned::from_ref(self)
    }
    #[method("__deepcopy__($self, memo, /)")]
    fn deepcopy(&self, _memo: &Object) -> Owned<Pattern> {
        Owned::from_ref(self)
    }
    /// Patterns are generic over the type of string they handle (str or bytes)
    #[classmethod("__class_getitem__($type, object, /)")]
    fn class_getitem(cls: &Type, object: &Object) -> PyResult {
        GenericAlias::make(cls, object)
    }
    /// A dictionary mapping group names to group numbers.
    #[getter]
    fn groupindex(&self) -> PyResult {
        if self.groupindex.is_empty() {
            return Ok(Dict::new().into_object());
        }
        Ok(MappingProxy::new(self.groupindex.object())?.into_object())
    }

    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        const NAMES: [(i32, &str); 8] = [
            (2, "re.IGNORECASE"),
            (8, "re.MULTILINE"),
            (16, "re.DOTALL"),
            (64, "re.VERBOSE"),
            (128, "re.DEBUG"),
            (256, "re.ASCII"),
            (4, "re.LOCALE"),
            (32, "re.UNICODE"),
        ];
        let mut flags = self.flags;
        // The default of str patterns goes without saying.
        if self.pattern.is_instance_of::<Str>() && flags & (4 | 32 | 256) == 32 {
            flags &= !32;
        }
        let mut shown: Vec<String> = Vec::new();
        for (flag, name) in NAMES {
            if flags & flag != 0 {
                flags &= !flag;
                shown.push(name.to_string());
            }
        }
        if flags != 0 {
            shown.push(format!("{flags:#x}"));
        }
        let text = repr(&self.pattern)?;
        let mut out = StrBuilder::new();
        out.push_str("re.compile(");
        out.push_text(text.text().slice(0, text.len().min(200)))?;
        if !shown.is_empty() {
            out.push_str(", ");
            out.push_str(&shown.join("|"));
        }
        out.push_str(")");
        out.finish()
    }
    #[slot]
    fn tp_hash(&self) -> PyResult<isize> {
        let bytes: Vec<u8> = self.code.iter().flat_map(|word| word.to_ne_bytes()).collect();
        let code = runtime::types::str::hash::hash_bytes(&bytes);
        let is_bytes = self.is_bytes.map_or(-1, |is_bytes| is_bytes as isize);
        Ok(hash(&self.pattern)? ^ code ^ self.flags as isize ^ is_bytes ^ self.groups)
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        let wanted = match op {
            CompareOp::Eq => true,
            CompareOp::Ne => false,
            _ => return Ok(not_implemented()),
        };
        let Some(other) = other.downcast::<Pattern>() else { return Ok(not_implemented()) };
        let same = std::ptr::eq(self, other)
            || (self.flags == other.flags
                && self.is_bytes == other.is_bytes
                && self.code == other.code
                && rich_compare_bool(&self.pattern, &other.pattern, CompareOp::Eq)?);
        Ok(runtime::types::bool_object(same == wanted).to_owned())
    }
    /// The size in bytes.
    #[method("__sizeof__($self, /)", nosig)]
    fn sizeof(&self) -> PyResult<usize> {
        Ok(size_of::<Pattern>() + self.code.len() * 4)
    }
}

/// The number of a group of the pattern, given as a number or a name; `None` if there is none.
pub fn group_number(pattern: &Pattern, group: &Object) -> PyResult<Option<usize>> {
    let number = if let Some(int) = group.downcast::<Int>() {
        int.as_i64()
    } else if runtime::protocol::number::check_index(group) {
        runtime::protocol::number::index(group)?.as_i64()
    } else {
        match pattern.groupindex.get_item(group) {
            Ok(found) => found.and_then(|number| number.downcast::<Int>().and_then(Int::as_i64)),
            Err(raised) => return Err(raised),
        }
    };
    Ok(number.filter(|&number| number >= 0 && number <= pattern.groups as i64).map(|number| number as usize))
}

/// What `Match.expand` and `sub` make of a template that is not callable.
pub fn expand_template(pattern: &Pattern, template: &Object) -> PyResult<Replacement> {
    compile_template(pattern, template)
}

/// Whether a str or bytes-like object has no backslash: it stands for itself.
pub fn is_literal(template: &Object) -> bool {
    if let Some(text) = template.downcast::<Str>() {
        return runtime::types::str::search::find_char(text.text(), '\\' as u32).is_none();
    }
    template.downcast::<Bytes>().is_some_and(|bytes| !bytes.as_slice().contains(&b'\\'))
}
