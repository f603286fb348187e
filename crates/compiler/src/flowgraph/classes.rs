//! What the passes ask of an opcode, one bit each.
//!
//! A block keeps the union of its instructions' bits (`Block::holds`), so that a pass leaves alone what it has nothing to
//! do in. The union may hold too much (an instruction was replaced) and never too little; `verify` checks that.

use bytecode::Opcode;

pub(crate) const JUMPS: u16 = 1;
pub(crate) const TARGET: u16 = 1 << 1;
pub(crate) const NO_FALL_THROUGH: u16 = 1 << 2;
pub(crate) const SCOPE_EXIT: u16 = 1 << 3;
pub(crate) const TERMINATOR: u16 = 1 << 4;
pub(crate) const EVAL_BREAK: u16 = 1 << 5;
/// Opens or closes a handler's block.
pub(crate) const HANDLER: u16 = 1 << 6;
/// Leaves a local unbound, or may.
pub(crate) const UNBINDS: u16 = 1 << 7;
pub(crate) const NOPS: u16 = 1 << 8;
/// Loads a constant.
pub(crate) const CONST: u16 = 1 << 9;
pub(crate) const POP: u16 = 1 << 10;
/// Reads or writes a fast local.
pub(crate) const LOCAL: u16 = 1 << 11;
pub(crate) const SWAPS: u16 = 1 << 12;
/// Its argument is a cell or free variable.
pub(crate) const CELL: u16 = 1 << 13;
/// There is a peephole rule that begins with it; jumps have theirs.
pub(crate) const REWRITE: u16 = 1 << 14;
/// Of blocks only: an instruction without a line.
pub(crate) const NO_LINE: u16 = 1 << 15;

static CLASSES: [u16; 512] = {
    let mut classes = [0; 512];
    let mut at = 0;
    while at < bytecode::opcodes::INSTRUCTIONS.len() {
        let info = &bytecode::opcodes::INSTRUCTIONS[at];
        classes[info.opcode as usize] = classify(info.opcode, info.flags);
        at += 1;
    }
    classes
};

const fn classify(opcode: Opcode, flags: u32) -> u16 {
    use Opcode::*;
    let mut class = 0;
    if flags & bytecode::flags::JUMP != 0 {
        class |= JUMPS | TARGET | TERMINATOR;
    }
    if flags & bytecode::flags::EVAL_BREAK != 0 {
        class |= EVAL_BREAK;
    }
    if opcode.is_block_push() {
        class |= TARGET | HANDLER;
    }
    if opcode.is_scope_exit() {
        class |= NO_FALL_THROUGH | SCOPE_EXIT | TERMINATOR;
    }
    if opcode.is_unconditional_jump() {
        class |= NO_FALL_THROUGH;
    }
    class
        | match opcode {
            NOP => NOPS,
            POP_BLOCK => HANDLER,
            POP_TOP => POP,
            LOAD_CONST | LOAD_SMALL_INT => CONST,
            LOAD_FAST | LOAD_FAST_CHECK | LOAD_FAST_LOAD_FAST | STORE_FAST_LOAD_FAST | STORE_FAST_STORE_FAST => LOCAL,
            LOAD_FAST_BORROW | LOAD_FAST_BORROW_LOAD_FAST_BORROW => LOCAL,
            DELETE_FAST | LOAD_FAST_AND_CLEAR | STORE_FAST_MAYBE_NULL => LOCAL | UNBINDS,
            STORE_FAST => LOCAL | REWRITE,
            SWAP => SWAPS | REWRITE,
            MAKE_CELL | LOAD_CLOSURE | LOAD_DEREF | STORE_DEREF | DELETE_DEREF | LOAD_FROM_DICT_OR_DEREF => CELL,
            BUILD_TUPLE | BUILD_LIST | BUILD_SET | LIST_APPEND | SET_ADD | LOAD_GLOBAL | COMPARE_OP | CONTAINS_OP | IS_OP
            | TO_BOOL | UNARY_NOT | UNARY_INVERT | UNARY_NEGATIVE | CALL_INTRINSIC_1 | BINARY_OP => REWRITE,
            _ => 0,
        }
}

#[inline]
pub(crate) fn class(opcode: Opcode) -> u16 {
    CLASSES[opcode as usize & 511]
}

#[inline]
pub fn is_jump(opcode: Opcode) -> bool {
    class(opcode) & JUMPS != 0
}
