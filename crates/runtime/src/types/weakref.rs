//! Weak references: `weakref.ref`, and the proxies.
//!
//! An object's weak references form a doubly linked list whose head is the object's list word (NULL exactly if there are none). The
//! reference without a callback and of the exact type stands first, the proxy without a callback next; both are made once and shared.
//! The others follow, newest first. `wr_object` is borrowed, and `None` once the object is dead.

use crate::errors::{self, PyResult, Raised};
use crate::gc;
use crate::macro_support::{Args, KwArgs, guard};
use crate::object::{Object, Owned, PyTyped, Type, set_cell, xdecref};
use crate::protocol::call;
use crate::protocol::object::{self as proto, CompareOp};
use crate::types::{self, Dict, GenericAlias, Str, Tuple};
use crate::{err, exceptions, intern};
use abi::{PyObject, PyWeakReference, c_int, c_void};
use macros::pytype;
use std::cell::Cell;
use std::mem::offset_of;
use std::ptr;

#[repr(transparent)]
pub struct WeakRef(pub PyWeakReference);

fn is_proxy_type(ty: &Type) -> bool {
    ptr::eq(ty, &super::weakref_proxy::_PyWeakref_ProxyType) || ptr::eq(ty, &super::weakref_proxy::_PyWeakref_CallableProxyType)
}

/// `PyWeakref_Check`: a reference or proxy.
pub fn is_weakref(o: &Object) -> bool {
    o.ty().is_subtype(WeakRef::type_object()) || is_proxy_type(o.ty())
}

/// The word that heads an object's list, if its type has one.
#[inline]
pub fn list_cell(o: &Object) -> Option<&Cell<*mut PyObject>> {
    let offset = o.ty().0.tp_weaklistoffset.get();
    if offset == 0 {
        return None;
    }
    // SAFETY: the type says that the word lies there, in the object or before it.
    Some(unsafe { &*((o.as_ptr() as *const u8).offset(offset) as *const Cell<*mut PyObject>) })
}

impl WeakRef {
    /// The object, if it lives.
    #[inline]
    pub fn get(&self) -> Option<Owned> {
        let object = self.0.wr_object.get();
        if object == types::none().as_ptr() {
            return None;
        }
        // SAFETY: not None: the object's memory is valid; a count of 0 says that it is being torn down.
        let object = unsafe { Object::from_ptr(object) };
        if object.refcount() == 0 { None } else { Some(object.to_owned()) }
    }
    #[inline]
    fn is_dead(&self) -> bool {
        self.0.wr_object.get() == types::none().as_ptr() || self.get().is_none()
    }
    /// `PyWeakref_NewRef`.
    pub fn new(o: &Object, callback: Option<&Object>) -> PyResult<Owned<WeakRef>> {
        make(WeakRef::type_object(), o, callback.filter(|c| !c.is_none()))
    }
    /// `PyWeakref_NewProxy`.
    pub fn new_proxy(o: &Object, callback: Option<&Object>) -> PyResult<Owned<WeakRef>> {
        let ty: &Type = if proto::is_callable(o) {
            &super::weakref_proxy::_PyWeakref_CallableProxyType
        } else {
            &super::weakref_proxy::_PyWeakref_ProxyType
        };
        make(ty, o, callback.filter(|c| !c.is_none()))
    }
}

unsafe fn as_ref<'a>(p: *mut PyWeakReference) -> Option<&'a PyWeakReference> {
    // SAFETY: NULL or a live reference.
    unsafe { p.as_ref() }
}

/// The shared reference and proxy at the front of a list.
unsafe fn basic(head: *mut PyObject) -> (*mut PyWeakReference, *mut PyWeakReference) {
    let (mut reference, mut proxy) = (ptr::null_mut(), ptr::null_mut());
    // SAFETY: a list's items live.
    unsafe {
        let mut at = head as *mut PyWeakReference;
        if let Some(first) = as_ref(at)
            && first.wr_callback.get().is_null()
            && ptr::eq(first.ob_base.ob_type.get(), WeakRef::type_object().as_type_ptr())
        {
            reference = at;
            at = first.wr_next.get();
        }
        if let Some(next) = as_ref(at)
            && next.wr_callback.get().is_null()
            && is_proxy_type(Type::from_type_ptr(next.ob_base.ob_type.get()))
        {
            proxy = at;
        }
    }
    (reference, proxy)
}

unsafe fn insert_after(new: *mut PyWeakReference, previous: *mut PyWeakReference) {
    // SAFETY: both live.
    unsafe {
        (*new).wr_prev.set(previous);
        (*new).wr_next.set((*previous).wr_next.get());
        if let Some(next) = as_ref((*previous).wr_next.get()) {
            next.wr_prev.set(new);
        }
        (*previous).wr_next.set(new);
    }
}

unsafe fn insert_head(new: *mut PyWeakReference, cell: &Cell<*mut PyObject>) {
    // SAFETY: the list's items live.
    unsafe {
        let next = cell.get() as *mut PyWeakReference;
        (*new).wr_prev.set(ptr::null_mut());
        (*new).wr_next.set(next);
        if let Some(next) = as_ref(next) {
            next.wr_prev.set(new);
        }
        cell.set(new as *mut PyObject);
    }
}

/// A reference of type `ty`; a shared one where that can be.
pub(crate) fn make(ty: &Type, o: &Object, callback: Option<&Object>) -> PyResult<Owned<WeakRef>> {
    let Some(cell) = list_cell(o) else {
        return Err(err!(TypeError, "cannot create weak reference to '{}' object", o.type_name()));
    };
    let exact_ref = ptr::eq(ty, WeakRef::type_object());
    let proxy = is_proxy_type(ty);
    // SAFETY: list words hold NULL or a live reference.
    unsafe {
        if callback.is_none() && (exact_ref || proxy) {
            let (shared_ref, shared_proxy) = basic(cell.get());
            let shared = if exact_ref { shared_ref } else { shared_proxy };
            if let Some(found) = as_ref(shared)
                && found.ob_base.ob_refcnt.get() > 0
            {
                return Ok(Object::from_ptr(shared as *mut PyObject).to_owned().cast_into());
            }
        }
        let made = ty.alloc(0)?;
        let reference = made.raw() as *mut PyWeakReference;
        (*reference).hash.set(-1);
        (*reference).wr_object.set(o.as_ptr());
        (*reference).wr_callback.set(callback.map_or(ptr::null_mut(), |c| c.to_owned().into_raw()));
        (*reference).vectorcall.set(Some(weakref_vectorcall));
        let (shared_ref, shared_proxy) = basic(cell.get());
        if callback.is_none() && exact_ref {
            insert_head(reference, cell);
        } else {
            let after = if callback.is_none() && proxy {
                shared_ref
            } else if shared_proxy.is_null() {
                shared_ref
            } else {
                shared_proxy
            };
            if after.is_null() { insert_head(reference, cell) } else { insert_after(reference, after) }
        }
        Ok(made.cast_into())
    }
}

/// Takes a reference out of its object's list and makes it dead. The callback stays.
unsafe fn unlink(reference: &PyWeakReference) {
    let object = reference.wr_object.get();
    if object == types::none().as_ptr() || object.is_null() {
        return;
    }
    // SAFETY: a reference that is not dead is in the list of its object.
    unsafe {
        let me = reference as *const PyWeakReference as *mut PyWeakReference;
        if let Some(cell) = list_cell(Object::from_ptr(object))
            && cell.get() == me as *mut PyObject
        {
            cell.set(reference.wr_next.get() as *mut PyObject);
        }
        reference.wr_object.set(types::none().as_ptr());
        if let Some(previous) = as_ref(reference.wr_prev.get()) {
            previous.wr_next.set(reference.wr_next.get());
        }
        if let Some(next) = as_ref(reference.wr_next.get()) {
            next.wr_prev.set(reference.wr_prev.get());
        }
        reference.wr_prev.set(ptr::null_mut());
        reference.wr_next.set(ptr::null_mut());
    }
}

/// `PyObject_ClearWeakRefs`: what a deallocator does about the object's weak references: all die, then their callbacks run.
/// # Safety
/// The object's count is 0 and it is whole.
pub unsafe fn clear_weakrefs(this: *mut PyObject) {
    // SAFETY: by contract.
    unsafe {
        let Some(cell) = list_cell(Object::from_ptr(this)) else { return };
        if cell.get().is_null() {
            return;
        }
        clear_all(cell);
    }
}

#[cold]
#[inline(never)]
unsafe fn clear_all(cell: &Cell<*mut PyObject>) {
    let mut pending: Vec<(Owned, Owned)> = Vec::new();
    // SAFETY: list words hold NULL or a live reference; the list is emptied before any callback runs.
    unsafe {
        while let Some(reference) = as_ref(cell.get() as *mut PyWeakReference) {
            unlink(reference);
            let callback = reference.wr_callback.replace(ptr::null_mut());
            if let Some(callback) = Owned::<Object>::from_raw_opt(callback) {
                let head = &reference.ob_base;
                // A reference that is being torn down itself does not call back.
                if head.ob_refcnt.get() > 0 {
                    let reference = Object::from_ptr(reference as *const PyWeakReference as *mut PyObject).to_owned();
                    pending.push((reference, callback));
                }
            }
        }
    }
    if pending.is_empty() {
        return;
    }
    errors::preserve(|| {
        for (reference, callback) in pending {
            run_callback(&reference, &callback);
        }
    });
}

/// `PyUnstable_Object_ClearWeakRefsNoCallbacks`.
pub fn clear_without_callbacks(o: &Object) {
    let Some(cell) = list_cell(o) else { return };
    let mut callbacks: Vec<Owned> = Vec::new();
    // SAFETY: as in `clear_all`.
    unsafe {
        while let Some(reference) = as_ref(cell.get() as *mut PyWeakReference) {
            unlink(reference);
            callbacks.extend(Owned::<Object>::from_raw_opt(reference.wr_callback.replace(ptr::null_mut())));
        }
    }
}

/// Calls a callback; what it raises is only reported.
pub fn run_callback(reference: &Object, callback: &Object) {
    if crate::object::outside_dealloc(|| call::call1(callback, reference)).is_err() {
        exceptions::write_unraisable(Some("calling weakref callback"), Some(callback));
    }
}

/// For the collector: takes the callback of a reference and calls it.
/// # Safety
/// A live weak reference.
pub unsafe fn call_callback(reference: *mut PyWeakReference) {
    // SAFETY: by contract.
    unsafe {
        let callback = (*reference).wr_callback.replace(ptr::null_mut());
        if let Some(callback) = Owned::<Object>::from_raw_opt(callback) {
            run_callback(Object::from_ptr(reference as *mut PyObject), &callback);
        }
    }
}

/// `weakref.getweakrefcount`.
pub fn count(o: &Object) -> usize {
    let mut n = 0;
    each(o, |_| n += 1);
    n
}

/// `weakref.getweakrefs`.
pub fn all(o: &Object) -> Vec<Owned> {
    let mut found = Vec::new();
    each(o, |reference| {
        if reference.refcount() > 0 {
            found.push(reference.to_owned());
        }
    });
    found
}

fn each(o: &Object, mut f: impl FnMut(&Object)) {
    let Some(cell) = list_cell(o) else { return };
    let mut at = cell.get() as *mut PyWeakReference;
    // SAFETY: a list's items live; `f` runs no Python code.
    unsafe {
        while let Some(reference) = as_ref(at) {
            f(Object::from_ptr(at as *mut PyObject));
            at = reference.wr_next.get();
        }
    }
}

// ---- slots shared by references and proxies ----------------------------------------------------------------------------------------

pub(crate) unsafe extern "C" fn weakref_dealloc(this: *mut PyObject) {
    guard(|| {
        // SAFETY: a dead reference.
        unsafe {
            gc::untrack(this);
            let reference = &*(this as *const PyWeakReference);
            unlink(reference);
            let callback = reference.wr_callback.replace(ptr::null_mut());
            xdecref(callback);
            if let Some(free) = Object::from_ptr(this).ty().0.tp_free.get() {
                free(this as *mut c_void);
            }
        }
        0
    });
}

pub(crate) unsafe extern "C" fn weakref_traverse(this: *mut PyObject, visit: abi::visitproc, arg: *mut c_void) -> c_int {
    // SAFETY: a live reference.
    unsafe {
        let callback = (*(this as *const PyWeakReference)).wr_callback.get();
        if callback.is_null() { 0 } else { visit(callback, arg) }
    }
}

pub(crate) unsafe extern "C" fn weakref_clear(this: *mut PyObject) -> c_int {
    guard(|| {
        // SAFETY: a live reference in a cycle of garbage.
        unsafe {
            let reference = &*(this as *const PyWeakReference);
            unlink(reference);
            set_cell(&reference.wr_callback, ptr::null_mut());
        }
        0
    })
}

unsafe extern "C" fn weakref_vectorcall(this: *mut PyObject, _args: *const *mut PyObject, nargsf: usize, kwnames: *mut PyObject) -> *mut PyObject {
    // SAFETY: a vectorcall of a reference.
    unsafe {
        let count = nargsf & !abi::PY_VECTORCALL_ARGUMENTS_OFFSET;
        if !kwnames.is_null() && Object::from_ptr(kwnames).cast::<Tuple>().len() > 0 {
            err!(TypeError, "weakref() takes no keyword arguments");
            return ptr::null_mut();
        }
        if count != 0 {
            err!(TypeError, "weakref expected at most 0 arguments, got {}", count);
            return ptr::null_mut();
        }
        let object = Object::from_ptr(this).cast::<WeakRef>().get();
        object.unwrap_or_else(|| types::none().to_owned()).into_raw()
    }
}

fn init_arguments<'a>(name: &str, args: &[&'a Object]) -> PyResult<(&'a Object, Option<&'a Object>)> {
    match *args {
        [] => Err(err!(TypeError, "{} expected at least 1 argument, got 0", name)),
        [object] => Ok((object, None)),
        [object, callback] => Ok((object, Some(callback).filter(|c| !c.is_none()))),
        _ => Err(err!(TypeError, "{} expected at most 2 arguments, got {}", name, args.len())),
    }
}

#[cold]
fn no_keywords() -> Raised {
    err!(TypeError, "ref() takes no keyword arguments")
}

fn gone() -> Raised {
    err!(TypeError, "weak object has gone away")
}

#[pytype(static = _PyWeakref_RefType, name = "ReferenceType", module = "weakref", flags = BASETYPE | HAVE_GC | HAVE_VECTORCALL,
    vectorcall_offset = offset_of!(PyWeakReference, vectorcall), tp_call = crate::protocol::call::vectorcall_call,
    tp_dealloc = weakref_dealloc, tp_traverse = weakref_traverse, tp_clear = weakref_clear, tp_free = gc::PyObject_GC_Del,
    members = [("__callback__", T_OBJECT, offset_of!(PyWeakReference, wr_callback), READONLY)])]
impl WeakRef {
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<WeakRef>> {
        let (object, callback) = init_arguments("__new__", args.as_slice())?;
        make(cls, object, callback)
    }
    #[slot]
    fn tp_vectorcall(cls: &Type, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult<Owned<WeakRef>> {
        let (object, callback) = init_arguments("__new__", args)?;
        let made = make(cls, object, callback)?;
        if kwargs.len() > 0 { Err(no_keywords()) } else { Ok(made) }
    }
    #[slot]
    fn tp_init(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<()> {
        if kwargs.is_some_and(|k| k.len() > 0) {
            return Err(no_keywords());
        }
        init_arguments("__init__", args.as_slice()).map(drop)
    }
    #[slot]
    fn tp_hash(&self) -> PyResult<isize> {
        if self.0.hash.get() != -1 {
            return Ok(self.0.hash.get());
        }
        let Some(object) = self.get() else { return Err(gone()) };
        let hash = proto::hash(&object)?;
        self.0.hash.set(hash);
        Ok(hash)
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<String> {
        let this = self as *const WeakRef;
        let Some(object) = self.get() else {
            return Ok(format!("<weakref at {this:p}; dead>"));
        };
        let ty = types::type_methods::fully_qualified_name(object.ty())?;
        // Whatever hinders the lookup, there is a repr.
        let name = proto::get_attr_opt(&object, intern!("__name__")).unwrap_or_else(|_| {
            errors::clear();
            None
        });
        Ok(match name.as_ref().and_then(|n| n.downcast::<Str>()) {
            Some(name) => format!("<weakref at {this:p}; to '{ty}' at {:p} ({name})>", object.raw()),
            None => format!("<weakref at {this:p}; to '{ty}' at {:p}>", object.raw()),
        })
    }
    #[slot]
    fn tp_richcompare(this: &Object, other: &Object, op: CompareOp) -> PyResult {
        let (CompareOp::Eq | CompareOp::Ne, Some(a), Some(b)) = (op, this.downcast::<WeakRef>(), other.downcast::<WeakRef>()) else {
            return Ok(proto::not_implemented());
        };
        match (a.get(), b.get()) {
            (Some(a), Some(b)) => proto::rich_compare(&a, &b, op),
            _ => Ok(types::bool_object(this.is(other) == (op == CompareOp::Eq)).to_owned()),
        }
    }
    /// See PEP 585
    #[classmethod("__class_getitem__($cls, object, /)", nosig)]
    fn __class_getitem__(cls: &Type, item: &Object) -> PyResult {
        GenericAlias::make(cls, item)
    }
}

/// Whether a reference is dead, for `weakref.WeakValueDictionary`'s helpers.
pub fn is_dead_reference(o: &Object) -> PyResult<bool> {
    match o.downcast::<WeakRef>() {
        Some(reference) => Ok(reference.is_dead()),
        None => Err(err!(TypeError, "not a weakref")),
    }
}
