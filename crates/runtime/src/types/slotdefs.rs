//! Every special method: its name, the slot it stands for, the function that dispatches to it (`slot_dispatch.rs`), the function that
//! makes a C slot callable from Python (`slot_wrappers.rs`), and its documentation. The rows of one slot are neighbours.
//!
//! The rows are `wrapperbase` structs, as C sees them behind a wrapper descriptor (extensions copy them whole).

use crate::types::slot_buffer::*;
use crate::types::slot_dispatch::*;
use crate::types::slot_wrappers::*;
use abi::{
    PyAsyncMethods, PyBufferProcs, PyHeapTypeObject, PyMappingMethods, PyNumberMethods, PySequenceMethods, PyTypeObject, c_int, c_void,
    wrapperbase, wrapperfunc,
};
use std::cell::Cell;
use std::ffi::CStr;
use std::mem::offset_of;
use std::ptr;

const fn row(name: &'static CStr, offset: usize, function: *const c_void, wrapper: Option<wrapperfunc>, doc: &'static CStr, flags: c_int) -> wrapperbase {
    wrapperbase {
        name: Cell::new(name.as_ptr()),
        offset: Cell::new(offset as c_int),
        function: Cell::new(function as *mut c_void),
        wrapper: Cell::new(wrapper),
        doc: Cell::new(doc.as_ptr()),
        flags: Cell::new(flags),
        ..wrapperbase::EMPTY
    }
}

macro_rules! offset {
    (tp $field:ident) => { offset_of!(PyTypeObject, $field) };
    (am $field:ident) => { offset_of!(PyHeapTypeObject, as_async) + offset_of!(PyAsyncMethods, $field) };
    (nb $field:ident) => { offset_of!(PyHeapTypeObject, as_number) + offset_of!(PyNumberMethods, $field) };
    (mp $field:ident) => { offset_of!(PyHeapTypeObject, as_mapping) + offset_of!(PyMappingMethods, $field) };
    (sq $field:ident) => { offset_of!(PyHeapTypeObject, as_sequence) + offset_of!(PySequenceMethods, $field) };
    (bf $field:ident) => { offset_of!(PyHeapTypeObject, as_buffer) + offset_of!(PyBufferProcs, $field) };
}

macro_rules! function {
    (-) => { ptr::null() };
    ($function:ident) => { $function as *const c_void };
}

macro_rules! wrapper {
    (-) => { None };
    (keywords $wrapper:ident) => {
        // SAFETY: the flag of the row says that the function takes keywords too.
        Some(unsafe { std::mem::transmute::<abi::wrapperfunc_kwds, wrapperfunc>($wrapper) })
    };
    ($wrapper:ident) => { Some($wrapper as wrapperfunc) };
}

macro_rules! slots {
    ($($kind:ident $field:ident, $function:tt, [$($wrapper:tt)+], $name:literal, $doc:literal, $flags:literal;)*) => {
        pub const COUNT: usize = [$(stringify!($field)),*].len();
        pub static SLOTDEFS: [wrapperbase; COUNT] = [
            $(row($name, offset!($kind $field), function!($function), wrapper!($($wrapper)+), $doc, $flags)),*
        ];
    };
}

slots! {
    tp tp_repr, slot_tp_repr, [wrap_unaryfunc], c"__repr__", c"__repr__($self, /)\n--\n\nReturn repr(self).", 0;
    tp tp_hash, slot_tp_hash, [wrap_hashfunc], c"__hash__", c"__hash__($self, /)\n--\n\nReturn hash(self).", 0;
    tp tp_call, slot_tp_call, [keywords wrap_call], c"__call__", c"__call__($self, /, *args, **kwargs)\n--\n\nCall self as a function.", 1;
    tp tp_str, slot_tp_str, [wrap_unaryfunc], c"__str__", c"__str__($self, /)\n--\n\nReturn str(self).", 0;
    tp tp_getattro, slot_tp_getattr_hook, [wrap_binaryfunc], c"__getattribute__", c"__getattribute__($self, name, /)\n--\n\nReturn getattr(self, name).", 0;
    tp tp_getattro, slot_tp_getattr_hook, [-], c"__getattr__", c"", 0;
    tp tp_setattro, slot_tp_setattro, [wrap_setattr], c"__setattr__", c"__setattr__($self, name, value, /)\n--\n\nImplement setattr(self, name, value).", 0;
    tp tp_setattro, slot_tp_setattro, [wrap_delattr], c"__delattr__", c"__delattr__($self, name, /)\n--\n\nImplement delattr(self, name).", 0;
    tp tp_richcompare, slot_tp_richcompare, [richcmp_lt], c"__lt__", c"__lt__($self, value, /)\n--\n\nReturn self<value.", 0;
    tp tp_richcompare, slot_tp_richcompare, [richcmp_le], c"__le__", c"__le__($self, value, /)\n--\n\nReturn self<=value.", 0;
    tp tp_richcompare, slot_tp_richcompare, [richcmp_eq], c"__eq__", c"__eq__($self, value, /)\n--\n\nReturn self==value.", 0;
    tp tp_richcompare, slot_tp_richcompare, [richcmp_ne], c"__ne__", c"__ne__($self, value, /)\n--\n\nReturn self!=value.", 0;
    tp tp_richcompare, slot_tp_richcompare, [richcmp_gt], c"__gt__", c"__gt__($self, value, /)\n--\n\nReturn self>value.", 0;
    tp tp_richcompare, slot_tp_richcompare, [richcmp_ge], c"__ge__", c"__ge__($self, value, /)\n--\n\nReturn self>=value.", 0;
    tp tp_iter, slot_tp_iter, [wrap_unaryfunc], c"__iter__", c"__iter__($self, /)\n--\n\nImplement iter(self).", 0;
    tp tp_iternext, slot_tp_iternext, [wrap_next], c"__next__", c"__next__($self, /)\n--\n\nImplement next(self).", 0;
    tp tp_descr_get, slot_tp_descr_get, [wrap_descr_get], c"__get__", c"__get__($self, instance, owner=None, /)\n--\n\nReturn an attribute of instance, which is of type owner.", 0;
    tp tp_descr_set, slot_tp_descr_set, [wrap_descr_set], c"__set__", c"__set__($self, instance, value, /)\n--\n\nSet an attribute of instance to value.", 0;
    tp tp_descr_set, slot_tp_descr_set, [wrap_descr_delete], c"__delete__", c"__delete__($self, instance, /)\n--\n\nDelete an attribute of instance.", 0;
    tp tp_init, slot_tp_init, [keywords wrap_init], c"__init__", c"__init__($self, /, *args, **kwargs)\n--\n\nInitialize self.  See help(type(self)) for accurate signature.", 1;
    tp tp_new, slot_tp_new, [-], c"__new__", c"__new__(type, /, *args, **kwargs)\n--\n\nCreate and return new object.  See help(type) for accurate signature.", 0;
    tp tp_finalize, slot_tp_finalize, [wrap_del], c"__del__", c"__del__($self, /)\n--\n\nCalled when the instance is about to be destroyed.", 0;
    am am_await, slot_am_await, [wrap_unaryfunc], c"__await__", c"__await__($self, /)\n--\n\nReturn an iterator to be used in await expression.", 0;
    am am_aiter, slot_am_aiter, [wrap_unaryfunc], c"__aiter__", c"__aiter__($self, /)\n--\n\nReturn an awaitable, that resolves in asynchronous iterator.", 0;
    am am_anext, slot_am_anext, [wrap_unaryfunc], c"__anext__", c"__anext__($self, /)\n--\n\nReturn a value or raise StopAsyncIteration.", 0;
    nb nb_add, slot_nb_add, [wrap_binaryfunc], c"__add__", c"__add__($self, value, /)\n--\n\nReturn self+value.", 0;
    nb nb_add, slot_nb_add, [wrap_binaryfunc_r], c"__radd__", c"__radd__($self, value, /)\n--\n\nReturn value+self.", 0;
    nb nb_subtract, slot_nb_subtract, [wrap_binaryfunc], c"__sub__", c"__sub__($self, value, /)\n--\n\nReturn self-value.", 0;
    nb nb_subtract, slot_nb_subtract, [wrap_binaryfunc_r], c"__rsub__", c"__rsub__($self, value, /)\n--\n\nReturn value-self.", 0;
    nb nb_multiply, slot_nb_multiply, [wrap_binaryfunc], c"__mul__", c"__mul__($self, value, /)\n--\n\nReturn self*value.", 0;
    nb nb_multiply, slot_nb_multiply, [wrap_binaryfunc_r], c"__rmul__", c"__rmul__($self, value, /)\n--\n\nReturn value*self.", 0;
    nb nb_remainder, slot_nb_remainder, [wrap_binaryfunc], c"__mod__", c"__mod__($self, value, /)\n--\n\nReturn self%value.", 0;
    nb nb_remainder, slot_nb_remainder, [wrap_binaryfunc_r], c"__rmod__", c"__rmod__($self, value, /)\n--\n\nReturn value%self.", 0;
    nb nb_divmod, slot_nb_divmod, [wrap_binaryfunc], c"__divmod__", c"__divmod__($self, value, /)\n--\n\nReturn divmod(self, value).", 0;
    nb nb_divmod, slot_nb_divmod, [wrap_binaryfunc_r], c"__rdivmod__", c"__rdivmod__($self, value, /)\n--\n\nReturn divmod(value, self).", 0;
    nb nb_power, slot_nb_power, [wrap_ternaryfunc], c"__pow__", c"__pow__($self, value, mod=None, /)\n--\n\nReturn pow(self, value, mod).", 0;
    nb nb_power, slot_nb_power, [wrap_ternaryfunc_r], c"__rpow__", c"__rpow__($self, value, mod=None, /)\n--\n\nReturn pow(value, self, mod).", 0;
    nb nb_negative, slot_nb_negative, [wrap_unaryfunc], c"__neg__", c"__neg__($self, /)\n--\n\n-self", 0;
    nb nb_positive, slot_nb_positive, [wrap_unaryfunc], c"__pos__", c"__pos__($self, /)\n--\n\n+self", 0;
    nb nb_absolute, slot_nb_absolute, [wrap_unaryfunc], c"__abs__", c"__abs__($self, /)\n--\n\nabs(self)", 0;
    nb nb_bool, slot_nb_bool, [wrap_inquirypred], c"__bool__", c"__bool__($self, /)\n--\n\nTrue if self else False", 0;
    nb nb_invert, slot_nb_invert, [wrap_unaryfunc], c"__invert__", c"__invert__($self, /)\n--\n\n~self", 0;
    nb nb_lshift, slot_nb_lshift, [wrap_binaryfunc], c"__lshift__", c"__lshift__($self, value, /)\n--\n\nReturn self<<value.", 0;
    nb nb_lshift, slot_nb_lshift, [wrap_binaryfunc_r], c"__rlshift__", c"__rlshift__($self, value, /)\n--\n\nReturn value<<self.", 0;
    nb nb_rshift, slot_nb_rshift, [wrap_binaryfunc], c"__rshift__", c"__rshift__($self, value, /)\n--\n\nReturn self>>value.", 0;
    nb nb_rshift, slot_nb_rshift, [wrap_binaryfunc_r], c"__rrshift__", c"__rrshift__($self, value, /)\n--\n\nReturn value>>self.", 0;
    nb nb_and, slot_nb_and, [wrap_binaryfunc], c"__and__", c"__and__($self, value, /)\n--\n\nReturn self&value.", 0;
    nb nb_and, slot_nb_and, [wrap_binaryfunc_r], c"__rand__", c"__rand__($self, value, /)\n--\n\nReturn value&self.", 0;
    nb nb_xor, slot_nb_xor, [wrap_binaryfunc], c"__xor__", c"__xor__($self, value, /)\n--\n\nReturn self^value.", 0;
    nb nb_xor, slot_nb_xor, [wrap_binaryfunc_r], c"__rxor__", c"__rxor__($self, value, /)\n--\n\nReturn value^self.", 0;
    nb nb_or, slot_nb_or, [wrap_binaryfunc], c"__or__", c"__or__($self, value, /)\n--\n\nReturn self|value.", 0;
    nb nb_or, slot_nb_or, [wrap_binaryfunc_r], c"__ror__", c"__ror__($self, value, /)\n--\n\nReturn value|self.", 0;
    nb nb_int, slot_nb_int, [wrap_unaryfunc], c"__int__", c"__int__($self, /)\n--\n\nint(self)", 0;
    nb nb_float, slot_nb_float, [wrap_unaryfunc], c"__float__", c"__float__($self, /)\n--\n\nfloat(self)", 0;
    nb nb_inplace_add, slot_nb_inplace_add, [wrap_binaryfunc], c"__iadd__", c"__iadd__($self, value, /)\n--\n\nReturn self+=value.", 0;
    nb nb_inplace_subtract, slot_nb_inplace_subtract, [wrap_binaryfunc], c"__isub__", c"__isub__($self, value, /)\n--\n\nReturn self-=value.", 0;
    nb nb_inplace_multiply, slot_nb_inplace_multiply, [wrap_binaryfunc], c"__imul__", c"__imul__($self, value, /)\n--\n\nReturn self*=value.", 0;
    nb nb_inplace_remainder, slot_nb_inplace_remainder, [wrap_binaryfunc], c"__imod__", c"__imod__($self, value, /)\n--\n\nReturn self%=value.", 0;
    nb nb_inplace_power, slot_nb_inplace_power, [wrap_ternaryfunc], c"__ipow__", c"__ipow__($self, value, /)\n--\n\nReturn self**=value.", 0;
    nb nb_inplace_lshift, slot_nb_inplace_lshift, [wrap_binaryfunc], c"__ilshift__", c"__ilshift__($self, value, /)\n--\n\nReturn self<<=value.", 0;
    nb nb_inplace_rshift, slot_nb_inplace_rshift, [wrap_binaryfunc], c"__irshift__", c"__irshift__($self, value, /)\n--\n\nReturn self>>=value.", 0;
    nb nb_inplace_and, slot_nb_inplace_and, [wrap_binaryfunc], c"__iand__", c"__iand__($self, value, /)\n--\n\nReturn self&=value.", 0;
    nb nb_inplace_xor, slot_nb_inplace_xor, [wrap_binaryfunc], c"__ixor__", c"__ixor__($self, value, /)\n--\n\nReturn self^=value.", 0;
    nb nb_inplace_or, slot_nb_inplace_or, [wrap_binaryfunc], c"__ior__", c"__ior__($self, value, /)\n--\n\nReturn self|=value.", 0;
    nb nb_floor_divide, slot_nb_floor_divide, [wrap_binaryfunc], c"__floordiv__", c"__floordiv__($self, value, /)\n--\n\nReturn self//value.", 0;
    nb nb_floor_divide, slot_nb_floor_divide, [wrap_binaryfunc_r], c"__rfloordiv__", c"__rfloordiv__($self, value, /)\n--\n\nReturn value//self.", 0;
    nb nb_true_divide, slot_nb_true_divide, [wrap_binaryfunc], c"__truediv__", c"__truediv__($self, value, /)\n--\n\nReturn self/value.", 0;
    nb nb_true_divide, slot_nb_true_divide, [wrap_binaryfunc_r], c"__rtruediv__", c"__rtruediv__($self, value, /)\n--\n\nReturn value/self.", 0;
    nb nb_inplace_floor_divide, slot_nb_inplace_floor_divide, [wrap_binaryfunc], c"__ifloordiv__", c"__ifloordiv__($self, value, /)\n--\n\nReturn self//=value.", 0;
    nb nb_inplace_true_divide, slot_nb_inplace_true_divide, [wrap_binaryfunc], c"__itruediv__", c"__itruediv__($self, value, /)\n--\n\nReturn self/=value.", 0;
    nb nb_index, slot_nb_index, [wrap_unaryfunc], c"__index__", c"__index__($self, /)\n--\n\nReturn self converted to an integer, if self is suitable for use as an index into a list.", 0;
    nb nb_matrix_multiply, slot_nb_matrix_multiply, [wrap_binaryfunc], c"__matmul__", c"__matmul__($self, value, /)\n--\n\nReturn self@value.", 0;
    nb nb_matrix_multiply, slot_nb_matrix_multiply, [wrap_binaryfunc_r], c"__rmatmul__", c"__rmatmul__($self, value, /)\n--\n\nReturn value@self.", 0;
    nb nb_inplace_matrix_multiply, slot_nb_inplace_matrix_multiply, [wrap_binaryfunc], c"__imatmul__", c"__imatmul__($self, value, /)\n--\n\nReturn self@=value.", 0;
    mp mp_length, slot_sq_length, [wrap_lenfunc], c"__len__", c"__len__($self, /)\n--\n\nReturn len(self).", 0;
    mp mp_subscript, slot_mp_subscript, [wrap_binaryfunc], c"__getitem__", c"__getitem__($self, key, /)\n--\n\nReturn self[key].", 0;
    mp mp_ass_subscript, slot_mp_ass_subscript, [wrap_objobjargproc], c"__setitem__", c"__setitem__($self, key, value, /)\n--\n\nSet self[key] to value.", 0;
    mp mp_ass_subscript, slot_mp_ass_subscript, [wrap_delitem], c"__delitem__", c"__delitem__($self, key, /)\n--\n\nDelete self[key].", 0;
    sq sq_length, slot_sq_length, [wrap_lenfunc], c"__len__", c"__len__($self, /)\n--\n\nReturn len(self).", 0;
    sq sq_concat, -, [wrap_binaryfunc], c"__add__", c"__add__($self, value, /)\n--\n\nReturn self+value.", 0;
    sq sq_repeat, -, [wrap_indexargfunc], c"__mul__", c"__mul__($self, value, /)\n--\n\nReturn self*value.", 0;
    sq sq_repeat, -, [wrap_indexargfunc], c"__rmul__", c"__rmul__($self, value, /)\n--\n\nReturn value*self.", 0;
    sq sq_item, slot_sq_item, [wrap_sq_item], c"__getitem__", c"__getitem__($self, key, /)\n--\n\nReturn self[key].", 0;
    sq sq_ass_item, slot_sq_ass_item, [wrap_sq_setitem], c"__setitem__", c"__setitem__($self, key, value, /)\n--\n\nSet self[key] to value.", 0;
    sq sq_ass_item, slot_sq_ass_item, [wrap_sq_delitem], c"__delitem__", c"__delitem__($self, key, /)\n--\n\nDelete self[key].", 0;
    sq sq_contains, slot_sq_contains, [wrap_objobjproc], c"__contains__", c"__contains__($self, key, /)\n--\n\nReturn bool(key in self).", 0;
    sq sq_inplace_concat, -, [wrap_binaryfunc], c"__iadd__", c"__iadd__($self, value, /)\n--\n\nImplement self+=value.", 0;
    sq sq_inplace_repeat, -, [wrap_indexargfunc], c"__imul__", c"__imul__($self, value, /)\n--\n\nImplement self*=value.", 0;
    bf bf_getbuffer, slot_bf_getbuffer, [wrap_buffer], c"__buffer__", c"__buffer__($self, flags, /)\n--\n\nReturn a buffer object that exposes the underlying memory of the object.", 0;
    bf bf_releasebuffer, slot_bf_releasebuffer, [wrap_releasebuffer], c"__release_buffer__", c"__release_buffer__($self, buffer, /)\n--\n\nRelease the buffer object that exposes the underlying memory of the object.", 0;
}
