//! Module objects, created from a name or from a C definition, and the hints in their attribute errors.

use crate::errors::{self, PyResult, Raised};
use crate::gc;
use crate::memory;
use crate::object::{Object, Owned, PyTyped, Type, set_cell, xdecref};
use crate::protocol::call;
use crate::protocol::object as proto;
use crate::types::attributes::{generic_lookup, set_attribute_error_context};
use crate::types::{self, Dict, GilCell, Int, Str, weakref};
use crate::{err, exceptions, import, intern, state};
use abi::{PyModuleDef, PyModuleObject, PyObject, c_int, c_void};
use macros::pytype;
use std::cell::Cell;
use std::ffi::CStr;
use std::mem::offset_of;
use std::ptr;

#[repr(transparent)]
pub struct Module(pub PyModuleObject);

/// Whether the slot is the module type's own.
#[inline]
pub fn is_module_getattro(slot: abi::getattrofunc) -> bool {
    ptr::fn_addr_eq(slot, module_getattro as abi::getattrofunc)
}

impl Module {
    /// `PyModule_NewObject`.
    pub fn new_object(name: &Object) -> PyResult<Owned<Module>> {
        let module = Self::allocate(Module::type_object())?;
        module.set_up(name, types::none())?;
        Ok(module)
    }
    /// `PyModule_New`.
    pub fn new(name: &str) -> PyResult<Owned<Module>> {
        Self::new_object(&Str::intern(Str::new(name)))
    }
    fn allocate(cls: &Type) -> PyResult<Owned<Module>> {
        let module = cls.alloc(0)?;
        // SAFETY: allocated as a module, zeroed.
        let module: Owned<Module> = unsafe { module.cast_into() };
        module.0.md_dict.set(Dict::new().into_raw());
        Ok(module)
    }
    fn set_up(&self, name: &Object, doc: &Object) -> PyResult<()> {
        let dict = self.dict_or_new();
        dict.set_str(intern!("__name__"), name)?;
        dict.set_str(intern!("__doc__"), doc)?;
        dict.set_str(intern!("__package__"), types::none())?;
        dict.set_str(intern!("__loader__"), types::none())?;
        dict.set_str(intern!("__spec__"), types::none())?;
        if name.is_instance_of::<Str>() {
            // SAFETY: the cell owns its value.
            unsafe { set_cell(&self.0.md_name, name.to_owned().into_raw()) };
        }
        Ok(())
    }
    fn dict_or_new(&self) -> Owned<Dict> {
        if self.0.md_dict.get().is_null() {
            self.0.md_dict.set(Dict::new().into_raw());
        }
        Owned::from_ref(self.dict())
    }
    /// The module's namespace.
    #[inline]
    pub fn dict(&self) -> &Dict {
        if self.0.md_dict.get().is_null() {
            self.0.md_dict.set(Dict::new().into_raw());
        }
        // SAFETY: the module owns a dict.
        unsafe { Object::from_ptr(self.0.md_dict.get()).cast::<Dict>() }
    }
    /// The dict's pointer.
    #[inline(always)]
    pub fn dict_raw(&self) -> *mut PyObject {
        self.0.md_dict.get()
    }
    /// The file that a module's spec names.
    pub fn file_origin(&self, spec: Option<&Object>) -> PyResult<Option<Owned<Str>>> {
        match spec {
            Some(spec) => file_origin(spec),
            None => Ok(None),
        }
    }
    /// Puts a value under a name.
    pub fn add(&self, name: &str, value: &Object) -> PyResult<()> {
        self.dict().set_str(&Str::intern(Str::new(name)), value)
    }
    /// `__name__`, if it is a str.
    pub fn name(&self) -> Option<Owned<Str>> {
        self.dict().get_str(intern!("__name__")).and_then(|n| n.try_into_typed::<Str>().ok())
    }
    /// The C definition's per-module memory.
    #[inline]
    pub fn state(&self) -> *mut c_void {
        self.0.md_state.get()
    }
    #[inline]
    pub fn definition(&self) -> Option<&PyModuleDef> {
        // SAFETY: NULL or a definition that outlives the module.
        unsafe { self.0.md_def.get().as_ref() }
    }
    /// Made from a definition with functions (`_PyModule_IsExtension`).
    pub fn is_native(&self) -> bool {
        self.definition().is_some_and(|definition| !definition.m_methods.get().is_null())
    }

    /// The attribute, or `Ok(None)` without an error made.
    pub fn lookup_attribute(&self, name: &Str) -> PyResult<Option<Owned>> {
        match errors::catch(generic_lookup(self.as_object(), name, None), exceptions::AttributeError())? {
            Some(Some(value)) => return Ok(Some(value)),
            Some(None) | None => {}
        }
        let Some(hook) = self.dict().get_str(intern!("__getattr__")) else { return Ok(None) };
        call::call1(&hook, name).map(Some)
    }

    /// The error for a missing attribute, with what may be the reason.
    #[cold]
    fn missing(&self, name: &Str) -> Raised {
        let raised = match self.missing_message(name) {
            Ok(message) => err!(AttributeError, "{}", message),
            Err(raised) => return raised,
        };
        set_attribute_error_context(self.as_object(), name);
        raised
    }

    fn missing_message(&self, name: &Str) -> PyResult<String> {
        let Some(module) = self.name() else {
            return Ok(format!("module has no attribute '{name}'"));
        };
        let plain = format!("module '{module}' has no attribute '{name}'");
        let Some(spec) = self.dict().get_str(intern!("__spec__")).filter(|s| !s.is_none()) else { return Ok(plain) };
        let origin = file_origin(&spec)?;
        let shadowing = match &origin {
            Some(origin) => is_possibly_shadowing(origin)?,
            None => false,
        };
        if shadowing && is_stdlib_name(&module)? {
            return Ok(format!(
                "{plain} (consider renaming '{}' since it has the same name as the standard library module named '{module}' and prevents importing that standard library module)",
                origin_text(&origin)
            ));
        }
        if spec_is_initializing(&spec)? {
            return Ok(if shadowing {
                format!("{plain} (consider renaming '{}' if it has the same name as a library you intended to import)", origin_text(&origin))
            } else if origin.is_some() {
                format!(
                    "partially initialized module '{module}' from '{}' has no attribute '{name}' (most likely due to a circular import)",
                    origin_text(&origin)
                )
            } else {
                format!("partially initialized module '{module}' has no attribute '{name}' (most likely due to a circular import)")
            });
        }
        if is_uninitialized_submodule(&spec, name)? {
            return Ok(format!("cannot access submodule '{name}' of module '{module}' (most likely due to a circular import)"));
        }
        Ok(plain)
    }
}

fn origin_text(origin: &Option<Owned<Str>>) -> String {
    origin.as_ref().map_or(String::new(), |o| o.to_string())
}

/// The file that a spec names, if it names one.
pub fn file_origin(spec: &Object) -> PyResult<Option<Owned<Str>>> {
    let Some(flag) = proto::get_attr_opt(spec, intern!("has_location"))? else { return Ok(None) };
    if !proto::is_true(&flag)? {
        return Ok(None);
    }
    let origin = proto::get_attr_opt(spec, intern!("origin"))?;
    Ok(origin.and_then(|o| o.try_into_typed::<Str>().ok()))
}

/// `_PyModuleSpec_IsInitializing`.
pub fn spec_is_initializing(spec: &Object) -> PyResult<bool> {
    match proto::get_attr_opt(spec, intern!("_initializing"))? {
        Some(flag) => proto::is_true(&flag),
        None => Ok(false),
    }
}

fn is_uninitialized_submodule(spec: &Object, name: &Str) -> PyResult<bool> {
    match proto::get_attr_opt(spec, intern!("_uninitialized_submodules"))? {
        Some(names) => crate::protocol::sequence::contains(&names, name),
        None => Ok(false),
    }
}

/// `_PyModule_IsPossiblyShadowing`: the file lies in the folder that `sys.path` begins with because of the program run.
pub fn is_possibly_shadowing(origin: &Str) -> PyResult<bool> {
    if let Some(flags) = state::sys_attribute(intern!("flags"))?
        && let Some(safe) = proto::get_attr_opt(&flags, intern!("safe_path"))?
        && proto::is_true(&safe)?
    {
        return Ok(false);
    }
    // What was put in front for the program, whatever sys.path begins with now.
    let Some(first) = state::get().config.borrow().sys_path_0.clone() else { return Ok(false) };
    let text = origin.to_string_lossy();
    // The root of a package is one folder up.
    let folder = match text.strip_suffix("/__init__.py") {
        Some(package) => package.rsplit_once('/'),
        None => text.rsplit_once('/'),
    };
    let Some((folder, _)) = folder else { return Ok(false) };
    let first = String::from_utf8_lossy(&first);
    if first.is_empty() {
        let mut buffer = [0u8; 4096];
        // SAFETY: the buffer's size is given.
        let cwd = unsafe { libc::getcwd(buffer.as_mut_ptr() as *mut libc::c_char, buffer.len()) };
        if cwd.is_null() {
            return Ok(false);
        }
        // SAFETY: getcwd wrote a C string.
        return Ok(unsafe { CStr::from_ptr(cwd) }.to_string_lossy() == folder);
    }
    Ok(first == folder)
}

/// Whether `sys.stdlib_module_names` has the name.
pub fn is_stdlib_name(name: &Str) -> PyResult<bool> {
    match state::sys_attribute(intern!("stdlib_module_names"))? {
        Some(names) => crate::protocol::sequence::contains(&names, name),
        None => Ok(false),
    }
}

/// `tp_getattro` of modules.
/// # Safety
/// A module and a name.
pub unsafe extern "C" fn module_getattro(this: *mut PyObject, name: *mut PyObject) -> *mut PyObject {
    crate::macro_support::guard(|| {
        // SAFETY: by contract.
        let (module, name) = unsafe { (Object::from_ptr(this).cast::<Module>(), Object::from_ptr(name)) };
        let Some(name) = name.downcast::<Str>() else {
            err!(TypeError, "attribute name must be string, not '{}'", name.type_name());
            return ptr::null_mut();
        };
        errors::to_c(match module.lookup_attribute(name) {
            Ok(Some(value)) => Ok(value),
            Ok(None) => Err(module.missing(name)),
            Err(raised) => Err(raised),
        })
    })
}

// ---- from a definition -------------------------------------------------------------------------------------------------------------

/// `PyModule_FromDefAndSpec2`: the module of a multi-phase definition, its functions added, not executed.
/// # Safety
/// The definition outlives the module.
pub unsafe fn from_definition_and_spec(definition: *mut PyModuleDef, spec: &Object) -> PyResult {
    // SAFETY: by contract.
    let def = unsafe { &*definition };
    let name = proto::get_attr(spec, intern!("name"))?;
    let shown = proto::str(&name)?;
    if def.m_size.get() < 0 {
        return Err(err!(SystemError, "module {}: m_size may not be negative for multi-phase initialization", shown));
    }
    let mut create: Option<unsafe extern "C" fn(*mut PyObject, *mut PyModuleDef) -> *mut PyObject> = None;
    let mut interpreters = None;
    let mut slot = def.m_slots.get();
    // SAFETY: the slots are ended by number 0.
    unsafe {
        while !slot.is_null() && (*slot).slot.get() != 0 {
            match (*slot).slot.get() {
                abi::Py_mod_create => {
                    if create.is_some() {
                        return Err(err!(SystemError, "module {} has multiple create slots", shown));
                    }
                    create = Some(std::mem::transmute::<*mut c_void, unsafe extern "C" fn(*mut PyObject, *mut PyModuleDef) -> *mut PyObject>(
                        (*slot).value.get(),
                    ));
                }
                abi::Py_mod_multiple_interpreters => {
                    if interpreters.is_some() {
                        return Err(err!(SystemError, "module {} has more than one 'multiple interpreters' slots", shown));
                    }
                    interpreters = Some((*slot).value.get());
                }
                1..=abi::_Py_mod_LAST_SLOT => {}
                other => return Err(err!(SystemError, "module {} uses unknown slot ID {}", shown, other)),
            }
            slot = slot.add(1);
        }
    }
    if !state::is_main() {
        let own_gil = state::get().features.get().gil == state::GilChoice::Own;
        let interpreters = interpreters.unwrap_or(abi::Py_MOD_MULTIPLE_INTERPRETERS_SUPPORTED);
        if interpreters == abi::Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED || (own_gil && interpreters != abi::Py_MOD_PER_INTERPRETER_GIL_SUPPORTED) {
            crate::subinterpreters::check_incompatible_module(&shown.to_string())?;
        }
    }
    let made = match create {
        // SAFETY: the definition's own function.
        Some(create) => unsafe {
            let made = create(spec.as_ptr(), definition);
            if made.is_null() {
                if !errors::occurred() {
                    return Err(err!(SystemError, "creation of module {} failed without setting an exception", shown));
                }
                return Err(Raised::from_c());
            }
            if errors::occurred() {
                drop(Owned::<Object>::from_raw(made));
                return Err(errors::raise_from_cause(
                    exceptions::SystemError(),
                    format_args!("creation of module {} raised unreported exception", shown),
                ));
            }
            Owned::<Object>::from_raw(made)
        },
        None => Module::new_object(&name)?.into_object(),
    };
    match made.downcast::<Module>() {
        Some(module) => {
            module.0.md_state.set(ptr::null_mut());
            module.0.md_def.set(definition);
        }
        None => {
            if def.m_size.get() > 0 || def.m_traverse.get().is_some() || def.m_clear.get().is_some() || def.m_free.get().is_some() {
                return Err(err!(SystemError, "module {} is not a module object, but requests module state", shown));
            }
        }
    }
    // SAFETY: the definition's tables.
    unsafe { add_functions(&made, def.m_methods.get(), &name)? };
    set_doc(&made, def)?;
    Ok(made)
}

/// The full name of the single-phase extension module that is being initialised: its own code knows the last part only.
pub static PACKAGE_CONTEXT: GilCell<Cell<Option<String>>> = GilCell(Cell::new(None));

/// A module of a definition, with state but without a spec (`PyModule_Create2`).
/// # Safety
/// The definition outlives the module.
pub unsafe fn from_definition(definition: *mut PyModuleDef) -> PyResult<Owned<Module>> {
    // SAFETY: by contract.
    unsafe {
        let def = &*definition;
        let name = CStr::from_ptr(def.m_name.get()).to_string_lossy();
        let name = PACKAGE_CONTEXT.0.take().unwrap_or_else(|| name.into_owned());
        let module = Module::new(&name)?;
        alloc_state(&module, def)?;
        let name = Str::new(&name);
        add_functions(&module, def.m_methods.get(), &name)?;
        set_doc(&module, def)?;
        module.0.md_def.set(definition);
        Ok(module)
    }
}

fn set_doc(module: &Object, def: &PyModuleDef) -> PyResult<()> {
    if def.m_doc.get().is_null() {
        return Ok(());
    }
    // SAFETY: a C string.
    let doc = unsafe { CStr::from_ptr(def.m_doc.get()) }.to_string_lossy();
    proto::set_attr(module, intern!("__doc__"), Some(&*Str::new(&doc)))
}

fn alloc_state(module: &Module, def: &PyModuleDef) -> PyResult<()> {
    if def.m_size.get() > 0 && module.0.md_state.get().is_null() {
        let block = memory::mem_calloc(1, def.m_size.get() as usize);
        if block.is_null() {
            return Err(errors::no_memory());
        }
        module.0.md_state.set(block);
    }
    Ok(())
}

/// `PyModule_ExecDef`: runs the definition's exec slots.
/// # Safety
/// The definition is the module's.
pub unsafe fn exec_definition(module: &Object, definition: *mut PyModuleDef) -> PyResult<()> {
    // SAFETY: by contract; the slots are ended by number 0.
    unsafe {
        let def = &*definition;
        let shown = match module.downcast::<Module>() {
            Some(m) => {
                // A state of no bytes too: it says that the module was executed.
                if def.m_size.get() == 0 && m.0.md_state.get().is_null() {
                    m.0.md_state.set(memory::mem_calloc(1, 1));
                }
                alloc_state(m, def)?;
                m.name().map_or("?".to_string(), |n| n.to_string())
            }
            None => "?".to_string(),
        };
        let mut slot = def.m_slots.get();
        while !slot.is_null() && (*slot).slot.get() != 0 {
            if (*slot).slot.get() == abi::Py_mod_exec {
                let exec = std::mem::transmute::<*mut c_void, unsafe extern "C" fn(*mut PyObject) -> c_int>((*slot).value.get());
                let status = exec(module.as_ptr());
                if status != 0 {
                    if !errors::occurred() {
                        return Err(err!(SystemError, "execution of module {} failed without setting an exception", shown));
                    }
                    return Err(Raised::from_c());
                }
                if errors::occurred() {
                    return Err(errors::raise_from_cause(
                        exceptions::SystemError(),
                        format_args!("execution of module {} raised unreported exception", shown),
                    ));
                }
            }
            slot = slot.add(1);
        }
    }
    Ok(())
}

/// `PyModule_AddFunctions`.
/// # Safety
/// A table ended by an entry without a name, which outlives the module.
pub unsafe fn add_functions(module: &Object, methods: *mut abi::PyMethodDef, name: &Object) -> PyResult<()> {
    let mut at = methods;
    // SAFETY: by contract.
    unsafe {
        while !at.is_null() && !(*at).ml_name.get().is_null() {
            if (*at).ml_flags.get() & (abi::METH_CLASS | abi::METH_STATIC) != 0 {
                return Err(err!(ValueError, "module functions cannot set METH_CLASS or METH_STATIC"));
            }
            let function = types::descr::bind(&*at, Some(module), Some(name), None)?;
            let text = CStr::from_ptr((*at).ml_name.get()).to_string_lossy();
            proto::set_attr(module, &Str::intern(Str::new(&text)), Some(&*function))?;
            at = at.add(1);
        }
    }
    Ok(())
}

// ---- the type ----------------------------------------------------------------------------------------------------------------------

unsafe extern "C" fn module_dealloc(this: *mut PyObject) {
    crate::macro_support::guard(|| {
        // SAFETY: a dead module.
        unsafe {
            gc::untrack(this);
            let module = Object::from_ptr(this).cast::<Module>();
            if !module.0.md_weaklist.get().is_null() {
                weakref::clear_weakrefs(this);
            }
            if let Some(def) = module.definition()
                && let Some(free) = def.m_free.get()
                && (def.m_size.get() <= 0 || !module.state().is_null())
            {
                free(this as *mut c_void);
            }
            xdecref(module.0.md_dict.get());
            xdecref(module.0.md_name.get());
            if !module.state().is_null() {
                memory::mem_free(module.state());
            }
            if let Some(free) = module.as_object().ty().0.tp_free.get() {
                free(this as *mut c_void);
            }
        }
        0
    });
}

unsafe extern "C" fn module_traverse(this: *mut PyObject, visit: abi::visitproc, arg: *mut c_void) -> c_int {
    // SAFETY: a live module.
    unsafe {
        let module = Object::from_ptr(this).cast::<Module>();
        if let Some(def) = module.definition()
            && let Some(traverse) = def.m_traverse.get()
            && (def.m_size.get() <= 0 || !module.state().is_null())
        {
            let status = traverse(this, visit, arg);
            if status != 0 {
                return status;
            }
        }
        let dict = module.0.md_dict.get();
        if dict.is_null() { 0 } else { visit(dict, arg) }
    }
}

unsafe extern "C" fn module_clear(this: *mut PyObject) -> c_int {
    crate::macro_support::guard(|| {
        // SAFETY: a live module in a cycle of garbage.
        unsafe {
            let module = Object::from_ptr(this).cast::<Module>();
            if let Some(def) = module.definition()
                && let Some(clear) = def.m_clear.get()
                && (def.m_size.get() <= 0 || !module.state().is_null())
            {
                clear(this);
            }
            set_cell(&module.0.md_dict, ptr::null_mut());
        }
        0
    })
}

/// The dict under `__dict__`, which a subclass may have replaced.
fn module_dict(this: &Object) -> PyResult<Owned<Dict>> {
    let dict = proto::get_attr(this, intern!("__dict__"))?;
    dict.try_into_typed::<Dict>().map_err(|_| err!(TypeError, "<module>.__dict__ is not a dictionary"))
}

/// Create a module object.
///
/// The name must be a string; the optional docstring can have any type.
#[pytype(static = PyModule_Type, name = "module", signature = "(name, doc=None)", flags = BASETYPE | HAVE_GC,
    dictoffset = offset_of!(PyModuleObject, md_dict), weaklistoffset = offset_of!(PyModuleObject, md_weaklist),
    tp_getattro = module_getattro, tp_setattro = proto::PyObject_GenericSetAttr, tp_dealloc = module_dealloc, tp_traverse = module_traverse,
    tp_clear = module_clear, tp_free = gc::PyObject_GC_Del,
    members = [("__dict__", T_OBJECT, offset_of!(PyModuleObject, md_dict), READONLY)])]
impl Module {
    #[slot]
    fn tp_new(cls: &Type, _args: &types::Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<Module>> {
        Module::allocate(cls)
    }
    #[slot("module(name, doc=None)")]
    fn tp_init(&self, name: &Str, doc: Option<&Object>) -> PyResult<()> {
        self.set_up(name, doc.unwrap_or(types::none()))
    }
    #[slot]
    fn tp_repr(this: &Object) -> PyResult {
        if let Some(bootstrap) = import::get_module(intern!("_frozen_importlib"))?
            && let Some(function) = proto::get_attr_opt(&bootstrap, intern!("_module_repr"))?
        {
            return call::call1(&function, this);
        }
        // SAFETY: a slot's self is a module.
        let name = unsafe { this.cast::<Module>() }.name().map_or("?".to_string(), |n| n.to_string());
        Ok(Str::new(&format!("<module '{name}'>")).into_object())
    }
    /// __dir__() -> list
    /// specialized dir() implementation
    #[method("__dir__($self, /)", nosig)]
    fn __dir__(this: &Object) -> PyResult {
        let dict = module_dict(this)?;
        if let Some(hook) = dict.get_str(intern!("__dir__")) {
            return call::call0(&hook);
        }
        Ok(dict.keys_list()?.into_object())
    }
    #[getter("__annotations__")]
    fn get_annotations(this: &Object) -> PyResult {
        let dict = module_dict(this)?;
        if let Some(own) = dict.get_str(intern!("__annotations__")) {
            return Ok(own);
        }
        // While the module's code still runs, its annotations are not complete: they are not kept.
        let initializing = match dict.get_str(intern!("__spec__")) {
            Some(spec) => spec_is_initializing(&spec)?,
            None => false,
        };
        let annotations = match proto::get_attr_opt(this, intern!("__annotate__"))? {
            Some(annotate) if proto::is_callable(&annotate) => {
                let result = call::call1(&annotate, &*Int::from_i64(1))?;
                if !result.is_instance_of::<Dict>() {
                    return Err(err!(TypeError, "__annotate__ returned non-dict of type '{}'", result.type_name()));
                }
                result
            }
            _ => Dict::new().into_object(),
        };
        if !initializing {
            dict.set_str(intern!("__annotations__"), &annotations)?;
        }
        Ok(annotations)
    }
    #[setter("__annotations__")]
    fn set_annotations(this: &Object, value: Option<&Object>) -> PyResult<()> {
        let dict = module_dict(this)?;
        match value {
            Some(value) => dict.set_str(intern!("__annotations__"), value)?,
            None => {
                if dict.pop(intern!("__annotations__"))?.is_none() {
                    return Err(errors::raise_object(exceptions::AttributeError(), Some(intern!("__annotations__"))));
                }
            }
        }
        dict.pop(intern!("__annotate__"))?;
        Ok(())
    }
    #[getter("__annotate__")]
    fn get_annotate(this: &Object) -> PyResult {
        let dict = module_dict(this)?;
        if let Some(own) = dict.get_str(intern!("__annotate__")) {
            return Ok(own);
        }
        dict.set_str(intern!("__annotate__"), types::none())?;
        Ok(types::none().to_owned())
    }
    #[setter("__annotate__")]
    fn set_annotate(this: &Object, value: Option<&Object>) -> PyResult<()> {
        let Some(value) = value else {
            return Err(err!(TypeError, "cannot delete __annotate__ attribute"));
        };
        let dict = module_dict(this)?;
        if !value.is_none() && !proto::is_callable(value) {
            return Err(err!(TypeError, "__annotate__ must be callable or None"));
        }
        dict.set_str(intern!("__annotate__"), value)?;
        if !value.is_none() {
            dict.pop(intern!("__annotations__"))?;
        }
        Ok(())
    }
}

