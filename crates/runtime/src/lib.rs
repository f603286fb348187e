//! The runtime: memory, objects, built-in types, interpreter, imports, threads. See `ARCHITECTURE.md` for the walk through it.

// Methods and constants that Python sees have their names there: `set___name__`.
#![allow(non_snake_case, non_upper_case_globals)]
// Slots are recognised by the address of their function; the linker does not fold equal functions.
#![allow(unpredictable_function_pointer_comparisons)]

extern crate self as runtime;

pub mod audit;
pub mod codecs;
pub mod compile;
pub mod crossinterp;
pub mod errors;
pub mod exceptions;
pub mod fork;
pub mod format;
pub mod gc;
pub mod gil;
pub mod import;
pub mod interactive;
pub mod interp;
pub mod kept;
pub mod lifecycle;
pub mod macro_support;
pub mod memory;
pub mod modules;
pub mod object;
pub mod preconfig;
pub mod protocol;
pub mod pythonrun;
pub mod remote_debug;
pub mod remote_process;
pub mod state;
pub mod subinterpreters;
pub mod tracemalloc;
pub mod tstate;
pub mod types;

pub use errors::{PyResult, Raised};
pub use object::{Object, ObjectHead, Owned, PyTyped, Type};
