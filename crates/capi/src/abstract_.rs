//! `abstract.h`: the number, sequence, mapping and iterator protocols. Calls are in `call.rs`, buffers in `buffer.rs`.

use crate::macros::{Done, Out, done, store};
use crate::object::{name, unraisable};
use abi::PyObject;
use runtime::errors::{self, PyResult};
use runtime::interp::generator::{self, Sent};
use runtime::object::{Object, Owned, Type};
use runtime::protocol::object as proto;
use runtime::protocol::{iter, mapping, number, sequence};
use runtime::types::{self, Dict, Int, List, Str, Tuple};
use runtime::{err, exceptions};
use std::ffi::{CStr, c_int};

macro_rules! number_functions {
    ($($name:ident = $function:ident),* $(,)?) => {
        c_api! { $( fn $name(a: &Object, b: &Object) -> PyResult { number::$function(a, b) } )* }
    };
}
number_functions! {
    PyNumber_Add = add, PyNumber_Subtract = subtract, PyNumber_Multiply = multiply, PyNumber_MatrixMultiply = matrix_multiply,
    PyNumber_FloorDivide = floor_divide, PyNumber_TrueDivide = true_divide, PyNumber_Remainder = remainder, PyNumber_Divmod = divmod,
    PyNumber_Lshift = lshift, PyNumber_Rshift = rshift, PyNumber_And = and, PyNumber_Xor = xor, PyNumber_Or = or,
    PyNumber_InPlaceAdd = in_place_add, PyNumber_InPlaceSubtract = in_place_subtract, PyNumber_InPlaceMultiply = in_place_multiply,
    PyNumber_InPlaceMatrixMultiply = in_place_matrix_multiply, PyNumber_InPlaceFloorDivide = in_place_floor_divide,
    PyNumber_InPlaceTrueDivide = in_place_true_divide, PyNumber_InPlaceRemainder = in_place_remainder, PyNumber_InPlaceLshift = in_place_lshift,
    PyNumber_InPlaceRshift = in_place_rshift, PyNumber_InPlaceAnd = in_place_and, PyNumber_InPlaceXor = in_place_xor, PyNumber_InPlaceOr = in_place_or,
}

fn power_modulus(z: &Object) -> Option<&Object> {
    if z.is_none() { None } else { Some(z) }
}

/// Whether the type has `mp_subscript`, and is not a list or tuple: for these, C's key lookup by string is an error.
fn string_key(s: &CStr) -> PyResult<Owned<Str>> {
    name(s)
}

c_api! {
    // ---- numbers
    fn PyNumber_Power(a: &Object, b: &Object, z: &Object) -> PyResult { number::power(a, b, power_modulus(z)) }
    fn PyNumber_InPlacePower(a: &Object, b: &Object, z: &Object) -> PyResult { number::in_place_power(a, b, power_modulus(z)) }
    fn PyNumber_Negative(o: &Object) -> PyResult { number::negative(o) }
    fn PyNumber_Positive(o: &Object) -> PyResult { number::positive(o) }
    fn PyNumber_Invert(o: &Object) -> PyResult { number::invert(o) }
    fn PyNumber_Absolute(o: &Object) -> PyResult { number::absolute(o) }
    fn PyNumber_Check(o: Option<&Object>) -> bool { o.is_some_and(number::check) }
    fn PyIndex_Check(o: Option<&Object>) -> bool { o.is_some_and(number::check_index) }
    fn PyNumber_Index(o: &Object) -> PyResult<Owned<Int>> { number::index(o)?.to_exact() }
    fn _PyNumber_Index(o: &Object) -> PyResult<Owned<Int>> { number::index(o) }
    fn PyNumber_Long(o: &Object) -> PyResult<Owned<Int>> { number::long(o) }
    fn PyNumber_Float(o: &Object) -> PyResult { number::float(o) }
    fn PyNumber_AsSsize_t(o: &Object, exc: Option<&Object>) -> PyResult<isize> {
        number::as_isize(o, exc.filter(|exc| exc.is_instance_of::<Type>()).map(|exc| exc.cast::<Type>()))
    }
    fn PyNumber_ToBase(o: &Object, base: c_int) -> PyResult<Owned<Str>> {
        if !matches!(base, 2 | 8 | 10 | 16) {
            return Err(err!(SystemError, "PyNumber_ToBase: base must be 2, 8, 10 or 16"));
        }
        Ok(Str::new(&number::to_base(o, base as u32)?))
    }

    // ---- sizes and items of anything
    fn PyObject_Size(o: &Object) -> PyResult<usize> { sequence::len(o) }
    fn PyObject_Length(o: &Object) -> PyResult<usize> { sequence::len(o) }
    fn PyObject_LengthHint(o: &Object, default: isize) -> PyResult<usize> { iter::length_hint(o, default.max(0) as usize) }
    fn PyObject_GetItem(o: &Object, key: &Object) -> PyResult { mapping::get_item(o, key) }
    fn PyObject_SetItem(o: &Object, key: &Object, value: &Object) -> PyResult<Done> { done(mapping::set_item(o, key, value)) }
    fn PyObject_DelItem(o: &Object, key: &Object) -> PyResult<Done> { done(mapping::del_item(o, key)) }
    fn PyObject_DelItemString(o: &Object, key: &CStr) -> PyResult<Done> { done(mapping::del_item(o, &*string_key(key)?)) }
    fn PyObject_Format(o: &Object, spec: Option<&Object>) -> PyResult {
        if let Some(spec) = spec
            && !spec.is_instance_of::<Str>()
        {
            return Err(err!(SystemError, "Format specifier must be a string, not {}", spec.type_name()));
        }
        Ok(runtime::format::format_object(o, spec.map(|spec| spec.cast::<Str>()))?.into_object())
    }
    fn PyObject_IsInstance(o: &Object, cls: &Object) -> PyResult<bool> { proto::is_instance(o, cls) }
    fn PyObject_IsSubclass(o: &Object, cls: &Object) -> PyResult<bool> { proto::is_subclass(o, cls) }
    fn _PyObject_RealIsInstance(o: &Object, cls: &Object) -> PyResult<bool> { proto::real_is_instance(o, cls) }
    fn _PyObject_RealIsSubclass(o: &Object, cls: &Object) -> PyResult<bool> { proto::real_is_subclass(o, cls) }

    // ---- sequences
    fn PySequence_Check(o: Option<&Object>) -> bool { o.is_some_and(sequence::is_sequence) }
    fn PySequence_Size(o: &Object) -> PyResult<usize> { sequence::sequence_len(o) }
    fn PySequence_Length(o: &Object) -> PyResult<usize> { sequence::sequence_len(o) }
    fn PySequence_Concat(a: &Object, b: &Object) -> PyResult { sequence::concat(a, b) }
    fn PySequence_Repeat(o: &Object, count: isize) -> PyResult { sequence::repeat(o, count) }
    fn PySequence_InPlaceConcat(a: &Object, b: &Object) -> PyResult { sequence::in_place_concat(a, b) }
    fn PySequence_InPlaceRepeat(o: &Object, count: isize) -> PyResult { sequence::in_place_repeat(o, count) }
    fn PySequence_GetItem(o: &Object, i: isize) -> PyResult { sequence::sequence_get_item(o, i) }
    fn PySequence_SetItem(o: &Object, i: isize, value: Option<&Object>) -> PyResult<Done> {
        done(match value {
            Some(value) => sequence::sequence_set_item(o, i, value),
            None => sequence::sequence_del_item(o, i),
        })
    }
    fn PySequence_DelItem(o: &Object, i: isize) -> PyResult<Done> { done(sequence::sequence_del_item(o, i)) }
    fn PySequence_GetSlice(o: &Object, start: isize, stop: isize) -> PyResult { sequence::get_slice(o, start, stop) }
    fn PySequence_SetSlice(o: &Object, start: isize, stop: isize, value: Option<&Object>) -> PyResult<Done> {
        done(sequence::set_slice(o, start, stop, value))
    }
    fn PySequence_DelSlice(o: &Object, start: isize, stop: isize) -> PyResult<Done> { done(sequence::set_slice(o, start, stop, None)) }
    fn PySequence_Contains(o: &Object, value: Option<&Object>) -> PyResult<bool> {
        match value {
            Some(value) => sequence::contains(o, value),
            // Nothing is compared with it.
            None if o.downcast::<List>().is_some_and(List::is_empty) => Ok(false),
            None => Err(err!(SystemError, "null argument to internal routine")),
        }
    }
    fn PySequence_In(o: &Object, value: &Object) -> PyResult<bool> { sequence::contains(o, value) }
    fn PySequence_Count(o: &Object, value: &Object) -> PyResult<usize> { sequence::iter_count(o, value) }
    fn PySequence_Index(o: &Object, value: &Object) -> PyResult<usize> { sequence::iter_index(o, value) }
    fn PySequence_List(o: &Object) -> PyResult<Owned<List>> { sequence::to_list(o) }
    fn PySequence_Tuple(o: &Object) -> PyResult<Owned<Tuple>> { sequence::to_tuple(o) }
    fn PySequence_Fast(o: &Object, message: &CStr) -> PyResult { sequence::sequence_fast(o, &message.to_string_lossy()) }
    fn _PySequence_IterSearch(o: &Object, value: &Object, operation: c_int) -> PyResult<isize> {
        match operation {
            1 => Ok(sequence::iter_count(o, value)? as isize),
            2 => Ok(sequence::iter_index(o, value)? as isize),
            3 => Ok(sequence::iter_contains(o, value)? as isize),
            _ => Err(errors::bad_internal_call()),
        }
    }

    // ---- mappings
    fn PyMapping_Check(o: Option<&Object>) -> bool { o.is_some_and(mapping::is_mapping) }
    fn PyMapping_Size(o: &Object) -> PyResult<usize> { mapping::mapping_len(o) }
    fn PyMapping_Length(o: &Object) -> PyResult<usize> { mapping::mapping_len(o) }
    fn PyMapping_Keys(o: &Object) -> PyResult<Owned<List>> { mapping::keys(o) }
    fn PyMapping_Values(o: &Object) -> PyResult<Owned<List>> { mapping::values(o) }
    fn PyMapping_Items(o: &Object) -> PyResult<Owned<List>> { mapping::items(o) }
    fn PyMapping_GetItemString(o: &Object, key: &CStr) -> PyResult { mapping::get_item(o, &*string_key(key)?) }
    fn PyMapping_SetItemString(o: &Object, key: &CStr, value: &Object) -> PyResult<Done> { done(mapping::set_item(o, &*string_key(key)?, value)) }
    fn PyMapping_GetOptionalItem(o: &Object, key: &Object, result: Out<*mut PyObject>) -> PyResult<bool> {
        store(result.0, optional_item(o, key))
    }
    fn PyMapping_GetOptionalItemString(o: &Object, key: &CStr, result: Out<*mut PyObject>) -> PyResult<bool> {
        store(result.0, optional_item(o, &*string_key(key)?))
    }
    fn PyMapping_HasKeyWithError(o: &Object, key: &Object) -> PyResult<bool> { Ok(optional_item(o, key)?.is_some()) }
    fn PyMapping_HasKeyStringWithError(o: &Object, key: &CStr) -> PyResult<bool> { Ok(optional_item(o, &*string_key(key)?)?.is_some()) }
    fn PyMapping_HasKey(o: Option<&Object>, key: Option<&Object>) -> bool {
        let found = || optional_item(o.ok_or_else(null_argument)?, key.ok_or_else(null_argument)?);
        unraisable(found(), "Exception ignored in PyMapping_HasKey(); consider using PyMapping_HasKeyWithError(), PyMapping_GetOptionalItem() or PyObject_GetItem()").flatten().is_some()
    }
    fn PyMapping_HasKeyString(o: Option<&Object>, key: Option<&CStr>) -> bool {
        let found = || optional_item(o.ok_or_else(null_argument)?, &*string_key(key.ok_or_else(null_argument)?)?);
        unraisable(found(), "Exception ignored in PyMapping_HasKeyString(); consider using PyMapping_HasKeyStringWithError(), PyMapping_GetOptionalItemString() or PyMapping_GetItemString()").flatten().is_some()
    }

    // ---- iterators
    fn PyObject_GetIter(o: &Object) -> PyResult { iter::get_iter(o) }
    fn PyObject_GetAIter(o: &Object) -> PyResult {
        let slot = o.ty().0.tp_as_async.get().as_ref().and_then(|table| table.am_aiter.get());
        let Some(slot) = slot else { return Err(err!(TypeError, "'{}' object is not an async iterable", o.type_name())) };
        let found = errors::from_c(slot(o.as_ptr()))?;
        if !is_async_iterator(&found) {
            return Err(err!(TypeError, "{}.__aiter__() must return an async iterator, not {}", o.type_name(), found.type_name()));
        }
        Ok(found)
    }
    fn PyIter_Check(o: Option<&Object>) -> bool { o.is_some_and(iter::is_iterator) }
    fn PyAIter_Check(o: Option<&Object>) -> bool { o.is_some_and(is_async_iterator) }
    fn PyIter_Next(o: &Object) -> PyResult<Option<Owned>> {
        iter::iter_next(o)
    }
    fn PyIter_NextItem(o: &Object, item: Out<*mut PyObject>) -> PyResult<bool> {
        if !iter::is_iterator(o) {
            return Err(err!(TypeError, "expected an iterator, got '{}'", o.type_name()));
        }
        store(item.0, iter::iter_next(o))
    }
    fn PyIter_Send(o: &Object, value: Option<&Object>, result: Out<*mut PyObject>) -> c_int {
        match send(o, value.unwrap_or(types::none())) {
            Ok((value, status)) => {
                *result.0 = value.into_raw();
                status
            }
            Err(_) => -1,
        }
    }
    fn PySeqIter_New(o: &Object) -> PyResult {
        if !sequence::is_sequence(o) {
            return Err(errors::bad_internal_call());
        }
        types::seq_iter::SequenceIterator::over(o)
    }
    fn PyCallIter_New(callable: &Object, sentinel: &Object) -> PyResult {
        types::seq_iter::CallableIterator::new(callable, sentinel)
    }
}

fn null_argument() -> errors::Raised {
    err!(SystemError, "null argument to internal routine")
}

fn is_async_iterator(o: &Object) -> bool {
    // SAFETY: the slot table of the object's own type.
    unsafe { o.ty().0.tp_as_async.get().as_ref() }.is_some_and(|table| table.am_anext.get().is_some())
}

/// The item of a key, `None` for a KeyError.
fn optional_item(o: &Object, key: &Object) -> PyResult<Option<Owned>> {
    if let Some(dict) = o.downcast_exact::<Dict>() {
        return dict.get_item(key);
    }
    errors::catch(mapping::get_item(o, key), exceptions::KeyError())
}

/// One step of an iterator with a value sent: the value and `PYGEN_NEXT` (1) or `PYGEN_RETURN` (0).
fn send(o: &Object, value: &Object) -> PyResult<(Owned, c_int)> {
    Ok(match generator::send(o, value)? {
        Sent::Yielded(value) => (value, 1),
        Sent::Returned(value) => (value, 0),
    })
}
