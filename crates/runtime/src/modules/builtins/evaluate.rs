//! `compile`, `eval`, `exec`.

use crate::err;
use crate::errors::{self, PyResult};
use crate::interp;
use crate::macro_support::Buffer;
use crate::object::{Object, Owned, PyTyped};
use crate::protocol::{call, mapping, object};
use crate::types::{self, Bytes, Cell, Code, Dict, Function, Str, Tuple};
use crate::modules::ast;
use crate::{audit, compile, intern};
use compiler::flags::*;
use macros::pyfunctions;
use std::ptr;
use syntax::Mode;

/// Flags that `compile()` takes besides `__future__` features.
const COMPILE_MASK: u32 =
    PyCF_OPTIMIZED_AST | PyCF_ALLOW_TOP_LEVEL_AWAIT | PyCF_TYPE_COMMENTS | PyCF_DONT_IMPLY_DEDENT | PyCF_ALLOW_INCOMPLETE_INPUT;
/// Of features that are always on by now.
const OBSOLETE_MASK: u32 = CO_NESTED;

/// `PyEval_EvalCode`: runs a code object in namespaces; `locals` is the globals for a module.
pub fn eval_code(code: &Code, globals: &Dict, locals: &Object, closure: Option<&Tuple>) -> PyResult {
    let function = Function::new(code, globals, None)?;
    if let Some(closure) = closure {
        function.set_attribute(8, closure.to_owned())?;
    }
    // SAFETY: a function and live namespaces; no arguments.
    unsafe { errors::from_c(interp::call::eval_vector(function.raw(), locals.as_ptr(), ptr::null(), 0, ptr::null_mut())) }
}

/// `PyUnicode_FSDecoder`: a path argument as str.
pub fn fs_decode(path: &Object) -> PyResult<Owned<Str>> {
    let path = match object::lookup_special(path, intern!("__fspath__"))? {
        Some(method) if !Str::check(path) && !Bytes::check(path) => {
            let text = call::call0(&method)?;
            if !Str::check(&text) && !Bytes::check(&text) {
                return Err(err!(TypeError, "expected {}.__fspath__() to return str or bytes, not {}", path.type_name(), text.type_name()));
            }
            text
        }
        _ => path.to_owned(),
    };
    let text: Owned<Str> = match path.downcast::<Str>() {
        Some(text) => Owned::from_ref(text),
        None => match path.downcast::<Bytes>() {
            Some(bytes) => crate::codecs::fs_decode(bytes.as_slice()),
            None => return Err(err!(TypeError, "expected str, bytes or os.PathLike object, not {}", path.ty().short_name())),
        },
    };
    if types::str::search::find_char(text.text(), 0).is_some() {
        return Err(err!(ValueError, "embedded null character"));
    }
    Ok(text)
}

/// The bytes of a program, and whether they are known to be UTF-8.
pub fn source_bytes(source: &Object, function: &str, what: &str) -> PyResult<(Vec<u8>, bool)> {
    let (bytes, is_text) = if let Some(text) = source.downcast::<Str>() {
        (text.as_utf8()?.as_bytes().to_vec(), true)
    } else if let Some(bytes) = source.downcast::<Bytes>() {
        (bytes.as_slice().to_vec(), false)
    } else {
        match Buffer::new(source) {
            Ok(buffer) => (buffer.to_vec(), false),
            Err(_) => {
                errors::clear();
                return Err(err!(TypeError, "{}() arg 1 must be a {} object", function, what));
            }
        }
    };
    if memchr::memchr(0, &bytes).is_some() {
        return Err(err!(SyntaxError, "source code string cannot contain null bytes"));
    }
    Ok((bytes, is_text))
}

/// The `__future__` features of the running code.
fn inherited_flags() -> u32 {
    let current = interp::frame::current();
    if current.is_null() {
        return 0;
    }
    // SAFETY: the running frame has code.
    unsafe { (*current).code().flags() as u32 & PyCF_MASK }
}

fn builtins_of_caller() -> PyResult {
    let current = interp::frame::current();
    if current.is_null() {
        return Ok(crate::state::builtins_dict()?.into_object());
    }
    // SAFETY: a running frame's builtins are live.
    Ok(unsafe { Object::from_ptr((*current).f_builtins) }.to_owned())
}

/// Globals and locals for `eval` and `exec`; absent ones are the caller's.
fn namespaces(function: &str, globals: Option<&Object>, locals: Option<&Object>) -> PyResult<(Owned<Dict>, Owned)> {
    let globals = globals.filter(|g| !g.is_none());
    let locals = locals.filter(|l| !l.is_none());
    let (globals, locals): (Owned<Dict>, Owned) = match globals {
        Some(globals) => {
            let Some(dict) = globals.downcast::<Dict>() else { return Err(err!(SystemError, "{}() lost its globals", function)) };
            (Owned::from_ref(dict), locals.unwrap_or(globals).to_owned())
        }
        None => {
            let Some(globals) = interp::current_globals() else {
                return Err(if function == "eval" {
                    err!(TypeError, "eval must be given globals and locals when called without a frame")
                } else {
                    err!(SystemError, "globals and locals cannot be NULL")
                });
            };
            let locals = match locals {
                Some(locals) => locals.to_owned(),
                None => types::frame::current_locals()?,
            };
            (globals, locals)
        }
    };
    if !globals.contains(intern!("__builtins__"))? {
        globals.set_item(intern!("__builtins__"), &*builtins_of_caller()?)?;
    }
    Ok((globals, locals))
}

/// A closure fits if it has a cell for each free variable.
fn check_closure(code: &Code, closure: Option<&Object>) -> PyResult<Option<Owned<Tuple>>> {
    let free = code.0.co_nfreevars.get() as usize;
    if free == 0 {
        return match closure {
            Some(_) => Err(err!(TypeError, "cannot use a closure with this code object")),
            None => Ok(None),
        };
    }
    let cells = closure.and_then(|c| c.downcast_exact::<Tuple>()).filter(|c| c.len() == free && c.iter().all(Cell::check_exact));
    match cells {
        Some(cells) => Ok(Some(Owned::from_ref(cells))),
        None => Err(err!(TypeError, "code object requires a closure of exactly length {}", free)),
    }
}

fn run_source(source: &Object, function: &str, mode: Mode, globals: &Dict, locals: &Object) -> PyResult {
    let (bytes, is_text) = source_bytes(source, function, "string, bytes or code")?;
    let mut flags = PyCF_SOURCE_IS_UTF8 | inherited_flags();
    if is_text {
        flags |= PyCF_IGNORE_COOKIE;
    }
    let mut text = bytes.as_slice();
    if mode == Mode::Eval {
        while let [b' ' | b'\t', rest @ ..] = text {
            text = rest;
        }
    }
    let code = compile_bytes(text, intern!("<string>"), mode, flags, -1, 14)?;
    audit::audit("exec", &[&code])?;
    eval_code(&code, globals, locals, None)
}

fn compile_bytes(source: &[u8], filename: &Str, mode: Mode, flags: u32, optimize: i32, feature_version: i32) -> PyResult<Owned<Code>> {
    let decode = flags & PyCF_IGNORE_COOKIE == 0;
    compile::compile(&compile::Request { source, decode, filename, mode, flags, optimize, feature_version })
}

#[pyfunctions(EVALUATE)]
pub mod functions {
    use super::*;

    /// Compile source into a code object for exec() or eval().
    ///
    /// The source is text of a module, a statement or an expression, or an AST; 'mode' says which:
    /// 'exec', 'single' or 'eval'. The filename is for error messages. 'flags' are the future
    /// statements that apply and other options; with a true 'dont_inherit' those in effect in
    /// the code that calls compile() are left out.
    #[function("compile($module, /, source, filename, mode, flags=0,\n        dont_inherit=False, optimize=-1, *, _feature_version=-1)")]
    fn compile(
        source: &Object,
        filename: &Object,
        mode: &str,
        flags: i32,
        dont_inherit: bool,
        optimize: i32,
        _feature_version: i32,
    ) -> PyResult {
        let filename = fs_decode(filename)?;
        let given = flags as u32;
        let mut flags = given | PyCF_SOURCE_IS_UTF8;
        if given & !(PyCF_MASK | OBSOLETE_MASK | COMPILE_MASK) != 0 {
            return Err(err!(ValueError, "compile(): unrecognised flags"));
        }
        if !(-1..=2).contains(&optimize) {
            return Err(err!(ValueError, "compile(): invalid optimize value"));
        }
        if !dont_inherit {
            flags |= inherited_flags();
        }
        let only_ast = given & PyCF_ONLY_AST != 0;
        let start = match mode {
            "exec" => Mode::Exec,
            "eval" => Mode::Eval,
            "single" => Mode::Single,
            "func_type" if only_ast => Mode::FuncType,
            "func_type" => return Err(err!(ValueError, "compile() mode 'func_type' requires flag PyCF_ONLY_AST")),
            _ if only_ast => return Err(err!(ValueError, "compile() mode must be 'exec', 'eval', 'single' or 'func_type'")),
            _ => return Err(err!(ValueError, "compile() mode must be 'exec', 'eval' or 'single'")),
        };
        if ast::is_node(source) {
            audit::audit("compile", &[source, types::none()])?;
            return ast::compile_tree(source, &filename, start, flags, optimize);
        }
        let (bytes, is_text) = source_bytes(source, "compile", "string, bytes or AST")?;
        if is_text {
            flags |= PyCF_IGNORE_COOKIE;
        }
        let version = if only_ast && _feature_version >= 0 { _feature_version } else { 14 };
        if only_ast {
            let request =
                compile::Request { source: &bytes, decode: !is_text, filename: &filename, mode: start, flags, optimize, feature_version: version };
            return ast::parse(&request);
        }
        Ok(compile_bytes(&bytes, &filename, start, flags, optimize, version)?.into_object())
    }

    /// Evaluate an expression, given as text or as compile() made it, in the given namespaces.
    ///
    /// The globals must be a dict, the locals may be any mapping. Absent, they are the caller's;
    /// with globals only, the locals are the same.
    #[function("eval($module, source, /, globals=None, locals=None)")]
    fn eval(source: &Object, globals: Option<&Object>, locals: Option<&Object>) -> PyResult {
        if locals.is_some_and(|l| !mapping::check(l)) {
            return Err(err!(TypeError, "locals must be a mapping"));
        }
        if let Some(globals) = globals.filter(|g| !Dict::check(g)) {
            return Err(if mapping::check(globals) {
                err!(TypeError, "globals must be a real dict; try eval(expr, {{}}, mapping)")
            } else {
                err!(TypeError, "globals must be a dict")
            });
        }
        let (globals, locals) = namespaces("eval", globals, locals)?;
        if let Some(code) = source.downcast_exact::<Code>() {
            audit::audit("exec", &[source])?;
            if code.0.co_nfreevars.get() > 0 {
                return Err(err!(TypeError, "code object passed to eval() may not contain free variables"));
            }
            return eval_code(code, &globals, &locals, None);
        }
        run_source(source, "eval", Mode::Eval, &globals, &locals)
    }

    /// Run statements, given as text or as compile() made them, in the given namespaces.
    ///
    /// The namespaces are as for eval(). 'closure' is a tuple of cells for the free variables of
    /// a code object.
    #[function("exec($module, source, /, globals=None, locals=None, *, closure=None)")]
    fn exec(source: &Object, globals: Option<&Object>, locals: Option<&Object>, closure: Option<&Object>) -> PyResult<()> {
        if let Some(globals) = globals.filter(|g| !Dict::check(g)) {
            return Err(err!(TypeError, "exec() globals must be a dict, not {}", globals.type_name()));
        }
        if let Some(locals) = locals.filter(|l| !mapping::check(l)) {
            return Err(err!(TypeError, "locals must be a mapping or None, not {}", locals.type_name()));
        }
        let (globals, locals) = namespaces("exec", globals, locals)?;
        if let Some(code) = source.downcast_exact::<Code>() {
            let closure = check_closure(code, closure)?;
            audit::audit("exec", &[source])?;
            return eval_code(code, &globals, &locals, closure.as_deref()).map(drop);
        }
        if closure.is_some() {
            return Err(err!(TypeError, "closure can only be used when source is a code object"));
        }
        run_source(source, "exec", Mode::Exec, &globals, &locals).map(drop)
    }
}
