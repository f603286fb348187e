//! The socket object. `#[repr(C)]` with the fields of CPython's `PySocketSockObject`, which `_ssl` looks into.
//!
//! The timeout is the object's: descriptors with one are non-blocking, and calls poll before they try. 0 is non-blocking, -1 blocks.

use super::address::{self, Address};
use super::messages;
use crate::call::{Pointer, errno, once, os_error, quick};
use crate::posix::results::int;
use crate::timeout::Deadline;
use macros::{Traverse, pytype};
use runtime::audit::audit;
use runtime::err;
use runtime::errors::{self, PyResult};
use runtime::macro_support::{Args, Buffer, WritableBuffer};
use runtime::object::{Object, ObjectHead, Owned, Type};
use runtime::protocol::{number, object};
use runtime::types::{Bytes, Float, GilCell, Str, Tuple};
use std::cell::Cell;
use std::ffi::{c_int, c_void};

/// The timeout of new sockets, in nanoseconds; -1: none.
pub static DEFAULT_TIMEOUT: GilCell<Cell<i64>> = GilCell(Cell::new(-1));

#[derive(Traverse)]
#[repr(C)]
pub struct Socket {
    head: ObjectHead,
    pub fd: Cell<c_int>,
    pub family: Cell<c_int>,
    pub kind: Cell<c_int>,
    pub proto: Cell<c_int>,
    #[traverse(skip)]
    _error_handler: Cell<*const c_void>,
    pub timeout: Cell<i64>,
    #[traverse(skip)]
    _state: Cell<*const c_void>,
}

/// How a call that waits ends without a result.
pub enum Stopped {
    Raised,
    TimedOut,
    Errno(c_int),
}

impl Socket {
    pub fn new(cls: &Type, fd: c_int, family: c_int, kind: c_int, proto: c_int) -> PyResult<Owned<Socket>> {
        let socket = Socket {
            head: ObjectHead::placeholder(),
            fd: Cell::new(fd),
            family: Cell::new(family),
            kind: Cell::new(kind),
            proto: Cell::new(proto),
            _error_handler: Cell::new(std::ptr::null()),
            timeout: Cell::new(-1),
            _state: Cell::new(std::ptr::null()),
        };
        Socket::construct(cls, socket)
    }
    /// Fills a new object in for a descriptor.
    pub fn adopt(&self, fd: c_int, family: c_int, kind: c_int, proto: c_int) -> PyResult<()> {
        self.fd.set(fd);
        self.family.set(family);
        self.kind.set(kind & !(libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC));
        self.proto.set(proto);
        if kind & libc::SOCK_NONBLOCK != 0 {
            self.timeout.set(0);
            return Ok(());
        }
        self.timeout.set(DEFAULT_TIMEOUT.0.get());
        if self.timeout.get() >= 0 { self.set_blocking_fd(false) } else { Ok(()) }
    }
    fn set_blocking_fd(&self, blocking: bool) -> PyResult<()> {
        let fd = self.fd.get();
        let value = c_int::from(!blocking);
        once(move || {
            let mut value = value;
            // SAFETY: room for a number.
            unsafe { libc::ioctl(fd, libc::FIONBIO, &mut value) }
        })
        .map(drop)
        .map_err(os_error)
    }

    /// Polls for input or output until the deadline; `Ok(false)`: the time is over.
    fn wait(&self, writing: bool, connecting: bool, deadline: Deadline) -> Result<bool, Stopped> {
        if self.fd.get() < 0 {
            return Ok(true);
        }
        let events = match (writing, connecting) {
            (true, true) => libc::POLLOUT | libc::POLLERR,
            (true, false) => libc::POLLOUT,
            _ => libc::POLLIN,
        };
        let mut entry = libc::pollfd { fd: self.fd.get(), events, revents: 0 };
        let at = Pointer(&raw mut entry);
        loop {
            let left = deadline.left_milliseconds();
            // SAFETY: one entry.
            match once(move || unsafe { libc::poll(at.get(), 1, left) }) {
                Ok(ready) => return Ok(ready > 0),
                Err(libc::EINTR) => {
                    if runtime::gil::check_signals().is_err() {
                        return Err(Stopped::Raised);
                    }
                    if deadline.left() == 0 {
                        return Ok(false);
                    }
                }
                Err(errno) => return Err(Stopped::Errno(errno)),
            }
        }
    }

    /// A call with the socket's timeout: polls before each attempt if there is one.
    pub fn attempt<T: crate::call::Status>(&self, writing: bool, deadline: Deadline, mut f: impl FnMut(c_int) -> T + Send) -> Result<T, Stopped> {
        let timed = self.timeout.get() > 0;
        loop {
            if timed && !self.wait(writing, false, deadline)? {
                return Err(Stopped::TimedOut);
            }
            let fd = self.fd.get();
            loop {
                match once(|| f(fd)) {
                    Ok(result) => return Ok(result),
                    Err(libc::EINTR) => {
                        if runtime::gil::check_signals().is_err() {
                            return Err(Stopped::Raised);
                        }
                    }
                    // Another reader was faster, or the checksum was wrong.
                    Err(libc::EAGAIN) if timed => break,
                    Err(errno) => return Err(Stopped::Errno(errno)),
                }
            }
        }
    }
    pub fn deadline(&self) -> Deadline {
        Deadline::after(self.timeout.get())
    }
    /// `attempt` with errors raised.
    pub fn call<T: crate::call::Status>(&self, writing: bool, f: impl FnMut(c_int) -> T + Send) -> PyResult<T> {
        self.attempt(writing, self.deadline(), f).map_err(raise_stopped)
    }

    fn connect_to(&self, address: &Address) -> Result<(), Stopped> {
        let (fd, to, length) = (self.fd.get(), Pointer(address.as_ptr() as *mut libc::sockaddr), address.length);
        // SAFETY: an address of that length.
        let failure = match once(move || unsafe { libc::connect(fd, to.get(), length) }) {
            Ok(_) => return Ok(()),
            Err(errno) => errno,
        };
        let wait = match failure {
            // The connection goes on in the background.
            libc::EINTR => {
                if runtime::gil::check_signals().is_err() {
                    return Err(Stopped::Raised);
                }
                self.timeout.get() != 0
            }
            libc::EINPROGRESS => self.timeout.get() > 0,
            _ => false,
        };
        if !wait {
            return Err(Stopped::Errno(failure));
        }
        let deadline = self.deadline();
        if !self.wait(true, true, deadline)? {
            return Err(Stopped::TimedOut);
        }
        let (mut state, mut size) = (0 as c_int, size_of::<c_int>() as libc::socklen_t);
        // SAFETY: room for a number.
        if unsafe { libc::getsockopt(fd, libc::SOL_SOCKET, libc::SO_ERROR, (&raw mut state).cast(), &mut size) } == -1 {
            return Err(Stopped::Errno(errno()));
        }
        match state {
            0 | libc::EISCONN => Ok(()),
            errno => Err(Stopped::Errno(errno)),
        }
    }

    fn receive(&self, length: usize, flags: c_int, from: Option<&mut Address>) -> PyResult<Owned<Bytes>> {
        let mut buffer: Vec<u8> = Vec::new();
        if buffer.try_reserve_exact(length).is_err() {
            return Err(errors::no_memory());
        }
        let out = Pointer(buffer.as_mut_ptr());
        let count = self.receive_at(out, length, flags, from)?;
        // SAFETY: so many bytes were written.
        unsafe { buffer.set_len((count as usize).min(length)) };
        Ok(Bytes::new(&buffer))
    }
    fn receive_at(&self, out: Pointer<u8>, length: usize, flags: c_int, from: Option<&mut Address>) -> PyResult<isize> {
        match from {
            // SAFETY: room for so many bytes.
            None => self.call(false, move |fd| unsafe { libc::recv(fd, out.get().cast(), length, flags) }),
            Some(from) => {
                let (address, size) = (Pointer(from.as_mut_ptr()), Pointer(&raw mut from.length));
                let room = from.length;
                // SAFETY: room for so many bytes and for any address.
                self.call(false, move |fd| unsafe {
                    *size.get() = room;
                    libc::recvfrom(fd, out.get().cast(), length, flags, address.get(), size.get())
                })
            }
        }
    }
    fn own_name(&self, peer: bool) -> PyResult {
        let mut address = Address::empty();
        let (fd, to, size) = (self.fd.get(), Pointer(address.as_mut_ptr()), Pointer(&raw mut address.length));
        // SAFETY: room for any address.
        once(move || unsafe { if peer { libc::getpeername(fd, to.get(), size.get()) } else { libc::getsockname(fd, to.get(), size.get()) } })
            .map_err(os_error)?;
        address::to_python(&address, self.proto.get())
    }
    fn shut(&self) -> PyResult<()> {
        let fd = self.fd.replace(-1);
        if fd == -1 {
            return Ok(());
        }
        // SAFETY: a descriptor that is closed once.
        match once(move || unsafe { libc::close(fd) }) {
            // The other side is gone: that is not this side's error.
            Err(errno) if errno != libc::ECONNRESET && errno != libc::EINTR => Err(os_error(errno)),
            _ => Ok(()),
        }
    }
    fn option_int(fd: c_int, level: c_int, option: c_int) -> PyResult<c_int> {
        let (mut value, mut size) = (0 as c_int, size_of::<c_int>() as libc::socklen_t);
        // SAFETY: room for a number.
        quick(unsafe { libc::getsockopt(fd, level, option, (&raw mut value).cast(), &mut size) })?;
        Ok(value)
    }
    fn from_descriptor(&self, fileno: &Object, family: c_int, kind: c_int, proto: c_int) -> PyResult<()> {
        let fd = number::as_i32(fileno)?;
        if fd < 0 {
            return Err(err!(ValueError, "negative file descriptor"));
        }
        let mut address = Address::empty();
        let mut length = address.length;
        // SAFETY: room for any address.
        let status = unsafe { libc::getsockname(fd, address.as_mut_ptr(), &mut length) };
        if status == -1 && (family == -1 || matches!(errno(), libc::EBADF | libc::ENOTSOCK)) {
            return Err(os_error(errno()));
        }
        let family = if family == -1 { address.family() } else { family };
        let kind = if kind == -1 { Socket::option_int(fd, libc::SOL_SOCKET, libc::SO_TYPE)? } else { kind };
        let proto = if proto == -1 { Socket::option_int(fd, libc::SOL_SOCKET, libc::SO_PROTOCOL)? } else { proto };
        self.adopt(fd, family, kind, proto)
    }
}

#[cold]
pub fn raise_stopped(stopped: Stopped) -> errors::Raised {
    match stopped {
        Stopped::Raised => errors::Raised::from_c(),
        Stopped::TimedOut => err!(TimeoutError, "timed out"),
        Stopped::Errno(errno) => os_error(errno),
    }
}

/// Nanoseconds of a timeout argument; -1: none.
pub fn timeout_argument(value: &Object) -> PyResult<i64> {
    if value.is_none() {
        return Ok(-1);
    }
    let ns = crate::timeout::from_seconds(value)?;
    if ns < 0 {
        return Err(err!(ValueError, "Timeout value out of range"));
    }
    Ok(ns)
}

pub fn timeout_object(ns: i64) -> Owned {
    if ns < 0 { runtime::types::none().to_owned() } else { Float::new(ns as f64 / 1e9).into_object() }
}

fn size_argument(size: isize, words: &str) -> PyResult<usize> {
    usize::try_from(size).map_err(|_| err!(ValueError, "{}", words))
}

/// socket(family=AF_INET, type=SOCK_STREAM, proto=0) -> socket object
/// socket(family=-1, type=-1, proto=-1, fileno=None) -> socket object
///
/// A socket of an address family, type and protocol; with fileno, of an open descriptor, which is asked
/// for what is -1. Addresses are pairs (host, port) for IPv4, tuples (host, port, flowinfo, scopeid) for
/// IPv6 and paths for Unix sockets. The socket module's documentation tells the methods.
#[pytype(static = Socket_Type, name = "socket", module = "_socket", flags = BASETYPE | IMMUTABLETYPE, native,
    members = [
        ("family", T_INT, core::mem::offset_of!(Socket, family), READONLY, "address family"),
        ("type", T_INT, core::mem::offset_of!(Socket, kind), READONLY, "socket type"),
        ("proto", T_INT, core::mem::offset_of!(Socket, proto), READONLY, "protocol"),
    ])]
impl Socket {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&runtime::types::Dict>) -> PyResult<Owned<Socket>> {
        Socket::new(cls, -1, 0, 0, 0)
    }
    #[slot("socket(family=-1, type=-1, proto=-1, fileno=None)")]
    fn tp_init(&self, family: i32, r#type: i32, proto: i32, fileno: Option<&Object>) -> PyResult<()> {
        let this: &Object = self;
        audit("socket.__new__", &[this, &int(family), &int(r#type), &int(proto)])?;
        if let Some(fileno) = fileno {
            return self.from_descriptor(fileno, family, r#type, proto);
        }
        let family = if family == -1 { libc::AF_INET } else { family };
        let kind = if r#type == -1 { libc::SOCK_STREAM } else { r#type };
        let proto = if proto == -1 { 0 } else { proto };
        // SAFETY: numbers only.
        let fd = once(move || unsafe { libc::socket(family, kind | libc::SOCK_CLOEXEC, proto) }).map_err(os_error)?;
        let adopted = self.adopt(fd, family, kind, proto);
        if adopted.is_err() {
            self.fd.set(-1);
            // SAFETY: a descriptor that nobody has seen.
            unsafe { libc::close(fd) };
        }
        adopted
    }
    #[slot]
    fn tp_repr(&self) -> Owned<Str> {
        let (fd, family, kind, proto) = (self.fd.get(), self.family.get(), self.kind.get(), self.proto.get());
        Str::new(&format!("<socket object, fd={fd}, family={family}, type={kind}, proto={proto}>"))
    }
    #[slot]
    fn tp_finalize(&self) {
        if self.fd.get() == -1 {
            return;
        }
        let this: &Object = self;
        errors::preserve(|| {
            let warned = object::repr(this).and_then(|shown| {
                runtime::modules::warnings::warn(runtime::exceptions::ResourceWarning(), &format!("unclosed {}", &*shown), 1)
            });
            if warned.is_err() {
                if errors::matches(runtime::exceptions::Warning()) {
                    runtime::exceptions::write_unraisable(None, Some(this));
                } else {
                    errors::clear();
                }
            }
            if self.shut().is_err() {
                errors::clear();
            }
        });
    }
    #[getter("timeout", "the socket timeout")]
    fn get_timeout(&self) -> Owned {
        timeout_object(self.timeout.get())
    }

    /// _accept() -> (integer, address info)
    ///
    /// Wait for a connection; gives its descriptor and the other side's address.
    #[method("_accept($self, /)")]
    fn _accept(&self) -> PyResult<(i32, Owned)> {
        let mut address = Address::empty();
        let room = address.length;
        let (to, size) = (Pointer(address.as_mut_ptr()), Pointer(&raw mut address.length));
        // SAFETY: room for any address.
        let fd = self.call(false, move |fd| unsafe {
            *size.get() = room;
            libc::accept4(fd, to.get(), size.get(), libc::SOCK_CLOEXEC)
        })?;
        match address::to_python(&address, self.proto.get()) {
            Ok(shown) => Ok((fd, shown)),
            Err(raised) => {
                // SAFETY: a descriptor that nobody has seen.
                unsafe { libc::close(fd) };
                Err(raised)
            }
        }
    }
    /// bind(address)
    ///
    /// Give the socket an address.
    #[method("bind($self, object, /)")]
    fn bind(&self, object: &Object) -> PyResult<()> {
        let address = address::from_python(self, "bind", object)?;
        audit("socket.bind", &[self, object])?;
        let (fd, to, length) = (self.fd.get(), Pointer(address.as_ptr() as *mut libc::sockaddr), address.length);
        // SAFETY: an address of that length.
        once(move || unsafe { libc::bind(fd, to.get(), length) }).map(drop).map_err(os_error)
    }
    /// close()
    ///
    /// Close the socket, which cannot be used any more.
    #[method("close($self, /)")]
    fn close(&self) -> PyResult<()> {
        self.shut()
    }
    /// connect(address)
    ///
    /// Connect to an address.
    #[method("connect($self, object, /)")]
    fn connect(&self, object: &Object) -> PyResult<()> {
        let address = address::from_python(self, "connect", object)?;
        audit("socket.connect", &[self, object])?;
        self.connect_to(&address).map_err(raise_stopped)
    }
    /// connect_ex(address) -> errno
    ///
    /// As connect(), where the system's error is the result.
    #[method("connect_ex($self, object, /)")]
    fn connect_ex(&self, object: &Object) -> PyResult<i32> {
        let address = address::from_python(self, "connect_ex", object)?;
        audit("socket.connect", &[self, object])?;
        match self.connect_to(&address) {
            Ok(()) => Ok(0),
            Err(Stopped::Errno(errno)) => Ok(errno),
            Err(Stopped::TimedOut) => Ok(libc::EWOULDBLOCK),
            Err(Stopped::Raised) => Err(errors::Raised::from_c()),
        }
    }
    /// detach()
    ///
    /// Let go of the descriptor, which stays open, and give it.
    #[method("detach($self, /)")]
    fn detach(&self) -> i32 {
        self.fd.replace(-1)
    }
    /// fileno() -> integer
    ///
    /// The socket's descriptor; -1 when closed.
    #[method("fileno($self, /)")]
    fn fileno(&self) -> i32 {
        self.fd.get()
    }
    /// getpeername() -> address info
    ///
    /// The other side's address.
    #[method("getpeername($self, /)")]
    fn getpeername(&self) -> PyResult {
        self.own_name(true)
    }
    /// getsockname() -> address info
    ///
    /// The socket's address.
    #[method("getsockname($self, /)")]
    fn getsockname(&self) -> PyResult {
        self.own_name(false)
    }
    /// getsockopt(level, option[, buffersize]) -> value
    ///
    /// An option's value: an int, or with buffersize bytes of up to this length.
    #[method("getsockopt($self, level, option, buffersize=0, /)", nosig)]
    fn getsockopt(&self, level: i32, option: i32, buffersize: i32) -> PyResult<Owned> {
        if buffersize == 0 && self.family.get() == libc::AF_VSOCK {
            let (mut value, mut size) = (0u64, size_of::<u64>() as libc::socklen_t);
            // SAFETY: room for a number.
            quick(unsafe { libc::getsockopt(self.fd.get(), level, option, (&raw mut value).cast(), &mut size) })?;
            return Ok(int(value));
        }
        if buffersize == 0 {
            return Socket::option_int(self.fd.get(), level, option).map(int);
        }
        if buffersize <= 0 || buffersize > 1024 {
            return Err(err!(OSError, "getsockopt buflen out of range"));
        }
        let mut buffer = [0u8; 1024];
        let mut size = buffersize as libc::socklen_t;
        // SAFETY: room for so many bytes.
        quick(unsafe { libc::getsockopt(self.fd.get(), level, option, buffer.as_mut_ptr().cast(), &mut size) })?;
        Ok(Bytes::new(&buffer[..(size as usize).min(buffer.len())]).into_object())
    }
    /// listen([backlog])
    ///
    /// Accept connections; so many may wait until they are.
    #[method("listen($self, backlog=128, /)", nosig)]
    fn listen(&self, backlog: i32) -> PyResult<()> {
        let fd = self.fd.get();
        // SAFETY: numbers only.
        once(move || unsafe { libc::listen(fd, backlog.max(0)) }).map(drop).map_err(os_error)
    }
    /// recv(buffersize[, flags]) -> data
    ///
    /// Receive up to buffersize bytes; none at the end of the stream.
    #[method("recv($self, buffersize, flags=0, /)", nosig)]
    fn recv(&self, buffersize: isize, flags: i32) -> PyResult<Owned<Bytes>> {
        self.receive(size_argument(buffersize, "negative buffersize in recv")?, flags, None)
    }
    /// recvfrom(buffersize[, flags]) -> (data, address info)
    ///
    /// As recv(), with the sender's address.
    #[method("recvfrom($self, buffersize, flags=0, /)", nosig)]
    fn recvfrom(&self, buffersize: isize, flags: i32) -> PyResult<(Owned<Bytes>, Owned)> {
        let mut from = Address::empty();
        let data = self.receive(size_argument(buffersize, "negative buffersize in recvfrom")?, flags, Some(&mut from))?;
        Ok((data, address::to_python(&from, self.proto.get())?))
    }
    /// recv_into(buffer, [nbytes[, flags]]) -> nbytes_read
    ///
    /// As recv(), into a writable buffer; nbytes of 0 is the buffer's length.
    #[method("recv_into($self, buffer, nbytes=0, flags=0)", nosig)]
    fn recv_into(&self, buffer: &Object, nbytes: isize, flags: i32) -> PyResult<isize> {
        let mut buffer = writable("recv_into", buffer)?;
        let mut length = size_argument(nbytes, "negative buffersize in recv_into")?;
        if length == 0 {
            length = buffer.len();
        }
        if buffer.len() < length {
            return Err(err!(ValueError, "buffer too small for requested bytes"));
        }
        self.receive_at(Pointer(buffer.as_mut_ptr()), length, flags, None)
    }
    /// recvfrom_into(buffer[, nbytes[, flags]]) -> (nbytes, address info)
    ///
    /// As recv_into(), with the sender's address.
    #[method("recvfrom_into($self, buffer, nbytes=0, flags=0)", nosig)]
    fn recvfrom_into(&self, buffer: &Object, nbytes: isize, flags: i32) -> PyResult<(isize, Owned)> {
        let mut buffer = writable("recvfrom_into", buffer)?;
        let mut length = size_argument(nbytes, "negative buffersize in recvfrom_into")?;
        if length == 0 {
            length = buffer.len();
        }
        if buffer.len() < length {
            return Err(err!(ValueError, "nbytes is greater than the length of the buffer"));
        }
        let mut from = Address::empty();
        let count = self.receive_at(Pointer(buffer.as_mut_ptr()), length, flags, Some(&mut from))?;
        Ok((count, address::to_python(&from, self.proto.get())?))
    }
    /// send(data[, flags]) -> count
    ///
    /// Send bytes; gives how many were sent.
    #[method("send($self, data, flags=0, /)", nosig)]
    fn send(&self, data: Buffer, flags: i32) -> PyResult<isize> {
        let (at, length) = (Pointer(data.as_ptr() as *mut u8), data.len());
        // SAFETY: an exported buffer.
        self.call(true, move |fd| unsafe { libc::send(fd, at.get().cast(), length, flags) })
    }
    /// sendall(data[, flags])
    ///
    /// Send all bytes; after an error it is not known how many were sent.
    #[method("sendall($self, data, flags=0, /)", nosig)]
    fn sendall(&self, data: Buffer, flags: i32) -> PyResult<()> {
        let deadline = self.deadline();
        let mut done = 0;
        while done < data.len() {
            let rest = &data[done..];
            if done > 0 && self.timeout.get() > 0 && deadline.left() == 0 {
                return Err(raise_stopped(Stopped::TimedOut));
            }
            let (at, length) = (Pointer(rest.as_ptr() as *mut u8), rest.len());
            // SAFETY: an exported buffer.
            let sent = self.attempt(true, deadline, move |fd| unsafe { libc::send(fd, at.get().cast(), length, flags) }).map_err(raise_stopped)?;
            done += sent as usize;
            // A signal may have come after part of the data was sent.
            runtime::gil::check_signals()?;
        }
        Ok(())
    }
    /// sendto(data[, flags], address) -> count
    ///
    /// As send(), to an address.
    #[method("sendto($self, *args)", nosig)]
    fn sendto(&self, args: Args<'_>) -> PyResult<isize> {
        let (flags, to) = match args {
            [_, to] => (0, to),
            [_, flags, to] => (number::as_i32(flags)?, to),
            _ => return Err(err!(TypeError, "sendto() takes 2 or 3 arguments ({} given)", args.len())),
        };
        let data = Buffer::new(args[0])?;
        let address = address::from_python(self, "sendto", to)?;
        audit("socket.sendto", &[self, to])?;
        let (at, length) = (Pointer(data.as_ptr() as *mut u8), data.len());
        let (to, size) = (Pointer(address.as_ptr() as *mut libc::sockaddr), address.length);
        // SAFETY: an exported buffer and an address.
        self.call(true, move |fd| unsafe { libc::sendto(fd, at.get().cast(), length, flags, to.get(), size) })
    }
    /// setblocking(flag)
    ///
    /// Block (as settimeout(None)) or not (as settimeout(0.0)).
    #[method("setblocking($self, object, /)")]
    fn setblocking(&self, object: &Object) -> PyResult<()> {
        let blocking = object::is_true(object)?;
        self.timeout.set(if blocking { -1 } else { 0 });
        self.set_blocking_fd(blocking)
    }
    /// getblocking()
    ///
    /// Whether calls block, with or without a timeout.
    #[method("getblocking($self, /)")]
    fn getblocking(&self) -> bool {
        self.timeout.get() != 0
    }
    /// settimeout(timeout)
    ///
    /// Set the timeout of calls in seconds; None: none, 0: calls do not block.
    #[method("settimeout($self, object, /)")]
    fn settimeout(&self, object: &Object) -> PyResult<()> {
        let timeout = timeout_argument(object)?;
        self.timeout.set(timeout);
        self.set_blocking_fd(timeout < 0)
    }
    /// gettimeout() -> timeout
    ///
    /// The timeout of calls in seconds, or None.
    #[method("gettimeout($self, /)")]
    fn gettimeout(&self) -> Owned {
        timeout_object(self.timeout.get())
    }
    /// setsockopt(level, option, value: int)
    /// setsockopt(level, option, value: buffer)
    /// setsockopt(level, option, None, optlen: int)
    ///
    /// Set an option.
    #[method("setsockopt($self, *args)", nosig)]
    fn setsockopt(&self, args: Args<'_>) -> PyResult<()> {
        let (level, option, value, length) = match args {
            [level, option, value] => (level, option, value, None),
            [level, option, value, length] if value.is_none() => (level, option, value, Some(length)),
            _ => return Err(err!(TypeError, "setsockopt() takes exactly 3 arguments ({} given)", args.len())),
        };
        let (level, option) = (number::as_i32(level)?, number::as_i32(option)?);
        let fd = self.fd.get();
        if let Some(length) = length {
            let length = number::index(length)?.as_u64_mask() as libc::socklen_t;
            // SAFETY: no data.
            return quick(unsafe { libc::setsockopt(fd, level, option, std::ptr::null(), length) }).map(drop);
        }
        if number::check_index(value) && self.family.get() == libc::AF_VSOCK {
            let value = number::index(value)?.as_u64_mask();
            // SAFETY: a number.
            return quick(unsafe { libc::setsockopt(fd, level, option, (&raw const value).cast(), size_of::<u64>() as _) }).map(drop);
        }
        if number::check_index(value) {
            let value = number::as_i32(value)?;
            // SAFETY: a number.
            return quick(unsafe { libc::setsockopt(fd, level, option, (&raw const value).cast(), size_of::<c_int>() as _) }).map(drop);
        }
        let data = Buffer::new(value)?;
        // SAFETY: an exported buffer.
        quick(unsafe { libc::setsockopt(fd, level, option, data.as_ptr().cast(), data.len() as _) }).map(drop)
    }
    /// shutdown(flag)
    ///
    /// Shut down reading (SHUT_RD), writing (SHUT_WR) or both (SHUT_RDWR).
    #[method("shutdown($self, object, /)")]
    fn shutdown(&self, object: i32) -> PyResult<()> {
        let fd = self.fd.get();
        // SAFETY: numbers only.
        once(move || unsafe { libc::shutdown(fd, object) }).map(drop).map_err(os_error)
    }
    /// recvmsg(bufsize[, ancbufsize[, flags]]) -> (data, ancdata, msg_flags, address)
    ///
    /// Receive data and ancillary data, of which items are (level, type, data).
    #[method("recvmsg($self, bufsize, ancbufsize=0, flags=0, /)", nosig)]
    fn recvmsg(&self, bufsize: isize, ancbufsize: isize, flags: i32) -> PyResult<Owned<Tuple>> {
        messages::receive(self, bufsize, ancbufsize, flags)
    }
    /// recvmsg_into(buffers[, ancbufsize[, flags]]) -> (nbytes, ancdata, msg_flags, address)
    ///
    /// As recvmsg(), into an iterable of writable buffers.
    #[method("recvmsg_into($self, buffers, ancbufsize=0, flags=0, /)", nosig)]
    fn recvmsg_into(&self, buffers: &Object, ancbufsize: isize, flags: i32) -> PyResult<Owned<Tuple>> {
        messages::receive_into(self, buffers, ancbufsize, flags)
    }
    /// sendmsg(buffers[, ancdata[, flags[, address]]]) -> count
    ///
    /// Send an iterable of buffers, and one of ancillary data items (level, type, data).
    #[method("sendmsg($self, buffers, ancdata=(), flags=0, address=None, /)", nosig)]
    fn sendmsg(&self, buffers: &Object, ancdata: Option<&Object>, flags: i32, address: Option<&Object>) -> PyResult<isize> {
        messages::send(self, buffers, ancdata, flags, address)
    }
    /// sendmsg_afalg([msg], *, op[, iv[, assoclen[, flags=MSG_MORE]]])
    ///
    /// Send data to the kernel's cryptography, with operation, initialisation vector and length of
    /// associated data.
    #[method("sendmsg_afalg($self, msg=(), *, op=-1, iv=None, assoclen=-1, flags=0)", nosig)]
    fn sendmsg_afalg(&self, msg: Option<&Object>, op: i32, iv: Option<&Object>, assoclen: Option<&Object>, flags: i32) -> PyResult<isize> {
        messages::send_afalg(self, msg, op, iv, assoclen, flags)
    }
}

fn writable(function: &str, object: &Object) -> PyResult<WritableBuffer> {
    match WritableBuffer::new(object) {
        Ok(buffer) => Ok(buffer),
        Err(_) => {
            errors::clear();
            Err(err!(TypeError, "{}() argument 1 must be read-write bytes-like object, not {}", function, object.type_name()))
        }
    }
}
