//! Jumps.

use crate::interp::registers::{eval_breaker, fast, slow};
use crate::interp::exc;
use crate::types::{self};

fast! { jump_forward(r) { r.ip = r.ip.add(r.oparg); } }

fast! {
    jump_backward(r) {
        if r.has_events() { return r.jump(jump_backward_with_events); }
        r.ip = r.ip.add(1).sub(r.oparg);
    }
}

slow! {
    jump_backward_with_events(r) {
        eval_breaker!(r);
        r.ip = r.ip.add(1).sub(r.oparg);
    }
}

slow! {
    jump_backward_no_interrupt(r) {
        // Behind the RESUME of `yield from`, the callee is to be interrupted. Any other loop would be deaf to signals.
        if !exc::is_yield_from_loop(*r.ip.sub(2), *r.ip.sub(r.oparg)) { eval_breaker!(r); }
        r.ip = r.ip.sub(r.oparg);
    }
}

fast! {
    pop_jump_if_false(r) {
        let value = r.pop();
        r.ip = r.ip.add(1);
        if value.ptr() == types::false_().as_ptr() { r.ip = r.ip.add(r.oparg); }
        return r.next_after_branch();
    }
}

fast! {
    pop_jump_if_true(r) {
        let value = r.pop();
        r.ip = r.ip.add(1);
        if value.ptr() == types::true_().as_ptr() { r.ip = r.ip.add(r.oparg); }
        return r.next_after_branch();
    }
}

fast! {
    pop_jump_if_none(r) {
        let value = r.pop();
        if value.ptr() == types::none().as_ptr() {
            r.ip = r.ip.add(1 + r.oparg);
            return r.next();
        }
        return r.close_then(value, 1);
    }
}

fast! {
    pop_jump_if_not_none(r) {
        let value = r.pop();
        if value.ptr() == types::none().as_ptr() {
            r.ip = r.ip.add(1);
            return r.next();
        }
        return r.close_then(value, 1 + r.oparg);
    }
}
