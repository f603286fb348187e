//! Loading of native modules.

/// The full name of the extension that is being loaded.
pub fn package_context(name: &str) -> String {
    name.to_string()
}
