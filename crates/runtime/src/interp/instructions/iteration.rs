//! Iteration, generators, coroutines, returning.

use crate::interp::frame::{self, CodeWord, OWNED_BY_GENERATOR, OWNED_BY_INTERPRETER, OWNED_BY_THREAD};
use crate::interp::registers::{eval_breaker, fast, slow, tri};
use crate::interp::stackref::StackRef;
use crate::interp::{exc, generator, iter, specialize};
use crate::object::PyTyped;
use crate::protocol;
use crate::types::{self, Int};
use abi::PyObject;
use bytecode::op;
use std::ptr;

slow! {
    get_iter(r) {
        r.save();
        let v = tri!(r, protocol::iter::get_iter((*r.peek(1)).obj()));
        r.replace::<1>(StackRef::from_owned(v));
    }
}

slow! {
    get_yield_from_iter(r) {
        r.save();
        let v = tri!(r, generator::yield_from_iter((*r.frame).code(), (*r.peek(1)).obj()));
        r.replace::<1>(StackRef::from_owned(v));
    }
}

slow! {
    for_iter(r) {
        if r.adaptive_due() { specialize::for_iter((*r.peek(1)).obj(), r.ip, r.oparg); return r.redo(); }
        r.save();
        match tri!(r, iter::next((*r.peek(1)).obj())) {
            Some(value) => { r.push(StackRef::from_owned(value)); r.ip = r.ip.add(1); }
            None => r.ip = r.ip.add(1 + r.oparg + 1),
        }
    }
}

fast! {
    for_iter_list(r) {
        let Some(it) = types::ListIterator::exact((*r.peek(1)).obj()) else { return r.deopt(op::FOR_ITER) };
        match it.next_raw() {
            Some(item) => return r.item_then(StackRef::new_ref(item)),
            None => return r.jump(for_iter_exhausted),
        }
    }
}

fast! {
    for_iter_tuple(r) {
        let Some(it) = types::TupleIterator::exact((*r.peek(1)).obj()) else { return r.deopt(op::FOR_ITER) };
        match it.next_raw() {
            Some(item) => return r.item_then(StackRef::new_ref(item)),
            None => return r.jump(for_iter_exhausted),
        }
    }
}

slow! {
    /// The iterator over a list or tuple is at its end, and lets go of it.
    for_iter_exhausted(r) {
        r.save();
        iter::exhaust((*r.peek(1)).obj());
        r.ip = r.ip.add(1 + r.oparg + 1);
    }
}

fast! {
    for_iter_range(r) {
        let Some(it) = types::RangeIterator::exact((*r.peek(1)).obj()) else { return r.deopt(op::FOR_ITER) };
        let Some(value) = it.next_value() else {
            r.ip = r.ip.add(1 + r.oparg + 1);
            return r.next();
        };
        if Int::is_small(value) {
            return r.item_then(StackRef::borrow(Int::small_ptr(value as isize)));
        }
        // The number before it, if nobody else has it, becomes this one.
        let CodeWord { code, arg } = *r.ip.add(1);
        if code == op::STORE_FAST {
            let old = *r.local(arg as usize);
            if old.is_last() && Int::check_exact(old.obj()) && Int::overwrite_compact(old.ptr(), value) {
                r.ip = r.ip.add(2);
                return r.next();
            }
        }
        let item = Int::new_ptr(value);
        if item.is_null() { return r.fail(); }
        return r.item_then(StackRef::steal(item));
    }
}

fast! {
    for_iter_gen(r) {
        let gen_ref = *r.peek(1);
        let Some(g) = generator::exact_resumable(gen_ref.obj()) else { return r.deopt(op::FOR_ITER) };
        if (*r.ts).py_recursion_remaining.get() <= 1 { return r.deopt(op::FOR_ITER); }
        let new = g.frame_ptr();
        // The generator's stack receives None as the value of its `yield`.
        *(*new).stackpointer = StackRef::borrow(types::none().as_ptr());
        (*new).stackpointer = (*new).stackpointer.add(1);
        g.mark_executing(r.ts);
        (*r.frame).instr_ptr = r.ip.sub(1);
        (*r.frame).return_offset = (1 + 1 + r.oparg) as u16;
        r.enter_frame(new);
    }
}

slow! {
    send(r) {
        if r.adaptive_due() { specialize::send((*r.peek(2)).obj(), r.ip); return r.redo(); }
        r.save();
        match tri!(r, generator::send((*r.peek(2)).obj(), (*r.peek(1)).obj())) {
            generator::Sent::Yielded(value) => { r.replace::<1>(StackRef::from_owned(value)); r.ip = r.ip.add(1); }
            generator::Sent::Returned(value) => {
                r.replace::<1>(StackRef::from_owned(value));
                // An iterator that is at its end may be asked again and again.
                eval_breaker!(r);
                r.ip = r.ip.add(1 + r.oparg);
            }
        }
    }
}

fast! {
    send_gen(r) {
        let Some(g) = generator::exact_resumable_any((*r.peek(2)).obj()) else { return r.deopt(op::SEND) };
        if (*r.ts).py_recursion_remaining.get() <= 1 { return r.deopt(op::SEND); }
        let value = r.pop();
        let new = g.frame_ptr();
        *(*new).stackpointer = value.heap_safe();
        (*new).stackpointer = (*new).stackpointer.add(1);
        g.mark_executing(r.ts);
        (*r.frame).instr_ptr = r.ip.sub(1);
        (*r.frame).return_offset = (1 + 1 + r.oparg) as u16;
        r.enter_frame(new);
    }
}

fast! {
    yield_value(r) {
        // The r.frame's own pointer moves on: a suspended generator stands at its RESUME.
        let value = r.pop().heap_safe();
        (*r.frame).instr_ptr = r.ip;
        (*r.frame).stackpointer = r.sp;
        generator::suspend(r.ts, r.frame, r.oparg);
        (*r.ts).py_recursion_remaining.set((*r.ts).py_recursion_remaining.get() + 1);
        let caller = (*r.frame).previous;
        (*r.frame).previous = ptr::null_mut();
        r.frame = caller;
        (*r.ts).current_frame.set(r.frame as *mut _);
        if (*r.frame).owner == OWNED_BY_INTERPRETER {
            (*r.ts).current_frame.set((*r.frame).previous as *mut _);
            return value.ptr();
        }
        // The caller is at FOR_ITER or SEND: one cache entry, then its body.
        r.sp = (*r.frame).stackpointer;
        
        r.ip = (*r.frame).instr_ptr.add(2);
        r.push(value);
    }
}

slow! {
    return_generator(r) {
        r.save();
        let g = tri!(r, generator::from_frame(r.ts, r.frame));
        let dying = r.frame;
        r.frame = (*dying).previous;
        (*r.ts).current_frame.set(r.frame as *mut _);
        (*r.ts).py_recursion_remaining.set((*r.ts).py_recursion_remaining.get() + 1);
        frame::pop(r.ts, dying);
        r.resume_frame();
        r.push(StackRef::from_owned(g));
    }
}

slow! {
    get_awaitable(r) {
        r.save();
        let v = tri!(r, generator::get_awaitable((*r.peek(1)).obj(), r.oparg));
        r.replace::<1>(StackRef::from_owned(v));
    }
}

slow! { get_aiter(r) { r.save(); let v = tri!(r, generator::get_aiter((*r.peek(1)).obj())); r.replace::<1>(StackRef::from_owned(v)); } }

slow! { get_anext(r) { r.save(); let v = tri!(r, generator::get_anext((*r.peek(1)).obj())); r.push(StackRef::from_owned(v)); } }

slow! {
    end_async_for(r) {
        r.save();
        if exc::is_stop_async_iteration((*r.peek(1)).obj()) { r.drop_top::<2>(); }
        else {
            let value = r.pop();
            r.save();
            exc::reraise(value.into_owned());
            return r.reraised(r.ip.sub(1));
        }
    }
}

slow! {
    cleanup_throw(r) {
        r.save();
        match exc::stop_iteration_value((*r.peek(1)).obj()) {
            Some(value) => {
                let (sub_iter, last, exc_value) = ((*r.peek(3)), (*r.peek(2)), (*r.peek(1)));
                r.sp = r.sp.sub(3);
                r.push(StackRef::borrow(types::none().as_ptr()));
                r.push(StackRef::from_owned(value));
                r.sync();
                exc_value.close();
                last.close();
                sub_iter.close();
            }
            None => {
                exc::reraise((*r.peek(1)).obj().to_owned());
                return r.reraised(r.ip.sub(1));
            }
        }
    }
}

fast! {
    return_value(r) {
        let value = StackRef::steal(r.pop().into_ptr());
        let dying = r.frame;
        let root = (*r.ts).datastack_chunk.get();
        if (*dying).owner != OWNED_BY_THREAD || !(*dying).frame_obj.is_null() || !(*dying).f_locals.is_null() || frame::is_first_of_chunk(dying, root) {
            r.oparg = value.0;
            return r.jump(return_slowly);
        }
        let base = (*dying).locals();
        while r.sp > base {
            if !(*r.peek(1)).close_unless_last() {
                r.oparg = value.0;
                return r.jump(return_slowly);
            }
            r.sp = r.sp.sub(1);
        }
        if !(*dying).f_funcobj.close_unless_last() {
            r.oparg = value.0;
            return r.jump(return_slowly);
        }
        if !(*dying).f_executable.close_unless_last() {
            (*dying).f_funcobj = StackRef::NULL;
            r.oparg = value.0;
            return r.jump(return_slowly);
        }
        (*r.ts).datastack_top.set(dying as *mut *mut PyObject);
        r.frame = (*dying).previous;
        (*r.ts).current_frame.set(r.frame as *mut _);
        (*r.ts).py_recursion_remaining.set((*r.ts).py_recursion_remaining.get() + 1);
        r.resume_frame();
        r.push(value);
    }
}

slow! {
    /// A frame with something that ends with it. The value is in the argument's place.
    return_slowly(r) {
        let dying = r.frame;
        (*dying).stackpointer = r.sp;
        (*dying).instr_ptr = r.ip.sub(1);
        r.frame = (*dying).previous;
        (*r.ts).py_recursion_remaining.set((*r.ts).py_recursion_remaining.get() + 1);
        (*r.ts).current_frame.set(r.frame as *mut _);
        if (*dying).owner == OWNED_BY_GENERATOR {
            generator::finish(r.ts, dying);
        } else {
            frame::clear_thread_frame(r.ts, dying);
        }
        r.resume_frame();
        r.push(StackRef(r.oparg));
    }
}

fast! {
    interpreter_exit(r) {
        (*r.ts).current_frame.set((*r.frame).previous as *mut _);
        return r.pop().ptr();
    }
}
