//! The Python face of `type`: its attributes and methods, and the slots of type objects themselves.

use crate::errors::{self, PyResult};
use crate::gc;
use crate::object::{Object, Owned, PyTyped, Type, set_cell, xdecref};
use crate::protocol::object as proto;
use crate::protocol::{call, sequence};
use crate::types::attributes::descr_get;
use crate::types::descr::{doc_body, doc_signature};
use crate::types::mro::{check_settable, mro_list, set_bases};
use crate::types::type_new::{c_string_free, set_tp_name, type_call, type_init, type_new, type_vectorcall};
use crate::types::type_object::{type_getattro, type_setattro};
use crate::types::{self, Dict, Int, List, MappingProxy, Str, Tuple, union, weakref};
use crate::{err, intern};
use abi::{PyHeapTypeObject, PyObject, PyTypeObject, c_int, c_void};
use macros::pytype;
use std::ffi::CStr;
use std::mem::offset_of;
use std::ptr;

/// `type`, the type.
#[inline(always)]
pub fn type_type() -> &'static Type {
    &PyType_Type
}

// ---- names -------------------------------------------------------------------------------------------------------------------------

/// `__name__`.
pub fn type_name(ty: &Type) -> Owned<Str> {
    match ty.heap() {
        // SAFETY: a heap type has a name, a str.
        Some(heap) => unsafe { Object::from_ptr(heap.ht_name.get()).to_owned().cast_into() },
        None => Str::intern(Str::new(ty.short_name())),
    }
}

/// `__qualname__`.
pub fn type_qualname(ty: &Type) -> PyResult<Owned<Str>> {
    match ty.heap() {
        // SAFETY: a heap type has a qualified name, a str.
        Some(heap) if !heap.ht_qualname.get().is_null() => Ok(unsafe { Object::from_ptr(heap.ht_qualname.get()).to_owned().cast_into() }),
        _ => Ok(type_name(ty)),
    }
}

/// `__module__`; `None` if a class has lost it.
pub fn type_module(ty: &Type) -> PyResult<Option<Owned>> {
    if ty.is_heap_type() {
        return Ok(ty.dict().get_str(intern!("__module__")));
    }
    let name = ty.name();
    Ok(Some(match name.rfind('.') {
        Some(dot) => Str::intern(Str::new(&name[..dot])).into_object(),
        None => intern!("builtins").as_object().to_owned(),
    }))
}

/// `module.qualname`, or the qualified name alone for built-ins (`PyType_GetFullyQualifiedName`).
pub fn fully_qualified_name(ty: &Type) -> PyResult<String> {
    let qualname = type_qualname(ty)?;
    Ok(match type_module(ty)? {
        Some(module) => match module.downcast::<Str>() {
            Some(module) if !module.eq_str("builtins") && !module.eq_str("__main__") => format!("{module}.{qualname}"),
            _ => qualname.to_string(),
        },
        None => qualname.to_string(),
    })
}

/// Adds the names of a class and its bases, for `dir`.
pub fn merge_class_dict(names: &Dict, class: &Object) -> PyResult<()> {
    crate::tstate::check_recursion(" in __dir__")?;
    if let Some(dict) = proto::get_attr_opt(class, intern!("__dict__"))? {
        names.update(&dict)?;
    }
    if let Some(bases) = proto::get_attr_opt(class, intern!("__bases__"))? {
        let bases = sequence::to_tuple(&bases)?;
        for i in 0..bases.len() {
            merge_class_dict(names, bases.get(i))?;
        }
    }
    Ok(())
}

/// Stores a special attribute into the dict of a mutable type.
fn store(ty: &Type, name: &Str, value: &Object) -> PyResult<()> {
    ty.modified();
    let _old = ty.dict().get_str(name);
    ty.dict().set_str(name, value)?;
    ty.modified();
    Ok(())
}

fn no_attribute(ty: &Type, name: &str) -> errors::Raised {
    err!(AttributeError, "type object '{}' has no attribute '{}'", ty.name(), name)
}

fn refuse_immutable(ty: &Type, name: &str) -> PyResult<()> {
    if ty.has_flag(abi::Py_TPFLAGS_IMMUTABLETYPE as u64) {
        return Err(err!(TypeError, "cannot set '{}' attribute of immutable type '{}'", name, ty.name()));
    }
    Ok(())
}

// ---- slots of type objects ---------------------------------------------------------------------------------------------------------

unsafe extern "C" fn type_dealloc(this: *mut PyObject) {
    crate::macro_support::guard(|| {
        // SAFETY: a dead heap type: static ones are immortal.
        unsafe {
            gc::untrack(this);
            let ty = Object::from_ptr(this).cast::<Type>();
            let Some(heap) = ty.heap() else { return 0 };
            errors::preserve(|| {
                ty.remove_from_bases();
                ty.0.tp_version_tag.set(0);
                weakref::clear_weakrefs(this);
            });
            ty.free_subclass_list();
            xdecref(ty.0.tp_base.get() as *mut PyObject);
            xdecref(ty.0.tp_dict.get());
            xdecref(ty.0.tp_bases.get());
            xdecref(ty.0.tp_mro.get());
            xdecref(ty.0.tp_cache.get());
            c_string_free(ty.0.tp_doc.get() as *mut _);
            xdecref(heap.ht_name.get());
            xdecref(heap.ht_qualname.get());
            xdecref(heap.ht_slots.get());
            let keys = heap.ht_cached_keys.get() as *mut types::dict::keys::DictKeys;
            if !keys.is_null() {
                types::dict::keys::decref_keys(keys);
            }
            xdecref(heap.ht_module.get());
            c_string_free(heap._ht_tpname.get());
            if let Some(free) = ty.ty().0.tp_free.get() {
                free(this as *mut c_void);
            }
        }
        0
    });
}

unsafe extern "C" fn type_traverse(this: *mut PyObject, visit: abi::visitproc, arg: *mut c_void) -> c_int {
    // SAFETY: a live type; static types are not tracked.
    unsafe {
        let ty = Object::from_ptr(this).cast::<Type>();
        let Some(heap) = ty.heap() else { return 0 };
        for pointer in [
            ty.0.tp_dict.get(),
            ty.0.tp_cache.get(),
            ty.0.tp_mro.get(),
            ty.0.tp_bases.get(),
            ty.0.tp_base.get() as *mut PyObject,
            heap.ht_module.get(),
        ] {
            if !pointer.is_null() {
                let status = visit(pointer, arg);
                if status != 0 {
                    return status;
                }
            }
        }
        0
    }
}

unsafe extern "C" fn type_clear(this: *mut PyObject) -> c_int {
    crate::macro_support::guard(|| {
        // SAFETY: a live type in a cycle of garbage.
        unsafe {
            let ty = Object::from_ptr(this).cast::<Type>();
            let Some(heap) = ty.heap() else { return 0 };
            ty.modified();
            ty.remove_from_bases();
            if let Some(dict) = ty.dict_opt() {
                let dict = Owned::from_ref(dict);
                dict.clear();
            }
            set_cell(&heap.ht_module, ptr::null_mut());
            // The MRO closes a cycle: its first item is the type.
            set_cell(&ty.0.tp_mro, ptr::null_mut());
        }
        0
    })
}

/// Static types have no collector's head.
pub(crate) unsafe extern "C" fn type_is_gc(this: *mut PyObject) -> c_int {
    // SAFETY: a live type.
    unsafe { Object::from_ptr(this).cast::<Type>() }.is_heap_type() as c_int
}

// ---- the type ----------------------------------------------------------------------------------------------------------------------

/// type(object) -> the object's type
/// type(name, bases, dict, **kwds) -> a new type
#[pytype(static = PyType_Type, name = "type", flags = HAVE_GC | BASETYPE | TYPE_SUBCLASS | HAVE_VECTORCALL | ITEMS_AT_END,
    no_pytyped, basicsize = size_of::<PyHeapTypeObject>(), itemsize = size_of::<abi::PyMemberDef>(),
    dictoffset = offset_of!(PyTypeObject, tp_dict), weaklistoffset = offset_of!(PyTypeObject, tp_weaklist),
    vectorcall_offset = offset_of!(PyTypeObject, tp_vectorcall),
    tp_new = type_new, tp_init = type_init, tp_call = type_call, tp_vectorcall = type_vectorcall, tp_getattro = type_getattro, tp_setattro = type_setattro,
    tp_dealloc = type_dealloc, tp_traverse = type_traverse, tp_clear = type_clear, tp_is_gc = type_is_gc, tp_alloc = gc::PyType_GenericAlloc,
    tp_free = gc::PyObject_GC_Del,
    members = [("__basicsize__", T_PYSSIZET, offset_of!(PyTypeObject, tp_basicsize), READONLY),
        ("__itemsize__", T_PYSSIZET, offset_of!(PyTypeObject, tp_itemsize), READONLY),
        ("__flags__", T_TYPE_FLAGS, offset_of!(PyTypeObject, tp_flags), READONLY),
        ("__weakrefoffset__", T_PYSSIZET, offset_of!(PyTypeObject, tp_weaklistoffset), READONLY),
        ("__base__", T_OBJECT, offset_of!(PyTypeObject, tp_base), READONLY),
        ("__dictoffset__", T_PYSSIZET, offset_of!(PyTypeObject, tp_dictoffset), READONLY)])]
impl Type {
    #[slot]
    fn tp_repr(&self) -> PyResult<String> {
        match type_module(self)?.as_ref().and_then(|m| m.downcast::<Str>()) {
            Some(module) if !module.eq_str("builtins") => Ok(format!("<class '{}.{}'>", module, type_qualname(self)?)),
            _ => Ok(format!("<class '{}'>", self.name())),
        }
    }
    #[slot]
    fn nb_or(a: &Object, b: &Object) -> PyResult {
        union::type_or(a, b)
    }

    #[getter("__name__")]
    fn get_name(&self) -> Owned<Str> {
        type_name(self)
    }
    #[setter("__name__")]
    fn set_name(&self, value: Option<&Object>) -> PyResult<()> {
        check_settable(self, value, "__name__")?;
        let Some(value) = value else { return Ok(()) };
        let Some(name) = value.downcast::<Str>() else {
            return Err(err!(TypeError, "can only assign string to {}.__name__, not '{}'", self.name(), value.type_name()));
        };
        let text = name.as_utf8()?;
        if text.contains('\0') {
            return Err(err!(ValueError, "type name must not contain null characters"));
        }
        set_tp_name(self, text);
        if let Some(heap) = self.heap() {
            // SAFETY: the cell owns its value.
            unsafe { set_cell(&heap.ht_name, name.as_object().to_owned().into_raw()) };
        }
        Ok(())
    }
    #[getter("__qualname__")]
    fn get_qualname(&self) -> PyResult<Owned<Str>> {
        type_qualname(self)
    }
    #[setter("__qualname__")]
    fn set_qualname(&self, value: Option<&Object>) -> PyResult<()> {
        check_settable(self, value, "__qualname__")?;
        let Some(value) = value else { return Ok(()) };
        if !value.is_instance_of::<Str>() {
            return Err(err!(TypeError, "can only assign string to {}.__qualname__, not '{}'", self.name(), value.type_name()));
        }
        if let Some(heap) = self.heap() {
            // SAFETY: the cell owns its value.
            unsafe { set_cell(&heap.ht_qualname, value.to_owned().into_raw()) };
        }
        Ok(())
    }
    #[getter("__bases__")]
    fn get_bases(&self) -> Option<Owned<Tuple>> {
        self.bases().map(Owned::from_ref)
    }
    #[setter("__bases__")]
    fn set_bases(&self, value: Option<&Object>) -> PyResult<()> {
        set_bases(self, value)
    }
    #[getter("__mro__")]
    fn get_mro(&self) -> Option<Owned<Tuple>> {
        self.mro().map(Owned::from_ref)
    }
    #[getter("__module__")]
    fn get_module(&self) -> PyResult {
        match type_module(self)? {
            Some(module) => Ok(module),
            None => Err(errors::raise_object(crate::exceptions::AttributeError(), Some(intern!("__module__")))),
        }
    }
    #[setter("__module__")]
    fn set_module(&self, value: Option<&Object>) -> PyResult<()> {
        check_settable(self, value, "__module__")?;
        let Some(value) = value else { return Ok(()) };
        store(self, intern!("__module__"), value)?;
        self.dict().pop(intern!("__firstlineno__"))?;
        Ok(())
    }
    #[getter("__abstractmethods__")]
    fn get_abstractmethods(&self) -> PyResult {
        // `type` has a descriptor of that name, which is not what is asked for.
        if !ptr::eq(self, type_type())
            && let Some(dict) = self.dict_opt()
            && let Some(methods) = dict.get_str(intern!("__abstractmethods__"))
        {
            return Ok(methods);
        }
        Err(errors::raise_object(crate::exceptions::AttributeError(), Some(intern!("__abstractmethods__"))))
    }
    #[setter("__abstractmethods__")]
    fn set_abstractmethods(&self, value: Option<&Object>) -> PyResult<()> {
        let is_abstract = match value {
            Some(value) => {
                let is_abstract = proto::is_true(value)?;
                self.dict().set_str(intern!("__abstractmethods__"), value)?;
                is_abstract
            }
            None => {
                if self.dict().pop(intern!("__abstractmethods__"))?.is_none() {
                    return Err(errors::raise_object(crate::exceptions::AttributeError(), Some(intern!("__abstractmethods__"))));
                }
                false
            }
        };
        self.modified();
        if is_abstract {
            self.add_flags(abi::Py_TPFLAGS_IS_ABSTRACT as u64);
        } else {
            self.clear_flags(abi::Py_TPFLAGS_IS_ABSTRACT as u64);
        }
        Ok(())
    }
    #[getter("__dict__")]
    fn get_dict(&self) -> PyResult {
        if self.dict_opt().is_none() {
            return Ok(types::none().to_owned());
        }
        Ok(MappingProxy::new(self.dict())?.into_object())
    }
    #[getter("__doc__")]
    fn get_doc(&self) -> PyResult {
        if !self.is_heap_type() && !self.0.tp_doc.get().is_null() {
            // SAFETY: tp_doc is a C string.
            let text = unsafe { CStr::from_ptr(self.0.tp_doc.get()) }.to_string_lossy();
            let body = doc_body(self.name(), &text);
            return Ok(if body.is_empty() { types::none().to_owned() } else { Str::new(body).into_object() });
        }
        let Some(doc) = self.dict_opt().and_then(|d| d.get_str(intern!("__doc__"))) else {
            return Ok(types::none().to_owned());
        };
        match descr_get(&doc, None, Some(self)) {
            Some(bound) => bound,
            None => Ok(doc),
        }
    }
    #[setter("__doc__")]
    fn set_doc(&self, value: Option<&Object>) -> PyResult<()> {
        check_settable(self, value, "__doc__")?;
        let Some(value) = value else { return Ok(()) };
        store(self, intern!("__doc__"), value)
    }
    #[getter("__text_signature__")]
    fn get_text_signature(&self) -> Option<Owned<Str>> {
        if self.0.tp_doc.get().is_null() {
            return None;
        }
        // SAFETY: tp_doc is a C string.
        let text = unsafe { CStr::from_ptr(self.0.tp_doc.get()) }.to_str().ok()?;
        doc_signature(self.name(), text).map(Str::new)
    }
    #[getter("__annotations__")]
    fn get_annotations(&self) -> PyResult {
        if !self.is_heap_type() {
            return Err(no_attribute(self, "__annotations__"));
        }
        let dict = Owned::from_ref(self.dict());
        let present = match dict.get_str(intern!("__annotations__")) {
            Some(own) => Some(own),
            None => dict.get_str(intern!("__annotations_cache__")),
        };
        if let Some(own) = present {
            return match descr_get(&own, None, Some(self)) {
                Some(bound) => bound,
                None => Ok(own),
            };
        }
        let annotate = proto::get_attr(self, intern!("__annotate__"))?;
        let annotations: Owned = if proto::is_callable(&annotate) {
            let result = call::call1(&annotate, &Int::from_i64(1))?;
            if !result.is_instance_of::<Dict>() {
                return Err(err!(TypeError, "__annotate__ returned non-dict of type '{}'", result.type_name()));
            }
            result
        } else {
            Dict::new().into_object()
        };
        dict.set_str(intern!("__annotations_cache__"), &annotations)?;
        self.modified();
        Ok(annotations)
    }
    #[setter("__annotations__")]
    fn set_annotations(&self, value: Option<&Object>) -> PyResult<()> {
        refuse_immutable(self, "__annotations__")?;
        let dict = Owned::from_ref(self.dict());
        match value {
            Some(value) => {
                let name =
                    if dict.contains_str(intern!("__annotations__")) { intern!("__annotations__") } else { intern!("__annotations_cache__") };
                dict.set_str(name, value)?;
            }
            None => {
                if dict.pop(intern!("__annotations__"))?.is_none() && dict.pop(intern!("__annotations_cache__"))?.is_none() {
                    return Err(errors::raise_object(crate::exceptions::AttributeError(), Some(intern!("__annotations__"))));
                }
            }
        }
        self.modified();
        dict.pop(intern!("__annotate_func__"))?;
        dict.pop(intern!("__annotate__"))?;
        Ok(())
    }
    #[getter("__annotate__")]
    fn get_annotate(&self) -> PyResult {
        if !self.is_heap_type() {
            return Err(no_attribute(self, "__annotate__"));
        }
        let dict = Owned::from_ref(self.dict());
        // One that the class itself defines goes before that of the compiler.
        let found = match dict.get_str(intern!("__annotate__")) {
            Some(found) => Some(found),
            None => dict.get_str(intern!("__annotate_func__")),
        };
        let Some(found) = found else {
            dict.set_str(intern!("__annotate_func__"), types::none())?;
            self.modified();
            return Ok(types::none().to_owned());
        };
        match descr_get(&found, None, Some(self)) {
            Some(bound) => bound,
            None => Ok(found),
        }
    }
    #[setter("__annotate__")]
    fn set_annotate(&self, value: Option<&Object>) -> PyResult<()> {
        let Some(value) = value else {
            return Err(err!(TypeError, "cannot delete __annotate__ attribute"));
        };
        refuse_immutable(self, "__annotate__")?;
        if !value.is_none() && !proto::is_callable(value) {
            return Err(err!(TypeError, "__annotate__ must be callable or None"));
        }
        let dict = Owned::from_ref(self.dict());
        let own = dict.contains_str(intern!("__annotate__"));
        dict.set_str(if own { intern!("__annotate__") } else { intern!("__annotate_func__") }, value)?;
        if !value.is_none() {
            dict.pop(intern!("__annotations_cache__"))?;
        }
        self.modified();
        Ok(())
    }
    #[getter("__type_params__")]
    fn get_type_params(&self) -> PyResult {
        // The descriptor of `type` itself is not an answer.
        if !ptr::eq(self, type_type())
            && let Some(params) = self.dict_opt().and_then(|d| d.get_str(intern!("__type_params__")))
        {
            return Ok(params);
        }
        Ok(Tuple::empty().into_object())
    }
    #[setter("__type_params__")]
    fn set_type_params(&self, value: Option<&Object>) -> PyResult<()> {
        check_settable(self, value, "__type_params__")?;
        let Some(value) = value else { return Ok(()) };
        store(self, intern!("__type_params__"), value)
    }

    /// Return a type's method resolution order.
    #[method("mro($self, /)")]
    fn mro_method(&self) -> PyResult<Owned<List>> {
        mro_list(self)
    }
    /// Return a list of immediate subclasses.
    #[method("__subclasses__($self, /)")]
    fn __subclasses__(&self) -> PyResult<Owned<List>> {
        Ok(List::from_owned(self.own_subclasses().into_iter().map(Owned::into_object).collect()))
    }
    /// Create the namespace for the class statement
    #[classmethod("__prepare__($cls, name, bases, /, **kwds)")]
    fn __prepare__(_cls: &Type, _args: crate::macro_support::Args<'_>, _kwargs: crate::macro_support::KwArgs<'_>) -> PyResult<Owned<Dict>> {
        Ok(Dict::new())
    }
    /// Check if an object is an instance.
    #[method("__instancecheck__($self, instance, /)")]
    fn __instancecheck__(&self, instance: &Object) -> PyResult<bool> {
        proto::real_is_instance(instance, self)
    }
    /// Check if a class is a subclass.
    #[method("__subclasscheck__($self, subclass, /)")]
    fn __subclasscheck__(&self, subclass: &Object) -> PyResult<bool> {
        proto::real_is_subclass(subclass, self)
    }
    /// Specialized __dir__ implementation for types.
    #[method("__dir__($self, /)")]
    fn __dir__(&self) -> PyResult<Owned<List>> {
        let names = Dict::new();
        merge_class_dict(&names, self)?;
        names.keys_list()
    }
    /// Return memory consumption of the type object.
    #[method("__sizeof__($self, /)")]
    fn __sizeof__(&self) -> usize {
        if self.is_heap_type() { size_of::<PyHeapTypeObject>() + crate::types::dict::inline_values::shared_keys_size(self) } else { size_of::<PyTypeObject>() }
    }
}

// SAFETY: every type object has this layout.
unsafe impl PyTyped for Type {
    fn type_object() -> &'static Type {
        type_type()
    }
    #[inline(always)]
    fn check(object: &Object) -> bool {
        object.ty().has_flag(abi::Py_TPFLAGS_TYPE_SUBCLASS as u64)
    }
}

