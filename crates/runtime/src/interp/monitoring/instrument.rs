//! Instrumented instructions in a code object: what stands in their place, for which tools, and how they come and go.
//!
//! Instrumentation is stacked. INSTRUMENTED_LINE stands over INSTRUMENTED_INSTRUCTION, which stands over the instrumented form of the
//! instruction (or the instruction itself); what stands below is kept in the code object's data. `base_opcode` looks through all of it.

use super::flow::{self, Lines, MARK, START};
use super::{LOCAL_EVENTS, STATE, TOOLS, event};
use crate::errors::PyResult;
use crate::interp::backoff;
use crate::types::Code;
use bytecode::op;
use bytecode::opcodes::{BASE, CACHES, DEOPT, INSTRUMENTED, MIN_INSTRUMENTED_OPCODE};
use std::sync::atomic::Ordering::Relaxed;

/// What a code object that was ever instrumented knows (`_co_monitoring`).
pub struct CodeData {
    /// By event: the tools that asked for it in this code.
    pub local: [u8; LOCAL_EVENTS],
    /// By event: the tools that the code is instrumented for.
    pub active: [u8; LOCAL_EVENTS],
    /// When each tool set its local events; see `State::tool_versions`.
    pub tool_versions: [usize; TOOLS],
    /// By code unit: the tools to call for the instruction's own event.
    pub tools: Vec<u8>,
    /// More than one tool wanted an event at the same time. Before that, a call's return is told even if the call itself is disabled.
    pub shared: bool,
    pub lines: Option<LineData>,
    pub instructions: Option<StackedData>,
}

pub struct LineData {
    pub places: Lines,
    pub below: StackedData,
}

/// By code unit: what stands below LINE or INSTRUCTION, and the tools to call for it.
pub struct StackedData {
    pub opcode: Vec<u8>,
    pub tools: Vec<u8>,
}

impl StackedData {
    fn new(len: usize) -> StackedData {
        StackedData { opcode: vec![0; len], tools: vec![0; len] }
    }
}

/// A code object's data, or NULL.
#[inline]
pub fn data_ptr(code: &Code) -> *mut CodeData {
    code.0._co_monitoring.get() as *mut CodeData
}

pub fn allocate_data(code: &Code) -> *mut CodeData {
    if data_ptr(code).is_null() {
        let data = CodeData { local: [0; LOCAL_EVENTS], active: [0; LOCAL_EVENTS], tool_versions: [0; TOOLS], tools: Vec::new(), shared: false, lines: None, instructions: None };
        code.0._co_monitoring.set(Box::into_raw(Box::new(data)) as *mut _);
    }
    data_ptr(code)
}

/// When the code object dies.
/// # Safety
/// The code does not run any more.
pub unsafe fn free_data(code: &Code) {
    let data = code.0._co_monitoring.replace(std::ptr::null_mut()) as *mut CodeData;
    if !data.is_null() {
        // SAFETY: made by `allocate_data`, freed once.
        drop(unsafe { Box::from_raw(data) });
    }
}

fn word(code: &Code, i: usize) -> *mut u8 {
    debug_assert!(i < code.len());
    // SAFETY: within the code.
    unsafe { &raw mut (*code.words().add(i)).code }
}

/// Where the opcode below INSTRUMENTED_LINE is kept.
fn below_line(code: &Code, i: usize) -> *mut u8 {
    let at = word(code, i);
    // SAFETY: LINE is only there with its data.
    unsafe {
        match (*data_ptr(code)).lines.as_mut() {
            Some(lines) if *at == op::INSTRUMENTED_LINE => &raw mut lines.below.opcode[i],
            _ => at,
        }
    }
}

/// Where the opcode below INSTRUMENTED_LINE and INSTRUMENTED_INSTRUCTION is kept.
fn below_both(code: &Code, i: usize) -> *mut u8 {
    let at = below_line(code, i);
    // SAFETY: as `below_line`.
    unsafe {
        match (*data_ptr(code)).instructions.as_mut() {
            Some(instructions) if *at == op::INSTRUMENTED_INSTRUCTION => &raw mut instructions.opcode[i],
            _ => at,
        }
    }
}

/// What stands below LINE at a place (itself if there is none): the next instruction to run after its event.
pub fn opcode_below_line(code: &Code, i: usize) -> u8 {
    // SAFETY: a valid place.
    unsafe { if data_ptr(code).is_null() { *word(code, i) } else { *below_line(code, i) } }
}

pub fn opcode_below_both(code: &Code, i: usize) -> u8 {
    // SAFETY: a valid place.
    unsafe { if data_ptr(code).is_null() { *word(code, i) } else { *below_both(code, i) } }
}

/// The instruction as the compiler wrote it.
#[inline]
pub fn base_opcode(code: &Code, i: usize) -> u8 {
    BASE[opcode_below_both(code, i) as usize]
}

fn is_instrumented(opcode: u8) -> bool {
    opcode >= MIN_INSTRUMENTED_OPCODE && opcode != op::ENTER_EXECUTOR
}

fn reset_counter(code: &Code, i: usize, opcode: u8) {
    if CACHES[opcode as usize] > 0 && i + 1 < code.len() {
        // SAFETY: the instruction's first cache unit.
        unsafe { *(code.words().add(i + 1) as *mut u16) = backoff::WARMUP };
    }
}

/// An instruction that runs below LINE or INSTRUCTION must not specialise: that would write over them.
pub fn pause_counter(code: &Code, i: usize, opcode: u8) {
    if CACHES[opcode as usize] > 0 && i + 1 < code.len() {
        // SAFETY: as above.
        unsafe { *(code.words().add(i + 1) as *mut u16) |= 1 << 4 };
    }
}

fn add(code: &Code, i: usize) {
    let at = below_both(code, i);
    // SAFETY: a valid place.
    unsafe {
        if !is_instrumented(*at) {
            let base = DEOPT[*at as usize];
            *at = INSTRUMENTED[base as usize];
            reset_counter(code, i, base);
        }
    }
}

fn remove(code: &Code, i: usize) {
    let at = below_both(code, i);
    // SAFETY: a valid place.
    unsafe {
        if is_instrumented(*at) {
            *at = BASE[*at as usize];
            reset_counter(code, i, *at);
        }
    }
}

fn add_line(code: &Code, i: usize) {
    let at = word(code, i);
    // SAFETY: a valid place; lines data was made before.
    unsafe {
        if *at != op::INSTRUMENTED_LINE
            && let Some(lines) = (*data_ptr(code)).lines.as_mut()
        {
            lines.below.opcode[i] = DEOPT[*at as usize];
            *at = op::INSTRUMENTED_LINE;
        }
    }
}

fn remove_line(code: &Code, i: usize) {
    let at = word(code, i);
    // SAFETY: a valid place.
    unsafe {
        if *at == op::INSTRUMENTED_LINE {
            *at = *below_line(code, i);
            reset_counter(code, i, *at);
        }
    }
}

fn add_instruction(code: &Code, i: usize) {
    let at = below_line(code, i);
    // SAFETY: a valid place.
    unsafe {
        if *at != op::INSTRUMENTED_INSTRUCTION
            && let Some(instructions) = (*data_ptr(code)).instructions.as_mut()
        {
            instructions.opcode[i] = DEOPT[*at as usize];
            *at = op::INSTRUMENTED_INSTRUCTION;
        }
    }
}

fn remove_instruction(code: &Code, i: usize) {
    let at = below_line(code, i);
    // SAFETY: a valid place.
    unsafe {
        if *at == op::INSTRUMENTED_INSTRUCTION {
            *at = *below_both(code, i);
            reset_counter(code, i, *at);
        }
    }
}

// ---- a tool disables a place ---------------------------------------------------------------------------------------------------------

pub fn remove_tools(code: &Code, i: usize, tools: u8) {
    // SAFETY: events only come from code with data.
    unsafe {
        let data = &mut *data_ptr(code);
        if let Some(at) = data.tools.get_mut(i) {
            *at &= !tools;
            if *at == 0 {
                remove(code, i);
            }
        }
    }
}

pub fn remove_line_tools(code: &Code, i: usize, tools: u8) {
    // SAFETY: as above.
    unsafe {
        if let Some(lines) = (*data_ptr(code)).lines.as_mut() {
            lines.below.tools[i] &= !tools;
            if lines.below.tools[i] == 0 && lines.places.flags[i] & MARK == 0 {
                remove_line(code, i);
            }
        }
    }
}

pub fn remove_instruction_tools(code: &Code, i: usize, tools: u8) {
    // SAFETY: as above.
    unsafe {
        if let Some(instructions) = (*data_ptr(code)).instructions.as_mut() {
            instructions.tools[i] &= !tools;
            if instructions.tools[i] == 0 {
                remove_instruction(code, i);
            }
        }
    }
}

// ---- bringing code up to date --------------------------------------------------------------------------------------------------------

/// The event that an instruction has of its own.
fn event_of(opcode: u8, oparg: u8) -> Option<usize> {
    Some(match opcode {
        op::RESUME => {
            if oparg > 0 {
                event::PY_RESUME
            } else {
                event::PY_START
            }
        }
        op::RETURN_VALUE => event::PY_RETURN,
        op::YIELD_VALUE => event::PY_YIELD,
        op::CALL | op::CALL_KW | op::CALL_FUNCTION_EX | op::LOAD_SUPER_ATTR => event::CALL,
        op::JUMP_FORWARD | op::JUMP_BACKWARD => event::JUMP,
        op::POP_JUMP_IF_FALSE | op::POP_JUMP_IF_TRUE | op::POP_JUMP_IF_NONE | op::POP_JUMP_IF_NOT_NONE | op::POP_ITER | op::END_ASYNC_FOR => event::BRANCH_RIGHT,
        op::FOR_ITER | op::NOT_TAKEN => event::BRANCH_LEFT,
        op::END_FOR | op::END_SEND => event::STOP_ITERATION,
        _ => return None,
    })
}

/// Brings a code object to the instrumentation that is asked for, if it is not there.
pub fn instrument(code: &Code) -> PyResult<()> {
    if !super::is_up_to_date(code) {
        force(code);
    }
    Ok(())
}

pub(super) fn force(code: &Code) {
    if code.is_unrunnable() {
        return;
    }
    let version = super::version();
    if code.0.co_flags.get() & abi::CO_NO_MONITORING_EVENTS == 0 {
        update(code, code.0._co_instrumentation_version.load(Relaxed));
    }
    code.0._co_instrumentation_version.store(version, Relaxed);
}

fn update(code: &Code, from_version: usize) {
    let monitors = STATE.get().monitors.get();
    let versions = STATE.get().tool_versions.get();
    let mut wanted = [0u8; LOCAL_EVENTS];
    wanted.copy_from_slice(&monitors[..LOCAL_EVENTS]);
    if data_ptr(code).is_null() && wanted == [0; LOCAL_EVENTS] {
        return;
    }
    // SAFETY: nothing here runs Python code; the data is this code object's own.
    let data = unsafe { &mut *allocate_data(code) };
    for tool in 0..TOOLS {
        if data.tool_versions[tool] != versions[tool] {
            super::put_events(&mut data.local, tool, 0);
        }
    }
    for (wanted, local) in wanted.iter_mut().zip(data.local) {
        *wanted |= local;
    }
    let restarted = STATE.get().last_restart.get() > from_version;
    let (mut removed, mut added) = ([0u8; LOCAL_EVENTS], [0u8; LOCAL_EVENTS]);
    for event in 0..LOCAL_EVENTS {
        let active = data.active[event];
        (removed[event], added[event]) = if restarted { (active, wanted[event]) } else { (active & !wanted[event], wanted[event] & !active) };
    }
    data.active = wanted;
    if removed == [0; LOCAL_EVENTS] && added == [0; LOCAL_EVENTS] {
        return;
    }
    data.shared |= wanted.iter().any(|tools| tools.count_ones() > 1);
    let len = code.len();
    if data.tools.is_empty() {
        data.tools = vec![0; len];
    }
    if wanted[event::LINE] != 0 && data.lines.is_none() {
        data.lines = Some(LineData { places: flow::analyze(code), below: StackedData::new(len) });
    }
    if wanted[event::INSTRUCTION] != 0 && data.instructions.is_none() {
        data.instructions = Some(StackedData::new(len));
    }
    let data: *mut CodeData = data;
    let first = code.0._co_firsttraceable.get().max(0) as usize;
    for (i, opcode, _, _) in flow::instructions(code) {
        if i < first {
            continue;
        }
        // SAFETY: within the code and its data; each reference ends before the next function looks at the data.
        unsafe {
            if let Some(event) = event_of(opcode, (*code.words().add(i)).arg) {
                if removed[event] != 0 {
                    remove_tools(code, i, removed[event]);
                }
                if added[event] != 0 {
                    (&mut (*data).tools)[i] |= added[event];
                    add(code, i);
                }
            }
            let flags = (*data).lines.as_ref().map_or(0, |lines| lines.places.flags[i]);
            if flags & START != 0 {
                if removed[event::LINE] != 0 {
                    remove_line_tools(code, i, removed[event::LINE]);
                }
                if added[event::LINE] != 0
                    && let Some(lines) = (*data).lines.as_mut()
                {
                    lines.below.tools[i] |= added[event::LINE];
                    add_line(code, i);
                }
            }
            if flags & MARK != 0 {
                if wanted[event::LINE] != 0 {
                    add_line(code, i);
                } else {
                    remove_line(code, i);
                }
            }
            if opcode != op::RESUME && opcode != op::END_FOR {
                if removed[event::INSTRUCTION] != 0 {
                    remove_instruction_tools(code, i, removed[event::INSTRUCTION]);
                }
                if added[event::INSTRUCTION] != 0
                    && let Some(instructions) = (*data).instructions.as_mut()
                {
                    instructions.tools[i] |= added[event::INSTRUCTION];
                    add_instruction(code, i);
                }
            }
        }
    }
}
