//! `dict_keys`, `dict_items`, `dict_values`: views of a dict. The first two compare and combine as sets do.

use super::iter::{self, new_iterator};
use super::Dict;
use crate::errors::PyResult;
use crate::intern;
use crate::object::{Object, ObjectHead, Owned, PyTyped, Type, xincref};
use crate::protocol::object::{self as protocol, CompareOp, rich_compare_bool};
use crate::protocol::iter::{get_iter, iter_next};
use crate::protocol::{call, sequence};
use crate::types::mappingproxy::MappingProxy;
use crate::types::{Set, Str, Tuple, bool_object, not_implemented};
use macros::{Traverse, pytype};

/// A view; `KIND` is one of `iter::KEYS`, `VALUES`, `ITEMS`.
#[derive(Traverse)]
#[repr(C)]
pub struct DictView<const KIND: u8> {
    head: ObjectHead,
    dict: Owned<Dict>,
}

pub type DictKeysView = DictView<{ iter::KEYS }>;
pub type DictValuesView = DictView<{ iter::VALUES }>;
pub type DictItems = DictView<{ iter::ITEMS }>;

/// `dict.keys()` and its like.
pub fn new_view<V: View>(dict: &Dict) -> PyResult {
    V::of(dict)
}

pub trait View {
    fn of(dict: &Dict) -> PyResult;
}

impl<const KIND: u8> DictView<KIND> {
    /// A view of this type or of a subtype, `cls`.
    pub fn make(cls: &Type, dict: &Dict) -> PyResult {
        // SAFETY: a native struct of this type.
        let view = unsafe { crate::macro_support::construct(cls, DictView::<KIND> { head: ObjectHead::placeholder(), dict: Owned::from_ref(dict) })? };
        Ok(view.into_object())
    }
    pub fn dict(&self) -> &Dict {
        &self.dict
    }
    fn repr_as(&self, this: &Object) -> PyResult<Owned<Str>> {
        if protocol::repr_enter(this) {
            return Ok(Str::new("..."));
        }
        let result = sequence::to_list(this).and_then(|items| {
            let inner = protocol::repr(&items)?;
            let mut text = crate::types::str::StrBuilder::new();
            text.push_str(this.type_name());
            text.push_str("(");
            text.push_str_object(&inner)?;
            text.push_str(")");
            text.finish()
        });
        protocol::repr_leave(this);
        result
    }
}

fn is_keys_view(o: &Object) -> bool {
    DictKeysView::check(o)
}
fn is_items_view(o: &Object) -> bool {
    DictItems::check(o)
}
fn is_set_like(o: &Object) -> bool {
    Set::check_any(o) || is_keys_view(o) || is_items_view(o)
}

/// Whether `big` contains every item of `small`.
fn all_contained_in(small: &Object, big: &Object) -> PyResult<bool> {
    let iterator = get_iter(small)?;
    while let Some(item) = iter_next(&iterator)? {
        if !sequence::contains(big, &item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn compare(a: &Object, b: &Object, op: CompareOp) -> PyResult {
    if !is_set_like(b) {
        return Ok(not_implemented().to_owned());
    }
    let (na, nb) = (sequence::len(a)?, sequence::len(b)?);
    let result = match op {
        CompareOp::Eq | CompareOp::Ne => {
            let equal = na == nb && all_contained_in(a, b)?;
            equal == (op == CompareOp::Eq)
        }
        CompareOp::Lt => na < nb && all_contained_in(a, b)?,
        CompareOp::Le => na <= nb && all_contained_in(a, b)?,
        CompareOp::Gt => na > nb && all_contained_in(b, a)?,
        CompareOp::Ge => na >= nb && all_contained_in(b, a)?,
    };
    Ok(bool_object(result).to_owned())
}

/// A set of the view's items (or of anything that stands on the left of an operator).
fn to_set(o: &Object) -> PyResult<Owned<Set>> {
    let set = Set::new();
    set.update(o)?;
    Ok(set)
}

fn subtract(a: &Object, b: &Object) -> PyResult {
    let result = to_set(a)?;
    result.difference_update(b)?;
    Ok(result.into_object())
}

/// `view & other`; `other` is iterated, the longer of two views is asked.
pub fn intersect(a: &Object, b: &Object) -> PyResult {
    // The operand that is not a view comes second.
    let (mut view, mut other) = if is_keys_view(a) || is_items_view(a) { (a, b) } else { (b, a) };
    let view_len = sequence::len(view)?;
    if other.is_exact::<Set>() && view_len <= sequence::len(other)? {
        return call::call_method(other, intern!("intersection"), &[view]);
    }
    if (is_keys_view(other) || is_items_view(other)) && sequence::len(other)? > view_len {
        std::mem::swap(&mut view, &mut other);
    }
    let result = Set::new();
    let iterator = get_iter(other)?;
    while let Some(item) = iter_next(&iterator)? {
        if sequence::contains(view, &item)? {
            result.add(&item)?;
        }
    }
    Ok(result.into_object())
}

fn union(a: &Object, b: &Object) -> PyResult {
    let result = to_set(a)?;
    result.update(b)?;
    Ok(result.into_object())
}

fn symmetric_difference(a: &Object, b: &Object) -> PyResult {
    if let (Some(a), Some(b)) = (a.downcast_exact::<DictItems>(), b.downcast_exact::<DictItems>()) {
        return items_symmetric_difference(&a.dict, &b.dict);
    }
    let result = to_set(a)?;
    result.symmetric_difference_update(b)?;
    Ok(result.into_object())
}

/// The pairs that only one of two dicts has, without hashing values that both have.
fn items_symmetric_difference(a: &Dict, b: &Dict) -> PyResult {
    let rest = b.copy()?;
    let result = Set::new();
    let mut pos = 0;
    // SAFETY: items are held while code may run.
    unsafe {
        while let Some((key, value, hash)) = a.next_raw(&mut pos) {
            let key = Object::from_ptr(key).to_owned();
            let value = Object::from_ptr(value).to_owned();
            let theirs: Option<Owned> = Owned::from_raw_opt(xincref(rest.find(key.raw(), hash)?));
            if let Some(theirs) = theirs {
                if rich_compare_bool(&value, &theirs, CompareOp::Eq)? {
                    rest.take_known_hash(&key, hash)?;
                    continue;
                }
            }
            result.add(&Tuple::pair(key, value))?;
        }
    }
    let mut pos = 0;
    while let Some((key, value)) = rest.next(&mut pos) {
        result.add(&Tuple::pair(key, value))?;
    }
    Ok(result.into_object())
}

fn is_disjoint(this: &Object, other: &Object) -> PyResult<bool> {
    if this.is(other) {
        return Ok(sequence::len(this)? == 0);
    }
    let (mut this, mut other) = (this, other);
    if is_set_like(other) && sequence::len(other)? > sequence::len(this)? {
        std::mem::swap(&mut this, &mut other);
    }
    let iterator = get_iter(other)?;
    while let Some(item) = iter_next(&iterator)? {
        if sequence::contains(this, &item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

#[pytype(static = PyDictKeys_Type, name = "dict_keys", flags = HAVE_GC | DISALLOW_INSTANTIATION, native)]
impl DictView<{ iter::KEYS }> {
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        self.repr_as(self.as_object())
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        new_iterator::<iter::DictKeyIterator>(&self.dict)
    }
    #[slot]
    fn tp_richcompare(a: &Object, b: &Object, op: CompareOp) -> PyResult {
        compare(a, b, op)
    }
    #[slot]
    fn sq_length(&self) -> usize {
        self.dict.len()
    }
    #[slot]
    fn sq_contains(&self, key: &Object) -> PyResult<bool> {
        self.dict.contains(key)
    }
    #[slot]
    fn nb_subtract(a: &Object, b: &Object) -> PyResult {
        subtract(a, b)
    }
    #[slot]
    fn nb_and(a: &Object, b: &Object) -> PyResult {
        intersect(a, b)
    }
    #[slot]
    fn nb_xor(a: &Object, b: &Object) -> PyResult {
        symmetric_difference(a, b)
    }
    #[slot]
    fn nb_or(a: &Object, b: &Object) -> PyResult {
        union(a, b)
    }
    /// True if the view and the iterable have nothing in common.
    #[method("isdisjoint($self, object, /)")]
    fn isdisjoint(&self, other: &Object) -> PyResult<bool> {
        is_disjoint(self.as_object(), other)
    }
    /// An iterator over the keys in reverse order.
    #[method("__reversed__($self, /)")]
    fn reversed(&self) -> PyResult {
        new_iterator::<iter::DictReverseKeyIterator>(&self.dict)
    }
    /// the dictionary that is viewed
    #[getter]
    fn mapping(&self) -> PyResult {
        Ok(MappingProxy::new(self.dict.as_object())?.into_object())
    }
}

#[pytype(static = PyDictItems_Type, name = "dict_items", flags = HAVE_GC | DISALLOW_INSTANTIATION, native)]
impl DictView<{ iter::ITEMS }> {
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        self.repr_as(self.as_object())
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        new_iterator::<iter::DictItemIterator>(&self.dict)
    }
    #[slot]
    fn tp_richcompare(a: &Object, b: &Object, op: CompareOp) -> PyResult {
        compare(a, b, op)
    }
    #[slot]
    fn sq_length(&self) -> usize {
        self.dict.len()
    }
    #[slot]
    fn sq_contains(&self, item: &Object) -> PyResult<bool> {
        let Some(pair) = item.downcast::<Tuple>() else { return Ok(false) };
        if pair.len() != 2 {
            return Ok(false);
        }
        match self.dict.get_item(pair.get(0))? {
            Some(value) => rich_compare_bool(&value, pair.get(1), CompareOp::Eq),
            None => Ok(false),
        }
    }
    #[slot]
    fn nb_subtract(a: &Object, b: &Object) -> PyResult {
        subtract(a, b)
    }
    #[slot]
    fn nb_and(a: &Object, b: &Object) -> PyResult {
        intersect(a, b)
    }
    #[slot]
    fn nb_xor(a: &Object, b: &Object) -> PyResult {
        symmetric_difference(a, b)
    }
    #[slot]
    fn nb_or(a: &Object, b: &Object) -> PyResult {
        union(a, b)
    }
    /// True if the view and the iterable have nothing in common.
    #[method("isdisjoint($self, object, /)")]
    fn isdisjoint(&self, other: &Object) -> PyResult<bool> {
        is_disjoint(self.as_object(), other)
    }
    /// An iterator over the items in reverse order.
    #[method("__reversed__($self, /)")]
    fn reversed(&self) -> PyResult {
        new_iterator::<iter::DictReverseItemIterator>(&self.dict)
    }
    /// the dictionary that is viewed
    #[getter]
    fn mapping(&self) -> PyResult {
        Ok(MappingProxy::new(self.dict.as_object())?.into_object())
    }
}

#[pytype(static = PyDictValues_Type, name = "dict_values", flags = HAVE_GC | DISALLOW_INSTANTIATION, native)]
impl DictView<{ iter::VALUES }> {
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        self.repr_as(self.as_object())
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        new_iterator::<iter::DictValueIterator>(&self.dict)
    }
    #[slot]
    fn sq_length(&self) -> usize {
        self.dict.len()
    }
    /// An iterator over the values in reverse order.
    #[method("__reversed__($self, /)")]
    fn reversed(&self) -> PyResult {
        new_iterator::<iter::DictReverseValueIterator>(&self.dict)
    }
    /// the dictionary that is viewed
    #[getter]
    fn mapping(&self) -> PyResult {
        Ok(MappingProxy::new(self.dict.as_object())?.into_object())
    }
}

impl View for DictKeysView {
    fn of(dict: &Dict) -> PyResult {
        Self::make(Self::type_object(), dict)
    }
}
impl View for DictValuesView {
    fn of(dict: &Dict) -> PyResult {
        Self::make(Self::type_object(), dict)
    }
}
impl View for DictItems {
    fn of(dict: &Dict) -> PyResult {
        Self::make(Self::type_object(), dict)
    }
}
