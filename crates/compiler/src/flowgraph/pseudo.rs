//! Replaces the compiler's own instructions by real ones.

use bytecode::Opcode;

use super::classes::{CELL, HANDLER, LOCAL, NOPS, UNBINDS};
use super::{BlockId, Graph, Instr, Result};

impl Graph {
    /// `JUMP_IF_*` keeps its operand: a copy is turned into a bool and popped by a real jump.
    pub(super) fn convert_pseudo_conditional_jumps(&mut self) {
        for block in &mut self.blocks[..self.used] {
            let Some(jump) = block.instrs.last_mut() else { continue };
            jump.opcode = match jump.opcode {
                Opcode::JUMP_IF_FALSE => Opcode::POP_JUMP_IF_FALSE,
                Opcode::JUMP_IF_TRUE => Opcode::POP_JUMP_IF_TRUE,
                _ => continue,
            };
            let Instr { location, except, .. } = *jump;
            let before = [(Opcode::COPY, 1), (Opcode::TO_BOOL, 0)]
                .map(|(opcode, oparg)| Instr { opcode, oparg, location, target: BlockId::NONE, except });
            let at = block.instrs.len() - 1;
            block.insert(at, &before);
        }
    }

    pub(super) fn convert_pseudo_ops(&mut self) -> Result {
        for block in &mut self.blocks[..self.used] {
            if block.holds & (HANDLER | CELL | UNBINDS) == 0 {
                continue;
            }
            if block.holds & HANDLER != 0 {
                block.holds |= NOPS;
            }
            if block.holds & CELL != 0 {
                block.holds |= LOCAL;
            }
            for instr in &mut block.instrs {
                match instr.opcode {
                    Opcode::SETUP_FINALLY | Opcode::SETUP_WITH | Opcode::SETUP_CLEANUP => instr.set_nop(),
                    Opcode::LOAD_CLOSURE => instr.opcode = Opcode::LOAD_FAST,
                    Opcode::STORE_FAST_MAYBE_NULL => instr.opcode = Opcode::STORE_FAST,
                    _ => {}
                }
            }
        }
        if self.classes & HANDLER == 0 && !self.any_holds(NOPS) {
            // No instruction has gone since jumps were looked at last.
            return Ok(());
        }
        self.remove_redundant_nops_and_jumps()
    }
}
