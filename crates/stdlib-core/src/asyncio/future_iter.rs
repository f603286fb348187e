//! What `await future` iterates: it yields the future once, and then gives its result.

use super::future::Future;
use macros::{Traverse, pytype};
use runtime::err;
use runtime::errors::{self, PyResult};
use runtime::exceptions;
use runtime::exceptions::base::BaseException;
use runtime::macro_support::SendResult;
use runtime::object::{Object, ObjectHead, Owned, PyTyped, Type};
use runtime::protocol::call;
use runtime::types::generator::raise_stop_iteration;
use runtime::types::{self, Traceback, Tuple};
use std::cell::Cell;

#[derive(Traverse)]
#[repr(C)]
pub struct FutureIter {
    head: ObjectHead,
    /// Absent once the result was given, or after close() or throw().
    future: Cell<Option<Owned<Future>>>,
}

impl FutureIter {
    pub fn over(future: &Future) -> PyResult<Owned<FutureIter>> {
        let future = Cell::new(Some(Owned::from_ref(future)));
        FutureIter::construct(FutureIter::type_object(), FutureIter { head: ObjectHead::placeholder(), future })
    }
    fn advance(&self) -> PyResult<SendResult> {
        let Some(future) = self.future.take() else { return Ok(SendResult::Return(types::none().to_owned())) };
        if !future.is_pending() {
            return future.result_or_raise().map(SendResult::Return);
        }
        self.future.set(Some(future.clone()));
        if future.blocking.replace(true) {
            return Err(err!(RuntimeError, "await wasn't used with future"));
        }
        Ok(SendResult::Yield(future.into_object()))
    }
}

/// `throw(exception)`, or the older way with class, value and traceback: what to raise.
fn to_throw(kind: &Object, value: Option<&Object>, traceback: Option<&Object>) -> PyResult<Owned<BaseException>> {
    if value.is_some() || traceback.is_some() {
        exceptions::warn(
            exceptions::DeprecationWarning(),
            "the (type, exc, tb) signature of throw() is deprecated, use the single-arg signature instead.",
            1,
        )?;
    }
    let value = value.filter(|value| !value.is_none());
    let traceback = traceback.filter(|traceback| !traceback.is_none());
    if traceback.is_some_and(|traceback| !Traceback::check(traceback)) {
        return Err(err!(TypeError, "throw() third argument must be a traceback"));
    }
    let is_class = kind.downcast::<Type>().is_some_and(|class| class.has_flag(abi::Py_TPFLAGS_BASE_EXC_SUBCLASS as u64));
    let made = match value {
        _ if !is_class => {
            if kind.is_instance_of::<BaseException>() && value.is_some() {
                return Err(err!(TypeError, "instance exception may not have a separate value"));
            }
            kind.to_owned()
        }
        None => call::call0(kind)?,
        Some(value) if value.is_instance_of::<BaseException>() => value.to_owned(),
        Some(value) => match value.downcast::<Tuple>() {
            Some(arguments) => call::call(kind, arguments, None)?,
            None => call::call1(kind, value)?,
        },
    };
    let Ok(exception) = made.try_into_typed::<BaseException>() else {
        return Err(err!(TypeError, "exceptions must be classes deriving BaseException or instances of such a class"));
    };
    if traceback.is_some() {
        exception.set_traceback(traceback);
    }
    Ok(exception)
}

#[pytype(static = FutureIter_Type, name = "FutureIter", module = "_asyncio", flags = HAVE_GC | DISALLOW_INSTANTIATION | IMMUTABLETYPE, native, final, doc = "")]
impl FutureIter {
    #[slot]
    fn tp_iter(&self) -> Owned {
        self.as_object().to_owned()
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        match self.advance()? {
            SendResult::Yield(future) => Ok(Some(future)),
            SendResult::Return(result) if result.is_none() => Ok(None),
            SendResult::Return(result) => Err(raise_stop_iteration(&result)),
        }
    }
    #[slot]
    fn am_send(&self, _value: &Object) -> PyResult<SendResult> {
        self.advance()
    }
    #[method("send($self, value, /)", nosig)]
    fn send(&self, _value: &Object) -> PyResult {
        match self.advance()? {
            SendResult::Yield(future) => Ok(future),
            SendResult::Return(result) => Err(raise_stop_iteration(&result)),
        }
    }
    #[method("throw($self, typ, val=<unrepresentable>, tb=<unrepresentable>, /)", nosig)]
    fn throw(&self, typ: &Object, val: Option<&Object>, tb: Option<&Object>) -> PyResult {
        let exception = to_throw(typ, val, tb)?;
        drop(self.future.take());
        errors::restore(exception);
        Err(errors::Raised::from_c())
    }
    #[method("close($self, /)", nosig)]
    fn close(&self) {
        drop(self.future.take());
    }
}
