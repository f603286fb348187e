//! `partial` and its `Placeholder`.

use crate::calls::{Entry, vectorcall_call};
use abi::PyObject;
use macros::{Traverse, pytype};
use runtime::errors::{PyResult, Raised};
use runtime::macro_support::{Args, KwArgs, guard_object, raw_arguments};
use runtime::object::{Object, ObjectHead, Owned, PyTyped, Type};
use runtime::protocol::object::{get_attr, is_callable, repr, repr_enter, repr_leave, str};
use runtime::protocol::{call, sequence};
use runtime::types::{Dict, GenericAlias, Method, Str, StrBuilder, Tuple, none, type_ready};
use runtime::{err, intern};
use std::cell::Cell;
use std::mem::offset_of;

// ---- Placeholder ---------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct Placeholder {
    head: ObjectHead,
}

struct Only(Cell<*const Object>);
// SAFETY: touched under the GIL only.
unsafe impl Sync for Only {}
static PLACEHOLDER: Only = Only(Cell::new(std::ptr::null()));

/// The one `Placeholder`, which lives for ever.
pub fn placeholder() -> PyResult {
    if PLACEHOLDER.0.get().is_null() {
        type_ready(&Placeholder_Type)?;
        let made = Placeholder::construct(&Placeholder_Type, Placeholder { head: ObjectHead::placeholder() })?;
        made.as_object().set_immortal();
        PLACEHOLDER.0.set(made.into_raw() as *const Object);
    }
    // SAFETY: immortal.
    Ok(unsafe { &*PLACEHOLDER.0.get() }.to_owned())
}

#[inline(always)]
fn is_placeholder(o: &Object) -> bool {
    std::ptr::eq(o, PLACEHOLDER.0.get())
}

/// The type of the Placeholder singleton, which stands for a positional argument to be filled in
/// later.
#[pytype(static = Placeholder_Type, name = "_PlaceholderType", module = "functools", flags = HAVE_GC | IMMUTABLETYPE, native)]
impl Placeholder {
    #[slot]
    fn tp_new(_cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
        if args.len() > 0 || kwargs.is_some_and(|k| k.len() > 0) {
            return Err(err!(TypeError, "PlaceholderType takes no arguments"));
        }
        placeholder()
    }
    #[slot]
    fn tp_repr(&self) -> &'static str {
        "Placeholder"
    }
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> &'static str {
        "Placeholder"
    }
}

// ---- partial -------------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct Partial {
    head: ObjectHead,
    function: Cell<Option<Owned>>,
    args: Cell<Option<Owned<Tuple>>>,
    keywords: Cell<Option<Owned<Dict>>>,
    dict: Cell<Option<Owned<Dict>>>,
    #[traverse(skip)]
    weakrefs: Cell<*mut PyObject>,
    #[traverse(skip)]
    vectorcall: Entry,
    placeholders: Cell<usize>,
}

fn get<T>(cell: &Cell<Option<Owned<T>>>) -> Option<Owned<T>> {
    // SAFETY: cloned at once.
    unsafe { (*cell.as_ptr()).clone() }
}

fn ends_with_placeholder(args: &[&Object]) -> bool {
    args.last().is_some_and(|last| is_placeholder(last))
}

#[cold]
fn trailing_placeholder() -> Raised {
    err!(TypeError, "trailing Placeholders are not allowed")
}

#[cold]
fn too_few(expected: usize, got: usize) -> Raised {
    err!(TypeError, "missing positional arguments in 'partial' call; expected at least {}, got {}", expected, got)
}

impl Partial {
    fn state(&self) -> PyResult<(Owned, Owned<Tuple>, Owned<Dict>)> {
        match (get(&self.function), get(&self.args), get(&self.keywords)) {
            (Some(function), Some(args), Some(keywords)) => Ok((function, args, keywords)),
            _ => Err(err!(SystemError, "partial object is not initialised")),
        }
    }

    /// The arguments of the partial and of the call as one: `given` fills the placeholders first.
    fn merge(args: &Tuple, placeholders: usize, given: &[*mut PyObject], out: &mut Vec<*mut PyObject>) {
        let mut given = given.iter().copied();
        if placeholders == 0 {
            out.extend_from_slice(args.items());
        } else {
            // The caller has seen to it that there are enough.
            out.extend(args.iter().map(|arg| if is_placeholder(arg) { given.next().unwrap_or(arg.as_ptr()) } else { arg.as_ptr() }));
        }
        out.extend(given);
    }

    fn call(&self, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult {
        // Partials of partials may be nested to any depth.
        runtime::tstate::check_recursion(" while calling a Python object")?;
        let (function, bound, keywords) = self.state()?;
        let placeholders = self.placeholders.get();
        if args.len() < placeholders {
            return Err(too_few(placeholders, args.len()));
        }
        // SAFETY: `&Object` is a pointer to a live object.
        let given = unsafe { std::slice::from_raw_parts(args.as_ptr() as *const *mut PyObject, args.len()) };
        let total = bound.len() + given.len() - placeholders;
        let mut stack: Vec<*mut PyObject> = Vec::with_capacity(total + 1 + kwargs.len() + keywords.len());
        stack.push(std::ptr::null_mut());
        Self::merge(&bound, placeholders, given, &mut stack);
        if kwargs.is_empty() && keywords.is_empty() {
            return call::vectorcall(&function, &stack[1..], total | call::ARGUMENTS_OFFSET, None);
        }
        // Keywords of the call replace those of the partial in their places; new ones follow.
        let mut names: Vec<Owned> = Vec::with_capacity(keywords.len() + kwargs.len());
        let mut values: Vec<Owned> = Vec::with_capacity(keywords.len() + kwargs.len());
        if keywords.is_empty() {
            names.extend(kwargs.names.iter().map(|o| (*o).to_owned()));
            values.extend(kwargs.values.iter().map(|o| (*o).to_owned()));
        } else {
            let merged = if kwargs.is_empty() { keywords } else { keywords.copy()? };
            for (name, value) in kwargs.iter() {
                merged.set_item(name, value)?;
            }
            let mut pos = 0;
            while let Some((name, value)) = merged.next(&mut pos) {
                if !Str::check(&name) {
                    return Err(err!(TypeError, "keywords must be strings"));
                }
                names.push(name);
                values.push(value);
            }
        }
        stack.extend(values.iter().map(|value| value.raw()));
        let names = Tuple::from_owned(names);
        call::vectorcall(&function, &stack[1..], total | call::ARGUMENTS_OFFSET, Some(&names))
    }

    fn repr_into(&self, text: &mut StrBuilder) -> PyResult<()> {
        let (function, args, keywords) = self.state()?;
        text.push_str_object(&*repr(&function)?)?;
        for arg in args.iter() {
            text.push_str(", ");
            text.push_str_object(&*repr(arg)?)?;
        }
        let mut pos = 0;
        while let Some((key, value)) = keywords.next(&mut pos) {
            text.push_str(", ");
            text.push_str_object(&*str(&key)?)?;
            text.push_str("=");
            text.push_str_object(&*repr(&value)?)?;
        }
        Ok(())
    }
}

unsafe extern "C" fn partial_vectorcall(this: *mut PyObject, args: *const *mut PyObject, nargsf: usize, kwnames: *mut PyObject) -> *mut PyObject {
    guard_object(|| {
        // SAFETY: a vectorcall of a partial; it is held while it is called, as `__setstate__` may change it meanwhile.
        unsafe {
            let (args, kwargs) = raw_arguments(args, (nargsf & !call::ARGUMENTS_OFFSET) as isize, kwnames);
            Object::from_ptr(this).cast::<Partial>().call(args, kwargs)
        }
    })
}

/// Create a new function with partial application of the given arguments
/// and keywords.
#[pytype(static = Partial_Type, name = "partial", module = "functools", signature = "(func, /, *args, **keywords)",
    flags = BASETYPE | HAVE_GC | HAVE_VECTORCALL | IMMUTABLETYPE, native, tp_call = vectorcall_call,
    dictoffset = offset_of!(Partial, dict), weaklistoffset = offset_of!(Partial, weakrefs), vectorcall_offset = offset_of!(Partial, vectorcall),
    members = [
        ("func", T_OBJECT, offset_of!(Partial, function), READONLY, "function object to use in future partial calls"),
        ("args", T_OBJECT, offset_of!(Partial, args), READONLY, "tuple of arguments to future partial calls"),
        ("keywords", T_OBJECT, offset_of!(Partial, keywords), READONLY, "dictionary of keyword arguments to future partial calls"),
    ])]
impl Partial {
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<Owned<Partial>> {
        let Some(function) = args.get_opt(0) else {
            return Err(err!(TypeError, "type 'partial' takes at least one argument"));
        };
        if !is_callable(function) {
            return Err(err!(TypeError, "the first argument must be callable"));
        }
        placeholder()?;
        let own = &args.as_slice()[1..];
        if ends_with_placeholder(own) {
            return Err(trailing_placeholder());
        }
        if let Some(kwargs) = kwargs {
            let mut pos = 0;
            while let Some((_, value)) = kwargs.next(&mut pos) {
                if is_placeholder(&value) {
                    return Err(err!(TypeError, "Placeholder cannot be passed as a keyword argument"));
                }
            }
        }
        // A partial of a partial without attributes is one partial.
        let inner = match function.downcast::<Partial>() {
            Some(inner) if get(&inner.dict).is_none() => Some(inner.state()?),
            _ => None,
        };
        let (function, args, keywords) = match inner {
            Some((function, bound, keywords)) => {
                let placeholders = bound.iter().filter(|arg| is_placeholder(arg)).count();
                let mut all: Vec<*mut PyObject> = Vec::with_capacity(bound.len() + own.len());
                // SAFETY: `&Object` is a pointer to a live object.
                let own = unsafe { std::slice::from_raw_parts(own.as_ptr() as *const *mut PyObject, own.len()) };
                Self::merge(&bound, placeholders, own, &mut all);
                // SAFETY: live objects of both tuples.
                (function, unsafe { Tuple::from_borrowed(all.as_ptr(), all.len()) }, Some(keywords))
            }
            None => (function.to_owned(), Tuple::new(own), None),
        };
        let placeholders = args.iter().filter(|arg| is_placeholder(arg)).count();
        let keywords = match (keywords, kwargs) {
            (None, None) => Dict::new(),
            (None, Some(given)) => given.copy()?,
            (Some(inner), given) => {
                let merged = inner.copy()?;
                if let Some(given) = given {
                    merged.update(given)?;
                }
                merged
            }
        };
        let value = Partial {
            head: ObjectHead::placeholder(),
            function: Cell::new(Some(function)),
            args: Cell::new(Some(args)),
            keywords: Cell::new(Some(keywords)),
            dict: Cell::new(None),
            weakrefs: Cell::new(std::ptr::null_mut()),
            vectorcall: Cell::new(Some(partial_vectorcall)),
            placeholders: Cell::new(placeholders),
        };
        Self::construct(cls, value)
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        if repr_enter(self) {
            return Ok(Str::new("..."));
        }
        let mut text = StrBuilder::new();
        text.push_str_object(&*str(&*get_attr(self.ty(), intern!("__module__"))?)?)?;
        text.push_str(".");
        text.push_str_object(&*str(&*get_attr(self.ty(), intern!("__qualname__"))?)?)?;
        text.push_str("(");
        let written = self.repr_into(&mut text);
        repr_leave(self);
        written?;
        text.push_str(")");
        text.finish()
    }
    #[slot]
    fn tp_descr_get(&self, obj: Option<&Object>, _ty: Option<&Object>) -> PyResult {
        match obj {
            Some(obj) if !obj.is_none() => Ok(Method::new(self, obj)?.into_object()),
            _ => Ok(self.to_owned()),
        }
    }
    #[getter("__dict__")]
    fn get_dict(&self) -> PyResult<Owned<Dict>> {
        runtime::protocol::object::generic_get_dict(self)
    }
    #[setter("__dict__")]
    fn set_dict(&self, value: Option<&Object>) -> PyResult<()> {
        runtime::protocol::object::generic_set_dict(self, value)
    }
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> PyResult<Owned<Tuple>> {
        let (function, args, keywords) = self.state()?;
        let dict = get(&self.dict).map_or(none().to_owned(), Owned::into_object);
        let state = Tuple::from_owned(vec![function.clone(), args.into_object(), keywords.into_object(), dict]);
        Ok(Tuple::triple(self.ty().to_owned(), Tuple::single(function).into_object(), state.into_object()))
    }
    #[method("__setstate__($self, object, /)")]
    fn setstate(&self, state: &Object) -> PyResult<()> {
        let invalid = || err!(TypeError, "invalid partial state");
        let Some(state) = state.downcast::<Tuple>() else { return Err(invalid()) };
        let &[function, args, keywords, dict] = state.as_slice() else { return Err(invalid()) };
        let Some(args) = args.downcast::<Tuple>() else { return Err(invalid()) };
        if !is_callable(function) || !(keywords.is_none() || Dict::check(keywords)) || !(dict.is_none() || Dict::check(dict)) {
            return Err(invalid());
        }
        placeholder()?;
        if ends_with_placeholder(args.as_slice()) {
            return Err(trailing_placeholder());
        }
        let args = if args.is_exact::<Tuple>() { Owned::from_ref(args) } else { sequence::to_tuple(args)? };
        let keywords = match keywords.downcast::<Dict>() {
            None => Dict::new(),
            Some(dict) if dict.is_exact::<Dict>() => Owned::from_ref(dict),
            Some(dict) => dict.copy()?,
        };
        self.placeholders.set(args.iter().filter(|arg| is_placeholder(arg)).count());
        // Old values go once the new ones are in place.
        let old = (self.function.replace(Some(function.to_owned())), self.args.replace(Some(args)), self.keywords.replace(Some(keywords)));
        let old_dict = self.dict.replace(dict.downcast::<Dict>().map(Owned::from_ref));
        drop((old, old_dict));
        Ok(())
    }
    /// See PEP 585
    #[classmethod("__class_getitem__($type, object, /)")]
    fn class_getitem(cls: &Type, object: &Object) -> PyResult {
        GenericAlias::make(cls, object)
    }
}
