//! The compiler stopped after one of its stages, and entered before one.

use super::graph_error;
use super::sequence::Sequence;
use crate::compile::{self, Mode};
use crate::err;
use crate::errors::PyResult;
use crate::modules::ast::from_objects;
use crate::modules::builtins::evaluate::fs_decode;
use crate::object::{Object, Owned, PyTyped};
use crate::protocol::number;
use crate::types::code::Fields;
use crate::types::{self, Bytes, Dict, Int, List, Slice, Str, Tuple};
use bytecode::code::{CodeUnit, Wtf8};
use bytecode::opcodes::Opcode;
use compiler::assemble::{Assembler, constant};
use compiler::flowgraph::Graph;
use compiler::instruction::InstructionSequence;
use compiler::names::{NameTable, Names};
use compiler::unit::{Const, ConstTable, Metadata};
use syntax::Arena;

pub fn cleandoc(doc: &Str) -> PyResult<Owned<Str>> {
    let arena = Arena::new();
    let text = compile::wtf8(doc);
    let clean = compiler::cleandoc(&arena, syntax::ast::Str::from_wtf8(arena.alloc_slice_copy(text.as_bytes())));
    match clean {
        Ok(clean) => Ok(Str::from_wtf8(clean.as_bytes())),
        Err(error) => {
            let host = compile::RuntimeHost { filename: Str::new("<string>"), module_name: None };
            Err(compile::raise_compile_error(error, &host))
        }
    }
}

pub fn codegen(tree: &Object, filename: &Object, optimize: i32, mode: i32) -> PyResult<Owned<Tuple>> {
    let filename = fs_decode(filename)?;
    let mode = match mode {
        0 => Mode::Exec,
        1 => Mode::Eval,
        2 => Mode::Single,
        _ => return Err(err!(ValueError, "invalid compile mode {}", mode)),
    };
    from_objects::with_module(tree, mode, |arena, module| {
        let mut host = compile::RuntimeHost { filename: Owned::from_ref(&*filename), module_name: None };
        compiler::validate(module, &host).map_err(|error| compile::raise_compile_error(error, &host))?;
        let options = compile::options(&filename, 0, optimize);
        let made = compiler::codegen(arena, module, &options, &mut host).map(|(sequence, mut generator)| {
            let metadata = &mut generator.unit.metadata;
            let counts = [metadata.argcount, metadata.posonlyargcount, metadata.kwonlyargcount];
            (sequence, counts, std::mem::take(&mut metadata.consts))
        });
        let (sequence, counts, consts) = made.map_err(|error| compile::raise_compile_error(error, &host))?;
        let metadata = Dict::new();
        for (name, count) in ["argcount", "posonlyargcount", "kwonlyargcount"].into_iter().zip(counts) {
            metadata.set(name, &*Int::from_i64(count as i64))?;
        }
        let consts = consts.items.iter().map(|value| types::code_from_unit::object_of_constant(&constant(value, &consts.codes)));
        metadata.set("consts", &*List::from_owned(consts.collect::<PyResult<_>>()?))?;
        Ok(Tuple::pair(Sequence::from_instructions(sequence)?.into_object(), metadata.into_object()))
    })
}

pub fn optimize(sequence: &Sequence, consts: &List, nlocals: i32) -> PyResult<Owned<Sequence>> {
    let mut instructions = sequence.instructions()?;
    let nlocals = usize::try_from(nlocals).map_err(|_| err!(ValueError, "nlocals must not be negative"))?;
    check_locals(&instructions, nlocals)?;
    let arena = Arena::new();
    let objects = consts.to_vec();
    let mut table = ConstTable::default();
    for object in &objects {
        table.push_foreign(const_of(&arena, object)?);
    }
    let mut graph = Graph::new();
    let result = graph.optimize_sequence(&mut instructions, &arena, &mut table, nlocals).map_err(graph_error)?;
    // The list gets what is loaded now; what was in it before is the same object still.
    let place = |index: usize| if table.kept.is_empty() { index } else { table.kept[index] as usize };
    let mut now = Vec::with_capacity(table.items.len());
    for (index, value) in table.items.iter().enumerate() {
        now.push(match objects.get(place(index)) {
            Some(object) => object.clone(),
            None => types::code_from_unit::object_of_constant(&constant(value, &[]))?,
        });
    }
    consts.clear();
    for object in now {
        consts.push(object)?;
    }
    Sequence::from_instructions(result)
}

/// Locals that instructions refer to are there.
fn check_locals(instructions: &InstructionSequence, nlocals: usize) -> PyResult<()> {
    // The tests of the optimiser give no number of locals where they do not matter.
    const LOCALS_MAX: u32 = 1 << 16;
    let local = |instr: &&compiler::instruction::Instruction| {
        (instr.opcode.has(bytecode::opcodes::flags::LOCAL) || instr.opcode.is_block_push()) && instr.oparg >= LOCALS_MAX
    };
    if nlocals > LOCALS_MAX as usize || instructions.instrs.iter().find(local).is_some() {
        return Err(err!(ValueError, "too many local variables"));
    }
    Ok(())
}

/// A constant as the optimiser sees it. What it does not compute with is something unlike everything else.
fn const_of<'a>(arena: &'a Arena, value: &Object) -> PyResult<Const<'a>> {
    const OPAQUE: Const<'static> = Const::Code(u32::MAX);
    if let Some(slice) = value.downcast_exact::<Slice>() {
        let parts = [const_of(arena, slice.start())?, const_of(arena, slice.stop())?, const_of(arena, slice.step())?];
        return Ok(Const::Slice(arena.alloc(parts)));
    }
    Ok(from_objects::constant(arena, value)?.map_or(OPAQUE, |value| Const::from_ast(arena, &value)))
}

pub fn assemble(filename: &Str, sequence: &Sequence, metadata: &Dict) -> PyResult {
    let mut instructions = sequence.instructions()?;
    let arena = Arena::new();
    let mut names = Names::new(&arena);
    let mut part = |key: &str| -> PyResult<NameTable> {
        let keys = keys_in_order(&*field::<Dict>(metadata, key)?, key)?;
        let mut table = NameTable::new();
        for key in keys {
            let Some(text) = key.downcast::<Str>() else {
                return Err(err!(TypeError, "expected str, not {}", key.type_name()));
            };
            let name = names.intern_new(text.as_utf8()?);
            table.add(name);
        }
        Ok(table)
    };
    let (own, variables) = (part("names")?, part("varnames")?);
    let (cells, free) = (part("cellvars")?, part("freevars")?);
    let hidden = part("fasthidden")?;
    let qualname = field::<Str>(metadata, "qualname")?;
    let name = names.intern_new(field::<Str>(metadata, "name")?.as_utf8()?);
    let number = |key: &str| -> PyResult<u32> {
        let value = field::<Int>(metadata, key)?;
        u32::try_from(number::as_i32(value.as_object())?).map_err(|_| err!(ValueError, "{} must not be negative", key))
    };
    let arguments = number("argcount")? as u64 + number("posonlyargcount")? as u64 + number("kwonlyargcount")? as u64;
    if arguments > variables.len() as u64 {
        return Err(err!(ValueError, "varnames is too small"));
    }
    check_variables(&instructions, variables.len(), cells.len() + free.len())?;
    let mut unit = Metadata {
        qualname: arena.alloc_str(qualname.as_utf8()?),
        names: own,
        varnames: variables,
        cellvars: cells,
        freevars: free,
        fasthidden: hidden.iter().map(|name| (name, false)).collect(),
        argcount: number("argcount")?,
        posonlyargcount: number("posonlyargcount")?,
        kwonlyargcount: number("kwonlyargcount")?,
        ..Metadata::new(name, number("firstlineno")? as i32)
    };
    let consts = keys_in_order(&*field::<Dict>(metadata, "consts")?, "consts")?;
    let file: Wtf8 = compile::wtf8(filename);
    let made = Assembler::new().assemble_sequence(&names, &mut unit, &mut instructions, &file).map_err(graph_error)?;
    types::code_new::make_unverified(fields(made, consts, filename))
}

/// Cells that instructions refer to are there; the verifier will look at everything else.
fn check_variables(instructions: &InstructionSequence, nlocals: usize, ncells: usize) -> PyResult<()> {
    for instr in &instructions.instrs {
        let bound = match instr.opcode {
            Opcode::LOAD_CLOSURE | Opcode::MAKE_CELL => ncells,
            opcode if opcode.has(bytecode::opcodes::flags::FREE) && opcode != Opcode::COPY_FREE_VARS => ncells,
            opcode if opcode.has(bytecode::opcodes::flags::LOCAL) => nlocals + ncells,
            _ => continue,
        };
        if instr.oparg as usize >= bound {
            return Err(err!(ValueError, "{} {} refers to no variable", instr.opcode.name(), instr.oparg));
        }
    }
    Ok(())
}

fn fields(unit: CodeUnit, consts: Vec<Owned>, filename: &Str) -> Fields<'static> {
    let text = |text: &Wtf8| Str::intern(Str::from_wtf8(text.as_bytes()));
    let strs = |names: &[Wtf8]| Tuple::from_owned(names.iter().map(|name| text(name).into_object()).collect());
    Fields {
        argcount: unit.argcount as i32,
        posonlyargcount: unit.posonlyargcount as i32,
        kwonlyargcount: unit.kwonlyargcount as i32,
        stacksize: unit.stacksize as i32,
        flags: unit.flags as i32,
        consts: Tuple::from_owned(consts),
        names: strs(&unit.names),
        localsplusnames: strs(&unit.localsplusnames),
        localspluskinds: Bytes::new(&unit.localspluskinds),
        filename: Owned::from_ref(filename),
        name: text(&unit.name),
        qualname: text(&unit.qualname),
        firstlineno: unit.firstlineno,
        linetable: Bytes::new(&unit.linetable),
        exceptiontable: Bytes::new(&unit.exceptiontable),
        code: unit.code.into(),
    }
}

/// An item of the metadata.
fn field<T: PyTyped>(metadata: &Dict, key: &str) -> PyResult<Owned<T>> {
    let Some(value) = metadata.get(key) else { return Err(err!(KeyError, "{}", key)) };
    value.try_into_typed::<T>().map_err(|other| err!(TypeError, "metadata[{:?}] has the wrong type {}", key, other.type_name()))
}

/// The keys of a dict whose values number them. Keys of constants may be the compiler's own (a tuple whose second item is the constant).
fn keys_in_order(dict: &Dict, what: &str) -> PyResult<Vec<Owned>> {
    let mut keys: Vec<(usize, Owned)> = Vec::with_capacity(dict.len());
    let mut at = 0;
    while let Some((key, value)) = dict.next(&mut at) {
        let key = match key.downcast_exact::<Tuple>() {
            Some(pair) if what == "consts" && pair.len() > 1 => pair.get(1).to_owned(),
            _ => key,
        };
        let index = if what == "fasthidden" { keys.len() } else { number::as_isize(&value, None)? as usize };
        keys.push((index, key));
    }
    keys.sort_by_key(|(index, _)| *index);
    if keys.iter().enumerate().any(|(expected, (index, _))| expected != *index) {
        return Err(err!(ValueError, "{} must be numbered from 0", what));
    }
    Ok(keys.into_iter().map(|(_, key)| key).collect())
}
