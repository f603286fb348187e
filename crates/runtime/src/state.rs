//! The interpreter's state: what belongs to one interpreter and to no thread (D5).
//!
//! There is the main interpreter, a static, and any number of others (`subinterpreters`). All share one GIL, and whoever takes it says whose
//! thread state it is for; so the interpreter that runs is one pointer, set with the GIL (`make_current`), and `get()` is a load.
//! What other parts of the runtime keep for each interpreter sits in a `PerInterpreter` next to its code.

use crate::err;
use crate::errors::PyResult;
use crate::object::{Object, Owned};
use crate::types::{Dict, GilCell, Module, Str};
use abi::PyInterpreterState;
use std::any::Any;
use std::cell::{Cell, OnceCell, RefCell};
use std::ptr;

/// See the module. Fields are filled in as start-up goes on.
pub struct Interpreter {
    pub id: i64,
    /// Where it came from: one of `whence`.
    pub whence: Cell<i32>,
    /// Started, and not being taken down.
    pub is_ready: Cell<bool>,
    /// Its threads but the one that ends it never get the GIL again.
    pub finalizing: Cell<*const crate::tstate::ThreadState>,
    pub features: Cell<Features>,
    /// The thread state that runs `__main__`, or null.
    pub running_main: Cell<*const crate::tstate::ThreadState>,
    /// Handles in Python that need it; with `needs_references`, the last one to go ends it.
    pub references: Cell<i64>,
    pub needs_references: Cell<bool>,
    modules: RefCell<Option<Owned>>,
    builtins: RefCell<Option<Owned<Module>>>,
    sys: RefCell<Option<Owned<Module>>>,
    importlib: RefCell<Option<Owned>>,
    import_function: RefCell<Option<Owned>>,
    /// `PyInterpreterState_GetDict`.
    dict: RefCell<Option<Owned<Dict>>>,
    /// What native modules do when the interpreter ends, after the functions of `atexit`.
    at_end: RefCell<Vec<fn()>>,
    /// Values of `PerInterpreter`s, by their number; the main interpreter's are in the statics themselves.
    values: RefCell<Vec<Option<Box<dyn Any>>>>,
    /// The collector's lists and the functions that instructions are specialised for, while another interpreter runs.
    collector: OnceCell<Box<crate::gc::State>>,
    known_builtins: Cell<crate::interp::call::Known>,
    pub config: RefCell<Config>,
}

/// `PyInterpreterConfig`: what an interpreter is allowed to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features {
    pub use_main_obmalloc: bool,
    pub allow_fork: bool,
    pub allow_exec: bool,
    pub allow_threads: bool,
    pub allow_daemon_threads: bool,
    pub check_multi_interp_extensions: bool,
    pub gil: GilChoice,
}

/// The GIL that an interpreter asked for. There is one for all of them, which a program cannot tell from the outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GilChoice {
    Default,
    Shared,
    Own,
}

impl Features {
    pub const LEGACY: Features = Features {
        use_main_obmalloc: true,
        allow_fork: true,
        allow_exec: true,
        allow_threads: true,
        allow_daemon_threads: true,
        check_multi_interp_extensions: false,
        gil: GilChoice::Shared,
    };
    pub const ISOLATED: Features = Features {
        use_main_obmalloc: false,
        allow_fork: false,
        allow_exec: false,
        allow_threads: true,
        allow_daemon_threads: false,
        check_multi_interp_extensions: true,
        gil: GilChoice::Own,
    };
    pub const EMPTY: Features = Features {
        use_main_obmalloc: false,
        allow_fork: false,
        allow_exec: false,
        allow_threads: false,
        allow_daemon_threads: false,
        check_multi_interp_extensions: false,
        gil: GilChoice::Default,
    };
}

/// `_PyInterpreterState_WHENCE_*`.
pub mod whence {
    pub const UNKNOWN: i32 = 0;
    pub const RUNTIME: i32 = 1;
    pub const LEGACY_CAPI: i32 = 2;
    pub const CAPI: i32 = 3;
    pub const XI: i32 = 4;
    pub const STDLIB: i32 = 5;
}

impl Interpreter {
    pub const fn new(id: i64, whence: i32, features: Features) -> Interpreter {
        Interpreter {
            id,
            whence: Cell::new(whence),
            is_ready: Cell::new(false),
            finalizing: Cell::new(ptr::null()),
            features: Cell::new(features),
            running_main: Cell::new(ptr::null()),
            references: Cell::new(0),
            needs_references: Cell::new(false),
            modules: RefCell::new(None),
            builtins: RefCell::new(None),
            sys: RefCell::new(None),
            importlib: RefCell::new(None),
            import_function: RefCell::new(None),
            dict: RefCell::new(None),
            at_end: RefCell::new(Vec::new()),
            values: RefCell::new(Vec::new()),
            collector: OnceCell::new(),
            known_builtins: Cell::new(crate::interp::call::NONE_KNOWN),
            config: RefCell::new(Config::EMPTY),
        }
    }

    #[inline]
    pub fn is_main(&self) -> bool {
        ptr::eq(self, &MAIN.0)
    }
    pub fn as_ptr(&self) -> *mut PyInterpreterState {
        self as *const Interpreter as *mut PyInterpreterState
    }
    fn collector(&self) -> &crate::gc::State {
        self.collector.get_or_init(crate::gc::State::boxed)
    }
    /// Whether `__main__` is being run.
    pub fn is_running_main(&self) -> bool {
        !self.running_main.get().is_null()
    }
    pub fn dict(&self) -> Owned<Dict> {
        self.dict.borrow_mut().get_or_insert_with(Dict::new).clone()
    }

    /// Has a function called when the interpreter ends.
    pub fn at_end(&self, function: fn()) {
        self.at_end.borrow_mut().push(function);
    }
    pub fn run_at_end(&self) {
        while let Some(function) = { self.at_end.borrow_mut().pop() } {
            function();
        }
    }

    /// Drops what the interpreter owns; it is the current one.
    pub fn clear(&self) {
        drop(self.dict.take());
        drop(self.import_function.take());
        drop(self.importlib.take());
        // A value may be made anew by what another's end runs.
        for _ in 0..3 {
            let values = self.values.take();
            if values.is_empty() {
                break;
            }
            drop(values);
        }
        drop(self.modules.take());
        drop(self.sys.take());
        drop(self.builtins.take());
        for function in crate::interp::call::forget_known() {
            drop(function);
        }
    }
}

static MAIN: GilCell<Interpreter> = GilCell(Interpreter::new(0, whence::RUNTIME, Features { gil: GilChoice::Own, ..Features::LEGACY }));
static CURRENT: GilCell<Cell<&'static Interpreter>> = GilCell(Cell::new(&MAIN.0));

/// The interpreter that runs.
#[inline(always)]
pub fn get() -> &'static Interpreter {
    CURRENT.0.get()
}

pub fn main() -> &'static Interpreter {
    &MAIN.0
}

/// Whether the main interpreter runs.
#[inline(always)]
pub fn is_main() -> bool {
    ptr::eq(CURRENT.0.get(), &MAIN.0)
}

/// The interpreter of a thread state.
/// # Safety
/// A live interpreter's address.
#[inline]
pub unsafe fn from_ptr(interp: *mut PyInterpreterState) -> &'static Interpreter {
    // SAFETY: by contract; the address is one that `as_ptr` gave.
    unsafe { &*(interp as *const Interpreter) }
}

/// Makes an interpreter the one that runs. Called with the GIL, wherever another thread state becomes current.
#[inline]
pub fn make_current(interp: &'static Interpreter) {
    let former = CURRENT.0.get();
    if !ptr::eq(former, interp) {
        exchange(former, interp);
    }
}

#[cold]
fn exchange(former: &'static Interpreter, next: &'static Interpreter) {
    crate::gc::State::exchange(former.collector(), next.collector());
    former.known_builtins.set(crate::interp::call::exchange_known(next.known_builtins.get()));
    CURRENT.0.set(next);
}

/// A static of which each interpreter has its own.
///
/// The main interpreter's is in the static itself, so that it costs one comparison; those of the others are made when they are first
/// asked for, and dropped with the interpreter.
pub struct PerInterpreter<T: 'static> {
    main: T,
    make: fn() -> T,
    /// Its place among an interpreter's values, from 1; 0 before one was needed.
    number: Cell<usize>,
}
// SAFETY: touched under the GIL only.
unsafe impl<T> Sync for PerInterpreter<T> {}

static PER_INTERPRETER: GilCell<Cell<usize>> = GilCell(Cell::new(0));

impl<T> PerInterpreter<T> {
    pub const fn new(main: T, make: fn() -> T) -> PerInterpreter<T> {
        PerInterpreter { main, make, number: Cell::new(0) }
    }
    /// That of the running interpreter. It lives until the interpreter is gone: code that runs in it may hold it.
    #[inline(always)]
    pub fn get(&self) -> &T {
        if is_main() { &self.main } else { self.other() }
    }
    #[cold]
    #[inline(never)]
    fn other(&self) -> &T {
        if self.number.get() == 0 {
            PER_INTERPRETER.0.set(PER_INTERPRETER.0.get() + 1);
            self.number.set(PER_INTERPRETER.0.get());
        }
        let index = self.number.get() - 1;
        let find = || {
            let values = get().values.borrow();
            let value = values.get(index)?.as_ref()?.downcast_ref::<T>()? as *const T;
            Some(value)
        };
        let value = find().unwrap_or_else(|| {
            let made: Box<dyn Any> = Box::new((self.make)());
            let mut values = get().values.borrow_mut();
            if values.len() <= index {
                values.resize_with(index + 1, || None);
            }
            let made = values[index].insert(made);
            &raw const **made as *const T
        });
        // SAFETY: the box stays where it is until the interpreter is cleared.
        unsafe { &*value }
    }
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
    /// What the program put in front of `sys.path`: other interpreters do too.
    pub sys_path_0: Option<Vec<u8>>,
    pub pycache_prefix: Option<Vec<u8>>,
    pub check_hash_pycs_mode: Option<String>,
    /// Encoding and error handler of the standard streams, where an embedding program names them.
    pub stdio_encoding: Option<String>,
    pub stdio_errors: Option<String>,
    /// Signals are the embedding program's affair.
    pub no_signal_handlers: bool,
    /// So is the locale.
    pub keeps_locale: bool,
}

impl Config {
    pub const EMPTY: Config = Config {
        program_name: None,
        run_command: None,
        run_module: None,
        run_filename: None,
        optimization_level: 0,
        verbose: 0,
        quiet: false,
        inspect: false,
        interactive: false,
        bytes_warning: 0,
        dont_write_bytecode: false,
        ignore_environment: false,
        isolated: false,
        no_site: false,
        no_user_site: false,
        safe_path: false,
        unbuffered: false,
        parser_debug: false,
        dev_mode: false,
        utf8_mode: false,
        warn_default_encoding: false,
        hash_seed: None,
        random_hash: false,
        int_max_str_digits: 0,
        import_time: 0,
        cpu_count: 0,
        tracemalloc: 0,
        no_debug_ranges: false,
        faulthandler: false,
        frozen_modules_off: false,
        context_aware_warnings: false,
        thread_inherit_context: false,
        malloc_stats: false,
        warn_options: Vec::new(),
        x_options: Vec::new(),
        argv: Vec::new(),
        orig_argv: Vec::new(),
        executable: Vec::new(),
        platlibdir: String::new(),
        home: None,
        base_executable: Vec::new(),
        prefix: Vec::new(),
        exec_prefix: Vec::new(),
        base_prefix: Vec::new(),
        base_exec_prefix: Vec::new(),
        stdlib_dir: Vec::new(),
        module_search_paths: Vec::new(),
        sys_path_0: None,
        pycache_prefix: None,
        check_hash_pycs_mode: None,
        stdio_encoding: None,
        stdio_errors: None,
        no_signal_handlers: false,
        keeps_locale: false,
    };
}

/// The address that C code knows the interpreter by.
pub fn interp_ptr() -> *mut PyInterpreterState {
    get().as_ptr()
}

/// Ids of thread states are never used again, in whatever interpreter.
pub fn next_thread_id() -> u64 {
    static LAST: GilCell<Cell<u64>> = GilCell(Cell::new(0));
    LAST.0.set(LAST.0.get() + 1);
    LAST.0.get()
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
