//! The thread state (D5): found through a thread-local, never passed. Layout is CPython's `PyThreadState` followed by our own fields.
//!
//! `ThreadState::current()` is valid in any thread that holds the GIL. Native stack bounds are kept per thread, so that recursion
//! through native code ends in `RecursionError`, not in a fault (D9).

use crate::errors::PyResult;
use crate::object::Object;
use abi::{PyInterpreterState, PyThreadState};
use std::cell::Cell;
use std::ptr;

/// A thread's state: the C-visible struct, then what only we see.
#[repr(C)]
pub struct ThreadState(pub PyThreadState, pub Private);

/// Our part of a thread state.
pub struct Private {
    /// Native stack addresses below this raise RecursionError.
    pub stack_soft_limit: Cell<usize>,
    /// The highest address of the native stack.
    pub stack_top: Cell<usize>,
    /// Below this even error handling stops.
    pub stack_hard_limit: Cell<usize>,
    /// Objects whose repr is being made (Py_ReprEnter): a list object or NULL.
    pub repr_list: Cell<*mut abi::PyObject>,
    /// Free list of one generator/frame chunk etc. may be added here.
    /// The event loop that runs in the thread, and which of its tasks.
    pub asyncio_running_loop: Cell<*mut abi::PyObject>,
    pub asyncio_running_task: Cell<*mut abi::PyObject>,
}

thread_local! {
    static CURRENT: Cell<*const ThreadState> = const { Cell::new(ptr::null()) };
}

/// Native stack kept free below the soft limit for code that does not check.
pub const STACK_MARGIN: usize = 256 * 1024;
pub const DEFAULT_RECURSION_LIMIT: i32 = 1000;

impl ThreadState {
    /// The state of the thread that runs. The caller holds the GIL.
    #[inline(always)]
    pub fn current() -> &'static ThreadState {
        let current = CURRENT.get();
        debug_assert!(!current.is_null(), "no thread state: the GIL is not held");
        // SAFETY: set by `make_current` while the state lives; no Python code runs without it.
        unsafe { &*current }
    }
    #[inline(always)]
    pub fn current_ptr() -> *mut PyThreadState {
        CURRENT.get() as *mut PyThreadState
    }
    pub fn try_current() -> Option<&'static ThreadState> {
        // SAFETY: as `current`.
        unsafe { CURRENT.get().as_ref() }
    }
    /// Makes `state` (or none) this thread's current one; gives the former.
    /// # Safety
    /// `state` is NULL or a live ThreadState that belongs to this thread from now on; the GIL is held.
    pub unsafe fn make_current(state: *const ThreadState) -> *const ThreadState {
        CURRENT.replace(state)
    }

    /// A zeroed state bound to the calling thread. The caller links it into the interpreter's list.
    pub fn allocate(interp: *mut PyInterpreterState, id: u64) -> *mut ThreadState {
        let layout = std::alloc::Layout::new::<ThreadState>();
        // SAFETY: zero is valid for every field (pointers NULL, integers 0).
        unsafe {
            let state = std::alloc::alloc_zeroed(layout) as *mut ThreadState;
            if state.is_null() {
                std::alloc::handle_alloc_error(layout);
            }
            let ts = &(*state).0;
            ts.interp.set(interp);
            ts.id.set(id);
            ts.py_recursion_limit.set(DEFAULT_RECURSION_LIMIT);
            ts.py_recursion_remaining.set(DEFAULT_RECURSION_LIMIT);
            ts.exc_info.set(&raw const ts.exc_state as *mut _);
            ts.gilstate_counter.set(1);
            ts.what_event.set(-1);
            ts.eval_breaker.store(crate::interp::monitoring::version(), std::sync::atomic::Ordering::Relaxed);
            state
        }
    }

    /// Records the calling thread's native stack bounds and ids.
    pub fn bind_to_this_thread(&self) {
        let (low, size) = native_stack_bounds();
        let margin = STACK_MARGIN.min(size / 2);
        self.1.stack_soft_limit.set(low + margin);
        self.1.stack_top.set(low + size);
        self.1.stack_hard_limit.set(low + margin / 2);
        // SAFETY: plain system calls.
        unsafe {
            self.0.thread_id.set(libc::pthread_self() as _);
            self.0.native_thread_id.set(libc::syscall(libc::SYS_gettid) as _);
        }
    }
    /// As `bind_to_this_thread`, told by another state of the same thread.
    pub fn copy_stack_of(&self, other: &ThreadState) {
        self.1.stack_soft_limit.set(other.1.stack_soft_limit.get());
        self.1.stack_top.set(other.1.stack_top.get());
        self.1.stack_hard_limit.set(other.1.stack_hard_limit.get());
        self.0.thread_id.set(other.0.thread_id.get());
        self.0.native_thread_id.set(other.0.native_thread_id.get());
    }
    #[inline(always)]
    pub fn interp_ptr(&self) -> *mut PyInterpreterState {
        self.0.interp.get()
    }
}

/// Lowest address and size of the calling thread's stack.
fn native_stack_bounds() -> (usize, usize) {
    // SAFETY: pthread attribute calls on the own thread; failure falls back to a guess below the current frame.
    unsafe {
        let mut attr: libc::pthread_attr_t = std::mem::zeroed();
        let mut addr: *mut libc::c_void = ptr::null_mut();
        let mut size: libc::size_t = 0;
        if libc::pthread_getattr_np(libc::pthread_self(), &mut attr) == 0 {
            let ok = libc::pthread_attr_getstack(&attr, &mut addr, &mut size) == 0;
            libc::pthread_attr_destroy(&mut attr);
            if ok && size > 0 {
                return (addr as usize, size);
            }
        }
    }
    let here = stack_pointer();
    (here.saturating_sub(1024 * 1024), 1024 * 1024)
}

/// The native stack pointer. (The address of a local would do, but cost the caller its tail calls.)
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub fn stack_pointer() -> usize {
    let pointer: usize;
    // SAFETY: reads a register.
    unsafe { std::arch::asm!("mov {}, rsp", out(reg) pointer, options(nomem, nostack, preserves_flags)) };
    pointer
}
#[cfg(target_arch = "aarch64")]
#[inline(always)]
pub fn stack_pointer() -> usize {
    let pointer: usize;
    // SAFETY: reads a register.
    unsafe { std::arch::asm!("mov {}, sp", out(reg) pointer, options(nomem, nostack, preserves_flags)) };
    pointer
}

/// `Py_EnterRecursiveCall`'s check: whether native stack is left. `place` completes the message ("... exceeded in comparison" has " in comparison").
#[inline(always)]
pub fn check_recursion(place: &str) -> PyResult<()> {
    if stack_pointer() < ThreadState::current().1.stack_soft_limit.get() {
        return recursion_error(place);
    }
    Ok(())
}

/// The exception for a native stack that is used up down to the address `at`.
#[cold]
pub fn stack_overflow(place: &str, at: usize) -> crate::errors::Raised {
    let used = ThreadState::current().1.stack_top.get().saturating_sub(at) / 1024;
    crate::err!(RecursionError, "Stack overflow (used {} kB){}", used, place)
}

#[cold]
#[inline(never)]
fn recursion_error(place: &str) -> PyResult<()> {
    let state = ThreadState::current();
    let soft = state.1.stack_soft_limit.get();
    // Raising needs stack itself: let it use the margin.
    let is_below_hard = stack_pointer() < state.1.stack_hard_limit.get();
    state.1.stack_soft_limit.set(if is_below_hard { 0 } else { state.1.stack_hard_limit.get() });
    let raised = if is_below_hard {
        crate::errors::raise_none(crate::exceptions::RecursionError())
    } else {
        stack_overflow(place, stack_pointer())
    };
    state.1.stack_soft_limit.set(soft);
    Err(raised)
}

/// Marks `object` as being used in the current thread's dict of per-thread values (PyThreadState_GetDict creates it).
pub fn thread_dict_slot() -> &'static Cell<*mut abi::PyObject> {
    &ThreadState::current().0.dict
}

/// Whether `object` is kept alive by the thread state alone; a helper for assertions.
pub fn is_current_exception(object: &Object) -> bool {
    ThreadState::current().0.current_exception.get() == object.as_ptr()
}

// ---- all threads -------------------------------------------------------------------------------------------------------------------

struct Threads(std::cell::RefCell<Vec<*const ThreadState>>);
// SAFETY: touched under the GIL.
unsafe impl Sync for Threads {}
static THREADS: Threads = Threads(std::cell::RefCell::new(Vec::new()));

/// Adds a state to those that `all` knows. The GIL is held.
pub fn register(state: *const ThreadState) {
    THREADS.0.borrow_mut().push(state);
}

/// Removes a state that is about to be freed.
pub fn unregister(state: *const ThreadState) {
    THREADS.0.borrow_mut().retain(|&other| other != state);
}

/// The list itself, for who looks for it in another process.
pub fn list_of_threads() -> *const Vec<*const ThreadState> {
    THREADS.0.as_ptr()
}

/// The states of all threads of all interpreters.
pub fn all() -> Vec<*const ThreadState> {
    THREADS.0.borrow().clone()
}

/// The states of an interpreter's threads.
pub fn all_of(interp: *mut PyInterpreterState) -> Vec<*const ThreadState> {
    // SAFETY: registered states live.
    THREADS.0.borrow().iter().copied().filter(|&state| unsafe { (*state).interp_ptr() } == interp).collect()
}

/// The states of the running interpreter's threads.
pub fn all_here() -> Vec<*const ThreadState> {
    all_of(crate::state::interp_ptr())
}

/// `sys.setrecursionlimit`: holds for all threads of the interpreter.
pub fn set_recursion_limit(limit: i32) {
    for state in all_here() {
        // SAFETY: registered states live.
        let ts = unsafe { &(*state).0 };
        let depth = ts.py_recursion_limit.get() - ts.py_recursion_remaining.get();
        ts.py_recursion_limit.set(limit);
        ts.py_recursion_remaining.set(limit - depth);
    }
}

/// `sys._current_frames()`.
pub fn current_frames() -> PyResult {
    let dict = crate::types::Dict::new();
    for state in all_here() {
        // SAFETY: registered states live; their frames do while we hold the GIL.
        unsafe {
            let ts = &(*state).0;
            let frame = crate::interp::frame::first_complete(ts.current_frame.get() as *mut _);
            if frame.is_null() {
                continue;
            }
            if let Some(frame) = crate::types::frame::frame_object_of(frame) {
                dict.set_item(&crate::types::Int::from_u64(ts.thread_id.get() as u64), frame)?;
            }
        }
    }
    Ok(dict.into_object())
}

/// `sys._current_exceptions()`.
pub fn current_exceptions() -> PyResult {
    let dict = crate::types::Dict::new();
    for state in all_here() {
        // SAFETY: registered states live.
        unsafe {
            let ts = &(*state).0;
            let mut info = ts.exc_info.get();
            while !info.is_null() && (*info).exc_value.get().is_null() && !(*info).previous_item.get().is_null() {
                info = (*info).previous_item.get();
            }
            let value = if info.is_null() { None } else { Object::from_ptr_opt((*info).exc_value.get()) };
            dict.set_item(&crate::types::Int::from_u64(ts.thread_id.get() as u64), value.unwrap_or(crate::types::none()))?;
        }
    }
    Ok(dict.into_object())
}
