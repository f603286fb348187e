//! The function types of slots and callbacks, under their C names.

use crate::*;

type P = *mut PyObject;

pub type unaryfunc = unsafe extern "C" fn(P) -> P;
pub type binaryfunc = unsafe extern "C" fn(P, P) -> P;
pub type ternaryfunc = unsafe extern "C" fn(P, P, P) -> P;
pub type inquiry = unsafe extern "C" fn(P) -> c_int;
pub type lenfunc = unsafe extern "C" fn(P) -> Py_ssize_t;
pub type ssizeargfunc = unsafe extern "C" fn(P, Py_ssize_t) -> P;
pub type ssizessizeargfunc = unsafe extern "C" fn(P, Py_ssize_t, Py_ssize_t) -> P;
pub type ssizeobjargproc = unsafe extern "C" fn(P, Py_ssize_t, P) -> c_int;
pub type ssizessizeobjargproc = unsafe extern "C" fn(P, Py_ssize_t, Py_ssize_t, P) -> c_int;
pub type objobjargproc = unsafe extern "C" fn(P, P, P) -> c_int;
pub type objobjproc = unsafe extern "C" fn(P, P) -> c_int;
pub type visitproc = unsafe extern "C" fn(P, *mut c_void) -> c_int;
pub type traverseproc = unsafe extern "C" fn(P, visitproc, *mut c_void) -> c_int;

pub type freefunc = unsafe extern "C" fn(*mut c_void);
pub type destructor = unsafe extern "C" fn(P);
pub type getattrfunc = unsafe extern "C" fn(P, *mut c_char) -> P;
pub type getattrofunc = unsafe extern "C" fn(P, P) -> P;
pub type setattrfunc = unsafe extern "C" fn(P, *mut c_char, P) -> c_int;
pub type setattrofunc = unsafe extern "C" fn(P, P, P) -> c_int;
pub type reprfunc = unsafe extern "C" fn(P) -> P;
pub type hashfunc = unsafe extern "C" fn(P) -> Py_hash_t;
pub type richcmpfunc = unsafe extern "C" fn(P, P, c_int) -> P;
pub type getiterfunc = unsafe extern "C" fn(P) -> P;
pub type iternextfunc = unsafe extern "C" fn(P) -> P;
pub type descrgetfunc = unsafe extern "C" fn(P, P, P) -> P;
pub type descrsetfunc = unsafe extern "C" fn(P, P, P) -> c_int;
pub type initproc = unsafe extern "C" fn(P, P, P) -> c_int;
pub type newfunc = unsafe extern "C" fn(*mut PyTypeObject, P, P) -> P;
pub type allocfunc = unsafe extern "C" fn(*mut PyTypeObject, Py_ssize_t) -> P;
/// `PySendResult` is `PYGEN_RETURN`, `PYGEN_ERROR` or `PYGEN_NEXT`.
pub type PySendResult = c_int;
pub type sendfunc = unsafe extern "C" fn(P, P, *mut P) -> PySendResult;
pub type vectorcallfunc = unsafe extern "C" fn(P, *const P, usize, P) -> P;
pub type getbufferproc = unsafe extern "C" fn(P, *mut Py_buffer, c_int) -> c_int;
pub type releasebufferproc = unsafe extern "C" fn(P, *mut Py_buffer);

pub type getter = unsafe extern "C" fn(P, *mut c_void) -> P;
pub type setter = unsafe extern "C" fn(P, P, *mut c_void) -> c_int;
pub type wrapperfunc = unsafe extern "C" fn(P, P, *mut c_void) -> P;
pub type wrapperfunc_kwds = unsafe extern "C" fn(P, P, *mut c_void, P) -> P;

pub type PyCFunction = unsafe extern "C" fn(P, P) -> P;
pub type PyCFunctionFast = unsafe extern "C" fn(P, *const P, Py_ssize_t) -> P;
pub type PyCFunctionWithKeywords = unsafe extern "C" fn(P, P, P) -> P;
pub type PyCFunctionFastWithKeywords = unsafe extern "C" fn(P, *const P, Py_ssize_t, P) -> P;
pub type PyCMethod = unsafe extern "C" fn(P, *mut PyTypeObject, *const P, usize, P) -> P;

pub type PyCapsule_Destructor = unsafe extern "C" fn(P);
pub type PyModInitFunction = unsafe extern "C" fn() -> P;
pub type Py_tracefunc = unsafe extern "C" fn(P, *mut PyFrameObject, c_int, P) -> c_int;
pub type Py_AuditHookFunction = unsafe extern "C" fn(*const c_char, P, *mut c_void) -> c_int;
pub type Py_OpenCodeHookFunction = unsafe extern "C" fn(P, *mut c_void) -> P;
pub type _PyFrameEvalFunction =
    unsafe extern "C" fn(*mut PyThreadState, *mut _PyInterpreterFrame, c_int) -> P;
pub type PyOS_sighandler_t = unsafe extern "C" fn(c_int);
pub type gcvisitobjects_t = unsafe extern "C" fn(P, *mut c_void) -> c_int;
pub type PyRefTracer = unsafe extern "C" fn(P, c_int, *mut c_void) -> c_int;
pub type PyType_WatchCallback = unsafe extern "C" fn(*mut PyTypeObject) -> c_int;
pub type PyDict_WatchCallback = unsafe extern "C" fn(c_int, P, P, P) -> c_int;
pub type PyCode_WatchCallback = unsafe extern "C" fn(c_int, *mut PyCodeObject) -> c_int;
pub type PyFunction_WatchCallback = unsafe extern "C" fn(c_int, *mut PyFunctionObject, P) -> c_int;
pub type PyContext_WatchCallback = unsafe extern "C" fn(c_int, P) -> c_int;
pub type atexit_callbackfunc = unsafe extern "C" fn();
pub type Py_PendingCall = unsafe extern "C" fn(*mut c_void) -> c_int;
