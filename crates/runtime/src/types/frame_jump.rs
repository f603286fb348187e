//! `frame.f_lineno = line` in a trace function: where the frame may go, and what its stack must give up for it.
//!
//! The stack before each instruction is modelled as a number with three bits a value, the top lowest. A jump is allowed to a place whose
//! stack is a lower part of the present one, of the same kinds.

use crate::err;
use crate::errors::PyResult;
use crate::exceptions;
use crate::interp::frame::{InterpreterFrame, OWNED_BY_GENERATOR};
use crate::interp::generator;
use crate::interp::monitoring::{base_opcode, event};
use crate::interp::stackref::StackRef;
use crate::object::{Object, set_cell};
use crate::tstate::ThreadState;
use crate::types::{self, Code, Frame, Int};
use bytecode::opcodes::CACHES;
use bytecode::{Opcode, op};
use std::ptr;

const ITERATOR: i64 = 1;
const EXCEPT: i64 = 2;
const OBJECT: i64 = 3;
const NULL: i64 = 4;
const LASTI: i64 = 5;

const BITS: u32 = 3;
const MASK: i64 = 7;
const MAX_ENTRIES: u32 = 63 / BITS;
const UNINITIALIZED: i64 = -2;
const OVERFLOWED: i64 = -1;

fn push(stack: i64, kind: i64) -> i64 {
    if stack < 0 || stack >= 1 << ((MAX_ENTRIES - 1) * BITS) { OVERFLOWED } else { stack << BITS | kind }
}

fn pop(stack: i64) -> i64 {
    stack >> BITS
}

/// How many values a stack has.
fn depth(mut stack: i64) -> isize {
    let mut count = 0;
    while stack > 0 {
        stack = pop(stack);
        count += 1;
    }
    count
}

fn peek(stack: i64, n: usize) -> i64 {
    let shift = BITS as usize * n.saturating_sub(1);
    if shift >= 63 { stack >> 63 & MASK } else { stack >> shift & MASK }
}

fn swap(stack: i64, n: usize) -> i64 {
    let shift = BITS as usize * n.saturating_sub(1);
    if shift >= 60 || stack < 0 {
        return OVERFLOWED;
    }
    let (low, top) = (peek(stack, n), stack & MASK);
    let replaced = stack & !(MASK << shift) | top << shift;
    replaced & !MASK | low
}

fn pop_to_level(mut stack: i64, level: usize) -> i64 {
    if level == 0 {
        return 0;
    }
    if level >= MAX_ENTRIES as usize {
        return stack;
    }
    let most = MASK << ((level - 1) * BITS as usize);
    while stack > most {
        stack = pop(stack);
    }
    stack
}

/// The model of the stack before each code unit.
fn mark_stacks(code: &Code) -> Vec<i64> {
    let len = code.len();
    let mut stacks = vec![UNINITIALIZED; len + 1];
    stacks[0] = 0;
    let mut todo = true;
    while todo {
        todo = false;
        let mut i = 0;
        while i < len {
            let mut stack = stacks[i];
            let mut oparg = 0usize;
            let mut opcode = base_opcode(code, i);
            loop {
                // SAFETY: i is within the code.
                oparg = oparg << 8 | unsafe { (*code.words().add(i)).arg } as usize;
                if opcode != op::EXTENDED_ARG || i + 1 >= len {
                    break;
                }
                i += 1;
                opcode = base_opcode(code, i);
                stacks[i] = stack;
            }
            let next = (i + 1 + CACHES[opcode as usize] as usize).min(len);
            if stack == UNINITIALIZED {
                i = next;
                continue;
            }
            match opcode {
                op::POP_JUMP_IF_FALSE | op::POP_JUMP_IF_TRUE | op::POP_JUMP_IF_NONE | op::POP_JUMP_IF_NOT_NONE => {
                    stack = pop(stack);
                    stacks[(next + oparg).min(len)] = stack;
                    stacks[next] = stack;
                }
                op::SEND => {
                    stacks[(next + oparg).min(len)] = stack;
                    stacks[next] = stack;
                }
                op::JUMP_FORWARD => stacks[(next + oparg).min(len)] = stack,
                op::JUMP_BACKWARD | op::JUMP_BACKWARD_NO_INTERRUPT => {
                    let to = next.saturating_sub(oparg);
                    if stacks[to] == UNINITIALIZED && to < i {
                        todo = true;
                    }
                    stacks[to] = stack;
                }
                op::GET_ITER | op::GET_AITER => stacks[next] = push(pop(stack), ITERATOR),
                op::FOR_ITER => {
                    stack = push(stack, OBJECT);
                    stacks[next] = stack;
                    stacks[(next + oparg).min(len)] = stack;
                }
                op::END_ASYNC_FOR => stacks[next] = pop(pop(stack)),
                op::PUSH_EXC_INFO => stacks[next] = push(stack, EXCEPT),
                op::POP_EXCEPT => stacks[next] = pop(stack),
                op::RETURN_VALUE | op::RAISE_VARARGS | op::RERAISE => {}
                op::PUSH_NULL => stacks[next] = push(stack, NULL),
                op::LOAD_GLOBAL => {
                    stack = push(stack, OBJECT);
                    stacks[next] = if oparg & 1 != 0 { push(stack, NULL) } else { stack };
                }
                op::LOAD_ATTR => stacks[next] = if oparg & 1 != 0 { push(push(pop(stack), OBJECT), NULL) } else { stack },
                op::SWAP => stacks[next] = swap(stack, oparg),
                op::COPY => stacks[next] = push(stack, peek(stack, oparg)),
                _ => {
                    let mut delta = Opcode::from_number(opcode as u32).and_then(|o| o.checked_stack_effect(oparg as i32, None)).unwrap_or(0);
                    while delta < 0 {
                        stack = pop(stack);
                        delta += 1;
                    }
                    while delta > 0 {
                        stack = push(stack, OBJECT);
                        delta -= 1;
                    }
                    stacks[next] = stack;
                }
            }
            i = next;
        }
        for entry in bytecode::exception_table::entries(code.exception_table()) {
            let (start, target) = (entry.start as usize, entry.target as usize);
            if start < len && target < len && stacks[start] != UNINITIALIZED && stacks[target] == UNINITIALIZED {
                todo = true;
                let mut stack = pop_to_level(stacks[start], entry.depth as usize);
                if entry.lasti {
                    stack = push(stack, LASTI);
                }
                stacks[target] = push(stack, EXCEPT);
            }
        }
    }
    stacks
}

fn compatible_kind(from: i64, to: i64) -> bool {
    match to {
        0 => false,
        OBJECT => from != NULL,
        NULL => true,
        _ => from == to,
    }
}

fn compatible(mut from: i64, mut to: i64) -> bool {
    if from < 0 || to < 0 {
        return false;
    }
    while from > to {
        from = pop(from);
    }
    while from != 0 {
        if !compatible_kind(from & MASK, to & MASK) {
            return false;
        }
        (from, to) = (pop(from), pop(to));
    }
    to == 0
}

fn explain(target: i64) -> &'static str {
    match target {
        OVERFLOWED => "stack is too deep to analyze",
        UNINITIALIZED => "can't jump into an exception handler, or code may be unreachable",
        _ => match target & MASK {
            EXCEPT => "can't jump into an 'except' block as there's no exception",
            LASTI => "can't jump into a re-raising block as there's no location",
            ITERATOR => "can't jump into the body of a for loop",
            _ => "incompatible stacks",
        },
    }
}

/// Where lines begin, by code unit; -1 elsewhere.
fn mark_lines(code: &Code) -> Vec<i32> {
    let mut lines = vec![-1; code.len()];
    let mut last = -1;
    for entry in bytecode::locations::entries(code.line_table(), code.0.co_firstlineno.get()) {
        let line = entry.location.lineno;
        if line != last && line != -1 {
            if let Some(slot) = lines.get_mut(entry.start) {
                *slot = line;
            }
            last = line;
        }
    }
    lines
}

/// Whether the event that is being told allows a jump.
fn check_event() -> PyResult<()> {
    let what = ThreadState::current().0.what_event.get();
    if what < 0 {
        return Err(err!(ValueError, "f_lineno can only be set in a trace function"));
    }
    match what as usize {
        event::PY_RESUME | event::JUMP | event::BRANCH | event::BRANCH_LEFT | event::BRANCH_RIGHT | event::LINE | event::PY_YIELD => Ok(()),
        event::PY_START => Err(err!(ValueError, "can't jump from the 'call' trace event of a new frame")),
        event::CALL | event::C_RETURN => Err(err!(ValueError, "can't jump during a call")),
        event::PY_RETURN | event::PY_UNWIND | event::PY_THROW | event::RAISE | event::C_RAISE | event::INSTRUCTION | event::EXCEPTION_HANDLED => {
            Err(err!(ValueError, "can only jump from a 'line' trace event"))
        }
        _ => Err(err!(SystemError, "unexpected event type")),
    }
}

/// The setter of `f_lineno`.
pub fn set_line(frame: &Frame, value: Option<&Object>) -> PyResult<()> {
    let Some(value) = value else { return Err(err!(AttributeError, "attribute 'f_lineno' of 'frame' objects cannot be deleted")) };
    let Some(line) = value.downcast_exact::<Int>() else { return Err(err!(ValueError, "lineno must be an integer")) };
    check_event()?;
    let code = frame.code();
    let Some(line) = line.as_i64().and_then(|line| i32::try_from(line).ok()) else { return Err(err!(ValueError, "lineno out of range")) };
    if line < code.0.co_firstlineno.get() {
        return Err(err!(ValueError, "line {} comes before the current code block", line));
    }
    let lines = mark_lines(code);
    let Some(new_line) = lines.iter().copied().filter(|&start| start >= line && start >= 0).min() else {
        return Err(err!(ValueError, "line {} comes after the current code block", line));
    };
    let stacks = mark_stacks(code);
    let f = frame.frame_ptr();
    // SAFETY: a live frame.
    let lasti = unsafe { (*f).lasti() }.max(0) as usize;
    let start = stacks.get(lasti).copied().unwrap_or(UNINITIALIZED);
    let (target, best) = choose(&lines, &stacks, new_line, start)?;
    // SAFETY: the frame runs (a callback was called for it) or is suspended; its stack pointer is up to date.
    unsafe {
        let suspended = (*f).owner == OWNED_BY_GENERATOR && generator::of_frame(f).state() < abi::FRAME_EXECUTING && generator::of_frame(f).state() != abi::FRAME_CREATED;
        // A suspended generator's stack lacks the value that it yielded.
        let start = if suspended { pop(start) } else { start };
        let base = (*f).locals().add(code.0.co_nlocalsplus.get() as usize);
        if (*f).stackpointer.offset_from(base) != depth(start) {
            // A caller's frame: the instruction that it stands at has taken its operands.
            return Err(err!(ValueError, "can't jump during a call"));
        }
        bind_locals(frame)?;
        pop_stack(f, start, best);
        frame.0.f_lineno.set(0);
        (*f).instr_ptr = code.words().add(target);
    }
    Ok(())
}

/// The place of the line with the fullest stack among those that can be reached.
fn choose(lines: &[i32], stacks: &[i64], line: i32, start: i64) -> PyResult<(usize, i64)> {
    let mut best: Option<(usize, i64)> = None;
    let mut message = "cannot find bytecode for specified line";
    let mut explained = false;
    for (i, _) in lines.iter().enumerate().filter(|&(_, &at)| at == line) {
        let target = stacks[i];
        if compatible(start, target) {
            if best.is_none_or(|(_, best)| target > best) {
                best = Some((i, target));
            }
        } else if best.is_none() && !explained {
            match start {
                OVERFLOWED => message = "stack to deep to analyze",
                UNINITIALIZED => message = "can't jump from unreachable code",
                _ => {
                    message = explain(target);
                    explained = true;
                }
            }
        }
    }
    best.ok_or_else(|| err!(ValueError, "{}", message))
}

/// Variables that the compiler may have proven to be bound at the new place are bound to None.
fn bind_locals(frame: &Frame) -> PyResult<()> {
    let count = frame.code().0.co_nlocalsplus.get() as usize;
    // SAFETY: slots within co_nlocalsplus are initialised.
    let slot = |i: usize| unsafe { (*frame.frame_ptr()).locals().add(i) };
    // SAFETY: as above.
    let unbound = (0..count).filter(|&i| unsafe { (*slot(i)).is_null() }).count();
    if unbound == 0 {
        return Ok(());
    }
    exceptions::warn(exceptions::RuntimeWarning(), &format!("assigning None to {unbound} unbound local{}", if unbound == 1 { "" } else { "s" }), 0)?;
    for i in 0..count {
        // SAFETY: as above; None is immortal.
        unsafe {
            if (*slot(i)).is_null() {
                *slot(i) = StackRef::borrow(types::none().as_ptr());
            }
        }
    }
    Ok(())
}

/// Pops what the new place does not have; leaving an `except` block ends the handling of its exception.
unsafe fn pop_stack(f: *mut InterpreterFrame, mut stack: i64, until: i64) {
    // SAFETY: by contract of `set_line`; the model says that the values are there.
    unsafe {
        while stack > until {
            let base = (*f).locals().add((*f).code().0.co_nlocalsplus.get() as usize);
            if (*f).stackpointer <= base {
                return;
            }
            (*f).stackpointer = (*f).stackpointer.sub(1);
            let popped = *(*f).stackpointer;
            if stack & MASK == EXCEPT && !popped.is_null() {
                let exc = popped.into_ptr();
                let kept = if Object::from_ptr(exc).is_none() { ptr::null_mut() } else { exc };
                set_cell(&(*ThreadState::current().0.exc_info.get()).exc_value, kept);
            } else {
                popped.close();
            }
            stack = pop(stack);
        }
    }
}
