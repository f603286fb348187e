//! What OpenSSL calls during operations on a connection: each takes the GIL, finds the connection and its context, and calls the Python object.
//!
//! OpenSSL's context may outlive the object: callbacks find that through its handle (`context::Handle`). Where a callback has no way to report, its
//! exception waits in the connection (`Connection::keep_error`).

use crate::connection::Connection;
use crate::context::{Callback, Context, Handle};
use crate::gate::back;
use crate::library::{self, MessageCallback};
use openssl_sys as sys;
use runtime::errors::{self, PyResult};
use runtime::exceptions::{raise_os_error, write_unraisable};
use runtime::macro_support::Buffer;
use runtime::object::{Object, Owned};
use runtime::protocol::{call, number};
use runtime::types::{Bytes, Int, Str, Tuple, none};
use runtime::{codecs, err};
use std::ffi::{CStr, c_char, c_int, c_uchar, c_uint, c_void};
use std::io::Write;
use std::ptr;
use std::sync::{Arc, Mutex};

const NOACK: c_int = 3;
const ALERT_FATAL: c_int = 2;
const OK: c_int = 0;
const AD_INTERNAL_ERROR: c_int = 80;
const AD_HANDSHAKE_FAILURE: c_int = 40;

const CHANGE_CIPHER_SPEC: c_int = 20;
const ALERT: c_int = 21;
const HANDSHAKE: c_int = 22;
const HEADER: c_int = 256;
const INNER_CONTENT_TYPE: c_int = 257;
const MESSAGE_CHANGE_CIPHER_SPEC: c_int = 0x101;

fn current(callback: &Callback) -> Option<Owned> {
    callback.borrow().clone()
}

// ---- server names ------------------------------------------------------------------------------------------------------------------

pub fn set_server_name(context: &Context, on: bool) {
    type Untyped = unsafe extern "C" fn();
    let callback: unsafe extern "C" fn(*mut sys::SSL, *mut c_int, *mut c_void) -> c_int = server_name;
    // SAFETY: OpenSSL calls it with the arguments that it has.
    unsafe {
        let untyped = std::mem::transmute::<unsafe extern "C" fn(*mut sys::SSL, *mut c_int, *mut c_void) -> c_int, Untyped>(callback);
        sys::SSL_CTX_callback_ctrl__fixed_rust(context.as_ptr(), library::SSL_CTRL_SET_TLSEXT_SERVERNAME_CB, on.then_some(untyped));
        sys::SSL_CTX_ctrl(context.as_ptr(), library::SSL_CTRL_SET_TLSEXT_SERVERNAME_ARG, 0, context.handle());
    }
}

unsafe extern "C" fn server_name(ssl: *mut sys::SSL, alert: *mut c_int, argument: *mut c_void) -> c_int {
    let result = back(|| {
        // SAFETY: the handle of the context that set the callback.
        let Some(context) = (unsafe { (*(argument as *const Handle)).object() }) else { return OK };
        // SAFETY: OpenSSL's connection.
        let (connection, name) = unsafe { (Connection::of(ssl), sys::SSL_get_servername(ssl, sys::TLSEXT_NAMETYPE_host_name)) };
        let (Some(callback), Some(connection)) = (current(&context.sni_callback), connection) else { return OK };
        // SAFETY: NULL or a C string.
        let name = if name.is_null() { None } else { Some(unsafe { CStr::from_ptr(name) }.to_bytes().to_vec()) };
        let number = call_server_name(&context, &callback, &connection, name);
        if let Some(number) = number {
            // SAFETY: room for the alert.
            unsafe { *alert = number };
            return ALERT_FATAL;
        }
        OK
    });
    result.unwrap_or(ALERT_FATAL)
}

/// The alert to be sent, if any.
fn call_server_name(context: &Context, callback: &Object, connection: &Connection, name: Option<Vec<u8>>) -> Option<c_int> {
    let socket = connection.shown();
    if socket.is_none() {
        return Some(AD_INTERNAL_ERROR);
    }
    let name = match name.map(|name| codecs::decode(&name, Some("ascii"), None)) {
        None => none().to_owned(),
        Some(Ok(name)) => name.into_object(),
        Some(Err(_)) => {
            write_unraisable(None, Some(context));
            return Some(AD_INTERNAL_ERROR);
        }
    };
    let Ok(answer) = call::call_args(callback, &[&socket, &name, context]) else {
        write_unraisable(None, Some(callback));
        return Some(AD_HANDSHAKE_FAILURE);
    };
    if answer.is_none() {
        return None;
    }
    Some(number::as_i64(&answer).map(|alert| alert as c_int).unwrap_or_else(|_| {
        write_unraisable(None, Some(&answer));
        AD_INTERNAL_ERROR
    }))
}

// ---- messages ----------------------------------------------------------------------------------------------------------------------

pub fn set_message(context: &Context, on: bool) {
    // SAFETY: a live context.
    unsafe { library::SSL_CTX_set_msg_callback(context.as_ptr(), message_callback(on)) }
}

pub fn message_callback(on: bool) -> Option<MessageCallback> {
    if on { Some(message) } else { None }
}

unsafe extern "C" fn message(is_write: c_int, version: c_int, content_type: c_int, data: *const c_void, length: usize, ssl: *mut sys::SSL, _arg: *mut c_void) {
    back(|| {
        // SAFETY: OpenSSL's connection.
        let Some(connection) = (unsafe { Connection::of(ssl) }) else { return };
        let Some(callback) = connection.context().and_then(|context| current(&context.msg_callback)) else { return };
        // SAFETY: so many bytes.
        let data = if data.is_null() { &[] } else { unsafe { std::slice::from_raw_parts(data as *const u8, length) } };
        let at = |index: usize| data.get(index).map_or(-1, |&byte| byte as c_int);
        let (version, kind) = match content_type {
            CHANGE_CIPHER_SPEC => (version, MESSAGE_CHANGE_CIPHER_SPEC),
            ALERT => (version, at(1)),
            HANDSHAKE | INNER_CONTENT_TYPE => (version, at(0)),
            // The header holds the version.
            HEADER => (at(1) << 8 | at(2), at(0)),
            _ => (version, -1),
        };
        let int = |value: c_int| Int::from_i64(value as i64);
        let direction = Str::new(if is_write != 0 { "write" } else { "read" });
        let result =
            call::call_args(&callback, &[&connection.shown(), &direction, &int(version), &int(content_type), &int(kind), &Bytes::new(data)]);
        if result.is_err() {
            connection.keep_error();
        }
    });
}

// ---- secrets -----------------------------------------------------------------------------------------------------------------------

pub fn set_keylog(context: &Context, on: bool) {
    let callback: sys::SSL_CTX_keylog_cb_func = if on { Some(keylog) } else { None };
    // SAFETY: a live context.
    unsafe { sys::SSL_CTX_set_keylog_callback(context.as_ptr(), callback) }
}

unsafe extern "C" fn keylog(ssl: *const sys::SSL, line: *const c_char) {
    /// Lines of several connections stay whole.
    static WRITING: Mutex<()> = Mutex::new(());
    back(|| {
        // SAFETY: OpenSSL's connection and a C string.
        let (connection, line) = unsafe { (Connection::of(ssl), CStr::from_ptr(line).to_bytes()) };
        let Some(connection) = connection else { return };
        let Some(context) = connection.context() else { return };
        let Some(file) = context.keylog_file.borrow().clone() else { return };
        let text = [line, b"\n"].concat();
        let result = crate::gate::away(move || {
            let _writing = WRITING.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            let file: Arc<std::fs::File> = file;
            (&*file).write_all(&text)
        });
        if let Err(error) = result {
            let name = current(&context.keylog_filename);
            raise_os_error(error.raw_os_error().unwrap_or(libc::EIO), name.as_deref(), None);
            connection.keep_error();
        }
    });
}

// ---- protocols ---------------------------------------------------------------------------------------------------------------------

pub fn select_alpn(context: &Context) {
    // SAFETY: the handle lives as long as OpenSSL's context.
    unsafe { sys::SSL_CTX_set_alpn_select_cb__fixed_rust(context.as_ptr(), Some(alpn), context.handle()) }
}

unsafe extern "C" fn alpn(
    _ssl: *mut sys::SSL,
    out: *mut *const c_uchar,
    out_length: *mut c_uchar,
    offered: *const c_uchar,
    offered_length: c_uint,
    argument: *mut c_void,
) -> c_int {
    let result = back(|| {
        // SAFETY: the handle of the context that set the callback, and what the client offers.
        let (context, offered) = unsafe { ((*(argument as *const Handle)).object(), std::slice::from_raw_parts(offered, offered_length as usize)) };
        let Some(context) = context else { return NOACK };
        let own = context.alpn_protocols.borrow();
        let Some(chosen) = names(&own).find_map(|own| names(offered).find(|name| *name == own)) else { return NOACK };
        // SAFETY: room for the choice, which lies in the client's list.
        unsafe {
            *out = chosen.as_ptr();
            *out_length = chosen.len() as c_uchar;
        }
        OK
    });
    result.unwrap_or(NOACK)
}

/// The names in a list of protocols, each behind its length.
fn names(mut list: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::from_fn(move || {
        let (&length, rest) = list.split_first()?;
        let (name, rest) = rest.split_at_checked(length as usize)?;
        list = rest;
        Some(name)
    })
}

// ---- keys that both sides know -----------------------------------------------------------------------------------------------------

pub fn set_psk_client(context: &Context, on: bool) {
    // SAFETY: a live context.
    unsafe { sys::SSL_CTX_set_psk_client_callback(context.as_ptr(), if on { Some(psk_client) } else { None }) }
}
pub fn set_psk_server(context: &Context, on: bool) {
    // SAFETY: as above.
    unsafe { sys::SSL_CTX_set_psk_server_callback(context.as_ptr(), if on { Some(psk_server) } else { None }) }
}

/// The text of a C string, None if it is empty or NULL.
fn optional_text(text: *const c_char) -> PyResult<Owned> {
    // SAFETY: NULL or a C string.
    let bytes = if text.is_null() { &[] } else { unsafe { CStr::from_ptr(text) }.to_bytes() };
    if bytes.is_empty() { Ok(none().to_owned()) } else { Ok(codecs::decode(bytes, Some("utf-8"), None)?.into_object()) }
}

/// Copies a key out and gives its length; 0: there is none.
fn deliver(key: &[u8], out: *mut c_uchar, room: c_uint) -> c_uint {
    if key.len() > room as usize {
        return 0;
    }
    // SAFETY: there is room.
    unsafe { ptr::copy_nonoverlapping(key.as_ptr(), out, key.len()) };
    key.len() as c_uint
}

extern "C" fn psk_client(ssl: *mut sys::SSL, hint: *const c_char, identity: *mut c_char, identity_room: c_uint, key: *mut c_uchar, room: c_uint) -> c_uint {
    let answer = back(|| {
        // SAFETY: OpenSSL's connection.
        let connection = unsafe { Connection::of(ssl) }?;
        let callback = connection.context().and_then(|context| current(&context.psk_client_callback))?;
        match ask_client(&callback, hint) {
            Ok((name, secret)) if name.len() < identity_room as usize => {
                // SAFETY: there is room for the name and its end.
                unsafe {
                    ptr::copy_nonoverlapping(name.as_ptr(), identity.cast(), name.len());
                    *identity.add(name.len()) = 0;
                }
                Some(deliver(&secret, key, room))
            }
            Ok(_) => None,
            Err(_) => {
                write_unraisable(None, Some(&callback));
                None
            }
        }
    });
    answer.flatten().unwrap_or(0)
}

fn ask_client(callback: &Object, hint: *const c_char) -> PyResult<(Vec<u8>, Vec<u8>)> {
    let answer = call::call1(callback, &*optional_text(hint)?)?;
    let Some(pair) = answer.downcast::<Tuple>() else {
        return Err(err!(SystemError, "new style getargs format but argument is not a tuple"));
    };
    if pair.len() != 2 {
        return Err(err!(TypeError, "function takes exactly 2 arguments ({} given)", pair.len()));
    }
    let name = match pair.get(0) {
        name if name.is_none() => Vec::new(),
        name => match name.downcast::<Str>() {
            Some(text) => text.as_utf8()?.as_bytes().to_vec(),
            None => Buffer::new(name)?.to_vec(),
        },
    };
    Ok((name, key_bytes(pair.get(1))?))
}

fn key_bytes(key: &Object) -> PyResult<Vec<u8>> {
    match Buffer::new(key) {
        Ok(key) => Ok(key.to_vec()),
        Err(_) => {
            errors::clear();
            Err(err!(TypeError, "a bytes-like object is required, not '{}'", key.type_name()))
        }
    }
}

extern "C" fn psk_server(ssl: *mut sys::SSL, identity: *const c_char, key: *mut c_uchar, room: c_uint) -> c_uint {
    let answer = back(|| {
        // SAFETY: OpenSSL's connection.
        let connection = unsafe { Connection::of(ssl) }?;
        let callback = connection.context().and_then(|context| current(&context.psk_server_callback))?;
        let ask = || key_bytes(&*call::call1(&callback, &*optional_text(identity)?)?);
        match ask() {
            Ok(secret) => Some(deliver(&secret, key, room)),
            Err(_) => {
                write_unraisable(None, Some(&callback));
                None
            }
        }
    });
    answer.flatten().unwrap_or(0)
}
