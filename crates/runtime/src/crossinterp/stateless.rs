//! Which code runs the same in any interpreter: it closes on nothing and uses no globals but builtins.

use crate::err;
use crate::errors::PyResult;
use crate::object::Object;
use crate::protocol::object;
use crate::types::{Code, Dict, Function, Str, Tuple};
use bytecode::{Opcode, op};
use std::collections::HashSet;

/// `_PyFunction_VerifyStateless`: raises ValueError unless the function may be made anew from its code alone.
pub fn verify_function(function: &Function) -> PyResult<()> {
    // SAFETY: the slots are NULL or owned by the function.
    let slot = |cell: &std::cell::Cell<*mut abi::PyObject>| unsafe { Object::from_ptr_opt(cell.get()) };
    let namespace = |cell, what: &str| match slot(cell) {
        None => Ok(None),
        Some(found) => match found.downcast::<Dict>() {
            Some(dict) => Ok(Some(dict)),
            None => Err(err!(TypeError, "unsupported {} {}", what, &*object::repr(found)?)),
        },
    };
    let globals = namespace(&function.0.func_globals, "globals")?;
    let builtins = namespace(&function.0.func_builtins, "builtins")?;
    let has_items = |cell| slot(cell).and_then(|tuple| tuple.downcast::<Tuple>()).is_some_and(|tuple| !tuple.is_empty());
    if has_items(&function.0.func_defaults) {
        return Err(err!(ValueError, "defaults not supported"));
    }
    if slot(&function.0.func_kwdefaults).and_then(|dict| dict.downcast::<Dict>()).is_some_and(|dict| dict.len() > 0) {
        return Err(err!(ValueError, "keyword defaults not supported"));
    }
    if has_items(&function.0.func_closure) {
        return Err(err!(ValueError, "closures not supported"));
    }
    verify_code(function.code(), globals, builtins)
}

/// `_PyCode_VerifyStateless`. Without `builtins` a name may be one of them, unless `globals` has it.
pub fn verify_code(code: &Code, globals: Option<&Dict>, builtins: Option<&Dict>) -> PyResult<()> {
    if code.0.co_extra.get() as usize != 0 {
        return Err(err!(ValueError, "only basic code objects are supported"));
    }
    if code.0.co_nfreevars.get() > 0 {
        return Err(err!(ValueError, "closures not supported"));
    }
    let bytes = code.original_code();
    let mut seen = HashSet::new();
    let mut unknown = false;
    for (opcode, arg) in instructions(&bytes) {
        if opcode != op::LOAD_GLOBAL || !seen.insert(arg >> 1) {
            continue;
        }
        let Some(name) = code.names().get_opt((arg >> 1) as usize).and_then(|name| name.downcast::<Str>()) else { continue };
        let is_in = |dict: Option<&Dict>| dict.is_some_and(|dict| dict.get_str(name).is_some());
        if is_in(globals) {
            return Err(err!(ValueError, "globals not supported"));
        }
        unknown |= !is_in(builtins);
    }
    if builtins.is_some() && unknown {
        return Err(err!(ValueError, "globals not supported"));
    }
    Ok(())
}

/// The instructions and their arguments without `EXTENDED_ARG`: a name whose index needs one is taken for another, as CPython does.
fn instructions(bytes: &[u8]) -> impl Iterator<Item = (u8, u32)> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (opcode, arg) = (*bytes.get(at)?, *bytes.get(at + 1)?);
        at += 2 + 2 * Opcode::from_number(opcode as u32).map_or(0, |opcode| opcode.caches());
        Some((opcode, arg as u32))
    })
}

/// `_PyCode_ReturnsOnlyNone`: whether nothing but None is ever returned, and it is no generator.
pub fn returns_only_none(code: &Code) -> bool {
    let generator = abi::CO_GENERATOR | abi::CO_COROUTINE | abi::CO_ITERABLE_COROUTINE | abi::CO_ASYNC_GENERATOR;
    if code.flags() & generator != 0 {
        return false;
    }
    let none = code.consts().iter().position(|constant| constant.is_none());
    let bytes = code.original_code();
    let mut before = None;
    for (opcode, arg) in instructions(&bytes) {
        if opcode == op::RETURN_VALUE && (none.is_none() || before != none.map(|none| (op::LOAD_CONST, none as u32))) {
            return false;
        }
        before = Some((opcode, arg));
    }
    true
}
