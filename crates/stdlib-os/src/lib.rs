//! stdlib-os: see ARCHITECTURE.md.
