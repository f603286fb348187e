//! Passing code: scripts (text, or code without arguments and results) and functions without state. Code goes as marshal has it.

use super::data::{Shared, XIData};
use super::{not_shareable, stateless};
use crate::compile::{self, Request};
use crate::err;
use crate::errors::{self, PyResult};
use crate::exceptions;
use crate::intern;
use crate::interp;
use crate::modules::marshal;
use crate::object::{Object, Owned};
use crate::protocol::buffer::{self, BufferView};
use crate::protocol::object;
use crate::state;
use crate::types::{Code, Dict, Function, Str};
use syntax::Mode;

struct Marshalled {
    bytes: Box<[u8]>,
    is_function: bool,
}

fn marshalled(code: &Code, is_function: bool) -> PyResult<XIData> {
    let bytes = marshal::dumps(code, bytecode::marshal::VERSION, true).map_err(|_| not_shareable(format_args!("object could not be marshalled")))?;
    Ok(XIData::of(Box::new(Marshalled { bytes: bytes.into(), is_function })))
}

impl Shared for Marshalled {
    fn new_object(&self) -> PyResult {
        // It was marshalled by us.
        let loaded = marshal::loads(&self.bytes, true).map_err(|_| not_shareable(format_args!("object could not be unmarshalled")))?;
        let Some(code) = loaded.downcast::<Code>().filter(|_| self.is_function) else { return Ok(loaded) };
        let globals = interp::running_main().unwrap_or_else(Dict::new);
        if globals.get_str(intern!("__builtins__")).is_none() {
            globals.set_item(intern!("__builtins__"), &*state::builtins_dict()?)?;
        }
        Ok(Function::new(code, &globals, None)?.into_object())
    }
}

/// The data of a function without state; it gets the receiver's `__main__` as its globals.
pub fn share_function(object: &Object) -> PyResult<XIData> {
    let Some(function) = object.downcast::<Function>() else {
        return Err(not_shareable(format_args!("expected a function, got {}", &*object::repr(object)?)));
    };
    if stateless::verify_function(function).is_err() {
        return Err(not_shareable(format_args!("only stateless functions are shareable")));
    }
    marshalled(function.code(), true)
}

/// The data of a script: text, code or a function's code. What globals it uses are looked up in `__main__`.
pub fn share_script(object: &Object) -> PyResult<XIData> {
    match script_code(object) {
        Ok(code) => marshalled(&code, false),
        Err(_) => Err(not_shareable(format_args!("object not a valid script"))),
    }
}

fn script_code(object: &Object) -> PyResult<Owned<Code>> {
    let code = match (object.downcast::<Code>(), object.downcast::<Function>()) {
        (Some(code), _) => Owned::from_ref(code),
        (_, Some(function)) => Owned::from_ref(function.code()),
        // Compiled text has no arguments and returns nothing.
        _ => return compile_script(object),
    };
    stateless::verify_code(&code, None, None)?;
    let flags = code.flags();
    let takes_arguments = code.0.co_argcount.get() > 0 || code.0.co_posonlyargcount.get() > 0 || code.0.co_kwonlyargcount.get() > 0;
    if takes_arguments || flags & (abi::CO_VARARGS | abi::CO_VARKEYWORDS) != 0 {
        return Err(err!(ValueError, "code with args not supported"));
    }
    if !stateless::returns_only_none(&code) {
        return Err(err!(ValueError, "code that returns a value is not a script"));
    }
    Ok(code)
}

fn compile_script(object: &Object) -> PyResult<Owned<Code>> {
    let text = object.downcast::<Str>();
    let (source, decode) = match text {
        Some(text) => (text.as_utf8()?.as_bytes().to_vec(), false),
        None if buffer::check(object) => (BufferView::get(object, abi::PyBUF_SIMPLE)?.as_bytes().to_vec(), true),
        None => return Err(err!(TypeError, "unsupported script {}", &*object::repr(object)?)),
    };
    if source.contains(&0) {
        return Err(errors::raise(exceptions::SyntaxError(), format_args!("source code string cannot contain null bytes")));
    }
    let flags = if decode { 0 } else { compiler::flags::PyCF_SOURCE_IS_UTF8 };
    compile::compile(&Request { source: &source, decode, filename: &Str::new("<script>"), mode: Mode::Exec, flags, optimize: 0, feature_version: 14 })
}

/// Runs a script that came over.
pub fn run(script: &XIData, namespace: &Dict) -> PyResult<()> {
    let code = script.new_object()?;
    let Some(code) = code.downcast::<Code>() else { return Err(errors::bad_internal_call()) };
    interp::eval_code(code, namespace, namespace).map(drop)
}
