//! Removes `NOP`s that no line needs, loads that are popped at once, and jumps to the next instruction.

use bytecode::Opcode;

use super::classes::{NOPS, NO_FALL_THROUGH, POP, class};
use super::{BlockId, ENTRY, Graph, GraphError, Result};

impl Graph {
    /// Removes the `NOP`s that may go; tells how many went.
    pub(super) fn remove_redundant_nops(&mut self) -> usize {
        let mut removed = 0;
        let mut id = ENTRY;
        while id.is_some() {
            removed += self.remove_redundant_nops_of(id);
            id = self[id].next;
        }
        removed
    }

    #[inline]
    pub(super) fn remove_redundant_nops_of(&mut self, id: BlockId) -> usize {
        if self[id].holds & NOPS == 0 {
            return 0;
        }
        self.remove_redundant_nops_scanning(id)
    }

    fn remove_redundant_nops_scanning(&mut self, id: BlockId) -> usize {
        let Some(first) = self[id].instrs.iter().position(|instr| instr.opcode == Opcode::NOP) else {
            self[id].holds &= !NOPS;
            return 0;
        };
        let line_after = self.first_line_after(id);
        let instrs = &mut self[id].instrs;
        let count = instrs.len();
        let mut kept = first;
        let mut left = false;
        let mut previous_line = if first == 0 { -1 } else { instrs[first - 1].location.lineno };
        for at in first..count {
            let instr = instrs[at];
            let line = instr.location.lineno;
            if instr.opcode == Opcode::NOP {
                if line < 0 || previous_line == line {
                    continue;
                }
                if at + 1 < count {
                    let next_line = instrs[at + 1].location.lineno;
                    if next_line == line {
                        continue;
                    }
                    if next_line < 0 {
                        instrs[at + 1].location = instr.location;
                        continue;
                    }
                } else if line_after == Some(line) {
                    continue;
                }
                left = true;
            }
            instrs[kept] = instr;
            kept += 1;
            previous_line = line;
        }
        self[id].truncate(kept);
        if !left {
            self[id].holds &= !NOPS;
        }
        count - kept
    }

    /// The line of the first instruction after the block, `NOP`s that will go not counted.
    fn first_line_after(&self, id: BlockId) -> Option<i32> {
        let next = self.nonempty(self[id].next);
        if next.is_none() {
            return None;
        }
        let mut instrs = self[next].instrs.iter();
        let first = instrs.find(|instr| instr.opcode != Opcode::NOP || instr.location.lineno >= 0);
        Some(first.map_or(-1, |instr| instr.location.lineno))
    }

    pub(super) fn remove_redundant_nops_and_pairs(&mut self) {
        let mut done = false;
        while !done {
            done = true;
            // The instruction before, possibly in the block before.
            let mut previous: Option<(BlockId, usize)> = None;
            let mut id = ENTRY;
            while id.is_some() {
                self.remove_redundant_nops_of(id);
                if self[id].label {
                    previous = None;
                }
                let count = self[id].instrs.len();
                if self[id].holds & POP == 0 && count > 0 {
                    previous = Some((id, count - 1));
                }
                for at in if self[id].holds & POP == 0 { count } else { 0 }..count {
                    let before = previous.replace((id, at));
                    if self[id].instrs[at].opcode != Opcode::POP_TOP {
                        continue;
                    }
                    let Some((block, position)) = before else { continue };
                    let load = &mut self[block].instrs[position];
                    let redundant = match load.opcode {
                        Opcode::LOAD_CONST | Opcode::LOAD_SMALL_INT => true,
                        Opcode::COPY => load.oparg == 1,
                        _ => false,
                    };
                    if redundant {
                        load.set_nop();
                        self[block].holds |= NOPS;
                        self[id].instrs[at].set_nop();
                        self[id].holds |= NOPS;
                        done = false;
                    }
                }
                let ends = previous.is_some_and(|(block, at)| self[block].instrs[at].is_jump());
                if ends || !self[id].falls_through() {
                    previous = None;
                }
                id = self[id].next;
            }
        }
    }

    fn remove_redundant_jumps(&mut self) -> Result<usize> {
        let mut changes = 0;
        let mut id = ENTRY;
        while id.is_some() {
            let next = self[id].next;
            if let Some(&last) = self[id].last()
                && class(last.opcode) & NO_FALL_THROUGH != 0
                && last.is_jump()
            {
                let target = self.nonempty(last.target);
                if target.is_none() {
                    return Err(GraphError::system("jump with NULL target"));
                }
                if target == self.nonempty(next) {
                    changes += 1;
                    if let Some(jump) = self[id].instrs.last_mut() {
                        jump.set_nop();
                    }
                    self[id].holds |= NOPS;
                }
            }
            id = next;
        }
        Ok(changes)
    }

    pub(super) fn remove_redundant_nops_and_jumps(&mut self) -> Result {
        loop {
            let removed = self.remove_redundant_nops();
            if removed + self.remove_redundant_jumps()? == 0 {
                return Ok(());
            }
        }
    }
}
