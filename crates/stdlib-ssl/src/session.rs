//! `SSLSession`: a session that a client can take up again.

use crate::context::Context;
use crate::library;
use macros::{Traverse, pytype};
use openssl_sys as sys;
use runtime::errors::PyResult;
use runtime::object::{Object, ObjectHead, Owned};
use runtime::protocol::object::{CompareOp, not_implemented};
use runtime::types::{Bytes, bool_object};
use runtime::{PyTyped, err};
use std::ffi::c_long;

/// A reference to a session.
pub struct SessionRef(*mut sys::SSL_SESSION);

impl SessionRef {
    /// # Safety
    /// The pointer is NULL, or a reference that is given up.
    pub unsafe fn from_raw(session: *mut sys::SSL_SESSION) -> Option<SessionRef> {
        if session.is_null() { None } else { Some(SessionRef(session)) }
    }
    pub fn as_ptr(&self) -> *mut sys::SSL_SESSION {
        self.0
    }
    /// A copy that shares nothing.
    pub fn duplicate(&self) -> PyResult<SessionRef> {
        let refused = || err!(ValueError, "i2d() failed.");
        // SAFETY: the buffer is as long as i2d said that it needs.
        unsafe {
            let length = sys::i2d_SSL_SESSION(self.0, std::ptr::null_mut());
            if length <= 0 || length > 0xff00 {
                return Err(refused());
            }
            let mut data = vec![0u8; length as usize];
            let mut to = data.as_mut_ptr();
            if sys::i2d_SSL_SESSION(self.0, &mut to) <= 0 {
                return Err(refused());
            }
            let mut from = data.as_ptr();
            let copy = sys::d2i_SSL_SESSION(std::ptr::null_mut(), &mut from, length as c_long);
            SessionRef::from_raw(copy).ok_or_else(|| err!(ValueError, "d2i() failed."))
        }
    }
    fn id(&self) -> &[u8] {
        let mut length = 0;
        // SAFETY: the session owns its id.
        unsafe {
            let id = sys::SSL_SESSION_get_id(self.0, &mut length);
            if id.is_null() { &[] } else { std::slice::from_raw_parts(id, length as usize) }
        }
    }
}

impl Drop for SessionRef {
    fn drop(&mut self) {
        // SAFETY: our reference.
        unsafe { sys::SSL_SESSION_free(self.0) }
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct Session {
    head: ObjectHead,
    #[traverse(skip)]
    pub session: SessionRef,
    pub context: Owned<Context>,
}

impl Session {
    pub fn create(session: SessionRef, context: Owned<Context>) -> PyResult<Owned<Session>> {
        Self::construct(Self::type_object(), Session { head: ObjectHead::placeholder(), session, context })
    }
}

#[pytype(static = Session_Type, name = "SSLSession", module = "_ssl", flags = HAVE_GC | IMMUTABLETYPE | DISALLOW_INSTANTIATION, native, final)]
impl Session {
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> Owned {
        let Some(other) = other.downcast::<Session>() else { return not_implemented() };
        let equal = self.session.id() == other.session.id();
        match op {
            CompareOp::Eq => bool_object(equal).to_owned(),
            CompareOp::Ne => bool_object(!equal).to_owned(),
            _ => not_implemented(),
        }
    }
    /// Whether the session has a ticket.
    #[getter]
    fn has_ticket(&self) -> bool {
        // SAFETY: a live session.
        unsafe { library::SSL_SESSION_has_ticket(self.session.as_ptr()) != 0 }
    }
    /// The session's id.
    #[getter]
    fn id(&self) -> Owned<Bytes> {
        Bytes::new(self.session.id())
    }
    /// For how many seconds the server means to keep the ticket.
    #[getter]
    fn ticket_lifetime_hint(&self) -> u64 {
        // SAFETY: a live session.
        unsafe { library::SSL_SESSION_get_ticket_lifetime_hint(self.session.as_ptr()) }
    }
    /// When the session began, in seconds since the epoch.
    #[getter]
    fn time(&self) -> i64 {
        // SAFETY: a live session.
        unsafe { sys::SSL_SESSION_get_time(self.session.as_ptr()) }
    }
    /// For how many seconds the session holds.
    #[getter]
    fn timeout(&self) -> i64 {
        // SAFETY: a live session.
        unsafe { sys::SSL_SESSION_get_timeout(self.session.as_ptr()) }
    }
}
