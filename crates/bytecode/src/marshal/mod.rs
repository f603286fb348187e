//! The marshal format (version 5), in which `.pyc` files carry code: reading and writing.
//!
//! Neither side knows objects. The reader drives a [`MarshalBuilder`], which makes the values (Python
//! objects in the runtime, [`Constant`]s here); the writer asks a [`MarshalSource`] what a value is.
//! Both bound their recursion at [`MAX_DEPTH`] and speak CPython's error messages.

mod constants;
mod read;
mod shared;
mod write;

pub use constants::{read_code, read_constant};
pub use read::{CodeFields, Container, MarshalBuilder, MarshalError, MarshalInput, Reader, StrForm};
pub use shared::{write_code, write_constant};
pub use write::{MarshalSource, View, WriteError, Writer};

/// The version that `marshal.version` tells.
pub const VERSION: i32 = 5;

/// Nesting beyond which reading and writing give up.
pub const MAX_DEPTH: usize = 2000;

/// Type codes; [`FLAG_REF`] is or-ed in when the value enters the table of references.
mod code {
    pub const NULL: u8 = b'0';
    pub const NONE: u8 = b'N';
    pub const FALSE: u8 = b'F';
    pub const TRUE: u8 = b'T';
    pub const STOP_ITERATION: u8 = b'S';
    pub const ELLIPSIS: u8 = b'.';
    pub const INT: u8 = b'i';
    /// Read, never written.
    pub const INT64: u8 = b'I';
    pub const LONG: u8 = b'l';
    pub const FLOAT: u8 = b'f';
    pub const BINARY_FLOAT: u8 = b'g';
    pub const COMPLEX: u8 = b'x';
    pub const BINARY_COMPLEX: u8 = b'y';
    pub const BYTES: u8 = b's';
    pub const INTERNED: u8 = b't';
    pub const REF: u8 = b'r';
    pub const TUPLE: u8 = b'(';
    pub const LIST: u8 = b'[';
    pub const DICT: u8 = b'{';
    pub const CODE: u8 = b'c';
    pub const UNICODE: u8 = b'u';
    pub const SET: u8 = b'<';
    pub const FROZENSET: u8 = b'>';
    pub const SLICE: u8 = b':';
    pub const ASCII: u8 = b'a';
    pub const ASCII_INTERNED: u8 = b'A';
    pub const SMALL_TUPLE: u8 = b')';
    pub const SHORT_ASCII: u8 = b'z';
    pub const SHORT_ASCII_INTERNED: u8 = b'Z';
    pub const FLAG_REF: u8 = 0x80;
}
