//! Vectorcall entries of native callables, and calls that pass arguments on.

use abi::PyObject;
use runtime::errors::PyResult;
use runtime::macro_support::{Args, KwArgs, guard_object, raw_arguments};
use runtime::object::{Object, Owned};
use runtime::protocol::call;
use runtime::types::Tuple;
use std::cell::Cell;

/// The place of a callable's vectorcall function, named by the type's `vectorcall_offset`.
pub type Entry = Cell<Option<abi::vectorcallfunc>>;

/// The `tp_call` of types with a vectorcall entry.
pub use runtime::protocol::call::vectorcall_call;

/// Runs the body of a vectorcall function on an instance of layout `T`.
/// # Safety
/// The arguments of a vectorcall of an object of layout `T`.
#[inline(always)]
pub unsafe fn enter<T>(
    callable: *mut PyObject,
    args: *const *mut PyObject,
    nargsf: usize,
    kwnames: *mut PyObject,
    body: impl FnOnce(&T, Args<'_>, KwArgs<'_>) -> PyResult,
) -> *mut PyObject {
    guard_object(|| {
        // SAFETY: by contract.
        unsafe {
            let (args, kwargs) = raw_arguments(args, (nargsf & !call::ARGUMENTS_OFFSET) as isize, kwnames);
            body(Object::from_ptr(callable).cast(), args, kwargs)
        }
    })
}

/// `callable(*args, **kwargs)`.
pub fn call_with(callable: &Object, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult {
    if kwargs.is_empty() {
        return call::call_args(callable, args);
    }
    let mut stack = Vec::with_capacity(args.len() + kwargs.len() + 1);
    stack.push(std::ptr::null_mut());
    stack.extend(args.iter().chain(kwargs.values).map(|o| o.as_ptr()));
    let names: Owned<Tuple> = Tuple::new(kwargs.names);
    call::vectorcall(callable, &stack[1..], args.len() | call::ARGUMENTS_OFFSET, Some(&names))
}
