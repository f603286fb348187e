//! Signal sets as arguments: iterables of signal numbers.

use runtime::err;
use runtime::errors::PyResult;
use runtime::object::Object;
use runtime::protocol::{iter, number};
use std::ops::ControlFlow;

/// One more than the highest signal number.
pub const NSIG: i64 = 65;

/// The set of an iterable's signals.
pub fn sigset(signals: &Object) -> PyResult<libc::sigset_t> {
    // SAFETY: a struct of numbers, made empty.
    let mut set = unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&mut set);
        set
    };
    iter::iterate(signals, |item| {
        let int = number::index(&item)?;
        let signal = match int.as_i64() {
            Some(signal) if signal > 0 && signal < NSIG => signal as i32,
            other => {
                let shown = other.unwrap_or(-1);
                return Err(err!(ValueError, "signal number {} out of range [1; {}]", shown, NSIG - 1));
            }
        };
        // SAFETY: a set of this function.
        if unsafe { libc::sigaddset(&mut set, signal) } != 0 {
            let words = format!("invalid signal number {signal}, please use valid_signals()");
            runtime::modules::warnings::warn(runtime::exceptions::RuntimeWarning(), &words, 1)?;
        }
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(set)
}
