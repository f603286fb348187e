//! runtime: see ARCHITECTURE.md.
pub mod memory;
pub mod gc;
