//! The control-flow graph of a code object: basic blocks, and the passes over them in their one order.
//!
//! Blocks lie in one vector and refer to each other by number; `next` is the order in which the code will stand,
//! beginning with [`ENTRY`]. Invariants, which [`verify`] checks between passes in debug builds:
//! - a jump or scope exit is the last instruction of its block;
//! - the target of a jump or block push is a block in the chain of `next`;
//! - no two blocks have the same `next`, and the chain has no cycle.
//!
//! Passes leave `NOP`s where instructions were and a later pass removes those that no line number needs.

mod borrowed_loads;
mod build;
pub(crate) mod classes;
mod cold_blocks;
mod const_eval;
mod exception_targets;
mod fold_constants;
mod inline_small_blocks;
mod line_numbers;
mod load_const;
mod localsplus;
mod normalize_jumps;
mod peephole;
mod print;
mod pseudo;
mod redundant;
mod stack_depth;
mod superinstructions;
mod swaps;
pub mod text;
mod uninitialized;
mod unreachable;
mod unused_consts;
pub mod verify;

use std::borrow::Cow;
use std::fmt;
use std::ops::{Index, IndexMut};

use bytecode::Opcode;
use syntax::Location;
use syntax::ast::Arena;

use crate::instruction::{InstructionSequence, NO_LOCATION};
use crate::unit::{ConstTable, Metadata};

use classes::{EVAL_BREAK, HANDLER, NO_FALL_THROUGH, NO_LINE, SCOPE_EXIT, TARGET, TERMINATOR, class};

pub use classes::is_jump;
pub use const_eval::{eval_binary, eval_unary, is_true};
pub use print::{Dot, Listing};

/// A block's number in [`Graph`].
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BlockId(u32);

impl BlockId {
    pub const NONE: BlockId = BlockId(u32::MAX);

    #[inline]
    pub fn is_none(self) -> bool {
        self == BlockId::NONE
    }

    #[inline]
    pub fn is_some(self) -> bool {
        self != BlockId::NONE
    }

    #[inline]
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

impl fmt::Debug for BlockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_none() { f.write_str("-") } else { write!(f, "B{}", self.0) }
    }
}

/// Where control enters.
pub const ENTRY: BlockId = BlockId(0);

#[derive(Clone, Copy, Debug)]
pub struct Instr {
    pub opcode: Opcode,
    pub oparg: u32,
    pub location: Location,
    /// Of a jump or block push.
    pub target: BlockId,
    /// The handler of exceptions that this instruction raises.
    pub except: BlockId,
}

impl Instr {
    pub fn new(opcode: Opcode, oparg: u32, location: Location) -> Self {
        Instr { opcode, oparg, location, target: BlockId::NONE, except: BlockId::NONE }
    }

    /// Makes it an instruction without argument; target and location stay.
    #[inline]
    pub fn set_op0(&mut self, opcode: Opcode) {
        self.opcode = opcode;
        self.oparg = 0;
    }

    #[inline]
    pub fn set_op1(&mut self, opcode: Opcode, oparg: u32) {
        self.opcode = opcode;
        self.oparg = oparg;
    }

    #[inline]
    pub fn set_nop(&mut self) {
        self.set_op0(Opcode::NOP);
    }

    #[inline]
    pub fn is_jump(&self) -> bool {
        is_jump(self.opcode)
    }

    /// What its block holds with it.
    #[inline]
    fn holds(&self) -> u16 {
        class(self.opcode) | if self.location.lineno < 0 { NO_LINE } else { 0 }
    }

    #[inline]
    pub fn has_target(&self) -> bool {
        class(self.opcode) & TARGET != 0
    }

    /// Must be the last of its block.
    #[inline]
    pub fn is_terminator(&self) -> bool {
        class(self.opcode) & TERMINATOR != 0
    }
}

#[derive(Debug)]
pub struct Block {
    pub instrs: Vec<Instr>,
    /// Handlers of the instructions that were removed from the end, the next to be reused last. The reference's
    /// appended instructions inherit them from memory, which shows in the exception table.
    spare: Vec<BlockId>,
    /// The classes of the instructions that it may hold (`classes`).
    holds: u16,
    /// The block that stands after this one.
    pub next: BlockId,
    /// Locals (bit by number) that may be unbound when the block begins.
    unsafe_locals: u64,
    pub predecessors: u32,
    /// Depth of the stack when the block begins.
    pub start_depth: i32,
    /// Somebody may jump here.
    pub label: bool,
    /// An exception handler that finds the number of the raising instruction on the stack.
    pub preserve_lasti: bool,
    pub except_handler: bool,
    pub cold: bool,
    warm: bool,
    /// The traversal that came here last.
    visited: u32,
}

impl Block {
    fn new() -> Self {
        Block {
            instrs: Vec::new(),
            spare: Vec::new(),
            holds: 0,
            next: BlockId::NONE,
            unsafe_locals: 0,
            predecessors: 0,
            start_depth: stack_depth::UNKNOWN,
            label: false,
            preserve_lasti: false,
            except_handler: false,
            cold: false,
            warm: false,
            visited: 0,
        }
    }

    /// Like new, with the memory of before.
    fn reset(&mut self) {
        let mut instrs = std::mem::take(&mut self.instrs);
        let mut spare = std::mem::take(&mut self.spare);
        instrs.clear();
        spare.clear();
        *self = Block { instrs, spare, ..Block::new() };
    }

    /// Appends a new instruction, which gets the handler that was in its place.
    fn append(&mut self, mut instr: Instr) {
        instr.except = self.spare.pop().unwrap_or(BlockId::NONE);
        self.holds |= instr.holds();
        self.instrs.push(instr);
    }

    /// Inserts instructions before the one at `at`.
    fn insert(&mut self, at: usize, instrs: &[Instr]) {
        self.spare.truncate(self.spare.len().saturating_sub(instrs.len()));
        self.holds |= instrs.iter().fold(0, |holds, instr| holds | instr.holds());
        self.instrs.splice(at..at, instrs.iter().copied());
    }

    /// Keeps the first instructions.
    fn truncate(&mut self, len: usize) {
        // What lies under real handlers matters, and nothing is what an empty list gives.
        let removed = self.instrs[len..].iter().rev().map(|instr| instr.except);
        if !self.spare.is_empty() || removed.clone().any(BlockId::is_some) {
            self.spare.extend(removed);
        }
        self.instrs.truncate(len);
    }

    #[inline]
    pub fn last(&self) -> Option<&Instr> {
        self.instrs.last()
    }

    #[inline]
    pub fn falls_through(&self) -> bool {
        self.last().is_none_or(|last| class(last.opcode) & NO_FALL_THROUGH == 0)
    }

    fn exits_scope(&self) -> bool {
        self.last().is_some_and(|last| class(last.opcode) & SCOPE_EXIT != 0)
    }

    fn has_eval_break(&self) -> bool {
        self.holds & EVAL_BREAK != 0 && self.instrs.iter().any(|instr| class(instr.opcode) & EVAL_BREAK != 0)
    }

    /// Whether an instruction before its last may have a target: block pushes stand anywhere.
    #[inline]
    fn has_inner_targets(&self) -> bool {
        self.holds & HANDLER != 0
    }

    fn has_no_lineno(&self) -> bool {
        (self.holds & NO_LINE != 0 || self.instrs.is_empty()) && self.instrs.iter().all(|instr| instr.location.lineno < 0)
    }
}

/// Why a graph cannot be compiled; only sequences that the code generator did not make get here.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum GraphError {
    System(Cow<'static, str>),
    Value(Cow<'static, str>),
}

impl GraphError {
    #[cold]
    fn system(message: &'static str) -> Self {
        GraphError::System(Cow::Borrowed(message))
    }

    #[cold]
    fn value(message: &'static str) -> Self {
        GraphError::Value(Cow::Borrowed(message))
    }
}

pub type Result<T = ()> = std::result::Result<T, GraphError>;

/// The blocks of one code object. Reused for the next ([`Graph::build`] empties it), so that memory is allocated
/// for the largest only.
#[derive(Debug, Default)]
pub struct Graph {
    blocks: Vec<Block>,
    /// How many of `blocks` are in use.
    used: usize,
    /// The classes of all instructions that came in: what no instruction needs, no pass has to do.
    classes: u16,
    /// Empty outside of a traversal.
    stack: Vec<BlockId>,
    /// The number of the last traversal.
    traversal: u32,
    /// A jump got another target or condition since blocks were last looked for that nothing reaches.
    jumps_changed: bool,
    scratch: build::Scratch,
    refs: borrowed_loads::Refs,
}

impl Index<BlockId> for Graph {
    type Output = Block;
    #[inline]
    fn index(&self, id: BlockId) -> &Block {
        &self.blocks[id.index()]
    }
}

impl IndexMut<BlockId> for Graph {
    #[inline]
    fn index_mut(&mut self, id: BlockId) -> &mut Block {
        &mut self.blocks[id.index()]
    }
}

impl Graph {
    pub fn new() -> Self {
        Self::default()
    }

    /// The whole optimiser, pass by pass, up to instructions with pseudo-operations. `nparams` locals are bound when
    /// the code begins.
    pub fn optimize<'a>(
        &mut self,
        arena: &'a Arena,
        consts: &mut ConstTable<'a>,
        nlocals: usize,
        nparams: usize,
    ) -> Result {
        self.mark_except_handlers();
        self.label_exception_targets()?;

        self.inline_small_or_no_lineno_blocks();
        self.remove_unreachable();
        self.resolve_line_numbers();
        self.optimize_load_const(consts);
        self.verify("load const");
        self.optimize_basic_blocks(arena, consts);
        self.verify("peephole");
        self.remove_redundant_nops_and_pairs();
        if self.jumps_changed {
            self.remove_unreachable();
        }
        self.remove_redundant_nops_and_jumps()?;
        self.verify("redundant jumps");

        self.remove_unused_consts(consts);
        self.add_checks_for_loads_of_uninitialized_variables(nlocals, nparams);
        self.insert_superinstructions();
        self.push_cold_blocks_to_end()?;
        self.resolve_line_numbers();
        self.verify("cold blocks");
        Ok(())
    }

    /// From the optimised graph to instructions that the assembler can write; gives the depth of the stack and the
    /// number of fast locals, cells and free variables.
    pub fn lower(&mut self, metadata: &Metadata<'_>, code_flags: u32) -> Result<(u32, u32)> {
        self.convert_pseudo_conditional_jumps();
        let stack_depth = self.calculate_stackdepth()?;
        let nlocalsplus = self.prepare_localsplus(metadata, code_flags);
        self.convert_pseudo_ops()?;
        self.normalize_jumps();
        self.verify("normalize jumps");
        self.optimize_load_fast();
        Ok((stack_depth, nlocalsplus))
    }

    /// For a sequence that is to be assembled as it stands.
    pub fn prepare_unoptimized(&mut self) -> Result {
        self.label_exception_targets()
    }

    /// What `_testinternalcapi.optimize_cfg` does: all of [`Graph::optimize`], then borrowed loads.
    pub fn optimize_sequence<'a>(
        &mut self,
        sequence: &mut InstructionSequence,
        arena: &'a Arena,
        consts: &mut ConstTable<'a>,
        nlocals: usize,
    ) -> Result<InstructionSequence> {
        for instr in sequence.instrs.iter().filter(|instr| instr.opcode == Opcode::LOAD_CONST) {
            if instr.oparg as usize >= consts.len() {
                let message = format!("LOAD_CONST index {} is out of range for consts (len={})", instr.oparg, consts.len());
                return Err(GraphError::Value(message.into()));
            }
        }
        self.build(sequence)?;
        self.optimize(arena, consts, nlocals, 0)?;
        self.calculate_stackdepth()?;
        self.optimize_load_fast();
        Ok(self.to_sequence())
    }

    /// The blocks in the order in which they stand.
    #[inline]
    pub fn len(&self) -> usize {
        self.used
    }

    /// Whether any instruction may have a handler.
    pub fn has_handlers(&self) -> bool {
        self.classes & HANDLER != 0
    }

    pub fn is_empty(&self) -> bool {
        self.used == 0
    }

    pub fn order(&self) -> Order<'_> {
        Order { graph: self, at: ENTRY }
    }

    fn new_block(&mut self) -> BlockId {
        let id = BlockId(self.used as u32);
        if self.used < self.blocks.len() {
            self.blocks[self.used].reset();
        } else {
            self.blocks.push(Block { instrs: Vec::with_capacity(16), ..Block::new() });
        }
        self.used += 1;
        id
    }

    /// `id`, or the first block after it that has instructions.
    fn nonempty(&self, mut id: BlockId) -> BlockId {
        while id.is_some() && self[id].instrs.is_empty() {
            id = self[id].next;
        }
        id
    }

    /// Starts a traversal: nothing is visited.
    fn start_traversal(&mut self) -> Vec<BlockId> {
        self.traversal += 1;
        let mut stack = std::mem::take(&mut self.stack);
        stack.clear();
        stack
    }

    /// Visits a block unless that was done.
    #[inline]
    fn visit(&mut self, id: BlockId, stack: &mut Vec<BlockId>) {
        let traversal = self.traversal;
        let block = &mut self[id];
        if block.visited != traversal {
            block.visited = traversal;
            stack.push(id);
        }
    }

    /// Whether any block holds instructions of one of the classes.
    #[inline]
    fn any_holds(&self, classes: u16) -> bool {
        self.blocks[..self.used].iter().any(|block| block.holds & classes != 0)
    }

    #[inline]
    fn verify(&self, after: &str) {
        if cfg!(debug_assertions) {
            verify::assert_valid(self, after);
        }
    }
}

pub struct Order<'g> {
    graph: &'g Graph,
    at: BlockId,
}

impl Iterator for Order<'_> {
    type Item = BlockId;

    #[inline]
    fn next(&mut self) -> Option<BlockId> {
        if self.at.is_none() {
            return None;
        }
        let id = self.at;
        self.at = self.graph[id].next;
        Some(id)
    }
}

/// Whether the two are on different lines, both having one.
#[inline]
fn on_different_lines(first: &Instr, second: &Instr) -> bool {
    let (first, second) = (first.location.lineno, second.location.lineno);
    first >= 0 && second >= 0 && first != second
}

fn nop_out(instrs: &mut [Instr], positions: &[usize]) {
    for &position in positions {
        instrs[position].set_nop();
        instrs[position].location = NO_LOCATION;
    }
}
