//! What the environment and the `-X` options decide, each with the words of CPython for a value that cannot be.

use crate::options::Refusal;
use crate::paths;
use runtime::preconfig::{self, Coercion};
use runtime::state::Config;

type Checked<T = ()> = Result<T, Refusal>;

/// Fills in what follows from the environment, from `-X`, and from options together.
pub fn apply(config: &mut Config, warn_options: Vec<String>) -> Checked {
    preconfigure(config)?;
    levels(config);
    limits(config)?;
    switches(config)?;
    config.hash_seed = hash_seed(config)?;
    warnings(config, warn_options);
    paths::compute(config);
    Ok(())
}

/// An error before the interpreter has its configuration.
fn fatal(function: &'static str, message: impl Into<String>) -> Refusal {
    Refusal::Fatal { function: Some(function), message: message.into(), state: "preinitialized" }
}

fn too_early(function: &'static str, message: &str) -> Refusal {
    Refusal::Fatal { function: Some(function), message: message.into(), state: "preinitializing" }
}

/// A variable that is set and not empty.
pub fn variable(config: &Config, name: &str) -> Option<String> {
    if config.ignore_environment {
        return None;
    }
    std::env::var_os(name).filter(|value| !value.is_empty()).map(|value| value.to_string_lossy().into_owned())
}

/// A variable as a level: a number, or 1 for any other text.
fn level(config: &Config, name: &str) -> i32 {
    variable(config, name).map_or(0, |value| value.parse::<i32>().ok().filter(|level| *level >= 0).unwrap_or(1))
}

fn is_on(config: &Config, name: &str) -> bool {
    level(config, name) > 0
}

/// An `-X` option that is given, and its value.
fn x_option<'c>(config: &'c Config, name: &str) -> Option<Option<&'c str>> {
    config.x_options.iter().rev().find(|(own, _)| own == name).map(|(_, value)| value.as_deref())
}

/// The locale, UTF-8 mode, the allocator.
fn preconfigure(config: &mut Config) -> Checked {
    config.dev_mode |= x_option(config, "dev").is_some() || is_on(config, "PYTHONDEVMODE");
    let utf8 = match x_option(config, "utf8") {
        Some(None | Some("1")) => Some(true),
        Some(Some("0")) => Some(false),
        Some(_) => return Err(too_early("preconfig_init_utf8_mode", "invalid -X utf8 option value")),
        None => match variable(config, "PYTHONUTF8").as_deref() {
            None => None,
            Some("1") => Some(true),
            Some("0") => Some(false),
            Some(_) => return Err(too_early("preconfig_init_utf8_mode", "invalid PYTHONUTF8 environment variable value")),
        },
    };
    if let Some(name) = variable(config, "PYTHONMALLOC")
        && !matches!(name.as_str(), "default" | "debug" | "pymalloc" | "pymalloc_debug" | "malloc" | "malloc_debug" | "mimalloc" | "mimalloc_debug")
    {
        return Err(too_early("preconfig_init_allocator", "PYTHONMALLOC: unknown allocator"));
    }
    let coercion = match variable(config, "PYTHONCOERCECLOCALE").as_deref() {
        Some("0") => Coercion { coerce: false, warn: false },
        Some("warn") => Coercion { coerce: true, warn: true },
        _ => Coercion { coerce: true, warn: false },
    };
    if config.keeps_locale {
        config.utf8_mode |= utf8 == Some(true);
    } else {
        let utf8 = utf8.or(if config.utf8_mode { Some(true) } else { None });
        config.utf8_mode = preconfig::configure_locale(coercion, utf8);
    }
    Ok(())
}

/// Flags of letters that the environment sets too.
fn levels(config: &mut Config) {
    config.optimization_level = config.optimization_level.max(level(config, "PYTHONOPTIMIZE"));
    config.verbose = config.verbose.max(level(config, "PYTHONVERBOSE"));
    config.parser_debug |= is_on(config, "PYTHONDEBUG");
    config.dont_write_bytecode |= is_on(config, "PYTHONDONTWRITEBYTECODE");
    config.no_user_site |= is_on(config, "PYTHONNOUSERSITE");
    config.unbuffered |= is_on(config, "PYTHONUNBUFFERED");
    config.safe_path |= variable(config, "PYTHONSAFEPATH").is_some();
    config.inspect |= variable(config, "PYTHONINSPECT").is_some();
    config.malloc_stats = variable(config, "PYTHONMALLOCSTATS").is_some();
    config.faulthandler = config.dev_mode || x_option(config, "faulthandler").is_some() || variable(config, "PYTHONFAULTHANDLER").is_some();
    config.no_debug_ranges = x_option(config, "no_debug_ranges").is_some() || variable(config, "PYTHONNODEBUGRANGES").is_some();
    config.warn_default_encoding = x_option(config, "warn_default_encoding").is_some() || variable(config, "PYTHONWARNDEFAULTENCODING").is_some();
    config.pycache_prefix = match x_option(config, "pycache_prefix") {
        Some(prefix) => prefix.filter(|prefix| !prefix.is_empty()).map(|prefix| prefix.as_bytes().to_vec()),
        None => variable(config, "PYTHONPYCACHEPREFIX").map(String::into_bytes),
    };
}

/// Options that are numbers.
fn limits(config: &mut Config) -> Checked {
    const TIME: &str = "config_init_import_time";
    config.import_time = match x_option(config, "importtime") {
        Some(value) => match value.map(str::parse::<i32>) {
            Some(Ok(2)) => 2,
            None | Some(Ok(1) | Err(_)) => 1,
            Some(Ok(_)) => return Err(fatal(TIME, "-X importtime: values other than 1 and 2 are reserved for future use.")),
        },
        None => match variable(config, "PYTHONPROFILEIMPORTTIME").map(|value| value.parse::<i32>()) {
            None => 0,
            Some(Ok(2)) => 2,
            Some(Ok(1) | Err(_)) => 1,
            Some(Ok(_)) => return Err(fatal(TIME, "PYTHONPROFILEIMPORTTIME: numeric values other than 1 and 2 are reserved for future use.")),
        },
    };
    let digits = match x_option(config, "int_max_str_digits") {
        Some(value) => Some(("-X int_max_str_digits", value.unwrap_or("").to_string())),
        None => variable(config, "PYTHONINTMAXSTRDIGITS").map(|value| ("PYTHONINTMAXSTRDIGITS", value)),
    };
    if let Some((source, digits)) = digits {
        config.int_max_str_digits = match digits.parse::<i32>() {
            Ok(value) if value == 0 || value >= 640 => value as usize,
            _ => return Err(fatal("config_init_int_max_str_digits", format!("{source}: invalid limit; must be >= 640 or 0 for unlimited."))),
        };
    }
    let count = match x_option(config, "cpu_count") {
        Some(value) => Some(value.unwrap_or("").to_string()),
        None => variable(config, "PYTHON_CPU_COUNT"),
    };
    config.cpu_count = match count.as_deref() {
        None | Some("default") => -1,
        Some(text) => match text.parse::<i32>() {
            Ok(count) if count > 0 => count,
            _ => return Err(fatal("config_init_cpu_count", "-X cpu_count=n option: n is missing or an invalid number, n must be greater than 0")),
        },
    };
    let frames = match x_option(config, "tracemalloc") {
        Some(None) => Some(("-X tracemalloc=NFRAME", "1".to_string())),
        Some(Some(value)) => Some(("-X tracemalloc=NFRAME", value.to_string())),
        None => variable(config, "PYTHONTRACEMALLOC").map(|value| ("PYTHONTRACEMALLOC", value)),
    };
    if let Some((source, frames)) = frames {
        config.tracemalloc = match frames.parse::<i32>() {
            Ok(frames) if frames >= 0 => frames,
            _ => return Err(fatal("config_init_tracemalloc", format!("{source}: invalid number of frames"))),
        };
    }
    Ok(())
}

/// Options that are on or off.
fn switches(config: &mut Config) -> Checked {
    let wrong = |message: &str| Refusal::Fatal { function: None, message: message.into(), state: "preinitialized" };
    config.frozen_modules_off = match x_option(config, "frozen_modules") {
        Some(None | Some("" | "on")) => false,
        Some(Some("off")) => true,
        Some(_) => return Err(wrong("bad value for option -X frozen_modules (expected \"on\" or \"off\")")),
        None => match variable(config, "PYTHON_FROZEN_MODULES").as_deref() {
            None | Some("on") => false,
            Some("off") => true,
            Some(_) => return Err(wrong("bad value for PYTHON_FROZEN_MODULES (expected \"on\" or \"off\")")),
        },
    };
    config.context_aware_warnings = switch(config, "config_init_context_aware_warnings", "context_aware_warnings", "PYTHON_CONTEXT_AWARE_WARNINGS")?;
    config.thread_inherit_context = switch(config, "config_init_thread_inherit_context", "thread_inherit_context", "PYTHON_THREAD_INHERIT_CONTEXT")?;
    let lock = match x_option(config, "gil") {
        Some(value) => Some(value.unwrap_or("").to_string()),
        None => variable(config, "PYTHON_GIL"),
    };
    match lock.as_deref() {
        None | Some("1") => Ok(()),
        Some("0") => Err(fatal("config_read_gil", "Disabling the GIL is not supported by this build")),
        Some(_) => Err(fatal("config_read_gil", "PYTHON_GIL / -X gil must be \"0\" or \"1\"")),
    }
}

/// An option that is 0 or 1, and off by default.
fn switch(config: &Config, function: &'static str, option: &str, name: &str) -> Checked<bool> {
    match x_option(config, option) {
        Some(Some("0")) => Ok(false),
        Some(Some("1")) => Ok(true),
        Some(_) => Err(fatal(function, format!("-X {option}=n: n is missing or invalid"))),
        None => match variable(config, name).as_deref() {
            None | Some("0") => Ok(false),
            Some("1") => Ok(true),
            Some(_) => Err(fatal(function, format!("{name}=N: N is missing or invalid"))),
        },
    }
}

fn hash_seed(config: &Config) -> Checked<Option<u32>> {
    if config.random_hash {
        return Ok(None);
    }
    match variable(config, "PYTHONHASHSEED").as_deref() {
        None | Some("random") => Ok(None),
        Some(seed) => match seed.parse::<u32>() {
            Ok(seed) => Ok(Some(seed)),
            Err(_) => Err(fatal("config_init_hash_seed", "PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]")),
        },
    }
}

/// `sys.warnoptions`: what stands later counts more.
fn warnings(config: &mut Config, options: Vec<String>) {
    if config.dev_mode {
        config.warn_options.push("default".into());
    }
    if let Some(list) = variable(config, "PYTHONWARNINGS") {
        config.warn_options.extend(list.split(',').map(str::to_string));
    }
    config.warn_options.extend(options);
    match config.bytes_warning {
        0 => {}
        1 => config.warn_options.push("default::BytesWarning".into()),
        _ => config.warn_options.push("error::BytesWarning".into()),
    }
}
