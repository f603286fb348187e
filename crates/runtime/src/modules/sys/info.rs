//! The facts in `sys`: versions, limits of numbers, flags, paths of the configuration.

use crate::errors::PyResult;
use crate::object::{Object, Owned, Type};
use crate::state;
use crate::types::structseq::{self, Field};
use crate::types::{self, Dict, Float, Int, List, Module, Namespace, Str, Tuple};

pub const VERSION: (i64, i64, i64) = (3, 14, 8);
pub const HEX_VERSION: i64 = 0x030e_08f0;
pub const CACHE_TAG: &str = "cpython-314";
pub const MULTIARCH: &str = "x86_64-linux-gnu";
pub const MAX_SIZE: i64 = i64::MAX;

fn int(value: i64) -> Owned {
    Int::from_i64(value).into_object()
}
fn text(value: &str) -> Owned {
    Str::new(value).into_object()
}
/// A path of the configuration.
pub fn path(bytes: &[u8]) -> Owned {
    crate::codecs::fs_decode(bytes).into_object()
}

fn sequence(name: &str, doc: &str, fields: &[Field], values: Vec<Owned>) -> PyResult<(Owned<Type>, Owned)> {
    let ty = structseq::new_type(name, doc, fields, fields.len())?;
    ty.add_flags(abi::Py_TPFLAGS_IMMUTABLETYPE as u64);
    let value = structseq::new(&ty, values)?;
    Ok((ty, value))
}

/// Such a type may not be instantiated by programs.
fn seal(ty: &Type) {
    ty.0.tp_new.set(None);
    ty.add_flags(abi::Py_TPFLAGS_DISALLOW_INSTANTIATION as u64);
    let _ = ty.dict().del_str(crate::intern!("__new__"));
    crate::errors::clear();
    ty.modified();
}

fn version_info() -> PyResult {
    let fields = [
        Field::new("major", "Major release number"),
        Field::new("minor", "Minor release number"),
        Field::new("micro", "Patch release number"),
        Field::new("releaselevel", "'alpha', 'beta', 'candidate', or 'final'"),
        Field::new("serial", "Serial release number"),
    ];
    let values = vec![int(VERSION.0), int(VERSION.1), int(VERSION.2), text("final"), int(0)];
    let (ty, value) = sequence("sys.version_info", "sys.version_info\n\nVersion information as a named tuple.", &fields, values)?;
    seal(&ty);
    Ok(value)
}

/// `sys.flags` as the configuration has them.
pub fn flags() -> PyResult {
    let c = state::get().config.borrow();
    let flag = |name: &'static str, value: i64| (Field::new(name, ""), int(value));
    let boolean = |name: &'static str, value: bool| (Field::new(name, ""), types::bool_object(value).to_owned());
    let rows = [
        flag("debug", c.parser_debug as i64),
        flag("inspect", c.inspect as i64),
        flag("interactive", c.interactive as i64),
        flag("optimize", c.optimization_level as i64),
        flag("dont_write_bytecode", c.dont_write_bytecode as i64),
        flag("no_user_site", c.no_user_site as i64),
        flag("no_site", c.no_site as i64),
        flag("ignore_environment", c.ignore_environment as i64),
        flag("verbose", c.verbose as i64),
        flag("bytes_warning", c.bytes_warning as i64),
        flag("quiet", c.quiet as i64),
        flag("hash_randomization", (c.hash_seed != Some(0)) as i64),
        flag("isolated", c.isolated as i64),
        boolean("dev_mode", c.dev_mode),
        flag("utf8_mode", c.utf8_mode as i64),
        flag("warn_default_encoding", c.warn_default_encoding as i64),
        boolean("safe_path", c.safe_path),
        flag("int_max_str_digits", c.int_max_str_digits as i64),
        flag("gil", 1),
        flag("thread_inherit_context", c.thread_inherit_context as i64),
        flag("context_aware_warnings", c.context_aware_warnings as i64),
    ];
    drop(c);
    let fields: Vec<Field> = rows.iter().map(|(field, _)| *field).collect();
    let values: Vec<Owned> = rows.into_iter().map(|(_, value)| value).collect();
    let ty = structseq::new_type("sys.flags", "sys.flags\n\nFlags provided through command line arguments or environment vars.", &fields, 18)?;
    ty.add_flags(abi::Py_TPFLAGS_IMMUTABLETYPE as u64);
    let value = structseq::new(&ty, values)?;
    seal(&ty);
    Ok(value)
}

/// `sys.flags` again, after the configuration changed.
pub fn refresh_flags() -> PyResult<()> {
    state::sys()?.add("flags", &*flags()?)
}

fn float_info() -> PyResult {
    let float = |value: f64| Float::new(value).into_object();
    let rows = [
        (Field::new("max", "DBL_MAX -- maximum representable finite float"), float(f64::MAX)),
        (Field::new("max_exp", "DBL_MAX_EXP -- maximum int e such that radix**(e-1) is representable"), int(1024)),
        (Field::new("max_10_exp", "DBL_MAX_10_EXP -- maximum int e such that 10**e is representable"), int(308)),
        (Field::new("min", "DBL_MIN -- Minimum positive normalized float"), float(f64::MIN_POSITIVE)),
        (Field::new("min_exp", "DBL_MIN_EXP -- minimum int e such that radix**(e-1) is a normalized float"), int(-1021)),
        (Field::new("min_10_exp", "DBL_MIN_10_EXP -- minimum int e such that 10**e is a normalized float"), int(-307)),
        (Field::new("dig", "DBL_DIG -- maximum number of decimal digits that can be faithfully represented in a float"), int(15)),
        (Field::new("mant_dig", "DBL_MANT_DIG -- mantissa digits"), int(53)),
        (Field::new("epsilon", "DBL_EPSILON -- Difference between 1 and the next representable float"), float(f64::EPSILON)),
        (Field::new("radix", "FLT_RADIX -- radix of exponent"), int(2)),
        (Field::new("rounds", "FLT_ROUNDS -- rounding mode used for arithmetic operations"), int(1)),
    ];
    of_rows("sys.float_info", "A named tuple holding information about the float type.", rows)
}

fn of_rows<const N: usize>(name: &str, doc: &str, rows: [(Field, Owned); N]) -> PyResult {
    let fields: Vec<Field> = rows.iter().map(|(field, _)| *field).collect();
    Ok(sequence(name, doc, &fields, rows.into_iter().map(|(_, value)| value).collect())?.1)
}

fn hash_info() -> PyResult {
    let rows = [
        (Field::new("width", "width of the type used for hashing, in bits"), int(64)),
        (Field::new("modulus", "prime number giving the modulus on which the hash function is based"), int((1 << 61) - 1)),
        (Field::new("inf", "value to be used for hash of a positive infinity"), int(314159)),
        (Field::new("nan", "value to be used for hash of a nan"), int(0)),
        (Field::new("imag", "multiplier used for the imaginary part of a complex number"), int(1000003)),
        (Field::new("algorithm", "name of the algorithm for hashing of str, bytes and memoryviews"), text("siphash13")),
        (Field::new("hash_bits", "internal output size of hash algorithm"), int(64)),
        (Field::new("seed_bits", "seed size of hash algorithm"), int(128)),
        (Field::new("cutoff", "small string optimization cutoff"), int(0)),
    ];
    of_rows("sys.hash_info", "A named tuple providing parameters used for computing hashes.", rows)
}

fn int_info() -> PyResult {
    let rows = [
        (Field::new("bits_per_digit", "size of a digit in bits"), int(30)),
        (Field::new("sizeof_digit", "size in bytes of the C type used to represent a digit"), int(4)),
        (Field::new("default_max_str_digits", "maximum string conversion digits limitation"), int(4300)),
        (Field::new("str_digits_check_threshold", "minimum positive value for int_max_str_digits"), int(640)),
    ];
    of_rows("sys.int_info", "A named tuple that holds information about Python's internal representation of integers.", rows)
}

/// The C library's name for its threads, as "NPTL 2.41".
fn thread_library() -> Option<String> {
    let mut name = [0u8; 64];
    // SAFETY: a buffer of that size.
    let size = unsafe { libc::confstr(libc::_CS_GNU_LIBPTHREAD_VERSION, name.as_mut_ptr().cast(), name.len()) };
    (1..=name.len()).contains(&size).then(|| String::from_utf8_lossy(&name[..size - 1]).into_owned())
}

fn thread_info() -> PyResult {
    let rows = [
        (Field::new("name", "name of the thread implementation"), text("pthread")),
        (Field::new("lock", "name of the lock implementation"), text("semaphore")),
        (Field::new("version", "name and version of the thread library"), thread_library().map_or_else(|| types::none().to_owned(), |version| text(&version))),
    ];
    of_rows("sys.thread_info", "A named tuple holding information about the thread implementation.", rows)
}

/// `sys.version`: the first word is the language's version, as programs expect.
pub fn version() -> String {
    format!("{}.{}.{} (Taipan {}) [Rust]", VERSION.0, VERSION.1, VERSION.2, env!("CARGO_PKG_VERSION"))
}

const COPYRIGHT: &str = "Copyright (c) the Taipan developers.\nAll Rights Reserved.";

fn implementation(version: &Object) -> PyResult {
    let dict = Dict::new();
    dict.set("name", &*Str::new("cpython"))?;
    dict.set("cache_tag", &*Str::new(CACHE_TAG))?;
    dict.set("version", version)?;
    dict.set("hexversion", &*Int::from_i64(HEX_VERSION))?;
    dict.set("_multiarch", &*Str::new(MULTIARCH))?;
    dict.set("supports_isolated_interpreters", types::true_())?;
    Ok(Namespace::new(Some(&dict))?.into_object())
}

/// Fills in the facts that hold from the start.
pub fn add_facts(sys: &Module) -> PyResult<()> {
    let add = |name: &str, value: Owned| sys.add(name, &value);
    let version_info = version_info()?;
    add("version", text(&version()))?;
    add("hexversion", int(HEX_VERSION))?;
    add("_git", Tuple::from_owned(vec![text("CPython"), text(""), text("")]).into_object())?;
    add("_framework", text(""))?;
    add("api_version", int(1013))?;
    add("copyright", text(COPYRIGHT))?;
    add("platform", text("linux"))?;
    add("maxsize", int(MAX_SIZE))?;
    add("float_info", float_info()?)?;
    add("int_info", int_info()?)?;
    add("hash_info", hash_info()?)?;
    add("maxunicode", int(0x10ffff))?;
    add("byteorder", text("little"))?;
    add("abiflags", text(""))?;
    add("implementation", implementation(&version_info)?)?;
    add("version_info", version_info)?;
    add("float_repr_style", text("short"))?;
    add("thread_info", thread_info()?)?;
    let mut names = crate::import::native::builtin_names();
    // A helper of tests is there for who asks for it, and listed nowhere.
    names.retain(|name| *name != "_testinternalcapi");
    // Made before any import, by no table.
    for name in ["sys", "builtins"] {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names.sort_unstable();
    add("builtin_module_names", Tuple::from_owned(names.into_iter().map(text).collect()).into_object())?;
    add("stdlib_module_names", crate::types::FrozenSet::from_items(&STDLIB_NAMES.split_whitespace().map(text).collect::<Vec<_>>())?.into_object())?;
    add("flags", flags()?)
}

/// Fills in what the configuration decides.
pub fn add_configuration(sys: &Module) -> PyResult<()> {
    let add = |name: &str, value: Owned| sys.add(name, &value);
    let config = state::get().config.borrow().clone();
    let none = || types::none().to_owned();
    let paths = |items: &[Vec<u8>]| List::from_owned(items.iter().map(|item| path(item)).collect()).into_object();
    let or_none = |bytes: &[u8]| if bytes.is_empty() { none() } else { path(bytes) };
    add("argv", paths(&config.argv))?;
    add("orig_argv", paths(&config.orig_argv))?;
    add("executable", path(&config.executable))?;
    add("_base_executable", path(&config.base_executable))?;
    add("prefix", path(&config.prefix))?;
    add("exec_prefix", path(&config.exec_prefix))?;
    add("base_prefix", path(&config.base_prefix))?;
    add("base_exec_prefix", path(&config.base_exec_prefix))?;
    add("_stdlib_dir", or_none(&config.stdlib_dir))?;
    add("_home", config.home.as_deref().map_or_else(none, path))?;
    add("platlibdir", text(if config.platlibdir.is_empty() { "lib" } else { &config.platlibdir }))?;
    add("path", paths(&config.module_search_paths))?;
    add("pycache_prefix", config.pycache_prefix.as_deref().map_or_else(none, path))?;
    add("dont_write_bytecode", types::bool_object(config.dont_write_bytecode).to_owned())?;
    add("warnoptions", List::from_owned(config.warn_options.iter().map(|option| text(option)).collect()).into_object())?;
    let options = Dict::new();
    for (name, value) in &config.x_options {
        let value = value.as_deref().map_or_else(|| types::bool_object(true).to_owned(), text);
        options.set(name, &value)?;
    }
    add("_xoptions", options.into_object())?;
    add("flags", flags()?)
}

/// `sys.stdlib_module_names`.
const STDLIB_NAMES: &str = include_str!("stdlib_module_names.txt");
