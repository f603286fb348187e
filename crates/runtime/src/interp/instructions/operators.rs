//! Unary and binary operators, truth, comparison.

use crate::interp::registers::{Fast, bool_ref, fast, slow, tri};
use crate::interp::stackref::StackRef;
use crate::interp::{binary_op, compare, specialize};
use crate::object::PyTyped;
use crate::protocol;
use crate::protocol::number;
use crate::types::{self, Dict, Int, List, Set, Str};
use abi::PyObject;
use bytecode::op;

slow! { unary_negative(r) { r.save(); let v = tri!(r, number::negative((*r.peek(1)).obj())); r.replace::<1>(StackRef::from_owned(v)); } }

slow! { unary_invert(r) { r.save(); let v = tri!(r, number::invert((*r.peek(1)).obj())); r.replace::<1>(StackRef::from_owned(v)); } }

fast! {
    unary_not(r) {
        let value = (*r.peek(1)).ptr() == types::true_().as_ptr();
        *r.peek(1) = bool_ref(!value);
    }
}

/// A truth in place of an operand, which is closed.
#[inline(always)]
unsafe fn close_with_truth(mut r: Fast, value: StackRef, truth: bool, skip: usize) -> *mut PyObject {
    // SAFETY: see `Fast`.
    unsafe {
        if value.is_last() {
            *r.peek(1) = bool_ref(truth);
            return r.close_then(value, skip);
        }
        value.drop_count();
        r.sp = r.sp.sub(1);
        r.truth_then(truth, skip)
    }
}

slow! {
    to_bool(r) {
        if r.adaptive_due() { specialize::to_bool((*r.peek(1)).obj(), r.ip); return r.redo(); }
        r.save();
        let truth = tri!(r, protocol::object::is_true((*r.peek(1)).obj()));
        r.replace::<1>(bool_ref(truth));
        r.ip = r.ip.add(3);
    }
}

fast! {
    to_bool_bool(r) {
        let v = (*r.peek(1)).ptr();
        let truth = v == types::true_().as_ptr();
        if !truth && v != types::false_().as_ptr() { return r.deopt(op::TO_BOOL); }
        r.sp = r.sp.sub(1);
        return r.truth_then(truth, 3);
    }
}

fast! {
    to_bool_int(r) {
        let v = *r.peek(1);
        if !Int::check_exact(v.obj()) { return r.deopt(op::TO_BOOL); }
        let truth = !v.obj().cast::<Int>().is_zero();
        return close_with_truth(r, v, truth, 3);
    }
}

fast! {
    to_bool_list(r) {
        let v = *r.peek(1);
        if !List::check_exact(v.obj()) { return r.deopt(op::TO_BOOL); }
        let truth = v.obj().cast::<List>().len() != 0;
        return close_with_truth(r, v, truth, 3);
    }
}

fast! {
    to_bool_none(r) {
        if (*r.peek(1)).ptr() != types::none().as_ptr() { return r.deopt(op::TO_BOOL); }
        r.sp = r.sp.sub(1);
        return r.truth_then(false, 3);
    }
}

fast! {
    to_bool_str(r) {
        let v = *r.peek(1);
        if !Str::check_exact(v.obj()) { return r.deopt(op::TO_BOOL); }
        let truth = v.obj().cast::<Str>().len() != 0;
        return close_with_truth(r, v, truth, 3);
    }
}

fast! {
    to_bool_always_true(r) {
        let v = *r.peek(1);
        if v.obj().ty().0.tp_version_tag.get() != r.cache32(1) { return r.deopt(op::TO_BOOL); }
        return close_with_truth(r, v, true, 3);
    }
}

// ---- binary operators ------------------------------------------------------------------------------------------------------------------

slow! {
    binary_op(r) {
        if r.adaptive_due() { specialize::binary_op((*r.peek(2)).obj(), (*r.peek(1)).obj(), r.ip, r.oparg, (*r.frame).locals()); return r.redo(); }
        r.save();
        let v = tri!(r, binary_op::generic((*r.peek(2)).obj(), (*r.peek(1)).obj(), r.oparg));
        r.replace::<2>(StackRef::from_owned(v));
        r.ip = r.ip.add(5);
    }
}

fast! {
    binary_op_int(r, OP) {
        let (left, right) = (*r.peek(2), *r.peek(1));
        if !Int::check_exact(left.obj()) || !Int::check_exact(right.obj()) { return r.deopt(op::BINARY_OP); }
        let Some((a, b)) = Int::small_pair(left.obj().cast(), right.obj().cast()) else { return r.jump(arithmetic_int::<OP>) };
        let value = match OP { op::BINARY_OP_ADD_INT => a + b, op::BINARY_OP_SUBTRACT_INT => a - b, _ => a * b };
        if !Int::is_small(value) || !left.both_borrowed(right) { return r.jump(arithmetic_int::<OP>); }
        r.sp = r.sp.sub(1);
        *r.peek(1) = StackRef::borrow(Int::small_ptr(value as isize));
        r.ip = r.ip.add(5);
    }
}

fast! {
    /// The same for all compact ints.
    arithmetic_int(r, OP) {
        let (left, right) = (*r.peek(2), *r.peek(1));
        let (x, y) = (left.obj().cast::<Int>(), right.obj().cast::<Int>());
        if !(x.is_compact() && y.is_compact()) { return r.deopt(op::BINARY_OP); }
        let (a, b) = (x.compact_value() as i64, y.compact_value() as i64);
        let value = match OP { op::BINARY_OP_ADD_INT => a + b, op::BINARY_OP_SUBTRACT_INT => a - b, _ => a * b };
        if Int::is_small(value) {
            r.sp = r.sp.sub(1);
            *r.peek(1) = StackRef::borrow(Int::small_ptr(value as isize));
            return r.close_both_then(left, right, 5);
        }
        // An operand that nobody else owns becomes the result.
        if left.is_last() && Int::overwrite_compact(left.ptr(), value) {
            r.sp = r.sp.sub(1);
            return r.close_then(right, 5);
        }
        if right.is_last() && Int::overwrite_compact(right.ptr(), value) {
            r.sp = r.sp.sub(1);
            *r.peek(1) = right;
            return r.close_then(left, 5);
        }
        return r.jump(new_int::<OP>);
    }
}

fast! {
    /// The same, where the result is a new object.
    new_int(r, OP) {
        let (left, right) = (*r.peek(2), *r.peek(1));
        let (a, b) = (left.obj().cast::<Int>().compact_value() as i64, right.obj().cast::<Int>().compact_value() as i64);
        let result = Int::new_ptr(match OP { op::BINARY_OP_ADD_INT => a + b, op::BINARY_OP_SUBTRACT_INT => a - b, _ => a * b });
        if result.is_null() { return r.fail(); }
        r.sp = r.sp.sub(1);
        *r.peek(1) = StackRef::steal(result);
        return r.close_both_then(left, right, 5);
    }
}

fast! {
    binary_op_float(r, OP) {
        let (left, right) = (*r.peek(2), *r.peek(1));
        let (x, y) = (left.obj(), right.obj());
        if !types::Float::check_exact(x) || !types::Float::check_exact(y) { return r.deopt(op::BINARY_OP); }
        let (a, b) = (x.cast::<types::Float>().value(), y.cast::<types::Float>().value());
        let value = match OP { op::BINARY_OP_ADD_FLOAT => a + b, op::BINARY_OP_SUBTRACT_FLOAT => a - b, _ => a * b };
        // An operand that nobody else owns becomes the result.
        if left.is_last() {
            x.cast::<types::Float>().0.ob_fval.set(value);
            r.sp = r.sp.sub(1);
            return r.close_then(right, 5);
        }
        if right.is_last() {
            y.cast::<types::Float>().0.ob_fval.set(value);
            r.sp = r.sp.sub(1);
            *r.peek(1) = right;
            return r.close_then(left, 5);
        }
        return r.jump(new_float::<OP>);
    }
}

fast! {
    /// The same, where the result is a new object.
    new_float(r, OP) {
        let (left, right) = (*r.peek(2), *r.peek(1));
        let (a, b) = (left.obj().cast::<types::Float>().value(), right.obj().cast::<types::Float>().value());
        let result = types::Float::new_ptr(match OP { op::BINARY_OP_ADD_FLOAT => a + b, op::BINARY_OP_SUBTRACT_FLOAT => a - b, _ => a * b });
        if result.is_null() { return r.fail(); }
        r.sp = r.sp.sub(1);
        *r.peek(1) = StackRef::steal(result);
        return r.close_both_then(left, right, 5);
    }
}

slow! {
    binary_op_add_unicode(r) {
        let (left, right) = (*r.peek(2), *r.peek(1));
        if !Str::check_exact(left.obj()) || !Str::check_exact(right.obj()) { return r.deopt(op::BINARY_OP); }
        r.save();
        let v = tri!(r, Str::concat(left.obj().cast(), right.obj().cast()));
        r.replace::<2>(StackRef::from_owned(v));
        r.ip = r.ip.add(5);
    }
}

slow! {
    binary_op_inplace_add_unicode(r) {
        // `s += t` with a STORE_FAST to the same local next: the local's count is given up first, so that the text can grow in place.
        let (left, right) = (*r.peek(2), *r.peek(1));
        if !Str::check_exact(left.obj()) || !Str::check_exact(right.obj()) { return r.deopt(op::BINARY_OP); }
        let next = *r.ip.add(5);
        let target = &raw mut (*r.local(next.arg as usize));
        if next.code != op::STORE_FAST || (*target).ptr() != left.ptr() { return r.deopt(op::BINARY_OP); }
        r.save();
        let grown = binary_op::append_in_place(left, right, target);
        r.sp = r.sp.sub(2);
        r.sync();
        if grown.is_null() { return r.error(); }
        r.push(grown);
        right.close();
        r.ip = r.ip.add(5);
    }
}

slow! {
    binary_op_extend(r) {
        let v = match binary_op::extended((*r.peek(2)).obj(), (*r.peek(1)).obj(), r.cache64(1)) { Some(v) => v, None => return r.deopt(op::BINARY_OP) };
        let v = tri!(r, v);
        r.save();
        r.replace::<2>(StackRef::from_owned(v));
        r.ip = r.ip.add(5);
    }
}

// ---- comparison ------------------------------------------------------------------------------------------------------------------------

slow! {
    compare_op(r) {
        if r.adaptive_due() { specialize::compare_op((*r.peek(2)).obj(), (*r.peek(1)).obj(), r.ip); return r.redo(); }
        r.save();
        let v = tri!(r, compare::generic((*r.peek(2)).obj(), (*r.peek(1)).obj(), r.oparg));
        r.replace::<2>(StackRef::from_owned(v));
        r.ip = r.ip.add(1);
    }
}

fast! {
    compare_op_int(r) {
        let (left, right) = (*r.peek(2), *r.peek(1));
        if !Int::check_exact(left.obj()) || !Int::check_exact(right.obj()) { return r.deopt(op::COMPARE_OP); }
        let Some((a, b)) = Int::small_pair(left.obj().cast(), right.obj().cast()) else { return r.jump(compare_int) };
        if !left.both_borrowed(right) { return r.jump(compare_int); }
        r.sp = r.sp.sub(2);
        return r.truth_then(compare::of_ordering(a.cmp(&b), r.oparg), 1);
    }
}

fast! {
    /// The same for all compact ints.
    compare_int(r) {
        let (left, right) = (*r.peek(2), *r.peek(1));
        let (x, y) = (left.obj().cast::<Int>(), right.obj().cast::<Int>());
        if !(x.is_compact() && y.is_compact()) { return r.deopt(op::COMPARE_OP); }
        let truth = compare::of_ordering(x.compact_value().cmp(&y.compact_value()), r.oparg);
        return close_both_with_truth(r, left, right, truth, 1);
    }
}

/// A truth in place of two operands, which are closed.
#[inline(always)]
unsafe fn close_both_with_truth(mut r: Fast, first: StackRef, second: StackRef, truth: bool, skip: usize) -> *mut PyObject {
    // SAFETY: see `Fast`.
    unsafe {
        if first.both_borrowed(second) {
            r.sp = r.sp.sub(2);
            return r.truth_then(truth, skip);
        }
        r.sp = r.sp.sub(1);
        *r.peek(1) = bool_ref(truth);
        r.close_both_then(first, second, skip)
    }
}

fast! {
    compare_op_float(r) {
        let (left, right) = (*r.peek(2), *r.peek(1));
        if !types::Float::check_exact(left.obj()) || !types::Float::check_exact(right.obj()) { return r.deopt(op::COMPARE_OP); }
        let truth = compare::floats(left.obj().cast::<types::Float>().value(), right.obj().cast::<types::Float>().value(), r.oparg);
        return close_both_with_truth(r, left, right, truth, 1);
    }
}

fast! {
    compare_op_str(r) {
        let (left, right) = (*r.peek(2), *r.peek(1));
        if !Str::check_exact(left.obj()) || !Str::check_exact(right.obj()) { return r.deopt(op::COMPARE_OP); }
        let equal = left.ptr() == right.ptr() || Str::equal(left.obj().cast(), right.obj().cast());
        return close_both_with_truth(r, left, right, compare::of_equality(equal, r.oparg), 1);
    }
}

fast! {
    is_op(r) {
        let (left, right) = (*r.peek(2), *r.peek(1));
        return close_both_with_truth(r, right, left, (left.ptr() == right.ptr()) != (r.oparg == 1), 0);
    }
}

slow! {
    contains_op(r) {
        if r.adaptive_due() { specialize::contains_op((*r.peek(1)).obj(), r.ip); return r.redo(); }
        r.save();
        let found = tri!(r, protocol::sequence::contains((*r.peek(1)).obj(), (*r.peek(2)).obj()));
        r.replace::<2>(bool_ref(found != (r.oparg == 1)));
        r.ip = r.ip.add(1);
    }
}

slow! {
    contains_op_dict(r) {
        if !Dict::check_exact((*r.peek(1)).obj()) { return r.deopt(op::CONTAINS_OP); }
        r.save();
        let found = tri!(r, (*r.peek(1)).obj().cast::<Dict>().contains((*r.peek(2)).obj()));
        r.replace::<2>(bool_ref(found != (r.oparg == 1)));
        r.ip = r.ip.add(1);
    }
}

slow! {
    contains_op_set(r) {
        if !Set::check_any_exact((*r.peek(1)).obj()) { return r.deopt(op::CONTAINS_OP); }
        r.save();
        let found = tri!(r, crate::types::set::contains((*r.peek(1)).obj().cast::<Set>(), (*r.peek(2)).obj()));
        r.replace::<2>(bool_ref(found != (r.oparg == 1)));
        r.ip = r.ip.add(1);
    }
}
