//! `_remote_debugging`: stacks and asyncio tasks of another process of the same executable, for `asyncio ps`, `asyncio pstree` and profilers.

use crate::asyncio::future::{AWAITED_BY_MANY_OFFSET, AWAITED_BY_OFFSET, LOOP_OFFSET};
use crate::asyncio::registry::{NEXT_OFFSET, first_place};
use crate::asyncio::task::{NAME_OFFSET, Task};
use abi::{PySetObject, setentry};
use macros::{pymodule, pytype};
use runtime::remote_process::{Place, Process};
use runtime::types::structseq::{self, Field};
use runtime::types::{GilCell, Int, List, Module, Str, type_ready};
use runtime::{ObjectHead, Owned, PyResult, PyTyped, Type, err};
use std::cell::OnceCell;
use std::collections::HashSet;
use std::mem::offset_of;

const LONGEST_NAME: usize = 255;
const MOST_TASKS: usize = 1 << 20;
const LARGEST_SET: usize = 1 << 20;

/// A record: its name, documentation and fields.
struct Record {
    ty: GilCell<OnceCell<Owned<Type>>>,
    name: &'static str,
    doc: &'static str,
    fields: &'static [(&'static str, &'static str)],
}

impl Record {
    const fn new(name: &'static str, doc: &'static str, fields: &'static [(&'static str, &'static str)]) -> Record {
        Record { ty: GilCell(OnceCell::new()), name, doc, fields }
    }
    fn get(&self) -> PyResult<&Owned<Type>> {
        if let Some(known) = self.ty.0.get() {
            return Ok(known);
        }
        let fields: Vec<Field> = self.fields.iter().map(|(name, doc)| Field::new(name, doc)).collect();
        let ty = structseq::new_type(self.name, self.doc, &fields, fields.len())?;
        Ok(self.ty.0.get_or_init(|| ty))
    }
    fn make(&self, items: Vec<Owned>) -> PyResult {
        structseq::new(self.get()?, items)
    }
}

static FRAME_INFO: Record = Record::new(
    "_remote_debugging.FrameInfo",
    "Information about a frame",
    &[("filename", "Source code filename"), ("lineno", "Line number"), ("funcname", "Function name")],
);
static CORO_INFO: Record = Record::new(
    "_remote_debugging.CoroInfo",
    "Information about a coroutine",
    &[("call_stack", "Coroutine call stack"), ("task_name", "Task name")],
);
static TASK_INFO: Record = Record::new(
    "_remote_debugging.TaskInfo",
    "Information about an asyncio task",
    &[
        ("task_id", "Task ID (memory address)"),
        ("task_name", "Task name"),
        ("coroutine_stack", "Coroutine call stack"),
        ("awaited_by", "Tasks awaiting this task"),
    ],
);
static THREAD_INFO: Record =
    Record::new("_remote_debugging.ThreadInfo", "Information about a thread", &[("thread_id", "Thread ID"), ("frame_info", "Frame information")]);
static AWAITED_INFO: Record = Record::new(
    "_remote_debugging.AwaitedInfo",
    "Information about what a thread is awaiting",
    &[("thread_id", "Thread ID"), ("awaited_by", "List of tasks awaited by this thread")],
);

fn number(value: u64) -> Owned {
    Int::from_u64(value).into_object()
}

fn frames(places: Vec<Place>) -> PyResult<Owned> {
    let list = List::new();
    for place in places {
        let line = Int::from_i64(place.line as i64).into_object();
        list.push(FRAME_INFO.make(vec![place.filename.into_object(), line, place.function.into_object()])?)?;
    }
    Ok(list.into_object())
}

// ---- tasks -----------------------------------------------------------------------------------------------------------------------------

fn coroutine_of(process: &Process, task: usize) -> PyResult<usize> {
    process.word(task + offset_of!(Task, coroutine))
}

/// The frames of a task's coroutine and of what it awaits; those of the running task are its thread's.
fn task_stack(process: &Process, task: usize, running_in: Option<usize>) -> PyResult<Owned> {
    let coroutine = coroutine_of(process, task)?;
    let places = match (coroutine, running_in) {
        (0, _) => Vec::new(),
        (_, Some(thread)) => process.stack(thread, Some(Process::frame_of(coroutine)))?,
        (_, None) => process.awaited(coroutine)?,
    };
    frames(places)
}

fn coroutine_info(process: &Process, task: usize, running_in: Option<usize>) -> PyResult {
    CORO_INFO.make(vec![task_stack(process, task, running_in)?, number(task as u64)])
}

fn name_of(process: &Process, task: usize) -> PyResult<Owned> {
    let name = process.word(task + NAME_OFFSET)?;
    if name != 0 && process.is_instance(name, Str::type_object())? {
        return Ok(process.text(name, LONGEST_NAME)?.into_object());
    }
    let shown = if name == 0 { String::new() } else { format!("Task-{}", process.small_int(name)?) };
    Ok(Str::new(&shown).into_object())
}

/// The tasks that wait for this one.
fn waiters(process: &Process, task: usize) -> PyResult<Vec<usize>> {
    let waiter = process.word(task + offset_of!(Task, future) + AWAITED_BY_OFFSET)?;
    let is_task = |object: usize| process.is_instance(object, Task::type_object());
    if waiter == 0 {
        return Ok(Vec::new());
    }
    if process.byte(task + offset_of!(Task, future) + AWAITED_BY_MANY_OFFSET)? == 0 {
        return Ok(if is_task(waiter)? { vec![waiter] } else { Vec::new() });
    }
    let mask = process.word(waiter + offset_of!(PySetObject, mask))?;
    let table = process.word(waiter + offset_of!(PySetObject, table))?;
    if mask > LARGEST_SET {
        return Err(err!(RuntimeError, "Invalid set of waiters in remote process"));
    }
    let mut found = Vec::new();
    for i in 0..=mask {
        let entry = table + i * size_of::<setentry>();
        let key = process.word(entry + offset_of!(setentry, key))?;
        // A deleted entry has the hash -1.
        if key != 0 && process.word(entry + offset_of!(setentry, hash))? != usize::MAX && is_task(key)? {
            found.push(key);
        }
    }
    Ok(found)
}

fn task_info(process: &Process, task: usize, running_in: Option<usize>, waiters: &[usize]) -> PyResult {
    let (stack, awaited_by) = (List::new(), List::new());
    stack.push(coroutine_info(process, task, running_in)?)?;
    for &waiter in waiters {
        awaited_by.push(coroutine_info(process, waiter, None)?)?;
    }
    TASK_INFO.make(vec![number(task as u64), name_of(process, task)?, stack.into_object(), awaited_by.into_object()])
}

/// All native tasks that are not done, the oldest first.
fn all_tasks(process: &Process) -> PyResult<Vec<usize>> {
    let mut task = process.word(process.address_of(first_place()))?;
    let mut tasks = Vec::new();
    while task != 0 {
        if tasks.len() >= MOST_TASKS {
            return Err(err!(RuntimeError, "Invalid list of tasks in remote process"));
        }
        tasks.push(task);
        task = process.word(task + offset_of!(Task, link) + NEXT_OFFSET)?;
    }
    tasks.reverse();
    Ok(tasks)
}

fn awaited_info(thread: u64, tasks: Owned<List>) -> PyResult {
    AWAITED_INFO.make(vec![number(thread), tasks.into_object()])
}

// ---- the type --------------------------------------------------------------------------------------------------------------------------

/// RemoteUnwinder(pid): Inspect stack of a remote Python process.
///
/// The process must run the same executable as this one.
///
///   pid
///     The number of the process.
///   all_threads
///     Stacks of all threads, not only of the main thread.
///   only_active_thread
///     The stack of the thread that holds the GIL.
///   debug
///     Accepted; errors always say where they come from.
#[repr(C)]
pub struct RemoteUnwinder {
    head: ObjectHead,
    process: Process,
    all_threads: bool,
    only_active_thread: bool,
}

#[pytype(static = RemoteUnwinder_Type, name = "RemoteUnwinder", module = "_remote_debugging", flags = BASETYPE | IMMUTABLETYPE, native)]
impl RemoteUnwinder {
    #[slot("RemoteUnwinder(pid, *, all_threads=False, only_active_thread=False, debug=False)")]
    fn tp_new(
        cls: &Type,
        pid: i32,
        all_threads: bool,
        only_active_thread: bool,
        _debug: bool,
    ) -> PyResult<Owned<RemoteUnwinder>> {
        if all_threads && only_active_thread {
            return Err(err!(ValueError, "all_threads and only_active_thread cannot both be True"));
        }
        let Some(process) = Process::open(pid) else {
            return Err(err!(RuntimeError, "Failed to find the PyRuntime section in process {} on Linux platform", pid));
        };
        RemoteUnwinder::construct(cls, RemoteUnwinder { head: ObjectHead::placeholder(), process, all_threads, only_active_thread })
    }

    /// The threads' stacks: a list of ThreadInfo(thread_id, frame_info), frames from the innermost.
    #[method("get_stack_trace($self, /)")]
    fn get_stack_trace(&self) -> PyResult<Owned<List>> {
        let process = &self.process;
        let mut threads = if self.all_threads || self.only_active_thread { process.threads()? } else { vec![process.main_thread()?] };
        if self.only_active_thread {
            let mut active = Vec::new();
            for thread in threads {
                if process.holds_gil(thread)? {
                    active.push(thread);
                }
            }
            threads = active;
        }
        let list = List::new();
        for thread in threads {
            let stack = frames(process.stack(thread, None)?)?;
            list.push(THREAD_INFO.make(vec![number(process.native_id(thread)?), stack])?)?;
        }
        Ok(list)
    }

    /// All tasks and who waits for them: a list of AwaitedInfo(thread_id, awaited_by), one for each thread, and one for tasks of none.
    #[method("get_all_awaited_by($self, /)")]
    fn get_all_awaited_by(&self) -> PyResult<Owned<List>> {
        let process = &self.process;
        let mut tasks = Vec::new();
        for task in all_tasks(process)? {
            tasks.push((task, process.word(task + offset_of!(Task, future) + LOOP_OFFSET)?));
        }
        let list = List::new();
        for thread in process.threads()? {
            let (event_loop, _) = process.running(thread)?;
            let own = List::new();
            let mut others = Vec::new();
            for (task, its_loop) in tasks {
                if event_loop != 0 && its_loop == event_loop {
                    own.push(task_info(process, task, None, &waiters(process, task)?)?)?;
                } else {
                    others.push((task, its_loop));
                }
            }
            tasks = others;
            list.push(awaited_info(process.native_id(thread)?, own)?)?;
        }
        let rest = List::new();
        for (task, _) in tasks {
            rest.push(task_info(process, task, None, &waiters(process, task)?)?)?;
        }
        list.push(awaited_info(0, rest)?)?;
        Ok(list)
    }

    /// The running tasks, and all that wait for them: a list of AwaitedInfo(thread_id, awaited_by).
    #[method("get_async_stack_trace($self, /)")]
    fn get_async_stack_trace(&self) -> PyResult<Owned<List>> {
        let process = &self.process;
        let list = List::new();
        for thread in process.threads()? {
            let (_, running) = process.running(thread)?;
            if running == 0 || !process.is_instance(running, Task::type_object())? {
                continue;
            }
            let tasks = List::new();
            let (mut seen, mut next) = (HashSet::from([running]), vec![running]);
            while let Some(task) = next.pop() {
                let waiters = waiters(process, task)?;
                tasks.push(task_info(process, task, (task == running).then_some(thread), &waiters)?)?;
                next.extend(waiters.into_iter().filter(|&waiter| seen.insert(waiter)));
                if seen.len() > MOST_TASKS {
                    return Err(err!(RuntimeError, "Invalid list of tasks in remote process"));
                }
            }
            list.push(awaited_info(process.native_id(thread)?, tasks)?)?;
        }
        Ok(list)
    }
}

/// Stacks and asyncio tasks of another process.
#[pymodule(name = "_remote_debugging")]
pub mod module {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        type_ready(RemoteUnwinder::type_object())?;
        module.add("RemoteUnwinder", RemoteUnwinder::type_object())?;
        module.add("PROCESS_VM_READV_SUPPORTED", &Int::from_i64(1))?;
        for record in [&FRAME_INFO, &CORO_INFO, &TASK_INFO, &THREAD_INFO, &AWAITED_INFO] {
            let name = record.name.rsplit('.').next().unwrap_or(record.name);
            module.add(name, record.get()?)?;
        }
        Ok(())
    }
}
