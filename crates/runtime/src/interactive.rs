//! The plain interactive prompt, and reading lines from the terminal (`PyOS_Readline`).
//!
//! A statement is read line by line until the parser finds it complete, then compiled in mode "single" and run in `__main__`. Standard
//! input has a buffer of its own here, as C's `stdin` is one: what a pipe holds already is out of reach of `sys.stdin`.

use crate::compile;
use crate::errors::{self, PyResult};
use crate::exceptions::{self, base::BaseException, report};
use crate::{lifecycle, pythonrun};
use crate::object::{Object, Owned};
use crate::protocol::{call, object};
use crate::state;
use crate::types::{self, Bytes, GilCell, Str};
use crate::{err, gil, intern};
use compiler::flags;
use macros::pymodule;
use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};

/// The prompt on standard input. An `Err` is a SystemExit.
pub fn run_loop() -> PyResult<()> {
    run_loop_on(&Input { filename: "<stdin>", stream: None })
}

/// Reads, runs and shows until the end of input (`PyRun_InteractiveLoop`). An `Err` is a SystemExit.
pub fn run_loop_on(input: &Input) -> PyResult<()> {
    let sys = state::sys()?;
    for (name, default) in [("ps1", ">>> "), ("ps2", "... ")] {
        if sys.dict().get(name).is_none() {
            sys.add(name, &*Str::new(default))?;
        }
    }
    let mut futures = 0;
    // A prompt that cannot even allocate does not try for ever.
    let mut memory_errors = 0;
    loop {
        match run_one(input, &mut futures) {
            Ok(true) => memory_errors = 0,
            Ok(false) => return Ok(()),
            Err(_) => {
                memory_errors = if errors::matches(exceptions::MemoryError()) { memory_errors + 1 } else { 0 };
                if errors::matches(exceptions::KeyboardInterrupt()) {
                    INTERRUPTED.store(true, Ordering::Relaxed);
                }
                lifecycle::print_exception()?;
                if memory_errors > 16 {
                    return Ok(());
                }
            }
        }
        lifecycle::flush_streams();
    }
}

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Whether Ctrl-C ended a statement of the plain prompt: the process will then end as by the signal.
pub fn was_interrupted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

/// Where a statement of a prompt comes from.
pub struct Input<'a> {
    pub filename: &'a str,
    /// A C stream in the place of the terminal.
    pub stream: Option<*mut libc::FILE>,
}

/// One statement; false at the end of input (`PyRun_InteractiveOneObject`).
pub fn run_one(input: &Input, futures: &mut u32) -> PyResult<bool> {
    let filename = Str::new(input.filename);
    let (first, second) = (prompt("ps1"), prompt("ps2"));
    let mut lines = Lines { first, second, filename: filename.clone(), source: Vec::new(), ended: false, stream: input.stream };
    let compiled = compile::compile_interactive(&filename, flags::PyCF_IGNORE_COOKIE | *futures, &mut |continued| lines.next(continued));
    let source = lines.source;
    let code = match compiled {
        Ok(Some(code)) => code,
        Ok(None) => return Ok(false),
        Err(raised) => {
            compile::add_line(&source);
            return Err(raised);
        }
    };
    *futures |= code.0.co_flags.get() as u32 & FUTURES;
    pythonrun::register_source(input.filename, &source, &code)?;
    let dict = pythonrun::main_dict()?;
    crate::interp::eval_code(&code, &dict, &dict)?;
    Ok(true)
}

/// Only blanks, or a comment.
fn is_blank(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    line.is_empty() || line.starts_with(b"#")
}

/// The lines of one statement, as they are asked for.
struct Lines {
    first: Vec<u8>,
    second: Vec<u8>,
    filename: Owned<Str>,
    source: Vec<u8>,
    ended: bool,
    stream: Option<*mut libc::FILE>,
}

impl Lines {
    /// The next line as UTF-8; None at the end of input.
    fn next(&mut self, continued: bool) -> PyResult<Option<Vec<u8>>> {
        if self.ended {
            return Ok(None);
        }
        let line = loop {
            let prompt = if continued { &self.second } else { &self.first };
            let line = match self.stream {
                Some(stream) => read_stream_line(prompt, stream),
                None => read_line(prompt),
            };
            match line {
                // Nothing to run yet: the prompt again.
                Ok(line) if !continued && line.ends_with(b"\n") && is_blank(&line) => {}
                Ok(line) => break line,
                Err(raised) => {
                    report::write_stderr("\n");
                    return Err(raised);
                }
            }
        };
        if !line.ends_with(b"\n") {
            // A last line without an end asks for more of it first.
            if !line.is_empty() {
                report::write_raw_stderr(&self.second);
            }
            report::write_stderr("\n");
            self.ended = true;
            if line.is_empty() {
                return Ok(None);
            }
        }
        let line = decode_line(&line, &self.filename)?;
        self.source.extend_from_slice(&line);
        Ok(Some(line))
    }
}

/// The flags of `from __future__ import ...` that hold for the statements that follow.
const FUTURES: u32 = flags::PyCF_MASK;

/// `sys.ps1` or `sys.ps2` as text; nothing if it is missing or has none.
fn prompt(name: &str) -> Vec<u8> {
    let value = state::sys().ok().and_then(|sys| sys.dict().get(name));
    let text = value.and_then(|value| object::str(&value).ok()).map(|text| text.to_string_lossy().into_owned().into_bytes());
    errors::clear();
    text.unwrap_or_default()
}

/// A line as UTF-8, whatever `sys.stdin` is encoded in.
fn decode_line(line: &[u8], filename: &Str) -> PyResult<Vec<u8>> {
    let encoding = stream_attribute("stdin", "encoding");
    let decoded = match crate::codecs::decode(line, encoding.as_deref(), None) {
        Ok(text) => crate::codecs::utf8::encode(&text, None),
        Err(raised) => Err(raised),
    };
    decoded.map_err(|raised| match errors::take() {
        Some(error) if error.object().ty().is_subtype(exceptions::UnicodeError()) => {
            let words = object::str(error.object()).map(|words| words.to_string_lossy().into_owned()).unwrap_or_default();
            errors::clear();
            let problem = syntax::SyntaxError { text: Some(String::new()), ..*syntax::source::problem(format!("(unicode error) {words}")) };
            compile::raise_syntax_error(problem, filename, None)
        }
        Some(error) => {
            errors::restore(error);
            raised
        }
        None => raised,
    })
}

/// What was read from standard input past the last line.
static PENDING: GilCell<RefCell<VecDeque<u8>>> = GilCell(RefCell::new(VecDeque::new()));
/// Edits a line on the terminal: the prompt's bytes in, the line with its end out, empty at the end of input, None if it cannot.
static EDITOR: GilCell<RefCell<Option<Owned>>> = GilCell(RefCell::new(None));
static READING: GilCell<Cell<bool>> = GilCell(Cell::new(false));

/// Where the Python module `readline` puts its editor.
#[pymodule(name = "_readline")]
pub mod readline {
    use super::*;

    /// Set the function that edits a line, or None.
    #[function("set_editor($module, function, /)")]
    fn set_editor(function: &Object) {
        let editor = (!function.is_none()).then(|| function.to_owned());
        let old = EDITOR.0.replace(editor);
        drop(old);
    }
}

/// Before modules go: the editor is one of theirs.
pub fn forget_editor() {
    let old = EDITOR.0.take();
    drop(old);
}

fn edit_line(editor: &Object, prompt: &[u8]) -> PyResult<Option<Vec<u8>>> {
    let line = call::call1(editor, &Bytes::new(prompt))?;
    if line.is_none() {
        return Ok(None);
    }
    match line.downcast::<Bytes>() {
        Some(line) => Ok(Some(line.as_slice().to_vec())),
        None => Err(err!(TypeError, "the line editor returned {}", line.type_name())),
    }
}

/// `PyOS_Readline`: a line with its end; empty at the end of input.
pub fn read_line(prompt: &[u8]) -> PyResult<Vec<u8>> {
    if READING.0.replace(true) {
        return Err(err!(RuntimeError, "can't re-enter readline"));
    }
    let editor = EDITOR.0.borrow().clone().filter(|_| is_terminal(0) && is_terminal(1));
    // Who wants the plain prompt wants plain lines, which the history has nevertheless.
    let plain = editor.is_some() && pythonrun::environment_variable("PYTHON_BASIC_REPL").is_some();
    if plain && let Some(editor) = &editor {
        let line = read_plain_line(prompt);
        if let Ok(line) = &line
            && call::call_method(editor, intern!("remember"), &[&Bytes::new(line)]).is_err()
        {
            errors::clear();
        }
        READING.0.set(false);
        return line;
    }
    let edited = editor.map_or(Ok(None), |editor| edit_line(&editor, prompt));
    let line = match edited {
        Ok(Some(line)) => Ok(line),
        Ok(None) => read_plain_line(prompt),
        Err(_) if errors::matches(exceptions::Exception()) => {
            // It would fail at each line.
            report::write_unraisable(Some("Exception ignored in the line editor"), None);
            forget_editor();
            read_plain_line(prompt)
        }
        Err(raised) => Err(raised),
    };
    READING.0.set(false);
    line
}

fn is_terminal(fd: i32) -> bool {
    // SAFETY: a plain query.
    unsafe { libc::isatty(fd) == 1 }
}

/// The prompt goes to standard error, the line comes from descriptor 0 as it is.
fn read_plain_line(prompt: &[u8]) -> PyResult<Vec<u8>> {
    report::write_raw_stderr(prompt);
    let mut line = Vec::new();
    // What follows a NUL is lost, up to and with the line's end.
    let mut lost = false;
    loop {
        let Some(byte) = PENDING.0.borrow_mut().pop_front() else {
            if !fill()? {
                return Ok(line);
            }
            continue;
        };
        match byte {
            b'\n' if lost => lost = false,
            0 => lost = true,
            _ if lost => {}
            byte => line.push(byte),
        }
        if byte == b'\n' && line.ends_with(b"\n") {
            return Ok(line);
        }
    }
}

/// The prompt goes to standard error, the line comes from a C stream.
fn read_stream_line(prompt: &[u8], stream: *mut libc::FILE) -> PyResult<Vec<u8>> {
    report::write_raw_stderr(prompt);
    let mut line = Vec::new();
    loop {
        let address = stream as usize;
        // SAFETY: whoever runs the prompt keeps the stream open.
        match gil::allow_threads(|| unsafe { libc::fgetc(address as *mut libc::FILE) }) {
            libc::EOF => return Ok(line),
            byte => line.push(byte as u8),
        }
        if line.ends_with(b"\n") {
            return Ok(line);
        }
    }
}

/// Reads what there is of standard input; false at its end.
fn fill() -> PyResult<bool> {
    let mut bytes = [0u8; 4096];
    // With `-i`, what follows a line is left for `sys.stdin`.
    let most = if is_terminal(0) || !state::get().config.borrow().interactive { bytes.len() } else { 1 };
    loop {
        // SAFETY: bytes of our own; without the GIL nothing of Python is touched.
        let (count, error) = gil::allow_threads(|| unsafe { (libc::read(0, bytes.as_mut_ptr().cast(), most), *libc::__errno_location()) });
        match count {
            -1 if error == libc::EINTR => gil::check_signals()?,
            1.. => {
                PENDING.0.borrow_mut().extend(&bytes[..count as usize]);
                return Ok(true);
            }
            _ => return Ok(false),
        }
    }
}

fn stream_attribute(stream: &str, name: &str) -> Option<String> {
    let stream = state::sys().ok()?.dict().get(stream)?;
    let value = object::get_attr_str(&stream, name).ok().and_then(|value| value.downcast::<Str>().map(|text| text.to_string()));
    errors::clear();
    value
}

/// `input()` where both streams are the terminal: by [`read_line`]. None where they are not.
pub fn terminal_input(stdin: &Object, stdout: &Object, prompt: Option<&Object>) -> PyResult<Option<Owned>> {
    if !(is_stream_terminal(stdin, 0)? && is_stream_terminal(stdout, 1)?) {
        return Ok(None);
    }
    let attribute = |stream: &Object, name: &str| -> Option<Owned<Str>> {
        let value = object::get_attr_str(stream, name).ok().and_then(|value| value.try_into_typed::<Str>().ok());
        errors::clear();
        value
    };
    let (Some(encoding), Some(handler)) = (attribute(stdin, "encoding"), attribute(stdin, "errors")) else { return Ok(None) };
    errors::catch(call::call_method0(stdout, crate::intern!("flush")), exceptions::Exception())?;
    let shown = match prompt {
        None => Vec::new(),
        Some(prompt) => {
            let (Some(encoding), Some(handler)) = (attribute(stdout, "encoding"), attribute(stdout, "errors")) else { return Ok(None) };
            let text = object::str(prompt)?;
            let bytes = call::call_method(&text, crate::intern!("encode"), &[&encoding, &handler])?;
            let bytes = bytes.try_into_typed::<Bytes>().map_err(|other| err!(TypeError, "encode() returned {}", other.type_name()))?;
            if bytes.as_slice().contains(&0) {
                return Err(err!(ValueError, "input: prompt string cannot contain null characters"));
            }
            bytes.as_slice().to_vec()
        }
    };
    let mut line = read_line(&shown)?;
    if line.is_empty() {
        return Err(errors::raise_object(exceptions::EOFError(), None));
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    let text = crate::codecs::decode(&line, Some(&encoding.to_string_lossy()), Some(&handler.to_string_lossy()))?;
    Ok(Some(text.into_object()))
}

/// Whether a stream is the given descriptor, and that a terminal.
fn is_stream_terminal(stream: &Object, fd: i32) -> PyResult<bool> {
    let number = match call::call_method0(stream, crate::intern!("fileno")) {
        Ok(number) => number.downcast::<types::Int>().and_then(|number| number.as_i64()),
        Err(_) => {
            errors::clear();
            None
        }
    };
    Ok(number == Some(fd as i64) && is_terminal(fd))
}

/// `PyErr_Print`'s first half: hands a SystemExit on unless the program is to be inspected.
pub fn is_exit(exc: &Owned<BaseException>) -> bool {
    exc.object().ty().is_subtype(exceptions::SystemExit()) && !state::get().config.borrow().inspect
}
