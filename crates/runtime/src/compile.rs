//! Source text to code objects: the compiler's crates joined with the object model.
//!
//! The [`RuntimeHost`] is how the front end reaches the interpreter: warnings, codecs, the file for an error's line.

use crate::err;
use crate::errors::{self, PyResult, Raised};
use crate::exceptions::{self, syntax_error};
use crate::object::Owned;
use crate::state;
use crate::tstate::ThreadState;
use crate::audit;
use crate::types::{self, Bytes, Code, Int, Str, Tuple};
use bytecode::Wtf8;
use compiler::{CompileError, flags};
use std::sync::atomic::{AtomicUsize, Ordering};
use syntax::{Arena, ErrorClass, Location, Settings};

pub use syntax::Mode;

/// What to compile, and how.
pub struct Request<'a> {
    /// UTF-8 text, or with `decode` the bytes of a file.
    pub source: &'a [u8],
    pub decode: bool,
    pub filename: &'a Str,
    pub mode: Mode,
    /// `CO_FUTURE_*` and `PyCF_*`.
    pub flags: u32,
    /// -1: the interpreter's level.
    pub optimize: i32,
    pub feature_version: i32,
}

/// As [`Request`] with bytes whose encoding is to be found out unless `PyCF_IGNORE_COOKIE` says that they are UTF-8.
pub fn compile_source(source: &[u8], filename: &Str, mode: Mode, flags: u32, optimize: i32) -> PyResult<Owned<Code>> {
    let decode = flags & flags::PyCF_IGNORE_COOKIE == 0;
    compile(&Request { source, decode, filename, mode, flags, optimize, feature_version: 14 })
}

pub fn compile(request: &Request<'_>) -> PyResult<Owned<Code>> {
    with_tree(request, |arena, module, host, options| {
        let unit = compiler::compile(arena, module, options, host).map_err(|error| raise_compile_error(error, host))?;
        Code::from_unit(&unit)
    })
}

/// What tokens and tree of a long source take, about; 0 for others. The parser's tables have no way to report that there is no memory.
fn room_for(source: &[u8]) -> usize {
    if source.len() < 1 << 20 {
        return 0;
    }
    let kind = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
    let begins = |pair: &[u8]| (kind(pair[1]) && !kind(pair[0])) || !(kind(pair[1]) || pair[1] == b' ');
    let tokens = source.windows(2).filter(|pair| begins(pair)).count();
    source.len().saturating_mul(6).saturating_add(tokens.saturating_mul(120))
}

/// Parses, and gives the tree to `f`.
pub fn with_tree<T>(
    request: &Request<'_>,
    f: impl for<'t> FnOnce(&'t Arena, &syntax::ast::Mod<'t>, &mut RuntimeHost, &compiler::Options) -> PyResult<T>,
) -> PyResult<T> {
    if audit::is_active() {
        let source = Bytes::try_new(request.source)?;
        audit::audit("compile", &[&source, request.filename])?;
    }
    if !crate::memory::reserve::probe(room_for(request.source)) {
        return Err(errors::no_memory());
    }
    let mut host = RuntimeHost { filename: Owned::from_ref(request.filename), module_name: None };
    let options = options(request.filename, request.flags, request.optimize);
    let shown = request.filename.to_string();
    let text = match request.decode {
        true => syntax::source::decode(request.source, shown.as_str(), &mut host),
        false => Ok(std::borrow::Cow::Borrowed(request.source)),
    };
    let check = if request.decode { syntax::source::check_file_null_bytes } else { syntax::source::check_null_bytes };
    let text = match text.and_then(|text| check(&text).map(|()| text)) {
        Ok(text) => text,
        Err(error) => return Err(raise_syntax_error(*error, request.filename, None)),
    };
    let arena = Arena::new();
    let settings = settings(request.mode, request.flags, request.feature_version);
    let module = match syntax::parse(&arena, &text, settings, &mut host) {
        Ok(module) => module,
        Err(error) => return Err(raise_syntax_error(*error, request.filename, Some(&text))),
    };
    f(&arena, &module, &mut host, &options)
}

/// Reads lines (`read` knows whether they continue a statement) until they are a statement, and compiles it; None at the end of input.
/// Its code gets a file name with a number of its own: each statement has its own lines.
pub fn compile_interactive(filename: &Str, bits: u32, read: &mut dyn FnMut(bool) -> PyResult<Option<Vec<u8>>>) -> PyResult<Option<Owned<Code>>> {
    let arena = Arena::new();
    let mut host = InteractiveHost { inner: RuntimeHost { filename: Owned::from_ref(filename), module_name: None }, read };
    let interactive = match syntax::parse_interactive(&arena, settings(Mode::Single, bits, 14), &mut host) {
        Ok(Some(interactive)) => interactive,
        Ok(None) => return Ok(None),
        Err(error) => return Err(raise_syntax_error(*error, filename, None)),
    };
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let name = filename.to_string();
    let name = Str::new(&format!("{}-{}>", name.trim_end_matches('>'), NUMBER.fetch_add(1, Ordering::Relaxed)));
    host.inner.filename = name.clone();
    let options = options(&name, bits, -1);
    let unit = compiler::compile(&arena, &interactive.module, &options, &mut host).map_err(|error| raise_compile_error(error, &host.inner))?;
    Code::from_unit(&unit).map(Some)
}

/// A [`RuntimeHost`] that has lines.
struct InteractiveHost<'r> {
    inner: RuntimeHost,
    read: &'r mut dyn FnMut(bool) -> PyResult<Option<Vec<u8>>>,
}

impl syntax::Host for InteractiveHost<'_> {
    fn warn(&mut self, warning: &syntax::tokenizer::Warning) -> Result<bool, syntax::Raised> {
        self.inner.warn(warning)
    }
    fn warn_at(&mut self, message: &str, location: Location) -> Result<bool, syntax::Raised> {
        self.inner.warn_at(message, location)
    }
    fn stack_limit(&self) -> usize {
        self.inner.stack_limit()
    }
    fn decode(&mut self, source: &[u8], encoding: &str) -> Result<Option<String>, Box<syntax::SyntaxError>> {
        self.inner.decode(source, encoding)
    }
    fn int_max_str_digits(&self) -> usize {
        self.inner.int_max_str_digits()
    }
    fn read_line(&mut self, continuation: bool) -> Result<Option<Vec<u8>>, syntax::Raised> {
        (self.read)(continuation).map_err(|_| syntax::Raised)
    }
}

pub fn options(filename: &Str, flags: u32, optimize: i32) -> compiler::Options {
    let level = if optimize < 0 { state::get().config.borrow().optimization_level } else { optimize };
    compiler::Options { filename: wtf8(filename), flags, optimize: level.clamp(0, 2) as u8 }
}

pub fn settings(mode: Mode, bits: u32, feature_version: i32) -> Settings {
    Settings {
        feature_version,
        type_comments: bits & flags::PyCF_TYPE_COMMENTS != 0,
        barry_as_flufl: bits & bytecode::code::co::FUTURE_BARRY_AS_BDFL != 0,
        allow_incomplete_input: bits & flags::PyCF_ALLOW_INCOMPLETE_INPUT != 0,
        dont_imply_dedent: bits & flags::PyCF_DONT_IMPLY_DEDENT != 0,
        ..Settings::new(mode)
    }
}

/// A str as the compiler's crates have text.
pub fn wtf8(text: &Str) -> Wtf8 {
    match text.as_ascii() {
        Some(ascii) => Wtf8::new(ascii),
        None => Wtf8::from_code_points((0..text.len()).map(|i| text.char_at(i))).unwrap_or_default(),
    }
}

/// The interpreter as the front end sees it.
pub struct RuntimeHost {
    pub filename: Owned<Str>,
    pub module_name: Option<Owned<Str>>,
}

impl RuntimeHost {
    fn issue(&mut self, message: &str, lineno: i32) -> Result<bool, syntax::Raised> {
        let module = self.module_name.as_ref().map(|name| name.to_string());
        let result = crate::modules::warnings::warn_explicit(
            exceptions::SyntaxWarning(),
            message,
            &self.filename.to_string_lossy(),
            lineno as i64,
            module.as_deref(),
        );
        match result {
            Ok(()) => Ok(false),
            // The filter made an error of the warning: the syntax error says it better.
            Err(_) if errors::matches(exceptions::SyntaxWarning()) => {
                errors::clear();
                Ok(true)
            }
            Err(_) => Err(syntax::Raised),
        }
    }
}

impl syntax::Host for RuntimeHost {
    fn warn(&mut self, warning: &syntax::tokenizer::Warning) -> Result<bool, syntax::Raised> {
        self.issue(&warning.kind.to_string(), warning.lineno)
    }
    fn warn_at(&mut self, message: &str, location: Location) -> Result<bool, syntax::Raised> {
        self.issue(message, location.lineno)
    }
    fn stack_limit(&self) -> usize {
        ThreadState::current().1.stack_soft_limit.get()
    }
    fn decode(&mut self, source: &[u8], encoding: &str) -> Result<Option<String>, Box<syntax::SyntaxError>> {
        match crate::codecs::decode(source, Some(encoding), None) {
            Ok(text) => Ok(Some(text.to_string_lossy().into_owned())),
            // Errors of codecs become syntax errors with the same words.
            Err(_) if [exceptions::LookupError(), exceptions::ValueError(), exceptions::SyntaxError()].into_iter().any(errors::matches) => {
                let words = errors::take().map(|error| crate::protocol::object::str(error.as_object()));
                match words {
                    Some(Ok(words)) => Err(syntax::source::problem(words.to_string_lossy().into_owned())),
                    _ => Err(syntax::SyntaxError::raised()),
                }
            }
            Err(_) => Err(syntax::SyntaxError::raised()),
        }
    }
    fn program_text(&mut self, lineno: i32) -> Option<String> {
        file_line(&self.filename, lineno)
    }
    fn int_max_str_digits(&self) -> usize {
        types::int::convert::max_str_digits()
    }
}

/// A line of a source file, for an error message: read plainly, absent when anything is in the way.
pub fn file_line(filename: &Str, lineno: i32) -> Option<String> {
    let path = &*filename.to_string_lossy();
    if lineno < 1 || path.is_empty() || path.starts_with('<') {
        return None;
    }
    let bytes = match std::fs::metadata(path) {
        Ok(data) if data.is_file() && data.len() < 64 << 20 => std::fs::read(path).ok()?,
        _ => return None,
    };
    let text = syntax::source::decode(&bytes, None, &mut syntax::NoHost).ok()?;
    let text = syntax::source::translate_newlines(&text, true);
    let line = text.split_inclusive(|&b| b == b'\n').nth(lineno as usize - 1)?;
    Some(String::from_utf8_lossy(line).into_owned())
}

/// A line of a source that is at hand.
fn line_of(source: &[u8], lineno: i32) -> Option<String> {
    let line = source.split_inclusive(|&byte| byte == b'\n').nth(usize::try_from(lineno).ok()?.checked_sub(1)?)?;
    Some(String::from_utf8_lossy(line).into_owned())
}

/// Gives the SyntaxError that is set the line that it is about, where it has none: the compiler knows no text.
pub fn add_line(source: &[u8]) {
    let Some(exc) = errors::take() else { return };
    if exc.object().ty().is_subtype(exceptions::SyntaxError()) {
        let get = |name: &str| crate::protocol::object::get_attr_str(exc.object(), name).ok();
        let lineno = get("lineno").and_then(|lineno| lineno.downcast::<Int>().and_then(|lineno| lineno.as_i64()));
        if get("text").is_some_and(|text| text.is_none())
            && let Some(line) = lineno.and_then(|lineno| line_of(source, lineno as i32))
        {
            let _ = crate::protocol::object::set_attr_str(exc.object(), "text", Some(&Str::new(&line)));
        }
        errors::clear();
    }
    errors::restore(exc);
}

/// Raises what the parser found.
#[cold]
pub fn raise_syntax_error(error: syntax::SyntaxError, filename: &Str, source: Option<&[u8]>) -> Raised {
    let message = error.message();
    let class = match error.class {
        ErrorClass::Raised => return Raised::from_c(),
        ErrorClass::SyntaxError => exceptions::SyntaxError(),
        ErrorClass::IndentationError => exceptions::IndentationError(),
        ErrorClass::TabError => exceptions::TabError(),
        ErrorClass::IncompleteInputError => exceptions::_IncompleteInputError(),
        ErrorClass::MemoryError => exceptions::MemoryError(),
        ErrorClass::OverflowError => exceptions::OverflowError(),
        ErrorClass::ValueError => exceptions::ValueError(),
        ErrorClass::SystemError => exceptions::SystemError(),
    };
    if !error.located {
        return errors::raise(class, format_args!("{message}"));
    }
    let make = || -> PyResult {
        let int = |value: i32| Int::from_i64(value as i64).into_object();
        let line = || line_of(source?, error.lineno);
        let text = error.text.clone().or_else(line).map_or_else(|| types::none().to_owned(), |text| Str::new(&text).into_object());
        let mut place = vec![filename.to_owned(), int(error.lineno), int(error.offset), text];
        if error.has_end {
            place.extend([int(error.end_lineno), int(error.end_offset)]);
        }
        let instance = crate::protocol::call::call_args(class, &[Str::new(&message).object(), Tuple::from_owned(place).object()])?;
        if let (Some((line, column)), Some(source)) = (error.last_statement, source) {
            let metadata = Tuple::from_owned(vec![int(line), int(column), Str::from_wtf8(source).into_object()]);
            crate::protocol::object::set_attr_str(&instance, "_metadata", Some(&metadata))?;
        }
        Ok(instance)
    };
    match make() {
        Ok(instance) => errors::raise_object(class, Some(&instance)),
        Err(raised) => raised,
    }
}

/// Raises what the compiler found.
#[cold]
pub fn raise_compile_error(error: CompileError, host: &RuntimeHost) -> Raised {
    match error {
        CompileError::Raised => Raised::from_c(),
        CompileError::Recursion => crate::tstate::stack_overflow(" during compilation", ThreadState::current().1.stack_soft_limit.get()),
        CompileError::Memory => errors::no_memory(),
        CompileError::Overflow(message) => err!(OverflowError, "{}", message),
        CompileError::Runtime(message) => err!(RuntimeError, "{}", message),
        CompileError::Type(message) => err!(TypeError, "{}", message),
        CompileError::Value(message) => err!(ValueError, "{}", message),
        CompileError::System(message) => err!(SystemError, "{}", message),
        CompileError::UnencodableDocstring(text) => match crate::codecs::encode(&Str::from_wtf8(&text), Some("utf-8"), None) {
            Err(raised) => raised,
            Ok(_) => err!(SystemError, "docstring cannot be encoded"),
        },
        CompileError::Syntax(error) => {
            let location = error.location;
            let line = file_line(&host.filename, location.lineno).map(|line| Str::new(&line).into_object());
            if error.in_args {
                let place = syntax_error::Place {
                    filename: &host.filename,
                    lineno: location.lineno as i64,
                    offset: location.col_offset as i64 + 1,
                    end_lineno: location.end_lineno as i64,
                    end_offset: location.end_col_offset as i64 + 1,
                    text: line.as_deref(),
                };
                return syntax_error::raise_syntax_error(exceptions::SyntaxError(), &error.message, &place, None);
            }
            syntax_error::raise_with_attributes(&error.message, &host.filename, location, line)
        }
    }
}
