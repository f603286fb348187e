//! OpenSSL without the GIL, and the way back into Python from its callbacks.
//!
//! `away` gives the GIL up and remembers the thread's state; `back`, called by a callback inside, takes the GIL with that state and gives it up
//! again. What several threads may use (a connection, a memory BIO, a context's credentials) has a `Lock`, which is taken only without the GIL,
//! or with it when that needs no waiting: so nobody waits for the one while holding the other.

use runtime::gil;
use runtime::tstate::ThreadState;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::{Condvar, Mutex, MutexGuard};

/// A pointer for a closure that runs without the GIL; what it points to is kept alive by the caller.
pub struct Raw<T>(pub *mut T);
impl<T> Clone for Raw<T> {
    fn clone(&self) -> Raw<T> {
        *self
    }
}
impl<T> Copy for Raw<T> {}
// SAFETY: `allow_threads` runs its closure in the same thread; `Send` is asked for to keep objects out.
unsafe impl<T> Send for Raw<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for Raw<T> {}
impl<T> Raw<T> {
    pub fn get(&self) -> *mut T {
        self.0
    }
}

thread_local! {
    /// The state of a thread that is inside `away`.
    static STATE: Cell<*const ThreadState> = const { Cell::new(ptr::null()) };
}

struct Restore(*const ThreadState);
impl Drop for Restore {
    fn drop(&mut self) {
        STATE.set(self.0);
    }
}

/// Runs `f` without the GIL.
pub fn away<T>(f: impl FnOnce() -> T + Send) -> T {
    let state = Raw(ptr::from_ref(ThreadState::current()) as *mut ThreadState);
    gil::allow_threads(move || {
        let _restore = Restore(STATE.replace(state.get()));
        f()
    })
}

/// Runs `f` with the GIL, for a callback of OpenSSL; `None` after a panic, which must not go through C.
pub fn back<T>(f: impl FnOnce() -> T) -> Option<T> {
    let state = STATE.get();
    if state.is_null() {
        return catch_unwind(AssertUnwindSafe(f)).ok();
    }
    let _restore = Restore(STATE.replace(ptr::null()));
    // SAFETY: the state that this thread gave up in `away`; it is given up again before C goes on.
    unsafe {
        gil::take(state);
        let result = catch_unwind(AssertUnwindSafe(f)).ok();
        gil::release();
        result
    }
}

/// A lock that its owner may take again.
#[derive(Default)]
pub struct Lock {
    /// The owner and how often it has the lock.
    owner: Mutex<(u64, usize)>,
    freed: Condvar,
}

fn this_thread() -> u64 {
    thread_local!(static MARK: u8 = const { 0 });
    MARK.with(|mark| ptr::from_ref(mark) as u64)
}

impl Lock {
    fn owner(&self) -> MutexGuard<'_, (u64, usize)> {
        self.owner.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
    /// Whether this thread has the lock: a callback runs inside an operation.
    pub fn is_mine(&self) -> bool {
        let owner = self.owner();
        owner.1 > 0 && owner.0 == this_thread()
    }
    fn try_lock(&self) -> bool {
        let mut owner = self.owner();
        let free = owner.1 == 0 || owner.0 == this_thread();
        if free {
            *owner = (this_thread(), owner.1 + 1);
        }
        free
    }
    /// Waits; without the GIL.
    fn lock(&self) {
        let mut owner = self.owner();
        while owner.1 > 0 && owner.0 != this_thread() {
            owner = self.freed.wait(owner).unwrap_or_else(|poisoned| poisoned.into_inner());
        }
        *owner = (this_thread(), owner.1 + 1);
    }
    fn unlock(&self) {
        let mut owner = self.owner();
        owner.1 -= 1;
        if owner.1 == 0 {
            self.freed.notify_one();
        }
    }
    /// A short operation that runs no Python code: with the GIL unless the lock has to be waited for.
    pub fn quick<T: Send>(&self, f: impl FnOnce() -> T + Send) -> T {
        if self.try_lock() {
            let _held = Held([Some(self), None, None]);
            return f();
        }
        self.alone(f)
    }
    /// An operation without the GIL.
    pub fn alone<T: Send>(&self, f: impl FnOnce() -> T + Send) -> T {
        away(move || {
            let _held = hold([Some(self), None, None]);
            f()
        })
    }
}

/// Locks that are held until this is dropped.
pub struct Held<'a>([Option<&'a Lock>; 3]);

/// Takes locks in the order of their addresses; without the GIL.
pub fn hold<'a>(mut locks: [Option<&'a Lock>; 3]) -> Held<'a> {
    locks.sort_by_key(|lock| lock.map_or(0, |lock| ptr::from_ref(lock) as usize));
    for lock in locks.iter().flatten() {
        lock.lock();
    }
    Held(locks)
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        for lock in self.0.iter().flatten() {
            lock.unlock();
        }
    }
}
