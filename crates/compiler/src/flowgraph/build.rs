//! From an instruction sequence to blocks, and back.

use bytecode::Opcode;

use super::classes::TERMINATOR;
use super::{BlockId, Graph, GraphError, Instr, Result};
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
        let annotations = sequence.annotations_code.take();
        let mut block_at = std::mem::take(&mut self.scratch.block_at);
        block_at.clear();
        block_at.resize(sequence.len(), BlockId::NONE);
        let mut inside = true;
        sequence.apply_label_map_with(|target| match block_at.get_mut(target as usize) {
            Some(place) => *place = TARGET,
            None => inside = false,
        });
        if !inside {
            return Err(GraphError::system("jump to a label outside of the code"));
        }

        self.used = 0;
        self.traversal = 0;
        self.jumps_changed = false;
        let mut classes = 0;
        let mut current = self.new_block();
        // The last instruction must be the last of its block.
        let mut ended = false;
        for (index, instr) in sequence.instrs.iter().enumerate() {
            if instr.opcode == Opcode::ANNOTATIONS_PLACEHOLDER {
                for instr in annotations.iter().flat_map(|code| &code.instrs) {
                    if ended {
                        current = self.append_block(current);
                    }
                    ended = self.push(current, instr);
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
            } else if ended {
                current = self.append_block(current);
            }
            ended = self.push(current, instr);
        }
        for block in &mut self.blocks[..self.used] {
            classes |= block.holds;
            let first = if block.has_inner_targets() { 0 } else { block.instrs.len().saturating_sub(1) };
            for instr in &mut block.instrs[first..] {
                if instr.has_target() {
                    instr.target = block_at[instr.oparg as usize];
                }
            }
        }
        self.classes = classes;
        self.scratch.block_at = block_at;
        Ok(())
    }

    /// Appends to the block; tells whether that ends it.
    #[inline]
    fn push(&mut self, id: BlockId, instr: &Instruction) -> bool {
        let instr = Instr::new(instr.opcode, instr.oparg, instr.location);
        let holds = instr.holds();
        let block = &mut self[id];
        block.holds |= holds;
        block.instrs.push(instr);
        holds & TERMINATOR != 0
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
}

/// Marks an instruction that is a target before its block is known.
const TARGET: BlockId = BlockId(u32::MAX - 1);
