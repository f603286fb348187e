//! Joins neighbouring loads and stores of fast locals into one instruction, where both numbers fit a nibble.

use bytecode::Opcode;

use super::{Graph, on_different_lines};

impl Graph {
    pub(super) fn insert_superinstructions(&mut self) {
        for block in &mut self.blocks[..self.used] {
            let instrs = &mut block.instrs;
            for at in 1..instrs.len() {
                let (first, second) = (instrs[at - 1], instrs[at]);
                let joined = match (first.opcode, second.opcode) {
                    (Opcode::LOAD_FAST, Opcode::LOAD_FAST) => Opcode::LOAD_FAST_LOAD_FAST,
                    (Opcode::STORE_FAST, Opcode::LOAD_FAST) => Opcode::STORE_FAST_LOAD_FAST,
                    (Opcode::STORE_FAST, Opcode::STORE_FAST) => Opcode::STORE_FAST_STORE_FAST,
                    _ => continue,
                };
                if first.oparg < 16 && second.oparg < 16 && !on_different_lines(&first, &second) {
                    instrs[at - 1].set_op1(joined, first.oparg << 4 | second.oparg);
                    instrs[at].set_nop();
                }
            }
        }
        self.remove_redundant_nops();
    }
}
