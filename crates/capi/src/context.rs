//! `cpython/context.h`: context variables.

use crate::macros::{Done, Out, done, store};
use crate::object::text;
use abi::PyObject;
use runtime::errors::PyResult;
use runtime::modules::contextvars::{self, Context, ContextVar, Token};
use runtime::object::{Object, Owned};
use runtime::err;
use std::ffi::CStr;

fn expect<'a, T: runtime::object::PyTyped>(o: &'a Object, name: &str) -> PyResult<&'a T> {
    o.downcast_exact::<T>().ok_or_else(|| err!(TypeError, "an instance of {} was expected", name))
}

c_api! {
    fn PyContext_New() -> PyResult<Owned<Context>> { Context::new() }
    fn PyContext_Copy(o: &Object) -> PyResult<Owned<Context>> { expect::<Context>(o, "Context")?.copy() }
    fn PyContext_CopyCurrent() -> PyResult<Owned<Context>> { contextvars::copy_current() }
    fn PyContext_Enter(o: &Object) -> PyResult<Done> { done(contextvars::enter(expect(o, "Context")?)) }
    fn PyContext_Exit(o: &Object) -> PyResult<Done> { done(contextvars::exit(expect(o, "Context")?)) }
    fn PyContextVar_New(name: &CStr, default: Option<&Object>) -> PyResult<Owned<ContextVar>> { ContextVar::new(&*text(name)?, default) }
    fn PyContextVar_Get(var: &Object, default: Option<&Object>, out: Out<*mut PyObject>) -> PyResult<Done> {
        store(out.0, expect::<ContextVar>(var, "ContextVar")?.value(default))?;
        Ok(Done)
    }
    fn PyContextVar_Set(var: &Object, value: &Object) -> PyResult<Owned<Token>> { expect::<ContextVar>(var, "ContextVar")?.set_value(value) }
    fn PyContextVar_Reset(var: &Object, token: &Object) -> PyResult<Done> { done(expect::<ContextVar>(var, "ContextVar")?.reset_to(expect(token, "Token")?)) }
}
