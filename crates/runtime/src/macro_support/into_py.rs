//! Results of Rust functions as Python objects.

use crate::errors::PyResult;
use crate::object::{Object, Owned, PyTyped};
use crate::types::{self, Float, Int, Str, Tuple};

/// What a function or method may return, alone or in a `PyResult`.
pub trait IntoPy {
    fn into_py(self) -> PyResult;
}

/// A new reference to an immortal object: there is nothing to count.
#[inline(always)]
fn immortal(object: &'static Object) -> Owned {
    // SAFETY: giving the reference back does not count either.
    unsafe { Owned::from_raw(object.as_ptr()) }
}

impl<T: IntoPy> IntoPy for PyResult<T> {
    #[inline(always)]
    fn into_py(self) -> PyResult {
        self?.into_py()
    }
}
impl<T> IntoPy for Owned<T> {
    #[inline(always)]
    fn into_py(self) -> PyResult {
        Ok(self.into_object())
    }
}
impl<T: PyTyped> IntoPy for &T {
    #[inline(always)]
    fn into_py(self) -> PyResult {
        Ok(self.as_object().to_owned())
    }
}
impl<T: IntoPy> IntoPy for Option<T> {
    #[inline(always)]
    fn into_py(self) -> PyResult {
        match self {
            Some(value) => value.into_py(),
            None => Ok(immortal(types::none())),
        }
    }
}
impl IntoPy for () {
    #[inline(always)]
    fn into_py(self) -> PyResult {
        Ok(immortal(types::none()))
    }
}
impl IntoPy for bool {
    #[inline(always)]
    fn into_py(self) -> PyResult {
        Ok(immortal(if self { types::true_() } else { types::false_() }))
    }
}
macro_rules! signed {
    ($($ty:ty),*) => {$(
        impl IntoPy for $ty {
            #[inline(always)]
            fn into_py(self) -> PyResult {
                Ok(Int::from_i64(self as i64).into_object())
            }
        }
    )*};
}
signed!(i8, u8, i16, u16, i32, u32, i64, isize);
macro_rules! unsigned {
    ($($ty:ty),*) => {$(
        impl IntoPy for $ty {
            #[inline]
            fn into_py(self) -> PyResult {
                Ok(Int::from_u64(self as u64).into_object())
            }
        }
    )*};
}
unsigned!(u64, usize);
impl IntoPy for f64 {
    #[inline]
    fn into_py(self) -> PyResult {
        Ok(Float::new(self).into_object())
    }
}
impl IntoPy for &str {
    #[inline]
    fn into_py(self) -> PyResult {
        Ok(Str::new(self).into_object())
    }
}
impl IntoPy for String {
    #[inline]
    fn into_py(self) -> PyResult {
        self.as_str().into_py()
    }
}
impl IntoPy for char {
    fn into_py(self) -> PyResult {
        self.encode_utf8(&mut [0; 4]).into_py()
    }
}
impl IntoPy for &mut str {
    fn into_py(self) -> PyResult {
        (&*self).into_py()
    }
}
macro_rules! tuples {
    ($(($($name:ident)+))*) => {$(
        impl<$($name: IntoPy),+> IntoPy for ($($name,)+) {
            #[allow(non_snake_case)]
            fn into_py(self) -> PyResult {
                let ($($name,)+) = self;
                Ok(Tuple::from_vec(vec![$($name.into_py()?),+]).into_object())
            }
        }
    )*};
}
tuples!((A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H));

