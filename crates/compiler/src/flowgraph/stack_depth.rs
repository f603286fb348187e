//! How deep the stack gets, and how deep it is when each block begins.
//!
//! Cycles have no net effect on the stack; a block that is reached with two depths is an error.

use bytecode::Opcode;

use super::classes::{TARGET, class};
use super::{BlockId, ENTRY, Graph, GraphError, Result};

pub(super) const UNKNOWN: i32 = i32::MIN;

impl Graph {
    pub(super) fn calculate_stackdepth(&mut self) -> Result<u32> {
        let mut stack = std::mem::take(&mut self.stack);
        stack.clear();
        let mut max_depth = 0;
        self.reach(ENTRY, 0, &mut stack)?;
        while let Some(id) = stack.pop() {
            let mut depth = self[id].start_depth;
            for at in 0..self[id].instrs.len() {
                let instr = self[id].instrs[at];
                if let Some(effect) = instr.opcode.fixed_stack_effect() {
                    max_depth = max_depth.max(depth);
                    depth += effect;
                    if depth < 0 {
                        return Err(GraphError::value("Invalid CFG, stack underflow"));
                    }
                    continue;
                }
                let new_depth = depth + instr.opcode.stack_effect(instr.oparg as i32, false);
                if new_depth < 0 {
                    return Err(GraphError::value("Invalid CFG, stack underflow"));
                }
                max_depth = max_depth.max(depth);
                if class(instr.opcode) & TARGET != 0 && instr.opcode != Opcode::END_ASYNC_FOR {
                    let target_depth = depth + instr.opcode.stack_effect(instr.oparg as i32, true);
                    self.reach(instr.target, target_depth, &mut stack)?;
                }
                depth = new_depth;
            }
            let next = self[id].next;
            if next.is_some() && self[id].falls_through() {
                self.reach(next, depth, &mut stack)?;
            }
        }
        self.stack = stack;
        Ok(max_depth as u32)
    }

    #[inline]
    fn reach(&mut self, id: BlockId, depth: i32, stack: &mut Vec<BlockId>) -> Result {
        let known = self[id].start_depth;
        if known == UNKNOWN {
            if depth < 0 {
                return Err(GraphError::value("Invalid CFG, stack underflow"));
            }
            self[id].start_depth = depth;
            stack.push(id);
        } else if known != depth {
            return Err(GraphError::value("Invalid CFG, inconsistent stackdepth"));
        }
        Ok(())
    }
}
