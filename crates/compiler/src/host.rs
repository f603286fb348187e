//! Dealing with the [`Host`], and the errors of the compiler.
//!
//! Invariant: an error is a value here. The one exception is [`CompileError::Raised`], which says that the host
//! already holds a Python exception (a warning turned into an error other than `SyntaxError`, an interrupt).

pub use syntax::Host;
use syntax::{Location, Raised};

use crate::flowgraph::GraphError;

/// About where the native stack is now.
#[inline(always)]
fn address_of_frame() -> usize {
    let marker = 0u8;
    std::ptr::from_ref(std::hint::black_box(&marker)) as usize
}

#[derive(Clone, PartialEq, Debug)]
pub enum CompileError {
    Syntax(SyntaxError),
    /// `RecursionError`: the native stack is used up; the interpreter puts the words together, which end in
    /// " during compilation".
    Recursion,
    Memory,
    Overflow(String),
    Runtime(String),
    Value(String),
    Type(String),
    System(String),
    /// `UnicodeEncodeError`: this docstring (UTF-8 with surrogates let through) has surrogates in it.
    UnencodableDocstring(Vec<u8>),
    /// The host holds an exception.
    Raised,
}

#[derive(Clone, PartialEq, Debug)]
pub struct SyntaxError {
    pub message: String,
    /// Columns from 0; the exception's `offset` and `end_offset` are one more.
    pub location: Location,
    /// The location is among the exception's `args` (errors of the code generator), not only in its attributes
    /// (errors of the symbol table and of `__future__`).
    pub in_args: bool,
}

impl CompileError {
    /// As the code generator raises it.
    #[cold]
    pub fn syntax(message: impl Into<String>, location: Location) -> Self {
        CompileError::Syntax(SyntaxError { message: message.into(), location, in_args: true })
    }

    /// As the symbol table raises it.
    #[cold]
    pub fn syntax_at(message: impl Into<String>, location: Location) -> Self {
        CompileError::Syntax(SyntaxError { message: message.into(), location, in_args: false })
    }

    #[cold]
    pub fn system(message: impl Into<String>) -> Self {
        CompileError::System(message.into())
    }
}

impl From<GraphError> for CompileError {
    fn from(error: GraphError) -> Self {
        match error {
            GraphError::System(message) => CompileError::System(message.into_owned()),
            GraphError::Value(message) => CompileError::Value(message.into_owned()),
        }
    }
}

pub type Result<T = (), E = CompileError> = std::result::Result<T, E>;

/// Issues a warning and turns a refusal into the error it stands for.
pub fn warn(host: &mut dyn Host, message: &str, location: Location) -> Result {
    match host.warn_at(message, location) {
        Ok(false) => Ok(()),
        Ok(true) => Err(CompileError::syntax(message, location)),
        Err(Raised) => Err(CompileError::Raised),
    }
}

/// Bounds recursion over the tree by the room on the native stack.
#[derive(Clone, Copy)]
pub struct StackGuard {
    limit: usize,
}

impl StackGuard {
    pub fn new(host: &dyn Host) -> Self {
        StackGuard { limit: host.stack_limit() }
    }

    #[inline(always)]
    pub fn check(self) -> Result {
        if address_of_frame() < self.limit { Err(CompileError::Recursion) } else { Ok(()) }
    }
}
