//! Paths as arguments: str, bytes, `os.PathLike`, file descriptors; the file system encoding (UTF-8 with surrogateescape).
//!
//! A path keeps the object it was made from, which is what errors name.

use runtime::err;
use runtime::errors::{PyResult, Raised};
use runtime::exceptions::os_error::raise_os_error;
use runtime::intern;
use runtime::macro_support::{ArgContext, FromArg};
use runtime::object::{Object, Owned};
use runtime::protocol::{call, number, object};
use runtime::types::{Bool, Bytes, Int, Str};
use std::borrow::Cow;
use std::ffi::{CStr, CString, c_char, c_int};
use std::ops::Deref;
use std::ptr;

// ---- the encoding ---------------------------------------------------------------------------------------------------------------

/// `os.fsencode` of a str.
pub fn encode(text: &Str) -> PyResult<Cow<'_, [u8]>> {
    if let Some(ascii) = text.as_ascii() {
        return Ok(Cow::Borrowed(ascii.as_bytes()));
    }
    runtime::codecs::fs_encode(text).map(Cow::Owned)
}

/// `os.fsdecode` of bytes.
pub fn decode(bytes: &[u8]) -> Owned<Str> {
    runtime::codecs::fs_decode(bytes)
}

/// A C string in the file system encoding as str.
pub fn decode_c(text: &CStr) -> Owned<Str> {
    decode(text.to_bytes())
}

/// `os.fspath`.
pub fn fspath(path: &Object) -> PyResult {
    if path.is_instance_of::<Str>() || path.is_instance_of::<Bytes>() {
        return Ok(path.to_owned());
    }
    match call_fspath(path)? {
        Some(result) => Ok(result),
        None => Err(err!(TypeError, "expected str, bytes or os.PathLike object, not {}", path.ty().short_name())),
    }
}

/// `type(path).__fspath__(path)`, if there is that method.
fn call_fspath(path: &Object) -> PyResult<Option<Owned>> {
    let Some(method) = object::lookup_special(path, intern!("__fspath__"))?.filter(|m| !m.is_none()) else { return Ok(None) };
    let result = call::call0(&method)?;
    if result.is_instance_of::<Str>() || result.is_instance_of::<Bytes>() {
        return Ok(Some(result));
    }
    Err(err!(TypeError, "expected {}.__fspath__() to return str or bytes, not {}", path.ty().short_name(), result.ty().short_name()))
}

/// The bytes of a str (encoded) or bytes object.
fn bytes_of(path: &Object) -> PyResult<Cow<'_, [u8]>> {
    match path.downcast::<Str>() {
        Some(text) => encode(text),
        None => match path.downcast::<Bytes>() {
            Some(bytes) => Ok(Cow::Borrowed(bytes.as_slice())),
            None => Err(err!(TypeError, "expected str, bytes or os.PathLike object, not {}", path.ty().short_name())),
        },
    }
}

/// What `os.fsencode` takes, as a C string (`PyUnicode_FSConverter`).
pub fn fs_converter(path: &Object) -> PyResult<CString> {
    let path = fspath(path)?;
    let bytes = bytes_of(&path)?;
    CString::new(bytes.as_ref()).map_err(|_| err!(ValueError, "embedded null byte"))
}

/// `fs_converter` as an argument.
pub struct FsString(pub CString);
impl<'a> FromArg<'a> for FsString {
    fn from_arg(value: &'a Object, _: &ArgContext) -> PyResult<FsString> {
        fs_converter(value).map(FsString)
    }
}
impl Deref for FsString {
    type Target = CStr;
    fn deref(&self) -> &CStr {
        &self.0
    }
}

// ---- path arguments -------------------------------------------------------------------------------------------------------------

/// A path or a file descriptor that stands for one.
pub struct Path {
    pub object: Owned,
    text: Option<CString>,
    /// -1: not a descriptor (or the invalid one).
    pub fd: c_int,
    pub is_bytes: bool,
}

impl Path {
    /// NULL for a descriptor.
    pub fn as_ptr(&self) -> *const c_char {
        self.text.as_ref().map_or(ptr::null(), |text| text.as_ptr())
    }
    /// Empty for a descriptor.
    pub fn as_bytes(&self) -> &[u8] {
        self.text.as_ref().map_or(&[], |text| text.as_bytes())
    }
    pub fn has_text(&self) -> bool {
        self.text.is_some()
    }
    /// OSError that names the path.
    #[cold]
    pub fn error(&self, errno: c_int) -> Raised {
        raise_os_error(errno, Some(&self.object), None)
    }
    /// The current directory, for functions whose path may be left out.
    pub fn dot() -> Path {
        Path { object: Str::new(".").into_object(), text: Some(CString::from(c".")), fd: -1, is_bytes: false }
    }
    /// The invalid descriptor -1 stands for the current directory, where a directory is wanted.
    pub fn or_dot(self) -> Path {
        if self.text.is_none() && self.fd == -1 { Path { object: self.object, ..Path::dot() } } else { self }
    }
    /// A name from the system, in the type of the path.
    pub fn same_type(&self, name: &[u8]) -> Owned {
        if self.is_bytes { Bytes::new(name).into_object() } else { decode(name).into_object() }
    }

    fn convert(value: &Object, context: &ArgContext, allow_fd: bool, nullable: bool) -> PyResult<Path> {
        let name = if context.name.is_empty() { "path" } else { context.name };
        if allow_fd && !value.is_instance_of::<Str>() && !value.is_instance_of::<Bytes>() && number::check_index(value) {
            warn_about_bool(value)?;
            return Ok(Path { object: value.to_owned(), text: None, fd: fd_value(value)?, is_bytes: false });
        }
        let path = if value.is_instance_of::<Str>() || value.is_instance_of::<Bytes>() {
            value.to_owned()
        } else {
            match call_fspath(value)? {
                Some(path) => path,
                None => return Err(wrong_type(context.function, name, value, allow_fd, nullable)),
            }
        };
        let Ok(text) = CString::new(bytes_of(&path)?.as_ref()) else {
            return Err(err!(ValueError, "{}: embedded null character in {}", context.function, name));
        };
        let is_bytes = path.is_instance_of::<Bytes>();
        Ok(Path { object: path, text: Some(text), fd: -1, is_bytes })
    }
}

#[cold]
fn wrong_type(function: &str, name: &str, value: &Object, allow_fd: bool, nullable: bool) -> Raised {
    let kinds = match (allow_fd, nullable) {
        (true, true) => "string, bytes, os.PathLike, integer or None",
        (true, false) => "string, bytes, os.PathLike or integer",
        (false, true) => "string, bytes, os.PathLike or None",
        (false, false) => "string, bytes or os.PathLike",
    };
    err!(TypeError, "{}: {} should be {}, not {}", function, name, kinds, value.type_name())
}

impl<'a> FromArg<'a> for Path {
    fn from_arg(value: &'a Object, context: &ArgContext) -> PyResult<Path> {
        Path::convert(value, context, false, false)
    }
    fn from_arg_or_none(value: &'a Object, context: &ArgContext) -> PyResult<Path> {
        Path::convert(value, context, false, true)
    }
}

/// A path argument that may be a file descriptor.
pub struct PathOrFd(pub Path);
impl<'a> FromArg<'a> for PathOrFd {
    fn from_arg(value: &'a Object, context: &ArgContext) -> PyResult<PathOrFd> {
        Path::convert(value, context, true, false).map(PathOrFd)
    }
    fn from_arg_or_none(value: &'a Object, context: &ArgContext) -> PyResult<PathOrFd> {
        Path::convert(value, context, true, true).map(PathOrFd)
    }
}
impl Deref for PathOrFd {
    type Target = Path;
    fn deref(&self) -> &Path {
        &self.0
    }
}

/// A str, bytes or path-like argument that never reaches the system: it may hold NULs and lone surrogates.
pub struct TextOrBytes(pub Owned);
impl<'a> FromArg<'a> for TextOrBytes {
    fn from_arg(value: &'a Object, context: &ArgContext) -> PyResult<TextOrBytes> {
        if value.is_instance_of::<Str>() || value.is_instance_of::<Bytes>() {
            return Ok(TextOrBytes(value.to_owned()));
        }
        match call_fspath(value)? {
            Some(path) => Ok(TextOrBytes(path)),
            None => Err(wrong_type(context.function, "path", value, false, false)),
        }
    }
}

// ---- descriptors and numbers ----------------------------------------------------------------------------------------------------

fn warn_about_bool(value: &Object) -> PyResult<()> {
    if value.is_instance_of::<Bool>() {
        runtime::modules::warnings::warn(runtime::exceptions::RuntimeWarning(), "bool is used as a file descriptor", 1)?;
    }
    Ok(())
}

fn fd_value(value: &Object) -> PyResult<c_int> {
    let int = number::index(value)?;
    match int.as_i64().map(c_int::try_from) {
        Some(Ok(fd)) => Ok(fd),
        _ if int.is_negative() => Err(err!(OverflowError, "fd is less than minimum")),
        _ => Err(err!(OverflowError, "fd is greater than maximum")),
    }
}

/// A `dir_fd` argument.
#[derive(Clone, Copy)]
pub struct DirFd(pub c_int);
impl<'a> FromArg<'a> for DirFd {
    fn from_arg(value: &'a Object, _: &ArgContext) -> PyResult<DirFd> {
        if value.is_none() {
            return Ok(DirFd(libc::AT_FDCWD));
        }
        if !number::check_index(value) {
            return Err(err!(TypeError, "argument should be integer or None, not {}", value.type_name()));
        }
        warn_about_bool(value)?;
        fd_value(value).map(DirFd)
    }
}

/// The number of an optional `dir_fd`.
pub fn dir_fd(given: Option<DirFd>) -> c_int {
    given.map_or(libc::AT_FDCWD, |fd| fd.0)
}

/// A `dir_fd` as audit events show it.
pub fn shown_dir_fd(dir_fd: c_int) -> c_int {
    if dir_fd == libc::AT_FDCWD { -1 } else { dir_fd }
}

/// A file descriptor, or an object with a `fileno()` method (`PyObject_AsFileDescriptor`).
pub struct Fildes(pub c_int);
impl<'a> FromArg<'a> for Fildes {
    fn from_arg(value: &'a Object, _: &ArgContext) -> PyResult<Fildes> {
        file_descriptor(value).map(Fildes)
    }
}

/// See `Fildes`.
pub fn file_descriptor(value: &Object) -> PyResult<c_int> {
    let fd = if value.is_instance_of::<Int>() {
        warn_about_bool(value)?;
        number::as_i32(value)?
    } else {
        let Some(method) = object::get_attr_opt(value, intern!("fileno"))? else {
            return Err(err!(TypeError, "argument must be an int, or have a fileno() method."));
        };
        let number = call::call0(&method)?;
        if !number.is_instance_of::<Int>() {
            return Err(err!(TypeError, "fileno() returned a non-integer"));
        }
        number::as_i32(&number)?
    };
    if fd < 0 {
        return Err(err!(ValueError, "file descriptor cannot be a negative integer ({})", fd));
    }
    Ok(fd)
}

macro_rules! id_argument {
    ($name:ident, $what:literal) => {
        /// A user or group id; -1 stands for "leave as it is".
        #[derive(Clone, Copy)]
        pub struct $name(pub u32);
        impl<'a> FromArg<'a> for $name {
            fn from_arg(value: &'a Object, _: &ArgContext) -> PyResult<$name> {
                if !number::check_index(value) {
                    return Err(err!(TypeError, concat!($what, " should be integer, not {}"), value.type_name()));
                }
                let int = number::index(value)?;
                match int.as_i64() {
                    Some(-1) => Ok($name(u32::MAX)),
                    // Also for what is too large: the words are those of C code that sees a number change when it is cut.
                    Some(id) => u32::try_from(id).map($name).map_err(|_| err!(OverflowError, concat!($what, " is less than minimum"))),
                    None if int.is_negative() => Err(err!(OverflowError, concat!($what, " is less than minimum"))),
                    None => Err(err!(OverflowError, concat!($what, " is greater than maximum"))),
                }
            }
        }
    };
}
id_argument!(Uid, "uid");
id_argument!(Gid, "gid");

/// An id for Python: the unset id is -1.
pub fn id_object(id: u32) -> Owned {
    Int::from_i64(if id == u32::MAX { -1 } else { id as i64 }).into_object()
}

// ---- checks of combinations -----------------------------------------------------------------------------------------------------

/// A `dir_fd` needs a path that is one.
pub fn check_dir_fd(function: &str, path: &Path, dir_fd: c_int) -> PyResult<()> {
    if path.text.is_none() && dir_fd != libc::AT_FDCWD {
        return Err(err!(ValueError, "{}: can't specify dir_fd without matching path", function));
    }
    Ok(())
}

/// A descriptor is no link.
pub fn check_follow(function: &str, path: &Path, follow_symlinks: bool) -> PyResult<()> {
    if path.fd >= 0 && !follow_symlinks {
        return Err(err!(ValueError, "{}: cannot use fd and follow_symlinks together", function));
    }
    Ok(())
}
