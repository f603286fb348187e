//! Bound methods (`method`) and `instancemethod`: a callable with its first argument.

use crate::err;
use crate::errors::PyResult;
use crate::gc;
use crate::macro_support::Visitor;
use crate::object::{Object, Owned, PyTyped, xdecref, xincref};
use crate::protocol::call as call_protocol;
use crate::protocol::object::{self, CompareOp, get_attr, get_attr_opt};
use crate::types::{self, Dict, Str, Tuple, Type};
use abi::{PyMethodObject, PyObject};
use macros::pytype;
use std::mem::offset_of;
use std::ptr;

#[repr(transparent)]
pub struct Method(pub PyMethodObject);

impl Method {
    /// `PyMethod_New`.
    pub fn new(function: &Object, receiver: &Object) -> PyResult<Owned<Method>> {
        // SAFETY: a fresh block of the struct's size, filled in completely before it is tracked.
        unsafe {
            let op = gc::gc_alloc(Method::type_object(), std::mem::size_of::<PyMethodObject>())?;
            let m = &*(op as *mut PyMethodObject);
            m.im_func.set(xincref(function.as_ptr()));
            m.im_self.set(xincref(receiver.as_ptr()));
            m.im_weakreflist.set(ptr::null_mut());
            m.vectorcall.set(Some(method_vectorcall));
            gc::track(op);
            Ok(Owned::from_raw(op))
        }
    }
    #[inline(always)]
    pub fn exact(o: &Object) -> Option<&Method> {
        o.downcast_exact::<Method>()
    }
    pub fn function(&self) -> &Object {
        // SAFETY: owned by the method.
        unsafe { Object::from_ptr(self.0.im_func.get()) }
    }
    pub fn receiver(&self) -> &Object {
        // SAFETY: owned by the method.
        unsafe { Object::from_ptr(self.0.im_self.get()) }
    }
}

/// Puts `self` in front of the arguments: into the spare slot where the caller lends it, else into a copy.
unsafe extern "C" fn method_vectorcall(op: *mut PyObject, args: *const *mut PyObject, nargsf: usize, kwnames: *mut PyObject) -> *mut PyObject {
    // SAFETY: the vectorcall protocol.
    unsafe {
        let method: &Method = Object::from_ptr(op).cast();
        let (function, receiver) = (method.0.im_func.get(), method.0.im_self.get());
        let nargs = nargsf & !abi::PY_VECTORCALL_ARGUMENTS_OFFSET;
        if nargsf & abi::PY_VECTORCALL_ARGUMENTS_OFFSET != 0 {
            let shifted = (args as *mut *mut PyObject).sub(1);
            let spare = *shifted;
            *shifted = receiver;
            let result = call_protocol::vectorcall_raw(function, shifted, nargs + 1, kwnames);
            *shifted = spare;
            return result;
        }
        let total = nargs + if kwnames.is_null() { 0 } else { Object::from_ptr(kwnames).cast::<Tuple>().len() };
        let mut stack = Vec::new();
        if stack.try_reserve_exact(total + 1).is_err() {
            crate::errors::no_memory();
            return ptr::null_mut();
        }
        stack.push(receiver);
        stack.extend((0..total).map(|i| *args.add(i)));
        call_protocol::vectorcall_raw(function, stack.as_mut_ptr(), nargs + 1, kwnames)
    }
}

/// Create a bound instance method object.
#[pytype(static = PyMethod_Type, name = "method", signature = "(function, instance, /)", flags = HAVE_GC | HAVE_VECTORCALL,
    weaklistoffset = offset_of!(PyMethodObject, im_weakreflist), vectorcall_offset = offset_of!(PyMethodObject, vectorcall),
    members = [
        ("__func__", T_OBJECT, offset_of!(PyMethodObject, im_func), READONLY, "the function (or other callable) implementing a method"),
        ("__self__", T_OBJECT, offset_of!(PyMethodObject, im_self), READONLY, "the instance to which a method is bound"),
    ])]
impl Method {
    #[slot]
    fn tp_new(_cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
        if kwargs.is_some_and(|k| k.len() > 0) {
            return Err(err!(TypeError, "method() takes no keyword arguments"));
        }
        if args.len() != 2 {
            return Err(err!(TypeError, "method expected 2 arguments, got {}", args.len()));
        }
        let (function, instance) = (args.get(0), args.get(1));
        if function.ty().0.tp_call.get().is_none() {
            return Err(err!(TypeError, "first argument must be callable"));
        }
        if instance.is_none() {
            return Err(err!(TypeError, "instance must not be None"));
        }
        Ok(Method::new(function, instance)?.into_object())
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let mut name = get_attr_opt(self.function(), crate::intern!("__qualname__"))?;
        if name.is_none() {
            name = get_attr_opt(self.function(), crate::intern!("__name__"))?;
        }
        let shown = name.as_ref().and_then(|n| n.downcast::<Str>()).map_or("?".to_string(), |n| n.to_string());
        let receiver = object::repr(self.receiver())?;
        Ok(Str::new(&format!("<bound method {} of {}>", shown, &*receiver)))
    }
    #[slot]
    fn tp_hash(&self) -> PyResult<isize> {
        let x = object::hash_pointer(self.receiver()) ^ object::hash(self.function())?;
        Ok(if x == -1 { -2 } else { x })
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        let (true, Some(other)) = (matches!(op, CompareOp::Eq | CompareOp::Ne), other.downcast_exact::<Method>()) else {
            return Ok(types::not_implemented().to_owned());
        };
        let equal = object::rich_compare_bool(self.function(), other.function(), CompareOp::Eq)? && self.receiver().is(other.receiver());
        Ok(types::bool_object(equal == (op == CompareOp::Eq)).to_owned())
    }
    #[slot]
    fn tp_getattro(&self, name: &Object) -> PyResult {
        attribute_or_functions(self.as_object(), self.function(), name)
    }
    #[slot]
    fn tp_descr_get(&self, _obj: Option<&Object>, _ty: Option<&Object>) -> PyResult {
        Ok(self.as_object().to_owned())
    }
    #[slot(raw = tp_call)]
    unsafe extern "C" fn tp_call(op: *mut PyObject, args: *mut PyObject, kwargs: *mut PyObject) -> *mut PyObject {
        // SAFETY: the tp_call protocol.
        unsafe { call_protocol::vectorcall_call(op, args, kwargs) }
    }
    #[slot(raw = tp_dealloc)]
    unsafe extern "C" fn tp_dealloc(op: *mut PyObject) {
        // SAFETY: the object is dead.
        unsafe {
            gc::untrack(op);
            let m = &*(op as *mut PyMethodObject);
            if !m.im_weakreflist.get().is_null() {
                types::weakref::clear_weakrefs(op);
            }
            xdecref(m.im_func.get());
            xdecref(m.im_self.get());
            gc::gc_free(op);
        }
    }
    #[slot]
    fn tp_traverse(&self, visitor: &mut Visitor) {
        visitor.visit_cell(&self.0.im_func);
        visitor.visit_cell(&self.0.im_self);
    }
    /// Return state information for pickling.
    #[method("__reduce__($self, /)")]
    fn __reduce__(&self) -> PyResult {
        let name = get_attr(self.function(), crate::intern!("__name__"))?;
        let getattr = crate::state::builtins_dict()?.get_str(crate::intern!("getattr")).ok_or_else(|| err!(RuntimeError, "lost builtins.getattr"))?;
        let args = Tuple::new(&[self.receiver(), &name]);
        Ok(Tuple::new(&[&getattr, args.object()]).into_object())
    }
    #[getter]
    fn __doc__(&self) -> PyResult {
        get_attr(self.function(), crate::intern!("__doc__"))
    }
}


/// `instancemethod`: binds like a method whatever callable it wraps (for C code).
#[repr(transparent)]
pub struct InstanceMethod(pub abi::PyInstanceMethodObject);

impl InstanceMethod {
    /// `PyInstanceMethod_New`.
    pub fn new(function: &Object) -> PyResult<Owned<InstanceMethod>> {
        // SAFETY: a fresh block of the struct's size, filled in before it is tracked.
        unsafe {
            let op = gc::gc_alloc(InstanceMethod::type_object(), size_of::<abi::PyInstanceMethodObject>())?;
            (*(op as *mut abi::PyInstanceMethodObject)).func.set(xincref(function.as_ptr()));
            gc::track(op);
            Ok(Owned::from_raw(op))
        }
    }
    fn function(&self) -> &Object {
        // SAFETY: never NULL.
        unsafe { Object::from_ptr(self.0.func.get()) }
    }
}

/// An attribute of the method's type wins; anything else is the function's.
fn attribute_or_functions(method: &Object, function: &Object, name: &Object) -> PyResult {
    let Some(name) = name.downcast::<Str>() else {
        return Err(err!(TypeError, "attribute name must be string, not '{}'", name.type_name()));
    };
    if let Some(descr) = method.ty().lookup(name) {
        let descr = descr.to_owned();
        return match descr.ty().0.tp_descr_get.get() {
            // SAFETY: the descr_get protocol.
            Some(get) => unsafe { crate::errors::from_c(get(descr.raw(), method.as_ptr(), method.ty().as_ptr())) },
            None => Ok(descr),
        };
    }
    get_attr(&function.to_owned(), name)
}

/// Bind a function to a class.
#[pytype(static = PyInstanceMethod_Type, name = "instancemethod", signature = "(func)", flags = HAVE_GC,
    members = [("__func__", T_OBJECT, offset_of!(abi::PyInstanceMethodObject, func), READONLY, "the function (or other callable) implementing a method")])]
impl InstanceMethod {
    #[slot]
    fn tp_new(_cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
        if kwargs.is_some_and(|k| k.len() > 0) {
            return Err(err!(TypeError, "instancemethod() takes no keyword arguments"));
        }
        if args.len() != 1 {
            return Err(err!(TypeError, "instancemethod expected 1 argument, got {}", args.len()));
        }
        if args.get(0).ty().0.tp_call.get().is_none() {
            return Err(err!(TypeError, "first argument must be callable"));
        }
        Ok(InstanceMethod::new(args.get(0))?.into_object())
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let name = get_attr_opt(self.function(), crate::intern!("__name__"))?;
        let shown = name.as_ref().and_then(|n| n.downcast::<Str>()).map_or("?".to_string(), |n| n.to_string());
        Ok(Str::new(&format!("<instancemethod {} at {:p}>", shown, self)))
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        let (true, Some(other)) = (matches!(op, CompareOp::Eq | CompareOp::Ne), other.downcast_exact::<InstanceMethod>()) else {
            return Ok(types::not_implemented().to_owned());
        };
        let equal = object::rich_compare_bool(self.function(), other.function(), CompareOp::Eq)?;
        Ok(types::bool_object(equal == (op == CompareOp::Eq)).to_owned())
    }
    #[slot]
    fn tp_getattro(&self, name: &Object) -> PyResult {
        attribute_or_functions(self.as_object(), self.function(), name)
    }
    #[getter]
    fn __doc__(&self) -> PyResult {
        get_attr(self.function(), crate::intern!("__doc__"))
    }
    #[slot(raw = tp_dealloc)]
    unsafe extern "C" fn tp_dealloc(op: *mut PyObject) {
        // SAFETY: the object is dead.
        unsafe {
            gc::untrack(op);
            xdecref((*(op as *mut abi::PyInstanceMethodObject)).func.get());
            gc::gc_free(op);
        }
    }
    #[slot]
    fn tp_traverse(&self, visitor: &mut Visitor) {
        visitor.visit_cell(&self.0.func);
    }
    #[slot]
    fn tp_descr_get(&self, obj: Option<&Object>, _ty: Option<&Object>) -> PyResult {
        // SAFETY: never NULL.
        let function = unsafe { Object::from_ptr(self.0.func.get()) };
        match obj {
            Some(obj) => Ok(Method::new(function, obj)?.into_object()),
            None => Ok(function.to_owned()),
        }
    }
    #[slot]
    fn tp_call(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
        // SAFETY: never NULL.
        call_protocol::call(unsafe { Object::from_ptr(self.0.func.get()) }, args, kwargs)
    }
}
