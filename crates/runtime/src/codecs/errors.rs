//! What codecs do about errors: the modes that they know, and calling the handlers of others.
//!
//! `Decoding` and `Encoding` carry a codec's input, output and mode. A codec that meets an error calls `error` with the place and reason
//! and goes on at the position it gets.

use super::{handlers, registry};
use crate::err;
use crate::errors::{PyResult, Raised};
use crate::exceptions::{self, unicode_error};
use crate::object::{Object, Owned};
use crate::protocol::{call, number};
use crate::types::str::StrBuilder;
use crate::types::{Bytes, Str, Tuple};

/// The meaning of an `errors` argument.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    Strict,
    Ignore,
    Replace,
    BackslashReplace,
    XmlCharRefReplace,
    NameReplace,
    SurrogateEscape,
    SurrogatePass,
    /// Registered by Python code.
    Other,
}

impl Mode {
    pub fn of(errors: Option<&str>) -> Mode {
        match errors {
            None | Some("strict") => Mode::Strict,
            Some("ignore") => Mode::Ignore,
            Some("replace") => Mode::Replace,
            Some("backslashreplace") => Mode::BackslashReplace,
            Some("xmlcharrefreplace") => Mode::XmlCharRefReplace,
            Some("namereplace") => Mode::NameReplace,
            Some("surrogateescape") => Mode::SurrogateEscape,
            Some("surrogatepass") => Mode::SurrogatePass,
            Some(_) => Mode::Other,
        }
    }
}

/// A decoder at work.
pub struct Decoding<'a> {
    pub encoding: &'static str,
    /// All of the input. A handler may put other bytes in its place.
    pub input: &'a [u8],
    pub out: StrBuilder,
    mode: Mode,
    errors: &'a str,
    /// The handler of mode `Other`, once it was asked for.
    handler: Option<Owned>,
    /// The input as an object, once an error needed it.
    object: Option<Owned<Bytes>>,
    /// Inputs of before, which slices may still point into.
    kept: Vec<Owned<Bytes>>,
}

impl<'a> Decoding<'a> {
    pub fn new(encoding: &'static str, input: &'a [u8], errors: Option<&'a str>) -> Decoding<'a> {
        Decoding {
            encoding,
            input,
            out: StrBuilder::new(),
            mode: Mode::of(errors),
            errors: errors.unwrap_or("strict"),
            handler: None,
            object: None,
            kept: Vec::new(),
        }
    }

    /// Deals with the bytes `start..end`; the position to go on from.
    #[cold]
    pub fn error(&mut self, start: usize, end: usize, reason: &str) -> PyResult<usize> {
        match self.mode {
            Mode::Strict => {}
            Mode::Other => return self.call_handler(start, end, reason),
            mode => {
                if let Some((text, next)) = handlers::decode_replacement(mode, self.encoding, self.input, start, end)? {
                    self.out.push_str_object(&text)?;
                    return Ok(next);
                }
            }
        }
        Err(super::raise_decode_error(self.encoding, self.input, start, end, reason))
    }

    fn call_handler(&mut self, start: usize, end: usize, reason: &str) -> PyResult<usize> {
        let handler = match &self.handler {
            Some(handler) => handler.clone(),
            None => {
                let found = registry::lookup_error(self.errors)?;
                self.handler = Some(found.clone());
                found
            }
        };
        let object = self.object.get_or_insert_with(|| Bytes::new(self.input)).clone();
        let exc = unicode_error::make(exceptions::UnicodeDecodeError(), self.encoding, &*object, start, end, reason)?;
        let (text, position) = take_pair(call::call1(&handler, &exc)?.object(), "decoding error handler must return (str, int) tuple")?;
        let Some(text) = text.downcast::<Str>() else {
            return Err(err!(TypeError, "decoding error handler must return (str, int) tuple"));
        };
        // The handler may have changed the input.
        let after = handlers::decode_object_of(&exc)?;
        if after.raw() != object.raw() {
            // SAFETY: the bytes live as long as `kept`, which is as long as this object; slices of the input do not outlive it.
            self.input = unsafe { std::slice::from_raw_parts(after.as_slice().as_ptr(), after.len()) };
            self.kept.push(after.clone());
            self.object = Some(after);
        }
        let next = check_position(position, self.input.len())?;
        self.out.push_str_object(text)?;
        Ok(next)
    }

    /// The text.
    pub fn finish(self) -> PyResult<Owned<Str>> {
        self.out.finish()
    }
}

/// What stands in for characters that cannot be encoded.
pub enum Replacement {
    /// Goes into the output as it is.
    Bytes(Vec<u8>),
    /// Is encoded in its turn.
    Text(Owned<Str>),
}

/// An encoder at work.
pub struct Encoding<'a> {
    pub encoding: &'a str,
    pub text: &'a Str,
    pub out: Vec<u8>,
    mode: Mode,
    errors: &'a str,
    handler: Option<Owned>,
}

impl<'a> Encoding<'a> {
    pub fn new(encoding: &'a str, text: &'a Str, errors: Option<&'a str>) -> Encoding<'a> {
        Encoding { encoding, text, out: Vec::new(), mode: Mode::of(errors), errors: errors.unwrap_or("strict"), handler: None }
    }

    /// What stands in for the characters `start..end`, and the position to go on from.
    #[cold]
    pub fn error(&mut self, start: usize, end: usize, reason: &str) -> PyResult<(Replacement, usize)> {
        match self.mode {
            Mode::Strict => {}
            Mode::Other => return self.call_handler(start, end, reason),
            mode => {
                if let Some(found) = handlers::encode_replacement(mode, self.encoding, self.text, start, end)? {
                    return Ok(found);
                }
            }
        }
        Err(self.raise(start, end, reason))
    }

    /// The error itself.
    #[cold]
    pub fn raise(&self, start: usize, end: usize, reason: &str) -> Raised {
        super::raise_encode_error(self.encoding, self.text, start, end, reason)
    }

    fn call_handler(&mut self, start: usize, end: usize, reason: &str) -> PyResult<(Replacement, usize)> {
        let handler = match &self.handler {
            Some(handler) => handler.clone(),
            None => {
                let found = registry::lookup_error(self.errors)?;
                self.handler = Some(found.clone());
                found
            }
        };
        const WRONG: &str = "encoding error handler must return (str/bytes, int) tuple";
        let exc = unicode_error::make(exceptions::UnicodeEncodeError(), self.encoding, self.text, start, end, reason)?;
        let (value, position) = take_pair(call::call1(&handler, &exc)?.object(), WRONG)?;
        let next = check_position(position, self.text.len())?;
        if let Some(bytes) = value.downcast::<Bytes>() {
            return Ok((Replacement::Bytes(bytes.as_slice().to_vec()), next));
        }
        match value.try_into_typed::<Str>() {
            Ok(text) => Ok((Replacement::Text(text), next)),
            Err(_) => Err(err!(TypeError, "{}", WRONG)),
        }
    }
}

/// The two items of a handler's result.
fn take_pair(result: &Object, wrong: &str) -> PyResult<(Owned, isize)> {
    let pair = result.downcast::<Tuple>().filter(|pair| pair.len() == 2);
    let Some(pair) = pair else { return Err(err!(TypeError, "{}", wrong)) };
    match number::index(pair.get(1))?.as_i64() {
        Some(position) => Ok((pair.get(0).to_owned(), position as isize)),
        None => Err(err!(OverflowError, "Python int too large to convert to C ssize_t")),
    }
}

/// A handler's position, which counts from the end if it is negative.
fn check_position(position: isize, len: usize) -> PyResult<usize> {
    let at = if position < 0 { position.saturating_add(len as isize) } else { position };
    match usize::try_from(at) {
        Ok(at) if at <= len => Ok(at),
        _ => Err(err!(IndexError, "position {} from error handler out of bounds", at)),
    }
}
