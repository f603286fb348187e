//! stdlib-data: see ARCHITECTURE.md.
