//! What can be read off a code object: its variables by kind, whether it needs more than its arguments, whether it returns a value.

use crate::err;
use crate::errors::PyResult;
use crate::object::{Object, Owned};
use crate::types::{Code, Dict, Function, Int, Set};
use bytecode::code::{co, kinds};
use bytecode::{Opcode, op};

/// The kinds of variables by name.
pub fn local_kinds(code: &Code) -> PyResult<Owned<Dict>> {
    let dict = Dict::new();
    for (place, kind) in code.kinds().iter().enumerate() {
        dict.set_item(code.localsplus_name(place), &*Int::from_i64(*kind as i64))?;
    }
    Ok(dict)
}

/// A code object and the name spaces in which its globals are looked for.
pub struct Spaces {
    code: Owned<Code>,
    globals: Option<Owned<Dict>>,
    builtins: Option<Owned<Dict>>,
}

impl Spaces {
    /// Of a code object or a function, whose own name spaces are taken where none is given.
    pub fn new(code: &Object, globals: Option<&Dict>, builtins: Option<&Dict>) -> PyResult<Spaces> {
        let (globals, builtins) = (globals.map(Owned::from_ref), builtins.map(Owned::from_ref));
        if let Some(function) = code.downcast::<Function>() {
            let own = |name| -> PyResult<Option<Owned<Dict>>> {
                Ok(crate::protocol::object::get_attr_str(code, name)?.try_into_typed::<Dict>().ok())
            };
            let globals = if globals.is_none() { own("__globals__")? } else { globals };
            let builtins = if builtins.is_none() { own("__builtins__")? } else { builtins };
            return Ok(Spaces { code: Owned::from_ref(function.code()), globals, builtins });
        }
        match code.downcast::<Code>() {
            Some(code) => Ok(Spaces { code: Owned::from_ref(code), globals, builtins }),
            None => Err(err!(TypeError, "argument must be a code object or a function")),
        }
    }
}

/// How many variables of each kind there are.
#[derive(Default)]
pub struct Counts {
    locals: usize,
    posonly: usize,
    posorkw: usize,
    kwonly: usize,
    varargs: usize,
    varkwargs: usize,
    pure_locals: usize,
    argument_cells: usize,
    other_cells: usize,
    hidden_locals: usize,
    hidden_cells: usize,
    free: usize,
    global: usize,
    builtin: usize,
    unknown_global: usize,
    attributes: usize,
    /// Names that are neither global nor attribute.
    unknown: usize,
}

impl Counts {
    /// Counts; names that are in the sets already do not count, those found are added.
    pub fn of(spaces: &Spaces, globalnames: &Set, attrnames: &Set) -> PyResult<Counts> {
        let mut counts = Counts::default();
        spaces.code.kinds().iter().for_each(|kind| counts.add_local(*kind));
        // A name may be a global and an attribute.
        let (mut found, mut twice) = (0, 0);
        for (opcode, oparg) in instructions(&spaces.code) {
            let (names, others) = match opcode {
                Opcode::LOAD_ATTR => (attrnames, globalnames),
                Opcode::LOAD_GLOBAL => (globalnames, attrnames),
                _ => continue,
            };
            let Some(name) = spaces.code.names().get_opt(oparg as usize >> 1) else { continue };
            if names.contains(name)? {
                continue;
            }
            found += 1;
            let known = |space: &Option<Owned<Dict>>| space.as_ref().map_or(Ok(false), |space| space.contains(name));
            let counter = match opcode {
                Opcode::LOAD_ATTR => &mut counts.attributes,
                _ if known(&spaces.globals)? => &mut counts.global,
                _ if known(&spaces.builtins)? => &mut counts.builtin,
                _ => &mut counts.unknown_global,
            };
            *counter += 1;
            names.add(name)?;
            twice += others.contains(name)? as usize;
        }
        counts.unknown = (spaces.code.names().len() + twice).saturating_sub(found);
        Ok(counts)
    }

    fn add_local(&mut self, kind: u8) {
        let has = |bit| kind & bit != 0;
        if has(kinds::FREE) {
            self.free += 1;
            return;
        }
        self.locals += 1;
        let argument = has(kinds::ARG_POS | kinds::ARG_KW | kinds::ARG_VAR);
        if argument {
            *match (has(kinds::ARG_VAR), has(kinds::ARG_POS), has(kinds::ARG_KW)) {
                (true, true, _) => &mut self.varargs,
                (true, false, _) => &mut self.varkwargs,
                (false, true, true) => &mut self.posorkw,
                (false, true, false) => &mut self.posonly,
                (false, false, _) => &mut self.kwonly,
            } += 1;
            self.argument_cells += has(kinds::CELL) as usize;
        } else if has(kinds::CELL) {
            self.other_cells += 1;
            self.hidden_cells += has(kinds::HIDDEN) as usize;
        } else {
            self.pure_locals += 1;
            self.hidden_locals += has(kinds::HIDDEN) as usize;
        }
    }

    pub fn to_dict(&self) -> PyResult<Owned<Dict>> {
        let args = self.posonly + self.posorkw + self.kwonly + self.varargs + self.varkwargs;
        let globals = self.global + self.builtin + self.unknown_global;
        let unbound = globals + self.attributes + self.unknown;
        let args = dict_of(&[
            ("total", args),
            ("numposonly", self.posonly),
            ("numposorkw", self.posorkw),
            ("numkwonly", self.kwonly),
            ("varargs", self.varargs),
            ("varkwargs", self.varkwargs),
        ])?;
        let (arguments, others) = (self.argument_cells, self.other_cells);
        let cells = dict_of(&[("total", arguments + others), ("numargs", arguments), ("numothers", others)])?;
        let hidden = self.hidden_locals + self.hidden_cells;
        let hidden = dict_of(&[("total", hidden), ("numpure", self.hidden_locals), ("numcells", self.hidden_cells)])?;
        let globals = dict_of(&[
            ("total", globals),
            ("numglobal", self.global),
            ("numbuiltin", self.builtin),
            ("numunknown", self.unknown_global),
        ])?;
        let locals = dict_of(&[("total", self.locals)])?;
        locals.set("args", &*args)?;
        locals.set("numpure", &*Int::from_usize(self.pure_locals))?;
        locals.set("cells", &*cells)?;
        locals.set("hidden", &*hidden)?;
        let names = dict_of(&[("total", unbound), ("numattrs", self.attributes), ("numunknown", self.unknown)])?;
        names.set("globals", &*globals)?;
        let all = dict_of(&[("total", self.locals + self.free + unbound)])?;
        all.set("locals", &*locals)?;
        all.set("numfree", &*Int::from_usize(self.free))?;
        all.set("unbound", &*names)?;
        Ok(all)
    }
}

fn dict_of(items: &[(&str, usize)]) -> PyResult<Owned<Dict>> {
    let dict = Dict::new();
    for (name, count) in items {
        dict.set(name, &*Int::from_usize(*count))?;
    }
    Ok(dict)
}

/// The code depends on nothing but arguments and builtins. Where builtins are known, a global that is in neither space counts as one
/// that is missing.
pub fn verify_stateless(spaces: &Spaces, globalnames: &Set) -> PyResult<()> {
    let counts = Counts::of(spaces, globalnames, &Set::new())?;
    if counts.free > 0 {
        return Err(err!(ValueError, "closures not supported"));
    }
    let builtins_known = counts.builtin > 0 || spaces.builtins.is_some();
    if counts.global > 0 || builtins_known && counts.unknown_global > 0 {
        return Err(err!(ValueError, "globals not supported"));
    }
    Ok(())
}

/// Every return of the code returns None, as far as the instruction before it tells.
pub fn returns_only_none(code: &Code) -> bool {
    if code.flags() as u32 & (co::GENERATOR | co::COROUTINE | co::ITERABLE_COROUTINE | co::ASYNC_GENERATOR) != 0 {
        return false;
    }
    let none = code.consts().iter().position(Object::is_none);
    let mut before = None;
    for instr in instructions(code) {
        if instr.0 == Opcode::RETURN_VALUE {
            match (before, none) {
                (Some((Opcode::LOAD_CONST, oparg)), Some(none)) if oparg as usize == none => {}
                _ => return false,
            }
        }
        before = Some(instr);
    }
    true
}

/// The code's instructions in their original form with their whole arguments.
fn instructions(code: &Code) -> Vec<(Opcode, u32)> {
    let bytes = code.original_code();
    let (mut found, mut at, mut high) = (Vec::new(), 0, 0u32);
    while let [number, arg, ..] = bytes[at..] {
        let oparg = high << 8 | arg as u32;
        high = if number == op::EXTENDED_ARG { oparg } else { 0 };
        let opcode = Opcode::from_number(number as u32);
        if let Some(opcode) = opcode.filter(|_| number != op::EXTENDED_ARG) {
            found.push((opcode, oparg));
        }
        at = (at + 2 + opcode.map_or(0, |opcode| opcode.caches()) * 2).min(bytes.len());
    }
    found
}
