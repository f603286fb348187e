//! Descriptors for what C defines: methods, class methods, members, getters and setters, slots.
//!
//! A descriptor belongs to a type (`d_type`) and serves its instances only. Documentation is read from the definition when it is asked
//! for: extensions change it afterwards, and swap the wrapperbase of a slot wrapper for a copy of their own.

use crate::errors::{PyResult, Raised, from_c};
use crate::gc;
use crate::object::{Object, ObjectHead, Owned, PyTyped, Type, set_cell, xdecref};
use crate::protocol::object::{self as proto, CompareOp};
use crate::tstate::check_recursion;
use crate::types::builtin_function::BuiltinFunction;
use crate::types::{self, Dict, Str, Tuple, members};
use crate::{err, intern};
use abi::{PyDescrObject, PyGetSetDef, PyMemberDef, PyMethodDef, PyObject, PyTypeObject, c_char, c_void, vectorcallfunc, wrapperbase};
use macros::{Traverse, pytype};
use std::cell::Cell;
use std::ffi::CStr;
use std::mem::offset_of;
use std::ptr;

type P = *mut PyObject;

#[repr(transparent)]
pub struct MethodDescr(pub abi::PyMethodDescrObject);
#[repr(transparent)]
pub struct ClassMethodDescr(pub abi::PyMethodDescrObject);
#[repr(transparent)]
pub struct MemberDescr(pub abi::PyMemberDescrObject);
#[repr(transparent)]
pub struct GetSetDescr(pub abi::PyGetSetDescrObject);
#[repr(transparent)]
pub struct WrapperDescr(pub abi::PyWrapperDescrObject);

// ---- documentation strings ---------------------------------------------------------------------------------------------------------

/// Splits `name(signature)\n--\n\ntext`; `None` if the text does not begin so.
fn split_doc<'a>(name: &str, doc: &'a str) -> Option<(&'a str, &'a str)> {
    let name = name.rsplit('.').next().unwrap_or(name);
    let rest = doc.strip_prefix(name)?;
    if !rest.starts_with('(') {
        return None;
    }
    let end = rest.find(")\n--\n\n")?;
    if rest[..end].contains("\n\n") {
        return None;
    }
    Some((&rest[..end + 1], &rest[end + 6..]))
}

/// The documentation without the signature.
pub fn doc_body<'a>(name: &str, doc: &'a str) -> &'a str {
    split_doc(name, doc).map_or(doc, |(_, body)| body)
}

/// The signature, `($self, x, /)`.
pub fn doc_signature<'a>(name: &str, doc: &'a str) -> Option<&'a str> {
    split_doc(name, doc).map(|(signature, _)| signature)
}

fn text_of<'a>(text: *const c_char) -> Option<&'a str> {
    if text.is_null() {
        return None;
    }
    // SAFETY: documentation is a C string that lives as long as its definition.
    unsafe { CStr::from_ptr(text) }.to_str().ok()
}

/// `__doc__` and `__text_signature__` from C strings.
pub fn doc_objects(name: *const c_char, doc: *const c_char) -> (Option<Owned<Str>>, Option<Owned<Str>>) {
    let (Some(name), Some(doc)) = (text_of(name), text_of(doc)) else { return (None, None) };
    let body = doc_body(name, doc);
    ((!body.is_empty()).then(|| Str::new(body)), doc_signature(name, doc).map(Str::new))
}

fn or_none(text: Option<&str>) -> Owned {
    match text {
        Some(text) => Str::new(text).into_object(),
        None => types::none().to_owned(),
    }
}

/// `__doc__` of a native function with this name and documentation.
pub fn doc_of(name: &str, doc: &str) -> PyResult {
    Ok(or_none(Some(doc_body(name, doc)).filter(|body| !body.is_empty())))
}

/// `__text_signature__` of a native function: what its documentation says, or what its calling convention does.
pub fn text_signature_of(name: &str, doc: &str, flags: i32) -> Option<Owned<Str>> {
    const CONVENTION: i32 = abi::METH_VARARGS | abi::METH_FASTCALL | abi::METH_NOARGS | abi::METH_O | abi::METH_KEYWORDS;
    let receiver = match flags & (abi::METH_CLASS | abi::METH_STATIC) {
        0 => "$self, ",
        abi::METH_CLASS => "$type, ",
        _ => "",
    };
    match (doc_signature(name, doc), flags & CONVENTION) {
        (Some(signature), _) => Some(Str::new(signature)),
        (None, abi::METH_NOARGS) => Some(Str::new(if receiver.is_empty() { "()".to_string() } else { format!("({receiver}/)") }.as_str())),
        (None, abi::METH_O) => Some(Str::new(&format!("({receiver}object, /)"))),
        _ => None,
    }
}

// ---- common parts ------------------------------------------------------------------------------------------------------------------

fn common(o: &Object) -> &PyDescrObject {
    // SAFETY: called on descriptors only.
    unsafe { o.cast::<PyDescrObject>() }
}

impl MemberDescr {
    /// The class whose instances have the member.
    pub(crate) fn of_type(&self) -> &Type {
        type_of(common(self.as_object()))
    }
}

fn type_of(descr: &PyDescrObject) -> &Type {
    // SAFETY: a descriptor holds its type.
    unsafe { Type::from_type_ptr(descr.d_type.get()) }
}

fn name_of(descr: &PyDescrObject) -> &Str {
    // SAFETY: a descriptor holds its name, a str.
    unsafe { Object::from_ptr(descr.d_name.get()).cast::<Str>() }
}

fn allocate<T: PyTyped>(ty: &Type, name: &Str) -> PyResult<Owned<T>> {
    let o = T::type_object().alloc(0)?;
    let d = common(&o);
    d.d_type.set(Owned::from_type(ty).into_raw() as *mut PyTypeObject);
    d.d_name.set(name.as_object().to_owned().into_raw());
    // SAFETY: allocated as T; the caller fills in the rest.
    Ok(unsafe { o.cast_into() })
}

/// Whether the object may go through the descriptor; the error otherwise.
#[inline]
fn check(descr: &PyDescrObject, obj: &Object) -> PyResult<()> {
    if obj.ty().is_subtype(type_of(descr)) { Ok(()) } else { Err(does_not_apply(descr, obj)) }
}

#[cold]
fn does_not_apply(descr: &PyDescrObject, obj: &Object) -> Raised {
    err!(
        TypeError,
        "descriptor '{}' for '{}' objects doesn't apply to a '{}' object",
        name_of(descr),
        type_of(descr).name(),
        obj.type_name()
    )
}

fn qualified_name(o: &Object) -> PyResult {
    let descr = common(o);
    if descr.d_qualname.get().is_null() {
        let owner = proto::get_attr(type_of(descr), intern!("__qualname__"))?;
        if !owner.is_instance_of::<Str>() {
            return Err(err!(TypeError, "<descriptor>.__objclass__.__qualname__ is not a unicode object"));
        }
        let text = Str::concat_all(&[proto::str(&owner)?, Str::new("."), Owned::from_ref(name_of(descr))])?;
        // SAFETY: the cell owns its value.
        unsafe { set_cell(&descr.d_qualname, text.into_raw()) };
    }
    // SAFETY: set above.
    Ok(unsafe { Object::from_ptr(descr.d_qualname.get()) }.to_owned())
}

fn reduce(o: &Object) -> PyResult {
    let descr = common(o);
    let getattr = types::builtin_attr("getattr")?;
    Ok(Tuple::new(&[&*getattr, &*Tuple::new(&[type_of(descr), name_of(descr)])]).into_object())
}

unsafe extern "C" fn descr_dealloc(this: P) {
    // SAFETY: a dead descriptor; the counts go back one by one.
    unsafe {
        gc::untrack(this);
        let descr = common(Object::from_ptr(this));
        xdecref(descr.d_type.get() as P);
        xdecref(descr.d_name.get());
        xdecref(descr.d_qualname.get());
        gc::PyObject_GC_Del(this as *mut c_void);
    }
}

unsafe extern "C" fn descr_traverse(this: P, visit: abi::visitproc, arg: *mut c_void) -> i32 {
    // SAFETY: a live descriptor.
    unsafe {
        let ty = common(Object::from_ptr(this)).d_type.get();
        if ty.is_null() { 0 } else { visit(ty as P, arg) }
    }
}

/// `module.name()` or `Type.name()`, as messages about calls name a function.
pub fn function_str(function: &Object) -> String {
    try_function_str(function).unwrap_or_else(|_| {
        crate::errors::clear();
        "function".to_string()
    })
}

/// As `function_str`, with the error that finding the name may raise.
pub fn try_function_str(function: &Object) -> PyResult<String> {
    let Some(qualname) = proto::get_attr_opt(function, intern!("__qualname__"))? else {
        return Ok(proto::str(function)?.to_string_lossy().into_owned());
    };
    let qualname = proto::str(&qualname)?;
    if let Some(module) = proto::get_attr_opt(function, intern!("__module__"))?
        && !module.is_none()
    {
        let module = proto::str(&module)?;
        if !module.eq_str("builtins") {
            return Ok(format!("{module}.{qualname}()"));
        }
    }
    Ok(format!("{qualname}()"))
}

/// A built-in function of a definition, bound.
pub fn bind(def: &PyMethodDef, this: Option<&Object>, module: Option<&Object>, class: Option<&Type>) -> PyResult<Owned<BuiltinFunction>> {
    // SAFETY: definitions outlive the functions made of them.
    unsafe { BuiltinFunction::new(def as *const PyMethodDef as *mut PyMethodDef, this, module, class) }
}

/// The definition and the bound object of a built-in function.
pub fn definition_and_self(function: &Object) -> Option<(&PyMethodDef, Option<&Object>)> {
    let function = function.downcast_exact::<BuiltinFunction>()?;
    // SAFETY: NULL or owned by the function.
    Some((function.def(), unsafe { Object::from_ptr_opt(function.0.m_self.get()) }))
}

// ---- method_descriptor -------------------------------------------------------------------------------------------------------------

impl MethodDescr {
    /// `PyDescr_NewMethod`.
    pub fn new(ty: &Type, method: &PyMethodDef, name: &Str) -> PyResult<Owned<MethodDescr>> {
        let vectorcall = vectorcall_for(method)?;
        let descr: Owned<MethodDescr> = allocate(ty, name)?;
        descr.0.d_method.set(method as *const PyMethodDef as *mut PyMethodDef);
        descr.0.vectorcall.set(Some(vectorcall));
        Ok(descr)
    }
    #[inline]
    pub fn definition(&self) -> &PyMethodDef {
        // SAFETY: the definition outlives the type.
        unsafe { &*self.0.d_method.get() }
    }
    #[inline]
    pub fn defining_type(&self) -> &Type {
        type_of(&self.0.d_common)
    }
}

fn vectorcall_for(method: &PyMethodDef) -> PyResult<vectorcallfunc> {
    const CONVENTION: i32 = abi::METH_VARARGS | abi::METH_FASTCALL | abi::METH_NOARGS | abi::METH_O | abi::METH_KEYWORDS | abi::METH_METHOD;
    const VARARGS_KEYWORDS: i32 = abi::METH_VARARGS | abi::METH_KEYWORDS;
    const FASTCALL_KEYWORDS: i32 = abi::METH_FASTCALL | abi::METH_KEYWORDS;
    const METHOD: i32 = FASTCALL_KEYWORDS | abi::METH_METHOD;
    Ok(match method.ml_flags.get() & CONVENTION {
        abi::METH_VARARGS => call_varargs,
        VARARGS_KEYWORDS => call_varargs_keywords,
        abi::METH_FASTCALL => call_fastcall,
        FASTCALL_KEYWORDS => call_fastcall_keywords,
        abi::METH_NOARGS => call_noargs,
        abi::METH_O => call_one,
        METHOD => call_method,
        _ => {
            let name = text_of(method.ml_name.get()).unwrap_or("?");
            return Err(err!(SystemError, "{}() method: bad call flags", name));
        }
    })
}

/// Checks self and the absence of keywords; gives the descriptor, and how many arguments follow self.
#[inline(always)]
unsafe fn enter<'a>(function: P, args: *const P, nargsf: usize, kwnames: P, keywords: bool) -> PyResult<(&'a abi::PyMethodDescrObject, usize)> {
    // SAFETY: a vectorcall of a method descriptor.
    unsafe {
        let descr = Object::from_ptr(function).cast::<abi::PyMethodDescrObject>();
        let count = nargsf & !abi::PY_VECTORCALL_ARGUMENTS_OFFSET;
        if count < 1 {
            return Err(err!(TypeError, "unbound method {} needs an argument", function_str(Object::from_ptr(function))));
        }
        check(&descr.d_common, Object::from_ptr(*args))?;
        if !keywords && !kwnames.is_null() && Object::from_ptr(kwnames).cast::<Tuple>().len() > 0 {
            return Err(err!(TypeError, "{} takes no keyword arguments", function_str(Object::from_ptr(function))));
        }
        check_recursion(" while calling a Python object")?;
        Ok((descr, count - 1))
    }
}

macro_rules! convention {
    ($name:ident, $keywords:literal, $ty:ty, |$function:ident, $args:ident, $kwnames:ident, $descr:ident, $rest:ident, $f:ident| $call:expr) => {
        unsafe extern "C" fn $name($function: P, $args: *const P, nargsf: usize, $kwnames: P) -> P {
            // SAFETY: a vectorcall; the definition's flags say that the function has this type.
            unsafe {
                let Ok(($descr, $rest)) = enter($function, $args, nargsf, $kwnames, $keywords) else { return ptr::null_mut() };
                let Some(f) = (*$descr.d_method.get()).ml_meth.get() else { return ptr::null_mut() };
                let $f = std::mem::transmute::<abi::PyCFunction, $ty>(f);
                $call
            }
        }
    };
}

convention!(call_noargs, false, abi::PyCFunction, |function, args, kwnames, descr, rest, f| {
    if rest != 0 {
        err!(TypeError, "{} takes no arguments ({} given)", function_str(Object::from_ptr(function)), rest);
        return ptr::null_mut();
    }
    f(*args, ptr::null_mut())
});
convention!(call_one, false, abi::PyCFunction, |function, args, kwnames, descr, rest, f| {
    if rest != 1 {
        err!(TypeError, "{} takes exactly one argument ({} given)", function_str(Object::from_ptr(function)), rest);
        return ptr::null_mut();
    }
    f(*args, *args.add(1))
});
convention!(call_fastcall, false, abi::PyCFunctionFast, |function, args, kwnames, descr, rest, f| f(*args, args.add(1), rest as isize));
convention!(call_fastcall_keywords, true, abi::PyCFunctionFastWithKeywords, |function, args, kwnames, descr, rest, f| {
    f(*args, args.add(1), rest as isize, kwnames)
});
convention!(call_method, true, abi::PyCMethod, |function, args, kwnames, descr, rest, f| {
    f(*args, descr.d_common.d_type.get(), args.add(1), rest, kwnames)
});
convention!(call_varargs, false, abi::PyCFunction, |function, args, kwnames, descr, rest, f| {
    let tuple = argument_tuple(args.add(1), rest);
    f(*args, tuple.raw())
});
convention!(call_varargs_keywords, true, abi::PyCFunctionWithKeywords, |function, args, kwnames, descr, rest, f| {
    let tuple = argument_tuple(args.add(1), rest);
    let Ok(keywords) = keyword_dict(args.add(1 + rest), kwnames) else { return ptr::null_mut() };
    f(*args, tuple.raw(), keywords.as_ref().map_or(ptr::null_mut(), |k| k.raw()))
});

/// The positional arguments as a tuple.
/// # Safety
/// `count` live objects.
pub unsafe fn argument_tuple(args: *const P, count: usize) -> Owned<Tuple> {
    // SAFETY: by contract.
    Tuple::from_owned((0..count).map(|i| unsafe { Object::from_ptr(*args.add(i)) }.to_owned()).collect())
}

/// The keyword arguments as a dict; `None` if there are none.
/// # Safety
/// NULL or a tuple of names, and as many live objects.
pub unsafe fn keyword_dict(values: *const P, kwnames: P) -> PyResult<Option<Owned<Dict>>> {
    if kwnames.is_null() {
        return Ok(None);
    }
    // SAFETY: by contract.
    unsafe {
        let names = Object::from_ptr(kwnames).cast::<Tuple>();
        if names.len() == 0 {
            return Ok(None);
        }
        let dict = Dict::new();
        for i in 0..names.len() {
            dict.set_item(names.get(i), Object::from_ptr(*values.add(i)))?;
        }
        Ok(Some(dict))
    }
}

#[pytype(static = PyMethodDescr_Type, name = "method_descriptor", flags = HAVE_GC | HAVE_VECTORCALL | METHOD_DESCRIPTOR | DISALLOW_INSTANTIATION,
    vectorcall_offset = offset_of!(abi::PyMethodDescrObject, vectorcall), tp_call = crate::protocol::call::vectorcall_call,
    tp_dealloc = descr_dealloc, tp_traverse = descr_traverse,
    members = [("__objclass__", T_OBJECT, offset_of!(PyDescrObject, d_type), READONLY),
        ("__name__", T_OBJECT, offset_of!(PyDescrObject, d_name), READONLY)])]
impl MethodDescr {
    #[slot]
    fn tp_repr(&self) -> PyResult<String> {
        Ok(format!("<method '{}' of '{}' objects>", name_of(&self.0.d_common), type_of(&self.0.d_common).name()))
    }
    #[slot]
    fn tp_descr_get(&self, obj: Option<&Object>, owner: Option<&Object>) -> PyResult {
        let descr = &self.0.d_common;
        let Some(obj) = obj else { return Ok(self.as_object().to_owned()) };
        check(descr, obj)?;
        let class = if self.definition().ml_flags.get() & abi::METH_METHOD != 0 {
            if let Some(owner) = owner
                && !owner.is_instance_of::<Type>()
            {
                return Err(err!(TypeError, "descriptor '{}' needs a type, not '{}', as arg 2", name_of(descr), owner.type_name()));
            }
            Some(type_of(descr))
        } else {
            None
        };
        Ok(bind(self.definition(), Some(obj), None, class)?.into_object())
    }
    #[getter]
    fn __doc__(&self) -> PyResult<Option<Owned<Str>>> {
        Ok(doc_objects(self.definition().ml_name.get(), self.definition().ml_doc.get()).0)
    }
    #[getter]
    fn __text_signature__(&self) -> Option<Owned<Str>> {
        let definition = self.definition();
        text_signature_of(text_of(definition.ml_name.get()).unwrap_or(""), text_of(definition.ml_doc.get()).unwrap_or(""), definition.ml_flags.get())
    }
    #[getter]
    fn __qualname__(&self) -> PyResult {
        qualified_name(self.as_object())
    }
    #[method("__reduce__($self, /)", nosig)]
    fn __reduce__(&self) -> PyResult {
        reduce(self.as_object())
    }
}

// ---- classmethod_descriptor --------------------------------------------------------------------------------------------------------

impl ClassMethodDescr {
    /// `PyDescr_NewClassMethod`.
    pub fn new(ty: &Type, method: &PyMethodDef, name: &Str) -> PyResult<Owned<ClassMethodDescr>> {
        let descr: Owned<ClassMethodDescr> = allocate(ty, name)?;
        descr.0.d_method.set(method as *const PyMethodDef as *mut PyMethodDef);
        Ok(descr)
    }
    fn definition(&self) -> &PyMethodDef {
        // SAFETY: the definition outlives the type.
        unsafe { &*self.0.d_method.get() }
    }
    fn bind(&self, obj: Option<&Object>, owner: Option<&Object>) -> PyResult {
        let descr = &self.0.d_common;
        let owner = match (owner, obj) {
            (Some(owner), _) => owner,
            (None, Some(obj)) => obj.ty(),
            (None, None) => {
                return Err(err!(
                    TypeError,
                    "descriptor '{}' for type '{}' needs either an object or a type",
                    name_of(descr),
                    type_of(descr).name()
                ));
            }
        };
        let Some(owner) = owner.downcast::<Type>() else {
            return Err(err!(
                TypeError,
                "descriptor '{}' for type '{}' needs a type, not a '{}' as arg 2",
                name_of(descr),
                type_of(descr).name(),
                owner.type_name()
            ));
        };
        if !owner.is_subtype(type_of(descr)) {
            return Err(err!(
                TypeError,
                "descriptor '{}' requires a subtype of '{}' but received '{}'",
                name_of(descr),
                type_of(descr).name(),
                owner.name()
            ));
        }
        let class = (self.definition().ml_flags.get() & abi::METH_METHOD != 0).then(|| type_of(descr));
        Ok(bind(self.definition(), Some(owner), None, class)?.into_object())
    }
}

#[pytype(static = PyClassMethodDescr_Type, name = "classmethod_descriptor", flags = HAVE_GC | DISALLOW_INSTANTIATION,
    tp_dealloc = descr_dealloc, tp_traverse = descr_traverse,
    members = [("__objclass__", T_OBJECT, offset_of!(PyDescrObject, d_type), READONLY),
        ("__name__", T_OBJECT, offset_of!(PyDescrObject, d_name), READONLY)])]
impl ClassMethodDescr {
    #[slot]
    fn tp_repr(&self) -> PyResult<String> {
        Ok(format!("<method '{}' of '{}' objects>", name_of(&self.0.d_common), type_of(&self.0.d_common).name()))
    }
    #[slot]
    fn tp_descr_get(&self, obj: Option<&Object>, owner: Option<&Object>) -> PyResult {
        self.bind(obj, owner)
    }
    #[slot]
    fn tp_call(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
        let descr = &self.0.d_common;
        if args.len() < 1 {
            return Err(err!(TypeError, "descriptor '{}' of '{}' object needs an argument", name_of(descr), type_of(descr).name()));
        }
        let bound = self.bind(None, Some(args.get(0)))?;
        let rest = Tuple::from_owned((1..args.len()).map(|i| args.get(i).to_owned()).collect());
        crate::protocol::call::call(&bound, &rest, kwargs)
    }
    #[getter]
    fn __doc__(&self) -> PyResult<Option<Owned<Str>>> {
        Ok(doc_objects(self.definition().ml_name.get(), self.definition().ml_doc.get()).0)
    }
    #[getter]
    fn __text_signature__(&self) -> Option<Owned<Str>> {
        let definition = self.definition();
        text_signature_of(text_of(definition.ml_name.get()).unwrap_or(""), text_of(definition.ml_doc.get()).unwrap_or(""), definition.ml_flags.get())
    }
    #[getter]
    fn __qualname__(&self) -> PyResult {
        qualified_name(self.as_object())
    }
}

// ---- member_descriptor -------------------------------------------------------------------------------------------------------------

impl MemberDescr {
    /// `PyDescr_NewMember`.
    pub fn new(ty: &Type, member: &PyMemberDef, name: &Str) -> PyResult<Owned<MemberDescr>> {
        if member.flags.get() & 8 != 0 {
            return Err(err!(SystemError, "PyDescr_NewMember used with Py_RELATIVE_OFFSET"));
        }
        let descr: Owned<MemberDescr> = allocate(ty, name)?;
        descr.0.d_member.set(member as *const PyMemberDef as *mut PyMemberDef);
        Ok(descr)
    }
    #[inline]
    pub fn member(&self) -> &PyMemberDef {
        // SAFETY: the definition outlives the type.
        unsafe { &*self.0.d_member.get() }
    }
    #[inline]
    pub fn defining_type(&self) -> &Type {
        type_of(&self.0.d_common)
    }
}

impl MemberDescr {
    /// The offset of an object member (a `__slots__` entry) that may be read in place.
    pub fn object_slot_offset(&self) -> Option<isize> {
        let member = self.member();
        (member.r#type.get() == abi::Py_T_OBJECT_EX && member.flags.get() & 2 == 0).then(|| member.offset.get())
    }
    /// As `object_slot_offset`, if it may be written too.
    pub fn writable_object_slot_offset(&self) -> Option<isize> {
        if self.member().flags.get() & 1 != 0 { None } else { self.object_slot_offset() }
    }
}

#[pytype(static = PyMemberDescr_Type, name = "member_descriptor", flags = HAVE_GC | DISALLOW_INSTANTIATION,
    tp_dealloc = descr_dealloc, tp_traverse = descr_traverse,
    members = [("__objclass__", T_OBJECT, offset_of!(PyDescrObject, d_type), READONLY),
        ("__name__", T_OBJECT, offset_of!(PyDescrObject, d_name), READONLY)])]
impl MemberDescr {
    #[slot]
    fn tp_repr(&self) -> PyResult<String> {
        Ok(format!("<member '{}' of '{}' objects>", name_of(&self.0.d_common), type_of(&self.0.d_common).name()))
    }
    #[slot]
    fn tp_descr_get(&self, obj: Option<&Object>, _owner: Option<&Object>) -> PyResult {
        let Some(obj) = obj else { return Ok(self.as_object().to_owned()) };
        check(&self.0.d_common, obj)?;
        if self.member().flags.get() & 2 != 0 {
            crate::audit::audit("object.__getattr__", &[obj, name_of(&self.0.d_common)])?;
        }
        // SAFETY: the object has the descriptor's type.
        unsafe { members::get(obj, self.member()) }
    }
    #[slot]
    fn tp_descr_set(&self, obj: &Object, value: Option<&Object>) -> PyResult<()> {
        check(&self.0.d_common, obj)?;
        // SAFETY: the object has the descriptor's type.
        unsafe { members::set(obj, self.member(), value) }
    }
    #[getter]
    fn __doc__(&self) -> PyResult<Option<Owned<Str>>> {
        Ok(text_of(self.member().doc.get()).map(Str::new))
    }
    #[getter]
    fn __qualname__(&self) -> PyResult {
        qualified_name(self.as_object())
    }
    #[method("__reduce__($self, /)", nosig)]
    fn __reduce__(&self) -> PyResult {
        reduce(self.as_object())
    }
}

// ---- getset_descriptor -------------------------------------------------------------------------------------------------------------

impl GetSetDescr {
    /// `PyDescr_NewGetSet`.
    pub fn new(ty: &Type, getset: &PyGetSetDef, name: &Str) -> PyResult<Owned<GetSetDescr>> {
        let descr: Owned<GetSetDescr> = allocate(ty, name)?;
        descr.0.d_getset.set(getset as *const PyGetSetDef as *mut PyGetSetDef);
        Ok(descr)
    }
    fn definition(&self) -> &PyGetSetDef {
        // SAFETY: the definition outlives the type.
        unsafe { &*self.0.d_getset.get() }
    }
}

#[pytype(static = PyGetSetDescr_Type, name = "getset_descriptor", flags = HAVE_GC | DISALLOW_INSTANTIATION,
    tp_dealloc = descr_dealloc, tp_traverse = descr_traverse,
    members = [("__objclass__", T_OBJECT, offset_of!(PyDescrObject, d_type), READONLY),
        ("__name__", T_OBJECT, offset_of!(PyDescrObject, d_name), READONLY)])]
impl GetSetDescr {
    #[slot]
    fn tp_repr(&self) -> PyResult<String> {
        Ok(format!("<attribute '{}' of '{}' objects>", name_of(&self.0.d_common), type_of(&self.0.d_common).name()))
    }
    #[slot]
    fn tp_descr_get(&self, obj: Option<&Object>, _owner: Option<&Object>) -> PyResult {
        let descr = &self.0.d_common;
        let Some(obj) = obj else { return Ok(self.as_object().to_owned()) };
        check(descr, obj)?;
        match self.definition().get.get() {
            // SAFETY: the getter belongs to the object's type.
            Some(get) => unsafe { from_c(get(obj.as_ptr(), self.definition().closure.get())) },
            None => Err(err!(
                AttributeError,
                "attribute '{}' of '{}' objects is not readable",
                name_of(descr),
                type_of(descr).name()
            )),
        }
    }
    #[slot]
    fn tp_descr_set(&self, obj: &Object, value: Option<&Object>) -> PyResult<()> {
        let descr = &self.0.d_common;
        check(descr, obj)?;
        let Some(set) = self.definition().set.get() else {
            return Err(err!(
                AttributeError,
                "attribute '{}' of '{}' objects is not writable",
                name_of(descr),
                type_of(descr).name()
            ));
        };
        let value = value.map_or(ptr::null_mut(), |v| v.as_ptr());
        // SAFETY: the setter belongs to the object's type.
        if unsafe { set(obj.as_ptr(), value, self.definition().closure.get()) } < 0 { Err(Raised::from_c()) } else { Ok(()) }
    }
    #[getter]
    fn __doc__(&self) -> PyResult<Option<Owned<Str>>> {
        Ok(text_of(self.definition().doc.get()).map(Str::new))
    }
    #[getter]
    fn __qualname__(&self) -> PyResult {
        qualified_name(self.as_object())
    }
}

// ---- wrapper_descriptor ------------------------------------------------------------------------------------------------------------

/// The function of a slot wrapper, as an address.
#[inline]
pub fn wrapped_slot(found: &Object) -> Option<*const ()> {
    found.downcast_exact::<WrapperDescr>().map(|w| w.0.d_wrapped.get() as *const ())
}

impl WrapperDescr {
    /// `PyDescr_NewWrapper`.
    pub fn new(ty: &Type, row: &wrapperbase, function: *mut c_void) -> PyResult<Owned<WrapperDescr>> {
        // SAFETY: the rows' names are filled before types are readied.
        let name = unsafe { Object::from_ptr(row.name_strobj.get()).cast::<Str>() };
        let descr: Owned<WrapperDescr> = allocate(ty, name)?;
        descr.0.d_base.set(row as *const wrapperbase as *mut wrapperbase);
        descr.0.d_wrapped.set(function);
        Ok(descr)
    }
    pub fn base(&self) -> &wrapperbase {
        // SAFETY: a row of the table, or an extension's copy that it keeps alive.
        unsafe { &*self.0.d_base.get() }
    }
    /// The interned name of the slot, as its row has it.
    pub fn name_object(&self) -> *mut PyObject {
        self.base().name_strobj.get()
    }
    pub fn defining_type(&self) -> &Type {
        type_of(&self.0.d_common)
    }

    fn call_raw(&self, this: &Object, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
        let base = self.base();
        let Some(wrapper) = base.wrapper.get() else { return Err(crate::errors::bad_internal_call()) };
        let wrapped = self.0.d_wrapped.get();
        // SAFETY: the row's flags give the wrapper's type.
        unsafe {
            if base.flags.get() & abi::PyWrapperFlag_KEYWORDS != 0 {
                let wrapper = std::mem::transmute::<abi::wrapperfunc, abi::wrapperfunc_kwds>(wrapper);
                return from_c(wrapper(this.as_ptr(), args.as_ptr(), wrapped, kwargs.map_or(ptr::null_mut(), |k| k.as_ptr())));
            }
            if kwargs.is_some_and(|k| k.len() > 0) {
                let name = text_of(base.name.get()).unwrap_or("?");
                return Err(err!(TypeError, "wrapper {}() takes no keyword arguments", name));
            }
            from_c(wrapper(this.as_ptr(), args.as_ptr(), wrapped))
        }
    }
}

#[pytype(static = PyWrapperDescr_Type, name = "wrapper_descriptor", flags = HAVE_GC | METHOD_DESCRIPTOR | DISALLOW_INSTANTIATION,
    tp_dealloc = descr_dealloc, tp_traverse = descr_traverse,
    members = [("__objclass__", T_OBJECT, offset_of!(PyDescrObject, d_type), READONLY),
        ("__name__", T_OBJECT, offset_of!(PyDescrObject, d_name), READONLY)])]
impl WrapperDescr {
    #[slot]
    fn tp_repr(&self) -> PyResult<String> {
        Ok(format!("<slot wrapper '{}' of '{}' objects>", name_of(&self.0.d_common), type_of(&self.0.d_common).name()))
    }
    #[slot]
    fn tp_descr_get(&self, obj: Option<&Object>, _owner: Option<&Object>) -> PyResult {
        let Some(obj) = obj else { return Ok(self.as_object().to_owned()) };
        check(&self.0.d_common, obj)?;
        Ok(MethodWrapper::bind(self, obj)?.into_object())
    }
    #[slot]
    fn tp_call(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
        let descr = &self.0.d_common;
        if args.len() < 1 {
            return Err(err!(TypeError, "descriptor '{}' of '{}' object needs an argument", name_of(descr), type_of(descr).name()));
        }
        let this = args.get(0);
        if !this.ty().is_subtype(type_of(descr)) && !types::subclass_check::is_recursive_subclass(this.ty(), type_of(descr))? {
            return Err(err!(
                TypeError,
                "descriptor '{}' requires a '{}' object but received a '{}'",
                name_of(descr),
                type_of(descr).name(),
                this.type_name()
            ));
        }
        let rest = Tuple::from_owned((1..args.len()).map(|i| args.get(i).to_owned()).collect());
        self.call_raw(this, &rest, kwargs)
    }
    #[getter]
    fn __doc__(&self) -> PyResult<Option<Owned<Str>>> {
        Ok(doc_objects(self.base().name.get(), self.base().doc.get()).0)
    }
    #[getter]
    fn __text_signature__(&self) -> PyResult<Option<Owned<Str>>> {
        Ok(doc_objects(self.base().name.get(), self.base().doc.get()).1)
    }
    #[getter]
    fn __qualname__(&self) -> PyResult {
        qualified_name(self.as_object())
    }
    #[method("__reduce__($self, /)", nosig)]
    fn __reduce__(&self) -> PyResult {
        reduce(self.as_object())
    }
}

// ---- method-wrapper ----------------------------------------------------------------------------------------------------------------

/// A slot wrapper bound to an object: `(1).__add__`.
#[derive(Traverse)]
#[repr(C)]
pub struct MethodWrapper {
    head: ObjectHead,
    descr: Cell<Option<Owned<WrapperDescr>>>,
    this: Cell<Option<Owned>>,
}

impl MethodWrapper {
    pub fn bind(descr: &WrapperDescr, this: &Object) -> PyResult<Owned<MethodWrapper>> {
        MethodWrapper::construct(
            Self::type_object(),
            MethodWrapper {
                head: ObjectHead::placeholder(),
                descr: Cell::new(Some(Owned::from_ref(descr))),
                this: Cell::new(Some(this.to_owned())),
            },
        )
    }
    fn parts(&self) -> PyResult<(&WrapperDescr, &Object)> {
        // SAFETY: the cells change in tp_clear only, when nobody else uses the object.
        unsafe {
            match (&*self.descr.as_ptr(), &*self.this.as_ptr()) {
                (Some(descr), Some(this)) => Ok((&**descr, this.object())),
                _ => Err(crate::errors::bad_internal_call()),
            }
        }
    }
}

#[pytype(static = _PyMethodWrapper_Type, name = "method-wrapper", flags = HAVE_GC | DISALLOW_INSTANTIATION, native)]
impl MethodWrapper {
    #[slot]
    fn tp_repr(&self) -> PyResult<String> {
        let (descr, this) = self.parts()?;
        Ok(format!("<method-wrapper '{}' of {} object at {:p}>", name_of(&descr.0.d_common), this.type_name(), this))
    }
    #[slot]
    fn tp_hash(&self) -> PyResult<isize> {
        let (descr, this) = self.parts()?;
        Ok(proto::hash_pointer(this) ^ proto::hash_pointer(descr))
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        let (Some(other), CompareOp::Eq | CompareOp::Ne) = (other.downcast_exact::<MethodWrapper>(), op) else {
            return Ok(proto::not_implemented());
        };
        let ((da, a), (db, b)) = (self.parts()?, other.parts()?);
        let equal = a.is(b) && ptr::eq(da, db);
        Ok(types::bool_object(equal == (op == CompareOp::Eq)).to_owned())
    }
    #[slot]
    fn tp_call(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
        let (descr, this) = self.parts()?;
        descr.call_raw(this, args, kwargs)
    }
    #[getter]
    fn __self__(&self) -> PyResult {
        Ok(self.parts()?.1.to_owned())
    }
    #[getter]
    fn __objclass__(&self) -> PyResult {
        Ok(self.parts()?.0.defining_type().as_object().to_owned())
    }
    #[getter]
    fn __name__(&self) -> PyResult {
        Ok(name_of(&self.parts()?.0.0.d_common).as_object().to_owned())
    }
    #[getter]
    fn __qualname__(&self) -> PyResult {
        qualified_name(self.parts()?.0)
    }
    #[getter]
    fn __doc__(&self) -> PyResult<Option<Owned<Str>>> {
        let base = self.parts()?.0.base();
        Ok(doc_objects(base.name.get(), base.doc.get()).0)
    }
    #[getter]
    fn __text_signature__(&self) -> PyResult<Option<Owned<Str>>> {
        let base = self.parts()?.0.base();
        Ok(doc_objects(base.name.get(), base.doc.get()).1)
    }
    #[method("__reduce__($self, /)", nosig)]
    fn __reduce__(&self) -> PyResult {
        let (descr, this) = self.parts()?;
        let getattr = types::builtin_attr("getattr")?;
        Ok(Tuple::new(&[&*getattr, &*Tuple::new(&[this, name_of(&descr.0.d_common)])]).into_object())
    }
}

/// The kinds of descriptors that the specialiser tells apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Absent,
    /// A function or another method descriptor: called with the object in front.
    Method,
    /// A `property`.
    Property,
    /// A member of type object (a `__slots__` entry): the offset of its word.
    ObjectSlot(isize),
    /// Has `__set__` or `__delete__`.
    Data,
    /// Has `__get__` only.
    NonData,
    Plain,
    Classmethod,
    Getset,
}

/// What the class attribute behind `o.name` is.
pub fn classify(ty: &Type, name: &Str) -> (Kind, *mut PyObject) {
    let Some(found) = ty.lookup(name) else { return (Kind::Absent, ptr::null_mut()) };
    let fty = found.ty();
    let kind = if fty.has_flag(abi::Py_TPFLAGS_METHOD_DESCRIPTOR as u64) {
        Kind::Method
    } else if fty.0.tp_descr_set.get().is_some() {
        if let Some(member) = found.downcast_exact::<MemberDescr>() {
            let m = member.member();
            if m.r#type.get() == abi::Py_T_OBJECT_EX && m.flags.get() & 2 == 0 && ty.is_subtype(member.defining_type()) {
                Kind::ObjectSlot(m.offset.get())
            } else {
                Kind::Data
            }
        } else if found.downcast_exact::<types::Property>().is_some() {
            Kind::Property
        } else if found.downcast_exact::<GetSetDescr>().is_some() {
            Kind::Getset
        } else {
            Kind::Data
        }
    } else if found.downcast_exact::<types::ClassMethod>().is_some() {
        Kind::Classmethod
    } else if fty.0.tp_descr_get.get().is_some() {
        Kind::NonData
    } else {
        Kind::Plain
    };
    (kind, found.as_ptr())
}
