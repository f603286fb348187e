//! Functions, methods and descriptors.

use crate::*;
use core::cell::Cell;

layout! {
    pub struct PyFrameConstructor {
        fc_globals: Cell<*mut PyObject>,
        fc_builtins: Cell<*mut PyObject>,
        fc_name: Cell<*mut PyObject>,
        fc_qualname: Cell<*mut PyObject>,
        fc_code: Cell<*mut PyObject>,
        fc_defaults: Cell<*mut PyObject>,
        fc_kwdefaults: Cell<*mut PyObject>,
        fc_closure: Cell<*mut PyObject>,
    }

    pub struct PyFunctionObject {
        ob_base: PyObject,
        func_globals: Cell<*mut PyObject>,
        func_builtins: Cell<*mut PyObject>,
        func_name: Cell<*mut PyObject>,
        func_qualname: Cell<*mut PyObject>,
        func_code: Cell<*mut PyObject>,
        func_defaults: Cell<*mut PyObject>,
        func_kwdefaults: Cell<*mut PyObject>,
        func_closure: Cell<*mut PyObject>,
        func_doc: Cell<*mut PyObject>,
        func_dict: Cell<*mut PyObject>,
        func_weakreflist: Cell<*mut PyObject>,
        func_module: Cell<*mut PyObject>,
        func_annotations: Cell<*mut PyObject>,
        func_annotate: Cell<*mut PyObject>,
        func_typeparams: Cell<*mut PyObject>,
        vectorcall: Cell<Option<vectorcallfunc>>,
        func_version: Cell<u32>,
    }

    pub struct PyCFunctionObject {
        ob_base: PyObject,
        m_ml: Cell<*mut PyMethodDef>,
        m_self: Cell<*mut PyObject>,
        m_module: Cell<*mut PyObject>,
        m_weakreflist: Cell<*mut PyObject>,
        vectorcall: Cell<Option<vectorcallfunc>>,
    }

    pub struct PyCMethodObject {
        func: PyCFunctionObject,
        mm_class: Cell<*mut PyTypeObject>,
    }

    pub struct PyMethodObject {
        ob_base: PyObject,
        im_func: Cell<*mut PyObject>,
        im_self: Cell<*mut PyObject>,
        im_weakreflist: Cell<*mut PyObject>,
        vectorcall: Cell<Option<vectorcallfunc>>,
    }

    pub struct PyInstanceMethodObject {
        ob_base: PyObject,
        func: Cell<*mut PyObject>,
    }

    pub struct PyDescrObject {
        ob_base: PyObject,
        d_type: Cell<*mut PyTypeObject>,
        d_name: Cell<*mut PyObject>,
        d_qualname: Cell<*mut PyObject>,
    }

    pub struct PyMethodDescrObject {
        d_common: PyDescrObject,
        d_method: Cell<*mut PyMethodDef>,
        vectorcall: Cell<Option<vectorcallfunc>>,
    }

    pub struct PyMemberDescrObject {
        d_common: PyDescrObject,
        d_member: Cell<*mut PyMemberDef>,
    }

    pub struct PyGetSetDescrObject {
        d_common: PyDescrObject,
        d_getset: Cell<*mut PyGetSetDef>,
    }

    /// One slot's Python face; extensions copy it whole.
    pub struct wrapperbase {
        name: Cell<*const c_char>,
        offset: Cell<c_int>,
        function: Cell<*mut c_void>,
        wrapper: Cell<Option<wrapperfunc>>,
        doc: Cell<*const c_char>,
        flags: Cell<c_int>,
        name_strobj: Cell<*mut PyObject>,
    }

    pub struct PyWrapperDescrObject {
        d_common: PyDescrObject,
        d_base: Cell<*mut wrapperbase>,
        d_wrapped: Cell<*mut c_void>,
    }
}

/// `wrapperbase.flags`: the wrapper takes keywords.
pub const PyWrapperFlag_KEYWORDS: c_int = 1;

/// Set in a vectorcall's `nargsf`: the callee may overwrite `args[-1]` while it runs.
pub const PY_VECTORCALL_ARGUMENTS_OFFSET: usize = 1 << (usize::BITS - 1);
