//! The types `set`, `frozenset` and `set_iterator` over `set.rs`.

use super::set::{FrozenSet, Set, dealloc, tp_clear, traverse};
use crate::err;
use crate::errors::{self, PyResult};
use crate::exceptions;
use crate::intern;
use crate::macro_support::{Args, KwArgs};
use crate::object::{Object, ObjectHead, Owned, PyTyped, Type};
use crate::protocol::object::{self as protocol, CompareOp, self_iter};
use crate::protocol::call;
use crate::types::dict::key_error;
use crate::types::str::StrBuilder;
use crate::types::seq_iter::builtin_attr;
use crate::types::{Dict, GenericAlias, List, Str, Tuple, bool_object, not_implemented};
use macros::{Traverse, pymethods, pytype};
use std::cell::Cell;
use std::ptr;

// ---- what both types do ----

/// `set` or `frozenset`, whichever the set's type descends from, for results of operators.
fn base_type(set: &Set) -> &'static Type {
    if set.object().ty().is_subtype(Set::type_object()) { Set::type_object() } else { FrozenSet::type_object() }
}

/// An empty set of the base type.
fn new_like(set: &Set) -> Owned<Set> {
    // SAFETY: one of the two types.
    unsafe { Set::allocate(base_type(set)) }
}

/// An instance of `cls`, which descends from set or frozenset, with the iterable's items.
fn make(cls: &Type, iterable: Option<&Object>) -> PyResult<Owned<Set>> {
    let set = if ptr::eq(cls, Set::type_object()) || ptr::eq(cls, FrozenSet::type_object()) {
        // SAFETY: one of the two types.
        unsafe { Set::allocate(cls) }
    } else {
        let object = cls.alloc(0)?;
        // SAFETY: a block with a set's layout at its start.
        unsafe {
            let set: Owned<Set> = object.cast_into();
            set.init();
            set
        }
    };
    if let Some(iterable) = iterable {
        set.update(iterable)?;
    }
    Ok(set)
}

fn make_frozen(cls: &Type, iterable: Option<&Object>) -> PyResult {
    if ptr::eq(cls, FrozenSet::type_object())
        && let Some(iterable) = iterable
        && iterable.is_exact::<FrozenSet>()
    {
        return Ok(iterable.to_owned());
    }
    Ok(make(cls, iterable)?.into_object())
}

fn one_argument<'a>(name: &str, args: Args<'a>, has_keywords: bool) -> PyResult<Option<&'a Object>> {
    if has_keywords {
        return Err(err!(TypeError, "{}() takes no keyword arguments", name));
    }
    if args.len() > 1 {
        return Err(err!(TypeError, "{} expected at most 1 argument, got {}", name, args.len()));
    }
    Ok(args.first().copied())
}

fn copy_of(set: &Set) -> PyResult<Owned<Set>> {
    let copy = new_like(set);
    copy.merge(set)?;
    Ok(copy)
}

/// `a - b` for any iterable `b`.
fn difference(set: &Set, other: &Object) -> PyResult<Owned<Set>> {
    let other_len = match Set::from_any(other) {
        Some(other) => Some(other.len()),
        None => other.downcast_exact::<Dict>().map(Dict::len),
    };
    match other_len {
        // Not a table, or a much smaller one: copy and remove.
        None => {}
        Some(n) if set.len() >> 2 > n => {}
        Some(_) => {
            let result = new_like(set);
            set.subtract(other, &result)?;
            return Ok(result);
        }
    }
    let result = copy_of(set)?;
    result.difference_update(other)?;
    Ok(result)
}

fn intersection(set: &Set, other: &Object) -> PyResult<Owned<Set>> {
    if ptr::eq(set.object(), other) {
        return copy_of(set);
    }
    let result = new_like(set);
    set.intersect(other, &result)?;
    Ok(result)
}

fn symmetric_difference(set: &Set, other: &Object) -> PyResult<Owned<Set>> {
    let result = make(base_type(set), Some(other))?;
    result.symmetric_difference_update(set.object())?;
    Ok(result)
}

fn compare(set: &Set, other: &Object, op: CompareOp) -> PyResult {
    let Some(other) = Set::from_any(other) else { return Ok(not_implemented().to_owned()) };
    let result = match op {
        CompareOp::Eq => equals(set, other)?,
        CompareOp::Ne => !equals(set, other)?,
        CompareOp::Le => set.is_subset_of(other)?,
        CompareOp::Ge => other.is_subset_of(set)?,
        CompareOp::Lt => set.len() < other.len() && set.is_subset_of(other)?,
        CompareOp::Gt => other.len() < set.len() && other.is_subset_of(set)?,
    };
    Ok(bool_object(result).to_owned())
}

fn equals(a: &Set, b: &Set) -> PyResult<bool> {
    if a.len() != b.len() || a.0.hash.get() != -1 && b.0.hash.get() != -1 && a.0.hash.get() != b.0.hash.get() {
        return Ok(false);
    }
    a.is_subset_of(b)
}

/// Membership, where an unhashable set stands for the frozenset of its items.
pub fn contains(set: &Set, item: &Object) -> PyResult<bool> {
    match set.contains(item) {
        Err(raised) => match stand_in(item, raised)? {
            Some(frozen) => set.contains(&frozen),
            None => unreachable_raised(),
        },
        ok => ok,
    }
}

/// For an error in looking for a (mutable) set: a frozenset to look for instead. Other errors are passed on.
#[cold]
fn stand_in(item: &Object, raised: errors::Raised) -> PyResult<Option<Owned<FrozenSet>>> {
    if !Set::check(item) || !errors::matches(exceptions::TypeError()) {
        return Err(raised);
    }
    errors::clear();
    Set::frozen(item).map(Some)
}

#[cold]
fn unreachable_raised<T>() -> PyResult<T> {
    Err(errors::bad_internal_call())
}

fn repr(set: &Set) -> PyResult<Owned<Str>> {
    let o = set.object();
    let name = o.ty().short_name();
    if set.is_empty() {
        return Ok(Str::new(&format!("{name}()")));
    }
    if protocol::repr_enter(o) {
        return Ok(Str::new(&format!("{name}(...)")));
    }
    let result = repr_items(set, name);
    protocol::repr_leave(o);
    result
}

fn repr_items(set: &Set, name: &str) -> PyResult<Owned<Str>> {
    // A copy of the items first: repr may change the set.
    let items = set.to_vec();
    let plain = set.object().is_exact::<Set>();
    let mut text = StrBuilder::new();
    if !plain {
        text.push_str(name);
        text.push_str("(");
    }
    text.push_str("{");
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            text.push_str(", ");
        }
        text.push_str_object(&*protocol::repr(item)?)?;
    }
    text.push_str(if plain { "}" } else { "})" });
    text.finish()
}

/// Both operands as sets, or None for NotImplemented.
fn operands<'a>(a: &'a Object, b: &'a Object) -> Option<(&'a Set, &'a Set)> {
    Some((Set::from_any(a)?, Set::from_any(b)?))
}

fn binary(a: &Object, b: &Object, op: impl Fn(&Set, &Object) -> PyResult<Owned<Set>>) -> PyResult {
    match operands(a, b) {
        Some((left, _)) => Ok(op(left, b)?.into_object()),
        None => Ok(not_implemented().to_owned()),
    }
}

fn union_with(set: &Set, other: &Object) -> PyResult<Owned<Set>> {
    let result = copy_of(set)?;
    result.update(other)?;
    Ok(result)
}

/// Methods that both types have; `Set` stands for either.
#[pymethods(COMMON_METHODS)]
impl Set {
    /// True if the item is in the set.
    #[method("__contains__($self, object, /)", coexist)]
    fn contains_method(&self, item: &Object) -> PyResult<bool> {
        contains(self, item)
    }
    /// The items of this set that are in none of the others.
    #[method("difference($self, /, *others)")]
    fn difference_method(&self, others: Args<'_>) -> PyResult {
        let Some((first, rest)) = others.split_first() else { return copy_of(self).map(Owned::into_object) };
        let result = difference(self, first)?;
        for other in rest {
            result.difference_update(other)?;
        }
        Ok(result.into_object())
    }
    /// The items that are in all the sets.
    #[method("intersection($self, /, *others)")]
    fn intersection_method(&self, others: Args<'_>) -> PyResult {
        Ok(intersection_of_all(self, others)?.into_object())
    }
    /// True if the sets have nothing in common.
    #[method("isdisjoint($self, other, /)")]
    fn isdisjoint(&self, other: &Object) -> PyResult<bool> {
        self.is_disjoint_from(other)
    }
    /// True if every item of this set is in the other.
    #[method("issubset($self, other, /)")]
    fn issubset(&self, other: &Object) -> PyResult<bool> {
        if let Some(other) = Set::from_any(other) {
            return self.is_subset_of(other);
        }
        let common = intersection(self, other)?;
        Ok(common.len() == self.len())
    }
    /// True if every item of the other is in this set.
    #[method("issuperset($self, other, /)")]
    fn issuperset(&self, other: &Object) -> PyResult<bool> {
        if let Some(other) = Set::from_any(other) {
            return other.is_subset_of(self);
        }
        let iterator = crate::protocol::iter::get_iter(other)?;
        while let Some(item) = crate::protocol::iter::iter_next(&iterator)? {
            if !self.contains(&item)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
    /// State for pickling.
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> PyResult<Owned<Tuple>> {
        let items = List::from_owned(self.to_vec());
        let state = call::call_method(self.object(), intern!("__getstate__"), &[])?;
        Ok(Tuple::triple(self.object().ty().as_object().to_owned(), Tuple::single(items.into_object()).into_object(), state))
    }
    /// Size of the set in memory, in bytes.
    #[method("__sizeof__($self, /)")]
    fn sizeof(&self) -> usize {
        self.size_in_bytes()
    }
    /// The items that are in exactly one of the sets.
    #[method("symmetric_difference($self, other, /)")]
    fn symmetric_difference_method(&self, other: &Object) -> PyResult {
        Ok(symmetric_difference(self, other)?.into_object())
    }
    /// The items of all the sets.
    #[method("union($self, /, *others)")]
    fn union_method(&self, others: Args<'_>) -> PyResult {
        let result = copy_of(self)?;
        for other in others {
            if !ptr::eq(self.object(), *other) {
                result.update(other)?;
            }
        }
        Ok(result.into_object())
    }
    /// See PEP 585.
    #[classmethod("__class_getitem__($type, object, /)")]
    fn class_getitem(cls: &Type, object: &Object) -> PyResult {
        GenericAlias::make(cls, object)
    }
}

fn intersection_of_all(set: &Set, others: Args<'_>) -> PyResult<Owned<Set>> {
    let Some((first, rest)) = others.split_first() else { return copy_of(set) };
    let mut result = intersection(set, first)?;
    for other in rest {
        result = intersection(&result, other)?;
    }
    Ok(result)
}

// ---- set ----

#[pytype(static = PySet_Type, name = "set", signature = "(iterable=(), /)", flags = BASETYPE | HAVE_GC | MATCH_SELF,
    weaklistoffset = core::mem::offset_of!(abi::PySetObject, weakreflist), methods = [Set::COMMON_METHODS],
    tp_dealloc = dealloc, tp_traverse = traverse, tp_clear = tp_clear, tp_hash = crate::protocol::object::PyObject_HashNotImplemented,
    doc = "An unordered collection of different items.")]
impl Set {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult {
        Ok(make(cls, None)?.into_object())
    }
    #[slot]
    fn tp_init(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<()> {
        if kwargs.is_some_and(|kwargs| kwargs.len() > 0) {
            return Err(err!(TypeError, "set() takes no keyword arguments"));
        }
        if args.len() > 1 {
            return Err(err!(TypeError, "set expected at most 1 argument, got {}", args.len()));
        }
        let iterable = (args.len() == 1).then(|| args.get(0));
        if self.0.fill.get() != 0 {
            self.clear();
        }
        self.0.hash.set(-1);
        match iterable {
            Some(iterable) => self.update(iterable),
            None => Ok(()),
        }
    }
    #[slot]
    fn tp_vectorcall(cls: &Type, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult {
        let argument = one_argument("set", args, !kwargs.is_empty())?;
        Ok(make(cls, argument)?.into_object())
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        repr(self)
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        compare(self, other, op)
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        SetIterator::over(self)
    }
    #[slot]
    fn sq_length(&self) -> usize {
        self.len()
    }
    #[slot]
    fn sq_contains(&self, item: &Object) -> PyResult<bool> {
        contains(self, item)
    }
    #[slot]
    fn nb_subtract(a: &Object, b: &Object) -> PyResult {
        binary(a, b, difference)
    }
    #[slot]
    fn nb_and(a: &Object, b: &Object) -> PyResult {
        binary(a, b, intersection)
    }
    #[slot]
    fn nb_xor(a: &Object, b: &Object) -> PyResult {
        binary(a, b, symmetric_difference)
    }
    #[slot]
    fn nb_or(a: &Object, b: &Object) -> PyResult {
        binary(a, b, union_with)
    }
    #[slot]
    fn nb_inplace_subtract(&self, other: &Object) -> PyResult {
        if !Set::check_any(other) {
            return Ok(not_implemented().to_owned());
        }
        self.difference_update(other)?;
        Ok(self.object().to_owned())
    }
    #[slot]
    fn nb_inplace_and(&self, other: &Object) -> PyResult {
        if !Set::check_any(other) {
            return Ok(not_implemented().to_owned());
        }
        let result = intersection(self, other)?;
        self.swap(&result);
        Ok(self.object().to_owned())
    }
    #[slot]
    fn nb_inplace_xor(&self, other: &Object) -> PyResult {
        if !Set::check_any(other) {
            return Ok(not_implemented().to_owned());
        }
        self.symmetric_difference_update(other)?;
        Ok(self.object().to_owned())
    }
    #[slot]
    fn nb_inplace_or(&self, other: &Object) -> PyResult {
        if !Set::check_any(other) {
            return Ok(not_implemented().to_owned());
        }
        self.update(other)?;
        Ok(self.object().to_owned())
    }

    /// Add an item.
    #[method("add($self, object, /)")]
    fn add_method(&self, item: &Object) -> PyResult<()> {
        self.add(item)
    }
    /// Remove all items.
    #[method("clear($self, /)")]
    fn clear_method(&self) {
        self.clear()
    }
    /// A shallow copy.
    #[method("copy($self, /)")]
    fn copy_method(&self) -> PyResult {
        Ok(copy_of(self)?.into_object())
    }
    /// Remove an item if it is there.
    #[method("discard($self, object, /)")]
    fn discard_method(&self, item: &Object) -> PyResult<()> {
        if let Err(raised) = self.discard(item)
            && let Some(frozen) = stand_in(item, raised)?
        {
            self.discard(&frozen)?;
        }
        Ok(())
    }
    /// Remove the items that are in any of the others.
    #[method("difference_update($self, /, *others)")]
    fn difference_update_method(&self, others: Args<'_>) -> PyResult<()> {
        for other in others {
            self.difference_update(other)?;
        }
        Ok(())
    }
    /// Keep only the items that are in all the sets.
    #[method("intersection_update($self, /, *others)")]
    fn intersection_update(&self, others: Args<'_>) -> PyResult<()> {
        let result = intersection_of_all(self, others)?;
        self.swap(&result);
        Ok(())
    }
    /// Remove and return some item.
    ///
    /// Raises KeyError if the set is empty.
    #[method("pop($self, /)")]
    fn pop(&self) -> PyResult {
        self.pop_any().ok_or_else(|| err!(KeyError, "pop from an empty set"))
    }
    /// Remove an item.
    ///
    /// Raises KeyError if it is not there.
    #[method("remove($self, object, /)")]
    fn remove(&self, item: &Object) -> PyResult<()> {
        let found = match self.discard(item) {
            Err(raised) => match stand_in(item, raised)? {
                Some(frozen) => self.discard(&frozen)?,
                None => return unreachable_raised(),
            },
            Ok(found) => found,
        };
        if found { Ok(()) } else { Err(key_error(item)) }
    }
    /// Keep the items that are in exactly one of the sets.
    #[method("symmetric_difference_update($self, other, /)")]
    fn symmetric_difference_update_method(&self, other: &Object) -> PyResult<()> {
        self.symmetric_difference_update(other)
    }
    /// Add the items of all the others.
    #[method("update($self, /, *others)")]
    fn update_method(&self, others: Args<'_>) -> PyResult<()> {
        for other in others {
            self.update(other)?;
        }
        Ok(())
    }
}

// ---- frozenset ----

#[pytype(static = PyFrozenSet_Type, name = "frozenset", signature = "(iterable=(), /)", flags = BASETYPE | HAVE_GC | MATCH_SELF,
    weaklistoffset = core::mem::offset_of!(abi::PySetObject, weakreflist), methods = [Set::COMMON_METHODS],
    tp_dealloc = dealloc, tp_traverse = traverse, tp_clear = tp_clear,
    doc = "An unordered collection of different items that does not change.")]
impl FrozenSet {
    #[slot("frozenset(iterable=(), /)")]
    fn tp_new(cls: &Type, iterable: Option<&Object>) -> PyResult {
        make_frozen(cls, iterable)
    }
    #[slot]
    fn tp_vectorcall(cls: &Type, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult {
        let argument = one_argument("frozenset", args, !kwargs.is_empty())?;
        make_frozen(cls, argument)
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        repr(self.as_set())
    }
    #[slot]
    fn tp_hash(&self) -> isize {
        self.as_set().frozen_hash()
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        compare(self.as_set(), other, op)
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        SetIterator::over(self.as_set())
    }
    #[slot]
    fn sq_length(&self) -> usize {
        self.as_set().len()
    }
    #[slot]
    fn sq_contains(&self, item: &Object) -> PyResult<bool> {
        contains(self.as_set(), item)
    }
    #[slot]
    fn nb_subtract(a: &Object, b: &Object) -> PyResult {
        binary(a, b, difference)
    }
    #[slot]
    fn nb_and(a: &Object, b: &Object) -> PyResult {
        binary(a, b, intersection)
    }
    #[slot]
    fn nb_xor(a: &Object, b: &Object) -> PyResult {
        binary(a, b, symmetric_difference)
    }
    #[slot]
    fn nb_or(a: &Object, b: &Object) -> PyResult {
        binary(a, b, union_with)
    }
    /// A shallow copy.
    #[method("copy($self, /)")]
    fn copy_method(&self) -> PyResult {
        if self.as_object().is_exact::<FrozenSet>() {
            return Ok(self.as_object().to_owned());
        }
        Ok(copy_of(self.as_set())?.into_object())
    }
}

// ---- iterator ----

#[derive(Traverse)]
#[repr(C)]
pub struct SetIterator {
    head: ObjectHead,
    set: Cell<Option<Owned<Set>>>,
    used: Cell<isize>,
    pos: Cell<usize>,
    len: Cell<isize>,
}

impl SetIterator {
    pub fn over(set: &Set) -> PyResult {
        let iterator = SetIterator {
            head: ObjectHead::placeholder(),
            // SAFETY: a set that is alive; FrozenSet has the same layout.
            set: Cell::new(Some(unsafe { set.object().to_owned().cast_into() })),
            used: Cell::new(set.len() as isize),
            pos: Cell::new(0),
            len: Cell::new(set.len() as isize),
        };
        Ok(Self::construct(Self::type_object(), iterator)?.into_object())
    }
    fn set(&self) -> Option<&Set> {
        // SAFETY: the cell is only written here, and no code runs while the borrow lasts.
        unsafe { (*self.set.as_ptr()).as_deref() }
    }
}

#[pytype(static = PySetIter_Type, name = "set_iterator", flags = HAVE_GC | DISALLOW_INSTANTIATION, native)]
impl SetIterator {
    #[slot]
    fn tp_iter(&self) -> PyResult {
        Ok(self_iter(self.as_object()))
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        let Some(set) = self.set() else { return Ok(None) };
        if self.used.get() != set.len() as isize {
            self.used.set(-1);
            return Err(err!(RuntimeError, "Set changed size during iteration"));
        }
        let mut pos = self.pos.get();
        // SAFETY: the count is taken at once.
        let next = unsafe { set.next_raw(&mut pos) };
        match next {
            Some((item, _)) => {
                self.pos.set(pos);
                self.len.set(self.len.get() - 1);
                // SAFETY: an item of the set.
                Ok(Some(unsafe { Object::from_ptr(item) }.to_owned()))
            }
            None => {
                drop(self.set.take());
                Ok(None)
            }
        }
    }
    /// A guess at how many items are left.
    #[method("__length_hint__($self, /)", nosig)]
    fn length_hint(&self) -> isize {
        match self.set() {
            Some(set) if self.used.get() == set.len() as isize => self.len.get(),
            _ => 0,
        }
    }
    /// State for pickling.
    #[method("__reduce__($self, /)", nosig)]
    fn reduce(&self) -> PyResult<Owned<Tuple>> {
        let mut items: Vec<Owned> = Vec::new();
        if let Some(set) = self.set() {
            if self.used.get() != set.len() as isize {
                return Err(err!(RuntimeError, "Set changed size during iteration"));
            }
            let mut pos = self.pos.get();
            while let Some((item, _)) = set.next(&mut pos) {
                items.push(item);
            }
        }
        let items = List::from_owned(items).into_object();
        Ok(Tuple::pair(builtin_attr("iter")?, Tuple::single(items).into_object()))
    }
}
