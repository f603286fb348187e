//! The sequence protocol: length, items by number, membership, concatenation and repetition; and conversions to list and tuple.

use crate::err;
use crate::errors::{self, PyResult, Raised, from_c};
use crate::exceptions;
use crate::macro_support::SliceIndex;
use crate::object::{Object, Owned, PyTyped, xincref};
use crate::protocol::object::{CompareOp, rich_compare_bool};
use crate::protocol::{iter, number};
use crate::types::{self, Dict, List, Slice, Tuple};
use abi::PyObject;

pub use crate::protocol::iter::{get_iter, iter_next, iterate, length_hint};
pub use crate::protocol::mapping::{del_item, get_item, set_item};
use crate::protocol::mapping::mapping_slot;

/// The type's sequence table's slot.
macro_rules! sequence_slot {
    ($o:expr, $slot:ident) => {{
        let table = $o.ty().0.tp_as_sequence.get();
        // SAFETY: NULL or the table of a live type.
        if table.is_null() { None } else { unsafe { (*table).$slot.get() } }
    }};
}
pub(crate) use sequence_slot;

// ---- length ---------------------------------------------------------------------------------------------------------------------

/// `len(o)`.
#[inline]
pub fn len(o: &Object) -> PyResult<usize> {
    if let Some(slot) = sequence_slot!(o, sq_length) {
        // SAFETY: a slot of the object's own type.
        return size_result(unsafe { slot(o.as_ptr()) });
    }
    if let Some(slot) = mapping_slot!(o, mp_length) {
        // SAFETY: a slot of the object's own type.
        return size_result(unsafe { slot(o.as_ptr()) });
    }
    Err(no_len(o))
}

#[inline(always)]
pub(super) fn size_result(n: isize) -> PyResult<usize> {
    if n < 0 { Err(Raised::from_c()) } else { Ok(n as usize) }
}

#[cold]
pub(super) fn no_len(o: &Object) -> Raised {
    err!(TypeError, "object of type '{}' has no len()", o.type_name())
}

/// Whether `len` has a slot to ask.
pub fn has_len(o: &Object) -> bool {
    sequence_slot!(o, sq_length).is_some() || mapping_slot!(o, mp_length).is_some()
}

/// `PySequence_Size`.
pub fn sequence_len(o: &Object) -> PyResult<usize> {
    if let Some(slot) = sequence_slot!(o, sq_length) {
        // SAFETY: a slot of the object's own type.
        return size_result(unsafe { slot(o.as_ptr()) });
    }
    if mapping_slot!(o, mp_length).is_some() {
        return Err(err!(TypeError, "{} is not a sequence", o.type_name()));
    }
    Err(no_len(o))
}

/// `PySequence_Check`.
pub fn is_sequence(o: &Object) -> bool {
    !Dict::check(o) && sequence_slot!(o, sq_item).is_some()
}

pub use is_sequence as check;

pub(super) fn has_sequence_methods(o: &Object) -> bool {
    !o.ty().0.tp_as_sequence.get().is_null()
}

// ---- items by number ------------------------------------------------------------------------------------------------------------

/// `PySequence_GetItem`.
#[inline]
pub fn sequence_get_item(o: &Object, i: isize) -> PyResult {
    if let Some(slot) = sequence_slot!(o, sq_item) {
        let i = from_end(o, i)?;
        // SAFETY: a slot of the object's own type.
        return unsafe { from_c(slot(o.as_ptr(), i)) };
    }
    if mapping_slot!(o, mp_subscript).is_some() {
        return Err(err!(TypeError, "{} is not a sequence", o.type_name()));
    }
    Err(err!(TypeError, "'{}' object does not support indexing", o.type_name()))
}

/// A negative index counts from the end where the length is known.
#[inline]
fn from_end(o: &Object, i: isize) -> PyResult<isize> {
    if i < 0
        && let Some(slot) = sequence_slot!(o, sq_length)
    {
        // SAFETY: a slot of the object's own type.
        let n = size_result(unsafe { slot(o.as_ptr()) })?;
        return Ok(i + n as isize);
    }
    Ok(i)
}

fn assign(o: &Object, i: isize, value: *mut PyObject, what: &str) -> PyResult<()> {
    if let Some(slot) = sequence_slot!(o, sq_ass_item) {
        let i = from_end(o, i)?;
        // SAFETY: a slot of the object's own type.
        return if unsafe { slot(o.as_ptr(), i, value) } < 0 { Err(Raised::from_c()) } else { Ok(()) };
    }
    if mapping_slot!(o, mp_ass_subscript).is_some() {
        return Err(err!(TypeError, "{} is not a sequence", o.type_name()));
    }
    Err(err!(TypeError, "'{}' object {}", o.type_name(), what))
}

/// `PySequence_SetItem`.
pub fn sequence_set_item(o: &Object, i: isize, value: &Object) -> PyResult<()> {
    assign(o, i, value.as_ptr(), "does not support item assignment")
}
/// `PySequence_DelItem`.
pub fn sequence_del_item(o: &Object, i: isize) -> PyResult<()> {
    assign(o, i, std::ptr::null_mut(), "doesn't support item deletion")
}

/// `PySequence_GetSlice`.
pub fn get_slice(o: &Object, start: isize, stop: isize) -> PyResult {
    if let Some(slot) = mapping_slot!(o, mp_subscript) {
        let slice = Slice::from_indices(start, stop)?;
        // SAFETY: a slot of the object's own type.
        return unsafe { from_c(slot(o.as_ptr(), slice.raw())) };
    }
    Err(err!(TypeError, "'{}' object is unsliceable", o.type_name()))
}
/// `PySequence_SetSlice` (None: `PySequence_DelSlice`).
pub fn set_slice(o: &Object, start: isize, stop: isize, value: Option<&Object>) -> PyResult<()> {
    if let Some(slot) = mapping_slot!(o, mp_ass_subscript) {
        let slice = Slice::from_indices(start, stop)?;
        let value = value.map_or(std::ptr::null_mut(), Object::as_ptr);
        // SAFETY: a slot of the object's own type.
        return if unsafe { slot(o.as_ptr(), slice.raw(), value) } < 0 { Err(Raised::from_c()) } else { Ok(()) };
    }
    let what = if value.is_some() { "assignment" } else { "deletion" };
    Err(err!(TypeError, "'{}' object doesn't support slice {}", o.type_name(), what))
}

// ---- membership -----------------------------------------------------------------------------------------------------------------

/// `item in container`.
#[inline]
pub fn contains(container: &Object, item: &Object) -> PyResult<bool> {
    if let Some(slot) = sequence_slot!(container, sq_contains) {
        // SAFETY: a slot of the object's own type.
        return match unsafe { slot(container.as_ptr(), item.as_ptr()) } {
            result if result < 0 => Err(Raised::from_c()),
            result => Ok(result != 0),
        };
    }
    iter_contains(container, item)
}

fn search(o: &Object, words: &str) -> PyResult {
    match iter::get_iter(o) {
        Err(_) if errors::matches(exceptions::TypeError()) => {
            errors::clear();
            Err(err!(TypeError, "argument of type '{}' is not {}", o.type_name(), words))
        }
        other => other,
    }
}

/// Membership by going through the items.
pub fn iter_contains(o: &Object, wanted: &Object) -> PyResult<bool> {
    let iterator = search(o, "a container or iterable")?;
    while let Some(item) = iter_next(&iterator)? {
        if rich_compare_bool(&item, wanted, CompareOp::Eq)? {
            return Ok(true);
        }
    }
    Ok(false)
}
/// `PySequence_Count`.
pub fn iter_count(o: &Object, wanted: &Object) -> PyResult<usize> {
    let iterator = search(o, "iterable")?;
    let mut count = 0;
    while let Some(item) = iter_next(&iterator)? {
        if rich_compare_bool(&item, wanted, CompareOp::Eq)? {
            if count == isize::MAX as usize {
                return Err(err!(OverflowError, "count exceeds C integer size"));
            }
            count += 1;
        }
    }
    Ok(count)
}
/// `PySequence_Index`.
pub fn iter_index(o: &Object, wanted: &Object) -> PyResult<usize> {
    let iterator = search(o, "iterable")?;
    let mut index = 0usize;
    while let Some(item) = iter_next(&iterator)? {
        if rich_compare_bool(&item, wanted, CompareOp::Eq)? {
            if index > isize::MAX as usize {
                return Err(err!(OverflowError, "index exceeds C integer size"));
            }
            return Ok(index);
        }
        index += 1;
    }
    Err(err!(ValueError, "sequence.index(x): x not in sequence"))
}

/// The bounds that `index(value, start, stop)` methods search between.
pub fn search_bounds(start: Option<SliceIndex>, stop: Option<SliceIndex>, len: usize) -> (usize, usize) {
    (start.map_or(0, |i| i.adjust(len)), stop.map_or(usize::MAX, |i| i.adjust(len)))
}

// ---- concatenation and repetition -----------------------------------------------------------------------------------------------

/// `PySequence_Concat`.
pub fn concat(a: &Object, b: &Object) -> PyResult {
    if let Some(slot) = sequence_slot!(a, sq_concat) {
        // SAFETY: a slot of the object's own type.
        return unsafe { from_c(slot(a.as_ptr(), b.as_ptr())) };
    }
    // Instances of Python classes have only the number slot.
    if is_sequence(a) && is_sequence(b) {
        if let Some(result) = number::add_by_number_slots(a, b, false)? {
            return Ok(result);
        }
    }
    Err(err!(TypeError, "'{}' object can't be concatenated", a.type_name()))
}
/// `PySequence_InPlaceConcat`.
pub fn in_place_concat(a: &Object, b: &Object) -> PyResult {
    if let Some(slot) = sequence_slot!(a, sq_inplace_concat) {
        // SAFETY: a slot of the object's own type.
        return unsafe { from_c(slot(a.as_ptr(), b.as_ptr())) };
    }
    if let Some(slot) = sequence_slot!(a, sq_concat) {
        // SAFETY: a slot of the object's own type.
        return unsafe { from_c(slot(a.as_ptr(), b.as_ptr())) };
    }
    if is_sequence(a) && is_sequence(b) {
        if let Some(result) = number::add_by_number_slots(a, b, true)? {
            return Ok(result);
        }
    }
    Err(err!(TypeError, "'{}' object can't be concatenated", a.type_name()))
}
/// `PySequence_Repeat`.
pub fn repeat(o: &Object, n: isize) -> PyResult {
    if let Some(slot) = sequence_slot!(o, sq_repeat) {
        // SAFETY: a slot of the object's own type.
        return unsafe { from_c(slot(o.as_ptr(), n)) };
    }
    if is_sequence(o) {
        return number::multiply(o, types::Int::from_i64(n as i64).object());
    }
    Err(err!(TypeError, "'{}' object can't be repeated", o.type_name()))
}
/// `PySequence_InPlaceRepeat`.
pub fn in_place_repeat(o: &Object, n: isize) -> PyResult {
    if let Some(slot) = sequence_slot!(o, sq_inplace_repeat) {
        // SAFETY: a slot of the object's own type.
        return unsafe { from_c(slot(o.as_ptr(), n)) };
    }
    if let Some(slot) = sequence_slot!(o, sq_repeat) {
        // SAFETY: a slot of the object's own type.
        return unsafe { from_c(slot(o.as_ptr(), n)) };
    }
    if is_sequence(o) {
        return number::in_place_multiply(o, types::Int::from_i64(n as i64).object());
    }
    Err(err!(TypeError, "'{}' object can't be repeated", o.type_name()))
}

// ---- conversions ----------------------------------------------------------------------------------------------------------------

/// `list(o)`.
pub fn to_list(o: &Object) -> PyResult<Owned<List>> {
    let list = List::new();
    list.extend(o)?;
    Ok(list)
}

/// `tuple(o)`; an exact tuple is given back.
pub fn to_tuple(o: &Object) -> PyResult<Owned<Tuple>> {
    if let Some(tuple) = o.downcast_exact::<Tuple>() {
        return Ok(Owned::from_ref(tuple));
    }
    if let Some(list) = o.downcast_exact::<List>() {
        return Ok(list.as_tuple());
    }
    types::tuple::collect(o)
}

/// `PySequence_Fast`: a list or tuple (as it is), or a list of the items; `message` replaces the words of the TypeError for what cannot be iterated.
pub fn sequence_fast(o: &Object, message: &str) -> PyResult {
    if List::check_exact(o) || Tuple::check_exact(o) {
        return Ok(o.to_owned());
    }
    let iterator = match iter::get_iter(o) {
        Err(_) if errors::matches(exceptions::TypeError()) => {
            errors::clear();
            return Err(err!(TypeError, "{}", message));
        }
        other => other?,
    };
    Ok(to_list(&iterator)?.into_object())
}

/// The number of items of a list or tuple.
#[inline(always)]
pub fn fast_len(o: &Object) -> usize {
    // SAFETY: lists and tuples have their size at the same place.
    unsafe { (*(o.as_ptr() as *const abi::PyVarObject)).ob_size.get() as usize }
}
/// Item `i` of a list or tuple, which must exist.
pub fn fast_item(o: &Object, i: usize) -> Owned {
    assert!(i < fast_len(o));
    // SAFETY: within bounds; the count is taken at once.
    unsafe { Owned::from_raw(xincref(*fast_items(o).add(i))) }
}
/// The items of a list or tuple, valid until it changes.
#[inline(always)]
pub fn fast_items(o: &Object) -> *mut *mut PyObject {
    match o.downcast::<List>() {
        Some(list) => list.items_ptr(),
        // SAFETY: by contract a list or a tuple.
        None => unsafe { o.cast::<Tuple>() }.items_ptr(),
    }
}

/// Writes `times` copies of `n` items one after the other, each with a count of its own.
/// # Safety
/// `out` has room for `n * times` pointers and does not overlap the live items; no code runs.
pub unsafe fn fill_repeated(out: *mut *mut PyObject, items: *const *mut PyObject, n: usize, times: usize) {
    unsafe {
        for i in 0..n {
            let item = *items.add(i);
            let count = (*item).ob_refcnt.get();
            if (count as i32) >= 0 {
                // All counts at once; a count that would leave the mortal range stays at its top, which makes the object immortal.
                let total = (count as u64 + times as u64).min(abi::_Py_IMMORTAL_INITIAL_REFCNT as u64);
                (*item).ob_refcnt.set(total as u32);
            }
        }
        if n == 1 {
            let item = *items;
            for k in 0..times {
                *out.add(k) = item;
            }
            return;
        }
        for k in 0..times {
            std::ptr::copy_nonoverlapping(items, out.add(k * n), n);
        }
    }
}
