//! `select`: select, poll, epoll.

use crate::call::{Pointer, once, once_os, os_error};
use crate::posix::path::{Fildes, file_descriptor};
use crate::timeout::{self, Deadline};
use macros::{Traverse, pymodule, pytype};
use runtime::err;
use runtime::errors::{self, PyResult, Raised};
use runtime::object::{Object, ObjectHead, Owned, Type};
use runtime::protocol::sequence;
use runtime::types::{Int, List, Module, Tuple};
use std::cell::{Cell, RefCell};
use std::ffi::c_int;

/// Replaces the TypeError for what is no number.
fn or_words(result: PyResult<i64>, words: &str) -> PyResult<i64> {
    match errors::catch(result, runtime::exceptions::TypeError())? {
        Some(ns) => Ok(ns),
        None => Err(err!(TypeError, "{}", words)),
    }
}

// ---- select ---------------------------------------------------------------------------------------------------------------------

/// Objects of a sequence with their descriptors.
struct Watched(Vec<(Owned, c_int)>);

impl Watched {
    fn new(objects: &Object) -> PyResult<Watched> {
        let items = sequence::sequence_fast(objects, "arguments 1-3 must be sequences")?;
        let mut watched = Vec::new();
        // The length is looked at every time: fileno() methods may change the list.
        while watched.len() < sequence::fast_len(&items) {
            let item = sequence::fast_item(&items, watched.len());
            let fd = file_descriptor(&item)?;
            if fd as usize >= libc::FD_SETSIZE {
                return Err(err!(ValueError, "filedescriptor out of range in select()"));
            }
            if watched.len() >= libc::FD_SETSIZE {
                return Err(err!(ValueError, "too many file descriptors in select()"));
            }
            watched.push((item, fd));
        }
        Ok(Watched(watched))
    }
    fn set(&self) -> libc::fd_set {
        // SAFETY: a set of bits; descriptors are below FD_SETSIZE.
        unsafe {
            let mut set: libc::fd_set = std::mem::zeroed();
            libc::FD_ZERO(&mut set);
            for (_, fd) in &self.0 {
                libc::FD_SET(*fd, &mut set);
            }
            set
        }
    }
    fn highest(&self) -> c_int {
        self.0.iter().map(|(_, fd)| *fd).max().unwrap_or(-1)
    }
    /// The objects whose descriptors are in the set.
    fn ready(&self, set: &libc::fd_set) -> PyResult<Owned<List>> {
        let list = List::new();
        for (object, fd) in &self.0 {
            // SAFETY: descriptors are below FD_SETSIZE.
            if unsafe { libc::FD_ISSET(*fd, set) } {
                list.append(object)?;
            }
        }
        Ok(list)
    }
}

fn wait_select(watched: &[Watched; 3], deadline: Deadline) -> PyResult<[libc::fd_set; 3]> {
    let highest = watched.iter().map(Watched::highest).max().unwrap_or(-1);
    loop {
        let mut sets = [watched[0].set(), watched[1].set(), watched[2].set()];
        let at = Pointer(sets.as_mut_ptr());
        let left = deadline.left();
        let done = once(move || {
            let mut time = libc::timeval { tv_sec: left / 1_000_000_000, tv_usec: (left % 1_000_000_000 + 999) / 1000 };
            if time.tv_usec >= 1_000_000 {
                time = libc::timeval { tv_sec: time.tv_sec + 1, tv_usec: 0 };
            }
            let time = if left < 0 { std::ptr::null_mut() } else { &raw mut time };
            // SAFETY: three sets and a time or NULL.
            unsafe { libc::select(highest + 1, at.get(), at.get().add(1), at.get().add(2), time) }
        });
        match done {
            Ok(_) => return Ok(sets),
            Err(libc::EINTR) => runtime::gil::check_signals()?,
            Err(errno) => return Err(os_error(errno)),
        }
        if deadline.left() == 0 {
            // SAFETY: sets of bits.
            return Ok(unsafe { std::mem::zeroed() });
        }
    }
}

// ---- poll -----------------------------------------------------------------------------------------------------------------------

/// Registered descriptors in the order of registration.
#[derive(Traverse)]
#[repr(C)]
pub struct Poll {
    head: ObjectHead,
    #[traverse(skip)]
    registered: RefCell<Vec<(c_int, u16)>>,
    running: Cell<bool>,
}

#[pytype(static = Poll_Type, name = "poll", module = "select", flags = DISALLOW_INSTANTIATION | IMMUTABLETYPE, native)]
impl Poll {
    /// Register a file descriptor, or change the events that it is polled for.
    #[method("register($self, fd, eventmask=select.POLLIN | select.POLLPRI | select.POLLOUT, /)")]
    fn register(&self, fd: Fildes, eventmask: Option<u16>) {
        let events = eventmask.unwrap_or((libc::POLLIN | libc::POLLPRI | libc::POLLOUT) as u16);
        let mut registered = self.registered.borrow_mut();
        match registered.iter_mut().find(|(known, _)| *known == fd.0) {
            Some(entry) => entry.1 = events,
            None => registered.push((fd.0, events)),
        }
    }
    /// Change the events that a registered file descriptor is polled for.
    #[method("modify($self, fd, eventmask, /)")]
    fn modify(&self, fd: Fildes, eventmask: u16) -> PyResult<()> {
        match self.registered.borrow_mut().iter_mut().find(|(known, _)| *known == fd.0) {
            Some(entry) => {
                entry.1 = eventmask;
                Ok(())
            }
            None => Err(os_error(libc::ENOENT)),
        }
    }
    /// Forget a file descriptor.
    #[method("unregister($self, fd, /)")]
    fn unregister(&self, fd: Fildes) -> PyResult<()> {
        let mut registered = self.registered.borrow_mut();
        match registered.iter().position(|(known, _)| *known == fd.0) {
            Some(at) => {
                registered.remove(at);
                Ok(())
            }
            None => Err(errors::raise_object(runtime::exceptions::KeyError(), Some(&Int::from_i64(fd.0 as i64)))),
        }
    }
    /// Wait for events: a list of (descriptor, events).
    ///
    ///   timeout
    ///     In milliseconds; None or a negative number: without end.
    #[method("poll($self, timeout=None, /)")]
    fn poll(&self, timeout: Option<&Object>) -> PyResult<Owned<List>> {
        let deadline = match timeout {
            None => Deadline::NEVER,
            Some(timeout) => {
                let ns = or_words(timeout::from_milliseconds(timeout), "timeout must be an integer or None")?;
                if timeout::milliseconds(ns) > i32::MAX as i64 || timeout::milliseconds(ns) < i32::MIN as i64 {
                    return Err(err!(OverflowError, "timeout is too large"));
                }
                Deadline::after(ns)
            }
        };
        if self.running.replace(true) {
            return Err(err!(RuntimeError, "concurrent poll() invocation"));
        }
        let mut fds: Vec<libc::pollfd> =
            self.registered.borrow().iter().map(|&(fd, events)| libc::pollfd { fd, events: events as i16, revents: 0 }).collect();
        let result = wait_poll(&mut fds, deadline);
        self.running.set(false);
        result?;
        let list = List::new();
        for entry in fds.iter().filter(|entry| entry.revents != 0) {
            let pair = Tuple::pair(Int::from_i64(entry.fd as i64).into_object(), Int::from_i64(entry.revents as u16 as i64).into_object());
            list.append(&pair)?;
        }
        Ok(list)
    }
}

/// Waits until events arrive or the time is over; the number of descriptors with events.
pub fn wait_poll(fds: &mut [libc::pollfd], deadline: Deadline) -> PyResult<c_int> {
    let (at, count) = (Pointer(fds.as_mut_ptr()), fds.len());
    loop {
        let left = deadline.left_milliseconds();
        // SAFETY: an array of so many entries.
        match once(move || unsafe { libc::poll(at.get(), count as libc::nfds_t, left) }) {
            Ok(ready) => return Ok(ready),
            Err(libc::EINTR) => runtime::gil::check_signals()?,
            Err(errno) => return Err(os_error(errno)),
        }
        if deadline.left() == 0 {
            return Ok(0);
        }
    }
}

// ---- epoll ----------------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct Epoll {
    head: ObjectHead,
    #[traverse(skip)]
    fd: EpollFd,
}

/// The descriptor, closed on drop; -1 when closed.
struct EpollFd(Cell<c_int>);

impl EpollFd {
    fn close(&self) -> Result<c_int, c_int> {
        let fd = self.0.replace(-1);
        // SAFETY: a descriptor that is closed once.
        if fd < 0 { Ok(0) } else { once(move || unsafe { libc::close(fd) }) }
    }
}
impl Drop for EpollFd {
    fn drop(&mut self) {
        let _ = self.close();
    }
}

impl Epoll {
    fn open_fd(&self) -> PyResult<c_int> {
        match self.fd.0.get() {
            -1 => Err(closed()),
            fd => Ok(fd),
        }
    }
    fn control(&self, operation: c_int, fd: c_int, events: u32) -> PyResult<()> {
        let epoll = self.open_fd()?;
        let mut event = libc::epoll_event { events, u64: fd as u64 };
        let at = Pointer(&raw mut event);
        // SAFETY: an event of this function.
        once_os(move || unsafe { libc::epoll_ctl(epoll, operation, fd, at.get()) }).map(drop)
    }
}

#[cold]
fn closed() -> Raised {
    err!(ValueError, "I/O operation on closed epoll object")
}

const ALL_EVENTS: u32 = (libc::EPOLLIN | libc::EPOLLPRI | libc::EPOLLOUT) as u32;

/// A polling object of the system: sizehint is not used any more, flags neither.
#[pytype(static = Epoll_Type, name = "epoll", module = "select", signature = "(sizehint=-1, flags=0)", flags = IMMUTABLETYPE, native)]
impl Epoll {
    #[slot("epoll(sizehint=-1, flags=0)")]
    fn tp_new(cls: &Type, sizehint: i32, flags: i32) -> PyResult<Owned<Epoll>> {
        if sizehint != -1 && sizehint <= 0 {
            return Err(err!(ValueError, "negative sizehint"));
        }
        if flags != 0 && flags != libc::EPOLL_CLOEXEC {
            return Err(err!(OSError, "invalid flags"));
        }
        // SAFETY: numbers only.
        let fd = once_os(|| unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) })?;
        Epoll::construct(cls, Epoll { head: ObjectHead::placeholder(), fd: EpollFd(Cell::new(fd)) })
    }
    /// An epoll object for a descriptor of one.
    #[classmethod("fromfd($type, fd, /)")]
    fn fromfd(cls: &Type, fd: i32) -> PyResult<Owned<Epoll>> {
        Epoll::construct(cls, Epoll { head: ObjectHead::placeholder(), fd: EpollFd(Cell::new(fd)) })
    }
    /// Close the object's descriptor; whatever is done then raises ValueError.
    #[method("close($self, /)")]
    fn close(&self) -> PyResult<()> {
        self.fd.close().map(drop).map_err(os_error)
    }
    /// The object's descriptor.
    #[method("fileno($self, /)")]
    fn fileno(&self) -> PyResult<i32> {
        self.open_fd()
    }
    #[getter("closed", "Whether the object is closed")]
    fn closed(&self) -> bool {
        self.fd.0.get() < 0
    }
    /// Register a file descriptor, which must not be registered.
    #[method("register($self, /, fd, eventmask=select.EPOLLIN | select.EPOLLPRI | select.EPOLLOUT)")]
    fn register(&self, fd: Fildes, eventmask: Option<u32>) -> PyResult<()> {
        self.control(libc::EPOLL_CTL_ADD, fd.0, eventmask.unwrap_or(ALL_EVENTS))
    }
    /// Change the events of a registered file descriptor.
    #[method("modify($self, /, fd, eventmask)")]
    fn modify(&self, fd: Fildes, eventmask: u32) -> PyResult<()> {
        self.control(libc::EPOLL_CTL_MOD, fd.0, eventmask)
    }
    /// Forget a file descriptor.
    #[method("unregister($self, /, fd)")]
    fn unregister(&self, fd: Fildes) -> PyResult<()> {
        self.control(libc::EPOLL_CTL_DEL, fd.0, 0)
    }
    /// Wait for events: a list of (descriptor, events).
    ///
    ///   timeout
    ///     In seconds; None or a negative number: without end.
    ///   maxevents
    ///     The most events to give; -1 for the system's limit of descriptors.
    #[method("poll($self, /, timeout=None, maxevents=-1)")]
    fn poll(&self, timeout: Option<&Object>, maxevents: i32) -> PyResult<Owned<List>> {
        let epoll = self.open_fd()?;
        let deadline = match timeout {
            None => Deadline::NEVER,
            Some(timeout) => {
                let ns = or_words(timeout::from_seconds(timeout), "timeout must be an integer or None")?;
                if timeout::milliseconds(ns) > i32::MAX as i64 || timeout::milliseconds(ns) < i32::MIN as i64 {
                    return Err(err!(OverflowError, "timeout is too large"));
                }
                Deadline::after(ns)
            }
        };
        let maxevents = if maxevents == -1 { libc::FD_SETSIZE as c_int - 1 } else { maxevents };
        if maxevents < 1 {
            return Err(err!(ValueError, "maxevents must be greater than 0, got {}", maxevents));
        }
        let mut events: Vec<libc::epoll_event> = Vec::new();
        if events.try_reserve_exact(maxevents as usize).is_err() {
            return Err(errors::no_memory());
        }
        let at = Pointer(events.as_mut_ptr());
        let count = loop {
            let left = deadline.left_milliseconds();
            // SAFETY: room for so many events.
            match once(move || unsafe { libc::epoll_wait(epoll, at.get(), maxevents, left) }) {
                Ok(count) => break count,
                Err(libc::EINTR) => runtime::gil::check_signals()?,
                Err(errno) => return Err(os_error(errno)),
            }
            if deadline.left() == 0 {
                break 0;
            }
        };
        // SAFETY: so many events were written.
        unsafe { events.set_len(count as usize) };
        let list = List::new();
        for event in &events {
            let (fd, mask) = ({ event.u64 } as c_int, { event.events });
            list.append(&Tuple::pair(Int::from_i64(fd as i64).into_object(), Int::from_i64(mask as i64).into_object()))?;
        }
        Ok(list)
    }
    #[method("__enter__($self, /)")]
    fn __enter__(&self) -> PyResult<Owned> {
        self.open_fd()?;
        let this: &Object = self;
        Ok(this.to_owned())
    }
    #[method("__exit__($self, exc_type=None, exc_value=None, exc_tb=None, /)")]
    fn __exit__(&self, _exc_type: Option<&Object>, _exc_value: Option<&Object>, _exc_tb: Option<&Object>) -> PyResult<()> {
        self.close()
    }
}

/// Waiting for input and output on several file descriptors.
#[pymodule(name = "select")]
#[types(super::Epoll_Type)]
pub mod select {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        runtime::types::type_ready(&Poll_Type)?;
        module.add("error", runtime::exceptions::OSError())?;
        for (name, value) in CONSTANTS {
            module.add(name, &Int::from_i64(*value))?;
        }
        Ok(())
    }

    /// Wait until descriptors are ready: three lists with those objects of the arguments that are.
    ///
    ///   rlist, wlist, xlist
    ///     Sequences of descriptors, or objects with a fileno() method, to wait for: input, room for
    ///     output, exceptional conditions.
    ///   timeout
    ///     In seconds; None: without end.
    #[function("select($module, rlist, wlist, xlist, timeout=None, /)")]
    fn select(rlist: &Object, wlist: &Object, xlist: &Object, timeout: Option<&Object>) -> PyResult<(Owned, Owned, Owned)> {
        let deadline = match timeout {
            None => Deadline::NEVER,
            Some(timeout) => {
                let ns = or_words(timeout::from_seconds(timeout), "timeout must be a float or None")?;
                if ns < 0 {
                    return Err(err!(ValueError, "timeout must be non-negative"));
                }
                Deadline::after(ns)
            }
        };
        let watched = [Watched::new(rlist)?, Watched::new(wlist)?, Watched::new(xlist)?];
        let sets = wait_select(&watched, deadline)?;
        Ok((
            watched[0].ready(&sets[0])?.into_object(),
            watched[1].ready(&sets[1])?.into_object(),
            watched[2].ready(&sets[2])?.into_object(),
        ))
    }

    /// A new polling object.
    #[function("poll($module, /)")]
    fn poll() -> PyResult<Owned<Poll>> {
        Poll::construct(&Poll_Type, Poll { head: ObjectHead::placeholder(), registered: RefCell::new(Vec::new()), running: Cell::new(false) })
    }
}

const CONSTANTS: &[(&str, i64)] = &[
    ("EPOLLERR", 8),
    ("EPOLLET", 0x80000000),
    ("EPOLLEXCLUSIVE", 0x10000000),
    ("EPOLLHUP", 16),
    ("EPOLLIN", 1),
    ("EPOLLMSG", 1024),
    ("EPOLLONESHOT", 0x40000000),
    ("EPOLLOUT", 4),
    ("EPOLLPRI", 2),
    ("EPOLLRDBAND", 128),
    ("EPOLLRDHUP", 8192),
    ("EPOLLRDNORM", 64),
    ("EPOLLWAKEUP", 0x20000000),
    ("EPOLLWRBAND", 512),
    ("EPOLLWRNORM", 256),
    ("EPOLL_CLOEXEC", 0x80000),
    ("PIPE_BUF", 4096),
    ("POLLERR", 8),
    ("POLLHUP", 16),
    ("POLLIN", 1),
    ("POLLMSG", 1024),
    ("POLLNVAL", 32),
    ("POLLOUT", 4),
    ("POLLPRI", 2),
    ("POLLRDBAND", 128),
    ("POLLRDHUP", 8192),
    ("POLLRDNORM", 64),
    ("POLLWRBAND", 512),
    ("POLLWRNORM", 256),
];
