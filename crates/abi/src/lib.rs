//! abi: see ARCHITECTURE.md.
