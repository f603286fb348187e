//! `_json`: what the `json` package does natively: strings (`strings.rs`), the scanner (`scanner.rs`), the encoder (`encoder.rs`).

mod encoder;
mod scanner;
mod strings;

use macros::pymodule;
use runtime::types::{Int, Module, Str, Tuple};
use runtime::{Object, Owned, PyResult, Raised, err, errors, exceptions};

/// Raises `json.JSONDecodeError(message, document, position)`.
#[cold]
fn decode_error(message: &str, document: &Str, position: usize) -> Raised {
    let make = || -> PyResult<Raised> {
        let module = runtime::import::import_module("json.decoder")?;
        let class = runtime::protocol::object::get_attr_str(&module, "JSONDecodeError")?;
        let position = Int::from_usize(position);
        let error = runtime::protocol::call::call_args(&class, &[&Str::new(message), document, position.object()])?;
        Ok(match error.try_into_typed::<runtime::types::BaseException>() {
            Ok(error) => errors::raise_instance(error),
            Err(_) => errors::bad_internal_call(),
        })
    };
    make().unwrap_or_else(|raised| raised)
}

/// Raises StopIteration: no value begins at the position.
#[cold]
fn stop_at(position: usize) -> Raised {
    errors::raise_object(exceptions::StopIteration(), Some(Int::from_usize(position).object()))
}

fn text_argument(value: &Object) -> PyResult<&Str> {
    match value.downcast::<Str>() {
        Some(text) => Ok(text),
        None => Err(err!(TypeError, "first argument must be a string, not {}", value.type_name())),
    }
}

/// json speedups
#[pymodule(name = "_json")]
pub mod json {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        for (name, ty) in [("make_scanner", &scanner::Scanner_Type), ("make_encoder", &encoder::Encoder_Type)] {
            runtime::types::type_ready(ty)?;
            module.add(name, ty)?;
        }
        Ok(())
    }

    /// encode_basestring_ascii(string) -> string
    ///
    /// The JSON form of a string, in ASCII characters only.
    #[function("encode_basestring_ascii($self, object, /)")]
    fn encode_basestring_ascii(object: &Object) -> PyResult<Owned<Str>> {
        strings::encode(text_argument(object)?, true)
    }
    /// encode_basestring(string) -> string
    ///
    /// The JSON form of a string.
    #[function("encode_basestring($self, object, /)")]
    fn encode_basestring(object: &Object) -> PyResult<Owned<Str>> {
        strings::encode(text_argument(object)?, false)
    }
    /// scanstring(string, end, strict=True) -> (string, end)
    ///
    /// Reads a JSON string; "end" is the index of the character behind the quote
    /// that begins it.  Unless strict is true, control characters may be in it.
    /// ValueError is raised for what is not valid.
    ///
    /// The result is the string and the index of the character behind its closing quote.
    #[function("scanstring($module, string, end, strict=True, /)", nosig)]
    fn scanstring(string: &Object, end: isize, strict: bool) -> PyResult<Owned<Tuple>> {
        let document = text_argument(string)?;
        let Some(start) = usize::try_from(end).ok().filter(|&start| start <= document.len()) else {
            return Err(err!(ValueError, "end is out of bounds"));
        };
        let (text, end) = runtime::with_text!(document.text(), s => strings::scan(document, s, start, strict))?;
        Ok(Tuple::pair(text.into_object(), Int::from_usize(end).into_object()))
    }
}
