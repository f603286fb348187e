//! Monitoring (PEP 669): which tool wants which event, and the version by which code objects know that their instrumentation is out of date.
//!
//! An event that belongs to a place in the code (`LOCAL_EVENTS`) is delivered by an instrumented instruction that stands in the place of
//! the ordinary one; the others are delivered where exceptions travel. Code that nobody watches runs as if all this were not there: the
//! version in the eval breaker, which every RESUME compares anyway, is the only link. `sys.settrace` and `sys.setprofile` are the tools 7 and 6.

pub mod deliver;
pub mod execute;
mod flow;
pub mod instrument;
pub mod legacy;

pub use execute::{Next, instrumented};
pub use instrument::{CodeData, base_opcode, free_data, instrument};

use crate::err;
use crate::errors::PyResult;
use crate::gil::EVENTS_MASK;
use crate::object::{Object, Owned};
use crate::protocol::call;
use crate::tstate::{self, ThreadState};
use crate::state::PerInterpreter;
use crate::types::{self, Code};
use std::cell::{Cell, RefCell};
use std::sync::atomic::Ordering::Relaxed;

/// Events by number; a set of events has bit `1 << number`.
pub mod event {
    pub const PY_START: usize = 0;
    pub const PY_RESUME: usize = 1;
    pub const PY_RETURN: usize = 2;
    pub const PY_YIELD: usize = 3;
    pub const CALL: usize = 4;
    pub const LINE: usize = 5;
    pub const INSTRUCTION: usize = 6;
    pub const JUMP: usize = 7;
    pub const BRANCH_LEFT: usize = 8;
    pub const BRANCH_RIGHT: usize = 9;
    pub const STOP_ITERATION: usize = 10;
    pub const RAISE: usize = 11;
    pub const EXCEPTION_HANDLED: usize = 12;
    pub const PY_UNWIND: usize = 13;
    pub const PY_THROW: usize = 14;
    pub const RERAISE: usize = 15;
    pub const C_RETURN: usize = 16;
    pub const C_RAISE: usize = 17;
    pub const BRANCH: usize = 18;
}

/// Tools that programs can use; two more are the interpreter's own.
pub const USER_TOOLS: usize = 6;
pub const TOOLS: usize = 8;
pub const SYS_PROFILE: usize = 6;
pub const SYS_TRACE: usize = 7;
/// Events that belong to an instruction, and can be asked for by code object.
pub const LOCAL_EVENTS: usize = 11;
/// Events that are not derived from others.
pub const UNGROUPED_EVENTS: usize = 16;
pub const EVENTS: usize = 19;
pub const EVENT_NAMES: [&str; EVENTS] = [
    "PY_START", "PY_RESUME", "PY_RETURN", "PY_YIELD", "CALL", "LINE", "INSTRUCTION", "JUMP", "BRANCH_LEFT", "BRANCH_RIGHT", "STOP_ITERATION", "RAISE",
    "EXCEPTION_HANDLED", "PY_UNWIND", "PY_THROW", "RERAISE", "C_RETURN", "C_RAISE", "BRANCH",
];
const VERSION_STEP: usize = EVENTS_MASK + 1;

/// What a tool registered for an event.
#[derive(Clone)]
pub struct Callback {
    pub function: Owned,
    /// Registered for BRANCH: it gets both directions, and disabling one disables the other.
    pub branch: bool,
}

struct State {
    names: RefCell<[Option<Owned>; USER_TOOLS]>,
    callbacks: RefCell<[[Option<Callback>; EVENTS]; USER_TOOLS]>,
    /// By event: a bit for each tool that asked for it everywhere.
    monitors: Cell<[u8; UNGROUPED_EVENTS]>,
    /// By tool: local events that were set before this version no longer count.
    tool_versions: Cell<[usize; TOOLS]>,
    version: Cell<usize>,
    last_restart: Cell<usize>,
    sentinels: [Cell<Option<&'static Object>>; 2],
}

impl State {
    const fn new() -> State {
        State {
            names: RefCell::new([const { None }; USER_TOOLS]),
            callbacks: RefCell::new([const { [const { None }; EVENTS] }; USER_TOOLS]),
            monitors: Cell::new([0; UNGROUPED_EVENTS]),
            tool_versions: Cell::new([0; TOOLS]),
            version: Cell::new(0),
            last_restart: Cell::new(0),
            sentinels: [const { Cell::new(None) }; 2],
        }
    }
}

static STATE: PerInterpreter<State> = PerInterpreter::new(State::new(), State::new);

fn sentinel(which: usize) -> &'static Object {
    let slot = &STATE.get().sentinels[which];
    if let Some(object) = slot.get() {
        return object;
    }
    match call::call0(types::object_type()) {
        Ok(object) => {
            // SAFETY: leaked, so it lives as long as the process.
            let object: &'static Object = unsafe { Object::from_ptr(object.into_raw()) };
            slot.set(Some(object));
            object
        }
        Err(_) => types::none(),
    }
}

/// What a callback returns to be called no more for this place.
pub fn disable() -> &'static Object {
    sentinel(0)
}

/// Stands for an absent first argument in events of calls.
pub fn missing() -> &'static Object {
    sentinel(1)
}

/// The tools that asked for an event everywhere.
#[inline]
pub fn tools_for(event: usize) -> u8 {
    STATE.get().monitors.get()[event]
}

/// The instrumentation that code must have now; thread states begin with it in their eval breaker.
pub fn version() -> usize {
    STATE.get().version.get()
}

fn set_version(version: usize) {
    STATE.get().version.set(version);
    for state in tstate::all_here() {
        // SAFETY: registered states live; requests may be added by other threads meanwhile.
        let breaker = unsafe { &(*state).0.eval_breaker };
        let _ = breaker.fetch_update(Relaxed, Relaxed, |old| Some(old & EVENTS_MASK | version));
    }
}

/// Whether code is instrumented as the running thread wants it.
pub fn is_up_to_date(code: &Code) -> bool {
    code.0._co_instrumentation_version.load(Relaxed) == version()
}

// ---- tools ---------------------------------------------------------------------------------------------------------------------------

pub fn tool_name(tool: usize) -> Option<Owned> {
    STATE.get().names.borrow()[tool].clone()
}

pub fn set_tool_name(tool: usize, name: Option<Owned>) {
    let old = std::mem::replace(&mut STATE.get().names.borrow_mut()[tool], name);
    drop(old);
}

fn check_in_use(tool: usize) -> PyResult<()> {
    if tool < USER_TOOLS && STATE.get().names.borrow()[tool].is_none() {
        return Err(err!(ValueError, "tool {} is not in use", tool));
    }
    Ok(())
}

pub fn callback(tool: usize, event: usize) -> Option<Callback> {
    STATE.get().callbacks.borrow()[tool][event].clone()
}

/// Registers a callback (or none); gives the former one.
pub fn register_callback(tool: usize, event: usize, function: Option<Owned>) -> Option<Owned> {
    let put = |event: usize, branch: bool| {
        let new = function.clone().map(|function| Callback { function, branch });
        std::mem::replace(&mut STATE.get().callbacks.borrow_mut()[tool][event], new)
    };
    let old = if event == event::BRANCH {
        let right = put(event::BRANCH_RIGHT, true);
        let left = put(event::BRANCH_LEFT, true);
        left.or(right)
    } else {
        put(event, false)
    };
    old.map(|old| old.function)
}

/// Takes a tool's callbacks and events away, local ones included.
pub fn clear_tool(tool: usize) -> PyResult<()> {
    for event in 0..EVENTS {
        let old = STATE.get().callbacks.borrow_mut()[tool][event].take();
        drop(old);
    }
    set_events(tool, 0)?;
    let version = version() + VERSION_STEP;
    let mut versions = STATE.get().tool_versions.get();
    versions[tool] = version;
    STATE.get().tool_versions.set(versions);
    set_version(version);
    instrument_running_code()
}

/// At the end of the interpreter: no tool is called any more.
pub fn finalize() {
    STATE.get().monitors.set([0; UNGROUPED_EVENTS]);
    for tool in 0..USER_TOOLS {
        for event in 0..EVENTS {
            let old = STATE.get().callbacks.borrow_mut()[tool][event].take();
            drop(old);
        }
        set_tool_name(tool, None);
    }
}

// ---- events --------------------------------------------------------------------------------------------------------------------------

/// The events of a tool out of a table of tools by event.
pub(crate) fn events_of(monitors: &[u8], tool: usize) -> u32 {
    monitors.iter().enumerate().fold(0, |set, (event, tools)| set | ((*tools as u32 >> tool & 1) << event))
}

pub(crate) fn put_events(monitors: &mut [u8], tool: usize, events: u32) {
    for (event, tools) in monitors.iter_mut().enumerate() {
        *tools = *tools & !(1 << tool) | ((events >> event & 1) as u8) << tool;
    }
}

/// The events that a tool asked for everywhere.
pub fn events(tool: usize) -> u32 {
    events_of(&STATE.get().monitors.get(), tool)
}

/// Asks for events everywhere, in place of those that the tool asked for before.
pub fn set_events(tool: usize, events: u32) -> PyResult<()> {
    check_in_use(tool)?;
    let mut monitors = STATE.get().monitors.get();
    if events_of(&monitors, tool) == events {
        return Ok(());
    }
    put_events(&mut monitors, tool, events);
    STATE.get().monitors.set(monitors);
    set_version(version() + VERSION_STEP);
    instrument_running_code()
}

pub fn local_events(code: &Code, tool: usize) -> u32 {
    // SAFETY: the data is the code object's own.
    match unsafe { instrument::data_ptr(code).as_ref() } {
        Some(data) if data.tool_versions[tool] == STATE.get().tool_versions.get()[tool] => events_of(&data.local, tool),
        _ => 0,
    }
}

/// Asks for events of one code object.
pub fn set_local_events(code: &Code, tool: usize, events: u32) -> PyResult<()> {
    if code.0._co_firsttraceable.get() as usize >= code.len() {
        return Err(err!(SystemError, "cannot instrument shim code object '{}'", code.name()));
    }
    check_in_use(tool)?;
    let data = instrument::allocate_data(code);
    // SAFETY: the data lives as long as the code object; nothing else holds it here.
    unsafe {
        let current = local_events(code, tool);
        (*data).tool_versions[tool] = STATE.get().tool_versions.get()[tool];
        if current == events && events_of(&(*data).local, tool) == events {
            return Ok(());
        }
        put_events(&mut (*data).local, tool, events);
    }
    instrument::force(code);
    Ok(())
}

/// `sys.monitoring.restart_events`: places that callbacks disabled count again.
pub fn restart_events() -> PyResult<()> {
    let restart = version() + VERSION_STEP;
    STATE.get().last_restart.set(restart);
    set_version(restart + VERSION_STEP);
    instrument_running_code()
}

/// Code that runs now does not pass its RESUME again.
fn instrument_running_code() -> PyResult<()> {
    use super::frame::{InterpreterFrame, OWNED_BY_INTERPRETER};
    for state in tstate::all_here() {
        // SAFETY: registered states live; their frames do while we hold the GIL.
        unsafe {
            let mut frame = (*state).0.current_frame.get() as *mut InterpreterFrame;
            while !frame.is_null() {
                if (*frame).owner < OWNED_BY_INTERPRETER {
                    instrument((*frame).code())?;
                }
                frame = (*frame).previous;
            }
        }
    }
    Ok(())
}

/// Whether events are held back because a callback runs.
#[inline]
pub fn is_tracing(ts: *mut abi::PyThreadState) -> bool {
    // SAFETY: the current thread state.
    unsafe { (*ts).tracing.get() != 0 }
}

/// The function of `sys.settrace`.
pub fn trace_function() -> Option<Owned> {
    // SAFETY: NULL or owned by the thread state.
    unsafe { Object::from_ptr_opt(ThreadState::current().0.c_traceobj.get()) }.map(|f| f.to_owned())
}

/// The function of `sys.setprofile`.
pub fn profile_function() -> Option<Owned> {
    // SAFETY: as above.
    unsafe { Object::from_ptr_opt(ThreadState::current().0.c_profileobj.get()) }.map(|f| f.to_owned())
}
