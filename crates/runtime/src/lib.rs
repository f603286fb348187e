//! runtime: see ARCHITECTURE.md.
pub mod memory;
