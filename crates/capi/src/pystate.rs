//! `pystate.h`, `ceval.h`'s thread part, `pythread.h`, `lock.h`, `critical_section.h`: thread states, the GIL, locks, time.

use crate::macros::{Done, done};
use abi::{PyInterpreterState, PyMutex, PyObject, PyThreadState, Py_tss_t, c_void};
use runtime::errors::PyResult;
use runtime::object::{Object, Owned, xdecref};
use runtime::tstate::{self, ThreadState};
use runtime::types::{Dict, frame};
use runtime::{gil, state};
use std::cell::Cell;
use std::ffi::{CStr, c_int, c_ulong};
use std::ptr;
use std::sync::atomic::Ordering;
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

thread_local! {
    /// The state that `PyGILState_Ensure` made or found for this thread.
    static OWN: Cell<*const ThreadState> = const { Cell::new(ptr::null()) };
}

fn as_state(ts: *mut PyThreadState) -> *const ThreadState {
    ts as *const ThreadState
}

/// The thread's own state, current or not.
fn own_state() -> *const ThreadState {
    match ThreadState::try_current() {
        Some(current) => {
            OWN.set(current);
            current
        }
        None => OWN.get(),
    }
}

/// A state of an interpreter; of the main one, if none is given.
fn new_state(interp: *mut PyInterpreterState) -> *mut ThreadState {
    let id = state::next_thread_id();
    let interp = if interp.is_null() { state::main().as_ptr() } else { interp };
    ThreadState::allocate(interp, id)
}

/// A thread without a state comes into the main interpreter.
pub fn enter_main() -> *mut ThreadState {
    let made = new_state(ptr::null_mut());
    // SAFETY: fresh, for this thread.
    unsafe {
        (*made).bind_to_this_thread();
        enter(made);
        tstate::register(made);
    }
    made
}

/// It leaves again, or left for another interpreter already.
/// # Safety
/// What `enter_main` gave to this thread, which has the GIL.
pub unsafe fn leave_main(made: *mut ThreadState) {
    // SAFETY: by contract.
    unsafe {
        let ts = made as *mut PyThreadState;
        forget_own(ts);
        clear_state(ts);
        if ptr::eq(ThreadState::current_ptr(), ts) {
            tstate::unregister(made);
            gil::release();
            runtime::interp::frame::free_data_stack(ts);
            std::alloc::dealloc(made.cast(), std::alloc::Layout::new::<ThreadState>());
        } else {
            delete_state(ts);
        }
    }
}

/// The state is not this thread's any more.
pub fn forget_own(ts: *mut PyThreadState) {
    if ptr::eq(OWN.get(), as_state(ts)) {
        OWN.set(ptr::null());
    }
}

/// Ends and frees a state whose thread does not run Python any more. The GIL is held.
unsafe fn delete_state(ts: *mut PyThreadState) {
    // SAFETY: by contract; allocated by `ThreadState::allocate`.
    unsafe {
        tstate::unregister(as_state(ts));
        runtime::interp::frame::free_data_stack(ts);
        std::alloc::dealloc(ts.cast(), std::alloc::Layout::new::<ThreadState>());
    }
}

unsafe fn clear_state(ts: *mut PyThreadState) {
    // SAFETY: the fields own their values.
    unsafe {
        let ts = &*ts;
        runtime::interp::monitoring::legacy::forget_thread(ts);
        for cell in [&ts.dict, &ts.async_exc, &ts.current_exception, &ts.async_gen_firstiter, &ts.async_gen_finalizer, &ts.context] {
            xdecref(cell.replace(ptr::null_mut()));
        }
        xdecref(ts.exc_state.exc_value.replace(ptr::null_mut()));
    }
}

/// Gives the GIL up if it is held; the state that had it.
unsafe fn leave() -> *const ThreadState {
    if ThreadState::try_current().is_none() {
        return ptr::null();
    }
    OWN.set(ThreadState::current());
    // SAFETY: held.
    unsafe { gil::release() }
}

unsafe fn enter(ts: *const ThreadState) {
    // SAFETY: by the callers: a state that this thread may use.
    unsafe {
        if ts.is_null() {
            fatal("PyEval_RestoreThread", "the function must be called with the GIL held, after Python initialization and before Python finalization, but the thread state is NULL");
        }
        gil::take(ts);
    }
}

fn fatal(function: &str, message: &str) -> ! {
    runtime::exceptions::report::write_raw_stderr(&format!("Fatal Python error: {function}: {message}\n"));
    std::process::abort()
}

/// Functions that need no thread state and raise nothing.
macro_rules! plain {
    ($( $(#[$meta:meta])* fn $name:ident($($arg:ident: $ty:ty),*) $(-> $ret:ty)? $body:block )*) => {$(
        $(#[$meta])*
        #[unsafe(no_mangle)]
        #[allow(unsafe_op_in_unsafe_fn)]
        pub unsafe extern "C" fn $name($($arg: $ty),*) $(-> $ret)? $body
    )*};
}

pub(crate) use plain;

plain! {
    // ---- the GIL
    fn PyEval_SaveThread() -> *mut PyThreadState { leave() as *mut PyThreadState }
    fn PyEval_RestoreThread(ts: *mut PyThreadState) {
        let saved = *libc::__errno_location();
        enter(as_state(ts));
        *libc::__errno_location() = saved;
    }
    fn PyEval_AcquireThread(ts: *mut PyThreadState) { enter(as_state(ts)) }
    fn PyEval_ReleaseThread(_ts: *mut PyThreadState) { leave(); }
    fn PyEval_AcquireLock() {
        let ts = own_state();
        enter(ts);
    }
    fn PyEval_ReleaseLock() { leave(); }
    fn PyEval_InitThreads() {}
    fn PyEval_ThreadsInitialized() -> c_int { 1 }
    fn PyGILState_Check() -> c_int { ThreadState::try_current().is_some() as c_int }
    fn PyGILState_GetThisThreadState() -> *mut PyThreadState { own_state() as *mut PyThreadState }
    fn PyGILState_Ensure() -> c_int {
        if let Some(current) = ThreadState::try_current() {
            OWN.set(current);
            current.0.gilstate_counter.set(current.0.gilstate_counter.get() + 1);
            return 0; // PyGILState_LOCKED
        }
        let mut ts = OWN.get();
        if ts.is_null() {
            let made = new_state(ptr::null_mut());
            (*made).0.gilstate_counter.set(0);
            (*made).bind_to_this_thread();
            OWN.set(made);
            ts = made;
            enter(ts);
            tstate::register(ts);
        } else {
            enter(ts);
        }
        (*ts).0.gilstate_counter.set((*ts).0.gilstate_counter.get() + 1);
        1 // PyGILState_UNLOCKED
    }
    fn PyGILState_Release(former: c_int) {
        let ts = own_state();
        if ts.is_null() {
            fatal("PyGILState_Release", "auto-releasing thread-state, but no thread-state for this thread");
        }
        let count = (*ts).0.gilstate_counter.get() - 1;
        (*ts).0.gilstate_counter.set(count);
        if count == 0 {
            let raw = ts as *mut PyThreadState;
            clear_state(raw);
            OWN.set(ptr::null());
            tstate::unregister(ts);
            gil::release();
            runtime::interp::frame::free_data_stack(raw);
            std::alloc::dealloc(raw.cast(), std::alloc::Layout::new::<ThreadState>());
        } else if former == 1 {
            leave();
        }
    }

    // ---- thread states
    fn PyThreadState_Get() -> *mut PyThreadState {
        let current = ThreadState::current_ptr();
        if current.is_null() {
            fatal("PyThreadState_Get", "the function must be called with the GIL held, after Python initialization and before Python finalization, but the GIL is released (the current Python thread state is NULL)");
        }
        current
    }
    fn PyThreadState_GetUnchecked() -> *mut PyThreadState { ThreadState::current_ptr() }
    fn PyThreadState_New(interp: *mut PyInterpreterState) -> *mut PyThreadState {
        let made = new_state(interp);
        if ThreadState::try_current().is_some() {
            tstate::register(made);
        }
        made as *mut PyThreadState
    }
    fn PyThreadState_Clear(ts: *mut PyThreadState) { clear_state(ts) }
    fn PyThreadState_Delete(ts: *mut PyThreadState) {
        if ptr::eq(OWN.get(), as_state(ts)) {
            OWN.set(ptr::null());
        }
        delete_state(ts)
    }
    fn PyThreadState_DeleteCurrent() {
        let ts = ThreadState::current_ptr();
        OWN.set(ptr::null());
        tstate::unregister(as_state(ts));
        gil::release();
        runtime::interp::frame::free_data_stack(ts);
        std::alloc::dealloc(ts.cast(), std::alloc::Layout::new::<ThreadState>());
    }
    fn PyThreadState_Swap(ts: *mut PyThreadState) -> *mut PyThreadState {
        let old = ThreadState::current_ptr();
        if ptr::eq(old, ts) {
            return old;
        }
        if ts.is_null() {
            leave();
            return old;
        }
        if (*ts).thread_id.get() == 0 {
            (*as_state(ts)).bind_to_this_thread();
        }
        if old.is_null() {
            enter(as_state(ts));
        } else {
            gil::swap(as_state(ts));
        }
        OWN.set(as_state(ts));
        old
    }
    fn PyThreadState_GetID(ts: *mut PyThreadState) -> u64 { (*ts).id.get() }
    fn PyThreadState_GetInterpreter(ts: *mut PyThreadState) -> *mut PyInterpreterState { (*ts).interp.get() }
    fn PyThreadState_Next(ts: *mut PyThreadState) -> *mut PyThreadState {
        // The newest comes first.
        let all = tstate::all_of((*ts).interp.get());
        let at = all.iter().position(|&other| ptr::eq(other, as_state(ts)));
        at.and_then(|at| at.checked_sub(1)).map_or(ptr::null_mut(), |at| all[at] as *mut PyThreadState)
    }
    fn PyThreadState_EnterTracing(ts: *mut PyThreadState) { (*ts).tracing.set((*ts).tracing.get() + 1) }
    fn PyThreadState_LeaveTracing(ts: *mut PyThreadState) { (*ts).tracing.set((*ts).tracing.get() - 1) }
    fn PyUnstable_ThreadState_SetStackProtection(ts: *mut PyThreadState, start: *mut c_void, size: usize) -> c_int {
        let margin = (256 * 1024).min(size / 4);
        (*as_state(ts)).1.stack_soft_limit.set(start as usize + margin);
        (*as_state(ts)).1.stack_hard_limit.set(start as usize + margin / 2);
        0
    }
    fn PyUnstable_ThreadState_ResetStackProtection(ts: *mut PyThreadState) { (*as_state(ts)).bind_to_this_thread() }

    fn Py_IsFinalizing() -> c_int { gil::is_finalizing() as c_int }

    // ---- PyMutex: a byte, 0 free, 1 locked, +2 somebody waits
    fn PyMutex_Lock(mutex: *mut PyMutex) { mutex_lock(&*mutex) }
    fn PyMutex_Unlock(mutex: *mut PyMutex) {
        let _guard = lock(&PARKED);
        (*mutex)._bits.store(0, Ordering::Release);
        WAKE.notify_all();
    }
    fn PyMutex_IsLocked(mutex: *mut PyMutex) -> c_int { ((*mutex)._bits.load(Ordering::Relaxed) & 1) as c_int }
    fn PyCriticalSection_Begin(_section: *mut c_void, _o: *mut PyObject) {}
    fn PyCriticalSection_BeginMutex(_section: *mut c_void, _mutex: *mut PyMutex) {}
    fn PyCriticalSection_End(_section: *mut c_void) {}
    fn PyCriticalSection2_Begin(_section: *mut c_void, _a: *mut PyObject, _b: *mut PyObject) {}
    fn PyCriticalSection2_BeginMutex(_section: *mut c_void, _a: *mut PyMutex, _b: *mut PyMutex) {}
    fn PyCriticalSection2_End(_section: *mut c_void) {}

    // ---- locks on the heap
    fn PyThread_init_thread() {}
    fn PyThread_allocate_lock() -> *mut c_void { Box::into_raw(Box::new(HeapLock { locked: Mutex::new(false), changed: Condvar::new() })).cast() }
    fn PyThread_free_lock(lock: *mut c_void) { drop(Box::from_raw(lock as *mut HeapLock)) }
    fn PyThread_acquire_lock(lock: *mut c_void, wait: c_int) -> c_int { (acquire(lock, if wait != 0 { -1 } else { 0 })) as c_int }
    fn PyThread_acquire_lock_timed(lock: *mut c_void, microseconds: i64, _interruptible: c_int) -> c_int { acquire(lock, microseconds) as c_int }
    fn PyThread_release_lock(lock_ptr: *mut c_void) {
        let heap = &*(lock_ptr as *const HeapLock);
        *lock(&heap.locked) = false;
        heap.changed.notify_one();
    }

    // ---- threads
    fn PyThread_get_thread_ident() -> c_ulong { libc::pthread_self() as c_ulong }
    fn PyThread_get_thread_ident_ex() -> u64 { libc::pthread_self() as u64 }
    fn PyThread_get_thread_native_id() -> c_ulong { libc::syscall(libc::SYS_gettid) as c_ulong }
    fn PyThread_start_new_thread(function: Option<unsafe extern "C" fn(*mut c_void)>, arg: *mut c_void) -> c_ulong {
        let Some(function) = function else { return c_ulong::MAX };
        let start = Box::into_raw(Box::new((function, arg)));
        let mut thread: libc::pthread_t = 0;
        if libc::pthread_create(&mut thread, ptr::null(), run_thread, start.cast()) != 0 {
            drop(Box::from_raw(start));
            return c_ulong::MAX;
        }
        libc::pthread_detach(thread);
        thread as c_ulong
    }
    fn PyThread_exit_thread() { libc::pthread_exit(ptr::null_mut()) }
    fn PyThread_get_stacksize() -> usize { STACK_SIZE.load(Ordering::Relaxed) }
    fn PyThread_set_stacksize(size: usize) -> c_int {
        if size != 0 && size < 32768 {
            return -1;
        }
        STACK_SIZE.store(size, Ordering::Relaxed);
        0
    }

    // ---- thread-specific storage
    fn PyThread_tss_alloc() -> *mut Py_tss_t { runtime::memory::raw_calloc(1, size_of::<Py_tss_t>()).cast() }
    fn PyThread_tss_free(key: *mut Py_tss_t) {
        if !key.is_null() {
            PyThread_tss_delete(key);
            runtime::memory::raw_free(key.cast());
        }
    }
    fn PyThread_tss_is_created(key: *mut Py_tss_t) -> c_int { tss(key).0 }
    fn PyThread_tss_create(key: *mut Py_tss_t) -> c_int {
        let (created, _) = tss(key);
        if created != 0 {
            return 0;
        }
        let mut made: libc::pthread_key_t = 0;
        if libc::pthread_key_create(&mut made, None) != 0 {
            return -1;
        }
        *(key as *mut [u32; 2]) = [1, made];
        0
    }
    fn PyThread_tss_delete(key: *mut Py_tss_t) {
        let (created, number) = tss(key);
        if created != 0 {
            libc::pthread_key_delete(number);
            *(key as *mut [u32; 2]) = [0, 0];
        }
    }
    fn PyThread_tss_set(key: *mut Py_tss_t, value: *mut c_void) -> c_int { if libc::pthread_setspecific(tss(key).1, value) == 0 { 0 } else { -1 } }
    fn PyThread_tss_get(key: *mut Py_tss_t) -> *mut c_void { libc::pthread_getspecific(tss(key).1) }
    fn PyThread_create_key() -> c_int {
        let mut made: libc::pthread_key_t = 0;
        if libc::pthread_key_create(&mut made, None) != 0 { -1 } else { made as c_int }
    }
    fn PyThread_delete_key(key: c_int) { libc::pthread_key_delete(key as libc::pthread_key_t); }
    fn PyThread_set_key_value(key: c_int, value: *mut c_void) -> c_int { if libc::pthread_setspecific(key as libc::pthread_key_t, value) == 0 { 0 } else { -1 } }
    fn PyThread_get_key_value(key: c_int) -> *mut c_void { libc::pthread_getspecific(key as libc::pthread_key_t) }
    fn PyThread_delete_key_value(key: c_int) { libc::pthread_setspecific(key as libc::pthread_key_t, ptr::null()); }
    fn PyThread_ReInitTLS() {}

    // ---- time
    fn PyTime_AsSecondsDouble(t: i64) -> f64 { t as f64 / 1e9 }
    fn PyTime_Monotonic(out: *mut i64) -> c_int { clock(libc::CLOCK_MONOTONIC, out) }
    fn PyTime_MonotonicRaw(out: *mut i64) -> c_int { clock(libc::CLOCK_MONOTONIC, out) }
    fn PyTime_PerfCounter(out: *mut i64) -> c_int { clock(libc::CLOCK_MONOTONIC, out) }
    fn PyTime_PerfCounterRaw(out: *mut i64) -> c_int { clock(libc::CLOCK_MONOTONIC, out) }
    fn PyTime_Time(out: *mut i64) -> c_int { clock(libc::CLOCK_REALTIME, out) }
    fn PyTime_TimeRaw(out: *mut i64) -> c_int { clock(libc::CLOCK_REALTIME, out) }

    // ---- recursion
    fn Py_LeaveRecursiveCall() {}
    fn Py_GetRecursionLimit() -> c_int { ThreadState::current().0.py_recursion_limit.get() }
    fn Py_SetRecursionLimit(limit: c_int) { tstate::set_recursion_limit(limit) }
    fn _Py_ReachedRecursionLimitWithMargin(_ts: *mut PyThreadState, margin: c_int) -> c_int {
        let limit = ThreadState::current().1.stack_soft_limit.get() + margin.max(0) as usize * 4096;
        (tstate::stack_pointer() < limit) as c_int
    }
}

static STACK_SIZE: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);

unsafe fn tss(key: *mut Py_tss_t) -> (c_int, libc::pthread_key_t) {
    // SAFETY: two words: whether it is created, and the key.
    let [created, key] = unsafe { *(key as *const [u32; 2]) };
    (created as c_int, key)
}

fn clock(which: libc::clockid_t, out: *mut i64) -> c_int {
    // SAFETY: plain calls; the caller's variable.
    unsafe {
        let mut now: libc::timespec = std::mem::zeroed();
        if libc::clock_gettime(which, &mut now) != 0 {
            *out = 0;
            return -1;
        }
        *out = now.tv_sec * 1_000_000_000 + now.tv_nsec;
        0
    }
}

extern "C" fn run_thread(start: *mut c_void) -> *mut c_void {
    type Start = (unsafe extern "C" fn(*mut c_void), *mut c_void);
    // SAFETY: what `PyThread_start_new_thread` boxed.
    unsafe {
        let start = Box::from_raw(start as *mut Start);
        let (function, arg) = *start;
        function(arg);
    }
    ptr::null_mut()
}

struct HeapLock {
    locked: Mutex<bool>,
    changed: Condvar,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Waits for a heap lock (`microseconds` < 0: for ever); the GIL is the caller's matter.
unsafe fn acquire(lock_ptr: *mut c_void, microseconds: i64) -> bool {
    // SAFETY: made by `PyThread_allocate_lock`.
    let heap = unsafe { &*(lock_ptr as *const HeapLock) };
    let deadline = (microseconds > 0).then(|| Instant::now() + Duration::from_micros(microseconds as u64));
    let mut locked = lock(&heap.locked);
    while *locked {
        if microseconds == 0 {
            return false;
        }
        locked = match deadline {
            None => heap.changed.wait(locked).unwrap_or_else(|poisoned| poisoned.into_inner()),
            Some(deadline) => {
                let Some(left) = deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) else { return false };
                heap.changed.wait_timeout(locked, left).unwrap_or_else(|poisoned| poisoned.into_inner()).0
            }
        };
    }
    *locked = true;
    true
}

/// Where threads wait for a `PyMutex` to be freed.
static PARKED: Mutex<()> = Mutex::new(());
static WAKE: Condvar = Condvar::new();

/// Waits without the GIL.
fn mutex_lock(mutex: &PyMutex) {
    if mutex._bits.compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed).is_ok() {
        return;
    }
    // SAFETY: released and taken again by the same thread.
    let held = unsafe { leave() };
    {
        let mut parked = lock(&PARKED);
        while mutex._bits.compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed).is_err() {
            // Says that somebody waits, so that unlocking is not the inline road.
            let _ = mutex._bits.compare_exchange(1, 3, Ordering::Relaxed, Ordering::Relaxed);
            parked = WAKE.wait_timeout(parked, Duration::from_millis(50)).unwrap_or_else(|poisoned| poisoned.into_inner()).0;
        }
    }
    if !held.is_null() {
        // SAFETY: this thread's state.
        unsafe { enter(held) };
    }
}

c_api! {
    fn Py_EnterRecursiveCall(place: Option<&CStr>) -> PyResult<Done> {
        done(tstate::check_recursion(&place.map(|place| place.to_string_lossy()).unwrap_or_default()))
    }
    fn PyThreadState_GetDict() -> *mut PyObject {
        let Some(current) = ThreadState::try_current() else { return ptr::null_mut() };
        if current.0.dict.get().is_null() {
            current.0.dict.set(Dict::new().into_raw());
        }
        current.0.dict.get()
    }
    fn PyThreadState_GetFrame(ts: *mut PyThreadState) -> *mut PyObject {
        let frame = runtime::interp::frame::first_complete((*ts).current_frame.get().cast());
        if frame.is_null() {
            return ptr::null_mut();
        }
        frame::frame_object_of(frame).map_or(ptr::null_mut(), |frame| frame.to_owned().into_raw())
    }
    fn PyThreadState_SetAsyncExc(id: c_ulong, exc: Option<&Object>) -> c_int {
        for ts in tstate::all_here() {
            let ts = &(*ts).0;
            if ts.thread_id.get() == id {
                let old: Option<Owned> = Owned::from_raw_opt(ts.async_exc.replace(exc.map_or(ptr::null_mut(), |exc| exc.to_owned().into_raw())));
                drop(old);
                ts.eval_breaker.fetch_or(gil::ASYNC_EXCEPTION, Ordering::Relaxed);
                return 1;
            }
        }
        0
    }
    fn _PyThread_CurrentFrames() -> PyResult { tstate::current_frames() }
    fn Py_AddPendingCall(function: Option<abi::Py_PendingCall>, arg: *mut c_void) -> c_int {
        match function {
            Some(function) if gil::add_pending_call(function, arg) => 0,
            _ => -1,
        }
    }
    fn Py_MakePendingCalls() -> PyResult<Done> {
        gil::check_signals()?;
        done(gil::make_pending_calls())
    }
    fn PyThread_GetInfo() -> PyResult { runtime::protocol::object::get_attr_str(&*state::sys()?, "thread_info") }
    fn PyOS_BeforeFork() { runtime::fork::before_fork() }
    fn PyOS_AfterFork_Parent() { runtime::fork::after_fork_parent() }
    fn PyOS_AfterFork_Child() {
        if runtime::fork::after_fork_child().is_err() {
            runtime::exceptions::report::write_unraisable(None, None);
        }
    }
    fn PyOS_AfterFork() { PyOS_AfterFork_Child() }
    fn PyOS_InterruptOccurred() -> c_int {
        if gil::is_main_thread() && gil::check_signals().is_err() {
            runtime::errors::clear();
            return 1;
        }
        0
    }
}
