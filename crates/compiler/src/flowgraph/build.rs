//! From an instruction sequence to blocks, and back.

use bytecode::Opcode;

use super::{BlockId, ENTRY, Graph, GraphError, Instr, Result, class};
use crate::instruction::{Instruction, InstructionSequence};

#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// By instruction: the block that begins there.
    block_at: Vec<BlockId>,
}

impl Graph {
    /// Empties the graph and fills it with the blocks of `sequence`. Targets are instructions of the sequence; the
    /// annotations' code gets in at its place.
    pub fn build(&mut self, sequence: &mut InstructionSequence) -> Result {
        sequence.apply_label_map();
        let annotations = sequence.annotations_code.take();
        let mut block_at = std::mem::take(&mut self.scratch.block_at);
        self.mark_targets(&sequence.instrs, &mut block_at)?;

        self.used = 0;
        let mut classes = 0;
        let mut current = self.new_block();
        for (index, instr) in sequence.instrs.iter().enumerate() {
            if instr.opcode == Opcode::ANNOTATIONS_PLACEHOLDER {
                for instr in annotations.iter().flat_map(|code| &code.instrs) {
                    current = self.block_for_next(current);
                    classes |= class(instr.opcode);
                    self[current].instrs.push(Instr::new(instr.opcode, instr.oparg, instr.location));
                }
                continue;
            }
            if block_at[index] == TARGET {
                let block = &self[current];
                if !block.instrs.is_empty() || block.label {
                    current = self.append_block(current);
                }
                self[current].label = true;
                block_at[index] = current;
            } else {
                current = self.block_for_next(current);
            }
            classes |= class(instr.opcode);
            self[current].instrs.push(Instr::new(instr.opcode, instr.oparg, instr.location));
        }
        self.classes = classes;
        for block in &mut self.blocks[..self.used] {
            for instr in &mut block.instrs {
                if instr.has_target() {
                    instr.target = block_at[instr.oparg as usize];
                }
            }
        }
        self.scratch.block_at = block_at;
        Ok(())
    }

    fn mark_targets(&self, instrs: &[Instruction], block_at: &mut Vec<BlockId>) -> Result {
        block_at.clear();
        block_at.resize(instrs.len(), BlockId::NONE);
        for instr in instrs {
            if instr.opcode.has_target() {
                match block_at.get_mut(instr.oparg as usize) {
                    Some(place) => *place = TARGET,
                    None => return Err(GraphError::system("jump to a label outside of the code")),
                }
            }
        }
        Ok(())
    }

    /// The block that the next instruction goes into: a new one if this one has come to its end.
    #[inline]
    fn block_for_next(&mut self, current: BlockId) -> BlockId {
        match self[current].last() {
            Some(last) if last.is_terminator() => self.append_block(current),
            _ => current,
        }
    }

    fn append_block(&mut self, current: BlockId) -> BlockId {
        let block = self.new_block();
        self[current].next = block;
        block
    }

    /// The graph as a sequence whose targets are indices of instructions.
    pub fn to_sequence(&self) -> InstructionSequence {
        let mut starts = vec![0u32; self.used];
        let mut count = 0;
        for id in self.order() {
            starts[id.index()] = count;
            count += self[id].instrs.len() as u32;
        }
        let mut sequence = InstructionSequence::new();
        sequence.instrs.reserve(count as usize);
        for id in self.order() {
            for instr in &self[id].instrs {
                let oparg = if instr.has_target() { starts[instr.target.index()] } else { instr.oparg };
                sequence.instrs.push(Instruction { opcode: instr.opcode, oparg, location: instr.location });
            }
        }
        sequence
    }

    /// A jump or scope exit stands at the end of its block.
    pub(super) fn check_terminators(&self) -> Result {
        for id in self.order() {
            if let [others @ .., _] = &self[id].instrs[..]
                && others.iter().any(Instr::is_terminator)
            {
                return Err(GraphError::system("malformed control flow graph."));
            }
        }
        debug_assert_eq!(ENTRY.index(), 0);
        Ok(())
    }
}

/// Marks an instruction that is a target before its block is known.
const TARGET: BlockId = BlockId(u32::MAX - 1);
