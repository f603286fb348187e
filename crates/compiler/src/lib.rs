//! compiler: see ARCHITECTURE.md.
