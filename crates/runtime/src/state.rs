//! The interpreter's state: what belongs to one interpreter and to no thread. One interpreter for now; everything goes through `get()`, so that
//! more can come (D5).

use crate::err;
use crate::errors::PyResult;
use crate::object::{Object, Owned};
use crate::types::{Dict, Module, Str};
use abi::PyInterpreterState;
use std::cell::{Cell, RefCell};

/// See the module. Fields are filled in as start-up goes on.
#[derive(Default)]
pub struct Interpreter {
    modules: RefCell<Option<Owned>>,
    builtins: RefCell<Option<Owned<Module>>>,
    sys: RefCell<Option<Owned<Module>>>,
    importlib: RefCell<Option<Owned>>,
    import_function: RefCell<Option<Owned>>,
    next_thread_id: Cell<u64>,
    pub config: RefCell<Config>,
}

/// What the command line and the environment decide (`PyConfig`).
#[derive(Default, Clone, Debug)]
pub struct Config {
    pub optimization_level: i32,
    pub verbose: i32,
    pub quiet: bool,
    pub inspect: bool,
    pub interactive: bool,
    pub bytes_warning: i32,
    pub dont_write_bytecode: bool,
    pub ignore_environment: bool,
    pub isolated: bool,
    pub no_site: bool,
    pub no_user_site: bool,
    pub safe_path: bool,
    pub unbuffered: bool,
    pub parser_debug: bool,
    pub dev_mode: bool,
    pub utf8_mode: bool,
    pub warn_default_encoding: bool,
    pub hash_seed: Option<u32>,
    /// `-R`: the environment's seed does not count.
    pub random_hash: bool,
    pub int_max_str_digits: usize,
    /// 1: imports are timed; 2: also those of modules that are there already.
    pub import_time: i32,
    /// -1 without `-X cpu_count`.
    pub cpu_count: i32,
    /// Frames to keep of each allocation; 0 without tracing.
    pub tracemalloc: i32,
    pub no_debug_ranges: bool,
    pub faulthandler: bool,
    pub frozen_modules_off: bool,
    pub context_aware_warnings: bool,
    pub thread_inherit_context: bool,
    pub malloc_stats: bool,
    pub warn_options: Vec<String>,
    /// `-X` options: name and value.
    pub x_options: Vec<(String, Option<String>)>,
    /// `sys.argv`, `sys.orig_argv`.
    pub argv: Vec<Vec<u8>>,
    pub orig_argv: Vec<Vec<u8>>,
    pub executable: Vec<u8>,
    /// The program's name as it was given, and what of `-c`, `-m` or a file it runs.
    pub program_name: Option<Vec<u8>>,
    pub run_command: Option<Vec<u8>>,
    pub run_module: Option<Vec<u8>>,
    pub run_filename: Option<Vec<u8>>,
    pub platlibdir: String,
    /// `PYTHONHOME`.
    pub home: Option<Vec<u8>>,
    pub base_executable: Vec<u8>,
    pub prefix: Vec<u8>,
    pub exec_prefix: Vec<u8>,
    pub base_prefix: Vec<u8>,
    pub base_exec_prefix: Vec<u8>,
    pub stdlib_dir: Vec<u8>,
    pub module_search_paths: Vec<Vec<u8>>,
    pub pycache_prefix: Option<Vec<u8>>,
    pub check_hash_pycs_mode: Option<String>,
}

struct Holder(std::cell::UnsafeCell<Option<Interpreter>>);
// SAFETY: only touched under the GIL.
unsafe impl Sync for Holder {}
static INTERPRETER: Holder = Holder(std::cell::UnsafeCell::new(None));

/// The interpreter.
#[inline]
pub fn get() -> &'static Interpreter {
    // SAFETY: made once, before anything else runs; never replaced.
    unsafe { (*INTERPRETER.0.get()).get_or_insert_with(Interpreter::default) }
}

/// The address that C code knows the interpreter by.
pub fn interp_ptr() -> *mut PyInterpreterState {
    get() as *const Interpreter as *mut PyInterpreterState
}

pub fn next_thread_id() -> u64 {
    let id = get().next_thread_id.get() + 1;
    get().next_thread_id.set(id);
    id
}

fn lost(what: &str) -> crate::errors::Raised {
    err!(RuntimeError, "unable to get {}", what)
}

/// `sys.modules` (the interpreter's own reference).
pub fn modules() -> PyResult {
    match &*get().modules.borrow() {
        Some(modules) => Ok(modules.clone()),
        None => Err(lost("sys.modules")),
    }
}
pub fn set_modules(modules: Option<Owned>) {
    let old = get().modules.replace(modules);
    drop(old);
}

pub fn builtins() -> PyResult<Owned<Module>> {
    get().builtins.borrow().clone().ok_or_else(|| lost("builtins"))
}
pub fn set_builtins(module: Option<Owned<Module>>) {
    let old = get().builtins.replace(module);
    drop(old);
}
/// The dict of the builtins module.
pub fn builtins_dict() -> PyResult<Owned<Dict>> {
    let module = builtins()?;
    Ok(Owned::from_ref(module.dict()))
}

pub fn sys() -> PyResult<Owned<Module>> {
    get().sys.borrow().clone().ok_or_else(|| lost("sys"))
}
pub fn set_sys(module: Option<Owned<Module>>) {
    let old = get().sys.replace(module);
    drop(old);
}

pub fn set_importlib(importlib: Option<Owned>, import_function: Option<Owned>) {
    let old = get().importlib.replace(importlib);
    drop(old);
    let old = get().import_function.replace(import_function);
    drop(old);
}
/// `importlib._bootstrap`.
pub fn importlib() -> PyResult<&'static Object> {
    match &*get().importlib.borrow() {
        // SAFETY: kept until finalisation ends imports.
        Some(module) => Ok(unsafe { Object::from_ptr(module.raw()) }),
        None => Err(lost("importlib")),
    }
}
/// `builtins.__import__` as it was at start.
pub fn import_function() -> PyResult<&'static Object> {
    match &*get().import_function.borrow() {
        // SAFETY: kept until finalisation ends imports.
        Some(function) => Ok(unsafe { Object::from_ptr(function.raw()) }),
        None => Err(lost("__import__")),
    }
}
pub fn is_builtin_import(function: &Object) -> bool {
    get().import_function.borrow().as_ref().is_some_and(|own| own.raw() == function.as_ptr())
}

pub fn verbose() -> i32 {
    get().config.borrow().verbose
}

/// An attribute of `sys`, if it is there.
pub fn sys_attribute(name: &Str) -> PyResult<Option<Owned>> {
    let sys = sys()?;
    sys.dict().get_item(name.as_object())
}

/// The builtins that functions made in `globals` use: `globals['__builtins__']` (a module or a dict), else the interpreter's.
pub fn builtins_of_globals(globals: &Dict) -> PyResult {
    match globals.get_str(crate::intern!("__builtins__")) {
        Some(found) => match found.downcast::<Module>() {
            Some(module) => Ok(module.dict().to_owned()),
            None => Ok(found),
        },
        None => {
            // Those of the running function, which may not be everybody's.
            let frame = crate::interp::frame::current();
            // SAFETY: NULL or a live frame, which owns or borrows its builtins.
            match unsafe { frame.as_ref().and_then(|frame| crate::object::Object::from_ptr_opt(frame.f_builtins)) } {
                Some(builtins) => Ok(builtins.to_owned()),
                None => Ok(builtins_dict()?.into_object()),
            }
        }
    }
}
