//! The type functions of `object.h` and `cpython/object.h`, and `descrobject.h`.

use crate::macros::{Done, Ty, done};
use abi::{PyGetSetDef, PyMemberDef, PyMethodDef, PyModuleDef, PyObject, PyType_Spec, PyTypeObject, c_void};
use runtime::errors::{self, PyResult};
use runtime::object::{Object, Owned, Type};
use runtime::types::descr::{ClassMethodDescr, GetSetDescr, MemberDescr, MethodDescr, MethodWrapper, WrapperDescr};
use runtime::types::{self, Module, Str, Tuple, from_spec, members, type_methods, type_object};
use runtime::err;
use std::ffi::{CStr, c_int, c_ulong};
use std::ptr;

/// Where a type's own data begins: behind its base's, with the alignment that `basicsize < 0` gives.
fn data_offset(base: &Type) -> isize {
    (base.0.tp_basicsize.get() + 15) & !15
}

fn method_name(name: *const std::ffi::c_char) -> Owned<Str> {
    // SAFETY: a definition's name is a C string.
    Str::intern(Str::new(&unsafe { CStr::from_ptr(name) }.to_string_lossy()))
}

/// The module of the first type in the method resolution order that has one with this definition.
unsafe fn module_by_def(ty: &Type, def: *mut PyModuleDef) -> Option<*mut PyObject> {
    let mro = ty.mro()?;
    mro.iter().find_map(|entry| {
        let module = entry.downcast::<Type>()?.heap()?.ht_module.get();
        // SAFETY: NULL or a module that the type holds.
        let found = unsafe { Object::from_ptr_opt(module) }?.downcast::<Module>()?;
        ptr::eq(found.0.md_def.get(), def).then_some(module)
    })
}

/// The type itself or the first of its bases, depth first.
fn base_with<'a>(ty: &'a Type, wanted: &dyn Fn(&Type) -> bool) -> Option<&'a Type> {
    if wanted(ty) {
        return Some(ty);
    }
    ty.bases()?.iter().filter_map(|base| base.downcast::<Type>()).find_map(|base| base_with(base, wanted))
}

c_api! {
    // ---- making types
    fn PyType_FromMetaclass(metaclass: *mut PyTypeObject, module: Option<&Object>, spec: *mut PyType_Spec, bases: Option<&Object>) -> PyResult<Owned<Type>> {
        let metaclass = (!metaclass.is_null()).then(|| Type::from_type_ptr(metaclass));
        from_spec::from_metaclass(metaclass, module, spec, bases)
    }
    fn PyType_FromModuleAndSpec(module: Option<&Object>, spec: *mut PyType_Spec, bases: Option<&Object>) -> PyResult<Owned<Type>> {
        from_spec::from_metaclass(None, module, spec, bases)
    }
    fn PyType_FromSpecWithBases(spec: *mut PyType_Spec, bases: Option<&Object>) -> PyResult<Owned<Type>> { from_spec::from_metaclass(None, None, spec, bases) }
    fn PyType_FromSpec(spec: *mut PyType_Spec) -> PyResult<Owned<Type>> { from_spec::from_metaclass(None, None, spec, None) }
    fn PyType_GenericNew(ty: Ty<'_>, _args: *mut PyObject, _kwargs: *mut PyObject) -> PyResult { ty.0.alloc(0) }
    fn PyType_Freeze(ty: Ty<'_>) -> PyResult<Done> {
        if let Some(mro) = ty.0.mro() {
            for base in mro.iter().skip(1).filter_map(|base| base.downcast::<Type>()) {
                if !base.has_flag(abi::Py_TPFLAGS_IMMUTABLETYPE as u64) {
                    return Err(err!(TypeError, "Creating immutable type {} from mutable base {}", ty.0.name(), base.name()));
                }
            }
        }
        ty.0.add_flags(abi::Py_TPFLAGS_IMMUTABLETYPE as u64);
        ty.0.modified();
        Ok(Done)
    }

    // ---- asking types
    fn PyType_GetSlot(ty: Ty<'_>, slot: c_int) -> PyResult<*mut c_void> {
        if slot == from_spec::PY_TP_TOKEN
            && let Some(heap) = ty.0.heap()
        {
            return Ok(heap.ht_token.get() as *mut c_void);
        }
        from_spec::get_slot(ty.0, slot)
    }
    fn PyType_GetModule(ty: Ty<'_>) -> PyResult<*mut PyObject> { Ok(crate::macros::borrowed(from_spec::module_of(ty.0)?)) }
    fn PyType_GetModuleState(ty: Ty<'_>) -> PyResult<*mut c_void> {
        let module = from_spec::module_of(ty.0)?;
        match module.downcast::<Module>() {
            Some(module) => Ok(module.state()),
            None => Err(crate::unicodeobject::bad_argument()),
        }
    }
    fn PyType_GetModuleByDef(ty: Ty<'_>, def: *mut PyModuleDef) -> PyResult<*mut PyObject> {
        match module_by_def(ty.0, def) {
            Some(module) => Ok(module),
            None => Err(err!(TypeError, "PyType_GetModuleByDef: No superclass of '{}' has the given module", ty.0.name())),
        }
    }
    fn _PyType_GetModuleByDef2(left: Ty<'_>, right: Ty<'_>, def: *mut PyModuleDef) -> PyResult<*mut PyObject> {
        match module_by_def(left.0, def).or_else(|| module_by_def(right.0, def)) {
            Some(module) => Ok(module),
            None => Err(err!(TypeError, "PyType_GetModuleByDef: No superclass of '{}' nor '{}' has the given module", left.0.name(), right.0.name())),
        }
    }
    fn PyType_GetName(ty: Ty<'_>) -> Owned<Str> { type_methods::type_name(ty.0) }
    fn PyType_GetQualName(ty: Ty<'_>) -> PyResult<Owned<Str>> { type_methods::type_qualname(ty.0) }
    fn PyType_GetFullyQualifiedName(ty: Ty<'_>) -> PyResult<Owned<Str>> { Ok(Str::new(&type_methods::fully_qualified_name(ty.0)?)) }
    fn PyType_GetModuleName(ty: Ty<'_>) -> PyResult {
        match type_methods::type_module(ty.0)? {
            Some(module) => Ok(module),
            None => Err(err!(AttributeError, "__module__")),
        }
    }
    fn PyType_GetDict(ty: Ty<'_>) -> *mut PyObject { ty.0.dict_opt().map_or(ptr::null_mut(), |dict| dict.to_owned().into_raw()) }
    fn _PyType_GetDict(ty: Ty<'_>) -> *mut PyObject { ty.0.dict_opt().map_or(ptr::null_mut(), |dict| dict.as_ptr()) }
    fn _PyType_GetBases(ty: Ty<'_>) -> *mut PyObject { ty.0.0.tp_bases.get() }
    fn _PyType_GetMRO(ty: Ty<'_>) -> *mut PyObject { runtime::object::xincref(ty.0.0.tp_mro.get()) }
    fn _PyType_Name(ty: Ty<'_>) -> *const std::ffi::c_char {
        let name = ty.0.0.tp_name.get();
        match CStr::from_ptr(name).to_bytes().iter().rposition(|&c| c == b'.') {
            Some(dot) if !ty.0.is_heap_type() => name.add(dot + 1),
            _ => name,
        }
    }
    fn PyType_GetBaseByToken(ty: Ty<'_>, token: *mut c_void, result: *mut *mut PyTypeObject) -> PyResult<bool> {
        if !result.is_null() {
            *result = ptr::null_mut();
        }
        if token.is_null() {
            return Err(err!(SystemError, "PyType_GetBaseByToken called with token=NULL"));
        }
        if !ty.0.is_instance_of::<Type>() {
            return Err(err!(TypeError, "expected a type, got a '{}' object", ty.0.type_name()));
        }
        let has_token = |ty: &Type| ty.heap().is_some_and(|heap| ptr::eq(heap.ht_token.get() as *mut c_void, token));
        let found = match ty.0.mro() {
            Some(mro) => mro.iter().filter_map(|entry| entry.downcast::<Type>()).find(|entry| has_token(entry)),
            // A type without an order yet.
            None => base_with(ty.0, &has_token),
        };
        if let Some(found) = found
            && !result.is_null()
        {
            found.incref();
            *result = found.as_type_ptr();
        }
        Ok(found.is_some())
    }
    fn PyType_GetTypeDataSize(ty: Ty<'_>) -> isize {
        let base = ty.0.base().map_or(0, data_offset);
        (ty.0.0.tp_basicsize.get() - base).max(0)
    }
    fn PyObject_GetTypeData(o: &Object, ty: Ty<'_>) -> *mut c_void {
        let offset = ty.0.base().map_or(0, data_offset);
        (o.as_ptr() as *mut u8).offset(offset).cast()
    }
    fn PyObject_GetItemData(o: &Object) -> PyResult<*mut c_void> {
        if !o.ty().has_flag(abi::Py_TPFLAGS_ITEMS_AT_END as u64) {
            return Err(err!(TypeError, "type '{}' does not have Py_TPFLAGS_ITEMS_AT_END", o.type_name()));
        }
        Ok((o.as_ptr() as *mut u8).offset(o.ty().0.tp_basicsize.get()).cast())
    }
    fn PyType_Modified(ty: Ty<'_>) { ty.0.modified() }
    fn PyType_ClearCache() -> u32 { type_object::clear_cache() }
    fn PyUnstable_Type_AssignVersionTag(ty: Ty<'_>) -> bool { ty.0.version() != 0 }
    fn PyType_AddWatcher(callback: Option<abi::PyType_WatchCallback>) -> PyResult<c_int> {
        match callback {
            Some(callback) => type_object::add_watcher(callback),
            None => Err(errors::bad_internal_call()),
        }
    }
    fn PyType_ClearWatcher(id: c_int) -> PyResult<Done> { done(type_object::clear_watcher(id)) }
    fn PyType_Watch(id: c_int, ty: &Object) -> PyResult<Done> { done(type_object::watch(id, ty)) }
    fn PyType_Unwatch(id: c_int, ty: &Object) -> PyResult<Done> { done(type_object::unwatch(id, ty)) }
    fn PyType_SUPPORTS_WEAKREFS(ty: Ty<'_>) -> bool { ty.0.0.tp_weaklistoffset.get() != 0 }
    fn _PyType_CalculateMetaclass(metatype: Ty<'_>, bases: &Tuple) -> PyResult<*mut PyTypeObject> {
        Ok(types::mro::calculate_metaclass(metatype.0, bases)?.as_type_ptr())
    }

    // ---- descriptors
    fn PyDescr_NewMethod(ty: Ty<'_>, def: *mut PyMethodDef) -> PyResult<Owned<MethodDescr>> { MethodDescr::new(ty.0, &*def, &*method_name((*def).ml_name.get())) }
    fn PyDescr_NewClassMethod(ty: Ty<'_>, def: *mut PyMethodDef) -> PyResult<Owned<ClassMethodDescr>> { ClassMethodDescr::new(ty.0, &*def, &*method_name((*def).ml_name.get())) }
    fn PyDescr_NewMember(ty: Ty<'_>, def: *mut PyMemberDef) -> PyResult<Owned<MemberDescr>> {
        if (*def).flags.get() & 8 != 0 {
            return Err(err!(SystemError, "PyDescr_NewMember used with Py_RELATIVE_OFFSET"));
        }
        MemberDescr::new(ty.0, &*def, &*method_name((*def).name.get()))
    }
    fn PyDescr_NewGetSet(ty: Ty<'_>, def: *mut PyGetSetDef) -> PyResult<Owned<GetSetDescr>> { GetSetDescr::new(ty.0, &*def, &*method_name((*def).name.get())) }
    fn PyDescr_NewWrapper(ty: Ty<'_>, row: *mut abi::wrapperbase, function: *mut c_void) -> PyResult<Owned<WrapperDescr>> { WrapperDescr::new(ty.0, &*row, function) }
    fn PyDescr_IsData(o: &Object) -> bool { o.ty().0.tp_descr_set.get().is_some() }
    fn PyWrapper_New(descr: &WrapperDescr, this: &Object) -> PyResult<Owned<MethodWrapper>> { MethodWrapper::bind(descr, this) }
    fn PyMember_GetOne(address: *const std::ffi::c_char, def: *mut PyMemberDef) -> PyResult { members::get(Object::from_ptr(address as *mut PyObject), &*def) }
    fn PyMember_SetOne(address: *mut std::ffi::c_char, def: *mut PyMemberDef, value: Option<&Object>) -> PyResult<Done> {
        done(members::set(Object::from_ptr(address as *mut PyObject), &*def, value))
    }
}

/// # Safety
/// A type object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyType_GetFlags(ty: *mut PyTypeObject) -> c_ulong {
    // SAFETY: by contract.
    unsafe { (*ty).tp_flags.get() }
}

/// # Safety
/// Type objects.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyType_IsSubtype(a: *mut PyTypeObject, b: *mut PyTypeObject) -> c_int {
    // SAFETY: by contract.
    unsafe { Type::from_type_ptr(a).is_subtype(Type::from_type_ptr(b)) as c_int }
}
