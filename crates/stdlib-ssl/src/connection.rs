//! `_SSLSocket`: one connection, over a socket or two memory BIOs. How it reads, writes and waits is in `transfer`.

use crate::callbacks;
use crate::certificate::{self, Certificate};
use crate::context::{Context, given};
use crate::errors;
use crate::gate::{Lock, Raw};
use crate::library;
use crate::memory_bio::MemoryBIO;
use crate::session::{Session, SessionRef};
use crate::socket_bio;
use crate::transfer::{self, Socket};
use foreign_types::{ForeignType, ForeignTypeRef};
use macros::{Traverse, pytype};
use openssl::stack::StackRef;
use openssl::x509::X509;
use openssl_sys as sys;
use runtime::errors::PyResult;
use runtime::macro_support::{Args, Buffer, WritableBuffer};
use runtime::object::{Object, ObjectHead, Owned};
use runtime::protocol::number;
use runtime::types::{BaseException, Bytes, Dict, List, Str, none};
use runtime::types::weakref::WeakRef;
use runtime::{PyTyped, err};
use std::cell::{Cell, RefCell};
use std::ffi::{CString, c_char, c_int, c_void};
use std::net::IpAddr;
use std::ptr;

/// OpenSSL's connection.
struct Ssl(*mut sys::SSL);
impl Drop for Ssl {
    fn drop(&mut self) {
        // SAFETY: our reference; no callback finds the dying object.
        unsafe {
            sys::SSL_set_ex_data(self.0, 0, ptr::null_mut());
            sys::SSL_free(self.0);
        }
    }
}

/// What a connection is made over.
pub enum Place<'a> {
    Socket(&'a Object),
    Memory(Owned<MemoryBIO>, Owned<MemoryBIO>),
}

#[derive(Traverse)]
#[repr(C)]
pub struct Connection {
    head: ObjectHead,
    #[traverse(skip)]
    ssl: Ssl,
    #[traverse(skip)]
    pub lock: Lock,
    context: Cell<Option<Owned<Context>>>,
    /// A weak reference to the socket, if the connection is over one.
    #[traverse(skip)]
    pub socket: Option<Owned<WeakRef>>,
    /// Incoming and outgoing, if the connection is over them.
    pub memory: Option<(Owned<MemoryBIO>, Owned<MemoryBIO>)>,
    pub is_server: bool,
    pub sent_shutdown: Cell<bool>,
    owner: Cell<Option<Owned<WeakRef>>>,
    server_hostname: RefCell<Option<Owned>>,
    /// What a callback raised.
    error: Cell<Option<Owned<BaseException>>>,
}

/// A copy of what a cell holds.
fn peek<T: Clone>(cell: &Cell<Option<T>>) -> Option<T> {
    let value = cell.take();
    let copy = value.clone();
    cell.set(value);
    copy
}

impl Connection {
    pub fn create(
        context: &Context,
        place: Place<'_>,
        is_server: bool,
        host: Option<CString>,
        owner: Option<&Object>,
        session: Option<&Object>,
    ) -> PyResult<Owned<Connection>> {
        use crate::context::{PROTOCOL_TLS_CLIENT, PROTOCOL_TLS_SERVER};
        match (context.protocol, is_server) {
            (PROTOCOL_TLS_CLIENT, true) => return Err(errors::message("Cannot create a server socket with a PROTOCOL_TLS_CLIENT context", 907)),
            (PROTOCOL_TLS_SERVER, false) => return Err(errors::message("Cannot create a client socket with a PROTOCOL_TLS_SERVER context", 914)),
            _ => {}
        }
        errors::clear();
        let raw = Raw(context.as_ptr());
        // SAFETY: a live context; the pointer goes straight into its owner.
        let ssl = Ssl(context.lock.quick(move || Raw(unsafe { sys::SSL_new(raw.get()) })).get());
        if ssl.0.is_null() {
            return Err(errors::library(941));
        }
        let (socket, memory) = match place {
            Place::Socket(socket) => (Some(WeakRef::new(socket, None)?), None),
            Place::Memory(incoming, outgoing) => (None, Some((incoming, outgoing))),
        };
        let connection = Connection {
            head: ObjectHead::placeholder(),
            ssl,
            lock: Lock::default(),
            context: Cell::new(Some(Owned::from_ref(context))),
            socket,
            memory,
            is_server,
            sent_shutdown: Cell::new(false),
            owner: Cell::new(None),
            server_hostname: RefCell::default(),
            error: Cell::new(None),
        };
        let connection = Self::construct(Self::type_object(), connection)?;
        connection.attach(context)?;
        if let Some(host) = host {
            connection.set_host(context, &host)?;
        }
        if let Some(owner) = owner.filter(|owner| !owner.is_none()) {
            connection.owner.set(Some(WeakRef::new(owner, None)?));
        }
        if let Some(session) = session.filter(|session| !session.is_none()) {
            connection.use_session(session)?;
        }
        Ok(connection)
    }

    /// Connects OpenSSL's object with this one and with what it reads from.
    fn attach(&self, context: &Context) -> PyResult<()> {
        let ssl = self.ssl.0;
        // SAFETY: a live connection; BIOs get references for it; callbacks find this object until it dies.
        unsafe {
            sys::SSL_set_ex_data(ssl, 0, ptr::from_ref(self) as *mut c_void);
            match (&self.memory, &self.socket) {
                (Some((incoming, outgoing)), _) => {
                    library::BIO_up_ref(incoming.bio.as_ptr());
                    library::BIO_up_ref(outgoing.bio.as_ptr());
                    sys::SSL_set_bio(ssl, incoming.bio.as_ptr(), outgoing.bio.as_ptr());
                }
                (None, socket) => {
                    let fd = socket.as_ref().and_then(|socket| socket.get()).map_or(-1, |socket| Socket::of(&socket).fd());
                    let bio = socket_bio::new(fd);
                    if bio.is_null() {
                        return Err(runtime::errors::no_memory());
                    }
                    sys::SSL_set_bio(ssl, bio, bio);
                }
            }
            let mode = sys::SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | sys::SSL_MODE_AUTO_RETRY;
            sys::SSL_ctrl(ssl, sys::SSL_CTRL_MODE, mode as _, ptr::null_mut());
            if context.post_handshake_auth.get() {
                if !self.is_server {
                    library::SSL_set_post_handshake_auth(ssl, 1);
                } else if sys::SSL_get_verify_mode(ssl) & sys::SSL_VERIFY_PEER != 0 {
                    let mode = sys::SSL_get_verify_mode(ssl) | library::SSL_VERIFY_POST_HANDSHAKE;
                    sys::SSL_set_verify(ssl, mode, library::SSL_get_verify_callback(ssl));
                }
            }
            if self.is_server { sys::SSL_set_accept_state(ssl) } else { sys::SSL_set_connect_state(ssl) }
        }
        Ok(())
    }

    /// The name that is sent to the server and that its certificate must be for.
    fn set_host(&self, context: &Context, host: &CString) -> PyResult<()> {
        let bytes = host.as_bytes();
        if bytes.is_empty() || bytes[0] == b'.' {
            return Err(err!(ValueError, "server_hostname cannot be an empty string or start with a leading dot."));
        }
        let text = host.to_str().unwrap_or_default();
        self.server_hostname.replace(Some(Str::new(text).into_object()));
        let address: Option<Vec<u8>> = text.parse::<IpAddr>().ok().map(|address| match address {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        });
        // SAFETY: a live connection; names are copied.
        unsafe {
            if address.is_none() && sys::SSL_ctrl(self.ssl.0, sys::SSL_CTRL_SET_TLSEXT_HOSTNAME, 0, host.as_ptr() as *mut c_void) == 0 {
                return Err(errors::library(864));
            }
            if context.check_hostname.get() {
                let parameters = sys::SSL_get0_param(self.ssl.0);
                let done = match &address {
                    None => sys::X509_VERIFY_PARAM_set1_host(parameters, host.as_ptr(), bytes.len()),
                    Some(address) => sys::X509_VERIFY_PARAM_set1_ip(parameters, address.as_ptr(), address.len()),
                };
                if done == 0 {
                    return Err(errors::library(874));
                }
            }
        }
        Ok(())
    }

    /// The object of OpenSSL's connection.
    /// # Safety
    /// OpenSSL calls back, and the GIL is held.
    pub unsafe fn of(ssl: *const sys::SSL) -> Option<Owned<Connection>> {
        // SAFETY: the object takes itself out of its connection when it dies.
        unsafe {
            let connection = sys::SSL_get_ex_data(ssl, 0) as *const Connection;
            if connection.is_null() || (*connection).as_object().refcount() == 0 { None } else { Some(Owned::from_ref(&*connection)) }
        }
    }
    pub fn as_ptr(&self) -> *mut sys::SSL {
        self.ssl.0
    }
    pub fn context(&self) -> Option<Owned<Context>> {
        peek(&self.context)
    }
    /// The object that callbacks get for the connection: its owner, its socket, or itself. None if that is dead.
    pub fn shown(&self) -> Owned {
        let reference = peek(&self.owner).or_else(|| self.socket.clone());
        match reference {
            Some(reference) => reference.get().unwrap_or_else(|| none().to_owned()),
            None => self.as_object().to_owned(),
        }
    }
    /// Puts the current exception aside, for the operation in which a callback raised it.
    pub fn keep_error(&self) {
        drop(self.error.replace(runtime::errors::take()));
    }
    pub fn take_error(&self) -> Option<Owned<BaseException>> {
        self.error.take()
    }
    /// A short question to OpenSSL.
    fn ask<T: Send>(&self, f: impl FnOnce(*mut sys::SSL) -> T + Send) -> T {
        let ssl = Raw(self.ssl.0);
        self.lock.quick(move || f(ssl.get()))
    }
    fn is_ready(&self) -> bool {
        // SAFETY: a live connection.
        self.ask(|ssl| unsafe { sys::SSL_is_init_finished(ssl) != 0 })
    }
    fn peer(&self) -> Option<X509> {
        // SAFETY: a reference for us, or NULL.
        let certificate = self.ask(|ssl| Raw(unsafe { sys::SSL_get1_peer_certificate(ssl) }));
        if certificate.get().is_null() { None } else { Some(unsafe { X509::from_ptr(certificate.get()) }) }
    }
    /// What the verification of the peer's certificate came to, in words.
    pub fn verification(&self) -> PyResult<(i64, Owned)> {
        const HOSTNAME_MISMATCH: i64 = 62;
        const IP_ADDRESS_MISMATCH: i64 = 64;
        // SAFETY: a live connection, and static strings.
        let result = self.ask(|ssl| unsafe { sys::SSL_get_verify_result(ssl) });
        let host = || self.server_hostname.borrow().as_ref().and_then(|host| host.downcast::<Str>().map(|host| host.to_string_lossy().into_owned())).unwrap_or_else(|| "None".to_string());
        let words = match result {
            HOSTNAME_MISMATCH => format!("Hostname mismatch, certificate is not valid for '{}'.", host()),
            IP_ADDRESS_MISMATCH => format!("IP address mismatch, certificate is not valid for '{}'.", host()),
            // SAFETY: as above.
            result => crate::paths::static_text(unsafe { sys::X509_verify_cert_error_string(result) }).to_string(),
        };
        Ok((result, Str::new(&words).into_object()))
    }
    fn use_session(&self, value: &Object) -> PyResult<()> {
        let Some(session) = value.downcast::<Session>() else { return Err(err!(TypeError, "Value is not a SSLSession.")) };
        let same = self.context().is_some_and(|context| context.as_ptr() == session.context.as_ptr());
        if !same {
            return Err(err!(ValueError, "Session refers to a different SSLContext."));
        }
        if self.is_server {
            return Err(err!(ValueError, "Cannot set session for server-side SSLSocket."));
        }
        if self.is_ready() {
            return Err(err!(ValueError, "Cannot set session after handshake."));
        }
        let copy = session.session.duplicate()?;
        let raw = Raw(copy.as_ptr());
        // SAFETY: the connection takes a reference of its own.
        if self.ask(move |ssl| unsafe { sys::SSL_set_session(ssl, raw.get()) }) == 0 {
            return Err(errors::library(3065));
        }
        Ok(())
    }
    /// A list of certificates that the connection has.
    fn chain(&self, which: unsafe extern "C" fn(*const sys::SSL) -> *mut sys::stack_st_X509) -> PyResult<Option<Owned<List>>> {
        // SAFETY: the connection's own list: shared out while the connection is locked.
        let shared: Option<Vec<Raw<sys::X509>>> = self.ask(|ssl| unsafe {
            let chain = which(ssl);
            if chain.is_null() {
                return None;
            }
            let chain = StackRef::<X509>::from_ptr(chain);
            Some(chain.iter().map(|certificate| Raw(std::mem::ManuallyDrop::new(certificate::share(certificate)).as_ptr())).collect())
        });
        let Some(shared) = shared else { return Ok(None) };
        // SAFETY: the references made above.
        let certificates: Vec<X509> = shared.iter().map(|certificate| unsafe { X509::from_ptr(certificate.get()) }).collect();
        let list = List::new();
        for certificate in certificates {
            list.push(Certificate::create(certificate)?.into_object())?;
        }
        Ok(Some(list))
    }
}

/// (name, protocol, bits) of a cipher suite.
type CipherTuple = (Option<&'static str>, Option<&'static str>, i32);

fn cipher_tuple(cipher: *const sys::SSL_CIPHER) -> CipherTuple {
    let text = |text: *const c_char| if text.is_null() { None } else { Some(crate::paths::static_text(text)) };
    // SAFETY: ciphers are static.
    unsafe { (text(sys::SSL_CIPHER_get_name(cipher)), text(sys::SSL_CIPHER_get_version(cipher)), sys::SSL_CIPHER_get_bits(cipher, ptr::null_mut())) }
}

#[pytype(static = Connection_Type, name = "_SSLSocket", module = "_ssl", flags = HAVE_GC | IMMUTABLETYPE | DISALLOW_INSTANTIATION, native, final)]
impl Connection {
    #[method("do_handshake($self, /)")]
    fn do_handshake(&self) -> PyResult<()> {
        transfer::handshake(self)
    }
    /// Write bytes, and give their number.
    #[method("write($self, b, /)")]
    fn write(&self, b: Buffer) -> PyResult<i32> {
        transfer::write(self, &b)
    }
    /// read(size, [buffer])
    /// Read up to size bytes, as bytes or into a buffer.
    #[method("read($self, *args)", nosig)]
    fn read(&self, args: Args<'_>) -> PyResult<Owned> {
        let (size, buffer) = match args {
            [size] => (number::as_i32(size)?, None),
            [size, buffer] => (number::as_i32(size)?, Some(writable(buffer)?)),
            _ => return Err(err!(TypeError, "_ssl._SSLSocket.read requires 1 to 2 arguments")),
        };
        transfer::read(self, size, buffer)
    }
    /// How many bytes are decrypted and wait to be read.
    #[method("pending($self, /)")]
    fn pending(&self) -> i32 {
        // SAFETY: a live connection.
        self.ask(|ssl| unsafe { sys::SSL_pending(ssl) })
    }
    /// The peer's certificate.
    ///
    /// None if there is none, an empty dict if it was not verified, else a dict with
    /// what it says. With der=True the certificate itself as bytes (DER), verified or
    /// not.
    #[method("getpeercert($self, der=False, /)")]
    fn getpeercert(&self, der: bool) -> PyResult<Option<Owned>> {
        if !self.is_ready() {
            return Err(err!(ValueError, "handshake not done yet"));
        }
        let Some(certificate) = self.peer() else { return Ok(None) };
        if der {
            return Ok(Some(certificate::der(&certificate)?.into_object()));
        }
        // SAFETY: a live connection and its context.
        let mode = self.ask(|ssl| unsafe { sys::SSL_CTX_get_verify_mode(sys::SSL_get_SSL_CTX(ssl)) });
        Ok(Some(if mode & sys::SSL_VERIFY_PEER == 0 { Dict::new() } else { certificate::decode(&certificate)? }.into_object()))
    }
    /// Data that binds another protocol to this connection, as bytes; None before the handshake.
    ///
    /// The type can only be 'tls-unique' (RFC 5929); others are a ValueError.
    #[method("get_channel_binding($self, /, cb_type='tls-unique')")]
    fn get_channel_binding(&self, cb_type: Option<&str>) -> PyResult<Option<Owned<Bytes>>> {
        let kind = cb_type.unwrap_or("tls-unique");
        if kind != "tls-unique" {
            return Err(err!(ValueError, "'{}' channel binding type not implemented", kind));
        }
        let is_server = self.is_server;
        let (data, length) = self.ask(|ssl| {
            let mut data = [0u8; 128];
            // SAFETY: room for so many bytes. The message is the first "finished" of the handshake.
            let length = unsafe {
                let get = if (sys::SSL_session_reused(ssl) != 0) != is_server { sys::SSL_get_peer_finished } else { sys::SSL_get_finished };
                get(ssl, data.as_mut_ptr().cast(), data.len())
            };
            (data, length)
        });
        Ok(if length == 0 { None } else { Some(Bytes::new(&data[..length.min(data.len())])) })
    }
    #[method("cipher($self, /)")]
    fn cipher(&self) -> Option<CipherTuple> {
        // SAFETY: a live connection; ciphers are static.
        let cipher = self.ask(|ssl| Raw(unsafe { sys::SSL_get_current_cipher(ssl) } as *mut sys::SSL_CIPHER)).get();
        if cipher.is_null() { None } else { Some(cipher_tuple(cipher)) }
    }
    #[method("shared_ciphers($self, /)")]
    fn shared_ciphers(&self) -> PyResult<Option<Owned<List>>> {
        use runtime::macro_support::IntoPy;
        // SAFETY: the connection's own list; ciphers are static.
        let found: Option<Vec<CipherTuple>> = self.ask(|ssl| unsafe {
            let (own, client) = (library::SSL_get_ciphers(ssl) as *const sys::OPENSSL_STACK, library::SSL_get_client_ciphers(ssl));
            if own.is_null() || client.is_null() {
                return None;
            }
            let client = client as *const sys::OPENSSL_STACK;
            let all = |list| (0..sys::OPENSSL_sk_num(list)).map(move |at| sys::OPENSSL_sk_value(list, at) as *const sys::SSL_CIPHER);
            // Ciphers are static: the same one has the same address.
            Some(all(own).filter(|&cipher| all(client).any(|offered| offered == cipher)).map(cipher_tuple).collect())
        });
        let Some(found) = found else { return Ok(None) };
        let list = List::new();
        for cipher in found {
            list.push(cipher.into_py()?)?;
        }
        Ok(Some(list))
    }
    #[method("version($self, /)")]
    fn version(&self) -> Option<&'static str> {
        if !self.is_ready() {
            return None;
        }
        // SAFETY: a static string.
        let version = self.ask(|ssl| Raw(unsafe { sys::SSL_get_version(ssl) } as *mut c_char)).get();
        Some(crate::paths::static_text(version)).filter(|version| *version != "unknown")
    }
    #[method("selected_alpn_protocol($self, /)")]
    fn selected_alpn_protocol(&self) -> PyResult<Option<Owned<Str>>> {
        let name = self.ask(|ssl| {
            let (mut data, mut length) = (ptr::null(), 0);
            // SAFETY: the connection owns the name, which is copied.
            unsafe {
                sys::SSL_get0_alpn_selected(ssl, &mut data, &mut length);
                if data.is_null() { None } else { Some(std::slice::from_raw_parts(data, length as usize).to_vec()) }
            }
        });
        name.map(|name| runtime::codecs::decode(&name, Some("utf-8"), None)).transpose()
    }
    #[method("compression($self, /)")]
    fn compression(&self) -> Option<&'static str> {
        // OpenSSL is built without compression, as it has long been advised.
        None
    }
    /// Do the shutdown handshake with the other side.
    #[method("shutdown($self, /)")]
    fn shutdown(&self) -> PyResult<Owned> {
        transfer::shutdown(self)
    }
    /// Ask the client for its certificate after the handshake (TLS 1.3).
    #[method("verify_client_post_handshake($self, /)")]
    fn verify_client_post_handshake(&self) -> PyResult<()> {
        // SAFETY: a live connection.
        if self.ask(|ssl| unsafe { library::SSL_verify_client_post_handshake(ssl) }) == 0 {
            return Err(errors::library(2974));
        }
        Ok(())
    }
    #[method("get_unverified_chain($self, /)")]
    fn get_unverified_chain(&self) -> PyResult<Option<Owned<List>>> {
        let Some(chain) = self.chain(sys::SSL_get_peer_cert_chain)? else { return Ok(None) };
        if self.is_server {
            // A server's list leaves the client's own certificate out.
            let own = match self.peer() {
                Some(certificate) => Certificate::create(certificate)?.into_object(),
                None => none().to_owned(),
            };
            chain.insert(0, &own)?;
        }
        Ok(Some(chain))
    }
    #[method("get_verified_chain($self, /)")]
    fn get_verified_chain(&self) -> PyResult<Option<Owned<List>>> {
        self.chain(sys::SSL_get0_verified_chain)
    }
    /// The connection's context; a new one may be set.
    ///
    /// An sni_callback does that, to choose the certificate for the server that the
    /// client has named, before the cryptography begins.
    #[getter("context")]
    fn get_context(&self) -> Option<Owned<Context>> {
        self.context()
    }
    #[setter("context")]
    fn set_context(&self, value: Option<&Object>) -> PyResult<()> {
        let Some(context) = given(value, "context", "_SSLSocket")?.downcast::<Context>() else {
            return Err(err!(TypeError, "The value must be a SSLContext"));
        };
        let raw = Raw(context.as_ptr());
        let callback = callbacks::message_callback(context.msg_callback.borrow().is_some());
        // SAFETY: a live connection, which takes a reference to the context.
        let done = self.ask(move |ssl| unsafe {
            let done = sys::SSL_set_SSL_CTX(ssl, raw.get());
            library::SSL_set_msg_callback(ssl, callback);
            !done.is_null()
        });
        if !done {
            return Err(errors::library(2262));
        }
        drop(self.context.replace(Some(Owned::from_ref(context))));
        Ok(())
    }
    /// Whether this is the server's side.
    #[getter]
    fn server_side(&self) -> bool {
        self.is_server
    }
    /// The server's name, which a client sends (SNI).
    #[getter("server_hostname")]
    fn get_server_hostname(&self) -> Option<Owned> {
        self.server_hostname.borrow().clone()
    }
    /// The Python object that owns this one; it is what callbacks get.
    #[getter("owner")]
    fn get_owner(&self) -> Option<Owned> {
        peek(&self.owner).and_then(|owner| owner.get())
    }
    #[setter("owner")]
    fn set_owner(&self, value: Option<&Object>) -> PyResult<()> {
        let reference = WeakRef::new(given(value, "owner", "_SSLSocket")?, None)?;
        drop(self.owner.replace(Some(reference)));
        Ok(())
    }
    /// The connection's session (SSLSession).
    #[getter("session")]
    fn get_session(&self) -> PyResult<Option<Owned<Session>>> {
        // SAFETY: a reference for us, or NULL.
        let session = self.ask(|ssl| Raw(unsafe { library::SSL_get1_session(ssl) }));
        // SAFETY: as above.
        let (Some(session), Some(context)) = (unsafe { SessionRef::from_raw(session.get()) }, self.context()) else { return Ok(None) };
        Session::create(session, context).map(Some)
    }
    #[setter("session")]
    fn set_session(&self, value: Option<&Object>) -> PyResult<()> {
        self.use_session(given(value, "session", "_SSLSocket")?)
    }
    /// Whether the handshake took up a session of before.
    #[getter]
    fn session_reused(&self) -> bool {
        // SAFETY: a live connection.
        self.ask(|ssl| unsafe { sys::SSL_session_reused(ssl) != 0 as c_int })
    }
}

fn writable(object: &Object) -> PyResult<WritableBuffer> {
    WritableBuffer::new(object).map_err(|_| {
        runtime::errors::clear();
        err!(TypeError, "read() argument 2 must be read-write bytes-like object, not {}", object.type_name())
    })
}
