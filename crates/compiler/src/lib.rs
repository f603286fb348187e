//! compiler: see ARCHITECTURE.md.

pub mod assemble;
pub mod flags;
pub mod flowgraph;
pub mod future;
pub mod host;
pub mod instruction;
pub mod mangle;
pub mod names;
pub mod preprocess;
pub mod symtable;
pub mod unit;
