//! BINARY_OP: arithmetic. Fast results for small ints and floats, growing strings in place, mixed int/float pairs (`EXTEND`), and the
//! generic form.

use super::stackref::StackRef;
use crate::errors::PyResult;
use crate::object::{Object, Owned, PyTyped};
use crate::protocol::{mapping, number};
use crate::types::{Float, Int, Str};

/// Any operator by its oparg (`NB_*`), subscription among them.
#[inline]
pub fn generic(left: &Object, right: &Object, oparg: usize) -> PyResult {
    if oparg == 26 {
        return mapping::get_item(left, right);
    }
    number::binary_op(oparg, left, right)
}

/// The int `value` as result of an operation on two exact ints, whose slots are closed. NULL with MemoryError.
/// # Safety
/// Both slots hold exact ints.
#[inline(always)]
pub unsafe fn int_result(value: i64, left: StackRef, right: StackRef) -> StackRef {
    // SAFETY: by contract; a compact operand that nobody else owns is overwritten instead of freed.
    unsafe {
        if !left.is_borrowed() && left.obj().refcount() == 1 && Int::overwrite_compact(left.ptr(), value) {
            right.close();
            return left;
        }
        let result = Int::new_ptr(value);
        if result.is_null() {
            return StackRef::NULL;
        }
        left.close();
        right.close();
        if Int::is_small(value) { StackRef::borrow(result) } else { StackRef::steal(result) }
    }
}

/// The float `value` as result of an operation on two exact floats; an operand that nobody else owns is reused.
/// # Safety
/// Both slots hold exact floats.
#[inline(always)]
pub unsafe fn float_result(value: f64, left: StackRef, right: StackRef) -> StackRef {
    // SAFETY: by contract.
    unsafe {
        if !left.is_borrowed() && left.obj().refcount() == 1 {
            left.obj().cast::<Float>().0.ob_fval.set(value);
            right.close();
            return left;
        }
        if !right.is_borrowed() && right.obj().refcount() == 1 {
            right.obj().cast::<Float>().0.ob_fval.set(value);
            left.close();
            return right;
        }
        let result = Float::new_ptr(value);
        if result.is_null() {
            return StackRef::NULL;
        }
        left.close();
        right.close();
        StackRef::steal(result)
    }
}

/// `s += t` where the next instruction stores into the local `target` that holds `s`: the local's count moves into the result, so that
/// a string nobody else knows grows in place. Closes `left`; `right` stays with the caller. NULL on error.
/// # Safety
/// Both slots hold exact strs; `target` holds the same object as `left`.
pub unsafe fn append_in_place(left: StackRef, right: StackRef, target: *mut StackRef) -> StackRef {
    // SAFETY: by contract.
    unsafe {
        let owned = *target;
        *target = StackRef::NULL;
        left.close();
        let text: Owned<Str> = owned.into_owned().cast_into();
        match Str::append(text, right.obj().cast()) {
            Ok(grown) => StackRef::from_owned(grown),
            Err(_) => StackRef::NULL,
        }
    }
}

/// Pairs that BINARY_OP_EXTEND knows; the kind lies in the inline cache.
pub const EXTEND_INT_BITWISE: usize = 1;
pub const EXTEND_INT_FLOAT: usize = 2;
pub const EXTEND_FLOAT_INT: usize = 3;
pub const EXTEND_FLOAT_DIV: usize = 4;
pub const EXTEND_INT_FLOORDIV_MOD: usize = 5;

/// Runs a specialised pair; `None` if the operands are not what the cache promises.
/// `kind` holds the pair in its low byte and the operator (`NB_*`) above.
#[inline]
pub fn extended(left: &Object, right: &Object, kind: usize) -> Option<PyResult> {
    let nb = kind >> 8;
    match kind & 0xff {
        EXTEND_INT_BITWISE | EXTEND_INT_FLOORDIV_MOD => {
            let (l, r) = (left.downcast_exact::<Int>()?, right.downcast_exact::<Int>()?);
            if !l.is_compact() || !r.is_compact() {
                return None;
            }
            let (a, b) = (l.compact_value() as i64, r.compact_value() as i64);
            let value = match nb % 13 {
                1 => a & b,
                7 => a | b,
                12 => a ^ b,
                2 if b != 0 => a / b - ((a % b != 0 && (a < 0) != (b < 0)) as i64),
                6 if b != 0 => {
                    let m = a % b;
                    if m != 0 && (m < 0) != (b < 0) { m + b } else { m }
                }
                3 if (0..31).contains(&b) => a << b,
                9 if (0..63).contains(&b) => a >> b,
                _ => return None,
            };
            Some(Ok(Int::from_i64(value).into_object()))
        }
        kind => {
            let (a, b) = match kind {
                EXTEND_INT_FLOAT => {
                    let l = left.downcast_exact::<Int>()?;
                    if !l.is_compact() {
                        return None;
                    }
                    (l.compact_value() as f64, right.downcast_exact::<Float>()?.value())
                }
                EXTEND_FLOAT_INT => {
                    let r = right.downcast_exact::<Int>()?;
                    if !r.is_compact() {
                        return None;
                    }
                    (left.downcast_exact::<Float>()?.value(), r.compact_value() as f64)
                }
                _ => (left.downcast_exact::<Float>()?.value(), right.downcast_exact::<Float>()?.value()),
            };
            let value = match nb % 13 {
                0 => a + b,
                10 => a - b,
                5 => a * b,
                11 if b != 0.0 => a / b,
                _ => return None,
            };
            Some(Ok(Float::new(value).into_object()))
        }
    }
}

/// The pair kind for two operands, if `extended` can run it.
pub fn extend_kind(left: &Object, right: &Object, oparg: usize) -> Option<usize> {
    let nb = oparg % 13;
    let ints = (Int::check_exact(left), Int::check_exact(right));
    let floats = (Float::check_exact(left), Float::check_exact(right));
    let pair = match (ints, floats) {
        ((true, true), _) => match nb {
            1 | 7 | 12 | 3 | 9 => EXTEND_INT_BITWISE,
            2 | 6 => EXTEND_INT_FLOORDIV_MOD,
            _ => return None,
        },
        ((true, false), (false, true)) if matches!(nb, 0 | 5 | 10 | 11) => EXTEND_INT_FLOAT,
        ((false, true), (true, false)) if matches!(nb, 0 | 5 | 10 | 11) => EXTEND_FLOAT_INT,
        (_, (true, true)) if nb == 11 => EXTEND_FLOAT_DIV,
        _ => return None,
    };
    if oparg >= 26 {
        return None;
    }
    let kind = oparg << 8 | pair;
    // Only pairs that run with these very operands are worth a rewrite.
    extended(left, right, kind)?.ok()?;
    Some(kind)
}
