//! compiler: see ARCHITECTURE.md.

pub mod mangle;
pub mod names;
