//! `pyerrors.h`, `warnings.h`, `traceback.h`: raising, catching and showing exceptions. Formatted messages come from `csrc/variadic.c`.

use crate::macros::{Done, done};
use crate::object::text;
use abi::PyObject;
use runtime::errors::{self, PyResult};
use runtime::exceptions::{self, os_error, report, unicode_error};
use runtime::object::{Object, Owned, PyTyped, Type, set_cell, xdecref, xincref};
use runtime::protocol::call;
use runtime::protocol::object as proto;
use runtime::tstate::ThreadState;
use runtime::types::{self, BaseException, Bytes, Dict, Int, Str, Traceback, Tuple};
use runtime::{err, intern};
use std::ffi::{CStr, c_char, c_int};
use std::ptr;

/// The exception class in an argument.
fn class(exc: &Object) -> PyResult<&Type> {
    match exc.downcast::<Type>() {
        Some(class) if class.has_flag(abi::Py_TPFLAGS_BASE_EXC_SUBCLASS as u64) => Ok(class),
        _ => Err(err!(SystemError, "_PyErr_SetObject: exception {} is not a BaseException subclass", proto::repr(exc).map(|r| r.to_string()).unwrap_or_default())),
    }
}

fn raise_with(exc: &Object, value: Option<&Object>) {
    if let Ok(class) = class(exc) {
        errors::raise_object(class, value.filter(|value| !value.is_none()));
    }
}

/// Whether `err` (an instance or a class) is what `exc` (a class or a tuple of them) names.
fn given_matches(err: Option<&Object>, exc: Option<&Object>) -> bool {
    let (Some(err), Some(exc)) = (err, exc) else { return false };
    if let Some(tuple) = exc.downcast::<Tuple>() {
        return tuple.iter().any(|one| given_matches(Some(err), Some(one)));
    }
    let err_class: &Object = if err.is_instance_of::<BaseException>() { err.ty() } else { err };
    let is_class = |o: &Object| o.downcast::<Type>().is_some_and(|class| class.has_flag(abi::Py_TPFLAGS_BASE_EXC_SUBCLASS as u64));
    if is_class(err_class) && is_class(exc) {
        // SAFETY: both are types.
        return unsafe { err_class.cast::<Type>().is_subtype(exc.cast::<Type>()) };
    }
    err_class.is(exc)
}

fn exception(o: &Object) -> PyResult<&BaseException> {
    o.downcast::<BaseException>().ok_or_else(errors::bad_internal_call)
}

/// Stores an owned reference (or nothing) in an exception's field.
unsafe fn steal_into(cell: &std::cell::Cell<*mut PyObject>, value: *mut PyObject) {
    // SAFETY: the field owns its value; the caller gives one up.
    unsafe { set_cell(cell, value) };
}

/// An instance of the normalised exception in the three variables of the old protocol.
unsafe fn normalized(ty: &Object, value: *mut PyObject) -> PyResult<Owned<BaseException>> {
    let class = class(ty)?;
    // SAFETY: NULL or live.
    let value = unsafe { Object::from_ptr_opt(value) }.filter(|value| !value.is_none());
    if let Some(instance) = value.and_then(|value| value.downcast::<BaseException>())
        && proto::is_subclass(instance.as_object().ty(), class)?
    {
        return Ok(Owned::from_ref(instance));
    }
    let made = match value {
        None => call::call0(class)?,
        Some(value) => match value.downcast::<Tuple>() {
            Some(args) => call::call(class, args, None)?,
            None => call::call1(class, value)?,
        },
    };
    made.try_into_typed::<BaseException>().map_err(|other| err!(TypeError, "calling {} should have returned an instance of BaseException, not {}", class.name(), other.type_name()))
}

fn warning_category(category: Option<&Object>) -> PyResult<&Type> {
    match category {
        None => Ok(exceptions::RuntimeWarning()),
        Some(category) => category.downcast::<Type>().ok_or_else(|| err!(TypeError, "category must be a Warning subclass, not '{}'", category.type_name())),
    }
}

/// A field of a Unicode error.
unsafe fn unicode_fields(o: &Object) -> &abi::PyUnicodeErrorObject {
    // SAFETY: checked by the callers.
    unsafe { o.cast() }
}

fn check_unicode_error<'a>(o: &'a Object, kind: &Type) -> PyResult<&'a abi::PyUnicodeErrorObject> {
    if o.ty().is_subtype(kind) {
        // SAFETY: checked.
        return Ok(unsafe { unicode_fields(o) });
    }
    Err(err!(TypeError, "expecting a {} object, got {}", kind.name(), o.type_name()))
}

fn string_field(cell: &std::cell::Cell<*mut PyObject>, name: &str, encoding: bool) -> PyResult {
    // SAFETY: NULL or owned by the field.
    match unsafe { Object::from_ptr_opt(cell.get()) } {
        None => Err(err!(TypeError, "UnicodeError '{}' attribute is not set", name)),
        Some(value) => {
            let ok = if encoding { value.is_instance_of::<Str>() } else { true };
            if ok { Ok(value.to_owned()) } else { Err(err!(TypeError, "UnicodeError '{}' attribute must be a string", name)) }
        }
    }
}

fn object_length(fields: &abi::PyUnicodeErrorObject) -> PyResult<isize> {
    // SAFETY: NULL or owned by the field.
    match unsafe { Object::from_ptr_opt(fields.object.get()) } {
        None => Err(err!(TypeError, "UnicodeError 'object' attribute is not set")),
        Some(o) => match (o.downcast::<Str>(), o.downcast::<Bytes>()) {
            (Some(s), _) => Ok(s.len() as isize),
            (_, Some(b)) => Ok(b.len() as isize),
            _ => Err(err!(TypeError, "UnicodeError 'object' attribute must be a string")),
        },
    }
}

macro_rules! unicode_error_functions {
    ($kind:ident, $start:ident, $end:ident, $object:ident, $reason:ident, $set_start:ident, $set_end:ident, $set_reason:ident $(, $encoding:ident)?) => {
        c_api! {
            $( fn $encoding(o: &Object) -> PyResult { string_field(&check_unicode_error(o, exceptions::$kind())?.encoding, "encoding", true) } )?
            fn $object(o: &Object) -> PyResult { string_field(&check_unicode_error(o, exceptions::$kind())?.object, "object", false) }
            fn $reason(o: &Object) -> PyResult { string_field(&check_unicode_error(o, exceptions::$kind())?.reason, "reason", true) }
            fn $start(o: &Object, start: *mut isize) -> PyResult<Done> {
                let fields = check_unicode_error(o, exceptions::$kind())?;
                let size = object_length(fields)?;
                *start = fields.start.get().min(size - 1).max(0);
                Ok(Done)
            }
            fn $end(o: &Object, end: *mut isize) -> PyResult<Done> {
                let fields = check_unicode_error(o, exceptions::$kind())?;
                let size = object_length(fields)?;
                *end = fields.end.get().max(1).min(size);
                Ok(Done)
            }
            fn $set_start(o: &Object, start: isize) -> PyResult<Done> {
                check_unicode_error(o, exceptions::$kind())?.start.set(start);
                Ok(Done)
            }
            fn $set_end(o: &Object, end: isize) -> PyResult<Done> {
                check_unicode_error(o, exceptions::$kind())?.end.set(end);
                Ok(Done)
            }
            fn $set_reason(o: &Object, reason: &CStr) -> PyResult<Done> {
                let fields = check_unicode_error(o, exceptions::$kind())?;
                set_cell(&fields.reason, text(reason)?.into_raw());
                Ok(Done)
            }
        }
    };
}
unicode_error_functions!(UnicodeEncodeError, PyUnicodeEncodeError_GetStart, PyUnicodeEncodeError_GetEnd, PyUnicodeEncodeError_GetObject, PyUnicodeEncodeError_GetReason,
    PyUnicodeEncodeError_SetStart, PyUnicodeEncodeError_SetEnd, PyUnicodeEncodeError_SetReason, PyUnicodeEncodeError_GetEncoding);
unicode_error_functions!(UnicodeDecodeError, PyUnicodeDecodeError_GetStart, PyUnicodeDecodeError_GetEnd, PyUnicodeDecodeError_GetObject, PyUnicodeDecodeError_GetReason,
    PyUnicodeDecodeError_SetStart, PyUnicodeDecodeError_SetEnd, PyUnicodeDecodeError_SetReason, PyUnicodeDecodeError_GetEncoding);
unicode_error_functions!(UnicodeTranslateError, PyUnicodeTranslateError_GetStart, PyUnicodeTranslateError_GetEnd, PyUnicodeTranslateError_GetObject,
    PyUnicodeTranslateError_GetReason, PyUnicodeTranslateError_SetStart, PyUnicodeTranslateError_SetEnd, PyUnicodeTranslateError_SetReason);

c_api! {
    // ---- raising
    fn PyErr_SetNone(exc: &Object) { raise_with(exc, None) }
    fn PyErr_SetObject(exc: &Object, value: Option<&Object>) { raise_with(exc, value) }
    fn PyErr_SetString(exc: &Object, message: &CStr) {
        if let Ok(message) = text(message) {
            raise_with(exc, Some(&message));
        }
    }
    fn _PyErr_SetKeyError(key: &Object) { errors::raise_object(exceptions::KeyError(), Some(&*Tuple::new(&[key]))); }
    fn _PyErr_SetString(_ts: *mut abi::PyThreadState, exc: &Object, message: &CStr) {
        if let Ok(message) = text(message) {
            raise_with(exc, Some(&message));
        }
    }
    fn PyErr_NoMemory() -> *mut PyObject {
        errors::no_memory();
        ptr::null_mut()
    }
    fn PyErr_BadArgument() -> c_int {
        crate::unicodeobject::bad_argument();
        0
    }
    fn PyErr_BadInternalCall() { errors::bad_internal_call(); }
    fn _PyErr_BadInternalCall(file: Option<&CStr>, line: c_int) {
        err!(SystemError, "{}:{}: bad argument to internal function", file.map(|f| f.to_string_lossy()).unwrap_or_default(), line);
    }
    fn PyErr_SetFromErrno(exc: &Object) -> *mut PyObject { from_errno(exc, None, None) }
    fn PyErr_SetFromErrnoWithFilenameObject(exc: &Object, filename: Option<&Object>) -> *mut PyObject { from_errno(exc, filename, None) }
    fn PyErr_SetFromErrnoWithFilenameObjects(exc: &Object, filename: Option<&Object>, second: Option<&Object>) -> *mut PyObject { from_errno(exc, filename, second) }
    fn PyErr_SetFromErrnoWithFilename(exc: &Object, filename: Option<&CStr>) -> *mut PyObject {
        let saved = *libc::__errno_location();
        let filename = match filename.map(|f| crate::unicode_codecs::decode_fs(f.to_bytes())).transpose() {
            Ok(filename) => filename,
            Err(_) => return ptr::null_mut(),
        };
        *libc::__errno_location() = saved;
        from_errno(exc, filename.as_ref().map(|f| f.object()), None)
    }
    fn PyErr_SetImportError(message: Option<&Object>, name: Option<&Object>, path: Option<&Object>) -> *mut PyObject {
        import_error_of(exceptions::ImportError(), message, name, path)
    }
    fn PyErr_SetImportErrorSubclass(exc: &Object, message: Option<&Object>, name: Option<&Object>, path: Option<&Object>) -> *mut PyObject {
        match exc.downcast::<Type>().filter(|class| class.is_subtype(exceptions::ImportError())) {
            Some(class) => import_error_of(class, message, name, path),
            None => {
                err!(TypeError, "expected a subclass of ImportError");
                ptr::null_mut()
            }
        }
    }

    // ---- the current exception
    fn PyErr_Clear() { errors::clear() }
    fn PyErr_GetRaisedException() -> *mut PyObject { errors::take().map_or(ptr::null_mut(), Owned::into_raw) }
    fn PyErr_SetRaisedException(exc: *mut PyObject) {
        match Owned::<Object>::from_raw_opt(exc) {
            Some(exc) => {
                if let Ok(exc) = exc.try_into_typed::<BaseException>() {
                    errors::restore(exc);
                } else {
                    errors::bad_internal_call();
                }
            }
            None => errors::clear(),
        }
    }
    fn PyErr_ExceptionMatches(exc: Option<&Object>) -> bool { given_matches(Object::from_ptr_opt(PyErr_Occurred()), exc) }
    fn PyErr_GivenExceptionMatches(err: Option<&Object>, exc: Option<&Object>) -> bool { given_matches(err, exc) }
    fn PyErr_Fetch(ty: *mut *mut PyObject, value: *mut *mut PyObject, traceback: *mut *mut PyObject) {
        match errors::take() {
            None => (*ty, *value, *traceback) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut()),
            Some(exc) => {
                *ty = exc.object().ty().to_owned().into_raw();
                *traceback = xincref(exc.0.traceback.get());
                *value = exc.into_raw();
            }
        }
    }
    fn PyErr_Restore(ty: *mut PyObject, value: *mut PyObject, traceback: *mut PyObject) {
        let (ty, value): (Option<Owned>, Option<Owned>) = (Owned::from_raw_opt(ty), Owned::from_raw_opt(value));
        let traceback: Option<Owned> = Owned::from_raw_opt(traceback);
        errors::clear();
        let Some(ty) = ty else { return };
        if traceback.as_ref().is_some_and(|tb| !tb.is_none() && !tb.is_instance_of::<Traceback>()) {
            err!(TypeError, "traceback must be a Traceback or None");
            return;
        }
        if let Ok(exc) = normalized(&ty, value.as_ref().map_or(ptr::null_mut(), |value| value.raw())) {
            if let Some(traceback) = traceback.filter(|tb| !tb.is_none()) {
                steal_into(&exc.0.traceback, traceback.into_raw());
            }
            errors::restore(exc);
        }
    }
    fn PyErr_NormalizeException(ty: *mut *mut PyObject, value: *mut *mut PyObject, traceback: *mut *mut PyObject) {
        let Some(class) = Object::from_ptr_opt(*ty) else { return };
        match normalized(class, *value) {
            Ok(exc) => {
                let old = std::mem::replace(&mut *ty, exc.object().ty().to_owned().into_raw());
                let old_value = std::mem::replace(&mut *value, exc.into_raw());
                xdecref(old);
                xdecref(old_value);
            }
            Err(_) => {
                let (old, old_value, old_traceback) = (*ty, *value, *traceback);
                PyErr_Fetch(ty, value, traceback);
                xdecref(old);
                xdecref(old_value);
                if (*traceback).is_null() { *traceback = old_traceback } else { xdecref(old_traceback) }
            }
        }
    }
    fn _PyErr_ChainExceptions1(exc: *mut PyObject) {
        let Some(older) = Owned::<Object>::from_raw_opt(exc) else { return };
        let Ok(older) = older.try_into_typed::<BaseException>() else { return };
        match errors::take() {
            None => {
                errors::restore(older);
            }
            Some(newer) => {
                steal_into(&newer.0.context, older.into_raw());
                errors::restore(newer);
            }
        }
    }

    // ---- the handled exception
    fn PyErr_GetHandledException() -> *mut PyObject { errors::handled_exception().map_or(ptr::null_mut(), Owned::into_raw) }
    fn PyErr_SetHandledException(exc: Option<&Object>) { set_handled(exc) }
    fn PyErr_GetExcInfo(ty: *mut *mut PyObject, value: *mut *mut PyObject, traceback: *mut *mut PyObject) {
        match errors::handled_exception() {
            None => (*ty, *value, *traceback) = (types::none().to_owned().into_raw(), types::none().to_owned().into_raw(), types::none().to_owned().into_raw()),
            Some(exc) => {
                *ty = exc.ty().to_owned().into_raw();
                *traceback = exc.downcast::<BaseException>().and_then(|e| e.traceback()).unwrap_or_else(|| types::none().to_owned()).into_raw();
                *value = exc.into_raw();
            }
        }
    }
    fn PyErr_SetExcInfo(ty: *mut PyObject, value: *mut PyObject, traceback: *mut PyObject) {
        set_handled(Object::from_ptr_opt(value));
        xdecref(ty);
        xdecref(value);
        xdecref(traceback);
    }

    // ---- exception objects
    fn PyException_GetTraceback(o: &Object) -> PyResult<Option<Owned>> { Ok(exception(o)?.traceback()) }
    fn PyException_SetTraceback(o: &Object, traceback: Option<&Object>) -> PyResult<Done> {
        let exc = exception(o)?;
        match traceback {
            None => Err(err!(TypeError, "__traceback__ may not be deleted")),
            Some(tb) if tb.is_none() || tb.is_instance_of::<Traceback>() => {
                exc.set_traceback(Some(tb).filter(|tb| !tb.is_none()));
                Ok(Done)
            }
            Some(_) => Err(err!(TypeError, "__traceback__ must be a traceback or None")),
        }
    }
    fn PyException_GetCause(o: &Object) -> PyResult<Option<Owned>> { Ok(exception(o)?.cause()) }
    fn PyException_SetCause(o: &Object, cause: *mut PyObject) {
        if let Ok(exc) = exception(o) {
            steal_into(&exc.0.cause, cause);
            exc.0.suppress_context.set(1);
        }
    }
    fn PyException_GetContext(o: &Object) -> PyResult<Option<Owned>> { Ok(exception(o)?.context()) }
    fn PyException_SetContext(o: &Object, context: *mut PyObject) {
        if let Ok(exc) = exception(o) {
            steal_into(&exc.0.context, context);
        }
    }
    fn PyException_GetArgs(o: &Object) -> PyResult<Owned<Tuple>> { Ok(exception(o)?.args()) }
    fn PyException_SetArgs(o: &Object, args: &Tuple) {
        if let Ok(exc) = exception(o) {
            steal_into(&exc.0.args, args.to_owned().into_raw());
        }
    }
    fn PyExceptionClass_Name(o: &Object) -> *const c_char { o.downcast::<Type>().map_or(ptr::null(), |class| class.0.tp_name.get()) }
    fn PyErr_NewException(name: &CStr, base: Option<&Object>, dict: Option<&Object>) -> PyResult { new_exception(name, None, base, dict) }
    fn PyErr_NewExceptionWithDoc(name: &CStr, doc: Option<&CStr>, base: Option<&Object>, dict: Option<&Object>) -> PyResult { new_exception(name, doc, base, dict) }
    fn PyUnstable_Exc_PrepReraiseStar(orig: &Object, excs: &Object) -> PyResult {
        let Some(exc) = orig.downcast::<BaseException>() else { return Err(err!(TypeError, "orig must be an exception")) };
        let Some(list) = excs.downcast::<types::List>() else { return Err(err!(TypeError, "excs must be a list")) };
        for i in 0..list.len() {
            if list.get(i).is_some_and(|item| !item.is_none() && !item.is_instance_of::<BaseException>()) {
                return Err(err!(TypeError, "item {} in excs is not an exception", i));
            }
        }
        if exc.traceback().is_none() {
            return Err(err!(ValueError, "orig must be a raised exception"));
        }
        exceptions::group::prep_reraise_star(orig, excs)
    }
    fn PyUnicodeDecodeError_Create(encoding: &CStr, data: *const c_char, length: isize, start: isize, end: isize, reason: &CStr) -> PyResult {
        let subject = Bytes::new(crate::unicodeobject::bytes_at(data, length));
        unicode_error::make(exceptions::UnicodeDecodeError(), &encoding.to_string_lossy(), &subject, start.max(0) as usize, end.max(0) as usize, &reason.to_string_lossy())
    }

    // ---- showing
    fn PyErr_Print() { print(true) }
    fn PyErr_PrintEx(set_sys_last_vars: c_int) { print(set_sys_last_vars != 0) }
    fn PyErr_Display(_ty: Option<&Object>, value: Option<&Object>, traceback: Option<&Object>) {
        if let Some(exc) = value.and_then(|value| value.downcast::<BaseException>()) {
            if let Some(tb) = traceback.filter(|tb| tb.is_instance_of::<Traceback>() && exc.traceback().is_none()) {
                exc.set_traceback(Some(tb));
            }
            report::display(&Owned::from_ref(exc));
        } else if let Some(value) = value {
            report::write_stderr(&format!("TypeError: print_exception(): Exception expected for value, {} found\n", value.type_name()));
        }
    }
    fn PyErr_DisplayException(exc: &Object) {
        if let Some(exc) = exc.downcast::<BaseException>() {
            report::display(&Owned::from_ref(exc));
        }
    }
    fn PyErr_WriteUnraisable(o: Option<&Object>) { report::write_unraisable(None, o) }
    fn PyErr_CheckSignals() -> PyResult<Done> { done(runtime::gil::check_signals()) }
    fn PyErr_SetInterrupt() { PyErr_SetInterruptEx(libc::SIGINT); }
    fn PyErr_SetInterruptEx(signal: c_int) -> c_int {
        if !(1..65).contains(&signal) {
            return -1;
        }
        // As if the signal had arrived; an ignored or default one does nothing but what the system does with it.
        libc::raise(signal);
        0
    }
    fn PyTraceBack_Print(traceback: Option<&Object>, file: &Object) -> PyResult<Done> {
        let Some(traceback) = traceback else { return Ok(Done) };
        if !traceback.is_instance_of::<Traceback>() {
            return Err(errors::bad_internal_call());
        }
        call::call_method(file, runtime::intern!("write"), &[&*Str::new("Traceback (most recent call last):\n")])?;
        let print = proto::get_attr_str(&*runtime::import::import_module("traceback")?, "print_tb")?;
        call::call_args(&print, &[traceback, types::none(), file]).map(|_| Done)
    }
    fn PyTraceBack_Here(frame: *mut PyObject) -> PyResult<Done> {
        done(types::traceback::add_frame(Object::from_ptr(frame).cast()))
    }
    fn _PyTraceback_Add(function: &CStr, file: &CStr, line: c_int) { types::traceback::add_native(&function.to_string_lossy(), &file.to_string_lossy(), line) }

    // ---- warnings
    fn PyErr_WarnEx(category: Option<&Object>, message: &CStr, stack_level: isize) -> PyResult<Done> {
        done(runtime::modules::warnings::warn(warning_category(category)?, &message.to_string_lossy(), stack_level))
    }
    fn capi_warn(category: Option<&Object>, message: &Str, stack_level: isize, source: Option<&Object>) -> PyResult<Done> {
        let category = warning_category(category)?;
        match source {
            None => done(runtime::modules::warnings::warn(category, &message.to_string_lossy(), stack_level)),
            Some(source) => {
                let warn = proto::get_attr_str(&*runtime::import::import_module("warnings")?, "warn")?;
                call::call_args(&warn, &[message, category, &*Int::from_i64(stack_level as i64), source]).map(|_| Done)
            }
        }
    }
    fn PyErr_WarnExplicitObject(category: Option<&Object>, message: &Object, filename: &Object, line: c_int, module: Option<&Object>, registry: Option<&Object>) -> PyResult<Done> {
        let warn = proto::get_attr_str(&*runtime::import::import_module("warnings")?, "warn_explicit")?;
        let none = types::none();
        call::call_args(&warn, &[message, warning_category(category)?, filename, &*Int::from_i64(line as i64), module.unwrap_or(none), registry.unwrap_or(none)]).map(|_| Done)
    }
    fn PyErr_WarnExplicit(category: Option<&Object>, message: &CStr, filename: &CStr, line: c_int, module: Option<&CStr>, registry: Option<&Object>) -> PyResult<Done> {
        let module = module.map(text).transpose()?;
        let warn = proto::get_attr_str(&*runtime::import::import_module("warnings")?, "warn_explicit")?;
        let none = types::none();
        let (message, filename) = (text(message)?, crate::unicode_codecs::decode_fs(filename.to_bytes())?);
        call::call_args(&warn, &[&*message, warning_category(category)?, &*filename, &*Int::from_i64(line as i64), module.as_ref().map_or(none, |m| m.object()), registry.unwrap_or(none)]).map(|_| Done)
    }

    // ---- the place of a syntax error
    fn PyErr_SyntaxLocation(filename: Option<&CStr>, line: c_int) { syntax_location(filename.and_then(|f| text(f).ok()).as_ref().map(|f| f.object()), line, -1, line, -1) }
    fn PyErr_SyntaxLocationEx(filename: Option<&CStr>, line: c_int, column: c_int) { syntax_location(filename.and_then(|f| text(f).ok()).as_ref().map(|f| f.object()), line, column, line, -1) }
    fn PyErr_SyntaxLocationObject(filename: Option<&Object>, line: c_int, column: c_int) { syntax_location(filename, line, column, line, -1) }
    fn PyErr_RangedSyntaxLocationObject(filename: Option<&Object>, line: c_int, column: c_int, end_line: c_int, end_column: c_int) { syntax_location(filename, line, column, end_line, end_column) }
    fn PyErr_ProgramText(filename: Option<&CStr>, line: c_int) -> PyResult<Option<Owned>> {
        match filename {
            Some(filename) => Ok(source_line(&*text(filename)?, line)),
            None => Ok(None),
        }
    }
    fn PyErr_ProgramTextObject(filename: Option<&Object>, line: c_int) -> PyResult<Option<Owned>> { Ok(filename.and_then(|filename| source_line(filename, line))) }
}

/// The class of the exception that is set, borrowed; NULL if there is none.
/// # Safety
/// The GIL is held.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyErr_Occurred() -> *mut PyObject {
    let Some(ts) = ThreadState::try_current() else { return ptr::null_mut() };
    let current = ts.0.current_exception.get();
    // SAFETY: the field owns its value.
    unsafe { Object::from_ptr_opt(current) }.map_or(ptr::null_mut(), |exc| exc.ty_ptr() as *mut PyObject)
}

fn set_handled(exc: Option<&Object>) {
    let exc = exc.filter(|exc| !exc.is_none());
    let item = ThreadState::current().0.exc_info.get();
    // SAFETY: exc_info is a live stack item that owns its value.
    unsafe { set_cell(&(*item).exc_value, exc.map_or(ptr::null_mut(), |exc| exc.to_owned().into_raw())) };
}

fn from_errno(exc: &Object, filename: Option<&Object>, second: Option<&Object>) -> *mut PyObject {
    // SAFETY: the thread's own errno.
    let errno = unsafe { *libc::__errno_location() };
    let Ok(class) = class(exc) else { return ptr::null_mut() };
    if ptr::eq(class, exceptions::OSError()) && errno != 0 {
        os_error::raise_os_error(errno, filename, second);
        return ptr::null_mut();
    }
    if errno == libc::EINTR && runtime::gil::check_signals().is_err() {
        return ptr::null_mut();
    }
    let (number, message) = (Int::from_i64(errno as i64), Str::new(&if errno == 0 { "Error".to_string() } else { os_error::strerror(errno) }));
    let zero = Int::from_i64(0);
    let mut args: Vec<&Object> = vec![&*number, &*message];
    match (filename, second) {
        (Some(f), Some(s)) => args.extend([f, &*zero, s]),
        (Some(f), None) => args.push(f),
        _ => {}
    }
    if let Ok(made) = call::call_args(class, &args) {
        let kind = Owned::from_type(made.ty());
        errors::raise_object(&kind, Some(&made));
    }
    ptr::null_mut()
}

fn import_error_of(kind: &Type, message: Option<&Object>, name: Option<&Object>, path: Option<&Object>) -> *mut PyObject {
    let Some(message) = message else {
        err!(TypeError, "expected a message argument");
        return ptr::null_mut();
    };
    let make = || -> PyResult {
        let kwargs = Dict::new();
        kwargs.set_item(intern!("name"), name.unwrap_or(types::none()))?;
        kwargs.set_item(intern!("path"), path.unwrap_or(types::none()))?;
        call::call(kind, &Tuple::new(&[message]), Some(&kwargs))
    };
    if let Ok(made) = make() {
        errors::raise_object(kind, Some(&made));
    }
    ptr::null_mut()
}

fn new_exception(name: &CStr, doc: Option<&CStr>, base: Option<&Object>, dict: Option<&Object>) -> PyResult {
    let name = name.to_string_lossy();
    let Some((module, last)) = name.rsplit_once('.') else { return Err(err!(SystemError, "PyErr_NewException: name must be module.class")) };
    let own;
    let dict: &Dict = match dict {
        Some(dict) => dict.downcast::<Dict>().ok_or_else(errors::bad_internal_call)?,
        None => {
            own = Dict::new();
            &own
        }
    };
    if let Some(doc) = doc {
        dict.set_item(intern!("__doc__"), &*text(doc)?)?;
    }
    if !dict.contains(intern!("__module__"))? {
        dict.set_item(intern!("__module__"), &*Str::new(module))?;
    }
    let bases = match base {
        None => Tuple::new(&[exceptions::Exception()]),
        Some(base) => match base.downcast::<Tuple>() {
            Some(bases) => Owned::from_ref(bases),
            None => Tuple::new(&[base]),
        },
    };
    call::call_args(Type::type_object(), &[&*Str::new(last), &*bases, dict])
}

fn print(set_sys_last_vars: bool) {
    let Some(exc) = errors::take() else { return };
    if exc.object().ty().is_subtype(exceptions::SystemExit()) {
        crate::lifecycle::exit_for(exc);
        return;
    }
    if set_sys_last_vars { report::print_uncaught(exc) } else { report::display(&exc) }
}

fn source_line(filename: &Object, line: c_int) -> Option<Owned> {
    let found = || -> PyResult {
        let getline = proto::get_attr_str(&*runtime::import::import_module("linecache")?, "getline")?;
        call::call_args(&getline, &[filename, &*Int::from_i64(line as i64)])
    };
    match found() {
        Ok(found) if found.downcast::<Str>().is_some_and(|s| !s.is_empty()) => Some(found),
        Ok(_) => None,
        Err(_) => {
            errors::clear();
            None
        }
    }
}

/// Fills in the attributes of the syntax error that is set, where they are missing.
fn syntax_location(filename: Option<&Object>, line: c_int, column: c_int, end_line: c_int, end_column: c_int) {
    let Some(exc) = errors::take() else { return };
    let o = exc.object();
    let set = |name: &str, value: &Object| {
        if proto::set_attr_str(o, name, Some(value)).is_err() {
            errors::clear();
        }
    };
    let number = |value: c_int| if value < 0 { types::none().to_owned() } else { Int::from_i64(value as i64).into_object() };
    set("lineno", &Int::from_i64(line as i64));
    set("offset", &number(if column >= 0 { column + 1 } else { -1 }));
    set("end_lineno", &number(end_line));
    set("end_offset", &number(if end_column >= 0 { end_column + 1 } else { -1 }));
    if let Some(filename) = filename {
        set("filename", filename);
        if let Some(found) = source_line(filename, line) {
            set("text", &found);
        }
    }
    errors::restore(exc);
}
