//! `object.h` and `cpython/object.h`: text, comparison, attributes. Types are in `typeobject.rs`, memory in `objimpl.rs`.

use crate::macros::{Done, Out, borrowed, done, store};
use abi::{PyObject, c_void, visitproc};
use runtime::err;
use runtime::errors::{self, PyResult};
use runtime::object::{Object, Owned};
use runtime::protocol::object::{self as proto, CompareOp};
use runtime::protocol::{call, number};
use runtime::types::{self, Bytes, Dict, Int, Str};
use std::ffi::{CStr, c_int};
use std::ptr;

/// The str of a C string in UTF-8.
pub fn text(s: &CStr) -> PyResult<Owned<Str>> {
    crate::unicodeobject::from_utf8(s.to_bytes())
}

/// As `text`, interned: for attribute and key names.
pub fn name(s: &CStr) -> PyResult<Owned<Str>> {
    Ok(Str::intern(text(s)?))
}

fn compare_op(op: c_int) -> PyResult<CompareOp> {
    CompareOp::from_c(op).ok_or_else(errors::bad_internal_call)
}

/// What functions without a way to report errors do with one.
pub fn unraisable<T>(result: PyResult<T>, what: &str) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(_) => {
            runtime::exceptions::report::write_unraisable(Some(what), None);
            None
        }
    }
}

const IGNORED_HASATTR: &str = "Exception ignored in PyObject_HasAttr(); consider using PyObject_HasAttrWithError(), PyObject_GetOptionalAttr() or PyObject_GetAttr()";
const IGNORED_HASATTRSTRING: &str = "Exception ignored in PyObject_HasAttrString(); consider using PyObject_HasAttrStringWithError(), PyObject_GetOptionalAttrString() or PyObject_GetAttrString()";

fn attr_name(o: &Object) -> PyResult<&Str> {
    o.downcast::<Str>().ok_or_else(|| err!(TypeError, "attribute name must be string, not '{}'", o.type_name()))
}

c_api! {
    fn PyObject_Repr(o: Option<&Object>) -> PyResult<Owned<Str>> {
        match o {
            Some(o) => proto::repr(o),
            None => Ok(Str::new("<NULL>")),
        }
    }
    fn PyObject_Str(o: Option<&Object>) -> PyResult<Owned<Str>> {
        match o {
            Some(o) => proto::str(o),
            None => Ok(Str::new("<NULL>")),
        }
    }
    fn PyObject_ASCII(o: Option<&Object>) -> PyResult<Owned<Str>> {
        match o {
            Some(o) => proto::ascii(o),
            None => Ok(Str::new("<NULL>")),
        }
    }
    fn PyObject_Bytes(o: Option<&Object>) -> PyResult {
        let Some(o) = o else { return Ok(Bytes::new(b"<NULL>").into_object()) };
        if o.is_exact::<Bytes>() {
            return Ok(o.to_owned());
        }
        if let Some(method) = proto::lookup_special(o, runtime::intern!("__bytes__"))? {
            let made = call::call0(&method)?;
            if !made.is_instance_of::<Bytes>() {
                return Err(err!(TypeError, "{}.__bytes__() must return a bytes, not {}", o.type_name(), made.type_name()));
            }
            return Ok(made);
        }
        Ok(types::bytes::bytes_of(o)?.into_object())
    }
    fn PyObject_Hash(o: &Object) -> PyResult<isize> {
        proto::hash(o)
    }
    fn PyObject_GenericHash(o: &Object) -> isize {
        proto::hash_pointer(o)
    }
    fn PyObject_RichCompare(a: &Object, b: &Object, op: c_int) -> PyResult {
        proto::rich_compare(a, b, compare_op(op)?)
    }
    fn PyObject_RichCompareBool(a: &Object, b: &Object, op: c_int) -> PyResult<bool> {
        proto::rich_compare_bool(a, b, compare_op(op)?)
    }
    fn PyObject_IsTrue(o: &Object) -> PyResult<bool> {
        proto::is_true(o)
    }
    fn PyObject_Not(o: &Object) -> PyResult<bool> {
        Ok(!proto::is_true(o)?)
    }
    fn PyObject_Dir(o: Option<&Object>) -> PyResult {
        match o {
            Some(o) => Ok(proto::dir(o)?.into_object()),
            None => match crate::code::current_locals() {
                Ok(locals) => {
                    let keys = runtime::protocol::mapping::keys(&locals)?;
                    call::call_method0(&keys, runtime::intern!("sort"))?;
                    Ok(keys.into_object())
                }
                Err(raised) => Err(raised),
            },
        }
    }
    fn PyCallable_Check(o: Option<&Object>) -> bool {
        o.is_some_and(proto::is_callable)
    }
    fn PyObject_Type(o: &Object) -> Owned {
        o.ty().to_owned()
    }
    fn _PyObject_FunctionStr(o: &Object) -> PyResult<Owned<Str>> {
        Ok(Str::new(&proto::function_str(o)?))
    }

    // ---- attributes
    fn PyObject_GetAttr(o: &Object, name: &Object) -> PyResult {
        proto::get_attr(o, attr_name(name)?)
    }
    fn PyObject_GetAttrString(o: &Object, s: &CStr) -> PyResult {
        proto::get_attr(o, &*name(s)?)
    }
    fn PyObject_GetOptionalAttr(o: &Object, name: &Object, result: Out<*mut PyObject>) -> PyResult<bool> {
        store(result.0, proto::get_attr_opt(o, attr_name(name)?))
    }
    fn PyObject_GetOptionalAttrString(o: &Object, s: &CStr, result: Out<*mut PyObject>) -> PyResult<bool> {
        store(result.0, proto::get_attr_opt(o, &*name(s)?))
    }
    fn PyObject_HasAttrWithError(o: &Object, name: &Object) -> PyResult<bool> {
        proto::has_attr(o, attr_name(name)?)
    }
    fn PyObject_HasAttrStringWithError(o: &Object, s: &CStr) -> PyResult<bool> {
        proto::has_attr(o, &*name(s)?)
    }
    fn PyObject_HasAttr(o: &Object, name: &Object) -> bool {
        unraisable(attr_name(name).and_then(|name| proto::has_attr(o, name)), IGNORED_HASATTR).unwrap_or(false)
    }
    fn PyObject_HasAttrString(o: &Object, s: &CStr) -> bool {
        unraisable(name(s).and_then(|name| proto::has_attr(o, &name)), IGNORED_HASATTRSTRING).unwrap_or(false)
    }
    fn PyObject_SetAttr(o: &Object, name: &Object, value: Option<&Object>) -> PyResult<Done> {
        let name = Str::intern(Owned::from_ref(attr_name(name)?));
        done(proto::set_attr(o, &name, value))
    }
    fn PyObject_SetAttrString(o: &Object, s: &CStr, value: Option<&Object>) -> PyResult<Done> {
        done(proto::set_attr(o, &*name(s)?, value))
    }
    fn PyObject_DelAttr(o: &Object, name: &Object) -> PyResult<Done> {
        done(proto::set_attr(o, attr_name(name)?, None))
    }
    fn PyObject_DelAttrString(o: &Object, s: &CStr) -> PyResult<Done> {
        done(proto::set_attr(o, &*name(s)?, None))
    }
    fn PyObject_GenericGetDict(o: &Object, _context: *mut c_void) -> PyResult<Owned<Dict>> {
        proto::generic_get_dict(o)
    }
    fn PyObject_GenericSetDict(o: &Object, value: Option<&Object>, _context: *mut c_void) -> PyResult<Done> {
        done(proto::generic_set_dict(o, value))
    }
    fn _PyObject_GenericGetAttrWithDict(o: &Object, name: &Object, dict: Option<&Dict>, suppress: c_int) -> *mut PyObject {
        let result = attr_name(name).and_then(|name| proto::generic_get_attr_with_dict(o, name, dict));
        match result {
            Ok(value) => value.into_raw(),
            Err(_) => {
                if suppress != 0 && errors::matches(runtime::exceptions::AttributeError()) {
                    errors::clear();
                }
                ptr::null_mut()
            }
        }
    }
    fn _PyObject_GenericSetAttrWithDict(o: &Object, name: &Object, value: Option<&Object>, dict: Option<&Dict>) -> PyResult<Done> {
        done(types::attributes::generic_set_attr_with_dict(o, attr_name(name)?, value, dict))
    }
    fn _PyObject_GetDictPtr(o: &Object) -> *mut *mut PyObject {
        match types::attributes::dict_cell(o) {
            Ok(Some(cell)) => cell.as_ptr(),
            Ok(None) => ptr::null_mut(),
            Err(_) => {
                errors::clear();
                ptr::null_mut()
            }
        }
    }
    fn _PyObject_GetMethod(o: &Object, name: &Str, method: *mut *mut PyObject) -> c_int {
        *method = ptr::null_mut();
        match proto::get_method(o, name) {
            Ok((found, unbound)) => {
                *method = found.into_raw();
                unbound as c_int
            }
            Err(_) => 0,
        }
    }
    fn _PyObject_LookupSpecial(o: &Object, name: &Str) -> PyResult<Option<Owned>> {
        proto::lookup_special(o, name)
    }
    fn PyObject_ClearManagedDict(o: *mut PyObject) {
        types::dict::inline_values::clear_managed_dict(o);
    }
    fn PyObject_VisitManagedDict(o: *mut PyObject, visit: Option<visitproc>, arg: *mut c_void) -> c_int {
        let Some(visit) = visit else { return 0 };
        types::dict::inline_values::visit_managed_dict(o, visit, arg)
    }
    fn _PyObject_SetManagedDict(o: &Object, dict: Option<&Dict>) -> PyResult<Done> {
        done(types::attributes::set_dict(o, dict))
    }

    // ---- repr
    fn Py_ReprEnter(o: &Object) -> c_int {
        proto::repr_enter(o) as c_int
    }
    fn Py_ReprLeave(o: &Object) {
        proto::repr_leave(o)
    }
    fn PyObject_Print(o: Option<&Object>, file: *mut libc::FILE, flags: c_int) -> PyResult<Done> {
        runtime::gil::check_signals()?;
        libc::clearerr(file);
        let shown = match o {
            None => Str::new("<nil>"),
            Some(o) if o.refcount() <= 0 => Str::new(&format!("<refcnt {} at {:p}>", o.refcount(), o)),
            Some(o) if flags & 1 != 0 => proto::str(o)?,
            Some(o) => proto::repr(o)?,
        };
        let bytes = shown.to_wtf8();
        libc::fwrite(bytes.as_ptr().cast(), 1, bytes.len(), file);
        if libc::ferror(file) != 0 {
            libc::clearerr(file);
            return Err(runtime::exceptions::os_error::raise_errno());
        }
        Ok(Done)
    }
    fn _PyObject_Dump(o: Option<&Object>) {
        let line = match o {
            None => "<object at NULL>\n".to_string(),
            Some(o) => format!("object address  : {o:p}\nobject refcount : {}\nobject type     : {:p}\nobject type name: {}\n", o.refcount(), o.ty(), o.type_name()),
        };
        runtime::exceptions::report::write_raw_stderr(&line);
    }
    fn PyUnstable_Object_IsUniqueReferencedTemporary(o: &Object) -> bool {
        o.refcount() == 1 && is_on_stack_of_caller(o) && !is_local_of_caller(o)
    }
    fn PyObject_AsFileDescriptor(o: &Object) -> PyResult<c_int> {
        let number = if o.is_instance_of::<Int>() {
            if o.is_instance_of::<runtime::types::Bool>() {
                runtime::exceptions::warn(runtime::exceptions::RuntimeWarning(), "bool is used as a file descriptor", 1)?;
            }
            number::as_i32(o)?
        } else {
            match proto::get_attr_opt(o, runtime::intern!("fileno"))? {
                Some(method) => {
                    let made = call::call0(&method)?;
                    if !made.is_instance_of::<Int>() {
                        return Err(err!(TypeError, "fileno() returned a non-integer"));
                    }
                    number::as_i32(&made)?
                }
                None => return Err(err!(TypeError, "argument must be an int, or have a fileno() method.")),
            }
        };
        if number < 0 {
            return Err(err!(ValueError, "file descriptor cannot be a negative integer ({})", number));
        }
        Ok(number)
    }
    fn _PyType_LookupRef(ty: crate::macros::Ty<'_>, name: &Str) -> PyResult<Option<Owned>> {
        Ok(ty.0.lookup(name).map(|found| found.to_owned()))
    }
    fn _PyType_Lookup(ty: crate::macros::Ty<'_>, name: &Str) -> *mut PyObject {
        ty.0.lookup(name).map_or(ptr::null_mut(), |found| found.as_ptr())
    }
    fn _PyObject_GetAttrId(o: &Object, id: *mut abi::_Py_Identifier) -> PyResult {
        proto::get_attr(o, &*name(CStr::from_ptr((*id).string))?)
    }
    fn _PyUnicode_FromId(id: *mut abi::_Py_Identifier) -> PyResult<*mut PyObject> {
        // Interned for good: identifiers are static.
        let interned = Str::intern_immortal(text(CStr::from_ptr((*id).string))?);
        Ok(borrowed(Owned::from_ref(interned)))
    }
}

/// Whether the running Python frame's stack owns a count of the object: an object that C code has just made is nobody's operand.
fn is_on_stack_of_caller(o: &Object) -> bool {
    use runtime::interp::frame;
    let frame = frame::current();
    if frame.is_null() {
        return false;
    }
    // SAFETY: as below.
    unsafe {
        let code = (*frame).code();
        let mut at = (*frame).locals().add(code.0.co_nlocalsplus.get().max(0) as usize);
        while at < (*frame).stackpointer {
            if std::ptr::eq((*at).ptr(), o.as_ptr()) && !(*at).is_borrowed() {
                return true;
            }
            at = at.add(1);
        }
    }
    false
}

/// Whether the running Python frame holds the object as a local or on its stack without owning a count of it.
fn is_local_of_caller(o: &Object) -> bool {
    use runtime::interp::frame;
    let frame = frame::current();
    if frame.is_null() {
        return true;
    }
    // SAFETY: the frame runs; its locals and stack are initialised up to the stack pointer, which calls save.
    unsafe {
        let code = (*frame).code();
        let count = code.0.co_nlocalsplus.get().max(0) as usize;
        let locals = (*frame).locals();
        (0..count).any(|i| std::ptr::eq((*locals.add(i)).ptr(), o.as_ptr()))
    }
}
