//! From the command line to a running program, and to the status that the process ends with.

use std::borrow::Cow;
use crate::options::{self, Options, Program};
use crate::embedded;
use runtime::errors::PyResult;
use runtime::import::native;
use runtime::lifecycle;
use std::io::Read;
use std::os::unix::ffi::{OsStrExt, OsStringExt};

/// Runs the program that the command line names.
pub fn main() -> i32 {
    let arguments: Vec<Vec<u8>> = std::env::args_os().map(|argument| argument.into_vec()).collect();
    let options = match options::parse(arguments) {
        Ok(options) => options,
        Err(error) => {
            eprintln!("{}\nusage: taipan [option] ... [-c cmd | -m mod | file | -] [arg] ...\nTry `taipan -h' for more information.", error.0);
            return 2;
        }
    };
    match &options.program {
        Program::Help(text) => {
            print!("{text}");
            return 0;
        }
        Program::Version { long } => {
            if *long {
                println!("Python {}", runtime::modules::sys::info::version());
            } else {
                let (major, minor, micro) = runtime::modules::sys::info::VERSION;
                println!("Python {major}.{minor}.{micro}");
            }
            return 0;
        }
        Program::Emit { stage, file } => return crate::emit::emit(stage, file),
        _ => {}
    }
    capi::link();
    embedded::install();
    native::register(stdlib_core::MODULES);
    native::register(stdlib_os::MODULES);
    native::register(stdlib_data::MODULES);
    let Options { program, config, skip_first_line } = options;
    let safe_path = config.safe_path;
    if lifecycle::initialize(config).is_err() {
        eprintln!("Fatal Python error: initialization failed");
        return lifecycle::exit_status_of_exception().max(1);
    }
    let status = match run(&program, safe_path, skip_first_line) {
        Ok(status) => status,
        Err(_) => lifecycle::exit_status_of_exception(),
    };
    let status = lifecycle::finalize(status);
    if status == 128 + libc::SIGINT { end_by_interrupt(status) } else { status }
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

/// The source of `-c` without the indentation that all its lines have; lines of blanks only become empty.
fn dedent(source: &[u8]) -> Cow<'_, [u8]> {
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
    let Some(width) = common.map(<[u8]>::len).filter(|&width| width > 0) else { return Cow::Borrowed(source) };
    let mut out = Vec::with_capacity(source.len());
    for (i, line) in source.split(|&c| c == b'\n').enumerate() {
        if i > 0 {
            out.push(b'\n');
        }
        if !line.iter().all(|c| blank(c)) {
            out.extend_from_slice(&line[width..]);
        }
    }
    Cow::Owned(out)
}

fn run(program: &Program, safe_path: bool, skip_first_line: bool) -> PyResult<i32> {
    match program {
        Program::Command(source) => {
            if !safe_path {
                lifecycle::prepend_path(b"")?;
            }
            lifecycle::run_string(&dedent(source))?;
        }
        Program::Module(name) => {
            if !safe_path {
                let here = std::env::current_dir().map(|path| path.into_os_string().into_vec()).unwrap_or_default();
                lifecycle::prepend_path(&here)?;
            }
            lifecycle::run_module(name, true)?;
        }
        Program::Stdin => {
            if !safe_path {
                lifecycle::prepend_path(b"")?;
            }
            // SAFETY: a plain query.
            if unsafe { libc::isatty(0) } == 1 {
                lifecycle::run_module(b"code", false)?;
                return Ok(0);
            }
            let mut source = Vec::new();
            let _ = std::io::stdin().read_to_end(&mut source);
            lifecycle::run_stdin(&source)?;
        }
        Program::File(path) => return run_path(path, safe_path, skip_first_line),
        Program::Emit { .. } | Program::Version { .. } | Program::Help(_) => {}
    }
    Ok(0)
}

fn run_path(path: &[u8], safe_path: bool, skip_first_line: bool) -> PyResult<i32> {
    let file = std::path::Path::new(std::ffi::OsStr::from_bytes(path));
    let is_directory = file.is_dir();
    if is_directory || is_archive(file) {
        if lifecycle::path_has_importer(path)? {
            lifecycle::prepend_path(path)?;
            lifecycle::run_module(b"__main__", false)?;
            return Ok(0);
        }
        if is_directory {
            eprintln!("{}: '{}' is a directory, cannot continue", shown_program(), file.display());
            return Ok(1);
        }
    }
    let mut data = match std::fs::read(file) {
        Ok(data) => data,
        Err(error) => {
            let number = error.raw_os_error().unwrap_or(0);
            let words = error.to_string();
            let words = words.split(" (os error").next().unwrap_or("");
            eprintln!("{}: can't open file '{}': [Errno {number}] {words}", shown_program(), std::path::absolute(file).unwrap_or_default().display());
            return Ok(2);
        }
    };
    if skip_first_line {
        let end = data.iter().position(|&byte| byte == b'\n').unwrap_or(data.len());
        data.drain(..end);
    }
    if !safe_path {
        let real = std::fs::canonicalize(file).unwrap_or_else(|_| file.to_path_buf());
        let directory = real.parent().map(|directory| directory.as_os_str().as_bytes().to_vec()).unwrap_or_default();
        lifecycle::prepend_path(&directory)?;
    }
    let absolute = std::path::absolute(file).map_or_else(|_| path.to_vec(), |path| path.into_os_string().into_vec());
    lifecycle::run_file(&absolute, &data)?;
    Ok(0)
}

fn shown_program() -> String {
    std::env::args_os().next().map(|name| std::path::absolute(name).unwrap_or_default().display().to_string()).unwrap_or_default()
}

/// Whether a file ends as zip archives do.
fn is_archive(file: &std::path::Path) -> bool {
    use std::io::{Seek, SeekFrom};
    let Ok(mut handle) = std::fs::File::open(file) else { return false };
    let Ok(length) = handle.metadata().map(|data| data.len()) else { return false };
    let tail = length.min(22 + 0xffff);
    let mut bytes = Vec::new();
    let read = handle.seek(SeekFrom::Start(length - tail)).and_then(|_| handle.take(tail).read_to_end(&mut bytes));
    read.is_ok() && bytes.windows(4).any(|window| window == b"PK\x05\x06")
}
