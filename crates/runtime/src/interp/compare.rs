//! COMPARE_OP. The oparg holds the operator in bits 5.. and, in bit 4, that the result must be a bool (a jump follows).

use crate::errors::PyResult;
use crate::object::{Object, PyTyped};
use crate::protocol::object::{CompareOp, compare_different, is_true, rich_compare};
use crate::types::{self, Bytes, Int, Tuple};
use std::cmp::Ordering;

#[inline]
pub fn operator(oparg: usize) -> CompareOp {
    match oparg >> 5 {
        0 => CompareOp::Lt,
        1 => CompareOp::Le,
        2 => CompareOp::Eq,
        3 => CompareOp::Ne,
        4 => CompareOp::Gt,
        _ => CompareOp::Ge,
    }
}

/// The operator by its rich-comparison protocol.
pub fn generic(left: &Object, right: &Object, oparg: usize) -> PyResult {
    let op = operator(oparg);
    // Where the result is a bool whatever the operands hold.
    let gives_bool = match op {
        CompareOp::Eq | CompareOp::Ne => Tuple::check_exact(left) || Bytes::check_exact(left) || Int::check_exact(left),
        _ => Int::check_exact(left),
    };
    if gives_bool && std::ptr::eq(left.ty(), right.ty()) {
        return Ok(types::bool_object(compare_different(left, right, op)?).to_owned());
    }
    let result = rich_compare(left, right, op)?;
    if oparg & 16 != 0 {
        let truth = is_true(&result)?;
        return Ok(types::bool_object(truth).to_owned());
    }
    Ok(result)
}

/// The low four bits of the oparg are a mask over the outcomes: unordered 1, less 2, greater 4, equal 8.
#[inline(always)]
pub fn of_ordering(ordering: Ordering, oparg: usize) -> bool {
    let bit = match ordering {
        Ordering::Less => 2,
        Ordering::Greater => 4,
        Ordering::Equal => 8,
    };
    oparg & bit != 0
}

#[inline(always)]
pub fn floats(a: f64, b: f64, oparg: usize) -> bool {
    match a.partial_cmp(&b) {
        Some(ordering) => of_ordering(ordering, oparg),
        None => oparg & 1 != 0,
    }
}

/// `==` or `!=` on strs.
#[inline(always)]
pub fn of_equality(equal: bool, oparg: usize) -> bool {
    equal == (oparg >> 5 == 2)
}
