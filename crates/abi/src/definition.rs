//! The tables with which C describes types, methods and modules.

use crate::*;
use core::cell::Cell;

layout! {
    pub struct PyMethodDef {
        ml_name: Cell<*const c_char>,
        /// The function's true type follows from `ml_flags`.
        ml_meth: Cell<Option<PyCFunction>>,
        ml_flags: Cell<c_int>,
        ml_doc: Cell<*const c_char>,
    }

    pub struct PyGetSetDef {
        name: Cell<*const c_char>,
        get: Cell<Option<getter>>,
        set: Cell<Option<setter>>,
        doc: Cell<*const c_char>,
        closure: Cell<*mut c_void>,
    }

    pub struct PyMemberDef {
        name: Cell<*const c_char>,
        r#type: Cell<c_int>,
        offset: Cell<Py_ssize_t>,
        flags: Cell<c_int>,
        doc: Cell<*const c_char>,
    }

    pub struct PyType_Slot {
        slot: Cell<c_int>,
        pfunc: Cell<*mut c_void>,
    }

    pub struct PyType_Spec {
        name: Cell<*const c_char>,
        basicsize: Cell<c_int>,
        itemsize: Cell<c_int>,
        flags: Cell<c_uint>,
        slots: Cell<*mut PyType_Slot>,
    }

    pub struct PyModuleDef_Base {
        ob_base: PyObject,
        m_init: Cell<Option<PyModInitFunction>>,
        m_index: Cell<Py_ssize_t>,
        m_copy: Cell<*mut PyObject>,
    }

    pub struct PyModuleDef_Slot {
        slot: Cell<c_int>,
        value: Cell<*mut c_void>,
    }

    pub struct PyModuleDef {
        m_base: PyModuleDef_Base,
        m_name: Cell<*const c_char>,
        m_doc: Cell<*const c_char>,
        m_size: Cell<Py_ssize_t>,
        m_methods: Cell<*mut PyMethodDef>,
        m_slots: Cell<*mut PyModuleDef_Slot>,
        m_traverse: Cell<Option<traverseproc>>,
        m_clear: Cell<Option<inquiry>>,
        m_free: Cell<Option<freefunc>>,
    }

    pub struct PyStructSequence_Field {
        name: Cell<*const c_char>,
        doc: Cell<*const c_char>,
    }

    pub struct PyStructSequence_Desc {
        name: Cell<*const c_char>,
        doc: Cell<*const c_char>,
        fields: Cell<*mut PyStructSequence_Field>,
        n_in_sequence: Cell<c_int>,
    }

    pub struct _inittab {
        name: Cell<*const c_char>,
        initfunc: Cell<Option<PyModInitFunction>>,
    }

    pub struct _frozen {
        name: Cell<*const c_char>,
        code: Cell<*const c_uchar>,
        size: Cell<c_int>,
        is_package: Cell<c_int>,
    }

    pub struct _PyOnceFlag {
        v: Cell<u8>,
    }

    pub struct _PyArg_Parser {
        format: Cell<*const c_char>,
        keywords: Cell<*const *const c_char>,
        fname: Cell<*const c_char>,
        custom_msg: Cell<*const c_char>,
        once: _PyOnceFlag,
        is_kwtuple_owned: Cell<c_int>,
        pos: Cell<c_int>,
        min: Cell<c_int>,
        max: Cell<c_int>,
        kwtuple: Cell<*mut PyObject>,
        next: Cell<*mut _PyArg_Parser>,
    }
}
