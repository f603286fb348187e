//! Exceptions.

use crate::interp::registers::{bool_ref, slow, tri};
use crate::interp::stackref::StackRef;
use crate::interp::{exc, special};
use crate::types::{self};
use std::ptr;

slow! {
    raise_varargs(r) {
        r.save();
        let exc = if r.oparg >= 1 { Some((*r.peek(r.oparg)).obj().to_owned()) } else { None };
        let cause = if r.oparg == 2 { Some((*r.peek(1)).obj().to_owned()) } else { None };
        if exc::do_raise(exc, cause) {
            // A bare `raise` goes on as it was: no traceback entry of its own.
            return r.reraised(r.ip.sub(1));
        }
        return r.error();
    }
}

slow! {
    reraise(r) {
        let value = r.pop();
        if r.oparg > 0 {
            // The saved instruction offset: tracebacks show where it was first raised.
            let lasti = exc::saved_offset((*r.frame).code(), (*r.peek(r.oparg)).obj());
            (*r.frame).stackpointer = r.sp;
            (*r.frame).instr_ptr = (*r.frame).code().words().add(lasti);
            exc::reraise(value.into_owned());
            return r.reraised(r.ip.sub(1));
        }
        r.save();
        exc::reraise(value.into_owned());
        return r.reraised(r.ip.sub(1));
    }
}

slow! {
    push_exc_info(r) {
        // Code that no compiler made may bring anything here.
        if !(*r.peek(1)).obj().is_instance_of::<types::BaseException>() { r.save(); exc::not_an_exception((*r.peek(1)).obj()); return r.error(); }
        let exc = r.pop();
        let item = (*r.ts).exc_info.get();
        let previous = (*item).exc_value.get();
        r.push(if previous.is_null() { StackRef::borrow(types::none().as_ptr()) } else { StackRef::steal(previous) });
        (*item).exc_value.set(exc.dup().ptr());
        r.push(exc);
    }
}

slow! {
    pop_except(r) {
        let previous = (*r.peek(1)).obj();
        if !previous.is_none() && !previous.is_instance_of::<types::BaseException>() { r.save(); exc::not_an_exception(previous); return r.error(); }
        let previous = r.pop();
        let item = (*r.ts).exc_info.get();
        let value = if previous.ptr() == types::none().as_ptr() { ptr::null_mut() } else { previous.into_ptr() };
        let old = (*item).exc_value.replace(value);
        r.save();
        crate::object::xdecref(old);
    }
}

slow! {
    check_exc_match(r) {
        r.save();
        let matched = tri!(r, exc::check_match((*r.peek(2)).obj(), (*r.peek(1)).obj()));
        r.replace::<1>(bool_ref(matched));
    }
}

slow! {
    check_eg_match(r) {
        r.save();
        let (rest, matched) = tri!(r, exc::group_match(r.frame, (*r.peek(2)).obj(), (*r.peek(1)).obj()));
        let (group, pattern) = ((*r.peek(2)), (*r.peek(1)));
        *r.peek(2) = StackRef::from_owned(rest);
        *r.peek(1) = StackRef::from_owned(matched);
        r.sync();
        group.close();
        pattern.close();
    }
}

slow! {
    with_except_start(r) {
        r.save();
        let v = tri!(r, special::with_except_start(*r.peek(5), *r.peek(4), (*r.peek(1)).obj()));
        r.push(StackRef::from_owned(v));
    }
}

slow! { reserved(r) { r.save(); crate::types::code::raise_unrunnable((*r.frame).code()); return r.error(); } }
