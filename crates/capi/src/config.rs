//! `PyConfig_Get`, `PyConfig_Set`, `PyConfig_Names` (PEP 741): the configuration of the running interpreter, an option at a time.
//!
//! What `sys` shows is read from and stored in `sys`, so that a program's changes count; the rest is the runtime's configuration.

use crate::data;
use crate::macros::{Done, done};
use runtime::err;
use runtime::errors::PyResult;
use runtime::object::{Object, Owned};
use runtime::protocol::object as proto;
use runtime::state::{self, Config};
use runtime::types::{self, Dict, Int, List, Set, Str};
use std::ffi::{CStr, c_int};

/// What an option holds.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Int,
    Unsigned,
    Bool,
    Text,
    OptionalText,
    List,
    Dict,
}
use Kind::{Bool, Int as Number, OptionalText, Text, Unsigned};

/// Name, kind, the attribute of `sys` that holds it, and whether it can be set.
type Row = (&'static str, Kind, Option<&'static str>, bool);

const OPTIONS: [Row; 67] = [
    ("allocator", Number, None, false),
    ("argv", Kind::List, Some("argv"), true),
    ("base_exec_prefix", OptionalText, Some("base_exec_prefix"), true),
    ("base_executable", OptionalText, Some("_base_executable"), true),
    ("base_prefix", OptionalText, Some("base_prefix"), true),
    ("buffered_stdio", Bool, None, false),
    ("bytes_warning", Unsigned, None, true),
    ("check_hash_pycs_mode", Text, None, false),
    ("code_debug_ranges", Bool, None, false),
    ("coerce_c_locale", Bool, None, false),
    ("coerce_c_locale_warn", Bool, None, false),
    ("configure_c_stdio", Bool, None, false),
    ("configure_locale", Bool, None, false),
    ("context_aware_warnings", Number, None, false),
    ("cpu_count", Number, None, true),
    ("dev_mode", Bool, None, false),
    ("dump_refs", Bool, None, false),
    ("dump_refs_file", OptionalText, None, false),
    ("exec_prefix", OptionalText, Some("exec_prefix"), true),
    ("executable", OptionalText, Some("executable"), true),
    ("faulthandler", Bool, None, false),
    ("filesystem_encoding", Text, None, false),
    ("filesystem_errors", Text, None, false),
    ("hash_seed", Unsigned, None, false),
    ("home", OptionalText, None, false),
    ("import_time", Unsigned, None, false),
    ("inspect", Bool, None, true),
    ("install_signal_handlers", Bool, None, false),
    ("int_max_str_digits", Unsigned, None, true),
    ("interactive", Bool, None, true),
    ("isolated", Bool, None, false),
    ("malloc_stats", Bool, None, false),
    ("module_search_paths", Kind::List, Some("path"), true),
    ("optimization_level", Unsigned, None, true),
    ("orig_argv", Kind::List, Some("orig_argv"), false),
    ("parse_argv", Bool, None, false),
    ("parser_debug", Bool, None, true),
    ("pathconfig_warnings", Bool, None, false),
    ("perf_profiling", Unsigned, None, false),
    ("platlibdir", Text, Some("platlibdir"), true),
    ("prefix", OptionalText, Some("prefix"), true),
    ("program_name", Text, None, false),
    ("pycache_prefix", OptionalText, Some("pycache_prefix"), true),
    ("quiet", Bool, None, true),
    ("remote_debug", Bool, None, false),
    ("run_command", OptionalText, None, false),
    ("run_filename", OptionalText, None, false),
    ("run_module", OptionalText, None, false),
    ("safe_path", Bool, None, false),
    ("show_ref_count", Bool, None, false),
    ("site_import", Bool, None, false),
    ("skip_source_first_line", Bool, None, false),
    ("stdio_encoding", Text, None, false),
    ("stdio_errors", Text, None, false),
    ("stdlib_dir", OptionalText, Some("_stdlib_dir"), true),
    ("thread_inherit_context", Number, None, false),
    ("tracemalloc", Unsigned, None, false),
    ("use_environment", Bool, None, true),
    ("use_frozen_modules", Bool, None, false),
    ("use_hash_seed", Bool, None, false),
    ("user_site_directory", Bool, None, false),
    ("utf8_mode", Bool, None, false),
    ("verbose", Unsigned, None, true),
    ("warn_default_encoding", Bool, None, false),
    ("warnoptions", Kind::List, Some("warnoptions"), true),
    ("write_bytecode", Bool, None, true),
    ("xoptions", Kind::Dict, Some("_xoptions"), true),
];

fn find(name: &CStr) -> PyResult<Row> {
    let name = name.to_string_lossy();
    match OPTIONS.iter().find(|row| row.0 == name) {
        Some(row) => Ok(*row),
        None => Err(err!(ValueError, "unknown config option name: {}", name)),
    }
}

fn path(bytes: &[u8]) -> Owned {
    runtime::codecs::fs_decode(bytes).into_object()
}

/// An option that is a number.
fn number(config: &Config, name: &str) -> i64 {
    let coercion = || !config.utf8_mode && !config.isolated;
    match name {
        "buffered_stdio" => !config.unbuffered as i64,
        "bytes_warning" => config.bytes_warning as i64,
        "code_debug_ranges" => !config.no_debug_ranges as i64,
        "coerce_c_locale" => coercion() as i64,
                "configure_c_stdio" | "configure_locale" | "install_signal_handlers" | "parse_argv" | "remote_debug" => 1,
        "pathconfig_warnings" => 1,
        "context_aware_warnings" => config.context_aware_warnings as i64,
        "cpu_count" => config.cpu_count as i64,
        "dev_mode" => config.dev_mode as i64,
        "faulthandler" => config.faulthandler as i64,
        "hash_seed" => config.hash_seed.unwrap_or(0) as i64,
        "import_time" => config.import_time as i64,
        "inspect" => config.inspect as i64,
        "int_max_str_digits" => config.int_max_str_digits as i64,
        "interactive" => config.interactive as i64,
        "isolated" => config.isolated as i64,
        "optimization_level" => config.optimization_level as i64,
        "parser_debug" => config.parser_debug as i64,
        "malloc_stats" => config.malloc_stats as i64,
        "quiet" => config.quiet as i64,
        "safe_path" => config.safe_path as i64,
        "site_import" => !config.no_site as i64,
        "thread_inherit_context" => config.thread_inherit_context as i64,
        "tracemalloc" => config.tracemalloc as i64,
        "use_environment" => !config.ignore_environment as i64,
        "use_frozen_modules" => !config.frozen_modules_off as i64,
        "use_hash_seed" => config.hash_seed.is_some() as i64,
        "user_site_directory" => !config.no_user_site as i64,
        "utf8_mode" => config.utf8_mode as i64,
        "verbose" => config.verbose as i64,
        "warn_default_encoding" => config.warn_default_encoding as i64,
        // What this interpreter does not have: statistics, dumps, other allocators, perf.
        _ => 0,
    }
}

/// An option that is text and not in `sys`.
fn text(config: &Config, name: &str) -> PyResult {
    let from_sys = |attribute: &str, fallback: &str| -> PyResult {
        let stream = proto::get_attr_str(&*state::sys()?, "__stdout__")?;
        if stream.is_none() { Ok(Str::new(fallback).into_object()) } else { proto::get_attr_str(&stream, attribute) }
    };
    let optional = |value: Option<&[u8]>| value.map_or_else(|| types::none().to_owned(), path);
    Ok(match name {
        "check_hash_pycs_mode" => Str::new(config.check_hash_pycs_mode.as_deref().unwrap_or("default")).into_object(),
        "filesystem_encoding" => Str::new(runtime::preconfig::file_system_encoding().name()).into_object(),
        "filesystem_errors" => Str::new("surrogateescape").into_object(),
        "home" => optional(config.home.as_deref()),
        "program_name" => path(config.program_name.as_deref().unwrap_or(&config.executable)),
        "run_command" => optional(config.run_command.as_deref()),
        "run_filename" => optional(config.run_filename.as_deref()),
        "run_module" => optional(config.run_module.as_deref()),
        "stdio_encoding" => return from_sys("encoding", "utf-8"),
        "stdio_errors" => return from_sys("errors", "strict"),
        _ => types::none().to_owned(),
    })
}

fn get(row: Row) -> PyResult {
    let (name, kind, attribute, _) = row;
    if let Some(attribute) = attribute {
        return match state::sys()?.dict().get(attribute) {
            Some(value) => Ok(value),
            None => Err(err!(RuntimeError, "lost sys.{}", attribute)),
        };
    }
    if name == "write_bytecode" {
        let Some(value) = state::sys()?.dict().get("dont_write_bytecode") else { return Err(err!(RuntimeError, "lost sys.dont_write_bytecode")) };
        return Ok(types::bool_object(!proto::is_true(&value)?).to_owned());
    }
    let config = state::get().config.borrow().clone();
    match kind {
        Bool => Ok(types::bool_object(number(&config, name) != 0).to_owned()),
        Number | Unsigned => Ok(Int::from_i64(number(&config, name)).into_object()),
        _ => text(&config, name),
    }
}

fn expected(what: &str, got: &Object) -> runtime::errors::Raised {
    err!(TypeError, "expected {}, got {}", what, got.type_name())
}

/// A value of another kind than the option's is a TypeError.
fn check(kind: Kind, value: &Object) -> PyResult<()> {
    match kind {
        Text if !value.is_instance_of::<Str>() => Err(expected("str", value)),
        OptionalText if !value.is_none() && !value.is_instance_of::<Str>() => Err(expected("str or None", value)),
        Kind::List => {
            let Some(list) = value.downcast::<List>() else { return Err(expected("list[str]", value)) };
            for i in 0..list.len() {
                let item = list.get(i);
                if let Some(item) = item.filter(|item| !item.is_instance_of::<Str>()) {
                    return Err(err!(TypeError, "expected str, list item {} has type {}", i, item.type_name()));
                }
            }
            Ok(())
        }
        Kind::Dict => {
            let Some(dict) = value.downcast::<Dict>() else { return Err(expected("dict[str, str | bool]", value)) };
            let mut position = 0;
            while let Some((key, value)) = dict.next(&mut position) {
                if !key.is_instance_of::<Str>() {
                    return Err(err!(TypeError, "expected str, got dict key type {}", key.type_name()));
                }
                if !value.is_instance_of::<Str>() && !value.is_instance_of::<types::Bool>() {
                    return Err(err!(TypeError, "expected str or bool, got dict value type {}", value.type_name()));
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

fn set(row: Row, value: &Object) -> PyResult<()> {
    let (name, kind, attribute, settable) = row;
    if !settable {
        return Err(err!(ValueError, "cannot set read-only option {}", name));
    }
    if let Some(attribute) = attribute {
        check(kind, value)?;
        return state::sys()?.add(attribute, value);
    }
    if !value.is_instance_of::<Int>() {
        return Err(expected("int or bool", value));
    }
    let number = runtime::protocol::number::as_i32(value)?;
    if number < 0 && kind != Number {
        return Err(err!(ValueError, "value must be >= 0"));
    }
    if name == "int_max_str_digits" {
        let sys = state::sys()?;
        runtime::protocol::call::call1(&*proto::get_attr_str(&sys, "set_int_max_str_digits")?, value)?;
    } else {
        let config = &mut *state::get().config.borrow_mut();
        match name {
            "bytes_warning" => config.bytes_warning = number,
            "cpu_count" => config.cpu_count = number,
            "inspect" => config.inspect = number != 0,
            "interactive" => config.interactive = number != 0,
            "optimization_level" => config.optimization_level = number,
            "parser_debug" => config.parser_debug = number != 0,
            "quiet" => config.quiet = number != 0,
            "use_environment" => config.ignore_environment = number == 0,
            "verbose" => config.verbose = number,
            _ => config.dont_write_bytecode = number == 0,
        }
    }
    data::set_flag(name, number);
    if name == "write_bytecode" {
        state::sys()?.add("dont_write_bytecode", types::bool_object(number == 0))?;
    }
    if name != "cpu_count" {
        runtime::modules::sys::info::refresh_flags()?;
    }
    Ok(())
}

c_api! {
    fn PyConfig_Get(name: &CStr) -> PyResult { get(find(name)?) }
    fn PyConfig_GetInt(name: &CStr, out: *mut c_int) -> PyResult<Done> {
        let value = get(find(name)?)?;
        let Some(number) = value.downcast::<Int>() else {
            return Err(err!(TypeError, "config option {} is not an int", name.to_string_lossy()));
        };
        match number.as_i64().and_then(|number| c_int::try_from(number).ok()) {
            Some(number) => *out = number,
            None => return Err(err!(OverflowError, "config option {} value does not fit into a C int", name.to_string_lossy())),
        }
        Ok(Done)
    }
    fn PyConfig_Set(name: &CStr, value: &Object) -> PyResult<Done> {
        runtime::audit::audit("cpython.PyConfig_Set", &[&*crate::object::text(name)?, value])?;
        done(set(find(name)?, value))
    }
    fn PyConfig_Names() -> PyResult {
        let names = Set::new();
        for (name, ..) in OPTIONS.iter() {
            names.add(&*Str::new(name))?;
        }
        Ok(Set::frozen(&*names)?.into_object())
    }
}
