//! The slots that all Python-made classes share: deallocation, traversal and clearing of instances, their `__dict__` and `__weakref__`.
//!
//! Deallocation order: finalizer, weak references, `__slots__`, dict, then the nearest base that is not Python-made; last the class.

use crate::errors::{PyResult, Raised};
use crate::gc;
use crate::macro_support::guard;
use crate::object::{Object, Owned, Type, set_cell, xdecref};
use crate::types::attributes::{computed_dict_cell, generic_get_dict, generic_set_dict, managed_dict_cell};
use crate::types::dict::inline_values;
use crate::types::{self, Dict, weakref};
use crate::{err, intern};
use abi::{PyMemberDef, PyObject, c_int, c_void};
use std::cell::Cell;
use std::ptr;

type P = *mut PyObject;

/// The members that `__slots__` made: they lie behind the heap type struct, at its metatype's size.
#[inline]
pub(crate) fn slot_members(ty: &Type) -> &[PyMemberDef] {
    let count = ty.0.ob_base.ob_size.get();
    if count <= 0 || !ty.is_heap_type() {
        return &[];
    }
    // SAFETY: a heap type has `ob_size` member definitions there.
    unsafe {
        let start = (ty.as_ptr() as *const u8).add(ty.ty().basicsize()) as *const PyMemberDef;
        std::slice::from_raw_parts(start, count as usize)
    }
}

/// The cells of an object that a class's `__slots__` added.
fn slot_cells<'a>(o: &'a Object, ty: &'a Type) -> impl Iterator<Item = &'a Cell<P>> {
    slot_members(ty)
        .iter()
        .filter(|m| m.r#type.get() == abi::Py_T_OBJECT_EX && m.flags.get() & 1 == 0)
        // SAFETY: the member says that an object pointer lies there.
        .map(move |m| unsafe { &*((o.as_ptr() as *const u8).offset(m.offset.get()) as *const Cell<P>) })
}

#[inline]
fn is_subtype_dealloc(ty: &Type) -> bool {
    ty.0.tp_dealloc.get().is_some_and(|f| ptr::fn_addr_eq(f, subtype_dealloc as abi::destructor))
}

/// The nearest base with a deallocator of its own.
#[inline]
fn native_base(ty: &Type) -> &Type {
    let mut base = ty;
    while is_subtype_dealloc(base) {
        match base.base() {
            Some(next) => base = next,
            None => break,
        }
    }
    base
}

/// `tp_dealloc` of Python-made classes.
/// # Safety
/// A dead instance of such a class.
pub unsafe extern "C" fn subtype_dealloc(this: P) {
    guard(|| {
        // SAFETY: by contract.
        unsafe { dealloc(this) };
        0
    });
}

unsafe fn dealloc(this: P) {
    // SAFETY: the object is whole; its class lives until the last line.
    unsafe {
        let o = Object::from_ptr(this);
        let ty = o.ty();
        let base = native_base(ty);
        let is_gc = ty.has_flag(abi::Py_TPFLAGS_HAVE_GC as u64);
        if ty.0.tp_finalize.get().is_some() && !gc::call_finalizer_from_dealloc(this) {
            return;
        }
        if is_gc {
            gc::untrack(this);
        }
        let weakrefs = ty.0.tp_weaklistoffset.get();
        if weakrefs != 0 && base.0.tp_weaklistoffset.get() == 0 && !(*this.cast::<u8>().offset(weakrefs).cast::<P>()).is_null() {
            weakref::clear_weakrefs(this);
        }
        if let Some(del) = ty.0.tp_del.get() {
            if is_gc {
                gc::track(this);
            }
            del(this);
            if o.refcount() > 0 {
                return;
            }
            if is_gc {
                gc::untrack(this);
            }
        }
        let mut class = ty;
        while is_subtype_dealloc(class) {
            for cell in slot_cells(o, class) {
                set_cell(cell, ptr::null_mut());
            }
            match class.base() {
                Some(next) => class = next,
                None => break,
            }
        }
        if ty.has_flag(abi::Py_TPFLAGS_MANAGED_DICT as u64) {
            inline_values::clear_managed_dict(this);
        } else if ty.0.tp_dictoffset.get() != 0
            && base.0.tp_dictoffset.get() == 0
            && let Some(cell) = computed_dict_cell(o)
        {
            set_cell(cell, ptr::null_mut());
        }
        // A finalizer may have changed the class.
        let ty = o.ty_ptr();
        if is_gc
            && ptr::eq(base, types::object::object_type())
            && (*ty).tp_free.get().is_some_and(|free| ptr::fn_addr_eq(free, gc::PyObject_GC_Del as abi::freefunc))
        {
            // What `object` does, without the way round by its slots.
            let flags = (*ty).tp_flags.get() as u64;
            gc::free_untracked(this, flags);
            if flags & abi::Py_TPFLAGS_HEAPTYPE as u64 != 0 {
                xdecref(ty as P);
            }
            return;
        }
        if is_gc && base.is_gc() {
            gc::track(this);
        }
        let class_held = (*ty).tp_flags.get() & abi::Py_TPFLAGS_HEAPTYPE != 0 && !base.is_heap_type();
        if let Some(base_dealloc) = base.0.tp_dealloc.get() {
            base_dealloc(this);
        }
        if class_held {
            xdecref(ty as P);
        }
    }
}

/// `tp_traverse` of Python-made classes.
/// # Safety
/// An instance of such a class and the collector's callback.
pub unsafe extern "C" fn subtype_traverse(this: P, visit: abi::visitproc, arg: *mut c_void) -> c_int {
    // SAFETY: by contract; traversal runs no Python code.
    unsafe {
        match each_own_reference(this, |op| visit(op, arg)) {
            (0, Some(native)) => native(this, visit, arg),
            (status, _) => status,
        }
    }
}

/// Gives `visit` what the instance refers to by its Python-made classes, until it gives something other than 0. Gives that, and the
/// `tp_traverse` of the nearest base that is not Python-made, which has yet to be called.
/// # Safety
/// An instance of such a class; `visit` changes nothing.
#[inline(always)]
pub(crate) unsafe fn each_own_reference(this: P, mut visit: impl FnMut(P) -> c_int) -> (c_int, Option<abi::traverseproc>) {
    // SAFETY: by contract; traversal runs no Python code.
    unsafe {
        let o = Object::from_ptr(this);
        let ty = o.ty();
        macro_rules! visit {
            ($pointer:expr) => {
                let pointer: P = $pointer;
                if !pointer.is_null() {
                    let status = visit(pointer);
                    if status != 0 {
                        return (status, None);
                    }
                }
            };
        }
        let mut base = ty;
        let mut native = base.0.tp_traverse.get();
        while native.is_some_and(|f| ptr::fn_addr_eq(f, subtype_traverse as abi::traverseproc)) {
            for cell in slot_cells(o, base) {
                visit!(cell.get());
            }
            let Some(next) = base.base() else { break };
            base = next;
            native = base.0.tp_traverse.get();
        }
        if ty.has_flag(abi::Py_TPFLAGS_MANAGED_DICT as u64) {
            let status = inline_values::each_managed_reference(this, &mut visit);
            if status != 0 {
                return (status, None);
            }
        } else if ty.0.tp_dictoffset.get() != base.0.tp_dictoffset.get()
            && let Some(cell) = computed_dict_cell(o)
        {
            visit!(cell.get());
        }
        if ty.is_heap_type() && (native.is_none() || !base.is_heap_type()) {
            // The instance holds its class; a native heap base visits it itself.
            visit!(ty.as_ptr());
        }
        (0, native)
    }
}

/// `tp_clear` of Python-made classes. The class itself stays.
/// # Safety
/// An instance of such a class.
pub unsafe extern "C" fn subtype_clear(this: P) -> c_int {
    guard(|| {
        // SAFETY: by contract; the caller holds a count.
        unsafe {
            let o = Object::from_ptr(this);
            let ty = o.ty();
            let mut base = ty;
            let mut native = base.0.tp_clear.get();
            while native.is_some_and(|f| ptr::fn_addr_eq(f, subtype_clear as abi::inquiry)) {
                for cell in slot_cells(o, base) {
                    set_cell(cell, ptr::null_mut());
                }
                let Some(next) = base.base() else { break };
                base = next;
                native = base.0.tp_clear.get();
            }
            if ty.has_flag(abi::Py_TPFLAGS_MANAGED_DICT as u64) {
                if !base.has_flag(abi::Py_TPFLAGS_MANAGED_DICT as u64) {
                    inline_values::clear_managed_dict(this);
                }
            } else if ty.0.tp_dictoffset.get() != base.0.tp_dictoffset.get()
                && let Some(cell) = computed_dict_cell(o)
            {
                set_cell(cell, ptr::null_mut());
            }
            match native {
                Some(native) => native(this),
                None => 0,
            }
        }
    })
}

// ---- __dict__ and __weakref__ ------------------------------------------------------------------------------------------------------

const DICT_ENTRY: abi::PyGetSetDef = entry(c"__dict__", subtype_dict, Some(subtype_set_dict), c"dictionary for instance variables");
const WEAKREF_ENTRY: abi::PyGetSetDef = entry(c"__weakref__", subtype_weakref, None, c"list of weak references to the object");

const fn entry(
    name: &'static std::ffi::CStr,
    get: abi::getter,
    set: Option<abi::setter>,
    doc: &'static std::ffi::CStr,
) -> abi::PyGetSetDef {
    abi::PyGetSetDef {
        name: Cell::new(name.as_ptr()),
        get: Cell::new(Some(get)),
        set: Cell::new(set),
        doc: Cell::new(doc.as_ptr()),
        closure: Cell::new(ptr::null_mut()),
    }
}

static FULL: [abi::PyGetSetDef; 3] = [DICT_ENTRY, WEAKREF_ENTRY, abi::PyGetSetDef::EMPTY];
static DICT_ONLY: [abi::PyGetSetDef; 2] = [DICT_ENTRY, abi::PyGetSetDef::EMPTY];
static WEAKREF_ONLY: [abi::PyGetSetDef; 2] = [WEAKREF_ENTRY, abi::PyGetSetDef::EMPTY];

/// The getset table of a class that adds a dict, a weak reference list, or both.
pub(crate) fn getset_table(dict: bool, weakref: bool) -> *mut abi::PyGetSetDef {
    let table: *const abi::PyGetSetDef = match (dict, weakref) {
        (true, true) => FULL.as_ptr(),
        (true, false) => DICT_ONLY.as_ptr(),
        (false, true) => WEAKREF_ONLY.as_ptr(),
        (false, false) => ptr::null(),
    };
    table as *mut abi::PyGetSetDef
}

/// A native base with a `__dict__` of its own decides about it (exceptions, functions).
fn builtin_base_with_dict(ty: &Type) -> Option<&Type> {
    let mut at = Some(ty);
    while let Some(class) = at {
        let base = class.base()?;
        if class.0.tp_dictoffset.get() != 0 && !class.is_heap_type() {
            return Some(class);
        }
        at = Some(base);
    }
    None
}

fn dict_descriptor(ty: &Type) -> PyResult<Option<Owned>> {
    let Some(found) = ty.lookup(intern!("__dict__")) else { return Ok(None) };
    if found.ty().0.tp_descr_set.get().is_some() && found.ty().0.tp_descr_get.get().is_some() { Ok(Some(found.to_owned())) } else { Ok(None) }
}

#[cold]
fn no_dict_descriptor(o: &Object) -> Raised {
    err!(TypeError, "this __dict__ descriptor does not support '{}' objects", o.type_name())
}

unsafe extern "C" fn subtype_dict(this: P, _closure: *mut c_void) -> P {
    guard(|| {
        // SAFETY: a getter's object lives.
        let o = unsafe { Object::from_ptr(this) };
        crate::errors::to_c((|| {
            if let Some(base) = builtin_base_with_dict(o.ty()) {
                let Some(descr) = dict_descriptor(base)? else { return Err(no_dict_descriptor(o)) };
                return types::attributes::descr_get(&descr, Some(o), Some(o.ty())).unwrap_or_else(|| Err(no_dict_descriptor(o)));
            }
            generic_get_dict(o).map(Owned::into_object)
        })())
    })
}

unsafe extern "C" fn subtype_set_dict(this: P, value: P, _closure: *mut c_void) -> c_int {
    guard(|| {
        // SAFETY: a setter's arguments live.
        let (o, value) = unsafe { (Object::from_ptr(this), Object::from_ptr_opt(value)) };
        let result = (|| {
            if let Some(base) = builtin_base_with_dict(o.ty()) {
                let Some(descr) = dict_descriptor(base)? else { return Err(no_dict_descriptor(o)) };
                let Some(set) = descr.ty().0.tp_descr_set.get() else { return Err(no_dict_descriptor(o)) };
                let raw = value.map_or(ptr::null_mut(), |v| v.as_ptr());
                // SAFETY: a slot of the descriptor's own type.
                return if unsafe { set(descr.raw(), this, raw) } < 0 { Err(Raised::from_c()) } else { Ok(()) };
            }
            if let Some(value) = value
                && !value.is_instance_of::<Dict>()
            {
                return Err(err!(TypeError, "__dict__ must be set to a dictionary, not a '{}'", value.type_name()));
            }
            if value.is_none() {
                return types::attributes::set_dict(o, None);
            }
            generic_set_dict(o, value)
        })();
        if result.is_ok() { 0 } else { -1 }
    })
}

unsafe extern "C" fn subtype_weakref(this: P, _closure: *mut c_void) -> P {
    guard(|| {
        // SAFETY: a getter's object lives.
        let o = unsafe { Object::from_ptr(this) };
        crate::errors::to_c(match weakref::list_cell(o) {
            None => Err(err!(AttributeError, "This object has no __weakref__")),
            // SAFETY: the list's head is NULL or a weak reference.
            Some(cell) => Ok(unsafe { Object::from_ptr_opt(cell.get()) }.unwrap_or(types::none()).to_owned()),
        })
    })
}

/// The managed dict word, for code outside this folder.
/// # Safety
/// The type has MANAGED_DICT.
pub unsafe fn managed_dict(o: &Object) -> *mut PyObject {
    // SAFETY: by contract.
    unsafe { managed_dict_cell(o) }.get()
}
