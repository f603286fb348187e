//! bytecode: see ARCHITECTURE.md.
