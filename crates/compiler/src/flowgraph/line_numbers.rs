//! Gives line numbers to instructions that have none (PEP 626: every exit must know its line).
//!
//! Exits without a line that several jumps lead to are duplicated, one for each jump, and take the jump's line; then
//! lines spread forward within blocks and into blocks with a single predecessor.

use super::classes::NO_LINE;
use super::{Block, BlockId, ENTRY, Graph};
use crate::instruction::NO_LOCATION;

impl Graph {
    pub(super) fn resolve_line_numbers(&mut self) {
        if !self.any_holds(NO_LINE) {
            return;
        }
        if self.blocks[..self.used].iter().any(Block::needs_lineno) {
            self.duplicate_exits_without_lineno();
        }
        self.propagate_line_numbers();
    }

    fn duplicate_exits_without_lineno(&mut self) {
        let mut id = ENTRY;
        while id.is_some() {
            if let Some(&last) = self[id].last()
                && last.is_jump()
            {
                let target = self.nonempty(last.target);
                if target.is_some() && self[target].needs_lineno() && self[target].predecessors > 1 {
                    let copy = self.copy_block(target);
                    self[copy].instrs[0].location = last.location;
                    if let Some(jump) = self[id].instrs.last_mut() {
                        jump.target = copy;
                    }
                    self[target].predecessors -= 1;
                    self[copy].predecessors = 1;
                    self[copy].next = self[target].next;
                    self[copy].label = true;
                    self[target].next = copy;
                }
            }
            id = self[id].next;
        }
        // What is left without a line is reached by falling through alone.
        id = ENTRY;
        while id.is_some() {
            let block = &self[id];
            let next = block.next;
            if next.is_some()
                && block.falls_through()
                && let Some(location) = block.last().map(|last| last.location)
                && self[next].needs_lineno()
            {
                self[next].instrs[0].location = location;
            }
            id = next;
        }
    }

    fn copy_block(&mut self, id: BlockId) -> BlockId {
        let copy = self.new_block();
        let mut instrs = std::mem::take(&mut self[copy].instrs);
        instrs.extend_from_slice(&self[id].instrs);
        self[copy].instrs = instrs;
        self[copy].holds = self[id].holds;
        copy
    }

    fn propagate_line_numbers(&mut self) {
        let mut id = ENTRY;
        while id.is_some() {
            let block = &mut self[id];
            let next = block.next;
            if block.holds & NO_LINE != 0 {
                let mut location = NO_LOCATION;
                let mut left = 0;
                for instr in &mut block.instrs {
                    if instr.location.lineno == NO_LOCATION.lineno {
                        instr.location = location;
                    } else {
                        location = instr.location;
                    }
                    left |= instr.location.lineno;
                }
                if left >= 0 {
                    block.holds &= !NO_LINE;
                }
            }
            if let Some(&last) = block.last() {
                // Whatever it was: it has the location that the block ends with.
                let location = last.location;
                if next.is_some() && block.falls_through() {
                    self.inherit_location(next, location);
                }
                if last.is_jump() {
                    self.inherit_location(last.target, location);
                }
            }
            id = next;
        }
    }

    fn inherit_location(&mut self, id: BlockId, location: syntax::Location) {
        let block = &mut self[id];
        if block.predecessors == 1
            && block.holds & NO_LINE != 0
            && let Some(first) = block.instrs.first_mut()
            && first.location.lineno == NO_LOCATION.lineno
        {
            first.location = location;
        }
    }
}

impl Block {
    /// An exit, or a place where signals are looked for, without a line.
    #[inline]
    fn needs_lineno(&self) -> bool {
        self.holds & NO_LINE != 0
            && !self.instrs.is_empty()
            && self.has_no_lineno()
            && (self.exits_scope() || self.has_eval_break())
    }
}
