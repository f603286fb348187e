//! `groupby` and the iterators over its groups.

use super::held;
use macros::{Traverse, pytype};
use runtime::errors::PyResult;
use runtime::object::{Object, ObjectHead, Owned, PyTyped, Type};
use runtime::protocol::object::{CompareOp, rich_compare_bool, self_iter};
use runtime::protocol::{call, iter};
use runtime::types::Tuple;
use std::cell::Cell;

#[derive(Traverse)]
#[repr(C)]
pub struct GroupBy {
    head: ObjectHead,
    iterator: Owned,
    key_function: Option<Owned>,
    /// The key of the group given last.
    target: Cell<Option<Owned>>,
    /// The item read last, which no group has given yet, and its key.
    key: Cell<Option<Owned>>,
    value: Cell<Option<Owned>>,
    /// The number of the only group that may read on; groups given before are stale.
    current: Cell<u64>,
}

impl GroupBy {
    /// Reads an item; false at the end.
    fn step(&self) -> PyResult<bool> {
        let Some(value) = iter::next_nested(&self.iterator)? else { return Ok(false) };
        let key = match &self.key_function {
            None => value.clone(),
            Some(function) => call::call1(function, &value)?,
        };
        drop((self.value.replace(Some(value)), self.key.replace(Some(key))));
        Ok(true)
    }
    fn new_group(&self, key: Owned) -> PyResult<Owned<Grouper>> {
        let number = self.current.get() + 1;
        self.current.set(number);
        let value = Grouper { head: ObjectHead::placeholder(), parent: Owned::from_ref(self), key, number };
        Grouper::construct(Grouper::type_object(), value)
    }
}

/// make an iterator that returns consecutive keys and groups from the iterable
///
///   iterable
///     Elements to divide into groups according to the key function.
///   key
///     A function for computing the group category for each element.
///     If the key function is not specified or is None, the element itself
///     is used for grouping.
#[pytype(static = GroupBy_Type, name = "groupby", module = "itertools", signature = "(iterable, key=None)",
    flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native)]
impl GroupBy {
    #[slot("groupby(iterable, key=None)", vectorcall)]
    fn tp_new(cls: &Type, iterable: &Object, key: Option<&Object>) -> PyResult<Owned<GroupBy>> {
        let value = GroupBy {
            head: ObjectHead::placeholder(),
            iterator: iter::get_iter(iterable)?,
            key_function: key.map(|key| key.to_owned()),
            target: Cell::new(None),
            key: Cell::new(None),
            value: Cell::new(None),
            current: Cell::new(0),
        };
        Self::construct(cls, value)
    }
    #[slot]
    fn tp_iter(&self) -> Owned {
        self_iter(self)
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned<Tuple>>> {
        self.current.set(self.current.get() + 1);
        // Skip what is left of the group given last.
        let key = loop {
            match (held(&self.key), held(&self.target)) {
                (None, _) => {}
                (Some(key), None) => break key,
                (Some(key), Some(target)) => {
                    if !rich_compare_bool(&target, &key, CompareOp::Eq)? {
                        break key;
                    }
                }
            }
            if !self.step()? {
                return Ok(None);
            }
        };
        drop(self.target.replace(Some(key.clone())));
        let group = self.new_group(key.clone())?;
        Ok(Some(Tuple::pair(key, group.into_object())))
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct Grouper {
    head: ObjectHead,
    parent: Owned<GroupBy>,
    key: Owned,
    number: u64,
}

#[pytype(static = Grouper_Type, name = "_grouper", module = "itertools", flags = HAVE_GC | IMMUTABLETYPE, native)]
impl Grouper {
    #[slot("_grouper(parent, tgtkey, /)")]
    fn tp_new(_cls: &Type, parent: &GroupBy, tgtkey: &Object) -> PyResult<Owned<Grouper>> {
        parent.new_group(tgtkey.to_owned())
    }
    #[slot]
    fn tp_iter(&self) -> Owned {
        self_iter(self)
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        let parent = &self.parent;
        if parent.current.get() != self.number {
            return Ok(None);
        }
        if held(&parent.value).is_none() && !parent.step()? {
            return Ok(None);
        }
        let Some(key) = held(&parent.key) else { return Ok(None) };
        if !rich_compare_bool(&self.key, &key, CompareOp::Eq)? {
            return Ok(None);
        }
        let value = parent.value.take();
        drop(parent.key.take());
        Ok(value)
    }
}
