//! The call functions of `abstract.h`, and `methodobject.h`, `classobject.h`: calls without a variable number of arguments.

use abi::{PyCFunction, PyMethodDef, PyObject, PyTypeObject, vectorcallfunc};
use runtime::errors::{self, PyResult};
use runtime::object::{Object, Owned, PyTyped, Type};
use runtime::protocol::call;
use runtime::protocol::object as proto;
use runtime::types::builtin_function::BuiltinMethod;
use runtime::types::method::InstanceMethod;
use runtime::types::{BuiltinFunction, ClassMethod, Dict, Method, StaticMethod, Str, Tuple};
use runtime::err;
use std::ffi::c_int;
use std::ptr;

const COUNT: usize = !call::ARGUMENTS_OFFSET;

/// The name under which a keyword's value is passed, and the values, on one stack.
unsafe fn with_dict(callable: &Object, args: *const *mut PyObject, nargs: usize, kwargs: Option<&Dict>) -> PyResult {
    // SAFETY: by the callers: `nargs` live objects.
    unsafe {
        let positional = Tuple::from_borrowed(args, nargs);
        call::call(callable, &positional, kwargs)
    }
}

fn c_function(o: &Object) -> PyResult<&BuiltinFunction> {
    if o.ty().is_subtype(BuiltinFunction::type_object()) || o.ty().is_subtype(BuiltinMethod::type_object()) {
        // SAFETY: both begin with PyCFunctionObject.
        return Ok(unsafe { o.cast() });
    }
    Err(errors::bad_internal_call())
}

c_api! {
    fn PyObject_Call(callable: &Object, args: &Object, kwargs: Option<&Object>) -> PyResult {
        let Some(args) = args.downcast::<Tuple>() else { return Err(err!(TypeError, "argument list must be a tuple")) };
        let kwargs = match kwargs {
            None => None,
            Some(kwargs) => match kwargs.downcast::<Dict>() {
                Some(kwargs) => Some(kwargs),
                None => return Err(err!(TypeError, "keyword list must be a dictionary")),
            },
        };
        call::call(callable, args, kwargs)
    }
    fn PyObject_CallObject(callable: &Object, args: Option<&Object>) -> PyResult {
        match args {
            None => call::call0(callable),
            Some(args) => match args.downcast::<Tuple>() {
                Some(args) => call::call(callable, args, None),
                None => Err(err!(TypeError, "argument list must be a tuple")),
            },
        }
    }
    fn PyEval_CallObjectWithKeywords(callable: &Object, args: Option<&Object>, kwargs: Option<&Object>) -> PyResult {
        let args = match args {
            None => Tuple::empty(),
            Some(args) => match args.downcast::<Tuple>() {
                Some(args) => Owned::from_ref(args),
                None => return Err(err!(TypeError, "argument list must be a tuple")),
            },
        };
        match kwargs.map(|kwargs| kwargs.downcast::<Dict>()) {
            Some(None) => Err(err!(TypeError, "keyword list must be a dictionary")),
            kwargs => call::call(callable, &args, kwargs.flatten()),
        }
    }
    fn PyCFunction_Call(callable: &Object, args: &Tuple, kwargs: Option<&Dict>) -> PyResult { call::call(callable, args, kwargs) }
    fn _PyObject_Call(callable: &Object, args: &Tuple, kwargs: Option<&Dict>) -> PyResult { call::call(callable, args, kwargs) }
    fn _PyObject_Call_Prepend(_ts: *mut abi::PyThreadState, callable: &Object, first: &Object, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
        let mut all: Vec<&Object> = vec![first];
        all.extend(args.iter());
        call::call(callable, &Tuple::new(&all), kwargs)
    }
    fn PyObject_CallNoArgs(callable: &Object) -> PyResult { call::call0(callable) }
    fn PyObject_CallOneArg(callable: &Object, arg: &Object) -> PyResult { call::call1(callable, arg) }
    fn PyObject_VectorcallDict(callable: &Object, args: *const *mut PyObject, nargsf: usize, kwargs: Option<&Dict>) -> PyResult {
        let nargs = nargsf & COUNT;
        match kwargs.filter(|kwargs| kwargs.len() > 0) {
            None => errors::from_c(call::vectorcall_raw(callable.as_ptr(), args as *mut _, nargsf, ptr::null_mut())),
            kwargs => with_dict(callable, args, nargs, kwargs),
        }
    }
    fn _PyObject_FastCallDictTstate(_ts: *mut abi::PyThreadState, callable: &Object, args: *const *mut PyObject, nargsf: usize, kwargs: Option<&Dict>) -> PyResult {
        with_dict(callable, args, nargsf & COUNT, kwargs)
    }
    fn PyObject_VectorcallMethod(name: &Object, args: *const *mut PyObject, nargsf: usize, kwnames: *mut PyObject) -> PyResult {
        let Some(name) = name.downcast::<Str>() else { return Err(err!(TypeError, "attribute name must be string, not '{}'", name.type_name())) };
        let (method, unbound) = proto::get_method(Object::from_ptr(*args), name)?;
        let (args, nargsf) = if unbound {
            // The slot before the arguments is not the callee's to change here.
            (args, nargsf & COUNT)
        } else {
            (args.add(1), nargsf - 1)
        };
        errors::from_c(call::vectorcall_raw(method.raw(), args as *mut _, nargsf, kwnames))
    }
    fn PyVectorcall_Function(callable: &Object) -> Option<vectorcallfunc> { call::vectorcall_of(callable) }
    fn PyVectorcall_NARGS(nargsf: usize) -> isize { (nargsf & COUNT) as isize }
    fn _Py_CheckFunctionResult(_ts: *mut abi::PyThreadState, _callable: Option<&Object>, result: *mut PyObject, _place: *const std::ffi::c_char) -> *mut PyObject {
        if result.is_null() != errors::occurred() {
            if result.is_null() {
                err!(SystemError, "a function returned NULL without setting an exception");
            } else {
                runtime::object::xdecref(result);
                errors::raise_from_cause(runtime::exceptions::SystemError(), format_args!("a function returned a result with an exception set"));
            }
            return ptr::null_mut();
        }
        result
    }
    fn _PyStack_AsDict(values: *const *mut PyObject, names: &Tuple) -> PyResult<Owned<Dict>> {
        let dict = Dict::new();
        for (i, name) in names.iter().enumerate() {
            dict.set_item(name, Object::from_ptr(*values.add(i)))?;
        }
        Ok(dict)
    }

    // ---- functions of C
    fn PyCFunction_New(def: *mut PyMethodDef, receiver: Option<&Object>) -> PyResult<Owned<BuiltinFunction>> { BuiltinFunction::new(def, receiver, None, None) }
    fn PyCFunction_NewEx(def: *mut PyMethodDef, receiver: Option<&Object>, module: Option<&Object>) -> PyResult<Owned<BuiltinFunction>> {
        BuiltinFunction::new(def, receiver, module, None)
    }
    fn PyCMethod_New(def: *mut PyMethodDef, receiver: Option<&Object>, module: Option<&Object>, class: *mut PyTypeObject) -> PyResult<Owned<BuiltinFunction>> {
        let class = (!class.is_null()).then(|| Type::from_type_ptr(class));
        BuiltinFunction::new(def, receiver, module, class)
    }
    fn PyCFunction_GetFunction(o: &Object) -> PyResult<*mut std::ffi::c_void> { Ok((*c_function(o)?.0.m_ml.get()).ml_meth.get().map_or(ptr::null_mut(), |f: PyCFunction| f as *mut std::ffi::c_void)) }
    fn PyCFunction_GetSelf(o: &Object) -> PyResult<*mut PyObject> {
        let function = c_function(o)?;
        Ok(if (*function.0.m_ml.get()).ml_flags.get() & abi::METH_STATIC != 0 { ptr::null_mut() } else { function.0.m_self.get() })
    }
    fn PyCFunction_GetFlags(o: &Object) -> PyResult<c_int> { Ok((*c_function(o)?.0.m_ml.get()).ml_flags.get()) }

    // ---- methods
    fn PyMethod_New(function: &Object, receiver: &Object) -> PyResult<Owned<Method>> { Method::new(function, receiver) }
    fn PyMethod_Function(o: &Method) -> *mut PyObject { o.0.im_func.get() }
    fn PyMethod_Self(o: &Method) -> *mut PyObject { o.0.im_self.get() }
    fn PyInstanceMethod_New(function: &Object) -> PyResult<Owned<InstanceMethod>> { InstanceMethod::new(function) }
    fn PyInstanceMethod_Function(o: &InstanceMethod) -> *mut PyObject { o.0.func.get() }
    fn PyClassMethod_New(callable: &Object) -> PyResult<Owned<ClassMethod>> { ClassMethod::new(callable) }
    fn PyStaticMethod_New(callable: &Object) -> PyResult<Owned<StaticMethod>> { StaticMethod::new(callable) }
}

/// The road of most calls from C: no conversion of arguments; what is called has guards of its own.
/// # Safety
/// The vectorcall protocol.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyObject_Vectorcall(callable: *mut PyObject, args: *const *mut PyObject, nargsf: usize, kwnames: *mut PyObject) -> *mut PyObject {
    // SAFETY: by contract.
    unsafe { call::vectorcall_raw(callable, args as *mut _, nargsf, kwnames) }
}
