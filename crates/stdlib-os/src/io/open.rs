//! `open`, `open_code`, `text_encoding`.

use super::DEFAULT_BUFFER_SIZE;
use super::buffered_random::BufferedRandom;
use super::buffered_reader::BufferedReader;
use super::buffered_writer::BufferedWriter;
use super::file_io::open_file;
use super::text_wrapper::TextIOWrapper;
use runtime::errors::{self, PyResult};
use runtime::object::{Object, Owned};
use runtime::protocol::{call, object};
use runtime::types::{self, Str};
use runtime::{err, exceptions, intern, state};

/// What a mode string says.
#[derive(Default)]
struct Mode {
    creating: bool,
    reading: bool,
    writing: bool,
    appending: bool,
    updating: bool,
    text: bool,
    binary: bool,
}

impl Mode {
    fn parse(mode: &str) -> PyResult<Mode> {
        let mut parsed = Mode::default();
        for (at, c) in mode.char_indices() {
            let flag = match c {
                'x' => &mut parsed.creating,
                'r' => &mut parsed.reading,
                'w' => &mut parsed.writing,
                'a' => &mut parsed.appending,
                '+' => &mut parsed.updating,
                't' => &mut parsed.text,
                'b' => &mut parsed.binary,
                _ => return Err(err!(ValueError, "invalid mode: '{mode}'")),
            };
            *flag = true;
            if mode[at + c.len_utf8()..].contains(c) {
                return Err(err!(ValueError, "invalid mode: '{mode}'"));
            }
        }
        if parsed.text && parsed.binary {
            return Err(err!(ValueError, "can't have text and binary mode at once"));
        }
        if parsed.creating as u8 + parsed.reading as u8 + parsed.writing as u8 + parsed.appending as u8 > 1 {
            return Err(err!(ValueError, "must have exactly one of create/read/write/append mode"));
        }
        Ok(parsed)
    }
    /// The mode of the raw file.
    fn raw(&self) -> String {
        let flags = [(self.creating, 'x'), (self.reading, 'r'), (self.writing, 'w'), (self.appending, 'a'), (self.updating, '+')];
        flags.iter().filter(|(set, _)| *set).map(|&(_, c)| c).collect()
    }
}

/// See the module's `open`.
#[allow(clippy::too_many_arguments)]
pub fn open(
    file: &Object,
    mode: &str,
    buffering: i32,
    encoding: Option<&str>,
    errors: Option<&str>,
    newline: Option<&str>,
    closefd: bool,
    opener: Option<&Object>,
) -> PyResult {
    let path = if types::int_type().is(file.ty()) || runtime::protocol::number::check(file) { file.to_owned() } else { crate::posix::path::fspath(file)? };
    let parsed = Mode::parse(mode)?;
    if parsed.binary {
        if encoding.is_some() {
            return Err(err!(ValueError, "binary mode doesn't take an encoding argument"));
        }
        if errors.is_some() {
            return Err(err!(ValueError, "binary mode doesn't take an errors argument"));
        }
        if newline.is_some() {
            return Err(err!(ValueError, "binary mode doesn't take a newline argument"));
        }
    }
    let mut buffering = buffering as isize;
    if parsed.binary && buffering == 1 {
        let message = "line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be used";
        exceptions::warn(exceptions::RuntimeWarning(), message, 1)?;
        buffering = -1;
    }
    let raw = open_file(&path, &parsed.raw(), closefd, opener)?;
    let result = wrap(&raw, &parsed, mode, buffering, encoding, errors, newline);
    match result {
        Ok(stream) => Ok(stream),
        Err((stream, raised)) => {
            // The file is closed; the error stays in front of what that may raise.
            let _ = raised;
            super::both(Err(raised), || call::call_method0(&stream, intern!("close")))
        }
    }
}

/// Puts a buffer and a text layer over a raw file; on failure, gives what is to be closed.
fn wrap(
    raw: &Owned<super::file_io::FileIO>,
    parsed: &Mode,
    mode: &str,
    buffering: isize,
    encoding: Option<&str>,
    errors: Option<&str>,
    newline: Option<&str>,
) -> Result<Owned, (Owned, errors::Raised)> {
    let raw_object = raw.object();
    let fail = |raised| (raw_object.to_owned(), raised);
    let mut buffering = buffering;
    let mut line_buffering = buffering == 1;
    if buffering < 0 || line_buffering {
        let terminal = buffering < 0 && raw.isatty_open_only().map_err(fail)?;
        line_buffering |= terminal;
        buffering = (raw.block_size() as isize).clamp(DEFAULT_BUFFER_SIZE as isize, 8192 * 1024);
    }
    if buffering == 0 {
        if !parsed.binary {
            return Err(fail(err!(ValueError, "can't have unbuffered text I/O")));
        }
        return Ok(raw_object.to_owned());
    }
    let buffer = if parsed.updating {
        BufferedRandom::over(raw_object, buffering).map(|b| b.into_object())
    } else if parsed.creating || parsed.writing || parsed.appending {
        BufferedWriter::over(raw_object, buffering).map(|b| b.into_object())
    } else if parsed.reading {
        BufferedReader::over(raw_object, buffering).map(|b| b.into_object())
    } else {
        Err(err!(ValueError, "unknown mode: '{mode}'"))
    };
    let buffer = buffer.map_err(fail)?;
    if parsed.binary {
        return Ok(buffer);
    }
    let fail = |raised| (buffer.clone(), raised);
    let errors = errors.map(Str::new);
    let text = TextIOWrapper::over(&buffer, encoding, errors.as_deref().map(|e| e as &Object), newline, line_buffering).map_err(fail)?;
    object::set_attr(text.object(), intern!("mode"), Some(&Str::new(mode))).map_err(fail)?;
    Ok(text.into_object())
}

/// See the module's `open_code`.
pub fn open_code(path: &Str) -> PyResult {
    open(path, "rb", -1, None, None, None, true, None)
}

/// See the module's `text_encoding`.
pub fn text_encoding(encoding: &Object, stack_level: i32) -> PyResult {
    if !encoding.is_none() {
        return Ok(encoding.to_owned());
    }
    let (warn, utf8) = {
        let config = state::get().config.borrow();
        (config.warn_default_encoding, config.utf8_mode)
    };
    if warn {
        exceptions::warn(exceptions::EncodingWarning(), "'encoding' argument not specified", stack_level as isize)?;
    }
    Ok(Str::intern(Str::new(if utf8 { "utf-8" } else { "locale" })).into_object())
}
