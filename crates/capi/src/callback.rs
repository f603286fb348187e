//! C callbacks with their data, as callable objects for the runtime's lists of callables.

use abi::{PyMethodDef, PyObject, c_void};
use runtime::errors::{PyResult, Raised};
use runtime::macro_support::{Static, guard_object};
use runtime::object::{Object, Owned};
use runtime::types::{self, BuiltinFunction, Int, Str, Tuple};
use std::cell::Cell;
use std::ffi::CStr;
use std::ptr;

const fn definition(name: &'static CStr, function: abi::PyCFunction, flags: i32) -> Static<PyMethodDef> {
    Static(PyMethodDef { ml_name: Cell::new(name.as_ptr()), ml_meth: Cell::new(Some(function)), ml_flags: Cell::new(flags), ml_doc: Cell::new(ptr::null()) })
}

/// Called without arguments: `void (*)(void *data)`.
pub static AT_EXIT: Static<PyMethodDef> = definition(c"atexit_callback", at_exit, abi::METH_NOARGS);
/// Called with an event and its arguments: `Py_AuditHookFunction`.
pub static AUDIT: Static<PyMethodDef> = definition(c"audit_hook", audit, abi::METH_VARARGS);

/// The callable: a function of `definition` whose receiver holds the C function and its data.
pub fn make(definition: &'static Static<PyMethodDef>, function: *mut c_void, data: *mut c_void) -> PyResult<Owned> {
    let word = |pointer: *mut c_void| Int::from_u64(pointer as usize as u64).into_object();
    let pair = Tuple::from_owned(vec![word(function), word(data)]);
    // SAFETY: a static definition.
    Ok(unsafe { BuiltinFunction::new(definition.ptr(), Some(&pair), None, None)? }.into_object())
}

/// # Safety
/// The receiver that `make` made.
unsafe fn parts(receiver: *mut PyObject) -> (usize, *mut c_void) {
    // SAFETY: by contract.
    let pair: &Tuple = unsafe { Object::from_ptr(receiver).cast() };
    let word = |i: usize| pair.get(i).downcast::<Int>().and_then(|int| int.as_u64()).unwrap_or(0) as usize;
    (word(0), word(1) as *mut c_void)
}

unsafe extern "C" fn at_exit(receiver: *mut PyObject, _: *mut PyObject) -> *mut PyObject {
    // SAFETY: the pair that `make` made, with a function of this kind.
    unsafe {
        let (function, data) = parts(receiver);
        if function != 0 {
            std::mem::transmute::<usize, unsafe extern "C" fn(*mut c_void)>(function)(data);
        }
    }
    types::none().to_owned().into_raw()
}

unsafe extern "C" fn audit(receiver: *mut PyObject, args: *mut PyObject) -> *mut PyObject {
    guard_object(|| {
        // SAFETY: the pair that `make` made; the two arguments of an audit hook.
        unsafe {
            let (function, data) = parts(receiver);
            let args: &Tuple = Object::from_ptr(args).cast();
            let event = args.get_opt(0).and_then(|event| event.downcast::<Str>());
            if let (Some(event), Some(values)) = (event, args.get_opt(1)) {
                let hook = std::mem::transmute::<usize, abi::Py_AuditHookFunction>(function);
                if hook(event.as_utf8()?.as_ptr().cast(), values.as_ptr(), data) < 0 {
                    return Err(Raised::from_c());
                }
            }
        }
        Ok(types::none().to_owned())
    })
}
