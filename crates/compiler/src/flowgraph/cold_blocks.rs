//! Moves the blocks that only exceptions reach behind all others.

use bytecode::Opcode;

use super::classes::HANDLER;
use super::{BlockId, ENTRY, Graph, Instr, Result};
use crate::instruction::NO_LOCATION;

impl Graph {
    pub(super) fn push_cold_blocks_to_end(&mut self) -> Result {
        if self[ENTRY].next.is_none() || self.classes & HANDLER == 0 {
            return Ok(());
        }
        self.mark_cold();
        self.jump_from_cold_to_warm();

        let mut cold_head = BlockId::NONE;
        let mut cold_tail = BlockId::NONE;
        let mut id = ENTRY;
        loop {
            let next = self[id].next;
            if next.is_none() {
                break;
            }
            if !self[next].cold {
                id = next;
                continue;
            }
            // A run of cold blocks begins: unlink it.
            let mut end = next;
            while self[end].next.is_some() && self[self[end].next].cold {
                end = self[end].next;
            }
            if cold_tail.is_none() {
                cold_head = next;
            } else {
                self[cold_tail].next = next;
            }
            cold_tail = end;
            self[id].next = self[end].next;
            self[end].next = BlockId::NONE;
        }
        if cold_head.is_some() {
            self[id].next = cold_head;
            self.remove_redundant_nops_and_jumps()?;
        }
        Ok(())
    }

    /// Warm is what control reaches without an exception.
    fn mark_warm(&mut self) {
        let mut stack = self.start_traversal();
        self.visit(ENTRY, &mut stack);
        while let Some(id) = stack.pop() {
            self[id].warm = true;
            let next = self[id].next;
            if next.is_some() && self[id].falls_through() {
                self.visit(next, &mut stack);
            }
            if let Some(last) = self[id].last()
                && last.is_jump()
            {
                let target = last.target;
                self.visit(target, &mut stack);
            }
        }
        self.stack = stack;
    }

    /// Cold is a handler, and what follows from it without being warm.
    fn mark_cold(&mut self) {
        self.mark_warm();
        let mut stack = self.start_traversal();
        let mut id = ENTRY;
        while id.is_some() {
            if self[id].except_handler {
                self.visit(id, &mut stack);
            }
            id = self[id].next;
        }
        while let Some(id) = stack.pop() {
            self[id].cold = true;
            let next = self[id].next;
            if next.is_some() && self[id].falls_through() && !self[next].warm {
                self.visit(next, &mut stack);
            }
            if let Some(last) = self[id].last()
                && last.is_jump()
            {
                let target = last.target;
                if !self[target].warm {
                    self.visit(target, &mut stack);
                }
            }
        }
        self.stack = stack;
    }

    /// A cold block that falls into a warm one gets a jump there, so that it can be moved.
    fn jump_from_cold_to_warm(&mut self) {
        let mut id = ENTRY;
        while id.is_some() {
            let next = self[id].next;
            if next.is_some() && self[id].cold && self[id].falls_through() && self[next].warm {
                let mut jump = Instr::new(Opcode::JUMP_NO_INTERRUPT, 0, NO_LOCATION);
                jump.target = next;
                self[next].label = true;
                let explicit = self.new_block();
                let block = &mut self[explicit];
                block.append(jump);
                block.cold = true;
                block.next = next;
                block.predecessors = 1;
                self[id].next = explicit;
            }
            id = next;
        }
    }
}
