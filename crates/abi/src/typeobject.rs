//! Types and their method tables.

use crate::*;
use core::cell::Cell;

type Slot<F> = Cell<Option<F>>;

layout! {
    pub struct PyTypeObject {
        ob_base: PyVarObject,
        tp_name: Cell<*const c_char>,
        tp_basicsize: Cell<Py_ssize_t>,
        tp_itemsize: Cell<Py_ssize_t>,
        tp_dealloc: Slot<destructor>,
        tp_vectorcall_offset: Cell<Py_ssize_t>,
        tp_getattr: Slot<getattrfunc>,
        tp_setattr: Slot<setattrfunc>,
        tp_as_async: Cell<*mut PyAsyncMethods>,
        tp_repr: Slot<reprfunc>,
        tp_as_number: Cell<*mut PyNumberMethods>,
        tp_as_sequence: Cell<*mut PySequenceMethods>,
        tp_as_mapping: Cell<*mut PyMappingMethods>,
        tp_hash: Slot<hashfunc>,
        tp_call: Slot<ternaryfunc>,
        tp_str: Slot<reprfunc>,
        tp_getattro: Slot<getattrofunc>,
        tp_setattro: Slot<setattrofunc>,
        tp_as_buffer: Cell<*mut PyBufferProcs>,
        tp_flags: Cell<c_ulong>,
        tp_doc: Cell<*const c_char>,
        tp_traverse: Slot<traverseproc>,
        tp_clear: Slot<inquiry>,
        tp_richcompare: Slot<richcmpfunc>,
        tp_weaklistoffset: Cell<Py_ssize_t>,
        tp_iter: Slot<getiterfunc>,
        tp_iternext: Slot<iternextfunc>,
        tp_methods: Cell<*mut PyMethodDef>,
        tp_members: Cell<*mut PyMemberDef>,
        tp_getset: Cell<*mut PyGetSetDef>,
        /// Owned by heap types, borrowed by static ones.
        tp_base: Cell<*mut PyTypeObject>,
        tp_dict: Cell<*mut PyObject>,
        tp_descr_get: Slot<descrgetfunc>,
        tp_descr_set: Slot<descrsetfunc>,
        tp_dictoffset: Cell<Py_ssize_t>,
        tp_init: Slot<initproc>,
        tp_alloc: Slot<allocfunc>,
        tp_new: Slot<newfunc>,
        tp_free: Slot<freefunc>,
        tp_is_gc: Slot<inquiry>,
        tp_bases: Cell<*mut PyObject>,
        tp_mro: Cell<*mut PyObject>,
        tp_cache: Cell<*mut PyObject>,
        tp_subclasses: Cell<*mut c_void>,
        tp_weaklist: Cell<*mut PyObject>,
        tp_del: Slot<destructor>,
        tp_version_tag: Cell<c_uint>,
        tp_finalize: Slot<destructor>,
        tp_vectorcall: Slot<vectorcallfunc>,
        tp_watched: Cell<c_uchar>,
        tp_versions_used: Cell<u16>,
    }

    pub struct PyAsyncMethods {
        am_await: Slot<unaryfunc>,
        am_aiter: Slot<unaryfunc>,
        am_anext: Slot<unaryfunc>,
        am_send: Slot<sendfunc>,
    }

    pub struct PyNumberMethods {
        nb_add: Slot<binaryfunc>,
        nb_subtract: Slot<binaryfunc>,
        nb_multiply: Slot<binaryfunc>,
        nb_remainder: Slot<binaryfunc>,
        nb_divmod: Slot<binaryfunc>,
        nb_power: Slot<ternaryfunc>,
        nb_negative: Slot<unaryfunc>,
        nb_positive: Slot<unaryfunc>,
        nb_absolute: Slot<unaryfunc>,
        nb_bool: Slot<inquiry>,
        nb_invert: Slot<unaryfunc>,
        nb_lshift: Slot<binaryfunc>,
        nb_rshift: Slot<binaryfunc>,
        nb_and: Slot<binaryfunc>,
        nb_xor: Slot<binaryfunc>,
        nb_or: Slot<binaryfunc>,
        nb_int: Slot<unaryfunc>,
        nb_reserved: Cell<*mut c_void>,
        nb_float: Slot<unaryfunc>,
        nb_inplace_add: Slot<binaryfunc>,
        nb_inplace_subtract: Slot<binaryfunc>,
        nb_inplace_multiply: Slot<binaryfunc>,
        nb_inplace_remainder: Slot<binaryfunc>,
        nb_inplace_power: Slot<ternaryfunc>,
        nb_inplace_lshift: Slot<binaryfunc>,
        nb_inplace_rshift: Slot<binaryfunc>,
        nb_inplace_and: Slot<binaryfunc>,
        nb_inplace_xor: Slot<binaryfunc>,
        nb_inplace_or: Slot<binaryfunc>,
        nb_floor_divide: Slot<binaryfunc>,
        nb_true_divide: Slot<binaryfunc>,
        nb_inplace_floor_divide: Slot<binaryfunc>,
        nb_inplace_true_divide: Slot<binaryfunc>,
        nb_index: Slot<unaryfunc>,
        nb_matrix_multiply: Slot<binaryfunc>,
        nb_inplace_matrix_multiply: Slot<binaryfunc>,
    }

    pub struct PyMappingMethods {
        mp_length: Slot<lenfunc>,
        mp_subscript: Slot<binaryfunc>,
        mp_ass_subscript: Slot<objobjargproc>,
    }

    pub struct PySequenceMethods {
        sq_length: Slot<lenfunc>,
        sq_concat: Slot<binaryfunc>,
        sq_repeat: Slot<ssizeargfunc>,
        sq_item: Slot<ssizeargfunc>,
        was_sq_slice: Cell<*mut c_void>,
        sq_ass_item: Slot<ssizeobjargproc>,
        was_sq_ass_slice: Cell<*mut c_void>,
        sq_contains: Slot<objobjproc>,
        sq_inplace_concat: Slot<binaryfunc>,
        sq_inplace_repeat: Slot<ssizeargfunc>,
    }

    pub struct PyBufferProcs {
        bf_getbuffer: Slot<getbufferproc>,
        bf_releasebuffer: Slot<releasebufferproc>,
    }

    /// What the specialiser remembers of a heap type; cleared when the type is modified.
    pub struct _specialization_cache {
        getitem: Cell<*mut PyObject>,
        getitem_version: Cell<u32>,
        init_version: Cell<u32>,
        init: Cell<*mut PyObject>,
    }

    pub struct PyHeapTypeObject {
        ht_type: PyTypeObject,
        as_async: PyAsyncMethods,
        as_number: PyNumberMethods,
        as_mapping: PyMappingMethods,
        as_sequence: PySequenceMethods,
        as_buffer: PyBufferProcs,
        ht_name: Cell<*mut PyObject>,
        ht_slots: Cell<*mut PyObject>,
        ht_qualname: Cell<*mut PyObject>,
        ht_cached_keys: Cell<*mut c_void>,
        ht_module: Cell<*mut PyObject>,
        _ht_tpname: Cell<*mut c_char>,
        ht_token: Cell<*mut c_void>,
        _spec_cache: _specialization_cache,
    }
}
