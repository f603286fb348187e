//! What follows from a constant being on the stack: small integers get their own instruction, conditional jumps on a
//! constant are decided, comparisons with `None` become `POP_JUMP_IF_NONE`.

use bytecode::Opcode;

use super::classes::{CONST, NOPS, class};
use super::{ENTRY, Graph, Instr, is_true};
use crate::unit::{Const, ConstTable};

impl Graph {
    pub(super) fn optimize_load_const(&mut self, consts: &mut ConstTable<'_>) {
        let mut id = ENTRY;
        while id.is_some() {
            let block = &mut self[id];
            if block.holds & CONST != 0 {
                let jumps_changed = optimize_block(&mut block.instrs, consts);
                block.holds |= NOPS;
                if jumps_changed {
                    block.holds |= class(Opcode::JUMP);
                    self.jumps_changed = true;
                }
            }
            id = self[id].next;
        }
    }
}

/// The argument of `LOAD_SMALL_INT` that loads `value`.
#[inline]
pub(super) fn small_int(value: Const<'_>) -> Option<u32> {
    match value {
        Const::Int(value @ 0..=255) => Some(value as u32),
        _ => None,
    }
}

#[inline]
pub(super) fn loads_const(opcode: Opcode) -> bool {
    matches!(opcode, Opcode::LOAD_CONST | Opcode::LOAD_SMALL_INT)
}

/// What `LOAD_CONST` or `LOAD_SMALL_INT` loads.
#[inline]
pub(super) fn const_value<'a>(opcode: Opcode, oparg: u32, consts: &ConstTable<'a>) -> Const<'a> {
    if opcode == Opcode::LOAD_SMALL_INT { Const::Int(oparg as i64) } else { consts.get(oparg) }
}

/// Tells whether a conditional jump was decided.
fn optimize_block(instrs: &mut [Instr], consts: &mut ConstTable<'_>) -> bool {
    let mut jumps_changed = false;
    // The load whose value is on top of the stack; it stays that after COPY.
    let mut opcode = Opcode::NOP;
    let mut oparg = 0;
    for at in 0..instrs.len() {
        let instr = &mut instrs[at];
        if instr.opcode == Opcode::LOAD_CONST
            && let Some(small) = small_int(consts.get(instr.oparg))
        {
            instr.set_op1(Opcode::LOAD_SMALL_INT, small);
        }
        let copies_const = opcode == Opcode::LOAD_CONST && instr.opcode == Opcode::COPY && instr.oparg == 1;
        if !copies_const {
            opcode = instr.opcode;
            oparg = instr.oparg;
        }
        if !loads_const(opcode) || at + 1 >= instrs.len() {
            continue;
        }
        let next = instrs[at + 1].opcode;
        match next {
            Opcode::POP_JUMP_IF_FALSE | Opcode::POP_JUMP_IF_TRUE | Opcode::JUMP_IF_FALSE | Opcode::JUMP_IF_TRUE => {
                jumps_changed = true;
                let truth = is_true(const_value(opcode, oparg, consts));
                if matches!(next, Opcode::POP_JUMP_IF_FALSE | Opcode::POP_JUMP_IF_TRUE) {
                    instrs[at].set_nop();
                }
                let jumps = truth == matches!(next, Opcode::POP_JUMP_IF_TRUE | Opcode::JUMP_IF_TRUE);
                if jumps {
                    instrs[at + 1].opcode = Opcode::JUMP;
                } else {
                    instrs[at + 1].set_nop();
                }
            }
            Opcode::IS_OP if const_value(opcode, oparg, consts).is_none() => jump_on_none(instrs, at),
            Opcode::TO_BOOL => {
                let truth = is_true(const_value(opcode, oparg, consts));
                let index = consts.add(Const::bool(truth));
                instrs[at].set_nop();
                instrs[at + 1].set_op1(Opcode::LOAD_CONST, index);
            }
            _ => {}
        }
    }
    jumps_changed
}

/// `None` at `at`, `IS_OP`, perhaps `TO_BOOL`, conditional jump: one jump.
fn jump_on_none(instrs: &mut [Instr], at: usize) {
    let mut jump = at + 2;
    if jump >= instrs.len() {
        return;
    }
    if instrs[jump].opcode == Opcode::TO_BOOL {
        instrs[jump].set_nop();
        jump += 1;
        if jump >= instrs.len() {
            return;
        }
    }
    let not = instrs[at + 1].oparg != 0;
    let if_not_none = match instrs[jump].opcode {
        Opcode::POP_JUMP_IF_FALSE => !not,
        Opcode::POP_JUMP_IF_TRUE => not,
        _ => return,
    };
    instrs[at].set_nop();
    instrs[at + 1].set_nop();
    instrs[jump].opcode = if if_not_none { Opcode::POP_JUMP_IF_NOT_NONE } else { Opcode::POP_JUMP_IF_NONE };
}
