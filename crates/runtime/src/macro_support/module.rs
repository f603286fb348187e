//! Module definitions: static `PyModuleDef`s with multi-phase initialisation, and per-module state.

use super::native::{Traverse, VisitFn, Visitor};

use crate::errors::{PyResult, Raised};
use crate::object::{Object, Owned, Type};
use crate::types::Module;
use abi::{PyMethodDef, PyModuleDef, PyModuleDef_Base, PyModuleDef_Slot, PyModuleObject, PyObject};
use std::cell::Cell;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::mem::{MaybeUninit, size_of};
use std::ptr;

/// A static module definition.
#[repr(transparent)]
pub struct ModuleDef(pub PyModuleDef);
// SAFETY: only touched under the GIL.
unsafe impl Sync for ModuleDef {}

/// The functions that a module's state needs.
#[derive(Clone, Copy)]
pub struct StateSlots {
    traverse: abi::traverseproc,
    clear: abi::inquiry,
    free: abi::freefunc,
}

impl StateSlots {
    pub const fn of<S: Traverse>() -> StateSlots {
        StateSlots { traverse: state_traverse::<S>, clear: state_clear::<S>, free: state_free::<S> }
    }
}

impl ModuleDef {
    pub const fn new(
        name: &'static CStr,
        doc: *const c_char,
        size: usize,
        methods: *mut PyMethodDef,
        slots: *mut PyModuleDef_Slot,
        state: Option<StateSlots>,
    ) -> ModuleDef {
        let (traverse, clear, free) = match state {
            Some(state) => (Some(state.traverse), Some(state.clear), Some(state.free)),
            None => (None, None, None),
        };
        ModuleDef(PyModuleDef {
            m_base: PyModuleDef_Base { ob_base: PyObject::immortal_static(ptr::null()), ..PyModuleDef_Base::EMPTY },
            m_name: Cell::new(name.as_ptr()),
            m_doc: Cell::new(doc),
            m_size: Cell::new(size as isize),
            m_methods: Cell::new(methods),
            m_slots: Cell::new(slots),
            m_traverse: Cell::new(traverse),
            m_clear: Cell::new(clear),
            m_free: Cell::new(free),
        })
    }
    pub fn as_ptr(&'static self) -> *mut PyModuleDef {
        &raw const self.0 as *mut PyModuleDef
    }
    pub fn name(&self) -> &'static str {
        // SAFETY: a static C string.
        unsafe { CStr::from_ptr(self.0.m_name.get()) }.to_str().unwrap_or("?")
    }
}

pub const fn module_slots(exec: unsafe extern "C" fn(*mut PyObject) -> c_int) -> [PyModuleDef_Slot; 4] {
    [
        PyModuleDef_Slot { slot: Cell::new(abi::Py_mod_exec), value: Cell::new(exec as *const c_void as *mut c_void) },
        PyModuleDef_Slot { slot: Cell::new(abi::Py_mod_multiple_interpreters), value: Cell::new(abi::Py_MOD_PER_INTERPRETER_GIL_SUPPORTED) },
        PyModuleDef_Slot { slot: Cell::new(abi::Py_mod_gil), value: Cell::new(abi::Py_MOD_GIL_NOT_USED) },
        PyModuleDef_Slot::EMPTY,
    ]
}

/// Adds a type under the last part of its name, readying it.
pub fn add_type(module: &Object, ty: &'static Type) -> PyResult<()> {
    crate::types::type_ready(ty)?;
    let name = ty.name();
    let name = name.rsplit_once('.').map_or(name, |(_, last)| last);
    crate::protocol::object::set_attr_str(module, name, Some(ty))
}

pub fn add_constant(module: &Object, name: &str, value: Owned) -> PyResult<()> {
    crate::protocol::object::set_attr_str(module, name, Some(&value))
}

/// A module's state: zeroed memory until the module is executed.
struct State<S> {
    ready: Cell<bool>,
    value: MaybeUninit<S>,
}

pub const fn state_size<S>() -> usize {
    size_of::<State<S>>()
}

unsafe fn state_of<'a, S>(module: *mut PyObject) -> Option<&'a State<S>> {
    // SAFETY: a module whose state block, if any, is a State<S>.
    unsafe { ((*(module as *mut PyModuleObject)).md_state.get() as *const State<S>).as_ref() }
}

/// # Safety
/// A module of a definition with state `S`.
pub unsafe fn init_state<S: Default>(module: *mut PyObject) -> PyResult<()> {
    // SAFETY: by contract.
    let Some(state) = (unsafe { state_of::<S>(module) }) else {
        return Err(crate::errors::bad_internal_call());
    };
    if !state.ready.get() {
        // SAFETY: the block is ours; nobody refers to the value before it is ready.
        unsafe { ptr::write(&raw const state.value as *mut S, S::default()) };
        state.ready.set(true);
    }
    Ok(())
}

/// The state of a module of a definition with state `S`.
#[inline]
pub fn module_state<S>(module: &Module) -> PyResult<&S> {
    // SAFETY: functions get the module that they were declared in.
    match unsafe { state_of::<S>(module as *const Module as *mut PyObject) } {
        // SAFETY: ready.
        Some(state) if state.ready.get() => Ok(unsafe { state.value.assume_init_ref() }),
        _ => Err(no_state()),
    }
}

#[cold]
fn no_state() -> Raised {
    crate::err!(SystemError, "module state is not initialised")
}

unsafe extern "C" fn state_traverse<S: Traverse>(module: *mut PyObject, visit: VisitFn, arg: *mut c_void) -> c_int {
    let mut visitor = Visitor::new(visit, arg);
    // SAFETY: called for a module of this definition.
    if let Some(state) = unsafe { state_of::<S>(module) }
        && state.ready.get()
    {
        // SAFETY: ready.
        unsafe { state.value.assume_init_ref() }.traverse(&mut visitor);
    }
    visitor.status()
}

unsafe extern "C" fn state_clear<S: Traverse>(module: *mut PyObject) -> c_int {
    // SAFETY: called for a module of this definition.
    if let Some(state) = unsafe { state_of::<S>(module) }
        && state.ready.get()
    {
        // SAFETY: ready.
        super::guard(|| unsafe { state.value.assume_init_ref() }.clear());
    }
    0
}

unsafe extern "C" fn state_free<S>(module: *mut c_void) {
    // SAFETY: called once for a module of this definition that goes away.
    if let Some(state) = unsafe { state_of::<S>(module as *mut PyObject) }
        && state.ready.replace(false)
    {
        // SAFETY: was ready, and is not any more.
        super::guard(|| unsafe { ptr::drop_in_place(&raw const state.value as *mut S) });
    }
}

