//! The type `list`: slots and methods over `list.rs`.

use super::list::{List, allocate, dealloc, tp_clear, traverse};
use crate::err;
use crate::errors::PyResult;
use crate::macro_support::{Args, KwArgs, SliceIndex};
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol::object::{self as protocol, CompareOp, rich_compare_bool};
use crate::protocol::sequence;
use crate::types::list_sort;
use crate::types::seq_iter::{ListIterator, ListReverseIterator};
use crate::types::{GenericAlias, Str, not_implemented};
use macros::pytype;

#[pytype(static = PyList_Type, name = "list", signature = "(iterable=(), /)",
    flags = BASETYPE | HAVE_GC | LIST_SUBCLASS | SEQUENCE | MATCH_SELF,
    tp_dealloc = dealloc, tp_traverse = traverse, tp_clear = tp_clear, tp_hash = crate::protocol::object::PyObject_HashNotImplemented,
    doc = "A mutable sequence.\n\nWithout an argument a new empty list; else a list of the iterable's items.")]
impl List {
    #[slot]
    fn tp_new(cls: &Type, _args: &crate::types::Tuple, _kwargs: Option<&crate::types::Dict>) -> PyResult<Owned<List>> {
        allocate(cls)
    }
    #[slot("list(iterable=(), /)")]
    fn tp_init(&self, iterable: Option<&Object>) -> PyResult<()> {
        self.clear();
        match iterable {
            Some(iterable) => self.extend(iterable),
            None => Ok(()),
        }
    }
    #[slot]
    fn tp_vectorcall(cls: &Type, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult<Owned<List>> {
        if !kwargs.is_empty() {
            return Err(err!(TypeError, "list() takes no keyword arguments"));
        }
        if args.len() > 1 {
            return Err(err!(TypeError, "list expected at most 1 argument, got {}", args.len()));
        }
        let list = allocate(cls)?;
        if let Some(iterable) = args.first() {
            list.extend(iterable)?;
        }
        Ok(list)
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        if self.is_empty() {
            return Ok(Str::new("[]"));
        }
        if protocol::repr_enter(self) {
            return Ok(Str::new("[...]"));
        }
        let result = self.repr_items();
        protocol::repr_leave(self);
        result
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        match other.downcast::<List>() {
            Some(other) => self.compare(other, op),
            None => Ok(not_implemented().to_owned()),
        }
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        ListIterator::over(self)
    }
    #[slot]
    fn sq_length(&self) -> usize {
        self.len()
    }
    #[slot]
    fn sq_concat(&self, other: &Object) -> PyResult<Owned<List>> {
        match other.downcast::<List>() {
            Some(other) => self.concat(other),
            None => Err(err!(TypeError, "can only concatenate list (not \"{}\") to list", other.type_name())),
        }
    }
    #[slot]
    fn sq_repeat(&self, n: isize) -> PyResult<Owned<List>> {
        self.repeat(n)
    }
    #[slot]
    fn sq_item(&self, i: isize) -> PyResult {
        match self.get(i as usize) {
            Some(item) if i >= 0 => Ok(item),
            _ => Err(err!(IndexError, "list index out of range")),
        }
    }
    #[slot]
    fn sq_ass_item(&self, i: isize, value: Option<&Object>) -> PyResult<()> {
        self.assign_item(i, value)
    }
    #[slot]
    fn sq_contains(&self, value: &Object) -> PyResult<bool> {
        self.contains(value)
    }
    #[slot]
    fn sq_inplace_concat(&self, other: &Object) -> PyResult {
        self.extend(other)?;
        Ok(self.as_object().to_owned())
    }
    #[slot]
    fn sq_inplace_repeat(&self, n: isize) -> PyResult {
        self.repeat_in_place(n)?;
        Ok(self.as_object().to_owned())
    }
    #[slot]
    fn mp_length(&self) -> usize {
        self.len()
    }
    #[slot]
    fn mp_subscript(&self, key: &Object) -> PyResult {
        self.subscript(key)
    }
    #[slot]
    fn mp_ass_subscript(&self, key: &Object, value: Option<&Object>) -> PyResult<()> {
        self.assign_subscript(key, value)
    }

    /// Return self[index].
    #[method("__getitem__($self, index, /)", coexist)]
    fn getitem(&self, key: &Object) -> PyResult {
        self.subscript(key)
    }
    /// An iterator over the items in reverse order.
    #[method("__reversed__($self, /)")]
    fn reversed(&self) -> PyResult {
        ListReverseIterator::over(self)
    }
    /// Size of the list in memory, in bytes.
    #[method("__sizeof__($self, /)")]
    fn sizeof(&self) -> usize {
        self.as_object().ty().0.tp_basicsize.get() as usize + self.0.allocated.get().max(0) as usize * 8
    }
    /// Remove all items.
    #[method("clear($self, /)")]
    fn clear_method(&self) {
        self.clear()
    }
    /// A shallow copy.
    #[method("copy($self, /)")]
    fn copy_method(&self) -> PyResult<Owned<List>> {
        self.copy()
    }
    /// Add an item at the end.
    #[method("append($self, object, /)")]
    fn append_method(&self, object: &Object) -> PyResult<()> {
        self.append(object)
    }
    /// Insert an item before an index.
    #[method("insert($self, index, object, /)")]
    fn insert_method(&self, index: isize, object: &Object) -> PyResult<()> {
        self.insert(index, object)
    }
    /// Add the items of an iterable at the end.
    #[method("extend($self, iterable, /)")]
    fn extend_method(&self, iterable: &Object) -> PyResult<()> {
        self.extend(iterable)
    }
    /// Remove and return the item at an index (by default the last).
    ///
    /// Raises IndexError if the list is empty or the index out of range.
    #[method("pop($self, index=-1, /)")]
    fn pop_method(&self, index: isize) -> PyResult {
        if self.is_empty() {
            return Err(err!(IndexError, "pop from empty list"));
        }
        let index = if index < 0 { index + self.len() as isize } else { index };
        match self.pop(index as usize)? {
            Some(item) => Ok(item),
            None => Err(err!(IndexError, "pop index out of range")),
        }
    }
    /// Remove the first occurrence of a value.
    ///
    /// Raises ValueError if the value is not present.
    #[method("remove($self, value, /)")]
    fn remove(&self, value: &Object) -> PyResult<()> {
        match self.find(value, 0, usize::MAX)? {
            Some(i) => self.splice(i, i + 1, None),
            None => Err(err!(ValueError, "list.remove(x): x not in list")),
        }
    }
    /// The first index of a value.
    ///
    /// Raises ValueError if the value is not present.
    #[method("index($self, value, start=0, stop=sys.maxsize, /)")]
    fn index(&self, value: &Object, start: Option<SliceIndex>, stop: Option<SliceIndex>) -> PyResult<usize> {
        let (start, stop) = sequence::search_bounds(start, stop, self.len());
        match self.find(value, start, stop)? {
            Some(i) => Ok(i),
            None => Err(err!(ValueError, "list.index(x): x not in list")),
        }
    }
    /// How often a value occurs.
    #[method("count($self, value, /)")]
    fn count(&self, value: &Object) -> PyResult<usize> {
        let (mut i, mut count) = (0, 0);
        while let Some(item) = self.get(i) {
            if item.is(value) || rich_compare_bool(&item, value, CompareOp::Eq)? {
                count += 1;
            }
            i += 1;
        }
        Ok(count)
    }
    /// Reverse the order of the items in place.
    #[method("reverse($self, /)")]
    fn reverse_method(&self) {
        self.reverse()
    }
    /// Sort the list in place, in ascending order.
    ///
    /// The order of equal items is kept. With a key function items are compared by its results.
    /// `reverse` sorts in descending order.
    #[method("sort($self, /, *, key=None, reverse=False)")]
    fn sort_method(&self, key: Option<&Object>, reverse: bool) -> PyResult<()> {
        list_sort::sort(self, key, reverse)
    }
    /// See PEP 585.
    #[classmethod("__class_getitem__($type, object, /)")]
    fn class_getitem(cls: &Type, object: &Object) -> PyResult {
        GenericAlias::make(cls, object)
    }
}
