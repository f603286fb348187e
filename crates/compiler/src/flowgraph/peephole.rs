//! Rewrites short runs of instructions: constant folding, jumps to jumps, double negations, swaps.
//!
//! One walk over each block; a rewritten instruction is looked at again where that may give more.

use bytecode::Opcode;
use bytecode::operands::{COMPARE_OP_TO_BOOL, INTRINSIC_LIST_TO_TUPLE, INTRINSIC_UNARY_POSITIVE};
use syntax::ast::Arena;

use super::classes::{CONST, JUMPS, NO_LINE, NOPS, POP, REWRITE, SWAPS, class};
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
        if self[id].holds & (REWRITE | JUMPS) == 0 {
            return;
        }
        let mut at = 0;
        let mut made = 0;
        while at < self[id].instrs.len() {
            let class = class(self[id].instrs[at].opcode);
            if class & REWRITE != 0 {
                made |= optimize_instr(&mut self[id].instrs, at, folder);
            } else if class & JUMPS != 0 && self.thread_jump(id, at) {
                // A jump that changed is looked at again.
                continue;
            }
            at += 1;
        }
        self[id].holds |= made;
        if self[id].holds & SWAPS != 0 {
            self[id].optimize_swaps();
            self[id].holds |= NOPS;
        }
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
                self.jumps_changed = true;
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
        block.holds |= NOPS;
        let mut jump = Instr::new(opcode, 0, target.location);
        jump.target = target.target;
        block.append(jump);
        self.jumps_changed = true;
        true
    }
}

/// Gives the classes of what may have been put in place.
fn optimize_instr(instrs: &mut [Instr], at: usize, folder: &mut Folder<'_, '_>) -> u16 {
    const FOLDED: u16 = CONST | NOPS | NO_LINE;
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
                return NOPS | SWAPS;
            }
            folder.fold_tuple(instrs, at);
            FOLDED
        }
        BUILD_LIST | BUILD_SET => {
            folder.fold_list_or_set(instrs, at, next);
            FOLDED
        }
        LIST_APPEND | SET_ADD if oparg == 1 && matches!(next, GET_ITER | CONTAINS_OP) => {
            folder.fold_appends(instrs, at);
            FOLDED
        }
        STORE_FAST
            if next == STORE_FAST
                && instrs[at + 1].oparg == oparg
                && instrs[at + 1].location.lineno == instrs[at].location.lineno =>
        {
            instrs[at].set_op0(POP_TOP);
            POP
        }
        SWAP if oparg == 1 => {
            instrs[at].set_nop();
            NOPS
        }
        LOAD_GLOBAL if next == PUSH_NULL && oparg & 1 == 0 => {
            instrs[at].oparg = oparg | 1;
            instrs[at + 1].set_nop();
            NOPS
        }
        COMPARE_OP if next == TO_BOOL => {
            instrs[at].set_nop();
            instrs[at + 1].set_op1(COMPARE_OP, oparg | COMPARE_OP_TO_BOOL);
            NOPS
        }
        CONTAINS_OP | IS_OP if next == TO_BOOL => {
            instrs[at].set_nop();
            instrs[at + 1].set_op1(opcode, oparg);
            NOPS
        }
        CONTAINS_OP | IS_OP if next == UNARY_NOT => {
            instrs[at].set_nop();
            instrs[at + 1].set_op1(opcode, oparg ^ 1);
            NOPS
        }
        TO_BOOL if next == TO_BOOL => {
            instrs[at].set_nop();
            NOPS
        }
        UNARY_NOT if next == TO_BOOL => {
            instrs[at].set_nop();
            instrs[at + 1].set_op0(UNARY_NOT);
            NOPS
        }
        UNARY_NOT if next == UNARY_NOT => {
            instrs[at].set_nop();
            instrs[at + 1].set_nop();
            NOPS
        }
        UNARY_NOT | UNARY_INVERT | UNARY_NEGATIVE => {
            folder.fold_unary(instrs, at);
            FOLDED
        }
        CALL_INTRINSIC_1 if oparg == INTRINSIC_LIST_TO_TUPLE => {
            if !folder.fold_list_to_tuple(instrs, at) && next == GET_ITER {
                instrs[at].set_nop();
            }
            FOLDED
        }
        CALL_INTRINSIC_1 if oparg == INTRINSIC_UNARY_POSITIVE => {
            folder.fold_unary(instrs, at);
            FOLDED
        }
        BINARY_OP => {
            folder.fold_binary(instrs, at);
            FOLDED
        }
        _ => 0,
    }
}
