//! Loads of locals that may be unbound check for that: `LOAD_FAST` becomes `LOAD_FAST_CHECK`.
//!
//! The first 64 locals are followed through the whole graph as bits of a word; the others within one block only, so
//! that the work stays linear.

use bytecode::Opcode;

use super::classes::{HANDLER, LOCAL, UNBINDS, class};
use super::{BlockId, ENTRY, Graph, Instr};

const TRACKED: usize = 64;

impl Graph {
    pub(super) fn add_checks_for_loads_of_uninitialized_variables(&mut self, nlocals: usize, nparams: usize) {
        let all_bound = nparams >= nlocals && nlocals <= TRACKED && self.classes & UNBINDS == 0;
        if nlocals == 0 || all_bound {
            return;
        }
        if nlocals > TRACKED {
            self.check_many_locals(nlocals);
        }
        let nlocals = nlocals.min(TRACKED);
        let mut stack = self.start_traversal();
        let unbound = (nparams..nlocals).fold(0u64, |mask, local| mask | 1 << local);
        self.add_unsafe(ENTRY, unbound, &mut stack);
        // In order what the entry and deletions lead to, then what is behind jumps back. What was done lies on the stack unvisited.
        let traversal = self.traversal;
        let mut id = ENTRY;
        while id.is_some() {
            let block = &mut self[id];
            if block.visited == traversal || block.holds & UNBINDS != 0 {
                block.visited = 0;
                self.scan_for_locals(id, &mut stack);
            }
            id = self[id].next;
        }
        while let Some(id) = stack.pop() {
            if std::mem::take(&mut self[id].visited) == traversal {
                self.scan_for_locals(id, &mut stack);
            }
        }
        self.stack = stack;
    }

    /// Pushes the block if `mask` tells something new of it; `visited` means that it is on the stack.
    #[inline]
    fn add_unsafe(&mut self, id: BlockId, mask: u64, stack: &mut Vec<BlockId>) {
        let block = &mut self[id];
        if mask & !block.unsafe_locals != 0 {
            block.unsafe_locals |= mask;
            self.visit(id, stack);
        }
    }

    fn scan_for_locals(&mut self, id: BlockId, stack: &mut Vec<BlockId>) {
        let mut unsafe_mask = self[id].unsafe_locals;
        if self.classes & HANDLER != 0 {
            let mut told = (BlockId::NONE, 0);
            for at in 0..self[id].instrs.len() {
                let instr = &mut self[id].instrs[at];
                let except = instr.except;
                let before = unsafe_mask;
                if class(instr.opcode) & LOCAL != 0 {
                    unsafe_mask = after_instr(instr, unsafe_mask);
                }
                if except.is_some() && told != (except, before) {
                    told = (except, before);
                    self.add_unsafe(except, before, stack);
                }
            }
        } else if self[id].holds & LOCAL != 0 {
            for instr in &mut self[id].instrs {
                if class(instr.opcode) & LOCAL != 0 {
                    unsafe_mask = after_instr(instr, unsafe_mask);
                }
            }
        }
        if unsafe_mask == 0 {
            return;
        }
        let block = &self[id];
        let next = block.next;
        let jump = block.last().filter(|last| last.is_jump()).map(|last| last.target);
        if next.is_some() && block.falls_through() {
            self.add_unsafe(next, unsafe_mask, stack);
        }
        if let Some(target) = jump {
            self.add_unsafe(target, unsafe_mask, stack);
        }
    }

    /// Locals from `TRACKED` on: bound for sure only after a load or store in the same block.
    fn check_many_locals(&mut self, nlocals: usize) {
        let mut bound_in = vec![0u32; nlocals - TRACKED];
        let mut number = 0;
        let mut id = ENTRY;
        while id.is_some() {
            number += 1;
            for instr in &mut self[id].instrs {
                let Some(state) = (instr.oparg as usize).checked_sub(TRACKED).and_then(|at| bound_in.get_mut(at))
                else {
                    continue;
                };
                match instr.opcode {
                    Opcode::DELETE_FAST | Opcode::LOAD_FAST_AND_CLEAR | Opcode::STORE_FAST_MAYBE_NULL => {
                        *state = number - 1;
                    }
                    Opcode::STORE_FAST => *state = number,
                    Opcode::LOAD_FAST => {
                        if *state != number {
                            instr.opcode = Opcode::LOAD_FAST_CHECK;
                        }
                        *state = number;
                    }
                    _ => {}
                }
            }
            id = self[id].next;
        }
    }
}

/// The locals that may be unbound after the instruction; a load of one that may be unbound before becomes one that checks.
#[inline]
fn after_instr(instr: &mut Instr, unsafe_mask: u64) -> u64 {
    if instr.oparg >= TRACKED as u32 {
        return unsafe_mask;
    }
    let bit = 1u64 << instr.oparg;
    match instr.opcode {
        Opcode::DELETE_FAST | Opcode::LOAD_FAST_AND_CLEAR | Opcode::STORE_FAST_MAYBE_NULL => unsafe_mask | bit,
        Opcode::STORE_FAST | Opcode::LOAD_FAST_CHECK => unsafe_mask & !bit,
        Opcode::LOAD_FAST => {
            if unsafe_mask & bit != 0 {
                instr.opcode = Opcode::LOAD_FAST_CHECK;
            }
            unsafe_mask & !bit
        }
        _ => unsafe_mask,
    }
}
