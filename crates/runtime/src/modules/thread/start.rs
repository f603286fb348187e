//! Threads: starting, running and joining them.
//!
//! A handle's data outlives both the Python object and the thread (`Arc`). The thread sets `done` as the last thing it does with the GIL; whoever
//! joins first waits for the operating system's thread too.

use super::raw_lock::{Event, RawLock};
use super::{local, lock::this_thread};
use crate::err;
use crate::errors::{self, PyResult};
use crate::exceptions;
use crate::gil;
use crate::interp::frame;
use crate::modules::pytime::{self, Rounding};
use crate::object::{Object, ObjectHead, Owned, PyTyped, Type, set_cell};
use crate::protocol::{call, object};
use crate::state::{self, PerInterpreter};
use crate::tstate::{self, ThreadState};
use crate::types::{Dict, GilCell, Tuple};
use macros::{Traverse, pytype};
use std::cell::RefCell;
use std::ffi::c_void;
use std::ptr;
use std::sync::{Arc, Weak};
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};

#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
enum Stage {
    NotStarted,
    Starting,
    Running,
    Done,
}

/// What is known of a thread.
#[derive(Default)]
pub struct Handle {
    stage: AtomicU8,
    ident: AtomicU64,
    /// Whether there is a thread of the operating system to join or detach.
    joinable: AtomicBool,
    done: Event,
    joining: RawLock,
}

impl Handle {
    fn stage(&self) -> Stage {
        match self.stage.load(Ordering::Acquire) {
            0 => Stage::NotStarted,
            1 => Stage::Starting,
            2 => Stage::Running,
            _ => Stage::Done,
        }
    }
    fn set_stage(&self, stage: Stage) {
        self.stage.store(stage as u8, Ordering::Release);
    }
    fn detach(&self) {
        if self.joinable.swap(false, Ordering::AcqRel) {
            // SAFETY: a thread that was neither joined nor detached.
            unsafe { libc::pthread_detach(self.ident.load(Ordering::Relaxed) as libc::pthread_t) };
        }
    }
    /// `done` without a thread that says so.
    fn finish(&self) {
        self.detach();
        self.set_stage(Stage::Done);
        self.done.set();
    }
    /// Waits for the thread's end, at most `timeout` nanoseconds (negative: for ever).
    pub fn join(&self, timeout: i64) -> PyResult<()> {
        if self.stage() == Stage::NotStarted || self.stage() == Stage::Starting {
            return Err(err!(RuntimeError, "thread not started"));
        }
        if !self.done.is_set() {
            if self.ident.load(Ordering::Relaxed) == this_thread() {
                return Err(err!(RuntimeError, "Cannot join current thread"));
            }
            if gil::is_finalizing() {
                return Err(err!(PythonFinalizationError, "cannot join thread at interpreter shutdown"));
            }
            if !self.done.wait(timeout)? {
                return Ok(());
            }
        }
        // The first joiner waits for the operating system's thread, the others for the first.
        self.joining.acquire(-1)?;
        if self.joinable.swap(false, Ordering::AcqRel) {
            let ident = self.ident.load(Ordering::Relaxed) as libc::pthread_t;
            // SAFETY: a thread that was neither joined nor detached, and is about to end.
            gil::allow_threads(|| unsafe { libc::pthread_join(ident, ptr::null_mut()) });
        }
        self.joining.release();
        self.set_stage(Stage::Done);
        Ok(())
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.detach();
    }
}

/// All handles, for a forked child to say which threads are gone.
static HANDLES: GilCell<RefCell<Vec<Weak<Handle>>>> = GilCell(RefCell::new(Vec::new()));
/// Non-daemon threads that run; `_shutdown` waits for them.
static WAITED_FOR: PerInterpreter<RefCell<Vec<Arc<Handle>>>> = PerInterpreter::new(RefCell::new(Vec::new()), Default::default);
/// Threads started here that have not ended.
static COUNT: PerInterpreter<AtomicUsize> = PerInterpreter::new(AtomicUsize::new(0), Default::default);
/// `stack_size()`; 0 is the system's choice.
static STACK_SIZE: AtomicUsize = AtomicUsize::new(0);

pub fn count() -> usize {
    COUNT.get().load(Ordering::Relaxed)
}

pub fn stack_size() -> usize {
    STACK_SIZE.load(Ordering::Relaxed)
}

pub fn set_stack_size(size: usize) {
    STACK_SIZE.store(size, Ordering::Relaxed);
}

/// Waits for all threads that are no daemons.
pub fn join_all() {
    loop {
        let next = WAITED_FOR.get().borrow().iter().find(|h| h.ident.load(Ordering::Relaxed) != this_thread()).cloned();
        let Some(handle) = next else { return };
        if handle.join(-1).is_err() {
            exceptions::write_unraisable(Some("Exception ignored in thread shutdown"), None);
            return;
        }
        forget(&handle);
    }
}

/// A handle of a thread that has not been started.
pub fn new_handle() -> Arc<Handle> {
    let handle = Arc::<Handle>::default();
    let mut handles = HANDLES.0.borrow_mut();
    if handles.len() == handles.capacity() {
        handles.retain(|handle| handle.strong_count() > 0);
    }
    handles.push(Arc::downgrade(&handle));
    handle
}

fn forget(handle: &Arc<Handle>) {
    WAITED_FOR.get().borrow_mut().retain(|h| !Arc::ptr_eq(h, handle));
}

/// In a forked child only the forking thread is left.
pub fn after_fork_child() {
    let me = ThreadState::current();
    WAITED_FOR.get().borrow_mut().retain(|h| h.ident.load(Ordering::Relaxed) == this_thread());
    for handle in HANDLES.0.borrow().iter().filter_map(Weak::upgrade) {
        handle.joining.reset();
        if handle.ident.load(Ordering::Relaxed) != this_thread() && handle.stage() != Stage::NotStarted {
            // There is no thread left to join or detach.
            handle.joinable.store(false, Ordering::Relaxed);
            handle.finish();
        }
    }
    COUNT.get().store(0, Ordering::Relaxed);
    me.bind_to_this_thread();
    for other in tstate::all() {
        if !ptr::eq(other, me) {
            // Its objects are kept: frames of a thread that is gone may be anywhere in their work.
            tstate::unregister(other);
        }
    }
    local::keep_only_thread(me.0.id.get());
}

/// What a new thread is given.
struct Boot {
    state: *mut ThreadState,
    function: Owned,
    args: Owned<Tuple>,
    kwargs: Option<Owned<Dict>>,
    handle: Arc<Handle>,
}

/// Starts a thread that calls `function(*args, **kwargs)`.
pub fn start(function: &Object, args: &Tuple, kwargs: Option<&Dict>, daemon: bool, handle: &Arc<Handle>) -> PyResult<u64> {
    let features = state::get().features.get();
    if !features.allow_threads {
        return Err(err!(RuntimeError, "thread is not supported for isolated subinterpreters"));
    }
    if daemon && !features.allow_daemon_threads {
        return Err(err!(RuntimeError, "daemon threads are disabled in this (sub)interpreter"));
    }
    if gil::is_finalizing() {
        return Err(err!(PythonFinalizationError, "can't create new thread at interpreter shutdown"));
    }
    if handle.stage() != Stage::NotStarted {
        return Err(err!(RuntimeError, "thread already started"));
    }
    handle.set_stage(Stage::Starting);
    let me = ThreadState::current();
    let new = ThreadState::allocate(me.interp_ptr(), state::next_thread_id());
    // SAFETY: fresh, and ours until the thread has it.
    let ts = unsafe { &(*new).0 };
    let limit = me.0.py_recursion_limit.get();
    ts.py_recursion_limit.set(limit);
    ts.py_recursion_remaining.set(limit);
    ts.eval_breaker.store(me.0.eval_breaker.load(Ordering::Relaxed) & !gil::EVENTS_MASK, Ordering::Relaxed);
    let boot = Box::new(Boot {
        state: new,
        function: function.to_owned(),
        args: Owned::from_ref(args),
        kwargs: kwargs.map(Owned::from_ref),
        handle: handle.clone(),
    });
    tstate::register(new);
    if !daemon {
        WAITED_FOR.get().borrow_mut().push(handle.clone());
    }
    COUNT.get().fetch_add(1, Ordering::Relaxed);
    let boot = Box::into_raw(boot);
    match create(boot) {
        Some(ident) => {
            // The thread runs nothing before it has the GIL, which we hold.
            handle.ident.store(ident, Ordering::Relaxed);
            handle.joinable.store(true, Ordering::Relaxed);
            handle.set_stage(Stage::Running);
            Ok(ident)
        }
        None => {
            // SAFETY: no thread took it.
            let boot = unsafe { Box::from_raw(boot) };
            COUNT.get().fetch_sub(1, Ordering::Relaxed);
            forget(handle);
            tstate::unregister(new);
            handle.set_stage(Stage::NotStarted);
            // SAFETY: a state that never ran, allocated with this layout.
            unsafe { std::alloc::dealloc(new as *mut u8, std::alloc::Layout::new::<ThreadState>()) };
            drop(boot);
            Err(err!(RuntimeError, "can't start new thread"))
        }
    }
}

fn create(boot: *mut Boot) -> Option<u64> {
    // SAFETY: attribute calls on a local; the thread gets `boot` for its own.
    unsafe {
        let mut attr: libc::pthread_attr_t = std::mem::zeroed();
        if libc::pthread_attr_init(&mut attr) != 0 {
            return None;
        }
        let size = stack_size();
        let mut ident: libc::pthread_t = 0;
        // Native code takes more room here than the smallest stacks allow for: the margin comes on top.
        let ok = (size == 0 || libc::pthread_attr_setstacksize(&mut attr, size.saturating_add(crate::tstate::STACK_MARGIN)) == 0)
            && libc::pthread_create(&mut ident, &attr, run, boot as *mut c_void) == 0;
        libc::pthread_attr_destroy(&mut attr);
        ok.then_some(ident as u64)
    }
}

extern "C" fn run(boot: *mut c_void) -> *mut c_void {
    // SAFETY: the pointer that `start` gave away; the state belongs to this thread from here on.
    unsafe {
        let boot = Box::from_raw(boot as *mut Boot);
        let state = boot.state;
        (*state).bind_to_this_thread();
        gil::take(state);
        let Boot { function, args, kwargs, handle, .. } = *boot;
        let ran = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            if call::call(&function, &args, kwargs.as_deref()).is_err() {
                report(&function);
            }
            drop((function, args, kwargs));
            clear_state(&*state);
        }));
        // A panic was reported by its hook; the thread ends all the same.
        let _ = ran;
        forget(&handle);
        COUNT.get().fetch_sub(1, Ordering::Relaxed);
        tstate::unregister(state);
        handle.done.set();
        drop(handle);
        frame::free_data_stack(&raw mut (*state).0);
        gil::release();
        std::alloc::dealloc(state as *mut u8, std::alloc::Layout::new::<ThreadState>());
    }
    ptr::null_mut()
}

/// An exception that left the thread's function. SystemExit ends the thread in silence.
fn report(function: &Object) {
    if errors::matches(exceptions::SystemExit()) {
        return errors::clear();
    }
    let saved = errors::take();
    let shown = object::repr(function).map(|r| r.to_string()).unwrap_or_else(|_| {
        errors::clear();
        "<unknown>".to_string()
    });
    if let Some(saved) = saved {
        errors::restore(saved);
    }
    exceptions::write_unraisable(Some(&format!("Exception ignored in thread started by {shown}")), None);
}

/// `PyThreadState_Clear`: drops what a thread state owns.
pub fn clear_state(state: &ThreadState) {
    local::forget_thread(state.0.id.get());
    let ts = &state.0;
    crate::interp::monitoring::legacy::forget_thread(ts);
    let owned = [
        &ts.dict,
        &ts.async_exc,
        &ts.async_gen_firstiter,
        &ts.async_gen_finalizer,
        &ts.context,
        &ts.exc_state.exc_value,
        &ts.current_exception,
        &state.1.repr_list,
        &state.1.asyncio_running_loop,
        &state.1.asyncio_running_task,
    ];
    for cell in owned {
        // SAFETY: the fields are NULL or own their objects.
        unsafe { set_cell(cell, ptr::null_mut()) };
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct ThreadHandle {
    head: ObjectHead,
    #[traverse(skip)]
    handle: Arc<Handle>,
}

impl ThreadHandle {
    pub fn new() -> PyResult<Owned<ThreadHandle>> {
        ThreadHandle::make(ThreadHandle::type_object())
    }
    fn make(cls: &Type) -> PyResult<Owned<ThreadHandle>> {
        ThreadHandle::construct(cls, ThreadHandle { head: ObjectHead::placeholder(), handle: new_handle() })
    }
    /// Of a thread that was started by other means.
    pub fn of_running(ident: u64) -> PyResult<Owned<ThreadHandle>> {
        let made = ThreadHandle::new()?;
        made.handle.ident.store(ident, Ordering::Relaxed);
        made.handle.set_stage(Stage::Running);
        Ok(made)
    }
    pub fn handle(&self) -> &Arc<Handle> {
        &self.handle
    }
}

#[pytype(static = PyThread_Handle_Type, name = "_ThreadHandle", module = "_thread", native)]
impl ThreadHandle {
    #[slot("_ThreadHandle()")]
    fn tp_new(cls: &Type) -> PyResult<Owned<ThreadHandle>> {
        ThreadHandle::make(cls)
    }
    #[slot]
    fn tp_repr(&self) -> String {
        format!("<_thread._ThreadHandle object: ident={}>", self.ident())
    }
    #[getter]
    fn ident(&self) -> u64 {
        self.handle.ident.load(Ordering::Relaxed)
    }
    #[method("join($self, timeout=None, /)", nosig)]
    fn join(&self, timeout: Option<&Object>) -> PyResult<()> {
        let timeout = match timeout {
            Some(timeout) => pytime::from_seconds(timeout, Rounding::Up)?,
            None => -1,
        };
        let handle = self.handle.clone();
        handle.join(timeout)
    }
    #[method("is_done($self, /)")]
    fn is_done(&self) -> bool {
        self.handle.done.is_set()
    }
    #[method("_set_done($self, /)")]
    fn set_done(&self) -> PyResult<()> {
        if matches!(self.handle.stage(), Stage::NotStarted | Stage::Starting) {
            return Err(err!(RuntimeError, "thread not started"));
        }
        self.handle.finish();
        Ok(())
    }
}

