//! Running programs: text, files, modules, standard input, each in `__main__` with its audit event.

use crate::compile::{self, Mode};
use crate::errors::{self, PyResult};
use crate::import::{self, bootstrap};
use crate::object::{Object, Owned};
use crate::protocol::{call, object};
use crate::state;
use crate::types::{self, Dict, Int, Str};
use crate::{audit, err, exceptions, interactive, lifecycle, modules};

/// `-c`: the command as it was given, and without the indentation that all its lines share.
pub fn run_command(command: &[u8], source: impl Fn(&[u8]) -> Vec<u8>) -> PyResult<()> {
    let text = crate::codecs::fs_decode(command);
    audit::audit("cpython.run_command", &[&text])?;
    let command = match crate::codecs::utf8::encode(&text, None) {
        Ok(command) => command,
        Err(raised) => {
            crate::exceptions::report::write_stderr("Unable to decode the command from the command line:\n");
            return Err(raised);
        }
    };
    let source = source(&command);
    let code = compile::compile_source(&source, &Str::new("<string>"), Mode::Exec, compiler::flags::PyCF_IGNORE_COOKIE, -1)?;
    let dict = main_dict()?;
    register_source("<string>", &source, &code)?;
    crate::interp::eval_code(&code, &dict, &dict).map(drop)
}

/// Gives the lines of a program that has no file to `linecache`, so that tracebacks can show them.
pub fn register_source(name: &str, source: &[u8], code: &Object) -> PyResult<()> {
    let linecache = match import::get_module(crate::intern!("linecache"))? {
        Some(found) => found,
        None => import::import_module("linecache")?,
    };
    let Some(register) = object::get_attr_opt(&linecache, crate::intern!("_register_code"))? else { return Ok(()) };
    call::call_args(&register, &[code, &Str::from_wtf8(source), &Str::new(name)]).map(drop)
}

/// The dict of `__main__`.
pub fn main_dict() -> PyResult<Owned<Dict>> {
    let main = bootstrap::add_module("__main__")?;
    Ok(Owned::from_ref(main.dict()))
}

/// Runs a program's file: source, or a `.pyc`. `__file__` is taken away again at the end.
pub fn run_file(path: &[u8], data: &[u8]) -> PyResult<()> {
    let filename = crate::codecs::fs_decode(path);
    let dict = main_dict()?;
    let had_file = dict.get("__file__").is_some();
    if !had_file {
        dict.set("__file__", &filename)?;
    }
    let result = run_file_in(&dict, &filename, path, data);
    lifecycle::flush_streams();
    if !had_file {
        errors::preserve(|| {
            let _ = dict.del_str(crate::intern!("__file__"));
            errors::clear();
        });
    }
    result
}

fn run_file_in(dict: &Dict, filename: &Str, path: &[u8], data: &[u8]) -> PyResult<()> {
    let is_pyc = path.ends_with(b".pyc") || data.starts_with(&bytecode::MAGIC[..2]);
    let external = import::get_module(&Str::new("_frozen_importlib_external"))?.ok_or_else(|| err!(ImportError, "no importlib"))?;
    let loader = object::get_attr_str(&external, if is_pyc { "SourcelessFileLoader" } else { "SourceFileLoader" })?;
    let loader = call::call_args(&loader, &[&Str::new("__main__"), filename])?;
    dict.set("__loader__", &loader)?;
    dict.set("__cached__", types::none())?;
    let code = match is_pyc {
        true => {
            if bytecode::pyc::read_header(data).is_err() {
                return Err(err!(RuntimeError, "Bad magic number in .pyc file"));
            }
            let loaded = modules::marshal::loads(&data[bytecode::pyc::HEADER_SIZE..], false)?;
            loaded.try_into_typed::<types::Code>().map_err(|_| err!(RuntimeError, "Bad code object in .pyc file"))?
        }
        false => compile::compile_source(data, filename, Mode::Exec, 0, -1)?,
    };
    crate::interp::eval_code(&code, dict, dict).map(drop)
}

/// Standard input: a prompt if it is interactive, else a program that is read to its end.
pub fn run_stdin() -> PyResult<()> {
    // SAFETY: a plain query.
    if unsafe { libc::isatty(0) } == 1 || state::get().config.borrow().interactive {
        return interactive::run_loop();
    }
    let mut source = Vec::new();
    if std::io::Read::read_to_end(&mut std::io::stdin(), &mut source).is_err() {
        return Err(crate::exceptions::raise_errno());
    }
    let dict = main_dict()?;
    let filename = Str::new("<stdin>");
    dict.set("__file__", &filename)?;
    dict.set("__cached__", types::none())?;
    let code = compile::compile_source(&source, &filename, Mode::Exec, 0, -1);
    // Tracebacks show no lines of it, as of any program that is gone once it was read.
    let result = code.and_then(|code| crate::interp::eval_code(&code, &dict, &dict).map(drop));
    lifecycle::flush_streams();
    errors::preserve(|| {
        for name in [crate::intern!("__file__"), crate::intern!("__cached__")] {
            let _ = dict.del_str(name);
            errors::clear();
        }
    });
    result
}

/// `-m name`, and a directory or zip file as a program (`set_argv0` is false for these).
pub fn run_module(name: &[u8], set_argv0: bool) -> PyResult<()> {
    let name = crate::codecs::fs_decode(name);
    audit::audit("cpython.run_module", &[&name])?;
    let runpy = import::import_module("runpy")?;
    let function = object::get_attr_str(&runpy, "_run_module_as_main")?;
    call::call_args(&function, &[&name, types::bool_object(set_argv0)]).map(drop)
}

/// `PYTHONSTARTUP`, before the first prompt. An `Err` is a SystemExit.
pub fn run_startup() -> PyResult<()> {
    let Some(path) = environment_variable("PYTHONSTARTUP") else { return Ok(()) };
    let name = crate::codecs::fs_decode(&path);
    audit::audit("cpython.run_startup", &[&name])?;
    let file = std::path::PathBuf::from(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(&path));
    let outcome = match std::fs::read(file) {
        Ok(data) => run_file(&path, &data),
        Err(error) => {
            exceptions::report::write_stderr("Could not open PYTHONSTARTUP\n");
            Err(exceptions::os_error::raise_os_error(error.raw_os_error().unwrap_or(0), Some(&name), None))
        }
    };
    match outcome {
        Ok(()) => Ok(()),
        Err(_) => lifecycle::print_exception(),
    }
}

/// `sys.__interactivehook__()`, if there is one. An `Err` is a SystemExit.
pub fn run_interactive_hook() -> PyResult<()> {
    let Some(hook) = state::sys()?.dict().get("__interactivehook__") else { return Ok(()) };
    let called = audit::audit("cpython.run_interactivehook", &[&hook]).and_then(|()| call::call0(&hook));
    if called.is_err() {
        exceptions::report::write_stderr("Failed calling sys.__interactivehook__\n");
        lifecycle::print_exception()?;
    }
    Ok(())
}

/// The prompt with colours and editing of several lines, the library's `_pyrepl`.
pub fn run_pyrepl(pythonstartup: bool) -> PyResult<()> {
    let report = |words: &str, raised| {
        exceptions::report::write_stderr(words);
        raised
    };
    let module = import::import_module("_pyrepl.main").map_err(|raised| report("Could not import _pyrepl.main\n", raised))?;
    let module = match import::get_module(&Str::new("_pyrepl.main"))? {
        Some(found) => found,
        None => module,
    };
    let console = object::get_attr_str(&module, "interactive_console").map_err(|raised| report("Could not access _pyrepl.main.interactive_console\n", raised))?;
    let keywords = Dict::new();
    keywords.set("pythonstartup", types::bool_object(pythonstartup))?;
    let main = bootstrap::add_module("__main__")?;
    keywords.set("mainmodule", &main)?;
    call::call(&console, &types::Tuple::new(&[]), Some(&keywords)).map(drop)
}

/// A variable that is set and not empty, as the environment has it now (programs change it).
pub fn environment_variable(name: &str) -> Option<Vec<u8>> {
    if state::get().config.borrow().ignore_environment {
        return None;
    }
    std::env::var_os(name).filter(|value| !value.is_empty()).map(std::os::unix::ffi::OsStringExt::into_vec)
}

/// Puts a directory in front of `sys.path` (the program's own, or '').
pub fn prepend_path(path: &[u8]) -> PyResult<()> {
    state::get().config.borrow_mut().sys_path_0 = Some(path.to_vec());
    let sys = state::sys()?;
    let list = object::get_attr_str(&sys, "path")?;
    call::call_method(&list, crate::intern!("insert"), &[&Int::from_i64(0), &crate::codecs::fs_decode(path)]).map(drop)
}

/// Whether a path can be imported from: a path hook answers for it. Such a program is run through its `__main__`.
pub fn path_has_importer(path: &[u8]) -> PyResult<bool> {
    let name = crate::codecs::fs_decode(path);
    let sys = state::sys()?;
    let cache = object::get_attr_str(&sys, "path_importer_cache")?;
    let hooks = object::get_attr_str(&sys, "path_hooks")?;
    let hooks = crate::protocol::sequence::to_list(&hooks)?;
    for i in 0..hooks.len() {
        let Some(hook) = hooks.get(i) else { break };
        match call::call1(&hook, &name) {
            Ok(importer) => {
                if let Some(cache) = cache.downcast::<Dict>() {
                    cache.set_item(&name, &importer)?;
                }
                return Ok(!importer.is_none());
            }
            Err(_) if errors::matches(exceptions::ImportError()) => errors::clear(),
            Err(raised) => return Err(raised),
        }
    }
    Ok(false)
}
