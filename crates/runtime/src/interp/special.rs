//! `with`: LOAD_SPECIAL and WITH_EXCEPT_START.

use super::attr::{self, Loaded};
use super::stackref::StackRef;
use crate::err;
use crate::errors::PyResult;
use crate::object::{Object, Owned};
use crate::protocol::call;
use crate::types::{self, Str, type_object};

/// The special methods by LOAD_SPECIAL's oparg.
fn name_of(oparg: usize) -> &'static Str {
    match oparg {
        0 => crate::intern!("__enter__"),
        1 => crate::intern!("__exit__"),
        2 => crate::intern!("__aenter__"),
        _ => crate::intern!("__aexit__"),
    }
}

/// Looks the special method up on the owner's type.
pub fn load(owner: &Object, oparg: usize) -> PyResult<Loaded> {
    if let Some(loaded) = attr::load_special_method(owner, name_of(oparg))? {
        return Ok(loaded);
    }
    let asynchronous = type_object::lookup_special(owner, crate::intern!("__aenter__"))?.is_some() && type_object::lookup_special(owner, crate::intern!("__aexit__"))?.is_some();
    let synchronous = type_object::lookup_special(owner, crate::intern!("__enter__"))?.is_some() && type_object::lookup_special(owner, crate::intern!("__exit__"))?.is_some();
    let name = owner.type_name();
    Err(match oparg {
        0 if asynchronous => err!(TypeError, "'{}' object does not support the context manager protocol (missed __enter__ method) but it supports the asynchronous context manager protocol. Did you mean to use 'async with'?", name),
        0 => err!(TypeError, "'{}' object does not support the context manager protocol (missed __enter__ method)", name),
        1 if asynchronous => err!(TypeError, "'{}' object does not support the context manager protocol (missed __exit__ method) but it supports the asynchronous context manager protocol. Did you mean to use 'async with'?", name),
        1 => err!(TypeError, "'{}' object does not support the context manager protocol (missed __exit__ method)", name),
        2 if synchronous => err!(TypeError, "'{}' object does not support the asynchronous context manager protocol (missed __aenter__ method) but it supports the context manager protocol. Did you mean to use 'with'?", name),
        2 => err!(TypeError, "'{}' object does not support the asynchronous context manager protocol (missed __aenter__ method)", name),
        _ if synchronous => err!(TypeError, "'{}' object does not support the asynchronous context manager protocol (missed __aexit__ method) but it supports the context manager protocol. Did you mean to use 'with'?", name),
        _ => err!(TypeError, "'{}' object does not support the asynchronous context manager protocol (missed __aexit__ method)", name),
    })
}

/// Calls `exit(type, value, traceback)` for the exception being handled.
/// # Safety
/// The slots are those of WITH_EXCEPT_START.
pub unsafe fn with_except_start(exit: StackRef, receiver: StackRef, exc: &Object) -> PyResult {
    if !exc.is_instance_of::<types::BaseException>() {
        super::exc::not_an_exception(exc);
        return Err(crate::errors::Raised::from_c());
    }
    // SAFETY: by contract; an exception has the exception layout.
    unsafe {
        let tb = (*(exc.as_ptr() as *mut abi::PyBaseExceptionObject)).traceback.get();
        let tb: Owned = Object::from_ptr_opt(tb).unwrap_or(types::none()).to_owned();
        let ty: &Object = exc.ty();
        if receiver.is_null() { call::call_args(exit.obj(), &[ty, exc, &tb]) } else { call::call_args(exit.obj(), &[receiver.obj(), ty, exc, &tb]) }
    }
}
