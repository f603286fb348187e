//! Empties the blocks that control cannot reach, and counts each block's predecessors.

use super::{ENTRY, Graph};

impl Graph {
    pub(super) fn remove_unreachable(&mut self) {
        self.jumps_changed = false;
        for block in &mut self.blocks[..self.used] {
            block.predecessors = 0;
        }
        let mut stack = self.start_traversal();
        self[ENTRY].predecessors = 1;
        self.visit(ENTRY, &mut stack);
        while let Some(id) = stack.pop() {
            let next = self[id].next;
            if next.is_some() && self[id].falls_through() {
                self[next].predecessors += 1;
                self.visit(next, &mut stack);
            }
            let count = self[id].instrs.len();
            let first = if self[id].has_inner_targets() { 0 } else { count.saturating_sub(1) };
            for at in first..count {
                let instr = &self[id].instrs[at];
                if instr.has_target() {
                    let target = instr.target;
                    self[target].predecessors += 1;
                    self.visit(target, &mut stack);
                }
            }
        }
        self.stack = stack;
        for block in &mut self.blocks[..self.used] {
            if block.predecessors == 0 {
                block.instrs.clear();
                block.holds = 0;
                block.except_handler = false;
            }
        }
    }
}
