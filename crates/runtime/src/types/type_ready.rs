//! Readying a type (`PyType_Ready`): bases, MRO, the dict from the slots and tables, inherited slots and flags.
//!
//! Works on static types of ours and of extensions, and on heap types that `type_new.rs` and `from_spec.rs` have filled in. Afterwards
//! the type is READY, its MRO is a tuple, and each slot holds its own function, an inherited one, or NULL.

use crate::errors::PyResult;
use crate::memory;
use crate::object::{Object, Owned, PyTyped, Type};
use crate::types::descr::{ClassMethodDescr, GetSetDescr, MemberDescr, MethodDescr};
use crate::types::dict::inline_values;
use crate::macro_support::type_flags::{INHERITS_NEW, MODULE_TYPE};
use crate::types::type_object::STATIC_BUILTIN;
use crate::types::{self, Dict, StaticMethod, Str, Tuple, descr, mro, slots};
use crate::{err, intern};
use abi::{PyObject, PyTypeObject};
use std::cell::Cell;
use std::ffi::CStr;
use std::ptr;

/// `PyType_Ready`.
pub fn type_ready(ty: &Type) -> PyResult<()> {
    // While a class is being readied its own `mro()` may ask for attributes.
    if ty.is_ready() || ty.has_flag(abi::Py_TPFLAGS_READYING as u64) {
        return Ok(());
    }
    slots::init();
    ty.add_flags(abi::Py_TPFLAGS_READYING as u64);
    let result = ready(ty);
    ty.clear_flags(abi::Py_TPFLAGS_READYING as u64);
    if result.is_ok() {
        ty.add_flags(abi::Py_TPFLAGS_READY as u64);
    }
    result
}

/// Readies a static type of the runtime: its dict is private, and nobody may change it.
pub fn builtin_type_ready(ty: &'static Type) -> PyResult<()> {
    if ty.is_ready() {
        return Ok(());
    }
    if let Some(base) = ty.base()
        && !base.is_ready()
    {
        // SAFETY: the base of a static type is static.
        builtin_type_ready(unsafe { &*(base as *const Type) })?;
    }
    ty.add_flags(STATIC_BUILTIN | abi::Py_TPFLAGS_IMMUTABLETYPE as u64);
    type_ready(ty)
}

fn ready(ty: &Type) -> PyResult<()> {
    if ty.0.tp_name.get().is_null() {
        return Err(err!(SystemError, "Type does not define the tp_name field."));
    }
    if !ty.is_heap_type() {
        ty.add_flags(abi::Py_TPFLAGS_IMMUTABLETYPE as u64);
    }
    set_base_and_metatype(ty)?;
    if ty.dict_opt().is_none() {
        ty.install_dict(Dict::new());
    }
    let dict = Owned::from_ref(ty.dict());
    fill_dict(ty, &dict)?;
    set_order(ty)?;
    let base = ty.base();
    set_new(ty, base, &dict)?;
    if let Some(base) = base {
        inherit_special(ty, base);
    }
    inherit_from_mro(ty, &dict)?;
    if let Some(base) = base {
        inherit_tables(ty, base);
    }
    check_pre_header(ty)?;
    if ty.0.tp_hash.get().is_none() && !dict.contains_str(intern!("__hash__")) {
        dict.set_str(intern!("__hash__"), types::none())?;
        ty.0.tp_hash.set(Some(crate::protocol::object::PyObject_HashNotImplemented));
    }
    ty.add_to_bases();
    ready_managed_dict(ty)?;
    if ty.is_gc() && ty.0.tp_traverse.get().is_none() {
        return Err(err!(SystemError, "type {} has the Py_TPFLAGS_HAVE_GC flag but has no traverse function", ty.name()));
    }
    Ok(())
}

fn set_base_and_metatype(ty: &Type) -> PyResult<()> {
    let object = types::object_type();
    if ty.0.tp_base.get().is_null() && !ptr::eq(ty, object) {
        if ty.is_heap_type() {
            object.incref();
        }
        ty.0.tp_base.set(object.as_type_ptr());
    }
    if let Some(base) = ty.base()
        && !base.is_ready()
    {
        type_ready(base)?;
    }
    if ty.0.ob_base.ob_base.ob_type.get().is_null() {
        let metatype = match ty.base() {
            Some(base) if !base.0.ob_base.ob_base.ob_type.get().is_null() => base.ty_ptr(),
            _ => types::type_type().as_type_ptr(),
        };
        ty.0.ob_base.ob_base.ob_type.set(metatype);
    }
    if ty.0.tp_bases.get().is_null() {
        let bases = match ty.base() {
            Some(base) => Tuple::new(&[base]),
            None => Tuple::empty(),
        };
        ty.0.tp_bases.set(bases.into_raw());
    }
    Ok(())
}

// ---- the dict ----------------------------------------------------------------------------------------------------------------------

fn fill_dict(ty: &Type, dict: &Dict) -> PyResult<()> {
    slots::add_operators(ty, dict)?;
    add_methods(ty, dict)?;
    add_members(ty, dict)?;
    add_getset(ty, dict)?;
    if !dict.contains_str(intern!("__doc__")) {
        match c_doc(ty) {
            Some(doc) => dict.set_str(intern!("__doc__"), &Str::new(doc))?,
            None => dict.set_str(intern!("__doc__"), types::none())?,
        }
    }
    Ok(())
}

/// `tp_doc` without the signature in front of it.
pub(crate) fn c_doc(ty: &Type) -> Option<&str> {
    let doc = ty.0.tp_doc.get();
    if doc.is_null() {
        return None;
    }
    // SAFETY: tp_doc is a C string that lives as long as the type.
    let text = unsafe { CStr::from_ptr(doc) }.to_str().unwrap_or("");
    Some(types::descr::doc_body(ty.short_name(), text))
}

/// The entries of a table that a NULL name ends.
fn entries<'a, T>(table: *mut T, name_of: fn(&T) -> &Cell<*const std::ffi::c_char>) -> impl Iterator<Item = (&'a T, Owned<Str>)>
where
    T: 'a,
{
    let mut at = table as *const T;
    std::iter::from_fn(move || {
        // SAFETY: the table is NULL or ended by an entry without a name; it lives as long as the type.
        unsafe {
            let entry: &'a T = at.as_ref()?;
            let name = name_of(entry).get();
            if name.is_null() {
                return None;
            }
            at = at.add(1);
            let text = CStr::from_ptr(name).to_string_lossy();
            Some((entry, Str::intern(Str::new(&text))))
        }
    })
}

fn add_methods(ty: &Type, dict: &Dict) -> PyResult<()> {
    for (method, name) in entries(ty.0.tp_methods.get(), |m: &abi::PyMethodDef| &m.ml_name) {
        let flags = method.ml_flags.get();
        if flags & abi::METH_COEXIST == 0 && dict.contains_str(&name) {
            continue;
        }
        let descr: Owned = if flags & abi::METH_CLASS != 0 {
            if flags & abi::METH_STATIC != 0 {
                return Err(err!(ValueError, "method cannot be both class and static"));
            }
            ClassMethodDescr::new(ty, method, &name)?.into_object()
        } else if flags & abi::METH_STATIC != 0 {
            let function = descr::bind(method, Some(ty), None, None)?;
            StaticMethod::new(&function)?.into_object()
        } else {
            MethodDescr::new(ty, method, &name)?.into_object()
        };
        dict.set_str(&name, &descr)?;
    }
    Ok(())
}

fn add_members(ty: &Type, dict: &Dict) -> PyResult<()> {
    for (member, name) in entries(ty.0.tp_members.get(), |m: &abi::PyMemberDef| &m.name) {
        if !dict.contains_str(&name) {
            let descr = MemberDescr::new(ty, member, &name)?;
            dict.set_str(&name, &descr)?;
        }
    }
    Ok(())
}

fn add_getset(ty: &Type, dict: &Dict) -> PyResult<()> {
    for (getset, name) in entries(ty.0.tp_getset.get(), |g: &abi::PyGetSetDef| &g.name) {
        if !dict.contains_str(&name) {
            let descr = GetSetDescr::new(ty, getset, &name)?;
            dict.set_str(&name, &descr)?;
        }
    }
    Ok(())
}

// ---- order and inheritance ---------------------------------------------------------------------------------------------------------

fn set_order(ty: &Type) -> PyResult<()> {
    if !ty.is_heap_type()
        && let Some(bases) = ty.bases()
    {
        for i in 0..bases.len() {
            if let Some(base) = bases.get(i).downcast::<Type>()
                && base.is_heap_type()
            {
                return Err(err!(
                    TypeError,
                    "type '{}' is not dynamically allocated but its base type '{}' is dynamically allocated",
                    ty.name(),
                    base.name()
                ));
            }
        }
    }
    mro::set_mro(ty)?;
    Ok(())
}

fn set_new(ty: &Type, base: Option<&Type>, dict: &Dict) -> PyResult<()> {
    let no_new = ty.0.tp_new.get().is_none();
    if no_new && !ty.is_heap_type() && base.is_some_and(|b| ptr::eq(b, types::object_type())) {
        // A static type right below object does not get object's constructor.
        ty.add_flags(abi::Py_TPFLAGS_DISALLOW_INSTANTIATION as u64);
    }
    if ty.has_flag(abi::Py_TPFLAGS_DISALLOW_INSTANTIATION as u64) {
        ty.0.tp_new.set(None);
    } else if ty.has_flag(INHERITS_NEW) || ty.has_flag(MODULE_TYPE) && base.is_some_and(|b| same_new(ty, b)) {
        // What stands for a heap type inherits the constructor that it had to name.
    } else if !no_new {
        slots::add_new_wrapper(ty, dict)?;
    } else if let Some(base) = base {
        ty.0.tp_new.set(base.0.tp_new.get());
    }
    Ok(())
}

fn same_new(ty: &Type, base: &Type) -> bool {
    match (ty.0.tp_new.get(), base.0.tp_new.get()) {
        (Some(own), Some(inherited)) => ptr::fn_addr_eq(own, inherited),
        _ => false,
    }
}

/// What comes from `tp_base` alone: sizes, collector support, the places before the object, the flags of built-in bases.
fn inherit_special(ty: &Type, base: &Type) {
    // Static types may say HAVE_GC and leave the functions to their base.
    let may_inherit = !ty.is_gc() || !ty.is_heap_type();
    if may_inherit && base.is_gc() && ty.0.tp_traverse.get().is_none() && ty.0.tp_clear.get().is_none() {
        ty.add_flags(abi::Py_TPFLAGS_HAVE_GC as u64);
        ty.0.tp_traverse.set(base.0.tp_traverse.get());
        ty.0.tp_clear.set(base.0.tp_clear.get());
    }
    ty.add_flags(base.flags() & abi::Py_TPFLAGS_PREHEADER as u64);
    let copy = |own: &Cell<isize>, inherited: &Cell<isize>| {
        if own.get() == 0 {
            own.set(inherited.get());
        }
    };
    copy(&ty.0.tp_basicsize, &base.0.tp_basicsize);
    copy(&ty.0.tp_itemsize, &base.0.tp_itemsize);
    copy(&ty.0.tp_weaklistoffset, &base.0.tp_weaklistoffset);
    copy(&ty.0.tp_dictoffset, &base.0.tp_dictoffset);
    let kinds = abi::Py_TPFLAGS_LONG_SUBCLASS
        | abi::Py_TPFLAGS_LIST_SUBCLASS
        | abi::Py_TPFLAGS_TUPLE_SUBCLASS
        | abi::Py_TPFLAGS_BYTES_SUBCLASS
        | abi::Py_TPFLAGS_UNICODE_SUBCLASS
        | abi::Py_TPFLAGS_DICT_SUBCLASS
        | abi::Py_TPFLAGS_BASE_EXC_SUBCLASS
        | abi::Py_TPFLAGS_TYPE_SUBCLASS
        | abi::_Py_TPFLAGS_MATCH_SELF
        | abi::Py_TPFLAGS_ITEMS_AT_END;
    ty.add_flags(base.flags() & kinds as u64);
}

fn inherit_from_mro(ty: &Type, dict: &Dict) -> PyResult<()> {
    let Some(order) = ty.mro() else { return Ok(()) };
    let order = Owned::from_ref(order);
    for i in 1..order.len() {
        if let Some(base) = order.get(i).downcast::<Type>() {
            inherit_slots(ty, base, dict);
            let collections = (abi::Py_TPFLAGS_SEQUENCE | abi::Py_TPFLAGS_MAPPING) as u64;
            if ty.flags() & collections == 0 {
                ty.add_flags(base.flags() & collections);
            }
        }
    }
    Ok(())
}

/// Copies slots that `ty` lacks and `base` defines itself (its own base has another value).
macro_rules! inherit {
    ($ty:expr, $base:expr, $above:expr; $($slot:ident)*) => {$(
        if $ty.$slot.get().is_none()
            && $base.$slot.get().is_some()
            && $above.is_none_or(|above| above.$slot.get() != $base.$slot.get())
        {
            $ty.$slot.set($base.$slot.get());
        }
    )*};
}

macro_rules! inherit_table {
    ($ty:ident, $base:ident, $table:ident; $($slot:ident)*) => {
        // SAFETY: slot tables of living types.
        unsafe {
            if let (Some(own), Some(from)) = ($ty.0.$table.get().as_ref(), $base.0.$table.get().as_ref()) {
                let above = $base.base().and_then(|above| above.0.$table.get().as_ref());
                inherit!(own, from, above; $($slot)*);
            }
        }
    };
}

fn inherit_slots(ty: &Type, base: &Type, dict: &Dict) {
    inherit_table!(ty, base, tp_as_number; nb_add nb_subtract nb_multiply nb_remainder nb_divmod nb_power nb_negative nb_positive
        nb_absolute nb_bool nb_invert nb_lshift nb_rshift nb_and nb_xor nb_or nb_int nb_float nb_inplace_add nb_inplace_subtract
        nb_inplace_multiply nb_inplace_remainder nb_inplace_power nb_inplace_lshift nb_inplace_rshift nb_inplace_and nb_inplace_xor
        nb_inplace_or nb_true_divide nb_floor_divide nb_inplace_true_divide nb_inplace_floor_divide nb_index nb_matrix_multiply
        nb_inplace_matrix_multiply);
    inherit_table!(ty, base, tp_as_async; am_await am_aiter am_anext am_send);
    inherit_table!(ty, base, tp_as_sequence; sq_length sq_concat sq_repeat sq_item sq_ass_item sq_contains sq_inplace_concat
        sq_inplace_repeat);
    inherit_table!(ty, base, tp_as_mapping; mp_length mp_subscript mp_ass_subscript);
    inherit_table!(ty, base, tp_as_buffer; bf_getbuffer bf_releasebuffer);

    let (own, from) = (&ty.0, &base.0);
    let above = base.base().map(|above| &above.0);
    inherit!(own, from, above; tp_dealloc);
    if own.tp_getattr.get().is_none() && own.tp_getattro.get().is_none() {
        own.tp_getattr.set(from.tp_getattr.get());
        own.tp_getattro.set(from.tp_getattro.get());
    }
    if own.tp_setattr.get().is_none() && own.tp_setattro.get().is_none() {
        own.tp_setattr.set(from.tp_setattr.get());
        own.tp_setattro.set(from.tp_setattro.get());
    }
    inherit!(own, from, above; tp_repr);
    if own.tp_vectorcall_offset.get() == 0 {
        own.tp_vectorcall_offset.set(from.tp_vectorcall_offset.get());
    }
    if own.tp_call.get().is_none() && base.has_flag(abi::Py_TPFLAGS_HAVE_VECTORCALL as u64) {
        ty.add_flags(abi::Py_TPFLAGS_HAVE_VECTORCALL as u64);
    }
    inherit!(own, from, above; tp_call tp_str);
    if own.tp_richcompare.get().is_none() && own.tp_hash.get().is_none() && !overrides_hash(dict) {
        own.tp_richcompare.set(from.tp_richcompare.get());
        own.tp_hash.set(from.tp_hash.get());
    }
    inherit!(own, from, above; tp_iter tp_iternext tp_descr_get);
    if own.tp_descr_get.get().is_some()
        && own.tp_descr_get.get() == from.tp_descr_get.get()
        && ty.has_flag(abi::Py_TPFLAGS_IMMUTABLETYPE as u64)
        && base.has_flag(abi::Py_TPFLAGS_METHOD_DESCRIPTOR as u64)
    {
        ty.add_flags(abi::Py_TPFLAGS_METHOD_DESCRIPTOR as u64);
    }
    inherit!(own, from, above; tp_descr_set tp_init tp_alloc tp_is_gc tp_finalize);
    if ty.is_gc() == base.is_gc() {
        inherit!(own, from, above; tp_free);
    } else if ty.is_gc()
        && own.tp_free.get().is_none()
        && from.tp_free.get().is_some_and(|f| ptr::fn_addr_eq(f, memory::PyObject_Free as abi::freefunc))
    {
        own.tp_free.set(Some(crate::gc::PyObject_GC_Del));
    }
}

/// Whether the class says itself how it compares or hashes: then it inherits neither.
fn overrides_hash(dict: &Dict) -> bool {
    dict.contains_str(intern!("__eq__")) || dict.contains_str(intern!("__hash__"))
}

fn inherit_tables(ty: &Type, base: &Type) {
    let (own, from) = (&ty.0, &base.0);
    macro_rules! table {
        ($($field:ident)*) => {$(
            if own.$field.get().is_null() {
                own.$field.set(from.$field.get());
            }
        )*};
    }
    table!(tp_as_async tp_as_number tp_as_sequence tp_as_mapping tp_as_buffer);
}

// ---- the words before the object ---------------------------------------------------------------------------------------------------

/// Offset of the managed weak reference list.
pub const MANAGED_WEAKREF_OFFSET: isize = -32;

fn check_pre_header(ty: &Type) -> PyResult<()> {
    if ty.has_flag(abi::Py_TPFLAGS_MANAGED_DICT as u64) {
        let offset = ty.0.tp_dictoffset.get();
        if offset > 0 || offset < -1 {
            return Err(err!(
                TypeError,
                "type {} has the Py_TPFLAGS_MANAGED_DICT flag but tp_dictoffset is set to incompatible value",
                ty.name()
            ));
        }
        ty.0.tp_dictoffset.set(-1);
    }
    if ty.has_flag(abi::Py_TPFLAGS_MANAGED_WEAKREF as u64) {
        let offset = ty.0.tp_weaklistoffset.get();
        if offset != 0 && offset != MANAGED_WEAKREF_OFFSET {
            return Err(err!(
                TypeError,
                "type {} has the Py_TPFLAGS_MANAGED_WEAKREF flag but tp_weaklistoffset is set to incompatible value",
                ty.name()
            ));
        }
        ty.0.tp_weaklistoffset.set(MANAGED_WEAKREF_OFFSET);
    }
    Ok(())
}

fn ready_managed_dict(ty: &Type) -> PyResult<()> {
    if !ty.has_flag(abi::Py_TPFLAGS_MANAGED_DICT as u64) {
        return Ok(());
    }
    let Some(heap) = ty.heap() else {
        return Err(err!(SystemError, "type {} has the Py_TPFLAGS_MANAGED_DICT flag but not Py_TPFLAGS_HEAPTYPE flag", ty.name()));
    };
    if heap.ht_cached_keys.get().is_null() {
        heap.ht_cached_keys.set(inline_values::new_keys_for_class(ty)? as *mut abi::c_void);
    }
    if ty.0.tp_itemsize.get() == 0 {
        ty.add_flags(abi::Py_TPFLAGS_INLINE_VALUES as u64);
    }
    Ok(())
}

/// `PyType_Ready` for C.
/// # Safety
/// A type whose fields are NULL or valid.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyType_Ready(ty: *mut PyTypeObject) -> i32 {
    // SAFETY: by contract.
    if type_ready(unsafe { Type::from_type_ptr(ty) }).is_ok() { 0 } else { -1 }
}

/// Whether an object is an exception class, for callers that only have objects.
pub fn is_exception_class(object: &Object) -> bool {
    object.downcast::<Type>().is_some_and(|ty| ty.is_subtype(types::BaseException::type_object()))
}

/// The dict of any type as `PyType_GetDict` gives it.
pub fn dict_object(ty: &Type) -> *mut PyObject {
    ty.dict_ptr()
}
