//! From the tree of `syntax` to code units of `bytecode`, equal to CPython 3.14's in every byte.
//!
//! The stages, each in its folder: future statements and preprocessing of the tree → [`symtable`] → [`codegen`]
//! (instruction sequences) → [`flowgraph`] (the graph and its passes) → [`assemble`]. [`compile`] runs them all;
//! [`Program`] stops where it is told.

pub mod assemble;
pub mod codegen;
pub mod emit;
pub mod fingerprint;
pub mod flags;
pub mod flowgraph;
pub mod future;
pub mod host;
pub mod instruction;
pub mod mangle;
pub mod names;
pub mod preprocess;
pub mod symtable;
pub mod unit;
pub mod unparse;
pub mod validate;

use bytecode::{CodeUnit, Wtf8};
use syntax::ast::{Arena, Mod};

pub use codegen::{Generator, cleandoc};
pub use host::{CompileError, Host, Result, SyntaxError};
pub use validate::validate;

use future::{CO_FUTURE_ANNOTATIONS, FutureFeatures};
use host::StackGuard;
use instruction::InstructionSequence;
use names::Names;
use preprocess::{PreprocessFlags, preprocess};
use symtable::SymbolTable;

/// What `compile()` is told besides the source.
#[derive(Clone, Debug)]
pub struct Options {
    pub filename: Wtf8,
    /// `CO_FUTURE_*` and `PyCF_*` bits, see [`flags`].
    pub flags: u32,
    /// 0, 1 (`-O`) or 2 (`-OO`).
    pub optimize: u8,
}

/// Compiles a module, an interactive statement or an expression.
pub fn compile<'a>(
    arena: &'a Arena,
    module: &Mod<'a>,
    options: &Options,
    host: &mut dyn Host,
) -> Result<CodeUnit> {
    let program = Program::new(arena, module, options, host)?;
    let module = program.module;
    let mut generator = program.into_generator(options, false, host);
    generator.module(&module)?;
    generator.finish_module(&module)
}

/// A program whose names are understood: preprocessed tree and symbol table.
pub struct Program<'a> {
    pub arena: &'a Arena,
    pub module: Mod<'a>,
    pub names: Names<'a>,
    pub table: SymbolTable,
    /// The flags of [`Options`] with what the program's `__future__` statements add: what later input at the same
    /// prompt is compiled with.
    pub future: FutureFeatures,
}

impl<'a> Program<'a> {
    pub fn new(arena: &'a Arena, module: &Mod<'a>, options: &Options, host: &mut dyn Host) -> Result<Self> {
        let mut future = FutureFeatures::from_ast(module)?;
        future.features |= options.flags;
        let preprocessing = PreprocessFlags {
            optimize: options.optimize as i32,
            future_annotations: future.features & CO_FUTURE_ANNOTATIONS != 0,
            syntax_check_only: false,
            warnings: true,
        };
        let module = preprocess(arena, *module, host, preprocessing)?;
        let guard = StackGuard::new(host);
        let mut names = Names::new(arena);
        let table = SymbolTable::build(&module, &mut names, &future, guard)?;
        Ok(Program { arena, module, names, table, future })
    }

    /// Ready to generate code; `save_nested` keeps the sequences of nested code objects.
    pub fn into_generator<'h>(
        self,
        options: &Options,
        save_nested: bool,
        host: &'h mut dyn Host,
    ) -> Generator<'a, 'h> {
        let generation = codegen::Options {
            filename: options.filename.clone(),
            future: self.future,
            optimize: options.optimize,
            save_nested,
        };
        Generator::new(self.arena, self.names, self.table, generation, host)
    }
}

/// The module's instructions before optimisation, those of nested code objects among them: what
/// `_testinternalcapi.compiler_codegen` shows. The generator holds the names and constants that they refer to.
pub fn codegen<'a, 'h>(
    arena: &'a Arena,
    module: &Mod<'a>,
    options: &Options,
    host: &'h mut dyn Host,
) -> Result<(InstructionSequence, Generator<'a, 'h>)> {
    let program = Program::new(arena, module, options, host)?;
    let module = program.module;
    let mut generator = program.into_generator(options, true, host);
    generator.module(&module)?;
    generator.add_return_at_end(!matches!(module, Mod::Expression { .. }));
    generator.unit.sequence.apply_label_map();
    Ok((std::mem::take(&mut generator.unit.sequence), generator))
}
