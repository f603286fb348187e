//! Scanners: a pattern and a string, matched again and again from where the last match ended.

use super::match_object::Match;
use super::pattern::{Bounds, How, Pattern};
use super::target::Target;
use macros::{Traverse, pytype};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, err};
use std::cell::Cell;
use std::mem::offset_of;

#[derive(Traverse)]
#[repr(C)]
pub struct Scanner {
    head: ObjectHead,
    pattern: Owned<Pattern>,
    #[traverse(skip)]
    target: Target,
    /// Where the next match may be; `None` at the end.
    #[traverse(skip)]
    bounds: Cell<Option<Bounds>>,
    #[traverse(skip)]
    whole: (usize, usize),
    executing: Cell<bool>,
}

impl Scanner {
    pub fn make(pattern: &Pattern, string: &Object, pos: isize, endpos: isize) -> PyResult<Owned<Scanner>> {
        let target = Target::of(pattern, string)?;
        let bounds = Bounds::new(&target, pos, endpos);
        let value = Scanner {
            head: ObjectHead::placeholder(),
            pattern: Owned::from_ref(pattern),
            target,
            bounds: Cell::new(Some(bounds)),
            whole: (bounds.from, bounds.end),
            executing: Cell::new(false),
        };
        Self::construct(Self::type_object(), value)
    }
    fn next(&self, how: How) -> PyResult<Option<Owned<Match>>> {
        if self.executing.replace(true) {
            return Err(err!(ValueError, "regular expression scanner already executing"));
        }
        let result = self.step(how);
        self.executing.set(false);
        result
    }
    fn step(&self, how: How) -> PyResult<Option<Owned<Match>>> {
        let Some(mut bounds) = self.bounds.get() else { return Ok(None) };
        match self.pattern.match_object(&self.target, bounds, how, self.whole)? {
            Some((span, found)) => {
                bounds.step(span);
                self.bounds.set(Some(bounds));
                Ok(Some(found))
            }
            None => {
                self.bounds.set(None);
                Ok(None)
            }
        }
    }
}

#[pytype(static = Scanner_Type, name = "SRE_Scanner", module = "_sre", flags = HAVE_GC | DISALLOW_INSTANTIATION | IMMUTABLETYPE, native, final,
    members = [("pattern", T_OBJECT, offset_of!(Scanner, pattern), READONLY)])]
impl Scanner {
    #[method("match($self, /)")]
    fn match_(&self) -> PyResult<Option<Owned<Match>>> {
        self.next(How::Match)
    }
    #[method("search($self, /)")]
    fn search(&self) -> PyResult<Option<Owned<Match>>> {
        self.next(How::Search)
    }
}
