//! CPython 3.14's binary layouts (default GIL build, 64-bit Linux): structs, flags, constants; no logic.
//!
//! Every struct is `#[repr(C)]` and is what compiled extensions read and write. A field that can change
//! after construction sits in a `Cell` (an atomic where other threads write it), so `&PyObject` may be shared
//! while C and Rust both mutate. All structs are `Sync`: statics of them lie in writable memory and the GIL
//! guards them. `EMPTY` is the all-zero value of each struct, for `..PyTypeObject::EMPTY` in static
//! initialisers. `tests/layout.rs` holds every struct against the figures taken from CPython's headers.
#![no_std]
#![allow(non_camel_case_types, non_snake_case, non_upper_case_globals)]
#![allow(clippy::declare_interior_mutable_const)]

/// The layout of a struct as data: size, and name, offset and size of each field in order.
pub trait Layout {
    const NAME: &'static str;
    const SIZE: usize;
    const FIELDS: &'static [(&'static str, usize, usize)];
}

/// Declares C structs with public fields: `repr(C)`, `Sync`, an all-zero `EMPTY`, and their `Layout`.
macro_rules! layout {
    ($( $(#[$meta:meta])* pub struct $name:ident { $( $(#[$fmeta:meta])* $field:ident : $ty:ty ),* $(,)? } )*) => {$(
        $(#[$meta])*
        #[repr(C)]
        pub struct $name { $( $(#[$fmeta])* pub $field: $ty, )* }

        // SAFETY: instances are only touched under the GIL; what other threads touch is atomic.
        unsafe impl Sync for $name {}

        impl $name {
            /// All bits zero: null pointers, absent functions.
            // SAFETY: every field is an integer, a raw pointer, an optional function or a struct of these.
            pub const EMPTY: Self = unsafe { core::mem::zeroed() };
        }

        impl crate::Layout for $name {
            const NAME: &'static str = stringify!($name);
            const SIZE: usize = size_of::<$name>();
            const FIELDS: &'static [(&'static str, usize, usize)] =
                &[ $( (stringify!($field), core::mem::offset_of!($name, $field), size_of::<$ty>()) ),* ];
        }
    )*};
}

/// Declares opaque C types, known by pointer only.
macro_rules! opaque {
    ($( $(#[$meta:meta])* $name:ident ),* $(,)?) => {$(
        $(#[$meta])*
        #[repr(C)]
        pub struct $name { _opaque: [u8; 0] }
    )*};
}

mod callable;
mod code;
mod config;
mod constants;
mod datetime;
mod definition;
mod exceptions;
mod frame;
mod functions;
mod module;
mod object;
mod thread;
mod typeobject;
mod unicode;
mod values;

pub use callable::*;
pub use code::*;
pub use config::*;
pub use constants::*;
pub use datetime::*;
pub use definition::*;
pub use exceptions::*;
pub use frame::*;
pub use functions::*;
pub use module::*;
pub use object::*;
pub use thread::*;
pub use typeobject::*;
pub use unicode::*;
pub use values::*;

pub use core::ffi::{c_char, c_double, c_int, c_long, c_longlong, c_uchar, c_uint, c_ulong, c_void};

pub type Py_ssize_t = isize;
pub type Py_hash_t = isize;
pub type Py_uhash_t = usize;
pub type Py_UCS1 = u8;
pub type Py_UCS2 = u16;
pub type Py_UCS4 = u32;
pub type PyTime_t = i64;
pub type digit = u32;
pub type sdigit = i32;
pub type twodigits = u64;
pub type stwodigits = i64;
