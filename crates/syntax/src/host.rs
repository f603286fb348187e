//! What the front end needs from the outside: the runtime implements it, tests use [`NoHost`].

use crate::error::SyntaxError;
use crate::location::Location;
use crate::tokenizer::Warning;

/// The host raised; its exception waits there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Raised;

pub trait Host {
    /// Gives a `SyntaxWarning` to the warnings filter. `Ok(true)` says that the filter makes an error of it: then
    /// `warning.error` is the `SyntaxError` that stands in for the warning.
    fn warn(&mut self, warning: &Warning) -> Result<bool, Raised> {
        let _ = warning;
        Ok(false)
    }

    /// The same for a warning of the compiler, where the source is not at hand. Columns count bytes from 0.
    fn warn_at(&mut self, message: &str, location: Location) -> Result<bool, Raised> {
        let _ = (message, location);
        Ok(false)
    }

    /// The address below which the native stack must not grow.
    fn stack_limit(&self) -> usize {
        // Half of the smallest main stack in use, measured from here.
        let marker = 0u8;
        (std::ptr::from_ref(&marker) as usize).saturating_sub(4 << 20)
    }

    /// Decodes source in an encoding other than UTF-8, Latin-1 and ASCII. An unknown encoding is `Ok(None)`;
    /// bytes that are not of the encoding may be an error with words of the codec.
    fn decode(&mut self, source: &[u8], encoding: &str) -> Result<Option<String>, Box<SyntaxError>> {
        let _ = (source, encoding);
        Ok(None)
    }

    /// A line of the program's file, for the text of an error, if there is such a file.
    fn program_text(&mut self, lineno: i32) -> Option<String> {
        let _ = lineno;
        None
    }

    /// `sys.get_int_max_str_digits()`; 0 is no limit.
    fn int_max_str_digits(&self) -> usize {
        4300
    }

    /// The next line of interactive input with its newline; `None` at the end of input.
    fn read_line(&mut self, continuation: bool) -> Result<Option<Vec<u8>>, Raised> {
        let _ = continuation;
        Ok(None)
    }
}

/// Ignores warnings and knows nothing.
pub struct NoHost;

impl Host for NoHost {}
