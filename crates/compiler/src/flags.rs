//! The compiler's flags, as `compile()` takes them and as they show in `co_flags`.
#![allow(non_upper_case_globals)]

pub const CO_OPTIMIZED: u32 = 0x1;
pub const CO_NEWLOCALS: u32 = 0x2;
pub const CO_VARARGS: u32 = 0x4;
pub const CO_VARKEYWORDS: u32 = 0x8;
pub const CO_NESTED: u32 = 0x10;
pub const CO_GENERATOR: u32 = 0x20;
pub const CO_COROUTINE: u32 = 0x80;
pub const CO_ITERABLE_COROUTINE: u32 = 0x100;
pub const CO_ASYNC_GENERATOR: u32 = 0x200;
pub const CO_HAS_DOCSTRING: u32 = 0x400_0000;
pub const CO_METHOD: u32 = 0x800_0000;

/// The flags that code inherits from what compiles it: `__future__` features.
pub const PyCF_MASK: u32 = 0x1fe_0000;
pub const PyCF_SOURCE_IS_UTF8: u32 = 0x100;
pub const PyCF_DONT_IMPLY_DEDENT: u32 = 0x200;
pub const PyCF_ONLY_AST: u32 = 0x400;
pub const PyCF_IGNORE_COOKIE: u32 = 0x800;
pub const PyCF_TYPE_COMMENTS: u32 = 0x1000;
pub const PyCF_ALLOW_TOP_LEVEL_AWAIT: u32 = 0x2000;
pub const PyCF_ALLOW_INCOMPLETE_INPUT: u32 = 0x4000;
pub const PyCF_OPTIMIZED_AST: u32 = 0x8000 | PyCF_ONLY_AST;
