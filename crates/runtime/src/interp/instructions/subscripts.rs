//! Subscripts and slices.

use crate::interp::frame::{self};
use crate::interp::registers::{fast, slow, tri};
use crate::interp::stackref::StackRef;
use crate::interp::{specialize, subscr};
use crate::object::{Owned, PyTyped};
use crate::protocol;
use crate::types::{Dict, Int, List, Str, Tuple};
use bytecode::op;
use std::ptr;

fast! {
    binary_op_subscr_list_int(r) {
        let (list, index) = (*r.peek(2), *r.peek(1));
        if !Int::check_exact(index.obj()) || !List::check_exact(list.obj()) { return r.deopt(op::BINARY_OP); }
        let i = index.obj().cast::<Int>();
        let l = list.obj().cast::<List>();
        if !i.is_nonnegative_compact() || i.compact_value() as usize >= l.len() { return r.deopt(op::BINARY_OP); }
        let item = *l.items_ptr().add(i.compact_value() as usize);
        let item = StackRef::new_ref(item);
        r.sp = r.sp.sub(1);
        *r.peek(1) = item;
        return r.close_both_then(index, list, 5);
    }
}

fast! {
    binary_op_subscr_tuple_int(r) {
        let (tuple, index) = (*r.peek(2), *r.peek(1));
        if !Int::check_exact(index.obj()) || !Tuple::check_exact(tuple.obj()) { return r.deopt(op::BINARY_OP); }
        let i = index.obj().cast::<Int>();
        let t = tuple.obj().cast::<Tuple>();
        if !i.is_nonnegative_compact() || i.compact_value() as usize >= t.len() { return r.deopt(op::BINARY_OP); }
        let item = StackRef::new_ref(t.items()[i.compact_value() as usize]);
        r.sp = r.sp.sub(1);
        *r.peek(1) = item;
        return r.close_both_then(index, tuple, 5);
    }
}

fast! {
    binary_op_subscr_str_int(r) {
        let (text, index) = (*r.peek(2), *r.peek(1));
        if !Int::check_exact(index.obj()) || !Str::check_exact(text.obj()) { return r.deopt(op::BINARY_OP); }
        let i = index.obj().cast::<Int>();
        let s = text.obj().cast::<Str>();
        if !i.is_nonnegative_compact() || i.compact_value() as usize >= s.len() { return r.deopt(op::BINARY_OP); }
        let c = s.char_at(i.compact_value() as usize);
        if c >= 256 { return r.deopt(op::BINARY_OP); }
        let item = StackRef::borrow(Str::latin1_char(c as u8).as_ptr());
        r.sp = r.sp.sub(1);
        *r.peek(1) = item;
        return r.close_both_then(index, text, 5);
    }
}

slow! {
    binary_op_subscr_dict(r) {
        if !Dict::check_exact((*r.peek(2)).obj()) { return r.deopt(op::BINARY_OP); }
        r.save();
        let v = tri!(r, subscr::dict_item((*r.peek(2)).obj().cast(), (*r.peek(1)).obj()));
        r.replace::<2>(StackRef::from_owned(v));
        r.ip = r.ip.add(5);
    }
}

slow! {
    binary_op_subscr_list_slice(r) {
        if !List::check_exact((*r.peek(2)).obj()) { return r.deopt(op::BINARY_OP); }
        r.save();
        let v = tri!(r, protocol::mapping::get_item((*r.peek(2)).obj(), (*r.peek(1)).obj()));
        r.replace::<2>(StackRef::from_owned(v));
        r.ip = r.ip.add(5);
    }
}

fast! {
    binary_op_subscr_getitem(r) {
        let container = *r.peek(2);
        let Some(getitem) = subscr::cached_getitem(container.obj().ty()) else { return r.deopt(op::BINARY_OP) };
        let code = getitem.code();
        if !r.has_space(code) { return r.deopt(op::BINARY_OP); }
        let new = frame::push(r.ts, code.0.co_framesize.get() as usize);
        frame::initialize(new, StackRef::from_owned(Owned::from_ref(getitem)), ptr::null_mut(), code.as_object().as_ptr(), 2, r.frame);
        let base = (*new).locals();
        *base = container.heap_safe();
        *base.add(1) = (*r.peek(1)).heap_safe();
        r.sp = r.sp.sub(2);
        (*r.frame).instr_ptr = r.ip.sub(1);
        (*r.frame).return_offset = 6;
        r.enter_frame(new);
    }
}

slow! {
    binary_slice(r) {
        r.save();
        let v = tri!(r, subscr::slice((*r.peek(3)).obj(), (*r.peek(2)).obj(), (*r.peek(1)).obj()));
        r.replace::<3>(StackRef::from_owned(v));
    }
}

slow! {
    store_slice(r) {
        r.save();
        tri!(r, subscr::store_slice((*r.peek(3)).obj(), (*r.peek(2)).obj(), (*r.peek(1)).obj(), (*r.peek(4)).obj()));
        r.drop_top::<4>();
    }
}

slow! {
    store_subscr(r) {
        if r.adaptive_due() { specialize::store_subscr((*r.peek(2)).obj(), (*r.peek(1)).obj(), r.ip); return r.redo(); }
        r.save();
        tri!(r, protocol::mapping::set_item((*r.peek(2)).obj(), (*r.peek(1)).obj(), (*r.peek(3)).obj()));
        r.drop_top::<3>();
        r.ip = r.ip.add(1);
    }
}

fast! {
    store_subscr_list_int(r) {
        let (value, list, index) = ((*r.peek(3)), (*r.peek(2)), (*r.peek(1)));
        if !Int::check_exact(index.obj()) || !List::check_exact(list.obj()) { return r.deopt(op::STORE_SUBSCR); }
        let i = index.obj().cast::<Int>();
        let l = list.obj().cast::<List>();
        if !i.is_nonnegative_compact() || i.compact_value() as usize >= l.len() { return r.deopt(op::STORE_SUBSCR); }
        let slot = l.items_ptr().add(i.compact_value() as usize);
        let old = *slot;
        *slot = value.into_ptr();
        r.sp = r.sp.sub(3);
        // An int's end runs nothing: its place in the order does not matter.
        if index.is_last() { index.close(); } else { index.drop_count(); }
        return r.close_both_then(StackRef::steal(old), list, 1);
    }
}

slow! {
    store_subscr_dict(r) {
        if !Dict::check_exact((*r.peek(2)).obj()) { return r.deopt(op::STORE_SUBSCR); }
        r.save();
        tri!(r, (*r.peek(2)).obj().cast::<Dict>().set_item((*r.peek(1)).obj(), (*r.peek(3)).obj()));
        r.drop_top::<3>();
        r.ip = r.ip.add(1);
    }
}

slow! {
    delete_subscr(r) {
        r.save();
        tri!(r, protocol::mapping::del_item((*r.peek(2)).obj(), (*r.peek(1)).obj()));
        r.drop_top::<2>();
    }
}
