//! stdlib-core: see ARCHITECTURE.md.
