//! OSError: errno, text, file names; the constructor picks the subclass that stands for an errno.

use super::base::{clear_base, get, get_or_none, new_instance, put, traverse_base};
use crate::err;
use crate::errors::{self, PyResult, Raised};
use crate::macro_support::Visitor;
use crate::object::{Object, Owned, Type};
use crate::protocol::{call, number, object};
use crate::types::{self, BaseException, Dict, Int, Str, Tuple};
use abi::{PyOSErrorObject, PyObject};
use macros::pytype;
use std::mem::offset_of;

#[repr(transparent)]
pub struct OSError(pub PyOSErrorObject);

/// The subclass for an errno (PEP 3151).
fn subclass_for(errno: i32) -> Option<&'static Type> {
    Some(match errno {
        libc::EAGAIN | libc::EALREADY | libc::EINPROGRESS => super::BlockingIOError(),
        libc::EPIPE | libc::ESHUTDOWN => super::BrokenPipeError(),
        libc::ECHILD => super::ChildProcessError(),
        libc::ECONNABORTED => super::ConnectionAbortedError(),
        libc::ECONNREFUSED => super::ConnectionRefusedError(),
        libc::ECONNRESET => super::ConnectionResetError(),
        libc::EEXIST => super::FileExistsError(),
        libc::ENOENT => super::FileNotFoundError(),
        libc::EISDIR => super::IsADirectoryError(),
        libc::ENOTDIR => super::NotADirectoryError(),
        libc::EINTR => super::InterruptedError(),
        libc::EACCES | libc::EPERM => super::PermissionError(),
        libc::ESRCH => super::ProcessLookupError(),
        libc::ETIMEDOUT => super::TimeoutError(),
        _ => return None,
    })
}

/// Whether `__init__` is overridden while `__new__` is not: then `__new__` leaves the arguments alone, and `__init__` takes them.
fn uses_init(cls: &Type) -> bool {
    let own = super::OSError();
    let same = |a: usize, b: usize| a == b;
    let init = |t: &Type| t.0.tp_init.get().map_or(0, |f| f as usize);
    let new = |t: &Type| t.0.tp_new.get().map_or(0, |f| f as usize);
    !same(init(cls), init(own)) && same(new(cls), new(own))
}

/// The parsed arguments: (errno, strerror, filename, filename2), empty if there are not 2 to 5.
struct Parsed<'a> {
    errno: Option<&'a Object>,
    strerror: Option<&'a Object>,
    filename: Option<&'a Object>,
    filename2: Option<&'a Object>,
}

fn parse(args: &Tuple) -> Parsed<'_> {
    let n = args.len();
    if !(2..=5).contains(&n) {
        return Parsed { errno: None, strerror: None, filename: None, filename2: None };
    }
    let at = |i: usize| if i < n { Some(args.get(i)) } else { None };
    Parsed { errno: at(0), strerror: at(1), filename: at(2), filename2: at(4) }
}

impl OSError {
    fn fill(&self, cls: &Type, args: &Tuple) -> PyResult<()> {
        let parsed = parse(args);
        let mut args = Owned::from_ref(args);
        if let Some(filename) = parsed.filename.filter(|f| !f.is_none()) {
            let blocking = cls.is_subtype(super::BlockingIOError());
            if blocking && number::check_index(filename) {
                self.0.written.set(number::as_isize(filename, Some(super::ValueError()))?);
            } else {
                put(&self.0.filename, Some(filename));
                put(&self.0.filename2, parsed.filename2.filter(|f| !f.is_none()));
                if (2..=5).contains(&args.len()) {
                    args = Tuple::new(&[args.get(0), args.get(1)]);
                }
            }
        }
        put(&self.0.myerrno, parsed.errno);
        put(&self.0.strerror, parsed.strerror);
        put(&self.0.base.args, Some(args.object()));
        Ok(())
    }
}

/// Base class for I/O related errors.
#[pytype(static = OS_ERROR, name = "OSError", base = super::EXCEPTION, flags = BASETYPE | HAVE_GC | BASE_EXC_SUBCLASS, no_pytyped,
    members = [
        ("errno", T_OBJECT, offset_of!(PyOSErrorObject, myerrno), 0, "POSIX exception code"),
        ("strerror", T_OBJECT, offset_of!(PyOSErrorObject, strerror), 0, "exception strerror"),
        ("filename", T_OBJECT, offset_of!(PyOSErrorObject, filename), 0, "exception filename"),
        ("filename2", T_OBJECT, offset_of!(PyOSErrorObject, filename2), 0, "second exception filename"),
    ])]
impl OSError {
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
        let mut cls = cls;
        if !uses_init(cls) {
            if kwargs.is_some_and(|k| k.len() > 0) {
                return Err(err!(TypeError, "{}() takes no keyword arguments", cls.short_name()));
            }
            if std::ptr::eq(cls, super::OSError())
                && let Some(errno) = parse(args).errno.and_then(|e| e.downcast::<Int>()).and_then(|e| e.as_i64())
                && let Some(subclass) = subclass_for(errno as i32)
            {
                cls = subclass;
            }
        }
        let this = new_instance(cls, args)?;
        // SAFETY: cls is OSError or a subclass.
        let error: &OSError = unsafe { this.cast() };
        error.0.written.set(-1);
        if !uses_init(cls) {
            error.fill(cls, args)?;
        } else {
            put(&error.0.base.args, Some(Tuple::empty().object()));
        }
        Ok(this)
    }
    #[slot]
    fn tp_init(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<()> {
        // SAFETY: the struct is an object.
        let cls = unsafe { Object::from_ptr(self as *const _ as *mut PyObject) }.ty();
        if !uses_init(cls) {
            return Ok(());
        }
        if kwargs.is_some_and(|k| k.len() > 0) {
            return Err(err!(TypeError, "{}() takes no keyword arguments", cls.short_name()));
        }
        self.fill(cls, args)
    }
    #[slot]
    fn tp_traverse(&self, visitor: &mut Visitor) {
        for cell in [&self.0.myerrno, &self.0.strerror, &self.0.filename, &self.0.filename2] {
            visitor.visit_cell(cell);
        }
        traverse_base(&self.0.base, &mut *visitor);
    }
    #[slot]
    fn tp_clear(&self) {
        for cell in [&self.0.myerrno, &self.0.strerror, &self.0.filename, &self.0.filename2] {
            put(cell, None);
        }
        clear_base(&self.0.base);
    }
    #[slot]
    fn tp_str(&self) -> PyResult<Owned<Str>> {
        let (errno, strerror) = (get_or_none(&self.0.myerrno), get_or_none(&self.0.strerror));
        if let Some(filename) = get(&self.0.filename) {
            let (e, s, f) = (object::str(&errno)?, object::str(&strerror)?, object::repr(&filename)?);
            if let Some(second) = get(&self.0.filename2) {
                let f2 = object::repr(&second)?;
                return Ok(Str::new(&format!("[Errno {}] {}: {} -> {}", &*e, &*s, &*f, &*f2)));
            }
            return Ok(Str::new(&format!("[Errno {}] {}: {}", &*e, &*s, &*f)));
        }
        if get(&self.0.myerrno).is_some() && get(&self.0.strerror).is_some() {
            let (e, s) = (object::str(&errno)?, object::str(&strerror)?);
            return Ok(Str::new(&format!("[Errno {}] {}", &*e, &*s)));
        }
        // SAFETY: the same head.
        let args = unsafe { &*(self as *const OSError as *const BaseException) }.args();
        match args.len() {
            0 => Ok(Str::new("")),
            1 => object::str(args.get(0)),
            _ => object::str(args.object()),
        }
    }
    /// Helper for pickle.
    #[method("__reduce__($self, /)", nosig)]
    fn __reduce__(&self) -> PyResult {
        // SAFETY: the struct is an object with the exception head.
        let (this, base) = unsafe { (Object::from_ptr(self as *const _ as *mut PyObject), &*(self as *const OSError as *const BaseException)) };
        let mut args = base.args();
        if args.len() == 2
            && let Some(filename) = get(&self.0.filename)
        {
            args = match get(&self.0.filename2) {
                Some(second) => Tuple::new(&[args.get(0), args.get(1), &filename, types::none(), &second]),
                None => Tuple::new(&[args.get(0), args.get(1), &filename]),
            };
        }
        let ty: &Object = this.ty();
        match get(&self.0.base.dict) {
            Some(dict) => Ok(Tuple::new(&[ty, args.object(), &dict]).into_object()),
            None => Ok(Tuple::new(&[ty, args.object()]).into_object()),
        }
    }
    #[getter]
    fn characters_written(&self) -> PyResult {
        match self.0.written.get() {
            -1 => Err(err!(AttributeError, "characters_written")),
            n => Ok(Int::from_i64(n as i64).into_object()),
        }
    }
    #[setter]
    fn set_characters_written(&self, value: Option<&Object>) -> PyResult<()> {
        match value {
            None if self.0.written.get() == -1 => return Err(err!(AttributeError, "characters_written")),
            None => self.0.written.set(-1),
            Some(value) => self.0.written.set(number::as_isize(value, Some(super::ValueError()))?),
        }
        Ok(())
    }
}

/// The system's text for an errno.
pub fn strerror(errno: i32) -> String {
    let mut buffer = [0u8; 256];
    // SAFETY: a buffer of its own; the XSI version writes a NUL-ended text.
    unsafe {
        if libc::strerror_r(errno, buffer.as_mut_ptr().cast(), buffer.len()) != 0 {
            return format!("Unknown error {errno}");
        }
    }
    let end = buffer.iter().position(|&b| b == 0).unwrap_or(buffer.len());
    String::from_utf8_lossy(&buffer[..end]).into_owned()
}

/// Raises OSError (or its subclass) for an errno, with up to two file names (`PyErr_SetFromErrnoWithFilenameObjects`).
#[cold]
pub fn raise_os_error(errno: i32, filename: Option<&Object>, filename2: Option<&Object>) -> Raised {
    if errno == libc::EINTR
        && let Err(raised) = crate::gil::check_signals()
    {
        return raised;
    }
    let number = Int::from_i64(errno as i64);
    let text = Str::new(&strerror(errno));
    let made = match (filename, filename2) {
        (Some(f), Some(f2)) => call::call_args(super::OSError(), &[number.object(), text.object(), f, Int::from_i64(0).object(), f2]),
        (Some(f), None) => call::call_args(super::OSError(), &[number.object(), text.object(), f]),
        _ => call::call_args(super::OSError(), &[number.object(), text.object()]),
    };
    match made {
        Ok(instance) => {
            let ty = Owned::from_type(instance.ty());
            errors::raise_object(&ty, Some(&instance))
        }
        Err(raised) => raised,
    }
}

/// `PyErr_SetFromErrno` with the thread's errno.
#[cold]
pub fn raise_errno() -> Raised {
    raise_os_error(std::io::Error::last_os_error().raw_os_error().unwrap_or(0), None, None)
}

/// As `raise_errno`, naming a file.
#[cold]
pub fn raise_errno_with_path(filename: &Object) -> Raised {
    raise_os_error(std::io::Error::last_os_error().raw_os_error().unwrap_or(0), Some(filename), None)
}

