//! `object`: the base of all, with the pickling protocol that copyreg completes, `__class__` assignment, and the default methods.

use crate::errors::{self, PyResult};
use crate::gc;
use crate::memory;
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol::object::{self as proto, CompareOp};
use crate::protocol::{call, iter, mapping, sequence};
use crate::types::attributes::{dict_of, generic_get_dict};
use crate::types::{self, Dict, Int, List, Module, Str, Tuple, mro};
use crate::{err, intern};
use abi::{PyObject, PyTypeObject, c_void};
use macros::pytype;
use std::ptr;

/// `object`, the type.
#[inline(always)]
pub fn object_type() -> &'static Type {
    // SAFETY: a static.
    unsafe { &*(&raw const PyBaseObject_Type as *const Type) }
}

// ---- construction ------------------------------------------------------------------------------------------------------------------

/// `tp_new` of `object`.
/// # Safety
/// A type, a tuple, NULL or a dict.
pub unsafe extern "C" fn object_new(ty: *mut PyTypeObject, args: *mut PyObject, kwargs: *mut PyObject) -> *mut PyObject {
    crate::macro_support::guard(|| {
        // SAFETY: by contract.
        errors::to_c(unsafe {
            let ty = Type::from_type_ptr(ty);
            if excess_arguments(args, kwargs) { refuse_arguments_to_new(ty) } else { Ok(()) }.and_then(|()| new_instance(ty))
        })
    })
}

#[inline]
unsafe fn excess_arguments(args: *mut PyObject, kwargs: *mut PyObject) -> bool {
    // SAFETY: a tuple; NULL or a dict.
    unsafe {
        Object::from_ptr(args).cast::<Tuple>().len() > 0 || Object::from_ptr_opt(kwargs).is_some_and(|k| k.cast::<Dict>().len() > 0)
    }
}

/// Arguments are an error unless exactly one of `__new__` and `__init__` is overridden (and takes them).
fn refuse_arguments_to_new(ty: &Type) -> PyResult<()> {
    if !ty.0.tp_new.get().is_some_and(|f| ptr::fn_addr_eq(f, object_new as abi::newfunc)) {
        return Err(err!(TypeError, "object.__new__() takes exactly one argument (the type to instantiate)"));
    }
    if ty.0.tp_init.get().is_some_and(|f| ptr::fn_addr_eq(f, object_init as abi::initproc)) {
        return Err(err!(TypeError, "{}() takes no arguments", ty.name()));
    }
    Ok(())
}

/// An instance, without arguments.
#[inline]
pub fn new_instance(ty: &Type) -> PyResult {
    if ty.has_flag(abi::Py_TPFLAGS_IS_ABSTRACT as u64) {
        return Err(abstract_class(ty)?);
    }
    ty.alloc(0)
}

#[cold]
fn abstract_class(ty: &Type) -> PyResult<errors::Raised> {
    let methods = proto::get_attr(ty, intern!("__abstractmethods__"))?;
    let names = sequence::to_list(&methods)?;
    call::call_method0(&names, intern!("sort"))?;
    let joined = call::call_method(&Str::new("', '"), intern!("join"), &[&names])?;
    Ok(err!(
        TypeError,
        "Can't instantiate abstract class {} without an implementation for abstract method{} '{}'",
        ty.short_name(),
        if names.len() > 1 { "s" } else { "" },
        proto::str(&joined)?
    ))
}

/// `tp_init` of `object`.
/// # Safety
/// An object, a tuple, NULL or a dict.
pub unsafe extern "C" fn object_init(this: *mut PyObject, args: *mut PyObject, kwargs: *mut PyObject) -> i32 {
    // SAFETY: by contract.
    unsafe {
        if excess_arguments(args, kwargs) {
            return refuse_arguments_to_init(Object::from_ptr(this).ty());
        }
    }
    0
}

#[cold]
fn refuse_arguments_to_init(ty: &Type) -> i32 {
    if !ty.0.tp_init.get().is_some_and(|f| ptr::fn_addr_eq(f, object_init as abi::initproc)) {
        err!(TypeError, "object.__init__() takes exactly one argument (the instance to initialize)");
        return -1;
    }
    if ty.0.tp_new.get().is_some_and(|f| ptr::fn_addr_eq(f, object_new as abi::newfunc)) {
        err!(TypeError, "{}.__init__() takes exactly one argument (the instance to initialize)", ty.name());
        return -1;
    }
    0
}

unsafe extern "C" fn object_dealloc(this: *mut PyObject) {
    // SAFETY: a dead object; its type frees it.
    unsafe {
        if let Some(free) = (*(*this).ob_type.get()).tp_free.get() {
            free(this as *mut c_void);
        }
    }
}

// ---- __class__ ---------------------------------------------------------------------------------------------------------------------

/// `o.__class__ = value`.
pub fn set_class(o: &Object, value: Option<&Object>) -> PyResult<()> {
    let Some(value) = value else {
        return Err(err!(TypeError, "can't delete __class__ attribute"));
    };
    let Some(new) = value.downcast::<Type>() else {
        return Err(err!(TypeError, "__class__ must be set to a class, not '{}' object", value.type_name()));
    };
    crate::audit::audit("object.__setattr__", &[o, &*Str::new("__class__"), value])?;
    let old = o.ty();
    let both_modules = new.is_subtype(Module::type_object()) && old.is_subtype(Module::type_object());
    let immutable = |ty: &Type| ty.has_flag(abi::Py_TPFLAGS_IMMUTABLETYPE as u64);
    if !both_modules && (immutable(new) || immutable(old)) {
        return Err(err!(TypeError, "__class__ assignment only supported for mutable types or ModuleType subclasses"));
    }
    mro::check_compatible(old, new, "__class__", true)?;
    if old.has_flag(abi::Py_TPFLAGS_INLINE_VALUES as u64) {
        // The values' places are those of the old class's keys: they move into a dict that stands alone.
        let dict = generic_get_dict(o)?;
        types::dict::inline_values::detach(o, &dict)?;
    }
    if new.is_heap_type() {
        new.incref();
    }
    let old = o.ty_ptr();
    o.0.ob_type.set(new.as_type_ptr());
    // SAFETY: the object's count of its old heap type.
    unsafe {
        if (*old).tp_flags.get() & abi::Py_TPFLAGS_HEAPTYPE != 0 {
            crate::object::xdecref(old as *mut PyObject);
        }
    }
    Ok(())
}

// ---- pickling ----------------------------------------------------------------------------------------------------------------------

/// The names of an object's `__slots__`, by copyreg, cached in the class.
fn slot_names(ty: &Type) -> PyResult<Owned> {
    if let Some(cached) = ty.dict_opt().and_then(|d| d.get_str(intern!("__slotnames__"))) {
        if !cached.is_none() && !cached.is_instance_of::<List>() {
            return Err(err!(TypeError, "{}.__slotnames__ should be a list or None, not {}", ty.name(), cached.type_name()));
        }
        return Ok(cached);
    }
    let copyreg = crate::import::import_module("copyreg")?;
    let names = call::call_method(&copyreg, intern!("_slotnames"), &[ty])?;
    if !names.is_none() && !names.is_instance_of::<List>() {
        return Err(err!(TypeError, "copyreg._slotnames didn't return a list or None"));
    }
    Ok(names)
}

/// `object.__getstate__`. `required`: complain about state that cannot be seen.
fn default_state(o: &Object, required: bool) -> PyResult {
    let ty = o.ty();
    if required && ty.0.tp_itemsize.get() != 0 {
        return Err(err!(TypeError, "cannot pickle {} objects", ty.name()));
    }
    let state: Owned = match instance_dict_for_state(o)? {
        Some(dict) => dict.into_object(),
        None => types::none().to_owned(),
    };
    let names = slot_names(ty)?;
    let names = names.downcast::<List>().map(Owned::from_ref);
    if required {
        let mut basicsize = size_of::<PyObject>() as isize;
        if ty.0.tp_dictoffset.get() != 0 && !ty.has_flag(abi::Py_TPFLAGS_MANAGED_DICT as u64) {
            basicsize += size_of::<usize>() as isize;
        }
        if ty.0.tp_weaklistoffset.get() > 0 {
            basicsize += size_of::<usize>() as isize;
        }
        if let Some(names) = &names {
            basicsize += (size_of::<usize>() * names.len()) as isize;
        }
        if ty.0.tp_basicsize.get() > basicsize {
            return Err(err!(TypeError, "cannot pickle '{}' object", ty.name()));
        }
    }
    let Some(names) = names else { return Ok(state) };
    if names.len() == 0 {
        return Ok(state);
    }
    let count = names.len();
    let slots = Dict::new();
    for i in 0..count {
        let Some(name) = names.get(i) else { break };
        if let Some(name_str) = name.downcast::<Str>()
            && let Some(value) = proto::get_attr_opt(o, name_str)?
        {
            slots.set_item(&name, &value)?;
        }
        if names.len() != count {
            return Err(err!(RuntimeError, "__slotsname__ changed size during iteration"));
        }
    }
    if slots.len() > 0 {
        return Ok(Tuple::new(&[&*state, &*slots]).into_object());
    }
    Ok(state)
}

/// A copy is not needed: the pickler reads the dict at once.
fn instance_dict_for_state(o: &Object) -> PyResult<Option<Owned<Dict>>> {
    if let Some(dict) = dict_of(o)? {
        return Ok((dict.len() > 0).then_some(dict));
    }
    Ok(None)
}

fn is_object_getstate(method: &Object, o: &Object) -> bool {
    // A built-in method bound to the object whose definition is object's.
    match (types::descr::definition_and_self(method), object_type().lookup(intern!("__getstate__"))) {
        (Some((definition, Some(this))), Some(own)) => {
            this.is(o) && own.downcast_exact::<types::descr::MethodDescr>().is_some_and(|d| ptr::eq(d.definition(), definition))
        }
        _ => false,
    }
}

pub(crate) fn get_state(o: &Object, required: bool) -> PyResult {
    let method = proto::get_attr(o, intern!("__getstate__"))?;
    if is_object_getstate(&method, o) {
        return default_state(o, required);
    }
    call::call0(&method)
}

/// The arguments for `__new__` when unpickling: by `__getnewargs_ex__` or `__getnewargs__`.
fn new_arguments(o: &Object) -> PyResult<(Option<Owned<Tuple>>, Option<Owned<Dict>>)> {
    if let Some(method) = proto::lookup_special(o, intern!("__getnewargs_ex__"))? {
        let both = call::call0(&method)?;
        let Some(both) = both.downcast::<Tuple>() else {
            return Err(err!(TypeError, "__getnewargs_ex__ should return a tuple, not '{}'", both.type_name()));
        };
        if both.len() != 2 {
            return Err(err!(ValueError, "__getnewargs_ex__ should return a tuple of length 2, not {}", both.len()));
        }
        let Some(args) = both.get(0).downcast::<Tuple>() else {
            return Err(err!(
                TypeError,
                "first item of the tuple returned by __getnewargs_ex__ must be a tuple, not '{}'",
                both.get(0).type_name()
            ));
        };
        let Some(kwargs) = both.get(1).downcast::<Dict>() else {
            return Err(err!(
                TypeError,
                "second item of the tuple returned by __getnewargs_ex__ must be a dict, not '{}'",
                both.get(1).type_name()
            ));
        };
        return Ok((Some(Owned::from_ref(args)), Some(Owned::from_ref(kwargs))));
    }
    if let Some(method) = proto::lookup_special(o, intern!("__getnewargs__"))? {
        let args = call::call0(&method)?;
        let Some(args) = args.downcast::<Tuple>() else {
            return Err(err!(TypeError, "__getnewargs__ should return a tuple, not '{}'", args.type_name()));
        };
        return Ok((Some(Owned::from_ref(args)), None));
    }
    Ok((None, None))
}

fn reduce_new(o: &Object) -> PyResult {
    let ty = o.ty();
    if ty.0.tp_new.get().is_none() {
        return Err(err!(TypeError, "cannot pickle '{}' object", ty.name()));
    }
    let (args, kwargs) = new_arguments(o)?;
    let kwargs = kwargs.filter(|kwargs| !kwargs.is_empty());
    let copyreg = crate::import::import_module("copyreg")?;
    let has_args = args.is_some();
    let (function, function_args) = match (args, kwargs) {
        (args, None) => {
            let function = proto::get_attr(&copyreg, intern!("__newobj__"))?;
            let mut all: Vec<Owned> = vec![ty.as_object().to_owned()];
            if let Some(args) = args {
                all.extend((0..args.len()).map(|i| args.get(i).to_owned()));
            }
            (function, Tuple::from_owned(all))
        }
        (Some(args), Some(kwargs)) => {
            let function = proto::get_attr(&copyreg, intern!("__newobj_ex__"))?;
            (function, Tuple::new(&[ty, &*args, &*kwargs]))
        }
        (None, Some(_)) => return Err(errors::bad_internal_call()),
    };
    let is_list = o.is_instance_of::<List>();
    let is_dict = o.is_instance_of::<Dict>();
    let state = get_state(o, !(has_args || is_list || is_dict))?;
    let list_items = if is_list { iter::get_iter(o)? } else { types::none().to_owned() };
    let dict_items = if is_dict {
        let items = mapping::items(o)?;
        iter::get_iter(&items)?
    } else {
        types::none().to_owned()
    };
    Ok(Tuple::from_owned(vec![function, function_args.into_object(), state, list_items, dict_items]).into_object())
}

fn reduce(o: &Object, protocol: i64) -> PyResult {
    if protocol >= 2 {
        return reduce_new(o);
    }
    let copyreg = crate::import::import_module("copyreg")?;
    call::call_method(&copyreg, intern!("_reduce_ex"), &[o, &Int::from_i64(protocol)])
}

// ---- the type ----------------------------------------------------------------------------------------------------------------------

/// The base class of the class hierarchy.
///
/// When called, it accepts no arguments and returns a new featureless
/// instance that has no instance attributes and cannot be given any.
#[pytype(static = PyBaseObject_Type, name = "object", signature = "()", flags = BASETYPE, no_pytyped,
    tp_new = object_new, tp_init = object_init, tp_dealloc = object_dealloc, tp_alloc = gc::PyType_GenericAlloc, tp_free = memory::PyObject_Free,
    tp_getattro = proto::PyObject_GenericGetAttr, tp_setattro = proto::PyObject_GenericSetAttr)]
impl Object {
    #[slot]
    fn tp_repr(this: &Object) -> PyResult<String> {
        let ty = this.ty();
        let module = types::type_methods::type_module(ty)?;
        let name = types::type_methods::type_qualname(ty)?;
        match module.as_ref().and_then(|m| m.downcast::<Str>()) {
            Some(module) if !module.eq_str("builtins") => Ok(format!("<{module}.{name} object at {this:p}>", this = this as *const Object)),
            _ => Ok(format!("<{} object at {:p}>", ty.name(), this as *const Object)),
        }
    }
    #[slot]
    fn tp_str(this: &Object) -> PyResult {
        Ok(proto::repr(this)?.into_object())
    }
    #[slot]
    fn tp_hash(this: &Object) -> isize {
        proto::hash_pointer(this)
    }
    #[slot]
    fn tp_richcompare(this: &Object, other: &Object, op: CompareOp) -> PyResult {
        match op {
            CompareOp::Eq if this.is(other) => Ok(types::true_().to_owned()),
            CompareOp::Ne => {
                // By default `!=` is the opposite of `==`.
                let Some(compare) = this.ty().0.tp_richcompare.get() else { return Ok(proto::not_implemented()) };
                // SAFETY: a slot of the object's own type.
                let equal = unsafe { errors::from_c(compare(this.as_ptr(), other.as_ptr(), CompareOp::Eq as i32)) }?;
                if equal.is(types::not_implemented()) {
                    return Ok(equal);
                }
                Ok(types::bool_object(!proto::is_true(&equal)?).to_owned())
            }
            _ => Ok(proto::not_implemented()),
        }
    }
    #[getter("__class__", "the object's class")]
    fn class(this: &Object) -> PyResult {
        Ok(this.ty().as_object().to_owned())
    }
    #[setter("__class__")]
    fn set_class(this: &Object, value: Option<&Object>) -> PyResult<()> {
        set_class(this, value)
    }
    /// Helper for pickle.
    #[method("__reduce_ex__($self, protocol, /)")]
    fn __reduce_ex__(this: &Object, protocol: i32) -> PyResult {
        if let Some(method) = proto::get_attr_opt(this, intern!("__reduce__"))? {
            let class = proto::get_attr(this, intern!("__class__"))?;
            let of_class = proto::get_attr(&class, intern!("__reduce__"))?;
            let own = object_type().dict_opt().and_then(|d| d.get_str(intern!("__reduce__")));
            if own.is_none_or(|own| !own.is(&of_class)) {
                return call::call0(&method);
            }
        }
        reduce(this, protocol as i64)
    }
    /// Helper for pickle.
    #[method("__reduce__($self, /)")]
    fn __reduce__(this: &Object) -> PyResult {
        reduce(this, 0)
    }
    /// Helper for pickle.
    #[method("__getstate__($self, /)")]
    fn __getstate__(this: &Object) -> PyResult {
        default_state(this, false)
    }
    /// Abstract classes can override this to customize issubclass().
    ///
    /// This is invoked early on by abc.ABCMeta.__subclasscheck__().
    /// It should return True, False or NotImplemented.  If it returns
    /// NotImplemented, the normal algorithm is used.  Otherwise, it
    /// overrides the normal algorithm (and the outcome is cached).
    #[classmethod("__subclasshook__($type, object, /)")]
    fn __subclasshook__(_cls: &Type, _object: &Object) -> PyResult {
        Ok(proto::not_implemented())
    }
    /// This method is called when a class is subclassed.
    ///
    /// The default implementation does nothing. It may be
    /// overridden to extend subclasses.
    #[classmethod("__init_subclass__($type, /)")]
    fn __init_subclass__(_cls: &Type) {}
    /// Default object formatter.
    ///
    /// Return str(self) if format_spec is empty. Raise TypeError otherwise.
    #[method("__format__($self, format_spec, /)")]
    fn __format__(this: &Object, format_spec: &Str) -> PyResult {
        if format_spec.len() > 0 {
            return Err(err!(TypeError, "unsupported format string passed to {}.__format__", this.type_name()));
        }
        Ok(proto::str(this)?.into_object())
    }
    /// Size of object in memory, in bytes.
    #[method("__sizeof__($self, /)")]
    fn __sizeof__(this: &Object) -> isize {
        let ty = this.ty();
        let items = if ty.0.tp_itemsize.get() > 0 {
            // SAFETY: a type with an itemsize has variable-size instances.
            unsafe { types::attributes::var_item_count(this) as isize * ty.0.tp_itemsize.get() }
        } else {
            0
        };
        items + ty.0.tp_basicsize.get()
    }
    /// Default dir() implementation.
    #[method("__dir__($self, /)")]
    fn __dir__(this: &Object) -> PyResult {
        let names = match proto::get_attr_opt(this, intern!("__dict__"))? {
            Some(dict) => match dict.downcast::<Dict>() {
                Some(dict) => dict.copy()?,
                None => Dict::new(),
            },
            None => Dict::new(),
        };
        if let Some(class) = proto::get_attr_opt(this, intern!("__class__"))? {
            types::type_methods::merge_class_dict(&names, &class)?;
        }
        Ok(names.keys_list()?.into_object())
    }
}
