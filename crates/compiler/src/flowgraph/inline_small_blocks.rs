//! Replaces a jump by a copy of its target, where that is a short exit or has no line of its own.
//!
//! A copy never falls through, so no block gets a second fall-through predecessor.

use bytecode::Opcode;

use super::classes::{NOPS, class};
use super::{BlockId, Graph};

/// Exits up to this many instructions are copied.
const MAX_COPY_SIZE: usize = 4;

impl Graph {
    pub(super) fn inline_small_or_no_lineno_blocks(&mut self) {
        // Every change removes a jump, so this ends.
        let mut changes = true;
        while changes {
            changes = false;
            let mut id = super::ENTRY;
            while id.is_some() {
                changes |= self.inline_target_of(id);
                id = self[id].next;
            }
        }
    }

    fn inline_target_of(&mut self, id: BlockId) -> bool {
        let Some(&jump) = self[id].last() else { return false };
        if !jump.opcode.is_unconditional_jump() {
            return false;
        }
        let target = &self[jump.target];
        let small_exit = target.exits_scope() && target.instrs.len() <= MAX_COPY_SIZE;
        let no_lineno = !target.falls_through() && target.has_no_lineno();
        if !small_exit && !no_lineno {
            return false;
        }
        let mut instrs = std::mem::take(&mut self[id].instrs);
        if let Some(last) = instrs.last_mut() {
            last.set_nop();
        }
        if jump.target == id {
            let own = instrs.clone();
            instrs.extend_from_slice(&own);
        } else {
            instrs.extend_from_slice(&self[jump.target].instrs);
        }
        let holds = self[jump.target].holds;
        self[id].holds |= holds | NOPS | class(Opcode::JUMP);
        if no_lineno
            && jump.opcode == Opcode::JUMP
            && let Some(last) = instrs.last_mut()
            && last.opcode.is_unconditional_jump()
        {
            // A jump that checks for signals stays one.
            last.opcode = Opcode::JUMP;
        }
        self[id].instrs = instrs;
        let target = &mut self[jump.target];
        target.predecessors = target.predecessors.wrapping_sub(1);
        true
    }
}
