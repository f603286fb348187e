//! What the codecs have in common: errors and their handlers, and text that waits for more input.

use super::codec::{Codec, Problem, State};
use runtime::codecs::registry;
use runtime::exceptions::{self, unicode_error};
use runtime::protocol::call;
use runtime::types::{Bytes, Int, Str, Tuple};
use runtime::{Object, Owned, PyResult, err};

/// The meaning of an `errors` argument.
pub enum Errors {
    Strict,
    Ignore,
    Replace,
    /// A registered handler's name.
    Other(Owned<Str>),
}

impl Errors {
    pub fn named(name: Option<&str>) -> Errors {
        match name {
            None | Some("strict") => Errors::Strict,
            Some("ignore") => Errors::Ignore,
            Some("replace") => Errors::Replace,
            Some(name) => Errors::Other(Str::new(name)),
        }
    }
    pub fn name(&self) -> Owned<Str> {
        match self {
            Errors::Strict => Str::new("strict"),
            Errors::Ignore => Str::new("ignore"),
            Errors::Replace => Str::new("replace"),
            Errors::Other(name) => name.clone(),
        }
    }
}

impl Clone for Errors {
    fn clone(&self) -> Errors {
        match self {
            Errors::Strict => Errors::Strict,
            Errors::Ignore => Errors::Ignore,
            Errors::Replace => Errors::Replace,
            Errors::Other(name) => Errors::Other(name.clone()),
        }
    }
}

/// A problem's length and what to say of it; `rest` is how much input is left.
fn describe(problem: &Problem, rest: usize) -> (usize, &'static str) {
    match problem {
        Problem::Illegal(length) => ((*length).min(rest), "illegal multibyte sequence"),
        Problem::Incomplete => (rest, "incomplete multibyte sequence"),
    }
}

/// Calls the handler `name` and takes its pair apart; `wrong` is said of other results.
fn ask_handler(name: &Str, exc: &Object, length: usize, wrong: &str) -> PyResult<(Owned, usize)> {
    let handler = registry::lookup_error(name.as_utf8()?)?;
    let result = call::call1(&handler, exc)?;
    let pair = result.downcast::<Tuple>().filter(|pair| pair.len() == 2);
    let Some((text, position)) = pair.and_then(|pair| Some((pair.get(0), pair.get(1).downcast::<Int>()?))) else {
        return Err(err!(TypeError, "{}", wrong));
    };
    if !text.is_instance_of::<Str>() && !(text.is_instance_of::<Bytes>() && wrong.starts_with("encoding")) {
        return Err(err!(TypeError, "{}", wrong));
    }
    let position = position.as_i64().map_or(-1, |position| if position < 0 { position + length as i64 } else { position });
    match usize::try_from(position) {
        Ok(at) if at <= length => Ok((text.to_owned(), at)),
        _ => Err(err!(IndexError, "position {} from error handler out of bounds", position)),
    }
}

/// Encodes; how many characters were used. With `last`, nothing may wait and the state is brought back to its beginning.
pub fn encode(codec: &Codec, state: &mut State, text: &Str, errors: &Errors, last: bool, out: &mut Vec<u8>) -> PyResult<usize> {
    let characters: Vec<u32> = text.code_points().collect();
    let mut at = 0;
    while let Err(problem) = codec.encode(state, &characters, &mut at, out, last) {
        if matches!(problem, Problem::Incomplete) {
            break;
        }
        at = encode_error(codec, state, text, at, &problem, errors, out)?;
        if at >= characters.len() {
            break;
        }
    }
    if last {
        codec.reset_encoder(state, out);
    }
    Ok(at)
}

#[cold]
fn encode_error(codec: &Codec, state: &mut State, text: &Str, at: usize, problem: &Problem, errors: &Errors, out: &mut Vec<u8>) -> PyResult<usize> {
    let (length, reason) = describe(problem, text.len() - at);
    let end = at + length;
    let name = match errors {
        Errors::Ignore => return Ok(end),
        Errors::Replace => {
            if codec.encode(state, &['?' as u32], &mut 0, out, false).is_err() {
                out.push(b'?');
            }
            return Ok(end);
        }
        Errors::Strict => return Err(unicode_error::raise(exceptions::UnicodeEncodeError(), codec.name, text, at, end, reason)),
        Errors::Other(name) => name,
    };
    let exc = unicode_error::make(exceptions::UnicodeEncodeError(), codec.name, text, at, end, reason)?;
    let (replacement, next) = ask_handler(name, &exc, text.len(), "encoding error handler must return (str, int) tuple")?;
    match replacement.downcast::<Str>() {
        Some(text) => {
            let characters: Vec<u32> = text.code_points().collect();
            let mut at = 0;
            if let Err(problem) = codec.encode(state, &characters, &mut at, out, true) {
                encode_error(codec, state, text, at, &problem, &Errors::Strict, out)?;
            }
        }
        None => out.extend(replacement.downcast::<Bytes>().map_or(&[][..], Bytes::as_slice)),
    }
    Ok(next)
}

/// Decodes `input`; how much of it was used. An incomplete sequence at the end stays, unless it is the `last` of the input.
pub fn decode(codec: &Codec, state: &mut State, input: &[u8], errors: &Errors, last: bool, out: &mut Vec<u32>) -> PyResult<usize> {
    let mut at = 0;
    while at < input.len() {
        match codec.decode(state, input, &mut at, out) {
            Ok(()) => break,
            Err(Problem::Incomplete) if !last => break,
            Err(problem) => at = decode_error(codec, input, at, &problem, errors, out)?,
        }
    }
    Ok(at)
}

#[cold]
pub fn decode_error(codec: &Codec, input: &[u8], at: usize, problem: &Problem, errors: &Errors, out: &mut Vec<u32>) -> PyResult<usize> {
    let (length, reason) = describe(problem, input.len() - at);
    let end = at + length;
    let name = match errors {
        Errors::Ignore => return Ok(end),
        Errors::Replace => {
            out.push(0xfffd);
            return Ok(end);
        }
        Errors::Strict => {
            return Err(unicode_error::raise(exceptions::UnicodeDecodeError(), codec.name, &*Bytes::new(input), at, end, reason));
        }
        Errors::Other(name) => name,
    };
    let exc = unicode_error::make(exceptions::UnicodeDecodeError(), codec.name, &*Bytes::new(input), at, end, reason)?;
    let (replacement, next) = ask_handler(name, &exc, input.len(), "decoding error handler must return (str, int) tuple")?;
    if let Some(text) = replacement.downcast::<Str>() {
        out.extend(text.code_points());
    }
    Ok(next)
}
