//! Rewrites short runs of instructions: constant folding, jumps to jumps, double negations, swaps.
//!
//! One walk over each block; a rewritten instruction is looked at again where that may give more.

use bytecode::Opcode;
use bytecode::operands::{COMPARE_OP_TO_BOOL, INTRINSIC_LIST_TO_TUPLE, INTRINSIC_UNARY_POSITIVE};
use syntax::ast::Arena;

use super::fold_constants::Folder;
use super::{BlockId, ENTRY, Graph, Instr};
use crate::unit::ConstTable;

impl Graph {
    pub(super) fn optimize_basic_blocks<'a>(&mut self, arena: &'a Arena, consts: &mut ConstTable<'a>) {
        let mut folder = Folder { arena, consts };
        let mut id = ENTRY;
        while id.is_some() {
            self.optimize_basic_block(id, &mut folder);
            id = self[id].next;
        }
    }

    fn optimize_basic_block(&mut self, id: BlockId, folder: &mut Folder<'_, '_>) {
        let mut at = 0;
        while at < self[id].instrs.len() {
            if self[id].instrs[at].is_jump() {
                // A jump that changed is looked at again.
                if !self.thread_jump(id, at) {
                    at += 1;
                }
            } else {
                optimize_instr(&mut self[id].instrs, at, folder);
                at += 1;
            }
        }
        self[id].optimize_swaps();
    }

    /// Sends a jump whose target is a jump on to the target's target. Tells whether it changed.
    fn thread_jump(&mut self, id: BlockId, at: usize) -> bool {
        let instr = self[id].instrs[at];
        let Some(&target) = self[instr.target].instrs.first() else { return false };
        use Opcode::*;
        match (instr.opcode, target.opcode) {
            (POP_JUMP_IF_NOT_NONE | POP_JUMP_IF_NONE | POP_JUMP_IF_FALSE | POP_JUMP_IF_TRUE, JUMP) => {
                self.jump_on(id, at, &target, instr.opcode)
            }
            (JUMP_IF_FALSE, JUMP | JUMP_IF_FALSE) | (JUMP_IF_TRUE, JUMP | JUMP_IF_TRUE) => {
                self.jump_on(id, at, &target, instr.opcode)
            }
            (JUMP_IF_FALSE, JUMP_IF_TRUE) | (JUMP_IF_TRUE, JUMP_IF_FALSE) => {
                let next = self[instr.target].next;
                if next.is_none() {
                    return false;
                }
                self[id].instrs[at].target = next;
                true
            }
            (JUMP | JUMP_NO_INTERRUPT, JUMP) => self.jump_on(id, at, &target, JUMP),
            (JUMP | JUMP_NO_INTERRUPT, JUMP_NO_INTERRUPT) => self.jump_on(id, at, &target, instr.opcode),
            _ => false,
        }
    }

    /// Leaves a `NOP` for the line and appends the shorter way.
    fn jump_on(&mut self, id: BlockId, at: usize, target: &Instr, opcode: Opcode) -> bool {
        let block = &mut self[id];
        let instrs = &mut block.instrs;
        if instrs[at].target == target.target {
            return false;
        }
        instrs[at].set_nop();
        let mut jump = Instr::new(opcode, 0, target.location);
        jump.target = target.target;
        block.append(jump);
        true
    }
}

fn optimize_instr(instrs: &mut [Instr], at: usize, folder: &mut Folder<'_, '_>) {
    use Opcode::*;
    let Instr { opcode, oparg, .. } = instrs[at];
    let next = instrs.get(at + 1).map_or(CACHE, |next| next.opcode);
    match opcode {
        BUILD_TUPLE => {
            if next == UNPACK_SEQUENCE && instrs[at + 1].oparg == oparg && matches!(oparg, 1..=3) {
                instrs[at].set_nop();
                if oparg == 1 {
                    instrs[at + 1].set_nop();
                } else {
                    instrs[at + 1].opcode = SWAP;
                }
                return;
            }
            folder.fold_tuple(instrs, at);
        }
        BUILD_LIST | BUILD_SET => folder.fold_list_or_set(instrs, at, next),
        LIST_APPEND | SET_ADD if oparg == 1 && matches!(next, GET_ITER | CONTAINS_OP) => folder.fold_appends(instrs, at),
        STORE_FAST => {
            if next == STORE_FAST
                && instrs[at + 1].oparg == oparg
                && instrs[at + 1].location.lineno == instrs[at].location.lineno
            {
                instrs[at].set_op0(POP_TOP);
            }
        }
        SWAP if oparg == 1 => instrs[at].set_nop(),
        LOAD_GLOBAL if next == PUSH_NULL && oparg & 1 == 0 => {
            instrs[at].oparg = oparg | 1;
            instrs[at + 1].set_nop();
        }
        COMPARE_OP if next == TO_BOOL => {
            instrs[at].set_nop();
            instrs[at + 1].set_op1(COMPARE_OP, oparg | COMPARE_OP_TO_BOOL);
        }
        CONTAINS_OP | IS_OP if next == TO_BOOL => {
            instrs[at].set_nop();
            instrs[at + 1].set_op1(opcode, oparg);
        }
        CONTAINS_OP | IS_OP if next == UNARY_NOT => {
            instrs[at].set_nop();
            instrs[at + 1].set_op1(opcode, oparg ^ 1);
        }
        TO_BOOL if next == TO_BOOL => instrs[at].set_nop(),
        UNARY_NOT if next == TO_BOOL => {
            instrs[at].set_nop();
            instrs[at + 1].set_op0(UNARY_NOT);
        }
        UNARY_NOT if next == UNARY_NOT => {
            instrs[at].set_nop();
            instrs[at + 1].set_nop();
        }
        UNARY_NOT | UNARY_INVERT | UNARY_NEGATIVE => folder.fold_unary(instrs, at),
        CALL_INTRINSIC_1 if oparg == INTRINSIC_LIST_TO_TUPLE => {
            if !folder.fold_list_to_tuple(instrs, at) && next == GET_ITER {
                instrs[at].set_nop();
            }
        }
        CALL_INTRINSIC_1 if oparg == INTRINSIC_UNARY_POSITIVE => folder.fold_unary(instrs, at),
        BINARY_OP => folder.fold_binary(instrs, at),
        _ => {}
    }
}
