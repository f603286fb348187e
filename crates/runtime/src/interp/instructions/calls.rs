//! Calls and functions.

use crate::interp::frame::{self, InterpreterFrame, OWNED_BY_THREAD};
use crate::interp::registers::{Fast, bool_ref, eval_breaker, eval_breaker_after_call, fast, slow, tri};
use crate::interp::stackref::StackRef;
use crate::interp::{call, intrinsics};
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol;
use crate::types::builtin_function::Signatures;
use crate::types::{self, BuiltinFunction, Code, Dict, Function, Int, List, MethodDescriptor, Str, Tuple};
use abi::{PyMethodDef, PyObject};
use bytecode::op;
use std::ptr;

slow! {
    call(r, OP) {
        if OP == op::CALL && r.adaptive_due() { call::specialize((*r.peek(r.oparg + 2)).obj(), *r.peek(r.oparg + 1), r.ip, r.oparg); return r.redo(); }
        let mut args = r.sp.sub(r.oparg);
        let mut total = r.oparg;
        if (*args.sub(1)).is_null() {
            // A bound method becomes its function with `self` in front; owned counts go into both slots.
            let callable = *args.sub(2);
            if let Some(method) = types::Method::exact(callable.obj()) {
                *args.sub(1) = StackRef::new_ref(method.0.im_self.get());
                *args.sub(2) = StackRef::new_ref(method.0.im_func.get());
                r.save();
                callable.close();
            }
        }
        if !(*args.sub(1)).is_null() { args = args.sub(1); total += 1; }
        let callable = *r.sp.sub(r.oparg + 2);
        r.save();
        if Function::check_exact(callable.obj()) && callable.obj().cast::<Function>().is_inlinable() {
            (*r.frame).return_offset = 4;
            let base = r.sp.sub(r.oparg + 2);
            let new = call::push_frame(r.ts, callable, args, total, ptr::null_mut(), r.frame);
            // Arguments and callable moved into the frame, or are closed if that failed.
            r.sp = base;
            r.sync();
            if new.is_null() { return r.error(); }
            r.enter_frame(new);
        } else {
            let result = call::vectorcall_stack(callable.obj(), args, total, ptr::null_mut());
            r.sp = call::close_args(r.frame, r.sp, r.oparg + 2);
            if result.is_null() { return r.error(); }
            r.push(StackRef::steal(result));
            r.ip = r.ip.add(3);
            eval_breaker_after_call!(r);
        }
    }
}

fast! {
    call_py_exact_args(r) {
        let callable = *r.peek(r.oparg + 2);
        if !Function::check_exact(callable.obj()) { return r.deopt(op::CALL); }
        let function: &Function = callable.obj().cast();
        if function.0.func_version.get() != r.cache32(1) { return r.deopt(op::CALL); }
        let total = r.oparg + !(*r.peek(r.oparg + 1)).is_null() as usize;
        if function.code().0.co_argcount.get() as usize != total || !r.has_space(function.code()) { return r.deopt(op::CALL); }
        return enter_exact(r, function, StackRef::steal(callable.into_ptr()), total);
    }
}

fast! {
    call_bound_method_exact_args(r) {
        let callable = *r.peek(r.oparg + 2);
        if !(*r.peek(r.oparg + 1)).is_null() || callable.is_last() { return r.deopt(op::CALL); }
        let Some(method) = types::Method::exact(callable.obj()) else { return r.deopt(op::CALL) };
        let function = Object::from_ptr(method.0.im_func.get());
        if !Function::check_exact(function) { return r.deopt(op::CALL); }
        let function: &Function = function.cast();
        let total = r.oparg + 1;
        if function.0.func_version.get() != r.cache32(1) || function.code().0.co_argcount.get() as usize != total || !r.has_space(function.code()) {
            return r.deopt(op::CALL);
        }
        *r.peek(total) = StackRef::new_ref(method.0.im_self.get());
        let owned = StackRef::new_ref(method.0.im_func.get());
        // Not the last: the method lives on elsewhere.
        callable.drop_count();
        return enter_exact(r, function, owned, total);
    }
}

/// Pushes the frame of a Python function of exactly `total` arguments, for which there is space, and goes on in it. Takes over the function's count
/// (`callable`); what the operands own moves into the frame.
#[inline(always)]
unsafe fn enter_exact(mut r: Fast, function: &Function, callable: StackRef, total: usize) -> *mut PyObject {
    // SAFETY: see `Fast`; the frame's words are free.
    unsafe {
        let code = function.code();
        let new = (*r.ts).datastack_top.get() as *mut InterpreterFrame;
        (*r.ts).datastack_top.set((new as *mut *mut PyObject).add(code.0.co_framesize.get() as usize));
        (*new).f_executable = StackRef::new_ref(code.as_object().as_ptr());
        (*new).previous = r.frame;
        (*new).f_funcobj = callable;
        (*new).f_globals = function.0.func_globals.get();
        (*new).f_builtins = function.0.func_builtins.get();
        (*new).f_locals = ptr::null_mut();
        (*new).frame_obj = ptr::null_mut();
        (*new).return_offset = 0;
        (*new).owner = OWNED_BY_THREAD;
        (*new).visited = 0;
        let base = (*new).locals();
        let mut slot = base;
        let mut arg = r.sp.sub(total);
        while arg < r.sp {
            *slot = StackRef::steal((*arg).into_ptr());
            slot = slot.add(1);
            arg = arg.add(1);
        }
        let top = base.add(code.0.co_nlocalsplus.get() as usize);
        while slot < top {
            // Few: a volatile store keeps the compiler from preparing for many.
            slot.write_volatile(StackRef::NULL);
            slot = slot.add(1);
        }
        (*new).stackpointer = top;
        (*new).instr_ptr = code.words();
        (*r.frame).stackpointer = r.sp.sub(r.oparg + 2);
        (*r.frame).instr_ptr = r.ip.sub(1);
        (*r.frame).return_offset = 4;
        (*r.ts).current_frame.set(new as *mut _);
        (*r.ts).py_recursion_remaining.set((*r.ts).py_recursion_remaining.get() - 1);
        r.frame = new;
        r.ip = code.words();
        r.sp = top;
        r.next()
    }
}

fast! {
    call_type_1(r) {
        if !(*r.peek(2)).is_null() || r.oparg != 1 || (*r.peek(3)).ptr() != types::type_type().as_ptr() { return r.deopt(op::CALL); }
        let arg = *r.peek(1);
        let ty = StackRef::new_ref(arg.obj().ty().as_ptr());
        r.sp = r.sp.sub(2);
        *r.peek(1) = ty;
        return r.close_then(arg, 3);
    }
}

slow! {
    call_str_1(r, OP) {
        let expected = if OP == op::CALL_STR_1 { Str::type_object() } else { Tuple::type_object() };
        if !(*r.peek(2)).is_null() || r.oparg != 1 || (*r.peek(3)).ptr() != expected.as_ptr() { return r.deopt(op::CALL); }
        r.save();
        let v = if OP == op::CALL_STR_1 { tri!(r, protocol::object::str((*r.peek(1)).obj())).into_object() } else { tri!(r, protocol::sequence::to_tuple((*r.peek(1)).obj())).into_object() };
        r.replace::<3>(StackRef::from_owned(v));
        r.ip = r.ip.add(3);
        eval_breaker_after_call!(r);
    }
}

// ---- native callables ---------------------------------------------------------------------------------------------------------------------

/// The operands of a call: the callable, and its arguments with the receiver in front, if there is one.
#[inline(always)]
unsafe fn operands<'a>(r: &Fast) -> (&'a Object, *mut StackRef, usize) {
    // SAFETY: see `Fast`; the callable lives as long as its slot.
    unsafe {
        let total = r.oparg + !(*r.peek(r.oparg + 1)).is_null() as usize;
        ((*r.peek(r.oparg + 2)).obj(), r.sp.sub(total), total)
    }
}

/// Replaces the operands by the result of a native call, and goes on.
#[inline(always)]
unsafe fn finish(mut r: Fast, result: *mut PyObject) -> *mut PyObject {
    // SAFETY: see `Fast`.
    unsafe {
        (*r.state).closing = StackRef(result as usize);
        if result.is_null() || r.has_events() {
            return r.jump(finish_slowly);
        }
        let bottom = r.sp.sub(r.oparg + 2);
        while r.sp > bottom {
            if !(*r.peek(1)).close_unless_last() {
                r.oparg = (r.sp.offset_from(bottom) as usize).wrapping_sub(2);
                return r.jump(finish_slowly);
            }
            r.sp = r.sp.sub(1);
        }
        r.push(StackRef::steal(result));
        r.ip = r.ip.add(3);
        r.next()
    }
}

slow! {
    /// What `finish` leaves over: operands that end, events, errors. The result is the state's; the argument counts what is left (less two).
    finish_slowly(r) {
        let result = (*r.state).closing.0 as *mut PyObject;
        r.sp = call::close_args(r.frame, r.sp, r.oparg.wrapping_add(2));
        if result.is_null() { call::result_check(); return r.error(); }
        r.push(StackRef::steal(result));
        r.ip = r.ip.add(3);
        eval_breaker_after_call!(r);
    }
}

fast! {
    call_builtin_class(r) {
        let (callable, args, total) = operands(&r);
        if !ptr::eq(callable.ty(), types::type_type()) { return r.deopt(op::CALL); }
        let Some(vectorcall) = callable.cast::<Type>().0.tp_vectorcall.get() else { return r.deopt(op::CALL) };
        r.save();
        let result = vectorcall(callable.as_ptr(), call::plain(args, total), total | abi::PY_VECTORCALL_ARGUMENTS_OFFSET, ptr::null_mut());
        return finish(r, result);
    }
}

fast! {
    call_builtin(r, OP) {
        let (callable, args, total) = operands(&r);
        let Some(function) = callable.downcast_exact::<BuiltinFunction>() else { return r.deopt(op::CALL) };
        let def: &PyMethodDef = &*function.0.m_ml.get();
        if def.ml_flags.get() != call::expected_flags(OP) { return r.deopt(op::CALL); }
        let receiver = function.0.m_self.get();
        if OP == op::CALL_BUILTIN_O {
            if total != 1 { return r.deopt(op::CALL); }
            r.save();
            if crate::tstate::check_recursion("").is_err() { return finish(r, ptr::null_mut()); }
            return finish(r, def.as_c_function()(receiver, (*args).ptr()));
        }
        r.save();
        if OP == op::CALL_BUILTIN_FAST {
            return finish(r, def.as_fast()(receiver, call::plain(args, total), total as isize));
        }
        return finish(r, def.as_fast_with_keywords()(receiver, call::plain(args, total), total as isize, ptr::null_mut()));
    }
}

fast! {
    call_method_descriptor(r, OP) {
        let (callable, args, total) = operands(&r);
        let Some(descr) = callable.downcast_exact::<MethodDescriptor>() else { return r.deopt(op::CALL) };
        let def: &PyMethodDef = &*descr.0.d_method.get();
        if def.ml_flags.get() != call::expected_flags(OP) || total == 0 { return r.deopt(op::CALL); }
        let receiver = (*args).ptr();
        let (own, wanted) = (Object::from_ptr(receiver).ty(), Type::from_type_ptr(descr.0.d_common.d_type.get()));
        if !ptr::eq(own, wanted) && !own.is_subtype(wanted) { return r.deopt(op::CALL); }
        r.save();
        match OP {
            op::CALL_METHOD_DESCRIPTOR_NOARGS | op::CALL_METHOD_DESCRIPTOR_O => {
                let arity = if OP == op::CALL_METHOD_DESCRIPTOR_O { 2 } else { 1 };
                if total != arity { return r.deopt(op::CALL); }
                if crate::tstate::check_recursion("").is_err() { return finish(r, ptr::null_mut()); }
                let argument = if arity == 2 { (*args.add(1)).ptr() } else { ptr::null_mut() };
                return finish(r, def.as_c_function()(receiver, argument));
            }
            op::CALL_METHOD_DESCRIPTOR_FAST => {
                return finish(r, def.as_fast()(receiver, call::plain(args.add(1), total - 1), total as isize - 1));
            }
            _ => {
                return finish(r, def.as_fast_with_keywords()(receiver, call::plain(args.add(1), total - 1), total as isize - 1, ptr::null_mut()));
            }
        }
    }
}

fast! {
    call_len(r) {
        let (callable, arg) = (*r.peek(3), *r.peek(1));
        if !(*r.peek(2)).is_null() || r.oparg != 1 || callable.ptr() != call::builtin_len() { return r.deopt(op::CALL); }
        let ty = arg.obj().ty();
        let len = if ptr::eq(ty, List::type_object()) { arg.obj().cast::<List>().len() }
            else if ptr::eq(ty, Tuple::type_object()) { arg.obj().cast::<Tuple>().len() }
            else if ptr::eq(ty, Str::type_object()) { arg.obj().cast::<Str>().len() }
            else if ptr::eq(ty, Dict::type_object()) { arg.obj().cast::<Dict>().len() }
            else { return r.jump(len_of_any) };
        if !Int::is_small(len as i64) { return r.jump(len_of_any); }
        r.sp = r.sp.sub(2);
        *r.peek(1) = StackRef::borrow(Int::small_ptr(len as isize));
        return r.close_both_then(arg, callable, 3);
    }
}

slow! {
    /// The same for objects of all types.
    len_of_any(r) {
        r.save();
        let n = tri!(r, protocol::sequence::len((*r.peek(1)).obj()));
        let v = Int::new_ptr(n as i64);
        if v.is_null() { return r.fail(); }
        r.replace::<3>(StackRef::steal(v));
        r.ip = r.ip.add(3);
    }
}

fast! {
    call_isinstance(r) {
        if !(*r.peek(3)).is_null() || r.oparg != 2 || (*r.peek(4)).ptr() != call::builtin_isinstance() { return r.deopt(op::CALL); }
        r.save();
        let truth = tri!(r, protocol::object::is_instance((*r.peek(2)).obj(), (*r.peek(1)).obj()));
        r.replace::<4>(bool_ref(truth));
        r.ip = r.ip.add(3);
    }
}

fast! {
    call_list_append(r) {
        // callable, self, value; the value's count moves into the list. POP_TOP follows and is skipped.
        let (callable, owner, value) = ((*r.peek(3)), (*r.peek(2)), (*r.peek(1)));
        if r.oparg != 1 || owner.is_null() || callable.ptr() != call::list_append() || !List::check_exact(owner.obj()) { return r.deopt(op::CALL); }
        let ok = owner.obj().cast::<List>().push(value.into_owned());
        r.sp = r.sp.sub(3);
        if ok.is_err() { owner.close(); callable.close(); return r.fail(); }
        if !owner.is_borrowed() { r.save(); owner.close(); }
        callable.close();
        r.ip = r.ip.add(3 + 1);
    }
}

slow! {
    call_alloc_and_enter_init(r) {
        let callable = *r.peek(r.oparg + 2);
        if !(*r.peek(r.oparg + 1)).is_null() || !Type::check(callable.obj()) || callable.obj().cast::<Type>().0.tp_version_tag.get() != r.cache32(1) { return r.deopt(op::CALL); }
        let cls: &Type = callable.obj().cast();
        let Some((init, simple)) = call::cached_init(cls, r.oparg + 1) else { return r.deopt(op::CALL) };
        let code = init.code();
        if (*r.ts).py_recursion_remaining.get() <= 1 || !frame::has_space(r.ts, code.0.co_framesize.get() as usize + call::INIT_SHIM_SIZE) { return r.deopt(op::CALL); }
        r.save();
        let object = tri!(r, crate::gc::generic_alloc(cls, 0));
        // The shim r.frame below __init__'s checks its result and returns the object.
        let shim = call::push_init_shim(r.ts, object.object(), r.frame);
        if !simple {
            // Its arguments are bound as those of any call; the object stands where self was not.
            let args = r.sp.sub(r.oparg + 1);
            *args = StackRef::from_owned(object);
            let new = call::push_frame(r.ts, StackRef::from_owned(Owned::from_ref(init)), args, r.oparg + 1, ptr::null_mut(), shim);
            r.sp = r.sp.sub(r.oparg + 2);
            r.sync();
            callable.close();
            if new.is_null() {
                frame::clear_thread_frame(r.ts, shim);
                return r.fail();
            }
            (*r.frame).return_offset = 4;
            (*shim).previous = r.frame;
            (*r.ts).py_recursion_remaining.set((*r.ts).py_recursion_remaining.get() - 1);
            r.frame = shim;
            r.sp = (*shim).stackpointer;
            r.enter_frame(new);
            return r.next();
        }
        let new = frame::push(r.ts, code.0.co_framesize.get() as usize);
        let total = r.oparg + 1;
        frame::initialize(new, StackRef::from_owned(Owned::from_ref(init)), ptr::null_mut(), code.as_object().as_ptr(), total, shim);
        let base = (*new).locals();
        *base = StackRef::from_owned(object);
        let args = r.sp.sub(r.oparg);
        for i in 0..r.oparg { *base.add(1 + i) = (*args.add(i)).heap_safe(); }
        r.sp = r.sp.sub(r.oparg + 2);
        r.sync();
        (*r.frame).return_offset = 4;
        (*shim).previous = r.frame;
        (*r.ts).py_recursion_remaining.set((*r.ts).py_recursion_remaining.get() - 1);
        r.frame = shim;
        r.sp = (*shim).stackpointer;
        callable.close();
        r.enter_frame(new);
    }
}

slow! {
    exit_init_check(r) {
        let value = r.pop();
        if value.ptr() != types::none().as_ptr() {
            r.push(value);
            r.save();
            let _ = crate::err!(TypeError, "__init__() should return None, not '{}'", value.obj().type_name());
            return r.error();
        }
    }
}

slow! {
    call_kw(r, OP) {
        if OP == op::CALL_KW && r.adaptive_due() { call::specialize_kw((*r.peek(r.oparg + 3)).obj(), *r.peek(r.oparg + 2), r.ip); return r.redo(); }
        let kwnames = *r.peek(1);
        let mut args = r.sp.sub(1 + r.oparg);
        let mut total = r.oparg;
        if (*args.sub(1)).is_null() {
            let callable = *args.sub(2);
            if let Some(method) = types::Method::exact(callable.obj()) {
                *args.sub(1) = StackRef::new_ref(method.0.im_self.get());
                *args.sub(2) = StackRef::new_ref(method.0.im_func.get());
                r.save();
                callable.close();
            }
        }
        if !(*args.sub(1)).is_null() { args = args.sub(1); total += 1; }
        let callable = *r.sp.sub(r.oparg + 3);
        r.save();
        if Function::check_exact(callable.obj()) && callable.obj().cast::<Function>().is_inlinable() {
            (*r.frame).return_offset = 4;
            let base = r.sp.sub(r.oparg + 3);
            let new = call::push_frame(r.ts, callable, args, total, kwnames.ptr(), r.frame);
            r.sp = base;
            r.sync();
            kwnames.close();
            if new.is_null() { return r.error(); }
            r.enter_frame(new);
        } else {
            let result = call::vectorcall_stack(callable.obj(), args, total, kwnames.ptr());
            r.sp = call::close_args(r.frame, r.sp, r.oparg + 3);
            if result.is_null() { return r.error(); }
            r.push(StackRef::steal(result));
            r.ip = r.ip.add(3);
            eval_breaker_after_call!(r);
        }
    }
}

slow! {
    call_function_ex(r) {
        r.save();
        tri!(r, call::prepare_ex(r.sp));
        let (callable, args, kwargs) = ((*r.peek(4)), (*r.peek(2)), (*r.peek(1)));
        if Function::check_exact(callable.obj()) && callable.obj().cast::<Function>().is_inlinable() {
            (*r.frame).return_offset = 1;
            let new = call::push_frame_ex(r.ts, callable, args, kwargs, r.frame);
            r.sp = r.sp.sub(4);
            r.sync();
            args.close();
            kwargs.close();
            if new.is_null() { return r.error(); }
            r.enter_frame(new);
        } else {
            let kw = if kwargs.is_null() { None } else { Some(kwargs.obj().cast::<Dict>()) };
            let v = tri!(r, protocol::call::call(callable.obj(), args.obj().cast(), kw));
            r.replace::<4>(StackRef::from_owned(v));
            eval_breaker!(r);
        }
    }
}

slow! { call_intrinsic_1(r) { r.save(); let v = tri!(r, intrinsics::unary(r.oparg, (*r.peek(1)).obj(), r.frame)); r.replace::<1>(StackRef::from_owned(v)); } }

slow! { call_intrinsic_2(r) { r.save(); let v = tri!(r, intrinsics::binary(r.oparg, (*r.peek(2)).obj(), (*r.peek(1)).obj())); r.replace::<2>(StackRef::from_owned(v)); } }

slow! {
    make_function(r) {
        r.save();
        let v = tri!(r, Function::new((*r.peek(1)).obj().cast::<Code>(), Object::from_ptr((*r.frame).f_globals).cast::<Dict>(), None));
        r.replace::<1>(StackRef::from_owned(v));
    }
}

slow! {
    set_function_attribute(r) {
        let function = *r.peek(1);
        let set = function.obj().cast::<Function>().set_attribute(r.oparg, (*r.peek(2)).into_owned());
        r.sp = r.sp.sub(1);
        *r.peek(1) = function;
        tri!(r, set);
    }
}
