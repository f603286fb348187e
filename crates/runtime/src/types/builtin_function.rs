//! Functions written in native code (`builtin_function_or_method`): a method definition with its `self` and module.

use crate::err;
use crate::errors::PyResult;
use crate::gc;
use crate::macro_support::Visitor;
use crate::object::{Object, Owned, PyTyped, Type, xdecref, xincref};
use crate::protocol::call as call_protocol;
use crate::protocol::object::{self, CompareOp};
use crate::types::{self, Dict, Module, Str, Tuple};
use abi::{METH_CLASS, METH_COEXIST, METH_FASTCALL, METH_KEYWORDS, METH_METHOD, METH_NOARGS, METH_O, METH_STATIC, METH_VARARGS, PyCFunctionObject, PyMethodDef, PyObject, vectorcallfunc};
use macros::pytype;
use std::ffi::CStr;
use std::mem::offset_of;
use std::ptr;

#[repr(transparent)]
pub struct BuiltinFunction(pub PyCFunctionObject);

/// The convention bits of `ml_flags`.
const CONVENTION: i32 = METH_VARARGS | METH_FASTCALL | METH_NOARGS | METH_O | METH_KEYWORDS | METH_METHOD;

impl BuiltinFunction {
    /// `PyCMethod_New`: `def` lives as long as the process (or the extension).
    /// # Safety
    /// `def` is a valid method definition that outlives the function.
    pub unsafe fn new(def: *mut PyMethodDef, receiver: Option<&Object>, module: Option<&Object>, class: Option<&Type>) -> PyResult<Owned<BuiltinFunction>> {
        // SAFETY: by contract; a fresh block, filled in before it is tracked.
        unsafe {
            let flags = (*def).ml_flags.get();
            let convention = flags & CONVENTION;
            let vectorcall: Option<vectorcallfunc> = match convention {
                f if f == METH_VARARGS || f == METH_VARARGS | METH_KEYWORDS => None,
                f if f == METH_FASTCALL => Some(call_fast),
                f if f == METH_FASTCALL | METH_KEYWORDS => Some(call_fast_keywords),
                f if f == METH_NOARGS => Some(call_noargs),
                f if f == METH_O => Some(call_o),
                f if f == METH_METHOD | METH_FASTCALL | METH_KEYWORDS => Some(call_method),
                _ => return Err(err!(SystemError, "{}() method: bad call flags", name_of(def))),
            };
            let _ = METH_CLASS | METH_STATIC | METH_COEXIST;
            let ty = if flags & METH_METHOD != 0 { BuiltinMethod::type_object() } else { BuiltinFunction::type_object() };
            let op = gc::gc_alloc(ty, ty.basicsize())?;
            let f = &*(op as *mut PyCFunctionObject);
            f.m_ml.set(def);
            f.m_self.set(receiver.map_or(ptr::null_mut(), |r| xincref(r.as_ptr())));
            f.m_module.set(module.map_or(ptr::null_mut(), |m| xincref(m.as_ptr())));
            f.m_weakreflist.set(ptr::null_mut());
            f.vectorcall.set(vectorcall);
            if flags & METH_METHOD != 0 {
                (*(op as *mut abi::PyCMethodObject)).mm_class.set(class.map_or(ptr::null_mut(), |c| xincref(c.as_ptr())) as *mut _);
            }
            gc::track(op);
            Ok(Owned::from_raw(op))
        }
    }
    #[inline(always)]
    pub fn def(&self) -> &PyMethodDef {
        // SAFETY: m_ml outlives the function.
        unsafe { &*self.0.m_ml.get() }
    }
    pub fn name(&self) -> &str {
        // SAFETY: as `def`.
        unsafe { name_of(self.0.m_ml.get()) }
    }
    /// `m_self`, absent for static methods.
    #[inline(always)]
    pub fn receiver(&self) -> *mut PyObject {
        if self.def().ml_flags.get() & METH_STATIC != 0 { ptr::null_mut() } else { self.0.m_self.get() }
    }
    /// `__self__`: the module of a function, the object of a bound method.
    pub fn receiver_object(&self) -> Option<&Object> {
        // SAFETY: NULL or owned by the function.
        unsafe { Object::from_ptr_opt(self.0.m_self.get()) }
    }
    /// `__module__`.
    pub fn module_object(&self) -> Option<&Object> {
        // SAFETY: as above.
        unsafe { Object::from_ptr_opt(self.0.m_module.get()) }
    }
    fn doc(&self) -> &str {
        let doc = self.def().ml_doc.get();
        // SAFETY: NULL or a NUL-ended text.
        if doc.is_null() { "" } else { unsafe { CStr::from_ptr(doc) }.to_str().unwrap_or("") }
    }
    fn class(&self) -> *mut abi::PyTypeObject {
        if self.def().ml_flags.get() & METH_METHOD == 0 {
            return ptr::null_mut();
        }
        // SAFETY: METH_METHOD functions have the larger struct.
        unsafe { (*(self as *const BuiltinFunction as *const abi::PyCMethodObject)).mm_class.get() }
    }
    fn object(&self) -> &Object {
        self
    }
}

/// `ml_meth` by the signature that `ml_flags` say.
pub trait Signatures {
    fn meth(&self) -> abi::PyCFunction;
    #[inline(always)]
    fn as_c_function(&self) -> abi::PyCFunction {
        self.meth()
    }
    #[inline(always)]
    fn as_fast(&self) -> unsafe extern "C" fn(*mut PyObject, *const *mut PyObject, isize) -> *mut PyObject {
        // SAFETY: the caller has looked at ml_flags.
        unsafe { std::mem::transmute(self.meth()) }
    }
    #[inline(always)]
    fn as_fast_with_keywords(&self) -> unsafe extern "C" fn(*mut PyObject, *const *mut PyObject, isize, *mut PyObject) -> *mut PyObject {
        // SAFETY: as above.
        unsafe { std::mem::transmute(self.meth()) }
    }
    #[inline(always)]
    fn as_with_keywords(&self) -> unsafe extern "C" fn(*mut PyObject, *mut PyObject, *mut PyObject) -> *mut PyObject {
        // SAFETY: as above.
        unsafe { std::mem::transmute(self.meth()) }
    }
    #[inline(always)]
    fn as_method(&self) -> unsafe extern "C" fn(*mut PyObject, *mut abi::PyTypeObject, *const *mut PyObject, isize, *mut PyObject) -> *mut PyObject {
        // SAFETY: as above.
        unsafe { std::mem::transmute(self.meth()) }
    }
}

impl Signatures for PyMethodDef {
    #[inline(always)]
    fn meth(&self) -> abi::PyCFunction {
        match self.ml_meth.get() {
            Some(function) => function,
            None => missing_function,
        }
    }
}

/// Stands in for a method definition without a function.
unsafe extern "C" fn missing_function(_: *mut PyObject, _: *mut PyObject) -> *mut PyObject {
    let _ = err!(SystemError, "method definition without a function");
    ptr::null_mut()
}

/// A function bound to a type: `__new__`, or a static method of a static type.
pub fn new_for_slot(def: &'static PyMethodDef, ty: &Type) -> PyResult<Owned<BuiltinFunction>> {
    // SAFETY: the definition is a static.
    unsafe { BuiltinFunction::new(def as *const PyMethodDef as *mut PyMethodDef, Some(ty), None, None) }
}

/// The function behind a built-in method and the object that it is bound to.
pub fn definition_and_self(method: &Object) -> Option<(&BuiltinFunction, Option<&Object>)> {
    let function = method.downcast::<BuiltinFunction>()?;
    // SAFETY: NULL or owned by the function.
    Some((function, unsafe { Object::from_ptr_opt(function.0.m_self.get()) }))
}

unsafe fn name_of<'a>(def: *const PyMethodDef) -> &'a str {
    // SAFETY: by the caller's contract; names are NUL-ended.
    unsafe { CStr::from_ptr((*def).ml_name.get()) }.to_str().unwrap_or("?")
}

#[cold]
fn no_keywords(function: &Object) -> *mut PyObject {
    let _ = err!(TypeError, "{} takes no keyword arguments", types::descr::function_str(function));
    ptr::null_mut()
}

#[cold]
fn wrong_count(function: &Object, wanted: &str, given: usize) -> *mut PyObject {
    let _ = err!(TypeError, "{} takes {} ({} given)", types::descr::function_str(function), wanted, given);
    ptr::null_mut()
}

unsafe fn kw_len(kwnames: *mut PyObject) -> usize {
    // SAFETY: NULL or a tuple.
    if kwnames.is_null() { 0 } else { unsafe { Object::from_ptr(kwnames).cast::<Tuple>() }.len() }
}

macro_rules! entry {
    ($name:ident, |$f:ident, $args:ident, $nargs:ident, $kwnames:ident| $body:expr) => {
        /// A calling convention's vectorcall.
        unsafe extern "C" fn $name(op: *mut PyObject, $args: *const *mut PyObject, nargsf: usize, $kwnames: *mut PyObject) -> *mut PyObject {
            // SAFETY: the vectorcall protocol; ml_flags say which C signature ml_meth has.
            unsafe {
                let $f: &BuiltinFunction = Object::from_ptr(op).cast();
                let $nargs = nargsf & !abi::PY_VECTORCALL_ARGUMENTS_OFFSET;
                if crate::tstate::check_recursion(" while calling a Python object").is_err() {
                    return ptr::null_mut();
                }
                $body
            }
        }
    };
}

entry!(call_fast, |f, args, nargs, kwnames| {
    if kw_len(kwnames) != 0 {
        return no_keywords(f.object());
    }
    f.def().as_fast()(f.receiver(), args, nargs as isize)
});
entry!(call_fast_keywords, |f, args, nargs, kwnames| f.def().as_fast_with_keywords()(f.receiver(), args, nargs as isize, kwnames));
entry!(call_method, |f, args, nargs, kwnames| f.def().as_method()(f.receiver(), f.class(), args, nargs as isize, kwnames));
entry!(call_noargs, |f, _args, nargs, kwnames| {
    if kw_len(kwnames) != 0 {
        return no_keywords(f.object());
    }
    if nargs != 0 {
        return wrong_count(f.object(), "no arguments", nargs);
    }
    f.def().as_c_function()(f.receiver(), ptr::null_mut())
});
entry!(call_o, |f, args, nargs, kwnames| {
    if kw_len(kwnames) != 0 {
        return no_keywords(f.object());
    }
    if nargs != 1 {
        return wrong_count(f.object(), "exactly one argument", nargs);
    }
    f.def().as_c_function()(f.receiver(), *args)
});

/// A function or method implemented in native code.
#[pytype(static = PyCFunction_Type, name = "builtin_function_or_method", flags = HAVE_GC | HAVE_VECTORCALL,
    weaklistoffset = offset_of!(PyCFunctionObject, m_weakreflist), vectorcall_offset = offset_of!(PyCFunctionObject, vectorcall),
    members = [("__module__", T_OBJECT, offset_of!(PyCFunctionObject, m_module), 0)])]
impl BuiltinFunction {
    #[slot(raw = tp_call)]
    unsafe extern "C" fn tp_call(op: *mut PyObject, args: *mut PyObject, kwargs: *mut PyObject) -> *mut PyObject {
        // SAFETY: the tp_call protocol.
        unsafe {
            let f: &BuiltinFunction = Object::from_ptr(op).cast();
            let flags = f.def().ml_flags.get();
            if flags & METH_VARARGS == 0 {
                return call_protocol::vectorcall_call(op, args, kwargs);
            }
            if flags & METH_KEYWORDS != 0 {
                return f.def().as_with_keywords()(f.receiver(), args, kwargs);
            }
            if !kwargs.is_null() && Object::from_ptr(kwargs).cast::<Dict>().len() > 0 {
                return no_keywords(f.object());
            }
            f.def().as_c_function()(f.receiver(), args)
        }
    }
    #[slot(raw = tp_dealloc)]
    unsafe extern "C" fn tp_dealloc(op: *mut PyObject) {
        // SAFETY: the object is dead.
        unsafe {
            gc::untrack(op);
            let this: &BuiltinFunction = Object::from_ptr(op).cast();
            if !this.0.m_weakreflist.get().is_null() {
                types::weakref::clear_weakrefs(op);
            }
            let class = this.class();
            xdecref(this.0.m_self.get());
            xdecref(this.0.m_module.get());
            xdecref(class as *mut PyObject);
            gc::gc_free(op);
        }
    }
    #[slot]
    fn tp_traverse(&self, visitor: &mut Visitor) {
        visitor.visit_cell(&self.0.m_self);
        visitor.visit_cell(&self.0.m_module);
        // SAFETY: NULL or owned.
        unsafe { visitor.visit_ptr(self.class() as *mut PyObject) };
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let receiver = self.0.m_self.get();
        // SAFETY: NULL or owned.
        let of_module = receiver.is_null() || unsafe { Object::from_ptr(receiver) }.is_instance_of::<Module>();
        if of_module {
            return Ok(Str::new(&format!("<built-in function {}>", self.name())));
        }
        // SAFETY: not NULL here.
        let receiver = unsafe { Object::from_ptr(receiver) };
        Ok(Str::new(&format!("<built-in method {} of {} object at {:p}>", self.name(), receiver.type_name(), receiver)))
    }
    #[slot]
    fn tp_hash(&self) -> isize {
        let def = self.0.m_ml.get() as usize;
        let receiver = self.0.m_self.get() as usize;
        (receiver.rotate_right(4) ^ def.rotate_right(4)) as isize
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        let (true, Some(other)) = (matches!(op, CompareOp::Eq | CompareOp::Ne), other.downcast::<BuiltinFunction>()) else {
            return Ok(types::not_implemented().to_owned());
        };
        let equal = self.0.m_self.get() == other.0.m_self.get() && self.0.m_ml.get() == other.0.m_ml.get();
        Ok(types::bool_object(equal == (op == CompareOp::Eq)).to_owned())
    }
    #[method("__reduce__($self, /)", nosig)]
    fn __reduce__(&self) -> PyResult {
        let receiver = self.0.m_self.get();
        // SAFETY: NULL or owned.
        match unsafe { Object::from_ptr_opt(receiver) } {
            Some(receiver) if !receiver.is_instance_of::<Module>() => {
                let Some(getattr) = crate::state::builtins_dict()?.get_str(crate::intern!("getattr")) else { return Err(err!(RuntimeError, "lost builtins.getattr")) };
                let args = Tuple::new(&[receiver, Str::new(self.name()).object()]);
                Ok(Tuple::new(&[&getattr, args.object()]).into_object())
            }
            _ => Ok(Str::new(self.name()).into_object()),
        }
    }
    #[getter]
    fn __doc__(&self) -> PyResult {
        let body = types::descr::doc_body(self.name(), self.doc());
        Ok(if body.is_empty() { types::none().to_owned() } else { Str::new(body).into_object() })
    }
    #[getter]
    fn __name__(&self) -> PyResult<Owned<Str>> {
        Ok(Str::new(self.name()))
    }
    #[getter]
    fn __qualname__(&self) -> PyResult {
        // SAFETY: NULL or owned.
        match unsafe { Object::from_ptr_opt(self.0.m_self.get()) } {
            Some(receiver) if !receiver.is_instance_of::<Module>() => {
                let class: &Object = if Type::check(receiver) { receiver } else { receiver.ty() };
                let qualname = object::get_attr(class, crate::intern!("__qualname__"))?;
                let Some(qualname) = qualname.downcast::<Str>() else {
                    return Err(err!(TypeError, "<method>.__class__.__qualname__ is not a unicode object"));
                };
                Ok(Str::new(&format!("{}.{}", qualname, self.name())).into_object())
            }
            _ => Ok(Str::new(self.name()).into_object()),
        }
    }
    #[getter]
    fn __self__(&self) -> PyResult {
        // SAFETY: NULL or owned.
        Ok(unsafe { Object::from_ptr_opt(self.receiver()) }.unwrap_or(types::none()).to_owned())
    }
    #[getter]
    fn __text_signature__(&self) -> Option<Owned<Str>> {
        types::descr::text_signature_of(self.name(), self.doc(), self.def().ml_flags.get())
    }
}

/// The kind with a defining class (`PyCMethod_Type`), for METH_METHOD.
#[repr(transparent)]
pub struct BuiltinMethod(pub abi::PyCMethodObject);

/// A method that knows its defining class.
#[pytype(static = PyCMethod_Type, name = "builtin_method", base = PyCFunction_Type, flags = HAVE_VECTORCALL,
    vectorcall_offset = offset_of!(PyCFunctionObject, vectorcall), weaklistoffset = offset_of!(PyCFunctionObject, m_weakreflist))]
impl BuiltinMethod {}

