//! Showing exceptions: the uncaught one, and those that nobody can receive.

use crate::errors::{self, PyResult};
use crate::object::{Object, Owned};
use crate::protocol::{call, object};
use crate::state;
use crate::types::{self, BaseException, Str, Tuple};

/// Writes to the process's standard error, past all Python objects.
pub fn write_raw_stderr(text: impl AsRef<[u8]>) {
    let bytes = text.as_ref();
    let mut done = 0;
    while done < bytes.len() {
        // SAFETY: a slice of our own.
        let n = unsafe { libc::write(2, bytes[done..].as_ptr().cast(), bytes.len() - done) };
        if n <= 0 {
            return;
        }
        done += n as usize;
    }
}

/// Writes to `sys.stderr`, or to the process's standard error if there is none that works.
pub fn write_stderr(text: &str) {
    write_stderr_text(&Str::new(text));
}

/// As `write_stderr`, for text that may hold surrogates.
pub fn write_stderr_text(text: &Str) {
    errors::preserve(|| {
        let done = match stderr() {
            Some(file) => call::call_method(&file, crate::intern!("write"), &[text.as_object()]).is_ok(),
            None => false,
        };
        if !done {
            errors::clear();
            write_raw_stderr(text.to_string_lossy().as_bytes());
        }
    })
}

/// `sys.stderr`; absent where it is None, or `sys` has been taken down.
pub fn stderr() -> Option<Owned> {
    state::sys_attribute(crate::intern!("stderr")).ok().flatten().filter(|file| !file.is_none())
}

/// `PyErr_FormatUnraisable` from C: the message as it stands.
pub fn write_unraisable_as(message: Option<&str>) {
    if let Some(exc) = errors::take() {
        report_unraisable(exc, message, None);
    }
}

/// `PyErr_FormatUnraisable`: hands the current exception to `sys.unraisablehook`. `message` replaces "Exception ignored in".
pub fn write_unraisable(message: Option<&str>, source: Option<&Object>) {
    let Some(exc) = errors::take() else { return };
    // A message that only says what was done names the object itself, as CPython's formats do.
    let formatted = message.filter(|text| !text.starts_with("Exception ignored")).map(|text| {
        let shown = source.and_then(|source| object::repr(source).ok()).map_or(String::new(), |text| format!(" {}", &*text));
        errors::clear();
        let link = if text.starts_with("in ") { "" } else { "while " };
        format!("Exception ignored {link}{text}{shown}")
    });
    let (message, source) = if formatted.is_some() { (formatted.as_deref(), None) } else { (message, source) };
    report_unraisable(exc, message, source);
}

fn report_unraisable(exc: Owned<BaseException>, message: Option<&str>, source: Option<&Object>) {
    if crate::gil::is_finalizing() && state::sys_attribute(crate::intern!("stderr")).ok().flatten().is_none_or(|stream| stream.is_none()) {
        // Nobody is left to tell.
        errors::clear();
        return;
    }
    if exc.traceback().is_none() {
        // Raised by native code: what called it is at least a place.
        let frame = crate::interp::frame::current();
        if !frame.is_null() {
            errors::restore(exc.clone());
            // SAFETY: the running frame.
            unsafe { crate::interp::exc::add_traceback(frame) };
            errors::clear();
        }
    }
    if try_hook(&exc, message, source).is_err() {
        errors::clear();
        if crate::gil::is_finalizing() && stderr().is_none() {
            return;
        }
        let shown = source.and_then(|s| object::repr(s).ok()).map_or(String::new(), |r| r.to_string());
        errors::clear();
        match (message, shown.as_str()) {
            (None, "") => {}
            (Some(message), "") => write_stderr(&format!("{message}:\n")),
            (message, shown) => write_stderr(&format!("{}: {shown}\n", message.unwrap_or("Exception ignored in"))),
        }
        display(&exc);
    }
}

fn try_hook(exc: &Owned<BaseException>, message: Option<&str>, source: Option<&Object>) -> PyResult<()> {
    let Some(hook) = state::sys_attribute(crate::intern!("unraisablehook"))? else {
        return Err(crate::err!(RuntimeError, "lost sys.unraisablehook"));
    };
    let none = types::none();
    let tb = exc.traceback();
    let text = message.map(|m| Str::new(m).into_object());
    let fields = [exc.object().ty(), exc.object(), tb.as_deref().unwrap_or(none), text.as_deref().unwrap_or(none), source.unwrap_or(none)];
    let args = crate::modules::sys::unraisable_args(&Tuple::new(&fields))?;
    crate::audit::audit("sys.unraisablehook", &[&hook, &args])?;
    call::call1(&hook, &args).map(drop)
}

/// `PyErr_Display`: prints an exception with its traceback, by the library's `traceback` where that can be imported.
pub fn display(exc: &Owned<BaseException>) {
    if state::sys_attribute(crate::intern!("stderr")).ok().flatten().is_some_and(|file| file.is_none()) {
        // Nobody is there to read it.
        return;
    }
    let by_library = || -> PyResult<()> {
        let module = crate::import::import_module("traceback")?;
        let print = object::get_attr(&module, crate::intern!("_print_exception_bltin"))?;
        call::call1(&print, exc.object()).map(drop)
    };
    if by_library().is_err() {
        errors::clear();
        write_stderr(&plain(exc));
    }
}

/// The exception with its traceback as text, without help from the library.
fn plain(exc: &Owned<BaseException>) -> String {
    let mut out = String::new();
    if let Some(tb) = exc.traceback() {
        out.push_str("Traceback (most recent call last):\n");
        let mut at = tb.downcast::<types::Traceback>();
        while let Some(entry) = at {
            let code = entry.frame().code();
            out.push_str(&format!("  File \"{}\", line {}, in {}\n", code.filename(), entry.line(), code.qualname()));
            at = entry.next();
        }
    }
    let name = exc.object().ty().short_name().to_string();
    let shown = object::str(exc.object()).map(|s| s.to_string()).unwrap_or_else(|_| {
        errors::clear();
        "<exception str() failed>".to_string()
    });
    out.push_str(&name);
    if !shown.is_empty() {
        out.push_str(": ");
        out.push_str(&shown);
    }
    out.push('\n');
    out
}

/// Calls `sys.excepthook` for the uncaught exception, having flushed; SystemExit is the caller's matter.
pub fn print_uncaught(exc: Owned<BaseException>) {
    if let Ok(sys) = state::sys() {
        let tb = exc.traceback();
        let _ = sys.add("last_exc", exc.object());
        let _ = sys.add("last_type", exc.object().ty());
        let _ = sys.add("last_value", exc.object());
        let _ = sys.add("last_traceback", tb.as_deref().unwrap_or(types::none()));
    }
    let hook = state::sys_attribute(crate::intern!("excepthook")).ok().flatten();
    if !audit_excepthook(&exc, hook.as_deref()) {
        return;
    }
    match hook {
        Some(hook) => {
            let tb = exc.traceback();
            let called = call::call_args(&hook, &[exc.object().ty(), exc.object(), tb.as_deref().unwrap_or(types::none())]);
            if called.is_err()
                && let Some(second) = errors::take()
            {
                write_stderr("Error in sys.excepthook:\n");
                display(&second);
                write_stderr("\nOriginal exception was:\n");
                display(&exc);
            }
        }
        None => {
            write_stderr("sys.excepthook is missing\n");
            display(&exc);
        }
    }
}

/// The event before an uncaught exception is shown. False if a hook refuses, by a RuntimeError.
fn audit_excepthook(exc: &Owned<BaseException>, hook: Option<&Object>) -> bool {
    if !crate::audit::is_active() {
        return true;
    }
    let none = types::none();
    let tb = exc.traceback();
    let event = crate::audit::audit("sys.excepthook", &[hook.unwrap_or(none), exc.object().ty(), exc.object(), tb.as_deref().unwrap_or(none)]);
    if event.is_ok() {
        return true;
    }
    if errors::matches(super::RuntimeError()) {
        errors::clear();
        return false;
    }
    write_unraisable(Some("Exception ignored in audit hook"), None);
    true
}

/// "coroutine 'f' was never awaited".
pub fn warn_unawaited_coroutine(coroutine: &Object) -> PyResult<()> {
    let warnings = crate::import::get_module(&Str::new("warnings"))?;
    if let Some(warnings) = warnings
        && let Some(function) = object::get_attr_opt(&warnings, crate::intern!("_warn_unawaited_coroutine"))?
    {
        if call::call1(&function, coroutine).is_ok() {
            return Ok(());
        }
        // A broken helper is reported, and the plain warning given.
        write_unraisable(Some("finalizing coroutine"), Some(coroutine));
    }
    let name = object::get_attr(coroutine, crate::intern!("__qualname__"))?;
    let name = object::str(&name)?;
    crate::modules::warnings::warn(super::RuntimeWarning(), &format!("coroutine '{}' was never awaited", &*name), 1)
}

/// An unraisable exception: its traceback and the line that names it, without help from the library (which may be gone) and without
/// what it came from.
pub fn display_traceback_and_line(exc: &Owned<BaseException>) {
    if let Some(tb) = exc.traceback() {
        write_stderr(&plain_traceback(&tb));
    }
    let ty = exc.object().ty();
    let attribute = |name: &str| {
        let value = object::get_attr_str(ty, name).ok().and_then(|value| value.downcast::<Str>().map(|text| text.to_string_lossy().into_owned()));
        errors::clear();
        value
    };
    let mut line = match attribute("__module__") {
        None => "<unknown>.".to_string(),
        Some(module) if module == "builtins" || module == "__main__" => String::new(),
        Some(module) => format!("{module}."),
    };
    line.push_str(attribute("__qualname__").as_deref().unwrap_or("<unknown>"));
    line.push_str(": ");
    match object::str(exc.object()) {
        Ok(text) => line.push_str(&text.to_string_lossy()),
        Err(_) => {
            errors::clear();
            line.push_str("<exception str() failed>");
        }
    }
    line.push('\n');
    write_stderr(&line);
}

/// `PyTraceBack_Print`: entries with the lines of their files, repeated ones told once, at most `sys.tracebacklimit` of them.
fn plain_traceback(tb: &Object) -> String {
    let mut entries = Vec::new();
    let mut at = tb.downcast::<types::Traceback>();
    while let Some(entry) = at {
        entries.push((Owned::from_ref(entry.frame().code()), entry.line()));
        at = entry.next();
    }
    let limit = state::sys_attribute(crate::intern!("tracebacklimit")).ok().flatten().and_then(|limit| limit.downcast::<types::Int>().and_then(|limit| limit.as_i64()));
    errors::clear();
    let limit = limit.unwrap_or(1000);
    if limit <= 0 {
        return String::new();
    }
    let mut out = "Traceback (most recent call last):\n".to_string();
    let skipped = entries.len().saturating_sub(limit as usize);
    let (mut last, mut count) = (String::new(), 0usize);
    let repeated = |out: &mut String, count: usize| match count {
        0..=3 => {}
        4 => out.push_str("  [Previous line repeated 1 more time]\n"),
        _ => out.push_str(&format!("  [Previous line repeated {} more times]\n", count - 3)),
    };
    for (code, line) in entries.into_iter().skip(skipped) {
        let place = format!("  File \"{}\", line {}, in {}\n", code.filename().to_string_lossy(), line, code.name().to_string_lossy());
        if place != last {
            repeated(&mut out, count);
            (last, count) = (place, 0);
        }
        count += 1;
        if count <= 3 {
            out.push_str(&last);
            if let Some(text) = crate::compile::file_line(code.filename(), line as i32) {
                out.push_str(&format!("    {}\n", text.trim_matches([' ', '\t', '\x0c', '\n'])));
            }
        }
    }
    repeated(&mut out, count);
    out
}
