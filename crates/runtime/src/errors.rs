//! The error protocol (D4): an error is the zero-sized `Raised`; the exception itself waits in the current thread state's
//! `current_exception` field, where C code looks for it too, and nowhere else.
//!
//! Invariant: a function returns `Err(Raised)` exactly if `current_exception` is set; `Ok` exactly if it is not.

use crate::exceptions;
use crate::object::{Object, Owned, Type, set_cell};
use crate::protocol::call;
use crate::tstate::ThreadState;
use crate::types::{BaseException, GilCell, Str, Tuple};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::ptr;

/// Says that an exception is set in the current thread state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Raised(());

/// The result of anything that may raise. `PyResult<Owned>` is one nullable pointer, the C convention.
pub type PyResult<T = Owned> = Result<T, Raised>;

/// Raises: `err!(TypeError, "format {}", x)` sets the exception and gives a `Raised`.
#[macro_export]
macro_rules! err {
    ($exc:ident, $($arg:tt)+) => { $crate::errors::raise($crate::exceptions::$exc(), format_args!($($arg)+)) };
}

impl Raised {
    /// For callers that know that an exception is set (a C function said so).
    /// A missing exception becomes SystemError, so that the invariant holds whatever C code did.
    #[inline]
    pub fn from_c() -> Raised {
        if ThreadState::current().0.current_exception.get().is_null() {
            return error_without_exception();
        }
        Raised(())
    }
}

#[cold]
fn error_without_exception() -> Raised {
    raise(exceptions::SystemError(), format_args!("error return without exception set"))
}

/// Turns a C result (owned pointer or NULL with an exception) into a `PyResult`.
/// # Safety
/// `ptr` is NULL or an owned reference.
#[inline(always)]
pub unsafe fn from_c(ptr: *mut abi::PyObject) -> PyResult {
    // SAFETY: by contract.
    match unsafe { Owned::from_raw_opt(ptr) } {
        Some(value) => Ok(value),
        None => Err(Raised::from_c()),
    }
}

/// Turns a `PyResult` into the C convention.
#[inline(always)]
pub fn to_c<T>(result: PyResult<Owned<T>>) -> *mut abi::PyObject {
    match result {
        Ok(value) => value.into_raw(),
        Err(_) => ptr::null_mut(),
    }
}

/// Raises `exc` with a message.
#[cold]
#[inline(never)]
pub fn raise(exc: &Type, message: fmt::Arguments<'_>) -> Raised {
    let text = match message.as_str() {
        Some(text) => Str::new(text),
        None => Str::new(&message.to_string()),
    };
    raise_object(exc, Some(&text))
}

/// `PyErr_SetObject`: raises `exc` with a value that is an instance already, the arguments (a tuple), or the only argument.
#[cold]
pub fn raise_object(exc: &Type, value: Option<&Object>) -> Raised {
    if !exc.has_flag(abi::Py_TPFLAGS_READY as u64) {
        too_early(exc, value);
    }
    // The new exception takes the place of one that is set; making it is a call, which none may be set for.
    clear();
    match create_exception(exc, value) {
        Ok(instance) => raise_instance(instance),
        Err(raised) => raised,
    }
}

/// An exception before there are exceptions: the process cannot start.
#[cold]
fn too_early(exc: &Type, value: Option<&Object>) -> ! {
    let message = value.and_then(|value| value.downcast::<Str>()).map_or_else(String::new, |text| text.to_string());
    eprintln!("Fatal Python error: {} while types are being made: {message}", exc.name());
    std::process::abort()
}

/// Raises `exc()` without arguments (`PyErr_SetNone`).
#[cold]
pub fn raise_none(exc: &Type) -> Raised {
    raise_object(exc, None)
}

/// `PyErr_NoMemory`. Making the instance takes memory too: where there is none for it, the one that was made at the start is raised.
#[cold]
pub fn no_memory() -> Raised {
    if MAKING_MEMORY_ERROR.0.replace(true) {
        return match &*LAST_RESORT.0.borrow() {
            Some(instance) => {
                instance.set_traceback(None);
                instance.set_context(None);
                restore(instance.clone())
            }
            // Types are not even made yet.
            None => std::process::abort(),
        };
    }
    let raised = raise_object(exceptions::MemoryError(), None);
    MAKING_MEMORY_ERROR.0.set(false);
    raised
}

static MAKING_MEMORY_ERROR: GilCell<Cell<bool>> = GilCell(Cell::new(false));
static LAST_RESORT: GilCell<RefCell<Option<Owned<BaseException>>>> = GilCell(RefCell::new(None));

/// Makes the MemoryError for when nothing can be made.
pub fn reserve_memory_error() -> PyResult<()> {
    let instance = create_exception(exceptions::MemoryError(), None)?;
    drop(LAST_RESORT.0.replace(Some(instance)));
    Ok(())
}

/// `PyErr_BadInternalCall`.
#[cold]
pub fn bad_internal_call() -> Raised {
    raise(exceptions::SystemError(), format_args!("bad argument to internal function"))
}

fn create_exception(exc: &Type, value: Option<&Object>) -> PyResult<Owned<BaseException>> {
    if let Some(value) = value
        && value.ty().is_subtype(exc)
        && let Some(instance) = value.downcast::<BaseException>()
    {
        return Ok(Owned::from_ref(instance));
    }
    let value = value.filter(|value| !value.is_none());
    let arguments = || match value {
        None => Tuple::empty(),
        Some(value) => match value.downcast::<Tuple>() {
            Some(args) => Owned::from_ref(args),
            None => Tuple::new(&[value]),
        },
    };
    if let Some(made) = exceptions::base::plain_instance(exc, arguments) {
        return made;
    }
    let made = match value {
        None => call::call0(exc)?,
        Some(value) => match value.downcast::<Tuple>() {
            Some(args) => call::call(exc, args, None)?,
            None => call::call1(exc, value)?,
        },
    };
    match made.try_into_typed::<BaseException>() {
        Ok(instance) => Ok(instance),
        Err(other) => Err(raise(
            exceptions::TypeError(),
            format_args!("calling {} should have returned an instance of BaseException, not {}", exc.name(), other.type_name()),
        )),
    }
}

/// Raises an instance, chaining the exception being handled as its `__context__` (`_PyErr_SetObject`).
pub fn raise_instance(instance: Owned<BaseException>) -> Raised {
    if let Some(handled) = handled_exception() {
        chain_context(&instance, handled);
    }
    restore(instance);
    Raised(())
}

/// As `raise_instance`, for an exception that has a context of its own already (`_PyErr_ChainStackItem`): the handled exception is only
/// chained where there is none yet.
pub fn raise_instance_if_new(instance: Owned<BaseException>) -> Raised {
    if instance.0.context.get().is_null() {
        return raise_instance(instance);
    }
    restore(instance)
}

/// Sets `handled` as `instance.__context__`, first cutting the chain where it would lead back to `instance`.
fn chain_context(instance: &Owned<BaseException>, handled: Owned) {
    if handled.raw() == instance.raw() {
        return;
    }
    // Walk the handled exception's context chain; Floyd's tortoise guards against a chain that is a cycle already.
    // SAFETY: context slots are NULL or own exceptions; the walk runs no Python code until the cut.
    unsafe {
        let mut at = handled.raw() as *mut abi::PyBaseExceptionObject;
        let mut slow = at;
        let mut step = false;
        loop {
            let context = (*at).context.get();
            if context.is_null() {
                break;
            }
            if context == instance.raw() {
                set_cell(&(*at).context, ptr::null_mut());
                break;
            }
            at = context as *mut abi::PyBaseExceptionObject;
            if at == slow {
                break;
            }
            if step {
                slow = (*slow).context.get() as *mut abi::PyBaseExceptionObject;
            }
            step = !step;
        }
        set_cell(&instance.0.context, handled.into_raw());
    }
}

/// The exception being handled (`sys.exception()`): the topmost stack item that holds one.
pub fn handled_exception() -> Option<Owned> {
    let mut item = ThreadState::current().0.exc_info.get();
    // SAFETY: exc_info is a NULL-ended list of live stack items.
    unsafe {
        while !item.is_null() {
            let value = (*item).exc_value.get();
            if !value.is_null() && value != crate::types::none().as_ptr() {
                return Some(Object::from_ptr(value).to_owned());
            }
            item = (*item).previous_item.get();
        }
    }
    None
}

/// `PyErr_SetRaisedException`: makes `instance` the current exception as it is.
#[inline]
pub fn restore(instance: Owned<BaseException>) -> Raised {
    // SAFETY: the field owns its value.
    unsafe { set_cell(&ThreadState::current().0.current_exception, instance.into_raw()) };
    Raised(())
}

/// `PyErr_GetRaisedException`: takes the current exception.
#[inline]
pub fn take() -> Option<Owned<BaseException>> {
    let value = ThreadState::current().0.current_exception.replace(ptr::null_mut());
    // SAFETY: the field owned it.
    unsafe { Owned::from_raw_opt(value) }
}

/// `PyErr_Occurred`, as a yes or no.
#[inline]
pub fn occurred() -> bool {
    !ThreadState::current().0.current_exception.get().is_null()
}

/// `PyErr_Clear`.
pub fn clear() {
    drop(take());
}

/// `PyErr_ExceptionMatches` for one type.
pub fn matches(exc: &Type) -> bool {
    let current = ThreadState::current().0.current_exception.get();
    // SAFETY: the field owns its value.
    !current.is_null() && unsafe { Object::from_ptr(current) }.ty().is_subtype(exc)
}

/// Clears the error if it is an `exc` and gives `Ok(None)`; passes any other error on.
pub fn catch<T>(result: PyResult<T>, exc: &Type) -> PyResult<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(_) if matches(exc) => {
            clear();
            Ok(None)
        }
        Err(raised) => Err(raised),
    }
}

/// Runs `f` with the current exception put aside, and puts it back; what `f` raises is chained away (dropped).
pub fn preserve<T>(f: impl FnOnce() -> T) -> T {
    let saved = take();
    let result = f();
    if let Some(saved) = saved {
        restore(saved);
    }
    result
}

/// Raises `exc(message)` with the current exception as cause and context (`_PyErr_FormatFromCause`).
#[cold]
pub fn raise_from_cause(exc: &Type, message: fmt::Arguments<'_>) -> Raised {
    let cause = take();
    let raised = raise(exc, message);
    if let Some(cause) = cause
        && let Some(new) = take()
    {
        // SAFETY: the slots own their values.
        unsafe {
            set_cell(&new.0.cause, cause.clone().into_raw());
            set_cell(&new.0.context, cause.into_raw());
            new.0.suppress_context.set(1);
        }
        return restore(new);
    }
    raised
}

/// Gives the exception that is set a context, as if it had been raised while `context` was handled.
#[cold]
pub fn with_context(raised: Raised, context: Option<Owned<BaseException>>) -> Raised {
    if let Some(context) = context
        && let Some(new) = take()
    {
        // SAFETY: the slot owns its value.
        unsafe { set_cell(&new.0.context, context.into_raw()) };
        return restore(new);
    }
    raised
}

/// Adds a note to the exception that is set.
pub fn add_note(note: &str) {
    if let Some(exc) = take() {
        let done = exc.add_note_text(note);
        if done.is_err() {
            clear();
        }
        restore(exc);
    }
}
