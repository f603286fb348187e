//! Interpreters besides the main one: the list of them, their start and end, and the way into them.
//!
//! They share the GIL and what the process has once: memory, static types and singletons, interned strings, signals, the standard
//! descriptors. What `state::Interpreter` and the `PerInterpreter`s hold is each one's own. A thread runs in an interpreter through a thread
//! state of that interpreter (`Entered`).

use crate::errors::{self, PyResult, Raised};
use crate::exceptions;
use crate::import::{self, bootstrap};
use crate::lifecycle::{self, StartFailure};
use crate::modules;
use crate::object::{Object, Owned};
use crate::protocol::object;
use crate::protocol::number;
use crate::state::{self, Features, GilChoice, Interpreter, PerInterpreter};
use crate::tstate::{self, ThreadState};
use crate::types::{Dict, GilCell, Int, Str};
use crate::{audit, err, gil, types};
use abi::PyInterpreterState;
use std::cell::{Cell, RefCell};
use std::ptr;
use std::sync::atomic::Ordering;

/// All but the main interpreter, oldest first.
static ALL: GilCell<RefCell<Vec<&'static Interpreter>>> = GilCell(RefCell::new(Vec::new()));
static LAST_ID: GilCell<Cell<i64>> = GilCell(Cell::new(0));

/// All interpreters, oldest first.
pub fn all() -> Vec<&'static Interpreter> {
    let mut all = vec![state::main()];
    all.extend_from_slice(&ALL.0.borrow());
    all
}

/// The id that the next interpreter gets.
pub fn next_id() -> i64 {
    LAST_ID.0.get() + 1
}

/// The interpreter with an id. The reference holds until Python code may have run.
pub fn find(id: i64) -> Option<&'static Interpreter> {
    all().into_iter().find(|interp| interp.id == id)
}

/// Whether an address is that of an interpreter.
pub fn is_interpreter(interp: *mut PyInterpreterState) -> bool {
    all().into_iter().any(|known| known.as_ptr() == interp)
}

/// `_PyInterpreterState_LookUpIDObject`.
pub fn look_up(id: &Object) -> PyResult<&'static Interpreter> {
    let id = id_of(id)?;
    find(id).ok_or_else(|| not_found(id))
}

#[cold]
pub fn not_found(id: i64) -> Raised {
    errors::raise(exceptions::InterpreterNotFoundError(), format_args!("unrecognized interpreter ID {id}"))
}

/// The number that an object is the id of an interpreter by.
pub fn id_of(id: &Object) -> PyResult<i64> {
    if !number::check_index(id) {
        return Err(err!(TypeError, "interpreter ID must be an int, got {}", id.type_name()));
    }
    match number::index(id)?.as_i64() {
        Some(number) if number >= 0 => Ok(number),
        Some(_) => Err(err!(ValueError, "interpreter ID must be a non-negative int, got {}", &*object::repr(id)?)),
        None => Err(err!(OverflowError, "int too big to convert")),
    }
}

// ---- going in and out ------------------------------------------------------------------------------------------------------------------

/// The calling thread runs in an interpreter, in a thread state made for it, until this is dropped. Does nothing where it runs there already.
pub struct Entered {
    former: *const ThreadState,
    own: *const ThreadState,
}

impl Entered {
    pub fn new(interp: &'static Interpreter) -> Entered {
        let former: *const ThreadState = ThreadState::current();
        if ptr::eq(interp, state::get()) {
            return Entered { former, own: former };
        }
        let own = new_thread_state(interp);
        // SAFETY: a state for this thread, which holds the GIL.
        unsafe { gil::swap(own) };
        show_instrumentation();
        Entered { former, own }
    }
    /// Whether the thread was there already.
    pub fn is_same(&self) -> bool {
        ptr::eq(self.former, self.own)
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        if !self.is_same() {
            modules::thread::start::clear_state(ThreadState::current());
            // SAFETY: the former state is this thread's; the own one was made by `new`, and nothing refers to it now.
            unsafe {
                gil::swap(self.former);
                free_thread_state(self.own);
            }
        }
    }
}

/// A thread state of an interpreter for the calling thread, which has another one. Not current yet.
fn new_thread_state(interp: &'static Interpreter) -> *const ThreadState {
    let here = ThreadState::current();
    let made = ThreadState::allocate(interp.as_ptr(), state::next_thread_id());
    // SAFETY: fresh.
    let new = unsafe { &*made };
    new.copy_stack_of(here);
    if let Some(&other) = tstate::all_of(interp.as_ptr()).first() {
        // SAFETY: registered states live.
        let limit = unsafe { (*other).0.py_recursion_limit.get() };
        new.0.py_recursion_limit.set(limit);
        new.0.py_recursion_remaining.set(limit);
    }
    tstate::register(new);
    new
}

/// The current state has what tools its interpreter's code must be instrumented for.
fn show_instrumentation() {
    let breaker = &ThreadState::current().0.eval_breaker;
    let events = breaker.load(Ordering::Relaxed) & gil::EVENTS_MASK;
    breaker.store(crate::interp::monitoring::version() | events, Ordering::Relaxed);
}

/// # Safety
/// A state that was cleared, is not current, and was made by `ThreadState::allocate`.
pub unsafe fn free_thread_state(state: *const ThreadState) {
    // SAFETY: by contract.
    unsafe {
        tstate::unregister(state);
        crate::interp::frame::free_data_stack(&raw const (*state).0 as *mut _);
        std::alloc::dealloc(state as *mut u8, std::alloc::Layout::new::<ThreadState>());
    }
}

/// Runs `f` in an interpreter. What it raises is reported there.
pub fn call_in<T>(interp: &'static Interpreter, f: impl FnOnce() -> T) -> T {
    // Whoever drops shared data may have an exception on the way.
    errors::preserve(|| {
        let _entered = Entered::new(interp);
        f()
    })
}

// ---- start -----------------------------------------------------------------------------------------------------------------------------

/// `_PyXI_NewInterpreter`: a new interpreter; the calling thread stays where it is. An error is InterpreterError.
pub fn create(features: Features, whence: i32) -> PyResult<&'static Interpreter> {
    let created = new_interpreter(features, whence).map(|own| {
        let interp = state::get();
        leave_new(own);
        interp
    });
    created.map_err(|_| errors::raise(exceptions::InterpreterError(), format_args!("sub-interpreter creation failed")))
}

fn leave_new((own, former): (*const ThreadState, *const ThreadState)) {
    modules::thread::start::clear_state(ThreadState::current());
    // SAFETY: the former state is this thread's; the own one was made for the new interpreter.
    unsafe {
        gil::swap(former);
        free_thread_state(own);
    }
}

/// `Py_NewInterpreterFromConfig`: a new interpreter, with a thread state that is current afterwards. Gives that and the former one;
/// without success the former one is current, and the words say why.
pub fn new_interpreter(features: Features, whence: i32) -> Result<(*const ThreadState, *const ThreadState), String> {
    check(features).inspect_err(|_| skip_id())?;
    if audit::audit("cpython.PyInterpreterState_New", &[]).is_err() {
        errors::clear();
        return Err("interpreter creation failed".to_string());
    }
    let interp = allocate(features, whence);
    let own = new_thread_state(interp);
    // SAFETY: a state for this thread, which holds the GIL.
    let former = unsafe { gil::swap(own) };
    show_instrumentation();
    let mut failure = StartFailure { message: "initialization failed", state: "initialized" };
    if start(&mut failure).is_ok() {
        interp.is_ready.set(true);
        return Ok((own, former));
    }
    if let Some(exc) = errors::take() {
        exceptions::report::print_uncaught(exc);
    }
    // SAFETY: the state was made above and is current.
    unsafe { end(former) };
    Err(failure.message.to_string())
}

/// An interpreter that is not started, as a new entry of the list.
pub fn allocate(features: Features, whence: i32) -> &'static Interpreter {
    skip_id();
    let interp: &'static Interpreter = Box::leak(Box::new(Interpreter::new(LAST_ID.0.get(), whence, features)));
    *interp.config.borrow_mut() = state::main().config.borrow().clone();
    ALL.0.borrow_mut().push(interp);
    interp
}

/// Takes an interpreter that nobody is in off the list. It stays in memory: C code may have its address.
pub fn forget(interp: &'static Interpreter) {
    ALL.0.borrow_mut().retain(|other| !ptr::eq(*other, interp));
}

/// The id of an interpreter that did not come to be is not used again either.
pub fn skip_id() {
    LAST_ID.0.set(LAST_ID.0.get() + 1);
}

/// What may not be combined.
fn check(features: Features) -> Result<(), String> {
    if !features.use_main_obmalloc && !features.check_multi_interp_extensions {
        return Err("per-interpreter obmalloc does not support single-phase init extension modules".to_string());
    }
    Ok(())
}

fn start(failure: &mut StartFailure) -> PyResult<()> {
    bootstrap::start_core()?;
    bootstrap::start_external()?;
    lifecycle::start_codecs()?;
    lifecycle::open_streams(failure)?;
    let (no_site, warn_options) = {
        let config = state::get().config.borrow();
        (config.no_site, !config.warn_options.is_empty())
    };
    if warn_options {
        import::import_module("warnings")?;
    }
    lifecycle::add_main()?;
    if !no_site {
        import::import_module("site")?;
    }
    let first = state::get().config.borrow().sys_path_0.clone();
    first.map_or(Ok(()), |first| crate::pythonrun::prepend_path(&first))
}

// ---- end -------------------------------------------------------------------------------------------------------------------------------

/// `_PyXI_EndInterpreter`: ends an interpreter that the calling thread is not in.
pub fn destroy(interp: &'static Interpreter) {
    let own = new_thread_state(interp);
    // SAFETY: a state for this thread, which holds the GIL; `end` gives it up.
    unsafe {
        let former = gil::swap(own);
        show_instrumentation();
        end(former);
    }
}

/// `Py_EndInterpreter`: ends the running interpreter and makes `next` the current thread state; without any, the GIL is given up.
/// # Safety
/// `next` is NULL or a state of the calling thread in another interpreter. The current state was made by `new_thread_state`; it is gone afterwards.
pub unsafe fn end(next: *const ThreadState) {
    let interp = state::get();
    let own: *const ThreadState = ThreadState::current();
    lifecycle::finalize_running();
    let _ = audit::audit("cpython.PyInterpreterState_Clear", &[]);
    errors::clear();
    modules::thread::start::clear_state(ThreadState::current());
    interp.clear();
    crate::gc::collect::collect(2, crate::gc::collect::Reason::Shutdown);
    interp.clear();
    errors::clear();
    crate::gc::forget_all();
    let others = tstate::all_of(interp.as_ptr()).into_iter().any(|other| !ptr::eq(other, own));
    ALL.0.borrow_mut().retain(|other| !ptr::eq(*other, interp));
    // SAFETY: by contract; the interpreter is in no list any more. Threads that are left in it sleep for ever, and need it for that.
    unsafe {
        if !next.is_null() {
            gil::swap(next);
        } else {
            state::make_current(state::main());
        }
        tstate::unregister(own);
        if !others {
            crate::interp::frame::free_data_stack(&raw const (*own).0 as *mut _);
            drop(Box::from_raw(interp as *const Interpreter as *mut Interpreter));
        }
        if next.is_null() {
            gil::release();
        }
        if !others {
            std::alloc::dealloc(own as *mut u8, std::alloc::Layout::new::<ThreadState>());
        }
    }
}

/// In a forked child nobody is in the other interpreters any more: they are left as they are.
pub fn after_fork_child() {
    if state::is_main() {
        ALL.0.borrow_mut().clear();
    }
}

/// Ends all interpreters that are left when the main one ends.
pub fn end_all() {
    if ALL.0.borrow().is_empty() {
        return;
    }
    let words = "remaining subinterpreters; close them with Interpreter.close()";
    if modules::warnings::warn(exceptions::RuntimeWarning(), words, 0).is_err() {
        exceptions::write_unraisable(None, None);
    }
    loop {
        let next = ALL.0.borrow().last().copied();
        let Some(interp) = next else { return };
        destroy(interp);
    }
}

// ---- references ------------------------------------------------------------------------------------------------------------------------

/// `_PyInterpreterState_IDIncref`.
pub fn incref(interp: &Interpreter) {
    interp.references.set(interp.references.get() + 1);
}

/// `_PyInterpreterState_IDDecref`: without any left, an interpreter that needs them ends.
pub fn decref(interp: &'static Interpreter) {
    let left = interp.references.get() - 1;
    interp.references.set(left.max(0));
    if left <= 0 && interp.needs_references.get() && !ptr::eq(interp, state::get()) && interp.finalizing.get().is_null() {
        errors::preserve(|| destroy(interp));
    }
}

// ---- extension modules -----------------------------------------------------------------------------------------------------------------

/// What `_imp._override_multi_interp_extensions_check` said: -1 allows modules that do not support it, 1 refuses them.
static OVERRIDE: PerInterpreter<Cell<i32>> = PerInterpreter::new(Cell::new(0), || Cell::new(0));

pub fn override_extension_check(value: i32) -> i32 {
    OVERRIDE.get().replace(value)
}

/// Refuses a module that does not support more than one interpreter, in others than the main one.
pub fn check_incompatible_module(name: &str) -> PyResult<()> {
    let refused = match OVERRIDE.get().get() {
        0 => state::get().features.get().check_multi_interp_extensions,
        value => value > 0,
    };
    if state::is_main() || !refused {
        return Ok(());
    }
    Err(exceptions::raise_import_error(&format!("module {name} does not support loading in subinterpreters"), None, None, None))
}

// ---- configurations --------------------------------------------------------------------------------------------------------------------

/// The features that go by a name; "isolated" without one.
pub fn named_features(name: &str) -> PyResult<Features> {
    match name {
        "" | "default" | "isolated" => Ok(Features::ISOLATED),
        "legacy" => Ok(Features::LEGACY),
        "empty" => Ok(Features::EMPTY),
        other => Err(err!(ValueError, "unsupported config name '{}'", other)),
    }
}

fn flags(features: &mut Features) -> [(&'static str, &mut bool); 6] {
    [
        ("use_main_obmalloc", &mut features.use_main_obmalloc),
        ("allow_fork", &mut features.allow_fork),
        ("allow_exec", &mut features.allow_exec),
        ("allow_threads", &mut features.allow_threads),
        ("allow_daemon_threads", &mut features.allow_daemon_threads),
        ("check_multi_interp_extensions", &mut features.check_multi_interp_extensions),
    ]
}

const GILS: [(&str, GilChoice); 3] = [("default", GilChoice::Default), ("shared", GilChoice::Shared), ("own", GilChoice::Own)];

/// `_PyInterpreterConfig_AsDict`.
pub fn features_to_dict(mut features: Features) -> PyResult<Owned<Dict>> {
    let dict = Dict::new();
    for (name, flag) in flags(&mut features) {
        dict.set(name, types::bool_object(*flag))?;
    }
    if let Some((name, _)) = GILS.iter().find(|(_, choice)| *choice == features.gil) {
        dict.set("gil", &Str::new(name))?;
    }
    Ok(dict)
}

/// `_PyInterpreterConfig_InitFromDict` and `_PyInterpreterConfig_UpdateFromDict`: whether all keys must be there is what they differ in.
pub fn features_from_dict(features: &mut Features, given: &Dict, all: bool) -> PyResult<()> {
    let rest = given.copy()?;
    let take = |name: &str| match rest.pop(&Str::new(name))? {
        None if all => Err(err!(ValueError, "missing config key: {}", name)),
        found => Ok(found),
    };
    for (name, flag) in flags(features) {
        match take(name)? {
            Some(value) if value.is(types::true_()) => *flag = true,
            Some(value) if value.is(types::false_()) => *flag = false,
            Some(_) => return Err(err!(TypeError, "invalid config type: {}", name)),
            None => {}
        }
    }
    if let Some(value) = take("gil")? {
        let Some(name) = value.downcast::<Str>() else { return Err(err!(TypeError, "invalid config type: gil")) };
        match GILS.iter().find(|(known, _)| name.eq_str(known)) {
            Some((_, choice)) => features.gil = *choice,
            None => return Err(err!(ValueError, "unsupported interpreter config .gil value '{}'", name)),
        }
    }
    match rest.len() {
        0 => Ok(()),
        1 => Err(err!(ValueError, "config dict has 1 extra item ({})", &*object::repr(&rest)?)),
        n => Err(err!(ValueError, "config dict has {} extra items ({})", n, &*object::repr(&rest)?)),
    }
}

/// The id as an object.
pub fn id_object(interp: &Interpreter) -> Owned {
    Int::from_i64(interp.id).into_object()
}
