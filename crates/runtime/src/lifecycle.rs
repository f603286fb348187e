//! Start and end of the interpreter, in CPython's order.
//!
//! Start: memory, hash key, the main thread's state and the GIL, types, `sys` and `builtins`, imports, standard streams, `site`.
//! End: threads joined, `atexit`, streams flushed, modules taken down, a last collection, streams flushed again.

use crate::errors::{self, PyResult};
use crate::exceptions::base::BaseException;
use crate::exceptions::{self, report};
use crate::import::{self, bootstrap, native};
use crate::interactive;
use crate::object::{Object, Owned, PyTyped};
use crate::protocol::{call, object};
use crate::state::{self, Config};
use crate::tstate::ThreadState;
use crate::types::{self, Dict, Int, Module, Str, WeakRef};
use crate::{audit, gil, memory, modules, preconfig, subinterpreters};
use std::sync::atomic::{AtomicBool, Ordering};

/// What of the start failed, as fatal errors say it. An exception is set.
pub struct StartFailure {
    pub message: &'static str,
    pub state: &'static str,
}

static INITIALIZED: AtomicBool = AtomicBool::new(false);

/// Whether Python code can run: from before `site` is imported until the end begins (`Py_IsInitialized`).
pub fn is_initialized() -> bool {
    INITIALIZED.load(Ordering::Relaxed)
}

/// Starts the interpreter on the calling thread, which becomes the main thread.
pub fn initialize(config: Config) -> Result<(), StartFailure> {
    let mut failure = StartFailure { message: "initialization failed", state: "core initialized" };
    match start(config, &mut failure) {
        Ok(()) => Ok(()),
        Err(_) => Err(failure),
    }
}

fn start(config: Config, failure: &mut StartFailure) -> PyResult<()> {
    if let Ok(name) = std::env::var("PYTHONMALLOC")
        && !config.ignore_environment
    {
        memory::set_up_by_name(&name);
    }
    memory::reserve::restore();
    types::str::hash::initialize(config.hash_seed);
    let (no_site, warn_options) = (config.no_site, !config.warn_options.is_empty());
    import::timing::set_level(config.import_time);
    *state::get().config.borrow_mut() = config;
    crate::remote_debug::publish();
    let thread = ThreadState::allocate(state::interp_ptr(), state::next_thread_id());
    // SAFETY: a fresh state of this thread.
    unsafe {
        (*thread).bind_to_this_thread();
        gil::take(thread);
    }
    crate::tstate::register(thread);
    gil::set_main_thread();
    if let Err(problem) = crate::tracemalloc::start_if_asked() {
        report::write_raw_stderr(&format!("Fatal Python error: {problem}\nPython runtime state: preinitialized\n"));
        std::process::exit(1);
    }
    types::startup::ready_builtin_types()?;
    exceptions::ready_types()?;
    errors::reserve_memory_error()?;
    native::register(modules::MODULES);
    syntax::ask_for_names(crate::codecs::escapes::has_names);
    bootstrap::start_core()?;
    bootstrap::start_external()?;
    failure.message = "Failed to import encodings module";
    start_codecs()?;
    failure.message = "init_sys_streams: can't initialize sys standard streams";
    if !state::get().config.borrow().no_signal_handlers {
        modules::signal::install_handlers()?;
    }
    open_streams(failure)?;
    failure.message = "initialization failed";
    modules::faulthandler::enable_if_asked()?;
    if warn_options {
        import::import_module("warnings")?;
    }
    add_main()?;
    INITIALIZED.store(true, Ordering::Relaxed);
    if !no_site {
        *failure = StartFailure { message: "init_import_site: Failed to import the site module", state: "initialized" };
        import::import_module("site")?;
    }
    state::get().running_main.set(ThreadState::current());
    state::get().is_ready.set(true);
    Ok(())
}

/// The standard encodings' search function is in the library.
pub(crate) fn start_codecs() -> PyResult<()> {
    import::import_module("encodings")?;
    Ok(())
}

/// `__main__`, empty but for what every module has.
pub(crate) fn add_main() -> PyResult<()> {
    let main = bootstrap::add_module("__main__")?;
    let dict = main.dict();
    dict.set("__builtins__", &*state::builtins()?)?;
    if dict.get("__loader__").is_none_or(|loader| loader.is_none()) {
        let importer = object::get_attr_str(state::importlib()?, "BuiltinImporter")?;
        dict.set("__loader__", &importer)?;
    }
    Ok(())
}

fn is_terminal(fd: i32) -> bool {
    // SAFETY: a plain query.
    unsafe { libc::isatty(fd) == 1 }
}

fn is_open(fd: i32) -> bool {
    // SAFETY: a plain query.
    unsafe { libc::fcntl(fd, libc::F_GETFD) >= 0 }
}

/// Encoding and error handler of the standard streams: `PYTHONIOENCODING`, else the locale's; "surrogateescape" in the C locale.
fn stream_encoding() -> (String, Option<String>) {
    let (ignore, utf8_mode, given) = {
        let config = state::get().config.borrow();
        (config.ignore_environment, config.utf8_mode, (config.stdio_encoding.clone(), config.stdio_errors.clone()))
    };
    let setting = if ignore { None } else { std::env::var("PYTHONIOENCODING").ok().filter(|text| !text.is_empty()) };
    let mut encoding = if utf8_mode { "utf-8".to_string() } else { preconfig::codeset() };
    let mut handler = if utf8_mode { Some("surrogateescape".to_string()) } else { None };
    if encoding == "UTF-8" || encoding.is_empty() {
        encoding = "utf-8".to_string();
    }
    if let Some(setting) = setting {
        let (name, errors) = setting.split_once(':').unwrap_or((&setting, ""));
        if !name.is_empty() {
            encoding = name.to_string();
        }
        // A colon alone says nothing.
        if !(name.is_empty() && errors.is_empty()) {
            handler = Some(if errors.is_empty() { "strict" } else { errors }.to_string());
        }
    }
    (given.0.unwrap_or(encoding), given.1.or(handler))
}

fn in_c_locale() -> bool {
    matches!(preconfig::character_set_locale().as_str(), "C" | "POSIX" | "C.UTF-8" | "C.utf8" | "UTF-8")
}

/// `sys.stdin`, `sys.stdout`, `sys.stderr`.
pub(crate) fn open_streams(failure: &mut StartFailure) -> PyResult<()> {
    let io = import::import_module("_io")?;
    state::builtins()?.add("open", &*object::get_attr_str(&io, "open")?)?;
    let (mut encoding, handler) = stream_encoding();
    if encoding != "utf-8" {
        // The codec's own name, whatever alias was given.
        failure.message = "init_stdio_encoding: failed to get the Python codec name of the stdio encoding";
        let info = crate::codecs::registry::lookup(&encoding)?;
        encoding = object::str(&*object::get_attr_str(&info, "name")?)?.to_string();
    }
    let sys = state::sys()?;
    for (fd, name, mode) in [(0, "stdin", "rb"), (1, "stdout", "wb"), (2, "stderr", "wb")] {
        let errors = match (&handler, fd) {
            (_, 2) => "backslashreplace",
            (Some(handler), _) => handler.as_str(),
            (None, _) => if in_c_locale() { "surrogateescape" } else { "strict" },
        };
        let stream = if is_open(fd) { open_stream(&io, fd, name, mode, &encoding, errors)? } else { types::none().to_owned() };
        sys.add(name, &stream)?;
        sys.add(&format!("__{name}__"), &stream)?;
    }
    Ok(())
}

fn open_stream(io: &Object, fd: i32, name: &str, mode: &str, encoding: &str, errors: &str) -> PyResult {
    let (unbuffered, interactive) = {
        let config = state::get().config.borrow();
        (config.unbuffered, config.interactive)
    };
    let raw_mode = unbuffered && fd != 0;
    let open = object::get_attr_str(io, "open")?;
    let none = types::none();
    let fd_object = Int::from_i64(fd as i64).into_object();
    let buffering = Int::from_i64(if raw_mode { 0 } else { -1 }).into_object();
    let arguments: [&Object; 7] = [&fd_object, &Str::new(mode), &buffering, none, none, none, types::false_()];
    let buffer = call::call_args(&open, &arguments)?;
    let raw = if raw_mode { buffer.clone() } else { object::get_attr_str(&buffer, "raw")? };
    object::set_attr_str(&raw, "name", Some(&Str::new(&format!("<{name}>"))))?;
    let terminal = is_terminal(fd);
    let wrapper = object::get_attr_str(io, "TextIOWrapper")?;
    let line_buffering = !unbuffered && (terminal || interactive || fd == 2);
    let newline = Str::new("\n");
    let arguments: [&Object; 6] =
        [&buffer, &Str::new(encoding), &Str::new(errors), &newline, types::bool_object(line_buffering), types::bool_object(unbuffered)];
    let stream = call::call_args(&wrapper, &arguments)?;
    object::set_attr_str(&stream, "mode", Some(&Str::new(if fd == 0 { "r" } else { "w" })))?;
    Ok(stream)
}

/// What the process ends with after an exception that nobody caught; prints it.
pub fn exit_status_of_exception() -> i32 {
    let Some(exc) = errors::take() else { return 0 };
    if interactive::is_exit(&exc) {
        return exit_status(&exc);
    }
    let interrupted = exc.object().ty().is_subtype(exceptions::KeyboardInterrupt());
    flush_stream("stdout");
    report::print_uncaught(exc);
    flush_stream("stderr");
    if interrupted { 128 + libc::SIGINT } else { 1 }
}

/// `PyErr_Print`: shows the exception that is set. One that ends the program is handed on.
pub fn print_exception() -> PyResult<()> {
    let Some(exc) = errors::take() else { return Ok(()) };
    if interactive::is_exit(&exc) {
        return Err(errors::restore(exc));
    }
    flush_stream("stdout");
    report::print_uncaught(exc);
    flush_stream("stderr");
    Ok(())
}

/// Flushes what a statement of the prompt has written.
pub fn flush_streams() {
    errors::preserve(|| {
        for name in ["stderr", "stdout"] {
            if let Ok(Some(stream)) = state::sys_attribute(&Str::intern(Str::new(name))).map(|stream| stream.filter(|stream| !stream.is_none())) {
                let _ = call::call_method0(&stream, crate::intern!("flush"));
            }
            errors::clear();
        }
    })
}

/// `SystemExit`'s status: an int, None for 0; anything else is printed.
fn exit_status(exc: &Owned<BaseException>) -> i32 {
    let code = object::get_attr_str(exc.object(), "code").unwrap_or_else(|_| {
        errors::clear();
        exc.clone().into_object()
    });
    if code.is_none() {
        return 0;
    }
    if let Some(code) = code.downcast::<Int>() {
        return code.as_i64().map_or(-1, |code| code as i32);
    }
    flush_stream("stdout");
    let text = match object::str(&code) {
        Ok(text) => text,
        Err(_) => {
            errors::clear();
            Str::new("")
        }
    };
    report::write_stderr_text(&text);
    report::write_stderr("\n");
    1
}

/// Flushes a standard stream; false if that failed.
fn flush_stream(name: &str) -> bool {
    let Ok(Some(stream)) = state::sys_attribute(&Str::intern(Str::new(name))) else {
        errors::clear();
        return true;
    };
    if stream.is_none() {
        return true;
    }
    let closed = object::get_attr_opt(&stream, crate::intern!("closed")).ok().flatten().is_some_and(|closed| object::is_true(&closed).unwrap_or(false));
    errors::clear();
    if closed {
        return true;
    }
    match call::call_method0(&stream, crate::intern!("flush")) {
        Ok(_) => true,
        Err(_) => {
            if name == "stdout" {
                report::write_unraisable(Some("Exception ignored while flushing sys.stdout"), None);
            }
            errors::clear();
            false
        }
    }
}

/// Ends the interpreter. The status is what the process should end with, given what it would have been.
pub fn finalize(status: i32) -> i32 {
    let mut status = status;
    wait_for_threads();
    let _ = gil::make_pending_calls();
    errors::clear();
    modules::atexit_run();
    state::get().run_at_end();
    if !(flush_stream("stdout") & flush_stream("stderr")) && status == 0 {
        status = 120;
    }
    state::get().is_ready.set(false);
    INITIALIZED.store(false, Ordering::Relaxed);
    gil::set_finalizing();
    modules::signal::reset_handlers();
    crate::gc::collect::collect(2, crate::gc::collect::Reason::Shutdown);
    subinterpreters::end_all();
    finalize_modules();
    if !flush_stream("stdout") && status == 0 {
        status = 120;
    }
    flush_stream("stderr");
    audit::clear_hooks();
    if state::get().config.borrow().malloc_stats {
        let mut text = String::new();
        let _ = memory::stats::debug_malloc_stats(&mut text);
        report::write_raw_stderr(&text);
    }
    status
}

/// Ends the running interpreter, another than the main one, as far as Python code is concerned.
pub(crate) fn finalize_running() {
    wait_for_threads();
    errors::clear();
    modules::atexit_run();
    state::get().run_at_end();
    flush_stream("stdout");
    flush_stream("stderr");
    state::get().is_ready.set(false);
    gil::set_finalizing();
    crate::gc::collect::collect(2, crate::gc::collect::Reason::Shutdown);
    finalize_modules();
    flush_stream("stdout");
    flush_stream("stderr");
    if let Ok(builtins) = state::builtins() {
        clear_module_dict(builtins.dict());
    }
    errors::clear();
}

/// `threading._shutdown` joins the threads that are no daemons.
fn wait_for_threads() {
    let threading = match import::get_module(crate::intern!("threading")) {
        Ok(Some(threading)) => threading,
        _ => {
            errors::clear();
            return;
        }
    };
    if call::call_method0(&threading, crate::intern!("_shutdown")).is_err() {
        report::write_unraisable(Some("Exception ignored on threading shutdown"), Some(&threading));
    }
}

/// Names in `sys` that are set to None first: what they hold must not outlive the modules that made it.
const SYS_DELETES: [&str; 14] = [
    "path", "argv", "ps1", "ps2", "last_exc", "last_type", "last_value", "last_traceback", "path_hooks", "path_importer_cache", "meta_path", "__interactivehook__",
    "pycache_prefix", "__unraisablehook__",
];

/// Takes the modules down: `sys.modules` is emptied, what lives on is cleared in the order of import, `sys` and `builtins` last.
fn finalize_modules() {
    if state::is_main() {
        interactive::forget_editor();
    }
    let Ok(sys) = state::sys() else { return };
    let Ok(modules) = state::modules().map(|modules| modules.try_into_typed::<Dict>()) else { return };
    let Ok(modules) = modules else { return };
    let none = types::none();
    for name in SYS_DELETES {
        let _ = sys.add(name, none);
    }
    for name in ["stdin", "stdout", "stderr"] {
        let original = sys.dict().get(&format!("__{name}__")).unwrap_or_else(|| none.to_owned());
        let _ = sys.add(name, &original);
    }
    if let Ok(builtins) = state::builtins() {
        let _ = builtins.add("_", none);
    }
    errors::clear();
    let mut weak: Vec<(Owned, Owned)> = Vec::new();
    let mut position = 0;
    let mut names = Vec::new();
    while let Some((name, module)) = modules.next(&mut position) {
        if Module::check(&module) {
            if let Ok(reference) = WeakRef::new(&module, None) {
                weak.push((name.clone(), reference.into_object()));
            } else {
                errors::clear();
            }
            names.push(name);
        }
    }
    let verbose = state::verbose() > 0;
    let tell = |what: &str, name: &Object| {
        if verbose && let Some(name) = name.downcast::<Str>() {
            report::write_stderr(&format!("# cleanup{what} {name}\n"));
        }
    };
    for name in names {
        tell("[2] removing", &name);
        let _ = modules.set_item(&name, none);
        errors::clear();
    }
    modules.clear();
    crate::gc::collect::collect(2, crate::gc::collect::Reason::Shutdown);
    // In reverse order of import; what only they held goes with them.
    for (name, reference) in weak.into_iter().rev() {
        let Some(module) = reference.downcast::<WeakRef>().and_then(|reference| reference.get()) else { continue };
        let Some(module) = module.downcast::<Module>() else { continue };
        if module.is(&sys) || state::builtins().is_ok_and(|builtins| module.is(&builtins)) {
            continue;
        }
        tell("[3] wiping", &name);
        clear_module_dict(module.dict());
    }
    crate::gc::collect::collect(2, crate::gc::collect::Reason::Shutdown);
    clear_module_dict(sys.dict());
    errors::clear();
}

/// `_PyModule_Clear`: names that start with one underscore first, then all others but `__builtins__`; values become None.
pub fn clear_module_dict(dict: &Dict) {
    let none = types::none();
    for private in [true, false] {
        let mut position = 0;
        while let Some((key, value)) = dict.next(&mut position) {
            let Some(name) = key.downcast::<Str>().filter(|_| !value.is_none()) else { continue };
            let text = name.to_string_lossy();
            let is_private = text.starts_with('_') && !text.starts_with("__");
            if if private { is_private } else { text != "__builtins__" } {
                let _ = dict.set_item(&key, none);
                errors::clear();
            }
        }
    }
}
