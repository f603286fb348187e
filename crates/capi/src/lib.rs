//! The C API: the functions that CPython's headers declare, each a thin wrapper around the runtime's own. A file a header.
//!
//! Invariants: nothing unwinds into C (every body runs under `guard`); an error value is returned exactly if an exception is set; a NULL or
//! an object of a wrong type where the header asks for another is a SystemError, never a crash. What the pointers mean (borrowed, owned,
//! live) is what CPython's manual says of each function; that contract is what the unsafe operations in the bodies rest on.
//!
//! Variadic functions are in `csrc/`, written with the functions of this crate. Data symbols (types, exceptions, singletons) are statics of
//! the runtime; `data.rs` has the rest.
#![allow(non_snake_case, non_upper_case_globals, clippy::missing_safety_doc, clippy::too_many_arguments)]

#[macro_use]
mod macros;

pub mod abstract_;
pub mod buffer;
pub mod bytesobject;
pub mod call;
mod callback;
pub mod code;
pub mod config;
pub mod containers;
pub mod context;
pub mod data;
pub mod dictobject;
pub mod interpreters;
pub mod lifecycle;
pub mod longobject;
pub mod misc;
pub mod moduleobject;
pub mod monitoring;
pub mod numbers;
pub mod object;
pub mod objimpl;
pub mod perfmap;
pub mod pyerrors;
pub mod pystate;
pub mod refcount;
pub mod status;
pub mod typeobject;
pub mod unicode_codecs;
pub mod unicode_ctype;
pub mod unicode_writer;
pub mod unicodeobject;
pub mod watchers;

/// Makes the linker keep this crate's symbols in the executable.
pub fn link() {
    std::hint::black_box(object::PyObject_Repr as *const ());
}
