//! `refcount.h`, and reference functions of `object.h`.

use abi::{PyObject, PyTypeObject};
use runtime::object::{Object, Owned, dealloc, xdecref, xincref};
use runtime::types;
use std::ffi::c_int;
use std::ptr;

/// The functions of every extension's inner loops: no guard, because nothing in them can panic before a deallocator, which has its own.
macro_rules! plain {
    ($( fn $name:ident($($arg:ident: $ty:ty),*) $(-> $ret:ty)? $body:block )*) => {$(
        #[unsafe(no_mangle)]
        #[allow(unsafe_op_in_unsafe_fn)]
        pub unsafe extern "C" fn $name($($arg: $ty),*) $(-> $ret)? $body
    )*};
}

plain! {
    fn Py_IncRef(o: *mut PyObject) {
        xincref(o);
    }
    fn Py_DecRef(o: *mut PyObject) {
        xdecref(o);
    }
    fn _Py_IncRef(o: *mut PyObject) {
        Object::from_ptr(o).incref();
    }
    fn _Py_DecRef(o: *mut PyObject) {
        Object::from_ptr(o).decref();
    }
    fn Py_NewRef(o: *mut PyObject) -> *mut PyObject {
        Object::from_ptr(o).incref();
        o
    }
    fn Py_XNewRef(o: *mut PyObject) -> *mut PyObject {
        xincref(o)
    }
    fn Py_REFCNT(o: *mut PyObject) -> isize {
        Object::from_ptr(o).refcount() as isize
    }
    fn Py_TYPE(o: *mut PyObject) -> *mut PyTypeObject {
        Object::from_ptr(o).ty_ptr()
    }
    fn Py_Is(a: *mut PyObject, b: *mut PyObject) -> c_int {
        ptr::eq(a, b) as c_int
    }
    fn Py_IsNone(a: *mut PyObject) -> c_int {
        ptr::eq(a, types::none().as_ptr()) as c_int
    }
    fn Py_IsTrue(a: *mut PyObject) -> c_int {
        ptr::eq(a, types::true_().as_ptr()) as c_int
    }
    fn Py_IsFalse(a: *mut PyObject) -> c_int {
        ptr::eq(a, types::false_().as_ptr()) as c_int
    }
    fn _Py_SetRefcnt(o: *mut PyObject, count: isize) {
        let object = Object::from_ptr(o);
        if !object.is_immortal() {
            if count > i32::MAX as isize { object.set_immortal() } else { object.0.ob_refcnt.set(count as u32) }
        }
    }
    fn _Py_Dealloc(o: *mut PyObject) {
        dealloc(o);
    }
    fn _Py_NewReference(o: *mut PyObject) {
        (*o).ob_refcnt_full().set(1);
    }
    fn _Py_NewReferenceNoTotal(o: *mut PyObject) {
        (*o).ob_refcnt_full().set(1);
    }
    fn _Py_ResurrectReference(o: *mut PyObject) {
        (*o).ob_refcnt_full().set(1);
    }
    fn _Py_ForgetReference(_o: *mut PyObject) {
    }
    fn PyUnstable_IsImmortal(o: *mut PyObject) -> c_int {
        Object::from_ptr(o).is_immortal() as c_int
    }
    // mypyc's constants. Strings are left as they are: an immortal string has to be an interned one.
    fn _Py_SetImmortal(o: *mut PyObject) {
        if runtime::gc::is_gc(o) && runtime::gc::is_tracked(o) {
            runtime::gc::untrack(o);
        }
        _Py_SetImmortalUntracked(o);
    }
    fn _Py_SetImmortalUntracked(o: *mut PyObject) {
        let object = Object::from_ptr(o);
        if !object.is_immortal() && !object.is_instance_of::<types::Str>() {
            object.set_immortal();
        }
    }
    fn PyUnstable_TryIncRef(o: *mut PyObject) -> c_int {
        if Object::from_ptr(o).refcount() == 0 {
            return 0;
        }
        Object::from_ptr(o).incref();
        1
    }
    fn PyUnstable_EnableTryIncRef(_o: *mut PyObject) {
    }
    fn PyUnstable_Object_EnableDeferredRefcount(_o: *mut PyObject) -> c_int {
        0
    }
    fn PyUnstable_Object_IsUniquelyReferenced(o: *mut PyObject) -> c_int {
        (Object::from_ptr(o).refcount() == 1) as c_int
    }
}

/// The constants by number; 0 is `None`.
fn constant(id: u32) -> Option<Owned> {
    use runtime::types::{Bytes, Int, Str, Tuple};
    Some(match id {
        0 => types::none().to_owned(),
        1 => types::false_().to_owned(),
        2 => types::true_().to_owned(),
        3 => types::ellipsis().to_owned(),
        4 => types::not_implemented().to_owned(),
        5 => Int::from_i64(0).into_object(),
        6 => Int::from_i64(1).into_object(),
        7 => Str::empty().to_owned(),
        8 => Bytes::new(b"").into_object(),
        9 => Tuple::empty().into_object(),
        _ => return None,
    })
}

c_api! {
    fn Py_GetConstant(id: u32) -> *mut PyObject {
        match constant(id) {
            Some(value) => value.into_raw(),
            None => {
                runtime::errors::bad_internal_call();
                ptr::null_mut()
            }
        }
    }
    fn Py_GetConstantBorrowed(id: u32) -> *mut PyObject {
        match constant(id) {
            // All of them are immortal.
            Some(value) => value.raw(),
            None => {
                runtime::errors::bad_internal_call();
                ptr::null_mut()
            }
        }
    }
}
