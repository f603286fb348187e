//! `sys.monitoring` (PEP 669): tools, their callbacks and the events that they ask for.
//!
//! Tools can register; events are not delivered yet, so asking for any raises NotImplementedError.

use crate::errors::PyResult;
use crate::object::{Object, Owned, PyTyped};
use crate::protocol::call;
use crate::types::{self, Code, Dict, GilCell, Int, Module, Namespace, Str};
use crate::{audit, err};
use macros::pymodule;
use std::cell::RefCell;

const TOOLS: usize = 6;
const EVENT_COUNT: usize = 19;
/// Events that belong to one place in the code; only they can be asked for by code object.
const LOCAL_EVENTS: i32 = (1 << 11) - 1;
/// Events by name, in the order of their bits.
const EVENTS: [&str; EVENT_COUNT] = [
    "PY_START", "PY_RESUME", "PY_RETURN", "PY_YIELD", "CALL", "LINE", "INSTRUCTION", "JUMP", "BRANCH_LEFT", "BRANCH_RIGHT", "STOP_ITERATION", "RAISE",
    "EXCEPTION_HANDLED", "PY_UNWIND", "PY_THROW", "RERAISE", "C_RETURN", "C_RAISE", "BRANCH",
];

#[derive(Default)]
struct Tool {
    name: Option<Owned>,
    callbacks: [Option<Owned>; EVENT_COUNT],
}

static STATE: GilCell<RefCell<[Tool; TOOLS]>> = GilCell(RefCell::new([const { Tool { name: None, callbacks: [const { None }; EVENT_COUNT] } }; TOOLS]));

fn check_tool(tool: i32) -> PyResult<usize> {
    // Two more are kept for settrace and setprofile.
    if !(0..TOOLS as i32).contains(&tool) {
        return Err(err!(ValueError, "invalid tool {} (must be between 0 and 5)", tool));
    }
    Ok(tool as usize)
}

fn check_in_use(tool: i32) -> PyResult<usize> {
    let at = check_tool(tool)?;
    if STATE.0.borrow()[at].name.is_none() {
        return Err(err!(ValueError, "tool {} is not in use", tool));
    }
    Ok(at)
}

fn check_events(events: i32, allowed: i32) -> PyResult<()> {
    if events < 0 || events >= 1 << EVENT_COUNT || events & !allowed != 0 {
        return Err(err!(ValueError, "invalid event set 0x{:x}", events));
    }
    match events {
        0 => Ok(()),
        _ => Err(err!(NotImplementedError, "sys.monitoring does not deliver events yet")),
    }
}

/// Makes the module, an attribute of `sys`.
pub fn create() -> PyResult<Owned<Module>> {
    // SAFETY: a static definition.
    let module = unsafe { types::module::from_definition(monitoring::definition().as_ptr())? };
    let events = Dict::new();
    let mut bit = 0;
    for name in EVENTS {
        events.set(name, &*Int::from_i64(1 << bit))?;
        bit += 1;
    }
    events.set("NO_EVENTS", &*Int::from_i64(0))?;
    module.add("events", &*Namespace::new(Some(&events))?)?;
    for name in ["DISABLE", "MISSING"] {
        module.add(name, &*call::call0(types::object_type())?)?;
    }
    for (name, id) in [("DEBUGGER_ID", 0), ("COVERAGE_ID", 1), ("PROFILER_ID", 2), ("OPTIMIZER_ID", 5)] {
        module.add(name, &*Int::from_i64(id))?;
    }
    Ok(module)
}

#[pymodule(name = "sys.monitoring")]
pub mod monitoring {
    use super::*;

    #[function("use_tool_id($module, tool_id, name, /)")]
    fn use_tool_id(tool_id: i32, name: &Object) -> PyResult<()> {
        let at = check_tool(tool_id)?;
        if !Str::check(name) {
            return Err(err!(ValueError, "tool name must be a str"));
        }
        if STATE.0.borrow()[at].name.is_some() {
            return Err(err!(ValueError, "tool {} is already in use", tool_id));
        }
        STATE.0.borrow_mut()[at].name = Some(name.to_owned());
        Ok(())
    }

    #[function("clear_tool_id($module, tool_id, /)")]
    fn clear_tool_id(tool_id: i32) -> PyResult<()> {
        let at = check_tool(tool_id)?;
        let old = std::mem::take(&mut STATE.0.borrow_mut()[at].callbacks);
        drop(old);
        Ok(())
    }

    #[function("free_tool_id($module, tool_id, /)")]
    fn free_tool_id(tool_id: i32) -> PyResult<()> {
        let at = check_tool(tool_id)?;
        let old = std::mem::take(&mut STATE.0.borrow_mut()[at]);
        drop(old);
        Ok(())
    }

    #[function("get_tool($module, tool_id, /)")]
    fn get_tool(tool_id: i32) -> PyResult<Option<Owned>> {
        Ok(STATE.0.borrow()[check_tool(tool_id)?].name.clone())
    }

    #[function("register_callback($module, tool_id, event, func, /)")]
    fn register_callback(tool_id: i32, event: i32, func: &Object) -> PyResult<Option<Owned>> {
        let at = check_tool(tool_id)?;
        if event <= 0 || event.count_ones() != 1 {
            return Err(err!(ValueError, "The callback can only be set for one event at a time"));
        }
        let index = event.trailing_zeros() as usize;
        if index >= EVENT_COUNT {
            return Err(err!(ValueError, "invalid event {}", event));
        }
        audit::audit("sys.monitoring.register_callback", &[func])?;
        let new = (!func.is_none()).then(|| func.to_owned());
        Ok(std::mem::replace(&mut STATE.0.borrow_mut()[at].callbacks[index], new))
    }

    #[function("get_events($module, tool_id, /)")]
    fn get_events(tool_id: i32) -> PyResult<i32> {
        check_in_use(tool_id).map(|_| 0)
    }

    #[function("set_events($module, tool_id, event_set, /)")]
    fn set_events(tool_id: i32, event_set: i32) -> PyResult<()> {
        check_in_use(tool_id)?;
        check_events(event_set, (1 << EVENT_COUNT) - 1)
    }

    #[function("get_local_events($module, tool_id, code, /)")]
    fn get_local_events(tool_id: i32, code: &Object) -> PyResult<i32> {
        if !Code::check(code) {
            return Err(err!(TypeError, "code must be a code object"));
        }
        check_in_use(tool_id).map(|_| 0)
    }

    #[function("set_local_events($module, tool_id, code, event_set, /)")]
    fn set_local_events(tool_id: i32, code: &Object, event_set: i32) -> PyResult<()> {
        if !Code::check(code) {
            return Err(err!(TypeError, "code must be a code object"));
        }
        check_in_use(tool_id)?;
        check_events(event_set, LOCAL_EVENTS)
    }

    #[function("restart_events($module, /)")]
    fn restart_events() {}

    #[function("_all_events($module, /)")]
    fn _all_events() -> Owned<Dict> {
        Dict::new()
    }
}
