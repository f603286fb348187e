//! `syslog`: messages for the system's log.

use macros::pymodule;
use runtime::audit::audit;
use runtime::err;
use runtime::errors::PyResult;
use runtime::macro_support::Args;
use runtime::object::{Object, Owned};
use runtime::protocol::number;
use runtime::types::{GilCell, Int, List, Module, Str};
use std::cell::{Cell, RefCell};
use std::ffi::CString;

/// The log's name for this program, which the C library refers to while the log is open.
static IDENT: GilCell<RefCell<Option<CString>>> = GilCell(RefCell::new(None));
static OPEN: GilCell<Cell<bool>> = GilCell(Cell::new(false));

fn c_text(text: &Str) -> PyResult<CString> {
    CString::new(text.as_utf8()?).map_err(|_| err!(ValueError, "embedded null character"))
}

/// The last part of `sys.argv[0]`.
fn program_name() -> PyResult<Option<CString>> {
    let Some(argv) = runtime::state::sys_attribute(runtime::intern!("argv"))? else { return Ok(None) };
    let first = argv.downcast::<List>().and_then(|list| list.get(0));
    let Some(name) = first.as_ref().and_then(|name| name.downcast::<Str>()) else { return Ok(None) };
    let text = name.to_string_lossy();
    let last = text.rsplit('/').next().unwrap_or("");
    Ok(if last.is_empty() { None } else { CString::new(last).ok() })
}

fn shown_program_name() -> PyResult<Option<Owned<Str>>> {
    Ok(program_name()?.map(|name| Str::new(&name.to_string_lossy())))
}

fn open(ident: Option<CString>, options: i32, facility: i32) -> PyResult<()> {
    let ident = match ident {
        Some(ident) => Some(ident),
        None => program_name()?,
    };
    let mut held = IDENT.0.borrow_mut();
    let old = std::mem::replace(&mut *held, ident);
    let shown = held.as_ref().map_or(std::ptr::null(), |text| text.as_ptr());
    // SAFETY: NULL, or a string that is kept while the log is open.
    unsafe { libc::openlog(shown, options, facility) };
    OPEN.0.set(true);
    drop(old);
    Ok(())
}

/// The connection is the process's.
fn only_in_main(what: &str) -> PyResult<()> {
    if runtime::state::is_main() { Ok(()) } else { Err(err!(RuntimeError, "subinterpreter can't use syslog.{}", what)) }
}

#[pymodule(name = "syslog")]
pub mod syslog {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        for (name, value) in CONSTANTS {
            module.add(name, &Int::from_i64(*value))?;
        }
        Ok(())
    }

    /// Set the options of later syslog() calls.
    #[function("openlog($module, /, ident=<unrepresentable>, logoption=0, facility=LOG_USER)")]
    fn openlog(ident: Option<&Str>, logoption: i64, facility: Option<i64>) -> PyResult<()> {
        only_in_main("openlog()")?;
        let facility = facility.unwrap_or(libc::LOG_USER as i64);
        let program = if ident.is_none() { shown_program_name()? } else { None };
        let shown = ident.or(program.as_deref()).map_or(runtime::types::none(), |ident| ident.as_object());
        audit("syslog.openlog", &[shown, &Int::from_i64(logoption), &Int::from_i64(facility)])?;
        open(ident.map(c_text).transpose()?, logoption as i32, facility as i32)
    }

    /// syslog([priority=LOG_INFO,] message)
    /// Send a message to the system's log.
    #[function("syslog($module, *args)", nosig)]
    fn syslog(args: Args<'_>) -> PyResult<()> {
        if args.is_empty() || args.len() > 2 {
            return Err(err!(TypeError, "syslog.syslog requires 1 to 2 arguments"));
        }
        let priority = if args.len() == 2 { number::as_i32(args[0])? } else { libc::LOG_INFO };
        let message: &Object = args[args.len() - 1];
        let Some(text) = message.downcast::<Str>() else {
            return Err(err!(TypeError, "syslog() argument {} must be str, not {}", args.len(), message.type_name()));
        };
        let text = c_text(text)?;
        audit("syslog.syslog", &[&Int::from_i64(priority as i64), message])?;
        if !OPEN.0.get() {
            only_in_main("syslog() until the syslog is opened by the main interpreter")?;
            let program = shown_program_name()?;
            let shown = program.as_deref().map_or(runtime::types::none(), |name| name.as_object());
            audit("syslog.openlog", &[shown, &Int::from_i64(0), &Int::from_i64(libc::LOG_USER as i64)])?;
            open(None, 0, libc::LOG_USER)?;
        }
        // SAFETY: a format for one string, and that string.
        runtime::gil::allow_threads(move || unsafe { libc::syslog(priority, c"%s".as_ptr(), text.as_ptr()) });
        Ok(())
    }

    /// Forget the options of openlog(), and close the log.
    #[function("closelog($module, /)")]
    fn closelog() -> PyResult<()> {
        only_in_main("closelog()")?;
        audit("syslog.closelog", &[])?;
        if OPEN.0.replace(false) {
            // SAFETY: no arguments; the name is dropped after.
            unsafe { libc::closelog() };
            drop(IDENT.0.borrow_mut().take());
        }
        Ok(())
    }

    /// Choose the priorities that are logged; gives the former choice.
    #[function("setlogmask($module, maskpri, /)")]
    fn setlogmask(maskpri: i64) -> PyResult<i32> {
        audit("syslog.setlogmask", &[&Int::from_i64(maskpri)])?;
        // SAFETY: numbers only.
        Ok(unsafe { libc::setlogmask(maskpri as i32) })
    }

    /// The mask for one priority.
    #[function("LOG_MASK($module, pri, /)")]
    fn log_mask(pri: i64) -> i64 {
        1i64.wrapping_shl(pri as u32)
    }
    /// The mask for a priority and all that are more urgent.
    #[function("LOG_UPTO($module, pri, /)")]
    fn log_upto(pri: i64) -> i64 {
        1i64.wrapping_shl(pri as u32 + 1).wrapping_sub(1)
    }
}

const CONSTANTS: &[(&str, i64)] = &[
    ("LOG_ALERT", 1),
    ("LOG_AUTH", 32),
    ("LOG_AUTHPRIV", 80),
    ("LOG_CONS", 2),
    ("LOG_CRIT", 2),
    ("LOG_CRON", 72),
    ("LOG_DAEMON", 24),
    ("LOG_DEBUG", 7),
    ("LOG_EMERG", 0),
    ("LOG_ERR", 3),
    ("LOG_FTP", 88),
    ("LOG_INFO", 6),
    ("LOG_KERN", 0),
    ("LOG_LOCAL0", 128),
    ("LOG_LOCAL1", 136),
    ("LOG_LOCAL2", 144),
    ("LOG_LOCAL3", 152),
    ("LOG_LOCAL4", 160),
    ("LOG_LOCAL5", 168),
    ("LOG_LOCAL6", 176),
    ("LOG_LOCAL7", 184),
    ("LOG_LPR", 48),
    ("LOG_MAIL", 16),
    ("LOG_NDELAY", 8),
    ("LOG_NEWS", 56),
    ("LOG_NOTICE", 5),
    ("LOG_NOWAIT", 16),
    ("LOG_ODELAY", 4),
    ("LOG_PERROR", 32),
    ("LOG_PID", 1),
    ("LOG_SYSLOG", 40),
    ("LOG_USER", 8),
    ("LOG_UUCP", 64),
    ("LOG_WARNING", 4),
];
