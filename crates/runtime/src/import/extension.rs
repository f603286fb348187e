//! Extension modules: shared objects that export `PyInit_NAME`.
//!
//! The function gives a definition (multi-phase: the import system creates the module from it, then runs its exec slots) or a finished
//! module (single-phase). Finished modules are remembered by path and name, so that importing one again, after it was taken out of
//! `sys.modules`, does not run its initialisation twice where it says that it cannot bear that (`m_size` -1).

use crate::errors::{self, PyResult};
use crate::exceptions::import_error::raise_import_error;
use crate::import::native::dlopen_flags;
use crate::object::{Object, Owned};
use crate::protocol::object;
use crate::state::PerInterpreter;
use crate::types::module::PACKAGE_CONTEXT;
use crate::types::{self, Dict, GilCell, Module, Str, type_ready};
use crate::{audit, codecs, err, exceptions, intern, subinterpreters};
use abi::{PyModInitFunction, PyModuleDef, PyObject};
use macros::pytype;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ffi::{CStr, CString, c_void};
use std::ptr;

/// A module definition as an object: what a multi-phase initialisation function returns.
#[repr(transparent)]
pub struct Definition(pub PyModuleDef);

/// The definition of an extension module.
#[pytype(static = PyModuleDef_Type, name = "moduledef", flags = DISALLOW_INSTANTIATION)]
impl Definition {}

#[derive(Default)]
struct Tables {
    /// Definitions of single-phase modules by path and full name.
    loaded: HashMap<(Vec<u8>, String), usize>,
    /// `PyImport_AppendInittab`.
    inittab: Vec<(String, PyModInitFunction)>,
}

static NEXT_INDEX: GilCell<Cell<isize>> = GilCell(Cell::new(0));
/// Modules by their definition's index (`PyState_FindModule`).
static BY_INDEX: PerInterpreter<RefCell<Vec<Option<Owned>>>> = PerInterpreter::new(RefCell::new(Vec::new()), Default::default);
static TABLES: GilCell<RefCell<Option<Tables>>> = GilCell(RefCell::new(None));

fn with_tables<T>(f: impl FnOnce(&mut Tables) -> T) -> T {
    f(TABLES.0.borrow_mut().get_or_insert_with(Tables::default))
}

/// `PyModuleDef_Init`: makes the definition an object and gives it an index. Null stays null.
/// # Safety
/// A static definition.
pub unsafe fn init_definition(def: *mut PyModuleDef) -> *mut PyObject {
    // SAFETY: by contract.
    unsafe {
        let Some(definition) = def.as_ref() else { return ptr::null_mut() };
        if type_ready(&PyModuleDef_Type).is_err() {
            return ptr::null_mut();
        }
        if definition.m_base.m_index.get() == 0 {
            let index = NEXT_INDEX.0.get() + 1;
            NEXT_INDEX.0.set(index);
            definition.m_base.ob_base.ob_type.set(PyModuleDef_Type.as_type_ptr());
            definition.m_base.ob_base.ob_refcnt_full().set(1);
            definition.m_base.m_index.set(index);
        }
        def as *mut PyObject
    }
}

/// `_imp.create_dynamic`: the module of a spec whose origin is a shared object; not executed yet if it is multi-phase.
pub fn create_dynamic(spec: &Object, _file: Option<&Object>) -> PyResult {
    let name = object::get_attr(spec, intern!("name"))?;
    let name = name.try_into_typed::<Str>().map_err(|other| err!(TypeError, "name must be string, not {}", other.type_name()))?;
    let path = object::get_attr(spec, intern!("origin"))?;
    let path = path.try_into_typed::<Str>().map_err(|other| err!(TypeError, "origin must be string, not {}", other.type_name()))?;
    let none = types::none();
    audit::audit("import", &[&name, &path, none, none, none])?;
    let file = codecs::encode_str(&path, Some("utf-8"), Some("surrogateescape"))?;
    let file = file.downcast::<types::Bytes>().map(|bytes| bytes.as_slice().to_vec()).unwrap_or_default();
    let full_name = name.to_string();
    if let Some(module) = reload(&file, &full_name, &name)? {
        return Ok(module);
    }
    let init = load(&file, &name, &path)?;
    initialize(init, &file, &name, Some(&path), spec)
}

/// `_imp.exec_dynamic`: runs the exec slots of a multi-phase module, once.
pub fn exec_dynamic(module: &Object) -> PyResult<()> {
    let Some(typed) = module.downcast::<Module>() else { return Ok(()) };
    let Some(definition) = typed.definition() else { return Ok(()) };
    if !typed.state().is_null() || definition.m_slots.get().is_null() {
        return Ok(());
    }
    // SAFETY: the module's own definition.
    unsafe { types::module::exec_definition(module, definition as *const PyModuleDef as *mut PyModuleDef) }
}

/// Forgets a single-phase module: importing it makes it anew.
pub fn forget(name: &Str, path: &Str) -> PyResult<()> {
    let file = codecs::encode_str(path, Some("utf-8"), Some("surrogateescape"))?;
    let file = file.downcast::<types::Bytes>().map(|bytes| bytes.as_slice().to_vec()).unwrap_or_default();
    let Some(def) = with_tables(|tables| tables.loaded.remove(&(file, name.to_string()))) else { return Ok(()) };
    // SAFETY: definitions of loaded extensions live for good; the copy is the definition's own.
    unsafe {
        let def = &*(def as *const PyModuleDef);
        crate::object::xdecref(def.m_base.m_copy.replace(ptr::null_mut()));
        remove_module(def as *const PyModuleDef as *mut PyModuleDef).or_else(|_| {
            errors::clear();
            Ok(())
        })
    }
}

/// A single-phase module that was loaded before.
fn reload(file: &[u8], full_name: &str, name: &Str) -> PyResult<Option<Owned>> {
    let Some(def) = with_tables(|tables| tables.loaded.get(&(file.to_vec(), full_name.to_string())).copied()) else { return Ok(None) };
    // SAFETY: definitions of loaded extensions live for good: they are never unloaded.
    let def = unsafe { &*(def as *const PyModuleDef) };
    subinterpreters::check_incompatible_module(full_name)?;
    if def.m_size.get() == -1 {
        // SAFETY: NULL or a dict that the definition owns.
        let Some(copy) = (unsafe { Object::from_ptr_opt(def.m_base.m_copy.get()) }).and_then(|copy| copy.downcast::<Dict>()) else { return Ok(None) };
        let module = match super::get_module(name)?.filter(|found| found.is_instance_of::<Module>()) {
            Some(found) => found,
            None => Module::new_object(name)?.into_object(),
        };
        if let Some(module) = module.downcast::<Module>() {
            module.dict().update(copy)?;
            module.0.md_def.set(def as *const PyModuleDef as *mut PyModuleDef);
        }
        // This interpreter's PyState_FindModule finds it too.
        remember(&module, def)?;
        return Ok(Some(module));
    }
    let Some(init) = def.m_base.m_init.get() else { return Ok(None) };
    // SAFETY: the extension's own function.
    let module = unsafe { errors::from_c(call_init(init, full_name)) }?;
    remember(&module, def)?;
    Ok(Some(module))
}

/// Opens the shared object and finds its initialisation function.
fn load(file: &[u8], name: &Str, path: &Str) -> PyResult<PyModInitFunction> {
    let (prefix, short) = hook_name(name)?;
    let symbol = format!("{prefix}_{short}");
    let mut opened = file.to_vec();
    if !opened.contains(&b'/') {
        opened.splice(0..0, *b"./");
    }
    let (Ok(c_path), Ok(c_symbol)) = (CString::new(opened), CString::new(symbol.as_str())) else { return Err(err!(ValueError, "embedded null character")) };
    // SAFETY: plain calls of the dynamic linker; the object's constructors are the extension's own matter.
    unsafe {
        let handle = libc::dlopen(c_path.as_ptr(), dlopen_flags());
        if handle.is_null() {
            let message = libc::dlerror();
            let message = if message.is_null() { "unknown dlopen() error".into() } else { CStr::from_ptr(message).to_string_lossy() };
            return Err(raise_import_error(&message, Some(name), Some(&path.to_string_lossy()), None));
        }
        let found: *mut c_void = libc::dlsym(handle, c_symbol.as_ptr());
        if found.is_null() {
            let message = format!("dynamic module does not define module export function ({symbol})");
            return Err(raise_import_error(&message, Some(name), Some(&path.to_string_lossy()), None));
        }
        Ok(std::mem::transmute::<*mut c_void, PyModInitFunction>(found))
    }
}

/// What the exported function is called: by the last part of the name, in Punycode if that is not ASCII.
fn hook_name(name: &Str) -> PyResult<(&'static str, String)> {
    let text = name.to_string();
    let last = text.rsplit('.').next().unwrap_or("");
    if last.is_ascii() {
        return Ok(("PyInit", last.replace('-', "_")));
    }
    let encoded = codecs::encode_str(&Str::new(last), Some("punycode"), None)?;
    let encoded = encoded.downcast::<types::Bytes>().map(|bytes| String::from_utf8_lossy(bytes.as_slice()).into_owned()).unwrap_or_default();
    Ok(("PyInitU", encoded.replace('-', "_")))
}

/// Calls the function, telling modules made meanwhile their full name.
unsafe fn call_init(init: PyModInitFunction, full_name: &str) -> *mut PyObject {
    let outer = PACKAGE_CONTEXT.0.replace(full_name.contains('.').then(|| full_name.to_string()));
    // SAFETY: the extension's own function.
    let made = unsafe { init() };
    PACKAGE_CONTEXT.0.set(outer);
    made
}

/// Runs the function and makes of what it gives a module.
fn initialize(init: PyModInitFunction, file: &[u8], name: &Str, path: Option<&Str>, spec: &Object) -> PyResult {
    let full_name = name.to_string();
    let short = full_name.rsplit('.').next().unwrap_or("").to_string();
    // SAFETY: the protocol of initialisation functions.
    unsafe {
        let made = call_init(init, &full_name);
        if made.is_null() {
            if !errors::occurred() {
                return Err(err!(SystemError, "initialization of {} failed without raising an exception", short));
            }
            return Err(errors::Raised::from_c());
        }
        if errors::occurred() {
            return Err(errors::raise_from_cause(exceptions::SystemError(), format_args!("initialization of {short} raised unreported exception")));
        }
        if (*made).ob_type.get().is_null() {
            return Err(err!(SystemError, "init function of {} returned uninitialized object", short));
        }
        if ptr::eq((*made).ob_type.get(), PyModuleDef_Type.as_type_ptr()) {
            return types::module::from_definition_and_spec(made as *mut PyModuleDef, spec);
        }
        let module: Owned = Owned::from_raw(made);
        let Some(typed) = module.downcast::<Module>() else {
            return Err(err!(SystemError, "initialization of {} did not return a valid module object, got {}", short, module.type_name()));
        };
        let Some(def) = typed.definition() else {
            return Err(err!(SystemError, "initialization of {} did not return an extension module", short));
        };
        subinterpreters::check_incompatible_module(&full_name)?;
        def.m_base.m_init.set(Some(init));
        if let Some(path) = path {
            typed.dict().set_item(intern!("__file__"), path)?;
        }
        if def.m_size.get() == -1 && def.m_base.m_copy.get().is_null() {
            def.m_base.m_copy.set(typed.dict().copy()?.into_raw());
        }
        with_tables(|tables| tables.loaded.insert((file.to_vec(), full_name), def as *const PyModuleDef as usize));
        remember(&module, def)?;
        Ok(module)
    }
}

fn remember(module: &Object, def: &PyModuleDef) -> PyResult<()> {
    let index = def.m_base.m_index.get();
    let Ok(index) = usize::try_from(index) else { return Err(errors::bad_internal_call()) };
    let old = {
        let mut modules = BY_INDEX.get().borrow_mut();
        if modules.len() <= index {
            modules.resize_with(index + 1, || None);
        }
        modules[index].replace(module.to_owned())
    };
    drop(old);
    Ok(())
}

/// `PyState_FindModule`: borrowed; null if there is none.
/// # Safety
/// Null or a definition.
pub unsafe fn find_module(def: *mut PyModuleDef) -> *mut PyObject {
    // SAFETY: by contract.
    let Some(def) = (unsafe { def.as_ref() }) else { return ptr::null_mut() };
    if !def.m_slots.get().is_null() {
        return ptr::null_mut();
    }
    let index = def.m_base.m_index.get();
    let Ok(index) = usize::try_from(index) else { return ptr::null_mut() };
    BY_INDEX.get().borrow().get(index).and_then(|module| module.as_ref()).map_or(ptr::null_mut(), |module| module.raw())
}

/// `PyState_AddModule`.
/// # Safety
/// A definition.
pub unsafe fn add_module(module: &Object, def: *mut PyModuleDef) -> PyResult<()> {
    // SAFETY: by contract.
    unsafe {
        init_definition(def);
        remember(module, &*def)
    }
}

/// `PyState_RemoveModule`.
/// # Safety
/// A definition.
pub unsafe fn remove_module(def: *mut PyModuleDef) -> PyResult<()> {
    // SAFETY: by contract.
    let def = unsafe { &*def };
    if !def.m_slots.get().is_null() {
        return Err(err!(SystemError, "PyState_RemoveModule called on module with slots"));
    }
    let index = def.m_base.m_index.get() as usize;
    let old = BY_INDEX.get().borrow_mut().get_mut(index).and_then(|slot| slot.take());
    drop(old);
    Ok(())
}

/// `PyImport_AppendInittab`.
pub fn append_inittab(name: &str, init: PyModInitFunction) {
    with_tables(|tables| tables.inittab.push((name.to_string(), init)));
}

/// The module of a name that was appended to the table of built-in modules.
pub fn create_from_inittab(name: &Str, spec: &Object) -> PyResult<Option<Owned>> {
    let text = name.to_string();
    let Some(init) = with_tables(|tables| tables.inittab.iter().find(|entry| entry.0 == text).map(|entry| entry.1)) else { return Ok(None) };
    initialize(init, b"", name, None, spec).map(Some)
}

/// Whether the table of appended modules has the name.
pub fn in_inittab(name: &str) -> bool {
    with_tables(|tables| tables.inittab.iter().any(|entry| entry.0 == name))
}
