//! Conditional jumps go forward only, and the way not taken begins with `NOT_TAKEN`.
//!
//! Needs the final order of blocks.

use bytecode::Opcode;

use super::{BlockId, ENTRY, Graph, Instr};

impl Graph {
    pub(super) fn normalize_jumps(&mut self) {
        self.traversal += 1;
        let mut id = ENTRY;
        while id.is_some() {
            self[id].visited = self.traversal;
            if let Some(&jump) = self[id].last()
                && jump.opcode.is_conditional_jump()
            {
                if self[jump.target].visited == self.traversal {
                    self.reverse_backward_jump(id, jump);
                } else {
                    self[id].append(Instr::new(Opcode::NOT_TAKEN, 0, jump.location));
                }
            }
            id = self[id].next;
        }
    }

    /// A conditional jump back becomes a reversed one over an unconditional one.
    fn reverse_backward_jump(&mut self, id: BlockId, jump: Instr) {
        let reversed = match jump.opcode {
            Opcode::POP_JUMP_IF_NOT_NONE => Opcode::POP_JUMP_IF_NONE,
            Opcode::POP_JUMP_IF_NONE => Opcode::POP_JUMP_IF_NOT_NONE,
            Opcode::POP_JUMP_IF_FALSE => Opcode::POP_JUMP_IF_TRUE,
            _ => Opcode::POP_JUMP_IF_FALSE,
        };
        let backwards = self.new_block();
        let (next, cold) = (self[id].next, self[id].cold);
        let start_depth = self[jump.target].start_depth;
        let block = &mut self[backwards];
        block.append(Instr::new(Opcode::NOT_TAKEN, 0, jump.location));
        let mut back = Instr::new(Opcode::JUMP, 0, jump.location);
        back.target = jump.target;
        block.append(back);
        block.start_depth = start_depth;
        block.cold = cold;
        block.next = next;
        let block = &mut self[id];
        block.next = backwards;
        if let Some(last) = block.instrs.last_mut() {
            last.opcode = reversed;
            last.target = next;
        }
    }
}
