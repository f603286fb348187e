//! Empties the blocks that control cannot reach, and counts each block's predecessors.

use super::{ENTRY, Graph};

impl Graph {
    pub(super) fn remove_unreachable(&mut self) {
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
            for at in 0..self[id].instrs.len() {
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
                block.except_handler = false;
            }
        }
    }
}
