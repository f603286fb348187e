//! Private name mangling: in `class Spam`, `__eggs` is `_Spam__eggs`.

use crate::names::{Name, Names};

/// `name` as it is spelled inside a class called `private`.
#[inline]
pub fn mangle(names: &mut Names<'_>, private: Option<Name>, name: Name) -> Name {
    match private {
        Some(private) if names.text(name).starts_with("__") => mangle_dunder(names, private, name),
        _ => name,
    }
}

#[cold]
fn mangle_dunder(names: &mut Names<'_>, private: Name, name: Name) -> Name {
    let text = names.text(name);
    // A dot is only in the module name of an import.
    if text.ends_with("__") || text.contains('.') {
        return name;
    }
    let class = names.text(private).trim_start_matches('_');
    if class.is_empty() {
        return name;
    }
    let mangled = ["_", class, text].concat();
    names.intern_new(&mangled)
}
