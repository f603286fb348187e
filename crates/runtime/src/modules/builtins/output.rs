//! `print`, `input`, `open`.

use crate::err;
use crate::errors::{self, PyResult};
use crate::exceptions;
use crate::macro_support::Args;
use crate::object::{Object, Owned, PyTyped};
use crate::protocol::{call, object};
use crate::state;
use crate::types::{Bytes, Str};
use crate::{audit, intern};
use macros::pyfunctions;

/// Makes `builtins.open` what `io.open` is; for when `_io` can be imported.
pub fn install_open() -> PyResult<()> {
    let io = crate::import::import_module("_io")?;
    let open = object::get_attr(&io, intern!("open"))?;
    state::builtins()?.add("open", &open)
}

/// The separator or end that `print` was given.
fn text_or<'a>(value: Option<&'a Object>, name: &str, default: &'static Str) -> PyResult<&'a Object> {
    match value {
        None => Ok(default),
        Some(value) if value.is_none() => Ok(default),
        Some(value) if Str::check(value) => Ok(value),
        Some(value) => Err(err!(TypeError, "{} must be None or a string, not {}", name, value.type_name())),
    }
}

/// A stream of `sys` that `input` needs.
fn stream(name: &'static Str) -> PyResult {
    match state::sys_attribute(name)? {
        Some(stream) if !stream.is_none() => Ok(stream),
        _ => Err(err!(RuntimeError, "lost sys.{}", name)),
    }
}

/// `PyFile_GetLine(file, -1)`: a line without its end; EOFError at the end.
pub fn get_line(file: &Object) -> PyResult {
    let line = call::call_method0(file, intern!("readline"))?;
    if let Some(text) = line.downcast::<Str>() {
        let n = text.len();
        if n == 0 {
            return Err(err!(EOFError, "EOF when reading a line"));
        }
        if text.char_at(n - 1) == '\n' as u32 {
            return Ok(text.substring(0, n - 1)?.into_object());
        }
        return Ok(line);
    }
    if let Some(bytes) = line.downcast::<Bytes>() {
        return match bytes.as_slice() {
            [] => Err(err!(EOFError, "EOF when reading a line")),
            [rest @ .., b'\n'] => Ok(Bytes::new(rest).into_object()),
            _ => Ok(line.to_owned()),
        };
    }
    Err(err!(TypeError, "object.readline() returned non-string"))
}

#[pyfunctions(OUTPUT)]
pub mod functions {
    use super::*;

    /// Write the values to a stream, sys.stdout if none is given.
    ///
    ///   sep
    ///     what stands between values
    ///   end
    ///     what follows the last one
    ///   file
    ///     an object with a write() method
    ///   flush
    ///     whether to flush the stream
    #[function("print($module, /, *args, sep=' ', end='\\n', file=None, flush=False)")]
    fn print(args: Args<'_>, sep: Option<&Object>, end: Option<&Object>, file: Option<&Object>, flush: bool) -> PyResult<()> {
        let file: Owned = match file {
            Some(file) => file.to_owned(),
            None => match state::sys_attribute(intern!("stdout"))? {
                Some(stdout) if stdout.is_none() => return Ok(()),
                Some(stdout) => stdout,
                None => return Err(err!(RuntimeError, "lost sys.stdout")),
            },
        };
        let sep = text_or(sep, "sep", intern!(" "))?;
        let end = text_or(end, "end", intern!("\n"))?;
        let write = object::get_attr(&file, intern!("write"))?;
        for (i, value) in args.iter().enumerate() {
            if i > 0 {
                call::call1(&write, sep)?;
            }
            let text = object::str(value)?;
            call::call1(&write, &text)?;
        }
        call::call1(&write, end)?;
        if flush {
            call::call_method0(&file, intern!("flush"))?;
        }
        Ok(())
    }

    /// Read a line from standard input, without its newline; EOFError at the end of the file.
    ///
    /// The prompt, if given, is written to standard output before.
    #[function("input($module, prompt='', /)")]
    fn input(prompt: Option<&Object>) -> PyResult {
        let stdin = stream(intern!("stdin"))?;
        let stdout = stream(intern!("stdout"))?;
        let stderr = stream(intern!("stderr"))?;
        audit::audit("builtins.input", &[prompt.unwrap_or(intern!(""))])?;
        errors::catch(call::call_method0(&stderr, intern!("flush")), exceptions::Exception())?;
        if let Some(line) = crate::interactive::terminal_input(&stdin, &stdout, prompt)? {
            audit::audit("builtins.input/result", &[&line])?;
            return Ok(line);
        }
        if let Some(prompt) = prompt {
            let text = object::str(prompt)?;
            call::call_method(&stdout, intern!("write"), &[&text])?;
        }
        errors::catch(call::call_method0(&stdout, intern!("flush")), exceptions::Exception())?;
        let line = get_line(&stdin)?;
        audit::audit("builtins.input/result", &[&line])?;
        Ok(line)
    }
}
