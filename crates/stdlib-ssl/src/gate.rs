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
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};

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

/// A lock that its owner may take again. Free, it costs one exchange: few connections are used by two threads.
#[derive(Default)]
pub struct Lock {
    /// The owner's thread; 0: none.
    owner: AtomicU64,
    /// How often the owner has it.
    depth: Cell<usize>,
    /// Threads that wait for `freed`.
    waiting: AtomicUsize,
    gate: Mutex<()>,
    freed: Condvar,
}
// SAFETY: `depth` is the owner's.
unsafe impl Sync for Lock {}

fn this_thread() -> u64 {
    thread_local!(static MARK: u8 = const { 0 });
    MARK.with(|mark| ptr::from_ref(mark) as u64)
}

impl Lock {
    /// Whether this thread has the lock: a callback runs inside an operation.
    pub fn is_mine(&self) -> bool {
        self.owner.load(Ordering::Relaxed) == this_thread()
    }
    fn try_lock(&self) -> bool {
        if self.is_mine() {
            self.depth.set(self.depth.get() + 1);
            return true;
        }
        let taken = self.owner.compare_exchange(0, this_thread(), Ordering::SeqCst, Ordering::Relaxed).is_ok();
        if taken {
            self.depth.set(1);
        }
        taken
    }
    /// Waits; without the GIL.
    fn lock(&self) {
        if !self.try_lock() {
            self.wait();
        }
    }
    #[cold]
    fn wait(&self) {
        // Whoever frees the lock from here on sees that somebody waits.
        self.waiting.fetch_add(1, Ordering::SeqCst);
        let mut gate = self.gate.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        while !self.try_lock() {
            gate = self.freed.wait(gate).unwrap_or_else(|poisoned| poisoned.into_inner());
        }
        drop(gate);
        self.waiting.fetch_sub(1, Ordering::SeqCst);
    }
    fn unlock(&self) {
        self.depth.set(self.depth.get() - 1);
        if self.depth.get() == 0 {
            self.owner.store(0, Ordering::SeqCst);
            if self.waiting.load(Ordering::SeqCst) > 0 {
                self.wake();
            }
        }
    }
    #[cold]
    fn wake(&self) {
        let _gate = self.gate.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        self.freed.notify_one();
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
