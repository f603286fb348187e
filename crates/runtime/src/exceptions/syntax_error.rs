//! SyntaxError: message and place.

use super::base::{clear_base, get, get_or_none, put, traverse_base};
use super::values::init_base;
use crate::err;
use crate::errors::{self, PyResult, Raised};
use crate::macro_support::Visitor;
use crate::object::{Object, Owned, Type};
use crate::protocol::{call, object, sequence};
use crate::types::{self, Dict, Int, Str, Tuple};
use abi::PySyntaxErrorObject;
use macros::pytype;
use std::mem::offset_of;

#[repr(transparent)]
pub struct SyntaxError(pub PySyntaxErrorObject);

/// Invalid syntax.
#[pytype(static = SYNTAX_ERROR, name = "SyntaxError", base = super::EXCEPTION, flags = BASETYPE | HAVE_GC | BASE_EXC_SUBCLASS, no_pytyped,
    members = [
        ("msg", T_OBJECT, offset_of!(PySyntaxErrorObject, msg), 0, "exception msg"),
        ("filename", T_OBJECT, offset_of!(PySyntaxErrorObject, filename), 0, "exception filename"),
        ("lineno", T_OBJECT, offset_of!(PySyntaxErrorObject, lineno), 0, "exception lineno"),
        ("offset", T_OBJECT, offset_of!(PySyntaxErrorObject, offset), 0, "exception offset"),
        ("text", T_OBJECT, offset_of!(PySyntaxErrorObject, text), 0, "exception text"),
        ("end_lineno", T_OBJECT, offset_of!(PySyntaxErrorObject, end_lineno), 0, "exception end lineno"),
        ("end_offset", T_OBJECT, offset_of!(PySyntaxErrorObject, end_offset), 0, "exception end offset"),
        ("print_file_and_line", T_OBJECT, offset_of!(PySyntaxErrorObject, print_file_and_line), 0, "exception print_file_and_line"),
        ("_metadata", T_OBJECT, offset_of!(PySyntaxErrorObject, metadata), 0, "exception private metadata"),
    ])]
impl SyntaxError {
    #[slot]
    fn tp_init(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<()> {
        init_base(&self.0.base, args, kwargs)?;
        if args.len() >= 1 {
            put(&self.0.msg, Some(args.get(0)));
        }
        if args.len() == 2 {
            let info = sequence::to_tuple(args.get(1))?;
            let n = info.len();
            if n < 4 || n > 7 {
                return Err(err!(TypeError, "function takes {} argument{} ({} given)", if n < 4 { "at least 4" } else { "at most 7" }, "s", n));
            }
            let at = |i: usize| if i < n { Some(info.get(i)) } else { None };
            put(&self.0.filename, at(0));
            put(&self.0.lineno, at(1));
            put(&self.0.offset, at(2));
            put(&self.0.text, at(3));
            put(&self.0.end_lineno, at(4));
            put(&self.0.end_offset, at(5));
            put(&self.0.metadata, at(6));
            if at(4).is_some() && at(5).is_none() {
                return Err(err!(TypeError, "end_offset must be provided when end_lineno is provided"));
            }
        }
        Ok(())
    }
    #[slot]
    fn tp_traverse(&self, visitor: &mut Visitor) {
        for cell in self.cells() {
            visitor.visit_cell(cell);
        }
        traverse_base(&self.0.base, &mut *visitor);
    }
    #[slot]
    fn tp_clear(&self) {
        for cell in self.cells() {
            put(cell, None);
        }
        clear_base(&self.0.base);
    }
    #[slot]
    fn tp_str(&self) -> PyResult<Owned<Str>> {
        let msg = object::str(&get_or_none(&self.0.msg))?;
        let filename = get(&self.0.filename).and_then(|f| f.try_into_typed::<Str>().ok());
        let base = filename.map(|f| {
            let text = f.to_string();
            text.rsplit('/').next().unwrap_or("").to_string()
        });
        let line = get(&self.0.lineno).and_then(|l| l.downcast_exact::<Int>().and_then(|l| l.as_i64()));
        match (base, line) {
            (None, None) => Ok(msg),
            (Some(file), Some(line)) => Ok(Str::new(&format!("{} ({}, line {})", &*msg, file, line))),
            (Some(file), None) => Ok(Str::new(&format!("{} ({})", &*msg, file))),
            (None, Some(line)) => Ok(Str::new(&format!("{} (line {})", &*msg, line))),
        }
    }
}

impl SyntaxError {
    fn cells(&self) -> [&std::cell::Cell<*mut abi::PyObject>; 9] {
        let e = &self.0;
        [&e.msg, &e.filename, &e.lineno, &e.offset, &e.end_lineno, &e.end_offset, &e.text, &e.print_file_and_line, &e.metadata]
    }
}

/// Where a syntax error is: lines and columns as Python shows them (1-based; 0 or less where unknown).
pub struct Place<'a> {
    pub filename: &'a Object,
    pub lineno: i64,
    pub offset: i64,
    pub end_lineno: i64,
    pub end_offset: i64,
    pub text: Option<&'a Object>,
}

/// Raises a SyntaxError of the given kind.
#[cold]
pub fn raise_syntax_error(kind: &Type, message: &str, place: &Place<'_>, metadata: Option<&Object>) -> Raised {
    let make = || -> PyResult {
        let n = |v: i64| Int::from_i64(v).into_object();
        let (l, o, el, eo) = (n(place.lineno), n(place.offset), n(place.end_lineno), n(place.end_offset));
        let text = place.text.unwrap_or(types::none());
        let info = Tuple::new(&[place.filename, &l, &o, text, &el, &eo]);
        let instance = call::call_args(kind, &[Str::new(message).object(), info.object()])?;
        // It is no argument: only `traceback` asks for it.
        if let Some(metadata) = metadata {
            object::set_attr(&instance, crate::intern!("_metadata"), Some(metadata))?;
        }
        Ok(instance)
    };
    match make() {
        Ok(instance) => errors::raise_object(kind, Some(&instance)),
        Err(raised) => raised,
    }
}

/// Raises a SyntaxError whose place is in its attributes only: the arguments are the message alone.
#[cold]
pub fn raise_with_attributes(message: &str, filename: &Str, location: syntax::Location, text: Option<Owned>) -> Raised {
    let make = || -> PyResult {
        let instance = call::call1(super::SyntaxError(), Str::new(message).object())?;
        let int = |n: i32| Int::from_i64(n as i64).into_object();
        let fields = [
            ("lineno", int(location.lineno)),
            ("offset", int(location.col_offset + 1)),
            ("end_lineno", int(location.end_lineno)),
            ("end_offset", int(location.end_col_offset + 1)),
            ("filename", filename.to_owned()),
            ("text", text.unwrap_or_else(|| types::none().to_owned())),
        ];
        for (name, value) in fields {
            object::set_attr(&instance, &Str::new(name), Some(&value))?;
        }
        Ok(instance)
    };
    match make() {
        Ok(instance) => errors::raise_object(super::SyntaxError(), Some(&instance)),
        Err(raised) => raised,
    }
}
