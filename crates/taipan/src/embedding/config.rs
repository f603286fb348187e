//! `PyConfig` and `PyPreConfig`: their defaults, and the interpreter's configuration that they stand for.
//!
//! A number below zero and NULL mean "not said": the environment and the usual defaults decide. `PyConfig_Read` writes what they decided back, so
//! that a program may look at it, and change it, before the start.

use super::wide;
use crate::options::{self, Options, Program, Refusal};
use abi::{PyConfig, PyPreConfig, PyStatus, PyWideStringList, wchar_t};
use capi::status::{PyStatus_Error, PyStatus_Exit, PyStatus_NoMemory, PyStatus_Ok};
use runtime::state::Config;
use std::cell::Cell;
use std::ffi::{CStr, c_char, c_int, c_ulong};
use std::sync::Mutex;

/// `_config_init`: where a configuration's defaults come from.
#[derive(Clone, Copy, PartialEq)]
pub enum Origin {
    /// The old functions: global variables, no command line.
    Compat = 1,
    Python = 2,
    Isolated = 3,
}

/// What the program has settled before the start.
#[derive(Default)]
pub struct Preset {
    pub program_name: Option<Vec<u8>>,
    pub home: Option<Vec<u8>>,
    /// Whether the locale is the program's own affair, and UTF-8 mode (below 0: not said).
    pub keeps_locale: bool,
    pub utf8_mode: c_int,
}

pub static PRESET: Mutex<Preset> = Mutex::new(Preset { program_name: None, home: None, keeps_locale: false, utf8_mode: -1 });

pub fn preset() -> std::sync::MutexGuard<'static, Preset> {
    PRESET.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// A field of the struct by its kind.
pub enum Field<'a> {
    Int(&'a Cell<c_int>),
    Unsigned(&'a Cell<c_int>),
    Long(&'a Cell<c_ulong>),
    Text(&'a Cell<*mut wchar_t>),
    List(&'a PyWideStringList),
}

/// The fields that are options, by name.
pub fn field<'a>(c: &'a PyConfig, name: &str) -> Option<Field<'a>> {
    macro_rules! fields {
        (int: $($int:ident)*; unsigned: $($unsigned:ident)*; text: $($text:ident)*; list: $($list:ident)*) => {
            match name {
                $(stringify!($int) => Field::Int(&c.$int),)*
                $(stringify!($unsigned) => Field::Unsigned(&c.$unsigned),)*
                $(stringify!($text) => Field::Text(&c.$text),)*
                $(stringify!($list) => Field::List(&c.$list),)*
                "hash_seed" => Field::Long(&c.hash_seed),
                _ => return None,
            }
        };
    }
    Some(fields! {
        int: install_signal_handlers use_hash_seed faulthandler perf_profiling remote_debug code_debug_ranges show_ref_count dump_refs malloc_stats
            site_import warn_default_encoding configure_c_stdio buffered_stdio use_frozen_modules safe_path thread_inherit_context context_aware_warnings
            cpu_count pathconfig_warnings module_search_paths_set skip_source_first_line _install_importlib _init_main _is_python_build isolated
            use_environment dev_mode parse_argv user_site_directory write_bytecode interactive inspect quiet parser_debug;
        unsigned: tracemalloc import_time bytes_warning optimization_level verbose int_max_str_digits;
        text: dump_refs_file filesystem_encoding filesystem_errors pycache_prefix stdio_encoding stdio_errors check_hash_pycs_mode program_name
            pythonpath_env home platlibdir stdlib_dir executable base_executable prefix base_prefix exec_prefix base_exec_prefix run_command run_module
            run_filename sys_path_0;
        list: orig_argv argv xoptions warnoptions module_search_paths
    })
}

/// Fills in defaults. The struct's former content does not count.
pub fn initialize(c: &PyConfig, origin: Origin) {
    // SAFETY: zero is a value of every field: numbers and pointers.
    unsafe { std::ptr::write_bytes(std::ptr::from_ref(c).cast_mut(), 0, 1) };
    let usual = origin != Origin::Compat;
    c._config_init.set(origin as c_int);
    for name in ["_install_importlib", "_init_main", "code_debug_ranges", "use_frozen_modules", "install_signal_handlers"] {
        set_number(c, name, 1);
    }
    for name in ["use_hash_seed", "faulthandler", "tracemalloc", "perf_profiling", "remote_debug", "import_time", "cpu_count", "int_max_str_digits", "dev_mode"] {
        set_number(c, name, -1);
    }
    for name in ["use_environment", "site_import", "write_bytecode", "user_site_directory", "buffered_stdio", "pathconfig_warnings"] {
        set_number(c, name, if usual { 1 } else { -1 });
    }
    match origin {
        Origin::Compat => {
            for name in
                ["isolated", "bytes_warning", "inspect", "interactive", "optimization_level", "parser_debug", "verbose", "quiet", "thread_inherit_context", "context_aware_warnings"]
            {
                set_number(c, name, -1);
            }
        }
        Origin::Python => {
            c.configure_c_stdio.set(1);
            c.parse_argv.set(1);
        }
        Origin::Isolated => {
            for name in
                ["use_environment", "user_site_directory", "dev_mode", "install_signal_handlers", "use_hash_seed", "tracemalloc", "perf_profiling", "pathconfig_warnings"]
            {
                set_number(c, name, 0);
            }
            c.isolated.set(1);
            c.safe_path.set(1);
            c.int_max_str_digits.set(4300);
        }
    }
}

fn set_number(c: &PyConfig, name: &str, value: c_int) {
    if let Some(Field::Int(place) | Field::Unsigned(place)) = field(c, name) {
        place.set(value);
    }
}

/// Frees what the struct owns.
/// # Safety
/// The struct's strings are its own.
pub unsafe fn clear(c: &PyConfig) {
    // SAFETY: by contract.
    unsafe {
        for list in [&c.orig_argv, &c.argv, &c.xoptions, &c.warnoptions, &c.module_search_paths] {
            wide::clear(list);
        }
        for text in texts(c) {
            wide::set(text, None);
        }
    }
    c.module_search_paths_set.set(0);
}

fn texts(c: &PyConfig) -> [&Cell<*mut wchar_t>; 22] {
    [
        &c.dump_refs_file, &c.filesystem_encoding, &c.filesystem_errors, &c.pycache_prefix, &c.stdio_encoding, &c.stdio_errors, &c.check_hash_pycs_mode,
        &c.program_name, &c.pythonpath_env, &c.home, &c.platlibdir, &c.stdlib_dir, &c.executable, &c.base_executable, &c.prefix, &c.base_prefix,
        &c.exec_prefix, &c.base_exec_prefix, &c.run_command, &c.run_module, &c.run_filename, &c.sys_path_0,
    ]
}

fn lossy(text: Vec<u8>) -> String {
    String::from_utf8_lossy(&text).into_owned()
}

fn text_of(place: &Cell<*mut wchar_t>) -> Option<Vec<u8>> {
    // SAFETY: NULL or a string of the configuration.
    unsafe { wide::bytes(place.get()) }
}

fn list_of(list: &PyWideStringList) -> Vec<Vec<u8>> {
    // SAFETY: a list of the configuration.
    unsafe { wide::list(list) }
}

/// What the configuration asks for, with everything decided that it leaves open.
pub fn options(c: &PyConfig) -> Result<Options, PyStatus> {
    let arguments = list_of(&c.argv);
    let parses = c.parse_argv.get() == 1;
    let base = base(c, &arguments, parses);
    let warnings = list_of(&c.warnoptions).into_iter().map(lossy).collect();
    let name = arguments.first().map_or_else(|| "python3".to_string(), |name| lossy(name.clone()));
    let mut options = options::parse_for(base, arguments, parses, warnings).map_err(|refusal| refused(refusal, &name))?;
    let printed = match &options.program {
        Program::Help(which) => Some(options::help(*which, &name)),
        Program::Version { long } => Some(crate::run::version_text(*long)),
        _ => None,
    };
    if let Some(text) = printed {
        print!("{text}");
        return Err(PyStatus_Exit(0));
    }
    override_decided(c, &mut options);
    Ok(options)
}

fn refused(refusal: Refusal, name: &str) -> PyStatus {
    match refusal {
        Refusal::Usage(message) => {
            eprintln!("{message}\nusage: {name} [option] ... [-c cmd | -m mod | file | -] [arg] ...\nTry `python -h' for more information.");
            PyStatus_Exit(2)
        }
        Refusal::Fatal { function, message, .. } => {
            let status = PyStatus_Error(wide::leaked(&message));
            status.func.set(function.map_or(std::ptr::null(), wide::leaked));
            status
        }
    }
}

/// What is said before the environment is asked.
fn base(c: &PyConfig, arguments: &[Vec<u8>], parses: bool) -> Config {
    let preset = preset();
    let compat = c._config_init.get() == Origin::Compat as c_int;
    // The old functions' global variables.
    let flag = |variable: &'static capi::data::Flag| if compat { variable.0.get() } else { 0 };
    use capi::data as global;
    let original = list_of(&c.orig_argv);
    let mut config = Config {
        int_max_str_digits: 4300,
        cpu_count: -1,
        orig_argv: if original.is_empty() { arguments.to_vec() } else { original },
        isolated: c.isolated.get() > 0 || flag(&global::Py_IsolatedFlag) > 0,
        ignore_environment: c.use_environment.get() == 0 || flag(&global::Py_IgnoreEnvironmentFlag) > 0,
        no_site: c.site_import.get() == 0 || flag(&global::Py_NoSiteFlag) > 0,
        no_user_site: c.user_site_directory.get() == 0 || flag(&global::Py_NoUserSiteDirectory) > 0,
        dont_write_bytecode: c.write_bytecode.get() == 0 || flag(&global::Py_DontWriteBytecodeFlag) > 0,
        unbuffered: c.buffered_stdio.get() == 0 || flag(&global::Py_UnbufferedStdioFlag) > 0,
        optimization_level: c.optimization_level.get().max(flag(&global::Py_OptimizeFlag)).max(0),
        verbose: c.verbose.get().max(flag(&global::Py_VerboseFlag)).max(0),
        bytes_warning: c.bytes_warning.get().max(flag(&global::Py_BytesWarningFlag)).max(0),
        parser_debug: c.parser_debug.get() > 0 || flag(&global::Py_DebugFlag) > 0,
        quiet: c.quiet.get() > 0 || flag(&global::Py_QuietFlag) > 0,
        inspect: c.inspect.get() > 0 || flag(&global::Py_InspectFlag) > 0,
        interactive: c.interactive.get() > 0 || flag(&global::Py_InteractiveFlag) > 0,
        safe_path: c.safe_path.get() > 0,
        dev_mode: c.dev_mode.get() > 0,
        random_hash: c.use_hash_seed.get() == 0,
        no_signal_handlers: c.install_signal_handlers.get() == 0,
        keeps_locale: preset.keeps_locale || c._config_init.get() == Origin::Isolated as c_int,
        utf8_mode: preset.utf8_mode > 0,
        stdio_encoding: text_of(&c.stdio_encoding).map(lossy),
        stdio_errors: text_of(&c.stdio_errors).map(lossy),
        home: text_of(&c.home).or_else(|| preset.home.clone()),
        platlibdir: text_of(&c.platlibdir).map(lossy).unwrap_or_default(),
        ..Config::default()
    };
    config.program_name = text_of(&c.program_name).or_else(|| preset.program_name.clone());
    if config.program_name.is_none() && !parses {
        config.program_name = Some(b"python3".to_vec());
    }
    if config.isolated {
        config.safe_path = true;
        config.ignore_environment = true;
        config.no_user_site = true;
    }
    config.x_options = list_of(&c.xoptions)
        .into_iter()
        .map(lossy)
        .map(|option| match option.split_once('=') {
            Some((name, value)) => (name.to_string(), Some(value.to_string())),
            None => (option, None),
        })
        .collect();
    config
}

/// What the configuration says in so many words counts more than the environment.
fn override_decided(c: &PyConfig, options: &mut Options) {
    let config = &mut options.config;
    let number = |place: &Cell<c_int>, into: &mut i32| {
        if place.get() >= 0 {
            *into = place.get();
        }
    };
    number(&c.tracemalloc, &mut config.tracemalloc);
    number(&c.import_time, &mut config.import_time);
    if c.int_max_str_digits.get() >= 0 {
        config.int_max_str_digits = c.int_max_str_digits.get() as usize;
    }
    if c.cpu_count.get() > 0 {
        config.cpu_count = c.cpu_count.get();
    }
    if c.use_hash_seed.get() == 1 {
        config.hash_seed = Some(c.hash_seed.get() as u32);
    }
    config.faulthandler |= c.faulthandler.get() > 0;
    config.no_debug_ranges |= c.code_debug_ranges.get() == 0;
    config.warn_default_encoding |= c.warn_default_encoding.get() > 0;
    config.frozen_modules_off |= c.use_frozen_modules.get() == 0;
    config.thread_inherit_context |= c.thread_inherit_context.get() > 0;
    config.context_aware_warnings |= c.context_aware_warnings.get() > 0;
    config.malloc_stats |= c.malloc_stats.get() > 0;
    options.skip_first_line |= c.skip_source_first_line.get() > 0;
    if let Some(prefix) = text_of(&c.pycache_prefix) {
        config.pycache_prefix = Some(prefix);
    }
    if let Some(mode) = text_of(&c.check_hash_pycs_mode) {
        config.check_hash_pycs_mode = Some(lossy(mode));
    }
    if c.module_search_paths_set.get() > 0 {
        config.module_search_paths = list_of(&c.module_search_paths);
    } else if let Some(list) = text_of(&c.pythonpath_env) {
        let entries = list.split(|&byte| byte == b':').map(<[u8]>::to_vec);
        config.module_search_paths.splice(0..0, entries);
    }
    let outputs = [
        (&c.stdlib_dir, &mut config.stdlib_dir),
        (&c.executable, &mut config.executable),
        (&c.base_executable, &mut config.base_executable),
        (&c.prefix, &mut config.prefix),
        (&c.base_prefix, &mut config.base_prefix),
        (&c.exec_prefix, &mut config.exec_prefix),
        (&c.base_exec_prefix, &mut config.base_exec_prefix),
    ];
    for (place, into) in outputs {
        if let Some(path) = text_of(place) {
            *into = path;
        }
    }
    if let Some(mut source) = text_of(&c.run_command) {
        if source.last() != Some(&b'\n') {
            source.push(b'\n');
        }
        options.program = Program::Command(source);
    } else if let Some(name) = text_of(&c.run_module) {
        options.program = Program::Module(name);
    } else if let Some(path) = text_of(&c.run_filename) {
        options.program = Program::File(path);
    }
}

/// Writes what was decided into the struct; false without memory.
pub fn write_back(c: &PyConfig, options: &Options) -> bool {
    let config = &options.config;
    for (name, value) in [
        ("isolated", config.isolated as c_int),
        ("use_environment", !config.ignore_environment as c_int),
        ("dev_mode", config.dev_mode as c_int),
        ("faulthandler", config.faulthandler as c_int),
        ("tracemalloc", config.tracemalloc),
        ("perf_profiling", 0),
        ("remote_debug", 1),
        ("import_time", config.import_time),
        ("code_debug_ranges", !config.no_debug_ranges as c_int),
        ("malloc_stats", config.malloc_stats as c_int),
        ("site_import", !config.no_site as c_int),
        ("bytes_warning", config.bytes_warning),
        ("warn_default_encoding", config.warn_default_encoding as c_int),
        ("inspect", config.inspect as c_int),
        ("interactive", config.interactive as c_int),
        ("optimization_level", config.optimization_level),
        ("parser_debug", config.parser_debug as c_int),
        ("write_bytecode", !config.dont_write_bytecode as c_int),
        ("verbose", config.verbose),
        ("quiet", config.quiet as c_int),
        ("user_site_directory", !config.no_user_site as c_int),
        ("buffered_stdio", !config.unbuffered as c_int),
        ("use_frozen_modules", !config.frozen_modules_off as c_int),
        ("safe_path", config.safe_path as c_int),
        ("int_max_str_digits", config.int_max_str_digits as c_int),
        ("thread_inherit_context", config.thread_inherit_context as c_int),
        ("context_aware_warnings", config.context_aware_warnings as c_int),
        ("cpu_count", config.cpu_count),
        ("use_hash_seed", config.hash_seed.is_some() as c_int),
        ("skip_source_first_line", options.skip_first_line as c_int),
        ("module_search_paths_set", 1),
    ] {
        set_number(c, name, value);
    }
    c.hash_seed.set(config.hash_seed.unwrap_or(0) as c_ulong);
    if c.parse_argv.get() == 1 {
        // The arguments are what is left of them now.
        c.parse_argv.set(2);
    }
    let (command, module, file) = match &options.program {
        Program::Command(source) => (Some(&source[..]), None, None),
        Program::Module(name) => (None, Some(&name[..]), None),
        Program::File(path) => (None, None, Some(&path[..])),
        _ => (None, None, None),
    };
    let x_options: Vec<Vec<u8>> = config
        .x_options
        .iter()
        .map(|(name, value)| value.as_ref().map_or_else(|| name.clone(), |value| format!("{name}={value}")).into_bytes())
        .collect();
    let warn_options: Vec<Vec<u8>> = config.warn_options.iter().map(|option| option.clone().into_bytes()).collect();
    // SAFETY: the struct owns its strings.
    unsafe {
        for (place, text) in [
            (&c.run_command, command),
            (&c.run_module, module),
            (&c.run_filename, file),
            (&c.program_name, config.program_name.as_deref()),
            (&c.home, config.home.as_deref()),
            (&c.platlibdir, Some(config.platlibdir.as_bytes())),
            (&c.stdlib_dir, Some(&config.stdlib_dir[..])),
            (&c.executable, Some(&config.executable[..])),
            (&c.base_executable, Some(&config.base_executable[..])),
            (&c.prefix, Some(&config.prefix[..])),
            (&c.base_prefix, Some(&config.base_prefix[..])),
            (&c.exec_prefix, Some(&config.exec_prefix[..])),
            (&c.base_exec_prefix, Some(&config.base_exec_prefix[..])),
            (&c.pycache_prefix, config.pycache_prefix.as_deref()),
            (&c.check_hash_pycs_mode, Some(config.check_hash_pycs_mode.as_deref().unwrap_or("default").as_bytes())),
            (&c.filesystem_encoding, Some(&b"utf-8"[..])),
            (&c.filesystem_errors, Some(&b"surrogateescape"[..])),
        ] {
            wide::set(place, text);
        }
        wide::set_list(&c.argv, &config.argv)
            && wide::set_list(&c.orig_argv, &config.orig_argv)
            && wide::set_list(&c.xoptions, &x_options)
            && wide::set_list(&c.warnoptions, &warn_options)
            && wide::set_list(&c.module_search_paths, &config.module_search_paths)
    }
}

/// Takes note of what `Py_PreInitialize` settles.
pub fn preinitialize(p: &PyPreConfig) {
    let mut preset = preset();
    preset.keeps_locale = p.configure_locale.get() == 0;
    preset.utf8_mode = p.utf8_mode.get();
}

pub fn initialize_pre(p: &PyPreConfig, origin: Origin) {
    // SAFETY: zero is a value of every field.
    unsafe { std::ptr::write_bytes(std::ptr::from_ref(p).cast_mut(), 0, 1) };
    p._config_init.set(origin as c_int);
    if origin == Origin::Isolated {
        p.isolated.set(1);
        return;
    }
    for place in [&p.parse_argv, &p.use_environment, &p.configure_locale] {
        place.set(1);
    }
    for place in [&p.coerce_c_locale, &p.coerce_c_locale_warn, &p.utf8_mode, &p.dev_mode] {
        place.set(-1);
    }
}

/// # Safety
/// A struct to be filled in.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyPreConfig_InitPythonConfig(p: *mut PyPreConfig) {
    // SAFETY: by contract.
    initialize_pre(unsafe { &*p }, Origin::Python);
}
/// # Safety
/// A struct to be filled in.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyPreConfig_InitIsolatedConfig(p: *mut PyPreConfig) {
    // SAFETY: by contract.
    initialize_pre(unsafe { &*p }, Origin::Isolated);
}
/// # Safety
/// A struct to be filled in.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyConfig_InitPythonConfig(c: *mut PyConfig) {
    // SAFETY: by contract.
    initialize(unsafe { &*c }, Origin::Python);
}
/// # Safety
/// A struct to be filled in.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyConfig_InitIsolatedConfig(c: *mut PyConfig) {
    // SAFETY: by contract.
    initialize(unsafe { &*c }, Origin::Isolated);
}
/// # Safety
/// A struct that was filled in.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyConfig_Clear(c: *mut PyConfig) {
    // SAFETY: by contract.
    unsafe { clear(&*c) };
}
/// # Safety
/// A field of the configuration, and NULL or a string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyConfig_SetString(_c: *mut PyConfig, place: *mut *mut wchar_t, text: *const wchar_t) -> PyStatus {
    // SAFETY: by contract.
    unsafe {
        let text = wide::bytes(text);
        wide::set(Cell::from_mut(&mut *place), text.as_deref());
        if text.is_some() && (*place).is_null() { PyStatus_NoMemory() } else { PyStatus_Ok() }
    }
}
/// # Safety
/// As `PyConfig_SetString`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyConfig_SetBytesString(_c: *mut PyConfig, place: *mut *mut wchar_t, text: *const c_char) -> PyStatus {
    // SAFETY: by contract.
    unsafe {
        let text = (!text.is_null()).then(|| CStr::from_ptr(text).to_bytes());
        wide::set(Cell::from_mut(&mut *place), text);
        if text.is_some() && (*place).is_null() { PyStatus_NoMemory() } else { PyStatus_Ok() }
    }
}
unsafe fn set_list(list: *const PyWideStringList, texts: &[Vec<u8>]) -> PyStatus {
    // SAFETY: a list of the configuration.
    if unsafe { wide::set_list(&*list, texts) } { PyStatus_Ok() } else { PyStatus_NoMemory() }
}
/// # Safety
/// As many strings as there are said to be.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyConfig_SetWideStringList(_c: *mut PyConfig, list: *mut PyWideStringList, length: isize, items: *mut *mut wchar_t) -> PyStatus {
    // SAFETY: by contract.
    unsafe { set_list(list, &wide::wide_arguments(length, items)) }
}
/// # Safety
/// As many strings as there are said to be.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyConfig_SetArgv(c: *mut PyConfig, count: isize, items: *const *mut wchar_t) -> PyStatus {
    // SAFETY: by contract.
    unsafe { set_list(&(*c).argv, &wide::wide_arguments(count, items)) }
}
/// # Safety
/// As many strings as there are said to be.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyConfig_SetBytesArgv(c: *mut PyConfig, count: isize, items: *const *const c_char) -> PyStatus {
    // SAFETY: by contract.
    unsafe { set_list(&(*c).argv, &wide::arguments(count, items)) }
}
/// # Safety
/// A struct that was filled in.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyConfig_Read(c: *mut PyConfig) -> PyStatus {
    // SAFETY: by contract.
    let c = unsafe { &*c };
    match options(c) {
        Err(status) => status,
        Ok(options) if write_back(c, &options) => PyStatus_Ok(),
        Ok(_) => PyStatus_NoMemory(),
    }
}
