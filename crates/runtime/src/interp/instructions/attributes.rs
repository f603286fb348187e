//! Attributes.

use crate::interp::frame::{self};
use crate::interp::registers::{fast, slow, tri};
use crate::interp::stackref::StackRef;
use crate::interp::{attr, special};
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol;
use crate::types::Function;
use abi::PyObject;
use bytecode::op;
use std::ptr;

slow! {
    load_attr(r) {
        if r.adaptive_due() { attr::specialize_load((*r.peek(1)).obj(), r.ip, r.name(r.oparg >> 1), r.oparg & 1 != 0); return r.redo(); }
        r.save();
        let name = r.name(r.oparg >> 1);
        if r.oparg & 1 != 0 {
            match tri!(r, attr::load_method((*r.peek(1)).obj(), name)) {
                attr::Loaded::Unbound(function) => {
                    let owner = *r.peek(1);
                    *r.peek(1) = StackRef::from_owned(function);
                    r.push(owner);
                }
                attr::Loaded::Value(value) => {
                    r.replace::<1>(StackRef::from_owned(value));
                    r.push(StackRef::NULL);
                }
            }
        } else {
            let v = tri!(r, protocol::object::get_attr((*r.peek(1)).obj(), name));
            r.replace::<1>(StackRef::from_owned(v));
        }
        r.ip = r.ip.add(9);
    }
}

fast! {
    load_attr_instance_value(r) {
        let owner = *r.peek(1);
        if owner.obj().ty().0.tp_version_tag.get() != r.cache32(1) { return r.deopt(op::LOAD_ATTR); }
        let value = attr::inline_value(owner.obj(), r.cache16(3));
        if value.is_null() { return r.deopt(op::LOAD_ATTR); }
        *r.peek(1) = StackRef::new_ref(value);
        if r.oparg & 1 != 0 { r.push(StackRef::NULL); }
        return r.close_then(owner, 9);
    }
}

fast! {
    load_attr_with_hint(r) {
        let owner = *r.peek(1);
        if owner.obj().ty().0.tp_version_tag.get() != r.cache32(1) { return r.deopt(op::LOAD_ATTR); }
        let value = attr::hinted_value(owner.obj(), r.name(r.oparg >> 1), r.cache16(3));
        if value.is_null() { return r.deopt(op::LOAD_ATTR); }
        *r.peek(1) = StackRef::new_ref(value);
        if r.oparg & 1 != 0 { r.push(StackRef::NULL); }
        return r.close_then(owner, 9);
    }
}

fast! {
    load_attr_module(r) {
        let owner = *r.peek(1);
        let value = attr::module_value(owner.obj(), r.cache32(1), r.cache16(3));
        if value.is_null() { return r.deopt(op::LOAD_ATTR); }
        *r.peek(1) = StackRef::new_ref(value);
        if r.oparg & 1 != 0 { r.push(StackRef::NULL); }
        return r.close_then(owner, 9);
    }
}

fast! {
    load_attr_slot(r) {
        let owner = *r.peek(1);
        if owner.obj().ty().0.tp_version_tag.get() != r.cache32(1) { return r.deopt(op::LOAD_ATTR); }
        let value = *((owner.ptr() as *const u8).add(r.cache16(3) as usize) as *const *mut PyObject);
        if value.is_null() { return r.deopt(op::LOAD_ATTR); }
        *r.peek(1) = StackRef::new_ref(value);
        if r.oparg & 1 != 0 { r.push(StackRef::NULL); }
        return r.close_then(owner, 9);
    }
}

fast! {
    load_attr_class(r, OP) {
        let owner = *r.peek(1);
        if OP == op::LOAD_ATTR_CLASS_WITH_METACLASS_CHECK && owner.obj().ty().0.tp_version_tag.get() != r.cache32(3) { return r.deopt(op::LOAD_ATTR); }
        if !Type::check(owner.obj()) || owner.obj().cast::<Type>().0.tp_version_tag.get() != r.cache32(1) { return r.deopt(op::LOAD_ATTR); }
        *r.peek(1) = StackRef::new_ref(r.cache64(5) as *mut PyObject);
        if r.oparg & 1 != 0 { r.push(StackRef::NULL); }
        return r.close_then(owner, 9);
    }
}

fast! {
    load_attr_method(r, OP) {
        let owner = *r.peek(1);
        if owner.obj().ty().0.tp_version_tag.get() != r.cache32(1) { return r.deopt(op::LOAD_ATTR); }
        if OP == op::LOAD_ATTR_METHOD_WITH_VALUES {
            if !attr::values_valid_and_keys_version(owner.obj(), r.cache32(3)) { return r.deopt(op::LOAD_ATTR); }
        } else if OP == op::LOAD_ATTR_METHOD_LAZY_DICT && !attr::dict_slot_is_null(owner.obj(), r.cache16(3)) {
            return r.deopt(op::LOAD_ATTR);
        }
        *r.peek(1) = StackRef::new_ref(r.cache64(5) as *mut PyObject);
        r.push(owner);
        r.ip = r.ip.add(9);
    }
}

fast! {
    load_attr_nondescriptor(r, OP) {
        let owner = *r.peek(1);
        if owner.obj().ty().0.tp_version_tag.get() != r.cache32(1) { return r.deopt(op::LOAD_ATTR); }
        if OP == op::LOAD_ATTR_NONDESCRIPTOR_WITH_VALUES && !attr::values_valid_and_keys_version(owner.obj(), r.cache32(3)) { return r.deopt(op::LOAD_ATTR); }
        *r.peek(1) = StackRef::new_ref(r.cache64(5) as *mut PyObject);
        return r.close_then(owner, 9);
    }
}

fast! {
    load_attr_property(r, OP) {
        // The getter (or `__getattribute__`) is a Python function of exactly the arguments: its r.frame is pushed here.
        let owner = *r.peek(1);
        if owner.obj().ty().0.tp_version_tag.get() != r.cache32(1) { return r.deopt(op::LOAD_ATTR); }
        let getter: &Function = (*(r.cache64(5) as *const Object)).cast();
        if getter.0.func_version.get() != r.cache32(3) || r.oparg & 1 != 0 { return r.deopt(op::LOAD_ATTR); }
        let code = getter.code();
        if !r.has_space(code) { return r.deopt(op::LOAD_ATTR); }
        let nargs = if OP == op::LOAD_ATTR_PROPERTY { 1 } else { 2 };
        let new = frame::push(r.ts, code.0.co_framesize.get() as usize);
        frame::initialize(new, StackRef::from_owned(Owned::from_ref(getter)), ptr::null_mut(), code.as_object().as_ptr(), nargs, r.frame);
        *(*new).locals() = owner.heap_safe();
        if nargs == 2 { *(*new).locals().add(1) = StackRef::new_ref(r.name(r.oparg >> 1).as_object().as_ptr()); }
        r.sp = r.sp.sub(1);
        (*r.frame).instr_ptr = r.ip.sub(1);
        (*r.frame).return_offset = 10;
        r.enter_frame(new);
    }
}

slow! {
    store_attr(r) {
        if r.adaptive_due() { attr::specialize_store((*r.peek(1)).obj(), r.ip, r.name(r.oparg)); return r.redo(); }
        r.save();
        tri!(r, protocol::object::set_attr((*r.peek(1)).obj(), r.name(r.oparg), Some((*r.peek(2)).obj())));
        r.drop_top::<2>();
        r.ip = r.ip.add(4);
    }
}

fast! {
    store_attr_instance_value(r) {
        let (value, owner) = ((*r.peek(2)), (*r.peek(1)));
        if owner.obj().ty().0.tp_version_tag.get() != r.cache32(1) { return r.deopt(op::STORE_ATTR); }
        let Some(old) = attr::store_inline_value(owner.obj(), r.cache16(3), value) else { return r.deopt(op::STORE_ATTR) };
        r.sp = r.sp.sub(2);
        return r.close_both_then(StackRef::steal_opt(old), owner, 4);
    }
}

fast! {
    store_attr_slot(r) {
        let (value, owner) = ((*r.peek(2)), (*r.peek(1)));
        if owner.obj().ty().0.tp_version_tag.get() != r.cache32(1) { return r.deopt(op::STORE_ATTR); }
        let slot = (owner.ptr() as *mut u8).add(r.cache16(3) as usize) as *mut *mut PyObject;
        let old = *slot;
        *slot = value.into_ptr();
        r.sp = r.sp.sub(2);
        return r.close_both_then(StackRef::steal_opt(old), owner, 4);
    }
}

slow! {
    store_attr_with_hint(r) {
        let owner = *r.peek(1);
        if owner.obj().ty().0.tp_version_tag.get() != r.cache32(1) { return r.deopt(op::STORE_ATTR); }
        r.save();
        if !attr::store_hinted(owner.obj(), r.name(r.oparg), r.cache16(3), (*r.peek(2)).obj()) { return r.deopt(op::STORE_ATTR); }
        r.drop_top::<2>();
        r.ip = r.ip.add(4);
    }
}

slow! {
    delete_attr(r) {
        r.save();
        tri!(r, protocol::object::set_attr((*r.peek(1)).obj(), r.name(r.oparg), None));
        r.drop_top::<1>();
    }
}

slow! {
    load_super_attr(r) {
        r.save();
        match tri!(r, attr::load_super((*r.peek(3)).obj(), (*r.peek(2)).obj(), (*r.peek(1)).obj(), r.name(r.oparg >> 2), r.oparg & 2 != 0, r.oparg & 1 != 0)) {
            attr::Loaded::Unbound(function) => {
                let (a, b, owner) = ((*r.peek(3)), (*r.peek(2)), (*r.peek(1)));
                r.sp = r.sp.sub(3);
                r.push(StackRef::from_owned(function));
                r.push(owner);
                r.sync();
                b.close();
                a.close();
            }
            attr::Loaded::Value(value) => {
                r.replace::<3>(StackRef::from_owned(value));
                if r.oparg & 1 != 0 { r.push(StackRef::NULL); }
            }
        }
        r.ip = r.ip.add(1);
    }
}

slow! {
    load_special(r) {
        r.save();
        match tri!(r, special::load((*r.peek(1)).obj(), r.oparg)) {
            attr::Loaded::Unbound(function) => {
                let owner = *r.peek(1);
                *r.peek(1) = StackRef::from_owned(function);
                r.push(owner.heap_safe());
            }
            attr::Loaded::Value(value) => { r.replace::<1>(StackRef::from_owned(value)); r.push(StackRef::NULL); }
        }
    }
}
