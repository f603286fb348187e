//! Instructions on locals, constants and the operand stack.

use crate::interp::registers::{eval_breaker, fast, slow};
use crate::interp::stackref::StackRef;
use crate::interp::{monitoring, names};
use crate::object::Object;
use crate::types::Int;
use abi::PyObject;
use bytecode::op;

fast! { nop(r) {  } }

fast! {
    extended_arg(r) {
        let next = *r.ip;
        r.oparg = r.oparg << 8 | next.arg as usize;
        r.ip = r.ip.add(1);
        return r.run(next.code);
    }
}

slow! {
    resume(r) {
        let version = (*r.ts).eval_breaker.load(std::sync::atomic::Ordering::Relaxed) & !crate::gil::EVENTS_MASK;
        let code = (*r.frame).code();
        if code.0._co_instrumentation_version.load(std::sync::atomic::Ordering::Relaxed) != version && !monitoring::is_tracing(r.ts) {
            r.save();
            if monitoring::instrument(code).is_err() { return r.error(); }
            r.ip = r.ip.sub(1);
            return r.next();
        }
        if r.oparg & 3 < 2 { eval_breaker!(r); }
        if !monitoring::is_tracing(r.ts) && (*r.ip.sub(1)).code == op::RESUME {
            (*r.ip.sub(1)).code = op::RESUME_CHECK;
        }
    }
}

fast! {
    resume_check(r) {
        let code = (*r.frame).code();
        if (*r.ts).eval_breaker.load(std::sync::atomic::Ordering::Relaxed) != code.0._co_instrumentation_version.load(std::sync::atomic::Ordering::Relaxed) {
            return r.deopt(op::RESUME);
        }
    }
}

// ---- locals, constants, stack ----------------------------------------------------------------------------------------------------------

fast! { load_fast(r) { r.push((*r.local(r.oparg)).dup()); } }

fast! { load_fast_borrow(r) { r.push(StackRef::borrow((*r.local(r.oparg)).0 as *mut PyObject)); } }

slow! {
    load_fast_check(r) {
        let value = *r.local(r.oparg);
        if value.is_null() {
            r.save();
            names::raise_unbound_local((*r.frame).code(), r.oparg);
            return r.error();
        }
        r.push(value.dup());
    }
}

fast! {
    load_fast_and_clear(r) {
        let value = *r.local(r.oparg);
        *r.local(r.oparg) = StackRef::NULL;
        r.push(value);
    }
}

fast! {
    load_fast_load_fast(r) {
        r.push((*r.local(r.oparg >> 4)).dup());
        r.push((*r.local(r.oparg & 15)).dup());
    }
}

fast! {
    load_fast_borrow_load_fast_borrow(r) {
        r.push(StackRef::borrow((*r.local(r.oparg >> 4)).0 as *mut PyObject));
        r.push(StackRef::borrow((*r.local(r.oparg & 15)).0 as *mut PyObject));
    }
}

fast! {
    /// Constants live as long as their code object, which the frame keeps alive.
    load_const(r) {
        let value = r.constant(r.oparg);
        // Known only now: reading a .pyc interns strings after their code is made. An instrumented instruction stays.
        if (*r.ip.sub(1)).code == op::LOAD_CONST {
            (*r.ip.sub(1)).code = if Object::from_ptr(value).is_immortal() { op::LOAD_CONST_IMMORTAL } else { op::LOAD_CONST_MORTAL };
        }
        r.push(StackRef::new_ref(value));
    }
}

fast! { load_const_mortal(r) { r.push(StackRef::new_ref(r.constant(r.oparg))); } }

fast! { load_const_immortal(r) { r.push(StackRef::borrow(r.constant(r.oparg))); } }

fast! { load_small_int(r) { r.push(StackRef::borrow(Int::small_ptr(r.oparg as isize))); } }

fast! {
    store_fast(r) {
        let value = r.pop();
        let old = *r.local(r.oparg);
        *r.local(r.oparg) = value;
        return r.close_then(old, 0);
    }
}

fast! {
    store_fast_load_fast(r) {
        let value = r.pop();
        let old = *r.local(r.oparg >> 4);
        *r.local(r.oparg >> 4) = value;
        r.push((*r.local(r.oparg & 15)).dup());
        return r.close_then(old, 0);
    }
}

fast! {
    store_fast_store_fast(r) {
        let first = r.pop();
        let old = *r.local(r.oparg >> 4);
        *r.local(r.oparg >> 4) = first;
        let second = r.pop();
        let old2 = *r.local(r.oparg & 15);
        *r.local(r.oparg & 15) = second;
        return r.close_both_then(old, old2, 0);
    }
}

slow! {
    delete_fast(r) {
        let old = *r.local(r.oparg);
        if old.is_null() {
            r.save();
            names::raise_unbound_local((*r.frame).code(), r.oparg);
            return r.error();
        }
        *r.local(r.oparg) = StackRef::NULL;
        r.save();
        old.close();
    }
}

fast! {
    pop_top(r) {
        let value = r.pop();
        return r.close_then(value, 0);
    }
}

fast! {
    /// The frame stays at FOR_ITER.
    end_for(r) {
        let value = r.pop();
        return r.close_then(value, 0);
    }
}

fast! { push_null(r) { r.push(StackRef::NULL); } }

fast! {
    end_send(r) {
        let value = r.pop();
        let receiver = r.pop();
        r.push(value);
        return r.close_then(receiver, 0);
    }
}

fast! {
    copy(r) {
        let value = *r.peek(r.oparg);
        r.push(value.dup());
    }
}

fast! {
    swap(r) {
        let top = *r.peek(1);
        *r.peek(1) = *r.peek(r.oparg);
        *r.peek(r.oparg) = top;
    }
}
