//! What SQLite calls: functions, aggregates, collations, authorizer, progress and trace. Each takes the GIL, calls its Python object, and gives the GIL back.
//!
//! A function's object is owned by SQLite (`destroy` gives it up); those of the authorizer, progress and trace are owned by the connection, which takes
//! them out of SQLite before it lets go of them. What an object raises is dropped, or reported (`enable_callback_tracebacks`), and the statement fails;
//! a collation cannot fail, so its exception stays set until the statement has run.

use crate::failure::failed;
use crate::library::{self as ffi, Database, Value, with_gil};
use crate::statement::{decode, with_value};
use runtime::exceptions::{self, report};
use runtime::macro_support::guard;
use runtime::protocol::{call, object};
use runtime::types::{Bytes, Float, Int, Str, Tuple, none};
use runtime::{Object, Owned, PyResult, errors};
use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::ptr;
use std::slice;
use std::sync::atomic::{AtomicBool, Ordering};

pub static REPORT_ERRORS: AtomicBool = AtomicBool::new(false);

/// Reports or drops the exception that `callable` raised.
fn report_or_clear(callable: &Object) {
    if !REPORT_ERRORS.load(Ordering::Relaxed) {
        return errors::clear();
    }
    let shown = errors::preserve(|| match object::repr(callable) {
        Ok(text) => text.to_string(),
        Err(_) => {
            errors::clear();
            String::new()
        }
    });
    report::write_unraisable(Some(&format!("Exception ignored on sqlite3 callback {shown}")), None);
}

// ---- functions ---------------------------------------------------------------------------------------------------------------------

/// What a function of SQL is made of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Function { deterministic: bool },
    Aggregate,
    Window,
}

impl Database {
    /// Defines a function of SQL, or (no callable) takes it away; the result code.
    pub fn define_function(&self, name: &CStr, arguments: c_int, kind: Kind, callable: Option<&Object>) -> c_int {
        let context = callable.map_or(ptr::null_mut(), |callable| callable.to_owned().into_raw()) as usize;
        let present = callable.is_some();
        ffi::without_gil(|| {
            let context = context as *mut c_void;
            // SAFETY: an open database and a C string; the context's count goes to SQLite, which gives it to `destroy` even when it fails.
            unsafe {
                let destroy = if present { Some(destroy as unsafe extern "C" fn(*mut c_void)) } else { None };
                match kind {
                    Kind::Function { deterministic } => {
                        let flags = ffi::SQLITE_UTF8 | if deterministic { ffi::SQLITE_DETERMINISTIC } else { 0 };
                        let function = if present { Some(on_call as _) } else { None };
                        ffi::sqlite3_create_function_v2(self.raw(), name.as_ptr(), arguments, flags, context, function, None, None, destroy)
                    }
                    Kind::Aggregate => {
                        let (step, finish) = if present { (Some(on_step as _), Some(on_final as _)) } else { (None, None) };
                        ffi::sqlite3_create_function_v2(self.raw(), name.as_ptr(), arguments, ffi::SQLITE_UTF8, context, None, step, finish, destroy)
                    }
                    Kind::Window if present => ffi::sqlite3_create_window_function(
                        self.raw(),
                        name.as_ptr(),
                        arguments,
                        ffi::SQLITE_UTF8,
                        context,
                        Some(on_step),
                        Some(on_final),
                        Some(on_value),
                        Some(on_inverse),
                        destroy,
                    ),
                    Kind::Window => {
                        ffi::sqlite3_create_window_function(self.raw(), name.as_ptr(), arguments, ffi::SQLITE_UTF8, context, None, None, None, None, None)
                    }
                }
            }
        })
    }
    /// Defines a collation, or takes it away; the result code.
    pub fn define_collation(&self, name: &CStr, callable: Option<&Object>) -> c_int {
        let context = callable.map_or(ptr::null_mut(), |callable| callable.to_owned().into_raw()) as usize;
        let present = callable.is_some();
        let code = ffi::without_gil(|| {
            let (compare, destroy): (Option<unsafe extern "C" fn(_, _, _, _, _) -> _>, Option<unsafe extern "C" fn(_)>) =
                if present { (Some(on_collation), Some(destroy)) } else { (None, None) };
            // SAFETY: as for functions, but a failure leaves the context to us.
            unsafe { ffi::sqlite3_create_collation_v2(self.raw(), name.as_ptr(), ffi::SQLITE_UTF8, context as *mut c_void, compare, destroy) }
        });
        if code != ffi::SQLITE_OK && present {
            // SAFETY: the count taken above.
            drop(unsafe { Owned::<Object>::from_raw(context as *mut abi::PyObject) });
        }
        code
    }
}

unsafe extern "C" fn destroy(context: *mut c_void) {
    // SAFETY: the count that `define_function` took.
    with_gil(|| guard(|| errors::preserve(|| drop(unsafe { Owned::<Object>::from_raw(context as *mut abi::PyObject) }))));
}

/// A running call of SQL.
struct Call(*mut ffi::sqlite3_context);

impl Call {
    /// The Python object that was registered.
    fn callable(&self) -> Owned {
        // SAFETY: a context of one of our functions.
        unsafe { Object::from_ptr(ffi::sqlite3_user_data(self.0) as *mut abi::PyObject) }.to_owned()
    }
    /// The place of the aggregate's instance; None where there is none (and, with `make`, no memory for it).
    fn instance_slot(&self, make: bool) -> Option<&mut *mut abi::PyObject> {
        let size = if make { size_of::<*mut abi::PyObject>() } else { 0 };
        // SAFETY: zeroed memory of that size, for as long as the aggregate runs; only this thread uses it.
        unsafe { (ffi::sqlite3_aggregate_context(self.0, size as c_int) as *mut *mut abi::PyObject).as_mut() }
    }
    fn instance(&self) -> Option<Owned> {
        // SAFETY: the slot holds NULL or a count.
        self.instance_slot(false).and_then(|slot| unsafe { Object::from_ptr_opt(*slot) }).map(Object::to_owned)
    }
    fn take_instance(&self) -> Option<Owned> {
        // SAFETY: the slot's count moves out.
        self.instance_slot(false).and_then(|slot| unsafe { Owned::from_raw_opt(std::mem::replace(slot, ptr::null_mut())) })
    }
    /// Fails, with the words that the statement's error shows, and deals with the exception.
    #[cold]
    fn fail(&self, words: &str) {
        let words = ffi::c_string(words);
        // SAFETY: a running call; the words are copied.
        unsafe {
            if errors::matches(exceptions::MemoryError()) {
                ffi::sqlite3_result_error_nomem(self.0);
            } else if errors::matches(exceptions::OverflowError()) {
                ffi::sqlite3_result_error_toobig(self.0);
            } else {
                ffi::sqlite3_result_error(self.0, words.as_ptr(), -1);
            }
        }
        report_or_clear(&self.callable());
    }
    fn give(&self, value: &Object) -> PyResult<()> {
        let given = with_value(value, |value| {
            // SAFETY: a running call; text and blobs are copied.
            unsafe {
                match value {
                    Value::Null => ffi::sqlite3_result_null(self.0),
                    Value::Integer(value) => ffi::sqlite3_result_int64(self.0, value),
                    Value::Float(value) => ffi::sqlite3_result_double(self.0, value),
                    Value::Text(text) => ffi::sqlite3_result_text(self.0, text.as_ptr() as *const c_char, text.len() as c_int, ffi::SQLITE_TRANSIENT()),
                    Value::Blob(data) => ffi::sqlite3_result_blob(self.0, data.as_ptr() as *const c_void, data.len() as c_int, ffi::SQLITE_TRANSIENT()),
                    Value::NoMemory => ffi::sqlite3_result_error_nomem(self.0),
                }
            }
        })?;
        given.ok_or_else(|| failed!(PROGRAMMING_ERROR, "User-defined functions cannot return '{}' values to SQLite", value.type_name()))
    }
}

/// A call's arguments as objects.
/// # Safety
/// What SQLite passes.
unsafe fn arguments(call: &Call, count: c_int, values: *mut *mut ffi::sqlite3_value) -> PyResult<Owned<Tuple>> {
    // SAFETY: `count` values, which live for the call.
    let values: &[*mut ffi::sqlite3_value] = if count <= 0 { &[] } else { unsafe { slice::from_raw_parts(values, count as usize) } };
    let mut items = Vec::with_capacity(values.len());
    for &value in values {
        // SAFETY: a value of the call; text and blobs are `len` bytes until it is converted again.
        items.push(unsafe {
            match ffi::sqlite3_value_type(value) {
                ffi::SQLITE_INTEGER => Int::from_i64(ffi::sqlite3_value_int64(value)).into_object(),
                ffi::SQLITE_FLOAT => Float::new(ffi::sqlite3_value_double(value)).into_object(),
                ffi::SQLITE_TEXT => {
                    let text = ffi::sqlite3_value_text(value);
                    if text.is_null() && ffi::sqlite3_errcode(ffi::sqlite3_context_db_handle(call.0)) == ffi::SQLITE_NOMEM {
                        return Err(errors::no_memory());
                    }
                    decode(bytes(text as *const c_void, ffi::sqlite3_value_bytes(value)))?.into_object()
                }
                ffi::SQLITE_BLOB => {
                    let data = ffi::sqlite3_value_blob(value);
                    Bytes::try_new(bytes(data, ffi::sqlite3_value_bytes(value)))?.into_object()
                }
                _ => none().to_owned(),
            }
        });
    }
    Ok(Tuple::from_vec(items))
}

/// # Safety
/// `len` bytes at `data`, or NULL.
unsafe fn bytes<'a>(data: *const c_void, len: c_int) -> &'a [u8] {
    // SAFETY: by contract.
    if data.is_null() || len <= 0 { &[] } else { unsafe { slice::from_raw_parts(data as *const u8, len as usize) } }
}

/// Runs a callback of a call with the GIL and no exception set.
fn enter(context: *mut ffi::sqlite3_context, run: impl FnOnce(&Call)) {
    with_gil(|| {
        guard(|| {
            let call = Call(context);
            errors::preserve(|| run(&call));
        })
    });
}

unsafe extern "C" fn on_call(context: *mut ffi::sqlite3_context, count: c_int, values: *mut *mut ffi::sqlite3_value) {
    enter(context, |call| {
        // SAFETY: what SQLite passed.
        let result = unsafe { arguments(call, count, values) }.and_then(|args| call::call(&call.callable(), &args, None)).and_then(|value| call.give(&value));
        if result.is_err() {
            call.fail("user-defined function raised exception");
        }
    });
}

unsafe extern "C" fn on_step(context: *mut ffi::sqlite3_context, count: c_int, values: *mut *mut ffi::sqlite3_value) {
    enter(context, |call| {
        let Some(slot) = call.instance_slot(true) else {
            return call.fail("unable to allocate SQLite aggregate context");
        };
        if slot.is_null() {
            match call::call0(&call.callable()) {
                // SAFETY: the slot's memory stays; nobody else fills it.
                Ok(instance) => *slot = instance.into_raw(),
                Err(_) => return call.fail("user-defined aggregate's '__init__' method raised error"),
            }
        }
        let Some(instance) = call.instance() else { return };
        let Ok(method) = object::get_attr(&instance, runtime::intern!("step")) else {
            return call.fail("user-defined aggregate's 'step' method not defined");
        };
        // SAFETY: what SQLite passed.
        let result = unsafe { arguments(call, count, values) }.and_then(|args| call::call(&method, &args, None));
        if result.is_err() {
            call.fail("user-defined aggregate's 'step' method raised error");
        }
    });
}

/// The words for a method that failed: with `AttributeError` it may not be there.
fn method_words(method: &str) -> String {
    let what = if errors::matches(exceptions::AttributeError()) { "not defined" } else { "raised error" };
    format!("user-defined aggregate's '{method}' method {what}")
}

unsafe extern "C" fn on_final(context: *mut ffi::sqlite3_context) {
    enter(context, |call| {
        // None: no row came by, or the class could not be called.
        let Some(instance) = call.take_instance() else { return };
        let result = call::call_method0(&instance, runtime::intern!("finalize")).and_then(|value| call.give(&value));
        if result.is_err() {
            call.fail(&method_words("finalize"));
        }
    });
}

unsafe extern "C" fn on_value(context: *mut ffi::sqlite3_context) {
    enter(context, |call| {
        let Some(instance) = call.instance() else { return };
        match call::call_method0(&instance, runtime::intern!("value")) {
            Err(_) => call.fail(&method_words("value")),
            Ok(value) => {
                if call.give(&value).is_err() {
                    call.fail("unable to set result from user-defined aggregate's 'value' method");
                }
            }
        }
    });
}

unsafe extern "C" fn on_inverse(context: *mut ffi::sqlite3_context, count: c_int, values: *mut *mut ffi::sqlite3_value) {
    enter(context, |call| {
        let Some(instance) = call.instance() else { return };
        let Ok(method) = object::get_attr(&instance, runtime::intern!("inverse")) else {
            return call.fail("user-defined aggregate's 'inverse' method not defined");
        };
        // SAFETY: what SQLite passed.
        let Ok(args) = (unsafe { arguments(call, count, values) }) else {
            return call.fail("unable to build arguments for user-defined aggregate's 'inverse' method");
        };
        if call::call(&method, &args, None).is_err() {
            call.fail("user-defined aggregate's 'inverse' method raised error");
        }
    });
}

unsafe extern "C" fn on_collation(context: *mut c_void, a_len: c_int, a: *const c_void, b_len: c_int, b: *const c_void) -> c_int {
    let compare = || {
        // A comparison before has failed: the statement will, as soon as it may.
        if errors::occurred() {
            return 0;
        }
        // SAFETY: the registered object, and two texts.
        let (callable, a, b) = unsafe { (Object::from_ptr(context as *mut abi::PyObject).to_owned(), bytes(a, a_len), bytes(b, b_len)) };
        let result = decode(a).and_then(|a| call::call_args(&callable, &[&a, &*decode(b)?]));
        let Ok(result) = result else { return 0 };
        let order = runtime::protocol::number::index(&result).map(|order| order.sign());
        order.unwrap_or_else(|_| {
            errors::clear();
            0
        })
    };
    with_gil(|| guard(compare)).unwrap_or(0)
}

// ---- hooks -------------------------------------------------------------------------------------------------------------------------

impl Database {
    /// Sets the authorizer; the connection keeps `callable` alive until another is set.
    pub fn set_authorizer(&self, callable: Option<&Object>) -> c_int {
        let _lock = self.lock();
        // SAFETY: an open database; the object lives while it is set.
        unsafe {
            match callable {
                None => ffi::sqlite3_set_authorizer(self.raw(), None, ptr::null_mut()),
                Some(callable) => ffi::sqlite3_set_authorizer(self.raw(), Some(on_authorize), callable.as_ptr() as *mut c_void),
            }
        }
    }
    /// As `set_authorizer`: called every `instructions`.
    pub fn set_progress_handler(&self, callable: Option<&Object>, instructions: c_int) {
        let _lock = self.lock();
        // SAFETY: as above.
        unsafe {
            match callable {
                None => ffi::sqlite3_progress_handler(self.raw(), 0, None, ptr::null_mut()),
                Some(callable) => ffi::sqlite3_progress_handler(self.raw(), instructions, Some(on_progress), callable.as_ptr() as *mut c_void),
            }
        }
    }
    /// As `set_authorizer`.
    pub fn set_trace(&self, callable: Option<&Object>) {
        let _lock = self.lock();
        // SAFETY: as above.
        unsafe {
            match callable {
                None => ffi::sqlite3_trace_v2(self.raw(), 0, None, ptr::null_mut()),
                Some(callable) => ffi::sqlite3_trace_v2(self.raw(), ffi::SQLITE_TRACE_STMT as c_uint, Some(on_trace), callable.as_ptr() as *mut c_void),
            }
        };
    }
}

/// Calls a hook's object with the GIL and no exception set.
fn enter_hook(context: *mut c_void, run: impl FnOnce(&Object) -> c_int, otherwise: c_int) -> c_int {
    let body = || {
        // SAFETY: the connection keeps the object while it is set.
        let callable = unsafe { Object::from_ptr(context as *mut abi::PyObject) }.to_owned();
        errors::preserve(|| run(&callable))
    };
    with_gil(|| guard(body)).unwrap_or(otherwise)
}

unsafe extern "C" fn on_authorize(
    context: *mut c_void,
    action: c_int,
    first: *const c_char,
    second: *const c_char,
    database: *const c_char,
    source: *const c_char,
) -> c_int {
    let run = |callable: &Object| {
        let ask = || -> PyResult<c_int> {
            let mut args = vec![Int::from_i64(action as i64).into_object()];
            for text in [first, second, database, source] {
                // SAFETY: NULL or a C string.
                args.push(if text.is_null() { none().to_owned() } else { decode(unsafe { CStr::from_ptr(text) }.to_bytes())?.into_object() });
            }
            let answer = call::call(callable, &Tuple::from_vec(args), None)?;
            if answer.is_instance_of::<Int>() { runtime::protocol::number::as_i32(&answer) } else { Ok(ffi::SQLITE_DENY) }
        };
        ask().unwrap_or_else(|_| {
            report_or_clear(callable);
            ffi::SQLITE_DENY
        })
    };
    enter_hook(context, run, ffi::SQLITE_DENY)
}

unsafe extern "C" fn on_progress(context: *mut c_void) -> c_int {
    let run = |callable: &Object| match call::call0(callable).and_then(|answer| object::is_true(&answer)) {
        Ok(stop) => stop as c_int,
        Err(_) => {
            report_or_clear(callable);
            -1
        }
    };
    enter_hook(context, run, 0)
}

unsafe extern "C" fn on_trace(_event: c_uint, context: *mut c_void, statement: *mut c_void, sql: *mut c_void) -> c_int {
    let run = |callable: &Object| {
        // SAFETY: a running statement; what it expands to is ours to free.
        let text = unsafe {
            let statement = statement as *mut ffi::sqlite3_stmt;
            let expanded = ffi::sqlite3_expanded_sql(statement);
            if !expanded.is_null() {
                let text = CStr::from_ptr(expanded).to_bytes().to_vec();
                ffi::sqlite3_free(expanded as *mut c_void);
                Ok(text)
            } else if ffi::sqlite3_errcode(ffi::sqlite3_db_handle(statement)) == ffi::SQLITE_NOMEM {
                Err(errors::no_memory())
            } else {
                failed!(DATA_ERROR, "Expanded SQL string exceeds the maximum string length");
                report_or_clear(callable);
                Ok(CStr::from_ptr(sql as *const c_char).to_bytes().to_vec())
            }
        };
        let done = text.and_then(|text| decode(&text)).and_then(|text: Owned<Str>| call::call1(callable, &text));
        if done.is_err() {
            report_or_clear(callable);
        }
        0
    };
    enter_hook(context, run, 0)
}
