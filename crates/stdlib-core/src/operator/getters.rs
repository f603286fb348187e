//! `attrgetter`, `itemgetter` and `methodcaller`: callables that look at their one operand.

use crate::calls::{self, Entry, vectorcall_call};
use abi::PyObject;
use macros::{Traverse, pytype};
use runtime::errors::{PyResult, Raised};
use runtime::macro_support::{Args, KwArgs};
use runtime::object::{Object, ObjectHead, Owned, Type};
use runtime::protocol::object::{get_attr, repr, repr_enter, repr_leave};
use runtime::protocol::{call, mapping};
use runtime::types::{Dict, Int, Str, StrBuilder, Tuple};
use runtime::{err, import};
use std::cell::Cell;
use std::mem::offset_of;

/// How the getters are called, for `inspect.signature`.
const SIGNATURE: &str = "(obj, /)";

#[cold]
fn no_keywords(function: &str) -> Raised {
    err!(TypeError, "{}() takes no keyword arguments", function)
}

/// The one operand of a call.
#[inline]
fn operand<'a>(function: &str, args: Args<'a>, kwargs: KwArgs<'_>) -> PyResult<&'a Object> {
    match args {
        [only] if kwargs.is_empty() => Ok(only),
        _ if !kwargs.is_empty() => Err(no_keywords(function)),
        _ => Err(err!(TypeError, "{} expected 1 argument, got {}", function, args.len())),
    }
}

fn check_new(function: &str, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<()> {
    if kwargs.is_some_and(|k| k.len() > 0) {
        return Err(no_keywords(function));
    }
    if args.is_empty() {
        return Err(err!(TypeError, "{} expected 1 argument, got 0", function));
    }
    Ok(())
}

/// `operator.name(args)`, guarded against recursion.
fn show(this: &Object, write: impl FnOnce(&mut StrBuilder) -> PyResult<()>) -> PyResult<Owned<Str>> {
    let name = this.type_name();
    if repr_enter(this) {
        return Ok(Str::new(&format!("{name}(...)")));
    }
    let mut text = StrBuilder::new();
    text.push_str(name);
    text.push_str("(");
    let written = write(&mut text);
    repr_leave(this);
    written?;
    text.push_str(")");
    text.finish()
}

fn push_reprs(text: &mut StrBuilder, items: &[&Object]) -> PyResult<()> {
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            text.push_str(", ");
        }
        text.push_str_object(&*repr(item)?)?;
    }
    Ok(())
}

// ---- attrgetter ----------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct AttrGetter {
    head: ObjectHead,
    #[traverse(skip)]
    vectorcall: Entry,
    /// For each result the names to follow, one after the other; all interned.
    #[traverse(skip)]
    paths: Vec<Vec<Owned<Str>>>,
}

impl AttrGetter {
    fn follow(path: &[Owned<Str>], o: &Object) -> PyResult {
        let mut at = get_attr(o, &path[0])?;
        for name in &path[1..] {
            at = get_attr(&at, name)?;
        }
        Ok(at)
    }
    #[inline]
    fn fetch(&self, o: &Object) -> PyResult {
        if let [path] = self.paths.as_slice() {
            return Self::follow(path, o);
        }
        let mut items = Vec::with_capacity(self.paths.len());
        for path in &self.paths {
            items.push(Self::follow(path, o)?);
        }
        Ok(Tuple::from_owned(items).into_object())
    }
    /// The arguments that made this: names with dots.
    fn names(&self) -> PyResult<Vec<Owned>> {
        let dot = Str::latin1_char(b'.');
        let joined = |path: &Vec<Owned<Str>>| {
            let parts: Vec<&Object> = path.iter().map(|name| name.object()).collect();
            dot.join_items(&parts).map(Owned::into_object)
        };
        self.paths.iter().map(joined).collect()
    }
}

unsafe extern "C" fn attrgetter_vectorcall(this: *mut PyObject, args: *const *mut PyObject, nargsf: usize, kwnames: *mut PyObject) -> *mut PyObject {
    // SAFETY: a vectorcall.
    unsafe { calls::enter::<AttrGetter>(this, args, nargsf, kwnames, |this, args, kwargs| this.fetch(operand("attrgetter", args, kwargs)?)) }
}

/// Return a callable that fetches the given attribute(s) from its operand.
///
/// attrgetter('name')(r) is r.name; attrgetter('name', 'date')(r) is (r.name, r.date);
/// attrgetter('name.first')(r) is r.name.first.
#[pytype(static = AttrGetter_Type, name = "attrgetter", module = "operator", signature = "(attr, /, *attrs)",
    flags = HAVE_GC | HAVE_VECTORCALL | IMMUTABLETYPE, vectorcall_offset = offset_of!(AttrGetter, vectorcall), tp_call = vectorcall_call, native)]
impl AttrGetter {
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<Owned<AttrGetter>> {
        check_new("attrgetter", args, kwargs)?;
        let mut paths = Vec::with_capacity(args.len());
        for name in args.iter() {
            let Some(name) = name.downcast::<Str>() else {
                return Err(err!(TypeError, "attribute name must be a string"));
            };
            let mut path = Vec::new();
            for part in name.split(Some(Str::latin1_char(b'.')), -1)? {
                // SAFETY: `split` gives strings.
                path.push(Str::intern(unsafe { part.cast_into::<Str>() }));
            }
            paths.push(path);
        }
        AttrGetter::construct(cls, AttrGetter { head: ObjectHead::placeholder(), vectorcall: Cell::new(Some(attrgetter_vectorcall)), paths })
    }
    #[getter("__text_signature__")]
    fn text_signature(&self) -> &'static str {
        SIGNATURE
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let names = self.names()?;
        let names: Vec<&Object> = names.iter().map(|n| &**n).collect();
        show(self, |text| push_reprs(text, &names))
    }
    /// Return state information for pickling
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> PyResult<Owned<Tuple>> {
        Ok(Tuple::pair(self.ty().to_owned(), Tuple::from_owned(self.names()?).into_object()))
    }
}

// ---- itemgetter ----------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct ItemGetter {
    head: ObjectHead,
    #[traverse(skip)]
    vectorcall: Entry,
    items: Owned<Tuple>,
    /// The only item as an index into a tuple, or -1.
    index: isize,
}

impl ItemGetter {
    #[inline]
    fn fetch(&self, o: &Object) -> PyResult {
        if self.index >= 0
            && let Some(tuple) = o.downcast_exact::<Tuple>()
            && let Some(item) = tuple.get_opt(self.index as usize)
        {
            return Ok(item.to_owned());
        }
        if self.items.len() == 1 {
            return mapping::get_item(o, self.items.get(0));
        }
        let mut found = Vec::with_capacity(self.items.len());
        for item in self.items.iter() {
            found.push(mapping::get_item(o, item)?);
        }
        Ok(Tuple::from_owned(found).into_object())
    }
}

unsafe extern "C" fn itemgetter_vectorcall(this: *mut PyObject, args: *const *mut PyObject, nargsf: usize, kwnames: *mut PyObject) -> *mut PyObject {
    // SAFETY: a vectorcall.
    unsafe { calls::enter::<ItemGetter>(this, args, nargsf, kwnames, |this, args, kwargs| this.fetch(operand("itemgetter", args, kwargs)?)) }
}

/// Return a callable that fetches the given item(s) from its operand.
///
/// itemgetter(2)(r) is r[2]; itemgetter(2, 5, 3)(r) is (r[2], r[5], r[3]).
#[pytype(static = ItemGetter_Type, name = "itemgetter", module = "operator", signature = "(item, /, *items)",
    flags = HAVE_GC | HAVE_VECTORCALL | IMMUTABLETYPE, vectorcall_offset = offset_of!(ItemGetter, vectorcall), tp_call = vectorcall_call, native)]
impl ItemGetter {
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<Owned<ItemGetter>> {
        check_new("itemgetter", args, kwargs)?;
        let index = match args.get(0).downcast_exact::<Int>() {
            Some(index) if args.len() == 1 => index.as_i64().filter(|&i| i >= 0).map_or(-1, |i| i as isize),
            _ => -1,
        };
        let (vectorcall, items) = (Cell::new(Some(itemgetter_vectorcall as abi::vectorcallfunc)), Owned::from_ref(args));
        ItemGetter::construct(cls, ItemGetter { head: ObjectHead::placeholder(), vectorcall, items, index })
    }
    #[getter("__text_signature__")]
    fn text_signature(&self) -> &'static str {
        SIGNATURE
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        show(self, |text| push_reprs(text, self.items.as_slice()))
    }
    /// Return state information for pickling
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> Owned<Tuple> {
        Tuple::pair(self.ty().to_owned(), self.items.clone().into_object())
    }
}

// ---- methodcaller --------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct MethodCaller {
    head: ObjectHead,
    #[traverse(skip)]
    vectorcall: Entry,
    #[traverse(skip)]
    name: Owned<Str>,
    args: Owned<Tuple>,
    kwargs: Option<Owned<Dict>>,
}

impl MethodCaller {
    fn call(&self, o: &Object) -> PyResult {
        match &self.kwargs {
            None => call::call_method(o, &self.name, self.args.as_slice()),
            Some(kwargs) => {
                let method = get_attr(o, &self.name)?;
                call::call(&method, &self.args, Some(kwargs))
            }
        }
    }
}

unsafe extern "C" fn methodcaller_vectorcall(this: *mut PyObject, args: *const *mut PyObject, nargsf: usize, kwnames: *mut PyObject) -> *mut PyObject {
    // SAFETY: a vectorcall.
    unsafe { calls::enter::<MethodCaller>(this, args, nargsf, kwnames, |this, args, kwargs| this.call(operand("methodcaller", args, kwargs)?)) }
}

/// Return a callable that calls the given method on its operand.
///
/// methodcaller('name')(r) is r.name(); methodcaller('name', 'date', foo=1)(r) is
/// r.name('date', foo=1).
#[pytype(static = MethodCaller_Type, name = "methodcaller", module = "operator", signature = "(name, /, *args, **kwargs)",
    flags = HAVE_GC | HAVE_VECTORCALL | IMMUTABLETYPE, vectorcall_offset = offset_of!(MethodCaller, vectorcall), tp_call = vectorcall_call, native)]
impl MethodCaller {
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<Owned<MethodCaller>> {
        let Some(name) = args.get_opt(0) else {
            return Err(err!(TypeError, "methodcaller needs at least one argument, the method name"));
        };
        let Some(name) = name.downcast::<Str>() else {
            return Err(err!(TypeError, "method name must be a string"));
        };
        let kwargs = match kwargs {
            Some(kwargs) if kwargs.len() > 0 => Some(kwargs.copy()?),
            _ => None,
        };
        let value = MethodCaller {
            head: ObjectHead::placeholder(),
            vectorcall: Cell::new(Some(methodcaller_vectorcall)),
            name: Str::intern(Owned::from_ref(name)),
            args: args.slice(1, args.len()),
            kwargs,
        };
        MethodCaller::construct(cls, value)
    }
    #[getter("__text_signature__")]
    fn text_signature(&self) -> &'static str {
        SIGNATURE
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        show(self, |text| {
            text.push_str_object(&*repr(&self.name)?)?;
            if !self.args.is_empty() {
                text.push_str(", ");
                push_reprs(text, self.args.as_slice())?;
            }
            let Some(kwargs) = &self.kwargs else { return Ok(()) };
            let mut pos = 0;
            while let Some((key, value)) = kwargs.next(&mut pos) {
                text.push_str(", ");
                text.push_str_object(&*runtime::protocol::object::str(&key)?)?;
                text.push_str("=");
                text.push_str_object(&*repr(&value)?)?;
            }
            Ok(())
        })
    }
    /// Return state information for pickling
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> PyResult<Owned<Tuple>> {
        let Some(kwargs) = &self.kwargs else {
            let mut items = vec![self.name.clone().into_object()];
            items.extend(self.args.iter().map(|arg| arg.to_owned()));
            return Ok(Tuple::pair(self.ty().to_owned(), Tuple::from_owned(items).into_object()));
        };
        // Keyword arguments travel in a partial of the type.
        let functools = import::import_module("functools")?;
        let partial = runtime::protocol::object::get_attr_str(&functools, "partial")?;
        let first = Tuple::pair(self.ty().to_owned(), self.name.clone().into_object());
        let constructor = call::call(&partial, &first, Some(kwargs))?;
        Ok(Tuple::pair(constructor, self.args.clone().into_object()))
    }
}
