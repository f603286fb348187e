//! Joins neighbouring loads and stores of fast locals into one instruction, where both numbers fit a nibble.

use bytecode::Opcode;

use super::classes::{LOCAL, NOPS};
use super::{BlockId, ENTRY, Graph, on_different_lines};

impl Graph {
    pub(super) fn insert_superinstructions(&mut self) {
        let mut id = ENTRY;
        while id.is_some() {
            if self[id].holds & LOCAL != 0 && self.join_locals(id) {
                self[id].holds |= NOPS;
                // No other block has a `NOP` that may go: they went before.
                self.remove_redundant_nops_of(id);
            }
            id = self[id].next;
        }
    }

    fn join_locals(&mut self, id: BlockId) -> bool {
        let instrs = &mut self[id].instrs;
        let mut joined_any = false;
        for at in 1..instrs.len() {
            let joined = match (instrs[at - 1].opcode, instrs[at].opcode) {
                (Opcode::LOAD_FAST, Opcode::LOAD_FAST) => Opcode::LOAD_FAST_LOAD_FAST,
                (Opcode::STORE_FAST, Opcode::LOAD_FAST) => Opcode::STORE_FAST_LOAD_FAST,
                (Opcode::STORE_FAST, Opcode::STORE_FAST) => Opcode::STORE_FAST_STORE_FAST,
                _ => continue,
            };
            let (first, second) = (instrs[at - 1], instrs[at]);
            if first.oparg < 16 && second.oparg < 16 && !on_different_lines(&first, &second) {
                instrs[at - 1].set_op1(joined, first.oparg << 4 | second.oparg);
                instrs[at].set_nop();
                joined_any = true;
            }
        }
        joined_any
    }
}
