//! Code objects from arguments: `CodeType(...)` and `code.replace(...)`. What comes from outside passes the verifier (D9).

use crate::err;
use crate::errors::PyResult;
use crate::macro_support::{Args, KwArgs};
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol::number;
use crate::types::code::{Code, Fields};
use crate::types::{self, Bytes, Complex, Dict, Float, FrozenSet, Int, Slice, Str, Tuple};
use std::cell::Cell;

const PARAMETERS: [&str; 18] = [
    "argcount", "posonlyargcount", "kwonlyargcount", "nlocals", "stacksize", "flags", "codestring", "constants", "names", "varnames", "filename", "name", "qualname",
    "firstlineno", "linetable", "exceptiontable", "freevars", "cellvars",
];

fn typed<T: PyTyped>(value: &Object, position: usize, expected: &str) -> PyResult<Owned<T>> {
    match value.downcast::<T>() {
        Some(value) => Ok(Owned::from_ref(value)),
        None => Err(err!(TypeError, "code() argument {} must be {}, not {}", position, expected, value.type_name())),
    }
}

fn int(value: &Object) -> PyResult<i32> {
    let n = number::as_isize(value, Some(crate::exceptions::OverflowError()))?;
    i32::try_from(n).map_err(|_| err!(OverflowError, "signed integer is greater than maximum"))
}

/// `CodeType.__new__`.
pub fn new(_cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
    if kwargs.is_some_and(|k| k.len() > 0) {
        return Err(err!(TypeError, "code() takes no keyword arguments"));
    }
    let n = args.len();
    if n < 16 || n > 18 {
        return Err(err!(TypeError, "code expected at {} {} arguments, got {}", if n < 16 { "least" } else { "most" }, if n < 16 { 16 } else { 18 }, n));
    }
    let at = |i: usize| args.get(i);
    let (argcount, posonly, kwonly, nlocals, stacksize, flags) = (int(at(0))?, int(at(1))?, int(at(2))?, int(at(3))?, int(at(4))?, int(at(5))?);
    for (value, name) in [(argcount, "argcount"), (posonly, "posonlyargcount"), (kwonly, "kwonlyargcount"), (nlocals, "nlocals")] {
        if value < 0 {
            return Err(err!(ValueError, "code: {} must not be negative", name));
        }
    }
    let code = typed::<Bytes>(at(6), 7, "bytes")?;
    let varnames = typed::<Tuple>(at(9), 10, "tuple")?;
    let freevars = if n > 16 { typed::<Tuple>(at(16), 17, "tuple")? } else { Tuple::empty() };
    let cellvars = if n > 17 { typed::<Tuple>(at(17), 18, "tuple")? } else { Tuple::empty() };
    let (names, kinds) = localsplus(&varnames, &cellvars, &freevars, argcount, posonly, kwonly, flags)?;
    if nlocals as usize != varnames.len() {
        return Err(err!(ValueError, "code: varnames is too small"));
    }
    make_unverified(Fields {
        argcount,
        posonlyargcount: posonly,
        kwonlyargcount: kwonly,
        stacksize,
        flags,
        code: code.as_slice().into(),
        consts: typed::<Tuple>(at(7), 8, "tuple")?,
        names: typed::<Tuple>(at(8), 9, "tuple")?,
        localsplusnames: names,
        localspluskinds: Bytes::new(&kinds),
        filename: typed::<Str>(at(10), 11, "str")?,
        name: typed::<Str>(at(11), 12, "str")?,
        qualname: typed::<Str>(at(12), 13, "str")?,
        firstlineno: int(at(13))?,
        linetable: typed::<Bytes>(at(14), 15, "bytes")?,
        exceptiontable: typed::<Bytes>(at(15), 16, "bytes")?,
    })
}

/// The combined names and kinds of locals, cells and free variables.
fn localsplus(varnames: &Tuple, cellvars: &Tuple, freevars: &Tuple, argcount: i32, posonly: i32, kwonly: i32, flags: i32) -> PyResult<(Owned<Tuple>, Vec<u8>)> {
    let (mut names, mut kinds): (Vec<Owned>, Vec<u8>) = (Vec::new(), Vec::new());
    let total_args = argcount + kwonly + (flags & abi::CO_VARARGS != 0) as i32 + (flags & abi::CO_VARKEYWORDS != 0) as i32;
    for tuple in [varnames, cellvars, freevars] {
        for i in 0..tuple.len() {
            if !Str::check_exact(tuple.get(i)) {
                return Err(err!(TypeError, "name tuples must contain only strings, not '{}'", tuple.get(i).type_name()));
            }
        }
    }
    if total_args as usize > varnames.len() {
        return Err(err!(ValueError, "code: co_varnames is too small"));
    }
    for i in 0..varnames.len() {
        let name = varnames.get(i);
        let mut kind = 0x20;
        if (i as i32) < total_args {
            kind |= match i as i32 {
                i if i < posonly => 0x02,
                i if i < argcount => 0x02 | 0x04,
                i if i < argcount + kwonly => 0x04,
                i if flags & abi::CO_VARARGS != 0 && i == argcount + kwonly => 0x02 | 0x08,
                _ => 0x04 | 0x08,
            };
        }
        for c in 0..cellvars.len() {
            if crate::protocol::object::rich_compare_bool(cellvars.get(c), name, crate::protocol::object::CompareOp::Eq)? {
                kind |= 0x40;
            }
        }
        names.push(name.to_owned());
        kinds.push(kind);
    }
    for c in 0..cellvars.len() {
        let name = cellvars.get(c);
        let mut known = false;
        for i in 0..varnames.len() {
            known |= crate::protocol::object::rich_compare_bool(varnames.get(i), name, crate::protocol::object::CompareOp::Eq)?;
        }
        if !known {
            names.push(name.to_owned());
            kinds.push(0x40);
        }
    }
    for f in 0..freevars.len() {
        names.push(freevars.get(f).to_owned());
        kinds.push(0x80);
    }
    Ok((Tuple::from_owned(names), kinds))
}

/// Checks fields from outside and makes the object; code that must not run is refused.
pub fn make(fields: Fields) -> PyResult {
    check(&fields)?;
    verify(&fields).map_err(|fault| err!(ValueError, "code: {}", fault))?;
    Ok(Code::new(fields)?.into_object())
}

#[cold]
fn audit_new(fields: &Fields) -> PyResult<()> {
    let code = Bytes::try_new(&fields.code)?;
    let locals = fields.localspluskinds.as_slice().iter().filter(|&&kind| kind & 0x20 != 0).count() as i32;
    let numbers = [fields.argcount, fields.posonlyargcount, fields.kwonlyargcount, locals, fields.stacksize, fields.flags].map(|n| Int::from_i64(n as i64));
    let [a, b, c, d, e, f] = &numbers;
    crate::audit::audit("code.__new__", &[&code, &fields.filename, &fields.name, a, b, c, d, e, f])
}

/// As [`make`], for what a program puts together piece by piece: code that must not run may exist, and raises when it is run.
pub fn make_unverified(fields: Fields) -> PyResult {
    check(&fields)?;
    if crate::audit::is_active() {
        audit_new(&fields)?;
    }
    match verify(&fields) {
        Ok(()) => Ok(Code::new(fields)?.into_object()),
        Err(fault) => Ok(Code::new_unrunnable(fields, fault)?.into_object()),
    }
}

/// What every code object must have.
fn check(fields: &Fields) -> PyResult<()> {
    if fields.code.len() % 2 != 0 || fields.code.is_empty() {
        return Err(err!(ValueError, "code: co_code is malformed"));
    }
    if fields.argcount < fields.posonlyargcount || fields.posonlyargcount < 0 || fields.kwonlyargcount < 0 || fields.stacksize < 0 || fields.flags < 0 {
        return Err(err!(ValueError, "code: co_posonlyargcount must not exceed co_argcount"));
    }
    for i in 0..fields.names.len() {
        if !Str::check_exact(fields.names.get(i)) {
            return Err(err!(TypeError, "name tuples must contain only strings, not '{}'", fields.names.get(i).type_name()));
        }
    }
    Ok(())
}

/// Runs the verifier over what came from outside; gives what is wrong.
fn verify(fields: &Fields) -> Result<(), String> {
    if let Some(number) = unknown_opcode(&fields.code) {
        return Err(format!("unknown opcode {number}"));
    }
    let view = bytecode::verify::CodeView {
        code: &fields.code,
        consts: fields.consts.len(),
        names: fields.names.len(),
        localspluskinds: fields.localspluskinds.as_slice(),
        const_kind: &|i| const_kind(fields.consts.get(i)),
        stacksize: fields.stacksize as u32,
        argcount: fields.argcount as u32,
        posonlyargcount: fields.posonlyargcount as u32,
        kwonlyargcount: fields.kwonlyargcount as u32,
        flags: fields.flags as u32,
        exceptiontable: fields.exceptiontable.as_slice(),
    };
    bytecode::verify::verify(&view).map_err(|problem| problem.message.to_string())
}

/// The first instruction whose number is none.
fn unknown_opcode(code: &[u8]) -> Option<u8> {
    let mut at = 0;
    while let Some(&number) = code.get(at) {
        let Some(opcode) = bytecode::Opcode::from_number(number as u32) else { return Some(number) };
        at += 2 + opcode.caches() * 2;
    }
    None
}

/// What the verifier wants to know of a constant.
fn const_kind(o: &Object) -> bytecode::verify::ConstKind {
    use bytecode::verify::ConstKind;
    if let Some(code) = o.downcast_exact::<Code>() {
        return ConstKind::Code { free: code.0.co_nfreevars.get() as usize };
    }
    match o.downcast_exact::<Tuple>() {
        Some(tuple) if tuple.iter().all(|item| Str::check_exact(item)) => ConstKind::Names(tuple.len()),
        Some(_) => ConstKind::Tuple,
        None => ConstKind::Other,
    }
}

/// `code.replace(**changes)`.
pub fn replace(code: &Code, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult {
    if !args.is_empty() {
        return Err(err!(TypeError, "replace() takes 0 positional arguments but {} {} given", args.len(), if args.len() == 1 { "was" } else { "were" }));
    }
    for (key, _) in kwargs.iter() {
        let key = crate::protocol::object::str(key)?.to_string();
        let known = key.strip_prefix("co_").is_some_and(|k| PARAMETERS.contains(&k) || ["code", "consts", "freevars", "cellvars", "varnames"].contains(&k));
        if !known {
            return Err(err!(TypeError, "replace() got an unexpected keyword argument '{}'", key));
        }
    }
    for name in ["co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_nlocals", "co_stacksize", "co_flags", "co_firstlineno"] {
        if let Some(value) = kwargs.get(name)
            && int(value)? < 0
        {
            return Err(err!(ValueError, "{} must be a positive integer", name));
        }
    }
    let number = |name: &str, current: &Cell<i32>| -> PyResult<i32> { kwargs.get(name).map_or(Ok(current.get()), int) };
    let field = |name: &str, current: &Cell<*mut abi::PyObject>| -> Owned { kwargs.get(name).map_or_else(|| Code::field(current), |v| v.to_owned()) };
    let c = &code.0;
    let (argcount, posonly, kwonly, flags) =
        (number("co_argcount", &c.co_argcount)?, number("co_posonlyargcount", &c.co_posonlyargcount)?, number("co_kwonlyargcount", &c.co_kwonlyargcount)?, number("co_flags", &c.co_flags)?);
    let wrong = |name: &str, want: &str, o: &Object| err!(TypeError, "replace() argument '{}' must be {}, not {}", name, want, o.type_name());
    macro_rules! typed_field {
        ($name:literal, $cell:expr, $ty:ty, $want:literal) => {{
            let value = field($name, $cell);
            value.try_into_typed::<$ty>().map_err(|other| wrong($name, $want, &other))?
        }};
    }
    let changes_layout = ["co_varnames", "co_cellvars", "co_freevars", "co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_flags", "co_nlocals"].iter().any(|k| kwargs.get(k).is_some());
    let (names, kinds) = if changes_layout {
        let part = |name: &str, getter: &str| -> PyResult<Owned<Tuple>> {
            let value = match kwargs.get(name) {
                Some(value) => value.to_owned(),
                None => crate::protocol::object::get_attr_str(code.as_object(), getter)?,
            };
            value.try_into_typed::<Tuple>().map_err(|other| wrong(name, "tuple", &other))
        };
        let (v, cv, fv) = (part("co_varnames", "co_varnames")?, part("co_cellvars", "co_cellvars")?, part("co_freevars", "co_freevars")?);
        if let Some(nlocals) = kwargs.get("co_nlocals")
            && int(nlocals)? as usize != v.len()
        {
            return Err(err!(ValueError, "code: co_nlocals != len(co_varnames)"));
        }
        let (names, kinds) = localsplus(&v, &cv, &fv, argcount, posonly, kwonly, flags)?;
        (names, Bytes::new(&kinds))
    } else {
        (typed_field!("", &c.co_localsplusnames, Tuple, "tuple"), typed_field!("", &c.co_localspluskinds, Bytes, "bytes"))
    };
    let text = match kwargs.get("co_code") {
        Some(value) => match value.downcast::<Bytes>() {
            Some(bytes) => bytes.as_slice().to_vec(),
            None => return Err(wrong("co_code", "bytes", value)),
        },
        None => code.original_code(),
    };
    make_unverified(Fields {
        argcount,
        posonlyargcount: posonly,
        kwonlyargcount: kwonly,
        stacksize: number("co_stacksize", &c.co_stacksize)?,
        flags,
        code: text.into(),
        consts: typed_field!("co_consts", &c.co_consts, Tuple, "tuple"),
        names: typed_field!("co_names", &c.co_names, Tuple, "tuple"),
        localsplusnames: names,
        localspluskinds: kinds,
        filename: typed_field!("co_filename", &c.co_filename, Str, "str"),
        name: typed_field!("co_name", &c.co_name, Str, "str"),
        qualname: typed_field!("co_qualname", &c.co_qualname, Str, "str"),
        firstlineno: number("co_firstlineno", &c.co_firstlineno)?,
        linetable: typed_field!("co_linetable", &c.co_linetable, Bytes, "bytes"),
        exceptiontable: typed_field!("co_exceptiontable", &c.co_exceptiontable, Bytes, "bytes"),
    })
}

/// A key under which constants are equal only if they are the same constant: type and value, sign of zero, items likewise
/// (`_PyCode_ConstantKey`).
pub fn constant_key(o: &Object) -> PyResult {
    crate::tstate::check_recursion("")?;
    let ty: &Object = o.ty();
    if o.is_none() || o.is(types::ellipsis()) || Int::check_exact(o) || o.is(types::true_()) || o.is(types::false_()) || Bytes::check_exact(o) || Str::check_exact(o) || Code::check_exact(o) {
        return Ok(Tuple::new(&[ty, o]).into_object());
    }
    if let Some(float) = o.downcast_exact::<Float>() {
        return Ok(Tuple::new(&[ty, Bytes::new(&float.value().to_bits().to_le_bytes()).object()]).into_object());
    }
    if let Some(complex) = o.downcast_exact::<Complex>() {
        let (re, im) = complex.value();
        let bits: Vec<u8> = [re, im].iter().flat_map(|v| v.to_bits().to_le_bytes()).collect();
        return Ok(Tuple::new(&[ty, Bytes::new(&bits).object()]).into_object());
    }
    if let Some(tuple) = o.downcast_exact::<Tuple>() {
        let keys = (0..tuple.len()).map(|i| constant_key(tuple.get(i))).collect::<PyResult<Vec<_>>>()?;
        return Ok(Tuple::new(&[o.ty(), Tuple::from_owned(keys).object()]).into_object());
    }
    if FrozenSet::check_exact(o) {
        let items = crate::protocol::sequence::to_list(o)?;
        let keys = (0..items.len()).filter_map(|i| items.get(i)).map(|item| constant_key(&item)).collect::<PyResult<Vec<_>>>()?;
        return Ok(Tuple::new(&[ty, FrozenSet::from_items(&keys)?.object()]).into_object());
    }
    if let Some(slice) = o.downcast_exact::<Slice>() {
        // SAFETY: a slice's fields are never NULL.
        let parts = unsafe { [slice.0.start.get(), slice.0.stop.get(), slice.0.step.get()].map(|p| Object::from_ptr(p)) };
        let keys = parts.iter().map(|p| constant_key(p)).collect::<PyResult<Vec<_>>>()?;
        return Ok(Tuple::new(&[ty, Tuple::from_owned(keys).object()]).into_object());
    }
    let id = Int::from_i64(o.as_ptr() as i64);
    Ok(Tuple::new(&[o, id.object()]).into_object())
}
