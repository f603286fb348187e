//! How a C function is declared: `c_api! { fn PyFoo_Bar(o: &Object, n: isize) -> PyResult { .. } }` exports a C function whose parameters
//! and result are converted by `Arg` and `Ret`.

use abi::{PyObject, PyTypeObject};
use runtime::errors::{self, PyResult};
use runtime::macro_support::guard;
use runtime::object::{Object, Owned, PyTyped, Type};
use runtime::err;
use std::ffi::{CStr, c_char, c_int};
use std::ptr;

/// A parameter as the body sees it, made of the C value. `None`: an exception is set.
pub trait Arg: Sized {
    type C;
    /// # Safety
    /// What the C API promises of the parameter.
    unsafe fn from_c(value: Self::C) -> Option<Self>;
    /// Runs for all parameters before any is converted.
    /// # Safety
    /// As `from_c`.
    #[inline(always)]
    unsafe fn prepare(_value: &Self::C) {}
}

/// A place for a result that is cleared whatever happens: an object that C gets, or a number.
#[derive(Clone, Copy)]
pub struct Out<T>(pub *mut T);

impl<T> Arg for Out<T> {
    type C = *mut T;
    #[inline(always)]
    unsafe fn from_c(value: *mut T) -> Option<Self> {
        Some(Out(value))
    }
    #[inline(always)]
    unsafe fn prepare(value: &*mut T) {
        if !value.is_null() {
            // SAFETY: the caller's variable; zero is valid for pointers and numbers.
            unsafe { ptr::write_bytes(*value, 0, 1) };
        }
    }
}

impl<'a, T: PyTyped> Arg for &'a T {
    type C = *mut PyObject;
    #[inline(always)]
    unsafe fn from_c(value: *mut PyObject) -> Option<Self> {
        // SAFETY: NULL or a live object.
        unsafe {
            match Object::from_ptr_opt(value) {
                Some(object) if T::check(object) => Some(object.cast()),
                other => refused(other.is_none()),
            }
        }
    }
}

impl<'a, T: PyTyped> Arg for Option<&'a T> {
    type C = *mut PyObject;
    #[inline(always)]
    unsafe fn from_c(value: *mut PyObject) -> Option<Self> {
        // SAFETY: NULL or a live object.
        unsafe {
            match Object::from_ptr_opt(value) {
                None => Some(None),
                Some(object) if T::check(object) => Some(Some(object.cast())),
                Some(_) => refused(false),
            }
        }
    }
}

impl<'a> Arg for &'a CStr {
    type C = *const c_char;
    #[inline(always)]
    unsafe fn from_c(value: *const c_char) -> Option<Self> {
        if value.is_null() {
            return refused(true);
        }
        // SAFETY: a C string.
        Some(unsafe { CStr::from_ptr(value) })
    }
}

impl<'a> Arg for Option<&'a CStr> {
    type C = *const c_char;
    #[inline(always)]
    unsafe fn from_c(value: *const c_char) -> Option<Self> {
        // SAFETY: NULL or a C string.
        Some(if value.is_null() { None } else { Some(unsafe { CStr::from_ptr(value) }) })
    }
}

/// A `PyTypeObject *` parameter.
#[derive(Clone, Copy)]
pub struct Ty<'a>(pub &'a Type);

impl<'a> Arg for Ty<'a> {
    type C = *mut PyTypeObject;
    #[inline(always)]
    unsafe fn from_c(value: *mut PyTypeObject) -> Option<Self> {
        if value.is_null() {
            return refused(true);
        }
        // SAFETY: a type object, ready or not.
        Some(Ty(unsafe { Type::from_type_ptr(value) }))
    }
}

#[cold]
fn refused<T>(null: bool) -> Option<T> {
    if !errors::occurred() {
        if null {
            err!(SystemError, "null argument to internal routine");
        } else {
            errors::bad_internal_call();
        }
    }
    None
}

macro_rules! plain_values {
    ($($ty:ty = $error:expr),* $(,)?) => {$(
        impl Arg for $ty {
            type C = $ty;
            #[inline(always)]
            unsafe fn from_c(value: $ty) -> Option<$ty> {
                Some(value)
            }
        }
        impl Ret for $ty {
            type C = $ty;
            const ERROR: $ty = $error;
            #[inline(always)]
            fn into_c(self) -> $ty {
                self
            }
        }
        impl Success for $ty {
            type C = $ty;
            const ERROR: $ty = $error;
            #[inline(always)]
            fn into_c(self) -> $ty {
                self
            }
        }
    )*};
}
plain_values!(c_int = -1, u32 = u32::MAX, i64 = -1, u64 = u64::MAX, isize = -1, usize = usize::MAX, f64 = -1.0, c_char = 0, u8 = 0, () = ());

macro_rules! pointers {
    ($($kind:tt = $null:expr),*) => {$(
        impl<T> Arg for *$kind T {
            type C = *$kind T;
            #[inline(always)]
            unsafe fn from_c(value: *$kind T) -> Option<*$kind T> {
                Some(value)
            }
        }
        impl<T> Ret for *$kind T {
            type C = *$kind T;
            const ERROR: *$kind T = $null;
            #[inline(always)]
            fn into_c(self) -> *$kind T {
                self
            }
        }
        impl<T> Success for *$kind T {
            type C = *$kind T;
            const ERROR: *$kind T = $null;
            #[inline(always)]
            fn into_c(self) -> *$kind T {
                self
            }
        }
    )*};
}
pointers!(mut = ptr::null_mut(), const = ptr::null());

macro_rules! functions {
    ($(($($p:ident),*))*) => {$(
        impl<R, $($p),*> Arg for Option<unsafe extern "C" fn($($p),*) -> R> {
            type C = Self;
            #[inline(always)]
            unsafe fn from_c(value: Self) -> Option<Self> {
                Some(value)
            }
        }
        impl<R, $($p),*> Ret for Option<unsafe extern "C" fn($($p),*) -> R> {
            type C = Self;
            const ERROR: Self = None;
            #[inline(always)]
            fn into_c(self) -> Self {
                self
            }
        }
    )*};
}
functions!(() (A) (A, B) (A, B, D) (A, B, D, E));

/// A body's result as C gets it.
pub trait Ret {
    type C;
    const ERROR: Self::C;
    fn into_c(self) -> Self::C;
}

impl<T: Success> Ret for PyResult<T> {
    type C = T::C;
    const ERROR: T::C = T::ERROR;
    #[inline(always)]
    fn into_c(self) -> T::C {
        match self {
            Ok(value) => value.into_c(),
            Err(_) => T::ERROR,
        }
    }
}
impl<T> Ret for Owned<T> {
    type C = *mut PyObject;
    const ERROR: *mut PyObject = ptr::null_mut();
    #[inline(always)]
    fn into_c(self) -> *mut PyObject {
        self.into_raw()
    }
}
impl Ret for bool {
    type C = c_int;
    const ERROR: c_int = 0;
    #[inline(always)]
    fn into_c(self) -> c_int {
        self as c_int
    }
}

/// What a `PyResult` may hold.
pub trait Success {
    type C;
    const ERROR: Self::C;
    fn into_c(self) -> Self::C;
}
impl<T> Success for Owned<T> {
    type C = *mut PyObject;
    const ERROR: *mut PyObject = ptr::null_mut();
    #[inline(always)]
    fn into_c(self) -> *mut PyObject {
        self.into_raw()
    }
}
/// NULL without an exception.
impl<T> Success for Option<Owned<T>> {
    type C = *mut PyObject;
    const ERROR: *mut PyObject = ptr::null_mut();
    #[inline(always)]
    fn into_c(self) -> *mut PyObject {
        self.map_or(ptr::null_mut(), Owned::into_raw)
    }
}
impl Success for bool {
    type C = c_int;
    const ERROR: c_int = -1;
    #[inline(always)]
    fn into_c(self) -> c_int {
        self as c_int
    }
}
/// 0 for success.
#[derive(Clone, Copy)]
pub struct Done;
impl Success for Done {
    type C = c_int;
    const ERROR: c_int = -1;
    #[inline(always)]
    fn into_c(self) -> c_int {
        0
    }
}

/// `Ok(())` as 0.
#[inline(always)]
pub fn done(result: PyResult<()>) -> PyResult<Done> {
    result.map(|()| Done)
}

/// Stores an optional object (NULL for none and for an error) where C asked for it; the answer says whether there is one.
/// # Safety
/// `out` may be written.
pub unsafe fn store(out: *mut *mut PyObject, result: PyResult<Option<Owned>>) -> PyResult<bool> {
    // SAFETY: by contract.
    unsafe {
        *out = ptr::null_mut();
        match result? {
            Some(value) => {
                *out = value.into_raw();
                Ok(true)
            }
            None => Ok(false),
        }
    }
}

/// A reference that somebody else keeps alive, handed out as borrowed.
#[inline(always)]
pub fn borrowed<T>(value: Owned<T>) -> *mut PyObject {
    value.raw()
}

/// Runs a body whose C result type has no `CResult` of its own.
#[inline(always)]
pub fn guarded<R: Ret>(body: impl FnOnce() -> Option<R>) -> R::C {
    let mut out = R::ERROR;
    guard(|| {
        if let Some(result) = body() {
            out = result.into_c();
        }
    });
    out
}

/// Declares exported C functions; see the module.
macro_rules! c_api {
    ($( $(#[$meta:meta])* fn $name:ident ( $($arg:ident : $ty:ty),* $(,)? ) $(-> $ret:ty)? $body:block )*) => {$(
        c_api!(@one [$(#[$meta])*] $name [$($arg: $ty),*] [$($ret)?] $body);
    )*};
    (@one [$($meta:tt)*] $name:ident [$($arg:ident : $ty:ty),*] [] $body:block) => {
        c_api!(@one [$($meta)*] $name [$($arg: $ty),*] [()] $body);
    };
    (@one [$(#[$meta:meta])*] $name:ident [$($arg:ident : $ty:ty),*] [$ret:ty] $body:block) => {
        $(#[$meta])*
        #[unsafe(no_mangle)]
        #[allow(unsafe_op_in_unsafe_fn)]
        pub unsafe extern "C" fn $name($($arg: <$ty as $crate::macros::Arg>::C),*) -> <$ret as $crate::macros::Ret>::C {
            $crate::macros::guarded::<$ret>(|| {
                $( <$ty as $crate::macros::Arg>::prepare(&$arg); )*
                $( let $arg: $ty = <$ty as $crate::macros::Arg>::from_c($arg)?; )*
                Some((move || -> $ret { $body })())
            })
        }
    };
}
