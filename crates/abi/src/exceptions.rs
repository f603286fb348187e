//! Exceptions: the common part, and the fields that some built-in exceptions add behind it.

use crate::*;
use core::cell::Cell;

layout! {
    pub struct PyBaseExceptionObject {
        ob_base: PyObject,
        dict: Cell<*mut PyObject>,
        args: Cell<*mut PyObject>,
        notes: Cell<*mut PyObject>,
        traceback: Cell<*mut PyObject>,
        context: Cell<*mut PyObject>,
        cause: Cell<*mut PyObject>,
        suppress_context: Cell<u8>,
    }

    pub struct PyBaseExceptionGroupObject {
        base: PyBaseExceptionObject,
        msg: Cell<*mut PyObject>,
        excs: Cell<*mut PyObject>,
        excs_str: Cell<*mut PyObject>,
    }

    pub struct PySyntaxErrorObject {
        base: PyBaseExceptionObject,
        msg: Cell<*mut PyObject>,
        filename: Cell<*mut PyObject>,
        lineno: Cell<*mut PyObject>,
        offset: Cell<*mut PyObject>,
        end_lineno: Cell<*mut PyObject>,
        end_offset: Cell<*mut PyObject>,
        text: Cell<*mut PyObject>,
        print_file_and_line: Cell<*mut PyObject>,
        metadata: Cell<*mut PyObject>,
    }

    pub struct PyImportErrorObject {
        base: PyBaseExceptionObject,
        msg: Cell<*mut PyObject>,
        name: Cell<*mut PyObject>,
        path: Cell<*mut PyObject>,
        name_from: Cell<*mut PyObject>,
    }

    pub struct PyUnicodeErrorObject {
        base: PyBaseExceptionObject,
        encoding: Cell<*mut PyObject>,
        object: Cell<*mut PyObject>,
        start: Cell<Py_ssize_t>,
        end: Cell<Py_ssize_t>,
        reason: Cell<*mut PyObject>,
    }

    pub struct PySystemExitObject {
        base: PyBaseExceptionObject,
        code: Cell<*mut PyObject>,
    }

    pub struct PyOSErrorObject {
        base: PyBaseExceptionObject,
        myerrno: Cell<*mut PyObject>,
        strerror: Cell<*mut PyObject>,
        filename: Cell<*mut PyObject>,
        filename2: Cell<*mut PyObject>,
        /// Only for BlockingIOError, -1 otherwise.
        written: Cell<Py_ssize_t>,
    }

    pub struct PyStopIterationObject {
        base: PyBaseExceptionObject,
        value: Cell<*mut PyObject>,
    }

    pub struct PyNameErrorObject {
        base: PyBaseExceptionObject,
        name: Cell<*mut PyObject>,
    }

    pub struct PyAttributeErrorObject {
        base: PyBaseExceptionObject,
        obj: Cell<*mut PyObject>,
        name: Cell<*mut PyObject>,
    }
}
