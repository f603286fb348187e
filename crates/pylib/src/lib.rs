//! pylib: see ARCHITECTURE.md.
