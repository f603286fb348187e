//! From the lowered graph to the code object: bytes, location table, exception table, variables, constants.
//!
//! Needs blocks without pseudo-instructions except `JUMP` and `JUMP_NO_INTERRUPT`, whose direction is settled here.

mod jumps;
mod localsplus;

use std::rc::Rc;

use bytecode::code::{CodeUnit, Constant, Wtf8};
use bytecode::exception_table::{self, ExceptionEntry};
use bytecode::locations::{self, LocationWriter};
use bytecode::{BigInt, Opcode};
use syntax::Location;
use syntax::ast::Arena;

use crate::flowgraph::{BlockId, Graph, GraphError};
use crate::instruction::{InstructionSequence, NEXT_LOCATION, NO_LOCATION};
use crate::names::{Name, Names};
use crate::unit::{Const, ConstTable, Metadata};

use jumps::Flat;

/// Optimises and assembles the code objects of one program, one after the other; keeps its memory between them.
#[derive(Default)]
pub struct Assembler {
    /// That of the last code object.
    pub graph: Graph,
    flat: Flat,
    texts: Texts,
}

/// The strings of names, each made once for all code objects of a program.
#[derive(Default)]
struct Texts(Vec<Option<Wtf8>>);

impl Texts {
    fn get(&mut self, names: &Names<'_>, name: Name) -> Wtf8 {
        let index = name.index();
        if index >= self.0.len() {
            self.0.resize(index + 1, None);
        }
        self.0[index].get_or_insert_with(|| Wtf8::new(names.text(name))).clone()
    }
}

impl Assembler {
    pub fn new() -> Self {
        Self::default()
    }

    /// The whole back end. `nparams` locals are bound when the code begins.
    pub fn optimize_and_assemble<'a>(
        &mut self,
        arena: &'a Arena,
        names: &Names<'a>,
        metadata: &mut Metadata<'a>,
        sequence: &mut InstructionSequence,
        nparams: usize,
        code_flags: u32,
        filename: &Wtf8,
    ) -> Result<CodeUnit, GraphError> {
        self.graph.build(sequence)?;
        self.graph.optimize(arena, &mut metadata.consts, metadata.varnames.len(), nparams)?;
        self.assemble_graph(names, metadata, code_flags, filename)
    }

    /// Assembles a sequence as it stands (`_testinternalcapi.assemble_code_object`).
    pub fn assemble_sequence<'a>(
        &mut self,
        names: &Names<'a>,
        metadata: &mut Metadata<'a>,
        sequence: &mut InstructionSequence,
        filename: &Wtf8,
    ) -> Result<CodeUnit, GraphError> {
        self.graph.build(sequence)?;
        self.graph.prepare_unoptimized()?;
        self.assemble_graph(names, metadata, 0, filename)
    }

    fn assemble_graph(
        &mut self,
        names: &Names<'_>,
        metadata: &mut Metadata<'_>,
        code_flags: u32,
        filename: &Wtf8,
    ) -> Result<CodeUnit, GraphError> {
        let (stacksize, nlocalsplus) = self.graph.lower(metadata, code_flags)?;
        self.flat.load(&self.graph);
        self.flat.resolve_jumps();
        let (localsplusnames, localspluskinds) =
            localsplus::localsplus(metadata, nlocalsplus as usize, code_flags, &mut |name| self.texts.get(names, name));
        let mut text = |name| self.texts.get(names, name);
        Ok(CodeUnit {
            argcount: metadata.posonlyargcount + metadata.argcount,
            posonlyargcount: metadata.posonlyargcount,
            kwonlyargcount: metadata.kwonlyargcount,
            stacksize: stacksize.max(1),
            flags: code_flags,
            code: self.flat.write_code(),
            consts: constants(&mut metadata.consts),
            names: metadata.names.iter().map(&mut text).collect(),
            localsplusnames,
            localspluskinds,
            filename: filename.clone(),
            name: text(metadata.name),
            qualname: Wtf8::new(metadata.qualname),
            firstlineno: metadata.firstlineno,
            linetable: self.flat.write_locations(metadata.firstlineno),
            exceptiontable: self.flat.write_exception_table(&self.graph),
        })
    }
}

impl Flat {
    fn write_code(&self) -> Vec<u8> {
        // Caches are zero.
        let mut code = vec![0; self.units as usize * 2];
        for instr in &self.instrs {
            let mut at = instr.offset as usize * 2;
            if instr.oparg > 0xff {
                for shift in [24, 16, 8] {
                    if instr.oparg >> shift != 0 {
                        code[at..at + 2].copy_from_slice(&[Opcode::EXTENDED_ARG as u8, (instr.oparg >> shift) as u8]);
                        at += 2;
                    }
                }
            }
            code[at..at + 2].copy_from_slice(&[instr.opcode as u8, instr.oparg as u8]);
        }
        code
    }

    fn write_locations(&mut self, firstlineno: i32) -> Vec<u8> {
        if self.next_locations {
            self.resolve_next_locations();
        }
        let mut writer = LocationWriter::new(firstlineno, self.instrs.len());
        for instr in &self.instrs {
            writer.push(location(instr.location), instr.units() as usize);
        }
        writer.finish()
    }

    /// From behind: an instruction may have the location of the one after it.
    fn resolve_next_locations(&mut self) {
        let mut next = NO_LOCATION;
        for instr in self.instrs.iter_mut().rev() {
            if instr.location == NEXT_LOCATION {
                instr.location = if instr.opcode.is_terminator() { NO_LOCATION } else { next };
            }
            next = instr.location;
        }
    }

    fn write_exception_table(&self, graph: &Graph) -> Vec<u8> {
        let mut table = Vec::new();
        if !graph.has_handlers() {
            return table;
        }
        let mut handler = BlockId::NONE;
        let mut start = 0;
        let mut write = |handler: BlockId, start: u32, end: u32| {
            if handler.is_some() && end > start {
                let block = &graph[handler];
                let lasti = block.preserve_lasti;
                let depth = (block.start_depth - 1 - lasti as i32).max(0) as u32;
                let target = self.block_offset(handler);
                exception_table::write_entry(&mut table, ExceptionEntry { start, end, target, depth, lasti });
            }
        };
        for instr in &self.instrs {
            if instr.except != handler {
                write(handler, start, instr.offset);
                start = instr.offset;
                handler = instr.except;
            }
        }
        write(handler, start, self.units);
        table
    }
}

fn location(from: Location) -> locations::Location {
    locations::Location::new(from.lineno, from.end_lineno, from.col_offset, from.end_col_offset)
}

/// `co_consts`; takes the code objects out of the table.
fn constants(table: &mut ConstTable<'_>) -> Vec<Constant> {
    table.items.iter().map(|item| constant(item, &table.codes)).collect()
}

/// A constant of the compiler as code objects have it; `codes` are the table's.
pub fn constant(value: &Const<'_>, codes: &[Rc<CodeUnit>]) -> Constant {
    let items = |items: &[Const<'_>]| -> Rc<[Constant]> { items.iter().map(|item| constant(item, codes)).collect() };
    match *value {
        Const::None => Constant::None,
        Const::True => Constant::True,
        Const::False => Constant::False,
        Const::Ellipsis => Constant::Ellipsis,
        Const::Int(value) => Constant::Int(value),
        Const::BigInt(value) => Constant::BigInt(Rc::<BigInt>::new(value.to_bigint())),
        Const::Float(value) => Constant::Float(value),
        Const::Complex(value) => Constant::Complex(value.real, value.imag),
        Const::Str(text) => Constant::Str(Wtf8::from_valid(text.as_bytes())),
        Const::Bytes(bytes) => Constant::Bytes(bytes.into()),
        Const::Tuple(parts) => Constant::Tuple(items(parts)),
        Const::FrozenSet(parts) => Constant::FrozenSet(items(parts)),
        Const::Slice(parts) => Constant::Slice(Rc::new([0, 1, 2].map(|at| constant(&parts[at], codes)))),
        Const::Code(index) => Constant::Code(codes[index as usize].clone()),
    }
}
