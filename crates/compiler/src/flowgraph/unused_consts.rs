//! Drops the constants that no instruction loads any more. The first stays: it may be the docstring.

use bytecode::Opcode;

use super::Graph;
use super::classes::CONST;
use crate::unit::ConstTable;

const UNUSED: u32 = u32::MAX;

impl Graph {
    pub(super) fn remove_unused_consts(&mut self, consts: &mut ConstTable<'_>) {
        if consts.is_empty() {
            return;
        }
        let mut new_index = vec![UNUSED; consts.len()];
        new_index[0] = 0;
        for block in self.blocks[..self.used].iter().filter(|block| block.holds & CONST != 0) {
            for instr in &block.instrs {
                if instr.opcode == Opcode::LOAD_CONST {
                    new_index[instr.oparg as usize] = 0;
                }
            }
        }
        if !new_index.contains(&UNUSED) {
            return;
        }
        let used: Vec<u32> = (0..consts.len() as u32).filter(|&index| new_index[index as usize] != UNUSED).collect();
        for (new, &old) in used.iter().enumerate() {
            new_index[old as usize] = new as u32;
        }
        consts.retain(used);
        for block in self.blocks[..self.used].iter_mut().filter(|block| block.holds & CONST != 0) {
            for instr in &mut block.instrs {
                if instr.opcode == Opcode::LOAD_CONST {
                    instr.oparg = new_index[instr.oparg as usize];
                }
            }
        }
    }
}
