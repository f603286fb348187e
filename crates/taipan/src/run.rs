//! From the command line to a running program, and to the status that the process ends with.

use crate::embedded;
use crate::options::{self, Options, Program, Refusal};
use runtime::errors::{self, PyResult};
use runtime::import::native;
use runtime::{interactive, lifecycle, pythonrun, state};
use std::io::Write;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::Path;

/// Runs the program that the process's command line names.
pub fn main() -> i32 {
    main_with(std::env::args_os().map(|argument| argument.into_vec()).collect())
}

/// Runs the program that a command line names.
pub fn main_with(arguments: Vec<Vec<u8>>) -> i32 {
    let name = arguments.first().map_or_else(|| "taipan".into(), |name| String::from_utf8_lossy(name).into_owned());
    let options = match options::parse(arguments) {
        Ok(options) => options,
        Err(refusal) => return refuse(refusal, &name),
    };
    match &options.program {
        Program::Help(which) => return print(&options::help(*which, &name)),
        Program::Version { long } => return print(&version_text(*long)),
        Program::Emit { stage, file } => return crate::emit::emit(stage, file),
        _ => {}
    }
    register();
    let Options { program, mut config, skip_first_line } = options;
    match &program {
        Program::Command(source) => config.run_command = Some(source.clone()),
        Program::Module(module) => config.run_module = Some(module.clone()),
        Program::File(path) => config.run_filename = Some(path.clone()),
        _ => {}
    }
    if stdin_is_directory() {
        return report_start("init_sys_streams: <stdin> is a directory, cannot continue", "core initialized");
    }
    if let Err(failure) = lifecycle::initialize(config) {
        return report_start(failure.message, failure.state);
    }
    run_to_end(&program, skip_first_line)
}

/// Runs the program and ends the interpreter.
pub(crate) fn run_to_end(program: &Program, skip_first_line: bool) -> i32 {
    let status = lifecycle::finalize(run(program, skip_first_line));
    if status == 128 + libc::SIGINT || interactive::was_interrupted() { end_by_interrupt(status) } else { status }
}

/// Hands the library and the native modules to the runtime.
pub(crate) fn register() {
    capi::link();
    embedded::install();
    native::register(stdlib_core::MODULES);
    native::register(stdlib_os::MODULES);
    native::register(stdlib_data::MODULES);
    native::register(stdlib_ssl::MODULES);
    native::register(stdlib_sqlite::MODULES);
}

/// What `--version` prints.
pub(crate) fn version_text(long: bool) -> String {
    let (major, minor, micro) = runtime::modules::sys::info::VERSION;
    if long { format!("Python {}\n", runtime::modules::sys::info::version()) } else { format!("Python {major}.{minor}.{micro}\n") }
}

fn print(text: &str) -> i32 {
    let mut out = std::io::stdout();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
    0
}

fn refuse(refusal: Refusal, name: &str) -> i32 {
    match refusal {
        Refusal::Usage(message) => {
            eprintln!("{message}\nusage: {name} [option] ... [-c cmd | -m mod | file | -] [arg] ...\nTry `python -h' for more information.");
            2
        }
        Refusal::Fatal { function, message, state } => {
            let function = function.map_or(String::new(), |function| format!("{function}: "));
            eprintln!("Fatal Python error: {function}{message}\nPython runtime state: {state}\n");
            1
        }
    }
}

/// Start-up failed: the fatal error, with the exception if there is one.
fn report_start(message: &str, state: &str) -> i32 {
    eprintln!("Fatal Python error: {message}\nPython runtime state: {state}");
    runtime::modules::faulthandler::report_start_failure();
    1
}

/// `< DIRECTORY` would fail at the first read, in the middle of things.
fn stdin_is_directory() -> bool {
    std::fs::metadata("/proc/self/fd/0").is_ok_and(|data| data.is_dir())
}

/// A program that ended by Ctrl-C ends as by the signal, so that shells stop too.
fn end_by_interrupt(status: i32) -> i32 {
    // SAFETY: resets the handler and sends the signal to the own process.
    unsafe {
        libc::signal(libc::SIGINT, libc::SIG_DFL);
        libc::kill(libc::getpid(), libc::SIGINT);
    }
    status
}

/// The program, then the prompt if the program is to be inspected. SystemExit ends both.
fn run(program: &Program, skip_first_line: bool) -> i32 {
    let status = match run_program(program, skip_first_line) {
        Ok(status) => status,
        Err(_) => match end_or_report() {
            Ok(status) => status,
            Err(status) => return status,
        },
    };
    match inspect() {
        Ok(None) => status,
        Ok(Some(())) => 0,
        Err(_) => end_or_report().unwrap_or_else(|status| status),
    }
}

/// `Err`: the exception ends the process with that status; `Ok`: it was shown, and this would be the status.
fn end_or_report() -> Result<i32, i32> {
    let ends = errors::take().is_some_and(|exc| {
        let ends = interactive::is_exit(&exc);
        errors::restore(exc);
        ends
    });
    let status = lifecycle::exit_status_of_exception();
    if ends { Err(status) } else { Ok(status) }
}

fn is_terminal(fd: i32) -> bool {
    // SAFETY: a plain query.
    unsafe { libc::isatty(fd) == 1 }
}

fn stdin_is_interactive() -> bool {
    is_terminal(0) || state::get().config.borrow().interactive
}

/// Standard input is a terminal that nobody asked to treat plainly.
fn wants_pyrepl() -> bool {
    is_terminal(0) && pythonrun::environment_variable("PYTHON_BASIC_REPL").is_none()
}

fn run_program(program: &Program, skip_first_line: bool) -> PyResult<i32> {
    let (safe_path, isolated, inspect) = {
        let config = state::get().config.borrow();
        (config.safe_path, config.isolated, config.inspect)
    };
    let archive = match program {
        Program::File(path) => is_container(path) && pythonrun::path_has_importer(path)?,
        _ => false,
    };
    let runs_code = !matches!(program, Program::Stdin);
    if !isolated && (inspect || !runs_code) {
        import_line_editor();
    }
    if archive || !safe_path {
        pythonrun::prepend_path(&first_path(program, archive))?;
    }
    header(runs_code);
    match program {
        Program::Command(source) => pythonrun::run_command(source, |source| dedent(source))?,
        Program::Module(name) => pythonrun::run_module(name, true)?,
        Program::File(_) if archive => pythonrun::run_module(b"__main__", false)?,
        Program::File(path) => return run_file(path, skip_first_line),
        Program::Stdin => run_stdin()?,
        Program::Emit { .. } | Program::Version { .. } | Program::Help(_) => {}
    }
    Ok(0)
}

/// Before the program's directory is on `sys.path`: what is imported now must be the library's.
fn import_line_editor() {
    for name in ["readline", "rlcompleter"] {
        let _ = runtime::import::import_module(name);
        errors::clear();
    }
}

/// What stands first on `sys.path`.
fn first_path(program: &Program, archive: bool) -> Vec<u8> {
    match program {
        Program::File(path) if archive => path.clone(),
        Program::File(path) => {
            let path = Path::new(std::ffi::OsStr::from_bytes(path));
            let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
            real.parent().map(|directory| directory.as_os_str().as_bytes().to_vec()).unwrap_or_default()
        }
        Program::Module(_) => std::env::current_dir().map(|path| path.into_os_string().into_vec()).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// The banner of an interactive start.
fn header(runs_code: bool) {
    let (quiet, verbose, no_site) = {
        let config = state::get().config.borrow();
        (config.quiet, config.verbose > 0, config.no_site)
    };
    if quiet || (!verbose && (runs_code || !stdin_is_interactive())) {
        return;
    }
    eprintln!("Python {} on linux", runtime::modules::sys::info::version());
    if !no_site {
        eprintln!("Type \"help\", \"copyright\", \"credits\" or \"license\" for more information.");
    }
}

fn run_stdin() -> PyResult<()> {
    if stdin_is_interactive() {
        // From here on SystemExit ends the process.
        state::get().config.borrow_mut().inspect = false;
        pythonrun::run_startup()?;
        pythonrun::run_interactive_hook()?;
    }
    runtime::audit::audit("cpython.run_stdin", &[])?;
    if wants_pyrepl() { pythonrun::run_pyrepl(false) } else { pythonrun::run_stdin() }
}

/// The prompt after a program, where `-i` or `PYTHONINSPECT` (which the program may have set) ask for it; None where not.
fn inspect() -> PyResult<Option<()>> {
    let asked = state::get().config.borrow().inspect || pythonrun::environment_variable("PYTHONINSPECT").is_some();
    if !asked || !stdin_is_interactive() {
        return Ok(None);
    }
    state::get().config.borrow_mut().inspect = false;
    pythonrun::run_interactive_hook()?;
    if wants_pyrepl() { pythonrun::run_pyrepl(true)? } else { pythonrun::run_stdin()? }
    Ok(Some(()))
}

fn run_file(path: &[u8], skip_first_line: bool) -> PyResult<i32> {
    let file = Path::new(std::ffi::OsStr::from_bytes(path));
    let absolute = std::path::absolute(file).map_or_else(|_| path.to_vec(), |path| path.into_os_string().into_vec());
    let shown = runtime::codecs::fs_decode(&absolute);
    runtime::audit::audit("cpython.run_file", &[&shown])?;
    let program = state::get().config.borrow().program_name.as_deref().map(|name| String::from_utf8_lossy(name).into_owned()).unwrap_or_default();
    let quoted = runtime::protocol::object::repr(&shown)?;
    let mut data = match std::fs::read(file) {
        Ok(data) => data,
        Err(error) if error.raw_os_error() == Some(libc::EISDIR) => {
            eprintln!("{program}: {} is a directory, cannot continue", &*quoted);
            return Ok(1);
        }
        Err(error) => {
            let words = error.to_string();
            let words = words.split(" (os error").next().unwrap_or("");
            eprintln!("{program}: can't open file {}: [Errno {}] {words}", &*quoted, error.raw_os_error().unwrap_or(0));
            return Ok(2);
        }
    };
    if skip_first_line {
        let end = data.iter().position(|&byte| byte == b'\n').unwrap_or(data.len());
        data.drain(..end);
    }
    runtime::gil::check_signals()?;
    pythonrun::run_file(&absolute, &data)?;
    Ok(0)
}

/// The source of `-c` without the indentation that all its lines have; lines of blanks only become empty.
fn dedent(source: &[u8]) -> Vec<u8> {
    let blank = |c: &u8| matches!(c, b' ' | b'\t');
    let mut common: Option<&[u8]> = None;
    for line in source.split(|&c| c == b'\n') {
        let indent = &line[..line.iter().take_while(|c| blank(c)).count()];
        if indent.len() == line.len() {
            continue;
        }
        common = Some(match common {
            None => indent,
            Some(known) => &known[..known.iter().zip(indent).take_while(|(a, b)| a == b).count()],
        });
    }
    let Some(width) = common.map(<[u8]>::len).filter(|&width| width > 0) else { return source.to_vec() };
    let mut out = Vec::with_capacity(source.len());
    for (i, line) in source.split(|&c| c == b'\n').enumerate() {
        if i > 0 {
            out.push(b'\n');
        }
        if !line.iter().all(|c| blank(c)) {
            out.extend_from_slice(&line[width..]);
        }
    }
    out
}

/// A directory, or a file that ends as zip archives do: what modules may be imported from.
fn is_container(path: &[u8]) -> bool {
    use std::io::{Read, Seek, SeekFrom};
    let file = Path::new(std::ffi::OsStr::from_bytes(path));
    if file.is_dir() {
        return true;
    }
    // `archive.zip/folder`
    if !file.exists() {
        return file.ancestors().skip(1).any(Path::is_file);
    }
    // Opening a pipe or device would take from what it holds.
    let Ok(mut handle) = std::fs::metadata(file).and_then(|data| if data.is_file() { std::fs::File::open(file) } else { Err(std::io::ErrorKind::Other.into()) }) else {
        return false;
    };
    let Ok(length) = handle.metadata().map(|data| data.len()) else { return false };
    let tail = length.min(22 + 0xffff);
    let mut bytes = Vec::new();
    let read = handle.seek(SeekFrom::Start(length - tail)).and_then(|_| handle.take(tail).read_to_end(&mut bytes));
    read.is_ok() && bytes.windows(4).any(|window| window == b"PK\x05\x06")
}
