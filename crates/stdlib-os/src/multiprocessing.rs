//! `_multiprocessing`: semaphores that processes share.

use crate::call::{Pointer, errno, once, os_error, quick};
use macros::{Traverse, pymodule, pytype};
use runtime::err;
use runtime::errors::PyResult;
use runtime::macro_support::FromArg;
use runtime::object::{Object, ObjectHead, Owned, Type};
use runtime::types::{Dict, Int, Module, Str};
use std::cell::Cell;
use std::ffi::{CString, c_int};

const RECURSIVE_MUTEX: i32 = 0;
const SEMAPHORE: i32 = 1;
const SEM_VALUE_MAX: i64 = i32::MAX as i64;

/// An open semaphore, closed on drop.
struct Handle(Cell<*mut libc::sem_t>);
impl Drop for Handle {
    fn drop(&mut self) {
        if !self.0.get().is_null() {
            // SAFETY: open, and closed once.
            unsafe { libc::sem_close(self.0.get()) };
        }
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct SemLock {
    head: ObjectHead,
    #[traverse(skip)]
    handle: Handle,
    /// The thread that holds the lock last taken, and how many times it holds it.
    last_thread: Cell<u64>,
    count: Cell<i32>,
    #[traverse(skip)]
    maxvalue: i32,
    #[traverse(skip)]
    kind: i32,
    name: Option<Owned<Str>>,
}

fn this_thread() -> u64 {
    // SAFETY: no arguments.
    unsafe { libc::pthread_self() as u64 }
}

impl SemLock {
    fn is_mine_now(&self) -> bool {
        self.count.get() > 0 && self.last_thread.get() == this_thread()
    }
    fn value(&self) -> PyResult<c_int> {
        let mut value = 0;
        // SAFETY: an open semaphore and room for its value.
        quick(unsafe { libc::sem_getvalue(self.handle.0.get(), &mut value) })?;
        Ok(value.max(0))
    }
    fn taken(&self) {
        self.count.set(self.count.get() + 1);
        self.last_thread.set(this_thread());
    }
    fn acquire_until(&self, blocking: bool, timeout: Option<f64>) -> PyResult<bool> {
        if self.kind == RECURSIVE_MUTEX && self.is_mine_now() {
            self.count.set(self.count.get() + 1);
            return Ok(true);
        }
        let semaphore = Pointer(self.handle.0.get());
        // SAFETY (all calls): an open semaphore.
        let mut result = loop {
            // Without contention there is no need to give the GIL up.
            if unsafe { libc::sem_trywait(semaphore.get()) } == 0 {
                break Ok(());
            }
            match errno() {
                libc::EINTR => runtime::gil::check_signals()?,
                errno => break Err(errno),
            }
        };
        if result == Err(libc::EAGAIN) && blocking {
            let deadline = timeout.map(deadline_after);
            loop {
                result = once(move || match &deadline {
                    // SAFETY: see above.
                    Some(deadline) => unsafe { libc::sem_timedwait(semaphore.get(), deadline) },
                    // SAFETY: see above.
                    None => unsafe { libc::sem_wait(semaphore.get()) },
                })
                .map(drop);
                if result != Err(libc::EINTR) {
                    break;
                }
                runtime::gil::check_signals()?;
            }
        }
        match result {
            Ok(()) => {
                self.taken();
                Ok(true)
            }
            Err(libc::EAGAIN | libc::ETIMEDOUT) => Ok(false),
            Err(errno) => Err(os_error(errno)),
        }
    }
}

/// The time of day in so many seconds.
fn deadline_after(seconds: f64) -> libc::timespec {
    let seconds = seconds.clamp(0.0, 1e9);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let end = now + std::time::Duration::from_secs_f64(seconds);
    libc::timespec { tv_sec: end.as_secs() as i64, tv_nsec: end.subsec_nanos() as i64 }
}

/// Semaphore or recursive lock between processes.
#[pytype(static = SemLock_Type, name = "SemLock", module = "_multiprocessing", flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native)]
impl SemLock {
    #[slot("SemLock(kind, value, maxvalue, name, unlink)")]
    fn tp_new(cls: &Type, kind: i32, value: i32, maxvalue: i32, name: &str, unlink: bool) -> PyResult<Owned<SemLock>> {
        if kind != RECURSIVE_MUTEX && kind != SEMAPHORE {
            return Err(err!(ValueError, "unrecognized kind"));
        }
        let c_name = CString::new(name).unwrap_or_default();
        // SAFETY: a C string.
        let semaphore = unsafe { libc::sem_open(c_name.as_ptr(), libc::O_CREAT | libc::O_EXCL, 0o600, value) };
        if semaphore == libc::SEM_FAILED {
            return Err(os_error(errno()));
        }
        let handle = Handle(Cell::new(semaphore));
        // SAFETY: a C string.
        if unlink && unsafe { libc::sem_unlink(c_name.as_ptr()) } < 0 {
            return Err(os_error(errno()));
        }
        let name = if unlink { None } else { Some(Str::new(name)) };
        let head = ObjectHead::placeholder();
        SemLock::construct(cls, SemLock { head, handle, last_thread: Cell::new(0), count: Cell::new(0), maxvalue, kind, name })
    }
    #[classmethod("_rebuild($type, handle, kind, maxvalue, name, /)")]
    fn _rebuild(cls: &Type, handle: usize, kind: i32, maxvalue: i32, name: Option<&str>) -> PyResult<Owned<SemLock>> {
        let mut semaphore = handle as *mut libc::sem_t;
        if let Some(name) = name {
            let c_name = CString::new(name).unwrap_or_default();
            // SAFETY: a C string.
            semaphore = unsafe { libc::sem_open(c_name.as_ptr(), 0) };
            if semaphore == libc::SEM_FAILED {
                return Err(os_error(errno()));
            }
        }
        let head = ObjectHead::placeholder();
        let handle = Handle(Cell::new(semaphore));
        SemLock::construct(cls, SemLock { head, handle, last_thread: Cell::new(0), count: Cell::new(0), maxvalue, kind, name: name.map(Str::new) })
    }
    /// Take the semaphore or lock; whether it worked (in time).
    #[method("acquire($self, /, block=True, timeout=None)")]
    fn acquire(&self, block: bool, timeout: Option<&Object>) -> PyResult<bool> {
        let timeout = match timeout {
            Some(timeout) => Some(f64::from_arg(timeout, &runtime::macro_support::ArgContext { function: "acquire", name: "timeout", position: 2 })?),
            None => None,
        };
        self.acquire_until(block, timeout)
    }
    /// Give the semaphore or lock back.
    #[method("release($self, /)")]
    fn release(&self) -> PyResult<()> {
        if self.kind == RECURSIVE_MUTEX {
            if !self.is_mine_now() {
                return Err(err!(AssertionError, "attempt to release recursive lock not owned by thread"));
            }
            if self.count.get() > 1 {
                self.count.set(self.count.get() - 1);
                return Ok(());
            }
        } else if self.value()? >= self.maxvalue {
            return Err(err!(ValueError, "semaphore or lock released too many times"));
        }
        // SAFETY: an open semaphore.
        quick(unsafe { libc::sem_post(self.handle.0.get()) })?;
        self.count.set(self.count.get() - 1);
        Ok(())
    }
    /// Take the semaphore or lock.
    #[method("__enter__($self, /)")]
    fn __enter__(&self) -> PyResult<bool> {
        self.acquire_until(true, None)
    }
    /// Give the semaphore or lock back.
    #[method("__exit__($self, exc_type=None, exc_value=None, exc_tb=None, /)")]
    fn __exit__(&self, _exc_type: Option<&Object>, _exc_value: Option<&Object>, _exc_tb: Option<&Object>) -> PyResult<()> {
        self.release()
    }
    /// How many times this process holds the semaphore or lock.
    #[method("_count($self, /)")]
    fn _count(&self) -> i32 {
        self.count.get()
    }
    /// Whether this thread holds the lock.
    #[method("_is_mine($self, /)")]
    fn _is_mine(&self) -> bool {
        self.is_mine_now()
    }
    /// The semaphore's value.
    #[method("_get_value($self, /)")]
    fn _get_value(&self) -> PyResult<i32> {
        self.value()
    }
    /// Whether the semaphore's value is 0.
    #[method("_is_zero($self, /)")]
    fn _is_zero(&self) -> PyResult<bool> {
        Ok(self.value()? == 0)
    }
    /// Set the net acquisition count to zero after fork().
    #[method("_after_fork($self, /)")]
    fn _after_fork(&self) {
        self.count.set(0);
    }
    #[getter("handle")]
    fn handle(&self) -> usize {
        self.handle.0.get() as usize
    }
    #[getter("kind")]
    fn kind(&self) -> i32 {
        self.kind
    }
    #[getter("maxvalue")]
    fn maxvalue(&self) -> i32 {
        self.maxvalue
    }
    #[getter("name")]
    fn name(&self) -> Option<Owned<Str>> {
        self.name.clone()
    }
}

#[pymodule(name = "_multiprocessing")]
#[types(super::SemLock_Type)]
pub mod _multiprocessing {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        runtime::types::type_object::set_in_dict(&SemLock_Type, runtime::intern!("SEM_VALUE_MAX"), &Int::from_i64(SEM_VALUE_MAX))?;
        let flags = Dict::new();
        for name in ["HAVE_SEM_OPEN", "HAVE_SEM_TIMEDWAIT"] {
            flags.set(name, &Int::from_i64(1))?;
        }
        module.add("flags", &flags)
    }

    /// Remove the name of a semaphore.
    #[function("sem_unlink($module, name, /)")]
    fn sem_unlink(name: &str) -> PyResult<()> {
        let name = CString::new(name).unwrap_or_default();
        // SAFETY: a C string.
        quick(unsafe { libc::sem_unlink(name.as_ptr()) }).map(drop)
    }
}
