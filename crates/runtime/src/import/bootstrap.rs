//! The start of imports: frozen modules, and `importlib._bootstrap` taken into service.
//!
//! The code of the library's Python half is data of another crate; it gets here through a table of functions
//! ([`Library`]) that the executable fills in before it starts the interpreter.

use crate::errors::PyResult;
use crate::interp::call::{self as interp_call};
use crate::modules;
use crate::modules::sys::stderr_printer::StderrPrinter;
use crate::object::{Owned, PyTyped};
use crate::protocol::{call, object};
use crate::types::{self, Code, Dict, Module, Str};
use crate::{err, exceptions, interp, state};
use std::cell::Cell;
use std::sync::OnceLock;

/// A module whose code is in the executable.
#[derive(Clone, Copy)]
pub struct Frozen {
    /// Marshalled, from our own compiler.
    pub code: &'static [u8],
    pub is_package: bool,
    /// The module it is the code of (`_frozen_importlib` is that of `importlib._bootstrap`).
    pub origin_name: &'static str,
}

/// A module of the embedded library.
#[derive(Clone, Copy)]
pub struct Embedded {
    pub code: &'static [u8],
    pub is_package: bool,
    pub is_frozen: bool,
    /// Relative to the library's directory.
    pub path: &'static str,
    pub name: &'static str,
}

/// The embedded library.
#[derive(Clone, Copy)]
pub struct Library {
    pub find: fn(&str) -> Option<Embedded>,
    pub names: fn() -> Vec<&'static str>,
    /// The contents of a file, by its path relative to the library's directory.
    pub file: fn(&str) -> Option<Vec<u8>>,
    pub files: fn() -> Vec<(&'static str, usize)>,
}

static LIBRARY: OnceLock<Library> = OnceLock::new();

pub fn set_library(library: Library) {
    let _ = LIBRARY.set(library);
}

pub fn library() -> Option<Library> {
    LIBRARY.get().copied()
}

/// Frozen modules that go by another name than in the library.
const ALIASES: [(&str, &str); 2] = [("_frozen_importlib", "importlib._bootstrap"), ("_frozen_importlib_external", "importlib._bootstrap_external")];
/// CPython's demonstration modules of `frozen`, which its tests look for, are in the library under `__hello__` and `__phello__`.
const NEEDED: [&str; 4] = ["_frozen_importlib", "_frozen_importlib_external", "zipimport", "_embedded_importer"];

struct Override(Cell<i32>);
// SAFETY: touched under the GIL.
unsafe impl Sync for Override {}
static OVERRIDE: Override = Override(Cell::new(0));

pub fn override_frozen(value: i32) {
    OVERRIDE.0.set(value);
}

fn frozen_in_use() -> bool {
    match OVERRIDE.0.get() {
        0 => !state::get().config.borrow().frozen_modules_off,
        value => value > 0,
    }
}

/// The frozen module with this name.
pub fn find_frozen(name: &str) -> Option<Frozen> {
    let library = library()?;
    if !NEEDED.contains(&name) && !frozen_in_use() {
        return None;
    }
    let real = ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, real)| real);
    let found = (library.find)(real)?;
    if !found.is_frozen {
        return None;
    }
    Some(Frozen { code: found.code, is_package: found.is_package, origin_name: found.name })
}

pub fn frozen_names() -> Vec<&'static str> {
    let Some(library) = library() else { return Vec::new() };
    let frozen = (library.names)().into_iter().filter(|name| (library.find)(name).is_some_and(|found| found.is_frozen));
    ALIASES.iter().map(|(alias, _)| *alias).chain(frozen).collect()
}

/// The code object of a frozen module.
pub fn frozen_code(frozen: &Frozen) -> PyResult<Owned<Code>> {
    let loaded = modules::marshal::loads(frozen.code, true)?;
    loaded.try_into_typed::<Code>().map_err(|other| err!(TypeError, "frozen object is not a code object but {}", other.type_name()))
}

/// Runs a frozen module without an import system (`PyImport_ImportFrozenModule`).
pub fn run_frozen(name: &str, frozen: &Frozen) -> PyResult {
    let code = frozen_code(frozen)?;
    let module = add_module(name)?;
    let dict = module.dict();
    if frozen.is_package {
        dict.set("__path__", &*types::List::new())?;
    }
    dict.set("__builtins__", &*state::builtins()?)?;
    dict.set("__origname__", &*Str::new(frozen.origin_name))?;
    interp::eval_code(&code, dict, dict)?;
    crate::import::get_module(&Str::new(name))?.ok_or_else(|| exceptions::raise_import_error(&format!("Loaded module {name} not found in sys.modules"), None, None, None))
}

/// `PyImport_AddModule`: the module in `sys.modules`, made empty if need be.
pub fn add_module(name: &str) -> PyResult<Owned<Module>> {
    let modules = crate::import::sys_modules();
    let key = Str::intern(Str::new(name));
    if let Some(found) = modules.get_str(&key)
        && let Ok(module) = found.try_into_typed::<Module>()
    {
        return Ok(module);
    }
    let module = Module::new(name)?;
    modules.set_str(&key, &module)?;
    Ok(module)
}

/// Makes `sys`, `builtins` and the import system's inner half.
pub fn start_core() -> PyResult<()> {
    let all = Dict::new();
    state::set_modules(Some(all.clone().into_object()));
    let sys = modules::sys::create()?;
    sys.add("modules", &all)?;
    all.set("sys", &sys)?;
    state::set_sys(Some(sys.clone()));
    let builtins = modules::builtins::create()?;
    all.set("builtins", &builtins)?;
    state::set_builtins(Some(builtins.clone()));
    // First among the streams: at the end the others go after it, and can still complain.
    let printer: Owned = if state::verbose() > 0 { StderrPrinter::new(2)?.into_object() } else { types::none().to_owned() };
    sys.add("stderr", &printer)?;
    sys.add("__stderr__", &printer)?;
    remember_builtins(&builtins)?;
    modules::gc::start()?;
    modules::sys::info::add_configuration(&sys)?;
    sys.add("meta_path", &*types::List::new())?;
    sys.add("path_hooks", &*types::List::new())?;
    sys.add("path_importer_cache", &*Dict::new())?;
    let frozen = find_frozen("_frozen_importlib").ok_or_else(|| err!(ImportError, "the library is not embedded"))?;
    let importlib = run_frozen("_frozen_importlib", &frozen)?;
    let import = builtins.dict().get("__import__");
    state::set_importlib(Some(importlib.clone()), import);
    let imp = create_plain("_imp")?;
    call::call_method(&importlib, crate::intern!("_install"), &[&sys, &imp])?;
    Ok(())
}

/// A built-in module without a spec, for the time before there are any.
fn create_plain(name: &str) -> PyResult<Owned<Module>> {
    let found = crate::import::native::find_builtin(name).ok_or_else(|| err!(ImportError, "no built-in module {}", name))?;
    let definition = (found.definition)().as_ptr();
    // SAFETY: a static definition.
    let module = unsafe {
        let module = types::module::from_definition(definition)?;
        types::module::exec_definition(&module, definition)?;
        module
    };
    crate::import::sys_modules().set(name, &module)?;
    Ok(module)
}

/// The functions that instructions are specialised for.
fn remember_builtins(builtins: &Module) -> PyResult<()> {
    use interp_call::Builtin;
    for (which, name) in [(Builtin::Len, "len"), (Builtin::IsInstance, "isinstance")] {
        if let Some(function) = builtins.dict().get(name) {
            interp_call::set_builtin(which, &function);
        }
    }
    let append = types::List::type_object().lookup(crate::intern!("append"));
    if let Some(append) = append {
        interp_call::set_builtin(Builtin::ListAppend, append);
    }
    for (which, name) in [(Builtin::All, "all"), (Builtin::Any, "any")] {
        if let Some(function) = builtins.dict().get(name) {
            interp_call::set_builtin(which, &function);
        }
    }
    Ok(())
}

/// The outer half: finders of files, and of the embedded library.
pub fn start_external() -> PyResult<()> {
    let importlib = state::importlib()?;
    call::call_method0(importlib, crate::intern!("_install_external_importers"))?;
    let sys = state::sys()?;
    let hooks = object::get_attr_str(&sys, "path_hooks")?;
    let zipimport = crate::import::import_module("zipimport")?;
    let importer = object::get_attr_str(&zipimport, "zipimporter")?;
    call::call_method(&hooks, crate::intern!("insert"), &[types::Int::from_i64(0).object(), &importer])?;
    if !state::get().config.borrow().stdlib_dir.is_empty() && library().is_some() {
        let embedded = crate::import::import_module("_embedded_importer")?;
        call::call_method0(&embedded, crate::intern!("install"))?;
    }
    Ok(())
}
