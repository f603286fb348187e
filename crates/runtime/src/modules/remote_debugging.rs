//! `_remote_debugging`: the records that `asyncio.tools` shows. Looking into other processes is not there yet.

use crate::err;
use crate::errors::PyResult;
use crate::object::{ObjectHead, Owned, PyTyped, Type};
use crate::types::structseq::{self, Field};
use crate::types::{Dict, Module, Tuple, type_ready};
use macros::{pymodule, pytype};

/// Name, documentation and fields of each record.
const RECORDS: [(&str, &str, &[(&str, &str)]); 5] = [
    ("FrameInfo", "Information about a frame", &[("filename", "Source code filename"), ("lineno", "Line number"), ("funcname", "Function name")]),
    ("CoroInfo", "Information about a coroutine", &[("call_stack", "Coroutine call stack"), ("task_name", "Task name")]),
    (
        "TaskInfo",
        "Information about an asyncio task",
        &[
            ("task_id", "Task ID (memory address)"),
            ("task_name", "Task name"),
            ("coroutine_stack", "Coroutine call stack"),
            ("awaited_by", "Tasks awaiting this task"),
        ],
    ),
    ("ThreadInfo", "Information about a thread", &[("thread_id", "Thread ID"), ("frame_info", "Frame information")]),
    ("AwaitedInfo", "Information about what a thread is awaiting", &[("thread_id", "Thread ID"), ("awaited_by", "List of tasks awaited by this thread")]),
];

/// Reads stacks of another process.
#[repr(C)]
pub struct RemoteUnwinder {
    head: ObjectHead,
}

#[pytype(static = REMOTE_UNWINDER, name = "_remote_debugging.RemoteUnwinder", native)]
impl RemoteUnwinder {
    #[slot]
    fn tp_new(_cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<RemoteUnwinder>> {
        Err(err!(NotImplementedError, "looking into other processes is not supported yet"))
    }
}

/// Records about the state of another process.
#[pymodule(name = "_remote_debugging")]
pub mod module {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        type_ready(RemoteUnwinder::type_object())?;
        module.add("RemoteUnwinder", RemoteUnwinder::type_object())?;
        module.add("PROCESS_VM_READV_SUPPORTED", &crate::types::Int::from_i64(0))?;
        for (name, doc, fields) in RECORDS {
            let fields: Vec<Field> = fields.iter().map(|(name, doc)| Field::new(name, doc)).collect();
            let ty = structseq::new_type(&format!("_remote_debugging.{name}"), doc, &fields, fields.len())?;
            module.add(name, &ty)?;
        }
        Ok(())
    }
}
