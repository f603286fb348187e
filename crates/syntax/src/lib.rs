//! Source text to tokens to the abstract syntax tree of Python 3.14, and syntax errors.

pub mod ast;
pub mod location;
pub mod text;

pub use location::Location;
