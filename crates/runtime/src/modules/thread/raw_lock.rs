//! Locks and events on a futex word: waiting gives the GIL up and can be interrupted by a signal, and a fork needs no care but a reset.

use crate::errors::PyResult;
use crate::gil;
use crate::modules::pytime;
use std::sync::atomic::{AtomicU32, Ordering};

enum Woken {
    /// The word changed, or a wake-up came: look again.
    Look,
    TimedOut,
    Signal,
}

/// Waits while the word has `value`, until the monotonic time `deadline`.
fn futex_wait(word: &AtomicU32, value: u32, deadline: Option<i64>) -> Woken {
    let timeout = deadline.map(|deadline| pytime::timespec((deadline - pytime::monotonic()).max(0)));
    let timeout_ptr = timeout.as_ref().map_or(std::ptr::null(), std::ptr::from_ref);
    // SAFETY: the word and the timeout outlive the call.
    let result = unsafe {
        libc::syscall(libc::SYS_futex, word as *const AtomicU32, libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG, value, timeout_ptr)
    };
    if result == 0 {
        return Woken::Look;
    }
    match std::io::Error::last_os_error().raw_os_error() {
        Some(libc::ETIMEDOUT) => Woken::TimedOut,
        Some(libc::EINTR) => Woken::Signal,
        _ => Woken::Look,
    }
}

fn futex_wake(word: &AtomicU32, count: i32) {
    // SAFETY: the address is only a key.
    unsafe { libc::syscall(libc::SYS_futex, word as *const AtomicU32, libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG, count) };
}

/// The monotonic time at which a wait of `timeout` nanoseconds ends; negative is never.
fn deadline_of(timeout: i64) -> Option<i64> {
    if timeout < 0 { None } else { Some(pytime::monotonic().saturating_add(timeout)) }
}

/// A lock that any thread may release. 0 free, 1 held, 2 held and perhaps waited for.
#[derive(Default)]
pub struct RawLock(AtomicU32);

impl RawLock {
    pub const fn new() -> RawLock {
        RawLock(AtomicU32::new(0))
    }
    #[inline]
    pub fn try_acquire(&self) -> bool {
        self.0.compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }
    /// Waits up to `timeout` nanoseconds (negative: for ever) without the GIL; false if it was in vain. Signal handlers run meanwhile, and may raise.
    #[inline]
    pub fn acquire(&self, timeout: i64) -> PyResult<bool> {
        if self.try_acquire() {
            return Ok(true);
        }
        if timeout == 0 {
            return Ok(false);
        }
        self.acquire_slow(timeout)
    }
    #[cold]
    fn acquire_slow(&self, timeout: i64) -> PyResult<bool> {
        let deadline = deadline_of(timeout);
        loop {
            match gil::allow_threads(|| self.wait(deadline)) {
                Woken::Look => return Ok(true),
                Woken::TimedOut => return Ok(false),
                Woken::Signal => gil::check_signals()?,
            }
        }
    }
    /// As `acquire` for ever, without the GIL in any way.
    pub fn acquire_blocking(&self) {
        while !self.try_acquire() && !matches!(self.wait(None), Woken::Look) {}
    }
    /// `Look` says that the lock is ours.
    fn wait(&self, deadline: Option<i64>) -> Woken {
        loop {
            if self.0.swap(2, Ordering::Acquire) == 0 {
                return Woken::Look;
            }
            match futex_wait(&self.0, 2, deadline) {
                Woken::Look => {}
                other => return other,
            }
        }
    }
    #[inline]
    pub fn is_locked(&self) -> bool {
        self.0.load(Ordering::Relaxed) != 0
    }
    /// False if nobody held it.
    #[inline]
    pub fn release(&self) -> bool {
        match self.0.swap(0, Ordering::Release) {
            0 => false,
            1 => true,
            _ => {
                futex_wake(&self.0, 1);
                true
            }
        }
    }
    /// Makes it free, in a forked child.
    pub fn reset(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// Something that happens once and is waited for.
#[derive(Default)]
pub struct Event(AtomicU32);

impl Event {
    pub const fn new() -> Event {
        Event(AtomicU32::new(0))
    }
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire) != 0
    }
    pub fn set(&self) {
        self.0.store(1, Ordering::Release);
        futex_wake(&self.0, i32::MAX);
    }
    /// Waits up to `timeout` nanoseconds (negative: for ever) without the GIL; whether it happened.
    pub fn wait(&self, timeout: i64) -> PyResult<bool> {
        let deadline = deadline_of(timeout);
        while !self.is_set() {
            match gil::allow_threads(|| futex_wait(&self.0, 0, deadline)) {
                Woken::Look => {}
                Woken::TimedOut => return Ok(self.is_set()),
                Woken::Signal => gil::check_signals()?,
            }
        }
        Ok(true)
    }
}

/// What threads wait on for a condition that the GIL guards: `generation` is read while it does not hold, and `wait` returns after the next
/// `notify`, or for no reason.
#[derive(Default)]
pub struct Wakeup(AtomicU32);

impl Wakeup {
    pub fn generation(&self) -> u32 {
        self.0.load(Ordering::Acquire)
    }
    pub fn notify(&self, waiters: i32) {
        self.0.fetch_add(1, Ordering::Release);
        futex_wake(&self.0, waiters);
    }
    /// Waits without the GIL until the monotonic time `deadline`; false if it has come.
    pub fn wait(&self, generation: u32, deadline: Option<i64>) -> PyResult<bool> {
        match gil::allow_threads(|| futex_wait(&self.0, generation, deadline)) {
            Woken::Look => Ok(true),
            Woken::TimedOut => Ok(false),
            Woken::Signal => gil::check_signals().map(|()| true),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn lock_excludes_and_wakes_waiters() {
        let lock = Arc::new(RawLock::new());
        let total = Arc::new(AtomicU32::new(0));
        let threads: Vec<_> = (0..4)
            .map(|_| {
                let (lock, total) = (lock.clone(), total.clone());
                std::thread::spawn(move || {
                    for _ in 0..1000 {
                        lock.acquire_blocking();
                        let seen = total.load(Ordering::Relaxed);
                        std::hint::spin_loop();
                        total.store(seen + 1, Ordering::Relaxed);
                        assert!(lock.release());
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(total.load(Ordering::Relaxed), 4000);
        assert!(!lock.release());
    }
}
