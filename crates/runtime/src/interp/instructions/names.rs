//! Names: globals, cells, namespaces.

use crate::interp::registers::{fast, slow, tri};
use crate::interp::stackref::StackRef;
use crate::interp::{globals, names};
use crate::object::Object;
use crate::types::{self, Cell as PyCell};
use bytecode::op;
use std::ptr;

slow! { load_name(r) { r.save(); let v = tri!(r, names::load_name(r.frame, r.name(r.oparg))); r.push(StackRef::from_owned(v)); } }

slow! { store_name(r) { r.save(); tri!(r, names::store_name(r.frame, r.name(r.oparg), (*r.peek(1)).obj())); r.drop_top::<1>(); } }

slow! { delete_name(r) { r.save(); tri!(r, names::delete_name(r.frame, r.name(r.oparg))); } }

slow! { store_global(r) { r.save(); tri!(r, names::store_global(r.frame, r.name(r.oparg), (*r.peek(1)).obj())); r.drop_top::<1>(); } }

slow! { delete_global(r) { r.save(); tri!(r, names::delete_global(r.frame, r.name(r.oparg))); } }

slow! {
    load_global(r) {
        if r.adaptive_due() { globals::specialize((*r.frame).f_globals, (*r.frame).f_builtins, r.ip, r.name(r.oparg >> 1)); return r.redo(); }
        r.save();
        let v = tri!(r, names::load_global(r.frame, r.name(r.oparg >> 1)));
        r.push(StackRef::from_owned(v));
        if r.oparg & 1 != 0 { r.push(StackRef::NULL); }
        r.ip = r.ip.add(4);
    }
}

fast! {
    load_global_module(r) {
        let value = globals::entry_if_version((*r.frame).f_globals, r.cache16(1), r.cache16(3));
        if value.is_null() { return r.deopt(op::LOAD_GLOBAL); }
        r.push(StackRef::new_ref(value));
        if r.oparg & 1 != 0 { r.push(StackRef::NULL); }
        r.ip = r.ip.add(4);
    }
}

fast! {
    load_global_builtin(r) {
        if !globals::keys_version_is((*r.frame).f_globals, r.cache16(1)) { return r.deopt(op::LOAD_GLOBAL); }
        let value = globals::entry_if_version((*r.frame).f_builtins, r.cache16(2), r.cache16(3));
        if value.is_null() { return r.deopt(op::LOAD_GLOBAL); }
        r.push(StackRef::new_ref(value));
        if r.oparg & 1 != 0 { r.push(StackRef::NULL); }
        r.ip = r.ip.add(4);
    }
}

slow! { load_locals(r) { r.save(); let v = tri!(r, names::load_locals(r.frame)); r.push(StackRef::from_owned(v)); } }

slow! {
    load_from_dict_or_globals(r) {
        r.save();
        let v = tri!(r, names::load_from_dict_or_globals(r.frame, (*r.peek(1)).obj(), r.name(r.oparg)));
        r.replace::<1>(StackRef::from_owned(v));
    }
}

slow! {
    load_from_dict_or_deref(r) {
        r.save();
        let v = tri!(r, names::load_from_dict_or_deref(r.frame, (*r.peek(1)).obj(), r.oparg));
        r.replace::<1>(StackRef::from_owned(v));
    }
}

fast! {
    load_deref(r) {
        let cell = (*r.local(r.oparg)).obj().cast::<PyCell>();
        let value = cell.0.ob_ref.get();
        if value.is_null() { return r.jump(unbound_deref); }
        r.push(StackRef::new_ref(value));
    }
}

slow! {
    unbound_deref(r) {
        r.save();
        names::raise_unbound_deref((*r.frame).code(), r.oparg);
        return r.error();
    }
}

fast! {
    store_deref(r) {
        let value = r.pop().into_ptr();
        let cell = (*r.local(r.oparg)).obj().cast::<PyCell>();
        let old = cell.0.ob_ref.replace(value);
        return r.close_then(StackRef::steal_opt(old), 0);
    }
}

slow! {
    delete_deref(r) {
        r.save();
        let old = (*r.local(r.oparg)).obj().cast::<PyCell>().0.ob_ref.replace(ptr::null_mut());
        if old.is_null() {
            names::raise_unbound_deref((*r.frame).code(), r.oparg);
            return r.error();
        }
        Object::from_ptr(old).decref();
    }
}

slow! {
    make_cell(r) {
        let initial = *r.local(r.oparg);
        // A handler may count on a cell being there (the verifier says so): without memory for one there is no way on.
        let Ok(cell) = PyCell::new_raw(if initial.is_null() { ptr::null_mut() } else { initial.into_ptr() }) else {
            std::alloc::handle_alloc_error(std::alloc::Layout::new::<PyCell>())
        };
        *r.local(r.oparg) = StackRef::from_owned(cell);
    }
}

fast! {
    copy_free_vars(r) {
        let closure = (*r.frame).func().0.func_closure.get();
        let items = types::tuple::raw_items(closure);
        let offset = (*r.frame).code().0.co_nlocalsplus.get() as usize - r.oparg;
        for i in 0..r.oparg { (*r.local(offset + i)) = StackRef::new_ref(*items.add(i)); }
    }
}

slow! { load_build_class(r) { r.save(); let v = tri!(r, names::load_build_class(r.frame)); r.push(StackRef::from_owned(v)); } }

fast! { load_common_constant(r) { r.push(StackRef::new_ref(names::common_constant(r.oparg).as_ptr())); } }

slow! { setup_annotations(r) { r.save(); tri!(r, names::setup_annotations(r.frame)); } }
