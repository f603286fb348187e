//! Handshake, reading, writing and shutdown of a connection, with the timeouts of its socket.
//!
//! OpenSSL never blocks (`socket_bio`): when it wants to read or write, the wait is a poll without any lock, as long as the socket's timeout says.

use crate::connection::Connection;
use crate::errors::{self, Outcome, SSLError_Type};
use crate::gate::{Raw, away, hold};
use crate::library;
use openssl_sys as sys;
use runtime::errors::{PyResult, Raised};
use runtime::macro_support::WritableBuffer;
use runtime::object::{Object, ObjectHead, Owned, Type};
use runtime::protocol::object;
use runtime::types::{Bytes, Capsule, GilCell, Int, none};
use runtime::{PyTyped, err, gil};
use std::cell::{Cell, OnceCell};
use std::ffi::{c_int, c_void};
use std::time::{Duration, Instant};

// ---- the socket --------------------------------------------------------------------------------------------------------------------

/// CPython's `PySocketSockObject`, as far as it is looked into; `_socket` makes its objects so.
#[repr(C)]
pub struct Socket {
    head: ObjectHead,
    fd: Cell<c_int>,
    _family: Cell<c_int>,
    _kind: Cell<c_int>,
    _proto: Cell<c_int>,
    _error_handler: Cell<*const c_void>,
    /// Nanoseconds; 0 does not block, -1 has no end.
    timeout: Cell<i64>,
}

/// `_socket.socket`, from the capsule that `_socket` offers to C code.
fn socket_type() -> PyResult<&'static Type> {
    static TYPE: GilCell<OnceCell<&'static Type>> = GilCell(OnceCell::new());
    if let Some(found) = TYPE.0.get() {
        return Ok(found);
    }
    let module = runtime::import::import_module("_socket")?;
    let api = object::get_attr_str(&module, "CAPI")?;
    let Some(capsule) = api.downcast::<Capsule>().filter(|_| Capsule::is_valid(&api, Some(c"_socket.CAPI"))) else {
        return Err(err!(ImportError, "_socket.CAPI is not valid"));
    };
    // SAFETY: the capsule holds a table that begins with the type, which lives as long as the process.
    let found = unsafe { Type::from_type_ptr(*(capsule.0.pointer.get() as *const *mut abi::PyTypeObject)) };
    Ok(TYPE.0.get_or_init(|| found))
}

/// That an argument is a socket.
pub fn check_socket(sock: &Object) -> PyResult<()> {
    if sock.ty().is_subtype(socket_type()?) {
        return Ok(());
    }
    Err(err!(TypeError, "_wrap_socket() argument 'sock' must be _socket.socket, not {}", sock.type_name()))
}

impl Socket {
    /// A socket that `check_socket` has seen.
    pub fn of(socket: &Object) -> &Socket {
        // SAFETY: connections are made over nothing else.
        unsafe { &*(socket.as_ptr() as *const Socket) }
    }
    pub fn fd(&self) -> c_int {
        self.fd.get()
    }
}

/// The socket of a connection over one; an error if that is dead.
fn socket_of(connection: &Connection, line: u32) -> PyResult<Option<Owned>> {
    match &connection.socket {
        None => Ok(None),
        Some(reference) => reference.get().map(Some).ok_or_else(|| errors::message("Underlying socket connection gone", line)),
    }
}

// ---- waiting -----------------------------------------------------------------------------------------------------------------------

/// How long an operation may take.
struct Limit<'a> {
    socket: Option<&'a Socket>,
    deadline: Option<Instant>,
}

enum Ready {
    Yes,
    /// The socket does not block, or there is none.
    NotBlocking,
    TimedOut,
    Closed,
}

impl<'a> Limit<'a> {
    fn new(socket: Option<&'a Owned>) -> Limit<'a> {
        let socket = socket.map(|socket| Socket::of(socket));
        let timeout = socket.map_or(0, |socket| socket.timeout.get());
        let deadline = if timeout > 0 { Instant::now().checked_add(Duration::from_nanos(timeout as u64)) } else { None };
        Limit { socket, deadline }
    }
    fn has_timeout(&self) -> bool {
        self.deadline.is_some()
    }
    fn wait(&self, writing: bool) -> Ready {
        let Some(socket) = self.socket else { return Ready::NotBlocking };
        if self.deadline.is_none() && socket.timeout.get() == 0 {
            return Ready::NotBlocking;
        }
        let left = match self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())) {
            None => -1,
            Some(Duration::ZERO) => return Ready::TimedOut,
            Some(left) => left.as_nanos().div_ceil(1_000_000).min(c_int::MAX as u128) as c_int,
        };
        if socket.fd() < 0 {
            return Ready::Closed;
        }
        let mut entry = libc::pollfd { fd: socket.fd(), events: if writing { libc::POLLOUT } else { libc::POLLIN }, revents: 0 };
        let at = Raw(&raw mut entry);
        // SAFETY: one entry.
        match away(move || unsafe { libc::poll(at.get(), 1, left) }) {
            0 => Ready::TimedOut,
            _ => Ready::Yes,
        }
    }
    /// Waits for what OpenSSL wants.
    fn wait_for(&self, outcome: Outcome) -> Ready {
        match outcome.error {
            sys::SSL_ERROR_WANT_READ => self.wait(false),
            sys::SSL_ERROR_WANT_WRITE => self.wait(true),
            _ => Ready::Yes,
        }
    }
}

impl Outcome {
    fn wants_another_try(self) -> bool {
        matches!(self.error, sys::SSL_ERROR_WANT_READ | sys::SSL_ERROR_WANT_WRITE)
    }
}

// ---- operations --------------------------------------------------------------------------------------------------------------------

/// One call of OpenSSL's without the GIL, with the connection and what it reads from to itself.
fn run(connection: &Connection, operation: impl FnOnce(*mut sys::SSL) -> c_int + Send) -> PyResult<Outcome> {
    if connection.lock.is_mine() {
        return Err(err!(RuntimeError, "the connection is in the middle of an operation"));
    }
    let ssl = Raw(connection.as_ptr());
    let memory = connection.memory.as_ref();
    let locks = [Some(&connection.lock), memory.map(|memory| &memory.0.lock), memory.map(|memory| &memory.1.lock)];
    Ok(away(move || {
        let _held = hold(locks);
        errors::clear();
        let result = operation(ssl.get());
        if result > 0 {
            return Outcome { result, error: 0, errno: 0 };
        }
        // SAFETY: the thread's own errno, and a live connection.
        let errno = unsafe { *libc::__errno_location() };
        Outcome { result, error: unsafe { sys::SSL_get_error(ssl.get(), result) }, errno }
    }))
}

fn timed_out(words: &str) -> Raised {
    err!(TimeoutError, "{}", words)
}

fn ssl_error(words: &str) -> Raised {
    runtime::errors::raise(&SSLError_Type, format_args!("{words}"))
}

/// What a callback raised comes first; the operation's own error is its context.
fn finish<T>(connection: &Connection, result: PyResult<T>) -> PyResult<T> {
    let Some(error) = connection.take_error() else { return result };
    let raised = match result {
        Ok(_) => return Err(runtime::errors::restore(error)),
        Err(raised) => raised,
    };
    // As `_PyErr_ChainExceptions1`: the error that is set stays, with the callback's as context.
    Err(runtime::errors::with_context(raised, Some(error)))
}

fn failed(connection: &Connection, outcome: Outcome, line: u32) -> Raised {
    errors::operation(outcome, line, || connection.verification())
}

pub fn handshake(connection: &Connection) -> PyResult<()> {
    let socket = socket_of(connection, 1059)?;
    let limit = Limit::new(socket.as_ref());
    finish(connection, negotiate(connection, &limit))
}

fn negotiate(connection: &Connection, limit: &Limit<'_>) -> PyResult<()> {
    loop {
        // SAFETY: a live connection.
        let outcome = run(connection, |ssl| unsafe { sys::SSL_do_handshake(ssl) })?;
        gil::check_signals()?;
        match limit.wait_for(outcome) {
            Ready::TimedOut => return Err(timed_out("_ssl.c:1109: The handshake operation timed out")),
            Ready::Closed => return Err(ssl_error("_ssl.c:1113: Underlying socket has been closed.")),
            Ready::Yes if outcome.wants_another_try() => {}
            _ if outcome.result < 1 => return Err(failed(connection, outcome, 1127)),
            _ => return Ok(()),
        }
    }
}

pub fn write(connection: &Connection, data: &[u8]) -> PyResult<c_int> {
    let socket = socket_of(connection, 2528)?;
    let Ok(length) = c_int::try_from(data.len()) else { return Err(err!(OverflowError, "string longer than {} bytes", c_int::MAX)) };
    let limit = Limit::new(socket.as_ref());
    finish(connection, send(connection, &limit, Raw(data.as_ptr() as *mut u8), length))
}

fn send(connection: &Connection, limit: &Limit<'_>, data: Raw<u8>, length: c_int) -> PyResult<c_int> {
    if limit.has_timeout() {
        match limit.wait(true) {
            Ready::TimedOut => return Err(timed_out("The write operation timed out")),
            Ready::Closed => return Err(ssl_error("Underlying socket has been closed.")),
            _ => {}
        }
    }
    loop {
        // SAFETY: the caller's buffer.
        let outcome = run(connection, move |ssl| unsafe {
            let mut written = 0;
            // Unlike SSL_write, it knows success from failure when there is nothing to write.
            let done = sys::SSL_write_ex(ssl, data.get() as *const c_void, length as usize, &mut written);
            if done > 0 && written > 0 { written as c_int } else if done > 0 { c_int::MAX } else { done }
        })?;
        gil::check_signals()?;
        match limit.wait_for(outcome) {
            Ready::TimedOut => return Err(timed_out("The write operation timed out")),
            Ready::Closed => return Err(ssl_error("Underlying socket has been closed.")),
            Ready::Yes if outcome.wants_another_try() => {}
            _ if outcome.result <= 0 => return Err(failed(connection, outcome, 2606)),
            _ => return Ok(outcome.result.min(length)),
        }
    }
}

pub fn read(connection: &Connection, size: c_int, buffer: Option<WritableBuffer>) -> PyResult<Owned> {
    let wanted = match &buffer {
        None => usize::try_from(size).map_err(|_| err!(ValueError, "size should not be negative"))?,
        Some(buffer) => match usize::try_from(size) {
            Ok(size) if size > 0 && size <= buffer.len() => size,
            _ => buffer.len(),
        },
    };
    let Ok(length) = c_int::try_from(wanted) else { return Err(err!(OverflowError, "maximum length can't fit in a C 'int'")) };
    let socket = socket_of(connection, 2685)?;
    let limit = Limit::new(socket.as_ref());
    match buffer {
        Some(mut buffer) => {
            let count = if length == 0 { 0 } else { finish(connection, receive(connection, &limit, Raw(buffer.as_mut_ptr()), length))? };
            Ok(Int::from_i64(count as i64).into_object())
        }
        None if length == 0 => Ok(Bytes::empty().as_object().to_owned()),
        None => {
            let mut data: Vec<u8> = Vec::new();
            if data.try_reserve_exact(wanted).is_err() {
                return Err(runtime::errors::no_memory());
            }
            let count = finish(connection, receive(connection, &limit, Raw(data.as_mut_ptr()), length))?;
            // SAFETY: so many bytes were written.
            unsafe { data.set_len((count as usize).min(wanted)) };
            Ok(Bytes::try_new(&data)?.into_object())
        }
    }
}

fn receive(connection: &Connection, limit: &Limit<'_>, out: Raw<u8>, length: c_int) -> PyResult<c_int> {
    loop {
        // SAFETY: the caller's room.
        let outcome = run(connection, move |ssl| unsafe { sys::SSL_read(ssl, out.get().cast(), length) })?;
        gil::check_signals()?;
        // SAFETY: a live connection.
        if outcome.error == sys::SSL_ERROR_ZERO_RETURN && unsafe { sys::SSL_get_shutdown(connection.as_ptr()) } == sys::SSL_RECEIVED_SHUTDOWN {
            return Ok(0);
        }
        match limit.wait_for(outcome) {
            Ready::TimedOut => return Err(timed_out("The read operation timed out")),
            Ready::Yes if outcome.wants_another_try() => {}
            _ if outcome.result <= 0 => return Err(failed(connection, outcome, 2768)),
            _ => return Ok(outcome.result),
        }
    }
}

pub fn shutdown(connection: &Connection) -> PyResult<Owned> {
    const GONE: u32 = 2813;
    let socket = socket_of(connection, GONE)?;
    if socket.as_ref().is_some_and(|socket| Socket::of(socket).fd() < 0) {
        return Err(errors::message("Underlying socket connection gone", GONE));
    }
    let limit = Limit::new(socket.as_ref());
    finish(connection, close(connection, &limit))?;
    Ok(socket.unwrap_or_else(|| none().to_owned()))
}

fn close(connection: &Connection, limit: &Limit<'_>) -> PyResult<()> {
    let mut unanswered = 0;
    loop {
        let sent = connection.sent_shutdown.get();
        let outcome = run(connection, move |ssl| {
            // SAFETY: a live connection. Read-ahead would swallow what follows the shutdown in clear.
            unsafe {
                if sent {
                    library::SSL_set_read_ahead(ssl, 0);
                }
                sys::SSL_shutdown(ssl)
            }
        })?;
        match outcome.result {
            0 => {
                unanswered += 1;
                if unanswered > 1 {
                    return Ok(());
                }
                // It is sent: now for the other side's.
                connection.sent_shutdown.set(true);
                continue;
            }
            1.. => return Ok(()),
            _ => {}
        }
        gil::check_signals()?;
        if !outcome.wants_another_try() {
            return Err(failed(connection, outcome, 2896));
        }
        let reading = outcome.error == sys::SSL_ERROR_WANT_READ;
        match limit.wait_for(outcome) {
            Ready::TimedOut if reading => return Err(timed_out("The read operation timed out")),
            Ready::TimedOut => return Err(timed_out("The write operation timed out")),
            Ready::Yes => {}
            _ => return Err(failed(connection, outcome, 2896)),
        }
    }
}
