//! Specialisation of the smaller families, and how a specialised form is written into the code (PEP 659).
//!
//! A form is chosen from the operands at hand; its guards run again at every execution and fall back to the generic form.

use super::backoff;
use super::binary_op;
use super::frame::CodeWord;
use super::generator;
use super::stackref::StackRef;
use super::subscr;
use crate::object::{Object, PyTyped};
use crate::types::{self, Dict, Float, Int, List, Set, Str, Tuple};
use bytecode::op;

/// Writes `chosen` over the instruction whose cache `ip` points at, or lets it wait longer.
/// # Safety
/// All functions here: `ip` points one past an adaptive instruction's word.
pub unsafe fn commit(ip: *mut CodeWord, generic: u8, chosen: Option<u8>) {
    // SAFETY: by contract.
    unsafe {
        let counter = ip as *mut u16;
        let word = ip.sub(1);
        match chosen {
            Some(form) => {
                (*word).code = form;
                *counter = backoff::COOLDOWN;
            }
            None => {
                (*word).code = generic;
                *counter = backoff::restart(*counter);
            }
        }
    }
}

#[cold]
#[inline(never)]
pub unsafe fn to_bool(value: &Object, ip: *mut CodeWord) {
    let ty = value.ty();
    let chosen = if value.is(types::true_()) || value.is(types::false_()) {
        Some(op::TO_BOOL_BOOL)
    } else if value.is_none() {
        Some(op::TO_BOOL_NONE)
    } else if Int::check_exact(value) {
        Some(op::TO_BOOL_INT)
    } else if List::check_exact(value) {
        Some(op::TO_BOOL_LIST)
    } else if Str::check_exact(value) {
        Some(op::TO_BOOL_STR)
    } else if ty.has_flag(abi::Py_TPFLAGS_HEAPTYPE as u64) && always_true(value) {
        let version = ty.version();
        // SAFETY: TO_BOOL has a two-unit version behind its counter.
        unsafe { std::ptr::write_unaligned(ip.add(1) as *mut u32, version) };
        (version != 0).then_some(op::TO_BOOL_ALWAYS_TRUE)
    } else {
        None
    };
    // SAFETY: by contract.
    unsafe { commit(ip, op::TO_BOOL, chosen) }
}

/// Neither `__bool__` nor `__len__`.
fn always_true(value: &Object) -> bool {
    let ty = value.ty();
    // SAFETY: the tables are NULL or live as long as the type.
    unsafe {
        let number = ty.0.tp_as_number.get().as_ref().is_some_and(|t| t.nb_bool.get().is_some());
        let mapping = ty.0.tp_as_mapping.get().as_ref().is_some_and(|t| t.mp_length.get().is_some());
        let sequence = ty.0.tp_as_sequence.get().as_ref().is_some_and(|t| t.sq_length.get().is_some());
        !number && !mapping && !sequence
    }
}

#[cold]
#[inline(never)]
pub unsafe fn binary_op(left: &Object, right: &Object, ip: *mut CodeWord, oparg: usize, locals: *mut StackRef) {
    let (int, float, text) = (Int::check_exact(left) && Int::check_exact(right), Float::check_exact(left) && Float::check_exact(right), Str::check_exact(left) && Str::check_exact(right));
    let compact = int && left.downcast_exact::<Int>().is_some_and(|i| i.is_compact()) && right.downcast_exact::<Int>().is_some_and(|i| i.is_compact());
    let chosen = match oparg {
        0 | 13 if text => {
            // SAFETY: the next instruction follows the five cache units.
            let next = unsafe { *ip.add(5) };
            // SAFETY: a STORE_FAST's argument is a local's index.
            let in_place = next.code == op::STORE_FAST && unsafe { (*locals.add(next.arg as usize)).ptr() } == left.as_ptr();
            Some(if in_place { op::BINARY_OP_INPLACE_ADD_UNICODE } else { op::BINARY_OP_ADD_UNICODE })
        }
        0 | 13 if compact => Some(op::BINARY_OP_ADD_INT),
        0 | 13 if float => Some(op::BINARY_OP_ADD_FLOAT),
        10 | 23 if compact => Some(op::BINARY_OP_SUBTRACT_INT),
        10 | 23 if float => Some(op::BINARY_OP_SUBTRACT_FLOAT),
        5 | 18 if compact => Some(op::BINARY_OP_MULTIPLY_INT),
        5 | 18 if float => Some(op::BINARY_OP_MULTIPLY_FLOAT),
        26 => subscript(left, right),
        _ => binary_op::extend_kind(left, right, oparg).map(|kind| {
            // SAFETY: BINARY_OP has four units behind its counter.
            unsafe { std::ptr::write_unaligned(ip.add(1) as *mut usize, kind) };
            op::BINARY_OP_EXTEND
        }),
    };
    // SAFETY: by contract.
    unsafe { commit(ip, op::BINARY_OP, chosen) }
}

fn subscript(container: &Object, key: &Object) -> Option<u8> {
    let index = key.downcast_exact::<Int>().is_some_and(|i| i.is_nonnegative_compact());
    if index && List::check_exact(container) {
        return Some(op::BINARY_OP_SUBSCR_LIST_INT);
    }
    if index && Tuple::check_exact(container) {
        return Some(op::BINARY_OP_SUBSCR_TUPLE_INT);
    }
    if index && let Some(text) = container.downcast_exact::<Str>() {
        return text.is_ascii().then_some(op::BINARY_OP_SUBSCR_STR_INT);
    }
    if Dict::check_exact(container) {
        return Some(op::BINARY_OP_SUBSCR_DICT);
    }
    if List::check_exact(container) && types::Slice::check_exact(key) {
        return Some(op::BINARY_OP_SUBSCR_LIST_SLICE);
    }
    subscr::cache_getitem(container.ty()).then_some(op::BINARY_OP_SUBSCR_GETITEM)
}

#[cold]
#[inline(never)]
pub unsafe fn store_subscr(container: &Object, key: &Object, ip: *mut CodeWord) {
    let chosen = if List::check_exact(container) && key.downcast_exact::<Int>().is_some_and(|i| i.is_nonnegative_compact()) {
        Some(op::STORE_SUBSCR_LIST_INT)
    } else if Dict::check_exact(container) {
        Some(op::STORE_SUBSCR_DICT)
    } else {
        None
    };
    // SAFETY: by contract.
    unsafe { commit(ip, op::STORE_SUBSCR, chosen) }
}

#[cold]
#[inline(never)]
pub unsafe fn compare_op(left: &Object, right: &Object, ip: *mut CodeWord) {
    // SAFETY: the instruction's word is in front of its cache; == and != have bits 5.. of 2 and 3.
    let operator = unsafe { (*ip.sub(1)).arg } >> 5;
    let compact = |o: &Object| o.downcast_exact::<Int>().is_some_and(|i| i.is_compact());
    let chosen = if compact(left) && compact(right) {
        Some(op::COMPARE_OP_INT)
    } else if Float::check_exact(left) && Float::check_exact(right) {
        Some(op::COMPARE_OP_FLOAT)
    } else if Str::check_exact(left) && Str::check_exact(right) && (operator == 2 || operator == 3) {
        Some(op::COMPARE_OP_STR)
    } else {
        None
    };
    // SAFETY: by contract.
    unsafe { commit(ip, op::COMPARE_OP, chosen) }
}

#[cold]
#[inline(never)]
pub unsafe fn contains_op(container: &Object, ip: *mut CodeWord) {
    let chosen = if Dict::check_exact(container) {
        Some(op::CONTAINS_OP_DICT)
    } else if Set::check_any_exact(container) {
        Some(op::CONTAINS_OP_SET)
    } else {
        None
    };
    // SAFETY: by contract.
    unsafe { commit(ip, op::CONTAINS_OP, chosen) }
}

#[cold]
#[inline(never)]
pub unsafe fn for_iter(iterator: &Object, ip: *mut CodeWord, _oparg: usize) {
    let chosen = if types::ListIterator::exact(iterator).is_some() {
        Some(op::FOR_ITER_LIST)
    } else if types::TupleIterator::exact(iterator).is_some() {
        Some(op::FOR_ITER_TUPLE)
    } else if types::RangeIterator::exact(iterator).is_some() {
        Some(op::FOR_ITER_RANGE)
    } else if generator::is_exact_generator(iterator) {
        Some(op::FOR_ITER_GEN)
    } else {
        None
    };
    // SAFETY: by contract.
    unsafe { commit(ip, op::FOR_ITER, chosen) }
}

#[cold]
#[inline(never)]
pub unsafe fn send(receiver: &Object, ip: *mut CodeWord) {
    let chosen = generator::is_exact_generator_or_coroutine(receiver).then_some(op::SEND_GEN);
    // SAFETY: by contract.
    unsafe { commit(ip, op::SEND, chosen) }
}

#[cold]
#[inline(never)]
pub unsafe fn unpack_sequence(value: &Object, ip: *mut CodeWord, oparg: usize) {
    let chosen = if let Some(tuple) = value.downcast_exact::<Tuple>() {
        (tuple.len() == oparg).then_some(if oparg == 2 { op::UNPACK_SEQUENCE_TWO_TUPLE } else { op::UNPACK_SEQUENCE_TUPLE })
    } else if let Some(list) = value.downcast_exact::<List>() {
        (list.len() == oparg).then_some(op::UNPACK_SEQUENCE_LIST)
    } else {
        None
    };
    // SAFETY: by contract.
    unsafe { commit(ip, op::UNPACK_SEQUENCE, chosen) }
}
