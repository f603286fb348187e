//! `_imp`: what `importlib` needs from the interpreter: built-in, frozen and extension modules, and the global import lock.

use crate::errors::{PyResult, Raised};
use crate::import::{bootstrap, extension, native};
use crate::macro_support::Buffer;
use crate::object::{Object, Owned, PyTyped};
use crate::protocol::object;
use crate::{state, subinterpreters};
use crate::types::{self, Bytes, Code, List, Module, Str, Tuple};
use crate::{err, exceptions};
use macros::pymodule;

fn no_such_frozen(name: &Str) -> Raised {
    exceptions::raise_import_error(&format!("No such frozen object named {name}"), Some(name.as_object()), None, None)
}

/// The name of a spec.
fn spec_name(spec: &Object) -> PyResult<Owned<Str>> {
    let name = object::get_attr(spec, crate::intern!("name"))?;
    name.try_into_typed::<Str>().map_err(|other| err!(TypeError, "name must be string, not {}", other.type_name()))
}

/// Built-in modules whose state is the process's; CPython has them in the main interpreter only.
const MAIN_INTERPRETER_ONLY: [&str; 6] = ["_curses", "_curses_panel", "_suggestions", "_tracemalloc", "faulthandler", "readline"];

/// Makes a built-in module that is not in `sys.modules` (or is, then that one).
fn create_builtin_module(spec: &Object) -> PyResult {
    let name = spec_name(spec)?;
    if let Some(found) = crate::import::get_module(&name)?.filter(|_| name.eq_str("sys") || name.eq_str("builtins")) {
        return Ok(found);
    }
    if !state::is_main() && MAIN_INTERPRETER_ONLY.iter().any(|known| name.eq_str(known)) {
        subinterpreters::check_incompatible_module(&name.to_string_lossy())?;
    }
    match native::find_builtin(&name.to_string_lossy()) {
        // SAFETY: a static definition.
        Some(module) => unsafe { types::module::from_definition_and_spec((module.definition)().as_ptr(), spec) },
        None => Ok(extension::create_from_inittab(&name, spec)?.unwrap_or_else(|| types::none().to_owned())),
    }
}

/// Runs the module's exec slots once.
fn exec_module(module: &Object) -> PyResult<i32> {
    let Some(module_object) = module.downcast::<Module>() else { return Ok(0) };
    let Some(definition) = module_object.definition() else { return Ok(0) };
    if !module_object.state().is_null() {
        return Ok(0);
    }
    // SAFETY: the module's own definition.
    unsafe { types::module::exec_definition(module, definition as *const abi::PyModuleDef as *mut abi::PyModuleDef)? };
    Ok(0)
}

/// Gives a code object and those in its constants another file name.
pub fn fix_co_filename(code: &Code, old: &Str, new: &Str) {
    if !object::rich_compare_bool(code.filename(), old, object::CompareOp::Eq).unwrap_or(false) {
        return;
    }
    let former = code.0.co_filename.replace(new.to_owned().into_raw());
    // SAFETY: the code object owned it.
    unsafe { crate::object::xdecref(former) };
    for constant in code.consts().iter() {
        if let Some(nested) = constant.downcast_exact::<Code>() {
            fix_co_filename(nested, old, new);
        }
    }
}

/// (Extremely) low-level import machinery bits as used by importlib.
#[pymodule(name = "_imp")]
pub mod imp {
    use super::*;

    #[constant]
    const pyc_magic_number_token: i64 = u32::from_le_bytes(bytecode::MAGIC) as i64;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        let mode = crate::state::get().config.borrow().check_hash_pycs_mode.clone();
        module.add("check_hash_based_pycs", &*Str::new(mode.as_deref().unwrap_or("default")))
    }

    /// Return True if the import lock is currently held, else False.
    #[function("lock_held($module, /)")]
    fn lock_held() -> bool {
        crate::import::lock::is_held()
    }

    /// Acquires the interpreter's import lock for the current thread.
    #[function("acquire_lock($module, /)")]
    fn acquire_lock() {
        crate::import::lock::acquire();
    }

    /// Release the interpreter's import lock.
    #[function("release_lock($module, /)")]
    fn release_lock() -> PyResult<()> {
        if crate::import::lock::release() { Ok(()) } else { Err(err!(RuntimeError, "not holding the import lock")) }
    }

    /// Returns the list of file suffixes used to identify extension modules.
    #[function("extension_suffixes($module, /)")]
    fn extension_suffixes() -> Owned<List> {
        List::from_owned(native::EXTENSION_SUFFIXES.iter().map(|suffix| Str::new(suffix).into_object()).collect())
    }

    /// Create an extension module.
    #[function("create_builtin($module, spec, /)")]
    fn create_builtin(spec: &Object) -> PyResult {
        create_builtin_module(spec)
    }

    /// Initialize a built-in module.
    #[function("exec_builtin($module, mod, /)")]
    fn exec_builtin(r#mod: &Object) -> PyResult<i32> {
        exec_module(r#mod)
    }

    /// Returns True if the module name corresponds to a built-in module.
    #[function("is_builtin($module, name, /)")]
    fn is_builtin(name: &Str) -> i32 {
        match native::find_builtin(&name.to_string_lossy()) {
            Some(_) if name.eq_str("sys") || name.eq_str("builtins") => -1,
            Some(_) => 1,
            None => extension::in_inittab(&name.to_string_lossy()) as i32,
        }
    }

    /// Create an extension module.
    #[function("create_dynamic($module, spec, file=<unrepresentable>, /)")]
    fn create_dynamic(spec: &Object, file: Option<&Object>) -> PyResult {
        extension::create_dynamic(spec, file)
    }

    /// Initialize an extension module.
    #[function("exec_dynamic($module, mod, /)")]
    fn exec_dynamic(r#mod: &Object) -> PyResult<i32> {
        extension::exec_dynamic(r#mod).map(|()| 0)
    }

    /// Returns True if the module name corresponds to a frozen module.
    #[function("is_frozen($module, name, /)")]
    fn is_frozen(name: &Str) -> bool {
        bootstrap::find_frozen(&name.to_string_lossy()).is_some()
    }

    /// Returns True if the module name is of a frozen package.
    #[function("is_frozen_package($module, name, /)")]
    fn is_frozen_package(name: &Str) -> PyResult<bool> {
        match bootstrap::find_frozen(&name.to_string_lossy()) {
            Some(found) => Ok(found.is_package),
            None => Err(no_such_frozen(name)),
        }
    }

    /// Return info about the corresponding frozen module (if there is one) or None.
    #[function("find_frozen($module, name, /, *, withdata=False)")]
    fn find_frozen(name: &Str, withdata: bool) -> PyResult {
        let Some(found) = bootstrap::find_frozen(&name.to_string_lossy()) else { return Ok(types::none().to_owned()) };
        let data = if withdata { Bytes::new(found.code).into_object() } else { types::none().to_owned() };
        let origin = Str::new(found.origin_name).into_object();
        Ok(Tuple::from_owned(vec![data, types::bool_object(found.is_package).to_owned(), origin]).into_object())
    }

    /// Create a code object for a frozen module.
    #[function("get_frozen_object($module, name, data=None, /)")]
    fn get_frozen_object(name: &Str, data: Option<Buffer>) -> PyResult {
        let loaded = match data {
            Some(data) => crate::modules::marshal::loads(&data.to_vec(), false)?,
            None => match bootstrap::find_frozen(&name.to_string_lossy()) {
                Some(found) => bootstrap::frozen_code(&found)?.into_object(),
                None => return Err(no_such_frozen(name)),
            },
        };
        match Code::check_exact(&loaded) {
            true => Ok(loaded),
            false => Err(err!(TypeError, "frozen object {} is not a code object", &*object::repr(name)?)),
        }
    }

    /// Initializes a frozen module.
    #[function("init_frozen($module, name, /)")]
    fn init_frozen(name: &Str) -> PyResult {
        match bootstrap::find_frozen(&name.to_string_lossy()) {
            Some(found) => bootstrap::run_frozen(&name.to_string_lossy(), &found),
            None => Ok(types::none().to_owned()),
        }
    }

    /// Returns the list of available frozen modules.
    #[function("_frozen_module_names($module, /)")]
    fn _frozen_module_names() -> Owned<List> {
        List::from_owned(bootstrap::frozen_names().into_iter().map(|name| Str::new(name).into_object()).collect())
    }

    /// Override whether frozen modules are used: 1 always, -1 never, 0 as configured.
    #[function("_override_frozen_modules_for_tests($module, override, /)")]
    fn _override_frozen_modules_for_tests(r#override: i32) {
        bootstrap::override_frozen(r#override);
    }

    /// Override whether extensions may be loaded in interpreters that they do not support.
    #[function("_override_multi_interp_extensions_check($module, override, /)")]
    fn _override_multi_interp_extensions_check(r#override: i32) -> PyResult<i32> {
        if !state::is_main() {
            return Ok(subinterpreters::override_extension_check(r#override));
        }
        Err(err!(RuntimeError, "_imp._override_multi_interp_extensions_check() cannot be used in the main interpreter"))
    }

    /// Changes code.co_filename to specify the passed-in file path.
    #[function("_fix_co_filename($module, code, path, /)")]
    fn _fix_co_filename(code: &Code, path: &Str) {
        let old = Owned::from_ref(code.filename());
        fix_co_filename(code, &old, path);
    }

    /// The hash of a source for a hash-based pyc file.
    #[function("source_hash($module, /, key, source)")]
    fn source_hash(key: i64, source: Buffer) -> Owned<Bytes> {
        Bytes::new(&types::str::hash::siphash13(key as u64, 0, &source).to_le_bytes())
    }
}
