//! Shows what a stage makes of a program: `--emit symbols`, `instructions`, `cfg` and `cfg.dot`.

use std::fmt::Write;

use syntax::ast::{Arena, Mod};

use crate::codegen::GraphFormat;
use crate::host::{Host, Result};
use crate::instruction::InstructionSequence;
use crate::symtable::{BlockId, BlockKind, Scope, SymbolTable, symbol};
use crate::names::Names;
use crate::{Options, Program};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    Symbols,
    /// What the code generator wrote, before optimisation.
    Instructions,
    /// The optimised graph of each code object, the innermost first.
    Cfg,
    /// The same for Graphviz.
    CfgDot,
}

/// The text of a stage.
pub fn emit<'a>(
    arena: &'a Arena,
    module: &Mod<'a>,
    options: &Options,
    stage: Stage,
    host: &mut dyn Host,
) -> Result<String> {
    let mut out = String::new();
    match stage {
        Stage::Symbols => {
            let program = Program::new(arena, module, options, host)?;
            write_block(&mut out, &program.table, &program.names, BlockId::TOP, 0);
        }
        Stage::Instructions => {
            let (sequence, _) = crate::codegen(arena, module, options, host)?;
            write_sequence(&mut out, &sequence, 0);
        }
        Stage::Cfg | Stage::CfgDot => {
            let program = Program::new(arena, module, options, host)?;
            let module = program.module;
            let mut generator = program.into_generator(options, false, host);
            let format = if stage == Stage::Cfg { GraphFormat::Listing } else { GraphFormat::Dot };
            generator.show_graphs(format);
            generator.module(&module)?;
            generator.finish_module(&module)?;
            out = generator.take_graphs();
        }
    }
    Ok(out)
}

fn write_block(out: &mut String, table: &SymbolTable, names: &Names<'_>, id: BlockId, depth: usize) {
    let block = table.block(id);
    let kind = match block.kind {
        BlockKind::Function => "function",
        BlockKind::Class => "class",
        BlockKind::Module => "module",
        BlockKind::Annotation => "annotation",
        BlockKind::TypeAlias => "type alias",
        BlockKind::TypeParameters => "type parameters",
        BlockKind::TypeVariable => "type variable",
    };
    let indent = "    ".repeat(depth);
    let (name, line) = (names.text(block.name), block.location.lineno);
    let _ = writeln!(out, "{indent}{kind} {name} (line {line})");
    for (name, flags) in block.symbols.iter() {
        let scope = match Scope::of(flags) {
            Scope::Unknown => "unknown",
            Scope::Local => "local",
            Scope::GlobalExplicit => "global (declared)",
            Scope::GlobalImplicit => "global",
            Scope::Free => "free",
            Scope::Cell => "cell",
        };
        let _ = write!(out, "{indent}    {}: {scope}", names.text(name));
        for (flag, word) in [
            (symbol::DEF_PARAM, "parameter"),
            (symbol::DEF_LOCAL, "assigned"),
            (symbol::DEF_IMPORT, "imported"),
            (symbol::DEF_ANNOT, "annotated"),
            (symbol::DEF_NONLOCAL, "nonlocal"),
            (symbol::DEF_TYPE_PARAM, "type parameter"),
            (symbol::DEF_COMP_ITER, "iteration variable"),
            (symbol::DEF_COMP_CELL, "cell of a comprehension"),
            (symbol::DEF_FREE_CLASS, "free in a method"),
            (symbol::USE, "used"),
        ] {
            if flags & flag != 0 {
                let _ = write!(out, ", {word}");
            }
        }
        out.push('\n');
    }
    for &child in &block.children {
        write_block(out, table, names, child, depth + 1);
    }
}

fn write_sequence(out: &mut String, sequence: &InstructionSequence, depth: usize) {
    let indent = "    ".repeat(depth);
    for (i, instr) in sequence.instrs.iter().enumerate() {
        let at = instr.location;
        let line = if at.lineno >= 0 { at.lineno.to_string() } else { "-".to_owned() };
        let _ = writeln!(out, "{indent}{i:4} {line:>5}  {} {}", instr.opcode.name(), instr.oparg);
    }
    for nested in &sequence.nested {
        out.push('\n');
        write_sequence(out, nested, depth + 1);
    }
}
