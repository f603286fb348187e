//! Where lines begin, and from where control comes to such a place.
//!
//! A LINE event is due at the first instruction of a line unless the instruction that ran before it is of the same line. Mostly that is known
//! beforehand, because all instructions that lead to the place are of other lines. Where some are of the same line and some are not, those
//! are marked: they note that they ran (as instrumented instructions without a tool), so that ordinary instructions need not.

use super::instrument::base_opcode;
use crate::types::Code;
use bytecode::op;
use bytecode::opcodes::CACHES;

/// LINE may be due here.
pub const START: u8 = 1;
/// LINE is due whatever ran before.
pub const ALWAYS: u8 = 2;
/// The instruction notes that it ran.
pub const MARK: u8 = 4;
/// LINE is never due: all that leads here is of the same line. The place is instrumented all the same, which keeps the instruction from
/// specialising, and that shows: a specialised FOR_ITER tells of its generator's end.
pub const NEVER: u8 = 8;

pub struct Lines {
    /// By code unit; -1 for none.
    pub line: Vec<i32>,
    pub flags: Vec<u8>,
}

/// The instructions as (index, base opcode, argument with its prefixes, index of the next one).
pub fn instructions(code: &Code) -> Vec<(usize, u8, usize, usize)> {
    let mut out = Vec::new();
    let (mut i, mut oparg) = (0, 0usize);
    while i < code.len() {
        let opcode = base_opcode(code, i);
        // SAFETY: i is within the code.
        oparg = oparg << 8 | unsafe { (*code.words().add(i)).arg } as usize;
        let next = i + 1 + CACHES[opcode as usize] as usize;
        out.push((i, opcode, oparg, next));
        if opcode != op::EXTENDED_ARG {
            oparg = 0;
        }
        i = next;
    }
    out
}

/// Where a jump goes besides the next instruction.
fn target(opcode: u8, oparg: usize, next: usize) -> Option<usize> {
    match opcode {
        op::POP_JUMP_IF_FALSE | op::POP_JUMP_IF_TRUE | op::POP_JUMP_IF_NONE | op::POP_JUMP_IF_NOT_NONE | op::JUMP_FORWARD => Some(next + oparg),
        op::FOR_ITER => Some(next + oparg + 1),
        op::SEND => Some(next + oparg),
        op::JUMP_BACKWARD | op::JUMP_BACKWARD_NO_INTERRUPT => next.checked_sub(oparg),
        _ => None,
    }
}

fn falls_through(opcode: u8) -> bool {
    !matches!(opcode, op::JUMP_FORWARD | op::JUMP_BACKWARD | op::JUMP_BACKWARD_NO_INTERRUPT | op::RETURN_VALUE | op::RAISE_VARARGS | op::RERAISE | op::INTERPRETER_EXIT)
}

/// Instructions that cannot begin a line: they are skipped when their loop ends, or needed as they are.
fn never_starts(opcode: u8) -> bool {
    matches!(opcode, op::END_ASYNC_FOR | op::END_FOR | op::END_SEND | op::RESUME | op::POP_ITER)
}

pub fn analyze(code: &Code) -> Lines {
    let len = code.len();
    let first = code.0._co_firsttraceable.get().max(0) as usize;
    let mut line = vec![-1; len];
    for entry in bytecode::locations::entries(code.line_table(), code.0.co_firstlineno.get()) {
        for slot in line.iter_mut().take(entry.end).skip(entry.start) {
            *slot = entry.location.lineno;
        }
    }
    let all = instructions(code);
    let mut opcode_at = vec![None; len];
    let mut flags = vec![0u8; len];
    let mut current = -1;
    for &(i, opcode, _, _) in &all {
        opcode_at[i] = Some(opcode);
        if i >= first && !never_starts(opcode) {
            if line[i] != current && line[i] >= 0 {
                flags[i] |= START;
            }
            current = line[i];
        }
    }
    let mut handler = vec![false; len];
    {
        let mut begin = |i: usize| {
            if i < len && line[i] >= 0 && opcode_at[i].is_some_and(|o| !never_starts(o)) {
                flags[i] |= START;
            }
        };
        for &(i, opcode, oparg, next) in &all {
            if i < first {
                continue;
            }
            match target(opcode, oparg, next) {
                Some(to) if opcode == op::SEND => begin(to + 1),
                Some(to) => begin(to),
                None => {}
            }
        }
        for entry in bytecode::exception_table::entries(code.exception_table()) {
            let to = entry.target as usize;
            begin(to);
            if to < len {
                handler[to] = true;
            }
        }
    }
    // How control comes to the places that begin a line.
    let mut edges = Vec::new();
    for &(i, opcode, oparg, next) in &all {
        if opcode == op::EXTENDED_ARG {
            continue;
        }
        if falls_through(opcode) {
            edges.push((i, next));
        }
        if let Some(to) = target(opcode, oparg, next) {
            edges.push((i, to));
        }
    }
    edges.retain(|&(_, to)| to < len && flags[to] & START != 0);
    let (mut same, mut other) = (vec![false; len], vec![false; len]);
    for &(from, to) in &edges {
        if line[from] == line[to] {
            same[to] = true;
            // Whether a RESUME hides the line depends on its form.
            other[to] |= opcode_at[from] == Some(op::RESUME);
        } else {
            other[to] = true;
        }
    }
    for i in 0..len {
        if flags[i] & START == 0 || handler[i] {
            continue;
        }
        if !same[i] {
            flags[i] |= ALWAYS;
        } else if !other[i] {
            flags[i] |= NEVER;
        }
    }
    for &(from, to) in &edges {
        let doubtful = flags[to] & (START | ALWAYS | NEVER) == START;
        if doubtful && from >= first && opcode_at[from].is_some_and(|o| !never_starts(o)) {
            flags[from] |= MARK;
        }
    }
    Lines { line, flags }
}
