//! The object protocol (`object.c` and the object part of `abstract.c`): repr, str, hash, comparison, truth, attributes.
//!
//! Every function here takes the fast road first (a slot that is the generic one) and falls back to the slot itself.
//! Attribute errors carry `name` and `obj`; where the caller does not want the error, none is created.

use crate::errors::{self, PyResult, Raised, from_c};
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol::{call, sequence};
use crate::tstate::check_recursion;
use crate::types::attributes::set_attribute_error_context;
use crate::types::{self, List, Str};
use crate::{err, exceptions, intern};
use abi::PyObject;
use std::cell::RefCell;

pub use crate::types::attributes::{
    dict_of, generic_get_attr, generic_get_attr_with_dict, generic_get_dict, generic_set_attr, generic_set_dict, get_attr_suppressed,
};
pub use crate::types::descr::try_function_str as function_str;
pub use crate::types::subclass_check::{is_instance, is_subclass, real_is_instance, real_is_subclass};

/// The six comparisons, numbered as in C.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum CompareOp {
    Lt = 0,
    Le,
    Eq,
    Ne,
    Gt,
    Ge,
}

impl CompareOp {
    #[inline]
    pub fn from_c(op: i32) -> Option<CompareOp> {
        Some(match op {
            0 => CompareOp::Lt,
            1 => CompareOp::Le,
            2 => CompareOp::Eq,
            3 => CompareOp::Ne,
            4 => CompareOp::Gt,
            5 => CompareOp::Ge,
            _ => return None,
        })
    }
    #[inline]
    pub fn swapped(self) -> CompareOp {
        match self {
            CompareOp::Lt => CompareOp::Gt,
            CompareOp::Le => CompareOp::Ge,
            CompareOp::Gt => CompareOp::Lt,
            CompareOp::Ge => CompareOp::Le,
            same => same,
        }
    }
    pub fn symbol(self) -> &'static str {
        ["<", "<=", "==", "!=", ">", ">="][self as usize]
    }
    /// Whether an ordering satisfies the operator.
    #[inline]
    pub fn matches(self, ordering: std::cmp::Ordering) -> bool {
        use std::cmp::Ordering::*;
        match self {
            CompareOp::Lt => ordering == Less,
            CompareOp::Le => ordering != Greater,
            CompareOp::Eq => ordering == Equal,
            CompareOp::Ne => ordering != Equal,
            CompareOp::Gt => ordering == Greater,
            CompareOp::Ge => ordering != Less,
        }
    }
}

/// `NotImplemented`, as a reference of one's own.
#[inline]
pub fn not_implemented() -> Owned {
    types::not_implemented().to_owned()
}

/// `PyObject_SelfIter`.
#[inline]
pub fn self_iter(o: &Object) -> Owned {
    o.to_owned()
}

// ---- text --------------------------------------------------------------------------------------------------------------------------

/// `PyObject_Repr`.
pub fn repr(o: &Object) -> PyResult<Owned<Str>> {
    let Some(slot) = o.ty().0.tp_repr.get() else {
        return Ok(Str::new(&format!("<{} object at {:p}>", o.type_name(), o)));
    };
    check_recursion(" while getting the repr of an object")?;
    // SAFETY: a slot of the object's own type.
    let text = unsafe { from_c(slot(o.as_ptr())) }?;
    text.try_into_typed::<Str>().map_err(|other| err!(TypeError, "__repr__ returned non-string (type {})", other.type_name()))
}

/// `PyObject_Str`.
pub fn str(o: &Object) -> PyResult<Owned<Str>> {
    if let Some(text) = o.downcast_exact::<Str>() {
        return Ok(Owned::from_ref(text));
    }
    let Some(slot) = o.ty().0.tp_str.get() else {
        return repr(o);
    };
    check_recursion(" while getting the str of an object")?;
    // SAFETY: a slot of the object's own type.
    let text = unsafe { from_c(slot(o.as_ptr())) }?;
    text.try_into_typed::<Str>().map_err(|other| err!(TypeError, "__str__ returned non-string (type {})", other.type_name()))
}

/// `PyObject_ASCII`: the repr with everything outside ASCII escaped.
pub fn ascii(o: &Object) -> PyResult<Owned<Str>> {
    let text = repr(o)?;
    if text.is_ascii() {
        return Ok(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for i in 0..text.len() {
        let c = text.char_at(i);
        match c {
            0..0x80 => out.push(c as u8 as char),
            0x80..0x100 => out.push_str(&format!("\\x{c:02x}")),
            0x100..0x10000 => out.push_str(&format!("\\u{c:04x}")),
            _ => out.push_str(&format!("\\U{c:08x}")),
        }
    }
    Ok(Str::new(&out))
}

thread_local! {
    static REPR_RUNNING: RefCell<Vec<*const Object>> = const { RefCell::new(Vec::new()) };
}

/// `Py_ReprEnter`: true if the repr of `o` is being made already in this thread. False enters it; `repr_leave` must follow.
pub fn repr_enter(o: &Object) -> bool {
    REPR_RUNNING.with_borrow_mut(|running| {
        if running.contains(&(o as *const Object)) {
            return true;
        }
        running.push(o);
        false
    })
}

/// `Py_ReprLeave`.
pub fn repr_leave(o: &Object) {
    REPR_RUNNING.with_borrow_mut(|running| {
        if let Some(at) = running.iter().rposition(|&p| std::ptr::eq(p, o)) {
            running.remove(at);
        }
    })
}

// ---- hash, comparison, truth -------------------------------------------------------------------------------------------------------

/// `PyObject_Hash`.
#[inline]
pub fn hash(o: &Object) -> PyResult<isize> {
    match o.ty().0.tp_hash.get() {
        Some(slot) => {
            // SAFETY: a slot of the object's own type.
            let value = unsafe { slot(o.as_ptr()) };
            if value == -1 { Err(Raised::from_c()) } else { Ok(value) }
        }
        None => hash_unready(o),
    }
}

#[cold]
fn hash_unready(o: &Object) -> PyResult<isize> {
    let ty = o.ty();
    if !ty.is_ready() {
        types::type_ready(ty)?;
        if ty.0.tp_hash.get().is_some() {
            return hash(o);
        }
    }
    Err(hash_not_implemented(o))
}

/// Raises what `PyObject_HashNotImplemented` raises.
#[cold]
pub fn hash_not_implemented(o: &Object) -> Raised {
    err!(TypeError, "unhashable type: '{}'", o.type_name())
}

/// The slot value of types without a hash; C code compares with this address.
/// # Safety
/// `o` is a live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyObject_HashNotImplemented(o: *mut PyObject) -> isize {
    // SAFETY: by contract.
    hash_not_implemented(unsafe { Object::from_ptr(o) });
    -1
}

/// `PyObject_GenericHash`: from the address, with the low bits (always 0) rotated away.
#[inline]
pub fn hash_pointer(o: &Object) -> isize {
    let value = (o.as_ptr() as usize).rotate_right(4) as isize;
    if value == -1 { -2 } else { value }
}

pub use hash_pointer as address_hash;

/// `PyObject_RichCompare`.
pub fn rich_compare(v: &Object, w: &Object, op: CompareOp) -> PyResult {
    check_recursion(" in comparison")?;
    let (tv, tw) = (v.ty(), w.ty());
    let mut reflected_tried = false;
    // SAFETY: slots of the operands' own types.
    unsafe {
        if !std::ptr::eq(tv, tw)
            && let Some(slot) = tw.0.tp_richcompare.get()
            && tw.is_subtype(tv)
        {
            reflected_tried = true;
            let result = from_c(slot(w.as_ptr(), v.as_ptr(), op.swapped() as i32))?;
            if !result.is(types::not_implemented()) {
                return Ok(result);
            }
        }
        if let Some(slot) = tv.0.tp_richcompare.get() {
            let result = from_c(slot(v.as_ptr(), w.as_ptr(), op as i32))?;
            if !result.is(types::not_implemented()) {
                return Ok(result);
            }
        }
        if !reflected_tried && let Some(slot) = w.ty().0.tp_richcompare.get() {
            let result = from_c(slot(w.as_ptr(), v.as_ptr(), op.swapped() as i32))?;
            if !result.is(types::not_implemented()) {
                return Ok(result);
            }
        }
    }
    match op {
        CompareOp::Eq => Ok(types::bool_object(v.is(w)).to_owned()),
        CompareOp::Ne => Ok(types::bool_object(!v.is(w)).to_owned()),
        _ => Err(err!(
            TypeError,
            "'{}' not supported between instances of '{}' and '{}'",
            op.symbol(),
            v.type_name(),
            w.type_name()
        )),
    }
}

/// `PyObject_RichCompareBool`: identical objects are equal.
#[inline]
pub fn rich_compare_bool(v: &Object, w: &Object, op: CompareOp) -> PyResult<bool> {
    if v.is(w) {
        match op {
            CompareOp::Eq => return Ok(true),
            CompareOp::Ne => return Ok(false),
            _ => {}
        }
    }
    compare_different(v, w, op)
}

/// The truth of a comparison, as `rich_compare_bool` has it of two objects that are not the same: without a slot and a bool object for ints,
/// floats, tuples, and the equality of strs and bytes.
pub fn compare_different(v: &Object, w: &Object, op: CompareOp) -> PyResult<bool> {
    let ty = v.ty();
    if std::ptr::eq(ty, w.ty()) {
        if let (Some(v), Some(w)) = (v.downcast_exact::<types::Int>(), w.downcast_exact::<types::Int>()) {
            return Ok(op.matches(types::int::compare(v, w)));
        }
        if let (Some(v), Some(w)) = (v.downcast_exact::<Str>(), w.downcast_exact::<Str>())
            && matches!(op, CompareOp::Eq | CompareOp::Ne)
        {
            return Ok(Str::equal(v, w) == (op == CompareOp::Eq));
        }
        if compares_as_tuple(ty) {
            check_recursion(" in comparison")?;
            // SAFETY: the flag says so.
            return unsafe { v.cast::<types::Tuple>().compare_items(w.cast::<types::Tuple>(), op) };
        }
        if let (Some(v), Some(w)) = (v.downcast_exact::<types::Bytes>(), w.downcast_exact::<types::Bytes>())
            && matches!(op, CompareOp::Eq | CompareOp::Ne)
        {
            return Ok((v.as_slice() == w.as_slice()) == (op == CompareOp::Eq));
        }
        if let (Some(v), Some(w)) = (v.downcast_exact::<types::Float>(), w.downcast_exact::<types::Float>()) {
            return Ok(v.value().partial_cmp(&w.value()).map_or(op == CompareOp::Ne, |ordering| op.matches(ordering)));
        }
    }
    let result = rich_compare(v, w, op)?;
    is_true(&result)
}

/// How deep `equal_without_code` looks into tuples.
const QUICK_DEPTH: u32 = 8;

/// Whether two objects are the same or equal, as tables of keys ask; None if only code of their classes could tell (or they nest deeply).
#[inline(always)]
pub fn equal_without_code(v: &Object, w: &Object) -> Option<bool> {
    if v.is(w) { Some(true) } else { equal_to_depth(v, w, QUICK_DEPTH) }
}

/// As `equal_without_code`, of two objects that are not the same.
fn equal_to_depth(v: &Object, w: &Object, depth: u32) -> Option<bool> {
    let ty = v.ty();
    if !std::ptr::eq(ty, w.ty()) {
        return None;
    }
    if let (Some(v), Some(w)) = (v.downcast_exact::<Str>(), w.downcast_exact::<Str>()) {
        return Some(Str::equal(v, w));
    }
    if let (Some(v), Some(w)) = (v.downcast_exact::<types::Int>(), w.downcast_exact::<types::Int>()) {
        return Some(types::int::compare(v, w).is_eq());
    }
    if depth > 0 && compares_as_tuple(ty) {
        // SAFETY: such types have a tuple's layout.
        let (v, w) = unsafe { (v.cast::<types::Tuple>(), w.cast::<types::Tuple>()) };
        if v.len() != w.len() {
            return None;
        }
        for (x, y) in v.as_slice().iter().zip(w.as_slice()) {
            if !x.is(y) {
                match equal_to_depth(x, y, depth - 1) {
                    Some(true) => {}
                    other => return other,
                }
            }
        }
        return Some(true);
    }
    if let (Some(v), Some(w)) = (v.downcast_exact::<types::Bytes>(), w.downcast_exact::<types::Bytes>()) {
        return Some(v.as_slice() == w.as_slice());
    }
    None
}

/// Tuples, and those of their subclasses that compare as they do.
#[inline(always)]
fn compares_as_tuple(ty: &Type) -> bool {
    ty.has_flag(abi::Py_TPFLAGS_TUPLE_SUBCLASS as u64)
        && ty.0.tp_richcompare.get().map(|f| f as usize) == types::Tuple::type_object().0.tp_richcompare.get().map(|f| f as usize)
}

/// `PyObject_IsTrue`.
#[inline]
pub fn is_true(o: &Object) -> PyResult<bool> {
    if o.is(types::true_()) {
        return Ok(true);
    }
    if o.is(types::false_()) || o.is_none() {
        return Ok(false);
    }
    is_true_slow(o)
}

fn is_true_slow(o: &Object) -> PyResult<bool> {
    let ty = o.ty();
    // SAFETY: slot tables of the object's own type.
    let answer = unsafe {
        if let Some(number) = ty.0.tp_as_number.get().as_ref()
            && let Some(slot) = number.nb_bool.get()
        {
            slot(o.as_ptr()) as isize
        } else if let Some(mapping) = ty.0.tp_as_mapping.get().as_ref()
            && let Some(slot) = mapping.mp_length.get()
        {
            slot(o.as_ptr())
        } else if let Some(seq) = ty.0.tp_as_sequence.get().as_ref()
            && let Some(slot) = seq.sq_length.get()
        {
            slot(o.as_ptr())
        } else {
            return Ok(true);
        }
    };
    if answer < 0 { Err(Raised::from_c()) } else { Ok(answer > 0) }
}

// ---- attributes --------------------------------------------------------------------------------------------------------------------

/// `PyObject_GetAttr` with a name known to be a str.
#[inline]
pub fn get_attr(o: &Object, name: &Str) -> PyResult {
    let ty = o.ty();
    let result = match ty.0.tp_getattro.get() {
        // SAFETY: a slot of the object's own type.
        Some(slot) => unsafe { slot(o.as_ptr(), name.as_ptr()) },
        None => return get_attr_old(o, name),
    };
    // SAFETY: the slot gave an owned reference or NULL.
    match unsafe { Owned::from_raw_opt(result) } {
        Some(value) => Ok(value),
        None => Err(attribute_failed(o, name)),
    }
}

#[cold]
fn attribute_failed(o: &Object, name: &Str) -> Raised {
    let raised = Raised::from_c();
    set_attribute_error_context(o, name);
    raised
}

#[cold]
fn get_attr_old(o: &Object, name: &Str) -> PyResult {
    let ty = o.ty();
    if let Some(slot) = ty.0.tp_getattr.get() {
        let text = c_name(name)?;
        // SAFETY: a slot of the object's own type; the text lives through the call.
        return unsafe { from_c(slot(o.as_ptr(), text.as_ptr() as *mut _)) }.map_err(|_| attribute_failed(o, name));
    }
    let raised = err!(AttributeError, "'{}' object has no attribute '{}'", ty.name(), name);
    set_attribute_error_context(o, name);
    Err(raised)
}

fn c_name(name: &Str) -> PyResult<std::ffi::CString> {
    std::ffi::CString::new(name.as_utf8()?).map_err(|_| err!(ValueError, "embedded null character"))
}

/// `PyObject_GetAttr` with any object as the name.
pub fn get_attr_object(o: &Object, name: &Object) -> PyResult {
    match name.downcast::<Str>() {
        Some(name) => get_attr(o, name),
        None => Err(err!(TypeError, "attribute name must be string, not '{}'", name.type_name())),
    }
}

/// `PyObject_GetAttrString`.
pub fn get_attr_str(o: &Object, name: &str) -> PyResult {
    get_attr(o, &Str::new(name))
}

/// `PyObject_GetOptionalAttr`: `None` if the attribute is missing; for the generic lookups no AttributeError is made then.
pub fn get_attr_opt(o: &Object, name: &Str) -> PyResult<Option<Owned>> {
    if let Some(result) = get_attr_suppressed(o, name) {
        return result;
    }
    errors::catch(get_attr(o, name), exceptions::AttributeError())
}

/// `PyObject_HasAttrWithError`.
pub fn has_attr(o: &Object, name: &Str) -> PyResult<bool> {
    Ok(get_attr_opt(o, name)?.is_some())
}

/// `PyObject_SetAttr` (`None` deletes) with a name known to be a str.
#[inline]
pub fn set_attr(o: &Object, name: &Str, value: Option<&Object>) -> PyResult<()> {
    let raw = value.map_or(std::ptr::null_mut(), |v| v.as_ptr());
    match o.ty().0.tp_setattro.get() {
        Some(slot) => {
            // SAFETY: a slot of the object's own type.
            if unsafe { slot(o.as_ptr(), name.as_ptr(), raw) } < 0 { Err(Raised::from_c()) } else { Ok(()) }
        }
        None => set_attr_old(o, name, value),
    }
}

#[cold]
fn set_attr_old(o: &Object, name: &Str, value: Option<&Object>) -> PyResult<()> {
    let ty = o.ty();
    if let Some(slot) = ty.0.tp_setattr.get() {
        let text = c_name(name)?;
        let raw = value.map_or(std::ptr::null_mut(), |v| v.as_ptr());
        // SAFETY: a slot of the object's own type; the text lives through the call.
        return if unsafe { slot(o.as_ptr(), text.as_ptr() as *mut _, raw) } < 0 { Err(Raised::from_c()) } else { Ok(()) };
    }
    let what = if value.is_some() { "assign to" } else { "del" };
    let kind = if ty.0.tp_getattr.get().is_none() && ty.0.tp_getattro.get().is_none() { "no" } else { "only read-only" };
    Err(err!(TypeError, "'{}' object has {} attributes ({} .{})", ty.name(), kind, what, name))
}

/// `PyObject_SetAttr` with any object as the name.
pub fn set_attr_object(o: &Object, name: &Object, value: Option<&Object>) -> PyResult<()> {
    match name.downcast::<Str>() {
        Some(name) => set_attr(o, name, value),
        None => Err(err!(TypeError, "attribute name must be string, not '{}'", name.type_name())),
    }
}

/// `PyObject_SetAttrString`.
pub fn set_attr_str(o: &Object, name: &str, value: Option<&Object>) -> PyResult<()> {
    set_attr(o, &Str::intern(Str::new(name)), value)
}

/// The method for a call `o.name(...)` (`_PyObject_GetMethod`): either a function of the type to be called with `o` in front
/// (`true`), or the attribute itself (`false`).
pub fn get_method(o: &Object, name: &Str) -> PyResult<(Owned, bool)> {
    match types::attributes::load_method(o, name)? {
        Some(found) => Ok(found),
        None => Ok((get_attr(o, name)?, false)),
    }
}

/// `lookup_special`, bound to `o`; see `Type::lookup_special`.
#[inline]
pub fn lookup_special(o: &Object, name: &Str) -> PyResult<Option<Owned>> {
    types::lookup_special(o, name)
}

/// Whether the object can be called.
#[inline]
pub fn is_callable(o: &Object) -> bool {
    o.ty().0.tp_call.get().is_some()
}

/// `PyObject_Dir(o)`: a sorted list of names.
pub fn dir(o: &Object) -> PyResult<Owned<List>> {
    let Some(method) = lookup_special(o, intern!("__dir__"))? else {
        return Err(err!(TypeError, "object does not provide __dir__"));
    };
    let names = call::call0(&method)?;
    let list = sequence::to_list(&names)?;
    call::call_method0(&list, intern!("sort"))?;
    Ok(list)
}

/// `_PyObject_IsAbstract`: whether `__isabstractmethod__` is there and true.
pub fn is_abstract(o: &Object) -> PyResult<bool> {
    check_recursion(" while looking for __isabstractmethod__")?;
    match get_attr_opt(o, intern!("__isabstractmethod__"))? {
        Some(flag) => is_true(&flag),
        None => Ok(false),
    }
}

/// `PyObject_GenericGetAttr` and `PyObject_GenericSetAttr` by address: types compare with them, extensions link to them.
/// # Safety
/// Live objects; `value` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyObject_GenericGetAttr(o: *mut PyObject, name: *mut PyObject) -> *mut PyObject {
    // SAFETY: by contract.
    let (o, name) = unsafe { (Object::from_ptr(o), Object::from_ptr(name)) };
    match name.downcast::<Str>() {
        Some(name) => errors::to_c(generic_get_attr(o, name)),
        None => {
            err!(TypeError, "attribute name must be string, not '{}'", name.type_name());
            std::ptr::null_mut()
        }
    }
}

/// See `PyObject_GenericGetAttr`.
/// # Safety
/// Live objects; `value` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyObject_GenericSetAttr(o: *mut PyObject, name: *mut PyObject, value: *mut PyObject) -> i32 {
    // SAFETY: by contract.
    let (o, name, value) = unsafe { (Object::from_ptr(o), Object::from_ptr(name), Object::from_ptr_opt(value)) };
    let result = match name.downcast::<Str>() {
        Some(name) => generic_set_attr(o, name, value),
        None => Err(err!(TypeError, "attribute name must be string, not '{}'", name.type_name())),
    };
    if result.is_ok() { 0 } else { -1 }
}

/// `PyObject_SelfIter`, by address.
/// # Safety
/// A live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyObject_SelfIter(o: *mut PyObject) -> *mut PyObject {
    // SAFETY: by contract.
    unsafe { Object::from_ptr(o) }.to_owned().into_raw()
}

/// The attribute error of a module or an ordinary object, for callers that looked by themselves.
#[cold]
pub fn no_attribute(o: &Object, name: &Str) -> Raised {
    let raised = if let Some(ty) = o.downcast::<Type>() {
        err!(AttributeError, "type object '{}' has no attribute '{}'", ty.name(), name)
    } else {
        err!(AttributeError, "'{}' object has no attribute '{}'", o.type_name(), name)
    };
    set_attribute_error_context(o, name);
    raised
}
