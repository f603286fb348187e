//! The number protocol: binary operators with reflected and in-place forms, unary operators, conversions to int and index.

use crate::err;
use crate::errors::{self, PyResult, Raised, from_c};
use crate::exceptions;
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol::object;
use crate::types::{self, Bytes, Float, Int, Str};
use abi::{PyNumberMethods, binaryfunc, ternaryfunc};
use std::mem::offset_of;

/// A slot of the object's number table.
#[inline(always)]
pub fn slot<F>(o: &Object, pick: impl Fn(&PyNumberMethods) -> Option<F>) -> Option<F> {
    // SAFETY: NULL or a table that lives as long as the type.
    unsafe { o.ty().0.tp_as_number.get().as_ref() }.and_then(pick)
}

/// Where in the number table a slot lies.
type Place = usize;

/// The slot at that place of the object's number table.
#[inline(always)]
fn slot_at(o: &Object, place: Place) -> Option<binaryfunc> {
    // SAFETY: NULL or a table that lives as long as the type; places are those of binary slots.
    unsafe {
        let table = o.ty().0.tp_as_number.get();
        if table.is_null() { None } else { *((table as *const u8).add(place) as *const Option<binaryfunc>) }
    }
}

/// An operator: its slots and its sign in messages.
struct Operator {
    slot: Place,
    in_place: Place,
    sign: &'static str,
}

macro_rules! operators {
    ($($slot:ident $in_place:ident $sign:literal),*) => {
        /// By `NB_*`, the in-place forms 13 higher.
        static OPERATORS: [Operator; 13] = [$(Operator { slot: offset_of!(PyNumberMethods, $slot), in_place: offset_of!(PyNumberMethods, $in_place), sign: $sign }),*];
    };
}
// The order of NB_ADD, NB_AND, NB_FLOOR_DIVIDE ...; power stands apart (three operands) and is handled before the table is used.
operators! {
    nb_add nb_inplace_add "+", nb_and nb_inplace_and "&", nb_floor_divide nb_inplace_floor_divide "//", nb_lshift nb_inplace_lshift "<<",
    nb_matrix_multiply nb_inplace_matrix_multiply "@", nb_multiply nb_inplace_multiply "*", nb_remainder nb_inplace_remainder "%", nb_or nb_inplace_or "|",
    nb_add nb_inplace_add "** or pow()", nb_rshift nb_inplace_rshift ">>", nb_subtract nb_inplace_subtract "-", nb_true_divide nb_inplace_true_divide "/",
    nb_xor nb_inplace_xor "^"
}

const ADD: usize = 0;
const MULTIPLY: usize = 5;
const POWER: usize = 8;
const RSHIFT: usize = 9;

fn is_not_implemented(o: &Object) -> bool {
    o.is(types::not_implemented())
}

/// Tries `v op w`: the right operand first if its type is a subclass that overrides the slot. `None` if neither knows.
#[inline(always)]
fn binary_op1(v: &Object, w: &Object, place: Place) -> PyResult<Option<Owned>> {
    let left = slot_at(v, place);
    let mut right = None;
    if !std::ptr::eq(v.ty(), w.ty()) {
        right = slot_at(w, place);
        if right.map(|f| f as usize) == left.map(|f| f as usize) {
            right = None;
        }
    }
    // SAFETY: slots of the operands' own types.
    unsafe {
        if let Some(left) = left {
            if let Some(f) = right
                && w.ty().is_subtype(v.ty())
            {
                let result = from_c(f(v.as_ptr(), w.as_ptr()))?;
                if !is_not_implemented(&result) {
                    return Ok(Some(result));
                }
                right = None;
            }
            let result = from_c(left(v.as_ptr(), w.as_ptr()))?;
            if !is_not_implemented(&result) {
                return Ok(Some(result));
            }
        }
        if let Some(right) = right {
            let result = from_c(right(v.as_ptr(), w.as_ptr()))?;
            if !is_not_implemented(&result) {
                return Ok(Some(result));
            }
        }
    }
    Ok(None)
}

#[cold]
fn unsupported(v: &Object, w: &Object, sign: &str) -> Raised {
    err!(TypeError, "unsupported operand type(s) for {}: '{}' and '{}'", sign, v.type_name(), w.type_name())
}

/// Any binary operator by its `NB_*` number (25 and below).
pub fn binary_op(op: usize, v: &Object, w: &Object) -> PyResult {
    if op >= 13 {
        return in_place(op - 13, v, w);
    }
    if op == POWER {
        return power(v, w, None);
    }
    let operator = &OPERATORS[op];
    if let Some(result) = binary_op1(v, w, operator.slot)? {
        return Ok(result);
    }
    without_number_slots(op, v, w)
}

/// An operator that the number slots do not know.
#[inline(never)]
fn without_number_slots(op: usize, v: &Object, w: &Object) -> PyResult {
    match op {
        ADD => {
            if let Some(concat) = sequence_slot(v, |t| t.sq_concat.get()) {
                // SAFETY: a slot of the operand's own type.
                return unsafe { from_c(concat(v.as_ptr(), w.as_ptr())) };
            }
        }
        MULTIPLY => {
            if let Some(result) = sequence_repeat(v, w, false)? {
                return Ok(result);
            }
        }
        RSHIFT => {
            // `print >> file` is Python 2's.
            if types::BuiltinFunction::check_exact(v) && v.downcast_exact::<types::BuiltinFunction>().is_some_and(|f| f.name() == "print") {
                return Err(err!(
                    TypeError,
                    "unsupported operand type(s) for {}: '{}' and '{}'. Did you mean \"print(<message>, file=<output_stream>)\"?",
                    ">>",
                    v.type_name(),
                    w.type_name()
                ));
            }
        }
        _ => {}
    }
    Err(unsupported(v, w, OPERATORS[op].sign))
}

fn in_place(op: usize, v: &Object, w: &Object) -> PyResult {
    if op == POWER {
        return in_place_power(v, w, None);
    }
    let operator = &OPERATORS[op];
    if let Some(f) = slot_at(v, operator.in_place) {
        // SAFETY: a slot of the operand's own type.
        let result = unsafe { from_c(f(v.as_ptr(), w.as_ptr()))? };
        if !is_not_implemented(&result) {
            return Ok(result);
        }
    }
    if let Some(result) = binary_op1(v, w, operator.slot)? {
        return Ok(result);
    }
    match op {
        ADD => {
            if let Some(concat) = sequence_slot(v, |t| t.sq_inplace_concat.get()).or_else(|| sequence_slot(v, |t| t.sq_concat.get())) {
                // SAFETY: as above.
                return unsafe { from_c(concat(v.as_ptr(), w.as_ptr())) };
            }
        }
        MULTIPLY => {
            if let Some(repeat) = sequence_slot(v, |t| t.sq_inplace_repeat.get()) {
                let count = repeat_count(w)?;
                // SAFETY: as above.
                return unsafe { from_c(repeat(v.as_ptr(), count)) };
            }
            if let Some(result) = sequence_repeat(v, w, true)? {
                return Ok(result);
            }
        }
        _ => {}
    }
    let sign = format!("{}=", operator.sign);
    Err(unsupported(v, w, &sign))
}

/// `v + w` by the slots of numbers alone; `None` if neither knows how.
pub fn add_by_number_slots(v: &Object, w: &Object, in_place: bool) -> PyResult<Option<Owned>> {
    let operator = &OPERATORS[ADD];
    if in_place && let Some(f) = slot_at(v, operator.in_place) {
        // SAFETY: a slot of the operand's own type.
        let result = unsafe { from_c(f(v.as_ptr(), w.as_ptr()))? };
        if !is_not_implemented(&result) {
            return Ok(Some(result));
        }
    }
    binary_op1(v, w, operator.slot)
}

fn sequence_slot<F>(o: &Object, pick: impl Fn(&abi::PySequenceMethods) -> Option<F>) -> Option<F> {
    // SAFETY: NULL or a table that lives as long as the type.
    unsafe { o.ty().0.tp_as_sequence.get().as_ref() }.and_then(pick)
}

fn repeat_count(n: &Object) -> PyResult<isize> {
    if !check_index(n) {
        return Err(err!(TypeError, "can't multiply sequence by non-int of type '{}'", n.type_name()));
    }
    as_isize(n, Some(exceptions::OverflowError()))
}

/// `sequence * n` or `n * sequence`. With `in_place`, the right operand only counts where the left one has no sequence slots at all.
fn sequence_repeat(v: &Object, w: &Object, in_place: bool) -> PyResult<Option<Owned>> {
    for (sequence, n) in [(v, w), (w, v)] {
        if in_place && std::ptr::eq(sequence, w) && !v.ty().0.tp_as_sequence.get().is_null() {
            break;
        }
        if let Some(repeat) = sequence_slot(sequence, |t| t.sq_repeat.get()) {
            let count = repeat_count(n)?;
            // SAFETY: a slot of the operand's own type.
            return unsafe { from_c(repeat(sequence.as_ptr(), count)) }.map(Some);
        }
    }
    Ok(None)
}

macro_rules! named {
    ($($name:ident $in_place_name:ident $op:literal),*) => {$(
        pub fn $name(v: &Object, w: &Object) -> PyResult { binary_op($op, v, w) }
        pub fn $in_place_name(v: &Object, w: &Object) -> PyResult { in_place($op, v, w) }
    )*};
}
named! {
    add in_place_add 0, and in_place_and 1, floor_divide in_place_floor_divide 2, lshift in_place_lshift 3, matrix_multiply in_place_matrix_multiply 4,
    multiply in_place_multiply 5, remainder in_place_remainder 6, or in_place_or 7, rshift in_place_rshift 9, subtract in_place_subtract 10,
    true_divide in_place_true_divide 11, xor in_place_xor 12
}

/// `divmod(v, w)`.
pub fn divmod(v: &Object, w: &Object) -> PyResult {
    match binary_op1(v, w, offset_of!(PyNumberMethods, nb_divmod))? {
        Some(result) => Ok(result),
        None => Err(unsupported(v, w, "divmod()")),
    }
}

/// `pow(v, w[, z])`.
pub fn power(v: &Object, w: &Object, z: Option<&Object>) -> PyResult {
    let z = z.unwrap_or(types::none());
    ternary(v, w, z, "** or pow()")
}

pub fn in_place_power(v: &Object, w: &Object, z: Option<&Object>) -> PyResult {
    let z = z.unwrap_or(types::none());
    if let Some(f) = slot(v, |t| t.nb_inplace_power.get()) {
        // SAFETY: a slot of the operand's own type.
        let result = unsafe { from_c(f(v.as_ptr(), w.as_ptr(), z.as_ptr()))? };
        if !is_not_implemented(&result) {
            return Ok(result);
        }
    }
    ternary(v, w, z, "**=")
}

fn ternary(v: &Object, w: &Object, z: &Object, sign: &str) -> PyResult {
    let same = |a: Option<ternaryfunc>, b: Option<ternaryfunc>| a.map(|f| f as usize) == b.map(|f| f as usize);
    let pick = |o: &Object| slot(o, |t| t.nb_power.get());
    let left = pick(v);
    let mut right = if std::ptr::eq(v.ty(), w.ty()) { None } else { pick(w) };
    if same(left, right) {
        right = None;
    }
    let call = |f: ternaryfunc| -> PyResult<Option<Owned>> {
        // SAFETY: a slot of one of the operands' types.
        let result = unsafe { from_c(f(v.as_ptr(), w.as_ptr(), z.as_ptr()))? };
        Ok((!is_not_implemented(&result)).then_some(result))
    };
    if let Some(left) = left {
        if let Some(f) = right
            && w.ty().is_subtype(v.ty())
        {
            if let Some(result) = call(f)? {
                return Ok(result);
            }
            right = None;
        }
        if let Some(result) = call(left)? {
            return Ok(result);
        }
    }
    if let Some(f) = right
        && let Some(result) = call(f)?
    {
        return Ok(result);
    }
    let third = pick(z);
    if let Some(f) = third
        && !same(third, left)
        && !same(third, right)
        && let Some(result) = call(f)?
    {
        return Ok(result);
    }
    if z.is_none() {
        return Err(unsupported(v, w, sign));
    }
    Err(err!(TypeError, "unsupported operand type(s) for {}: '{}', '{}', '{}'", sign, v.type_name(), w.type_name(), z.type_name()))
}

macro_rules! unary {
    ($name:ident, $slot:ident, $what:literal) => {
        pub fn $name(o: &Object) -> PyResult {
            match slot(o, |t| t.$slot.get()) {
                // SAFETY: a slot of the operand's own type.
                Some(f) => unsafe { from_c(f(o.as_ptr())) },
                None => Err(err!(TypeError, concat!("bad operand type for ", $what, ": '{}'"), o.type_name())),
            }
        }
    };
}
unary!(negative, nb_negative, "unary -");
unary!(positive, nb_positive, "unary +");
unary!(invert, nb_invert, "unary ~");
unary!(absolute, nb_absolute, "abs()");

/// `PyIndex_Check`.
pub fn check_index(o: &Object) -> bool {
    slot(o, |t| t.nb_index.get()).is_some()
}

/// `operator.index(o)` as an int, possibly of a subclass (`_PyNumber_Index`).
pub fn index(o: &Object) -> PyResult<Owned<Int>> {
    if let Some(int) = o.downcast_exact::<Int>() {
        return Ok(Owned::from_ref(int));
    }
    if let Some(int) = o.downcast::<Int>() {
        return int.to_exact();
    }
    let Some(nb_index) = slot(o, |t| t.nb_index.get()) else {
        return Err(err!(TypeError, "'{}' object cannot be interpreted as an integer", o.type_name()));
    };
    // SAFETY: a slot of the operand's own type.
    let result = unsafe { from_c(nb_index(o.as_ptr()))? };
    if Int::check_exact(&result) {
        // SAFETY: checked.
        return Ok(unsafe { result.cast_into() });
    }
    match result.try_into_typed::<Int>() {
        Ok(result) => {
            strict_subclass("__index__", result.object())?;
            Ok(result)
        }
        Err(other) => Err(err!(TypeError, "__index__ returned non-int (type {})", other.type_name())),
    }
}

#[cold]
fn strict_subclass(method: &str, result: &Object) -> PyResult<()> {
    let message = format!(
        "{} returned non-int (type {}).  The ability to return an instance of a strict subclass of int is deprecated, and may be removed in a future version of Python.",
        method,
        result.type_name()
    );
    exceptions::warn(exceptions::DeprecationWarning(), &message, 1)
}

/// `int(o)` (`PyNumber_Long`): exactly an int.
pub fn long(o: &Object) -> PyResult<Owned<Int>> {
    if Int::check_exact(o) {
        // SAFETY: checked.
        return Ok(unsafe { o.to_owned().cast_into() });
    }
    if let Some(nb_int) = slot(o, |t| t.nb_int.get()) {
        // SAFETY: a slot of the operand's own type.
        let result = unsafe { from_c(nb_int(o.as_ptr()))? };
        return match result.try_into_typed::<Int>() {
            Ok(result) => {
                if !Int::check_exact(result.object()) {
                    strict_subclass("__int__", result.object())?;
                }
                result.to_exact()
            }
            Err(other) => Err(err!(TypeError, "__int__ returned non-int (type {})", other.type_name())),
        };
    }
    if check_index(o) {
        return index(o)?.to_exact();
    }
    if let Some(text) = o.downcast::<Str>() {
        return types::int::int_from_str(text, 10);
    }
    if Bytes::check(o) || types::ByteArray::check(o) || !o.ty().0.tp_as_buffer.get().is_null() {
        if let Ok(buffer) = crate::macro_support::Buffer::new(o) {
            let text = String::from_utf8_lossy(&buffer).into_owned();
            return types::int::int_from_text(&text, 10, &*Bytes::try_new(&buffer)?);
        }
        errors::clear();
    }
    Err(err!(TypeError, "int() argument must be a string, a bytes-like object or a real number, not '{}'", o.type_name()))
}

/// `float(o)`.
pub fn float(o: &Object) -> PyResult {
    if Float::check_exact(o) {
        return Ok(o.to_owned());
    }
    Ok(Float::new(types::float::float_of(o)?).into_object())
}

/// `PyNumber_AsSsize_t`: a value beyond `isize` raises `overflow`, or (None) is clipped.
#[inline]
pub fn as_isize(o: &Object, overflow: Option<&Type>) -> PyResult<isize> {
    match compact_int(o) {
        Some(value) => Ok(value),
        None => as_isize_slow(o, overflow),
    }
}

/// The value of an exact int of one digit.
#[inline(always)]
pub fn compact_int(o: &Object) -> Option<isize> {
    o.downcast_exact::<Int>().filter(|int| int.is_compact()).map(|int| int.compact_value())
}

fn as_isize_slow(o: &Object, overflow: Option<&Type>) -> PyResult<isize> {
    let value = index(o)?;
    if let Some(small) = value.as_i64() {
        return Ok(small as isize);
    }
    match overflow {
        None => Ok(if value.is_negative() { isize::MIN } else { isize::MAX }),
        Some(exc) => Err(errors::raise(exc, format_args!("cannot fit '{}' into an index-sized integer", o.type_name()))),
    }
}

/// A C int; OverflowError beyond.
pub fn as_i32(o: &Object) -> PyResult<i32> {
    let value = index(o)?;
    match value.as_i64() {
        Some(n) => i32::try_from(n).map_err(|_| err!(OverflowError, "Python int too large to convert to C int")),
        None => Err(err!(OverflowError, "Python int too large to convert to C int")),
    }
}

/// A C long; OverflowError beyond.
pub fn as_i64(o: &Object) -> PyResult<i64> {
    index(o)?.as_i64().ok_or_else(|| err!(OverflowError, "Python int too large to convert to C long"))
}

/// `PyNumber_Check`.
pub fn check(o: &Object) -> bool {
    slot(o, |t| t.nb_index.get()).is_some() || slot(o, |t| t.nb_int.get()).is_some() || slot(o, |t| t.nb_float.get()).is_some() || o.is_instance_of::<types::Complex>()
}

/// The digits of an index in base 2, 8, 10 or 16 with its prefix (`PyNumber_ToBase`).
pub fn to_base(o: &Object, base: u32) -> PyResult<String> {
    let value = index(o)?;
    let prefix = match base {
        2 => "0b",
        8 => "0o",
        16 => "0x",
        _ => return Ok(object::str(value.object())?.to_string()),
    };
    Ok(types::int::format_radix(&value, base, prefix))
}

pub use crate::types::int::int_hash;
