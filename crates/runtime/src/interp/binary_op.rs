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

/// What BINARY_OP_EXTEND runs, as the inline cache holds it: operators of ints of at most two digits, then of floats and mixed pairs, each
/// kind of pair with the four of `FLOAT_OPERATORS`.
const INT_AND: usize = 1;
const INT_OR: usize = 2;
const INT_XOR: usize = 3;
const INT_LSHIFT: usize = 4;
const INT_RSHIFT: usize = 5;
const INT_FLOOR_DIVIDE: usize = 6;
const INT_REMAINDER: usize = 7;
// Of ints that BINARY_OP_ADD_INT and its kin are too small for.
const INT_ADD: usize = 8;
const INT_SUBTRACT: usize = 9;
const INT_MULTIPLY: usize = 10;
const FLOATS: usize = 12;
const INT_FLOAT: usize = 0;
const FLOAT_INT: usize = 1;
const FLOAT_FLOAT: usize = 2;
/// `NB_*` of `+ - * /`.
const FLOAT_OPERATORS: [usize; 4] = [0, 10, 5, 11];

/// Runs a specialised pair; `None` if the operands are not what the cache promises.
#[inline]
pub fn extended(left: &Object, right: &Object, kind: usize) -> Option<PyResult> {
    if kind < FLOATS {
        let (a, b) = (left.downcast_exact::<Int>()?.as_pair()?, right.downcast_exact::<Int>()?.as_pair()?);
        let value = match kind {
            INT_AND => a & b,
            INT_OR => a | b,
            INT_XOR => a ^ b,
            INT_LSHIFT if (0..31).contains(&b) && a.unsigned_abs() >> 32 == 0 => a << b,
            INT_RSHIFT if (0..63).contains(&b) => a >> b,
            INT_FLOOR_DIVIDE if b != 0 => a / b - ((a % b != 0 && (a < 0) != (b < 0)) as i64),
            INT_REMAINDER if b != 0 => {
                let m = a % b;
                if m != 0 && (m < 0) != (b < 0) { m + b } else { m }
            }
            INT_ADD => a + b,
            INT_SUBTRACT => a - b,
            INT_MULTIPLY => return Some(Ok(Int::from_i128(a as i128 * b as i128).into_object())),
            _ => return None,
        };
        return Some(Ok(Int::from_i64(value).into_object()));
    }
    let compact = |o: &Object| o.downcast_exact::<Int>().filter(|int| int.is_compact()).map(|int| int.compact_value() as f64);
    let float = |o: &Object| o.downcast_exact::<Float>().map(|float| float.value());
    let (a, b) = match (kind - FLOATS) >> 2 {
        INT_FLOAT => (compact(left)?, float(right)?),
        FLOAT_INT => (float(left)?, compact(right)?),
        _ => (float(left)?, float(right)?),
    };
    let value = match kind & 3 {
        0 => a + b,
        1 => a - b,
        2 => a * b,
        _ if b != 0.0 => a / b,
        _ => return None,
    };
    Some(Ok(Float::new(value).into_object()))
}

/// The kind of pair for two operands, if `extended` can run it.
pub fn extend_kind(left: &Object, right: &Object, oparg: usize) -> Option<usize> {
    if oparg >= 26 {
        return None;
    }
    let nb = oparg % 13;
    let (ints, floats) = ((Int::check_exact(left), Int::check_exact(right)), (Float::check_exact(left), Float::check_exact(right)));
    let kind = if ints == (true, true) {
        match nb {
            1 => INT_AND,
            7 => INT_OR,
            12 => INT_XOR,
            3 => INT_LSHIFT,
            9 => INT_RSHIFT,
            2 => INT_FLOOR_DIVIDE,
            6 => INT_REMAINDER,
            0 => INT_ADD,
            10 => INT_SUBTRACT,
            5 => INT_MULTIPLY,
            _ => return None,
        }
    } else {
        let operator = FLOAT_OPERATORS.iter().position(|&operator| operator == nb)?;
        let pair = match (ints, floats) {
            ((true, false), (false, true)) => INT_FLOAT,
            ((false, true), (true, false)) => FLOAT_INT,
            // The other operators of two floats have instructions of their own.
            (_, (true, true)) if nb == 11 => FLOAT_FLOAT,
            _ => return None,
        };
        FLOATS + (pair << 2) + operator
    };
    // Only pairs that run with these very operands are worth a rewrite.
    extended(left, right, kind)?.ok()?;
    Some(kind)
}
