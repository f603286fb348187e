//! The code generator: from the tree and its symbol table to instruction sequences, one per code object.
//!
//! A [`Generator`] works on one [`Unit`] (the code object being written) and keeps those around it on a stack.
//! Invariant: what is emitted, its order, its arguments and its locations are CPython 3.14's before optimisation
//! (`_testinternalcapi.compiler_codegen` shows it), `NOP`s that only carry a line number included.

mod annotations;
mod assign;
mod call;
mod checks;
mod class;
mod cleandoc;
mod comprehension;
mod exceptions;
mod expr;
mod fblock;
mod function;
mod import;
mod jump;
mod name;
mod pattern;
mod scope;
mod stmt;
mod strings;
mod type_params;
mod with;

use bytecode::{CodeUnit, Opcode as Op, Wtf8};
use syntax::Location;
use syntax::ast::*;

use crate::assemble::Assembler;
use crate::flags::*;
use crate::future::{CO_FUTURE_ANNOTATIONS, FutureFeatures};
use crate::host::{CompileError, Host, Result, StackGuard, warn};
use crate::instruction::{InstructionSequence, Label, NO_LOCATION};
use crate::names::{Name, Names};
use crate::symtable::{Block, BlockId, SymbolTable};
use crate::unit::{Const, Metadata};

pub use cleandoc::cleandoc;
use fblock::FBlock;

/// More stack than this is rarely used at once: long displays and calls are built piecemeal.
const STACK_USE_GUIDELINE: usize = 30;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ScopeType {
    Module,
    Class,
    Function,
    AsyncFunction,
    Lambda,
    Comprehension,
    Annotations,
}

/// One code object in the making.
pub struct Unit<'a> {
    pub block: BlockId,
    pub scope_type: ScopeType,
    pub metadata: Metadata<'a>,
    pub sequence: InstructionSequence,
    /// The module's own sequence while that of its annotations is written.
    stashed_sequence: Option<InstructionSequence>,
    /// Attributes set through `self` in the methods of a class.
    static_attributes: Vec<Name>,
    /// Annotated variables, and the number by which each is known if it is not always executed.
    deferred_annotations: Vec<(StmtRef<'a>, Option<u32>)>,
    next_conditional_annotation_index: u32,
    fblocks: Vec<FBlock<'a>>,
    in_inlined_comp: u32,
    in_conditional_block: u32,
}

pub struct Generator<'a, 'h> {
    pub arena: &'a Arena,
    pub names: Names<'a>,
    pub table: SymbolTable,
    pub unit: Unit<'a>,
    pub filename: Wtf8,
    host: &'h mut dyn Host,
    assembler: Assembler,
    future: FutureFeatures,
    optimize: u8,
    interactive: bool,
    /// The units around the current one, the module's first.
    stack: Vec<Unit<'a>>,
    /// Keep the sequences of nested units (`compiler_codegen`).
    save_nested: bool,
    /// Above zero where code is generated a second time.
    disable_warnings: u32,
    guard: StackGuard,
    /// Emptied sequences, to be used again.
    spare_sequences: Vec<InstructionSequence>,
    /// The text of the graphs so far, if they are to be shown.
    graphs: Option<(GraphFormat, String)>,
}

/// How [`Generator::show_graphs`] shows graphs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GraphFormat {
    Listing,
    Dot,
}

/// What to compile and how.
pub struct Options {
    pub filename: Wtf8,
    pub future: FutureFeatures,
    pub optimize: u8,
    pub save_nested: bool,
}

impl<'a, 'h> Generator<'a, 'h> {
    /// Ready to generate the module.
    pub fn new(
        arena: &'a Arena,
        mut names: Names<'a>,
        table: SymbolTable,
        options: Options,
        host: &'h mut dyn Host,
    ) -> Self {
        let guard = StackGuard::new(host);
        let unit = Unit::for_module(&table, &mut names);
        Generator {
            arena,
            names,
            table,
            unit,
            filename: options.filename,
            host,
            assembler: Assembler::new(),
            future: options.future,
            optimize: options.optimize,
            interactive: false,
            stack: Vec::new(),
            save_nested: options.save_nested,
            disable_warnings: 0,
            guard,
            spare_sequences: Vec::new(),
            graphs: None,
        }
    }

    /// Generates the module's sequence, without the return at its end.
    pub fn module(&mut self, module: &Mod<'a>) -> Result {
        self.begin_scope(1);
        match *module {
            Mod::Module { body, .. } => self.module_body(body, false),
            Mod::Interactive { body } => {
                self.interactive = true;
                self.module_body(body, true)
            }
            Mod::Expression { body } => self.expr(body),
            Mod::FunctionType { .. } => Err(CompileError::system("module kind 4 should not be possible")),
        }
    }

    /// Assembles the module.
    pub fn finish_module(&mut self, module: &Mod<'a>) -> Result<CodeUnit> {
        self.add_return_at_end(!matches!(module, Mod::Expression { .. }));
        self.assemble_unit()
    }

    /// Makes sure that the sequence does not fall off its end.
    pub fn add_return_at_end(&mut self, add_none: bool) {
        if add_none {
            self.load_const(NO_LOCATION, Const::None);
        }
        self.op(NO_LOCATION, Op::RETURN_VALUE);
    }

    fn assemble_unit(&mut self) -> Result<CodeUnit> {
        let flags = self.code_flags();
        let nparams = self.table.block(self.unit.block).varnames.len();
        let unit = &mut self.unit;
        let assembled = self.assembler.optimize_and_assemble(
            self.arena,
            &self.names,
            &mut unit.metadata,
            &mut unit.sequence,
            nparams,
            flags,
            &self.filename,
        );
        if let Some((format, text)) = &mut self.graphs {
            let graph = &self.assembler.graph;
            let name = unit.metadata.qualname;
            text.push_str(&match format {
                GraphFormat::Listing => format!("{name}\n{}\n", graph.listing()),
                GraphFormat::Dot => graph.dot(name).to_string(),
            });
        }
        Ok(assembled?)
    }

    /// Keeps the text of every graph from now on.
    pub fn show_graphs(&mut self, format: GraphFormat) {
        self.graphs = Some((format, String::new()));
    }

    pub fn take_graphs(&mut self) -> String {
        self.graphs.take().map_or_else(String::new, |(_, text)| text)
    }

    fn code_flags(&self) -> u32 {
        let block = self.block();
        let mut flags = self.future.features & PyCF_MASK;
        if block.is_function_like() {
            flags |= CO_NEWLOCALS | CO_OPTIMIZED;
            let conditional = [
                (block.nested, CO_NESTED),
                (block.generator && !block.coroutine, CO_GENERATOR),
                (block.generator && block.coroutine, CO_ASYNC_GENERATOR),
                (block.varargs, CO_VARARGS),
                (block.varkeywords, CO_VARKEYWORDS),
                (block.has_docstring, CO_HAS_DOCSTRING),
                (block.method, CO_METHOD),
            ];
            for (holds, flag) in conditional {
                if holds {
                    flags |= flag;
                }
            }
        }
        if block.coroutine && !block.generator {
            flags |= CO_COROUTINE;
        }
        flags
    }

    #[inline]
    fn block(&self) -> &Block {
        self.table.block(self.unit.block)
    }

    fn future_annotations(&self) -> bool {
        self.future.features & CO_FUTURE_ANNOTATIONS != 0
    }

    fn error<T>(&self, location: Location, message: impl Into<String>) -> Result<T> {
        Err(CompileError::syntax(message, location))
    }

    fn warn(&mut self, location: Location, message: &str) -> Result {
        if self.disable_warnings > 0 {
            return Ok(());
        }
        warn(self.host, message, location)
    }
}

/// Instructions.
impl<'a> Generator<'a, '_> {
    #[inline]
    fn op(&mut self, location: Location, opcode: Op) {
        self.unit.sequence.addop0(opcode, location);
    }

    #[inline]
    fn op_i(&mut self, location: Location, opcode: Op, oparg: u32) {
        self.unit.sequence.addop(opcode, oparg, location);
    }

    #[inline]
    fn op_jump(&mut self, location: Location, opcode: Op, target: Label) {
        self.unit.sequence.addop_jump(opcode, target, location);
    }

    #[inline]
    fn new_label(&mut self) -> Label {
        self.unit.sequence.new_label()
    }

    #[inline]
    fn use_label(&mut self, label: Label) {
        self.unit.sequence.use_label(label);
    }

    #[inline]
    fn load_const(&mut self, location: Location, value: Const<'a>) {
        let index = self.unit.metadata.consts.add(value);
        self.op_i(location, Op::LOAD_CONST, index);
    }

    fn load_const_name(&mut self, location: Location, name: Name) {
        let text = self.names.text(name);
        self.load_const(location, Const::str(text));
    }

    fn load_const_ast(&mut self, location: Location, value: &Constant<'a>) {
        let value = Const::from_ast(self.arena, value);
        self.load_const(location, value);
    }

    fn load_const_tuple(&mut self, location: Location, items: impl ExactSizeIterator<Item = Const<'a>>) {
        let items: &'a [Const<'a>] = self.arena.alloc_slice_fill_iter(items);
        self.load_const(location, Const::Tuple(items));
    }

    /// An instruction whose argument is an index into `co_names`.
    fn op_name(&mut self, location: Location, opcode: Op, name: Name) {
        let mangled = self.maybe_mangle(name);
        let index = self.unit.metadata.names.add(mangled);
        self.op_i(location, opcode, index);
    }

    /// `LOAD_ATTR`, which may leave a method and its `self` unbound.
    fn load_attr(&mut self, location: Location, name: Name, method: bool) {
        let mangled = self.maybe_mangle(name);
        let index = self.unit.metadata.names.add(mangled);
        self.op_i(location, Op::LOAD_ATTR, index << 1 | method as u32);
    }

    /// `LOAD_SUPER_ATTR`; `explicit` says that `super` had two arguments.
    fn load_super_attr(&mut self, location: Location, name: Name, explicit: bool, method: bool) {
        let mangled = self.maybe_mangle(name);
        let index = self.unit.metadata.names.add(mangled);
        self.op_i(location, Op::LOAD_SUPER_ATTR, index << 2 | (explicit as u32) << 1 | method as u32);
    }

    #[inline]
    fn maybe_mangle(&mut self, name: Name) -> Name {
        let private = self.unit.metadata.private;
        if private.is_none() {
            return name;
        }
        self.table.maybe_mangle(&mut self.names, private, self.unit.block, name)
    }
}
