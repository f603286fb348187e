//! The global import lock: recursive, owned by a thread, waited for without the GIL.

use crate::gil;
use std::sync::{Condvar, Mutex};

struct State {
    /// Thread identity and depth; depth 0 is free.
    owner: usize,
    depth: usize,
}

static LOCK: Mutex<State> = Mutex::new(State { owner: 0, depth: 0 });
static FREED: Condvar = Condvar::new();

fn this_thread() -> usize {
    // SAFETY: a plain query.
    unsafe { libc::pthread_self() as usize }
}

fn state() -> std::sync::MutexGuard<'static, State> {
    LOCK.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

pub fn is_held() -> bool {
    state().depth > 0
}

pub fn acquire() {
    let me = this_thread();
    {
        let mut state = state();
        if state.depth == 0 || state.owner == me {
            *state = State { owner: me, depth: state.depth + 1 };
            return;
        }
    }
    gil::allow_threads(|| {
        let mut guard = state();
        while guard.depth > 0 {
            guard = FREED.wait(guard).unwrap_or_else(|poisoned| poisoned.into_inner());
        }
        *guard = State { owner: me, depth: 1 };
    });
}

/// False if this thread does not hold it.
pub fn release() -> bool {
    let mut state = state();
    if state.depth == 0 || state.owner != this_thread() {
        return false;
    }
    state.depth -= 1;
    if state.depth == 0 {
        FREED.notify_one();
    }
    true
}

/// In a forked child: only the forking thread is left, which gets the lock back as it had it, or free.
pub fn after_fork() {
    let me = this_thread();
    let mut state = state();
    if state.owner != me {
        *state = State { owner: 0, depth: 0 };
    }
}
