//! `type.__new__`: from a name, bases and a namespace to a class.
//!
//! The steps, each a function: bases and metaclass, `__slots__`, allocation, the special names of the namespace, readying, slots,
//! `__set_name__`, `__init_subclass__`.

use crate::errors::{self, PyResult, from_c};
use crate::gc;
use crate::memory;
use crate::object::{Object, Owned, PyTyped, Type, set_cell};
use crate::protocol::object as proto;
use crate::protocol::{call, sequence};
use crate::types::attributes::descr_get;
use crate::types::mro::{best_base, calculate_metaclass, has_default_mro};
use crate::types::subtype::{getset_table, subtype_clear, subtype_dealloc, subtype_traverse};
use crate::types::type_object::{is_type_getattro, lookup_special};
use crate::types::type_ready::MANAGED_WEAKREF_OFFSET;
use crate::types::{self, Cell as PyCell, ClassMethod, Dict, Function, StaticMethod, Str, Super, Tuple, slots};
use crate::{err, exceptions, intern};
use abi::{PyHeapTypeObject, PyMemberDef, PyObject, PyTypeObject};
use std::cell::Cell;
use std::ptr;

/// `tp_new` of `type`.
/// # Safety
/// A metatype, a tuple, NULL or a dict.
pub unsafe extern "C" fn type_new(metatype: *mut PyTypeObject, args: *mut PyObject, kwargs: *mut PyObject) -> *mut PyObject {
    crate::macro_support::guard(|| {
        // SAFETY: by contract.
        let (metatype, args, kwargs) = unsafe {
            (Type::from_type_ptr(metatype), Object::from_ptr(args).cast::<Tuple>(), Object::from_ptr_opt(kwargs).map(|k| k.cast::<Dict>()))
        };
        errors::to_c(new_from_args(metatype, args, kwargs))
    })
}

fn new_from_args(metatype: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
    if args.len() != 3 {
        return Err(err!(TypeError, "type.__new__() takes exactly 3 arguments ({} given)", args.len()));
    }
    let Some(name) = args.get(0).downcast::<Str>() else {
        return Err(err!(TypeError, "type.__new__() argument 1 must be str, not {}", args.get(0).type_name()));
    };
    let Some(bases) = args.get(1).downcast::<Tuple>() else {
        return Err(err!(TypeError, "type.__new__() argument 2 must be tuple, not {}", args.get(1).type_name()));
    };
    let Some(namespace) = args.get(2).downcast::<Dict>() else {
        return Err(err!(TypeError, "type.__new__() argument 3 must be dict, not {}", args.get(2).type_name()));
    };
    let given_bases = Owned::from_ref(bases);
    let bases = if bases.len() == 0 { Tuple::new(&[types::object_type()]) } else { given_bases };
    for i in 0..bases.len() {
        let base = bases.get(i);
        if !base.is_instance_of::<Type>() && proto::has_attr(base, intern!("__mro_entries__"))? {
            return Err(err!(TypeError, "type() doesn't support MRO entry resolution; use types.new_class()"));
        }
    }
    let winner = calculate_metaclass(metatype, &bases)?;
    if !ptr::eq(winner, metatype)
        && let Some(new) = winner.0.tp_new.get()
        && !ptr::fn_addr_eq(new, type_new as abi::newfunc)
    {
        let kwargs = kwargs.map_or(ptr::null_mut(), |k| k.as_ptr());
        // SAFETY: a slot of the metatype.
        return unsafe { from_c(new(winner.as_type_ptr(), args.as_ptr(), kwargs)) };
    }
    new_type(winner, name, &bases, namespace, kwargs).map(Owned::into_object)
}

/// What the namespace and the bases say about the layout.
struct Layout {
    base: Owned<Type>,
    /// Mangled and sorted, without `__dict__` and `__weakref__`.
    slots: Option<Owned<Tuple>>,
    add_dict: bool,
    add_weak: bool,
}

/// Makes a class; `bases` is not empty, `metatype` is the most derived one.
pub fn new_type(metatype: &Type, name: &Str, bases: &Tuple, namespace: &Dict, kwargs: Option<&Dict>) -> PyResult<Owned<Type>> {
    let base = Owned::from_type(best_base(bases)?);
    let dict = namespace.copy()?;
    let layout = read_slots(base, bases, &dict, name)?;
    let class = allocate(metatype, name, bases, &dict, &layout)?;
    set_attributes(&class, name, &dict, &layout)?;
    types::type_ready(&class)?;
    set_slots(&class, bases, &dict);
    if !has_only_str_keys(&dict) {
        exceptions::warn(
            exceptions::RuntimeWarning(),
            &format!("non-string key in the __dict__ of class {}", class.name()),
            1,
        )?;
    }
    set_names(&class)?;
    init_subclass(&class, kwargs)?;
    Ok(class)
}

/// Sets the C slots from the special methods.
fn set_slots(class: &Type, bases: &Tuple, dict: &Dict) {
    if bases.len() == 1
        && let Some(base) = class.base()
        && (ptr::eq(base, types::object_type()) || (is_python_made(base) && has_default_mro(class)))
        && has_default_mro(class)
        && base.0.tp_as_number.get() != ptr::null_mut()
    {
        slots::fix_own_slots(class, base, dict);
        return;
    }
    slots::fix_all_slots(class);
}

fn is_python_made(ty: &Type) -> bool {
    ty.0.tp_dealloc.get().is_some_and(|f| ptr::fn_addr_eq(f, subtype_dealloc as abi::destructor)) && ty.is_heap_type()
}

fn has_only_str_keys(dict: &Dict) -> bool {
    if dict.has_unicode_keys() {
        return true;
    }
    let mut at = 0;
    while let Some((key, _)) = dict.next(&mut at) {
        if !key.is_instance_of::<Str>() {
            return false;
        }
    }
    true
}

// ---- __slots__ ---------------------------------------------------------------------------------------------------------------------

fn read_slots(base: Owned<Type>, bases: &Tuple, dict: &Dict, class_name: &Str) -> PyResult<Layout> {
    let may_add_dict = base.0.tp_dictoffset.get() == 0;
    let may_add_weak = base.0.tp_weaklistoffset.get() == 0 && base.0.tp_itemsize.get() == 0;
    let Some(given) = dict.get_str(intern!("__slots__")) else {
        return Ok(Layout { base, slots: None, add_dict: may_add_dict, add_weak: may_add_weak });
    };
    let names = if given.is_instance_of::<Str>() { Tuple::new(&[&*given]) } else { sequence::to_tuple(&given)? };
    if names.len() > 0 && base.0.tp_itemsize.get() != 0 {
        return Err(err!(TypeError, "nonempty __slots__ not supported for subtype of '{}'", base.name()));
    }
    let (mut add_dict, mut add_weak) = (false, false);
    for i in 0..names.len() {
        let name = check_slot_name(names.get(i))?;
        if name.eq_str("__dict__") {
            if !may_add_dict || add_dict {
                return Err(err!(TypeError, "__dict__ slot disallowed: we already got one"));
            }
            add_dict = true;
        } else if name.eq_str("__weakref__") {
            if !may_add_weak || add_weak {
                return Err(err!(TypeError, "__weakref__ slot disallowed: we already got one"));
            }
            add_weak = true;
        }
    }
    let slots = mangle_slots(&names, dict, class_name)?;
    // Another base may bring a dict or weak references along.
    for i in 0..bases.len() {
        let Some(other) = bases.get(i).downcast::<Type>() else { continue };
        if !ptr::eq(other, &*base) {
            add_dict |= may_add_dict && other.0.tp_dictoffset.get() != 0;
            add_weak |= may_add_weak && other.0.tp_weaklistoffset.get() != 0;
        }
    }
    Ok(Layout { base, slots: Some(slots), add_dict, add_weak })
}

fn check_slot_name(name: &Object) -> PyResult<&Str> {
    let Some(name) = name.downcast::<Str>() else {
        return Err(err!(TypeError, "__slots__ items must be strings, not '{}'", name.type_name()));
    };
    if !is_identifier(name)? {
        return Err(err!(TypeError, "__slots__ must be identifiers"));
    }
    Ok(name)
}

fn is_identifier(name: &Str) -> PyResult<bool> {
    proto::is_true(&*call::call_method0(name, intern!("isidentifier"))?)
}

fn mangle_slots(names: &Tuple, dict: &Dict, class_name: &Str) -> PyResult<Owned<Tuple>> {
    let mut slots: Vec<Owned<Str>> = Vec::with_capacity(names.len());
    for i in 0..names.len() {
        let Some(name) = names.get(i).downcast::<Str>() else { continue };
        if name.eq_str("__dict__") || name.eq_str("__weakref__") {
            continue;
        }
        let mangled = mangle(class_name, name);
        let deleted_later = ["__qualname__", "__classcell__", "__classdictcell__"].iter().any(|n| mangled.eq_str(n));
        if !deleted_later && dict.contains(&mangled)? {
            let shown = proto::repr(&mangled)?;
            return Err(err!(ValueError, "{} in __slots__ conflicts with class variable", shown));
        }
        slots.push(mangled);
    }
    slots.sort_by(|a, b| compare_code_points(a, b));
    Ok(Tuple::from_owned(slots.into_iter().map(Owned::into_object).collect()))
}

fn compare_code_points(a: &Str, b: &Str) -> std::cmp::Ordering {
    (0..a.len()).map(|i| a.char_at(i)).cmp((0..b.len()).map(|i| b.char_at(i)))
}

/// `__name` inside a class becomes `_Class__name`.
pub fn mangle(class_name: &Str, name: &Str) -> Owned<Str> {
    let text = name.to_string_lossy();
    let class = class_name.to_string_lossy();
    let stripped = class.trim_start_matches('_');
    if !text.starts_with("__") || text.ends_with("__") || text.contains('.') || stripped.is_empty() {
        return Str::intern(Owned::from_ref(name));
    }
    Str::intern(Str::new(&format!("_{stripped}{text}")))
}

// ---- the type object ---------------------------------------------------------------------------------------------------------------

fn allocate(metatype: &Type, name: &Str, bases: &Tuple, dict: &Owned<Dict>, layout: &Layout) -> PyResult<Owned<Type>> {
    let slot_count = layout.slots.as_ref().map_or(0, |s| s.len());
    let class = metatype.alloc(slot_count as isize)?;
    // SAFETY: an instance of a metatype has the heap type layout, zeroed by the allocation.
    let class: Owned<Type> = unsafe { class.cast_into() };
    let ty = &class.0;
    let base = &layout.base;
    ty.tp_flags.set(abi::Py_TPFLAGS_DEFAULT | abi::Py_TPFLAGS_HEAPTYPE | abi::Py_TPFLAGS_BASETYPE | abi::Py_TPFLAGS_HAVE_GC);
    link_tables(&class);
    ty.tp_bases.set(Owned::from_ref(bases).into_raw());
    ty.tp_base.set(base.clone().into_raw() as *mut PyTypeObject);
    ty.tp_dict.set(dict.clone().into_raw());
    if let Some(heap) = class.heap() {
        heap.ht_name.set(name.as_object().to_owned().into_raw());
        if let Some(slots) = &layout.slots {
            heap.ht_slots.set(slots.clone().into_raw());
        }
    }
    Ok(class)
}

/// The `tp_as_*` pointers of a heap type point into itself.
pub(crate) fn link_tables(class: &Type) {
    let heap = class.as_type_ptr() as *mut PyHeapTypeObject;
    // SAFETY: taking addresses inside the heap type struct.
    unsafe {
        class.0.tp_as_async.set(&raw mut (*heap).as_async);
        class.0.tp_as_number.set(&raw mut (*heap).as_number);
        class.0.tp_as_sequence.set(&raw mut (*heap).as_sequence);
        class.0.tp_as_mapping.set(&raw mut (*heap).as_mapping);
        class.0.tp_as_buffer.set(&raw mut (*heap).as_buffer);
    }
}

fn set_attributes(class: &Owned<Type>, name: &Str, dict: &Dict, layout: &Layout) -> PyResult<()> {
    set_name(class, name)?;
    set_module(dict)?;
    set_qualname(class, name, dict)?;
    set_doc(class, dict)?;
    wrap_function(dict, intern!("__new__"), |f| StaticMethod::new(f).map(Owned::into_object))?;
    wrap_function(dict, intern!("__init_subclass__"), |f| ClassMethod::new(f).map(Owned::into_object))?;
    wrap_function(dict, intern!("__class_getitem__"), |f| ClassMethod::new(f).map(Owned::into_object))?;
    set_layout(class, layout)?;
    set_generic_slots(class, layout);
    set_class_cell(class, dict)?;
    set_class_dict_cell(class, dict)
}

fn set_name(class: &Type, name: &Str) -> PyResult<()> {
    let text = name.as_utf8()?;
    if text.contains('\0') {
        return Err(err!(ValueError, "type name must not contain null characters"));
    }
    set_tp_name(class, text);
    Ok(())
}

/// Gives a heap type its own copy of the name for `tp_name`.
pub(crate) fn set_tp_name(class: &Type, text: &str) {
    let Some(heap) = class.heap() else { return };
    let copy = c_string_copy(text.as_bytes());
    let old = heap._ht_tpname.replace(copy);
    class.0.tp_name.set(copy);
    // SAFETY: made by `c_string_copy`.
    unsafe { c_string_free(old) };
}

/// A NUL-ended copy in memory that C may free.
pub(crate) fn c_string_copy(text: &[u8]) -> *mut std::ffi::c_char {
    let block = memory::mem_malloc(text.len() + 1) as *mut u8;
    if !block.is_null() {
        // SAFETY: a fresh block of that size.
        unsafe {
            ptr::copy_nonoverlapping(text.as_ptr(), block, text.len());
            *block.add(text.len()) = 0;
        }
    }
    block as *mut std::ffi::c_char
}

/// # Safety
/// NULL or made by `c_string_copy`.
pub(crate) unsafe fn c_string_free(text: *mut std::ffi::c_char) {
    // SAFETY: by contract.
    unsafe { memory::mem_free(text as *mut std::ffi::c_void) }
}

/// `__module__`: the `__name__` of the globals in which the class is made.
fn set_module(dict: &Dict) -> PyResult<()> {
    if dict.contains_str(intern!("__module__")) {
        return Ok(());
    }
    if let Some(globals) = current_globals()
        && let Some(module) = globals.get_str(intern!("__name__"))
    {
        dict.set_str(intern!("__module__"), &module)?;
    }
    Ok(())
}

/// The globals of the Python code that runs.
fn current_globals() -> Option<Owned<Dict>> {
    let frame = crate::interp::frame::current();
    if frame.is_null() {
        return None;
    }
    // SAFETY: a live frame; it owns its globals.
    unsafe { Object::from_ptr_opt((*frame).f_globals) }.and_then(|globals| globals.to_owned().try_into_typed::<Dict>().ok())
}

fn set_qualname(class: &Type, name: &Str, dict: &Dict) -> PyResult<()> {
    let qualname = match dict.get_str(intern!("__qualname__")) {
        Some(qualname) => {
            if !qualname.is_instance_of::<Str>() {
                return Err(err!(TypeError, "type __qualname__ must be a str, not {}", qualname.type_name()));
            }
            dict.del_item(intern!("__qualname__"))?;
            qualname
        }
        None => name.as_object().to_owned(),
    };
    if let Some(heap) = class.heap() {
        // SAFETY: the cell owns its value.
        unsafe { set_cell(&heap.ht_qualname, qualname.into_raw()) };
    }
    Ok(())
}

/// `tp_doc` gets a copy of a `__doc__` that is text.
fn set_doc(class: &Type, dict: &Dict) -> PyResult<()> {
    if let Some(doc) = dict.get_str(intern!("__doc__"))
        && let Some(doc) = doc.downcast::<Str>()
    {
        let text = doc.as_utf8()?;
        class.0.tp_doc.set(c_string_copy(text.as_bytes()));
    }
    Ok(())
}

/// A plain function under one of the implicit static or class methods' names is wrapped.
fn wrap_function(dict: &Dict, name: &Str, wrap: impl Fn(&Object) -> PyResult) -> PyResult<()> {
    if let Some(function) = dict.get_str(name)
        && Function::check_exact(&function)
    {
        dict.set_str(name, &*wrap(&function)?)?;
    }
    Ok(())
}

fn set_layout(class: &Type, layout: &Layout) -> PyResult<()> {
    let base = &layout.base;
    let word = size_of::<usize>() as isize;
    let mut offset = base.0.tp_basicsize.get();
    if let Some(slots) = &layout.slots {
        if base.has_flag(abi::Py_TPFLAGS_ITEMS_AT_END as u64) && slots.len() > 0 {
            return Err(err!(SystemError, "cannot add slots to a type with items at its end"));
        }
        // SAFETY: room for the members was allocated behind the struct of the metatype.
        let members = unsafe { (class.as_ptr() as *mut u8).add(class.ty().basicsize()) as *mut PyMemberDef };
        for i in 0..slots.len() {
            // SAFETY: the items are strs, and as many as members.
            unsafe {
                let name = slots.get(i).cast::<Str>();
                let member = &*members.add(i);
                member.name.set(name.as_utf8()?.as_ptr() as *const std::ffi::c_char);
                member.r#type.set(abi::Py_T_OBJECT_EX);
                member.offset.set(offset);
            }
            offset += word;
        }
        if slots.len() > 0 {
            class.0.tp_members.set(members);
        }
    }
    if layout.add_dict {
        class.add_flags(abi::Py_TPFLAGS_MANAGED_DICT as u64);
        class.0.tp_dictoffset.set(-1);
    }
    if layout.add_weak {
        class.add_flags(abi::Py_TPFLAGS_MANAGED_WEAKREF as u64);
        class.0.tp_weaklistoffset.set(MANAGED_WEAKREF_OFFSET);
    }
    class.0.tp_basicsize.set(offset);
    class.0.tp_itemsize.set(base.0.tp_itemsize.get());
    class.0.tp_getset.set(getset_table(layout.add_dict, layout.add_weak));
    Ok(())
}

/// The slots that every Python-made class has.
fn set_generic_slots(class: &Type, layout: &Layout) {
    let (ty, base) = (&class.0, &layout.base.0);
    if ty.tp_dictoffset.get() != 0 || layout.slots.as_ref().is_some_and(|s| s.len() > 0) {
        if base.tp_getattr.get().is_none() && base.tp_getattro.get().is_none() {
            ty.tp_getattro.set(Some(proto::PyObject_GenericGetAttr));
        }
        if base.tp_setattr.get().is_none() && base.tp_setattro.get().is_none() {
            ty.tp_setattro.set(Some(proto::PyObject_GenericSetAttr));
        }
    }
    ty.tp_dealloc.set(Some(subtype_dealloc));
    ty.tp_alloc.set(Some(gc::PyType_GenericAlloc));
    ty.tp_free.set(Some(gc::PyObject_GC_Del));
    ty.tp_traverse.set(Some(subtype_traverse));
    ty.tp_clear.set(Some(subtype_clear));
}

/// `__classcell__`: the cell behind `__class__` and zero-argument `super()`.
fn set_class_cell(class: &Owned<Type>, dict: &Dict) -> PyResult<()> {
    if let Some(cell) = dict.get_str(intern!("__classcell__")) {
        let Some(cell) = cell.downcast_exact::<PyCell>() else {
            let shown = proto::repr(cell.ty())?;
            return Err(err!(TypeError, "__classcell__ must be a nonlocal cell, not {}", shown));
        };
        cell.set(Some(class));
        dict.del_item(intern!("__classcell__"))?;
    }
    Ok(())
}

/// `__classdictcell__`: the cell through which annotation scopes see the class namespace.
fn set_class_dict_cell(class: &Type, dict: &Dict) -> PyResult<()> {
    if let Some(cell) = dict.get_str(intern!("__classdictcell__")) {
        let Some(cell) = cell.downcast_exact::<PyCell>() else {
            let shown = proto::repr(cell.ty())?;
            return Err(err!(TypeError, "__classdictcell__ must be a nonlocal cell, not {}", shown));
        };
        cell.set(Some(class.dict()));
        dict.del_item(intern!("__classdictcell__"))?;
    }
    Ok(())
}

// ---- telling others ----------------------------------------------------------------------------------------------------------------

/// Calls `__set_name__` of the values of the namespace that have it.
fn set_names(class: &Owned<Type>) -> PyResult<()> {
    // The calls may change the dict: what has the method is collected first.
    let mut found: Vec<(Owned, Owned)> = Vec::new();
    let dict = class.dict();
    let mut at = 0;
    while let Some((key, value)) = dict.next(&mut at) {
        if value.ty().lookup(intern!("__set_name__")).is_some() {
            found.push((key, value));
        }
    }
    for (key, value) in found {
        let Some(method) = lookup_special(&value, intern!("__set_name__"))? else { continue };
        if let Err(raised) = call::call_args(&method, &[class, &key]) {
            add_note(&key, &value, class)?;
            return Err(raised);
        }
    }
    Ok(())
}

/// Says in the exception which attribute's `__set_name__` failed.
#[cold]
fn add_note(key: &Object, value: &Object, class: &Type) -> PyResult<()> {
    let Some(exc) = errors::take() else { return Ok(()) };
    let note = match proto::repr(key) {
        Ok(key) => format!("Error calling __set_name__ on '{}' instance {} in '{}'", value.type_name(), key, class.name()),
        Err(_) => {
            errors::clear();
            String::new()
        }
    };
    if call::call_method(&exc, intern!("add_note"), &[&Str::new(&note)]).is_err() {
        errors::clear();
    }
    errors::restore(exc);
    Ok(())
}

/// `super(cls, cls).__init_subclass__(**kwargs)`.
fn init_subclass(class: &Owned<Type>, kwargs: Option<&Dict>) -> PyResult<()> {
    if class.mro().is_some_and(|mro| (0..mro.len()).all(|i| !mro.get(i).is(class))) {
        // Its metaclass made an order without the class itself.
        let name = class.name();
        return Err(err!(TypeError, "super(type, obj): obj (type {}) is not an instance or subtype of type ({}).", name, name));
    }
    if kwargs.is_none_or(|k| k.len() == 0)
        && let Some(base) = class.base()
        && class.bases().is_some_and(|b| b.len() == 1)
        && is_default_init_subclass(base)
    {
        return Ok(());
    }
    let bound = Super::bound(class, class)?;
    let method = proto::get_attr(&bound, intern!("__init_subclass__"))?;
    call::call(&method, &Tuple::empty(), kwargs)?;
    Ok(())
}

/// Whether the `__init_subclass__` that `base` gives is object's, which does nothing.
fn is_default_init_subclass(base: &Type) -> bool {
    match (base.lookup(intern!("__init_subclass__")), types::object_type().lookup(intern!("__init_subclass__"))) {
        (Some(a), Some(b)) => a.is(b),
        _ => false,
    }
}

// ---- calling -----------------------------------------------------------------------------------------------------------------------

/// `tp_call` of `type`: makes an instance and initialises it.
/// # Safety
/// A type, a tuple, NULL or a dict.
pub unsafe extern "C" fn type_call(ty: *mut PyObject, args: *mut PyObject, kwargs: *mut PyObject) -> *mut PyObject {
    crate::macro_support::guard(|| {
        // SAFETY: by contract.
        unsafe {
            let result = call_type(Object::from_ptr(ty).cast::<Type>(), Object::from_ptr(args).cast::<Tuple>(), kwargs);
            errors::to_c(result)
        }
    })
}

fn call_type(ty: &Type, args: &Tuple, kwargs: *mut PyObject) -> PyResult {
    // SAFETY: NULL or a dict.
    let keywords = unsafe { Object::from_ptr_opt(kwargs) }.map_or(0, |k| unsafe { k.cast::<Dict>() }.len());
    if ptr::eq(ty, types::type_type()) {
        if args.len() == 1 && keywords == 0 {
            return Ok(args.get(0).ty().as_object().to_owned());
        }
        if args.len() != 3 {
            return Err(err!(TypeError, "type() takes 1 or 3 arguments"));
        }
    }
    let Some(new) = ty.0.tp_new.get() else {
        return Err(err!(TypeError, "cannot create '{}' instances", ty.name()));
    };
    // SAFETY: slots of the types.
    unsafe {
        let made = from_c(new(ty.as_type_ptr(), args.as_ptr(), kwargs))?;
        let made_type = made.ty();
        if !made_type.is_subtype(ty) {
            return Ok(made);
        }
        if let Some(init) = made_type.0.tp_init.get()
            && init(made.raw(), args.as_ptr(), kwargs) < 0
        {
            return Err(errors::Raised::from_c());
        }
        Ok(made)
    }
}

/// `tp_vectorcall` of `type` itself: `type(x)` without a tuple.
/// # Safety
/// A vectorcall's arguments.
pub unsafe extern "C" fn type_vectorcall(
    ty: *mut PyObject,
    args: *const *mut PyObject,
    nargsf: usize,
    kwnames: *mut PyObject,
) -> *mut PyObject {
    crate::macro_support::guard(|| {
        let count = nargsf & !abi::PY_VECTORCALL_ARGUMENTS_OFFSET;
        // SAFETY: by contract.
        unsafe {
            let kwnames = Object::from_ptr_opt(kwnames).map(|k| k.cast::<Tuple>());
            if count == 1 && kwnames.is_none_or(|k| k.len() == 0) && ptr::eq(ty, types::type_type().as_ptr()) {
                return Object::from_ptr(*args).ty().as_object().to_owned().into_raw();
            }
            let all = types::descr::argument_tuple(args, count);
            let result = types::descr::keyword_dict(args.add(count), kwnames.map_or(ptr::null_mut(), |k| k.as_ptr())).and_then(|keywords| {
                let keywords = keywords.as_ref().map_or(ptr::null_mut(), |k| k.raw());
                call_type(Object::from_ptr(ty).cast::<Type>(), &all, keywords)
            });
            errors::to_c(result)
        }
    })
}

/// `tp_init` of `type`: the work was done by `type_new`; only the number of arguments is checked.
/// # Safety
/// A type, a tuple, NULL or a dict.
pub unsafe extern "C" fn type_init(_ty: *mut PyObject, args: *mut PyObject, kwargs: *mut PyObject) -> i32 {
    crate::macro_support::guard(|| {
        // SAFETY: by contract.
        let (args, keywords) = unsafe {
            let keywords = Object::from_ptr_opt(kwargs).map_or(0, |k| k.cast::<Dict>().len());
            (Object::from_ptr(args).cast::<Tuple>(), keywords)
        };
        if args.len() == 1 && keywords != 0 {
            err!(TypeError, "type.__init__() takes no keyword arguments");
            return -1;
        }
        if args.len() != 1 && args.len() != 3 {
            err!(TypeError, "type.__init__() takes 1 or 3 arguments");
            return -1;
        }
        0
    })
}

/// Whether a class can be made instances of without running Python code in `__new__` (for the specialiser): its `tp_new` is object's.
pub fn has_object_new(ty: &Type) -> bool {
    ty.0.tp_new.get().is_some_and(|f| ptr::fn_addr_eq(f, types::object::object_new as abi::newfunc))
}

/// Binds a class attribute found by `lookup` as access through the class does.
pub fn bind_to_class(found: &Object, class: &Type) -> PyResult {
    match descr_get(found, None, Some(class)) {
        Some(bound) => bound,
        None => Ok(found.to_owned()),
    }
}

/// Whether a metatype looks attributes up as `type` does.
pub fn has_plain_getattro(metatype: &Type) -> bool {
    metatype.0.tp_getattro.get().is_some_and(is_type_getattro)
}

/// The spare words of a heap type that the specialiser fills.
pub fn spec_cache(ty: &Type) -> Option<(&Cell<*mut PyObject>, &Cell<u32>, &Cell<*mut PyObject>)> {
    ty.heap().map(|h| (&h._spec_cache.getitem, &h._spec_cache.getitem_version, &h._spec_cache.init))
}
