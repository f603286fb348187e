//! The GIL and the eval breaker.
//!
//! One thread runs Python at a time. A thread that wants the GIL waits 5 ms (the switch interval), then sets the drop request in the holder's
//! eval breaker; the holder hands over at its next check and waits until another thread has run. Signals, pending calls, asynchronous
//! exceptions and the collector run at the same check (`handle_eval_breaker`), nowhere else.
//!
//! All interpreters share it. Which of them runs follows from the thread state that takes the GIL or is swapped in (`swap`).

use crate::errors::{self, PyResult};
use crate::object::{Object, Owned};
use crate::tstate::ThreadState;
use abi::PyThreadState;
use std::collections::VecDeque;
use std::os::raw::c_int;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

/// The low eight bits of a thread's eval breaker are requests; the rest is the instrumentation version.
pub const EVENTS_MASK: usize = 0xff;
pub const GIL_DROP_REQUEST: usize = 1;
pub const SIGNALS_PENDING: usize = 1 << 1;
pub const CALLS_TO_DO: usize = 1 << 2;
pub const ASYNC_EXCEPTION: usize = 1 << 3;
pub const GC_SCHEDULED: usize = 1 << 4;
/// Another process asks for a script to be run (`remote_debug`).
pub const DEBUGGER_PENDING: usize = 1 << 5;
/// The memory reserve is gone: MemoryError is due, then the reserve is to be had back.
pub const OUT_OF_MEMORY: usize = 1 << 5;

struct Gil {
    locked: Mutex<bool>,
    changed: Condvar,
    /// Hand-over count: a thread that gave way waits until it moves.
    switches: AtomicU64,
    switched: Condvar,
    switch_lock: Mutex<()>,
    holder: AtomicPtr<PyThreadState>,
    interval_us: AtomicUsize,
    /// Threads that wait on `changed` (counted under `locked`) and on `switched` (under `switch_lock`): without any, nobody is to be woken.
    waiting: AtomicUsize,
    waiting_for_switch: AtomicUsize,
}

static GIL: Gil = Gil {
    locked: Mutex::new(false),
    changed: Condvar::new(),
    switches: AtomicU64::new(0),
    switched: Condvar::new(),
    switch_lock: Mutex::new(()),
    holder: AtomicPtr::new(std::ptr::null_mut()),
    interval_us: AtomicUsize::new(5000),
    waiting: AtomicUsize::new(0),
    waiting_for_switch: AtomicUsize::new(0),
};

/// Whether the process is ending: threads other than the finalising one never get the GIL again.
static FINALIZING: AtomicPtr<PyThreadState> = AtomicPtr::new(std::ptr::null_mut());

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Takes the GIL for `state` and makes it the thread's current one.
/// # Safety
/// `state` belongs to the calling thread, which does not hold the GIL.
pub unsafe fn take(state: *const ThreadState) {
    // SAFETY: state is live by contract.
    let ts = unsafe { &*state };
    let mut locked = lock(&GIL.locked);
    while *locked {
        if thread_must_hang(ts) {
            drop(locked);
            hang();
        }
        let switches = GIL.switches.load(Ordering::Relaxed);
        let interval = Duration::from_micros(GIL.interval_us.load(Ordering::Relaxed).max(1) as u64);
        GIL.waiting.fetch_add(1, Ordering::Relaxed);
        let (guard, timeout) = GIL.changed.wait_timeout(locked, interval).unwrap_or_else(|poisoned| poisoned.into_inner());
        GIL.waiting.fetch_sub(1, Ordering::Relaxed);
        locked = guard;
        if timeout.timed_out() && *locked && GIL.switches.load(Ordering::Relaxed) == switches {
            let holder = GIL.holder.load(Ordering::Relaxed);
            if !holder.is_null() {
                // SAFETY: a holder's state lives at least until it releases, for which it needs `locked`.
                unsafe { (*holder).eval_breaker.fetch_or(GIL_DROP_REQUEST, Ordering::Relaxed) };
            }
        }
    }
    if thread_must_hang(ts) {
        drop(locked);
        hang();
    }
    *locked = true;
    {
        let _guard = lock(&GIL.switch_lock);
        if GIL.holder.swap(ts as *const ThreadState as *mut PyThreadState, Ordering::Relaxed) != ts as *const ThreadState as *mut PyThreadState {
            GIL.switches.fetch_add(1, Ordering::Relaxed);
        }
        if GIL.waiting_for_switch.load(Ordering::Relaxed) > 0 {
            GIL.switched.notify_all();
        }
    }
    drop(locked);
    ts.0.eval_breaker.fetch_and(!GIL_DROP_REQUEST, Ordering::Relaxed);
    ts.0.holds_gil.store(1, Ordering::Relaxed);
    // SAFETY: the state is this thread's; its interpreter lives.
    unsafe {
        ThreadState::make_current(state);
        crate::state::make_current(crate::state::from_ptr(ts.interp_ptr()));
    }
    if SIGNALS_TRIPPED.load(Ordering::Relaxed) && is_main_thread() {
        ts.0.eval_breaker.fetch_or(SIGNALS_PENDING, Ordering::Relaxed);
    }
    if HAVE_PENDING_FOR_ALL.load(Ordering::Relaxed) || HAVE_PENDING.load(Ordering::Relaxed) && is_main_thread() {
        ts.0.eval_breaker.fetch_or(CALLS_TO_DO, Ordering::Relaxed);
    }
}

/// Releases the GIL; the thread has no current state afterwards. Gives the state back.
/// # Safety
/// The caller holds the GIL and touches no object until it has it again.
pub unsafe fn release() -> *const ThreadState {
    // SAFETY: by contract.
    unsafe {
        let state = ThreadState::make_current(std::ptr::null());
        (*state).0.holds_gil.store(0, Ordering::Relaxed);
        let mut locked = lock(&GIL.locked);
        *locked = false;
        let wanted = GIL.waiting.load(Ordering::Relaxed) > 0;
        drop(locked);
        if wanted {
            GIL.changed.notify_one();
        }
        state
    }
}

/// Another state of this thread becomes the current one; the GIL stays with the thread. Gives the former.
/// # Safety
/// `next` belongs to the calling thread, which holds the GIL.
pub unsafe fn swap(next: *const ThreadState) -> *const ThreadState {
    // SAFETY: by contract.
    unsafe {
        let former = ThreadState::make_current(next);
        if !std::ptr::eq(former, next) {
            // Who waits for the GIL asks the holder, which may go away after this.
            let locked = lock(&GIL.locked);
            GIL.holder.store(next as *mut PyThreadState, Ordering::Relaxed);
            (*former).0.holds_gil.store(0, Ordering::Relaxed);
            (*next).0.holds_gil.store(1, Ordering::Relaxed);
            let asked = (*former).0.eval_breaker.fetch_and(!GIL_DROP_REQUEST, Ordering::Relaxed) & GIL_DROP_REQUEST;
            (*next).0.eval_breaker.fetch_or(asked, Ordering::Relaxed);
            drop(locked);
            crate::state::make_current(crate::state::from_ptr((*next).interp_ptr()));
        }
        former
    }
}

/// Runs `f` without the GIL (`Py_BEGIN_ALLOW_THREADS`). `Send` keeps objects out of it.
pub fn allow_threads<T>(f: impl FnOnce() -> T + Send) -> T {
    // SAFETY: released and taken again by the same thread; f touches no objects. A guard takes the GIL back if f panics.
    struct Retake(*const ThreadState);
    impl Drop for Retake {
        fn drop(&mut self) {
            // SAFETY: the state belongs to this thread, which does not hold the GIL here.
            unsafe { take(self.0) }
        }
    }
    // SAFETY: the caller of safe code holds the GIL.
    let _retake = Retake(unsafe { release() });
    f()
}

/// Hands the GIL over and waits until another thread took it.
fn give_way() {
    let before = GIL.switches.load(Ordering::Relaxed);
    // SAFETY: called at the eval breaker with the GIL held.
    unsafe {
        let state = release();
        let mut guard = lock(&GIL.switch_lock);
        let mut rounds = 0;
        while GIL.switches.load(Ordering::Relaxed) == before && rounds < 20 {
            GIL.waiting_for_switch.fetch_add(1, Ordering::Relaxed);
            let (g, timeout) = GIL.switched.wait_timeout(guard, Duration::from_millis(1)).unwrap_or_else(|poisoned| poisoned.into_inner());
            GIL.waiting_for_switch.fetch_sub(1, Ordering::Relaxed);
            guard = g;
            rounds += timeout.timed_out() as u32;
        }
        drop(guard);
        take(state);
    }
}

/// The switch interval in seconds.
pub fn switch_interval() -> f64 {
    GIL.interval_us.load(Ordering::Relaxed) as f64 / 1e6
}
pub fn set_switch_interval(seconds: f64) {
    GIL.interval_us.store((seconds * 1e6) as usize, Ordering::Relaxed);
}

/// Whether the process or the interpreter ends, in another thread.
fn thread_must_hang(ts: &ThreadState) -> bool {
    let other = |ends: *const ThreadState| {
        // SAFETY: the state that ends an interpreter lives as long as the interpreter can be taken up.
        !ends.is_null() && !std::ptr::eq(ends, ts) && unsafe { (*ends).0.thread_id.get() } != ts.0.thread_id.get()
    };
    // SAFETY: a state's interpreter lives as long as any of its states.
    other(FINALIZING.load(Ordering::Relaxed) as *const ThreadState) || other(unsafe { crate::state::from_ptr(ts.interp_ptr()) }.finalizing.get())
}

/// Threads that come back while the interpreter ends never return (3.14's rule).
fn hang() -> ! {
    loop {
        std::thread::park();
    }
}

/// From here on only the calling thread runs the interpreter; in the main one, only the calling thread runs at all.
pub fn set_finalizing() {
    let interp = crate::state::get();
    if interp.is_main() {
        FINALIZING.store(ThreadState::current_ptr(), Ordering::Relaxed);
    }
    interp.finalizing.set(ThreadState::current());
}

/// Whether the running interpreter is being taken down.
pub fn is_finalizing() -> bool {
    !crate::state::get().finalizing.get().is_null()
}

/// Whether the process is about to end.
pub fn is_runtime_finalizing() -> bool {
    !FINALIZING.load(Ordering::Relaxed).is_null()
}

// ---- signals, pending calls -------------------------------------------------------------------------------------------------------------

static SIGNALS_TRIPPED: AtomicBool = AtomicBool::new(false);
static MAIN_THREAD_STATE: AtomicPtr<PyThreadState> = AtomicPtr::new(std::ptr::null_mut());
static HAVE_PENDING: AtomicBool = AtomicBool::new(false);
/// Calls that whichever thread comes first makes.
static HAVE_PENDING_FOR_ALL: AtomicBool = AtomicBool::new(false);
static RUNNING_FOR_ALL: AtomicBool = AtomicBool::new(false);
static PENDING_FOR_ALL: Mutex<VecDeque<Pending>> = Mutex::new(VecDeque::new());
type Pending = (unsafe extern "C" fn(*mut std::ffi::c_void) -> c_int, usize);
static PENDING: Mutex<VecDeque<Pending>> = Mutex::new(VecDeque::new());
/// Set by the signal module: runs the Python handlers of tripped signals.
static SIGNAL_RUNNER: Mutex<Option<fn() -> PyResult<()>>> = Mutex::new(None);

/// Names the main thread's state, which alone runs signal handlers.
pub fn set_main_thread() {
    MAIN_THREAD_STATE.store(ThreadState::current_ptr(), Ordering::Relaxed);
}
pub fn is_main_thread() -> bool {
    ThreadState::try_current().is_some_and(|ts| ts as *const ThreadState as *mut PyThreadState == MAIN_THREAD_STATE.load(Ordering::Relaxed))
}

/// The identity (pthread) of the main thread; 0 before there is one.
pub fn main_thread_ident() -> u64 {
    let main = MAIN_THREAD_STATE.load(Ordering::Relaxed);
    // SAFETY: the main thread's state lives as long as the process.
    if main.is_null() { 0 } else { unsafe { (*main).thread_id.get() as u64 } }
}

/// The address of the static that holds the main thread's state: where another process of this executable looks for it.
pub fn main_thread_slot() -> usize {
    &raw const MAIN_THREAD_STATE as usize
}

/// Called in a signal handler: async-signal-safe.
pub fn trip_signal() {
    SIGNALS_TRIPPED.store(true, Ordering::Relaxed);
    let main = MAIN_THREAD_STATE.load(Ordering::Relaxed);
    if !main.is_null() {
        // SAFETY: the main thread's state lives as long as the process.
        unsafe { (*main).eval_breaker.fetch_or(SIGNALS_PENDING, Ordering::Relaxed) };
    }
}

pub fn set_signal_runner(runner: fn() -> PyResult<()>) {
    *lock(&SIGNAL_RUNNER) = Some(runner);
}

/// `PyErr_CheckSignals`: runs pending handlers in the main thread.
pub fn check_signals() -> PyResult<()> {
    if !is_main_thread() || !SIGNALS_TRIPPED.swap(false, Ordering::Relaxed) {
        return Ok(());
    }
    ThreadState::current().0.eval_breaker.fetch_and(!SIGNALS_PENDING, Ordering::Relaxed);
    let runner = *lock(&SIGNAL_RUNNER);
    match runner {
        Some(runner) => runner(),
        None => Ok(()),
    }
}

/// `Py_AddPendingCall`: queues a call for the main thread; false if the queue is full.
pub fn add_pending_call(function: unsafe extern "C" fn(*mut std::ffi::c_void) -> c_int, arg: *mut std::ffi::c_void) -> bool {
    let mut pending = lock(&PENDING);
    if pending.len() >= 32 {
        return false;
    }
    pending.push_back((function, arg as usize));
    HAVE_PENDING.store(true, Ordering::Relaxed);
    let main = MAIN_THREAD_STATE.load(Ordering::Relaxed);
    if !main.is_null() {
        // SAFETY: as in `trip_signal`.
        unsafe { (*main).eval_breaker.fetch_or(CALLS_TO_DO, Ordering::Relaxed) };
    }
    true
}

/// Queues a call for any thread (`_PyEval_AddPendingCall`); false if the queue is full. The GIL is held.
pub fn add_pending_call_for_all(function: unsafe extern "C" fn(*mut std::ffi::c_void) -> c_int, arg: *mut std::ffi::c_void) -> bool {
    let mut pending = lock(&PENDING_FOR_ALL);
    if pending.len() >= 300 {
        return false;
    }
    pending.push_back((function, arg as usize));
    HAVE_PENDING_FOR_ALL.store(true, Ordering::Relaxed);
    // Other threads see it when they take the GIL.
    ThreadState::current().0.eval_breaker.fetch_or(CALLS_TO_DO, Ordering::Relaxed);
    true
}

/// `Py_MakePendingCalls`: what any thread may make, and on the main thread what is its own.
pub fn make_pending_calls() -> PyResult<()> {
    ThreadState::current().0.eval_breaker.fetch_and(!CALLS_TO_DO, Ordering::Relaxed);
    // One thread at a time, and none from within such a call.
    if HAVE_PENDING_FOR_ALL.load(Ordering::Relaxed) && !RUNNING_FOR_ALL.swap(true, Ordering::Relaxed) {
        let ran = run_pending(&PENDING_FOR_ALL, &HAVE_PENDING_FOR_ALL);
        RUNNING_FOR_ALL.store(false, Ordering::Relaxed);
        if HAVE_PENDING_FOR_ALL.load(Ordering::Relaxed) {
            ThreadState::current().0.eval_breaker.fetch_or(CALLS_TO_DO, Ordering::Relaxed);
        }
        ran?;
    }
    if is_main_thread() { run_pending(&PENDING, &HAVE_PENDING) } else { Ok(()) }
}

/// Makes the calls that wait now: those that they queue wait for the next time.
fn run_pending(queue: &Mutex<VecDeque<Pending>>, waiting: &AtomicBool) -> PyResult<()> {
    let count = lock(queue).len();
    for _ in 0..count {
        let Some((function, arg)) = lock(queue).pop_front() else { break };
        // SAFETY: what the caller of add_pending_call gave.
        if unsafe { function(arg as *mut std::ffi::c_void) } != 0 {
            return Err(errors::Raised::from_c());
        }
    }
    waiting.store(!lock(queue).is_empty(), Ordering::Relaxed);
    Ok(())
}

// ---- the eval breaker -------------------------------------------------------------------------------------------------------------------------

/// Asks the calling thread, if it holds the GIL, to raise MemoryError at its next check.
pub fn schedule_memory_error() {
    if let Some(state) = ThreadState::try_current() {
        state.0.eval_breaker.fetch_or(OUT_OF_MEMORY, Ordering::Relaxed);
    }
}

/// Serves the requests in the current thread's eval breaker.
#[cold]
#[inline(never)]
pub fn handle_eval_breaker() -> PyResult<()> {
    let ts = ThreadState::current();
    let requests = ts.0.eval_breaker.load(Ordering::Relaxed);
    if requests & SIGNALS_PENDING != 0 {
        if is_main_thread() {
            check_signals()?;
        } else {
            ts.0.eval_breaker.fetch_and(!SIGNALS_PENDING, Ordering::Relaxed);
        }
    }
    if requests & CALLS_TO_DO != 0 {
        make_pending_calls()?;
    }
    if requests & GC_SCHEDULED != 0 {
        ts.0.eval_breaker.fetch_and(!GC_SCHEDULED, Ordering::Relaxed);
        crate::gc::run_scheduled();
    }
    if requests & DEBUGGER_PENDING != 0 {
        crate::remote_debug::serve(&ts.0);
    }
    if requests & GIL_DROP_REQUEST != 0 {
        give_way();
    }
    let ts = ThreadState::current();
    if requests & OUT_OF_MEMORY != 0 {
        use crate::memory::reserve;
        if reserve::take_owed() {
            return Err(errors::no_memory());
        }
        if reserve::restore() {
            ts.0.eval_breaker.fetch_and(!OUT_OF_MEMORY, Ordering::Relaxed);
        }
    }
    if ts.0.eval_breaker.load(Ordering::Relaxed) & ASYNC_EXCEPTION != 0 {
        ts.0.eval_breaker.fetch_and(!ASYNC_EXCEPTION, Ordering::Relaxed);
        // SAFETY: async_exc is NULL or owned by the field.
        let exc: Option<Owned> = unsafe { Owned::from_raw_opt(ts.0.async_exc.replace(std::ptr::null_mut())) };
        if let Some(exc) = exc
            && let Some(class) = Object::downcast::<crate::object::Type>(&exc)
        {
            return Err(errors::raise_none(class));
        }
    }
    Ok(())
}

/// The child of a fork has one thread, which holds the GIL; locks that other threads held are made new.
/// # Safety
/// Called in the child before anything else, by the thread that forked with the GIL held.
pub unsafe fn after_fork_child() {
    // SAFETY: no other thread exists; overwriting locks in place drops what other threads left.
    unsafe {
        let gil = &raw const GIL as *mut Gil;
        std::ptr::write(&raw mut (*gil).locked, Mutex::new(true));
        std::ptr::write(&raw mut (*gil).changed, Condvar::new());
        std::ptr::write(&raw mut (*gil).switched, Condvar::new());
        std::ptr::write(&raw mut (*gil).switch_lock, Mutex::new(()));
        (*gil).waiting.store(0, Ordering::Relaxed);
        (*gil).waiting_for_switch.store(0, Ordering::Relaxed);
    }
    GIL.holder.store(ThreadState::current_ptr(), Ordering::Relaxed);
    set_main_thread();
}
