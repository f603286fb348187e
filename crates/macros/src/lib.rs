//! macros: see ARCHITECTURE.md.
