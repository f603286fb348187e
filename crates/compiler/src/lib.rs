//! compiler: see ARCHITECTURE.md.

pub mod instruction;
pub mod mangle;
pub mod names;
pub mod unit;
