//! `sys.monitoring` (PEP 669): tools, their callbacks and the events that they ask for. The work is done in `interp::monitoring`.

use crate::errors::PyResult;
use crate::interp::monitoring::{self as core, EVENT_NAMES, EVENTS, LOCAL_EVENTS, UNGROUPED_EVENTS, USER_TOOLS, event as number};
use crate::object::{Object, Owned, PyTyped};
use crate::types::{self, Code, Dict, Int, Module, Namespace, Str};
use crate::{audit, err};
use macros::pymodule;

const C_RETURN_EVENTS: i32 = 1 << number::C_RETURN | 1 << number::C_RAISE;
const C_CALL_EVENTS: i32 = C_RETURN_EVENTS | 1 << number::CALL;

fn check_tool(tool: i32) -> PyResult<usize> {
    if !(0..USER_TOOLS as i32).contains(&tool) {
        return Err(err!(ValueError, "invalid tool {} (must be between 0 and 5)", tool));
    }
    Ok(tool as usize)
}

/// A set of events without the ones that others stand for.
fn ungroup(mut events: i32) -> PyResult<i32> {
    if events & C_RETURN_EVENTS != 0 && events & C_CALL_EVENTS != C_CALL_EVENTS {
        return Err(err!(ValueError, "cannot set C_RETURN or C_RAISE events independently"));
    }
    events &= !C_RETURN_EVENTS;
    if events & 1 << number::BRANCH != 0 {
        events &= !(1 << number::BRANCH);
        events |= 1 << number::BRANCH_LEFT | 1 << number::BRANCH_RIGHT;
    }
    Ok(events)
}

fn check_code(code: &Object) -> PyResult<&Code> {
    code.downcast::<Code>().ok_or_else(|| err!(TypeError, "code must be a code object"))
}

/// Makes the module, an attribute of `sys`.
pub fn create() -> PyResult<Owned<Module>> {
    // SAFETY: a static definition.
    let module = unsafe { types::module::from_definition(monitoring::definition().as_ptr())? };
    let events = Dict::new();
    for (bit, name) in EVENT_NAMES.into_iter().enumerate() {
        events.set(name, &*Int::from_i64(1 << bit))?;
    }
    events.set("NO_EVENTS", &*Int::from_i64(0))?;
    module.add("events", &*Namespace::new(Some(&events))?)?;
    module.add("DISABLE", core::disable())?;
    module.add("MISSING", core::missing())?;
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
        let tool = check_tool(tool_id)?;
        if !Str::check(name) {
            return Err(err!(ValueError, "tool name must be a str"));
        }
        if core::tool_name(tool).is_some() {
            return Err(err!(ValueError, "tool {} is already in use", tool_id));
        }
        core::set_tool_name(tool, Some(name.to_owned()));
        Ok(())
    }

    #[function("clear_tool_id($module, tool_id, /)")]
    fn clear_tool_id(tool_id: i32) -> PyResult<()> {
        let tool = check_tool(tool_id)?;
        if core::tool_name(tool).is_some() { core::clear_tool(tool) } else { Ok(()) }
    }

    #[function("free_tool_id($module, tool_id, /)")]
    fn free_tool_id(tool_id: i32) -> PyResult<()> {
        let tool = check_tool(tool_id)?;
        if core::tool_name(tool).is_some() {
            core::clear_tool(tool)?;
        }
        core::set_tool_name(tool, None);
        Ok(())
    }

    #[function("get_tool($module, tool_id, /)")]
    fn get_tool(tool_id: i32) -> PyResult<Option<Owned>> {
        Ok(core::tool_name(check_tool(tool_id)?))
    }

    #[function("register_callback($module, tool_id, event, func, /)")]
    fn register_callback(tool_id: i32, event: i32, func: &Object) -> PyResult<Option<Owned>> {
        let tool = check_tool(tool_id)?;
        if event.count_ones() != 1 {
            return Err(err!(ValueError, "The callback can only be set for one event at a time"));
        }
        let index = event.trailing_zeros() as usize;
        if index >= EVENTS {
            return Err(err!(ValueError, "invalid event {}", event));
        }
        audit::audit("sys.monitoring.register_callback", &[func])?;
        Ok(core::register_callback(tool, index, (!func.is_none()).then(|| func.to_owned())))
    }

    #[function("get_events($module, tool_id, /)")]
    fn get_events(tool_id: i32) -> PyResult<i32> {
        Ok(core::events(check_tool(tool_id)?) as i32)
    }

    #[function("set_events($module, tool_id, event_set, /)")]
    fn set_events(tool_id: i32, event_set: i32) -> PyResult<()> {
        let tool = check_tool(tool_id)?;
        if !(0..1 << EVENTS).contains(&event_set) {
            return Err(err!(ValueError, "invalid event set 0x{:x}", event_set));
        }
        core::set_events(tool, ungroup(event_set)? as u32)
    }

    #[function("get_local_events($module, tool_id, code, /)")]
    fn get_local_events(tool_id: i32, code: &Object) -> PyResult<i32> {
        let code = check_code(code)?;
        Ok(core::local_events(code, check_tool(tool_id)?) as i32)
    }

    #[function("set_local_events($module, tool_id, code, event_set, /)")]
    fn set_local_events(tool_id: i32, code: &Object, event_set: i32) -> PyResult<()> {
        let code = check_code(code)?;
        let tool = check_tool(tool_id)?;
        let events = ungroup(event_set)?;
        if !(0..1 << LOCAL_EVENTS).contains(&events) {
            return Err(err!(ValueError, "invalid local event set 0x{:x}", events));
        }
        core::set_local_events(code, tool, events as u32)
    }

    #[function("restart_events($module, /)")]
    fn restart_events() -> PyResult<()> {
        core::restart_events()
    }

    #[function("_all_events($module, /)")]
    fn _all_events() -> PyResult<Owned<Dict>> {
        let events = Dict::new();
        for (number, name) in EVENT_NAMES.into_iter().enumerate().take(UNGROUPED_EVENTS) {
            let tools = core::tools_for(number);
            if tools != 0 {
                events.set(name, &*Int::from_i64(tools as i64))?;
            }
        }
        Ok(events)
    }
}
