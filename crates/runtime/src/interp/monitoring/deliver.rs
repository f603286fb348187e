//! Delivery of events: which tools are called for one, with what, and what their answers do.
//!
//! While a callback runs, `tracing` in the thread state holds back all further events of the thread. Tools are called from the highest
//! number to the lowest, the interpreter's own first.

use super::instrument::{self, data_ptr};
use super::{EVENT_NAMES, LOCAL_EVENTS, SYS_PROFILE, SYS_TRACE, UNGROUPED_EVENTS, callback, event, legacy, tools_for};
use crate::err;
use crate::errors::{self, PyResult};
use crate::exceptions;
use crate::interp::frame::{CodeWord, InterpreterFrame};
use crate::object::{Object, Owned};
use crate::protocol::call;
use crate::types::{self, BaseException, Code, Int};
use abi::PyThreadState;
use bytecode::op;

/// One event.
pub struct Event<'a> {
    pub number: usize,
    /// Code unit of the instruction that is instrumented for it.
    pub at: usize,
    /// Code unit that is reported.
    pub offset: usize,
    /// For jumps and branches: the code unit where they go.
    pub target: Option<usize>,
    pub args: &'a [&'a Object],
}

impl<'a> Event<'a> {
    pub fn new(number: usize, at: usize, args: &'a [&'a Object]) -> Event<'a> {
        Event { number, at, offset: at, target: None, args }
    }
}

/// Runs a callback with events held back and the event noted, which the setter of `f_lineno` asks for.
pub fn held_back<T>(ts: *mut PyThreadState, event: usize, run: impl FnOnce() -> T) -> T {
    // SAFETY: the current thread state.
    let ts = unsafe { &*ts };
    let outer = ts.what_event.replace(event as i32);
    ts.tracing.set(ts.tracing.get() + 1);
    let result = run();
    ts.tracing.set(ts.tracing.get() - 1);
    ts.what_event.set(outer);
    result
}

fn is_disable(answer: &Object) -> bool {
    answer.is(super::disable())
}

fn tools_at(code: &Code, event: &Event<'_>) -> u8 {
    let number = match event.number {
        event::C_RETURN | event::C_RAISE => event::CALL,
        number => number,
    };
    if number >= LOCAL_EVENTS {
        return tools_for(number);
    }
    // SAFETY: the data is the code object's own; it is not changed meanwhile.
    match unsafe { data_ptr(code).as_ref() } {
        Some(data) if data.shared => data.tools.get(event.at).copied().unwrap_or(0),
        Some(data) => data.active[number],
        None => 0,
    }
}

/// Delivers an event of the frame that runs, unless a callback runs already. No exception is set.
/// # Safety
/// `frame` is the current frame, saved.
pub unsafe fn deliver(ts: *mut PyThreadState, frame: *mut InterpreterFrame, event: Event<'_>) -> PyResult<()> {
    if super::is_tracing(ts) {
        return Ok(());
    }
    // SAFETY: a running frame's code is kept alive by it.
    let code: &Code = unsafe { &*std::ptr::from_ref((*frame).code()) };
    let mut tools = tools_at(code, &event);
    let mut boxed: Vec<Owned> = Vec::new();
    while tools != 0 {
        let tool = 7 - tools.leading_zeros() as usize;
        tools &= !(1 << tool);
        let disabled = if tool >= SYS_PROFILE {
            // SAFETY: by contract.
            held_back(ts, event.number, || unsafe { legacy::handle(ts, frame, code, tool, &event) })?
        } else {
            let Some(callback) = callback(tool, event.number) else { continue };
            if boxed.is_empty() {
                boxed.push(Int::from_i64(event.offset as i64 * 2).into_object());
                boxed.extend(event.target.map(|target| Int::from_i64(target as i64 * 2).into_object()));
            }
            let mut args: Vec<&Object> = vec![code.as_object()];
            args.extend(boxed.iter().map(|arg| arg.object()));
            args.extend_from_slice(event.args);
            let answer = held_back(ts, event.number, || call::call_args(&callback.function, &args))?;
            let disabled = is_disable(&answer);
            if disabled && callback.branch {
                disable_other_branch(code, tool, &event);
            }
            disabled
        };
        if !disabled {
            continue;
        }
        if event.number >= LOCAL_EVENTS {
            if tool < SYS_PROFILE {
                drop(super::register_callback(tool, event.number, None));
            }
            return Err(err!(ValueError, "Cannot disable {} events. Callback removed.", EVENT_NAMES[event.number]));
        }
        instrument::remove_tools(code, event.at, 1 << tool);
    }
    Ok(())
}

/// A callback for BRANCH that disables the direction which its branch instruction tells disables the other direction too.
fn disable_other_branch(code: &Code, tool: usize, event: &Event<'_>) {
    if event.at != event.offset {
        return;
    }
    let Some((_, opcode, oparg, next)) = super::flow::instructions(code).into_iter().find(|&(i, ..)| i == event.at) else { return };
    let other = match opcode {
        op::FOR_ITER => next + oparg + 1,
        op::POP_JUMP_IF_FALSE | op::POP_JUMP_IF_TRUE | op::POP_JUMP_IF_NONE | op::POP_JUMP_IF_NOT_NONE => next,
        _ => return,
    };
    if other < code.len() && matches!(instrument::base_opcode(code, other), op::NOT_TAKEN | op::POP_ITER) {
        instrument::remove_tools(code, other, 1 << tool);
    }
}

/// What an event with a jump target led to.
pub enum Went {
    On,
    /// A trace function set `f_lineno`: the frame's `instr_ptr` is where it goes on.
    Elsewhere,
}

/// Delivers an event and says whether a callback moved the frame.
/// # Safety
/// As `deliver`.
pub unsafe fn deliver_movable(ts: *mut PyThreadState, frame: *mut InterpreterFrame, event: Event<'_>) -> PyResult<Went> {
    // SAFETY: by contract.
    unsafe {
        let before = (*frame).instr_ptr;
        deliver(ts, frame, event)?;
        Ok(if (*frame).instr_ptr == before { Went::On } else { Went::Elsewhere })
    }
}

/// As `deliver`, with an exception set that stays set, or gives way to the callback's.
/// # Safety
/// As `deliver`.
pub unsafe fn deliver_protected(ts: *mut PyThreadState, frame: *mut InterpreterFrame, event: Event<'_>) {
    let Some(exc) = errors::take() else { return };
    // SAFETY: by contract.
    if unsafe { deliver(ts, frame, event) }.is_ok() {
        errors::restore(exc);
    }
}

/// LINE at code unit `i`, unless the instruction that ran before, `previous`, is of the same line. True if the last tool has disabled it now.
/// # Safety
/// `frame` is the current frame, saved; no callback runs.
pub unsafe fn line(ts: *mut PyThreadState, frame: *mut InterpreterFrame, i: usize, previous: *mut CodeWord) -> PyResult<bool> {
    // SAFETY: by contract; references to the data end before a callback is called.
    unsafe {
        let code: &Code = &*std::ptr::from_ref((*frame).code());
        let Some(lines) = (*data_ptr(code)).lines.as_ref() else { return Ok(false) };
        let (mut tools, flags, line) = (lines.below.tools[i], lines.places.flags[i], lines.places.line[i]);
        if tools == 0 || flags & super::flow::NEVER != 0 {
            return Ok(false);
        }
        if flags & super::flow::ALWAYS == 0 {
            // A frame that has just begun is at its RESUME, which need not have noted that it ran.
            let previous = previous.offset_from(code.words()).max(code.0._co_firsttraceable.get() as isize) as usize;
            let same = lines.places.line.get(previous).is_some_and(|&of_previous| of_previous == line);
            // RESUME hides no line, unless it is in its quick form.
            let resumes = previous < code.len() && matches!((*code.words().add(previous)).code, op::RESUME | op::INSTRUMENTED_RESUME);
            if same && !resumes {
                return Ok(false);
            }
        }
        if tools & 1 << SYS_TRACE != 0 {
            held_back(ts, event::LINE, || legacy::trace_line(ts, frame, line))?;
            tools &= !(1 << SYS_TRACE);
        }
        let mut disabled = false;
        let mut number: Option<Owned> = None;
        while tools != 0 {
            let tool = 7 - tools.leading_zeros() as usize;
            tools &= !(1 << tool);
            let Some(callback) = (if tool < SYS_PROFILE { callback(tool, event::LINE) } else { None }) else { continue };
            let number: &Object = number.get_or_insert_with(|| Int::from_i64(line as i64).into_object());
            let answer = held_back(ts, event::LINE, || call::call_args(&callback.function, &[code.as_object(), number]))?;
            if is_disable(&answer) {
                disabled = true;
                instrument::remove_line_tools(code, i, 1 << tool);
            }
        }
        Ok(disabled && (*data_ptr(code)).lines.as_ref().is_some_and(|lines| lines.below.tools[i] == 0))
    }
}

/// INSTRUCTION at code unit `i`.
/// # Safety
/// As `line`.
pub unsafe fn instruction(ts: *mut PyThreadState, frame: *mut InterpreterFrame, i: usize) -> PyResult<()> {
    // SAFETY: by contract.
    unsafe {
        let code: &Code = &*std::ptr::from_ref((*frame).code());
        let mut tools = (*data_ptr(code)).instructions.as_ref().map_or(0, |data| data.tools[i]);
        let mut offset: Option<Owned> = None;
        while tools != 0 {
            let tool = 7 - tools.leading_zeros() as usize;
            tools &= !(1 << tool);
            let disabled = if tool == SYS_TRACE {
                held_back(ts, event::INSTRUCTION, || legacy::trace_instruction(ts, frame, code))?;
                false
            } else {
                let Some(callback) = (if tool < SYS_PROFILE { callback(tool, event::INSTRUCTION) } else { None }) else { continue };
                let offset: &Object = offset.get_or_insert_with(|| Int::from_i64(i as i64 * 2).into_object());
                let answer = held_back(ts, event::INSTRUCTION, || call::call_args(&callback.function, &[code.as_object(), offset]))?;
                is_disable(&answer)
            };
            if disabled {
                instrument::remove_instruction_tools(code, i, 1 << tool);
            }
        }
    }
    Ok(())
}

// ---- exceptions ------------------------------------------------------------------------------------------------------------------------

/// Delivers an event about the exception that is set, reported for code unit `offset`. It stays set unless the callback raises.
/// # Safety
/// `frame` is the current frame, saved.
#[inline]
pub unsafe fn exception(ts: *mut PyThreadState, frame: *mut InterpreterFrame, number: usize, offset: isize) {
    debug_assert!((LOCAL_EVENTS..UNGROUPED_EVENTS).contains(&number));
    if tools_for(number) != 0 {
        // SAFETY: by contract.
        unsafe { exception_slow(ts, frame, number, offset) };
    }
}

#[cold]
unsafe fn exception_slow(ts: *mut PyThreadState, frame: *mut InterpreterFrame, number: usize, offset: isize) {
    // SAFETY: by contract.
    unsafe {
        if (*frame).code().0.co_flags.get() & abi::CO_NO_MONITORING_EVENTS != 0 || super::is_tracing(ts) {
            return;
        }
        let Some(exc) = errors::take() else { return };
        let at = offset.max(0) as usize;
        if deliver(ts, frame, Event::new(number, at, &[exc.object()])).is_ok() {
            errors::restore(exc);
        }
    }
}

/// EXCEPTION_HANDLED: the handler is about to run with `exc`.
/// # Safety
/// As `exception`; no exception is set.
#[inline]
pub unsafe fn handled(ts: *mut PyThreadState, frame: *mut InterpreterFrame, target: usize, exc: &Object) -> PyResult<()> {
    if tools_for(event::EXCEPTION_HANDLED) == 0 {
        return Ok(());
    }
    // SAFETY: by contract.
    unsafe { deliver(ts, frame, Event::new(event::EXCEPTION_HANDLED, target, &[exc])) }
}

/// A generator that a `for` or `yield from` runs has returned `value`: the StopIteration that is not made otherwise (PEP 380).
/// # Safety
/// As `deliver`.
pub unsafe fn stop_iteration(ts: *mut PyThreadState, frame: *mut InterpreterFrame, at: usize, value: &Object) -> PyResult<()> {
    if super::is_tracing(ts) {
        return Ok(());
    }
    errors::raise_object(exceptions::StopIteration(), Some(value));
    let Some(exc) = errors::take() else { return Ok(()) };
    // SAFETY: by contract.
    unsafe { deliver(ts, frame, Event::new(event::STOP_ITERATION, at, &[exc.object()])) }
}

/// Whether any tool wants to know of exceptions.
#[inline]
pub fn sees_raise() -> bool {
    tools_for(event::RAISE) != 0
}

/// RAISE for a StopIteration that the running instruction is about to swallow. It stays set.
#[inline]
pub fn swallowed_stop_iteration() {
    if tools_for(event::RAISE) != 0 {
        swallowed_slow();
    }
}

#[cold]
fn swallowed_slow() {
    let ts = crate::tstate::ThreadState::current_ptr();
    // SAFETY: called by an instruction, so the current frame runs and is saved.
    unsafe {
        let frame = (*ts).current_frame.get() as *mut InterpreterFrame;
        if !frame.is_null() && !(*frame).is_incomplete() {
            exception(ts, frame, event::RAISE, (*frame).lasti());
        }
    }
}

/// The traceback of an exception, or None.
pub fn traceback_of(exc: &Object) -> Owned {
    // SAFETY: an exception's layout; the slot is NULL or owned.
    let tb = exc.downcast::<BaseException>().and_then(|exc| unsafe { Object::from_ptr_opt(exc.0.traceback.get()) });
    tb.unwrap_or(types::none()).to_owned()
}
