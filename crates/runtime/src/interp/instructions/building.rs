//! Building containers and texts and taking them apart, matching, imports.

use crate::interp::registers::{bool_ref, fast, slow, tri};
use crate::interp::stackref::StackRef;
use crate::interp::{build, call, matching, specialize, unpack};
use crate::import;
use crate::object::PyTyped;
use crate::protocol;
use crate::types::{self, Dict, Int, List, Set, Str, Tuple};
use bytecode::op;

fast! { build_tuple(r) { r.save(); let v = build::tuple(r.sp.sub(r.oparg), r.oparg); r.sp = r.sp.sub(r.oparg); if v.is_null() { return r.fail(); } r.push(StackRef::steal(v)); } }

slow! { build_list(r) { r.save(); let v = build::list(r.sp.sub(r.oparg), r.oparg); r.sp = r.sp.sub(r.oparg); if v.is_null() { return r.fail(); } r.push(StackRef::steal(v)); } }

slow! { build_set(r) { r.save(); let v = tri!(r, build::set(r.sp.sub(r.oparg), r.oparg)); r.sp = call::close_args(r.frame, r.sp, r.oparg); r.push(StackRef::from_owned(v)); } }

slow! { build_map(r) { r.save(); let v = tri!(r, build::map(r.sp.sub(2 * r.oparg), r.oparg)); r.sp = call::close_args(r.frame, r.sp, 2 * r.oparg); r.push(StackRef::from_owned(v)); } }

slow! { build_string(r) { r.save(); let v = tri!(r, build::string(r.sp.sub(r.oparg), r.oparg)); r.sp = call::close_args(r.frame, r.sp, r.oparg); r.push(StackRef::from_owned(v)); } }

slow! {
    build_slice(r) {
        r.save();
        let v = tri!(r, build::slice((*r.peek(r.oparg)).obj(), (*r.peek(r.oparg - 1)).obj(), if r.oparg == 3 { Some((*r.peek(1)).obj()) } else { None }));
        r.sp = call::close_args(r.frame, r.sp, r.oparg);
        r.push(StackRef::from_owned(v));
    }
}

slow! { build_template(r) { r.save(); let v = tri!(r, build::template((*r.peek(2)).obj(), (*r.peek(1)).obj())); r.replace::<2>(StackRef::from_owned(v)); } }

slow! {
    build_interpolation(r) {
        r.save();
        let n = 2 + (r.oparg & 1);
        let spec = if r.oparg & 1 != 0 { Some((*r.peek(1)).obj()) } else { None };
        let v = tri!(r, build::interpolation((*r.peek(n)).obj(), (*r.peek(n - 1)).obj(), r.oparg >> 2, spec));
        r.sp = call::close_args(r.frame, r.sp, n);
        r.push(StackRef::from_owned(v));
    }
}

fast! {
    list_append(r) {
        let value = r.pop().into_owned();
        if (*r.peek(r.oparg)).obj().cast::<List>().push(value).is_err() { return r.fail(); }
    }
}

slow! { set_add(r) { r.save(); tri!(r, build::set_add((*r.peek(r.oparg + 1)).obj(), (*r.peek(1)).obj())); r.drop_top::<1>(); } }

slow! { map_add(r) { r.save(); tri!(r, (*r.peek(r.oparg + 2)).obj().cast::<Dict>().set_item((*r.peek(2)).obj(), (*r.peek(1)).obj())); r.drop_top::<2>(); } }

slow! { list_extend(r) { r.save(); tri!(r, build::list_extend((*r.peek(r.oparg + 1)).obj().cast(), (*r.peek(1)).obj())); r.drop_top::<1>(); } }

slow! { set_update(r) { r.save(); tri!(r, (*r.peek(r.oparg + 1)).obj().cast::<Set>().update((*r.peek(1)).obj())); r.drop_top::<1>(); } }

slow! { dict_update(r) { r.save(); tri!(r, build::dict_update((*r.peek(r.oparg + 1)).obj().cast(), (*r.peek(1)).obj())); r.drop_top::<1>(); } }

slow! { dict_merge(r) { r.save(); tri!(r, build::dict_merge((*r.peek(r.oparg + 1)).obj().cast(), (*r.peek(1)).obj(), (*r.peek(r.oparg + 4)).obj())); r.drop_top::<1>(); } }

slow! {
    unpack_sequence(r) {
        if r.adaptive_due() { specialize::unpack_sequence((*r.peek(1)).obj(), r.ip, r.oparg); return r.redo(); }
        let value = r.pop();
        (*r.frame).instr_ptr = r.ip.sub(1);
        (*r.frame).stackpointer = r.sp;
        let done = unpack::sequence(value.obj(), r.oparg, r.sp);
        if done.is_err() { value.close(); return r.error(); }
        r.sp = r.sp.add(r.oparg);
        r.sync();
        value.close();
        r.ip = r.ip.add(1);
    }
}

fast! {
    unpack_sequence_two_tuple(r) {
        let value = *r.peek(1);
        if !Tuple::check_exact(value.obj()) || value.obj().cast::<Tuple>().len() != r.oparg { return r.deopt(op::UNPACK_SEQUENCE); }
        r.sp = r.sp.sub(1);
        let items = types::tuple::raw_items(value.ptr());
        for i in 0..r.oparg { *r.sp.add(r.oparg - 1 - i) = StackRef::new_ref(*items.add(i)); }
        r.sp = r.sp.add(r.oparg);
        if !value.is_borrowed() { r.save(); value.close(); }
        r.ip = r.ip.add(1);
    }
}

fast! {
    unpack_sequence_list(r) {
        let value = *r.peek(1);
        if !List::check_exact(value.obj()) || value.obj().cast::<List>().len() != r.oparg { return r.deopt(op::UNPACK_SEQUENCE); }
        r.sp = r.sp.sub(1);
        let items = value.obj().cast::<List>().items_ptr();
        for i in 0..r.oparg { *r.sp.add(r.oparg - 1 - i) = StackRef::new_ref(*items.add(i)); }
        r.sp = r.sp.add(r.oparg);
        if !value.is_borrowed() { r.save(); value.close(); }
        r.ip = r.ip.add(1);
    }
}

slow! {
    unpack_ex(r) {
        let value = r.pop();
        (*r.frame).instr_ptr = r.ip.sub(1);
        (*r.frame).stackpointer = r.sp;
        let (before, after) = (r.oparg & 0xff, r.oparg >> 8);
        let done = unpack::extended(value.obj(), before, after, r.sp);
        if done.is_err() { value.close(); return r.error(); }
        r.sp = r.sp.add(before + 1 + after);
        r.sync();
        value.close();
    }
}

slow! {
    convert_value(r) {
        r.save();
        let v = tri!(r, build::convert((*r.peek(1)).obj(), r.oparg));
        r.replace::<1>(StackRef::from_owned(v));
    }
}

slow! {
    format_simple(r) {
        if !Str::check_exact((*r.peek(1)).obj()) {
            r.save();
            let v = tri!(r, build::format((*r.peek(1)).obj(), None));
            r.replace::<1>(StackRef::from_owned(v));
        }
    }
}

slow! { format_with_spec(r) { r.save(); let v = tri!(r, build::format((*r.peek(2)).obj(), Some((*r.peek(1)).obj()))); r.replace::<2>(StackRef::from_owned(v)); } }

// ---- matching --------------------------------------------------------------------------------------------------------------------------

slow! {
    get_len(r) {
        r.save();
        let n = tri!(r, protocol::sequence::len((*r.peek(1)).obj()));
        r.push(StackRef::from_owned(Int::from_i64(n as i64)));
    }
}

slow! { match_mapping(r) { let m = (*r.peek(1)).obj().ty().has_flag(abi::Py_TPFLAGS_MAPPING as u64); r.push(bool_ref(m)); } }

slow! { match_sequence(r) { let m = (*r.peek(1)).obj().ty().has_flag(abi::Py_TPFLAGS_SEQUENCE as u64); r.push(bool_ref(m)); } }

slow! { match_keys(r) { r.save(); let v = tri!(r, matching::keys((*r.peek(2)).obj(), (*r.peek(1)).obj().cast())); r.push(StackRef::from_owned(v)); } }

slow! {
    match_class(r) {
        r.save();
        let v = tri!(r, matching::class((*r.peek(3)).obj(), (*r.peek(2)).obj(), r.oparg, (*r.peek(1)).obj().cast()));
        let v = match v { Some(v) => StackRef::from_owned(v), None => StackRef::borrow(types::none().as_ptr()) };
        r.replace::<3>(v);
    }
}

// ---- imports ---------------------------------------------------------------------------------------------------------------------------

slow! {
    import_name(r) {
        r.save();
        let v = tri!(r, import::import_name(r.frame, r.name(r.oparg), (*r.peek(1)).obj(), (*r.peek(2)).obj()));
        r.replace::<2>(StackRef::from_owned(v));
    }
}

slow! { import_from(r) { r.save(); let v = tri!(r, import::import_from((*r.peek(1)).obj(), r.name(r.oparg))); r.push(StackRef::from_owned(v)); } }
