//! `tupleobject.h`, `listobject.h`, `setobject.h`, `sliceobject.h`, `cellobject.h`.

use crate::macros::{Done, done};
use crate::unicodeobject::Converted;
use abi::PyObject;
use runtime::errors::{self, PyResult};
use runtime::object::{Object, Owned, xdecref};
use runtime::protocol::call;
use runtime::types::{self, FrozenSet, Int, List, Set, Slice, Tuple};
use runtime::{err, intern};
use std::ffi::c_int;
use std::ptr;

/// Bounds clipped to `0..=len`, in order.
fn clip(start: isize, stop: isize, len: usize) -> (usize, usize) {
    let start = start.clamp(0, len as isize);
    (start as usize, stop.clamp(start, len as isize) as usize)
}

fn need_set(o: &Object) -> PyResult<&Set> {
    Set::from_any(o).ok_or_else(errors::bad_internal_call)
}

/// A set that may be changed: also a frozenset that nobody else has seen yet.
fn changeable_set(o: &Object, frozen_too: bool) -> PyResult<&Set> {
    if let Some(set) = o.downcast::<Set>() {
        return Ok(set);
    }
    if frozen_too && o.is_instance_of::<FrozenSet>() && o.refcount() == 1 {
        // SAFETY: both have a set's layout.
        return Ok(unsafe { o.cast() });
    }
    Err(errors::bad_internal_call())
}

c_api! {
    // ---- tuple
    fn PyTuple_New(size: isize) -> PyResult<Owned<Tuple>> {
        if size < 0 {
            return Err(errors::bad_internal_call());
        }
        if size == 0 {
            return Ok(Tuple::empty());
        }
        let made = Tuple::with_len(size as usize)?;
        // The caller stores references into it before it is looked at.
        runtime::gc::track(made.raw());
        Ok(made)
    }
    fn PyTuple_Size(o: &Tuple) -> usize { o.len() }
    fn PyTuple_GetItem(o: &Tuple, i: isize) -> PyResult<*mut PyObject> {
        if i < 0 || i as usize >= o.len() {
            return Err(err!(IndexError, "tuple index out of range"));
        }
        Ok(o.items()[i as usize])
    }
    fn PyTuple_SetItem(o: *mut PyObject, i: isize, value: *mut PyObject) -> c_int {
        let tuple = Object::from_ptr_opt(o).and_then(|o| o.downcast::<Tuple>()).filter(|t| t.refcount() == 1);
        let Some(tuple) = tuple else {
            xdecref(value);
            errors::bad_internal_call();
            return -1;
        };
        if i < 0 || i as usize >= tuple.len() {
            xdecref(value);
            err!(IndexError, "tuple assignment index out of range");
            return -1;
        }
        let old = std::mem::replace(&mut *tuple.items_ptr().add(i as usize), value);
        xdecref(old);
        0
    }
    fn PyTuple_GetSlice(o: &Tuple, start: isize, stop: isize) -> PyResult {
        let (start, stop) = clip(start, stop, o.len());
        if start == 0 && stop == o.len() && o.is_exact::<Tuple>() {
            return Ok(o.to_owned());
        }
        Ok(o.slice(start, stop).into_object())
    }
    fn _PyTuple_Resize(p: *mut *mut PyObject, size: isize) -> PyResult<Done> {
        let old: Option<Owned> = Owned::from_raw_opt(*p);
        *p = ptr::null_mut();
        let Some(old) = old else { return Err(errors::bad_internal_call()) };
        let Some(tuple) = old.downcast_exact::<Tuple>() else { return Err(errors::bad_internal_call()) };
        if size < 0 || (tuple.len() != 0 && tuple.refcount() != 1) {
            return Err(errors::bad_internal_call());
        }
        let size = size as usize;
        if size == tuple.len() {
            *p = old.into_raw();
            return Ok(Done);
        }
        if size == 0 {
            *p = Tuple::empty().into_raw();
            return Ok(Done);
        }
        let new = Tuple::with_len(size)?;
        for i in 0..size.min(tuple.len()) {
            *new.items_ptr().add(i) = std::mem::replace(&mut *tuple.items_ptr().add(i), ptr::null_mut());
        }
        runtime::gc::track(new.raw());
        *p = new.into_raw();
        Ok(Done)
    }
    fn _PyTuple_FromArray(items: *const *mut PyObject, n: isize) -> Owned<Tuple> { Tuple::from_borrowed(items, n.max(0) as usize) }
    fn _PyTuple_MaybeUntrack(o: *mut PyObject) { types::tuple::maybe_untrack(o) }

    // ---- list
    fn PyList_New(size: isize) -> PyResult<Owned<List>> {
        if size < 0 {
            return Err(errors::bad_internal_call());
        }
        let made = List::with_len(size as usize)?;
        runtime::gc::track(made.raw());
        Ok(made)
    }
    fn PyList_Size(o: &List) -> usize { o.len() }
    fn PyList_GetItem(o: &List, i: isize) -> PyResult<*mut PyObject> {
        if i < 0 || i as usize >= o.len() {
            return Err(err!(IndexError, "list index out of range"));
        }
        Ok(o.item_unchecked(i as usize))
    }
    fn PyList_GetItemRef(o: &Object, i: isize) -> PyResult {
        let Some(list) = o.downcast::<List>() else { return Err(err!(TypeError, "expected a list")) };
        match usize::try_from(i).ok().and_then(|i| list.get(i)) {
            Some(item) => Ok(item),
            None => Err(err!(IndexError, "list index out of range")),
        }
    }
    fn PyList_SetItem(o: *mut PyObject, i: isize, value: *mut PyObject) -> c_int {
        let Some(list) = Object::from_ptr_opt(o).and_then(|o| o.downcast::<List>()) else {
            xdecref(value);
            errors::bad_internal_call();
            return -1;
        };
        if i < 0 || i as usize >= list.len() {
            xdecref(value);
            err!(IndexError, "list assignment index out of range");
            return -1;
        }
        let old = std::mem::replace(&mut *list.items_ptr().add(i as usize), value);
        xdecref(old);
        0
    }
    fn PyList_Insert(o: &List, at: isize, item: &Object) -> PyResult<Done> { done(o.insert(at, item)) }
    fn PyList_Append(o: &List, item: &Object) -> PyResult<Done> { done(o.append(item)) }
    fn _PyList_AppendTakeRef(o: &List, item: *mut PyObject) -> PyResult<Done> { done(o.push(Owned::from_raw(item))) }
    fn PyList_Extend(o: &List, iterable: &Object) -> PyResult<Done> { done(o.extend(iterable)) }
    fn _PyList_Extend(o: &List, iterable: &Object) -> PyResult { o.extend(iterable).map(|()| types::none().to_owned()) }
    fn PyList_Clear(o: &List) -> PyResult<Done> {
        o.clear();
        Ok(Done)
    }
    fn PyList_Reverse(o: &List) -> PyResult<Done> {
        o.reverse();
        Ok(Done)
    }
    fn PyList_Sort(o: &List) -> PyResult<Done> { call::call_method0(o, intern!("sort")).map(|_| Done) }
    fn PyList_AsTuple(o: &List) -> Owned<Tuple> { o.as_tuple() }
    fn PyList_GetSlice(o: &List, start: isize, stop: isize) -> PyResult<Owned<List>> {
        let (start, stop) = clip(start, stop, o.len());
        o.slice(start, stop)
    }
    fn PyList_SetSlice(o: &List, start: isize, stop: isize, value: Option<&Object>) -> PyResult<Done> {
        let (start, stop) = clip(start, stop, o.len());
        let slice = Slice::from_indices(start as isize, stop as isize)?;
        done(match value {
            Some(value) => runtime::protocol::mapping::set_item(o, &slice, value),
            None => runtime::protocol::mapping::del_item(o, &slice),
        })
    }

    // ---- set
    fn PySet_New(iterable: Option<&Object>) -> PyResult<Owned<Set>> {
        match iterable {
            Some(iterable) => Set::from_iterable(iterable),
            None => Ok(Set::new()),
        }
    }
    fn PyFrozenSet_New(iterable: Option<&Object>) -> PyResult<Owned<FrozenSet>> {
        match iterable {
            Some(iterable) => Set::frozen(iterable),
            None => Set::frozen(&*Tuple::empty()),
        }
    }
    fn PySet_Size(o: &Object) -> PyResult<usize> { Ok(need_set(o)?.len()) }
    fn PySet_Clear(o: &Set) -> PyResult<Done> {
        o.clear();
        Ok(Done)
    }
    fn PySet_Contains(o: &Object, key: &Object) -> PyResult<bool> { need_set(o)?.contains(key) }
    fn PySet_Discard(o: &Set, key: &Object) -> PyResult<bool> { o.discard(key) }
    fn PySet_Add(o: &Object, key: &Object) -> PyResult<Done> { done(changeable_set(o, true)?.add(key)) }
    fn PySet_Pop(o: &Set) -> PyResult {
        match o.pop_any() {
            Some(item) => Ok(item),
            None => Err(err!(KeyError, "pop from an empty set")),
        }
    }
    fn _PySet_Update(o: &Set, iterable: &Object) -> PyResult<Done> { done(o.update(iterable)) }
    fn _PySet_Contains(o: &Set, key: &Object) -> PyResult<bool> { o.contains(key) }
    fn _PySet_NextEntry(o: &Object, pos: *mut isize, key: *mut *mut PyObject, hash: *mut isize) -> PyResult<bool> {
        let mut at = *pos as usize;
        Ok(match need_set(o)?.next_raw(&mut at) {
            Some((found, found_hash)) => {
                (*pos, *key, *hash) = (at as isize, found, found_hash);
                true
            }
            None => false,
        })
    }
    fn _PySet_NextEntryRef(o: &Object, pos: *mut isize, key: *mut *mut PyObject, hash: *mut isize) -> PyResult<bool> {
        let mut at = *pos as usize;
        Ok(match need_set(o)?.next(&mut at) {
            Some((found, found_hash)) => {
                (*pos, *key, *hash) = (at as isize, found.into_raw(), found_hash);
                true
            }
            None => false,
        })
    }

    // ---- slice
    fn PySlice_New(start: Option<&Object>, stop: Option<&Object>, step: Option<&Object>) -> PyResult<Owned<Slice>> {
        let none = types::none();
        Slice::new(start.unwrap_or(none), stop.unwrap_or(none), step.unwrap_or(none))
    }
    fn _PySlice_FromIndices(start: isize, stop: isize) -> PyResult<Owned<Slice>> { Slice::from_indices(start, stop) }
    fn PySlice_Unpack(o: &Slice, start: *mut isize, stop: *mut isize, step: *mut isize) -> PyResult<Done> {
        (*start, *stop, *step) = o.unpack()?;
        Ok(Done)
    }
    fn PySlice_AdjustIndices(length: isize, start: *mut isize, stop: *mut isize, step: isize) -> isize {
        let range = types::slice::adjust(*start, *stop, step, length);
        (*start, *stop) = (range.start, range.stop);
        range.count as isize
    }
    fn PySlice_GetIndicesEx(o: &Slice, length: isize, start: *mut isize, stop: *mut isize, step: *mut isize, count: *mut isize) -> PyResult<Done> {
        (*start, *stop, *step) = o.unpack()?;
        *count = PySlice_AdjustIndices(length, start, stop, *step);
        Ok(Done)
    }
    fn PySlice_GetIndices(o: &Slice, length: isize, start: *mut isize, stop: *mut isize, step: *mut isize) -> c_int {
        // The old interface: -1 for what it cannot do, without an exception.
        let index = |o: &Object, default: isize| if o.is_none() { Some(default) } else { o.downcast::<Int>()?.as_i64().map(|value| value as isize) };
        let wrap = |value: isize| if value < 0 { value + length } else { value };
        let Some(by) = index(o.step(), 1) else { return -1 };
        let Some(from) = index(o.start(), if by < 0 { length - 1 } else { 0 }) else { return -1 };
        let Some(to) = index(o.stop(), if by < 0 { -1 } else { length }) else { return -1 };
        *step = by;
        *start = if o.start().is_none() { from } else { wrap(from) };
        *stop = if o.stop().is_none() { to } else { wrap(to) };
        if *stop > length || *start >= length || by == 0 { -1 } else { 0 }
    }
    fn _PySlice_GetLongIndices(o: &Slice, length: &Int, start: *mut *mut PyObject, stop: *mut *mut PyObject, step: *mut *mut PyObject) -> PyResult<Done> {
        let [a, b, c] = o.indices_for(length)?;
        (*start, *stop, *step) = (a.into_raw(), b.into_raw(), c.into_raw());
        Ok(Done)
    }
    fn _PyEval_SliceIndex(o: Option<&Object>, out: *mut isize) -> PyResult<Converted> {
        if let Some(o) = o.filter(|o| !o.is_none()) {
            if !runtime::protocol::number::check_index(o) {
                return Err(err!(TypeError, "slice indices must be integers or None or have an __index__ method"));
            }
            *out = runtime::protocol::number::as_isize(o, None)?;
        }
        Ok(Converted(1))
    }
    fn _PyEval_SliceIndexNotNone(o: &Object, out: *mut isize) -> PyResult<Converted> {
        if !runtime::protocol::number::check_index(o) {
            return Err(err!(TypeError, "slice indices must be integers or have an __index__ method"));
        }
        *out = runtime::protocol::number::as_isize(o, None)?;
        Ok(Converted(1))
    }

    // ---- cell
    fn PyCell_New(value: Option<&Object>) -> PyResult<Owned<types::Cell>> { types::Cell::new(value) }
    fn PyCell_Get(o: &types::Cell) -> PyResult<Option<Owned>> { Ok(o.get()) }
    fn PyCell_Set(o: &types::Cell, value: Option<&Object>) -> PyResult<Done> {
        o.set(value);
        Ok(Done)
    }
    fn Py_GenericAlias(origin: &Object, args: &Object) -> PyResult { types::generic_alias::alias(origin, args) }
}
