//! Modules, contexts, and other objects that extensions know by pointer only, laid out as CPython has them.

use crate::*;
use core::cell::Cell;

layout! {
    pub struct PyModuleObject {
        ob_base: PyObject,
        md_dict: Cell<*mut PyObject>,
        md_def: Cell<*mut PyModuleDef>,
        md_state: Cell<*mut c_void>,
        md_weaklist: Cell<*mut PyObject>,
        md_name: Cell<*mut PyObject>,
    }

    pub struct PyCapsule {
        ob_base: PyObject,
        pointer: Cell<*mut c_void>,
        name: Cell<*const c_char>,
        context: Cell<*mut c_void>,
        destructor: Cell<Option<PyCapsule_Destructor>>,
        traverse_func: Cell<Option<traverseproc>>,
        clear_func: Cell<Option<inquiry>>,
    }

    pub struct PyContext {
        ob_base: PyObject,
        ctx_prev: Cell<*mut PyContext>,
        ctx_vars: Cell<*mut PyObject>,
        ctx_weakreflist: Cell<*mut PyObject>,
        ctx_entered: Cell<c_int>,
    }

    pub struct PyContextVar {
        ob_base: PyObject,
        var_name: Cell<*mut PyObject>,
        var_default: Cell<*mut PyObject>,
        var_cached: Cell<*mut PyObject>,
        var_cached_tsid: Cell<u64>,
        var_cached_tsver: Cell<u64>,
        var_hash: Cell<Py_hash_t>,
    }

    pub struct PyContextToken {
        ob_base: PyObject,
        tok_ctx: Cell<*mut PyContext>,
        tok_var: Cell<*mut PyContextVar>,
        tok_oldval: Cell<*mut PyObject>,
        tok_used: Cell<c_int>,
    }
}

pub const Py_mod_create: c_int = 1;
pub const Py_mod_exec: c_int = 2;
pub const Py_mod_multiple_interpreters: c_int = 3;
pub const Py_mod_gil: c_int = 4;
pub const _Py_mod_LAST_SLOT: c_int = 4;
pub const Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED: *mut c_void = core::ptr::without_provenance_mut(0);
pub const Py_MOD_MULTIPLE_INTERPRETERS_SUPPORTED: *mut c_void = core::ptr::without_provenance_mut(1);
pub const Py_MOD_PER_INTERPRETER_GIL_SUPPORTED: *mut c_void = core::ptr::without_provenance_mut(2);
pub const Py_MOD_GIL_USED: *mut c_void = core::ptr::without_provenance_mut(0);
pub const Py_MOD_GIL_NOT_USED: *mut c_void = core::ptr::without_provenance_mut(1);

/// `PYTHON_API_VERSION`, and the one of the stable ABI.
pub const PYTHON_API_VERSION: c_int = 1013;
pub const PYTHON_ABI_VERSION: c_int = 3;
