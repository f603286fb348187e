//! `pylifecycle.h` and `pythonrun.h`: what can be asked of, and run in, the interpreter that the process is.
//!
//! Starting and ending it is `taipan/src/embedding`.

use abi::{PyCompilerFlags, c_void};
use runtime::compile::{self, Mode};
use runtime::errors::{self, PyResult};
use runtime::exceptions::base::BaseException;
use runtime::object::{Object, Owned};
use runtime::protocol::object as proto;
use runtime::types::{self, Code, Dict, Int, Str};
use runtime::{err, interactive, intern, lifecycle, state};
use std::ffi::{CStr, c_char, c_int};
use std::ptr;

const PY_SINGLE_INPUT: c_int = 256;
const PY_FILE_INPUT: c_int = 257;
const PY_EVAL_INPUT: c_int = 258;

/// `PyErr_Print` of a SystemExit ends the process.
pub fn exit_for(exc: Owned<BaseException>) {
    errors::restore(exc);
    let status = lifecycle::exit_status_of_exception();
    end(status);
}

fn end(status: c_int) -> ! {
    let status = lifecycle::finalize(status);
    std::process::exit(status)
}

fn mode(start: c_int) -> PyResult<Mode> {
    match start {
        PY_SINGLE_INPUT => Ok(Mode::Single),
        PY_FILE_INPUT => Ok(Mode::Exec),
        PY_EVAL_INPUT => Ok(Mode::Eval),
        _ => Err(err!(ValueError, "invalid start argument")),
    }
}

unsafe fn flag_bits(flags: *const PyCompilerFlags) -> u32 {
    // SAFETY: NULL or the caller's flags.
    unsafe { flags.as_ref() }.map_or(0, |flags| flags.cf_flags.get() as u32)
}

fn compiled(source: &[u8], filename: &Str, start: c_int, flags: u32, optimize: c_int) -> PyResult<Owned<Code>> {
    compile::compile_source(source, filename, mode(start)?, flags, optimize)
}

/// What `Py_CompileString` gives: code, or a tree for PyCF_ONLY_AST.
fn compiled_or_tree(source: &CStr, filename: &Str, start: c_int, flags: u32, optimize: c_int) -> PyResult {
    const ONLY_AST: u32 = 0x400;
    // The bits of `from __future__ import ...`.
    const FUTURES: u32 = 0x1fe_0000;
    if flags & ONLY_AST == 0 {
        return Ok(compiled(source.to_bytes(), filename, start, flags, optimize)?.into_object());
    }
    let name = match mode(start)? {
        Mode::Single => "single",
        Mode::Eval => "eval",
        _ => "exec",
    };
    let compile = proto::get_attr_str(&*state::builtins()?, "compile")?;
    let number = |n: i64| Int::from_i64(n).into_object();
    let flags = number((flags & (ONLY_AST | 0x1000 | 0x2000 | FUTURES)) as i64);
    let args: [&Object; 6] = [&*types::Bytes::new(source.to_bytes()), filename, &*Str::new(name), &flags, types::true_(), &*number(optimize as i64)];
    runtime::protocol::call::call_args(&compile, &args)
}

/// A file's name as the system gives it.
fn file_name(name: &CStr) -> Owned<Str> {
    runtime::codecs::fs_decode(name.to_bytes())
}

fn run(source: &[u8], filename: &Str, start: c_int, globals: &Object, locals: Option<&Object>, flags: u32) -> PyResult {
    let code = compiled(source, filename, start, flags, -1)?;
    let Some(dict) = globals.downcast::<Dict>() else { return Err(err!(SystemError, "globals must be a real dict; try eval(code, {{}}, mapping)")) };
    crate::code::eval_code(&code, dict, locals.unwrap_or(globals))
}

/// Runs source in `__main__`; 0, or -1 after the exception was printed.
fn run_simple(source: &[u8], filename: &Str, flags: u32) -> c_int {
    printed((|| {
        let main = runtime::pythonrun::main_dict()?;
        run(source, filename, PY_FILE_INPUT, &main, Some(&main), flags)
    })())
}

fn printed(result: PyResult) -> c_int {
    match result {
        Ok(_) => 0,
        Err(_) => {
            // SAFETY: the GIL is held, an exception is set.
            unsafe { crate::pyerrors::PyErr_Print() };
            -1
        }
    }
}

/// `PyRun_SimpleFileExFlags`: `__main__` has `__file__` meanwhile, and the loader of a file that is no terminal.
unsafe fn run_simple_file(file: *mut libc::FILE, name: Option<&CStr>, close: bool, flags: u32) -> c_int {
    // SAFETY: the caller's stream.
    let source = unsafe { read_stream(file, close) };
    let filename = file_name(name.unwrap_or(c"???"));
    printed((|| {
        let main = runtime::pythonrun::main_dict()?;
        let added = !main.contains(intern!("__file__"))?;
        if added {
            main.set_item(intern!("__file__"), &filename)?;
            main.set_item(intern!("__cached__"), types::none())?;
        }
        let result = (|| {
            if name.is_none_or(|name| name.to_bytes() != b"<stdin>") {
                let external = runtime::import::import_module("importlib._bootstrap_external")?;
                let loader = proto::get_attr_str(&external, "SourceFileLoader")?;
                let loader = runtime::protocol::call::call_args(&loader, &[&*Str::new("__main__"), &*filename])?;
                main.set_item(intern!("__loader__"), &loader)?;
            }
            run(&source, &filename, PY_FILE_INPUT, &main, Some(&main), flags)
        })();
        lifecycle::flush_streams();
        if added {
            errors::preserve(|| {
                for name in [intern!("__file__"), intern!("__cached__")] {
                    if main.pop(name).is_err() {
                        errors::clear();
                    }
                }
            });
        }
        result
    })())
}

unsafe fn run_any_file(file: *mut libc::FILE, name: Option<&CStr>, close: bool, flags: u32) -> c_int {
    // SAFETY: the caller's stream.
    unsafe {
        if Py_FdIsInteractive(file, name.map_or(ptr::null(), CStr::as_ptr)) == 0 {
            return run_simple_file(file, name, close, flags);
        }
        let status = interactive_loop(file, &shown(name));
        if close {
            libc::fclose(file);
        }
        status
    }
}

unsafe fn read_stream(file: *mut libc::FILE, close: bool) -> Vec<u8> {
    let mut data = Vec::new();
    let mut chunk = [0u8; 8192];
    loop {
        // SAFETY: the caller's stream.
        let n = unsafe { libc::fread(chunk.as_mut_ptr().cast(), 1, chunk.len(), file) };
        if n == 0 {
            break;
        }
        data.extend_from_slice(&chunk[..n]);
    }
    if close {
        // SAFETY: as above.
        unsafe { libc::fclose(file) };
    }
    data
}

fn shown(name: Option<&CStr>) -> String {
    name.map_or("???".to_string(), |name| name.to_string_lossy().into_owned())
}

/// A `wchar_t` copy of a configured path that lives as long as the process.
fn wide(path: &[u8]) -> *mut i32 {
    let mut out: Vec<i32> = String::from_utf8_lossy(path).chars().map(|c| c as i32).collect();
    out.push(0);
    Box::leak(out.into_boxed_slice()).as_mut_ptr()
}

/// A text of `sys` that lives as long as the process.
fn leaked(s: String) -> *const c_char {
    std::ffi::CString::new(s).map_or(c"".as_ptr(), |s| s.into_raw())
}

fn sys_text(name: &'static str) -> String {
    let found = state::sys().and_then(|sys| proto::get_attr_str(&sys, name)).map(|found| found.downcast::<Str>().map(|s| s.to_string()));
    match found {
        Ok(Some(found)) => found,
        _ => {
            errors::clear();
            String::new()
        }
    }
}

c_api! {
    // ---- facts
    fn PyOS_getsig(signal: c_int) -> *mut c_void {
        let mut action: libc::sigaction = std::mem::zeroed();
        if libc::sigaction(signal, ptr::null(), &mut action) != 0 { libc::SIG_ERR as *mut c_void } else { action.sa_sigaction as *mut c_void }
    }
    fn PyOS_setsig(signal: c_int, handler: *mut c_void) -> *mut c_void {
        let (mut action, mut old): (libc::sigaction, libc::sigaction) = (std::mem::zeroed(), std::mem::zeroed());
        action.sa_sigaction = handler as usize;
        action.sa_flags = libc::SA_ONSTACK;
        libc::sigemptyset(&mut action.sa_mask);
        if libc::sigaction(signal, &action, &mut old) != 0 { libc::SIG_ERR as *mut c_void } else { old.sa_sigaction as *mut c_void }
    }
    fn Py_GetVersion() -> *const c_char {
        static VERSION: std::sync::OnceLock<usize> = std::sync::OnceLock::new();
        *VERSION.get_or_init(|| leaked(sys_text("version")) as usize) as *const c_char
    }
    fn Py_GetPlatform() -> *const c_char { c"linux".as_ptr() }
    fn Py_GetCopyright() -> *const c_char {
        static COPYRIGHT: std::sync::OnceLock<usize> = std::sync::OnceLock::new();
        *COPYRIGHT.get_or_init(|| leaked(sys_text("copyright")) as usize) as *const c_char
    }
    fn Py_GetCompiler() -> *const c_char { c"[Rust]".as_ptr() }
    fn Py_GetBuildInfo() -> *const c_char { c"main".as_ptr() }
    fn Py_GetPrefix() -> *mut i32 { wide(&state::get().config.borrow().prefix) }
    fn Py_GetExecPrefix() -> *mut i32 { wide(&state::get().config.borrow().exec_prefix) }
    fn Py_GetProgramFullPath() -> *mut i32 { wide(&state::get().config.borrow().executable) }
    fn Py_GetProgramName() -> *mut i32 { wide(&state::get().config.borrow().executable) }
    fn Py_GetPath() -> *mut i32 { wide(&state::get().config.borrow().module_search_paths.join(&b':')) }
    fn Py_GetPythonHome() -> *mut i32 { ptr::null_mut() }
    // ---- end
    fn Py_AtExit(function: Option<abi::atexit_callbackfunc>) -> c_int {
        match function {
            Some(function) => {
                // At the very end of the process, in reverse order.
                unsafe extern "C" {
                    fn atexit(function: unsafe extern "C" fn()) -> c_int;
                }
                atexit(function)
            }
            None => -1,
        }
    }
    fn Py_Exit(status: c_int) { end(status) }
    fn PyUnstable_AtExit(_interp: *mut c_void, function: Option<unsafe extern "C" fn(*mut c_void)>, data: *mut c_void) -> PyResult<crate::macros::Done> {
        let Some(function) = function else { return Err(errors::bad_internal_call()) };
        let register = proto::get_attr_str(&*runtime::import::import_module("atexit")?, "register")?;
        let callback = crate::callback::make(&crate::callback::AT_EXIT, function as *mut c_void, data)?;
        runtime::protocol::call::call1(&register, &callback)?;
        Ok(crate::macros::Done)
    }
    fn Py_FatalError(message: Option<&CStr>) { fatal(None, message) }
    fn _Py_FatalErrorFunc(function: Option<&CStr>, message: Option<&CStr>) { fatal(function, message) }
    fn _PyObject_AssertFailed(o: Option<&Object>, expr: Option<&CStr>, message: Option<&CStr>, file: Option<&CStr>, line: c_int, function: Option<&CStr>) {
        let _ = o;
        let part = |s: Option<&CStr>| s.map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        runtime::exceptions::report::write_raw_stderr(&format!("{}:{}: {}: Assertion \"{}\" failed: {}\n", part(file), line, part(function), part(expr), part(message)));
        fatal(function, Some(c"_PyObject_AssertFailed"))
    }

    // ---- running
    fn Py_CompileString(source: &CStr, filename: &CStr, start: c_int) -> PyResult { compiled_or_tree(source, &file_name(filename), start, 0, -1) }
    fn Py_CompileStringFlags(source: &CStr, filename: &CStr, start: c_int, flags: *const PyCompilerFlags) -> PyResult {
        compiled_or_tree(source, &file_name(filename), start, flag_bits(flags), -1)
    }
    fn Py_CompileStringExFlags(source: &CStr, filename: &CStr, start: c_int, flags: *const PyCompilerFlags, optimize: c_int) -> PyResult {
        compiled_or_tree(source, &file_name(filename), start, flag_bits(flags), optimize)
    }
    fn Py_CompileStringObject(source: &CStr, filename: &Str, start: c_int, flags: *const PyCompilerFlags, optimize: c_int) -> PyResult {
        compiled_or_tree(source, filename, start, flag_bits(flags), optimize)
    }
    fn PyRun_String(source: &CStr, start: c_int, globals: &Object, locals: Option<&Object>) -> PyResult { run(source.to_bytes(), &Str::new("<string>"), start, globals, locals, 0) }
    fn PyRun_StringFlags(source: &CStr, start: c_int, globals: &Object, locals: Option<&Object>, flags: *const PyCompilerFlags) -> PyResult {
        run(source.to_bytes(), &Str::new("<string>"), start, globals, locals, flag_bits(flags))
    }
    fn PyRun_SimpleString(source: &CStr) -> c_int { run_simple(source.to_bytes(), &Str::new("<string>"), 0) }
    fn PyRun_SimpleStringFlags(source: &CStr, flags: *const PyCompilerFlags) -> c_int { run_simple(source.to_bytes(), &Str::new("<string>"), flag_bits(flags)) }
    fn PyRun_File(file: *mut libc::FILE, name: &CStr, start: c_int, globals: &Object, locals: Option<&Object>) -> PyResult {
        run(&read_stream(file, false), &file_name(name), start, globals, locals, 0)
    }
    fn PyRun_FileEx(file: *mut libc::FILE, name: &CStr, start: c_int, globals: &Object, locals: Option<&Object>, close: c_int) -> PyResult {
        run(&read_stream(file, close != 0), &file_name(name), start, globals, locals, 0)
    }
    fn PyRun_FileFlags(file: *mut libc::FILE, name: &CStr, start: c_int, globals: &Object, locals: Option<&Object>, flags: *const PyCompilerFlags) -> PyResult {
        run(&read_stream(file, false), &file_name(name), start, globals, locals, flag_bits(flags))
    }
    fn PyRun_FileExFlags(file: *mut libc::FILE, name: &CStr, start: c_int, globals: &Object, locals: Option<&Object>, close: c_int, flags: *const PyCompilerFlags) -> PyResult {
        run(&read_stream(file, close != 0), &file_name(name), start, globals, locals, flag_bits(flags))
    }
    fn PyRun_SimpleFile(file: *mut libc::FILE, name: Option<&CStr>) -> c_int { run_simple_file(file, name, false, 0) }
    fn PyRun_SimpleFileEx(file: *mut libc::FILE, name: Option<&CStr>, close: c_int) -> c_int { run_simple_file(file, name, close != 0, 0) }
    fn PyRun_SimpleFileExFlags(file: *mut libc::FILE, name: Option<&CStr>, close: c_int, flags: *const PyCompilerFlags) -> c_int { run_simple_file(file, name, close != 0, flag_bits(flags)) }
    fn PyRun_AnyFile(file: *mut libc::FILE, name: Option<&CStr>) -> c_int { run_any_file(file, name, false, 0) }
    fn PyRun_AnyFileEx(file: *mut libc::FILE, name: Option<&CStr>, close: c_int) -> c_int { run_any_file(file, name, close != 0, 0) }
    fn PyRun_AnyFileFlags(file: *mut libc::FILE, name: Option<&CStr>, flags: *const PyCompilerFlags) -> c_int { run_any_file(file, name, false, flag_bits(flags)) }
    fn PyRun_AnyFileExFlags(file: *mut libc::FILE, name: Option<&CStr>, close: c_int, flags: *const PyCompilerFlags) -> c_int { run_any_file(file, name, close != 0, flag_bits(flags)) }
    fn PyEval_MergeCompilerFlags(flags: *mut PyCompilerFlags) -> c_int {
        let frame = runtime::interp::frame::current();
        if !frame.is_null() {
            let inherited = (*frame).code().flags() & 0x1fe_0000 & !abi::CO_NO_MONITORING_EVENTS;
            (*flags).cf_flags.set((*flags).cf_flags.get() | inherited);
        }
        ((*flags).cf_flags.get() != 0) as c_int
    }
    fn PyCompile_OpcodeStackEffect(opcode: c_int, arg: c_int) -> c_int { stack_effect(opcode, arg, -1) }
    fn PyCompile_OpcodeStackEffectWithJump(opcode: c_int, arg: c_int, jump: c_int) -> c_int { stack_effect(opcode, arg, jump) }
    fn PyRun_InteractiveOneObject(file: *mut libc::FILE, name: &Object, _flags: *mut PyCompilerFlags) -> c_int {
        match name.downcast::<Str>() {
            Some(name) => interactive_one_shown(file, &name.to_string_lossy()),
            None => {
                err!(TypeError, "filename must be str, not {}", name.type_name());
                crate::pyerrors::PyErr_Print();
                -1
            }
        }
    }
    fn PyRun_InteractiveOne(file: *mut libc::FILE, name: Option<&CStr>) -> c_int { interactive_one_shown(file, &shown(name)) }
    fn PyRun_InteractiveOneFlags(file: *mut libc::FILE, name: Option<&CStr>, _flags: *mut PyCompilerFlags) -> c_int { interactive_one_shown(file, &shown(name)) }
    fn PyRun_InteractiveLoop(file: *mut libc::FILE, name: Option<&CStr>) -> c_int { interactive_loop(file, &shown(name)) }
    fn PyRun_InteractiveLoopFlags(file: *mut libc::FILE, name: Option<&CStr>, _flags: *mut PyCompilerFlags) -> c_int { interactive_loop(file, &shown(name)) }
    fn Py_FdIsInteractive(file: *mut libc::FILE, name: Option<&CStr>) -> bool {
        if libc::isatty(libc::fileno(file)) != 0 {
            return true;
        }
        state::get().config.borrow().interactive && name.is_none_or(|name| matches!(name.to_bytes(), b"<stdin>" | b"???"))
    }
    fn PySignal_SetWakeupFd(fd: c_int) -> PyResult<c_int> {
        let set = proto::get_attr_str(&*runtime::import::import_module("_signal")?, "set_wakeup_fd")?;
        runtime::protocol::number::as_i32(&*runtime::protocol::call::call1(&set, &*Int::from_i64(fd as i64))?)
    }
}

/// C's standard input is read as the prompt reads it; another stream as it is.
fn input(file: *mut libc::FILE, filename: &str) -> interactive::Input<'_> {
    // SAFETY: the caller's stream.
    interactive::Input { filename, stream: (unsafe { libc::fileno(file) } != 0).then_some(file) }
}

/// 0, 11 (E_EOF) at the end of input, or an exception.
fn interactive_one(file: *mut libc::FILE, filename: &str) -> PyResult<c_int> {
    Ok(if interactive::run_one(&input(file, filename), &mut 0)? { 0 } else { 11 })
}

fn interactive_one_shown(file: *mut libc::FILE, filename: &str) -> c_int {
    interactive_one(file, filename).unwrap_or_else(|_| {
        // SAFETY: the GIL is held, an exception is set.
        unsafe { crate::pyerrors::PyErr_Print() };
        -1
    })
}

fn interactive_loop(file: *mut libc::FILE, filename: &str) -> c_int {
    match interactive::run_loop_on(&input(file, filename)) {
        Ok(()) => 0,
        Err(_) => {
            // SAFETY: as above; it is a SystemExit, which this ends the process with.
            unsafe { crate::pyerrors::PyErr_Print() };
            -1
        }
    }
}

/// `_opcode.stack_effect`, with the error value that C code knows.
fn stack_effect(opcode: c_int, arg: c_int, jump: c_int) -> c_int {
    let effect = || -> PyResult<c_int> {
        let function = proto::get_attr_str(&*runtime::import::import_module("_opcode")?, "stack_effect")?;
        let args = types::Tuple::new(&[&*Int::from_i64(opcode as i64), &*Int::from_i64(arg as i64)]);
        let kwargs = Dict::new();
        let jump = match jump {
            -1 => types::none(),
            jump => types::bool_object(jump != 0),
        };
        kwargs.set_item(intern!("jump"), jump)?;
        runtime::protocol::number::as_i32(&*runtime::protocol::call::call(&function, &args, Some(&kwargs))?)
    };
    effect().unwrap_or_else(|_| {
        errors::clear();
        c_int::MAX
    })
}

fn fatal(function: Option<&CStr>, message: Option<&CStr>) {
    let function = function.map(|f| format!("{}: ", f.to_string_lossy())).unwrap_or_default();
    let message = message.map(|m| m.to_string_lossy().into_owned()).unwrap_or("<message not set>".to_string());
    runtime::exceptions::report::write_raw_stderr(&format!("Fatal Python error: {function}{message}\n"));
    std::process::abort()
}
