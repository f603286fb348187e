//! The abstract protocols (CPython's `abstract.c` and `object.c`): what any object can be asked for.

pub mod buffer;
pub mod call;
pub mod iter;
pub mod mapping;
pub mod number;
pub mod object;
pub mod sequence;
