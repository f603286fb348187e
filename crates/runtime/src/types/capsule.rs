//! `PyCapsule`: a C pointer with a name, passed between extensions.

use crate::err;
use crate::errors::PyResult;
use crate::gc;
use crate::object::{Object, Owned, PyTyped};
use abi::{PyObject, c_int, c_void};
use macros::pytype;
use std::ffi::{CStr, c_char};

#[repr(transparent)]
pub struct Capsule(pub abi::PyCapsule);

impl Capsule {
    /// `PyCapsule_New`.
    /// # Safety
    /// The name outlives the capsule.
    pub unsafe fn new(pointer: *mut c_void, name: *const c_char, destructor: Option<abi::PyCapsule_Destructor>) -> PyResult<Owned<Capsule>> {
        if pointer.is_null() {
            return Err(err!(ValueError, "PyCapsule_New called with null pointer"));
        }
        // A capsule is only tracked once it has functions to traverse with.
        let op = gc::gc_alloc(Self::type_object(), size_of::<abi::PyCapsule>())?;
        // SAFETY: a fresh block of that size.
        unsafe {
            let capsule = &*(op as *const abi::PyCapsule);
            capsule.pointer.set(pointer);
            capsule.name.set(name);
            capsule.context.set(std::ptr::null_mut());
            capsule.destructor.set(destructor);
            capsule.traverse_func.set(None);
            capsule.clear_func.set(None);
            Ok(Owned::from_raw(op))
        }
    }
    /// Whether the object is a capsule of that name with a pointer in it.
    pub fn is_valid(o: &Object, name: Option<&CStr>) -> bool {
        match o.downcast_exact::<Capsule>() {
            Some(capsule) => !capsule.0.pointer.get().is_null() && capsule.name() == name,
            None => false,
        }
    }
    pub fn name(&self) -> Option<&CStr> {
        let name = self.0.name.get();
        // SAFETY: NULL or a C string that outlives the capsule.
        if name.is_null() { None } else { Some(unsafe { CStr::from_ptr(name) }) }
    }
    /// `_PyCapsule_SetTraverse`: from now on the collector sees through the capsule.
    pub fn set_traverse(&self, traverse: abi::traverseproc, clear: abi::inquiry) {
        self.0.traverse_func.set(Some(traverse));
        self.0.clear_func.set(Some(clear));
        let op = self.as_object().as_ptr();
        // SAFETY: a live object with a head.
        unsafe {
            if !gc::is_tracked(op) {
                gc::track(op);
            }
        }
    }
}

unsafe extern "C" fn capsule_dealloc(this: *mut PyObject) {
    // SAFETY: a dead capsule.
    unsafe {
        gc::untrack_any(this);
        let capsule = Object::from_ptr(this).cast::<Capsule>();
        if let Some(destructor) = capsule.0.destructor.get() {
            destructor(this);
        }
        gc::gc_free(this);
    }
}

unsafe extern "C" fn capsule_traverse(this: *mut PyObject, visit: abi::visitproc, arg: *mut c_void) -> c_int {
    // SAFETY: a live capsule.
    unsafe {
        match Object::from_ptr(this).cast::<Capsule>().0.traverse_func.get() {
            Some(traverse) => traverse(this, visit, arg),
            None => 0,
        }
    }
}

unsafe extern "C" fn capsule_clear(this: *mut PyObject) -> c_int {
    // SAFETY: a live capsule.
    unsafe {
        match Object::from_ptr(this).cast::<Capsule>().0.clear_func.get() {
            Some(clear) => clear(this),
            None => 0,
        }
    }
}

/// Capsule objects let you wrap a C "void *" pointer in a Python
/// object.  They're a way of passing data through the Python interpreter
/// without creating your own custom type.
///
/// Capsules are used for communication between extension modules.
/// They provide a way for an extension module to export a C interface
/// to other extension modules, so that extension modules can use the
/// Python import mechanism to link to one another.
#[pytype(static = PyCapsule_Type, name = "PyCapsule", flags = HAVE_GC | DISALLOW_INSTANTIATION, tp_dealloc = capsule_dealloc,
    tp_traverse = capsule_traverse, tp_clear = capsule_clear)]
impl Capsule {
    #[slot]
    fn tp_repr(&self) -> PyResult<String> {
        Ok(match self.name() {
            Some(name) => format!("<capsule object \"{}\" at {:p}>", name.to_string_lossy(), self),
            None => format!("<capsule object NULL at {:p}>", self),
        })
    }
}
