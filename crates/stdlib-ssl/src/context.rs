//! `_SSLContext`: what connections have in common. Certificates are in `credentials` and `trust`, callbacks in `callbacks`.

use crate::callbacks;
use crate::connection::{Connection, Place};
use crate::errors;
use crate::gate::Lock;
use crate::library;
use crate::memory_bio::MemoryBIO;
use crate::paths::fs_converter;
use macros::{Traverse, pytype};
use openssl_sys as sys;
use runtime::errors::PyResult;
use runtime::macro_support::Buffer;
use runtime::object::{Object, ObjectHead, Owned, Type};
use runtime::protocol::{number, object};
use runtime::types::{Dict, Int, List, Str, none};
use runtime::{codecs, err, exceptions};
use std::cell::{Cell, RefCell};
use std::ffi::{CStr, CString, c_char, c_int, c_long, c_void};
use std::fs::File;
use std::os::unix::ffi::OsStrExt;
use std::ptr;
use std::sync::{Arc, OnceLock};

pub const PROTOCOL_TLS: i32 = 2;
const PROTOCOL_TLSV1: i32 = 3;
const PROTOCOL_TLSV1_1: i32 = 4;
const PROTOCOL_TLSV1_2: i32 = 5;
pub const PROTOCOL_TLS_CLIENT: i32 = 0x10;
pub const PROTOCOL_TLS_SERVER: i32 = 0x11;

pub const PROTO_MINIMUM_SUPPORTED: c_long = -2;
pub const PROTO_MAXIMUM_SUPPORTED: c_long = -1;
const SSLV3: c_long = 0x300;
const TLSV1: c_long = 0x301;
const TLSV1_1: c_long = 0x302;
const TLSV1_3: c_long = 0x304;

pub const CERT_NONE: i32 = 0;
pub const CERT_OPTIONAL: i32 = 1;
pub const CERT_REQUIRED: i32 = 2;

/// A reference to OpenSSL's context, and the way from there to the object.
struct ContextRef {
    context: *mut sys::SSL_CTX,
    handle: *const Handle,
}

/// What OpenSSL's callbacks get to find the object by; it lives as long as OpenSSL's context, which connections may keep longer than the object lives.
pub struct Handle(Cell<*const Context>);

impl Handle {
    /// The object, if it lives; with the GIL.
    pub fn object(&self) -> Option<Owned<Context>> {
        let context = self.0.get();
        // SAFETY: not NULL as long as the object has its memory; a count of 0 says that it is being torn down.
        unsafe { if context.is_null() || (*context).as_object().refcount() == 0 { None } else { Some(Owned::from_ref(&*context)) } }
    }
}

impl ContextRef {
    fn new(method: *const sys::SSL_METHOD) -> Option<ContextRef> {
        // SAFETY: a method table; the context frees the handle at its end.
        unsafe {
            let context = sys::SSL_CTX_new(method);
            if context.is_null() {
                return None;
            }
            let handle = Box::into_raw(Box::new(Handle(Cell::new(ptr::null()))));
            if sys::SSL_CTX_set_ex_data(context, handle_index(), handle.cast()) == 0 {
                drop(Box::from_raw(handle));
                sys::SSL_CTX_free(context);
                return None;
            }
            Some(ContextRef { context, handle })
        }
    }
}

impl Drop for ContextRef {
    fn drop(&mut self) {
        // SAFETY: our reference; callbacks do not find the object from here on.
        unsafe {
            (*self.handle).0.set(ptr::null());
            sys::SSL_CTX_free(self.context)
        }
    }
}

/// Where handles are in OpenSSL's contexts.
fn handle_index() -> c_int {
    static INDEX: OnceLock<c_int> = OnceLock::new();
    unsafe extern "C" fn free(_: *mut c_void, handle: *mut c_void, _: *mut c_void, _: c_int, _: c_long, _: *mut c_void) {
        if !handle.is_null() {
            // SAFETY: a handle of `ContextRef::new`, of which this is the end.
            drop(unsafe { Box::from_raw(handle as *mut Handle) });
        }
    }
    // SAFETY: a new index for contexts.
    *INDEX.get_or_init(|| unsafe { library::CRYPTO_get_ex_new_index(library::EX_INDEX_SSL_CTX, 0, ptr::null_mut(), None, None, Some(free)) })
}

/// A callback that is a Python object.
pub type Callback = RefCell<Option<Owned>>;

#[derive(Traverse)]
#[repr(C)]
pub struct Context {
    head: ObjectHead,
    #[traverse(skip)]
    context: ContextRef,
    /// For what runs without the GIL.
    #[traverse(skip)]
    pub lock: Lock,
    pub protocol: i32,
    pub check_hostname: Cell<bool>,
    host_flags: Cell<u32>,
    pub post_handshake_auth: Cell<bool>,
    /// What `SSL_CTX_set_alpn_protos` takes.
    #[traverse(skip)]
    pub alpn_protocols: RefCell<Vec<u8>>,
    pub sni_callback: Callback,
    pub msg_callback: Callback,
    pub psk_client_callback: Callback,
    pub psk_server_callback: Callback,
    pub keylog_filename: Callback,
    #[traverse(skip)]
    pub keylog_file: RefCell<Option<Arc<File>>>,
}

impl Context {
    pub fn as_ptr(&self) -> *mut sys::SSL_CTX {
        self.context.context
    }
    /// What callbacks get to find the context by.
    pub fn handle(&self) -> *mut c_void {
        self.context.handle as *mut c_void
    }
    fn ctrl(&self, command: c_int, value: c_long) -> c_long {
        // SAFETY: commands that take a number.
        unsafe { sys::SSL_CTX_ctrl(self.as_ptr(), command, value, ptr::null_mut()) }
    }
    fn set_verify(&self, mode: i32) -> PyResult<()> {
        let mode = match mode {
            CERT_NONE => sys::SSL_VERIFY_NONE,
            CERT_OPTIONAL => sys::SSL_VERIFY_PEER,
            CERT_REQUIRED => sys::SSL_VERIFY_PEER | sys::SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
            _ => return Err(err!(ValueError, "invalid value for verify_mode")),
        };
        // SAFETY: a live context, which keeps its callback.
        unsafe { sys::SSL_CTX_set_verify(self.as_ptr(), mode, library::SSL_CTX_get_verify_callback(self.as_ptr())) };
        Ok(())
    }
    fn parameters(&self) -> *mut sys::X509_VERIFY_PARAM {
        // SAFETY: the context owns its parameters.
        unsafe { sys::SSL_CTX_get0_param(self.as_ptr()) }
    }
    /// What CPython sets in a new context.
    fn configure(&self) -> PyResult<()> {
        self.check_hostname.set(self.protocol == PROTOCOL_TLS_CLIENT);
        self.set_verify(if self.protocol == PROTOCOL_TLS_CLIENT { CERT_REQUIRED } else { CERT_NONE })?;
        let options = (sys::SSL_OP_ALL & !sys::SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS)
            | sys::SSL_OP_NO_SSLv3
            | sys::SSL_OP_NO_COMPRESSION
            | sys::SSL_OP_CIPHER_SERVER_PREFERENCE;
        const NAME: &[u8] = b"Python\0";
        // SAFETY: a live context; the name is copied.
        unsafe {
            sys::SSL_CTX_set_options(self.as_ptr(), options as _);
            sys::SSL_CTX_set_mode(self.as_ptr(), sys::SSL_MODE_RELEASE_BUFFERS);
            // A client's would be compared with that of the session that a pre-shared key makes (TLS 1.3), which has none.
            if self.protocol != PROTOCOL_TLS_CLIENT {
                sys::SSL_CTX_set_session_id_context(self.as_ptr(), NAME.as_ptr(), NAME.len() as _);
            }
            sys::X509_VERIFY_PARAM_set_flags(self.parameters(), sys::X509_V_FLAG_TRUSTED_FIRST as _);
            sys::X509_VERIFY_PARAM_set_hostflags(self.parameters(), self.host_flags.get());
            sys::SSL_CTX_set_post_handshake_auth(self.as_ptr(), 0);
        }
        Ok(())
    }
    fn set_version(&self, value: &Object, is_maximum: bool) -> PyResult<()> {
        let version = c_int_of(value)? as c_long;
        if !matches!(self.protocol, PROTOCOL_TLS_CLIENT | PROTOCOL_TLS_SERVER | PROTOCOL_TLS) {
            return Err(err!(ValueError, "The context's protocol doesn't support modification of highest and lowest version."));
        }
        let deprecated = match version {
            SSLV3 => Some("ssl.TLSVersion.SSLv3 is deprecated"),
            TLSV1 => Some("ssl.TLSVersion.TLSv1 is deprecated"),
            TLSV1_1 => Some("ssl.TLSVersion.TLSv1_1 is deprecated"),
            _ => None,
        };
        if let Some(words) = deprecated {
            exceptions::warn(exceptions::DeprecationWarning(), words, 2)?;
        }
        let (same_end, other_end, other_end_version) = match is_maximum {
            false => (PROTO_MINIMUM_SUPPORTED, PROTO_MAXIMUM_SUPPORTED, TLSV1_3),
            true => (PROTO_MAXIMUM_SUPPORTED, PROTO_MINIMUM_SUPPORTED, TLSV1),
        };
        let wanted = match version {
            version if version == same_end => 0,
            version if version == other_end => other_end_version,
            0 => -1,
            version => version,
        };
        let command = if is_maximum { sys::SSL_CTRL_SET_MAX_PROTO_VERSION } else { sys::SSL_CTRL_SET_MIN_PROTO_VERSION };
        if wanted < 0 || self.ctrl(command, wanted) == 0 {
            errors::clear();
            return Err(err!(ValueError, "Unsupported TLS/SSL version {:#x}", version as u32));
        }
        Ok(())
    }
    fn get_version(&self, command: c_int, unset: c_long) -> i64 {
        match self.ctrl(command, 0) {
            0 => unset,
            version => version,
        }
    }
}

fn method_of(protocol: i32) -> PyResult<*const sys::SSL_METHOD> {
    let deprecated = |words| exceptions::warn(exceptions::DeprecationWarning(), words, 2);
    // SAFETY: static tables.
    unsafe {
        Ok(match protocol {
            PROTOCOL_TLS => {
                deprecated("ssl.PROTOCOL_TLS is deprecated")?;
                sys::TLS_method()
            }
            PROTOCOL_TLSV1 => {
                deprecated("ssl.PROTOCOL_TLSv1 is deprecated")?;
                TLSv1_method()
            }
            PROTOCOL_TLSV1_1 => {
                deprecated("ssl.PROTOCOL_TLSv1_1 is deprecated")?;
                TLSv1_1_method()
            }
            PROTOCOL_TLSV1_2 => {
                deprecated("ssl.PROTOCOL_TLSv1_2 is deprecated")?;
                TLSv1_2_method()
            }
            PROTOCOL_TLS_CLIENT => sys::TLS_client_method(),
            PROTOCOL_TLS_SERVER => sys::TLS_server_method(),
            _ => return Err(err!(ValueError, "invalid or unsupported protocol version {}", protocol)),
        })
    }
}

unsafe extern "C" {
    fn TLSv1_method() -> *const sys::SSL_METHOD;
    fn TLSv1_1_method() -> *const sys::SSL_METHOD;
    fn TLSv1_2_method() -> *const sys::SSL_METHOD;
}

/// The value that an attribute is set to; none may be deleted.
pub fn given<'a>(value: Option<&'a Object>, name: &str, class: &str) -> PyResult<&'a Object> {
    value.ok_or_else(|| err!(AttributeError, "attribute '{}' of '_ssl.{}' objects cannot be deleted", name, class))
}

/// A C int (`PyArg_Parse` with "i").
fn c_int_of(value: &Object) -> PyResult<c_int> {
    let value = number::as_i64(value)?;
    c_int::try_from(value).map_err(|_| match value < 0 {
        true => err!(OverflowError, "signed integer is less than minimum"),
        false => err!(OverflowError, "signed integer is greater than maximum"),
    })
}

fn name_of(nid: c_int) -> Option<String> {
    if nid == sys::NID_undef {
        return None;
    }
    // SAFETY: NULL or a static string.
    let name = unsafe { sys::OBJ_nid2ln(nid) };
    if name.is_null() { None } else { Some(crate::paths::static_text(name).to_string()) }
}

/// A cipher suite as a dict (`get_ciphers()`).
fn cipher_dict(cipher: *const sys::SSL_CIPHER) -> PyResult<Owned<Dict>> {
    let optional = |text: Option<String>| text.map_or_else(|| none().to_owned(), |text| Str::new(&text).into_object());
    let static_text = |text: *const c_char| if text.is_null() { None } else { Some(crate::paths::static_text(text).to_string()) };
    let mut description = [0 as c_char; 512];
    let mut algorithm_bits = 0;
    let dict = Dict::new();
    // SAFETY: a static cipher; its description fits the buffer.
    unsafe {
        dict.set("id", &Int::from_i64(library::SSL_CIPHER_get_id(cipher) as i64))?;
        dict.set("name", &optional(static_text(sys::SSL_CIPHER_get_name(cipher))))?;
        dict.set("protocol", &optional(static_text(sys::SSL_CIPHER_get_version(cipher))))?;
        sys::SSL_CIPHER_description(cipher, description.as_mut_ptr(), description.len() as c_int - 1);
        dict.set("description", &Str::new(CStr::from_ptr(description.as_ptr()).to_string_lossy().trim_end_matches('\n')))?;
        dict.set("strength_bits", &Int::from_i64(sys::SSL_CIPHER_get_bits(cipher, &mut algorithm_bits) as i64))?;
        dict.set("alg_bits", &Int::from_i64(algorithm_bits as i64))?;
        dict.set("aead", runtime::types::bool_object(library::SSL_CIPHER_is_aead(cipher) != 0))?;
        dict.set("symmetric", &optional(name_of(sys::SSL_CIPHER_get_cipher_nid(cipher))))?;
        dict.set("digest", &optional(name_of(sys::SSL_CIPHER_get_digest_nid(cipher))))?;
        dict.set("kea", &optional(name_of(library::SSL_CIPHER_get_kx_nid(cipher))))?;
        dict.set("auth", &optional(name_of(library::SSL_CIPHER_get_auth_nid(cipher))))?;
    }
    Ok(dict)
}

/// A host name that is None or ASCII.
fn host_argument(name: Option<&Object>) -> PyResult<Option<CString>> {
    let Some(name) = name.filter(|name| !name.is_none()) else { return Ok(None) };
    let Some(text) = name.downcast::<Str>() else { return Err(err!(TypeError, "argument must be str, not {}", name.type_name())) };
    let encoded = codecs::encode(text, Some("ascii"), None)?;
    let bytes = Buffer::new(&encoded)?.to_vec();
    let has_nul = || err!(TypeError, "argument must be encoded string without null bytes, not {}", name.type_name());
    CString::new(bytes).map(Some).map_err(|_| has_nul())
}

fn callback_object(callback: &Callback) -> Owned {
    callback.borrow().clone().unwrap_or_else(|| none().to_owned())
}

#[pytype(static = Context_Type, name = "_SSLContext", module = "_ssl", flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native,
    methods = [Context::CREDENTIALS, Context::TRUST])]
impl Context {
    #[slot("_SSLContext(protocol, /)")]
    fn tp_new(cls: &Type, protocol: i32) -> PyResult<Owned<Context>> {
        let method = method_of(protocol)?;
        errors::clear();
        let Some(context) = ContextRef::new(method) else { return Err(errors::library(3242)) };
        let context = Context {
            head: ObjectHead::placeholder(),
            context,
            lock: Lock::default(),
            protocol,
            check_hostname: Cell::new(false),
            host_flags: Cell::new(sys::X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS),
            post_handshake_auth: Cell::new(false),
            alpn_protocols: RefCell::default(),
            sni_callback: RefCell::default(),
            msg_callback: RefCell::default(),
            psk_client_callback: RefCell::default(),
            psk_server_callback: RefCell::default(),
            keylog_filename: RefCell::default(),
            keylog_file: RefCell::default(),
        };
        context.configure()?;
        let context = Self::construct(cls, context)?;
        // SAFETY: the handle lives as long as the context.
        unsafe { (*context.context.handle).0.set(&*context) };
        Ok(context)
    }
    #[method("_wrap_socket($self, /, sock, server_side, server_hostname=None, *,\n             owner=None, session=None)")]
    fn wrap_socket(
        &self,
        sock: &Object,
        server_side: bool,
        server_hostname: Option<&Object>,
        owner: Option<&Object>,
        session: Option<&Object>,
    ) -> PyResult<Owned<Connection>> {
        crate::transfer::check_socket(sock)?;
        Connection::create(self, Place::Socket(sock), server_side, host_argument(server_hostname)?, owner, session)
    }
    #[method("_wrap_bio($self, /, incoming, outgoing, server_side,\n          server_hostname=None, *, owner=None, session=None)")]
    fn wrap_bio(
        &self,
        incoming: &MemoryBIO,
        outgoing: &MemoryBIO,
        server_side: bool,
        server_hostname: Option<&Object>,
        owner: Option<&Object>,
        session: Option<&Object>,
    ) -> PyResult<Owned<Connection>> {
        let place = Place::Memory(Owned::from_ref(incoming), Owned::from_ref(outgoing));
        Connection::create(self, place, server_side, host_argument(server_hostname)?, owner, session)
    }
    #[method("set_ciphers($self, cipherlist, /)")]
    fn set_ciphers(&self, cipherlist: &str) -> PyResult<()> {
        let list = CString::new(cipherlist).map_err(|_| err!(ValueError, "embedded null character"))?;
        // SAFETY: a live context and a C string.
        if unsafe { sys::SSL_CTX_set_cipher_list(self.as_ptr(), list.as_ptr()) } == 0 {
            errors::clear();
            return Err(errors::plain("No cipher can be selected."));
        }
        Ok(())
    }
    #[method("get_ciphers($self, /)")]
    fn get_ciphers(&self) -> PyResult<Owned<List>> {
        let list = List::new();
        // SAFETY: a connection of our own; ciphers are static.
        let ciphers: Vec<*const sys::SSL_CIPHER> = unsafe {
            let ssl = sys::SSL_new(self.as_ptr());
            if ssl.is_null() {
                return Err(errors::library(3507));
            }
            let ciphers = library::SSL_get_ciphers(ssl) as *const sys::OPENSSL_STACK;
            let found = (0..sys::OPENSSL_sk_num(ciphers)).map(|at| sys::OPENSSL_sk_value(ciphers, at) as *const sys::SSL_CIPHER).collect();
            sys::SSL_free(ssl);
            found
        };
        for cipher in ciphers {
            list.push(cipher_dict(cipher)?.into_object())?;
        }
        Ok(list)
    }
    #[method("_set_alpn_protocols($self, protos, /)")]
    fn set_alpn_protocols(&self, protos: Buffer) -> PyResult<()> {
        let Ok(length) = u32::try_from(protos.len()) else { return Err(err!(OverflowError, "protocols longer than {} bytes", u32::MAX)) };
        // SAFETY: OpenSSL copies the protocols.
        if unsafe { sys::SSL_CTX_set_alpn_protos(self.as_ptr(), protos.as_ptr(), length) } != 0 {
            errors::clear();
            return Err(runtime::errors::no_memory());
        }
        self.alpn_protocols.replace(protos.to_vec());
        callbacks::select_alpn(self);
        Ok(())
    }
    #[method("session_stats($self, /)")]
    fn session_stats(&self) -> PyResult<Owned<Dict>> {
        const COUNTS: [(&str, c_int); 11] = [
            ("number", 20),
            ("connect", 21),
            ("connect_good", 22),
            ("connect_renegotiate", 23),
            ("accept", 24),
            ("accept_good", 25),
            ("accept_renegotiate", 26),
            ("hits", 27),
            ("misses", 29),
            ("timeouts", 30),
            ("cache_full", 31),
        ];
        let dict = Dict::new();
        for (name, command) in COUNTS {
            dict.set(name, &Int::from_i64(self.ctrl(command, 0)))?;
        }
        Ok(dict)
    }
    #[method("set_psk_client_callback($self, /, callback)")]
    fn set_psk_client_callback(&self, callback: &Object) -> PyResult<()> {
        if self.protocol == PROTOCOL_TLS_SERVER {
            return Err(errors::message("Cannot add PSK client callback to a PROTOCOL_TLS_SERVER context", 5167));
        }
        let callback = callable_or_none(callback, "callback must be callable")?;
        callbacks::set_psk_client(self, callback.is_some());
        drop(self.psk_client_callback.replace(callback));
        Ok(())
    }
    #[method("set_psk_server_callback($self, /, callback, identity_hint=None)")]
    fn set_psk_server_callback(&self, callback: &Object, identity_hint: Option<&str>) -> PyResult<()> {
        if self.protocol == PROTOCOL_TLS_CLIENT {
            return Err(errors::message("Cannot add PSK server callback to a PROTOCOL_TLS_CLIENT context", 5279));
        }
        let callback = callable_or_none(callback, "callback must be callable")?;
        let hint = identity_hint.map(|hint| CString::new(hint).map_err(|_| err!(ValueError, "embedded null character"))).transpose()?;
        // SAFETY: a C string or NULL, which is copied.
        if unsafe { library::SSL_CTX_use_psk_identity_hint(self.as_ptr(), hint.as_ref().map_or(ptr::null(), |hint| hint.as_ptr())) } != 1 {
            errors::clear();
            return Err(err!(ValueError, "failed to set identity hint"));
        }
        callbacks::set_psk_server(self, callback.is_some());
        drop(self.psk_server_callback.replace(callback));
        Ok(())
    }
    #[getter("check_hostname")]
    fn get_check_hostname(&self) -> bool {
        self.check_hostname.get()
    }
    #[setter("check_hostname")]
    fn set_check_hostname(&self, value: Option<&Object>) -> PyResult<()> {
        let check = object::is_true(given(value, "check_hostname", "_SSLContext")?)?;
        // SAFETY: a live context.
        if check && unsafe { sys::SSL_CTX_get_verify_mode(self.as_ptr()) } == sys::SSL_VERIFY_NONE {
            self.set_verify(CERT_REQUIRED)?;
        }
        self.check_hostname.set(check);
        Ok(())
    }
    #[getter("_host_flags")]
    fn get_host_flags(&self) -> u32 {
        self.host_flags.get()
    }
    #[setter("_host_flags")]
    fn set_host_flags(&self, value: Option<&Object>) -> PyResult<()> {
        let flags = number::index(given(value, "_host_flags", "_SSLContext")?)?.as_u64_mask() as u32;
        self.host_flags.set(flags);
        // SAFETY: the context's parameters.
        unsafe { sys::X509_VERIFY_PARAM_set_hostflags(self.parameters(), flags) };
        Ok(())
    }
    #[getter("minimum_version")]
    fn get_minimum_version(&self) -> i64 {
        self.get_version(sys::SSL_CTRL_GET_MIN_PROTO_VERSION, PROTO_MINIMUM_SUPPORTED)
    }
    #[setter("minimum_version")]
    fn set_minimum_version(&self, value: Option<&Object>) -> PyResult<()> {
        self.set_version(given(value, "minimum_version", "_SSLContext")?, false)
    }
    #[getter("maximum_version")]
    fn get_maximum_version(&self) -> i64 {
        self.get_version(sys::SSL_CTRL_GET_MAX_PROTO_VERSION, PROTO_MAXIMUM_SUPPORTED)
    }
    #[setter("maximum_version")]
    fn set_maximum_version(&self, value: Option<&Object>) -> PyResult<()> {
        self.set_version(given(value, "maximum_version", "_SSLContext")?, true)
    }
    #[getter("keylog_filename")]
    fn get_keylog_filename(&self) -> Owned {
        callback_object(&self.keylog_filename)
    }
    #[setter("keylog_filename")]
    fn set_keylog_filename(&self, value: Option<&Object>) -> PyResult<()> {
        let value = given(value, "keylog_filename", "_SSLContext")?;
        callbacks::set_keylog(self, false);
        drop(self.keylog_filename.replace(None));
        drop(self.keylog_file.replace(None));
        if value.is_none() {
            return Ok(());
        }
        let path = fs_converter(value)?;
        runtime::audit::audit("open", &[value, &Str::new("a"), &Int::from_i64(0)])?;
        let opened = std::fs::OpenOptions::new().append(true).create(true).open(std::ffi::OsStr::from_bytes(path.to_bytes()));
        let failed = |error: std::io::Error| exceptions::raise_os_error(error.raw_os_error().unwrap_or(libc::EIO), Some(value), None);
        let mut file = opened.map_err(failed)?;
        if file.metadata().is_ok_and(|data| data.is_file() && data.len() == 0) {
            let _ = std::io::Write::write_all(&mut file, b"# TLS secrets log file, generated by OpenSSL / Python\n");
        }
        self.keylog_file.replace(Some(Arc::new(file)));
        self.keylog_filename.replace(Some(value.to_owned()));
        callbacks::set_keylog(self, true);
        Ok(())
    }
    #[getter("_msg_callback")]
    fn get_msg_callback(&self) -> Owned {
        callback_object(&self.msg_callback)
    }
    #[setter("_msg_callback")]
    fn set_msg_callback(&self, value: Option<&Object>) -> PyResult<()> {
        let value = given(value, "_msg_callback", "_SSLContext")?;
        let callback = callable_or_none(value, "not a callable object")?;
        callbacks::set_message(self, callback.is_some());
        drop(self.msg_callback.replace(callback));
        Ok(())
    }
    /// The callback that is called when a TLS client names the server it wants (SNI, RFC 6066); None: none.
    ///
    /// Its arguments are the SSLSocket, the name as a str, and the SSLContext.
    #[getter("sni_callback")]
    fn get_sni_callback(&self) -> Owned {
        callback_object(&self.sni_callback)
    }
    #[setter("sni_callback")]
    fn set_sni_callback(&self, value: Option<&Object>) -> PyResult<()> {
        let value = given(value, "sni_callback", "_SSLContext")?;
        if self.protocol == PROTOCOL_TLS_CLIENT {
            return Err(err!(ValueError, "sni_callback cannot be set on TLS_CLIENT context"));
        }
        let callback = callable_or_none(value, "not a callable object");
        callbacks::set_server_name(self, matches!(callback, Ok(Some(_))));
        let (callback, result) = callback.map_or_else(|raised| (None, Err(raised)), |callback| (callback, Ok(())));
        drop(self.sni_callback.replace(callback));
        result
    }
    /// How many TLS 1.3 session tickets a server sends.
    #[getter("num_tickets")]
    fn get_num_tickets(&self) -> usize {
        // SAFETY: a live context.
        unsafe { sys::SSL_CTX_get_num_tickets(self.as_ptr()) }
    }
    #[setter("num_tickets")]
    fn set_num_tickets(&self, value: Option<&Object>) -> PyResult<()> {
        let count = number::as_i64(given(value, "num_tickets", "_SSLContext")?)?;
        let Ok(count) = usize::try_from(count) else { return Err(err!(ValueError, "value must be non-negative")) };
        if self.protocol != PROTOCOL_TLS_SERVER {
            return Err(err!(ValueError, "SSLContext is not a server context."));
        }
        // SAFETY: a live context.
        if unsafe { sys::SSL_CTX_set_num_tickets(self.as_ptr(), count) } != 1 {
            return Err(err!(ValueError, "failed to set num tickets."));
        }
        Ok(())
    }
    #[getter("options")]
    fn get_options(&self) -> u64 {
        // SAFETY: a live context.
        unsafe { sys::SSL_CTX_get_options(self.as_ptr()) as u64 }
    }
    #[setter("options")]
    fn set_options(&self, value: Option<&Object>) -> PyResult<()> {
        let value = number::index(given(value, "options", "_SSLContext")?)?;
        if value.is_negative() {
            return Err(err!(ValueError, "Cannot convert negative int"));
        }
        let wanted = value.as_u64().ok_or_else(|| err!(OverflowError, "Python int too large for C unsigned long long"))?;
        let (clear, set) = (self.get_options() & !wanted, !self.get_options() & wanted);
        if set & crate::constants::OP_NO_PROTOCOL != 0 {
            exceptions::warn(exceptions::DeprecationWarning(), "ssl.OP_NO_SSL*/ssl.OP_NO_TLS* options are deprecated", 2)?;
        }
        // SAFETY: a live context.
        unsafe {
            sys::SSL_CTX_clear_options(self.as_ptr(), clear as _);
            sys::SSL_CTX_set_options(self.as_ptr(), set as _);
        }
        Ok(())
    }
    #[getter("post_handshake_auth")]
    fn get_post_handshake_auth(&self) -> bool {
        self.post_handshake_auth.get()
    }
    #[setter("post_handshake_auth")]
    fn set_post_handshake_auth(&self, value: Option<&Object>) -> PyResult<()> {
        let Some(value) = value else { return Err(err!(AttributeError, "cannot delete attribute")) };
        self.post_handshake_auth.set(object::is_true(value)?);
        Ok(())
    }
    #[getter("protocol")]
    fn get_protocol(&self) -> i32 {
        self.protocol
    }
    #[getter("verify_flags")]
    fn get_verify_flags(&self) -> u64 {
        // SAFETY: the context's parameters.
        unsafe { sys::X509_VERIFY_PARAM_get_flags(self.parameters()) }
    }
    #[setter("verify_flags")]
    fn set_verify_flags(&self, value: Option<&Object>) -> PyResult<()> {
        let value = given(value, "verify_flags", "_SSLContext")?;
        if !value.is_instance_of::<Int>() {
            return Err(err!(TypeError, "argument must be int, not {}", value.type_name()));
        }
        let (wanted, flags) = (number::index(value)?.as_u64_mask(), self.get_verify_flags());
        let (clear, set) = (flags & !wanted, !flags & wanted);
        // SAFETY: the context's parameters.
        unsafe {
            if clear != 0 && sys::X509_VERIFY_PARAM_clear_flags(self.parameters(), clear) == 0 {
                return Err(errors::library(3726));
            }
            if set != 0 && sys::X509_VERIFY_PARAM_set_flags(self.parameters(), set) == 0 {
                return Err(errors::library(3732));
            }
        }
        Ok(())
    }
    #[getter("verify_mode")]
    fn get_verify_mode(&self) -> PyResult<i32> {
        let mask = sys::SSL_VERIFY_PEER | sys::SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
        // SAFETY: a live context.
        match unsafe { sys::SSL_CTX_get_verify_mode(self.as_ptr()) } & mask {
            sys::SSL_VERIFY_NONE => Ok(CERT_NONE),
            sys::SSL_VERIFY_PEER => Ok(CERT_OPTIONAL),
            mode if mode == mask => Ok(CERT_REQUIRED),
            _ => Err(errors::plain("invalid return value from SSL_CTX_get_verify_mode")),
        }
    }
    #[setter("verify_mode")]
    fn set_verify_mode(&self, value: Option<&Object>) -> PyResult<()> {
        let mode = c_int_of(given(value, "verify_mode", "_SSLContext")?)?;
        if mode == CERT_NONE && self.check_hostname.get() {
            return Err(err!(ValueError, "Cannot set verify_mode to CERT_NONE when check_hostname is enabled."));
        }
        self.set_verify(mode)
    }
    /// The security level.
    #[getter("security_level")]
    fn get_security_level(&self) -> i32 {
        // SAFETY: a live context.
        unsafe { sys::SSL_CTX_get_security_level(self.as_ptr()) }
    }
}

fn callable_or_none(value: &Object, words: &str) -> PyResult<Option<Owned>> {
    match value {
        value if value.is_none() => Ok(None),
        value if object::is_callable(value) => Ok(Some(value.to_owned())),
        _ => Err(err!(TypeError, "{}", words)),
    }
}
