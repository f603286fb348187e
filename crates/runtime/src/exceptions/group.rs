//! Exception groups (PEP 654): BaseExceptionGroup with split, subgroup and derive; ExceptionGroup is made at start as a class of both
//! BaseExceptionGroup and Exception.

use super::base::{BaseException, clear_base, get, get_or_none, put, traverse_base};
use crate::err;
use crate::errors::{self, PyResult};
use crate::interp::exc::matches;
use crate::macro_support::Visitor;
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol::{call, object, sequence};
use crate::types::{self, Dict, List, Str, Tuple};
use abi::{PyBaseExceptionGroupObject, PyObject};
use macros::pytype;
use std::cell::Cell;
use std::mem::offset_of;
use std::ptr;

#[repr(transparent)]
pub struct BaseExceptionGroup(pub PyBaseExceptionGroupObject);

struct Slot(Cell<*mut PyObject>);
// SAFETY: under the GIL.
unsafe impl Sync for Slot {}
static EXCEPTION_GROUP: Slot = Slot(Cell::new(ptr::null_mut()));

/// `ExceptionGroup`, made on first use.
pub fn exception_group() -> PyResult<&'static Object> {
    if EXCEPTION_GROUP.0.get().is_null() {
        let bases = Tuple::new(&[super::BaseExceptionGroup(), super::Exception()]);
        let dict = Dict::new();
        dict.set_item(crate::intern!("__module__"), Str::new("builtins").object())?;
        let made = call::call_args(types::type_type(), &[Str::new("ExceptionGroup").object(), bases.object(), dict.object()])?;
        if let Some(ty) = made.downcast::<Type>() {
            ty.add_flags(abi::Py_TPFLAGS_IMMUTABLETYPE as u64);
        }
        EXCEPTION_GROUP.0.set(made.into_raw());
    }
    // SAFETY: kept for the process.
    Ok(unsafe { Object::from_ptr(EXCEPTION_GROUP.0.get()) })
}

impl BaseExceptionGroup {
    fn object(&self) -> &Object {
        // SAFETY: the struct is an object.
        unsafe { Object::from_ptr(self as *const _ as *mut PyObject) }
    }
    fn excs(&self) -> PyResult<Owned<Tuple>> {
        match get(&self.0.excs).and_then(|e| e.try_into_typed::<Tuple>().ok()) {
            Some(excs) => Ok(excs),
            None => Ok(Tuple::empty()),
        }
    }
}

fn as_group(o: &Object) -> Option<&BaseExceptionGroup> {
    // SAFETY: the layout of all subclasses.
    o.ty().is_subtype(super::BaseExceptionGroup()).then(|| unsafe { o.cast() })
}

/// How a condition picks exceptions.
enum Condition<'a> {
    Types(&'a Object),
    Predicate(&'a Object),
    /// Leaves that are in the list, by identity.
    Among(&'a [Owned]),
}

impl Condition<'_> {
    fn of<'a>(value: &'a Object) -> PyResult<Condition<'a>> {
        let is_exception_type = |o: &Object| o.downcast::<Type>().is_some_and(|t| t.has_flag(abi::Py_TPFLAGS_BASE_EXC_SUBCLASS as u64));
        let types = is_exception_type(value) || value.downcast::<Tuple>().is_some_and(|t| (0..t.len()).all(|i| is_exception_type(t.get(i))));
        if types {
            return Ok(Condition::Types(value));
        }
        if value.ty().0.tp_call.get().is_some() && !Type::check(value) {
            return Ok(Condition::Predicate(value));
        }
        Err(err!(TypeError, "expected an exception type, a tuple of exception types, or a callable (other than a class)"))
    }
    fn holds(&self, exc: &Object) -> PyResult<bool> {
        match self {
            Condition::Types(types) => Ok(matches(exc, types)),
            Condition::Predicate(function) => object::is_true(&*call::call1(function, exc)?),
            Condition::Among(leaves) => Ok(as_group(exc).is_none() && leaves.iter().any(|l| l.raw() == exc.as_ptr())),
        }
    }
}

/// (matching, rest), each absent if empty.
fn split(exc: &Object, condition: &Condition<'_>, want_rest: bool) -> PyResult<(Option<Owned>, Option<Owned>)> {
    crate::tstate::check_recursion(" in exceptiongroup_split_recursive")?;
    if condition.holds(exc)? {
        return Ok((Some(exc.to_owned()), None));
    }
    let Some(group) = as_group(exc) else {
        return Ok((None, want_rest.then(|| exc.to_owned())));
    };
    let excs = group.excs()?;
    let (mut matched, mut rest) = (Vec::new(), Vec::new());
    for i in 0..excs.len() {
        let (m, r) = split(excs.get(i), condition, want_rest)?;
        matched.extend(m);
        rest.extend(r);
    }
    let build = |items: Vec<Owned>| -> PyResult<Option<Owned>> { if items.is_empty() { Ok(None) } else { derive_with_metadata(group, items).map(Some) } };
    Ok((build(matched)?, if want_rest { build(rest)? } else { None }))
}

/// `group.derive(excs)`, with traceback, context, cause and notes of the original.
fn derive_with_metadata(group: &BaseExceptionGroup, items: Vec<Owned>) -> PyResult {
    let list = List::from_owned(items);
    let derived = call::call_method(group.object(), crate::intern!("derive"), &[list.object()])?;
    let Some(new) = as_group(&derived) else {
        return Err(err!(TypeError, "derive must return an instance of BaseExceptionGroup"));
    };
    let (from, to) = (&group.0.base, &new.0.base);
    put(&to.traceback, get(&from.traceback).as_deref());
    put(&to.context, get(&from.context).as_deref());
    put(&to.cause, get(&from.cause).as_deref());
    to.suppress_context.set(from.suppress_context.get());
    if let Some(notes) = object::get_attr_opt(group.object(), crate::intern!("__notes__"))?
        && sequence::check(&notes)
    {
        let copy = sequence::to_list(&notes)?;
        object::set_attr(&derived, crate::intern!("__notes__"), Some(copy.object()))?;
    }
    Ok(derived)
}

fn or_none(value: Option<Owned>) -> Owned {
    value.unwrap_or_else(|| types::none().to_owned())
}

/// A combination of multiple unrelated exceptions.
#[pytype(static = BASE_EXCEPTION_GROUP, name = "BaseExceptionGroup", base = super::base::BASE_EXCEPTION, flags = BASETYPE | HAVE_GC | BASE_EXC_SUBCLASS, no_pytyped,
    members = [
        ("message", T_OBJECT, offset_of!(PyBaseExceptionGroupObject, msg), READONLY, "exception message"),
        ("exceptions", T_OBJECT, offset_of!(PyBaseExceptionGroupObject, excs), READONLY, "nested exceptions"),
    ])]
impl BaseExceptionGroup {
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, _kwargs: Option<&Dict>) -> PyResult {
        if args.len() != 2 {
            return Err(err!(TypeError, "BaseExceptionGroup.__new__() takes exactly 2 arguments ({} given)", args.len()));
        }
        let (message, excs) = (args.get(0), args.get(1));
        if !Str::check(message) {
            return Err(err!(TypeError, "BaseExceptionGroup.__new__() argument 1 must be str, not {}", message.type_name()));
        }
        if !sequence::check(excs) {
            return Err(err!(TypeError, "second argument (exceptions) must be a sequence"));
        }
        // What is neither a list nor a tuple is shown as it was given.
        let shown = if List::check(excs) || Tuple::check(excs) { None } else { Some(object::repr(excs)?) };
        let excs = sequence::to_tuple(excs)?;
        if excs.len() == 0 {
            return Err(err!(ValueError, "second argument (exceptions) must be a non-empty sequence"));
        }
        let mut nested_base = false;
        for i in 0..excs.len() {
            if !BaseException::check(excs.get(i)) {
                return Err(err!(ValueError, "Item {} of second argument (exceptions) is not an exception", i));
            }
            nested_base |= !excs.get(i).ty().is_subtype(super::Exception());
        }
        let mut cls: &Object = cls;
        let group = exception_group()?;
        if cls.is(super::BaseExceptionGroup()) {
            if !nested_base {
                cls = group;
            }
        } else if nested_base {
            if cls.is(group) {
                return Err(err!(TypeError, "Cannot nest BaseExceptions in an ExceptionGroup"));
            }
            if let Some(ty) = cls.downcast::<Type>()
                && ty.is_subtype(super::Exception())
            {
                return Err(err!(TypeError, "Cannot nest BaseExceptions in '{}'", ty.name()));
            }
        }
        let Some(cls) = cls.downcast::<Type>() else { return Err(errors::bad_internal_call()) };
        let this = super::base::new_instance(cls, args)?;
        // SAFETY: a subclass of BaseExceptionGroup.
        let group: &BaseExceptionGroup = unsafe { this.cast() };
        put(&group.0.msg, Some(message));
        put(&group.0.excs, Some(excs.object()));
        put(&group.0.excs_str, shown.as_ref().map(|s| s.object()));
        Ok(this)
    }
    #[slot]
    fn tp_init(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<()> {
        super::values::init_base(&self.0.base, args, kwargs)
    }
    #[slot]
    fn tp_traverse(&self, visitor: &mut Visitor) {
        for cell in [&self.0.msg, &self.0.excs, &self.0.excs_str] {
            visitor.visit_cell(cell);
        }
        traverse_base(&self.0.base, &mut *visitor);
    }
    #[slot]
    fn tp_clear(&self) {
        for cell in [&self.0.msg, &self.0.excs, &self.0.excs_str] {
            put(cell, None);
        }
        clear_base(&self.0.base);
    }
    #[slot]
    fn tp_str(&self) -> PyResult<Owned<Str>> {
        let n = self.excs()?.len();
        let message = object::str(&get_or_none(&self.0.msg))?;
        Ok(Str::new(&format!("{} ({} sub-exception{})", &*message, n, if n > 1 { "s" } else { "" })))
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let name = self.object().ty().short_name().to_string();
        // SAFETY: the same head.
        let args = unsafe { &*(self as *const _ as *const BaseException) }.args();
        let excs = self.excs()?;
        let shown = if let Some(shown) = get(&self.0.excs_str) { object::str(&shown)? } else if args.len() == 2 && List::check(args.get(1)) { object::repr(sequence::to_list(excs.object())?.object())? } else { object::repr(excs.object())? };
        let message = object::repr(&get_or_none(&self.0.msg))?;
        Ok(Str::new(&format!("{}({}, {})", name, &*message, &*shown)))
    }
    #[classmethod("__class_getitem__($type, object, /)")]
    fn __class_getitem__(cls: &Type, object: &Object) -> PyResult {
        types::generic_alias::alias(cls, object)
    }
    /// Return a new group of the same kind with other exceptions.
    #[method("derive($self, excs, /)")]
    fn derive(&self, excs: &Object) -> PyResult {
        call::call_args(super::BaseExceptionGroup(), &[&get_or_none(&self.0.msg), excs])
    }
    /// Split the group into what matches and the rest.
    #[method("split($self, matcher_value, /)")]
    fn split(&self, matcher_value: &Object) -> PyResult {
        let condition = Condition::of(matcher_value)?;
        let (matched, rest) = split(self.object(), &condition, true)?;
        Ok(Tuple::from_owned(vec![or_none(matched), or_none(rest)]).into_object())
    }
    /// The part of the group that matches, or None.
    #[method("subgroup($self, matcher_value, /)")]
    fn subgroup(&self, matcher_value: &Object) -> PyResult {
        let condition = Condition::of(matcher_value)?;
        let (matched, _) = split(self.object(), &condition, false)?;
        Ok(or_none(matched))
    }
}

/// Collects a group's leaves.
fn leaves(exc: &Object, out: &mut Vec<Owned>) -> PyResult<()> {
    crate::tstate::check_recursion(" in collect_exception_group_leaf_ids")?;
    match as_group(exc) {
        Some(group) => {
            let excs = group.excs()?;
            for i in 0..excs.len() {
                leaves(excs.get(i), out)?;
            }
        }
        None => out.push(exc.to_owned()),
    }
    Ok(())
}

fn same_metadata(a: &Object, b: &Object) -> bool {
    let (Some(a), Some(b)) = (a.downcast::<BaseException>(), b.downcast::<BaseException>()) else { return false };
    let notes = |e: &BaseException| object::get_attr_opt(e.as_object(), crate::intern!("__notes__")).ok().flatten().map_or(ptr::null_mut(), |n| n.raw());
    a.0.traceback.get() == b.0.traceback.get() && a.0.cause.get() == b.0.cause.get() && a.0.context.get() == b.0.context.get() && notes(a) == notes(b)
}

/// INTRINSIC_PREP_RERAISE_STAR: what a `try` with `except*` re-raises, or None.
pub fn prep_reraise_star(orig: &Object, raised_and_rest: &Object) -> PyResult {
    let Some(list) = raised_and_rest.downcast::<List>() else { return Err(errors::bad_internal_call()) };
    let items: Vec<Owned> = (0..list.len()).filter_map(|i| list.get(i)).collect();
    if items.is_empty() {
        return Ok(types::none().to_owned());
    }
    if as_group(orig).is_none() {
        // A naked exception was caught and wrapped; at most one came out.
        return Ok(items[0].clone());
    }
    let (mut raised, mut reraised) = (Vec::new(), Vec::new());
    for item in items {
        if item.is_none() {
            continue;
        }
        if same_metadata(&item, orig) { reraised.push(item) } else { raised.push(item) }
    }
    let projection = if reraised.is_empty() {
        None
    } else {
        let mut keep = Vec::new();
        for item in &reraised {
            leaves(item, &mut keep)?;
        }
        split(orig, &Condition::Among(&keep), false)?.0
    };
    if raised.is_empty() {
        return Ok(or_none(projection));
    }
    raised.extend(projection);
    if raised.len() == 1 {
        return Ok(raised.swap_remove(0));
    }
    let all_exceptions = raised.iter().all(|e| e.ty().is_subtype(super::Exception()));
    let kind: &Object = if all_exceptions { exception_group()? } else { super::BaseExceptionGroup() };
    let excs = List::from_owned(raised);
    call::call_args(kind, &[Str::new("").object(), excs.object()])
}
