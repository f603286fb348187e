//! The registry of codecs and error handlers (`codecs.register`, `codecs.lookup`, `codecs.register_error`).
//!
//! The package `encodings` registers its search function when it is imported, which the first lookup sees to.

use super::handlers;
use crate::err;
use crate::errors::{self, PyResult};
use crate::object::{Object, Owned, PyTyped};
use crate::protocol::{call, object};
use crate::state::PerInterpreter;
use crate::types::{Dict, List, Str, Tuple};
use std::cell::{Cell, OnceCell};

struct Registry {
    search_path: OnceCell<Owned<List>>,
    /// Codecs by normalised name.
    cache: OnceCell<Owned<Dict>>,
    handlers: OnceCell<Owned<Dict>>,
    /// Whether `encodings` was imported.
    started: Cell<bool>,
}
impl Registry {
    const fn new() -> Registry {
        Registry { search_path: OnceCell::new(), cache: OnceCell::new(), handlers: OnceCell::new(), started: Cell::new(false) }
    }
}

static REGISTRY: PerInterpreter<Registry> = PerInterpreter::new(Registry::new(), Registry::new);

fn search_path() -> &'static List {
    REGISTRY.get().search_path.get_or_init(|| List::new())
}
fn cache() -> &'static Dict {
    REGISTRY.get().cache.get_or_init(Dict::new)
}

/// Imports `encodings`, once.
fn start() -> PyResult<()> {
    if REGISTRY.get().started.replace(true) {
        return Ok(());
    }
    let done = crate::import::import_module("encodings");
    if done.is_err() {
        REGISTRY.get().started.set(false);
    }
    done.map(drop)
}

/// `codecs.register`.
pub fn register(search_function: &Object) -> PyResult<()> {
    if !object::is_callable(search_function) {
        return Err(err!(TypeError, "argument must be callable"));
    }
    search_path().append(search_function)
}

/// `codecs.unregister`: forgets a search function, and all codecs that were looked up.
pub fn unregister(search_function: &Object) -> PyResult<()> {
    let path = search_path();
    for i in 0..path.len() {
        if path.get(i).is_some_and(|item| item.is(search_function)) {
            cache().clear();
            drop(path.pop(i)?);
            break;
        }
    }
    Ok(())
}

/// The name by which a codec is looked for: ASCII letters and digits in lower case, dots, and underscores for runs of all else.
fn normalize(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    let mut gap = false;
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || c == '.' {
            if gap && !out.is_empty() {
                out.push('_');
            }
            gap = false;
            out.push(c.to_ascii_lowercase());
        } else {
            gap = true;
        }
    }
    out
}

/// `codecs.lookup`: the tuple (usually a `CodecInfo`) of an encoding.
pub fn lookup(encoding: &str) -> PyResult<Owned<Tuple>> {
    if encoding.contains('\0') {
        return Err(err!(ValueError, "embedded null character"));
    }
    let name = Str::intern(Str::new(&normalize(encoding)));
    if let Some(found) = cache().get_item(&name)?.and_then(|found| found.try_into_typed::<Tuple>().ok()) {
        return Ok(found);
    }
    start()?;
    let path = search_path();
    if path.is_empty() {
        return Err(err!(LookupError, "no codec search functions registered: can't find encoding"));
    }
    let mut i = 0;
    while let Some(function) = path.get(i) {
        i += 1;
        let found = call::call1(&function, &name)?;
        if found.is_none() {
            continue;
        }
        return match found.try_into_typed::<Tuple>() {
            Ok(codec) if codec.len() == 4 => {
                cache().set_item(&name, &codec)?;
                Ok(codec)
            }
            _ => Err(err!(TypeError, "codec search functions must return 4-tuples")),
        };
    }
    Err(err!(LookupError, "unknown encoding: {}", encoding))
}

/// As `lookup`, for encodings of text only.
pub fn lookup_text_encoding(encoding: &str, alternative: &str) -> PyResult<Owned<Tuple>> {
    let codec = lookup(encoding)?;
    if !Tuple::check_exact(&codec)
        && let Some(is_text) = object::get_attr_opt(&codec, crate::intern!("_is_text_encoding"))?
        && !object::is_true(&is_text)?
    {
        return Err(err!(LookupError, "'{}' is not a text encoding; use {} to handle arbitrary codecs", encoding, alternative));
    }
    Ok(codec)
}

/// Calls an encoder or decoder and takes the first item of its result.
fn run(function: &Object, input: &Object, encoding: &str, errors: Option<&str>, wrong: &str, operation: &str) -> PyResult {
    let result = match errors {
        Some(errors) => call::call_args(function, &[input, Str::new(errors).object()]),
        None => call::call1(function, input),
    };
    let result = result.inspect_err(|_| errors::add_note(&format!("{operation} with '{encoding}' codec failed")))?;
    match result.downcast::<Tuple>() {
        Some(pair) if pair.len() == 2 => Ok(pair.get(0).to_owned()),
        _ => Err(err!(TypeError, "{}", wrong)),
    }
}

const WRONG_ENCODER: &str = "encoder must return a tuple (object, integer)";
const WRONG_DECODER: &str = "decoder must return a tuple (object,integer)";

/// `codecs.encode`.
pub fn encode(object: &Object, encoding: &str, errors: Option<&str>) -> PyResult {
    run(lookup(encoding)?.get(0), object, encoding, errors, WRONG_ENCODER, "encoding")
}

/// `codecs.decode`.
pub fn decode(object: &Object, encoding: &str, errors: Option<&str>) -> PyResult {
    run(lookup(encoding)?.get(1), object, encoding, errors, WRONG_DECODER, "decoding")
}

/// `encode` for `str.encode`.
pub fn encode_text(object: &Object, encoding: &str, errors: Option<&str>) -> PyResult {
    run(lookup_text_encoding(encoding, "codecs.encode()")?.get(0), object, encoding, errors, WRONG_ENCODER, "encoding")
}

/// `decode` for `bytes.decode`.
pub fn decode_text(object: &Object, encoding: &str, errors: Option<&str>) -> PyResult {
    run(lookup_text_encoding(encoding, "codecs.decode()")?.get(1), object, encoding, errors, WRONG_DECODER, "decoding")
}

fn error_handlers() -> PyResult<&'static Dict> {
    if let Some(known) = REGISTRY.get().handlers.get() {
        return Ok(known);
    }
    let dict = Dict::new();
    for (i, name) in handlers::NAMES.iter().enumerate() {
        dict.set_item(&Str::new(name), handlers::function(i)?.object())?;
    }
    Ok(REGISTRY.get().handlers.get_or_init(|| dict))
}

/// `codecs.register_error`.
pub fn register_error(name: &str, handler: &Object) -> PyResult<()> {
    if !object::is_callable(handler) {
        return Err(err!(TypeError, "handler must be callable"));
    }
    error_handlers()?.set_item(&Str::new(name), handler)
}

/// `codecs._unregister_error`: whether there was such a handler.
pub fn unregister_error(name: &str) -> PyResult<bool> {
    if handlers::NAMES.contains(&name) {
        return Err(err!(ValueError, "cannot un-register built-in error handler '{}'", name));
    }
    Ok(error_handlers()?.pop(&Str::new(name))?.is_some())
}

/// `codecs.lookup_error`.
pub fn lookup_error(name: &str) -> PyResult {
    match error_handlers()?.get_item(&Str::new(name))? {
        Some(handler) => Ok(handler),
        None => Err(err!(LookupError, "unknown error handler name '{}'", name)),
    }
}
