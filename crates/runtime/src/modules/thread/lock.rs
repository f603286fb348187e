//! `_thread.lock` and `_thread.RLock`.

use super::raw_lock::RawLock;
use crate::err;
use crate::errors::PyResult;
use crate::exceptions;
use crate::macro_support::Args;
use crate::modules::pytime::{self, Rounding};
use crate::object::{Object, ObjectHead, Owned, PyTyped, Type};
use crate::types::{Dict, Tuple};
use abi::PyObject;
use macros::{Traverse, pytype};
use std::cell::Cell;
use std::mem::offset_of;

/// The longest timeout, in microseconds (`PY_TIMEOUT_MAX`).
pub const TIMEOUT_MAX_US: i64 = i64::MAX / 1000;

/// The identity of the running thread.
#[inline]
pub fn this_thread() -> u64 {
    // SAFETY: a plain query.
    unsafe { libc::pthread_self() as u64 }
}

/// The nanoseconds to wait that `acquire(blocking, timeout)` asks for; negative is for ever.
pub fn wait_time(blocking: bool, timeout: Option<&Object>) -> PyResult<i64> {
    let unset = -pytime::SECOND;
    let timeout = match timeout {
        Some(timeout) => pytime::from_seconds(timeout, Rounding::Up)?,
        None => unset,
    };
    if !blocking && timeout != unset {
        return Err(err!(ValueError, "can't specify a timeout for a non-blocking call"));
    }
    if timeout < 0 && timeout != unset {
        return Err(err!(ValueError, "timeout value must be a non-negative number"));
    }
    if !blocking {
        return Ok(0);
    }
    if timeout / 1000 >= TIMEOUT_MAX_US {
        return Err(err!(OverflowError, "timeout value is too large"));
    }
    Ok(timeout)
}

#[derive(Traverse)]
#[repr(C)]
pub struct Lock {
    head: ObjectHead,
    #[traverse(skip)]
    raw: RawLock,
    weakrefs: Cell<*mut PyObject>,
}

impl Lock {
    pub fn new() -> PyResult<Owned<Lock>> {
        Lock::make(Lock::type_object())
    }
    fn make(cls: &Type) -> PyResult<Owned<Lock>> {
        Lock::construct(cls, Lock { head: ObjectHead::placeholder(), raw: RawLock::new(), weakrefs: Cell::new(std::ptr::null_mut()) })
    }
}

/// A lock object: allocate_lock() makes one too. It is free or held; any thread may release it.
#[pytype(static = PyThread_Lock_Type, name = "lock", module = "_thread", signature = "()", native,
    weaklistoffset = offset_of!(Lock, weakrefs))]
impl Lock {
    #[slot("lock()")]
    fn tp_new(cls: &Type) -> PyResult<Owned<Lock>> {
        Lock::make(cls)
    }
    #[slot]
    fn tp_repr(&self) -> String {
        let state = if self.raw.is_locked() { "locked" } else { "unlocked" };
        format!("<{state} _thread.lock object at {:p}>", self)
    }
    /// Take the lock, waiting for it unless 'blocking' is false, at most 'timeout' seconds (-1 is
    /// for ever). The result says whether the lock was taken. The wait can be interrupted.
    #[method("acquire($self, /, blocking=True, timeout=-1)")]
    #[method("acquire_lock($self, /, blocking=True, timeout=-1)")]
    fn acquire(&self, blocking: bool, timeout: Option<&Object>) -> PyResult<bool> {
        self.raw.acquire(wait_time(blocking, timeout)?)
    }
    /// Free the lock, so that a thread that waits for it can go on. It must be held.
    #[method("release($self, /)")]
    #[method("release_lock($self, /)")]
    fn release(&self) -> PyResult<()> {
        if !self.raw.release() {
            return Err(err!(RuntimeError, "release unlocked lock"));
        }
        Ok(())
    }
    /// Whether the lock is held.
    #[method("locked($self, /)")]
    #[method("locked_lock($self, /)")]
    fn locked(&self) -> bool {
        self.raw.is_locked()
    }
    /// Take the lock.
    #[method("__enter__($self, /)")]
    fn enter(&self) -> PyResult<bool> {
        self.raw.acquire(-1)
    }
    /// Free the lock.
    #[method("__exit__($self, /, *exc_info)")]
    fn exit(&self, _exc_info: Args<'_>) -> PyResult<()> {
        self.release()
    }
    #[method("_at_fork_reinit($self, /)")]
    fn at_fork_reinit(&self) {
        self.raw.reset();
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct RLock {
    head: ObjectHead,
    #[traverse(skip)]
    raw: RawLock,
    /// Valid while the count is not 0.
    owner: Cell<u64>,
    count: Cell<usize>,
    weakrefs: Cell<*mut PyObject>,
}

impl RLock {
    fn is_mine(&self) -> bool {
        self.count.get() > 0 && self.owner.get() == this_thread()
    }
    fn take(&self, timeout: i64) -> PyResult<bool> {
        if self.is_mine() {
            let Some(count) = self.count.get().checked_add(1) else {
                return Err(err!(OverflowError, "Internal lock count overflowed"));
            };
            self.count.set(count);
            return Ok(true);
        }
        let taken = self.raw.acquire(timeout)?;
        if taken {
            self.owner.set(this_thread());
            self.count.set(1);
        }
        Ok(taken)
    }
}

/// A lock that the thread that holds it may take again, and releases as often as it took it.
#[pytype(static = PyThread_RLock_Type, name = "RLock", module = "_thread", flags = BASETYPE, native,
    weaklistoffset = offset_of!(RLock, weakrefs))]
impl RLock {
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<Owned<RLock>> {
        // A subclass may have an `__init__` that takes them.
        if std::ptr::eq(cls, RLock::type_object()) && (args.len() > 0 || kwargs.is_some_and(|k| k.len() > 0)) {
            exceptions::warn(exceptions::DeprecationWarning(), "Passing arguments to RLock is deprecated and will be removed in 3.15", 1)?;
        }
        let weakrefs = Cell::new(std::ptr::null_mut());
        RLock::construct(cls, RLock { head: ObjectHead::placeholder(), raw: RawLock::new(), owner: Cell::new(0), count: Cell::new(0), weakrefs })
    }
    #[slot]
    fn tp_repr(this: &Object) -> String {
        // SAFETY: the slot's own type.
        let lock: &RLock = unsafe { this.cast() };
        let count = lock.count.get();
        let (state, owner) = if count > 0 { ("locked", lock.owner.get()) } else { ("unlocked", 0) };
        format!("<{state} {} object owner={owner} count={count} at {:p}>", this.type_name(), this)
    }
    /// Take the lock, or take it once more if this thread holds it already.
    ///
    /// Another thread's hold is waited for unless 'blocking' is false, at most 'timeout' seconds
    /// (-1 is for ever). The result says whether the lock was taken.
    #[method("acquire($self, /, blocking=True, timeout=-1)")]
    fn acquire(&self, blocking: bool, timeout: Option<&Object>) -> PyResult<bool> {
        self.take(wait_time(blocking, timeout)?)
    }
    /// Undo one acquire(); the last one frees the lock. This thread must hold it.
    #[method("release($self, /)")]
    fn release(&self) -> PyResult<()> {
        if !self.is_mine() {
            return Err(err!(RuntimeError, "cannot release un-acquired lock"));
        }
        let count = self.count.get() - 1;
        self.count.set(count);
        if count == 0 {
            self.owner.set(0);
            self.raw.release();
        }
        Ok(())
    }
    /// Whether a thread holds the lock.
    #[method("locked($self, /)")]
    fn locked(&self) -> bool {
        self.raw.is_locked()
    }
    /// For internal use by `threading.Condition`.
    #[method("_is_owned($self, /)")]
    fn is_owned(&self) -> bool {
        self.is_mine()
    }
    /// For internal use by `threading.Condition`.
    #[method("_acquire_restore($self, state, /)")]
    fn acquire_restore(&self, state: &Object) -> PyResult<()> {
        let Some(state) = state.downcast::<Tuple>() else {
            return Err(err!(TypeError, "_acquire_restore() argument 1 must be 2-item tuple, not {}", state.type_name()));
        };
        if state.len() != 2 {
            return Err(err!(TypeError, "_acquire_restore() argument 1 must be tuple of length 2, not {}", state.len()));
        }
        let count = crate::protocol::number::as_isize(state.get(0), None)?.max(0) as usize;
        let owner = crate::protocol::number::index(state.get(1))?.as_u64().unwrap_or(0);
        if self.raw.acquire(-1)? {
            self.owner.set(owner);
            self.count.set(count);
        }
        Ok(())
    }
    /// For internal use by `threading.Condition`.
    #[method("_release_save($self, /)")]
    fn release_save(&self) -> PyResult<(usize, u64)> {
        if self.count.get() == 0 {
            return Err(err!(RuntimeError, "cannot release un-acquired lock"));
        }
        let state = (self.count.replace(0), self.owner.replace(0));
        self.raw.release();
        Ok(state)
    }
    /// For internal use by reentrancy checks.
    #[method("_recursion_count($self, /)")]
    fn recursion_count(&self) -> usize {
        if self.is_mine() { self.count.get() } else { 0 }
    }
    /// Take the lock.
    #[method("__enter__($self, /)")]
    fn enter(&self) -> PyResult<bool> {
        self.take(-1)
    }
    /// Release the lock.
    #[method("__exit__($self, /, *exc_info)")]
    fn exit(&self, _exc_info: Args<'_>) -> PyResult<()> {
        self.release()
    }
    #[method("_at_fork_reinit($self, /)")]
    fn at_fork_reinit(&self) {
        self.raw.reset();
        self.owner.set(0);
        self.count.set(0);
    }
}

