//! `aiter`, `anext`, and the awaitable of `anext` with a default.

use crate::err;
use crate::errors::{self, PyResult};
use crate::exceptions;
use crate::interp::generator::awaitable_iter;
use crate::intern;
use crate::macro_support::Args;
use crate::object::{Object, ObjectHead, Owned, PyTyped};
use crate::protocol::call;
use crate::types::Str;
use macros::{Traverse, pyfunctions, pytype};

fn async_slot(o: &Object, pick: impl Fn(&abi::PyAsyncMethods) -> Option<abi::unaryfunc>) -> Option<abi::unaryfunc> {
    // SAFETY: the table is NULL or lives as long as the type.
    unsafe { o.ty().0.tp_as_async.get().as_ref() }.and_then(pick)
}

/// Awaits the next item; the end of the iteration gives the default.
#[derive(Traverse)]
#[repr(C)]
pub struct AnextAwaitable {
    head: ObjectHead,
    wrapped: Owned,
    default: Owned,
}

impl AnextAwaitable {
    /// The iterator of the wrapped awaitable.
    fn iterator(&self) -> PyResult {
        let iterator = awaitable_iter(&self.wrapped)?;
        if iterator.ty().0.tp_iternext.get().is_some() {
            return Ok(iterator);
        }
        // A coroutine: what it awaits with has the methods.
        let Some(am_await) = async_slot(&iterator, |t| t.am_await.get()) else {
            return Err(err!(TypeError, "'{}' object can't be awaited", iterator.type_name()));
        };
        // SAFETY: a slot of the object's own type.
        let inner = unsafe { errors::from_c(am_await(iterator.as_ptr()))? };
        if inner.ty().0.tp_iternext.get().is_none() {
            return Err(err!(TypeError, "__await__() returned non-iterator of type '{}'", inner.type_name()));
        }
        Ok(inner)
    }
    /// The end of the iteration is turned into the default.
    fn or_default<T>(&self, result: PyResult<T>) -> PyResult<T> {
        match result {
            Err(_) if errors::matches(exceptions::StopAsyncIteration()) => {
                errors::clear();
                Err(crate::types::generator::raise_stop_iteration(&self.default))
            }
            other => other,
        }
    }
    fn forward(&self, name: &Str, args: &[&Object]) -> PyResult {
        let iterator = self.iterator()?;
        self.or_default(call::call_method(&iterator, name, args))
    }
}

#[pytype(static = _PyAnextAwaitable_Type, name = "anext_awaitable", flags = HAVE_GC | DISALLOW_INSTANTIATION, native)]
impl AnextAwaitable {
    #[slot]
    fn tp_iter(&self) -> PyResult {
        Ok(self.as_object().to_owned())
    }
    #[slot]
    fn am_await(&self) -> PyResult {
        Ok(self.as_object().to_owned())
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        let iterator = self.iterator()?;
        self.or_default(crate::protocol::iter::next_raising(&iterator))
    }
    /// Resume the awaitable with a value.
    #[method("send($self, value, /)", nosig)]
    fn send(&self, value: &Object) -> PyResult {
        self.forward(intern!("send"), &[value])
    }
    /// Raise an exception in the awaitable.
    #[method("throw($self, *args)", nosig)]
    fn throw(&self, args: Args<'_>) -> PyResult {
        self.forward(intern!("throw"), args)
    }
    /// Raise GeneratorExit in the awaitable.
    #[method("close($self)", nosig)]
    fn close(&self) -> PyResult {
        self.forward(intern!("close"), &[])
    }
}

#[pyfunctions(ASYNC)]
pub mod functions {
    use super::*;

    /// The asynchronous iterator of an asynchronous iterable.
    #[function("aiter($module, async_iterable, /)")]
    fn aiter(async_iterable: &Object) -> PyResult {
        let Some(slot) = async_slot(async_iterable, |t| t.am_aiter.get()) else {
            return Err(err!(TypeError, "'{}' object is not an async iterable", async_iterable.type_name()));
        };
        // SAFETY: a slot of the object's own type.
        let iterator = unsafe { errors::from_c(slot(async_iterable.as_ptr()))? };
        if async_slot(&iterator, |t| t.am_anext.get()).is_none() {
            return Err(err!(TypeError, "aiter() returned not an async iterator of type '{}'", iterator.type_name()));
        }
        Ok(iterator)
    }

    /// An awaitable of the asynchronous iterator's next item.
    ///
    /// With a default, that is the result at the end, instead of StopAsyncIteration.
    #[function("anext($module, aiterator, default=<unrepresentable>, /)")]
    fn anext(aiterator: &Object, default: Option<&Object>) -> PyResult {
        let Some(slot) = async_slot(aiterator, |t| t.am_anext.get()) else {
            return Err(err!(TypeError, "'{}' object is not an async iterator", aiterator.type_name()));
        };
        // SAFETY: a slot of the object's own type.
        let awaitable = unsafe { errors::from_c(slot(aiterator.as_ptr()))? };
        let Some(default) = default else { return Ok(awaitable) };
        let made = AnextAwaitable { head: ObjectHead::placeholder(), wrapped: awaitable, default: default.to_owned() };
        crate::types::builtin_type_ready(AnextAwaitable::type_object())?;
        Ok(AnextAwaitable::construct(AnextAwaitable::type_object(), made)?.into_object())
    }
}
